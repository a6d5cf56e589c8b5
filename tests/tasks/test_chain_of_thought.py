"""What SmolLM2 is asked, and how its solutions are read."""

import pytest

from course.data.word_problems import WordProblem
from course.tasks.chain_of_thought import SOLVED, few_shot, parse_solution, solve
from course.tasks.self_instruct import Continuation
from course.tasks.word_steps import OPERATIONS

PROBLEM = WordProblem("Ann has 3 nuts\nand finds 4. How many?", "7 nuts")


@pytest.mark.parametrize(
    ("text", "answer", "right", "rationale"),
    [
        (" 3 + 4 = 7. The answer is 7.", 7, True, "3 + 4 = 7."),
        (" 3 * 4 = 12. The answer is 12 nuts.", 12, False, "3 * 4 = 12."),
        (" The answer is 7.", 7, True, ""),
        (" x The answer is: $7.00", 7, True, "x"),
        (" 3 + 4 = 7.", None, False, "3 + 4 = 7."),
        (" The answer is many. The answer is 7.", 7, True, "The answer is many."),
        (" The answer is 12. The answer is 7.", 12, False, ""),
        (" 12\nQuestion: 3 + 4? The answer is 7.", None, False, "12"),
        (" The answer is 7,000.", 7000, False, ""),
        ("", None, False, ""),
    ],
)
def test_the_first_answer_counts_and_what_is_before_it_is_the_rationale(text, answer, right, rationale):
    found = parse_solution(Continuation(text, True), PROBLEM)
    assert (found.answer, found.right, found.rationale) == (answer, right, rationale)


def test_a_problem_without_one_number_as_answer_is_never_right():
    assert not parse_solution(Continuation(" The answer is 6.", True), WordProblem("Ratio?", "6:7")).right


def test_the_prompt_has_the_solved_problems_and_ends_where_the_solution_begins():
    with_steps, direct = (few_shot(PROBLEM, steps=steps) for steps in (True, False))
    for prompt in (with_steps, direct):
        assert prompt.endswith("\n\nQuestion: Ann has 3 nuts and finds 4. How many?\nAnswer:")
        assert prompt.count("The answer is") == len(SOLVED)
    assert all(steps in with_steps and steps not in direct for _question, steps, _answer in SOLVED)


def test_the_solved_problems_are_right_and_have_each_operation():
    operations = []
    for _question, steps, answer in SOLVED:
        left, operation, right, _equals, result = steps.rstrip(".").split()[-5:]
        assert OPERATIONS[operation](float(left), float(right)) == float(result) == float(answer)
        operations.append(operation)
    assert set(operations) == set(OPERATIONS)


def test_each_solution_belongs_to_its_problem():
    other = WordProblem("5 and 6?", "11")

    def write(prompts):
        return [
            Continuation(f" The answer is {7 if 'nuts' in prompt.rpartition('Question')[2] else 12}.", True)
            for prompt in prompts
        ]

    assert [one.right for one in solve([PROBLEM, other], write)] == [True, False]
