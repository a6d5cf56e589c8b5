"""The merge stepper shows at each step what the training did."""

import pytest
import traitlets

from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.byte_alphabet import read_bytes
from course.viz.tokenization.merge_stepper import MergeStepper
from tests.support.speed import require_quick

TEXT = "low lower lowest new newer newest wide wider widest"


@pytest.fixture
def stepper():
    return MergeStepper(TEXT, n_merges=12)


def test_forward_and_back_end_where_they_began(stepper):
    start = repr(stepper)
    assert start.splitlines()[0] == "After 0 merges: 51 tokens. Every byte is a token."
    for _step in range(12):
        stepper.forward()
    assert stepper.step == 12
    stepper.forward()
    assert stepper.step == 12 and stepper.error == ""
    for _step in range(14):
        stepper.back()
    assert stepper.step == 0 and repr(stepper) == start


@pytest.mark.parametrize("step", [0, 1, 5, 12])
def test_the_tokens_are_those_of_a_tokenizer_with_as_many_merges(stepper, step):
    stepper.step = step
    tokenizer = ByteLevelBPE.train(TEXT, n_merges=step)
    assert [token for word in stepper.words for token in word] == [piece.token for piece in tokenizer.explain(TEXT)]
    assert stepper.token_counts[step] == len(stepper.strip.tokens) == len(tokenizer.encode(TEXT))


def test_the_first_pair_shown_is_the_one_merged_next(stepper):
    for step in range(12):
        stepper.step = step
        label, count = stepper.candidates[0]
        stepper.forward()
        left_right, made = stepper._merges()[-1].split(" → ")
        assert left_right == label and made.endswith(f"({count}×)")


def test_pairs_are_shown_after_the_last_merge_too(stepper):
    stepper.step = 12
    assert stepper.candidates


def test_only_what_the_last_merge_made_is_marked(stepper):
    stepper.step = 1
    marked = [token.text for token in stepper.strip.tokens if token.mark == "new"]
    assert marked == ["we"] * 4
    stepper.step = 0
    assert not any(token.mark for token in stepper.strip.tokens)


def test_slider_buttons_and_trait_are_one(stepper):
    stepper._slider.value = 3
    assert stepper.step == 3
    stepper._forward.click()
    assert stepper._slider.value == 4
    stepper._back.click()
    assert stepper.step == 3
    stepper.step = 0
    assert stepper._back.off and not stepper._forward.off
    stepper.step = 12
    assert stepper._forward.off and not stepper._back.off


def test_a_step_that_is_not_there_is_named(stepper):
    with pytest.raises(traitlets.TraitError, match="no step 13: this training has 12 merges"):
        stepper.step = 13


def test_a_text_with_fewer_merges_takes_the_step_along(stepper):
    stepper.step = 12
    stepper.text = "aaaa"
    assert stepper.step == stepper.last_step == 2
    assert [token.text for token in stepper.strip.tokens] == ["aaaa"]
    assert stepper.error == "" and repr(stepper).endswith("No pair is left to merge")


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "  \n", "a", "자연어 처리는 재미있다", "🎉🎉", "<script>alert(1)</script>"])
def test_odd_texts(stepper, text):
    stepper.text = text
    assert stepper.error == ""
    assert read_bytes("".join(token for word in stepper.words for token in word)).decode() == text
    assert stepper.figure().axes
    assert "<script>" not in "".join(child.value for child in (stepper._heading, stepper._pairs, stepper._list))


def test_a_text_over_the_limit_is_an_error(stepper):
    stepper.text = "a" * 5001
    assert stepper.error == "The text has 5,001 characters; the limit here is 5,000. Shorten it."


def test_bytes_of_a_character_are_shown_until_they_are_merged():
    stepper = MergeStepper("자 자 자 자", n_merges=3)
    assert "‹EC›" in [token.text for token in stepper.strip.tokens]
    stepper.step = 2
    assert "자" in [token.text for token in stepper.strip.tokens]


@pytest.mark.timed
def test_it_answers_in_under_100_ms(stepper, record_property):
    def latencies(end: int) -> tuple[float, float]:
        stepper.text = (TEXT * 10)[:end]
        typed = stepper.latency_ms
        stepper.forward()
        return typed, stepper.latency_ms

    require_quick(lambda: [latency for end in range(20, 400, 20) for latency in latencies(end)], record_property)


def test_more_merges_can_be_asked_for(stepper):
    stepper.n_merges = 20
    assert stepper.last_step == 20
    with pytest.raises(traitlets.TraitError):
        stepper.n_merges = 0


def test_the_static_view(stepper):
    stepper.step = 4
    bundle = stepper._repr_mimebundle_()
    assert bundle["text/plain"] == repr(MergeStepper(TEXT, n_merges=12, step=4))
    assert bundle["text/html"] == MergeStepper(TEXT, n_merges=12, step=4)._repr_mimebundle_()["text/html"]
