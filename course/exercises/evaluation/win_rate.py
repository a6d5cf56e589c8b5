"""Exercise on the paired bootstrap: in how many samples of the same items a model has the better mean."""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def win_rate(first: list[float], second: list[float], resamples: list[list[int]]) -> float:
    """The share of resamples in which the first model has the greater mean score.

    first[i], second[i]: the scores of the two models on item i. Each resample is a list of item
    numbers, drawn with replacement: an item may be in it several times, or not at all. Both
    means are over the items of the resample, as often as they are in it. Where both are equal,
    the resample counts half. There is one resample or more, and one item or more in each.

    >>> win_rate([1, 0, 1], [0, 1, 1], [[0, 2, 2], [1, 1, 0], [2, 2, 2], [0, 0, 1]])
    0.625
    >>> win_rate([0.5, 1.0], [0.75, 0.25], [[0, 0], [0, 1]])
    0.5
    """
    differences = [sum(first[i] - second[i] for i in items) for items in resamples]
    return sum((each > 0) + (each == 0) / 2 for each in differences) / len(differences)


def _win_rate_cases() -> list[tuple]:
    draw = random.Random(1907)
    cases: list[tuple] = [
        ([1, 0, 1], [0, 1, 1], [[0, 2, 2], [1, 1, 0], [2, 2, 2], [0, 0, 1]]),
        ([0.5, 1.0], [0.75, 0.25], [[0, 0], [0, 1]]),
        ([3.0, -1.0, -1.0], [0.0, 0.0, 0.0], [[0, 1, 2], [1, 1, 2], [0, 1, 1], [2, 0, 0], [1, 2, 2]]),
        ([1, 0], [1, 0], [[0, 1], [0, 0], [1, 1]]),
        ([1, 1, 0], [0, 0, 1], [[0, 1, 1]]),
        ([0, 0, 1], [1, 1, 0], [[0, 1, 1], [1, 1, 0]]),
        ([0, 1, 1, 0], [1, 0, 0, 1], [[0, 2, 0, 0], [0, 0, 1, 0], [1, 2, 0, 0]]),  # the last item is never drawn
        ([1, 0, 0, 1], [0, 1, 1, 0], [[0, 2, 1, 0], [0, 0, 1, 0], [1, 2, 0, 1], [1, 1, 2, 2]]),
    ]
    for n, n_resamples, halves in ((4, 6, 2), (5, 8, 1), (6, 7, 4), (3, 9, 1), (7, 10, 1), (5, 5, 2), (4, 12, 1)):
        first, second = ([draw.randint(0, halves) / halves for _item in range(n)] for _model in "ab")
        cases.append((first, second, [draw.choices(range(n), k=n) for _resample in range(n_resamples)]))
    for n, n_resamples in ((4, 8), (5, 9)):
        first, second = ([draw.randint(-6, 6) / 4 for _item in range(n)] for _model in "ab")
        cases.append((first, second, [draw.choices(range(n), k=n) for _resample in range(n_resamples)]))
    return cases


def _differences(first, second, resamples):
    return [(sum(first[i] for i in items) - sum(second[i] for i in items)) / len(items) for items in resamples]


def _count(differences, tie=0.5):
    return sum(1.0 if each > 0 else tie if each == 0 else 0.0 for each in differences)


def _ties_lost(first, second, resamples):
    return _count(_differences(first, second, resamples), 0.0) / len(resamples)


def _ties_won(first, second, resamples):
    return _count(_differences(first, second, resamples), 1.0) / len(resamples)


def _ties_left_out(first, second, resamples):
    decided = [each for each in _differences(first, second, resamples) if each]
    return _count(decided) / len(decided) if decided else 0.5


def _ties_left_out_or_0(first, second, resamples):
    decided = [each for each in _differences(first, second, resamples) if each]
    return _count(decided) / len(decided) if decided else 0.0


def _turned_round(first, second, resamples):
    return win_rate(second, first, resamples)


def _turned_round_without_ties(first, second, resamples):
    return _ties_lost(second, first, resamples)


def _wins_minus_losses(first, second, resamples):
    differences = _differences(first, second, resamples)
    return (_count(differences, 0.0) - sum(each < 0 for each in differences)) / len(resamples)


def _not_divided(first, second, resamples):
    return _count(_differences(first, second, resamples))


def _not_divided_without_ties(first, second, resamples):
    return _count(_differences(first, second, resamples), 0.0)


def _each_item_once(first, second, resamples):
    return win_rate(first, second, [list(set(items)) for items in resamples])


def _not_drawn(first, second, resamples):
    rest = [[i for i in range(len(first)) if i not in items] for items in resamples]
    return sum(_count([sum(first[i] - second[i] for i in items)]) for items in rest) / len(resamples)


def _items_won(first, second, resamples):
    return sum(_count([first[i] - second[i] for i in items]) / len(items) for items in resamples) / len(resamples)


def _majority_of_items(first, second, resamples):
    def votes(items):
        return sum((first[i] > second[i]) - (first[i] < second[i]) for i in items)

    return _count([votes(items) for items in resamples]) / len(resamples)


def _items_without_resamples(first, second, resamples):
    return _count([a - b for a, b in zip(first, second, strict=True)]) / len(first)


def _without_resamples(first, second, resamples):
    return _count([sum(first) - sum(second)])


def _all_in_one(first, second, resamples):
    return win_rate(first, second, [[i for items in resamples for i in items]])


def _first_against_all(first, second, resamples):
    mean = sum(second) / len(second)
    return _count([sum(first[i] for i in items) / len(items) - mean for items in resamples]) / len(resamples)


def _all_against_second(first, second, resamples):
    mean = sum(first) / len(first)
    return _count([mean - sum(second[i] for i in items) / len(items) for items in resamples]) / len(resamples)


def _unpaired(first, second, resamples):
    """The second model on the items of the resample before."""
    pairs = zip(resamples, [resamples[-1], *resamples[:-1]], strict=True)
    differences = [
        sum(first[i] for i in items) / len(items) - sum(second[i] for i in others) / len(others)
        for items, others in pairs
    ]
    return _count(differences) / len(resamples)


def _from_1(first, second, resamples):
    return win_rate(first, second, [[i - 1 for i in items] for items in resamples])


def _first_resample(first, second, resamples):
    return _count(_differences(first, second, resamples[:1]))


def _last_resample(first, second, resamples):
    return _count(_differences(first, second, resamples[-1:]))


def _first_item(first, second, resamples):
    return _count([first[items[0]] - second[items[0]] for items in resamples]) / len(resamples)


def _best_item(first, second, resamples):
    best = [max(first[i] for i in items) - max(second[i] for i in items) for items in resamples]
    return _count(best) / len(resamples)


def _by_items(first, second, resamples):
    return _count(_differences(first, second, resamples)) / len(first)


def _mean_difference(first, second, resamples):
    return sum(_differences(first, second, resamples)) / len(resamples)


def _mean_score(first, second, resamples):
    return sum(sum(first[i] for i in items) / len(items) for items in resamples) / len(resamples)


def _all_differences(first, second, resamples):
    return _differences(first, second, resamples)


def _each_resample(first, second, resamples):
    return [_count([each]) for each in _differences(first, second, resamples)]


def _percent(first, second, resamples):
    return 100 * win_rate(first, second, resamples)


def _whole_wins(first, second, resamples):
    return int(_count(_differences(first, second, resamples))) / len(resamples)


def _share_of_ties(first, second, resamples):
    return sum(each == 0 for each in _differences(first, second, resamples)) / len(resamples)


def _two_sided(first, second, resamples):
    rate = win_rate(first, second, resamples)
    return 2 * min(rate, 1 - rate)


def _is_better(first, second, resamples):
    return win_rate(first, second, resamples) > 0.5


def _above_0(first, second, resamples):
    return sum(sum(first[i] for i in items) > 0 for items in resamples) / len(resamples)


def _ties_win_and_a_half(first, second, resamples):
    return _count(_differences(first, second, resamples), 1.5) / len(resamples)


def _losses_half(first, second, resamples):
    """What is not equal counts half, too: the condition of the ties is turned round."""
    differences = _differences(first, second, resamples)
    return (_count(differences, 0.0) + sum(each != 0 for each in differences) / 2) / len(resamples)


def _losses_and_a_half(first, second, resamples):
    return _count([-each for each in _differences(first, second, resamples)], 1.5) / len(resamples)


def _above_1(first, second, resamples):
    differences = [sum(first[i] - second[i] for i in items) for items in resamples]
    return (sum(each > 1 for each in differences) + sum(each == 0 for each in differences) / 2) / len(resamples)


def _wins_alone_halved(first, second, resamples):
    return _count(_differences(first, second, resamples), 1.0) / 2 / len(resamples)


def _without_first_resample(first, second, resamples):
    return _count(_differences(first, second, resamples[1:])) / len(resamples)


def _without_last_resample(first, second, resamples):
    return _count(_differences(first, second, resamples[:-1])) / len(resamples)


def _without_first_of_each(first, second, resamples):
    return _count([sum(first[i] - second[i] for i in items[1:]) for items in resamples]) / len(resamples)


def _without_last_of_each(first, second, resamples):
    return _count([sum(first[i] - second[i] for i in items[:-1]) for items in resamples]) / len(resamples)


def _second_of_item_before(first, second, resamples):
    return _count([sum(first[i] - second[i - 1] for i in items) for items in resamples]) / len(resamples)


def _ties_subtracted(first, second, resamples):
    return _count(_differences(first, second, resamples), -0.5) / len(resamples)


def _ties_doubled(first, second, resamples):
    return _count(_differences(first, second, resamples), 2.0) / len(resamples)


def _sums(first, second, resamples):
    return _count([sum(first[i] + second[i] for i in items) for items in resamples]) / len(resamples)


def _products(first, second, resamples):
    return _count([sum(first[i] * second[i] for i in items) for items in resamples]) / len(resamples)


def _half_the_ties(first, second, resamples):
    return _share_of_ties(first, second, resamples) / 2


WIN_RATE = Exercise(
    name="evaluation.win_rate",
    title=_("A paired bootstrap"),
    solution=win_rate,
    cases=_win_rate_cases,
    hints=(
        _(
            "For each resample, add up both models' scores over the same item numbers, and compare. The means have the "
            "same divisor, so the sums can be compared in their place."
        ),
        _(
            "`sum(first[i] for i in items)` counts an item as often as it is in the resample. Add 1 for a greater sum "
            "and 0.5 for an equal one, and divide by `len(resamples)`."
        ),
    ),
    mistakes=(
        Mistake(_ties_lost, _("Resamples with **equal** means count 0 in yours: they count half.")),
        Mistake(_ties_won, _("Resamples with **equal** means count 1 in yours: they count half.")),
        Mistake(_ties_left_out, _("You leave out resamples with **equal** means: they count half.")),
        Mistake(
            _ties_left_out_or_0,
            _("You leave out resamples with **equal** means, and return 0 where all are: they count half."),
        ),
        Mistake(_turned_round, _("You count the wins of the **second** model: count those of the first.")),
        Mistake(
            _turned_round_without_ties,
            _("You count the wins of the **second** model, without ties: count those of the first."),
        ),
        Mistake(_wins_minus_losses, _("You **subtract** the losses: count the wins alone.")),
        Mistake(_not_divided, _("You return the **number** of wins: divide by that of the resamples.")),
        Mistake(_not_divided_without_ties, _("You return the **number** of wins, without ties: return a share.")),
        Mistake(
            _each_item_once,
            _("You count each item **once**: one that was drawn twice counts twice."),
        ),
        Mistake(_not_drawn, _("You look at the items that were **not** drawn: look at those that were.")),
        Mistake(_items_won, _("You count the **items** that are won: compare the means of each resample.")),
        Mistake(_majority_of_items, _("You ask who wins **more items** in a resample: compare the means.")),
        Mistake(_items_without_resamples, _("You return the share of all **items** that the first won.")),
        Mistake(_without_resamples, _("You compare the means over **all items**: compare those of each resample.")),
        Mistake(_all_in_one, _("You put all resamples **into one**: compare in each by itself.")),
        Mistake(
            _first_against_all,
            _("The **second** model's mean is over all items in yours: both are over the same resample."),
        ),
        Mistake(
            _all_against_second,
            _("The **first** model's mean is over all items in yours: both are over the same resample."),
        ),
        Mistake(_unpaired, _("The two models have **different** resamples in yours: both have the same.")),
        Mistake(_from_1, _("You subtract 1 from the item numbers: they begin with **0**.")),
        Mistake(_first_resample, _("You look at the **first** resample alone: a return is inside the loop.")),
        Mistake(_last_resample, _("You look at the **last** resample alone: add up over all.")),
        Mistake(_first_item, _("You look at the **first** item of each resample alone.")),
        Mistake(_best_item, _("You compare the **largest** scores: compare the means.")),
        Mistake(_by_items, _("You divide by the number of **items**: divide by that of the resamples.")),
        Mistake(_mean_difference, _("You return the mean **difference**: return the share of resamples that are won.")),
        Mistake(_mean_score, _("You return the mean **score** of the first: compare it with the second's.")),
        Mistake(_all_differences, _("You return the **differences**: return the share of those above 0.")),
        Mistake(_each_resample, _("You return a number for each **resample**: return their mean.")),
        Mistake(_percent, _("You return **percent**: return a share from 0 to 1.")),
        Mistake(_whole_wins, _("You drop the **halves**: two resamples with equal means count 1, one counts 1/2.")),
        Mistake(_share_of_ties, _("You return the share of **equal** means: return that of the first model's wins.")),
        Mistake(_two_sided, _("You return a **p-value** of both sides: return the share that is won.")),
        Mistake(_is_better, _("You return **whether** the first wins more: return the share.")),
        Mistake(_ties_win_and_a_half, _("Resamples with **equal** means count 1.5 in yours: `>`, not `>=`.")),
        Mistake(_losses_half, _("Resamples with **unequal** means count half more in yours: only equal ones do.")),
        Mistake(
            _losses_and_a_half,
            _("You count what the first does **not win**, and equal means once more: count its wins."),
        ),
        Mistake(_above_1, _("You want a difference of **more than 1**: any above 0 is a win.")),
        Mistake(_wins_alone_halved, _("You **halve** the wins: only resamples with equal means count half.")),
        Mistake(_without_first_resample, _("You leave out the **first** resample: all of them count.")),
        Mistake(_without_last_resample, _("You leave out the **last** resample: all of them count.")),
        Mistake(_without_first_of_each, _("You leave out the **first** item of each resample: all of them count.")),
        Mistake(_without_last_of_each, _("You leave out the **last** item of each resample: all of them count.")),
        Mistake(
            _second_of_item_before,
            _("You compare with the second model's score on the item **before**: `second[i]`, not `second[i - 1]`."),
        ),
        Mistake(_ties_subtracted, _("You **subtract** half for equal means: add it.")),
        Mistake(_ties_doubled, _("Resamples with **equal** means count 2 in yours: they count half.")),
        Mistake(_sums, _("You **add** the two models' scores: subtract the second's.")),
        Mistake(_products, _("You **multiply** the two models' scores: subtract the second's.")),
        Mistake(_half_the_ties, _("You count **equal** means alone: greater means of the first count 1.")),
        Mistake(_above_0, _("You compare with **0**: compare with the second model's mean.")),
    ),
    corners=(
        Corner(
            lambda first, second, resamples: first == second,
            _("Only models with the **same scores** go wrong: every resample counts half, 0.5."),
        ),
        Corner(
            lambda first, second, resamples: len(resamples) == 1,
            _("Only **one** resample goes wrong: the answer is 1, 0.5 or 0."),
        ),
    ),
    explanation=_(
        "A resample is a test set that might have been drawn. With both models on the same one, an item that is hard "
        "for both lowers both means and does not decide. The share says how often another test set would have put the "
        "first model ahead; it covers the draw of the items, and neither other seeds nor other data."
    ),
)
