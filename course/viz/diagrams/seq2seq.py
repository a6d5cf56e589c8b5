"""The diagrams of lesson 03: the encoder–decoder, and the cells that it is made of."""

from collections.abc import Sequence
from itertools import pairwise

from course.messages import _
from course.viz.diagrams.drawing import WIDTH, Box, Diagram, Pixels

SOURCE, PREDICTED = "see", ("S", "IY")  # a word and its phonemes, in CMUdict
PITCH = 70  # pixels from one position to the next
SYMBOLS, EMBEDDINGS, CELLS, OUTPUT, SOFTMAX, CHOSEN = 384, 324, 248, 176, 120, 70  # the middles of the rows


def encoder_decoder() -> Diagram:
    """The encoder–decoder of recurrent cells, unrolled over the letters of a word and its phonemes.

    Source: Sutskever, Vinyals and Le 2014, "Sequence to Sequence Learning with Neural Networks", figure 1.
    """
    start, end = _("start"), _("end")
    d = Diagram(
        _("The decoder starts from the encoder's last state"),
        _(
            "An encoder–decoder, from bottom to top. Left, the encoder: the letters s, e, e, shape (batch, source), go "
            "through an embedding, shape (batch, source, d_embedding), into LSTM cells, the same cell at each "
            "position, which hands its state to the next. The state after the last letter, the context vector, is a "
            "hidden and a cell state, each of shape (batch, d_hidden). It is all that the decoder, right, receives "
            "from the source: its first cell starts from it. The decoder reads the start symbol and then its own "
            "previous outputs, S and IY, shape (batch, target), through an embedding of its own, shape (batch, target, "
            "d_embedding). Above its cells an output layer computes logits, shape (batch, target, vocab), and softmax "
            "turns them into probabilities, from which the symbols S, IY and end are chosen. A dashed arrow leads from "
            "the output IY to the next input."
        ),
        494,
    )
    encoder_x, decoder_x = 110, 437
    encoder, _letters = _read(d, encoder_x, SOURCE, "`(batch, source, d_embedding)")
    decoder, inputs = _read(d, decoder_x, (start, *PREDICTED), "`(batch, target, d_embedding)")
    output = d.layer(decoder_x, OUTPUT, 218, 44, _("output layer") + "\n`logits (batch, target, vocab)")
    softmax = d.step(decoder_x, SOFTMAX, 218, 28, "softmax")
    chosen = []
    for text, cell in zip((*PREDICTED, end), decoder, strict=True):
        chosen.append(d.data(cell.x, CHOSEN, 52, 28, text))
        d.arrow(cell.top, output.bottom_at(cell.x))
        d.arrow(output.top_at(cell.x), softmax.bottom_at(cell.x))
        d.arrow(softmax.top_at(cell.x), chosen[-1].bottom)
    state = d.data((encoder_x + decoder_x) / 2, CELLS, 56, 36, _("state"))
    d.arrow(encoder[-1].right, state.left)
    d.arrow(state.right, decoder[0].left)
    d.text(216, 84, _("Context vector"), style="part")
    d.text(216, 106, _("the state after the last symbol:\nhidden and cell state, each"), style="note")
    d.text(216, 142, "(batch, d_hidden)", style="shape")
    d.line((state.x, 156), state.top)
    d.text(state.x, 308, _("same weights\nat every\nposition"), style="note")
    # The second output is the third input: over the top, down the right side, and in from there.
    edge = WIDTH - 4
    d.arrow(chosen[1].top, (chosen[1].x, 44), (edge, 44), (edge, SYMBOLS), inputs[-1].right, dashed=True)
    for x, name, shape in ((encoder_x, _("Encoder"), "(batch, source)"), (decoder_x, _("Decoder"), "(batch, target)")):
        d.text(x, 412, shape, style="shape")
        d.text(x, 434, name, style="part")
    d.legend(462)
    d.text(
        2, 484, _("Dashed: each output is the next input; one of these arrows is drawn."), style="note", anchor="start"
    )
    return d


def _read(d: Diagram, middle: Pixels, texts: Sequence[str], shape: str) -> tuple[list[Box], list[Box]]:
    """Three symbols, their embedding and the cells that read them. Returns the cells and the symbols."""
    embedding = d.layer(middle, EMBEDDINGS, 218, 44, _("embedding") + "\n" + shape)
    cells, symbols = [], []
    for place, text in enumerate(texts, -1):
        symbols.append(d.data(middle + PITCH * place, SYMBOLS, 52, 28, text))
        cells.append(d.layer(symbols[-1].x, CELLS, 52, 36, "LSTM"))
        d.arrow(symbols[-1].top, embedding.bottom_at(symbols[-1].x))
        d.arrow(embedding.top_at(cells[-1].x), cells[-1].bottom)
    for before, after in pairwise(cells):
        d.arrow(before.right, after.left)
    return cells, symbols


def lstm_cell() -> Diagram:
    """One step of a recurrent cell and of an LSTM cell, in the names of `course.seq2seq.cells.lstm_cell`.

    Source: Hochreiter and Schmidhuber 1997; the forget gate: Gers, Schmidhuber and Cummins 2000, section 3.
    """
    d = Diagram(
        _("A plain cell overwrites its state; an LSTM adds to it"),
        _(
            "Two recurrent cells, each reading one input x of shape (batch, d_input). Above, the plain one: W x "
            "plus U times the old hidden state plus b, then tanh, is the new hidden state. Below, the LSTM: one "
            "layer computes W x plus U times the old hidden state plus b for four parts at once, shape (batch, 4 · "
            "d_hidden). The sigmoid, σ, makes three of them gates between 0 and 1: the forget, the input and the "
            "output gate; tanh makes the fourth the candidate. The old cell state times the forget gate, plus the "
            "candidate times the input gate, is the new cell state. Its tanh times the output gate is the new "
            "hidden state. Each state has the shape (batch, d_hidden)."
        ),
        618,
    )
    _recurrent_step(d, 88)
    d.text(2, 206, _("LSTM cell"), style="part", anchor="start")
    cell_line, products, gates, sums = 246, 316, 390, 468
    columns = (134, 234, 334, 434)
    names = ("forget_gate", "input_gate", "candidate", "output_gate")
    weights = d.layer(284, sums, 394, 44, "W x + U hidden + b\n`(batch, 4 · d_hidden)")
    parts = [
        d.step(x, gates, 94, 44, f"{function}\n`{name}")
        for x, name, function in zip(columns, names, ("σ", "σ", "tanh", "σ"), strict=True)
    ]
    for part in parts:
        d.arrow(weights.top_at(part.x), part.bottom)
    x = d.data(weights.x, 534, 150, 42, "x\n`(batch, d_input)")
    d.arrow(x.top, weights.bottom)
    hidden, cell = d.data(34, sums, 64, 36, _("hidden")), d.data(34, cell_line, 64, 36, _("cell"))
    d.arrow(hidden.right, weights.left)
    forget, plus = d.sign(columns[0], cell_line, "×"), d.sign(weights.x, cell_line, "+")
    write, show = d.sign(weights.x, products, "×"), d.sign(columns[3], products, "×")
    d.arrow(cell.right, forget.left)
    d.arrow(parts[0].top, forget.bottom)
    d.arrow(forget.right, plus.left)
    d.arrow(parts[1].top, (columns[1], products), write.left)
    d.arrow(parts[2].top, (columns[2], products), write.right)
    d.arrow(write.top, plus.bottom)
    new_cell, new_hidden = d.data(510, cell_line, 96, 36, _("new cell")), d.data(510, products, 96, 36, _("new hidden"))
    branch, tanh = d.dot(376, cell_line), d.step(376, products, 56, 32, "tanh")
    d.line(plus.right, branch.left)
    d.arrow(branch.right, new_cell.left)
    d.arrow(branch.bottom, tanh.top)
    d.arrow(tanh.right, show.left)
    d.arrow(parts[3].top, show.bottom)
    d.arrow(show.right, new_hidden.left)
    d.text(2, 582, _("Each state:"), style="note", anchor="start")
    d.text(86, 582, "(batch, d_hidden)", style="shape", anchor="start")
    d.legend(606)
    return d


def _recurrent_step(d: Diagram, y: Pixels) -> None:
    """tanh(W x + U hidden + b), on the line at `y`."""
    d.text(2, y - 38, _("Recurrent cell"), style="part", anchor="start")
    before, after = d.data(34, y, 64, 36, _("hidden")), d.data(510, y, 96, 36, _("new hidden"))
    weights, tanh = d.layer(220, y, 214, 44, "W x + U hidden + b\n`(batch, d_hidden)"), d.step(394, y, 64, 32, "tanh")
    x = d.data(weights.x, y + 66, 150, 42, "x\n`(batch, d_input)")
    d.arrow(before.right, weights.left)
    d.arrow(x.top, weights.bottom)
    d.arrow(weights.right, tanh.left)
    d.arrow(tanh.right, after.left)
