import dataclasses
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course.decoding import beam_search, greedy_search
from course.layers.attention import causal_mask, record_attention
from course.layers.positions import SCHEMES, sinusoidal_table
from course.layers.torch_parity import as_torch, torch_gradients
from course.training import label_smoothed_loss
from course.transformer import CausalTransformer, Transformer, TransformerConfig
from tests.support.torch_layers import EXACT, disturb, draw

BOS, EOS = 1, 2
SOURCE = torch.tensor([[5, 6, 7, 8, 9, 4], [9, 6, 7, 8, 0, 0], [5, 0, 0, 0, 0, 0]])
TARGET = torch.tensor([[1, 6, 3, 8, 9], [1, 6, 7, 5, 4], [1, 5, 4, 5, 4]])


def config(**changes: object) -> TransformerConfig:
    sizes = {"d_model": 16, "n_heads": 4, "d_ff": 24, "n_layers": 2, "context_length": 24, "dropout": 0.0}
    return TransformerConfig(**{"source_vocab_size": 11, "target_vocab_size": 10, **sizes, **changes})


def model(seed: int = 0, **changes: object) -> Transformer:
    return disturb(Transformer(config(**changes), torch.Generator().manual_seed(seed)), seed).eval()


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_whole_equals_torch_layers_put_together(norm):
    ours = model(norm=norm)
    encoder_layers = [as_torch(layer) for layer in ours.encoder.blocks]
    decoder_layers = [as_torch(layer) for layer in ours.decoder.blocks]

    def embed(table: Tensor, ids: Tensor) -> Tensor:
        return F.embedding(ids, table) * math.sqrt(16) + sinusoidal_table(ids.shape[1], 16)

    x = embed(ours.encoder.embedding.tokens.weight, SOURCE)
    for layer in encoder_layers:
        x = layer(x, src_key_padding_mask=SOURCE == 0)
    memory = ours.encoder.norm(x)
    x = embed(ours.decoder.embedding.tokens.weight, TARGET)
    for layer in decoder_layers:
        future = torch.ones(5, 5, dtype=torch.bool).triu(1)
        x = layer(x, memory, tgt_mask=future, memory_key_padding_mask=SOURCE == 0)
    expected = ours.decoder.norm(x) @ ours.decoder.embedding.tokens.weight.T
    logits = ours(SOURCE, TARGET)
    torch.testing.assert_close(logits, expected, **EXACT)

    toward = draw(*logits.shape) / 10
    embeddings = [ours.encoder.embedding.tokens.weight, ours.decoder.embedding.tokens.weight]
    their_embeddings = torch.autograd.grad((expected * toward).sum(), embeddings, retain_graph=True)
    (expected * toward).sum().backward()
    ours.zero_grad()
    (logits * toward).sum().backward()
    for embedding, gradient in zip(embeddings, their_embeddings, strict=True):
        torch.testing.assert_close(embedding.grad, gradient, **EXACT)
    for layer, reference in zip(
        [*ours.encoder.blocks, *ours.decoder.blocks], [*encoder_layers, *decoder_layers], strict=True
    ):
        their_gradients = {name: parameter.grad for name, parameter in reference.named_parameters()}
        for name, gradient in torch_gradients(layer).items():
            torch.testing.assert_close(gradient, their_gradients[name], **EXACT)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_step_by_step_with_the_cache_gives_what_the_whole_gives(scheme, norm):
    ours = model(norm=norm, positions=scheme)
    with torch.no_grad():
        expected = ours(SOURCE, TARGET).log_softmax(dim=-1)
    log_probabilities, state = ours.start(SOURCE, max_length=5)
    torch.testing.assert_close(log_probabilities, expected[:, 0], **EXACT)
    for position in range(1, 5):
        if position == 2:  # search drops and repeats rows
            rows = torch.tensor([2, 0, 0, 1])
            state, expected = state.select(rows), expected[rows]
        tokens = TARGET[rows, position] if position >= 2 else TARGET[:, position]
        log_probabilities, state = ours.step(state, tokens)
        torch.testing.assert_close(log_probabilities, expected[:, position], **EXACT)


@pytest.mark.slow
@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_search_writes_what_teacher_forcing_scores(seed):
    ours = model(seed % 7)
    source = torch.randint(3, 11, (3, 6), generator=torch.Generator().manual_seed(seed))
    marks = {"eos_id": EOS, "max_length": 8}
    greedy = greedy_search(ours, source, **marks)
    narrow = beam_search(ours, source, **marks, beam_size=1)
    assert [beam[0].tokens for beam in narrow] == [one.tokens for one in greedy]
    for row, beam in zip(source, beam_search(ours, source, **marks, beam_size=3), strict=True):
        for hypothesis in beam:
            written = torch.tensor([BOS, *hypothesis.tokens, *([EOS] if hypothesis.finished else [])])
            with torch.no_grad():
                chances = ours(row[None], written[None, :-1]).log_softmax(dim=-1)[0]
            claimed = chances.gather(1, written[1:, None]).sum().item()
            assert hypothesis.log_probability == pytest.approx(claimed, abs=1e-4)


@pytest.mark.slow
@given(st.integers(1, 5), st.sampled_from(SCHEMES), st.sampled_from(["pre", "post"]))
def test_padding_changes_nothing(extra, scheme, norm):
    ours = model(positions=scheme, norm=norm)
    expected = ours(SOURCE, TARGET)
    padded = ours(F.pad(SOURCE, (0, extra)), F.pad(TARGET, (0, extra)))
    torch.testing.assert_close(padded[:, :5], expected, **EXACT)


@pytest.mark.slow
@given(st.integers(1, 4), st.sampled_from(SCHEMES), st.sampled_from(["pre", "post"]))
def test_the_decoder_never_sees_the_future(cut, scheme, norm):
    ours, changed = model(positions=scheme, norm=norm), TARGET.clone()
    changed[:, cut:] = (changed[:, cut:] + 3) % 10
    before, after = ours(SOURCE, TARGET), ours(SOURCE, changed)
    torch.testing.assert_close(before[:, :cut], after[:, :cut], atol=1e-6, rtol=0)
    assert not torch.allclose(before[:, cut:], after[:, cut:], atol=1e-3)


@given(st.integers(1, 5), st.sampled_from(SCHEMES))
def test_the_decoder_alone_never_sees_the_future(cut, scheme):
    ours = disturb(CausalTransformer(config(positions=scheme))).eval()
    ids = SOURCE[:1]
    changed = ids.clone()
    changed[:, cut:] = (changed[:, cut:] + 3) % 11
    before, after = ours(ids), ours(changed)
    torch.testing.assert_close(before[:, :cut], after[:, :cut], atol=1e-6, rtol=0)
    assert not torch.allclose(before[:, cut:], after[:, cut:], atol=1e-3)


@pytest.mark.slow
@given(st.permutations(range(6)))
def test_without_positions_the_encoder_is_permutation_equivariant(order):
    ours = model(positions="none").double()  # in float32 the order of a sum shows in the last digits
    ids = torch.tensor([[5, 6, 7, 8, 9, 4]])
    torch.testing.assert_close(ours.encoder(ids[:, order]), ours.encoder(ids)[:, order], atol=1e-12, rtol=0)
    torch.testing.assert_close(ours.float().encoder(ids[:, order]), ours.encoder(ids)[:, order], atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(("scheme", "causal"), [*((s, False) for s in SCHEMES[:-1]), ("none", True)])
def test_with_positions_or_a_causal_mask_it_is_not(scheme, causal):
    encoder, order = model(positions=scheme).encoder, [3, 1, 0, 2, 5, 4]
    ids = torch.tensor([[5, 6, 7, 8, 9, 4]])
    mask = causal_mask(6, 6)[None, None] if causal else None
    turned = encoder(ids[:, order], mask)
    assert not torch.allclose(turned, encoder(ids, mask)[:, order], atol=0.05)


@pytest.mark.parametrize("scheme", SCHEMES[:-1])
def test_the_decoder_uses_its_positions(scheme):
    with_positions, without = model(positions=scheme), model(positions="none")
    without.load_state_dict(with_positions.state_dict(), strict=False)
    sources = [(draw(3, 4, 6, 4), draw(3, 4, 6, 4))] * 2
    mask = torch.ones(3, 1, 1, 6, dtype=torch.bool)
    one, other = (half.decoder(TARGET, sources, mask) for half in (with_positions, without))
    assert not torch.allclose(one, other, atol=0.05)


def test_only_pre_norm_ends_with_a_norm():
    for half in ("encoder", "decoder"):
        assert isinstance(getattr(model(norm="pre"), half).norm, nn.LayerNorm)
        assert isinstance(getattr(model(norm="post"), half).norm, nn.Identity)


def test_embeddings_are_tied_as_the_config_says():
    shared = Transformer(config(source_vocab_size=10, shared_embeddings=True))
    assert shared.encoder.embedding.tokens.weight is shared.decoder.embedding.tokens.weight is shared.output.weight
    apart = Transformer(config(source_vocab_size=10))
    assert apart.encoder.embedding.tokens.weight is not apart.decoder.embedding.tokens.weight is apart.output.weight
    assert sum(p.numel() for p in apart.parameters()) - sum(p.numel() for p in shared.parameters()) == 10 * 16


def test_the_base_model_has_the_paper_s_65_million_parameters():
    with torch.device("meta"):
        base = Transformer(TransformerConfig(37_000, 37_000, shared_embeddings=True))
    size = sum(parameter.numel() for parameter in base.parameters())
    assert 62e6 < size < 66e6  # table 3; 37,000 tokens: section 5.1


def test_the_generator_decides_the_first_weights():
    one, same, other = (Transformer(config(), torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    for (name, weight), again, different in zip(
        one.named_parameters(), same.parameters(), other.parameters(), strict=True
    ):
        assert torch.equal(weight, again), name
        assert weight.ndim == 1 or not torch.equal(weight, different), name
    wide = Transformer(config(source_vocab_size=5000, d_model=64))
    assert wide.encoder.embedding.tokens.weight.std().item() == pytest.approx(1 / 8, rel=0.02)


def test_each_decoder_layer_gives_two_maps():
    ours = model()
    with record_attention(ours.decoder) as maps:
        ours(SOURCE, TARGET)
    assert [tuple(weights.shape) for weights in maps] == [(3, 4, 5, 5), (3, 4, 5, 6)] * 2
    assert (maps[0].triu(1) == 0).all() and (maps[1][1, :, :, 4:] == 0).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_layers": 0}, "n_layers is 0"),
        ({"norm": "Pre"}, "norm is 'Pre'; it must be 'pre' or 'post'"),
        ({"d_model": 18}, "d_model 18 makes no 4 heads of one size: choose a multiple of 4"),
        (
            {"d_model": 20, "positions": "rotary"},
            "d_model 20 makes no 4 heads of an even size: choose a multiple of 8",
        ),
        ({"context_length": 0}, "context_length is 0; it must be 1 or more"),
        ({"dropout": 1.0}, r"dropout is 1\.0; it is the share of numbers to drop, from 0 to below 1"),
        ({"dropout": -0.1}, r"dropout is -0\.1; it is the share"),
        ({"dropout": float("nan")}, "dropout is nan; it is the share"),
        ({"positions": "rotarry"}, "no positions 'rotarry'"),
        ({"shared_embeddings": True}, "source has 11 tokens and the target 10"),
    ],
)
def test_sizes_that_do_not_fit(changes, message):
    with pytest.raises(ValueError, match=message):
        config(**changes)


@pytest.mark.parametrize("scheme", sorted(set(SCHEMES) - {"rotary"}))
def test_only_rotary_positions_need_heads_of_an_even_size(scheme):
    odd = config(positions=scheme, d_model=20)
    assert odd.d_head == 5
    assert Transformer(odd)(SOURCE, TARGET).isfinite().all()


def test_the_config_is_frozen_and_ids_are_checked():
    with pytest.raises(dataclasses.FrozenInstanceError):
        config().d_model = 3
    with pytest.raises(ValueError, match="id 10 is unknown"):
        model()(SOURCE, torch.tensor([[1], [1], [10]]))
    with pytest.raises(ValueError, match=r"hides every key from query 0 \(batch 1"):
        model()(torch.tensor([[5, 6], [0, 0]]), TARGET[:2])


def test_label_smoothing_by_hand():
    logits, target = draw(2, 3, 5), torch.tensor([[4, 2, 0], [1, 0, 0]])
    log_probabilities = logits.log_softmax(dim=-1)
    losses = []
    for row, position in ((0, 0), (0, 1), (1, 0)):
        wanted = torch.full((5,), 0.1 / 5)
        wanted[target[row, position]] += 0.9
        losses.append(-(wanted * log_probabilities[row, position]).sum())
    torch.testing.assert_close(label_smoothed_loss(logits, target, pad_id=0), torch.stack(losses).mean())
    plain = F.cross_entropy(logits.transpose(1, 2), target, ignore_index=0)
    torch.testing.assert_close(label_smoothed_loss(logits, target, pad_id=0, smoothing=0.0), plain)
