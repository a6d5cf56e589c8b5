"""The rules for the value of an argument. Each is a function, and a tree of verdicts shows it by its name.

Values are compared as values: True is not 1, and 2 is 2.0 at every depth. How texts are compared is a choice,
`strings`: "exact", or "bfcl", the rule of Berkeley's leaderboard: without capitals, spaces and `,./-_*^`.

Source: ShishirPatil/gorilla, `ast_checker.py` of bfcl-eval 2026.3.23.
"""

import re
from collections.abc import Mapping, Sequence

from course.data.api_calls import LEFT_OUT
from course.data.api_parameters import Parameter
from course.messages import _
from course.tools.node_verdicts import Nodes, NodeVerdict, n_wrong

STRINGS = ("exact", "bfcl")
IGNORED = re.compile(r"[ ,./\-_*^]")
PYTHON_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "float": (float, int),
    "boolean": (bool,),
    "array": (list,),
    "tuple": (list, tuple),
    "dict": (dict,),
}


def require_strings(strings: str) -> None:
    """Raises `ValueError` for a rule for texts that there is not."""
    if strings not in STRINGS:
        raise ValueError(
            _("strings is {value!r}; give one of {known}.").format(value=strings, known=", ".join(STRINGS))
        )


def right_type(path: str, value: object, parameter: Parameter) -> NodeVerdict:
    """The value is of the parameter's type. Elements of a list are nodes of their own."""
    reason = _("The type is {type}.").format(type=parameter.annotation)
    return NodeVerdict(path, value, "right_type", fits(value, parameter.type), reason)


def fits(value: object, kind: str) -> bool:
    """Whether a value is of a type: a whole number is also a float, True is no number, a list is also a tuple."""
    return kind == "any" or type(value) in PYTHON_KINDS[kind]


def as_variable(path: str, value: object, options: Sequence[object]) -> NodeVerdict:
    """The value is of another type, that of the answer, and is listed as it is: a variable's name for a number."""
    listed = [option for option in options if option != LEFT_OUT]
    same = bool(listed) and type(listed[0]) is type(value)
    ok = same and any(not n_wrong(compare(path, value, option, None, "exact")) for option in options)
    return NodeVerdict(path, value, "as_variable", ok, _("The answer lists it, although the type is another."))


def same_text(path: str, value: str, option: str, strings: str) -> NodeVerdict:
    """The texts are equal, by the rule for texts."""
    ok = value == option if strings == "exact" else normalized(value) == normalized(option)
    return NodeVerdict(path, value, "same_text", ok, _("The text is {text!r}.").format(text=option))


def normalized(text: str) -> str:
    """A text as BFCL compares it: "10.5" and "105" become equal, and so do "April 1, 2024" and "april 1 2024"."""
    return IGNORED.sub("", text).lower().replace("'", '"')


def same_value(path: str, value: object, option: object) -> NodeVerdict:
    """The values are equal: numbers as numbers, whole or not; True, False and None only themselves."""
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (value, option))
    ok = (numbers or type(value) is type(option)) and value == option
    return NodeVerdict(path, value, "same_value", ok, _("The value is {value!r}.").format(value=option))


def same_elements(
    path: str, value: Sequence[object], option: Sequence[object], items: Parameter | None, strings: str
) -> Nodes:
    """The lists have the same length, and the same elements in the same order. A node for the list and for each."""
    reason = _("The list has {n} elements.").format(n=len(option))
    nodes = [NodeVerdict(path, value, "same_elements", len(value) == len(option), reason)]
    for number, (one, other) in enumerate(zip(value, option, strict=False)):
        nodes += check_value(f"{path}[{number}]", one, items, [other], strings)
    return nodes


def same_keys(path: str, value: Mapping[str, object], option: Mapping[str, object], strings: str) -> Nodes:
    """The dictionary has the keys of the answer and no others, each with one of the values that the answer lists."""
    options = {key: options_of(values) for key, values in option.items()}
    needed = {key for key, values in options.items() if LEFT_OUT not in values}
    reason = _("The keys are {keys}.").format(keys=", ".join(map(str, option)))
    nodes = [NodeVerdict(path, value, "same_keys", needed <= value.keys() <= options.keys(), reason)]
    for key in (key for key in value if key in options):
        nodes += check_value(f"{path}.{key}", value[key], None, options[key], strings)
    return nodes


def options_of(values: object) -> Sequence[object]:
    """The values that are right for a parameter or a key: those listed, or the one that stands there by itself."""
    return [*values] if isinstance(values, Sequence) and not isinstance(values, str) else [values]


def compare(path: str, value: object, option: object, parameter: Parameter | None, strings: str) -> Nodes:
    """Compare a value with one that is right, by the rule for its kind."""
    match value, option:
        case str(), str():
            return [same_text(path, value, option, strings)]
        case list(), list():
            return same_elements(path, value, option, parameter and parameter.items, strings)
        case dict(), dict():
            return same_keys(path, value, option, strings)
    return [same_value(path, value, option)]


def check_value(
    path: str, value: object, parameter: Parameter | None, options: Sequence[object], strings: str
) -> Nodes:
    """What the rules say of a value: first of its type, where a parameter names one, then of the value itself.

    It is compared with each value that is right; what is said of the one that it is most like is kept.
    """
    if parameter and not (typed := right_type(path, value, parameter)).ok:
        variable = as_variable(path, value, options)
        return [variable if variable.ok else typed]
    if parameter and parameter.type == "tuple" and isinstance(value, tuple):
        value = list(value)  # the data were written in JSON, which has no tuples
    if not options:
        return [NodeVerdict(path, value, "same_value", False, _("No value is right here."))]
    first = next((option for option in options if option != LEFT_OUT), LEFT_OUT)
    if parameter and not fits(first, parameter.type):
        strings = "exact"  # the answer is a variable
    ordered = sorted(options, key=lambda option: (option == LEFT_OUT, type(option) is not type(value)))
    return min((compare(path, value, option, parameter, strings) for option in ordered), key=n_wrong)
