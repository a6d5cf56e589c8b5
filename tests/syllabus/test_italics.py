"""In a lesson's text, italics are for terms, where they are explained: each is in the glossary, and italic once."""

import re
from collections import Counter

import jupytext
import pytest
from markdown_it import MarkdownIt

from course.syllabus.glossary import TERMS
from course.syllabus.lessons import LESSONS

WRITTEN = [each for each in LESSONS if each.source.exists()]
MATH = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
TITLES = ("**Read on**", "**Next**")  # paragraphs in which titles are italic
ANNOUNCED = "italics"  # of the sentence that says what italics mean

# Lessons that still have other italics. Take a lesson's slug out as soon as its text follows the rule.
NOT_YET = {
    "start_here",
    "tokenization",
    "seq2seq",
}


def italics(markdown):
    """The texts in italics, but for the titles of papers and lessons."""
    for block in MarkdownIt().enable("table").parse(MATH.sub("", markdown)):
        if block.children is None or block.content.startswith(TITLES):
            continue
        depth, text = 0, ""
        for part in block.children:
            depth += {"em_open": 1, "em_close": -1}.get(part.type, 0)
            text += part.content if depth else ""
            if part.type == "em_close" and not depth:
                yield " ".join(text.split())
                text = ""


def spelled(name):
    """How a sentence may write a term: capitalized, in the plural, with spaces or hyphens."""
    name = name.casefold().replace("-", " ")
    return {name, f"{name}s", f"{name}es", re.sub("y$", "ies", name)}


NAMES = {spelling: each.term for each in TERMS for spelling in spelled(each.term)}


def offenders(texts):
    """What is italic and no term, and terms that are italic twice."""
    terms = [NAMES.get(text.casefold().replace("-", " ")) for text in texts]
    unknown = [text for text, name in zip(texts, terms, strict=True) if name is None]
    return unknown, [name for name, count in Counter(filter(None, terms)).items() if count > 1]


@pytest.mark.parametrize(
    "lesson",
    [
        pytest.param(each, marks=pytest.mark.xfail(strict=True) if each.slug in NOT_YET else (), id=each.slug)
        for each in WRITTEN
    ],
)
def test_only_terms_are_italic_and_each_only_where_it_is_explained(lesson):
    cells = jupytext.read(lesson.source, fmt="py:percent").cells
    texts = [text for cell in cells if cell.cell_type == "markdown" for text in italics(cell.source)]
    unknown, twice = offenders([text for text in texts if text != ANNOUNCED])
    assert unknown == [], "no terms of the glossary; for other words: quotes, `typewriter`, or **bold** to click"
    assert twice == [], "italic again; a term is italic once, where it is explained"


def test_a_lesson_that_is_still_excused_exists():
    assert {each.slug for each in WRITTEN} >= NOT_YET


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("A *hidden state* and _gates_, **bold**, `a * b * c`, $a * b * c$, snake_case_name, 2 * 3 * 4.", 2),
        ("| a | b |\n|---|---|\n| *query* | x |", 1),
        ("- item *key*\n\n> quoted *value*\n\n## Heading with *loss*", 3),
        ("**Read on**: Vaswani et al. 2017, *Attention Is All You Need*.", 0),
        ("***seed*** and a line\nwith *edit\ndistance*", 2),
    ],
)
def test_italics_are_found_in_every_form_of_markdown(markdown, found):
    assert len(list(italics(markdown))) == found


def test_terms_are_recognized_in_the_plural_and_other_words_and_repetitions_are_named():
    assert offenders(["Gates", "hidden states", "probabilities", "label-smoothing"]) == ([], [])
    assert offenders(["colonel", "gate", "gates", "gait"]) == (["colonel", "gait"], ["gate"])
