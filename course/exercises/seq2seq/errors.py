"""Exercise on judging what was written: the fewest edits to the right output."""

import random

from course.exercises.exercise import Exercise, Mistake
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
        ("AH B", "B AH"),
        ("K IH T AH N", "S IH T IH NG"),
    ]
    cases: list[tuple] = [(written.split(), right.split()) for written, right in words] + [([], ["K"]), (["AE"], [])]
    for _case in range(4):
        cases.append(tuple(generator.choices(["A", "B", "C"], k=generator.randint(4, 7)) for _side in range(2)))
    return cases


def _place_by_place(written, right):
    pairs = sum(a != b for a, b in zip(written, right, strict=False))
    return pairs + abs(len(written) - len(right))


def _replacing_costs_two(written, right):
    row = list(range(len(right) + 1))
    for i, symbol in enumerate(written):
        new = [i + 1]
        for j, wanted in enumerate(right):
            new.append(row[j] if symbol == wanted else min(row[j + 1], new[j]) + 1)
        row = new
    return row[-1]


def _which_symbols(written, right):
    return len(set(written) ^ set(right))


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
                "You compare **place by place**. One symbol too few at the beginning shifts all the others, and you "
                "count each of them: it is one edit."
            ),
        ),
        Mistake(
            _replacing_costs_two,
            _("You count a replaced symbol as two edits, one out and one in. Replacing is **one** edit."),
        ),
        Mistake(
            _which_symbols,
            _("You count which symbols the two lists do not share. Their order and how often they occur matter too."),
        ),
    ),
    explanation=_(
        "Each entry needs its three neighbours only, so one row is kept at a time. Added up over all words and divided "
        "by the number of right symbols, the distance is the phoneme error rate."
    ),
)
