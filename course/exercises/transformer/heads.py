"""Exercise on multi-head attention: split into heads."""

import math

import torch
from torch import Tensor

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def split_heads(x: "Tensor", n_heads: int) -> "Tensor":
    """Give each head its part of every vector of x.

    x: (batch, position, d_model). The answer: (batch, heads, position, d_head). Head 0 takes the
    first d_model / n_heads numbers of each vector, head 1 the next ones, and so on.

    >>> import torch
    >>> x = torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]])  # 1 sequence of 2 positions
    >>> split_heads(x, n_heads=2).tolist()
    [[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]]
    """
    batch, position, d_model = x.shape
    return x.reshape(batch, position, n_heads, d_model // n_heads).transpose(1, 2)


def _split_heads_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)
    shapes = [(1, 2, 4, 2), (1, 3, 6, 2), (2, 3, 8, 4), (1, 2, 6, 3), (2, 2, 6, 3), (1, 4, 4, 1), (3, 1, 8, 8)]
    shapes += [(1, 3, 12, 3), (1, 4, 8, 2), (1, 5, 4, 2), (1, 2, 12, 4), (3, 2, 12, 3), (4, 4, 16, 4)]
    first, *others = [(shape[:3], shape[3]) for shape in shapes]
    cases = [(torch.arange(math.prod(first[0])).view(first[0]), first[1])]
    for shape, n_heads in others:
        cases.append((torch.randperm(math.prod(shape), generator=generator).view(shape), n_heads))
    return cases


def _without_transpose(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, position, n_heads, d_model // n_heads)


def _reshaped_at_once(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, n_heads, position, d_model // n_heads)


def _heads_take_turns(x, n_heads):
    batch, position, d_model = x.shape
    return x.reshape(batch, position, d_model // n_heads, n_heads).permute(0, 3, 1, 2)


def _sizes_exchanged(x, n_heads):
    return split_heads(x, x.shape[2] // n_heads)


def _positions_last(x, n_heads):
    return split_heads(x, n_heads).transpose(2, 3)


def _transposed_before_the_cut(x, n_heads):
    batch, position, d_model = x.shape
    return x.transpose(1, 2).reshape(batch, n_heads, position, d_model // n_heads)


def _batch_exchanged(x, n_heads):
    return _without_transpose(x, n_heads).transpose(0, 2)


def _heads_last(x, n_heads):
    return split_heads(x, n_heads).permute(0, 2, 3, 1)


def _one_and_three_exchanged(x, n_heads):
    return _without_transpose(x, n_heads).transpose(1, 3)


def _batch_with_heads(x, n_heads):
    return split_heads(x, n_heads).flatten(0, 1)


def _without_batch(x, n_heads):
    return split_heads(x, n_heads)[0]


def _squeezed(x, n_heads):
    return split_heads(x, n_heads).squeeze()


def _whole_vector(x, n_heads):
    return x[:, None].expand(-1, n_heads, -1, -1)


def _positions_exchanged(x, n_heads):
    return x.transpose(1, 2)


SPLIT_HEADS = Exercise(
    name="transformer.split_heads",
    title=_("Split into heads"),
    solution=split_heads,
    cases=_split_heads_cases,
    hints=(
        _("Two steps: cut the last dimension into heads and the rest, then bring the heads before the positions."),
        _(
            "`x.reshape(batch, position, n_heads, d_model // n_heads)` splits each vector in place; "
            "`.transpose(1, 2)` then swaps positions and heads."
        ),
    ),
    mistakes=(
        Mistake(
            _without_transpose,
            _(
                "Your answer has the positions before the heads. Attention is taken over the last two dimensions, "
                "which must be position and d_head: swap dimensions 1 and 2."
            ),
        ),
        Mistake(
            _reshaped_at_once,
            _(
                "The shape is right, but the numbers of **different positions** are mixed: `reshape` keeps the order "
                "in memory. Cut the vectors first, then `transpose`."
            ),
        ),
        Mistake(
            _heads_take_turns,
            _(
                "Your heads take turns through the vector: head 0 gets every n-th number. Each head takes "
                "neighbouring numbers: heads come before d_head in the reshape."
            ),
        ),
        Mistake(
            _sizes_exchanged,
            _(
                "You cut into d_head pieces of `n_heads` numbers. There are `n_heads` pieces, of d_model // n_heads "
                "numbers."
            ),
        ),
        Mistake(
            _positions_last,
            _(
                "The last two dimensions are exchanged: (batch, heads, position, d_head), with a head's vector in a "
                "row."
            ),
        ),
        Mistake(
            _transposed_before_the_cut,
            _(
                "You transpose before the vectors are cut, and the reshape then runs across positions. First `reshape` "
                "to (batch, position, heads, d_head), then `transpose`."
            ),
        ),
        Mistake(
            _batch_exchanged,
            _("You exchange heads and batch. Positions and heads are to be exchanged: dimensions 1 and 2."),
        ),
        Mistake(
            _heads_last,
            _(
                "Your heads come last. The order is (batch, heads, position, d_head): exchange dimensions 1 and 2, "
                "not 2 and 3."
            ),
        ),
        Mistake(
            _one_and_three_exchanged,
            _("You exchange positions and d_head, dimensions 1 and 3. Positions and heads are 1 and 2."),
        ),
        Mistake(
            _batch_with_heads,
            _("You merge the batch with the heads. The answer has four dimensions: (batch, heads, position, d_head)."),
        ),
        Mistake(_without_batch, _("Only the first sequence of the batch is there. Keep all of them, as dimension 0.")),
        Mistake(
            _squeezed,
            _("Your dimensions of size 1 are gone. Keep them, without `squeeze`: there are always four."),
        ),
        Mistake(
            _whole_vector,
            _("Each of your heads gets the whole vector. It gets its part, d_model / n_heads numbers."),
        ),
        Mistake(
            _positions_exchanged,
            _("You only exchange dimensions. Before that, the last one is to be cut in two, heads and d_head."),
        ),
    ),
    explanation=_(
        "Nothing is computed: the same numbers are read in another order. `transpose` only notes that two dimensions "
        "are swapped. The way back is `transpose(1, 2)` and `flatten(2)`."
    ),
    corners=(
        Corner(
            lambda x, n_heads: len(x) > 1,
            _("With one sequence you are right, with a batch of several you are not: keep dimension 0 as it is."),
        ),
    ),
)
