"""Widgets of the lesson on evaluation."""
