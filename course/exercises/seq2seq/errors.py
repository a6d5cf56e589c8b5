"""Exercise on judging what was written: the fewest edits to the right output."""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def edit_distance(written: list[str], right: list[str]) -> int:
    """The fewest edits that make one list the other: insert, leave out or replace one symbol.

    >>> edit_distance(["K", "AE", "T"], ["K", "AH", "T"])
    1
    >>> edit_distance(["AE", "T", "S"], ["K", "AE", "T", "S"])
    1
    """
    row = list(range(len(right) + 1))
    for i in range(len(written)):
        new = [i + 1]
        for j in range(len(right)):
            replace = row[j] + (written[i] != right[j])
            new.append(min(replace, row[j + 1] + 1, new[j] + 1))
        row = new
    return row[-1]


def _cases() -> list[tuple]:
    generator = random.Random(3)
    words = [
        ("K AE T", "K AH T"),
        ("AE T S", "K AE T S"),
        ("K AE T", "K AE T"),
        ("T R UW", "TH R UW"),
        ("B AH N AE N", "B AH N AE N AH"),
        ("S K AE T", "K AE T"),
        ("K AE T S", "K AE T"),
        ("B R AY T", "R AY"),
        ("S T EY SH AH N", "T EY SH N"),
        ("AH B", "B AH"),
        ("AE K T", "K AE T"),
        ("S T AA P", "S T P AA"),
        ("K IY", "S AO"),
        ("K IH T AH N", "S IH T IH NG"),
    ]
    cases: list[tuple] = [(written.split(), right.split()) for written, right in words]
    cases += [([], ["K"]), (["AE"], []), ([], ["K", "AE", "T"]), ([], [])]
    for _case in range(8):
        cases.append(tuple(generator.choices(["A", "B", "C"], k=generator.randint(3, 7)) for _side in range(2)))
    return cases


def _costs(written, right, replace=1.0, leave_out=1.0, insert=1.0, row=None, column=1.0):
    """The table's last entry with other prices for the edits, another first row, and another step down its side."""
    row = [insert * j for j in range(len(right) + 1)] if row is None else row
    for i, symbol in enumerate(written):
        new = [column * (i + 1)]
        for j, wanted in enumerate(right):
            new.append(min(row[j] + replace * (symbol != wanted), row[j + 1] + leave_out, new[j] + insert))
        row = new
    return int(row[-1])


def _place_by_place(written, right):
    return _pairs_alone(written, right) + abs(len(written) - len(right))


def _pairs_alone(written, right):
    return sum(a != b for a, b in zip(written, right, strict=False))


def _from_the_end(written, right):
    return _place_by_place(written[::-1], right[::-1])


def _without_the_common_ends(written, right):
    while written and right and written[0] == right[0]:
        written, right = written[1:], right[1:]
    while written and right and written[-1] == right[-1]:
        written, right = written[:-1], right[:-1]
    return max(len(written), len(right))


def _lengths_alone(written, right):
    return abs(len(written) - len(right))


def _greater_length(written, right):
    return max(len(written), len(right))


def _equal_or_not(written, right):
    return int(written != right)


def _replacing_costs_two(written, right):
    return _costs(written, right, replace=2)


def _leaving_out_costs_two(written, right):
    return _costs(written, right, leave_out=2)


def _leaving_out_is_missing(written, right):
    return _costs(written, right, leave_out=1000)


def _inserting_costs_two(written, right):
    return _costs(written, right, insert=2, row=range(len(right) + 1))


def _inserting_is_free(written, right):
    return _costs(written, right, insert=0, row=range(len(right) + 1))


def _inserting_is_missing(written, right):
    return _costs(written, right, insert=1000, row=range(len(right) + 1))


def _greatest(written, right):
    row = list(range(len(right) + 1))
    for i, symbol in enumerate(written):
        new = [i + 1]
        for j, wanted in enumerate(right):
            new.append(max(row[j] + (symbol != wanted), row[j + 1] + 1, new[j] + 1))
        row = new
    return row[-1]


def _borders_at_zero(written, right):
    return _costs(written, right, row=[0] * (len(right) + 1), column=0)


def _first_row_at_zero(written, right):
    return _costs(written, right, row=[0] * (len(right) + 1))


def _first_column_at_zero(written, right):
    return _costs(written, right, column=0)


def _first_column_one_late(written, right):
    row = list(range(len(right) + 1))
    for i, symbol in enumerate(written):
        new = [i]
        for j, wanted in enumerate(right):
            new.append(min(row[j] + (symbol != wanted), row[j + 1] + 1, new[j] + 1))
        row = new
    return row[-1]


def _exchange_is_one(written, right):
    before, row = [], list(range(len(right) + 1))
    for i, symbol in enumerate(written):
        new = [i + 1]
        for j, wanted in enumerate(right):
            new.append(min(row[j] + (symbol != wanted), row[j + 1] + 1, new[j] + 1))
            if i and j and (symbol, written[i - 1]) == (right[j - 1], wanted):
                new[-1] = min(new[-1], before[j - 1] + 1)
        before, row = row, new
    return row[-1]


def _common_symbols(written, right):
    return (len(written) + len(right) - _replacing_costs_two(written, right)) // 2


def _longer_less_common(written, right):
    return max(len(written), len(right)) - _common_symbols(written, right)


def _right_less_common(written, right):
    return len(right) - _common_symbols(written, right)


def _similarity(written, right):
    return max(len(written), len(right)) - edit_distance(written, right)


def _rate(written, right):
    return edit_distance(written, right) / max(len(right), 1)


def _which_symbols(written, right):
    return len(set(written) ^ set(right))


def _symbols_missing(written, right):
    return len(set(right) - set(written))


def _how_often_each(written, right):
    left = list(right)
    for symbol in written:
        if symbol in left:
            left.remove(symbol)
    return max(len(left), len(left) + len(written) - len(right))


def _letters(written, right):
    return edit_distance("".join(written), "".join(right))


def _last_forgotten(written, right):
    return edit_distance(written[:-1], right[:-1])


def _first_forgotten(written, right):
    return edit_distance(written[1:], right[1:])


def _nothing_against_nothing(written, right):
    return edit_distance(written, right) if written and right else 0


def _after_one_symbol(written, right):
    return edit_distance(written[:1], right)


EDIT_DISTANCE = Exercise(
    name="seq2seq.edit_distance",
    title=_("Count the edits"),
    solution=edit_distance,
    cases=_cases,
    hints=(
        _(
            "Build it up from the front. Let `row[j]` be the distance from what you have read of `written` to the "
            "first `j` symbols of `right`; before anything is read that is `j`."
        ),
        _(
            "For the next symbol of `written`, a new row: each entry is the least of `row[j] + (0 if equal else 1)`, "
            "`row[j + 1] + 1` and `new[j] + 1`."
        ),
    ),
    mistakes=(
        Mistake(
            _place_by_place,
            _(
                "You compare **position by position**. One symbol too few at the beginning shifts all the others, "
                "and you count each of them: it is one edit."
            ),
        ),
        Mistake(
            _pairs_alone,
            _(
                "You compare **position by position**, as far as the shorter list goes: `zip` stops there. What is "
                "left of the longer one counts too, and a symbol too few at the beginning is one edit."
            ),
        ),
        Mistake(
            _from_the_end,
            _(
                "You compare position by position from the **end**. A symbol too many there is one edit, and you "
                "count more."
            ),
        ),
        Mistake(
            _without_the_common_ends,
            _(
                "You take away what is equal at both ends and count all that is left between. "
                "In there, some symbols may be equal too."
            ),
        ),
        Mistake(
            _lengths_alone,
            _("Yours is the difference of the **lengths**: symbols that differ cost nothing. Each is an edit."),
        ),
        Mistake(
            _greater_length,
            _("Yours is the length of the **longer** list: symbols that are equal cost one, and should cost nothing."),
        ),
        Mistake(_equal_or_not, _("You return 1 for whatever is not equal. Count **how many** edits it takes.")),
        Mistake(
            _replacing_costs_two,
            _("You count a replaced symbol as two edits, one out and one in. Replacing is **one** edit."),
        ),
        Mistake(
            _leaving_out_costs_two,
            _("Leaving out a symbol of `written` costs **two** in your function. It is one edit."),
        ),
        Mistake(
            _leaving_out_is_missing,
            _("Yours never **leaves out** a symbol of `written`: the entry above plus one is missing in the minimum."),
        ),
        Mistake(_inserting_costs_two, _("Inserting a symbol costs **two** in your function. It is one edit.")),
        Mistake(_inserting_is_free, _("Inserting a symbol costs **nothing** in your function. It is one edit.")),
        Mistake(
            _inserting_is_missing,
            _("Yours never **inserts** a symbol: the entry on the left, plus one, is missing from the minimum."),
        ),
        Mistake(_greatest, _("You take the **greatest** of the three. The distance is the fewest edits.")),
        Mistake(
            _borders_at_zero,
            _(
                "The borders of your table are **0**. Against an empty list every symbol is an edit: the first row "
                "and the first column count 0, 1, 2, …"
            ),
        ),
        Mistake(
            _first_row_at_zero,
            _("Your **first row** is 0. To make `right` out of nothing takes an edit for each symbol: 0, 1, 2, …"),
        ),
        Mistake(
            _first_column_at_zero,
            _("Your **first column** is 0. To leave out all of `written` takes an edit for each symbol: 0, 1, 2, …"),
        ),
        Mistake(
            _first_column_one_late,
            _("Your **first column** is one too small: after `i + 1` symbols of `written` it is `i + 1`."),
        ),
        Mistake(
            _exchange_is_one,
            _(
                "You count two neighbours that are **exchanged** as one edit. (Damerau's distance does.) "
                "Here it takes two."
            ),
        ),
        Mistake(
            _common_symbols,
            _("You return how many symbols the two lists have **in common**, in their order. Count the edits."),
        ),
        Mistake(
            _longer_less_common,
            _(
                "You count the symbols of the longer list that are not in the **longest common** part. "
                "To keep all of that part may cost more edits than to give some of it up."
            ),
        ),
        Mistake(
            _right_less_common,
            _("You count the missing symbols of `right`. To leave out those that are **too many** takes edits too."),
        ),
        Mistake(_similarity, _("You return how much is **alike**. The distance is 0 when all is.")),
        Mistake(
            _rate,
            _("You divide by the length of `right`. That is the error rate of one word; the answer is the **number**."),
        ),
        Mistake(
            _which_symbols,
            _("You count which symbols the two lists do not share. Their order and how often they occur matter too."),
        ),
        Mistake(
            _symbols_missing,
            _("You count which symbols of `right` are missing. Their **order**, and symbols too many, matter too."),
        ),
        Mistake(
            _how_often_each,
            _("You compare how often each symbol occurs. Their **order** matters too."),
        ),
        Mistake(
            _letters,
            _("You count edits of **letters**. The lists hold symbols: `AE` for `K` is one edit, not two."),
        ),
        Mistake(_last_forgotten, _("The **last** symbol of each list takes no part. Is a range one too short?")),
        Mistake(_first_forgotten, _("The **first** symbol of each list takes no part. Do your indices begin at 1?")),
        Mistake(
            _nothing_against_nothing,
            _("You return 0 when one list is empty. Every symbol of the other one is then an edit."),
        ),
        Mistake(
            _after_one_symbol,
            _("You stop after the **first** symbol of `written`. Is there a `return` inside the loop?"),
        ),
    ),
    corners=(
        Corner(
            lambda written, right: not written or not right,
            _("Only **empty** lists go wrong. Against nothing, every symbol is an edit."),
        ),
        Corner(
            lambda written, right: len(written) > len(right),
            _("It goes wrong where `written` is the **longer** list: symbols too many are left out, one edit each."),
        ),
        Corner(
            lambda written, right: len(written) < len(right),
            _("It goes wrong where `right` is the **longer** list: missing symbols are inserted, one edit each."),
        ),
        Corner(
            lambda written, right: len(written) != len(right),
            _("Only lists of **different** lengths go wrong."),
        ),
    ),
    explanation=_(
        "Each entry needs its three neighbours only, so one row is kept at a time. Added up over all words and divided "
        "by the number of right symbols, the distance is the phoneme error rate."
    ),
)
