"""What a model has to beat equals scikit-learn's dummy classifiers."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier

from course.evaluation import choice_accuracy, guessing_accuracy, majority_class

LABELS = st.lists(st.sampled_from("abc"), min_size=1, max_size=30)


@given(LABELS)
def test_the_majority_class_is_scikit_learns(labels):
    dummy = DummyClassifier(strategy="most_frequent").fit(np.zeros((len(labels), 1)), labels)
    assert majority_class(labels) == dummy.predict([[0]])[0]


def test_it_is_that_of_the_training_set_and_may_be_the_rarer_one_elsewhere():
    training, test = ["yes"] * 6 + ["no"] * 4, ["yes"] * 3 + ["no"] * 7
    assert sum(label == majority_class(training) for label in test) / 10 == 0.3


@given(LABELS, LABELS)
def test_the_accuracy_of_guesses_is_the_mean_probability_of_the_right_class(training, test):
    chances = {name: count / len(training) for name, count in Counter(training).items()}
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((len(training), 1)), training)
    of_class = dict(zip(dummy.classes_, dummy.predict_proba([[0]])[0], strict=True))
    expected = np.mean([of_class.get(label, 0.0) for label in test])
    assert guessing_accuracy(test, chances) == pytest.approx(expected)


def test_guesses_come_true_as_often_as_expected():
    rng = np.random.default_rng(0)
    true, chances = rng.choice(["a", "b"], p=[0.7, 0.3], size=20_000).tolist(), {"a": 0.4, "b": 0.6}
    guessed = rng.choice(list(chances), p=list(chances.values()), size=len(true)).tolist()
    assert np.mean([a == b for a, b in zip(true, guessed, strict=True)]) == pytest.approx(
        guessing_accuracy(true, chances), abs=0.015
    )


def test_questions_may_have_different_numbers_of_answers():
    assert choice_accuracy([2, 4]) == pytest.approx(0.375)
    assert choice_accuracy([5, 5, 5]) == pytest.approx(0.2)


def test_names_without_an_order_and_tensors_are_counted():
    assert majority_class(["a", 1, 1]) == 1
    assert majority_class(["a", 1]) == "a"
    assert majority_class(np.array([2, 2, 7])) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: majority_class([]), "no items"),
        (lambda: guessing_accuracy([], {"a": 1.0}), "no items"),
        (lambda: guessing_accuracy(["a"], {"a": 0.5, "b": 0.6}), "sum to 1.1"),
        (lambda: guessing_accuracy(["a"], {"a": 1.5, "b": -0.5}), "chance of 'a' is 1.5"),
        (lambda: choice_accuracy([]), "no items"),
        (lambda: choice_accuracy([2, 0]), "n_choices is 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
