"""Exercise on checking a call against the documentation of its function."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def wrong_arguments(
    arguments: dict[str, object],
    types: dict[str, type],
    required: list[str],
) -> list[str]:
    """The names of the parameters with which something is wrong in a call.

    types: the type of each parameter. required: the parameters that must be given. First come
    the arguments that are unknown or have a value of another type, in the order of the call;
    then the required ones that are missing, in the order of `required`. A bool is not an int;
    an int may stand for a float.

    >>> wrong_arguments({"days": "3", "hotel": 1}, {"city": str, "days": int}, ["city"])
    ['days', 'hotel', 'city']
    """
    wrong = []
    for name, value in arguments.items():
        kind = types.get(name)
        if type(value) is not kind and not (type(value) is int and kind is float):
            wrong.append(name)
    return wrong + [name for name in required if name not in arguments]


def _wrong_arguments_cases() -> list[tuple]:
    trip = {"city": str, "days": int, "budget": float, "cheap": bool, "stops": list}
    power = {"base": float, "exponent": int, "exact": bool}
    user = {"name": str, "age": int, "tags": list, "options": dict, "score": float}
    return [
        ({"days": "3", "hotel": 1}, {"city": str, "days": int}, ["city"]),
        ({"city": "Rome", "days": 3}, trip, ["city", "days"]),
        ({"hotel": "yes", "budget": "low", "city": "Rome"}, trip, ["days", "city"]),
        ({"days": True, "city": 3, "cheap": 1}, trip, ["stops", "budget", "city"]),
        ({"budget": 100, "days": 3.0, "town": "Rome"}, trip, ["city", "budget"]),
        ({"stops": "Pisa", "cheap": "True", "budget": 99.5}, trip, ["city", "budget", "days"]),
        ({"days": None, "city": None}, trip, ["city", "days"]),
        ({"stops": [], "cheap": False, "days": 0, "city": ""}, trip, ["city", "days", "cheap", "stops"]),
        ({"budget": True, "city": "Rome", "airline": None}, trip, ["city", "stops", "days"]),
        ({"base": 2, "exponent": 3}, power, ["base", "exponent"]),
        ({"base": 2.5, "exponent": 3.0, "exact": 0}, power, ["exponent", "base"]),
        ({"exact": True, "x": 2, "n": 3}, power, ["exponent", "base"]),
        ({"exponent": False, "base": True}, power, ["base", "exponent"]),
        ({"exponent": "3", "base": "2"}, power, ["base"]),
        ({"base": 0, "exponent": 0}, power, ["base", "exponent"]),
        ({}, power, ["exponent", "base"]),
        ({}, power, []),
        ({"base": -1}, power, ["exponent", "base"]),
        ({"y": 1, "exponent": 2, "x": 1}, power, ["base"]),
        ({"tags": ("a", "b"), "age": "30", "name": ["Ann"]}, user, ["name", "score"]),
        ({"options": {}, "score": 1, "tags": ["a"], "name": "Ann"}, user, ["name", "age"]),
        ({"options": [], "score": False, "nick": "A", "age": 30}, user, ["tags", "name"]),
        ({"name": 7, "options": None, "mail": "a", "score": "1.5"}, user, ["tags", "age", "name"]),
        ({"age": True, "name": "Ann", "zip": 1}, user, ["score", "tags", "age"]),
        ({"score": 0.0, "age": 0, "tags": [], "name": ""}, user, ["name", "age", "tags", "score"]),
        ({"Name": "Ann", "Age": 30}, user, ["age", "name"]),
        ({"score": None, "tags": None, "age": 30}, user, ["name"]),
        ({"zip": "1", "name": True, "age": 1.5, "nick": None}, user, ["options", "age", "tags"]),
        ({"exact": False, "base": 1.5, "exponent": 2}, power, []),
        ({"a": 1}, {}, []),
        ({"b": 1, "a": True}, {"a": int, "b": float, "c": int, "d": str}, ["d", "c"]),
        ({"d": 0, "c": "1", "b": 1, "a": 1}, {"a": bool, "b": float, "c": int, "d": str}, ["a"]),
    ]


def _wrong(arguments, types, fits):
    """The arguments that are unknown or whose value does not fit."""
    return [name for name, value in arguments.items() if name not in types or not fits(value, types[name])]


def _fits(value, kind):
    return type(value) is kind or (type(value) is int and kind is float)


def _missing(arguments, required):
    return [name for name in required if name not in arguments]


def _isinstance(arguments, types, required):
    def fits(value, kind):
        return isinstance(value, kind) or (isinstance(value, int) and kind is float)

    return _wrong(arguments, types, fits) + _missing(arguments, required)


def _isinstance_alone(arguments, types, required):
    return _wrong(arguments, types, isinstance) + _missing(arguments, required)


def _no_int_for_a_float(arguments, types, required):
    return _wrong(arguments, types, lambda value, kind: type(value) is kind) + _missing(arguments, required)


def _anything_for_a_float(arguments, types, required):
    return _wrong(arguments, types, lambda value, kind: kind is float or type(value) is kind) + _missing(
        arguments, required
    )


def _int_for_anything(arguments, types, required):
    return _wrong(arguments, types, lambda value, kind: type(value) in (kind, int)) + _missing(arguments, required)


def _numbers_alike(arguments, types, required):
    def fits(value, kind):
        return _fits(value, kind) or (type(value) is float and kind is int)

    return _wrong(arguments, types, fits) + _missing(arguments, required)


def _texts_of_numbers(arguments, types, required):
    def fits(value, kind):
        return _fits(value, kind) or (type(value) is str and kind in (int, float) and value.replace(".", "").isdigit())

    return _wrong(arguments, types, fits) + _missing(arguments, required)


def _none_fits(arguments, types, required):
    return _wrong(arguments, types, lambda value, kind: value is None or _fits(value, kind)) + _missing(
        arguments, required
    )


def _bool_does_not_fit(arguments, types, required):
    return _wrong(arguments, types, lambda value, kind: type(value) is not bool and _fits(value, kind)) + _missing(
        arguments, required
    )


def _unknown_not_seen(arguments, types, required):
    known = {name: value for name, value in arguments.items() if name in types}
    return _wrong(known, types, _fits) + _missing(arguments, required)


def _types_not_seen(arguments, types, required):
    return [name for name in arguments if name not in types] + _missing(arguments, required)


def _missing_not_seen(arguments, types, required):
    return _wrong(arguments, types, _fits)


def _missing_alone(arguments, types, required):
    return _missing(arguments, required)


def _unknown_alone(arguments, types, required):
    return [name for name in arguments if name not in types]


def _missing_first(arguments, types, required):
    return _missing(arguments, required) + _wrong(arguments, types, _fits)


def _all_missing(arguments, types, required):
    return _wrong(arguments, types, _fits) + _missing(arguments, types)


def _missing_in_order_of_types(arguments, types, required):
    return _wrong(arguments, types, _fits) + [name for name in _missing(arguments, types) if name in required]


def _given_are_missing(arguments, types, required):
    return _wrong(arguments, types, _fits) + [name for name in required if name in arguments]


def _all_required(arguments, types, required):
    return _wrong(arguments, types, _fits) + required


def _empty_is_missing(arguments, types, required):
    return _wrong(arguments, types, _fits) + [name for name in required if not arguments.get(name)]


def _wrong_are_missing_too(arguments, types, required):
    wrong = _wrong(arguments, types, _fits)
    return wrong + [name for name in required if name not in arguments or name in wrong]


def _right_ones(arguments, types, required):
    wrong = _wrong(arguments, types, _fits)
    return [name for name in arguments if name not in wrong] + _missing(arguments, required)


def _sorted(arguments, types, required):
    return sorted(wrong_arguments(arguments, types, required))


def _order_of_types(arguments, types, required):
    wrong = wrong_arguments(arguments, types, required)
    return [name for name in types if name in wrong] + [name for name in wrong if name not in types]


def _order_of_types_then_missing(arguments, types, required):
    wrong = _wrong(arguments, types, _fits)
    known = [name for name in types if name in wrong]
    return known + [name for name in wrong if name not in types] + _missing(arguments, required)


def _unknown_last(arguments, types, required):
    wrong = wrong_arguments(arguments, types, required)
    return [name for name in wrong if name in types] + [name for name in wrong if name not in types]


def _unknown_first(arguments, types, required):
    wrong = wrong_arguments(arguments, types, required)
    return [name for name in wrong if name not in types] + [name for name in wrong if name in types]


def _whether(arguments, types, required):
    return bool(wrong_arguments(arguments, types, required))


def _whether_right(arguments, types, required):
    return not wrong_arguments(arguments, types, required)


def _how_many(arguments, types, required):
    return len(wrong_arguments(arguments, types, required))


def _as_set(arguments, types, required):
    return set(wrong_arguments(arguments, types, required))


def _first(arguments, types, required):
    return wrong_arguments(arguments, types, required)[:1]


def _last(arguments, types, required):
    return wrong_arguments(arguments, types, required)[-1:]


def _with_values(arguments, types, required):
    return {name: arguments.get(name) for name in wrong_arguments(arguments, types, required)}


def _two_lists(arguments, types, required):
    return _wrong(arguments, types, _fits), _missing(arguments, required)


WRONG_ARGUMENTS = Exercise(
    name="tools.wrong_arguments",
    title=_("A call against its documentation"),
    solution=wrong_arguments,
    cases=_wrong_arguments_cases,
    hints=(
        _(
            "Go through the arguments and collect the names that are not in `types`, and those whose value has another "
            "type. Then add the names of `required` that are not in `arguments`."
        ),
        _(
            "`type(value) is kind` tells a bool from an int, which `isinstance` does not; "
            "`type(value) is int and kind is float` is the exception. `types.get(name)` is None for an unknown name."
        ),
    ),
    mistakes=(
        Mistake(_isinstance, _("A **bool** passes as a number in yours: `isinstance(True, int)` is True.")),
        Mistake(
            _isinstance_alone,
            _("`isinstance` takes a **bool** for an int and refuses an int where a float is due: compare types."),
        ),
        Mistake(_no_int_for_a_float, _("You refuse an **int** where a float is due: 2 may stand for 2.0.")),
        Mistake(_anything_for_a_float, _("**Anything** passes where a float is due: only a float and an int may.")),
        Mistake(_int_for_anything, _("An **int** passes for every type: only where a float is due may it.")),
        Mistake(_numbers_alike, _("A **float** passes as an int in yours: only the other way is allowed.")),
        Mistake(_texts_of_numbers, _('A **text** passes as a number in yours: "3" is not 3.')),
        Mistake(_none_fits, _("**None** passes for every type in yours: its type is another.")),
        Mistake(_bool_does_not_fit, _("You refuse a bool where a **bool** is due.")),
        Mistake(_unknown_not_seen, _("**Unknown** ones are not in your answer: the names that are not in `types`.")),
        Mistake(_types_not_seen, _("Values of the wrong **type** are not in your answer.")),
        Mistake(_missing_not_seen, _("**Missing** ones are not in your answer: the required that are not given.")),
        Mistake(_missing_alone, _("Only the **missing** ones are in your answer: look at those that are given, too.")),
        Mistake(
            _unknown_alone, _("Only the **unknown** ones are in your answer: compare types, look for missing ones.")
        ),
        Mistake(_missing_first, _("In yours the **missing** ones come first: they come after those of the call.")),
        Mistake(_all_missing, _("**Every** parameter that is not given is missing in yours: only required ones are.")),
        Mistake(
            _missing_in_order_of_types,
            _("Your missing ones are in the order of **`types`**: theirs is that of `required`."),
        ),
        Mistake(_given_are_missing, _("The required that **are** given are in your answer: write `not in`.")),
        Mistake(
            _empty_is_missing, _("0, False and empty values count as **missing** in yours: ask `not in arguments`.")
        ),
        Mistake(_wrong_are_missing_too, _("A required argument of the wrong type comes **twice** in yours.")),
        Mistake(_right_ones, _("Your answer has the arguments that are **right**: turn the condition round.")),
        Mistake(_all_required, _("**All** that is required is in your answer: only what is missing belongs there.")),
        Mistake(_sorted, _("You **sort** the names: they come in the order of the call.")),
        Mistake(
            _order_of_types, _("All your names are in the order of **`types`**: the call's come first, in its order.")
        ),
        Mistake(
            _order_of_types_then_missing,
            _("The arguments are in the order of the **documentation**: go through the call."),
        ),
        Mistake(_unknown_last, _("In yours the **unknown** ones come last: they come where they are in the call.")),
        Mistake(_unknown_first, _("In yours the **unknown** ones come first: they come where they are in the call.")),
        Mistake(_whether, _("You answer as **True or False**: return the names.")),
        Mistake(_whether_right, _("You answer **whether** the call is right: return the names of what is wrong.")),
        Mistake(_how_many, _("You return **how many** are wrong: return their names.")),
        Mistake(_as_set, _("You return a **set**: return a list, since the order counts.")),
        Mistake(_first, _("You stop after the **first** that is wrong: return all of them.")),
        Mistake(_last, _("You return the **last** that is wrong: add to the list, do not replace it.")),
        Mistake(_with_values, _("You return names **with values**: return a list of names.")),
        Mistake(_two_lists, _("You return **two** lists: join them with `+`.")),
    ),
    corners=(
        Corner(
            lambda arguments, types, required: not arguments,
            _("Only calls **without arguments** go wrong: all that is required is missing."),
        ),
        Corner(
            lambda arguments, types, required: not wrong_arguments(arguments, types, required),
            _("Only calls in which **nothing is wrong** go wrong: the list is empty."),
        ),
    ),
    explanation=_(
        "All this is known before the call is run, from the documentation alone, and a message with the names can go "
        "back to the model, which then may write a better call. Whether the values are the ones that were asked for is "
        "not checked: a call without a wrong argument can still be the wrong call."
    ),
)
