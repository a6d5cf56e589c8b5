"""The diagrams of lesson 06: one layer, its heads, and the whole Transformer."""

from itertools import pairwise

from course.messages import _
from course.viz.diagrams.drawing import SIGN_RADIUS, Box, Diagram, Pixels

STREAM = "(batch, position, d_model)"


def transformer_block(norm: str = "pre") -> Diagram:
    """One encoder layer: two sublayers, each of which adds to the residual stream. `norm` is "pre" or "post".

    Raises `ValueError` for another `norm`.

    Source: "post": Vaswani et al. 2017, section 3.1; "pre": Xiong et al. 2020, figure 1.
    """
    require_norm(norm)
    return _pre_block() if norm == "pre" else _post_block()


def require_norm(norm: str) -> None:
    """Raises `ValueError` unless `norm` is "pre" or "post"."""
    if norm not in ("pre", "post"):
        raise ValueError(_("norm is {norm!r}; it must be 'pre' or 'post'.").format(norm=norm))


def _pre_block() -> Diagram:
    d = Diagram(
        _("Pre-norm: the residual stream is only added to"),
        _(
            "An encoder layer with pre-norm, from left to right. The residual stream, shape (batch, position, "
            "d_model), is a straight line from x to the new x. It branches twice, and each branch is added back to it. "
            "The first branch is a norm, then multi-head attention; the second is a norm, then the feed-forward "
            "network, which widens d_model to d_ff and back. Nothing on the straight line itself is normalized."
        ),
        236,
    )
    line, branch = 74, 156
    boxes = [d.data(24, line, 44, 34, "x"), d.data(530, line, 56, 34, _("new x"))]
    for x, text in ((96, _("multi-head\nattention")), (320, _("feed-\nforward"))):
        dot, norm = d.dot(x, line), d.layer(x, branch, 62, 46, _("norm"))
        sublayer, plus = d.layer(x + 100, branch, 92, 46, text), d.sign(x + 100, line, "+")
        d.arrow(dot.bottom, norm.top)
        d.arrow(norm.right, sublayer.left)
        d.arrow(sublayer.top, plus.bottom)
        boxes[-1:-1] = [dot, plus]
    _join(d, boxes)
    d.text(280, 42, STREAM, style="shape")
    d.text(420, 194, "d_model → d_ff → d_model", style="shape")
    d.text(2, 194, _("In training, dropout before each +"), style="note", anchor="start")
    d.legend(222)
    return d


def _post_block() -> Diagram:
    d = Diagram(
        _("Post-norm: the residual stream is normalized after each sum"),
        _(
            "An encoder layer with post-norm, from left to right. The residual stream, shape (batch, position, "
            "d_model), goes from x to the new x. It branches twice. The first branch is multi-head attention, the "
            "second the feed-forward network, which widens d_model to d_ff and back; each branch is added back to the "
            "stream, and the sum goes through a norm, which is on the stream itself."
        ),
        236,
    )
    line, branch = 74, 156
    boxes = [d.data(24, line, 44, 34, "x"), d.data(530, line, 56, 34, _("new x"))]
    for x, text in ((64, _("multi-head\nattention")), (284, _("feed-\nforward"))):
        dot, sublayer = d.dot(x, line), d.layer(x + 70, branch, 92, 46, text)
        plus, norm = d.sign(x + 70, line, "+"), d.layer(x + 150, line, 62, 34, _("norm"))
        d.arrow(dot.bottom, (x, branch), sublayer.left)
        d.arrow(sublayer.top, plus.bottom)
        boxes[-1:-1] = [dot, plus, norm]
    _join(d, boxes)
    d.text(280, 42, STREAM, style="shape")
    d.text(354, 194, "d_model → d_ff → d_model", style="shape")
    d.text(2, 194, _("In training, dropout before each +"), style="note", anchor="start")
    d.legend(222)
    return d


def _join(d: Diagram, boxes: list[Box]) -> None:
    """Join boxes from left to right, with a head where a line does not end in a dot."""
    for before, after in pairwise(boxes):
        (d.line if after.kind == "dot" else d.arrow)(before.right, after.left)


def multi_head() -> Diagram:
    """Multi-head self-attention as `MultiHeadAttention` computes it.

    Source: Vaswani et al. 2017, section 3.2.2 and figure 2.
    """
    d = Diagram(
        _("Multi-head attention: split, attend in each head, join"),
        _(
            "Multi-head self-attention, from top to bottom. The input, shape (batch, position, d_model), goes through "
            "three layers of weights, W_Q, W_K and W_V, into queries, keys and values of the same shape. Each is split "
            "into heads by a reshape and a transpose, shape (batch, heads, position, d_head), where heads times d_head "
            "is d_model. Scaled dot-product attention runs in every head by itself. Another transpose and a flatten "
            "join the results, shape (batch, position, d_model), and the output layer W_O mixes what the heads have "
            "found, shape (batch, position, d_model)."
        ),
        548,
    )
    x = d.data(280, 62, 260, 44, "x\n`" + STREAM)
    split = d.step(
        280, 210, 520, 46, _("split into heads: reshape, transpose") + "\n`→ (batch, heads, position, d_head)"
    )
    for at, text in ((100, "query: W_{Q}"), (280, "key: W_{K}"), (460, "value: W_{V}")):
        weights = d.layer(at, 136, 150, 34, text)
        if at == x.x:
            d.arrow(x.bottom, weights.top)
        else:
            d.arrow(x.left if at < x.x else x.right, (at, x.y), weights.top)
        d.arrow(weights.bottom, split.top_at(at))
    join = d.step(280, 372, 520, 46, _("join the heads: transpose, flatten") + "\n`→ " + STREAM)
    for at, text in ((84, _("head 1")), (215, _("head 2")), (346, _("head 3")), (477, _("head 4"))):
        head = d.step(at, 291, 112, 44, text + "\n" + _("attention"))
        d.arrow(split.bottom_at(at), head.top)
        d.arrow(head.bottom, join.top_at(at))
    output = d.layer(280, 436, 150, 34, _("output: W_{O}"))
    result = d.data(280, 494, 260, 30, "`" + STREAM)
    d.text(458, output.y, "heads · d_head = d_model", style="shape")
    d.arrow(join.bottom, output.top)
    d.arrow(output.bottom, result.top)
    d.legend(534)
    return d


class _Column:
    """The encoder or the decoder of the architecture, drawn upwards from `y` along the line at `x`.

    Residual connections go around the sublayers at `skip`.
    """

    def __init__(self, d: Diagram, x: Pixels, y: Pixels, skip: Pixels, norm: str) -> None:
        self.d, self.x, self.y, self.skip, self.norm = d, x, y, skip, norm
        self.last: Box | None = None

    def add(self, kind: str, height: Pixels, text: str, gap: Pixels = 14) -> Box:
        """The next box above the last one."""
        self.y -= gap + height
        draw = {"layer": self.d.layer, "step": self.d.step, "data": self.d.data}[kind]
        return self._joined(draw(self.x, self.y + height / 2, 190, height, text))

    def sign(self) -> Box:
        """The next sum."""
        self.y -= 12 + 2 * SIGN_RADIUS
        return self._joined(self.d.sign(self.x, self.y + SIGN_RADIUS, "+"))

    def sublayer(self, text: str) -> Box:
        """A sublayer with its residual connection and its norm."""
        self.y -= 16
        dot = self._joined(self.d.dot(self.x, self.y))
        if self.norm == "pre":
            self.add("layer", 24, _("norm"))
        box = self.add("layer", 34, text)
        plus = self.sign()
        ends = (dot.right, plus.right) if self.skip > self.x else (dot.left, plus.left)
        self.d.arrow(ends[0], (self.skip, dot.y), (self.skip, plus.y), ends[1])
        if self.norm == "post":
            self.add("layer", 24, _("norm"))
        return box

    def _joined(self, box: Box) -> Box:
        if self.last is not None:
            (self.d.line if box.kind == "dot" else self.d.arrow)(self.last.top, box.bottom)
        self.last = box
        return box


def transformer_architecture(norm: str = "post") -> Diagram:
    """The whole Transformer, encoder and decoder. `norm` is "post", as in the paper, or "pre".

    Raises `ValueError` for another `norm`.

    Source: Vaswani et al. 2017, figure 1; "pre": Xiong et al. 2020, figure 1.
    """
    require_norm(norm)
    height = 772 if norm == "post" else 820
    d = Diagram(
        _("The Transformer: N encoder layers, N decoder layers"),
        _ARCHITECTURE_POST if norm == "post" else _ARCHITECTURE_PRE,
        height,
    )
    columns = []
    for x, skip, beside, name, ids in (
        (132, 20, 236, _("source"), "(batch, source)"),
        (428, 540, 324, _("target"), "(batch, target)"),
    ):
        column = _Column(d, x, height - 38, skip, norm)
        column.add("data", 40, f"{name}\n`{ids}", gap=0)
        column.add("layer", 34, _("embedding × √d_model"))
        plus = column.sign()
        positions = d.data(beside, plus.y, 80, 28, _("positions"))
        d.arrow(positions.left if beside > x else positions.right, plus.right if beside > x else plus.left)
        columns.append(column)
    encoder, decoder = columns
    frame_bottom = encoder.y - 8
    encoder.sublayer(_("self-attention"))
    encoder.sublayer(_("feed-forward"))
    d.frame(6, encoder.y - 10, 244, frame_bottom)
    d.text(8, encoder.y - 22, "N ×", style="part", anchor="start")
    decoder.sublayer(_("masked self-attention"))
    cross = decoder.sublayer(_("cross-attention"))
    decoder.sublayer(_("feed-forward"))
    d.frame(316, decoder.y - 10, 554, frame_bottom)
    d.text(552, decoder.y - 22, "N ×", style="part", anchor="end")
    if norm == "pre":
        encoder.add("layer", 24, _("norm"), gap=34)
        decoder.add("layer", 24, _("norm"), gap=34)
    gap = 34 if norm == "post" else 14
    memory = encoder.add("data", 40, _("memory") + "\n`(batch, source, d_model)", gap=gap)
    d.arrow(memory.right, (286, memory.y), (286, cross.y), cross.left)
    d.text(281, (memory.y + cross.y) / 2, "K, V", style="shape", anchor="end")
    decoder.add("layer", 44, _("output layer") + "\n`(batch, target, vocab)", gap=gap)
    decoder.add("step", 28, "softmax")
    decoder.add("data", 28, _("next symbols"))
    d.legend(height - 14)
    return d


_ARCHITECTURE_POST = _(
    "The Transformer, from bottom to top, encoder left, decoder right. The source ids, shape (batch, source), go "
    "through an embedding, times the square root of d_model, and positions are added. N encoder layers follow: "
    "self-attention, its output added to the residual stream and normalized, then a feed-forward network, added and "
    "normalized. "
    "Their result is the memory, shape (batch, source, d_model). The target ids, shape (batch, target), are "
    "embedded in the same way. N decoder layers follow: masked self-attention, which sees no later position; "
    "cross-attention, whose keys K and values V come from the memory; and a feed-forward network; each is added and "
    "normalized. The output layer computes logits, shape (batch, target, vocab), and softmax the probabilities of "
    "the next symbols."
)
_ARCHITECTURE_PRE = _(
    "The Transformer with pre-norm, from bottom to top, encoder left, decoder right. The source ids, shape (batch, "
    "source), go through an embedding, times the square root of d_model, and positions are added. N encoder layers "
    "follow: a norm, self-attention, its output added to the residual stream; then a norm, a feed-forward network, "
    "added again. After a last norm their result is the memory, shape (batch, source, d_model). The target ids, shape "
    "(batch, target), are embedded in the same way. N decoder layers follow: masked self-attention, which sees no "
    "later position; cross-attention, whose keys K and values V come from the memory; and a feed-forward network; "
    "each reads a norm of the stream and is added to it. After a last norm the output layer computes logits, shape "
    "(batch, target, vocab), and softmax the probabilities of the next symbols."
)
