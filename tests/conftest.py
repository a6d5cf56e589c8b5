"""Rules for all tests: shapes are checked, runs are reproducible, no user files are touched, offline is offline."""

import gc
import os
import pkgutil
import sys
from collections import Counter

import pytest
from hypothesis import settings
from jaxtyping import config as jaxtyping_config
from jaxtyping import install_import_hook

import course
from tests.support.offline import forbid_network

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when PyTorch is first imported: sums come out the same each time

# Every shape in a signature is checked while the tests run. The exercises have none, and their functions run often.
ROOMS = [f"course.{room.name}" for room in pkgutil.iter_modules(course.__path__) if room.name != "exercises"]
install_import_hook(ROOMS, "beartype.beartype")

settings.register_profile("course", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("course")


@pytest.fixture(autouse=True, scope="session")
def _surroundings(tmp_path_factory):
    """No test touches the learner's own progress, and `COURSE_OFFLINE=1` holds for every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROGRESS", str(tmp_path_factory.mktemp("progress") / "progress.json"))
        if os.environ.get("COURSE_OFFLINE") == "1":
            forbid_network(patch.setattr)
        yield


@pytest.fixture
def offline(monkeypatch):
    """The network is off in this test, whatever the environment says."""
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    forbid_network(monkeypatch.setattr)


def pytest_addoption(parser):
    group = parser.getgroup("course")
    group.addoption("--lesson", action="append", metavar="SLUG", help="of what runs lesson by lesson, only this one")
    group.addoption(
        "--screenshots", action="append", default=[], metavar="SLUG", help="pictures of this lesson's page, or `all`"
    )
    group.addoption(
        "--all-wrong-answers", action="store_true", help="try those to every exercise, also where nothing has changed"
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: needs a Chromium and starts JupyterLab")
    config.addinivalue_line("markers", "notebook: runs a whole lesson")
    config.addinivalue_line("markers", "slow: takes a second or more, with what it loads; `--fast` leaves it out")
    config.addinivalue_line("markers", "timed: measures time, so nothing else may run beside it")


def pytest_collection_modifyitems(config, items):
    """With `--lesson`, leave out what a parameter `lesson` or `exercise` says is of another lesson.

    Where workers share the tests, files with many slow ones come first, so that none of them is left to the end.
    """
    if hasattr(config, "workerinput"):
        slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: -slow[item.path])
    if not (wanted := config.getoption("--lesson")):
        return
    left_out = {item for item in items if (slug := _lesson_of(item)) is not None and slug not in wanted}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish():
    """The tests are there to the end, so the collector of garbage need not look through them each time that it runs."""
    gc.collect()
    gc.freeze()


def _lesson_of(item: pytest.Item) -> str | None:
    """The slug of the lesson that a test is about; None when it is about none in particular."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    if "lesson" in parameters:
        return parameters["lesson"].slug
    if "exercise" in parameters:
        return parameters["exercise"].solution.__module__.split(".")[2]  # course.exercises.SLUG
    return None


def pytest_terminal_summary(terminalreporter):
    """What was compared, pressed and told: a line for each lesson or exercise."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    recorded = [pair for report in reports if report.when == "call" for pair in report.user_properties]
    sections = {
        "nbval": "notebooks under nbval",
        "controls": "keys pressed on controls of widgets",
        "wrong answers": "wrong answers to the exercises",
        "timed": "measured times, as shares of their limits",
        "latency": "measured times in the browser",
    }
    for name, title in sections.items():
        if lines := {value for kind, value in recorded if kind == name}:
            terminalreporter.section(title)
            for line in sorted(lines):
                terminalreporter.write_line(line)
    if counts := [value for kind, value in recorded if kind == "wrong answers counted"]:
        wrong, passed, named = map(sum, zip(*counts, strict=True))
        terminalreporter.write_line(f"in all: {wrong} wrong, {passed} passed, {named / wrong:.1%} named")


def pytest_runtest_setup():
    """A test that forgets its seed still gives the same numbers alone and among others."""
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture
def unchecked_shapes():
    """As learners run it: without the tests' own checks of shapes, which would speak first."""
    jaxtyping_config.update("jaxtyping_disable", True)
    yield
    jaxtyping_config.update("jaxtyping_disable", False)
