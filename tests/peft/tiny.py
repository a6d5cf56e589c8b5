"""Tiny models of the three kinds that a method is put on, and the inputs that they read."""

import torch
from torch import Tensor, nn
from transformers import BertConfig as TheirConfig
from transformers import BertModel

from course.bert import Bert, BertConfig
from course.gpt import Decoder, GPT2Config, LlamaConfig
from course.pretrained.bert_files import our_name
from tests.peft.make_adapters_reference import CONTEXT, D_FF, D_MODEL, N_HEADS, N_LAYERS, VOCAB
from tests.support import gpt2
from tests.support.llama import llama_name, tiny_model

SIZES = {"context_length": CONTEXT, "d_model": D_MODEL, "n_layers": N_LAYERS, "n_heads": N_HEADS, "d_ff": D_FF}


def tiny_bert(**changes: int) -> Bert:
    generator = torch.Generator().manual_seed(0)
    model = Bert(BertConfig(VOCAB, **{**SIZES, **changes}, dropout=0.0), generator)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return model.eval()


def tiny_gpt2() -> Decoder:
    return tiny_model(GPT2Config(VOCAB, **SIZES))


def tiny_llama() -> Decoder:
    return tiny_model(LlamaConfig(VOCAB, n_kv_heads=1, **SIZES))


MODELS = {"bert": tiny_bert, "gpt2": tiny_gpt2, "llama": tiny_llama}


def inputs(kind: str) -> dict[str, Tensor]:
    """By the names of `transformers`. A BERT's second row is padded."""
    ids = torch.randint(VOCAB, (2, 7), generator=torch.Generator().manual_seed(1))
    if kind != "bert":
        return {"input_ids": ids}
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": (ids.cumsum(dim=1) > 60).long()}


def hidden_states(model: nn.Module, given: dict[str, Tensor]) -> Tensor:
    """What a model of ours computes from these inputs."""
    if isinstance(model, Bert):
        return model(given["input_ids"], given["attention_mask"].bool(), given["token_type_ids"])
    return model.hidden_states(given["input_ids"])


def their_weights(kind: str, model: nn.Module) -> dict[str, Tensor]:
    """Our weights by the names of `transformers`' model without a head."""
    weights = {name: weight for name, weight in model.state_dict().items() if name != "output.weight"}
    if kind == "gpt2":
        return {name.removeprefix("transformer."): weight for name, weight in gpt2.their_weights(weights).items()}
    if kind == "llama":
        return {llama_name(name).removeprefix("model."): weight for name, weight in weights.items()}
    with torch.device("meta"):
        names = [name for name, _weight in BertModel(TheirConfig(num_hidden_layers=N_LAYERS)).named_parameters()]
    return {name: weights[our_name(name)] for name in names}
