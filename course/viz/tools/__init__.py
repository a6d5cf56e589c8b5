"""Widgets of the lesson on tools."""
