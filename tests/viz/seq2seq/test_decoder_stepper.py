"""The decoder stepper shows at each step what the model computes, and a choice by hand changes what follows."""

import numpy as np
import pytest
import torch
import traitlets

from course.decoding import greedy_search
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import Example, Task, Vocabulary
from course.transformer import Transformer, TransformerConfig
from course.viz.seq2seq.decoder_stepper import DecoderStepper
from tests.support.speed import require_quick

WORDS = {"cab": "K AE B", "bad": "B AE D", "dab": "D AE B", "ace": "EY S", "cede": "S IY D"}


@pytest.fixture(scope="module")
def task():
    examples = [Example(tuple(word), (tuple(sounds.split()),)) for word, sounds in WORDS.items()]
    sounds = {sound for example in examples for sound in example.targets[0]}
    return Task(
        "words", Vocabulary("abcde"), Vocabulary(sounds), examples[:3], examples[3:4], {"test": examples[4:]}, 9
    )


def recurrent(task, **config):
    sizes = Seq2SeqConfig(len(task.source), len(task.target), d_embedding=8, d_hidden=12, **config)
    return Seq2Seq(sizes, torch.Generator().manual_seed(1)).eval()


def transformer(task):
    sizes = TransformerConfig(
        len(task.source), len(task.target), d_model=8, n_heads=2, d_ff=16, n_layers=1, context_length=16
    )
    return Transformer(sizes, torch.Generator().manual_seed(0)).eval()


MODELS = {
    "LSTM": recurrent,
    "GRU": lambda task: recurrent(task, cell="gru"),
    "LSTM + attention": lambda task: recurrent(task, attention="dot"),
    "Transformer": transformer,
}


@pytest.fixture(params=MODELS)
def stepper(request, task):
    return DecoderStepper(MODELS[request.param](task), task, "cab")


def sources(stepper, word):
    return stepper.task.sources([word])


@pytest.mark.slow
def test_without_a_hand_it_writes_what_greedy_search_writes(stepper, task):
    for word in WORDS:
        stepper.text = word
        marks = {"eos_id": task.target.eos_id, "max_length": task.max_length}
        (found,) = greedy_search(stepper.model, sources(stepper, word), **marks)
        assert stepper.output == [task.target.symbols[i] for i in found.tokens]
        total = sum(np.log(m.probabilities[task.target.symbols.index(m.given)]) for m in stepper.moments)
        assert total == pytest.approx(found.log_probability, abs=1e-4)


@pytest.mark.slow
def test_probabilities_are_those_of_one_pass_over_what_was_written(stepper, task):
    stepper.choose("AE")
    stepper.step = 1
    stepper.choose("B")
    given = [task.target.symbols.index(moment.given) for moment in stepper.moments]
    read = torch.tensor([[task.target.bos_id, *given[:-1]]])
    with torch.no_grad():
        expected = stepper.model(sources(stepper, "cab"), read).softmax(dim=-1)[0]
    np.testing.assert_allclose(np.stack([m.probabilities for m in stepper.moments]), expected, atol=1e-5)
    assert stepper.strip.tokens[0].text == "AE" and stepper.strip.tokens[0].lines[0] == "chosen by hand"


@pytest.mark.slow
def test_forward_and_back_end_where_they_began(stepper):
    start = repr(stepper)
    for _step in range(12):
        stepper.forward()
    assert stepper.step == len(stepper.moments) and stepper.candidates == [] and stepper.error == ""
    for _step in range(12):
        stepper.back()
    assert stepper.step == 0 and repr(stepper) == start


@pytest.mark.slow
def test_a_choice_takes_those_behind_it_away(stepper):
    stepper.choose("AE")
    stepper.choose("D")
    assert stepper.choices == {0: "AE", 1: "D"} and stepper.step == 2
    stepper.back()
    stepper.back()
    stepper.choose("B")
    assert stepper.choices == {0: "B"} and stepper.output[0] == "B"
    stepper.text = "bad"
    assert stepper.choices == {} and stepper.step == 0


@pytest.mark.slow
def test_the_end_can_be_chosen(stepper):
    stepper.choose("AE")
    stepper.choose("</s>")
    assert stepper.output == ["AE"] and stepper.step == 2 == len(stepper.moments)


def test_forced_it_writes_what_is_right_whatever_the_model_thinks(stepper):
    own = stepper.output
    stepper.teacher_forcing = 1.0
    assert stepper.output == ["K", "AE", "B"]
    assert [m.own for m in stepper.moments] != [m.given for m in stepper.moments]
    stepper.teacher_forcing = 0.0
    assert stepper.output == own


def test_a_share_of_places_is_forced_the_same_ones_each_time(task):
    stepper = DecoderStepper(recurrent(task), task, "cab")
    places = []
    for share in (0.25, 0.5, 0.75, 0.5):
        stepper.teacher_forcing = share
        places.append({i for i, moment in enumerate(stepper.moments) if "forced" in moment.by})
    assert places[0] <= places[1] <= places[2] and places[1] == places[3]
    assert len(places[0]) < len(places[2])


def test_a_text_that_is_not_among_the_examples_is_written_but_not_forced(stepper):
    stepper.text = "ecad"
    stepper.teacher_forcing = 1.0
    assert stepper.right is None and stepper.error == ""
    assert all(moment.own == moment.given for moment in stepper.moments)


def test_the_right_symbol_is_always_among_the_candidates(stepper):
    stepper.text = "cede"
    shown = [symbol for symbol, _probability in stepper.candidates]
    assert "S" in shown and len(set(shown)) == len(shown)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "parts"), [("LSTM", 2), ("LSTM + attention", 2), ("GRU", 1), ("Transformer", 0)])
def test_a_recurrent_model_shows_its_state(task, name, parts):
    model = MODELS[name](task)
    stepper = DecoderStepper(model, task, "cab", step=2)
    shown = stepper._states()
    assert len(shown) == parts
    assert stepper._state.value.count("<img") == 4 * parts
    if not parts:
        assert "no state of fixed size" in stepper._state.value
        return
    title, labels, rows = shown[0]
    assert title == "Hidden state" and labels == ["the source", "<s>", *(m.given for m in stepper.moments[:2])]
    with torch.no_grad():
        state = model.encoder(sources(stepper, "cab"))
        np.testing.assert_allclose(rows[0], state.cell[0][0], atol=1e-6)
        ids = torch.tensor([[1, *(task.target.symbols.index(m.given) for m in stepper.moments[:2])]])
        _logits, state = model.decoder(ids, state)
    np.testing.assert_allclose(rows[-1], state.cell[0][0], atol=1e-6)


def test_buttons_slider_and_trait_are_one(stepper):
    stepper._forward.click()
    assert stepper.step == stepper._slider.value == 1
    stepper._back.click()
    second = stepper.candidates[1][0]
    assert stepper._buttons[1].description == second
    stepper._buttons[1].click()
    assert stepper.moments[0].given == second and stepper.step == 1
    stepper._slider.value = 0
    assert stepper.step == 0 and stepper._back.off


def test_capitals_are_read_small_where_only_small_ones_are_known(stepper):
    stepper.text = " CAB "
    assert stepper.source == list("cab") and stepper.error == ""


@pytest.mark.parametrize("text", ["", "   ", "x", "cab<script>", "a" * 61])
def test_what_cannot_be_read_is_an_error_and_the_last_picture_stays(stepper, text):
    stepper.step = 1
    moments, words = stepper.moments, repr(stepper)
    stepper.text = text
    assert stepper.error and stepper.moments is moments and stepper.step == 1
    assert repr(stepper) == f"{stepper.error}\n{words}" and stepper.figure().axes
    stepper.text = "bad"
    assert stepper.error == "" and stepper.moments


def test_it_says_which_set_a_text_is_in(stepper):
    for word, named in {"cab": "training", "ace": "validation", "cede": "test"}.items():
        stepper.text = word
        assert f"This text is in the {named} set." in stepper._whole.value and f"the {named} set" in repr(stepper)
    stepper.text = "ecad"
    assert "set." not in stepper._whole.value


def test_a_text_that_cannot_be_read_is_named_though_a_step_was_asked_for(task):
    with pytest.raises(ValueError, match=r"'ü', at position 2, is not known here"):
        DecoderStepper(recurrent(task), task, "bü", step=3)


def test_a_step_that_is_not_there_is_named(stepper):
    with pytest.raises(traitlets.TraitError, match=r"no step 99: this output has \d+ symbols"):
        stepper.step = 99


@pytest.mark.timed
def test_it_answers_in_under_100_ms(stepper, record_property):
    def latencies(word: str) -> tuple[float, ...]:
        stepper.text = word
        typed = stepper.latency_ms
        stepper._forward.click()
        return typed, stepper.latency_ms

    require_quick(lambda: [latency for word in WORDS for latency in latencies(word)], record_property)


@pytest.mark.slow
def test_the_static_view(task):
    views = [DecoderStepper(recurrent(task), task, "cab", step=1)._repr_mimebundle_() for _view in range(2)]
    assert views[0]["text/plain"] == views[1]["text/plain"] and views[0]["text/html"] == views[1]["text/html"]
    assert views[0]["text/plain"].startswith("cab: 1 symbol so far\n")


def test_a_space_is_seen_wherever_it_is_shown():
    examples = [Example(tuple("ab"), (tuple("x y"),))]
    spaced = Task("spaced", Vocabulary("ab"), Vocabulary("x y"), examples, [], {}, 9)
    stepper = DecoderStepper(recurrent(spaced), spaced, "ab", step=2, teacher_forcing=1.0)
    assert "The whole output: x ␣ y" in stepper._whole.value
    assert "␣" in [button.description for button in stepper._buttons]
    assert stepper._states()[0][1][-1] == "␣"
