"""The encoder–decoder of recurrent cells: the encoder's end state is where the decoder starts.

Source: Sutskever, Vinyals and Le 2014; with attention: Luong, Pham and Manning 2015, section 3.1.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.layers.language_model import log_probabilities
from course.layers.sizes import require_dropout, require_positive
from course.layers.token_ids import require_token_ids
from course.messages import _
from course.seq2seq.cells import CellState, Recurrent, require_cell
from course.seq2seq.scores import SourceAttention


@dataclass(frozen=True)
class Seq2SeqConfig:
    """The sizes of a recurrent encoder–decoder. Raises `ValueError` for a size below 1 and a dropout outside [0, 1).

    `cell` is "lstm" or "gru"; `attention` is one of `course.seq2seq.SCORES`, or None: then the decoder knows of the
    source what the encoder's end state holds. `dropout` is the share of numbers that training drops on the way into the
    recurrent layers and into the output layer; from step to step of a recurrent layer nothing is dropped. `pad_id`
    fills up short rows of a batch at their end, `bos_id` begins every target.

    Source of the dropout: Zaremba, Sutskever and Vinyals 2014, "Recurrent Neural Network Regularization".
    """

    source_vocab_size: int
    target_vocab_size: int
    d_embedding: int = 64
    d_hidden: int = 256
    cell: str = "lstm"
    attention: str | None = None
    dropout: float = 0.0
    pad_id: int = 0
    bos_id: int = 1

    def __post_init__(self) -> None:
        require_positive(self, "source_vocab_size", "target_vocab_size", "d_embedding", "d_hidden")
        require_cell(self.cell)
        require_dropout(self.dropout)


@dataclass(frozen=True)
class Seq2SeqState:
    """What the decoder knows, for every row: its cells' state, and the encoder's state at each source position."""

    cell: CellState
    memory: Float[Tensor, "batch source d_hidden"]
    mask: Bool[Tensor, "batch source"]

    def select(self, rows: Int[Tensor, "chosen"]) -> "Seq2SeqState":
        """The state of these rows, in this order; a row may be chosen more than once."""
        return Seq2SeqState(tuple(part[rows] for part in self.cell), self.memory[rows], self.mask[rows])


class RecurrentEncoder(nn.Module):
    """The half that reads, from the first token to the last."""

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.pad_id = config.pad_id
        self.embedding = nn.Embedding(config.source_vocab_size, config.d_embedding)
        self.dropout = nn.Dropout(config.dropout)
        self.recurrent = Recurrent(config.cell, config.d_embedding, config.d_hidden)

    def forward(self, ids: Int[Tensor, "batch source"]) -> Seq2SeqState:
        """Read the sources: the state that a decoder starts from."""
        require_token_ids(ids, self.embedding.num_embeddings)
        mask = ids != self.pad_id
        lengths = _lengths(mask)
        memory, cell = self.recurrent(self.dropout(self.embedding(ids)), lengths=lengths)
        return Seq2SeqState(cell, memory, mask)


class RecurrentDecoder(nn.Module):
    """The half that generates: a language model that starts from what the encoder read.

    With attention, each state looks at the encoder's, and the output layer reads tanh(W · [context; state]).

    Source: Luong, Pham and Manning 2015, section 3, equations 5 and 6.
    """

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.target_vocab_size, config.d_embedding)
        self.dropout = nn.Dropout(config.dropout)
        self.recurrent = Recurrent(config.cell, config.d_embedding, config.d_hidden)
        self.attention: SourceAttention | None = None
        if config.attention is not None:
            self.attention = SourceAttention(config.attention, config.d_hidden)
            self.combine = nn.Linear(2 * config.d_hidden, config.d_hidden, bias=False)
        self.output = nn.Linear(config.d_hidden, config.target_vocab_size)

    def forward(
        self, ids: Int[Tensor, "batch position"], state: Seq2SeqState
    ) -> tuple[Float[Tensor, "batch position vocab"], Seq2SeqState]:
        """Read tokens that go on from `state`: the logits of the token after each, and the state after the last."""
        hidden, cell = self.recurrent(self.dropout(self.embedding(ids)), state.cell)
        if self.attention is not None:
            memory = state.memory[:, None]  # one head
            context = self.attention(hidden[:, None], memory, memory, state.mask[:, None, None])[:, 0]
            hidden = self.combine(torch.cat((context, hidden), dim=-1)).tanh()
        return self.output(self.dropout(hidden)), replace(state, cell=cell)


class Seq2Seq(nn.Module):
    """The encoder–decoder. `generator` draws the first weights, as Keras does: see `Recurrent.init_weights`.

    `course.decoding` decodes it. While `record_attention(model)` watches a model with attention,
    `maps[0]` is the alignment of the latest pass: (batch, 1 head, target, source).
    """

    def __init__(self, config: Seq2SeqConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        self.encoder = RecurrentEncoder(config)
        self.decoder = RecurrentDecoder(config)
        for module in self.modules():
            if isinstance(module, Recurrent | SourceAttention):
                module.init_weights(generator)
            elif isinstance(module, nn.Embedding):
                nn.init.uniform_(module.weight, -0.05, 0.05, generator=generator)
            elif isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight, generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(
        self,
        source: Int[Tensor, "batch source"],
        target: Int[Tensor, "batch position"],
        *,
        teacher_forcing: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "batch position vocab"]:
        """The logits of the token after each of `target`, which begins with the start token.

        Every later token is given to the decoder with the probability `teacher_forcing`; else it reads the token
        that it finds most probable itself. `generator`, on the model's device, decides. Rows of either may be filled up
        with padding at their end. Raises `TypeError` or `ValueError` for ids that are not whole numbers or not known,
        an empty source, padding in front of a token, and a `teacher_forcing` outside [0, 1].

        Source: Bengio et al. 2015, "Scheduled Sampling", section 2.4.
        """
        if not 0 <= teacher_forcing <= 1:
            raise ValueError(
                _("teacher_forcing is {value}; it is a probability, from 0 to 1.").format(value=teacher_forcing)
            )
        require_token_ids(target, self.config.target_vocab_size)
        state = self.encoder(source)
        if teacher_forcing < 1:
            given = torch.rand(target.shape, generator=generator, device=target.device) < teacher_forcing
            target = self._with_own_tokens(target, given, state)
        logits, _end = self.decoder(target, state)
        return logits

    @torch.no_grad()  # the choice of a token has no gradient
    def _with_own_tokens(
        self, target: Int[Tensor, "batch position"], given: Bool[Tensor, "batch position"], state: Seq2SeqState
    ) -> Int[Tensor, "batch position"]:
        """`target`, with the token that the model itself finds most probable wherever `given` is False."""
        inputs = [target[:, 0]]
        for position in range(1, target.shape[1]):
            logits, state = self.decoder(inputs[-1][:, None], state)
            inputs.append(torch.where(given[:, position], target[:, position], logits[:, 0].argmax(dim=-1)))
        return torch.stack(inputs, dim=1)

    @torch.no_grad()
    def start(
        self, source: Int[Tensor, "batch source"], max_length: int
    ) -> tuple[Float[Tensor, "batch vocab"], Seq2SeqState]:
        """Read the sources: the log-probabilities of the first token, and the state.

        A recurrent state has no limit: `max_length` is not needed.
        """
        beginning = torch.full((len(source),), self.config.bos_id, device=source.device)
        return self.step(self.encoder(source), beginning)

    @torch.no_grad()
    def step(
        self, state: Seq2SeqState, tokens: Int[Tensor, "batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], Seq2SeqState]:
        """Read one more token of each row: the log-probabilities of the next, and the state after it."""
        logits, state = self.decoder(tokens[:, None], state)
        return log_probabilities(logits[:, 0]), state


def _lengths(mask: Bool[Tensor, "batch source"]) -> Int[Tensor, "batch"]:
    """How many tokens each row has. Raises `ValueError` for a row without any, or with padding in front of one."""
    lengths = mask.sum(dim=1)
    empty = (lengths == 0).nonzero()
    if len(empty):
        raise ValueError(
            _("Row {row} of the source is nothing but padding: give it one token or more, or leave it out.").format(
                row=empty[0].item()
            )
        )
    gaps = (~mask[:, :-1] & mask[:, 1:]).any(dim=1).nonzero()
    if len(gaps):
        raise ValueError(
            _("Row {row} of the source has padding in front of a token: fill up short rows at their end.").format(
                row=gaps[0].item()
            )
        )
    return lengths
