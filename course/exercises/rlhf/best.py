"""Exercise on best of n: choose among samples, train nothing."""

import torch
from torch import Tensor

from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def best_of_n(scores: "Tensor", n: int) -> "Tensor":
    """For each prompt, which of the first n samples the reward model likes best.

    scores: (prompts, samples), with n samples or more to each prompt. Returns the number of the
    sample with the highest score among the first n of each prompt, counted from 0: (prompts,).
    Of equal ones it is the first.

    >>> import torch
    >>> best_of_n(torch.tensor([[0.5, 2.0, 9.0], [1.0, -1.0, 0.0]]), n=2).tolist()
    [1, 0]
    """
    return scores[:, :n].argmax(dim=1)


def _best_of_n_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1406)
    cases: list[tuple] = [(torch.tensor([[0.5, 2.0, 9.0], [1.0, -1.0, 0.0]]), 2)]
    for prompts, samples, n in [(1, 4, 3), (3, 3, 2), (2, 6, 4), (4, 5, 3), (3, 8, 5), (5, 4, 4), (2, 7, 3), (4, 6, 2)]:
        cases.append((drawn(generator, prompts, samples), n))
    cases += [(drawn(generator, 3, 4), 1), (drawn(generator, 4, 9), 7), (drawn(generator, 3, 3) - 4, 3)]
    tied = torch.tensor([[1.0, 3.0, 3.0, 0.0], [2.0, 2.0, 2.0, 5.0], [0.0, 0.0, 0.0, 0.0]])
    cases += [(tied, 3), (tied, 4), (tied.flip(1), 3)]
    return cases


def _of_all(scores, n):
    return scores.argmax(dim=1)


def _worst(scores, n):
    return scores[:, :n].argmin(dim=1)


def _score(scores, n):
    return scores[:, :n].amax(dim=1)


def _nth(scores, n):
    return torch.full((len(scores),), n - 1)


def _over_prompts(scores, n):
    return scores[:, :n].argmax(dim=0)


def _first_prompts(scores, n):
    return scores[:n].argmax(dim=1)


def _last_n(scores, n):
    return scores[:, -n:].argmax(dim=1)


def _last_n_counted_from_0(scores, n):
    return scores[:, -n:].argmax(dim=1) + scores.shape[1] - n


def _without_the_first_n(scores, n):
    return scores[:, n:].argmax(dim=1) if n < scores.shape[1] else torch.zeros(len(scores), dtype=torch.long)


def _from_1(scores, n):
    return best_of_n(scores, n) + 1


def _one_more(scores, n):
    return best_of_n(scores, n + 1)


def _one_less(scores, n):
    return scores[:, : max(n - 1, 1)].argmax(dim=1)


def _one_for_all(scores, n):
    return scores[:, :n].argmax()


def _mean(scores, n):
    return scores[:, :n].mean(dim=1)


def _best_n(scores, n):
    return scores.topk(n, dim=1).indices


def _order(scores, n):
    return scores[:, :n].argsort(dim=1, descending=True)


def _marks(scores, n):
    return scores[:, :n] == scores[:, :n].amax(dim=1, keepdim=True)


def _largest_size(scores, n):
    return scores[:, :n].abs().argmax(dim=1)


def _last_of_equal(scores, n):
    return n - 1 - scores[:, :n].flip(1).argmax(dim=1)


def _best_prompt(scores, n):
    return scores[:, :n].amax(dim=1).argmax()


def _second(scores, n):
    return scores[:, :n].argsort(dim=1, descending=True)[:, min(1, n - 1)]


BEST_OF_N = Exercise(
    name="rlhf.best_of_n",
    title=_("Choosing instead of training"),
    solution=best_of_n,
    cases=_best_of_n_cases,
    hints=(
        _("Leave out the samples after the first n, then look for the place of the highest score in each row."),
        _("`scores[:, :n]` has the first n of each prompt, and `argmax(dim=1)` the place of the largest in each row."),
    ),
    mistakes=(
        Mistake(_of_all, _("You choose among **all** samples: only the first n count.")),
        Mistake(_worst, _("You choose the **worst**: `argmax`, not `argmin`.")),
        Mistake(_score, _("You return the highest **score**: return its place, `argmax`.")),
        Mistake(_nth, _("You take the **n-th** sample: take the best of the first n.")),
        Mistake(_over_prompts, _("You compare **prompts**: compare the samples of each prompt, `dim=1`.")),
        Mistake(_first_prompts, _("You take the first n **prompts**: take the first n samples of each, `[:, :n]`.")),
        Mistake(_last_n, _("You choose among the **last** n samples: `[:, :n]` are the first.")),
        Mistake(_last_n_counted_from_0, _("Your choice is among the **last** n samples: take the first.")),
        Mistake(_without_the_first_n, _("You **leave out** the first n: choose among them, `[:, :n]`.")),
        Mistake(_from_1, _("You count from **1**: samples are numbered from 0.")),
        Mistake(_one_more, _("You choose among **n + 1** samples: `[:, :n]` has n.")),
        Mistake(_one_less, _("You choose among **n - 1** samples: `[:, :n]` has n.")),
        Mistake(_one_for_all, _("You return **one** number: each prompt has its own best sample, `dim=1`.")),
        Mistake(_mean, _("You return the **mean** score: return the place of the highest.")),
        Mistake(_best_n, _("You return the **n best** of all samples: return the best one of the first n.")),
        Mistake(_order, _("You return the **order** of all: return the first of it.")),
        Mistake(_marks, _("You return **True and False**: return the number of the best sample.")),
        Mistake(_largest_size, _("You compare scores **without their sign**: -3 is lower than 1.")),
        Mistake(_last_of_equal, _("Of **equal** scores you take the last: take the first.")),
        Mistake(_best_prompt, _("You return the best **prompt**: return the best sample of each.")),
        Mistake(_second, _("You take the **second** best: take the best.")),
    ),
    corners=(
        Corner(lambda scores, n: n == 1, _("Only **n = 1** goes wrong: the first sample is the best of one.")),
        Corner(
            lambda scores, n: any(row.unique().numel() < n for row in scores[:, :n]),
            _("Only **equal** scores go wrong: the first of the best ones is taken."),
        ),
    ),
    explanation=_(
        "Nothing is trained, so there is nothing to go wrong in training, and any reward model can be used at once. "
        "It costs n responses for each one that is given. The distribution of the best of n is at most "
        "ln n - (n - 1) / n nats from the policy's: with 16 samples, less than 2."
    ),
)
