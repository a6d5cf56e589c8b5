"""Measures of models, and how sure they are: what classifiers get right, how far their probabilities can be trusted."""

from course.evaluation.calibration import Reliability, expected_calibration_error, reliability
from course.evaluation.classification import ConfusionMatrix, UndefinedScoreWarning, confusion_matrix
from course.evaluation.ranking import PrecisionRecallCurve, average_precision, precision_recall_curve
from course.evaluation.repetition import repeated_ngrams
from course.evaluation.retrieval import hit_at, ndcg_at, recall_at, reciprocal_rank
from course.evaluation.rouge import Rouge, rouge, rouge_l
from course.evaluation.short_answers import exact_answer, normalized_answer, word_f1
from course.evaluation.spans import Span, SpanScores, named_spans, span_scores
from course.evaluation.spread import Spread, three_digits
from course.evaluation.thresholds import Scored, Threshold, choose_threshold

__all__ = [
    "ConfusionMatrix",
    "PrecisionRecallCurve",
    "Reliability",
    "Rouge",
    "Scored",
    "Span",
    "SpanScores",
    "Spread",
    "Threshold",
    "UndefinedScoreWarning",
    "average_precision",
    "choose_threshold",
    "confusion_matrix",
    "exact_answer",
    "expected_calibration_error",
    "hit_at",
    "named_spans",
    "ndcg_at",
    "normalized_answer",
    "precision_recall_curve",
    "recall_at",
    "reciprocal_rank",
    "reliability",
    "repeated_ngrams",
    "rouge",
    "rouge_l",
    "span_scores",
    "three_digits",
    "word_f1",
]
