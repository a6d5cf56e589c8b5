"""Widgets that are readable without a kernel: a saved page keeps an image and text beside the live view."""

from typing import Any

from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from course.messages import _
from course.viz.kit.alt_text import at_most
from course.viz.kit.style import QUIET, in_course_style, picture_html, png_base64

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class StaticView:
    """Mixin for widgets: `figure()` and `summary()` show the state; a saved page has them as picture and text."""

    model_id: str  # of the widget

    def figure(self) -> Figure:
        """The current state as a matplotlib figure."""
        raise NotImplementedError

    def summary(self) -> str:
        """The current state in a few lines of text. The same state gives the same text: no times, no addresses."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.summary()

    def static_view(self) -> dict[str, Any]:
        """What a page without a kernel shows beside the text, by MIME type."""
        words = at_most(_("A picture of a widget. {words}").format(words=self.summary()))
        return {"text/html": picture_html(png_base64(_captioned(self.figure())), words)}

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"text/plain": self.summary(), **self.static_view(), WIDGET_VIEW: view}

    def _ipython_display_(self) -> None:
        display(self._repr_mimebundle_(), raw=True)


@in_course_style
def _captioned(figure: Figure) -> Figure:
    """The figure with a line below it for the reader of a saved page, who cannot move it."""
    below = figure.transFigure + ScaledTranslation(0, -0.1, figure.dpi_scale_trans)
    caption = _("A picture of a widget. Run the lesson to use it.")
    figure.text(0, 0, caption, transform=below, va="top", fontsize=10.0, color=QUIET)
    return figure
