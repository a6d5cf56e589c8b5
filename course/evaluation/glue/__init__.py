"""GLUE: what its nine tasks measure, the score that is their mean, and the file of predictions that the site takes."""

from course.evaluation.glue.constant_guess import ConstantGuess, constant_guess
from course.evaluation.glue.metrics import METRICS, glue_metrics
from course.evaluation.glue.scores import GlueScore, TaskScore, glue_score, mean_of_tasks, score_task
from course.evaluation.glue.submission import check_submission, write_submission, written_predictions
from course.evaluation.glue.wording import prefixed_text, separated_text, written_label

__all__ = [
    "METRICS",
    "ConstantGuess",
    "GlueScore",
    "TaskScore",
    "check_submission",
    "constant_guess",
    "glue_metrics",
    "glue_score",
    "mean_of_tasks",
    "prefixed_text",
    "score_task",
    "separated_text",
    "write_submission",
    "written_label",
    "written_predictions",
]
