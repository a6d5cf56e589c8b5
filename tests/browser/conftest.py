"""`lab`: a page in a real browser, on a JupyterLab that serves copies of notebooks."""

import os
from pathlib import Path

import pytest

from course.workshop import doctor

SCREENSHOTS = Path(__file__).parents[2] / "test-results" / "screenshots"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    from tests.browser.lab_server import jupyterlab

    with jupyterlab(tmp_path_factory.mktemp("jupyterlab")) as running:
        yield running


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    from tests.browser.lab_server import BROWSER_OPTIONS

    path = doctor.chromium()
    if path is None:
        reason = "no Chromium, Chrome or Edge is installed here (Debian: apt install chromium)"
        if os.environ.get("COURSE_REQUIRE_BROWSER") == "1":
            pytest.fail(f"COURSE_REQUIRE_BROWSER=1, but {reason}")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield running
        running.close()


@pytest.fixture
def unchecked_lab(browser, server):
    """A fresh page, for tests of notebooks that are broken on purpose."""
    from tests.browser.lab_page import LabPage

    page = LabPage(browser.new_page(viewport={"width": 1280, "height": 900}), server, SCREENSHOTS)
    yield page
    page.close()
    assert server.kernels() == [], "the page is closed, and its kernel still runs"


@pytest.fixture
def lab(unchecked_lab):
    """A fresh page. When the test is over: no error in a cell or callback, no request that left this machine."""
    yield unchecked_lab
    assert unchecked_lab.errors() == []
    assert unchecked_lab.outside == [], "the page asked for something outside this machine"
    assert unchecked_lab.console == [], "the page reported errors on its console"


@pytest.fixture
def compare(request, unchecked_lab):
    """Open a copy of a notebook, run it as a learner does, and compare what comes with the stored outputs."""
    from tests.support.comparison import Recording, compare
    from tests.support.speed import paced

    def run(notebook, before=lambda: None):
        """`before` is called when the page is open and nothing has run yet."""
        unchecked_lab.server.add(notebook)
        unchecked_lab.open(notebook.stem)
        unchecked_lab.use_theme("JupyterLab Light")  # the server remembers the theme of the lesson before
        before()
        with paced() as slowness:
            seconds = unchecked_lab.run_all()
            slow_by = slowness()
        return compare(request.session, notebook, Recording(unchecked_lab.messages()), seconds, slow_by)

    return run


@pytest.fixture
def pictures(request, unchecked_lab):
    """Takes pictures of the whole page where `--screenshots` asks for those of this lesson."""
    asked = request.config.getoption("--screenshots")
    wanted = "all" in asked or request.getfixturevalue("lesson").slug in asked
    return unchecked_lab.screenshot_page if wanted else lambda name: None
