"""A lesson open in JupyterLab, for short widget tests: run it, find a cell, use a control, see a change."""

import ast
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError

from course.workshop.notebooks import RAISES, SECONDS_LIMIT
from tests.browser.lab_server import Server

OPEN_LIMIT = 120  # seconds until a notebook is open and its kernel idle
CHANGE_LIMIT = 10  # seconds within which a widget must answer at all
PAGE_MARGIN = 200  # pixels of JupyterLab's bars above and below the notebook


def of_jupyterlab(error) -> bool:
    """Whether JupyterLab's own code removed a node twice, as on a short page in Chromium 156; nothing is lost by it."""
    return "Failed to execute 'removeChild' on 'Node'" in str(error) and "/static/lab/jlab_core" in (error.stack or "")


class LabPage:
    """One browser page. Open a lesson, run it, then use the widgets of its cells through playwright's locators."""

    def __init__(self, page: Page, server: Server, screenshots: Path) -> None:
        self.page, self.server, self.screenshots = page, server, screenshots
        self.name = ""
        self.outside: list[str] = []  # requests to anything but this machine
        self.console: list[str] = []  # what the page reported as an error
        page.add_init_script(path=Path(__file__).with_suffix(".js"))
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda websocket: self._note(websocket.url))
        page.on("pageerror", lambda error: of_jupyterlab(error) or self.console.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.console.append(message.text))

    def _note(self, url: str) -> None:
        served = self.server.address.removeprefix("http")
        if not url.startswith(("http" + served, "ws" + served, "data:", "blob:")):
            self.outside.append(url)

    def open(self, name: str) -> None:
        """Open the notebook `name` (without its ending), as one who has no progress yet, and wait for its kernel."""
        self.name = name
        self.server.forget_progress()
        self.page.goto(self.server.url(f"{name}.ipynb"), wait_until="domcontentloaded")
        self.page.wait_for_function("courseTest.isOpen()", timeout=OPEN_LIMIT * 1000)
        self.page.evaluate("courseTest.listen()")

    def run_all(self, limit: float = 4 * SECONDS_LIMIT) -> float:
        """Clear all outputs and run all cells, to the last or to the first error. Returns the seconds it took."""
        start = time.monotonic()
        self.page.evaluate("courseTest.runAll()")
        try:
            self.page.wait_for_function("courseTest.hasRun()", timeout=limit * 1000)
        except TimeoutError:
            cell = self.page.evaluate("courseTest.runningCell()")
            raise AssertionError(f"{self.name}: cell {cell} still runs, {limit} s after the first began") from None
        return time.monotonic() - start

    def messages(self) -> list[dict]:
        """What the kernel has sent on the iopub channel since `run_all`, but for the widgets' own traffic."""
        return self.page.evaluate("courseTest.messages")

    def errors(self) -> list[str]:
        """Errors in cells that should show none, and those that widgets' callbacks raised since the page was opened."""
        return self.page.evaluate("tag => courseTest.errors(tag)", RAISES)

    def cell(self, text: str) -> Locator:
        """The first cell whose source contains `text`, scrolled into view."""
        index = self.page.evaluate("text => courseTest.scrollTo(text)", text)
        assert index >= 0, f"{self.name} has no cell with {text!r}"
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def evaluate(self, expression: str) -> object:
        """The value of a Python expression in the kernel; it must print as a literal."""
        answer = self.page.evaluate("expression => courseTest.evaluate(expression)", expression)
        assert "error" not in answer, f"{expression} in the kernel of {self.name}: {answer['error']}"
        return ast.literal_eval(answer["value"])

    def press(self, target: Locator, key: str, times: int = 1) -> None:
        """Focus something and press a key on it, as a learner without a mouse does."""
        target.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, handle: Locator, track: Locator, share: float) -> None:
        """Drag a slider's handle with the mouse to a share (0 to 1) of its track."""
        handle.scroll_into_view_if_needed()
        a, b = handle.bounding_box(), track.bounding_box()
        self.page.mouse.move(a["x"] + a["width"] / 2, a["y"] + a["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(b["x"] + b["width"] * share, b["y"] + b["height"] / 2, steps=8)
        self.page.mouse.up()

    def type(self, field: Locator, text: str) -> None:
        """Replace what a text field holds, key by key."""
        field.click()
        field.press("ControlOrMeta+a")
        field.press_sequentially(text)

    @contextmanager
    def changes(self, region: Locator, limit: float = CHANGE_LIMIT) -> Iterator[list[float]]:
        """What is done inside the `with` must change the text, attributes or pictures in `region`.

        `region` must stay in the page (a widget's root, not what it redraws) and not hold what is moved: a slider
        changes by itself. Afterwards the list holds the seconds from the last action to the first changed frame.
        """
        watch = region.evaluate_handle("(region, limit) => courseTest.watch(region, limit)", limit)
        taken: list[float] = []
        yield taken
        seconds = watch.evaluate("watch => watch.seconds")
        assert seconds is not None, f"{self.name}: no change in {region} within {limit} s; errors: {self.errors()}"
        taken.append(seconds)

    def time_key(self, key: str, region: Locator, quiet: float = 400) -> float:
        """Press a key where the focus is: the milliseconds from the key to the last frame that changed `region`.

        That is the last frame after which nothing changes for `quiet` milliseconds.
        """
        watch = region.evaluate_handle("(region, quiet) => courseTest.settle(region, quiet)", quiet)
        self.page.keyboard.press(key)
        taken = watch.evaluate("watch => watch.milliseconds")
        assert taken is not None, f"{self.name}: {key!r} changes nothing in {region}"
        return taken

    def wait_until(self, condition: Callable[[], bool], what: str, limit: float = CHANGE_LIMIT) -> None:
        """Ask again and again until the condition holds."""
        deadline = time.monotonic() + limit
        while not condition():
            assert time.monotonic() < deadline, f"{self.name}: not within {limit} s: {what}; errors: {self.errors()}"
            self.page.wait_for_timeout(20)

    def misfits(self, width: int) -> list[str]:
        """What does not fit into the outputs of a page of this width in pixels."""
        with self.as_wide_as(width):
            return self.page.evaluate("courseTest.misfits()")

    def broken_words(self, region: Locator, width: int) -> list[str]:
        """The words and numbers in `region` that a page of this width breaks in two."""
        with self.as_wide_as(width):
            return region.evaluate("region => courseTest.brokenWords(region)")

    @contextmanager
    def as_wide_as(self, width: int) -> Iterator[None]:
        """In the block the page has this width in pixels, the list of files closed below 1,000."""
        size = self.page.viewport_size or {}
        self.page.set_viewport_size({"width": width, "height": size["height"]})
        if width < 1000:
            self.page.evaluate("courseTest.toggleFiles()")
        self.page.wait_for_timeout(500)  # figures and widgets follow the width of the page
        try:
            yield
        finally:
            if width < 1000:
                self.page.evaluate("courseTest.toggleFiles()")
            self.page.set_viewport_size({"width": size["width"], "height": size["height"]})

    def use_theme(self, theme: str) -> None:
        """`"JupyterLab Light"` or `"JupyterLab Dark"`."""
        self.page.evaluate("theme => courseTest.useTheme(theme)", theme)
        self.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")  # what fades over the page meanwhile

    def screenshot(self, name: str, cell: Locator) -> None:
        """A picture of what a cell shows now, for a person to look at: `<lesson>-<name>.png`."""
        self.screenshots.mkdir(parents=True, exist_ok=True)
        shown = cell.locator(".jp-Cell-outputArea")
        size = self.page.viewport_size
        height = shown.bounding_box()["height"] + PAGE_MARGIN
        if height > size["height"]:  # or the bars of the page would lie over it
            self.page.set_viewport_size(size | {"height": math.ceil(height)})
        shown.screenshot(path=self.screenshots / f"{self.name}-{name}.png")
        self.page.set_viewport_size(size)

    def screenshot_page(self, name: str) -> None:
        """The whole notebook, one picture for each screen: `<lesson>-<name>-01.png` and on."""
        self.screenshots.mkdir(parents=True, exist_ok=True)
        for old in self.screenshots.glob(f"{self.name}-{name}-*.png"):
            old.unlink()
        self.page.evaluate("courseTest.scrollToTop()")
        number, end = 0, False
        while not end:
            number += 1
            self.page.evaluate("courseTest.isDrawn()")
            self.page.screenshot(path=self.screenshots / f"{self.name}-{name}-{number:02d}.png")
            end = self.page.evaluate("courseTest.scrollOn()")

    def close(self) -> None:
        """Stop the kernel and close the page."""
        self.page.evaluate("courseTest.shutDown()")
        self.page.close()
