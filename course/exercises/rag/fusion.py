"""Exercise on reciprocal-rank fusion: one ranking out of several."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def reciprocal_rank_fusion(rankings: list[list[int]], k: int = 60) -> list[int]:
    """One ranking out of several, from the ranks alone.

    rankings: the numbers of texts, best first, each once in a ranking; a text may be missing
    from some. A text is worth the sum of 1 / (k + rank) over the rankings it is in, with ranks
    counted from 1. Returns every text that is in a ranking, the best first; of equal ones, the
    lower number comes first.

    >>> reciprocal_rank_fusion([[4, 2, 7, 1], [2, 9, 4, 5]])
    [2, 4, 9, 7, 1, 5]
    """
    worth = {}
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=1):
            worth[text] = worth.get(text, 0.0) + 1 / (k + rank)
    return sorted(worth, key=lambda text: (-worth[text], text))


def _reciprocal_rank_fusion_cases() -> list[tuple]:
    return [
        ([[4, 2, 7, 1], [2, 9, 4, 5]], 60),
        ([[3, 1, 2], [1, 2, 3]], 1),
        ([[5, 8, 2, 9, 0], [9, 2, 5]], 2),
        ([[6, 1, 4, 8, 3], [2, 7, 1, 5, 9, 8]], 1),
        ([[1, 2, 3, 4, 5, 6], [6, 3, 7], [8, 6]], 3),
        ([[7, 3, 9], [4, 6, 3, 8]], 5),
        ([[9, 4, 1, 0, 2], [1, 8, 9, 4], [3, 1]], 1),
        ([[2, 5, 7, 1, 9, 3], [8, 3, 6, 4, 9, 2]], 2),
        ([[3, 0, 6, 2, 4, 1], [5, 6, 1, 7, 3, 2]], 4),
        ([[12, 4, 30, 7], [30, 15, 12], [7, 2, 9, 4]], 10),
        ([[4, 1, 3], [4, 3, 1], [2, 1]], 60),
        ([[8, 6, 4, 2]], 60),
        ([[5, 2], [7, 3]], 60),
        ([[9, 3, 1], [3, 9, 1]], 2),
        ([[6, 2, 4], []], 3),
        ([[], []], 60),
        ([[1, 5, 6, 7, 8], [2, 5, 9, 7, 8], [3, 6, 9, 5]], 60),
        ([[5, 0, 1, 2, 3, 4], [6, 7, 8, 9, 4, 10]], 1),
    ]


def _by(worth, rankings, k, start=1):
    """The solution, with each text's worth made by `worth` from its ranks and k."""
    ranks = {}
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=start):
            ranks.setdefault(text, []).append(rank)
    return sorted(ranks, key=lambda text: (-worth(ranks[text], k), text))


def _ranks_from_0(rankings, k=60):
    return _by(lambda ranks, k: sum(1 / (k + rank) for rank in ranks), rankings, k, start=0)


def _without_k(rankings, k=60):
    return _by(lambda ranks, k: sum(1 / rank for rank in ranks), rankings, k)


def _k_is_60(rankings, k=60):
    return reciprocal_rank_fusion(rankings, 60)


def _k_outside(rankings, k=60):
    return _by(lambda ranks, k: sum(1 / k + rank for rank in ranks), rankings, k)


def _sums_of_ranks(rankings, k=60):
    return _by(lambda ranks, k: -sum(ranks), rankings, k)


def _largest_sums_of_ranks(rankings, k=60):
    return _by(lambda ranks, k: sum(ranks), rankings, k)


def _mean_rank(rankings, k=60):
    return _by(lambda ranks, k: -sum(ranks) / len(ranks), rankings, k)


def _mean(rankings, k=60):
    return _by(lambda ranks, k: sum(1 / (k + rank) for rank in ranks) / len(ranks), rankings, k)


def _best_rank(rankings, k=60):
    return _by(lambda ranks, k: -min(ranks), rankings, k)


def _worst_rank(rankings, k=60):
    return _by(lambda ranks, k: -max(ranks), rankings, k)


def _last_ranking_counts(rankings, k=60):
    return _by(lambda ranks, k: -ranks[-1], rankings, k)


def _product(rankings, k=60):
    import math

    return _by(lambda ranks, k: math.prod(1 / (k + rank) for rank in ranks), rankings, k)


def _votes(rankings, k=60):
    return _by(lambda ranks, k: len(ranks), rankings, k)


def _votes_first(rankings, k=60):
    return _by(lambda ranks, k: 1000 * len(ranks) - sum(ranks), rankings, k)


def _worst_first(rankings, k=60):
    return _by(lambda ranks, k: -sum(1 / (k + rank) for rank in ranks), rankings, k)


def _reversed(rankings, k=60):
    return reciprocal_rank_fusion(rankings, k)[::-1]


def _points(rankings, k=60):
    longest = max(map(len, rankings))
    return _by(lambda ranks, k: sum(longest + 1 - rank for rank in ranks), rankings, k)


def _missing_is_last(rankings, k=60):
    texts = {text for ranking in rankings for text in ranking}

    def worth(text):
        ranks = [ranking.index(text) if text in ranking else len(ranking) for ranking in rankings]
        return sum(1 / (k + rank + 1) for rank in ranks)

    return sorted(texts, key=lambda text: (-worth(text), text))


def _in_all_alone(rankings, k=60):
    return [text for text in reciprocal_rank_fusion(rankings, k) if all(text in ranking for ranking in rankings)]


def _of_the_first_alone(rankings, k=60):
    return [text for text in reciprocal_rank_fusion(rankings, k) if text in rankings[0]]


def _first_ranking(rankings, k=60):
    return rankings[0]


def _one_after_another(rankings, k=60):
    return list(dict.fromkeys(text for ranking in rankings for text in ranking))


def _in_turns(rankings, k=60):
    places = range(max(map(len, rankings)))
    return list(dict.fromkeys(ranking[place] for place in places for ranking in rankings if place < len(ranking)))


def _later_of_equal(rankings, k=60):
    worth = _worth(rankings, k)
    return sorted(worth, key=lambda text: (-worth[text], -text))


def _first_seen_of_equal(rankings, k=60):
    worth = _worth(rankings, k)
    return sorted(worth, key=lambda text: -worth[text])


def _worth(rankings, k):
    worth = {}
    for ranking in rankings:
        for rank, text in enumerate(ranking, start=1):
            worth[text] = worth.get(text, 0.0) + 1 / (k + rank)
    return worth


def _in_number_order(rankings, k=60):
    return sorted(reciprocal_rank_fusion(rankings, k))


def _scores(rankings, k=60):
    return sorted(_worth(rankings, k).values(), reverse=True)


def _dictionary(rankings, k=60):
    return _worth(rankings, k)


def _with_scores(rankings, k=60):
    worth = _worth(rankings, k)
    return [(text, worth[text]) for text in reciprocal_rank_fusion(rankings, k)]


def _only_k(rankings, k=60):
    return reciprocal_rank_fusion(rankings, k)[:k]


def _best_alone(rankings, k=60):
    return reciprocal_rank_fusion(rankings, k)[:1]


def _only_the_first_k(rankings, k=60):
    return reciprocal_rank_fusion([ranking[:k] for ranking in rankings], k)


def _numbers_for_ranks(rankings, k=60):
    """Takes the text's number for its rank."""
    worth = {}
    for ranking in rankings:
        for rank, text in enumerate(ranking):
            worth[rank] = worth.get(rank, 0.0) + 1 / (k + text + 1)
    return sorted(worth, key=lambda rank: (-worth[rank], rank))


RECIPROCAL_RANK_FUSION = Exercise(
    name="rag.reciprocal_rank_fusion",
    title=_("One ranking out of several"),
    solution=reciprocal_rank_fusion,
    cases=_reciprocal_rank_fusion_cases,
    hints=(
        _(
            "Keep a dictionary with what each text is worth so far. Go through each ranking with "
            "`enumerate(ranking, start=1)`."
        ),
        _(
            "`worth[text] = worth.get(text, 0.0) + 1 / (k + rank)`. At the end, "
            "`sorted(worth, key=lambda text: (-worth[text], text))`."
        ),
    ),
    mistakes=(
        Mistake(_ranks_from_0, _("You count ranks from **0**: the first of a ranking has rank 1.")),
        Mistake(_without_k, _("You do not use **k**: a text is worth 1 / (k + rank) in a ranking.")),
        Mistake(_k_is_60, _("Your k is **always 60**: use the argument.")),
        Mistake(_k_outside, _("Your fraction is 1 / k **plus** the rank: write `1 / (k + rank)`, with parentheses.")),
        Mistake(_sums_of_ranks, _("You add up the **ranks**: add up 1 / (k + rank).")),
        Mistake(_largest_sums_of_ranks, _("The largest sum of **ranks** is first in yours: add up 1 / (k + rank).")),
        Mistake(_mean_rank, _("You sort by the **mean rank**: add up 1 / (k + rank).")),
        Mistake(_mean, _("You take the **mean** over the rankings that a text is in: take the sum.")),
        Mistake(_best_rank, _("Only a text's **best rank** counts in yours: add up over all rankings.")),
        Mistake(_worst_rank, _("Only a text's **worst rank** counts in yours: add up over all rankings.")),
        Mistake(
            _last_ranking_counts,
            _("A later ranking **replaces** what an earlier one gave: add to it, `worth.get(text, 0.0) + ...`."),
        ),
        Mistake(_product, _("You **multiply** the fractions: add them up.")),
        Mistake(_votes, _("You count **how many** rankings have a text: their ranks count, too.")),
        Mistake(
            _votes_first,
            _("A text of **more rankings** is always ahead in yours: a first rank can outweigh two late ones."),
        ),
        Mistake(_worst_first, _("The **worst** text is first: sort downward by what they are worth.")),
        Mistake(_reversed, _("Your order is **backwards**: the best comes first.")),
        Mistake(_points, _("You give **points** that fall evenly with the rank: a text is worth 1 / (k + rank).")),
        Mistake(
            _missing_is_last,
            _("A ranking that **lacks** a text counts in yours, as if the text were last in it: it adds nothing."),
        ),
        Mistake(_in_all_alone, _("You return the texts of **all** rankings alone: one ranking is enough.")),
        Mistake(_of_the_first_alone, _("You return the texts of the **first** ranking alone: those of any count.")),
        Mistake(_first_ranking, _("You return the **first ranking** as it is.")),
        Mistake(_one_after_another, _("You put one ranking **after** the other: sort by what the texts are worth.")),
        Mistake(_in_turns, _("You take from the rankings **in turns**: sort by what the texts are worth.")),
        Mistake(_later_of_equal, _("Of **equal** texts the higher number is first in yours: sort them upward.")),
        Mistake(
            _first_seen_of_equal,
            _("**Equal** texts stay in the order in which they came: of them, the lower number is first."),
        ),
        Mistake(_in_number_order, _("You sort by the **number** of the text: sort by what it is worth.")),
        Mistake(_scores, _("You return what the texts are **worth**: return their numbers.")),
        Mistake(_dictionary, _("You return the **dictionary**: return the texts in order, as a list.")),
        Mistake(_with_scores, _("You return the texts **with** what they are worth: return their numbers alone.")),
        Mistake(_only_k, _("You cut after **k** texts: k is in the fraction, and all texts are returned.")),
        Mistake(_best_alone, _("You return the **best** text alone: return all in order.")),
        Mistake(_only_the_first_k, _("You use the first **k** of each ranking: k is in the fraction alone.")),
        Mistake(
            _numbers_for_ranks,
            _("Rank and text are **exchanged**: `enumerate` gives the rank first, then the text."),
        ),
    ),
    corners=(
        Corner(
            lambda rankings, k: not any(rankings),
            _("Only rankings **without texts** go wrong: then there is nothing to return, `[]`."),
        ),
        Corner(lambda rankings, k: len(rankings) == 1, _("Only **one** ranking alone goes wrong: it stays as it is.")),
    ),
    explanation=_(
        "Scores of different searches have no common scale; ranks have. A large k makes the first ranks nearly equal, "
        "so that a text which two rankings have in the middle is ahead of one that a single ranking has first. "
        "Each ranking has the same vote, also one that is worse than the others."
    ),
)
