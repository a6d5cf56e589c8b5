"""Which noun does "it" mean? Pairs of sentences that differ in their last word alone, and what each head makes of them.

The sentences are made after the pattern of the Winograd schemas (Levesque, Davis and Morgenstern 2012, section 2).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course.bert import Bert, encode_batch
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


NOTES_PAIR = Pair("animal", "didn't cross", "street", "tired", "wide")
PAIRS = tuple(
    Pair(*line.split(" | "))
    for line in """
horse | didn't jump over | fence | tired | high
dog | couldn't climb | hill | old | steep
car | couldn't enter | garage | wide | narrow
truck | couldn't pass | tunnel | tall | low
ship | couldn't enter | harbor | large | shallow
cat | didn't climb | tree | lazy | tall
bird | didn't cross | ocean | weak | wide
robot | couldn't lift | box | weak | heavy
machine | couldn't cut | stone | weak | hard
knife | didn't cut | bread | dull | hard
table | didn't go through | door | wide | narrow
piano | didn't fit in | room | large | small
key | didn't fit in | lock | thick | narrow
ball | didn't go through | window | big | small
boat | couldn't cross | lake | old | rough
train | couldn't climb | mountain | heavy | steep
bus | couldn't cross | bridge | heavy | weak
plane | couldn't land on | field | fast | short
camera | couldn't record | scene | slow | dark
lamp | couldn't light | hall | weak | large
computer | couldn't run | program | old | complex
phone | couldn't play | video | old | long
wolf | didn't catch | rabbit | slow | fast
lion | didn't chase | deer | tired | fast
bear | couldn't enter | cave | fat | narrow
snake | couldn't swallow | egg | small | large
plant | didn't survive | winter | weak | cold
wall | didn't stop | flood | low | strong
rope | couldn't hold | boat | thin | heavy
shelf | couldn't hold | statue | weak | heavy
chair | couldn't hold | giant | weak | heavy
tent | didn't survive | storm | thin | violent
engine | couldn't pull | train | weak | heavy
missile | didn't hit | target | slow | small
arrow | didn't reach | castle | slow | distant
letter | didn't fit in | envelope | long | small
book | didn't fit in | bag | thick | small
coat | didn't fit in | drawer | thick | small
picture | didn't fit in | frame | large | small
bottle | didn't fit in | basket | tall | small
puppy | couldn't catch | ball | slow | fast
hammer | couldn't break | rock | light | hard
horse | couldn't pull | wagon | tired | heavy
army | couldn't take | fortress | weak | strong
team | couldn't win | game | weak | difficult
company | didn't buy | house | poor | expensive
school | didn't buy | piano | poor | expensive
museum | didn't buy | painting | poor | expensive
bank | didn't fund | project | poor | risky
country | couldn't build | railway | poor | expensive
cow | didn't drink | water | sick | dirty
cat | didn't drink | milk | sick | hot
dog | didn't eat | meat | sick | raw
satellite | couldn't observe | planet | old | distant
telescope | couldn't see | star | small | faint
radio | couldn't receive | signal | old | faint
ladder | didn't reach | roof | short | high
blanket | didn't cover | bed | small | large
carpet | didn't fit in | room | large | small
sofa | didn't go through | door | wide | narrow
monkey | couldn't open | nut | weak | hard
fish | couldn't swim up | river | weak | fast
child | couldn't carry | basket | weak | heavy
elephant | didn't cross | bridge | heavy | weak
mouse | couldn't move | cheese | weak | heavy
ant | couldn't carry | leaf | tired | large
goat | couldn't climb | mountain | weak | steep
camel | couldn't cross | desert | thirsty | wide
eagle | couldn't catch | snake | old | fast
donkey | couldn't carry | sack | weak | heavy
wagon | didn't go through | gate | wide | narrow
tank | couldn't cross | river | heavy | deep
cart | couldn't climb | hill | heavy | steep
crane | couldn't lift | container | weak | heavy
pump | couldn't empty | lake | weak | large
drill | couldn't pierce | wall | weak | thick
saw | couldn't cut | log | dull | thick
sword | didn't pierce | shield | dull | thick
bullet | didn't pierce | armor | slow | thick
axe | couldn't cut | oak | dull | thick
needle | didn't pierce | leather | dull | thick
net | couldn't hold | shark | weak | strong
cage | couldn't hold | lion | weak | strong
chain | couldn't hold | ship | thin | heavy
bridge | couldn't carry | tank | weak | heavy
floor | couldn't carry | statue | weak | heavy
dam | couldn't hold back | river | weak | wild
umbrella | didn't stop | rain | small | heavy
hat | didn't fit on | head | small | big
ring | didn't fit on | finger | small | thick
lid | didn't fit on | pot | small | large
card | didn't fit in | envelope | large | small
coin | didn't fit in | slot | thick | narrow
tray | didn't fit in | oven | wide | small
cake | didn't fit in | box | tall | small
bed | didn't fit in | bedroom | long | small
flag | didn't cover | coffin | small | long
candle | couldn't light | cave | weak | dark
torch | couldn't light | tunnel | weak | long
flame | couldn't melt | iron | weak | thick
fan | couldn't cool | room | small | hot
ball | didn't reach | goal | slow | distant
rocket | couldn't reach | moon | small | distant
ship | didn't reach | island | slow | distant
team | didn't beat | champion | weak | strong
army | couldn't defeat | enemy | weak | strong
drug | didn't cure | disease | weak | severe
program | couldn't read | file | old | large
scanner | couldn't read | page | old | dark
microphone | couldn't record | voice | old | soft
town | couldn't build | hospital | poor | expensive
church | couldn't repair | organ | poor | expensive
library | didn't buy | manuscript | poor | expensive
hotel | didn't buy | statue | poor | expensive
theater | couldn't show | film | small | long
government | didn't build | dam | poor | expensive
university | couldn't build | telescope | poor | expensive
village | couldn't repair | road | poor | long
pig | didn't eat | apple | sick | rotten
rabbit | couldn't dig through | soil | weak | hard
horse | didn't eat | grass | sick | wet
seed | didn't grow in | soil | old | dry
root | couldn't enter | ground | weak | hard
boat | didn't survive | storm | small | violent
ice | couldn't carry | truck | thin | heavy
bag | couldn't hold | stone | thin | heavy
bee | didn't reach | flower | tired | distant
fox | couldn't catch | hare | old | fast
""".strip().splitlines()
)


def noun_attention(
    model: Bert, tokenizer: WordPiece, pairs: Sequence[Pair]
) -> Float[Tensor, "pair twin noun layer head"]:
    """How much each head, at "it", looks at the first and at the second noun, in both sentences of each pair.

    Raises `ValueError` for a noun that is not one token.
    """
    sentences = [sentence for pair in pairs for sentence in pair.twins]
    ids, mask = encode_batch(tokenizer, sentences, next(model.parameters()).device)
    with torch.no_grad(), record_attention(model) as maps:
        model(ids, mask)
    weights = torch.stack(maps, dim=1).cpu()  # (sentence, layer, head, query, key)
    (it,) = tokenizer.encode("it")
    found = []
    for number, row in enumerate(ids.tolist()):
        pair = pairs[number // 2]
        query = len(row) - 1 - row[::-1].index(it)  # the last "it"
        keys = [row.index(_one_token(tokenizer, noun)) for noun in (pair.first, pair.second)]
        found.append(weights[number, :, :, query, keys].movedim(-1, 0))  # (noun, layer, head)
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
