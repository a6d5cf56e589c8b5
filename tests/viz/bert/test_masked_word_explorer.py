"""Hidden words and their guesses: by click and from Python, for one token, a long word, and nothing."""

import pytest

from course.viz.bert.figures import guess_panels
from course.viz.bert.masked_word_explorer import N_GUESSES, MaskedWordExplorer
from tests.support.widgets import _bert, masked_word_explorer


def test_a_click_hides_a_word_and_another_shows_it_again():
    widget = masked_word_explorer(masked=())
    assert widget.guesses == {} and "click a word" in widget.summary()
    widget.strip.selected = 1
    assert widget.strip.selected is None and widget.masked[-1] == 1
    assert [token.text for token in widget.strip.tokens].count("[MASK]") == len(widget.masked)
    assert set(widget.guesses) == {"left", "right", "both"}
    for of_model in widget.guesses.values():
        chances = [chance for _token, chance in of_model]
        assert len(of_model) == N_GUESSES and chances == sorted(chances, reverse=True) and 0 < sum(chances) <= 1
        assert not any(token.startswith("[") for token, _chance in of_model), "no special token"
    widget.strip.selected = 1
    assert widget.masked == () and widget.guesses == {}


def test_a_word_of_several_pieces_is_hidden_as_a_whole():
    widget = masked_word_explorer(text="untied the", masked=())
    n = sum(token.text.startswith("##") for token in widget.strip.tokens) + 1
    assert n > 1
    widget.strip.selected = 1
    assert len(widget.masked) == n and widget.masked[-1] == 1, "the guesses are for the piece that was clicked"


@pytest.mark.parametrize(
    ("before", "masked", "after", "hidden"),
    [
        ("the people of the states", (1,), "union and the people of the states", [3]),  # words are put before it
        ("the people of the states", (1, 4), "the states", [1]),  # one goes with its word, the other moves
        ("the people of the states", (1,), "the union of the states", [1]),  # the word itself is another
        ("the people of the states", (4, 1), "of the people of the states", [5, 2]),  # the order of the clicks
    ],
)
def test_a_hidden_word_stays_hidden_when_the_text_beside_it_changes(before, masked, after, hidden):
    widget = masked_word_explorer(text=before, masked=masked)
    widget.text = after
    assert list(widget.masked) == hidden and not widget.error
    widget.text = before + " x" * 400
    assert widget.error
    widget.text = after
    assert list(widget.masked) == hidden and not widget.error


def test_a_word_that_is_typed_in_the_place_of_a_hidden_one_is_hidden_as_a_whole():
    widget = masked_word_explorer(text="the people of the states", masked=(1,))
    widget.text = "the untied of the states"
    hidden = [token.note for token in widget.strip.tokens if token.text == "[MASK]"]
    assert len(hidden) > 1 and "".join(hidden).replace("##", "") == "untied"


def test_the_arrow_keys_hide_no_word():
    assert masked_word_explorer().strip.press_only


def test_the_sides_see_different_things():
    widget = masked_word_explorer(masked=(2,))
    before = dict(widget.guesses)
    _first, *rest = widget.text.split()
    widget.text = " ".join(["union", *rest])
    assert widget.guesses["right"] == before["right"] and widget.guesses["left"] != before["left"]


def test_an_entry_that_is_never_drawn_is_no_guess():
    widget = masked_word_explorer(masked=(1,))
    best = {of_model[0][0] for of_model in widget.guesses.values()}
    widget.pieces.never_drawn[[token in best for token in widget.pieces.tokenizer.tokens]] = True
    widget.update()
    assert not best & {token for of_model in widget.guesses.values() for token, _chance in of_model}


def test_places_beyond_the_text_are_forgotten_and_others_refused():
    widget = masked_word_explorer(masked=(0, 3))
    widget.text = "the"
    assert widget.masked == (0,)
    for wrong in ((-1,), (True,), ("a",)):
        with pytest.raises(ValueError, match="places of tokens"):
            widget.masked = wrong
    with pytest.raises(ValueError, match="no model"):
        MaskedWordExplorer({}, _bert()[1], text="the")


def test_the_panels():
    figure = guess_panels({"a": [("x", 0.7), ("y", 0.2)], "b": [("y", 0.5), ("z", 0.1)]}, title="T", right="y")
    assert len(figure.axes) == 2
    in_lines = guess_panels({"a": [("x", 0.7)]}, title="Said.\nShown").texts[0].get_text()
    assert in_lines == "Said.\nShown"
    with pytest.raises(ValueError, match="no guesses"):
        guess_panels({}, title="T")
    with pytest.raises(ValueError, match="different numbers"):
        guess_panels({"a": [("x", 0.7)], "b": []}, title="T")
