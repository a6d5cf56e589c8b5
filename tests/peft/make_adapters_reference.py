"""What the library `adapters` computes, for the tests of our adapters and of AdapterFusion to compare with.

It needs an older `transformers` than ours, so it has an environment of its own, made here in a temporary folder:

    python -m tests.peft.make_adapters_reference

writes `adapters_reference.safetensors` beside this file: tiny random models, the weights of adapters and fusions on
them, and the outputs and gradients of the library. `course` makes the models; the library never sees it.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

FILE = Path(__file__).with_name("adapters_reference.safetensors")
PACKAGES = ("adapters==1.3.0", "torch==2.13.0", "safetensors")
COMMAND = "python -m tests.peft.make_adapters_reference"
N_LAYERS, D_MODEL, VOCAB, CONTEXT, D_FF, N_HEADS = 2, 16, 31, 12, 24, 2
BOTTLENECKS = {"first": 4, "second": 2}  # of two adapters that are fused; alone, the first is used
SUBLAYERS = {  # where the library keeps its adapters, and the same place in words that all models share
    "attention.output.": "attention",
    "attention_adapters.": "attention",
    "output_adapters.": "feed_forward",
    "output.": "feed_forward",
}


def main() -> None:
    """In our environment: make the models, let the library compute in its own, and join what both have."""
    from tests.peft.tiny import MODELS, inputs, their_weights

    found = {}
    for kind, make in MODELS.items():
        model = make()
        found |= {
            f"{kind}/model/{name}": weight for name, weight in model.state_dict().items() if name != "output.weight"
        }
        found |= {f"{kind}/inputs/{name}": tensor for name, tensor in inputs(kind).items()}
        found |= {f"{kind}/theirs/{name}": weight.clone() for name, weight in their_weights(kind, model).items()}
    with tempfile.TemporaryDirectory() as folder:
        environment, handed, received = Path(folder, "environment"), Path(folder, "in"), Path(folder, "out")
        save_file({name: tensor.contiguous() for name, tensor in found.items()}, handed)
        venv.create(environment, with_pip=True)
        python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-compile", *PACKAGES], check=True)
        subprocess.run([python, __file__, handed, received], check=True)
        found |= load_file(received)
    kept = {name: tensor.contiguous() for name, tensor in found.items() if "/theirs/" not in name}
    save_file(kept, FILE, {"made by": COMMAND, "packages": " ".join(PACKAGES)})


def compute(handed: Path, received: Path) -> None:
    """In the library's environment: each method on each model, in eval and in training mode."""
    given, found = load_file(handed), {}
    for kind in ("bert", "gpt2", "llama"):
        for method in ("double", "seq_bn", "fusion"):
            for name, tensor in one(kind, method, part_of(given, f"{kind}/")).items():
                found[f"{kind}/{method}/{name}"] = tensor.detach().clone().contiguous()
    save_file(found, received)


def one(kind: str, method: str, given: dict[str, Tensor]) -> dict[str, Tensor]:
    """A method on a model: its weights, outputs and gradients, and for fusion what it starts from and attends to."""
    import adapters

    model = library_model(kind)
    missing, unexpected = model.load_state_dict(part_of(given, "theirs/"), strict=False)
    assert not unexpected and all("bias" in name or "rotary" in name for name in missing), (missing, unexpected)
    adapters.init(model)
    found = {}
    config = adapters.DoubleSeqBnConfig if method == "double" else adapters.SeqBnConfig
    names = list(BOTTLENECKS) if method == "fusion" else ["first"]
    for name in names:
        model.add_adapter(name, config=config(reduction_factor=D_MODEL // BOTTLENECKS[name]))
    if method == "fusion":
        setup = adapters.Fuse(*names)
        model.add_adapter_fusion(setup)
        fusion = {name: weight for name, weight in model.named_parameters() if "fusion_layer" in name}
        found["first_value"] = next(weight.clone() for name, weight in fusion.items() if name.endswith("value.weight"))
        model.train_adapter_fusion(setup)
    else:
        model.train_adapter(names[0])
    own = {our_name(name): weight for name, weight in model.named_parameters() if "adapter" in name}
    assert all(weight.requires_grad == (method != "fusion" or "fusion" in name) for name, weight in own.items())
    disturb(own)
    found |= {f"weight/{name}": weight for name, weight in own.items()}
    inputs = part_of(given, "inputs/")
    outputs = {}
    for mode in ("train", "eval"):
        model.train(mode == "train")
        model.zero_grad()
        outputs[mode] = model(**inputs).last_hidden_state
        loss(outputs[mode]).backward()
        gradients = {f"gradient/{name}": weight.grad for name, weight in own.items() if weight.requires_grad}
        if mode == "eval":
            assert all(torch.equal(found[name], gradient) for name, gradient in gradients.items())
        found |= {name: gradient.clone() for name, gradient in gradients.items()}
    assert torch.equal(outputs["train"], outputs["eval"])
    found["output"] = outputs["eval"]
    if method == "fusion":
        found["penalty"] = model.get_fusion_regularization_loss()
        kept = model(**inputs, output_adapter_fusion_attentions=True).adapter_fusion_attentions
        for layer, places in next(iter(kept.values())).items():
            (weights,) = places.values()
            found[f"attention/{layer}"] = torch.as_tensor(weights)
    return found


def library_model(kind: str) -> nn.Module:
    """A tiny model of `transformers` without any dropout."""
    from transformers import BertConfig, BertModel, GPT2Config, GPT2Model, LlamaConfig, LlamaModel

    sizes = {"vocab_size": VOCAB, "max_position_embeddings": CONTEXT, "hidden_size": D_MODEL}
    sizes |= {"num_hidden_layers": N_LAYERS, "num_attention_heads": N_HEADS, "attn_implementation": "eager"}
    if kind == "bert":
        off = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        return BertModel(BertConfig(**sizes, intermediate_size=D_FF, **off))
    if kind == "gpt2":
        off = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
        return GPT2Model(GPT2Config(**sizes, n_inner=D_FF, **off))
    more = {"num_key_value_heads": 1, "rms_norm_eps": 1e-5, "rope_theta": 10_000.0}
    return LlamaModel(LlamaConfig(**sizes, intermediate_size=D_FF, **more))


def our_name(name: str) -> str:
    """`encoder.layer.1.output.adapters.first.adapter_down.0.weight` as `1.feed_forward.first.down.weight`."""
    steps = name.split(".")
    layer = next(step for step in steps if step.isdigit())
    rest = name.partition(f".{layer}.")[2]
    place = next(place for place in SUBLAYERS if rest.startswith(place))
    rest = rest.removeprefix(place).removeprefix("adapters.").removeprefix("adapter_fusion_layer.")
    rest = (
        rest.replace("adapter_down.0.", "down.").replace("adapter_up.", "up.").replace(",".join(BOTTLENECKS), "fusion")
    )
    return f"{layer}.{SUBLAYERS[place]}.{rest}"


def disturb(weights: dict[str, Tensor]) -> None:
    """Weights as large as after training, and no two matrices alike, so that every one of them matters."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in weights.items():
            small = 0.1 if name.endswith("value.weight") else 0.2
            weight += small * torch.randn(weight.shape, generator=generator)


def loss(output: Tensor) -> Tensor:
    """A number that every number of the output counts in, each differently."""
    return (output * torch.arange(output.numel()).cos().view_as(output)).sum()


def part_of(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


if __name__ == "__main__":
    if len(sys.argv) == 3:
        compute(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
