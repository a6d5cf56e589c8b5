"""Rules for all tests: shapes are checked, runs repeat, nothing of this user is touched, offline means offline."""

import os
import socket
import sys

import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when PyTorch is first imported: sums come out the same each time

install_import_hook("course", "beartype.beartype")  # every shape in a signature is checked while the tests run

settings.register_profile("course", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("course")

LOOPBACK = {"127.0.0.1", "::1", "localhost", ""}


@pytest.fixture(autouse=True, scope="session")
def _progress_elsewhere(tmp_path_factory):
    """No test reads or writes the learner's own progress."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROGRESS", str(tmp_path_factory.mktemp("progress") / "progress.json"))
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    """With `COURSE_OFFLINE=1`, a connection to anything but this machine fails and says who asked for it."""
    if os.environ.get("COURSE_OFFLINE") != "1":
        yield
        return

    def guard(method):
        def connect(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
                raise AssertionError(f"A test connects to {address!r} although COURSE_OFFLINE=1.")
            return method(self, address)

        return connect

    def resolve(host, *args, original=socket.getaddrinfo, **kwargs):
        if host is not None and host not in LOOPBACK:
            raise AssertionError(f"A test looks up {host!r} although COURSE_OFFLINE=1.")
        return original(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guard(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guard(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", resolve)
        yield


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: needs a Chromium and starts JupyterLab")
    config.addinivalue_line("markers", "notebook: runs a whole lesson")


def pytest_runtest_setup():
    """A test that forgets its seed still gives the same numbers alone and among others."""
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)
