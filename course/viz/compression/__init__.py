"""Widgets of lesson 18: what a teacher says of a text, and what rounding does to a layer."""
