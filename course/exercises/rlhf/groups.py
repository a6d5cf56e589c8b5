"""Exercise on GRPO: a response is compared with the others to the same prompt."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def group_advantages(scores: "Tensor", group_size: int) -> "Tensor":
    """The advantages of GRPO: how good a response is among those to the same prompt.

    scores: (rows,). The first `group_size` rows are responses to the first prompt, the next
    `group_size` to the second, and so on. From each score the mean of its group is subtracted.
    The difference is divided by the group's standard deviation plus 0.0001; the standard
    deviation is that of a sample, with n - 1. Returns one number for each row.

    >>> import torch
    >>> [round(x, 2) for x in group_advantages(torch.tensor([1.0, 3.0, 5.0, 5.0]), 2).tolist()]
    [-0.71, 0.71, 0.0, 0.0]
    """
    groups = scores.reshape(-1, group_size)
    centered = groups - groups.mean(dim=1, keepdim=True)
    return (centered / (groups.std(dim=1, keepdim=True) + 1e-4)).flatten()


def _group_advantages_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1405)
    cases: list[tuple] = [(torch.tensor([1.0, 3.0, 5.0, 5.0]), 2)]
    for n_groups, size, scale in [
        (1, 3, 1.0),
        (2, 2, 1.0),
        (2, 3, 2.0),
        (3, 2, 1.0),
        (2, 4, 1.0),
        (3, 4, 3.0),
        (4, 3, 1.0),
        (2, 5, 0.1),
        (3, 3, 0.1),
        (2, 6, 5.0),
        (4, 2, 0.1),
    ]:
        cases.append((scale * (drawn(generator, n_groups, size) + drawn(generator, n_groups, 1)).flatten(), size))
    cases += [
        (torch.tensor([-1.0, 0.5, 2.0, 1.25]), 2),
        (torch.tensor([0.25, 3.0, -4.0, 1.0]), 2),
        (torch.tensor([2.0, 2.0, 2.0]), 3),
        (torch.tensor([0.0, 0.0, 0.0, 0.0]), 2),
        (torch.tensor([-1.5, -1.5, -1.5, -1.5, 1.0, 1.0, 1.0, 1.0]), 4),
        (torch.tensor([0.3, 0.8, 0.1, 4.0, 4.0, 4.0]), 3),
    ]
    return cases


def _groups(scores, group_size):
    return scores.reshape(-1, group_size)


def _over(scores, group_size, middle, spread):
    groups = _groups(scores, group_size)
    return ((groups - middle(groups)) / spread(groups)).flatten()


def _mean(groups):
    return groups.mean(dim=1, keepdim=True)


def _std(groups):
    return groups.std(dim=1, keepdim=True) + 1e-4


def _not_divided(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: 1.0)


def _over_all(scores, group_size):
    return (scores - scores.mean()) / (scores.std() + 1e-4)


def _mean_of_all(scores, group_size):
    return _over(scores, group_size, lambda groups: groups.mean(), _std)


def _spread_of_all(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: groups.std() + 1e-4)


def _with_n(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: groups.std(dim=1, keepdim=True, correction=0) + 1e-4)


def _variance(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: groups.var(dim=1, keepdim=True) + 1e-4)


def _without_constant(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: groups.std(dim=1, keepdim=True))


def _multiplied(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: 1 / _std(groups))


def _taking_turns(scores, group_size):
    groups = scores.reshape(group_size, -1)
    return ((groups - groups.mean(dim=0)) / (groups.std(dim=0) + 1e-4)).flatten()


def _size_taken_for_number(scores, group_size):
    groups = scores.reshape(group_size, -1)
    if groups.shape[1] == 1:  # of one score there is no spread
        return group_advantages(scores, group_size)
    return ((groups - groups.mean(dim=1, keepdim=True)) / (groups.std(dim=1, keepdim=True) + 1e-4)).flatten()


def _columns(scores, group_size):
    groups = _groups(scores, group_size)
    if len(groups) == 1:  # of one row there is no spread
        return group_advantages(scores, group_size)
    return ((groups - groups.mean(dim=0)) / (groups.std(dim=0) + 1e-4)).flatten()


def _mean_kept(scores, group_size):
    return _over(scores, group_size, lambda groups: 0.0, _std)


def _without_itself(scores, group_size):
    groups = _groups(scores, group_size)
    others = (groups.sum(dim=1, keepdim=True) - groups) / (group_size - 1)
    return (groups - others).flatten()


def _from_best(scores, group_size):
    return _over(scores, group_size, lambda groups: groups.amax(dim=1, keepdim=True), _std)


def _from_worst(scores, group_size):
    return _over(scores, group_size, lambda groups: groups.amin(dim=1, keepdim=True), _std)


def _from_median(scores, group_size):
    return _over(scores, group_size, lambda groups: groups.quantile(0.5, dim=1, keepdim=True), _std)


def _by_range(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: (groups.amax(1) - groups.amin(1) + 1e-4)[:, None])


def _by_mean(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: _mean(groups) + 1e-4)


def _softmax(scores, group_size):
    return _groups(scores, group_size).softmax(dim=1).flatten()


def _turned_round(scores, group_size):
    return -group_advantages(scores, group_size)


def _as_table(scores, group_size):
    return _groups(group_advantages(scores, group_size), group_size)


def _first_group(scores, group_size):
    first = scores[:group_size]
    return (scores - first.mean()) / (first.std() + 1e-4)


def _ranks(scores, group_size):
    groups = _groups(scores, group_size)
    return groups.argsort(dim=1).argsort(dim=1).flatten()


def _best_alone(scores, group_size):
    groups = _groups(scores, group_size)
    return (groups == groups.amax(dim=1, keepdim=True)).float().flatten()


def _mean_across(scores, group_size):
    return _over(scores, group_size, lambda groups: groups.mean(dim=0, keepdim=True), _std)


def _spread_across(scores, group_size):
    groups = _groups(scores, group_size)
    if len(groups) == 1:  # of one row there is no spread
        return group_advantages(scores, group_size)
    return _over(scores, group_size, _mean, lambda groups: groups.std(dim=0, keepdim=True) + 1e-4)


def _sum_subtracted(scores, group_size):
    return _over(scores, group_size, lambda groups: groups.sum(dim=1, keepdim=True), _std)


def _mean_added(scores, group_size):
    return _over(scores, group_size, lambda groups: -_mean(groups), _std)


def _large_constant(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: _std(groups) + 1)


def _constant_alone(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: 1e-4)


def _constant_multiplied(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: groups.std(dim=1, keepdim=True) * 1e-4)


def _spread_subtracted(scores, group_size):
    groups = _groups(scores, group_size)
    return (groups - _mean(groups) - _std(groups)).flatten()


def _by_scores(scores, group_size):
    return _over(scores, group_size, _mean, lambda groups: groups + 1e-4)


def _times_mean(scores, group_size):
    groups = _groups(scores, group_size)
    return (groups * _mean(groups) / _std(groups)).flatten()


def _sorted(scores, group_size):
    return group_advantages(scores.sort().values, group_size)


GROUP_ADVANTAGES = Exercise(
    name="rlhf.group_advantages",
    title=_("Among its own"),
    solution=group_advantages,
    cases=_group_advantages_cases,
    hints=(
        _(
            "Put the scores into a table with a row for each prompt. Mean and standard deviation are then those of a "
            "row, and `keepdim=True` keeps them in a column that can be subtracted. Return one dimension again."
        ),
        _(
            "`groups = scores.reshape(-1, group_size)`, then subtract `groups.mean(dim=1, keepdim=True)`, divide by "
            "`groups.std(dim=1, keepdim=True) + 1e-4`, and `.flatten()`."
        ),
    ),
    mistakes=(
        Mistake(_not_divided, _("You do not **divide** by the standard deviation of the group.")),
        Mistake(
            _over_all,
            _("You compare with **all** responses: an easy prompt would make all of its responses look good."),
        ),
        Mistake(_mean_of_all, _("Your mean is over **all** responses: it is that of the group.")),
        Mistake(_spread_of_all, _("Your standard deviation is over **all** responses: it is that of the group.")),
        Mistake(_with_n, _("You divide by **n** in the standard deviation: it is n - 1, as `std` does by default.")),
        Mistake(_variance, _("You divide by the **variance**: divide by its root, the standard deviation.")),
        Mistake(
            _without_constant,
            _("The **0.0001** is missing: a group of equal scores has the standard deviation 0."),
        ),
        Mistake(_multiplied, _("You **multiply** by the standard deviation: divide by it.")),
        Mistake(
            _taking_turns,
            _("Your groups take **turns**: the responses to a prompt are rows one after the other."),
        ),
        Mistake(
            _size_taken_for_number,
            _("You take `group_size` for the **number** of groups: it is the number of responses in each."),
        ),
        Mistake(_columns, _("You average over **columns**, across prompts: average over each prompt's responses.")),
        Mistake(_mean_kept, _("You do not subtract the **mean** of the group.")),
        Mistake(
            _without_itself,
            _("You compare with the **other** responses, and do not divide: subtract the mean of the whole group."),
        ),
        Mistake(_from_best, _("You subtract the **best** score: subtract the mean.")),
        Mistake(_from_worst, _("You subtract the **worst** score: subtract the mean.")),
        Mistake(_from_median, _("You subtract the **median**: subtract the mean.")),
        Mistake(_by_range, _("You divide by the **range** of the scores: divide by their standard deviation.")),
        Mistake(_by_mean, _("You divide by the **mean**: divide by the standard deviation.")),
        Mistake(_softmax, _("You took a **softmax** of each group: advantages may be negative.")),
        Mistake(_turned_round, _("Your **sign** is turned round: a good response has a positive advantage.")),
        Mistake(_as_table, _("You return a **table**: return one number for each row, `.flatten()`.")),
        Mistake(_first_group, _("You compare all with the **first** group: each is compared with its own.")),
        Mistake(_ranks, _("You return **ranks**: how far a score is from the mean counts.")),
        Mistake(_best_alone, _("You mark the **best** response alone: each has an advantage.")),
        Mistake(_mean_across, _("Your mean is over **prompts**, not over the responses to a prompt: `dim=1`.")),
        Mistake(_spread_across, _("Your standard deviation is over **prompts**: it is over the responses, `dim=1`.")),
        Mistake(_sum_subtracted, _("You subtract the **sum** of the group: subtract its mean.")),
        Mistake(_mean_added, _("You **add** the mean of the group: subtract it.")),
        Mistake(_large_constant, _("You add **1** to the standard deviation: add 0.0001.")),
        Mistake(_constant_alone, _("You divide by **0.0001** alone: it is added to the standard deviation.")),
        Mistake(_constant_multiplied, _("You **multiply** the standard deviation by 0.0001: add it.")),
        Mistake(_spread_subtracted, _("You **subtract** the standard deviation: divide by it.")),
        Mistake(_by_scores, _("You divide by the **scores**: divide by their standard deviation.")),
        Mistake(_times_mean, _("You **multiply** by the mean of the group: subtract it.")),
        Mistake(_sorted, _("You **sort** the scores: each row keeps its place.")),
    ),
    corners=(
        Corner(
            lambda scores, group_size: bool((_groups(scores, group_size).std(dim=1) == 0).all()),
            _("Only groups of **equal** scores go wrong: their advantages are 0."),
        ),
    ),
    explanation=_(
        "The mean of the group does what the critic does in PPO: it says what is to be expected of this prompt. Every "
        "token of a response gets its advantage. A group of equal scores teaches nothing. Dividing makes a group that "
        "differs little count as much as one that differs a lot, which is why some leave the division out."
    ),
    compare=close,
)
