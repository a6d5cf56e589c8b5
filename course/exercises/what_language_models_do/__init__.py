"""The exercises of the lesson `what_language_models_do`, in the order of the lesson."""

from course.exercises.what_language_models_do.answers import ANSWER_F1
from course.exercises.what_language_models_do.characters import CHARACTER_F
from course.exercises.what_language_models_do.entities import NAMED_SPANS
from course.exercises.what_language_models_do.entity_scores import SPAN_F1
from course.exercises.what_language_models_do.majority import MAJORITY_ACCURACY
from course.exercises.what_language_models_do.normalizing import NORMALIZED
from course.exercises.what_language_models_do.overlap import UNIGRAM_OVERLAP

EXERCISES = (
    MAJORITY_ACCURACY,
    NAMED_SPANS,
    SPAN_F1,
    CHARACTER_F,
    UNIGRAM_OVERLAP,
    NORMALIZED,
    ANSWER_F1,
)
