"""A conversation that one edits: which of its tokens a training would count, and what models lose on each."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import get_args

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.instruction import ChatTemplate, Message, Role
from course.layers.language_model import CausalLanguageModel
from course.messages import _, ngettext
from course.tokenization import ByteLevelBPE
from course.viz.instruction.conversation_figure import ROLE_NAMES, conversation_figure, legend, signed
from course.viz.instruction.conversation_reading import (
    ConversationReading,
    LossOn,
    SaidToken,
    read_conversation,
    turns,
)
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_row
from course.viz.kit.text import number, percent
from course.viz.kit.traits import Choice, Text
from course.viz.kit.widget import LessonWidget, TextBox, require_at_most, text_box

MAX_CHARACTERS = 2_000  # of each message
MOST_NAMED = 40  # tokens of a turn that are named in words


class ConversationView(LessonWidget):
    """A conversation, token by token: whose turn each is in, whether it carries loss, and the loss of each model.

    The state is `user`, `answer` and `system`, the texts of the last two messages and of the system's, and `loss_on`,
    "answer" as instruction tuning has it or "everything". An empty `system` is none: the template then has its own, if
    it has one. `messages` has the first state, and those between the system's and the last two stay as they are.
    `reading` is what is shown.

    `models` is one model, or several by their names, such as a base and the tuned one; all read ids of `tokenizer`.
    Raises `ValueError` for no models, and for messages that do not end with a user's and the assistant's.
    """

    system = Text()
    user = Text()
    answer = Text()
    loss_on = Choice(get_args(LossOn), "answer")
    reading: ConversationReading

    def __init__(
        self,
        models: CausalLanguageModel | Mapping[str, CausalLanguageModel],
        tokenizer: ByteLevelBPE,
        template: ChatTemplate,
        messages: Sequence[Message],
        *,
        system: str | None = None,
        user: str | None = None,
        answer: str | None = None,
        loss_on: str = "answer",
    ) -> None:
        self.models = dict(models) if isinstance(models, Mapping) else {_("model"): models}
        if not self.models:
            raise ValueError(_("There is no model to ask: give one, or several by their names."))
        self.tokenizer, self.template = tokenizer, template
        begun, (asked, answered) = _last_two(messages)
        has_system = bool(begun) and begun[0].role == "system"
        self.earlier = tuple(begun[1:] if has_system else begun)
        self._asked: tuple[Message, ...] | None = None
        self._shown: LossOn = "answer"
        boxes = self._boxes()
        modes = [(_("the answer"), "answer"), (_("everything"), "everything")]
        mode = ipywidgets.ToggleButtons(description=_("Loss on"), options=modes, style=STYLE)
        mode.style.button_width = "auto"
        self._heading, self._table, self._tokens = (ipywidgets.HTML() for _view in range(3))
        views = [control_row(mode), self._heading, self._table, self._tokens]
        super().__init__([*boxes.values(), *views])
        given = begun[0].content if has_system else ""
        self.start_with(
            system=given if system is None else system,
            user=asked.content if user is None else user,
            answer=answered.content if answer is None else answer,
            loss_on=loss_on,
        )
        for name, control in (boxes | {"loss_on": mode}).items():
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "system", "user", "answer", "loss_on")

    def _boxes(self) -> dict[str, TextBox]:
        """The boxes to type in; without a system's where the template has no such role."""
        boxes = {"user": text_box(_("User"), _("Type a message")), "answer": text_box(_("Answer"), _("Type an answer"))}
        if "system" in self.template.starts:
            boxes = {"system": text_box(_("System"), _("Empty: as the template has it"))} | boxes
        for box in boxes.values():
            box.rows = 2
        return boxes

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as it is typed."""
        system = (Message("system", self.system),) if self.system.strip() else ()
        return (*system, *self.earlier, Message("user", self.user), Message("assistant", self.answer))

    def update(self) -> None:
        """Ask each model for the loss of each token, unless the messages are those that it was asked for last."""
        for text in (self.system, self.user, self.answer):
            require_at_most(MAX_CHARACTERS, text)
        messages = self.messages
        if messages != self._asked:
            self.reading = read_conversation(self.models, self.tokenizer, self.template, messages)
            self._asked = messages
        self._shown = self.loss_on
        self._heading.value = html.heading(self._said())
        self._table.value = self._means_page()
        self._tokens.value = self._tokens_page()

    # --- What is shown ---

    def _said(self) -> str:
        counted = self.reading.counted(self._shown)
        n, total = sum(counted), len(counted)
        share = ngettext(
            "{n} of {total} tokens carries loss ({share}).", "{n} of {total} tokens carry loss ({share}).", n
        ).format(n=f"{n:,}", total=f"{total:,}", share=percent(n / total))
        named = zip(self.reading.names, self.reading.means(counted), strict=True)
        means = ", ".join(_("{name} {loss} nats").format(name=name, loss=number(mean)) for name, mean in named)
        return _("{share} Their mean loss: {means}.").format(share=share, means=means)

    def _groups(self) -> dict[str, tuple[bool, ...]]:
        """Which tokens a column of the table is about: those that count, and where all do, the two kinds apart."""
        counted = self.reading.counted(self._shown)
        answer = self.reading.counted("answer")
        if self._shown == "answer":
            return {_("the answer"): counted}
        added = tuple(counts and not of_answer for counts, of_answer in zip(counted, answer, strict=True))
        return {_("everything"): counted, _("the answer"): answer, _("all but the answer"): added}

    def _means_page(self) -> str:
        groups = self._groups()
        columns = [self.reading.means(chosen) for chosen in groups.values()]
        full = max((mean for column in columns for mean in column), default=0.0) or 1.0
        heads = "".join(
            f'<th scope="col">{escape(_counted(name, sum(chosen)))}</th>' for name, chosen in groups.items()
        )
        lines = []
        for name, means in zip(self.reading.names, zip(*columns, strict=True), strict=True):
            cells = "".join(f"<td>{html.bar(mean / full, number(mean))}</td>" for mean in means)
            lines.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
        caption = _("Mean loss of a token, in nats")
        return (
            f'<table class="lm-words"><caption>{escape(caption)}</caption>'
            f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        )

    def _tokens_page(self) -> str:
        blocks = []
        for role, tokens in turns(self.reading, self._shown):
            items = "".join(self._item(token, counts) for token, counts in tokens)
            name = f'<span class="lm-role">{escape(ROLE_NAMES[role])}</span>'
            blocks.append(f'<li class="lm-turn" data-role="{role}">{name}<ol class="lm-said">{items}</ol></li>')
        label = escape(_("Tokens of the conversation"))
        return (
            f"<div>{escape(legend(self.reading.names))}</div>"
            f'<div class="lm-scroll" tabindex="0" role="region" aria-label="{label}">'
            f'<ol class="lm-turns">{"".join(blocks)}</ol></div>'
        )

    def _item(self, token: SaidToken, counts: bool) -> str:
        text = f'<span dir="auto">{escape(signed(token))}</span>'
        if not counts:
            return f"<li>{text}</li>"
        losses = "".join(
            f"<small>{_spoken(f'{name}: ')}{number(loss)}</small>"
            for name, loss in zip(self.reading.names, token.losses, strict=True)
        )
        return f'<li class="lm-counted">{text}{_spoken(_(", carries loss"))}{losses}</li>'

    def picture(self) -> Figure:
        return conversation_figure(turns(self.reading, self._shown), self.reading.names, title=self._said())

    def in_words(self) -> str:
        lines = [self._said()]
        order = ", ".join(self.reading.names)
        lines.append(_("A token in brackets carries loss; its loss is after it, in nats: {names}.").format(names=order))
        if self._shown == "everything":
            for name, chosen in self._groups().items():
                named = zip(self.reading.names, self.reading.means(chosen), strict=True)
                means = ", ".join(f"{model} {number(mean)}" for model, mean in named)
                lines.append(f"{_counted(name, sum(chosen))}: {means}")
        for role, tokens in turns(self.reading, self._shown):
            said = [_in_words(token, counts) for token, counts in tokens[:MOST_NAMED]]
            lines.append(f"{ROLE_NAMES[role]}: {' | '.join(said)}{' | …' if len(tokens) > MOST_NAMED else ''}")
        return "\n".join(lines)


def _in_words(token: SaidToken, counts: bool) -> str:
    return f"[{signed(token)}] {', '.join(map(number, token.losses))}" if counts else signed(token)


def _counted(name: str, n: int) -> str:
    """A name with how many tokens it stands for."""
    return ngettext("{name}, {n} token", "{name}, {n} tokens", n).format(name=name, n=f"{n:,}")


def _spoken(text: str) -> str:
    """Words for a screen reader alone."""
    return f'<span class="lm-spoken">{escape(text)}</span>'


def _last_two(messages: Sequence[Message]) -> tuple[Sequence[Message], tuple[Message, Message]]:
    """The messages before the last two, and these. Raises `ValueError` where they are no user's and an assistant's."""
    roles: list[Role | str] = [message.role for message in messages[-2:]]
    if roles != ["user", "assistant"]:
        raise ValueError(
            _("The conversation ends with {roles}: its last two messages must be a user's and the assistant's.").format(
                roles=", ".join(roles) or _("nothing")
            )
        )
    return messages[:-2], (messages[-2], messages[-1])
