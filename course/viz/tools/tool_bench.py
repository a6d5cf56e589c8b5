"""A catalog to edit, a request, the call that answers it, and what running the call gives."""

from collections.abc import Mapping

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _
from course.tools import Catalog
from course.tools.execution import Result, Toolbox
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_row, label_above
from course.viz.kit.traits import Text
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box
from course.viz.tools.bench_run import checked, run
from course.viz.tools.bench_words import EXAMPLES, allowed, layer_lines, said_of
from course.viz.tools.call_nodes import shortened
from course.viz.tools.call_tree import MENU, MOST_OF_CALL, MOST_OF_REQUEST, Write
from course.viz.tools.catalog_text import catalog_text, read_catalog
from course.viz.tools.result_page import bench_figure, result_page

MOST_OF_CATALOG = 20_000  # characters


class ToolBench(LessonWidget):
    """A catalog as text, a request, and a call, which is checked as it is typed and run by a button.

    The state is `catalog`, a signature on each line, which is what may be called; `request`; and `call`. `results` says
    of each call what refuses it; once it was run, its value, or what refused it then. A function of the catalog runs
    where `toolbox` has it. An example is a request with its call. Without `write` there is no button that writes.
    """

    catalog = Text()
    request = Text()
    call = Text()
    results: list[Result]
    has_run: bool

    def __init__(
        self,
        toolbox: Toolbox,
        *,
        examples: Mapping[str, str] = EXAMPLES,
        request: str | None = None,
        call: str | None = None,
        catalog: str | None = None,
        write: Write | None = None,
    ) -> None:
        """`examples` have a call for each request; the first is shown. Raises `ValueError` where there are none."""
        if not examples:
            raise ValueError(_("There is no example: give a request and its call."))
        self.toolbox, self.examples, self._write = toolbox, dict(examples), write
        first = next(iter(examples))
        own = catalog_text(sorted(toolbox.catalog, key=lambda function: len(function.signature())))
        lines = label_above(text_box(_("Catalog, a signature on each line"), "f(x: int)"))
        asked, box = text_box(_("Request"), _("Say what is to be done")), text_box(_("Call"), _("Type a call"))
        lines.rows, asked.rows, box.rows = 7, 2, 2
        named = [(_("Choose one"), ""), *((shortened(one), one) for one in examples)]
        self._menu = ipywidgets.Dropdown(options=named, description=_("Example"), style=STYLE, layout=MENU)
        writes, runs = Action(_("Write the call"), button_style="primary"), Action(_("Run"), button_style="primary")
        self._heading, self._page = ipywidgets.HTML(), ipywidgets.HTML()
        buttons = control_row(*([writes] if write else []), runs)
        super().__init__([lines, control_row(self._menu), asked, box, buttons, self._heading, self._page])
        self.start_with(
            catalog=own if catalog is None else catalog,
            request=first if request is None else request,
            call=examples[first] if call is None else call,
        )
        for name, control in {"catalog": lines, "request": asked, "call": box}.items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "catalog", "request", "call")
        self._menu.observe(self._take, "value")
        writes.on_click(self.guarded(self.write))
        runs.on_click(self.guarded(self.run))

    def _take(self, change: traitlets.Bunch) -> None:
        """Take over an example."""
        if change.new in self.examples:
            with self.hold_trait_notifications():
                self.request, self.call = change.new, self.examples[change.new]

    def update(self) -> None:
        """Read the catalog, check the call against it, and forget what an earlier call gave."""
        for text, limit in (
            (self.catalog, MOST_OF_CATALOG),
            (self.request, MOST_OF_REQUEST),
            (self.call, MOST_OF_CALL),
        ):
            require_at_most(limit, text)
        functions = read_catalog(self.catalog, self.toolbox.catalog)
        self.results, self.has_run = checked(self.call, functions), False
        self._functions, self._shown = functions, (self.request, self.call)
        self._menu.value = self.request if self.examples.get(self.request) == self.call else ""
        self._draw()

    def run(self) -> None:
        """Run what the catalog lets through. Raises `ValueError` while the state cannot be shown."""
        self._require_shown()
        self.results, self.has_run = run(checked(self._shown[1], self._functions), self._functions, self.toolbox), True
        self._draw()

    def write(self) -> None:
        """Have the request written as a call. Raises `ValueError` without a request, or without `write`."""
        if self._write is None:
            raise ValueError(_("There is nothing that writes a call: give `write`."))
        self._require_shown()
        if not self.request.strip():
            raise ValueError(_("The request is empty. Say what is to be done."))
        self.call = self._write(self.request, self._functions)

    def _require_shown(self) -> None:
        if self._reason():
            raise ValueError(self._reason())

    @property
    def functions(self) -> Catalog:
        """What may be called."""
        return self._functions

    # --- What is shown ---

    def _draw(self) -> None:
        self._heading.value = html.heading(said_of(self.results), allowed(self._functions))
        self._page.value = "".join(result_page(result, self.has_run) for result in self.results)

    def picture(self) -> Figure:
        request = _("Request: {text}").format(text=self._shown[0])
        said = [request, _("Call: {text}").format(text=self._shown[1]), allowed(self._functions)]
        return bench_figure(self.results, self.has_run, title=said_of(self.results), said=said)

    def in_words(self) -> str:
        lines = [*map(repr, self._shown), allowed(self._functions), said_of(self.results)]
        for result in self.results:
            lines += [f"{line.sign} {line.name} {line.said}".rstrip() for line in layer_lines(result, self.has_run)]
        return "\n".join(lines)
