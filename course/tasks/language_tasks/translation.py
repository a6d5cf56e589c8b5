"""Korean into English: lesson 06's Transformer, measured by corpus BLEU and chrF."""

import functools
from collections.abc import Sequence
from typing import Any

from course import trained
from course.data.splits import draw
from course.decoding import beam_search
from course.messages import _
from course.tasks.language_tasks.measures import MEASURES
from course.tasks.language_tasks.task import Answer, Item, LanguageTask, System, Text, each, one_fold
from course.tasks.sentences import Translation, translation
from course.tasks.vocabulary import Vocabulary

N_TEST, BEAM_SIZE = 100, 4
DIRECTION = "korean-english"
WORDINGS = (
    "Translate this Korean text into English: {text}",
    "{text}\n\nWhat does this mean in English? Write only the translation.",
    "Korean: {text}\nEnglish:",
)


@functools.cache
def translating() -> LanguageTask:
    """The task, on texts of an interface drawn from lesson 06's test sets. Raises `AssetError` without them."""
    found = korean_english()
    drawn = draw([one for examples in found.task.tests.values() for one in examples], N_TEST)
    items = tuple(
        Item(Text(found.join(one.source)), tuple(found.join(target) for target in one.targets), str(number))
        for number, one in enumerate(drawn)
    )
    return LanguageTask(
        "translation",
        _("Translation"),
        items,
        MEASURES["translation"],
        {"trivial": lambda _held_out: each(lambda text: Answer(text.text)), "simple": _memory, "model": _transformer},
        one_fold(items),
        WORDINGS,
        longest=32,
    )


@functools.cache
def korean_english() -> Translation:
    return translation(DIRECTION)


def character_pairs(text: str) -> frozenset[str]:
    """The pairs of neighboring characters of a text, of words alone: no pair has a space in it."""
    padded = [f"^{word}$" for word in text.split()]
    return frozenset(word[place : place + 2] for word in padded for place in range(len(word) - 1))


class TranslationMemory:
    """The translation of the most similar of the texts that it was given: the one with the greatest Dice coefficient.

    The similarity is that of the sets of character pairs, twice the common ones over all of both; it is the confidence,
    too. Of equally similar texts the first counts. Raises `ValueError` for no texts, and for not as many translations.
    """

    def __init__(self, sources: Sequence[str], targets: Sequence[str]) -> None:
        if not sources or len(sources) != len(targets):
            raise ValueError(
                _("A memory needs texts and a translation of each: there are {n} texts and {m} translations.").format(
                    n=len(sources), m=len(targets)
                )
            )
        self.targets = tuple(targets)
        self.pairs = [character_pairs(source) for source in sources]

    def __call__(self, texts: Sequence[Text]) -> list[Answer]:
        return [self._nearest(character_pairs(text.text)) for text in texts]

    def _nearest(self, wanted: frozenset[str]) -> Answer:
        similar = [2 * len(wanted & pairs) / max(len(wanted) + len(pairs), 1) for pairs in self.pairs]
        best = max(range(len(similar)), key=similar.__getitem__)
        return Answer(self.targets[best], similar[best])


@functools.cache
def _memory(_held_out: frozenset[str]) -> System:
    found = korean_english()
    training = found.task.train
    return TranslationMemory(
        [found.join(one.source) for one in training], [found.join(one.targets[0]) for one in training]
    )


@functools.cache
def _transformer(_held_out: frozenset[str]) -> System:
    found = korean_english()
    model: Any = trained.load(f"sentences/{DIRECTION}-transformer")

    def answer(text: Text) -> Answer:
        symbols = found.tokenize(text.text)
        limits = {"eos_id": Vocabulary.eos_id, "max_length": found.task.max_length}
        best = beam_search(model, found.task.sources([symbols]), beam_size=BEAM_SIZE, **limits)[0][0]
        return Answer(found.join(found.task.target.decode(best.tokens)), best.token_probability)

    return each(answer)
