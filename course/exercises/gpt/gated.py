"""Exercise on the gated feed-forward layer."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.transformer.formulas import Formula, times
from course.messages import _


@dataclass(frozen=True)
class Layers:
    """The three linear layers of a gated feed-forward layer."""

    gate: Formula
    up: Formula
    down: Formula


def random_gated_layers(d_model: int, d_ff: int, generator: torch.Generator) -> Layers:
    """Three random matrices of one decimal, so that they can be read."""
    shapes = ((d_model, d_ff), (d_model, d_ff), (d_ff, d_model))
    return Layers(*(times(torch.randn(*shape, generator=generator).round(decimals=1)) for shape in shapes))


def swiglu(x: "Tensor", layers: "Layers") -> "Tensor":
    """The gated feed-forward layer: one projection opens or closes the gates of another.

    x: (..., d_model). `layers` has three linear layers: `layers.gate` and `layers.up` widen a
    vector to d_ff numbers, `layers.down` brings it back. The gate's numbers g pass SiLU,
    g * sigmoid(g), and multiply those of `up`, number by number, before `down`.

    >>> import torch
    >>> from types import SimpleNamespace
    >>> layers = SimpleNamespace(gate=lambda v: 0 * v + 100, up=lambda v: v / 100, down=lambda v: v)
    >>> swiglu(torch.tensor([1.0, -2.0]), layers).tolist()
    [1.0, -2.0]
    """
    gate = layers.gate(x)
    return layers.down(gate * gate.sigmoid() * layers.up(x))


def _swiglu_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(7)
    cases: list[tuple] = []
    for shape, d_ff in [((2,), 2), ((1, 2), 3), ((2, 2), 4), ((1, 3, 2), 3), ((2, 2, 4), 6), ((3,), 5)]:
        x = torch.randn(*shape, generator=generator).round(decimals=1)
        cases.append((x, random_gated_layers(shape[-1], d_ff, generator)))
    return cases


def _with(x, layers, function):
    return layers.down(function(layers.gate(x)) * layers.up(x))


def _sigmoid_gate(x, layers):
    return _with(x, layers, torch.sigmoid)


def _relu_gate(x, layers):
    return _with(x, layers, torch.relu)


def _gelu_gate(x, layers):
    return _with(x, layers, F.gelu)


def _tanh_gate(x, layers):
    return _with(x, layers, torch.tanh)


def _softmax_gate(x, layers):
    return _with(x, layers, lambda gate: gate.softmax(dim=-1))


def _squared_gate(x, layers):
    return _with(x, layers, lambda gate: gate * gate)


def _tanh_times_gate(x, layers):
    return _with(x, layers, lambda gate: gate * gate.tanh())


def _plain_gate(x, layers):
    return _with(x, layers, lambda gate: gate)


def _gate_of_up(x, layers):
    return layers.down(layers.gate(x) * F.silu(layers.up(x)))


def _both(x, layers):
    return layers.down(F.silu(layers.gate(x)) * F.silu(layers.up(x)))


def _added(x, layers):
    return layers.down(F.silu(layers.gate(x)) + layers.up(x))


def _after(x, layers):
    return layers.down(F.silu(layers.gate(x) * layers.up(x)))


def _without_up(x, layers):
    return layers.down(F.silu(layers.gate(x)))


def _without_gate(x, layers):
    return layers.down(F.silu(layers.up(x)))


def _without_down(x, layers):
    return F.silu(layers.gate(x)) * layers.up(x)


def _up_alone(x, layers):
    return layers.down(layers.up(x))


def _sigmoid_added(x, layers):
    gate = layers.gate(x)
    return layers.down((gate + gate.sigmoid()) * layers.up(x))


def _residual(x, layers):
    return x + swiglu(x, layers)


def _gate_of_x(x, layers):
    return F.silu(layers.down(layers.gate(x))) * layers.down(layers.up(x))


def _down_of_each(x, layers):
    return layers.down(F.silu(layers.gate(x))) * layers.down(layers.up(x))


def _silu_last(x, layers):
    return F.silu(layers.down(layers.gate(x) * layers.up(x)))


def _sigmoid_turned_round(x, layers):
    return _with(x, layers, lambda gate: gate * torch.sigmoid(-gate))


def _gated_twice(x, layers):
    gate = layers.gate(x)
    return layers.down(gate * gate.sigmoid() * gate.sigmoid() * layers.up(x))


def _sigmoid_divides(x, layers):
    gate = layers.gate(x)
    return layers.down(gate / gate.sigmoid() * layers.up(x))


def _up_divides(x, layers):
    return layers.down(F.silu(layers.gate(x)) / layers.up(x))


def _sigmoid_of_up(x, layers):
    up = layers.up(x)
    return layers.down(layers.gate(x) * up.sigmoid())


SWIGLU = Exercise(
    name="gpt.swiglu",
    title=_("A feed-forward layer with gates"),
    solution=swiglu,
    cases=_swiglu_cases,
    hints=(
        _("Three steps: the gate's numbers through SiLU, times the numbers of `up`, then `down`."),
        _("With `gate = layers.gate(x)`, SiLU is `gate * gate.sigmoid()`; multiply it by `layers.up(x)`."),
    ),
    mistakes=(
        Mistake(_sigmoid_gate, _("Your gate passes the **sigmoid** alone: that is GLU. SiLU is `g * sigmoid(g)`.")),
        Mistake(_relu_gate, _("Your gate passes **ReLU**: that is ReGLU. Here it is SiLU, `g * sigmoid(g)`.")),
        Mistake(_gelu_gate, _("Your gate passes **GELU**: that is GEGLU. Here it is SiLU, `g * sigmoid(g)`.")),
        Mistake(_tanh_gate, _("Your gate passes **tanh**. Here it is SiLU, `g * sigmoid(g)`.")),
        Mistake(
            _softmax_gate, _("Your gates share 1 among them by **softmax**: each is on its own, `g * sigmoid(g)`.")
        ),
        Mistake(_squared_gate, _("You multiplied the gate by **itself**: SiLU is `g * sigmoid(g)`.")),
        Mistake(_tanh_times_gate, _("You multiplied the gate by its **tanh**: SiLU is `g * sigmoid(g)`.")),
        Mistake(_plain_gate, _("Nothing bends your gate: without SiLU the layer is a product of two **linear** maps.")),
        Mistake(_gate_of_up, _("Gate and up are **exchanged**: SiLU acts on `layers.gate(x)`.")),
        Mistake(_both, _("SiLU acts on **both** projections: `layers.up(x)` stays as it is.")),
        Mistake(_added, _("You **added** gate and up: a gate multiplies.")),
        Mistake(_after, _("SiLU acts on the **product**: it acts on the gate, before the product.")),
        Mistake(_without_up, _("`layers.up` is missing: the gate multiplies its numbers.")),
        Mistake(_without_gate, _("`layers.gate` is missing: that is a feed-forward layer **without gates**.")),
        Mistake(_without_down, _("`layers.down` is missing: the answer has d_model numbers again.")),
        Mistake(_up_alone, _("There is no **gate** in it: multiply the numbers of `up` by SiLU of the gate's.")),
        Mistake(_sigmoid_added, _("SiLU **multiplies** g by sigmoid(g); you added them.")),
        Mistake(_residual, _("You added `x`: the **residual connection** is not part of this layer.")),
        Mistake(_gate_of_x, _("`down` comes **last** and once: first the product, at the width d_ff.")),
        Mistake(_down_of_each, _("`down` comes **once**, after the product: you used it on each of its two factors.")),
        Mistake(_silu_last, _("SiLU comes at the **end**: it acts on the gate, before the product.")),
        Mistake(
            _sigmoid_turned_round,
            _("Your sigmoid is **turned round**: it is `1 / (1 + exp(-g))`, large for a large g."),
        ),
        Mistake(_gated_twice, _("You multiplied by the sigmoid **twice**: SiLU has it once.")),
        Mistake(_sigmoid_divides, _("You **divided** by the sigmoid: SiLU is `g * sigmoid(g)`.")),
        Mistake(_up_divides, _("You **divided** by the numbers of `up`: a gate multiplies.")),
        Mistake(_sigmoid_of_up, _("The sigmoid is of `up`: SiLU is of the **gate**, `g * sigmoid(g)`.")),
    ),
    explanation=_(
        "Where the gate is far below 0 a number of `up` is let through as nothing, and where it is far above, times "
        "the gate. There are three matrices in place of two, so d_ff is two thirds as large for the same number of "
        "weights."
    ),
    compare=close,
)
