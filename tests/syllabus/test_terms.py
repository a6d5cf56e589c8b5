"""The terms are read from data files, whole or with an error that names the file and the term."""

import io

import pytest

from course.syllabus import terms
from course.syllabus.lessons import LESSONS
from course.syllabus.terms import FOLDER, TERMS, Term, extract, read_terms

QUERY = '[query]\nkorean = "쿼리"\ndefinition = "The vector that asks."\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "attention.toml").write_text(QUERY, encoding="utf-8")
    return tmp_path


def test_a_term_is_a_table_of_its_lessons_file(folder):
    (folder / "seq2seq.toml").write_text('["beam search"]\nkorean = "빔"\ndefinition = "D."\n', encoding="utf-8")
    assert read_terms(folder) == (
        Term("beam search", "빔", "D.", "seq2seq"),
        Term("query", "쿼리", "The vector that asks.", "attention"),
    )


def test_every_file_is_read_and_named_after_a_lesson():
    files = {file.stem for file in FOLDER.iterdir()}
    assert files == {each.lesson for each in TERMS} <= {each.slug for each in LESSONS}
    assert sum(file.read_text(encoding="utf-8").count("\ndefinition = ") for file in FOLDER.iterdir()) == len(TERMS)


def test_the_lessons_number_is_computed(monkeypatch):
    query = next(each for each in TERMS if each.term == "query")
    assert repr(query).endswith("[lesson 04]") and ">04</a>" in query.link
    monkeypatch.setattr(terms.lessons, "LESSONS", LESSONS[4:])
    assert repr(query).endswith("[lesson 00]")
    assert query.link == "00", "there is no 00_attention.ipynb"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("attention", QUERY + "[key\n", r"attention\.toml cannot be read: .*line 4"),
        ("attention", QUERY + QUERY, r"attention\.toml cannot be read: .*query"),
        ("attention", b"\xff", r"attention\.toml cannot be read: .*utf-8"),
        ("attention", QUERY + '[key]\ndefinition = "D."\n', r"attention\.toml: the term 'key' needs two texts"),
        ("attention", QUERY + '[key]\nkorean = "키"\n', r"attention\.toml: the term 'key' needs"),
        ("attention", '[key]\nkorean = "키"\ndefinition = " "\n', r"attention\.toml: the term 'key' needs"),
        ("attention", '[key]\nkorean = 7\ndefinition = "D."\n', r"attention\.toml: the term 'key' needs"),
        ("attention", QUERY + 'lesson = "gpt"\n', r"attention\.toml: the term 'query' needs .*nothing else"),
        ("attention", 'key = "D."\n', r"attention\.toml: the term 'key' needs"),
        ("attentoin", QUERY, r"attentoin\.toml has terms of a lesson that is not there"),
        ("seq2seq", QUERY, r"seq2seq\.toml: the term 'query' is in attention\.toml already"),
    ],
)
def test_a_broken_file_is_named_with_its_term(folder, name, text, message):
    (folder / f"{name}.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=message):
        read_terms(folder)


def test_definitions_are_extracted_with_their_lines_and_what_a_translator_must_know():
    text = QUERY + '\n["beam search"]\nkorean = "빔"\ndefinition = "A \\"beam\\"."\n'
    assert list(extract(io.BytesIO(text.encode()), None, None, None)) == [
        (3, None, "The vector that asks.", ["query (쿼리)"]),
        (7, None, 'A "beam".', ["beam search (빔)"]),
    ]
