"""Spelling to pronunciation: letters in, phonemes out, from the CMU Pronouncing Dictionary."""

from collections.abc import Iterable

from course import data
from course.data.pronunciations import Pronunciation
from course.data.splits import split_by_word
from course.tasks.task import Example, Task
from course.tasks.vocabulary import Vocabulary


def pronunciation_task(seed: int = 0) -> Task:
    """Letters to the 39 ARPAbet phonemes, without stress, as the field reports error rates.

    A word with several pronunciations has several right outputs. The sets have no word in common. Raises `AssetError`
    when the dictionary cannot be fetched.

    Source of the measure: Yao and Zweig 2015, "Sequence-to-sequence neural net models for grapheme-to-phoneme
    conversion", section 4.1.
    """
    train, validation, test = map(_by_word, split_by_word(data.pronunciations(), seed=seed))
    letters = {letter for example in train for letter in example.source}
    phonemes = {phoneme for example in train for target in example.targets for phoneme in target}
    longest = max(len(target) for example in train for target in example.targets)
    symbols = (Vocabulary(letters), Vocabulary(phonemes))
    return Task("pronunciation", *symbols, train, validation, {"test": test}, longest, near="words")


def without_stress(sounds: Iterable[str]) -> tuple[str, ...]:
    """ARPAbet without the digits on the vowels: AH0 → AH."""
    return tuple(sound.rstrip("012") for sound in sounds)


def _by_word(entries: Iterable[Pronunciation]) -> list[Example]:
    ways: dict[str, dict[tuple[str, ...], None]] = {}
    for entry in entries:
        ways.setdefault(entry.word, {})[without_stress(entry.sounds)] = None
    return [Example(tuple(word), tuple(sounds)) for word, sounds in ways.items()]
