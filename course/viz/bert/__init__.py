"""Widgets and figures of the lesson `bert`: hidden words and their guesses, and one text through every objective."""
