"""Widgets of the lesson on the Transformer."""
