"""Folders of a user: settings that name them, a home that may be missing, and the private folder in its place."""

import os
import tempfile
from pathlib import Path

import pytest

from course import folders
from tests.support.permissions import bound_by_permissions

needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other homes and permissions")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's folder for temporary files."""
    folder = tmp_path / "for temporary files"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


class TestSetting:
    @pytest.mark.parametrize("value", [None, ""])
    def test_unset_or_empty(self, monkeypatch, value):
        monkeypatch.delenv("COURSE_CACHE", raising=False)
        if value is not None:
            monkeypatch.setenv("COURSE_CACHE", value)
        assert folders.from_setting("COURSE_CACHE") is None

    @pytest.mark.parametrize("name", ["plain", "with space 한글", 'quote\'s "quote"', "100%"])
    def test_a_path_as_it_is_typed(self, monkeypatch, tmp_path, name):
        monkeypatch.setenv("COURSE_CACHE", str(tmp_path / name))
        assert folders.from_setting("COURSE_CACHE") == tmp_path / name

    @pytest.mark.parametrize("value", ["~", "~/here"])
    def test_the_home_folder(self, monkeypatch, tmp_path, value):
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        monkeypatch.setenv("COURSE_CACHE", value)
        assert folders.from_setting("COURSE_CACHE") == Path(value.replace("~", str(tmp_path)))

    @pytest.mark.parametrize("value", ["here", "./here", " ", "~nobody-of-this-name/x", "'/quoted'", "a\x01b"])
    def test_a_relative_path_is_an_error_that_names_it(self, monkeypatch, value):
        monkeypatch.setenv("COURSE_CACHE", value)
        with pytest.raises(ValueError, match="Set COURSE_CACHE to a path from the root") as caught:
            folders.from_setting("COURSE_CACHE")
        assert f"COURSE_CACHE={value!r} is not an absolute path" in str(caught.value)


@needs_posix
class TestHome:
    @pytest.mark.parametrize("value", ["/", "//", "relative"])
    def test_none(self, monkeypatch, value):
        monkeypatch.setenv("HOME", value)
        assert folders.home() is None

    def test_none_of_a_user_whom_the_system_does_not_know(self, monkeypatch):
        def unknown(user):
            raise KeyError(f"getpwuid(): uid not found: {user}")

        monkeypatch.delenv("HOME", raising=False)
        monkeypatch.setattr("pwd.getpwuid", unknown)
        assert folders.home() is None

    def test_as_set(self, monkeypatch, tmp_path):
        monkeypatch.setenv("HOME", str(tmp_path))
        assert folders.home() == tmp_path

    def test_a_home_to_write_in_is_kept(self, monkeypatch, tmp_path, temporary):
        monkeypatch.setenv("HOME", str(tmp_path))
        assert folders.environ_with_home({"A": "b"}) == {"A": "b"}
        assert list(temporary.iterdir()) == []

    @pytest.mark.parametrize("value", ["/", "{}/not/there", "{}/a file"])
    @bound_by_permissions
    def test_another_is_replaced_by_a_private_folder(self, monkeypatch, tmp_path, temporary, value):
        (tmp_path / "a file").touch()
        tmp_path.chmod(0o500)
        monkeypatch.setenv("HOME", value.format(tmp_path))
        monkeypatch.setattr(folders, "home", folders.home if value != "/" else lambda: None)
        given = Path(folders.environ_with_home({"HOME": value})["HOME"])
        tmp_path.chmod(0o700)
        assert given.parent == temporary and given.stat().st_mode & 0o777 == 0o700


class TestWritable:
    def test_there_or_to_be_made(self, tmp_path):
        assert folders.is_writable(tmp_path) and folders.is_writable(tmp_path / "not" / "there")

    def test_a_file_is_none(self, tmp_path):
        (tmp_path / "file").touch()
        assert not folders.is_writable(tmp_path / "file") and not folders.is_writable(tmp_path / "file" / "below")

    @bound_by_permissions
    def test_one_that_may_only_be_read(self, tmp_path):
        tmp_path.chmod(0o500)
        assert not folders.is_writable(tmp_path) and not folders.is_writable(tmp_path / "new")
        tmp_path.chmod(0o700)


class TestPrivate:
    def test_is_the_same_each_time(self, temporary):
        assert folders.private() == folders.private()
        assert [entry.name for entry in temporary.iterdir()] == [folders.private().name]

    def test_is_made_when_asked_only(self, temporary):
        assert folders.private(make=False) == folders.private(make=False)
        assert list(temporary.iterdir()) == []

    @needs_posix
    @pytest.mark.parametrize("umask", [0o000, 0o077])
    def test_is_for_this_user_alone(self, temporary, umask):
        before = os.umask(umask)
        try:
            assert folders.private().stat().st_mode & 0o777 == 0o700
        finally:
            os.umask(before)

    @needs_posix
    @pytest.mark.parametrize("trap", ["others may write", "a link", "a file"])
    def test_one_that_others_could_have_filled_is_refused(self, temporary, tmp_path, trap):
        folder = folders.private(make=False)
        if trap == "others may write":
            folder.mkdir()
            folder.chmod(0o777)
        elif trap == "a link":
            folder.symlink_to(tmp_path)
        else:
            folder.touch()
        for make in (True, False):
            with pytest.raises(PermissionError, match="only you can write: set TMPDIR"):
                folders.private(make)
