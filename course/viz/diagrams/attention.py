"""The diagram of lesson 04: attention in four steps."""

from course.messages import _
from course.viz.diagrams.drawing import Diagram


def attention_steps() -> Diagram:
    """Dot-product attention of a decoder to its encoder, and what the decoder does with the answer.

    Source: Luong, Pham and Manning 2015, section 3, equations 5 and 6; the dot score: section 3.1.
    """
    d = Diagram(
        _("Attention in four steps: score, softmax, sum, join"),
        _(
            "Attention of a decoder to its encoder, from top to bottom. The decoder's states, shape (batch, target, "
            "d_hidden), are the queries; the encoder's states, shape (batch, source, d_hidden), are keys and values. "
            "Step 1: the dot product of each query with each key gives the scores, shape (batch, target, source). Step "
            "2: softmax over the source makes them weights of the same shape; those of one query sum to 1. Step 3: the "
            "weighted sum of the values is the context, shape (batch, target, d_hidden). Step 4: "
            "context and decoder state are joined, multiplied by W, and put through tanh, shape (batch, target, "
            "d_hidden). The output layer makes logits of it, shape (batch, target, vocab)."
        ),
        560,
    )
    keys = d.data(112, 70, 216, 46, _("encoder states") + "\n`(batch, source, d_hidden)")
    queries = d.data(448, 70, 216, 46, _("decoder states") + "\n`(batch, target, d_hidden)")
    steps = [
        d.step(280, 156, 360, 44, _("1 · scores: each query · each key") + "\n`query @ key.mT"),
        d.step(280, 244, 360, 44, _("2 · weights: softmax over the source") + "\n`scores.softmax(dim=-1)"),
        d.step(280, 332, 360, 44, _("3 · context: weighted sum of the values") + "\n`weights @ value"),
        d.layer(280, 420, 360, 44, _("4 · context and state joined, W, tanh") + "\n`(W @ [context; state]).tanh()"),
    ]
    output = d.layer(280, 502, 360, 44, _("output layer") + "\n`logits (batch, target, vocab)")
    shapes = ("scores (batch, target, source)", "weights (batch, target, source)", "context (batch, target, d_hidden)")
    for before, after, shape in zip(steps, steps[1:], shapes, strict=False):
        d.arrow(before.bottom_at(200), after.top_at(200))
        d.text(212, (before.y + after.y) / 2, shape, style="shape", anchor="start")
    d.arrow(steps[3].bottom_at(200), output.top_at(200))
    d.text(212, 460, "(batch, target, d_hidden)", style="shape", anchor="start")
    d.arrow(keys.bottom_at(180), steps[0].top_at(180))
    d.text(172, 114, _("keys"), style="note", anchor="end")
    d.arrow(queries.bottom_at(380), steps[0].top_at(380))
    d.text(388, 114, _("queries"), style="note", anchor="start")
    d.arrow(keys.bottom_at(36), (36, steps[2].y), steps[2].left)
    d.text(44, 156, _("values"), style="note", anchor="start")
    d.arrow(queries.bottom_at(524), (524, steps[3].y), steps[3].right)
    d.text(516, 156, _("states"), style="note", anchor="end")
    d.legend(546)
    return d
