"""Exercise on softmax: how evenly it shares out."""

import math

import torch

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def softmax_entropy(scores: list[float]) -> float:
    """How evenly softmax shares itself out over these scores: its entropy, in nats.

    The entropy of the weights w is the sum of -w * log(w), with the natural logarithm; a weight of
    0 adds nothing. Scores may be far from 0: exp(1000) is more than a float can hold.

    >>> softmax_entropy([2.0, 2.0, 2.0, 2.0])
    1.3862943611198906
    >>> softmax_entropy([1000.0, 0.0])
    0.0
    """
    import math

    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    weights = [power / sum(powers) for power in powers]
    return sum(-weight * math.log(weight) for weight in weights if weight > 0)


def _softmax_entropy_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)
    near = [[2.0] * 4, [0.0, 1.0], [1.0, 2.0, 3.0], [5.0], [-1.0, 0.0, 0.5, 4.0], [0.5, -0.5, 0.5]]
    for scale, size in [(0.5, 8), (2.0, 8), (8.0, 8), (1.0, 3), (3.0, 5), (1.0, 20)]:
        near.append((scale * torch.randn(size, generator=generator)).tolist())
    far = [[1000.0, 0.0], [800.0, 801.0], [-1000.0, -1001.0, -1001.0], [0.0, -2000.0, -2000.0], [900.0, 0.0, 899.0]]
    return [(scores,) for scores in (*near, *far, [-3000.0, 1000.0, 1000.0], [-5000.0, -5002.0])]


def _weights(scores):
    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    return [power / sum(powers) for power in powers]


def _sum_over(weights, term):
    return sum(term(weight) for weight in weights if weight > 0)


def _in_bits(scores):
    return softmax_entropy(scores) / math.log(2)


def _of_ten(scores):
    return softmax_entropy(scores) / math.log(10)


def _without_minus(scores):
    return -softmax_entropy(scores)


def _without_the_weight(scores):
    return _sum_over(_weights(scores), lambda weight: -math.log(weight))


def _mean_surprise(scores):
    weights = [weight for weight in _weights(scores) if weight > 0]
    return _without_the_weight(scores) / len(weights)


def _over_the_largest(scores):
    return softmax_entropy(scores) / (math.log(len(scores)) if len(scores) > 1 else 1)


def _short_of_the_largest(scores):
    return math.log(len(scores)) - softmax_entropy(scores)


def _without_logarithm(scores):
    return 1 - sum(weight**2 for weight in _weights(scores))


def _scores_for_logarithms(scores):
    return -sum(weight * score for weight, score in zip(_weights(scores), scores, strict=True))


def _largest_alone(scores):
    return -math.log(max(_weights(scores)))


def _shares_without_exponentials(scores):
    total = sum(map(abs, scores))
    return sum(-abs(score) / total * math.log(abs(score) / total) for score in scores if score)


def _scores_over_their_sum(scores):
    total = sum(scores)
    return _sum_over([score / total if total else 0 for score in scores], lambda weight: -weight * math.log(weight))


def _powers_of_two(scores):
    return softmax_entropy([score * math.log(2) for score in scores])


def _not_divided(scores):
    largest = max(scores)
    return _sum_over([math.exp(score - largest) for score in scores], lambda power: -power * math.log(power))


def _softmax_twice(scores):
    return softmax_entropy(_weights(scores))


def _without_the_first(scores):
    return _sum_over(_weights(scores)[1:], lambda weight: -weight * math.log(weight))


def _without_the_last(scores):
    return _sum_over(_weights(scores)[:-1], lambda weight: -weight * math.log(weight))


def _first_term(scores):
    return _sum_over(_weights(scores)[:1], lambda weight: -weight * math.log(weight))


def _last_term(scores):
    return _sum_over(_weights(scores)[-1:], lambda weight: -weight * math.log(weight))


def _squares(scores):
    return -sum(weight**2 for weight in _weights(scores))


def _overflowing(scores):
    """What PyTorch and NumPy give without taking the largest score away."""
    powers = torch.tensor(scores, dtype=torch.float64).exp()
    weights = powers / powers.sum()
    return torch.where(weights == 0, 0, -weights * weights.log()).sum().item()


def _zero_times_infinity(scores):
    """What PyTorch and NumPy give for a weight of 0."""
    weights = torch.tensor(_weights(scores), dtype=torch.float64)
    return -(weights * weights.log()).sum().item()


SOFTMAX_ENTROPY = Exercise(
    name="transformer.softmax_entropy",
    title=_("How evenly softmax shares out"),
    solution=softmax_entropy,
    cases=_softmax_entropy_cases,
    compare=close,
    hints=(
        _("First the weights: the exponential of each score over the sum of all. Then the sum of `-w * math.log(w)`."),
        _(
            "Take the largest score from all of them before the exponentials: the weights stay the same, and the "
            "largest power is exp(0). Leave out weights of 0, whose logarithm does not exist."
        ),
    ),
    mistakes=(
        Mistake(_in_bits, _("This is the entropy in **bits**: use the natural logarithm, `math.log`, for nats.")),
        Mistake(
            _without_minus,
            _("The sign is missing. The logarithm of a weight is at most 0, and an entropy is never below 0."),
        ),
        Mistake(
            _without_the_weight,
            _("You add up the surprises `-log(w)` alike. Each counts as often as it happens: multiply it by `w`."),
        ),
        Mistake(
            _shares_without_exponentials,
            _("These weights are the scores over their sum. Softmax takes the **exponential** of each score first."),
        ),
        Mistake(
            _scores_over_their_sum,
            _("Your weights are the scores over their sum, without those below 0. Take the exponential of each first."),
        ),
        Mistake(
            _first_term, _("Only the first weight's term is there. Add up all of them, and return after the loop.")
        ),
        Mistake(
            _last_term, _("Only the last weight's term is there: each round overwrites the one before. Add them up.")
        ),
        Mistake(_squares, _("You multiply each weight by itself. Multiply it by its logarithm.")),
        Mistake(
            _overflowing,
            _(
                "Far from 0 the weights become nan: exp(1000) is infinite, and exp(-1000) is 0, so that all of them "
                "may "
                "be 0. Take the largest score away from each before the exponentials; the weights stay the same."
            ),
        ),
        Mistake(
            _zero_times_infinity,
            _(
                "A weight of 0 makes the whole sum nan, since its logarithm is −∞. Its term is 0: leave it out, "
                "or keep the logarithm finite, with `clamp` or `torch.special.entr`."
            ),
        ),
        Mistake(_of_ten, _("You take logarithms to the base 10. The natural one, `math.log`, gives nats.")),
        Mistake(
            _mean_surprise,
            _("You take the plain mean of the surprises `-log(w)`. Each counts as often as it happens: times its `w`."),
        ),
        Mistake(
            _over_the_largest,
            _(
                "You divide by log(n), the largest entropy there can be. Here it is asked for in nats, from 0 to "
                "log(n)."
            ),
        ),
        Mistake(
            _short_of_the_largest,
            _("This is how far the entropy is below the largest, log(n). The answer is the entropy itself."),
        ),
        Mistake(_without_logarithm, _("You use 1 − Σw², another measure of evenness. The entropy has the logarithm.")),
        Mistake(
            _scores_for_logarithms,
            _("You multiply each weight by its score. It is the logarithm of the **weight** that counts."),
        ),
        Mistake(_largest_alone, _("This is the surprise of the largest weight alone. Add up -w · log(w) over all.")),
        Mistake(_powers_of_two, _("Your weights are powers of 2. Softmax takes powers of e, `math.exp`.")),
        Mistake(
            _not_divided,
            _("Your powers are not yet weights: divide each by the sum of all, so that they add up to 1."),
        ),
        Mistake(_softmax_twice, _("You take softmax of the weights again. Once is enough.")),
        Mistake(_without_the_first, _("The first weight's term is missing from the sum.")),
        Mistake(_without_the_last, _("The last weight's term is missing from the sum.")),
    ),
    explanation=_(
        "Taking the largest score away changes no weight, because a factor above and below the line cancels; it keeps "
        "every power at most 1. The entropy is log(n) for n equal scores and 0 when one score wins everything."
    ),
    corners=(
        Corner(
            lambda scores: max(map(abs, scores)) > 300,
            _(
                "Only scores far from 0 go wrong: exp(1000) is more than a float can hold, and exp(-1000) is 0. "
                "Take the largest score away from each before the exponentials; the weights stay the same."
            ),
        ),
        Corner(
            lambda scores: max(scores) - min(scores) > 500,
            _(
                "Only scores far from each other go wrong. Take the **largest** away from each, so that no power is "
                "over 1, and leave out weights of 0."
            ),
        ),
        Corner(
            lambda scores: min(scores) < -300,
            _(
                "Only scores far below 0 go wrong: all powers may become 0, and 0 / 0 is not a number. Take away the "
                "largest "
                "score, and not the largest absolute value."
            ),
        ),
    ),
)
