"""BERT: the encoder that reads a text from both sides, and the objectives that it can be pre-trained by."""

from course.bert.corruption import choose, choose_spans, choose_words, mask_80_10_10, shuffle_words, substitute
from course.bert.detection_objectives import RandomTokenSubstitution, ReplacedTokenDetection, ShuffledTokenDetection
from course.bert.heads import DetectionHead, MaskedLanguageModel, MaskedLMHead, PairHead, SpanBoundaryHead
from course.bert.inputs import IGNORED, Corrupted, CorruptedRow, Inputs, Pieces, Segments, TokenRow, one_sided
from course.bert.masked_objectives import MaskedLM, SpanBoundary, TranslationLM
from course.bert.model import Bert, BertConfig, encode_batch, mean_states, sentence_embeddings
from course.bert.objective import Objective
from course.bert.pair_objectives import MaskedPairs, NextSentence, SentenceOrder
from course.bert.segments import segment_pairs, sentence_ids, split_sentences

__all__ = [
    "IGNORED",
    "Bert",
    "BertConfig",
    "Corrupted",
    "CorruptedRow",
    "DetectionHead",
    "Inputs",
    "MaskedLM",
    "MaskedLMHead",
    "MaskedLanguageModel",
    "MaskedPairs",
    "NextSentence",
    "Objective",
    "PairHead",
    "Pieces",
    "RandomTokenSubstitution",
    "ReplacedTokenDetection",
    "Segments",
    "SentenceOrder",
    "ShuffledTokenDetection",
    "SpanBoundary",
    "SpanBoundaryHead",
    "TokenRow",
    "TranslationLM",
    "choose",
    "choose_spans",
    "choose_words",
    "encode_batch",
    "mask_80_10_10",
    "mean_states",
    "one_sided",
    "segment_pairs",
    "sentence_embeddings",
    "sentence_ids",
    "shuffle_words",
    "split_sentences",
    "substitute",
]
