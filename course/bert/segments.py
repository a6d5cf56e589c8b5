"""Documents cut into pairs of consecutive segments, with a segment of another document beside each.

Source: `create_instances_from_document` of the authors' code, google-research/bert, create_pretraining_data.py.
`segment_pairs` says what differs.
"""

import re
from collections.abc import Sequence

import numpy as np

from course.bert.inputs import Segments
from course.messages import _
from course.tokenization import Tokenizer

SHORT = 0.1  # of the pairs are shorter than they could be: the model meets short inputs, too
SENTENCE_END = re.compile(r"((?<=[.!?])|(?<=[.!?][\"'”’)\]]))\s+(?=[\"'“‘(\[]*[A-Z0-9])|\n\s*\n")

Sentences = Sequence[Sequence[int]]  # of a document, as ids


def split_sentences(text: str) -> list[str]:
    """The sentences of an English text: cut after . ! ? before a capital of A to Z or a digit, and at blank lines.

    It knows no abbreviations: "Mr. Smith" is cut in two. Before "É" it does not cut.
    """
    return [part.strip() for part in SENTENCE_END.sub("\0", text).split("\0") if part.strip()]


def sentence_ids(texts: Sequence[str], tokenizer: Tokenizer) -> list[list[list[int]]]:
    """For each document the ids of its sentences, without sentences that have none.

    Raises `TypeError` for a document that is in no list.
    """
    if isinstance(texts, str):
        raise TypeError(_("The texts are one text: put it into a list, or each character would be a document."))
    return [[ids for part in split_sentences(text) if (ids := tokenizer.encode(part))] for text in texts]


def segment_pairs(
    documents: Sequence[Sentences], length: int, rng: np.random.Generator, *, short: float = SHORT
) -> list[Segments]:
    """All documents in pairs of consecutive segments, each with one of another document, for inputs of `length` ids.

    Sentences are gathered while they fit into an input, two at least, and cut in two between two of them, at random.
    (The authors' code goes on until the input is full. The last sentence, which leads beyond it, is always in the
    second segment: in short inputs that one is mostly the longer, so the order could be told by counting.) What is too
    long loses ids from the longer segment, at its beginning or its end, at random.

    The unrelated segment is the second one of another document's pair, so that where a segment begins does not tell a
    right pair from a wrong one. (The authors' code draws any place of another document and fills the input up.) It may
    be longer or shorter than the second: see `Segments.alike`. A document of one sentence makes no pair; a sentence
    without ids is none.

    Raises `ValueError` when there are not two documents that make a pair, and for a length without room for two tokens.
    """
    room = length - 3  # [CLS], two [SEP]
    if room < 2:
        raise ValueError(_("An input of {length} tokens has no room for a pair: 5 or more.").format(length=length))
    cut = [_of_document([one for one in sentences if len(one)], room, rng, short) for sentences in documents]
    pairs = [pair for of_document in cut for pair in of_document]
    if sum(map(bool, cut)) < 2:
        raise ValueError(_("Fewer than two documents have two sentences: there is no pair of another document."))
    found: list[Segments] = []
    for of_document in cut:
        own = range(len(found), len(found) + len(of_document))
        for first, second in of_document:
            found.append(Segments(first, second, pairs[_outside(own, len(pairs), rng)][1]))
    return found


def _outside(own: range, n: int, rng: np.random.Generator) -> int:
    """A number below `n` that is not one's `own`."""
    for _try in range(20):
        if (number := int(rng.integers(n))) not in own:
            return number
    number = int(rng.integers(n - len(own)))  # nearly all are one's own: to try on would take long
    return number if number < own.start else number + len(own)


def _of_document(
    sentences: Sentences, room: int, rng: np.random.Generator, short: float
) -> list[tuple[list[int], list[int]]]:
    pairs, gathered = [], []

    def target() -> int:
        return int(rng.integers(2, room + 1)) if rng.random() < short else room

    wanted = target()
    for place, sentence in enumerate(sentences):
        gathered.append(sentence)
        last = place + 1 == len(sentences)
        full = last or sum(map(len, gathered)) + len(sentences[place + 1]) > wanted
        if full and len(gathered) > 1:
            cut = rng.integers(1, len(gathered))
            first, second = ([i for one in part for i in one] for part in (gathered[:cut], gathered[cut:]))
            pairs.append(truncate(first, second, wanted, rng))
            gathered, wanted = [], target()
    return pairs


def truncate(
    first: Sequence[int], second: Sequence[int], room: int, rng: np.random.Generator
) -> tuple[list[int], list[int]]:
    """Both, with ids taken from the longer one, at its beginning or its end by the toss of a coin, until they fit.

    Another coin, one for the pair, says which is cut where they are equally long. Otherwise the first would be longer
    by one in most pairs that fill an odd number of places, and their order could be told by counting.

    Source: `truncate_seq_pair` of the same code, which cuts the second; ALBERT's code swaps a pair before that.
    """
    one, other = list(first), list(second)
    first_gives_way = rng.random() < 0.5
    while len(one) + len(other) > room:
        longer = one if len(one) > len(other) or (len(one) == len(other) and first_gives_way) else other
        del longer[0 if rng.random() < 0.5 else -1]
    return one, other
