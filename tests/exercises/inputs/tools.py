"""Arguments for the exercises of the lesson `tools`."""

from tests.exercises.inputs.collected import inputs


@inputs("tools.next_characters")
def prefixes_and_names(random):
    """Often the beginning of a name, since few others are."""

    def text(longest):
        return "".join(random.choices("aabA._", k=random.randint(1, longest)))

    while True:
        names = list(dict.fromkeys(text(4) for _name in range(random.choice([0, 1, 2, 4, 8]))))
        prefix = text(3) if not names or random.random() < 0.2 else random.choice(names)
        yield random.choice([prefix[: random.randint(0, len(prefix))], prefix, prefix + "("]), names


@inputs("tools.outcome")
def calls_catalogs_and_right_calls(random):
    """Of few names, so that many calls are right; the functions of the right ones exist."""

    def arguments():
        return {name: random.choice([1, 2, "1", "", None]) for name in random.sample("xyz", random.randint(0, 2))}

    while True:
        catalog = random.sample(["f", "g", "f.g", "F", "fg"], random.randint(1, 4))
        right = [(random.choice(catalog), arguments()) for _call in range(random.randint(1, 3))]
        invented = (random.choice(["f", "g", "h", "f.", "gf", ""]), random.choice(right)[1])
        other = (random.choice(catalog), arguments())
        yield random.choice([None, invented, other, other, random.choice(right)]), catalog, right


@inputs("tools.groups_by_function")
def functions_of_tasks(random):
    while True:
        names = ["f", "g", "f.g", "h", "i", "j", "k", "l", "m", "n"][: random.randint(1, 10)]
        sizes = [random.choice([0, 1, 1, 1, 2, 2, 3]) for _task in range(random.choice([0, 1, 2, 4, 6, 9]))]
        yield ([set(random.sample(names, min(size, len(names)))) for size in sizes],)


VALUES = [1, 2, 0, 1.0, 2.0, 2.5, True, False, None, "1", "a", "A", "a b", "ab", ""]


@inputs("tools.accepts")
def arguments_and_accepted(random):
    """Often of values that are listed, so that many are accepted."""
    while True:
        accepted = {name: random.choices(VALUES, k=random.randint(1, 3)) for name in "xyz"[: random.randint(0, 3)]}
        arguments = {
            name: random.choice([*values, *values, random.choice(VALUES)])
            for name, values in accepted.items()
            if random.random() < (0.5 if "" in values else 0.9)
        }
        arguments = {name: value for name, value in arguments.items() if value != ""}
        if random.random() < 0.15:
            arguments[random.choice("wx")] = random.choice(VALUES[:-1])
        names = random.sample(list(arguments), len(arguments))
        yield {name: arguments[name] for name in names}, accepted


OF_TYPES = {int: [0, 1, -3], float: [0.0, 2.5, 1.0], str: ["", "a", "1"], bool: [True, False], list: [[], [1]]}


@inputs("tools.wrong_arguments")
def arguments_types_and_required(random):
    everything = [value for values in OF_TYPES.values() for value in values] + [None, {}]
    while True:
        types = {name: random.choice(list(OF_TYPES)) for name in random.sample("abcde", random.randint(0, 5))}
        given = random.sample([*types, "f", "g"], random.randint(0, len(types) + 1))
        arguments = {
            name: random.choice(OF_TYPES[types[name]] if name in types and random.random() < 0.5 else everything)
            for name in given
        }
        yield arguments, types, random.sample(list(types), random.randint(0, len(types)))


LITERALS = ["1", "-2", "0.5", "'a'", '"b, c"', "True", "None", "[1, -1]", "('a',)", "{'k': 1}", "'f(x=1)'", "{1: []}"]
NO_LITERALS = ["a", "a.b", "1 + 2", "2 ** 3", "abs(1)", "not True", "f'{1}'", "[a]", "{[]: 1}", "lambda: 1", "-'a'"]
AROUND = [("[", "]"), ("", " + 1"), ("x = ", ""), ("", "; f()"), ("Call ", ""), ("", "."), ("(", ")(x=1)"), ("'", "'")]


@inputs("tools.read_call")
def written_calls(random):
    """Often calls, and texts that are one but for a single place."""
    while True:
        name = random.choice(["f", "math.root", "a.b.c", "get_user", "f", "g"])
        parameters = random.sample(["x", "y", "base", "unit"], random.choice([0, 1, 1, 2, 3]))
        arguments = [f"{parameter}={random.choice(LITERALS)}" for parameter in parameters]
        wrong = random.choice([None] * 5 + ["value", "position", "star", "twice", "name", "around", "cut"])
        if wrong == "value":
            arguments.append(f"z={random.choice(NO_LITERALS)}")
        if wrong == "position":
            arguments.insert(0, random.choice(LITERALS))
        if wrong == "star":
            arguments.append(random.choice(["*[1]", "**{'z': 1}", "**{}", "**a"]))
        if wrong == "twice":
            arguments += ["z=1", "z=1"]
        if wrong == "name":
            name = random.choice(["f()", "f[0]", "''.join", "(lambda: 1)", "f().g", "1", "f-g", "lambda"])
        text = f"{name}({random.choice([', ', ',', ' , ']).join(arguments)})"
        if wrong == "around":
            before, after = random.choice(AROUND)
            text = before + text + after
        if wrong == "cut":
            text = text[: random.randint(0, len(text) - 1)]
        yield (random.choice(["", "", " ", "\n"]) + text + random.choice(["", "", " ", "\n"]),)
