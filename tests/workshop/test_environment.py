"""The environment is found, created, filled once and recreated when broken; every failure is one message."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from types import SimpleNamespace

import pytest

from course.workshop import environment, supported
from course.workshop.environment import LESSONS, TEST, Environment, ensure, find, interpreter, is_ready
from course.workshop.installing import SetupError, site_packages

PYPROJECT = """\
[project]
dependencies = ["tiny==1.0"]
[project.optional-dependencies]
test = ["tinier==1.0"]
[tool.ruff]
line-length = 120
"""
PLENTY = SimpleNamespace(free=10**12)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project, seen by a Python outside of any environment, on a disk with room."""
    root = tmp_path / "a project"  # a space in the path, as in many a home folder
    root.mkdir()
    for name in {*LESSONS.files, *TEST.files}:
        (root / name).write_text("-e .\n", encoding="utf-8")
    (root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: PLENTY)
    return root


@pytest.fixture
def pip(monkeypatch):
    """What pip is asked to install, by name of the file. Nothing is installed; environments are made without pip."""
    asked = []
    monkeypatch.setattr(environment, "install", lambda python, requirements: asked.append(requirements.name))
    monkeypatch.setattr(environment, "pip_works", lambda python: True)
    monkeypatch.setattr(environment, "_create", make)
    return asked


def make(prefix: Path) -> None:
    """A virtual environment without pip: a tenth of a second instead of four."""
    venv.create(prefix, symlinks=os.name != "nt")
    config = prefix / "pyvenv.cfg"  # `python -m venv` notes its command line, `venv.create` does not
    lines = [line for line in config.read_text().splitlines() if not line.startswith("command")]
    config.write_text("\n".join([*lines, f"command = {sys.executable} -m venv {prefix}"]) + "\n")


class TestFind:
    def test_own_where_none_is_active(self, project):
        assert find(project) == Environment(project / ".venv", own=True)

    @pytest.mark.parametrize("by", ["sys.prefix", "VIRTUAL_ENV", "CONDA_PREFIX"])
    def test_active(self, project, tmp_path, monkeypatch, by):
        active = tmp_path / "active"
        make(active)
        if by == "CONDA_PREFIX":
            (active / "pyvenv.cfg").unlink()
            (active / "conda-meta").mkdir()
        if by == "sys.prefix":
            monkeypatch.setattr(sys, "prefix", str(active))
        else:
            monkeypatch.setenv(by, str(active))
        assert find(project) == Environment(active, own=False)

    def test_own_when_it_is_the_active_one(self, project, monkeypatch):
        make(project / ".venv")
        monkeypatch.setenv("VIRTUAL_ENV", str(project / ".venv"))
        assert find(project).own

    def test_leaves_conda_base_alone(self, project, tmp_path, monkeypatch):
        base = tmp_path / "miniconda"
        make(base)
        (base / "pyvenv.cfg").unlink()
        (base / "conda-meta").mkdir()
        (base / "condabin").mkdir()
        monkeypatch.setenv("CONDA_PREFIX", str(base))
        assert find(project).own

    def test_passes_over_an_active_environment_that_is_gone(self, project, tmp_path, monkeypatch):
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "deleted"))
        assert find(project).own


@pytest.mark.parametrize(
    ("system", "conda", "expected"),
    [
        ("posix", False, "bin/python"),
        ("posix", True, "bin/python"),
        ("nt", False, "Scripts/python.exe"),
        ("nt", True, "python.exe"),
    ],
)
def test_interpreter(tmp_path, system, conda, expected):
    if conda:
        (tmp_path / "conda-meta").mkdir()
    assert interpreter(tmp_path, system) == tmp_path / expected


class TestEnsure:
    def test_installs_once(self, project, pip):
        first = ensure(LESSONS, project)
        assert pip == ["requirements.txt"]
        assert ensure(LESSONS, project) == first == Environment(project / ".venv", own=True)
        assert pip == ["requirements.txt"]

    @pytest.mark.parametrize("file", LESSONS.files)
    def test_installs_again_when_the_requirements_change(self, project, pip, file):
        ensure(LESSONS, project)
        (project / file).write_text("tiny==2.0\n", encoding="utf-8")
        ensure(LESSONS, project)
        assert pip == ["requirements.txt"] * 2

    def test_installs_again_when_a_pin_changes(self, project, pip):
        ensure(LESSONS, project)
        change(project, "tiny==1.0", "tiny==2.0")
        ensure(LESSONS, project)
        assert pip == ["requirements.txt"] * 2

    def test_installs_again_when_a_pin_of_the_tests_changes(self, project, pip):
        ensure(TEST, project)
        change(project, "tinier==1.0", "tinier==2.0")
        ensure(LESSONS, project)
        ensure(TEST, project)
        assert pip == ["requirements-test.txt"] * 2

    def test_another_setting_of_a_tool_installs_nothing(self, project, pip):
        ensure(TEST, project)
        change(project, "line-length = 120", "line-length = 100")
        ensure(TEST, project)
        assert pip == ["requirements-test.txt"]

    def test_a_patch_of_python_installs_nothing(self, project, pip, monkeypatch):
        monkeypatch.setattr(environment, "_version", lambda there: (3, 13, 1))
        ensure(LESSONS, project)
        monkeypatch.setattr(environment, "_version", lambda there: (3, 13, 2))
        ensure(LESSONS, project)
        assert pip == ["requirements.txt"]

    def test_tests_need_more_than_lessons(self, project, pip):
        ensure(LESSONS, project)
        ensure(TEST, project)
        assert pip == ["requirements.txt", "requirements-test.txt"]

    def test_what_tests_need_holds_what_lessons_need(self, project, pip):
        ensure(TEST, project)
        ensure(LESSONS, project)
        assert pip == ["requirements-test.txt"]

    def test_uses_the_active_environment(self, project, pip, tmp_path, monkeypatch):
        make(tmp_path / "active")
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
        assert ensure(LESSONS, project).prefix == tmp_path / "active"
        assert not (project / ".venv").exists()

    def test_goes_on_after_an_interrupt(self, project, pip, monkeypatch):
        with monkeypatch.context() as patch:

            def interrupted(python, requirements):
                raise KeyboardInterrupt

            patch.setattr(environment, "install", interrupted)
            with pytest.raises(KeyboardInterrupt):
                ensure(LESSONS, project)
        assert not is_ready(find(project), LESSONS, project)
        (project / ".venv" / "kept").touch()
        ensure(LESSONS, project)
        assert pip == ["requirements.txt"]
        assert (project / ".venv" / "kept").exists()

    def test_failed_install_leaves_no_stamp(self, project, pip, monkeypatch):
        with monkeypatch.context() as patch:

            def failing(python, requirements):
                raise SetupError("no network")

            patch.setattr(environment, "install", failing)
            with pytest.raises(SetupError, match="no network"):
                ensure(LESSONS, project)
        ensure(LESSONS, project)
        assert pip == ["requirements.txt"]

    def test_no_space(self, project, pip, monkeypatch):
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_300_000_000))
        with pytest.raises(SetupError, match=r"1\.3 GB are free, the packages need 2\.0 GB"):
            ensure(LESSONS, project)
        assert pip == []
        assert not (project / ".venv").exists()

    def test_an_update_needs_no_room_for_everything(self, project, pip, monkeypatch):
        ensure(LESSONS, project)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_300_000_000))
        change(project, "tiny==1.0", "tiny==2.0")
        ensure(LESSONS, project)
        assert pip == ["requirements.txt"] * 2


def change(project: Path, old: str, new: str) -> None:
    file = project / "pyproject.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


class TestSystem:
    """A system that PyTorch has no build for: said before anything is made, unless a PyTorch is there all the same."""

    @pytest.fixture(autouse=True)
    def intel_mac(self, monkeypatch):
        monkeypatch.setattr(supported, "system_trouble", lambda: "no build for this")

    def test_is_said_first(self, project, pip):
        with pytest.raises(SetupError, match="no build for this"):
            ensure(LESSONS, project)
        assert pip == []
        assert not (project / ".venv").exists()

    def test_is_said_in_an_environment_without_torch(self, project, pip):
        make(project / ".venv")
        with pytest.raises(SetupError, match="no build for this"):
            ensure(LESSONS, project)
        assert pip == []

    def test_torch_from_elsewhere_will_do(self, project, pip):
        make(project / ".venv")
        (site_packages(find(project).python) / "torch-2.13.0.dist-info").mkdir()
        ensure(LESSONS, project)
        assert pip == ["requirements.txt"]


class TestBroken:
    """An environment that cannot be used is made again when it is the project's own, and named when it is not."""

    def no_python(prefix):
        (interpreter(prefix)).unlink()

    def empty(prefix):
        shutil.rmtree(prefix)
        prefix.mkdir()

    def moved(prefix):
        config = prefix / "pyvenv.cfg"
        config.write_text(re.sub(r"(?m)^(command = .* -m venv ).*$", r"\1/elsewhere/.venv", config.read_text()))

    BREAKS = (no_python, empty, moved)

    @pytest.mark.parametrize("break_it", BREAKS)
    def test_own_is_made_again(self, project, pip, capsys, break_it):
        prefix = ensure(LESSONS, project).prefix
        (prefix / "old").touch()
        break_it(prefix)
        assert not is_ready(find(project), LESSONS, project)
        ensure(LESSONS, project)
        assert is_ready(find(project), LESSONS, project)
        assert pip == ["requirements.txt"] * 2
        assert not (prefix / "old").exists()
        assert "made again" in capsys.readouterr().out

    def test_own_with_an_old_python_is_made_again(self, project, pip, monkeypatch, capsys):
        ensure(LESSONS, project)
        with monkeypatch.context() as patch:
            old = iter([(3, 9)] * 2)
            version = environment._version
            patch.setattr(environment, "_version", lambda there: next(old, None) or version(there))
            ensure(LESSONS, project)
        assert pip == ["requirements.txt"] * 2
        assert "made again: its Python is 3.9" in capsys.readouterr().out

    def test_own_without_pip_is_made_again(self, project, pip, monkeypatch, capsys):
        make(project / ".venv")
        monkeypatch.setattr(environment, "pip_works", lambda python: False)
        ensure(LESSONS, project)
        assert "no pip that works" in capsys.readouterr().out

    def test_active_with_an_old_python_is_named_and_kept(self, project, pip, tmp_path, monkeypatch):
        active = tmp_path / "active"
        make(active)
        monkeypatch.setenv("VIRTUAL_ENV", str(active))
        monkeypatch.setattr(environment, "_version", lambda there: (3, 9))
        with pytest.raises(SetupError, match=r"its Python is 3\.9, the course needs 3\.11\.5 to 3\.14.*deactivate"):
            ensure(LESSONS, project)
        assert active.exists()

    def test_active_without_pip_is_named_and_kept(self, project, pip, tmp_path, monkeypatch):
        active = tmp_path / "active"
        make(active)
        monkeypatch.setenv("VIRTUAL_ENV", str(active))
        monkeypatch.setattr(environment, "pip_works", lambda python: False)
        with pytest.raises(SetupError, match="no pip that works"):
            ensure(LESSONS, project)
        assert active.exists()

    def test_own_that_is_running_is_not_deleted_under_its_feet(self, project, pip, monkeypatch):
        make(project / ".venv")
        monkeypatch.setattr(sys, "prefix", str(project / ".venv"))
        monkeypatch.setattr(environment, "pip_works", lambda python: False)
        with pytest.raises(SetupError, match="deactivate"):
            ensure(LESSONS, project)
        assert (project / ".venv").exists()


class TestEnter:
    def test_stays_where_it_runs(self, project, monkeypatch):
        monkeypatch.setattr(environment, "become", lambda *_: pytest.fail("left a running environment"))
        environment.enter(Environment(Path(sys.prefix), own=False), ["doctor"])

    def test_goes_on_with_the_same_command(self, project, monkeypatch):
        became = []
        monkeypatch.setattr(environment, "become", lambda command, environ: became.append((command, environ)))
        monkeypatch.setenv("PYTHONPATH", "/other/packages")
        there = Environment(project / ".venv", own=True)
        environment.enter(there, ["lab", "--port", "8899"])
        [(command, environ)] = became
        assert command == [str(there.python), "-m", "course", "lab", "--port", "8899"]
        assert "PYTHONPATH" not in environ

    @pytest.mark.parametrize(
        "system", ["nt", pytest.param(os.name, marks=pytest.mark.skipif(os.name == "nt", reason=""))]
    )
    def test_passes_the_exit_code_on(self, system):
        program = (
            "import os, types; from course.workshop import environment as e;"
            f"e.os = types.SimpleNamespace(**vars(os) | dict(name={system!r}));"
            "e.become([__import__('sys').executable, '-c', 'raise SystemExit(7)'], dict(os.environ))"
        )
        assert subprocess.run([sys.executable, "-c", program], cwd=environment.ROOT).returncode == 7
