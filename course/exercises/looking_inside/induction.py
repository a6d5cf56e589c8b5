"""Exercise on induction heads: where a head looks in a text that repeats itself."""

import torch
from torch import Tensor

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def induction_score(weights: "Tensor", period: int) -> float:
    """How much a head looks at the token that followed the present one the first time.

    weights: (query, key), the head's attention in a text of 1 + 2 * period tokens: a first token,
    then `period` tokens, then the same ones again. Take the queries of the second half whose next
    token is a repetition, too: all but the last. For each, find the key right **after** the first
    occurrence of its token. Returns the mean weight on these keys.

    >>> import torch
    >>> weights = torch.zeros(5, 5)  # the text x a b a b: period 2
    >>> weights[3, 2] = 0.5  # at the second a, half of the attention is on the first b
    >>> induction_score(weights, period=2)
    0.5
    """
    followed = weights[period + 1 : 2 * period, 2 : period + 1]  # (query, key after the first occurrence)
    return followed.diagonal().mean().item()


def _induction_score_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(20)
    small = torch.zeros(5, 5)
    small[3, 2] = 0.5
    cases: list[tuple] = [(small, 2)]
    for period in (2, 3, 3, 4, 5, 6, 8, 10):
        size = 1 + 2 * period
        scores = 2 * torch.randn(size, size, generator=generator)
        hidden = torch.ones(size, size, dtype=torch.bool).triu(1)
        cases.append((scores.masked_fill(hidden, -torch.inf).softmax(dim=-1), period))
    return cases


def _on_diagonal(weights, queries, keys):
    return weights[queries, keys].mean().item()


def _all(period):
    return torch.arange(period + 1, 2 * period)


def _looks_at_the_same_token(weights, period):
    return _on_diagonal(weights, _all(period), _all(period) - period)


def _one_too_early(weights, period):
    return _on_diagonal(weights, _all(period), _all(period) - period - 1)


def _two_after(weights, period):
    return _on_diagonal(weights, _all(period), _all(period) - period + 2)


def _without_the_first_token(weights, period):
    queries = torch.arange(period, 2 * period - 1)
    return _on_diagonal(weights, queries, queries - period + 1)


def _with_the_last(weights, period):
    queries = torch.arange(period + 1, 2 * period + 1)
    return _on_diagonal(weights, queries, queries - period + 1)


def _whole_block(weights, period):
    queries = _all(period)
    return weights[queries][:, queries - period + 1].mean().item()


def _whole_first_half(weights, period):
    return weights[_all(period), : period + 1].sum(dim=1).mean().item()


def _sum(weights, period):
    return induction_score(weights, period) * (period - 1)


def _over_all_queries(weights, period):
    return induction_score(weights, period) * (period - 1) / (2 * period + 1)


def _over_the_period(weights, period):
    return induction_score(weights, period) * (period - 1) / period


def _largest(weights, period):
    queries = _all(period)
    return weights[queries, queries - period + 1].max().item()


def _smallest(weights, period):
    queries = _all(period)
    return weights[queries, queries - period + 1].min().item()


def _first_query(weights, period):
    return weights[period + 1, 2].item()


def _last_query(weights, period):
    return weights[2 * period - 1, period].item()


def _previous_token(weights, period):
    return _on_diagonal(weights, _all(period), _all(period) - 1)


def _itself(weights, period):
    return _on_diagonal(weights, _all(period), _all(period))


def _first_half_queries(weights, period):
    queries = torch.arange(period, 2 * period)
    return _on_diagonal(weights, queries, queries - period + 1)


def _share_of_hits(weights, period):
    queries = _all(period)
    return (weights[queries].argmax(dim=-1) == queries - period + 1).float().mean().item()


def _without_the_last_pair(weights, period):
    return weights[period + 1 : 2 * period, 2:period].diagonal().mean().item()


def _keys_begin_late(weights, period):
    return weights[period + 1 : 2 * period, 3 : period + 1].diagonal().mean().item()


def _queries_begin_late(weights, period):
    return weights[period + 2 : 2 * period, 2 : period + 1].diagonal().mean().item()


def _queries_begin_early(weights, period):
    return weights[period : 2 * period, 2 : period + 1].diagonal().mean().item()


def _median(weights, period):
    queries = _all(period)
    return weights[queries, queries - period + 1].median().item()


INDUCTION_SCORE = Exercise(
    name="looking_inside.induction_score",
    title=_("Does a head look for repetitions?"),
    solution=induction_score,
    cases=_induction_score_cases,
    hints=(
        _(
            "The token at position i of the second half is at i - period in the first. Which key comes after it? "
            "Write down the pairs of query and key for period 3."
        ),
        _(
            "The queries are `range(period + 1, 2 * period)`; the key of each is the query minus `period` plus 1. "
            "Take the mean of `weights[query, key]`."
        ),
    ),
    mistakes=(
        Mistake(
            _looks_at_the_same_token,
            _("Your keys are the first occurrences **themselves**; an induction head looks at what came next."),
        ),
        Mistake(_one_too_early, _("Your keys come **before** the first occurrence; they come right after it.")),
        Mistake(_two_after, _("Your keys are **two** after the first occurrence; they come right after it.")),
        Mistake(
            _without_the_first_token,
            _("You forgot the text's **first token**: the halves begin at positions 1 and period + 1."),
        ),
        Mistake(
            _with_the_last,
            _("You counted the **last query**, too: after it the text ends, and nothing is repeated."),
        ),
        Mistake(
            _whole_block,
            _("You averaged **every query with every key**: `weights[queries, keys]` takes them in pairs."),
        ),
        Mistake(_whole_first_half, _("You took the attention on the **whole first half**; each query has one key.")),
        Mistake(_sum, _("That is the **sum** over the queries: take the mean.")),
        Mistake(_over_all_queries, _("You divided by the number of **all** tokens: there are period - 1 queries.")),
        Mistake(_over_the_period, _("You divided by `period`: without the last there are **period - 1** queries.")),
        Mistake(_largest, _("You took the **largest** of the weights: take their mean.")),
        Mistake(_smallest, _("You took the **smallest** of the weights: take their mean.")),
        Mistake(_first_query, _("You took the **first query** alone: take the mean over all of them.")),
        Mistake(_last_query, _("You took the **last pair** alone: take the mean over all of them.")),
        Mistake(
            _previous_token, _("Your keys are the tokens **right before** the query: that is a previous-token head.")
        ),
        Mistake(_itself, _("Your keys are the queries' **own** positions.")),
        Mistake(
            _first_half_queries,
            _("Your queries begin with the **last token of the first half**: the second half begins at period + 1."),
        ),
        Mistake(
            _without_the_last_pair,
            _("Your keys end one too early: the last query, at 2 * period - 1, has the key at **period**."),
        ),
        Mistake(
            _keys_begin_late, _("Your keys begin one too late: the first query, at period + 1, has the key at **2**.")
        ),
        Mistake(
            _queries_begin_late,
            _("Your queries begin one too late: the first one is at **period + 1**, and its key at 2."),
        ),
        Mistake(
            _queries_begin_early,
            _("Your queries begin one too early: the first one is at **period + 1**, and its key at 2."),
        ),
        Mistake(_share_of_hits, _("You counted how often that key has the **largest** weight: take the mean weight.")),
        Mistake(_median, _("You took the **median** of the weights: take their mean.")),
    ),
    explanation=_(
        "With random tokens only the repetition says what comes next, so a head that looks there has found "
        "the earlier occurrence, whatever the tokens are. Whether the model *uses* what the head finds is another "
        "question: remove the head and see."
    ),
    corners=(
        Corner(
            lambda weights, period: period == 2,
            _("With period 2 there is one query, at position 3, and its key is at position 2."),
        ),
    ),
)
