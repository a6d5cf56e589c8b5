"""Exercise on recurrent cells: what an LSTM does with its four gates."""

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
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
    cases = [(torch.zeros(1, 4), torch.tensor([[2.0]]))]
    for batch, d_hidden in ((1, 1), (1, 2), (1, 3), (2, 2), (3, 2)):
        cases.append(
            (
                2 * torch.randn(batch, 4 * d_hidden, generator=generator),
                torch.randn(batch, d_hidden, generator=generator),
            )
        )
    return cases


def _input_and_forget_swapped(gates, cell):
    forget_gate, input_gate, candidate, output_gate = gates.chunk(4, dim=-1)
    cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() * candidate.tanh()
    return output_gate.sigmoid() * cell.tanh(), cell


def _sigmoid_for_all(gates, cell):
    input_gate, forget_gate, candidate, output_gate = gates.sigmoid().chunk(4, dim=-1)
    cell = forget_gate * cell + input_gate * candidate
    return output_gate * cell.tanh(), cell


def _cell_shown_as_it_is(gates, cell):
    cell = lstm_step(gates, cell)[1]
    return gates.chunk(4, dim=-1)[3].sigmoid() * cell, cell


def _gates_as_they_are(gates, cell):
    input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
    cell = forget_gate * cell + input_gate * candidate
    return output_gate * cell.tanh(), cell


def _cell_first(gates, cell):
    return lstm_step(gates, cell)[::-1]


LSTM_STEP = Exercise(
    name="seq2seq.lstm_step",
    title=_("One step of an LSTM"),
    solution=lstm_step,
    cases=_cases,
    compare=close,
    hints=(
        _("`gates.chunk(4, dim=-1)` cuts the gates apart. Three are shares from 0 to 1, the candidate is no share."),
        _("The new cell is `forget.sigmoid() * cell + input.sigmoid() * candidate.tanh()`. The output gate is last."),
    ),
    mistakes=(
        Mistake(
            _input_and_forget_swapped,
            _(
                "You keep as much of the old cell as the **input** gate says. The first quarter is the input gate, "
                "for what is new; the second is the forget gate, for what stays of the old cell."
            ),
        ),
        Mistake(
            _sigmoid_for_all,
            _(
                "Your candidate goes through a **sigmoid**, so it can only add to the cell, never take away. "
                "The candidate is a value, from −1 to 1: it goes through tanh."
            ),
        ),
        Mistake(
            _cell_shown_as_it_is,
            _(
                "Your hidden state shows the cell as it is, and a cell has no limits. "
                "The output gate multiplies `cell.tanh()`, which stays between −1 and 1."
            ),
        ),
        Mistake(
            _gates_as_they_are,
            _("Your gates have not been through a **sigmoid**: a share must lie between 0 and 1."),
        ),
        Mistake(_cell_first, _("Both numbers are right, in the other order: return the hidden state, then the cell.")),
    ),
    explanation=_(
        "The cell changes by one multiplication and one addition. With the forget gate near 1 and the input gate near "
        "0 it stays as it was for as many steps as need be; that is the long memory in the name."
    ),
)
