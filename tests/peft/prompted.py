"""Models of each kind, and the methods that let them read more than the text."""

import torch
from torch import Tensor, nn

from course.bert import Bert, BertConfig
from course.peft import Attached, LLaMAAdapter, PrefixTuning, PromptTuning, attach
from course.transformer import CausalTransformer, TransformerConfig
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import tiny_config, tiny_model
from tests.support.torch_layers import disturb

VOCAB, CONTEXT = 61, 48
TOKENS = (5, 7, 11)  # a prompt of real tokens
METHODS = {
    "prompt": PromptTuning(3, "random"),
    "prefix": PrefixTuning(3),
    "computed prefix": PrefixTuning(3, mlp_width=7),
    "adapter": LLaMAAdapter(3, n_layers=1),
    "adapter, scalar": LLaMAAdapter(3, gate="scalar"),
}


def transformer(positions: str) -> CausalTransformer:
    config = TransformerConfig(
        VOCAB, VOCAB, d_model=16, n_heads=2, d_ff=16, n_layers=2, context_length=CONTEXT, positions=positions
    )
    return disturb(CausalTransformer(config, torch.Generator().manual_seed(0))).eval()


def bert(positions: str = "learned", **changes: object) -> Bert:
    config = BertConfig(VOCAB, CONTEXT, 16, 2, 2, 24, dropout=0.0, positions=positions, **changes)
    return disturb(Bert(config, torch.Generator().manual_seed(0))).eval()


CAUSAL = {
    "gpt2": lambda: tiny_model(tiny_gpt2()),
    "llama": lambda: tiny_model(tiny_config()),
    "llama, windows": lambda: tiny_model(tiny_config(windows=(None, 4))),
    "alibi": lambda: transformer("alibi"),
}
MODELS = CAUSAL | {"bert": bert, "rotary bert": lambda: bert("rotary")}


def put_on(model: nn.Module, method: str) -> Attached:
    """The method with numbers all of which matter: gates that start at 0 are open."""
    attached = attach(model, METHODS[method], torch.Generator().manual_seed(1))
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in attached.parameters().values():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return attached


def text(rows: int = 2, length: int = 9, seed: int = 0) -> Tensor:
    return torch.randint(VOCAB, (rows, length), generator=torch.Generator().manual_seed(seed))


def read(model: nn.Module, ids: Tensor, *more: Tensor | None) -> Tensor:
    """The hidden states of a text."""
    return model(ids, *more) if isinstance(model, Bert) else model.hidden_states(ids, *more)


def before(ids: Tensor) -> Tensor:
    """The text with the tokens of `TOKENS` before it."""
    return torch.cat((torch.tensor(TOKENS).expand(len(ids), -1), ids), dim=1)
