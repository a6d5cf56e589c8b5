"""A passage at another place: the others keep their order, and what is known is not asked again."""

import pytest

from course.rag import Chunk, Document
from course.viz import PassageOrder
from course.viz.kit.traits import StateError
from course.viz.rag import passage_order as module
from tests.support.drawn import overlapping, written
from tests.support.widgets import passage_order

TEXTS = ("It is the blue door.", "The red gate is open.", "A blue door is shut.", "Nothing here.")
PASSAGES = [Chunk(Document(str(n), f"T{n}", text), 0, len(text)) for n, text in enumerate(TEXTS)]


@pytest.fixture
def asked():
    return []


@pytest.fixture
def order(asked):
    """It answers with the last two words of the first passage that it reads."""

    def ask(question, passages):
        asked.append((question, [one.document.id for one in passages]))
        return " ".join(passages[0].text.split()[-2:])

    return PassageOrder("Which door?", PASSAGES, ask, right="blue door")


@pytest.mark.parametrize(("place", "expected"), [(1, "0123"), (2, "1023"), (3, "1203"), (4, "1230")])
def test_the_others_keep_their_order(order, asked, place, expected):
    order.place = place
    assert asked[-1] == ("Which door?", list(expected))
    assert [part[0] for part in order._passages.value.split("[")[1:]] == list("1234")
    outlined = order._passages.value.split("lm-outlined")[1]
    assert outlined.startswith(f'"><div class="lm-heading"><b>[{place}] T0</b> ◀ moved')


def test_what_is_said_of_an_answer(order):
    assert order.is_right and order.from_passages == (1, 3)
    assert order.in_words().splitlines() == [
        "'Which door?'",
        "The passage with the answer is number 1.",
        "✓ The answer: blue door.",
        "It has the words of the right answer, 'blue door'. All its words are together in [1], [3].",
    ]
    order.place = 4
    assert not order.is_right and order.answer == "is open." and order.from_passages == (1,)
    assert "✗ The answer: is open." in order.in_words()
    assert "The right answer is 'blue door'. All its words are together in [1]." in order.in_words()
    assert "<mark>is open</mark>" in order._passages.value


def test_an_answer_of_no_passage_is_told():
    widget = PassageOrder("Q?", PASSAGES, lambda _question, _passages: "green window", right="blue door")
    assert widget.from_passages == () and "No passage has its words together." in widget.in_words()


def test_answers_are_remembered_for_their_question(order, asked):
    for place in (2, 1, 2, 3, 1):
        order.place = place
    assert len(asked) == 3
    order.question = "Which gate?"
    assert len(asked) == 4 and "'Which gate?'" in order.in_words()
    order.question = "Which door?"
    assert len(asked) == 4


def test_only_so_many_are_remembered(order, asked, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 2)
    for place in (2, 3):
        order.place = place
    assert len(asked) == 3
    order.place = 2
    assert len(asked) == 3, "the last two are known"
    order.place = 1
    assert len(asked) == 4, "the first one is not"


def test_a_model_that_fails_leaves_the_last_picture():
    def ask(_question, passages):
        if passages[0].document.id != "0":
            raise ValueError("No memory left.")
        return "blue door"

    widget = PassageOrder("Q?", PASSAGES, ask, right="blue door")
    before, page = widget.in_words(), widget._passages.value
    widget.place = 2
    assert widget.error == "No memory left." and widget.in_words() == before and widget._passages.value == page
    widget.place = 1
    assert widget.error == ""


def test_what_has_no_place_is_refused(order):
    with pytest.raises(StateError, match=r"There is no place 5: there are 4 passages, counted from 1\."):
        order.place = 5
    with pytest.raises(ValueError, match="There is no place 9"):
        passage_order(place=9)
    with pytest.raises(ValueError, match="give two passages or more"):
        PassageOrder("Q?", PASSAGES[:1], lambda _question, _passages: "", right="x")
    order.question = " "
    assert order.error == "The question is empty. Ask something."


def test_the_picture_outlines_the_moved_passage(order):
    tops = []
    for place in (1, 4):
        order.place = place
        figure = order.picture()
        [field] = figure.axes[0].patches
        tops.append(field.get_y())
        headings = [text for text, _box in written(figure) if text.startswith("[")]
        assert headings[place - 1] == f"[{place}] T0 ◀ moved" and overlapping(figure) == []
    assert tops[0] < tops[1]
