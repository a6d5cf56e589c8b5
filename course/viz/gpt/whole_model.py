"""The drawing of a whole model: a row is a token, and the bands read from left to right.

The first band is the model from its tokens to the next one; the next two are a block, its attention and its
feed-forward layer; the opened part unfolds below its band.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from matplotlib.colors import to_rgb

from course.messages import _
from course.viz.gpt.parts import ATTENTION, FEED_FORWARD, MODEL, PAIRS, PARTS, Look, short
from course.viz.gpt.scene import Pixels, Scene, broken, fitted, largest_of_bins, signed_pixels, width_of
from course.viz.kit.style import BLUE
from course.viz.kit.text import number, percent
from course.viz.seq2seq.figures import ABOVE, BELOW

WIDTH = 560  # pixels that a page of 700 has for an output
LEFT = 92  # where the columns begin, right of the tokens
TALLEST, ROW = 240, 15  # pixels of a band's rows together, at most, and of one
LABEL = 12.5  # pixels from one token to the next, at least
HEAD, FOOT = 52, 38  # pixels above and below the rows of a band
NARROW, MATRIX = 20, 64
NORM = 350  # where the last normalization is
CANDIDATES, CANDIDATE = 6, 16  # next tokens that are listed, and the pixels of each
BINS = 24  # numbers that a strip shows of a vector
TOP_KEYS = 8
PURPLE, ORANGE, DEEP = ([round(255 * c) for c in to_rgb(color)] for color in (ABOVE, BELOW, BLUE))
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
                _unfold(scene, look, part, in_words)
        elif band == ATTENTION:
            _heading(scene, look, ATTENTION, unfolded=False)
    scene.height += 4
    return scene


def row_height(n: int) -> Pixels:
    return min(ROW, TALLEST / n)


def pixels_of(look: Look, name: str) -> np.ndarray:
    """The picture of a part: a row for each token, a column for a key, or for some of a vector's numbers."""
    values = look.vectors[name].numpy()
    if name == "weights":
        return signed_pixels(np.sqrt(values), 1.0, DEEP, DEEP)
    if name in PAIRS:
        finite = np.where(np.isfinite(values), values, 0.0)
        return signed_pixels(finite, float(np.abs(finite).max()), PURPLE, ORANGE)
    bins = largest_of_bins(values, BINS)
    return signed_pixels(bins, np.abs(bins).max(axis=1, keepdims=True), PURPLE, ORANGE)


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
        **_grid(column.x, rows_top, step, look.n, column.width / look.n if name in PAIRS else 0),
    )
    room = width_of(PARTS[name].heading, "strong")
    scene.part(middle - room / 2, top + (0 if lifted else 15), room, 18, "", part=name)


class Grid(TypedDict):
    """The attributes of a part that has rows: see `_grid`."""

    left: str
    top: str
    step: str
    n: int
    cell: str


def _grid(left: Pixels, top: Pixels, step: Pixels, n: int, cell: Pixels) -> Grid:
    """Where the rows of a part are, and its cells if it has some: what the page needs to know what is pointed at."""
    return {"left": f"{left:.2f}", "top": f"{top:.2f}", "step": f"{step:.4f}", "n": n, "cell": f"{cell:.4f}"}


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
    grid = _grid(x, rows_top, step, look.n, cell)
    scene.part(x - 4, top + 14, width + 8, HEAD - 18, label, state=state, part="blocks")
    for block in range(n_blocks):
        name = _("block {block}").format(block=block)
        scene.part(
            x + block * cell, rows_top, cell, high, name, state="at" if block == look.block else "", block=block, **grid
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
        words = f"{PARTS[name].name}: {best[0][0]} {percent(best[0][3], 1)}"
        scene.shape(left + 2, below - 10, room / 2 - 6, 20, "at" if state else "frame")
        scene.part(left + 2, below - 10, room / 2 - 6, 20, words, state=state, part=name)


# --- The unfolded part ---


def _unfold(scene: Scene, look: Look, part: str, in_words: bool) -> None:
    """A box below the band: the part in a sentence, the line of code, and its numbers for the chosen token."""
    top = scene.height
    lines = broken(look.sentence(part), "plain", WIDTH - 24, 3) if in_words else []
    y = top + 18
    frame = len(scene.pieces)
    scene.text(12, y, fitted(PARTS[part].name, "title", WIDTH - 24), "title")
    for line in lines:
        y += 18
        scene.text(12, y, line, "plain")
    y += 20
    scene.text(12, y, fitted(str(look.code(part)), "code", WIDTH - 24), "code")
    y += 14
    if part in PAIRS:
        y = _pairs(scene, look, part, y)
    elif part in ("logits", "chances"):
        y = _next_tokens(scene, look, part, y)
    elif part == "blocks":
        y = _lengths(scene, look, y)
    elif part == "tokens":
        y = _ids(scene, look, y)
    else:
        y = _vector(scene, look, part, y)
    if PARTS[part].of_head:
        y = _heads(scene, look, part, y + 6)
    scene.shape(2, top, WIDTH - 4, y + 8 - top, "opened")
    scene.pieces.insert(frame, scene.pieces.pop())  # below what is in it
    scene.height = y + 16


def _vector(scene: Scene, look: Look, part: str, y: Pixels) -> Pixels:
    """Every number of the chosen token's vector as a bar."""
    values = look.vectors[part][look.token].numpy()
    limit = max(float(np.abs(values).max()), 1e-30)
    room = WIDTH - 24 - 60
    scene.line((12, y + 34), (12 + room, y + 34), kind="axis")
    scene.bars(12, y + 4, room, 60, values / limit)
    scene.text(WIDTH - 12, y + 10, f"+{short(limit)}", "note", "end")
    scene.text(WIDTH - 12, y + 60, f"−{short(limit)}", "note", "end")
    place = int(np.abs(values).argmax())
    words = _("{count} numbers of {token}; the largest is number {place}: {value}").format(
        count=f"{len(values):,}", token=look.named(look.token), place=place, value=number(float(values[place]))
    )
    scene.text(12, y + 76, fitted(words, "note", WIDTH - 24), "note")
    return y + 84


def _pairs(scene: Scene, look: Look, part: str, y: Pixels) -> Pixels:
    """The table of all pairs, large, and the keys that the chosen token scores highest."""
    side = 200.0
    step = side / look.n
    scene.image(12, y, side, side, pixels_of(look, part))
    scene.shape(12, y, side, side, "frame")
    scene.shape(12, y + look.token * step, side, step, "cell")
    scene.shape(12 + look.key * step, y + look.token * step, step, step, "at")
    scene.part(12, y, side, side, PARTS[part].name, part=part, **_grid(12, y, step, look.n, step))
    x = 12 + side + 20
    token = fitted(look.named(look.token), "strong", 90)
    scene.text(x, y + 8, _("{token} and").format(token=token), "strong")
    ends = (x + 190, x + 250, WIDTH - 14)
    for end, heading in zip(ends, ("q · k", _("score"), _("weight")), strict=True):
        scene.text(end, y + 8, heading, "note", "end")
    order = look.vectors["weights"][look.token].argsort(descending=True, stable=True).tolist()[:TOP_KEYS]
    if look.key not in order:
        order[-1] = look.key
    for line, key in enumerate(order, 1):
        middle = y + 10 + 20 * line
        chosen = key == look.key
        if chosen:
            scene.shape(x - 4, middle - 9, WIDTH - 8 - x, 18, "row")
        scene.text(x, middle, fitted(look.named(key), "token", 130), "chosen" if chosen else "token")
        for end, text in zip(ends, pair_numbers(look, key), strict=True):
            scene.text(end, middle, text, "strong" if chosen else "label", "end")
        scene.part(x - 4, middle - 9, WIDTH - 8 - x, 18, look.named(key), state="at" if chosen else "", key=key)
    return y + side


def pair_numbers(look: Look, key: int) -> tuple[str, str, str]:
    """The product, the score as softmax reads it, and the weight between the chosen token and a key."""
    product = float(look.steps.products[look.head, look.token, key])
    score = float(look.vectors["mask"][look.token, key])
    weight = float(look.vectors["weights"][look.token, key])
    return number(product), number(score) if np.isfinite(score) else "−∞", percent(weight, 1)


def _heads(scene: Scene, look: Look, part: str, y: Pixels) -> Pixels:
    """The weights of every head of the block, small; a click chooses one."""
    side, gap = 38, 8
    scene.text(12, y + 8, _("Weights of each head"), "note")
    y += 16
    per_row = int((WIDTH - 24 + gap) // (side + gap))
    for head in range(look.n_heads):
        left, top = 12 + (head % per_row) * (side + gap), y + (head // per_row) * (side + 20)
        weights = look.steps.weights[head].float().cpu().numpy()
        scene.image(left, top, side, side, signed_pixels(np.sqrt(weights), 1.0, DEEP, DEEP))
        scene.shape(left, top, side, side, "at" if head == look.head else "frame")
        scene.text(left + side / 2, top + side + 9, str(head), "strong" if head == look.head else "note", "middle")
        state = "at" if head == look.head else ""
        scene.part(left, top, side, side + 16, _("head {head}").format(head=head), state=state, head=head)
    return y + (1 + (look.n_heads - 1) // per_row) * (side + 20)


def _next_tokens(scene: Scene, look: Look, part: str, y: Pixels) -> Pixels:
    """Ten candidates with their logits and probabilities."""
    best = look.best(10)
    ends = (250, 340)
    for end, heading in zip(ends, (_("logit"), _("probability")), strict=True):
        scene.text(end, y + 8, heading, "note", "end")
    for line, (token, _id, logit, chance) in enumerate(best, 1):
        middle = y + 10 + 17 * line
        scene.text(12, middle, fitted(token, "token", 170), "token")
        scene.text(ends[0], middle, number(logit), "label", "end")
        scene.text(ends[1], middle, percent(chance, 1), "label", "end")
        scene.shape(356, middle - 6, max(180 * chance, 0.6), 12, "best" if line == 1 else "bar")
    rest = max(0.0, 1 - sum(chance for *_more, chance in best))
    last = y + 10 + 17 * (len(best) + 1)
    others = _("the {count} others: {share}").format(count=f"{len(look.logits) - len(best):,}", share=percent(rest, 1))
    scene.text(12, last, others, "note")
    return last + 6


def _lengths(scene: Scene, look: Look, y: Pixels) -> Pixels:
    """The chosen token's stream after every block as bars; its scale is linear."""
    lengths = look.stream_lengths[::2, look.token].tolist()
    room, most = WIDTH - 24, max(lengths)
    step = room / len(lengths)
    for place, length in enumerate(lengths):
        high = 60 * length / max(most, 1e-30)
        kind = "best" if place == look.block + 1 else "bar"
        scene.shape(12 + place * step, y + 66 - high, max(step - 2, 1), high, kind)
    words = _("Length before the first block and after each block; the highest is {most}").format(most=short(most))
    scene.text(12, y + 76, fitted(words, "note", WIDTH - 24), "note")
    return y + 84


def _ids(scene: Scene, look: Look, y: Pixels) -> Pixels:
    """Tokens with their ids, as many as fit into a few lines."""
    x, line = 12.0, 0
    for place, (token, token_id) in enumerate(zip(look.tokens, look.whole.ids.tolist(), strict=True)):
        text = fitted(token, "token", 120)
        width = 12 + 7.6 * max(len(text), len(str(token_id))) if text.isascii() else 12 + 13 * len(text)
        width = max(width, 7.6 * len(str(token_id)) + 12)
        if x + width > WIDTH - 12:
            x, line = 12.0, line + 1
        if line == 5:
            scene.text(12, y + 8 + 5 * 40, _("… and {count} more").format(count=look.n - place), "note")
            return y + 5 * 40 + 16
        top = y + line * 40
        chosen = place == look.token
        scene.shape(x, top, width - 6, 34, "at" if chosen else "frame")
        scene.text(x + width / 2 - 3, top + 10, text, "chosen" if chosen else "token", "middle")
        scene.text(x + width / 2 - 3, top + 25, str(token_id), "note", "middle")
        x += width
    return y + (line + 1) * 40
