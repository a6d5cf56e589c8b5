"""Exercise on advantages: what a token brought, compared with what was expected."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.exercises.rlhf.drawing import mask_of
from course.messages import _


def advantages(
    rewards: "Tensor",
    values: "Tensor",
    is_token: "Tensor",
    gamma: float,
    lam: float,
) -> "Tensor":
    """Generalized advantage estimation: how much better each token was than the critic expected.

    All tensors: (rows, places). is_token is True where there is a token: the first places of a
    row, one at least; what is in the others means nothing. values[:, t] is what the critic
    expects before token t. With A = 0 and a value of 0 after the last token, and 0 where there is
    no token, it returns A[t] = delta[t] + gamma * lam * A[t + 1], where
    delta[t] = rewards[t] + gamma * values[t + 1] - values[t].

    >>> import torch
    >>> rewards, values = torch.tensor([[0.0, 4.0, 9.0]]), torch.tensor([[1.0, 2.0, 9.0]])
    >>> is_token = torch.tensor([[True, True, False]])
    >>> advantages(rewards, values, is_token, gamma=1.0, lam=0.5).tolist()
    [[2.0, 2.0, 0.0]]
    """
    import torch

    rewards, values = rewards * is_token, values * is_token
    found = torch.zeros_like(rewards)
    value = advantage = torch.zeros(len(rewards))
    for place in reversed(range(rewards.shape[1])):
        delta = rewards[:, place] + gamma * value - values[:, place]
        advantage = delta + gamma * lam * advantage
        value = values[:, place]
        found[:, place] = advantage
    return found


def _advantages_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1403)
    cases: list[tuple] = []
    for lengths, width, gamma, lam in [
        ((2,), 2, 1.0, 0.5),
        ((2,), 2, 0.8, 0.9),
        ((1,), 2, 0.9, 0.6),
        ((3,), 4, 0.5, 0.5),
        ((4,), 4, 0.9, 0.8),
        ((2, 4), 5, 0.8, 0.6),
        ((4, 3), 4, 0.75, 0.9),
        ((1, 5), 6, 0.6, 0.7),
        ((3, 5, 2), 5, 0.9, 0.5),
        ((5, 4), 7, 0.7, 0.95),
        ((3, 3), 4, 0.95, 0.4),
        ((6, 2), 6, 0.85, 0.75),
        ((4, 4), 5, 0.6, 0.0),
        ((3, 4), 4, 0.7, 1.0),
        ((1, 1), 2, 0.5, 0.8),
    ]:
        rewards, values = 2 * drawn(generator, 2, len(lengths), width)
        cases.append((rewards, values + 1, mask_of(lengths, width), gamma, lam))
    return cases


def _deltas(rewards, values, is_token, gamma):
    rewards, values = rewards * is_token, values * is_token
    after = torch.nn.functional.pad(values[:, 1:], (0, 1))
    return (rewards + gamma * after - values) * is_token


def _summed(deltas, factor):
    found = torch.zeros_like(deltas)
    later = torch.zeros(len(deltas))
    for place in reversed(range(deltas.shape[1])):
        later = deltas[:, place] + factor * later
        found[:, place] = later
    return found


def _forwards(rewards, values, is_token, gamma, lam):
    return _summed(_deltas(rewards, values, is_token, gamma).flip(1), gamma * lam).flip(1) * is_token


def _without_lam(rewards, values, is_token, gamma, lam):
    return advantages(rewards, values, is_token, gamma, 1.0)


def _delta_alone(rewards, values, is_token, gamma, lam):
    return _deltas(rewards, values, is_token, gamma)


def _without_gamma(rewards, values, is_token, gamma, lam):
    return advantages(rewards, values, is_token, 1.0, lam)


def _gamma_not_in_delta(rewards, values, is_token, gamma, lam):
    return _summed(_deltas(rewards, values, is_token, 1.0), gamma * lam)


def _gamma_not_in_sum(rewards, values, is_token, gamma, lam):
    return _summed(_deltas(rewards, values, is_token, gamma), lam)


def _added_factors(rewards, values, is_token, gamma, lam):
    return _summed(_deltas(rewards, values, is_token, gamma), gamma + lam)


def _returns(rewards, values, is_token, gamma, lam):
    return advantages(rewards, values, is_token, gamma, lam) + values * is_token


def _without_values(rewards, values, is_token, gamma, lam):
    return _summed(rewards * is_token, gamma)


def _without_values_lam(rewards, values, is_token, gamma, lam):
    return _summed(rewards * is_token, gamma * lam)


def _without_next_value(rewards, values, is_token, gamma, lam):
    return _summed((rewards - values) * is_token, gamma * lam)


def _without_own_value(rewards, values, is_token, gamma, lam):
    return _summed(_deltas(rewards, values, is_token, gamma) + values * is_token, gamma * lam)


def _reward_minus_value(rewards, values, is_token, gamma, lam):
    return (rewards - values) * is_token


def _values_exchanged(rewards, values, is_token, gamma, lam):
    rewards, values = rewards * is_token, values * is_token
    after = torch.nn.functional.pad(values[:, 1:], (0, 1))
    return _summed((rewards + gamma * values - after) * is_token, gamma * lam)


def _value_before(rewards, values, is_token, gamma, lam):
    rewards, values = rewards * is_token, values * is_token
    before = torch.nn.functional.pad(values[:, :-1], (1, 0))
    return _summed((rewards + gamma * before - values) * is_token, gamma * lam)


def _same_value(rewards, values, is_token, gamma, lam):
    return _summed((rewards + gamma * values - values) * is_token, gamma * lam)


def _padding_counts(rewards, values, is_token, gamma, lam):
    return advantages(rewards, values, torch.ones_like(is_token), gamma, lam)


def _padding_counts_inside(rewards, values, is_token, gamma, lam):
    return _padding_counts(rewards, values, is_token, gamma, lam) * is_token


def _value_of_padding(rewards, values, is_token, gamma, lam):
    after = torch.nn.functional.pad(values[:, 1:], (0, 1))
    return _summed((rewards + gamma * after - values) * is_token, gamma * lam)


def _last_value_twice(rewards, values, is_token, gamma, lam):
    deltas = _deltas(rewards, values, is_token, gamma)
    rows, last = torch.arange(len(rewards)), is_token.sum(dim=1) - 1
    deltas[rows, last] += gamma * values[rows, last]
    return _summed(deltas, gamma * lam)


def _last_token_left_out(rewards, values, is_token, gamma, lam):
    deltas = _deltas(rewards, values, is_token, gamma)
    deltas[torch.arange(len(rewards)), is_token.sum(dim=1) - 1] = 0.0
    return _summed(deltas, gamma * lam)


def _two_deltas(rewards, values, is_token, gamma, lam):
    deltas = _deltas(rewards, values, is_token, gamma)
    return deltas + gamma * lam * torch.nn.functional.pad(deltas[:, 1:], (0, 1))


def _mixture(rewards, values, is_token, gamma, lam):
    deltas = (1 - lam) * _deltas(rewards, values, is_token, gamma)
    return _summed(deltas, gamma * lam)


def _later_not_summed(rewards, values, is_token, gamma, lam):
    found = advantages(rewards, values, is_token, gamma, lam)
    return gamma * lam * torch.nn.functional.pad(found[:, 1:], (0, 1))


def _whitened(rewards, values, is_token, gamma, lam):
    found = advantages(rewards, values, is_token, gamma, lam)
    of_tokens = found[is_token]
    if len(of_tokens) < 2:  # of one there is no spread
        return found
    return (found - of_tokens.mean()) / (of_tokens.std() + 1e-8) * is_token


def _values_added(rewards, values, is_token, gamma, lam):
    return advantages(rewards, -values, is_token, gamma, lam)


def _rewards_of_padding(rewards, values, is_token, gamma, lam):
    return advantages(
        torch.where(is_token, 0.0, rewards), 0 * values, torch.ones_like(is_token), gamma, lam
    ) + advantages(rewards, values, is_token, gamma, lam)


def _values_of_padding(rewards, values, is_token, gamma, lam):
    return advantages(rewards * is_token, values, torch.ones_like(is_token), gamma, lam)


def _loop_forwards(rewards, values, is_token, gamma, lam):
    rewards, values = rewards * is_token, values * is_token
    before = torch.nn.functional.pad(values[:, :-1], (1, 0))
    return _summed((rewards + gamma * before - values).flip(1), gamma * lam).flip(1)


def _last_place_left_out(rewards, values, is_token, gamma, lam):
    found = torch.zeros_like(rewards)
    found[:, :-1] = advantages(rewards[:, :-1], values[:, :-1], is_token[:, :-1], gamma, lam)
    return found


def _own_value_added(rewards, values, is_token, gamma, lam):
    return _summed(_deltas(rewards, values, is_token, gamma) + 2 * values * is_token, gamma * lam)


def _next_value_subtracted(rewards, values, is_token, gamma, lam):
    return _summed(_deltas(rewards, values, is_token, -gamma), gamma * lam)


def _nothing_discounted(rewards, values, is_token, gamma, lam):
    return _summed(_deltas(rewards, values, is_token, gamma), 1.0)


def _factor_added(rewards, values, is_token, gamma, lam):
    places = torch.arange(rewards.shape[1], 0, -1)
    return _summed(_deltas(rewards, values, is_token, gamma), 1.0) + gamma * lam * places


def _factor_alone(rewards, values, is_token, gamma, lam):
    rewards, values = rewards * is_token, values * is_token
    after = torch.nn.functional.pad(values[:, 1:], (0, 1))
    return rewards + gamma * after - values + gamma * lam


def _shifted(rewards_too_large=0, values_too_large=0, gamma_too_large=0, lam_too_large=0):
    def wrong(rewards, values, is_token, gamma, lam):
        rewards, values = rewards + rewards_too_large, values + values_too_large
        return advantages(rewards, values, is_token, gamma + gamma_too_large, lam + lam_too_large)

    return wrong


def _gamma_too_large(*arguments):
    return _shifted(gamma_too_large=1)(*arguments)


def _gamma_too_small(*arguments):
    return _shifted(gamma_too_large=-1)(*arguments)


def _lam_too_large(*arguments):
    return _shifted(lam_too_large=1)(*arguments)


def _lam_too_small(*arguments):
    return _shifted(lam_too_large=-1)(*arguments)


def _rewards_too_large(*arguments):
    return _shifted(rewards_too_large=1)(*arguments)


def _rewards_too_small(*arguments):
    return _shifted(rewards_too_large=-1)(*arguments)


def _values_too_large(*arguments):
    return _shifted(values_too_large=1)(*arguments)


def _values_too_small(*arguments):
    return _shifted(values_too_large=-1)(*arguments)


ADVANTAGES = Exercise(
    name="rlhf.advantages",
    title=_("Better than expected?"),
    solution=advantages,
    cases=_advantages_cases,
    hints=(
        _(
            "Set rewards and values to 0 where there is no token. Then go through the places from the last to the "
            "first, and keep two things from one place to the next: the value there, and the advantage there. Both "
            "are 0 at first."
        ),
        _(
            "In the loop `delta = rewards[:, place] + gamma * value - values[:, place]`, then "
            "`advantage = delta + gamma * lam * advantage`, and last `value = values[:, place]`."
        ),
    ),
    mistakes=(
        Mistake(
            _forwards,
            _("You go **forwards**: a token is judged by what comes after it, so go from the last to the first."),
        ),
        Mistake(_without_lam, _("You do not use **lam**: later differences count gamma · lam.")),
        Mistake(_delta_alone, _("You return **delta** alone: add gamma · lam times the next advantage.")),
        Mistake(_without_gamma, _("You do not use **gamma**: it is in delta, and in the sum.")),
        Mistake(_gamma_not_in_delta, _("**Gamma** is missing in delta: gamma times the next value.")),
        Mistake(_gamma_not_in_sum, _("**Gamma** is missing in the sum: the next advantage counts gamma · lam.")),
        Mistake(_added_factors, _("You **add** gamma and lam: multiply them.")),
        Mistake(
            _returns, _("That is the **return**, what the critic should have expected: the advantage has no value.")
        ),
        Mistake(_without_values, _("You do not use **values**: that is the sum of the rewards to come.")),
        Mistake(_without_values_lam, _("You add up **rewards**: it is delta that is added up.")),
        Mistake(_without_next_value, _("The **next value** is missing in delta: rewards + gamma · next - own.")),
        Mistake(_without_own_value, _("The token's **own value** is missing in delta: subtract it.")),
        Mistake(
            _reward_minus_value,
            _("You compare the value with **one** reward: it expects all that are still to come."),
        ),
        Mistake(_values_exchanged, _("The two values in delta are **exchanged**: gamma · next - own.")),
        Mistake(_value_before, _("You take the value **before** a token for the one after it: `values[t + 1]`.")),
        Mistake(_same_value, _("Both values in your delta are of the **same** place: the first is the next one.")),
        Mistake(_padding_counts, _("Places **without a token** count in yours: set what is there to 0 first.")),
        Mistake(
            _padding_counts_inside,
            _("What is **after** the last token reaches your advantages: set it to 0 before the loop, not after it."),
        ),
        Mistake(
            _value_of_padding,
            _("After the last token your critic expects what is in the **next place**: it expects 0 there."),
        ),
        Mistake(_last_value_twice, _("After the last token the value is **0**: in yours it is that of the last one.")),
        Mistake(_last_token_left_out, _("The **last** token is left out in yours: its delta is reward minus value.")),
        Mistake(
            _two_deltas,
            _("You add the next **delta** alone: add the next advantage, which has all later ones in it."),
        ),
        Mistake(_mixture, _("You multiply delta by **1 - lam**: there is no such factor here.")),
        Mistake(_later_not_summed, _("Your **delta** is missing: add it to gamma · lam times the next advantage.")),
        Mistake(_whitened, _("You **whiten** the advantages: return them as they are.")),
        Mistake(_values_added, _("Your values have the wrong **sign**: rewards + gamma · next - own.")),
        Mistake(_rewards_of_padding, _("**Rewards** after the last token count in yours: set them to 0 as well.")),
        Mistake(_values_of_padding, _("**Values** after the last token count in yours: set them to 0 as well.")),
        Mistake(_loop_forwards, _("Your loop runs **forwards**: the next value and advantage are not there yet.")),
        Mistake(_last_place_left_out, _("Your loop leaves out the **last place**: begin with it.")),
        Mistake(_own_value_added, _("You **add** the token's own value: subtract it.")),
        Mistake(_next_value_subtracted, _("You **subtract** the next value: add gamma times it.")),
        Mistake(_nothing_discounted, _("The next advantage counts **in full** in yours: gamma · lam times it.")),
        Mistake(_factor_added, _("You **add** gamma · lam: multiply the next advantage by it.")),
        Mistake(_factor_alone, _("The **next advantage** is missing: gamma · lam is its factor.")),
        Mistake(_gamma_too_large, _("Your gamma is **1 too large**.")),
        Mistake(_gamma_too_small, _("Your gamma is **1 too small**: there is a `1 - gamma` or the like in yours.")),
        Mistake(_lam_too_large, _("Your lam is **1 too large**.")),
        Mistake(_lam_too_small, _("Your lam is **1 too small**: there is a `1 - lam` or the like in yours.")),
        Mistake(_rewards_too_large, _("Your rewards are **1 too large**.")),
        Mistake(_rewards_too_small, _("Your rewards are **1 too small**.")),
        Mistake(_values_too_large, _("Your values are **1 too large**.")),
        Mistake(_values_too_small, _("Your values are **1 too small**.")),
    ),
    corners=(
        Corner(
            lambda rewards, values, is_token, gamma, lam: bool((is_token.sum(dim=1) == 1).all()),
            _("Only responses of **one token** go wrong: their advantage is the reward minus the value."),
        ),
    ),
    explanation=_(
        "Written out, an advantage is the sum of all later deltas, each weighted by gamma · lam to the power of how "
        "far away it is. With lam = 1 the values in between cancel: what is left is all later rewards minus the "
        "value, right on average but different from one response to the next. With lam = 0 it is delta alone, "
        "steadier, and as wrong as the critic is."
    ),
    compare=close,
)
