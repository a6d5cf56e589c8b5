"""How an English date is written, and what a model got right of it: to see which dates go wrong, and in which part."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from course.layers.positions import SinusoidalPositions
from course.messages import _
from course.tasks.evaluation import Outcome
from course.tasks.task import Example
from course.transformer import Transformer

NUMERIC = "Friday, 5/20/1916"
MONTH_FIRST = "Friday, May 20, 1916"
DAY_FIRST = "Fri, 20 May 1916"


def form(example: Example) -> str:
    """The form of a date of the test "new combinations", as an example of it."""
    text = "".join(example.source)
    if "/" in text:
        return NUMERIC
    return MONTH_FIRST if text[-6] == "," else DAY_FIRST


def without_weekday(example: Example) -> Example:
    """A date of the form `NUMERIC` as models know it from training: the same day, and no weekday on either side.

    Raises `ValueError` for a date of another form.
    """
    _weekday, comma, date = "".join(example.source).partition(", ")
    if form(example) != NUMERIC or not comma:
        raise ValueError(_("{text!r} is not of the form {form!r}.").format(text="".join(example.source), form=NUMERIC))
    return Example(tuple(date), tuple(target[: "".join(target).rindex(" ")] for target in example.targets))


def digits_right(outcome: Outcome) -> bool:
    """Whether all digits of a date are there, in their order, whatever stands between and after them."""
    return _digits(outcome.written) == _digits(outcome.target)


def last_right(outcome: Outcome) -> bool:
    """Whether a date ends in the right symbol."""
    return outcome.written[-1:] == outcome.target[-1:]


def _digits(symbols: Sequence[str]) -> list[str]:
    return [symbol for symbol in symbols if symbol.isdigit()]


@contextmanager
def positions_from(model: Transformer, first: int) -> Generator[None]:
    """Within the block, the encoder counts its positions from `first` instead of 0.

    Raises `ValueError` for a model whose positions are not computed waves, and for a start outside its table.
    """
    positions = model.encoder.embedding.positions
    if not isinstance(positions, SinusoidalPositions) or not 0 <= first < len(positions.table):
        raise ValueError(
            _("The positions cannot be counted from {first}: give sinusoidal ones, and a start in their table.").format(
                first=first
            )
        )
    waves = positions.table
    positions.table = waves[first:]
    try:
        yield
    finally:
        positions.table = waves
