"""How a wrong answer can relate to the right one, whatever the exercise: its sign, its order, a step too few, …

A relation is tried on all the wrong answers of a check, so it may be loose: what one case would not prove, many do.
"""

import ast
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from course.exercises.compare import equal_values, shape
from course.messages import _

Holds = Callable[[Any, Any], bool]
Change = Callable[[Any], Any]
Pair = tuple[Any, Any]  # the right answer and the learner's, in built-in types

equal = partial(equal_values, relative=1e-4, absolute=1e-5)

NEARLY = 0.02  # a relative difference that comes of a small constant, or of rounding
LAST_DIGITS = 1e-4  # one that the other relations do not see: `abs`, say, would seem to explain it


@dataclass(frozen=True)
class Relation:
    """`holds(right, answer)` says whether an answer relates to the right one in this way; it may raise instead.

    With `in_rows` the relation is also tried on each row of an answer by itself.
    """

    message: str
    holds: Holds
    in_rows: bool = False


# --- how relations are made ---


def gives(change: Change) -> Holds:
    """An answer that is the right one, changed like this."""
    return lambda right, answer: equal(change(right), answer)


def undone_by(change: Change) -> Holds:
    """An answer that is right once it is changed like this."""
    return lambda right, answer: equal(right, change(answer))


def but_for(change: Change) -> Holds:
    """An answer that is right but for what the change takes away from both."""
    return lambda right, answer: equal(change(right), change(answer))


def numbers(change: Change) -> Change:
    """Change each number of an answer, at whatever depth; other things than numbers are an error."""
    return _each(change, lambda leaf: isinstance(leaf, (int, float)) and not isinstance(leaf, bool))


def bools(change: Change) -> Change:
    return _each(change, lambda leaf: isinstance(leaf, bool))


def texts(change: Change) -> Change:
    return _each(change, lambda leaf: isinstance(leaf, str))


def _each(change: Change, fits: Callable[[Any], bool]) -> Change:
    return partial(_changed, change, fits)


def _changed(change: Change, fits: Callable[[Any], bool], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _changed(change, fits, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_changed(change, fits, item) for item in value]
    if not fits(value):
        raise TypeError
    return change(value)


def in_rows(table: Iterable[Relation]) -> Iterator[Relation]:
    """The relations of a table that make sense for each row of an answer by itself."""
    for relation in table:
        if relation.in_rows:
            message = _("In each row: {message}").format(message=relation.message)
            yield Relation(message, partial(_holds_in_rows, relation.holds))


def in_results(table: Iterable[Relation]) -> Iterator[Relation]:
    """The same of an answer that is a tuple of several results, all of them wrong."""
    for relation in table:
        if relation.in_rows:
            message = _("In each of your results: {message}").format(message=relation.message)
            yield Relation(message, partial(_holds_in_results, relation.holds))


def _holds_in_rows(holds: Holds, right: Any, answer: Any) -> bool:
    return _as_many(right, answer) and all(equal(*pair) or holds(*pair) for pair in zip(right, answer, strict=True))


def _holds_in_results(holds: Holds, right: Any, answer: Any) -> bool:
    if not _as_many(right, answer) or not all(map(holds, right, answer)):
        return False
    return sum(map(equal, right, answer)) in (0, len(right))  # of the right answer itself all are right


def _as_many(right: Any, answer: Any) -> bool:
    return _is_list(right) and _is_list(answer) and len(right) == len(answer) > 0


# --- what the relations look at ---


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _leaves(value: Any) -> Iterator[Any]:
    """Everything in an answer that is not a list or a dict, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if _is_list(value):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _numbers(value: Any) -> list[float]:
    found = list(_leaves(value))
    if not found or not all(isinstance(leaf, (int, float)) for leaf in found):
        raise TypeError
    return found


def _row(value: Any) -> list[float]:
    """A list of numbers alone."""
    if len(shape(value) or ()) != 1:
        raise TypeError
    return list(value)


def _flat(value: Any) -> list[Any]:
    """One level of lists less."""
    return [item for row in value for item in row]


def _transposed(value: Any) -> list[Any]:
    return [list(column) for column in zip(*value, strict=True)]


def _last_two_swapped(value: Any) -> list[Any]:
    return list(map(_last_two_swapped, value)) if _is_list(value[0][0]) else _transposed(value)


def _neighbours_swapped(value: Any) -> list[Any]:
    return [item for i in range(0, len(value), 2) for item in value[i : i + 2][::-1]]


def _halves(value: Any) -> tuple[Any, Any]:
    return value[: len(value) // 2], value[len(value) // 2 :]


def _halves_swapped(value: Any) -> list[Any]:
    first, second = _halves(value)
    return [*second, *first]


def _halves_interleaved(value: Any) -> list[Any]:
    return _flat(zip(*_halves(value), strict=True))


def _without_repeats(value: Any) -> list[Any]:
    return [item for i, item in enumerate(value) if not any(equal(item, other) for other in value[:i])]


def _bag(value: Any) -> Counter[str]:
    if not _is_list(value):
        raise TypeError
    return Counter(map(repr, value))


def _softmax(value: Any) -> list[float]:
    powers = [math.exp(item - max(value)) for item in value]
    return [power / sum(powers) for power in powers]


def _shares(value: Any) -> list[float]:
    return [item / sum(value) for item in value]


def _unit(value: Any) -> list[float]:
    return [item / math.hypot(*value) for item in value]


def _mean(value: Any) -> float:
    return sum(value) / len(value)


def _columns(reduce: Change) -> Change:
    return lambda value: [reduce(column) for column in _transposed(value)]


def _swapped(mapping: dict[Any, Any]) -> dict[Any, Any]:
    return {item: key for key, item in mapping.items()}


def _is_prefix(short: Any, long: Any) -> bool:
    return 0 < len(short) < len(long) and equal(short, long[: len(short)])


def _is_suffix(short: Any, long: Any) -> bool:
    return 0 < len(short) < len(long) and equal(short, long[-len(short) :])


def _is_subsequence(short: Any, long: Any) -> bool:
    rest = iter(long)
    return 0 < len(short) < len(long) and all(any(equal(one, other) for other in rest) for one in short)


def _is_part(small: dict[Any, Any], large: dict[Any, Any]) -> bool:
    return len(small) < len(large) and all(key in large and equal(large[key], item) for key, item in small.items())


def _has(test: Callable[[float], bool]) -> Holds:
    """An answer with such a number in it, where the right one has none."""
    return lambda right, answer: _any_leaf(test, answer) and not _any_leaf(test, right)


def _any_leaf(test: Callable[[float], bool], value: Any) -> bool:
    return any(isinstance(leaf, float) and test(leaf) for leaf in _leaves(value))


def _factors(right: Any, answer: Any) -> list[float]:
    """Of each pair of numbers, the factor between them; zeros must be at the same places."""
    pairs = list(zip(_numbers(right), _numbers(answer), strict=True))
    if any((one == 0) != (other == 0) for one, other in pairs):
        raise ValueError
    return [other / one for one, other in pairs if one]


def _steps(right: Any, answer: Any) -> list[float]:
    return [other - one for one, other in zip(_numbers(right), _numbers(answer), strict=True)]


def _all_alike(values: Sequence[float], fewest: int) -> bool:
    return len(values) >= fewest and all(math.isfinite(value) and equal(values[0], value) for value in values)


def _alike_in(compare: Callable[[Any, Any], list[float]]) -> Holds:
    return lambda right, answer: shape(right) == shape(answer) and _all_alike(compare(right, answer), 2)


def _nearly(right: Any, answer: Any) -> bool:
    pairs = zip(_numbers(right), _numbers(answer), strict=True)
    return shape(right) == shape(answer) and all(math.isclose(*pair, rel_tol=NEARLY) for pair in pairs)


def differs_in_last_digits(right: Any, answer: Any) -> bool:
    """Whether an answer, which is wrong, is so near to the right one that any relation that changes nothing holds."""
    return equal_values(right, answer, LAST_DIGITS, 0.0)


def _rounded_to(digits: int) -> Holds:
    """An answer rounded to so many places, exactly; a tolerance would hide the digits that are in question."""
    change = numbers(lambda x: round(x, digits))
    return lambda right, answer: equal_values(change(right), answer, 1e-12, 0.0)


def _places(right: Any, answer: Any) -> set[tuple[int, ...]]:
    """The places, one index or two, at which two answers of one shape differ."""
    size = _sizes(right)
    if size != _sizes(answer):
        raise TypeError
    return {place for place in itertools.product(*map(range, size)) if not equal(_at(right, place), _at(answer, place))}


def _sizes(value: Any) -> tuple[int, ...]:
    """One or two sizes: those of the shape of numbers, or the length of a list."""
    return (shape(value) or (len(value),))[:2] if _is_list(value) else ()


def _at(value: Any, place: Iterable[int]) -> Any:
    for index in place:
        value = value[index]
    return value


def _only_at(test: Callable[..., bool], dimensions: int) -> Holds:
    """An answer that differs at such places alone, and at half of them or more; `test` takes sizes and indices."""
    return partial(_differs_only_at, test, dimensions)


def _differs_only_at(test: Callable[..., bool], dimensions: int, right: Any, answer: Any) -> bool:
    size, fewest = _sizes(right), 3 if dimensions == 1 else 2  # of two items, one that is wrong says little
    if len(size) != dimensions or min(size) < fewest:
        return False
    wrong = list(_places(right, answer))
    such = sum(test(size, *place) for place in itertools.product(*map(range, size)))
    return 2 * len(wrong) >= such and all(test(size, *place) for place in wrong)


# --- the relations ---

ROUNDED = _("Your numbers are **rounded**. Return them as they are.")
NEARLY_RIGHT = Relation(
    _("Your numbers are **nearly** right, within two percent: look for a small constant, or for rounding."), _nearly
)

# Of answers that differ in their last digits alone.
PRECISION = (*(Relation(ROUNDED, _rounded_to(digits)) for digits in range(7)), NEARLY_RIGHT)

TABLE = (
    # Signs and simple functions of each number
    Relation(_("Your numbers have the wrong **sign**: each is the right one times −1."), gives(numbers(lambda x: -x))),
    Relation(
        _("Your numbers are **upside down**: each is 1 divided by the right one. Exchange what is divided by what."),
        gives(numbers(lambda x: 1 / x)),
    ),
    Relation(
        _("True and False are **exchanged** in your answer: turn the condition round."), gives(bools(lambda x: not x))
    ),
    Relation(_("Each of your numbers is **1 minus** the right one."), gives(numbers(lambda x: 1 - x))),
    Relation(
        _("Your numbers are the right ones **without their sign**: there is an `abs` or a square too much."),
        gives(numbers(abs)),
    ),
    Relation(
        _("Each of your numbers is **one too many**: look at where you begin to count, and at `<` and `<=`."),
        gives(numbers(lambda x: x + 1)),
    ),
    Relation(
        _("Each of your numbers is **one too few**: look at where you begin to count, and at `<` and `<=`."),
        gives(numbers(lambda x: x - 1)),
    ),
    Relation(
        _("Your numbers are the **squares** of the right ones: a root is missing."), gives(numbers(lambda x: x * x))
    ),
    Relation(
        _("Your numbers are the **square roots** of the right ones: there is a root too much, or a square missing."),
        gives(numbers(math.sqrt)),
    ),
    Relation(
        _("Your numbers are the **logarithms** of the right ones: an `exp` is missing, or a `log` is too much."),
        gives(numbers(lambda x: math.log(x) if x else -math.inf)),
    ),
    Relation(
        _("Your numbers are e **to the power** of the right ones: a `log` is missing, or an `exp` is too much."),
        gives(numbers(math.exp)),
    ),
    Relation(
        _("Your numbers are rounded **down**: `//` or `int` drops the fraction. Divide with `/`."),
        gives(numbers(math.floor)),
    ),
    *(Relation(ROUNDED, gives(numbers(lambda x, digits=digits: round(x, digits)))) for digits in range(5)),
    Relation(
        _("Your numbers are right where they are above 0, and **0 elsewhere**: negative ones are cut off."),
        gives(numbers(lambda x: max(x, 0))),
    ),
    Relation(
        _("Yours is the mask that is **added** to scores, 0 and −∞. The answer says True and False."),
        gives(bools(lambda x: 0.0 if x else -math.inf)),
    ),
    # Order
    Relation(
        _("Your answer is in **reverse** order: the first comes last."), gives(lambda items: items[::-1]), in_rows=True
    ),
    Relation(
        _("Your answer is **transposed**: its rows are the right one's columns. Swap the first two dimensions."),
        gives(_transposed),
    ),
    Relation(_("The **last two dimensions** of your answer are swapped."), gives(_last_two_swapped)),
    Relation(_("Neighbours are **exchanged** in your answer, two by two."), gives(_neighbours_swapped), in_rows=True),
    Relation(_("The two **halves** of your answer are exchanged."), gives(_halves_swapped), in_rows=True),
    Relation(
        _("The right numbers, in another order: the two **halves** take turns, where one should follow the other."),
        gives(_halves_interleaved),
        in_rows=True,
    ),
    Relation(
        _("The right numbers, in another order: one **half** follows the other, where they should take turns."),
        gives(lambda items: [*items[::2], *items[1::2]]),
        in_rows=True,
    ),
    Relation(
        _("Everything in your answer is one position too far to the **left**, and the first item comes last."),
        gives(lambda items: [*items[1:], items[0]]),
        in_rows=True,
    ),
    Relation(
        _("Everything in your answer is one position too far to the **right**, and the last item comes first."),
        gives(lambda items: [items[-1], *items[:-1]]),
        in_rows=True,
    ),
    Relation(
        _("Your answer is **sorted**. Leave its items in the order in which they come."),
        gives(sorted),
        in_rows=True,
    ),
    Relation(
        _("Your items are the right ones, in **another order**."),
        lambda right, answer: _bag(right) == _bag(answer),
        in_rows=True,
    ),
    # Length
    Relation(
        _("There are **empty** items in your answer; without them it would be right."),
        undone_by(lambda items: [item for item in items if item not in ("", None, [], ())]),
        in_rows=True,
    ),
    Relation(_("The **first** item is missing from your answer."), gives(lambda items: items[1:]), in_rows=True),
    Relation(
        _("The **last** item is missing from your answer: look at where your loop ends."),
        gives(lambda items: items[:-1]),
        in_rows=True,
    ),
    Relation(
        _("Your answer has **one item too many at its end**; the others are right."),
        undone_by(lambda items: items[:-1]),
        in_rows=True,
    ),
    Relation(
        _("Your answer has **one item too many at its beginning**; the others are right."),
        undone_by(lambda items: items[1:]),
        in_rows=True,
    ),
    Relation(
        _("What occurs twice is in your answer **once**: keep repeated items."), gives(_without_repeats), in_rows=True
    ),
    Relation(
        _("The same item is in your answer **several times**: keep each once."),
        undone_by(_without_repeats),
        in_rows=True,
    ),
    Relation(
        _("Your answer is the right one **twice in a row**."), gives(lambda items: [*items, *items]), in_rows=True
    ),
    # Levels
    Relation(
        _("Your answer is right, and wrapped in **one list too many**."), gives(lambda value: [value]), in_rows=True
    ),
    Relation(
        _("Your answer is the one item alone; it should be **in a list**."),
        lambda right, answer: len(right) == 1 and equal(right[0], answer),
        in_rows=True,
    ),
    Relation(_("Your answer has lost a level: its **rows are joined** into one list."), gives(_flat), in_rows=True),
    Relation(
        _("Your texts are **joined** into one. Return them as a list."),
        lambda right, answer: _is_list(right) and "".join("".join(right).split()) == "".join(answer.split()),
        in_rows=True,
    ),
    Relation(
        _("Your text is cut into **single characters**: `list(text)` and `extend(text)` do that; `[text]` does not."),
        lambda right, answer: equal(list(right if isinstance(right, str) else "".join(right)), answer),
        in_rows=True,
    ),
    Relation(
        _("Your answer holds the right one **several times**, once in each row: two shapes were broadcast together."),
        lambda right, answer: len(answer) > 1 and all(equal(right, row) for row in answer),
    ),
    Relation(
        _("Your numbers are right, and their **shape** is not."),
        lambda right, answer: shape(answer) not in (None, shape(right)) and equal(_numbers(right), _numbers(answer)),
    ),
    # A part of the answer
    *(
        Relation(message, gives(change), in_rows=True)
        for message, changes in (
            (
                _("You return only the **first** item of the answer."),
                (lambda items: items[0], lambda items: items[:1]),
            ),
            (
                _("You return only the **last** item of the answer: a loop replaces what it should collect."),
                (lambda items: items[-1], lambda items: items[-1:]),
            ),
        )
        for change in changes
    ),
    # Sums that are missing, or too much
    *(
        Relation(message, holds, in_rows=True)
        for reduce, too_much, missing in (
            (
                sum,
                _("You return the **sum** of the right numbers. Return them one by one."),
                _("A **sum** is missing: added up, your numbers would be the right answer."),
            ),
            (
                _mean,
                _("You return the **mean** of the right numbers. Return them one by one."),
                _("A **mean** is missing: that of your numbers would be the right answer."),
            ),
        )
        for message, holds in ((too_much, gives(reduce)), (missing, undone_by(reduce)))
    ),
    Relation(_("You add up over the **columns** what should stay apart."), gives(_columns(sum))),
    Relation(
        _("A **sum** over the rows is missing: each column of your numbers, added up, would be right."),
        undone_by(_columns(sum)),
    ),
    Relation(
        _("You return only the **largest** of the right numbers."), gives(lambda items: max(_row(items))), in_rows=True
    ),
    Relation(
        _("You return only the **smallest** of the right numbers."), gives(lambda items: min(_row(items))), in_rows=True
    ),
    Relation(_("You return **how many** there are. Return them."), gives(len), in_rows=True),
    Relation(
        _("You return the **index** of the largest number. Return the numbers."),
        gives(lambda items: _row(items).index(max(items))),
        in_rows=True,
    ),
    Relation(
        _("Your answer **adds up** as it goes: each number is the sum of those so far."),
        gives(lambda x: list(itertools.accumulate(x))),
        in_rows=True,
    ),
    # Normalization
    Relation(
        _("There is a **softmax** too much: without it your numbers would be right."), gives(_softmax), in_rows=True
    ),
    Relation(_("The **softmax** is missing: with it your numbers would be right."), undone_by(_softmax), in_rows=True),
    Relation(
        _("You divide your numbers by their **sum**; without that they would be right."), gives(_shares), in_rows=True
    ),
    Relation(
        _("Your numbers should be divided by their **sum**, so that they add up to 1."),
        undone_by(_shares),
        in_rows=True,
    ),
    Relation(
        _("You divide your numbers by their **length** as a vector; without that they would be right."),
        gives(_unit),
        in_rows=True,
    ),
    # Dictionaries
    Relation(_("Keys and values are **exchanged** in your dictionary."), gives(_swapped)),
    Relation(
        _("Your answer is a list of pairs. Return a **dictionary**: `dict(pairs)` makes one."),
        lambda right, answer: equal(right, dict(answer)),
    ),
    Relation(
        _("You return the **keys** alone, without their values."),
        lambda right, answer: _bag(list(right.keys())) == _bag(sorted(answer) if isinstance(answer, set) else answer),
    ),
    Relation(
        _("You return the **values** alone, without their keys."),
        lambda right, answer: _bag(list(right.values())) == _bag(answer),
    ),
    Relation(
        _("Your keys are **joined texts**. Each key is a tuple."),
        gives(lambda mapping: {"".join(key): item for key, item in mapping.items()}),
    ),
    Relation(
        _("Your keys are joined texts with a space. Each key is a **tuple**."),
        gives(lambda mapping: {" ".join(key): item for key, item in mapping.items()}),
    ),
    Relation(
        _("The symbols of your keys are in **reverse** order."),
        gives(lambda mapping: {key[::-1]: item for key, item in mapping.items()}),
    ),
    Relation(
        _("Your dictionary has keys whose value is **0**; the right one leaves them out."),
        undone_by(lambda mapping: {key: item for key, item in mapping.items() if item}),
    ),
    Relation(
        _("Every value of your dictionary is **1**: a later one replaces an earlier one. Add to what is there."),
        lambda right, answer: right.keys() == answer.keys() and set(answer.values()) == {1},
    ),
    # Texts
    Relation(
        _("Your texts differ from the right ones in **capital letters** alone."),
        but_for(texts(str.lower)),
        in_rows=True,
    ),
    Relation(
        _("Your texts differ from the right ones in their **spaces** alone."),
        but_for(texts(lambda text: "".join(text.split()))),
    ),
    Relation(
        _("Your texts differ from the right ones in their `##` alone."),
        but_for(texts(lambda text: text.replace("#", ""))),
    ),
    Relation(
        _("Your answer is right, and a **text**. Return the value itself, without `str`, `repr` or quotes."),
        undone_by(texts(ast.literal_eval)),
    ),
    Relation(
        _("Your texts are **bytes**. `data.decode('utf-8')` makes a text of them."),
        undone_by(_each(bytes.decode, lambda leaf: isinstance(leaf, bytes))),
    ),
    # More or less than an answer
    Relation(
        _("The right answer is the **first** of several values that you return. Return it alone."),
        lambda right, answer: (
            _is_list(answer)
            and 1 < len(answer) <= len(ORDINALS)
            and equal(right, answer[0])
            and not equal(right, answer[1])
        ),
    ),
    Relation(
        _("There is `None` in your answer: `append`, `extend`, `insert` and `sort` change a list and return nothing."),
        lambda right, answer: None in _leaves(answer) and None not in _leaves(right),
    ),
    # Numbers that are none
    Relation(
        _(
            "There is `nan` in your answer, which is not a number. It comes from 0 / 0, ∞ − ∞ or ∞ / ∞, "
            "and often from an `exp` that became too large: subtract the largest number before `exp`."
        ),
        _has(math.isnan),
    ),
    Relation(
        _(
            "There is `inf` in your answer: a number became too large (`exp(89)` in float32, `exp(710)` in float64), "
            "was divided by 0, or is the logarithm of 0."
        ),
        _has(math.isinf),
    ),
    Relation(_("Your numbers are all **0**."), gives(numbers(lambda x: 0))),
)

# Where in an answer all that is wrong is.
PLACES = (
    Relation(_("Only the **diagonal** of your answer is wrong."), _only_at(lambda size, i, j: i == j, 2)),
    Relation(_("Only what is **above the diagonal** of your answer is wrong."), _only_at(lambda size, i, j: j > i, 2)),
    Relation(_("Only what is **below the diagonal** of your answer is wrong."), _only_at(lambda size, i, j: j < i, 2)),
    Relation(_("Only the **first row** of your answer is wrong."), _only_at(lambda size, i, j: i == 0, 2)),
    Relation(_("Only the **last row** of your answer is wrong."), _only_at(lambda size, i, j: i == size[0] - 1, 2)),
    Relation(_("Only the **first column** of your answer is wrong."), _only_at(lambda size, i, j: j == 0, 2)),
    Relation(_("Only the **last column** of your answer is wrong."), _only_at(lambda size, i, j: j == size[1] - 1, 2)),
    Relation(_("Only the **first** item of your answer is wrong."), _only_at(lambda size, i: i == 0, 1)),
    Relation(_("Only the **last** item of your answer is wrong."), _only_at(lambda size, i: i == size[0] - 1, 1)),
    Relation(_("Only the **first half** of your answer is wrong."), _only_at(lambda size, i: 2 * i < size[0], 1)),
    Relation(_("Only the **second half** of your answer is wrong."), _only_at(lambda size, i: 2 * i >= size[0], 1)),
    Relation(_("Only the items **0, 2, 4, …** of your answer are wrong."), _only_at(lambda size, i: i % 2 == 0, 1)),
    Relation(_("Only the items **1, 3, 5, …** of your answer are wrong."), _only_at(lambda size, i: i % 2 == 1, 1)),
)

# What says less: tried last, so that of two that explain as much the one above is named.
LAST = (
    Relation(
        _("Your numbers are the right ones but for their **sign**, which is wrong for some."), but_for(numbers(abs))
    ),
    Relation(
        _(
            "For each input your numbers are the right ones times **one factor**, which differs from input to input: "
            "a division is missing or too much, by a length, a sum or a root."
        ),
        _alike_in(_factors),
        in_rows=True,
    ),
    Relation(
        _(
            "For each input your numbers are the right ones plus **one number**, which differs from input to input: "
            "something is added or subtracted too much, or not at all."
        ),
        _alike_in(_steps),
        in_rows=True,
    ),
    Relation(
        _("Your numbers are the right ones at **other positions**: a reshape, a transpose or an order mixes them."),
        lambda right, answer: (
            isinstance(right, dict) == isinstance(answer, dict)
            and equal(sorted(_numbers(right)), sorted(_numbers(answer)))
        ),
    ),
    Relation(
        _("Your answer **stops too early**: it is right as far as it goes."),
        lambda right, answer: _is_prefix(answer, right),
        in_rows=True,
    ),
    Relation(
        _("Your answer **goes on too long**: it begins with the right one."),
        lambda right, answer: _is_prefix(right, answer),
        in_rows=True,
    ),
    Relation(
        _("Your answer **begins too late**: it is the end of the right one."),
        lambda right, answer: _is_suffix(answer, right),
        in_rows=True,
    ),
    Relation(
        _("Your answer **begins too early**: it ends with the right one."),
        lambda right, answer: _is_suffix(right, answer),
        in_rows=True,
    ),
    Relation(
        _("Some items are **missing** from your answer; those that are there are right."),
        lambda right, answer: _is_subsequence(answer, right),
        in_rows=True,
    ),
    Relation(
        _("There are items in your answer that **do not belong there**, between the right ones."),
        lambda right, answer: _is_subsequence(right, answer),
        in_rows=True,
    ),
    Relation(
        _("Some keys are **missing** from your dictionary; what is there is right."),
        lambda right, answer: _is_part(answer, right),
    ),
    Relation(
        _("Your dictionary has keys that **do not belong there**; the others are right."),
        lambda right, answer: _is_part(right, answer),
    ),
    Relation(
        _("The keys of your dictionary are right, and their **values** are not."),
        lambda right, answer: len(right) > 1 and right.keys() == answer.keys(),
    ),
    *PLACES,
    NEARLY_RIGHT,
)

# Factors that have a name.
KNOWN_FACTORS = (
    (2.0, _("Your numbers are **twice** the right ones.")),
    (0.5, _("Your numbers are **half** the right ones.")),
    (1 / math.log(2), _("Your numbers are in **bits**. With the natural logarithm, `math.log`, they are in nats.")),
    (math.log(2), _("Your numbers are in **nats**. With the logarithm to base 2, `math.log2`, they are in bits.")),
)


def fitted(right: Any, answer: Any) -> Iterator[Relation]:
    """Relations with a number in them, which is read from one pair."""
    try:
        factors, steps = _factors(right, answer), _steps(right, answer)
    except (TypeError, ValueError, OverflowError):
        return
    if _all_alike(factors, 1):
        factor = factors[0]
        known = (message for value, message in KNOWN_FACTORS if equal(value, factor))
        message = next(known, None) or _(
            "Your numbers are the right ones times **{factor}**, for every input: a factor is missing or too much."
        ).format(factor=f"{factor:.4g}")
        yield Relation(message, gives(numbers(lambda x: factor * x)))
    if _all_alike(steps, 1):
        step = steps[0]
        message = _("Your numbers are the right ones plus **{step}**, for every input.").format(step=f"{step:.4g}")
        yield Relation(message, gives(numbers(lambda x: x + step)))


ORDINALS = (_("the first"), _("the second"), _("the third"), _("the fourth"))


def of_results(names: Sequence[str]) -> Iterator[Relation]:
    """Relations of an answer that is a tuple of several results."""
    if len(names) == 2:
        yield Relation(_("Both results are right, in the **other order**."), gives(lambda both: both[::-1]))
    for i, name in enumerate(names):
        message = _("You return only one of {count} results, {name}. Return all of them, as a tuple.")
        yield Relation(message.format(count=len(names), name=name), gives(lambda results, i=i: results[i]))


def of_one_result(pairs: Sequence[Pair], names: Sequence[str]) -> Iterator[Relation]:
    """Relations of a single result, where the other ones are right."""
    for place, name in enumerate(names):
        parts = [(pair[0][place], pair[1][place]) for pair in pairs if _only_one_differs(place, *pair)]
        if not parts:
            continue
        message = _("Of your results, only {name} is wrong.").format(name=name)
        for relation in (*TABLE, *fitted(*parts[0]), *in_rows(TABLE), *LAST):
            yield Relation(f"{message} {relation.message}", partial(_holds_at, place, relation.holds))
        yield Relation(message, partial(_only_one_differs, place))


def of_one_right_result(names: Sequence[str]) -> Iterator[Relation]:
    """Relations of a single result that is right, where two others or more are not, or not always."""
    for place, name in enumerate(names if len(names) > 2 else ()):
        message = _("Of your results, {name} is right. Look at the others.").format(name=name)
        yield Relation(message, partial(_is_right_at, place))


def _only_one_differs(place: int, right: Any, answer: Any) -> bool:
    if not _is_list(answer) or len(right) != len(answer):
        return False
    return all(equal(right[i], answer[i]) for i in range(len(right)) if i != place)


def _is_right_at(place: int, right: Any, answer: Any) -> bool:
    return _as_many(right, answer) and equal(right[place], answer[place])


def _holds_at(place: int, holds: Holds, right: Any, answer: Any) -> bool:
    return _only_one_differs(place, right, answer) and holds(right[place], answer[place])
