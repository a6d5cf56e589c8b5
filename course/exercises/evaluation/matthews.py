"""Exercise on Matthews' correlation coefficient, in which a constant prediction is worth nothing."""

import math
import random
from collections.abc import Callable, Iterator

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def matthews(truth: list[int], predicted: list[int]) -> float:
    """Matthews' correlation coefficient of two classes, 0 and 1.

    The two lists are equally long. With TP the number of items that are 1 and predicted 1, TN
    those that are 0 and predicted 0, FP those that are 0 and predicted 1, FN those that are 1
    and predicted 0, it is

        (TP * TN - FP * FN) / sqrt((TP + FP) * (TP + FN) * (TN + FP) * (TN + FN))

    and 0.0 where the divisor is 0: when all items, or all predictions, are of one class, and
    when there are no items.

    >>> matthews([1, 1, 0, 0, 1, 0], [1, 1, 1, 0, 0, 0])
    0.3333333333333333
    >>> matthews([1, 1, 1, 0], [1, 1, 1, 1])
    0.0
    """
    import math

    pairs = list(zip(truth, predicted, strict=True))
    tp, tn, fp, fn = (pairs.count(pair) for pair in [(1, 1), (0, 0), (0, 1), (1, 0)])
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / math.sqrt(product) if product else 0.0


def _items(tp: int, tn: int, fp: int, fn: int, draw: random.Random) -> tuple[list[int], list[int]]:
    """Items with these counts, in any order."""
    pairs = [(1, 1)] * tp + [(0, 0)] * tn + [(0, 1)] * fp + [(1, 0)] * fn
    draw.shuffle(pairs)
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _matthews_cases() -> list[tuple]:
    draw = random.Random(1901)
    counts = [(2, 4, 1, 3), (5, 1, 2, 1), (1, 6, 3, 2), (3, 2, 0, 1), (2, 5, 3, 0), (1, 2, 5, 4), (4, 7, 1, 2)]
    counts += [(7, 3, 2, 4), (1, 1, 2, 3), (6, 2, 3, 1), (0, 3, 2, 4), (2, 0, 1, 3), (3, 9, 1, 1), (8, 1, 3, 2)]
    counts += [(3, 4, 0, 0), (0, 0, 2, 3)]  # all right, all wrong
    constant = [(3, 0, 2, 0), (0, 4, 0, 3), (4, 0, 0, 2), (0, 2, 3, 0), (5, 0, 0, 0), (0, 3, 0, 0)]
    first: list[tuple] = [([1, 1, 0, 0, 1, 0], [1, 1, 1, 0, 0, 0]), ([1, 1, 1, 0], [1, 1, 1, 1])]
    return first + [_items(*each, draw) for each in [*counts, *constant]] + [([], [])]


def _counts(truth, predicted):
    pairs = list(zip(truth, predicted, strict=True))
    return [pairs.count(pair) for pair in [(1, 1), (0, 0), (0, 1), (1, 0)]]


def _ratio(above, below):
    return above / below if below else 0.0


def _of_counts(formula):
    return lambda truth, predicted: formula(*_counts(truth, predicted))


def _margins(tp, tn, fp, fn):
    return (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)


def _accuracy(truth, predicted):
    tp, tn, _fp, _fn = _counts(truth, predicted)
    return _ratio(tp + tn, len(truth))


def _f1(truth, predicted):
    tp, _tn, fp, fn = _counts(truth, predicted)
    return _ratio(2 * tp, 2 * tp + fp + fn)


def _informedness(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp, tp + fn) + _ratio(tn, tn + fp) - 1


def _markedness(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp, tp + fp) + _ratio(tn, tn + fn) - 1


def _balanced_accuracy(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return (_ratio(tp, tp + fn) + _ratio(tn, tn + fp)) / 2


def _kappa(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(2 * (tp * tn - fp * fn), (tp + fp) * (tn + fp) + (tp + fn) * (tn + fn))


def _without_root(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn - fp * fn, _margins(tp, tn, fp, fn))


def _not_divided(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return tp * tn - fp * fn


def _by_number_of_items(truth, predicted):
    return _ratio(_not_divided(truth, predicted), len(truth))


def _by_square_of_items(truth, predicted):
    return _ratio(_not_divided(truth, predicted), len(truth) ** 2)


def _right_alone(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn, math.sqrt(_margins(tp, tn, fp, fn)))


def _wrong_added(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn + fp * fn, math.sqrt(_margins(tp, tn, fp, fn)))


def _sums_above(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp + tn - fp - fn, math.sqrt(_margins(tp, tn, fp, fn)))


def _sums_over_items(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp + tn - fp - fn, len(truth))


def _crossed(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * fp - tn * fn, math.sqrt(_margins(tp, tn, fp, fn)))


def _other_crossed(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * fn - tn * fp, math.sqrt(_margins(tp, tn, fp, fn)))


def _sum_of_margins(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn - fp * fn, math.sqrt(2 * (tp + tn + fp + fn))) if _margins(tp, tn, fp, fn) else 0.0


def _predicted_margins(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn - fp * fn, (tp + fp) * (tn + fn))


def _true_margins(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn - fp * fn, (tp + fn) * (tn + fp))


def _roots_of_two(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn - fp * fn, math.sqrt((tp + fp) * (tp + fn)))


def _rows_twice(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn - fp * fn, math.sqrt((tp + tn) * (tp + fn) * (tn + fp) * (fp + fn)))


def _one_in_each_margin(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return (tp * tn - fp * fn) / math.sqrt((tp + fp + 1) * (tp + fn + 1) * (tn + fp + 1) * (tn + fn + 1))


def _divisor_plus_one(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return (tp * tn - fp * fn) / (math.sqrt(_margins(tp, tn, fp, fn)) + 1)


def _only_right_margins(truth, predicted):
    tp, tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp * tn - fp * fn, math.sqrt((tp + fp) * (tn + fn)))


def _nan_for_a_constant(truth, predicted):
    return matthews(truth, predicted) if _margins(*_counts(truth, predicted)) else math.nan


def _one_for_a_constant(truth, predicted):
    return matthews(truth, predicted) if _margins(*_counts(truth, predicted)) else 1.0


def _accuracy_for_a_constant(truth, predicted):
    return matthews(truth, predicted) if _margins(*_counts(truth, predicted)) else _accuracy(truth, predicted)


def _squared(truth, predicted):
    return matthews(truth, predicted) ** 2


def _percent(truth, predicted):
    return 100 * matthews(truth, predicted)


def _moved_to_0_and_1(truth, predicted):
    return (matthews(truth, predicted) + 1) / 2


def _cosine(truth, predicted):
    tp, _tn, fp, fn = _counts(truth, predicted)
    return _ratio(tp, math.sqrt((tp + fp) * (tp + fn)))


PAIRS = {"TP": (1, 1), "TN": (0, 0), "FP": (0, 1), "FN": (1, 0)}  # the truth, and what was predicted
SUMS = [("TP", "FP"), ("TP", "FN"), ("TN", "FP"), ("TN", "FN")]


def _formula(above: Callable[..., float], factors: Callable[..., list[float]]) -> Callable[..., float]:
    """The coefficient with another numerator, and with other factors of the divisor, made from the four counts."""

    def wrong(truth, predicted):
        counts = dict(zip(PAIRS, _counts(truth, predicted), strict=True))
        product = math.prod(factors(counts))
        return above(counts) / math.sqrt(product) if product > 0 else 0.0

    return wrong


def _numerator(counts):
    return counts["TP"] * counts["TN"] - counts["FP"] * counts["FN"]


def _factors(counts):
    return [counts[one] + counts[other] for one, other in SUMS]


def _miscounted(kind: str, as_what: Callable[[dict[str, int]], int]) -> Callable[..., float]:
    """One of the four counts is another number."""

    def changed(counts):
        return counts | {kind: as_what(counts)}

    return _formula(lambda counts: _numerator(changed(counts)), lambda counts: _factors(changed(counts)))


def _of_miscounts() -> Iterator[Mistake]:
    for kind, pair in PAIRS.items():
        yield Mistake(
            _miscounted(kind, lambda counts: 0),
            _("Your {kind} is always 0: it is the number of pairs {pair} of truth and prediction.").format(
                kind=kind, pair=pair
            ),
        )
        for other in PAIRS:
            if kind != other and {kind, other} not in ({"TP", "TN"}, {"FP", "FN"}):
                yield Mistake(
                    _miscounted(kind, lambda counts, other=other: counts[other]),
                    _("Your {kind} is {other}: it is the number of pairs {pair} of truth and prediction.").format(
                        kind=kind, other=other, pair=pair
                    ),
                )


IN_PLACE_OF_A_SUM = (
    (lambda one, other: [], _("The sum {one} + {other} is **missing** in your divisor.")),
    (lambda one, other: [one], _("Your divisor has {one} alone, where {one} + {other} belongs.")),
    (lambda one, other: [other], _("Your divisor has {other} alone, where {one} + {other} belongs.")),
    (lambda one, other: [one - other], _("Your divisor has {one} − {other} in it: **add** them.")),
    (
        lambda one, other: [one * other],
        _("Your divisor has {one} · {other} in it: **add** these two, and multiply the sums."),
    ),
)


def _of_sums() -> Iterator[Mistake]:
    """Mistakes in one of the four sums of the divisor."""
    for place, (one, other) in enumerate(SUMS):
        for instead, message in IN_PLACE_OF_A_SUM:

            def factors(counts, place=place, one=one, other=other, instead=instead):
                sums = _factors(counts)
                return [*sums[:place], *instead(counts[one], counts[other]), *sums[place + 1 :]]

            yield Mistake(_formula(_numerator, factors), message.format(one=one, other=other))


MATTHEWS = Exercise(
    name="evaluation.matthews",
    title=_("A score that a constant prediction cannot raise"),
    solution=matthews,
    cases=_matthews_cases,
    hints=(
        _(
            "Count the four kinds of items first. The divisor is the root of a product of four sums; where that "
            "product is 0, return 0.0 and do not divide."
        ),
        _(
            "With `pairs = list(zip(truth, predicted))`, `pairs.count((1, 1))` is TP, and `pairs.count((0, 1))` is FP: "
            "the truth comes first. `math.sqrt(product)` is the divisor."
        ),
    ),
    mistakes=(
        Mistake(_accuracy, _("You return the **accuracy**, which a constant prediction raises to the majority share.")),
        Mistake(_f1, _("You return the **F1** of class 1: it does not look at TN at all.")),
        Mistake(
            _informedness,
            _("You return **recall + specificity − 1**, which divides by the true classes' sizes alone."),
        ),
        Mistake(
            _markedness,
            _("You return the two classes' **precisions − 1**, which divide by the predicted classes' sizes alone."),
        ),
        Mistake(_balanced_accuracy, _("You return the **balanced accuracy**, the mean of both classes' recalls.")),
        Mistake(_kappa, _("You return **Cohen's kappa**: it has the same numerator, and another divisor.")),
        Mistake(_without_root, _("The **root** of the divisor is missing: `math.sqrt` of the product of four sums.")),
        Mistake(_not_divided, _("You do not **divide**: TP · TN - FP · FN grows with the number of items.")),
        Mistake(_by_number_of_items, _("You divide by the **number of items**: divide by the root of the product.")),
        Mistake(
            _by_square_of_items,
            _("You divide by the **square** of the number of items: divide by the root of the product."),
        ),
        Mistake(_right_alone, _("You leave out **FP · FN**: what is wrong is subtracted from TP · TN.")),
        Mistake(_wrong_added, _("You **add** FP · FN: subtract it.")),
        Mistake(_sums_above, _("You **add** above the line, TP + TN and FP + FN: multiply, TP · TN and FP · FN.")),
        Mistake(_sums_over_items, _("You return the share that is right **minus** the share that is wrong.")),
        Mistake(_crossed, _("You pair **TP with FP**: the products are TP · TN and FP · FN.")),
        Mistake(_other_crossed, _("You pair **TP with FN**: the products are TP · TN and FP · FN.")),
        Mistake(_sum_of_margins, _("You **add** the four sums of the divisor: multiply them.")),
        Mistake(_predicted_margins, _("Your divisor has the sums of the **predicted** classes alone, without a root.")),
        Mistake(_true_margins, _("Your divisor has the sums of the **true** classes alone, without a root.")),
        Mistake(_roots_of_two, _("Your divisor has the two sums with **TP** alone: four are multiplied.")),
        Mistake(
            _rows_twice, _("Your divisor has **TP + TN** and **FP + FN** in it: those are the right and the wrong.")
        ),
        Mistake(_only_right_margins, _("Your divisor has **two** sums: four are multiplied.")),
        Mistake(_one_in_each_margin, _("You add **1** to each sum of the divisor: handle a divisor of 0 by itself.")),
        Mistake(_divisor_plus_one, _("You add **1** to the divisor: handle a divisor of 0 by itself.")),
        Mistake(_nan_for_a_constant, _("A **constant** prediction gives NaN in yours: it is worth 0.0.")),
        Mistake(_one_for_a_constant, _("A **constant** prediction gives 1 in yours: it is worth 0.0.")),
        Mistake(_accuracy_for_a_constant, _("A **constant** prediction gives its accuracy in yours: it is worth 0.0.")),
        Mistake(_squared, _("You return the **square**, which is never below 0 and hides who predicts the opposite.")),
        Mistake(_percent, _("You return **percent**: return a number from −1 to 1.")),
        Mistake(_moved_to_0_and_1, _("You move it to **0 to 1**: return a number from −1 to 1.")),
        Mistake(_cosine, _("You return the **cosine** of the two lists: it does not look at TN at all.")),
        Mistake(
            _formula(lambda n: n["TP"] + n["TN"] - n["FP"] * n["FN"], _factors),
            _("You **add** TP and TN above the line: multiply them."),
        ),
        Mistake(
            _formula(lambda n: n["TP"] * n["TN"] - n["FP"] - n["FN"], _factors),
            _("You **add** FP and FN above the line: multiply them."),
        ),
        Mistake(
            _formula(lambda n: n["FP"] * n["FN"], _factors), _("Your numerator has **TP · TN** missing: begin with it.")
        ),
        Mistake(
            _formula(lambda n: n["TP"] * n["TN"] - n["FP"], _factors),
            _("You subtract **FP alone**: subtract FP · FN."),
        ),
        Mistake(
            _formula(lambda n: n["TP"] * n["TN"] - n["FN"], _factors),
            _("You subtract **FN alone**: subtract FP · FN."),
        ),
        Mistake(
            _formula(lambda n: n["TP"] - n["FP"] * n["FN"], _factors),
            _("You begin with **TP alone**: begin with TP · TN."),
        ),
        Mistake(
            _formula(lambda n: n["TN"] - n["FP"] * n["FN"], _factors),
            _("You begin with **TN alone**: begin with TP · TN."),
        ),
        *_of_miscounts(),
        *_of_sums(),
    ),
    corners=(
        Corner(
            lambda truth, predicted: len(set(truth)) < 2 or len(set(predicted)) < 2,
            _("Only items or predictions of **one class**, or none at all, go wrong: they are worth 0.0."),
        ),
        Corner(
            lambda truth, predicted: truth == predicted and len(set(truth)) == 2,
            _("Only predictions that are **all right** go wrong: theirs is 1."),
        ),
    ),
    explanation=_(
        "The coefficient is Pearson's correlation of the two lists, so it is 0 for whatever has nothing to do with the "
        "truth, and −1 where every item gets the other class. On a test set of 90 % ones, always saying 1 has an "
        "accuracy of 0.9 and a coefficient of 0. That a constant counts as 0 is a convention: its divisor is 0."
    ),
)
