"""A learner's machine in a folder: a copy of the course, an environment with a pip and a JupyterLab that do nothing."""

import json
import os
import shutil
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

from course.syllabus.lessons import ROOT
from course.workshop import environment
from course.workshop.installing import site_packages
from tests.support.interrupts import interrupts_arrive

BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)  # as before any environment is made
PARTS = ("__init__.py", "__main__.py", "files.py", "folders.py", "messages.py", "syllabus", "workshop")
# Installs: notes that it begins, leaves a temporary file and half a package, waits while there is a file `hang` beside
# the course (a minute at most), ends with the complaint in a file `fail` if there is one, and notes its end.
PIP = """
import os, pathlib, sys, time
if "install" not in sys.argv:
    sys.exit(0)
log = pathlib.Path("pip.log")
def note(text):
    with log.open("a") as file:
        file.write(text + "\\n")
note(f"begins {os.getpid()}")
pathlib.Path(os.environ["TMPDIR"], "unpacked").write_text("x" * 5000)
package = pathlib.Path(__file__).parents[1] / "half-1.0.dist-info"
package.mkdir(exist_ok=True)
(package / "METADATA").touch()
(package.parent / f"~alf-{os.getpid()}.dist-info").mkdir(exist_ok=True)
end = time.monotonic() + 60
while pathlib.Path("hang").exists() and time.monotonic() < end:
    time.sleep(0.02)
if pathlib.Path("fail").exists():
    sys.exit(pathlib.Path("fail").read_text())
(package.parent / f"~alf-{os.getpid()}.dist-info").rmdir()
pathlib.Path(os.environ["TMPDIR"], "unpacked").unlink()
(package / "RECORD").touch()
note("ends")
"""
JUPYTERLAB = """
import json, os, sys
print("JUPYTER " + json.dumps({"argv": sys.argv[1:], "environ": dict(os.environ), "folder": os.getcwd()}))
"""
# Knows where the cache would be, without the packages that the real one imports.
DATA = """
from pathlib import Path
AssetError = RuntimeError
cache_dir = lambda: Path("/the/cache")
"""


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def jupyter(self) -> dict:
        """What JupyterLab was started with."""
        return json.loads(self.out.partition("JUPYTER ")[2].splitlines()[0])

    @property
    def sentence(self) -> str:
        """The error, after checking that it is one line and no traceback."""
        assert self.code == 1, self
        self.require_calm()
        lines = [line for line in self.err.splitlines() if line]
        assert len(lines) == 1 and lines[0].endswith("."), self
        return lines[0]

    def require_calm(self) -> None:
        """Nothing that only a programmer could read."""
        for word in ("Traceback", "Exception ignored", "most recent call"):
            assert word not in self.out + self.err, self


class Machine:
    """A copy of the course in the folder `name` of `place`, where commands run as a learner would type them."""

    def __init__(self, place: Path, name: str = "a project", with_environment: bool = True) -> None:
        self.place, self.project, self.home = place, place / name, place / "home"
        self.home.mkdir()
        (place / "tmp").mkdir()
        for part in PARTS:
            copy = shutil.copytree if (ROOT / "course" / part).is_dir() else shutil.copy
            (self.project / "course").mkdir(parents=True, exist_ok=True)
            copy(ROOT / "course" / part, self.project / "course" / part)
        for file in ("requirements.txt", "requirements-test.txt", "constraints.txt", "pyproject.toml"):
            shutil.copy(ROOT / file, self.project / file)
        (self.project / "course" / "data").mkdir()
        (self.project / "course" / "data" / "__init__.py").write_text(DATA)
        if with_environment:
            self.make_environment(self.project / ".venv")

    def make_environment(self, prefix: Path, installed: bool = False) -> Path:
        """An environment as `python -m venv` makes it, with a pip that installs nothing and a JupyterLab that ends.

        `installed` puts the metadata of every package there that the lessons need.
        """
        venv.EnvBuilder(symlinks=os.name != "nt").create(prefix)
        config = prefix / "pyvenv.cfg"
        lines = [line for line in config.read_text().splitlines() if not line.startswith("command")]
        config.write_text("\n".join([*lines, f"command = {BASE_PYTHON} -m venv {prefix}"]) + "\n")
        packages = site_packages(environment.interpreter(prefix))
        for name, program in (("pip", PIP), ("jupyterlab", JUPYTERLAB)):
            (packages / name).mkdir()
            (packages / name / "__init__.py").touch()
            (packages / name / "__main__.py").write_text(program)
        for name, version in environment.pins(environment.declared(ROOT)).items() if installed else ():
            about = packages / f"{name.replace('-', '_')}-{version}.dist-info"
            about.mkdir()
            (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            (about / "RECORD").touch()
        return prefix

    def environ(self, **changes: str | None) -> dict[str, str]:
        """The variables of a learner's shell; None removes one."""
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
        own = {"HOME": str(self.home), "TMPDIR": str(self.place / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
        return {name: value for name, value in (kept | own | changes).items() if value is not None}

    def start(self, *arguments: str, cwd: Path | None = None, before=None, python=BASE_PYTHON, **changes):
        """The process of `python -m course ARGUMENTS`, which Ctrl-C reaches also where the tests run in the background.

        `before` runs in the new process, as to set its limits.
        """
        with interrupts_arrive():
            return subprocess.Popen(
                [str(python), "-m", "course", *arguments],
                cwd=cwd or self.project,
                env=self.environ(**changes),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                preexec_fn=before,
            )

    def run(self, *arguments: str, **options) -> Outcome:
        """How `python -m course ARGUMENTS` ends."""
        return ended(self.start(*arguments, **options))

    def shell(self, line: str, **changes: str | None) -> Outcome:
        """How a line of bash ends, in which `course` is the command; the exit code is that of the command."""
        script = f'course() {{ "{BASE_PYTHON}" -m course "$@"; }}\n{line}'
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=self.project,
            env=self.environ(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        return ended(process)

    @property
    def installations(self) -> list[str]:
        """What pip noted: "begins" and "ends", one after the other."""
        log = self.project / "pip.log"
        return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []

    def pip_process(self) -> int:
        """The process id of the last pip, once it runs."""
        wait_for(lambda: self.installations[-1:] == ["begins"])
        return int((self.project / "pip.log").read_text().split()[-1])

    def left_behind(self) -> list[str]:
        """Whatever is on the machine that neither the course nor an environment consists of."""
        prefix = (self.project / ".venv").resolve()
        packages = site_packages(environment.interpreter(prefix)) if prefix.is_dir() else prefix
        odd = [*packages.glob("~*"), *packages.glob(".tmp"), *prefix.glob(".*writing-*")]
        return sorted(str(path.relative_to(self.place)) for path in [*odd, *self.place.glob("tmp/*")])


def ended(process: subprocess.Popen, seconds: float = 60) -> Outcome:
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return Outcome(process.returncode, out, err)


def wait_for(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
