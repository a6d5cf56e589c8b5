"""Figures as pure functions: numbers and texts in, a matplotlib `Figure` or an `Interactive` out."""

from course.viz.figures.answer_bars import answer_bars
from course.viz.figures.bars import count_bars, next_token_bars, tokens_per_character
from course.viz.figures.curves import curves, merge_curve
from course.viz.figures.embedding_3d import embedding_3d
from course.viz.figures.embedding_map import embedding_map
from course.viz.figures.frontier import frontier
from course.viz.figures.heads import head_grid
from course.viz.figures.heatmaps import attention_heatmap, attention_heatmaps
from course.viz.figures.hover_curves import hover_curves, typo_curve
from course.viz.figures.leaderboard import leaderboard
from course.viz.figures.log_ratio_history import log_ratio_history
from course.viz.figures.reliability import reliability_diagram
from course.viz.figures.reward_frontier import reward_frontier

__all__ = [
    "answer_bars",
    "attention_heatmap",
    "attention_heatmaps",
    "count_bars",
    "curves",
    "embedding_3d",
    "embedding_map",
    "frontier",
    "head_grid",
    "hover_curves",
    "leaderboard",
    "log_ratio_history",
    "merge_curve",
    "next_token_bars",
    "reliability_diagram",
    "reward_frontier",
    "tokens_per_character",
    "typo_curve",
]
