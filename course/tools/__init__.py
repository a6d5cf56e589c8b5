"""Tools: functions that a model may call, reading the calls that it writes, and checking them."""

from course.tools.answering import answering_call
from course.tools.call import BY_POSITION, Call, CallError, parse_calls
from course.tools.constrained import GrammarTokens
from course.tools.grammar import CallGrammar
from course.tools.match import (
    Outcome,
    Verdict,
    apibench_match,
    check_call,
    check_calls,
    check_text,
)
from course.tools.node_verdicts import NOT_GIVEN, NodeVerdict
from course.tools.schema import NO_DEFAULT, Catalog, Function, Parameter
from course.tools.value_rules import STRINGS, check_value, normalized

__all__ = [
    "BY_POSITION",
    "NOT_GIVEN",
    "NO_DEFAULT",
    "STRINGS",
    "Call",
    "CallError",
    "CallGrammar",
    "Catalog",
    "Function",
    "GrammarTokens",
    "NodeVerdict",
    "Outcome",
    "Parameter",
    "Verdict",
    "answering_call",
    "apibench_match",
    "check_call",
    "check_calls",
    "check_text",
    "check_value",
    "normalized",
    "parse_calls",
]
