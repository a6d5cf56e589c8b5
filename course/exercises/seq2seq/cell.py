"""Exercise on recurrent cells: what an LSTM does with its four gates."""

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def lstm_step(gates, cell):
    """The new (hidden, cell) of an LSTM, from its four gates and the old cell.

    gates: tensor (batch, 4 · d_hidden), what the matrices and biases have made of the input and the
    old hidden state: along the last dimension the input gate, the forget gate, the candidate and
    the output gate, none of them through sigmoid or tanh yet. cell: tensor (batch, d_hidden).
    Returns two tensors (batch, d_hidden).

    >>> import torch
    >>> hidden, cell = lstm_step(torch.zeros(1, 4), torch.tensor([[2.0]]))
    >>> cell.item(), round(hidden.item(), 3)
    (1.0, 0.381)
    """
    input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
    cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() * candidate.tanh()
    return output_gate.sigmoid() * cell.tanh(), cell


def _cases() -> list[tuple]:
    import torch  # here, so that a list of the course's exercises does not wait for it

    generator = torch.Generator().manual_seed(3)
    cases = [
        (torch.zeros(1, 4), torch.tensor([[2.0]])),
        (torch.tensor([[1.0, 0.0, -1.0, 2.0]]), torch.tensor([[-1.5]])),
    ]
    for batch, d_hidden in ((1, 1), (1, 2), (1, 3), (2, 2), (3, 2), (2, 1), (2, 4), (1, 5)):
        gates = (20 * torch.randn(batch, 4 * d_hidden, generator=generator)).round() / 10
        cases.append((gates, (10 * torch.randn(batch, d_hidden, generator=generator)).round() / 10))
    return cases


def _squashed(gates):
    """The input gate, the forget gate, the candidate and the output gate, each through its function."""
    input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
    return input_gate.sigmoid(), forget_gate.sigmoid(), candidate.tanh(), output_gate.sigmoid()


def _in_the_order(order):
    """The mistake of reading the quarters in another order: `order` says which quarter is taken for which."""

    def wrong(gates, cell):
        quarters = gates.chunk(4, dim=-1)
        input_gate, forget_gate, candidate, output_gate = (quarters[i] for i in order)
        cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() * candidate.tanh()
        return output_gate.sigmoid() * cell.tanh(), cell

    wrong.__name__ = f"_order_{''.join(map(str, order))}"
    return wrong


def _sigmoid_for_all(gates, cell):
    input_gate, forget_gate, candidate, output_gate = gates.sigmoid().chunk(4, dim=-1)
    cell = forget_gate * cell + input_gate * candidate
    return output_gate * cell.tanh(), cell


def _sigmoid_everywhere(gates, cell):
    cell = _sigmoid_for_all(gates, cell)[1]
    return gates.chunk(4, dim=-1)[3].sigmoid() * cell.sigmoid(), cell


def _tanh_for_all(gates, cell):
    input_gate, forget_gate, candidate, output_gate = gates.tanh().chunk(4, dim=-1)
    cell = forget_gate * cell + input_gate * candidate
    return output_gate * cell.tanh(), cell


def _gates_as_they_are(gates, cell):
    input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
    cell = forget_gate * cell + input_gate * candidate
    return output_gate * cell.tanh(), cell


def _only_the_candidate_squashed(gates, cell):
    input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
    cell = forget_gate * cell + input_gate * candidate.tanh()
    return output_gate * cell.tanh(), cell


def _candidate_as_it_is(gates, cell):
    input_gate, forget_gate, _candidate, output_gate = _squashed(gates)
    cell = forget_gate * cell + input_gate * gates.chunk(4, dim=-1)[2]
    return output_gate * cell.tanh(), cell


def _tanh_and_sigmoid_exchanged(gates, cell):
    input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
    cell = forget_gate.sigmoid() * cell + input_gate.tanh() * candidate.sigmoid()
    return output_gate.sigmoid() * cell.tanh(), cell


def _forget_gate_ignored(gates, cell):
    input_gate, _forget_gate, candidate, output_gate = _squashed(gates)
    cell = cell + input_gate * candidate
    return output_gate * cell.tanh(), cell


def _input_gate_ignored(gates, cell):
    _input_gate, forget_gate, candidate, output_gate = _squashed(gates)
    cell = forget_gate * cell + candidate
    return output_gate * cell.tanh(), cell


def _output_gate_ignored(gates, cell):
    cell = lstm_step(gates, cell)[1]
    return cell.tanh(), cell


def _old_cell_lost(gates, cell):
    return lstm_step(gates, 0 * cell)


def _candidate_lost(gates, cell):
    _input_gate, forget_gate, _candidate, output_gate = _squashed(gates)
    cell = forget_gate * cell
    return output_gate * cell.tanh(), cell


def _forget_gate_inverted(gates, cell):
    input_gate, forget_gate, candidate, output_gate = _squashed(gates)
    cell = (1 - forget_gate) * cell + input_gate * candidate
    return output_gate * cell.tanh(), cell


def _one_gate_for_both(gates, cell):
    _input_gate, forget_gate, candidate, output_gate = _squashed(gates)
    cell = forget_gate * cell + (1 - forget_gate) * candidate
    return output_gate * cell.tanh(), cell


def _candidate_taken_away(gates, cell):
    input_gate, forget_gate, candidate, output_gate = _squashed(gates)
    cell = forget_gate * cell - input_gate * candidate
    return output_gate * cell.tanh(), cell


def _cell_shown_as_it_is(gates, cell):
    cell = lstm_step(gates, cell)[1]
    return gates.chunk(4, dim=-1)[3].sigmoid() * cell, cell


def _cell_shown_through_sigmoid(gates, cell):
    cell = lstm_step(gates, cell)[1]
    return gates.chunk(4, dim=-1)[3].sigmoid() * cell.sigmoid(), cell


def _tanh_after_the_output_gate(gates, cell):
    hidden, cell = _cell_shown_as_it_is(gates, cell)
    return hidden.tanh(), cell


def _output_gate_through_tanh(gates, cell):
    cell = lstm_step(gates, cell)[1]
    return gates.chunk(4, dim=-1)[3].tanh() * cell.tanh(), cell


def _output_gate_as_it_is(gates, cell):
    cell = lstm_step(gates, cell)[1]
    return gates.chunk(4, dim=-1)[3] * cell.tanh(), cell


def _old_cell_shown(gates, cell):
    return gates.chunk(4, dim=-1)[3].sigmoid() * cell.tanh(), lstm_step(gates, cell)[1]


def _old_cell_returned(gates, cell):
    return lstm_step(gates, cell)[0], cell


def _squashed_cell_kept(gates, cell):
    hidden, cell = lstm_step(gates, cell)
    return hidden, cell.tanh()


def _squashed_cell_kept_and_shown_again(gates, cell):
    cell = lstm_step(gates, cell)[1].tanh()
    return gates.chunk(4, dim=-1)[3].sigmoid() * cell.tanh(), cell


def _every_fourth_number(gates, cell):
    return lstm_step(gates.reshape(*cell.shape, 4).transpose(-1, -2).flatten(1), cell)


def _rows_mixed(gates, cell):
    return lstm_step(gates.reshape(4, *cell.shape).transpose(0, 1).flatten(1), cell)


def _cell_first(gates, cell):
    return lstm_step(gates, cell)[::-1]


LSTM_STEP = Exercise(
    name="seq2seq.lstm_step",
    title=_("One step of an LSTM"),
    solution=lstm_step,
    cases=_cases,
    compare=close,
    results=("hidden", "cell"),
    hints=(
        _("`gates.chunk(4, dim=-1)` cuts the gates apart. Three are shares from 0 to 1, the candidate is not a share."),
        _("The new cell is `forget.sigmoid() * cell + input.sigmoid() * candidate.tanh()`. The output gate is last."),
    ),
    mistakes=(
        Mistake(
            _in_the_order((1, 0, 2, 3)),
            _(
                "You keep as much of the old cell as the **input** gate says. The first quarter is the input gate, "
                "for what is new; the second is the forget gate, for what stays of the old cell."
            ),
        ),
        Mistake(
            _in_the_order((0, 1, 3, 2)),
            _("You take the third quarter for the output gate. It is the **candidate**; the output gate is the last."),
        ),
        Mistake(
            _in_the_order((1, 0, 3, 2)),
            _(
                "You cut the gates in the order in which many papers write them: forget, input, output, candidate. "
                "Here, as in PyTorch, it is input, forget, candidate, output."
            ),
        ),
        Mistake(
            _in_the_order((1, 2, 3, 0)),
            _("You take the first quarter for the output gate. It comes **last**: input, forget, candidate, output."),
        ),
        Mistake(
            _sigmoid_for_all,
            _(
                "Your candidate goes through a **sigmoid**, so it can only add to the cell, never take away. "
                "The candidate is a value, from −1 to 1: it goes through tanh."
            ),
        ),
        Mistake(
            _sigmoid_everywhere,
            _(
                "You use a **sigmoid** everywhere. It makes shares, from 0 to 1, and is right for the three gates. "
                "The candidate and the cell that is shown are values and may be negative: they go through tanh."
            ),
        ),
        Mistake(
            _tanh_for_all,
            _(
                "Your gates go through **tanh**, and a negative gate turns the sign of what it lets through. "
                "A gate is a share from 0 to 1: sigmoid. Only the candidate goes through tanh."
            ),
        ),
        Mistake(
            _gates_as_they_are,
            _("Your gates have not been through a **sigmoid**: a share must be between 0 and 1."),
        ),
        Mistake(
            _only_the_candidate_squashed,
            _("Your candidate is right, but the three **gates** need a sigmoid: a share must be between 0 and 1."),
        ),
        Mistake(
            _candidate_as_it_is,
            _("Your gates are right, but the **candidate** has no limits. It goes through tanh before it is added."),
        ),
        Mistake(
            _tanh_and_sigmoid_exchanged,
            _("You have the two functions the wrong way round: the input **gate** needs sigmoid, the candidate tanh."),
        ),
        Mistake(
            _forget_gate_ignored,
            _(
                "You keep the whole old cell, whatever the **forget gate** says. (So did the LSTM of 1997.) "
                "Multiply the old cell by it."
            ),
        ),
        Mistake(
            _input_gate_ignored,
            _("You add the whole candidate. The **input gate** says how much of it: multiply the two."),
        ),
        Mistake(
            _output_gate_ignored,
            _("You show the whole cell. The **output gate** says how much of it the hidden state gets: multiply."),
        ),
        Mistake(
            _old_cell_lost,
            _("Nothing of the **old cell** is left in your new one. Add the old cell, times the forget gate."),
        ),
        Mistake(
            _candidate_lost,
            _("Nothing **new** comes into your cell. Add the candidate, times the input gate."),
        ),
        Mistake(
            _forget_gate_inverted,
            _("Your forget gate works the other way round. For all its name, it says how much is **kept**."),
        ),
        Mistake(
            _one_gate_for_both,
            _(
                "You add as much of the candidate as you forget of the old cell, as a GRU does. "
                "An LSTM has a gate of its own for that: the input gate."
            ),
        ),
        Mistake(
            _candidate_taken_away,
            _("You subtract the candidate. It is **added**; where something is to go down, the candidate is negative."),
        ),
        Mistake(
            _cell_shown_as_it_is,
            _(
                "Your hidden state shows the cell as it is, and a cell has no limits. "
                "The output gate multiplies `cell.tanh()`, which stays between −1 and 1."
            ),
        ),
        Mistake(
            _cell_shown_through_sigmoid,
            _("Your hidden state can never be negative: the cell goes through **tanh** before it is shown."),
        ),
        Mistake(
            _tanh_after_the_output_gate,
            _("You take tanh last, of gate times cell. First tanh of the **cell**, then times the output gate."),
        ),
        Mistake(
            _output_gate_through_tanh,
            _("Your **output gate** goes through tanh. It is a share like the other two gates: sigmoid."),
        ),
        Mistake(
            _output_gate_as_it_is,
            _("Your **output gate** has not been through a sigmoid, so it is not a share from 0 to 1."),
        ),
        Mistake(
            _old_cell_shown,
            _("Your new cell is right, but your hidden state shows the **old** one. Compute the cell first."),
        ),
        Mistake(
            _old_cell_returned,
            _("Your hidden state is right, but the cell that you return is the **old** one, as it came in."),
        ),
        Mistake(
            _squashed_cell_kept,
            _(
                "The cell that you return has been through **tanh**. Only what is shown goes through it; "
                "the cell itself has no limits, or it would fade at every step."
            ),
        ),
        Mistake(
            _squashed_cell_kept_and_shown_again,
            _("You take tanh of the new cell and keep it so, and show tanh of that. Keep the cell **as it is**."),
        ),
        Mistake(
            _every_fourth_number,
            _(
                "You give every fourth number to a gate. The gates come one after the other: "
                "the first quarter of a row is all of the input gate."
            ),
        ),
        Mistake(
            _rows_mixed,
            _(
                "With one row you are right; with more, the rows of the batch get mixed: "
                "`view` and `reshape` read on row by row. Cut along the last dimension, with `chunk(4, dim=-1)`."
            ),
        ),
        Mistake(_cell_first, _("Both numbers are right, in the other order: return the hidden state, then the cell.")),
    ),
    corners=(
        Corner(
            lambda gates, cell: len(cell) > 1,
            _("Only **batches** of more than one row go wrong. Each row has gates and a cell of its own."),
        ),
    ),
    explanation=_(
        "The cell changes by one multiplication and one addition. With the forget gate near 1 and the input gate near "
        "0 it stays as it was for as many steps as need be; that is the long memory in the name."
    ),
)
