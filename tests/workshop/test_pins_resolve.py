"""Every pin has a build for every system and Python that the course promises, and every package below them is pinned.

The one test of the course that asks the package index. uv reads the metadata that the index keeps beside each build, so
that nothing large is downloaded.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from course.syllabus.lessons import ROOT
from course.workshop import supported

SYSTEMS = {
    "Linux on x86-64": "x86_64-manylinux_{}_{}".format(*supported.MIN_GLIBC),
    "Linux on ARM": "aarch64-manylinux_{}_{}".format(*supported.MIN_GLIBC),
    "Windows": "x86_64-pc-windows-msvc",
    "macOS on Apple silicon": "aarch64-apple-darwin",
}
OLDEST, NEWEST = supported.MIN_PYTHON, supported.MAX_PYTHON
PYTHONS = (supported.dotted(OLDEST), *(f"3.{minor}" for minor in range(OLDEST[1] + 1, NEWEST[1] + 1)))
ALL = [(system, python) for python in PYTHONS for system in SYSTEMS]

pytestmark = pytest.mark.skipif(os.environ.get("COURSE_OFFLINE") == "1", reason="asks the package index: online only")


def resolve(system: str, python: str) -> subprocess.CompletedProcess:
    """What uv answers when asked which builds a system and a Python would install, tests included."""
    options = ["--python", sys.executable, "--no-python-downloads", "--no-header", "--no-annotate", "--quiet"]
    where = ["--python-platform", SYSTEMS[system], "--python-version", python, "--only-binary", ":all:"]
    environ = os.environ | {"MACOSX_DEPLOYMENT_TARGET": f"{supported.MIN_MACOS[0]}.0"}
    if mirror := os.environ.get("PIP_INDEX_URL"):
        environ["UV_DEFAULT_INDEX"] = mirror
    needs = ["pyproject.toml", "--extra", "test", "--constraints", "constraints.txt"]
    command = [sys.executable, "-m", "uv", "pip", "compile", *needs, *where, *options]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)


@pytest.fixture(scope="module")
def resolutions():
    """(system, Python) → uv's answer. The first one fills uv's cache, the others then share it."""
    first = resolve(*ALL[0])
    if first.returncode and re.search("error sending request|timed out", first.stderr):
        pytest.skip(f"the package index does not answer: {first.stderr}")
    with ThreadPoolExecutor(4) as threads:
        return dict(zip(ALL, [first, *threads.map(lambda where: resolve(*where), ALL[1:])], strict=True))


@pytest.mark.parametrize(("system", "python"), ALL)
def test_every_pin_has_a_build(resolutions, system, python):
    answer = resolutions[system, python]
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(("system", "python"), ALL)
def test_every_package_below_is_pinned(resolutions, system, python):
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"(?m)^([\w.-]+==\S+)", constraints))
    needed = set(re.findall(r"(?m)^([\w.-]+==\S+)", resolutions[system, python].stdout))
    assert len(needed) > 100
    assert needed - pinned == set()
