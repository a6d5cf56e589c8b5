"""Settings of the wrong form: one sentence that names the setting and its value, and the other assets still come."""

import socket

import pytest

from course import data
from course.data import AssetError, cache_dir, fetch_all
from course.data.errors import MachineError, SourceError
from course.data.fetch import ensure
from course.data.sources import open_hub_file
from tests.support.assets import CONTENT, HUB_PATH, make_asset, whole
from tests.support.permissions import bound_by_permissions

WRONG_ADDRESSES = [
    "hf-mirror.com",
    "//host",
    "ftp://host",
    "file:///etc",
    "http:",
    "https://",
    "https:/host",
    "nonsense://",
    " ",
]


def hub_file():
    return make_asset(hub=True).sources[1]


def opened(monkeypatch, **settings: str) -> str:
    """What the error says when the hub's file is opened with these variables."""

    def no_such_name(*_address: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)  # no test asks the network
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceError) as caught, open_hub_file(hub_file()):
        pass
    return str(caught.value)


@pytest.mark.parametrize("value", WRONG_ADDRESSES)
def test_an_address_of_the_hub_that_is_none(cache, monkeypatch, value):
    message = opened(monkeypatch, HF_ENDPOINT=value)
    assert f"HF_ENDPOINT={value!r} is not the address of a hub" in message and "https://" in message


@pytest.mark.parametrize(
    "value", ["http://[::1", "http://host:port", "http://a b", "http://\u0130" + "x" * 70, "http://.."]
)
def test_an_address_of_the_hub_that_cannot_be_used(cache, monkeypatch, value):
    message = opened(monkeypatch, HF_ENDPOINT=value)
    assert "no connection to http" in message and "\n" not in message


@pytest.mark.parametrize(
    "value", ["http://", "http://host:port", "://", "http://[::1", "socks5://127.0.0.1:9", "nonsense"]
)
def test_a_proxy_of_the_wrong_form(cache, monkeypatch, value):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    message = opened(monkeypatch, HF_ENDPOINT="http://hub.invalid", http_proxy=value)
    assert "no connection to http://hub.invalid" in message and "\n" not in message


def test_an_empty_address_of_the_hub_is_an_unset_one(cache, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "")
    asked = []

    def answer(url, timeout):
        asked.append(url)
        raise OSError("no network")

    monkeypatch.setattr("urllib.request.urlopen", answer)
    with pytest.raises(SourceError, match="no network"), open_hub_file(hub_file()):
        pass
    assert asked == [f"https://huggingface.co{HUB_PATH}"]


@pytest.mark.slow
def test_all_others_are_fetched_and_all_failures_are_listed(cache, index, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "hf-mirror.com")
    bad = [make_asset(name, member="tiny_package/none.bin", hub=True) for name in ("one", "two")]
    good = make_asset("good")
    with pytest.raises(AssetError) as caught:
        fetch_all([*bad, good])
    message = str(caught.value)
    assert "Asset one" in message and "Asset two" in message and message.count("HF_ENDPOINT='hf-mirror.com'") == 2
    assert whole(cache, good)


@pytest.mark.parametrize("value", ["cache", "./x", "~nobody-of-this-name", "'/quoted'"])
def test_a_cache_folder_that_is_not_absolute(cache, monkeypatch, value):
    monkeypatch.setenv("COURSE_CACHE", value)
    for use in (cache_dir, data.status, fetch_all, lambda: data.path("sotu")):
        with pytest.raises(MachineError, match="is not an absolute path") as caught:
            use()
        assert f"COURSE_CACHE={value!r}" in str(caught.value)


@pytest.mark.parametrize("value", ["", None])
def test_a_cache_folder_that_is_not_set(cache, monkeypatch, tmp_path, value):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("COURSE_CACHE")
    if value is not None:
        monkeypatch.setenv("COURSE_CACHE", value)
    assert cache_dir().is_relative_to(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["with space 한글", 'quote\'s "quote" %41 #1', "deep/er"])
def test_a_cache_folder_of_any_name(cache, index, monkeypatch, tmp_path, name):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / name))
    assert ensure(make_asset()).read_bytes() == CONTENT
    assert whole(tmp_path / name, make_asset())


@bound_by_permissions
def test_a_cache_folder_that_may_not_be_written(cache, index, tmp_path):
    cache.mkdir()
    cache.chmod(0o555)
    with pytest.raises(MachineError, match=r"cannot be used .*Permission denied.*Make it readable and writable"):
        ensure(make_asset())
    cache.chmod(0o755)
    assert whole(cache)


@pytest.mark.parametrize(("value", "forbidden"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_offline_is_anything_but_0(cache, monkeypatch, value, forbidden):
    monkeypatch.setenv("COURSE_OFFLINE", value)
    assert data.fetch.offline() is forbidden
