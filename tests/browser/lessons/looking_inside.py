"""Lesson 20 has figures and tables, and no widget."""


def use_widgets(lab):
    """Nothing to operate."""
