"""The exercise of the lesson `start_here`: from logits to probabilities."""

import math

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def softmax(logits: list[float], temperature: float) -> list[float]:
    """The probability of each token, given the logits of all tokens.

    Each logit is divided by the temperature, which is above 0. A token's probability is e to the
    power of what it then has, divided by the sum of these powers over all tokens.

    >>> softmax([1.5, 1.5, 1.5, 1.5], 1.0)
    [0.25, 0.25, 0.25, 0.25]
    >>> [round(p, 3) for p in softmax([2.0, 1.0, 0.0], 0.5)]
    [0.867, 0.117, 0.016]
    """
    import math

    powers = [math.exp(logit / temperature) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]


def _cases() -> list[tuple]:
    return [
        ([2.0, 1.0, 0.0], 1.0),
        ([2.0, 1.0, 0.0], 0.5),
        ([2.0, 1.0, 0.0], 2.0),
        ([0.0, 0.0, 0.0, 0.0], 1.5),
        ([1.5, 3.0], 0.25),
        ([-4.0, -1.0, -2.5, -1.0], 0.7),
        ([0.3, -0.2, 5.0, 1.1, 0.0], 3.0),
        ([7.0], 0.8),
        ([18.2, 17.9, 12.0, -3.1], 1.3),
        ([-20.0, -21.0, -22.0], 1.0),
        ([0.1, 0.4, 0.2], 10.0),
        ([6.0, -6.0, 0.0], 0.4),
    ]


def _temperature_ignored(logits, temperature):
    return softmax(logits, 1.0)


def _multiplied_by_temperature(logits, temperature):
    return softmax(logits, 1 / temperature)


def _divided_at_the_end(logits, temperature):
    return [p / temperature for p in softmax(logits, 1.0)]


def _not_normalized(logits, temperature):
    return [math.exp(logit / temperature) for logit in logits]


def _without_powers(logits, temperature):
    return [logit / temperature for logit in logits]


def _shares_of_logits(logits, temperature):
    total = sum(logits)
    return [logit / total for logit in logits] if total else [1 / len(logits)] * len(logits)


def _by_the_largest(logits, temperature):
    powers = _not_normalized(logits, temperature)
    return [power / max(powers) for power in powers]


def _by_the_number(logits, temperature):
    powers = _not_normalized(logits, temperature)
    return [power / len(powers) for power in powers]


def _sum_of_logits_below(logits, temperature):
    total = math.exp(sum(logits) / temperature)
    return [math.exp(logit / temperature) / total for logit in logits]


def _temperature_above_only(logits, temperature):
    total = sum(math.exp(logit) for logit in logits)
    return [math.exp(logit / temperature) / total for logit in logits]


def _temperature_below_only(logits, temperature):
    total = sum(math.exp(logit / temperature) for logit in logits)
    return [math.exp(logit) / total for logit in logits]


def _two_to_the_power(logits, temperature):
    powers = [2 ** (logit / temperature) for logit in logits]
    return [power / sum(powers) for power in powers]


def _ten_to_the_power(logits, temperature):
    powers = [10 ** (logit / temperature) for logit in logits]
    return [power / sum(powers) for power in powers]


def _sign_turned(logits, temperature):
    return softmax([-logit for logit in logits], temperature)


def _logarithms(logits, temperature):
    return [math.log(p) for p in softmax(logits, temperature)]


def _sorted(logits, temperature):
    return sorted(softmax(logits, temperature), reverse=True)


def _largest_only(logits, temperature):
    best = logits.index(max(logits))
    return [float(place == best) for place in range(len(logits))]


def _sum_so_far(logits, temperature):
    powers = _not_normalized(logits, temperature)
    return [power / sum(powers[: place + 1]) for place, power in enumerate(powers)]


def _sum_of_the_others(logits, temperature):
    powers = _not_normalized(logits, temperature)
    return [power / ((sum(powers) - power) or 1.0) for power in powers]


def _rounded(logits, temperature):
    return [round(p, 3) for p in softmax(logits, temperature)]


def _percent(logits, temperature):
    return [100 * p for p in softmax(logits, temperature)]


def _sigmoids(logits, temperature):
    return [1 / (1 + math.exp(-logit / temperature)) for logit in logits]


EXERCISES = (
    Exercise(
        name="start_here.softmax",
        title=_("Softmax with a temperature"),
        solution=softmax,
        cases=_cases,
        hints=(
            _("Two steps: first a list with `math.exp(logit / temperature)` of each logit, then its sum."),
            _(
                "The second step divides each power by the sum of all: "
                "`[power / sum(powers) for power in powers]`. The answer sums to 1."
            ),
        ),
        mistakes=(
            Mistake(
                _temperature_ignored,
                _(
                    "The **temperature** changes nothing in your answer. Divide each logit by it, inside `exp`: "
                    "what divides all the powers cancels in the shares."
                ),
            ),
            Mistake(
                _multiplied_by_temperature,
                _(
                    "You **multiply** by the temperature, and a high one makes the choice sharper. "
                    "Divide: a high temperature brings the logits closer together."
                ),
            ),
            Mistake(
                _divided_at_the_end,
                _(
                    "You divide the **probabilities** by the temperature, and they no longer sum to 1. "
                    "Divide the logits, before the powers."
                ),
            ),
            Mistake(
                _not_normalized,
                _("Your numbers do not sum to 1: divide each power by the **sum** of all of them."),
            ),
            Mistake(
                _without_powers,
                _("These are the logits divided by the temperature. Take e to their power, and then the shares."),
            ),
            Mistake(
                _shares_of_logits,
                _("These are shares of the **logits**, which may be below 0. Take the shares of e to their power."),
            ),
            Mistake(_by_the_largest, _("You divide by the **largest** power. Divide by the sum of all powers.")),
            Mistake(_by_the_number, _("You divide by the **number** of tokens. Divide by the sum of all powers.")),
            Mistake(
                _sum_of_logits_below,
                _("You take the power of the **sum of the logits**. Take the power of each, then the sum."),
            ),
            Mistake(
                _temperature_above_only,
                _("The sum is of powers **without** the temperature. Above and below, the powers are the same ones."),
            ),
            Mistake(
                _temperature_below_only,
                _("The temperature is in the sum **only**. Above and below, the powers are the same ones."),
            ),
            Mistake(_two_to_the_power, _("You take powers of **2**. Softmax takes powers of e: `math.exp`.")),
            Mistake(_ten_to_the_power, _("You take powers of **10**. Softmax takes powers of e: `math.exp`.")),
            Mistake(
                _sign_turned,
                _("The **lowest** logit gets the highest probability in your answer: there is a minus too many."),
            ),
            Mistake(_logarithms, _("These are the **logarithms** of the probabilities. Return the probabilities.")),
            Mistake(
                _sorted, _("Your answer is **sorted**. Keep the order of the logits: it says which token is meant.")
            ),
            Mistake(
                _largest_only,
                _("You give everything to the **largest** logit, as greedy decoding does. Softmax shares it out."),
            ),
            Mistake(
                _sum_so_far,
                _("You divide by the sum **so far**. Make the list of all powers first, and then its sum."),
            ),
            Mistake(
                _sum_of_the_others,
                _("You divide by the sum of the **other** powers. The token's own power belongs to the sum."),
            ),
            Mistake(_rounded, _("Your probabilities are **rounded**. Return them as the division gives them.")),
            Mistake(_percent, _("These are **percent**. Probabilities sum to 1, not to 100.")),
            Mistake(
                _sigmoids,
                _(
                    "You take the **sigmoid** of each logit by itself. With softmax the tokens share 1 among them: "
                    "divide each power by the sum of all."
                ),
            ),
        ),
        corners=(
            Corner(
                lambda logits, temperature: len(logits) == 1,
                _("Only a vocabulary of **one token** goes wrong: its probability is 1."),
            ),
            Corner(
                lambda logits, temperature: max(logits) < 0,
                _("Only logits that are all **below 0** go wrong: a logit is any number, its power is above 0."),
            ),
        ),
        explanation=_(
            "A power of e is above 0 and grows with the logit, so its share is a probability that keeps the order of "
            "the logits. Only differences of logits count: the same number added to all of them cancels. Dividing by a "
            "temperature above 1 makes the differences smaller and the choice more even, below 1 the opposite."
        ),
    ),
)
