"""Training: one loop for every lesson, its batches, schedules, losses and checkpoints."""

from course.training.batches import Batches, ShuffledBatches, pad_rows
from course.training.loop import History, train
from course.training.losses import label_smoothed_loss
from course.training.schedules import warmup

__all__ = ["Batches", "History", "ShuffledBatches", "label_smoothed_loss", "pad_rows", "train", "warmup"]
