"""Pictures show what their words say, the dancing cats of the notes among them."""

from xml.etree import ElementTree

import pytest

from course.tools import parse_calls
from course.tools.execution import run_call
from course.tools.local import (
    local_toolbox,
    show_animation,
)
from course.tools.local.pictures import EARS, MOVES

TOOLBOX = local_toolbox()


def parts(picture):
    return [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture).iter()]


def test_the_cats_of_the_notes_dance_in_celebration():
    catalog = TOOLBOX.catalog
    [call] = parse_calls('show_animation(query="cats dancing in celebration")', catalog)
    result = run_call(call, TOOLBOX)
    assert result.refusal is None and result.note == "", "the whole picture fits into an answer"
    assert "<title>3 cats dancing, with confetti</title>" in result.value
    assert parts(result.value).count("circle") == parts(result.value).count("animateTransform") == 3
    assert "animated" in catalog["show_animation"].documentation()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("I want to see some cats dancing in celebration", "3 cats dancing, with confetti"),
        ("a cat", "1 cat"),
        ("Two DOGS jump!", "2 dogs jumping"),
        ("one rabbit at a birthday party", "1 rabbit dancing, with confetti"),
    ],
)
def test_a_picture_shows_what_its_words_say(query, title):
    picture = show_animation(query)
    assert f"<title>{title}</title>" in picture
    drawn = parts(picture)
    assert drawn.count("circle") == int(title[0])
    assert (drawn.count("animateTransform") > 0) == title.partition(",")[0].endswith("ing")
    assert ('stroke="#009e73"' in picture) == ("confetti" in title)


@pytest.mark.parametrize("animal", EARS)
@pytest.mark.parametrize("move", ["", *MOVES])
def test_every_picture_fits_into_an_answer(animal, move):
    assert len(show_animation(f"three {animal}s {move} confetti")) <= 2000


def test_what_cannot_be_drawn_is_a_sentence():
    with pytest.raises(ValueError, match="cats, dogs, rabbits"):
        show_animation("a castle")
