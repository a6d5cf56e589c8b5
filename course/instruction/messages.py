"""A conversation: who says what, and the order in which the roles speak."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from course.messages import _

Role = Literal["system", "user", "assistant"]
ROLES: tuple[Role, ...] = get_args(Role)


class Message(NamedTuple):
    """What one role says. Nothing is checked here: `require_messages` checks a whole conversation."""

    role: str
    content: str


def require_messages(messages: Sequence[Message], *, for_answer: bool = False) -> None:
    """Raises `ValueError` for what is no conversation: at most one system message, then user and assistant in turn.

    There must be one message or more, each by one of `ROLES` and with more than white space, the user must speak first
    (after the system message), and with `for_answer`, the last message must be the user's. Raises `TypeError` for what
    is no `Message` of two texts.
    """
    if not messages:
        raise ValueError(_("The conversation has no messages: give one or more."))
    for number, message in enumerate(messages, start=1):
        if not (isinstance(message, Message) and all(isinstance(text, str) for text in message)):
            raise TypeError(
                _(
                    "Message {number} is {value!r}: each must be Message(role, content), both of them texts, also "
                    "where there is only one message in the list."
                ).format(number=number, value=message)
            )
        role, content = message
        if role not in ROLES:
            raise ValueError(
                _("Message {number} has the role {role!r}. The roles are: {known}.").format(
                    number=number, role=role, known=", ".join(ROLES)
                )
            )
        if not content.strip():
            raise ValueError(
                _("Message {number}, the {role}'s, is empty ({content!r}): give it a text, or leave it out.").format(
                    number=number, role=role, content=content
                )
            )
        if role == "system" and number > 1:
            raise ValueError(
                _("Message {number} is the system's: only the first message of a conversation may be.").format(
                    number=number
                )
            )
    turns = [message.role for message in messages if message.role != "system"]
    n_before = len(messages) - len(turns)
    if not turns:
        raise ValueError(_("The conversation is a system message alone: give a user's message after it."))
    for number, role in enumerate(turns):
        expected = ROLES[1 + number % 2]
        if role != expected:
            raise ValueError(
                _(
                    "Message {number} is the {role}'s, and it is the {expected}'s turn: the user speaks first, and "
                    "user and assistant take turns. Join what one says in a row into one message."
                ).format(number=n_before + number + 1, role=role, expected=expected)
            )
    if for_answer and turns[-1] != "user":
        raise ValueError(
            _("The last message is the {role}'s, and an answer follows a user's: leave the last message out.").format(
                role=turns[-1]
            )
        )
