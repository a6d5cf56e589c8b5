"""Widgets and figures of the lesson on parameter-efficient fine-tuning."""
