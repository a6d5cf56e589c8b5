"""Exercises on batches: fill up short rows, and shift a target by one for teacher forcing."""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def pad_batch(rows: list[list[int]], pad_id: int) -> tuple[list[list[int]], list[list[bool]]]:
    """The rows as a table, the short ones filled up with `pad_id` at their end, and its mask.

    The mask has the shape of the table: True for a token of the row, False on padding.

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
        ([[7, 0, 8], [0]], 0),
        ([[6, 5], [], [7]], 4),
    ]
    for count in (2, 3, 4):
        rows = [[generator.randint(1, 9) for _place in range(generator.randint(1, 5))] for _row in range(count)]
        cases.append((rows, 0))
    return cases


def _as_long_as(rows, pad_id, length):
    """The table and the mask, if `length` is taken for the length of the longest row."""
    table = [row + [pad_id] * (length - len(row)) for row in rows]
    return table, [[place < len(row) for place in range(length)] for row in rows]


def _with_mask(rows, pad_id, masked):
    """The right table with another mask: `masked` gives a row of it from the row and the filled row."""
    table = pad_batch(rows, pad_id)[0]
    return table, [masked(row, filled) for row, filled in zip(rows, table, strict=True)]


def _padded_in_front(rows, pad_id):
    table, mask = pad_batch([row[::-1] for row in rows], pad_id)
    return [row[::-1] for row in table], [row[::-1] for row in mask]


def _padded_in_front_of_the_mask(rows, pad_id):
    return _padded_in_front(rows, pad_id)[0], pad_batch(rows, pad_id)[1]


def _mask_of_the_padding(rows, pad_id):
    table, mask = pad_batch(rows, pad_id)
    return table, [[not is_token for is_token in row] for row in mask]


def _mask_from_the_pad_id(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [token != pad_id for token in filled])


def _mask_from_zero(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [token != 0 for token in filled])


def _mask_all_true(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [True] * len(filled))


def _mask_of_rows_alone(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [True] * len(row))


def _mask_too_long(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [place <= len(row) for place in range(len(filled))])


def _mask_too_short(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [place < len(row) - 1 for place in range(len(filled))])


def _mask_of_whole_rows(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: len(row) == len(filled))


def _lengths_as_mask(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: len(row))


def _cut_to_the_shortest(rows, pad_id):
    return pad_batch([row[: min(map(len, rows))] for row in rows], pad_id)


def _length_of_the_first(rows, pad_id):
    return _as_long_as(rows, pad_id, len(rows[0]))


def _length_of_the_last(rows, pad_id):
    return _as_long_as(rows, pad_id, len(rows[-1]))


def _length_of_the_largest(rows, pad_id):
    return _as_long_as(rows, pad_id, len(max(rows)))


def _number_of_rows(rows, pad_id):
    return _as_long_as(rows, pad_id, len(rows))


def _one_padding_id(rows, pad_id):
    longest = max(len(row) for row in rows)
    return [row + [pad_id] * (len(row) < longest) for row in rows], pad_batch(rows, pad_id)[1]


def _as_many_as_the_longest(rows, pad_id):
    longest = max(len(row) for row in rows)
    table = [row + [pad_id] * longest for row in rows]
    return table, [[place < len(row) for place in range(len(row) + longest)] for row in rows]


def _not_filled(rows, pad_id):
    return list(rows), [[True] * len(row) for row in rows]


PAD_BATCH = Exercise(
    name="seq2seq.pad_batch",
    title=_("Fill up a batch"),
    solution=pad_batch,
    cases=_pad_batch_cases,
    results=("table", "mask"),
    hints=(
        _("How long is the longest row? Every other row needs as many padding ids as it is shorter."),
        _(
            "`row + [pad_id] * (longest - len(row))` is a filled row; its mask is `position < len(row)` for each "
            "position."
        ),
    ),
    mistakes=(
        Mistake(
            _padded_in_front,
            _(
                "Your padding is **in front** of the tokens. The encoder reads from left to right and its state "
                "after the last token is what counts: put the padding at the end."
            ),
        ),
        Mistake(
            _padded_in_front_of_the_mask,
            _("In your table the padding is **in front**, and your mask says that it is at the end."),
        ),
        Mistake(
            _mask_of_the_padding,
            _("Your mask is True on the **padding**. It says where the tokens are: turn it round."),
        ),
        Mistake(
            _mask_from_the_pad_id,
            _(
                "You find the padding by comparing with `pad_id`, and here a **token** of a row has the same number. "
                "(The course may do so, since it keeps id 0 for nothing but padding.) "
                "Only the lengths of the rows tell tokens from padding."
            ),
        ),
        Mistake(
            _mask_from_zero,
            _("You take whatever is not **0** for a token. `pad_id` may be another number, and 0 may be a token."),
        ),
        Mistake(_mask_all_true, _("Your mask is True **everywhere**. On padding it is False.")),
        Mistake(
            _mask_of_rows_alone,
            _("Your mask has rows of **different lengths**. It has the shape of the table, with False on padding."),
        ),
        Mistake(
            _mask_too_long,
            _(
                "Your mask is True at **one position too many** of short rows: positions count from 0: `position < "
                "len(row)`."
            ),
        ),
        Mistake(_mask_too_short, _("Your mask says that the **last token** of each row is padding.")),
        Mistake(
            _mask_of_whole_rows,
            _("Your mask has one value for each **row**. It needs one for each token, in the shape of the table."),
        ),
        Mistake(
            _lengths_as_mask,
            _("You return the **lengths** of the rows as mask. The mask says the same position by position."),
        ),
        Mistake(
            _cut_to_the_shortest,
            _("You cut the rows to the shortest of them, and tokens are lost. Fill them up to the longest."),
        ),
        Mistake(
            _length_of_the_first,
            _("You fill up to the length of the **first** row. The longest may be any of them."),
        ),
        Mistake(
            _length_of_the_last,
            _("You fill up to the length of the **last** row. The longest may be any of them."),
        ),
        Mistake(
            _length_of_the_largest,
            _(
                "`max(rows)` is not the longest row: lists are compared **token by token**. "
                "Take the largest of the lengths, or `max(rows, key=len)`."
            ),
        ),
        Mistake(
            _number_of_rows,
            _("You fill up to the **number of rows**. It is the length of the longest row that counts."),
        ),
        Mistake(
            _one_padding_id,
            _("You add **one** padding id to a short row. It may need several, until it is as long as the longest."),
        ),
        Mistake(
            _as_many_as_the_longest,
            _(
                "You add as many padding ids as the longest row has tokens. "
                "A row needs only what it is **short of**: the longest length less its own."
            ),
        ),
        Mistake(_not_filled, _("Your rows are **not filled up**: the short ones have come back as they were.")),
    ),
    corners=(
        Corner(
            lambda rows, pad_id: any(pad_id in row for row in rows),
            _("Only rows go wrong in which a **token** has the number `pad_id`. Does it get lost, or become padding?"),
        ),
        Corner(
            lambda rows, pad_id: any(not row for row in rows),
            _("Only a batch with an **empty** row goes wrong. All of such a row is padding."),
        ),
        Corner(
            lambda rows, pad_id: len(rows) > 2,
            _("Only batches of more than **two** rows go wrong. Every short row is filled up, not one of them."),
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
    words = ["TH R UW", "K AE T", "AY", "B AH N AE N AH", "S T EY SH AH N", "IH T S", "M AA M AA", "N UH N"]
    return [*((word.split(),) for word in words), ([],)]


def _not_shifted(target):
    return ["<s>", *target, "</s>"], ["<s>", *target, "</s>"]


def _nothing_added(target):
    return list(target), list(target)


def _start_of_both(target):
    return ["<s>", *target], ["<s>", *target]


def _looks_at_the_answer(target):
    return [*target, "</s>"], [*target, "</s>"]


def _without_marks(target):
    return target[:-1], target[1:]


def _without_the_end(target):
    return ["<s>", *target[:-1]], list(target)


def _starts_with_the_first(target):
    return list(target), [*target[1:], "</s>"]


def _end_is_read(target):
    return ["<s>", *target, "</s>"], [*target, "</s>"]


def _end_in_place_of_the_last(target):
    return ["<s>", *target], [*target[:-1], "</s>"]


def _start_in_place_of_the_first(target):
    return ["<s>", *target[1:]], [*target, "</s>"]


def _marks_exchanged(target):
    return ["</s>", *target], [*target, "<s>"]


def _start_for_both(target):
    return ["<s>", *target], [*target, "<s>"]


def _end_for_both(target):
    return ["</s>", *target], [*target, "</s>"]


def _other_marks(target):
    return ["<bos>", *target], [*target, "<eos>"]


def _marks_in_letters(target):
    return [*"<s>", *target], [*target, *"</s>"]


def _symbols_in_letters(target):
    return ["<s>", *"".join(target)], [*"".join(target), "</s>"]


def _target_in_the_list(target):
    return ["<s>", list(target)], [list(target), "</s>"]


def _one_list(target):
    return ["<s>", *target, "</s>"]


SHIFT_TARGET = Exercise(
    name="seq2seq.shift_target",
    title=_("Shift a target for teacher forcing"),
    solution=shift_target,
    cases=_shift_target_cases,
    results=("read", "write"),
    hints=(
        _("Write the two lists one below the other. At each position, the lower symbol comes after the upper one."),
        _("Only what is read has the start symbol, only what is predicted has the end symbol."),
    ),
    mistakes=(
        Mistake(
            _not_shifted,
            _("Both lists are the same, so the decoder is asked to **copy** what it reads. Shift one of them by one."),
        ),
        Mistake(
            _nothing_added,
            _("Both lists are the target as it came: nothing is shifted, and neither `<s>` nor `</s>` is there."),
        ),
        Mistake(
            _start_of_both,
            _("Both of your lists begin with `<s>`. Only what is **read** does; what is predicted ends with `</s>`."),
        ),
        Mistake(
            _looks_at_the_answer,
            _(
                "The decoder reads the very symbol that it should predict: it would learn to copy it, and know nothing "
                "when it has to decode alone. It reads the symbol **before**, at first `<s>`."
            ),
        ),
        Mistake(
            _without_marks,
            _(
                "You shift by one, **without the special symbols**. Then nothing asks for the first symbol, and "
                "nothing says when to stop: what is read begins with `<s>`, what is predicted ends with `</s>`."
            ),
        ),
        Mistake(
            _without_the_end,
            _("Nothing tells the decoder to **stop**: after the last symbol it should predict `</s>`."),
        ),
        Mistake(
            _starts_with_the_first,
            _("Your decoder is never asked for the **first** symbol: it reads it. It should read `<s>` before."),
        ),
        Mistake(
            _end_is_read,
            _("What is read is one symbol longer than what is predicted. After `</s>` nothing is read any more."),
        ),
        Mistake(
            _end_in_place_of_the_last,
            _("Your `</s>` replaces the last symbol. It comes **after** it."),
        ),
        Mistake(
            _start_in_place_of_the_first,
            _("Your `<s>` replaces the first symbol. It comes **before** it."),
        ),
        Mistake(
            _marks_exchanged,
            _("Your two special symbols are exchanged. `<s>` is the beginning; `</s>`, with the slash, is the end."),
        ),
        Mistake(_start_for_both, _("You use `<s>` for the end as well. The decoder could not tell it from a start.")),
        Mistake(
            _end_for_both,
            _("You use `</s>` for the beginning as well. (Some models do so; here it is `<s>`.)"),
        ),
        Mistake(_other_marks, _("You use **other special symbols**. Here they are written `<s>` and `</s>`.")),
        Mistake(
            _marks_in_letters,
            _(
                "Your special symbols have come apart into letters. `<s>` is **one** symbol: put it into a list, "
                '`["<s>"]`.'
            ),
        ),
        Mistake(
            _symbols_in_letters,
            _("Your symbols have come apart into letters. `TH` is **one** symbol: keep the items of the list whole."),
        ),
        Mistake(
            _target_in_the_list,
            _("Your lists hold the target as **one item**, a list in a list. Its symbols go in one by one: `*target`."),
        ),
        Mistake(
            _one_list,
            _("You return one list. The answer is **two**: what is read, and the same shifted by one."),
        ),
    ),
    corners=(
        Corner(
            lambda target: not target,
            _("Only the **empty** target goes wrong. It is read as `<s>`, and `</s>` is predicted."),
        ),
        Corner(
            lambda target: len(set(target)) < len(target),
            _(
                "Only targets with a symbol that occurs **twice** go wrong. "
                "Go by positions: `index` finds the first of the two."
            ),
        ),
    ),
    explanation=_(
        "One pass over the whole target then trains every position at once, which is what makes teacher forcing fast: "
        "no position has to wait for what the model would predict at the one before."
    ),
)
