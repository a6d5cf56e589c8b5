"""Training: one loop for every lesson, its batches, schedules, losses and checkpoints."""

from course.training.accumulation import TokenMean
from course.training.batches import Batches, GeneratedBatches, ShuffledBatches, pad_rows
from course.training.loop import History, train
from course.training.losses import label_smoothed_loss
from course.training.optimizers import adamw
from course.training.packing import PackedBatches
from course.training.schedules import linear_schedule, warmup

__all__ = [
    "Batches",
    "GeneratedBatches",
    "History",
    "PackedBatches",
    "ShuffledBatches",
    "TokenMean",
    "adamw",
    "label_smoothed_loss",
    "linear_schedule",
    "pad_rows",
    "train",
    "warmup",
]
