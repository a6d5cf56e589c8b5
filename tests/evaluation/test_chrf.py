"""chrF and chrF++ equal sacrebleu, for any text, also for none."""

import warnings

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import UndefinedScoreWarning, chrf_measure, corpus_chrf, sentence_bleu, sentence_chrf

WORDS = [
    *("the", "cat", "sat", "(hi)", "don't", "3.5", ",", ".", "-"),
    *("고양이가", "고양이는", "앉았다", "😀", "👩\u200d👩\u200d👧", "naïve", "..."),
]
TEXT = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    st.text(alphabet="ab .,(!한글\n\u00a0", max_size=20),
    st.text(max_size=12),
    st.just("x" * 500),
)
CORPUS = st.integers(1, 3).flatmap(
    lambda n: st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=n, max_size=n)), min_size=1, max_size=3)
)


@pytest.fixture(autouse=True)
def _undefined_is_quiet():
    warnings.simplefilter("ignore", UndefinedScoreWarning)


@given(st.integers(0, 2), st.integers(1, 3), CORPUS)
def test_corpus_chrf_equals_sacrebleu(word_order, beta, corpus):
    predictions, references = [text for text, _references in corpus], [each for _text, each in corpus]
    theirs = sacrebleu.CHRF(word_order=word_order, beta=beta)
    expected = theirs.corpus_score(predictions, [list(stream) for stream in zip(*references, strict=True)])
    found = corpus_chrf(predictions, references, word_order=word_order, beta=beta)
    assert found.score == pytest.approx(expected.score, abs=1e-9)
    assert found.name == expected.name
    assert f"{found.signature}|version:{sacrebleu.__version__}" == str(theirs.get_signature())


@given(TEXT, st.lists(TEXT, min_size=1, max_size=3))
def test_sentence_chrf_equals_sacrebleu(prediction, references):
    expected = sacrebleu.sentence_chrf(prediction, references, word_order=2)
    assert sentence_chrf(prediction, references, word_order=2).score == pytest.approx(expected.score, abs=1e-9)


def test_the_names_and_signatures():
    found = corpus_chrf(["a"], [["a"]])
    assert (found.name, found.signature) == ("chrF2", "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no")
    assert corpus_chrf(["a"], [["a"]], word_order=2).name == "chrF2++"


def test_another_ending_costs_less_than_in_bleu():
    prediction, reference = "고양이가 매트에서 잤다", "고양이는 매트에서 잤어"
    assert sentence_chrf(prediction, [reference]).score > 40 > sentence_bleu(prediction, [reference]).score


def test_recall_counts_more_than_precision():
    long, short = "a quick brown fox", "a quick"
    assert sentence_chrf(long, [short]).score > sentence_chrf(short, [long]).score


def test_no_text_is_0_and_says_that_it_is_undefined():
    for prediction, reference in (("", ""), ("", "cat"), ("cat", ""), (" \n", "cat")):
        with pytest.warns(UndefinedScoreWarning, match="chrF is undefined"):
            assert sentence_chrf(prediction, [reference]).score == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sentence_chrf("abc", ["xyz"]).score == 0


def test_the_measure_of_sums_is_the_same():
    predictions, references = ["the cat sat", "x y"], [["the cat sits", "a cat"], ["x y z"]]
    measure = chrf_measure(word_order=2)
    assert measure(references, predictions) == corpus_chrf(predictions, references, word_order=2).score
    table = measure.table(references, predictions)
    found = measure.of_sums(np.stack([table.sum(axis=0), 3 * table[1]]))
    assert found[1] == pytest.approx(corpus_chrf(predictions[1:] * 3, references[1:] * 3, word_order=2).score)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: corpus_chrf([], []), ValueError, "no items"),
        (lambda: corpus_chrf(["a"], ["a"]), TypeError, "is one text"),
        (lambda: corpus_chrf(["a", "b"], [["a", "b"]]), ValueError, "streams of sacrebleu"),
        (lambda: corpus_chrf(["a"], [["a"]], word_order=-1), ValueError, "word_order is -1"),
        (lambda: corpus_chrf(["a"], [["a"]], beta=0), ValueError, "beta is 0"),
        (lambda: chrf_measure()([["a"]], [1]), TypeError, "has 1, which is no text"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
