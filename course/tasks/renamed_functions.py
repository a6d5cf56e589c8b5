"""A catalog that has changed: the same functions under other names, and so their parameters.

No model has seen these names. A call that has them follows the document; one with the old names was not read there.
"""

from dataclasses import replace

from course.data.api_calls import Answer
from course.data.api_functions import Function


def new_name(name: str, ending: str) -> str:
    """The words of a name the other way round, "get_weather" as "weather_get"; one that has one word gets an ending.

    Of a dotted name the last part changes. Names that are equal only with their words turned stay apart.
    """
    *modules, last = name.split(".")
    turned = "_".join(reversed(last.split("_")))
    is_name = turned.isidentifier() and turned != last
    return ".".join([*modules, turned if is_name else f"{last}_{ending}"])


def renamed(function: Function) -> Function:
    """The function with other names, its own and its parameters'; what the parameters are is as before."""
    parameters = tuple(replace(each, name=new_name(each.name, "value")) for each in function.parameters)
    return replace(function, name=new_name(function.name, "call"), parameters=parameters)


def renamed_answer(answer: Answer) -> Answer:
    """The call that is right, in the new names; the keys of a dictionary among the values stay."""
    return Answer(
        new_name(answer.name, "call"), {new_name(name, "value"): values for name, values in answer.allowed.items()}
    )
