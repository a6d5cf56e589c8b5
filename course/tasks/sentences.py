"""Sentences between English and Korean, in subwords: a vocabulary of byte pairs that both languages share."""

from collections.abc import Iterable
from dataclasses import dataclass

from course import data
from course.data.pairs import Pair
from course.data.splits import hash_fraction
from course.messages import _
from course.tasks.task import Example, Symbols, Task
from course.tasks.vocabulary import Vocabulary
from course.tokenization import ByteLevelBPE

DIRECTIONS = {"english-korean": ("english", "korean"), "korean-english": ("korean", "english")}
MAX_TOKENS = 48
LONG = 40  # characters of English: from here on a text is a sentence, below it mostly a label


@dataclass(frozen=True)
class Translation:
    """A task in tokens, and the tokenizer that turns text into them and back."""

    task: Task
    tokenizer: ByteLevelBPE

    def tokenize(self, text: str) -> Symbols:
        """The tokens of a text."""
        return tokenize(self.tokenizer, text)

    def join(self, symbols: Iterable[str]) -> str:
        """The text of these tokens; bytes that make no character are shown as �."""
        ids = {token: number for number, token in enumerate(self.tokenizer.tokens)}
        return self.tokenizer.decode([ids[symbol] for symbol in symbols])


def translation(direction: str = "english-korean", *, n_merges: int = 2000, seed: int = 0) -> Translation:
    """The interface texts of Home Assistant, to be translated from one language into the other.

    A source with several translations has several right outputs. No text, in either language, is in two of the
    sets. The tests are "labels", the short texts, and "sentences", the long ones. Texts of more than 48 tokens are
    left out. Raises `ValueError` for a direction that is not in `DIRECTIONS`, `AssetError` without the data.
    """
    if direction not in DIRECTIONS:
        raise ValueError(
            _("direction is {value!r}; it must be one of {known}.").format(value=direction, known=", ".join(DIRECTIONS))
        )
    pairs = data.english_korean_pairs()
    train, validation, test = _split(pairs, seed)
    text = "\n".join(side for pair in train for side in (pair.english, pair.korean))
    tokenizer = ByteLevelBPE.train(text, n_merges=n_merges)
    vocabulary = Vocabulary(tokenizer.tokens)

    def examples(some: Iterable[Pair]) -> list[Example]:
        return _examples(some, DIRECTIONS[direction], tokenizer)

    tests = {
        "labels": examples(pair for pair in test if len(pair.english) < LONG),
        "sentences": examples(pair for pair in test if len(pair.english) >= LONG),
    }
    ids = {token: number for number, token in enumerate(tokenizer.tokens)}

    def both_sides(example: Example) -> list[str]:
        return [tokenizer.decode([ids[one] for one in symbols]) for symbols in (example.source, *example.targets)]

    parts = (examples(train), examples(validation), tests)
    return Translation(Task(direction, vocabulary, vocabulary, *parts, MAX_TOKENS, text=both_sides), tokenizer)


def tokenize(tokenizer: ByteLevelBPE, text: str) -> Symbols:
    """The tokens of a text, in printed form."""
    return tuple(tokenizer.tokens[one] for one in tokenizer.encode(text))


def _split(pairs: list[Pair], seed: int) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Training, validation and test pairs. No text of one is in another; a pair with such a text is left out."""
    train = [pair for pair in pairs if hash_fraction(pair.english, seed) >= 0.15]
    seen = {side for pair in train for side in (pair.english, pair.korean)}
    unseen = [pair for pair in pairs if seen.isdisjoint((pair.english, pair.korean))]
    test = [pair for pair in unseen if hash_fraction(pair.english, seed) < 0.1]
    tested = {side for pair in test for side in (pair.english, pair.korean)}
    return train, [pair for pair in unseen if tested.isdisjoint((pair.english, pair.korean))], test


def _examples(pairs: Iterable[Pair], sides: tuple[str, str], tokenizer: ByteLevelBPE) -> list[Example]:
    found: dict[Symbols, dict[Symbols, None]] = {}
    for pair in pairs:
        source, target = (tokenize(tokenizer, getattr(pair, side)) for side in sides)
        if max(len(source), len(target)) <= MAX_TOKENS:
            found.setdefault(source, {})[target] = None
    return [Example(source, tuple(targets)) for source, targets in found.items()]
