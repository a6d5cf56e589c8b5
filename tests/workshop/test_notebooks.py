"""An output that shows a path of this machine is found, however it is written; a web address is not one."""

import json
import tempfile
import urllib.parse

import pytest
from nbformat.v4 import new_output

from course.syllabus.lessons import ROOT
from course.workshop.notebooks import _not_portable


@pytest.fixture(params=["/home/me", "/민수", "/home/김 '민수'", "/data"])
def home(request, monkeypatch):
    monkeypatch.setenv("HOME", request.param)
    monkeypatch.setenv("USERPROFILE", request.param)
    monkeypatch.setattr(tempfile, "tempdir", "/for-temporary-files")
    return request.param


def shown(text: str):
    return [
        new_output("stream", text=text),
        new_output("display_data", {"text/html": text}),
        new_output("display_data", {"application/json": {"files": [{"path": text}]}}),
        new_output("error", ename="OSError", evalue=text, traceback=[f"\x1b[32m{text}\x1b[0m"]),
    ]


@pytest.mark.skipif(tempfile.gettempdir()[0] != "/", reason="the paths are those of Linux and macOS")
class TestPaths:
    @pytest.mark.parametrize(
        "write",
        [
            str,
            "in {}".format,
            "first\n{}".format,
            "file://{}".format,
            '<a href="{}">'.format,
            repr,
            ascii,
            json.dumps,
            lambda path: json.dumps(f"first\n{path}"),
            lambda path: f"file://{urllib.parse.quote(path)}",
        ],
    )
    def test_of_this_machine_are_found(self, home, write):
        for output in shown(write(f"{home}/file.txt")):
            assert _not_portable(output) == f"{home}/"

    def test_of_the_course_and_of_temporary_files_too(self, home):
        assert _not_portable(new_output("stream", text=f"{ROOT}/README.md")) == f"{ROOT}/"
        assert _not_portable(new_output("stream", text="/for-temporary-files/x")) == "/for-temporary-files/"

    @pytest.mark.parametrize("text", ["https://example.org{}/x", "https:/{}/x", "~{}/x", "other{}/x", "../up{}/x"])
    def test_others_are_not(self, home, text):
        for output in shown(text.format(home)):
            assert _not_portable(output) is None

    @pytest.mark.parametrize("value", ["/", "", "relative"])
    def test_without_a_home_a_web_address_is_none(self, monkeypatch, value):
        monkeypatch.setenv("HOME", value)
        for output in shown("https://example.org/x//y and / or /etc/x"):
            assert _not_portable(output) is None


def test_an_address_in_memory_is_found():
    for output in shown("<object object at 0x7f0123456789>"):
        assert _not_portable(output) == "at 0x7f0123456789"
