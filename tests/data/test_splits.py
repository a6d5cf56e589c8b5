"""A split keeps a word's pronunciations together, and assigns each word independently of the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data.pronunciations import Pronunciation, pronunciations
from course.data.splits import draw, split_by_word


@pytest.fixture(scope="module")
def entries():
    return pronunciations()


@pytest.mark.slow
def test_the_dictionary_splits_by_word_without_loss(entries):
    split = split_by_word(entries)
    assert sum(map(len, split)) == len(entries)
    assert set(split.train) | set(split.validation) | set(split.test) == set(entries)
    words = [{entry.word for entry in part} for part in split]
    assert not (words[0] & words[1] or words[0] & words[2] or words[1] & words[2])
    shares = [len(part) / sum(map(len, words)) for part in words]
    assert shares == pytest.approx([0.85, 0.05, 0.10], abs=0.003)
    order = {entry: place for place, entry in enumerate(entries)}
    assert all(part == sorted(part, key=order.__getitem__) for part in split)


@pytest.mark.slow
def test_a_word_keeps_its_place_when_others_are_left_out(entries):
    whole, half = split_by_word(entries[:4000]), split_by_word(entries[:4000:2])
    assert all(set(few) <= set(many) for few, many in zip(half, whole, strict=True))


@pytest.mark.slow
def test_a_split_repeats_by_seed(entries):
    first = split_by_word(entries[:500], seed=1)
    assert split_by_word(entries[:500], seed=1) == first != split_by_word(entries[:500], seed=2)
    assert [entry.word for entry in split_by_word(entries[:200]).validation][:3] == ["'gain", "a's", "abacha"]


@given(st.floats(0, 0.49), st.floats(0, 0.49))
def test_a_share_of_zero_is_empty_and_a_larger_one_keeps_the_smaller(validation, test):
    entries = [Pronunciation(f"w{number}", ("W",)) for number in range(200)]
    split = split_by_word(entries, validation=validation, test=test)
    assert not split_by_word(entries, validation=validation, test=0.0).test
    assert set(split.test) <= set(split_by_word(entries, validation=validation, test=0.5).test)


@pytest.mark.parametrize(("validation", "test"), [(0.5, 0.5), (-0.1, 0.2), (0.1, -0.1)])
def test_shares_that_leave_nothing_to_train_on(validation, test):
    with pytest.raises(ValueError, match=f"Shares of {validation} for validation and {test} .* less than 1"):
        split_by_word([], validation=validation, test=test)


def test_a_draw_is_from_everywhere_in_order_and_repeats_by_seed():
    items = list(range(1000))
    drawn = draw(items, 100, seed=1)
    assert drawn == sorted(set(drawn)) and len(drawn) == 100
    assert drawn == draw(items, 100, seed=1) != draw(items, 100, seed=2)
    assert 400 < sum(drawn) / 100 < 600
    assert draw(items, 1000) == items and draw([], 0) == []
    for n in (-1, 1001):
        with pytest.raises(ValueError, match=f"{n} items cannot be drawn from 1000"):
            draw(items, n)
