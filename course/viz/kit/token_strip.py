"""A row of colored tokens on the page: hover or focus to read about a token, click or press Enter to select it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from matplotlib.figure import Figure

from course.messages import _, ngettext
from course.viz.kit.static_view import StaticView
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import MARKS, StripToken, visible

STATIC = Path(__file__).parent
MAX_SHOWN = 2000  # tokens drawn; further ones are only counted
MAX_SUMMARY = 12  # tokens named in the summary


def _to_page(tokens: list[StripToken], _strip: "TokenStrip") -> list[dict[str, Any]]:
    """The data that the page draws for each token: its text with visible spaces, and its mark's symbol and meaning."""
    shown = []
    for token in tokens[:MAX_SHOWN]:
        sign, meaning = MARKS[token.mark]
        shown.append(asdict(token) | {"text": visible(token.text), "sign": sign, "meaning": meaning})
    return shown


class TokenStrip(StaticView, anywidget.AnyWidget):
    """Tokens in a row that wraps.

    `tokens` are the tokens shown. `selected` is the index of the selected token, or None; the learner sets it (click,
    Enter, arrow keys; Escape resets it), and so can Python. A handler that needs every click, such as one that masks
    words, resets `selected` to None when it is done; its strip is `press_only`: the arrow keys then move the focus and
    select nothing, so that one can pass a token without pressing it. `label` names the strip for a screen reader;
    `empty` is the text shown when there are no tokens.
    """

    _esm = STATIC / "token_strip.js"
    _css = STATIC / "token_strip.css"

    tokens = traitlets.List(traitlets.Instance(StripToken)).tag(sync=True, to_json=_to_page)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    press_only = traitlets.Bool(False).tag(sync=True)
    label = traitlets.Unicode(_("tokens")).tag(sync=True)
    empty = traitlets.Unicode(_("no tokens")).tag(sync=True)
    more = traitlets.Unicode(read_only=True).tag(sync=True)

    @traitlets.validate("selected")
    def _inside(self, proposal: traitlets.Bunch) -> int | None:
        if proposal.value is not None and not 0 <= proposal.value < len(self.tokens):
            raise traitlets.TraitError(
                _("There is no token {place}: this strip has {count}, counted from 0.").format(
                    place=proposal.value, count=len(self.tokens)
                )
            )
        return proposal.value

    @traitlets.observe("tokens")
    def _fit(self, _change: traitlets.Bunch) -> None:
        """Drop a selection beyond the last token, and count the tokens that are not drawn."""
        if self.selected is not None and self.selected >= len(self.tokens):
            self.selected = None
        hidden = len(self.tokens) - MAX_SHOWN
        text = ngettext("… and {count} more token", "… and {count} more tokens", hidden).format(count=f"{hidden:,}")
        self.set_trait("more", text if hidden > 0 else "")

    def figure(self) -> Figure:
        return token_strip_figure({"": self.tokens}, selected=self.selected)

    def summary(self) -> str:
        texts = [MARKS[token.mark][0] + visible(token.text) for token in self.tokens[:MAX_SUMMARY]]
        count = len(self.tokens)
        head = ngettext("{count} token", "{count} tokens", count).format(count=count)
        line = f"{head}: {' | '.join(texts)}" + (" | …" if count > MAX_SUMMARY else "") if texts else self.empty
        if self.selected is None:
            return line
        return line + "\n" + _("selected: {place}").format(place=self.selected)
