"""The opened pair: q, k and their product per dimension, the softmax, and the value, as words, picture and widget."""

import math
from typing import Any

import anywidget
import traitlets

from course.interpretability.attention_pair import PairSteps
from course.messages import _
from course.viz.attention_explorer.maps import AttentionMaps
from course.viz.attention_explorer.shown import head_name
from course.viz.attention_explorer.view import STATIC, joined
from course.viz.kit.text import isolated, percent

ROWS = {  # the bars, by the name of the score function: query, key, term
    "dot": ("q", "k", "q × k"),
    "scaled_dot": ("q", "k", "q × k"),
    "general": ("q W", "k", "q W × k"),
    "additive": ("W q", "U k", "v × tanh(W q + U k)"),
}


def number(value: float) -> str:
    """With five decimals, enough to follow the steps with a pocket calculator."""
    return f"{value:.5f}".replace("-", "−") if math.isfinite(value) else "−∞"


def pair_title(maps: AttentionMaps, layer: int, head: int, query: int, key: int) -> str:
    asks, is_asked = maps.named_pair(query, key)
    return _("{head}: {query} looks at {key}").format(
        head=head_name(layer, head), query=isolated(asks), key=isolated(is_asked)
    )


def pair_lines(steps: PairSteps) -> list[tuple[str, str]]:
    """The arithmetic from the terms to the weight and the value, each step with its name."""
    size, term = len(steps.terms), ROWS[steps.score_function][2]
    total, scaled = number(steps.product), steps.product / steps.divisor
    lines = []
    if steps.score_function == "additive":
        lines.append((_("score"), _("A small network: it multiplies no query by a key, so there is no q × k.")))
    summed = _("the {size} numbers {term} sum to {total}").format(size=size, term=term, total=total)
    lines.append((_("sum"), summed))
    if steps.divisor != 1:
        divided = _("{total} ÷ √{size} = {total} ÷ {root} = {score}").format(
            total=total, size=size, root=number(steps.divisor), score=number(scaled)
        )
        lines.append(("÷ √d", divided))
    if steps.bias:
        added = _("{score} + ({bias}) for the distance = {total}").format(
            score=number(scaled), bias=number(steps.bias), total=number(scaled + steps.bias)
        )
        lines.append((_("position"), added))
    lines += _softmax_lines(steps)
    share = f"{steps.share:.1%}".replace("-", "−")
    lines.append((_("value"), _("× weight: {share} of the head's output, along its direction").format(share=share)))
    return lines


def _softmax_lines(steps: PairSteps) -> list[tuple[str, str]]:
    """From the score to the weight, or why there is none."""
    if steps.score == -math.inf:
        return [(_("mask"), _("This query may not look at this key: the score becomes −∞, the weight 0."))]
    power = number(steps.exponential)
    raised = _("e^({score} − ({highest})) = {power}, where {highest} is the highest score").format(
        score=number(steps.score), highest=number(steps.highest), power=power
    )
    divided = _("{power} ÷ {total}, the sum over all keys, = {weight} = {share}").format(
        power=power, total=number(steps.total), weight=f"{steps.weight:.7f}", share=percent(steps.weight, 1)
    )
    seen = int((steps.scores > -math.inf).sum())
    place = _("{rank} of {count} keys").format(rank=steps.rank, count=seen)
    return [(_("exponential"), raised), (_("softmax"), divided), (_("place"), place)]


def pair_summary(title: str, steps: PairSteps) -> str:
    """The opened pair as text."""
    return "\n".join([title, *(f"  {name}: {text}" for name, text in pair_lines(steps))])


class PairView(anywidget.AnyWidget):
    """The steps of one pair. `picture` holds titles, texts and the numbers of the bars; empty, it draws nothing.

    The close button and Escape send the message {"open": null}.
    """

    _esm = joined("attention_drawing.js", "attention_pair.js")
    _css = STATIC / "attention_explorer.css"

    picture = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict({"close": _("Close"), "bar": _("dimension {place}: {value}")}).tag(sync=True)

    def show(self, title: str, note: str, steps: PairSteps | None, maps: AttentionMaps | None) -> None:
        """Draw these steps; None draws nothing."""
        if steps is None or maps is None:
            self.picture = {}
            return
        query, key, term = ROWS[steps.score_function]
        rows = [
            (query, steps.query),
            (key, steps.key),
            (term, steps.terms),
            (_("value"), steps.value),
            (_("weight × value"), steps.weighted),
            (_("head's output"), steps.output),
        ]
        self.picture = {
            "title": title,
            "note": note,
            "rows": [{"name": name, "values": values.tolist()} for name, values in rows],
            "lines": [list(line) for line in pair_lines(steps)],
            "softmax": _("weights of this query on all keys"),
            "keys": list(maps.keys),
            "weights": steps.weights.tolist(),
            "place": steps.place,
        } | self._numbers(steps)

    @staticmethod
    def _numbers(steps: PairSteps) -> dict[str, Any]:
        return {
            "divisor": steps.divisor,
            "bias": steps.bias,
            "scores": [None if score == -math.inf else score for score in steps.scores.tolist()],
        }
