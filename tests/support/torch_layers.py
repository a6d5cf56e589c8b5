"""PyTorch's own Transformer layers with the weights of ours, and how close the two must be."""

import torch
from torch import Tensor, nn

from course.layers.blocks import DecoderLayer, EncoderLayer, Residual
from course.layers.multihead import MultiHeadAttention

EXACT = {"atol": 1e-5, "rtol": 1e-5}


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def disturb(module: nn.Module, seed: int = 0) -> nn.Module:
    """Give every parameter a random part, biases and norms included, so that each of them matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return module


def linear_weights(ours: nn.Linear, name: str) -> dict[str, Tensor]:
    return {f"{name}.weight": ours.weight, f"{name}.bias": ours.bias}


def attention_weights(ours: MultiHeadAttention, prefix: str = "") -> dict[str, Tensor]:
    """By the names of `nn.MultiheadAttention`, which keeps the three projections in one matrix."""
    projections = (ours.query, ours.key, ours.value)
    return {
        f"{prefix}in_proj_weight": torch.cat([projection.weight for projection in projections]),
        f"{prefix}in_proj_bias": torch.cat([projection.bias for projection in projections]),
        **linear_weights(ours.output, f"{prefix}out_proj"),
    }


def as_torch_attention(ours: MultiHeadAttention) -> nn.MultiheadAttention:
    reference = nn.MultiheadAttention(ours.query.in_features, ours.n_heads, batch_first=True)
    reference.load_state_dict(attention_weights(ours))
    return reference


def layer_weights(ours: EncoderLayer | DecoderLayer) -> dict[str, Tensor]:
    """By the names of PyTorch's layers."""
    attentions = (
        {"self_attn": ours.attention}
        if isinstance(ours, EncoderLayer)
        else {
            "self_attn": ours.self_attention,
            "multihead_attn": ours.source_attention,
        }
    )
    weights = {}
    for name, attention in attentions.items():
        weights |= attention_weights(attention, f"{name}.")
    residuals = [module for module in ours.modules() if isinstance(module, Residual)]
    for number, residual in enumerate(residuals, start=1):
        weights |= linear_weights(residual.norm, f"norm{number}")
    return weights | linear_weights(ours.feed_forward.up, "linear1") | linear_weights(ours.feed_forward.down, "linear2")


def as_torch_layer(ours: EncoderLayer | DecoderLayer) -> nn.Module:
    """PyTorch's layer of the same sizes with a copy of the weights, without dropout."""
    kind = nn.TransformerEncoderLayer if isinstance(ours, EncoderLayer) else nn.TransformerDecoderLayer
    norm, up = ours.feed_forward_residual.norm, ours.feed_forward.up
    attention = ours.attention if isinstance(ours, EncoderLayer) else ours.self_attention
    reference = kind(
        up.in_features,
        attention.n_heads,
        up.out_features,
        dropout=0.0,
        activation=ours.feed_forward.activation,
        layer_norm_eps=norm.eps,
        batch_first=True,
        norm_first=ours.feed_forward_residual.norm_first,
    )
    reference.load_state_dict(layer_weights(ours))
    return reference


def gradients(module: nn.Module) -> nn.Module:
    """The gradients of our layer's parameters in the place of the parameters, to be renamed as they are."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.grad)
    return module
