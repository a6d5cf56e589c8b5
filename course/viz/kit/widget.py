"""The base of the course's widgets: state in traits, visible errors, measured latency, and a static view."""

import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _
from course.tokenization.tokenizer import whole_characters
from course.viz.kit.layout import blank, dimmed
from course.viz.kit.message_line import MessageLine
from course.viz.kit.static_view import StaticView

LONGEST_MESSAGE = 400  # characters
logger = logging.getLogger(__name__)


class LessonWidget(StaticView, ipywidgets.VBox):
    """Controls and the views that they change.

    A subclass declares its state as traits of `course.viz.kit.traits`, links its controls to them, and calls
    `react(self.update, "trait", ...)`: the update then runs immediately and on every change, whether made by hand or
    from Python. An update computes first, and then sets traits and changes its children; it never prints. So, when it
    raises an exception, the last good picture is still there: the page and the static view show it dimmed, with the
    exception as one line, which is kept in `error` until the same update succeeds. What `guarded` runs otherwise, such
    as a button's action, changes no picture when it fails: its message stays until the next action or update. The
    traceback goes to the `course.viz.kit.widget` logger at level DEBUG. `latency_ms` is the time of the last update,
    including all updates that it triggered.

    The static view is `picture()` and `in_words()`, which a subclass draws of its last good state.
    """

    error = traitlets.Unicode("")
    latency_ms = traitlets.Float(0.0)
    _has_picture = False  # whether there has been a good state

    def __init__(
        self,
        children: Sequence[ipywidgets.Widget] = (),
        *,
        message_below: ipywidgets.Widget | None = None,
        **state: Any,
    ) -> None:
        """The line for errors is below the last child with a text box, else the last child, or below `message_below`.

        Raises `ValueError` for a name that is no trait, and for a state that a trait does not take.
        """
        self._require_known(state)
        self._failures: dict[Callable[[], Any], str] = {}  # of updates: the state cannot be shown
        self._turns: dict[Callable[[], Any], int] = {}  # how often each has been run
        self._notice = ""  # of an action
        self._updating: set[int] = set()  # threads that are running an update
        self._message = MessageLine()
        children = list(children)
        below = [
            place
            for place, child in enumerate(children, start=1)
            if (_holds_text_box(child) if message_below is None else child is message_below)
        ]
        children.insert(below[-1] if below else len(children), self._message)
        try:
            super().__init__(children, **state)
        except traitlets.TraitError as error:
            raise ValueError(str(error)) from None
        self.add_class("lm-widget")
        traitlets.dlink((self, "error"), (self._message, "error"))

    def start_with(self, **state: Any) -> None:
        """Set traits to arguments of the constructor.

        Raises `ValueError` for a name that is no trait, before anything is set, and for a value that a trait does not
        take.
        """
        self._require_known(state)
        try:
            for name, value in state.items():
                setattr(self, name, value)
        except traitlets.TraitError as error:
            raise ValueError(str(error)) from None

    def _require_known(self, state: Mapping[str, Any]) -> None:
        traits = type(self).class_traits()
        if unknown := [name for name in state if name not in traits]:
            own = sorted(name for name in traits.keys() - LessonWidget.class_traits().keys() if name[0] != "_")
            raise ValueError(
                _("{widget} has no state {name!r}. It has: {known}.").format(
                    widget=type(self).__name__, name=unknown[0], known=", ".join(own)
                )
            )

    def react(self, update: Callable[[], Any], *names: str) -> Callable[..., None]:
        """Run `update` now and whenever one of the traits `names` changes, guarded. Returns it guarded."""
        guarded = self._guarded(update, is_update=True)
        self.observe(guarded, names)
        guarded()
        return guarded

    def guarded(self, action: Callable[[], Any]) -> Callable[..., None]:
        """`action` as a callback that ignores its arguments, measures the time, and shows exceptions in the widget."""
        return self._guarded(action, is_update=False)

    def _guarded(self, action: Callable[[], Any], *, is_update: bool) -> Callable[..., None]:
        def run() -> None:
            turn = self._turns[action] = self._turns.get(action, 0) + 1
            try:
                action()
            except Exception as error:
                self._failures.pop(action, None)
                if is_update:
                    self._failures[action] = self._sentence(error)
                else:
                    self._notice = self._sentence(error)
            else:
                if self._turns[action] == turn:  # else it has set itself off, and the last one counts
                    self._failures.pop(action, None)
                self._has_picture |= is_update and not self._failures

        @functools.wraps(action)
        def callback(*_args: Any) -> None:
            thread = threading.get_ident()
            if thread in self._updating:  # one update triggered another
                run()
                return
            self._updating.add(thread)
            self._notice, self._message.working = "", True
            start = time.perf_counter()
            try:
                run()
            finally:
                self._updating.discard(thread)
                self._say()
                self._message.working = False
                self.latency_ms = 1000 * (time.perf_counter() - start)

        return callback

    def show_error(self, error: Exception) -> None:
        """Show an exception as one line, until the next action or update, and log its traceback."""
        self._notice = self._sentence(error)
        self._say()

    def forget_error(self) -> None:
        """Take away what `show_error` or a failed action has left."""
        self._notice = ""
        self._say()

    def _say(self) -> None:
        self.error = self._notice or self._reason()
        self._message.stale = bool(self._failures)

    def _reason(self) -> str:
        """Why the state cannot be shown; empty when it can."""
        return next(reversed(self._failures.values()), "")

    def _sentence(self, error: Exception) -> str:
        logger.debug("%s", type(self).__name__, exc_info=error)
        message = " ".join(str(error).split())
        if len(message) > LONGEST_MESSAGE:  # it quotes what was typed: the beginning and the end say what is wrong
            message = f"{message[: LONGEST_MESSAGE // 2]} … {message[-LONGEST_MESSAGE // 2 :]}"
        whole = message and isinstance(error, ValueError | RuntimeError)  # the course's own errors are sentences
        return message if whole else f"{type(error).__name__}: {message}".removesuffix(": ")

    # --- The static view ---

    def picture(self) -> Figure:
        """The last good state as a matplotlib figure."""
        raise NotImplementedError

    def in_words(self) -> str:
        """The last good state in a few lines of text. The same state gives the same text: no times, no addresses."""
        raise NotImplementedError

    def figure(self) -> Figure:
        """The state as a matplotlib figure; when it is an error, that error over the last good picture, dimmed."""
        if not self._has_picture:
            return blank(self._reason())
        try:
            return dimmed(self.picture(), self._reason()) if self._failures else self.picture()
        except Exception as error:
            return blank(self._sentence(error))

    def summary(self) -> str:
        """The state in a few lines of text; when it is an error, that error first."""
        if not self._has_picture:
            return self._reason()
        try:
            return "\n".join([*self._failures.values(), self.in_words()])
        except Exception as error:
            return self._sentence(error)


def _holds_text_box(widget: ipywidgets.Widget) -> bool:
    children = getattr(widget, "children", ())
    return isinstance(widget, ipywidgets.Text | ipywidgets.Textarea) or any(map(_holds_text_box, children))


class _WholeCharacters:
    """Mixin for text boxes: half a character, as some systems type an emoji, becomes U+FFFD before anyone sees it."""

    def set_state(self, sync_data: dict[str, Any]) -> None:
        if isinstance(sync_data.get("value"), str):
            sync_data = sync_data | {"value": whole_characters(sync_data["value"])}
        super().set_state(sync_data)  # type: ignore[misc]


class TextBox(_WholeCharacters, ipywidgets.Textarea):
    """Several lines of text."""


class TextLine(_WholeCharacters, ipywidgets.Text):
    """One line of text."""


class Action(ipywidgets.Button):
    """A button that can be `off`: it then looks so and does nothing, and keeps the focus, which `disabled` loses."""

    off = traitlets.Bool(False)

    def __init__(self, description: str, **kwargs: Any) -> None:
        super().__init__(description=description, **kwargs)
        self.add_class("lm-action")

    @traitlets.observe("off")
    def _mark(self, change: traitlets.Bunch) -> None:
        (self.add_class if change.new else self.remove_class)("lm-off")


def text_box(description: str, placeholder: str = "") -> TextBox:
    """A text box for the learner: three lines, as wide as the widget."""
    return TextBox(
        description=description,
        placeholder=placeholder,
        rows=3,
        layout=ipywidgets.Layout(width="auto", flex="1 1 auto"),
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
