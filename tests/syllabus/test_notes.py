"""The data of the notes: every heading in its order, each sentence with a place, and what is refused."""

import pytest

from course.syllabus import notes
from course.syllabus.lessons import lesson
from course.syllabus.notes import TO_COME, Place, headings_digest, read_notes

DIGEST = "be6f0853095301c982f9ea444ceeed123cb5db61b0c5176225d1364189b595f4"  # of the notes' own headings


def test_the_headings_are_those_of_the_notes():
    assert headings_digest(read_notes()) == DIGEST


def test_every_sentence_is_there_in_both_languages():
    texts = [each for heading in read_notes() for each in (heading, *heading.sentences)]
    assert [each for each in texts if not (each.korean.strip() and each.english.strip())] == []


def test_no_heading_has_a_sentence_twice():
    for heading in read_notes():
        said = [each.korean for each in heading.sentences]
        assert len(set(said)) == len(said), heading.korean


@pytest.fixture
def read(tmp_path):
    """The headings of a file with these blocks: `read(block, …)`; the digest is that of two headings, A and B."""

    def reader(*blocks):
        two = tuple(notes.Heading(name, name, ()) for name in "AB")
        file = tmp_path / "notes.toml"
        file.write_text(f'digest = "{headings_digest(two)}"\n' + "\n".join(blocks), encoding="utf-8")
        return read_notes(file)

    return reader


def block(name, places='{ claim = "gpt.filter" }', sentence="말"):
    text = f'[[heading]]\nkorean = "{name}"\nenglish = "{name}"\n'
    return text + (f'[[heading.sentence]]\nkorean = "{sentence}"\nenglish = "word"\nplaces = [{places}]\n')


def test_the_kinds_of_places(read):
    places = '{ claim = "gpt.filter" }, { exercise = "bert.order_pair" }, { lesson = "rag", corrected = "w" }, '
    places += '{ lesson = "rag", taught = "x" }, { lesson = "rag", untested = "y" }, { lesson = "scaling" }'
    first, _second = read(block("A", places), block("B"))
    assert first.sentences[0].places == (
        Place(lesson("gpt"), "claim", "gpt.filter"),
        Place(lesson("bert"), "exercise", "bert.order_pair"),
        Place(lesson("rag"), "corrected", "w"),
        Place(lesson("rag"), "taught", "x"),
        Place(lesson("rag"), "untested", "y"),
        Place(lesson("scaling"), TO_COME),
    )


@pytest.mark.parametrize("names", ["A", "BA", "ABB", "AC"], ids=["lost", "moved", "added", "renamed"])
def test_headings_that_are_not_the_notes_are_refused(read, names):
    with pytest.raises(ValueError, match=r"headings of notes\.toml are not all"):
        read(*map(block, names))


def test_a_heading_without_a_sentence_is_refused(read):
    with pytest.raises(ValueError, match="'A' has no sentence"):
        read('[[heading]]\nkorean = "A"\nenglish = "A"\n', block("B"))


def test_a_sentence_without_a_place_is_refused(read):
    with pytest.raises(ValueError, match="'A': the sentence '말' has no place"):
        read(block("A", places=""), block("B"))


@pytest.mark.parametrize(
    "place",
    [
        '{ claim = "gpt.filter", exercise = "gpt.top_p" }',
        '{ lesson = "gpt", claim = "gpt.filter" }',
        '{ lesson = "gpt", held = "words" }',
        '{ held = "gpt.filter" }',
        '{ lesson = "gpt", taught = "words", corrected = "words" }',
        '{ taught = "words" }',
        '{ lesson = "gpt", taught = "" }',
        '{ lesson = "gpt", taught = " " }',
        '{ lesson = "gpt", taught = 5 }',
        "{ lesson = 5 }",
        "{ claim = 5 }",
        "{}",
        '"gpt.filter"',
    ],
)
def test_a_place_of_no_kind_is_refused(read, place):
    with pytest.raises(ValueError, match=r"'A': the place .* is not one"):
        read(block("A", places=place), block("B"))


def test_a_lesson_that_is_not_there_is_refused(read):
    with pytest.raises(ValueError, match="no lesson 'gtp'"):
        read(block("A", places='{ claim = "gtp.filter" }'), block("B"))


def test_an_entry_without_its_words_is_refused(read):
    for language in ("korean", "english"):
        with pytest.raises(ValueError, match=f"has no text '{language}'"):
            read(f'[[heading]]\n{({"korean", "english"} - {language}).pop()} = "A"\n', block("B"))
    with pytest.raises(ValueError, match=r"'A': the entry .* has no text 'korean'"):
        read(block("A", sentence=" "), block("B"))


def test_a_file_of_nothing_is_refused(tmp_path):
    file = tmp_path / "notes.toml"
    file.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match=r"headings of notes\.toml are not all"):
        read_notes(file)
