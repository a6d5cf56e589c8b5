"""Write a file whole or not at all, and hold a folder against other processes. Standard library only."""

import errno
import glob
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

ABANDONED_AFTER = 24 * 3600  # seconds, where the system has no locks to tell
WRITING = ".writing-"  # in the name of a writer's folder, between the file's name and random letters


@contextmanager
def written_whole(path: Path) -> Generator[Path]:
    """A fresh path to write to, which takes the place of `path` when the block ends without an error.

        with written_whole(path) as fresh:
            fresh.write_text(text)

    A reader sees the old file or the new one, never a part, and after a power cut the disk holds one of the two: the
    new file is flushed to the disk before it replaces the old one. It has the permissions of any new file (those that
    the umask leaves). Where `path` is a symbolic link, the link stays and the file that it points to is replaced.

    After an error, an interrupt included, the old file is as it was and nothing is left beside it. A process that is
    killed cannot clean up; the next write to the same path does it, or `sweep`. Of several writers at once the last one
    wins.

    Raises `IsADirectoryError` where `path` is a folder, and `OSError` as the system does: no space, no permission.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    prefix = f".{target.name}{WRITING}"
    _sweep(target.parent, prefix)
    folder, lock = _own_folder(target.parent, prefix)
    try:
        fresh = folder / target.name
        mode = _mode_of_a_new_file(fresh)
        yield fresh
        fresh.chmod(mode)
        with fresh.open("r+b") as written:
            os.fsync(written.fileno())
        fresh.replace(target)
        _flush_folder(target.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def leftovers(folder: Path) -> list[Path]:
    """The folders below `folder` that killed writers left there. What cannot be read is passed over."""
    return [found for found in _writers_below(folder) if _abandoned(found)]


def sweep(folder: Path) -> None:
    """Remove what killed writers left anywhere below `folder`."""
    for found in _writers_below(folder):
        _abandoned(found, remove=True)


def _writers_below(folder: Path) -> Iterator[Path]:
    for parent, names, _files in os.walk(folder):
        yield from (Path(parent, name) for name in names if name.startswith(".") and WRITING in name)


@contextmanager
def held(folder: Path, waiting: str) -> Generator[bool]:
    """Hold a folder against other processes that do the same; print the line `waiting` when another one has it.

    Gives whether there was a wait. A child process that is started with `close_fds=False` holds the folder too, until
    it ends. Where the system has no locks that end with a process, nothing is held.
    """
    waited = False
    try:
        lock = _locked(folder)
    except BlockingIOError:
        waited = True
        print(waiting, file=sys.stderr, flush=True)
        lock = _locked(folder, wait=True)
    try:
        if lock is not None:
            os.set_inheritable(lock, True)
        yield waited
    finally:
        if lock is not None:
            os.close(lock)


def _own_folder(parent: Path, prefix: str) -> tuple[Path, int | None]:
    """A new folder and the descriptor that holds its lock, None where there are no locks.

    The lock is the operating system's and ends with the process, however it ends. Between the making of the folder and
    its lock another writer may sweep it away as abandoned: then a new one is made.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            lock = _locked(folder)
        except (BlockingIOError, FileNotFoundError):
            continue
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if lock is None or folder.exists():
            return folder, lock
        os.close(lock)


def _sweep(parent: Path, prefix: str) -> None:
    """Remove the folders of writers that no longer run."""
    for folder in parent.glob(f"{glob.escape(prefix)}*"):
        _abandoned(folder, remove=True)


def _abandoned(folder: Path, remove: bool = False) -> bool:
    """True when the folder's writer no longer runs: its lock is free. With `remove`, the folder is then removed.

    Where there are no locks (Windows, some network disks), when it is a day old: no file of the course takes that long.
    A writer that was asleep for longer gets an error, and the old file stays.
    """
    with suppress(OSError):  # in use, or swept by another writer at the same time
        lock = _locked(folder)
        abandoned = lock is not None or time.time() - folder.stat().st_mtime > ABANDONED_AFTER
        if abandoned and remove:
            shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)
        return abandoned
    return False


def _locked(folder: Path, wait: bool = False) -> int | None:
    """The descriptor that holds the folder's lock, None where the system has no such locks.

    Raises `BlockingIOError` when another process holds it, unless it is to `wait` for that to end.
    """
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException as error:  # Ctrl-C while it waits included
        os.close(descriptor)
        if isinstance(error, OSError) and not isinstance(error, BlockingIOError):
            return None
        raise
    return descriptor


def _mode_of_a_new_file(path: Path) -> int:
    """The permissions that a new file gets at `path`. (Asking for the umask would change it for other threads.)"""
    path.touch()
    mode = path.stat().st_mode & 0o777
    path.unlink()
    return mode


def _flush_folder(folder: Path) -> None:
    """Flush the folder's entry for the new file, where the system allows it; the file is in its place already."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
