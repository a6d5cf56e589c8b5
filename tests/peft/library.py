"""The reference file: the library's models as ours, with its weights in our parts."""

from safetensors.torch import load_file
from torch import Tensor, nn

from course.peft import AdapterFusion, Attached, HoulsbyAdapters, Method, PfeifferAdapters
from tests.peft.make_adapters_reference import BOTTLENECKS, FILE, part_of
from tests.peft.tiny import MODELS

REFERENCE = load_file(FILE)
METHODS: dict[str, Method] = {
    "double": HoulsbyAdapters(BOTTLENECKS["first"], activation="swish", trained_norms=False),
    "seq_bn": PfeifferAdapters(BOTTLENECKS["first"]),
    "fusion": AdapterFusion([PfeifferAdapters(size) for size in BOTTLENECKS.values()], dropout=0.0),
}


def reference(kind: str, method: str = "", what: str = "") -> dict[str, Tensor]:
    return part_of(REFERENCE, "".join(f"{each}/" for each in (kind, method, what) if each))


def library_model(kind: str) -> nn.Module:
    model = MODELS[kind]()
    model.load_state_dict(reference(kind, "model"), strict=False)
    return model


def ours(attached: Attached, name: str) -> nn.Parameter:
    """Our parameter of the library's `0.feed_forward.first.down.weight`, or `0.feed_forward.fusion.query.weight`."""
    layer, sublayer, adapter, rest = name.split(".", 3)
    part = attached.parts[f"blocks.{layer}.{sublayer}_residual"]
    if adapter == "fusion":
        return part.attention.get_parameter(rest)
    several = hasattr(part, "adapters")
    return (part.adapters[list(BOTTLENECKS).index(adapter)] if several else part.adapter).get_parameter(rest)
