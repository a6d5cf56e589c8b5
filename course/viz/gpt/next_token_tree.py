"""The next token's probabilities, bent by temperature and cut by top-k and top-p, and a tree of what one takes."""

import random
from collections.abc import Mapping
from html import escape
from typing import NamedTuple

import ipywidgets
import torch
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course.decoding import probabilities
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.messages import _, ngettext
from course.tokenization.bpe import ByteLevelBPE
from course.viz.gpt.figures import becomes, branches, cut_bars
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, control_row, float_slider, int_slider
from course.viz.kit.layout import stacked
from course.viz.kit.text import NEWLINE, StripToken, isolated, percent, readable, visible
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import Number, StateError, Text, Whole
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box

SHOWN = 12  # tokens
MAX_CHARACTERS, MAX_NODES, MAX_K = 600, 60, 50
MAX_INDENTS = 16  # of the tree: what is deeper is not moved farther
TITLE_END, BRANCH_END = 40, 60  # characters of a text that a heading and a name of a branch have room for
Models = Mapping[str, tuple[CausalLanguageModel, ByteLevelBPE]]


class Node(NamedTuple):
    """A token of the tree, the place of the one before it, and how probable it was when it was taken."""

    parent: int | None
    token: int | None
    probability: float


class Cuts(NamedTuple):
    """The distribution of the next token at the temperature, after top-k, and after top-p as well."""

    bent: Float[Tensor, "vocab"]
    after_k: Float[Tensor, "vocab"]
    after_p: Float[Tensor, "vocab"]

    @property
    def removed_by_k(self) -> float:
        return float(self.bent[self.after_k == 0].sum())

    @property
    def removed_by_p(self) -> float:
        return float(self.bent[(self.after_k > 0) & (self.after_p == 0)].sum())

    @property
    def n_left(self) -> int:
        return int((self.after_p > 0).sum())


def cuts(scores: Float[Tensor, "vocab"], temperature: float, top_k: int, top_p: float) -> Cuts:
    """Each step of the cuts; a `top_k` of 0 and a `top_p` of 1 cut nothing."""
    k, p = top_k or None, None if top_p == 1 else top_p
    return Cuts(
        probabilities(scores, temperature=temperature),
        probabilities(scores, temperature=temperature, top_k=k),
        probabilities(scores, temperature=temperature, top_k=k, top_p=p),
    )


class NextTokenTree(LessonWidget):
    """A text, the next token's bars, and a tree of the tokens that were taken.

    The state is `model` (a key of `models`), `text`, `temperature`, `top_k` (0 for no cut), `top_p` (1 for none) and
    `at`, the node of the tree that the bars continue; node 0 is the text. `take(token)` adds a token, `draw()` one
    that is drawn from what the cuts leave. Another text or model begins another tree. `nodes` and `cuts` are what is
    shown.
    """

    model = traitlets.Unicode()
    text = Text()
    temperature = Number(1.0, min=0, max=2)
    top_k = Whole(0, min=0, max=MAX_K)
    top_p = Number(1.0, min=0.05, max=1)
    at = Whole(0, min=0)

    def __init__(self, models: Models, text: str, *, model: str | None = None, **state: object) -> None:
        if not models:
            raise ValueError(_("There is no model to ask: give one, with its tokenizer."))
        self.models = dict(models)
        self.nodes = [Node(None, None, 1.0)]
        self._tree_of = ("", "")  # the model and the text of what is shown
        self._drawing = False
        self._known: dict[tuple[int, ...], Tensor] = {}  # prompt → log-probabilities of the next token
        box = text_box(_("Your text"), _("Type a beginning"))
        box.rows = 2
        names = ipywidgets.Dropdown(options=list(self.models), description=_("Model"), style=STYLE)
        sliders = {
            "temperature": float_slider(_("Temperature"), 0.0, 2.0, step=0.1, digits=1),
            "top_k": int_slider(_("Top-k (0: all)"), 0, MAX_K),
            "top_p": float_slider(_("Top-p"), 0.05, 1.0, step=0.05, digits=2),
        }
        self._heading, self._bars, self._tree = (ipywidgets.HTML() for _view in range(3))
        self.strip = TokenStrip(label=_("Take a token"), empty="", press_only=True)
        self._branch = ipywidgets.Dropdown(description=_("Go on from"), options=[("", 0)], style=STYLE)
        self._draw_button, self._back = Action(_("Draw a token")), Action(_("Back"))
        self._draw_button.on_click(self.guarded(self.draw))
        self._back.on_click(self.guarded(self.back))
        super().__init__(
            [
                box,
                control_grid(names, *sliders.values()),
                self._heading,
                self._bars,
                self.strip,
                control_row(self._draw_button, self._back, self._branch),
                self._tree,
            ],
            text=text,
        )
        self.start_with(model=next(iter(self.models)) if model is None else model, **state)
        for name, control in ({"text": box, "model": names} | sliders).items():
            traitlets.link((self, name), (control, "value"))
        self.strip.observe(self.guarded(self._take_selected), "selected")
        self._branch.observe(self._go, "value")
        self.react(self.update, "text", "model", "temperature", "top_k", "top_p", "at")

    @traitlets.validate("model")
    def _known_model(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.models:
            raise StateError(
                _("There is no model {name!r}; there are: {known}.").format(
                    name=proposal.value, known=", ".join(self.models)
                )
            )
        return proposal.value

    @traitlets.validate("at")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value >= len(self.nodes):
            raise StateError(
                _("There is no node {place}: the tree has {count}, counted from 0.").format(
                    place=proposal.value, count=len(self.nodes)
                )
            )
        return proposal.value

    def update(self) -> None:
        """Ask the model for the next token at this node, cut, and draw."""
        require_at_most(MAX_CHARACTERS, self.text)
        model, tokenizer = self.models[self.model]
        prompt = tokenizer.encode(self.text)
        if not prompt:
            raise ValueError(_("The text is empty. Type a beginning for the model to continue."))
        of = (self.model, self.text)
        if self._tree_of != of:
            self._score(model, tuple(prompt))  # where this fails, the old tree stays
            self._tree_of, self.nodes = of, [Node(None, None, 1.0)]
            if self.at:
                self.at = 0  # this change calls `update` again
                return
        scores = self._score(model, (*prompt, *self.taken(self.at)))
        self.cuts = cuts(scores, self.temperature, self.top_k, self.top_p)
        self._draw_views()

    def _score(self, model: CausalLanguageModel, ids: tuple[int, ...]) -> Float[Tensor, "vocab"]:
        key = (id(model), *ids)
        if key not in self._known:
            device = next(model.parameters()).device
            with torch.inference_mode():
                logits = model.next_token_logits(torch.tensor([ids], device=device))[0]
                found = log_probabilities(logits).cpu()
            self._known = {**dict(list(self._known.items())[-MAX_NODES:]), key: found}
        return self._known[key]

    def taken(self, place: int) -> list[int]:
        """The tokens from the text to the node at `place`."""
        tokens: list[int] = []
        node = self.nodes[place]
        while node.parent is not None and node.token is not None:
            tokens.append(node.token)
            node = self.nodes[node.parent]
        return tokens[::-1]

    def take(self, token: int) -> None:
        """Go to the node of this token after the present one, a new one where there is none yet.

        Raises `ValueError` for a token that the vocabulary does not have, and when the tree is full.
        """
        if not 0 <= token < len(self.cuts.bent):
            raise ValueError(
                _("There is no token {token}; the vocabulary has {size}.").format(token=token, size=len(self.cuts.bent))
            )
        for place, node in enumerate(self.nodes):
            if (node.parent, node.token) == (self.at, token):
                self.at = place
                return
        if len(self.nodes) >= MAX_NODES:
            raise ValueError(
                _(
                    "The tree has {count} tokens, and that is all it can show. Change the text to begin a new one."
                ).format(count=len(self.nodes))
            )
        shown = self.cuts.after_p if self.cuts.after_p[token] else self.cuts.bent
        self.nodes = [*self.nodes, Node(self.at, token, float(shown[token]))]
        self.at = len(self.nodes) - 1

    def draw(self) -> None:
        """Take a token that is drawn from what the cuts leave. The same tree gives the same draw."""
        drawn = random.Random(len(self.nodes)).random()
        sums = self.cuts.after_p.double().cumsum(dim=0)
        self.take(int(torch.searchsorted(sums, torch.tensor([drawn * float(sums[-1])]).double(), right=True)))

    def back(self) -> None:
        """Go to the token before the present one."""
        self.at = self.nodes[self.at].parent or 0

    def _take_selected(self) -> None:
        if self.strip.selected is not None:
            token = self.shown[self.strip.selected]
            self.strip.selected = None
            self.take(token)

    def _go(self, change: traitlets.Bunch) -> None:
        if not self._drawing and change.new is not None and change.new != self.at:
            self.at = change.new

    @property
    def shown(self) -> list[int]:
        """The most probable tokens, from the top."""
        return self.cuts.bent.topk(min(SHOWN, len(self.cuts.bent))).indices.tolist()

    def _name(self, token: int | None) -> str:
        model, text = self._tree_of
        if token is None:
            return text.replace("\n", NEWLINE)
        return visible(readable(self.models[model][1].decode_bytes([token])))

    def _draw_views(self) -> None:
        bent, _after_k, left = self.cuts
        self._heading.value = html.heading(self._title(), self._said())
        self._bars.value = html.bars(
            [
                html.Bar(self._name(token), float(bent[token]), self._number(token), note=self._note(token))
                for token in self.shown
            ],
            _("Probability at this temperature → after the cuts"),
            full=1.0,
        )
        self.strip.tokens = [
            StripToken(
                readable(self.models[self.model][1].decode_bytes([token])),
                note=percent(float(left[token])),
                strength=float(left[token]).__round__(6),
            )
            for token in self.shown
        ]
        options = [(_end(self._path(place), BRANCH_END), place) for place in range(len(self.nodes))]
        self._drawing = True  # new options choose the first one, which nobody has chosen
        self._branch.options, self._branch.value = options, self.at
        self._drawing = False
        self._back.off = not self.at
        self._tree.value = self._outline()

    def _number(self, token: int) -> str:
        before, after = float(self.cuts.bent[token]), float(self.cuts.after_p[token])
        return becomes(before, after) if after else percent(before, 1)

    def _note(self, token: int) -> str:
        if self.cuts.bent[token] == 0 or self.cuts.after_p[token] > 0:
            return ""
        return _("top-k removes it") if self.cuts.after_k[token] == 0 else _("top-p removes it")

    def _path(self, place: int) -> str:
        (model, text), tokens = self._tree_of, self.taken(place)
        return (text + self.models[model][1].decode(tokens)).replace("\n", NEWLINE)

    def _title(self) -> str:
        return _("After {end}").format(end=isolated(f"“{_end(self._path(self.at), TITLE_END)}”"))

    def _said(self) -> str:
        count = ngettext("{count} token is left.", "{count} tokens are left.", self.cuts.n_left).format(
            count=f"{self.cuts.n_left:,}"
        )
        if self.temperature == 0:
            return _("Temperature 0 takes the most probable token.") + " " + count
        if self.cuts.n_left == int((self.cuts.bent > 0).sum()):
            return _("Nothing is cut off.") + " " + count
        removed = _("Removed: {k} by top-k, {p} by top-p, {both} of the probability in all.").format(
            k=percent(self.cuts.removed_by_k, 1),
            p=percent(self.cuts.removed_by_p, 1),
            both=percent(self.cuts.removed_by_k + self.cuts.removed_by_p, 1),
        )
        return f"{removed} {count}"

    def rows(self) -> list[tuple[int, int]]:
        """The nodes of the tree in the order of an outline, as (depth, node)."""
        found: list[tuple[int, int]] = []

        def visit(place: int, depth: int) -> None:
            found.append((depth, place))
            for child, node in enumerate(self.nodes):
                if node.parent == place:
                    visit(child, depth + 1)

        visit(0, 0)
        return found

    def _on_path(self) -> set[int]:
        path, place = {0}, self.at
        while place:
            path.add(place)
            place = self.nodes[place].parent or 0
        return path

    def _outline(self) -> str:
        """The tree as lists in lists, so that a screen reader says how deep each token is."""
        path = self._on_path()

        def item(place: int, depth: int) -> str:
            name = escape(isolated(self._name(self.nodes[place].token)))
            note = f" <small>{escape(percent(self.nodes[place].probability, 1))}</small>" if place else ""
            name = f"<b>{name}</b>" if place in path else name
            here, mark = (' aria-current="true"', " ◀") if place == self.at else ("", "")
            children = [child for child, node in enumerate(self.nodes) if node.parent == place]
            below = "".join(item(child, depth + 1) for child in children)
            indent = "" if depth < MAX_INDENTS else ' style="padding: 0"'
            return f"<li{here}>{name}{note}{mark}{f'<ul{indent}>{below}</ul>' if below else ''}</li>"

        label = escape(_("Tree of continuations"))
        return f'<ul class="lm-tree" aria-label="{label}">{item(0, 0)}</ul>'

    def picture(self) -> Figure:
        shown = self.shown
        bars = cut_bars(
            [self._name(token) for token in shown],
            self.cuts.bent[shown].tolist(),
            self.cuts.after_p[shown].tolist(),
            title=self._title(),
            subtitle=self._said(),
        )
        if len(self.nodes) == 1:
            return bars
        path = self._on_path()
        rows = [
            (
                depth,
                self._name(self.nodes[place].token),
                percent(self.nodes[place].probability, 1) if place else "",
                place in path,
            )
            for depth, place in self.rows()
        ]
        return stacked([bars, branches(rows, title=_("Tokens that were taken"))])

    def in_words(self) -> str:
        best = ", ".join(f"{isolated(self._name(token))} {self._number(token)}" for token in self.shown[:3])
        lines = [f"{self._title()}: {self._said()}", best]
        if len(self.nodes) > 1:
            paths = [isolated(_end(self._path(place), BRANCH_END)) for place in range(1, len(self.nodes))]
            lines.append(_("Tree: {paths}").format(paths=" | ".join(paths)))
        return "\n".join(lines)


def _end(text: str, room: int) -> str:
    """The last `room` characters of a text, after "…" where there are more."""
    return text if len(text) <= room else "…" + text[1 - room :].lstrip()
