"""Chroma's own server on this machine, for as long as a block runs."""

import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from course.messages import _
from course.rag.chroma import StoreError, connect, require_chroma

RUN = "from chromadb.cli.cli import app; app()"  # what the command `chroma` does, in this very environment
HOST = "127.0.0.1"
LIMIT = 60.0  # seconds that a server may take to answer
ATTEMPTS = 3  # another program may take a free port first


@contextmanager
def running_server(folder: Path | str, port: int | None = None) -> Generator[str]:
    """Serve a folder on this machine only, at `port` or at a free one. Gives the address; ends the server afterwards.

    Raises `StoreError` when Chroma is not installed or the server does not start.
    """
    require_chroma()
    if port is not None and _taken(port):
        raise StoreError(
            _("Another program answers at port {port} of this machine. Name another port.").format(port=port)
        )
    place = Path(folder).expanduser().resolve()
    place.mkdir(parents=True, exist_ok=True)
    for _attempt in range(1 if port is not None else ATTEMPTS):
        chosen = _free_port() if port is None else port
        process = _start(place, chosen)
        try:
            if _answers(process, address := f"http://{HOST}:{chosen}"):
                yield address
                return
        finally:
            _end(process)
    raise StoreError(
        _(
            "`chroma run` did not start at port {port} of this machine. Name another port, or an empty or a new folder."
        ).format(port=chosen)
    )


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN, "run", "--path", str(folder), "--host", HOST, "--port", str(port)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)


def _answers(process: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the server answers; False when it ends or takes too long."""
    end = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < end:
        try:
            connect(address).close()
        except StoreError:
            time.sleep(0.05)
        else:
            return process.poll() is None
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
