"""Exercises on what makes a Transformer trainable: layer normalization, label smoothing, warm-up."""

import math

import torch

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def layer_norm(x: list[float], gain: list[float], bias: list[float], eps: float) -> list[float]:
    """Layer normalization of one vector: without its mean, over its spread, scaled and shifted.

    The spread is the root of variance + eps, the variance being the mean of the squared distances
    from the mean (divided by n, not n - 1). Each number is then multiplied by its `gain`, and
    its `bias` is added.

    >>> layer_norm([1.0, 3.0], gain=[1.0, 10.0], bias=[0.0, 0.5], eps=0.0)
    [-1.0, 10.5]
    """
    mean = sum(x) / len(x)
    variance = sum((value - mean) ** 2 for value in x) / len(x)
    spread = (variance + eps) ** 0.5
    return [(value - mean) / spread * g + b for value, g, b in zip(x, gain, bias, strict=True)]


def _layer_norm_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(4)
    cases = [
        ([1.0, 3.0], [1.0, 10.0], [0.0, 0.5], 0.0),
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], [0.5, 0.0, -1.0], 1e-5),
        ([1.0, 2.0, 6.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], 1e-5),
        ([0.01, 0.02, 0.06, 0.01], [1.0, 1.0, 2.0, 2.0], [0.0, 1.0, 0.0, 1.0], 1e-3),
    ]
    for size in (3, 4, 6):
        x, gain, bias = (scale * torch.randn(size, generator=generator) for scale in (3.0, 1.0, 1.0))
        cases.append((x.tolist(), gain.tolist(), bias.tolist(), 0.5))
    return cases


def _mean_and_variance(x, less=0):
    mean = sum(x) / len(x)
    return mean, sum((value - mean) ** 2 for value in x) / (len(x) - less)


def _divides_by_the_variance(x, gain, bias, eps):
    mean, variance = _mean_and_variance(x)
    return [(v - mean) / (variance + eps) * g + b for v, g, b in zip(x, gain, bias, strict=True)]


def _sample_variance(x, gain, bias, eps):
    mean, variance = _mean_and_variance(x, less=1)
    return [(v - mean) / (variance + eps) ** 0.5 * g + b for v, g, b in zip(x, gain, bias, strict=True)]


def _keeps_the_mean(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x)
    return [v / (variance + eps) ** 0.5 * g + b for v, g, b in zip(x, gain, bias, strict=True)]


def _eps_outside_the_root(x, gain, bias, eps):
    mean, variance = _mean_and_variance(x)
    spread = variance**0.5 + eps
    return [(v - mean) / spread * g + b for v, g, b in zip(x, gain, bias, strict=True)]


def _without_gain_and_bias(x, gain, bias, eps):
    return layer_norm(x, [1.0] * len(x), [0.0] * len(x), eps)


LAYER_NORM = Exercise(
    name="transformer.layer_norm",
    title=_("Layer normalization"),
    solution=layer_norm,
    cases=_layer_norm_cases,
    hints=(
        _("Mean first, then the variance around it, then the root of variance + eps: that is what to divide by."),
        _("`(value - mean) / (variance + eps) ** 0.5 * gain + bias`, for each number with its own gain and bias."),
    ),
    mistakes=(
        Mistake(
            _divides_by_the_variance,
            _("You divide by the **variance**. Divide by its root: the result then has a spread of 1."),
        ),
        Mistake(
            _sample_variance,
            _("Your variance divides by n - 1, as one does for a sample. Layer normalization divides by n."),
        ),
        Mistake(_keeps_the_mean, _("The mean is still in it: take it away from each number before you divide.")),
        Mistake(
            _eps_outside_the_root,
            _("You add eps to the root. It belongs **under** the root, to the variance."),
        ),
        Mistake(
            _without_gain_and_bias,
            _("The last step is missing: multiply each number by its gain and add its bias, which are learned."),
        ),
    ),
    explanation=_(
        "Without gain and bias, what comes out has mean 0 and spread 1, whatever went in: a sublayer reads vectors of "
        "one size, however large the residual stream has grown. eps keeps a vector of equal numbers from a "
        "division by 0."
    ),
)


def smoothed_target(right: int, vocab_size: int, smoothing: float) -> list[float]:
    """The probabilities that label smoothing asks for, when the token `right` is right.

    A share `smoothing` is spread evenly over **all** tokens, the right one included; the right
    token also gets the rest.

    >>> smoothed_target(2, vocab_size=4, smoothing=0.2)
    [0.05, 0.05, 0.8500000000000001, 0.05]
    """
    each = smoothing / vocab_size
    return [each + (1 - smoothing) * (token == right) for token in range(vocab_size)]


def _smoothed_target_cases() -> list[tuple]:
    return [(2, 4, 0.2), (0, 5, 0.1), (1, 2, 0.5), (3, 4, 0.0), (9, 10, 0.1), (0, 3, 0.3), (4, 8, 1.0)]


def _only_the_others(right, vocab_size, smoothing):
    each = smoothing / (vocab_size - 1)
    return [1 - smoothing if token == right else each for token in range(vocab_size)]


def _more_than_one(right, vocab_size, smoothing):
    return [1.0 if token == right else smoothing / vocab_size for token in range(vocab_size)]


def _less_than_one(right, vocab_size, smoothing):
    return [1 - smoothing if token == right else smoothing / vocab_size for token in range(vocab_size)]


def _not_shared_out(right, vocab_size, smoothing):
    return [1 - smoothing if token == right else smoothing for token in range(vocab_size)]


SMOOTHED_TARGET = Exercise(
    name="transformer.smoothed_target",
    title=_("A smoothed target"),
    solution=smoothed_target,
    cases=_smoothed_target_cases,
    hints=(
        _("Every token gets `smoothing / vocab_size`. The right one gets `1 - smoothing` on top."),
        _("The probabilities must add up to 1: check it on your answer."),
    ),
    mistakes=(
        Mistake(
            _only_the_others,
            _(
                "You spread the share over the **other** tokens only. That is another form of it; the paper's (and "
                "PyTorch's) spreads it over all tokens, the right one included."
            ),
        ),
        Mistake(_more_than_one, _("Your probabilities add up to more than 1: the right token must give up its share.")),
        Mistake(
            _less_than_one,
            _("Your probabilities add up to less than 1: the right token has a part in the even share as well."),
        ),
        Mistake(
            _not_shared_out,
            _("You give the whole share to every token. It is shared: divide it by the size of the vocabulary."),
        ),
    ),
    explanation=_(
        "The logits that fit this target best are finite: the right one is above the others by a fixed amount, and to "
        "push it further costs. With a target of 1 and 0 the best logits are infinitely far apart."
    ),
)


def warmup_rate(step: int, d_model: int, warmup_steps: int) -> float:
    """The learning rate of "Attention Is All You Need" at a step; steps count from 1.

    It is 1 / sqrt(d_model) times the smaller of 1 / sqrt(step) and step / warmup_steps ** 1.5.

    >>> warmup_rate(100, d_model=64, warmup_steps=100)
    0.0125
    >>> warmup_rate(50, d_model=64, warmup_steps=100)
    0.00625
    """
    return d_model**-0.5 * min(step**-0.5, step * warmup_steps**-1.5)


def _warmup_rate_cases() -> list[tuple]:
    steps = [(100, 64, 100), (50, 64, 100), (1, 512, 4000), (4000, 512, 4000), (400, 64, 100), (100_000, 512, 4000)]
    return [*steps, (200, 16, 300), (900, 16, 300), (2, 128, 10), (9, 4, 9)]


def _takes_the_larger(step, d_model, warmup_steps):
    return d_model**-0.5 * max(step**-0.5, step * warmup_steps**-1.5)


def _without_warmup(step, d_model, warmup_steps):
    return d_model**-0.5 * step**-0.5


def _without_decay(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step, warmup_steps) * warmup_steps**-1.5


def _multiplies_by_the_root(step, d_model, warmup_steps):
    return math.sqrt(d_model) * min(step**-0.5, step * warmup_steps**-1.5)


WARMUP_RATE = Exercise(
    name="transformer.warmup_rate",
    title=_("The warm-up of the learning rate"),
    solution=warmup_rate,
    cases=_warmup_rate_cases,
    hints=(
        _("Two curves: one rises in a line, one falls as 1 / sqrt(step). They meet at `warmup_steps`; take the lower."),
        _("`d_model ** -0.5 * min(step ** -0.5, step * warmup_steps ** -1.5)`"),
    ),
    mistakes=(
        Mistake(
            _takes_the_larger,
            _("You take the **larger** of the two: the rate is then huge at the first step and grows without end."),
        ),
        Mistake(
            _without_warmup,
            _("The rise is missing: your rate is highest at the first step, where gradients are least to be trusted."),
        ),
        Mistake(
            _without_decay,
            _("Your rate stays where it is after the warm-up. From there on it falls as 1 / sqrt(step)."),
        ),
        Mistake(
            _multiplies_by_the_root,
            _("You multiply by the root of `d_model`. Wider models take **smaller** steps: divide by it."),
        ),
    ),
    explanation=_(
        "At step = warmup_steps the two are equal, step ** -0.5, so the curve has no jump. Its peak is "
        "1 / sqrt(d_model * warmup_steps)."
    ),
)
