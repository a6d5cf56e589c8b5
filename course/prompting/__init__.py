"""Prompting: what a model is asked, which examples it sees first, and how probable it finds each answer."""

from course.prompting.calibration import CONTENT_FREE, answer_probabilities, calibrate, calibrated_probabilities
from course.prompting.constrained import ConstrainedAnswer, constrained_answer, token_trie
from course.prompting.scoring import Per, answer_scores, encode_pair
from course.prompting.self_consistency import Vote, majority_vote
from course.prompting.shared_prefix import Continuation, continuation_scores, shared_length
from course.prompting.shots import apart, balanced_shots, nearest_shots, random_shots, text_embeddings
from course.prompting.template import Part, Prompt, PromptTemplate, Shot

__all__ = [
    "CONTENT_FREE",
    "ConstrainedAnswer",
    "Continuation",
    "Part",
    "Per",
    "Prompt",
    "PromptTemplate",
    "Shot",
    "Vote",
    "answer_probabilities",
    "answer_scores",
    "apart",
    "balanced_shots",
    "calibrate",
    "calibrated_probabilities",
    "constrained_answer",
    "continuation_scores",
    "encode_pair",
    "majority_vote",
    "nearest_shots",
    "random_shots",
    "shared_length",
    "text_embeddings",
    "token_trie",
]
