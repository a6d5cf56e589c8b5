"""Figures and widgets of the lesson `gpt`."""
