"""Hosted CI, containers, hooks and issue forms cannot run here: their commands, files and versions exist."""

import configparser
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import course
from course.syllabus.lessons import LESSONS, ROOT
from course.workshop import cli, shards, supported

GITHUB = ROOT / ".github"
WORKFLOW = GITHUB / "workflows" / "test.yml"
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
ACTIONS = [WORKFLOW, *GITHUB.glob("actions/*/action.yml")]
SCRIPTS = [ROOT / ".ci" / "run", ROOT / ".ci" / "install", ROOT / ".binder" / "postBuild"]
CONTAINER = ROOT / ".devcontainer" / "devcontainer.json"
PYTHONS = [f"3.{minor}" for minor in range(supported.MIN_PYTHON[1], supported.MAX_PYTHON[1] + 1)]


def read(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> Iterator[dict]:
    """The steps of a workflow, or of an action of our own."""
    for job in read(path).get("jobs", {"": read(path).get("runs")}).values():
        yield from job["steps"]


def commands() -> Iterator[tuple[str, str]]:
    """Every shell command of the hosting files, a line each, with the file it is in. The matrix is filled in."""
    for path in ACTIONS:
        for step in steps(path):
            for line in step.get("run", "").splitlines():
                for shard in shards.shards() if "matrix.shard" in line else [""]:
                    yield path.relative_to(ROOT).as_posix(), line.replace("${{ matrix.shard }}", shard)
    for path in SCRIPTS:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.relative_to(ROOT).as_posix(), line
    for name, value in json.loads(CONTAINER.read_text(encoding="utf-8")).items():
        if name.endswith("Command"):
            yield CONTAINER.relative_to(ROOT).as_posix(), value
    for hook in read(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]:
        yield ".pre-commit-config.yaml", hook["entry"]
    for path in FORMS:
        for words in re.findall(r"`(python -m [^`]+)`", path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), words
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for words in re.findall(r"(?m)`(python -m [^`\n]+)`|^(python -m .+)$", path.read_text(encoding="utf-8")):
            yield path.name, "".join(words)


# (file, module, arguments) of each `python -m`, up to what ends a command in a shell.
MODULES = [
    (file, found[1], found[2].split())
    for file, line in commands()
    if not line.lstrip().startswith("#")
    for found in re.finditer(r"\bpython\"? -m ([\w.]+)((?: (?!&&|>>)[^\s&|>]+)*)", line)
]


def test_the_commands_are_found():
    assert {file for file, *_ in MODULES} >= {
        ".github/workflows/test.yml",
        ".github/actions/prepare/action.yml",
        ".ci/run",
        ".ci/install",
        ".binder/postBuild",
        ".devcontainer/devcontainer.json",
        ".pre-commit-config.yaml",
        *(f".github/ISSUE_TEMPLATE/{form.name}" for form in FORMS),
        "README.md",
        "CONTRIBUTING.md",
    }


@pytest.mark.parametrize(("file", "module", "arguments"), MODULES)
def test_commands_exist(file, module, arguments):
    if module == "course":
        options = cli.parse(arguments)
        assert all(cli.require_lesson(name) for name in getattr(options, "lessons", []))
    else:
        assert importlib.util.find_spec(module), f"{file}: there is no module {module}"


def test_files_exist():
    """Whatever looks like a path of the project is one."""
    named = [(file, word) for file, line in commands() for word in re.findall(r"[\w./-]+", line)]
    for path in ACTIONS:
        text = path.read_text(encoding="utf-8")
        named += [(path.name, word) for word in re.findall(r"hashFiles\('([^']+)'\)", text)]
        named += [(path.name, step["uses"]) for step in steps(path) if step.get("uses", "").startswith("./")]
        for step in steps(path):
            named += [(path.name, word) for word in step.get("with", {}).get("cache-dependency-path", "").split()]
    paths = [
        (file, word)
        for file, word in named
        if re.match(r"(\./)?(\.ci|\.github|course|tests|notebooks|experiments|docs)/|[\w-]+\.(txt|toml)$", word)
    ]
    assert ("action.yml", "course/data/registry.py") in paths
    assert (".binder/postBuild", ".ci/install") in paths
    assert [(file, word) for file, word in paths if not (ROOT / word).exists()] == []


@pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="needs bash")
def test_scripts_are_read_by_a_shell():
    assert [line for _file, line in commands() if _file.endswith((".yml", ".json")) and not is_shell(line)] == []
    for path in SCRIPTS:
        assert is_shell(path.read_text(encoding="utf-8")), path
        assert os.access(path, os.X_OK), f"{path} is not executable"


def is_shell(text: str) -> bool:
    return subprocess.run(["bash", "-n"], input=re.sub(r"\${{.*?}}", "x", text), text=True).returncode == 0


class TestWorkflow:
    def test_actions_are_pinned(self):
        used = [step["uses"] for path in ACTIONS for step in steps(path) if "uses" in step]
        others = [name for name in used if not name.startswith("./")]
        assert others
        assert [name for name in others if not re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|[0-9a-f]{40})", name)] == []
        for name in set(used) - set(others):
            assert (ROOT / name / "action.yml").exists()

    def test_pythons_are_those_that_the_package_claims(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        claimed = [line.rpartition(" ")[2] for line in project["classifiers"] if "Python :: 3." in line]
        assert read(WORKFLOW)["jobs"]["fast"]["strategy"]["matrix"]["python"] == claimed == PYTHONS

    def test_every_python_is_one_of_them(self):
        versions = re.findall(r'(?:python|python-version): "([\d.]+)"', WORKFLOW.read_text(encoding="utf-8"))
        assert versions
        assert set(versions) <= set(PYTHONS)

    def test_systems(self):
        systems = read(WORKFLOW)["jobs"]["fast"]["strategy"]["matrix"]["system"]
        assert {name.partition("-")[0] for name in systems} == {"ubuntu", "macos", "windows"}

    def test_shards_are_the_whole_test(self):
        assert shards.shards() == ["--no-lessons", *(f"{lesson.number:02d}" for lesson in LESSONS if lesson.available)]
        assert read(WORKFLOW)["jobs"]["whole"]["strategy"]["matrix"]["shard"] == (
            "${{ fromJSON(needs.shards.outputs.shards) }}"
        )

    def test_the_matrix_is_what_the_small_step_prints(self):
        [step] = [step for step in steps(WORKFLOW) if step.get("id") == "shards"]
        command = shlex.split(step["run"].partition(">>")[0])
        assert command[0] == "python"
        bare = subprocess.run([sys.executable, "-S", *command[1:]], cwd=ROOT, capture_output=True, text=True)
        name, _equals, value = bare.stdout.partition("=")
        assert (name, json.loads(value)) == ("shards", shards.shards())


def test_container():
    settings = json.loads(CONTAINER.read_text(encoding="utf-8"))
    assert re.fullmatch(r"python:(3\.\d+)-\w+", settings["image"])[1] in PYTHONS
    interpreter = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter == settings["containerEnv"]["VIRTUAL_ENV"] + "/bin/python"
    port = re.search(r"--port (\d+)", settings["postAttachCommand"])[1]
    assert settings["forwardPorts"] == [int(port)]
    assert list(settings["portsAttributes"]) == [port]


def test_binder():
    """What repo2docker reads, and nothing else: a `requirements.txt` there would bring the CUDA build of PyTorch."""
    assert sorted(path.name for path in (ROOT / ".binder").iterdir()) == ["postBuild", "runtime.txt"]
    kind, _hyphen, version = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip().partition("-")
    assert kind == "python"
    assert version in PYTHONS


def test_hooks_need_no_download():
    repositories = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert {"id", "name", "entry"} <= set(hook)
        assert hook["language"] == "system"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_forms(path):
    form = read(path)
    assert form["name"] and form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in fields} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert all(field["attributes"]["label"] for field in fields)
    ids = [field["id"] for field in fields]
    assert len(set(ids)) == len(ids)
    [doctor] = [field for field in fields if field["id"] == "doctor"]
    assert "python -m course doctor" in doctor["attributes"]["label"]
    assert doctor["validations"]["required"] is True


def test_there_is_a_form_for_each_kind_of_trouble():
    assert [read(path)["name"] for path in FORMS] == [
        "A lesson is wrong",
        "A right answer is refused",
        "A widget fails",
    ]
    assert read(GITHUB / "ISSUE_TEMPLATE" / "config.yml") == {"blank_issues_enabled": True}


def test_citation():
    citation = read(ROOT / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)  # what the format requires
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == course.__version__
    assert all(set(author) == {"name"} for author in citation["authors"])  # an entity: no person is made up
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["license"] == project["license"]


def test_changelog():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert course.__version__ in re.findall(r"(?m)^## (\S+)$", text)
    entries = [line for line in text.splitlines() if line.startswith("-")]
    assert entries
    assert [line for line in entries if not line.startswith(("- lesson: ", "- code: "))] == []


def test_what_is_not_text_is_declared_so():
    declared = re.findall(r"(?m)^\*(\.\w+) binary$", (ROOT / ".gitattributes").read_text(encoding="utf-8"))
    files = [path for folder in ("course", "docs", "notebooks", "tests") for path in (ROOT / folder).rglob("*.*")]
    found = {path.suffix for path in files if path.is_file() and b"\0" in path.read_bytes()[:8192]}
    assert found - {".pyc"} <= set(declared)
    assert ".safetensors" in found


def test_editors_and_ruff_agree():
    config = configparser.ConfigParser()
    config.read_string("[top]\n" + (ROOT / ".editorconfig").read_text(encoding="utf-8"))
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    assert int(config["*.py"]["max_line_length"]) == ruff["line-length"]
    assert config["*"]["end_of_line"] == "lf"
