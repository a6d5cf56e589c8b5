"""The mean over a step's trained tokens: that of `transformers`, and the same however the rows are divided."""

import pytest
import torch

from course.instruction import NOT_TRAINED, EncodedConversation, answer_total, collate, masked_loss, n_trained, pack
from course.training import adamw, train
from tests.support.llama import TOLERANCE, as_llama, difference, llama_name, tiny_config, tiny_model


def drawn(lengths, seed=0, vocab=61):
    """Conversations with a prompt of 2 to 4 tokens, and the rest an answer."""
    generator = torch.Generator().manual_seed(seed)

    def draw(high, n=1):
        return torch.randint(high, (n,), generator=generator).tolist()

    found = []
    for length in lengths:
        n_prompt = min(2 + draw(3)[0], length - 1)
        mask = (*[False] * n_prompt, *[True] * (length - n_prompt))
        found.append(EncodedConversation(tuple(draw(vocab, length)), mask, ("user",) * length))
    return found


UNEQUAL = drawn([3, 30, 7, 12, 5, 21])


def gradients(model):
    return {name: parameter.grad for name, parameter in model.named_parameters()}


def test_loss_and_gradients_are_those_of_transformers():
    model = tiny_model(tiny_config())
    rows = collate(UNEQUAL, pad_id=0)
    loss = masked_loss().backward(model, rows)

    reference = as_llama(model)
    labels = torch.cat((torch.full((len(rows), 1), NOT_TRAINED), rows[:, 1]), dim=1)  # they shift labels themselves
    ids = torch.cat((rows[:, 0], torch.zeros(len(rows), 1, dtype=torch.long)), dim=1)
    theirs = reference(ids, labels=labels, attention_mask=torch.ones_like(ids)).loss
    theirs.backward()
    assert loss.item() == pytest.approx(theirs.item(), rel=TOLERANCE)
    expected = gradients(reference)
    for name, gradient in gradients(model).items():
        assert difference(gradient, expected[llama_name(name)]) < TOLERANCE, name


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("packed", [False, True])
def test_micro_batches_have_the_gradient_of_one_large_batch(size, packed):
    rows = pack(UNEQUAL, 40, pad_id=0) if packed else collate(UNEQUAL, pad_id=0)
    whole, parts = tiny_model(tiny_config()), tiny_model(tiny_config())
    loss = masked_loss().backward(whole, rows)
    assert masked_loss(size).backward(parts, rows).item() == pytest.approx(loss.item(), rel=TOLERANCE)
    for name, gradient in gradients(parts).items():
        assert difference(gradient, gradients(whole)[name]) < TOLERANCE, name


def test_a_mean_of_the_rows_means_is_another_loss():
    model, rows = tiny_model(tiny_config()), collate(UNEQUAL, pad_id=0)
    means = torch.stack([answer_total(model, row) / n_trained(row) for row in rows.split(1)])
    assert means.mean().item() != pytest.approx(masked_loss()(model, rows).item(), rel=1e-3)


def test_only_trained_tokens_count():
    model, rows = tiny_model(tiny_config()), collate(UNEQUAL, pad_id=0)
    logits = model(rows[:, 0]).log_softmax(-1)
    by_hand = sum(
        -logits[row, place - 1, token]
        for row, one in enumerate(UNEQUAL)
        for place, (token, trained) in enumerate(zip(one.ids, one.is_trained, strict=True))
        if trained
    )
    assert answer_total(model, rows).item() == pytest.approx(by_hand.item(), rel=TOLERANCE)
    assert n_trained(rows) == sum(map(sum, (one.is_trained for one in UNEQUAL)))


def test_padding_changes_nothing():
    model = tiny_model(tiny_config())
    alone = sum(answer_total(model, collate([one], 0)).item() for one in UNEQUAL)
    for pad_id in (0, 60):
        assert answer_total(model, collate(UNEQUAL, pad_id)).item() == pytest.approx(alone, rel=TOLERANCE)


def test_a_model_learns_the_answer_and_where_it_ends():
    model = tiny_model(tiny_config())
    rows = collate(UNEQUAL[:3], pad_id=0)
    with torch.no_grad():
        before = masked_loss()(model, rows).item()
    train(model, [rows] * 30, masked_loss(2), adamw(model, learning_rate=3e-3), steps=30)
    with torch.no_grad():
        assert masked_loss()(model, rows).item() < before / 4


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("packed", [False, True])
def test_a_model_in_half_precision_has_a_sum_in_full(dtype, packed):
    """In float16 a sum above 65,504 would be infinite, and in bfloat16 one of hundreds has no decimals."""
    many = drawn([40] * 460)
    rows = pack(many, 48, pad_id=0) if packed else collate(many, pad_id=0)
    exact, half = tiny_model(tiny_config()), tiny_model(tiny_config()).to(dtype)
    with torch.no_grad():
        expected = answer_total(exact, rows).item()
        found = answer_total(half, rows)
    assert expected > torch.finfo(torch.float16).max
    assert found.dtype == torch.float32 and found.item() == pytest.approx(expected, rel=2e-4)
    masked_loss(200).backward(half, rows)
    assert all(gradient.isfinite().all() for gradient in gradients(half).values())
