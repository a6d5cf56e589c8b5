"""Training of the Unigram model: start with many pieces, fit their probabilities by EM, drop the least useful, repeat.

Source: Kudo 2018, section 3.2. SentencePiece differs in details. Its M-step applies the digamma function to the counts
(a prior for fewer pieces); ours is plain maximum likelihood, so the likelihood of the text never falls from one step to
the next. SentencePiece weights a piece by its count in the best paths; we use the expected count over all paths.
"""

import math
from collections import defaultdict
from collections.abc import Mapping

from course.messages import _
from course.tokenization.unigram_lattice import Pieces, arcs_of, best_path, share_out

Scores = dict[str, float]
EM_STEPS = 2  # between two prunings
KEPT = 0.75  # share of the pieces that survive a pruning
LONGEST = 16  # characters of a piece
LEAST_COUNT = 1e-12  # an expected count is never quite zero, so its logarithm is finite


def seed_scores(words: Mapping[str, int], size: int) -> Scores:
    """The characters of the words and the substrings with the largest count × length, `size` pieces in total."""
    counts: dict[str, float] = defaultdict(float)
    for word, times in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + LONGEST) + 1):
                counts[word[start:end]] += times
    characters = {piece: count for piece, count in counts.items() if len(piece) == 1}
    longer = [piece for piece, count in counts.items() if len(piece) > 1 and count > 1]
    longer.sort(key=lambda piece: counts[piece] * len(piece), reverse=True)
    chosen = [*characters, *longer[: max(0, size - len(characters))]]
    return normalized({piece: counts[piece] for piece in chosen})


def normalized(counts: Mapping[str, float]) -> Scores:
    """The M-step: the log of each count's share of the total."""
    log_total = math.log(sum(counts.values()))
    return {piece: math.log(max(count, LEAST_COUNT)) - log_total for piece, count in counts.items()}


def expected_counts(words: Mapping[str, int], scores: Scores) -> tuple[dict[str, float], float]:
    """The E-step: each piece's expected count in the words, and the log-likelihood of the words."""
    pieces = Pieces.of(scores)
    counts = dict.fromkeys(scores, 0.0)
    log_likelihood = 0.0
    for word, times in words.items():
        log_likelihood += times * share_out(arcs_of(word, pieces), times, counts)
    return counts, log_likelihood


def em_step(words: Mapping[str, int], scores: Scores) -> tuple[Scores, float]:
    """One step of EM: the new scores, and the log-likelihood of the words under the old ones."""
    counts, log_likelihood = expected_counts(words, scores)
    return normalized(counts), log_likelihood


def prune(scores: Scores, counts: Mapping[str, float], size: int) -> Scores:
    """The characters and the pieces whose removal would cost most, `size` in total.

    The cost of removing a piece: its count times the difference between its score and that of its best split into
    other pieces.
    """
    cost = {}
    for piece, score in scores.items():
        if len(piece) == 1:
            cost[piece] = math.inf
        else:
            others = arcs_of(piece, Pieces(scores, len(piece) - 1, -math.inf))
            cost[piece] = counts[piece] * (score - best_path(others)[1])
    return {piece: scores[piece] for piece in sorted(cost, key=cost.__getitem__, reverse=True)[:size]}


def learn_scores(words: Mapping[str, int], size: int, seed_size: int) -> Scores:
    """`size` pieces of the words with their log-probabilities, from `seed_size` candidates.

    Raises `ValueError` when the words have more than `size` different characters, which are always kept.
    """
    characters = {character for word in words for character in word}
    if len(characters) > size:
        raise ValueError(
            _("The text has {count} distinct characters, the vocabulary has room for {size}: raise vocab_size.").format(
                count=len(characters), size=size
            )
        )
    scores = seed_scores(words, seed_size)
    while True:
        for _step in range(EM_STEPS - 1):
            scores, _likelihood = em_step(words, scores)
        counts, _likelihood = expected_counts(words, scores)
        scores = normalized(counts)
        if len(scores) <= size:
            return scores
        scores = prune(scores, counts, max(size, int(len(scores) * KEPT)))
