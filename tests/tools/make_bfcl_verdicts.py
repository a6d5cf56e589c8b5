"""What the checker of Berkeley's leaderboard says of calls, for the tests of ours to compare with.

    python -m tests.tools.make_bfcl_verdicts

reads `ast_checker.py` out of the wheel of bfcl-eval 2026.3.23, the file that holds the data, and writes
`bfcl_verdicts.safetensors` beside this file. Nothing is installed: the modules that the checker imports and that are
for other languages, or need other packages, are replaced by empty ones. The calls are `near_misses` of all tasks, then
pairs of them for the rule for parallel calls, then the golden cases.
"""

import hashlib
import json
import sys
import types
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from course.data import path
from course.data.api_calls import FILES, KINDS, Answer, CallTask
from course.data.splits import draw
from course.tools import Call, answering_call
from tests.tools.golden import GOLDEN
from tests.tools.near_misses import near_misses, tasks

FILE = Path(__file__).with_name("bfcl_verdicts.safetensors")
COMMAND = "python -m tests.tools.make_bfcl_verdicts"
PACKAGE = "bfcl-eval==2026.3.23"
WRONG, RIGHT, FAILS = 0, 1, 2  # their checker raises an exception for some
N_PAIRS = 150


def pairs(of: Sequence[CallTask]) -> Iterator[tuple[CallTask, CallTask, list[Call]]]:
    """Two tasks at once, and calls for both: in order, turned round, the first one twice, and one alone."""
    drawn = draw([task for task in of if task.id.startswith("simple")], 2 * N_PAIRS)
    for first, second in zip(drawn[::2], drawn[1::2], strict=True):
        if first.names == second.names:
            continue
        one, other = (answering_call(task.answers[0], task.functions[0]) for task in (first, second))
        for calls in ([one, other], [other, one], [one, one], [one], [one, other, other]):
            yield first, second, calls


def digest(calls: Sequence[object]) -> str:
    """Tells whether the calls are still those of which the verdicts are."""
    return hashlib.sha256("\n".join(map(str, calls)).encode()).hexdigest()


def checker() -> types.ModuleType:
    stubs = {
        "bfcl_eval.constants.model_config": {"MODEL_CONFIG_MAPPING": {"a": types.SimpleNamespace(underscore_to_dot=0)}},
        "bfcl_eval.eval_checker.ast_eval.type_convertor.java_type_converter": {"java_type_converter": None},
        "bfcl_eval.eval_checker.ast_eval.type_convertor.js_type_converter": {"js_type_converter": None},
    }
    for name, members in stubs.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)
    sys.path.insert(0, str(path("bfcl")))
    from bfcl_eval.eval_checker.ast_eval import ast_checker

    return ast_checker


def verdict(theirs: Any, functions: list[Any], calls: Sequence[Call], answers: Sequence[Answer], category: str) -> int:
    language = sys.modules["bfcl_eval.constants.enums"].Language.PYTHON
    output = [{call.name: dict(call.arguments)} for call in calls]
    possible = [{answer.name: {name: list(values) for name, values in answer.allowed.items()}} for answer in answers]
    try:
        return RIGHT if theirs.ast_checker(functions, output, possible, language, category, "a")["valid"] else WRONG
    except (AttributeError, KeyError, TypeError):
        return FAILS


def main() -> None:
    theirs = checker()
    with zipfile.ZipFile(path("bfcl")) as package:
        files = [package.read(f"bfcl_eval/data/BFCL_v4_{FILES[kind]}.json") for kind in KINDS]
    functions = {row["id"]: row["function"] for file in files for row in map(json.loads, file.splitlines())}
    every = tasks()
    near = [(task, miss.call) for task in every for miss in near_misses(task)]
    parallel = [*pairs(every)]
    found = {
        "near_misses": [
            verdict(theirs, functions[task.id], [call], task.answers, task.id.rsplit("_", 1)[0]) for task, call in near
        ],
        "pairs": [
            verdict(theirs, functions[one.id] + functions[two.id], calls, one.answers + two.answers, "parallel")
            for one, two, calls in parallel
        ],
        "golden": [
            verdict(theirs, [case.function.to_json()], [case.call], [Answer("f", case.allowed)], "simple")
            for case in GOLDEN
        ],
    }
    about = {"made by": COMMAND, "packages": PACKAGE, "calls": digest([call for _task, call in near])}
    save_file({name: torch.tensor(values, dtype=torch.uint8) for name, values in found.items()}, FILE, about)


if __name__ == "__main__":
    main()
