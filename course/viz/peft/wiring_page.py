"""A model with a method on it as nested boxes of HTML, which wrap on a narrow page."""

from collections.abc import Sequence
from html import escape

from course.viz.peft.box_texts import PUT, is_again, is_head, legend, lines_of, put_there, steps_of
from course.viz.peft.wiring import Box, Wiring


def wiring_page(wiring: Wiring, block: int) -> str:
    """What comes before the blocks, the block of this number and what comes after, from the top to the bottom."""
    parts = (wiring.before, (wiring.blocks[block],), wiring.after)
    rows = "".join(f"<li>{_steps(boxes)}</li>" for boxes in parts if boxes)
    notes = "".join(f"<p>{escape(line)}</p>" for line in legend(wiring))
    return f'<div class="lm-wiring"><ol class="lm-steps lm-column">{rows}</ol>{notes}</div>'


def _steps(boxes: Sequence[Box]) -> str:
    steps = "".join(f"<li><div>{''.join(map(_box, step))}</div></li>" for step in steps_of(boxes))
    return f'<ol class="lm-steps">{steps}</ol>'


def _box(box: Box) -> str:
    mark = "lm-put" if box.own else "lm-again" if is_again(box) else "lm-head" if is_head(box) else ""
    name = f"{PUT} {box.name}" if box.own else box.name
    put = "".join(f"<div>{escape(line)}</div>" for line in put_there(box))
    panel = f'<div class="lm-put">{put}</div>' if put else ""
    lines = "".join(f"<div>{escape(line)}</div>" for line in lines_of(box))
    inside = _steps(box.inside) if box.inside else ""
    return (
        f'<div class="lm-module {mark}" title="{escape(box.place)}"><div class="lm-named"><div><b>{escape(name)}</b> '
        f"<small>{escape(box.kind)}</small>{lines}</div>{panel}</div>{inside}</div>"
    )
