"""Figures and widgets of the lesson on sequence to sequence."""
