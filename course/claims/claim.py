"""A claim with its findings. The verdict follows from the intervals alone; nobody types it."""

import enum
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any

from course.claims.card import Line, card
from course.intervals import Interval
from course.messages import _
from course.syllabus.lessons import LESSONS

MIME = "application/vnd.course.claim+json"  # of the numbers that a notebook stores beside the card
NAME = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")


class Outcome(enum.Enum):
    """What an interval says of a finding."""

    HOLDS = "holds"
    FAILS = "does not hold"
    OPEN = "cannot tell"


class Verdict(enum.Enum):
    """What the findings say of their claim."""

    HELD = "held"
    IN_PART = "held in part"
    FAILED = "did not hold"
    OPEN = "cannot tell here"


SYMBOLS = {
    Outcome.HOLDS: "✓",
    Outcome.FAILS: "✗",
    Outcome.OPEN: "?",
    Verdict.HELD: "✓",
    Verdict.IN_PART: "◐",
    Verdict.FAILED: "✗",
    Verdict.OPEN: "?",
}
_WORDS = {
    Outcome.HOLDS: _("holds"),
    Outcome.FAILS: _("does not hold"),
    Outcome.OPEN: _("cannot tell"),
    Verdict.HELD: _("Held"),
    Verdict.IN_PART: _("Held in part"),
    Verdict.FAILED: _("Did not hold"),
    Verdict.OPEN: _("Cannot tell here"),
}
# The edge of the card: the palette of Okabe and Ito, visible on white and black. The verdict's words say the same.
_COLORS = {Verdict.HELD: "#009E73", Verdict.IN_PART: "#C48830", Verdict.FAILED: "#D55E00", Verdict.OPEN: "#888888"}


@dataclass(frozen=True)
class Finding:
    """One number that a claim rests on: what was measured, its interval, and where the claim wants it.

    `holds` is "below" or "above" a bound, or "within" a pair (low, high), ends included: for two things that are alike,
    or a number that is said to be exact. It holds when the whole interval is there, does not hold when all of it is
    elsewhere, and cannot be told otherwise. Numbers are kept to six digits, as a notebook stores them. The bound is in
    the interval's own numbers: with the unit "%", 0.5 is 50 %.

    Raises `ValueError` for another `holds`, for a bound that does not fit it, and for a bare number as the interval.
    """

    what: str
    interval: Interval
    holds: str
    bound: int | float | Sequence[int | float]

    def __post_init__(self) -> None:
        if not isinstance(self.what, str) or not self.what.strip():
            raise ValueError(_("Say what was measured, for example 'phoneme error rate, words of 13 letters or more'."))
        if self.holds not in ("below", "above", "within"):
            raise ValueError(_("holds is {holds!r}; give 'below', 'above' or 'within'.").format(holds=self.holds))
        if not isinstance(self.interval, Interval):
            raise ValueError(
                _(
                    "{interval!r} is no interval, so it says nothing of its uncertainty. Give one of course.intervals, "
                    "such as over_seeds(values) or share(right, n), or exact(value, of) where all was counted."
                ).format(interval=self.interval)
            )
        wanted = 2 if self.holds == "within" else 1
        bounds = tuple(self.bound) if isinstance(self.bound, Sequence) else (self.bound,)
        finite = all(isinstance(each, Real) and math.isfinite(each) for each in bounds)
        if not finite or len(bounds) != wanted or list(bounds) != sorted(bounds):
            raise ValueError(
                _(
                    "The bound {bound!r} does not fit {holds!r}: 'below' and 'above' take one finite number, "
                    "'within' a pair (low, high)."
                ).format(bound=self.bound, holds=self.holds)
            )
        bounds = tuple(map(float, bounds))
        object.__setattr__(self, "bound", bounds if wanted == 2 else bounds[0])
        object.__setattr__(self, "interval", self.interval.rounded())

    @property
    def outcome(self) -> Outcome:
        low, high = self.interval.low, self.interval.high
        if isinstance(self.bound, Sequence):
            least, most = self.bound
            holds, fails = least <= low and high <= most, high < least or most < low
        elif self.holds == "below":
            holds, fails = high < self.bound, low >= self.bound
        else:
            holds, fails = low > self.bound, high <= self.bound
        return Outcome.HOLDS if holds else Outcome.FAILS if fails else Outcome.OPEN

    @property
    def claimed(self) -> str:
        """Where the number is by the claim, in words: "below 0 points"."""
        if isinstance(self.bound, Sequence):
            low, high = map(self._bound_text, self.bound)
            return _("between {low} and {high}").format(low=low, high=high)
        words = _("below {bound}") if self.holds == "below" else _("above {bound}")
        return words.format(bound=self._bound_text(self.bound))

    def _bound_text(self, bound: int | float) -> str:
        """The bound as it was given: 0, not 0.000."""
        unit = self.interval.unit
        number = f"{100 * bound if unit in ('%', 'points') else bound:,.6g}".replace("-", "−")
        return (
            _("{number} point").format(number=number)
            if (number, unit) == ("1", "points")
            else self.interval.with_unit(number)
        )

    def __repr__(self) -> str:
        return f"{self.what}: {self.interval!r}"


@dataclass(frozen=True, repr=False)
class Claim:
    """A sentence that can be false, whose it is, and what was found. In JupyterLab it is a card; the numbers go along.

    Make one with `claim`, which checks it.
    """

    name: str
    sentence: str
    said_by: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Held when all findings hold, held in part when some do; did not hold when none does and one fails."""
        outcomes = [finding.outcome for finding in self.findings]
        if Outcome.HOLDS in outcomes:
            return Verdict.HELD if set(outcomes) == {Outcome.HOLDS} else Verdict.IN_PART
        return Verdict.FAILED if Outcome.FAILS in outcomes else Verdict.OPEN

    @property
    def data(self) -> dict[str, Any]:
        """All numbers, and the verdicts that follow from them, as JSON."""
        findings = []
        for finding in self.findings:
            bound = list(finding.bound) if isinstance(finding.bound, Sequence) else finding.bound
            findings.append(
                {"what": finding.what, "interval": asdict(finding.interval), "holds": finding.holds, "bound": bound}
                | {"outcome": finding.outcome.value}
            )
        return {
            "name": self.name,
            "sentence": self.sentence,
            "said_by": self.said_by,
            "findings": findings,
            "verdict": self.verdict.value,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Claim":
        """The claim whose `data` this is. Its verdict is computed again; the stored one is ignored."""
        findings = [
            Finding(each["what"], Interval(**each["interval"]), each["holds"], each["bound"])
            for each in data["findings"]
        ]
        return claim(data["name"], data["sentence"], said_by=data["said_by"], findings=findings)

    def __repr__(self) -> str:
        lines = [
            f"{SYMBOLS[self.verdict]} {_WORDS[self.verdict]}: {self.sentence}",
            _("Said by: {who}").format(who=self.said_by),
        ]
        for finding in self.findings:
            claimed = _("claimed: {bound}").format(bound=finding.claimed)
            outcome = f"{SYMBOLS[finding.outcome]} {_WORDS[finding.outcome]} ({claimed})"
            lines.append(f"  {finding!r}: {outcome}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/html": self._repr_html_(), MIME: self.data}

    def _repr_html_(self) -> str:
        lines = [
            Line(
                what=finding.what,
                number=str(finding.interval),
                covers=finding.interval.covers,
                claimed=_("claimed: {bound}").format(bound=finding.claimed),
                outcome=f"{SYMBOLS[finding.outcome]} {_WORDS[finding.outcome]}",
            )
            for finding in self.findings
        ]
        verdict = f"{SYMBOLS[self.verdict]} {_WORDS[self.verdict]}"
        return card(verdict, self.sentence, _("Said by: {who}").format(who=self.said_by), lines, _COLORS[self.verdict])


def claim(name: str, sentence: str, *, said_by: str, findings: Iterable[Finding]) -> Claim:
    """A checked claim, to be the last expression of a cell.

    `name` is the lesson's slug and a word of its own, `attention.long_words`, used once in the course. `sentence` is
    what the findings test; `said_by` whose it is: the notes, a paper with its section, a common saying, this lesson.

    Raises `ValueError` for a name without a lesson's slug, a sentence without its full stop, and no finding.
    """
    found = NAME.fullmatch(name) if isinstance(name, str) else None
    if not found or found[1] not in [lesson.slug for lesson in LESSONS]:
        raise ValueError(
            _(
                "A claim's name is a lesson's slug and a word, as in 'attention.long_words'; {name!r} is not one."
            ).format(name=name)
        )
    if not isinstance(sentence, str) or not sentence.strip().endswith("."):
        raise ValueError(
            _("A claim is one sentence that can be false, with its full stop; {sentence!r} is not one.").format(
                sentence=sentence
            )
        )
    if not isinstance(said_by, str) or not said_by.strip():
        raise ValueError(_("Say whose claim it is: said_by='the notes', a paper with its section, 'this lesson'."))
    given = list(findings) if isinstance(findings, Iterable) else [findings]
    if not isinstance(findings, Iterable) or not all(isinstance(each, Finding) for each in given):
        raise ValueError(
            _("The findings of {name!r} are {findings!r}; give a list of Finding(…).").format(
                name=name, findings=findings
            )
        )
    if not given:
        raise ValueError(
            _("The claim {name!r} rests on no finding. Give one number at least that could contradict it.").format(
                name=name
            )
        )
    return Claim(name, sentence.strip(), said_by, tuple(given))
