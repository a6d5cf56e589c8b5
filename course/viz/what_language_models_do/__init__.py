"""Figures and the widget of the lesson on what language models do."""
