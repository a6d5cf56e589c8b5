"""With which instruction an input is put to a model, in trainings, tests and controls."""

import numpy as np
import pytest

from course.tasks.instructed import InstructedTask, same_text
from course.tasks.instructed_baselines import first_option, lead_words, most_frequent, same_as_input, subject
from course.tasks.instructed_examples import InstructedExample
from course.tasks.instructed_prompts import held_out_prompts, training_prompt, wording_prompts


def task(name, cluster="one"):
    examples = tuple(
        InstructedExample(f"{name} input {number}", "yes", ("yes", "no"), (f"{name} {number}",)) for number in range(8)
    )
    seen = tuple(f"{name} wording {number}." for number in range(3))
    return InstructedTask(
        name, cluster, seen, f"{name} unseen.", examples, examples, examples, same_text, most_frequent
    )


A, B, C = task("a"), task("b"), task("c", cluster="other")


def instructions_of(prompts):
    return [prompt.partition("\n\n")[0] for prompt in prompts]


def test_a_training_has_the_known_wordings_of_its_own_task():
    rng = np.random.default_rng(0)
    found = {training_prompt(A.training[0], A, [A, B], "own", rng) for _draw in range(60)}
    assert found == {f"{wording}\n\na input 0" for wording in A.wordings}


@pytest.mark.usefixtures("unchecked_shapes")
def test_controls_have_no_instruction_or_one_of_another_task():
    rng = np.random.default_rng(0)
    assert training_prompt(A.training[0], A, [A, B], "none", rng) == "a input 0"
    found = {training_prompt(A.training[0], A, [A, B, C], "another", rng) for _draw in range(100)}
    assert found == {f"{wording}\n\na input 0" for wording in (*B.wordings, *C.wordings)}
    with pytest.raises(ValueError, match="The mix has no task but 'a'"):
        training_prompt(A.training[0], A, [A], "another", rng)
    with pytest.raises(ValueError, match="instruction is 'mine'; give one of own, none, another"):
        training_prompt(A.training[0], A, [A, B], "mine", rng)


def test_a_held_out_task_is_put_in_all_its_wordings_in_turn():
    found = instructions_of(held_out_prompts(A, [A, B, C], "own"))
    assert found == [*A.wordings, A.unseen] * 2
    assert held_out_prompts(A, [A, B, C], "none") == [one.input for one in A.test]


@pytest.mark.usefixtures("unchecked_shapes")
def test_another_instruction_is_of_another_cluster_and_the_same_for_every_model():
    found = held_out_prompts(A, [A, B, C], "another")
    assert set(instructions_of(found)) <= {*C.wordings, C.unseen}
    assert found == held_out_prompts(A, [A, B, C], "another")
    assert [prompt.partition("\n\n")[2] for prompt in found] == [one.input for one in A.test]
    with pytest.raises(ValueError, match="no task outside the cluster 'one'"):
        held_out_prompts(A, [A, B], "another")
    with pytest.raises(ValueError, match="instruction is 'mine'"):
        held_out_prompts(A, [A, C], "mine")


def test_a_trained_task_is_tested_in_known_and_in_new_words():
    known = instructions_of(wording_prompts(A, A.test[:5], unseen=False))
    assert known == [*A.wordings, *A.wordings[:2]]
    assert set(instructions_of(wording_prompts(A, A.test, unseen=True))) == {A.unseen}


def test_rules_know_the_answers_of_the_training_and_no_more():
    one = InstructedExample("The Battle of Hastings was won", "b", ("a", "b"), ())
    assert most_frequent(["b", "a", "b"], one) == "b" and most_frequent(["b", "a"], one) == "a"
    assert first_option([], one) == "a" and same_as_input([], one) == one.input
    assert lead_words(["x y", "x y z w"], one) == "The Battle of" and subject([], one) == "Battle of Hastings"
