"""Show code and numbers on a lesson's page: a function's own source, a table. Both are text that tests compare."""

import inspect
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path


class Page:
    """Something that Jupyter renders as Markdown and that prints as plain text."""

    def __init__(self, markdown: str, plain: str) -> None:
        self._markdown, self._plain = markdown, plain

    def _repr_markdown_(self) -> str:
        return self._markdown

    def __repr__(self) -> str:
        return self._plain


def source(*objects: Callable[..., object]) -> Page:
    """The source of functions or classes of the course, read from the package itself, with the file it stands in."""
    parts = []
    for item in objects:
        code = textwrap.dedent(inspect.getsource(item)).rstrip()
        file = Path(inspect.getfile(inspect.unwrap(item))).name
        place = "/".join([*item.__module__.split(".")[:-1], file])
        parts.append((place, code))
    markdown = "\n\n".join(f"`{place}`\n\n```python\n{code}\n```" for place, code in parts)
    return Page(markdown, "\n\n".join(f"# {place}\n{code}" for place, code in parts))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Page:
    """A table. Floats are shown with three decimals, numbers align right, text aligns left.

    Raises `ValueError` for a row that has not one value for each column.
    """
    rows = [list(row) for row in rows]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"The row {row!r} has {len(row)} values; the table has {len(columns)} columns.")
    numeric = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(columns))]
    cells = [list(columns)] + [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    plain = [
        "  ".join(c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True))
        for row in cells
    ]
    escaped = [[cell.replace("|", r"\|") for cell in row] for row in cells]
    lines = ["| " + " | ".join(row) + " |" for row in escaped]
    lines.insert(1, "|" + "|".join("---:" if n else ":---" for n in numeric) + "|")
    return Page("\n".join(lines), "\n".join(line.rstrip() for line in plain))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
