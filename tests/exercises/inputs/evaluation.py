"""Arguments for the exercises of the lesson `evaluation`."""

import math

from tests.exercises.inputs.collected import INPUTS, inputs
from tests.exercises.inputs.fine_tuning import confidences_and_outcomes

INPUTS["evaluation.calibration_error"] = confidences_and_outcomes


@inputs("evaluation.matthews")
def classes_and_predictions(random):
    """Of few items, so that many are all of one class; the share of class 1 differs."""
    while True:
        n = random.choice([0, 1, 2, 3, 5, 9, 14])
        share, kept = random.choice([0.1, 0.5, 0.9, 1.0]), random.choice([0.3, 0.7, 0.9, 1.0])
        truth = [int(random.random() < share) for _item in range(n)]
        yield truth, [one if random.random() < kept else 1 - one for one in truth]


@inputs("evaluation.average_ranks")
def numbers_with_ties(random):
    while True:
        n, few = random.choice([0, 1, 2, 3, 5, 8, 12]), random.choice([0, 1, 3, 10])
        yield ([random.randint(-few, few) / random.choice([1, 2]) for _value in range(n)],)


@inputs("evaluation.clipped_precision")
def sentences_and_references(random):
    """Of few words, so that n-grams are repeated."""

    def words(longest):
        return random.choices(["a", "b", "c", "ab", "A"], (5, 4, 2, 1, 1), k=random.randint(0, longest))

    while True:
        yield words(9), [words(9) for _reference in range(random.randint(1, 3))], random.choice([1, 1, 2, 2, 3, 4])


@inputs("evaluation.bits_per_byte")
def log_probabilities_and_texts(random):
    while True:
        text = "".join(random.choices("ab é한😀\n", k=random.randint(1, 12)))
        chances = [random.choice([1.0, 0.5, random.uniform(0.001, 0.99)]) for _token in range(random.randint(1, 6))]
        yield [math.log(chance) for chance in chances], text


@inputs("evaluation.mcnemar")
def two_models_right_and_wrong(random):
    while True:
        n = random.choice([0, 1, 2, 3, 6, 10, 20])
        first, second = random.choice([0.1, 0.5, 0.8]), random.choice([0.2, 0.5, 0.9])
        yield [random.random() < first for _item in range(n)], [random.random() < second for _item in range(n)]


@inputs("evaluation.win_rate")
def scores_and_resamples(random):
    """Scores are quarters, whose sums are exact, and often 0 and 1, so that many means are equal."""
    while True:
        n, parts = random.choice([1, 2, 3, 5, 8]), random.choice([1, 1, 2, 4])
        least = random.choice([0, -parts])
        first, second = ([random.randint(least, parts) / parts for _item in range(n)] for _model in "ab")
        yield first, second, [random.choices(range(n), k=n) for _resample in range(random.choice([1, 2, 4, 9]))]


@inputs("evaluation.holm")
def p_values(random):
    """Often equal ones, and close together."""
    while True:
        n, largest = random.choice([0, 1, 2, 3, 5, 8]), random.choice([0.05, 0.2, 1.0])
        values = [round(random.random() * largest, random.choice([2, 2, 3])) for _test in range(n)]
        yield (values,)
