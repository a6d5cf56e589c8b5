"""The drawing of a whole model: a row is a token, and the bands read from left to right.

The first band is the model from its tokens to the next one; the next two are a block, its attention and its
feed-forward layer; the opened part unfolds below its band: `course.viz.gpt.unfolded`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course.messages import _
from course.viz.gpt.parts import ATTENTION, FEED_FORWARD, MODEL, PAIRS, PARTS, Look, short
from course.viz.gpt.rows import DEEP, WIDTH, grid, pixels_of, row_height
from course.viz.gpt.scene import Pixels, Scene, fitted, signed_pixels, width_of
from course.viz.gpt.unfolded import unfold
from course.viz.kit.text import isolated, number, percent

LEFT = 92  # where the columns begin, right of the tokens
LABEL = 12.5  # pixels from one token to the next, at least
HEAD, FOOT = 52, 38  # pixels above and below the rows of a band
NARROW, MATRIX = 20, 64
NORM = 350  # where the last normalization is
CANDIDATES, CANDIDATE = 6, 16  # next tokens that are listed, and the pixels of each
IN_BLOCK = (ATTENTION, FEED_FORWARD)


@dataclass(frozen=True)
class Column:
    """A column of a band: the part, its left edge, its width, what is written below it."""

    name: str
    x: Pixels
    width: Pixels
    below: tuple[str, str]


def whole_model(look: Look, part: str, *, unfolded: bool = True, in_words: bool = False) -> Scene:
    """The drawing of this look at a model. `part` is the opened one, "" for none; `unfolded` shows the block.

    `in_words` also writes the sentence about the opened part, for a picture that is on its own.
    """
    scene = Scene(WIDTH)
    for band in (MODEL, *IN_BLOCK):
        if band == MODEL or unfolded:
            _band(scene, look, band, part)
            if part and PARTS[part].band == band:
                unfold(scene, look, part, in_words)
        elif band == ATTENTION:
            _heading(scene, look, ATTENTION, unfolded=False)
    scene.height += 4
    return scene


def _heading(scene: Scene, look: Look, band: str, *, unfolded: bool) -> None:
    """The title of a band; that of the block folds and unfolds it."""
    text, top = _title(look, band), scene.height
    if band == ATTENTION:
        text = f"{'▾' if unfolded else '▸'} {text}"
        words = _("Fold the block") if unfolded else _("Unfold block {block}").format(block=look.block)
        scene.part(0, top, WIDTH, 22, words, fold=0 if unfolded else 1)
    scene.text(2, top + 12, text, "title")
    scene.height += 22


def _band(scene: Scene, look: Look, band: str, part: str) -> None:
    _heading(scene, look, band, unfolded=True)
    top = scene.height
    rows_top, step = top + HEAD, row_height(look.n)
    high = step * look.n
    scene.shape(0, rows_top + look.token * step, NORM + 36 if band == MODEL else WIDTH, step, "row")
    _tokens(scene, look, rows_top, part if band == MODEL else None)
    if band == MODEL:
        high = max(high, CANDIDATES * CANDIDATE)
        _model(scene, look, top, part)
    else:
        columns = _columns(look, band)
        _stream_line(scene, columns, rows_top - 14)
        for place, column in enumerate(columns):
            _strip(scene, look, column, top, part, lifted=column.width < 40 and place % 2 == 1)
        _arrows(scene, columns, rows_top, rows_top + high)
    scene.text(LEFT - 6, rows_top + step * look.n + 15, _("numbers"), "note", "end")
    scene.text(LEFT - 6, rows_top + step * look.n + 29, _("length, value"), "note", "end")
    scene.height = rows_top + high + FOOT + 4


def _title(look: Look, band: str) -> str:
    if band == MODEL:
        text = _("{model}: {blocks} blocks of {heads} heads").format(
            model=look.name, blocks=look.whole.n_blocks, heads=look.n_heads
        )
    elif band == ATTENTION:
        text = _("Block {block}: attention, head {head}").format(block=look.block, head=look.head)
    else:
        text = _("Block {block}: feed-forward").format(block=look.block)
    return fitted(text, "title", WIDTH)


def _tokens(scene: Scene, look: Look, top: Pixels, part: str | None) -> None:
    """The tokens, a label for as many as there is room for, the chosen one in any case. Each can be chosen."""
    step = row_height(look.n)
    every = -(-LABEL // step)
    for place, token in enumerate(look.tokens):
        middle = top + (place + 0.5) * step
        chosen = place == look.token
        near = abs(place - look.token) * step < LABEL and not chosen
        if chosen or (place % every == 0 and not near):
            style = "chosen" if chosen else "token"
            scene.text(LEFT - 6, middle, fitted(token, style, LEFT - 14), style, "end")
    if part is None:
        return
    state = "open" if part == "tokens" else ""
    scene.part(0, top - HEAD + 4, LEFT - 4, HEAD - 6, PARTS["tokens"].name, state=state, part="tokens")
    scene.text(LEFT - 16, top - HEAD + 24, PARTS["tokens"].heading, "strong" if state else "label", "end")
    for place, token in enumerate(look.tokens):
        words = _("token {place}: {token}").format(place=place, token=token)
        state = "at" if place == look.token else ""
        scene.part(0, top + place * step, LEFT - 4, step, words, state=state, token=place)


def _strip(scene: Scene, look: Look, column: Column, top: Pixels, part: str, lifted: bool = False) -> None:
    """A part as a column: its heading, its picture, two lines below, all of it a button."""
    name, step = column.name, row_height(look.n)
    rows_top, high, middle = top + HEAD, step * look.n, column.x + column.width / 2
    opened = name == part
    scene.text(middle, top + (9 if lifted else 24), PARTS[name].heading, "strong" if opened else "label", "middle")
    scene.image(column.x, rows_top, column.width, high, pixels_of(look, name))
    scene.shape(column.x, rows_top, column.width, high, "at" if opened else "frame")
    for line, text in enumerate(column.below):
        scene.text(middle, rows_top + high + 15 + 14 * line, text, "note", "middle")
    if name in PAIRS:
        cell = column.width / look.n
        scene.shape(column.x + look.key * cell, rows_top + look.token * step, cell, step, "cell")
    words = ", ".join([PARTS[name].name, *filter(None, column.below)])
    scene.part(
        column.x - 4,
        rows_top - 4,
        column.width + 8,
        high + FOOT + 2,
        words,
        state="open" if opened else "",
        part=name,
        **grid(column.x, rows_top, step, look.n, column.width / look.n if name in PAIRS else 0),
    )
    room = width_of(PARTS[name].heading, "strong")
    scene.part(middle - room / 2, top + (0 if lifted else 15), room, 18, "", part=name)


def _below(look: Look, name: str) -> tuple[str, str]:
    """What is written below a column: how many numbers, and the chosen token's length, or the chosen pair's number."""
    values = look.vectors[name]
    if name in PAIRS:
        value = float(values[look.token, look.key])
        text = percent(value, 1) if name == "weights" else number(value) if np.isfinite(value) else "−∞"
        return f"{look.n} × {look.n}", text
    return f"{values.shape[1]:,}" if values.shape[1] < 10_000 else short(values.shape[1]), short(look.length(name), 2)


def _columns(look: Look, band: str) -> list[Column]:
    names = [name for name in look.parts if PARTS[name].band == band]
    if band == FEED_FORWARD:
        names = ["between", *names]
    widths = [MATRIX if name in PAIRS else NARROW if band == ATTENTION else 34 for name in names]
    gap = (WIDTH - LEFT - 8 - sum(widths)) / max(len(names) - 1, 1)
    columns, x = [], float(LEFT + 4)
    for name, width in zip(names, widths, strict=True):
        columns.append(Column(name, x, width, _below(look, name)))
        x += width + min(gap, 40)
    return columns


def _stream_line(scene: Scene, columns: Sequence[Column], y: Pixels) -> None:
    """The residual stream passes by what is added to it."""
    first, last = columns[0], columns[-1]
    start, end = first.x + first.width / 2, last.x + last.width / 2
    scene.line((start, y + 14), (start, y), (end, y), (end, y + 14), kind="stream", head=True)


def _arrows(scene: Scene, columns: Sequence[Column], top: Pixels, bottom: Pixels) -> None:
    """What follows from what: arrows between neighbors, but for q, k and v, which all three follow from the norm.

    So do the gate and "up", which then meet.
    """
    at, middle = {column.name: column for column in columns}, (top + bottom) / 2
    for before, after in itertools.pairwise(columns):
        if after.name in ("key", "value", "scores") or (after.name == "up" and before.name == "gate"):
            continue
        scene.line((before.x + before.width + 1, middle), (after.x - 1, middle), head=True)
    if "scores" in at:
        queries, keys, values, mixed = (at[name].x + NARROW / 2 for name in ("query", "key", "value", "mixed"))
        scores = at["scores"].x + MATRIX / 2
        scene.line((queries, top), (queries, top - 8), (scores, top - 8), (scores, top), head=True)
        scene.line((keys, top), (keys, top - 8))
        scene.line((values, bottom), (values, bottom + 7), (mixed, bottom + 7), (mixed, bottom), head=True)
    if "gate" in at:
        norm, gates, up, hidden = (
            at[name].x + at[name].width / 2 for name in ("feed_forward_norm", "gate", "up", "hidden")
        )
        scene.line((norm, bottom), (norm, bottom + 7), (up, bottom + 7), (up, bottom), head=True)
        scene.line((gates, top), (gates, top - 8), (hidden, top - 8), (hidden, top), head=True)


# --- The first band ---


def _model(scene: Scene, look: Look, top: Pixels, part: str) -> None:
    """Embedding, the stream after every block, the last norm, the most probable next tokens."""
    x, step = LEFT + 4.0, row_height(look.n)
    rows_top, high = top + HEAD, step * look.n
    for name in ("embedding", "positions"):
        if name in look.parts:
            _strip(scene, look, Column(name, x, 32, _below(look, name)), top, part)
            x += 32 + 12
            scene.line((x - 11, rows_top + high / 2), (x - 1, rows_top + high / 2), head=True)
    norm = Column("normalized", NORM, 32, _below(look, "normalized"))
    _stack(scene, look, x, norm.x - 12 - x, top, part)
    for start in (norm.x - 11, norm.x + norm.width + 1):
        scene.line((start, rows_top + high / 2), (start + 10, rows_top + high / 2), head=True)
    _strip(scene, look, norm, top, part)
    _candidates(scene, look, norm.x + norm.width + 14, top, part)


def _stack(scene: Scene, look: Look, x: Pixels, width: Pixels, top: Pixels, part: str) -> None:
    """The length of every token's stream after every block; each block can be chosen."""
    step, n_blocks = row_height(look.n), look.whole.n_blocks
    rows_top, high, opened = top + HEAD, row_height(look.n) * look.n, part == "blocks"
    lengths = np.log(look.stream_lengths[2::2].numpy().T + 1e-9)
    low, most = lengths.min(), lengths.max()
    shares = 0.08 + 0.92 * (lengths - low) / max(most - low, 1e-9)
    scene.text(x + width / 2, top + 24, fitted(PARTS["blocks"].heading, "label", width), "label", "middle")
    scene.image(x, rows_top, width, high, signed_pixels(shares, 1.0, DEEP, DEEP))
    scene.shape(x, rows_top, width, high, "at" if opened else "frame")
    cell = width / n_blocks
    scene.shape(x + look.block * cell, rows_top - 3, cell, high + 6, "at")
    every = max(1, round(n_blocks / 6))
    for block in range(0, n_blocks, every):
        scene.text(x + (block + 0.5) * cell, rows_top + high + 15, str(block), "note", "middle")
    after = short(float(look.stream_lengths[2 * look.block + 2, look.token]))
    words = _("after block {block}: {length}").format(block=look.block, length=after)
    scene.text(x + width / 2, rows_top + high + 29, words, "note", "middle")
    label = f"{PARTS['blocks'].name}, {words}"
    state = "open" if opened else ""
    places = grid(x, rows_top, step, look.n, cell)
    scene.part(x - 4, top + 14, width + 8, HEAD - 18, label, state=state, part="blocks")
    for block in range(n_blocks):
        name = _("block {block}").format(block=block)
        scene.part(
            x + block * cell,
            rows_top,
            cell,
            high,
            name,
            state="at" if block == look.block else "",
            block=block,
            **places,
        )


def _candidates(scene: Scene, look: Look, x: Pixels, top: Pixels, part: str) -> None:
    """The most probable next tokens after the chosen one, as bars."""
    middle, room = x + 72, WIDTH - x
    heading = _("next after {token}").format(token=look.tokens[look.token])
    opened = part in ("logits", "chances")
    style = "strong" if opened else "label"
    scene.text(x + room / 2, top + 24, fitted(heading, style, room), style, "middle")
    best = look.best(CANDIDATES)
    for place, (token, _id, _logit, chance) in enumerate(best):
        y = top + HEAD + (place + 0.5) * CANDIDATE
        scene.text(middle - 4, y, fitted(token, "token", 66), "token", "end")
        scene.shape(middle, y - 6, max(44 * chance, 0.6), 12, "best" if place == 0 else "bar")
        scene.text(WIDTH - 2, y, percent(chance, 1), "note", "end")
    for name, share in (("logits", 0.0), ("chances", 0.5)):
        state, left = "open" if name == part else "", x - 2 + share * room
        below = top + HEAD + CANDIDATES * CANDIDATE + 12
        scene.text(left + room / 4, below, PARTS[name].heading, "strong" if state else "label", "middle")
        words = f"{PARTS[name].name}: {isolated(best[0][0])} {percent(best[0][3], 1)}"
        scene.shape(left + 2, below - 10, room / 2 - 6, 20, "at" if state else "frame")
        scene.part(left + 2, below - 10, room / 2 - 6, 20, words, state=state, part=name)
