"""Folders of this user, who may have no home, or one that cannot be written. Standard library only."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from course.messages import _

NAME = "language-model-course"


def from_setting(name: str) -> Path | None:
    """The path in an environment variable, `~` expanded; None where it is unset or empty.

    Raises `ValueError` for a path that is not absolute: a notebook and a command run in different folders, so they
    would look in different places.
    """
    value = os.environ.get(name)
    if not value:
        return None
    path = Path(os.path.expanduser(value))  # noqa: PTH111, which has no error where there is no home
    if not path.is_absolute():
        raise ValueError(
            _(
                "{name}={value!r} is not an absolute path, so each program would look in another place. "
                "Set {name} to a path from the root of the disk, or unset it."
            ).format(name=name, value=value)
        )
    return path


def home() -> Path | None:
    """The user's home folder; None where there is none, or the root of the disk in its place, as in containers."""
    path = Path(os.path.expanduser("~"))  # noqa: PTH111, as above
    return path if path.is_absolute() and path != Path(path.anchor) else None


def is_writable(folder: Path) -> bool:
    """True when this user may write in the folder, or make it where it does not exist."""
    existing = next((path for path in (folder, *folder.parents) if os.path.lexists(path)), folder)
    return os.path.isdir(existing) and os.access(existing, os.W_OK | os.X_OK)  # noqa: PTH112, has no error


def private(make: bool = True) -> Path:
    """A folder of this user in the system's folder for temporary files; `make` says whether to make it.

    The next program finds the same one; it lasts until the system clears its temporary files. Raises `OSError` when it
    cannot be made, or when another user could have put something into it.
    """
    user = f"-{os.getuid()}" if hasattr(os, "getuid") else ""  # on Windows each user has a folder for temporary files
    folder = Path(tempfile.gettempdir(), NAME + user)
    if make:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    if os.path.lexists(folder):
        about = folder.lstat()
        others_write = user and (about.st_uid != os.getuid() or about.st_mode & 0o022)
        if not stat.S_ISDIR(about.st_mode) or others_write:
            message = _("{folder} is not a folder that only you can write: set TMPDIR to one").format(folder=folder)
            raise PermissionError(message)
    return folder


def environ_with_home(environ: dict[str, str]) -> dict[str, str]:
    """The environment variables, with a private folder as home where there is none that this user may write.

    JupyterLab, IPython and Matplotlib do not start, or complain, without one. Raises `OSError` when there is no place
    for it.
    """
    present = home()
    if present is not None and is_writable(present):
        return environ
    return environ | {"HOME" if os.name != "nt" else "USERPROFILE": str(private())}
