"""Compression: small models that learn from a large one, and models with fewer bits and fewer weights."""

from course.compression.controls import (
    shuffle_texts,
    shuffle_wrong_classes,
    smoothing_of_entropy,
    smoothing_teacher,
)
from course.compression.distillation import DistillationLoss, distillation_loss, logit_matching_loss, teacher_logits
from course.compression.soft_targets import centred, entropy, log_soft_targets, soft_targets
from course.compression.step_by_step import (
    PREFIXES,
    Reasoned,
    StepByStepLoss,
    TwoTasks,
    answer_after,
    chain_batch,
    encode_output,
    other_rationales,
    prefixed,
    two_tasks,
)
from course.compression.transfer import SideBySide, TransferSet, distill, side_by_side

__all__ = [
    "PREFIXES",
    "DistillationLoss",
    "Reasoned",
    "SideBySide",
    "StepByStepLoss",
    "TransferSet",
    "TwoTasks",
    "answer_after",
    "centred",
    "chain_batch",
    "distill",
    "distillation_loss",
    "encode_output",
    "entropy",
    "log_soft_targets",
    "logit_matching_loss",
    "other_rationales",
    "prefixed",
    "shuffle_texts",
    "shuffle_wrong_classes",
    "side_by_side",
    "smoothing_of_entropy",
    "smoothing_teacher",
    "soft_targets",
    "teacher_logits",
    "two_tasks",
]
