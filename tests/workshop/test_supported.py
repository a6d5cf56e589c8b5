"""Which Pythons and systems the course can be installed on, and the sentence that the others get."""

import platform
import sys
import tomllib

import pytest

from course.syllabus.lessons import ROOT
from course.workshop import supported


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((2, 7, 18), False),
        ((3, 11, 4), False),
        ((3, 11, 5, "final", 0), True),
        ((3, 14, 9), True),
        ((3, 15, 0), False),
    ],
)
def test_pythons(version, expected, monkeypatch):
    monkeypatch.setattr(sys, "version_info", version)
    assert supported.is_supported(version) is expected
    assert (supported.python_trouble() == "") is expected


def test_the_sentence_for_an_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 11, 4, "final", 0))
    message = supported.python_trouble()
    assert message.startswith(f"The course needs Python 3.11.5 to 3.14; this is Python 3.11.4 ({sys.executable}).")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("system", "machine", "version", "expected"),
    [
        ("Linux", "x86_64", "2.36", ""),
        ("Linux", "aarch64", "2.28", ""),
        ("Linux", "x86_64", "2.27", "Linux glibc 2.27 x86_64"),
        ("Linux", "x86_64", "", "Linux x86_64"),  # musl, as on Alpine
        ("Linux", "riscv64", "2.41", "Linux glibc 2.41 riscv64"),
        ("Windows", "AMD64", "", ""),
        ("Windows", "ARM64", "", "Windows ARM64"),
        ("Darwin", "arm64", "14.0", ""),
        ("Darwin", "arm64", "26.1", ""),
        ("Darwin", "arm64", "13.7.8", "macOS 13.7.8 arm64"),
        ("Darwin", "x86_64", "15.1", "macOS 15.1 x86_64"),
        ("FreeBSD", "amd64", "", "FreeBSD amd64"),
    ],
)
def test_systems(system, machine, version, expected, monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", version) if version else ("", ""))
    monkeypatch.setattr(platform, "mac_ver", lambda: (version if system == "Darwin" else "", ("", "", ""), machine))
    message = supported.system_trouble()
    assert "\n" not in message
    if expected:
        assert f"this is a Python for {expected}." in message
        assert "Linux (x86-64 or ARM, glibc 2.28 or newer), Windows (x86-64), or macOS 14 or newer on Apple" in message
    else:
        assert message == ""


def test_a_python_of_32_bits(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    assert supported.system_trouble() == ""
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    assert "this is a Python for Windows AMD64 32 bits." in supported.system_trouble()


def test_the_package_claims_the_same_range():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    major, minor = supported.MAX_PYTHON
    assert project["requires-python"] == f">={supported.dotted(supported.MIN_PYTHON)},<{major}.{minor + 1}"
    known = [line.rpartition(" ")[2] for line in project["classifiers"] if line.startswith("Programming Language")]
    assert known == [f"3.{number}" for number in range(supported.MIN_PYTHON[1], minor + 1)]


def test_the_readme_says_the_same():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"Python {supported.pythons()}" in text
    assert f"glibc {supported.dotted(supported.MIN_GLIBC)} or newer" in text
    assert f"macOS {supported.dotted(supported.MIN_MACOS)} or newer" in text
