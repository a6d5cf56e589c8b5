"""The pictures of a cell's output: their pixels, and what is said for whoever does not see them."""

import base64
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

PNG = "data:image/png;base64,"


class Pictures(HTMLParser):
    """The `<img>` and `<svg>` of a piece of HTML: `found` holds the name and the attributes of each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("img", "svg"):
            self.found.append((tag, dict(attrs)))


def picture(bundle: Mapping[str, Any]) -> bytes:
    """The PNG of an output that is one picture."""
    [(_tag, attributes)] = Pictures(bundle["text/html"]).found
    assert attributes["src"].startswith(PNG)
    return base64.b64decode(attributes["src"].removeprefix(PNG), validate=True)


def said(bundle: Mapping[str, Any]) -> str:
    """The alternative text of an output that is one picture."""
    [(_tag, attributes)] = Pictures(bundle["text/html"]).found
    return attributes["alt"]
