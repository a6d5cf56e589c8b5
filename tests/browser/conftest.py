"""`lab`: a page in a real browser, on a JupyterLab that serves copies of the lessons."""

import os
from pathlib import Path

import pytest

from course.syllabus.lessons import LESSONS

SCREENSHOTS = Path(__file__).parents[2] / "test-results" / "screenshots"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    from tests.browser.lab_server import jupyterlab

    notebooks = [lesson.notebook for lesson in LESSONS if lesson.available]
    with jupyterlab(tmp_path_factory.mktemp("jupyterlab"), notebooks) as running:
        yield running


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    from tests.browser.lab_server import BROWSER_OPTIONS, find_browser

    path = find_browser()
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


@pytest.fixture
def lab(unchecked_lab):
    """A fresh page. When the test is over: no error in a cell or callback, no request that left this machine."""
    yield unchecked_lab
    assert unchecked_lab.errors() == []
    assert unchecked_lab.outside == [], "the page asked for something outside this machine"
    assert unchecked_lab.console == [], "the page reported errors on its console"
