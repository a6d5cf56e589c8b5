"""Where the course can be installed: the Pythons and systems that every package it pins has a build for.

Written for Python 3.6 and its standard library, so that an old Python gets as far as being told that it is old.
"""

import platform
import sys

from course.messages import _

MIN_PYTHON = (3, 11, 5)  # soupsieve, which JupyterLab needs, does not install on an older one
MAX_PYTHON = (3, 14)  # the newest one that PyTorch has a build for
MIN_GLIBC = (2, 28)
MIN_MACOS = (14,)
MACHINES = {"Linux": ("x86_64", "aarch64"), "Windows": ("amd64",), "Darwin": ("arm64",)}  # PyTorch's builds


def pythons() -> str:
    """The range of Pythons, as in "3.11.5 to 3.14"."""
    return _("{oldest} to {newest}").format(oldest=dotted(MIN_PYTHON), newest=dotted(MAX_PYTHON))


def is_supported(version) -> bool:
    """True when every package installs on this Python. `version` begins as `sys.version_info` does."""
    return tuple(version[:3]) >= MIN_PYTHON and tuple(version[:2]) <= MAX_PYTHON


def python_trouble() -> str:
    """Why this Python cannot run the course, and what to do about it; "" when it can."""
    if is_supported(sys.version_info):
        return ""
    return _(
        "The course needs Python {pythons}; this is Python {found} ({executable}). Install one of these and call it by "
        "its name, as in: python3.13 -m course lab"
    ).format(pythons=pythons(), found=dotted(sys.version_info[:3]), executable=sys.executable)


def system_trouble() -> str:
    """Why PyTorch cannot be installed on this system, and what to do about it; "" when it can."""
    system, machine = platform.system(), platform.machine()
    libc, version = platform.libc_ver() if system == "Linux" else ("", platform.mac_ver()[0])
    bits = "" if sys.maxsize > 2**32 else _("32 bits")
    suits = machine.lower() in MACHINES.get(system, ()) and not bits
    if system == "Linux":
        suits = suits and libc == "glibc" and numbers(version) >= MIN_GLIBC
    elif system == "Darwin":
        suits = suits and numbers(version) >= MIN_MACOS
    if suits:
        return ""
    here = ("macOS" if system == "Darwin" else system, libc, version, machine, bits)
    return _(
        "The course needs Linux (x86-64 or ARM, glibc {glibc} or newer), Windows (x86-64), or macOS {macos} or newer "
        "on Apple silicon, since PyTorch has no build for others; this is a Python for {here}. On such a machine the "
        "course runs in a container with Linux, or on a hosted notebook server."
    ).format(
        glibc=dotted(MIN_GLIBC),
        macos=dotted(MIN_MACOS),
        here=" ".join(part for part in here if part),
    )


def numbers(version: str) -> tuple:
    """The first two numbers of a version: "14.6.1" → (14, 6). () when there are none."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def dotted(version) -> str:
    """(3, 11, 5) → "3.11.5"."""
    return ".".join(map(str, version))
