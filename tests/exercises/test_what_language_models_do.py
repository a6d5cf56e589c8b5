"""What the exercises of the lesson `what_language_models_do` ask for is what the course computes."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course import evaluation
from course.evaluation import baselines, chrf, short_answers, spans
from course.evaluation.rouge import rouge
from course.exercises.what_language_models_do.answers import ANSWER_F1, answer_f1
from course.exercises.what_language_models_do.characters import CHARACTER_F, character_f
from course.exercises.what_language_models_do.entities import NAMED_SPANS, named_spans
from course.exercises.what_language_models_do.entity_scores import SPAN_F1, span_f1
from course.exercises.what_language_models_do.majority import MAJORITY_ACCURACY, majority_accuracy
from course.exercises.what_language_models_do.normalizing import NORMALIZED, normalized
from course.exercises.what_language_models_do.overlap import UNIGRAM_OVERLAP, unigram_overlap
from tests.exercises.trial import inputs_of

FEW = 100


def arguments_of(exercise):
    return [*exercise.cases(), *inputs_of(exercise)[:FEW]]


def test_the_majority_is_that_of_the_course_where_no_labels_are_equally_frequent():
    compared = 0
    for train, test in arguments_of(MAJORITY_ACCURACY):
        (label, most), *others = Counter(train).most_common(2)
        if not others or others[0][1] < most:
            assert label == baselines.majority_class(train)
            assert majority_accuracy(train, test) == pytest.approx(np.mean([one == label for one in test]))
            compared += 1
    assert compared > FEW // 4


def test_entities_are_those_of_the_course():
    for (labels,) in arguments_of(NAMED_SPANS):
        assert named_spans(labels) == [tuple(span) for span in spans.named_spans(labels)]


def test_the_f1_of_entities_is_that_of_the_course():
    for true, predicted in arguments_of(SPAN_F1):
        assert span_f1(true, predicted) == pytest.approx(spans.span_scores(true, predicted)["all"].f1, abs=1e-12)


def test_one_sentence_has_the_f1_of_the_entities_that_were_read():
    for true, predicted in arguments_of(SPAN_F1):
        one, other = set(named_spans(true[0])), set(named_spans(predicted[0]))
        expected = 2 * len(one & other) / max(1, len(one) + len(other))
        assert span_f1(true[:1], predicted[:1]) == pytest.approx(expected)


def test_the_f_of_one_length_is_that_of_the_counts_of_chrf():
    measure = chrf.chrf_measure()
    for prediction, reference, n in arguments_of(CHARACTER_F):
        found, wanted, common = measure.table([[reference]], [prediction])[0].reshape(-1, 3)[n - 1]
        expected = 5 * common / (4 * wanted + found) if common else 0.0
        assert character_f(prediction, reference, n) == pytest.approx(expected, abs=1e-12)


@given(st.text("ab ", min_size=1, max_size=9), st.text("ab ", min_size=1, max_size=9))
def test_chrf_is_f_itself_where_a_text_has_one_character(one, other):
    prediction = (one.split() or ["a"])[0][0]
    if "".join(other.split()):
        expected = evaluation.sentence_chrf(prediction, [other]).score
        assert 100 * character_f(prediction, other, 1) == pytest.approx(expected)


def test_the_f1_of_words_is_rouge_1():
    for prediction, reference in arguments_of(UNIGRAM_OVERLAP):
        precision, recall, f1 = unigram_overlap(prediction, reference)
        assert f1 == pytest.approx(rouge(prediction, reference).rouge_1, abs=1e-12)
        assert unigram_overlap(reference, prediction) == (recall, precision, f1)
        assert f1 == pytest.approx(2 * precision * recall / (precision + recall) if f1 else 0.0)


def test_answers_are_normalized_as_in_the_course():
    for (answer,) in arguments_of(NORMALIZED):
        assert normalized(answer) == short_answers.normalized_answer(answer)
        assert normalized(normalized(answer)) == normalized(answer)


def test_the_f1_of_an_answer_is_that_of_the_course():
    for prediction, answers in arguments_of(ANSWER_F1):
        expected = max(short_answers.word_f1(prediction, answer) for answer in answers)
        assert math.isclose(answer_f1(prediction, answers), expected, abs_tol=1e-12)
        assert answer_f1(normalized(prediction), list(map(normalized, answers))) == answer_f1(prediction, answers)
