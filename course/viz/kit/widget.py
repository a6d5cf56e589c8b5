"""The base of the course's widgets: state in traits, visible errors, measured latency, and a static view."""

import functools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from course.messages import _
from course.viz.kit import html
from course.viz.kit.static_view import StaticView

CSS = Path(__file__).with_name("lesson_widget.css").read_text(encoding="utf-8")
logger = logging.getLogger(__name__)


class LessonWidget(StaticView, ipywidgets.VBox):
    """Controls and the views that they change.

    A subclass declares its state as traits, links its controls to them, and calls `react(self.update, "trait", ...)`:
    the update then runs immediately and on every change, whether made by hand or from Python. An update sets traits and
    changes its children; it never prints. An exception is shown as one line in the widget and kept in `error` until the
    same update succeeds; its traceback goes to the `course.viz.kit.widget` logger at level DEBUG. `latency_ms` is the
    time of the last update, including all updates that it triggered.
    """

    error = traitlets.Unicode("")
    latency_ms = traitlets.Float(0.0)

    def __init__(self, children: Sequence[ipywidgets.Widget] = (), **kwargs: Any) -> None:
        self._failed: Callable[[], Any] | None = None  # the action whose error is shown
        self._updating: set[int] = set()  # threads that are running an update
        self._alert = ipywidgets.HTML()
        self._status = ipywidgets.HTML()
        style = ipywidgets.HTML(f"<style>{CSS}</style>", layout=ipywidgets.Layout(display="none"))
        super().__init__([style, self._alert, *children, self._status], **kwargs)
        self.add_class("lm-widget")

    @traitlets.observe("error")
    def _show_error(self, change: traitlets.Bunch) -> None:
        self._alert.value = html.alert(change.new)

    def react(self, update: Callable[[], Any], *names: str) -> None:
        """Run `update` now and whenever one of the traits `names` changes, always guarded."""
        guarded = self.guarded(update)
        self.observe(guarded, names)
        guarded()

    def guarded(self, action: Callable[[], Any]) -> Callable[..., None]:
        """`action` as a callback that ignores its arguments, measures the time, and shows exceptions in the widget."""

        @functools.wraps(action)
        def callback(*_args: Any) -> None:
            thread = threading.get_ident()
            if thread in self._updating:  # one update triggered another: the outer one handles errors
                action()
                return
            self._updating.add(thread)
            self._status.value = html.status(_("Working …"))
            start = time.perf_counter()
            try:
                action()
                if self._failed == action:  # the action that failed before works again
                    self.error = ""
            except Exception as error:
                self.show_error(error)
                self._failed = action
            finally:
                self._updating.discard(thread)
                self._status.value = ""
                self.latency_ms = 1000 * (time.perf_counter() - start)

        return callback

    def show_error(self, error: Exception) -> None:
        """Show an exception as one line, and log its traceback."""
        logger.debug("%s", type(self).__name__, exc_info=error)
        message = " ".join(str(error).split())
        whole = message and isinstance(error, ValueError | RuntimeError)  # the course's own errors are sentences
        self.error = message if whole else f"{type(error).__name__}: {message}".removesuffix(": ")


def text_box(description: str, placeholder: str = "") -> ipywidgets.Textarea:
    """A text box for the learner: three lines, as wide as the widget."""
    return ipywidgets.Textarea(
        description=description,
        placeholder=placeholder,
        rows=3,
        layout=ipywidgets.Layout(width="auto"),
        style={"description_width": "initial"},
    )


def require_at_most(limit: int, text: str) -> None:
    """Raises `ValueError` when the text has more characters than a widget can process quickly."""
    if len(text) > limit:
        raise ValueError(
            _("The text has {count} characters; the limit here is {limit}. Shorten it.").format(
                count=f"{len(text):,}", limit=f"{limit:,}"
            )
        )
