"""The library `peft` on `transformers`' models, with copies of our weights, and what must agree."""

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn

from course.bert import Bert
from course.gpt import Decoder, GPT2Config
from course.peft import LoRALinear
from course.pretrained.bert_files import our_name
from tests.support.bert import as_bert
from tests.support.gpt2 import NAMES, as_gpt2
from tests.support.llama import as_llama, llama_name

# Where `peft` keeps what ours calls by these names.
OWN = {"down": "lora_A", "up": "lora_B", "magnitude": "lora_magnitude_vector"}


def as_reference(model: nn.Module) -> nn.Module:
    """`transformers`' model with a copy of the weights. `model` has no method on it."""
    if isinstance(model, Bert):
        return as_bert(model)
    return as_gpt2(model) if isinstance(model.config, GPT2Config) else as_llama(model)


def their_place(model: nn.Module, reference: nn.Module, place: str) -> str:
    """The reference's name of one of our layers."""
    name = f"{place}.weight"
    if isinstance(model, Bert):
        name = {our_name(theirs): theirs for theirs, _weight in reference.named_parameters()}[name]
    elif isinstance(model.config, GPT2Config):
        for ours, theirs in NAMES.items():
            name = name.replace(ours, theirs)
    else:
        name = llama_name(name)
    return name.removesuffix(".weight")


def with_lora(model: nn.Module, parts: dict[str, LoRALinear], **config: object) -> tuple[PeftModel, dict[str, Tensor]]:
    """The reference with LoRA in the same places, and its parameters by the names of ours. `parts` are off."""
    reference = as_reference(model)
    places = {place: their_place(model, reference, place) for place in parts}
    transposed = isinstance(model, Decoder) and isinstance(model.config, GPT2Config)
    theirs = get_peft_model(
        reference, LoraConfig(target_modules=list(places.values()), fan_in_fan_out=transposed, **config)
    ).eval()
    found = {}
    for place, their_name in places.items():
        layer = theirs.base_model.model.get_submodule(their_name)
        for name, parameter in parts[place].named_parameters(recurse=False):
            twin = getattr(layer, OWN[name])["default"].weight
            with torch.no_grad():
                twin.copy_(parameter)
            found[f"{place}.{name}"] = twin
    return theirs, found


def output_of(reference: nn.Module, ids: Tensor) -> Tensor:
    output = reference(ids)
    return output.last_hidden_state if "last_hidden_state" in output else output.logits
