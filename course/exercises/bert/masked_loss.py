"""Exercise on masked language modeling: the loss is over the positions that have a label."""

import math
from random import Random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def masked_loss(probabilities: list[list[float]], labels: list[int]) -> float:
    """How surprised a masked language model is, on average, by the tokens that it was asked for.

    `probabilities` has a row for each position: the probability of each token of the vocabulary.
    `labels` has the id of the token that was there, or -100 where the model is not asked. A
    position with a label costs -log(probability of its label), with the natural logarithm.
    The loss is the mean over the positions that have a label, and 0.0 where none has.

    >>> masked_loss([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]], [-100, 0, 0])
    0.6931471805599453
    """
    import math

    costs = [-math.log(row[label]) for row, label in zip(probabilities, labels, strict=True) if label != -100]
    return sum(costs) / len(costs) if costs else 0.0


def _masked_loss_cases() -> list[tuple]:
    rng = Random(12)
    cases: list[tuple] = [
        ([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]], [-100, 0, 0]),
        ([[0.5, 0.5], [0.125, 0.875]], [1, -100]),
        ([[0.25, 0.75]], [0]),
        ([[0.25, 0.75], [0.5, 0.5]], [-100, -100]),
        ([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], [1, 1, -100]),
        ([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]], [2, 0, 1]),
    ]
    for _case in range(9):
        size, n = rng.randint(2, 5), rng.randint(3, 7)
        rows = []
        for _position in range(n):
            weights = [rng.uniform(0.05, 1.0) for _token in range(size)]
            rows.append([weight / sum(weights) for weight in weights])
        cases.append((rows, [rng.choice([-100, -100, *range(size)]) for _position in range(n)]))
    return cases


def _asked(probabilities, labels):
    return [row[label] for row, label in zip(probabilities, labels, strict=True) if label != -100]


def _over_all(probabilities, labels):
    costs = [-math.log(chance) for chance in _asked(probabilities, labels)]
    return sum(costs) / len(labels)


def _summed(probabilities, labels):
    return float(sum(-math.log(chance) for chance in _asked(probabilities, labels)))


def _without_minus(probabilities, labels):
    return -masked_loss(probabilities, labels)


def _by_base(base):
    def wrong(probabilities, labels):
        return masked_loss(probabilities, labels) / math.log(base)

    return wrong


def _log_of_mean(probabilities, labels):
    chances = _asked(probabilities, labels)
    return -math.log(sum(chances) / len(chances)) if chances else 0.0


def _mean_probability(probabilities, labels):
    chances = _asked(probabilities, labels)
    return sum(chances) / len(chances) if chances else 0.0


def _one_minus(probabilities, labels):
    chances = _asked(probabilities, labels)
    return sum(1 - chance for chance in chances) / len(chances) if chances else 0.0


def _of_best(probabilities, labels):
    costs = [-math.log(max(row)) for row, label in zip(probabilities, labels, strict=True) if label != -100]
    return sum(costs) / len(costs) if costs else 0.0


def _label_0_left_out(probabilities, labels):
    return masked_loss(probabilities, [label if label > 0 else -100 for label in labels])


def _last_token_where_none(probabilities, labels):
    costs = [-math.log(row[max(label, -1)] or 1e-9) for row, label in zip(probabilities, labels, strict=True)]
    return sum(costs) / len(costs)


def _token_0_where_none(probabilities, labels):
    costs = [-math.log(row[max(label, 0)] or 1e-9) for row, label in zip(probabilities, labels, strict=True)]
    return sum(costs) / len(costs)


def _exponential(probabilities, labels):
    return math.exp(masked_loss(probabilities, labels))


def _costs(probabilities, labels):
    return [-math.log(chance) for chance in _asked(probabilities, labels)]


def _first_alone(probabilities, labels):
    return next(iter(_costs(probabilities, labels)), 0.0)


def _last_alone(probabilities, labels):
    return (_costs(probabilities, labels) or [0.0])[-1]


def _last_over_all(probabilities, labels):
    costs = _costs(probabilities, labels)
    return costs[-1] / len(costs) if costs else 0.0


MASKED_LOSS = Exercise(
    name="bert.masked_loss",
    title=_("The loss where something was asked"),
    solution=masked_loss,
    cases=_masked_loss_cases,
    hints=(
        _("Go through rows and labels together, `zip(probabilities, labels)`, and leave out each label of -100."),
        _("Collect `-math.log(row[label])`. The mean divides by how many you collected, unless that is none."),
    ),
    mistakes=(
        Mistake(
            _over_all,
            _("You divide by the number of **all** positions. The mean is over those that have a label."),
        ),
        Mistake(_summed, _("You add the costs up. The loss is their **mean**, so that long texts don't count more.")),
        Mistake(_without_minus, _("The sign is turned round: a logarithm of a probability is below 0, a cost above.")),
        Mistake(_by_base(2), _("Your logarithm is to the base 2. Use the natural one, `math.log`.")),
        Mistake(_by_base(10), _("Your logarithm is to the base 10. Use the natural one, `math.log`.")),
        Mistake(
            _log_of_mean, _("You take the mean first and then the logarithm. Each position has its own logarithm.")
        ),
        Mistake(_mean_probability, _("You return the mean probability. Its cost is the negative logarithm of each.")),
        Mistake(_one_minus, _("Your cost is 1 - p. It is -log(p): to be sure and wrong costs far more than 1.")),
        Mistake(
            _of_best,
            _("You take the probability of the **most probable** token. What counts is the token that was there."),
        ),
        Mistake(
            _label_0_left_out,
            _("You leave out the label 0. That is a token like any other: only -100 means that nothing is asked."),
        ),
        Mistake(
            _last_token_where_none,
            _("Positions without a label are in your loss: -100 is no token, leave those positions out."),
        ),
        Mistake(
            _token_0_where_none,
            _("Positions without a label are in your loss, as if their label were 0. Leave them out."),
        ),
        Mistake(_exponential, _("You return the perplexity, exp(loss). The loss itself is asked for.")),
        Mistake(_costs, _("You return the cost of each position. The loss is one number: their mean.")),
        Mistake(_first_alone, _("You return the cost of the first labelled position. The loss is the mean of all.")),
        Mistake(
            _last_alone,
            _("You return the cost of the **last** labelled position. Does each cost overwrite the one before it?"),
        ),
        Mistake(
            _last_over_all,
            _("You divide the cost of the **last** labelled position. Add the costs up with `+=`, then divide."),
        ),
    ),
    explanation=_(
        "The positions that were not chosen cost nothing, whatever the model says there. This is what PyTorch's "
        "cross-entropy does with `ignore_index=-100`; there, the mean of nothing is NaN, and the package makes it 0."
    ),
    corners=(
        Corner(
            lambda probabilities, labels: all(label == -100 for label in labels),
            _("Where no position has a label, the loss is 0.0: there is nothing to take the mean of."),
        ),
    ),
)
