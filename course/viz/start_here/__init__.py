"""Figures and widgets of the first lesson."""
