"""Exercise on comparing the arguments of a call with all the values that are right."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def accepts(arguments: dict[str, object], accepted: dict[str, list]) -> bool:
    """Whether the arguments of a call are right, where more than one value can be.

    accepted: for each parameter the values that are right: texts, numbers, True, False or None.
    "" among them says that the parameter may be left out; no argument is "". Every argument
    must have one of the values of its parameter, and no other parameters may be given. Equal
    values are of the same type: True is not 1, and 2.0 is not 2. But an int may stand for the
    float it equals.

    >>> accepts({"city": "Rome"}, {"city": ["Rome", "Roma"], "days": [3, ""]})
    True
    >>> accepts({"city": "Rome", "days": 2}, {"city": ["Rome", "Roma"], "days": [3, ""]})
    False
    """
    if not arguments.keys() <= accepted.keys():
        return False
    for name, values in accepted.items():
        value = arguments.get(name, "")
        kinds = {type(right) for right in values if right == value}
        if type(value) not in kinds and not (type(value) is int and float in kinds):
            return False
    return True


def _accepts_cases() -> list[tuple]:
    trip = {"city": ["Rome", "Rome, Italy"], "days": [3, ""]}
    power = {"base": [2.0], "exponent": [3, 4], "digits": ["", 0, 2]}
    search = {"text": ["cats dancing", "dancing cats"], "animated": [True, ""], "limit": [1]}
    user = {"name": ["Ann"], "id": [7, "7", ""], "age": [30.5, 31.0], "mail": [None, ""]}
    switch = {"on": [False], "level": ["", 0], "room": ["", "hall"]}
    return [
        ({"city": "Rome"}, trip),
        ({"city": "Rome", "days": 2}, trip),
        ({"days": 3, "city": "Rome, Italy"}, trip),
        ({"days": 3}, trip),
        ({"city": "Rome", "days": 3, "hotel": "yes"}, trip),
        ({"city": "rome", "days": 3}, trip),
        ({"city": "Rome Italy"}, trip),
        ({"city": "Rom"}, trip),
        ({"city": "Rome", "days": "3"}, trip),
        ({"city": "Rome", "days": 3.0}, trip),
        ({"city": "Rome", "country": "Italy"}, trip),
        ({"city": "near Rome"}, trip),
        ({"city": "Rome, Italy, Europe"}, trip),
        ({"city": "Rome,Italy"}, trip),
        ({"city": 3, "days": "Rome"}, trip),
        ({"city": "Rome, Italy", "days": None}, trip),
        ({"city": "Rome, It"}, trip),
        ({}, trip),
        ({"base": 2, "exponent": 4}, power),
        ({"base": 2.0, "exponent": 3, "digits": 2}, power),
        ({"base": 2, "exponent": 3, "digits": 0}, power),
        ({"base": 2, "exponent": 3.0}, power),
        ({"base": "2.0", "exponent": 3}, power),
        ({"base": 3, "exponent": 2}, power),
        ({"base": 2.5, "exponent": 3}, power),
        ({"digits": 2, "exponent": 4, "base": 2.0}, power),
        ({"base": 2.0, "exponent": 4, "digits": False}, power),
        ({"base": 2.0}, power),
        ({"base": 2.0, "exponent": 4, "precise": True}, power),
        ({"text": "cats dancing", "animated": 1, "limit": 1}, search),
        ({"text": "dancing cats", "limit": True}, search),
        ({"text": "Cats dancing", "limit": 1}, search),
        ({"text": "cats", "limit": 1}, search),
        ({"text": "cats dancing in a hall", "limit": 1}, search),
        ({"text": "dancing-cats", "limit": 1}, search),
        ({"text": "cats dancing", "animated": False, "limit": 1}, search),
        ({"text": "cats dancing", "limit": 1.0}, search),
        ({"limit": 1, "animated": True, "text": "dancing cats"}, search),
        ({"name": "Ann", "age": 31}, user),
        ({"name": "Ann", "id": "7", "age": 30.5}, user),
        ({"name": "Ann", "id": 7, "age": 31, "mail": None}, user),
        ({"name": "Ann", "id": None, "age": 31.0}, user),
        ({"name": "Ann", "id": 7, "age": 30}, user),
        ({"name": "Ann", "id": 7.0, "age": 31.0}, user),
        ({"name": "ANN", "age": 30.5}, user),
        ({"name": "Ann", "age": "31.0"}, user),
        ({"name": "Ann", "age": 31.5, "id": "7"}, user),
        ({"on": False}, switch),
        ({"on": False, "level": 0}, switch),
        ({"on": 0, "room": "hall"}, switch),
        ({"on": False, "level": False, "room": "hall"}, switch),
        ({"on": False, "room": None}, switch),
        ({"on": True, "room": "hall"}, switch),
        ({"on": False, "room": "hall", "delay": 0}, switch),
        ({}, {}),
        ({"on": False}, {}),
        ({}, {"level": [1, ""]}),
        ({}, {"on": [False, ""], "room": ["hall"]}),
        ({"n": True}, {"n": [1.0, ""]}),
        ({"n": 1, "m": 2}, {"m": [2.0], "n": [1.0, ""]}),
    ]


def _equal(value, right):
    return value == right and (type(value) is type(right) or (type(value) is int and type(right) is float))


def _all_fit(arguments, accepted, fits, may_be_left_out=lambda values: "" in values):
    return arguments.keys() <= accepted.keys() and all(
        fits(arguments[name], values) if name in arguments else may_be_left_out(values)
        for name, values in accepted.items()
    )


def _types_ignored(arguments, accepted):
    return _all_fit(arguments, accepted, lambda value, values: value in values)


def _bool_is_a_number(arguments, accepted):
    def equal(value, right):
        return value == right and (isinstance(value, type(right)) or (isinstance(value, int) and type(right) is float))

    return _all_fit(arguments, accepted, lambda value, values: any(equal(value, right) for right in values))


def _no_int_for_a_float(arguments, accepted):
    return _all_fit(
        arguments,
        accepted,
        lambda value, values: any(value == right and type(value) is type(right) for right in values),
    )


def _float_for_an_int(arguments, accepted):
    def kind(value):
        return float if type(value) is int else type(value)

    return _all_fit(
        arguments,
        accepted,
        lambda value, values: any(value == right and kind(value) is kind(right) for right in values),
    )


def _others_allowed(arguments, accepted):
    return accepts({name: value for name, value in arguments.items() if name in accepted}, accepted)


def _nothing_left_out(arguments, accepted):
    return accepts(arguments, accepted) and arguments.keys() == accepted.keys()


def _anything_left_out(arguments, accepted):
    return accepts(arguments, {name: [*values, ""] for name, values in accepted.items() if name in arguments})


def _first_value(arguments, accepted):
    return _all_fit(arguments, accepted, lambda value, values: _equal(value, values[0]))


def _last_value(arguments, accepted):
    return _all_fit(arguments, accepted, lambda value, values: _equal(value, values[-1]))


def _every_value(arguments, accepted):
    return _all_fit(
        arguments, accepted, lambda value, values: all(_equal(value, right) for right in values if right != "")
    )


def _capitals_ignored(arguments, accepted):
    def lower(value):
        return value.lower() if isinstance(value, str) else value

    return _all_fit(
        arguments, accepted, lambda value, values: any(_equal(lower(value), lower(right)) for right in values)
    )


def _as_texts(arguments, accepted):
    return _all_fit(arguments, accepted, lambda value, values: str(value) in map(str, values))


def _contained(arguments, accepted):
    return _all_fit(
        arguments,
        accepted,
        lambda value, values: any(
            _equal(value, right) or (isinstance(value, str) and isinstance(right, str) and right and right in value)
            for right in values
        ),
    )


def _beginning(arguments, accepted):
    return _all_fit(
        arguments,
        accepted,
        lambda value, values: any(
            _equal(value, right) or (isinstance(value, str) and isinstance(right, str) and right.startswith(value))
            for right in values
        ),
    )


def _punctuation_ignored(arguments, accepted):
    def letters(value):
        return "".join(filter(str.isalnum, value)) if isinstance(value, str) else value

    return _all_fit(
        arguments, accepted, lambda value, values: any(_equal(letters(value), letters(right)) for right in values)
    )


def _one_is_enough(arguments, accepted):
    return any(
        name in accepted and any(_equal(value, right) for right in accepted[name]) for name, value in arguments.items()
    )


def _names_alone(arguments, accepted):
    return _all_fit(arguments, accepted, lambda value, values: True)


def _turned_round(arguments, accepted):
    return not accepts(arguments, accepted)


def _of_any_parameter(arguments, accepted):
    everything = [right for values in accepted.values() for right in values]
    return _all_fit(arguments, accepted, lambda value, values: any(_equal(value, right) for right in everything))


def _whole_numbers(arguments, accepted):
    def whole(value):
        return int(value) if type(value) is float else value

    return _all_fit(
        arguments, accepted, lambda value, values: any(_equal(whole(value), whole(right)) for right in values)
    )


def _false_is_left_out(arguments, accepted):
    return accepts({name: value for name, value in arguments.items() if value or name not in accepted}, accepted)


def _none_is_left_out(arguments, accepted):
    return accepts({name: "" if value is None else value for name, value in arguments.items()}, accepted)


def _in_order(arguments, accepted):
    return accepts(arguments, accepted) and list(arguments) == [name for name in accepted if name in arguments]


def _first_parameter(arguments, accepted):
    if not arguments.keys() <= accepted.keys():
        return False
    for name, values in accepted.items():
        return any(_equal(arguments.get(name, ""), right) for right in values)
    return True


def _last_parameter(arguments, accepted):
    found = arguments.keys() <= accepted.keys()
    for name, values in accepted.items():
        found = any(_equal(arguments.get(name, ""), right) for right in values)
    return found


def _wrong_names(arguments, accepted):
    return [
        name
        for name in accepted | arguments
        if not any(_equal(arguments.get(name, ""), right) for right in accepted.get(name, []))
    ]


ACCEPTS = Exercise(
    name="tools.accepts",
    title=_("More than one right answer"),
    solution=accepts,
    cases=_accepts_cases,
    hints=(
        _(
            "First look for arguments that are not in `accepted`. Then go through `accepted`: what is not given must "
            'have "" among its values, and what is given must equal one of them, in value and in type.'
        ),
        _(
            '`arguments.get(name, "")` is "" for what is left out, which is then compared as any other value. '
            "`type(value) is type(right)` tells True from 1, which `==` and `in` do not."
        ),
    ),
    mistakes=(
        Mistake(
            _types_ignored,
            _("You compare values **without their types**: `1 == True` and `2 == 2.0`, and `in` does the same."),
        ),
        Mistake(_bool_is_a_number, _("A **bool** passes as a number: `isinstance(True, int)` is True.")),
        Mistake(_no_int_for_a_float, _("You refuse an **int** where a float is right: 2 may stand for 2.0.")),
        Mistake(_float_for_an_int, _("You accept a **float** where an int is right: only the other way is allowed.")),
        Mistake(_others_allowed, _("You let **unknown** parameters through: each must be in `accepted`.")),
        Mistake(_nothing_left_out, _('You ask for **every** parameter: one with "" among its values may be left out.')),
        Mistake(
            _anything_left_out, _("**Any** parameter may be left out in yours: look also at those that are not given.")
        ),
        Mistake(_first_value, _("You compare with the **first** value alone: any of them will do.")),
        Mistake(_last_value, _("You compare with the **last** value alone: any of them will do.")),
        Mistake(_every_value, _("A value must equal **all** the right ones in yours: one of them is enough.")),
        Mistake(
            _capitals_ignored, _("You take **capitals** and small letters for the same: compare texts as they are.")
        ),
        Mistake(_as_texts, _('You compare **as texts**: "3" is not 3.')),
        Mistake(_contained, _("It is enough in yours that a text **contains** the right one: they must be equal.")),
        Mistake(_beginning, _("You accept the **beginning** of a right text: they must be equal.")),
        Mistake(_punctuation_ignored, _("You leave out **spaces and punctuation**: compare texts as they are.")),
        Mistake(_one_is_enough, _("**One** right argument is enough in yours: all of them must be right.")),
        Mistake(_names_alone, _("You look at the **names** of the arguments alone: compare their values.")),
        Mistake(_turned_round, _("True and False are **exchanged**.")),
        Mistake(_of_any_parameter, _("You look for a value among those of **all** parameters: each has its own.")),
        Mistake(_whole_numbers, _("You cut numbers to **whole** ones: 30.5 is not 30.")),
        Mistake(
            _false_is_left_out,
            _("0, False and None count as **left out** in yours: ask `name in arguments`."),
        ),
        Mistake(_none_is_left_out, _("None counts as **left out** in yours: it is a value that is given.")),
        Mistake(_in_order, _("The **order** of the arguments counts in yours: they have names, so it does not.")),
        Mistake(_first_parameter, _("You decide after the **first** parameter: is there a `return` in the loop?")),
        Mistake(
            _last_parameter, _("The **last** parameter decides in yours: return False at the first that is wrong.")
        ),
        Mistake(_wrong_names, _("You return **which** arguments are wrong: return True or False.")),
    ),
    corners=(
        Corner(lambda arguments, accepted: not arguments, _("Only calls **without arguments** go wrong.")),
        Corner(
            lambda arguments, accepted: any(name not in accepted for name in arguments),
            _("Only calls with **unknown** parameters go wrong: they are refused."),
        ),
        Corner(
            lambda arguments, accepted: any(value is False or value == 0 for value in arguments.values()),
            _("Only calls with **0 or False** go wrong: both are values that are given."),
        ),
    ),
    explanation=_(
        "A request can be answered by more than one call, so the answers list values, and the comparison is by value: "
        "the order of the arguments, the quotes and the spaces of the text play no part. What is not listed counts as "
        "wrong, however sensible it is: the measured accuracy is also a measure of the lists."
    ),
)
