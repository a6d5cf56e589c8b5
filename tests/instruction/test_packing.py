"""Packed rows give the logits, the loss and the gradients of each conversation in a row of its own."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course import trained
from course.gpt import Decoder
from course.instruction import NOT_TRAINED, answer_total, block_mask, collate, first_fit, n_trained, pack
from tests.instruction.test_answer_loss import UNEQUAL, drawn, gradients
from tests.support.gpt2 import tiny_gpt2
from tests.support.llama import TOLERANCE, difference, tiny_config, tiny_model

CONFIGS = {
    "rotary": tiny_config(),
    "rotary, no shared keys": tiny_config(n_kv_heads=4, n_layers=3),
    "learned": tiny_gpt2(),
    "windows": tiny_gpt2(windows=(None, 6)),
}


@pytest.fixture(params=CONFIGS.values(), ids=CONFIGS)
def model(request) -> Decoder:
    return tiny_model(request.param)


def hidden(model, rows, **changes):
    given = {"mask": block_mask(rows[:, 2]), "positions": rows[:, 3]} | changes
    return model.hidden_states(rows[:, 0], **given)


def largest_difference(model, rows, states):
    """Over all conversations, of the logits in a packed row and those of the conversation alone."""
    found = []
    for row in range(len(rows)):
        for number in range(1, int(rows[row, 2].max()) + 1):
            own = rows[row, 2] == number
            found.append(difference(model.output(states[row, own]), model(rows[row, 0, own][None])[0]))
    assert len(found) == len(UNEQUAL)
    return max(found)


def test_logits_are_those_of_each_conversation_alone(model):
    rows = pack(UNEQUAL, 40, pad_id=0)
    assert len(rows) < len(UNEQUAL)
    assert largest_difference(model, rows, hidden(model, rows)) < TOLERANCE


def test_loss_and_gradients_are_those_of_padded_rows(model):
    padded = tiny_model(model.config)
    rows, table = pack(UNEQUAL, 40, pad_id=0), collate(UNEQUAL, pad_id=0)
    assert n_trained(rows) == n_trained(table)
    loss, expected = answer_total(model, rows), answer_total(padded, table)
    assert loss.item() == pytest.approx(expected.item(), rel=TOLERANCE)
    loss.backward()
    expected.backward()
    for name, gradient in gradients(model).items():
        if name.endswith("key.bias"):  # it moves all scores of a query alike, which changes nothing: 0 but for rounding
            assert gradient.abs().max() < 1e-6
            continue
        assert difference(gradient, gradients(padded)[name]) < TOLERANCE, name


def test_without_the_mask_conversations_read_each_other(model):
    rows = pack(UNEQUAL, 40, pad_id=0)
    assert largest_difference(model, rows, hidden(model, rows, mask=None)) > 0.01


def test_positions_that_go_on_matter_where_they_are_learned():
    """Rotation depends on distances alone: there, positions that go on are the same up to rounding."""
    rows = pack(UNEQUAL, 40, pad_id=0)
    learned, rotary = tiny_model(tiny_gpt2()), tiny_model(tiny_config())
    assert largest_difference(learned, rows, hidden(learned, rows, positions=None)) > 0.01
    assert largest_difference(rotary, rows, hidden(rotary, rows, positions=None)) < 10 * TOLERANCE


@pytest.mark.parametrize("place", [0, 5, 17])
def test_a_changed_token_changes_no_other_conversation(model, place):
    rows = pack(UNEQUAL, 40, pad_id=0)[:1]
    changed = rows.clone()
    changed[0, 0, place] = (changed[0, 0, place] + 1) % 61
    moved = (hidden(model, rows) != hidden(model, changed)).any(dim=-1)[0]
    same_conversation = rows[0, 2] == rows[0, 2, place]
    assert moved[place] and not moved[~same_conversation].any() and not moved[:place].any()


@pytest.mark.slow
def test_the_base_model_reads_packed_rows_as_padded_ones():
    model = trained.load("base_model/gpt")
    conversations = drawn([9, 60, 33, 20, 100, 41], vocab=4096)
    with torch.no_grad():
        packed = answer_total(model, pack(conversations, 256, pad_id=1)).item()
        assert packed == pytest.approx(answer_total(model, collate(conversations, pad_id=1)).item(), rel=TOLERANCE)


def test_what_a_packed_row_holds():
    one, other = drawn([4, 3])
    rows = pack([one, other], 6, pad_id=9)
    assert rows.shape == (1, 4, 5)
    assert rows[0, 0].tolist() == [*one.ids[:-1], *other.ids[:-1]]
    assert rows[0, 2].tolist() == [1, 1, 1, 2, 2] and rows[0, 3].tolist() == [0, 1, 2, 0, 1]
    assert rows[0, 1, 3:].tolist() == [NOT_TRAINED, other.ids[-1]]  # and not the first token of another conversation
    apart = pack([one, other], 4, pad_id=9)
    assert apart[1].tolist() == [[*other.ids[:-1], 9], [NOT_TRAINED, other.ids[-1], NOT_TRAINED], [1, 1, 0], [0, 1, 0]]


def test_a_mask_by_hand():
    mask = block_mask(torch.tensor([[1, 1, 2, 0]]))[0, 0]
    assert mask.int().tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


@given(st.lists(st.integers(1, 20), max_size=30), st.integers(20, 60))
def test_first_fit_takes_the_first_row_with_room(lengths, capacity):
    rows = first_fit(lengths, capacity)
    assert sorted(item for row in rows for item in row) == list(range(len(lengths)))
    assert all(row == sorted(row) and sum(lengths[item] for item in row) <= capacity for row in rows)
    for number, row in enumerate(rows):
        for item in row:
            for before in rows[:number]:  # what was in it when the item came left no room
                assert sum(lengths[other] for other in before if other < item) + lengths[item] > capacity


def test_first_fit_by_hand():
    assert first_fit([5, 7, 3, 2, 4], 8) == [[0, 2], [1], [3, 4]]
    assert first_fit([], 8) == []


def test_what_is_refused():
    with pytest.raises(ValueError, match="Item 1 has the length 9, and a row has room for 8"):
        first_fit([8, 9], 8)
    with pytest.raises(ValueError, match="length is 0; it must be 1 or more"):
        first_fit([0], 8)
    with pytest.raises(ValueError, match="There are no conversations to pack"):
        pack([], 8, 0)
    model = tiny_model(tiny_config())
    ids, positions = torch.zeros(1, 3, dtype=torch.long), torch.arange(3)[None]
    with pytest.raises(ValueError, match="positions has the number 48; this model knows 0 to 47"):
        model.hidden_states(ids, positions=positions + 46)
    with pytest.raises(ValueError, match="give `positions` without them"):
        model.hidden_states(ids, model.new_cache(8), positions=positions)
    with pytest.raises(ValueError, match="give `positions` without them"):
        model.hidden_states(ids, padding=torch.tensor([1]), positions=positions)
