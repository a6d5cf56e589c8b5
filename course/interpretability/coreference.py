"""Which noun does "it" mean? Pairs of sentences that differ in their last word alone, and what each head makes of them.

The sentences are made after the pattern of the Winograd schemas (Levesque, Davis and Morgenstern 2012, section 2).
"""

import csv
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course.bert import Bert, encode_batch
from course.data.splits import hash_fraction
from course.layers.attention import record_attention
from course.layers.sizes import require_whole
from course.messages import _
from course.peft.reading import require_text_alone
from course.tokenization import WordPiece


class Pair(NamedTuple):
    """Two nouns, what the first does or does not do to the second, and a last word for each: "it" is that noun."""

    first: str
    verb: str
    second: str
    of_first: str
    of_second: str

    @property
    def twins(self) -> tuple[str, str]:
        """The sentence in which "it" is the first noun, and the one in which it is the second."""
        start = f"The {self.first} {self.verb} the {self.second} because it was too"
        return f"{start} {self.of_first}.", f"{start} {self.of_second}."

    @property
    def last_words(self) -> tuple[str, str]:
        """The last word that makes "it" the first noun, and the one that makes it the second."""
        return self.of_first, self.of_second

    @property
    def ending(self) -> tuple[str, ...]:
        """The two last words, sorted: pairs that share them are not independent observations, whatever the order."""
        return tuple(sorted(self.last_words))


NOTES_PAIR = Pair("animal", "didn't cross", "street", "tired", "wide")
with Path(__file__).with_name("coreference_pairs.csv").open(encoding="utf-8", newline="") as file:
    PAIRS = tuple(Pair(**row) for row in csv.DictReader(file))


def noun_attention(
    model: Bert, tokenizer: WordPiece, pairs: Sequence[Pair], *, query: str = "it"
) -> Float[Tensor, "pair twin noun layer head"]:
    """How much each head, at "it", looks at the first and at the second noun, in both sentences of each pair.

    `query` is the token that looks, at its last place in a sentence: another than "it" is a control. Raises
    `ValueError` for a noun that is not one token or not once in its sentence, for a query that is not in one, and where
    attention sees a prompt or a prefix beside the text.
    """
    require_text_alone(model)
    sentences = [sentence for pair in pairs for sentence in pair.twins]
    ids, mask = encode_batch(tokenizer, sentences, next(model.parameters()).device)
    with torch.no_grad(), record_attention(model) as maps:
        model(ids, mask)
    weights = torch.stack(maps, dim=1).cpu()  # (sentence, layer, head, query, key)
    found = []
    for number, row in enumerate(ids.tolist()):
        pair = pairs[number // 2]
        tokens = [tokenizer.tokens[one] for one in row]
        if query not in tokens:
            raise ValueError(
                _("{query!r} is no token of {sentence!r}: {tokens}.").format(
                    query=query, sentence=sentences[number], tokens=" ".join(tokens)
                )
            )
        place = len(tokens) - 1 - tokens[::-1].index(query)
        keys = [_place_of(noun, row, tokenizer, sentences[number]) for noun in (pair.first, pair.second)]
        found.append(weights[number, :, :, place, keys].movedim(-1, 0))  # (noun, layer, head)
    return torch.stack(found).unflatten(0, (len(pairs), 2))


def _place_of(noun: str, row: list[int], tokenizer: WordPiece, sentence: str) -> int:
    token = _one_token(tokenizer, noun)
    if row.count(token) != 1:
        raise ValueError(
            _("{noun!r} is {count} times in {sentence!r}; choose words with which each noun is there once.").format(
                noun=noun, count=row.count(token), sentence=sentence
            )
        )
    return row.index(token)


def _one_token(tokenizer: WordPiece, noun: str) -> int:
    ids = tokenizer.encode(noun)
    if len(ids) != 1:
        raise ValueError(
            _("{noun!r} is {count} tokens here ({tokens}); choose a noun that is one.").format(
                noun=noun, count=len(ids), tokens=" ".join(tokenizer.tokens[one] for one in ids)
            )
        )
    return ids[0]


def preference_for_referent(
    attention: Float[Tensor, "pair twin noun layer head"],
) -> Float[Tensor, "pair twin layer head"]:
    """How much more each head looks at the noun that "it" is than at the other one, in each sentence.

    Raises `ValueError` for attention of another shape than that of `noun_attention`.
    """
    if attention.ndim != 5 or attention.shape[1:3] != (2, 2):
        raise ValueError(
            _(
                "The attention has the shape {shape}; give that of `noun_attention`: (pairs, 2, 2, layers, heads)."
            ).format(shape=tuple(attention.shape))
        )
    first_minus_second = attention[:, :, 0] - attention[:, :, 1]
    return first_minus_second * torch.tensor([1.0, -1.0])[:, None, None]


def follows_referent(attention: Float[Tensor, "pair twin noun layer head"]) -> Bool[Tensor, "pair layer head"]:
    """Where a head prefers the right noun in both twins: it turned from one noun to the other with the last word.

    A head that goes by anything but the last word, the nearer noun for example, is right in one twin and wrong in the
    other, and never here.
    """
    return (preference_for_referent(attention) > 0).all(dim=1)


def attention_shift(attention: Float[Tensor, "pair twin noun layer head"]) -> Float[Tensor, "pair layer head"]:
    """How far the last word moves each head's attention toward the noun that it makes right; 0: the twins are alike."""
    return preference_for_referent(attention).sum(dim=1)


def t_values(moves: Float[Tensor, "pair layer head"]) -> Float[Tensor, "layer head"]:
    """The mean move of each head in its standard errors; 0 for a head that never moves, NaN for one with NaN.

    Source: Student 1908, "The probable error of a mean". Raises `ValueError` for fewer than two pairs.
    """
    if len(moves) < 2:
        raise ValueError(_("A t-value needs two pairs or more, not {count}.").format(count=len(moves)))
    error = moves.std(dim=0) / len(moves) ** 0.5
    return torch.where(error == 0, 0.0, moves.mean(dim=0) / error)


def chance_of_best(
    moves: Float[Tensor, "pair layer head"],
    clusters: Sequence[Hashable] | None = None,
    *,
    rounds: int = 1000,
    seed: int = 0,
) -> Float[Tensor, "rounds"]:
    """The largest size of all heads' t-values when the last word means nothing: twins swapped at random.

    Taking the largest pays for having looked at many heads, and its size for having looked in both directions. Pairs
    with the same entry in `clusters` are swapped together; without it, each alone.

    Source: Westfall and Young 1993, "Resampling-Based Multiple Testing" (the largest statistic, permuted). Raises
    `ValueError` for another number of clusters than of pairs, and for no rounds.
    """
    clusters = range(len(moves)) if clusters is None else clusters
    if len(clusters) != len(moves):
        raise ValueError(
            _("There are {clusters} clusters for {pairs} pairs. Name the cluster of each pair.").format(
                clusters=len(clusters), pairs=len(moves)
            )
        )
    require_whole(rounds, "rounds")
    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    generator = torch.Generator().manual_seed(seed)
    signs = torch.randint(2, (rounds, len(numbers)), generator=generator) * 2.0 - 1
    of_pairs = signs[:, [numbers[cluster] for cluster in clusters]]
    return torch.stack([t_values(moves * sign[:, None, None]).abs().max() for sign in of_pairs])


def halves(pairs: Sequence[Pair], seed: int = 0) -> tuple[list[int], list[int]]:
    """Numbers of the pairs to choose heads by, and of those to test them on; no `ending` is in both halves.

    One word of an ending may be, beside another: nearly all endings are linked by such words, so no split keeps them
    apart. `last_word_rule` measures what that gives away.
    """
    drawn = [hash_fraction(" ".join(pair.ending), seed) < 0.5 for pair in pairs]
    return [n for n, first in enumerate(drawn) if first], [n for n, first in enumerate(drawn) if not first]


def last_word_rule(choosing: Sequence[Pair], testing: Sequence[Pair]) -> list[float]:
    """For each test pair, the share of its twins that a rule blind to the nouns gets right: 0, 0.5 or 1.

    The rule knows of each last word how often it spoke of the first and of the second noun in `choosing`, and says the
    one it spoke of more often. A word that it has not seen, or as often of both, counts half.
    """
    leaning: Counter[str] = Counter()
    for pair in choosing:
        leaning[pair.of_first] += 1
        leaning[pair.of_second] -= 1

    def right(word: str, wanted: int) -> float:
        return 0.5 if not leaning[word] else float((leaning[word] > 0) == (wanted > 0))

    return [(right(pair.of_first, 1) + right(pair.of_second, -1)) / 2 for pair in testing]
