"""The cache of verified assets: `cache_dir()/assets/<name>/<file>`.

Before its first use in a process a cached file is hashed again, so that one that was cut or changed is never used.
That takes 0.06 s for the largest model (98 MB), and needs no record of earlier checks, which could be wrong, or lost
when the folder is copied to another machine.
"""

import contextlib
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from course import folders
from course.data import errors, registry
from course.data.asset import Asset
from course.data.errors import AssetError


def cache_dir() -> Path:
    """The folder for everything that the course keeps on disk: `COURSE_CACHE`, or the user's own cache folder.

    Raises `AssetError` when `COURSE_CACHE` is not an absolute path, or unset where there is no place for a folder.
    """
    try:
        return folders.from_setting("COURSE_CACHE") or _own_folder()
    except ValueError as error:
        raise errors.MachineError(str(error)) from error


def cache_dirs(make: bool = True) -> Iterator[Path]:
    """`cache_dir()` and then other folders of this user, for what is made where the first can only be read.

    `make` says whether to make the last one, which is for temporary files.
    """
    yield (first := cache_dir())
    with contextlib.suppress(OSError, AssetError):
        yield from (folder for folder in dict.fromkeys((_own_folder(), folders.private(make))) if folder != first)


def _own_folder() -> Path:
    """The system's cache folder for this user, or a private one where it is not there and cannot be made."""
    try:
        folder = platformdirs.user_cache_path(folders.NAME)
    except RuntimeError:  # there is no home
        folder = None
    if folder is not None and (folder.exists() or folders.is_writable(folder)):
        return folder
    try:
        return folders.private()
    except OSError as error:
        raise errors.unusable_cache(folder or Path("~"), error) from error


def location(asset: Asset) -> Path:
    """Where the cache keeps this asset, whether or not it has it."""
    return cache_dir() / "assets" / asset.name / asset.filename


def status() -> list[tuple[Asset, bool]]:
    """Each asset, and whether it is cached. Compares sizes only, without hashing and without the network.

    Raises `AssetError` when the cache folder cannot be read.
    """
    return [(asset, _has_its_size(asset)) for asset in registry.ASSETS]


def is_valid(asset: Asset) -> bool:
    """True when the cached file has the registered size and SHA-256.

    Raises `AssetError` when the cache folder cannot be read.
    """
    if not _has_its_size(asset):
        return False
    file = location(asset)
    try:
        return _sha256(file, asset.size, file.stat().st_mtime_ns) == asset.sha256
    except OSError as error:
        raise errors.unusable_cache(cache_dir(), error) from error


def _has_its_size(asset: Asset) -> bool:
    try:
        return location(asset).stat().st_size == asset.size
    except FileNotFoundError:
        return False
    except OSError as error:
        raise errors.unusable_cache(cache_dir(), error) from error


@functools.cache
def _sha256(file: Path, size: int, modified: int) -> str:
    """The file's SHA-256, computed once per process for each state (size, modification time in ns) of the file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
