"""The filters decide as the authors' code of Self-Instruct on stored cases, and each rule drops what it says."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation import rouge_l
from course.instruction import (
    CONTRADICTION,
    LIMIT,
    RULES,
    TOO_SIMILAR,
    Filters,
    Instance,
    InstructionPool,
    in_one_line,
    kept_instances,
)

STORED = json.loads((Path(__file__).parent / "self_instruct_decisions.json").read_text(encoding="utf-8"))
# The authors' code capitalizes a text before it looks at its first character, and these become ASCII by that.
BECOMES_ASCII = ("ß", "ı", "ﬁ")
LINES = st.text(alphabet="ab é.:-\n\t 한", max_size=20)


def checked(instruction, instructions=()):
    return Filters().check(instruction, InstructionPool(instructions, rouge_l))


@pytest.mark.parametrize(("instruction", "kept"), STORED["instructions"])
def test_the_rules_decide_as_the_authors_code(instruction, kept):
    verdict = checked(instruction)
    if instruction.startswith(BECOMES_ASCII):
        assert kept and verdict.rule == "script"
    else:
        assert verdict.kept == kept


def test_the_stored_cases_have_all_rules():
    assert {checked(instruction).rule for instruction, _kept in STORED["instructions"]} == {
        None,
        *(rule.name for rule in RULES),
    }


@pytest.mark.parametrize(("instructions", "joined"), STORED["lists"])
def test_a_pool_grows_as_the_authors_does(instructions, joined):
    pool, decisions = InstructionPool([], rouge_l), []
    for one in instructions:
        verdict = Filters().check(one, pool)
        decisions.append(verdict.kept)
        if verdict.kept:
            pool.add(one)
    assert decisions == joined
    assert 0 < sum(joined) < len(joined)


@pytest.mark.parametrize(("instances", "left"), STORED["instances"])
def test_instances_are_kept_as_by_the_authors_code(instances, left):
    found = kept_instances([Instance(*one) for one in instances])
    assert sorted(map(list, found.kept)) == left


def test_the_order_of_a_pool_matters():
    one, two = "Name three animals of the sea", "Name three animals of the deep sea"
    for first, second in ((one, two), (two, one)):
        verdict = checked(second, [first])
        assert (verdict.rule, verdict.nearest.instruction) == (TOO_SIMILAR, first)


def test_a_similarity_of_exactly_the_limit_is_kept():
    seed, same = "a b c d e f g h i j", "a b c d e f g x y z"
    verdict = checked(same, [seed])
    assert verdict.score == pytest.approx(LIMIT) and verdict.kept
    assert checked("a b c d e f g h y z", [seed]).rule == TOO_SIMILAR
    longer = checked("a b c d e f g u v w x y z", ["a b c d e f g"])  # that of `rouge-score` is rounded to above 0.7
    assert longer.score == LIMIT and longer.kept
    assert not Filters(limit=0.69).check(same, InstructionPool([seed], rouge_l)).kept


@pytest.mark.parametrize("similarity", [rouge_l, lambda one, other: 0.0], ids=["ROUGE-L", "one that sees nothing"])
def test_what_the_pool_has_is_too_similar_whatever_the_limit(similarity):
    """Were it kept, the pool would refuse it, and a round of the loop would end in the middle."""
    pool = InstructionPool(["Name, three animals of the sea", "Name three animals of the sea"], similarity)
    filters = Filters(limit=1.0)
    verdict = filters.check(" Name  three animals of the sea", pool)
    assert (verdict.kept, verdict.rule) == (False, TOO_SIMILAR)
    assert filters.check("Name three animals of the sea.", pool).kept, "another text, of the same words"
    assert "Name three\nanimals of the sea" in pool and "Name three animals" not in pool


def test_nearest_is_the_first_most_similar_of_the_whole_pool():
    pool = InstructionPool(["one two three four", "five six seven eight"], rouge_l)
    pool.add("five six nine ten")
    pool.add("six five ten nine")
    assert pool.nearest("five six nine ten")[:2] == ("five six nine ten", 2)
    assert pool.nearest("five six")[:2] == ("five six seven eight", 1)
    assert pool.nearest("한국어")[:3] == ("one two three four", 0, 0.0)
    assert InstructionPool([], rouge_l).nearest("one") is None
    assert checked("one two three four").nearest is None and checked("one two three four").score == 0


def test_a_verdict_names_the_first_rule_and_broken_names_all():
    seed = "Draw a map of the village"
    assert checked("- " + seed, [seed]).rule == "words"
    assert Filters().broken("- map") == ["length", "words", "punctuation"]
    assert Filters().broken("") == ["length"]
    assert Filters(rules=()).broken("") == []


@given(LINES)
def test_white_space_around_and_inside_changes_no_verdict(text):
    spaced = " \n" + text.replace(" ", " \t ") + "\u2003"
    pool = InstructionPool(["a b a b"], rouge_l)
    assert Filters().check(spaced, pool) == Filters().check(text, pool)
    assert in_one_line(in_one_line(text)) == in_one_line(text)


@given(st.lists(LINES, max_size=8))
def test_whatever_comes_no_two_of_the_pool_are_too_similar(texts):
    pool = InstructionPool([], rouge_l)
    for text in texts:
        before = pool.instructions
        verdict = Filters().check(text, pool)
        assert pool.instructions == before and verdict.kept == (verdict.rule is None)
        if verdict.kept:
            pool.add(text)
    for place, one in enumerate(pool.instructions):
        assert all(rouge_l(one, other) <= LIMIT for other in pool.instructions[:place])


def test_examples_are_seeds_and_at_most_two_of_the_model():
    pool, rng = InstructionPool(map(str, range(10)), rouge_l), random.Random(0)
    assert set(pool.examples(rng)) < set(pool.seeds)
    pool.add("made 1")
    assert len({*pool.examples(rng)} - {*pool.seeds}) == 1
    for number in range(2, 6):
        pool.add(f"made {number}")
    for _draw in range(20):
        drawn = pool.examples(rng)
        assert len(set(drawn)) == 8 and len({*drawn} & {*pool.machine_made}) == 2
    places = {
        drawn.index(one) for drawn in (pool.examples(rng) for _draw in range(40)) for one in drawn if "made" in one
    }
    assert len(places) == 8, "those of the model are anywhere in the list"
    assert pool.examples(random.Random(3)) == pool.examples(random.Random(3))
    assert pool.examples(rng, 1, 2)[0] in pool.machine_made and pool.examples(rng, 0, 0) == []


def test_what_a_pool_refuses_leaves_it_as_it_was():
    pool = InstructionPool(["one  two"], rouge_l)
    assert pool.instructions == ("one two",)
    with pytest.raises(ValueError, match="'one two' already"):
        pool.add("one two ")
    with pytest.raises(ValueError, match=r"' ' has no words"):
        pool.add(" ")
    with pytest.raises(ValueError, match="8 seeds are wanted and the pool has 1"):
        pool.examples(random.Random(0))
    with pytest.raises(ValueError, match="n is -1 and n_machine 2"):
        pool.examples(random.Random(0), -1)
    assert pool.instructions == ("one two",) and len(pool) == 1
    with pytest.raises(ValueError, match="already"):
        InstructionPool(["a", "a"], rouge_l)


@pytest.mark.parametrize("limit", [-0.1, 1.1, float("nan")])
def test_a_limit_outside_0_to_1_is_refused(limit):
    with pytest.raises(ValueError, match="a similarity is between 0 and 1"):
        Filters(limit=limit)


def test_why_an_instance_was_dropped():
    task = [Instance("a", "a"), Instance("b", " "), Instance("", ""), Instance("c:", "d"), Instance("e", "f")]
    found = kept_instances(task)
    assert found.kept == [Instance("e", "f")]
    assert [rule for _instance, rule in found.dropped] == ["copy", "empty", "empty", "colon"]
    unclear = kept_instances([*task, Instance("e", "g")])
    assert unclear.kept == [] and [rule for _instance, rule in unclear.dropped][-2:] == [CONTRADICTION] * 2
    assert len(kept_instances([Instance("", "f"), Instance("", "g"), Instance("", "f")]).kept) == 2
    assert kept_instances([]) == ([], [])
