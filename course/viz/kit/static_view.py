"""Widgets that are readable without a kernel: a saved page keeps an image and text beside the live view."""

from typing import Any

from matplotlib.figure import Figure

from course.viz.kit.style import png_base64

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class StaticView:
    """Mixin for widgets: `figure()` and `summary()` show the state; a saved page stores them as PNG and text."""

    model_id: str  # of the widget

    def figure(self) -> Figure:
        """The current state as a matplotlib figure."""
        raise NotImplementedError

    def summary(self) -> str:
        """The current state in a few lines of text. The same state gives the same text: no times, no addresses."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.summary()

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        return {
            "text/plain": self.summary(),
            "image/png": png_base64(self.figure()),
            WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id},
        }
