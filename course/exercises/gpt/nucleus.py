"""Exercise on top-p: the smallest set of the most probable tokens that reaches p."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def top_p(probabilities: list[float], p: float) -> list[float]:
    """Keep the most probable tokens that together reach p, and scale them so that they sum to 1.

    Go from the most probable token down until the sum reaches p; the token that crosses p is kept,
    and of equally probable tokens the one with the lower index comes first. All others get 0, and
    each kept probability is divided by the sum of the kept ones. p is above 0, at most 1.

    >>> top_p([0.125, 0.5, 0.125, 0.25], p=0.75)
    [0.0, 0.6666666666666666, 0.0, 0.3333333333333333]
    >>> top_p([0.125, 0.5, 0.125, 0.25], p=0.25)
    [0.0, 1.0, 0.0, 0.0]
    """
    kept, total = set(), 0.0
    for token in sorted(range(len(probabilities)), key=lambda token: -probabilities[token]):
        if total < p:
            kept.add(token)
            total += probabilities[token]
    return [probability / total if token in kept else 0.0 for token, probability in enumerate(probabilities)]


def of_sixty_fourths(draw: random.Random, n: int) -> list[float]:
    """Probabilities that a float holds exactly, some of them equal: n shares of 64."""
    cuts = sorted(draw.choices(range(65), k=n - 1))
    return [(b - a) / 64 for a, b in zip([0, *cuts], [*cuts, 64], strict=True)]


def _top_p_cases() -> list[tuple]:
    draw = random.Random(7)
    example = [0.125, 0.5, 0.125, 0.25]
    cases: list[tuple] = [(example, 0.75), (example, 0.25), (example, 0.875), (example, 0.6), (example, 1.0)]
    cases += [
        ([0.25, 0.25, 0.25, 0.25], 0.5),
        ([0.5, 0.25, 0.25], 0.75),
        ([0.25, 0.5, 0.25], 0.6),
        ([1.0, 0.0, 0.0], 0.9),
        ([0.0625, 0.9375], 0.95),
    ]
    for n in (3, 4, 5, 6, 8):
        cases.append((of_sixty_fourths(draw, n), draw.choice([0.3, 0.5, 0.625, 0.9])))
    return cases


def _order(probabilities):
    return sorted(range(len(probabilities)), key=lambda token: -probabilities[token])


def _of(probabilities, kept, total=None):
    total = sum(probabilities[token] for token in kept) if total is None else total
    return [value / (total or 1.0) if token in kept else 0.0 for token, value in enumerate(probabilities)]


def _reaching(probabilities, p, order, *, strict=False):
    kept, total = [], 0.0
    for token in order:
        if total > p or (total >= p and not strict):
            break
        kept.append(token)
        total += probabilities[token]
    return kept


def _up_to_p_in_tensors(probabilities, p):
    return _up_to_p(probabilities, p) if max(probabilities) <= p else [math.nan] * len(probabilities)


def _values(probabilities, p):
    return {probabilities[token] for token in _reaching(probabilities, p, _order(probabilities))}


def _all_equals(probabilities, p):
    values = _values(probabilities, p)
    return _of(probabilities, [token for token, value in enumerate(probabilities) if value in values])


def _all_equals_by_the_sum(probabilities, p):
    values = _values(probabilities, p)
    total = sum(probabilities[token] for token in _reaching(probabilities, p, _order(probabilities)))
    return [value / total if value in values else 0.0 for value in probabilities]


def _one_more(probabilities, p):
    order = _order(probabilities)
    return _of(probabilities, order[: len(_reaching(probabilities, p, order)) + 1])


def _softmax_again(probabilities, p):
    kept = _reaching(probabilities, p, _order(probabilities))
    powers = [math.exp(value) if token in kept else 0.0 for token, value in enumerate(probabilities)]
    return [power / sum(powers) for power in powers]


def _rest_in_equal_parts(probabilities, p):
    kept = _reaching(probabilities, p, _order(probabilities))
    part = (1 - sum(probabilities[token] for token in kept)) / len(kept)
    return [value + part if token in kept else 0.0 for token, value in enumerate(probabilities)]


def _first_ones(probabilities, p):
    return _of(probabilities, range(len(_reaching(probabilities, p, _order(probabilities)))))


def _order_as_ranks(probabilities, p):
    order = _order(probabilities)
    kept = len(_reaching(probabilities, p, order))
    return _of(probabilities, [token for token, rank in enumerate(order) if rank < kept])


def _without_the_crossing(probabilities, p):
    kept = _reaching(probabilities, p, _order(probabilities))
    return _of(probabilities, kept[:-1])


def _without_the_crossing_but_one(probabilities, p):
    kept = _reaching(probabilities, p, _order(probabilities))
    return _of(probabilities, kept[:-1] or kept)


def _up_to_p(probabilities, p):
    kept, total = [], 0.0
    for token in _order(probabilities):
        if total + probabilities[token] > p:
            break
        kept.append(token)
        total += probabilities[token]
    return _of(probabilities, kept)


def _not_renormalized(probabilities, p):
    return _of(probabilities, _reaching(probabilities, p, _order(probabilities)), 1.0)


def _divided_by_p(probabilities, p):
    return _of(probabilities, _reaching(probabilities, p, _order(probabilities)), p)


def _one_too_many(probabilities, p):
    return _of(probabilities, _reaching(probabilities, p, _order(probabilities), strict=True))


def _each_above_p(probabilities, p):
    return _of(probabilities, [token for token, value in enumerate(probabilities) if value >= p])


def _least_probable_first(probabilities, p):
    return _of(probabilities, _reaching(probabilities, p, _order(probabilities)[::-1]))


def _not_sorted(probabilities, p):
    return _of(probabilities, _reaching(probabilities, p, range(len(probabilities))))


def _most_probable_alone(probabilities, p):
    return _of(probabilities, _order(probabilities)[:1])


def _relative_to_the_best(probabilities, p):
    best = max(probabilities)
    return _of(probabilities, [token for token, value in enumerate(probabilities) if value >= p * best])


def _above_the_rest(probabilities, p):
    return _of(probabilities, [token for token, value in enumerate(probabilities) if value > 1 - p])


def _kept_alone(probabilities, p):
    kept = _reaching(probabilities, p, _order(probabilities))
    return [value for value in _of(probabilities, kept) if value]


def _in_their_order(probabilities, p):
    answer = top_p(probabilities, p)
    return sorted(answer, reverse=True)


def _all(probabilities, p):
    return list(probabilities)


def _removed(probabilities, p):
    kept = _reaching(probabilities, p, _order(probabilities))
    total = sum(probabilities[token] for token in kept)
    return _of(probabilities, [token for token in range(len(probabilities)) if token not in kept], total)


def _not_removed(probabilities, p):
    kept = _reaching(probabilities, p, _order(probabilities))
    total = sum(probabilities[token] for token in kept)
    return [value / total for value in probabilities]


def _without_the_best(probabilities, p):
    return _of(probabilities, _reaching(probabilities, p, _order(probabilities)[1:]))


def _without_token_0(probabilities, p):
    order = [token for token in _order(probabilities) if token]
    return _of(probabilities, _reaching(probabilities, p, order))


def _without_the_last_token(probabilities, p):
    order = [token for token in _order(probabilities) if token < len(probabilities) - 1]
    return _of(probabilities, _reaching(probabilities, p, order))


def _share_of_the_tokens(probabilities, p):
    return _of(probabilities, _order(probabilities)[: max(1, round(p * len(probabilities)))])


def _the_later_of_equals(probabilities, p):
    order = sorted(range(len(probabilities)), key=lambda token: (-probabilities[token], -token))
    return _of(probabilities, _reaching(probabilities, p, order))


def _uniform(probabilities, p):
    kept = _reaching(probabilities, p, _order(probabilities))
    return [1 / len(kept) if token in kept else 0.0 for token in range(len(probabilities))]


TOP_P = Exercise(
    name="gpt.top_p",
    title=_("Keep the tokens that together reach p"),
    solution=top_p,
    cases=_top_p_cases,
    hints=(
        _(
            "Go through the tokens from the most probable down, with the sum of those kept **so far**: is it "
            "still below p?"
        ),
        _(
            "While the sum is below p, keep the next token and add its probability. So the token that crosses p "
            "is kept."
        ),
    ),
    mistakes=(
        Mistake(
            _up_to_p,
            _("You left out the token that **crosses** p. It is kept, or nothing is left when the first crosses."),
        ),
        Mistake(
            _up_to_p_in_tensors,
            _("You left out the token that **crosses** p. When the first crosses, nothing is left, and 0 / 0 is nan."),
        ),
        Mistake(
            _without_the_crossing,
            _("You left out the **last** token, the one with which the sum reaches p: it is kept."),
        ),
        Mistake(
            _without_the_crossing_but_one,
            _("You left out the token that reaches p where others are kept: it is **always** kept."),
        ),
        Mistake(_not_renormalized, _("Your answer does not sum to **1**: divide the kept probabilities by their sum.")),
        Mistake(
            _divided_by_p, _("You divided by **p**: divide by the sum of the kept probabilities, which may be more.")
        ),
        Mistake(_one_too_many, _("You went on when the sum was **equal** to p: it has reached p then.")),
        Mistake(_each_above_p, _("You compared each probability **alone** with p: p is for their sum, from the top.")),
        Mistake(
            _least_probable_first, _("You began with the **least** probable tokens: begin with the most probable.")
        ),
        Mistake(
            _not_sorted, _("You went through the tokens in the order of the **vocabulary**: sort them by probability.")
        ),
        Mistake(_most_probable_alone, _("You kept the **most probable** token alone, whatever p is.")),
        Mistake(
            _relative_to_the_best, _("You compared with the **best** token: that is min-p. Here a sum must reach p.")
        ),
        Mistake(_above_the_rest, _("You kept what is above **1 - p**: a sum from the top must reach p.")),
        Mistake(_kept_alone, _("Your answer is too **short**: the other tokens are in it, with 0.")),
        Mistake(_in_their_order, _("Your answer is **sorted**: each token keeps its place.")),
        Mistake(_all, _("**Nothing** was removed: tokens after the sum has reached p get 0.")),
        Mistake(_removed, _("You kept what is to be **removed**: it is the other way round.")),
        Mistake(_not_removed, _("The kept tokens are right, but the others are still there: they get **0**.")),
        Mistake(_without_the_best, _("You left out the **most probable** token: begin with it.")),
        Mistake(_without_token_0, _("You left out token **0**: every token may be kept.")),
        Mistake(
            _without_the_last_token, _("You left out the **last** token of the vocabulary: every token may be kept.")
        ),
        Mistake(_share_of_the_tokens, _("You kept a share of the **tokens**: p is a share of the probability.")),
        Mistake(_the_later_of_equals, _("Of equally probable tokens the one with the **lower** index comes first.")),
        Mistake(
            _all_equals,
            _("You kept **all** tokens as probable as a kept one: of equals, only as many as the sum needs."),
        ),
        Mistake(
            _all_equals_by_the_sum,
            _("You looked for kept **values**: a token that was not kept may have the same one. Keep indices."),
        ),
        Mistake(_one_more, _("You kept one token **more** than needed: stop as soon as the sum has reached p.")),
        Mistake(
            _softmax_again, _("You took the **softmax** of probabilities: divide the kept ones by their sum, no more.")
        ),
        Mistake(
            _rest_in_equal_parts,
            _("You shared the rest out in **equal** parts: dividing by the sum keeps the ratios."),
        ),
        Mistake(
            _first_ones,
            _("You applied a mask of the **sorted** order to the unsorted tokens: put it back into their order first."),
        ),
        Mistake(
            _order_as_ranks,
            _("You took the sorted indices for the **rank** of each token: they say which token has each rank."),
        ),
        Mistake(_uniform, _("Your kept tokens are **equally** probable: they keep their ratios.")),
    ),
    explanation=_(
        "Where the model is sure, few tokens are kept; where it is not, many. Top-k always keeps the same number. In "
        "both, the probability of the removed tokens is shared out among the others."
    ),
    corners=(
        Corner(
            lambda probabilities, p: max(probabilities) >= p,
            _("When the first token alone reaches p, it is the only one that is kept."),
        ),
        Corner(
            lambda probabilities, p: len(set(probabilities)) < len(probabilities),
            _("Of equally probable tokens the one with the lower index comes first."),
        ),
    ),
)
