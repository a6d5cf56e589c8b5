"""Figures and widgets of the lesson on attention."""
