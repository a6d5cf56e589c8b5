"""What `check` says of wrong answers that the exercise itself does not know: relations, arguments, corners."""

import ast
import dataclasses
import itertools
import math

import pytest
import torch

from course.exercises import Corner
from course.exercises.checking import judge
from course.exercises.compare import close
from course.exercises.exercise import Exercise
from course.exercises.registry import find


def exercise(solution, cases, **more):
    texts = {"title": "Title", "hints": ("one", "two"), "explanation": "because"}
    name = f"start_here.{solution.__name__}"
    return Exercise(name=name, solution=solution, cases=lambda: cases, mistakes=(), **texts, **more)


def scaled(values, factor):
    return [value * factor for value in values]


def table(rows):
    return [[value + 1.0 for value in row] for row in rows]


def flags(numbers):
    return [number > 2 for number in numbers]


def counts(text):
    return {(a, b): text.count(a + b) for a, b in itertools.pairwise(text)}


def pieces(text):
    return text.split()


def both(numbers):
    return sum(numbers), [number / 2 for number in numbers]


NUMBERS = exercise(scaled, [([1.5, 4.0, 0.25], 2.0), ([3.0, 1.0], 0.5), ([0.5, 2.5, 7.0, 6.0], 3.0)], compare=close)
ROWS = [
    [[1.0, 2.0, 5.0], [4.0, 3.0, 9.0]],
    [[2.0, 7.0], [1.0, 0.5], [8.0, 3.0]],
    [[5.0, 1.0, 2.0, 4.0], [0.0, 7.0, 3.0, 9.0]],
]
TABLE = exercise(table, [(rows,) for rows in ROWS], compare=close)
FLAGS = exercise(flags, [([1, 5, 3],), ([2, 7],), ([9, 1, 1, 4],)])
COUNTS = exercise(counts, [("banana",), ("abcab",), ("hugs",)])
PIECES = exercise(pieces, [("the pug hugs",), ("a bun or a pun",), ("Good fun",)])


def bounds_and_mean(numbers):
    return min(numbers), max(numbers), sum(numbers) / len(numbers)


def thirds(number):
    return number / 3


EXACT = exercise(thirds, [(4.0,), (0.0,), (100.0,), (7.0,)])
THREE = exercise(bounds_and_mean, [([1, 2, 6],), ([4, 3],), ([7, 9, 8, 1],)], results=("low", "high", "mean"))
BOTH = exercise(both, [([1, 2, 5],), ([4, 3],), ([7],)], results=("total", "halves"))


def of(change):
    """A function that changes the right answer like this."""
    return lambda right: change(right)


CHANGED = [
    (NUMBERS, lambda right: [-x for x in right], "wrong **sign**"),
    (NUMBERS, lambda right: [1 / x for x in right], "**upside down**"),
    (NUMBERS, lambda right: [x + 1 for x in right], "**one too many**"),
    (NUMBERS, lambda right: [x - 1 for x in right], "**one too few**"),
    (NUMBERS, lambda right: [x * x for x in right], "**squares**"),
    (NUMBERS, lambda right: [math.sqrt(x) for x in right], "**square roots**"),
    (NUMBERS, lambda right: [math.log(x) for x in right], "**logarithms**"),
    (NUMBERS, lambda right: [math.exp(x) for x in right], "**to the power**"),
    (NUMBERS, lambda right: [int(x / 4) * 4 + 3.7 for x in right], None),
    (NUMBERS, lambda right: [2 * x for x in right], "**twice**"),
    (NUMBERS, lambda right: [x / math.log(2) for x in right], "in **bits**"),
    (NUMBERS, lambda right: [x * 7 for x in right], "times **7**"),
    (NUMBERS, lambda right: [x - 2.5 for x in right], "plus **-2.5**"),
    (NUMBERS, lambda right: [x * 1.01 for x in right], "times **1.01**"),
    (NUMBERS, lambda right: [x * (1.01 if i else 0.99) for i, x in enumerate(right)], "**nearly** right"),
    (NUMBERS, lambda right: [x / sum(right) for x in right], "by their **sum**"),
    (NUMBERS, lambda right: [x / math.hypot(*right) for x in right], "**length** as a vector"),
    (NUMBERS, lambda right: torch.tensor(right).softmax(0), "a **softmax** too much"),
    (NUMBERS, lambda right: right[::-1], "**reverse** order"),
    (NUMBERS, lambda right: right[1:], "The **first** item is missing"),
    (NUMBERS, lambda right: right[:-1], "The **last** item is missing"),
    (NUMBERS, lambda right: [*right, 0.0], "at its end"),
    (NUMBERS, lambda right: [0.0, *right], "at its beginning"),
    (NUMBERS, lambda right: right[0], "only the **first** item"),
    (NUMBERS, lambda right: right[-1:], "only the **last** item"),
    (NUMBERS, lambda right: sum(right), "the **sum**"),
    (NUMBERS, lambda right: max(right), "the **largest**"),
    (NUMBERS, lambda right: len(right), "**how many**"),
    (NUMBERS, lambda right: [right], "**one list too many**"),
    (NUMBERS, lambda right: [[x] for x in right], "their **shape** is not"),
    (NUMBERS, lambda right: [right, right, right], "**several times**"),
    (NUMBERS, lambda right: [math.nan, *right[1:]], "`nan`"),
    (NUMBERS, lambda right: [x + 7 if len(right) == 2 else math.nan for x in right], "`nan`"),
    (NUMBERS, lambda right: [math.inf, *right[1:]], "`inf`"),
    (NUMBERS, lambda right: [0 * x for x in right], "all **0**"),
    (NUMBERS, lambda right: str(right), "a **text**"),
    (NUMBERS, lambda right: [str(x) for x in right], "a **text**"),
    (TABLE, lambda right: [list(column) for column in zip(*right, strict=True)], "**transposed**"),
    (TABLE, lambda right: [row[::-1] for row in right], "In each row: Your answer is in **reverse**"),
    (TABLE, lambda right: [x for row in right for x in row], "**rows are joined**"),
    (TABLE, lambda right: [sum(row) for row in right], "In each row: You return the **sum**"),
    (TABLE, lambda right: [sum(column) for column in zip(*right, strict=True)], "over the **columns**"),
    (TABLE, lambda right: [[x / sum(row) for x in row] for row in right], "In each row: You divide"),
    (TABLE, lambda right: [[x * (i + 2) for x in row] for i, row in enumerate(right)], "**one factor**"),
    (TABLE, lambda right: [[0, *row[1:]] for row in right], "**first column**"),
    (FLAGS, lambda right: [not x for x in right], "**exchanged**"),
    (FLAGS, lambda right: [0.0 if x else -math.inf for x in right], "mask that is **added**"),
    (COUNTS, lambda right: {"".join(key): x for key, x in right.items()}, "**joined texts**"),
    (COUNTS, lambda right: {key[::-1]: x for key, x in right.items()}, "**reverse** order"),
    (COUNTS, lambda right: {**right, ("x", "x"): 0}, "whose value is **0**"),
    (COUNTS, lambda right: list(right.items()), "a list of pairs"),
    (COUNTS, lambda right: list(right), "the **keys** alone"),
    (PIECES, lambda right: "".join(right), "**joined** into one"),
    (PIECES, lambda right: ["", *right], "**empty** items"),
    (PIECES, lambda right: [x.upper() for x in right], "**capital letters**"),
    (PIECES, lambda right: [x.encode() for x in right], "**bytes**"),
    (PIECES, lambda right: right[::2], "items are **missing**"),
    (EXACT, lambda right: round(right, 4), "are **rounded**"),
    (EXACT, lambda right: right + 1e-5 * right, "**nearly** right"),
    (THREE, lambda right: (right[0] - 3.5, right[1] * 7.1, right[2]), "`mean` is right. Look"),
    (THREE, lambda right: (right[1], right[0], right[2]), "**exchanged**"),
    (BOTH, lambda right: right[::-1], "the **other order**"),
    (BOTH, lambda right: right[1], "only one of 2 results, `halves`"),
    (BOTH, lambda right: (right[0] + 1, right[1]), "only `total` is wrong. Each of your numbers is **one too many**"),
    (BOTH, lambda right: (right[0], [x * x + 0.1 for x in right[1]]), "only `halves` is wrong."),
]


@pytest.mark.parametrize(("of", "change", "words"), CHANGED, ids=[str(words) for _of, _change, words in CHANGED])
def test_a_relation_to_the_right_answer_is_named(of, change, words):
    result = judge(of, lambda *arguments: change(of.solution(*arguments)))
    if words is None:
        assert result.source == ""
    else:
        assert words in result.message
        assert result.source == "relation"


def test_a_relation_that_the_right_answers_contradict_is_not_named():
    """Right for most inputs, and the other sign for two: the sign is not the mistake."""
    cases = [([1.0, 2.0 + number], 1.5) for number in range(8)]
    many = dataclasses.replace(NUMBERS, cases=lambda: cases)
    result = judge(many, lambda values, factor: scaled(values, -factor if values[1] < 4 else factor))
    assert "wrong **sign**" not in result.message
    assert "wrong for some" in result.message


@pytest.mark.parametrize(
    ("name", "function", "words"),
    [
        ("transformer.smoothed_target", lambda s: lambda r, v, x: s(r - 1, v, x), "a `right` that is **one smaller**"),
        ("transformer.warmup_rate", lambda s: lambda a, b, c: s(a, 1, c), "a `d_model` of **1**: do you use it?"),
        (
            "transformer.warmup_rate",
            lambda s: lambda a, b, c: s(a, b, c) / b**0.5,
            "the **root** of `d_model`",
        ),
        ("attention.attend", lambda s: lambda q, k, v, c: s(q, k, k, c), "`keys` where `values` belongs"),
        (
            "attention.additive_scores",
            lambda s: lambda q, k, a, b, v: s(q, k, b, a, v),
            "`query_weight` for",
        ),
        ("attention.dot_scores", lambda s: lambda q, k: s(q, k) / len(q), "**divided by** `len(query)`"),
        ("tokenization.count_pairs", lambda s: lambda words: words, "its argument `words` as it is"),
    ],
)
def test_a_wrong_use_of_an_argument_is_named(name, function, words):
    exercise = dataclasses.replace(find(name), mistakes=(), corners=())  # or these would be named first
    result = judge(exercise, function(exercise.solution))
    assert words in result.message
    assert result.source == "relation"


def test_the_sum_of_an_empty_list_of_texts_measures_nothing():
    """Wrong for empty lists alone: the right numbers times `sum([])`, if one takes that for a number."""
    distance = dataclasses.replace(find("seq2seq.edit_distance"), mistakes=(), corners=())
    result = judge(distance, lambda written, right: min(distance.solution(written, right), len(written)))
    assert not result.passed and "sum(" not in result.message


def test_a_tensor_that_is_added_is_told_by_its_name():
    """`sum(x)` of a batch of one is this one: it would be told as something that nobody has written."""

    def squared(x):
        return x * x

    batches = [(torch.arange(6.0).view(1, 2, 3),), (torch.arange(4.0).view(1, 2, 2) - 7.5,)]
    result = judge(exercise(squared, batches, compare=close), lambda x: x * x + x)
    assert "plus** `x`" in result.message


def test_a_function_that_always_answers_the_same_is_told():
    assert judge(FLAGS, lambda numbers: [True]).message == "Your function returns `[True]` whatever the input is."


def test_the_inputs_that_alone_go_wrong_are_named():
    corner = Corner(lambda values, factor: not values, "Only inputs without values go wrong: what is their sum?")
    cases = [([1.0], 2.0), ([3.0, 1.0], 0.5), ([], 2.0), ([2.0, 5.0], 3.0), ([], 1.0)]
    cornered = dataclasses.replace(NUMBERS, cases=lambda: cases, corners=(corner,))
    result = judge(cornered, lambda values, factor: scaled(values, factor) or [0.0])
    assert result.message == corner.message and result.source == "corner"
    assert result.example.arguments == ([], 2.0)
    stops = judge(cornered, lambda values, factor: scaled(values, factor * values[0] / values[0]))
    assert "IndexError" in stops.message and stops.message.endswith(corner.message)
    elsewhere = judge(cornered, lambda values, factor: scaled(values, factor + 0.1 * len(values) ** 2))
    assert elsewhere.source != "corner"


def test_parameters_in_another_order_are_told_when_the_answers_are_wrong():
    attention = find("attention.dot_scores")
    result = judge(attention, lambda keys, query: keys @ query)
    assert "in the order `(query, keys)`, and your function takes them as `(keys, query)`" in result.message
    assert judge(attention, lambda keys, query: (query * keys).sum(dim=1)).passed


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda right: right[:, None], "Shape: (2, 1), wanted (2,)"),
        (lambda right: right.sum(), "Shape: one number, wanted (2,)"),
        (lambda right: torch.cat((right, right, right, right)), "Shape: (8,), wanted (2,)"),
    ],
)
def test_a_wrong_shape_is_told(change, line):
    attention = find("attention.dot_scores")
    card = repr(judge(attention, lambda query, keys: change(attention.solution(query, keys))))
    assert line in card
    assert "of type `Tensor`" not in card


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_told(dtype):
    attention = find("attention.dot_scores")
    result = judge(attention, lambda query, keys: attention.solution(query.to(dtype), keys.to(dtype)))
    assert result.source == "precision"
    assert f"`{str(dtype).removeprefix('torch.')}`" in result.message


def test_float32_is_precise_enough_for_a_number():
    entropy = find("transformer.softmax_entropy")
    assert judge(entropy, lambda scores: torch.distributions.Categorical(logits=torch.tensor(scores)).entropy()).passed
    assert not judge(entropy, lambda scores: entropy.solution(scores) + 5e-5).passed


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("return {}['x']", "`.get(key, default)`"),
        ("return [][0]", "index n − 1"),
        ("return 1 / 0", "divide by is 0"),
        ("return {[]: 1}", "Make it a tuple"),
        ("return None + 1", "`None`"),
        ("return not_there", "not known here"),
        ("import math; return math.exp(1e4)", "too large for a float"),
        ("import math; return math.log(0)", "do not exist"),
        ("import torch; return torch.ones(2, 3) @ torch.ones(2, 3)", "`.shape` of both"),
        ("raise SystemExit", "with `return`"),
        ("rows = [[1]]; return rows[0, 0]", "`rows[i][j]`"),
        ("row = [1]; return row['a']", "no keys"),
        ("row = [1]; return row[2 / 2]", "`//` a whole number"),
        ("return len(5)", "one value"),
        ("first, second = 5", "one value"),
        ("import torch; return torch.ones(3)[1.5]", "An index is a whole number"),
        ("import torch; return torch.ones(3).sofmax(0)", "look at the spelling"),
        ("import torch; return torch.outer(torch.ones(1, 2), torch.ones(2))", "`.shape` of both"),
        ("return [counts.pop(k) for counts in [{1: 1, 2: 2}] for k in counts]", "go over a copy"),
        ("import torch; return torch.ones(3)[3]", "index n − 1"),
        ("import numpy; return numpy.ones(3)[3]", "index n − 1"),
        ("import torch; return torch.ones(3)[1, 2]", "fewer dimensions than indices"),
        ("import torch; return torch.ones(3)[0][0]", "fewer dimensions than indices"),
        ("import torch; return torch.ones(3).softmax(1)", "no such dimension"),
        ("import numpy; return numpy.ones(3).sum(axis=1)", "no such dimension"),
        ("import torch; return torch.cat([])", "list is empty"),
        ("import torch; return torch.ones(2, 3).T.view(6)", "`reshape` does not"),
        ("import torch; return 1 if torch.ones(2) else 0", "`.any()` or `.all()`"),
        ("import math, torch; return math.exp(torch.ones(2))", "yours are many"),
        ("import math, numpy; return math.exp(numpy.ones(2))", "yours are many"),
        ("import torch; return torch.ones(2).item()", "yours are many"),
        ("import torch; return torch.tensor([1, 2]).softmax(0)", "`.float()`"),
        ("import torch; return torch.tensor([1, 2]).mean()", "`.float()`"),
        ("import torch; return torch.ones(2).masked_fill(torch.ones(2), 0)", "`.bool()`"),
        ("import torch; return torch.dot(torch.ones(2), torch.ones(1, 2))", "`.shape` of both"),
        ("import numpy; return numpy.ones(2) + numpy.ones(3)", "`.shape` of both"),
        ("import torch; return torch.exp(1.0)", "there is `math`"),
    ],
)
def test_an_error_comes_with_its_line_and_its_usual_cause(source, words):
    namespace = {}
    exec(compile(f"def pieces(text):\n    {source}", "<cell>", "exec"), namespace)
    result = judge(PIECES, namespace["pieces"])
    assert words in result.message
    assert "in line 2 of your cell" in result.message
    assert result.source == "error"


def test_a_very_long_line_with_an_error_is_cut(tmp_path):
    cell = tmp_path / "cell.py"
    cell.write_text("def pieces(text):\n    return [" + "1, " * 1000 + "missing]\n")
    namespace = {}
    exec(compile(cell.read_text(), cell, "exec"), namespace)
    result = judge(PIECES, namespace["pieces"])
    assert "`return [1, 1, " in result.message and len(result.message) < 700


def test_the_first_difference_is_told_and_seen_in_a_long_answer():
    long = exercise(pieces, [(" ".join(map(str, range(number, number + 900))),) for number in (0, 5, 9)])

    def changes_one(text):
        found = pieces(text)
        found[700] = "wrong"
        return found

    result = judge(long, changes_one)
    assert "differs at `[700]`" in result.message
    yours, right = (code for label, code in result.example.lines if label in ("Yours", "Right"))
    assert "'wrong'" in yours and "'700'" in right
    assert max(len(yours), len(right)) < 500


def test_arguments_are_shown_with_their_names_one_a_line():
    call = judge(NUMBERS, lambda values, factor: "x").example.call
    assert call == "scaled(\n    values=[1.5, 4.0, 0.25],\n    factor=2.0,\n)"
    assert ast.parse(call)
