"""Measures of models, and how sure they are: what classifiers get right, how far their probabilities can be trusted.

Without PyTorch, so that it is imported fast; `course.evaluation.perplexity`, which runs a model, is not re-exported.
"""

from course.evaluation.agreement import cohen_kappa
from course.evaluation.baselines import choice_accuracy, guessing_accuracy, majority_class
from course.evaluation.bleu import Bleu, bleu_measure, corpus_bleu, sentence_bleu
from course.evaluation.calibration import Reliability, expected_calibration_error, reliability
from course.evaluation.chrf import Chrf, chrf_measure, corpus_chrf, sentence_chrf
from course.evaluation.classification import ConfusionMatrix, UndefinedScoreWarning, confusion_matrix
from course.evaluation.correlation import average_ranks, matthews, pearson, spearman
from course.evaluation.ranking import PrecisionRecallCurve, average_precision, precision_recall_curve
from course.evaluation.repetition import repeated_ngrams
from course.evaluation.retrieval import hit_at, ndcg_at, recall_at, reciprocal_rank
from course.evaluation.rouge import Rouge, rouge, rouge_l
from course.evaluation.short_answers import exact_answer, normalized_answer, word_f1
from course.evaluation.spans import Span, SpanScores, named_spans, span_f1_measure, span_scores
from course.evaluation.spread import Spread, three_digits
from course.evaluation.summed import (
    SummedMeasure,
    accuracy_measure,
    calibration_measure,
    error_rate_measure,
    exact_measure,
    f1_measure,
    matthews_measure,
    mean_measure,
    pearson_measure,
)
from course.evaluation.thresholds import Scored, Threshold, choose_threshold
from course.evaluation.words_13a import words_13a

__all__ = [
    "Bleu",
    "Chrf",
    "ConfusionMatrix",
    "PrecisionRecallCurve",
    "Reliability",
    "Rouge",
    "Scored",
    "Span",
    "SpanScores",
    "Spread",
    "SummedMeasure",
    "Threshold",
    "UndefinedScoreWarning",
    "accuracy_measure",
    "average_precision",
    "average_ranks",
    "bleu_measure",
    "calibration_measure",
    "choice_accuracy",
    "choose_threshold",
    "chrf_measure",
    "cohen_kappa",
    "confusion_matrix",
    "corpus_bleu",
    "corpus_chrf",
    "error_rate_measure",
    "exact_answer",
    "exact_measure",
    "expected_calibration_error",
    "f1_measure",
    "guessing_accuracy",
    "hit_at",
    "majority_class",
    "matthews",
    "matthews_measure",
    "mean_measure",
    "named_spans",
    "ndcg_at",
    "normalized_answer",
    "pearson",
    "pearson_measure",
    "precision_recall_curve",
    "recall_at",
    "reciprocal_rank",
    "reliability",
    "repeated_ngrams",
    "rouge",
    "rouge_l",
    "sentence_bleu",
    "sentence_chrf",
    "span_f1_measure",
    "span_scores",
    "spearman",
    "three_digits",
    "word_f1",
    "words_13a",
]
