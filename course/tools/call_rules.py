"""The rules for a call: its name, and which arguments it has. Each is a function that a tree of verdicts shows by name.

Source: ShishirPatil/gorilla, `ast_checker.py` of bfcl-eval 2026.3.23.
"""

from collections.abc import Mapping, Sequence

from course.data.api_calls import LEFT_OUT, Answer
from course.data.api_functions import Function
from course.messages import _
from course.tools.call import Call
from course.tools.node_verdicts import NOT_GIVEN, Nodes, NodeVerdict
from course.tools.schema import Catalog


def same_count(calls: Sequence[Call], answers: Sequence[Answer]) -> NodeVerdict:
    """There are as many calls as answers."""
    reason = _("Calls needed: {n}.").format(n=len(answers))
    return NodeVerdict("", len(calls), "same_count", len(calls) == len(answers), reason)


def in_catalog(path: str, call: Call, catalog: Catalog) -> Nodes:
    """The function exists. A node where it does not: a hallucination."""
    reason = _("The catalog has no function {name}.").format(name=call.name)
    return [] if call.name in catalog else [NodeVerdict(path, call.name, "in_catalog", False, reason)]


def same_name(call: Call, name: str) -> NodeVerdict:
    """The function that is called is the one that answers."""
    reason = _("The function is {name}.").format(name=name)
    return NodeVerdict("", call.name, "same_name", call.name == name, reason)


def required_given(call: Call, function: Function) -> Nodes:
    """Every required parameter has an argument. A node for each that has none."""
    reason = _("This parameter is required, and the call does not give it.")
    missing = [each.name for each in function.parameters if each.required and each.name not in call.arguments]
    return [NodeVerdict(name, NOT_GIVEN, "required_given", False, reason) for name in missing]


def known_parameter(name: str, value: object, function: Function) -> Nodes:
    """The function has a parameter of this name. A node where it has none."""
    if function.parameter(name):
        return []
    reason = _("{function} has no parameter {name}.").format(function=function.name, name=name)
    return [NodeVerdict(name, value, "known_parameter", False, reason)]


def may_be_left_out(call: Call, function: Function, allowed: Mapping[str, Sequence[object]]) -> Nodes:
    """An optional parameter without an argument is one that the answer lists as left out."""
    required = {parameter.name for parameter in function.parameters if parameter.required}
    reasons = {True: _("It may be left out."), False: _("The question says what this is.")}
    return [
        NodeVerdict(name, NOT_GIVEN, "may_be_left_out", listed, reasons[listed])
        for name, listed in ((name, LEFT_OUT in values) for name, values in allowed.items())
        if name not in call.arguments and name not in required
    ]
