"""Exercise on contextual calibration: divide by what the prompt alone makes a model say."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def calibrate(probabilities: list[float], content_free: list[list[float]]) -> list[float]:
    """The probabilities of the answers, without the preference that the prompt alone has.

    `probabilities` has one for each answer. A row of `content_free` has those of the same
    answers after the same prompt around a text that says nothing, such as "N/A". Other texts
    could follow as well, so neither need add up to 1. First, each row of `content_free` is
    divided by its sum. Second, the mean over these rows is taken, for each answer. Third, each
    of `probabilities` is divided by the mean of its answer. Last, what comes out is divided by
    its sum.

    >>> calibrate([0.5, 0.5], [[0.25, 0.25], [0.0625, 0.0]])
    [0.25, 0.75]
    """
    shares = [[p / sum(row) for p in row] for row in content_free]
    means = [sum(column) / len(shares) for column in zip(*shares, strict=True)]
    weighted = [p / mean for p, mean in zip(probabilities, means, strict=True)]
    return [weight / sum(weighted) for weight in weighted]


def _calibrate_cases() -> list[tuple]:
    return [
        ([0.3, 0.1], [[0.15, 0.05], [0.9, 0.1]]),
        ([0.5, 0.25], [[0.6, 0.2], [0.02, 0.02], [0.1, 0.3]]),
        ([0.2, 0.2], [[0.4, 0.1], [0.01, 0.03]]),
        ([0.06, 0.02, 0.12], [[0.1, 0.3, 0.1], [0.02, 0.02, 0.01]]),
        ([0.01, 0.09], [[0.001, 0.009], [0.3, 0.3], [0.5, 0.1]]),
        ([0.25, 0.05, 0.1, 0.4], [[0.4, 0.1, 0.2, 0.1], [0.005, 0.01, 0.015, 0.02]]),
        ([0.7, 0.1], [[0.5, 0.1], [0.02, 0.05], [0.08, 0.02]]),
        ([0.4, 0.6], [[0.9, 0.1], [0.2, 0.2], [0.3, 0.1]]),
        ([0.7, 0.2], [[0.6, 0.2]]),
        ([0.1, 0.3, 0.2], [[0.2, 0.1, 0.1]]),
        ([0.0, 0.3], [[0.2, 0.6], [0.05, 0.01]]),
        ([0.3], [[0.5], [0.1]]),
    ]


def _shares(values):
    return [value / sum(values) for value in values]


def _mean(rows):
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _bias(content_free):
    return _mean([_shares(row) for row in content_free])


def _divided(probabilities, bias):
    return [p / one for p, one in zip(probabilities, bias, strict=True)]


def _rows_as_they_are(probabilities, content_free):
    return _shares(_divided(probabilities, _mean(content_free)))


def _sum_not_one(probabilities, content_free):
    return _divided(probabilities, _bias(content_free))


def _shares_not_one(probabilities, content_free):
    return _divided(_shares(probabilities), _bias(content_free))


def _rows_as_they_are_and_sum_not_one(probabilities, content_free):
    return _divided(probabilities, _mean(content_free))


def _multiplied(probabilities, content_free):
    return _shares([p * one for p, one in zip(probabilities, _bias(content_free), strict=True)])


def _subtracted(probabilities, content_free):
    return [p - one for p, one in zip(_shares(probabilities), _bias(content_free), strict=True)]


def _subtracted_as_they_are(probabilities, content_free):
    return [p - one for p, one in zip(probabilities, _bias(content_free), strict=True)]


def _not_calibrated(probabilities, content_free):
    return _shares(probabilities)


def _means_alone(probabilities, content_free):
    return _bias(content_free)


def _turned_round(probabilities, content_free):
    return _shares(_divided(_bias(content_free), probabilities)) if all(probabilities) else _bias(content_free)


def _means_inverted(probabilities, content_free):
    return _shares([1 / one for one in _bias(content_free)])


def _first_row(probabilities, content_free):
    return _shares(_divided(probabilities, content_free[0]))


def _last_row(probabilities, content_free):
    return _shares(_divided(probabilities, content_free[-1]))


def _each_row_then_mean(probabilities, content_free):
    return _mean([_shares(_divided(probabilities, row)) for row in content_free])


def _one_after_the_other(probabilities, content_free):
    for row in content_free:
        probabilities = _shares(_divided(probabilities, row))
    return probabilities


def _largest(probabilities, content_free):
    bias = [max(column) for column in zip(*map(_shares, content_free), strict=True)]
    return _shares(_divided(probabilities, bias))


def _geometric(probabilities, content_free):
    import math

    columns = zip(*map(_shares, content_free), strict=True)
    return _shares(_divided(probabilities, [math.prod(column) ** (1 / len(column)) for column in columns]))


def _softmaxed(values):
    import math

    return _shares([math.exp(value) for value in values])


def _softmax_at_the_end(probabilities, content_free):
    return _softmaxed(_divided(probabilities, _bias(content_free)))


def _softmax_of_rows(probabilities, content_free):
    return _shares(_divided(probabilities, _mean([_softmaxed(row) for row in content_free])))


def _by_the_largest(probabilities, content_free):
    weighted = _divided(probabilities, _bias(content_free))
    return [weight / max(weighted) for weight in weighted]


def _mean_over_answers(probabilities, content_free):
    means = [sum(row) / len(row) for row in content_free]
    return _shares([p / means[i % len(means)] for i, p in enumerate(probabilities)])


CALIBRATE = Exercise(
    name="prompting.calibrate",
    title=_("Without the prompt's own preference"),
    solution=calibrate,
    cases=_calibrate_cases,
    hints=(
        _(
            "Four steps, in this order: the rows of `content_free` are divided by their sums; the mean of each column "
            "is the preference; each probability is divided by its answer's; the result is divided by its sum."
        ),
        _(
            "`[p / sum(row) for p in row]` for each row, `zip(*shares)` for the columns, then `p / mean` for each "
            "answer, and `weight / sum(weighted)`."
        ),
    ),
    mistakes=(
        Mistake(
            _rows_as_they_are,
            _("You average the rows **as they are**: divide each by its sum first, or large rows count more."),
        ),
        Mistake(_sum_not_one, _("The **last step** is missing: divide by the sum, so that your numbers add up to 1.")),
        Mistake(
            _shares_not_one,
            _("You made shares **before** dividing by the means: it is what comes out that must add up to 1."),
        ),
        Mistake(
            _rows_as_they_are_and_sum_not_one,
            _("Nothing is **normalized** in your answer: neither the rows of `content_free`, nor what comes out."),
        ),
        Mistake(_multiplied, _("You **multiply** by the means: divide, so that what is preferred counts less.")),
        Mistake(_subtracted, _("You **subtract** the means from the shares: divide by them.")),
        Mistake(_subtracted_as_they_are, _("You **subtract** the means: divide by them, then by the sum.")),
        Mistake(
            _not_calibrated, _("You do not use `content_free`: those are the probabilities **before** calibration.")
        ),
        Mistake(
            _means_alone, _("You return the **means** of the content-free rows: divide the probabilities by them.")
        ),
        Mistake(_turned_round, _("Your quotient is **upside down**: divide the probabilities by the means.")),
        Mistake(_means_inverted, _("You do not use `probabilities`: your answer comes of the **means alone**.")),
        Mistake(_first_row, _("You divide by the **first** row of `content_free`: take the mean of all.")),
        Mistake(_last_row, _("You divide by the **last** row of `content_free`: take the mean of all.")),
        Mistake(
            _each_row_then_mean,
            _("You calibrate with **each row** and average what comes out: average the rows first, then divide once."),
        ),
        Mistake(
            _one_after_the_other,
            _("You divide by **every** row, one after the other: average the rows, and divide once."),
        ),
        Mistake(_largest, _("You divide by the **largest** share of each answer: take the mean.")),
        Mistake(_geometric, _("You took the **geometric** mean of the rows: add up and divide by how many there are.")),
        Mistake(_softmax_at_the_end, _("There is a **softmax** at the end: these are no logits, divide by the sum.")),
        Mistake(_softmax_of_rows, _("You take a **softmax** of the rows: these are no logits, divide by the sum.")),
        Mistake(_by_the_largest, _("You divide by the **largest** number at the end: divide by the sum.")),
        Mistake(_mean_over_answers, _("You average over the **answers**: for each answer, average over the rows.")),
    ),
    corners=(
        Corner(
            lambda probabilities, content_free: len(content_free) == 1,
            _("Only a **single** content-free row goes wrong: its mean is the row itself."),
        ),
    ),
    explanation=_(
        "A text that says nothing gives no reason for either answer, so what the model prefers there comes from the "
        "prompt. Dividing by it makes the answers after such a text equally probable. It does not matter whether "
        "`probabilities` adds up to 1: whatever it is multiplied by, the last step divides by it again."
    ),
)
