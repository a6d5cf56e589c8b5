"""Scaling laws: what a model's loss owes to its size, its data and the operations spent, fitted and extrapolated."""

from course.scaling.counting import COUNTINGS, ParameterCounts, TokenFlops, count, flops_per_token, six_n

__all__ = ["COUNTINGS", "ParameterCounts", "TokenFlops", "count", "flops_per_token", "six_n"]
