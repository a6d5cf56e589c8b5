"""Pairs of answers on the page, one of each to be chosen by a click or the arrow keys."""

from pathlib import Path

import anywidget
import traitlets

from course.messages import _

STATIC = Path(__file__).parent
WORDS = {"pair": _("Pair"), "nothing": _("(nothing)"), "list": _("Pairs of answers")}


class PairList(anywidget.AnyWidget):
    """A row for each pair: its beginning and two options, "A" and "B", of which the learner chooses one.

    A pair is a dictionary with `text` and `answers`. `choices` has "A", "B" or "" for each; a click writes it.
    """

    _esm = STATIC / "pair_list.js"

    pairs = traitlets.List().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    words = traitlets.Dict(WORDS).tag(sync=True)
