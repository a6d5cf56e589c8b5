"""The learner's own text, tokenized by several tokenizers at once."""

from collections import Counter
from collections.abc import Mapping, Sequence

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _, ngettext
from course.tokenization.tokenizer import Piece, Tokenizer
from course.viz.kit import html
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import StripToken, hex_bytes, readable
from course.viz.kit.token_strip import TokenStrip
from course.viz.kit.traits import Text
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 20_000


def strip_tokens(text: str, pieces: Sequence[Piece], unknown_id: int | None) -> list[StripToken]:
    """Pieces as tokens of a strip: the id below, and id, vocabulary entry, bytes and reason in the tooltip.

    When several pieces cover the same span of the text (the letters of a Korean syllable), each shows its entry.
    """
    sharing = Counter((piece.start, piece.end, piece.data) for piece in pieces)

    def shown(piece: Piece) -> str:
        if piece.id == unknown_id:
            return text[piece.start : piece.end]
        return piece.token if sharing[piece.start, piece.end, piece.data] > 1 else readable(piece.data)

    return [
        StripToken(
            shown(piece),
            note=str(piece.id),
            lines=(
                _("id {id}, entry {token}").format(id=piece.id, token=piece.token),
                _("bytes: {data}").format(data=hex_bytes(piece.data)),
                piece.reason,
            ),
            mark="unknown" if piece.id == unknown_id else "",
        )
        for piece in pieces
    ]


class TokenExplorer(LessonWidget):
    """A text box, and below it each tokenizer's tokens of the text.

    The state is `text`. `pieces` holds the tokens of each tokenizer, `strips` the widgets that show them. A text of
    more than 20,000 characters is an error.
    """

    text = Text()

    def __init__(self, tokenizers: Mapping[str, Tokenizer], text: str = "") -> None:
        self.tokenizers = dict(tokenizers)
        self.pieces: dict[str, list[Piece]] = {name: [] for name in self.tokenizers}
        self._read = ""  # the text of the pieces
        self.strips = {
            name: TokenStrip(label=_("Tokens of {name}").format(name=name), empty=_("No tokens: the text is empty."))
            for name in self.tokenizers
        }
        self._headings = {name: ipywidgets.HTML() for name in self.tokenizers}
        box = text_box(_("Your text"), _("Type something"))
        rows = [widget for name in self.tokenizers for widget in (self._headings[name], self.strips[name])]
        super().__init__([box, *rows], text=text)
        traitlets.link((self, "text"), (box, "value"))
        self.react(self.update, "text")

    def update(self) -> None:
        """Tokenize the text again."""
        require_at_most(MAX_CHARACTERS, self.text)
        self.pieces = {name: tokenizer.explain(self.text) for name, tokenizer in self.tokenizers.items()}
        self._read = self.text
        for name, tokenizer in self.tokenizers.items():
            self.strips[name].tokens = strip_tokens(self.text, self.pieces[name], tokenizer.unknown_id)
            self._headings[name].value = html.heading(name, self.count(name))

    def count(self, name: str) -> str:
        """The number of tokens, characters per token and unknown tokens: `5 tokens · 4.20 characters per token`."""
        count = len(self.pieces[name])
        unknown = sum(piece.id == self.tokenizers[name].unknown_id for piece in self.pieces[name])
        parts = [ngettext("{count} token", "{count} tokens", count).format(count=f"{count:,}")]
        if count:
            rate = f"{len(self._read) / count:.2f}"
            parts.append(_("{rate} characters per token").format(rate=rate))
        if unknown:
            parts.append(
                ngettext("{count} unknown (marked ?)", "{count} unknown (marked ?)", unknown).format(
                    count=f"{unknown:,}"
                )
            )
        return " · ".join(parts)

    def picture(self) -> Figure:
        return token_strip_figure({f"{name}: {self.count(name)}": strip.tokens for name, strip in self.strips.items()})

    def in_words(self) -> str:
        return "\n".join(f"{name}: {self.count(name)}\n  {strip.summary()}" for name, strip in self.strips.items())
