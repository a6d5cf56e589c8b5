"""A call as a tree: each node is right or wrong by a rule, and three ways of checking are compared."""

from collections.abc import Callable, Sequence

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.data.api_calls import CallTask
from course.messages import _
from course.tools import STRINGS, Catalog, Verdict
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_row
from course.viz.kit.traits import Choice, StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box
from course.viz.tools.call_nodes import call_tree, shortened, sign
from course.viz.tools.call_reading import CallReading, require_tasks, right_call, rule_name
from course.viz.tools.verdict_figure import Line, verdict_figure
from course.viz.tools.verdict_page import code_page, rows_page, tree_page

MOST_OF_CALL, MOST_OF_REQUEST = 2_000, 1_000  # characters
MENU = {"width": "100%", "max_width": "44em"}
Write = Callable[[str, Catalog], str]


class CallTree(LessonWidget):
    """A task, a call that should answer it, and the verdict on every node of the call.

    The state is `task`, counted from 1, `call`, the `request` that `write` turns into a call (at first the task's
    question), and `strings`, the rule for texts: "exact" or "bfcl". Another task has its own request, and the call last
    typed for it, at first one that is right. `reading` has the verdict by each rule for texts and APIBench's. Without
    `write` there is neither a box for a request nor a button.
    """

    task = Whole(1, min=1)
    call = Text()
    request = Text()
    strings = Choice(STRINGS, "exact")
    reading: CallReading

    def __init__(
        self,
        tasks: Sequence[CallTask],
        *,
        task: int = 1,
        call: str | None = None,
        request: str | None = None,
        strings: str = "exact",
        write: Write | None = None,
    ) -> None:
        """Raises `ValueError` for no tasks, for one whose answer is not among its functions, and for another state."""
        self.tasks, self._write = require_tasks(tasks), write
        self._typed: dict[int, str] = {}
        options = [(f"{place}. {_one_line(one.question)}", place) for place, one in enumerate(tasks, start=1)]
        menu = ipywidgets.Dropdown(options=options, description=_("Task"), style=STYLE, layout=MENU)
        box = text_box(_("Call"), _("Type a call, such as f(x=1)"))
        asked = text_box(_("Request"), _("Say in your own words what is to be done"))
        box.rows, asked.rows, asked.continuous_update = 2, 2, False
        rules = ipywidgets.ToggleButtons(
            options=[(rule_name(one), one) for one in STRINGS], description=_("Texts by"), style=STYLE
        )
        button = Action(_("Write the call"), button_style="primary")
        self._given, self._heading, self._tree, self._rows = (ipywidgets.HTML() for _part in range(4))
        written = [asked, control_row(button)] if write else []
        views = [rules, self._heading, self._tree, self._rows]
        super().__init__([control_row(menu), self._given, *written, box, *views], message_below=box)
        self._begin(1)
        given = {"task": task, "strings": strings, "call": call, "request": request}
        self.start_with(**{name: value for name, value in given.items() if value is not None})
        for name, control in {"task": menu, "call": box, "request": asked, "strings": rules}.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "task", "call", "strings")
        button.on_click(self.guarded(self.write))

    @traitlets.validate("task")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value > len(self.tasks):
            raise StateError(
                _("There is no task {task}: there are {n}, counted from 1.").format(
                    task=proposal.value, n=len(self.tasks)
                )
            )
        return proposal.value

    @traitlets.observe("task")
    def _change(self, change: traitlets.Bunch) -> None:
        self._typed[change.old] = self.call
        self._begin(change.new)

    def _begin(self, task: int) -> None:
        self.request = self.tasks[task - 1].question
        self.call = self._typed.get(task, right_call(self.tasks[task - 1]))

    def update(self) -> None:
        """Check the call by every rule."""
        require_at_most(MOST_OF_CALL, self.call)
        self.reading, self._by = CallReading.of(self.call, self.tasks[self.task - 1]), self.strings
        self._given.value = html.prose(self.reading.task.question) + code_page(self._functions(), _("Functions"))
        self._heading.value = html.heading(self.reading.said(self._by))
        self._tree.value = tree_page(call_tree(self.verdict))
        self._rows.value = rows_page(self.reading.rows(self._by), _("This call by three rules"))

    def write(self) -> None:
        """Have the request written as a call. Raises `ValueError` without a request, or without `write`."""
        if self._write is None:
            raise ValueError(_("There is nothing that writes a call: give `write`."))
        require_at_most(MOST_OF_REQUEST, self.request)
        if not self.request.strip():
            raise ValueError(_("The request is empty. Say what is to be done."))
        self.call = self._write(self.request, Catalog(self.tasks[self.task - 1].functions))

    @property
    def verdict(self) -> Verdict:
        """The verdict that is shown as a tree."""
        return self.reading.verdicts[self._by]

    # --- What is shown ---

    def _functions(self) -> list[str]:
        return [function.signature() for function in self.reading.task.functions]

    def picture(self) -> Figure:
        lines = []
        for depth, node in call_tree(self.verdict).walk():
            lines.append(Line(depth, node.written, node.sign, node.ok))
            lines += [Line(depth + 1, f"{sign(one.ok)} {one.rule}: {one.reason}") for one in node.verdicts]
        rows = [f"{row.sign} {row.name}: {row.said}" for row in self.reading.rows(self._by)]
        return verdict_figure(lines, title=self.reading.said(self._by), said=[self.reading.task.question, *rows])

    def in_words(self) -> str:
        lines = [repr(self.reading.task.question), repr(self.reading.call), self.reading.said(self._by)]
        for depth, node in call_tree(self.verdict).walk():
            said = "; ".join(f"{sign(one.ok)} {one.rule}: {one.reason}" for one in node.verdicts)
            lines.append(f"{'  ' * depth}{node.sign} {node.written} – {said}")
        return "\n".join([*lines, *(f"{row.sign} {row.name}: {row.said}" for row in self.reading.rows(self._by))])


def _one_line(question: str) -> str:
    return shortened(" ".join(question.split()))
