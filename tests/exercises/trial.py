"""Try an exercise on generated wrong answers: how many pass, how many learners would hear what is wrong?

    python -m tests.exercises.trial tokenization.apply_merge     # one exercise, with all that is not named
    python -m tests.exercises.trial                              # the table of all

A wrong answer is a mutant of the solution's code or a transformation of its answers that differs from the solution, by
the exercise's own comparison, on a case of the exercise or on one of the inputs in `tests/exercises/inputs/`. What
differs on none of them is taken to be right, written differently.
"""

import copy
import inspect
import linecache
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random

from course.exercises.answers import plain, read
from course.exercises.calling import TIME_LIMIT
from course.exercises.checking import judge
from course.exercises.compare import same
from course.exercises.display import Result, Verdict
from course.exercises.exercise import Exercise
from course.exercises.registry import all_exercises, find
from tests.exercises.collected import load
from tests.exercises.inputs.collected import INPUTS
from tests.exercises.mutation import mutants
from tests.exercises.transformation import transformed

MOST_INPUTS = 400
MOST_ROUNDS = 20_000  # of the loops of one call; a mutant that needs more does not end
SHORT = 0.05  # seconds for a call that is known not to end

UNNAMED = "not named"  # only that some answers are not right
SOURCES = ("mistake", "corner", "relation", "precision", "shape", "type", "error", "time", "call", UNNAMED)


class Endless(BaseException):
    """A loop of a mutant goes on and on."""


@dataclass(frozen=True)
class Candidate:
    """An answer that may be wrong. `counted` is the same function, which raises `Endless` instead of never ending."""

    description: str
    function: Callable
    counted: Callable
    of_code: bool  # a mutant, not a transformation


@dataclass
class Trial:
    """What became of an exercise's wrong answers, and which mutants are right (`equivalent`)."""

    exercise: Exercise
    passed: list[str] = field(default_factory=list)
    equivalent: list[str] = field(default_factory=list)
    told: list[tuple[str, Result]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def wrong(self) -> int:
        return len(self.told) + len(self.passed)

    @property
    def unnamed(self) -> list[tuple[str, Result]]:
        return [(description, result) for description, result in self.told if not result.source]

    @property
    def named(self) -> int:
        return len(self.told) - len(self.unnamed)

    @property
    def share_named(self) -> float:
        return self.named / self.wrong

    def __str__(self) -> str:
        sources = Counter(result.source or UNNAMED for _description, result in self.told)
        return (
            f"{self.exercise.name:32} {self.wrong:5} wrong, {len(self.passed)} passed, {self.share_named:6.1%} named ("
            + ", ".join(f"{source} {sources[source]}" for source in SOURCES if sources[source])
            + f"); {len(self.equivalent)} equivalent; {self.seconds:.1f} s"
        )


def trial(exercise: Exercise) -> Trial:
    """Try an exercise on all generated wrong answers."""
    began = time.process_time()
    cases = exercise.cases()
    tried = [_Tried(arguments, exercise.solution) for arguments in (*cases, *inputs_of(exercise))]
    result = Trial(exercise)
    checked = replace(exercise, cases=lambda: cases)  # made once, not once for each answer; `judge` hands out copies
    known: dict[str, Result] = {}
    for candidate in candidates(exercise):
        wrong, endless, answers = _is_wrong(candidate, exercise, tried, len(cases))
        if wrong is None:
            continue
        if not wrong:
            if candidate.of_code:  # a transformation that changes nothing (sorting one number) is no answer of its own
                result.equivalent.append(candidate.description)
            continue
        judged = known.get(answers) if answers else None  # what is said of an answer follows from the answer
        if judged is None:
            judged = judge(checked, candidate.function, SHORT if endless else TIME_LIMIT)
            known[answers] = judged
        if judged.passed:
            result.passed.append(candidate.description)
        elif judged.verdict is Verdict.FAILED:
            result.told.append((candidate.description, judged))
    result.seconds = time.process_time() - began
    return result


def candidates(exercise: Exercise) -> Iterator[Candidate]:
    """The mutants of the solution, and the solution with its answers or its arguments transformed."""
    for number, (description, source) in enumerate(mutants(exercise.solution_source)):
        file = f"<{exercise.name}, mutant {number}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        try:
            yield Candidate(description, _compiled(source, file), _compiled(_counting(source), file), True)
        except SyntaxError:
            continue
    for description, function in transformed(exercise.solution, list(exercise.cases())):
        yield Candidate(description, function, function, False)


def inputs_of(exercise: Exercise) -> list[tuple]:
    """The arguments beside the cases on which an answer is compared with the solution's."""
    generated = INPUTS[exercise.name](Random(0))
    return [arguments for arguments, _number in zip(generated, range(MOST_INPUTS), strict=False)]


class _Tried:
    """Arguments that all candidates are called with, copied again only after one has changed them; the right answer."""

    def __init__(self, arguments: tuple, solution: Callable) -> None:
        self._arguments, self._values = arguments, plain(arguments)
        self.passed = copy.deepcopy(arguments)
        self.right = solution(*copy.deepcopy(arguments))

    def changed(self) -> bool:
        """Whether `passed` is another now than before the call; it is put back."""
        values = plain(self.passed)
        if values == self._values:
            return False
        self.passed = copy.deepcopy(self._arguments)
        return not same(self._values, values)  # NaN is equal to NaN


def _is_wrong(
    candidate: Candidate, exercise: Exercise, tried: list[_Tried], n_cases: int
) -> tuple[bool | None, bool, str]:
    """Whether a candidate is wrong (None when it is nothing that anyone would hand in), and whether it never ends.

    The text has its parameters and its answers to the cases, with their types: two candidates with the same text are
    told the same. It is empty where a case has no answer, or changes its arguments.
    """
    wrong = endless = unfit = False
    answers = [str(inspect.signature(candidate.function))]
    for number, one in enumerate(tried):
        if wrong and number >= n_cases:
            break
        _counter.rounds = 0
        try:
            answer = candidate.counted(*one.passed)
            if number < n_cases:  # as a check reads it; an iterator can be read only once
                answer, text = (found := read(answer)).value, repr(found)
        except Endless:
            wrong = endless = True
        except NameError:  # the line that makes a variable is gone: seen at once, and trivial to name
            unfit = True
        except Exception:
            wrong = True
        else:
            wrong = wrong or not exercise.compare(one.right, answer)
            if number < n_cases:
                answers.append(text)
        if one.changed():
            wrong, answers = True, []
        if endless or unfit:
            break
    return None if unfit else wrong, endless, "\n".join(answers) if len(answers) == n_cases + 1 else ""


class _counter:
    rounds = 0

    @classmethod
    def tick(cls) -> bool:
        cls.rounds += 1
        if cls.rounds > MOST_ROUNDS:
            raise Endless
        return True


def _counting(source: str) -> str:
    """The source with each round of its loops counted."""
    return re.sub(r"^( *)(while .*|for .*):$", r"\1\2:\n\1    _tick()", source, flags=re.MULTILINE)


def _compiled(source: str, file: str) -> Callable:
    namespace = {"_tick": _counter.tick}
    exec(compile(source, file, "exec"), namespace)
    return next(value for name, value in namespace.items() if not name.startswith("_"))


load("inputs")


def main(names: list[str]) -> None:
    for exercise in map(find, names) if names else all_exercises():
        if exercise.name not in INPUTS:
            print(f"{exercise.name:32} has no inputs yet")
            continue
        result = trial(exercise)
        print(result, flush=True)
        for description in result.passed:
            print(f"    PASSED: {description}")
        if names:
            for description, judged in result.unnamed:
                shown = " | ".join(" ".join(code.split()) for _label, code in judged.example.lines)
                print(f"    not named: {description}\n        {shown}")
            for description in result.equivalent:
                print(f"    equivalent: {description}")


if __name__ == "__main__":
    main(sys.argv[1:])
