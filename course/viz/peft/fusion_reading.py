"""Which adapters a fusion attends to at each token of a text, and what the classifier answers."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.fine_tuning import SentenceClassifier, predict_logits
from course.peft import record_fusion
from course.viz.attention_explorer.readers import require_some_tokens, tokenize


class FusionReading(NamedTuple):
    """The tokens as they are read and shown, which of them are special, and the attention on each adapter at each.

    The weights of a token sum to 1 in each layer.
    """

    tokens: tuple[str, ...]
    special: frozenset[int]
    weights: Float[Tensor, "layer token adapter"]
    classes: tuple[str, ...]
    probabilities: Float[Tensor, "class"]

    def at(self, layer: int | None) -> Float[Tensor, "token adapter"]:
        """The weights in one layer, or their mean over all layers."""
        return self.weights.mean(dim=0) if layer is None else self.weights[layer]


def read_fusion(model: SentenceClassifier, text: str) -> FusionReading:
    """Run the model, which has a fusion on it. What is beyond its limit is neither read nor shown.

    Raises `ValueError` for a text without tokens, or with more than can be shown.
    """
    _ids, labels, _special = tokenize(model.tokenizer, text)
    require_some_tokens(labels)
    n_read = len(model.row(text).ids)
    tokens = (*labels[: n_read - 1], labels[-1])  # the last is [SEP], which a text that is cut has, too
    with record_fusion(model) as recorded:
        logits = predict_logits(model, [text])[0]
    weights = torch.stack([layer[0] for layer in recorded if layer is not None]).float().cpu()
    return FusionReading(tokens, frozenset({0, n_read - 1}), weights, model.classes, logits.float().softmax(dim=-1))
