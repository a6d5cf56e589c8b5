"""Widgets of the lesson on DPO."""
