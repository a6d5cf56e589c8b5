"""Exercise on the law itself: what no model gets below, what too few parameters cost, and what too few tokens cost."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def predicted_loss(
    N: float,
    D: float,
    E: float,
    A: float,
    B: float,
    alpha: float,
    beta: float,
) -> float:
    """The loss that a law predicts for N parameters and D tokens, in nats a token.

    It is a sum of three terms: E, which no model gets below; A divided by N to the power of
    alpha, for too few parameters; and B divided by D to the power of beta, for too few tokens.

    >>> predicted_loss(10_000, 1_000_000, E=1.5, A=50, B=100, alpha=0.5, beta=0.5)
    2.1
    >>> predicted_loss(16, 81, E=1, A=2, B=9, alpha=0.25, beta=0.5)
    3.0
    """
    return E + A / N**alpha + B / D**beta


def _predicted_loss_cases() -> list[tuple]:
    draw = random.Random(903)
    cases: list[tuple] = [
        (10_000.0, 1_000_000.0, 1.5, 50.0, 100.0, 0.5, 0.5),
        (16.0, 81.0, 1.0, 2.0, 9.0, 0.25, 0.5),
        (70e9, 1.4e12, 1.69, 406.4, 410.7, 0.34, 0.28),
        (1.0, 1.0, 1.5, 3.0, 4.0, 0.3, 0.4),
        (22352.0, 2292224.0, 1.2, 30.0, 600.0, 0.4, 0.5),
        (900.0, 50.0, 0.5, 7.0, 3.0, 1.0, 0.2),
    ]
    for _case in range(10):
        N, D = float(round(10 ** draw.uniform(2, 6))), float(round(10 ** draw.uniform(3, 7)))
        E, A, B = round(draw.uniform(0.5, 2.5), 2), round(draw.uniform(3, 90), 1), round(draw.uniform(5, 300), 1)
        cases.append((N, D, E, A, B, round(draw.uniform(0.2, 0.7), 3), round(draw.uniform(0.2, 0.7), 3)))
    return cases


def _without_e(N, D, E, A, B, alpha, beta):
    return A / N**alpha + B / D**beta


def _without_size(N, D, E, A, B, alpha, beta):
    return E + B / D**beta


def _without_data(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha


def _e_alone(N, D, E, A, B, alpha, beta):
    return E


def _size_alone(N, D, E, A, B, alpha, beta):
    return A / N**alpha


def _data_alone(N, D, E, A, B, alpha, beta):
    return B / D**beta


def _exponents_exchanged(N, D, E, A, B, alpha, beta):
    return E + A / N**beta + B / D**alpha


def _sizes_exchanged(N, D, E, A, B, alpha, beta):
    return E + A / D**alpha + B / N**beta


def _factors_exchanged(N, D, E, A, B, alpha, beta):
    return E + B / N**alpha + A / D**beta


def _multiplied(N, D, E, A, B, alpha, beta):
    return E + A * N**alpha + B * D**beta


def _size_multiplied(N, D, E, A, B, alpha, beta):
    return E + A * N**alpha + B / D**beta


def _data_multiplied(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha + B * D**beta


def _product(N, D, E, A, B, alpha, beta):
    return E + A / (N * alpha) + B / (D * beta)


def _size_times_alpha(N, D, E, A, B, alpha, beta):
    return E + A / (N * alpha) + B / D**beta


def _data_times_beta(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha + B / (D * beta)


def _divided_then_times(N, D, E, A, B, alpha, beta):
    return E + A / N * alpha + B / D * beta


def _without_exponents(N, D, E, A, B, alpha, beta):
    return E + A / N + B / D


def _size_without_exponent(N, D, E, A, B, alpha, beta):
    return E + A / N + B / D**beta


def _data_without_exponent(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha + B / D


def _whole_to_the_power(N, D, E, A, B, alpha, beta):
    return E + (A / N) ** alpha + (B / D) ** beta


def _size_to_the_power(N, D, E, A, B, alpha, beta):
    return E + (A / N) ** alpha + B / D**beta


def _data_to_the_power(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha + (B / D) ** beta


def _upside_down(N, D, E, A, B, alpha, beta):
    return E + N**alpha / A + D**beta / B


def _size_upside_down(N, D, E, A, B, alpha, beta):
    return E + N**alpha / A + B / D**beta


def _data_upside_down(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha + D**beta / B


def _without_factors(N, D, E, A, B, alpha, beta):
    return E + 1 / N**alpha + 1 / D**beta


def _factor_of_size_alone(N, D, E, A, B, alpha, beta):
    return E + A + B / D**beta


def _factor_of_data_alone(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha + B


def _power_of_size_alone(N, D, E, A, B, alpha, beta):
    return E + N**alpha + B / D**beta


def _power_of_data_alone(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha + D**beta


def _base_and_exponent_of_size(N, D, E, A, B, alpha, beta):
    return E + A / alpha ** (N / 1e6) + B / D**beta


def _e_subtracted(N, D, E, A, B, alpha, beta):
    return A / N**alpha + B / D**beta - E


def _size_subtracted(N, D, E, A, B, alpha, beta):
    return E - A / N**alpha + B / D**beta


def _data_subtracted(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha - B / D**beta


def _both_subtracted(N, D, E, A, B, alpha, beta):
    return E - A / N**alpha - B / D**beta


def _e_multiplied(N, D, E, A, B, alpha, beta):
    return E * (A / N**alpha + B / D**beta)


def _e_times_size(N, D, E, A, B, alpha, beta):
    return E * A / N**alpha + B / D**beta


def _terms_multiplied(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha * B / D**beta


def _all_multiplied(N, D, E, A, B, alpha, beta):
    return E * A / N**alpha * B / D**beta


def _largest_term(N, D, E, A, B, alpha, beta):
    return E + max(A / N**alpha, B / D**beta)


def _brackets(N, D, E, A, B, alpha, beta):
    return (E + A) / N**alpha + B / D**beta


def _all_over_data(N, D, E, A, B, alpha, beta):
    return (E + A / N**alpha + B) / D**beta


def _perplexity(N, D, E, A, B, alpha, beta):
    return math.exp(predicted_loss(N, D, E, A, B, alpha, beta))


def _in_bits(N, D, E, A, B, alpha, beta):
    return predicted_loss(N, D, E, A, B, alpha, beta) / math.log(2)


def _logarithm(N, D, E, A, B, alpha, beta):
    return math.log(predicted_loss(N, D, E, A, B, alpha, beta))


def _of_log_sizes(N, D, E, A, B, alpha, beta):
    return E + A / math.log(N + 1) ** alpha + B / math.log(D + 1) ** beta


def _three_terms(N, D, E, A, B, alpha, beta):
    return E, A / N**alpha, B / D**beta


PREDICTED_LOSS = Exercise(
    name="scaling.predicted_loss",
    title=_("The law"),
    solution=predicted_loss,
    cases=_predicted_loss_cases,
    hints=(
        _("Three terms are added. Larger N and D make the second and the third smaller."),
        _("`A / N**alpha` is A over the power: `**` comes before `/`."),
    ),
    mistakes=(
        Mistake(_without_e, _("**E** is missing: what no model gets below.")),
        Mistake(_without_size, _("The term of the **parameters** is missing: A / N to the power of alpha.")),
        Mistake(_without_data, _("The term of the **tokens** is missing: B / D to the power of beta.")),
        Mistake(_e_alone, _("You return **E** alone: both terms are missing.")),
        Mistake(_size_alone, _("You return the term of the **parameters** alone.")),
        Mistake(_data_alone, _("You return the term of the **tokens** alone.")),
        Mistake(_exponents_exchanged, _("alpha and beta are **exchanged**: alpha belongs to N.")),
        Mistake(_sizes_exchanged, _("N and D are **exchanged**: A and alpha belong to N.")),
        Mistake(_factors_exchanged, _("A and B are **exchanged**: A belongs to N.")),
        Mistake(_multiplied, _("Your loss **grows** with N and D: divide by the powers.")),
        Mistake(_size_multiplied, _("Your loss grows with **N**: divide A by the power.")),
        Mistake(_data_multiplied, _("Your loss grows with **D**: divide B by the power.")),
        Mistake(_product, _("You **multiply** by alpha and beta: they are exponents, `**`.")),
        Mistake(_size_times_alpha, _("You multiply N by **alpha**: it is an exponent, `**`.")),
        Mistake(_data_times_beta, _("You multiply D by **beta**: it is an exponent, `**`.")),
        Mistake(_divided_then_times, _("You multiply the quotients by alpha and beta: they are **exponents**.")),
        Mistake(_without_exponents, _("The **exponents** are missing: N to the power of alpha, D of beta.")),
        Mistake(_size_without_exponent, _("The exponent **alpha** is missing.")),
        Mistake(_data_without_exponent, _("The exponent **beta** is missing.")),
        Mistake(_whole_to_the_power, _("A and B are **under the powers**, too: only N and D are.")),
        Mistake(_size_to_the_power, _("**A** is under the power, too: only N is.")),
        Mistake(_data_to_the_power, _("**B** is under the power, too: only D is.")),
        Mistake(_upside_down, _("Both fractions are **upside down**: A and B are above.")),
        Mistake(_size_upside_down, _("The fraction with N is **upside down**: A is above.")),
        Mistake(_data_upside_down, _("The fraction with D is **upside down**: B is above.")),
        Mistake(_without_factors, _("**A and B** are missing: 1 stands in their place.")),
        Mistake(_factor_of_size_alone, _("You add **A** itself: divide it by N to the power of alpha.")),
        Mistake(_factor_of_data_alone, _("You add **B** itself: divide it by D to the power of beta.")),
        Mistake(_power_of_size_alone, _("You add the **power** of N itself: divide A by it.")),
        Mistake(_power_of_data_alone, _("You add the **power** of D itself: divide B by it.")),
        Mistake(_e_subtracted, _("You **subtract** E: add it.")),
        Mistake(_size_subtracted, _("You **subtract** the term of the parameters: too few of them cost.")),
        Mistake(_data_subtracted, _("You **subtract** the term of the tokens: too few of them cost.")),
        Mistake(_both_subtracted, _("You **subtract** both terms: the loss is above E.")),
        Mistake(_e_multiplied, _("You **multiply** by E: add it.")),
        Mistake(_e_times_size, _("You multiply the **first** fraction by E: add it.")),
        Mistake(_terms_multiplied, _("You **multiply** the two terms: add them.")),
        Mistake(_all_multiplied, _("You **multiply** the three terms: add them.")),
        Mistake(_largest_term, _("You take the **larger** of the two terms: add both.")),
        Mistake(_brackets, _("You divide **E**, too: it is a term of its own.")),
        Mistake(_all_over_data, _("You divide the **whole sum** by the power of D: B alone is divided.")),
        Mistake(_perplexity, _("You return the **perplexity**: return the loss.")),
        Mistake(_in_bits, _("You return **bits**: return nats.")),
        Mistake(_logarithm, _("You return the **logarithm** of the loss: return the loss.")),
        Mistake(_of_log_sizes, _("You take **logarithms** of N and D: take their powers.")),
        Mistake(_three_terms, _("You return the **three terms**: return their sum.")),
    ),
    corners=(
        Corner(
            lambda N, D, E, A, B, alpha, beta: N == D == 1,
            _("Only **one parameter and one token** go wrong: the loss is E + A + B."),
        ),
    ),
    explanation=_(
        "With N and D in logarithms each of the two terms falls by the same share for every doubling: by 1 − 2 to the "
        "power of −alpha. The sum is no straight line in a double logarithmic plot, because E and the other term stay "
        "where they are. That is why the law has to be fitted as a whole."
    ),
)
