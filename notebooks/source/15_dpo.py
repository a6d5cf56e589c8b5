# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 15 · DPO
#
# Lesson 14 took two models and a loop of drawing, scoring and learning to teach a policy preferences.
# *DPO*, direct preference optimization, does it with one loss on the pairs themselves.
# You derive that loss from the optimum of lesson 14, a line at a time, and check each line with numbers.
# Then you compare it with PPO and the best of n on the same pairs, and train a policy on preferences of your own.
# After this lesson you can
#
# - derive DPO's loss, and say which binary cross-entropy it is;
# - compute an answer's log-probability without the mistakes that spoil it;
# - say which pairs teach, why the chosen answer's probability may fall, and what IPO and SimPO change;
# - compare methods at equal distance from the reference.
#
# **Time**: 90 minutes; the cells run in about a minute on two quiet processor cores.
# **Before this**: lesson 14.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import copy
import math

import numpy as np
import torch
import torch.nn.functional as F

from course import trained
from course.claims import Finding, claim
from course.data.splits import draw
from course.dpo import (
    PairSettings,
    pair_log_probabilities,
    reference_log_probabilities,
    train_on_pairs,
    with_reference,
)
from course.dpo import dpo_loss as loss_of_course
from course.dpo import gradient_weights as weights_of_course
from course.dpo import ipo_loss as ipo_of_course
from course.dpo import simpo_loss as simpo_of_course

# %%
from course.exercises import ask, check, hint, progress, solution, yours
from course.gpt import Decoder, LlamaConfig
from course.intervals import RunScores, difference_of_scores, over_seeds
from course.peft import attach
from course.rlhf import (
    all_answers,
    answer_distribution,
    answer_log_probabilities,
    optimal_policy,
    pair_responses,
    response_log_probabilities,
    total_variation,
)
from course.tasks.pretraining import base_tokenizer
from course.tasks.review_continuations import (
    beginnings,
    prompt_ids,
    response_end,
    response_padding,
    response_texts,
    review_texts,
)

# %%
from course.tasks.review_pairs import labelled_pairs
from course.tasks.review_policies import (
    POLICY_LORA,
    continued,
    reference_policy,
    stored_policy,
)
from course.tasks.review_rewards import distinct_trigrams
from course.viz import LogRatioExplorer, PairRanking, figures, use_course_style
from course.viz.show import say, table

use_course_style()

# %% [markdown]
# ## 1 · From the optimum to the loss
#
# The space of answers from lesson 14 again, with its reference and its rewards.

# %%
END, PAD, PROMPT = 2, 0, (3, 0)
answers = all_answers([0, 1, 3], 2, END)
sizes = LlamaConfig(
    4, context_length=8, d_model=32, n_layers=2, n_heads=2, n_kv_heads=2, d_ff=64
)
tiny = Decoder(sizes, torch.Generator().manual_seed(0)).eval()
with torch.no_grad():
    for weight in tiny.parameters():
        if weight.ndim >= 2:
            weight *= 3
start = answer_distribution(tiny, PROMPT, answers, pad_id=PAD)
reward = torch.randn(
    len(answers), dtype=torch.float64, generator=torch.Generator().manual_seed(1)
)

# %% [markdown]
# **The optimum.** With the KL penalty β, the best policy is π*(y) = π_ref(y) · exp(r(y) / β) / Z, where Z makes the probabilities sum to 1.

# %%
beta = 0.5
best = optimal_policy(start, reward, beta)
z = (start * (reward / beta).exp()).sum()
say(
    f"largest difference from the formula: {(best - start * (reward / beta).exp() / z).abs().max():.0e}"
)

# %% [markdown]
# **Solved for the reward.** So r(y) = β · log(π*(y) / π_ref(y)) + β · log Z: a policy contains the reward that it is best for.

# %%
inside = beta * (best / start).log() + beta * z.log()
say(f"largest difference from the rewards: {(inside - reward).abs().max():.0e}")

# %% [markdown]
# log(π / π_ref), the log-probability of an answer under the policy minus that under the reference, is its *log-ratio*; β times that is called the *implicit reward* of a policy.
# Without log Z, a constant is missing, the same for all answers to a prompt.


# %% tags=["exercise"]
def reward_from_policy(policy: "Tensor", reference: "Tensor", beta: float) -> "Tensor":
    """The rewards for which a policy would be the best one, with a mean of 0.

    policy, reference: (answers,), log-probabilities of several answers to one prompt. The best
    policy is proportional to the reference's probability times exp(reward / beta). So the rewards
    follow from the two, up to a number that is the same for all answers. Choose it so that the
    mean of the rewards, each answer counting once, is 0.

    >>> import torch
    >>> policy, reference = torch.tensor([0.75, 0.25]).log(), torch.tensor([0.25, 0.75]).log()
    >>> [round(r, 4) for r in reward_from_policy(policy, reference, beta=2.0).tolist()]
    [2.1972, -2.1972]
    """
    ...


check("dpo.reward_from_policy", reward_from_policy)

# %%
rewards_in = yours("dpo.reward_from_policy", reward_from_policy)
found = rewards_in(best.log(), start.log(), beta)
say("the rewards, up to their mean:", torch.allclose(found, reward - reward.mean()))

# %% [markdown]
# **Into Bradley–Terry.** The chosen answer wins with the probability σ(r(chosen) − r(rejected)), and in a difference the constant goes away.

# %%
first, second = 0, 5
by_reward = (reward[first] - reward[second]).sigmoid()
log_ratio = (best / start).log()
by_policy = (beta * (log_ratio[first] - log_ratio[second])).sigmoid()
say(f"by the rewards {by_reward:.4f}, by the policy {by_policy:.4f}")

# %% [markdown]
# **The loss.** Now the policy is what is learned: minus the log of this probability, for each pair in which somebody has chosen.
# Nothing but the policy and the reference is in it.


# %% tags=["exercise"]
def dpo_loss(
    chosen: "Tensor",
    rejected: "Tensor",
    chosen_reference: "Tensor",
    rejected_reference: "Tensor",
    beta: float,
) -> "Tensor":
    """The loss of direct preference optimization.

    All tensors: (pairs,), log-probabilities of whole answers: of the chosen and the rejected one
    under the policy, and of the same two under the reference. The policy's reward for an answer
    is beta times (log-probability - log-probability under the reference). The loss is that of a
    reward model: minus the logarithm of sigmoid(reward of the chosen - reward of the rejected),
    as a mean over the pairs. It must be finite for a difference of 500, too.

    >>> import torch
    >>> one, other = torch.tensor([-9.0]), torch.tensor([-8.0])
    >>> [round(float(dpo_loss(one, one, x, one, beta=1.0)), 4) for x in (one, other)]
    [0.6931, 1.3133]
    """
    ...


check("dpo.dpo_loss", dpo_loss)

# %%
loss_of = yours("dpo.dpo_loss", dpo_loss)
one = best.log()[first : first + 1], best.log()[second : second + 1]
other = start.log()[first : first + 1], start.log()[second : second + 1]
say(
    f"minus the log of the probability above: {-by_policy.log():.4f}; your loss: {loss_of(*one, *other, beta):.4f}"
)
say(
    f"where policy and reference are equal: {loss_of(*other, *other, beta):.4f}; ln 2 = {math.log(2):.4f}"
)

# %% [markdown]
# The notes call this a simple binary cross-entropy loss.

# %%
ask("dpo.which_logit")

# %% [markdown]
# It is exactly that: the logit is β times the difference of the two log-ratios, and the label is always "the chosen one".

# %%
margins = torch.randn(1000, generator=torch.Generator().manual_seed(0)) * 20
logits = 0.1 * margins
zero = torch.zeros_like(margins)
as_cross_entropy = F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
difference = abs(loss_of(margins, zero, zero, zero, 0.1) - as_cross_entropy).item()
say("equal to PyTorch's binary cross-entropy within 1e-6:", difference < 1e-6)

# %% [markdown]
# ### Does it find the optimum?
#
# With all pairs of the small space, each won as often as Bradley–Terry says, the loss has its minimum at π*.

# %%
pairs_of_all = torch.combinations(torch.arange(len(answers)))
wins = (reward[pairs_of_all[:, 0]] - reward[pairs_of_all[:, 1]]).sigmoid().float()
policy = copy.deepcopy(tiny)
optimizer = torch.optim.LBFGS(policy.parameters(), max_iter=400, line_search_fn="strong_wolfe")
of_reference = answer_log_probabilities(tiny, PROMPT, answers, pad_id=PAD).detach()


def expected_loss():
    optimizer.zero_grad()
    ratios = answer_log_probabilities(policy, PROMPT, answers, pad_id=PAD) - of_reference
    margin = beta * (ratios[pairs_of_all[:, 0]] - ratios[pairs_of_all[:, 1]])
    loss = F.binary_cross_entropy_with_logits(margin, wins)
    loss.backward()
    return loss


_loss = optimizer.step(expected_loss)

# %%
reached = answer_distribution(policy, PROMPT, answers, pad_id=PAD)
figures.answer_bars(
    ["·".join("end" if token == END else str(token) for token in one) for one in answers],
    {"reference": start, "π*": best, "DPO": reached},
    title="DPO reaches the known optimum of a small space",
)

# %%
say(f"total variation to π*: reference {total_variation(start, best):.2f}")
say("DPO is nearer than 0.01:", total_variation(reached, best) < 0.01)

# %% [markdown]
# PPO came within 0.05 of its optimum in lesson 14, from drawn answers and their rewards; DPO comes within 0.01 here, with all pairs and their exact probabilities, which nobody has in practice.
# The two aim at the same optimum; with some pairs in place of all answers, and a reward model in place of a table, they differ.
#
# ## 2 · The probability of an answer

# %%
ask("dpo.sum_or_mean")

# %% [markdown]
# The loss needs the log-probability of a whole answer: the sum over its tokens, and nothing else.


# %% tags=["exercise"]
def sequence_log_probability(logits: "Tensor", ids: "Tensor", is_answer: "Tensor") -> "Tensor":
    """The log-probability of each answer, given its prompt, in nats.

    logits: (rows, positions, vocabulary), ids: (rows, positions). The logits at a position
    predict the token at the **next** one. is_answer: (rows, positions), True for the tokens of
    the answer, its end token included, and False for those of the prompt, which comes first, and
    for padding. Returns the sum over the answer's tokens: (rows,).

    >>> import torch
    >>> logits = torch.tensor([[[0.0, 0.0], [0.0, 3.0], [5.0, 0.0]]]).log1p()
    >>> ids, is_answer = torch.tensor([[1, 0, 1]]), torch.tensor([[False, True, True]])
    >>> round(float(sequence_log_probability(logits, ids, is_answer)), 4)
    -0.9163
    """
    ...


check("dpo.sequence_log_probability", sequence_log_probability)

# %%
sum_of = yours("dpo.sequence_log_probability", sequence_log_probability)
letters = base_tokenizer()
reference = reference_policy()
some = [one.pair for one in draw(labelled_pairs("test"), 64)]
with torch.no_grad():
    batch = pair_responses(some, pad_id=response_padding())
    of_course = response_log_probabilities(reference, batch).sum(dim=1)
    is_answer = torch.cat(
        (torch.zeros(len(batch.ids), batch.n_prompt, dtype=torch.bool), batch.is_token), dim=1
    )
    mine = sum_of(reference(batch.ids, padding=batch.padding), batch.ids, is_answer)
say("equal to the course's:", torch.allclose(mine, of_course, atol=1e-3))

# %% [markdown]
# Three mistakes run without an error: the mean in place of the sum, the prompt's tokens in the sum, the end token left out.

# %%
ask("dpo.loss_stays")

# %% [markdown]
# ## 3 · Which pairs teach
#
# Move the log-ratios of two answers, and see where a pair is on the loss, how much it weighs in the gradient, and where the losses of section 5 have their minimum.

# %%
log_ratios = LogRatioExplorer()
log_ratios


# %% tags=["exercise"]
def gradient_weights(
    chosen: "Tensor",
    rejected: "Tensor",
    chosen_reference: "Tensor",
    rejected_reference: "Tensor",
    beta: float,
) -> "Tensor":
    """How much each pair counts in DPO's gradient.

    All tensors: (pairs,), log-probabilities of whole answers, as in the loss. The gradient of a
    pair's loss with respect to `chosen` is -beta * weight, and beta * weight with respect to
    `rejected`. Returns the weights: (pairs,). They are near 1 for a pair in the wrong order, and
    near 0 for one that is clearly in the right order.

    >>> import torch
    >>> log_p = torch.tensor([-5.0, -5.0])
    >>> gradient_weights(log_p + torch.tensor([0.0, 99.0]), log_p, log_p, log_p, beta=1.0).tolist()
    [0.5, 0.0]
    """
    ...


check("dpo.gradient_weights", gradient_weights)

# %%
weights_of = yours("dpo.gradient_weights", gradient_weights)
trained_policy = stored_policy("dpo/dpo-0.1")
with torch.no_grad():
    of_pairs = with_reference(
        pair_log_probabilities(trained_policy, some, pad_id=response_padding()),
        reference_log_probabilities(reference, some, pad_id=response_padding()),
    )
mine = weights_of(*of_pairs[:4], 0.1)
say("equal to the course's:", torch.allclose(mine, weights_of_course(of_pairs, 0.1)))
order = of_pairs.margin.argsort()
table(
    {
        "chosen": letters.decode(some[number].chosen[:-1]),
        "rejected": letters.decode(some[number].rejected[:-1]),
        "margin, nats": of_pairs.margin[number].item(),
        "weight": mine[number].item(),
    }
    for number in (order[0].item(), order[32].item(), order[-1].item())
)

# %% [markdown]
# ## 4 · On lesson 14's pairs

# %%
ask("dpo.role_of_beta")

# %% [markdown]
# A script trained the reference policy on the same 2,000 pairs that lesson 14's reward model learned from: DPO with three β, and IPO, of the next section.
# All have three seeds, LoRA of rank 8, two passes over the pairs, and a rate that was searched on validation pairs, with β = 0.1, once for DPO and once for IPO.

# %%
NAMES = {"DPO, β = 0.05": "dpo-0.05", "DPO, β = 0.1": "dpo-0.1", "DPO, β = 0.5": "dpo-0.5"}
NAMES |= {"IPO, β = 0.1": "ipo-0.1"}
FROM_REWARDS = {"PPO, β = 0.1": "ppo-0.1", "PPO, β = 0.4": "ppo-0.4"}


def runs_of(model):
    experiment = "dpo" if model in NAMES.values() else "rlhf"
    return [one for one in trained.results(experiment) if one["model"] == model]


def over_runs(model, what, test="test"):
    """A measure of a whole run, for each seed."""
    return [one["tests"][test][what] for one in runs_of(model)]


# %%
test_words = [one.words for one in draw(beginnings().test, 256, seed=1)]
drawn = continued(
    reference, [prompt_ids(one) for one in test_words], torch.Generator().manual_seed(0)
)
samples = trained.record_of("rlhf", "best-of-n")
reference_row = {"policy": "reference", **samples["means"], "kl": 0.0} | {
    "length": samples["length"],
    "distinct_trigrams": distinct_trigrams(review_texts(drawn)),
}
MEASURES = {
    "proxy-2000": "proxy, sd",
    "gold": "gold, sd",
    "kl": "KL, nats",
    "length": "length, tokens",
    "distinct_trigrams": "distinct trigrams",
}
rows = [
    {"policy": name} | {what: np.mean(over_runs(model, what)) for what in MEASURES}
    for name, model in {**NAMES, **FROM_REWARDS}.items()
]
table([reference_row, *rows], {"policy": "policy", **MEASURES})

# %% [markdown]
# As in lesson 14, the rewards are in standard deviations of the reference policy's responses, written sd, and KL divergence and length are those of a response.
# Each policy answered the same 256 beginnings of test movies; the first row is from 16 responses of the reference to each, its trigrams from one.
# Measured against the reference, DPO's responses have become longer, and PPO's shorter.
#
# ### The chosen answer becomes less probable

# %%
ask("dpo.falling_chosen")


# %%
def curve_of(what):
    return np.array([trained.numbers(one["curve"][what]) for one in runs_of("dpo-0.1")])


steps = trained.numbers(runs_of("dpo-0.1")[0]["curve"]["step"])
figures.log_ratio_history(
    steps,
    curve_of("chosen_log_ratio"),
    curve_of("rejected_log_ratio"),
    title="DPO, β = 0.1: both answers fall, the rejected one further",
    rows="seeds",
)

# %%
claim(
    "dpo.chosen_falls",
    "DPO makes the chosen answers of test pairs less probable than they were, and orders more than half of the pairs rightly.",
    said_by="this lesson; asked again and again of DPO's authors and of trl",
    findings=[
        Finding(
            "log-ratio of the chosen answers, nats",
            over_seeds(over_runs("dpo-0.1", "chosen_log_ratio", "test pairs"), unit="nats"),
            "below",
            0.0,
        ),
        Finding(
            "share of test pairs with a margin above 0",
            over_seeds(over_runs("dpo-0.1", "accuracy", "test pairs")),
            "above",
            0.5,
        ),
    ],
)

# %% [markdown]
# Part of this must happen.
# The answers of the test pairs were drawn from the reference, and over such answers the mean log-ratio of a policy is minus a KL divergence: it falls for every policy that moves.
# So the table below has PPO beside DPO: PPO's policy was trained on no pair, only its reward model was.
# It also has the pairs that both learned from, beside the test pairs.


# %%
def mean_log_ratios(name, role):
    """The mean log-ratios of the answers of 200 pairs under a stored policy, in nats."""
    these = [one.pair for one in draw(labelled_pairs(role), 200)]
    with torch.no_grad():
        found = with_reference(
            pair_log_probabilities(stored_policy(name), these, pad_id=response_padding()),
            reference_log_probabilities(reference, these, pad_id=response_padding()),
        )
    return {
        "chosen": found.chosen_log_ratio.mean().item(),
        "rejected": found.rejected_log_ratio.mean().item(),
    }


table(
    {"policy": name, "pairs": role} | mean_log_ratios(stored, role)
    for name, stored, role in (
        ("PPO, β = 0.1", "rlhf/ppo-0.1", "test"),
        ("DPO, β = 0.1", "dpo/dpo-0.1", "test"),
        ("PPO, β = 0.1", "rlhf/ppo-0.1", "training"),
        ("DPO, β = 0.1", "dpo/dpo-0.1", "training"),
    )
)

# %% [markdown]
# On test pairs PPO's chosen answers fall further than DPO's, so this fall says little about DPO.
# But the chosen answers of DPO's training pairs fall as well, although these are the ones that it was to prefer: its loss looks at the difference alone and does not forbid it.
# The probability goes to answers that are in none of these pairs; which ones, the pairs do not say.
#
# ### Reward against distance


# %%
def path(models, what):
    """A measure of the runs of some models, a row for each seed, a column for each model."""
    n_seeds = min(len(runs_of(model)) for model in models)
    return np.array([over_runs(model, what)[:n_seeds] for model in models]).T


best_of_n = trained.record_of("rlhf", "best-of-n")["tests"]
chosen_n = [best_of_n[f"best of {n} by proxy-2000"] for n in (1, 2, 4, 8, 16)]
by_beta = {
    "DPO": [NAMES[f"DPO, β = {beta}"] for beta in (0.5, 0.1, 0.05)],
    "PPO": ["ppo-0.4", "ppo-0.1"],
    "IPO, β = 0.1": ["ipo-0.1"],
}
MEASURED = {"kl": "kl", "proxy": "proxy-2000", "gold": "gold"}

# %%
figures.reward_frontier(
    {
        name: {as_named: path(models, what) for as_named, what in MEASURED.items()}
        for name, models in by_beta.items()
    }
    | {
        "best of n": {
            as_named: np.array([one[what] for one in chosen_n])
            for as_named, what in MEASURED.items()
        }
    },
    title="At equal distance DPO has less reward than PPO",
    ylabels={"proxy": "proxy reward, sd", "gold": "gold reward, sd"},
    points={
        "DPO": ["β = 0.5", "0.1", "0.05"],
        "PPO": ["β = 0.4", "0.1"],
        "best of n": ["1", "2", "4", "8", "16"],
    },
)


# %%
def test_of(model, what):
    """A measure of each test response, a row for each seed."""
    experiment = "dpo" if model in NAMES.values() else "rlhf"
    return RunScores(trained.item_scores(experiment, model, "test", what), "prompts")


def minus(a, b, what, unit="sd"):
    return difference_of_scores(test_of(a, what), test_of(b, what), same_runs=True, unit=unit)


# %%
claim(
    "dpo.above_ppo",
    "From the same pairs DPO gains more gold reward than PPO, also where it is no farther from the reference.",
    said_by="Rafailov et al. 2023, figure 2 (left): movie reviews, GPT-2 large, many more pairs",
    findings=[
        Finding(
            "KL, β = 0.1, DPO minus PPO",
            minus("dpo-0.1", "ppo-0.1", "kl", "nats"),
            "below",
            0.0,
        ),
        Finding(
            "gold, β = 0.1, DPO minus PPO", minus("dpo-0.1", "ppo-0.1", "gold"), "above", 0.0
        ),
        Finding(
            "gold, DPO with β = 0.05 minus PPO with β = 0.1",
            minus("dpo-0.05", "ppo-0.1", "gold"),
            "above",
            0.0,
        ),
    ],
)

# %% [markdown]
# In the figure DPO's path is below that of PPO and of the best of n.
# By lesson 14's other measure, the share of distinct trigrams in the table above, it is ahead: with β = 0.1 its texts differ more than PPO's, although they are longer.
# One difference between them is that PPO drew 1,920 responses of its own, each of them scored, while DPO read the same 2,000 pairs twice and drew nothing.
# Whether that is the reason was not tested.
#
# ## 5 · Other losses on the same pairs

# %%
ask("dpo.always_wins")

# %% [markdown]
# With a label that never errs, as here, DPO's loss has no lowest point: with enough steps the margin grows without end, however large β is.
# *IPO* (Azar et al. 2023) gives it a goal.


# %% tags=["exercise"]
def ipo_loss(
    chosen: "Tensor",
    rejected: "Tensor",
    chosen_reference: "Tensor",
    rejected_reference: "Tensor",
    beta: float,
) -> "Tensor":
    """The loss of IPO, which wants a margin of 1 / (2 * beta), and not more.

    All tensors: (pairs,), log-probabilities of whole answers, as in DPO. The margin is the
    log-ratio of the chosen answer minus that of the rejected one, where a log-ratio is the
    log-probability under the policy minus that under the reference. The loss is the mean over the
    pairs of the squared difference between the margin and 1 / (2 * beta).

    >>> import torch
    >>> policy, reference = torch.tensor([-9.0, -9.0]), torch.tensor([-10.0, -11.0])
    >>> float(ipo_loss(policy, policy, reference, policy, beta=0.25))
    0.5
    """
    ...


check("dpo.ipo_loss", ipo_loss)

# %%
ipo = yours("dpo.ipo_loss", ipo_loss)
say(
    "equal to the course's:",
    torch.isclose(ipo(*of_pairs[:4], 0.1), ipo_of_course(of_pairs, 0.1)).item(),
)
say(f"its goal at β = 0.1: {1 / (2 * 0.1):.0f} nats, here for whole answers")
say(
    f"for a token, as the library trl reads it: loss {ipo_of_course(of_pairs, 0.1, per='token'):.2f}"
)

# %% [markdown]
# Two programs called IPO are therefore two methods: the same β wants a margin of 5 nats an answer in one, and of 5 nats a token in the other.
#
# *SimPO* (Meng et al. 2024) leaves the reference out, and takes the mean over tokens, so that longer answers do not lose by their length.


# %% tags=["exercise"]
def simpo_loss(
    chosen: "Tensor",
    rejected: "Tensor",
    n_chosen: "Tensor",
    n_rejected: "Tensor",
    beta: float,
    margin: float,
) -> "Tensor":
    """The loss of SimPO, which needs no reference.

    All tensors: (pairs,). chosen, rejected: the log-probabilities of the answers under the policy,
    summed over their tokens. n_chosen, n_rejected: how many tokens they have. The reward of an
    answer is beta times the mean log-probability of its tokens. The chosen answer should be ahead
    by `margin`: a pair costs -log sigmoid(reward of the chosen - reward of the rejected - margin).
    The loss is the mean over the pairs.

    >>> import torch
    >>> chosen, rejected, n = torch.tensor([-4.0]), torch.tensor([-9.0]), torch.tensor([2])
    >>> round(float(simpo_loss(chosen, rejected, n, n + 1, beta=2.0, margin=2.0)), 4)
    0.6931
    """
    ...


check("dpo.simpo_loss", simpo_loss)

# %%
simpo = yours("dpo.simpo_loss", simpo_loss)
mine = simpo(
    of_pairs.chosen, of_pairs.rejected, of_pairs.n_chosen, of_pairs.n_rejected, 2.0, 0.5
)
say("equal to the course's:", torch.isclose(mine, simpo_of_course(of_pairs, 2.0, 0.5)).item())

# %%
claim(
    "dpo.ipo_holds_back",
    "With the same β, IPO stays nearer to the reference than DPO.",
    said_by="after Azar et al. 2023, section 5.3, who show it for preferences that never err",
    findings=[
        Finding("KL, IPO minus DPO", minus("ipo-0.1", "dpo-0.1", "kl", "nats"), "below", 0.0)
    ],
)

# %% [markdown]
# This compares two settings, not two losses: the searches gave IPO half of DPO's rate, and the same β does not mean the same thing in both.
# Compare methods by what they reach at equal distance, as in the figure.
#
# ## 6 · Your preferences
#
# Ten pairs of answers from the reference policy.
# Choose in each the one that you like better; what is chosen here is an example, the shorter answer each time.
# You may type other beginnings.

# %%
ranking = PairRanking(
    reference,
    letters,
    lambda text: list(prompt_ids(text)),
    [one.words for one in beginnings().test[:10]],
    end_id=response_end(),
    pad_id=response_padding(),
)
ranking.choose(
    "".join("A" if len(one.answers[0]) <= len(one.answers[1]) else "B" for one in ranking.pairs)
)
ranking

# %% [markdown]
# DPO on these ten pairs, and on nothing else:

# %%
learner = reference_policy()
attached = attach(learner, POLICY_LORA, torch.Generator().manual_seed(0))
yours_alone = ranking.preferences()
history = train_on_pairs(
    learner,
    reference,
    yours_alone,
    PairSettings(2e-3, steps=30, batch_size=10),
    loss=lambda pairs: loss_of_course(pairs, 0.1),
    pad_id=response_padding(),
)
say(f"loss {history.losses[0]:.3f} at first; below 0.2 in the end: {history.losses[-1] < 0.2}")

# %% tags=["nbval-ignore-output"]
words = [one.words for one in draw(beginnings().validation, 100)]
prompts = [prompt_ids(one) for one in words]
written = {
    name: continued(model, prompts, torch.Generator().manual_seed(0))
    for name, model in (("before", reference), ("after", learner.eval()))
}
table(
    {"policy": name, "mean length, tokens": responses.lengths.float().mean().item()}
    | {"first answer": response_texts(responses)[0]}
    for name, responses in written.items()
)

# %% [markdown]
# Nobody told the second policy what you like; it has seen ten choices.
# Here they were made by length, and that is what it learned.
# Whatever else your ten chosen answers have in common, it may have learned as well: that is what lesson 14 said of reward models.
#
# > **What the notes say / what happens.**
# > The notes say that DPO goes around the reward model, with a simple binary cross-entropy.
# > The cross-entropy is exact, as section 1 shows.
# > The reward model is still there: it is the policy itself, measured against the reference.
#
# ## What to remember
#
# - DPO's loss is Bradley–Terry with the rewards that a policy contains, β · log(π / π_ref).
# - It begins at ln 2. If it stays there, the reference is the policy itself, or nothing is trained.
# - Sum log-probabilities over the answer's tokens and its end token; leave prompt and padding out.
# - The margin grows, and the chosen answer may become less probable all the same: watch both.
# - Names of losses hide choices, such as sum or mean. Compare methods at equal distance from the reference.
#
# **Read on**: Rafailov et al. 2023, *Direct Preference Optimization: Your Language Model is Secretly a Reward Model*; Azar et al. 2023, *A General Theoretical Paradigm to Understand Learning from Human Preferences*; Meng et al. 2024, *SimPO: Simple Preference Optimization with a Reference-Free Reward*.
# In the code: `course/dpo/log_ratios.py`, `course/dpo/losses.py`, `course/dpo/training.py`, `experiments/dpo.py`.
#
# **Next**: lesson 16, *RAG*.

# %%
progress.table()
