"""The line of a widget that speaks. Its script does what every widget needs on the page: keys and names."""

from pathlib import Path

import anywidget
import traitlets

from course.messages import _

STATIC = Path(__file__).parent


def script(*names: str) -> str:
    """Scripts of this folder, one after the other, as the script of one widget."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


class MessageLine(anywidget.AnyWidget):
    """One line of a widget: `error`, that it is `working`, or that the kernel no longer knows it.

    `stale` says that the widget does not show its state, so that it is dimmed. The line has the same height whatever it
    says. Its script looks after the widget around it, the nearest element of the class `lm-widget`: keys stay inside,
    controls have names.
    """

    _esm = script("shortcut_guard.js", "control_names.js", "message_line.js")
    _css = script("lesson_widget.css", "message_line.css")

    error = traitlets.Unicode("").tag(sync=True)
    working = traitlets.Bool(False).tag(sync=True)
    stale = traitlets.Bool(False).tag(sync=True)
    words = traitlets.Dict(
        {
            "error": _("Error:"),
            "working": _("Working …"),
            "lost": _("This does not answer: the kernel has been restarted or is not running. Run the cell again."),
        }
    ).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("lm-speaks")
