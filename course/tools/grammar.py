"""The grammar of a catalog: which texts are calls of its functions, and which can still become one."""

from collections.abc import Sequence
from functools import cache

from course.data.api_parameters import Parameter
from course.messages import _
from course.tools.frames import Choice, Elements, Field, Fields, Frame, Number, OneOf, Quoted, Space, State, step
from course.tools.schema import Catalog

ANY, TEXT = Parameter("any", "any"), Parameter("text", "string")


class CallGrammar:
    """The texts that are one call of a function in the catalog, with arguments by name.

    `start` is the state before the first character. Arguments come in any order, each once, and those that are required
    must come. A value is a literal of its parameter's type: a text in quotes (one of the enum's, where there is one), a
    number, True or False, a list, a dictionary; None where it is the documented default. A space may follow a comma or
    a colon. Raises `ValueError` for an empty catalog.
    """

    def __init__(self, catalog: Catalog) -> None:
        if not len(catalog):
            raise ValueError(_("The catalog is empty, so there is no call to write: add a function."))
        self.start: State = (
            OneOf(
                tuple(
                    (f"{function.name}(".encode(), (Fields(_arguments(function.ordered), ord(")")),))
                    for function in catalog
                )
            ),
        )

    def advance(self, state: State, text: str | bytes) -> State | None:
        """The state after the text; None where no call goes on like this. Bytes may end inside a character."""
        after: State | None = state
        for byte in text.encode() if isinstance(text, str) else text:
            after = None if after is None else step(after, byte)
        return after

    @staticmethod
    def is_complete(state: State) -> bool:
        """Whether the text so far is a call."""
        return not state


@cache
def _value(parameter: Parameter, nested: bool = True) -> State:
    """Reads a literal of the type; `nested` says whether a value of any type may be a list or a dictionary."""
    kind = parameter.type
    anything = kind == "any"
    states: list[State] = []
    if parameter.enum and all(isinstance(each, str) for each in parameter.enum):
        states.append(_one_of(*(written for each in parameter.enum for written in _quoted(str(each)))))
    elif anything or kind == "string":
        states += [_opened(quote, Quoted(ord(quote))) for quote in "'\""]
    if anything or kind in ("integer", "float"):
        states.append((Number(real=kind != "integer"),))
    if (anything and nested) or kind in ("array", "tuple"):
        states.append(_opened("[", Elements(_value(parameter.items or ANY, not anything), ord("]"))))
    if kind == "dict" and parameter.properties:
        fields = (Field(_keys(each), (Space(), *_value(each)), each.required) for each in parameter.properties)
        states.append(_opened("{", Fields(tuple(fields), ord("}"))))
    elif (anything and nested) or kind == "dict":
        entry = (*_value(TEXT), *_one_of(":"), Space(), *_value(ANY, not anything))
        states.append(_opened("{", Elements(entry, ord("}"))))
    words = ("True", "False") if anything or kind == "boolean" else ()
    if anything or parameter.default is None or None in parameter.enum:
        words += ("None",)
    if words:
        states.append(_one_of(*words))
    return (Choice(tuple(states)),)


def _arguments(parameters: Sequence[Parameter]) -> tuple[Field, ...]:
    return tuple(Field((f"{each.name}=".encode(),), _value(each), each.required) for each in parameters)


def _keys(parameter: Parameter) -> tuple[bytes, ...]:
    return tuple(f"{written}:".encode() for written in _quoted(parameter.name))


def _quoted(text: str) -> tuple[str, ...]:
    """The text as a literal, with single and with double quotes; with those that Python chooses where it has any."""
    plain = not set(text) & set("'\"\\") and text.isprintable()
    return (f"'{text}'", f'"{text}"') if plain else (repr(text),)


def _one_of(*texts: str) -> State:
    return (OneOf(tuple((text.encode(), ()) for text in texts)),)


def _opened(bracket: str, inside: Frame) -> State:
    return (OneOf(((bracket.encode(), (inside,)),)),)
