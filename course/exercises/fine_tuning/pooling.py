"""Exercises on what a head reads of a text: the mean over its tokens, or its last token, whatever the padding."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def mean_pooling(hidden: "Tensor", mask: "Tensor") -> "Tensor":
    """One vector for each text: the mean over its tokens, without its padding.

    hidden: (batch, position, d_model), a vector for each position; mask: (batch, position), True
    at a token and False at padding, wherever that is. Each text has at least one token.
    The answer: (batch, d_model).

    >>> import torch
    >>> hidden = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]]])
    >>> mean_pooling(hidden, torch.tensor([[True, True, False]])).tolist()
    [[2.0, 4.0]]
    """
    kept = mask.unsqueeze(-1)
    return (hidden * kept).sum(dim=1) / kept.sum(dim=1)


def last_token(hidden: "Tensor", mask: "Tensor") -> "Tensor":
    """One vector for each text: that of its last token.

    hidden: (batch, position, d_model), a vector for each position; mask: (batch, position), True
    at a token and False at padding, which comes after the text. Each text has at least one token.
    The answer: (batch, d_model).

    >>> import torch
    >>> hidden = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]]])
    >>> last_token(hidden, torch.tensor([[True, True, False]])).tolist()
    [[3.0, 6.0]]
    """
    last = mask.sum(dim=1) - 1
    return hidden[range(len(hidden)), last]


def _cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(10)
    small = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]]])
    cases: list[tuple] = [(small, torch.tensor([[True, True, False]]))]
    for lengths in ((3, 1), (2, 4, 3), (1,), (5, 5), (4, 2, 1, 3), (6, 3)):
        hidden = torch.randn(len(lengths), max(lengths), 3, generator=generator)
        cases.append((hidden, torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]))
    return cases


def _pooling_cases() -> list[tuple]:
    padded_in_front = torch.tensor([[[5.0, 5.0], [1.0, 2.0], [3.0, 6.0]], [[1.0, 0.0], [2.0, 1.0], [6.0, 5.0]]])
    return [*_cases(), (padded_in_front, torch.tensor([[False, True, True], [True, True, True]]))]


# --- The mean ---


def _padding_counts(hidden, mask):
    return hidden.mean(dim=1)


def _padding_divides(hidden, mask):
    return (hidden * mask[..., None]).mean(dim=1)


def _padding_is_summed(hidden, mask):
    return hidden.sum(dim=1) / mask.sum(dim=1, keepdim=True)


def _not_divided(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1)


def _sum_of_all(hidden, mask):
    return hidden.sum(dim=1)


def _one_divisor(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1) / mask.sum()


def _divided_by_the_numbers(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1) / (mask.sum(dim=1, keepdim=True) * hidden.shape[-1])


def _divided_by_one_more(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1) / (mask.sum(dim=1, keepdim=True) + 1)


def _small_constant(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1) / (mask.sum(dim=1, keepdim=True) + 0.01)


def _mean_of_the_padding(hidden, mask):
    hidden_places = (~mask)[..., None]
    return (hidden * hidden_places).sum(dim=1) / hidden_places.sum(dim=1).clamp(min=1)


def _first(hidden, mask):
    return hidden[:, 0]


def _last_column(hidden, mask):
    return hidden[:, -1]


def _last(hidden, mask):
    return last_token(hidden, mask)


def _largest(hidden, mask):
    return hidden.masked_fill(~mask[..., None], -torch.inf).amax(dim=1)


def _unit_length(hidden, mask):
    return torch.nn.functional.normalize(mean_pooling(hidden, mask), dim=-1)


def _over_the_numbers(hidden, mask):
    return (hidden * mask[..., None]).mean(dim=2)


def _over_the_batch(hidden, mask):
    return (hidden * mask[..., None]).mean(dim=0)


def _without_the_ends(hidden, mask):
    inner = mask.clone()
    inner[:, 0] = False
    inner[torch.arange(len(mask)), mask.sum(dim=1) - 1] = False
    return (hidden * inner[..., None]).sum(dim=1) / inner.sum(dim=1, keepdim=True).clamp(min=1)


def _without_the_first(hidden, mask):
    inner = mask.clone()
    inner[:, 0] = False
    return (hidden * inner[..., None]).sum(dim=1) / inner.sum(dim=1, keepdim=True).clamp(min=1)


def _by_the_root(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True) ** 0.5


def _median(hidden, mask):
    return torch.stack([row[kept].median(dim=0).values for row, kept in zip(hidden, mask, strict=True)])


def _multiplied(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1) * mask.sum(dim=1, keepdim=True)


def _ones_added(hidden, mask):
    return (hidden + mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def _hidden_over_mask(hidden, mask):
    return (hidden / mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


MEAN_POOLING = Exercise(
    name="fine_tuning.mean_pooling",
    title=_("The mean over the tokens"),
    solution=mean_pooling,
    cases=_pooling_cases,
    compare=close,
    hints=(
        _("Multiply by the mask, so that padding adds nothing to the sum. Then by what do you divide?"),
        _("`mask.unsqueeze(-1)` is (batch, position, 1). Divide the sum over the positions by its sum over them."),
    ),
    mistakes=(
        Mistake(_padding_counts, _("Your mean is over **all positions**, padding too. Only tokens count.")),
        Mistake(
            _padding_divides,
            _("Padding adds nothing to your sum, and still counts in the **divisor**. Divide by the number of tokens."),
        ),
        Mistake(_padding_is_summed, _("Your divisor is right, but your **sum** has the padding in it: mask it first.")),
        Mistake(_not_divided, _("That is the **sum** over the tokens. Divide it by how many there are.")),
        Mistake(_sum_of_all, _("That is the **sum** over all positions. Leave the padding out, and divide.")),
        Mistake(
            _one_divisor,
            _("You divide by the tokens of the **whole batch**. Each text has its own number: sum over dim 1."),
        ),
        Mistake(_divided_by_the_numbers, _("You divide by tokens **times d_model**. Divide by the number of tokens.")),
        Mistake(_divided_by_one_more, _("You divide by the number of tokens **plus 1**.")),
        Mistake(
            _small_constant,
            _("A **small constant** in your divisor changes the mean. Each text has a token, so nothing divides by 0."),
        ),
        Mistake(_mean_of_the_padding, _("Your mean is over the **padding**: the mask is True at tokens.")),
        Mistake(_first, _("You take the **first** position, as with [CLS]. Here it is the mean over the tokens.")),
        Mistake(_last_column, _("You take the **last column**. Here it is the mean over the tokens.")),
        Mistake(_last, _("You take the **last token**. Here it is the mean over all tokens.")),
        Mistake(_largest, _("You take the **largest** of the tokens' numbers. Here it is their mean.")),
        Mistake(_unit_length, _("You scale your vectors to **length 1**. Leave the means as they are.")),
        Mistake(
            _over_the_numbers, _("You average over the **numbers of a vector**. Average over the positions, dim 1.")
        ),
        Mistake(_over_the_batch, _("You average over the **texts**. Average over the positions, dim 1.")),
        Mistake(
            _without_the_ends, _("You leave out the **first and last token**. All tokens count, special ones too.")
        ),
        Mistake(_without_the_first, _("You leave out the **first token**. All tokens count, special ones too.")),
        Mistake(_by_the_root, _("You divide by the **root** of the number of tokens. Divide by the number.")),
        Mistake(_median, _("You take the **median**. Take the mean.")),
        Mistake(_multiplied, _("You **multiply** by the number of tokens. Divide by it.")),
        Mistake(_ones_added, _("You **add** the mask to the vectors. Multiply by it: padding becomes 0.")),
        Mistake(_hidden_over_mask, _("You **divide** by the mask, and padding becomes infinite. Multiply by it.")),
    ),
    explanation=_(
        "A product with the mask makes padding 0, whatever its state was, and the mask's own sum counts the tokens. "
        "So a text has the same vector in every batch. MiniLM was trained with this mean, special tokens included."
    ),
    corners=(
        Corner(
            lambda hidden, mask: not mask[:, 0].all(),
            _("Padding may also come **before** a text: go by the mask, not by the number of tokens."),
        ),
    ),
)


# --- The last token ---


def _column(hidden, mask):
    return hidden[:, -1]


def _one_too_far(hidden, mask):
    return hidden[torch.arange(len(hidden)), mask.sum(dim=1).clamp(max=mask.shape[1] - 1)]


def _one_too_early(hidden, mask):
    return hidden[torch.arange(len(hidden)), (mask.sum(dim=1) - 2).clamp(min=0)]


def _beginning(hidden, mask):
    return hidden[:, 0]


def _of_the_shortest(hidden, mask):
    return hidden[:, mask.sum(dim=1).min() - 1]


def _of_the_longest(hidden, mask):
    return hidden[:, mask.sum(dim=1).max() - 1]


def _of_the_first_text(hidden, mask):
    return hidden[:, mask[0].sum() - 1]


def _every_pair(hidden, mask):
    return hidden[:, mask.sum(dim=1) - 1]


def _from_the_end(hidden, mask):
    return hidden[torch.arange(len(hidden)), (mask.shape[1] - mask.sum(dim=1)).clamp(max=mask.shape[1] - 1)]


def _masked_column(hidden, mask):
    return (hidden * mask[..., None])[:, -1]


def _sum_over_tokens(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1)


def _one_text(hidden, mask):
    return hidden[0, mask.sum(dim=1) - 1]


def _largest_of_tokens(hidden, mask):
    return hidden.masked_fill(~mask[..., None], -torch.inf).amax(dim=1)


LAST_TOKEN = Exercise(
    name="fine_tuning.last_token",
    title=_("The last real token"),
    solution=last_token,
    cases=_cases,
    compare=close,
    hints=(
        _("The number of a text's tokens says at which position its last one is."),
        _("`hidden[rows, positions]` takes one vector for each row, where `rows` is `torch.arange(len(hidden))`."),
    ),
    mistakes=(
        Mistake(
            _column,
            _("You take the **last column**. In a padded batch it is padding for every text but the longest."),
        ),
        Mistake(_one_too_far, _("You are **one position too far**: of n tokens the last is at position n − 1.")),
        Mistake(
            _one_too_early, _("You take the token **before** the last: of n tokens the last is at position n − 1.")
        ),
        Mistake(
            _beginning,
            _("You take the **first** token, as `argmax` of the mask does. In a decoder it has seen nothing else."),
        ),
        Mistake(_of_the_shortest, _("You take the end of the **shortest** text for all. Each text has its own end.")),
        Mistake(_of_the_longest, _("You take the end of the **longest** text for all. Each text has its own end.")),
        Mistake(_of_the_first_text, _("You take the end of the **first** text for all. Each text has its own end.")),
        Mistake(
            _every_pair,
            _("`hidden[:, positions]` takes **every** position for every text. Pair them: `hidden[rows, positions]`."),
        ),
        Mistake(_from_the_end, _("You count the **padding**. Count the tokens: where the mask is True.")),
        Mistake(_masked_column, _("You take the **last column** and set padding to 0. Take each text's last token.")),
        Mistake(mean_pooling, _("That is the **mean** over the tokens. A decoder's head reads the last one.")),
        Mistake(_sum_over_tokens, _("That is the **sum** over the tokens. A decoder's head reads the last one.")),
        Mistake(_one_text, _("All your vectors are of the **first text**: index the rows, too.")),
        Mistake(_largest_of_tokens, _("You take the **largest** numbers of all tokens. Take the last token's vector.")),
    ),
    explanation=_(
        "In a causal model only the last token has seen the whole text, and what comes after it is padding. Where it "
        "is comes from the mask: a search for the padding's id finds the wrong place where a text has that id, too."
    ),
    corners=(
        Corner(
            lambda hidden, mask: len(set(mask.sum(dim=1).tolist())) > 1,
            _("Texts of **different lengths** go wrong: each has its own last position."),
        ),
    ),
)
