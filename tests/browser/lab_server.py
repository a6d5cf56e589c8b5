"""A JupyterLab server on loopback, and a Chromium that can reach nothing else."""

import contextlib
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

import psutil

from course import data
from course.workshop import cli
from course.workshop.notebooks import environment
from tests.support.offline import forbid_network_in_kernels

STARTUP_LIMIT = 60  # seconds
TOKEN = "browser-test"
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
    """A running JupyterLab. `folder` is what it serves: copies of notebooks; `progress` is the learner's file."""

    address: str
    folder: Path
    progress: Path

    def url(self, notebook: str) -> str:
        """The page of a notebook, without what an earlier page left open."""
        return f"{self.address}/lab/tree/{notebook}?token={TOKEN}&reset"

    def add(self, notebook: Path) -> None:
        """Serve a copy of this notebook, so that what a page does to it is done to the copy."""
        shutil.copy(notebook, self.folder)

    def kernels(self) -> list[dict]:
        """The kernels that run now."""
        with urllib.request.urlopen(f"{self.address}/api/kernels?token={TOKEN}", timeout=10) as answer:
            return json.load(answer)

    def forget_progress(self) -> None:
        """Let no lesson see what was solved in the one before."""
        self.progress.unlink(missing_ok=True)


@contextmanager
def jupyterlab(home: Path) -> Iterator[Server]:
    """Serve a folder, empty at first, with settings, kernels and progress that live and die in the folder `home`."""
    folder = home / "notebooks"
    folder.mkdir()
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
    env = environment(home) | {"JUPYTER_CONFIG_PATH": cli.lab_environ()["JUPYTER_CONFIG_PATH"]}  # as a learner has it
    env |= {
        "HOME": str(home),
        "COURSE_CACHE": str(data.cache_dir()),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib")),  # its list of fonts
    }
    forbid_network_in_kernels(env)
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], env=env, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, f"{address}/api?token={TOKEN}", home / "server.log")
            yield Server(address, folder, Path(env["COURSE_PROGRESS"]))
        finally:
            left = _end(process)
            assert not left, f"JupyterLab left processes behind, now killed: {left}"


def _end(process: subprocess.Popen, limit: float = 15) -> list[str]:
    """End the server and its kernels. Returns what had to be killed."""
    server = psutil.Process(process.pid)
    everything = [server, *server.children(recursive=True)]
    process.terminate()
    _ended, alive = psutil.wait_procs(everything, limit)
    left = []
    for one in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            left.append(" ".join(one.cmdline()))
            one.kill()
    process.wait()
    return left


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
