"""The glossary: complete, sorted, one sentence per term, and each term used in the lesson it points to."""

import functools
import html
import re

import jupytext
import pytest

from course.syllabus.glossary import TERMS, glossary, page, term
from course.syllabus.lessons import lesson

WRITTEN = [each for each in TERMS if lesson(each.lesson).source.exists()]
each_term = pytest.mark.parametrize("each", TERMS, ids=lambda each: each.term)


def words(text):
    """The text with hyphens, underscores, marks and line breaks as spaces, in small letters."""
    return " ".join(re.sub(r"[*_#`-]", " ", text).casefold().split())


@functools.cache
def source(which):
    """The text of a lesson's cells."""
    return words("\n".join(cell.source for cell in jupytext.read(lesson(which).source, fmt="py:percent").cells))


def test_terms_are_in_alphabetical_order_and_unique():
    names = [each.term.casefold() for each in TERMS]
    assert names == sorted(set(names))
    assert len({each.korean for each in TERMS}) == len(TERMS)
    assert len({each.definition for each in TERMS}) == len(TERMS)


@each_term
def test_the_korean_term_is_korean(each):
    assert re.search("[가-힣]", each.korean)


@each_term
def test_the_definition_is_one_sentence(each):
    assert re.fullmatch(r"[A-Z][^.!?]+\.", each.definition.replace("UTF-8", "UTF"))
    assert len(each.definition) <= 120


@pytest.mark.slow
@pytest.mark.parametrize("each", WRITTEN, ids=lambda each: each.term)
def test_the_lesson_uses_the_term(each):
    assert re.search(rf"\b{re.escape(words(each.term))}s?\b", source(each.lesson)), f"lesson {each.lesson}"


@each_term
def test_a_term_is_found_by_either_name_however_it_is_capitalized(each):
    assert term(each.term.upper()) is each
    assert term(each.korean) is each


def test_a_near_miss_names_the_near_terms():
    with pytest.raises(ValueError, match=r"'tokeniser' is not in the glossary. Did you mean tokenizer, token"):
        term("tokeniser")
    with pytest.raises(ValueError, match=r"'xyzzy' is not in the glossary. See all of it with glossary\(\)"):
        term("xyzzy")


def test_all_terms_are_shown_in_text_in_html_and_on_the_page():
    plain, markup, markdown = repr(glossary()), glossary()._repr_html_(), page()
    assert len(plain.splitlines()) == len(TERMS)
    assert markup.count("<tr>") == len(TERMS) + 1
    for each in TERMS:
        assert repr(each) in plain
        assert f"<strong>{html.escape(each.term)}</strong>" in markup
        assert f"<strong>{html.escape(each.term)}</strong>" in each._repr_html_()
        assert f"\n## {each.term}\n" in markdown
        for shown in (plain, markup, markdown):
            assert each.korean in shown
