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
# # 14 · RLHF
#
# Instruction tuning needs good answers, written by somebody.
# Often it is easier to say which of two answers is better than to write a good one.
# *RLHF*, reinforcement learning from human feedback, turns such choices into training: a model learns from them what people like, and a second model learns to write it.
# You build both: the reward model with its loss, and PPO, the method that trains the second one, with its rewards, advantages and clipped objective.
# Then you see what a model does to a reward that it has learned to please, with and without a penalty for moving away from where it began.
# After this lesson you can
#
# - train a reward model on pairs, and say what its numbers mean and what they don't;
# - compute each part of PPO for a language model, and name the first test of such a program;
# - say what the KL penalty does, what it doesn't do, and compare a method with the best of n samples, which trains nothing;
# - check a method against the optimum itself where the space of answers is small enough.
#
# **Time**: 120 minutes; the cells run in about a minute on two quiet processor cores.
# **Before this**: lesson 13.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import copy

import numpy as np
import torch

from course import trained
from course.claims import Finding, claim
from course.data import answer_choices
from course.data.splits import draw
from course.decoding import roll_out
from course.exercises import ask, check, hint, progress, solution, yours
from course.gpt import Decoder, LlamaConfig
from course.intervals import (
    RunScores,
    difference_of_scores,
    mean_difference,
    mean_over_items,
    over_seeds,
    share,
)
from course.peft import attach

# %%
from course.rlhf import (
    PPOSettings,
    ValueModel,
    all_answers,
    answer_distribution,
    best_of_n_kl,
    clipped_objective,
    gae,
    pair_responses,
    response_log_probabilities,
    reward_and_kl,
    total_variation,
    train_ppo,
)
from course.rlhf import bradley_terry_loss as loss_of_course
from course.rlhf import optimal_policy as optimum_of_course
from course.rlhf import token_rewards as rewards_of_course
from course.tasks.choice_results import (
    accuracies,
    accuracy,
    accuracy_difference,
    bias_change,
    controls,
)

# %%
from course.tasks.pretraining import base_tokenizer
from course.tasks.review_continuations import (
    beginnings,
    prompt_ids,
    response_end,
    response_padding,
    response_texts,
    review_texts,
)
from course.tasks.review_pairs import labelled_pairs
from course.tasks.review_policies import POLICY_LORA, continued, reference_policy, stored_policy
from course.tasks.review_rewards import distinct_trigrams, gold_scores, proxy, proxy_score
from course.viz import AnswerRewards, ClipExplorer, RewardScatter, figures, use_course_style
from course.viz.rlhf.scatter_points import ScatterPoint, ScatterSample
from course.viz.show import say, table

use_course_style()

# %% [markdown]
# ## 1 · Which of the two is better?
#
# The task of this lesson is small: continue a movie review from its first four words.
# Our model of lesson 13, the one that was tuned on all tasks, has been tuned further on what critics wrote after such words.
# This is how it writes:

# %%
letters = base_tokenizer()
reference = reference_policy()
words = [one.words for one in beginnings().test[:4]]
prompts = [prompt_ids(one) for one in words]
drawn = continued(reference, prompts, torch.Generator().manual_seed(0))
table(
    {"beginning": first, "continuation": rest}
    for first, rest in zip(words, response_texts(drawn), strict=True)
)

# %% [markdown]
# It is a small model, and some of its words do not exist.
#
# A model that generates answers is called a *policy* here, and an answer that it draws a response.
# The model that training begins with is kept as it is: it is the *reference policy*.
#
# What is a good continuation?
# In practice people are asked, pair by pair.
# Here a classifier takes their place: MiniLM, whose last two blocks were fine-tuned on the 8,470 training reviews of lesson 10.
# It prefers what recommends the movie, and it can be asked at any time, so it is always known what the policy should have learned.
# Its score is called the gold reward.

# %%
pairs = labelled_pairs("training")
table(
    {
        "beginning": one.words,
        "chosen": letters.decode(one.pair.chosen[:-1]),
        "rejected": letters.decode(one.pair.rejected[:-1]),
        "gold, logits": f"{one.gold_chosen:.1f} against {one.gold_rejected:.1f}",
    }
    for one in pairs[:4]
)

# %% [markdown]
# ### A number from choices
#
# A *reward model* gives an answer one number.
# By the *Bradley–Terry model*, one answer wins against another with the probability σ(difference of their rewards), where σ is the sigmoid.
# (The labels here have no such noise: the higher gold score always wins.)
# So the rewards can be learned from choices alone: raise the probability of those that were made.


# %% tags=["exercise"]
def bradley_terry_loss(chosen: "Tensor", rejected: "Tensor") -> "Tensor":
    """How surprised a reward model is, on average, by the answers that people chose.

    chosen, rejected: (pairs,), the rewards of the two answers of each pair. The model says that
    the first one wins with probability sigmoid(chosen - rejected), and a pair costs minus the
    natural logarithm of it. The loss is the mean over the pairs. It must be finite for a
    difference of 500, too.

    >>> import torch
    >>> float(bradley_terry_loss(torch.tensor([0.0, 3.0]), torch.tensor([500.0, 3.0])))
    250.34657287597656
    """
    ...


check("rlhf.bradley_terry_loss", bradley_terry_loss)

# %%
loss_of = yours("rlhf.bradley_terry_loss", bradley_terry_loss)
of_2000 = proxy("proxy-2000")
some = [one.pair for one in draw(labelled_pairs("test"), 400)]
with torch.no_grad():
    rewards = of_2000(pair_responses(some, pad_id=response_padding()))
chosen, rejected = rewards.chunk(2)
say(
    f"your loss {loss_of(chosen, rejected):.4f}, the course's {loss_of_course(chosen, rejected):.4f}"
)
say(f"with 5 added to all rewards: {loss_of_course(chosen + 5, rejected + 5):.4f}")

# %% [markdown]
# A constant changes nothing: only differences between answers to the same prompt mean anything.
# So it can be chosen: here the mean reward of the reference policy's responses to validation beginnings is 0.
# The unit is the standard deviation of these rewards, written sd: another unit changes the loss, but not which answer is ahead.
# From section 2 on, the gold reward has such a zero and such a unit, too.
#
# Two reward models were trained, on 200 and on 2,000 of the pairs.
# They are our own model with a head on the last token of the response; learning rate and number of passes were chosen on validation pairs.
# They will be what the policy is trained on: each is a *proxy reward*, in place of the gold reward that is wanted.

# %%
ask("rlhf.absolute_reward")

# %%
PAIRS = {"200 pairs": "proxy-200", "2,000 pairs": "proxy-2000"}
rows = []
for name, model in PAIRS.items():
    tests = trained.record_of("rlhf", model)["tests"]
    row = {"trained on": name}
    for role in ("training", "test"):
        wrong = np.array(trained.numbers(tests[role]["items"]["errors"]))
        row[f"{role} pairs ranked right"] = share((1 - wrong).sum(), len(wrong), of="pairs")
    rows.append(row)
table(rows)

# %% [markdown]
# Both rank their training pairs better than test pairs, and the first has learned its 200 pairs by heart.
#
# ### Real choices
#
# Here are questions with a right answer and a wrong one, from data sets that people made.
# A linear head on SmolLM2's last hidden state was trained in the same way, on up to 700 pairs of each; it is in the fourth column.
# The first column is a reward model that anyone can write: the longer answer is better.
# The second one sees the words of the answer alone, without the question, and the third is such a head on our own base model.
# The last one was trained on no pair: the better answer is the one with the higher mean log-probability of its tokens under SmolLM2.
# Pairs about the same question or text are not independent: they are a cluster, and the intervals draw whole clusters.

# %%
one = answer_choices("commonsenseqa")[0]
say(f"{one.question}  right: {one.right}; wrong: {', '.join(one.wrong)}")
table({"test pairs of": name} | row for name, row in accuracies().items())

# %%
SETS = ("piqa", "siqa", "openbookqa", "commonsenseqa", "summary-pairs")
claim(
    "rlhf.reward_model_beats_length",
    "A reward model learned from pairs ranks real answers better than the rule that the longer one is right.",
    said_by="this lesson",
    findings=[
        Finding(
            f"accuracy minus the rule's, {name}",
            accuracy_difference("smollm2", "length", name),
            "above",
            0.0,
        )
        for name in SETS
    ],
)

# %%
rule, head = (accuracy(model, "openbookqa") for model in ("length", "smollm2"))
say(f"OpenBookQA: the longer answer {rule}, the reward model {head}")
difference = accuracy_difference("likelihood", "smollm2", "piqa")
say(f"PIQA: SmolLM2's likelihood minus the reward model, {difference}")

# %% [markdown]
# Where a line says "cannot tell", the test pairs are too few to say that it is above 0.
# On OpenBookQA the reward model ranks no more of these pairs right than the rule does.
# And on PIQA the likelihood, which was trained on no pair, ranks more pairs right than the head.
#
# A reward model learns whatever tells the chosen answers from the others, and length often does.
# Here are four ways to train the same head on CommonsenseQA, and how far each goes by length: the gap is the accuracy where the right answer is the longer one, minus that where it is the shorter one.
# For "lengths balanced", training pairs were left out until the right answer is the longer one in half of them; the next row has as many pairs, chosen without a look at their lengths.
# In the last row, what the length explains is taken out of every feature that the head reads.

# %%
table(controls("commonsenseqa"))

# %%
_correlation, gap = bias_change("smollm2-without-length", "smollm2", "commonsenseqa")
claim(
    "rlhf.length_can_be_taken_out",
    "With length regressed out of what it reads, the reward model goes less by length, and ranks within 5 points as well.",
    said_by="this lesson",
    findings=[
        Finding(
            "accuracy where the longer answer is right, minus where it is not",
            gap,
            "below",
            0.0,
        ),
        Finding(
            "accuracy, without length minus with it",
            accuracy_difference("smollm2-without-length", "smollm2", "commonsenseqa"),
            "within",
            (-0.05, 0.05),
        ),
    ],
)

# %% [markdown]
# That is one data set.
#
# ## 2 · Choose, don't train
#
# With a reward model nothing has to be trained: draw n responses and keep the best.
# *Best of n* is the baseline for everything that follows.


# %% tags=["exercise"]
def best_of_n(scores: "Tensor", n: int) -> "Tensor":
    """For each prompt, which of the first n samples the reward model likes best.

    scores: (prompts, samples), with n samples or more to each prompt. Returns the number of the
    sample with the highest score among the first n of each prompt, counted from 0: (prompts,).
    Of equal ones it is the first.

    >>> import torch
    >>> best_of_n(torch.tensor([[0.5, 2.0, 9.0], [1.0, -1.0, 0.0]]), n=2).tolist()
    [1, 0]
    """
    ...


check("rlhf.best_of_n", best_of_n)

# %%
best = yours("rlhf.best_of_n", best_of_n)
record = trained.record_of("rlhf", "best-of-n")
n_samples = record["samples"]
values = {
    name: torch.tensor(trained.numbers(of)).view(-1, n_samples)
    for name, of in record["values"].items()
}
rows = []
for n in (1, 2, 4, 8, 16):
    kept = best(values["proxy-2000"], n)
    row = {"n": n, "KL at most, nats": best_of_n_kl(n)}
    for name in ("proxy-2000", "gold"):
        row[name] = values[name].gather(1, kept[:, None]).mean().item()
    rows.append(row)
table(rows)

# %% [markdown]
# The gold reward rises, too, but by less: part of what makes the best of 16 the best is the proxy's error.
# The second column says how far this choice is from the reference policy, as a KL divergence: the expected log-probability of its responses, minus their log-probability under the reference.
# For the best of n it is at most ln n − (n − 1) / n, whatever the rewards are.

# %%
ask("rlhf.cost_of_best_of_n")

# %% [markdown]
# ## 3 · The best that there is
#
# Training a policy means: raise the expected reward, and pay for the distance from the reference.
# The price is the *KL penalty*, β times the KL divergence.

# %%
ask("rlhf.which_reference")

# %% [markdown]
# For this objective the optimum is known, whatever the space of answers is: the reference's probability of each answer is multiplied by exp(reward / β), and all are divided by their sum.
# This policy is called π*.


# %% tags=["exercise"]
def optimal_policy(reference: "Tensor", rewards: "Tensor", beta: float) -> "Tensor":
    """The policy that is best when beta times its KL divergence from the reference is charged.

    reference, rewards: (answers,), the reference's probability of each answer and its reward. The
    best policy is proportional to reference * exp(reward / beta), and sums to 1. It must be right
    for rewards of 100 and a beta of 0.1, too, where exp(reward / beta) is beyond all numbers of
    the computer. Answers that the reference never gives stay at 0.

    >>> import torch
    >>> reference, rewards = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([100.0, 100.0, 0.0])
    >>> [round(p, 2) for p in optimal_policy(reference, rewards, beta=0.1).tolist()]
    [0.67, 0.33, 0.0]
    """
    ...


check("rlhf.optimal_policy", optimal_policy)

# %% [markdown]
# Here is a space of answers so small that all of them can be written down: two tokens at most, out of three and an end token.

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
            weight *= 3  # far from uniform
start = answer_distribution(tiny, PROMPT, answers, pad_id=PAD)
of_answers = torch.randn(
    len(answers), dtype=torch.float64, generator=torch.Generator().manual_seed(1)
)

# %%
optimum = yours("rlhf.optimal_policy", optimal_policy)
say(
    "equal to the course's:",
    torch.allclose(optimum(start, of_answers, 1.0), optimum_of_course(start, of_answers, 1.0)),
)
rows = []
for beta in (0.2, 0.5, 1.0, 2.0):
    policy_of_beta = optimum(start, of_answers, beta)
    reward, kl = reward_and_kl(policy_of_beta, start, of_answers)
    rows.append({"β": beta, "expected reward": reward, "KL, nats": kl})
table(rows)

# %% [markdown]
# PPO, which the next section builds, should find this policy without being told it, from drawn answers and their rewards alone.
#
# ## 4 · PPO, part by part
#
# ### A reward for each token
#
# The reward model scores a whole response, and the KL penalty is paid token by token: it is part of the reward.


# %% tags=["exercise"]
def token_rewards(
    scores: "Tensor",
    policy: "Tensor",
    reference: "Tensor",
    is_token: "Tensor",
    beta: float,
) -> "Tensor":
    """The reward of each token of some responses.

    scores: (rows,), one for each response. policy, reference: (rows, places), log-probabilities
    of its tokens. is_token: (rows, places), True where there is a token: the first places of a
    row, one at least; what is in the others means nothing. Each token is charged beta times its
    log-probability under the policy minus that under the reference. The last token of a row gets
    the row's score as well. Where there is no token, the reward is 0.

    >>> import torch
    >>> policy, reference = torch.tensor([[-1.0, -2.0, 7.0]]), torch.tensor([[-2.0, -4.0, 0.0]])
    >>> is_token = torch.tensor([[True, True, False]])
    >>> token_rewards(torch.tensor([3.0]), policy, reference, is_token, beta=0.5).tolist()
    [[-0.5, 2.0, 0.0]]
    """
    ...


check("rlhf.token_rewards", token_rewards)

# %%
rewards_of = yours("rlhf.token_rewards", token_rewards)
policy = stored_policy("rlhf/ppo-0.1")
responses = continued(policy, prompts, torch.Generator().manual_seed(1))
with torch.no_grad():
    of_policy = response_log_probabilities(policy, responses)
    of_reference = response_log_probabilities(reference, responses)
    scores = of_2000(responses)
mine = rewards_of(scores, of_policy, of_reference, responses.is_token, 0.1)
ours = rewards_of_course(scores, of_policy - of_reference, responses.is_token, 0.1)
say("equal to the course's:", torch.allclose(mine, ours, atol=1e-5))

# %% [markdown]
# The log-probabilities have to be those of the tokens that were drawn, at the temperature that they were drawn with.
# A token's log-ratio is its log-probability under the policy minus that under the reference, and the sum over a response estimates the KL divergence.
# If responses are drawn with top-k or top-p, they come from another distribution than the one in the sum; then it can be negative on average, which a KL divergence never is.

# %%
ask("rlhf.pad_is_end")

# %% [markdown]
# ### Better than expected?
#
# A *critic* predicts, before each token, the rewards that are still to come.
# The *advantage* of a token is how much better it went than predicted.
# *Generalized advantage estimation* sums the critic's errors from this token on; each is weighted less the later it comes, by a factor of γλ for each token (Schulman et al. 2016).
# With λ = 0 only the first error counts; γ makes later rewards count less, and is 1 here.


# %% tags=["exercise"]
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
    ...


check("rlhf.advantages", advantages)

# %%
advantages_of = yours("rlhf.advantages", advantages)
critic = ValueModel.from_reward_model(of_2000).eval()
with torch.no_grad():
    expected = critic(responses)
found = advantages_of(ours, expected, responses.is_token, 1.0, 0.95)
of_course = gae(ours, expected, responses.is_token, gamma=1.0, lam=0.95).advantages
say("equal to the course's:", torch.allclose(found, of_course, atol=1e-5))

# %% [markdown]
# Here are the parts for one answer, yours or the policy's.
# Change β and λ, and see which tokens are made more probable.

# %%
rewards = AnswerRewards(
    policy,
    reference,
    proxy_score(of_2000),
    critic,
    letters,
    lambda text: list(prompt_ids(text)),
    "The actors are all",
    end_id=response_end(),
    pad_id=response_padding(),
)
rewards

# %% [markdown]
# ### Not too far at once
#
# A *rollout*, the batch of drawn responses, is used for several steps, and after the first of them the policy is no longer the one that drew.
# *PPO*, proximal policy optimization (Schulman et al. 2017), therefore looks at the ratio of the new probability to the old one, and stops rewarding a step that has already taken the ratio out of a small range in the direction that the advantage asks for.

# %%
ask("rlhf.flat_side")

# %%
clip = ClipExplorer()
clip


# %% tags=["exercise"]
def clipped_loss(
    new: "Tensor",
    old: "Tensor",
    advantages: "Tensor",
    is_token: "Tensor",
    clip: float,
) -> "Tensor":
    """PPO's loss of the policy.

    All tensors: (rows, places). is_token is True where there is a token; what is in the other
    places means nothing. new, old: log-probabilities of the tokens under the policy and under the
    one that drew them; the ratio is the new probability divided by the old one. Of two products
    the smaller one counts: ratio * advantage, and the ratio clipped to [1 - clip, 1 + clip],
    times the advantage. The loss is minus its mean over all tokens of all rows.

    >>> import torch
    >>> new, old = torch.tensor([[2.0, 2.0, 1.0]]).log(), torch.tensor([[1.0, 1.0, 7.0]]).log()
    >>> advantages, is_token = torch.tensor([[1.0, -2.0, 5.0]]), torch.tensor([[True, True, False]])
    >>> round(float(clipped_loss(new, old, advantages, is_token, clip=0.5)), 4)
    1.25
    """
    ...


check("rlhf.clipped_loss", clipped_loss)

# %%
clipped = yours("rlhf.clipped_loss", clipped_loss)
later = of_policy + 0.3 * torch.randn(
    of_policy.shape, generator=torch.Generator().manual_seed(0)
)
is_token = responses.is_token
of_course = -clipped_objective((later - of_policy).exp(), found, 0.2)[is_token].mean()
same = torch.isclose(clipped(later, of_policy, found, is_token, 0.2), of_course, atol=1e-5)
say("equal to the course's:", same.item())

# %% [markdown]
# The best single test of such a program: at the first step after a rollout, the ratio is 1 everywhere and nothing is clipped.
# A difference between the two passes breaks it: another temperature, logits one place too far, padding or dropout in one of them.
# A mistake that both passes make leaves the ratio at 1, so compare once with the log-probabilities that were noted while drawing.

# %%
ask("rlhf.first_minibatch")

# %% [markdown]
# ### Does it find the optimum?
#
# The small space again.
# PPO draws 512 answers at a time, with three learning rates, each lower than the one before.
# The distance between two distributions is their total variation, half the sum of the differences of their probabilities: 0 where they are equal, 1 where they share no answer.

# %%
by_answer = dict(zip(answers, of_answers.tolist(), strict=True))
learner = copy.deepcopy(tiny)
its_critic = ValueModel(copy.deepcopy(tiny), generator=torch.Generator().manual_seed(0))
for rate in (3e-3, 1e-3, 3e-4):
    steps = train_ppo(
        learner,
        tiny,
        its_critic,
        lambda some: torch.tensor([by_answer[tuple(one)] for one in some.lists()]),
        lambda model, some, generator: roll_out(
            model, some, end_id=END, pad_id=PAD, max_length=2, generator=generator
        ),
        [PROMPT],
        PPOSettings(rate, n_responses=512, beta=1.0, lam=1.0, value_coefficient=0.5),
        iterations=40,
    )

# %% tags=["nbval-ignore-output"]
reached = answer_distribution(learner, PROMPT, answers, pad_id=PAD)
target = optimum_of_course(start, of_answers, 1.0)
figures.answer_bars(
    ["·".join("end" if token == END else str(token) for token in one) for one in answers],
    {"reference": start, "π*": target, "PPO": reached},
    title="PPO reaches the known optimum of a small space",
)

# %%
say(f"total variation to π*: reference {total_variation(start, target):.2f}")
say("PPO is nearer than 0.05:", total_variation(reached, target) < 0.05)

# %% [markdown]
# ## 5 · What a policy does to a reward
#
# Now the real thing, though small: our model continues reviews, and is trained on the proxy of 2,000 pairs.
# Only LoRA weights of rank 8 are trained, and each iteration takes four steps.
# First ten iterations live, with β = 0.1, 24 responses each and a higher rate than that of the long runs below.

# %%
live, live_critic = reference_policy(), ValueModel.from_reward_model(proxy("proxy-2000"))
attached = attach(live, POLICY_LORA, torch.Generator().manual_seed(0))
scatter = RewardScatter()


def plain(ids):
    """Tokens as text, without the marks of the chat template."""
    return letters.decode([one for one in ids if one not in letters.special.ids.values()])


scatter

# %% tags=["nbval-ignore-output"]
training_prompts = [prompt_ids(one.words) for one in beginnings().training]
done = train_ppo(
    live,
    reference,
    live_critic,
    proxy_score(of_2000),
    continued,
    training_prompts,
    PPOSettings(4e-3, n_responses=24, beta=0.1),
    iterations=10,
    after_iteration=scatter.after_iteration(
        plain, series="live", gold=lambda some: gold_scores(review_texts(some))
    ),
)
table(
    {
        "iteration": one.number,
        "proxy": one.score,
        "KL, nats": one.kl,
        "first ratio": one.about["first_ratio"],
    }
    for one in done[::3]
)

# %% [markdown]
# The scatter above fills while this runs; choose a point to read its samples.
#
# A script trained longer: 40 iterations of 48 responses, for β = 0, 0.1 and 0.4, each with three seeds, at the rate that was best for β = 0.1 on validation prompts; and once more without a penalty on the proxy of 200 pairs.

# %%
RUNS = {
    "β = 0": "ppo-0",
    "β = 0.1": "ppo-0.1",
    "β = 0.4": "ppo-0.4",
    "β = 0, 200 pairs": "ppo-200-0",
}


def curves_of(model, what):
    """A measure over the iterations at which the gold was measured, a row for each seed."""
    rows = []
    for one in trained.results("rlhf"):
        if one["model"] == model:
            curve = one["curve"]
            values = trained.numbers(curve[what])
            at = [int(number) - 1 for number in trained.numbers(curve["measured"])]
            full = len(values) == len(trained.numbers(curve["number"]))
            rows.append([values[number] for number in at] if full else values)
    return np.array(rows)


# %%
figures.reward_frontier(
    {
        name: {
            "kl": curves_of(model, "kl"),
            "proxy": curves_of(model, "score"),
            "gold": curves_of(model, "gold"),
            "distinct trigrams": curves_of(model, "distinct_trigrams"),
        }
        for name, model in RUNS.items()
    },
    title="Without a penalty rewards rise furthest, and texts grow alike",
    ylabels={
        "proxy": "proxy reward, sd",
        "gold": "gold reward, sd",
        "distinct trigrams": "share of distinct trigrams",
    },
)

# %% [markdown]
# The lowest panel says how varied the texts are: the share of the three-word sequences in the responses of an iteration that are different.
# What the runs of one seed wrote in the last iteration, the given words included:

# %%
table(
    {"penalty": name, "last iteration": text}
    for name, model in RUNS.items()
    for text in list(trained.record_of("rlhf", model)["texts"].values())[-1][:2]
)


# %% [markdown]
# After training, each policy answered 256 beginnings of test movies.


# %%
def test_of(model, what):
    """A measure of each test response, a row for each seed."""
    return RunScores(trained.item_scores("rlhf", model, "test", what), "prompts")


def minus(a, b, what, unit="sd"):
    return difference_of_scores(test_of(a, what), test_of(b, what), same_runs=True, unit=unit)


# %%
def over_runs(model, what, against=None):
    """A measure of a whole run, over its seeds; minus that of another where it is given."""
    values = {
        one["seed"]: one["tests"]["test"][what]
        for one in trained.results("rlhf")
        if one["model"] == model
    }
    if against is None:
        return list(values.values())
    other = dict(enumerate(over_runs(against, what)))
    return [value - other[seed] for seed, value in values.items()]


# %%
def texts_of(policy):
    """Responses of a policy to the same 256 beginnings, with these beginnings."""
    to = [prompt_ids(one.words) for one in draw(beginnings().test, 256, seed=1)]
    return review_texts(continued(policy, to, torch.Generator().manual_seed(0)))


drawn_texts = {"reference": texts_of(reference)}
of_samples = trained.record_of("rlhf", "best-of-n")
reference_row = {"policy": "reference", **of_samples["means"], "kl": 0.0} | {
    "length": of_samples["length"],
    "entropy": of_samples["entropy"],
    "distinct_trigrams": distinct_trigrams(drawn_texts["reference"]),
}
MEASURES = {
    "proxy-2000": "proxy, sd",
    "gold": "gold, sd",
    "kl": "KL, nats",
    "length": "length, tokens",
    "entropy": "entropy, nats",
    "distinct_trigrams": "distinct trigrams",
}

# %%
rows = [
    {"policy": name} | {what: np.mean(over_runs(model, what)) for what in MEASURES}
    for name, model in {**RUNS, "GRPO, β = 0.1": "grpo"}.items()
]
table([reference_row, *rows], {"policy": "policy", **MEASURES})

# %% [markdown]
# KL divergence and length are those of a response, the entropy is that of a token's distribution, and distinct trigrams are counted over all 256 texts.
# The rewards of the reference are means over the 16 samples of section 2, its trigrams those of one draw.
# GRPO is the method of section 6.
#
# ### Does it game the reward?

# %%
claim(
    "rlhf.kl_is_held",
    "With a penalty the policy stays nearer to the reference, and its gold reward still rises.",
    said_by="this lesson, after Ziegler et al. 2019",
    findings=[
        Finding(
            "KL, β = 0.1 minus β = 0", minus("ppo-0.1", "ppo-0", "kl", "nats"), "below", 0.0
        ),
        Finding(
            "KL, β = 0.4 minus β = 0.1", minus("ppo-0.4", "ppo-0.1", "kl", "nats"), "below", 0.0
        ),
        Finding(
            "gold, β = 0.1", over_seeds(over_runs("ppo-0.1", "gold"), unit="sd"), "above", 0.0
        ),
        Finding(
            "gold, β = 0.4", over_seeds(over_runs("ppo-0.4", "gold"), unit="sd"), "above", 0.0
        ),
    ],
)

# %%
claim(
    "rlhf.gold_falls",
    "Without a penalty the policy games the reward: it ends with a lower gold reward than with one.",
    said_by="a common saying",
    findings=[
        Finding("gold, β = 0 minus β = 0.1", minus("ppo-0", "ppo-0.1", "gold"), "below", 0.0),
    ],
)

# %% [markdown]
# Here the gold reward is a classifier, and it can be gamed as well.
# The texts above show what neither reward does, so here is the third number, which no model computes: the share of distinct trigrams.

# %%
claim(
    "rlhf.texts_become_alike",
    "Without a penalty the responses become more alike than with one.",
    said_by="this lesson",
    findings=[
        Finding(
            f"distinct trigrams, β = 0 minus {name}",
            over_seeds(over_runs("ppo-0", "distinct_trigrams", RUNS[name])),
            "below",
            0.0,
        )
        for name in ("β = 0.1", "β = 0.4")
    ],
)

# %% [markdown]
# By the two rewards, the run without a penalty is the best of all; by its texts it is not.
# *Reward overoptimization* is to raise a proxy so far that what it stands for gets worse.
# Measured by our gold reward, that did not happen.
# But the gold is a model, too, and gives high scores to texts such as those in the table; what they have lost is in neither reward.
#
# Longer texts repeat more, and those without a penalty are longer.
# So here is the same share with lengths made equal: the first 8 words, the given ones included, of 200 responses that have as many, from the stored policies, which are those of one seed.

# %%
N_WORDS, N_TEXTS = 8, 200
policies = {"reference": reference} | {
    name: stored_policy(f"rlhf/{RUNS[name]}") for name in ("β = 0.4", "β = 0.1", "β = 0")
}
rows = []
for name, one in policies.items():
    if name not in drawn_texts:
        drawn_texts[name] = texts_of(one)
    cut = [text.split()[:N_WORDS] for text in drawn_texts[name]]
    as_long = [" ".join(some) for some in cut if len(some) == N_WORDS]
    row = {"policy": name, "distinct trigrams, all words": distinct_trigrams(drawn_texts[name])}
    row["of equal length"] = distinct_trigrams(draw(as_long, N_TEXTS))
    rows.append(row)
table(rows)

# %% [markdown]
# At equal length the difference is smaller, and it is still there.
#
# How much does a policy lose when its reward model has seen fewer pairs?
# At the end the two runs are at different distances from the reference, so they are compared at 20 nats as well, where each run first came.


# %%
def gold_at(model, kl):
    """The gold reward of each seed where its run first had this KL divergence, interpolated."""
    found = []
    for distance, gold in zip(curves_of(model, "kl"), curves_of(model, "gold"), strict=True):
        rising = np.maximum.accumulate(distance)
        found.append(float(np.interp(kl, rising, gold)))
    return np.array(found)


# %%
claim(
    "rlhf.smaller_reward_model",
    "Trained without a penalty on a proxy that has seen fewer pairs, the policy gains less gold reward.",
    said_by="Gao et al. 2022, section 3.3, of up to 90,000 comparisons",
    findings=[
        Finding(
            "gold at the end, 200 pairs minus 2,000",
            minus("ppo-200-0", "ppo-0", "gold"),
            "below",
            0.0,
        ),
        Finding(
            "gold at 20 nats, 200 pairs minus 2,000",
            over_seeds(gold_at("ppo-200-0", 20) - gold_at("ppo-0", 20), unit="sd"),
            "below",
            0.0,
        ),
    ],
)

# %% [markdown]
# ### More than stopping early?
#
# Gao et al. (2022) found that a penalty acts like stopping earlier: it did not change how much gold reward a policy has at a given KL divergence.
# To see it here, read the gold reward of both runs where each first was at 8 nats, while they climb.
# The run with a penalty stays near where it ended, so its mean over the end is compared as well, with the other run at that distance.


# %%
ends = curves_of("ppo-0.1", "kl")[:, -4:].mean()
with_penalty = curves_of("ppo-0.1", "gold")[:, -4:].mean(axis=1)
claim(
    "rlhf.like_early_stopping",
    "At the same KL divergence, the run with a penalty has no more gold reward than the one without.",
    said_by="Gao et al. 2022, section 3.6",
    findings=[
        Finding(
            "gold, β = 0.1 minus β = 0, both where they first were at 8 nats",
            over_seeds(gold_at("ppo-0.1", 8) - gold_at("ppo-0", 8), unit="sd"),
            "below",
            0.0,
        ),
        Finding(
            f"gold, β = 0.1 at its end minus β = 0 where it first was at {ends:.0f} nats",
            over_seeds(with_penalty - gold_at("ppo-0", ends), unit="sd"),
            "below",
            0.0,
        ),
    ],
)

# %% [markdown]
# What is read in the middle of a climb is interpolated between two iterations of 48 responses.
# And the rate was searched for the run with a penalty: this is one case, no refutation.
# Gao et al. say of their result that it may depend on such settings.
#
# ### Against the best of n
#
# At a given KL divergence no policy has more expected proxy reward than the π* of section 3 that is as far away, and under simplifying assumptions the best of n comes close to it (Yang et al. 2024).
# So it is hard to beat, and Gao et al. (2022, section 3.5) found that reinforcement learning needs far more KL divergence for the same reward.
# The comparison here favors PPO: by the tables above, PPO with β = 0.4 is farther from the reference than the best of 16 can be.


# %%
def best_of_16(what):
    """The measure of the best of 16 by the proxy, for each test prompt; the same three times,
    since nothing was trained."""
    kept = values["proxy-2000"].argmax(dim=1, keepdim=True)
    found = values[what].gather(1, kept)[:, 0].numpy()[None]
    return RunScores(np.repeat(found, 3, axis=0), "prompts")


claim(
    "rlhf.beats_best_of_n",
    "PPO with β = 0.4 has a higher gold reward than the best of 16 samples, which is nearer to the reference.",
    said_by="a common expectation",
    findings=[
        Finding(
            "gold, PPO minus best of 16",
            difference_of_scores(
                test_of("ppo-0.4", "gold"), best_of_16("gold"), same_runs=True, unit="sd"
            ),
            "above",
            0.0,
        )
    ],
)

# %% [markdown]
# But the best of 16 costs 16 responses for each answer, each time; the trained policy costs one.
#
# ## 6 · Without a critic
#
# *GRPO*, group relative policy optimization (Shao et al. 2024), draws several responses to each prompt and compares each with the mean of its group.
# That mean takes the critic's place; all tokens of a response have the same advantage.


# %% tags=["exercise"]
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
    ...


check("rlhf.group_advantages", group_advantages)

# %%
of_groups = yours("rlhf.group_advantages", group_advantages)
in_groups = values["proxy-2000"][:2, :8].flatten()
table(
    {"prompt": 1 + place // 8, "score": score, "advantage": advantage}
    for place, (score, advantage) in enumerate(
        zip(in_groups.tolist(), of_groups(in_groups, 8).tolist(), strict=True)
    )
    if place % 4 == 0
)

# %%
claim(
    "rlhf.grpo_as_good",
    "Without a critic, GRPO gains as much gold reward as PPO, within a quarter of a standard deviation.",
    said_by="this lesson",
    findings=[
        Finding(
            "gold, GRPO minus PPO, β = 0.1",
            minus("grpo", "ppo-0.1", "gold"),
            "within",
            (-0.25, 0.25),
        ),
    ],
)

# %% [markdown]
# They end at different distances from the reference, and the same β is not the same penalty in both: in PPO it is summed over a response as part of the reward, in GRPO it is a mean over its tokens in the loss.
# The rate and the number of prompts differ as well, so this compares two recipes.
#
# ### With a larger model
#
# The policy so far is small, and the course trained it itself.
# A script trained SmolLM2 in the same way, by GRPO: 25 iterations of 32 responses, LoRA on 0.3 % of its weights, and the gold classifier itself as the reward.

# %%
real = trained.record_of("rlhf_smollm2", "grpo")["tests"]
table(
    {"policy": name}
    | {shown: real[name][what] for what, shown in (("gold", "gold, sd"), ("kl", "KL, nats"))}
    | {
        "distinct trigrams": real[name]["distinct_trigrams"],
        "a response": real[name]["texts"][6],
    }
    for name in ("reference", "trained")
)

# %%
before, after = (real[name]["items"] for name in ("reference", "trained"))
gold = [trained.numbers(items["gold"]) for items in (after, before)]
moved = trained.numbers(after["kl"])
claim(
    "rlhf.smollm2_learns",
    "The same code raises the reward of SmolLM2, within 10 nats of where it began.",
    said_by="this lesson; one run, nothing was searched",
    findings=[
        Finding(
            "gold, after minus before",
            mean_difference(*gold, unit="sd", of="prompts"),
            "above",
            0.0,
        ),
        Finding("KL", mean_over_items(moved, unit="nats", of="prompts"), "below", 10.0),
    ],
)

# %% [markdown]
# The reward here is the gold reward, so this run says nothing about what a proxy does to this model.
#
# > **What the notes say / what happens.**
# > The notes call RLHF the last training step of a language model.
# > It was the last of three in Ouyang et al. (2022).
# > What is last is a matter of the recipe: later ones go on with training on problems whose answers can be checked, or do several rounds.
# >
# > The notes say that users' queries train it.
# > Queries are what the policy answers; what it learns from are choices between answers.
#
# ### Your samples
#
# The stored runs of one seed as points: three iterations of each, with some of their texts.
# Choose a point to read them; rewards of single texts were not stored.

# %%
stored = []
for name, model in RUNS.items():
    record = trained.record_of("rlhf", model)
    for number, texts in record["texts"].items():
        at = int(number) - 1
        where = trained.numbers(record["curve"]["measured"]).index(at + 1)
        stored.append(
            ScatterPoint(
                trained.numbers(record["curve"]["kl"])[at],
                trained.numbers(record["curve"]["score"])[at],
                trained.numbers(record["curve"]["gold"])[where],
                series=name,
                iteration=at + 1,
                samples=tuple(ScatterSample("", text) for text in texts[:4]),
            )
        )
all_runs = RewardScatter(stored, selected=2)
all_runs

# %% [markdown]
# ## What to remember
#
# - A reward model learns differences between answers to one prompt; a constant means nothing, and length is the first thing to check.
# - The score comes at the last real token, the KL penalty at every token, and all log-probabilities have the temperature of drawing.
# - At the first step after a rollout the ratio is 1 and nothing is clipped: test that first. It finds what differs between the two passes, not what both get wrong.
# - The optimum of the objective is known. In a small space a method can be checked against it.
# - A reward that a policy is trained on stops being a measure. Look at the texts, and at a number that no model computes.
# - Compare with the best of n, at the same distance from the reference.
#
# **Read on**: Ouyang et al. 2022, *Training language models to follow instructions with human feedback*; Stiennon et al. 2020, *Learning to summarize from human feedback*; Schulman et al. 2017, *Proximal Policy Optimization Algorithms*; Gao et al. 2022, *Scaling Laws for Reward Model Overoptimization*; Yang et al. 2024, *Asymptotics of Language Model Alignment*; Huang et al. 2024, *The N+ Implementation Details of RLHF with PPO*.
# In the code: `course/rlhf/reward_model.py`, `course/rlhf/rewards.py`, `course/rlhf/advantages.py`, `course/rlhf/ppo.py`, `course/rlhf/policy_training.py`, `experiments/rlhf.py`.
#
# **Next**: lesson 15, *DPO*.

# %%
progress.table()
