"""SmolLM2 on four multiple-choice data sets, by the protocols of two evaluation harnesses. No training.

python -m experiments.harness [piqa openbookqa commonsenseqa siqa piqa-base ...] --threads 1 [--seeds 0] [--missing]

The model is SmolLM2-135M-Instruct with weights in 4 bits; "-base" is the course's own base model instead. A record has
the log-probability of every answer in every form of the question, for the first items of a drawn order: all of them in
the published form, `FEW` in most others. It is written after each form; with `--missing` what
it has is kept, so that a command that was stopped goes on. About 0.05 to 0.12 CPU seconds for an item in a form. No
text is kept.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch

from course import trained
from course.evaluation import normalized_answer
from course.pretrained import load
from course.tasks.harness import FORMS, N_ITEMS, Drawn, drawn_choices, question_of, scored
from course.tasks.harness_answers import extracted, written_answers
from course.tasks.pretraining import base_tokenizer
from experiments.measuring import cpu_seconds
from experiments.running import has_record, parts_to_measure

NAME = "harness"
BASE = "-base"
FEW, MOST = 150, max(N_ITEMS.values())  # items
BLOCK = 300  # items between two writings of a record
N_WRITTEN = 150  # questions that are answered in the model's own words
WRITTEN = "written"
FIRST = ("published", "chat", "question", "bare", "without question", "letters")
LATER = ("start token", "without space", "chat without space", "letters, chat")
SHOTS = ("5 shots, draw 0", "5 shots, draw 1", "letters, 5 shots")
SAME = {"piqa": "question", "openbookqa": "bare", "commonsenseqa": "bare"}  # the form that is the published one
ON_BASE = ("published", "question", "bare", "without question", "letters")


@functools.cache
def drawn(task: str) -> Drawn:
    return drawn_choices(task)


@functools.cache
def model_of(part: str) -> tuple[Any, Any]:
    return (trained.load("base_model/gpt"), base_tokenizer()) if part.endswith(BASE) else load("smollm2")


def numbers_of(rows: Iterable[Iterable[float]]) -> str:
    """The numbers of all items on one line, to four digits after the point."""
    return trained.one_line(round(number, 4) for row in rows for number in row)


def about_items(task: str) -> dict[str, Any]:
    """What the record has of each item and each of its answers, in the order of the items and of the file's answers."""
    choices = drawn(task).choices
    asked = [set(normalized_answer(question_of(choice)).split()) for choice in choices]
    return {
        "places": trained.one_line(drawn(task).places),
        "right": trained.one_line(choice.place for choice in choices),
        "answers": trained.one_line(len(choice.answers) for choice in choices),
        "characters": numbers_of(map(len, choice.answers) for choice in choices),
        "bytes": numbers_of([len(answer.encode()) for answer in choice.answers] for choice in choices),
        "overlap": numbers_of(
            [len(words & set(normalized_answer(answer).split())) for answer in choice.answers]
            for choice, words in zip(choices, asked, strict=True)
        ),
    }


def schedule() -> list[tuple[str, int]]:
    """The forms, and for how many items, in the order of what the lesson needs first; each is done for all parts."""
    few, more = ([(form, n) for form in (*FIRST, *LATER, *SHOTS)] for n in (FEW // 2, FEW))
    return [*few, (WRITTEN, N_WRITTEN), ("published", MOST), *more, ("chat", MOST), ("without question", MOST)]


def wanted(part: str, form: str) -> bool:
    """Whether a part has a form: the published one is not made twice, and the base model knows no chat."""
    task = part.removesuffix(BASE)
    return SAME.get(task) != form and (form in ON_BASE or not part.endswith(BASE))


def most(part: str, form: str, n: int) -> int:
    """How many items of a part are asked in a form where up to `n` are wanted."""
    task = part.removesuffix(BASE)
    # PIQA's is the one published score with the chat template; its answers are long.
    few = form == "chat" if task != "piqa" else form == "without question"
    return min(n, FEW if few else N_ITEMS[task])


def extend(part: str, record: dict[str, Any], form: str, n: int) -> bool:
    """Add up to `BLOCK` items of a form to the record; False where it has `n`."""
    model, tokenizer = model_of(part)
    task = part.removesuffix(BASE)
    cell = record["cells"].get(form, {"items": 0, "cpu_seconds": 0.0, "scores": "", "tokens": ""})
    done = cell["items"]
    if done >= n:
        return False
    some = drawn(task).choices[done : min(n, done + BLOCK)]
    shots = FORMS[form].shots
    with cpu_seconds() as seconds:
        examples = () if shots is None else drawn(task).shots[shots]
        found = scored(model, tokenizer, FORMS[form], some, examples)
    record["cells"][form] = {
        "items": done + len(some),
        "cpu_seconds": round(cell["cpu_seconds"] + seconds(), 3),
        "scores": f"{cell['scores']} {numbers_of(found.scores)}".strip(),
        "tokens": f"{cell['tokens']} {numbers_of(found.tokens)}".strip(),
    }
    return True


def write(part: str, record: dict[str, Any], n: int) -> bool:
    """Add what the model writes as an answer, as the place of the answer that was read in it, or -1 for none."""
    if WRITTEN in record["cells"] or part.endswith(BASE):
        return False
    model, tokenizer = model_of(part)
    choices = drawn(part).choices[:n]
    with cpu_seconds() as seconds:
        answers = written_answers(model, tokenizer, choices)
    read = [extracted(answer, choice.answers) for answer, choice in zip(answers, choices, strict=True)]
    record["cells"][WRITTEN] = {
        "items": n,
        "cpu_seconds": seconds(),
        "places": trained.one_line(-1 if one.place is None else one.place for one in read),
        "rules": " ".join(one.rule for one in read),
    }
    return True


def recipes() -> Mapping[str, object]:
    """What is measured, by the names of the records."""
    return dict.fromkeys((*N_ITEMS, *(f"{task}{BASE}" for task in N_ITEMS)), extend)


def main(parts: Sequence[str], threads: int, n_tests: int, *, missing: bool) -> None:
    torch.set_num_threads(threads)
    records: dict[str, dict[str, Any]] = {}
    for part in parts:
        known = trained.record_of(NAME, part) if missing and has_record(NAME, part) else {"cells": {}}
        command = f"python -m experiments.{NAME} {part} --tests {n_tests} --seeds 0 --threads {threads}"
        records[part] = known | {"command": command} | about_items(part.removesuffix(BASE))
    for form, n in schedule():
        for part in parts:
            if not wanted(part, form) and form != WRITTEN:
                continue
            up_to = min(most(part, form, n), n_tests)
            while write(part, records[part], up_to) if form == WRITTEN else extend(part, records[part], form, up_to):
                cells = records[part]["cells"]
                records[part]["cpu_seconds"] = round(sum(cell["cpu_seconds"] for cell in cells.values()), 3)
                kept = {key: value for key, value in records[part].items() if key not in ("model", "seed")}
                trained.save_record(NAME, part, 0, kept)
                print(f"{part}, {form}: {cells[form]['items']} items, {cells[form]['cpu_seconds']:.0f} s", flush=True)


if __name__ == "__main__":
    arguments = parts_to_measure(NAME, list(recipes()), tests=MOST, most=MOST)
    main(arguments.parts, arguments.threads, arguments.tests, missing=arguments.missing)
