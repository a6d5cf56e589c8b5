"""What is put on BERT's hidden states to pre-train it: one head for each kind of question."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.bert.model import Bert, BertConfig
from course.layers.sizes import require_whole
from course.messages import _

FIRST_STD = 0.02  # of the first weights, as in the body


def _transform(d_in: int, d_model: int, norm_eps: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(d_in, d_model), nn.GELU(), nn.LayerNorm(d_model, norm_eps))


def initialize(head: nn.Module, generator: torch.Generator | None = None) -> None:
    """The first weights of a head: normal, standard deviation 0.02; biases 0."""
    for module in head.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=FIRST_STD, generator=generator)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)


class MaskedLMHead(nn.Module):
    """Logits of all tokens from hidden states: a layer of its own, then the token embeddings, and a bias a token.

    Source: `get_masked_lm_output` of the authors' code, google-research/bert, run_pretraining.py.
    """

    def __init__(self, config: BertConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.transform = _transform(config.d_model, config.d_model, config.norm_eps)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        initialize(self, generator)

    def forward(
        self, hidden: Float[Tensor, "*batch d_model"], embedding: Float[Tensor, "vocab d_model"]
    ) -> Float[Tensor, "*batch vocab"]:
        """`embedding` is the body's: a token has one vector, where it is read and where it is predicted."""
        return F.linear(self.transform(hidden), embedding, self.bias)


class PairHead(nn.Module):
    """Two logits for a pair of texts, from the pooled [CLS]: is the second what it should be (0), or not (1)?

    Source: Devlin et al. 2019, section 3.1, task 2.
    """

    def __init__(self, config: BertConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.output = nn.Linear(config.d_model, 2)
        initialize(self, generator)

    def forward(self, pooled: Float[Tensor, "batch d_model"]) -> Float[Tensor, "batch 2"]:
        return self.output(pooled)


class DetectionHead(nn.Module):
    """One logit for each position: above 0 where the token seems not to be the text's own.

    Source: Clark et al. 2020, section 2, and the `discriminator` of the authors' code, google-research/electra.
    """

    def __init__(self, config: BertConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.dense = nn.Linear(config.d_model, config.d_model)
        self.output = nn.Linear(config.d_model, 1)
        initialize(self, generator)

    def forward(self, hidden: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch"]:
        return self.output(F.gelu(self.dense(hidden))).squeeze(-1)


class SpanBoundaryHead(nn.Module):
    """Logits of a token inside a span, from the states of the two tokens outside of it, and its place in the span.

    `n_places` is the longest span in tokens, `d_place` the width of the place's embedding; a place beyond has the last
    one's. Two layers of width `d_model`, then the token embeddings and a bias.

    Source: Joshi et al. 2020, section 3.2; the sizes: `pair_bert.py` of the authors' code, facebookresearch/SpanBERT.
    """

    def __init__(
        self,
        config: BertConfig,
        generator: torch.Generator | None = None,
        *,
        n_places: int = 20,
        d_place: int = 200,
    ) -> None:
        super().__init__()
        self.places = nn.Embedding(n_places, d_place)
        self.transform = nn.Sequential(
            _transform(2 * config.d_model + d_place, config.d_model, config.norm_eps),
            _transform(config.d_model, config.d_model, config.norm_eps),
        )
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        initialize(self, generator)

    def forward(
        self,
        left: Float[Tensor, "token d_model"],
        right: Float[Tensor, "token d_model"],
        place: Int[Tensor, " token"],
        embedding: Float[Tensor, "vocab d_model"],
    ) -> Float[Tensor, "token vocab"]:
        """`left` and `right` are the states just outside of the token's span; `place` is 0 for the span's first."""
        place = place.clamp(max=self.places.num_embeddings - 1)
        return F.linear(self.transform(torch.cat((left, right, self.places(place)), dim=-1)), embedding, self.bias)


@dataclass(frozen=True)
class MaskedLMConfig:
    """What a `MaskedLanguageModel` is. `base` names the pretrained model that its frozen weights are of, if any are."""

    body: BertConfig
    base: str | None
    n_trained_blocks: int | None


class MaskedLanguageModel(nn.Module):
    """A BERT with a masked-LM head: for each position the logits of all tokens.

    With `n_trained_blocks` all but the head and so many last blocks is frozen. `base` is the name of the pretrained
    model that the body is. Raises `ValueError` for a number of blocks that the body does not have.
    """

    def __init__(
        self,
        body: Bert,
        generator: torch.Generator | None = None,
        *,
        base: str | None = None,
        n_trained_blocks: int | None = None,
    ) -> None:
        super().__init__()
        if n_trained_blocks is not None:
            require_whole(n_trained_blocks, "n_trained_blocks", least=0)
            if n_trained_blocks > len(body.blocks):
                raise ValueError(
                    _("n_trained_blocks is {value}; this body has {count} blocks.").format(
                        value=n_trained_blocks, count=len(body.blocks)
                    )
                )
        self.config = MaskedLMConfig(body.config, base, n_trained_blocks)
        self.body = body
        self.head = MaskedLMHead(body.config, generator)
        if n_trained_blocks is not None:
            body.requires_grad_(False)
            body.blocks[len(body.blocks) - n_trained_blocks :].requires_grad_(True)

    def forward(self, *inputs: Tensor | None) -> Float[Tensor, "batch position vocab"]:
        """`inputs` are those of `Bert`."""
        return self.unembed(self.body(*inputs))

    def unembed(self, hidden: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocab"]:
        """The logits for hidden states of the last block: of all positions, or of those that are wanted."""
        return self.head(hidden, self.body.embedding.tokens.weight)
