"""Running the calls that a language model writes: a table of functions, checked arguments, limits, a child process."""

from course.tools.execution.arguments import require_arguments
from course.tools.execution.process import Answer, call_in_child
from course.tools.execution.run import Layer, Refusal, Result, run_call, run_text
from course.tools.execution.sizes import ArgumentError, require_small
from course.tools.execution.toolbox import Tool, Toolbox

__all__ = [
    "Answer",
    "ArgumentError",
    "Layer",
    "Refusal",
    "Result",
    "Tool",
    "Toolbox",
    "call_in_child",
    "require_arguments",
    "require_small",
    "run_call",
    "run_text",
]
