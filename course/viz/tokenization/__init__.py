"""Widgets of the lesson on tokenization."""
