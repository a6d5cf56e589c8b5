"""A catalog translates everything that a learner sees: a catalog that marks each message ⟦like this⟧ proves it."""

import html.parser
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from course.syllabus.lessons import ROOT

WORD = re.compile(r"[A-Za-z가-힣]{2,}")
PROPER_NAMES = {"PyTorch"}

EXERCISES = """
from course.exercises import hint, solution
from course.exercises.checking import judge
from course.exercises.registry import all_exercises
answer = []
for one in all_exercises():
    ways = [one.solution, lambda *a: None, lambda *a: 1 / 0, lambda *a: object(), lambda: 0, 3, dict]
    ways += [one.mistakes[0].wrong, lambda *a: type(one.solution(*a))()]
    answer += [judge(one, way)._repr_html_() for way in ways]
    answer += [part._repr_html_() for part in (hint(one.name), hint(one.name, 2), solution(one.name))]
"""
PROGRESS = """
from course.exercises import progress
answer = [progress.table()._repr_html_()]
"""
ERRORS = """
from course import exercises
from course.syllabus import glossary, lessons
answer = []
for call, arguments in [
    (exercises.check, ("tokenization.x", len)), (exercises.ask, ("tokenization.x",)),
    (exercises.hint, ("tokenization.count_pairs", 9)),
    (lessons.lesson, ("99",)), (glossary.term, ("xyz",)), (glossary.term, ("tokn",)),
]:
    try:
        call(*arguments)
    except ValueError as error:
        answer.append(str(error))
"""
WIDGETS = """
from course.viz import MergeStepper
answer = []
def collect(widget):
    texts = [getattr(widget, name, None) for name in ("description", "placeholder", "tooltip")]
    answer.extend(filter(None, texts))
    for child in getattr(widget, "children", ()):
        collect(child)
collect(MergeStepper(text="low lower lowest"))
"""
# What is said of a mistake is its message, as `test_all_exercises.py` checks for each.
MISTAKES = """
from course.exercises.registry import all_exercises
answer = [mistake.message for one in all_exercises() for mistake in one.mistakes]
"""
DOCTOR = """
from course.workshop import doctor
answer = [text for finding in doctor.findings() for text in (finding.name, finding.remedy)]
"""
TITLES = """
from course.syllabus.glossary import TERMS
from course.syllabus.lessons import LESSONS
answer = [lesson.title for lesson in LESSONS] + [term.definition for term in TERMS]
"""

DEFINITIONS = """
from course.syllabus.terms import TERMS
answer = [term.definition for term in TERMS]
"""


@pytest.fixture(scope="session")
def catalogs(tmp_path_factory) -> Path:
    """A folder with a catalog `xx` that translates each message of the course to itself between ⟦ and ⟧."""
    catalog = Catalog(locale="en")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in settings["mappings"]]
    found = extract_from_dir(ROOT / "course", methods, keywords={"_": None, "ngettext": (1, 2)})
    for _file, _line, message, _comments, _context in found:
        one_form = isinstance(message, str)
        catalog.add(message, f"⟦{message}⟧" if one_form else tuple(f"⟦{form}⟧" for form in message))
    folder = tmp_path_factory.mktemp("locale")
    (folder / "xx" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "xx" / "LC_MESSAGES" / "course.mo").open("wb") as compiled:
        write_mo(compiled, catalog)
    return folder


@pytest.fixture
def say(catalogs, tmp_path):
    """Run code in a fresh Python with a language; returns what it binds to `answer`, which JSON can hold."""

    def run(code: str, language: str) -> list[str]:
        environment = {
            "COURSE_LANGUAGE": language,
            "COURSE_LOCALE_DIR": str(catalogs),
            "COURSE_PROGRESS": str(tmp_path / "progress.json"),
        }
        code = f"import json\n{code}\nprint(json.dumps(answer))"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


class Prose(html.parser.HTMLParser):
    """The text of a page that is not code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.inside.append(tag)

    def handle_endtag(self, tag):
        self.inside.pop()

    def handle_data(self, data):
        if not {"code", "pre"} & set(self.inside):
            self.text += data


def unmarked(text: str) -> str:
    """What is left of a text without its marked messages, however they are nested."""
    while (shorter := re.sub("⟦[^⟦⟧]*⟧", "", text)) != text:
        text = shorter
    return text


@pytest.mark.slow
@pytest.mark.parametrize("code", [EXERCISES, PROGRESS], ids=["exercises", "progress"])
def test_pages_are_translated(say, code):
    for page in say(code, "xx"):
        text = Prose(page).text
        assert "⟦" in text
        assert not WORD.search(unmarked(text)), text


@pytest.mark.slow
@pytest.mark.parametrize(
    "code", [MISTAKES, ERRORS, WIDGETS, DOCTOR, TITLES], ids=["mistakes", "errors", "widgets", "doctor", "titles"]
)
def test_texts_are_translated_whole(say, code):
    texts = say(code, "xx")
    assert any("⟦" in text for text in texts)
    assert [text for text in texts if WORD.search(unmarked(text)) and text not in PROPER_NAMES] == []


def test_every_definition_of_a_term_is_translated(say):
    english, marked = say(DEFINITIONS, "en"), say(DEFINITIONS, "xx")
    assert len(english) > 90
    assert marked == [f"⟦{definition}⟧" for definition in english]


def test_a_language_without_a_catalog_is_english(say):
    assert say(TITLES, "zz")[0] == "Start here"
