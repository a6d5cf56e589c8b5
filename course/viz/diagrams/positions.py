"""The diagram of lesson 05: from attention between two sequences to attention within one."""

from course.messages import _
from course.viz.diagrams.drawing import Diagram


def self_attention_bridge() -> Diagram:
    """Left, attention as in lesson 04; right, self-attention: the same steps, with one sequence for everything."""
    d = Diagram(
        _("Self-attention: all three come from one sequence"),
        _(
            "Two panels. Left, attention between two sequences, as in lesson 04: the encoder's states, shape (batch, "
            "source, d_hidden), are keys and values, the decoder's states, shape (batch, target, d_hidden), are the "
            "queries; attention gives each decoder state a context, shape (batch, target, d_hidden). Right, "
            "self-attention: three layers of weights, W_K, W_V and W_Q, make keys, values and queries of the same "
            "sequence, shape (batch, position, d_model); attention gives each of its positions a new vector, shape "
            "(batch, position, d_model)."
        ),
        360,
    )
    d.frame(1, 34, 272, 324)
    d.frame(288, 34, 559, 324)
    d.text(136, 54, _("Between two sequences"), style="part")
    encoder = d.data(72, 278, 120, 70, _("encoder states") + "\n`(batch, source,\n`d_hidden)")
    decoder = d.data(200, 278, 120, 70, _("decoder states") + "\n`(batch, target,\n`d_hidden)")
    attention, context = (
        d.step(136, 146, 240, 34, _("attention")),
        d.data(136, 90, 240, 32, "`(batch, target, d_hidden)"),
    )
    d.arrow(attention.top, context.bottom)
    for x, box, text in ((36, encoder, _("keys")), (98, encoder, _("values")), (186, decoder, _("queries"))):
        d.arrow(box.top_at(x), attention.bottom_at(x))
        d.text(x + 7, 186, text, style="note", anchor="start")

    d.text(424, 54, _("Within one: self-attention"), style="part")
    sequence = d.data(424, 278, 240, 70, _("one sequence") + "\n`(batch, position, d_model)")
    attention, new = d.step(424, 146, 240, 34, _("attention")), d.data(424, 90, 240, 32, "`(batch, position, d_model)")
    d.arrow(attention.top, new.bottom)
    for x, name, text in ((338, "W_{K}", _("keys")), (408, "W_{V}", _("values")), (478, "W_{Q}", _("queries"))):
        weights = d.layer(x, 216, 56, 28, name)
        d.arrow(sequence.top_at(x), weights.bottom)
        d.arrow(weights.top, attention.bottom_at(x))
        d.text(x + 6, 182, text, style="note", anchor="start")
    d.legend(346)
    return d
