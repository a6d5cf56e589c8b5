"""A budget that a learner types: floating-point operations, or hours of a machine."""

import math
import re
import unicodedata

from course.messages import _
from course.scaling.law import PF_DAY
from course.viz.kit.large_numbers import RAISED, power_of_ten

LOWEST, HIGHEST = 1e11, 1e26  # floating-point operations
LONGEST = 60  # characters
TEN_TO = r"10\s*(?:\^|\*\*)\s*([+-]?\d+)"
NUMBER = re.compile(
    rf"(?:{TEN_TO}|([+-]?(?:(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*(?:[x×*·⋅]\s*{TEN_TO})?)\s*(.*)"
)
LOWERED = {raised: plain for plain, raised in RAISED.items()}
SUPERSCRIPT = re.compile("[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]+")
SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
    "d": 86_400,
    "day": 86_400,
    "week": 604_800,
    "month": 2_629_800,
    "year": 31_557_600,
}


def read_budget(text: str, flops_per_second: int | float) -> float:
    """The operations of a text such as "3e18", "3 × 10¹⁸", "2 hours" or "5 PF-days".

    Without a unit they are operations. Raises `ValueError` for a text without a number, an unknown unit, and for what
    is not between `LOWEST` and `HIGHEST`.
    """
    shown = " ".join(text.split())
    shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 2]} …"
    powers = SUPERSCRIPT.sub(lambda found: f"^{found[0].translate(LOWERED)}", text)
    plain = " ".join(unicodedata.normalize("NFKC", powers).lower().replace("−", "-").split())
    found = NUMBER.fullmatch(plain) if len(plain) <= LONGEST else None
    if found is None:
        raise ValueError(
            _("{text!r} does not begin with a number. Write 3e18, 2 hours or 5 PF-days, for example.").format(
                text=shown
            )
        )
    bare, digits, factor, unit = found.groups()
    power = factor if bare is None else bare
    value = float((digits or "1").replace(",", "")) * (1.0 if power is None else _ten_to(int(power)))
    flops = value * _flops_of(unit, shown, flops_per_second)
    if not LOWEST <= flops <= HIGHEST:
        raise ValueError(
            _("{text!r} is {flops} floating-point operations; the budget must be from {low:.0e} to {high:.0e}.").format(
                text=shown, flops=f"{flops:.6g}".replace("inf", "∞").replace("-", "−"), low=LOWEST, high=HIGHEST
            )
        )
    return flops


def _ten_to(power: int) -> float:
    return 10.0**power if abs(power) < 300 else math.inf if power > 0 else 0.0


def _flops_of(unit: str, text: str, flops_per_second: int | float) -> float:
    """How many operations one of this unit is."""
    name = unit.strip().rstrip(".")
    short = name if name in SECONDS else name.removesuffix("s")
    if name in ("", "flop", "flops"):
        return 1.0
    if re.fullmatch(r"(pf|pflops?|pflops?/s)[\s-]?days?", name):
        return PF_DAY
    if short in SECONDS:
        return SECONDS[short] * flops_per_second
    raise ValueError(
        _("The unit of {text!r} is not known: write FLOPs, PF-days, s, min, hours, days or years.").format(text=text)
    )


def duration(seconds: int | float) -> str:
    """A time in its own unit, in two digits: "6.4 min"."""
    for unit, size in ((_("years"), 31_557_600), (_("days"), 86_400), (_("h"), 3600), (_("min"), 60)):
        if seconds >= size:
            return f"{_digits(seconds / size)} {unit}"
    return f"{_digits(seconds)} s"


def _digits(value: int | float) -> str:
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}" if value < 1e5 else power_of_ten(value)
