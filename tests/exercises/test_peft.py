"""What the exercises of the lesson `peft` ask for is what the course and the package `peft` compute."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from peft.tuners.adalora.layer import RankAllocator
from torch import nn

from course.exercises.peft.budget import budget
from course.exercises.peft.counting import count_trained
from course.exercises.peft.importance import importance
from course.exercises.peft.lora import lora
from course.exercises.peft.merging import merge
from course.peft import LoRALinear


def allocator(initial=0, target=0, **settings):
    """What the package plans ranks with, without a model: the settings, and all ranks together."""
    planned = RankAllocator.__new__(RankAllocator)
    planned.peft_config = SimpleNamespace(**settings)
    planned.adapter_name, planned.init_bgt, planned.target_bgt = "default", initial, target
    return planned


@given(
    target=st.integers(0, 200),
    taken=st.integers(0, 400),
    t_initial=st.integers(0, 50),
    falling=st.integers(0, 100),
    t_final=st.integers(0, 50),
    data=st.data(),
)
def test_the_budget_is_that_of_the_package_at_every_step(target, taken, t_initial, falling, t_final, data):
    total, initial = t_initial + falling + t_final, target + taken
    step = data.draw(st.integers(0, total))
    expected, _masks = allocator(
        initial, target, tinit=t_initial, tfinal=t_final, total_step=total, deltaT=1
    ).budget_schedule(step)
    exact = target + taken * (1 - (step - t_initial) / falling) ** 3 if falling else target
    assume(abs(exact - round(exact)) > 1e-9 or exact in (initial, target))  # two sums may round to either side
    assert budget(step, initial, target, t_initial, t_final, total) == expected


def test_the_importance_is_that_of_the_package_over_several_steps():
    generator = torch.Generator().manual_seed(0)
    weight = nn.Parameter(torch.randn(2, 3, generator=generator))
    model = nn.ParameterDict({"lora_A_default": weight})
    planned = allocator()
    planned.beta1, planned.beta2 = 0.85, 0.6
    planned.reset_ipt()
    sensitivity = uncertainty = torch.zeros(2, 3)
    for _step in range(4):
        weight.grad = torch.randn(2, 3, generator=generator)
        planned.update_ipt(model)
        sensitivity, uncertainty, score = importance(weight.detach(), weight.grad, sensitivity, uncertainty, 0.85, 0.6)
        torch.testing.assert_close(score, planned._element_score("lora_A_default"))
        torch.testing.assert_close(sensitivity, planned.exp_avg_ipt["lora_A_default"])
        torch.testing.assert_close(uncertainty, planned.exp_avg_unc["lora_A_default"])


@pytest.fixture
def branch():
    """The course's LoRA on a layer without bias, with an A and a B that are not 0."""
    part = LoRALinear(nn.Linear(5, 3, bias=False), rank=2, scale=3.0)
    nn.init.normal_(part.up)
    return part


def test_lora_is_the_layer_of_the_course(branch):
    x = torch.randn(4, 5)
    branch.train()
    torch.testing.assert_close(lora(x, branch.base.weight, branch.down, branch.up, alpha=6.0), branch(x))


def test_merge_is_the_merged_layer_of_the_course(branch):
    merged = merge(branch.base.weight, branch.down, branch.up, alpha=6.0)
    torch.testing.assert_close(merged, branch.merged().weight)


def test_the_counts_are_those_of_the_modules(branch):
    adapter = nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 3))
    full, lora_, adapters, bitfit = count_trained([(3, 5)], rank=2, bottleneck=4)
    assert full == sum(parameter.numel() for parameter in nn.Linear(5, 3).parameters())
    assert lora_ == branch.down.numel() + branch.up.numel()
    assert adapters == sum(parameter.numel() for parameter in adapter.parameters())
    assert bitfit == nn.Linear(5, 3).bias.numel()
