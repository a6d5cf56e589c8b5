"""The tasks that lessons 03, 04 and 06 share: their data, training on them, judging a model by them."""

from course.tasks.dates import date_task
from course.tasks.evaluation import (
    Outcome,
    compare,
    edit_distance,
    error_rate,
    error_rate_standard_error,
    evaluate,
    exact_match,
    write,
)
from course.tasks.fitting import fit
from course.tasks.pronunciation import pronunciation_task, without_stress
from course.tasks.sentences import Translation, translation
from course.tasks.task import Batch, Example, Task
from course.tasks.vocabulary import Vocabulary

__all__ = [
    "Batch",
    "Example",
    "Outcome",
    "Task",
    "Translation",
    "Vocabulary",
    "compare",
    "date_task",
    "edit_distance",
    "error_rate",
    "error_rate_standard_error",
    "evaluate",
    "exact_match",
    "fit",
    "pronunciation_task",
    "translation",
    "without_stress",
    "write",
]
