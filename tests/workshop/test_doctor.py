"""The doctor reports what is installed, what is missing and what to do, even where almost nothing is installed."""

import importlib.abc
import importlib.metadata
import importlib.util
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import course
from course import data
from course.syllabus.lessons import ROOT
from course.workshop import doctor
from course.workshop.doctor import Finding, findings
from tests.support.permissions import bound_by_permissions


@pytest.fixture
def device():
    """`course.device()` decides once per process: forget that before and after."""
    course.device.cache_clear()
    yield
    course.device.cache_clear()


@pytest.fixture
def found(monkeypatch):
    """The finding of this name, looked at now."""

    def look(name: str) -> Finding:
        return next(finding for finding in findings() if finding.name == name)

    return look


def test_everything_is_looked_at():
    names = [finding.name for finding in findings()]
    assert names == [
        *("Course", "Python", "Environment", "Packages", "PyTorch", "Device", "Threads", "Memory"),
        *("Cache folder", "Disk", "Models and texts", "Browser for tests"),
    ]
    assert all(finding.value for finding in findings())


def test_what_is_not_ok_has_a_remedy(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    assert all(finding.remedy for finding in findings() if not finding.ok)


def test_works_on_the_bare_standard_library():
    program = "from course.workshop import doctor; print([f.name for f in doctor.findings() if not f.ok])"
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}"],
        capture_output=True,
        text=True,
    )
    assert bare.stdout == "['Packages']\n", bare.stderr


class TestPackages:
    def test_as_pinned(self, found):
        assert found("Packages").ok, found("Packages").value

    def test_another_version(self, found, monkeypatch):
        version = importlib.metadata.version
        monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.0" if name == "numpy" else version(name))
        assert not found("Packages").ok
        assert f"numpy is 1.0, not {doctor.pins()['numpy']}" in found("Packages").value
        assert "requirements.txt" in found("Packages").remedy

    def test_a_build_tag_is_no_other_version(self, found, monkeypatch):
        version = importlib.metadata.version
        monkeypatch.setattr(importlib.metadata, "version", lambda name: version(name).split("+")[0] + "+cu130")
        assert found("Packages").ok

    def test_pins(self, tmp_path):
        file = tmp_path / "pyproject.toml"
        file.write_text('[project]\ndependencies = [\n"torch==2.13.0", # why\n"scikit-learn==1.8.0",\n"pip>=25"\n]\n')
        assert doctor.pins(tmp_path) == {"torch": "2.13.0", "scikit-learn": "1.8.0"}

    def test_pins_of_an_installed_course(self, tmp_path, monkeypatch):
        needs = ["torch==2.13.0", 'pytest==9.2.0; extra == "test"']
        monkeypatch.setattr(
            importlib.metadata, "requires", lambda name: needs if name == "language-model-course" else []
        )
        assert doctor.pins(tmp_path) == {"torch": "2.13.0"}


class TestPython:
    def test_too_old(self, found, monkeypatch):
        monkeypatch.setattr(sys, "version_info", (3, 11, 4))
        assert not found("Python").ok
        assert "needs Python 3.11.5 to 3.14" in found("Python").remedy

    def test_system_without_a_build_of_torch(self, found, monkeypatch):
        monkeypatch.setattr(platform, "system", lambda: "Darwin")
        monkeypatch.setattr(platform, "machine", lambda: "x86_64")
        assert found("Python").ok  # PyTorch is here
        find_spec = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else find_spec(name))
        assert not found("Python").ok
        assert "Apple silicon" in found("Python").remedy


class TestTorch:
    def test_device_is_the_one_of_the_course(self, found, device, monkeypatch):
        monkeypatch.setenv("COURSE_DEVICE", "cpu")
        assert found("Device") == Finding("Device", "cpu")

    def test_device_that_is_not_there(self, found, device, monkeypatch):
        monkeypatch.setenv("COURSE_DEVICE", "abacus")
        assert found("Device").value == "abacus"
        assert not found("Device").ok
        assert "COURSE_DEVICE" in found("Device").remedy

    def test_that_does_not_start(self, found, monkeypatch):
        monkeypatch.setitem(sys.modules, "torch", None)  # makes `import torch` raise ImportError
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "torch")
        assert not found("PyTorch").ok
        assert f"torch=={doctor.pins()['torch']}" in found("PyTorch").remedy

    def test_too_little_memory_is_no_reason_to_install_it_again(self, found, monkeypatch):
        class Failing(importlib.abc.MetaPathFinder):
            def find_spec(self, name, *_):
                if name == "torch":
                    raise ImportError("libtorch_cpu.so: failed to map segment from shared object")

        monkeypatch.delitem(sys.modules, "torch", raising=False)
        monkeypatch.setattr(sys, "meta_path", [Failing(), *sys.meta_path])
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "torch" or None)
        assert "ulimit -v" in found("PyTorch").remedy and "Install" not in found("PyTorch").remedy

    def test_missing(self, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        assert "PyTorch" not in [finding.name for finding in findings()]


class TestMemory:
    @pytest.mark.parametrize(("available", "ok"), [(1_900_000_000, False), (2_100_000_000, True)])
    def test_enough_for_a_lesson(self, found, monkeypatch, available, ok):
        memory = SimpleNamespace(available=available, total=8_000_000_000)
        monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
        assert found("Memory").ok is ok
        assert f"{available / 1e9:.1f} of 8.0 GB free" in found("Memory").value


class TestHome:
    @pytest.mark.parametrize("home", ["/", "relative"])
    def test_none(self, found, monkeypatch, tmp_path, home):
        monkeypatch.setenv("HOME", home)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        assert found("Home folder").ok and found("Home folder").value == "there is none"
        assert str(tmp_path) in found("Home folder").remedy and "Set HOME" in found("Home folder").remedy
        assert list(tmp_path.iterdir()) == []

    @bound_by_permissions
    def test_one_that_may_only_be_read(self, found, monkeypatch, tmp_path):
        tmp_path.chmod(0o555)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert found("Home folder").value == f"{tmp_path} cannot be written"
        tmp_path.chmod(0o755)


class TestCache:
    """What doctor says of a cache that others share, or that was left in the middle of something."""

    @pytest.fixture
    def cache(self, tmp_path, monkeypatch):
        (tmp_path / "cache").mkdir()
        monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        return tmp_path / "cache"

    @pytest.fixture
    def complete(self, monkeypatch):
        status = [(asset, True) for asset, _ in data.status()]
        monkeypatch.setattr(data, "status", lambda: status)

    @bound_by_permissions
    def test_converted_files_that_are_missing_where_one_may_only_read(self, complete, cache, found):
        cache.chmod(0o555)
        assert found("Cache folder").ok
        assert "smollm2-gguf/model.safetensors" in found("Converted files").value
        assert "python -m course fetch" in found("Converted files").remedy
        cache.chmod(0o755)

    def test_converted_files_are_made_where_one_may_write(self, complete, cache):
        assert "Converted files" not in [finding.name for finding in findings()]

    @bound_by_permissions
    def test_assets_that_are_missing_where_one_may_only_read(self, cache, found):
        cache.chmod(0o555)
        assert not found("Cache folder").ok and "make it writable" in found("Cache folder").remedy
        cache.chmod(0o755)

    def test_what_killed_processes_left(self, cache, found):
        left = cache / "converted" / "x" / ".model.safetensors.writing-abc"
        left.mkdir(parents=True)
        (left / "model.safetensors").write_bytes(bytes(3_000_000))
        work = cache / "assets" / ".partial" / "thing" / "work-abc"
        work.mkdir(parents=True)
        (work / "wheel").write_bytes(bytes(2_000_000))
        assert found("Leftovers").value.startswith("5 MB that killed processes")
        assert "python -m course fetch" in found("Leftovers").remedy

    @pytest.mark.parametrize("value", ["relative", "~nobody-of-this-name"])
    def test_a_setting_of_the_wrong_form(self, cache, found, monkeypatch, value):
        monkeypatch.setenv("COURSE_CACHE", value)
        assert found("Cache folder").value == value and not found("Cache folder").ok
        assert "COURSE_CACHE" in found("Cache folder").remedy


class TestAssets:
    @pytest.fixture
    def half(self, monkeypatch):
        """The first asset is cached, the others are missing."""
        monkeypatch.delenv("COURSE_OFFLINE", raising=False)
        status = [(asset, number == 0) for number, (asset, _) in enumerate(data.status())]
        monkeypatch.setattr(data, "status", lambda: status)
        return [asset.name for asset, cached in status if not cached]

    def test_all_cached(self, found, monkeypatch):
        status = [(asset, True) for asset, _ in data.status()]
        monkeypatch.setattr(data, "status", lambda: status)
        assert found("Models and texts") == Finding("Models and texts", f"{len(status)} of {len(status)} in the cache")

    def test_missing_ones_are_fetched_later(self, found, half):
        assert found("Models and texts").ok
        assert found("Models and texts").value == f"1 of {len(half) + 1} in the cache; missing: {', '.join(half)}"
        assert "python -m course fetch" in found("Models and texts").remedy

    @pytest.mark.parametrize("value", ["1", "true"])
    def test_missing_ones_cannot_be_fetched_offline(self, found, half, monkeypatch, value):
        monkeypatch.setenv("COURSE_OFFLINE", value)
        assert not found("Models and texts").ok
        assert "COURSE_OFFLINE" in found("Models and texts").remedy

    def test_room_for_the_missing_ones(self, found, half, monkeypatch):
        assert found("Disk").ok
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=10_000_000))
        assert not found("Disk").ok

    def test_cache_that_cannot_be_read(self, found, monkeypatch):
        def refuse():
            raise data.AssetError("Make it readable")

        monkeypatch.setattr(data, "status", refuse)
        assert found("Cache folder").remedy == "Make it readable"
        assert not found("Cache folder").ok

    def test_cache_of_ones_own(self, found, tmp_path, monkeypatch):
        monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "not made yet"))
        assert found("Cache folder").value == str(tmp_path / "not made yet")


class TestBrowser:
    @pytest.fixture
    def none(self, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda name: None)
        monkeypatch.setattr(doctor, "CHROMIUM_PLACES", ())

    def test_found_by_name(self, found, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda name: "/opt/chrome" if name == "google-chrome" else None)
        assert found("Browser for tests") == Finding("Browser for tests", "/opt/chrome")

    def test_found_by_place(self, found, none, tmp_path, monkeypatch):
        (tmp_path / "Chromium").touch()
        monkeypatch.setattr(doctor, "CHROMIUM_PLACES", (str(tmp_path / "Chromium"),))
        assert doctor.chromium() == str(tmp_path / "Chromium")

    def test_learners_need_none(self, found, none, monkeypatch):
        monkeypatch.delenv("COURSE_REQUIRE_BROWSER", raising=False)
        assert found("Browser for tests").ok

    def test_ci_needs_one(self, found, none, monkeypatch):
        monkeypatch.setenv("COURSE_REQUIRE_BROWSER", "1")
        assert not found("Browser for tests").ok


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (ROOT / ".venv", ".venv"),
        (Path.home() / "cache" / "x", str(Path("~/cache/x"))),
        (Path("/somewhere/else"), str(Path("/somewhere/else"))),
    ],
)
def test_short(path, expected):
    assert doctor.short(path) == expected
