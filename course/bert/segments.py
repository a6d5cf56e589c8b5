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
    """The sentences of an English text: cut after . ! ? before a capital or a digit, and at blank lines.

    It knows no abbreviations: "Mr. Smith" is cut in two.
    """
    return [part.strip() for part in SENTENCE_END.sub("\0", text).split("\0") if part.strip()]


def sentence_ids(texts: Sequence[str], tokenizer: Tokenizer) -> list[list[list[int]]]:
    """For each document the ids of its sentences, without sentences that have none."""
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
    be longer or shorter than the second: see `Segments.alike`. A document of one sentence makes no pair.

    Raises `ValueError` when there are not two documents that make a pair, and for a length without room for two tokens.
    """
    room = length - 3  # [CLS], two [SEP]
    if room < 2:
        raise ValueError(_("An input of {length} tokens has no room for a pair: 5 or more.").format(length=length))
    pairs: list[tuple[int, list[int], list[int]]] = []
    for number, sentences in enumerate(documents):
        pairs += [(number, *pair) for pair in _of_document(sentences, room, rng, short)]
    if len({number for number, _first, _second in pairs}) < 2:
        raise ValueError(_("Fewer than two documents have two sentences: there is no pair of another document."))
    found = []
    for number, first, second in pairs:
        while True:
            other, _first, unrelated = pairs[rng.integers(len(pairs))]
            if other != number:
                break
        found.append(Segments(first, second, unrelated))
    return found


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
