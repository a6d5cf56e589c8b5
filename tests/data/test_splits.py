"""A split keeps a word's pronunciations together and assigns each word by itself; a draw is no front cut."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data.pronunciations import Pronunciation, pronunciations
from course.data.splits import draw, split, split_by_word


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


@pytest.mark.parametrize(("validation", "test"), [(0.5, 0.5), (-0.1, 0.2), (0.1, -0.1), (math.nan, 0.1)])
def test_shares_that_leave_nothing_to_train_on(validation, test):
    with pytest.raises(ValueError, match=f"Shares of {validation} for validation and {test} .* less than 1"):
        split_by_word([], validation=validation, test=test)


def test_a_group_is_in_one_set():
    items = [(movie, number) for movie in "abcdefghijklmnopqrst" for number in range(3)]
    parts = split(items, lambda item: item[0], validation=0.3, test=0.3)
    movies = [{movie for movie, _number in part} for part in parts]
    assert sorted([*parts.train, *parts.validation, *parts.test]) == items and all(movies)
    assert sum(map(len, movies)) == 20


class TestDraw:
    @given(st.lists(st.integers(), max_size=50), st.integers(0, 60), st.integers(0, 5))
    def test_it_draws_without_replacement_and_keeps_the_order(self, items, n, seed):
        items = list(enumerate(items))
        if n > len(items):
            with pytest.raises(ValueError, match=f"{n} items cannot be drawn from {len(items)}"):
                draw(items, n, seed)
        else:
            drawn = draw(items, n, seed)
            assert drawn == sorted(set(drawn)) and len(drawn) == n and set(drawn) <= set(items)
            assert drawn == draw(items, n, seed)

    def test_it_is_no_front_cut(self):
        drawn = draw(range(10_000), 1000)
        assert 4500 < sum(drawn) / 1000 < 5500 and drawn != draw(range(10_000), 1000, seed=1)
        counts = [sum(i in draw(range(6), 2, seed) for seed in range(600)) for i in range(6)]
        assert all(150 < count < 250 for count in counts)

    def test_fewer_than_none(self):
        with pytest.raises(ValueError, match="-1 items cannot be drawn from 3"):
            draw("abc", -1)

    @pytest.mark.parametrize("items", [{"a", "b"}, iter("ab"), {"a": 1}, None])
    @pytest.mark.usefixtures("unchecked_shapes")
    def test_what_has_no_order_is_refused(self, items):
        with pytest.raises(TypeError, match=r"has no order to draw from. Give a list"):
            draw(items, 1)

    @pytest.mark.parametrize("n", [1.0, "1", True, None])
    @pytest.mark.usefixtures("unchecked_shapes")
    def test_what_is_no_count_is_refused(self, n):
        with pytest.raises(TypeError, match="give a count, a whole number"):
            draw("abc", n)
