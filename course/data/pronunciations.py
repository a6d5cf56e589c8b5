"""How English words are spelled and how they sound: the CMU Pronouncing Dictionary."""

from dataclasses import dataclass

from course.data.fetch import path


@dataclass(frozen=True)
class Pronunciation:
    """A word and its sounds, ARPAbet phonemes. A vowel's digit is its stress: 0 none, 1 primary, 2 secondary."""

    word: str
    sounds: tuple[str, ...]


def pronunciations() -> list[Pronunciation]:
    """The 135,166 pronunciations of 126,052 English words and names, in lower case, in the dictionary's order.

    A word with several pronunciations has an entry for each. The data are Carnegie Mellon University's, under a BSD
    licence. Raises `AssetError` when they cannot be fetched.
    """
    lines = path("cmudict").read_text(encoding="utf-8").splitlines()
    return [_parse(line) for line in lines]


def _parse(line: str) -> Pronunciation:
    """Parse `read(2) R IY1 D # a comment`: the spelling, the number of the pronunciation, the sounds."""
    word, *sounds = line.split("#")[0].split()
    return Pronunciation(word.split("(")[0], tuple(sounds))
