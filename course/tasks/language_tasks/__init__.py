"""The five tasks of lesson 01 behind one interface: a task has test items, measures, systems and prompts."""

from course.tasks.language_tasks import results
from course.tasks.language_tasks.classification import classification
from course.tasks.language_tasks.marks import Mark, marks
from course.tasks.language_tasks.measures import MEASURES
from course.tasks.language_tasks.names import NameTagger, names, words_of
from course.tasks.language_tasks.prompts import prompted
from course.tasks.language_tasks.questions import answering
from course.tasks.language_tasks.summary import summarizing
from course.tasks.language_tasks.task import LEVELS, Answer, Item, LanguageTask, System, Text
from course.tasks.language_tasks.translation import translating

TASKS = {
    "classification": classification,
    "names": names,
    "translation": translating,
    "summary": summarizing,
    "questions": answering,
}

__all__ = [
    "LEVELS",
    "MEASURES",
    "TASKS",
    "Answer",
    "Item",
    "LanguageTask",
    "Mark",
    "NameTagger",
    "System",
    "Text",
    "answering",
    "classification",
    "marks",
    "names",
    "prompted",
    "results",
    "summarizing",
    "translating",
    "words_of",
]
