"""Words and their labels: how a text is cut, how lines become labels, what the tagger learns from."""

import pytest
import torch

from course.evaluation import named_spans
from course.fine_tuning import LabelledTexts
from course.tasks.language_tasks import Text, names, words_of
from course.tasks.language_tasks.names import NameTagger, _training, labels_of_entries, word_features


def test_words():
    assert words_of(Text("Mr. O'Neil's team, AT&T, won 3-1 (again)!")) == [
        *("Mr", ".", "O'Neil's", "team", ",", "AT&T", ",", "won", "3-1", "(", "again", ")", "!")
    ]
    assert words_of(Text("Apple은 캘리포니아에 있다.")) == ["Apple은", "캘리포니아에", "있다", "."]
    assert words_of(Text("a b", words=("a b",))) == ["a b"]
    with pytest.raises(ValueError, match=r"no word in ' \\n'. Type a sentence"):
        words_of(Text(" \n"))


@pytest.mark.parametrize(
    ("answer", "labels"),
    [
        ("Ann Lee = person; Rome = place", ["B-PER", "I-PER", "O", "B-LOC", "O", "B-LOC"]),
        ("- Ann Lee: person\n- ROME (city)\n", ["B-PER", "I-PER", "O", "B-LOC", "O", "B-LOC"]),
        ("Ann: person\nAnn Lee: organization", ["B-PER", "O", "O", "O", "O", "O"]),
        ("saw: vegetable", ["O", "O", "B-MISC", "O", "O", "O"]),
        ("Ann Lee\nnone\n\n: person\nBob: person", ["O"] * 6),
    ],
)
def test_labels_of_entries(answer, labels):
    assert list(labels_of_entries(answer, Text("Ann Lee saw Rome ; Rome"))[:4]) == labels[:4]
    assert list(labels_of_entries(answer, Text("Ann Lee saw Rome ; Rome"))) == labels


def test_no_sentence_of_a_held_out_report_is_learned_from():
    task = names()
    assert len(task.folds) == 5 and len(frozenset.union(*task.folds)) == 15
    for fold in task.folds:
        learned = {" ".join(words) for words in _training(fold).texts}
        tested = {item.source.text for item in task.items if item.group in fold}
        assert tested and not tested & learned
    assert len(_training(frozenset()).texts) == 226


@pytest.mark.slow
def test_the_tagger():
    tagger = NameTagger(_training(frozenset()))
    texts = [Text("Ronaldo scored for Brazil in Paris ."), Text("It rained .")]
    found = tagger(texts)
    assert [len(answer.value) for answer in found] == [7, 3]
    assert {span.type for span in named_spans(found[0].value)} >= {"PER", "LOC"}
    assert 0 < found[0].confidence <= 1 and found[1].confidence is None
    assert tagger(texts[1:]) == found[1:]  # whatever else is asked
    assert torch.is_grad_enabled()
    with pytest.raises(ValueError, match="300 words, more than the 256 pieces"):
        tagger([Text("a " * 300)])


@pytest.mark.parametrize(("words", "labels"), [(["a", "b"], ["O"]), (["a"], ["B-FOO"])])
def test_a_tagger_needs_a_known_label_for_each_word(words, labels):
    with pytest.raises(ValueError, match="give each word one of O, "):
        NameTagger(LabelledTexts([words], [labels], "training"))


@pytest.mark.parametrize("word", ["", " "])
def test_an_empty_word_has_no_features(word):
    with pytest.raises(ValueError, match="is empty: leave it out"):
        word_features([["a", word]])
