"""Items of GLUE as one text: the fields' names and order, the separator, and labels in words."""

import pytest

from course.data import GLUE_TASKS
from course.evaluation.glue import prefixed_text, separated_text, written_label


def test_fields_are_named_in_the_order_of_the_alphabet():
    assert prefixed_text("mrpc", ("A.", "B.")) == "mrpc sentence1: A. sentence2: B."
    assert prefixed_text("mnli", ("A.", "B.")) == "mnli hypothesis: B. premise: A."
    assert prefixed_text("ax", ("A.", "B.")) == "mnli hypothesis: B. premise: A."
    assert prefixed_text("qnli", ("A?", "B.")) == "qnli question: A? sentence: B."
    assert prefixed_text("cola", "A.") == prefixed_text("cola", ["A."]) == "cola sentence: A."


def test_a_separator_stands_between_texts():
    assert separated_text("rte", ("A.", "B.")) == "A. [SEP] B."
    assert separated_text("rte", ("A.", "B."), "</s>") == "A. </s> B."
    assert separated_text("sst2", "A.") == "A."


@pytest.mark.parametrize("form", [prefixed_text, separated_text])
def test_as_many_texts_as_fields_are_due(form):
    with pytest.raises(ValueError, match="RTE has 2 fields, sentence1, sentence2, and 1 texts were given"):
        form("rte", "A.")
    with pytest.raises(ValueError, match="CoLA has 1 fields, sentence, and 2 texts"):
        form("cola", ("A.", "B."))


def test_labels_in_words():
    assert [written_label("mnli", label) for label in range(3)] == list(GLUE_TASKS["mnli"].classes)
    assert [written_label("stsb", score) for score in (3.75, 0, 5, 2.52)] == ["3.8", "0.0", "5.0", "2.6"]
    with pytest.raises(ValueError, match="QQP has no class -1"):
        written_label("qqp", -1)
