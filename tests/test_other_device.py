"""Every model, loss, generation and training step on a device that is not the CPU: no GPU is needed to find a tensor
that was made in the wrong place. The results are those of the CPU."""

import inspect
import itertools

import pytest
import torch
from torch import Tensor, nn

import course
from course.bert import Bert, BertConfig, sentence_embeddings
from course.decoding import beam_search, generate, greedy_search, sample
from course.interpretability.ablation import attention_layers, without_heads
from course.interpretability.alignment import attention_steps, input_gradients
from course.interpretability.probing import linear_probe
from course.interpretability.residual_stream import logit_lens, record_stream
from course.layers.attention import record_attention
from course.layers.token_ids import require_token_ids
from course.prompting import InContextRegressor, RegressorConfig
from course.seq2seq import SCORES, Seq2Seq, Seq2SeqConfig
from course.training import label_smoothed_loss, train
from course.transformer import CausalTransformer, Transformer, TransformerConfig
from tests.support.llama import tiny_config, tiny_model
from tests.support.other_device import OTHER, here, other_device, there
from tests.support.torch_layers import disturb

PAD, BOS, EOS, VOCAB = 0, 1, 2, 9
SOURCE = torch.tensor([[3, 4, 5, 6], [7, 8, 3, 3], [5, 5, 4, 6]])
PADDED = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0], [5, 5, 4, 0]])
TARGET = torch.tensor([[1, 4, 5, 2], [1, 3, 2, 0], [1, 6, 6, 2]])
SCHEMES = ("sinusoidal", "learned", "rotary", "alibi", "none")


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def sizes(**changes: object) -> TransformerConfig:
    fixed = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 2, "context_length": 24, "dropout": 0.0}
    return TransformerConfig(VOCAB, VOCAB, **fixed, **changes)


def recurrent(cell: str, attention: str | None) -> Seq2Seq:
    return Seq2Seq(Seq2SeqConfig(VOCAB, VOCAB, d_embedding=5, d_hidden=6, cell=cell, attention=attention), seeded())


ENCODER_DECODERS = {
    **{
        f"{cell}, {score}": lambda cell=cell, score=score: recurrent(cell, score)
        for cell, score in itertools.product(("lstm", "gru"), (None, *SCORES))
    },
    **{
        f"transformer, {positions}, {norm}": lambda p=positions, n=norm: Transformer(
            sizes(positions=p, norm=n), seeded()
        )
        for positions, norm in itertools.product(SCHEMES, ("pre", "post"))
    },
}
CAUSAL = {
    **{
        f"causal transformer, {positions}, {norm}": lambda p=positions, n=norm: CausalTransformer(
            sizes(positions=p, norm=n), seeded()
        )
        for positions, norm in itertools.product(SCHEMES, ("pre", "post"))
    },
    "decoder": lambda: tiny_model(tiny_config(vocab_size=VOCAB)),
    "decoder, untied": lambda: tiny_model(tiny_config(vocab_size=VOCAB, tied=False)),
}
BERT = {"bert": lambda: Bert(BertConfig(VOCAB, 24, 16, 2, 2, 24, dropout=0.0), seeded())}
REGRESSOR = {"regressor": lambda: InContextRegressor(RegressorConfig(2, 4, 16, 2, 2, 24), seeded())}
PREDICTING = ENCODER_DECODERS | CAUSAL
EACH_KIND = {  # of those that are decoded or trained alike
    name: make
    for name, make in PREDICTING.items()
    if name in {"lstm, None", "gru, additive", "transformer, learned, pre", "transformer, rotary, post"}
    or name in {"causal transformer, sinusoidal, post", "causal transformer, alibi, pre", "decoder"}
}


def each(models: dict):
    return pytest.mark.parametrize("make", models.values(), ids=models)


def inputs(model: nn.Module) -> tuple[Tensor, ...]:
    if isinstance(model, Seq2Seq | Transformer):
        return PADDED, TARGET[:, :-1]
    if isinstance(model, InContextRegressor):
        return torch.stack((SOURCE, TARGET), dim=2).float(), PADDED.float()
    return (SOURCE, torch.ones(SOURCE.shape, dtype=torch.bool)) if isinstance(model, Bert) else (SOURCE,)


def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
    found = model(*batch)
    if isinstance(model, Bert | InContextRegressor):
        return found.pow(2).mean()
    target = (TARGET[:, 1:] if len(batch) == 2 and found.shape[1] == 3 else TARGET).to(found.device)
    return label_smoothed_loss(found, target, pad_id=PAD)


@pytest.fixture
def device(monkeypatch):
    with other_device() as device:
        monkeypatch.setattr(course, "device", lambda: device)
        yield device


def assert_alike(one: object, other: object) -> None:
    torch.testing.assert_close(here(one), other, atol=1e-5, rtol=1e-5)


def test_a_tensor_that_is_left_behind_is_found(device):
    with pytest.raises(RuntimeError, match="both devices"):
        there(SOURCE) + torch.arange(4)
    with pytest.raises(RuntimeError, match="both devices"):
        there(nn.Linear(4, 4))(torch.ones(2, 4))
    assert (there(SOURCE) + torch.arange(4, device=device)).device == OTHER
    with pytest.raises(ValueError, match="id 16 is unknown"):
        require_token_ids(there(SOURCE * 2), VOCAB)


def test_no_model_is_missing():
    def kinds(base: type) -> set[type]:
        return {base}.union(*map(kinds, base.__subclasses__()))

    parts = {kind for kind in kinds(nn.Module) if kind.__module__.startswith("course.bert.")} - {Bert}
    models = {kind for kind in kinds(nn.Module) if kind.__module__.startswith("course.")} - parts
    made = {type(make()) for make in (PREDICTING | BERT | REGRESSOR).values()}
    assert {kind for kind in models if {"config", "generator"} <= inspect.signature(kind).parameters.keys()} == made


@each(PREDICTING | BERT | REGRESSOR)
def test_every_model_and_its_gradients(make, device):
    model = disturb(make()).eval()
    other = there(model)
    assert_alike(other(*there(inputs(model))), model(*inputs(model)))
    loss(other, there(inputs(model))).backward()
    loss(model, inputs(model)).backward()
    for (name, ours), theirs in zip(other.named_parameters(), model.parameters(), strict=True):
        assert ours.device == OTHER, name
        if theirs.grad is not None:
            assert_alike(ours.grad, theirs.grad)


@pytest.mark.slow
@each(EACH_KIND | BERT)
def test_every_kind_of_model_trains(make, device):
    model = make()
    other = there(model)
    batch = inputs(model)
    runs = [
        train(each, [given] * 3, loss, torch.optim.SGD(each.parameters(), lr=1e-2), steps=3, max_gradient_norm=1.0)
        for each, given in ((model, batch), (other, there(batch)))
    ]
    assert runs[1].losses == pytest.approx(runs[0].losses, abs=1e-5)
    assert runs[1].gradient_norms == pytest.approx(runs[0].gradient_norms, rel=1e-4)


@pytest.mark.slow
@each(EACH_KIND)
def test_every_kind_of_model_generates(make, device):
    model = disturb(make()).eval()
    other, source = there(model), SOURCE
    limits = {"eos_id": EOS, "max_length": 3}
    for ours, theirs in (
        (greedy_search(other, there(source), **limits), greedy_search(model, source, **limits)),
        (
            [found[0] for found in beam_search(other, there(source), beam_size=2, **limits)],
            [found[0] for found in beam_search(model, source, beam_size=2, **limits)],
        ),
    ):
        assert [found.tokens for found in ours] == [found.tokens for found in theirs]
    drawn = sample(other, there(source), **limits, n_samples=2, temperature=0.9, top_k=5, top_p=0.9)
    assert drawn.tokens.device == OTHER
    for use_cache in (True, False)[: 1 + (make in CAUSAL.values())]:
        steps = [list(generate(m, s[0], 3, use_cache=use_cache)) for m, s in ((other, there(source)), (model, source))]
        assert [step.token for step in steps[0]] == [step.token for step in steps[1]]


@each(PREDICTING | BERT)
def test_every_model_can_be_looked_into(make, device):
    model = disturb(make()).eval()
    other, batch = there(model), inputs(model)
    if not attention_layers(model):
        return
    with record_attention(other) as ours:
        other(*there(batch))
    with record_attention(model) as theirs:
        model(*batch)
    assert_alike(ours, theirs)
    with without_heads(other, {(0, 1)}), without_heads(model, {(0, 1)}):
        assert_alike(other(*there(batch)), model(*batch))
    with record_stream(other) as passages:
        other(*there(batch))
    assert all(passage.after.device == OTHER for passage in passages)
    assert_alike(logit_lens(other, *there(batch)), logit_lens(model, *batch))


@each({score: (lambda score=score: recurrent("gru", score)) for score in SCORES})
def test_the_four_steps_of_attention(make, device):
    model = disturb(make()).eval()
    read, write = TARGET[:, :-1], TARGET[:, 1:]
    assert_alike(attention_steps(there(model), *there((PADDED, read))), attention_steps(model, PADDED, read))
    assert_alike(
        input_gradients(there(model), *there((PADDED, read, write))), input_gradients(model, PADDED, read, write)
    )


def test_sentence_vectors_and_probes(device):
    model = disturb(BERT["bert"]()).eval()
    mask = PADDED != PAD
    assert_alike(
        sentence_embeddings(there(model)(*there((PADDED, mask))), there(mask)),
        sentence_embeddings(model(PADDED, mask), mask),
    )
    vectors, symbols = torch.randn(12, 5, generator=seeded()), torch.randint(3, (12, 2), generator=seeded())
    assert_alike(
        linear_probe(*there((vectors, symbols, vectors, symbols))), linear_probe(vectors, symbols, vectors, symbols)
    )
