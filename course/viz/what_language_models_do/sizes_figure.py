"""What large means: parameters of the course's models and of published ones, on one axis."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from course import trained
from course.layers.parameters import count_parameters
from course.layers.sizes import require_positive
from course.messages import _
from course.pretrained import load
from course.viz.kit.alt_text import at_most
from course.viz.kit.large_numbers import short_number
from course.viz.kit.layout import new_figure, shortened
from course.viz.kit.style import BLUE, INK, QUIET, VERMILLION, drawable, in_course_style

FILE = Path(__file__).with_name("sizes.toml")
OURS: Mapping[str, str] = {  # trained models of the course, and what to call them
    "positions/none-1layer": _("smallest model of lesson 05"),
    "dates/transformer": _("lesson 06's dates"),
    "sentences/korean-english-transformer": _("lesson 06's translator"),
    "base_model/gpt": _("base model of lesson 07"),
}
WIDTH, ROW, LEFT = 8.0, 0.29, 2.35  # inches


class Size(NamedTuple):
    """A model's parameters; `active` are those that one token uses, where that is not all of them."""

    name: str
    parameters: float
    active: float | None = None
    is_ours: bool = False


def sizes() -> list[Size]:
    """The course's own models and loaded ones, counted, and published ones, the smallest first."""
    with torch.device("cpu"):
        found = [Size(name, count_parameters(trained.load(file)), is_ours=True) for file, name in OURS.items()]
        found += [Size("MiniLM", count_parameters(load("minilm")[0])), Size("SmolLM2", count_parameters(load()[0]))]
    return sorted([*found, *published()], key=lambda one: one.parameters)


def published() -> list[Size]:
    """Models that others reported on, from the file that names the source of each number."""
    rows: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["model"]
    return [Size(row["name"], float(row["parameters"]), row.get("active")) for row in rows]


@in_course_style
def sizes_figure(shown: Sequence[Size] | None = None, *, title: str | None = None) -> Figure:
    """A line for each model on a logarithmic axis of parameters; a ring where a token uses only some of them.

    Raises `ValueError` for no model, and for parameters that are no finite number above 0.
    """
    found = sizes() if shown is None else list(shown)
    if not found:
        raise ValueError(_("There is no model to show. Give the size of one or more."))
    for one in found:
        require_positive(one.parameters, _("parameters of {name!r}").format(name=one.name[:60]))
        if one.active is not None:
            require_positive(one.active, _("active parameters of {name!r}").format(name=one.name[:60]))
    height = 1.3 + ROW * len(found)
    figure = new_figure(WIDTH, height)
    names = [shortened(figure, drawable(one.name), 10.0, LEFT - 0.2) for one in found]
    axes = figure.add_axes((LEFT / WIDTH, 0.72 / height, (WIDTH - LEFT - 1.0) / WIDTH, ROW * len(found) / height))
    axes.set_xscale("log")
    smallest = min(one.parameters for one in found)
    axes.set_xlim(smallest / 3, max(one.parameters for one in found) * 2)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_yticks(range(len(found)), names)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: _power(value)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    for row, one in enumerate(found):
        color = BLUE if one.is_ours else INK
        axes.plot([smallest / 3, one.parameters], [row, row], color=QUIET, linewidth=0.8)
        axes.plot([one.parameters], [row], "o", color=color, markersize=7)
        if one.active:
            axes.plot([one.active], [row], "o", markerfacecolor="none", markeredgecolor=VERMILLION, markersize=7)
        axes.annotate(
            short_number(one.parameters),
            (1, row),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=10,
        )
    axes.set_xlabel(_("parameters (ring: those that one token uses; blue: trained by this course)"))
    heading = title
    if heading is None:
        largest = max(one.parameters for one in found)
        heading = _("From {smallest} to {largest} parameters").format(
            smallest=short_number(smallest), largest=short_number(largest)
        )
    heading = shortened(figure, drawable(heading), 14.0, WIDTH - 0.5, "bold")
    figure.text(0.15 / WIDTH, 1 - 0.3 / height, heading, fontsize=14, fontweight="bold", va="center")
    rows = [f"{one.name}: {short_number(one.parameters)}" for one in found]
    figure.set_label(at_most("\n".join([heading, "; ".join(rows)])))
    return figure


def _power(value: float) -> str:
    """A power of ten as text: "100 k"."""
    for unit, size in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g}"
