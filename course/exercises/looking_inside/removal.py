"""Exercise on ablation: one head's part of what the heads hand to the output projection."""

import torch
from torch import Tensor

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def remove_head(joined: "Tensor", head: int, n_heads: int) -> "Tensor":
    """What the heads of a layer hand to its output projection, as if one of them had found nothing.

    joined: (batch, position, d_model), the heads side by side in each vector, head 0 first, all of
    the same width. Returns a new tensor in which the part of `head` is 0; `joined` stays as it is.

    >>> import torch
    >>> joined = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])
    >>> remove_head(joined, head=1, n_heads=2).tolist()
    [[[1.0, 2.0, 0.0, 0.0]]]
    """
    d_head = joined.shape[-1] // n_heads
    kept = joined.clone()
    kept[..., head * d_head : (head + 1) * d_head] = 0
    return kept


def _remove_head_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(20)
    sizes = [(1, 1, 4, 2, 1), (1, 1, 4, 2, 0), (1, 2, 6, 3, 1), (2, 3, 8, 4, 3), (2, 2, 6, 2, 0), (1, 4, 6, 6, 2)]
    sizes += [(3, 2, 12, 4, 2), (1, 3, 12, 3, 2), (2, 1, 4, 1, 0), (2, 4, 16, 4, 1), (4, 4, 16, 2, 1)]
    cases = [(torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]), 1, 2)]
    for batch, position, d_model, n_heads, head in sizes:
        cases.append((torch.randn(batch, position, d_model, generator=generator), head, n_heads))
    return cases


def _width(joined, n_heads):
    return joined.shape[-1] // n_heads


def _blanked(joined, chosen):
    kept = joined.clone()
    kept[..., chosen] = 0
    return kept


def _keeps_the_head_alone(joined, head, n_heads):
    return joined - remove_head(joined, head, n_heads)


def _interleaved(joined, head, n_heads):
    return _blanked(joined, slice(head, None, n_heads))


def _counts_from_one(joined, head, n_heads):
    width = _width(joined, n_heads)
    return _blanked(joined, slice(max(0, (head - 1) * width), head * width))


def _one_number(joined, head, n_heads):
    return _blanked(joined, head)


def _takes_the_width_for_the_count(joined, head, n_heads):
    return _blanked(joined, slice(head * n_heads, (head + 1) * n_heads))


def _up_to_the_head(joined, head, n_heads):
    return _blanked(joined, slice(0, (head + 1) * _width(joined, n_heads)))


def _from_the_head_on(joined, head, n_heads):
    return _blanked(joined, slice(head * _width(joined, n_heads), None))


def _from_the_end(joined, head, n_heads):
    return remove_head(joined, n_heads - 1 - head, n_heads)


def _position(joined, head, n_heads):
    kept = joined.clone()
    kept[:, head : head + 1] = 0
    return kept


def _first_of_batch(joined, head, n_heads):
    width = _width(joined, n_heads)
    kept = joined.clone()
    kept[0, :, head * width : (head + 1) * width] = 0
    return kept


def _first_position(joined, head, n_heads):
    width = _width(joined, n_heads)
    kept = joined.clone()
    kept[:, 0, head * width : (head + 1) * width] = 0
    return kept


def _last_position(joined, head, n_heads):
    width = _width(joined, n_heads)
    kept = joined.clone()
    kept[:, -1, head * width : (head + 1) * width] = 0
    return kept


def _cut_out(joined, head, n_heads):
    width = _width(joined, n_heads)
    return torch.cat((joined[..., : head * width], joined[..., (head + 1) * width :]), dim=-1)


def _mean_instead(joined, head, n_heads):
    width = _width(joined, n_heads)
    part = slice(head * width, (head + 1) * width)
    kept = joined.clone()
    kept[..., part] = joined[..., part].mean(dim=(0, 1))
    return kept


def _rescaled(joined, head, n_heads):
    return remove_head(joined, head, n_heads) * (n_heads / max(1, n_heads - 1))


def _one_short(joined, head, n_heads):
    width = _width(joined, n_heads)
    return _blanked(joined, slice(head * width, (head + 1) * width - 1))


def _one_far(joined, head, n_heads):
    width = _width(joined, n_heads)
    return _blanked(joined, slice(head * width, (head + 1) * width + 1))


def _ones(joined, head, n_heads):
    width = _width(joined, n_heads)
    kept = joined.clone()
    kept[..., head * width : (head + 1) * width] = 1
    return kept


def _unchanged(joined, head, n_heads):
    return joined.clone()


def _all_gone(joined, head, n_heads):
    return torch.zeros_like(joined)


REMOVE_HEAD = Exercise(
    name="looking_inside.remove_head",
    title=_("Remove a head"),
    solution=remove_head,
    cases=_remove_head_cases,
    hints=(
        _("Each head has `d_model / n_heads` numbers of every vector, next to each other. Where is `head`?"),
        _(
            "With `d_head = joined.shape[-1] // n_heads`, copy the tensor (`clone`) and set the slice from "
            "`head * d_head` to `(head + 1) * d_head` of the last dimension to 0."
        ),
    ),
    mistakes=(
        Mistake(
            _keeps_the_head_alone, _("You kept this head and removed **all the others**: it is the other way round.")
        ),
        Mistake(
            _interleaved, _("You took every `n_heads`-th number; the numbers of a head are **next to each other**.")
        ),
        Mistake(_counts_from_one, _("You removed the head **before** this one: heads are counted from 0.")),
        Mistake(_one_number, _("You removed **one number** of each vector; a head has `d_model / n_heads` of them.")),
        Mistake(
            _takes_the_width_for_the_count,
            _("Your heads are `n_heads` numbers wide; the width of a head is **`d_model / n_heads`**."),
        ),
        Mistake(_up_to_the_head, _("You removed this head and **all before it**; only its own part becomes 0.")),
        Mistake(_from_the_head_on, _("You removed this head and **all after it**; only its own part becomes 0.")),
        Mistake(_from_the_end, _("You counted the heads **from the end**; head 0 is the first part of each vector.")),
        Mistake(_position, _("You removed a **position**; a head is a part of the last dimension, at every position.")),
        Mistake(
            _first_of_batch, _("Only the **first sequence** of the batch lost the head: take all with `...` or `:`.")
        ),
        Mistake(_first_position, _("Only the **first position** lost the head: it has to go at every position.")),
        Mistake(_last_position, _("Only the **last position** lost the head: it has to go at every position.")),
        Mistake(
            _cut_out,
            _("You cut the head **out**, and the vectors are shorter now: set its numbers to 0, and keep the shape."),
        ),
        Mistake(
            _mean_instead,
            _("You put the **mean** in the head's place (mean ablation, a good idea, too): here it becomes 0."),
        ),
        Mistake(_rescaled, _("You **scaled up** the other heads, as dropout would; they stay as they are.")),
        Mistake(
            _one_short, _("The **last number** of the head is still there: a slice ends before its second number.")
        ),
        Mistake(
            _one_far,
            _("You also removed the **first number of the next head**: a slice ends before its second number."),
        ),
        Mistake(_ones, _("You put **1** in the head's place: what has found nothing adds 0.")),
        Mistake(_unchanged, _("Nothing was removed: the part of this head should be **0**.")),
        Mistake(_all_gone, _("You removed **all heads**; only one goes.")),
    ),
    explanation=_(
        "The output projection multiplies the joined heads by one matrix, a sum of one product for each head. A "
        "head whose numbers are 0 adds nothing to that sum, so the model runs as if it were not there, and the others "
        "are unchanged. What the model does without it is another question than what it would have learned without it."
    ),
)
