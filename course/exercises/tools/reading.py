"""Exercise on reading a call that a model wrote, without running anything."""

import ast
import functools
import re

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def read_call(text: str) -> tuple[str, dict]:
    """The function's name and the arguments of a call that a model wrote.

    The whole text, but for white space around it, must be one expression of Python: a call of
    a plain or a dotted name, with all its arguments by name, each name once, and of literal
    values, which are those that `ast.literal_eval` reads. Returns the name, and a dictionary of
    values, not of texts. It is ("", {}), no name and no arguments, where the text is anything
    else. Nothing is run.

    >>> read_call("math.power(base=2, exponent=-3)")
    ('math.power', {'base': 2, 'exponent': -3})
    >>> read_call("power(base=open('x'))")
    ('', {})
    """
    import ast

    try:
        call = ast.parse(text.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or call.args:
            return "", {}
        if not all(isinstance(node, ast.Name | ast.Attribute | ast.Load) for node in ast.walk(call.func)):
            return "", {}
        arguments = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    except (SyntaxError, ValueError, TypeError):
        return "", {}
    if None in arguments or len(arguments) < len(call.keywords):
        return "", {}
    return ast.unparse(call.func), arguments


def _read_call_cases() -> list[tuple]:
    texts = [
        "math.power(base=2, exponent=-3)",
        "power(base=open('x'))",
        "get_weather(city='Rome, Italy', days=3)",
        "power(2, exponent=3)",
        "power(2, 3)",
        "math.root(2)",
        "  area(side=2.5)",
        "\narea(side=2.5, unit='m')\n",
        "\t now()\n",
        "now()",
        "clock.now()",
        "search(tags=['cats', 'dance'], limit=10, animated=True)",
        "user.find(names=('Ann', 'Bob'), options={'exact': False, 'limit': None})",
        "user.find(id=None)",
        "move(x=-1, y=[-2, -0.5])",
        "text.count(text='f(x=1), g(y=2)', word=\"it's\")",
        "power(base=2 * 3, exponent=2)",
        "area(side=2 ** 3)",
        "math.power(base=10, exponent=7 / 2)",
        "days(n=abs(-3))",
        "area(side=width)",
        "convert(value=3, unit=km)",
        "convert(value=3, unit=units.km, to='m')",
        "power(**{'base': 2})",
        "power(exponent=3, **{'base': 2})",
        "now(**{})",
        "power(*[2, 3])",
        "power(*[2], exponent=3)",
        "power",
        "math.power",
        "clock.now",
        "'power(base=2)'",
        "",
        "   ",
        "I would call area(side=2).",
        "Call: math.root(x=2)",
        "The answer is 3",
        "area(side=2); area(side=3)",
        "area(side=2)\nmath.root(x=3)",
        "[area(side=2), math.root(x=3)]",
        "[area(side=2)]",
        "area(side=2), math.root(x=3)",
        "area(side=2",
        "area side=2",
        "power(base=2, exponent=)",
        "result = area(side=2)",
        "area(side=2) + 1",
        "area(side=2)(unit='m')",
        "tools['area'](side=2)",
        "', '.join(parts=['a'])",
        "get().run(n=1)",
        "(lambda n: n)(n=1)",
        "print(text=f'{1}')",
        "sort(items=[x for x in (2, 1)])",
        "power(base=2, base=3)",
        "area(side=2, unit='m', side=3)",
        "math.root(x=1, x=1)",
        "'area'(side=2)",
        "tag(names={'a': {'b': [1, (2, 3)]}})",
        "set_flag(on=not True)",
        "a.b.c.d(e='f')",
        "Math.Power(Base=2, Exponent=3)",
        "greet(name='Zoë', text='a\\nb')",
        "pick(items={1: 'one', 2: 'two'}, key='1')",
    ]
    return [(text,) for text in texts]


def _no_call(function):
    """The function with ("", {}) in place of None."""

    @functools.wraps(function)
    def wrapped(text):
        found = function(text)
        return ("", {}) if found is None else found

    return wrapped


def _call(text):
    """The right answer; None where there is no call."""
    found = read_call(text)
    return found if found[0] else None


def _after_reading(text, change):
    found = _call(text)
    return None if found is None else change(*found)


def _read(text, value, named=lambda call: not call.args, function=lambda node: _is_name(node), once=True):
    """The call with each value as `value` gives it; None where that raises an error."""
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or not named(call) or not function(call.func):
            return None
        arguments = {each.arg: value(each.value) for each in call.keywords}
    except (SyntaxError, ValueError, TypeError, AttributeError, KeyError):
        return None
    if None in arguments or (once and len(arguments) < len(call.keywords)):
        return None
    return ast.unparse(call.func), arguments


def _is_name(node):
    return re.fullmatch(r"\w+(\.\w+)*", ast.unparse(node)) is not None


@_no_call
def _by_position_ignored(text):
    return _read(text, ast.literal_eval, named=lambda call: True)


@_no_call
def _by_position_numbered(text):
    found = _by_position_ignored(text)
    if not found[0]:
        return None
    call = ast.parse(text.strip(), mode="eval").body
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    values = {str(number): ast.literal_eval(each) for number, each in enumerate(call.args)}
    return found[0], values | found[1]


@_no_call
def _plain_names_alone(text):
    return _after_reading(text, lambda name, arguments: None if "." in name else (name, arguments))


@_no_call
def _last_part(text):
    return _after_reading(text, lambda name, arguments: (name.split(".")[-1], arguments))


@_no_call
def _first_part(text):
    return _after_reading(text, lambda name, arguments: (name.split(".")[0], arguments))


@_no_call
def _values_as_written(text):
    return _read(text, ast.unparse)


@_no_call
def _literals_as_written(text):
    source = {} if _call(text) is None else ast.parse(text.strip(), mode="eval").body.keywords
    return _after_reading(text, lambda name, _: (name, {each.arg: ast.unparse(each.value) for each in source}))


@_no_call
def _values_as_texts(text):
    return _after_reading(text, lambda name, arguments: (name, {each: str(value) for each, value in arguments.items()}))


@_no_call
def _computed(text):
    def value(node):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not value(node.operand)
        if not isinstance(node, ast.BinOp):
            return ast.literal_eval(node)
        left, right = value(node.left), value(node.right)
        if isinstance(node.op, ast.Div):
            return left / right
        return left * right if isinstance(node.op, ast.Mult) else left**right

    return _read(text, value)


@_no_call
def _names_as_texts(text):
    def value(node):
        return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ast.literal_eval(node)

    return _read(text, value)


@_no_call
def _others_as_written(text):
    def value(node):
        try:
            return ast.literal_eval(node)
        except ValueError:
            return ast.unparse(node)

    return _read(text, value)


@_no_call
def _others_as_none(text):
    def value(node):
        try:
            return ast.literal_eval(node)
        except ValueError:
            return None

    return _read(text, value)


@_no_call
def _others_left_out(text):
    marker = object()

    def value(node):
        try:
            return ast.literal_eval(node)
        except ValueError:
            return marker

    found = _read(text, value)
    return found and (found[0], {name: each for name, each in found[1].items() if each is not marker})


@_no_call
def _constants_alone(text):
    return _read(text, lambda node: node.value)


@_no_call
def _unpacked(text):
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or call.args or not _is_name(call.func):
            return None
        arguments = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    except (SyntaxError, ValueError, TypeError):
        return None
    return (ast.unparse(call.func), arguments) if len(arguments) == len(call.keywords) else None


@_no_call
def _unpacked_and_merged(text):
    found = _unpacked(text)
    return found and (found[0], (found[1].pop(None, None) or {}) | found[1])


@_no_call
def _any_function(text):
    return _read(text, ast.literal_eval, function=lambda node: True)


@_no_call
def _given_twice(text):
    return _read(text, ast.literal_eval, once=False)


@_no_call
def _without_arguments_refused(text):
    return _after_reading(text, lambda name, arguments: (name, arguments) if arguments else None)


@_no_call
def _names_without_brackets(text):
    return (text.strip(), {}) if re.fullmatch(r"\s*[a-z]+(\.\w+)*\s*", text) else _call(text)


@_no_call
def _found_in_the_text(text):
    found = _call(text)
    inside = re.search(r"[\w.]+\([^()]*\)", text)
    return found or (inside and _call(inside[0]))


@_no_call
def _first_of_a_list(text):
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None
    return _call(ast.unparse(tree.elts[0] if isinstance(tree, ast.List | ast.Tuple) else tree))


@_no_call
def _several(text):
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(tree, ast.List | ast.Tuple):
        return _call(text)
    return [_call(ast.unparse(each)) for each in tree.elts]


@_no_call
def _split_at_commas(text):
    found = re.fullmatch(r"\s*(\w+(?:\.\w+)*)\((.*)\)\s*", text, re.DOTALL)
    if not found:
        return None
    try:
        pairs = [part.split("=") for part in found[2].split(",") if part.strip()]
        return found[1], {name.strip(): ast.literal_eval(value.strip()) for name, value in pairs}
    except (SyntaxError, ValueError):
        return None


@_no_call
def _not_stripped(text):
    return None if text[:1].isspace() else _call(text)


@_no_call
def _pairs(text):
    return _after_reading(text, lambda name, arguments: (name, list(arguments.items())))


@_no_call
def _values_alone(text):
    return _after_reading(text, lambda name, arguments: (name, list(arguments.values())))


@_no_call
def _parameters_alone(text):
    return _after_reading(text, lambda name, arguments: (name, list(arguments)))


@_no_call
def _first_argument(text):
    return _after_reading(text, lambda name, arguments: (name, dict(list(arguments.items())[:1])))


@_no_call
def _last_argument(text):
    return _after_reading(text, lambda name, arguments: (name, dict(list(arguments.items())[-1:])))


def _name_alone(text):
    return read_call(text)[0]


def _arguments_alone(text):
    return read_call(text)[1]


def _exchanged(text):
    return read_call(text)[::-1]


def _whether(text):
    return read_call(text) != ("", {})


def _false_for_no_call(text):
    return _call(text) or False


def _empty_text_for_no_call(text):
    return _call(text) or ""


READ_CALL = Exercise(
    name="tools.read_call",
    title=_("Reading a call without running it"),
    solution=read_call,
    cases=_read_call_cases,
    hints=(
        _(
            '`ast.parse(text.strip(), mode="eval").body` is the tree of the expression. It must be an `ast.Call`, its '
            "function a name or a name with attributes, and its `args` empty. Then read each of its `keywords`."
        ),
        _(
            "`each.arg` is the parameter's name, None for `**`. `ast.literal_eval(each.value)` is its value, or raises "
            "an error where it is no literal. `ast.unparse(call.func)` is the name as text."
        ),
    ),
    mistakes=(
        Mistake(_by_position_ignored, _("You leave out arguments **without a name**: such a text is no call.")),
        Mistake(_by_position_numbered, _("You number arguments **without a name**: such a text is no call.")),
        Mistake(_plain_names_alone, _("You refuse **dotted** names: an `ast.Attribute` is one, too.")),
        Mistake(_last_part, _("You return the **last part** of a dotted name: return the whole name.")),
        Mistake(_first_part, _("You return the **first part** of a dotted name: return the whole name.")),
        Mistake(_values_as_written, _("You return the values as **source text**: read them with `ast.literal_eval`.")),
        Mistake(
            _literals_as_written, _("Your values are still **source text**: return what `ast.literal_eval` reads.")
        ),
        Mistake(_values_as_texts, _("You turn the values into **texts**: return them as they are.")),
        Mistake(_computed, _("You **compute** values: nothing is run, not even `2 * 3`. Never use `eval`.")),
        Mistake(_names_as_texts, _("You take **bare names** for texts: without quotes they are no values.")),
        Mistake(_others_as_written, _("What is **no literal** remains as text in yours: such a text is no call.")),
        Mistake(
            _others_as_none, _("You put None for **values** that are no literals: the whole text is then no call.")
        ),
        Mistake(
            _others_left_out, _("You leave out **arguments** that are no literals: the whole text is then no call.")
        ),
        Mistake(
            _constants_alone,
            _("You read single constants alone: **-3**, lists and dictionaries are literals, too (`literal_eval`)."),
        ),
        Mistake(_unpacked, _("`**` gives you an argument with the name **None**: such a text is no call.")),
        Mistake(_unpacked_and_merged, _("You **unpack** `**`: arguments must be written out, such a text is no call.")),
        Mistake(_any_function, _("You let **any** expression be called: only a plain or a dotted name may be.")),
        Mistake(_given_twice, _("Of an argument given **twice** you take the last: such a text is no call.")),
        Mistake(_without_arguments_refused, _("You refuse calls **without arguments**: their dictionary is empty.")),
        Mistake(_names_without_brackets, _("You take a name **without brackets** for a call.")),
        Mistake(_found_in_the_text, _("You look for a call **within** the text: the whole text must be one.")),
        Mistake(_first_of_a_list, _("You take the first call of a **list**: the whole text must be one call.")),
        Mistake(_several, _("You return the calls of a **list**: the whole text must be one call.")),
        Mistake(_split_at_commas, _("You split at **commas**, which values have, too: let `ast.parse` read the text.")),
        Mistake(
            _not_stripped, _("**White space** before the call is an error in yours: `text.strip()` takes it away.")
        ),
        Mistake(_name_alone, _("You return the **name** alone: return the arguments, too.")),
        Mistake(_arguments_alone, _("You return the **arguments** alone: return the name in front of them.")),
        Mistake(_exchanged, _("Name and arguments are **exchanged**: the name comes first.")),
        Mistake(_pairs, _("You return the arguments as **pairs**: return a dictionary.")),
        Mistake(_values_alone, _("You return the **values** alone: return a dictionary of names and values.")),
        Mistake(_parameters_alone, _("You return the **names** of the arguments alone: return their values, too.")),
        Mistake(_first_argument, _("You return the **first** argument alone: return all of them.")),
        Mistake(_last_argument, _("You return the **last** argument alone: return all of them.")),
        Mistake(_whether, _("You say **whether** it is a call: return its name and its arguments.")),
        Mistake(
            _empty_text_for_no_call, _('For what is no call you return an **empty text** alone: return `("", {})`.')
        ),
        Mistake(_false_for_no_call, _('For what is no call you return **False**: return `("", {})`.')),
    ),
    results=("name", "arguments"),
    corners=(
        Corner(
            lambda text: text != text.strip(),
            _("Only texts with **white space** around them go wrong: `text.strip()` takes it away."),
        ),
        Corner(
            lambda text: text.strip().endswith("()"),
            _("Only calls **without arguments** go wrong: their dictionary is empty, `{}`."),
        ),
        Corner(
            lambda text: not read_call(text)[0],
            _('Only what is **no such call** goes wrong: return `("", {})` for it.'),
        ),
        Corner(
            lambda text: "**" in text,
            _("Only `**` goes wrong: an argument without a name of its own, or a value that would be computed."),
        ),
    ),
    explanation=_(
        "What a model writes is text from outside, and `eval` would run whatever is in it. The parser of Python builds "
        "a tree and runs nothing; from the tree only names and literals are taken. Comparing values instead of texts "
        "also makes quotes, spaces and the order of the arguments irrelevant."
    ),
)
