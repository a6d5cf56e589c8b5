"""A call against a catalog that may have been edited, and then the call itself, as far as it is let through."""

from collections.abc import Sequence

from course.messages import _
from course.tools import Call, CallError, Catalog, parse_calls
from course.tools.execution import ArgumentError, Layer, Refusal, Result, Toolbox, require_arguments, run_text
from course.tools.execution.run import MOST_CALLS


def checked(text: str, catalog: Catalog) -> list[Result]:
    """For each call of the text, without running it: a refusal, or neither that nor a value. No call is a refusal."""
    try:
        calls = parse_calls(text, catalog)
    except CallError as error:
        return [Result(None, refusal=Refusal(Layer.PARSING, str(error)))]
    if len(calls) > MOST_CALLS:
        reason = _("The text has {count} calls, and at most {limit} are run.")
        return [Result(None, refusal=Refusal(Layer.LIMITS, reason.format(count=len(calls), limit=MOST_CALLS)))]
    if not calls:
        return [Result(None, refusal=Refusal(Layer.PARSING, _("The list has no call in it.")))]
    return [Result(call, refusal=_objection(call, catalog)) for call in calls]


def _objection(call: Call, catalog: Catalog) -> Refusal | None:
    function = catalog.get(call.name)
    if function is None:
        known = ", ".join(catalog.names) or _("none")
        reason = _("The catalog has no function {name}. It has: {known}.").format(name=call.name, known=known)
        return Refusal(Layer.TABLE, reason)
    try:
        require_arguments(call, function)
    except ArgumentError as error:
        return Refusal(Layer.ARGUMENTS, str(error))
    return None


def run(checks: Sequence[Result], catalog: Catalog, toolbox: Toolbox) -> list[Result]:
    """Run what the catalog lets through, with the tools of the toolbox that the catalog describes, and no others."""
    allowed = Toolbox(tool for tool in toolbox if tool.function.name in catalog)
    return [one if one.refusal or one.call is None else _run(one.call, allowed) for one in checks]


def _run(call: Call, allowed: Toolbox) -> Result:
    if call.name not in allowed:
        reason = _("The catalog describes {name}, and there is no program of this name to run.")
        return Result(call, refusal=Refusal(Layer.TABLE, reason.format(name=call.name)))
    [result] = run_text(str(call), allowed)
    return result
