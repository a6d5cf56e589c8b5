"""Widgets of the lesson on RLHF."""
