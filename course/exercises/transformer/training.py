"""Exercises on what makes a Transformer trainable: layer normalization, label smoothing, warm-up."""

import math
from functools import partial

import torch

from course.exercises.compare import close, same
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
        ([5.0, 2.0], [2.0, 0.5], [1.0, 3.0], 0.25),
        ([-1.0, 2.0, 2.0, 1.0], [0.5, 2.0, 2.0, 1.0], [4.0, 3.0, 3.0, 2.0], 1.0),
    ]
    for size in (3, 4, 6, 5):
        x, gain, bias = (scale * torch.randn(size, generator=generator) for scale in (3.0, 1.0, 1.0))
        cases.append((x.tolist(), gain.tolist(), bias.tolist(), 0.5))
    return cases


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


def _eps_subtracted(x, gain, bias, eps):
    _mean, variance = _mean_and_variance(x)
    return _scaled(_without_mean(x), gain, bias, (variance - eps) ** 0.5 if variance > eps else math.nan)


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


def _mean_minus_value(x, gain, bias, eps):
    return layer_norm([-value for value in x], gain, bias, eps)


def _mean_alone_divided(x, gain, bias, eps):
    mean, variance = _mean_and_variance(x)
    spread = (variance + eps) ** 0.5
    return [value - mean / spread * g + b for value, g, b in zip(x, gain, bias, strict=True)]


def _least_to_largest(x, gain, bias, eps):
    least, largest = min(x), max(x)
    return _scaled([value - least for value in x], gain, bias, largest - least + eps or math.inf)


def _without_gain_and_bias(x, gain, bias, eps):
    return layer_norm(x, [1.0] * len(x), [0.0] * len(x), eps)


def _without_gain(x, gain, bias, eps):
    return layer_norm(x, [1.0] * len(x), bias, eps)


def _without_bias(x, gain, bias, eps):
    return layer_norm(x, gain, [0.0] * len(x), eps)


def _gain_and_bias_exchanged(x, gain, bias, eps):
    return layer_norm(x, bias, gain, eps)


def _bias_before_gain(x, gain, bias, eps):
    return layer_norm(x, gain, [g * b for g, b in zip(gain, bias, strict=True)], eps)


def _bias_subtracted(x, gain, bias, eps):
    return layer_norm(x, gain, [-b for b in bias], eps)


def _divided_by_gain(x, gain, bias, eps):
    return layer_norm(x, [1 / g for g in gain], bias, eps)


def _gain_added(x, gain, bias, eps):
    return layer_norm(x, [1.0] * len(x), [g + b for g, b in zip(gain, bias, strict=True)], eps)


def _first_gain_for_all(x, gain, bias, eps):
    return layer_norm(x, gain[:1] * len(x), bias[:1] * len(x), eps)


def _gain_first(x, gain, bias, eps):
    scaled = [value * g + b for value, g, b in zip(x, gain, bias, strict=True)]
    return layer_norm(scaled, [1.0] * len(x), [0.0] * len(x), eps)


def _residual_added(x, gain, bias, eps):
    return layer_norm(x, gain, [value + b for value, b in zip(x, bias, strict=True)], eps)


def _first_number_alone(x, gain, bias, eps):
    return layer_norm(x, gain, bias, eps)[:1]


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
        Mistake(_eps_subtracted, _("You take eps away from the variance. It is **added**, to keep the root above 0.")),
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
                "You take the mean of the absolute distances for the spread. It is the root of the mean of their squares."
            ),
        ),
        Mistake(
            _root_of_the_root,
            _("You take the root twice: the standard deviation is a root already. Add eps to the **variance**."),
        ),
        Mistake(_multiplied_by_the_spread, _("You multiply by the spread. Divide by it, so that it becomes 1.")),
        Mistake(_only_centered, _("The mean is gone, and the spread is still there: divide by it.")),
        Mistake(_mean_minus_value, _("The sign is turned round: take the mean away from the number, `value - mean`.")),
        Mistake(
            _mean_alone_divided,
            _("Only the mean is divided by the spread. Put the difference in parentheses: `(value - mean) / spread`."),
        ),
        Mistake(
            _least_to_largest,
            _("You bring the numbers between 0 and 1. Here mean and spread count, not the least and the largest."),
        ),
        Mistake(_without_gain, _("The gain is missing: multiply each number by its own before you add the bias.")),
        Mistake(_without_bias, _("The bias is missing: add each number's own at the end.")),
        Mistake(_gain_and_bias_exchanged, _("Gain and bias are exchanged: the gain multiplies, the bias is added.")),
        Mistake(_bias_before_gain, _("You add the bias before you multiply. First the gain, then the bias.")),
        Mistake(_bias_subtracted, _("You subtract the bias. It is added.")),
        Mistake(_divided_by_gain, _("You divide by the gain. It multiplies.")),
        Mistake(_gain_added, _("You add the gain. It multiplies; only the bias is added.")),
        Mistake(_first_gain_for_all, _("All your numbers get the first gain and bias. Each has its own.")),
        Mistake(
            _gain_first,
            _("You scale and shift before you normalize, which undoes it. Normalize first, then gain and bias."),
        ),
        Mistake(
            _residual_added,
            _("You add x to the result. That residual connection is not a part of the normalization."),
        ),
        Mistake(_first_number_alone, _("Only the first number is there. Is there a `return` inside the loop?")),
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
    cases = [(2, 4, 0.2), (0, 5, 0.1), (1, 2, 0.5), (3, 4, 0.0), (9, 10, 0.1), (0, 3, 0.3), (4, 8, 1.0)]
    return [*cases, (1, 6, 0.4), (3, 5, 0.25), (2, 7, 0.1), (1, 4, 0.6)]


def _target(right, vocab_size, own, other):
    return [own if token == right else other for token in range(vocab_size)]


def _only_the_others(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, smoothing / (vocab_size - 1))


def _without_padding(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, smoothing / max(vocab_size - 2, 1))


def _others_share_all(right, vocab_size, smoothing):
    each = smoothing / (vocab_size - 1)
    return _target(right, vocab_size, 1 - smoothing + each, each)


def _more_than_one(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1.0, smoothing / vocab_size)


def _added_to_one(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 + smoothing / vocab_size, smoothing / vocab_size)


def _less_than_one(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, smoothing / vocab_size)


def _one_share_less(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing / vocab_size, smoothing / vocab_size)


def _made_to_add_up(right, vocab_size, smoothing):
    target = _less_than_one(right, vocab_size, smoothing)
    return [value / sum(target) for value in target]


def _added_and_made_to_add_up(right, vocab_size, smoothing):
    target = _added_to_one(right, vocab_size, smoothing)
    return [value / sum(target) for value in target]


def _not_shared_out(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, smoothing)


def _whole_share_added(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1.0, smoothing)


def _not_smoothed(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1.0, 0.0)


def _nothing_for_the_others(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing, 0.0)


def _others_left_out(right, vocab_size, smoothing):
    return _target(right, vocab_size, 1 - smoothing + smoothing / vocab_size, 0.0)


def _even_share_alone(right, vocab_size, smoothing):
    return [smoothing / vocab_size] * vocab_size


def _all_alike(right, vocab_size, smoothing):
    return [1 / vocab_size] * vocab_size


def _shares_exchanged(right, vocab_size, smoothing):
    return smoothed_target(right, vocab_size, 1 - smoothing)


def _others_get_the_rest(right, vocab_size, smoothing):
    return _target(right, vocab_size, smoothing, (1 - smoothing) / (vocab_size - 1))


def _all_but_the_right(right, vocab_size, smoothing):
    return _target(right, vocab_size, smoothing / vocab_size, smoothing / vocab_size + 1 - smoothing)


def _usual_smoothing(right, vocab_size, smoothing):
    return smoothed_target(right, vocab_size, 0.1)


def _counted_from_one(right, vocab_size, smoothing):
    return smoothed_target(right - 1, vocab_size, smoothing)


def _one_before(right, vocab_size, smoothing):
    return smoothed_target((right - 1) % vocab_size, vocab_size, smoothing)


def _one_behind(right, vocab_size, smoothing):
    return smoothed_target((right + 1) % vocab_size, vocab_size, smoothing)


def _first_is_right(right, vocab_size, smoothing):
    return smoothed_target(0, vocab_size, smoothing)


def _last_is_right(right, vocab_size, smoothing):
    return smoothed_target(vocab_size - 1, vocab_size, smoothing)


def _counted_from_the_end(right, vocab_size, smoothing):
    return smoothed_target(right, vocab_size, smoothing)[::-1]


def _one_token_too_many(right, vocab_size, smoothing):
    return [*smoothed_target(right, vocab_size, smoothing), smoothing / vocab_size]


def _last_token_missing(right, vocab_size, smoothing):
    return smoothed_target(right, vocab_size, smoothing)[:-1]


def _first_token_missing(right, vocab_size, smoothing):
    return smoothed_target(right, vocab_size, smoothing)[1:]


def _as_logits(right, vocab_size, smoothing):
    powers = [math.exp(value) for value in _target(right, vocab_size, 1 - smoothing, 0.0)]
    return [power / sum(powers) for power in powers]


SMOOTHED_TARGET = Exercise(
    name="transformer.smoothed_target",
    title=_("A smoothed target"),
    solution=smoothed_target,
    cases=_smoothed_target_cases,
    compare=close,
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
        Mistake(
            _without_padding,
            _(
                "You spread the share over two tokens less than there are, as a well-known tutorial does, which leaves "
                "out the right one and padding. Here **all** tokens share it."
            ),
        ),
        Mistake(
            _others_share_all,
            _(
                "You divide by the number of the other tokens and give the right one its part too: together more than 1."
            ),
        ),
        Mistake(
            _added_to_one,
            _(
                "You add the even share to a full 1. The right token first gives up `smoothing`: 1 − smoothing, plus its part."
            ),
        ),
        Mistake(
            _one_share_less,
            _("The right token gives up a single share. It gives up `smoothing`, and gets one share back."),
        ),
        Mistake(
            _made_to_add_up,
            _(
                "Your probabilities add up to 1 because you divide by their sum, which changes the shares. With "
                "1 − smoothing **plus** its part of the even share for the right token, they add up by themselves."
            ),
        ),
        Mistake(
            _added_and_made_to_add_up,
            _(
                "You add the share to the one-hot vector and divide by the sum, which makes the share smaller. Multiply "
                "the one-hot vector by 1 − smoothing: then nothing has to be divided."
            ),
        ),
        Mistake(
            _whole_share_added,
            _("You add the whole share to every token. Divide it by the size of the vocabulary first."),
        ),
        Mistake(_not_smoothed, _("This is the target without smoothing, one-hot. A share of it goes to all tokens.")),
        Mistake(
            _nothing_for_the_others,
            _("The right token gives up its share, and nobody gets it. Spread it over all tokens."),
        ),
        Mistake(
            _others_left_out, _("The right token is as it should be. The others have their part of the share, too.")
        ),
        Mistake(
            _even_share_alone, _("Every token has its even share. The right one also gets the rest, 1 − smoothing.")
        ),
        Mistake(_all_alike, _("Every token gets the same from you. Only the share `smoothing` is spread evenly.")),
        Mistake(
            _shares_exchanged,
            _(
                "The shares are exchanged: `smoothing` is spread evenly, and the rest, 1 − smoothing, goes to the right token."
            ),
        ),
        Mistake(
            _others_get_the_rest,
            _("The right token gets `smoothing` and the others the rest. It is the other way round."),
        ),
        Mistake(_all_but_the_right, _("Every token but the right one gets the rest. It belongs to the right one.")),
        Mistake(_usual_smoothing, _("Your smoothing is always 0.1, the paper's. Take the one that is handed over.")),
        Mistake(
            _counted_from_one,
            _("You count the tokens from 1, so that the rest goes to the wrong one, or to none. Ids begin with 0."),
        ),
        Mistake(_one_before, _("The rest goes to the token before the right one. Ids begin with 0.")),
        Mistake(_one_behind, _("The rest goes to the token after the right one. Ids begin with 0.")),
        Mistake(_first_is_right, _("The rest always goes to token 0. It belongs to the token `right`.")),
        Mistake(_last_is_right, _("The rest always goes to the last token. It belongs to the token `right`.")),
        Mistake(_counted_from_the_end, _("You count the tokens from the end. The token `right` is at index `right`.")),
        Mistake(_one_token_too_many, _("There is one probability too many: one for each of the `vocab_size` tokens.")),
        Mistake(_last_token_missing, _("The last token is missing: there are `vocab_size` of them, from 0.")),
        Mistake(_first_token_missing, _("The first token, number 0, is missing.")),
        Mistake(_as_logits, _("You take softmax of the target. It is made of probabilities already.")),
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
    steps += [(200, 16, 300), (900, 16, 300), (2, 128, 10), (9, 4, 9), (3, 64, 20), (40, 256, 50)]
    return [*steps, (1000, 100, 30), (30, 100, 5)]


def _rate(step, d_model, warmup_steps, choose=min):
    return d_model**-0.5 * choose(step**-0.5, step * warmup_steps**-1.5)


def _takes_the_larger(step, d_model, warmup_steps):
    return _rate(step, d_model, warmup_steps, max)


def _without_warmup(step, d_model, warmup_steps):
    return d_model**-0.5 * step**-0.5


def _rises_without_end(step, d_model, warmup_steps):
    return d_model**-0.5 * step * warmup_steps**-1.5


def _without_decay(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step, warmup_steps) * warmup_steps**-1.5


def _added(step, d_model, warmup_steps):
    return _rate(step, d_model, warmup_steps, lambda falling, rising: falling + rising)


def _multiplied(step, d_model, warmup_steps):
    return _rate(step, d_model, warmup_steps, lambda falling, rising: falling * rising)


def _mean(step, d_model, warmup_steps):
    return _added(step, d_model, warmup_steps) / 2


def _multiplies_by_the_root(step, d_model, warmup_steps):
    return math.sqrt(d_model) * min(step**-0.5, step * warmup_steps**-1.5)


def _width_forgotten(step, d_model, warmup_steps):
    return _rate(step, 1, warmup_steps)


def _divides_by_the_width(step, d_model, warmup_steps):
    return _rate(step, d_model**2, warmup_steps)


def _multiplies_by_the_width(step, d_model, warmup_steps):
    return d_model * _rate(step, 1, warmup_steps)


def _width_in_the_fall_only(step, d_model, warmup_steps):
    return min(d_model**-0.5 * step**-0.5, step * warmup_steps**-1.5)


def _width_in_the_rise_only(step, d_model, warmup_steps):
    return min(step**-0.5, d_model**-0.5 * step * warmup_steps**-1.5)


def _usual_width(step, d_model, warmup_steps):
    return _rate(step, 512, warmup_steps)


def _usual_warmup(step, d_model, warmup_steps):
    return _rate(step, d_model, 4000)


def _rises_to_one(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, step / warmup_steps)


def _rises_by_the_power(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, (step / warmup_steps) ** 1.5)


def _power_of_the_product(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, (step * warmup_steps) ** -1.5)


def _root_of_the_warmup(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, step * warmup_steps**-0.5)


def _square_of_the_warmup(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, step * warmup_steps**-2)


def _falls_as_one_over_step(step, d_model, warmup_steps):
    return d_model**-0.5 * min(1 / step, step * warmup_steps**-1.5)


def _falls_by_the_square(step, d_model, warmup_steps):
    return (d_model * warmup_steps) ** -0.5 * min(step / warmup_steps, warmup_steps / step)


def _grows_as_the_root(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**0.5, step * warmup_steps**-1.5)


def _peak_of_one(step, d_model, warmup_steps):
    return min(step / warmup_steps, (warmup_steps / step) ** 0.5)


def _peak_by_the_width_alone(step, d_model, warmup_steps):
    return d_model**-0.5 * _peak_of_one(step, d_model, warmup_steps)


def _falls_from_the_warmup_on(step, d_model, warmup_steps):
    rising = step * warmup_steps**-1.5
    return d_model**-0.5 * (rising if step <= warmup_steps else (step - warmup_steps) ** -0.5)


def _one_step_ahead(step, d_model, warmup_steps):
    return _rate(step + 1, d_model, warmup_steps)


def _one_step_back(step, d_model, warmup_steps):
    return _rate(max(step - 1, 1), d_model, warmup_steps)


def _width_and_warmup_exchanged(step, d_model, warmup_steps):
    return _rate(step, warmup_steps, d_model)


def _step_and_warmup_exchanged(step, d_model, warmup_steps):
    return _rate(warmup_steps, d_model, step)


def _negative(step, d_model, warmup_steps):
    return -_rate(step, d_model, warmup_steps)


def _inverse(step, d_model, warmup_steps):
    return 1 / _rate(step, d_model, warmup_steps)


def _rounded(step, d_model, warmup_steps):
    return round(_rate(step, d_model, warmup_steps), 4)


WARMUP_RATE = Exercise(
    name="transformer.warmup_rate",
    title=_("The warm-up of the learning rate"),
    solution=warmup_rate,
    cases=_warmup_rate_cases,
    compare=partial(same, absolute=1e-12),
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
        Mistake(
            _rises_without_end,
            _(
                "Your rate goes on rising after the warm-up. From there on the other curve, 1 / sqrt(step), is the smaller."
            ),
        ),
        Mistake(_added, _("You add the two curves. The rate is the **smaller** of them.")),
        Mistake(_multiplied, _("You multiply the two curves. The rate is the **smaller** of them.")),
        Mistake(_mean, _("You take the mean of the two curves. The rate is the **smaller** of them.")),
        Mistake(_width_forgotten, _("`d_model` is forgotten: the smaller of the two is divided by its root.")),
        Mistake(_divides_by_the_width, _("You divide by `d_model`. Divide by its **root**.")),
        Mistake(_multiplies_by_the_width, _("You multiply by `d_model`. Divide by its root.")),
        Mistake(
            _width_in_the_fall_only,
            _("Only the falling curve is divided by sqrt(d_model). Both are: take the smaller first, then divide."),
        ),
        Mistake(
            _width_in_the_rise_only,
            _("Only the rising curve is divided by sqrt(d_model). Both are: take the smaller first, then divide."),
        ),
        Mistake(_usual_width, _("Your d_model is always 512, the paper's. Take the one that is handed over.")),
        Mistake(_usual_warmup, _("Your warm-up always lasts 4,000 steps, the paper's. Take `warmup_steps`.")),
        Mistake(
            _rises_to_one,
            _(
                "You rise by step / warmup_steps, which soon is above the other curve. The two must meet at "
                "`warmup_steps`, so the rise is divided by its root once more: step / warmup_steps ** 1.5."
            ),
        ),
        Mistake(
            _rises_by_the_power,
            _(
                "You raise step / warmup_steps to 1.5. Only the **warmup_steps** is: the rise is a straight line in step."
            ),
        ),
        Mistake(
            _power_of_the_product,
            _("You raise the product to −1.5. Only `warmup_steps` is raised: `step * warmup_steps ** -1.5`."),
        ),
        Mistake(
            _root_of_the_warmup,
            _("You divide the step by the root of `warmup_steps`: a power of 0.5 where 1.5 belongs."),
        ),
        Mistake(
            _square_of_the_warmup,
            _("You divide the step by the square of `warmup_steps`: a power of 2 where 1.5 belongs."),
        ),
        Mistake(_falls_as_one_over_step, _("Your rate falls as 1 / step. It falls more slowly, as 1 / sqrt(step).")),
        Mistake(
            _falls_by_the_square,
            _("After the warm-up your rate falls as 1 / step. It falls more slowly, as 1 / sqrt(step)."),
        ),
        Mistake(
            _grows_as_the_root,
            _("You take sqrt(step), which grows. The falling curve is **1 /** sqrt(step)."),
        ),
        Mistake(
            _peak_of_one,
            _("Your rate has the right form and a peak of 1. The peak is 1 / sqrt(d_model · warmup_steps)."),
        ),
        Mistake(
            _peak_by_the_width_alone,
            _("Your rate has the right form, and its peak is too high: it is 1 / sqrt(d_model · warmup_steps)."),
        ),
        Mistake(
            _falls_from_the_warmup_on,
            _("You count the steps anew after the warm-up, so that the rate jumps. It falls as 1 / sqrt(step)."),
        ),
        Mistake(_one_step_ahead, _("You add 1 to the step. Here steps already count from 1.")),
        Mistake(_one_step_back, _("You take 1 away from the step. Here steps count from 1.")),
        Mistake(_width_and_warmup_exchanged, _("`d_model` and `warmup_steps` are exchanged.")),
        Mistake(_step_and_warmup_exchanged, _("`step` and `warmup_steps` are exchanged.")),
        Mistake(_negative, _("Your rate is negative: the minus is a part of the exponent, `d_model ** -0.5`.")),
        Mistake(_inverse, _("This is 1 over the rate. The exponents are negative: −0.5 and −1.5.")),
        Mistake(_rounded, _("You round the rate. At the beginning it is smaller than your last digit.")),
    ),
    explanation=_(
        "At step = warmup_steps the two are equal, step ** -0.5, so the curve has no jump. Its peak is "
        "1 / sqrt(d_model * warmup_steps)."
    ),
)
