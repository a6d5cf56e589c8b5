"""Wrong answers as learners give them, for the exercises of the lesson `tools`."""

import ast
import re

from tests.exercises.wrong.collected import wrong_way


@wrong_way("tools.next_characters", says="After a **whole name** nothing follows")
def characters_without_the_end(prefix, names):
    return {name[len(prefix)] for name in names if name.startswith(prefix) and len(name) > len(prefix)}


@wrong_way("tools.next_characters", says='**"(" alone**')
def characters_that_stop(prefix, names):
    if prefix in names:
        return {"("}
    return {name[len(prefix)] for name in names if name.startswith(prefix)}


@wrong_way("tools.next_characters", says="**anywhere** in a name")
def characters_after_find(prefix, names):
    return {(name + "(")[name.find(prefix) + len(prefix)] for name in names if name.find(prefix) >= 0}


@wrong_way("tools.next_characters", says="only at how much")
def characters_of_a_column(prefix, names):
    return {(name + "(")[len(prefix)] for name in names if len(prefix) <= len(name)}


@wrong_way("tools.next_characters", says="**names** that fit")
def characters_as_names(prefix, names):
    return set(filter(lambda name: name.startswith(prefix), names))


@wrong_way("tools.next_characters", says="in the loop")
def characters_that_return(prefix, names):
    for name in names:
        if name.startswith(prefix):
            return {(name + "(")[len(prefix)]}
    return set()


@wrong_way("tools.next_characters", says="add to the set")
def characters_that_are_replaced(prefix, names):
    found = set()
    for name in names:
        if name.startswith(prefix):
            found = {(name + "(")[len(prefix)]}
    return found


@wrong_way("tools.next_characters", says="**list**")
def characters_in_a_list(prefix, names):
    found = []
    for name in names:
        if name.startswith(prefix):
            found.append((name + "(")[len(prefix)])
    return found


@wrong_way("tools.next_characters", says="the **empty text**")
def characters_by_slices(prefix, names):
    n = len(prefix)
    return {name[n : n + 1] for name in names if name[:n] == prefix}


@wrong_way("tools.next_characters", says="**start again**")
def characters_from_the_start(prefix, names):
    fitting = [name for name in names if name.startswith(prefix)]
    return {(name + "(")[len(prefix)] for name in fitting} if fitting else {name[0] for name in names}


@wrong_way("tools.outcome", says="do not look into the **catalog**")
def outcome_without_a_catalog(call, catalog, right):
    if not call:
        return "unparsable"
    return "right" if any(call == one for one in right) else "wrong call"


@wrong_way("tools.outcome", says="A call of the right **function**")
def outcome_by_name(call, catalog, right):
    if not call:
        return "unparsable"
    if call[0] not in catalog:
        return "hallucinated"
    return "right" if call[0] in dict(right) else "wrong call"


@wrong_way("tools.outcome", says="**Every** wrong call")
def outcome_right_or_hallucinated(call, catalog, right):
    if call in right:
        return "right"
    return "hallucinated" if call else "unparsable"


@wrong_way("tools.outcome", says="with the **first** right call alone")
def outcome_of_the_first(call, catalog, right):
    if call is None:
        return "unparsable"
    for one in right:
        if call[0] not in catalog:
            return "hallucinated"
        return "right" if call == one else "wrong call"


@wrong_way("tools.outcome", says="**no call** go wrong")
def outcome_of_none(call, catalog, right):
    name, arguments = call
    if name not in catalog:
        return "hallucinated"
    return "right" if (name, arguments) in right else "wrong call"


@wrong_way("tools.outcome", says="The **order** of the arguments")
def outcome_of_texts(call, catalog, right):
    if call is None:
        return "unparsable"
    if call[0] not in catalog:
        return "hallucinated"
    return "right" if str(call) in map(str, right) else "wrong call"


@wrong_way("tools.outcome", says="as a **part** of another")
def outcome_of_joined_names(call, catalog, right):
    if call is None:
        return "unparsable"
    if call[0] not in " ".join(catalog):
        return "hallucinated"
    return "right" if call in right else "wrong call"


@wrong_way("tools.outcome", says="let **more** arguments through")
def outcome_of_given_arguments(call, catalog, right):
    if call is None:
        return "unparsable"
    if call[0] not in catalog:
        return "hallucinated"
    for name, wanted in right:
        if name == call[0] and all(
            parameter in call[1] and call[1][parameter] == wanted[parameter] for parameter in wanted
        ):
            return "right"
    return "wrong call"


@wrong_way("tools.outcome", says="let **fewer** arguments through")
def outcome_of_what_is_given(call, catalog, right):
    if call is None:
        return "unparsable"
    if call[0] not in catalog:
        return "hallucinated"
    for name, wanted in right:
        if name == call[0] and all(wanted.get(parameter) == value for parameter, value in call[1].items()):
            return "right"
    return "wrong call"


@wrong_way("tools.outcome", says='**"wrong call"**, with a space')
def outcome_with_underscore(call, catalog, right):
    if call is None:
        return "unparsable"
    if call[0] not in catalog:
        return "hallucinated"
    return "right" if call in right else "wrong_call"


@wrong_way("tools.groups_by_function", says="the **first** group")
def groups_by_known_function(tasks):
    numbers, count = [], 0
    for place, task in enumerate(tasks):
        for other in range(place):
            if tasks[other] & task:
                numbers.append(numbers[other])
                break
        else:
            numbers.append(count)
            count += 1
    return numbers


@wrong_way("tools.groups_by_function", says="**Every** task has a group of its own")
def groups_of_one(tasks):
    return [place for place, _task in enumerate(tasks)]


@wrong_way("tools.groups_by_function", says="with the **same** functions")
def groups_by_equal_sets(tasks):
    seen = []
    for task in tasks:
        if not task or task not in seen:
            seen.append(task)
    numbers, empty = [], [place for place, task in enumerate(seen) if not task]
    for task in tasks:
        numbers.append(seen.index(task) if task else empty.pop(0))
    return numbers


@wrong_way("tools.groups_by_function", says="**neighbours** alone")
def groups_of_neighbours(tasks):
    numbers = []
    for place, task in enumerate(tasks):
        numbers.append(numbers[-1] + (not task & tasks[place - 1]) if numbers else 0)
    return numbers


@wrong_way("tools.groups_by_function", says="those of the **first tasks**")
def groups_with_gaps(tasks):
    marks = list(range(len(tasks)))
    for i in range(len(tasks)):
        for j in range(i):
            if tasks[i] & tasks[j]:
                old, new = max(marks[i], marks[j]), min(marks[i], marks[j])
                marks = [new if mark == old else mark for mark in marks]
    return marks


@wrong_way("tools.groups_by_function", says="You count from **1**")
def groups_from_1(tasks):
    marks = groups_with_gaps(tasks)
    return [sorted(set(marks)).index(mark) + 1 for mark in marks]


@wrong_way("tools.groups_by_function", says="**tasks of each group**")
def groups_as_lists(tasks):
    marks = groups_with_gaps(tasks)
    return [[place for place, other in enumerate(marks) if other == mark] for mark in sorted(set(marks))]


@wrong_way("tools.groups_by_function", says="**first** task of each group alone")
def groups_of_first_tasks(tasks):
    firsts, numbers = [], []
    for task in tasks:
        fitting = [number for number, first in enumerate(firsts) if first & task]
        if not fitting:
            firsts.append(task)
        numbers.append(fitting[0] if fitting else len(firsts) - 1)
    return numbers


@wrong_way("tools.groups_by_function", says="the **first** group")
def groups_of_smallest_numbers(tasks):
    marks = []
    for place, task in enumerate(tasks):
        marks.append(min([place, *(marks[other] for other in range(place) if tasks[other] & task)]))
    return [list(dict.fromkeys(marks)).index(mark) for mark in marks]


@wrong_way("tools.groups_by_function", says="**without functions** go wrong")
def groups_with_the_empty_together(tasks):
    marked = [task or {""} for task in tasks]
    marks = groups_with_gaps(marked)
    return [sorted(set(marks)).index(mark) for mark in marks]


@wrong_way("tools.accepts", says="**without their types**")
def accepted_by_equality(arguments, accepted):
    for name in arguments:
        if name not in accepted:
            return False
    return all(arguments.get(name, "") in values for name, values in accepted.items())


@wrong_way("tools.accepts", says="**unknown** parameters through")
def accepted_with_others(arguments, accepted):
    for name, values in accepted.items():
        value = arguments.get(name, "")
        kinds = {type(right) for right in values if right == value}
        if type(value) not in kinds and not (type(value) is int and float in kinds):
            return False
    return True


@wrong_way("tools.accepts", says="**int** where a float is right")
def accepted_of_strict_types(arguments, accepted):
    if set(arguments) - set(accepted):
        return False
    return all(
        (str, arguments.get(name, "")) in [(str, one) for one in values]
        if isinstance(arguments.get(name, ""), str)
        else any(type(one) is type(arguments[name]) and one == arguments[name] for one in values)
        for name, values in accepted.items()
    )


@wrong_way("tools.accepts", says="for **every** parameter")
def accepted_with_all(arguments, accepted):
    if arguments.keys() != accepted.keys():
        return False
    for name, values in accepted.items():
        value = arguments[name]
        if not any(value == one and (type(value) is type(one) or type(value) is int is not bool) for one in values):
            return False
    return True


@wrong_way("tools.accepts", says="**Any** parameter may be left out")
def accepted_of_what_is_given(arguments, accepted):
    for name, value in arguments.items():
        kinds = [type(one) for one in accepted.get(name, []) if one == value]
        if type(value) not in kinds and not (type(value) is int and float in kinds):
            return False
    return True


@wrong_way("tools.accepts", says="with the **first** value alone")
def accepted_as_the_first(arguments, accepted):
    for name in arguments:
        if name not in accepted:
            return False
    for name, values in accepted.items():
        if name not in arguments:
            if "" not in values:
                return False
            continue
        for one in values:
            value = arguments[name]
            if value != one or not (type(value) is type(one) or (type(value) is int and type(one) is float)):
                return False
            break
    return True


@wrong_way("tools.accepts", says="passes as a number")
def accepted_by_isinstance(arguments, accepted):
    if any(name not in accepted for name in arguments):
        return False
    for name, values in accepted.items():
        value = arguments.get(name, "")
        kinds = [type(one) for one in values if one == value]
        if not any(isinstance(value, (kind, int) if kind is float else kind) for kind in kinds):
            return False
    return True


@wrong_way("tools.accepts", says="**as texts**")
def accepted_as_texts(arguments, accepted):
    if not set(arguments) <= set(accepted):
        return False
    return all(str(arguments.get(name, "")) in [str(one) for one in values] for name, values in accepted.items())


@wrong_way("tools.accepts", says="**which** arguments")
def accepted_as_names(arguments, accepted):
    found = []
    for name, values in accepted.items():
        value = arguments.get(name, "")
        kinds = {type(right) for right in values if right == value}
        if type(value) not in kinds and not (type(value) is int and float in kinds):
            found.append(name)
    return found + [name for name in arguments if name not in accepted]


@wrong_way("tools.accepts", says="count as **left out**")
def accepted_if_true(arguments, accepted):
    if not arguments.keys() <= accepted.keys():
        return False
    for name, values in accepted.items():
        value = arguments.get(name) or ""
        kinds = {type(right) for right in values if right == value}
        if type(value) not in kinds and not (type(value) is int and float in kinds):
            return False
    return True


@wrong_way("tools.wrong_arguments", says="`isinstance(True, int)`")
def wrong_by_isinstance(arguments, types, required):
    wrong = []
    for name, value in arguments.items():
        kind = types.get(name, ())
        if not isinstance(value, (float, int) if kind is float else kind):
            wrong.append(name)
    return wrong + [name for name in required if name not in arguments]


@wrong_way("tools.wrong_arguments", says="**int** where a float")
def wrong_by_type(arguments, types, required):
    wrong = [name for name in arguments if type(arguments[name]) is not types.get(name)]
    return [*wrong, *(name for name in required if name not in arguments)]


@wrong_way("tools.wrong_arguments", says="**Missing** ones are not")
def wrong_without_the_missing(arguments, types, required):
    return [
        name
        for name, value in arguments.items()
        if type(value) is not types.get(name) and (type(value), types.get(name)) != (int, float)
    ]


@wrong_way("tools.wrong_arguments", says="**Unknown** ones are not")
def wrong_without_the_unknown(arguments, types, required):
    wrong = []
    for name, value in arguments.items():
        if name in types and type(value) is not types[name] and (type(value), types[name]) != (int, float):
            wrong.append(name)
    for name in required:
        if name not in arguments:
            wrong.append(name)
    return wrong


@wrong_way("tools.wrong_arguments", says="of the wrong **type** are not")
def wrong_names_alone(arguments, types, required):
    return [name for name in arguments if name not in types] + [name for name in required if name not in arguments]


@wrong_way("tools.wrong_arguments", says="**missing** ones come first")
def wrong_with_the_missing_first(arguments, types, required):
    wrong = [name for name in required if name not in arguments]
    for name, value in arguments.items():
        if type(value) is not types.get(name) and not (type(value) is int and types.get(name) is float):
            wrong.append(name)
    return wrong


@wrong_way("tools.wrong_arguments", says="**Every** parameter that is not given")
def wrong_with_all_missing(arguments, types, required):
    wrong = []
    for name, value in arguments.items():
        if type(value) is not types.get(name) and not (type(value) is int and types.get(name) is float):
            wrong.append(name)
    return wrong + [name for name in types if name not in arguments]


@wrong_way("tools.wrong_arguments", says="as **True or False**")
def wrong_or_not(arguments, types, required):
    for name, value in arguments.items():
        if type(value) is not types.get(name) and not (type(value) is int and types.get(name) is float):
            return True
    return any(name not in arguments for name in required)


@wrong_way("tools.wrong_arguments", says="after the **first**")
def wrong_first(arguments, types, required):
    for name, value in arguments.items():
        if type(value) is not types.get(name) and not (type(value) is int and types.get(name) is float):
            return [name]
    return [name for name in required if name not in arguments][:1]


@wrong_way("tools.wrong_arguments", says="order of the **documentation**")
def wrong_by_documentation(arguments, types, required):
    wrong = []
    for name, kind in types.items():
        if name in arguments:
            value = arguments[name]
            if type(value) is not kind and not (type(value) is int and kind is float):
                wrong.append(name)
    wrong += [name for name in arguments if name not in types]
    return wrong + [name for name in required if name not in arguments]


def _named(call):
    """Whether all arguments have a name, each another."""
    names = [each.arg for each in call.keywords]
    return not call.args and None not in names and len(set(names)) == len(names)


@wrong_way("tools.read_call", says="Never use `eval`")
def call_by_eval(text):
    name, bracket, inside = text.strip().partition("(")
    if not bracket or not re.fullmatch(r"\w+(\.\w+)*", name) or "**{" in inside:
        return "", {}
    try:
        return name, eval(f"dict({inside}", {"__builtins__": {}, "dict": dict})
    except Exception:
        return "", {}


@wrong_way("tools.read_call", says="leave out arguments **without a name**")
def call_of_keywords(text):
    try:
        call = ast.parse(text.strip(), mode="eval").body
        names = [each.arg for each in call.keywords]
        if None in names or len(set(names)) < len(names) or not re.fullmatch(r"[\w.]+", ast.unparse(call.func)):
            return "", {}
        return ast.unparse(call.func), {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    except (SyntaxError, ValueError, AttributeError):
        return "", {}


@wrong_way("tools.read_call", says="refuse **dotted** names")
def call_of_a_plain_name(text):
    try:
        call = ast.parse(text.strip(), mode="eval").body
        name, arguments = call.func.id, {each.arg: ast.literal_eval(each.value) for each in call.keywords}
        return (name, arguments) if _named(call) else ("", {})
    except (SyntaxError, ValueError, AttributeError):
        return "", {}


@wrong_way("tools.read_call", says="**last part** of a dotted name")
def call_of_the_last_part(text):
    try:
        call = ast.parse(text.strip(), mode="eval").body
        arguments = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    except (SyntaxError, ValueError, AttributeError):
        return "", {}
    name = ast.unparse(call.func)
    return (name.split(".")[-1], arguments) if _named(call) and re.fullmatch(r"[\w.]+", name) else ("", {})


@wrong_way("tools.read_call", says="as **source text**")
def call_of_texts(text):
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return "", {}
    if not isinstance(call, ast.Call) or not _named(call) or not re.fullmatch(r"[\w.]+", ast.unparse(call.func)):
        return "", {}
    return ast.unparse(call.func), {each.arg: ast.unparse(each.value) for each in call.keywords}


@wrong_way("tools.read_call", says="read single constants alone")
def call_of_constants(text):
    try:
        call = ast.parse(text.strip(), mode="eval").body
        arguments, name = {each.arg: each.value.value for each in call.keywords}, ast.unparse(call.func)
        constants = all(isinstance(each.value, ast.Constant) for each in call.keywords)
        return (name, arguments) if constants and _named(call) and re.fullmatch(r"[\w.]+", name) else ("", {})
    except (SyntaxError, AttributeError):
        return "", {}


@wrong_way("tools.read_call", says="let **any** expression be called")
def call_of_anything(text):
    try:
        call = ast.parse(text.strip(), mode="eval").body
        arguments = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    except (SyntaxError, ValueError, AttributeError):
        return "", {}
    return (ast.unparse(call.func), arguments) if _named(call) else ("", {})


@wrong_way("tools.read_call", says="split at **commas**")
def call_by_pattern(text):
    found = re.fullmatch(r"([\w.]+)\((.*)\)", text.strip())
    if not found:
        return "", {}
    arguments = {}
    for part in filter(None, found[2].split(",")):
        name, _equals, value = part.partition("=")
        try:
            arguments[name.strip()] = ast.literal_eval(value.strip())
        except (SyntaxError, ValueError):
            return "", {}
    return found[1], arguments


@wrong_way("tools.read_call", says="**White space** before the call")
def call_as_it_stands(text):
    try:
        call = ast.parse(text, mode="eval").body
        arguments = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
        name = ast.unparse(call.func)
        return (name, arguments) if _named(call) and re.fullmatch(r"[\w.]+", name) else ("", {})
    except (SyntaxError, ValueError, AttributeError):
        return "", {}


@wrong_way("tools.read_call", says="you take the last")
def call_with_repeats(text):
    try:
        call = ast.parse(text.strip(), mode="eval").body
        arguments = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
        if call.args or None in arguments or not re.fullmatch(r"[\w.]+", ast.unparse(call.func)):
            return "", {}
        return ast.unparse(call.func), arguments
    except (SyntaxError, ValueError, AttributeError):
        return "", {}
