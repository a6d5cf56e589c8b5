"""Exercise on thresholds: from which probability on is a text positive?"""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def best_threshold(probabilities: list[float], is_positive: list[bool]) -> float:
    """The threshold with the best F1 of the positive class, on these validation texts.

    A text is predicted positive when its probability is at least the threshold. Try each of the
    probabilities as the threshold; where several give the same F1, take the lowest of them.
    At least one text is positive.

    >>> best_threshold([0.9, 0.7, 0.6, 0.2], [True, False, True, False])
    0.6
    """

    def f1(threshold: float) -> float:
        predicted = [probability >= threshold for probability in probabilities]
        right = sum(p and t for p, t in zip(predicted, is_positive, strict=True))
        return 2 * right / (sum(predicted) + sum(is_positive))

    return max(sorted(probabilities), key=f1)


def _cases() -> list[tuple]:
    draw = random.Random(10)
    cases: list[tuple] = [
        ([0.9, 0.7, 0.6, 0.2], [True, False, True, False]),
        ([0.9, 0.8, 0.3, 0.1], [True, True, False, False]),
        ([0.1, 0.4, 0.35, 0.8], [False, False, True, True]),
        ([0.3], [True]),
        ([0.5, 0.5, 0.2], [True, False, False]),
        ([0.9, 0.6, 0.5, 0.4, 0.3], [True, False, False, True, False]),
        ([0.2, 0.1, 0.05], [True, True, True]),
        ([0.95, 0.9, 0.85, 0.1], [False, False, False, True]),
        ([0.8, 0.7, 0.6, 0.5, 0.4, 0.3], [True, False, False, True, False, False]),  # 0.8 and 0.5 are equally good
        ([0.5, 0.8, 0.7, 0.6, 0.4, 0.3], [True, True, False, False, False, False]),
        ([0.125, 0.625, 0.875], [False, True, True]),
        ([0.9, 0.8, 0.7, 0.6], [True, False, False, True]),
        ([0.85, 0.75, 0.65, 0.55, 0.35, 0.25], [True, False, False, True, False, False]),
    ]
    for places in ((0, 3, 8), (1, 4, 9), (0, 2, 5, 9)):  # neither a good product of the two, nor a good macro F1
        cases.append(([round(0.95 - 0.09 * place, 2) for place in range(10)], [place in places for place in range(10)]))
    for n in (18, 20, 22):  # a good mean of precision and recall is no good F1
        found = [place in (0, 3, n - 2, n - 1) for place in range(n)]
        cases.append(([round(0.95 - 0.04 * place, 2) for place in range(n)], found))
    for n in (6, 8, 10, 12, 15):
        positive = [draw.random() < 0.45 for _text in range(n - 1)] + [True]
        cases.append(
            ([round(min(0.99, max(0.01, draw.gauss(0.35 + 0.3 * one, 0.2))), 2) for one in positive], positive)
        )
    return cases


def _f1_at(probabilities, is_positive, threshold, above=False):
    predicted = [p > threshold if above else p >= threshold for p in probabilities]
    right = sum(p and t for p, t in zip(predicted, is_positive, strict=True))
    both = sum(predicted) + sum(is_positive)
    return 2 * right / both if both else 0.0


def _accuracy_at(probabilities, is_positive, threshold):
    return sum((p >= threshold) == t for p, t in zip(probabilities, is_positive, strict=True)) / len(probabilities)


def _best(probabilities, measure):
    return max(sorted(probabilities), key=measure)


def _highest_of_equals(probabilities, is_positive):
    return max(sorted(probabilities, reverse=True), key=lambda t: _f1_at(probabilities, is_positive, t))


def _first_of_equals(probabilities, is_positive):
    return max(probabilities, key=lambda t: _f1_at(probabilities, is_positive, t))


def _above(probabilities, is_positive):
    return _best(probabilities, lambda t: _f1_at(probabilities, is_positive, t, above=True))


def _by_accuracy(probabilities, is_positive):
    return _best(probabilities, lambda t: _accuracy_at(probabilities, is_positive, t))


def _by_precision(probabilities, is_positive):
    def precision(threshold):
        predicted = [p >= threshold for p in probabilities]
        return sum(p and t for p, t in zip(predicted, is_positive, strict=True)) / sum(predicted)

    return _best(probabilities, precision)


def _by_recall(probabilities, is_positive):
    return min(probabilities)


def _by_f1_of_the_negative(probabilities, is_positive):
    return _best(
        probabilities, lambda t: _f1_at([1 - p for p in probabilities], [not t for t in is_positive], 1 - t, above=True)
    )


def _the_worst(probabilities, is_positive):
    return min(sorted(probabilities), key=lambda t: _f1_at(probabilities, is_positive, t))


def _the_score(probabilities, is_positive):
    return max(_f1_at(probabilities, is_positive, t) for t in probabilities)


def _its_place(probabilities, is_positive):
    return float(probabilities.index(best_threshold(probabilities, is_positive)))


def _on_a_grid(probabilities, is_positive):
    return max((n / 10 for n in range(11)), key=lambda t: _f1_at(probabilities, is_positive, t))


def _on_hundredths(probabilities, is_positive):
    return max((n / 100 for n in range(101)), key=lambda t: _f1_at(probabilities, is_positive, t))


def _on_a_fine_grid(probabilities, is_positive):
    return max((n / 1000 for n in range(1001)), key=lambda t: _f1_at(probabilities, is_positive, t))


def _halfway(probabilities, is_positive):
    best = best_threshold(probabilities, is_positive)
    below = [p for p in probabilities if p < best]
    return (best + max(below)) / 2 if below else best


def _below(probabilities, is_positive):
    """Predicts positive below the threshold."""
    return _best(probabilities, lambda t: _f1_at([-p for p in probabilities], is_positive, -t, above=True))


def _up_to(probabilities, is_positive):
    return _best(probabilities, lambda t: _f1_at([-p for p in probabilities], is_positive, -t))


def _product(probabilities, is_positive):
    def score(threshold):
        predicted = [p >= threshold for p in probabilities]
        return sum(p and t for p, t in zip(predicted, is_positive, strict=True)) ** 2 / sum(predicted)

    return _best(probabilities, score)


def _macro_average(probabilities, is_positive):
    negative, turned = [not t for t in is_positive], [-p for p in probabilities]
    return _best(
        probabilities,
        lambda t: _f1_at(probabilities, is_positive, t) + _f1_at(turned, negative, -t, above=True),
    )


def _lowest_positive(probabilities, is_positive):
    return min(p for p, t in zip(probabilities, is_positive, strict=True) if t)


def _highest_negative(probabilities, is_positive):
    return max((p for p, t in zip(probabilities, is_positive, strict=True) if not t), default=0.5)


def _as_many_positive(probabilities, is_positive):
    return sorted(probabilities, reverse=True)[sum(is_positive) - 1]


def _share_of_positives(probabilities, is_positive):
    return sum(is_positive) / len(is_positive)


def _mean_of_the_means(probabilities, is_positive):
    yes = [p for p, t in zip(probabilities, is_positive, strict=True) if t]
    no = [p for p, t in zip(probabilities, is_positive, strict=True) if not t] or [0.0]
    return (sum(yes) / len(yes) + sum(no) / len(no)) / 2


def _positives_alone(probabilities, is_positive):
    tried = sorted(p for p, t in zip(probabilities, is_positive, strict=True) if t)
    return tried[0]


def _largest(probabilities, is_positive):
    return max(probabilities)


def _median(probabilities, is_positive):
    return sorted(probabilities)[len(probabilities) // 2]


def _right_in_all(probabilities, is_positive):
    """Counts right negatives as right, too."""

    def score(threshold):
        predicted = [p >= threshold for p in probabilities]
        right = sum(p == t for p, t in zip(predicted, is_positive, strict=True))
        return 2 * right / (sum(predicted) + sum(is_positive))

    return _best(probabilities, score)


def _only_right_ones(probabilities, is_positive):
    """The numerator of F1 alone."""

    def right(threshold):
        return sum(p >= threshold and t for p, t in zip(probabilities, is_positive, strict=True))

    return _best(probabilities, right)


def _mean_of_the_two(probabilities, is_positive):
    def score(threshold):
        predicted = [p >= threshold for p in probabilities]
        right = sum(p and t for p, t in zip(predicted, is_positive, strict=True))
        return right / sum(predicted) + right / sum(is_positive)

    return _best(probabilities, score)


def _next_above(probabilities, is_positive):
    best = best_threshold(probabilities, is_positive)
    return min((p for p in probabilities if p > best), default=best)


def _labels_exchanged(probabilities, is_positive):
    return _best(probabilities, lambda t: _f1_at(probabilities, [not one for one in is_positive], t))


BEST_THRESHOLD = Exercise(
    name="fine_tuning.best_threshold",
    title=_("A threshold, chosen on validation"),
    solution=best_threshold,
    cases=_cases,
    hints=(
        _("Write a function that gives the F1 at one threshold; then find the threshold at which it is largest."),
        _("`max(sorted(probabilities), key=f1)` returns the first, so the lowest, of those that are equally good."),
    ),
    mistakes=(
        Mistake(
            _highest_of_equals, _("Of thresholds that are equally good you take the **highest**. Take the lowest.")
        ),
        Mistake(
            _first_of_equals,
            _("Of thresholds that are equally good you take the one **first in the list**. Take the lowest."),
        ),
        Mistake(_above, _("You count a text as positive **above** the threshold. At the threshold it is, too: `>=`.")),
        Mistake(_by_accuracy, _("You look for the best **accuracy**. Asked for is the best F1.")),
        Mistake(_by_precision, _("You look for the best **precision**. Asked for is the best F1.")),
        Mistake(
            _by_recall, _("You return the **lowest** probability, at which recall is 1. Asked for is the best F1.")
        ),
        Mistake(_by_f1_of_the_negative, _("You look for the best F1 of the **negative** class.")),
        Mistake(_the_worst, _("You return the threshold with the **lowest** F1.")),
        Mistake(_the_score, _("You return the best **F1**. Return the threshold that gives it.")),
        Mistake(_its_place, _("You return the **place** of the threshold in the list. Return the threshold.")),
        Mistake(_on_a_grid, _("You try a **grid** of thresholds. Try the probabilities that occur.")),
        Mistake(_on_hundredths, _("You try a **grid** of hundredths. Try the probabilities that occur.")),
        Mistake(_on_a_fine_grid, _("You try a fine **grid** of thresholds. Try the probabilities that occur.")),
        Mistake(_halfway, _("Your threshold is **halfway** to the next probability. Take one that occurs.")),
        Mistake(_below, _("You count a text as positive **below** the threshold. It is positive from there on: `>=`.")),
        Mistake(_up_to, _("You count a text as positive **up to** the threshold. It is positive from there on: `>=`.")),
        Mistake(_product, _("You take the **product** of precision and recall. F1 is their harmonic mean.")),
        Mistake(_macro_average, _("You look for the best **macro** F1. Asked for is that of the positive class.")),
        Mistake(
            _lowest_positive,
            _("You take the lowest probability of a **positive** text, and ask nothing of the negative ones above it."),
        ),
        Mistake(_highest_negative, _("You take the highest probability of a **negative** text.")),
        Mistake(
            _as_many_positive,
            _("You predict **as many** positive texts as there are. Another number may have a better F1."),
        ),
        Mistake(_share_of_positives, _("You return the **share of positive texts**. Try each probability.")),
        Mistake(
            _mean_of_the_means, _("You go to the middle between the **means** of the classes. Try each probability.")
        ),
        Mistake(_largest, _("You return the **largest** probability.")),
        Mistake(_median, _("You return the **median** of the probabilities.")),
        Mistake(_right_in_all, _("You count **all** right predictions. F1 counts those that are positive.")),
        Mistake(
            _mean_of_the_two, _("You take the **arithmetic** mean of precision and recall. F1 is the harmonic one.")
        ),
        Mistake(_next_above, _("You are **one probability too high**.")),
        Mistake(_labels_exchanged, _("You count the **negative** texts as positive.")),
    ),
    explanation=_(
        "F1 changes only where a text changes sides, so the probabilities that occur are all that has to be tried. "
        "Chosen on validation, the threshold can still be tested; chosen on the test set, nothing is left to test it."
    ),
    corners=(
        Corner(
            lambda probabilities, is_positive: len(set(probabilities)) < len(probabilities),
            _("Only texts with **equal probabilities** go wrong: they change sides together."),
        ),
        Corner(
            lambda probabilities, is_positive: all(is_positive),
            _("Where **all** texts are positive, the lowest probability is best."),
        ),
    ),
)
