"""Heads: what is put on a pretrained model so that it gives labels instead of hidden states.

Each classifier is the model (its body), a linear layer, and what reads texts for it. What it says of a text depends on
neither padding nor on the other texts in the batch.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Generic, Literal, TypeVar, get_args

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.bert import IGNORED, Bert, mean_states
from course.fine_tuning.baseline import require_classes
from course.fine_tuning.inputs import Inputs, Row, pad_inputs, pair_row, prompt_row, require_list, text_row, words_row
from course.layers.attention import require_bool
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_dropout, require_whole
from course.messages import _
from course.tokenization import Tokenizer, WordPiece

Body = TypeVar("Body", Bert, CausalLanguageModel)
Pieces = TypeVar("Pieces", bound=Tokenizer)
Pooling = Literal["mean", "first", "pooler"]
FIRST_STD = 0.02  # of a head's first weights, as of BERT's


@dataclass(frozen=True)
class SentenceConfig:
    """What a `SentenceClassifier` is, besides its body: `n_trained_blocks` is that of `train_only`; None if all is."""

    classes: tuple[str, ...]
    pooling: Pooling
    limit: int
    n_trained_blocks: int | None


class Classifier(nn.Module, ABC, Generic[Body, Pieces]):
    """A body, a head with one output for each of `classes`, and the tokenizer that the body was trained with.

    `limit` is the most tokens that are read of a text, by default all that the body can; `dropout` is that in front of
    the head; `generator` draws the head's first weights. Raises `ValueError` for fewer than two classes, a class given
    twice, and a limit below 1 or beyond the body's context.
    """

    def __init__(
        self,
        body: Body,
        tokenizer: Pieces,
        classes: Sequence[str],
        *,
        limit: int | None = None,
        dropout: int | float = 0.1,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        require_classes(classes)
        require_dropout(dropout)
        context = body.config.context_length if isinstance(body, Bert) else body.embedding.n_positions
        limit = context if limit is None else limit
        require_whole(limit, "limit")
        if limit > context:
            raise ValueError(
                _("The limit of {limit} tokens is beyond the model's context of {context}.").format(
                    limit=limit, context=context
                )
            )
        self.body = body
        self.tokenizer = tokenizer
        self.classes = tuple(classes)
        self.limit = limit
        self.dropout = nn.Dropout(dropout)
        head = nn.Linear(body.embedding.tokens.embedding_dim, len(classes))
        nn.init.normal_(head.weight, std=FIRST_STD, generator=generator)
        nn.init.zeros_(head.bias)
        self.head: nn.Module = head.to(body.embedding.tokens.weight)  # its device and its precision

    @property
    def device(self) -> torch.device:
        return self.body.embedding.tokens.weight.device

    @property
    def pad_id(self) -> int:
        return 0  # any id would do: the mask says what is padding

    @property
    def neutral_id(self) -> int | None:
        """The id of a token that says nothing of its own, such as [MASK], where there is one."""
        return None

    @abstractmethod
    def row(self, text: Any) -> Row:
        """A text as ids."""

    @abstractmethod
    def states(self, inputs: Inputs) -> Float[Tensor, "*batch d_model"]:
        """What the head reads: one vector for each text, or for each position."""

    def forward(self, inputs: Inputs) -> Float[Tensor, "*batch class"]:
        """The logits of the classes, for each text or for each position."""
        return self.head(self.dropout(self.states(inputs)))

    def inputs(self, texts: Sequence[Any]) -> Inputs:
        """The texts as one batch on the model's device. Raises `ValueError` for no texts, `TypeError` for one alone."""
        require_list(texts)
        return self.batch([self.row(text) for text in texts])

    def batch(self, rows: Sequence[Row]) -> Inputs:
        """Rows as one batch on the model's device."""
        return pad_inputs(rows, self.pad_id, self.device)

    def targets(self, labels: Sequence[Any], rows: Sequence[Row]) -> list[Any]:
        """The number of each text's class. Raises `ValueError` for a label that is no class."""
        return [self.class_number(label) for label in labels]

    def loss(self, batch: Sequence[tuple[Row, Any]]) -> Float[Tensor, ""]:
        """The mean cross-entropy of a batch of rows with their targets."""
        rows, targets = zip(*batch, strict=True)
        return F.cross_entropy(self(self.batch(rows)), torch.tensor(targets, device=self.device))

    def class_number(self, label: str) -> int:
        if label not in self.classes:
            raise ValueError(
                _("{label!r} is none of the classes {classes}.").format(
                    label=label, classes=", ".join(map(repr, self.classes))
                )
            )
        return self.classes.index(label)


AnyClassifier = Classifier[Any, Any]


class SentenceClassifier(Classifier[Bert, WordPiece]):
    """A label for a text, or for a pair of texts: a BERT, and a head on one vector for the whole input.

    `pooling` says which vector that is: the "mean" over the tokens, special ones included, as MiniLM was trained; the
    "first" token's, [CLS]; or what BERT's "pooler" makes of that, which is trained only in models that learned next
    sentence prediction, as MiniLM did not. A pair is a tuple of two strings.

    Source: Devlin et al. 2019, section 4.1; the mean: Reimers and Gurevych 2019, section 3.
    """

    def __init__(
        self, body: Bert, tokenizer: WordPiece, classes: Sequence[str], *, pooling: Pooling = "mean", **options: Any
    ) -> None:
        super().__init__(body, tokenizer, classes, **options)
        if pooling not in get_args(Pooling):
            raise ValueError(
                _("pooling is {value!r}; give one of {known}.").format(
                    value=pooling, known=", ".join(map(repr, get_args(Pooling)))
                )
            )
        self.pooling = pooling
        body.pooler.requires_grad_(pooling == "pooler")

    @property
    def config(self) -> SentenceConfig:
        n_trained = None
        if not self.body.embedding.tokens.weight.requires_grad:
            n_trained = sum(next(block.parameters()).requires_grad for block in self.body.blocks)
        return SentenceConfig(self.classes, self.pooling, self.limit, n_trained)

    @property
    def pad_id(self) -> int:
        return self.tokenizer.special.ids["[PAD]"]

    @property
    def neutral_id(self) -> int:
        return self.tokenizer.special.ids["[MASK]"]

    def row(self, text: str | tuple[str, str]) -> Row:
        """Raises `TypeError` for what is neither a text nor a pair of texts."""
        if isinstance(text, str):
            return text_row(self.tokenizer, text, self.limit)
        if not isinstance(text, tuple) or len(text) != 2:
            raise TypeError(
                _("{text!r} is no text; give a text (str), or of a pair of texts a tuple of the two.").format(text=text)
            )
        return pair_row(self.tokenizer, *text, self.limit)

    def states(self, inputs: Inputs) -> Float[Tensor, "batch d_model"]:
        hidden = self.body(*inputs)
        if self.pooling == "mean":
            return mean_states(hidden, inputs.attention_mask)
        return hidden[:, 0] if self.pooling == "first" else self.body.pool(hidden)


class TokenClassifier(Classifier[Bert, WordPiece]):
    """A label for each word of a text: a BERT, and a head that reads the first piece of each word.

    A text is a list of words, a label a list of as many classes. The other pieces of a word have no label, neither in
    training nor in evaluation, so a long word counts as much as a short one.

    Source: Devlin et al. 2019, section 5.3.
    """

    def __init__(self, body: Bert, tokenizer: WordPiece, classes: Sequence[str], **options: Any) -> None:
        super().__init__(body, tokenizer, classes, **options)
        body.pooler.requires_grad_(False)

    @property
    def pad_id(self) -> int:
        return self.tokenizer.special.ids["[PAD]"]

    def row(self, text: Sequence[str]) -> Row:
        if isinstance(text, str) or not len(text):
            raise ValueError(_("{text!r} is no list of words: split the text first.").format(text=text))
        return words_row(self.tokenizer, text, self.limit)

    def states(self, inputs: Inputs) -> Float[Tensor, "batch position d_model"]:
        return self.body(*inputs)

    def targets(self, labels: Sequence[Sequence[str]], rows: Sequence[Row]) -> list[list[int]]:
        """For each position of each row the number of a class, at the first piece of a word, or `IGNORED`.

        Raises `ValueError` for a label that is no class, and for fewer labels than words.
        """
        found = []
        for of_words, row in zip(labels, rows, strict=True):
            if len(of_words) < len(row.first_pieces):
                raise ValueError(
                    _("{words} words have {labels} labels; each word needs one.").format(
                        words=len(row.first_pieces), labels=len(of_words)
                    )
                )
            target = [IGNORED] * len(row.ids)
            for place, label in zip(row.first_pieces, of_words, strict=False):  # words that were cut off have none
                target[place] = self.class_number(label)
            found.append(target)
        return found

    def loss(self, batch: Sequence[tuple[Row, Sequence[int]]]) -> Float[Tensor, ""]:
        """The mean cross-entropy over all labelled words of the batch."""
        rows, targets = zip(*batch, strict=True)
        inputs = self.batch(rows)
        padded = torch.full(inputs.ids.shape, IGNORED)
        for row, target in zip(padded, targets, strict=True):
            row[: len(target)] = torch.tensor(target)
        return F.cross_entropy(self(inputs).flatten(0, 1), padded.flatten().to(self.device), ignore_index=IGNORED)


class DecoderClassifier(Classifier[CausalLanguageModel, Tokenizer]):
    """A label for a text: a causal language model, and a head on the hidden state of the last token.

    In a causal model only the last token has seen the whole text. In a padded batch it is not in the last column: there
    is padding, whose state says nothing. Where it is comes from the mask, not from a search for the padding's id, which
    may be in a text too.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", section 3.2.
    """

    def row(self, text: str) -> Row:
        return prompt_row(self.tokenizer, text, self.limit)

    def states(self, inputs: Inputs) -> Float[Tensor, "batch d_model"]:
        """Raises `ValueError` for rows that are padded in front: their tokens would have other positions."""
        mask = inputs.attention_mask
        require_bool(mask)
        if (mask[:, 1:] & ~mask[:, :-1]).any() or not mask[:, 0].all():
            raise ValueError(_("A row has padding before its text. Pad at the end, as `pad_inputs` does."))
        hidden = self.body.hidden_states(inputs.ids)  # padding comes later than every token, which sees none of it
        last = mask.sum(dim=1) - 1
        return hidden[torch.arange(len(hidden), device=hidden.device), last]


def train_only(model: AnyClassifier, n_layers: int) -> None:
    """Freeze all but the head and the body's last `n_layers` blocks; with 0, all but the head.

    What comes after the last block is trained with it: a decoder's last norm, and a BERT's pooler where it is read.
    What is frozen below the first trained block also costs no backward pass. Raises `ValueError` for more blocks than
    there are.
    """
    blocks = model.body.blocks
    if isinstance(n_layers, bool) or not isinstance(n_layers, Integral) or not 0 <= n_layers <= len(blocks):
        raise ValueError(
            _("{n!r} of the body's {count} blocks cannot be trained: choose 0 to {count}.").format(
                n=n_layers, count=len(blocks)
            )
        )
    model.body.requires_grad_(False)
    blocks[len(blocks) - n_layers :].requires_grad_(True)
    if n_layers and isinstance(model.body, CausalLanguageModel):
        model.body.norm.requires_grad_(True)
    if n_layers and isinstance(model, SentenceClassifier) and model.pooling == "pooler":
        model.body.pooler.requires_grad_(True)


def trained_parameters(model: nn.Module) -> Mapping[str, nn.Parameter]:
    """What training changes, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
