"""The attention of any model on the learner's own text."""
