"""SmolLM2 solves word problems of ASDiv's training part, with steps and without: what rationales are there to learn.

python -m experiments.rationales_teacher [rule smollm2-steps smollm2-direct] --tests 100 --threads 1

Four solved problems, written for the course, are before each; the most probable tokens follow. The answers of "steps"
and the calculations in its rationales are in the record, right or wrong, with the problems' places in the data; those
with a right answer are what rejection sampling keeps. The words of a rationale are not kept: they are often those of
the problem, which is under CC BY-NC 4.0 as all of ASDiv is. The record is written after each `BATCH`
problems. `rule` counts the problems of the whole data set whose one step is found without a model.
"""

from collections.abc import Mapping

import torch

from course import trained
from course.data.splits import draw
from course.data.word_problems import numbers_in, split_problems, word_problems
from course.layers.parameters import count_parameters
from course.pretrained import load
from course.tasks.chain_of_thought import MAX_TOKENS, SOLVED, solve
from course.tasks.self_instruct import model_writer
from course.tasks.word_steps import calculations, plain, steps_to
from experiments.measuring import cpu_seconds
from experiments.running import THREADS, parts_to_measure

NAME = "rationales_teacher"
BATCH = 10


def count_steps() -> dict[str, int]:
    """How many problems of ASDiv have one number as an answer, two numbers, and one operation that leads to it."""
    everything = word_problems()
    two = [one for one in everything if one.value is not None and len(numbers_in(one.text)) == 2]
    steps = [steps_to(numbers_in(one.text), one.value or 0.0) for one in two]
    return {
        "problems": len(everything),
        "answer_is_a_number": sum(one.value is not None for one in everything),
        "and_two_numbers": len(two),
        "one_step": sum(len(found) == 1 for found in steps),
        "several_steps": sum(len(found) > 1 for found in steps),
    }


def recipes() -> Mapping[str, str]:
    """What is measured, by the names of the records: the rule's count, or how SmolLM2 is asked."""
    return {"rule": "rule"} | {f"smollm2-{part}": part for part in MAX_TOKENS}


def main() -> None:
    arguments = parts_to_measure(NAME, list(recipes()), tests=100, most=1000)
    torch.set_num_threads(arguments.threads)
    if "rule" in arguments.parts:
        command = f"python -m experiments.{NAME} rule --seeds 0"
        trained.save_record(NAME, "rule", 0, {"command": command, "parameters": 0, "tests": {}, **count_steps()})
        arguments.parts.remove("rule")
    if not arguments.parts:
        return
    everything = word_problems()
    training = [one for one in split_problems(everything).train if one.value is not None]
    problems = draw(training, arguments.tests)
    places = [everything.index(one) for one in problems]
    model, tokenizer = load("smollm2")
    threads = "" if arguments.threads == THREADS else f" --threads {arguments.threads}"
    for name in arguments.parts:
        part = recipes()[name]
        write = model_writer(model, tokenizer, max_new_tokens=MAX_TOKENS[part], temperature=0.0)
        solutions, spent = [], 0.0
        for start in range(0, len(problems), BATCH):
            with cpu_seconds() as seconds:
                solutions += solve(problems[start : start + BATCH], write, steps=part == "steps")
            spent += seconds()
            lengths = [len(tokenizer.encode(one.rationale)) for one in solutions]
            found = {
                "command": f"python -m experiments.{NAME} {name} --tests {arguments.tests} --seeds 0{threads}",
                "parameters": count_parameters(model),
                "cpu_seconds": round(spent, 3),
                "solved_before": len(SOLVED),
                "training_problems": len(training),
                "tests": {
                    "asdiv training": {
                        "problems": len(solutions),
                        "right": sum(one.right for one in solutions),
                        "answered": sum(one.answer is not None for one in solutions),
                        "exact_match": sum(one.right for one in solutions) / len(solutions),
                        "rationale_tokens": sum(lengths),
                        "items": {"right": trained.one_line(int(one.right) for one in solutions)},
                        "places": trained.one_line(places[: len(solutions)]),
                        "answers": [None if one.answer is None else plain(one.answer) for one in solutions],
                        "rationales": [calculations(one.rationale) for one in solutions],
                    }
                },
            }
            trained.save_record(NAME, name, 0, found)
            print(f"{name}: {found['tests']['asdiv training']['right']} of {len(solutions)}, {spent:.0f} s", flush=True)


if __name__ == "__main__":
    main()
