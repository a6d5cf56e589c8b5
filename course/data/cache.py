"""The cache of verified assets: `cache_dir()/assets/<name>/<file>`.

Before its first use in a process a cached file is hashed again, so that one that was cut or changed is never used.
That takes 0.06 s for the largest model (98 MB), and needs no record of earlier checks, which could be wrong, or lost
when the folder is copied to another machine.
"""

import functools
import hashlib
import os
from pathlib import Path

import platformdirs

from course.data import errors, registry
from course.data.asset import Asset


def cache_dir() -> Path:
    """The folder for everything that the course keeps on disk: `COURSE_CACHE`, or the user's cache folder."""
    folder = os.environ.get("COURSE_CACHE")
    return Path(folder).expanduser() if folder else platformdirs.user_cache_path("language-model-course")


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
