import itertools
import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from course.decoding import generate, probabilities, sample
from course.decoding.sampling import draw
from course.gpt import Decoder
from tests.support.llama import TINY_CONFIGS, as_llama, llama_greedy, random_ids, tiny_config, tiny_model

CONFIG = tiny_config()


@st.composite
def distinct_logits(draw) -> torch.Tensor:
    """Logits without ties, so that there is one right set of most probable tokens."""
    steps = draw(st.lists(st.integers(-400, 400), min_size=1, max_size=30, unique=True))
    return torch.tensor(steps) / 40


temperatures = st.floats(0.25, 4.0)


@given(distinct_logits(), temperatures, st.none() | st.integers(1, 40), st.none() | st.floats(0.01, 1.0))
def test_every_distribution_sums_to_one_and_keeps_the_order(logits, temperature, top_k, top_p):
    chances = probabilities(logits, temperature=temperature, top_k=top_k, top_p=top_p)
    assert (chances >= 0).all()
    torch.testing.assert_close(chances.sum(), torch.tensor(1.0))
    assert chances.argmax() == logits.argmax()
    assert (chances[logits.argsort()].diff() >= -1e-7).all(), "a more probable token never gets a smaller chance"


@given(distinct_logits(), temperatures)
def test_no_limit_is_softmax_and_limits_that_let_all_pass_change_nothing(logits, temperature):
    plain = probabilities(logits, temperature=temperature)
    torch.testing.assert_close(plain, (logits / temperature).softmax(dim=-1))
    assert torch.equal(probabilities(logits, temperature=temperature, top_k=len(logits), top_p=1.0), plain)
    assert torch.equal(probabilities(logits, temperature=temperature, top_k=10**6), plain)


@given(distinct_logits(), st.integers(1, 40))
def test_top_k_keeps_the_k_most_probable_in_proportion(logits, top_k):
    chances, plain = probabilities(logits, top_k=top_k), probabilities(logits)
    kept = logits.argsort(descending=True)[:top_k]
    expected = torch.zeros_like(plain).scatter(0, kept, plain[kept] / plain[kept].sum())
    torch.testing.assert_close(chances, expected)


@given(distinct_logits(), st.floats(0.01, 0.999))
def test_top_p_keeps_the_fewest_most_probable_that_reach_p(logits, top_p):
    chances, plain = probabilities(logits, top_p=top_p), probabilities(logits).double()
    falling = plain.sort(descending=True).values
    sums = falling.cumsum(dim=0)
    assume((sums - top_p).abs().min() > 1e-5)  # else rounding decides
    n_kept = int((sums < top_p).sum()) + 1 if sums[-1] > top_p else len(plain)
    assert set(chances.nonzero().flatten().tolist()) == set(logits.argsort(descending=True)[:n_kept].tolist())
    torch.testing.assert_close(chances.max().double(), plain.max() / falling[:n_kept].sum(), atol=1e-6, rtol=1e-5)


def test_top_p_counts_within_the_top_k():
    logits = torch.tensor([0.4, 0.3, 0.2, 0.1]).log()
    chances = probabilities(logits, top_k=2, top_p=0.55)  # of two, the first has 4/7 > 0.55
    torch.testing.assert_close(chances, torch.tensor([1.0, 0, 0, 0]))


@given(distinct_logits(), st.sampled_from([0.0, 1e-6, 1e-38]))
def test_temperature_towards_zero_is_greedy(logits, temperature):
    greedy = torch.zeros_like(logits)
    greedy[logits.argmax()] = 1.0
    assert torch.equal(probabilities(logits, temperature=temperature), greedy)


def test_ties_keep_exactly_k_tokens_and_rows_are_independent():
    logits = torch.zeros(2, 3, 8)
    assert ((probabilities(logits, top_k=3) > 0).sum(dim=-1) == 3).all()
    rows = torch.randn(4, 9)
    batch = probabilities(rows, temperature=0.7, top_k=5, top_p=0.8)
    for row, chances in zip(rows, batch, strict=True):
        torch.testing.assert_close(probabilities(row, temperature=0.7, top_k=5, top_p=0.8), chances)


@pytest.mark.parametrize("temperature", [1e-30, 1e-50, 5e-324])
def test_a_temperature_close_to_0_gives_numbers(temperature):
    chances = probabilities(torch.tensor([[1.0, 2.0, 3.0], [4.0, 4.0, -math.inf]]), temperature=temperature)
    assert chances.tolist() == [[0.0, 0.0, 1.0], [0.5, 0.5, 0.0]]


@pytest.mark.parametrize("top_p", [1e-30, 1e-50, 5e-324])
def test_a_top_p_close_to_0_keeps_the_most_probable(top_p):
    assert probabilities(torch.tensor([[1.0, 2.0, 3.0], [4.0, 4.0, 0.0]]), top_p=top_p).argmax(dim=1).tolist() == [2, 0]
    assert probabilities(torch.tensor([1.0, 3.0]), top_p=top_p).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_logits_in_half_precision_are_cut_as_in_full(dtype):
    logits = torch.linspace(-1, 1, 4000).to(dtype)
    chances, expected = (probabilities(each, top_p=0.5) for each in (logits, logits.float()))
    assert torch.equal(chances, expected) and chances.sum().item() == pytest.approx(1)


@pytest.mark.parametrize("chances", [[0.0, 0.0], [math.nan, 1.0]])
def test_what_is_no_distribution_is_not_drawn_from(chances):
    with pytest.raises(ValueError, match="no token can be drawn"):
        draw(torch.tensor([[0.5, 0.5], chances]))


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("row", [[-math.inf, -math.inf], [1.0, math.nan], [math.inf, 1.0]])
def test_a_row_without_a_finite_best_is_refused(row, temperature):
    with pytest.raises(ValueError, match="In row 1 the model gives no token a finite log-probability"):
        probabilities(torch.tensor([[1.0, 2.0], row]), temperature=temperature)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("temperature", -0.1),
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("top_k", 0),
        ("top_k", 2.5),
        ("top_k", True),
        ("top_p", 0.0),
        ("top_p", 1.1),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_settings_without_meaning_are_refused(setting, value):
    with pytest.raises(ValueError, match=f"{setting} is {value}"):
        probabilities(torch.zeros(3), **{setting: value})
    with pytest.raises(ValueError, match=f"{setting} is {value}"):
        generate(tiny_model(CONFIG), [1], 3, **{setting: value})


def tokens(model, ids, n, **settings) -> list[int]:
    if "seed" in settings:
        settings["generator"] = torch.Generator().manual_seed(settings.pop("seed"))
    return [step.token for step in generate(model, ids, n, **settings)]


@pytest.mark.slow
@pytest.mark.parametrize("config", TINY_CONFIGS, ids=str)
def test_greedy_generation_equals_transformers(config):
    model, ids = tiny_model(config), random_ids(config, batch=1, length=5)
    assert tokens(model, ids[0], 30) == llama_greedy(as_llama(model), ids, 30)


@pytest.mark.slow
@pytest.mark.parametrize("config", TINY_CONFIGS, ids=str)
@pytest.mark.parametrize(
    "settings",
    [{}, {"temperature": 1.0}, {"temperature": 1.5, "top_k": 20}, {"temperature": 0.8, "top_p": 0.9}],
    ids=str,
)
def test_the_cache_changes_no_token(config, settings):
    model, prompt = tiny_model(config), random_ids(config)[0].tolist()
    cached, uncached = (
        tokens(model, prompt, 30, **settings, seed=3, use_cache=use_cache) for use_cache in (True, False)
    )
    assert cached == uncached and len(cached) == 30


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8).filter(any), st.integers(0, 2**32))
def test_a_draw_is_a_token_of_some_probability(weights, seed):
    chances = torch.tensor([weights] * 50, dtype=torch.float32) / sum(weights)
    drawn = draw(chances, torch.Generator().manual_seed(seed))
    assert drawn.shape == (50, 1) and (chances.gather(1, drawn) > 0).all()


def test_each_row_is_drawn_by_itself_with_its_own_probabilities():
    chances = torch.tensor([[0.1, 0.0, 0.6, 0.3], [0.0, 0.5, 0.0, 0.5]]).repeat_interleave(20_000, dim=0)
    drawn = draw(chances, torch.Generator().manual_seed(0))[:, 0]
    for row, part in enumerate(drawn.split(20_000)):
        shares = torch.bincount(part, minlength=4) / 20_000
        assert (shares - chances[20_000 * row]).abs().max() < 6 * 0.5 / 20_000**0.5  # six standard errors at most


def test_a_temperature_of_0_is_argmax_also_where_two_tokens_are_equally_probable():
    assert probabilities(torch.tensor([1.0, 2.0, 2.0]), temperature=0.0).tolist() == [0.0, 1.0, 0.0]


def test_of_equally_probable_tokens_those_with_the_lower_ids_are_kept():
    logits = torch.tensor([[1.0, 3.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    assert (probabilities(logits, top_k=3) > 0).tolist() == [[False, True, True, True, False], [True] * 3 + [False] * 2]
    assert (probabilities(logits, top_p=0.5) > 0)[1].tolist() == [True] * 3 + [False] * 2


def test_the_token_that_crosses_p_is_kept_and_the_rest_renormalized():
    chances = probabilities(torch.tensor([0.5, 0.3, 0.2]).log(), top_p=0.6)
    torch.testing.assert_close(chances, torch.tensor([5 / 8, 3 / 8, 0]))
    torch.testing.assert_close(probabilities(torch.tensor([0.5, 0.3, 0.2]).log(), top_p=1e-9)[0], torch.tensor(1.0))


def test_temperature_comes_before_top_p():
    hot = probabilities(torch.tensor([0.5, 0.3, 0.2]).log(), temperature=10.0, top_p=0.6)
    assert (hot > 0).tolist() == [True, True, False], "nearly even, so that two are needed"
    cold = probabilities(torch.tensor([0.5, 0.3, 0.2]).log(), temperature=0.2, top_p=0.6)
    assert cold.tolist() == [1, 0, 0]


def test_the_first_token_of_several_samples_is_drawn_for_each():
    model = Decoder(CONFIG, torch.Generator().manual_seed(0)).eval()  # fresh: nearly uniform
    drawn = sample(
        model,
        torch.tensor([[1, 2]]),
        eos_id=None,
        max_length=1,
        n_samples=40,
        generator=torch.Generator().manual_seed(0),
    )
    assert len(set(drawn.tokens[:, 0].tolist())) > 10


def test_the_same_seed_gives_the_same_text_and_another_seed_another():
    model = tiny_model(CONFIG)
    first, again, other = (tokens(model, [1, 2], 30, temperature=1.0, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.slow
def test_draws_follow_the_probabilities():
    model = tiny_model(CONFIG)
    (step,) = generate(model, [4, 5], 1)
    expected = probabilities(step.log_probabilities, temperature=1.2, top_k=5)
    drawn = torch.zeros(CONFIG.vocab_size)
    generator = torch.Generator().manual_seed(0)
    for _draw in range(200):
        (sample,) = generate(model, [4, 5], 1, temperature=1.2, top_k=5, generator=generator)
        drawn[sample.token] += 1 / 200
    assert (drawn[expected == 0] == 0).all()
    assert (drawn - expected).abs().max() < 0.12


def test_each_step_brings_the_log_probabilities_it_was_chosen_by():
    model, ids = tiny_model(CONFIG), [3, 1, 4]
    for step in generate(model, ids, 10, temperature=1.0, generator=torch.Generator().manual_seed(0)):
        with torch.no_grad():
            expected = model(torch.tensor([ids]))[0, -1].log_softmax(dim=-1)
        torch.testing.assert_close(step.log_probabilities, expected, atol=1e-5, rtol=1e-5)
        assert not step.log_probabilities.is_inference(), "a learner may compute on"
        ids = [*ids, step.token]


def test_a_stop_token_ends_the_text_and_is_not_given():
    model = tiny_model(CONFIG)
    whole = tokens(model, [1, 2, 3], 20)
    end = whole[7]
    assert tokens(model, [1, 2, 3], 20, stop={end}) == whole[: whole.index(end)]
    assert tokens(model, [1, 2, 3], 0) == []


def test_tokens_stream(monkeypatch):
    model, passes = tiny_model(CONFIG), []
    read = model.next_token_logits
    monkeypatch.setattr(model, "next_token_logits", lambda ids, cache: passes.append(ids.shape[1]) or read(ids, cache))
    steps = generate(model, [1, 2, 3], 20)
    assert passes == [], "nothing is computed before it is asked for"
    assert len([*itertools.islice(steps, 2)]) == 2
    assert passes == [3, 1], "the prompt is read once, then one token at a time"


def test_what_does_not_fit_the_context_is_refused_at_once():
    model = tiny_model(CONFIG)
    with pytest.raises(ValueError, match=r"40 tokens of prompt and 9 new ones .* context of 48.* at most 8 new tokens"):
        generate(model, [1] * 40, 9)
    assert len(tokens(model, [1] * 40, 8)) == 8
    for n_prompt in (48, 60):
        with pytest.raises(ValueError, match=rf"{n_prompt} tokens of prompt .* context of 48\. Shorten the prompt\.$"):
            generate(model, [1] * n_prompt, 9)
    with pytest.raises(ValueError, match="one row of token ids"):
        generate(model, [], 3)
    with pytest.raises(ValueError, match="Token id 61 is unknown"):
        next(generate(model, [61], 3))
