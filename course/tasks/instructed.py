"""Tasks that an instruction states, on real texts: 18 to tune a model on, and 6 of other clusters to test it on.

Each has an input, an answer and four wordings of its instruction, in `instructed_wordings.toml`. No cluster, a group of
tasks of one kind, has tasks on both sides: a task that is held out is none that a tuned model has seen under another
name.

Source: Wei et al. 2022, "Finetuned Language Models Are Zero-Shot Learners", section 2.1.
"""

import functools
import random
import tomllib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from course.data.overlap import disjoint
from course.data.splits import Role
from course.evaluation import rouge, word_f1
from course.layers.sizes import require_whole
from course.messages import _
from course.tasks import instructed_texts as texts
from course.tasks import instructed_words as words
from course.tasks.instructed_baselines import Baseline, first_option, lead_words, most_frequent, same_as_input, subject
from course.tasks.instructed_examples import InstructedExample

N_TRAINING, N_VALIDATION, N_TEST = 2000, 96, 96  # of each task; both divide by 2, 3, 4 and 6 classes
N_WORDINGS = 4
WORDINGS = Path(__file__).with_name("instructed_wordings.toml")
MIXES = (2, 6, 12, 18)  # how many tasks are trained on; a smaller set is inside a larger one

Measure = Callable[[str, str], float]


def same_text(answer: str, right: str) -> float:
    """1 where the answer is the right one, sign by sign; white space around it does not count."""
    return float(answer.strip() == right.strip())


def rouge_l(answer: str, right: str) -> float:
    return rouge(answer, right).rouge_l


class Kind(NamedTuple):
    """What a task is made by and measured by; its name and its cluster are in `KINDS`."""

    cluster: str
    examples: Callable[[Role, int, int], list[InstructedExample]]
    baseline: Baseline = most_frequent
    measure: Measure = same_text


KINDS: Mapping[str, Kind] = {
    "review_sentiment": Kind("opinion", texts.review_sentiment),
    "recommendation": Kind("opinion", texts.recommendation),
    "text_kind": Kind("source", texts.text_kind),
    "century": Kind("source", texts.century),
    "topic": Kind("topic", texts.topic),
    "about_person": Kind("topic", texts.about_person),
    "next_sentence": Kind("coherence", texts.next_sentence),
    "missing_word": Kind("coherence", texts.missing_word, first_option),
    "letter_count": Kind("letters", words.letter_count),
    "first_letter": Kind("letters", words.first_letter),
    "last_letter": Kind("letters", words.last_letter),
    "spell": Kind("letters", words.spell),
    "first_words": Kind("words", words.first_words),
    "last_word": Kind("words", words.last_word),
    "reverse_words": Kind("words", words.reverse_words, same_as_input),
    "word_count": Kind("words", words.word_count),
    "date_numbers": Kind("dates", words.date_numbers),
    "earlier_date": Kind("dates", words.earlier_date, first_option),
    "description": Kind("summary", texts.description, lead_words, rouge_l),
    "title": Kind("summary", texts.title, subject, word_f1),
    "description_choice": Kind("summary", texts.description_choice, first_option),
    "question_fits": Kind("reading", texts.question_fits),
    "yes_no_question": Kind("reading", texts.yes_no_question),
    "syllable_count": Kind("sound", words.syllable_count),
}
HELD_OUT_CLUSTERS = ("summary", "reading", "sound")
HELD_OUT = tuple(name for name, kind in KINDS.items() if kind.cluster in HELD_OUT_CLUSTERS)
TRAINED = tuple(name for name in KINDS if name not in HELD_OUT)


@dataclass(frozen=True)
class InstructedTask:
    """A task: its wordings, its examples, and how an answer is measured, from 0 to 1.

    `wordings` are those to train with and `unseen` is one that no training has; both can be read in a test.
    """

    name: str
    cluster: str
    wordings: tuple[str, ...]
    unseen: str
    training: tuple[InstructedExample, ...]
    validation: tuple[InstructedExample, ...]
    test: tuple[InstructedExample, ...]
    measure: Measure
    make_baseline: Baseline

    @property
    def has_choices(self) -> bool:
        """Whether an answer is one of a few; otherwise it is free text."""
        return bool(self.test[0].choices)

    def baseline(self, example: InstructedExample) -> str:
        """The answer of a rule that knows no more than the answers of the training examples."""
        return self.make_baseline([one.answer for one in self.training], example)


@functools.cache
def wordings() -> Mapping[str, tuple[str, ...]]:
    """The instructions of each task, by its name."""
    with WORDINGS.open("rb") as file:
        return {name: tuple(of_task) for name, of_task in tomllib.load(file).items()}


@functools.cache
def instructed_tasks() -> Mapping[str, InstructedTask]:
    """All 24 tasks by name; that no text of a test is in a training of any of them has been checked.

    Raises `AssetError` when their texts cannot be fetched.
    """
    found = {name: _task(name, kind) for name, kind in KINDS.items()}
    require_apart(list(found.values()))
    return found


def _task(name: str, kind: Kind) -> InstructedTask:
    def of(role: Role, n: int) -> tuple[InstructedExample, ...]:
        return tuple(kind.examples(role, n, zlib.crc32(f"{name} {role}".encode())))

    *seen, unseen = wordings()[name]
    sets = of("training", N_TRAINING), of("validation", N_VALIDATION), of("test", N_TEST)
    return InstructedTask(name, kind.cluster, tuple(seen), unseen, *sets, kind.measure, kind.baseline)


def require_apart(tasks: Sequence[InstructedTask]) -> None:
    """Raises `ValueError` where a text of a test or of validation is one of a training, of whichever task."""
    sets = ([one for task in tasks for one in getattr(task, role)] for role in ("training", "validation", "test"))
    disjoint(*sets, text=lambda one: one.texts, names=("training", "validation", "test"))


def task_order(seed: int) -> tuple[str, ...]:
    """The tasks to train on, in an order that this seed draws: a mix of `n` tasks has the first `n`."""
    require_whole(seed, "seed", least=0)
    order = list(TRAINED)
    random.Random(seed).shuffle(order)
    return tuple(order)


def mix(n: int, seed: int) -> tuple[str, ...]:
    """The names of `n` tasks to train on, inside those of every larger mix. Raises `ValueError` for too many."""
    require_whole(n, "n")
    if n > len(TRAINED):
        raise ValueError(
            _("A mix of {n} tasks is more than the {limit} that are trained on: the others are held out.").format(
                n=n, limit=len(TRAINED)
            )
        )
    return task_order(seed)[:n]


def stated(instruction: str, text: str) -> str:
    """What a user says: the instruction, a blank line, and the input; the input alone without an instruction."""
    return f"{instruction}\n\n{text}" if instruction else text
