"""Widgets and figures of the lesson on fine-tuning."""
