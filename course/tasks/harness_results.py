"""Accuracies from the records of the harness experiment, with any normalization, and the published ones beside them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from jaxtyping import Float

from course import trained
from course.intervals import Interval, mean_difference, mean_over_items, share
from course.messages import _

EXPERIMENT = "harness"
WITHOUT_QUESTION, WRITTEN = "without question", "written"
Norm = Literal["sum", "character", "byte", "token", "mutual information"]
Baseline = Literal["longest", "shortest", "overlap"]


class Published(NamedTuple):
    """A score that others published, in percent, with the protocol it was made by; `read` says where it was read."""

    task: str
    model: str
    percent: float
    chat_template: bool
    read: str


_CARD = (
    "model card of SmolLM2-135M-Instruct, section Evaluation; tasks and commands: huggingface/smollm, text/evaluation"
)
# Zero-shot, by lighteval, log-probability of the answer's text divided by its characters without the leading space.
PUBLISHED = (
    Published("piqa", "SmolLM2-135M-Instruct", 66.3, True, _CARD),
    Published("piqa", "SmolLM2-135M", 68.4, False, _CARD),
    Published("openbookqa", "SmolLM2-135M", 34.6, False, _CARD),
    Published("commonsenseqa", "SmolLM2-135M", 33.9, False, _CARD),
)


class Cell(NamedTuple):
    """Of each item of a task in a form: the answers' log-probabilities in nats, their sizes, the right one's place."""

    scores: list[np.ndarray]
    tokens: list[np.ndarray]
    characters: list[np.ndarray]
    bytes: list[np.ndarray]
    right: np.ndarray


def forms(task: str, *, base: bool = False) -> dict[str, int]:
    """The forms that a record has, and for how many items each."""
    return {form: cell["items"] for form, cell in _record(task, base)["cells"].items()}


def cell(task: str, form: str = "published", *, base: bool = False) -> Cell:
    """What the record has of a form. Raises `ValueError` for a task or a form that is not there."""
    record = _record(task, base)
    found = _named(record["cells"], form)
    n = found["items"]
    counts = np.array(trained.numbers(record["answers"]), dtype=int)
    lines = (found["scores"], found["tokens"], record["characters"], record["bytes"])
    scores, tokens, characters, in_bytes = (_parts(line, counts, n) for line in lines)
    return Cell(scores, tokens, characters, in_bytes, _right(task)[:n])


def decided(task: str, form: str = "published", norm: Norm = "sum", *, base: bool = False) -> list[np.ndarray]:
    """The number for each answer by which a form decides: the answer with the largest is taken.

    "sum" is the log-probability, `acc` of the harnesses; "character", "byte" and "token" divide it by the answer's
    size, "character" being `acc_norm`; "mutual information" subtracts the log-probability without the question, for
    the items that have it. Raises `ValueError` for another one, and as `cell` does.

    Sources: `process_results` of EleutherAI/lm-evaluation-harness (lm_eval/api/task.py), where `acc_mutual_info`
    subtracts the log-probability after nothing; Holtzman et al. 2021, "Surface Form Competition", for what
    stands before the answer there.
    """
    if norm not in get_args(Norm):
        raise ValueError(_("norm is {norm!r}; give one of {known}.").format(norm=norm, known=", ".join(get_args(Norm))))
    found = cell(task, form, base=base)
    if norm == "sum":
        return found.scores
    if norm == "mutual information":
        without = cell(task, WITHOUT_QUESTION, base=base).scores
        return [with_it - alone for with_it, alone in zip(found.scores, without, strict=False)]
    sizes = {"character": found.characters, "byte": found.bytes, "token": found.tokens}[norm]
    return [scores / size for scores, size in zip(found.scores, sizes, strict=True)]


def right(task: str, form: str = "published", norm: Norm = "sum", *, base: bool = False) -> Float[np.ndarray, "item"]:
    """1 for each item whose right answer is taken, else 0. Of equal answers the first counts, as `argmax` has it."""
    if form == WRITTEN:
        if base:
            raise ValueError(
                _("The base model wrote no answers: give base=False for the form {form!r}.").format(form=form)
            )
        return (written(task) == _right(task)[: len(written(task))]).astype(float)
    taken = np.array([scores.argmax() for scores in decided(task, form, norm, base=base)])
    return (taken == _right(task)[: len(taken)]).astype(float)


def written(task: str) -> np.ndarray:
    """The place of the answer that was read in the model's own words, -1 where none was, [item]."""
    return np.array(trained.numbers(_named(_record(task, False)["cells"], WRITTEN)["places"]), dtype=int)


def accuracy(task: str, form: str = "published", norm: Norm = "sum", *, base: bool = False) -> Interval:
    """The share of items answered right, with Wilson's interval."""
    found = right(task, form, norm, base=base)
    return share(int(found.sum()), len(found), of=_("questions"))


def accuracy_difference(task: str, a: tuple[str, Norm], b: tuple[str, Norm], *, base: bool = False) -> Interval:
    """The accuracy of form and norm `a` minus that of `b`, on the items that both have, paired."""
    of_a, of_b = (right(task, *each, base=base) for each in (a, b))
    n = min(len(of_a), len(of_b))
    return mean_difference(of_a[:n], of_b[:n], "points", of=_("questions"))


def baseline(task: str, name: Baseline) -> Interval:
    """The share right of a rule without a model. Equal answers share the item: two of which one is right give ½.

    "longest" and "shortest" count characters; "overlap" takes the answer with the most words of the question.
    """
    return mean_over_items(_right_by_rule(task, name), "%", of=_("questions"))


def more_than_baseline(task: str, name: Baseline, form: str = "published", norm: Norm = "character") -> Interval:
    """The accuracy of the model minus that of a rule without a model, on the items that the form has, paired."""
    of_model = right(task, form, norm)
    return mean_difference(of_model, _right_by_rule(task, name)[: len(of_model)], "points", of=_("questions"))


def _right_by_rule(task: str, name: Baseline) -> list[float]:
    if name not in get_args(Baseline):
        raise ValueError(
            _("name is {name!r}; give one of {known}.").format(name=name, known=", ".join(get_args(Baseline)))
        )
    record = _record(task, False)
    counts = np.array(trained.numbers(record["answers"]), dtype=int)
    sign = -1 if name == "shortest" else 1
    values = _parts(record["overlap" if name == "overlap" else "characters"], counts, len(counts))
    best = (sign * value == (sign * value).max() for value in values)
    return [float(each[place] / each.sum()) for each, place in zip(best, _right(task), strict=True)]


def chance(task: str) -> float:
    """The expected share right of an answer drawn at random: items may have different numbers of answers."""
    return float(np.mean([1 / count for count in trained.numbers(_record(task, False)["answers"])]))


def reproduction() -> list[dict[str, object]]:
    """A row for each published score: ours by its form and norm, and whether the published one is in the interval."""
    rows: list[dict[str, object]] = []
    for one in PUBLISHED:
        ours = accuracy(one.task, "chat" if one.chat_template else "published", "character")
        rows.append(
            {
                _("task"): one.task,
                _("published for"): one.model,
                _("published, %"): one.percent,
                _("chat template"): one.chat_template,
                _("SmolLM2-135M-Instruct in 4 bits"): ours,
                _("in the interval"): ours.low <= one.percent / 100 <= ours.high,
            }
        )
    return rows


def _record(task: str, base: bool) -> dict[str, Any]:
    return trained.record_of(EXPERIMENT, f"{task}-base" if base else task)


def _right(task: str) -> np.ndarray:
    return np.array(trained.numbers(_record(task, False)["right"]), dtype=int)


def _named(cells: Mapping[str, Any], form: str) -> Any:
    if form not in cells:
        raise ValueError(
            _("The record has no form {form!r}. It has: {known}.").format(form=form, known=", ".join(cells))
        )
    return cells[form]


def _parts(line: str, counts: Sequence[int] | np.ndarray, n: int) -> list[np.ndarray]:
    """The numbers of a line, an array for each of the first `n` items."""
    numbers = np.array(trained.numbers(line))[: int(np.sum(counts[:n]))]
    return np.split(numbers, np.cumsum(counts[:n])[:-1])
