"""The opened part of the drawing of a whole model, unfolded: its line of code, and its numbers for the chosen token."""

import numpy as np

from course.messages import _
from course.viz.gpt.parts import PAIRS, PARTS, Look, short
from course.viz.gpt.rows import DEEP, WIDTH, grid, pixels_of
from course.viz.gpt.scene import Pixels, Scene, broken, fitted, signed_pixels
from course.viz.kit.text import number, percent

TOP_KEYS = 8


def unfold(scene: Scene, look: Look, part: str, in_words: bool) -> None:
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
    scene.part(12, y, side, side, PARTS[part].name, part=part, **grid(12, y, step, look.n, step))
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
