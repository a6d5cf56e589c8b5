"""No text is in two sets, and near copies are found."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data import presidential_messages, sotu_text
from course.data.overlap import CONTAINED_WORDS, disjoint, refused, without_held_out

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

    @pytest.mark.usefixtures("unchecked_shapes")
    def test_what_can_be_read_once_is_read_once(self):
        sets = [iter(["a", "b"]), (text for text in ["c"])]
        train, (test,) = disjoint(*sets)
        assert (train, test) == (["a", "b"], ["c"])

    @pytest.mark.parametrize("text", [len, lambda item: None, lambda item: [item, 3], str.encode])
    @pytest.mark.usefixtures("unchecked_shapes")
    def test_an_item_without_a_text_is_refused(self, text):
        with pytest.raises(TypeError, match=r"`text` gives .* for 'a'; it must give that item's text"):
            disjoint(["a"], ["b"], text=text)

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


class TestWithoutHeldOut:
    def test_it_leaves_out_what_disjoint_refuses(self):
        train = ["a", " the  cat", f"first {LONG} last", f"x{LONG}s", "start the car", LONG.upper()]
        kept = without_held_out(train, ["the cat"], [LONG, "car"])
        assert kept == ["a", "start the car", LONG.upper()]
        disjoint(kept, ["the cat"], [LONG, "car"])

    @pytest.mark.parametrize("looked_up", [0, 100])
    @given(st.lists(st.text("ab ", max_size=40), max_size=8), st.lists(st.text("ab ", max_size=30), max_size=8))
    def test_what_is_left_is_never_refused(self, looked_up, train, held_out):
        with patch("course.data.overlap.LOOKED_UP", looked_up):
            kept = without_held_out(train, held_out)
        disjoint(kept, held_out)
        for text in train:
            if text not in kept:
                with pytest.raises(ValueError, match=r"is in two sets|stands inside"):
                    disjoint([text], held_out)


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


@given(
    training=st.lists(st.text("ab ", max_size=24), max_size=5),
    held_out=st.lists(st.text("ab ", max_size=20), max_size=4),
)
def test_what_is_refused_is_what_disjoint_refuses(training, held_out):
    for text, is_refused in zip(held_out, refused(training, held_out), strict=True):
        if is_refused:
            with pytest.raises(ValueError, match="does not test it"):
                disjoint(training, [text])
        else:
            disjoint(training, [text])


def test_a_long_text_inside_another_is_refused_and_a_short_one_is_not():
    assert refused([f"{LONG} of today"], [LONG, "of the president", f"{LONG} of  today"]) == [True, False, True]
