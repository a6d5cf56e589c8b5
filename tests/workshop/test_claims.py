"""`docs/claims.md` is what the build writes, and every stored verdict follows from the stored numbers."""

import ast
import json
from collections import Counter

import jupytext
import pytest

from course.claims import MIME, Claim, Finding, claim
from course.intervals import Interval
from course.syllabus import lessons
from course.syllabus.lessons import LESSONS
from course.workshop import claims

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def names_in(lesson):
    """The names of the claims that a lesson's source makes; None for one that is no literal."""
    if not lesson.source.exists():
        return []
    code = [cell.source for cell in jupytext.read(lesson.source, fmt="py:percent").cells if cell.cell_type == "code"]
    calls = [node for text in code for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    calls = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "claim"]
    return [call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None for call in calls]


@each_lesson
def test_a_claims_name_begins_with_its_lessons_slug(lesson):
    assert [name for name in names_in(lesson) if not str(name).startswith(f"{lesson.slug}.")] == []


def test_a_claims_name_is_used_once_in_the_course():
    assert [
        name for name, times in Counter(n for lesson in LESSONS for n in names_in(lesson)).items() if times > 1
    ] == []


@each_lesson
def test_stored_verdicts_follow_from_the_stored_numbers(lesson):
    for data in claims.stored(lesson):
        assert Claim.from_data(data).data == data


@each_lesson
def test_every_claim_of_an_executed_lesson_is_stored(lesson):
    if lesson.available:
        assert [data["name"] for data in claims.stored(lesson)] == names_in(lesson)


def test_the_page_is_what_the_build_writes():
    assert claims.PAGE.read_text(encoding="utf-8") == claims.page(), "run `python -m course build`"


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """Lesson 00 in a folder of its own, its notebook made of outputs: `lesson(data, data)`."""
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(claims, "PAGE", tmp_path / "claims.md")

    def written(*stored):
        cells = [{"cell_type": "code", "outputs": [{"data": {MIME: data}}]} for data in stored]
        LESSONS[0].notebook.write_text(json.dumps({"cells": cells}), encoding="utf-8")

    return written


def made(name="start_here.one", low=-0.1, high=-0.03):
    one = Interval((low + high) / 2, low, high, "3 seeds", "points")
    findings = [Finding("a minus b", one, "below", 0), Finding("b minus a", one, "above", 0)]
    return claim(name, "a is `lower` than b.", said_by="the notes", findings=findings)


def test_without_claims_it_counts_none(lesson):
    assert "| all | 0 |" in claims.page() and "##" not in claims.page()


def test_a_claim_on_the_page(lesson):
    lesson(made().data, made("start_here.two", 0.01, 0.02).data)
    text = claims.page()
    assert "| ◐ held in part | 2 |" in text and "| ✓ held | 0 |" in text and "| all | 2 |" in text
    assert "## 00 [Start here](../notebooks/00_start_here.ipynb)" in text
    assert (
        "**◐ held in part** · a is \\`lower\\` than b. (`start_here.one`, said by the notes)\n\n"
        "- ✓ holds: a minus b: −6.5 points \\[−10.0, −3.0\\] (95 %, 3 seeds); claimed: below 0 points\n"
        "- ✗ does not hold: b minus a: −6.5 points \\[−10.0, −3.0\\] (95 %, 3 seeds); claimed: above 0 points" in text
    )
    assert claims.update() and not claims.update()
    assert claims.PAGE.read_text(encoding="utf-8") == text


def test_a_verdict_that_was_typed_is_found(lesson):
    data = made().data | {"verdict": "held"}
    lesson(data)
    (stored,) = claims.stored(LESSONS[0])
    assert Claim.from_data(stored).data != stored


def test_a_name_that_is_used_twice_is_refused(lesson):
    lesson(made().data, made().data)
    with pytest.raises(ValueError, match=r"2 claims have the name 'start_here\.one'"):
        claims.page()
