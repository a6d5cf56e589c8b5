"""Reranking: a BERT that reads question and passage together, and so can compare their words.

An encoder of sentences has made a passage's vector before it knows the question. A cross-encoder must read each passage
anew for each question, so it is used on the best few that a quick search found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.bert import Bert, mean_states
from course.fine_tuning.heads import FIRST_STD
from course.fine_tuning.inputs import LEAST_LENGTH, Inputs, Row, pad_inputs, pair_row, require_list
from course.fine_tuning.predictions import evaluating, like_lengths
from course.layers.sizes import require_dropout, require_whole
from course.messages import _
from course.rag.search import Hit
from course.tokenization import WordPiece


@dataclass(frozen=True)
class CrossEncoderConfig:
    """What a `CrossEncoder` is, besides its body."""

    limit: int


class CrossEncoder(nn.Module):
    """A number for a question and a passage, higher where the passage answers it: a BERT, a head on its mean state.

    `limit` is the most tokens of a pair that are read; of a longer one, the longer text, mostly the passage, loses its
    end. `dropout` is that in front of the head; `generator` draws the head's first weights. Raises `ValueError` for a
    limit below 4 or beyond the body's context.

    Source: Nogueira and Cho 2019, "Passage Re-ranking with BERT".
    """

    def __init__(
        self,
        body: Bert,
        tokenizer: WordPiece,
        *,
        limit: int = 256,
        dropout: int | float = 0.1,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        require_dropout(dropout)
        require_whole(limit, "limit", least=LEAST_LENGTH)
        if limit > body.config.context_length:
            raise ValueError(
                _("The limit of {limit} tokens is beyond the model's context of {context}.").format(
                    limit=limit, context=body.config.context_length
                )
            )
        self.body = body
        self.tokenizer = tokenizer
        self.config = CrossEncoderConfig(limit)
        self.dropout = nn.Dropout(dropout)
        head = nn.Linear(body.config.d_model, 1)
        nn.init.normal_(head.weight, std=FIRST_STD, generator=generator)
        nn.init.zeros_(head.bias)
        self.head = head.to(body.embedding.tokens.weight)  # its device and its precision
        body.pooler.requires_grad_(False)  # it is not read

    @property
    def device(self) -> torch.device:
        return self.body.embedding.tokens.weight.device

    def row(self, question: str, passage: str) -> Row:
        """Raises `ValueError` for an empty question or passage."""
        if not question.strip() or not passage.strip():
            raise ValueError(
                _("The question is {question!r} and the passage {passage!r}: neither may be empty.").format(
                    question=question, passage=passage
                )
            )
        return pair_row(self.tokenizer, question, passage, self.config.limit)

    def batch(self, rows: Sequence[Row]) -> Inputs:
        """Rows as one batch on the model's device. Raises `ValueError` for no rows."""
        return pad_inputs(rows, self.tokenizer.special.ids["[PAD]"], self.device)

    def forward(self, inputs: Inputs) -> Float[Tensor, "batch"]:
        """The score of each pair, a logit."""
        return self.head(self.dropout(mean_states(self.body(*inputs), inputs.attention_mask)))[:, 0]

    @torch.no_grad()
    def scores(self, question: str, passages: Sequence[str], *, batch_size: int = 32) -> Float[Tensor, "passage"]:
        """The score of each passage for the question, without dropout, in float32 on the CPU.

        Raises `ValueError` for no passages and an empty text, `TypeError` for one passage alone.
        """
        require_list(passages)
        if not len(passages):
            raise ValueError(_("There are no passages to score. Give one or more."))
        rows = [self.row(question, passage) for passage in passages]
        found = torch.empty(len(rows))
        with evaluating(self):
            for numbers in like_lengths(rows, batch_size):
                found[numbers] = self(self.batch([rows[number] for number in numbers])).float().cpu()
        return found


def contrastive_loss(scores: Float[Tensor, "question passage"]) -> Float[Tensor, ""]:
    """The mean cross-entropy of "the first passage is the right one" among all of a question's passages.

    The others are negatives, "hard" ones where a search found them and they are wrong. A number that is added to all
    scores of a question changes nothing. Raises `ValueError` for fewer than two passages.
    """
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ValueError(
            _("The scores have the shape {shape}; give (question, passage), with two passages or more.").format(
                shape=tuple(scores.shape)
            )
        )
    return F.cross_entropy(scores, torch.zeros(len(scores), dtype=torch.long, device=scores.device))


def rerank(hits: Sequence[Hit], scores: Float[Tensor, "hit"]) -> list[Hit]:
    """The hits with new scores, best first; of equal scores, the earlier hit comes first.

    Raises `ValueError` for scores that are not finite, or not one a hit.
    """
    if scores.shape != (len(hits),) or not torch.isfinite(scores).all():
        raise ValueError(
            _("There are {hits} hits, and the scores have the shape {shape}: each hit needs one finite score.").format(
                hits=len(hits), shape=tuple(scores.shape)
            )
        )
    order = scores.argsort(descending=True, stable=True).tolist()
    return [Hit(hits[place].index, scores[place].item()) for place in order]
