"""Exercises on batches: fill up short rows, and shift a target by one for teacher forcing."""

import random

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def pad_batch(rows: list[list[int]], pad_id: int) -> tuple[list[list[int]], list[list[bool]]]:
    """The rows as a table, the short ones filled up with `pad_id` at their end, and its mask.

    The mask has the shape of the table: True where a token of the row stands, False on padding.

    >>> pad_batch([[5, 6, 7], [8]], 0)
    ([[5, 6, 7], [8, 0, 0]], [[True, True, True], [True, False, False]])
    """
    longest = max(len(row) for row in rows)
    table = [row + [pad_id] * (longest - len(row)) for row in rows]
    mask = [[place < len(row) for place in range(longest)] for row in rows]
    return table, mask


def _pad_batch_cases() -> list[tuple]:
    generator = random.Random(3)
    cases = [
        ([[5, 6, 7], [8]], 0),
        ([[4], [5, 6]], 0),
        ([[5, 6], [7], [8, 9, 5, 6]], 9),
        ([[3, 4, 5], [6, 7], [8]], -1),
        ([[3, 3], [3]], 3),
        ([[1, 2, 3]], 0),
    ]
    for count in (2, 3, 4):
        cases.append(
            ([[generator.randint(1, 9) for _place in range(generator.randint(1, 5))] for _ in range(count)], 0)
        )
    return cases


def _padded_in_front(rows, pad_id):
    table, mask = pad_batch([row[::-1] for row in rows], pad_id)
    return [row[::-1] for row in table], [row[::-1] for row in mask]


def _mask_of_the_padding(rows, pad_id):
    table, mask = pad_batch(rows, pad_id)
    return table, [[not is_token for is_token in row] for row in mask]


def _cut_to_the_shortest(rows, pad_id):
    return pad_batch([row[: min(map(len, rows))] for row in rows], pad_id)


PAD_BATCH = Exercise(
    name="seq2seq.pad_batch",
    title=_("Fill up a batch"),
    solution=pad_batch,
    cases=_pad_batch_cases,
    hints=(
        _("How long is the longest row? Every other row needs as many padding ids as it is shorter."),
        _("`row + [pad_id] * (longest - len(row))` is a filled row; its mask is `place < len(row)` for each place."),
    ),
    mistakes=(
        Mistake(
            _padded_in_front,
            _(
                "Your padding stands **in front** of the tokens. The encoder reads from left to right and its state "
                "after the last token is what counts: put the padding at the end."
            ),
        ),
        Mistake(
            _mask_of_the_padding,
            _("Your mask is True on the **padding**. It says where the tokens are: turn it round."),
        ),
        Mistake(
            _cut_to_the_shortest,
            _("You cut the rows to the shortest of them, and tokens are lost. Fill them up to the longest."),
        ),
    ),
    explanation=_(
        "The mask comes from the lengths, not from comparing with `pad_id`: should a real token have the same number, "
        "it would be taken for padding. The course keeps id 0 for nothing but padding, so that there both agree."
    ),
)


def shift_target(target: list[str]) -> tuple[list[str], list[str]]:
    """What the decoder reads, and what it should write at each place, under teacher forcing.

    It reads `<s>` and then the right symbols; after each it should write the next one, and after
    the last `</s>`. Both lists have the same length.

    >>> shift_target(["TH", "R", "UW"])
    (['<s>', 'TH', 'R', 'UW'], ['TH', 'R', 'UW', '</s>'])
    """
    return ["<s>", *target], [*target, "</s>"]


def _shift_target_cases() -> list[tuple]:
    words = ["TH R UW", "K AE T", "AY", "B AH N AE N AH", "S T EY SH AH N", "IH T S"]
    return [(word.split(),) for word in words]


def _not_shifted(target):
    return ["<s>", *target, "</s>"], ["<s>", *target, "</s>"]


def _looks_at_the_answer(target):
    return [*target, "</s>"], [*target, "</s>"]


def _without_the_end(target):
    return ["<s>", *target[:-1]], list(target)


def _end_is_read(target):
    return ["<s>", *target, "</s>"], [*target, "</s>"]


SHIFT_TARGET = Exercise(
    name="seq2seq.shift_target",
    title=_("Shift a target for teacher forcing"),
    solution=shift_target,
    cases=_shift_target_cases,
    hints=(
        _("Write the two lists one below the other. At each place, the lower symbol comes after the upper one."),
        _("Only what is read has the mark of the beginning, only what is written has that of the end."),
    ),
    mistakes=(
        Mistake(
            _not_shifted,
            _("Both lists are the same, so the decoder is asked to **copy** what it reads. Shift one of them by one."),
        ),
        Mistake(
            _looks_at_the_answer,
            _(
                "The decoder reads the very symbol that it should write: it would learn to copy it, and know nothing "
                "when it has to write alone. It reads the symbol **before**, at first `<s>`."
            ),
        ),
        Mistake(
            _without_the_end,
            _("Nothing tells the decoder to **stop**: after the last symbol it should write `</s>`."),
        ),
        Mistake(
            _end_is_read,
            _("What is read is one symbol longer than what is written. After `</s>` nothing is read any more."),
        ),
    ),
    explanation=_(
        "One pass over the whole target then trains every place at once, which is what makes teacher forcing fast: "
        "no place has to wait for what the model would write at the one before."
    ),
)
