"""Special tokens: control tokens that are recognized in a text only on request."""

from collections.abc import Iterator, Mapping

import regex


class SpecialTokens:
    """The special tokens of a vocabulary. Where two of them match at the same position, the longer one wins."""

    def __init__(self, ids: Mapping[str, int]) -> None:
        self.ids = dict(ids)
        longest_first = sorted(self.ids, key=len, reverse=True)
        self._pattern = regex.compile("|".join(map(regex.escape, longest_first))) if self.ids else None

    def split(self, text: str) -> Iterator[tuple[str, int | None]]:
        """The text in parts: each special token with its id, each plain text between them with None."""
        end = 0
        for match in self._pattern.finditer(text) if self._pattern else ():
            if match.start() > end:
                yield text[end : match.start()], None
            yield match.group(), self.ids[match.group()]
            end = match.end()
        if end < len(text):
            yield text[end:], None
