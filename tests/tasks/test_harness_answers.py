"""Answers in a model's own words: which option is read in them, and which is not."""

import pytest

from course.data import Choice
from course.pretrained import load_tokenizer
from course.tasks.harness_answers import Extracted, extracted, options_prompt, written_answers
from tests.support.llama import tiny_config, tiny_model

ANSWERS = ("a desert", "a marsh", "the plains", "the wide plains")
NOTHING = Extracted(None, "none")


@pytest.mark.parametrize(
    ("written", "place", "rule"),
    [
        ("B", 1, "letter"),
        ("B.", 1, "letter"),
        ("(B) a desert", 1, "letter"),
        ("**C**", 2, "letter"),
        ("The answer is B", 1, "letter"),
        ("The correct option is (C), since", 2, "letter"),
        ("Answer: D. It", 3, "letter"),
        ("Fog is most likely around a marsh.", 1, "text"),
        ("Marsh", 1, "text"),
        ("It is the wide plains!", 3, "text"),
        ("A marsh is wet", 1, "text"),
        ("The answer is a marsh", 1, "text"),
        ("The answer is A marsh", 1, "text"),
    ],
)
def test_an_option_is_read_by_the_first_rule_that_finds_one(written, place, rule):
    assert extracted(written, ANSWERS) == Extracted(place, rule)


@pytest.mark.parametrize("written", ["", "E.", "Fog.", "a desert or a marsh", "marshland", "A big city", "Be careful."])
def test_what_gives_no_option_or_two_gives_none(written):
    assert extracted(written, ANSWERS) == NOTHING


def test_a_letter_beyond_the_options_is_none():
    assert extracted("C.", ("red", "blue")) == NOTHING and extracted("C.", ("red", "blue", "tall")).place == 2


def test_the_prompt_has_each_option_with_its_letter_in_the_files_order():
    choice = Choice("siqa", "Ann ran.", "Why?", "late", ("red",), 1)
    assert options_prompt(choice) == "Ann ran. Why?\nA. red\nB. late\nAnswer with the letter of the right option."


def test_answers_are_those_of_each_prompt_alone():
    tokenizer = load_tokenizer("smollm2")
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=256))
    choices = [Choice("piqa", "", "open a jar " * n, "twist", ("pull",)) for n in (3, 1, 2)]
    together = written_answers(model, tokenizer, choices)
    alone = [written_answers(model, tokenizer, [choice])[0] for choice in choices]
    assert together == alone and len(set(together)) > 1
