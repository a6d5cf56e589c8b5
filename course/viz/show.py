"""Show code, numbers and sentences on a lesson's page: a function's own source, a table. All are text to compare."""

import inspect
import math
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from IPython.display import display

from course.evaluation import Spread, three_digits
from course.intervals import Interval
from course.messages import _
from course.viz.highlighting import code_box

# Text that is a number: "1,024", "−0.5", "12%", "8.6 ± 0.1 %".
NUMBER = re.compile(r"[+−-]?\d[\d,]*(\.\d+)?(e[+−-]?\d+)?( ± \d[\d,]*(\.\d+)?(e[+−-]?\d+)?)?( ?%)?")
# What ends a line, and so a row of a table: "\r", "\v" and the others that `str.splitlines` knows.
LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# In Markdown: code in backticks, which stays as it is, or a character that would not be read as itself.
CODE_OR_SIGN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)|[\\`*<$~]|&(?=[#\w]+;)|(?<!\w)_|_(?!\w)|\[(?=[^\]]*\]\()")
LEFT, CENTER, RIGHT = ":---", ":---:", "---:"


class Page:
    """Something that Jupyter renders as Markdown and that prints as plain text."""

    def __init__(self, markdown: str, plain: str) -> None:
        self._markdown, self._plain = markdown, plain

    def _repr_markdown_(self) -> str:
        return self._markdown

    def __repr__(self) -> str:
        return self._plain


class Html:
    """Something that Jupyter renders as HTML and that prints as plain text."""

    def __init__(self, html: str, plain: str) -> None:
        self._html, self._plain = html, plain

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._plain


def source(*objects: Callable[..., object]) -> Html:
    """The source of functions or classes of the course, read from the package itself, with the file it is in."""
    parts = []
    for item in objects:
        code = textwrap.dedent(inspect.getsource(item)).rstrip()
        file = Path(inspect.getfile(inspect.unwrap(item))).name
        place = "/".join([*item.__module__.split(".")[:-1], file])
        parts.append((place, code))
    boxes = [f"<p><code>{escape(place)}</code></p>{code_box(code, place)}" for place, code in parts]
    return Html("\n".join(boxes), "\n\n".join(f"# {place}\n{code}" for place, code in parts))


def say(*values: object, sep: str = " ") -> None:
    """`print` for a lesson's page: a line that is too long for it breaks between words, not in the middle of one.

    Signs are as they are: `$x$` is no formula, `<b>` no HTML.
    """
    text = sep.join(map(str, values))
    style = "white-space: pre-wrap; overflow-wrap: break-word; margin-bottom: 0.4em"
    lines = "<br>".join(map(escape, LINE_END.split(text)))  # code hosts drop the style, and with it line ends
    display(Html(f'<div class="mathjax_ignore" style="{style}">{lines}</div>', text))


def table(
    records: Iterable[Mapping[str, object]],
    columns: Sequence[str] | Mapping[str, str] | None = None,
    *,
    formats: str | Mapping[str, str | Callable[[object], str]] | None = None,
) -> Page:
    """A table with a row for each record, a dictionary of what is in its columns.

    The columns are the keys of the records in the order of their first appearance, or `columns`: a list of keys, or a
    mapping from keys to headings. A key that a record lacks leaves a blank cell, and so does None.

    What is in a cell decides how it reads: ints have separators, floats three decimals (three digits where all of a
    column would read 0), truth values are ✓ and ✗, `Spread` and `Interval` print themselves, and the
    rest is text, in which what is in backticks is code. Numbers align right, "12%" too, other text left. `formats`
    gives the numbers of a column another format, as in `{"share": ".0%"}`, or a function from value to text; one format
    alone, as in `".1f"`, is for all floats. A line below the table says what spreads are over and intervals cover.

    >>> table([{"model": "lstm", "error": 0.0802}, {"model": "transformer", "error": 0.0904}], formats={"error": ".1%"})
    model        error
    lstm          8.0%
    transformer   9.0%

    Raises `ValueError` for a record that is no dictionary, for a column or format of a key that no record has, and for
    a format or function that does not fit a value.
    """
    records = list(records)
    for record in records:
        if not isinstance(record, Mapping):
            raise ValueError(
                _("A record is a dictionary, column by column; {record!r} is not one.").format(record=record)
            )
    keys = list(dict.fromkeys(key for record in records for key in record)) or list(columns or ())
    if not keys:
        raise ValueError(_("There is nothing to show: no record has a column. Give records, or columns."))
    columns = columns or keys
    headings = columns if isinstance(columns, Mapping) else {key: str(key) for key in columns}
    of_floats, of_columns = (formats, {}) if isinstance(formats, str) else (None, formats or {})
    for key in (*headings, *of_columns):
        if key not in keys:
            raise ValueError(
                _("No record has the column {key!r}. The columns are: {keys}.").format(
                    key=key, keys=", ".join(map(repr, keys))
                )
            )

    floats = {key: of_floats or _of_floats(record.get(key) for record in records) for key in headings}
    cells = [[_cell(key, record.get(key), of_columns.get(key), floats[key]) for key in headings] for record in records]
    aligned = [_alignment([row[i] for row in cells]) for i in range(len(headings))]
    texts = [[LINE_END.sub(" ", text) for text in headings.values()], *([cell.text for cell in row] for row in cells)]
    return _page(texts, aligned, _note([record.get(key) for record in records for key in headings]))


class Cell(NamedTuple):
    """What is in a cell, and how it is aligned."""

    text: str
    alignment: str


def _plain(value: object) -> object:
    """A number of NumPy or PyTorch as one of Python."""
    return value.item() if getattr(value, "shape", None) == () else value


def _of_floats(values: Iterable[object]) -> Callable[[float], str]:
    """The format of the floats among these values of a column: by the value, three decimals or three digits."""
    finite = [value for value in map(_plain, values) if isinstance(value, float) and math.isfinite(value)]
    hidden = not any(round(value, 3) for value in finite)
    return lambda value: three_digits(value) if math.isfinite(value) and (hidden or abs(value) >= 1e15) else ",.3f"


def _cell(
    key: str, value: object, how: str | Callable[[object], str] | None, of_floats: str | Callable[[float], str]
) -> Cell:
    value = _plain(value)
    if value is None:
        return Cell("", LEFT)
    if callable(how):
        try:
            text = str(how(value))
        except Exception as error:
            raise ValueError(
                _("The function for the column {key!r} does not fit {value!r}: {error}").format(
                    key=key, value=value, error=f"{type(error).__name__}: {error}"
                )
            ) from error
        return _cell(key, text, None, of_floats)
    if isinstance(value, bool) and how is None:
        return Cell("✓" if value else "✗", CENTER)
    if isinstance(value, Interval):
        return Cell(str(value), RIGHT)
    if isinstance(value, int | float):
        how = how or ("," if isinstance(value, int) else of_floats if isinstance(of_floats, str) else of_floats(value))
        return Cell(_formatted(key, value, how), RIGHT)
    text = str(tuple(value) if isinstance(value, tuple) else value)  # so that a shape of PyTorch reads "(2, 7)"
    text = LINE_END.sub(" ", text)
    return Cell(_signed(text), RIGHT) if NUMBER.fullmatch(text) else Cell(text, LEFT)


def _formatted(key: str, value: int | float, how: str) -> str:
    try:
        return _signed(format(value, how))
    except (TypeError, ValueError) as error:
        raise ValueError(
            _("The format {how!r} of the column {key!r} does not fit {value!r}.").format(how=how, key=key, value=value)
        ) from error


def _signed(number: str) -> str:
    """With a minus sign for a minus, and without a sign where the number is rounded to 0."""
    return number.replace("-", "−") if re.search(r"[1-9a-z]", number) else number.lstrip("+−-")


def _alignment(cells: list[Cell]) -> str:
    """Of a column: the alignment of all its cells but those that say nothing, if they agree; else left."""
    wanted = {cell.alignment for cell in cells if cell.text not in ("", "–")}
    return wanted.pop() if len(wanted) == 1 else LEFT


def _note(values: list[object]) -> str | None:
    """What the spreads among these values are over, and what the intervals cover."""
    over = [f"{len(value)} {value.of}" for value in values if isinstance(value, Spread) and len(value) > 1]
    covers = [value.covers for value in values if isinstance(value, Interval) and not value.is_exact]
    notes = []
    if over:
        notes.append(_("± is the standard deviation over {values}.").format(values=", ".join(dict.fromkeys(over))))
    if covers:
        notes.append(_("In brackets: the interval ({values}).").format(values="; ".join(dict.fromkeys(covers))))
    return " ".join(notes) or None


def _markdown(cell: str) -> str:
    """The text of a cell in Markdown, which reads as in plain text: `<s>` is no HTML, `*x*` no emphasis."""

    def as_it_is(found: re.Match[str]) -> str:
        return found[0] if found[1] else "\\" + found[0]

    return CODE_OR_SIGN.sub(as_it_is, cell).replace("|", r"\|")


def _page(rows: list[list[str]], aligned: list[str], note: str | None) -> Page:
    """A table of texts, the first row being its headings, and what is to be said below it."""
    align = {LEFT: str.ljust, CENTER: str.center, RIGHT: str.rjust}
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    plain = [
        "  ".join(align[how](cell, width) for cell, width, how in zip(row, widths, aligned, strict=True)).rstrip()
        for row in rows
    ]
    lines = ["| " + " | ".join(map(_markdown, row)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join(aligned) + "|")
    if note is not None:
        lines, plain = [*lines, "", note], [*plain, note]
    return Page("\n".join(lines), "\n".join(plain))
