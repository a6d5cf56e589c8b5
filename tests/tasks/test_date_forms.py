"""Dates by their form, what is right in them, and positions that are moved."""

import pytest
import torch

from course.tasks import Example, Outcome
from course.tasks.date_forms import (
    DAY_FIRST,
    MONTH_FIRST,
    NUMERIC,
    digits_right,
    form,
    last_right,
    positions_from,
    without_weekday,
)
from course.transformer import Transformer, TransformerConfig


def example(source, target="1916. 5. 20. 토요일"):
    return Example(tuple(source), (tuple(target),))


def outcome(written, target="1916. 5. 20. 토요일"):
    return Outcome(example("Saturday, 5/20/1916", target), tuple(written), tuple(target), 0)


@pytest.mark.parametrize("name", [NUMERIC, MONTH_FIRST, DAY_FIRST])
def test_each_form_is_known_by_its_example(name):
    assert form(example(name)) == name


def test_a_date_loses_its_weekday_on_both_sides():
    plain = without_weekday(example("Saturday, 5/20/1916"))
    assert ("".join(plain.source), "".join(plain.targets[0])) == ("5/20/1916", "1916. 5. 20.")


@pytest.mark.parametrize("text", [MONTH_FIRST, DAY_FIRST, "5/20/1916"])
def test_another_form_has_no_weekday_to_lose(text):
    with pytest.raises(ValueError, match="is not of the form"):
        without_weekday(example(text))


@pytest.mark.parametrize(
    ("written", "digits", "last"),
    [
        ("1916. 5. 20. 토요일", True, True),
        ("1916. 5. 20. 토요.", True, False),
        ("1916. 5. 5. 토요일", False, True),
        ("1916. 5. 02. 토요.", False, False),
        ("", False, False),
    ],
)
def test_the_two_errors_are_told_apart(written, digits, last):
    assert (digits_right(outcome(written)), last_right(outcome(written))) == (digits, last)


def small(positions):
    config = TransformerConfig(9, 9, d_model=8, n_heads=2, d_ff=8, n_layers=1, context_length=12, positions=positions)
    return Transformer(config, torch.Generator().manual_seed(0)).eval()


def test_positions_are_counted_from_another_start_and_then_from_0_again():
    model, ids = small("sinusoidal"), torch.tensor([[3, 4, 5]])
    before, later = model.encoder(ids), model.encoder.embedding(ids, 4)
    with positions_from(model, 4):
        assert torch.equal(model.encoder.embedding(ids), later)
        assert not torch.allclose(model.encoder(ids), before)
    assert torch.equal(model.encoder(ids), before)


@pytest.mark.parametrize(("positions", "first"), [("rotary", 1), ("none", 0), ("sinusoidal", 12), ("sinusoidal", -1)])
def test_positions_that_cannot_be_moved_are_an_error(positions, first):
    with pytest.raises(ValueError, match=f"counted from {first}"), positions_from(small(positions), first):
        pass
