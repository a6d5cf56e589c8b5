"""Chat templates: how a conversation becomes the one text that a language model reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from course.instruction.messages import Message, Role, require_messages
from course.messages import _

PartKind = Literal["special token", "header", "content"]


class ConversationPart(NamedTuple):
    """What the characters from `start` to before `end` of a conversation are, whose turn it is, and whether it trains.

    A "special token" is one token of the vocabulary; a "header" is other text of the template; a "content" is what the
    message says. The loss counts the parts that are `trained`: what the assistant says, and the token that ends it.
    """

    kind: PartKind
    role: Role
    start: int
    end: int
    trained: bool


@dataclass(frozen=True)
class Conversation:
    """A rendered conversation. The parts follow one another without a gap.

    Encode it by its parts (`encode_conversation`): a content may spell a special token, which the text does not show.
    """

    text: str
    parts: tuple[ConversationPart, ...]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ChatTemplate:
    """How each turn is written: `starts[role]`, `headers[role]` if there is one, the content, `end`, `after`.

    `starts`, `end` and `padding` are special tokens. A role without a start is not known to the template. Where the
    first message is not the system's, `default_system` is put before it. Raises `ValueError` where user or assistant
    have no start, where `end` or `padding` is empty, and where they are the same: whoever leaves padding out of the
    loss would leave out the end of each answer, and the model would not learn to stop.
    """

    name: str
    starts: Mapping[str, str]
    end: str
    padding: str
    headers: Mapping[str, str]
    after: str = ""
    default_system: str | None = None

    def __post_init__(self) -> None:
        for role in ("user", "assistant"):
            if role not in self.starts:
                raise ValueError(
                    _("The template {name} has no start for the role {role!r}. It has: {known}.").format(
                        name=self.name, role=role, known=", ".join(self.starts) or _("none")
                    )
                )
        if not (self.end and self.padding):
            raise ValueError(
                _(
                    "The template {name} has the end {end!r} and the padding {padding!r}: give each a special token. "
                    "Without an end, a model does not learn to stop."
                ).format(name=self.name, end=self.end, padding=self.padding)
            )
        if self.padding == self.end:
            raise ValueError(
                _(
                    "The token {token!r} is both the padding and the end of a turn: a model whose loss leaves padding "
                    "out would not learn to stop. Choose another token for the padding."
                ).format(token=self.end)
            )

    def render(self, messages: Sequence[Message], *, for_answer: bool = False) -> Conversation:
        """The messages as one text. With `for_answer`, the text ends where the assistant's answer begins.

        Contents are written as they are, even where they spell a special token; only the parts tell the two apart.
        Raises `ValueError` as `require_messages` does, and for a role that the template does not have.
        """
        require_messages(messages, for_answer=for_answer)
        for number, message in enumerate(messages, start=1):
            if message.role not in self.starts:
                raise ValueError(
                    _(
                        "Message {number} has the role {role!r}, which the template {name} does not have. It has: "
                        "{known}."
                    ).format(number=number, role=message.role, name=self.name, known=", ".join(self.starts))
                )
        if self.default_system is not None and messages[0].role != "system":
            messages = [Message("system", self.default_system), *messages]
        pieces = [piece for message in messages for piece in self._turn(message)]
        if for_answer:
            pieces += self._opening("assistant")
        text, parts = "", []
        for kind, role, piece, trained in pieces:
            if piece:
                parts.append(ConversationPart(kind, role, len(text), len(text) + len(piece), trained))
                text += piece
        return Conversation(text, tuple(parts))

    def _opening(self, role: Role) -> Iterator[tuple[PartKind, Role, str, bool]]:
        yield "special token", role, self.starts[role], False
        yield "header", role, self.headers.get(role, ""), False

    def _turn(self, message: Message) -> Iterator[tuple[PartKind, Role, str, bool]]:
        role = cast(Role, message.role)
        trained = role == "assistant"
        yield from self._opening(role)
        yield "content", role, message.content, trained
        yield "special token", role, self.end, trained
        yield "header", role, self.after, False


# ChatML as SmolLM2-Instruct reads it: the template in its file, and the default system message there.
SMOLLM2 = ChatTemplate(
    name="SmolLM2",
    starts=dict.fromkeys(("system", "user", "assistant"), "<|im_start|>"),
    end="<|im_end|>",
    padding="<|endoftext|>",
    headers={"system": "system\n", "user": "user\n", "assistant": "assistant\n"},
    after="\n",
    default_system="You are a helpful AI assistant named SmolLM, trained by Hugging Face",
)

# The smallest that works: a special token for each role and one for the end of a turn. The base model's vocabulary.
MINIMAL = ChatTemplate(
    name="minimal",
    starts={"user": "<|user|>", "assistant": "<|assistant|>"},
    end="<|end_of_turn|>",
    padding="<|padding|>",
    headers={},
)
