"""A figure to point at, zoom and turn: live in the notebook, a picture in the saved page, its numbers for everyone."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go
from IPython.display import display
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.plotly_style import CONFIG
from course.viz.kit.style import png_base64
from course.viz.show import Page, table

PLOTLY = "application/vnd.plotly.v1+json"


def check_columns(*names: object) -> None:
    """Raises `ValueError` for a name that two columns of a figure's numbers would have, or that is no text."""
    for place, name in enumerate(names):
        if not isinstance(name, str):
            raise ValueError(
                _("The name {name!r} is not text. Write {text!r} instead.").format(name=name, text=str(name))
            )
        if name in names[:place]:
            raise ValueError(
                _("{name!r} names two columns of the numbers of this figure: {names}. Rename one of them.").format(
                    name=name, names=", ".join(map(repr, names))
                )
            )


@dataclass(frozen=True)
class Interactive:
    """The same data three times: `live` by plotly, `picture` by matplotlib, `numbers` as the rows of a table.

    As the value of a cell it shows the picture, which becomes live when the pointer is on it, and the numbers folded
    away below it, for whoever has no pointer or no screen. `description` is the picture in words: its alternative text.
    JupyterLab draws the live one with the script inside the plotly package; a code host, nbconvert and a page without
    plotly keep the picture. Nothing is fetched, and the notebook holds no script and no widget state.
    """

    live: go.Figure
    picture: Figure
    description: str
    numbers: Sequence[Mapping[str, object]]

    def __repr__(self) -> str:
        return self.description

    def bundle(self) -> dict[str, Any]:
        """What the notebook keeps: plotly's JSON, as high as the picture that it replaces; the picture; the words."""
        # The renderer of plotly shows a picture at its own size, whatever the metadata say, so it is not a sharper one.
        figure, picture = self.live.to_plotly_json(), png_base64(self.picture, sharpness=1)
        height = int.from_bytes(base64.b64decode(picture[:32])[20:24])  # the PNG's header: width, height
        return {
            PLOTLY: {"data": figure["data"], "layout": figure["layout"] | {"height": height}, "config": CONFIG},
            "image/png": picture,
            "text/plain": self.description,
        }

    def folded_numbers(self) -> Page:
        """The figure in words and the numbers as a table, which one unfolds.

        The renderer of plotly gives its picture no alternative text, so that the words are here for everyone.
        """
        numbers, summary = table(self.numbers), _("This figure in words and numbers")
        words = "<br>".join(escape(line) for line in self.description.splitlines())
        markdown = (
            f"<details><summary>{escape(summary)}</summary>\n\n"
            f'<p class="mathjax_ignore">{words}</p>\n\n{numbers._repr_markdown_()}\n\n</details>'
        )
        return Page(markdown, repr(numbers))

    def _ipython_display_(self) -> None:
        display(self.bundle(), raw=True, metadata={"image/png": {"alt": self.description}})
        display(self.folded_numbers())
