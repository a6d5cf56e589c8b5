"""Exercise on scaled dot-product attention with a mask."""

import math

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def attention(query: "Tensor", key: "Tensor", value: "Tensor", mask: "Tensor") -> "Tensor":
    """Scaled dot-product attention: mix the values by how well each query matches each key.

    query: (..., n_queries, d), key: (..., n_keys, d), value: (..., n_keys, d_value); the dots stand
    for the same dimensions in all three: none, or a batch, or a batch and heads. `mask` is True
    where a query may look at a key, in the shape of the scores or one that broadcasts to it.
    The answer: (..., n_queries, d_value).

    >>> import torch
    >>> query, key = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0], [0.0, 5.0]])
    >>> value = torch.tensor([[2.0], [4.0]])
    >>> attention(query, key, value, mask=torch.tensor([[True, True]])).tolist()
    [[3.0]]
    >>> attention(query, key, value, mask=torch.tensor([[True, False]])).tolist()
    [[2.0]]
    """
    import math

    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    scores = scores.masked_fill(~mask, -math.inf)
    return scores.softmax(dim=-1) @ value


def _attention_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)

    def drawn(*shape: int, scale: float = 2.0) -> Tensor:
        return (scale * torch.randn(shape, generator=generator)).round(decimals=1)

    def visible(n_queries: int, n_keys: int) -> Tensor:
        return torch.ones(n_queries, n_keys, dtype=torch.bool)

    cases = [
        (drawn(2, 2), drawn(3, 2), drawn(3, 2), visible(2, 3)),
        (drawn(1, 3), drawn(2, 3), drawn(2, 2), visible(1, 2)),
        (drawn(2, 2), drawn(3, 2), drawn(3, 2), torch.tensor([[True, True, False], [True, True, True]])),
        (drawn(3, 2), drawn(3, 2), drawn(3, 2), visible(3, 3).tril()),
        (drawn(4, 4), drawn(4, 4), drawn(4, 4), visible(4, 4).tril()),
        (drawn(2, 4), drawn(4, 4), drawn(4, 2), torch.tensor([[True, False, True, True], [False, True, True, False]])),
        (drawn(3, 4), drawn(4, 4), drawn(4, 3), torch.tensor([[True, True, True, False]])),
        (drawn(2, 4, scale=90.0), drawn(3, 4, scale=90.0), drawn(3, 3), torch.tensor([[True, False, True]] * 2)),
        (drawn(3, 2, scale=200.0), drawn(3, 2, scale=200.0), drawn(3, 2), visible(3, 3).tril()),
        (drawn(2, 3, 4), drawn(2, 3, 4), drawn(2, 3, 4), visible(3, 3).tril()),
        (drawn(2, 2, 3), drawn(2, 4, 3), drawn(2, 4, 2), visible(2, 4)),
        (drawn(2, 2, 3, 4), drawn(2, 2, 3, 4), drawn(2, 2, 3, 4), visible(3, 3).tril()),
    ]
    padding = torch.tensor([[True, True, True], [True, True, False]])[:, None, None]
    cases.append((drawn(2, 2, 2, 4), drawn(2, 2, 3, 4), drawn(2, 2, 3, 4), padding))
    return cases


def _scores(query, key):
    return query @ key.mT / math.sqrt(query.shape[-1])


def _masked(scores, mask):
    return scores.masked_fill(~mask, -math.inf)


def _mixed(scores, value, mask):
    return _masked(scores, mask).softmax(-1) @ value


def _not_scaled(query, key, value, mask):
    return _mixed(query @ key.mT, value, mask)


def _scaled_by_d(query, key, value, mask):
    return _mixed(query @ key.mT / query.shape[-1], value, mask)


def _scaled_by_the_keys(query, key, value, mask):
    return _mixed(query @ key.mT / math.sqrt(key.shape[-2]), value, mask)


def _scaled_by_the_values(query, key, value, mask):
    return _mixed(query @ key.mT / math.sqrt(value.shape[-1]), value, mask)


def _scaled_by_the_queries(query, key, value, mask):
    return _mixed(query @ key.mT / math.sqrt(query.shape[-2]), value, mask)


def _multiplied(query, key, value, mask):
    return _mixed(query @ key.mT * math.sqrt(query.shape[-1]), value, mask)


def _over_the_queries(query, key, value, mask):
    return _masked(_scores(query, key), mask).softmax(-2) @ value


def _over_everything(query, key, value, mask):
    scores = _masked(_scores(query, key), mask)
    return scores.flatten(-2).softmax(-1).view_as(scores) @ value


def _without_softmax(query, key, value, mask):
    return _scores(query, key).masked_fill(~mask, 0) @ value


def _scores_as_weights(query, key, value, mask):
    return _scores(query, key) @ value


def _sigmoid(query, key, value, mask):
    return _masked(_scores(query, key), mask).sigmoid() @ value


def _exponentials(query, key, value, mask):
    return _masked(_scores(query, key), mask).exp() @ value


def _log_softmax(query, key, value, mask):
    return _masked(_scores(query, key), mask).log_softmax(-1) @ value


def _softmax_twice(query, key, value, mask):
    return _masked(_scores(query, key), mask).softmax(-1).softmax(-1) @ value


def _without_mask(query, key, value, mask):
    return _scores(query, key).softmax(-1) @ value


def _inverted_mask(query, key, value, mask):
    return _mixed(_scores(query, key), value, ~mask)


def _inverted_mask_of_torch(query, key, value, mask):
    """PyTorch's function gives 0 where a query sees nothing, and softmax gives nan."""
    return torch.nn.functional.scaled_dot_product_attention(query, key, value, ~mask)


def _zero_scores(query, key, value, mask):
    return _scores(query, key).masked_fill(~mask, 0).softmax(-1) @ value


def _mask_after_softmax(query, key, value, mask):
    return (_scores(query, key).softmax(-1) * mask) @ value


def _mask_inverted_after_softmax(query, key, value, mask):
    return (_scores(query, key).softmax(-1) * ~mask) @ value


def _mask_added(query, key, value, mask):
    return (_scores(query, key) + mask).softmax(-1) @ value


def _weights_returned(query, key, value, mask):
    return _masked(_scores(query, key), mask).softmax(-1)


def _scores_returned(query, key, value, mask):
    return _masked(_scores(query, key), mask)


def _mixes_the_keys(query, key, value, mask):
    return _mixed(_scores(query, key), key, mask)


def _cosine(query, key, value, mask):
    return _mixed(
        torch.nn.functional.normalize(query, dim=-1) @ torch.nn.functional.normalize(key, dim=-1).mT, value, mask
    )


def _divided_after_the_softmax(query, key, value, mask):
    return _mixed(query @ key.mT, value, mask) / math.sqrt(query.shape[-1])


def _mean_of_the_visible(query, key, value, mask):
    return _mixed(0 * _scores(query, key), value, mask)


def _best_alone(query, key, value, mask):
    scores = _masked(_scores(query, key), mask)
    return (scores == scores.amax(-1, keepdim=True)).float() @ value


ATTENTION = Exercise(
    name="transformer.attention",
    title=_("Scaled dot-product attention"),
    solution=attention,
    cases=_attention_cases,
    compare=close,
    hints=(
        _("Four lines: the scores over √d, −∞ where the mask is False, softmax over the keys, the mix of the values."),
        _(
            "`key.transpose(-2, -1)` swaps the last two dimensions, however many there are. "
            "`scores.masked_fill(~mask, -math.inf)` hides, `softmax(dim=-1)` is over the keys."
        ),
    ),
    mistakes=(
        Mistake(_not_scaled, _("The division is missing: the scores are divided by √d before the softmax.")),
        Mistake(_scaled_by_d, _("You divide the scores by d. Divide by its **root**.")),
        Mistake(
            _scaled_by_the_keys,
            _("You divide by the root of the **number of keys**. d is how many numbers a key has: `key.shape[-1]`."),
        ),
        Mistake(
            _scaled_by_the_values,
            _("You divide by the root of the size of a **value**. d is the size of a query and of a key."),
        ),
        Mistake(
            _scaled_by_the_queries,
            _("You divide by the root of the **number of queries**. d is how many numbers a query has."),
        ),
        Mistake(_multiplied, _("You **multiply** the scores by √d. They are divided by it.")),
        Mistake(
            _divided_after_the_softmax,
            _("You divide the **mix** by √d. The scores are divided, before the softmax."),
        ),
        Mistake(
            _over_the_queries,
            _(
                "Your weights sum to 1 over the **queries**. Softmax belongs on the last dimension, the keys: each "
                "query shares itself out over the keys."
            ),
        ),
        Mistake(
            _over_everything,
            _("Your softmax is over **all** scores at once. Each query has one of its own, over the keys: `dim=-1`."),
        ),
        Mistake(
            _without_softmax,
            _("The softmax is missing: the masked scores themselves are taken for weights."),
        ),
        Mistake(
            _scores_as_weights,
            _("Softmax and mask are missing: the scores themselves are taken for weights."),
        ),
        Mistake(
            _sigmoid,
            _("You take **sigmoid** of each score. Softmax lets the keys share one attention: the weights sum to 1."),
        ),
        Mistake(
            _exponentials,
            _("Your weights are the exponentials of the scores. **Divide** them by their sum: that is softmax."),
        ),
        Mistake(_log_softmax, _("You mix by the **logarithms** of the weights: `log_softmax` for `softmax`.")),
        Mistake(_softmax_twice, _("You take softmax of the weights **again**. Once is enough.")),
        Mistake(_without_mask, _("You do not use the mask: where it is False, a query must not look.")),
        Mistake(
            _inverted_mask,
            _("You hide what is visible. In `mask`, True means that the query **may** look: hide `~mask`."),
        ),
        Mistake(
            _inverted_mask_of_torch,
            _("You hide what is visible. In `mask`, as in PyTorch's function, True means that the query **may** look."),
        ),
        Mistake(
            _zero_scores,
            _("A hidden key gets the **score** 0, and so a weight of e⁰ over the sum. Its score must be −∞."),
        ),
        Mistake(
            _mask_after_softmax,
            _(
                "You hide **after** the softmax: what is left no longer sums to 1. Hide the scores, with −∞, "
                "before the softmax."
            ),
        ),
        Mistake(
            _mask_inverted_after_softmax,
            _(
                "You hide after the softmax, and what is visible. Hide the **scores** where the mask is False, "
                "before the softmax."
            ),
        ),
        Mistake(
            _mask_added,
            _("You add the mask, which counts as 1 and 0. Hidden scores become −∞: `masked_fill(~mask, -math.inf)`."),
        ),
        Mistake(_weights_returned, _("You return the **weights**. Mix the values by them: `weights @ value`.")),
        Mistake(_scores_returned, _("You return the masked **scores**. Softmax and the mix of the values follow.")),
        Mistake(
            _mixes_the_keys, _("You mix the **keys**. What is handed over are the values; the keys only say how much.")
        ),
        Mistake(
            _cosine,
            _("Your scores are the **cosine** of query and key. The dot product is divided by √d, not by lengths."),
        ),
        Mistake(
            _mean_of_the_visible,
            _("Every visible key gets the same weight. The scores of query and key say how much each counts."),
        ),
        Mistake(
            _best_alone,
            _("You take the value with the largest score **alone**. Attention mixes all of them by softmax."),
        ),
    ),
    corners=(
        Corner(
            lambda query, key, value, mask: query.dim() > 2,
            _(
                "Only inputs with a **batch** go wrong. Count dimensions from the end: `transpose(-2, -1)`, "
                "`softmax(dim=-1)`."
            ),
        ),
        Corner(
            lambda query, key, value, mask: _scores(query, key).abs().max() > 80,
            _("Only **large** scores go wrong: e to their power is more than a float can hold. Use `softmax(dim=-1)`."),
        ),
        Corner(
            lambda query, key, value, mask: bool((~mask).any()),
            _("It goes wrong where the mask hides something. A hidden key's score becomes −∞, and its weight 0."),
        ),
        Corner(
            lambda query, key, value, mask: value.shape[-1] != key.shape[-1],
            _("It goes wrong only where values and keys differ in **size**. Where do you take one for the other?"),
        ),
    ),
    explanation=_(
        "The masked scores are −∞ before the softmax, so that the weights of what is left sum to 1. "
        "Dimensions are counted from the end, and so the same lines serve one sequence, a batch, and a batch "
        "of heads."
    ),
)
