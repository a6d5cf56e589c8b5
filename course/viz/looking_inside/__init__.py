"""Widgets and figures of the lesson that looks inside models."""
