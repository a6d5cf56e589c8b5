"""The attention of any model on one's own text."""
