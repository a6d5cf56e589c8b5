"""Figures as pure functions: numbers and texts in, a matplotlib `Figure` out."""

from course.viz.figures.attention_lines import attention_heads, attention_lines, shade_hidden
from course.viz.figures.bars import count_bars, next_token_bars, tokens_per_character, vocabulary_overlap
from course.viz.figures.curves import curves, merge_curve, typo_curve
from course.viz.figures.decoding import read_off_curves, state_strips
from course.viz.figures.heads import head_grid
from course.viz.figures.heatmaps import attention_heatmap, attention_heatmaps
from course.viz.figures.layout import stacked
from course.viz.figures.lesson_map import lesson_map
from course.viz.figures.steps import attention_steps_figure
from course.viz.figures.strips import token_strip_figure
from course.viz.figures.waves import distance_panels, loss_by_position, two_arrows, wave_matrix

__all__ = [
    "attention_heads",
    "attention_heatmap",
    "attention_heatmaps",
    "attention_lines",
    "attention_steps_figure",
    "count_bars",
    "curves",
    "distance_panels",
    "head_grid",
    "lesson_map",
    "loss_by_position",
    "merge_curve",
    "next_token_bars",
    "read_off_curves",
    "shade_hidden",
    "stacked",
    "state_strips",
    "token_strip_figure",
    "tokens_per_character",
    "two_arrows",
    "typo_curve",
    "vocabulary_overlap",
    "wave_matrix",
]
