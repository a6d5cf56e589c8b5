"""Exercise on WordPiece: what joining a pair is worth."""

import math

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def pair_score(pair: int, left: int, right: int, total: int) -> float:
    """By how much the log-likelihood of a text rises when a pair is joined, to first order.

    `pair` is how often the two occur side by side (at least once), `left` and `right` how often
    each occurs, and `total` the number of all tokens. Each occurrence of the pair gains the natural
    logarithm of the ratio p(ab) / (p(a) p(b)).

    >>> round(pair_score(pair=6, left=6, right=20, total=400), 2)
    17.97
    >>> round(pair_score(pair=1, left=20, right=40, total=400), 2)
    -0.69
    """
    import math

    return pair * math.log(pair * total / (left * right))


def _cases() -> list[tuple]:
    return [
        (6, 6, 20, 400),
        (30, 90, 50, 400),
        (1, 20, 40, 400),
        (2, 20, 40, 400),
        (4, 120, 40, 1000),
        (1, 1, 1, 3),
        (7, 9, 16, 50),
        (2, 9, 16, 50),
        (5, 5, 5, 5),
        (3, 7, 7, 1000),
        (250, 4000, 900, 60_000),
        (10**9, 4 * 10**9, 5 * 10**9, 10**11),
    ]


def _ratio(pair, left, right, total):
    return pair / (left * right)


def _ratio_of_shares(pair, left, right, total):
    return pair * total / (left * right)


def _once(pair, left, right, total):
    return math.log(pair * total / (left * right))


def _without_total(pair, left, right, total):
    return pair * math.log(pair / (left * right))


def _without_total_once(pair, left, right, total):
    return math.log(pair / (left * right))


def _count_alone(pair, left, right, total):
    return float(pair)


def _share_of_total(pair, left, right, total):
    return pair / total * math.log(pair * total / (left * right))


def _divided_by_total(pair, left, right, total):
    return pair * math.log(pair / total / (left * right))


def _total_squared(pair, left, right, total):
    return pair * math.log(pair * total * total / (left * right))


def _by_the_sum(pair, left, right, total):
    return pair * math.log(pair * total / (left + right))


def _divided_then_multiplied(pair, left, right, total):
    return pair * math.log(pair * total / left * right)


def _upside_down(pair, left, right, total):
    return pair * math.log(left * right / (pair * total))


def _logarithm_of_two(pair, left, right, total):
    return pair * math.log2(pair * total / (left * right))


def _logarithm_of_ten(pair, left, right, total):
    return pair * math.log10(pair * total / (left * right))


def _logarithm_of_one_more(pair, left, right, total):
    return pair * math.log1p(pair * total / (left * right))


def _never_below_zero(pair, left, right, total):
    return max(0.0, pair * math.log(pair * total / (left * right)))


def _size_of_it(pair, left, right, total):
    return abs(pair * math.log(pair * total / (left * right)))


def _without_left(pair, left, right, total):
    return pair * math.log(pair * total / right)


def _without_right(pair, left, right, total):
    return pair * math.log(pair * total / left)


def _log_of_the_count_alone(pair, left, right, total):
    return pair * math.log(pair * total) / (left * right)


def _added(pair, left, right, total):
    return pair + math.log(pair * total / (left * right))


def _without_logarithm(pair, left, right, total):
    return pair * (pair * total / (left * right))


def _multiplied_inside(pair, left, right, total):
    return pair * math.log(pair * total * (left * right))


def _without_pair_inside(pair, left, right, total):
    return pair * math.log(total / (left * right))


def _without_the_parts(pair, left, right, total):
    return pair * math.log(pair * total)


def _pair_and_total_added(pair, left, right, total):
    return pair * math.log((pair + total) / (left * right))


def _pair_in_the_log_only(pair, left, right, total):
    return (left + right) * math.log(pair * total / (left * right))


def _probability_of_the_pair_alone(pair, left, right, total):
    return pair * math.log(pair / total)


def _shares_divided_then_multiplied(pair, left, right, total):
    return pair * math.log((pair / total) / (left / total) * (right / total))


PAIR_SCORE = Exercise(
    name="tokenization.pair_score",
    title=_("What joining a pair is worth"),
    solution=pair_score,
    cases=_cases,
    hints=(
        _(
            "Write the probabilities as counts: p(ab) is `pair / total`, p(a) is `left / total`, p(b) is "
            "`right / total`. In p(ab) / (p(a) p(b)), two of the three totals cancel, and one is left."
        ),
        _("`math.log` of `pair * total / (left * right)` is what each occurrence gains; there are `pair` of them."),
    ),
    mistakes=(
        Mistake(
            _ratio,
            _(
                "This is the **ratio of the counts** alone, as many tutorials have it. A pair seen once would win. "
                "Take the logarithm of p(ab) / (p(a) p(b)), and multiply by how often the pair occurs."
            ),
        ),
        Mistake(
            _ratio_of_shares,
            _("This is the **ratio** itself. The gain is its logarithm, times the number of occurrences."),
        ),
        Mistake(
            _once,
            _("This is what **one** occurrence gains. The pair is joined `pair` times: multiply by it."),
        ),
        Mistake(
            _without_total,
            _("The **total** is missing. p(a) is `left / total`: of the three totals, one does not cancel."),
        ),
        Mistake(
            _without_total_once,
            _(
                "The **total** is missing, and so is the number of occurrences: "
                "the gain is `pair` times the logarithm of p(ab) / (p(a) p(b))."
            ),
        ),
        Mistake(
            _count_alone,
            _("This is the count of the pair, which is how **byte-pair encoding** chooses."),
        ),
        Mistake(
            _share_of_total,
            _("You divide by the total **in front of** the logarithm. The number of occurrences is `pair`."),
        ),
        Mistake(
            _divided_by_total,
            _("You **divide** by the total where it multiplies: p(a) p(b) has it twice below, p(ab) once."),
        ),
        Mistake(
            _total_squared,
            _("The total is there **twice**. p(a) p(b) has it twice below the line, and p(ab) takes one of them away."),
        ),
        Mistake(_by_the_sum, _("You divide by the **sum** of the two counts. The ratio divides by their product.")),
        Mistake(
            _divided_then_multiplied,
            _("`a / b * c` divides by `b` and multiplies by `c`. Put the product in parentheses: `a / (b * c)`."),
        ),
        Mistake(
            _upside_down,
            _("The fraction is **upside down**: a pair that attracts has a ratio above 1, and a gain above 0."),
        ),
        Mistake(_logarithm_of_two, _("This is the logarithm to the base **2**. Take the natural one, `math.log`.")),
        Mistake(_logarithm_of_ten, _("This is the logarithm to the base **10**. Take the natural one, `math.log`.")),
        Mistake(_logarithm_of_one_more, _("`log1p(x)` is the logarithm of **1 + x**. Take `math.log(x)`.")),
        Mistake(
            _never_below_zero,
            _("A gain **below 0** becomes 0 in your answer. Two tokens that avoid each other do lower the likelihood."),
        ),
        Mistake(
            _size_of_it,
            _("A gain **below 0** loses its sign in your answer. Leave out `abs`."),
        ),
        Mistake(_without_left, _("The count of the **left** token is missing below the line.")),
        Mistake(_without_right, _("The count of the **right** token is missing below the line.")),
        Mistake(
            _log_of_the_count_alone,
            _("The logarithm is closed **too early**: it is of the whole fraction."),
        ),
        Mistake(_added, _("You **add** the count to the logarithm. Each occurrence gains it: multiply.")),
        Mistake(
            _without_logarithm,
            _("You multiply the count by the **ratio**. What each occurrence gains is the logarithm of the ratio."),
        ),
        Mistake(
            _multiplied_inside,
            _("You **multiply** by the counts of the two parts. They belong below the line: divide by their product."),
        ),
        Mistake(
            _without_pair_inside,
            _("The count of the pair is missing **inside** the logarithm: p(ab) is `pair / total`."),
        ),
        Mistake(
            _without_the_parts,
            _("The **two parts** are missing: divide by `left * right`, which come from p(a) and p(b)."),
        ),
        Mistake(
            _pair_and_total_added,
            _("You **add** the total to the count of the pair. In the ratio it multiplies it."),
        ),
        Mistake(
            _pair_in_the_log_only,
            _("You multiply by how often the **parts** occur. What is joined is the pair: multiply by `pair`."),
        ),
        Mistake(
            _probability_of_the_pair_alone,
            _(
                "This is what the pair costs as one token. The gain is the **difference** to what its two parts cost: "
                "subtract the logarithms of p(a) and p(b)."
            ),
        ),
        Mistake(
            _shares_divided_then_multiplied,
            _(
                "`p / q * r` divides by `q` and multiplies by `r`. Put p(a) p(b) in parentheses: the ratio "
                "divides by both."
            ),
        ),
    ),
    corners=(
        Corner(
            lambda pair, left, right, total: pair * total < left * right,
            _("Only a pair that is rarer than **by chance** goes wrong: its gain is below 0."),
        ),
        Corner(
            lambda pair, left, right, total: max(pair, left, right, total) > 2**31,
            _(
                "Only **large** counts go wrong: a whole number of NumPy or PyTorch ends at 2^63, and begins again "
                "from below. Python's do not end; or divide by one count after the other."
            ),
        ),
    ),
    explanation=_(
        "Before, the pair costs log p(a) + log p(b) each time; as one token it costs log p(ab). The difference is the "
        "logarithm of the ratio, and it is gained at every occurrence. *To first order*: joining also changes the "
        "counts of the two parts and the total, which the formula leaves out."
    ),
)
