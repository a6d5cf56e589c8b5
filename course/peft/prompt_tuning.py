"""Prompt tuning: vectors that are read before the text, as if they were tokens, and are all that is trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.sizes import require_whole
from course.layers.token_ids import require_token_ids
from course.messages import _
from course.peft.method import Method
from course.peft.prompt_reading import PromptedTokens
from course.peft.reading import bare_as, readable, require_place
from course.peft.starts import ids_of

STARTS = ("vocabulary", "random")


@dataclass(frozen=True)
class PromptTuning(Method):
    """`length` trained vectors before the text, in front of BERT's [CLS] too; what comes out is the text's states.

    `start` says what the vectors are at first: "vocabulary" for those of tokens that are drawn from all of it, "random"
    for uniform from −0.5 to 0.5, or the ids of a text, whose tokens' vectors are repeated or cut to the length. The
    prompt has the positions 0 to `length` − 1 and the text those after it, so that so many tokens less fit. A cache
    belongs to the method that was on when `new_cache` made it, and its length counts the prompt. What watches the
    model's inside (`record_attention`, `record_stream`) sees the prompt's positions before the text's. Raises
    `ValueError` for a length that is no whole number above 0 and another word as a start, `TypeError` for a start that
    is neither a word nor a list of token ids.

    Source: Lester, Al-Rfou and Constant 2021, section 2; the starts: section 3.2, where tokens are drawn from the 5,000
    most common. `peft` draws from all of them, too, and its "random" is normal, standard deviation 1.
    """

    length: int = 20
    start: str | Sequence[int] = "vocabulary"

    def __post_init__(self) -> None:
        require_whole(self.length, "length")
        if isinstance(self.start, str):
            if self.start not in STARTS:
                raise ValueError(
                    _("A prompt has no start {start!r}. There are: {known}, or a list of token ids.").format(
                        start=self.start, known=", ".join(STARTS)
                    )
                )
            return
        object.__setattr__(self, "start", ids_of(self.start))
        if not self.start:
            raise ValueError(_("The start is a text without tokens. Give one token id or more."))

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, PromptedTokens]:
        """Raises `ValueError` for a prompt that fills the context, and for ids that the body does not know."""
        readers = readable(body)
        require_place(readers, self.length)
        tokens = bare_as(nn.Embedding, readers.embedding.tokens)
        return {"embedding.tokens": PromptedTokens(tokens, self._first(tokens, generator))}

    def _first(self, tokens: nn.Embedding, generator: torch.Generator | None) -> Float[Tensor, "length d_model"]:
        weight = tokens.weight.detach()
        if self.start == "random":
            return torch.empty(self.length, weight.shape[1]).uniform_(-0.5, 0.5, generator=generator).to(weight)
        if isinstance(self.start, str):
            ids = torch.randint(len(weight), (self.length,), generator=generator)
        else:
            ids = torch.tensor(list(self.start))
            require_token_ids(ids[None], len(weight))
            ids = ids.repeat(-(-self.length // len(ids)))[: self.length]
        return weight[ids.to(weight.device)]
