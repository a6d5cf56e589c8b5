"""Exercise on the vector of a text: the mean of its tokens' vectors, without padding, of length 1."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def sentence_vectors(hidden: "Tensor", is_token: "Tensor") -> "Tensor":
    """A vector of length 1 for each text: the mean of its tokens' vectors, scaled.

    hidden: (texts, positions, width). is_token: (texts, positions), False where there is
    padding, and True for one token of each text or more. Returns (texts, width).

    >>> import torch
    >>> hidden = torch.tensor([[[3.0, 0.0], [3.0, 8.0], [9.0, 9.0]]])
    >>> vectors = sentence_vectors(hidden, torch.tensor([[True, True, False]]))
    >>> [round(x, 4) for x in vectors[0].tolist()]
    [0.6, 0.8]
    """
    weights = is_token[..., None].to(hidden.dtype)
    mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
    return mean / mean.norm(dim=1, keepdim=True)


def _sentence_vectors_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1602)
    hidden = torch.tensor([[[3.0, 0.0], [3.0, 8.0], [9.0, 9.0]]])
    cases: list[tuple] = [(hidden, torch.tensor([[True, True, False]]))]
    for lengths, width in [([4, 2], 3), ([3, 5, 2], 4), ([6, 3, 4, 5], 2), ([2, 4], 5), ([5, 3, 4], 3), ([3, 2], 2)]:
        n = max(lengths)
        cases.append((drawn(generator, len(lengths), n, width), _first(lengths, n)))
    for lengths, width in [([3, 5], 3), ([2, 4, 3], 4)]:  # padding in front
        cases.append((drawn(generator, len(lengths), 5, width), _first(lengths, 5).flip(1)))
    cases.append((drawn(generator, 2, 4, 3), torch.tensor([[True, False, True, True], [False, True, True, False]])))
    cases.append((drawn(generator, 3, 4, 3), _first([1, 4, 1], 4)))
    return [*cases, (drawn(generator, 2, 4, 3), _first([4, 4], 4)), (drawn(generator, 1, 5, 4), _first([3], 5))]


def _first(lengths: list[int], positions: int) -> Tensor:
    """True at the first positions of each row."""
    return torch.arange(positions) < torch.tensor(lengths)[:, None]


def _unit(vectors):
    return vectors / vectors.norm(dim=1, keepdim=True)


def _mean(hidden, is_token):
    return (hidden * is_token[..., None]).sum(dim=1) / is_token.sum(dim=1, keepdim=True)


def _with_padding(hidden, is_token):
    return _unit(hidden.mean(dim=1))


def _padding_alone(hidden, is_token):
    return _unit((hidden * ~is_token[..., None]).sum(dim=1))


def _not_scaled(hidden, is_token):
    return _mean(hidden, is_token)


def _sum_not_scaled(hidden, is_token):
    return (hidden * is_token[..., None]).sum(dim=1)


def _with_padding_not_scaled(hidden, is_token):
    return hidden.mean(dim=1)


def _over_all_positions_not_scaled(hidden, is_token):
    return (hidden * is_token[..., None]).mean(dim=1)


def _tokens_scaled_first(hidden, is_token):
    return _mean(hidden / hidden.norm(dim=2, keepdim=True), is_token)


def _tokens_scaled_too(hidden, is_token):
    return _unit(_mean(hidden / hidden.norm(dim=2, keepdim=True), is_token))


def _first_token(hidden, is_token):
    return _unit(hidden[:, 0])


def _last_position(hidden, is_token):
    return _unit(hidden[:, -1])


def _last_token(hidden, is_token):
    places = torch.arange(hidden.shape[1]).masked_fill(~is_token, -1).amax(dim=1)
    return _unit(hidden[torch.arange(len(hidden)), places])


def _without_the_first(hidden, is_token):
    return _unit((hidden * is_token[..., None])[:, 1:].sum(dim=1) + 1e-9)


def _largest(hidden, is_token):
    return _unit(hidden.masked_fill(~is_token[..., None], -torch.inf).amax(dim=1))


def _largest_with_padding(hidden, is_token):
    return _unit(hidden.amax(dim=1))


def _by_sum_of_sizes(hidden, is_token):
    mean = _mean(hidden, is_token)
    return mean / mean.abs().sum(dim=1, keepdim=True)


def _by_square(hidden, is_token):
    mean = _mean(hidden, is_token)
    return mean / mean.square().sum(dim=1, keepdim=True)


def _by_largest(hidden, is_token):
    mean = _mean(hidden, is_token)
    return mean / mean.abs().amax(dim=1, keepdim=True)


def _by_sum(hidden, is_token):
    mean = _mean(hidden, is_token)
    return mean / mean.sum(dim=1, keepdim=True)


def _by_root_of_width(hidden, is_token):
    return _mean(hidden, is_token) / hidden.shape[2] ** 0.5


def _one_norm_for_all(hidden, is_token):
    mean = _mean(hidden, is_token)
    return mean / mean.norm()


def _norm_of_columns(hidden, is_token):
    mean = _mean(hidden, is_token)
    return mean / mean.norm(dim=0, keepdim=True)


def _norm_with_padding(hidden, is_token):
    return _mean(hidden, is_token) / hidden.mean(dim=1).norm(dim=1, keepdim=True)


def _centered(hidden, is_token):
    mean = _mean(hidden, is_token)
    return _unit(mean - mean.mean(dim=1, keepdim=True) + 1e-9)


def _softmax(hidden, is_token):
    return _mean(hidden, is_token).softmax(dim=1)


def _one_for_all(hidden, is_token):
    mean = hidden[is_token].mean(dim=0)
    return mean / mean.norm()


def _lengths(hidden, is_token):
    return _mean(hidden, is_token).norm(dim=1)


def _over_texts(hidden, is_token):
    return (hidden * is_token[..., None]).mean(dim=0)


def _over_width(hidden, is_token):
    return (hidden * is_token[..., None]).mean(dim=2)


def _tokens(hidden, is_token):
    return hidden * is_token[..., None]


def _times_the_norm(hidden, is_token):
    mean = _mean(hidden, is_token)
    return mean * mean.norm(dim=1, keepdim=True)


def _norm_subtracted(hidden, is_token):
    mean = _mean(hidden, is_token)
    return mean - mean.norm(dim=1, keepdim=True)


def _mask_added(hidden, is_token):
    return _unit((hidden + is_token[..., None]).sum(dim=1))


def _count_subtracted(hidden, is_token):
    return _unit((hidden * is_token[..., None]).sum(dim=1) - is_token.sum(dim=1, keepdim=True))


def _mean_upside_down(hidden, is_token):
    return _unit(1 / (_mean(hidden, is_token) + 1e-9))


def _by_itself(hidden, is_token):
    return torch.ones_like(hidden[:, 0])


def _sigmoid(hidden, is_token):
    return sentence_vectors(hidden, is_token).sigmoid()


def _tanh(hidden, is_token):
    return sentence_vectors(hidden, is_token).tanh()


SENTENCE_VECTORS = Exercise(
    name="rag.sentence_vectors",
    title=_("The vector of a text"),
    solution=sentence_vectors,
    cases=_sentence_vectors_cases,
    hints=(
        _(
            "Multiply the vectors of padding by 0, add up over the positions, and divide by the number of tokens, "
            "which differs from text to text. Then divide each mean by its own length as a vector."
        ),
        _(
            "`weights = is_token[..., None].to(hidden.dtype)` has 1 for tokens and 0 for padding. The mean is "
            "`(hidden * weights).sum(dim=1) / weights.sum(dim=1)`, its length `mean.norm(dim=1, keepdim=True)`."
        ),
    ),
    mistakes=(
        Mistake(_with_padding, _("Your mean is over **padding**, too: only the tokens count.")),
        Mistake(_padding_alone, _("Your mean is over the **padding**: `is_token` is True for the tokens.")),
        Mistake(_not_scaled, _("Your vectors are means, and not of **length 1**: divide each by its norm.")),
        Mistake(_sum_not_scaled, _("You return **sums**: divide each by its norm.")),
        Mistake(
            _with_padding_not_scaled, _("You return the mean over **all positions**: leave padding out, and scale.")
        ),
        Mistake(
            _over_all_positions_not_scaled,
            _("You divide by the number of **positions**, and do not scale to length 1."),
        ),
        Mistake(_tokens_scaled_first, _("You scale the **tokens'** vectors to length 1: scale their mean.")),
        Mistake(_tokens_scaled_too, _("You scale the tokens' vectors **before** the mean, too: scale the mean alone.")),
        Mistake(_first_token, _("You take the **first** position alone: take the mean of all tokens.")),
        Mistake(_last_position, _("You take the **last** position alone: take the mean of all tokens.")),
        Mistake(_last_token, _("You take the **last token** alone: take the mean of all tokens.")),
        Mistake(_without_the_first, _("You leave out the **first** position: all tokens count.")),
        Mistake(_largest, _("You take the **largest** number of each dimension: take the mean.")),
        Mistake(_largest_with_padding, _("You take the **largest** of all positions, with padding: take the mean.")),
        Mistake(
            _by_sum_of_sizes,
            _("You divide by the sum of **absolute values**: the length is the root of the squares' sum."),
        ),
        Mistake(_by_square, _("You divide by the **squared** length: a root is missing.")),
        Mistake(_by_largest, _("You divide by the **largest** number: divide by the norm.")),
        Mistake(_by_sum, _("You divide by the **sum** of the numbers: divide by the norm.")),
        Mistake(_by_root_of_width, _("You divide by the root of the **width**: divide by each vector's norm.")),
        Mistake(_one_norm_for_all, _("You divide by **one** norm for all texts: `norm(dim=1, keepdim=True)`.")),
        Mistake(_norm_of_columns, _("You scale each **dimension** over the texts: scale each text, `dim=1`.")),
        Mistake(_norm_with_padding, _("Your norm is of the mean **with padding**: take that of the mean you scale.")),
        Mistake(_centered, _("You subtract a **mean** over the width, as a layer norm does: scale alone.")),
        Mistake(_softmax, _("You take a **softmax**: divide by the norm.")),
        Mistake(_one_for_all, _("You return **one** vector for all texts: each text has its own.")),
        Mistake(_lengths, _("You return the **lengths**: return the vectors, divided by them.")),
        Mistake(_over_texts, _("You average over the **texts**: average over the positions, `dim=1`.")),
        Mistake(_over_width, _("You average over the **width**: average over the positions, `dim=1`.")),
        Mistake(_tokens, _("You return a vector for each **token**: return one for each text.")),
        Mistake(_times_the_norm, _("You **multiply** by the norm: divide by it.")),
        Mistake(_norm_subtracted, _("You **subtract** the norm: divide by it.")),
        Mistake(_mask_added, _("You **add** the mask: multiply by it, so that padding becomes 0.")),
        Mistake(_count_subtracted, _("You **subtract** the number of tokens: divide by it.")),
        Mistake(_mean_upside_down, _("Your mean is **upside down**: the sum, divided by the number of tokens.")),
        Mistake(_by_itself, _("You divide the mean by **itself**, and all becomes 1: divide by its norm.")),
        Mistake(_sigmoid, _("There is a **sigmoid** too much.")),
        Mistake(_tanh, _("There is a **tanh** too much.")),
    ),
    corners=(
        Corner(
            lambda hidden, is_token: (
                bool((is_token[:, :1] & ~is_token).any() and is_token[:, 0].all())
                and bool((is_token.sum(dim=1) == 1).any())
            ),
            _("Only texts of **one token** go wrong: its vector, scaled, is the text's."),
        ),
        Corner(
            lambda hidden, is_token: not bool(is_token[:, 0].all()),
            _("Only padding **in front** goes wrong: `is_token` says where the tokens are, wherever that is."),
        ),
    ),
    explanation=_(
        "Padding is in no text, but its positions hold vectors all the same, and how many there are depends on the "
        "longest text of the batch. With the mask, a text has the same vector in every batch. Scaled to length 1, the "
        "inner product of two vectors is their cosine, so a search needs no division."
    ),
    compare=close,
)
