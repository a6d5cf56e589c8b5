"""Exercise on layer normalization."""

import math

import torch

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
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

    def drawn(size, scale=1.0):
        return (scale * torch.randn(size, generator=generator)).tolist()

    plain = [([1.0, 2.0, 6.0], 1e-5), ([5.0, 2.0, -2.0], 0.25), ([0.01, 0.02, 0.06, 0.01], 1e-3)]
    plain += [(drawn(size, scale), 0.5) for size, scale in [(3, 3.0), (4, 0.5), (6, 3.0), (5, 1.0)]]
    return [
        ([1.0, 3.0], [1.0, 10.0], [0.0, 0.5], 0.0),
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], [0.5, 0.0, -1.0], 1e-5),
        *((x, [1.0] * len(x), [0.0] * len(x), eps) for x, eps in plain),
        ([5.0, 2.0], [2.0, 0.5], [1.0, 3.0], 0.25),
        ([-1.0, 2.0, 2.0, 1.0], [0.5, 2.0, 2.0, 1.0], [4.0, 3.0, 3.0, 2.0], 1.0),
        *((drawn(size, 3.0), drawn(size), drawn(size), 0.5) for size in (4, 5)),
    ]


def _mean_and_variance(x, less=0):
    mean = sum(x) / len(x)
    return mean, sum((value - mean) ** 2 for value in x) / (len(x) - less)


def _scaled(x, gain, bias, divisor):
    return [value / divisor * g + b for value, g, b in zip(x, gain, bias, strict=True)]


def _without_mean(x):
    mean = sum(x) / len(x)
    return [value - mean for value in x]


def _divides_by_the_variance(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x)
    return _scaled(_without_mean(x), gain, bias, variance + eps)


def _sample_variance(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x, less=1)
    return _scaled(_without_mean(x), gain, bias, (variance + eps) ** 0.5)


def _keeps_the_mean(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x)
    return _scaled(x, gain, bias, (variance + eps) ** 0.5)


def _eps_outside_the_root(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x)
    return _scaled(_without_mean(x), gain, bias, variance**0.5 + eps or math.inf)


def _sample_and_eps_outside(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x, less=1)
    return _scaled(_without_mean(x), gain, bias, variance**0.5 + eps or math.inf)


def _without_eps(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x)
    return _scaled(_without_mean(x), gain, bias, variance**0.5 or math.nan)


def _usual_eps(x, gain, bias, eps):
    return layer_norm(x, gain, bias, 1e-5)


def _eps_squared(x, gain, bias, eps):
    return layer_norm(x, gain, bias, eps**2)


def _root_mean_square(x):
    return sum(value**2 for value in x) / len(x)


def _without_centering(x, gain, bias, eps):
    return _scaled(x, gain, bias, (_root_mean_square(x) + eps) ** 0.5)


def _squares_before_the_mean(x, gain, bias, eps):
    return _scaled(_without_mean(x), gain, bias, (_root_mean_square(x) + eps) ** 0.5)


def _sum_of_squares(x, gain, bias, eps):
    centered = _without_mean(x)
    return _scaled(centered, gain, bias, (sum(value**2 for value in centered) + eps) ** 0.5)


def _absolute_distances(x, gain, bias, eps):
    centered = _without_mean(x)
    return _scaled(centered, gain, bias, sum(map(abs, centered)) / len(x) + eps or math.inf)


def _root_of_the_root(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x)
    return _scaled(_without_mean(x), gain, bias, (variance**0.5 + eps) ** 0.5 or math.inf)


def _multiplied_by_the_spread(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x)
    return _scaled(_without_mean(x), gain, bias, (variance + eps) ** -0.5)


def _only_centered(x, gain, bias, eps):
    return _scaled(_without_mean(x), gain, bias, 1)


def _mean_alone_divided(x, gain, bias, eps):
    mean, variance = _mean_and_variance(x)
    spread = (variance + eps) ** 0.5
    return [value - mean / spread * g + b for value, g, b in zip(x, gain, bias, strict=True)]


def _least_to_largest(x, gain, bias, eps):
    least, largest = min(x), max(x)
    return _scaled([value - least for value in x], gain, bias, largest - least + eps or math.inf)


def _without_gain_and_bias(x, gain, bias, eps):
    return layer_norm(x, [1.0] * len(x), [0.0] * len(x), eps)


def _bias_before_gain(x, gain, bias, eps):
    return layer_norm(x, gain, [g * b for g, b in zip(gain, bias, strict=True)], eps)


def _divided_by_gain(x, gain, bias, eps):
    return layer_norm(x, [1 / g for g in gain], bias, eps)


def _gain_added(x, gain, bias, eps):
    return layer_norm(x, [1.0] * len(x), [g + b for g, b in zip(gain, bias, strict=True)], eps)


def _one_more_than_gain(x, gain, bias, eps):
    return layer_norm(x, [1 + g for g in gain], bias, eps)


def _first_gain_for_all(x, gain, bias, eps):
    return layer_norm(x, gain[:1] * len(x), bias[:1] * len(x), eps)


def _gain_first(x, gain, bias, eps):
    scaled = [value * g + b for value, g, b in zip(x, gain, bias, strict=True)]
    return layer_norm(scaled, [1.0] * len(x), [0.0] * len(x), eps)


LAYER_NORM = Exercise(
    name="transformer.layer_norm",
    title=_("Layer normalization"),
    solution=layer_norm,
    cases=_layer_norm_cases,
    compare=close,
    hints=(
        _("Mean first, then the variance around it, then the root of variance + eps: that is what to divide by."),
        _("`(value - mean) / (variance + eps) ** 0.5 * gain + bias`, for each number with its own gain and bias."),
    ),
    mistakes=(
        Mistake(
            _divides_by_the_variance,
            _("You divide by the **variance**. Divide by its root: the result then has a standard deviation of 1."),
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
        Mistake(
            _sample_and_eps_outside,
            _(
                "This is (x − mean) / (std + eps) with PyTorch's `std`, as in a well-known tutorial. Two things "
                "differ from the paper: the variance divides by n, not n − 1, and eps is **under** the root."
            ),
        ),
        Mistake(
            _without_eps,
            _("eps is missing. Without it, a vector of equal numbers is divided by 0: add it to the variance."),
        ),
        Mistake(
            _usual_eps,
            _("Your eps is always 1e-5, the default of PyTorch's layer. Take the one that is handed over."),
        ),
        Mistake(_eps_squared, _("You square eps. It is added to the variance as it is.")),
        Mistake(
            _without_centering,
            _(
                "This is RMSNorm: x over the root of its mean square. Layer normalization first takes the mean away, "
                "from the numbers and in the variance."
            ),
        ),
        Mistake(
            _squares_before_the_mean,
            _("Your variance is the mean of x². It is the mean of the squared distances **from the mean**."),
        ),
        Mistake(_sum_of_squares, _("You add up the squared distances. The variance is their **mean**: divide by n.")),
        Mistake(
            _absolute_distances,
            _(
                "You take the mean of the absolute distances for the standard deviation. It is the root of the mean "
                "of their squares."
            ),
        ),
        Mistake(
            _root_of_the_root,
            _("You take the root twice: the standard deviation is a root already. Add eps to the **variance**."),
        ),
        Mistake(
            _multiplied_by_the_spread, _("You multiply by the standard deviation. Divide by it, so that it becomes 1.")
        ),
        Mistake(_only_centered, _("The mean is gone, and the standard deviation is still there: divide by it.")),
        Mistake(
            _mean_alone_divided,
            _(
                "Only the mean is divided by the standard deviation. Put the difference in parentheses: `(value - "
                "mean) / spread`."
            ),
        ),
        Mistake(
            _least_to_largest,
            _(
                "You bring the numbers between 0 and 1. Here mean and standard deviation count, not the least and "
                "the largest."
            ),
        ),
        Mistake(_bias_before_gain, _("You add the bias before you multiply. First the gain, then the bias.")),
        Mistake(_divided_by_gain, _("You divide by the gain. It multiplies.")),
        Mistake(
            _one_more_than_gain,
            _("You multiply by **1 + gain**, as Gemma's normalization does. Here the gain is all of the factor."),
        ),
        Mistake(_gain_added, _("You add the gain. It multiplies; only the bias is added.")),
        Mistake(_first_gain_for_all, _("All your numbers get the first gain and bias. Each has its own.")),
        Mistake(
            _gain_first,
            _("You scale and shift before you normalize, which undoes it. Normalize first, then gain and bias."),
        ),
    ),
    explanation=_(
        "Without gain and bias, what comes out has mean 0 and standard deviation 1, whatever went in: a sublayer "
        "reads vectors of "
        "one size, however large the residual stream has grown. eps keeps a vector of equal numbers from a "
        "division by 0."
    ),
    corners=(
        Corner(
            lambda x, gain, bias, eps: max(x) == min(x),
            _("Only a vector of equal numbers goes wrong. Its variance is 0, and eps keeps the division possible."),
        ),
    ),
)
