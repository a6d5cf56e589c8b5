"""Right answers in other styles, for the exercises of the lesson `tools`."""

import ast
import itertools
import keyword
import re

import numpy as np

from course.tools import parse_calls
from tests.exercises.ways.collected import other_way


@other_way("tools.next_characters")
def characters_in_a_loop(prefix, names):
    found = set()
    for name in names:
        if name == prefix:
            found.add("(")
        elif name[: len(prefix)] == prefix:
            found.add(name[len(prefix)])
    return found


@other_way("tools.next_characters")
def characters_of_a_trie(prefix, names):
    trie = {}
    for name in names:
        node = trie
        for character in f"{name}(":
            node = node.setdefault(character, {})
    node = trie
    for character in prefix:
        node = node.get(character, {})
    return node.keys()


@other_way("tools.next_characters")
def characters_by_pattern(prefix, names):
    matches = [re.match(f"{re.escape(prefix)}(.)", f"{name}(") for name in names]
    return {match[1] for match in matches if match}


@other_way("tools.next_characters")
def characters_one_after_another(prefix, names):
    calls = [f"{name}(" for name in names]
    for place, character in enumerate(prefix):
        calls = [call for call in calls if call[place : place + 1] == character]
    return {call[len(prefix)] for call in calls if len(call) > len(prefix)}


@other_way("tools.next_characters")
def characters_without_the_prefix(prefix, names):
    rests = (f"{name}(".removeprefix(prefix) for name in names if f"{name}(".startswith(prefix))
    return set(itertools.chain.from_iterable(rest[:1] for rest in rests))


@other_way("tools.outcome")
def outcome_by_steps(call, catalog, right):
    if call is None:
        return "unparsable"
    if call[0] not in catalog:
        return "hallucinated"
    for one in right:
        if one == call:
            return "right"
    return "wrong call"


@other_way("tools.outcome")
def outcome_by_pattern(call, catalog, right):
    match call:
        case None:
            return "unparsable"
        case (name, _) if name not in set(catalog):
            return "hallucinated"
        case _ if call in right:
            return "right"
    return "wrong call"


@other_way("tools.outcome")
def outcome_of_sorted_arguments(call, catalog, right):
    def plain(one):
        return one[0], sorted((name, repr(value)) for name, value in one[1].items())

    if not call:
        return "unparsable"
    if call[0] in catalog:
        return "right" if plain(call) in list(map(plain, right)) else "wrong call"
    return "hallucinated"


@other_way("tools.outcome")
def outcome_by_number(call, catalog, right):
    name = call and call[0]
    tests = [call is None, name not in catalog, any(call == one for one in right), True]
    return ["unparsable", "hallucinated", "right", "wrong call"][tests.index(True)]


@other_way("tools.outcome")
def outcome_by_error(call, catalog, right):
    try:
        name, _arguments = call
    except TypeError:
        return "unparsable"
    try:
        catalog.index(name)
    except ValueError:
        return "hallucinated"
    return "right" if right.count(call) else "wrong call"


@other_way("tools.groups_by_function")
def groups_by_union_find(tasks):
    parent = {}

    def root(name):
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for number, task in enumerate(tasks):
        for name in task:
            parent[root(name)] = root(number)
    order = {}
    return [order.setdefault(root(number), len(order)) for number in range(len(tasks))]


@other_way("tools.groups_by_function")
def groups_by_walking(tasks):
    numbers = [None] * len(tasks)

    def walk(place, group):
        numbers[place] = group
        for other in range(len(tasks)):
            if numbers[other] is None and tasks[place] & tasks[other]:
                walk(other, group)

    count = 0
    for place in range(len(tasks)):
        if numbers[place] is None:
            walk(place, count)
            count += 1
    return numbers


@other_way("tools.groups_by_function")
def groups_by_merging_sets(tasks):
    groups = []
    for place, task in enumerate(tasks):
        joined = [group for group in groups if group[0] & task]
        groups = [group for group in groups if not group[0] & task]
        functions = set(task).union(*(group[0] for group in joined))
        groups.append((functions, sorted([place, *(other for group in joined for other in group[1])])))
    groups.sort(key=lambda group: group[1][0])
    return [next(number for number, group in enumerate(groups) if place in group[1]) for place in range(len(tasks))]


@other_way("tools.groups_by_function")
def groups_until_nothing_changes(tasks):
    marks = list(range(len(tasks)))
    while True:
        smallest = [
            min([mark, *(marks[j] for j, other in enumerate(tasks) if task & other)])
            for task, mark in zip(tasks, marks, strict=True)
        ]
        if smallest == marks:
            return [sorted(set(marks)).index(mark) for mark in marks]
        marks = smallest


@other_way("tools.groups_by_function")
def groups_by_matrix(tasks):
    links = np.array([[i == j or bool(a & b) for j, b in enumerate(tasks)] for i, a in enumerate(tasks)], dtype=int)
    for _step in tasks:
        links = (links @ links > 0).astype(int)
    first = [int(row.argmax()) for row in links]
    return [sorted(set(first)).index(place) for place in first]


def _is(value, right):
    return value == right and type(value).__name__ in (type(right).__name__, "int" * (type(right) is float))


@other_way("tools.accepts")
def accepted_one_after_another(arguments, accepted):
    for name in arguments:
        if name not in accepted:
            return False
    for name, values in accepted.items():
        if name not in arguments:
            if "" not in values:
                return False
        elif not any(_is(arguments[name], right) for right in values):
            return False
    return True


@other_way("tools.accepts")
def accepted_in_one_expression(arguments, accepted):
    return all(
        any(_is(arguments.get(name, ""), right) for right in accepted.get(name, ())) for name in {*arguments, *accepted}
    )


@other_way("tools.accepts")
def accepted_by_pairs(arguments, accepted):
    def pairs(value):
        return {(type(value), value)} | ({(float, float(value))} if type(value) is int else set())

    left = {name: {(type(right), right) for right in values} for name, values in accepted.items()}
    for name, value in arguments.items():
        if not left.pop(name, set()) & pairs(value):
            return False
    return all((str, "") in values for values in left.values())


@other_way("tools.accepts")
def accepted_by_text(arguments, accepted):
    def texts(value):
        return {repr(value)} | ({repr(float(value))} if type(value) is int else set())

    if set(arguments) - set(accepted):
        return False
    missing = [values for name, values in accepted.items() if name not in arguments]
    return all("" in values for values in missing) and not any(
        texts(value).isdisjoint(map(repr, accepted[name])) for name, value in arguments.items()
    )


@other_way("tools.accepts")
def accepted_by_counting(arguments, accepted):
    right = sum(any(_is(value, one) for one in accepted.get(name, [])) for name, value in arguments.items())
    left_out = sum(name not in arguments and "" in values for name, values in accepted.items())
    return right == len(arguments) and right + left_out == len(accepted)


@other_way("tools.wrong_arguments")
def wrong_in_one_expression(arguments, types, required):
    fits = {int: (int,), float: (int, float)}
    return [
        name
        for name, value in arguments.items()
        if name not in types or type(value) not in fits.get(types[name], (types[name],))
    ] + [name for name in required if name not in arguments]


@other_way("tools.wrong_arguments")
def wrong_by_isinstance(arguments, types, required):
    found = []
    for name in arguments:
        if name not in types:
            found.append(name)
            continue
        value, kind = arguments[name], types[name]
        is_bool = isinstance(value, bool)
        if kind is bool:
            ok = is_bool
        elif kind is float:
            ok = isinstance(value, (int, float)) and not is_bool
        else:
            ok = isinstance(value, kind) and not is_bool
        if not ok:
            found.append(name)
    for name in required:
        if name not in arguments:
            found.append(name)
    return found


@other_way("tools.wrong_arguments")
def wrong_by_names_of_types(arguments, types, required):
    allowed = {(kind.__name__, kind.__name__) for kind in types.values()} | {("int", "float")}
    for name, value in arguments.items():
        if name not in types or (type(value).__name__, types[name].__name__) not in allowed:
            yield name
    yield from (name for name in required if name not in arguments)


@other_way("tools.wrong_arguments")
def wrong_without_the_right(arguments, types, required):
    right = {
        name
        for name, kind in types.items()
        if name in arguments and (type(arguments[name]), kind) in ((kind, kind), (int, float))
    }
    return [name for name in dict.fromkeys([*arguments, *required]) if name not in right]


@other_way("tools.wrong_arguments")
def wrong_by_filter(arguments, types, required):
    def is_wrong(name):
        kind = type(arguments[name])
        return kind not in ([types[name], int] if types.get(name) is float else [types.get(name)])

    missing = filter(lambda name: name not in arguments, required)
    return (*filter(is_wrong, arguments), *missing)


@other_way("tools.read_call")
def call_by_pattern_of_nodes(text):
    try:
        match ast.parse(text.strip(), mode="eval"):
            case ast.Expression(ast.Call(func=function, args=[], keywords=keywords)):
                parts = []
                while isinstance(function, ast.Attribute):
                    parts.append(function.attr)
                    function = function.value
                if not isinstance(function, ast.Name):
                    return "", {}
                arguments = {}
                for each in keywords:
                    if each.arg is None or each.arg in arguments:
                        return "", {}
                    arguments[each.arg] = ast.literal_eval(each.value)
                return ".".join([function.id, *reversed(parts)]), arguments
    except Exception:
        pass
    return "", {}


@other_way("tools.read_call")
def call_of_the_course(text):
    if "```" in text or "`" in text:
        return "", {}
    try:
        (call,) = parse_calls(text)
    except ValueError:
        return "", {}
    if text.strip()[:1] in "[(" or any(name.startswith("#") for name in call.arguments):
        return "", {}
    return call.name, call.arguments


@other_way("tools.read_call")
def call_in_dict(text):
    name, bracket, rest = text.strip().partition("(")
    if not bracket or not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name) or keyword.iskeyword(name):
        return "", {}
    try:
        call = ast.parse(f"dict({rest}", mode="eval").body
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args
        assert all(each.arg for each in call.keywords)
        assert len({each.arg for each in call.keywords}) == len(call.keywords)
        return name, {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    except (SyntaxError, ValueError, TypeError, AssertionError):
        return "", {}


@other_way("tools.read_call")
def call_by_recursion(text):
    def value(node):
        match node:
            case ast.Constant():
                return node.value
            case ast.List() | ast.Tuple():
                items = [value(each) for each in node.elts]
                return items if isinstance(node, ast.List) else tuple(items)
            case ast.Dict():
                return {value(key): value(each) for key, each in zip(node.keys, node.values, strict=True)}
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
        raise ValueError

    def name(node):
        if isinstance(node, ast.Attribute):
            return f"{name(node.value)}.{node.attr}"
        return {ast.Name: lambda: node.id}[type(node)]()

    try:
        call = ast.parse(text.strip(), mode="eval").body
        names = [each.arg for each in call.keywords]
        if type(call) is ast.Call and not call.args and None not in names and sorted(set(names)) == sorted(names):
            return name(call.func), {each.arg: value(each.value) for each in call.keywords}
    except (SyntaxError, ValueError, TypeError, KeyError, AttributeError):
        pass
    return "", {}


@other_way("tools.read_call")
def call_of_a_statement(text):
    try:
        (statement,) = ast.parse(text.strip()).body
        call = statement.value
        kinds = {type(node) for node in ast.walk(call.func)}
        pairs = [(each.arg, ast.literal_eval(each.value)) for each in call.keywords]
    except (SyntaxError, ValueError, TypeError, AttributeError):
        return "", {}
    if not isinstance(statement, ast.Expr) or call.args or kinds - {ast.Name, ast.Attribute, ast.Load}:
        return "", {}
    names = [name for name, _value in pairs]
    return ("", {}) if None in names or len({*names}) < len(names) else (ast.unparse(call.func), dict(pairs))
