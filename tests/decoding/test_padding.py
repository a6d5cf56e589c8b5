"""Prompts of several lengths in one batch: each row is what it is alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.decoding import beam_search, generate, greedy_search, left_pad, sample
from course.decoding.sampling import WithoutCache
from course.gpt import Decoder
from course.transformer import CausalTransformer, Transformer, TransformerConfig
from tests.support.gpt2 import as_gpt2, tiny_gpt2
from tests.support.llama import TOLERANCE, as_llama, difference, tiny_config, tiny_model
from tests.support.torch_layers import disturb

SIZES = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 2, "context_length": 40}


def causal(positions: str) -> CausalTransformer:
    config = TransformerConfig(61, 61, norm="pre", positions=positions, **SIZES)
    return disturb(CausalTransformer(config, torch.Generator().manual_seed(0))).eval()


MODELS = {
    "gpt2": lambda: tiny_model(tiny_gpt2()),
    "llama": lambda: tiny_model(tiny_config()),
    "gpt2, windows": lambda: tiny_model(tiny_gpt2(windows=(None, 3))),
    "llama, windows": lambda: tiny_model(tiny_config(windows=(4,))),
    **{scheme: (lambda scheme=scheme: causal(scheme)) for scheme in ("sinusoidal", "learned", "alibi", "none")},
}
PROMPTS = [[3, 1, 4, 1, 5, 9, 2, 6], [27], [18, 28, 18]]
every_model = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(scope="module")
def models():
    return {name: make() for name, make in MODELS.items()}


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.sampled_from(list(MODELS)),
    st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=12), min_size=1, max_size=4),
    st.integers(0, 60),
    st.integers(1, 5),
)
def test_a_padded_row_has_the_logits_of_the_row_alone(models, name, prompts, fill, later):
    model = models[name]
    ids, padding = left_pad(prompts, fill=fill)
    more = (ids[:, :1] + torch.arange(later)) % 61
    cache = model.new_cache(ids.shape[1] + later, len(prompts), padding=padding)
    with torch.no_grad():
        at_once = model(torch.cat((ids, more), dim=1), padding=padding)
        parts = [model(ids, cache), *(model(token, cache) for token in more.split(1, dim=1))]
        for row, prompt in enumerate(prompts):
            alone = model(torch.tensor([[*prompt, *more[row].tolist()]]))[0]
            assert difference(at_once[row, padding[row] :], alone) < TOLERANCE
            assert difference(torch.cat(parts, dim=1)[row, padding[row] :], alone) < TOLERANCE


@every_model
def test_every_strategy_decodes_a_padded_row_as_the_row_alone(models, name):
    model = models[name]
    ids, padding = left_pad(PROMPTS)
    options = {"eos_id": 7, "max_length": 6}
    greedy = greedy_search(model, ids, padding=padding, **options)
    beams = beam_search(model, ids, padding=padding, beam_size=3, **options)
    coldest = sample(model, ids, padding=padding, temperature=0.0, **options)
    for row, prompt in enumerate(PROMPTS):
        alone = torch.tensor([prompt])
        assert greedy[row].tokens == greedy_search(model, alone, **options)[0].tokens
        found = beam_search(model, alone, beam_size=3, **options)[0]
        assert [one.tokens for one in beams[row]] == [one.tokens for one in found]
        text = [step.token for step in generate(model, prompt, 6, stop={7})]
        assert coldest.tokens[row][coldest.drawn[row]].tolist()[: len(text)] == text == greedy[row].tokens


@every_model
def test_the_cache_changes_no_token_of_a_padded_batch(models, name):
    ids, padding = left_pad(PROMPTS)

    def drawn(model):
        options = {"eos_id": 7, "max_length": 9, "n_samples": 3, "top_p": 0.9, "temperature": 0.8}
        return sample(model, ids, padding=padding, generator=torch.Generator().manual_seed(4), **options)

    cached, uncached = drawn(models[name]), drawn(WithoutCache(models[name]))
    assert torch.equal(cached.tokens, uncached.tokens)
    torch.testing.assert_close(cached.log_probabilities, uncached.log_probabilities, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("config", "reference"), [(tiny_gpt2(), as_gpt2), (tiny_config(), as_llama)], ids=["gpt2", "llama"]
)
def test_transformers_continues_a_padded_batch_alike(config, reference):
    model = tiny_model(config)
    ids, padding = left_pad(PROMPTS)
    mask = (torch.arange(ids.shape[1]) >= padding[:, None]).long()
    options = {"do_sample": False, "min_new_tokens": 12, "max_new_tokens": 12, "pad_token_id": 0, "eos_token_id": None}
    expected = reference(model).generate(ids, attention_mask=mask, **options)[:, ids.shape[1] :]
    assert torch.equal(
        sample(model, ids, padding=padding, temperature=0.0, eos_id=None, max_length=12).tokens, expected
    )


def test_prompts_end_together():
    ids, padding = left_pad([[1, 2, 3], [4]], fill=9)
    assert ids.tolist() == [[1, 2, 3], [9, 9, 4]] and padding.tolist() == [0, 2]


@pytest.mark.parametrize("prompts", [[], [[1], []]])
def test_a_prompt_without_tokens_is_refused(prompts):
    with pytest.raises(ValueError, match="each needs one token or more: encode a text first"):
        left_pad(prompts)


def wrong_padding() -> list[tuple]:
    return [
        (torch.tensor([0, 3]), ValueError, "Row 1 has 3 places and padding of 3: it must be 0 or more, and leave one"),
        (torch.tensor([-1, 0]), ValueError, "Row 0 has 3 places and padding of -1"),
        (torch.tensor([0, 1, 1]), ValueError, r"one number for each of 2 rows, not the shape \(3,\)"),
        (torch.tensor([0.0, 1.0]), TypeError, "in whole numbers, not in torch.float32"),
        (torch.tensor([False, True]), TypeError, "in whole numbers, not in torch.bool"),
    ]


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(("padding", "error", "message"), wrong_padding(), ids=lambda value: str(value)[:30])
def test_padding_that_cannot_be_is_refused(models, padding, error, message):
    model, ids = models["gpt2"], torch.ones(2, 3, dtype=torch.long)
    with pytest.raises(error, match=message):
        model(ids, padding=padding)
    with pytest.raises(error, match=message):
        sample(model, ids, padding=padding, eos_id=None, max_length=2)


def test_padding_beside_a_cache_is_refused(models):
    model = models["gpt2"]
    with pytest.raises(ValueError, match="A cache knows its rows' padding"):
        model(torch.ones(1, 3, dtype=torch.long), model.new_cache(5), padding=torch.tensor([1]))


def test_a_model_with_a_padding_token_of_its_own_takes_none():
    model = Transformer(TransformerConfig(61, 61, **SIZES)).eval()
    ids, padding = left_pad(PROMPTS)
    with pytest.raises(TypeError, match="Transformer reads no padding on the left"):
        greedy_search(model, ids, eos_id=None, max_length=3, padding=padding)


def test_a_model_keeps_nothing_of_the_prompt_before():
    model = Decoder(tiny_gpt2(), torch.Generator().manual_seed(0)).eval()
    first, second = generate(model, [5, 6, 7], 12), generate(model, [7, 6, 5, 4], 12)
    steps = [(next(first).token, next(second).token) for _step in range(12)]  # by turns
    for column, prompt in enumerate(([5, 6, 7], [7, 6, 5, 4])):
        alone = [step.token for step in generate(model, prompt, 12)]
        assert [pair[column] for pair in steps] == alone
