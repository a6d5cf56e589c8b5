"""Exercise on constrained decoding: the characters that can still lead to a function's name."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def next_characters(prefix: str, names: list[str]) -> set[str]:
    """The characters that may come next, so that a call of one of these functions is written.

    A call begins with a function's name and "(", and `prefix` is what was written so far, from
    the first character of the name. Where it is the beginning of a name, the name's next
    character may follow; after a whole name "(" may follow. When no call begins with `prefix`,
    the set is empty.

    >>> sorted(next_characters("math.", ["math.power", "math.root", "area"]))
    ['p', 'r']
    >>> sorted(next_characters("area", ["area", "area_of_circle"]))
    ['(', '_']
    """
    characters = set()
    for name in names:
        if name.startswith(prefix):
            rest = name[len(prefix) :]
            characters.add(rest[0] if rest else "(")
    return characters


def _next_characters_cases() -> list[tuple]:
    maths = ["math.power", "math.root", "area"]
    areas = ["area", "area_of_circle", "area_of_square", "age"]
    several = ["get", "get_user", "get_users", "set_user", "set"]
    dotted = ["music.play", "play.music", "music.pause", "play"]
    return [
        ("math.", maths),
        ("area", areas),
        ("get_", several),
        ("", maths),
        ("a", maths),
        ("ar", areas),
        ("get", several),
        ("get_user", several),
        ("set", several),
        ("music.p", dotted),
        ("play", dotted),
        ("p", dotted),
        ("", dotted),
        ("area_of_", areas),
        ("user", several),
        ("math.power", maths),
        ("area(", areas),
        ("root", maths),
        ("math.powers", maths),
        ("to_", ["to_Celsius", "to_celsius", "to_Kelvin", "from_celsius"]),
        ("T", ["Time", "time", "Temperature", "Tip"]),
        ("weather.get_", ["weather.get_wind", "weather.get_rain", "climate.get_snow", "get_fog"]),
        ("Get", ["GetUser", "get_user", "getTime"]),
        ("get", ["GetUser", "get_user", "getTime"]),
        ("LOG", ["LOGIN", "log_all", "LogOut", "LOGOUT"]),
        ("aa", ["aab", "baac", "aaad", "caae"]),
        ("tip", ["tip", "tips", "tipping_point", "top"]),
        ("no", ["nothing", "none", "note", "no"]),
        ("ab", ["abc", "acd", "bbe", "abf"]),
        ("find_", ["find_a", "find_b", "find_c", "fund_d"]),
    ]


def _after(prefix, names, fits):
    return {f"{name}("[len(prefix)] for name in names if len(name) >= len(prefix) and fits(name)}


def _without_bracket(prefix, names):
    return {name[len(prefix)] for name in names if name.startswith(prefix) and name != prefix}


def _bracket_alone(prefix, names):
    return {"("} if prefix in names else next_characters(prefix, names)


def _bracket_always(prefix, names):
    return next_characters(prefix, names) | {"("}


def _bracket_where_nothing_fits(prefix, names):
    return next_characters(prefix, names) or {"("}


def _nothing_after(prefix, names):
    return {name[len(prefix) :][:1] for name in names if name.startswith(prefix)}


def _both_brackets(prefix, names):
    return {name[len(prefix) :][:1] or "()" for name in names if name.startswith(prefix)}


def _closing_bracket(prefix, names):
    return {f"{name})"[len(prefix)] for name in names if name.startswith(prefix)}


def _names(prefix, names):
    return {name for name in names if name.startswith(prefix)}


def _rests(prefix, names):
    return {f"{name}("[len(prefix) :] for name in names if name.startswith(prefix)}


def _rests_of_names(prefix, names):
    return {name[len(prefix) :] for name in names if name.startswith(prefix)}


def _one_further(prefix, names):
    return {f"{name}("[len(prefix) + 1] for name in names if name.startswith(prefix) and name != prefix}


def _last_written(prefix, names):
    return {name[len(prefix) - 1] for name in names if name.startswith(prefix)}


def _at_this_place(prefix, names):
    return _after(prefix, names, lambda name: True)


def _same_last(prefix, names):
    return _after(prefix, names, lambda name: name[: len(prefix)][-1:] == prefix[-1:])


def _same_first(prefix, names):
    return _after(prefix, names, lambda name: name[: min(1, len(prefix))] == prefix[:1])


def _any_case(prefix, names):
    return _after(prefix, names, lambda name: name.lower().startswith(prefix.lower()))


def _small_letters(prefix, names):
    return {character.lower() for character in next_characters(prefix, names)}


def _anywhere(prefix, names):
    return {f"{name}("[name.index(prefix) + len(prefix)] for name in names if prefix in name}


def _contained(prefix, names):
    return _after(prefix, names, lambda name: prefix in name)


def _in_any_part(prefix, names):
    parts = [part for name in names for part in name.split(".")]
    return next_characters(prefix.split(".")[-1], parts)


def _first_characters(prefix, names):
    return {name[0] for name in names}


def _starts_again(prefix, names):
    return next_characters(prefix, names) or {name[0] for name in names}


def _all_that_follow(prefix, names):
    return {character for name in names if name.startswith(prefix) for character in f"{name}("[len(prefix) :]}


def _all_of_the_names(prefix, names):
    return {character for name in names if name.startswith(prefix) for character in name}


def _first_name(prefix, names):
    fitting = [name for name in names if name.startswith(prefix)]
    return next_characters(prefix, fitting[:1])


def _last_name(prefix, names):
    fitting = [name for name in names if name.startswith(prefix)]
    return next_characters(prefix, fitting[-1:])


def _others(prefix, names):
    return _after(prefix, names, lambda name: not name.startswith(prefix))


def _list_with_repeats(prefix, names):
    return [f"{name}("[len(prefix)] for name in names if name.startswith(prefix)]


def _one_text(prefix, names):
    return "".join(sorted(next_characters(prefix, names)))


def _how_many(prefix, names):
    return len(next_characters(prefix, names))


def _extended(prefix, names):
    return {prefix + character for character in next_characters(prefix, names)}


def _shorter_prefix(prefix, names):
    return _after(prefix, names, lambda name: name.startswith(prefix[:-1]))


def _first_that_fit(prefix, names):
    return {name[0] for name in names if name.startswith(prefix)}


def _last_that_fit(prefix, names):
    return {name[len(prefix) :][-1:] or "(" for name in names if name.startswith(prefix)}


def _bracket_of_each(prefix, names):
    return {"(" for name in names if name.startswith(prefix)}


def _at_the_end(prefix, names):
    return {name[len(prefix) :][:1] or "(" for name in names if name.endswith(prefix)}


NEXT_CHARACTERS = Exercise(
    name="tools.next_characters",
    title=_("A name of the catalog, and no other"),
    solution=next_characters,
    cases=_next_characters_cases,
    hints=(
        _(
            "Go through the names that begin with all of `prefix`. What is left of a name begins with the character "
            'that may come next; where nothing is left, it is "(".'
        ),
        _("`name.startswith(prefix)` says whether a name fits, and `name[len(prefix) :]` is what is left of it."),
    ),
    mistakes=(
        Mistake(_without_bracket, _('After a **whole name** nothing follows in yours: "(" may.')),
        Mistake(
            _bracket_alone,
            _('After a whole name you allow **"(" alone**: where a longer name begins with it, that may go on, too.'),
        ),
        Mistake(_bracket_always, _('You **always** allow "(": only a whole name is followed by it.')),
        Mistake(_bracket_where_nothing_fits, _('You allow "(" where **no name fits**: nothing may follow there.')),
        Mistake(_nothing_after, _('After a whole name you allow the **empty text**: the next character is "(".')),
        Mistake(_both_brackets, _('You allow **"()"** at once: the next character is "(" alone.')),
        Mistake(_closing_bracket, _('After a whole name you allow the **closing** bracket: "(" opens the arguments.')),
        Mistake(_names, _("You return the **names** that fit: return the next character of each.")),
        Mistake(_rests, _("You return **all** that is left of the calls: return the next character, `[len(prefix)]`.")),
        Mistake(
            _rests_of_names,
            _("You return **all** that is left of the names: return the next character, `[len(prefix)]`."),
        ),
        Mistake(_one_further, _("You look **one character too far**: after n characters the next one is `[n]`.")),
        Mistake(_last_written, _("You return the character that was **written last**: return the one after it.")),
        Mistake(
            _at_this_place,
            _("You do not look at **what was written**, only at how much: a name has to begin with `prefix`."),
        ),
        Mistake(_same_last, _("You compare the **last** character of `prefix` alone: compare all of them.")),
        Mistake(_same_first, _("You compare the **first** character of `prefix` alone: compare all of them.")),
        Mistake(_any_case, _("You take capitals and small letters **for the same**: they make different names.")),
        Mistake(_small_letters, _("You return **small letters** for capitals: return them as the names have them.")),
        Mistake(
            _anywhere,
            _("You find `prefix` **anywhere** in a name: it is the beginning, `startswith`."),
        ),
        Mistake(
            _contained,
            _("For you it is enough that a name **contains** `prefix`: it must begin with it, `startswith`."),
        ),
        Mistake(_in_any_part, _("You take names **apart at the dots**: a dot is a character of the name.")),
        Mistake(_first_characters, _("You return the **first** characters of the names: look at what was written.")),
        Mistake(_first_that_fit, _("You return the **first** character of the names that fit: return the next.")),
        Mistake(_last_that_fit, _("You return the **last** character of the names that fit: return the next.")),
        Mistake(_bracket_of_each, _('You allow "(" after **part** of a name: the name goes on.')),
        Mistake(_at_the_end, _("You look for `prefix` at the **end** of the names: `startswith`, not `endswith`.")),
        Mistake(
            _starts_again,
            _("Where no name fits you **start again**: nothing may follow what no call begins with."),
        ),
        Mistake(_all_that_follow, _("You allow **every later** character: only the next one may follow now.")),
        Mistake(_all_of_the_names, _("You allow **every** character of the names that fit: only the next may follow.")),
        Mistake(_first_name, _("You stop at the **first** name that fits: is there a `return` in the loop?")),
        Mistake(_last_name, _("You keep the **last** name that fits alone: add to the set, do not replace it.")),
        Mistake(_others, _("You go on with the names that do **not** begin with `prefix`.")),
        Mistake(_list_with_repeats, _("You return a **list**: return a set, with each character once.")),
        Mistake(_one_text, _("You return **one text**: return a set of characters.")),
        Mistake(_how_many, _("You return **how many** characters there are: return the characters.")),
        Mistake(_extended, _("You return `prefix` **with** its next character: return the character alone.")),
        Mistake(_shorter_prefix, _("You leave the **last** character of `prefix` out of the comparison.")),
    ),
    corners=(
        Corner(
            lambda prefix, names: prefix in names,
            _('Only after a **whole name** it goes wrong: "(" may follow, and what goes on to a longer name.'),
        ),
        Corner(
            lambda prefix, names: not any(name.startswith(prefix) for name in names),
            _("Only what **no name begins with** goes wrong: the set is empty."),
        ),
        Corner(
            lambda prefix, names: not prefix,
            _("Only the **empty prefix** goes wrong: every name begins with it."),
        ),
    ),
    explanation=_(
        "A name that comes out is a name of the catalog, whatever the model prefers: it cannot invent one. It may "
        "still choose the wrong one: where it finds every allowed character unlikely, one of them is taken all the "
        "same. A token of several characters is allowed when each of them may follow the one before."
    ),
)
