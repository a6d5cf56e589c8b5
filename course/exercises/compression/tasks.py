"""Exercise on distilling step by step: a label and a rationale as two tasks of one model, told apart by a prefix."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def two_tasks(question: str, label: str, rationale: str) -> list[tuple[str, str]]:
    """What a student reads and what it is to write, in the task of labels and in that of steps.

    In the first, the student reads `predict: ` and the question, and writes the label. In the
    second, it reads `explain: ` and the question, and writes the rationale, the steps to the
    label. The prefix ends with one space; the texts stay as they are. A rationale may be empty
    or have white space alone: then there is only the first task. Returns pairs (input, target).

    >>> two_tasks("2 + 3 + 4?", "9", "2 + 3 is 5. 5 + 4 is 9.")
    [('predict: 2 + 3 + 4?', '9'), ('explain: 2 + 3 + 4?', '2 + 3 is 5. 5 + 4 is 9.')]
    >>> two_tasks("3 + 3?", "6", "")
    [('predict: 3 + 3?', '6')]
    """
    pairs = [("predict: " + question, label)]
    if rationale.strip():
        pairs.append(("explain: " + question, rationale))
    return pairs


def _two_tasks_cases() -> list[tuple]:
    return [
        ("2 + 3 + 4?", "9", "2 + 3 is 5. 5 + 4 is 9."),
        ("Is a whale a fish?", "no", "Whales have lungs. Fish have gills."),
        ("A car drives 60 km an hour. How far in 3 hours?", "180 km", "60 km · 3 is 180 km."),
        ("Does it rain in Rome now?", "unknown", "Nothing in the question says so."),
        ("  Which is larger, 7 or 12?", "12", "12 - 7 is 5, which is above 0. "),
        ("3 + 3?", "6", ""),
        ("The sky is green.\nTrue?", "contradiction", "Skies are blue.\nSo it is not."),
        ("explain: what is 1 + 1?", "2", "1 and 1 is 2."),
        ("What day follows Monday?", "Tuesday", "Monday, Tuesday: the next."),
        ("4 - 9?", "-5", "  9 is 4 + 5. 4 - 9 is 0 - 5."),
        ("How many legs have 2 ants?", " 12", "An ant has 6 legs. 6 · 2 is 12."),
        ("10 / 5?", "2", "  \n"),
        ("Is ice cold?", "yes", ""),
        ("Paris is in?", "France", "It is France's capital"),
        ("Is 7 prime?", "yes", "No number from 2 to 6 divides 7."),
    ]


def _no_prefixes(question, label, rationale):
    return [(question, target) for _input, target in two_tasks(question, label, rationale)]


def _prefixes_exchanged(question, label, rationale):
    pairs = [("explain: " + question, label), ("predict: " + question, rationale)]
    return pairs if rationale.strip() else pairs[:1]


def _targets_exchanged(question, label, rationale):
    if not rationale.strip():
        return [("predict: " + question, label)]
    return [("predict: " + question, rationale), ("explain: " + question, label)]


def _order_exchanged(question, label, rationale):
    return two_tasks(question, label, rationale)[::-1]


def _pairs_turned(question, label, rationale):
    return [(target, text) for text, target in two_tasks(question, label, rationale)]


def _same_prefix(question, label, rationale):
    return [("predict: " + question, target) for _input, target in two_tasks(question, label, rationale)]


def _same_prefix_of_steps(question, label, rationale):
    return [("explain: " + question, target) for _input, target in two_tasks(question, label, rationale)]


def _chain_of_thought(question, label, rationale):
    return [("predict: " + question, f"{rationale} {label}".strip())]


def _label_in_the_rationale(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *((text, f"{target} {label}") for text, target in pairs[1:])]


def _label_first_in_the_rationale(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *((text, f"{label} {target}") for text, target in pairs[1:])]


def _rationale_in_the_label(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [(pairs[0][0], f"{rationale} {label}".strip()), *pairs[1:]]


def _rationale_read(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [(f"predict: {question} {rationale}".rstrip() if rationale.strip() else pairs[0][0], label), *pairs[1:]]


def _rationale_glued_to_the_question(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [(f"predict: {question}{rationale if len(pairs) > 1 else ''}", label), *pairs[1:]]


def _label_read(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *((f"{text} {label}", target) for text, target in pairs[1:])]


def _label_alone(question, label, rationale):
    return [("predict: " + question, label)]


def _rationale_alone(question, label, rationale):
    return two_tasks(question, label, rationale)[1:]


def _empty_rationale_kept(question, label, rationale):
    return [("predict: " + question, label), ("explain: " + question, rationale)]


def _no_colon(question, label, rationale):
    return [(text.replace(": ", " ", 1), target) for text, target in two_tasks(question, label, rationale)]


def _no_space(question, label, rationale):
    return [(text.replace(": ", ":", 1), target) for text, target in two_tasks(question, label, rationale)]


def _line_after_the_prefix(question, label, rationale):
    return [(text.replace(": ", ":\n", 1), target) for text, target in two_tasks(question, label, rationale)]


def _prefix_behind(question, label, rationale):
    return [(f"{question} {text[:8]}", target) for text, target in two_tasks(question, label, rationale)]


def _prefix_glued_behind(question, label, rationale):
    return [(question + text[:9], target) for text, target in two_tasks(question, label, rationale)]


def _in_capitals(question, label, rationale):
    return [(text[:7].capitalize() + text[7:], target) for text, target in two_tasks(question, label, rationale)]


def _all_in_capitals(question, label, rationale):
    return [(text[:7].upper() + text[7:], target) for text, target in two_tasks(question, label, rationale)]


def _named_otherwise(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [(name + question, pair[1]) for name, pair in zip(("label: ", "rationale: "), pairs, strict=False)]


def _in_brackets(question, label, rationale):
    return [(f"[{text[:7]}] {question}", target) for text, target in two_tasks(question, label, rationale)]


def _prefix_of_targets(question, label, rationale):
    return [(question, text[:9] + target) for text, target in two_tasks(question, label, rationale)]


def _prefix_of_both(question, label, rationale):
    return [(text, text[:9] + target) for text, target in two_tasks(question, label, rationale)]


def _stripped(question, label, rationale):
    pairs = two_tasks(question.strip(), label.strip(), rationale.strip())
    return [tuple(pair) for pair in pairs]


def _prefix_alone(question, label, rationale):
    return [(text[:9], target) for text, target in two_tasks(question, label, rationale)]


def _question_alone(question, label, rationale):
    return [text for text, _target in two_tasks(question, label, rationale)]


def _targets_alone(question, label, rationale):
    return [target for _text, target in two_tasks(question, label, rationale)]


def _joined(question, label, rationale):
    return [text + target for text, target in two_tasks(question, label, rationale)]


def _joined_by_spaces(question, label, rationale):
    return [f"{text} {target}" for text, target in two_tasks(question, label, rationale)]


def _joined_by_lines(question, label, rationale):
    return [f"{text}\n{target}" for text, target in two_tasks(question, label, rationale)]


def _flat(question, label, rationale):
    return [text for pair in two_tasks(question, label, rationale) for text in pair]


def _as_dict(question, label, rationale):
    return dict(two_tasks(question, label, rationale))


def _of_task_names(question, label, rationale):
    return {text[:7]: target for text, target in two_tasks(question, label, rationale)}


def _two_lists(question, label, rationale):
    return [list(texts) for texts in zip(*two_tasks(question, label, rationale), strict=True)]


def _three(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [(text[:9], question, target) for text, target in pairs]


def _steps_to_questions(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *(("explain: " + label, target) for _text, target in pairs[1:])]


def _explains_itself(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *(("explain: " + rationale, target) for _text, target in pairs[1:])]


def _predicts_the_question(question, label, rationale):
    return two_tasks(label, question, rationale)


def _predicts_from_steps(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [("predict: " + rationale, label), *pairs[1:]] if len(pairs) > 1 else pairs


def _all_in_one(question, label, rationale):
    return [("predict: explain: " + question, f"{label} {rationale}".strip())]


def _no_pairs_without_steps(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return pairs if len(pairs) > 1 else []


def _first_without_prefix(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [(question, pairs[0][1]), *pairs[1:]]


def _second_without_prefix(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *((question, target) for _text, target in pairs[1:])]


def _first_prefix_behind(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [(question + "predict: ", label), *pairs[1:]]


def _second_prefix_behind(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *((question + "explain: ", target) for _text, target in pairs[1:])]


def _first_without_question(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [("predict: ", label), *pairs[1:]]


def _second_without_question(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *(("explain: ", target) for _text, target in pairs[1:])]


def _extended(question, label, rationale):
    pairs = two_tasks(question, label, rationale)
    return [pairs[0], *(text for pair in pairs[1:] for text in pair)]


TWO_TASKS = Exercise(
    name="compression.two_tasks",
    title=_("Label and rationale as two tasks"),
    solution=two_tasks,
    cases=_two_tasks_cases,
    hints=(
        _(
            "Begin with a list of one pair: the prefix `predict: ` and the question, and the label. Append a second "
            "pair, with `explain: ` and the rationale, when the rationale has any text."
        ),
        _("`rationale.strip()` is empty, and so counts as false, for a rationale of white space alone."),
    ),
    mistakes=(
        Mistake(_no_prefixes, _("The **prefixes** are missing: without them the student cannot tell the tasks apart.")),
        Mistake(_prefixes_exchanged, _("The **prefixes** are exchanged: `predict: ` goes with the label.")),
        Mistake(_targets_exchanged, _("The **targets** are exchanged: `predict: ` goes with the label.")),
        Mistake(_order_exchanged, _("The rationale's pair comes **first** in yours: the label's does.")),
        Mistake(_pairs_turned, _("Your pairs are **turned round**: the input comes first, then the target.")),
        Mistake(_same_prefix, _("**Both** tasks have the prefix `predict: ` in yours: the second is `explain: `.")),
        Mistake(
            _same_prefix_of_steps, _("**Both** tasks have the prefix `explain: ` in yours: the first is `predict: `.")
        ),
        Mistake(
            _chain_of_thought,
            _("Yours is a **chain of thought**, rationale and label in one target: make a task of each."),
        ),
        Mistake(_label_in_the_rationale, _("Your second target ends with the **label**: it is the rationale alone.")),
        Mistake(
            _label_first_in_the_rationale, _("Your second target begins with the **label**: it is the rationale alone.")
        ),
        Mistake(
            _rationale_in_the_label,
            _("Your first target has the **rationale** in it: then the student would have to write it at test, too."),
        ),
        Mistake(
            _rationale_read,
            _("Your student **reads** the rationale in the first task: at test there is none to read."),
        ),
        Mistake(
            _rationale_glued_to_the_question,
            _("The rationale is **behind the question** in your first input: at test there is none to read."),
        ),
        Mistake(_label_read, _("Your student **reads** the label in the second task: it reads the question alone.")),
        Mistake(_label_alone, _("The task of the **rationale** is missing.")),
        Mistake(_rationale_alone, _("The task of the **label** is missing.")),
        Mistake(
            _empty_rationale_kept,
            _("A rationale **without text** has a pair in yours, which would teach to write nothing."),
        ),
        Mistake(_no_colon, _("The **colon** of the prefix is missing.")),
        Mistake(_no_space, _("The **space** after the colon is missing.")),
        Mistake(_line_after_the_prefix, _("Your prefix ends with a **line break**: it ends with a space.")),
        Mistake(_prefix_behind, _("Your prefix is **behind** the question: it comes first.")),
        Mistake(_prefix_glued_behind, _("Your prefix comes **after** the question: it comes before.")),
        Mistake(_in_capitals, _("Your prefix begins with a **capital** letter: it is in small letters.")),
        Mistake(_all_in_capitals, _("Your prefix is in **capitals**: it is in small letters.")),
        Mistake(_named_otherwise, _("Your prefixes have **other names**: they are `predict: ` and `explain: `.")),
        Mistake(_in_brackets, _("Your prefix is in **brackets**: it ends with a colon and a space.")),
        Mistake(_prefix_of_targets, _("The prefix is in front of the **target**: it belongs to the input.")),
        Mistake(_prefix_of_both, _("The prefix is in front of the **target**, too: only the input has it.")),
        Mistake(_stripped, _("You **strip** the texts: they stay as they are.")),
        Mistake(_prefix_alone, _("Your inputs are the **prefixes** alone: the question follows.")),
        Mistake(_question_alone, _("You return the **inputs** alone: each goes with its target.")),
        Mistake(_targets_alone, _("You return the **targets** alone: each goes with its input.")),
        Mistake(_joined, _("You **join** input and target: return them as a pair.")),
        Mistake(_joined_by_spaces, _("You join input and target with a **space**: return them as a pair.")),
        Mistake(_joined_by_lines, _("You join input and target with a **line break**: return them as a pair.")),
        Mistake(_flat, _("You return **one** list of texts: return a list of pairs.")),
        Mistake(_as_dict, _("You return a **dictionary**: return a list of pairs.")),
        Mistake(_of_task_names, _("You return a dictionary of the **tasks' names**: return a list of pairs.")),
        Mistake(_two_lists, _("You return a list of **inputs** and one of **targets**: return a list of pairs.")),
        Mistake(_three, _("Your prefix is an item **of its own**: it belongs to the input, before the question.")),
        Mistake(_steps_to_questions, _("Your student explains the **label**: it reads the question in both tasks.")),
        Mistake(_explains_itself, _("Your student **reads** the rationale that it is to write.")),
        Mistake(_predicts_the_question, _("Question and label are **exchanged**.")),
        Mistake(_predicts_from_steps, _("Your student predicts from the **rationale**: it reads the question.")),
        Mistake(_all_in_one, _("You make **one** task of the two: each has a pair of its own.")),
        Mistake(_first_without_prefix, _("The prefix of the **first** task is missing.")),
        Mistake(_second_without_prefix, _("The prefix of the **second** task is missing.")),
        Mistake(_first_prefix_behind, _("The prefix of the first task comes **after** the question.")),
        Mistake(_second_prefix_behind, _("The prefix of the second task comes **after** the question.")),
        Mistake(_first_without_question, _("The **question** of the first task is missing.")),
        Mistake(_second_without_question, _("The **question** of the second task is missing.")),
        Mistake(_extended, _("The second pair is **taken apart**: `append` adds it as one item, `extend` does not.")),
    ),
    corners=(
        Corner(
            lambda question, label, rationale: bool(rationale) and not rationale.strip(),
            _("Only rationales of **white space** alone go wrong: they have no text, `rationale.strip()` is empty."),
        ),
        Corner(
            lambda question, label, rationale: not rationale.strip(),
            _("Only questions **without a rationale** go wrong: they have the task of the label alone."),
        ),
        Corner(
            lambda question, label, rationale: any(text != text.strip() for text in (question, label, rationale)),
            _("Only texts with **white space** at an end go wrong: the texts stay as they are."),
        ),
    ),
    explanation=_(
        "The student learns from the steps, and need not write them: at test it is asked with `predict: ` alone, and "
        "costs as much as a student that has seen no rationale. In a chain of thought it has to write the steps each "
        "time, and a mistake in them can spoil the label. The two tasks are computed in two passes, and their losses "
        "are added, each with a weight."
    ),
)
