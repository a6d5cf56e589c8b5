"""Pre-training: what a token of a packed window is predicted from."""

import pytest
import torch

from course.tasks.pretraining import Plan, n_targets, next_token_total, pieces
from tests.support.llama import tiny_config, tiny_model

END = 0


@torch.no_grad()
def test_a_document_sees_the_one_before_it_in_its_window():
    """As lesson 07 and the model card say: documents are laid end to end, and nothing masks the one before."""
    model = tiny_model(tiny_config())
    windows = torch.tensor([[3, 9, END, 7, 8], [4, 2, END, 7, 8]])
    rows = windows.split(1)
    of_second = [next_token_total(model, row) - next_token_total(model, row[:, :3]) for row in rows]
    assert abs(of_second[0] - of_second[1]) > 1e-3
    assert torch.allclose(next_token_total(model, windows), sum(next_token_total(model, row) for row in rows))


def test_the_end_of_a_document_is_a_target_and_the_first_token_of_a_window_is_none():
    assert n_targets(torch.tensor([[3, 9, END, 7, 8], [4, 2, END, 7, 8]])) == 8


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"steps": 0}, "steps is 0; it must be 1 or more"),
        ({"learning_rate": float("inf")}, "learning_rate is inf; it must be a number above 0"),
        ({"weight_decay": -1.0}, "weight_decay is -1.0; it must be a number, 0 or more"),
        ({"seed": -1}, "seed is -1; it must be 0 or more"),
        ({"seed": 1.5}, "seed is 1.5; it must be a whole number"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_plan_names_what_is_out_of_range(setting, message):
    with pytest.raises(ValueError, match=message):
        Plan(**{"steps": 200, "learning_rate": 1e-3} | setting)


def test_pieces_have_a_length():
    with pytest.raises(ValueError, match="length is 0; it must be 1 or more"):
        pieces({}, 10, 0)
