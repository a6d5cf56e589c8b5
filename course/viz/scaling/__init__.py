"""Figures and the widget of the lesson on scaling laws."""
