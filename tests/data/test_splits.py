"""A split keeps a word's pronunciations together and assigns each word by itself; no text is in two sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data import presidential_messages, sotu_text
from course.data.pronunciations import Pronunciation, pronunciations
from course.data.splits import CONTAINED_WORDS, disjoint, draw, split_by_word


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


LONG = "the message of the president to both houses of congress"


class TestDisjoint:
    def test_sets_that_share_nothing_come_back_as_they_were(self):
        train, (validation, test) = disjoint(["a", "b", "a"], ("c",), ["d", "e"])
        assert (train, validation, test) == (["a", "b", "a"], ["c"], ["d", "e"])
        train, (test,) = disjoint([], ["x"])
        assert (train, test) == ([], ["x"])

    @pytest.mark.parametrize(
        ("sets", "first", "second"),
        [
            ((["a", "the cat"], ["the cat"]), "training", "held out 1"),
            ((["the cat"], ["b"], ["c", " the  cat\n"]), "training", "held out 2"),
            ((["a"], ["the cat"], ["the cat"]), "held out 1", "held out 2"),
        ],
    )
    def test_a_whole_text_in_two_sets_is_refused(self, sets, first, second):
        with pytest.raises(ValueError, match=rf"'the cat' is in two sets, {first} and {second}: .* Leave it out"):
            disjoint(*sets)

    def test_letters_that_are_written_in_two_ways_are_the_same(self):
        with pytest.raises(ValueError, match="is in two sets, training and test"):
            disjoint(["caf\u00e9"], ["cafe\u0301"], names=("training", "test"))

    def test_a_text_inside_a_training_text_is_refused(self):
        for whole in (f"first {LONG} last", f"first\n\n{LONG.replace(' ', '  ')}", f"{LONG}."):
            with pytest.raises(ValueError, match=r"'the message of .*' of the set held out 1 stands inside a text of"):
                disjoint(["other", whole], [LONG])
        disjoint([LONG.upper()], [LONG])
        disjoint(["the message of the president", "to both houses of congress"], [LONG])  # no text goes over two
        assert LONG.count(" ") + 1 >= CONTAINED_WORDS

    def test_a_common_phrase_or_a_training_text_inside_a_test_is_not(self):
        disjoint(["start the car"], ["art", "the car"])
        sets = disjoint([LONG], [f"{LONG} and more", "x"])
        assert sets.near_copies[0].originals == (LONG, None)

    def test_each_text_of_an_item_counts(self):
        pairs = [("cat", "고양이"), ("dog", "개")], [("tomcat", "고양이")]
        disjoint(*pairs, text=lambda pair: pair[0])
        with pytest.raises(ValueError, match="'고양이' is in two sets"):
            disjoint(*pairs, text=lambda pair: pair)

    def test_what_else_is_refused(self):
        with pytest.raises(ValueError, match="one of these is a text itself: put it into a list"):
            disjoint("the text", ["test"])
        with pytest.raises(ValueError, match=r"near is 'letters'; give one of words, sentences, numbers"):
            disjoint(["a"], ["b"], near="letters")
        with pytest.raises(ValueError, match="There are 1 names for 2 sets"):
            disjoint(["a"], ["b"], names=("training",))

    @given(st.lists(st.text(max_size=6), max_size=20), st.lists(st.text(max_size=6), max_size=20))
    def test_it_refuses_when_and_only_when_a_text_is_shared(self, train, test):
        shared = {" ".join(text.split()) for text in train} & {" ".join(text.split()) for text in test}
        try:
            disjoint(train, test)
        except ValueError:
            return
        assert not shared

    @pytest.mark.slow
    def test_the_held_out_text_that_was_in_training(self):
        messages = presidential_messages()
        with pytest.raises(ValueError, match=r"'Fellow-Citizens of the Senate .*stands inside"):
            disjoint([sotu_text(300_000)], [messages[20].text[:20_000]])
        disjoint([sotu_text(300_000)], [messages[-1].text])


class TestNearCopies:
    def test_of_words(self):
        train = ["cat", "church", "city", "james", "o'brien", "horses"]
        test = ["cats", "cat's", "churches", "cities", "james'", "horse", "concat", "ct", "o'briens", "s"]
        (copies,) = disjoint(train, test, near="words").near_copies
        expected = ("cat", "cat", "church", "city", "james", "horses", None, None, "o'brien", None)
        assert copies.originals == expected
        assert copies.count == 7 and len(copies) == 10 and copies.mask[:3] == [True, True, True]
        assert repr(copies) == "7 of 10 are near copies of training texts"

    def test_of_sentences(self):
        train = ["Turn on the light.", "3 lamps", "..."]
        test = ["turn on the light", "Turn on the lights.", "4 lamps", "???"]
        assert disjoint(train, test).near_copies[0].originals == ("Turn on the light.", None, "3 lamps", None)

    def test_of_numbers(self):
        train, test = ["May 5, 2026", "May 6, 2026"], ["may 5 2026", "May 7, 2026"]
        assert disjoint(train, test, near="numbers").near_copies[0].mask == [True, False]

    def test_each_set_has_its_own(self):
        sets = disjoint(["cat"], ["cats"], ["dog", "cat's"], near="words")
        assert [copies.count for copies in sets.near_copies] == [1, 1]


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
