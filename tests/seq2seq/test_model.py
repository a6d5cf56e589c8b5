"""The recurrent encoder–decoder: cells against PyTorch's, scores against plain loops, padding, search, errors."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course.decoding import beam_search, greedy_search
from course.layers.attention import record_attention
from course.seq2seq import (
    SCORES,
    CellWeights,
    Recurrent,
    Seq2Seq,
    Seq2SeqConfig,
    SourceAttention,
    additive_scores,
    dot_scores,
    general_scores,
    gru_cell,
    lstm_cell,
    scaled_dot_scores,
)

PAD, BOS, EOS = 0, 1, 2
MARKS = {"eos_id": EOS}
KINDS = [(cell, attention) for cell in ("lstm", "gru") for attention in (None, *SCORES)]
EXACT = {"rtol": 1e-5, "atol": 1e-5}


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def make(cell: str = "lstm", attention: str | None = None, seed: int = 0) -> Seq2Seq:
    """A tiny model whose weights are large enough that every token matters."""
    config = Seq2SeqConfig(9, 7, d_embedding=5, d_hidden=6, cell=cell, attention=attention)
    model = Seq2Seq(config, seeded(seed)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            nn.init.normal_(parameter, std=0.7, generator=seeded(seed + parameter.numel()))
    return model


def padded(rows: list[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


SOURCE = padded([[3, 4, 5, 6, 7], [8, 3], [5, 5, 1]])
TARGET = torch.tensor([[BOS, 3, 4, 5], [BOS, 6, 6, PAD], [BOS, 5, 3, 4]])


# --- cells


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_a_cell_written_out_equals_pytorchs_layer_with_its_gradients(kind):
    layer = {"lstm": nn.LSTM, "gru": nn.GRU}[kind](5, 6, batch_first=True)
    with torch.no_grad():
        for parameter in layer.parameters():
            nn.init.normal_(parameter, generator=seeded(parameter.numel()))
    x, start, loss_weights = draw(3, 7, 5), (draw(1, 3, 6, seed=1), draw(1, 3, 6, seed=2)), draw(3, 7, 6, seed=3)

    def run(own: bool) -> list[Tensor]:
        inputs = [tensor.clone().requires_grad_() for tensor in (x, *start)]
        if own:
            state, outputs = tuple(part[0] for part in inputs[1:]), []
            for position in range(x.shape[1]):
                if kind == "lstm":
                    state = lstm_cell(inputs[0][:, position], state, CellWeights.of(layer))
                else:
                    state = (gru_cell(inputs[0][:, position], state[0], CellWeights.of(layer)), state[1])
                outputs.append(state[0])
            outputs = torch.stack(outputs, dim=1)
        else:
            outputs, _end = layer(inputs[0], tuple(inputs[1:]) if kind == "lstm" else inputs[1])
        used = inputs if kind == "lstm" else inputs[:2]
        return [outputs, *torch.autograd.grad((outputs * loss_weights).sum(), [*used, *layer.parameters()])]

    for own, torchs in zip(run(own=True), run(own=False), strict=True):
        torch.testing.assert_close(own, torchs, **EXACT)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_reading_in_two_parts_equals_reading_at_once(kind):
    layer, x = Recurrent(kind, 5, 6), draw(3, 7, 5)
    outputs, end = layer(x)
    first, middle = layer(x[:, :4])
    second, same_end = layer(x[:, 4:], middle)
    torch.testing.assert_close(torch.cat((first, second), dim=1), outputs, **EXACT)
    assert len(end) == len(same_end) == {"lstm": 2, "gru": 1}[kind]
    for part, same in zip(end, same_end, strict=True):
        torch.testing.assert_close(part, same, **EXACT)


def test_first_weights_are_those_of_keras_and_repeat():
    config = Seq2SeqConfig(9, 7, d_embedding=20, d_hidden=16, attention="additive")
    model, same, other = (Seq2Seq(config, seeded(seed)) for seed in (1, 1, 2))
    for (name, parameter), again, different in zip(
        model.named_parameters(), same.parameters(), other.parameters(), strict=True
    ):
        assert torch.equal(parameter, again), name
        assert "bias" in name or not torch.equal(parameter, different), name
    weights = CellWeights.of(model.encoder.recurrent.layer)
    torch.testing.assert_close(weights.hidden.T @ weights.hidden, torch.eye(16), **EXACT)
    assert weights.input.abs().max().item() == pytest.approx(math.sqrt(6 / (20 + 4 * 16)), rel=0.02)
    assert weights.input_bias.view(4, 16).mean(dim=1).tolist() == [0, 1, 0, 0]
    assert not weights.hidden_bias.any() and not model.decoder.output.bias.any()
    assert model.encoder.embedding.weight.abs().max().item() == pytest.approx(0.05, rel=0.05)


# --- scores


def test_each_score_equals_a_plain_computation():
    query, key = draw(2, 3, 6), draw(2, 4, 6, seed=1)
    weight, key_weight, vector = draw(6, 6, seed=2), draw(6, 6, seed=3), draw(6, seed=4)
    found = {
        "dot": dot_scores(query, key),
        "scaled_dot": scaled_dot_scores(query, key),
        "general": general_scores(query, key, weight),
        "additive": additive_scores(query, key, weight, key_weight, vector),
    }
    assert found.keys() == SCORES.keys()
    for b in range(2):
        for i in range(3):
            for j in range(4):
                q, k = query[b, i], key[b, j]
                expected = {
                    "dot": sum(q * k),
                    "scaled_dot": sum(q * k) / 6**0.5,
                    "general": sum(q[m] * weight[m, n] * k[n] for m in range(6) for n in range(6)),
                    "additive": sum(vector * torch.tanh(weight.mv(q) + key_weight.mv(k))),
                }
                for name, scores in found.items():
                    torch.testing.assert_close(scores[b, i, j], expected[name], **EXACT)


@pytest.mark.slow
@pytest.mark.parametrize("score", SCORES)
@given(st.lists(st.booleans(), min_size=8, max_size=8), st.integers(0, 1000))
@settings(max_examples=25)
def test_weights_sum_to_one_and_hide_what_the_mask_hides(score, bits, seed):
    mask = torch.tensor(bits).view(2, 1, 1, 4)
    mask[..., 0] |= ~mask.any(dim=-1)
    layer = SourceAttention(score, 6)
    query, key, value = draw(2, 1, 3, 6, seed=seed), draw(2, 1, 4, 6, seed=seed + 1), draw(2, 1, 4, 5, seed=seed + 2)
    with record_attention(layer) as maps:
        mix = layer(query, key, value, mask)
    (weights,) = maps
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 1, 3))
    assert (weights[~mask.expand_as(weights)] == 0).all()
    torch.testing.assert_close(mix, weights @ value)
    for row in range(2):  # the same softmax over what may be seen alone
        seen = mask[row, 0, 0]
        scores = SCORES[score](query[row, 0], key[row, 0, seen], *layer.score_weights)
        torch.testing.assert_close(weights[row, 0][:, seen], scores.softmax(dim=-1))


def test_attention_with_nothing_to_look_at_is_an_error():
    mask = torch.ones(1, 1, 1, 4, dtype=torch.bool) & False
    with pytest.raises(ValueError, match="hides every key"):
        SourceAttention("dot", 6)(draw(1, 1, 2, 6), draw(1, 1, 4, 6), draw(1, 1, 4, 6), mask)


def test_the_output_reads_context_and_state():
    """Luong, Pham and Manning 2015, equations 5 and 6, one target position at a time."""
    model = make(attention="general")
    logits = model(SOURCE, TARGET)
    states, decoder = model.encoder(SOURCE), model.decoder
    (weight,) = decoder.attention.score_weights
    hidden, _end = decoder.recurrent(decoder.embedding(TARGET), states.cell)
    for row, length in enumerate((5, 2, 3)):
        memory = states.memory[row, :length]
        for position in range(TARGET.shape[1]):
            state = hidden[row, position]
            shares = torch.stack([state @ weight @ one for one in memory]).softmax(dim=0)
            context = sum(share * one for share, one in zip(shares, memory, strict=True))
            attended = torch.tanh(decoder.combine.weight @ torch.cat((context, state)))
            expected = decoder.output.weight @ attended + decoder.output.bias
            torch.testing.assert_close(logits[row, position], expected, **EXACT)


# --- padding and masks


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "attention"), KINDS)
@given(st.lists(st.lists(st.integers(1, 8), min_size=1, max_size=6), min_size=2, max_size=4), st.integers(0, 3))
@settings(max_examples=15)
def test_a_batch_equals_its_rows_alone(cell, attention, rows, more_padding):
    model = make(cell, attention)
    source = torch.cat((padded(rows), torch.full((len(rows), more_padding), PAD)), dim=1)
    target = torch.randint(1, 7, (len(rows), 4), generator=seeded(len(rows)))
    together, state = model(source, target), model.encoder(source)
    for row, ids in enumerate(rows):
        alone = model.encoder(torch.tensor([ids]))
        for part, same in zip(state.cell, alone.cell, strict=True):
            torch.testing.assert_close(part[row], same[0], **EXACT)
        torch.testing.assert_close(state.memory[row, : len(ids)], alone.memory[0], **EXACT)
        torch.testing.assert_close(together[row], model(torch.tensor([ids]), target[row : row + 1])[0], **EXACT)


@pytest.mark.parametrize("attention", [None, "additive"])
def test_padding_gives_no_gradient(attention):
    model = make(attention=attention)
    model(SOURCE, TARGET).square().sum().backward()
    gradient = model.encoder.embedding.weight.grad
    assert not gradient[PAD].any() and gradient[3:].any(dim=1).all()


@pytest.mark.parametrize("score", SCORES)
def test_a_model_records_its_alignment(score):
    model = make("gru", score)
    with record_attention(model) as maps:
        model(SOURCE, TARGET)
    (weights,) = maps
    assert weights.shape == (3, 1, 4, 5)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(3, 1, 4))
    hidden = (SOURCE == PAD)[:, None, None].expand_as(weights)
    assert (weights[hidden] == 0).all() and (weights[~hidden] > 0).all()


@pytest.mark.parametrize(("cell", "attention"), KINDS)
def test_the_decoder_sees_no_future(cell, attention):
    model, changed = make(cell, attention), TARGET.clone()
    changed[:, 2] = 6
    before, after = model(SOURCE, TARGET), model(SOURCE, changed)
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.isclose(before[:, 2:], after[:, 2:]).all(dim=-1).all()


@pytest.mark.parametrize(("cell", "attention"), KINDS)
def test_every_source_token_and_every_weight_counts(cell, attention):
    model = make(cell, attention)
    logits = model(SOURCE[:1], TARGET[:1])
    for position in range(SOURCE.shape[1]):
        changed = SOURCE[:1].clone()
        changed[0, position] = 2
        assert not torch.allclose(model(changed, TARGET[:1])[:, 0], logits[:, 0], atol=1e-4)
    logits.square().sum().backward()
    assert all(parameter.grad.any() for parameter in model.parameters())


# --- teacher forcing


@pytest.mark.parametrize(("cell", "attention"), KINDS)
def test_without_a_teacher_the_model_reads_what_greedy_search_writes(cell, attention):
    model = make(cell, attention)
    with torch.no_grad():
        model.decoder.output.bias[EOS] = -math.inf  # so that no row ends
    hypotheses = greedy_search(model, SOURCE, **MARKS, max_length=4)
    logits = model(SOURCE, TARGET, teacher_forcing=0.0)
    assert logits.argmax(dim=-1).tolist() == [hypothesis.tokens for hypothesis in hypotheses]


def test_teacher_forcing_gives_that_share_of_the_tokens():
    model = make()
    given_inputs = []
    model.decoder.embedding.register_forward_hook(lambda _module, inputs, _output: given_inputs.append(inputs[0]))
    source, target = SOURCE[:1].expand(100, -1), torch.full((100, 21), 6)  # the model itself never writes a 6 here
    with torch.no_grad():
        model.decoder.output.bias[6] = -math.inf
    target[:, 0] = BOS
    logits = model(source, target, teacher_forcing=0.3, generator=seeded(0))
    read = given_inputs[-1]
    assert (read[:, 0] == BOS).all()
    assert (read[:, 1:] == 6).float().mean().item() == pytest.approx(0.3, abs=0.04)
    own = (read[:, 1:] != 6).nonzero()
    assert all(read[row, place + 1] == logits[row, place].argmax() for row, place in own.tolist())
    assert torch.equal(model(source, target, teacher_forcing=0.3, generator=seeded(0)), logits)
    assert not torch.equal(model(source, target, teacher_forcing=0.3, generator=seeded(1)), logits)


@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_teacher_forcing_is_a_chance(value):
    with pytest.raises(ValueError, match=f"teacher_forcing is {value}.*from 0 to 1"):
        make()(SOURCE, TARGET, teacher_forcing=value)


# --- search


@pytest.mark.parametrize(("cell", "attention"), KINDS)
def test_a_beam_has_the_log_probability_that_the_model_gives_it_in_one_pass(cell, attention):
    model = make(cell, attention)
    beams = beam_search(model, SOURCE, **MARKS, max_length=6, beam_size=3)
    for row, beam in enumerate(beams):
        ids = [token for token in SOURCE[row].tolist() if token != PAD]
        for hypothesis in beam:
            output = [*hypothesis.tokens, EOS] if hypothesis.finished else hypothesis.tokens
            read = torch.tensor([[BOS, *output[:-1]]])
            logits = model(torch.tensor([ids]), read)[0].log_softmax(dim=-1)
            expected = sum(logits[place, token].item() for place, token in enumerate(output))
            assert hypothesis.log_probability == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("cell", "attention"), KINDS)
def test_a_beam_of_one_is_greedy(cell, attention):
    model = make(cell, attention)
    greedy = greedy_search(model, SOURCE, **MARKS, max_length=8)
    beams = beam_search(model, SOURCE, **MARKS, max_length=8, beam_size=1)
    assert [[one.tokens] for one in greedy] == [[one.tokens for one in beam] for beam in beams]


@pytest.mark.slow
def test_a_model_learns_to_reverse():
    source = torch.randint(3, 9, (200, 4), generator=seeded(0))
    target = source.flip(1)
    start = torch.full((200, 1), BOS)
    config = Seq2SeqConfig(9, 9, d_embedding=16, d_hidden=32, attention="general")
    model = Seq2Seq(config, seeded(0))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _step in range(80):
        logits = model(source, torch.cat((start, target[:, :-1]), dim=1))
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(math.log(9), abs=0.1)
    assert all(later < earlier / 3 for earlier, later in pairwise((losses[0], losses[40], losses[-1])))


# --- errors


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([[3, 4], [PAD, PAD]], "Row 1 of the source is nothing but padding: .*leave it out"),
        ([[3, 4], [PAD, 4]], "Row 1 of the source has padding in front of a token: .*at their end"),
        ([[3, 9]], "Token id 9 is unknown: .* 0 to 8"),
        ([[-1, 3]], "Token id -1 is unknown: .* 0 to 8"),
        ([[]], r"one token or more, not \(1, 0\)"),
    ],
)
def test_a_source_that_cannot_be_read(source, message):
    ids = torch.tensor(source, dtype=torch.long)
    with pytest.raises(ValueError, match=message):
        make()(ids, TARGET[: len(ids)])
    with pytest.raises(ValueError, match=message):
        make().start(ids, 5)


@pytest.mark.usefixtures("unchecked_shapes")
def test_ids_are_whole_numbers():
    message = r"must be whole numbers \(torch.long\), not torch.float32"
    with pytest.raises(TypeError, match=message):
        make()(SOURCE.float(), TARGET)
    with pytest.raises(TypeError, match=message):
        make()(SOURCE, TARGET.float())
    with pytest.raises(TypeError, match=message):
        make().start(SOURCE.float(), 5)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("source", [torch.tensor([3, 4]), torch.tensor([[[3, 4]]])])
def test_ids_are_a_table(source):
    with pytest.raises(ValueError, match=r"must have the shape \(batch, position\)"):
        make().start(source, 5)


def test_a_target_that_cannot_be_read():
    with pytest.raises(ValueError, match=r"Token id 7 is unknown: .* 0 to 6"):
        make()(SOURCE[:1], torch.tensor([[BOS, 7]]))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cell": "rnn"}, "cell is 'rnn'; it must be one of lstm, gru"),
        ({"attention": "cosine"}, "attention is 'cosine'; .* dot, scaled_dot, general, additive, or None"),
        ({"d_hidden": 0}, "d_hidden is 0; it must be 1 or more"),
        ({"d_hidden": "8"}, "d_hidden is '8'; it must be a whole number"),
        ({"d_embedding": 1.5}, r"d_embedding is 1\.5; it must be a whole number"),
        ({"pad_id": 9}, "pad_id is 9; the vocabulary has the ids 0 to 8"),
        ({"bos_id": -1}, "bos_id is -1; it must be 0 or more"),
        ({"dropout": 1.0}, r"dropout is 1\.0; it is the share of numbers to drop, from 0 to below 1"),
        ({"dropout": -0.1}, r"dropout is -0\.1"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_config_that_makes_no_model(settings, message):
    with pytest.raises(ValueError, match=message):
        Seq2SeqConfig(9, 7, **settings)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_batch_has_one_target_and_one_token_for_each_source():
    model = make()
    with pytest.raises(ValueError, match="There are 1 sources and 2 targets: give one target for each"):
        model(SOURCE[:1], torch.tensor([[BOS, 3], [BOS, 4]]))
    _log_probabilities, state = model.start(SOURCE[:1], 5)
    for tokens in (torch.tensor([3, 4]), torch.tensor([[3]])):
        with pytest.raises(
            ValueError, match=r"The tokens have the shape \(.*\); a state of 1 rows reads one token for each"
        ):
            model.step(state, tokens)


@pytest.mark.parametrize(("cell", "attention"), [("lstm", None), ("gru", "dot"), ("lstm", "additive")])
def test_dropout_is_drawn_in_training_alone_and_none_changes_nothing(cell, attention):
    def logits(dropout, training, seed=0):
        model = make(cell, attention)
        other = Seq2Seq(replace(model.config, dropout=dropout)).train(training)
        other.load_state_dict(model.state_dict())
        torch.manual_seed(seed)
        return other(SOURCE, TARGET), torch.rand(1)

    without, next_random = logits(0.0, training=False)
    for dropout, training in ((0.0, True), (0.5, False)):
        found, then = logits(dropout, training)
        assert torch.equal(found, without) and then == next_random, "not a number was drawn for it"
    dropped, _then = logits(0.5, training=True)
    assert not torch.allclose(dropped, without) and not torch.allclose(dropped, logits(0.5, True, seed=1)[0])


@pytest.mark.parametrize("attention", [None, "dot"])
def test_what_is_dropped_is_what_comes_in_and_what_goes_out_of_the_recurrent_layers(attention):
    """Zeroing all of it leaves a model that sees no token, and whose output layer knows its bias alone."""
    model = make("lstm", attention).train()
    inputs = []
    for part in (model.encoder, model.decoder):
        part.dropout.forward = torch.zeros_like
        part.recurrent.register_forward_hook(lambda module, given, output: inputs.append(given[0]))
    assert torch.equal(model(SOURCE, TARGET), model.decoder.output.bias.expand(3, 4, 7))
    assert [found.shape[-1] for found in inputs] == [5, 5] and not any(found.any() for found in inputs)


def test_a_configuration_that_was_stored_before_dropout_is_read():
    assert Seq2SeqConfig(**{"source_vocab_size": 9, "target_vocab_size": 7, "d_hidden": 6}).dropout == 0.0
