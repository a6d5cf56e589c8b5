"""The page of the notes: each place is in its lesson, each link leads to a heading, each verdict is a claim's."""

import json
import re
from collections import Counter
from urllib.parse import unquote

import pytest

from course.claims import MIME, Finding, claim
from course.intervals import Interval
from course.syllabus import lessons
from course.syllabus.lessons import LESSONS, ROOT, lesson
from course.syllabus.notes import TO_COME, Place, read_notes
from course.workshop import notes
from course.workshop.notes import SIGNS, Row, every_claim, is_of_the_notes, row_of, sections

LINK = re.compile(r"\]\(\.\./notebooks/([\w.]+)#([^)]+)\)")


def places():
    return [place for heading in read_notes() for sentence in heading.sentences for place in sentence.places]


def test_a_lesson_that_is_there_has_nothing_to_come():
    missing = {place.lesson.name for place in places() if place.kind == TO_COME and place.lesson.available}
    assert missing == set(), "say in course/syllabus/notes.toml where these lessons take the notes up"


def test_every_claim_of_the_notes_has_a_row():
    named = {place.evidence for place in places() if place.kind == "claim"}
    assert {name for name, one in every_claim().items() if is_of_the_notes(one)} <= named


def headings_of(notebook):
    """How Jupyter names the headings of a stored notebook in an address, and how often."""
    cells = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))["cells"]
    prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return Counter(heading.replace(" ", "-") for heading in re.findall(r"^#{1,4} (.+)$", prose, re.MULTILINE))


def test_every_link_leads_to_one_heading_of_the_notebook():
    by_notebook = {}
    for notebook, anchor in LINK.findall(notes.page()):
        by_notebook.setdefault(notebook, set()).add(unquote(anchor))
    assert len(by_notebook) > 15
    for notebook, anchors in by_notebook.items():
        there = headings_of(notebook)
        assert {anchor: there[anchor] for anchor in anchors if there[anchor] != 1} == {}, notebook


def test_the_counts_are_those_of_the_rows():
    head, *tables = notes.page().split("\n## ")
    counted = {words: int(n) for words, n in re.findall(r"^\| \S ([a-z ]+) \| (\d+) \|", head, re.MULTILINE)}
    rows = re.findall(r"^\|(?:[^|\\\n]|\\.)*\|(?:[^|\\\n]|\\.)*\| \S ([a-z ]+) \|", "\n".join(tables), re.MULTILINE)
    assert counted == Counter(rows) and counted.keys() <= SIGNS.keys()
    assert len(rows) == len(places()) and f"| all | {len(rows)} |" in head


SOURCE = """\
# ---
# header
# ---
# %% [markdown]
# # 00 · Start
# The lesson *begins* here.
# %% [markdown]
# ## 1 · A (b)
# > The notes say $d$ with a [link](x.md) | bar.
# %%
check(
    "start_here.one", one)
# %% [markdown]
# ### Below
# - Twice, in a list.
# #### Lower
# %%
claim("start_here.two", "It holds.")
# %% [markdown]
# ## 2 · C
# Twice.
"""


@pytest.fixture
def first(tmp_path, monkeypatch):
    """Lesson 00 with `SOURCE`, in a folder of its own, and a notebook that stores one claim."""
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(lessons, "SOURCES", tmp_path)
    LESSONS[0].source.write_text(SOURCE, encoding="utf-8")
    cells = [{"cell_type": "code", "outputs": [{"data": {MIME: made().data}}]}]
    LESSONS[0].notebook.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return LESSONS[0]


def made(said_by="the notes"):
    one = Interval(-0.06, -0.1, -0.03, "3 seeds", "points")
    return claim("start_here.two", "It `holds`.", said_by=said_by, findings=[Finding("a | b", one, "below", 0)])


def row(place):
    return row_of(place, every_claim(), sections)


def test_the_sections_of_a_source(first):
    assert [section.headings for section in sections(first)] == [
        (),
        (),
        ("1 · A (b)",),
        ("1 · A (b)", "Below"),
        ("1 · A (b)", "Below", "Lower"),
        ("2 · C",),
    ]


@pytest.mark.usefixtures("first")
def test_a_claim_brings_its_verdict_and_its_numbers():
    found = row(Place(LESSONS[0], "claim", "start_here.two"))
    assert found.verdict == "held" and SIGNS[found.verdict] == "✓"
    assert found.link == "[00 1 · A (b): Below: Lower](../notebooks/00_start_here.ipynb#Lower)"
    assert found.found == (
        "It \\`holds\\`.<br>a \\| b: −6.0 points \\[−10.0, −3.0\\] (95 %, 3 seeds)<br>"
        "(`start_here.two`, said by the notes)"
    )


@pytest.mark.usefixtures("first")
def test_an_exercise_and_words():
    found = row(Place(LESSONS[0], "exercise", "start_here.one"))
    assert (found.verdict, found.found) == ("taught", "exercise `start_here.one`")
    assert found.link == "[00 1 · A (b)](../notebooks/00_start_here.ipynb#1-%C2%B7-A-%28b%29)"
    found = row(Place(LESSONS[0], "corrected", "The notes say"))
    assert (found.verdict, found.found) == ("corrected", "“The notes say d with a link \\| bar.”")
    found = row(Place(LESSONS[0], "taught", "in a list"))
    assert (found.verdict, found.found) == ("taught", "“Twice, in a list.”")
    found = row(Place(LESSONS[0], "taught", "The lesson *begins*"))
    assert found.link == "[00 Start here](../notebooks/00_start_here.ipynb)"
    assert found.found == "“The lesson begins here.”"


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("kind", "evidence", "count"),
    [("taught", "Once", 0), ("taught", "Twice", 2), ("exercise", "start_here.on", 0), ("claim", "start_here.one", 0)],
)
def test_what_is_not_in_one_section_is_refused(kind, evidence, count):
    with pytest.raises(ValueError, match=rf"00_start_here has {kind} '{evidence}' in {count} sections"):
        row(Place(LESSONS[0], kind, evidence))


def test_a_claim_that_was_not_run_is_refused(first):
    with pytest.raises(ValueError, match=r"was not run since it makes the claim 'start_here\.two'"):
        row_of(Place(first, "claim", "start_here.two"), {}, sections)


def test_a_place_to_come_is_no_link():
    assert row(Place(lesson("scaling"), TO_COME)) == Row("09 Scaling laws", TO_COME, "")


@pytest.mark.parametrize(
    ("said_by", "own"),
    [
        ("the notes", True),
        ("Hinton 2015; the notes: soft targets", True),
        ("the notes' plan", False),
        ("this lesson", False),
    ],
)
def test_whose_claim_it_is(said_by, own):
    assert is_of_the_notes(made(said_by)) is own
