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


def _padded_on_both_sides(rows, pad_id):
    longest = max(len(row) for row in rows)
    table = [[pad_id] * (longest - len(row)) + row + [pad_id] * (longest - len(row)) for row in rows]
    return table, pad_batch(rows, pad_id)[1]


def _mask_of_the_padding(rows, pad_id):
    table, mask = pad_batch(rows, pad_id)
    return table, [[not is_token for is_token in row] for row in mask]


def _mask_from_the_pad_id(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [token != pad_id for token in filled])


def _mask_from_zero(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [token != 0 for token in filled])


def _mask_from_above_zero(rows, pad_id):
    return _with_mask(rows, pad_id, lambda row, filled: [token > 0 for token in filled])


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


def _one_too_long(rows, pad_id):
    return _as_long_as(rows, pad_id, max(len(row) for row in rows) + 1)


def _number_of_rows(rows, pad_id):
    return _as_long_as(rows, pad_id, len(rows))


def _one_padding_id(rows, pad_id):
    longest = max(len(row) for row in rows)
    return [row + [pad_id] * (len(row) < longest) for row in rows], pad_batch(rows, pad_id)[1]


def _as_many_as_the_longest(rows, pad_id):
    return [row + [pad_id] * max(map(len, rows)) for row in rows], pad_batch(rows, pad_id)[1]


def _not_filled(rows, pad_id):
    return list(rows), pad_batch(rows, pad_id)[1]


def _padding_alone(rows, pad_id):
    longest = max(len(row) for row in rows)
    return [[pad_id] * (longest - len(row)) for row in rows], pad_batch(rows, pad_id)[1]


def _filled_with_zero(rows, pad_id):
    return pad_batch(rows, 0)


def _last_token_repeated(rows, pad_id):
    longest = max(len(row) for row in rows)
    return [row + (row[-1:] or [pad_id]) * (longest - len(row)) for row in rows], pad_batch(rows, pad_id)[1]


def _longest_first(rows, pad_id):
    return pad_batch(sorted(rows, key=len, reverse=True), pad_id)


def _tokens_sorted(rows, pad_id):
    return pad_batch([sorted(row) for row in rows], pad_id)


def _columns(rows, pad_id):
    return tuple([list(column) for column in zip(*part, strict=True)] for part in pad_batch(rows, pad_id))


def _mask_in_columns(rows, pad_id):
    table, mask = pad_batch(rows, pad_id)
    return table, [list(column) for column in zip(*mask, strict=True)]


def _in_one_row(rows, pad_id):
    return tuple([item for row in part for item in row] for part in pad_batch(rows, pad_id))


def _row_with_its_mask(rows, pad_id):
    return list(zip(*pad_batch(rows, pad_id), strict=True))


def _mask_first(rows, pad_id):
    return pad_batch(rows, pad_id)[::-1]


def _table_alone(rows, pad_id):
    return pad_batch(rows, pad_id)[0]


def _mask_alone(rows, pad_id):
    return pad_batch(rows, pad_id)[1]


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
            _padded_in_front_of_the_mask,
            _("In your table the padding stands **in front**, and your mask says that it is at the end."),
        ),
        Mistake(
            _padded_on_both_sides,
            _("You pad on **both** sides, so that a short row becomes too long. All padding goes to the end."),
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
        Mistake(
            _mask_from_above_zero,
            _("You take whatever is **above 0** for a token. Neither `pad_id` nor the tokens need be so."),
        ),
        Mistake(_mask_all_true, _("Your mask is True **everywhere**. On padding it is False.")),
        Mistake(
            _mask_of_rows_alone,
            _("Your mask has rows of **different lengths**. It has the shape of the table, with False on padding."),
        ),
        Mistake(
            _mask_too_long,
            _("Your mask is True at **one place too many** in short rows: places count from 0, so `place < len(row)`."),
        ),
        Mistake(_mask_too_short, _("Your mask says that the **last token** of each row is padding.")),
        Mistake(
            _mask_of_whole_rows,
            _("Your mask has one value for each **row**. It needs one for each token, in the shape of the table."),
        ),
        Mistake(
            _lengths_as_mask,
            _("You return the **lengths** of the rows as mask. The mask says the same place by place."),
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
            _one_too_long,
            _("Your rows are one **too long**: the longest row needs no padding."),
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
        Mistake(_padding_alone, _("Your table holds the padding **without the tokens** of the rows.")),
        Mistake(
            _filled_with_zero,
            _("You fill up with **0**. `pad_id` says what to fill up with."),
        ),
        Mistake(
            _last_token_repeated,
            _("You fill up by repeating the **last token**. `pad_id` says what to fill up with."),
        ),
        Mistake(
            _longest_first,
            _("You return the longest row **first**. The rows must stay in their order, beside their targets."),
        ),
        Mistake(
            _tokens_sorted,
            _("The tokens of your rows have come out **sorted**. The order of the tokens is the text."),
        ),
        Mistake(
            _columns,
            _("Each of your rows holds one token of **every** row: rows and columns are exchanged."),
        ),
        Mistake(_mask_in_columns, _("Your table is right. In your mask, rows and columns are **exchanged**.")),
        Mistake(
            _in_one_row,
            _("You put all rows into **one** list. A batch is a table: a list of rows."),
        ),
        Mistake(
            _row_with_its_mask,
            _("You return each row beside its mask. Return **two** tables: all rows, and all masks."),
        ),
        Mistake(_mask_first, _("Table and mask are the wrong way round: return the **table** first.")),
        Mistake(_table_alone, _("You return the table alone. Return **two** values, the table and its mask.")),
        Mistake(_mask_alone, _("You return the mask alone. Return **two** values, the table and its mask.")),
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


def _end_forgotten(target):
    return ["<s>", *target], list(target)


def _start_forgotten(target):
    return list(target), [*target, "</s>"]


def _starts_with_the_first(target):
    return list(target), [*target[1:], "</s>"]


def _end_is_read(target):
    return ["<s>", *target, "</s>"], [*target, "</s>"]


def _start_is_written(target):
    return ["<s>", *target], ["<s>", *target, "</s>"]


def _last_symbol_lost(target):
    return ["<s>", *target[:-1]], [*target[:-1], "</s>"]


def _end_in_place_of_the_last(target):
    return ["<s>", *target], [*target[:-1], "</s>"]


def _start_in_place_of_the_first(target):
    return ["<s>", *target[1:]], [*target, "</s>"]


def _the_other_way(target):
    return [*target, "</s>"], ["<s>", *target]


def _marks_exchanged(target):
    return ["</s>", *target], [*target, "<s>"]


def _start_for_both(target):
    return ["<s>", *target], [*target, "<s>"]


def _end_for_both(target):
    return ["</s>", *target], [*target, "</s>"]


def _other_marks(target):
    return ["<bos>", *target], [*target, "<eos>"]


def _two_marks(target):
    return ["<s>", "<s>", *target], [*target, "</s>", "</s>"]


def _marks_in_letters(target):
    return [*"<s>", *target], [*target, *"</s>"]


def _symbols_in_letters(target):
    return ["<s>", *"".join(target)], [*"".join(target), "</s>"]


def _target_in_the_list(target):
    return ["<s>", list(target)], [list(target), "</s>"]


def _one_string_each(target):
    return " ".join(["<s>", *target]), " ".join([*target, "</s>"])


def _from_the_end(target):
    return ["<s>", *target[::-1]], [*target[::-1], "</s>"]


def _read_from_the_end(target):
    return ["<s>", *target[::-1]], [*target, "</s>"]


def _written_from_the_end(target):
    return ["<s>", *target], [*target[::-1], "</s>"]


def _each_symbol_once(target):
    return shift_target(list(dict.fromkeys(target)))


def _pairs(target):
    return list(zip(*shift_target(target), strict=True))


def _one_list(target):
    return ["<s>", *target, "</s>"]


def _read_alone(target):
    return ["<s>", *target]


def _written_alone(target):
    return [*target, "</s>"]


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
            _nothing_added,
            _("Both lists are the target as it came: nothing is shifted, and neither `<s>` nor `</s>` is there."),
        ),
        Mistake(
            _start_of_both,
            _("Both of your lists begin with `<s>`. Only what is **read** does; what is written ends with `</s>`."),
        ),
        Mistake(
            _looks_at_the_answer,
            _(
                "The decoder reads the very symbol that it should write: it would learn to copy it, and know nothing "
                "when it has to write alone. It reads the symbol **before**, at first `<s>`."
            ),
        ),
        Mistake(
            _without_marks,
            _(
                "You shift by one, **without the marks**. Then nothing asks for the first symbol, and nothing says "
                "when to stop: what is read begins with `<s>`, what is written ends with `</s>`."
            ),
        ),
        Mistake(
            _without_the_end,
            _("Nothing tells the decoder to **stop**: after the last symbol it should write `</s>`."),
        ),
        Mistake(
            _end_forgotten,
            _("What is written is one symbol shorter than what is read: at the last place it is `</s>`."),
        ),
        Mistake(
            _start_forgotten,
            _("What is read is one symbol shorter than what is written: before the first symbol it is `<s>`."),
        ),
        Mistake(
            _starts_with_the_first,
            _(
                "Your decoder is never asked for the **first** symbol: it reads it. It should read `<s>` before."
            ),
        ),
        Mistake(
            _end_is_read,
            _("What is read is one symbol longer than what is written. After `</s>` nothing is read any more."),
        ),
        Mistake(
            _start_is_written,
            _("What is written begins with `<s>`. The decoder reads that mark and never writes it."),
        ),
        Mistake(
            _last_symbol_lost,
            _("The **last symbol** of the target is in neither list. Nothing has to make room for the marks."),
        ),
        Mistake(
            _end_in_place_of_the_last,
            _("Your `</s>` stands in the place of the last symbol. It comes **after** it."),
        ),
        Mistake(
            _start_in_place_of_the_first,
            _("Your `<s>` stands in the place of the first symbol. It comes **before** it."),
        ),
        Mistake(
            _the_other_way,
            _(
                "Your two lists are the wrong way round: **first** what is read, which begins with `<s>`, "
                "then what is written."
            ),
        ),
        Mistake(
            _marks_exchanged,
            _("Your two marks are exchanged. `<s>` stands at the beginning, `</s>`, with the stroke, at the end."),
        ),
        Mistake(_start_for_both, _("You use `<s>` for the end as well. The decoder could not tell it from a start.")),
        Mistake(
            _end_for_both,
            _("You use `</s>` for the beginning as well. (Some models do so; here it is `<s>`.)"),
        ),
        Mistake(_other_marks, _("You use **other marks**. Here they are written `<s>` and `</s>`.")),
        Mistake(_two_marks, _("You add each mark **twice**. The lists are shifted by one place.")),
        Mistake(
            _marks_in_letters,
            _('Your marks have come apart into letters. `<s>` is **one** symbol: put it into a list, `["<s>"]`.'),
        ),
        Mistake(
            _symbols_in_letters,
            _("Your symbols have come apart into letters. `TH` is **one** symbol: keep the items of the list whole."),
        ),
        Mistake(
            _target_in_the_list,
            _("Your lists hold the target as **one item**, a list in a list. Its symbols go in one by one: `*target`."),
        ),
        Mistake(_one_string_each, _("You return two strings. The answer is two **lists** of symbols.")),
        Mistake(
            _from_the_end,
            _("You go through the target from its **end**. It is the source that some models read backwards."),
        ),
        Mistake(
            _read_from_the_end,
            _("What is read comes from the **end** of the target. It is the same order in both lists."),
        ),
        Mistake(
            _written_from_the_end,
            _("What is written comes from the **end** of the target. It is the same order in both lists."),
        ),
        Mistake(
            _each_symbol_once,
            _("A symbol that occurs twice in the target is only **once** in your lists. Keep all of them."),
        ),
        Mistake(
            _pairs,
            _(
                "You return a pair for each place. The answer is **two** lists: what is read, what is to be written."
            ),
        ),
        Mistake(
            _one_list,
            _("You return one list. The answer is **two**: what is read, and the same shifted by one."),
        ),
        Mistake(_read_alone, _("You return only what is read. Return what should be **written** too.")),
        Mistake(_written_alone, _("You return only what should be written. Return what is **read** too, first.")),
    ),
    explanation=_(
        "One pass over the whole target then trains every place at once, which is what makes teacher forcing fast: "
        "no place has to wait for what the model would write at the one before."
    ),
)
