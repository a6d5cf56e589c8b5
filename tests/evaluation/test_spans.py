"""Entities are spans: exact type and borders; an I- that continues nothing as conlleval reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import Span, named_spans, span_scores

LABELS = st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), max_size=12)


@pytest.mark.parametrize(
    ("labels", "repaired", "strict"),
    [
        ("B-PER I-PER O", [Span("PER", 0, 2)], [Span("PER", 0, 2)]),
        ("B-PER B-PER", [Span("PER", 0, 1), Span("PER", 1, 2)], [Span("PER", 0, 1), Span("PER", 1, 2)]),
        ("O I-PER I-PER", [Span("PER", 1, 3)], []),
        ("B-PER I-LOC", [Span("PER", 0, 1), Span("LOC", 1, 2)], [Span("PER", 0, 1)]),
        ("B-PER O I-PER", [Span("PER", 0, 1), Span("PER", 2, 3)], [Span("PER", 0, 1)]),
        ("I-LOC B-LOC I-LOC", [Span("LOC", 0, 1), Span("LOC", 1, 3)], [Span("LOC", 1, 3)]),
        ("B-PER I-LOC I-PER", [Span("PER", 0, 1), Span("LOC", 1, 2), Span("PER", 2, 3)], [Span("PER", 0, 1)]),
    ],
)
def test_labels_are_read_as_conlleval_reads_them_or_strictly(labels, repaired, strict):
    assert named_spans(labels.split()) == repaired
    assert named_spans(labels.split(), repair=False) == strict


@given(LABELS)
def test_spans_follow_conllevals_rules_of_where_a_chunk_starts_and_ends(labels):
    # The two questions of the script: does an entity start here, does one end before here?
    expected, start = [], None
    for place, label in enumerate([*labels, "O"]):
        before = labels[place - 1] if place else "O"
        changes = label[2:] != before[2:]
        if start is not None and (label == "O" or label[0] == "B" or changes):
            expected.append(Span(before[2:], start, place))
            start = None
        if label != "O" and (label[0] == "B" or before == "O" or changes):
            start = place
    assert named_spans(labels) == expected


@given(LABELS)
def test_every_span_is_found_in_itself(labels):
    scores = span_scores([labels], [labels])["all"]
    assert scores.right == scores.predicted == scores.true and scores.f1 in (0.0, 1.0)


def test_a_part_of_a_span_and_the_wrong_type_count_for_nothing():
    true = [["B-PER", "I-PER", "O", "B-LOC"]]
    assert span_scores(true, [["B-PER", "O", "O", "B-PER"]])["all"] == (0, 0, 0, 0, 2, 2)
    found = span_scores(true, [["B-PER", "I-PER", "O", "O"]])
    assert found["all"] == (1, 0.5, pytest.approx(2 / 3), 1, 1, 2)
    assert found["LOC"] == (0, 0, 0, 0, 0, 1)


def test_all_outside_is_right_for_most_words_and_finds_nothing():
    assert span_scores([["O"] * 9 + ["B-PER"]], [["O"] * 10])["all"].f1 == 0


def test_types_are_added_up_before_the_ratio_is_taken():
    true = [["B-PER"] * 9 + ["B-LOC"]]
    found = span_scores(true, [["B-PER"] * 9 + ["O"]])
    assert found["all"].recall == 0.9 and (found["PER"].recall + found["LOC"].recall) / 2 == 0.5


def test_the_same_span_in_two_sentences_is_two_spans():
    assert span_scores([["B-PER"], ["B-PER"]], [["B-PER"], ["O"]])["all"] == (1, 0.5, pytest.approx(2 / 3), 1, 1, 2)


@pytest.mark.parametrize("label", ["PER", "E-PER", "B-", "B"])
def test_another_label_is_named(label):
    with pytest.raises(ValueError, match=f"'{label}' is no label of an entity"):
        named_spans([label])


def test_numbers_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="1 sentences and 2 predictions"):
        span_scores([["O"]], [["O"], ["O"]])
    with pytest.raises(ValueError, match="Sentence 1 has 1 words and 2 predicted labels"):
        span_scores([["O"], ["O"]], [["O"], ["O", "O"]])
