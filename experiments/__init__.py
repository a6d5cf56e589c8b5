"""The trainings that take longer than a lesson. Each file is a command; what it leaves is read by `course.trained`."""
