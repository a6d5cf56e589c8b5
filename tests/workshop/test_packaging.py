"""The package: its wheel holds everything, declares what the project declares, and works where no checkout is."""

import importlib.metadata
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import course
from course.syllabus.lessons import ROOT
from course.workshop import environment

LATER = "course/syllabus/a_folder_to_come/terms.of_any_kind"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of what a wheel is built from, without what Python left in it, with a data file of a kind to come."""
    copy = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / "course", copy / "course", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    (copy / LATER).parent.mkdir()
    (copy / LATER).write_text("x", encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def wheel(source):
    """The files of the wheel, unpacked as pip would install them."""
    program = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    built = subprocess.run([sys.executable, "-c", program], cwd=source, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    [file] = (source / "dist").glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(source / "installed")
    return source / "installed"


@pytest.fixture
def metadata(wheel):
    [file] = wheel.glob("*.dist-info/METADATA")
    return Parser().parsestr(file.read_text(encoding="utf-8"))


@pytest.mark.slow
class TestWheel:
    def test_holds_every_file(self, source, wheel):
        assert LATER in files(source)
        assert files(wheel) == files(source)

    def test_version(self, metadata):
        assert metadata["Version"] == course.__version__

    def test_declares_what_the_project_declares(self, metadata):
        needs = [need for need in metadata.get_all("Requires-Dist") if "extra ==" not in need]
        assert needs == environment.declared()
        extras = [need.partition(";")[0] for need in metadata.get_all("Requires-Dist") if 'extra == "test"' in need]
        assert [*needs, *extras] == environment.declared(extra="test")

    def test_every_module_can_be_imported_where_no_checkout_is(self, wheel, tmp_path):
        program = f"""
import importlib, pkgutil, sys
sys.path.insert(0, {str(wheel)!r})
import course
for module in pkgutil.walk_packages(course.__path__, "course."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
from course.workshop import doctor
print(course.__file__, doctor.pins()["torch"])
"""
        run = subprocess.run([sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        torch = importlib.metadata.version("torch").split("+")[0]
        assert run.stdout.split() == [str(wheel / "course" / "__init__.py"), torch]


def files(folder: Path) -> set[str]:
    """What a folder has below `course/`."""
    return {file.relative_to(folder).as_posix() for file in (folder / "course").rglob("*") if file.is_file()}
