"""Fine-tuning: a pretrained model, a head on it, and one recipe for sentences, pairs of texts and single words."""

from course.fine_tuning.baseline import LinearClassifier, LinearConfig, TfidfFeatures
from course.fine_tuning.heads import (
    AnyClassifier,
    Classifier,
    DecoderClassifier,
    Pooling,
    SentenceClassifier,
    SentenceConfig,
    TokenClassifier,
    train_only,
    trained_parameters,
)
from course.fine_tuning.inputs import Inputs, Row, pad_inputs, pair_row, prompt_row, text_row, words_row
from course.fine_tuning.predictions import features, predict_labels, predict_logits
from course.fine_tuning.recipe import Recipe, fine_tune, parameter_groups
from course.fine_tuning.sets import LabelledTexts, nested_subsets
from course.fine_tuning.stopping import EarlyStopping
from course.fine_tuning.wording import WordClassifier

__all__ = [
    "AnyClassifier",
    "Classifier",
    "DecoderClassifier",
    "EarlyStopping",
    "Inputs",
    "LabelledTexts",
    "LinearClassifier",
    "LinearConfig",
    "Pooling",
    "Recipe",
    "Row",
    "SentenceClassifier",
    "SentenceConfig",
    "TfidfFeatures",
    "TokenClassifier",
    "WordClassifier",
    "features",
    "fine_tune",
    "nested_subsets",
    "pad_inputs",
    "pair_row",
    "parameter_groups",
    "predict_labels",
    "predict_logits",
    "prompt_row",
    "text_row",
    "train_only",
    "trained_parameters",
    "words_row",
]
