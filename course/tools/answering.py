"""The call that answers a task, written from the values that are right: what a model is trained to write."""

from collections.abc import Collection, Mapping

from course.data.api_calls import LEFT_OUT, Answer
from course.data.api_functions import Function
from course.tools.call import Call
from course.tools.value_rules import options_of


def answering_call(answer: Answer, function: Function) -> Call:
    """The shortest call that is right: of each parameter the first value listed, and none where it may be left out.

    A required parameter is always given. Where nothing is right for one, it is left out: of Berkeley's tasks, two have
    no call that answers.
    """
    required = [parameter.name for parameter in function.parameters if parameter.required]
    return Call(answer.name, _shortest(answer.allowed, required))


def _shortest(allowed: Mapping[str, object], required: Collection[str] = ()) -> dict[str, object]:
    listed = {name: options_of(values) for name, values in allowed.items()}
    values = {name: [each for each in options if each != LEFT_OUT] for name, options in listed.items()}
    return {
        name: _value(values[name][0])
        for name, options in listed.items()
        if values[name] and (name in required or LEFT_OUT not in options)
    }


def _value(option: object) -> object:
    if isinstance(option, dict):
        return _shortest(option)
    return [_value(each) for each in option] if isinstance(option, list) else option
