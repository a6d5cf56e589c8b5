"""Exercise on Self-Instruct: which generated instructions are unlike all that the pool has."""

from random import Random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def kept_instructions(scores: list[list[float]], n_seeds: int, limit: float) -> list[int]:
    """The indices, as in `scores`, of the generated instructions that go into the pool, in order.

    `scores[i][j]` is the similarity of the instructions i and j, ROUGE-L say. The first
    `n_seeds` instructions were written by people and are in the pool from the start; the others
    come one after another. A new one goes into the pool, and so is kept, when its score with
    each instruction that is in the pool by then is `limit` or less. What was dropped is not in
    the pool.

    >>> kept_instructions([[1, 0.2, 0.8], [0.2, 1, 0.4], [0.8, 0.4, 1]], n_seeds=1, limit=0.7)
    [1]
    """
    pool = list(range(n_seeds))
    for new in range(n_seeds, len(scores)):
        if all(scores[new][old] <= limit for old in pool):
            pool.append(new)
    return pool[n_seeds:]


def _scores(seed: int, n: int) -> list[list[float]]:
    rng, scores = Random(seed), [[1.0] * n for _row in range(n)]
    for i in range(n):
        for j in range(i):
            scores[i][j] = scores[j][i] = rng.choice([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.7, 0.8, 0.9])
    return scores


def _kept_instructions_cases() -> list[tuple]:
    chain = [[1.0, 0.1, 0.2, 0.1], [0.1, 1.0, 0.8, 0.3], [0.2, 0.8, 1.0, 0.9], [0.1, 0.3, 0.9, 1.0]]
    return [
        ([[1.0, 0.2, 0.8], [0.2, 1.0, 0.4], [0.8, 0.4, 1.0]], 1, 0.7),
        (chain, 1, 0.7),
        ([[1.0, 0.7, 0.3], [0.7, 1.0, 0.7], [0.3, 0.7, 1.0]], 1, 0.7),
        *((_scores(seed, n), n_seeds, limit) for seed, n, n_seeds, limit in LATER),
        (chain, 0, 0.7),
        (_scores(5, 5), 0, 0.6),
        (chain, 4, 0.7),
        (_scores(9, 3), 3, 0.5),
    ]


LATER = (
    (1, 5, 1, 0.7),
    (2, 6, 2, 0.7),
    (3, 6, 1, 0.6),
    (4, 7, 2, 0.7),
    (6, 7, 1, 0.7),
    (7, 8, 2, 0.8),
    (8, 6, 2, 0.7),
    (10, 8, 3, 0.7),
    (11, 9, 1, 0.7),
    (12, 7, 1, 0.8),
)  # seed, instructions, seeds of the pool, limit


def _by(scores, n_seeds, fits):
    """What is kept when `fits(new, pool)` decides."""
    pool = list(range(n_seeds))
    for new in range(n_seeds, len(scores)):
        if fits(new, pool):
            pool.append(new)
    return pool[n_seeds:]


def _against_seeds_alone(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: all(scores[new][old] <= limit for old in pool[:n_seeds]))


def _against_kept_alone(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: all(scores[new][old] <= limit for old in pool[n_seeds:]))


def _against_dropped_too(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: all(scores[new][old] <= limit for old in range(new)))


def _against_later_too(scores, n_seeds, limit):
    others = range(len(scores))
    return _by(scores, n_seeds, lambda new, pool: all(scores[new][old] <= limit for old in others if old != new))


def _below_the_limit(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: all(scores[new][old] < limit for old in pool))


def _any_is_enough(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: any(scores[new][old] <= limit for old in pool))


def _by_the_mean(scores, n_seeds, limit):
    return _by(
        scores, n_seeds, lambda new, pool: not pool or sum(scores[new][old] for old in pool) / len(pool) <= limit
    )


def _by_the_last(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: all(scores[new][old] <= limit for old in pool[-1:]))


def _by_the_first(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: all(scores[new][old] <= limit for old in pool[:1]))


def _by_the_one_before(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: new == 0 or scores[new][new - 1] <= limit)


def _similar_kept(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: any(scores[new][old] > limit for old in pool))


def _all_similar_kept(scores, n_seeds, limit):
    return _by(scores, n_seeds, lambda new, pool: all(scores[new][old] >= limit for old in pool))


def _dropped(scores, n_seeds, limit):
    kept = kept_instructions(scores, n_seeds, limit)
    return [new for new in range(n_seeds, len(scores)) if new not in kept]


def _whole_pool(scores, n_seeds, limit):
    return [*range(n_seeds), *kept_instructions(scores, n_seeds, limit)]


def _counted_from_the_generated(scores, n_seeds, limit):
    return [number - n_seeds for number in kept_instructions(scores, n_seeds, limit)]


def _stops_at_the_first_dropped(scores, n_seeds, limit):
    kept = kept_instructions(scores, n_seeds, limit)
    return [number for place, number in enumerate(kept) if number == n_seeds + place]


def _seeds_too(scores, n_seeds, limit):
    return _by(scores, 0, lambda new, pool: all(scores[new][old] <= limit for old in pool))


def _backwards(scores, n_seeds, limit):
    pool = list(range(n_seeds))
    for new in reversed(range(n_seeds, len(scores))):
        if all(scores[new][old] <= limit for old in pool):
            pool.append(new)
    return pool[n_seeds:]


def _how_many(scores, n_seeds, limit):
    return len(kept_instructions(scores, n_seeds, limit))


def _all_generated(scores, n_seeds, limit):
    return list(range(n_seeds, len(scores)))


def _decisions(scores, n_seeds, limit):
    kept = kept_instructions(scores, n_seeds, limit)
    return [new in kept for new in range(n_seeds, len(scores))]


KEPT_INSTRUCTIONS = Exercise(
    name="instruction.kept_instructions",
    title=_("Only what is new"),
    solution=kept_instructions,
    cases=_kept_instructions_cases,
    hints=(
        _(
            "The pool begins with the seeds and grows while you go through the new ones. Each is compared with all "
            "that is in the pool at that moment; one score above the limit is enough to drop it."
        ),
        _(
            "`pool = list(range(n_seeds))`; a new one fits when `all(scores[new][old] <= limit for old in pool)`, and "
            "is then appended. What is kept is `pool[n_seeds:]`."
        ),
    ),
    mistakes=(
        Mistake(
            _against_seeds_alone,
            _(
                "You compare with the **seeds** alone: what was kept is in the pool, too, and two new ones may "
                "be alike."
            ),
        ),
        Mistake(_against_kept_alone, _("You compare with the **kept** ones alone: the seeds are in the pool, too.")),
        Mistake(
            _against_dropped_too,
            _("You compare with **dropped** ones, too: what was dropped is not in the pool."),
        ),
        Mistake(
            _against_later_too,
            _("You compare with **later** ones, too: of two that are alike, the first is kept."),
        ),
        Mistake(_below_the_limit, _("A score of **exactly** the limit drops yours: `<=`, it is allowed.")),
        Mistake(_any_is_enough, _("You ask for **one** score within the limit: all scores must be.")),
        Mistake(_by_the_mean, _("You look at the **mean** of the scores: the most similar one decides.")),
        Mistake(_by_the_last, _("You compare with the **last** of the pool alone: compare with all of it.")),
        Mistake(_by_the_first, _("You compare with the **first** of the pool alone: compare with all of it.")),
        Mistake(
            _by_the_one_before, _("You compare with the instruction **just before** alone: compare with the pool.")
        ),
        Mistake(_similar_kept, _("You keep what is **similar** to the pool: keep what is not.")),
        Mistake(_all_similar_kept, _("Your comparison is **turned round**: scores must be `limit` or less.")),
        Mistake(_dropped, _("You return what is **dropped**: return what is kept.")),
        Mistake(_whole_pool, _("You return the **whole** pool: leave the seeds out.")),
        Mistake(
            _counted_from_the_generated,
            _("You number the **generated** ones from 0: their numbers are those of the rows of `scores`."),
        ),
        Mistake(
            _stops_at_the_first_dropped,
            _("You **stop** at the first that is dropped: go on with the next."),
        ),
        Mistake(_seeds_too, _("You test the **seeds**, too: they are in the pool from the start, and not returned.")),
        Mistake(_backwards, _("You go **backwards**: of two that are alike, the one that comes first is kept.")),
        Mistake(_how_many, _("You return **how many** are kept: return their numbers.")),
        Mistake(_all_generated, _("You keep **all** generated ones: some are too similar to the pool.")),
        Mistake(_decisions, _("You return **True or False** for each: return the numbers of those that are kept.")),
    ),
    corners=(
        Corner(
            lambda scores, n_seeds, limit: n_seeds == 0,
            _("Only an **empty** pool goes wrong: the first instruction is kept, whatever it is."),
        ),
        Corner(
            lambda scores, n_seeds, limit: n_seeds == len(scores),
            _("Only where **nothing** was generated your answer is wrong: the list is empty."),
        ),
    ),
    explanation=_(
        "The pool grows while it decides, so the order matters: of two instructions that are alike, the first is kept "
        "and drops the second. One that is dropped drops nothing itself. The more the pool has, the more there is "
        "to be too similar to."
    ),
)
