"""Self-Instruct for calls: a language model writes a request for a documented function, and the call that answers it.

The prompt has three requests of training tasks with their documents and calls, and the document of the function. What
the model writes is dropped by the first rule that it breaks.
"""

import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from course.data.api_calls import CallTask
from course.data.api_functions import Function
from course.evaluation import rouge_l
from course.instruction import RULES, TOO_SIMILAR, Filters, InstructionPool, in_one_line
from course.messages import _
from course.tasks.self_instruct import BLANK_LINE, Continuation, Writer
from course.tasks.tool_calls import document, right_call, right_function
from course.tools import CallError, CallGrammar, Catalog, parse_calls

INTRODUCTION = "For each function, a request of a user, which does not name it, and the call that answers the request."
N_EXAMPLES = 3
ABOUT_TEXT = "words"  # the rule against requests for more than text, which functions may answer
UNFINISHED, NO_CALL, NAMES_FUNCTION = "unfinished", "no call", "names the function"
UNPARSABLE, ANOTHER_FUNCTION, ARGUMENTS = "unparsable", "another function", "arguments"
FILTERS = Filters([rule for rule in RULES if rule.name != ABOUT_TEXT])
PAIR_RULES = (
    UNFINISHED,
    NO_CALL,
    *(rule.name for rule in FILTERS.rules),
    TOO_SIMILAR,
    NAMES_FUNCTION,
    UNPARSABLE,
    ANOTHER_FUNCTION,
    ARGUMENTS,
)
CALL = re.compile(r"\n\s*Call\s*:")
NEXT = re.compile(r"\n\s*(?:Function|Request)\s*:")


class Pair(NamedTuple):
    """A request and a call that the model wrote; `rule` says why they are dropped, None where they are kept."""

    function: str
    request: str
    call: str
    rule: str | None


def pair_prompt(function: Function, examples: Sequence[CallTask]) -> str:
    """Example after example, then the document of the function; it ends where its request begins."""
    blocks = [
        f"Function: {document(right_function(one))}\nRequest: {in_one_line(one.question)}\nCall: {right_call(one)}"
        for one in examples
    ]
    return BLANK_LINE.join([INTRODUCTION, *blocks, f"Function: {document(function)}\nRequest:"])


def request_pool(tasks: Sequence[CallTask]) -> InstructionPool:
    """The requests of the tasks, each once, to compare new ones with by ROUGE-L."""
    return InstructionPool(dict.fromkeys(in_one_line(task.question) for task in tasks), rouge_l)


def parse_pair(function: Function, continuation: Continuation, pool: InstructionPool) -> Pair:
    """The request and the call in the text that continues the prompt, and the first rule that drops them, if any.

    The pool stays as it is.
    """
    text = continuation.text
    found = CALL.search(text)
    request = in_one_line(text[: found.start()] if found else text)
    call = text[found.end() :] if found else ""
    after = NEXT.search(call)
    call = (call[: after.start()] if after else call).strip()
    finished = continuation.finished or after is not None
    return Pair(function.name, request, call, _broken(function, request, call, finished, found is not None, pool))


def _broken(
    function: Function, request: str, call: str, finished: bool, has_call: bool, pool: InstructionPool
) -> str | None:
    if not finished:
        return UNFINISHED
    if not has_call:
        return NO_CALL
    verdict = FILTERS.check(request, pool)
    if not verdict.kept:
        return verdict.rule
    if function.name.lower() in request.lower():
        return NAMES_FUNCTION
    try:
        calls = parse_calls(call)
    except CallError:
        return UNPARSABLE
    if len(calls) != 1 or calls[0].name != function.name:
        return ANOTHER_FUNCTION
    grammar = CallGrammar(Catalog([function]))
    return ARGUMENTS if grammar.advance(grammar.start, str(calls[0])) is None else None


def make_pairs(
    functions: Sequence[Function],
    tasks: Sequence[CallTask],
    write: Writer,
    pool: InstructionPool,
    *,
    rng: random.Random,
) -> list[Pair]:
    """Pairs for the functions, kept or not, all written at once; a request that is kept joins the pool.

    Each prompt has `N_EXAMPLES` tasks of its own draw, none of the function itself. Raises `ValueError` where there are
    too few.
    """
    prompts, asked = [], []
    for function in functions:
        others = [task for task in tasks if task.answers[0].name != function.name]
        if len(others) < N_EXAMPLES:
            raise ValueError(
                _("There are {n} tasks of other functions than {function}, and {wanted} are needed.").format(
                    n=len(others), function=function.name, wanted=N_EXAMPLES
                )
            )
        prompts.append(pair_prompt(function, rng.sample(others, N_EXAMPLES)))
    written = write(prompts)
    for number, continuation in enumerate(written):
        function = functions[number * len(functions) // len(written)]
        pair = parse_pair(function, continuation, pool)
        asked.append(pair)
        if pair.rule is None:
            pool.add(pair.request)
    return asked
