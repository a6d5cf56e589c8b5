"""No lesson and no experiment evaluates on the front of a set: sets are sorted, so their front is no sample.

What is followed: the held-out sets of a task and the course's data, by the names that a source gives them, through
lists, comprehensions, sorting and joining. What is not: sets that come out of a function of the course, which have a
test of their own, and what a function of the lesson is handed.
"""

import ast
from collections.abc import Iterator

import pytest

from course.syllabus.lessons import LESSONS, ROOT

DATA = {"presidential_messages", "korean_speeches", "english_korean_pairs", "pronunciations", "held_out_windows"}
HELD_OUT = {"tests", "validation", "new_dates", "new_combinations", "held_out"}  # attributes
TEXTS = {"text", "english", "korean", "source", "targets", "word", "sounds"}  # attributes of what such a set holds
KEPT = {"sorted", "list", "tuple", "reversed", "join", "_replace", "get", "values"}  # calls whose result is such a set
# Cuts that were there when this test was written, for each source. The list only shrinks.
KNOWN: dict[str, set[str]] = {
    "02_tokenization": {
        "messages[20].text[:20000]",
        "speeches[:20]",
        "'\\n'.join(speeches[:20])[:20000]",
        "pairs[:1000]",
        "by_decade[-1][:50000]",
    },
    "03_seq2seq": {
        "[example for example in test_words if len(example.source) <= 5][:SAMPLE]",
        "to_try[:300]",
        "[e for e in test_words if first <= len(e.source) < end][:1000]",
    },
}


def targets(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def is_split(node: ast.AST, names: set[str]) -> bool:
    """Whether an expression is a training set with the sets held out from it."""
    match node:
        case ast.Call(func=ast.Name(id="disjoint")):
            return True
        case ast.Name(id=name):
            return name in names
    return False


class Follow:
    """Which names of a source hold items of a test set or of the data."""

    def __init__(self, tree: ast.AST) -> None:
        self.names: set[str] = set()
        splits: set[str] = set()  # names of what `disjoint` gave
        size = -1
        while size < len(self.names):
            size = len(self.names)
            for node in ast.walk(tree):
                match node:
                    case ast.Assign(targets=[ast.Tuple(elts=[_, held_out])], value=value) if is_split(value, splits):
                        self.names |= targets(held_out)
                    case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_split(value, splits):
                        splits.add(name)
                    case ast.Assign(targets=names, value=value) if self.holds(value):
                        self.names |= set().union(*map(targets, names))

    def holds(self, node: ast.AST) -> bool:
        """Whether an expression is such a set, or one of its texts."""
        match node:
            case ast.Name(id=name):
                return name in self.names
            case ast.Attribute(value=value, attr=attr):
                return attr in HELD_OUT or (attr in TEXTS and self.holds(value))
            case ast.Subscript(value=value):
                return self.holds(value)
            case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in KEPT:
                return self.holds(value) or any(map(self.holds, node.args))
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
                return name in DATA or (name in KEPT and any(map(self.holds, node.args)))
            case ast.ListComp(elt=elt, generators=generators) | ast.GeneratorExp(elt=elt, generators=generators):
                own = set().union(*(targets(each.target) for each in generators if self.holds(each.iter)))
                before, self.names = self.names, self.names | own
                held, self.names = self.holds(elt), before
                return held
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                return any(map(self.holds, elts))
            case ast.Dict(values=values):
                return any(value is not None and self.holds(value) for value in values)
            case ast.BinOp(left=left, right=right):
                return self.holds(left) or self.holds(right)
            case ast.IfExp(body=body, orelse=other):
                return self.holds(body) or self.holds(other)
        return False


def front_cuts(source: str) -> Iterator[str]:
    """Each `[:n]` and `[0:n]` of such a set, as it is written; `[:-n]` and `[n:]` and `[::n]` are none.

    What is trained on may be the front: the first argument of `disjoint`.
    """
    tree = ast.parse(source)
    follow = Follow(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_split(node, set())]
    training = [node for call in calls for node in ast.walk(call.args[0])]
    for node in ast.walk(tree):
        if node in training:
            continue
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and follow.holds(node.value):
            lower, upper = node.slice.lower, node.slice.upper
            from_the_front = lower is None or (isinstance(lower, ast.Constant) and lower.value == 0)
            from_the_end = isinstance(upper, ast.UnaryOp)
            if from_the_front and upper is not None and not from_the_end:
                yield f"{node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("e = task.tests['test']\nsample = e[:1000]", ["2: e[:1000]"]),
        ("e = [x for x in task.validation if x.source][:N]", ["1: [x for x in task.validation if x.source][:N]"]),
        ("m = data.presidential_messages()\ntext = m[20].text[:20_000]", ["2: m[20].text[:20000]"]),
        ("s = [x.text for x in korean_speeches(9)]\nt = ''.join(s[:20])[:5]", ["2: ''.join(s[:20])[:5]", "2: s[:20]"]),
        ("a, b = task.validation, 3\nc = {'x': a[0:9]}", ["2: a[0:9]"]),
        ("e = task.tests['test']\nf = draw(e, 9)\ng = e[3:]\nh = e[::2]\ni = e[:-1]\nj = f[:2]", []),
        ("e = evaluate(model, task, task.tests['test'])\nwrong = [x for x in e if x.errors]\nwrong[:4]", []),
        ("m = presidential_messages()\ns = disjoint(m[:9], m[9:])\na, (b,) = s\na[:2], b[:2]", ["4: b[:2]"]),
        ("a, (b, c) = disjoint(d[:9], d[9:], e)\nf = c[:2]", ["2: c[:2]"]),
        ("n = [len(x.text) for x in task.validation]\nn[:9]", []),
        ("train_text[:9], names[:3], task.train[:4]", []),
    ],
)
def test_what_it_finds(source, found):
    assert sorted(front_cuts(source)) == found


SOURCES = [lesson.source for lesson in LESSONS if lesson.source.exists()] + sorted((ROOT / "experiments").glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_source_evaluates_on_the_front_of_a_set(path):
    known = KNOWN.get(path.stem, set())
    found = [cut for cut in front_cuts(path.read_text(encoding="utf-8")) if cut.partition(": ")[2] not in known]
    assert found == [], "draw(items, n) of course.data.splits draws a sample"
