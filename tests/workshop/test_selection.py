"""What a lesson needs and what a change needs, on a small project of its own and on the course."""

import os
import subprocess

import pytest

from course.syllabus.lessons import LESSONS, lesson
from course.workshop import selection
from course.workshop.selection import CannotTell, Imports, for_changes, for_lessons

TOKENS, ATTENTION = lesson("tokenization"), lesson("attention")
PROJECT = {
    "pyproject.toml": "",
    "README.md": "",
    "notebooks/source/02_tokenization.py": "from course.bpe import BPE",
    "notebooks/source/04_attention.py": "from course.viz import Explorer\ndef later(): import course.layers.attention",
    "notebooks/04_attention.ipynb": "{}",
    "course/__init__.py": "",
    "course/bpe.py": "class BPE: ...",
    "course/layers/__init__.py": "from course.layers.norm import norm",
    "course/layers/attention.py": "",
    "course/layers/norm.py": "",
    "course/training/loop.py": "from course.layers import norm",
    "course/viz/__init__.py": 'HOME = {"Explorer": "maps.explorer", "Other": "kit.other"}',
    "course/viz/maps/explorer.py": "from course.viz.kit import style",
    "course/viz/maps/explorer.css": "",
    "course/viz/kit/style.py": "",
    "course/viz/kit/other.py": "",
    "course/exercises/attention/scores.py": "import course.training.loop",
    "tests/conftest.py": "",
    "tests/support/drawn.py": "",
    "tests/test_bpe.py": "import course.bpe",
    "tests/layers/test_attention.py": "from course.layers.attention import softmax",
    "tests/layers/test_norm.py": "from course.layers import norm",
    "tests/training/test_loop.py": "from course.training import loop",
    "tests/viz/maps/test_explorer.py": "from course.viz.maps import explorer\nfrom tests.support.drawn import written",
    "tests/viz/kit/test_style.py": "from course.viz.kit.style import COLORS",
    "tests/exercises/test_all.py": "import importlib",
    "tests/exercises/ways/attention.py": "",
    "tests/exercises/attention/test_scores.py": "from course.exercises.attention import scores",
    "tests/workshop/test_readme.py": "",
    "tests/notebooks/test_nbval.py": "import tests.support.drawn",
    "tests/browser/test_lessons.py": "import tests.browser.page",
    "tests/browser/test_page.py": "from tests.browser import page",
    "tests/browser/page.py": "",
    "tests/browser/page.js": "",
    "tests/browser/lessons/attention.py": "",
}


@pytest.fixture
def project(tmp_path):
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def repository(project):
    """The project on a branch `work` that has left `main`."""

    def git(*arguments):
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", project, *identity, *arguments], check=True, capture_output=True)

    git("init", "--initial-branch=main")
    git("add", ".")
    git("commit", "-m", "All")
    git("checkout", "-b", "work")
    return git


def change(project, *names):
    """What a change of these files needs: (slugs of lessons, files of tests, slugs of lessons to take pictures of)."""
    for name in names:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        with (project / name).open("a") as file:
            file.write("\n")
    chosen = for_changes(project)
    return [lesson.slug for lesson in chosen.lessons], chosen.tests, [lesson.slug for lesson in chosen.pictures]


class TestImports:
    def needed(self, project, name):
        return {file.relative_to(project).as_posix() for file in Imports(project).needed_by(project / name)} - {name}

    def test_packages_run_and_functions_count(self, project):
        assert self.needed(project, "notebooks/source/04_attention.py") == {
            "course/__init__.py",
            "course/viz/__init__.py",
            "course/viz/maps/explorer.py",
            "course/viz/kit/style.py",
            "course/layers/__init__.py",
            "course/layers/norm.py",
            "course/layers/attention.py",
        }

    def test_circles_end(self, project):
        (project / "course/bpe.py").write_text("import course.layers.norm")
        (project / "course/layers/norm.py").write_text("import course.bpe")
        assert "course/bpe.py" in self.needed(project, "course/layers/norm.py")

    def test_a_lesson_does_not_need_what_strings_name(self, project):
        (project / "course/bpe.py").write_text('def of(slug): __import__(f"course.layers.{slug}")')
        assert self.needed(project, "notebooks/source/02_tokenization.py") == {"course/__init__.py", "course/bpe.py"}


class TestLessons:
    def test_tests_of_every_folder_that_is_imported_from(self, project):
        chosen = for_lessons([ATTENTION], project)
        assert chosen.lessons == (ATTENTION,) and chosen.pictures == ()
        assert chosen.tests == (
            "tests/exercises/attention/test_scores.py",
            "tests/layers/test_attention.py",
            "tests/layers/test_norm.py",
            "tests/training/test_loop.py",  # what its exercises import
            "tests/viz/kit/test_style.py",
            "tests/viz/maps/test_explorer.py",
        )

    def test_several(self, project):
        both = for_lessons([TOKENS, ATTENTION], project).tests
        assert for_lessons([TOKENS], project).tests == ("tests/test_bpe.py",)
        assert set(both) == {"tests/test_bpe.py", *for_lessons([ATTENTION], project).tests}

    def test_what_reads_the_tree_as_text_is_always_there(self, project):
        (project / "tests/test_house.py").touch()
        assert "tests/test_house.py" in for_lessons([TOKENS], project).tests

    @pytest.mark.slow
    def test_in_the_course_each_lesson_has_tests_and_no_lesson_has_all(self):
        everything = {path.name for path in (selection.ROOT / "tests").rglob("test_*.py")}
        for each in LESSONS:
            if each.source.exists():
                names = {name.rpartition("/")[2] for name in for_lessons([each]).tests}
                assert {"test_house.py", "test_all_exercises.py"} < names < everything

    @pytest.mark.parametrize("name", [*selection.ALWAYS, *selection.READERS])
    def test_files_that_are_named_exist(self, name):
        assert (selection.ROOT / name).is_file()


NAMING = {
    "import importlib\nimportlib.import_module(f'course.exercises.{slug}')": "course/exercises/attention/scores.py",
    "from course.bpe import find": "course/exercises/attention/scores.py",  # which imports by a computed name
    "import importlib\nimportlib.import_module('course.layers.norm')": "course/layers/norm.py",
    "patch.setattr('course.layers.norm.limit', 1)": "course/layers/norm.py",
    "run(['-c', 'import course.layers.norm as norm'])": "course/layers/norm.py",
    "from course.syllabus.lessons import lesson\nlesson(4).source": "notebooks/source/04_attention.py",
    "from course.syllabus import lessons\nlessons.NOTEBOOKS.iterdir()": "notebooks/04_attention.ipynb",
    "TEXT = ROOT / 'docs' / 'terms.md'": "docs/terms.md",
    "def text(name): return (lessons.ROOT / 'course' / 'viz' / f'{name}.css').read_text()": "course/viz/kit/new.css",
    "ROOT.glob('course/viz/maps/*.css')": "course/viz/maps/explorer.css",
    "open('notebooks/source/04_attention.py')": "notebooks/source/04_attention.py",
    "open(f'notebooks/source/{name}.py')": "notebooks/source/04_attention.py",
    "from tests.support.files import read": "notebooks/source/04_attention.py",  # a helper that names it
}
NOT_NAMING = {
    '"""Like course.layers.norm and course/layers/norm.py."""': "course/layers/norm.py",
    "from course.syllabus.lessons import ROOT\nTASK.source": "notebooks/source/04_attention.py",
    "open('course/layers/norm.pyi')": "course/layers/norm.py",
    "TEXT = ROOT / name": "docs/terms.md",
    "URL = 'https://example.org/course/layers/norm.py'": "course/layers/norm.py",
}


@pytest.mark.usefixtures("repository")
class TestChanges:
    def test_nothing(self, project):
        assert change(project) == ([], (), [])

    def test_a_module_needs_the_tests_and_lessons_that_import_it(self, project):
        assert change(project, "course/bpe.py") == (["tokenization"], ("tests/test_bpe.py",), [])
        assert for_changes(project).lessons == (TOKENS,)

    def test_through_a_package_a_lazy_name_and_an_exercise(self, project):
        lessons, tests, _ = change(project, "course/layers/norm.py")
        assert lessons == ["attention"]
        assert {"tests/layers/test_norm.py", "tests/training/test_loop.py"} < set(tests)
        assert "tests/viz/kit/test_style.py" not in tests

    def test_what_no_lesson_imports(self, project):
        assert change(project, "course/viz/kit/other.py") == ([], (), [])

    @pytest.mark.parametrize("name", ["course/viz/maps/explorer.css", "course/viz/maps/static/deeper.js"])
    def test_what_is_no_python_belongs_to_its_folder(self, project, name):
        assert change(project, name) == (["attention"], ("tests/viz/maps/test_explorer.py",), [])

    def test_a_deleted_module_touches_its_folder(self, project):
        (project / "course/viz/kit/other.py").unlink()
        assert for_changes(project).lessons == (ATTENTION,)

    @pytest.mark.parametrize(
        "name",
        ["notebooks/source/04_attention.py", "notebooks/04_attention.ipynb", "tests/browser/lessons/attention.py"],
    )
    def test_a_lessons_own_file_wants_pictures(self, project, name):
        lessons, _tests, pictures = change(project, name)
        assert lessons == pictures == ["attention"]

    def test_a_notebook_is_read_by_the_test_of_the_readme(self, project):
        assert change(project, "notebooks/04_attention.ipynb")[1] == ("tests/workshop/test_readme.py",)
        assert change(project, "README.md")[1] == ("tests/workshop/test_readme.py",)

    @pytest.mark.parametrize(("text", "name"), [*NAMING.items(), *NOT_NAMING.items()])
    def test_what_a_test_names_in_some_way(self, project, repository, text, name):
        (project / "course/syllabus").mkdir()
        (project / "course/syllabus/lessons.py").touch()
        (project / "course/bpe.py").write_text("def find(slug): return __import__(f'course.exercises.{slug}')")
        (project / "tests/support/files.py").write_text("FILE = 'notebooks/source/04_attention.py'")
        (project / "tests/test_naming.py").write_text(text)
        repository("add", ".")
        repository("commit", "-m", "More")
        repository("branch", "--force", "main", "work")
        assert ("tests/test_naming.py" in change(project, name)[1]) is (text in NAMING)

    @pytest.mark.parametrize("name", [selection.SOURCES, selection.FRESH_KERNEL, selection.PINS])
    def test_a_step_is_chosen_with_its_file(self, project, repository, name):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("import tests.browser.page\nimport tests.support.drawn")
        (project / "tests/browser/page.py").write_text("import tests.support.shared")
        (project / "tests/support/shared.py").touch()
        repository("add", ".")
        repository("commit", "-m", "More")
        repository("branch", "--force", "main", "work")
        change(project, "tests/support/shared.py")
        shared_with_the_browser = name == selection.FRESH_KERNEL
        assert (name in for_changes(project).steps) is not shared_with_the_browser
        assert [each.slug for each in for_changes(project).lessons] == ["tokenization", "attention"]
        repository("checkout", ".")
        change(project, name)
        assert for_changes(project).steps == (name,) and for_changes(project).lessons == ()

    def test_a_deleted_source_chooses_the_lesson_whose_notebook_is_left(self, project):
        (project / "notebooks/source/04_attention.py").unlink()
        assert for_changes(project).lessons == (ATTENTION,)
        (project / "notebooks/04_attention.ipynb").unlink()
        assert for_changes(project).lessons == ()

    def test_unit_tests_run_for_other_lessons_too(self, project):
        change(project, "notebooks/source/04_attention.py")
        assert for_changes(project).whole and not for_lessons([ATTENTION], project).whole

    @pytest.mark.parametrize("text", [b"def (", b"x = 1\0", "x = 'é'".encode("latin-1"), b"-" * 100_000 + b"1"])
    @pytest.mark.parametrize("name", ["course/bpe.py", "benchmarks/alone.py", "notebooks/source/02_tokenization.py"])
    def test_what_is_no_python(self, project, name, text):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_bytes(text)
        with pytest.raises(CannotTell, match=f"{name} cannot be read as Python: "):
            for_changes(project)
        if not name.startswith("benchmarks"):
            with pytest.raises(CannotTell, match=f"{name} cannot be read as Python: "):
                for_lessons([TOKENS], project)

    @pytest.mark.skipif(os.name != "posix", reason="file names are bytes on Linux only")
    @pytest.mark.parametrize("name", [b"docs/caf\xe9.md", b"course/caf\xe9.py"])
    def test_a_name_that_is_not_utf8(self, project, name):
        try:
            (project / "docs").mkdir()
            (project / os.fsdecode(name)).touch()
        except OSError:
            pytest.skip("this file system takes no such name")
        with pytest.raises(CannotTell, match=r"caf\\xe9\.(md|py) is not UTF-8"):
            for_changes(project)

    def test_a_test_and_what_tests_share(self, project):
        assert change(project, "tests/layers/test_norm.py") == ([], ("tests/layers/test_norm.py",), [])
        assert change(project, "tests/support/drawn.py")[1] == (
            "tests/layers/test_norm.py",
            "tests/viz/maps/test_explorer.py",
        )

    def test_what_tests_import_by_a_computed_name_needs_the_tests_nearby(self, project):
        assert change(project, "tests/exercises/ways/attention.py") == ([], ("tests/exercises/test_all.py",), [])

    def test_what_runs_the_lessons_runs_all_of_them(self, project):
        lessons, tests, pictures = change(project, "tests/browser/page.js")
        assert (lessons, pictures) == (["tokenization", "attention"], [])
        assert tests == ("tests/browser/test_page.py",)  # the lessons have steps of their own

    def test_commits_of_the_branch_count_and_those_of_main_do_not(self, project, repository):
        change(project, "course/bpe.py")
        repository("commit", "-am", "On the branch")
        assert for_changes(project).lessons == (TOKENS,)
        repository("checkout", "main")
        change(project, "course/viz/kit/style.py")
        repository("commit", "-am", "On main")
        assert for_changes(project).lessons == ()
        repository("checkout", "work")
        assert for_changes(project).lessons == (TOKENS,)

    def test_origins_default_branch_comes_before_main(self, project, repository):
        repository("update-ref", "refs/remotes/origin/trunk", "main")
        repository("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
        change(project, "course/bpe.py")
        repository("commit", "-am", "On the branch")
        repository("branch", "--force", "main", "work")
        assert for_changes(project).lessons == (TOKENS,)

    @pytest.mark.parametrize("name", ["pyproject.toml", "tests/conftest.py", "constraints.txt", ".ci/run"])
    def test_what_everything_depends_on(self, project, name):
        with pytest.raises(CannotTell, match=f"{name} has changed"):
            change(project, name)

    def test_no_branch_to_compare_with(self, project, repository):
        repository("branch", "--move", "main", "another")
        with pytest.raises(CannotTell, match="no branch main or origin/main"):
            for_changes(project)


EXERCISES = {"tests/exercises/test_all_exercises.py"}
READS_SOURCES = {"tests/exercises/test_lesson_cells.py", "tests/syllabus/test_glossary.py"}
IN_THE_COURSE = {
    "course/exercises/attention/scores.py": EXERCISES | {"tests/exercises/test_lesson_cells.py"},
    "course/exercises/positions/rotary.py": EXERCISES,
    "course/exercises/transformer/norm.py": EXERCISES,
    "tests/exercises/ways/attention.py": EXERCISES,
    "experiments/dates.py": {"tests/trained/test_experiments.py"},
    "experiments/positions.py": {"tests/trained/test_experiments.py"},
    "course/tokenization/affixes.py": {"tests/tokenization/test_bpe_training.py", "tests/workshop/test_packaging.py"},
    "course/files.py": {"tests/viz/test_package.py"},
    "notebooks/source/04_attention.py": READS_SOURCES,
    "docs/glossary.md": {"tests/syllabus/test_glossary.py"},
    selection.SOURCES: {selection.SOURCES},
    selection.FRESH_KERNEL: {selection.FRESH_KERNEL},
    selection.PINS: {selection.PINS},
}


@pytest.fixture(scope="module")
def course_imports():
    """Each file of the course is read once for all of these tests."""
    imports = Imports(selection.ROOT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "Imports", lambda root: imports)
        yield patch


@pytest.mark.usefixtures("course_imports")
@pytest.mark.slow
class TestChangesInTheCourse:
    def chosen(self, monkeypatch, name):
        monkeypatch.setattr(selection, "changed_files", lambda root: {name})
        found = for_changes()
        return {*found.tests, *found.steps}

    @pytest.mark.parametrize(("name", "tests"), IN_THE_COURSE.items(), ids=IN_THE_COURSE)
    def test_a_file_chooses_the_tests_that_name_it(self, monkeypatch, name, tests):
        assert (selection.ROOT / name).exists()
        assert tests <= self.chosen(monkeypatch, name)

    def test_every_test_file_chooses_itself(self, monkeypatch):
        files = [path.relative_to(selection.ROOT).as_posix() for path in selection.ROOT.glob("tests/**/test_*.py")]
        monkeypatch.setattr(selection, "changed_files", lambda root: set(files))
        found = for_changes()
        assert {*found.tests, *found.steps, selection.IN_BROWSER} == set(files)
        assert found.lessons == tuple(each for each in LESSONS if each.source.exists())  # what runs them has changed

    def test_a_module_does_not_choose_everything(self, monkeypatch):
        chosen = self.chosen(monkeypatch, "course/exercises/attention/scores.py")
        assert not {name for name in chosen if name.startswith(("tests/layers", "tests/viz/attention", "tests/data"))}


class TestWithoutGit:
    def test_no_repository(self, project, monkeypatch):
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
        with pytest.raises(CannotTell, match="rev-parse fails"):
            for_changes(project)

    def test_no_git(self, project, monkeypatch):
        monkeypatch.setenv("PATH", "")
        with pytest.raises(CannotTell, match="git cannot be run"):
            for_changes(project)
