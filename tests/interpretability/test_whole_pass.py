"""An opened pass is the model's own: each step follows from the one before, and `transformers` says the same."""

from dataclasses import dataclass, fields

import pytest
import torch

from course.bert import Bert, BertConfig
from course.gpt import LlamaConfig
from course.interpretability.whole_pass import read_pass
from course.layers.attention import record_attention
from course.layers.embedding import Embedding
from course.layers.positions import ALiBi, SinusoidalPositions
from tests.support.gpt2 import TINY_GPT2S, as_gpt2, tiny_gpt2
from tests.support.llama import TINY_CONFIGS, TOLERANCE, as_llama, difference, random_ids, tiny_config, tiny_model


@dataclass(frozen=True)
class WithDistances(LlamaConfig):
    """Instead of rotation, a score that falls with the distance."""

    def embedding(self):
        return Embedding(self.vocab_size, self.d_model, ALiBi(self.n_heads), self.context_length, scaled=False)


@dataclass(frozen=True)
class WithWaves(LlamaConfig):
    """Instead of rotation, waves that are added to scaled token vectors."""

    def embedding(self):
        waves = SinusoidalPositions(self.context_length, self.d_model)
        return Embedding(self.vocab_size, self.d_model, waves, self.context_length, scaled=True)


def of(kind, config):
    return kind(**{field.name: getattr(config, field.name) for field in fields(config)})


ALL = [
    *TINY_CONFIGS[::2],
    *TINY_GPT2S,
    tiny_gpt2(windows=(None, 5)),
    of(WithDistances, tiny_config()),
    of(WithWaves, tiny_config(windows=(3,))),
]
EACH = pytest.mark.parametrize("config", ALL, ids=lambda config: f"{type(config).__name__}-{ALL.index(config)}")


def opened(config, length=17):
    model = tiny_model(config)
    ids = random_ids(config, batch=1, length=length)
    return model, ids, read_pass(model, ids[0])


@EACH
@torch.no_grad()
def test_it_is_the_models_own_pass(config):
    model, ids, whole = opened(config)
    logits = model(ids)[0]
    for position in range(ids.shape[1]):
        assert difference(whole.logits(position), logits[position]) < TOLERANCE
    with record_attention(model) as maps:
        model(ids)
    assert whole.n_blocks == config.n_layers == len(maps)
    for weights, expected in zip(whole.weights, maps, strict=True):
        assert torch.equal(weights, expected[0])
    assert torch.equal(whole.streams[0], model.embedding(ids)[0])
    assert difference(whole.normalized, model.hidden_states(ids)[0]) < TOLERANCE


@EACH
@torch.no_grad()
def test_each_step_of_a_block_follows_from_the_one_before(config):
    model, _ids, whole = opened(config)
    for number, block in enumerate(model.blocks):
        steps = whole.block(number)
        assert torch.equal(steps.before, whole.streams[2 * number])
        assert torch.equal(steps.between, whole.streams[2 * number + 1])
        assert torch.equal(steps.after, whole.streams[2 * number + 2])
        assert torch.equal(steps.weights, whole.weights[number])
        close = {"rtol": 1e-5, "atol": 1e-5}
        torch.testing.assert_close(steps.attention_norm, block.attention_residual.norm(steps.before), **close)
        joined = steps.query.transpose(0, 1).flatten(1)
        torch.testing.assert_close(joined, block.attention.query(steps.attention_norm), **close)
        bias = model.embedding.positions.score_bias(17, 17)
        scores = steps.products / steps.query.shape[-1] ** 0.5 + (0 if bias is None else bias[0])
        torch.testing.assert_close(steps.scores, scores, **close)
        hidden = steps.scores.masked_fill(~steps.visible, -torch.inf)
        torch.testing.assert_close(hidden.softmax(dim=-1), steps.weights, **close)
        torch.testing.assert_close(steps.weights @ steps.value, steps.mixed, **close)
        heads = steps.mixed.transpose(0, 1).flatten(1)
        torch.testing.assert_close(block.attention.output(heads), steps.attended, **close)
        torch.testing.assert_close(steps.before + steps.attended, steps.between, **close)
        torch.testing.assert_close(block.feed_forward_residual.norm(steps.between), steps.feed_forward_norm, **close)
        torch.testing.assert_close(block.feed_forward(steps.feed_forward_norm), steps.added, **close)
        torch.testing.assert_close(block.feed_forward.down(steps.hidden), steps.added, **close)
        torch.testing.assert_close(steps.between + steps.added, steps.after, **close)
        assert (steps.gate is None) == (not hasattr(block.feed_forward, "gate"))


def their_pass(model, ids):
    theirs = as_llama(model) if isinstance(model.config, LlamaConfig) else as_gpt2(model)
    with torch.no_grad():
        return theirs(ids, output_attentions=True, output_hidden_states=True)


@pytest.mark.parametrize("config", [TINY_CONFIGS[4], TINY_CONFIGS[7], *TINY_GPT2S[:3]], ids=range(5))
def test_transformers_says_the_same(config):
    model, ids, whole = opened(config)
    theirs = their_pass(model, ids)
    for ours, their in zip(whole.weights, theirs.attentions, strict=True):
        assert difference(ours, their[0]) < TOLERANCE
    *streams, normalized = theirs.hidden_states
    for number, their in enumerate(streams):
        assert difference(whole.streams[2 * number], their[0]) < TOLERANCE
        assert difference(whole.streams[2 * number].norm(dim=-1), their[0].norm(dim=-1)) < TOLERANCE
    assert difference(whole.normalized, normalized[0]) < TOLERANCE
    assert difference(whole.logits(16), theirs.logits[0, 16]) < TOLERANCE


def test_positions_are_what_the_embedding_adds():
    model, _ids, whole = opened(TINY_GPT2S[0])
    torch.testing.assert_close(whole.position_vectors, model.embedding.positions.table.weight[:17].detach())
    model, _ids, whole = opened(ALL[-1])  # whose token vectors are scaled
    torch.testing.assert_close(whole.position_vectors, model.embedding.positions.table[:17], rtol=0, atol=1e-5)
    assert opened(TINY_CONFIGS[0])[2].position_vectors is None
    steps = whole.block(0)
    assert torch.equal(steps.query, steps.compared_query)
    rotated = opened(TINY_CONFIGS[2])[2].block(0)
    assert torch.equal(rotated.query[:, 0], rotated.compared_query[:, 0])  # position 0 is rotated by 0
    assert not torch.allclose(rotated.query[:, 1:], rotated.compared_query[:, 1:], atol=1e-3)


def test_a_window_hides_more_than_the_future():
    _model, _ids, whole = opened(tiny_gpt2(windows=(None, 5)))
    assert whole.block(0).visible.sum(dim=-1).tolist() == list(range(1, 18))
    assert whole.block(1).visible.sum(dim=-1).tolist() == [1, 2, 3, 4, *[5] * 13]


def test_one_token_is_a_text():
    _model, _ids, whole = opened(tiny_config(), length=1)
    assert whole.block(0).weights.flatten().tolist() == [1.0] * 4


def test_dropout_is_off_the_mode_is_restored_and_nothing_is_watched_afterwards():
    model, ids, whole = opened(tiny_config(dropout=0.5))
    model.train()
    again = read_pass(model, ids[0])
    assert torch.equal(again.normalized, whole.normalized) and torch.equal(again.block(1).after, whole.block(1).after)
    assert model.training and all(module.training for module in model.modules())
    assert all(not module._forward_hooks and not module._forward_pre_hooks for module in model.modules())


def test_changed_weights_are_noticed():
    model, ids, whole = opened(tiny_config())
    assert whole.is_current
    with torch.no_grad():
        model.norm.weight.mul_(1.5)
    assert not whole.is_current
    with pytest.raises(ValueError, match="other weights than when it read the text: read it again"):
        whole.block(0)
    assert read_pass(model, ids[0]).is_current


def test_what_cannot_be_read_is_one_sentence():
    model = tiny_model(tiny_config())
    with pytest.raises(ValueError, match=r"Bert is no decoder .* give a `course\.gpt\.Decoder`"):
        read_pass(Bert(BertConfig(30, 20, d_model=8, n_layers=1, n_heads=2, d_ff=8)), torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="with one token or more"):
        read_pass(model, torch.tensor([], dtype=torch.long))
    with pytest.raises(ValueError, match="49 tokens are more than the model's context of 48"):
        read_pass(model, torch.ones(49, dtype=torch.long))
    with pytest.raises(ValueError, match="Token id 61 is unknown"):
        read_pass(model, torch.tensor([61]))
    for number in (2, -1):
        with pytest.raises(ValueError, match=f"There is no block {number}: the model has 2, counted from 0"):
            read_pass(model, torch.tensor([1])).block(number)
