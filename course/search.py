"""Finding a likely output of a model that writes one token at a time: greedy and beam search.

Any model can be searched that starts from a batch of sources and then takes one step after the other: the LSTM
encoder–decoders and the Transformer alike.
"""

import math
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor


@runtime_checkable
class State(Protocol):
    """What a model has read and written so far, for every row of the batch."""

    def select(self, rows: Int[Tensor, "chosen"]) -> "State":
        """The state of these rows, in this order; a row may be chosen more than once."""


@runtime_checkable
class Searchable(Protocol):
    """A model that writes token by token. It is searched as it is: put it in eval mode first."""

    def start(self, source: Int[Tensor, "row position"], max_length: int) -> State:
        """Read the sources, and prepare to write up to `max_length` tokens for each."""

    def step(self, state: State, tokens: Int[Tensor, "row"]) -> tuple[Float[Tensor, "row vocab"], State]:
        """Read one more token of each row: the log-probabilities of the next, and the state after it.

        The old state is used up.
        """


class Hypothesis(NamedTuple):
    """One output: `tokens` without the marks of its beginning and end, and the log-probability of writing them.

    `log_probability` is the sum over the tokens and, where the output is `finished`, over its end mark; `score` is that
    over the length penalty. An output that is not finished was cut at the greatest length.
    """

    tokens: list[int]
    log_probability: float
    score: float
    finished: bool


@torch.no_grad()
def greedy_search(
    model: Searchable, source: Int[Tensor, "row position"], *, bos_id: int, eos_id: int, max_length: int
) -> list[Hypothesis]:
    """For each source, the output that takes the likeliest token at every step, until `eos_id` or `max_length`."""
    n_rows = len(source)
    state = model.start(source, max_length)
    tokens = torch.full((n_rows,), bos_id, device=source.device)
    written = torch.full((n_rows, max_length), eos_id, device=source.device)
    totals = torch.zeros(n_rows, device=source.device)
    rows = torch.arange(n_rows, device=source.device)  # the sources that are still being written for
    for position in range(max_length):
        log_probabilities, state = model.step(state, tokens)
        best, tokens = log_probabilities.max(dim=-1)
        totals[rows] += best
        written[rows, position] = tokens
        going_on = (tokens != eos_id).nonzero()[:, 0]
        if len(going_on) == 0:
            break
        if len(going_on) < len(rows):
            rows, tokens, state = rows[going_on], tokens[going_on], state.select(going_on)
    hypotheses = []
    for output, total in zip(written.tolist(), totals.tolist(), strict=True):
        finished = eos_id in output
        hypotheses.append(Hypothesis(output[: output.index(eos_id)] if finished else output, total, total, finished))
    return hypotheses


@torch.no_grad()
def beam_search(
    model: Searchable,
    source: Int[Tensor, "row position"],
    *,
    bos_id: int,
    eos_id: int,
    max_length: int,
    beam_size: int = 4,
    length_penalty: float = 0.0,
) -> list[list[Hypothesis]]:
    """For each source, up to `beam_size` outputs, the best score first.

    At every step each output that is still open (there are `beam_size`) is continued by every token, and the best of
    all of these stay. One that ends while it is among them is set aside; a source is done when no open output can
    still beat what was set aside. The score is the log-probability, divided by ((5 + length) / 6) ** length_penalty,
    where the end mark counts: above 0 it favours longer outputs. A beam of 1 without penalty is greedy search.

    Source: Sutskever, Vinyals and Le 2014, section 3.2; the penalty: Wu et al. 2016, equation 14.
    """

    def score(total: float, length: int) -> float:
        return total / ((5 + length) / 6) ** length_penalty

    device = source.device
    found: list[list[Hypothesis]] = [[] for _ in source]
    open_sources = list(range(len(source)))
    every_row = torch.arange(len(source), device=device).repeat_interleave(beam_size)
    state = model.start(source, max_length).select(every_row)
    tokens = torch.full((len(source), beam_size), bos_id, device=device)
    written = torch.empty(len(source), beam_size, 0, dtype=torch.long, device=device)
    totals = torch.full((len(source), beam_size), -math.inf, device=device)
    totals[:, 0] = 0.0  # at first all outputs of a source are the same: only one counts

    for length in range(1, max_length + 1):
        log_probabilities, state = model.step(state, tokens.flatten())
        vocab_size = log_probabilities.shape[-1]
        continued = totals[..., None] + log_probabilities.unflatten(0, (-1, beam_size))  # (source, beam, vocab)
        # Only one continuation of each output ends it: of the best 2 · beam_size, at least beam_size go on.
        best, places = continued.flatten(1).topk(2 * beam_size)
        parents, tokens = places // vocab_size, places % vocab_size
        ends = tokens == eos_id

        for source_index, row, rank in _ended(ends, best, open_sources, beam_size):
            total = best[row, rank].item()
            output = written[row, parents[row, rank]].tolist()
            found[source_index].append(Hypothesis(output, total, score(total, length), True))

        going_on = ends.byte().argsort(dim=1, stable=True)[:, :beam_size]  # those that don't end, the best first
        totals, parents, tokens = (x.gather(1, going_on) for x in (best, parents, tokens))
        written = written.gather(1, parents[..., None].expand(-1, -1, length - 1))
        written = torch.cat((written, tokens[..., None]), dim=2)

        longest = max_length if length_penalty > 0 else length
        reachable = [score(total, longest) for total in totals[:, 0].tolist()]  # totals only fall
        still_open = []
        for row, source_index in enumerate(open_sources):
            found[source_index] = sorted(found[source_index], key=lambda h: -h.score)[:beam_size]
            full = len(found[source_index]) == beam_size
            if not (full and reachable[row] <= found[source_index][-1].score):
                still_open.append(row)
        open_sources = [open_sources[row] for row in still_open]
        if not open_sources:
            break
        kept = torch.tensor(still_open, device=device)
        state = state.select((kept[:, None] * beam_size + parents[kept]).flatten())
        totals, tokens, written = totals[kept], tokens[kept], written[kept]

    for row, source_index in enumerate(open_sources):
        for output, total in zip(written[row].tolist(), totals[row].tolist(), strict=True):
            if total > -math.inf:
                found[source_index].append(Hypothesis(output, total, score(total, max_length), False))
        found[source_index] = sorted(found[source_index], key=lambda h: -h.score)[:beam_size]
    return found


def _ended(ends: Tensor, best: Tensor, open_sources: list[int], beam_size: int) -> list[tuple[int, int, int]]:
    """Where an output among the best `beam_size` of a source ends: the source, its row, and the rank."""
    ended = ends[:, :beam_size] & (best[:, :beam_size] > -math.inf)
    return [(open_sources[row], row, rank) for row, rank in ended.nonzero().tolist()]
