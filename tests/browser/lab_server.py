"""A JupyterLab server on loopback, and a Chromium that can reach nothing else."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course import data
from course.workshop.notebooks import environment

STARTUP_LIMIT = 60  # seconds
TOKEN = "browser-test"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
# As root in a container Chromium has no sandbox. Of every host, only this machine can be found.
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@dataclass(frozen=True)
class Server:
    """A running JupyterLab. `folder` is what it serves: copies of the notebooks, so a test can change them."""

    address: str
    folder: Path

    def url(self, notebook: str) -> str:
        """The page of a notebook, without what an earlier page left open."""
        return f"{self.address}/lab/tree/{notebook}?token={TOKEN}&reset"


def find_browser() -> str | None:
    """The installed Chromium or one of its kind."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def jupyterlab(home: Path, notebooks: list[Path]) -> Iterator[Server]:
    """Serve copies of the notebooks, with settings, kernels and progress that live and die in the folder `home`."""
    folder = home / "notebooks"
    folder.mkdir()
    for notebook in notebooks:
        shutil.copy(notebook, folder)
    settings = home / "settings"
    quiet = settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}))
    port = _free_port()
    options = [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={TOKEN}",
        f"--LabApp.user_settings_dir={settings}",
        f"--LabApp.workspaces_dir={home / 'workspaces'}",
        "--LabApp.expose_app_in_browser=True",  # the tests ask the page about cells and kernel through it
    ]
    env = environment(home) | {
        "HOME": str(home),
        "COURSE_CACHE": str(data.cache_dir()),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib")),  # its list of fonts
    }
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], env=env, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, f"{address}/api?token={TOKEN}", home / "server.log")
            yield Server(address, folder)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(process: subprocess.Popen, url: str, log: Path) -> None:
    deadline = time.monotonic() + STARTUP_LIMIT
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.1)
