"""Controls and views side by side: labels of one length, tracks of at least 200 pixels, no wider than the page."""

from collections.abc import Sequence
from typing import Any, TypeVar

import ipywidgets

Control = TypeVar("Control", bound=ipywidgets.DOMWidget)
STYLE = {"description_width": "initial"}  # how wide a label is, the style sheet says


def int_slider(description: str, low: int = 0, high: int = 100, step: int = 1) -> ipywidgets.IntSlider:
    """A slider over whole numbers, which updates while it moves."""
    return ipywidgets.IntSlider(description=description, min=low, max=high, step=step, value=low, style=STYLE)


def float_slider(description: str, low: float, high: float, step: float, digits: int) -> ipywidgets.FloatSlider:
    """A slider over numbers with `digits` decimals, which updates while it moves."""
    return ipywidgets.FloatSlider(
        description=description, min=low, max=high, step=step, readout_format=f".{digits}f", style=STYLE
    )


def choice_slider(description: str, options: Sequence[Any]) -> ipywidgets.SelectionSlider:
    """A slider over a few values; integers are written with thousands separators."""
    named = [(f"{option:,}" if isinstance(option, int) else str(option), option) for option in options]
    return ipywidgets.SelectionSlider(description=description, options=named, style=STYLE)


def control_grid(*controls: ipywidgets.Widget) -> ipywidgets.Box:
    """Controls in as many columns as the page has room for; labels and tracks begin at the same places."""
    return ipywidgets.Box(controls).add_class("lm-controls")


def control_row(*controls: ipywidgets.Widget) -> ipywidgets.Box:
    """Controls in a row, which wraps; a slider among them takes the room that is left."""
    return ipywidgets.Box(controls).add_class("lm-control-row")


def side_by_side(*views: ipywidgets.Widget) -> ipywidgets.Box:
    """Views in a row, which wraps."""
    return ipywidgets.Box(views).add_class("lm-views")


def label_above(control: Control) -> Control:
    """The control with its label above it, for a label that is a sentence."""
    return control.add_class("lm-label-above")
