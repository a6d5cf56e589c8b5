"""Exercise on order: does a model's answer move with its tokens?"""

import itertools
import math

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def is_equivariant(
    outputs: list[list[float]],
    outputs_of_shuffled: list[list[float]],
    order: list[int],
) -> bool:
    """Whether a model's outputs only moved with its tokens when the tokens were shuffled.

    `outputs` has a row of numbers for each token. Then the tokens were put into another order:
    the token at place i of the shuffled text is the one that was at place `order[i]` before.
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


ROWS = [[0.25, -1.5, 3.0], [0.5, 2.0, 0.0], [-2.0, 0.0, 1.25], [1.0, 0.75, -0.5]]
ROTATED, CYCLE = [1, 2, 3, 0], [2, 0, 3, 1]  # neither is its own inverse


def _is_equivariant_cases() -> list[tuple]:
    def after(order, changes=None, every=0.0):
        """The rows moved as they should be, with `every` added to each number and `changes` to single ones."""
        moved = [[value + every for value in ROWS[place]] for place in order]
        for (row, column), change in (changes or {}).items():
            moved[row][column] += change
        return (ROWS, moved, order)

    def back(order):
        return (ROWS, [ROWS[order.index(place)] for place in range(len(order))], order)

    places = itertools.product((0, 1, 3), (0, 1, 2))  # of a single number that has changed
    sizes = itertools.cycle([2e-4, -2e-4, 1.5, -2e-4, 3e-3, 2e-4, -1.5, 2e-4, -2e-4])
    twins = [[1.0, 2.0], [1.0, 2.0], [0.5, 3.0]]
    return [
        ([[1.0], [2.0], [3.0]], [[3.0], [1.0], [2.0]], [2, 0, 1]),
        ([[1.0], [2.0], [3.0]], [[1.0], [2.0], [3.0]], [2, 0, 1]),
        after(ROTATED),
        after(CYCLE),
        (ROWS, ROWS, ROTATED),
        (ROWS, ROWS, CYCLE),
        back(ROTATED),
        back(CYCLE),
        (ROWS, after([3, 2, 1, 0])[1], CYCLE),
        (ROWS, after([2, 3, 1, 0])[1], ROTATED),
        (twins, [[1.0, 2.0], [0.5, 3.0], [1.0, 2.0]], [1, 2, 0]),
        (twins, [[0.5, 3.0], [1.0, 2.0], [1.0, 2.0]], [1, 2, 0]),
        # moved, though one does not see it
        (ROWS, ROWS, [0, 1, 2, 3]),
        (twins, twins, [1, 0, 2]),
        ([[1.0, 2.0]] * 3, [[1.0, 2.0]] * 3, [2, 0, 1]),
        # rounding: in every number, in one, in one of each row
        after(ROTATED, every=3e-6),
        after(CYCLE, every=-4e-6),
        after(ROTATED, every=4e-5),
        after(CYCLE, every=-4e-5),
        after(ROTATED, every=8e-5),
        after(CYCLE, every=-8e-5),
        after(CYCLE, every=7e-5),
        after(CYCLE, {(2, 1): 9e-5}),
        after(ROTATED, {(0, 2): -9e-5}),
        after(CYCLE, {(1, 0): 8e-5, (2, 1): -9e-5, (3, 2): 8e-5}),
        after(ROTATED, {(0, 1): -8e-5, (1, 2): 9e-5, (3, 0): -8e-5}),
        # one number has changed
        *(after(order, {place: size}) for order, place, size in zip(itertools.cycle([CYCLE, ROTATED]), places, sizes)),
        # several have, and the changes cancel: in a row, in a column, in the lengths of rows
        after(CYCLE, {(1, 0): 0.5, (1, 2): -0.5}),
        after(ROTATED, {(2, 1): -0.25, (2, 2): 0.25}),
        after(ROTATED, {(0, 0): 0.5, (0, 1): -0.5, (3, 1): 1.0, (3, 2): -1.0}),
        after(CYCLE, {(0, 1): 0.5, (2, 1): -0.5}),
        (ROWS, [[-value for value in ROWS[place]] for place in CYCLE], CYCLE),
        (ROWS, [ROWS[place][::-1] for place in ROTATED], ROTATED),
        # every number has
        after(ROTATED, every=0.5),
        after(CYCLE, every=-0.5),
        after(CYCLE, every=2e-4),
        after(ROTATED, every=-2e-4),
    ]


def _pairs(outputs, outputs_of_shuffled, order):
    """For each token the pairs of numbers to compare."""
    return [list(zip(outputs[place], row, strict=True)) for place, row in zip(order, outputs_of_shuffled, strict=True)]


def _near(a, b, tolerance=1e-4):
    return abs(a - b) < tolerance


def _all_near(pairs, tolerance=1e-4):
    return all(_near(a, b, tolerance) for a, b in pairs)


def _unchanged(outputs, outputs_of_shuffled, order):
    return all(map(_all_near, _pairs(outputs, outputs_of_shuffled, range(len(order)))))


def _wrong_way_round(outputs, outputs_of_shuffled, order):
    return all(map(_all_near, _pairs(outputs_of_shuffled, outputs, order)))


def _in_any_order(outputs, outputs_of_shuffled, order):
    return all(map(_all_near, _pairs(sorted(outputs), sorted(outputs_of_shuffled), range(len(order)))))


def _exactly(outputs, outputs_of_shuffled, order):
    return all(_all_near(row, 1e-8) for row in _pairs(outputs, outputs_of_shuffled, order))


def _too_strict(outputs, outputs_of_shuffled, order):
    return all(_all_near(row, 1e-5) for row in _pairs(outputs, outputs_of_shuffled, order))


def _too_lax(outputs, outputs_of_shuffled, order):
    return all(_all_near(row, 1e-2) for row in _pairs(outputs, outputs_of_shuffled, order))


def _relative(outputs, outputs_of_shuffled, order):
    rows = _pairs(outputs, outputs_of_shuffled, order)
    return all(math.isclose(a, b, rel_tol=1e-4) for row in rows for a, b in row)


def _rounded(outputs, outputs_of_shuffled, order):
    return all(round(a, 4) == round(b, 4) for row in _pairs(outputs, outputs_of_shuffled, order) for a, b in row)


def _all_together(outputs, outputs_of_shuffled, order):
    return sum(abs(a - b) for row in _pairs(outputs, outputs_of_shuffled, order) for a, b in row) < 1e-4


def _sums_of_rows(outputs, outputs_of_shuffled, order):
    return all(_near(*map(sum, zip(*row, strict=True))) for row in _pairs(outputs, outputs_of_shuffled, order))


def _sum_of_all(outputs, outputs_of_shuffled, order):
    return _near(sum(map(sum, outputs)), sum(map(sum, outputs_of_shuffled)))


def _mean(outputs, outputs_of_shuffled, order):
    differences = [abs(a - b) for row in _pairs(outputs, outputs_of_shuffled, order) for a, b in row]
    return sum(differences) / len(differences) < 1e-4


def _only_larger(outputs, outputs_of_shuffled, order):
    return all(a - b < 1e-4 for row in _pairs(outputs, outputs_of_shuffled, order) for a, b in row)


def _only_smaller(outputs, outputs_of_shuffled, order):
    return all(b - a < 1e-4 for row in _pairs(outputs, outputs_of_shuffled, order) for a, b in row)


def _first_row(outputs, outputs_of_shuffled, order):
    return _all_near(_pairs(outputs, outputs_of_shuffled, order)[0])


def _first_number(outputs, outputs_of_shuffled, order):
    return _near(*_pairs(outputs, outputs_of_shuffled, order)[0][0])


def _last_row(outputs, outputs_of_shuffled, order):
    return _all_near(_pairs(outputs, outputs_of_shuffled, order)[-1])


def _last_number(outputs, outputs_of_shuffled, order):
    return _near(*_pairs(outputs, outputs_of_shuffled, order)[-1][-1])


def _first_column(outputs, outputs_of_shuffled, order):
    return all(_near(*row[0]) for row in _pairs(outputs, outputs_of_shuffled, order))


def _last_column(outputs, outputs_of_shuffled, order):
    return all(_near(*row[-1]) for row in _pairs(outputs, outputs_of_shuffled, order))


def _any_number(outputs, outputs_of_shuffled, order):
    return any(_near(a, b) for row in _pairs(outputs, outputs_of_shuffled, order) for a, b in row)


def _any_of_a_row(outputs, outputs_of_shuffled, order):
    return all(any(_near(a, b) for a, b in row) for row in _pairs(outputs, outputs_of_shuffled, order))


def _without_the_first_row(outputs, outputs_of_shuffled, order):
    return all(map(_all_near, _pairs(outputs, outputs_of_shuffled, order)[1:]))


def _without_the_last_row(outputs, outputs_of_shuffled, order):
    return all(map(_all_near, _pairs(outputs, outputs_of_shuffled, order)[:-1]))


def _equal_is_wrong(outputs, outputs_of_shuffled, order):
    return not _any_number(outputs, outputs_of_shuffled, order)


def _of_another_token(outputs, outputs_of_shuffled, order):
    return all(map(_all_near, _pairs(outputs, outputs_of_shuffled, order[-1:] + order[:-1])))


def _opposite(outputs, outputs_of_shuffled, order):
    return not is_equivariant(outputs, outputs_of_shuffled, order)


def _rounding_apart(outputs, outputs_of_shuffled, order):
    differences = [abs(a - b) for row in _pairs(outputs, outputs_of_shuffled, order) for a, b in row]
    return 1e-8 < max(differences) < 1e-4


def _one_apart(outputs, outputs_of_shuffled, order):
    return sum(not _near(a, b) for row in _pairs(outputs, outputs_of_shuffled, order) for a, b in row) == 1


IS_EQUIVARIANT = Exercise(
    name="positions.is_equivariant",
    title=_("Do the outputs move with the tokens?"),
    solution=is_equivariant,
    cases=_is_equivariant_cases,
    hints=(
        _("Row i of the shuffled outputs belongs to the token that was at position `order[i]` before."),
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
                "You follow the order backwards. `order[i]` is where the token at position i **came from**: "
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
        Mistake(
            _too_strict,
            _("Your tolerance is too small: numbers that differ by 0.00009, less than 1e-4, count as equal."),
        ),
        Mistake(
            _too_lax,
            _("Your tolerance is too large: a difference of 0.0002, more than 1e-4, is a change of the output."),
        ),
        Mistake(
            _relative,
            _(
                "You measure the difference in parts of the number: near 0 nothing is then close enough, and a "
                "difference of 0.0002 is lost beside a large number. Compare `abs(a - b)` itself with 1e-4."
            ),
        ),
        Mistake(
            _rounded,
            _(
                "You round both numbers and compare the results. Two numbers that are very close, such as 0.12344999 "
                "and 0.12345001, can round to different ones. Compare their difference with 1e-4."
            ),
        ),
        Mistake(
            _all_together,
            _(
                "You add up the differences before you compare: many harmless ones then look like a change. "
                "Each number for itself must differ by less than 1e-4."
            ),
        ),
        Mistake(
            _sums_of_rows,
            _(
                "You compare sums of rows, in which one number's change can hide another's: 1 + 2 is 2 + 1. "
                "Compare number by number."
            ),
        ),
        Mistake(
            _sum_of_all,
            _("You compare one sum of all numbers, which no order can change. Compare number by number, row by row."),
        ),
        Mistake(
            _mean,
            _("You compare the mean of the differences: one number that changed is lost in it. Look at each of them."),
        ),
        Mistake(
            _only_larger,
            _(
                "You notice only numbers that became **smaller**: `a - b` is negative for the others. Take `abs(a - "
                "b)`."
            ),
        ),
        Mistake(
            _only_smaller,
            _("You notice only numbers that became **larger**: `b - a` is negative for the others. Take `abs(a - b)`."),
        ),
        Mistake(
            _first_row,
            _(
                "Only the first row decides. Is there a `return` in the loop that ends it after one round? "
                "`return False` may be there, `return True` only after the loop."
            ),
        ),
        Mistake(
            _first_number,
            _(
                "The very first number decides. Of two numbers that are equal one knows nothing yet about the others: "
                "`return True` belongs after both loops."
            ),
        ),
        Mistake(
            _last_row,
            _("Only the last row decides: each round overwrites what the one before it found. Return at a difference."),
        ),
        Mistake(
            _last_number,
            _(
                "Only the last number decides: each comparison overwrites the one before. Return at the first "
                "difference."
            ),
        ),
        Mistake(_first_column, _("You compare the first number of each row and none of the others.")),
        Mistake(_last_column, _("You compare the last number of each row and none of the others.")),
        Mistake(
            _any_number,
            _("One equal number is enough for you. All of them have to be equal, in all rows: `all`, not `any`."),
        ),
        Mistake(
            _any_of_a_row,
            _("One equal number in each row is enough for you. A row has moved only if **all** its numbers are equal."),
        ),
        Mistake(_without_the_first_row, _("You leave out the first row. Rows are counted from 0.")),
        Mistake(
            _without_the_last_row, _("You leave out the last row: `range(len(order))` already ends before its end.")
        ),
        Mistake(
            _equal_is_wrong,
            _("Two equal numbers make you return False. The comparison is turned round: `abs(a - b) >= 1e-4`."),
        ),
        Mistake(
            _of_another_token,
            _(
                "You return False even where every row has moved exactly as it should: you compare it with the row of "
                "another token. Row i after the shuffle belongs to row `order[i]` before."
            ),
        ),
        Mistake(
            _opposite, _("Your True and False are exchanged: True means that the outputs moved with their tokens.")
        ),
    ),
    explanation=_(
        "`outputs[order[i]]` is what equivariance promises for position i. One number that differs is enough to break "
        "the promise; the tolerance is there because additions in another order round otherwise."
    ),
    corners=(
        Corner(
            lambda outputs, shuffled, order: outputs == shuffled and is_equivariant(outputs, shuffled, order),
            _(
                "Only outputs that are the **same** before and after go wrong. They may be: where tokens are alike, "
                "or keep their positions, the move is not seen."
            ),
        ),
        Corner(
            _rounding_apart,
            _("Only outputs that differ by rounding go wrong: each number may differ by less than 1e-4."),
        ),
        Corner(
            _one_apart,
            _("Only outputs of which a single number has changed go wrong: do you look at every number of every row?"),
        ),
    ),
)
