"""Spelling to pronunciation: letters in, phonemes out, from the CMU Pronouncing Dictionary."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Bool

from course import data
from course.data.pronunciations import Pronunciation
from course.data.splits import split_by_word
from course.tasks.task import Example, Task
from course.tasks.vocabulary import Vocabulary

LENGTH_GROUPS = {  # of words by their letters, as lessons 04 and 06 show them; the longest words are few
    "1–4": range(1, 5),
    "5–6": range(5, 7),
    "7–8": range(7, 9),
    "9–10": range(9, 11),
    "11–12": range(11, 13),
    "13–14": range(13, 15),
    "15+": range(15, 40),
}


def in_length_groups(examples: Sequence[Example]) -> dict[str, Bool[np.ndarray, "example"]]:
    """Which of the examples are in each of `LENGTH_GROUPS`."""
    n_letters = np.array([len(example.source) for example in examples])
    return {name: np.isin(n_letters, list(group)) for name, group in LENGTH_GROUPS.items()}


def pronunciation_task(seed: int = 0) -> Task:
    """Letters to the 39 ARPAbet phonemes, without stress, as the field reports error rates.

    A word with several pronunciations has several right outputs. The sets have no word in common. Raises `AssetError`
    when the dictionary cannot be fetched.

    Source of the measure: Yao and Zweig 2015, "Sequence-to-sequence neural net models for grapheme-to-phoneme
    conversion".
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
