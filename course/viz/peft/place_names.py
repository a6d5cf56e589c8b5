"""The places of a model as people call them: "blocks.3.attention.query" is the query of block 3."""

import re

from course.messages import _

IN_BLOCK = re.compile(r"blocks\.(\d+)\.(.+)")
SUBLAYERS = ("attention.", "feed_forward.")  # their parts have names of their own: query, up


def block_and_layer(place: str) -> tuple[str, str]:
    """The block of a place and the layer in it, "block 3" and "query"; elsewhere, the place itself and nothing."""
    found = IN_BLOCK.fullmatch(place)
    if found is None:
        return place, ""
    number, layer = found.groups()
    for sublayer in SUBLAYERS:
        layer = layer.removeprefix(sublayer)
    return _("block {number}").format(number=number), layer


def readable_place(place: str) -> str:
    """The place in words: "block 3, query". The numbers are those of the code, from 0."""
    block, layer = block_and_layer(place)
    return _("{block}, {layer}").format(block=block, layer=layer) if layer else block
