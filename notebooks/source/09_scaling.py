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
# # 09 · Scaling laws
#
# A larger model, more text, a longer training: each lowers the loss, and each costs.
# You fit a formula to 25 small trainings, and it says what a training four times as expensive will reach; that prediction was written down before the training began, and you see how far off it was.
# After this lesson you can
#
# - count a model's parameters in the three ways that papers count them, and the operations that its training takes;
# - fit a law of loss, size and data, and say how sure its numbers are;
# - find the best size for a budget in two ways, and test two reasons why they might differ;
# - explain how two well-known papers came to conflicting advice;
# - judge a prediction by an interval that was written down first.
#
# **Time**: 90 minutes; the cells run in about half a minute on two quiet processor cores.
# **Before this**: lessons 05 and 07.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import hashlib

import numpy as np
import torch

from course import trained
from course.claims import Finding, claim
from course.data import encyclopedia
from course.data.splits import draw
from course.exercises import ask, check, progress, yours
from course.gpt import Decoder, LlamaConfig
from course.intervals import Interval, exact, over_seeds
from course.layers.attention import record_attention
from course.scaling import (
    BESIROGLU,
    COUNTINGS,
    HOFFMANN,
    HOFFMANN_AS_PRINTED,
    KAPLAN_FRONTIER,
    bootstrap,
    cost_of,
    count,
    fit_law,
    flops_per_token,
    frontier_by_parabolas,
    optimum,
    parabolas,
    power_law,
    runs_of,
)

# %%
from course.tasks import pretraining
from course.tasks.corpus import END, encoded
from course.tasks.pretraining import Plan
from course.tokenization import ByteLevelBPE
from course.viz import ScalingFrontier, use_course_style
from course.viz.scaling.frontier_figure import frontier_figure
from course.viz.scaling.prediction_figure import prediction_figure
from course.viz.scaling.sweep_figure import sweep_figure
from course.viz.show import say, table

use_course_style()

# %% [markdown]
# ## 1 · Three sizes
#
# The notes say that the performance of a language model depends on three things: the number of its parameters N, the size of its data D, and the computation C that its training takes.
# Here are three decoders like those of lesson 07, of three sizes, each trained on as many tokens of the encyclopedia.
# The vocabulary is small, 512 tokens, so that the models are more than a vocabulary.

# %%
tokenizer = ByteLevelBPE.load(trained.place.FOLDER / "scaling" / trained.TOKENIZER)
articles = draw(encyclopedia(), 400)
ids = encoded([article.text for article in articles], tokenizer)
WINDOW, BATCH, STEPS = 64, 8, 400


def decoder(layers, width, heads, d_ff):
    """An untrained decoder of this shape; its output layer has weights of its own."""
    config = LlamaConfig(512, WINDOW, width, layers, heads, heads, d_ff, tied=False)
    return Decoder(config, torch.Generator().manual_seed(0))


shapes = {"2 × 16": (2, 16, 2, 40), "2 × 32": (2, 32, 2, 88), "3 × 48": (3, 48, 3, 128)}
models = {name: decoder(*shape) for name, shape in shapes.items()}

# %%
rows = []
for name, model in models.items():
    plan = Plan(STEPS, 8e-3, BATCH, warmup_steps=40, seed=0)
    losses = pretraining.pretrain(model, ids, plan, end_id=tokenizer.special.ids[END]).losses
    after = {"50": np.mean(losses[40:60]), "400": np.mean(losses[-20:])}
    rows.append(
        {"layers × width": name} | {f"loss at step {n}": loss for n, loss in after.items()}
    )
table(rows)

# %% [markdown]
# A step reads 512 tokens, and the loss is in nats a token, as in lesson 07, on the training text and averaged over 20 steps.
# Compare the columns: every model gains by reading more.
# Compare the rows in the last column: the largest model is not the best.
# It may have read too little for its size, or the learning rate, the same for all three, may suit it less; section 4 searches for a rate for each size.
# One run of each model does not tell these apart, nor either from luck.
# And a step of the largest model takes several times the operations of a step of the smallest.
# Whether these would have been better spent on more steps of a smaller one is the question of this lesson, and it needs two counts: of parameters and of operations.
#
# ## 2 · What is N?
#
# A decoder has an embedding for each token, blocks, and an output layer with a score for each token.
# Looking an embedding up multiplies nothing.
# The blocks do most of the work of a large model, and a small part of that of a small one.
# So there are three ways to count:
#
# - **all** parameters, as Hoffmann et al. 2022 count (appendix F);
# - **without look-up**: without the table of embeddings, but with the output layer, which multiplies;
# - **body**: the blocks alone, as Kaplan et al. 2020 count (section 1.3).


# %% tags=["exercise"]
def parameters(vocab: int, width: int, layers: int, hidden: int) -> dict[str, int]:
    """How many parameters a small decoder has, counted three ways.

    Each of its `layers` blocks has four matrices of width x width for attention (queries, keys,
    values, output) and three of width x hidden for the gated feed-forward layer. A table of
    vocab x width looks up the tokens; the output layer is another matrix of that size. There
    are no biases and no table of positions, and the gains of the norms are not counted.

    "all" counts all of these, "without_lookup" all but the table that looks up the tokens, and
    "body" the blocks alone.

    >>> parameters(vocab=512, width=16, layers=2, hidden=40)
    {'all': 22272, 'without_lookup': 14080, 'body': 5888}
    """
    ...


check("scaling.parameters", parameters)

# %%
parameters_of = yours("scaling.parameters", parameters)
for name, (layers, width, _heads, d_ff) in shapes.items():
    say(f"{name}: {parameters_of(512, width, layers, d_ff)}")

# %% [markdown]
# The course's own count goes through the modules of a loaded model, and also counts the gains of the norms, which your function leaves out.

# %%
table({"layers × width": name} | count(model)._asdict() for name, model in models.items())

# %% [markdown]
# Look at the ratio of the first column to the last: in the smallest model most parameters are in the two tables of the vocabulary; in a model of hundreds of billions, nearly all are in the body.
# Across models the three counts are therefore not proportional, and what is a power law in one count is not one in another.
#
# ## 3 · What is C?
#
# A weight of a linear layer is multiplied once for each token that is read, and the product is added to a sum: two *floating-point operations* (FLOPs).
# The backward pass needs two products of that size, one for the gradient of the weights and one for the gradient of the inputs.
# That makes 6 operations for each parameter and token: C = 6ND (Kaplan et al. 2020, section 2.1, with the N of the body).
#
# Attention multiplies more than weights: each query with each key, each attention weight with each value.
# For windows of T tokens that is 12 · layers · width · T operations a token, forward and backward.


# %% tags=["exercise"]
def training_flops(
    n_parameters: int,
    n_tokens: int,
    layers: int,
    width: int,
    length: int,
) -> int:
    """The floating-point operations of a training on `n_tokens` tokens, in windows of `length`.

    n_parameters: those that every token is multiplied with, so without the table that looks up
    the tokens. Each costs a token 2 operations forward, a multiplication and an addition, and
    4 backward. In each of the `layers` layers attention multiplies a token's query with
    `length` keys of `width` numbers, and as many weights with values: 4 · length · width
    operations forward, and twice as many backward.

    >>> training_flops(14080, 1000, layers=2, width=16, length=64)
    109056000
    >>> training_flops(100, 10, layers=0, width=16, length=64)
    6000
    """
    ...


check("scaling.training_flops", training_flops)

# %% [markdown]
# A formula can be checked by counting.
# PyTorch can count the operations of the matrix products that a step really does, forward and backward.

# %%
from torch.utils.flop_counter import FlopCounterMode


def counted(model):
    """Operations that one step of training does for each of its tokens, as PyTorch counts them."""
    window = torch.zeros(1, WINDOW, dtype=torch.long)
    # while attention is recorded, it is computed step by step, and the counter sees its products
    with record_attention(model), FlopCounterMode(display=False) as counter:
        model(window).sum().backward()
    model.zero_grad()
    return counter.get_total_flops() / WINDOW


# %%
flops_of = yours("scaling.training_flops", training_flops)
rows = []
for name, model in models.items():
    formula, sizes = flops_per_token(model, WINDOW), count(model)
    layers, width, _heads, d_ff = shapes[name]
    multiplied = parameters_of(512, width, layers, d_ff)["without_lookup"]
    ours = flops_of(multiplied, 1, layers, width, WINDOW)
    rows.append(
        {
            "layers × width": name,
            "counted": counted(model),
            "the course's": formula.total,
            "yours": ours,
            "6 · all": 6 * sizes.all,
            "6 · body": 6 * sizes.body,
        }
    )
table(rows, formats={"counted": ",.0f", "yours": ",.0f"})

# %% [markdown]
# 6 · all is off by the embeddings, which are looked up, and by attention; 6 · body by the output layer and by attention.
# Beside the body of a usual decoder, with 12 · width² weights a layer, attention adds T / (6 · width): 3 % where windows have 2,048 tokens and the width is 12,288, as in GPT-3 (Brown et al. 2020, section 2.1).
# In a model of that size the two estimates are close to the count; for ours neither is a substitute for it.

# %%
claim(
    "scaling.six_n",
    "A token of training takes 6 operations for each parameter, up to a tenth.",
    said_by="C = 6ND",
    findings=[
        Finding(
            f"6 · all over counted, {name}",
            exact(6 * count(model).all / counted(model), "one step"),
            "within",
            (0.9, 1.1),
        )
        for name, model in models.items()
    ],
)

# %%
ask("scaling.six_nd")

# %% [markdown]
# ## 4 · Twenty-five trainings
#
# A script trained decoders of six sizes, each with as many tokens as one of five budgets pays for: 2.5 · 10¹¹ to 4 · 10¹² operations.
# Of the 30 pairs of a size and a budget, five would have read fewer than 50,000 tokens or more than 7 million and were left out.
# For each size it searched for the learning rate first, on validation text: with one rate for all sizes, the best size would be the one that the rate suits.
# The search was done at one length for each size and its rate serves all lengths, so the shortest and longest runs of a size may be tuned less well than those between.
# Each run has a learning-rate schedule of its own that ends where the run ends, so no point is an unfinished longer run.
# The loss is that of 600 test documents, drawn from those that no run has read.

# %%
records = [one for one in trained.results("scaling") if "counts" in one]
sweep = [one for one in records if one["model"] != "target" and one["seed"] == 0]
say(f"runs of seed 0: {len(sweep)}")
sweep_figure(sweep)

# %% [markdown]
# Each line is one budget: the same operations, spent on a small model and many tokens at its left end, on a large model and few tokens at its right.
# Such a line is called an *IsoFLOP curve*.
# Where a line reaches far enough to both sides, its ends are worse than its middle, and with the budget the middle moves to the right.
# The line of the largest budget has hardly a left end: its smallest model is about as good as the next one.
#
# ## 5 · A law
#
# Hoffmann et al. 2022 (section 3.3) describe such runs by one formula, a *scaling law*:
#
# L(N, D) = E + A / N^α + B / D^β
#
# E is the loss that no model of this kind gets below on this text, the *irreducible loss*; the second term is what too few parameters cost, the third what too few tokens cost.


# %% tags=["exercise"]
def predicted_loss(
    N: float,
    D: float,
    E: float,
    A: float,
    B: float,
    alpha: float,
    beta: float,
) -> float:
    """The loss that a law predicts for N parameters and D tokens, in nats a token.

    It is a sum of three terms: E, which no model gets below; A divided by N to the power of
    alpha, for too few parameters; and B divided by D to the power of beta, for too few tokens.

    >>> predicted_loss(10_000, 1_000_000, E=1.5, A=50, B=100, alpha=0.5, beta=0.5)
    2.1
    >>> predicted_loss(16, 81, E=1, A=2, B=9, alpha=0.25, beta=0.5)
    3.0
    """
    ...


check("scaling.predicted_loss", predicted_loss)

# %%
loss_of = yours("scaling.predicted_loss", predicted_loss)
chinchilla = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
for n, d in ((70e9, 1.4e12), (140e9, 1.4e12), (70e9, 2.8e12)):
    loss = loss_of(n, d, **chinchilla)
    say(
        f"{n / 1e9:.0f} billion parameters, {d / 1e12:.1f} trillion tokens: {loss:.3f} nats a token"
    )

# %% [markdown]
# Those are the numbers that the paper prints (appendix D.2, equation 10), for its own text and tokenizer.
# The first line is the size and length of the model that it calls Chinchilla.
# Doubling either lowers the loss by a little; E, which is most of it, stays.
#
# ### How the law is fitted
#
# Five numbers have to be found that come as close as possible to all runs.
# Errors are taken in the logarithm of the loss, so that a percent counts as much at a high loss as at a low one.
# They are added up by *Huber's function*: half the square of a small error, and for errors beyond δ a straight line, so that one failed run does not pull the whole law (Hoffmann et al. 2022, equation 3).


# %% tags=["exercise"]
def huber_log_error(predicted: list[float], measured: list[float], delta: float) -> float:
    """How far predicted losses are from measured ones: the sum of Huber's function.

    The error r of a run is the natural logarithm of its predicted loss minus that of its
    measured loss. Where |r| is at most delta, Huber's function is r**2 / 2; beyond, it goes on
    as a straight line: delta * (|r| - delta / 2). No runs have the sum 0.0.

    >>> from math import exp
    >>> round(huber_log_error([exp(2), exp(1)], [exp(1), exp(1.5)], delta=0.5), 6)
    0.5
    >>> huber_log_error([3.0, 2.5], [3.0, 2.5], delta=0.001)
    0.0
    """
    ...


check("scaling.huber_log_error", huber_log_error)

# %%
error_of = yours("scaling.huber_log_error", huber_log_error)
guess, seen = [3.5, 3.5, 3.5], [3.5, 3.4, 2.5]
for delta in (1.0, 0.001):
    parts = [error_of([one], [other], delta) for one, other in zip(guess, seen, strict=True)]
    shown = ", ".join(f"{part:.6f}" for part in parts)
    say(f"δ = {delta}: {shown}; the last is {parts[2] / parts[1]:.0f} times the second")

# %% [markdown]
# With the small δ, the one run that is far off weighs far less beside the others; the fit uses that δ, as Hoffmann et al. do.
#
# As a function of the five numbers the error can have several valleys, so the search starts from 144 places and keeps the lowest point that it reaches.
# Before a fit is trusted, it should recover a law that is known.
# Here are runs of our sizes and lengths whose losses follow Hoffmann et al.'s law, first exactly, then with an error of half a percent.
# The last column is how far each law is from the noisy losses: the mean distance in the logarithm, where 0.01 is one percent.

# %%
runs = runs_of(sweep)
rng = np.random.default_rng(0)
known = HOFFMANN.loss(runs.parameters, runs.tokens)
noisy = runs._replace(losses=known * np.exp(0.005 * rng.standard_normal(len(known))))
found_again = {
    "the law": HOFFMANN,
    "without noise": fit_law(runs._replace(losses=known)).law,
    "0.5 % noise": fit_law(noisy).law,
}
table(
    {"": name}
    | {key: getattr(law, key) for key in ("E", "A", "B", "alpha", "beta")}
    | {"from the noisy": float(np.abs(np.log(noisy.losses / law.loss(*noisy[:2]))).mean())}
    for name, law in found_again.items()
)

# %% [markdown]
# Without noise the fit recovers all five numbers.
# With noise it finds others that describe the noisy losses no worse than the law that made them.
# At our sizes the terms of N and D are large and E is far below every loss, so different numbers give nearly the same losses.
# That a law describes the runs does not make its coefficients right.
#
# ### Our runs

# %%
fits = {counting: fit_law(runs_of(sweep, counting)) for counting in COUNTINGS}
table(
    {
        "N counts": counting,
        **{key: getattr(fit.law, key) for key in ("E", "A", "B", "alpha", "beta")},
        "error": float(np.abs(fit.residuals).mean()),
    }
    for counting, fit in fits.items()
)

# %% [markdown]
# The last column is again the mean distance between law and run, in the logarithm.
# All three counts describe the runs about equally well, with different coefficients.

# %%
ask("scaling.what_e_is")

# %% [markdown]
# ## 6 · How sure is it?
#
# Draw the 25 runs again with replacement, fit again, and do that many times: the bootstrap of lesson 03, over runs.


# %% tags=["exercise"]
def bootstrap_interval(
    runs: list,
    estimate: "Callable",
    resamples: list[list[int]],
) -> tuple[float, float]:
    """Between which values an estimate lies in 95 % of the resamples.

    Each resample is a list of run numbers, drawn with replacement: a run may be in it several
    times, or not at all. estimate: a function that makes one number of a list of runs. Returns
    the percentiles 2.5 and 97.5 of its values. They are interpolated: of n sorted values,
    counted from 0, the percentile p is at the place p / 100 * (n - 1), on the straight line
    between the two values beside it.

    >>> bootstrap_interval([1, 5], sum, [[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]])
    (2.0, 9.6)
    >>> bootstrap_interval([1, 5], max, [[0, 1]])
    (5.0, 5.0)
    """
    ...


check("scaling.bootstrap_interval", bootstrap_interval)

# %%
interval_of = yours("scaling.bootstrap_interval", bootstrap_interval)
of_runs = [one["tests"]["held-out text"]["loss"] for one in sweep]
drawn = rng.integers(len(of_runs), size=(200, len(of_runs))).tolist()
ends = interval_of(of_runs, np.mean, drawn)
say(f"mean loss of the runs: {np.mean(of_runs):.3f} [{ends[0]:.3f}, {ends[1]:.3f}]")

# %% [markdown]
# The same resampling, with the law's fit as the estimate:

# %%
resampled = {counting: bootstrap(runs_of(sweep, counting)) for counting in COUNTINGS}
table(
    {
        "N counts": counting,
        **{
            key: "{:.2f} [{:.2f}, {:.2f}]".format(
                getattr(found.fit.law, key), *found.interval(key)
            )
            for key in ("E", "alpha", "beta", "size_exponent")
        },
    }
    for counting, found in resampled.items()
)

# %% [markdown]
# The intervals of the coefficients are wide.
# The coefficients also vary together; here is how they correlate over the resamples.

# %%
KEYS = ("E", "alpha", "beta")
laws_of_all = resampled["all"].laws
together = np.corrcoef([[getattr(law, key) for law in laws_of_all] for key in KEYS])
table(
    {"": key} | dict(zip(KEYS, row, strict=True))
    for key, row in zip(KEYS, together, strict=True)
)

# %% [markdown]
# E and β are strongly correlated: a lower E with a term of D that falls more slowly gives nearly the same losses at the sizes and lengths that were run.
# The intervals cover which runs happened to be made and a part of their noise, nothing else: another text, tokenizer, optimizer or batch size was not tried.
#
# ## 7 · The best size for a budget
#
# A training is *compute-optimal* when no other split of its operations between size and tokens reaches a lower loss.
# If a token costs 6N operations, C = 6ND fixes D once N is chosen: D = C / (6N).
# The best N can then be found on paper: put that D into the law and set the derivative with respect to N to zero (Hoffmann et al. 2022, equation 4).


# %% tags=["exercise"]
def best_split(
    flops: float,
    A: float,
    B: float,
    alpha: float,
    beta: float,
) -> tuple[float, float]:
    """The parameters N and the tokens D that reach the lowest loss for this many operations.

    The loss is E + A / N**alpha + B / D**beta, and a training costs 6 · N · D operations.
    Neither number is rounded. E does not move the split.

    >>> best_split(600, A=4, B=1, alpha=0.5, beta=0.5)
    (40.0, 2.5)
    >>> best_split(6e6, A=8, B=8, alpha=1, beta=1)
    (1000.0, 1000.0)
    """
    ...


check("scaling.best_split", best_split)

# %%
split_of = yours("scaling.best_split", best_split)
for budget in (1e20, 1e21, 1e22):
    n, d = split_of(budget, *[chinchilla[key] for key in ("A", "B", "alpha", "beta")])
    say(f"{budget:.0e} operations: {n:.2e} parameters, {d:.2e} tokens, {d / n:.0f} a parameter")

# %% [markdown]
# The best size grows as a power of the budget, by a *power law*: N ∝ C^a with a = β / (α + β), and the tokens as D ∝ C^(1 − a).
# At a = ½ both grow alike.
# Above ½, most of a larger budget should go into a larger model; below, into more text.

# %%
ask("scaling.larger_budget")

# %% [markdown]
# The other way needs no law.
# Put a parabola through each IsoFLOP curve, in the logarithm of N, take its lowest point, and draw a line through these points, in logarithms (Hoffmann et al. 2022, section 3.2).


# %% tags=["exercise"]
def parabola_minimum(sizes: list[float], losses: list[float]) -> float:
    """The size at which the parabola through runs of equal cost is lowest.

    sizes[i]: the parameters of run i, above 0; losses[i]: its loss. The parabola is one in the
    natural logarithm of the size, with the least sum of squared errors of the loss. Its lowest
    point may be outside the sizes. A parabola that opens downward has none: then the answer is
    math.nan. There are three different sizes or more, and the losses are on no straight line.

    >>> round(parabola_minimum([1000, 10_000, 100_000], [3.0, 2.0, 3.0]), 3)
    10000.0
    >>> parabola_minimum([1000, 10_000, 100_000], [2.0, 3.0, 2.0])
    nan
    """
    ...


check("scaling.parabola_minimum", parabola_minimum)

# %%
minimum_of = yours("scaling.parabola_minimum", parabola_minimum)
for budget in (2.5e11, 1e12, 4e12):
    line = [one for one in sweep if 0.95 < one["flops"] / budget < 1.05]
    best = minimum_of(
        [one["counts"]["all"] for one in line],
        [one["tests"]["held-out text"]["loss"] for one in line],
    )
    say(f"{budget:.1e} operations: lowest at {best:,.0f} parameters")

# %%
by_parabolas = {}
for counting in COUNTINGS:
    by_parabolas[counting] = frontier_by_parabolas(parabolas(sweep, counting)).exponent
table(
    {
        "N counts": counting,
        "a by the law": found.fit.law.size_exponent,
        "interval": "[{:.2f}, {:.2f}]".format(*found.interval("size_exponent")),
        "a by parabolas": by_parabolas[counting],
    }
    for counting, found in resampled.items()
)

# %% [markdown]
# The runs are the same in every row, only the count of N differs, and a differs with it: the more of the tables are counted, the smaller it is.
# The two ways do not agree either.
# There are three possible reasons.
# A parabola is only an approximation of a valley that is steeper on one side, so its lowest point can be off even without noise, as Czech et al. 2026 show with simulated runs.
# The law's a assumes that a token costs 6N, while the runs of a curve share the number of operations that were counted.
# And the law assumes a form that the runs need not have.
#
# The first two can be tested: put the parabolas through losses that follow the law exactly, and search for the law's best sizes at the counted cost.


# %%
def on_the_law(law, counting):
    """The sweep's records, each with the loss that the law says instead of the measured one."""
    for one in sweep:
        exact_loss = float(law.loss(one["counts"][counting], one["tokens"]))
        yield {**one, "tests": {"held-out text": {"loss": exact_loss}}}


of_the_law = {}
rows = []
for counting, fit in fits.items():
    curves = parabolas(list(on_the_law(fit.law, counting)), counting)
    of_the_law[counting] = frontier_by_parabolas(curves).exponent
    budgets, cost = [curve.flops for curve in curves], cost_of(sweep, counting)
    sizes_at_cost = [optimum(fit.law, budget, cost).parameters for budget in budgets]
    rows.append(
        {
            "N counts": counting,
            "law, 6N": fit.law.size_exponent,
            "law, counted cost": power_law(budgets, sizes_at_cost).exponent,
            "parabolas, law's losses": of_the_law[counting],
            "parabolas, measured": by_parabolas[counting],
        }
    )
table(rows)

# %%
claim(
    "scaling.parabola_bias",
    "Parabolas give a larger exponent than the law, by more than 0.05, even if every run lies exactly on the law.",
    said_by="this lesson's first guess",
    findings=[
        Finding(
            f"a by parabolas minus a by the law, {counting}",
            exact(of_the_law[counting] - fit.law.size_exponent, "25 runs on the law"),
            "above",
            0.05,
        )
        for counting, fit in fits.items()
    ],
)

# %% [markdown]
# Look at the first three columns: where the losses follow the law, neither the cost of a token nor the parabola moves a by as much as the gap to the last column.
# The gap appears with the measured losses, so what is left is that the runs do not follow the law's form, or luck.
#
# The whole sweep was trained with three seeds, which shows how much of a difference between exponents is the luck of one sweep.
# What the seeds do not vary are the sizes, the budgets and the learning rates.

# %%
seeds = sorted({one["seed"] for one in records})
sweeps = {
    seed: [one for one in records if one["seed"] == seed and one["model"] != "target"]
    for seed in seeds
}


def exponents(seed, counting):
    """a in N ∝ C^a from the sweep of one seed: by the law and by parabolas."""
    runs = sweeps[seed]
    line = frontier_by_parabolas(parabolas(runs, counting))
    return fit_law(runs_of(runs, counting)).law.size_exponent, line.exponent


found = {counting: [exponents(seed, counting) for seed in seeds] for counting in COUNTINGS}
table(
    {
        "seed": seed,
        "all, law": found["all"][number][0],
        "all, parabolas": found["all"][number][1],
        "body, law": found["body"][number][0],
        "body, parabolas": found["body"][number][1],
    }
    for number, seed in enumerate(seeds)
)

# %% [markdown]
# The sign of the difference between two counts was to be expected: from the smallest to the largest model the body grows by a larger factor than all parameters do, so the same best models are further apart when only the body is counted.
# What the runs tell is how large the difference is.
# For the law, each resample draws the same runs under both counts.

# %%
of_count = np.array(
    [
        body.size_exponent - every.size_exponent
        for body, every in zip(resampled["body"].laws, resampled["all"].laws, strict=True)
    ]
)
at = resampled["body"].fit.law.size_exponent - resampled["all"].fit.law.size_exponent
low, high = np.quantile(of_count, [0.025, 0.975])

# %%
claim(
    "scaling.count_of_n",
    "From the same runs, the best size grows with a larger exponent when only the body is counted than when all parameters are.",
    said_by="Pearce and Song 2024",
    findings=[
        Finding(
            "a by the law, body minus all",
            Interval(at, min(low, at), max(high, at), of="25 runs, drawn again together"),
            "above",
            0.0,
        ),
        Finding(
            "a by parabolas, body minus all",
            over_seeds([b[1] - a[1] for a, b in zip(found["all"], found["body"], strict=True)]),
            "above",
            0.0,
        ),
    ],
)

# %%
ask("scaling.why_they_differ")

# %% [markdown]
# And do the two ways agree?
# The bound of 0.05 below was chosen when the runs were known, as was that for the parabolas above; it is about a tenth of the exponents.

# %%
claim(
    "scaling.two_ways",
    "A law and parabolas give the same exponent, up to 0.05.",
    said_by="this lesson, after a look at the runs",
    findings=[
        Finding(
            f"a by parabolas minus a by the law, {counting}",
            over_seeds([parabola - law for law, parabola in found[counting]]),
            "within",
            (-0.05, 0.05),
        )
        for counting in COUNTINGS
    ],
)

# %% [markdown]
# When the body is counted, the two ways differ by more than three seeds explain; for the other counts three seeds cannot tell whether they agree up to that bound.
#
# ## 8 · Two papers, two answers
#
# Kaplan et al. 2020 found a = 0.73 (appendix A, table 6): with ten times the operations, more than five times the size.
# Hoffmann et al. 2022 found 0.50, 0.49 and 0.46 in three ways (table 2): with ten times the operations, about three times the size and three times the text.
# For the operations that had gone into Gopher, a model of 280 billion parameters, their three ways advise 40 to 70 billion.
# They trained one of 70 billion, Chinchilla, and it was better than Gopher (section 4).
# Here is what each law says of that budget; Hoffmann et al.'s is that of the third way, the one of section 5.
# Kaplan et al. give size and tokens by two power laws of their own, whose product 6ND is not the budget.

# %%
BUDGET = 5.76e23  # operations, Hoffmann et al. 2022
laws = {
    "Hoffmann et al., as printed": HOFFMANN_AS_PRINTED,
    "Hoffmann et al., not rounded": HOFFMANN,
    "Besiroglu et al., fitted again": BESIROGLU,
}
rows = [("Kaplan et al.", *KAPLAN_FRONTIER.optimum(BUDGET), KAPLAN_FRONTIER.size_exponent)]
for name, law in laws.items():
    best = optimum(law, BUDGET)
    rows.append((name, best.parameters, best.tokens, law.size_exponent))
table(
    {
        "law of": name,
        "parameters, billions": size / 1e9,
        "tokens, billions": tokens / 1e9,
        "tokens a parameter": tokens / size,
        "a": exponent,
    }
    for name, size, tokens, exponent in rows
)

# %% [markdown]
# Three later papers explain the differences between these rows.
# The first two explain that between Kaplan et al. and Hoffmann et al., in ways that overlap; the third explains that between the two fits.
#
# - **What is counted.** Pearce and Song 2024 attribute much of the difference to two things together: Kaplan et al. leave the embeddings out of N and C, and their models are small. From Hoffmann et al.'s law they calculate that the two together give an exponent close to Kaplan et al.'s. Section 7 did a part of this with our own runs: it changed the count of N and left C as it was, and a rose.
# - **How the models were trained.** Porian et al. 2024 reproduced Kaplan et al.'s law and then changed three things: they counted the operations of the output layer, shortened a warm-up that was too long for small models, and tuned the optimizer for each size. The result agreed with Hoffmann et al. A careful decay of the learning rate, one of the reasons that Hoffmann et al. had suspected (section 2), was not essential.
# - **How the law was fitted.** Besiroglu et al. 2024 read the runs off Hoffmann et al.'s figure 4 and fitted them again. The published coefficients do not fit these runs, for two reasons: the search had ended early, since the errors were averaged and not summed, as one of the authors confirmed; and the printed exponents have too few digits.
#
# The second and third rows of the table show what the digits are worth.

# %%
rounded, whole = (optimum(law, BUDGET).parameters for law in (HOFFMANN_AS_PRINTED, HOFFMANN))
claim(
    "scaling.rounding",
    "The law's coefficients as printed, the exponents to two digits, give the same best size as the unrounded ones, up to a tenth.",
    said_by="whoever computes with the printed numbers",
    findings=[
        Finding(
            f"best size at {BUDGET:.3g} operations, printed over unrounded",
            exact(rounded / whole, "one formula"),
            "within",
            (0.9, 1.1),
        )
    ],
)

# %% [markdown]
# Below are these laws and our own, over fifteen powers of ten.
# Our band is wide where nothing was run: budgets that differ by a factor of 16 say little about fifteen powers of ten.
# The line of Kaplan et al. counts the body, all others count all parameters.
# The band is of fewer resamples than the intervals of section 6, so its numbers differ a little from those.

# %%
frontier_figure(sweep)

# %% [markdown]
# ## 9 · A prediction
#
# A law that only describes runs is a summary of them; the test is a run that it has not seen.
# So the law was fitted to the 25 runs of seed 0, and what the law says of a larger run was written into a file: six layers of width 160, trained with four times the operations of the most expensive run.
# Then that run was trained.
# Its model is larger than any of the sweep; its number of tokens is within the sweep's range, so the prediction goes beyond the runs in size and not in text.
# The target's record holds the digest of the prediction's file, and the history of the repository has one before the other.

# %%
prediction = trained.record_of("scaling", "predict")
targets = [one for one in records if one["model"] == "target"]
file = trained.place.FOLDER / "scaling" / "predict-0.json"
digest = hashlib.sha256(file.read_bytes()).hexdigest()
say(f"digest of the prediction's file: {digest[:16]} …")
for one in targets:
    same = one["prediction"] == digest
    say(f"target of seed {one['seed']}: {'the same' if same else 'another'} digest")

# %%
foretold = prediction["prediction"]
table(
    [
        {
            "": "predicted",
            "loss": foretold["loss"],
            "interval of a run": "[{:.2f}, {:.2f}]".format(*foretold["of_run"]),
        },
        *(
            {
                "": f"measured, seed {one['seed']}",
                "loss": one["tests"]["held-out text"]["loss"],
                "interval of a run": "",
            }
            for one in targets
        ),
    ]
)

# %%
prediction_figure(prediction, sweep, *targets)

# %%
measured = [one["tests"]["held-out text"]["loss"] for one in targets]
claim(
    "scaling.prediction",
    "A law fitted to small runs predicts the loss of a run four times as expensive as the most expensive of them.",
    said_by="this lesson, before the run",
    findings=[
        Finding(
            "loss of the target, nats a token",
            over_seeds(measured),
            "within",
            tuple(foretold["of_run"]),
        )
    ],
)

# %% [markdown]
# The interval is wide: it covers which runs were drawn and how far a single run misses the law.
# It does not cover that the law may be wrong beyond the runs.
# The seeds of the target are close together, all on one side of the prediction.
# That raises a sharper question, asked after the result was known: is the miss more than the luck of a seed?

# %%
spread = max(measured) - min(measured)
claim(
    "scaling.as_another_seed",
    "The prediction misses the target by no more than one seed of the target misses another.",
    said_by="this lesson, after the result was known",
    findings=[
        Finding(
            "predicted minus measured, nats a token",
            over_seeds([foretold["loss"] - loss for loss in measured]),
            "within",
            (-spread, spread),
        )
    ],
)

# %% [markdown]
# The seeds of the target vary the target alone; the prediction rests on one sweep.
# What would the sweeps of the other seeds have predicted?
# This was computed afterwards, so it can help to explain the miss but is no prediction.

# %%
size, length = targets[0]["counts"]["without_lookup"], targets[0]["tokens"]
afterwards = {
    seed: float(fit_law(runs_of(sweeps[seed], "without_lookup")).law.loss(size, length))
    for seed in seeds
}
table({"sweep of seed": seed, "predicts": loss} for seed, loss in afterwards.items())

# %%
over = sum(loss > max(measured) for loss in afterwards.values())
say(f"{over} of {len(afterwards)} sweeps predict a loss above every measured one")
say("95 % of the resamples predict a loss from {:.3f} to {:.3f}".format(*foretold["of_law"]))

# %% [markdown]
# So the seed of the sweep does not explain the miss.
# The choice of runs might: some resamples of the 25 runs predict losses as low as the measured ones.
# In the figure the runs of the largest budget are already on the law or below it; the law's form could do that, or learning rates that suit some lengths better than others.
# These runs do not tell the three apart.
#
# The law was also fitted under each count of N, and these predictions are in the same file.

# %%
best_guess = {name: row["loss"] for name, row in prediction["of_counting"].items()}
table({"N counts": name, "predicted": loss} for name, loss in best_guess.items())

# %% [markdown]
# All three counts predicted nearly the same loss, although their exponents differ: a loss near the runs is much easier to predict than the best size far from them.

# %%
ask("scaling.written_first")

# %% [markdown]
# ## 10 · Walk along the frontier
#
# Move the budget, or type one: operations ("3e18"), hours of this machine ("2 hours"), or petaflop-days ("5 PF-days").
# Switch what N counts and see the course's own line turn.
# Take a run away, and the width of the band shows how much that run contributed.

# %%
frontier = ScalingFrontier(sweep)
frontier

# %% [markdown]
# Do not compare the course's loss with that of another row: each law has its own text and tokenizer, and the loss of a token depends on how long the tokens are (lesson 07).
# Only Hoffmann et al.'s and Besiroglu et al.'s laws are of the same runs.

# %%
ask("scaling.take_a_run_away")

# %% [markdown]
# ## 11 · What the notes leave out
#
# The notes name N, D and C.
# The law's numbers belong to more than these three: to the text, the tokenizer, the shape of the models, the optimizer and its learning rate, which is searched for here for each size, the batch, the schedule, and to what N counts.
# Of these, this lesson changed the count alone.
# The batch and the optimizer's other settings are the same for all sizes here, though Porian et al. 2024 found that tuning them for each size matters.


# %%
def change(small, large):
    """How much lower the loss is at the end of one run than of another, for each seed."""
    of = {(one["model"], one["seed"]): one["tests"]["held-out text"]["loss"] for one in records}
    return over_seeds([of[large, seed] - of[small, seed] for seed in seeds])


def lowest(flops, seed):
    """The lowest loss that so many operations reached."""
    return min(
        one["tests"]["held-out text"]["loss"]
        for one in sweeps[seed]
        if 0.95 < one["flops"] / flops < 1.05
    )


# %%
claim(
    "scaling.n_d_c",
    "The performance of a language model depends on its parameters, its data and its computation.",
    said_by="the notes",
    findings=[
        Finding(
            "loss, 2.0 million parameters minus 0.26, at nearly as many tokens",
            change("4x64-2e12", "target"),
            "below",
            0.0,
        ),
        Finding(
            "loss, the same model with 16 times the tokens",
            change("3x48-2.5e11", "3x48-4e12"),
            "below",
            0.0,
        ),
        Finding(
            "lowest loss, 16 times the operations",
            over_seeds([lowest(4e12, seed) - lowest(2.5e11, seed) for seed in seeds]),
            "below",
            0.0,
        ),
    ],
)

# %% [markdown]
# At factors as large as these, no other result was likely, and performance means the loss alone here.
# The notes leave open how the loss depends on the three; the law of section 5 is one answer, for these runs.
#
# ## What to remember
#
# - N can be counted three ways, and the exponent follows the count; C is 6ND only where tables and attention are small beside the body.
# - A law of five numbers describes runs of many sizes and lengths; its coefficients are much less certain than the losses that it predicts between and near the runs.
# - The best size for a budget follows from the law, or from parabolas through lines of equal cost, and the two need not agree.
# - Two papers gave conflicting advice; later work traces the difference to how they counted and how they tuned.
# - A prediction is worth something when it has an interval and was written down first.
#
# **Read on**: Kaplan et al. 2020, *Scaling Laws for Neural Language Models*; Hoffmann et al. 2022, *Training Compute-Optimal Large Language Models*, section 3; Besiroglu et al. 2024, *Chinchilla Scaling: A replication attempt*; Pearce and Song 2024, *Reconciling Kaplan and Chinchilla Scaling Laws*; Porian et al. 2024, *Resolving Discrepancies in Compute-Optimal Scaling of Language Models*; Czech et al. 2026, *Problems with Chinchilla Approach 2: Systematic Biases in IsoFLOP Parabola Fits*.
# In the code: `course/scaling/`, `experiments/scaling.py`.
#
# **Next**: lesson 10, *Pre-training and fine-tuning*.

# %%
progress.table()
