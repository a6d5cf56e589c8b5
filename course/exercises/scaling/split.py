"""Exercise on the best split of a budget between parameters and tokens, in closed form."""

import random

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def best_split(
    flops: float,
    A: float,
    B: float,
    alpha: float,
    beta: float,
) -> tuple[float, float]:
    """The parameters N and the tokens D that reach the lowest loss for this many operations.

    The loss is E + A / N**alpha + B / D**beta, and a training costs 6 · N · D operations.
    Neither number is rounded. E does not move the split.

    >>> best_split(600, A=4, B=1, alpha=0.5, beta=0.5)
    (40.0, 2.5)
    >>> best_split(6e6, A=8, B=8, alpha=1, beta=1)
    (1000.0, 1000.0)
    """
    ratio = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = ratio * (flops / 6) ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _best_split_cases() -> list[tuple]:
    draw = random.Random(905)
    cases: list[tuple] = [
        (600, 4, 1, 0.5, 0.5),
        (6e6, 8, 8, 1, 1),
        (5.76e23, 406.4, 410.7, 0.3392, 0.2849),
        (1e12, 30.0, 600.0, 0.4, 0.5),
        (2.5e11, 90.0, 500.0, 0.6, 0.3),
        (100, 3.0, 7.0, 0.4, 0.6),
        (700, 9.0, 5.0, 0.7, 0.45),
        (2500, 12.5, 30.0, 0.35, 0.55),
    ]
    for _case in range(10):
        alpha, beta = round(draw.uniform(0.2, 0.8), 2), round(draw.uniform(0.2, 0.8), 2)
        A, B = round(draw.uniform(3, 90), 1), round(draw.uniform(5, 300), 1)
        cases.append((float(f"{10 ** draw.uniform(9, 20):.3g}"), A, B, alpha, beta))
    return cases


def _split(flops, ratio, exponent, other=None, product=6):
    """N by a ratio and an exponent; D by the cost, or by an exponent of its own."""
    units = flops / product
    N = ratio * units**exponent
    return N, units / N if other is None else units**other / ratio


def _ratio(A, B, alpha, beta):
    return (alpha * A / (beta * B)) ** (1 / (alpha + beta))


def _exchanged(flops, A, B, alpha, beta):
    return best_split(flops, A, B, alpha, beta)[::-1]


def _exponents_exchanged(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), alpha / (alpha + beta))


def _ratio_upside_down(flops, A, B, alpha, beta):
    return _split(flops, 1 / _ratio(A, B, alpha, beta), beta / (alpha + beta))


def _without_ratio(flops, A, B, alpha, beta):
    return _split(flops, 1.0, beta / (alpha + beta))


def _equal(flops, A, B, alpha, beta):
    return _split(flops, 1.0, 0.5)


def _halves(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), 0.5)


def _without_derivatives(flops, A, B, alpha, beta):
    return _split(flops, (A / B) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _factors_missing(flops, A, B, alpha, beta):
    return _split(flops, (alpha / beta) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _one_factor_of_a(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / beta) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _one_factor_of_b(flops, A, B, alpha, beta):
    return _split(flops, (alpha / (beta * B)) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _alpha_missing(flops, A, B, alpha, beta):
    return _split(flops, (A / (beta * B)) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _beta_missing(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / B) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _crosswise(flops, A, B, alpha, beta):
    return _split(flops, (beta * A / (alpha * B)) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _brackets_of_b(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / beta * B) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _ratio_without_root(flops, A, B, alpha, beta):
    return _split(flops, alpha * A / (beta * B), beta / (alpha + beta))


def _root_of_the_sum(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / (beta * B)) ** (alpha + beta), beta / (alpha + beta))


def _root_of_alpha(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / (beta * B)) ** (1 / alpha), beta / (alpha + beta))


def _root_of_beta(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / (beta * B)) ** (1 / beta), beta / (alpha + beta))


def _half_root(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta) ** 0.5, beta / (alpha + beta))


def _twice_root(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta) ** 2, beta / (alpha + beta))


def _sum_of_products(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A + beta * B) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _difference_of_products(flops, A, B, alpha, beta):
    return _split(flops, max(abs(alpha * A - beta * B), 1e-3) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _without_6(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta / (alpha + beta), product=1)


def _with_7(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta / (alpha + beta), product=7)


def _with_5(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta / (alpha + beta), product=5)


def _with_2(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta / (alpha + beta), product=2)


def _times_6(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta / (alpha + beta), product=1 / 6)


def _without_6_in_n(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * flops ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _without_6_in_d(flops, A, B, alpha, beta):
    N, D = best_split(flops, A, B, alpha, beta)
    return N, 6 * D


def _without_cost_in_d(flops, A, B, alpha, beta):
    N, _tokens = best_split(flops, A, B, alpha, beta)
    return N, flops / 6


def _same_ratio_for_both(flops, A, B, alpha, beta):
    ratio = _ratio(A, B, alpha, beta)
    return ratio * (flops / 6) ** (beta / (alpha + beta)), ratio * (flops / 6) ** (alpha / (alpha + beta))


def _same_exponent_for_both(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta / (alpha + beta), beta / (alpha + beta))


def _same_for_both(flops, A, B, alpha, beta):
    return (best_split(flops, A, B, alpha, beta)[0],) * 2


def _twenty_tokens(flops, A, B, alpha, beta):
    N = (flops / 120) ** 0.5
    return N, 20 * N


def _exponent_of_n_alone(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta)


def _brackets_of_the_exponent(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta / alpha + beta)


def _ratio_of_exponents(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta), beta / alpha)


def _times_exponent(flops, A, B, alpha, beta):
    return _split(flops, _ratio(A, B, alpha, beta) * beta / (alpha + beta), 1)


def _all_in_the_power(flops, A, B, alpha, beta):
    N = (alpha * A / (beta * B) * flops / 6) ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _ratio_added(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) + (flops / 6) ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _whole(flops, A, B, alpha, beta):
    return tuple(map(int, best_split(flops, A, B, alpha, beta)))


def _rounded(flops, A, B, alpha, beta):
    return tuple(map(round, best_split(flops, A, B, alpha, beta)))


def _tokens_per_parameter(flops, A, B, alpha, beta):
    N, D = best_split(flops, A, B, alpha, beta)
    return N, D / N


def _n_alone(flops, A, B, alpha, beta):
    return best_split(flops, A, B, alpha, beta)[0]


def _d_alone(flops, A, B, alpha, beta):
    return best_split(flops, A, B, alpha, beta)[1]


def _letters_exchanged(flops, A, B, alpha, beta):
    return best_split(flops, B, A, alpha, beta)


def _n_times_d(flops, A, B, alpha, beta):
    N = best_split(flops, A, B, alpha, beta)[0]
    return N, flops / 6 * N


def _ratio_times_root(flops, A, B, alpha, beta):
    return _split(flops, alpha * A / (beta * B) / (alpha + beta), beta / (alpha + beta))


def _root_alone(flops, A, B, alpha, beta):
    return _split(flops, 1 / (alpha + beta), beta / (alpha + beta))


def _product_of_products(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A * beta * B) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _numerator_alone(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _denominator_alone(flops, A, B, alpha, beta):
    return _split(flops, (beta * B) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _alpha_added(flops, A, B, alpha, beta):
    return _split(flops, ((alpha + A) / (beta * B)) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _alpha_over_a(flops, A, B, alpha, beta):
    return _split(flops, (alpha / A / (beta * B)) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _beta_added(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / (beta + B)) ** (1 / (alpha + beta)), beta / (alpha + beta))


def _one_minus_sum(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / (beta * B)) ** (1 - (alpha + beta)), beta / (alpha + beta))


def _root_of_product(flops, A, B, alpha, beta):
    return _split(flops, (alpha * A / (beta * B)) ** (1 / (alpha * beta)), beta / (alpha + beta))


def _divided_by_power(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) / (flops / 6) ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _ratio_for_n(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta)
    return N, flops / 6 / N


def _budget_without_power(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * flops / 6
    return N, flops / 6 / N


def _power_without_budget(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * beta / (alpha + beta)
    return N, flops / 6 / N


def _times_6_in_n(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * (flops * 6) ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _seven_in_n(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * (flops / 7) ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _five_in_n(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * (flops / 5) ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _exponent_multiplied(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * (flops / 6) ** (beta * (alpha + beta))
    return N, flops / 6 / N


def _sum_as_exponent(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * (flops / 6) ** (alpha + beta)
    return N, flops / 6 / N


def _alpha_below(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * (flops / 6) ** (1 / alpha)
    return N, flops / 6 / N


def _inverse_exponent(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * (flops / 6) ** ((alpha + beta) / beta)
    return N, flops / 6 / N


def _six_alone(flops, A, B, alpha, beta):
    N = _ratio(A, B, alpha, beta) * 6 ** (beta / (alpha + beta))
    return N, flops / 6 / N


def _first_whole(flops, A, B, alpha, beta):
    N, D = best_split(flops, A, B, alpha, beta)
    return N, D // 1


BEST_SPLIT = Exercise(
    name="scaling.best_split",
    title=_("The best split of a budget"),
    solution=best_split,
    cases=_best_split_cases,
    compare=close,
    results=("N", "D"),
    hints=(
        _(
            "Replace D by flops / 6 / N and set the derivative with respect to N to 0. It says that "
            "alpha · A / N**alpha equals beta · B / D**beta."
        ),
        _(
            "Solved for N: `(alpha * A / (beta * B)) ** (1 / (alpha + beta))` times `(flops / 6)` to the power of "
            "`beta / (alpha + beta)`. D is what the budget leaves."
        ),
    ),
    mistakes=(
        Mistake(_exchanged, _("N and D are **exchanged**: return N first.")),
        Mistake(_exponents_exchanged, _("N's exponent is **beta** / (alpha + beta): yours has alpha above.")),
        Mistake(_ratio_upside_down, _("Your ratio is **upside down**: alpha · A is above beta · B for N.")),
        Mistake(_without_ratio, _("The **ratio** of alpha · A to beta · B is missing.")),
        Mistake(_equal, _("You split **equally**: A, B, alpha and beta decide.")),
        Mistake(_halves, _("Your exponent is always **1/2**: it is beta / (alpha + beta).")),
        Mistake(
            _without_derivatives,
            _("You make the two **terms** equal: what is equal is their derivatives, alpha · A / N**alpha and so on."),
        ),
        Mistake(_factors_missing, _("**A and B** are missing from your ratio.")),
        Mistake(_one_factor_of_a, _("**B** is missing from your ratio.")),
        Mistake(_one_factor_of_b, _("**A** is missing from your ratio.")),
        Mistake(_alpha_missing, _("**alpha** is missing above in your ratio.")),
        Mistake(_beta_missing, _("**beta** is missing below in your ratio.")),
        Mistake(_crosswise, _("alpha and beta are **exchanged** in your ratio: alpha belongs to A.")),
        Mistake(_brackets_of_b, _("You **multiply** by B: put brackets round `beta * B`.")),
        Mistake(_ratio_without_root, _("The ratio's **exponent** is missing: 1 / (alpha + beta).")),
        Mistake(_root_of_the_sum, _("The ratio's exponent is **1 /** (alpha + beta).")),
        Mistake(_root_of_alpha, _("The ratio's exponent is 1 / **(alpha + beta)**, not 1 / alpha.")),
        Mistake(_root_of_beta, _("The ratio's exponent is 1 / **(alpha + beta)**, not 1 / beta.")),
        Mistake(_half_root, _("You take the **root** of the ratio once more.")),
        Mistake(_twice_root, _("The ratio's exponent is **twice** as large as it should be: 1 / (alpha + beta).")),
        Mistake(_sum_of_products, _("You **add** alpha · A and beta · B: divide.")),
        Mistake(_difference_of_products, _("You **subtract** beta · B from alpha · A: divide.")),
        Mistake(_without_6, _("The **6** is missing: N · D is a sixth of the operations.")),
        Mistake(_with_7, _("A parameter costs a token **7** operations in yours: it costs 6.")),
        Mistake(_with_5, _("A parameter costs a token **5** operations in yours: it costs 6.")),
        Mistake(
            _with_2, _("A parameter costs a token **2** operations in yours, those of the forward pass: it costs 6.")
        ),
        Mistake(_times_6, _("You **multiply** by 6: divide.")),
        Mistake(_without_6_in_n, _("The **6** is missing in N alone.")),
        Mistake(_without_6_in_d, _("The **6** is missing in D alone.")),
        Mistake(_without_cost_in_d, _("D is flops / 6 in yours: divide it by **N**, too.")),
        Mistake(_n_times_d, _("You **multiply** flops / 6 by N for D: divide.")),
        Mistake(_same_ratio_for_both, _("D has N's ratio: for D it is **upside down**.")),
        Mistake(_same_exponent_for_both, _("D has N's exponent: D's is **alpha** / (alpha + beta).")),
        Mistake(_same_for_both, _("You return **N twice**: D is flops / 6 / N.")),
        Mistake(_twenty_tokens, _("You take **20 tokens** a parameter: that is for one law and one budget.")),
        Mistake(_exponent_of_n_alone, _("N's exponent is **beta** in yours: divide it by alpha + beta.")),
        Mistake(_brackets_of_the_exponent, _("The **brackets** are missing in N's exponent: beta / (alpha + beta).")),
        Mistake(_ratio_of_exponents, _("N's exponent is **beta / alpha** in yours: it is beta / (alpha + beta).")),
        Mistake(_times_exponent, _("You **multiply** by the exponent: it is a power, `**`.")),
        Mistake(_all_in_the_power, _("The ratio has **N's exponent** in yours: its own is 1 / (alpha + beta).")),
        Mistake(_ratio_added, _("You **add** the ratio: multiply by it.")),
        Mistake(_whole, _("You round **down** to whole numbers: return both as they are.")),
        Mistake(_rounded, _("You **round** to whole numbers: return both as they are.")),
        Mistake(_tokens_per_parameter, _("You return the tokens **per parameter**: return D.")),
        Mistake(_n_alone, _("You return **N** alone: return both.")),
        Mistake(_d_alone, _("You return **D** alone: return both.")),
        Mistake(_letters_exchanged, _("A and B are **exchanged**: A belongs to N.")),
        Mistake(_ratio_times_root, _("You **multiply** the ratio by 1 / (alpha + beta): it is an exponent.")),
        Mistake(_root_alone, _("The **ratio** itself is missing: 1 / (alpha + beta) is its exponent.")),
        Mistake(_product_of_products, _("You **multiply** alpha · A by beta · B: divide.")),
        Mistake(_numerator_alone, _("Your ratio is alpha · A **alone**: divide by beta · B.")),
        Mistake(_denominator_alone, _("Your ratio is beta · B **alone**: alpha · A is above it.")),
        Mistake(_alpha_added, _("You **add** alpha and A: multiply.")),
        Mistake(_alpha_over_a, _("You **divide** alpha by A: multiply.")),
        Mistake(_beta_added, _("You **add** beta and B: multiply.")),
        Mistake(_one_minus_sum, _("The ratio's exponent is 1 **divided** by (alpha + beta), not 1 minus it.")),
        Mistake(_root_of_product, _("The ratio's exponent has the **product** of alpha and beta: it has their sum.")),
        Mistake(_divided_by_power, _("You **divide** by the power of the budget: N grows with it.")),
        Mistake(_ratio_for_n, _("The **budget** is missing in N: multiply by (flops / 6) to its power.")),
        Mistake(_budget_without_power, _("The **exponent** of the budget is missing: beta / (alpha + beta).")),
        Mistake(_power_without_budget, _("You multiply by the **exponent**, and the budget is missing.")),
        Mistake(_times_6_in_n, _("You **multiply** by 6 in N: divide.")),
        Mistake(_seven_in_n, _("You divide by **7** in N: divide by 6.")),
        Mistake(_five_in_n, _("You divide by **5** in N: divide by 6.")),
        Mistake(_exponent_multiplied, _("You **multiply** beta by (alpha + beta): divide.")),
        Mistake(_sum_as_exponent, _("N's exponent is **alpha + beta** in yours: it is beta / (alpha + beta).")),
        Mistake(_alpha_below, _("N's exponent is **1 / alpha** in yours: it is beta / (alpha + beta).")),
        Mistake(_inverse_exponent, _("N's exponent is **upside down**: beta is above.")),
        Mistake(_six_alone, _("The **operations** are missing in N: take flops / 6 to the power.")),
        Mistake(_first_whole, _("You round **D** down: return it as it is.")),
    ),
    explanation=_(
        "At the best split a percent more parameters gains as much as a percent more tokens. N grows with the budget "
        "to the power of beta / (alpha + beta): with alpha equal to beta both grow with its root. A small change of "
        "the exponents moves the split of a far larger budget a lot. Source: Hoffmann et al. 2022, equation 4."
    ),
)
