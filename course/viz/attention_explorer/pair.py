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
from course.viz.kit.text import percent

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
    return _("{head}: {query} looks at {key}").format(head=head_name(layer, head), query=asks, key=is_asked)


def pair_lines(steps: PairSteps) -> list[tuple[str, str]]:
    """The arithmetic from the products to the weight and the value, each step with its name."""
    size, term = len(steps.terms), ROWS[steps.score_function][2]
    total = _("the {size} numbers {term} sum to {sum}").format(size=size, term=term, sum=number(steps.product))
    lines = [(_("sum"), total)]
    if steps.score_function == "additive":
        lines.insert(0, (_("score"), _("A small network: it multiplies no query by a key, so there is no q × k.")))
    scaled = steps.product / steps.divisor
    if steps.divisor != 1:
        values = {"sum": number(steps.product), "size": size, "root": number(steps.divisor), "score": number(scaled)}
        lines.append(("÷ √d", _("{sum} ÷ √{size} = {sum} ÷ {root} = {score}").format(**values)))
    if steps.bias:
        values = {"score": number(scaled), "bias": number(steps.bias), "sum": number(scaled + steps.bias)}
        lines.append((_("position"), _("{score} + ({bias}) for the distance = {sum}").format(**values)))
    if steps.score == -math.inf:
        lines.append((_("mask"), _("This query may not look at this key: the score becomes −∞, the weight 0.")))
    else:
        values = {
            "score": number(steps.score),
            "highest": number(steps.highest),
            "power": number(steps.exponential),
            "total": number(steps.total),
            "weight": f"{steps.weight:.7f}",
            "share": percent(steps.weight, 1),
        }
        power = _("e^({score} − ({highest})) = {power}, where {highest} is the highest score").format(**values)
        lines.append((_("exponential"), power))
        whole = _("{power} ÷ {total}, the sum over all keys, = {weight} = {share}").format(**values)
        lines.append((_("softmax"), whole))
        seen = int((steps.scores > -math.inf).sum())
        lines.append((_("place"), _("{rank} of {count} keys").format(rank=steps.rank, count=seen)))
    share = f"{steps.share:.1%}".replace("-", "−")
    lines.append((_("value"), _("× weight: {share} of the head's output, along its direction").format(share=share)))
    return lines


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
