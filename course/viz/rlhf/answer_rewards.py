"""One answer as PPO sees it: what each of its tokens costs, is worth, and was better than expected."""

import math
from html import escape

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.gpt import Decoder
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_positive, require_whole
from course.messages import _
from course.rlhf import ValueModel
from course.tokenization import ByteLevelBPE
from course.viz.kit import html
from course.viz.kit.controls import control_grid, float_slider, int_slider
from course.viz.kit.text import MARKS, NEWLINE, number, visible
from course.viz.kit.traits import Number, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box
from course.viz.rlhf.answer_figure import COLUMNS, answer_figure
from course.viz.rlhf.answer_reading import (
    AnswerReading,
    PolicyBench,
    PromptOf,
    Score,
    ScoredAnswer,
    read_answer,
    score_answer,
)

MAX_CHARACTERS, MOST_SEED, MOST_BETA, REMEMBERED = 300, 99, 1.0, 20


class AnswerRewards(LessonWidget):
    """A beginning, an answer to it, and for each token its log-ratio, KL penalty, value, reward and advantage.

    The state is `text`, `answer` (of the learner; where it is empty, the policy answers), `seed` of what the policy
    draws, `beta` and `lam`. `reading` is what is shown. Raises `ValueError` for a `max_length` that is no whole number
    of 1 or more and a temperature that is not above 0.
    """

    text = Text()
    answer = Text()
    seed = Whole(0, min=0, max=MOST_SEED)
    beta = Number(0.1, min=0, max=MOST_BETA)
    lam = Number(0.95, min=0, max=1)
    reading: AnswerReading

    def __init__(
        self,
        policy: Decoder,
        reference: CausalLanguageModel,
        score: Score,
        value_model: ValueModel,
        tokenizer: ByteLevelBPE,
        prompt_of: PromptOf,
        text: str,
        *,
        end_id: int,
        pad_id: int,
        answer: str = "",
        seed: int = 0,
        max_length: int = 24,
        temperature: int | float = 1.0,
        beta: int | float = 0.1,
        lam: int | float = 0.95,
    ) -> None:
        require_whole(max_length, "max_length")
        require_positive(temperature, "temperature")
        self.bench = PolicyBench(
            policy, reference, score, value_model, tokenizer, prompt_of, end_id, pad_id, max_length, temperature
        )
        self._known: dict[tuple[str, str, int], ScoredAnswer] = {}
        self._asked = ""
        box = text_box(_("Your beginning"), _("Type the beginning of a review"))
        own = text_box(_("Your answer"), _("Leave this empty, and the policy answers"))
        box.rows = own.rows = 2
        seeds = int_slider(_("Seed of the draw"), 0, MOST_SEED)
        betas = float_slider(_("β of the penalty"), 0.0, MOST_BETA, 0.05, 2)
        lams = float_slider(_("λ of GAE"), 0.0, 1.0, 0.05, 2)
        self._heading, self._table = ipywidgets.HTML(), ipywidgets.HTML()
        views = [box, own, control_grid(seeds, betas, lams), self._heading, self._table]
        super().__init__(views, text=text, answer=answer)
        self.start_with(seed=seed, beta=beta, lam=lam)
        for name, control in (("text", box), ("answer", own), ("seed", seeds), ("beta", betas), ("lam", lams)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "text", "answer", "seed", "beta", "lam")

    def update(self) -> None:
        """Ask the models, unless they have been asked this before, and compute rewards and advantages."""
        for text in (self.text, self.answer):
            require_at_most(MAX_CHARACTERS, text)
        if not self.text.strip():
            raise ValueError(_("There is no beginning to answer. Type one."))
        own = self.answer if self.answer.strip() else ""
        key = (self.text, own, 0 if own else self.seed)
        if key not in self._known:
            found = score_answer(self.bench, *key)
            self._known = {**dict(list(self._known.items())[1 - REMEMBERED :]), key: found}
        self.reading = read_answer(self._known[key], self.beta, self.lam)
        self._asked, self._is_own = self.text, bool(own)
        self._heading.value = html.heading(self._said(), self._sums())
        self._table.value = self._table_page()

    # --- What is shown ---

    def _said(self) -> str:
        score = number(self.reading.score, sign=True)
        if self._is_own:
            return _("Your answer gets the score {score}.").format(score=score)
        if self.reading.is_end:
            return _("The policy's answer gets the score {score}.").format(score=score)
        return _("The policy's answer, cut at the limit, gets the score {score}.").format(score=score)

    def _sums(self) -> str:
        reading = self.reading
        return _(
            "Sum of the log-ratios: {ratio}. Sum of the rewards: score − β · sum of the log-ratios = "
            "{score} − {beta} · {ratio} = {total}."
        ).format(
            ratio=_in_brackets(math.fsum(reading.log_ratios)),
            score=number(reading.score),
            beta=number(reading.beta),
            total=number(math.fsum(reading.rewards)),
        )

    def rows(self) -> list[tuple[str, tuple[int | float, ...]]]:
        """Each token as text, and its five numbers, in the order of `COLUMNS`."""
        reading = self.reading
        names = [visible(token) for token in reading.tokens]
        if reading.is_end:
            names[-1] = f"{MARKS['special'][0]} {names[-1]}"
        columns = (reading.log_ratios, reading.penalties, reading.values, reading.rewards, reading.advantages)
        return list(zip(names, zip(*columns, strict=True), strict=True))

    def _table_page(self) -> str:
        rows = self.rows()
        limits = [max(abs(numbers[column]) for _name, numbers in rows) or 1.0 for column in range(len(COLUMNS))]
        heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in COLUMNS)
        lines = []
        for name, numbers in rows:
            cells = "".join(
                f'<td class="lm-{"below" if value < 0 else "above"}" '
                f'style="--lm-share: {abs(value) / limit:.3f}">{number(value, sign=True)}</td>'
                for value, limit in zip(numbers, limits, strict=True)
            )
            lines.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
        caption = _("Each token of the answer, in nats or in units of the score")
        return (
            f'<table class="lm-rewards"><caption>{escape(caption)}</caption>'
            f'<thead><tr><th scope="col">{escape(_("token"))}</th>{heads}</tr></thead>'
            f"<tbody>{''.join(lines)}</tbody></table>"
        )

    def picture(self) -> Figure:
        title = _("“{text}” … {said}").format(text=" ".join(self._asked.split()), said=self._said())
        return answer_figure(self.rows(), title=title, note=self._sums())

    def in_words(self) -> str:
        lines = [_("Beginning: {text}").format(text=self._asked.replace("\n", NEWLINE))]
        lines.append(_("Answer: {text}").format(text=self.reading.text.replace("\n", NEWLINE)))
        lines += [self._said(), self._sums(), _("Columns: {names}").format(names=", ".join(COLUMNS))]
        lines += [f"{name}: {', '.join(number(x, sign=True) for x in numbers)}" for name, numbers in self.rows()]
        return "\n".join(lines)


def _in_brackets(value: int | float) -> str:
    """A number that may follow a sign: one below 0 is in brackets."""
    written = number(value)
    return f"({written})" if written.startswith("−") else written
