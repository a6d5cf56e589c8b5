"""What the course finds on this machine, what is missing, and what to do about it.

Needs only the standard library and skips checks whose packages are missing. Changes, fetches and prints nothing.
"""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import course
from course import folders
from course.messages import _
from course.syllabus.lessons import ROOT
from course.workshop import environment, supported
from course.workshop.installing import GB, SetupError, free_bytes

# Free memory for a lesson: the real model in float32 takes 1.0 GB, Python with PyTorch and Jupyter the rest.
MIN_MEMORY = 2 * GB

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
CHROMIUM_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)


@dataclass(frozen=True)
class Finding:
    """The result of one check. `ok` is False when a lesson would fail because of it.

    `remedy` says what to do; it is "" when there is nothing to do. A finding that is ok can have a remedy too: an
    improvement.
    """

    name: str
    value: str
    ok: bool = True
    remedy: str = ""


def findings() -> list[Finding]:
    """Everything that the course depends on, as this Python sees it."""
    results = [Finding(_("Course"), course.__version__), _python(), _environment(), _packages(), *_home()]
    if importlib.util.find_spec("torch"):
        results += _torch()
    if importlib.util.find_spec("psutil"):
        results.append(_memory())
    if all(map(importlib.util.find_spec, ("platformdirs", "filelock", "tqdm"))):
        results += _cache()
    return [*results, _browser()]


def chromium() -> str | None:
    """The path of a Chromium-based browser on this machine, for the browser tests; None when there is none."""
    by_name = (shutil.which(name) for name in CHROMIUM_NAMES)
    by_place = (place for place in CHROMIUM_PLACES if Path(place).exists())
    return next((browser for browser in (*by_name, *by_place) if browser), None)


def short(path: Path) -> str:
    """A path in its shortest readable form: relative to the project, relative to the home folder (`~`), or in full."""
    if path.is_relative_to(ROOT):
        return str(path.relative_to(ROOT))
    if (home := folders.home()) and path.is_relative_to(home):
        return str("~" / path.relative_to(home))
    return str(path)


def pins(root: Path = ROOT) -> dict[str, str]:
    """Package → version, as pinned in pyproject.toml, or where only the package is installed, in its metadata."""
    there = (root / "pyproject.toml").exists()
    needs = environment.declared(root) if there else importlib.metadata.requires("language-model-course") or ()
    return environment.pins(needs)


def _python() -> Finding:
    value = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    trouble = supported.python_trouble()
    if not importlib.util.find_spec("torch"):  # where PyTorch is, there is a build
        trouble = trouble or supported.system_trouble()
    return Finding(_("Python"), value, ok=not trouble, remedy=trouble)


def _environment() -> Finding:
    value = short(Path(sys.prefix))
    try:
        environment.find_trouble(environment.find())
    except SetupError as error:
        return Finding(_("Environment"), value, ok=False, remedy=str(error))
    return Finding(_("Environment"), value)


def _home() -> list[Finding]:
    """What is said where there is no home folder to write in; nothing elsewhere."""
    home = folders.home()
    if home is not None and folders.is_writable(home):
        return []
    value = _("there is none") if home is None else _("{folder} cannot be written").format(folder=home)
    try:
        place = folders.private(make=False)
    except OSError as error:
        return [Finding(_("Home folder"), value, ok=False, remedy=_("Set HOME: {error}.").format(error=error))]
    remedy = _("{folder} is used in its place, until temporary files are cleared. Set HOME to keep what is there.")
    return [Finding(_("Home folder"), value, remedy=remedy.format(folder=place))]


def _packages() -> Finding:
    wanted = pins()
    wrong = list(_wrong_versions(wanted))
    if not wrong:
        return Finding(_("Packages"), _("all {count} as pinned").format(count=len(wanted)))
    remedy = (
        _("Run `python -m pip install -r requirements.txt` in this environment.")
        if environment.find().running
        else _("Run `python -m course lab`: it makes an environment and installs them there.")
    )
    value = _("{count} of {all} not as pinned: {wrong}")
    value = value.format(count=len(wrong), all=len(wanted), wrong=", ".join(wrong))
    return Finding(_("Packages"), value, ok=False, remedy=remedy)


def _wrong_versions(wanted: dict[str, str]) -> Iterator[str]:
    for name, version in wanted.items():
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield _("{name} is missing").format(name=name)
            continue
        if installed.split("+")[0] != version:  # what follows a + is the build, as in 2.13.0+cpu
            yield _("{name} is {there}, not {version}").format(name=name, there=installed, version=version)


def _torch() -> list[Finding]:
    try:
        import torch
    except Exception as error:  # installed, but a system library that it needs is missing, or memory is
        value = str(error) or type(error).__name__
        if isinstance(error, MemoryError) or re.search("map segment|allocate memory", value):
            remedy = _("There is too little memory: close other programs, or raise the limit (`ulimit -v unlimited`).")
        else:
            remedy = _(
                "PyTorch does not start. Install it again: `python -m pip install --force-reinstall torch=={version}`."
            ).format(version=pins()["torch"])
        return [Finding("PyTorch", value, ok=False, remedy=remedy)]
    try:
        device = course.device()
    except ValueError as error:
        chosen = Finding(_("Device"), os.environ["COURSE_DEVICE"], ok=False, remedy=str(error))
    else:
        name = f" ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else ""
        chosen = Finding(_("Device"), f"{device}{name}")
    threads = _("{threads} of {cores} processor cores").format(threads=torch.get_num_threads(), cores=os.cpu_count())
    return [Finding("PyTorch", torch.__version__), chosen, Finding(_("Threads"), threads)]


def _memory() -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    value = _("{free:.1f} of {total:.1f} GB free").format(free=memory.available / GB, total=memory.total / GB)
    if memory.available >= MIN_MEMORY:
        return Finding(_("Memory"), value)
    remedy = _("A lesson needs up to {needed:.0f} GB: close other programs and notebooks.").format(
        needed=MIN_MEMORY / GB
    )
    return Finding(_("Memory"), value, ok=False, remedy=remedy)


def _cache() -> list[Finding]:
    from course import data

    try:
        folder = data.cache_dir()
    except data.AssetError as error:
        return [Finding(_("Cache folder"), os.environ.get("COURSE_CACHE", ""), ok=False, remedy=str(error))]
    try:
        status = data.status()
    except data.AssetError as error:
        return [Finding(_("Cache folder"), short(folder), ok=False, remedy=str(error))]
    missing = [asset for asset, cached in status if not cached]
    download = sum({asset.download: asset.download_size for asset in missing}.values())
    free, needed = free_bytes(folder), download + sum(asset.size for asset in missing)
    blocked = bool(missing) and not folders.is_writable(folder)
    remedy = _(
        "It lacks models and texts and cannot be written: make it writable, or set COURSE_CACHE to a folder that is."
    )
    return [
        Finding(_("Cache folder"), short(folder), ok=not blocked, remedy=remedy if blocked else ""),
        Finding(
            _("Disk"),
            _("{free:.1f} GB free").format(free=free / GB),
            ok=free >= needed,
            remedy="" if free >= needed else _("Free some space, or set COURSE_CACHE to a folder on a larger disk."),
        ),
        _assets(len(status), [asset.name for asset in missing], download),
        *_unconverted(folder),
        *_leftovers(),
    ]


def _unconverted(cache: Path) -> list[Finding]:
    """Files that each user converts again, since the cache that holds the others may only be read."""
    from course.data import conversions

    if not cache.exists() or folders.is_writable(cache) or not (missing := conversions.missing()):
        return []
    value = _("not in the cache: {files}").format(files=", ".join(missing))
    remedy = _(
        "You may only read the cache: each is made in a folder of your own when a lesson needs it (up to 540 MB). "
        "`python -m course fetch`, run by whoever owns the cache, makes them once for all."
    )
    return [Finding(_("Converted files"), value, remedy=remedy)]


def _leftovers() -> list[Finding]:
    """What killed processes and older versions of the course left in the cache."""
    from course.data import fetch

    if not (folders_left := fetch.leftovers()):
        return []
    size = sum(file.stat().st_size for folder in folders_left for file in folder.rglob("*") if file.is_file())
    value = _("{size:.0f} MB that killed processes or older versions of the course left in the cache")
    remedy = _("`python -m course fetch` removes them.")
    return [Finding(_("Leftovers"), value.format(size=size / 10**6), remedy=remedy)]


def _assets(total: int, missing: list[str], download: int) -> Finding:
    name = _("Models and texts")
    value = _("{cached} of {total} in the cache").format(cached=total - len(missing), total=total)
    if not missing:
        return Finding(name, value)
    value += "; " + _("missing: {names}").format(names=", ".join(missing))
    from course.data import fetch

    if fetch.offline():
        remedy = _("COURSE_OFFLINE is set: unset it where there is a network, then run `python -m course fetch`.")
        return Finding(name, value, ok=False, remedy=remedy)
    remedy = _("Fetched when a lesson needs them, or all at once ({size:.0f} MB) with `python -m course fetch`.")
    return Finding(name, value, remedy=remedy.format(size=download / 10**6))


def _browser() -> Finding:
    browser = chromium()
    if browser:
        return Finding(_("Browser for tests"), browser)
    return Finding(
        _("Browser for tests"),
        _("no Chromium or Chrome"),
        ok=os.environ.get("COURSE_REQUIRE_BROWSER") != "1",
        remedy=_("Only the browser tests need one: install Chromium or Chrome to run them."),
    )
