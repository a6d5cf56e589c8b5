"""A published BERT, two files by the names of Hugging Face, in the course's own class."""

import json
from pathlib import Path

import safetensors.torch
import torch

from course.bert import Bert, BertConfig
from course.messages import _

NAMES = {  # in the file: in `Bert`; the longer names first
    "embeddings.word_embeddings.": "embedding.tokens.",
    "embeddings.position_embeddings.": "embedding.positions.table.",
    "embeddings.token_type_embeddings.": "embedding.token_types.",
    "embeddings.LayerNorm.": "embedding.norm.",
    "encoder.layer.": "blocks.",
    "attention.self.": "attention.",
    "attention.output.dense.": "attention.output.",
    "attention.output.LayerNorm.": "attention_residual.norm.",
    "intermediate.dense.": "feed_forward.up.",
    "output.dense.": "feed_forward.down.",
    "output.LayerNorm.": "feed_forward_residual.norm.",
    "pooler.dense.": "pooler.",
}


def read_bert(config_file: Path, weights_file: Path) -> Bert:
    """The model in eval mode, its weights mapped from the file. Raises `ValueError` for a model of another kind."""
    settings = json.loads(config_file.read_text(encoding="utf-8"))
    for name, expected in (("model_type", "bert"), ("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
        if settings.get(name, expected) != expected:
            raise ValueError(
                _("{file} describes a model whose {name} is {value!r}; this course reads {expected!r}.").format(
                    file=config_file, name=name, value=settings[name], expected=expected
                )
            )
    config = BertConfig(
        vocab_size=settings["vocab_size"],
        context_length=settings["max_position_embeddings"],
        d_model=settings["hidden_size"],
        n_layers=settings["num_hidden_layers"],
        n_heads=settings["num_attention_heads"],
        d_ff=settings["intermediate_size"],
        n_token_types=settings["type_vocab_size"],
        norm_eps=settings["layer_norm_eps"],
        dropout=settings["hidden_dropout_prob"],
    )
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        model = Bert(config)
    weights = {our_name(name): weight for name, weight in safetensors.torch.load_file(weights_file).items()}
    weights.pop("embeddings.position_ids", None)  # 0, 1, 2, ...
    model.load_state_dict(weights, assign=True)
    return model.eval()


def our_name(name: str) -> str:
    """The name in `Bert` of the parameter that the file calls `name`."""
    for theirs, ours in NAMES.items():
        name = name.replace(theirs, ours)
    return name
