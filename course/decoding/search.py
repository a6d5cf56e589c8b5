"""A likely output of a model that predicts one token at a time: greedy and beam search."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.decoding.protocol import (
    AnyState,
    Decodable,
    end_token,
    require_decodable,
    require_finite,
    started,
)
from course.layers.sizes import require_whole


class Hypothesis(NamedTuple):
    """One output: `tokens` without start and end tokens, and their log-probability.

    `log_probability` is the sum over the tokens and, where the output is `finished`, over its end token; `score` is
    that over the length penalty. An output that is not finished was cut at the greatest length.
    """

    tokens: list[int]
    log_probability: float
    score: float
    finished: bool

    @property
    def token_probability(self) -> float:
        """The geometric mean of the probabilities of its tokens, its end token's included; 1 where there are none."""
        return math.exp(self.log_probability / max(len(self.tokens) + self.finished, 1))


@torch.no_grad()
def greedy_search(
    model: Decodable[AnyState],
    source: Int[Tensor, "row position"],
    *,
    eos_id: int | None,
    max_length: int,
    padding: Int[Tensor, "row"] | None = None,
) -> list[Hypothesis]:
    """For each source, the output that takes the most probable token at every step, until `eos_id` or `max_length`.

    Without an end token (None) every output has `max_length` tokens. `padding` is that of `left_pad`. Raises
    `ValueError` when an output does not fit the model or the model's scores are not finite, `TypeError` for a model
    that cannot be decoded.
    """
    require_decodable(model)
    require_whole(max_length, "max_length", least=0)
    if max_length == 0:
        return [Hypothesis([], 0.0, 0.0, False) for _source in source]
    log_probabilities, state = started(model, source, max_length, padding)
    end = end_token(eos_id, log_probabilities.shape[1])
    columns: list[Tensor] = []  # of the outputs, a token for each source
    totals = torch.zeros(len(source), dtype=log_probabilities.dtype, device=source.device)
    rows = torch.arange(len(source), device=source.device)  # the sources whose output is not finished
    for position in range(max_length):
        best, tokens = log_probabilities.max(dim=-1)
        require_finite(best)
        totals[rows] += best
        columns.append(torch.full_like(source[:, 0], end).index_put((rows,), tokens))
        open_rows = (tokens != end).nonzero()[:, 0]
        if len(open_rows) == 0 or position + 1 == max_length:
            break
        if len(open_rows) < len(rows):
            rows, tokens, state = rows[open_rows], tokens[open_rows], state.select(open_rows)
        log_probabilities, state = model.step(state, tokens)
    hypotheses = []
    for output, total in zip(torch.stack(columns, dim=1).tolist(), totals.tolist(), strict=True):
        finished = end in output
        hypotheses.append(Hypothesis(output[: output.index(end)] if finished else output, total, total, finished))
    return hypotheses


@torch.no_grad()
def beam_search(
    model: Decodable[AnyState],
    source: Int[Tensor, "row position"],
    *,
    eos_id: int | None,
    max_length: int,
    beam_size: int = 4,
    length_penalty: float = 0.0,
    padding: Int[Tensor, "row"] | None = None,
) -> list[list[Hypothesis]]:
    """For each source, up to `beam_size` outputs, the best score first.

    At every step each output that is still open (there are `beam_size`) is continued by every token, and the best of
    all of these stay. One that ends while it is among them is set aside; a source is done when no open output can
    still beat what was set aside. The score is the log-probability, divided by ((5 + length) / 6) ** length_penalty,
    where the end token counts: above 0 it favors longer outputs. A beam of 1 without penalty is greedy search. Without
    an end token (None) every output has `max_length` tokens. `padding` is that of `left_pad`.

    Raises `ValueError` for a `beam_size` below 1, an output that does not fit the model and scores that are not
    finite, `TypeError` for a model that cannot be decoded.

    Source: Sutskever, Vinyals and Le 2014, section 3.2; the penalty: Wu et al. 2016, equation 14.
    """
    require_decodable(model)
    require_whole(beam_size, "beam_size")
    require_whole(max_length, "max_length", least=0)
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

    if max_length == 0:
        return [[Hypothesis([], 0.0, 0.0, False)] for _source in source]
    open_sources = list(range(len(source)))
    log_probabilities, state = started(model, source, max_length, padding)
    end = end_token(eos_id, log_probabilities.shape[1])
    each_beam = torch.arange(len(source), device=device).repeat_interleave(beam_size)
    log_probabilities, state = log_probabilities[each_beam], state.select(each_beam)
    written = torch.empty(len(source), beam_size, 0, dtype=torch.long, device=device)
    totals = torch.full((len(source), beam_size), -math.inf, dtype=log_probabilities.dtype, device=device)
    totals[:, 0] = 0.0  # at first all outputs of a source are the same: only one counts

    for length in range(1, max_length + 1):
        # Only one continuation of each output ends it: of the best 2 · beam_size, at least beam_size go on.
        require_finite(log_probabilities.amax(dim=-1))
        best, parents, tokens = _best_continuations(totals, log_probabilities, 2 * beam_size)
        ends = tokens == end
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
        totals, written = totals[kept], written[kept]
        if length < max_length:
            state = state.select((kept[:, None] * beam_size + parents[kept]).flatten())
            log_probabilities, state = model.step(state, tokens[kept].flatten())

    for row, rank in (totals > -math.inf).nonzero().tolist():
        set_aside(open_sources[row], written[row, rank], totals[row, rank].item(), False)
    return found


def _best_continuations(
    totals: Float[Tensor, "source beam"], log_probabilities: Float[Tensor, "row vocab"], count: int
) -> tuple[Float[Tensor, "source best"], Int[Tensor, "source best"], Int[Tensor, "source best"]]:
    """Of all outputs of a source, continued by all tokens: the best totals, the outputs they continue, the tokens."""
    continued = totals[..., None] + log_probabilities.view(*totals.shape, -1)  # (source, beam, vocab)
    best, places = continued.flatten(1).topk(min(count, continued[0].numel()))
    vocab_size = continued.shape[2]
    return best, places // vocab_size, places % vocab_size
