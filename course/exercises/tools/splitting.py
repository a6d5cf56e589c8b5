"""Exercise on splitting tasks: those that have a function in common belong on the same side."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def groups_by_function(tasks: list[set[str]]) -> list[int]:
    """A number for each task, the same for tasks that must not be separated by a split.

    tasks: the names of the functions of each task. Two tasks with a function in common are in
    the same group, and so are two that other tasks connect: the first with the second, and the
    second with the third. The groups are numbered from 0, in the order of their first tasks.
    When whole groups go to the training and the test set, no function is on both sides.

    >>> groups_by_function([{"root"}, {"area"}, {"root", "power"}, {"power"}])
    [0, 1, 0, 0]
    """
    numbers = list(range(len(tasks)))
    for i, task in enumerate(tasks):
        for j in range(i):
            if task & tasks[j]:
                numbers = [numbers[j] if number == numbers[i] else number for number in numbers]
    order = list(dict.fromkeys(numbers))
    return [order.index(number) for number in numbers]


def _groups_by_function_cases() -> list[tuple]:
    texts = [
        "root | area | root power | power",
        "a | b | a b",
        "a | b | c | a c | d b",
        "a | a | a",
        "a | b | c",
        "b | a | a b c | d | e d | f",
        "d | c | b | a | a d",
        "math.root | math.power | text.count | math.root text.count",
        "a b | b c | c d | d e | f",
        "get_user | get_users | set_user | get_user",
        "a | b | c | d | c d | b c | e",
        "x | y | x y | z | w | z w",
        "a b | c | a | c d",
        "a b c | d | b | d e | b c",
        "root power | power | area | area | root",
        "b c | a | d | c e | e f | a g",
        "play.music | stop.music | play | stop play | light.on | light.off",
        "a b c | d e f | c d | g h | h i | j",
        "a | b | | a | | c b",
        " | ",
        "a",
        "",
        "c d | a b | e | b e | f | d g",
        "p | q | r | s | t | s t | r s | q r",
        "one two | three | four | two five | six four | three seven",
        "k | l | m | m | l | k | k m",
        "b | a | c | a | b | c",
        "d a | e b | f c | a z | b y | x c | y x",
    ]
    return [([set(task.split()) for task in text.split("|")] if text else [],) for text in texts]


def _in_order(marks):
    """Marks as numbers from 0, in the order in which they come."""
    order = list(dict.fromkeys(marks))
    return [order.index(mark) for mark in marks]


def _linked(tasks, linked):
    """The groups of tasks that `linked` connects."""
    marks = list(range(len(tasks)))
    for i in range(len(tasks)):
        for j in range(i):
            if linked(i, j):
                marks = [marks[j] if mark == marks[i] else mark for mark in marks]
    return _in_order(marks)


def _members(tasks):
    numbers = groups_by_function(tasks)
    return [[i for i, number in enumerate(numbers) if number == group] for group in range(len(set(numbers)))]


def _joins_one(tasks, choose):
    marks = []
    for i, task in enumerate(tasks):
        earlier = [marks[j] for j in range(i) if task & tasks[j]]
        marks.append(choose(earlier) if earlier else i)
    return _in_order(marks)


def _joins_first(tasks):
    return _joins_one(tasks, lambda marks: marks[0])


def _joins_last(tasks):
    return _joins_one(tasks, lambda marks: marks[-1])


def _first_task_of_group(tasks):
    marks = []
    for i, task in enumerate(tasks):
        marks.append(next((j for j in range(i) if marks[j] == j and task & tasks[j]), i))
    return _in_order(marks)


def _neighbours(tasks):
    return _linked(tasks, lambda i, j: i == j + 1 and tasks[i] & tasks[j])


def _each_its_own(tasks):
    return list(range(len(tasks)))


def _the_same_functions(tasks):
    return _linked(tasks, lambda i, j: tasks[i] == tasks[j])


def _contained(tasks):
    return _linked(tasks, lambda i, j: tasks[i] <= tasks[j] and tasks[i])


def _one_function_of_each(tasks):
    return _linked(tasks, lambda i, j: min(tasks[i], default=i) == min(tasks[j], default=j))


def _same_size(tasks):
    return _linked(tasks, lambda i, j: len(tasks[i]) == len(tasks[j]))


def _parts_of_names(tasks):
    parts = [{part for name in task for part in name.replace("_", ".").split(".")} for task in tasks]
    return groups_by_function(parts)


def _first_letters(tasks):
    return groups_by_function([{name[0] for name in task} for task in tasks])


def _letters(tasks):
    return groups_by_function([set("".join(task)) for task in tasks])


def _nothing_in_common(tasks):
    return _linked(tasks, lambda i, j: not tasks[i] & tasks[j])


def _with_gaps(tasks):
    return [min(i for i, other in enumerate(numbers) if other == number) for numbers in [groups_by_function(tasks)]
            for number in numbers]  # fmt: skip


def _last_tasks(tasks):
    return [max(i for i, other in enumerate(numbers) if other == number) for numbers in [groups_by_function(tasks)]
            for number in numbers]  # fmt: skip


def _from_1(tasks):
    return [number + 1 for number in groups_by_function(tasks)]


def _from_the_end(tasks):
    return _in_order(groups_by_function(tasks)[::-1])[::-1]


def _last_group_first(tasks):
    numbers = groups_by_function(tasks)
    return [max(numbers) - number for number in numbers]


def _by_size(tasks):
    order = sorted(range(len(_members(tasks))), key=lambda group: -len(_members(tasks)[group]))
    return [order.index(number) for number in groups_by_function(tasks)]


def _sizes(tasks):
    members = _members(tasks)
    return [len(members[number]) for number in groups_by_function(tasks)]


def _lists_of_tasks(tasks):
    return _members(tasks)


def _functions_of_groups(tasks):
    return [set().union(*(tasks[i] for i in group)) for group in _members(tasks)]


def _all_functions_for_each(tasks):
    functions = _functions_of_groups(tasks)
    return [functions[number] for number in groups_by_function(tasks)]


def _how_many(tasks):
    return len(_members(tasks))


def _by_function(tasks):
    return {name: number for task, number in zip(tasks, groups_by_function(tasks), strict=True) for name in task}


def _one_for_all(tasks):
    return [0] * len(tasks)


def _with_the_first_task(tasks):
    numbers = groups_by_function(tasks)
    return [int(number > 0) for number in numbers]


def _alphabetical(tasks):
    functions = _functions_of_groups(tasks)
    order = sorted(range(len(functions)), key=lambda group: min(functions[group], default=""))
    return [order.index(number) for number in groups_by_function(tasks)]


def _both_alone(tasks):
    """Changes the numbers of the two tasks, and not those of the rest of their groups."""
    numbers = list(range(len(tasks)))
    for i in range(len(tasks)):
        for j in range(i):
            if tasks[i] & tasks[j]:
                numbers[i] = numbers[j] = min(numbers[i], numbers[j])
    return _in_order(numbers)


def _without_the_first_task(tasks):
    return _linked(tasks, lambda i, j: j > 0 and tasks[i] & tasks[j])


def _without_the_task_before(tasks):
    return _linked(tasks, lambda i, j: j < i - 1 and tasks[i] & tasks[j])


def _without_the_last_task(tasks):
    return _linked(tasks, lambda i, j: i < len(tasks) - 1 and tasks[i] & tasks[j])


GROUPS_BY_FUNCTION = Exercise(
    name="tools.groups_by_function",
    title=_("A split without a function on both sides"),
    solution=groups_by_function,
    cases=_groups_by_function_cases,
    hints=(
        _(
            "Begin with a number of its own for each task. Wherever two tasks have a function in common, give **all** "
            "tasks that have the one number the other. Last, number the groups anew."
        ),
        _(
            "`task & other` is the set of what both have, and an empty set counts as False. With "
            "`order = list(dict.fromkeys(numbers))`, which has each number once, `order.index(number)` is the new one."
        ),
    ),
    mistakes=(
        Mistake(
            _joins_first,
            _("A task joins the **first** group that it has a function in common with, and the others stay apart."),
        ),
        Mistake(
            _joins_last,
            _("A task joins the **last** group that it has a function in common with, and the others stay apart."),
        ),
        Mistake(
            _first_task_of_group,
            _("You compare with the **first** task of each group alone: others of it may connect a task, too."),
        ),
        Mistake(
            _neighbours, _("You compare **neighbours** alone: tasks that are far apart can have something in common.")
        ),
        Mistake(_each_its_own, _("**Every** task has a group of its own in yours: join those with a common function.")),
        Mistake(_the_same_functions, _("You join tasks with the **same** functions: one in common is enough.")),
        Mistake(
            _contained,
            _("You join a task when **all** its functions are in another: one in common is enough."),
        ),
        Mistake(_one_function_of_each, _("You look at **one** function of each task: any of them can connect it.")),
        Mistake(_same_size, _("You join tasks with **as many** functions: join those with a common function.")),
        Mistake(
            _parts_of_names, _("You compare **parts** of names: `math.root` and `math.power` are different functions.")
        ),
        Mistake(_first_letters, _("You compare **first letters**: compare whole names.")),
        Mistake(_letters, _("You compare the **letters** of the names: compare whole names.")),
        Mistake(_nothing_in_common, _("You join tasks **without** a common function: turn the condition round.")),
        Mistake(_with_gaps, _("Your numbers are those of the **first tasks**: number the groups 0, 1, 2, and so on.")),
        Mistake(_last_tasks, _("Your numbers are those of the **last tasks**: number the groups 0, 1, 2, and so on.")),
        Mistake(_from_1, _("You count from **1**: the groups are numbered from 0.")),
        Mistake(_from_the_end, _("You number the groups from the **last** task on: the first task is in group 0.")),
        Mistake(_last_group_first, _("Your numbers go **down**: the first task is in group 0.")),
        Mistake(_by_size, _("You number the groups by their **size**: number them by their first tasks.")),
        Mistake(_sizes, _("You return the **sizes** of the groups: return their numbers.")),
        Mistake(_lists_of_tasks, _("You return the **tasks of each group**: return a number for each task.")),
        Mistake(_functions_of_groups, _("You return the **functions** of the groups: return a number for each task.")),
        Mistake(_all_functions_for_each, _("You return **functions** for each task: return the number of its group.")),
        Mistake(_how_many, _("You return **how many** groups there are: return a number for each task.")),
        Mistake(_by_function, _("You return a number for each **function**: return one for each task.")),
        Mistake(_one_for_all, _("**All** tasks are in one group in yours.")),
        Mistake(
            _with_the_first_task,
            _("You make **two** groups, the first task's and the rest: make as many as there are."),
        ),
        Mistake(_alphabetical, _("You number the groups by the **alphabet**: number them by their first tasks.")),
        Mistake(
            _both_alone,
            _("You change the numbers of the **two** tasks alone: all tasks of their groups get the same."),
        ),
        Mistake(_without_the_first_task, _("You compare nothing with the **first** task: `range(i)` begins with 0.")),
        Mistake(
            _without_the_task_before,
            _("You do not compare a task with the one **right before** it: `range(i)` ends with i - 1."),
        ),
        Mistake(_without_the_last_task, _("You do not compare the **last** task: go through all of them.")),
    ),
    corners=(
        Corner(
            lambda tasks: set() in tasks,
            _("Only tasks **without functions** go wrong: each of them is a group of its own."),
        ),
        Corner(lambda tasks: not tasks, _("Only **no tasks** at all go wrong: there are no numbers, `[]`.")),
    ),
    explanation=_(
        "A model that saw a function in training knows its parameters by heart, and a test with that function says "
        "little about a catalog that is new. A split of the tasks at random leaves most functions on both sides; whole "
        "groups cannot. One function that many tasks have can connect all of them, and then there is nothing to split."
    ),
)
