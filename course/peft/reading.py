"""What is common to prompts and prefixes: they change how a model reads a text, and take places of its context."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

from torch import nn

from course.bert import Bert
from course.fine_tuning.heads import Classifier
from course.layers.attention import Attention
from course.layers.language_model import CausalLanguageModel
from course.layers.multihead import MultiHeadAttention
from course.layers.token_ids import require_context
from course.messages import _
from course.peft.attaching import body_of
from course.peft.method import Part
from course.peft.targets import bare

Body = Bert | CausalLanguageModel
Layer = TypeVar("Layer", bound=nn.Module)


class ReadingPart(Part):
    """A part through which its body reads, one for each body. It takes up `takes` places of the context.

    While it is on, functions of `readers` are methods of the body itself, before those of its class, and a classifier's
    `limit` leaves room.
    """

    def __init__(self, base: nn.Module, takes: int) -> None:
        super().__init__(base)
        self.takes = takes
        self._limit: int | None = None

    @abstractmethod
    def readers(self, body: Body) -> Mapping[str, Callable[..., Any]]:
        """By the name of a method of the body, the function in its place."""

    def enter(self, model: nn.Module) -> None:
        """Raises `ValueError` for a body that reads through another part already."""
        body = readable(body_of(model))
        readers = self.readers(body)
        if any(name in vars(body) for name in readers):
            raise ValueError(
                _(
                    "Another method already changes how {model} reads a text. Take that off first: `attached.off()`."
                ).format(model=type(body).__name__)
            )
        if isinstance(model, Classifier):
            self._limit = model.limit
            model.limit = min(model.limit, context_of(body) - self.takes)
        for name, reader in readers.items():
            setattr(body, name, partial(reader, body))  # no closure, no method: copies and pickles have their own

    def leave(self, model: nn.Module) -> None:
        body = readable(body_of(model))
        for name in self.readers(body):
            delattr(body, name)
        if isinstance(model, Classifier) and self._limit is not None:
            model.limit, self._limit = self._limit, None


class AttentionPart(Part):
    """A part in the place of the step between the projections of attention."""

    @property
    def window(self) -> int | None:
        return cast(Attention, self.base).window


def readable(body: nn.Module) -> Body:
    """The body itself. Raises `ValueError` for one that is neither BERT nor a causal language model."""
    if not isinstance(body, Bert | CausalLanguageModel):
        raise ValueError(
            _(
                "{model} has no place for a prompt: give a BERT, a causal language model, or a classifier of one."
            ).format(model=type(body).__name__)
        )
    return body


def bare_as(kind: type[Layer], module: nn.Module) -> Layer:
    """The model's own module below all parts, whose kind is known."""
    layer = bare(module)
    assert isinstance(layer, kind)
    return layer


def context_of(body: Body) -> int:
    """The most places that the body can read, those of a prompt among them."""
    return body.config.context_length if isinstance(body, Bert) else body.embedding.n_positions


def attention_layers(body: Body) -> Mapping[str, MultiHeadAttention]:
    """The attention of each block, first to last, by its place."""
    return {name: layer for name, layer in body.named_modules() if isinstance(layer, MultiHeadAttention)}


def require_place(body: Body, length: int) -> None:
    """Raises `ValueError` for a prompt that leaves no place for a text."""
    if length >= context_of(body):
        raise ValueError(
            _(
                "A prompt of {length} places leaves none of the model's {context} to a text: choose a shorter one."
            ).format(length=length, context=context_of(body))
        )


def require_room(body: Body, part: ReadingPart, n_tokens: int) -> None:
    """Raises `ValueError` for more tokens than the part leaves room for."""
    require_context(n_tokens, context_of(body))
    room = context_of(body) - part.takes
    if n_tokens > room:
        raise ValueError(
            _(
                "{count} tokens are more than {room}: {kind} takes up {takes} places of the model's context of "
                "{context}. Shorten the text."
            ).format(count=n_tokens, room=room, kind=type(part).__name__, takes=part.takes, context=context_of(body))
        )


def require_text_alone(model: nn.Module) -> None:
    """Raises `ValueError` where attention sees more than the text: for what shows a text's own positions only."""
    for module in model.modules():
        if isinstance(module, ReadingPart | AttentionPart):
            raise ValueError(
                _("Attention in this {model} sees more than the text: it has {kind} on it. Take it off first.").format(
                    model=type(model).__name__, kind=type(module).__name__
                )
            )
