"""Exercise on order: does a model's answer move with its tokens?"""

import random

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def is_equivariant(
    outputs: list[list[float]],
    outputs_of_shuffled: list[list[float]],
    order: list[int],
) -> bool:
    """Whether a model's outputs only moved with its tokens when the tokens were shuffled.

    `outputs` has a row of numbers for each token. Then the tokens were put into another order:
    the token at place i of the shuffled text is the one that stood at place `order[i]` before.
    `outputs_of_shuffled` has the rows for that text. Numbers that differ by less than 1e-4 count
    as equal, since the computer rounds.

    >>> is_equivariant([[1.0], [2.0], [3.0]], [[3.0], [1.0], [2.0]], [2, 0, 1])
    True
    >>> is_equivariant([[1.0], [2.0], [3.0]], [[1.0], [2.0], [3.0]], [2, 0, 1])
    False
    """
    for i in range(len(order)):
        for a, b in zip(outputs[order[i]], outputs_of_shuffled[i], strict=True):
            if abs(a - b) >= 1e-4:
                return False
    return True


def _is_equivariant_cases() -> list[tuple]:
    generator = random.Random(5)
    rows = [[round(generator.uniform(-1, 1), 2) for _column in range(2)] for _row in range(5)]
    rotated, other = [1, 2, 3, 4, 0], [3, 0, 4, 1, 2]  # neither is its own inverse

    def moved(order, noise=0.0):
        return [[value + noise for value in rows[place]] for place in order]

    def back(order):
        return moved([order.index(place) for place in range(len(order))])

    def last_changed(order):
        return [*moved(order)[:-1], [0.5, 9.0]]

    return [
        ([[1.0], [2.0], [3.0]], [[3.0], [1.0], [2.0]], [2, 0, 1]),
        ([[1.0], [2.0], [3.0]], [[1.0], [2.0], [3.0]], [2, 0, 1]),
        (rows, moved(rotated), rotated),
        (rows, rows, rotated),
        (rows, rows, other),
        (rows, back(rotated), rotated),
        (rows, back(other), other),
        (rows, moved(other), other),
        (rows, moved(rotated, 3e-6), rotated),
        (rows, moved(other, 2e-6), other),
        (rows, moved(other, -4e-6), other),
        (rows, last_changed(rotated), rotated),
        (rows, last_changed(other), other),
        (rows, moved([4, 3, 2, 1, 0]), other),
    ]


def _close(rows, expected):
    return all(abs(a - b) < 1e-4 for x, y in zip(rows, expected, strict=True) for a, b in zip(x, y, strict=True))


def _unchanged(outputs, outputs_of_shuffled, order):
    return _close(outputs, outputs_of_shuffled)


def _wrong_way_round(outputs, outputs_of_shuffled, order):
    return _close(outputs, [outputs_of_shuffled[place] for place in order])


def _exactly(outputs, outputs_of_shuffled, order):
    return [outputs[place] for place in order] == outputs_of_shuffled


def _in_any_order(outputs, outputs_of_shuffled, order):
    return _close(sorted(outputs), sorted(outputs_of_shuffled))


IS_EQUIVARIANT = Exercise(
    name="positions.is_equivariant",
    title=_("Do the outputs move with the tokens?"),
    solution=is_equivariant,
    cases=_is_equivariant_cases,
    hints=(
        _("Row i of the shuffled outputs belongs to the token that stood at place `order[i]` before."),
        _("Compare `outputs_of_shuffled[i]` with `outputs[order[i]]`, number by number, with `abs(a - b) < 1e-4`."),
    ),
    mistakes=(
        Mistake(
            _unchanged,
            _(
                "You ask whether the outputs **stayed** where they were. That is invariance. "
                "Equivariance means that each token took its output along: compare with `outputs[order[i]]`."
            ),
        ),
        Mistake(
            _wrong_way_round,
            _(
                "You follow the order backwards. `order[i]` is where the token at place i **came from**: "
                "row i after the shuffle belongs to row `order[i]` before it."
            ),
        ),
        Mistake(
            _exactly,
            _(
                "You ask for equality to the last digit. The same sum taken in another order is rounded otherwise, "
                "by about 1e-7: allow a difference below 1e-4."
            ),
        ),
        Mistake(
            _in_any_order,
            _(
                "You compare the rows as a bag, in whatever order they come. "
                "The output must follow its own token: row i has to be row `order[i]` of before."
            ),
        ),
    ),
    explanation=_(
        "`outputs[order[i]]` is what equivariance promises for place i. One number that differs is enough to break "
        "the promise; the tolerance is there because additions in another order round otherwise."
    ),
)
