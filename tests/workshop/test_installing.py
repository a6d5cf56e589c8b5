"""pip, run for one environment: it installs, repairs and stays inside it; each failure is one message."""

import re
import subprocess
import sys
import zipfile

import pytest

from course.workshop import environment, installing
from course.workshop.environment import Environment, interpreter
from course.workshop.installing import SetupError, explain_pip, explain_venv


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A real environment with a real pip, and beside it the wheel of a package `tiny` and requirements that name it."""
    folder = tmp_path_factory.mktemp("real")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONPATH", raising=False)
        environment._create(folder / "env")
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "answer = 42\n")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\n")
    (folder / "requirements.txt").write_text("--no-index\n--find-links .\ntiny==1.0\n", encoding="utf-8")
    return Environment(folder / "env", own=True)


class TestInstall:
    """The real pip, on a package made here."""

    @pytest.mark.slow
    def test_pip_works(self, real):
        assert installing.pip_works(real.python)

    @pytest.mark.slow
    def test_missing_pip_is_brought_back(self, tmp_path):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
        assert installing.pip_works(interpreter(tmp_path / "env"))

    @pytest.mark.slow
    def test_installs(self, real):
        installing.install(real.python, real.prefix.parent / "requirements.txt")
        assert answers(real)

    @pytest.mark.slow
    def test_repairs_a_torn_package(self, real):
        requirements = real.prefix.parent / "requirements.txt"
        installing.install(real.python, requirements)
        folder = installing.site_packages(real.python)
        (folder / "tiny.py").unlink()
        (folder / "tiny-1.0.dist-info" / "RECORD").unlink()
        installing.install(real.python, requirements)
        assert answers(real)

    @pytest.mark.slow
    def test_ignores_settings_that_lead_elsewhere(self, real, tmp_path, monkeypatch):
        subprocess.run([real.python, "-m", "pip", "uninstall", "-y", "tiny"], check=True, capture_output=True)
        monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))
        monkeypatch.setenv("PIP_USER", "1")
        monkeypatch.setenv("PYTHONHOME", str(tmp_path))
        installing.install(real.python, real.prefix.parent / "requirements.txt")
        assert (installing.site_packages(real.python) / "tiny.py").exists()

    @pytest.mark.slow
    def test_no_network(self, real, tmp_path, monkeypatch):
        monkeypatch.setenv("PIP_RETRIES", "1")
        requirements = tmp_path / "requirements.txt"
        requirements.write_text("--index-url http://127.0.0.1:9/\nabsent==1.0\n", encoding="utf-8")
        with pytest.raises(SetupError, match="no network"):
            installing.install(real.python, requirements)

    @pytest.mark.slow
    def test_no_build_for_this_python(self, real, tmp_path):
        (tmp_path / "requirements.txt").write_text("--no-index\nabsent==1.0\n", encoding="utf-8")
        with pytest.raises(SetupError, match=r"There is no absent==1\.0 for Python 3"):
            installing.install(real.python, tmp_path / "requirements.txt")

    @pytest.mark.slow
    def test_says_what_goes_wrong(self, real, tmp_path, capfd):
        (tmp_path / "requirements.txt").write_text("--no-such-option\n", encoding="utf-8")
        with pytest.raises(SetupError, match="line above that begins with ERROR"):
            installing.install(real.python, tmp_path / "requirements.txt")
        assert "--no-such-option" in capfd.readouterr().err


def answers(real: Environment) -> bool:
    command = [real.python, "-I", "-c", "import tiny; print(tiny.answer)"]
    return subprocess.run(command, capture_output=True, text=True).stdout == "42\n"


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full: .* GB",
        ),
        ("OSError: [WinError 112] There is not enough space on the disk", "disk is full"),
        (
            "ERROR: [Errno 13] Permission denied: '/usr/lib/x'\nConsider using the `--user` option",
            "No permission to write",
        ),
        ("ERROR: [WinError 5] Access is denied: 'C:\\\\x.pyd'", "No permission to write"),
        ("OSError: [Errno 30] Read-only file system: '/x'", "No permission to write"),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken\nERROR: No matching distribution found for a",
            "no network",
        ),
        ("ReadTimeoutError: HTTPSConnectionPool: Read timed out.", "no network"),
        ("ERROR: No matching distribution found for torch==2.13.0", r"There is no torch==2\.13\.0 for Python"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "begins with ERROR"),
    ],
)
def test_explain_pip(tmp_path, complaint, expected):
    message = explain_pip(complaint, tmp_path)
    assert re.search(expected, message)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        (
            "The virtual environment was not created successfully because ensurepip is not available.",
            "apt install python3-venv",
        ),
        ("/usr/bin/python3: No module named venv", "apt install python3-venv"),
        ("Error: [Errno 13] Permission denied: '/x/.venv'", "No permission to write"),
        ("Error: [Errno 28] No space left on device", "disk is full"),
        ("Traceback:\nValueError: odd", "failed: ValueError: odd"),
        ("", "failed: -"),
    ],
)
def test_explain_venv(tmp_path, complaint, expected):
    assert re.search(expected, explain_venv(complaint, tmp_path))
