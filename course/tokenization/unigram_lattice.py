"""The lattice of all splits of one word into pieces: the best split, a random one, the expected count of each piece.

A word of n characters has the positions 0 to n; a piece from `start` to `end` is an arc, and a split of the word is a
path from 0 to n. A path's probability is the product of its pieces' probabilities; in logarithms, its score is the sum
of their scores. The best path and the sum over all paths are computed from left to right, without listing the paths.

Source: Kudo 2018, section 3.2 (the model and its best path), section 3.3 (sampling).
"""

import math
import random
from collections.abc import Mapping
from typing import NamedTuple

Arcs = list[list[tuple[int, str, float]]]  # for each end position: (start, piece, score) of every arc that ends there


class Pieces(NamedTuple):
    """The vocabulary: piece → log-probability, the length of its longest piece, the score of an unknown character."""

    scores: Mapping[str, float]
    longest: int
    unknown: float

    @classmethod
    def of(cls, scores: Mapping[str, float]) -> "Pieces":
        """From scores. An unknown character scores 10 below the worst piece, as in SentencePiece."""
        return cls(scores, max(map(len, scores)), min(scores.values()) - 10)


def arcs_of(word: str, pieces: Pieces) -> Arcs:
    """The arcs of the word. A character that is not a piece gets an arc of its own, so there is always a path."""
    scores = pieces.scores
    arcs: Arcs = [[]]
    for end in range(1, len(word) + 1):
        arriving = []
        for start in range(max(0, end - pieces.longest), end):
            piece = word[start:end]
            if piece in scores:
                arriving.append((start, piece, scores[piece]))
            elif start == end - 1:
                arriving.append((start, piece, pieces.unknown))
        arcs.append(arriving)
    return arcs


def best_path(arcs: Arcs) -> tuple[list[str], float]:
    """The pieces of the path with the highest score, and that score (Viterbi); of equals, the longer last piece."""
    best = [0.0]
    arrived_by = [(0, "")]
    for arriving in arcs[1:]:
        start, piece, _ = winner = max(arriving, key=lambda arc: best[arc[0]] + arc[2])
        best.append(best[start] + winner[2])
        arrived_by.append((start, piece))
    path, end = [], len(arcs) - 1
    while end > 0:
        end, piece = arrived_by[end]
        path.append(piece)
    return path[::-1], best[-1]


def forward(arcs: Arcs) -> list[float]:
    """For each position, the log of the total probability of all paths from 0 to it; the last is the word's."""
    total = [0.0]
    for arriving in arcs[1:]:
        terms = [total[start] + score for start, _, score in arriving]
        highest = max(terms)
        total.append(highest + math.log(sum([math.exp(term - highest) for term in terms])))
    return total


def share_out(arcs: Arcs, times: int, counts: dict[str, float]) -> float:
    """Add to `counts` each piece's expected count in `times` copies of the word; return the word's log-probability.

    The backward half of forward–backward: all copies start at the last position, and from each position they move back
    along the arcs that end there, in proportion to the total probability of the paths through each arc.
    """
    total = forward(arcs)
    at = [0.0] * len(arcs)
    at[-1] = times
    for end in range(len(arcs) - 1, 0, -1):
        copies, log_total = at[end], total[end]
        for start, piece, score in arcs[end]:
            share = copies * math.exp(total[start] + score - log_total)
            counts[piece] += share
            at[start] += share
    return total[-1]


def sample_path(arcs: Arcs, generator: random.Random) -> list[str]:
    """The pieces of a path, drawn with its probability: forward sums, then backward draws."""
    total = forward(arcs)
    path, end = [], len(arcs) - 1
    while end > 0:
        weights = [math.exp(total[start] + score - total[end]) for start, _, score in arcs[end]]
        end, piece, _ = generator.choices(arcs[end], weights)[0]
        path.append(piece)
    return path[::-1]
