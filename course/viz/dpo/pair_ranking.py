"""Pairs of answers that the learner ranks: preferences to train a policy on."""

from collections.abc import Sequence

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.gpt import Decoder
from course.layers.sizes import require_positive, require_whole
from course.messages import _, ngettext
from course.rlhf import PreferencePair
from course.tokenization import ByteLevelBPE
from course.viz.dpo.pair_figure import pair_figure
from course.viz.dpo.pair_list import PairList
from course.viz.dpo.ranked_pairs import AnswerPair, PairBench, PromptOf, draw_pairs
from course.viz.kit import html
from course.viz.kit.controls import control_grid, int_slider, label_above
from course.viz.kit.text import NEWLINE
from course.viz.kit.traits import StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS, MOST_SEED, MOST_PAIRS, REMEMBERED = 1_000, 99, 40, 10
CHOICES = ("A", "B", "")


class PairRanking(LessonWidget):
    """Beginnings, one a line, and for each pair two answers that the policy has drawn; the learner chooses one of each.

    The state is `prompts` (the text of the beginnings; fewer than the pairs are used again), `seed` of the draws, and
    `choices`, "A", "B" or "" for each pair. Another seed or other beginnings give other answers, and no choices.
    `pairs` is what is shown, and `preferences()` what was chosen.
    """

    prompts = Text()
    seed = Whole(0, min=0, max=MOST_SEED)
    choices = traitlets.Tuple()
    pairs: tuple[AnswerPair, ...]

    def __init__(
        self,
        model: Decoder,
        tokenizer: ByteLevelBPE,
        prompt_of: PromptOf,
        texts: Sequence[str] | str,
        *,
        end_id: int,
        pad_id: int,
        n_pairs: int = 10,
        max_length: int = 24,
        temperature: int | float = 1.0,
        seed: int = 0,
        choices: Sequence[str | None] = "",
    ) -> None:
        """Raises `ValueError` for numbers that are out of range, and for choices as `choose` does."""
        require_whole(max_length, "max_length")
        require_whole(n_pairs, "n_pairs")
        require_positive(temperature, "temperature")
        if n_pairs > MOST_PAIRS:
            raise ValueError(
                _("n_pairs is {n}; the limit here is {limit}, since a person ranks them.").format(
                    n=n_pairs, limit=MOST_PAIRS
                )
            )
        self.bench = PairBench(model, tokenizer, prompt_of, end_id, pad_id, max_length, temperature)
        self.n_pairs = n_pairs
        self.pairs = ()
        self._asked: tuple[tuple[str, ...], int] | None = None
        self._known: dict[tuple[tuple[str, ...], int], tuple[AnswerPair, ...]] = {}
        box = label_above(text_box(_("Beginnings, one a line"), _("Type the beginning of a review")))
        seeds = int_slider(_("Seed of the draws"), 0, MOST_SEED)
        self._heading, self.list = ipywidgets.HTML(), PairList()
        prompts = texts if isinstance(texts, str) else "\n".join(texts)
        super().__init__([box, control_grid(seeds), self._heading, self.list], prompts=prompts)
        self.start_with(seed=seed)
        for name, control in (("prompts", box), ("seed", seeds)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "prompts", "seed")
        self.list.observe(self.guarded(self._chosen_on_the_page), "choices")
        self.observe(lambda _change: self._show_choices(), "choices")
        if choices:
            if self._reason():
                raise ValueError(self._reason())
            self.choose(choices)

    @traitlets.validate("choices")
    def _known_choices(self, proposal: traitlets.Bunch) -> tuple[str, ...]:
        choices = tuple("" if choice is None else choice for choice in proposal.value)
        wrong = next((choice for choice in choices if choice not in CHOICES), "")
        if wrong:
            raise StateError(
                _("{choice!r} is no choice: give 'A', 'B', or '' where nothing is chosen yet.").format(choice=wrong)
            )
        if len(choices) != len(self.pairs):
            raise StateError(
                _("There are {n} choices for {pairs} pairs: give one for each.").format(
                    n=len(choices), pairs=len(self.pairs)
                )
            )
        return choices

    def choose(self, choices: Sequence[str | None]) -> None:
        """Choose "A" or "B" in each pair, or None; raises `ValueError` for another choice or number of choices."""
        self.start_with(choices=tuple(choices))

    def preferences(self) -> list[PreferencePair]:
        """The pairs with the chosen answer first. Raises `ValueError` while one of them is not ranked."""
        if self._reason():
            raise ValueError(self._reason())
        missing = [place for place, choice in enumerate(self.choices, start=1) if not choice]
        if missing:
            raise ValueError(
                ngettext(
                    "{n} of {all} pairs is not ranked yet: {places}. Choose A or B there.",
                    "{n} of {all} pairs are not ranked yet: {places}. Choose A or B in each.",
                    len(missing),
                ).format(n=len(missing), all=len(self.pairs), places=", ".join(map(str, missing)))
            )
        return [pair.preferring(choice) for pair, choice in zip(self.pairs, self.choices, strict=True)]

    def _chosen_on_the_page(self) -> None:
        if len(self.list.choices) == len(self.pairs):  # else the page has chosen before it had the new answers
            self.choices = tuple(self.list.choices)

    def update(self) -> None:
        """Draw answers to the beginnings, unless they have been drawn before, and forget the choices."""
        require_at_most(MAX_CHARACTERS, self.prompts)
        texts = tuple(line.strip() for line in self.prompts.split("\n") if line.strip())
        if not texts:
            raise ValueError(_("There is no beginning to answer. Type one, or one a line."))
        if len(texts) > self.n_pairs:
            raise ValueError(
                _("There are {n} beginnings for {pairs} pairs. Leave some out.").format(
                    n=len(texts), pairs=self.n_pairs
                )
            )
        key = (tuple(texts[place % len(texts)] for place in range(self.n_pairs)), self.seed)
        if key == self._asked:
            return
        if key not in self._known:
            found = draw_pairs(self.bench, *key)
            self._known = {**dict(list(self._known.items())[1 - REMEMBERED :]), key: found}
        self._asked, self.pairs = key, self._known[key]
        with self.list.hold_sync():  # the page gets both at once
            self.list.choices = [""] * len(self.pairs)
            self.list.pairs = [{"text": pair.text, "answers": list(pair.texts)} for pair in self.pairs]
        self.choices = ("",) * len(self.pairs)
        self._show_choices()

    def _show_choices(self) -> None:
        self.list.choices = list(self.choices)
        self._heading.value = html.heading(self._said())

    # --- What is shown ---

    def _said(self) -> str:
        n = sum(map(bool, self.choices))
        if n == len(self.pairs):
            return _("All {n} pairs are ranked.").format(n=n)
        return _("{n} of {all} pairs ranked: choose the better answer of each.").format(n=n, all=len(self.pairs))

    def picture(self) -> Figure:
        return pair_figure([(pair.text, *pair.texts) for pair in self.pairs], self.choices, title=self._said())

    def in_words(self) -> str:
        lines = [self._said()]
        for place, (pair, choice) in enumerate(zip(self.pairs, self.choices, strict=True), start=1):
            first, second = pair.texts
            line = _("{place}. {text} … A: {first} | B: {second} | chosen: {choice}").format(
                place=place, text=pair.text, first=first, second=second, choice=choice or "–"
            )
            lines.append(line.replace("\n", NEWLINE))
        return "\n".join(lines)
