"""Widgets and figures of the lesson on instruction tuning."""
