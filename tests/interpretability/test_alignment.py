"""Inspecting a decoder with attention: the steps are the model's own, gradients agree with finite differences."""

import pytest
import torch
from torch.nn import functional as F

from course.interpretability.alignment import (
    attention_steps,
    input_gradients,
    prediction_changes_when_hidden,
    prediction_changes_when_swapped,
)
from course.layers.attention import record_attention
from course.seq2seq import SCORES, Seq2Seq, Seq2SeqConfig

SOURCE = torch.tensor([[3, 5, 4, 6, 3], [4, 4, 0, 0, 0], [6, 3, 5, 0, 0]])
READ = torch.tensor([[1, 4, 5, 3], [1, 3, 0, 0], [1, 5, 5, 0]])
WRITE = torch.tensor([[4, 5, 3, 2], [3, 2, 0, 0], [5, 5, 2, 0]])


def model(attention="dot", seed=0):
    made = Seq2Seq(Seq2SeqConfig(7, 6, d_embedding=5, d_hidden=8, attention=attention))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in made.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator))
    return made.eval()


@pytest.mark.parametrize("score", SCORES)
def test_the_steps_are_those_that_the_model_takes(score):
    attending = model(score)
    with record_attention(attending) as maps:
        logits = attending(SOURCE, READ)
    steps = attention_steps(attending, SOURCE, READ)
    torch.testing.assert_close(steps.logits, logits)
    torch.testing.assert_close(steps.weights, maps[0][:, 0])
    torch.testing.assert_close(steps.context, steps.weights @ steps.memory)
    assert steps.combined.abs().max() <= 1 and (steps.scores[1, :, 2:] == -torch.inf).all()


def test_sharpness_multiplies_the_scores():
    plain, sharp, flat = (attention_steps(model(), SOURCE, READ, sharpness=s) for s in (1.0, 2.0, 0.0))
    torch.testing.assert_close(sharp.scores[0], 2 * plain.scores[0])
    assert (sharp.weights.amax(dim=-1) >= plain.weights.amax(dim=-1)).all()
    torch.testing.assert_close(flat.weights[1, 0], torch.tensor([0.5, 0.5, 0, 0, 0]))


def test_what_is_hidden_has_no_weight_and_no_influence():
    attending = model()
    visible = torch.ones(3, 4, 5, dtype=torch.bool)
    visible[:, :, 1] = False
    steps = attention_steps(attending, SOURCE, READ, visible=visible)
    assert (steps.weights[:, :, 1] == 0).all()
    torch.testing.assert_close(steps.weights.sum(dim=-1), torch.ones(3, 4))
    open_ = attention_steps(attending, SOURCE, READ)
    others = open_.weights.masked_fill(~visible, 0)
    torch.testing.assert_close(steps.weights, others / others.sum(dim=-1, keepdim=True))


def test_a_model_without_attention_and_a_blind_position_are_errors():
    with pytest.raises(ValueError, match="This model has no attention"):
        attention_steps(model(None), SOURCE, READ)
    with pytest.raises(ValueError, match="hides every key from query 0"):
        attention_steps(model(), SOURCE, READ, visible=torch.zeros(3, 4, 5, dtype=torch.bool))


@pytest.mark.parametrize("attention", [None, "dot", "additive"])
def test_the_gradient_is_the_slope_of_the_loss(attention):
    made = model(attention).double()
    norms = input_gradients(made, SOURCE, READ, WRITE)
    assert (norms[1, 2:] == 0).all() and (norms[SOURCE != 0] > 0).all()
    assert all(weight.grad is None for weight in made.parameters())

    def loss(shift):
        handle = made.encoder.embedding.register_forward_hook(lambda _m, _i, embedded: embedded + shift)
        logits = made(SOURCE, READ)
        handle.remove()
        return F.cross_entropy(logits.flatten(0, 1), WRITE.flatten(), ignore_index=0, reduction="sum").item()

    for row, position in [(0, 0), (0, 4), (1, 1), (2, 0)]:
        slopes = []
        for number in range(5):
            shift = torch.zeros(3, 5, 5, dtype=torch.double)
            shift[row, position, number] = 1e-5
            slopes.append((loss(shift) - loss(-shift)) / 2e-5)
        assert norms[row, position].item() == pytest.approx(torch.tensor(slopes).norm().item(), rel=1e-5)


def test_hiding_is_counted_for_each_output_and_each_way():
    attending = model(seed=2)
    changed = prediction_changes_when_hidden(attending, SOURCE, READ, torch.Generator().manual_seed(0))
    assert list(changed) == [
        "the most attended",
        "a random other",
        "all but the most attended",
        "all but a random other",
    ]
    assert all(one.shape == READ.shape and not one[READ == 0].any() for one in changed.values())
    steps = attention_steps(attending, SOURCE, READ)
    most = torch.nn.functional.one_hot(steps.weights.argmax(dim=-1), 5).bool()
    for name, visible in {"the most attended": ~most, "all but the most attended": most}.items():
        seen = attention_steps(attending, SOURCE, READ, visible=visible)
        expected = (seen.logits.argmax(dim=-1) != steps.logits.argmax(dim=-1)) & (READ != 0)
        assert torch.equal(changed[name], expected) and expected.any(), name


def test_a_random_other_is_never_the_most_attended_nor_padding():
    two = torch.tensor([[4, 3, 0]])  # of two inputs, hiding one is leaving the other alone
    differ = []
    for seed in range(20):
        changed = prediction_changes_when_hidden(model(seed=8), two, READ[:1], torch.Generator().manual_seed(seed))
        differ.append(not torch.equal(changed["the most attended"], changed["a random other"]))
        assert torch.equal(changed["a random other"], changed["all but the most attended"])
        assert torch.equal(changed["the most attended"], changed["all but a random other"])
    assert all(differ)


def test_the_random_other_is_drawn_from_all_the_others():
    attending, one = model(seed=8), READ[:1, :1]
    steps = attention_steps(attending, SOURCE[:1], one)
    most = steps.weights[0, 0].argmax().item()
    possible = {}
    for place in set(range(5)) - {most}:
        visible = torch.arange(5) != place
        logits = attention_steps(attending, SOURCE[:1], one, visible=visible.expand(1, 1, 5)).logits
        possible[place] = (logits.argmax() != steps.logits.argmax()).item()
    found = {
        prediction_changes_when_hidden(attending, SOURCE[:1], one, torch.Generator().manual_seed(seed))[
            "a random other"
        ].item()
        for seed in range(40)
    }
    assert found == set(possible.values())


def test_a_source_of_one_symbol_has_nothing_to_hide():
    with pytest.raises(ValueError, match="hides every key"):
        prediction_changes_when_hidden(model(), torch.tensor([[4, 0]]), READ[:1], torch.Generator().manual_seed(0))


def test_a_swapped_half_is_that_of_the_row_half_the_batch_away():
    attending, source, read = model(seed=2), torch.cat((SOURCE, SOURCE[:1])), torch.cat((READ, READ[2:]))
    changed = prediction_changes_when_swapped(attending, source, read)
    steps, decoder = attention_steps(attending, source, read), attending.decoder
    for row, before in ((0, 2), (1, 3), (2, 0), (3, 1)):
        for position in range(4):
            both = bool(read[row, position]) and bool(read[before, position])
            for name, context, query in (
                ("the attention value", steps.context[before, position], steps.query[row, position]),
                ("the decoder's state", steps.context[row, position], steps.query[before, position]),
            ):
                logits = decoder.output(decoder.combine(torch.cat((context, query))).tanh())
                expected = both and logits.argmax() != steps.logits[row, position].argmax()
                assert changed[name][row, position].item() == expected
    assert all(one.any() for one in changed.values()), "the cases would not tell"


def test_a_half_cannot_be_swapped_with_no_other_row():
    with pytest.raises(ValueError, match="Give two rows or more"):
        prediction_changes_when_swapped(model(), SOURCE[:1], READ[:1])
