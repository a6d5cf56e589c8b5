"""The base of the course's widgets: state in traits, errors shown, time measured, a static view beside the live one."""

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
    """Controls and what they move.

    A subclass declares its state as traits, links its controls to them, and calls `react(self.update, "trait", ...)`:
    the update then runs at once and on every change, whether a hand or Python made it. An update writes traits and
    its children; it never prints. What it raises is shown as one line in the widget and kept in `error` until the same
    update succeeds; the whole exception goes to the `course.viz.kit.widget` logger at the level DEBUG. `latency_ms` is
    the time of the last update, with all the updates that it set off.
    """

    error = traitlets.Unicode("")
    latency_ms = traitlets.Float(0.0)

    def __init__(self, children: Sequence[ipywidgets.Widget] = (), **kwargs: Any) -> None:
        self._failed: Callable[[], Any] | None = None  # the action whose error is shown
        self._updating: set[int] = set()  # threads that are in an update
        self._alert = ipywidgets.HTML()
        self._status = ipywidgets.HTML()
        style = ipywidgets.HTML(f"<style>{CSS}</style>", layout=ipywidgets.Layout(display="none"))
        super().__init__([style, self._alert, *children, self._status], **kwargs)
        self.add_class("lm-widget")

    @traitlets.observe("error")
    def _show_error(self, change: traitlets.Bunch) -> None:
        self._alert.value = html.alert(change.new)

    def react(self, update: Callable[[], Any], *names: str) -> None:
        """Run `update` now, guarded, and again whenever one of the traits `names` changes."""
        guarded = self.guarded(update)
        self.observe(guarded, names)
        guarded()

    def guarded(self, action: Callable[[], Any]) -> Callable[..., None]:
        """`action` as a callback: it takes whatever a callback is given, is timed, and shows what it raises."""

        @functools.wraps(action)
        def callback(*_args: Any) -> None:
            thread = threading.get_ident()
            if thread in self._updating:  # one update set off another: the outer one answers
                action()
                return
            self._updating.add(thread)
            self._status.value = html.status(_("Working …"))
            start = time.perf_counter()
            try:
                action()
                if self._failed == action:  # what failed before works again
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
        """Show an exception as one line; its traceback goes to the log."""
        logger.debug("%s", type(self).__name__, exc_info=error)
        message = " ".join(str(error).split())
        whole = message and isinstance(error, ValueError | RuntimeError)  # the course's own errors are sentences
        self.error = message if whole else f"{type(error).__name__}: {message}".removesuffix(": ")


def text_box(description: str, placeholder: str = "") -> ipywidgets.Textarea:
    """Where a learner types a text: three lines, as wide as the page."""
    return ipywidgets.Textarea(
        description=description,
        placeholder=placeholder,
        rows=3,
        layout=ipywidgets.Layout(width="99%"),
        style={"description_width": "initial"},
    )


def require_at_most(limit: int, text: str) -> None:
    """Raises `ValueError` when the text has more characters than a widget can show in time."""
    if len(text) > limit:
        raise ValueError(
            _("The text has {count} characters; the limit here is {limit}. Shorten it.").format(
                count=f"{len(text):,}", limit=f"{limit:,}"
            )
        )
