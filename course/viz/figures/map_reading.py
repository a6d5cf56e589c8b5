"""What a map of vectors shows and what it hides: the plane of most variance, and who is near in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_whole
from course.messages import _
from course.rag import Hit, exact_search


@dataclass(frozen=True)
class MapReading:
    """Texts and a query in the plane of the two first principal components of the texts.

    `hits` are the texts with the largest cosines in all dimensions, `nearest_on_map` the numbers of as many texts that
    are nearest to the query in the plane; both are best first. `variance` is the share of the texts' variance that each
    of the two components has.
    """

    points: Float[np.ndarray, "text 2"]
    query: Float[np.ndarray, "2"]
    cosines: Float[np.ndarray, "text"]
    hits: list[Hit]
    nearest_on_map: list[int]
    variance: tuple[float, float]
    width: int

    @property
    def n_in_both(self) -> int:
        """How many of the nearest on the map are among the nearest in all dimensions."""
        return len({hit.index for hit in self.hits} & set(self.nearest_on_map))


def read_map(vectors: Float[Tensor, "text width"], query: Float[Tensor, "width"], n: int) -> MapReading:
    """The map of these vectors, each scaled to length 1, and the `n` nearest texts, or all where there are fewer.

    Raises `ValueError` for no texts, an `n` below 1, vectors of fewer than two numbers or of another width than the
    query's, and for one of the length 0 or with a number that is not finite.
    """
    require_whole(n, "n")
    if vectors.ndim != 2 or query.shape != vectors.shape[1:] or vectors.shape[1] < 2:
        raise ValueError(
            _(
                "Vectors of the shape {texts} and a query of the shape {query} have no common map: embed both alike, "
                "with two numbers or more."
            ).format(texts=tuple(vectors.shape), query=tuple(query.shape))
        )
    if not len(vectors):
        raise ValueError(_("There are no texts to draw. Give one or more."))
    texts, asked = (_of_length_1(part.detach().cpu().double()) for part in (vectors, query[None]))
    hits = exact_search(asked[0], texts, n)
    middle = texts.mean(dim=0)
    variances, directions = torch.linalg.eigh((texts - middle).T @ (texts - middle))
    plane = directions[:, [-1, -2]]
    plane = plane * plane.gather(0, plane.abs().argmax(dim=0, keepdim=True)).sign()  # the same on every machine
    points, at = (texts - middle) @ plane, (asked[0] - middle) @ plane
    total = variances.clamp(min=0).sum().item() or 1.0
    return MapReading(
        points.numpy(),
        at.numpy(),
        (texts @ asked[0]).numpy(),
        hits,
        (points - at).norm(dim=1).argsort(stable=True)[: len(hits)].tolist(),
        (max(variances[-1].item(), 0.0) / total, max(variances[-2].item(), 0.0) / total),
        vectors.shape[1],
    )


def _of_length_1(vectors: Float[Tensor, "text width"]) -> Float[Tensor, "text width"]:
    lengths = vectors.norm(dim=1, keepdim=True)
    wrong = (~torch.isfinite(lengths) | (lengths == 0)).nonzero()
    if len(wrong):
        place = int(wrong[0, 0])
        raise ValueError(
            _(
                "Vector {place} has the length {length}, so that it has no direction to compare: was its text empty?"
            ).format(place=place, length=lengths[place].item())
        )
    return vectors / lengths


def require_as_many(n_texts: int, **names: Sequence[str]) -> None:
    """Raises `ValueError` where there is not one title, or one text, for each vector."""
    for name, given in names.items():
        if len(given) != n_texts:
            raise ValueError(
                _("There are {given} {name} for {n} vectors: give one for each.").format(
                    given=len(given), name=name, n=n_texts
                )
            )
