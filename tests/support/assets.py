"""Sources under a test's control: a folder of tiny wheels for pip, and a web server on loopback."""

import hashlib
import http.server
import socket
import threading
import zipfile
from pathlib import Path

from course.data.asset import Asset, HubFile, Package, PackageMember
from course.data.cache import is_valid, location

CONTENT = b"the right bytes, " * 20_000
WRONG = b"T" + CONTENT[1:]
MEMBER = "tiny_package/thing.bin"
HUB_PATH = "/somebody/something/resolve/abc/thing.bin"


def make_asset(
    name: str = "thing", content: bytes = CONTENT, *, member: str | None = MEMBER, hub: bool = False
) -> Asset:
    """An asset with the hash of `content`, in the package tiny-package and, if `hub`, on the hub as well."""
    sources: list[PackageMember | HubFile] = [PackageMember(Package("tiny-package==1.0", 10_000), member)]
    if hub:
        sources.append(HubFile("somebody/something", "thing.bin", revision="abc"))
    return Asset(
        name=name,
        filename="thing.bin",
        what="a thing",
        licence="none",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        sources=tuple(sources),
        lessons=("start_here",),
    )


def make_wheel(folder: Path, members: dict[str, bytes]) -> Path:
    """Write a wheel of tiny-package that holds these files, and return its path."""
    wheel = folder / "tiny_package-1.0-py3-none-any.whl"
    about = "tiny_package-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-package\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return wheel


class Server:
    """A web server on loopback that serves `files` by path, and of each the last `cut` bytes only in its headers."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut = 0
        self.requests: list[str] = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        served = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.requests.append(self.path)
                content = served.files.get(self.path)
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content if self.path.endswith("/") else content[: len(content) - served.cut])

            def log_message(self, *_arguments) -> None:
                """Silent."""

        return Handler


def closed_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def files_in(cache):
    """Every file of the cache but the locks, relative to it."""
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file() and path.name != "lock")


def whole(cache, *assets):
    """True when the cache holds just these assets, valid, and nothing half-done."""
    return files_in(cache) == sorted(str(location(asset).relative_to(cache)) for asset in assets) and all(
        map(is_valid, assets)
    )
