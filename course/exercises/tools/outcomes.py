"""Exercise on what becomes of a request: a right call, a wrong one, an invented function, or no call at all."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def outcome(
    call: tuple[str, dict] | None,
    catalog: list[str],
    right: list[tuple[str, dict]],
) -> str:
    """What became of a request, by the call that the model wrote.

    A call is a function's name and its arguments by name; None says that the text was no call.
    catalog: the names of the functions that exist. right: the calls that answer the request.
    Returns the first that holds: "unparsable" when there is no call, "hallucinated" when its
    function is not in the catalog, "right" when it equals one of the right calls, "wrong call".

    >>> outcome(("cube", {"x": 2}), ["power", "root"], right=[("power", {"base": 2})])
    'hallucinated'
    """
    if call is None:
        return "unparsable"
    name, arguments = call
    if name not in catalog:
        return "hallucinated"
    return "right" if (name, arguments) in right else "wrong call"


def _outcome_cases() -> list[tuple]:
    maths = ["power", "root", "math.log", "area"]
    eight = [("power", {"base": 2, "exponent": 3})]
    either = [("power", {"base": 3, "exponent": 2}), ("power", {"base": -3, "exponent": 2}), ("area", {"side": 3})]
    users = ["get_user", "get_users", "set_user", "users.find"]
    ann = [("get_user", {"name": "Ann", "age": 30}), ("users.find", {"text": "Ann"}), ("get_user", {"id": 7})]
    calls = [
        (("cube", {"x": 2}), maths, eight),
        (("power", {"exponent": 3, "base": 2}), maths, eight),
        (("power", {"base": 3, "exponent": 2}), maths, eight),
        (None, maths, eight),
        (("root", {"base": 2, "exponent": 3}), maths, eight),
        (("power", {"base": 2}), maths, eight),
        (("power", {"base": 2, "exponent": 3, "digits": 1}), maths, eight),
        (("power", {"x": 2, "y": 3}), maths, eight),
        (("power", {"base": "2", "exponent": "3"}), maths, eight),
        (("pow", {"base": 2, "exponent": 3}), maths, eight),
        (("Power", {"base": 2, "exponent": 3}), maths, eight),
        (("power", {}), maths, eight),
        (("area", {"side": 3}), maths, either),
        (("power", {"base": -3, "exponent": 2}), maths, either),
        (("power", {"exponent": 2, "base": 3}), maths, either),
        (("area", {"base": 3, "exponent": 2}), maths, either),
        (("root", {"side": 3}), maths, either),
        (("power", {"side": 3}), maths, either),
        (("users.find", {"id": 7}), users, ann),
        (("area", {"side": "3"}), maths, either),
        (("log", {"x": 3}), maths, either),
        (None, maths, either),
        (("area", {"Side": 3}), maths, either),
        (("AREA", {"side": 3}), maths, either),
        (("math", {"x": 3}), maths, either),
        (("get_user", {"age": 30, "name": "Ann"}), users, ann),
        (("users.find", {"text": "Ann"}), users, ann),
        (("get_user", {"id": 7}), users, ann),
        (("get_users", {"id": 7}), users, ann),
        (("get_user", {"text": "Ann"}), users, ann),
        (("find", {"text": "Ann"}), users, ann),
        (("user", {"id": 7}), users, ann),
        (("get_user", {"id": 8}), users, ann),
        (("get_user", {"name": "Ann"}), users, ann),
        (("get_user", {"name": "ann", "age": 30}), users, ann),
        (("get_user", {"name": "Ann", "age": 30, "id": 7}), users, ann),
        (("get_user", {"name": 30, "age": "Ann"}), users, ann),
        (("Get_User", {"id": 7}), users, ann),
        (("find", {"id": 7}), users, ann),
        (("users.find", {}), users, ann),
        (("users.find", {"text": "Ann", "id": 7}), users, ann),
        (None, users, ann),
        (("get_user", {}), ["get_user"], [("get_user", {})]),
        (("get_users", {}), ["get_user"], [("get_user", {})]),
        (("get_user", {"id": 1}), ["get_user"], [("get_user", {})]),
    ]
    return calls


def _judged(call, catalog, is_right):
    if call is None:
        return "unparsable"
    if call[0] not in catalog:
        return "hallucinated"
    return "right" if is_right(*call) else "wrong call"


def _name_alone(call, catalog, right):
    return _judged(call, catalog, lambda name, arguments: name in [other for other, _arguments in right])


def _arguments_alone(call, catalog, right):
    return _judged(call, catalog, lambda name, arguments: arguments in [other for _name, other in right])


def _from_different_calls(call, catalog, right):
    return _judged(
        call,
        catalog,
        lambda name, arguments: name in [one for one, _ in right] and arguments in [other for _, other in right],
    )


def _first_right_call(call, catalog, right):
    return _judged(call, catalog, lambda name, arguments: (name, arguments) == right[0])


def _last_right_call(call, catalog, right):
    return _judged(call, catalog, lambda name, arguments: (name, arguments) == right[-1])


def _all_right_calls(call, catalog, right):
    return _judged(call, catalog, lambda name, arguments: all((name, arguments) == one for one in right))


def _in_order(call, catalog, right):
    return _judged(
        call,
        catalog,
        lambda name, arguments: (name, list(arguments.items())) in [(one, list(other.items())) for one, other in right],
    )


def _values_alone(call, catalog, right):
    return _judged(
        call,
        catalog,
        lambda name, arguments: any(
            name == one and sorted(map(str, arguments.values())) == sorted(map(str, other.values()))
            for one, other in right
        ),
    )


def _parameters_alone(call, catalog, right):
    return _judged(
        call,
        catalog,
        lambda name, arguments: any(name == one and arguments.keys() == other.keys() for one, other in right),
    )


def _more_arguments(call, catalog, right):
    return _judged(
        call,
        catalog,
        lambda name, arguments: any(name == one and other.items() <= arguments.items() for one, other in right),
    )


def _fewer_arguments(call, catalog, right):
    return _judged(
        call,
        catalog,
        lambda name, arguments: any(name == one and arguments.items() <= other.items() for one, other in right),
    )


def _one_argument(call, catalog, right):
    return _judged(
        call,
        catalog,
        lambda name, arguments: any(
            name == one and (arguments == other or arguments.items() & other.items()) for one, other in right
        ),
    )


def _as_texts(call, catalog, right):
    def texts(arguments):
        return {name: str(value).lower() for name, value in arguments.items()}

    return _judged(
        call,
        catalog,
        lambda name, arguments: any(name == one and texts(arguments) == texts(other) for one, other in right),
    )


def _catalog_ignored(call, catalog, right):
    return "unparsable" if call is None else "right" if call in right else "wrong call"


def _names_of_right_calls(call, catalog, right):
    return outcome(call, [name for name, _arguments in right], right)


def _every_wrong_one_hallucinated(call, catalog, right):
    return "unparsable" if call is None else "right" if call in right else "hallucinated"


def _part_of_a_name(call, catalog, right):
    found = outcome(call, catalog, right)
    return "wrong call" if found == "hallucinated" and any(call[0] in name for name in catalog) else found


def _capitals_ignored(call, catalog, right):
    lowered = [name.lower() for name in catalog]
    return outcome(call and (call[0].lower(), call[1]), lowered, right)


def _unknown_argument(call, catalog, right):
    known = {parameter for _name, arguments in right for parameter in arguments}
    return outcome(call if call is None or call[1].keys() <= known else ("", call[1]), catalog, right)


def _none_is_wrong(call, catalog, right):
    return outcome(call, catalog, right).replace("unparsable", "wrong call")


def _none_is_hallucinated(call, catalog, right):
    return outcome(call, catalog, right).replace("unparsable", "hallucinated")


def _invented_is_unparsable(call, catalog, right):
    return outcome(call, catalog, right).replace("hallucinated", "unparsable")


def _exchanged(call, catalog, right):
    other = {"unparsable": "hallucinated", "hallucinated": "unparsable"}
    found = outcome(call, catalog, right)
    return other.get(found, found)


def _turned_round(call, catalog, right):
    other = {"right": "wrong call", "wrong call": "right"}
    found = outcome(call, catalog, right)
    return other.get(found, found)


def _catalog_turned_round(call, catalog, right):
    return "unparsable" if call is None else "hallucinated" if call[0] in catalog else "wrong call"


def _true_or_false(call, catalog, right):
    return call in right


def _short(call, catalog, right):
    return outcome(call, catalog, right).replace(" call", "")


def _joined(call, catalog, right):
    return outcome(call, catalog, right).replace(" ", "_")


def _capitals(call, catalog, right):
    return outcome(call, catalog, right).upper()


def _capitalized(call, catalog, right):
    return outcome(call, catalog, right).capitalize()


OUTCOME = Exercise(
    name="tools.outcome",
    title=_("Right, wrong, invented, no call"),
    solution=outcome,
    cases=_outcome_cases,
    hints=(
        _(
            "Ask three questions in this order, and return as soon as one is answered: Is there a call? Is its "
            "function in the catalog? Is it among the right calls?"
        ),
        _(
            "`call is None` comes first, or `call[0]` fails. `call in right` compares the name and all the arguments, "
            "whatever their order, since two dictionaries with the same items are equal."
        ),
    ),
    mistakes=(
        Mistake(_name_alone, _('A call of the right **function** is "right" in yours: its arguments count, too.')),
        Mistake(_arguments_alone, _("You compare the **arguments** alone: the function's name counts, too.")),
        Mistake(
            _from_different_calls,
            _("You take the name and the arguments from **different** right calls: both must be of the same one."),
        ),
        Mistake(_first_right_call, _("You compare with the **first** right call alone: any of them will do.")),
        Mistake(_last_right_call, _("You compare with the **last** right call alone: any of them will do.")),
        Mistake(_all_right_calls, _("Your call must equal **all** the right calls: one of them is enough.")),
        Mistake(_in_order, _("The **order** of the arguments counts in yours: they have names, so it does not.")),
        Mistake(_values_alone, _("You compare the **values** alone: each belongs to its parameter.")),
        Mistake(_parameters_alone, _("You compare the **names** of the arguments alone: their values count, too.")),
        Mistake(_more_arguments, _("You let **more** arguments through than the right call has.")),
        Mistake(_fewer_arguments, _("You let **fewer** arguments through than the right call has.")),
        Mistake(_one_argument, _("**One** right argument is enough in yours: all of them must be right.")),
        Mistake(_as_texts, _('You compare values **as texts**: "3" is not 3, and "ann" is not "Ann".')),
        Mistake(
            _catalog_ignored,
            _('You do not look into the **catalog**: a function that is not in it is "hallucinated".'),
        ),
        Mistake(
            _names_of_right_calls,
            _('A function that **exists** is "hallucinated" in yours unless a right call has it: use the catalog.'),
        ),
        Mistake(
            _every_wrong_one_hallucinated,
            _('**Every** wrong call is "hallucinated" in yours: only one whose function is not in the catalog is.'),
        ),
        Mistake(
            _part_of_a_name,
            _("You find the name as a **part** of another: `name in catalog` compares with whole names."),
        ),
        Mistake(
            _capitals_ignored, _("You take **capitals** and small letters for the same: they are different names.")
        ),
        Mistake(
            _unknown_argument,
            _('An unknown **argument** makes a call "hallucinated" in yours: only its function decides that.'),
        ),
        Mistake(_none_is_wrong, _('A text that is no call is **"wrong call"** in yours: it is "unparsable".')),
        Mistake(_none_is_hallucinated, _('A text that is no call is **"hallucinated"** in yours: it is "unparsable".')),
        Mistake(
            _invented_is_unparsable,
            _('An invented function is **"unparsable"** in yours: it was read, and is "hallucinated".'),
        ),
        Mistake(_exchanged, _('"unparsable" and "hallucinated" are **exchanged**.')),
        Mistake(_turned_round, _('"right" and "wrong call" are **exchanged**.')),
        Mistake(_catalog_turned_round, _('Functions **in** the catalog are "hallucinated" in yours: write `not in`.')),
        Mistake(_true_or_false, _("You return **True or False**: return one of the four outcomes.")),
        Mistake(_short, _('You write "wrong": the outcome is **"wrong call"**.')),
        Mistake(_joined, _('You write "wrong_call": the outcome is **"wrong call"**, with a space.')),
        Mistake(_capitals, _("You write the outcomes in **capitals**: write them in small letters.")),
        Mistake(_capitalized, _("Your outcomes begin with a **capital**: write them in small letters.")),
    ),
    corners=(
        Corner(
            lambda call, catalog, right: call is None,
            _('Only texts that are **no call** go wrong: `call` is None, and the outcome "unparsable".'),
        ),
        Corner(
            lambda call, catalog, right: call is not None and call[0] not in catalog,
            _('Only functions that are **not in the catalog** go wrong: their outcome is "hallucinated".'),
        ),
        Corner(
            lambda call, catalog, right: call in right,
            _('Only the **right** calls go wrong: their outcome is "right".'),
        ),
        Corner(
            lambda call, catalog, right: call is not None and call[0] in catalog and call not in right,
            _(
                "Only the wrong calls of functions that **exist** go wrong: "
                'what is neither of the others is a "wrong call".'
            ),
        ),
    ),
    explanation=_(
        "The outcomes have different remedies. A grammar of calls leaves nothing unparsable, and the names of the "
        "catalog in it leave nothing hallucinated, both without training; neither makes a wrong call right. Accuracy "
        "alone does not show which of them a model needs."
    ),
)
