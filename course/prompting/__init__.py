"""Prompting: what a model is asked, which examples it sees first, and how probable it finds each answer."""

from course.prompting.calibration import CONTENT_FREE, answer_probabilities, calibrate, calibrated_probabilities
from course.prompting.scoring import Per, answer_scores, encode_pair
from course.prompting.shared_prefix import Continuation, continuation_scores, shared_length
from course.prompting.shots import apart, balanced_shots, nearest_shots, random_shots, text_embeddings
from course.prompting.template import Part, Prompt, PromptTemplate, Shot

__all__ = [
    "CONTENT_FREE",
    "Continuation",
    "Part",
    "Per",
    "Prompt",
    "PromptTemplate",
    "Shot",
    "answer_probabilities",
    "answer_scores",
    "apart",
    "balanced_shots",
    "calibrate",
    "calibrated_probabilities",
    "continuation_scores",
    "encode_pair",
    "nearest_shots",
    "random_shots",
    "shared_length",
    "text_embeddings",
]
