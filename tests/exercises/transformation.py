"""Wrong answers made from the right one: what remains when it is negated, reversed, cut short, rounded, or a constant.

A transformation that does not fit an answer (the logarithm of a word) leaves it as it is.
"""

import copy
import functools
import inspect
import itertools
import math
import statistics
from collections.abc import Callable, Iterator

import torch


def transformed(solution: Callable, cases: list[tuple]) -> Iterator[tuple[str, Callable]]:
    """Each way of being wrong that changes some answer of these cases, as its description and the wrong function."""
    answer = solution(*cases[0])
    for name, change in _changes(answer):
        yield f"the answer {name}", _after(solution, change)
    if isinstance(answer, tuple):
        for i, result in enumerate(answer):
            for name, change in _changes(result):
                yield f"result {i + 1} {name}", _after(solution, functools.partial(_at, place=i, change=change))
    for constant in (answer, *_constants(answer)):
        yield f"always {_short(constant)}", _always(solution, constant)
    yield from _with_other_arguments(solution, cases)


def _after(solution: Callable, change: Callable) -> Callable:
    @functools.wraps(solution)
    def wrong(*arguments):
        answer = solution(*arguments)
        try:
            return change(answer)
        except Exception:
            return answer

    return wrong


def _always(solution: Callable, answer: object) -> Callable:
    @functools.wraps(solution)
    def wrong(*arguments):
        return copy.deepcopy(answer)

    return wrong


def _at(values: tuple, place: int, change: Callable) -> tuple:
    return (*values[:place], change(values[place]), *values[place + 1 :])


def _changes(answer: object) -> list[tuple[str, Callable]]:
    """What can be done to an answer of this type."""
    if isinstance(answer, bool):
        return [("inverted", lambda x: not x)]
    if isinstance(answer, int | float):
        numbers = _OF_NUMBERS if isinstance(answer, float) else _OF_WHOLE_NUMBERS
        return [*numbers.items(), ("in a list", lambda x: [x])]
    if isinstance(answer, torch.Tensor):
        return _of_tensors(answer)
    if isinstance(answer, dict):
        return list(_OF_DICTS.items())
    if _is_several_results(answer):
        return [*_OF_RESULTS.items(), ("twice", lambda x: x + x), ("as a string", str)]
    if isinstance(answer, list | tuple):
        kinds = {type(leaf) for leaf in _leaves(answer)}
        numbers = _OF_NUMBERS if kinds == {float} else _OF_WHOLE_NUMBERS if kinds == {int} else {}
        each = [(f"each {name}", functools.partial(_each, change=change)) for name, change in numbers.items()]
        of_numbers = list(_OF_LISTS_OF_NUMBERS.items()) if numbers else []
        of_rows = list(_OF_ROWS.items()) if answer and isinstance(answer[0], list | tuple) else []
        return [*_OF_LISTS.items(), *each, *of_numbers, *of_rows]
    return []


def _is_several_results(answer: object) -> bool:
    """A tuple of values of different kinds, or of tensors or lists: what `return a, b` gives."""
    return isinstance(answer, tuple) and (
        len(set(map(type, answer))) > 1 or any(isinstance(result, torch.Tensor | list | dict) for result in answer)
    )


def _leaves(answer: object) -> Iterator[object]:
    for item in answer:
        yield from _leaves(item) if isinstance(item, list | tuple) else [item]


_OF_NUMBERS: dict[str, Callable] = {
    "negated": lambda x: -x,
    "one more": lambda x: x + 1,
    "one less": lambda x: x - 1,
    "doubled": lambda x: x * 2,
    "halved": lambda x: x / 2,
    "inverse": lambda x: 1 / x,
    "squared": lambda x: x * x,
    "root": lambda x: math.sqrt(x),
    "logarithm": lambda x: math.log(x),
    "exponential": lambda x: math.exp(x),
    "rounded": lambda x: round(x),
    "rounded down": lambda x: math.floor(x),
    "rounded to 2 places": lambda x: round(x, 2),
    "1 % more": lambda x: x * 1.01,
    "0.1 % more": lambda x: x * 1.001,
    "positive": lambda x: abs(x),
    "at most 1": lambda x: min(max(x, 0), 1),
    "one minus": lambda x: 1 - x,
}

_OF_WHOLE_NUMBERS = {
    name: change
    for name, change in _OF_NUMBERS.items()
    if name not in ("inverse", "root", "logarithm", "exponential", "1 % more", "0.1 % more")
}

_OF_LISTS: dict[str, Callable] = {
    "reversed": lambda x: x[::-1],
    "sorted": lambda x: type(x)(sorted(x)),
    "sorted down": lambda x: type(x)(sorted(x, reverse=True)),
    "first alone": lambda x: x[0],
    "first in a list": lambda x: x[:1],
    "last alone": lambda x: x[-1],
    "without the first": lambda x: x[1:],
    "without the last": lambda x: x[:-1],
    "first twice": lambda x: x[:1] + x,
    "last twice": lambda x: x + x[-1:],
    "twice": lambda x: x + x,
    "each once": lambda x: type(x)(dict.fromkeys(x)),
    "moved by one": lambda x: x[-1:] + x[:-1],
    "joined": lambda x: "".join(x),
    "joined by spaces": lambda x: " ".join(x),
    "how many": len,
    "each alone": lambda x: type(x)([item] for item in x),
    "as a string": str,
}

_OF_LISTS_OF_NUMBERS: dict[str, Callable] = {
    "over its sum": lambda x: [item / sum(x) for item in x],
    "softmax": lambda x: torch.tensor(x).softmax(-1).tolist(),
    "total": sum,
    "mean": statistics.fmean,
}

_OF_ROWS: dict[str, Callable] = {
    "rows and columns exchanged": lambda x: type(x)(map(list, zip(*x, strict=True))),
    "each row reversed": lambda x: type(x)(row[::-1] for row in x),
    "rows in one": lambda x: list(itertools.chain.from_iterable(x)),
}

_OF_RESULTS: dict[str, Callable] = {
    "results exchanged": lambda x: x[::-1],
    "first result alone": lambda x: x[0],
    "second result alone": lambda x: x[1],
}

_OF_DICTS: dict[str, Callable] = {
    "keys reversed": lambda x: {key[::-1]: value for key, value in x.items()},
    "keys joined": lambda x: {"".join(key): value for key, value in x.items()},
    "keys sorted": lambda x: {tuple(sorted(key)): value for key, value in x.items()},
    "keys alone": lambda x: list(x),
    "values alone": lambda x: list(x.values()),
    "pairs": lambda x: list(x.items()),
    "without the first": lambda x: dict(list(x.items())[1:]),
    "without the last": lambda x: dict(list(x.items())[:-1]),
    "the largest": lambda x: max(x, key=x.get),
    "exchanged": lambda x: {value: key for key, value in x.items()},
    "how many": len,
    "total": lambda x: sum(x.values()),
    "each value 1": lambda x: dict.fromkeys(x, 1),
    "each value 0": lambda x: dict.fromkeys(x, 0),
    **{
        f"each value {name}": lambda x, change=change: {key: change(value) for key, value in x.items()}
        for name, change in _OF_WHOLE_NUMBERS.items()
    },
}


def _of_tensors(answer: torch.Tensor) -> list[tuple[str, Callable]]:
    if answer.dtype == torch.bool:
        elementwise = {"inverted": lambda x: ~x, "as 0 and −∞": lambda x: x.float().log()}
    else:
        elementwise = {
            "negated": lambda x: -x,
            "one more": lambda x: x + 1,
            "one less": lambda x: x - 1,
            "doubled": lambda x: x * 2,
            "halved": lambda x: x / 2,
            "inverse": lambda x: 1 / x,
            "squared": lambda x: x * x,
            "root": lambda x: x**0.5,
            "logarithm": lambda x: x.log(),
            "exponential": lambda x: x.exp(),
            "tanh": lambda x: x.tanh(),
            "sigmoid": lambda x: x.sigmoid(),
            "rounded": lambda x: x.round(),
            "rounded to 2 places": lambda x: (x * 100).round() / 100,
            "1 % more": lambda x: x * 1.01,
            "0.1 % more": lambda x: x * 1.001,
            "positive": lambda x: x.abs(),
            "at most 1": lambda x: x.clamp(0, 1),
            "at least 0": lambda x: x.relu(),
            "all 0": torch.zeros_like,
            "all 1": torch.ones_like,
        }
    shapes: dict[str, Callable] = {"one dimension more": lambda x: x[None], "flat": lambda x: x.flatten()}
    for dim in range(-answer.dim(), 0):
        place = f" along {dim}"
        shapes |= {
            f"reversed{place}": lambda x, dim=dim: x.flip(dim),
            f"moved by one{place}": lambda x, dim=dim: x.roll(1, dim),
            f"without the first{place}": lambda x, dim=dim: x.narrow(dim, 1, x.shape[dim] - 1),
            f"without the last{place}": lambda x, dim=dim: x.narrow(dim, 0, x.shape[dim] - 1),
            f"first{place}": lambda x, dim=dim: x.select(dim, 0),
            f"last{place}": lambda x, dim=dim: x.select(dim, -1),
        }
        if answer.dtype != torch.bool:
            shapes |= {
                f"sum{place}": lambda x, dim=dim: x.sum(dim),
                f"mean{place}": lambda x, dim=dim: x.mean(dim),
                f"softmax{place}": lambda x, dim=dim: x.softmax(dim),
                f"over its sum{place}": lambda x, dim=dim: x / x.sum(dim, keepdim=True),
                f"sorted{place}": lambda x, dim=dim: x.sort(dim).values,
                f"running sum{place}": lambda x, dim=dim: x.cumsum(dim),
            }
    for a, b in itertools.combinations(range(-answer.dim(), 0), 2):
        shapes[f"{a} and {b} exchanged"] = lambda x, a=a, b=b: x.transpose(a, b)
        shapes[f"read along {b} before {a}"] = lambda x, a=a, b=b: x.transpose(a, b).reshape(x.shape)
    return [*elementwise.items(), *shapes.items()]


def _each(answer: list, change: Callable) -> list:
    """The change to every number of nested lists."""
    return [_each(item, change) if isinstance(item, list | tuple) else change(item) for item in answer]


def _constants(answer: object) -> list:
    """The plainest answers of this type: 0 and 1, nothing at all, true and false."""
    kind = type(answer)
    if kind is bool:
        return [True, False]
    if kind in (int, float):
        return [kind(0), kind(1)]
    return [kind()] if kind in (list, dict, tuple) else []


def _with_other_arguments(solution: Callable, cases: list[tuple]) -> Iterator[tuple[str, Callable]]:
    """The solution with two arguments exchanged, or with one of them reversed, sorted, cut short or ignored."""
    names = list(inspect.signature(solution).parameters)
    for i, j in itertools.combinations(range(len(names)), 2):
        if all(type(case[i]) is type(case[j]) for case in cases):
            yield f"{names[i]} and {names[j]} exchanged", _before(solution, functools.partial(_exchanged, i=i, j=j))
    for i, name in enumerate(names):
        changes = {**_OF_ARGUMENTS, "always that of the first call": functools.partial(_ignored, first=cases[0][i])}
        for description, change in changes.items():
            yield f"{name} {description}", _before(solution, functools.partial(_at, place=i, change=change))


def _of_sequences(change: Callable) -> Callable:
    return lambda x: change(x) if isinstance(x, torch.Tensor | list | tuple | str) else x


def _sorted(x: torch.Tensor | list | tuple | str) -> torch.Tensor | list | tuple | str:
    if isinstance(x, torch.Tensor):
        return x.sort(0).values
    return "".join(sorted(x)) if isinstance(x, str) else type(x)(sorted(x))


_OF_ARGUMENTS: dict[str, Callable] = {
    "reversed": _of_sequences(lambda x: x.flip(0) if isinstance(x, torch.Tensor) else x[::-1]),
    "sorted": _of_sequences(_sorted),
    "without its first": _of_sequences(lambda x: x[1:]),
    "without its last": _of_sequences(lambda x: x[:-1]),
    "negated": lambda x: -x,
    "one more": lambda x: x + 1,
    "one less": lambda x: x - 1,
}


def _before(solution: Callable, change: Callable) -> Callable:
    @functools.wraps(solution)
    def wrong(*arguments):
        try:
            return solution(*change(arguments))
        except Exception:
            return solution(*arguments)

    return wrong


def _exchanged(arguments: tuple, i: int, j: int) -> tuple:
    exchanged = list(arguments)
    exchanged[i], exchanged[j] = exchanged[j], exchanged[i]
    return tuple(exchanged)


def _ignored(argument: object, first: object) -> object:
    return copy.deepcopy(first)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 30 else f"{text[:30]}…"
