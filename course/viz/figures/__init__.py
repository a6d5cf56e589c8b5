"""Figures as pure functions: numbers and texts in, a matplotlib `Figure` out."""

from course.viz.figures.bars import count_bars, next_token_bars, tokens_per_character, vocabulary_overlap
from course.viz.figures.curves import curves, merge_curve, typo_curve
from course.viz.figures.heads import head_grid
from course.viz.figures.heatmaps import attention_heatmap, attention_heatmaps

__all__ = [
    "attention_heatmap",
    "attention_heatmaps",
    "count_bars",
    "curves",
    "head_grid",
    "merge_curve",
    "next_token_bars",
    "tokens_per_character",
    "typo_curve",
    "vocabulary_overlap",
]
