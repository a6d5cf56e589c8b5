"""Checks, hints and solutions of the lessons' exercises, and the questions between their cells.

    check("attention.attend", attend)   # the last line of an exercise's cell
    hint("attention.attend")            # the first hint; hint("attention.attend", 2) for the second
    solution("attention.attend")        # after an attempt, or when asked twice
    yours("attention.attend", attend)   # your function once it passes, ours before: for the cells that use it
    ask("attention.hidden_key")         # a question, answered by a click
    yours("attention.attend", attend)   # your function once it passes, ours before: for the cells that use it

A lesson's exercises are the tuple `EXERCISES` in the module (or package) that bears the lesson's name, for example
`course.exercises.start_here`.
"""

from course.exercises.checking import check
from course.exercises.display import Result, hint, solution
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.questions import Question, ask
from course.exercises.yours import yours

__all__ = ["Corner", "Exercise", "Mistake", "Question", "Result", "ask", "check", "hint", "solution", "yours"]
