"""The blocks of a prompt on the page: cards that are moved, left out, and given another label."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import anywidget
import traitlets

from course.messages import _

STATIC = Path(__file__).parent
WORDS = {
    "list": _("Blocks of the prompt: Alt with an arrow key moves one"),
    "up": _("Move up"),
    "down": _("Move down"),
    "on": _("in the prompt"),
    "label": _("Label"),
    "drag": _("Drag"),
}


@dataclass(frozen=True)
class Card:
    """One block: its number, what it is, its text as the model reads it, and of a shot the label at its end.

    `is_last` is true of the input, which is always read, and stays where it is.
    """

    block: int
    kind: Literal["instruction", "shot", "input"]
    name: str
    text: str
    label: str = ""
    is_on: bool = True
    is_last: bool = False


def _to_page(cards: list[Card], _list: "BlockList") -> list[dict[str, Any]]:
    return [asdict(card) for card in cards]


class BlockList(anywidget.AnyWidget):
    """Cards from top to bottom; what the learner does with one is told to `obey`, and changes nothing here.

    It is told as a dictionary: {"do": "move", "block": 2, "by": -1} for a button or a key, {"do": "place", "block": 2,
    "at": 0} for one that was dragged, and "switch" and "flip" with a block alone. `told` is a line below the cards,
    which a screen reader reads out when it changes.
    """

    _esm = STATIC / "block_list.js"

    cards = traitlets.List(traitlets.Instance(Card)).tag(sync=True, to_json=_to_page)
    told = traitlets.Unicode("").tag(sync=True)
    words = traitlets.Dict(WORDS).tag(sync=True)

    def __init__(self, obey: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self.on_msg(lambda _widget, content, _buffers: obey(content))
