"""Trainings that take longer than a lesson. Each file is a command; `course.trained` reads the records and weights."""
