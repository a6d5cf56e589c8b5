"""A decoder step by step through one output: its state, its predictions, and the symbols given to it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.decoding import DecodableModule, State
from course.decoding.protocol import AnyState
from course.seq2seq import Seq2Seq, Seq2SeqState
from course.tasks import Task, Vocabulary

# The state of a recurrent model for one output: (hidden, cell) for an LSTM, (hidden,) for a GRU, () for other models.
Numbers = tuple[Float[np.ndarray, "d_hidden"], ...]
# Index in the output, the model's most probable symbol → the symbol to write, and a description of who chose it.
Choice = Callable[[int, str], tuple[str, str]]


class Moment(NamedTuple):
    """One step of a decoder, after it has read the previous symbols.

    `probabilities` has the probability of each next symbol, `own` is the most probable one, `given` the one chosen,
    `by` says who chose it, and `state` is the model's state at this step.
    """

    probabilities: Float[np.ndarray, "vocab"]
    own: str
    given: str
    by: str
    state: Numbers


@torch.no_grad()
def decode(
    model: DecodableModule[AnyState], task: Task, source: Sequence[str], choice: Choice
) -> tuple[Numbers, list[Moment]]:
    """What the model keeps of the source, and every step up to the end symbol or `task.max_length`.

    Raises `ValueError` for a source with a symbol that the task does not know.
    """
    device = next(model.parameters()).device
    sources = task.sources([source]).to(device)
    context, symbols = _context(model, sources), task.target.symbols
    moments: list[Moment] = []
    log_probabilities, state = model.start(sources, task.max_length)
    while True:
        own = symbols[int(log_probabilities[0].argmax())]
        given, by = choice(len(moments), own)
        moments.append(Moment(log_probabilities[0].exp().cpu().numpy(), own, given, by, _numbers(state)))
        token = symbols.index(given)
        if token == Vocabulary.eos_id or len(moments) == task.max_length:
            return context, moments
        log_probabilities, state = model.step(state, torch.tensor([token], device=device))


def _context(model: DecodableModule[AnyState], sources: Int[Tensor, "1 source"]) -> Numbers:
    """What the encoder of a recurrent model hands to the decoder."""
    return _numbers(model.encoder(sources)) if isinstance(model, Seq2Seq) else ()


def _numbers(state: State) -> Numbers:
    return tuple(part[0].cpu().numpy().copy() for part in state.cell) if isinstance(state, Seq2SeqState) else ()
