"""Several conversations in one row, none of which sees another.

Padding makes a batch as long as its longest conversation, and the positions that are filled up cost as much as the
others. Packed rows have few of them. What pre-training does (`course.training.packing`), where documents in one window
attend to each other, would let an answer be learned from another conversation's prompt.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from course.instruction.collate import NOT_TRAINED, next_tokens
from course.instruction.loss_mask import EncodedConversation
from course.layers.sizes import require_whole
from course.messages import _
from course.training import pad_rows

PADDING = 0  # in the place of a conversation's number


def first_fit(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Which items share a row: each goes into the first row that has room for it, or else begins another.

    Returns the numbers of the items in each row. Hand in long items first, and fewer rows are needed: at most 11/9 of
    the smallest possible number, plus 6/9. Raises `ValueError` for a length below 1 or above `capacity`.

    Source: Johnson et al. 1974, "Worst-case performance bounds for simple one-dimensional packing algorithms"; the
    bound: Dosa 2007.
    """
    require_whole(capacity, "capacity")
    rows: list[list[int]] = []
    room: list[int] = []
    for item, length in enumerate(lengths):
        require_whole(length, "length")
        if length > capacity:
            raise ValueError(
                _("Item {item} has the length {length}, and a row has room for {capacity}: shorten it first.").format(
                    item=item, length=length, capacity=capacity
                )
            )
        row = next((number for number, free in enumerate(room) if length <= free), len(rows))
        if row == len(rows):
            rows.append([])
            room.append(capacity)
        rows[row].append(item)
        room[row] -= length
    return rows


def pack(conversations: Sequence[EncodedConversation], capacity: int, pad_id: int) -> Int[Tensor, "row 4 position"]:
    """A batch of rows with up to `capacity` positions, each with one conversation or more, by `first_fit`.

    `rows[:, 0]` and `rows[:, 1]` are ids and targets, as `collate` makes them. `rows[:, 2]` numbers the conversations
    of a row from 1 up, 0 where it is filled up; `rows[:, 3]` is the position within the conversation, from 0. Raises
    `ValueError` for no conversations, for one that is longer than a row (`fit` cuts it), and as `collate` does.
    """
    if not conversations:
        raise ValueError(_("There are no conversations to pack. Give one or more."))
    rows = first_fit([len(conversation.ids) - 1 for conversation in conversations], capacity)
    columns: list[list[list[int]]] = [[], [], [], []]
    for row in rows:
        packed: list[list[int]] = [[], [], [], []]
        for number, item in enumerate(row, start=1):
            ids = list(conversations[item].ids[:-1])
            places = list(range(len(ids)))
            of_item = (ids, next_tokens(conversations[item]), [number] * len(ids), places)
            for column, values in zip(packed, of_item, strict=True):
                column += values
        for column, values in zip(columns, packed, strict=True):
            column.append(values)
    padding = (pad_id, NOT_TRAINED, PADDING, 0)
    return torch.stack([pad_rows(column, value) for column, value in zip(columns, padding, strict=True)], dim=1)


def block_mask(numbers: Int[Tensor, "row position"]) -> Bool[Tensor, "row 1 query key"]:
    """True where query and key have the same number: within a conversation, and within the padding.

    A causal model hides the future besides; together they are block-diagonal. A place of the padding sees some key,
    itself, since the softmax of a row without any has no answer.
    """
    return (numbers[:, :, None] == numbers[:, None])[:, None]
