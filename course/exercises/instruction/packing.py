"""Exercise on packing: who sees whom in a row of several conversations, and where each begins."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def block_mask(lengths: list[int]) -> tuple[list[list[bool]], list[int]]:
    """The attention mask and the positions of conversations that share a row, one after another.

    `lengths` are their numbers of tokens. In the mask there is a row for each token, and in it
    True for each token that it may look at: itself and those before it, of the same
    conversation. Positions count from 0 in each conversation.

    >>> mask, positions = block_mask([2, 1])
    >>> mask
    [[True, False, False], [True, True, False], [False, False, True]]
    >>> positions
    [0, 1, 0]
    """
    owner = [number for number, length in enumerate(lengths) for _token in range(length)]
    places = range(len(owner))
    mask = [[key <= query and owner[key] == owner[query] for key in places] for query in places]
    return mask, [position for length in lengths for position in range(length)]


def _block_mask_cases() -> list[tuple]:
    return [
        ([2, 1],),
        ([2, 3],),
        ([3, 2],),
        ([1, 2, 3],),
        ([2, 2, 2],),
        ([4, 1, 2],),
        ([1, 4],),
        ([3, 3],),
        ([2, 1, 1, 3],),
        ([3],),
        ([5],),
        ([1, 1, 1],),
        ([1],),
        ([4, 3],),
    ]


def _owner(lengths):
    return [number for number, length in enumerate(lengths) for _token in range(length)]


def _mask(lengths, sees):
    """The mask by `sees(query, key, alike)`, where `alike` is whether both are of one conversation."""
    owner = _owner(lengths)
    places = range(len(owner))
    return [[sees(query, key, owner[query] == owner[key]) for key in places] for query in places]


def _positions(lengths):
    return block_mask(lengths)[1]


def _causal_alone(lengths):
    return _mask(lengths, lambda query, key, alike: key <= query), _positions(lengths)


def _blocks_alone(lengths):
    return _mask(lengths, lambda query, key, alike: alike), _positions(lengths)


def _future(lengths):
    return _mask(lengths, lambda query, key, alike: alike and key >= query), _positions(lengths)


def _not_itself(lengths):
    return _mask(lengths, lambda query, key, alike: alike and key < query), _positions(lengths)


def _only_itself(lengths):
    return _mask(lengths, lambda query, key, alike: key == query), _positions(lengths)


def _hidden_is_true(lengths):
    return _mask(lengths, lambda query, key, alike: not (alike and key <= query)), _positions(lengths)


def _others_alone(lengths):
    return _mask(lengths, lambda query, key, alike: not alike and key <= query), _positions(lengths)


def _positions_go_on(lengths):
    return block_mask(lengths)[0], list(range(sum(lengths)))


def _causal_and_positions_go_on(lengths):
    return _mask(lengths, lambda query, key, alike: key <= query), list(range(sum(lengths)))


def _positions_from_1(lengths):
    return block_mask(lengths)[0], [position + 1 for position in _positions(lengths)]


def _numbers_of_conversations(lengths):
    return block_mask(lengths)[0], _owner(lengths)


def _positions_backwards(lengths):
    return block_mask(lengths)[0], [position for length in lengths for position in reversed(range(length))]


def _positions_one_by_one(lengths):
    return block_mask(lengths)[0], [list(range(length)) for length in lengths]


def _own_masks(lengths):
    return [block_mask([length])[0] for length in lengths], _positions(lengths)


def _one_row_each(lengths):
    owner = _owner(lengths)
    return [[number == one for one in owner] for number in range(len(lengths))], _positions(lengths)


def _first_is_seen_by_all(lengths):
    owner = _owner(lengths)
    mask = _mask(lengths, lambda query, key, alike: key <= query and (alike or owner[key] == 0))
    return mask, _positions(lengths)


def _neighbors_seen(lengths):
    owner = _owner(lengths)
    mask = _mask(lengths, lambda query, key, alike: key <= query and owner[query] - owner[key] <= 1)
    return mask, _positions(lengths)


def _cut_at_the_wrong_place(lengths):
    return _mask(lengths, lambda query, key, alike: alike and key < max(query, 1)), _positions(lengths)


def _mask_alone(lengths):
    return block_mask(lengths)[0]


def _positions_alone(lengths):
    return _positions(lengths)


def _exchanged(lengths):
    return block_mask(lengths)[::-1]


def _rows_per_conversation(lengths):
    return [lengths[: number + 1] for number in range(len(lengths))], _positions(lengths)


BLOCK_MASK = Exercise(
    name="instruction.block_mask",
    title=_("Several conversations in one row"),
    solution=block_mask,
    cases=_block_mask_cases,
    hints=(
        _(
            "Write down for each token the number of its conversation. A token may look at another when the other is "
            "not after it and both have the same number. Positions: `range(length)` for each length."
        ),
        _(
            "With `owner = [n for n, length in enumerate(lengths) for _ in range(length)]`, an entry of the mask is "
            "`key <= query and owner[key] == owner[query]`."
        ),
    ),
    mistakes=(
        Mistake(
            _causal_alone,
            _("Your tokens see **earlier conversations**, too: they may look at tokens of their own alone."),
        ),
        Mistake(
            _blocks_alone, _("Your tokens see the **future** of their conversation: a key is not after the query.")
        ),
        Mistake(_future, _("Your mask is **turned round**: a token sees what is before it, not what follows.")),
        Mistake(_not_itself, _("Your tokens do not see **themselves**: `<=`, not `<`.")),
        Mistake(_only_itself, _("Your tokens see **only themselves**: also those before, of the same conversation.")),
        Mistake(_hidden_is_true, _("Your mask is **inverted**: True means that a token may look there.")),
        Mistake(_others_alone, _("Your tokens see only **other** conversations: wanted is their own.")),
        Mistake(
            _positions_go_on,
            _("Your positions **go on** from one conversation to the next: each begins at 0."),
        ),
        Mistake(
            _causal_and_positions_go_on,
            _("You treat the row as **one** conversation: the mask parts them, and the positions of each begin at 0."),
        ),
        Mistake(_positions_from_1, _("Your positions begin at **1**: they count from 0.")),
        Mistake(_numbers_of_conversations, _("Your positions are the **numbers of the conversations**: count tokens.")),
        Mistake(_positions_backwards, _("Your positions count **down**: they count up from 0.")),
        Mistake(_positions_one_by_one, _("Your positions are **lists**, one for each conversation: join them.")),
        Mistake(_own_masks, _("You return a mask for **each conversation**: wanted is one for the whole row.")),
        Mistake(_one_row_each, _("Your mask has a row for each **conversation**: wanted is one for each token.")),
        Mistake(_first_is_seen_by_all, _("The **first** conversation is seen by all in yours: nobody sees another's.")),
        Mistake(
            _neighbors_seen, _("Your tokens see the conversation **just before** theirs: only their own is theirs.")
        ),
        Mistake(
            _cut_at_the_wrong_place,
            _("Only the first token sees **itself** in yours: each does, `<=`."),
        ),
        Mistake(_mask_alone, _("You return the **mask** alone: return the positions as well.")),
        Mistake(_positions_alone, _("You return the **positions** alone: return the mask before them.")),
        Mistake(_exchanged, _("Mask and positions are **exchanged**: the mask comes first.")),
        Mistake(_rows_per_conversation, _("Your mask has **lengths** in it: wanted is True or False for two tokens.")),
    ),
    corners=(
        Corner(lambda lengths: len(lengths) == 1, _("Only a **single** conversation goes wrong: its mask is causal.")),
        Corner(
            lambda lengths: set(lengths) == {1},
            _("Only conversations of **one token** go wrong: each sees itself, at position 0."),
        ),
    ),
    explanation=_(
        "With this mask and these positions, each token reads what it would read in a row of its own, so logits, loss "
        "and gradients are the same, up to rounding, and hardly any position is spent on padding. Where positions are "
        "rotations, the distances alone matter, and only the mask is needed."
    ),
    results=("mask", "positions"),
)
