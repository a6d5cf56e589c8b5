"""The parts of a decoder-only model as one looks at them: their numbers, a sentence about each, the line that does it.

`PARTS` has them in the order of the pass. Those of a block are read off the chosen block; some have a picture for each
head. Which there are depends on the model: `Look.parts`.
"""

import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.decoding.sampling import probabilities
from course.interpretability.whole_pass import BlockSteps, WholePass
from course.layers.attention import Attention, attention_weights
from course.layers.blocks import CausalBlock, Residual
from course.layers.embedding import Embedding
from course.layers.language_model import CausalLanguageModel
from course.layers.multihead import MultiHeadAttention
from course.messages import _, ngettext
from course.tokenization import Tokenizer
from course.viz.kit.text import isolated, number, percent

MODEL, ATTENTION, FEED_FORWARD = "model", "attention", "feed_forward"


class Part(NamedTuple):
    """A part: its heading in the drawing, its name in words, its band in the drawing, whether each head has one."""

    heading: str
    name: str
    band: str
    of_head: bool = False


PARTS = {
    "tokens": Part(_("tokens"), _("Tokens"), MODEL),
    "embedding": Part(_("embed"), _("Embedding"), MODEL),
    "positions": Part(_("+ pos"), _("Positions"), MODEL),
    "blocks": Part(_("residual stream"), _("The residual stream, block by block"), MODEL),
    "stream": Part(_("stream"), _("The residual stream before the block"), ATTENTION),
    "attention_norm": Part(_("norm"), _("Normalization before attention"), ATTENTION),
    "query": Part("q", _("Queries"), ATTENTION, of_head=True),
    "key": Part("k", _("Keys"), ATTENTION, of_head=True),
    "value": Part("v", _("Values"), ATTENTION, of_head=True),
    "scores": Part("q · kᵀ / √d", _("Scores: query · key, scaled"), ATTENTION, of_head=True),
    "mask": Part(_("mask"), _("The causal mask"), ATTENTION, of_head=True),
    "weights": Part("softmax", _("Attention weights"), ATTENTION, of_head=True),
    "mixed": Part("Σ w v", _("The weighted sum of the values"), ATTENTION, of_head=True),
    "attended": Part(_("output"), _("Output projection: the heads, joined"), ATTENTION),
    "between": Part("⊕", _("The residual stream after attention"), ATTENTION),
    "feed_forward_norm": Part(_("norm"), _("Normalization before the feed-forward layer"), FEED_FORWARD),
    "gate": Part(_("gate"), _("Feed-forward: the gate"), FEED_FORWARD),
    "up": Part(_("up"), _("Feed-forward: up"), FEED_FORWARD),
    "hidden": Part(_("activation"), _("Feed-forward: after the activation"), FEED_FORWARD),
    "added": Part(_("down"), _("Feed-forward: what it adds"), FEED_FORWARD),
    "after": Part("⊕", _("The residual stream after the block"), FEED_FORWARD),
    "normalized": Part(_("norm"), _("The last normalization"), MODEL),
    "logits": Part(_("logits"), _("Logits"), MODEL),
    "chances": Part(_("next token"), _("Probabilities of the next token"), MODEL),
}
PAIRS = ("scores", "mask", "weights")  # a number for each query and key
# The guided steps: these of `PARTS`, where the model has them.
TOUR = (
    "tokens",
    "embedding",
    "positions",
    "blocks",
    "attention_norm",
    "query",
    "scores",
    "mask",
    "weights",
    "mixed",
    "attended",
    "between",
    "hidden",
    "after",
    "normalized",
    "logits",
    "chances",
)


class CodeLine(NamedTuple):
    """A line of the course that computes a part: its file, its number there, and itself."""

    file: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}  {self.text}"


@dataclass(frozen=True)
class Look:
    """A pass, and what of it one looks at. `label` writes a token id as text; `tokens` are those of the text."""

    name: str
    whole: WholePass
    steps: BlockSteps
    tokenizer: Tokenizer
    tokens: tuple[str, ...]
    label: Callable[[int], str]
    block: int
    head: int
    token: int
    key: int
    temperature: float

    @property
    def n(self) -> int:
        return len(self.tokens)

    @property
    def n_heads(self) -> int:
        return len(self.steps.weights)

    @functools.cached_property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts that this model has, in the order of the pass."""
        return tuple(
            name for name in PARTS if name in ("tokens", "blocks", "logits", "chances") or name in self.vectors
        )

    @functools.cached_property
    def vectors(self) -> dict[str, Float[Tensor, "position width"]]:
        """The numbers of every part that has a row for each token; of a part of heads, those of the chosen head."""
        whole, steps, head = self.whole, self.steps, self.head
        found = {
            "embedding": whole.token_vectors,
            "positions": whole.position_vectors,
            "stream": steps.before,
            "attention_norm": steps.attention_norm,
            "query": steps.compared_query[head],
            "key": steps.compared_key[head],
            "value": steps.value[head],
            "scores": steps.scores[head],
            "mask": steps.scores[head].masked_fill(~steps.visible, -math.inf),
            "weights": steps.weights[head],
            "mixed": steps.mixed[head],
            "attended": steps.attended,
            "between": steps.between,
            "feed_forward_norm": steps.feed_forward_norm,
            "gate": steps.gate,
            "up": steps.up,
            "hidden": steps.hidden,
            "added": steps.added,
            "after": steps.after,
            "normalized": whole.normalized,
        }
        return {name: values.float().cpu() for name, values in found.items() if values is not None}

    @functools.cached_property
    def logits(self) -> Float[Tensor, "vocab"]:
        """The logits of the token after the chosen one."""
        return self.whole.logits(self.token).float().cpu()

    @functools.cached_property
    def chances(self) -> Float[Tensor, "vocab"]:
        """The probabilities of the token after the chosen one, at the temperature."""
        return probabilities(self.logits, temperature=self.temperature)

    def best(self, count: int) -> list[tuple[str, int, float, float]]:
        """The most probable next tokens: text, id, logit, probability."""
        ids = self.logits.topk(min(count, len(self.logits))).indices.tolist()
        return [(self.label(i), i, float(self.logits[i]), float(self.chances[i])) for i in ids]

    def length(self, name: str, token: int | None = None) -> float:
        """The length (Euclidean norm) of a token's vector, the chosen one's if none is given."""
        return float(self.vectors[name][self.token if token is None else token].norm())

    def named(self, place: int) -> str:
        """A token of the text in quotes, with its place where it is there twice."""
        token = self.tokens[place]
        return _quoted(token) if self.tokens.count(token) == 1 else f"{_quoted(token)} ({place})"

    @functools.cached_property
    def stream_lengths(self) -> Float[Tensor, "place position"]:
        """The length of the residual stream before the first block, and after each sublayer."""
        return torch.stack([stream.float().norm(dim=-1) for stream in self.whole.streams]).cpu()

    # --- In words ---

    def sentence(self, name: str) -> str:
        """What this part is, with the numbers of the chosen token."""
        words = {
            "tokens": self._tokens,
            "blocks": self._blocks,
            "scores": self._scores,
            "mask": self._mask,
            "weights": self._weights,
            "logits": self._logits,
            "chances": self._chances,
        }
        return words[name]() if name in words else self._vector(name)

    def _tokens(self) -> str:
        head = ngettext("The text is {count} token.", "The text is {count} tokens.", self.n).format(count=self.n)
        which = _("{token} has the number {id} of {vocab} in the vocabulary.").format(
            token=self.named(self.token),
            id=f"{int(self.whole.ids[self.token]):,}",
            vocab=f"{self.whole.model.embedding.tokens.num_embeddings:,}",
        )
        return f"{head} {which}"

    def _blocks(self) -> str:
        lengths = self.stream_lengths[:, self.token].tolist()
        return _(
            "The vector of {token} goes through {count} blocks, and each adds to it: its length is {first} before the "
            "first block, {now} after block {block}, {last} at the end."
        ).format(
            token=self.named(self.token),
            count=self.whole.n_blocks,
            first=short(lengths[0]),
            now=short(lengths[2 * self.block + 2]),
            block=self.block,
            last=short(lengths[-1]),
        )

    def _vector(self, name: str) -> str:
        """The sentences of parts that are one vector for each token."""
        values = self.vectors[name]
        facts = {
            "token": self.named(self.token),
            "id": f"{int(self.whole.ids[self.token]):,}",
            "size": f"{values.shape[1]:,}",
            "length": short(self.length(name)),
            "block": self.block,
            "head": self.head,
            "heads": self.n_heads,
            "place": self.token,
        }
        return self._template(name).format(**facts, **self._more(name))

    def _template(self, name: str) -> str:
        rotated = not torch.equal(self.steps.query, self.steps.compared_query)
        turned = _("The query of {token} in head {head}: {size} numbers, rotated by the position {place}.")
        plain = _("The query of {token} in head {head}: {size} numbers.")
        turned_key = _(
            "The key of {token} in head {head}, which queries meet: {size} numbers, rotated by the position {place}."
        )
        plain_key = _("The key of {token} in head {head}, which queries meet: {size} numbers.")
        return {
            "embedding": _(
                "Row {id} of the embedding table is the vector of {token}: {size} numbers, length {length}."
            ),
            "positions": _("The vector of position {place} is added to it: length {length}."),
            "stream": _(
                "What block {block} reads: the vector of {token} with all that was added so far, length {length}."
            ),
            "attention_norm": _("A normalized copy is what attention reads: length {before} becomes {length}."),
            "query": turned if rotated else plain,
            "key": turned_key if rotated else plain_key,
            "value": _("What {token} passes on where head {head} attends to it: {size} numbers, length {length}."),
            "mixed": _(
                "The values, each times its weight, add up to the output of head {head} for {token}: {size} numbers, "
                "length {length}. The largest weight, {weight}, is on {best}."
            ),
            "attended": _(
                "The outputs of {heads} heads side by side, times a matrix: what attention adds, length {length}."
            ),
            "between": _("Added to the stream: length {before} before, {added} added, {length} after."),
            "feed_forward_norm": _(
                "The feed-forward layer reads a normalized copy again: length {before} becomes {length}."
            ),
            "gate": _(
                "A gate for each of {size} inner numbers: SiLU opens those above 0, {positive} of them for {token}."
            ),
            "up": _("A matrix makes {size} numbers of the {before} that were normalized."),
            "hidden": _(
                "{size} inner numbers of {token} after the activation: the largest {few} of them carry half of the "
                "squared length."
            ),
            "added": _(
                "A matrix makes {before} numbers of {inner}: this is what the feed-forward layer adds, length {length}."
            ),
            "after": _("Added to the stream: length {before} before, {added} added, {length} after block {block}."),
            "normalized": _(
                "After the last block the stream is normalized once more: length {before} becomes {length}."
            ),
        }[name]

    def _more(self, name: str) -> dict[str, object]:
        """What the sentence of a part says besides."""
        values = self.vectors[name][self.token]
        width = self.vectors["stream"].shape[1]
        match name:
            case "attention_norm":
                return {"before": short(self.length("stream"))}
            case "feed_forward_norm":
                return {"before": short(self.length("between"))}
            case "normalized":
                return {"before": short(float(self.stream_lengths[-1, self.token]))}
            case "between":
                return {"before": short(self.length("stream")), "added": short(self.length("attended"))}
            case "after":
                return {"before": short(self.length("between")), "added": short(self.length("added"))}
            case "up":
                return {"before": f"{width:,}"}
            case "added":
                inner = self.vectors["hidden"].shape[1] if "hidden" in self.vectors else width
                return {"before": f"{width:,}", "inner": f"{inner:,}"}
            case "gate":
                return {"positive": f"{int((values > 0).sum()):,}"}
            case "hidden":
                squares = values.square().sort(descending=True).values.cumsum(0)
                return {"few": f"{1 + int((squares < squares[-1] / 2).sum()):,}"}
            case "mixed":
                weights = self.vectors["weights"][self.token]
                best = int(weights.argmax())
                return {"best": self.named(best), "weight": percent(float(weights[best]), 1)}
        return {}

    def _scores(self) -> str:
        d_head = self.steps.query.shape[-1]
        product, score = (float(x[self.head, self.token, self.key]) for x in (self.steps.products, self.steps.scores))
        divided = product / math.sqrt(d_head)
        words = _("The query of {query} and the key of {key}: q · k = {product}, divided by √{size} = {score}.").format(
            query=self.named(self.token),
            key=self.named(self.key),
            product=number(product),
            size=d_head,
            score=number(divided),
        )
        if abs(divided - score) < 1e-6:
            return words
        bias = _("The distance adds {bias}: {score}.").format(bias=number(score - divided), score=number(score))
        return f"{words} {bias}"

    def _mask(self) -> str:
        seen = int(self.steps.visible[self.token].sum())
        hidden = self.n - seen
        words = ngettext("{query} sees {count} key.", "{query} sees {count} keys.", seen).format(
            query=self.named(self.token), count=seen
        )
        rest = ngettext(
            "The score of {count} other becomes −∞.", "The scores of {count} others become −∞.", hidden
        ).format(count=hidden)
        return f"{words} {rest}" if hidden else words

    def _weights(self) -> str:
        weights = self.vectors["weights"][self.token]
        best = int(weights.argmax())
        return _(
            "Softmax turns the scores of {query} into weights that sum to 1: {weight} for {key}; the largest, {most}, "
            "is for {best}."
        ).format(
            query=self.named(self.token),
            weight=percent(float(weights[self.key]), 1),
            key=self.named(self.key),
            most=percent(float(weights[best]), 1),
            best=self.named(best),
        )

    def _logits(self) -> str:
        [(token, _id, logit, _chance)] = self.best(1)
        return _(
            "The output layer compares the normalized vector with each of {vocab} tokens: the highest logit is "
            "{logit}, for {token}."
        ).format(vocab=f"{len(self.logits):,}", logit=number(logit), token=_quoted(token))

    def _chances(self) -> str:
        [(token, _id, _logit, chance)] = self.best(1)
        return _(
            "Softmax of the logits divided by the temperature {temperature}: after {last}, {token} has a probability "
            "of {chance}."
        ).format(
            temperature=f"{self.temperature:g}",
            last=self.named(self.token),
            token=_quoted(token),
            chance=percent(chance, 1),
        )

    def code(self, name: str) -> CodeLine:
        """The line that computes a part."""
        feed_forward = type(self.whole.blocks[self.block].feed_forward).forward
        lines: dict[str, tuple[Callable[..., object], str]] = {
            "tokens": (type(self.tokenizer).encode, "def "),
            "embedding": (Embedding.forward, "x = self.tokens(ids)"),
            "positions": (Embedding.forward, "return self.dropout(self.positions.add_to_embeddings(x, start))"),
            "blocks": (CausalLanguageModel.hidden_states, "x = block("),
            "stream": (CausalBlock.forward, "x = self.attention_residual("),
            "attention_norm": (Residual.forward, "added = sublayer(self.norm(x)"),
            "query": (MultiHeadAttention.forward, "query = self._heads("),
            "key": (MultiHeadAttention.keys_and_values, "return self._heads("),
            "value": (MultiHeadAttention.keys_and_values, "return self._heads("),
            "scores": (attention_weights, "scores = query @ key"),
            "mask": (attention_weights, "scores = scores.masked_fill("),
            "weights": (attention_weights, "return precise_softmax("),
            "mixed": (Attention._plain, "return F.dropout(weights"),
            "attended": (MultiHeadAttention._join, "return self.output("),
            "between": (Residual.forward, "return x + added"),
            "feed_forward_norm": (Residual.forward, "added = sublayer(self.norm(x)"),
            "gate": (feed_forward, "return "),
            "up": (feed_forward, "return "),
            "hidden": (feed_forward, "return "),
            "added": (feed_forward, "return "),
            "after": (Residual.forward, "return x + added"),
            "normalized": (CausalLanguageModel.hidden_states, "return self.norm(x)"),
            "logits": (CausalLanguageModel.next_token_logits, "return self.output("),
            "chances": (probabilities, "chances = scaled.softmax("),
        }
        return code_line(*lines[name])


@functools.cache
def code_line(function: Callable[..., object], begins: str) -> CodeLine:
    """The last line of a function that begins so. Raises `ValueError` where there is none."""
    function = inspect.unwrap(function)
    lines, first = inspect.getsourcelines(function)
    found = [place for place, line in enumerate(lines) if line.strip().startswith(begins)]
    if not found:
        raise ValueError(
            _("{function} has no line that begins with {text!r}.").format(function=function.__qualname__, text=begins)
        )
    file = Path(inspect.getfile(function))
    parts = function.__module__.split(".")[:-1]
    return CodeLine("/".join([*parts, file.name]), first + found[-1], lines[found[-1]].strip())


def _quoted(token: str) -> str:
    """A token in quotes, for the middle of a sentence."""
    return isolated(f"“{token}”")


def short(value: int | float, digits: int = 3) -> str:
    """A number in so many digits, for little room: 0.123, 45.6, 1.2k."""
    if not math.isfinite(value):
        return "−∞" if value < 0 else "∞"
    unit = "k" if abs(value) >= 999.5 else ""
    value = value / 1000 if unit else value
    whole = len(f"{abs(value):.0f}") if abs(value) >= 0.9995 else 0
    decimals = max(digits - whole, 0) if whole else digits
    return (f"{value:,.{decimals}f}" + unit).replace("-", "−")
