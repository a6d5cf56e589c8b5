"""What three ways of checking say of one call: exact values, Berkeley's rule for texts, and APIBench's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.data.api_calls import CallTask
from course.messages import _, ngettext
from course.tools import STRINGS, Catalog, Outcome, Verdict, answering_call, apibench_match, check_text
from course.viz.tools.call_nodes import shortened, sign
from course.viz.tools.verdict_page import Row


@dataclass(frozen=True)
class CallReading:
    """A call for a task: its verdict by each rule for texts, and whether APIBench finds the reference in it."""

    task: CallTask
    call: str
    verdicts: Mapping[str, Verdict]
    contained: bool
    reference: str

    @classmethod
    def of(cls, call: str, task: CallTask) -> "CallReading":
        catalog, reference = Catalog(task.functions), right_call(task)
        verdicts = {strings: check_text(call, catalog, task.answers, strings=strings) for strings in STRINGS}
        return cls(task, call, verdicts, apibench_match(call, reference), reference)

    def said(self, strings: str) -> str:
        """The outcome by this rule for texts, in a sentence."""
        verdict = self.verdicts[strings]
        n = len({node.path for node in verdict.nodes if not node.ok})
        match verdict.outcome:
            case Outcome.RIGHT:
                said = _("Right: no rule refuses a node.")
            case Outcome.HALLUCINATED:
                said = _("Hallucinated: the catalog has no such function.")
            case Outcome.UNPARSABLE:
                said = _("Unparsable: no call can be read.")
            case _wrong:
                said = ngettext(
                    "Wrong call: the function exists, and a rule refuses {n} node.",
                    "Wrong call: the function exists, and rules refuse {n} nodes.",
                    n,
                ).format(n=n)
        return f"{sign(verdict.right)} {said}"

    def rows(self, strings: str) -> list[Row]:
        """A line for each way of checking; the one of `strings` is marked."""
        rows = [
            Row(sign(verdict.right), rule_name(rule), outcome_name(verdict.outcome), rule == strings)
            for rule, verdict in self.verdicts.items()
        ]
        if self.contained:
            contained = _("The name and the text of each argument of {reference} are found in it.")
        elif all(not answer.allowed for answer in self.task.answers):
            contained = _("{reference} has no argument: then no call is right by this rule.")
        else:
            contained = _("The name, or the text of an argument of {reference}, is not found in it.")
        said = contained.format(reference=shortened(self.reference))
        return [*rows, Row(sign(self.contained), _("APIBench's substrings"), said)]


def rule_name(strings: str) -> str:
    """A rule for texts by the name that is shown."""
    return {"exact": _("exact values"), "bfcl": _("BFCL's strings")}[strings]


def outcome_name(outcome: Outcome) -> str:
    names = {
        Outcome.RIGHT: _("right"),
        Outcome.WRONG_CALL: _("wrong call of a function that exists"),
        Outcome.HALLUCINATED: _("hallucinated function"),
        Outcome.UNPARSABLE: _("unparsable"),
    }
    return names[outcome]


def right_call(task: CallTask) -> str:
    """The text that answers a task, as short as it can be."""
    catalog = Catalog(task.functions)
    calls = [str(answering_call(answer, catalog[answer.name])) for answer in task.answers]
    return calls[0] if len(calls) == 1 else f"[{', '.join(calls)}]"


def require_tasks(tasks: Sequence[CallTask]) -> tuple[CallTask, ...]:
    """The tasks. Raises `ValueError` where there are none, or for one whose answer is not among its functions."""
    if not tasks:
        raise ValueError(_("There is no task: give one or more."))
    for task in tasks:
        unknown = [answer.name for answer in task.answers if answer.name not in task.names]
        if unknown or not task.answers:
            raise ValueError(
                _("The task {id} is answered by {name}, which is not among its functions: {known}.").format(
                    id=task.id, name=", ".join(unknown) or _("nothing"), known=", ".join(task.names) or _("none")
                )
            )
        Catalog(task.functions)
    return tuple(tasks)
