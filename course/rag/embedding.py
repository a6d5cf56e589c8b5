"""Texts as vectors of length 1, by a BERT that was trained for it: texts that mean the same are close together."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from tqdm.auto import tqdm

from course.bert import Bert, sentence_embeddings
from course.fine_tuning.inputs import LEAST_LENGTH, pad_inputs, require_list, text_row
from course.fine_tuning.predictions import evaluating, like_lengths
from course.layers.sizes import require_whole
from course.messages import _
from course.tokenization import WordPiece

MARKS = 2  # [CLS] and [SEP], which count as pieces


class SentenceEncoder:
    """The mean of the last hidden states over a text's pieces, scaled to length 1.

    `limit` is the most pieces that are read of a text, [CLS] and [SEP] among them: 256 is what MiniLM's authors use it
    with, though it has 512 positions. The end of a longer text is cut off; `n_cut` counts such texts. Raises
    `ValueError` for a limit below 4 or beyond the body's context.

    Source: Reimers and Gurevych 2019, section 3 (mean pooling).
    """

    def __init__(self, body: Bert, tokenizer: WordPiece, *, limit: int = 256) -> None:
        require_whole(limit, "limit", least=LEAST_LENGTH)
        if limit > body.config.context_length:
            raise ValueError(
                _("The limit of {limit} pieces is beyond the model's context of {context}.").format(
                    limit=limit, context=body.config.context_length
                )
            )
        self.body = body
        self.tokenizer = tokenizer
        self.limit = limit

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return self.body.config.d_model

    def pieces(self, text: str) -> int:
        """How many pieces a text has, [CLS] and [SEP] among them: beyond `limit`, its end is cut off."""
        return len(self.tokenizer.encode(text)) + MARKS

    def n_cut(self, texts: Sequence[str]) -> int:
        """How many of the texts are longer than `limit`. Raises `TypeError` for one text alone."""
        require_list(texts)
        return sum(self.pieces(text) > self.limit for text in texts)

    @torch.no_grad()
    def encode(
        self, texts: Sequence[str], *, batch_size: int = 32, progress: bool = False
    ) -> Float[Tensor, "text width"]:
        """A vector for each text, in the order of the texts, in float32 on the CPU.

        Texts of like length share a batch, which then needs little padding; a text's vector depends on no other text.
        `progress` shows a bar. Raises `ValueError` for no texts, for a text in which the tokenizer finds no piece and
        for a `batch_size` below 1, `TypeError` for one text alone.
        """
        require_list(texts)
        if not len(texts):
            raise ValueError(_("There are no texts to encode. Give one or more."))
        rows = [text_row(self.tokenizer, text, self.limit) for text in texts]
        for number, row in enumerate(rows):
            if len(row.ids) == MARKS:
                raise ValueError(
                    _("Text {number} is {text!r}: without a piece to read, its vector would say nothing.").format(
                        number=number, text=texts[number]
                    )
                )
        vectors = torch.empty(len(rows), self.width)
        device = self.body.embedding.tokens.weight.device
        pad_id = self.tokenizer.special.ids["[PAD]"]
        with evaluating(self.body):
            for numbers in tqdm(like_lengths(rows, batch_size), disable=not progress):
                inputs = pad_inputs([rows[number] for number in numbers], pad_id, device)
                found = sentence_embeddings(self.body(*inputs).float(), inputs.attention_mask)
                vectors[numbers] = found.cpu()
        return vectors
