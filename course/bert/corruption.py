"""How a row is corrupted: which positions are chosen, and what is put in their place. No function changes its input."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from course.bert.inputs import Pieces
from course.layers.sizes import require_whole
from course.messages import _

SHARE = 0.15  # of the tokens are chosen: Devlin et al. 2019, section 3.1
MASKED, RANDOM = 0.8, 0.1  # of the chosen ones, hidden and replaced; the others stay
SPAN_P, LONGEST_SPAN = 0.2, 10  # Joshi et al. 2020, section 3.1; words

Ids = Int[np.ndarray, " position"]


def choose(candidates: Int[np.ndarray, "_"], rng: np.random.Generator, share: float = SHARE) -> Int[np.ndarray, "_"]:
    """This share of the positions, rounded, but one at least where there is one: drawn, in order.

    Raises `ValueError` for a share that is not above 0 and at most 1.

    Source: `create_masked_lm_predictions` of the authors' code, google-research/bert, create_pretraining_data.py.
    """
    n = n_chosen(len(candidates), share)
    return np.sort(rng.choice(candidates, n, replace=False))


def n_chosen(n_candidates: int, share: float) -> int:
    if not 0 < share <= 1:
        raise ValueError(_("The share is {share}; it must be above 0 and at most 1.").format(share=share))
    return min(n_candidates, max(1, round(share * n_candidates)))


def choose_words(
    words: Sequence[range], rng: np.random.Generator, share: float = SHARE, *, least: int = 1
) -> list[range]:
    """Whole words with about this share of all their pieces, `least` words where there are as many: drawn, in order.

    Beyond these, a word that would lead beyond the share is left out.
    """
    room = n_chosen(sum(map(len, words)), share)
    chosen: list[range] = []
    for number in rng.permutation(len(words)):
        if len(words[number]) <= room or len(chosen) < least:
            chosen.append(words[number])
            room -= len(words[number])
    return sorted(chosen, key=lambda word: word.start)


def span_lengths(p: float = SPAN_P, longest: int = LONGEST_SPAN) -> Float[np.ndarray, "_"]:
    """How probable a span of 1, 2, … words is: geometric, cut at the longest, and divided by what is left.

    Raises `ValueError` for a `p` that is not above 0 and at most 1, and for a `longest` that is no number of words.

    Source: Joshi et al. 2020, section 3.1.
    """
    if not 0 < p <= 1:
        raise ValueError(_("p is {p}; it must be above 0 and at most 1.").format(p=p))
    require_whole(longest, "longest")
    weights = p * (1 - p) ** np.arange(longest)
    return weights / weights.sum()


def choose_spans(
    words: Sequence[range],
    rng: np.random.Generator,
    share: float = SHARE,
    *,
    p: float = SPAN_P,
    longest: int = LONGEST_SPAN,
) -> list[range]:
    """Spans of whole words with about this share of all pieces, in order.

    Between two spans there is a token that is not masked, so that both ends of each are visible; words with a special
    token between them are in no common span. The last span is cut to what is left of the share; a single word that is
    longer than that is taken only where there would be none else.

    Source: Joshi et al. 2020, section 3.1. In the authors' code spans may touch, and the last one may end inside a
    word.
    """
    room = n_chosen(sum(map(len, words)), share)
    free = np.ones(len(words), dtype=bool)  # words that a span may still cover
    probabilities = span_lengths(p, longest)
    spans: list[range] = []
    while room > 0 and free.any():
        length = rng.choice(len(probabilities), p=probabilities) + 1
        first = last = int(rng.choice(np.flatnonzero(free)))
        if len(words[first]) > room and spans:
            free[first] = False
            continue
        room -= len(words[first])
        while (
            last + 1 < min(first + length, len(words))
            and free[last + 1]
            and words[last + 1].start == words[last].stop
            and len(words[last + 1]) <= room
        ):
            last += 1
            room -= len(words[last])
        spans.append(range(words[first].start, words[last].stop))
        free[max(0, first - 1) : last + 2] = False
    return sorted(spans, key=lambda span: span.start)


def mask_80_10_10(
    ids: Ids,
    groups: Sequence[Sequence[int]],
    pieces: Pieces,
    rng: np.random.Generator,
) -> Ids:
    """Of the groups of positions, eight in ten become [MASK], one in ten random tokens, one in ten stay.

    A group is one chosen position, or a whole span, which is then treated alike. The second draw is among those that
    the first left: with the chance of a half, not of a tenth. A random token may be the one that was there.

    Source: Devlin et al. 2019, section 3.1; for spans: Joshi et al. 2020, section 3.1.
    """
    changed = ids.copy()
    for group in groups:
        if rng.random() < MASKED:
            changed[list(group)] = pieces.mask_id
        elif rng.random() < RANDOM / (1 - MASKED):
            changed[list(group)] = rng.choice(pieces.ordinary, len(group))
    return changed


def substitute(ids: Ids, positions: Sequence[int], pieces: Pieces, rng: np.random.Generator) -> Ids:
    """Random tokens at these positions. One may be the token that was there.

    Source: Di Liello et al. 2022, "Effective Pretraining Objectives for Transformer-based Autoencoders" (Random Token
    Substitution).
    """
    changed = ids.copy()
    changed[list(positions)] = rng.choice(pieces.ordinary, len(positions))
    return changed


def shuffle_words(ids: Ids, words: Sequence[range], rng: np.random.Generator) -> tuple[Ids, list[range]]:
    """These words in other places among themselves: none of them stays in its own. Also where each now is.

    A word of three pieces that comes to the place of one with a single piece moves what is between them, so the length
    of the row stays. Fewer than two words cannot move. Raises `ValueError` for words that are not in order.

    Source: Panda et al. 2021, "Shuffled-token Detection for Refining Pre-trained RoBERTa", which shuffles words.
    """
    if any(one.stop > other.start for one, other in pairwise(words)):
        raise ValueError(_("The words must be in order, and none may reach into the next."))
    if len(words) < 2:
        return ids.copy(), list(words)
    cycle = rng.permutation(len(words))
    taken = np.empty_like(cycle)
    taken[cycle] = np.roll(cycle, 1)  # each takes the place of the next in one circle through all of them
    parts: list[np.ndarray] = []
    places: list[range] = []
    end = length = 0
    for place, source in zip(words, taken, strict=True):
        kept, moved = ids[end : place.start], ids[words[source].start : words[source].stop]
        places.append(range(length + len(kept), length + len(kept) + len(moved)))
        parts += [kept, moved]
        end, length = place.stop, places[-1].stop
    return np.concatenate([*parts, ids[end:]]), places
