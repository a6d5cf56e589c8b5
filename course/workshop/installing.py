"""Run pip so that it installs into one environment and nowhere else, and explain its failures in one sentence each.

Standard library only.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path

from course.messages import _
from course.workshop import supported

# Settings that make Python look, or pip install, outside the environment. pip prefers these variables to its own files.
MISLEADING = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
INSIDE = {"PYTHONNOUSERSITE": "1", "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

NO_SPACE = re.compile(r"Errno 28|No space left|WinError 112|not enough space on the disk")
TOO_LARGE = re.compile(r"Errno 27\b|File too large")
CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed")
NO_PERMISSION = re.compile(
    r"Errno (1|13|30)\b|Permission denied|Read-only file system|WinError (5|32)\b|Access is denied"
)
NO_NETWORK = re.compile(
    r"Retrying \(Retry|ConnectionError|[Tt]imed out|name resolution|getaddrinfo failed|ProxyError|SSLError"
)

TEMPORARY = ".tmp"  # in the folder of packages; the usual place may be small, or memory

GB = 10**9


class SetupError(RuntimeError):
    """The environment cannot be made or filled. The message says why, and what to do."""


def clean_environ() -> dict[str, str]:
    """The environment variables of this process, without those that point Python or pip outside the environment."""
    return {name: value for name, value in os.environ.items() if name not in MISLEADING} | INSIDE


def pip_works(python: Path) -> bool:
    """True when this Python has a working pip, after installing the bundled one if necessary."""

    def succeeds(*arguments: str) -> bool:
        command = [python, "-P", "-m", *arguments]
        return subprocess.run(command, env=clean_environ(), capture_output=True).returncode == 0

    return succeeds("pip", "--version") or (succeeds("ensurepip") and succeeds("pip", "--version"))


def install(python: Path, requirements: Path) -> None:
    """Install a requirements file with pip, showing its progress on the terminal.

    pip inherits the lock on the environment (`files.held`) and ends with this call. Its temporary files are in the
    environment, so that the next call removes what a killed one left. Raises `SetupError` with the cause when pip
    fails. `KeyboardInterrupt` passes through; the next call resumes.
    """
    folder = site_packages(python)
    temporary = folder / TEMPORARY
    try:
        _remove_torn_packages(folder)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
    except OSError as error:
        raise SetupError(explain_pip(str(error), folder)) from error
    command = [python, "-P", "-m", "pip", "install", "-r", requirements]
    environ = clean_environ() | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    last_lines: deque[str] = deque(maxlen=100)
    process = subprocess.Popen(
        command,
        cwd=requirements.parent,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        close_fds=False,
    )
    try:
        for line in process.stderr or ():
            sys.stderr.write(line)
            last_lines.append(line)
        process.wait()
    finally:
        process.kill()
        process.communicate()
        shutil.rmtree(temporary, ignore_errors=True)
    if process.returncode < 0:
        raise SetupError(
            _(
                "pip was ended from outside (signal {signal}), as happens when memory runs out. Close other programs "
                "and run the same command again: it goes on from here."
            ).format(signal=-process.returncode)
        )
    if process.returncode:
        raise SetupError(explain_pip("".join(last_lines), folder))


def explain_pip(complaint: str, folder: Path) -> str:
    """Why pip could not install into `folder` and what to do about it, from what it wrote to stderr."""
    if reason := _explain_file_error(complaint, folder):
        return reason
    if CERTIFICATE.search(complaint):
        return _(
            "The certificate of the package index is not accepted. Set this computer's clock if it is wrong; behind a "
            "firewall that reads what passes, name its certificate in PIP_CERT. Then run the same command again."
        )
    if NO_NETWORK.search(complaint):
        return _(
            "The packages could not be downloaded: there is no network, or no package index answers. Connect, or name "
            "a mirror in PIP_INDEX_URL, and run the same command again: it goes on from here."
        )
    if missing := re.search(r"No matching distribution found for (\S+)", complaint):
        return _(
            "There is no {package} for Python {version} on {system} {machine}. Run the same command with another "
            "Python, from {pythons}."
        ).format(
            package=missing[1],
            version=platform.python_version(),
            system=platform.system(),
            machine=platform.machine(),
            pythons=supported.pythons(),
        )
    return _("pip failed. Its line above that begins with ERROR says why; the same command, run again, tries again.")


def explain_venv(complaint: str, prefix: Path) -> str:
    """Why `python -m venv` could not create the environment `prefix` and what to do about it, from its output."""
    if reason := _explain_file_error(complaint, prefix):
        return reason
    if re.search("ensurepip is not available|No module named", complaint):
        return _(
            "{python} cannot make environments: a part of it is missing. On Debian and Ubuntu install it with "
            "`sudo apt install python3-venv`, or use Python from python.org, then run the same command again."
        ).format(python=sys.executable)
    return _("{python} -m venv {prefix} failed: {reason}").format(
        python=sys.executable, prefix=prefix, reason=complaint.strip().splitlines()[-1] if complaint.strip() else "-"
    )


def _explain_file_error(complaint: str, folder: Path) -> str | None:
    if "No usable temporary directory" in complaint:
        return _(
            "There is no folder for temporary files that you may write to. Set TMPDIR to one, and run the same command "
            "again."
        )
    if TOO_LARGE.search(complaint):
        return _(
            "A file would become larger than this shell allows. Raise the limit (`ulimit -f unlimited`) and run the "
            "same command again."
        )
    if NO_SPACE.search(complaint):
        fullest = min((folder, Path(tempfile.gettempdir())), key=free_bytes)
        return _(
            "The disk is full: {free:.1f} GB are free in {folder}. The packages take 2 GB, or 8 GB with the CUDA build "
            "of PyTorch that Linux gets. Free some space and run the same command again; if it is the folder for "
            "temporary files, TMPDIR can name another."
        ).format(free=free_bytes(fullest) / GB, folder=fullest)
    if NO_PERMISSION.search(complaint):
        return _(
            "No permission to write in {folder}. Make it writable and close the programs that use it, or make an "
            "environment elsewhere (`python -m venv PLACE`), activate it, and run the same command again."
        ).format(folder=folder)
    return None


def require_space(folder: Path, gigabytes: float) -> None:
    """Raises `SetupError` when the disk of the environment has less free space than this."""
    free = free_bytes(folder) / GB
    if free < gigabytes:
        raise SetupError(
            _(
                "Not enough disk space in {folder}: {free:.1f} GB are free, the packages need {needed:.1f} GB. Free "
                "some space, or make an environment on a larger disk (`python -m venv PLACE`), activate it, and run "
                "the same command again."
            ).format(folder=folder, free=free, needed=gigabytes)
        )


def free_bytes(folder: Path) -> int:
    """Bytes free on the disk of this folder, or of the nearest folder above it that exists."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free


def site_packages(python: Path) -> Path:
    """The folder that this Python installs packages into."""
    command = [python, "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


def _remove_torn_packages(folder: Path) -> None:
    """Remove the metadata of packages whose installation was interrupted, so that pip installs them again.

    pip considers a package installed when it finds its METADATA; it writes RECORD last. What it replaces, it first puts
    aside under a name with a `~`, which a pip that was killed leaves there.
    """
    for aside in folder.glob("~*"):
        shutil.rmtree(aside, ignore_errors=True)
    for metadata in folder.glob("*.dist-info/METADATA"):
        installer = metadata.with_name("INSTALLER")
        by_pip = not installer.exists() or installer.read_text(encoding="utf-8").strip() == "pip"
        if by_pip and not metadata.with_name("RECORD").exists():
            shutil.rmtree(metadata.parent)
