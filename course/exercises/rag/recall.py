"""Exercise on recall@k: which share of what is relevant a search has found."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def recall_at_k(ranking: list[int], relevant: set[int], k: int) -> float:
    """Which share of the relevant texts is among the first k of a ranking.

    ranking: the numbers of texts, best first, each once; it may have fewer than k. relevant:
    the numbers of one text or more, which may be missing from the ranking. (Whether any
    relevant text is among the first k is another measure, hit@k.)

    >>> recall_at_k([7, 3, 9, 1, 4], {3, 4, 8, 9}, k=3)
    0.5
    """
    return len(set(ranking[:k]) & relevant) / len(relevant)


def _recall_at_k_cases() -> list[tuple]:
    return [
        ([7, 3, 9, 1, 4], {3, 4, 8, 9}, 3),
        ([5, 2, 8, 0, 3, 6], {2, 6}, 4),
        ([5, 2, 8, 0, 3, 6], {5, 8, 3}, 5),
        ([1, 0, 4, 2, 3], {0, 1, 4, 2}, 3),
        ([6, 2, 5, 3], {2, 3, 9}, 2),
        ([9, 8, 7, 6, 5, 4], {4, 7, 9, 1, 0}, 6),
        ([3, 1, 2, 0], {2, 1}, 4),
        ([4, 6, 0, 2, 8], {0, 1, 3, 5, 6}, 3),
        ([11, 3, 5, 12, 9, 2, 7], {3, 12, 2, 40}, 4),
        ([0, 1, 2, 3, 4, 5], {5, 0}, 1),
        ([8, 5, 1], {5}, 2),
        ([8, 5, 1], {1}, 2),
        ([2, 4, 6], {4, 5, 7}, 10),
        ([3, 9, 1], {9, 3}, 5),
        ([5, 6, 7, 8], {1, 2}, 3),
        ([2, 0, 1], {0, 1, 2, 3, 4, 5}, 3),
        ([], {1, 2}, 3),
        ([10, 4, 3, 8, 1, 2], {10, 4, 3, 8, 6, 2}, 4),
    ]


def _found(ranking, relevant, k):
    return len(set(ranking[:k]) & relevant)


def _hit(ranking, relevant, k):
    return float(_found(ranking, relevant, k) > 0)


def _all_found(ranking, relevant, k):
    return float(relevant <= set(ranking[:k]))


def _precision(ranking, relevant, k):
    return _found(ranking, relevant, k) / k


def _precision_of_found(ranking, relevant, k):
    return _found(ranking, relevant, k) / max(len(ranking[:k]), 1)


def _of_ranking(ranking, relevant, k):
    return _found(ranking, relevant, k) / max(len(ranking), 1)


def _at_most_k(ranking, relevant, k):
    return _found(ranking, relevant, k) / min(k, len(relevant))


def _count(ranking, relevant, k):
    return _found(ranking, relevant, k)


def _all_of_ranking(ranking, relevant, k):
    return len(set(ranking) & relevant) / len(relevant)


def _of_what_the_ranking_has(ranking, relevant, k):
    return _found(ranking, relevant, k) / max(len(set(ranking) & relevant), 1)


def _after_k(ranking, relevant, k):
    return len(set(ranking[k:]) & relevant) / len(relevant)


def _last_k(ranking, relevant, k):
    return len(set(ranking[-k:]) & relevant) / len(relevant)


def _without_the_first(ranking, relevant, k):
    return len(set(ranking[1:k]) & relevant) / len(relevant)


def _places(ranking, relevant, k):
    return len(set(range(min(k, len(ranking)))) & relevant) / len(relevant)


def _relevant_up_to_k(ranking, relevant, k):
    return len(set(ranking) & set(sorted(relevant)[:k])) / len(relevant)


def _up_to_number_of_relevant(ranking, relevant, k):
    return recall_at_k(ranking, relevant, len(relevant))


def _missed(ranking, relevant, k):
    return 1 - recall_at_k(ranking, relevant, k)


def _union(ranking, relevant, k):
    return _found(ranking, relevant, k) / len(set(ranking[:k]) | relevant)


def _union_counted(ranking, relevant, k):
    return len(set(ranking[:k]) | relevant) / len(relevant)


def _f1(ranking, relevant, k):
    return 2 * _found(ranking, relevant, k) / (len(ranking[:k]) + len(relevant))


def _reciprocal_rank(ranking, relevant, k):
    return next((1 / rank for rank, text in enumerate(ranking[:k], start=1) if text in relevant), 0.0)


def _upside_down(ranking, relevant, k):
    return len(relevant) / max(_found(ranking, relevant, k), 1)


def _percent(ranking, relevant, k):
    return 100 * recall_at_k(ranking, relevant, k)


def _kth_alone(ranking, relevant, k):
    return len(set(ranking[k - 1 : k]) & relevant) / len(relevant)


def _not_relevant(ranking, relevant, k):
    return len(set(ranking[:k]) - relevant) / len(relevant)


def _first_found_alone(ranking, relevant, k):
    return min(_found(ranking, relevant, k), 1) / len(relevant)


def _discounted(ranking, relevant, k):
    import math

    return sum(1 / math.log2(place + 2) for place, text in enumerate(ranking[:k]) if text in relevant) / len(relevant)


RECALL_AT_K = Exercise(
    name="rag.recall_at_k",
    title=_("What share was found"),
    solution=recall_at_k,
    cases=_recall_at_k_cases,
    hints=(
        _("Count the relevant texts among the first k, and divide by the number of relevant texts that there are."),
        _("`set(ranking[:k]) & relevant` are those that were found; `len` counts them."),
    ),
    mistakes=(
        Mistake(_hit, _("You return whether **any** was found: that is hit@k. Recall is a share of the relevant.")),
        Mistake(_all_found, _("You return whether **all** were found: recall is the share that was.")),
        Mistake(_precision, _("You divide by **k**: that is precision@k. Divide by the number of relevant texts.")),
        Mistake(
            _precision_of_found,
            _("You divide by **how many were returned**: that is a precision. Divide by the number of relevant texts."),
        ),
        Mistake(_of_ranking, _("You divide by the length of the **ranking**: divide by the number of relevant texts.")),
        Mistake(
            _at_most_k,
            _("You divide by **k** where it is the smaller: with more relevant texts than k, recall stays below 1."),
        ),
        Mistake(_count, _("You return **how many** were found: divide by the number of relevant texts.")),
        Mistake(_all_of_ranking, _("You count in the **whole** ranking: only the first k count, `ranking[:k]`.")),
        Mistake(
            _of_what_the_ranking_has,
            _("You leave out relevant texts that the **ranking lacks**: they were not found, and they count below."),
        ),
        Mistake(_after_k, _("You count what comes **after** the first k: `ranking[:k]`, not `ranking[k:]`.")),
        Mistake(_last_k, _("You count among the **last** k: the best are the first, `ranking[:k]`.")),
        Mistake(_without_the_first, _("You leave out the **first** of the ranking: `ranking[:k]` begins with it.")),
        Mistake(_places, _("You look for **places**, 0 to k - 1, among the relevant: look for what is at them.")),
        Mistake(_relevant_up_to_k, _("You cut the **relevant** texts after k: cut the ranking.")),
        Mistake(
            _up_to_number_of_relevant, _("You cut after **as many as are relevant**: cut the ranking after k of them.")
        ),
        Mistake(_missed, _("You return the share that was **missed**: return the share that was found.")),
        Mistake(_union, _("You divide by the **union** of both: divide by the number of relevant texts.")),
        Mistake(_union_counted, _("You count the **union**: wanted are the texts that both have, `&`.")),
        Mistake(_f1, _("You return the **F1**: recall alone is wanted.")),
        Mistake(_reciprocal_rank, _("You return the **reciprocal rank** of the first relevant text.")),
        Mistake(_upside_down, _("Your fraction is **upside down**: what was found, divided by what is relevant.")),
        Mistake(_percent, _("You return **percent**: return a share from 0 to 1.")),
        Mistake(_kth_alone, _("You look at the **k-th** text alone: look at the first k.")),
        Mistake(_not_relevant, _("You count the texts that are **not relevant**: count those that are.")),
        Mistake(_first_found_alone, _("You count **one** of those that were found: count all of them.")),
        Mistake(_discounted, _("You **discount** lower ranks, as nDCG does: each of the first k counts the same.")),
    ),
    corners=(
        Corner(
            lambda ranking, relevant, k: len(ranking) < k,
            _("Only rankings of **fewer than k** texts go wrong: count in what is there."),
        ),
        Corner(
            lambda ranking, relevant, k: not set(ranking[:k]) & relevant,
            _("Only rankings that **find nothing** go wrong: their recall is 0.0."),
        ),
    ),
    explanation=_(
        "With one relevant text for each question, recall@k is hit@k. With more, they are different questions: whether "
        "the reader gets anything to work with, or all of it. Neither sees the order among the first k, and neither "
        "sees what else is there, which the model must read, too."
    ),
)
