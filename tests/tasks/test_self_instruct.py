"""The loop of Self-Instruct: prompts as they must be, lists and instances as they are read, and a pool that grows."""

import random
from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.decoding import Samples, left_pad
from course.evaluation import rouge_l
from course.instruction import LIMIT, TOO_SIMILAR, Filters, InstructionPool
from course.pretrained import chat_ids
from course.tasks import self_instruct as loop
from course.tasks.seed_tasks import SeedTask, seed_pool, seed_tasks
from course.tasks.self_instruct import (
    Continuation,
    first_words,
    grow,
    list_prompt,
    model_writer,
    parse_list,
)
from course.tasks.self_instruct_instances import UNFINISHED, UNPARSED, instance_prompt, make_instances, parse_instance
from course.tokenization import ByteLevelBPE
from tests.support.widgets import _decoder

NAMES = st.text(alphabet="abc", min_size=1, max_size=5)
LISTS = st.lists(st.lists(NAMES, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=5)


def test_the_seeds_pass_the_filters_and_differ():
    seeds = seed_tasks()
    assert len(seeds) >= 40
    for seed in seeds:
        assert Filters().broken(seed.instruction) == [], seed
        assert seed.output and seed.output != seed.input and "\n\n" not in seed.input + seed.output
    for one, other in combinations(seeds, 2):
        assert rouge_l(one.instruction, other.instruction) <= LIMIT
    assert {bool(seed.input) for seed in seeds} == {True, False}
    assert seed_pool().seeds == tuple(seed.instruction for seed in seeds)
    assert seed_pool() is not seed_pool(), "one that grows is nobody else's"


def test_a_prompt_is_a_list_that_ends_with_the_next_number():
    assert list_prompt(["Do  this:", "Or\nthat"]) == "Come up with a series of tasks:\n1. Do this\n2. Or that\n3."
    for n in (0, 15):
        with pytest.raises(ValueError, match=f"There are {n} instructions; the list takes 1 to 14"):
            list_prompt(["one"] * n)


@pytest.mark.parametrize(
    ("text", "finished", "found"),
    [
        (" Do this.\n10. Do\nthat.\n11 . And", False, ["Do this.", "Do that."]),
        (" Do this.\n10. Do that.\n11. And", True, ["Do this.", "Do that.", "And"]),
        (" Do this.\n10. Do that.\n\nThank you", False, ["Do this.", "Do that."]),
        (" Do this.\n \n10. Do that.", True, ["Do this."]),
        (" Do 2.5 of this.\n10. \n11. 3.1 is what", True, ["Do 2.5 of this.", "3.1 is what"]),
        (" Do this.\n15. Do that.\n16. Too many.\n17", False, ["Do this.", "Do that."]),
        ("", True, []),
        ("\n", False, []),
        (" half a", False, []),
    ],
)
def test_a_list_is_read_up_to_its_end(text, finished, found):
    assert parse_list(Continuation(text, finished)) == found


@given(LISTS)
def test_what_a_prompt_writes_is_read_again(instructions):
    prompt = list_prompt(["first", *instructions])
    text = prompt.split("\n2.", 1)[1].rsplit("\n", 1)[0]
    assert parse_list(Continuation(text, finished=True)) == instructions
    assert parse_list(Continuation(text, finished=False)) == instructions[:-1]


def test_the_pool_grows_in_the_order_of_what_is_made():
    asked = []

    def write(prompts):
        asked.append(list(prompts))
        new = f"Count the letters of word number {len(asked)}."
        return [Continuation(f" {new}\n10. Sing\n11. Count the letters of word number {n}.", True) for n in (7, 8)]

    pool = InstructionPool([f"seed {number} {'abcdefghij'[number] * 3}" for number in range(10)], rouge_l)
    rng = random.Random(0)
    made = [one for _round in range(2) for one in grow(pool, write, n_prompts=2, rng=rng)]
    assert [one.verdict.rule for one in made[:3]] == [None, "length", TOO_SIMILAR] and len(made) == 12
    assert pool.machine_made == ("Count the letters of word number 1.",)
    assert [len(prompts) for prompts in asked] == [2, 2]
    assert all(prompt.endswith("\n9.") and prompt.count("seed") == 8 for prompt in asked[0])
    assert all("word number 1" in prompt and prompt.count("seed") == 7 for prompt in asked[1])
    with pytest.raises(ValueError, match="n_prompts is 0; it must be 1 or more"):
        grow(pool, write, n_prompts=0, rng=rng)


def test_a_round_goes_on_where_an_instruction_comes_twice():
    """A control character is no punctuation, and ROUGE finds no word in it: nothing but the text itself is alike."""
    once = "\x0e한국어 문장을 하나 써라"
    pool = InstructionPool([f"seed {number}" for number in range(8)], rouge_l)

    def write(prompts):
        return [Continuation(f" {once}\n10. {once}\n11. Name the first day of the week", True) for _prompt in prompts]

    made = grow(pool, write, n_prompts=1, rng=random.Random(0))
    assert [one.verdict.rule for one in made] == [None, TOO_SIMILAR, None] and len(pool.machine_made) == 2


def test_a_writer_continues_each_prompt_as_if_alone_and_stops_at_its_end():
    model, tokenizer = _decoder()
    prompts = ["the people of", "the states"]
    write = model_writer(model, tokenizer, max_new_tokens=6, temperature=0.0)
    together = write(prompts)
    assert together == [write([prompt])[0] for prompt in prompts]
    assert not any(one.finished for one in together)


def test_in_a_chat_the_last_line_begins_the_answer(monkeypatch):
    model, tokenizer = _decoder()
    read = []
    monkeypatch.setattr(loop, "left_pad", lambda rows, **_options: read.extend(rows) or left_pad(rows))
    model_writer(model, tokenizer, chat=True, max_new_tokens=1, temperature=0.0)(
        ["the people\nof the <|im_end|>\nunion"]
    )
    (row,) = read
    begun = tokenizer.encode("union")
    assert row == [*chat_ids(tokenizer, "the people\nof the <|im_end|>"), *begun]


def test_a_text_ends_before_the_first_mark(monkeypatch):
    model, tokenizer = _decoder()
    end, *rest = tokenizer.special.ids["<|endoftext|>"], *tokenizer.encode("the people")
    rows = torch.tensor([[*rest, end, rest[0]], [*rest, rest[0], rest[0]]])
    drawn = torch.ones_like(rows)
    monkeypatch.setattr(loop, "sample", lambda *_, **__: Samples(rows, drawn.float(), drawn.bool()))
    first, second = model_writer(model, tokenizer, max_new_tokens=4, temperature=0.0)(["the", "of"])
    assert first == ("the people", True) and not second.finished and second.text.startswith("the people")


@pytest.mark.parametrize(
    ("text", "finished", "instance", "rule"),
    [
        (" a b\nOutput: c", True, ("a b", "c"), None),
        (" none\nOutput: c\nd", True, ("", "c\nd"), None),
        (" None.\nOutput:c", True, ("", "c"), None),
        (" a\nb\nOutput: c\nTask: more", False, ("a\nb", "c"), None),
        (" a\nOutput: c and", False, ("a", "c and"), UNFINISHED),
        (" a b", True, ("a b", ""), UNPARSED),
        (" a\nOutput:", True, ("a", ""), "empty"),
        (" a\nOutput: a", True, ("a", "a"), "copy"),
        (" a\nOutput: as follows:", True, ("a", "as follows:"), "colon"),
        ("", False, ("", ""), UNPARSED),
    ],
)
def test_an_instance_is_read_and_filtered(text, finished, instance, rule):
    assert parse_instance("Do it", Continuation(text, finished)) == ("Do it", instance, rule)


def test_each_instruction_is_asked_for_once_after_whole_seed_tasks():
    prompts = []

    def write(some):
        prompts.extend(some)
        return [Continuation(f" x{len(prompt)}\nOutput: y", True) for prompt in some]

    instructions = [f"Do number {n}" for n in range(18)]
    made = make_instances(instructions, write, rng=random.Random(0))
    assert [one.instruction for one in made] == instructions and all(one.rule is None for one in made)
    assert [prompt.rsplit("Task: ", 1)[1] for prompt in prompts] == [f"{one}\nInput:" for one in instructions]
    assert (
        all(prompt.count("\n\n") == 3 and prompt.count("Input: none") == 1 for prompt in prompts)
        and len({prompt[:200] for prompt in prompts}) > 5
    )
    assert instance_prompt("Do", [SeedTask("Say", "b", "a"), SeedTask("Go", "c")]).endswith(
        "\n\nTask: Say\nInput: a\nOutput: b\n\nTask: Go\nInput: none\nOutput: c\n\nTask: Do\nInput:"
    )
    assert make_instances([], write, rng=random.Random(0)) == []


def test_first_words_are_counted_without_their_signs():
    assert first_words(["Write a", "write, then", "Name:"]) == {"write": 2, "name": 1}


def test_a_text_without_words_has_no_first_word():
    assert first_words(["", " \n", "Write"]) == {"write": 1}


def test_a_tokenizer_without_the_marks_of_a_chat_ends_at_its_own():
    model, _tokenizer = _decoder()
    other = ByteLevelBPE.train("the people", n_merges=3, special_tokens=["<|other|>", "<|end|>"])
    assert len(other.encode("\n\n")) == 2
    written = model_writer(model, other, max_new_tokens=3, temperature=0.0)(["the"])
    assert len(written) == 1
    with pytest.raises(ValueError, match=r"A chat needs the special token '<\|im_start\|>', which the tokenizer lacks"):
        model_writer(model, other, chat=True, max_new_tokens=3, temperature=0.0)(["the\npeople"])
    without = ByteLevelBPE.train("the people", n_merges=3)
    with pytest.raises(ValueError, match="has no special token, and an empty line is 2 tokens"):
        model_writer(model, without, max_new_tokens=3, temperature=0.0)
