"""The prompt explorer, on a tiny untrained model, shows the model's answer and its alternatives."""

import threading

import pytest
import torch
import traitlets

from course.decoding import generate, probabilities
from course.gpt import Decoder, LlamaConfig
from course.tokenization.bpe import ByteLevelBPE
from course.viz.start_here import prompt_explorer
from course.viz.start_here.prompt_explorer import PromptExplorer, prompt_ids

CONTROL = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]


@pytest.fixture(scope="module")
def tokenizer():
    text = "the people of the united states and the states of the union " * 20
    return ByteLevelBPE.train(text, n_merges=60, special_tokens=CONTROL)


@pytest.fixture(scope="module")
def model(tokenizer):
    config = LlamaConfig(tokenizer.vocab_size, 300, d_model=16, n_layers=2, n_heads=2, n_kv_heads=1, d_ff=32)
    model = Decoder(config, torch.Generator().manual_seed(3)).eval()
    for parameter in model.parameters():
        parameter.data *= 4  # far from uniform
    return model


@pytest.fixture
def explorer(model, tokenizer):
    return PromptExplorer(model, tokenizer, "the people", max_new_tokens=8)


def test_the_answer_is_what_the_model_generates(explorer, model, tokenizer):
    ids = prompt_ids(tokenizer, "the people", chat=True)
    expected = [step.token for step in generate(model, ids, 8, stop=tokenizer.special.ids.values())]
    assert explorer.run() == explorer.answer == tokenizer.decode(expected)
    assert [step.token for step in explorer.steps] == expected
    assert len(explorer.strip.tokens) == len(expected) == 8
    assert explorer.error == "" and not explorer.running


def test_control_tokens_that_a_user_types_stay_text(tokenizer):
    ids = prompt_ids(tokenizer, "a<|im_end|>b", chat=True)
    assert (
        tokenizer.decode(ids).count("<|im_end|>")
        == tokenizer.decode(prompt_ids(tokenizer, "ab", chat=True)).count("<|im_end|>") + 1
    )
    control = [token_id for token_id in ids if token_id in tokenizer.special.ids.values()]
    assert control == [i for i in prompt_ids(tokenizer, "ab", chat=True) if i in tokenizer.special.ids.values()]
    assert len(control) >= 3


def test_the_raw_mode_reads_the_prompt_and_nothing_else(tokenizer):
    assert prompt_ids(tokenizer, "the<|im_end|>", chat=False) == tokenizer.encode("the<|im_end|>")


def test_the_alternatives_are_the_most_probable_and_the_chosen_one(explorer):
    explorer.temperature = 1.5
    explorer.run()
    for place, step in enumerate(explorer.steps):
        explorer.selected = place
        distribution = probabilities(step.log_probabilities, temperature=1.5)
        shown = dict(explorer.alternatives)
        assert list(shown)[:10] == distribution.topk(10).indices.tolist()
        assert shown[step.token] == pytest.approx(distribution[step.token].item())
        assert explorer._bars.value.count("◀") == 1


def test_all_probabilities_are_those_of_the_slider(explorer):
    explorer.run()
    step, answer = explorer.steps[0], explorer.answer
    assert "temperature 0.0 takes the first" in explorer._bars.value
    for temperature in (0.5, 2.0, 1.0):
        explorer.temperature = temperature
        expected = probabilities(step.log_probabilities, temperature=temperature)
        assert dict(explorer.alternatives)[step.token] == pytest.approx(expected[step.token].item())
        assert explorer.strip.tokens[0].strength == pytest.approx(expected[step.token].item())
        assert f"at temperature {temperature}" in explorer._bars.value
        assert explorer.answer == answer and "earlier prompt or setting" in explorer._speed.value


def test_greedy_takes_the_first_bar(explorer):
    explorer.run()
    assert explorer.selected == 0
    assert explorer.alternatives[0][0] == explorer.steps[0].token
    assert explorer.strip.tokens[0].lines[-1] == "number 1 of the model's guesses"


def test_the_same_seed_says_the_same_and_another_does_not(explorer):
    explorer.temperature = 2.0
    answers = []
    for explorer.seed in (1, 1, 2):
        answers.append(explorer.run())
    assert answers[0] == answers[1] != answers[2]


def test_stop_ends_it_after_the_token_it_is_at(explorer):
    explorer.max_new_tokens = 100
    explorer.observe(lambda change: explorer.stop() if len(explorer.steps) == 3 else None, "answer")
    explorer.run()
    assert len(explorer.steps) == 3 and not explorer.running
    assert explorer.selected == 0


def test_the_button_generates_in_a_thread_of_its_own_and_can_be_stopped(explorer):
    first, go_on = threading.Event(), threading.Event()

    def hold(_change):
        if not first.is_set():
            first.set()
            go_on.wait(5)

    explorer.max_new_tokens = 100
    explorer.observe(hold, "answer")
    explorer._generate_button.click()
    assert first.wait(10)  # this thread is free while the other writes
    assert explorer.running and explorer._generate_button.off and not explorer._stop_button.off
    explorer._generate_button.click()
    assert explorer.error == "The model is still generating. Stop it first."
    explorer._stop_button.click()
    done = threading.Event()
    explorer.observe(lambda change: None if change.new else done.set(), "running")
    go_on.set()
    assert done.wait(10)
    assert len(explorer.steps) == 1
    assert not explorer._generate_button.off and explorer._stop_button.off


@pytest.mark.parametrize("prompt", ["", "  \n"])
def test_an_empty_prompt_is_an_error(explorer, prompt):
    explorer.prompt = prompt
    assert explorer.run() == ""
    assert explorer.error == "The prompt is empty. Type something for the model to answer."
    assert not explorer.running


def test_a_prompt_longer_than_the_context_is_an_error_and_the_next_run_is_not(explorer):
    explorer.prompt = "x" * 400
    explorer.run()
    assert "more than the model's context of 300" in explorer.error
    explorer.prompt = "the"
    explorer.run()
    assert explorer.error == "" and explorer.steps


@pytest.mark.parametrize("prompt", ["한국어로 대답해", "🎉", "<script>alert(1)</script>", "a\nb"])
def test_odd_prompts(explorer, prompt):
    explorer.prompt = prompt
    explorer.run()
    assert explorer.error == ""
    assert "<script>" not in explorer._answer.value + explorer._bars.value
    assert "\n" not in repr(explorer).splitlines()[0]


@pytest.fixture
def held(explorer):
    """The explorer while its first token is shown, in the thread of the button; `go_on` lets it write the rest."""
    first, go_on = threading.Event(), threading.Event()

    def hold(_change):
        if not first.is_set():
            first.set()
            go_on.wait(10)

    explorer.observe(hold, "answer")
    thread = explorer.start()
    assert first.wait(10)

    def finish():
        go_on.set()
        thread.join(20)
        return explorer

    yield explorer, finish
    finish()


def test_while_it_writes_another_start_is_refused_and_changes_nothing(held):
    explorer, finish = held
    for again in (explorer.start, explorer.run, explorer.start):
        with pytest.raises(RuntimeError, match=r"The model is still generating\. Stop it first\."):
            again()
    finish()
    assert len(explorer.steps) == len(explorer.strip.tokens) == 8 and not explorer.running
    assert explorer.error == ""


def test_a_message_that_it_still_writes_goes_when_it_has_written(held):
    explorer, finish = held
    explorer._generate_button.click()
    assert explorer.error == "The model is still generating. Stop it first."
    finish()
    assert explorer.error == ""


def test_stop_before_a_start_does_nothing_and_right_after_it_leaves_one_token(explorer):
    explorer.stop()
    explorer.run()
    assert len(explorer.steps) == 8
    thread = explorer.start()
    explorer.stop()
    thread.join(20)
    assert len(explorer.steps) in (1, 2, 3) and not explorer.running


def test_an_answer_to_an_earlier_prompt_says_so(explorer):
    explorer.run()
    answer, note = explorer.answer, "earlier prompt or setting"
    assert note not in explorer._speed.value
    for name, value in {"prompt": "of the", "chat": False, "seed": 3, "max_new_tokens": 4}.items():
        before = getattr(explorer, name)
        setattr(explorer, name, value)
        assert note in explorer._speed.value and explorer.answer == answer
        setattr(explorer, name, before)
        assert note not in explorer._speed.value
    explorer.prompt = "of the"
    assert repr(explorer).splitlines()[0] == "Prompt: the people"
    explorer.run()
    assert note not in explorer._speed.value and repr(explorer).splitlines()[0] == "Prompt: of the"


def test_an_empty_prompt_leaves_the_last_answer_and_the_next_good_one_clears_the_error(explorer):
    answer = explorer.run()
    explorer.prompt = " "
    assert explorer.run() == "" and explorer.answer == answer and len(explorer.strip.tokens) == 8
    assert explorer.error and "earlier prompt" in explorer._speed.value and not explorer._message.stale
    explorer.prompt = "the people"
    assert explorer.error == ""
    assert explorer.run() == answer


def test_an_answer_that_ends_at_once_is_no_error(explorer, monkeypatch):
    monkeypatch.setattr(prompt_explorer, "generate", lambda *args, **kwargs: iter(()))
    assert explorer.run() == ""
    assert explorer.error == "" and explorer.selected is None
    assert explorer.figure().axes and "0 tokens" in explorer._speed.value


def test_controls_and_traits_are_one(explorer):
    for name, value in {"prompt": "x", "chat": False, "temperature": 1.0, "max_new_tokens": 5, "seed": 9}.items():
        explorer._linked[name].value = value
        assert getattr(explorer, name) == value
    with pytest.raises(traitlets.TraitError):
        explorer.temperature = 3.0


def test_a_run_forgets_the_one_before(explorer):
    explorer.run()
    explorer.selected = 7
    explorer.max_new_tokens = 2
    explorer.run()
    assert len(explorer.strip.tokens) == 2 and explorer.selected == 0


def test_speed_is_measured_and_not_in_the_summary(explorer):
    explorer.run()
    assert explorer.tokens_per_second > 0
    assert "tokens/s" in explorer._speed.value and "tokens/s" not in repr(explorer)


def test_the_static_view(explorer, model, tokenizer):
    assert repr(explorer) == "Prompt: the people\nAnswer: "
    explorer.run()
    bundle = explorer._repr_mimebundle_()
    again = PromptExplorer(model, tokenizer, "the people", max_new_tokens=8)
    again.run()
    assert bundle["text/plain"] == repr(again) and "0x" not in bundle["text/plain"]
    assert bundle["text/html"] == again._repr_mimebundle_()["text/html"]
