"""The command line: what each command does; any failure is one message and an exit code."""

import ast
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from course import __main__ as entrance
from course import data, pretrained
from course.syllabus import lessons
from course.syllabus.lessons import LESSONS, ROOT, lesson
from course.workshop import checks, cli, doctor, environment, notebooks, pages, selection
from course.workshop.doctor import Finding
from course.workshop.installing import SetupError


@pytest.fixture
def inside(monkeypatch):
    """The environment stands, and this process runs in it. Collects which requirements each command asks for."""
    asked = []
    monkeypatch.setattr(cli.environment, "ensure", lambda requirements: asked.append(requirements))
    monkeypatch.setattr(cli.environment, "enter", lambda there, arguments: None)
    return asked


@pytest.fixture
def became(monkeypatch):
    """What this process would have become, as (command, environment); it ends there."""
    calls = []

    def end(command, environ):
        calls.append((command, environ))
        raise SystemExit(0)

    monkeypatch.setattr(cli.environment, "become", end)
    return calls


def lab_command(*arguments: str) -> list[str]:
    return cli.lab_command(cli.parse(["lab", *arguments]))


class TestPython:
    """`python -m course` with a Python that is too old."""

    def test_one_sentence(self, monkeypatch, capsys):
        monkeypatch.setattr(sys, "version_info", (3, 9, 18))
        assert entrance.main() == 1
        message = capsys.readouterr().err
        assert "needs Python 3.11.5 to 3.14; this is Python 3.9" in message
        assert message.count("\n") == 1

    @pytest.mark.parametrize(
        "name", ["__init__.py", "__main__.py", "messages.py", "workshop/__init__.py", "workshop/supported.py"]
    )
    def test_is_read_before_that_is_said(self, name):
        ast.parse((ROOT / "course" / name).read_text(encoding="utf-8"), feature_version=(3, 6))

    def test_nothing_but_the_standard_library(self):
        modules = "course.__main__, course.workshop.cli, course.workshop.checks"
        program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {modules}"
        bare = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True)
        assert bare.returncode == 0, bare.stderr


class TestMain:
    def test_setup_error_is_one_message(self, monkeypatch, capsys):
        def fail(requirements):
            raise SetupError("The disk is full.")

        monkeypatch.setattr(cli.environment, "ensure", fail)
        assert cli.main(["fetch"]) == 1
        assert capsys.readouterr().err == "The disk is full.\n"

    def test_interrupt_is_one_message(self, monkeypatch, capsys):
        def stop(requirements):
            raise KeyboardInterrupt

        monkeypatch.setattr(cli.environment, "ensure", stop)
        assert cli.main(["lab"]) == 130
        assert "goes on from here" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("error", "reason"),
        [(OSError(24, "Too many open files"), "Too many open files"), (MemoryError(), "not enough memory")],
    )
    def test_a_limit_of_the_machine_is_one_message(self, monkeypatch, capsys, error, reason):
        def fail(requirements):
            raise error

        monkeypatch.setattr(cli.environment, "ensure", fail)
        assert cli.main(["lab"]) == 1
        message = capsys.readouterr().err
        assert "`python -m course lab` cannot go on" in message and reason in message and message.count("\n") == 1

    def test_says_where_it_can_be_run(self, monkeypatch, tmp_path, capsys):
        monkeypatch.setattr(cli, "ROOT", tmp_path)
        assert cli.main(["lab"]) == 1
        assert str(tmp_path) in capsys.readouterr().err

    def test_works_from_any_folder(self, inside, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(data, "fetch_all", lambda: None)
        monkeypatch.setattr(pretrained, "convert_all", lambda: None)
        assert cli.main(["fetch"]) == 0
        assert Path.cwd() == ROOT

    def test_goes_on_inside_with_the_same_arguments(self, monkeypatch, became, tmp_path):
        there = environment.Environment(tmp_path, own=False)
        monkeypatch.setattr(cli.environment, "ensure", lambda requirements: there)
        with pytest.raises(SystemExit):
            cli.main(["lab", "--no-browser", "--", "--ip=0.0.0.0"])
        [(command, _environ)] = became
        assert command == [str(there.python), "-m", "course", "lab", "--no-browser", "--", "--ip=0.0.0.0"]

    @pytest.mark.parametrize("arguments", [[], ["nonsense"], ["lab", "--port", "many"], ["fetch", "--", "x"]])
    def test_wrong_command_line(self, arguments):
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        assert stopped.value.code == 2

    def test_help_names_every_command(self, capsys):
        with pytest.raises(SystemExit):
            cli.main(["--help"])
        text = capsys.readouterr().out
        for command in ("lab", "test", "doctor", "fetch", "build"):
            assert re.search(rf"(?m)^    {command} +[A-Z]", text), command
            assert f"python -m course {command}" in text


class TestLab:
    def test_jupyterlab_keeps_the_state_of_widgets(self, inside, became, monkeypatch):
        monkeypatch.setenv("JUPYTER_CONFIG_PATH", "given")
        with pytest.raises(SystemExit):
            cli.main(["lab", "--no-browser"])
        [(_command, environ)] = became
        given, ours = environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
        assert given == "given"
        settings = json.loads((Path(ours) / "labconfig" / "default_setting_overrides.json").read_text())
        assert settings == {"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True}}

    def test_opens_lesson_00(self):
        command = lab_command()
        assert command[:3] == [sys.executable, "-m", "jupyterlab"]
        assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in command
        assert f"--ServerApp.root_dir={ROOT}" in command
        assert "--no-browser" not in command
        assert not any(word.startswith("--port") for word in command)

    def test_options(self):
        command = lab_command("--no-browser", "--port", "8899", "--", "--ServerApp.token=x", "--debug")
        assert "--no-browser" in command
        assert "--port=8899" in command
        assert "--ServerApp.port_retries=0" in command
        assert command[-2:] == ["--ServerApp.token=x", "--debug"]

    @pytest.mark.parametrize("user", [0, 1000])
    def test_root_is_told_to_jupyter(self, monkeypatch, user):
        monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
        assert ("--allow-root" in lab_command()) is (user == 0)

    def test_port_in_use(self, inside, became, capsys):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert cli.main(["lab", "--port", str(port)]) == 1
        assert f"Port {port} is in use" in capsys.readouterr().err
        assert became == []

    def test_notebooks_find_the_course(self, inside, became):
        with pytest.raises(SystemExit):
            cli.main(["lab"])
        assert inside == [environment.LESSONS]
        assert became[0][1]["PYTHONPATH"] == str(ROOT)

    @pytest.mark.parametrize(("own", "given"), [(None, "passive"), ("active", "active")])
    def test_waiting_threads_sleep_unless_the_user_wants_otherwise(self, inside, became, monkeypatch, own, given):
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
        if own:
            monkeypatch.setenv("OMP_WAIT_POLICY", own)
        with pytest.raises(SystemExit):
            cli.main(["lab"])
        assert became[0][1]["OMP_WAIT_POLICY"] == given

    @pytest.mark.slow
    def test_answers_in_a_browser(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        homes = {"HOME", "USERPROFILE", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"}
        options = ["--no-browser", f"--port={port}", "--", "--IdentityProvider.token=secret"]
        server = subprocess.Popen(
            lab_command(*options),
            cwd=ROOT,
            env=os.environ | dict.fromkeys(homes, str(tmp_path)),
            stderr=subprocess.PIPE,
        )
        try:
            page = wait_for(f"http://127.0.0.1:{port}/lab/tree/notebooks/00_start_here.ipynb?token=secret", server)
        finally:
            server.terminate()
            server.communicate(timeout=30)
        settings = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
        assert settings["news"] == {"disabled": True}
        assert settings["treePath"] == "notebooks/00_start_here.ipynb"


def wait_for(url: str, server: subprocess.Popen, seconds: float = 60) -> str:
    """The page at `url`, as soon as the server gives it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    server.terminate()
    pytest.fail(f"No answer from {url}:\n{server.communicate()[1].decode()}")


class TestTest:
    @pytest.fixture
    def ran(self, inside, monkeypatch):
        """The steps that a command line asks for; they fail."""
        ran = []
        monkeypatch.setattr(checks, "run", lambda steps: ran.append(steps) or 1)
        return ran

    @pytest.mark.parametrize("fast", [True, False])
    def test_runs_the_checks(self, inside, ran, fast):
        assert cli.main(["test", *["--fast"] * fast]) == 1
        assert inside == [environment.TEST]
        assert ran == [checks.steps(fast)]

    def test_lessons(self, ran, capsys):
        chosen = selection.for_lessons([lesson("attention"), lesson("tokenization")])
        assert cli.main(["test", "04", "tokenization", "--screenshots"]) == 1
        assert ran == [checks.steps(selection=chosen, pictures=True)]
        assert "04_attention, 02_tokenization" in capsys.readouterr().out

    def test_changes(self, ran, monkeypatch):
        chosen = selection.Selection((), ("tests/gpt/test_model.py",))
        monkeypatch.setattr(selection, "for_changes", lambda: chosen)
        cli.main(["test", "--changed", "--fast"])
        assert ran == [checks.steps(fast=True, selection=chosen)]

    def test_everything_where_changes_cannot_be_told(self, ran, monkeypatch, capsys):
        def fail():
            raise selection.CannotTell("There is no git.")

        monkeypatch.setattr(selection, "for_changes", fail)
        cli.main(["test", "--changed"])
        assert ran == [checks.steps()]
        assert capsys.readouterr().out == "There is no git. So every check runs.\n"

    def test_everything_where_what_a_lesson_needs_cannot_be_told(self, ran, monkeypatch, capsys):
        def fail(lessons):
            raise selection.CannotTell("course/x.py cannot be read.")

        monkeypatch.setattr(selection, "for_lessons", fail)
        cli.main(["test", "04"])
        assert ran == [checks.steps()]
        assert capsys.readouterr().out == "course/x.py cannot be read. So every check runs.\n"

    def test_a_lesson_that_is_named_twice(self, ran, capsys):
        cli.main(["test", "04", "attention", "notebooks/source/04_attention.py"])
        assert ran == [checks.steps(selection=selection.for_lessons([lesson("attention")]))]
        assert capsys.readouterr().out.startswith("Lessons: 04_attention. ")

    def test_no_lessons(self, ran):
        cli.main(["test", "--no-lessons"])
        assert ran == [checks.steps(with_lessons=False)]

    def test_unknown_lesson(self, inside, ran, capsys):
        assert cli.main(["test", "04", "juggling"]) == 1
        message = capsys.readouterr().err
        assert "'juggling'" in message and "04_attention" in message and message.count("\n") == 1
        assert inside == ran == []

    @pytest.mark.parametrize(
        "arguments",
        [["04", "--changed"], ["04", "--no-lessons"], ["--changed", "--no-lessons"], ["--fast", "--screenshots"]],
    )
    def test_what_does_not_go_together(self, ran, arguments):
        with pytest.raises(SystemExit):
            cli.main(["test", *arguments])
        assert ran == []


class TestDoctor:
    @pytest.mark.parametrize("ok", [True, False])
    def test_table_and_exit_code(self, monkeypatch, capsys, ok):
        monkeypatch.setattr(cli.environment, "is_ready", lambda there, requirements: False)
        rows = [Finding("Python", "3.13"), Finding("Cache folder", "~/x", ok=ok, remedy="Make it writable.")]
        monkeypatch.setattr(doctor, "findings", lambda: rows)
        assert cli.main(["doctor"]) == (0 if ok else 1)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "ok  Python        3.13"
        assert lines[1] == f"{'ok' if ok else '!!'}  Cache folder  ~/x"
        assert lines[2].endswith("Make it writable.")

    def test_looks_from_inside_where_the_environment_stands(self, monkeypatch):
        entered = []
        monkeypatch.setattr(cli.environment, "is_ready", lambda there, requirements: True)
        monkeypatch.setattr(cli.environment, "enter", lambda there, arguments: entered.append(arguments))
        monkeypatch.setattr(doctor, "findings", lambda: [Finding("Python", "3.13")])
        cli.main(["doctor"])
        assert entered == [["doctor"]]


class TestFetch:
    def test_fetches_and_then_converts(self, inside, monkeypatch, capsys):
        done = []
        monkeypatch.setattr(data, "fetch_all", lambda: done.append("fetched"))
        monkeypatch.setattr(pretrained, "convert_all", lambda: done.append("converted"))
        assert cli.main(["fetch"]) == 0
        assert done == ["fetched", "converted"]
        assert str(data.cache_dir()) in capsys.readouterr().out

    def test_error_is_one_message(self, inside, monkeypatch, capsys):
        def fail():
            raise data.AssetError("No network.")

        for module, function in ((pretrained, "convert_all"), (data, "fetch_all")):
            monkeypatch.setattr(data, "fetch_all", lambda: None)
            monkeypatch.setattr(module, function, fail)
            assert cli.main(["fetch"]) == 1
            assert capsys.readouterr().err == "No network.\n"


class TestBuild:
    @pytest.fixture
    def built(self, inside, monkeypatch):
        built = []
        monkeypatch.setattr(notebooks, "build", lambda lesson: built.append(lesson.number) or lesson.name)
        monkeypatch.setattr(pages, "update", lambda: built.append("pages"))
        return built

    def test_named_lessons(self, built):
        assert cli.main(["build", "02", "start_here"]) == 0
        assert built == [2, 0, "pages"]

    def test_all_lessons(self, built):
        assert cli.main(["build"]) == 0
        assert built == [*(lesson.number for lesson in LESSONS if lesson.source.exists()), "pages"]

    def test_unknown_lesson(self, built, capsys):
        assert cli.main(["build", "02", "juggling"]) == 1
        assert "juggling" in capsys.readouterr().err
        assert built == []

    @pytest.mark.parametrize("names", [[], ["02"]], ids=["all", "one"])
    def test_a_file_whose_number_is_not_its_lessons(self, built, names, tmp_path, monkeypatch, capsys):
        (tmp_path / "07_tokenization.py").touch()
        monkeypatch.setattr(lessons, "SOURCES", tmp_path)
        assert cli.main(["build", *names]) == 1
        assert "Rename its files: 07_tokenization.py → 02_tokenization.py." in capsys.readouterr().err
        assert built == []

    def test_failing_lesson(self, built, monkeypatch, capsys):
        def fail(lesson):
            raise notebooks.NotebookError("Cell 3 raises an error.")

        monkeypatch.setattr(notebooks, "build", fail)
        assert cli.main(["build", "02"]) == 1
        assert capsys.readouterr().err == "Cell 3 raises an error.\n"
