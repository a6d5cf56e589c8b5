"""A bench for the filters of Self-Instruct: an instruction is typed, and each rule says at once whether it passes."""

from html import escape

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.instruction import LIMIT, RULES, TOO_SIMILAR, Filters, InstructionPool, Verdict, in_one_line
from course.messages import _, ngettext
from course.viz.instruction.filter_figure import DROPS, PASSES, RuleLine, filter_figure
from course.viz.instruction.shared_words import Piece, shared_words
from course.viz.kit import html
from course.viz.kit.controls import control_row, float_slider
from course.viz.kit.text import isolated, number
from course.viz.kit.traits import Number, StateError, Text
from course.viz.kit.widget import Action, LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 2_000
AUTO = ipywidgets.Layout(width="auto")


class FilterBench(LessonWidget):
    """An instruction, the rules that it breaks, and its nearest in the pool, with the words that ROUGE-L counts.

    The state is `text`, `limit` (of the similarity, which may be reached) and `added` (instructions that the learner
    has added; the pool that is handed in stays as it is). `add` puts the text into the pool if no rule drops it, as
    Enter does, and `take_back` removes the last one. `verdict` and `rules` are what is shown.
    """

    text = Text()
    limit = Number(LIMIT, min=0, max=1)
    added = traitlets.Tuple()
    verdict: Verdict
    rules: tuple[RuleLine, ...]

    def __init__(
        self, pool: InstructionPool, text: str = "", *, limit: int | float = LIMIT, added: tuple[str, ...] = ()
    ) -> None:
        self.given = pool
        self.pool = pool
        self._shown, self._shared = "", shared_words("", "")
        self.box = text_box(_("Your instruction: Enter adds it to the pool"), _("Type an instruction"))
        self.box.rows = 2
        self.box.add_class("lm-label-above")
        slider = float_slider(_("Limit of ROUGE-L"), 0.0, 1.0, step=0.05, digits=2)
        self._add, self._back = (Action(name, layout=AUTO) for name in (_("Add to the pool"), _("Take the last back")))
        self._told, self._heading, self._rules, self._nearest = (ipywidgets.HTML() for _view in range(4))
        controls = control_row(self._add, self._back, slider)
        children = [self.box, controls, self._told, self._heading, self._rules, self._nearest]
        super().__init__(children, text=text, limit=limit)
        self.start_with(added=tuple(added))
        self._add.on_click(self.guarded(self.add))
        self._back.on_click(self.guarded(self.take_back))
        traitlets.dlink((self, "text"), (self.box, "value"))
        self.box.observe(self._typed, "value")
        traitlets.link((self, "limit"), (slider, "value"))
        self.react(self.update, "text", "limit", "added")

    @traitlets.validate("added")
    def _instructions(self, proposal: traitlets.Bunch) -> tuple[str, ...]:
        for one in proposal.value:
            if not isinstance(one, str) or not one.strip():
                raise StateError(_("added has {value!r}: each must be a text with words.").format(value=one))
        self._pool_with(proposal.value)
        return tuple(map(in_one_line, proposal.value))

    def _pool_with(self, added: tuple[str, ...]) -> InstructionPool:
        """The pool and what the learner has added. Raises `StateError` for an instruction that is there already."""
        pool = InstructionPool(self.given.seeds, self.given.similarity)
        try:
            for one in (*self.given.machine_made, *added):
                pool.add(one)
        except ValueError as error:
            raise StateError(str(error)) from None
        return pool

    def _typed(self, change: traitlets.Bunch) -> None:
        """Take what is in the box as the text; a line break that was typed is no part of it, but adds it."""
        entered = _without_enter(change.old, change.new)
        self.text = change.new if entered is None else entered
        if entered is not None:
            self.box.value = self.text
            self.guarded(self.add)()

    def add(self) -> None:
        """Add the text to the pool, unless a rule drops it: then the rule is told, and nothing else happens."""
        if self._reason():
            return
        if not self.verdict.kept:
            self._tell(_("Not added: the rule “{rule}” drops it.").format(rule=self.verdict.rule))
            return
        self.added = (*self.added, self.text)
        self._tell(_("Added: the pool has {n} instructions now.").format(n=len(self.pool)))

    def take_back(self) -> None:
        """Take the last instruction that was added out of the pool; do nothing where there is none."""
        if not self.added:
            return
        *rest, last = self.added
        self.added = tuple(rest)
        self._tell(_("Taken back: {instruction}").format(instruction=isolated(last)))

    def _tell(self, sentence: str) -> None:
        self._told.value = f'<div class="lm-told" role="status">{escape(sentence)}</div>'

    def update(self) -> None:
        """Check the text by every rule, and compare it with every instruction of the pool."""
        require_at_most(MAX_CHARACTERS, self.text)
        pool = self._pool_with(self.added)
        filters = Filters(limit=self.limit)
        verdict = filters.check(self.text, pool)
        self.pool, self.verdict, self._shown = pool, verdict, in_one_line(self.text)
        self._shared = shared_words(self._shown, verdict.nearest.instruction if verdict.nearest else "")
        broken = filters.broken(self.text)
        similar = filters.too_similar(self.text, pool, verdict.nearest)
        self.rules = (
            *(RuleLine(rule.name, rule.name not in broken, rule.reason) for rule in RULES),
            RuleLine(TOO_SIMILAR, not similar, self._similarity()),
        )
        self._told.value = '<div class="lm-told" role="status"></div>'
        self._add.off, self._back.off = not verdict.kept, not self.added
        self._heading.value = html.heading(self._said(), self._size())
        self._rules.value = self._rules_page()
        self._nearest.value = self._nearest_page()

    # --- What is shown ---

    def _said(self) -> str:
        if self.verdict.kept:
            return _("Kept: no rule drops it.")
        return _("Dropped by the rule “{rule}”.").format(rule=self.verdict.rule)

    def _size(self) -> str:
        n = len(self.pool)
        return ngettext("The pool has {n} instruction.", "The pool has {n} instructions.", n).format(n=f"{n:,}")

    def _similarity(self) -> str:
        said = _("ROUGE-L with the nearest is {score}; the limit is {limit}.").format(
            score=number(self.verdict.score), limit=number(self.limit)
        )
        if self.text in self.pool and self.verdict.score <= self.limit:
            return _("{said} The pool has it already.").format(said=said)
        return said

    def _counted(self) -> str:
        """How the similarity comes from the words."""
        shared = self._shared
        if not shared.n_shared:
            return _("They have no word in common: ROUGE reads runs of a–z and 0–9, and nothing else.")
        return _(
            "{shared} of {one} and {other} words are shared, in this order: 2 · {shared} / ({one} + {other})."
        ).format(shared=shared.n_shared, one=shared.n_one, other=shared.n_other)

    def _texts(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Both texts with their names."""
        nearest = self.verdict.nearest
        if nearest is None:
            return (_("Yours"), self._shown), (_("Nearest"), _("(the pool is empty)"))
        n_seeds, n_given = len(self.pool.seeds), len(self.given)
        if nearest.place < n_seeds:
            whose = _("Nearest, a seed")
        else:
            whose = _("Nearest, by a model") if nearest.place < n_given else _("Nearest, added here")
        return (_("Yours"), self._shown), (whose, nearest.instruction)

    def _rules_page(self) -> str:
        lines = [
            f'<tr class="{"" if rule.passes else "lm-marked"}"><td>{PASSES if rule.passes else DROPS}</td>'
            f'<th scope="row">{escape(rule.name)}</th><td>{escape(rule.said)}</td></tr>'
            for rule in self.rules
        ]
        caption = _("Rules, in the order in which they are checked; {sign} drops it").format(sign=DROPS)
        return f'<table class="lm-rules"><caption>{escape(caption)}</caption><tbody>{"".join(lines)}</tbody></table>'

    def _nearest_page(self) -> str:
        (yours, _one), (whose, other) = self._texts()
        pieces = self._shared.other if self.verdict.nearest else [Piece(other, False)]
        mine = self._shared.one or [Piece(_("(no text)"), False)]
        rows = [
            f'<tr><th scope="row">{escape(name)}</th><td dir="auto">{"".join(map(_page, some))}</td></tr>'
            for name, some in ((yours, mine), (whose, pieces))
        ]
        bar = html.bar(self.verdict.score, number(self.verdict.score))
        counted = f"<div>{escape(self._counted())}</div>" if self.verdict.nearest else ""
        caption = _("The words in common that ROUGE-L counts are marked")
        table = f'<table class="lm-rules"><caption>{escape(caption)}</caption><tbody>{"".join(rows)}</tbody></table>'
        return f"{table}{bar}{counted}"

    def picture(self) -> Figure:
        note = self._counted() if self.verdict.nearest else ""
        return filter_figure(self.rules, self._texts(), title=f"{self._said()} {self._size()}", note=note)

    def in_words(self) -> str:
        lines = [self._said(), self._size()]
        lines += [f"{PASSES if rule.passes else DROPS} {rule.name}: {rule.said}" for rule in self.rules]
        lines += [f"{name}: {text or _('(no text)')}" for name, text in self._texts()]
        lines += [self._counted()] if self.verdict.nearest else []
        words = [piece.text for piece in self._shared.one if piece.is_shared]
        lines += [_("Shared: {words}").format(words=" ".join(words))] if words else []
        return "\n".join(lines)


def _page(piece: Piece) -> str:
    text = escape(piece.text)
    return f"<mark>{text}</mark>" if piece.is_shared else text


def _without_enter(before: str, after: str) -> str | None:
    """The text in the box without the line break, if one was typed, alone or last; else None.

    Letters that were typed just before it may come with it; lines that are pasted are none.
    """
    if after.count("\n") != before.count("\n") + 1:
        return None
    if after.endswith("\n"):
        return after[:-1]
    same = next(
        (place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before)
    )
    return before if after[:same] + after[same + 1 :] == before else None
