"""Exercise on precision, recall and F1 of one class."""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def precision_recall_f1(
    true: list[str],
    predicted: list[str],
    positive: str,
) -> tuple[float, float, float]:
    """Precision, recall and F1 of the class `positive`, each from 0 to 1.

    Precision: of the items predicted to be positive, the share that are. Recall: of the items that
    are positive, the share predicted to be. F1 is their harmonic mean, 2 · right / (predicted
    positive + truly positive). A ratio that would divide by 0 is 0.0.

    >>> precision_recall_f1(["+", "+", "-", "-"], ["+", "-", "-", "-"], positive="+")
    (1.0, 0.5, 0.6666666666666666)
    >>> precision_recall_f1(["+", "-"], ["-", "-"], positive="+")
    (0.0, 0.0, 0.0)
    """
    right = sum(t == p == positive for t, p in zip(true, predicted, strict=True))
    n_predicted = predicted.count(positive)
    n_true = true.count(positive)
    precision = right / n_predicted if n_predicted else 0.0
    recall = right / n_true if n_true else 0.0
    f1 = 2 * right / (n_predicted + n_true) if n_predicted + n_true else 0.0
    return precision, recall, f1


def _cases() -> list[tuple]:
    draw = random.Random(10)
    cases: list[tuple] = [
        (["+", "+", "-", "-"], ["+", "-", "-", "-"], "+"),
        (["+", "+", "-", "-", "-"], ["+", "-", "+", "+", "-"], "+"),
        (["+", "+", "-", "-", "-"], ["+", "-", "+", "+", "-"], "-"),
        (["-", "+", "-", "+"], ["+", "+", "-", "-"], "+"),
        (["+", "-", "+", "+"], ["+", "+", "-", "+"], "+"),
        (["+", "-"], ["-", "-"], "+"),
        (["-", "-", "-"], ["+", "-", "+"], "+"),
        (["-", "-"], ["-", "-"], "+"),
        (["a", "b", "c", "a", "b"], ["a", "c", "c", "b", "b"], "b"),
    ]
    for n, classes in ((6, "+-"), (9, "+-"), (12, "+-"), (10, "abc"), (15, "abc")):
        true = [draw.choice(classes) for _item in range(n)]
        predicted = [each if draw.random() < 0.6 else draw.choice(classes) for each in true]
        cases.append((true, predicted, draw.choice(classes)))
    return cases


def _ratio(a, b):
    return a / b if b else 0.0


def _harmonic(precision, recall):
    return _ratio(2 * precision * recall, precision + recall)


def _counts(true, predicted, positive):
    pairs = list(zip(true, predicted, strict=True))
    right = sum(t == p == positive for t, p in pairs)
    false_positive = sum(t != positive and p == positive for t, p in pairs)
    missed = sum(t == positive and p != positive for t, p in pairs)
    return right, false_positive, missed, len(pairs) - right - false_positive - missed


def _exchanged(true, predicted, positive):
    precision, recall, f1 = precision_recall_f1(true, predicted, positive)
    return recall, precision, f1


def _arithmetic_mean(true, predicted, positive):
    precision, recall, _f1 = precision_recall_f1(true, predicted, positive)
    return precision, recall, (precision + recall) / 2


def _geometric_mean(true, predicted, positive):
    precision, recall, _f1 = precision_recall_f1(true, predicted, positive)
    return precision, recall, (precision * recall) ** 0.5


def _harmonic_without_2(true, predicted, positive):
    precision, recall, f1 = precision_recall_f1(true, predicted, positive)
    return precision, recall, f1 / 2


def _product(true, predicted, positive):
    precision, recall, _f1 = precision_recall_f1(true, predicted, positive)
    return precision, recall, precision * recall


def _accuracy_first(true, predicted, positive):
    _precision, recall, f1 = precision_recall_f1(true, predicted, positive)
    return _ratio(sum(t == p for t, p in zip(true, predicted, strict=True)), len(true)), recall, f1


def _accuracy_in_all(true, predicted, positive):
    right = sum(t == p for t, p in zip(true, predicted, strict=True))
    n_predicted, n_true = predicted.count(positive), true.count(positive)
    return _ratio(right, n_predicted), _ratio(right, n_true), _ratio(2 * right, n_predicted + n_true)


def _over_all_items(true, predicted, positive):
    right, false_positive, missed, _rest = _counts(true, predicted, positive)
    n = len(true)
    return right / n, right / n, _ratio(2 * right, 2 * right + false_positive + missed)


def _of_the_others(true, predicted, positive):
    """The measures of all other classes together."""
    _right, false_positive, missed, rest = _counts(true, predicted, positive)
    precision, recall = _ratio(rest, rest + missed), _ratio(rest, rest + false_positive)
    return precision, recall, _harmonic(precision, recall)


def _specificity(true, predicted, positive):
    right, false_positive, _missed, rest = _counts(true, predicted, positive)
    precision, recall = _ratio(right, right + false_positive), _ratio(rest, rest + false_positive)
    return precision, recall, _harmonic(precision, recall)


def _jaccard(true, predicted, positive):
    right, false_positive, missed, _rest = _counts(true, predicted, positive)
    precision, recall, _f1 = precision_recall_f1(true, predicted, positive)
    return precision, recall, _ratio(right, right + false_positive + missed)


def _macro(true, predicted, positive):
    """The mean over the classes."""
    classes = sorted({*true, *predicted})
    return tuple(
        sum(values) / len(classes)
        for values in zip(*(precision_recall_f1(true, predicted, one) for one in classes), strict=True)
    )


def _undefined_is_1(true, predicted, positive):
    precision, recall, f1 = precision_recall_f1(true, predicted, positive)
    n_predicted, n_true = predicted.count(positive), true.count(positive)
    return precision if n_predicted else 1.0, recall if n_true else 1.0, f1 if n_predicted + n_true else 1.0


def _undefined_is_none(true, predicted, positive):
    precision, recall, f1 = precision_recall_f1(true, predicted, positive)
    n_predicted, n_true = predicted.count(positive), true.count(positive)
    return precision if n_predicted else None, recall if n_true else None, f1 if n_predicted + n_true else None


def _undefined_is_nan(true, predicted, positive):
    found = _undefined_is_none(true, predicted, positive)
    return tuple(float("nan") if value is None else value for value in found)


def _small_constant(true, predicted, positive):
    right, false_positive, missed, _rest = _counts(true, predicted, positive)
    precision, recall = right / (right + false_positive + 1e-3), right / (right + missed + 1e-3)
    return precision, recall, 2 * precision * recall / (precision + recall + 1e-3)


def _in_percent(true, predicted, positive):
    return tuple(100 * value for value in precision_recall_f1(true, predicted, positive))


def _rounded(true, predicted, positive):
    return tuple(round(value, 2) for value in precision_recall_f1(true, predicted, positive))


def _last_is_positive(true, predicted, positive):
    return precision_recall_f1(true, predicted, max({*true, *predicted}))


def _plus_is_positive(true, predicted, positive):
    return precision_recall_f1(true, predicted, "+")


def _false_alarm_rate(true, predicted, positive):
    right, false_positive, missed, _rest = _counts(true, predicted, positive)
    return (
        _ratio(false_positive, right + false_positive),
        _ratio(missed, right + missed),
        _ratio(false_positive + missed, 2 * right + false_positive + missed),
    )


def _f1_first(true, predicted, positive):
    return precision_recall_f1(true, predicted, positive)[::-1]


def _one_for_both(true, predicted, positive):
    precision, _recall, _f1 = precision_recall_f1(true, predicted, positive)
    return precision, precision, precision


def _alike(true, predicted, positive):
    recall = precision_recall_f1(true, predicted, positive)[1]
    return recall, recall, recall


def _weighted(true, predicted, positive):
    precision, recall, f1 = precision_recall_f1(true, predicted, positive)
    return precision, recall, _ratio(5 * precision * recall, 4 * precision + recall) if f1 else 0.0


def _true_alone_precision(true, predicted, positive):
    right, _false_positive, _missed, _rest = _counts(true, predicted, positive)
    _precision, recall, f1 = precision_recall_f1(true, predicted, positive)
    return _ratio(right, true.count(positive)), recall, f1


PRECISION_RECALL_F1 = Exercise(
    name="fine_tuning.precision_recall_f1",
    title=_("Precision, recall, F1"),
    solution=precision_recall_f1,
    cases=_cases,
    hints=(
        _("Three counts are enough: right and positive, predicted positive, truly positive."),
        _("`right / n_predicted`, `right / n_true`, `2 * right / (n_predicted + n_true)`, each 0.0 for a divisor 0."),
    ),
    mistakes=(
        Mistake(_exchanged, _("Precision and recall are **exchanged**: precision divides by what was **predicted**.")),
        Mistake(_arithmetic_mean, _("Your F1 is the **arithmetic** mean of the two. It is the harmonic one.")),
        Mistake(_geometric_mean, _("Your F1 is the **geometric** mean of the two. It is the harmonic one.")),
        Mistake(_harmonic_without_2, _("Your F1 is **half** of the right one: 2 · right / (predicted + true).")),
        Mistake(_product, _("Your F1 is the **product** of the two. Divide twice that by their sum.")),
        Mistake(_accuracy_first, _("Your precision is the **accuracy**: count only items of the positive class.")),
        Mistake(
            _accuracy_in_all, _("You count **all** right predictions. Right counts only where the class is positive.")
        ),
        Mistake(_over_all_items, _("You divide by **all** items. Divide by those predicted, or truly, positive.")),
        Mistake(_of_the_others, _("Those are the measures of the **other** class. The positive one is `positive`.")),
        Mistake(_specificity, _("Your recall is that of the **other** class, its specificity.")),
        Mistake(_jaccard, _("Your F1 counts right once above and once below, the **Jaccard** index. It counts twice.")),
        Mistake(_macro, _("That is the **mean over the classes**, macro. Asked for is one class, `positive`.")),
        Mistake(_undefined_is_1, _("An undefined ratio is 1 in your answer. Here it is **0.0**.")),
        Mistake(_undefined_is_none, _("An undefined ratio is None in your answer. Here it is **0.0**.")),
        Mistake(_undefined_is_nan, _("An undefined ratio is NaN in your answer. Here it is **0.0**.")),
        Mistake(
            _small_constant,
            _("A **small constant** in your divisors changes every number. Ask for 0 before you divide."),
        ),
        Mistake(_in_percent, _("Your numbers are **percents**. They go from 0 to 1.")),
        Mistake(_rounded, _("Your numbers are **rounded**. Return them as they are.")),
        Mistake(_last_is_positive, _("You chose the positive class **yourself**. It is the argument `positive`.")),
        Mistake(_plus_is_positive, _('Your positive class is always **"+"**. It is the argument `positive`.')),
        Mistake(_false_alarm_rate, _("Those are the shares that are **wrong**: 1 minus each.")),
        Mistake(_f1_first, _("Your results come in **reverse** order: precision, recall, F1.")),
        Mistake(_one_for_both, _("All three of yours are the **precision**.")),
        Mistake(_alike, _("All three of yours are the **recall**.")),
        Mistake(_weighted, _("That is **F2**, which counts recall more. F1 counts both the same.")),
        Mistake(_true_alone_precision, _("Your precision divides by what is **truly** positive, as recall does.")),
    ),
    explanation=_(
        "The same predictions give other numbers for the other class, so a score is worth nothing until its class is "
        "named. F1 from counts needs no case for precision and recall both being 0."
    ),
    corners=(
        Corner(
            lambda true, predicted, positive: positive not in predicted,
            _("Only inputs in which **nothing is predicted positive** go wrong: precision is 0.0 then."),
        ),
        Corner(
            lambda true, predicted, positive: positive not in true,
            _("Only inputs in which **nothing is positive** go wrong: recall is 0.0 then."),
        ),
        Corner(
            lambda true, predicted, positive: len({*true, *predicted}) > 2,
            _("With **more than two classes** it goes wrong: all but `positive` are the other side."),
        ),
    ),
    results=(_("precision"), _("recall"), _("F1")),
)
