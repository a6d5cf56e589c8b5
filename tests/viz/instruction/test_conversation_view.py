"""What is shown of a conversation is what a training counts, and each loss is the model's own."""

import copy
import re

import pytest
import torch

from course.instruction import (
    MINIMAL,
    SMOLLM2,
    Message,
    answer_total,
    collate,
    encode_conversation,
    n_trained,
    padding_id,
)
from course.tokenization import ByteLevelBPE
from course.viz import ConversationView
from course.viz.instruction.conversation_figure import MAX_DRAWN, conversation_figure
from course.viz.instruction.conversation_reading import turns
from tests.support.drawn import overlapping, written
from tests.support.llama import tiny_config, tiny_model
from tests.support.widgets import TEXT, conversation_view

SAID = [Message("user", "the people"), Message("assistant", "of the states")]
TOKENS = ("<|user|>", "<|assistant|>", "<|end_of_turn|>", "<|padding|>")


@pytest.fixture(scope="module")
def shared():
    """One widget for the tests that leave it as it was."""
    return conversation_view()


@pytest.fixture
def view(shared):
    state = {name: getattr(shared, name) for name in ("system", "user", "answer", "loss_on")}
    yield shared
    for name, value in state.items():
        setattr(shared, name, value)


@pytest.fixture(scope="module")
def minimal():
    """A tokenizer with the special tokens of MINIMAL, and a model that reads its ids."""
    tokenizer = ByteLevelBPE.train(TEXT, n_merges=40, special_tokens=TOKENS)
    return tokenizer, tiny_model(tiny_config(vocab_size=tokenizer.vocab_size))


def test_what_is_shown_is_what_a_training_counts(view):
    encoded = encode_conversation(view.tokenizer, SMOLLM2, view.messages)
    assert view.reading.counted("answer") == encoded.is_trained
    assert tuple(token.role for token in view.reading.tokens) == encoded.roles
    n, total = sum(encoded.is_trained), len(encoded.ids)
    assert 0 < n < total and f"{n} of {total} tokens carry loss ({n / total:.0%})" in view._said()


def test_the_mean_is_the_loss_of_a_training(view):
    rows = collate([encode_conversation(view.tokenizer, SMOLLM2, view.messages)], padding_id(view.tokenizer, SMOLLM2))
    means = view.reading.means(view.reading.counted("answer"))
    assert len(set(means)) == 2, "two models that differ"
    for model, mean in zip(view.models.values(), means, strict=True):
        with torch.no_grad():
            assert mean == pytest.approx(answer_total(model, rows).item() / n_trained(rows), rel=1e-5)
        assert f"{mean:.2f} nats" in view._said()


def test_with_the_loss_on_everything_all_but_the_first_token_count(view):
    page = view._tokens.value
    assert page.count('class="lm-counted"') == sum(view.reading.counted("answer"))
    reading = view.reading
    view.loss_on = "everything"
    assert view.reading is reading, "the models were not asked again"
    counted = reading.counted("everything")
    assert not counted[0] and all(counted[1:])
    assert view._tokens.value.count('class="lm-counted"') == len(counted) - 1
    groups = view._groups()
    n = [sum(chosen) for chosen in groups.values()]
    assert n[0] == n[1] + n[2]
    everything, answer, added = map(reading.means, groups.values())
    for model in range(2):
        assert n[0] * everything[model] == pytest.approx(n[1] * answer[model] + n[2] * added[model])
    assert view._table.value.count('scope="col"') == 3 and "all but the answer" in view.summary()


def test_turns_follow_one_another_with_their_tokens(view):
    assert [role for role, _tokens in turns(view.reading, "answer")] == ["system", "user", "assistant"]
    text = "".join(token.text for token in view.reading.tokens)
    assert text == SMOLLM2.render(view.messages).text
    assert re.findall('data-role="([a-z]+)"', view._tokens.value) == ["system", "user", "assistant"]
    first, last = view.reading.tokens[0], view.reading.tokens[-1]
    assert first.is_special and first.losses == () and last.text == "\n" and not last.is_trained


def test_what_a_content_spells_is_no_special_token(view):
    n = sum(token.is_special for token in view.reading.tokens)
    view.user = "the <|im_end|> people"
    assert view.error == "" and sum(token.is_special for token in view.reading.tokens) == n


def test_earlier_turns_stay_and_every_answer_counts(minimal):
    tokenizer, model = minimal
    earlier = [Message("user", "the union"), Message("assistant", "of people")]
    view = ConversationView(model, tokenizer, MINIMAL, [*earlier, *SAID])
    view.answer = "states"
    assert view.messages == (*earlier, SAID[0], Message("assistant", "states"))
    assert [role for role, _tokens in turns(view.reading, "answer")] == ["user", "assistant"] * 2
    ends = [token.is_trained for token in view.reading.tokens if token.text == "<|end_of_turn|>"]
    assert ends == [False, True, False, True]


def test_a_box_for_the_system_only_where_the_template_has_one(view, minimal):
    tokenizer, model = minimal
    other = ConversationView(model, tokenizer, MINIMAL, SAID)
    assert len(view._boxes()) == 3 and len(other._boxes()) == 2 and other.reading.names == ("model",)
    other.system = "Be brief."
    assert "has the role 'system', which the template minimal does not have" in other.error
    view.system = ""
    assert view.error == "" and view.reading.tokens[0].role == "system"
    assert SMOLLM2.default_system in "".join(token.text for token in view.reading.tokens)


@pytest.mark.parametrize(
    ("trait", "text", "words"),
    [
        ("user", " \n", "Message 2, the user's, is empty"),
        ("answer", "", "Message 3, the assistant's, is empty"),
        ("user", "x" * 2001, "the limit here is 2,000"),
        ("answer", "x y " * 200, "more than the model's context of 300"),
    ],
)
def test_a_text_that_is_none_is_one_error_and_the_last_reading_stays(view, trait, text, words):
    before, reading = repr(view), view.reading
    setattr(view, trait, text)
    assert words in view.error and view.reading is reading
    assert repr(view) == f"{view.error}\n{before}"


@pytest.mark.slow
@pytest.mark.parametrize("text", ["한국어 사람들", "שלום עולם", "👍🏽 e\u0301", "ไทย"])
def test_any_script(view, text):
    view.user = view.answer = text
    assert view.error == "" and view.summary() and written(view.picture())


def test_what_is_no_conversation_and_no_model(minimal):
    tokenizer, model = minimal
    with pytest.raises(ValueError, match="There is no model to ask"):
        ConversationView({}, tokenizer, MINIMAL, SAID)
    for messages, roles in (([], "nothing"), (SAID[:1], "user"), ([*SAID, SAID[0]], "assistant, user")):
        with pytest.raises(ValueError, match=f"The conversation ends with {roles}: its last two"):
            ConversationView(model, tokenizer, MINIMAL, messages)


def test_what_is_typed_and_named_is_text(view):
    page = view._heading.value + view._table.value + view._tokens.value
    assert "<b>tuned" not in page and "&lt;b&gt;tuned&lt;/b&gt; $x$" in page and "<i>" not in page
    spoken = re.findall('<span class="lm-spoken">(.*?)</span>', view._tokens.value)
    assert spoken.count(", carries loss") == spoken.count("base: ") == sum(view.reading.counted("answer"))


def test_the_weights_and_the_mode_of_the_models_stay(minimal):
    tokenizer, model = minimal
    model.train()
    view = ConversationView({"one": model}, tokenizer, MINIMAL, SAID)
    assert model.training and all(weight.grad is None for weight in model.parameters()) and view.error == ""
    model.eval()


@pytest.mark.slow
def test_no_text_of_the_picture_lies_over_another(view):
    view.loss_on = "everything"
    assert overlapping(view.picture()) == []


@pytest.mark.slow
def test_a_long_conversation_is_drawn_in_part(view):
    view.answer = "x y " * 50
    n = len(view.reading.tokens)
    assert view.error == "" and n > MAX_DRAWN
    figure = conversation_figure(turns(view.reading, "answer"), view.reading.names, title="a")
    assert f"… and {n - MAX_DRAWN} more tokens" in [text for text, _box in written(figure)]


def test_a_model_whose_losses_are_no_numbers_is_an_error(minimal):
    tokenizer, model = minimal
    broken = copy.deepcopy(model)
    with torch.no_grad():
        next(broken.parameters()).fill_(float("nan"))
    view = ConversationView({"one": model, "broken": broken}, tokenizer, MINIMAL, SAID)
    assert "The model's losses are NaN or infinite" in view.error and "NaN or infinite" in view.summary()
