"""Sampling: turn log-probabilities into a distribution, draw a token of it, read it, go on."""

import math
from collections.abc import Collection, Iterator, Sequence
from numbers import Integral
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.decoding.protocol import (
    AnyState,
    Decodable,
    DecodableModule,
    Limited,
    end_token,
    require_decodable,
    require_finite,
    started,
)
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.layers.sizes import require_whole
from course.messages import _

LOWEST_TEMPERATURE = torch.finfo(torch.float32).tiny  # what is lower would be 0 as a float32, and 0 / 0 is NaN


class Step(NamedTuple):
    """One generated token, and the log-probabilities that it was chosen by, before temperature, top-k and top-p."""

    token: int
    log_probabilities: Float[Tensor, "vocab"]


class Samples(NamedTuple):
    """Drawn outputs, a row for each, as wide as the longest; a shorter one is filled up with end tokens, not `drawn`.

    `log_probabilities` are those of the tokens under the distributions that they were drawn from; 0 where nothing was.
    The end token is drawn as any other.
    """

    tokens: Int[Tensor, "row position"]
    log_probabilities: Float[Tensor, "row position"]
    drawn: Bool[Tensor, "row position"]


def probabilities(
    logits: Float[Tensor, "*batch vocab"],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Float[Tensor, "*batch vocab"]:
    """The distribution from which the next token is drawn; each row sums to 1.

    The logits (or log-probabilities, which differ from them by a constant) are divided by `temperature`: below 1
    probable tokens become more probable, and at 0 the most probable takes all. Then the `top_k` most probable tokens
    are kept; of these, the smallest set of the most probable that together reaches `top_p`: the one that crosses it
    stays. Of equally probable tokens those with the lower ids are kept. Logits in half precision give probabilities in
    float32. Raises `ValueError` for a temperature below 0, a `top_k` that is no whole number above 0, or `top_p`
    outside (0, 1], and where the best of a row is not finite.

    Source: top-k: Fan, Lewis and Dauphin 2018, section 5.4; top-p: Holtzman et al. 2020, section 3.1.
    """
    _check_sampling(temperature, top_k, top_p)
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    best = logits.amax(dim=-1, keepdim=True)
    require_finite(best.flatten())
    if temperature == 0:
        return torch.zeros_like(logits).scatter(-1, logits.argmax(dim=-1, keepdim=True), 1.0)
    if temperature == 1 and top_k is None and top_p is None:
        return logits.softmax(dim=-1)
    # A shift changes nothing after softmax; with the highest at 0, a tiny temperature cannot overflow.
    scaled = (logits - best) / max(temperature, LOWEST_TEMPERATURE)
    if top_k is not None and top_k < logits.shape[-1]:
        least = scaled.topk(top_k, dim=-1).values[..., -1:]
        above, ties = scaled > least, scaled == least
        first_ties = ties & (ties.cumsum(dim=-1) <= top_k - above.sum(dim=-1, keepdim=True))
        scaled = scaled.masked_fill(~(above | first_ties), -math.inf)
    chances = scaled.softmax(dim=-1)
    if top_p is not None and top_p < 1:
        falling, order = chances.sort(dim=-1, descending=True, stable=True)
        before = falling.cumsum(dim=-1) - falling  # what the more probable tokens reach together
        kept = before < top_p
        kept[..., 0] = True  # 0 < top_p also where float32 knows no number so small
        falling = falling.where(kept, 0.0)
        chances = torch.zeros_like(chances).scatter(-1, order, falling)
        chances = chances / chances.sum(dim=-1, keepdim=True)
    return chances


def draw(chances: Float[Tensor, "*row vocab"], generator: torch.Generator | None = None) -> Int[Tensor, "*row 1"]:
    """One token of each row, drawn with the probabilities `chances`.

    One random number between 0 and 1 is drawn for each row; the token is the first at which the sum of the
    probabilities so far exceeds it. `torch.multinomial` draws a number for each token of the vocabulary instead. Raises
    `ValueError` for a row whose probabilities sum to 0 or are no numbers.
    """
    sums = chances.cumsum(dim=-1, dtype=torch.double)
    if not (sums[..., -1] > 0).all():
        raise ValueError(_("The probabilities of a row sum to 0 or are no numbers: no token can be drawn."))
    uniform = torch.rand(*sums.shape[:-1], 1, dtype=sums.dtype, device=sums.device, generator=generator)
    return torch.searchsorted(sums, uniform * sums[..., -1:], right=True)


@torch.no_grad()
def sample(
    model: Decodable[AnyState],
    source: Int[Tensor, "source position"],
    *,
    eos_id: int | None,
    max_length: int,
    n_samples: int = 1,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    padding: Int[Tensor, "source"] | None = None,
    generator: torch.Generator | None = None,
) -> Samples:
    """`n_samples` outputs for each source, those of the first source first, with their log-probabilities.

    Every row draws its own tokens from `probabilities` until `eos_id` or `max_length`; without an end token (None) all
    rows have `max_length`. Prompts of several lengths come from `left_pad`, with their `padding`. `generator` lives on
    the model's device. Each source is read once, whatever the number of samples. Raises `ValueError` when an output
    does not fit the model, when its scores are not finite, and for what `probabilities` refuses; `TypeError` for a
    model that cannot be decoded.
    """
    _check_sampling(temperature, top_k, top_p)
    require_whole(max_length, "max_length", least=0)
    require_whole(n_samples, "n_samples", least=0)
    require_decodable(model)
    rows = torch.arange(len(source), device=source.device).repeat_interleave(n_samples)
    if len(rows) == 0 or max_length == 0:
        nothing = torch.zeros(len(rows), 0, device=source.device)
        return Samples(nothing.long(), nothing, nothing.bool())
    with torch.inference_mode():
        scores, state = started(model, source, max_length, padding)
    end = end_token(eos_id, scores.shape[1])
    if n_samples > 1:
        scores, state = scores[rows], state.select(rows)
    n_rows, rows = len(rows), torch.arange(len(rows), device=source.device)  # `rows`: those that have not ended
    columns = []
    for position in range(max_length):
        chances = probabilities(scores, temperature=temperature, top_k=top_k, top_p=top_p)
        tokens = draw(chances, generator)
        column = Samples(
            torch.full((n_rows,), end, device=source.device),
            scores.new_zeros(n_rows),
            torch.zeros(n_rows, dtype=torch.bool, device=source.device),
        )
        column.tokens[rows] = tokens[:, 0]
        column.log_probabilities[rows] = chances.gather(1, tokens)[:, 0].log()
        column.drawn[rows] = True
        columns.append(column)
        open_rows = (tokens[:, 0] != end).nonzero()[:, 0]
        if len(open_rows) == 0 or position + 1 == max_length:
            break
        if len(open_rows) < len(rows):
            rows, tokens, state = rows[open_rows], tokens[open_rows], state.select(open_rows)
        with torch.inference_mode():
            scores, state = model.step(state, tokens[:, 0])
    return Samples(*(torch.stack(part, dim=1) for part in zip(*columns, strict=True)))


def generate(
    model: DecodableModule[AnyState],
    ids: Sequence[int] | Int[Tensor, "position"],
    max_new_tokens: int,
    *,
    temperature: float = 0.0,
    top_k: int | None = None,
    top_p: float | None = None,
    stop: Collection[int] = (),
    generator: torch.Generator | None = None,
    use_cache: bool = True,
) -> Iterator[Step]:
    """Continue the prompt `ids` by up to `max_new_tokens` tokens, each given as soon as it is chosen.

    For an encoder–decoder `ids` is the source. At temperature 0 the most probable token is chosen (greedy); else one is
    drawn from `probabilities` with `generator`, which lives on the model's device. A token in `stop` ends the text and
    is not given. Without the cache every step of a causal language model reads the whole text again: the same tokens,
    later.

    Raises `ValueError` at once when prompt and new tokens together are longer than the model's context, when the
    prompt is empty, or for what `probabilities` refuses; later when the model's scores are not finite.
    """
    require_decodable(model)
    prompt = torch.as_tensor(ids, device=next(model.parameters()).device)
    if prompt.ndim != 1 or len(prompt) == 0:
        raise ValueError(_("The prompt must be one row of token ids, with one id or more. Encode a text first."))
    require_whole(max_new_tokens, "max_new_tokens", least=0)
    if isinstance(model, Limited):
        model.require_room(len(prompt), max_new_tokens)
    _check_sampling(temperature, top_k, top_p)
    decodable: Decodable[Any] = model if use_cache else WithoutCache(model)

    def choose(scores: Tensor) -> int:
        chances = probabilities(scores, temperature=temperature, top_k=top_k, top_p=top_p)
        return int(chances.argmax() if temperature == 0 else draw(chances, generator))

    def steps() -> Iterator[Step]:
        if max_new_tokens == 0:
            return
        with torch.inference_mode():
            scores, state = decodable.start(prompt[None], max_new_tokens)
        for position in range(max_new_tokens):
            token = choose(scores[0])
            if token in stop:
                return
            yield Step(token, scores[0].clone())  # a clone made here is an ordinary tensor, fit for further computing
            if position + 1 < max_new_tokens:
                with torch.inference_mode():
                    scores, state = decodable.step(state, torch.tensor([token], device=prompt.device))

    return steps()


class WithoutCache:
    """A causal language model that reads the whole text again at every step: its state is the text."""

    reads_left_padding = True

    class Text(NamedTuple):
        ids: Int[Tensor, "row position"]
        padding: Int[Tensor, "row"] | None

        def select(self, rows: Int[Tensor, "chosen"]) -> "WithoutCache.Text":
            return WithoutCache.Text(self.ids[rows], None if self.padding is None else self.padding[rows])

    def __init__(self, model: object) -> None:
        if not isinstance(model, CausalLanguageModel):
            raise ValueError(
                _(
                    "{model} cannot be decoded without its state: only a causal language model can read its text again."
                ).format(model=type(model).__name__)
            )
        self.model = model

    def start(
        self, source: Int[Tensor, "row position"], max_length: int, padding: Int[Tensor, "row"] | None = None
    ) -> tuple[Float[Tensor, "row vocab"], Text]:
        last = self.model.hidden_states(source, padding=padding)[:, -1]
        return log_probabilities(self.model.output(last)), self.Text(source, padding)

    def step(self, state: Text, tokens: Int[Tensor, "row"]) -> tuple[Float[Tensor, "row vocab"], Text]:
        return self.start(torch.cat((state.ids, tokens[:, None]), dim=1), 0, state.padding)


def _check_sampling(temperature: float, top_k: int | None, top_p: float | None) -> None:
    if not 0 <= temperature < math.inf:
        raise ValueError(
            _("temperature is {value}; it must be 0 (greedy) or a number above it.").format(value=temperature)
        )
    if top_k is not None and (not isinstance(top_k, Integral) or isinstance(top_k, bool)):
        raise ValueError(_("top_k is {value!r}; it must be a whole number, or left out.").format(value=top_k))
    if top_k is not None and top_k < 1:
        raise ValueError(_("top_k is {value}; keep 1 token or more, or leave it out.").format(value=top_k))
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(_("top_p is {value}; it must be above 0 and at most 1, or left out.").format(value=top_p))
