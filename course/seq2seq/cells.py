"""Recurrent cells: one step of an LSTM and of a GRU written out, and PyTorch's fast layers for whole sequences."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course.messages import _

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}

# The state of a layer of cells: (hidden, cell) for an LSTM, (hidden,) for a GRU.
CellState = tuple[Float[Tensor, "batch d_hidden"], ...]


class CellWeights(NamedTuple):
    """The weights of one cell, with the gates stacked in PyTorch's order: i, f, g, o for an LSTM; r, z, n for a GRU."""

    input: Float[Tensor, "gates d_input"]
    hidden: Float[Tensor, "gates d_hidden"]
    input_bias: Float[Tensor, "gates"]
    hidden_bias: Float[Tensor, "gates"]

    @classmethod
    def of(cls, layer: nn.LSTM | nn.GRU) -> "CellWeights":
        """The weights of the first layer of PyTorch's LSTM or GRU."""
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        return cls(*(layer.get_parameter(name) for name in names))


def lstm_cell(
    x: Float[Tensor, "batch d_input"],
    state: tuple[Float[Tensor, "batch d_hidden"], Float[Tensor, "batch d_hidden"]],
    weights: CellWeights,
) -> tuple[Float[Tensor, "batch d_hidden"], Float[Tensor, "batch d_hidden"]]:
    """Read `x` and return the new (hidden, cell): forget some of the cell, add something new, show a part of it.

    Source: Hochreiter and Schmidhuber 1997; the forget gate: Gers, Schmidhuber and Cummins 2000, section 3.
    """
    hidden, cell = state
    gates = x @ weights.input.T + weights.input_bias + hidden @ weights.hidden.T + weights.hidden_bias
    input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
    cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() * candidate.tanh()
    return output_gate.sigmoid() * cell.tanh(), cell


def gru_cell(
    x: Float[Tensor, "batch d_input"], hidden: Float[Tensor, "batch d_hidden"], weights: CellWeights
) -> Float[Tensor, "batch d_hidden"]:
    """Read `x` and return the new hidden state: at each number, a mix of the old one and a candidate.

    As in PyTorch, the reset gate acts on the hidden state after its matrix, in the paper before it.

    Source: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder–Decoder", section 2.3.
    """
    from_input = x @ weights.input.T + weights.input_bias
    from_hidden = hidden @ weights.hidden.T + weights.hidden_bias
    input_reset, input_update, input_candidate = from_input.chunk(3, dim=-1)
    hidden_reset, hidden_update, hidden_candidate = from_hidden.chunk(3, dim=-1)
    reset = (input_reset + hidden_reset).sigmoid()
    update = (input_update + hidden_update).sigmoid()
    candidate = (input_candidate + reset * hidden_candidate).tanh()
    return (1 - update) * candidate + update * hidden


def require_cell(kind: str) -> None:
    """Raises `ValueError` for a name that is not in `CELLS`."""
    if kind not in CELLS:
        raise ValueError(_("cell is {value!r}; it must be one of {known}.").format(value=kind, known=", ".join(CELLS)))


class Recurrent(nn.Module):
    """A layer of LSTM or GRU cells that reads a batch of sequences; `kind` is "lstm" or "gru"."""

    def __init__(self, kind: str, d_input: int, d_hidden: int) -> None:
        super().__init__()
        require_cell(kind)
        self.layer = CELLS[kind](d_input, d_hidden, batch_first=True)

    def forward(
        self,
        x: Float[Tensor, "batch position d_input"],
        state: CellState | None = None,
        lengths: Int[Tensor, "batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch position d_hidden"], CellState]:
        """The hidden state after each position, and the final state. Without `state`, the layer starts from zeros.

        With `lengths`, each sequence ends at its length: its final state is the one after its last position, and the
        hidden states beyond are 0. PyTorch packs the sequences, so that padding takes no time.
        """
        start: CellState | Tensor | None = None
        if state is not None:  # PyTorch wants a dimension for stacked layers in front, and no tuple of one
            start = tuple(part[None].contiguous() for part in state)
            start = start if len(start) == 2 else start[0]
        if lengths is None:
            outputs, end = self.layer(x, start)
        else:
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            outputs, end = self.layer(packed, start)
            outputs, _lengths = pad_packed_sequence(outputs, batch_first=True, total_length=x.shape[1])
        end = end if isinstance(end, tuple) else (end,)
        return outputs, tuple(part[0] for part in end)

    def init_weights(self, generator: torch.Generator | None) -> None:
        """Glorot and Bengio's uniform for the input, orthogonal for the hidden state, biases 0, but 1 for forget gates.

        These are the defaults of Keras. With an open forget gate an LSTM remembers from the start: Jozefowicz, Zaremba
        and Sutskever 2015, "An Empirical Exploration of Recurrent Network Architectures".
        """
        weights = CellWeights.of(self.layer)
        nn.init.xavier_uniform_(weights.input, generator=generator)
        nn.init.orthogonal_(weights.hidden, generator=generator)
        nn.init.zeros_(weights.input_bias)
        nn.init.zeros_(weights.hidden_bias)
        if isinstance(self.layer, nn.LSTM):
            d_hidden = self.layer.hidden_size
            nn.init.ones_(weights.input_bias[d_hidden : 2 * d_hidden])
