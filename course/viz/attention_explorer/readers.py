"""Run any model of the course that has attention on a text: the tokens it reads, and the attention of each token.

`reader(model, tokenizer)` finds the right reader. Register a model of your own with `run.register`; a tokenizer of your
own only needs `explain`, which those of `course.tokenization` have.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import singledispatch
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn

from course.bert import Bert
from course.data.splits import draw
from course.decoding import greedy_search
from course.interpretability.attention_pair import AttentionInputs, record_attention_inputs
from course.interpretability.kept_prefix import KeptPrefix
from course.layers.attention import causal_mask, record_attention
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.peft.reading import require_text_alone
from course.seq2seq import Seq2Seq
from course.tasks.sentences import Translation
from course.tasks.task import Task
from course.tasks.vocabulary import MARKS, Vocabulary
from course.tokenization import ByteLevelBPE, Tokenizer, WordPiece
from course.tokenization.byte_alphabet import read_bytes
from course.transformer import Transformer, TransformerEncoder
from course.viz.attention_explorer.maps import AttentionMaps
from course.viz.kit.text import readable, visible

MAX_TOKENS = 128
EXAMPLE = "The animal didn't cross the street because it was too tired."
# Of a task, a text that everyone knows; where none is named, one is drawn: many of the dictionary's words are surnames.
EXAMPLE_OF = {"pronunciation": "knowledge"}

KINDS = {
    "self": _("self-attention"),
    "encoder": _("encoder: source to source"),
    "decoder": _("decoder: output to output"),
    "source": _("decoder: output to source"),
}


@runtime_checkable
class Reader(Protocol):
    """A model with its tokenizer. Readers of the same `input_kind` accept the same texts; `example` is such a text.

    One that reads a pair of texts has `reads_pairs`, and its `read` takes `second`, the second text.
    """

    input_kind: str
    example: str
    can_be_causal: bool

    def read(self, text: str, *, causal: bool = False) -> dict[str, AttentionMaps]:
        """Run the model on the text. Returns the maps of each kind of attention, a key of `KINDS`.

        `causal` applies a causal mask to an encoder. Raises `ValueError` for a text without tokens or with more than
        128.
        """


def reader(model: nn.Module, tokenizer: Tokenizer | Vocabulary | Task | Translation) -> Reader:
    """The reader for a model and its tokenizer, its vocabulary of characters, or its task."""
    if isinstance(tokenizer, Task | Translation):
        return PairReader(model, tokenizer)
    return TextReader(model, tokenizer)


class TokenizedText(NamedTuple):
    """A text in tokens: ids, visible labels, and the indices of control tokens."""

    ids: list[int]
    labels: list[str]
    special: frozenset[int] = frozenset()


@singledispatch
def tokenize(tokenizer: Tokenizer, text: str) -> TokenizedText:
    """The tokens that a model with this tokenizer reads."""
    pieces = tokenizer.explain(text)
    return TokenizedText([piece.id for piece in pieces], [visible(piece.token) for piece in pieces])


@tokenize.register
def _tokenize_bytes(tokenizer: ByteLevelBPE, text: str) -> TokenizedText:
    """The label of a partial character is its bytes, followed by the character: ‹ED›‹95›:한."""
    pieces = tokenizer.explain(text)
    labels = []
    for piece in pieces:
        label, whole = readable(piece.data), text[piece.start : piece.end]
        labels.append(visible(label if label == whole else f"{label}:{whole.strip()}"))
    return TokenizedText([piece.id for piece in pieces], labels)


@tokenize.register
def _tokenize_word_pieces(tokenizer: WordPiece, text: str) -> TokenizedText:
    """Adds [CLS] and [SEP], as BERT does. The label of an unknown word contains the word: [UNK]:🎉."""
    pieces = tokenizer.explain(text)
    if not pieces:
        return TokenizedText([], [])
    labels = [
        f"{piece.token}:{visible(piece.data.decode())}" if piece.id == tokenizer.unknown_id else piece.token
        for piece in pieces
    ]
    first, last = (tokenizer.special.ids[mark] for mark in ("[CLS]", "[SEP]"))
    ids = [first, *(piece.id for piece in pieces), last]
    return TokenizedText(ids, ["[CLS]", *labels, "[SEP]"], frozenset({0, len(ids) - 1}))


@tokenize.register
def _tokenize_characters(vocabulary: Vocabulary, text: str) -> TokenizedText:
    return TokenizedText(vocabulary.encode(text) if text else [], [visible(character) for character in text])


@singledispatch
def run(model: nn.Module, ids: Int[Tensor, "1 position"], causal: bool) -> None:
    """Run the model on the ids; `causal` applies to encoders only."""
    raise ValueError(
        _("{model} is not a model that this explorer knows how to run: register it with `run`.").format(
            model=type(model).__name__
        )
    )


@run.register
def _run_bert(model: Bert, ids: Tensor, causal: bool, token_types: Tensor | None = None) -> None:
    model(ids, _mask(ids)[0] if causal else None, token_types)


@run.register
def _run_encoder(model: TransformerEncoder, ids: Tensor, causal: bool) -> None:
    model(ids, _mask(ids) if causal else None)


@run.register
def _run_causal(model: CausalLanguageModel, ids: Tensor, causal: bool) -> None:
    model.hidden_states(ids)


def _mask(ids: Int[Tensor, "1 position"]) -> Bool[Tensor, "1 1 position position"]:
    n_tokens = ids.shape[1]
    return causal_mask(n_tokens, n_tokens, ids.device)[None, None]


class Watched(NamedTuple):
    """What a pass left of each attention layer: its weights, and what they follow from."""

    weights: list[Tensor | None]
    inputs: list[AttentionInputs | None]

    def maps(
        self, queries: Sequence[str], keys: Sequence[str], layers: slice = slice(None), **options: Any
    ) -> AttentionMaps:
        """The maps of some layers, on the CPU, between tokens with these labels."""
        weights = torch.cat([one for one in self.weights[layers] if one is not None]).float().cpu()
        inputs = tuple(one for one in self.inputs[layers] if one is not None)
        return AttentionMaps(tuple(queries), tuple(keys), weights, inputs=inputs, **options)


@contextmanager
def watch(model: nn.Module) -> Generator[Watched]:
    """Watch all attention layers of `model`: run it, then take the `maps`."""
    with record_attention(model) as weights, record_attention_inputs(model) as inputs:
        yield Watched(weights, inputs)


class TextReader:
    """A model that reads only one text: an encoder, or a decoder without an encoder. A BERT also reads a pair."""

    def __init__(self, model: nn.Module, tokenizer: Tokenizer | Vocabulary) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.input_kind, self.example = "text", EXAMPLE
        self.can_be_causal = isinstance(model, Bert | TransformerEncoder)
        self.reads_pairs = isinstance(model, Bert) and model.config.n_token_types > 1
        plain = isinstance(model, CausalLanguageModel) and run.dispatch(type(model)) is _run_causal
        self._prefix = KeptPrefix(model) if plain else None

    @torch.no_grad()
    def read(self, text: str, *, causal: bool = False, second: str = "") -> dict[str, AttentionMaps]:
        """`second` is the second text of a pair; with none, the model reads `text` alone.

        Raises `ValueError` where attention sees a prompt or a prefix beside the text.
        """
        require_text_alone(self.model)
        ids, labels, special = tokenize(self.tokenizer, text)
        other = tokenize(self.tokenizer, second) if self.reads_pairs and ids else TokenizedText([], [])
        split = len(ids) if other.ids else None
        if split is not None:
            ids, labels = [*ids, *other.ids[1:]], [*labels, *other.labels[1:]]
            special = frozenset({0, split - 1, len(ids) - 1})
        require_some_tokens(ids)
        options = {"special": special, "causal": causal or not self.can_be_causal, "split": split}
        if self._prefix is not None:
            weights, inputs = self._prefix.read(ids)
            tokens = tuple(labels)
            return {"self": AttentionMaps(tokens, tokens, weights.float().cpu(), inputs=tuple(inputs), **options)}
        row = _row(ids, self.model)
        with watch(self.model) as watched:
            if split is not None and isinstance(self.model, Bert):
                token_types = (torch.arange(len(ids), device=row.device) >= split).long()
                _run_bert(self.model, row, causal, token_types[None])
            else:
                run(self.model, row, causal)
        return {"self": watched.maps(labels, labels, **options)}


class PairReader:
    """A model that reads a source and decodes an output greedily."""

    def __init__(self, model: Transformer | Seq2Seq, task: Task | Translation) -> None:
        self.model, self._translation = model, task if isinstance(task, Translation) else None
        self.task = task.task if isinstance(task, Translation) else task
        self.input_kind, self.can_be_causal = self.task.name, False
        [drawn] = draw(self.task.validation, 1)
        text = self._translation.join(drawn.source) if self._translation else "".join(drawn.source)
        self.example = EXAMPLE_OF.get(self.task.name, text)

    @torch.no_grad()
    def read(self, text: str, *, causal: bool = False) -> dict[str, AttentionMaps]:
        symbols = self._translation.tokenize(text) if self._translation else self.task.symbols_from(text)
        require_some_tokens(symbols)
        source = _row(self.task.source.encode(symbols), self.model)
        [best] = greedy_search(self.model, source, eos_id=Vocabulary.eos_id, max_length=self.task.max_length)
        writes = [*best.tokens, Vocabulary.eos_id] if best.finished else best.tokens
        reads = [Vocabulary.bos_id, *writes[:-1]]
        keys, written, read = (
            self._labels(row)
            for row in (symbols, *([self.task.target.symbols[i] for i in ids] for ids in (writes, reads)))
        )
        if isinstance(self.model, Seq2Seq):
            with watch(self.model) as decoder:
                self.model(source, _row(reads, self.model))
            return {"source": decoder.maps(written, keys, cross=True)}
        with watch(self.model.encoder) as encoder, watch(self.model.decoder) as decoder:
            self.model(source, _row(reads, self.model))
        return {
            "source": decoder.maps(written, keys, slice(1, None, 2), cross=True),
            "encoder": encoder.maps(keys, keys),
            "decoder": decoder.maps(read, read, slice(0, None, 2), special=frozenset({0}), causal=True),
        }

    def _labels(self, symbols: Sequence[str]) -> tuple[str, ...]:
        in_bytes = self._translation is not None
        return tuple(visible(readable(read_bytes(s)) if in_bytes and s not in MARKS else s) for s in symbols)


def require_some_tokens(tokens: Sequence[object]) -> None:
    """Raises `ValueError` when there are no tokens, or more than can be shown."""
    if not tokens:
        raise ValueError(_("The text is empty. Type something for the model to read."))
    if len(tokens) > MAX_TOKENS:
        raise ValueError(
            _("The text has {count} tokens; the limit here is {limit}. Shorten it.").format(
                count=len(tokens), limit=MAX_TOKENS
            )
        )


def _row(ids: list[int], model: nn.Module) -> Int[Tensor, "1 position"]:
    return torch.tensor([ids], device=next(model.parameters()).device)
