"""Exercise on adapters: down, bend, up, and add."""

import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def adapter(
    x: "Tensor",
    down: "Tensor",
    down_bias: "Tensor",
    up: "Tensor",
    up_bias: "Tensor",
) -> "Tensor":
    """An adapter: each vector through a bottleneck, and what comes out is added to the vector.

    x: (..., d_model). The first layer is `down`, (bottleneck, d_model), with the bias `down_bias`;
    the second is `up`, (d_model, bottleneck), with `up_bias`. GELU is between them, as in
    `torch.nn.functional.gelu`. Vectors are rows: a layer computes `x @ down.T + down_bias`.

    >>> import torch
    >>> x, zeros = torch.tensor([1.0, -2.0]), torch.zeros(2, 1)
    >>> adapter(x, torch.ones(1, 2), torch.zeros(1), up=zeros, up_bias=torch.zeros(2)).tolist()
    [1.0, -2.0]
    """
    import torch.nn.functional as F

    narrow = F.gelu(x @ down.T + down_bias)
    return x + narrow @ up.T + up_bias


def _adapter_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(13)
    cases: list[tuple] = []
    sizes = [((2,), 1), ((1, 3), 2), ((3,), 3), ((2, 4), 2), ((2, 2, 3), 3), ((3, 2), 2), ((2, 6), 3), ((3, 2), 1)]
    for shape, bottleneck in sizes:
        d_model = shape[-1]
        x = drawn(generator, *shape)
        down, down_bias = drawn(generator, bottleneck, d_model), drawn(generator, bottleneck)
        cases.append((x, down, down_bias, drawn(generator, d_model, bottleneck), drawn(generator, d_model)))
    return cases


def _with(function, x, down, down_bias, up, up_bias):
    return x + F.linear(function(F.linear(x, down, down_bias)), up, up_bias)


def _without_skip(x, down, down_bias, up, up_bias):
    return F.linear(F.gelu(F.linear(x, down, down_bias)), up, up_bias)


def _straight(x, down, down_bias, up, up_bias):
    return _with(lambda narrow: narrow, x, down, down_bias, up, up_bias)


def _relu(x, down, down_bias, up, up_bias):
    return _with(torch.relu, x, down, down_bias, up, up_bias)


def _tanh(x, down, down_bias, up, up_bias):
    return _with(torch.tanh, x, down, down_bias, up, up_bias)


def _sigmoid(x, down, down_bias, up, up_bias):
    return _with(torch.sigmoid, x, down, down_bias, up, up_bias)


def _silu(x, down, down_bias, up, up_bias):
    return _with(F.silu, x, down, down_bias, up, up_bias)


def _by_tanh(x, down, down_bias, up, up_bias):
    return _with(lambda narrow: F.gelu(narrow, approximate="tanh"), x, down, down_bias, up, up_bias)


def _without_biases(x, down, down_bias, up, up_bias):
    return x + F.gelu(x @ down.T) @ up.T


def _without_down_bias(x, down, down_bias, up, up_bias):
    return x + F.gelu(x @ down.T) @ up.T + up_bias


def _without_up_bias(x, down, down_bias, up, up_bias):
    return x + F.gelu(x @ down.T + down_bias) @ up.T


def _bias_after_gelu(x, down, down_bias, up, up_bias):
    return x + (F.gelu(x @ down.T) + down_bias) @ up.T + up_bias


def _bent_late(x, down, down_bias, up, up_bias):
    return x + F.gelu(F.linear(F.linear(x, down, down_bias), up, up_bias))


def _bent_twice(x, down, down_bias, up, up_bias):
    return x + F.gelu(F.linear(F.gelu(F.linear(x, down, down_bias)), up, up_bias))


def _bent_early(x, down, down_bias, up, up_bias):
    return x + F.linear(F.linear(F.gelu(x), down, down_bias), up, up_bias)


def _bent_at_the_end(x, down, down_bias, up, up_bias):
    return F.gelu(x + F.linear(F.linear(x, down, down_bias), up, up_bias))


def _two_skips(x, down, down_bias, up, up_bias):
    return x + adapter(x, down, down_bias, up, up_bias)


def _subtracted(x, down, down_bias, up, up_bias):
    return x - F.linear(F.gelu(F.linear(x, down, down_bias)), up, up_bias)


def _multiplied(x, down, down_bias, up, up_bias):
    return x * F.linear(F.gelu(F.linear(x, down, down_bias)), up, up_bias)


def _bias_multiplied(x, down, down_bias, up, up_bias):
    return x + (F.gelu(x @ down.T + down_bias) @ up.T) * up_bias


def _up_is_down(x, down, down_bias, up, up_bias):
    return x + F.gelu(F.linear(x, down, down_bias)) @ down + up_bias


def _down_is_up(x, down, down_bias, up, up_bias):
    return x + F.linear(F.gelu(x @ up + down_bias), up, up_bias)


def _normed(x, down, down_bias, up, up_bias):
    return F.layer_norm(adapter(x, down, down_bias, up, up_bias), x.shape[-1:])


def _normed_first(x, down, down_bias, up, up_bias):
    return x - F.layer_norm(x, x.shape[-1:]) + adapter(F.layer_norm(x, x.shape[-1:]), down, down_bias, up, up_bias)


ADAPTER = Exercise(
    name="peft.adapter",
    title=_("Down, bend, up"),
    solution=adapter,
    cases=_adapter_cases,
    hints=(
        _("Four steps: the layer `down` with its bias, GELU, the layer `up` with its bias, and x added at the end."),
        _("With `narrow = F.gelu(x @ down.T + down_bias)`, the answer is `x + narrow @ up.T + up_bias`."),
    ),
    mistakes=(
        Mistake(
            _without_skip,
            _("The **skip connection** is missing: add x, so that an adapter of small weights changes little."),
        ),
        Mistake(_straight, _("Nothing **bends** between the two layers: GELU is missing, and one matrix would do.")),
        Mistake(_relu, _("You took **ReLU**, as Pfeiffer's adapters do: here it is GELU.")),
        Mistake(_tanh, _("You took **tanh**: here it is GELU.")),
        Mistake(_sigmoid, _("You took the **sigmoid**: here it is GELU.")),
        Mistake(_silu, _("You took **SiLU**: here it is GELU, `F.gelu`.")),
        Mistake(_by_tanh, _("Your GELU is the **approximation** by tanh: here it is the exact one, `F.gelu(x)`.")),
        Mistake(_without_biases, _("Both **biases** are missing: `down_bias` before GELU, `up_bias` at the end.")),
        Mistake(_without_down_bias, _("`down_bias` is missing: add it **before** GELU.")),
        Mistake(_without_up_bias, _("`up_bias` is missing: the **second** layer has a bias as well.")),
        Mistake(_bias_after_gelu, _("You added `down_bias` **after** GELU: it belongs to the layer before it.")),
        Mistake(_bent_late, _("GELU comes **after** `up`: it belongs between the two layers.")),
        Mistake(
            _bent_twice, _("GELU is in it **twice**: it belongs between the two layers, and nothing bends after `up`.")
        ),
        Mistake(_bent_early, _("GELU acts on **x**: it belongs between the two layers.")),
        Mistake(
            _bent_at_the_end, _("GELU acts on the **sum**: it belongs between the two layers, and x is added as it is.")
        ),
        Mistake(_two_skips, _("You added x **twice**: once is enough.")),
        Mistake(_subtracted, _("You **subtracted** what comes out of the bottleneck: it is added to x.")),
        Mistake(_multiplied, _("You **multiplied** x by what comes out of the bottleneck: it is added.")),
        Mistake(_bias_multiplied, _("You multiplied by `up_bias`: a bias is **added**.")),
        Mistake(_up_is_down, _("You went up by the **transpose** of `down`: `up` is a matrix of its own.")),
        Mistake(_down_is_up, _("You went down by the **transpose** of `up`: `down` is a matrix of its own.")),
        Mistake(_normed_first, _("You **normalized** x first: the adapter reads x as it is.")),
        Mistake(_normed, _("You **normalized** the answer: the block's own norm does that, after the adapter.")),
    ),
    explanation=_(
        "With weights near 0 the bottleneck adds almost nothing, so training starts from the model as it is. GELU "
        "between the layers is why an adapter cannot be merged into a matrix, as LoRA can: it is an extra step in "
        "each prediction."
    ),
    compare=close,
)
