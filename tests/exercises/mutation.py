"""Wrong answers made from a right one: each differs from the solution's code in one place.

What a place can become is what people write there by mistake: another comparison, a bound one further, the other axis,
two arguments exchanged, a statement forgotten. A mutant may still be right (`>=` for `>` where no two are equal);
`tests/exercises/trial.py` tells those apart by trying them.
"""

import ast
import copy
import difflib
import itertools
import textwrap
from collections.abc import Iterator

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv, ast.Sub),
    ast.FloorDiv: (ast.Div, ast.Mult, ast.Mod),
    ast.Mod: (ast.FloorDiv, ast.Mult),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult, ast.Add),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
COMMUTATIVE = (ast.Mult, ast.BitAnd, ast.BitOr)
# Functions and methods that are taken for each other, in both directions.
EXCHANGED = [
    ("min", "max"),
    ("any", "all"),
    ("append", "extend"),
    ("argmin", "argmax"),
    ("amin", "amax"),
    ("sum", "mean"),
    ("sum", "prod"),
    ("sin", "cos"),
    ("sigmoid", "tanh"),
    ("softmax", "log_softmax"),
    ("softmax", "sigmoid"),
    ("log", "exp"),
    ("zeros", "ones"),
    ("tril", "triu"),
    ("cat", "stack"),
    ("floor", "ceil"),
    ("startswith", "endswith"),
    ("lstrip", "rstrip"),
    ("std", "var"),
    ("keys", "values"),
    ("transpose", "reshape"),
    ("repeat", "repeat_interleave"),
]
OTHER_NAMES = {
    name: [b if name == a else a for a, b in EXCHANGED if name in (a, b)]
    for name in dict.fromkeys(itertools.chain(*EXCHANGED))
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Each change of one place in the body of a function, as its description and the changed source; no two alike."""
    tree = ast.parse(textwrap.dedent(source))
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    function.body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    original = ast.unparse(function)
    seen = {original}
    for changed in itertools.chain(_mutants(function), _early_returns(function)):
        if changed not in seen:
            seen.add(changed)
            yield _difference(original, changed), changed


def _mutants(function: ast.FunctionDef) -> Iterator[str]:
    for holder, field, index in list(_places(function)):
        siblings = getattr(holder, field)
        node = siblings if index is None else siblings[index]
        for replacement in (*_statements(node), *_expressions(node)):
            _put(holder, field, index, replacement)
            yield ast.unparse(ast.fix_missing_locations(function))
            _put(holder, field, index, node)


def _difference(original: str, changed: str) -> str:
    """The lines that changed, as `before → after`."""
    lines = list(difflib.ndiff(original.splitlines(), changed.splitlines()))
    before, after = (" / ".join(line[2:].strip() for line in lines if line[0] == sign) for sign in "-+")
    return f"{before} → {after}"


def _places(holder: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where each node below a node is: in which field of what, and at which index of a list."""
    for field, value in ast.iter_fields(holder):
        if field in ("args", "annotation", "returns", "decorator_list") and isinstance(
            holder, ast.FunctionDef | ast.AnnAssign | ast.Lambda
        ):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(node, ast.AST):
                yield holder, field, index
                yield from _places(node)


def _put(holder: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[index] = node


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return
        case ast.AugAssign():
            yield ast.Assign([node.target], node.value)
            for operator in OPERATORS.get(type(node.op), ()):
                yield _with(node, op=operator())
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.Return(value=ast.Tuple(elts=values)) if len(values) > 1:
            yield ast.Return(ast.Tuple(values[::-1], ast.Load()))
            yield from map(ast.Return, values)
        case ast.If():
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
            yield _with(node, test=ast.Constant(True))
            yield _with(node, test=ast.Constant(False))
        case ast.While():
            yield ast.If(node.test, node.body, node.orelse)
        case ast.For():
            yield from (_with(node, iter=other) for other in _other_orders(node.iter))
    if isinstance(node, ast.stmt):
        yield ast.Pass()


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant():
            yield from map(ast.Constant, _other_constants(node.value))
        case ast.Compare():
            yield from _other_comparisons(node)
        case ast.BoolOp():
            yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            for left_out in range(len(node.values)):
                rest = [value for i, value in enumerate(node.values) if i != left_out]
                yield _with(node, values=rest) if len(rest) > 1 else rest[0]
        case ast.UnaryOp():
            yield node.operand
        case ast.BinOp():
            for operator in OPERATORS.get(type(node.op), ()):
                yield _with(node, op=operator())
            if not isinstance(node.op, COMMUTATIVE):
                yield _with(node, left=node.right, right=node.left)
            yield node.left
            yield node.right
            if isinstance(node.op, ast.MatMult):
                yield _with(node, left=ast.Attribute(node.left, "T", ast.Load()))
                yield _with(node, right=ast.Attribute(node.right, "T", ast.Load()))
        case ast.IfExp():
            yield _with(node, body=node.orelse, orelse=node.body)
            yield node.body
            yield node.orelse
        case ast.Attribute(attr="T" | "mT"):
            yield node.value
        case ast.Call():
            yield from _other_calls(node)
        case ast.Slice():
            yield from _other_slices(node)
        case ast.Subscript(slice=ast.Name() | ast.BinOp() | ast.Attribute(), ctx=ast.Load()):
            yield _with(node, slice=_plus(node.slice, 1))
            yield _with(node, slice=_plus(node.slice, -1))
        case ast.comprehension():
            yield from (_with(node, iter=other) for other in _other_orders(node.iter))
            for condition in range(len(node.ifs)):
                yield _with(node, ifs=[test for i, test in enumerate(node.ifs) if i != condition])
        case ast.Starred():
            yield node.value
        case ast.keyword(arg="key", value=ast.Lambda() as function):
            yield _with(node, value=_with(function, body=ast.UnaryOp(ast.USub(), function.body)))


def _other_constants(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [other for other in (value + 1, value - 1, 0) if other != value]
    if isinstance(value, str):
        others = dict.fromkeys((value.swapcase(), value[1:], value[:-1], "" if value else " "))
        return [other for other in others if other != value]
    return []


def _other_comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for i, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            yield _with(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]])
        if isinstance(operator, ORDERED):
            for step in (1, -1):
                right = _plus(node.comparators[i], step)
                yield _with(node, comparators=[*node.comparators[:i], right, *node.comparators[i + 1 :]])


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    function, arguments = node.func, node.args
    if isinstance(function, ast.Name):
        for name in OTHER_NAMES.get(function.id, ()):
            yield _with(node, func=_with(function, id=name))
    if isinstance(function, ast.Attribute):
        for name in OTHER_NAMES.get(function.attr, ()):
            yield _with(node, func=_with(function, attr=name))
        if not _is_module(function.value):  # x.tanh() and x.transpose(1, 2) without the method
            yield function.value
    if len(arguments) == 1 and (isinstance(function, ast.Name) or _is_module(function.value)):
        yield arguments[0]  # abs(x) and math.log(x) without the function
    for i in range(len(arguments) - 1):
        yield _with(node, args=[*arguments[:i], arguments[i + 1], arguments[i], *arguments[i + 2 :]])
    if len(arguments) > 1 or (arguments and node.keywords):
        for i in range(len(arguments)):
            yield _with(node, args=arguments[:i] + arguments[i + 1 :])
    for i in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:i] + node.keywords[i + 1 :])
    if isinstance(function, ast.Name) and function.id == "range":
        for i, bound in enumerate(arguments):
            for step in (1, -1):
                yield _with(node, args=[*arguments[:i], _plus(bound, step), *arguments[i + 1 :]])
        if len(arguments) == 1:
            yield _with(node, args=[ast.Constant(1), *arguments])
        if len(arguments) < 3:
            yield _with(node, args=[*([ast.Constant(0)] if len(arguments) == 1 else []), *arguments, ast.Constant(2)])


def _other_slices(node: ast.Slice) -> Iterator[ast.AST]:
    for bound in ("lower", "upper"):
        if (value := getattr(node, bound)) is not None:
            yield _with(node, **{bound: _plus(value, 1)})
            yield _with(node, **{bound: _plus(value, -1)})
            yield _with(node, **{bound: None})
    if node.step is not None:
        yield _with(node, step=None)


def _other_orders(iterable: ast.expr) -> Iterator[ast.expr]:
    """The same items from the last to the first, without the first, without the last, and the first alone."""
    as_list = ast.Call(ast.Name("list", ast.Load()), [iterable], [])
    yield ast.Call(ast.Name("reversed", ast.Load()), [as_list], [])
    for lower, upper in ((1, None), (None, -1), (None, 1)):
        bounds = [None if bound is None else ast.Constant(bound) for bound in (lower, upper)]
        yield ast.Subscript(as_list, ast.Slice(*bounds), ast.Load())


def _early_returns(function: ast.FunctionDef) -> Iterator[str]:
    """The `return` behind a loop, one level too deep: the loop ends with its first round."""
    for before, last in itertools.pairwise(function.body):
        if isinstance(before, ast.For | ast.While) and isinstance(last, ast.Return):
            before.body.append(last)
            yield ast.unparse(function)
            before.body.pop()


def _plus(node: ast.expr, step: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(abs(step)))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("math", "torch", "np", "numpy", "itertools", "re", "F")
