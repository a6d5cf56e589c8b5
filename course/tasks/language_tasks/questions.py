"""A question and a passage that has the answer: SmolLM2 by a prompt, measured by exact match and F1 of words."""

import functools
import re

from course.data import SpokenQuestion, spoken_questions
from course.data.overlap import disjoint
from course.data.splits import draw
from course.evaluation import normalized_answer
from course.messages import _
from course.tasks.language_tasks.measures import MEASURES
from course.tasks.language_tasks.prompts import asking
from course.tasks.language_tasks.summary import sentences
from course.tasks.language_tasks.task import Answer, Item, LanguageTask, Text, each, one_fold
from course.tasks.prompted import first_name

N_TEST, LONGEST = 100, 24
N_READ, N_TRIED = 100, 40  # questions on which wordings were read and tried before the test was drawn
RUN = re.compile(r"(?:[A-Z0-9][\w'’.,-]*)(?:\s+(?:(?:of|the|and|de|van|von)\s+(?=[A-Z]))?[A-Z0-9][\w'’.,-]*)*")
WORDINGS = (
    "Passage: The lake was made in 1932 , when engineers dammed the river Tarn to bring water to the mills of Albi .\n"
    "Question: Why was the river no wait when was the lake made ?\nAnswer: 1932\n\n"
    "Passage: Most bees live alone . Only honey bees , which farmers keep for wax , store food for the whole winter .\n"
    "Question: What do wasps I mean honey bees store for the winter ?\nAnswer: food\n\n"
    "Passage: {text}\nQuestion: {question}\nAnswer:",
    "{text}\n\nQuestion: {question}\nAnswer with a few words of the text above, and nothing else.",
    "{text}\n\nQuestion: {question}\nShort answer:",
)


@functools.cache
def answering() -> LanguageTask:
    """The task, on questions of Disfl-QA that no wording was tried on. Raises `AssetError` without them."""
    items = tuple(Item(Text(one.passage, one.question), one.answer, one.passage) for one in _test_questions())
    systems = {
        "trivial": lambda _held_out: each(lambda text: Answer(first_name(text.text))),
        "simple": lambda _held_out: each(_nearest_run),
        "model": lambda _held_out: asking(WORDINGS[0], longest=LONGEST),
    }
    return LanguageTask(
        "questions",
        _("Question answering"),
        items,
        MEASURES["questions"],
        systems,
        one_fold(items),
        WORDINGS,
        longest=LONGEST,
    )


def _test_questions() -> list[SpokenQuestion]:
    """Questions that no wording of the prompt was tried on, about other passages than those.

    The first wording took the place of another one after a first test set had been answered, so the test was drawn
    again: without these questions, and without those by which the wording was then chosen.
    """
    questions = spoken_questions()
    read = {one.passage for one in draw(questions, N_READ)}
    rest = [one for one in questions if one.passage not in read]
    tried = {one.passage for one in draw(rest, N_TRIED)}
    unseen = [one for one in rest if one.passage not in tried]
    _tried, (test,) = disjoint(
        [one for one in questions if one.passage in read | tried],
        draw(unseen, N_TEST, seed=1),
        text=lambda one: one.passage,
        names=("tried", "test"),
    )
    return test


def _nearest_run(text: Text) -> Answer:
    """Of the sentence with the most words of the question, the longest run of capitals and numbers that it lacks."""
    asked = set(normalized_answer(text.question).split())
    found = sentences(text.text)
    best = max(found, key=lambda sentence: len(asked & set(normalized_answer(sentence).split())), default="")
    runs = [run.strip(" .,") for run in RUN.findall(best)]
    new = [run for run in runs if not set(normalized_answer(run).split()) & asked]
    return Answer(max(new, key=len, default=first_name(best)))
