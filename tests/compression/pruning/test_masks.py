"""Pruning: the right weights go, and they stay away while the others learn."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import prune as torch_prune

from course.compression.pruning import (
    Masks,
    input_norms,
    linear_layers,
    magnitude_mask,
    magnitude_masks,
    wanda_mask,
    wanda_masks,
)
from course.exercises.compression.pruning import prune_mask
from course.exercises.compression.wanda import wanda_mask as of_the_exercise


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.first = nn.Linear(4, 6)
        self.second = nn.Linear(6, 4, bias=False)
        self.output = nn.Linear(4, 7, bias=False)
        self.output.weight = self.embedding.weight

    def forward(self, ids):
        return self.output(self.second(self.first(self.embedding(ids)).tanh()))


@pytest.fixture
def model():
    torch.manual_seed(3)
    return Tied()


# --- Which weights go ---


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000), st.integers(0, 100))
def test_the_smallest_go_and_as_many_as_asked(rows, columns, seed, percent):
    weight, share = drawn(rows, columns, seed=seed).mul(2).round(), percent / 100
    mask = magnitude_mask(weight, share)
    assert int((~mask).sum()) == round(share * weight.numel())
    if mask.any() and not mask.all():
        assert weight[mask].abs().min() >= weight[~mask].abs().max()
    assert torch.equal(mask, prune_mask(weight, share))


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000), st.integers(0, 100))
def test_wanda_prunes_each_row_alike(rows, columns, seed, percent):
    weight, x, share = (
        drawn(rows, columns, seed=seed).round(decimals=1),
        drawn(5, columns, seed=seed + 1),
        percent / 100,
    )
    mask = wanda_mask(weight, x.norm(dim=0), share)
    assert (~mask).sum(dim=1).tolist() == [round(share * columns)] * rows
    assert torch.equal(mask, of_the_exercise(weight, x, share))


def test_equal_inputs_make_wanda_prune_rows_by_magnitude():
    weight = drawn(4, 10)
    mask = wanda_mask(weight, torch.full((10,), 3.0), 0.5)
    assert torch.equal(mask, torch.stack([magnitude_mask(row, 0.5) for row in weight]))


def test_masks_equal_those_of_pytorch(model):
    layers = [(layer, "weight") for layer in linear_layers(model, ["output"]).values()]
    masks = magnitude_masks(model, 0.4, scope="global", skip=["output"]).masks
    torch_prune.global_unstructured(layers, pruning_method=torch_prune.L1Unstructured, amount=0.4)
    assert [mask.tolist() for mask in masks.values()] == [layer.weight_mask.bool().tolist() for layer, _name in layers]


def test_a_common_threshold_takes_more_of_the_smaller_matrix(model):
    with torch.no_grad():
        model.second.weight.mul_(1e-3)
    together = magnitude_masks(model, 0.6, scope="global", skip=["output"])
    assert not together.masks["second.weight"].any()
    assert together.pruned_share == pytest.approx(0.6, abs=0.02)
    assert magnitude_masks(model, 0.5).masks["second.weight"].sum() == 12


def test_a_shared_matrix_is_pruned_once(model):
    masks = magnitude_masks(model, 0.5)
    assert [*masks.masks] == ["first.weight", "second.weight", "output.weight"]
    masks.apply()
    assert torch.equal(model.output.weight, model.embedding.weight)
    assert int((model.embedding.weight == 0).sum()) == 14


def test_wanda_reads_what_each_layer_reads(model):
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    norms = input_norms(model, lambda: [model(row[None]) for row in ids], skip=["output"])
    assert torch.allclose(norms["first"], model.embedding(ids).flatten(0, 1).norm(dim=0), atol=1e-5)
    assert not any(layer._forward_pre_hooks for layer in linear_layers(model).values())
    masks = wanda_masks(model, 0.5, norms)
    assert torch.equal(masks.masks["first.weight"], wanda_mask(model.first.weight, norms["first"], 0.5))


# --- They stay away ---


@pytest.mark.parametrize("held", [True, False])
def test_pruned_weights_stay_0_only_where_the_masks_are_held(model, held):
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.1)

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(ids).flatten(0, 1), ids.flatten()).backward()
        optimizer.step()

    step()  # so that the optimizer's running means know the weights that are pruned next
    masks = magnitude_masks(model, 0.5)
    handle = masks.hold(optimizer)
    if not held:
        handle.remove()
    before = model.first.weight.detach().clone()
    step()
    zeros = [
        bool((dict(model.named_parameters(remove_duplicate=False))[name][~mask] == 0).all())
        for name, mask in masks.masks.items()
    ]
    assert all(zeros) if held else not any(zeros)
    assert not torch.equal(before, model.first.weight)
    handle.remove()
    step()
    assert bool((model.first.weight[~masks.masks["first.weight"]] != 0).any())


# --- Refused ---


def test_nothing_and_everything_can_be_pruned():
    weight = drawn(3, 3)
    assert magnitude_mask(weight, 0.0).all() and not magnitude_mask(weight, 1.0).any()
    assert wanda_mask(weight, torch.ones(3), 0.0).all() and not wanda_mask(weight, torch.ones(3), 1.0).any()


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_is_refused(share):
    with pytest.raises(ValueError, match="from 0 to 1"):
        magnitude_mask(drawn(2, 2), share)
    with pytest.raises(ValueError, match="from 0 to 1"):
        wanda_mask(drawn(2, 2), torch.ones(2), share)


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_does_not_fit_is_refused_before_anything_changes(model):
    before = [parameter.clone() for parameter in model.parameters()]
    with pytest.raises(ValueError, match=r"no parameter 'third\.weight'"):
        Masks(model, {"third.weight": torch.ones(2, 2, dtype=torch.bool)})
    with pytest.raises(ValueError, match=r"has shape \(2, 2\), the parameter \(6, 4\)"):
        Masks(model, {"first.weight": torch.ones(2, 2, dtype=torch.bool)})
    with pytest.raises(ValueError, match=r"called 'third'\. There are: first, second, output"):
        magnitude_masks(model, 0.5, skip=["third"])
    with pytest.raises(ValueError, match="no linear layer to be pruned"):
        linear_layers(nn.Sequential(nn.Embedding(3, 3)))
    with pytest.raises(ValueError, match="layer or global"):
        magnitude_masks(model, 0.5, scope="row")
    with pytest.raises(ValueError, match="first read nothing"):
        input_norms(model, lambda: None)
    with pytest.raises(ValueError, match="no linear layer 'third'"):
        wanda_masks(model, 0.5, {"third": torch.ones(4)})
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


@pytest.mark.usefixtures("unchecked_shapes")
def test_masks_and_norms_that_mean_nothing_are_refused(model):
    with pytest.raises(ValueError, match="There is no mask"):
        Masks(model, {})
    with pytest.raises(ValueError, match=r"of torch.int64; give one of bool"):
        Masks(model, {"first.weight": torch.ones(6, 4, dtype=torch.int64)})
    with pytest.raises(ValueError, match="no smallest"):
        magnitude_mask(torch.tensor([[1.0, float("nan")]]), 0.5)
    for norms, said in (
        (torch.ones(1), r"shape \(1,\); a weight of 4 columns"),
        (torch.ones(6, 1), "needs"),
        (torch.tensor([1.0, float("nan"), 1, 1]), "negative, NaN or infinite"),
        (torch.tensor([1.0, -1, 1, 1]), "negative, NaN or infinite"),
    ):
        with pytest.raises(ValueError, match=said):
            wanda_mask(model.first.weight, norms, 0.5)
