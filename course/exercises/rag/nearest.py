"""Exercise on exact search: compare the query with every text, and take the best."""

import torch
from torch import Tensor

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def nearest(query: "Tensor", vectors: "Tensor", k: int) -> list[int]:
    """The numbers of the k texts whose vectors have the largest inner product with the query's.

    query: (width,). vectors: (texts, width), one for each text; texts are numbered from 0. The
    best text comes first; of equal ones, the lower number does. All texts are returned where
    there are fewer than k.

    >>> import torch
    >>> vectors = torch.tensor([[3.0, 0.0], [0.0, 2.0], [1.0, -1.0]])
    >>> nearest(torch.tensor([1.0, 2.0]), vectors, k=2)
    [1, 0]
    """
    scores = vectors @ query
    return scores.argsort(descending=True, stable=True)[:k].tolist()


def _nearest_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1603)
    cases: list[tuple] = [(torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 0.0], [0.0, 2.0], [1.0, -1.0]]), 2)]
    for texts, width, k in [
        (5, 2, 3),
        (4, 4, 2),
        (3, 3, 3),
        (6, 3, 2),
        (8, 4, 4),
        (7, 3, 1),
        (9, 2, 5),
        (10, 5, 3),
        (6, 4, 5),
        (8, 3, 6),
    ]:
        cases.append((_halves(generator, width), _halves(generator, texts, width), k))
    cases += [(_halves(generator, 3), _halves(generator, 4, 3), k) for k in (4, 9)]
    tied = torch.tensor([[1.0, 1.0], [3.0, 0.0], [0.0, 3.0], [2.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    cases += [(torch.tensor([1.0, 1.0]), tied, 3), (torch.tensor([2.0, 2.0]), tied.flip(0), 5)]
    return [*cases, (torch.tensor([-1.0, -1.0]), tied, 4)]


def _halves(generator: torch.Generator, *shape: int) -> Tensor:
    """Multiples of one half, whose products are exact: equal ones are equal to the last digit."""
    return (4 * torch.randn(*shape, generator=generator)).round() / 2


def _best(scores, k):
    return scores.argsort(descending=True, stable=True)[:k].tolist()


def _farthest(query, vectors, k):
    return (vectors @ query).argsort(stable=True)[:k].tolist()


def _cosine(query, vectors, k):
    return _best(vectors @ query / (vectors.norm(dim=1) * query.norm() + 1e-9), k)


def _distance(query, vectors, k):
    return _best(-(vectors - query).norm(dim=1), k)


def _distance_turned_round(query, vectors, k):
    return _best((vectors - query).norm(dim=1), k)


def _sizes(query, vectors, k):
    return _best((vectors @ query).abs(), k)


def _longest(query, vectors, k):
    return _best(vectors.norm(dim=1), k)


def _without_query(query, vectors, k):
    return _best(vectors.sum(dim=1), k)


def _scores(query, vectors, k):
    return (vectors @ query).sort(descending=True).values[:k].tolist()


def _pairs(query, vectors, k):
    scores = (vectors @ query).tolist()
    return [(number, scores[number]) for number in nearest(query, vectors, k)]


def _vectors(query, vectors, k):
    return vectors[nearest(query, vectors, k)]


def _all(query, vectors, k):
    return nearest(query, vectors, len(vectors))


def _one(query, vectors, k):
    return int((vectors @ query).argmax())


def _one_in_a_list(query, vectors, k):
    return nearest(query, vectors, 1)


def _kth_alone(query, vectors, k):
    return nearest(query, vectors, k)[-1:]


def _first_k(query, vectors, k):
    return list(range(min(k, len(vectors))))


def _best_of_first_k(query, vectors, k):
    return nearest(query, vectors[:k], k)


def _from_1(query, vectors, k):
    return [number + 1 for number in nearest(query, vectors, k)]


def _one_more(query, vectors, k):
    return nearest(query, vectors, k + 1)


def _one_less(query, vectors, k):
    return nearest(query, vectors, k - 1)


def _second_first(query, vectors, k):
    return nearest(query, vectors, k + 1)[1:]


def _last_of_equal(query, vectors, k):
    scores = (vectors @ query).tolist()
    return sorted(range(len(scores)), key=lambda number: (-scores[number], -number))[:k]


def _in_number_order(query, vectors, k):
    return sorted(nearest(query, vectors, k))


def _worst_of_the_best_first(query, vectors, k):
    return nearest(query, vectors, k)[::-1]


def _ranks(query, vectors, k):
    return (vectors @ query).argsort(descending=True, stable=True).argsort()[:k].tolist()


def _marks(query, vectors, k):
    best = nearest(query, vectors, k)
    return [number in best for number in range(len(vectors))]


def _last_k(query, vectors, k):
    return (vectors @ query).argsort(descending=True, stable=True)[-k:].tolist()


def _rest(query, vectors, k):
    return (vectors @ query).argsort(descending=True, stable=True)[k:].tolist()


NEAREST = Exercise(
    name="rag.nearest",
    title=_("Exact search"),
    solution=nearest,
    cases=_nearest_cases,
    hints=(
        _("One product gives the scores of all texts. Sort their numbers by score, downward, and cut after k."),
        _(
            "`vectors @ query` has one score for each text, and `argsort(descending=True, stable=True)` their numbers; "
            "`stable` keeps equal ones in order. Then `[:k].tolist()`."
        ),
    ),
    mistakes=(
        Mistake(_farthest, _("Your **smallest** products come first: sort downward, `descending=True`.")),
        Mistake(_cosine, _("You divide by the **lengths**: that is the cosine. Wanted is the inner product.")),
        Mistake(_distance, _("You compare **distances**: wanted is the inner product with the query.")),
        Mistake(_distance_turned_round, _("You take the largest **distances**: take the largest inner products.")),
        Mistake(_sizes, _("You compare products **without their sign**: a negative one is a bad match.")),
        Mistake(_longest, _("You take the **longest** vectors: the query is not used.")),
        Mistake(_without_query, _("You add up each vector **without the query**: multiply by it first.")),
        Mistake(_scores, _("You return the **scores**: return the numbers of the texts.")),
        Mistake(_pairs, _("You return numbers **with their scores**: return the numbers alone.")),
        Mistake(_vectors, _("You return the **vectors** of the best: return their numbers.")),
        Mistake(_all, _("You return **all** texts in order: cut after k, `[:k]`.")),
        Mistake(_one, _("You return **one** number: return a list of the k best.")),
        Mistake(_one_in_a_list, _("You return the **best** alone: return k of them.")),
        Mistake(_kth_alone, _("You return the **last** of the k best alone: return all of them.")),
        Mistake(_first_k, _("You return the **first k** texts: choose by the inner product.")),
        Mistake(_best_of_first_k, _("You search the **first k** texts alone: sort all, then cut.")),
        Mistake(_from_1, _("You count from **1**: texts are numbered from 0.")),
        Mistake(_one_more, _("You return **k + 1** texts: `[:k]` has k.")),
        Mistake(_one_less, _("You return **k - 1** texts: `[:k]` has k.")),
        Mistake(_second_first, _("You leave out the **best**: begin with it.")),
        Mistake(_last_of_equal, _("Of **equal** texts you take the later one first: the lower number comes first.")),
        Mistake(_in_number_order, _("You return the best in the order of their **numbers**: the best comes first.")),
        Mistake(_worst_of_the_best_first, _("The best k are in **reverse** order: the best comes first.")),
        Mistake(_ranks, _("You return the **rank** of each of the first texts: return the numbers of the best.")),
        Mistake(_marks, _("You return **True and False** for each text: return the numbers of the best.")),
        Mistake(_last_k, _("You take the **last k** of the order: the best are the first, `[:k]`.")),
        Mistake(_rest, _("You return what comes **after** the first k: `[:k]`, not `[k:]`.")),
    ),
    corners=(
        Corner(
            lambda query, vectors, k: k > len(vectors),
            _("Only a k **larger than the number of texts** goes wrong: return all of them."),
        ),
        Corner(
            lambda query, vectors, k: len((vectors @ query).unique()) < len(vectors),
            _("Only **equal** products go wrong: of them, the lower number comes first."),
        ),
    ),
    explanation=_(
        "Nothing is skipped, so nothing is missed: other methods of search are measured by how many of these texts "
        "they find. The cost is one product for each number of each vector, which for tens of thousands of texts is "
        "a few milliseconds. For vectors of length 1 the order is also that by cosine and that by distance."
    ),
)
