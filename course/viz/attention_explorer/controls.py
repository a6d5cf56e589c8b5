"""The controls of the attention explorer, by the name of the trait that each one sets."""

from collections.abc import Sequence
from typing import Any

import ipywidgets

from course.messages import _
from course.viz.attention_explorer.maps import AVERAGES, BETWEEN
from course.viz.attention_explorer.readers import KINDS
from course.viz.attention_explorer.shown import BETWEEN_NAMES
from course.viz.kit.widget import Action, TextLine, text_box

VIEWS = {"lines": _("Lines"), "layer": _("Layer's heads"), "heatmap": _("Heatmap"), "heads": _("All heads")}
AVERAGE_NAMES = (_("one head"), _("mean of the layer's heads"), _("mean of all heads"))
ORDERS = {
    "layer": _("layer"),
    "entropy": _("entropy (bits)"),
    "distance": _("mean distance (tokens)"),
    "first": _("share on the first token"),
}
NARROW = {"description_width": "initial"}
ROWS = (
    ("text",),
    ("second",),
    ("model", "kind", "view"),
    ("layer", "head", "average", "pin", "unpin"),
    ("threshold", "hide_special", "hide_first", "causal"),
    ("order", "split", "between"),
)


def make_controls(models: Sequence[str]) -> dict[str, Any]:
    """A control for each trait, and the buttons "pin" and "unpin"."""
    views = ipywidgets.ToggleButtons(options=[(name, value) for value, name in VIEWS.items()])
    views.style.button_width = "auto"
    threshold = ipywidgets.FloatSlider(
        description=_("Lines from weight"), max=1.0, step=0.01, style=NARROW, layout=ipywidgets.Layout(width="430px")
    )
    threshold.layout.max_width = "99%"
    second = TextLine(
        description=_("Second text, if any"),
        placeholder=_("The model then reads a pair: A, then B"),
        style=NARROW,
        layout=ipywidgets.Layout(width="99%"),
    )
    return {
        "text": text_box(_("Your text"), _("Type something")),
        "second": second,
        "model": _dropdown(_("Model"), [(name, name) for name in models]),
        "kind": _dropdown(_("Attention"), [(KINDS["self"], "self")]),
        "view": views,
        "layer": _stepper(_("Layer")),
        "head": _stepper(_("Head")),
        "average": _dropdown(_("Show"), list(zip(AVERAGE_NAMES, AVERAGES, strict=True))),
        "pin": Action(_("Pin this head"), layout=ipywidgets.Layout(width="auto")),
        "unpin": Action(_("Unpin all"), layout=ipywidgets.Layout(width="auto")),
        "threshold": threshold,
        "hide_special": _check(_("Hide control tokens")),
        "hide_first": _check(_("Hide the first token")),
        "causal": _check(_("Causal mask")),
        "order": _dropdown(_("Sort heads by"), [(name, order) for order, name in ORDERS.items()]),
        "split": _stepper(_("Part B from token (0: none)")),
        "between": _dropdown(_("Between"), [(BETWEEN_NAMES[parts], parts) for parts in BETWEEN]),
    }


def in_rows(controls: dict[str, Any]) -> list[ipywidgets.HBox]:
    """The controls in rows, which wrap when the page is narrow."""
    wrap = ipywidgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="2px 12px")
    return [ipywidgets.HBox([controls[name] for name in names], layout=wrap) for names in ROWS]


def _dropdown(description: str, options: list[tuple[str, str]]) -> ipywidgets.Dropdown:
    layout = ipywidgets.Layout(width="auto", max_width="99%")
    return ipywidgets.Dropdown(description=description, options=options, style=NARROW, layout=layout)


def _stepper(description: str) -> ipywidgets.BoundedIntText:
    """A number with two small buttons: a slider of 30 steps would be a pixel or two for each."""
    width = f"{len(description) * 0.6 + 5}em"
    layout = ipywidgets.Layout(width=width)
    return ipywidgets.BoundedIntText(description=description, min=0, max=0, style=NARROW, layout=layout)


def _check(description: str) -> ipywidgets.Checkbox:
    return ipywidgets.Checkbox(description=description, indent=False, layout=ipywidgets.Layout(width="auto"))
