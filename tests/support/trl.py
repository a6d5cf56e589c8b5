"""What `trl` is compared with: a tiny Llama for it, and an environment of its own that computes in it.

The course pins a newer `transformers` than the old `trl` reads, and needs no `trl` itself: scripts named
`make_trl_*.py` run their second half in a temporary environment, and the tests read the file that they write.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

ROOT = Path(__file__).parents[2]
OLD = ("trl==0.11.4", "torch==2.13.0", "transformers==4.45.2", "accelerate==1.0.1", "datasets==3.0.2")
OLD += ("pyarrow<19", "numpy<2", "rich", "safetensors")
NEW = ("trl==1.16.0", "torch==2.13.0", "transformers==5.23.0", "safetensors")
VOCAB, PAD, END = 29, 0, 1
SIZES = {"vocab_size": VOCAB, "context_length": 16, "d_model": 16, "n_layers": 2, "n_heads": 2, "n_kv_heads": 1}
D_FF = 20
MOVED = "blocks.1.feed_forward.down.weight"
PROMPTS = [[5, 9, 3], [7, 2, 11, 4, 8], [6, 12], [10, 13, 14, 15]]
ANSWERS = [[21, 3, 17, 9, 20, END], [4, END], [END], [28, 6, 7, 7, END]]  # one answer is nothing but its end


def in_environment(script: str, packages: tuple[str, ...], handed: dict[str, Tensor], *more: str) -> dict[str, Tensor]:
    """What `python -m script <handed> <received> *more` writes where these packages are installed."""
    with tempfile.TemporaryDirectory() as folder:
        environment, given, received = Path(folder, "environment"), Path(folder, "in"), Path(folder, "out")
        save_file({name: tensor.contiguous() for name, tensor in handed.items()}, given)
        venv.create(environment, with_pip=True)
        python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-compile", *packages], check=True)
        subprocess.run([python, "-m", script, given, received, *more], check=True, cwd=ROOT)
        return load_file(received)


def decoders() -> dict[str, Tensor]:
    """The weights of three models, under `policy/`, `old/` and `reference/`, by the names of our decoder.

    The two others differ from the policy in one matrix alone, to keep the file small; the reference more than the old.
    """
    from course.gpt import LlamaConfig
    from tests.support.llama import tiny_model

    weights = tiny_model(LlamaConfig(**SIZES, d_ff=D_FF)).state_dict()
    found = {f"policy/{name}": weight for name, weight in weights.items() if name != "output.weight"}
    generator = torch.Generator().manual_seed(1)
    for role, distance in {"old": 0.15, "reference": 0.3}.items():
        moved = distance * torch.randn(weights[MOVED].shape, generator=generator)
        found[f"{role}/{MOVED}"] = weights[MOVED] + moved
    return found


def by_their_names(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    from tests.support.llama import llama_name

    return {
        f"{role}/{llama_name(rest)}": weight
        for name, weight in stored.items()
        for role, _, rest in [name.partition("/")]
    }


def decoder(stored: dict[str, Tensor], role: str) -> nn.Module:
    """One of the three as ours, from a file that a script has written."""
    from course.gpt import Decoder, LlamaConfig

    model = Decoder(LlamaConfig(**SIZES, d_ff=D_FF))
    model.load_state_dict(part_of(stored, "policy/") | part_of(stored, f"{role}/"), strict=False)
    return model.eval()


def llama(stored: dict[str, Tensor], role: str) -> nn.Module:
    """The same as `transformers`' model, of whichever version is installed, from `by_their_names`."""
    from transformers import LlamaConfig, LlamaForCausalLM

    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCAB,
            max_position_embeddings=SIZES["context_length"],
            hidden_size=SIZES["d_model"],
            num_hidden_layers=SIZES["n_layers"],
            num_attention_heads=SIZES["n_heads"],
            num_key_value_heads=SIZES["n_kv_heads"],
            intermediate_size=D_FF,
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=END,
            pad_token_id=PAD,
            attn_implementation="eager",
        )
    )
    weights = part_of(stored, "policy/") | part_of(stored, f"{role}/")
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert missing in (["lm_head.weight"], []) and not unexpected, (missing, unexpected)
    return model.eval()


def tokenizer() -> object:
    """A tokenizer that knows nothing but its numbers: trainers want one that can pad."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({f"t{number}": number for number in range(VOCAB)}, unk_token="t2"))
    return PreTrainedTokenizerFast(tokenizer_object=words, pad_token="t0", eos_token="t1", unk_token="t2")


def part_of(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def gradients(loss: Tensor, *inputs: Tensor) -> list[Tensor]:
    """Zeros where the loss does not depend on an input."""
    found = torch.autograd.grad(loss, inputs, retain_graph=True, allow_unused=True)
    return [torch.zeros_like(one) if each is None else each for one, each in zip(inputs, found, strict=True)]


def written(file: Path, tensors: dict[str, Tensor], command: str, packages: tuple[str, ...]) -> None:
    whole = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    save_file(whole, file, {"made by": command, "packages": " ".join(packages)})
