"""Files that are made from assets once, since making them takes seconds: `converted/<asset>-<hash>-<format>/<file>`.

They are in the cache folder. A class shares one that its students may only read: what is missing there is kept in a
folder of the student's own.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from course.data import errors, registry
from course.data.cache import cache_dirs
from course.data.errors import AssetError
from course.files import written_whole

FORMAT = 3  # raise it when they must be written again
FILES = (
    ("smollm2-gguf", "model.safetensors"),
    ("smollm2-gguf", "tokenizer.json"),
    ("gpt2-vocab", "tokenizer.json"),
)
Loaded = TypeVar("Loaded")


def converted(asset: str, filename: str, read: Callable[[Path], Loaded], write: Callable[[Path], None]) -> Loaded:
    """What `read` makes of a file converted from `asset`, which `write` makes first where it is missing or damaged.

    `read` raises `ValueError` for a damaged file. Raises `AssetError` when there is no place to write it.
    """
    refused: list[AssetError] = []
    for folder in cache_dirs():
        file = location(folder, asset, filename)
        try:
            return _made(file, read, write)
        except OSError as error:
            refused.append(errors.not_converted(file, error))
            if error.errno not in errors.REFUSED:
                raise refused[-1] from error
    raise refused[0]


def location(cache: Path, asset: str, filename: str) -> Path:
    """Where a cache folder keeps a converted file, whether or not it has it."""
    return _folder(cache, asset) / filename


def missing() -> list[str]:
    """The converted files that are in no folder where they are looked for, as in "smollm2-gguf/tokenizer.json"."""
    return [
        f"{asset}/{filename}"
        for asset, filename in FILES
        if not any(location(cache, asset, filename).is_file() for cache in cache_dirs(make=False))
    ]


def outdated(cache: Path) -> list[Path]:
    """The folders of a cache with files that an older course made; each may take as much space as today's."""
    return [
        folder
        for asset in dict(FILES)
        for version in range(FORMAT)
        if (folder := _folder(cache, asset, version)).is_dir()
    ]


def _folder(cache: Path, asset: str, version: int = FORMAT) -> Path:
    return cache / "converted" / f"{asset}-{registry.asset(asset).sha256[:16]}-{version}"


def _made(file: Path, read: Callable[[Path], Loaded], write: Callable[[Path], None]) -> Loaded:
    with suppress(OSError, ValueError):  # missing, or damaged
        return read(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        with suppress(FileNotFoundError, ValueError):  # another process may have written it while this one waited
            return read(file)
        with written_whole(file) as fresh:
            write(fresh)
        return read(file)
