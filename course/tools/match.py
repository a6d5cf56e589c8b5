"""Is a call right? Berkeley's rules, a verdict for each node of the call, and one of four outcomes."""

import ast
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from course.data.api_calls import Answer
from course.data.api_functions import Function
from course.messages import _
from course.tools.call import Call, CallError, parse_calls
from course.tools.call_rules import (
    in_catalog,
    known_parameter,
    may_be_left_out,
    required_given,
    same_count,
    same_name,
)
from course.tools.literals import dotted_name
from course.tools.node_verdicts import Nodes, NodeVerdict, n_wrong
from course.tools.schema import Catalog
from course.tools.value_rules import check_value, require_strings


class Outcome(Enum):
    """What became of a request."""

    RIGHT = "right"
    WRONG_CALL = "wrong call"  # of a function that exists
    HALLUCINATED = "hallucinated"  # a function that is not in the catalog
    UNPARSABLE = "unparsable"


class Verdict(NamedTuple):
    """The outcome, and what each rule says of the nodes of the calls. Of a text that is no call there is one node."""

    outcome: Outcome
    nodes: tuple[NodeVerdict, ...]

    @property
    def right(self) -> bool:
        return self.outcome is Outcome.RIGHT


def check_call(
    call: Call, function: Function, allowed: Mapping[str, Sequence[object]], *, strings: str = "exact"
) -> Verdict:
    """Compare a call with the function that answers and the values that are right for each of its parameters.

    The outcome is `RIGHT` or `WRONG_CALL`; whether another function exists only a catalog says (`check_calls`). Raises
    `ValueError` for `strings` that is not one of `STRINGS`.
    """
    require_strings(strings)
    name = same_name(call, function.name)
    nodes = [name, *(_arguments(call, function, allowed, strings) if name.ok else ())]
    return Verdict(Outcome.WRONG_CALL if n_wrong(nodes) else Outcome.RIGHT, tuple(nodes))


def _arguments(call: Call, function: Function, allowed: Mapping[str, Sequence[object]], strings: str) -> Nodes:
    nodes = required_given(call, function)
    for name, value in call.arguments.items():
        unknown = known_parameter(name, value, function)
        nodes += unknown or check_value(name, value, function.parameter(name), allowed.get(name, ()), strings)
    return nodes + may_be_left_out(call, function, allowed)


def check_calls(
    calls: Sequence[Call], catalog: Catalog, answers: Sequence[Answer], *, strings: str = "exact"
) -> Verdict:
    """Compare the calls with the answers, in any order: each answer takes the first call left that is right.

    There must be as many calls as answers. A call of a function outside the `catalog` makes the outcome `HALLUCINATED`.
    An answer that no call meets takes the one left that is least wrong. Where there are several calls, the paths of
    their nodes begin with the number of the call, "[0].unit".
    """
    prefixes = [f"[{number}]" if len(calls) > 1 else "" for number in range(len(calls))]
    exist = [node for prefix, call in zip(prefixes, calls, strict=True) for node in in_catalog(prefix, call, catalog)]
    nodes = [same_count(calls, answers), *exist]
    left = dict(enumerate(calls))
    for answer in answers[: len(calls)]:
        function = catalog[answer.name]
        verdicts = {
            number: check_call(call, function, answer.allowed, strings=strings) for number, call in left.items()
        }
        best = min(verdicts, key=lambda number: _badness(verdicts[number]))
        del left[best]
        nodes += [node._replace(path=_joined(prefixes[best], node.path)) for node in verdicts[best].nodes]
    if exist:
        return Verdict(Outcome.HALLUCINATED, tuple(nodes))
    return Verdict(Outcome.WRONG_CALL if n_wrong(nodes) else Outcome.RIGHT, tuple(nodes))


def _badness(verdict: Verdict) -> tuple[bool, int]:
    """Those of the right function first, then by how much is wrong."""
    return not verdict.nodes[0].ok, n_wrong(list(verdict.nodes))


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}.{path}" if prefix and path else prefix + path


def check_text(text: str, catalog: Catalog, answers: Sequence[Answer], *, strings: str = "exact") -> Verdict:
    """The outcome of what a model wrote: `UNPARSABLE` where it has no call that can be read."""
    try:
        calls = parse_calls(text, catalog)
    except CallError as error:
        return Verdict(Outcome.UNPARSABLE, (NodeVerdict("", text, "is_call", False, str(error)),))
    if answers and not calls:
        reason = _("The list has no call in it.")
        return Verdict(Outcome.UNPARSABLE, (NodeVerdict("", text, "is_call", False, reason),))
    return check_calls(calls, catalog, answers, strings=strings)


def apibench_match(text: str, reference: str) -> bool:
    """Whether APIBench counts a call as the reference's: the same name, and each argument *contained* in its text.

    The arguments of the reference are looked for in the whole text of the call, so "bert-base" is found in
    "bert-base-uncased", and the names of the parameters are not read. A reference without arguments matches nothing.
    Source: ShishirPatil/gorilla, `eval/eval-scripts/ast_eval_hf.py`, `ast_check`; where the name is not found, their
    code goes on with another part of the text.
    """
    try:
        wanted = ast.parse(reference, mode="eval").body
        written = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    if not isinstance(wanted, ast.Call):
        return False
    values = (*wanted.args, *(argument.value for argument in wanted.keywords))
    parts = [(ast.get_source_segment(reference, value) or "").strip("'") for value in values]
    same = [node for node in written if dotted_name(node.func) == dotted_name(wanted.func)]
    inside = [ast.get_source_segment(text, node) or "" for node in same]
    return bool(parts) and any(all(part in call for part in parts) for call in inside)
