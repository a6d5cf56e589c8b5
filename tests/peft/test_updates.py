"""ΔW by its singular values is that of the product itself, and whatever a cut does is undone to the last bit."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.fine_tuning import predict_logits
from course.peft import DoRA, LoRA, attach, merge
from course.peft.updates import changed_updates, cut_update, decomposed, kept_share, lora_parts, singular_values
from tests.support.adapted import TEXTS, assert_same_numbers, attach_disturbed, copied, seeded, tiny_classifier
from tests.support.other_device import here, other_device, there

RANK = 4
METHOD = LoRA(RANK, alpha=10)


def trained(method=METHOD):
    model = tiny_classifier()
    return model, attach_disturbed(model, method)


def parts_of(attached):
    return list(lora_parts(attached).values())


def update_of(part):
    return part.update().detach().double()


@pytest.mark.parametrize("method", [METHOD, LoRA(3, rank_stabilized=True), LoRA(1, targets=("up",))])
def test_the_singular_values_are_those_of_the_whole_matrix(method):
    _model, attached = trained(method)
    for part in parts_of(attached):
        left, values, right = decomposed(part)
        torch.testing.assert_close(left * values @ right, update_of(part), atol=1e-6, rtol=1e-5)
        expected = torch.linalg.svdvals(update_of(part))
        torch.testing.assert_close(singular_values(part), expected[: method.rank], atol=1e-6, rtol=1e-5)
        assert expected[method.rank :].max() < 1e-6


@pytest.mark.parametrize("rank", range(RANK + 1))
def test_a_cut_is_the_nearest_matrix_of_its_rank(rank):
    _model, attached = trained()
    for part in parts_of(attached):
        up, down = cut_update(part, rank)
        cut = (part.scale * up @ down).detach().double()
        left, values, right = torch.linalg.svd(update_of(part), full_matrices=False)
        torch.testing.assert_close(cut, left[:, :rank] * values[:rank] @ right[:rank], atol=1e-6, rtol=1e-5)
        lost = torch.linalg.matrix_norm(update_of(part) - cut).item()
        assert lost == pytest.approx(values[rank:].norm().item(), rel=1e-5, abs=1e-6)  # Eckart and Young
        assert (up.dtype, down.dtype) == (part.up.dtype, part.down.dtype)


def test_the_share_is_over_all_matrices_together():
    _model, attached = trained()
    values = [singular_values(part) for part in parts_of(attached)]
    whole = sum(update_of(part).square().sum() for part in parts_of(attached))
    kept = sum(
        (part.scale * up @ down).double().square().sum()
        for part in parts_of(attached)
        for up, down in [cut_update(part, 2)]
    )
    assert kept_share(values, 2) == pytest.approx((kept / whole).item(), rel=1e-5)
    assert kept_share(values, 0) == 0.0 and kept_share(values, RANK) == 1.0
    assert all(kept_share(values, rank) < kept_share(values, rank + 1) for rank in range(RANK))


@settings(max_examples=8, deadline=None)
@given(rank=st.integers(0, RANK), factor=st.floats(0, 2))
def test_in_the_block_the_model_computes_with_the_changed_updates(rank, factor):
    model, attached = trained()
    bare = {place: part.base.weight.clone() for place, part in lora_parts(attached).items()}
    changed = {
        place: factor * part.scale * up @ down
        for place, part in lora_parts(attached).items()
        for up, down in [cut_update(part, rank)]
    }
    with changed_updates(attached, rank=rank, factor=factor):
        found = predict_logits(model, TEXTS)
    attached.off()
    with torch.no_grad():
        for place in bare:
            model.body.get_submodule(place).weight.add_(changed[place])
    torch.testing.assert_close(found, predict_logits(model, TEXTS), atol=1e-5, rtol=1e-5)


def test_rank_0_is_the_frozen_model_and_the_whole_rank_the_trained_one():
    model, attached = trained()
    as_trained = predict_logits(model, TEXTS)
    with changed_updates(attached, rank=0):
        nothing = predict_logits(model, TEXTS)
    with changed_updates(attached, rank=RANK, factor=0):
        scaled_away = predict_logits(model, TEXTS)
    with changed_updates(attached, rank=RANK):
        assert torch.equal(predict_logits(model, TEXTS), as_trained)
    attached.off()
    assert torch.equal(nothing, predict_logits(model, TEXTS)) and torch.equal(scaled_away, nothing)
    assert not torch.allclose(nothing, as_trained, atol=1e-3)


@pytest.mark.parametrize("fails", [False, True])
def test_afterwards_all_is_as_before_to_the_last_bit(fails):
    model, attached = trained()
    weights, logits = copied(model), predict_logits(model, TEXTS)
    own = {name: id(parameter) for name, parameter in model.named_parameters()}
    try:
        with changed_updates(attached, rank=2, factor=0.5):
            assert not torch.equal(predict_logits(model, TEXTS), logits)
            assert {len(part.down) for part in parts_of(attached)} == {2}
            if fails:
                raise KeyError
    except KeyError:
        assert fails
    assert_same_numbers(copied(model), weights)
    assert {name: id(parameter) for name, parameter in model.named_parameters()} == own
    assert {part.scale for part in parts_of(attached)} == {METHOD.scale}
    assert torch.equal(predict_logits(model, TEXTS), logits)


def test_what_cannot_be_cut_is_named_and_left_alone():
    model, attached = trained()
    weights = copied(model)
    for wrong, message in ((5, "rank is 5; the rank of this LoRA is 4"), (-1, "rank is -1"), (True, "rank is True")):
        with pytest.raises(ValueError, match=message), changed_updates(attached, rank=wrong):
            raise AssertionError
        with pytest.raises(ValueError, match=message):
            cut_update(parts_of(attached)[0], wrong)
    for wrong in (-0.5, math.nan, math.inf):
        with pytest.raises(ValueError, match="factor is"), changed_updates(attached, rank=1, factor=wrong):
            raise AssertionError
    for put_away in (attached.off, lambda: (attached.on(), merge(attached))):
        put_away()
        with pytest.raises(ValueError, match="is off, or merged"), changed_updates(attached, rank=1):
            raise AssertionError
    attached.off()
    attached.on()
    assert_same_numbers(copied(model), weights)
    with pytest.raises(ValueError, match="DoRA"):
        lora_parts(trained(DoRA(2))[1])
    with pytest.raises(ValueError, match=r"ΔW is 0 in every matrix.*Train the LoRA first"):
        untrained = attach(tiny_classifier(), METHOD, seeded())
        kept_share(map(singular_values, parts_of(untrained)), 2)


def test_on_another_device():
    model, attached = trained()
    with changed_updates(attached, rank=2, factor=0.5):
        expected = predict_logits(model, TEXTS)
    with other_device():
        other = attach(there(tiny_classifier()), METHOD)
        with torch.no_grad():
            for name, parameter in other.parameters().items():
                parameter.copy_(attached.parameters()[name])
        with changed_updates(other, rank=2, factor=0.5):
            found = predict_logits(other.model, TEXTS)
    torch.testing.assert_close(here(found), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_share_of_fewer_than_no_values_is_refused():
    for wrong in (-1, 1.5):
        with pytest.raises(ValueError, match=f"rank is {wrong}; it must be"):
            kept_share([torch.ones(2)], wrong)


def test_an_update_that_is_scaled_away_can_be_cut():
    model, attached = trained()
    with changed_updates(attached, rank=4, factor=0.0):
        nothing = predict_logits(model, TEXTS)
        with changed_updates(attached, rank=2):
            assert torch.equal(predict_logits(model, TEXTS), nothing)
