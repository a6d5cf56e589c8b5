"""One protocol: every model of the course that predicts is decoded by every strategy, alone and in a batch."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.decoding import Decodable, State, beam_search, generate, greedy_search, probabilities, sample
from course.pretrained import load
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.transformer import CausalTransformer, Transformer, TransformerConfig
from tests.support.llama import tiny_config, tiny_model
from tests.support.torch_layers import disturb

BOS, EOS, VOCAB = 1, 2, 9
SOURCE = torch.tensor([[3, 4, 5, 6], [7, 8, 3, 3], [5, 5, 5, 4]])


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def transformer_config(**changes: object) -> TransformerConfig:
    sizes = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 2, "context_length": 24}
    return TransformerConfig(VOCAB, VOCAB, **sizes, **changes)


def recurrent(cell: str, attention: str | None) -> Seq2Seq:
    model = Seq2Seq(Seq2SeqConfig(VOCAB, VOCAB, d_embedding=5, d_hidden=6, cell=cell, attention=attention), seeded(0))
    return disturb(model).eval()


MODELS = {
    "lstm": lambda: recurrent("lstm", None),
    "gru, attention": lambda: recurrent("gru", "general"),
    "transformer": lambda: disturb(Transformer(transformer_config(), seeded(0))).eval(),
    "transformer, rotary": lambda: disturb(Transformer(transformer_config(positions="rotary"), seeded(0))).eval(),
    "causal transformer": lambda: disturb(CausalTransformer(transformer_config(norm="pre"), seeded(0))).eval(),
    "causal transformer, alibi": lambda: disturb(CausalTransformer(transformer_config(positions="alibi"), seeded(0))),
    "decoder": lambda: tiny_model(tiny_config(vocab_size=VOCAB)),
}
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


def scores(model, source: torch.Tensor, output: list[int]) -> torch.Tensor:
    """The log-probability of each token of an output, from one pass over all of it: (position, vocab)."""
    if isinstance(model, Seq2Seq | Transformer):
        logits = model(source[None], torch.tensor([[BOS, *output[:-1]]]))[0]
    else:
        logits = model(torch.tensor([[*source.tolist(), *output[:-1]]]))[0, len(source) - 1 :]
    return logits.log_softmax(dim=-1)


@every_model
def test_every_model_follows_the_protocol(make):
    model = make().eval()
    assert isinstance(model, Decodable)
    first, state = model.start(SOURCE, 3)
    assert isinstance(state, State)
    torch.testing.assert_close(first.exp().sum(dim=-1), torch.ones(3))


@pytest.mark.slow
@every_model
def test_log_probabilities_are_those_of_one_pass(make):
    model = make().eval()
    with torch.no_grad():
        for source, found in zip(SOURCE, greedy_search(model, SOURCE, eos_id=EOS, max_length=6), strict=True):
            output = [*found.tokens, EOS] if found.finished else found.tokens
            expected = scores(model, source, output)
            assert expected.argmax(dim=-1).tolist() == output
            total = expected.gather(1, torch.tensor(output)[:, None]).sum().item()
            assert found.log_probability == pytest.approx(total, abs=1e-4)


@pytest.mark.slow
@every_model
def test_a_beam_of_all_outputs_finds_the_most_probable(make):
    model, source = make().eval(), SOURCE[:1]
    (beam,) = beam_search(model, source, eos_id=EOS, max_length=2, beam_size=VOCAB * VOCAB)
    every = {}
    with torch.no_grad():
        for output in [[EOS], *([a, b] for a, b in itertools.product(range(VOCAB), repeat=2) if a != EOS)]:
            every[tuple(output)] = (
                scores(model, source[0], output).gather(1, torch.tensor(output)[:, None]).sum().item()
            )
    best = max(every, key=every.get)
    found = (*beam[0].tokens, *([EOS] if beam[0].finished else []))
    assert found == best
    assert beam[0].log_probability == pytest.approx(every[best], abs=1e-4)


@pytest.mark.slow
@every_model
def test_a_row_of_a_batch_decodes_as_alone(make):
    model = make().eval()
    together = greedy_search(model, SOURCE, eos_id=EOS, max_length=6)
    alone = [greedy_search(model, row[None], eos_id=EOS, max_length=6)[0] for row in SOURCE]
    assert [one.tokens for one in together] == [one.tokens for one in alone]


@pytest.mark.slow
@every_model
def test_samples_follow_the_model_and_bring_its_log_probabilities(make):
    model = make().eval()
    n = 4000
    drawn = sample(model, SOURCE[:2], eos_id=EOS, max_length=1, n_samples=n, generator=seeded(1))
    assert drawn.tokens.shape == (2 * n, 1) and drawn.drawn.all()
    first, _state = model.start(SOURCE[:2], 1)
    for row in range(2):
        tokens = drawn.tokens[row * n : (row + 1) * n, 0]
        shares = torch.bincount(tokens, minlength=VOCAB) / n
        # Six standard errors of a share, at most 0.5 / sqrt(n) each.
        assert (shares - first[row].exp()).abs().max() < 6 * 0.5 / n**0.5
        torch.testing.assert_close(
            drawn.log_probabilities[row * n : (row + 1) * n, 0], first[row][tokens], atol=1e-5, rtol=1e-5
        )


@pytest.mark.slow
@every_model
@pytest.mark.parametrize(
    "settings", [{}, {"temperature": 0.7}, {"temperature": 1.3, "top_k": 4}, {"top_p": 0.8}], ids=str
)
def test_each_token_of_a_sample_has_the_log_probability_of_its_draw(make, settings):
    model = make().eval()
    drawn = sample(model, SOURCE, eos_id=EOS, max_length=7, n_samples=3, generator=seeded(2), **settings)
    lengths = drawn.drawn.sum(dim=1)
    for row, (tokens, said, length) in enumerate(zip(*drawn[:2], lengths, strict=True)):
        output = tokens[:length].tolist()
        assert EOS not in output[:-1] and (output[-1] == EOS or length == 7)
        assert (tokens[length:] == EOS).all() and (said[length:] == 0).all()
        with torch.no_grad():
            chances = probabilities(scores(model, SOURCE[row // 3], output), **settings)
        expected = chances.gather(1, torch.tensor(output)[:, None])[:, 0].log()
        torch.testing.assert_close(said[:length], expected, atol=1e-4, rtol=1e-4)


@every_model
def test_a_temperature_of_0_is_greedy_search(make):
    model = make().eval()
    greedy = greedy_search(model, SOURCE, eos_id=EOS, max_length=6)
    drawn = sample(model, SOURCE, eos_id=EOS, max_length=6, temperature=0.0)
    for tokens, lengths, found in zip(drawn.tokens, drawn.drawn.sum(dim=1), greedy, strict=True):
        assert tokens[:lengths].tolist() == [*found.tokens, *([EOS] if found.finished else [])]


@pytest.mark.slow
@every_model
def test_the_same_seed_draws_the_same_and_rows_draw_their_own(make):
    model = make().eval()
    settings = {"eos_id": None, "max_length": 6, "n_samples": 8}
    first, again, other = (sample(model, SOURCE[:1], generator=seeded(s), **settings).tokens for s in (3, 3, 4))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert len({tuple(row) for row in first.tolist()}) > 1, "all rows of one source drew the same"


@pytest.mark.slow
@every_model
def test_generate_is_a_sample_of_one_row(make):
    model = make().eval()
    steps = list(generate(model, SOURCE[0], 6, temperature=1.0, generator=seeded(5)))
    drawn = sample(model, SOURCE[:1], eos_id=None, max_length=6, generator=seeded(5))
    assert [step.token for step in steps] == drawn.tokens[0].tolist()


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(MODELS)), st.integers(0, 5), st.integers(0, 4))
def test_nothing_is_asked_of_a_model_that_is_not_needed(name, max_length, n_samples):
    model = MODELS[name]().eval()
    assert all(found.tokens == [] for found in greedy_search(model, SOURCE, eos_id=EOS, max_length=0))
    assert beam_search(model, SOURCE, eos_id=EOS, max_length=0)[0][0].tokens == []
    drawn = sample(model, SOURCE, eos_id=EOS, max_length=max_length, n_samples=n_samples, generator=seeded(0))
    assert drawn.tokens.shape[0] == 3 * n_samples and drawn.tokens.shape[1] <= max_length
    assert drawn.tokens.shape == drawn.log_probabilities.shape == drawn.drawn.shape


@pytest.mark.parametrize("name", ["transformer", "causal transformer", "decoder"])
def test_what_does_not_fit_the_context_is_refused_before_anything_is_read(name):
    model = MODELS[name]().eval()
    limit = model.config.context_length
    for decode in (
        lambda: greedy_search(model, SOURCE, eos_id=EOS, max_length=limit + 1),
        lambda: beam_search(model, SOURCE, eos_id=EOS, max_length=limit + 1),
        lambda: sample(model, SOURCE, eos_id=EOS, max_length=limit + 1),
        lambda: generate(model, SOURCE[0], limit + 1),
        lambda: model.start(SOURCE, limit + 1),
    ):
        with pytest.raises(ValueError, match=f"more than the model's context of {limit}"):
            decode()


@pytest.mark.slow
@every_model
def test_without_an_end_mark_every_output_has_the_greatest_length(make):
    model = make().eval()
    greedy = greedy_search(model, SOURCE, eos_id=None, max_length=5)
    beams = beam_search(model, SOURCE, eos_id=None, max_length=5, beam_size=1)
    assert [found.tokens for found in greedy] == [beam[0].tokens for beam in beams]
    assert all(len(found.tokens) == 5 and not found.finished for found in greedy)


def test_numbers_below_their_least_are_refused():
    model = MODELS["decoder"]()
    with pytest.raises(ValueError, match="beam_size is 0; it must be 1 or more"):
        beam_search(model, SOURCE, eos_id=EOS, max_length=3, beam_size=0)
    with pytest.raises(ValueError, match="n_samples is -2; it must be 0 or more"):
        sample(model, SOURCE, eos_id=EOS, max_length=3, n_samples=-2)
    for decode in (greedy_search, beam_search, sample):
        with pytest.raises(ValueError, match="max_length is -1; it must be 0 or more"):
            decode(model, SOURCE, eos_id=EOS, max_length=-1)
    with pytest.raises(ValueError, match="max_new_tokens is -100; it must be 0 or more"):
        generate(model, SOURCE[0], -100)


@pytest.mark.usefixtures("unchecked_shapes")
def test_only_a_causal_language_model_can_read_its_text_again():
    with pytest.raises(ValueError, match="Seq2Seq cannot be decoded without its state"):
        generate(MODELS["lstm"](), SOURCE[0], 3, use_cache=False)


@pytest.mark.slow
@pytest.mark.parametrize("value", [math.nan, math.inf])
@every_model
def test_scores_that_are_no_numbers_are_refused_by_every_strategy(make, value):
    model = make().eval()
    output = model.decoder.output if isinstance(model, Seq2Seq) else model.output
    output.register_forward_hook(lambda _module, _inputs, logits: torch.full_like(logits, value))
    for decode in (
        lambda: greedy_search(model, SOURCE, eos_id=EOS, max_length=3),
        lambda: beam_search(model, SOURCE, eos_id=EOS, max_length=3),
        lambda: sample(model, SOURCE, eos_id=EOS, max_length=3),
        lambda: sample(model, SOURCE, eos_id=EOS, max_length=3, temperature=0.0),
        lambda: list(generate(model, SOURCE[0], 3)),
    ):
        with pytest.raises(ValueError, match="In row 0 the model gives no token a finite log-probability"):
            decode()


@pytest.mark.slow
@every_model
def test_a_model_in_float64_is_decoded_in_float64(make):
    model = make().eval().double()
    drawn = sample(model, SOURCE, eos_id=EOS, max_length=4, generator=seeded(0))
    assert drawn.log_probabilities.dtype is torch.float64
    with torch.no_grad():
        for source, found in zip(SOURCE, greedy_search(model, SOURCE, eos_id=EOS, max_length=4), strict=True):
            output = [*found.tokens, *([EOS] if found.finished else [])]
            total = scores(model, source, output).gather(1, torch.tensor(output)[:, None]).sum().item()
            assert found.log_probability == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("eos_id", [VOCAB, -1, True, 2.0])
@pytest.mark.usefixtures("unchecked_shapes")
def test_an_end_mark_that_the_model_does_not_have_is_refused(eos_id):
    model = MODELS["decoder"]()
    for decode in (greedy_search, beam_search, sample):
        with pytest.raises(ValueError, match="this model's tokens are 0 to 8"):
            decode(model, SOURCE, eos_id=eos_id, max_length=3)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_model_that_predicts_nothing_is_named():
    encoder = Transformer(transformer_config()).encoder
    for decode in (greedy_search, beam_search, sample):
        with pytest.raises(TypeError, match="TransformerEncoder cannot be decoded"):
            decode(encoder, SOURCE, eos_id=EOS, max_length=3)


def test_an_output_without_limit_takes_no_memory_before_it_is_there():
    model = MODELS["lstm"]().eval()
    with torch.no_grad():
        model.decoder.output.bias[EOS] = 100.0
    assert greedy_search(model, SOURCE, eos_id=EOS, max_length=10**10)[0].tokens == []
    assert sample(model, SOURCE, eos_id=EOS, max_length=10**10, generator=seeded(0)).tokens.shape == (3, 1)


@pytest.mark.slow
def test_smollm2_is_searched_and_sampled_in_a_batch():
    model, tokenizer = load()
    end = tokenizer.special.ids["<|im_end|>"]
    prompts = torch.tensor([tokenizer.encode("The capital of France is"), tokenizer.encode("The capital of Italy is")])
    greedy = greedy_search(model, prompts, eos_id=end, max_length=8)
    assert "Paris" in tokenizer.decode(greedy[0].tokens) and "Rome" in tokenizer.decode(greedy[1].tokens)
    beams = beam_search(model, prompts, eos_id=end, max_length=8, beam_size=3)
    for best, one in zip(beams, greedy, strict=True):
        assert best[0].log_probability >= one.log_probability - 1e-3
        assert [found.score for found in best] == sorted((found.score for found in best), reverse=True)
    drawn = sample(model, prompts, eos_id=end, max_length=8, n_samples=2, temperature=0.8, generator=seeded(0))
    with torch.no_grad():
        for row, tokens in enumerate(drawn.tokens):
            output = tokens[: int(drawn.drawn[row].sum())].tolist()
            chances = (scores(model, prompts[row // 2], output) / 0.8).log_softmax(dim=-1)
            expected = chances.gather(1, torch.tensor(output)[:, None])[:, 0]
            torch.testing.assert_close(drawn.log_probabilities[row][: len(output)], expected, atol=1e-3, rtol=1e-3)
