"""What the package declares and what the code imports are the same; what no file imports is declared for a reason."""

import ast
import functools
import importlib.metadata
import re
import sys

from course.syllabus.lessons import ROOT
from course.workshop import environment

# What is declared although no file imports it, and why.
LESSONS_WITHOUT_IMPORT = {
    "ipykernel": "runs the cells of every lesson",
    "jupyterlab": "opens the lessons",
}
TESTS_WITHOUT_IMPORT = {
    "accelerate": "transformers reads a GGUF file with it",
    "beartype": "checks shapes while the tests run; jaxtyping imports it by its name",
    "pyrefly": "a step of the checks",
    "pytest-xdist": "runs the tests in two processes",
    "ruff": "a step of the checks",
    "setuptools": "builds the wheel that the tests look into",
    "uv": "resolves the pins for every system",
}
# Imported only by scripts that run in an environment of their own: tests/*/make_*.py.
ELSEWHERE = {
    "adapters",
    "bfcl_eval",
    "bootstrap_instructions",
    "datasets",
    "lm_eval",
    "prepare_for_finetuning",
    "rouge_score",
    "scipy",
    "statsmodels",
    "trl",
}


def test_the_course_imports_nothing_that_is_not_declared():
    assert imported("course", "experiments", "notebooks/source") - names(environment.declared(extra="rag")) == set()


def test_nothing_is_declared_in_vain():
    unused = names(environment.declared(extra="rag")) - imported("course", "experiments")
    assert unused == set(LESSONS_WITHOUT_IMPORT)


def test_what_one_lesson_needs_is_installed_for_the_tests_and_by_a_file_of_its_own():
    extra = set(environment.declared(extra="rag")) - set(environment.declared())
    assert extra - set(environment.declared(extra="test")) == set()
    lines = (ROOT / "requirements-rag.txt").read_text(encoding="utf-8").splitlines()
    assert {line for line in lines if not line.startswith("#")} == {"-c constraints.txt", *extra}


def test_the_tests_import_nothing_that_is_not_declared():
    assert imported("tests", "benchmarks") - names(environment.declared(extra="test")) == set()


def test_nothing_is_declared_in_vain_for_the_tests():
    extra = names(environment.declared(extra="test")) - names(environment.declared())
    assert extra - imported("tests", "benchmarks") == set(TESTS_WITHOUT_IMPORT)


def test_every_need_is_pinned():
    assert [need for need in environment.declared(extra="test") if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", need)] == []


def test_constraints_agree_with_what_is_declared():
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert set(environment.declared(extra="test")) - set(re.findall(r"(?m)^[\w.-]+==[^\s;]+", constraints)) == set()


@functools.cache
def imported(*folders: str) -> set[str]:
    """The packages, as an index names them, that the Python files of these folders import."""
    found = set()
    for file in (file for folder in folders for file in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.partition(".")[0])
    own = {path.stem for path in ROOT.iterdir()}
    packages = importlib.metadata.packages_distributions()
    foreign = found - set(sys.stdlib_module_names) - own - ELSEWHERE
    return {normal(package) for module in foreign for package in packages.get(module, [f"{module}, not installed"])}


def names(needs: list[str]) -> set[str]:
    return {normal(need.partition("==")[0]) for need in needs}


def normal(name: str) -> str:
    """A package's name as packages are compared: in small letters, with hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()
