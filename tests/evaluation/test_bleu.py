"""BLEU equals sacrebleu: words, precisions, score and signature, for any text, also for none."""

import warnings

import numpy as np
import pytest
import sacrebleu
from hypothesis import example, given
from hypothesis import strategies as st
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from course.evaluation import UndefinedScoreWarning, bleu_measure, corpus_bleu, sentence_bleu, words_13a

WORDS = [
    *("the", "cat", "sat", "3.5", "1,000", "a,b", "x-1", "5-", "don't"),
    *("U.S.", "고양이가", "앉았다", "😀", "👩\u200d👩\u200d👧", "naïve", "&amp;", "&lt;b&gt;", "."),
    *(",", "-", "(", ")", "<skipped>", "~"),
]
TEXT = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join),
    st.text(alphabet="ab1 2.,-'&;(\n\t한 글\u00a0\u3000é", max_size=30),
    st.text(max_size=20),
    st.just("x" * 500),
)
CORPUS = st.integers(1, 3).flatmap(
    lambda n: st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=n, max_size=n)), min_size=1, max_size=4)
)
REFERENCES = [["the cat sat on the mat", "a cat was on the mat"]]


@pytest.fixture(autouse=True)
def _undefined_is_quiet():
    warnings.simplefilter("ignore", UndefinedScoreWarning)


@given(TEXT)
@example("&quot;a&quot; &amp;lt; &lt;b&gt; R&D")
@example("well-\nknown end.\nNext <skipped>line -\n")
@example("3.5 1,000, a,b 5-6 x-1 .5 5. ... 1.a a.1 don't (U.S.)")
@example("고양이가, 앉았다。 😀! 👩\u200d👩\u200d👧")
def test_the_words_are_those_of_sacrebleu(text):
    assert words_13a(text) == Tokenizer13a()(text.rstrip()).split()


@given(st.sampled_from(["13a", "char", "none"]), st.booleans(), CORPUS)
def test_corpus_bleu_equals_sacrebleu(tokenize, effective, corpus):
    predictions, references = [text for text, _references in corpus], [each for _text, each in corpus]
    theirs = sacrebleu.BLEU(tokenize=tokenize, effective_order=effective)
    expected = theirs.corpus_score(predictions, [list(stream) for stream in zip(*references, strict=True)])
    found = corpus_bleu(predictions, references, tokenize=tokenize, effective_order=effective)
    assert found.score == pytest.approx(expected.score, abs=1e-9)
    assert found.precisions == pytest.approx(expected.precisions, abs=1e-9)
    assert found.brevity_penalty == pytest.approx(expected.bp, abs=1e-12)
    assert (found.predicted_length, found.reference_length) == (expected.sys_len, expected.ref_len)
    assert f"{found.signature}|version:{sacrebleu.__version__}" == str(theirs.get_signature())


@given(TEXT, st.lists(TEXT, min_size=1, max_size=3))
def test_sentence_bleu_equals_sacrebleu(prediction, references):
    expected = sacrebleu.sentence_bleu(prediction, references)
    assert sentence_bleu(prediction, references).score == pytest.approx(expected.score, abs=1e-9)


def test_the_examples_of_papineni_et_al():
    found = corpus_bleu(["the the the the the the the"], [["the cat is on the mat", "there is a cat on the mat"]])
    assert found.precisions[0] == pytest.approx(100 * 2 / 7)  # clipped: "the" counts at most twice
    lengths = [["a " * n for n in (12, 15, 17)]]
    assert corpus_bleu(["a " * 12], lengths).brevity_penalty == 1  # the closest of 12, 15 and 17


def test_of_two_lengths_that_are_as_close_the_shorter_one_counts():
    assert corpus_bleu(["a b c d e"], [["a b c d e f", "a b c d"]]).reference_length == 4


def test_it_is_no_mean_of_sentences():
    predictions = ["the cat sat on the mat", "some dogs will never get tired of long walks at night"]
    references = [["the cat sat on the mat"], ["the dog ran away"]]
    of_sentences = [sentence_bleu(*pair).score for pair in zip(predictions, references, strict=True)]
    assert corpus_bleu(predictions, references).score != pytest.approx(np.mean(of_sentences), abs=10)


def test_short_predictions_get_0_without_the_effective_order_and_say_so():
    with pytest.warns(UndefinedScoreWarning, match="BLEU is undefined for these items, and counts as 0"):
        assert corpus_bleu(["the cat sat"], [["the cat sat"]]).score == 0
    assert sentence_bleu("the cat sat", ["the cat sat"]).score == pytest.approx(100)
    with pytest.warns(UndefinedScoreWarning):
        assert sentence_bleu("", [""]).score == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sentence_bleu("dog", ["cat"]).score == 0  # nothing in common is 0, and nothing is undefined


def test_the_signature_says_how_it_was_computed():
    assert corpus_bleu(["a b c d"], [["a b c d"]]).signature == "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp"
    assert sentence_bleu("a b", ["a b"], tokenize="char").signature == "nrefs:1|case:mixed|eff:yes|tok:char|smooth:exp"
    assert corpus_bleu(["a", "b"], [["a"], ["a", "b"]]).signature.startswith("nrefs:var|")


def test_a_tokenizer_moves_the_number():
    prediction, reference = "고양이가 매트에서 잠을 자고", "고양이는 매트에서 잠이 들고"
    by_words, by_characters = (sentence_bleu(prediction, [reference], tokenize=name).score for name in ("13a", "char"))
    assert by_characters > by_words + 10


def test_the_measure_of_sums_is_the_same():
    predictions, references = ["the cat sat on a mat", "x y"], [REFERENCES[0], ["x y z"]]
    assert bleu_measure()(references, predictions) == corpus_bleu(predictions, references).score
    table = bleu_measure().table(references, predictions)
    twice = bleu_measure().of_sums(np.stack([table.sum(axis=0), 2 * table[0]]))
    assert twice[1] == pytest.approx(corpus_bleu(predictions[:1] * 2, references[:1] * 2).score)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("predictions", "references", "error", "message"),
    [
        ([], [], ValueError, "no items"),
        (["a"], [], ValueError, r"1 predictions and 0 lists of references.*streams of sacrebleu"),
        (["a", "b"], [["a", "b"]], ValueError, "2 predictions and 1 lists"),
        (["a"], [[]], ValueError, "Item 0 has no reference"),
        (["a"], ["a"], TypeError, "The reference 'a' of item 0 is one text"),
        (["a", None], [["a"], ["b"]], TypeError, "Item 1 has None, which is no text"),
        (["a"], [["a", None]], TypeError, "Item 0 has None"),
        ("a", [["a"]], TypeError, "The predictions are one text"),
    ],
)
@pytest.mark.parametrize("measure", [corpus_bleu, lambda p, r: bleu_measure()(r, p)], ids=["corpus", "measure"])
def test_bad_input_is_named(measure, predictions, references, error, message):
    if measure is not corpus_bleu and len(predictions) != len(references):
        message = "each item needs one"
    with pytest.raises(error, match=message if predictions else "no items"):
        measure(predictions, references)


def test_another_tokenizer_is_refused():
    with pytest.raises(ValueError, match=r"tokenize is 'ko-mecab'; give one of '13a', 'char', 'none'"):
        corpus_bleu(["a"], [["a"]], tokenize="ko-mecab")
