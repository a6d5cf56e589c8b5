"""What is done with a block changes the prompt as it says, and the probabilities are those of that prompt."""

import pytest
import torch

from course.prompting import PromptTemplate, Shot, calibrated_probabilities
from course.viz import PromptBuilder
from course.viz.prompting.blocks_figure import blocks_figure
from tests.support.drawn import overlapping
from tests.support.widgets import _decoder, prompt_builder

TEMPLATE = PromptTemplate("Say which.", "The {input}\nis: {answer}")


@pytest.fixture(scope="module")
def shared():
    """One widget for the tests that leave it as it was."""
    return prompt_builder()


@pytest.fixture
def builder(shared):
    state = {name: getattr(shared, name) for name in ("instruction", "text", "order", "left_out", "labels")}
    yield shared
    for name, value in state.items():
        setattr(shared, name, value)


def press(builder, **message):
    """What the page sends when a card is moved, switched or flipped."""
    builder.list._handle_custom_msg(message, [])


def kinds(builder):
    return [card.block for card in builder.list.cards]


def test_it_shows_what_the_lesson_computes(builder):
    shots = [shot._replace(answer=label) for shot, label in zip(builder.shots, builder.labels, strict=True)]
    model, tokenizer = _decoder()
    args = (model, tokenizer, builder.template, [builder.text], builder.words, shots)
    for found, expected in zip(
        (builder.reading.probabilities, builder.reading.calibrated), calibrated_probabilities(*args), strict=False
    ):
        torch.testing.assert_close(torch.tensor(found), expected[0], atol=1e-5, rtol=0)
    assert builder.prompt == builder.template.render(builder.text, shots)
    assert builder.reading.n_tokens == len(tokenizer.encode(builder.prompt.text))
    assert builder._best(builder.reading.probabilities) in builder._said() and builder._said() in builder.summary()


def test_keys_and_buttons_move_a_block_one_place_and_no_further(builder):
    assert kinds(builder) == [0, 1, 2, 3, 4]
    press(builder, do="move", block=3, by=-1)
    assert builder.order == (0, 1, 3, 2) and kinds(builder) == [0, 1, 3, 2, 4]
    assert builder.list.told == "Shot 3 is block 3 of 4."
    text = builder.prompt.text
    assert text.index("The states") < text.index("The <i>union")
    press(builder, do="move", block=0, by=-1)
    press(builder, do="move", block=2, by=1)
    assert builder.order == (0, 1, 3, 2) and builder.error == ""


def test_a_dragged_block_is_put_where_it_is_dropped(builder):
    press(builder, do="place", block=0, at=3)
    assert builder.order == (1, 2, 3, 0)
    assert [part.kind for part in builder.prompt.parts][-2:] == ["instruction", "input"]
    press(builder, do="place", block=3, at=0)
    assert builder.order == (3, 1, 2, 0)
    press(builder, do="place", block=3, at=99)
    assert builder.order == (1, 2, 0, 3)


def test_a_block_is_left_out_and_comes_back(builder):
    first = builder.prompt
    press(builder, do="switch", block=2)
    assert builder.left_out == (2,) and "union</i>" not in builder.prompt.text
    assert [card.is_on for card in builder.list.cards] == [True, True, False, True, True]
    assert "Shot 2 (left out)" in builder.in_words() and builder.list.told == "Shot 2 is left out."
    press(builder, do="switch", block=2)
    assert builder.prompt == first and builder.list.told == "Shot 2 is in the prompt."


def test_a_flipped_label_is_the_next_word(builder):
    press(builder, do="flip", block=1)
    assert builder.labels == ("the states", "the states", "united")
    assert "The people\nis: the states" in builder.prompt.text
    press(builder, do="flip", block=1)
    assert builder.labels[0] == "united"
    press(builder, do="flip", block=0)
    assert "The instruction has no label" in builder.error


def test_what_the_page_may_not_ask_is_an_error_and_changes_nothing(builder):
    before = repr(builder)
    for message in ({"do": "flip", "block": 9}, {"do": "eat", "block": 1}, {"do": "move", "block": "1", "by": 1}, {}):
        press(builder, **message)
        assert builder.error
    builder.forget_error()
    assert repr(builder) == before


def test_a_change_at_the_end_is_read_and_the_rest_is_kept(builder):
    builder.text = "the people of the states"
    assert builder.reading.n_anew < 20 < builder.reading.n_tokens and builder.reading.n_free == 0
    assert f"{builder.reading.n_anew} of the prompt" in builder._tokens.value
    builder.instruction = "Which?"
    assert builder.reading.n_anew == builder.reading.n_tokens and builder.reading.n_free > 0


def test_the_cards_have_the_state_also_where_it_is_an_error(builder):
    before = builder.prompt
    builder.text = "a " * 290
    assert "more than the model's context of 300" in builder.error and builder.prompt == before
    assert builder.list.cards[-1].text == builder.text
    assert builder.text not in builder.in_words()
    builder.text = "x" * 2001
    assert "the limit here is 2,000" in builder.error


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("order", (0, 1), r"order is \(0, 1\); it must have each number from 0 to 3 once"),
        ("order", (0, 1, 2, 2), "each number from 0 to 3 once"),
        ("order", (False, True, 2, 3), "each number from 0 to 3 once"),
        ("left_out", (4,), "There is no block 4: the instruction is 0, and the last shot is 3"),
        ("labels", ("united",), "labels has the length 1; it must have the label of each shot, and their number is 3"),
        ("labels", ("united", "x", "united"), "There is no label 'x'; there are: united, the states"),
    ],
)
def test_a_state_that_is_none_is_refused(builder, trait, value, words):
    before = repr(builder)
    with pytest.raises(ValueError, match=words):
        setattr(builder, trait, value)
    assert repr(builder) == before
    with pytest.raises(ValueError, match=words):
        prompt_builder(**{trait: value})


def test_words_and_shots_that_do_not_fit_together():
    model, tokenizer = _decoder()
    for words in ([], ["one"], ["one", "one"], ["one", " "]):
        with pytest.raises(ValueError, match=r"The words are .*: give two or more that differ"):
            PromptBuilder(model, tokenizer, TEMPLATE, words)
    with pytest.raises(ValueError, match="There is no label 'x'; there are: of, the"):
        PromptBuilder(model, tokenizer, TEMPLATE, ["of", "the"], [Shot("a", "x")])


def test_without_shots_and_with_an_empty_instruction():
    model, tokenizer = _decoder()
    builder = PromptBuilder(model, tokenizer, TEMPLATE, ["of", "the"], text="people", instruction="")
    assert builder.error == "" and builder.prompt.text == "The people\nis:"
    assert builder.order == (0,) and [card.kind for card in builder.list.cards] == ["instruction", "input"]


def test_what_is_typed_is_text(builder):
    page = builder._heading.value + builder._table.value + builder._tokens.value
    assert "100%" in page and page.count("lm-first") == 3
    other = PromptBuilder(*_decoder(), TEMPLATE, ["<b>of", "the"], text="<i>people")
    assert "<b>of" not in other._heading.value.removeprefix('<div class="lm-heading"><b>') + other._table.value
    assert "&lt;b&gt;of" in other._table.value


@pytest.mark.slow
def test_no_text_of_the_picture_lies_over_another(builder):
    builder.left_out = (1,)
    assert overlapping(blocks_figure(builder.shown.cards, title=builder._size())) == []


def test_one_text_is_no_list_of_words():
    with pytest.raises(TypeError, match="'ab' is one text"):
        PromptBuilder(*_decoder(), TEMPLATE, "ab")
