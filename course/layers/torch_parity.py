"""PyTorch's own attention and Transformer layers with the weights of ours, to hold the two against each other."""

import torch
from torch import Tensor, nn

from course.layers.blocks import CausalBlock, DecoderBlock, EncoderBlock, Residual
from course.layers.multihead import MultiHeadAttention
from course.messages import _

Block = EncoderBlock | CausalBlock | DecoderBlock
Ours = MultiHeadAttention | Block


def as_torch(ours: Ours) -> nn.Module:
    """PyTorch's module of the same kind and sizes with a copy of the weights, batch first and without dropout.

    `nn.MultiheadAttention`, `nn.TransformerEncoderLayer` or `nn.TransformerDecoderLayer`, whose masks are True where a
    query may *not* look. Raises `ValueError` for another module, and for shared key heads, which PyTorch's have not.
    """
    if not isinstance(ours, Ours):
        raise ValueError(
            _("{kind} has no counterpart here: give a `MultiHeadAttention` or a block.").format(
                kind=type(ours).__name__
            )
        )
    for attention in ours.modules():
        if isinstance(attention, MultiHeadAttention) and attention.n_kv_heads != attention.n_heads:
            raise ValueError(
                _("PyTorch's attention has a key head for each of the {heads} heads, and here are {kv_heads}.").format(
                    heads=attention.n_heads, kv_heads=attention.n_kv_heads
                )
            )
    if isinstance(ours, MultiHeadAttention):
        reference = nn.MultiheadAttention(ours.query.in_features, ours.n_heads, batch_first=True)
    else:
        kind = nn.TransformerDecoderLayer if isinstance(ours, DecoderBlock) else nn.TransformerEncoderLayer
        residual = ours.feed_forward_residual
        d_ff, d_model = ours.feed_forward.get_parameter("up.weight").shape
        reference = kind(
            d_model,
            _attentions(ours)["self_attn"].n_heads,
            d_ff,
            dropout=0.0,
            activation=ours.feed_forward.activation,
            layer_norm_eps=residual.norm.eps,
            batch_first=True,
            norm_first=residual.norm_first,
        )
    reference.load_state_dict(torch_weights(ours))
    return reference


def torch_weights(ours: Ours) -> dict[str, Tensor]:
    """Our weights under the names, and in the shapes, of PyTorch's module."""
    return {name: torch.cat(parts) for name, parts in _named_parts(ours).items()}


def torch_gradients(ours: Ours) -> dict[str, Tensor]:
    """The gradients of our weights under the names of PyTorch's module, after a `backward`."""
    return {name: torch.cat([part.grad for part in parts]) for name, parts in _named_parts(ours).items()}


def same_gradients(ours: Ours, reference: nn.Module, *, tolerance: float = 1e-5) -> bool:
    """Whether every gradient of ours is that of PyTorch's module, each number to within `tolerance`.

    Raises `ValueError` where one of the two has no gradients yet.
    """
    theirs = {name: parameter.grad for name, parameter in reference.named_parameters()}
    if any(parameter.grad is None for parameter in ours.parameters()) or None in theirs.values():
        raise ValueError(_("There are no gradients yet: call `backward` on the loss of both modules first."))
    return all(
        torch.allclose(gradient, theirs[name], atol=tolerance, rtol=tolerance)
        for name, gradient in torch_gradients(ours).items()
    )


def same_as_torch(
    ours: Ours, reference: nn.Module, output: Tensor, expected: Tensor, *, tolerance: float = 1e-5
) -> dict[str, bool]:
    """Whether `output`, made with our weights, and the gradients of a loss of it are those of PyTorch's module.

    The loss is the mean of the squared numbers, and `backward` is called on it for both.
    """
    for of_one in (output, expected):
        of_one.pow(2).mean().backward()
    return {
        "outputs": torch.allclose(output, expected, atol=tolerance, rtol=tolerance),
        "gradients": same_gradients(ours, reference, tolerance=tolerance),
    }


def _attentions(block: Block) -> dict[str, MultiHeadAttention]:
    """The attentions of a block by PyTorch's names."""
    if isinstance(block, DecoderBlock):
        return {"self_attn": block.self_attention, "multihead_attn": block.source_attention}
    return {"self_attn": block.attention}


def _named_parts(ours: Ours) -> dict[str, tuple[nn.Parameter, ...]]:
    """PyTorch's names → our parameters that follow one another in it: it keeps the three projections in one matrix."""
    if isinstance(ours, MultiHeadAttention):
        projections = (ours.query, ours.key, ours.value)
        return {
            "in_proj_weight": tuple(projection.get_parameter("weight") for projection in projections),
            "in_proj_bias": tuple(projection.get_parameter("bias") for projection in projections),
            "out_proj.weight": (ours.output.get_parameter("weight"),),
            "out_proj.bias": (ours.output.get_parameter("bias"),),
        }
    parts = {
        f"{name}.{inner}": parameters
        for name, attention in _attentions(ours).items()
        for inner, parameters in _named_parts(attention).items()
    }
    residuals = [module for module in ours.modules() if isinstance(module, Residual)]
    named = {f"norm{number}": residual.norm for number, residual in enumerate(residuals, start=1)}
    named |= {"linear1": ours.feed_forward.get_submodule("up"), "linear2": ours.feed_forward.get_submodule("down")}
    for name, module in named.items():
        parts |= {f"{name}.{kind}": (module.get_parameter(kind),) for kind in ("weight", "bias")}
    return parts
