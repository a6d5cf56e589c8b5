"""Finding a likely output of a model that writes one token at a time: greedy and beam search.

Any model can be searched that starts from a batch of sources and then takes one step after the other: the LSTM
encoder–decoders and the Transformer alike.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.decoding.protocol import Searchable


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

    device = source.device
    found: list[list[Hypothesis]] = [[] for _ in source]

    def score(total: float, length: int) -> float:
        return total / ((5 + length) / 6) ** length_penalty

    def set_aside(index: int, output: Tensor, total: float, finished: bool) -> None:
        hypothesis = Hypothesis(output.tolist(), total, score(total, len(output) + finished), finished)
        found[index] = sorted([*found[index], hypothesis], key=lambda one: -one.score)[:beam_size]

    def is_done(index: int, best_open: float, length: int) -> bool:
        reachable = score(best_open, max_length if length_penalty > 0 else length)  # totals only fall
        return len(found[index]) == beam_size and found[index][-1].score >= reachable

    open_sources = list(range(len(source)))
    each_source = torch.arange(len(source), device=device)
    state = model.start(source, max_length).select(each_source.repeat_interleave(beam_size))
    tokens = torch.full((len(source), beam_size), bos_id, device=device)
    written = torch.empty(len(source), beam_size, 0, dtype=torch.long, device=device)
    totals = torch.full((len(source), beam_size), -math.inf, device=device)
    totals[:, 0] = 0.0  # at first all outputs of a source are the same: only one counts

    for length in range(1, max_length + 1):
        log_probabilities, state = model.step(state, tokens.flatten())
        # Only one continuation of each output ends it: of the best 2 · beam_size, at least beam_size go on.
        best, parents, tokens = _best_continuations(totals, log_probabilities, 2 * beam_size)
        ends = tokens == eos_id
        for row, rank in (ends & (best > -math.inf))[:, :beam_size].nonzero().tolist():
            set_aside(open_sources[row], written[row, parents[row, rank]], best[row, rank].item(), True)

        going_on = ends.byte().argsort(dim=1, stable=True)[:, :beam_size]  # those that don't end, the best first
        totals, parents, tokens = (x.gather(1, going_on) for x in (best, parents, tokens))
        written = written.gather(1, parents[..., None].expand(-1, -1, length - 1))
        written = torch.cat((written, tokens[..., None]), dim=2)

        best_open = totals[:, 0].tolist()
        rows = [row for row, index in enumerate(open_sources) if not is_done(index, best_open[row], length)]
        if not rows:
            return found
        open_sources = [open_sources[row] for row in rows]
        kept = torch.tensor(rows, device=device)
        state = state.select((kept[:, None] * beam_size + parents[kept]).flatten())
        totals, tokens, written = totals[kept], tokens[kept], written[kept]

    for row, rank in (totals > -math.inf).nonzero().tolist():
        set_aside(open_sources[row], written[row, rank], totals[row, rank].item(), False)
    return found


def _best_continuations(
    totals: Float[Tensor, "source beam"], log_probabilities: Float[Tensor, "row vocab"], count: int
) -> tuple[Float[Tensor, "source best"], Int[Tensor, "source best"], Int[Tensor, "source best"]]:
    """Of all outputs of a source, continued by all tokens: the best totals, the outputs they continue, the tokens."""
    continued = totals[..., None] + log_probabilities.view(*totals.shape, -1)  # (source, beam, vocab)
    best, places = continued.flatten(1).topk(count)
    vocab_size = continued.shape[2]
    return best, places // vocab_size, places % vocab_size
