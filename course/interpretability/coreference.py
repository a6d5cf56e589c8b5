"""Which noun does "it" mean? Pairs of sentences that differ in their last word alone, and what each head makes of them.

The sentences are made after the pattern of the Winograd schemas (Levesque, Davis and Morgenstern 2012, section 2).
"""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course.bert import Bert, encode_batch
from course.data.splits import hash_fraction
from course.layers.attention import record_attention
from course.messages import _
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
        """What pairs may share: sentences with the same two last words are no independent observations."""
        return self.of_first, self.of_second


NOTES_PAIR = Pair("animal", "didn't cross", "street", "tired", "wide")
with Path(__file__).with_name("coreference_pairs.csv").open(encoding="utf-8", newline="") as file:
    PAIRS = tuple(Pair(**row) for row in csv.DictReader(file))


def noun_attention(
    model: Bert, tokenizer: WordPiece, pairs: Sequence[Pair], *, query: str = "it"
) -> Float[Tensor, "pair twin noun layer head"]:
    """How much each head, at "it", looks at the first and at the second noun, in both sentences of each pair.

    `query` is the token that looks, where it stands last in a sentence: another than "it" is a control. Raises
    `ValueError` for a noun that is not one token, and for a query that is not in a sentence.
    """
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
        keys = [row.index(_one_token(tokenizer, noun)) for noun in (pair.first, pair.second)]
        found.append(weights[number, :, :, place, keys].movedim(-1, 0))  # (noun, layer, head)
    return torch.stack(found).unflatten(0, (len(pairs), 2))


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
    """How much more each head looks at the noun that "it" is than at the other one, in each sentence."""
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
    """The mean move of each head in its standard errors; 0 for a head that never moves.

    Source: Student 1908, "The probable error of a mean".
    """
    error = moves.std(dim=0) / len(moves) ** 0.5
    return torch.where(error > 0, moves.mean(dim=0) / error, 0.0)


def chance_of_best(
    moves: Float[Tensor, "pair layer head"], *, rounds: int = 1000, seed: int = 0
) -> Float[Tensor, "rounds"]:
    """The largest of all heads' t-values when the last word means nothing: the twins of each pair swapped at random.

    Taking the largest pays for having looked at many heads. Source: Westfall and Young 1993, section 2.3 (max T).
    """
    generator = torch.Generator().manual_seed(seed)
    signs = torch.randint(2, (rounds, len(moves)), generator=generator) * 2.0 - 1
    return torch.stack([t_values(moves * sign[:, None, None]).max() for sign in signs])


def halves(pairs: Sequence[Pair], seed: int = 0) -> tuple[list[int], list[int]]:
    """Numbers of the pairs to choose heads by, and of those to test them on; no two last words are in both halves."""
    drawn = [hash_fraction(" ".join(pair.last_words), seed) < 0.5 for pair in pairs]
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
