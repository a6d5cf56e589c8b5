"""Tasks on data by others, made once in a process: checking that their sets have no text in common takes seconds."""

import functools

from course.tasks import pronunciation_task, translation

pronunciation = functools.cache(pronunciation_task)
sentences = functools.cache(translation)
