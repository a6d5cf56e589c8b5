"""What a measure counts, piece by piece: the counts are those of the measure itself."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import rouge, word_f1
from course.tasks.language_tasks import marks

TEXTS = st.text(alphabet="ab c.,", max_size=12)


def kinds(found):
    return Counter(mark.kind for mark in found)


@given(TEXTS, TEXTS)
def test_the_marks_of_answers_give_their_f1(answer, right):
    n = kinds(marks("questions", answer, right))
    if n["hit"]:
        assert word_f1(answer, right) == pytest.approx(2 * n["hit"] / (2 * n["hit"] + n["extra"] + n["miss"]))
    else:
        assert word_f1(answer, right) == float(not n)


@given(TEXTS, TEXTS)
def test_the_marks_of_summaries_give_their_rouge(answer, right):
    n = kinds(marks("summary", answer, right))
    counted = 2 * n["hit"] + n["extra"] + n["miss"]
    assert rouge(answer, right).rouge_1 == pytest.approx(2 * n["hit"] / counted if n["hit"] else 0.0)


def test_names():
    words = ["Ann", "Lee", "saw", "Rome"]
    found = marks("names", ("B-PER", "O", "O", "B-LOC"), ("B-PER", "I-PER", "O", "B-LOC"), words)
    assert found == [("Ann (PER)", "extra"), ("Rome (LOC)", "hit"), ("Ann Lee (PER)", "miss")]


def test_labels_and_translations():
    assert marks("classification", "positive", "negative") == [("positive", "extra"), ("negative", "miss")]
    assert marks("classification", "positive", "positive") == [("positive", "hit")]
    found = marks("translation", "Turn the the light on", ("Switch the light on", "Light"))
    assert [mark.kind for mark in found] == ["extra", "hit", "extra", "hit", "hit", "miss"]


def test_what_has_no_marks_says_why():
    with pytest.raises(ValueError, match=r"no task 'foo'\. There are: classification, names, translation"):
        marks("foo", "a", "b")
    for right in ([], "good day"):  # the letters of a text are no translations
        with pytest.raises(ValueError, match="give a list of one or more"):
            marks("translation", "good day", right)
    for labels, right, words in [(("O",), ("O", "O"), ["a", "b"]), (("B-PER",), ("B-PER",), [])]:
        with pytest.raises(ValueError, match="each word needs one of both"):
            marks("names", labels, right, words)
