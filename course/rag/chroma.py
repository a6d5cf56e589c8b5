"""Reach Chroma, the vector store, in a folder, in memory or at an address, or say in one sentence why it cannot be.

Chroma is a package that only this part of a lesson needs, so it is imported when a store is opened. It is told to send
no telemetry, and never asked to embed a text, for which it would download a model.
"""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from course import folders
from course.messages import _
from course.syllabus.lessons import ROOT

IN_MEMORY = ":memory:"
REQUIREMENTS = ROOT / "requirements-rag.txt"
SIZE_MB = 350  # of Chroma and what it brings, on the disk
DEFAULT_PORTS = {"http": 8000, "https": 443}
PATIENCE = 10.0  # seconds until a server counts as silent


class StoreError(RuntimeError):
    """The vector store cannot be reached, or does not do what it is asked. The message says why, and what to do."""


def is_address(place: Path | str) -> bool:
    """True for the address of a server, False for a folder or memory."""
    return isinstance(place, str) and "://" in place


def connect(place: Path | str) -> Any:
    """Chroma's client of a folder, which is made where there is none, of `":memory:"`, or of a server's address.

    Raises `StoreError` when Chroma is not installed, the folder cannot be written or the server does not answer, and
    `ValueError` for an address that is not `http://HOST:PORT`.
    """
    server = _host_and_port(str(place)) if is_address(place) else None
    chromadb = require_chroma()
    settings = chromadb.Settings(_env_file=None, anonymized_telemetry=False, chroma_otel_collection_endpoint="")
    if server is not None:
        _require_server(str(place).rstrip("/"))
        host, port = server
        return chromadb.HttpClient(host, port, ssl=str(place).startswith("https"), settings=settings)
    if place == IN_MEMORY:
        return chromadb.EphemeralClient(settings)
    folder = writable(Path(place))
    try:
        return chromadb.PersistentClient(folder, settings)
    except Exception as error:  # Chroma's own kinds, and what Rust raises
        raise StoreError(
            _("Chroma cannot use the folder {folder}: {reason}. Name an empty or a new one.").format(
                folder=folder, reason=str(error).rstrip(".")
            )
        ) from error


def require_chroma() -> ModuleType:
    """The package. Raises `StoreError` where it is not installed or does not load."""
    try:
        import chromadb
        import chromadb.errors
    except ModuleNotFoundError as error:
        if error.name != "chromadb":
            raise _not_loaded(error) from error
        command = subprocess.list2cmdline([sys.executable, "-m", "pip", "install", "-r", str(REQUIREMENTS)])
        raise StoreError(
            _(
                "The vector store Chroma is not installed: `{command}` installs it ({size} MB with what it needs)."
            ).format(command=command, size=SIZE_MB)
        ) from error
    except (ImportError, RuntimeError) as error:  # RuntimeError: of an SQLite that is too old for it
        raise _not_loaded(error) from error
    return chromadb


def _not_loaded(error: Exception) -> StoreError:
    reason = " ".join(str(error).split())
    return StoreError(_("The vector store Chroma is installed but does not load: {reason}").format(reason=reason))


def writable(folder: Path) -> Path:
    """The folder, made where there is none, by the one name that it has for every caller."""
    folder = folder.expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trouble = None if folders.is_writable(folder) else _("no permission")
    except OSError as error:
        trouble = error.strerror or str(error)
    if trouble:
        raise StoreError(
            _("The store's folder {folder} cannot be written ({reason}). Name another.").format(
                folder=folder, reason=trouble
            )
        )
    return folder


def _host_and_port(address: str) -> tuple[str, int]:
    """Of the address of a server."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:  # no number, or too large
        port = 0
    beyond = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or port == 0 or beyond:
        raise ValueError(
            _("{address!r} is not the address of a server: write it like http://127.0.0.1:8000.").format(
                address=address
            )
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host, port or DEFAULT_PORTS[parts.scheme]


def _require_server(address: str) -> None:
    """Raises `StoreError` when no Chroma answers there. Chroma's client itself would wait without end."""
    host, port = _host_and_port(address)
    try:
        url = f"{urlsplit(address).scheme}://{host}:{port}/api/v2/heartbeat"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            beats = "nanosecond heartbeat" in json.load(answer)
        reason = None if beats else _("what answers is no Chroma server")
    except (OSError, ValueError) as error:  # ValueError: no JSON
        reason = str(getattr(error, "reason", error))
    if reason:
        raise StoreError(
            _(
                "No Chroma server answers at {address} ({reason}). Start one with `chroma run --path FOLDER --port "
                "{port}`; where a proxy is set, NO_PROXY has to name its host."
            ).format(address=address, reason=reason, port=port)
        )
