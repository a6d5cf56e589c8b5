"""The environment that the course runs in: find it, create it if necessary, install the requirements, enter it.

Standard library only. The course uses the active virtual or conda environment; without one, `.venv` in the project's
folder. A stamp in the environment records which requirements it holds. The stamp is written when pip has finished, so
that the next start needs no pip and an interrupted installation is resumed. One process installs at a time; the lock
ends with it and with the pip that it started. Of an environment that may only be read, as a class shares it, the
versions are compared instead.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NoReturn

from course import files
from course.messages import _
from course.syllabus.lessons import ROOT
from course.workshop import supported
from course.workshop.installing import (
    SetupError,
    clean_environ,
    explain_venv,
    install,
    pip_works,
    require_space,
    site_packages,
)


@dataclass(frozen=True)
class Requirements:
    """What is installed together. pip reads `files[0]`, the others through it, and what pyproject.toml declares.

    `extra` names the optional dependencies of pyproject.toml that belong to it. `size` in GB is what all of it takes on
    the disk with PyTorch's CPU build, and room to unpack.
    """

    name: str
    files: tuple[str, ...]
    size: float
    extra: str = ""
    includes: tuple["Requirements", ...] = ()


LESSONS = Requirements("lessons", ("requirements.txt", "constraints.txt"), size=2.0)
TEST = Requirements("test", ("requirements-test.txt", "constraints.txt"), size=3.0, extra="test", includes=(LESSONS,))


@dataclass(frozen=True)
class Environment:
    """A virtual or conda environment. `own` is True for the project's `.venv`, which may be deleted and recreated."""

    prefix: Path
    own: bool

    @property
    def python(self) -> Path:
        return interpreter(self.prefix)

    @property
    def running(self) -> bool:
        """True when this process runs in the environment."""
        return _same(self.prefix, Path(sys.prefix))

    def stamp(self, requirements: Requirements) -> Path:
        return self.prefix / f".course-{requirements.name}"


def interpreter(prefix: Path, system: str = os.name) -> Path:
    """The path of an environment's Python (`system` as in `os.name`)."""
    if system != "nt":
        return prefix / "bin" / "python"
    is_conda = (prefix / "conda-meta").is_dir()
    return prefix / "python.exe" if is_conda else prefix / "Scripts" / "python.exe"


def find(root: Path = ROOT) -> Environment:
    """The environment of the running Python, else the activated one, else `.venv`, which may not exist yet.

    Conda's `base` is never used: packages installed there can break conda itself.
    """
    own = root / ".venv"
    for prefix in (sys.prefix, os.environ.get("VIRTUAL_ENV"), os.environ.get("CONDA_PREFIX")):
        if prefix and _is_environment(Path(prefix)):
            return Environment(Path(prefix), own=_same(Path(prefix), own))
    return Environment(own, own=True)


def ensure(requirements: Requirements, root: Path = ROOT) -> Environment:
    """The environment with the requirements installed. Creates and installs whatever is missing, and reports it.

    Raises `SetupError` when that fails.
    """
    environment = find(root)
    if is_ready(environment, requirements, root):
        return environment
    prefix = environment.prefix
    waiting = _("Another process is installing packages into {prefix}; waiting for it.").format(prefix=prefix)
    with files.held(root if environment.own else prefix, waiting) as waited:
        if not (waited and is_ready(environment, requirements, root)):
            _make_ready(environment, requirements, root)
    return environment


def _make_ready(environment: Environment, requirements: Requirements, root: Path) -> None:
    """Create what is missing of the environment and install the requirements into it."""
    trouble = find_trouble(environment)
    if (no_build := supported.system_trouble()) and (trouble is not None or not _holds_torch(environment)):
        raise SetupError(no_build)
    if trouble is None and _is_read_only(environment):
        raise _lacks(environment, _lacking(environment, requirements, root))
    if trouble is None and not pip_works(environment.python):
        trouble = _("it has no pip that works")
    if trouble is not None:
        _clear(environment, trouble)
    if not environment.stamp(LESSONS).exists():
        require_space(environment.prefix, requirements.size)
    if trouble is not None:
        _create(environment.prefix)
    print(_("Installing packages into {prefix}. This is done once.").format(prefix=environment.prefix), flush=True)
    install(environment.python, root / requirements.files[0])
    for held in (*requirements.includes, requirements):
        with files.written_whole(environment.stamp(held)) as fresh:
            fresh.write_text(_digest(environment, held, root), encoding="utf-8")


def is_ready(environment: Environment, requirements: Requirements, root: Path = ROOT) -> bool:
    """True when the environment works and has the requirements, so that `ensure` has nothing to do."""
    try:
        stamped = environment.stamp(requirements).read_text(encoding="utf-8")
    except (OSError, ValueError):  # there is none, or it cannot be read
        stamped = ""
    if (not stamped and not _is_read_only(environment)) or find_trouble(environment) is not None:
        return False
    if stamped == _digest(environment, requirements, root):
        return True
    return _is_read_only(environment) and not _lacking(environment, requirements, root)


def declared(root: Path = ROOT, extra: str = "") -> list[str]:
    """What pyproject.toml declares that the course depends on (`torch==2.13.0`), with what an extra adds to it."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["dependencies"] + (project["optional-dependencies"][extra] if extra else [])


def pins(*requirements: Sequence[str]) -> dict[str, str]:
    """Package → version, of the requirements that fix one on every system (`torch==2.13.0`)."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)$", "\n".join(chain(*requirements)), re.MULTILINE))


def enter(environment: Environment, arguments: Sequence[str]) -> None:
    """Continue as `python -m course ARGUMENTS` in the environment. Returns only if this process already runs in it."""
    if not environment.running:
        become([str(environment.python), "-m", "course", *arguments], clean_environ())


def become(command: Sequence[str], environ: dict[str, str]) -> NoReturn:
    """Replace this process by the command."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], list(command), environ)
    with subprocess.Popen(command, env=environ) as process:  # Windows has no exec that a terminal waits for
        while True:
            try:
                sys.exit(process.wait())
            except KeyboardInterrupt:  # the command receives it too, and decides how to react
                continue


def _is_environment(prefix: Path) -> bool:
    """True for a virtual or conda environment that this user may read."""

    def holds(test: Callable[[str], bool], *names: str) -> bool:
        return test(os.path.join(prefix, *names))  # noqa: PTH118, since os.path says False of what may not be read

    is_conda = holds(os.path.isdir, "conda-meta") and not holds(os.path.isdir, "condabin")  # only `base` has condabin
    is_virtual = holds(os.path.isfile, "pyvenv.cfg")
    return (is_conda or is_virtual) and os.access(interpreter(prefix), os.X_OK)


def _same(first: Path, second: Path) -> bool:
    return os.path.realpath(first) == os.path.realpath(second)


def _version(environment: Environment) -> tuple[int, ...] | None:
    """The version of the environment's Python, as in (3, 13, 1); None when that does not run.

    Raises `OSError` or `SetupError` when this machine lets no Python start, so that it says nothing of this one.
    """
    command = ["-I", "-c", "import sys; print(*sys.version_info[:3])"]
    try:
        answer = subprocess.run([environment.python, *command], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        own = subprocess.run([sys.executable, *command], capture_output=True, text=True, errors="replace")
        if own.returncode:
            reason = own.stderr.strip().splitlines()[-1:] or [f"exit code {own.returncode}"]
            raise SetupError(
                _(
                    "This machine lets no Python start ({reason}). Close other programs, or raise the limits of this "
                    "shell (`ulimit -a` shows them), and run the same command again."
                ).format(reason=reason[0])
            ) from None
        return None
    return tuple(map(int, answer.split()))


def _holds_torch(environment: Environment) -> bool:
    """True when PyTorch is installed there, as conda has it for systems that PyTorch itself has no build for."""
    return any(site_packages(environment.python).glob("torch-*.dist-info"))


def find_trouble(environment: Environment) -> str | None:
    """Why the environment cannot be used: "" when it does not exist yet, None when it can.

    Raises `SetupError` when something else has its name.
    """
    prefix = environment.prefix
    if not os.path.lexists(prefix) or _is_empty_behind_link(prefix):
        return ""
    if not any((prefix / name).exists() for name in ("pyvenv.cfg", "conda-meta")):
        return _("it is not whole")
    version = _version(environment)
    if version is None:
        return _("its Python does not run")
    if not supported.is_supported(version):
        return _("its Python is {found}, the course needs {pythons}").format(
            found=supported.dotted(version), pythons=supported.pythons()
        )
    if environment.own and _was_moved(prefix):
        return _("it was made in another folder")
    return None


def _is_empty_behind_link(prefix: Path) -> bool:
    """True when an environment may be made behind the link `prefix`, as on a larger disk: in an empty folder, or in one
    that is not there but whose parent is.

    Raises `SetupError` when the link, or a file in its place, leads to nothing that the course could use or replace.
    """
    place = Path(os.path.realpath(prefix))
    if place.is_dir():
        entries = list(place.iterdir())
        if prefix.is_symlink() and entries and not (place / "pyvenv.cfg").exists():
            raise SetupError(
                _(
                    "{prefix} is a link to {place}, which holds other things than an environment. Let the link lead to "
                    "an empty folder, or remove it, and run the same command again."
                ).format(prefix=prefix, place=place)
            )
        return prefix.is_symlink() and not entries
    if place.exists():
        raise SetupError(
            _("{prefix} is a file, and the course makes its environment there. Rename it.").format(prefix=prefix)
        )
    if not place.parent.is_dir() or place.is_symlink():
        raise SetupError(
            _(
                "{prefix} is a link to {place}, which is not there. Connect its disk, or remove the link, and run the "
                "same command again."
            ).format(prefix=prefix, place=place)
        )
    return True


def _was_moved(prefix: Path) -> bool:
    """True when a virtual environment was created elsewhere: its scripts then start the Python of the old location."""
    config = prefix / "pyvenv.cfg"
    if not config.exists():  # as in conda's
        return False
    made = re.search(r"^command = (.+)$", config.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    names = (prefix, Path(os.path.realpath(prefix)))  # it may have been made by the name of a link
    return made is not None and not any(
        os.path.normcase(made[1]).endswith(" " + os.path.normcase(name)) for name in names
    )


def _clear(environment: Environment, trouble: str) -> None:
    """Delete the project's own environment if it exists, to make room for a new one. A link to its folder stays.

    Raises `SetupError` for the learner's environment, which is never deleted, and when files cannot be deleted.
    """
    prefix = environment.prefix
    if environment.running or not environment.own:
        raise SetupError(
            _(
                "The environment {prefix} cannot be used: {trouble}. Leave it (`deactivate`) and run the same command "
                "again: where no environment is active, the course makes its own."
            ).format(prefix=prefix, trouble=trouble)
        )
    if not trouble:
        return
    print(_("{prefix} is deleted and made again: {trouble}.").format(prefix=prefix, trouble=trouble))
    try:
        if prefix.is_symlink():
            for entry in prefix.iterdir():
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        else:
            shutil.rmtree(prefix)
    except OSError as error:
        raise SetupError(
            _("{prefix} cannot be deleted ({error}). Close the programs that use it, then delete it by hand.").format(
                prefix=prefix, error=error
            )
        ) from error


def _is_read_only(environment: Environment) -> bool:
    return environment.prefix.is_dir() and not os.access(environment.prefix, os.W_OK)


def _lacking(environment: Environment, requirements: Requirements, root: Path) -> list[str]:
    """The pinned packages (`torch==2.13.0`) that an environment has not, or has in another version."""
    needed = pins(*(declared(root, each.extra) for each in (*requirements.includes, requirements)))
    program = "import importlib.metadata as m; [print(d.metadata['Name'], d.version) for d in m.distributions()]"
    answer = subprocess.run([environment.python, "-I", "-c", program], capture_output=True, text=True, check=True)
    installed = dict(line.split(" ") for line in answer.stdout.splitlines())
    present = {_normal(name): version.split("+")[0] for name, version in installed.items()}
    return [f"{name}=={version}" for name, version in needed.items() if present.get(_normal(name)) != version]


def _normal(name: str) -> str:
    """A package's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _lacks(environment: Environment, packages: Sequence[str]) -> SetupError:
    return SetupError(
        _(
            "The environment {prefix} lacks {packages}, and you may not write in it. Ask whoever made it to run "
            "`python -m course lab` there, or leave it (`deactivate`) and run the same command again: where no "
            "environment is active, the course makes its own."
        ).format(prefix=environment.prefix, packages=", ".join(packages))
    )


def _create(prefix: Path) -> None:
    """Make a virtual environment with pip. Raises `SetupError` when that fails."""
    if os.pathsep in str(prefix):
        raise SetupError(
            _(
                "The folder {folder} has a {character!r} in its name, where no environment can be made. Rename it and "
                "run the same command again."
            ).format(folder=prefix.parent, character=os.pathsep)
        )
    print(_("Making an environment in {prefix}.").format(prefix=prefix), flush=True)
    command = [sys.executable, "-P", "-m", "venv", os.path.realpath(prefix)]  # which refuses a link
    made = subprocess.run(command, env=clean_environ(), capture_output=True, text=True, errors="replace")
    if made.returncode:
        raise SetupError(explain_venv(made.stdout + made.stderr, prefix))


def _digest(environment: Environment, requirements: Requirements, root: Path) -> str:
    """A hash of the requirements, the Python version and the location of the project."""
    texts = [(root / file).read_text(encoding="utf-8") for file in requirements.files]
    version = _version(environment)
    facts = [str(root), version and version[:2], texts, declared(root, requirements.extra)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
