"""Widgets and figures of the lesson on prompting."""
