"""Run the call that a model wrote: through the table, the arguments' checks and the limits, to a text or a reason."""

import time
from dataclasses import dataclass
from enum import Enum

from course.messages import _
from course.tools.call import Call, CallError, parse_calls
from course.tools.execution.arguments import require_arguments
from course.tools.execution.process import Answer, call_in_child
from course.tools.execution.sizes import ArgumentError
from course.tools.execution.toolbox import Tool, Toolbox

MOST_CALLS = 8  # in one text
LONGEST_REASON = 300  # characters of what a function says about its error


class Layer(Enum):
    """Where a call was refused, in the order in which it meets them. `FUNCTION` is the function's own objection."""

    PARSING = "parsing"
    TABLE = "table"
    ARGUMENTS = "arguments"
    FUNCTION = "function"
    LIMITS = "limits"


@dataclass(frozen=True)
class Refusal:
    """Why there is no value: the layer that refused, and its reason in one sentence."""

    layer: Layer
    reason: str


@dataclass(frozen=True)
class Result:
    """What became of a call: either a `value` as text, or a `refusal`. `seconds` is how long the function ran.

    Where the value was longer than the limit, `note` says so. A text that is no call has `call` None.
    """

    call: Call | None
    value: str | None = None
    refusal: Refusal | None = None
    note: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.refusal is not None:
            return self.refusal.reason
        return f"{self.value}\n{self.note}" if self.note else f"{self.value}"


def run_call(
    call: Call, toolbox: Toolbox, *, seconds: float = 2.0, memory_mb: int = 256, output_characters: int = 2000
) -> Result:
    """What the call's function answers, as text, or why it was refused. Never raises for what the call holds.

    An isolated tool runs in a child process, which is killed with its own children after `seconds`, or when it takes
    more than `memory_mb` megabytes beyond its start (`course.tools.execution.process` says how, and on which systems).
    A text longer than `output_characters` is cut, with a sentence. Errors inside the function are one sentence.
    Raises `ValueError` for limits that are not above 0.
    """
    for name, limit in (("seconds", seconds), ("memory_mb", memory_mb), ("output_characters", output_characters)):
        if not limit > 0:
            raise ValueError(_("{name} is {limit}; give a limit above 0.").format(name=name, limit=limit))
    if call.name not in toolbox:
        return _refused(
            call,
            Layer.TABLE,
            _("There is no function {name}. There are: {known}.").format(
                name=_short(call.name), known=", ".join(tool.function.name for tool in toolbox) or _("none")
            ),
        )
    tool = toolbox[call.name]
    try:
        require_arguments(call, tool.function)
    except ArgumentError as error:
        return _refused(call, Layer.ARGUMENTS, str(error))
    if tool.isolated:
        answer = call_in_child(
            tool.run, call.arguments, seconds=seconds, memory_mb=memory_mb, characters=output_characters
        )
    else:
        answer = _call_here(tool, call, output_characters)
    return _result(call, answer, seconds=seconds, memory_mb=memory_mb)


def run_text(
    text: str, toolbox: Toolbox, *, seconds: float = 2.0, memory_mb: int = 256, output_characters: int = 2000
) -> list[Result]:
    """The results of all calls in a text that a model wrote, in its order. A text that is no call is one refusal.

    A text of more than `MOST_CALLS` calls is refused as a whole. The limits hold for each call, as in `run_call`.
    """
    try:
        calls = parse_calls(text, toolbox.catalog)
    except CallError as error:
        return [_refused(None, Layer.PARSING, str(error))]
    if len(calls) > MOST_CALLS:
        reason = _("The text has {count} calls, and at most {limit} are run.")
        return [_refused(None, Layer.LIMITS, reason.format(count=len(calls), limit=MOST_CALLS))]
    limits = {"seconds": seconds, "memory_mb": memory_mb}
    return [run_call(call, toolbox, output_characters=output_characters, **limits) for call in calls]


def _call_here(tool: Tool, call: Call, characters: int) -> Answer:
    started = time.perf_counter()
    try:
        value = tool.run(**call.arguments)
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        text = reason if isinstance(error, ValueError) else f"{type(error).__name__}: {reason}"
        return Answer("error", text[:characters], len(text), time.perf_counter() - started)
    text = value if isinstance(value, str) else repr(value)
    return Answer("value", text[:characters], len(text), time.perf_counter() - started)


def _result(call: Call, answer: Answer, *, seconds: float, memory_mb: int) -> Result:
    if answer.ended == "value":
        note = ""
        if answer.length > len(answer.text):
            note = _("The answer was cut: these are the first {shown} of its {length} characters.").format(
                shown=len(answer.text), length=answer.length
            )
        return Result(call, answer.text, note=note, seconds=answer.seconds)
    text = answer.text if answer.length <= LONGEST_REASON else f"{answer.text[:LONGEST_REASON]} …"
    layer = Layer.FUNCTION if answer.ended == "error" else Layer.LIMITS
    reasons = {
        "error": _("{name} has no answer: {text}"),
        "memory": _("{name} was ended: it took more than the {memory} MB of memory that a call may take."),
        "time": _("{name} was ended: it ran longer than the {seconds} s that a call may take."),
        "forbidden": _("{name} was ended: it tried what no call may ({text})."),
        "start": _("{name} could not be started in a process of its own. {text}"),
        "crash": _("{name} ended its process without an answer."),
    }
    reason = reasons[answer.ended].format(name=call.name, text=text, memory=memory_mb, seconds=seconds)
    return _refused(call, layer, reason.strip(), answer.seconds)


def _refused(call: Call | None, layer: Layer, reason: str, seconds: float = 0.0) -> Result:
    return Result(call, refusal=Refusal(layer, reason), seconds=seconds)


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:57]}..."
