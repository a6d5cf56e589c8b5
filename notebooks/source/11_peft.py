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
# # 11 · Parameter-efficient fine-tuning
#
# Lesson 10 fine-tuned one model for reviews, another for questions, and a third for names.
# Each of them is a whole MiniLM, although all three began with the same weights.
# With a hundred customers, that is a hundred whole models to store and to load.
# *Parameter-efficient fine-tuning* (PEFT) freezes the model and trains something small, inside it or beside it.
# Here you write the core of several such methods, put all of them on the same model, in two lines each, and find out what each costs and what it reaches.
# After this lesson you can
#
# - write LoRA's forward pass, merge it into the matrix, and take it out again;
# - say where each method sits, how many numbers it trains, and whether it makes a prediction slower;
# - read from a search and a table whether a method comes close to full fine-tuning, and how sure that is;
# - serve several tasks from one base model, and know what has to be saved.
#
# **Time**: 120 minutes; the cells run in about a minute on two quiet processor cores.
# **Before this**: lesson 10; masks and residual connections are in lesson 06, the cache and grouped-query attention in lesson 07.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from course import peft, trained
from course.claims import Finding, claim
from course.data import movie_reviews
from course.data.splits import draw
from course.exercises import ask, check, hint, progress, solution, yours
from course.fine_tuning import (
    Recipe,
    SentenceClassifier,
    TokenClassifier,
    WordClassifier,
    features,
    fine_tune,
    nested_subsets,
    predict_logits,
    trained_parameters,
)
from course.intervals import RunCounts, difference_of_rates, exact, share
from course.peft import (
    attach,
    changed_updates,
    count,
    freeze,
    fuse,
    fusion_penalty,
    kept_share,
    singular_values,
)
from course.peft.budget import importance as product
from course.peft.budget import moving_averages
from course.peft.targets import linear_layers
from course.pretrained import load
from course.tasks.labelled import CLASSES, NAME_LABELS, review_sets
from course.viz import (
    FusionExplorer,
    MethodSwitch,
    UpdateExplorer,
    WiringExplorer,
    figures,
    use_course_style,
)
from course.viz.peft.figures import ranks_over_steps
from course.viz.show import say, source, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 4: four times the labels and reviews; a few minutes.
LABELS, SHOWN = 768 * BUDGET, 200 * BUDGET

# %% [markdown]
# ## 1 · A copy for every task
#
# The task is that of lesson 10: is a review positive or negative?
# The model is MiniLM with a new head.

# %%
reviews = review_sets()
movie_of = {review.text: review.movie for review in movie_reviews()}
test_movies = [movie_of[text] for text in reviews.test.texts]
some = reviews.training.only(nested_subsets(reviews.training.labels, [LABELS])[LABELS])
places_shown = draw(range(len(reviews.test)), SHOWN)
shown = reviews.test.only(places_shown)


def classifier():
    """MiniLM with a new head, which is the same every time."""
    generator = torch.Generator().manual_seed(0)
    return SentenceClassifier(
        *load("minilm"), CLASSES, limit=128, dropout=0.1, generator=generator
    )


# %%
def trained_numbers(of_model):
    """How many numbers of the head and of the model below it are trained."""
    of_head = sum(
        weight.numel()
        for name, weight in trained_parameters(of_model).items()
        if name.startswith("head.")
    )
    everything = sum(weight.numel() for weight in trained_parameters(of_model).values())
    return {"in the head": of_head, "below the head": everything - of_head}


bare = classifier()
before_freezing = {"model": "as it is loaded"} | trained_numbers(bare)
freeze(bare)
table([before_freezing, {"model": "after `freeze`"} | trained_numbers(bare)])

# %% [markdown]
# The head is new, so it is always trained, and in this lesson its numbers are counted apart.
# With the rest frozen, the head alone can learn (lesson 10, section 3).
# Two lines put any of the methods below on a model:
#
# ```python
# freeze(model)
# attached = attach(model, method)
# ```
#
# `attach` replaces modules of the model from outside; no model knows of any method.
# The notes name two libraries that go with PEFT, transformers and accelerate; the course needs neither, and a test compares most of its methods with the library `peft`.
# `attached.off()` puts back the very modules that were there, and `attached.on()` puts the method on again.
#
# ## 2 · LoRA: a change of low rank
#
# What does full fine-tuning change?
# Lesson 10 trained the last two blocks of MiniLM on all reviews.
# Take one of its matrices after the training, and subtract the same matrix from before: the difference, ΔW, has as many numbers as the matrix.
# But does it need that many?
# Every matrix is a sum of products of a column and a row, with all columns of length 1 and orthogonal to one another, and all rows, too.
# In this sum each product is multiplied by a number that says how large it is: these are the *singular values*.
# The rank is how many of them are not 0; a *low-rank matrix* has few.
# Below: the share of the sum of ΔW's squares that its k largest products have, beside that of a matrix of random numbers.

# %%
after, before = trained.load("fine_tuning/upper-all").body, load("minilm")[0]
changes = {}
for name in ("query", "value"):
    place = f"blocks.5.attention.{name}"
    changed = after.get_submodule(place).weight - before.get_submodule(place).weight
    changes[f"ΔW of {name}, last block"] = changed.detach()
changes["random numbers"] = torch.randn(384, 384, generator=torch.Generator().manual_seed(0))


def share_held(matrix, k):
    """The share of the sum of a matrix's squares that its best approximation of rank k has."""
    squares = torch.linalg.svdvals(matrix).square()
    return (squares[:k].sum() / squares.sum()).item()


table(
    (
        {"matrix": name} | {f"rank {k}": share_held(matrix, k) for k in (1, 2, 4, 8, 16, 64)}
        for name, matrix in changes.items()
    ),
    formats={f"rank {k}": ".0%" for k in (1, 2, 4, 8, 16, 64)},
)

# %% [markdown]
# A few products hold much more of these changes than of random numbers, though not all of either.
# That is an observation on two matrices of one model; that a change of low rank is enough is LoRA's hypothesis (Hu et al. 2022, section 1), and section 8 tests it on one task.
#
# *LoRA*, low-rank adaptation, leaves W as it is and trains two thin matrices beside it: A turns x into r numbers, and B turns these into a vector of the output's size.
#
# h = W x + (α / r) · B A x
#
# With numbers that can be checked by hand, where r and α are 1:

# %%
weight = torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]])
down, up = torch.tensor([[1.0, 1.0, 0.0]]), torch.tensor([[0.0], [3.0]])
x = torch.tensor([1.0, 2.0, 3.0])
table(
    [
        {"step": "W x", "gives": (weight @ x).tolist()},
        {"step": "A x: r numbers", "gives": (down @ x).tolist()},
        {"step": "B A x", "gives": (up @ (down @ x)).tolist()},
        {"step": "B A: never computed in training", "gives": (up @ down).tolist()},
        {"step": "W x + B A x", "gives": (weight @ x + up @ (down @ x)).tolist()},
    ]
)

# %% [markdown]
# The factor α / r is there so that settings like the learning rate can more often stay as they are when r changes (Hu et al. 2022, section 4.1).
# In the trainings of this lesson α is r, so the factor is 1.
# Vectors are rows in PyTorch, so W x is `x @ weight.T`.


# %% tags=["exercise"]
def lora(x: "Tensor", weight: "Tensor", down: "Tensor", up: "Tensor", alpha: float) -> "Tensor":
    """A linear layer with LoRA: W x + (alpha / r) B A x, for each vector x.

    x: (..., d_in). `weight` is W, (d_out, d_in); `down` is A, (rank, d_in); `up` is B,
    (d_out, rank). r is the rank. The answer: (..., d_out). Vectors are rows here, so W x is
    `x @ weight.T`.

    >>> import torch
    >>> x, weight = torch.tensor([1.0, 2.0]), torch.eye(2)
    >>> down, up = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0], [2.0]])
    >>> lora(x, weight, down, up, alpha=0.5).tolist()
    [1.0, 5.0]
    """
    ...


check("peft.lora", lora)

# %% [markdown]
# Your function on a layer of MiniLM, beside the course's, which has α / r as one number, `scale`:

# %%
your_lora = yours("peft.lora", lora)
query = bare.body.get_submodule("blocks.0.attention.query")
layer = peft.LoRALinear(query, rank=8, scale=2.0, generator=torch.Generator().manual_seed(1))
torch.nn.init.normal_(layer.up, generator=torch.Generator().manual_seed(2))
x = torch.randn(5, 384, generator=torch.Generator().manual_seed(3))
with torch.no_grad():
    yours_gives = your_lora(x, query.weight, layer.down, layer.up, alpha=16) + query.bias
    say("largest difference:", f"{(yours_gives - layer(x)).abs().max().item():.1e}")
source(peft.LoRALinear.branch)

# %%
ask("peft.first_step")

# %% [markdown]
# Measure the gradients of a first step:

# %%
starting = classifier().eval()  # without dropout
freeze(starting)
starting_lora = attach(starting, peft.LoRA(rank=8), torch.Generator().manual_seed(0))
starting.loss([(starting.row(shown.texts[0]), 1)]).backward()
first = {"A": "down", "B": "up"}
norms = {
    name: [
        weight.grad.norm().item()
        for path, weight in starting_lora.parameters().items()
        if path.endswith(key)
    ]
    for name, key in first.items()
}
table(
    {"matrix": name, "smallest gradient": min(found), "largest gradient": max(found)}
    for name, found in norms.items()
)

# %% [markdown]
# ### Is the matrix copied?
#
# The notes say that the shape of the matrix is copied, and the copy trained.
# Count what that would cost, and what LoRA costs.
# The next exercise counts for a list of layers; the other two methods come later in this lesson.


# %% tags=["exercise"]
def count_trained(
    shapes: list[tuple[int, int]],
    rank: int,
    bottleneck: int,
) -> tuple[int, int, int, int]:
    """How many numbers four methods train on the same linear layers, each of which has a bias.

    shapes: the shape (d_out, d_in) of each layer's matrix; its bias has d_out numbers.
    The answer, in this order:
    - full fine-tuning: all matrices and biases
    - LoRA: A (rank, d_in) and B (d_out, rank) beside each matrix; all biases are frozen
    - adapters, one after each layer: a linear layer from d_out to `bottleneck` numbers and one
      back to d_out, each with its own bias; the layers themselves are frozen
    - BitFit: the biases of the layers alone

    >>> count_trained([(10, 20)], rank=2, bottleneck=3)
    (210, 60, 73, 10)
    """
    ...


check("peft.count_trained", count_trained)

# %%
counted = yours("peft.count_trained", count_trained)
layers = linear_layers(before)
targets = [layer for place, layer in layers.items() if place.endswith(("query", "value"))]
shapes = [tuple(layer.weight.shape) for layer in targets]
found = counted(shapes, rank=8, bottleneck=48)
say("counted on the model with LoRA:", f"{count(starting_lora):,}")
table(
    (
        {
            "trained at query and value of all blocks": way,
            "by your function": n,
            "share": n / found[0],
        }
        for way, n in zip(("everything", "LoRA", "adapters", "biases"), found, strict=True)
    ),
    formats={"share": ".1%"},
)

# %%
copied = sum(layer.weight.numel() for layer in targets)
claim(
    "peft.copied",
    "LoRA trains a copy of each matrix: as many numbers as the matrices have.",
    said_by="the notes: “Weight Matrix의 형태를 그대로 복제”",
    findings=[
        Finding(
            "numbers that LoRA of rank 8 trains, divided by those of the matrices",
            exact(count(starting_lora) / copied, "query and value of MiniLM's blocks", "times"),
            "within",
            (1.0, 1.0),
        )
    ],
)

# %% [markdown]
# Only the product B A has the shape of W.
# Nothing is copied: W itself stays in the sum, frozen, and B A begins at 0, not at W.
#
# ### Train it
#
# The recipe is that of lesson 10 in smaller batches, with the learning rate that the search of section 8 found for LoRA.
# There are fewer steps here than in the runs of section 8.

# %%
found_rates = {
    row["model"]: trained.best_row(trained.search("peft_methods"), row["model"])[
        "learning_rate"
    ]
    for row in trained.search("peft_methods")
}
model = classifier()
untouched = {name: tensor.clone() for name, tensor in model.body.state_dict().items()}
freeze(model)
lora_on = attach(model, peft.LoRA(rank=8), torch.Generator().manual_seed(0))
recipe = Recipe(learning_rate=found_rates["lora"], epochs=1, batch_size=16)
history = fine_tune(model, some, recipe)
third = len(history.losses) // 3
table(
    {"steps": name, "mean loss": np.mean(losses).item()}
    for name, losses in {
        f"first {third}": history.losses[:third],
        f"last {third}": history.losses[-third:],
    }.items()
)


# %%
def right_of(of_model):
    """How many of the sample's reviews are right, with an interval over reviews."""
    said = predict_logits(of_model, shown.texts).argmax(dim=1)
    truth = torch.tensor([CLASSES.index(label) for label in shown.labels])
    return share((said == truth).sum().item(), len(truth), of="reviews")


on = right_of(model)
lora_on.off()
off, base = right_of(model), model.body.state_dict()
same_bits = all(torch.equal(untouched[name], base[name]) for name in untouched)
table([{"LoRA": "on", "right": on}, {"LoRA": "off, with the same head", "right": off}])

# %%
say("the base model has the same bits as before training:", same_bits)

# %% [markdown]
# The head learned together with the branch.
# In the second row it reads vectors that it was not trained on, so that row does not say what a head alone can reach: section 8 does.
# The base model is untouched, so the next customer can have another branch on it.
#
# ### Merge it
#
# In evaluation, say the notes, the two become one: W + (α / r) B A is a matrix of W's shape.
# This is *merging*.
# The course's layers do it by themselves: in evaluation without gradients they compute with the sum, and in training with the two apart.


# %% tags=["exercise"]
def merge(weight: "Tensor", down: "Tensor", up: "Tensor", alpha: float) -> "Tensor":
    """One matrix that computes what a linear layer and its LoRA branch compute together.

    `weight` is W, (d_out, d_in); `down` is A, (rank, d_in); `up` is B, (d_out, rank). The branch
    is multiplied by alpha / rank. Returns a new matrix, (d_out, d_in); `weight` stays as it is.

    >>> import torch
    >>> down, up = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0], [2.0]])
    >>> merge(torch.eye(2), down, up, alpha=0.5).tolist()
    [[1.0, 0.0], [1.0, 2.0]]
    """
    ...


check("peft.merge", merge)

# %%
your_merge = yours("peft.merge", merge)
lora_on.on()
model.eval()
part = lora_on.parts["blocks.5.attention.value"]
alpha = part.scale * len(part.down)
with torch.no_grad():
    merged = your_merge(part.base.weight, part.down, part.up, alpha)
    say(
        "your matrix and the course's differ by at most",
        f"{(merged - part.merged_weight()).abs().max().item():.1e}",
    )

# %%
lora_on.on()
logits_apart = []
for text in shown.texts[:20]:  # with gradients, the branch is computed apart
    logits_apart.append(model(model.inputs([text])).detach())
peft.merge(lora_on)  # plain layers in the place of the parts
logits_merged = predict_logits(model, shown.texts[:20])
kinds = {type(model.body.get_submodule(place)).__name__ for place in lora_on.parts}
lora_on.off()
restored = all(
    torch.equal(untouched[name], tensor) for name, tensor in model.body.state_dict().items()
)
say("after `merge`, the layers are:", *kinds)
say("after `off`, the base model has its first bits:", restored)

# %%
claim(
    "peft.merged",
    "Merged into its matrix, LoRA computes what it computed apart.",
    said_by="the notes: evaluation mode merges the weights",
    findings=[
        Finding(
            "largest difference of a logit",
            exact(
                (torch.cat(logits_apart) - logits_merged).abs().max().item(),
                "both classes of 20 reviews",
            ),
            "below",
            1e-5,
        )
    ],
)

# %% [markdown]
# To take the branch out again, one can subtract (α / r) B A, which gives W up to rounding; `off` puts W itself back.
#
# All this was in float32.
# In half precision the rounded sum can lose what the branch adds, so there the course's layers compute the two apart.
# Users of several libraries have met models that answered differently once they were merged (huggingface/peft, issue 1388; meta-pytorch/torchtune, issue 1101), so test a merged model as above.

# %%
ask("peft.merged_time")

# %% [markdown]
# Two relatives change little in the code.
# rsLoRA divides α by √r instead of r (Kalajdzievski 2023): `LoRA(rank=8, rank_stabilized=True)`.
# *DoRA* trains the length of each row of the matrix apart from its direction (Liu et al. 2024).
# With W' = W + (α / r) B A, an output is m / ‖w'‖ · w' x, where w' is its row of W' and m is a trained number, at first the length of its row of W.
# `ratio` is m / ‖w'‖, and `branch` is what all this adds to W x:

# %%
source(peft.DoRALinear.branch, peft.DoRALinear.ratio)

# %% [markdown]
# ## 3 · Where each method sits
#
# The picture is drawn from the modules of the model that is loaded, with the method on it.
# Choose a method, and see which modules it has replaced and how many numbers it trains there.
# Some do not fit every model: try BitFit on SmolLM2.

# %%
METHODS = {
    "LoRA": peft.LoRA(rank=8),
    "DoRA": peft.DoRA(rank=8),
    "AdaLoRA": peft.AdaLoRA(steps=96),
    "prompt tuning": peft.PromptTuning(length=16),
    "prefix tuning": peft.PrefixTuning(length=16),
    "LLaMA-Adapter": peft.LLaMAAdapter(length=16),
    "adapters (Houlsby)": peft.HoulsbyAdapters(),
    "adapters (Pfeiffer)": peft.PfeifferAdapters(),
    "BitFit": peft.BitFit(),
}
decoder, decoder_tokenizer = load("smollm2")
wiring = WiringExplorer({"MiniLM": load("minilm")[0], "SmolLM2": decoder}, METHODS)
wiring

# %% [markdown]
# The methods change three kinds of things: matrices (LoRA and its relatives), what is between the layers or added in them (adapters, biases), and what attention can see (prompts and prefixes).
# That decides what a prediction costs, too: a changed bias and a merged matrix need no more computation than those before, a network between the layers is computed in addition, and prompts and prefixes are more for each query to read.
# The next sections take them one by one.
#
# ## 4 · What LoRA has learned
#
# A script trained LoRA of rank 8 on the query and value matrices, with 1,024 labels: one of the runs of section 8.
# The bars are the singular values of its change, matrix by matrix.
# Cut the rank, or change the scale, and see what becomes of the answer to a sentence of your own.
# The size of a matrix is given as its Frobenius norm, ‖W‖: the root of the sum of its squares.

# %%
explained = classifier()
lora_run = trained.load_method("peft_methods/lora", explained)
update = UpdateExplorer(lora_run, "The plot is thin, but the acting is a quiet triumph.")
update

# %% [markdown]
# How much of the change is needed?
# Below, ΔW of every matrix is cut to a lower rank, nothing is trained again, and the model reads the sample of test reviews.

# %%
spectra = [singular_values(part) for part in lora_run.parts.values()]
cut_rows = []
for kept in (0, 1, 2, 8):
    with changed_updates(lora_run, rank=kept):
        cut_rows.append(
            {
                "rank of every ΔW": kept,
                "share of ΔW that is left": kept_share(spectra, kept),
                "right": right_of(explained),
            }
        )
table(cut_rows, formats={"share of ΔW that is left": ".0%"})

# %% [markdown]
# The intervals are over reviews alone, of one run; every row reads the same reviews, so that two of them overlap does not say that the rows are alike.
# Compare the row of rank 1 with the last one: how much of what LoRA has learned is a single product for each matrix?
# A change that was trained with rank 8 and then cut to 2 is not the one that training with rank 2 would give; that was not tested here.
#
# ## 5 · AdaLoRA: where is the rank needed?
#
# LoRA gives each matrix the same rank.
# *AdaLoRA* (Q. Zhang et al. 2023) starts with more rank than it may keep, and gives it up where it counts least.
# Its ΔW is P Λ Q, with Λ diagonal: a sum of triples, each a column of P, a number of Λ and a row of Q.
# To take a triple away is to set its number to 0.
# For the numbers of Λ to say how large each product is, as singular values do, the columns of P and the rows of Q should be orthogonal and of length 1.
# Nothing forces them to be, so a penalty is added to the loss that grows the further they are from it.
#
# Which of them counts least?
# If a weight w were 0, the loss would change by about |w · gradient|.
# One batch says little about this sensitivity, so two moving averages are kept: one of the sensitivity itself, and one of its distance from that average, the uncertainty.
# Their product is the *importance* of the weight.


# %% tags=["exercise"]
def importance(
    weight: "Tensor",
    gradient: "Tensor",
    sensitivity: "Tensor",
    uncertainty: "Tensor",
    beta1: float,
    beta2: float,
) -> "tuple[Tensor, Tensor, Tensor]":
    """How important each weight is to AdaLoRA after one more step: two averages and their product.

    All tensors have the shape of `weight`. The sensitivity at this step is I = |weight * gradient|,
    about what the loss would change if the weight were 0. `sensitivity` and `uncertainty` are the
    moving averages so far: new = beta * old + (1 - beta) * value. The first averages I, with beta1.
    The second averages the distance of I from the **new** average of I, with beta2.
    Returns both new averages and the score, their product.

    >>> import torch
    >>> one, zero = torch.tensor([1.0]), torch.tensor([0.0])
    >>> [float(x) for x in importance(-2 * one, one, zero, zero, beta1=0.5, beta2=0.75)]
    [1.0, 0.25, 0.25]
    """
    ...


check("peft.importance", importance)

# %% [markdown]
# The importance of a triple is that of its number, plus the mean importance of its column and of its row.
# A budget, which falls during the training, says how many triples all matrices together may keep: those of the highest importance, wherever they are.


# %% tags=["exercise"]
def budget(
    step: int,
    initial: int,
    target: int,
    t_initial: int,
    t_final: int,
    total: int,
) -> int:
    """How many ranks all matrices together have at a step of AdaLoRA.

    Up to and with step t_initial there are `initial`, and in the last t_final of the `total` steps
    there are `target`. Between them the budget falls, fast at first: with f the share of this time
    that is still left, from 1 to 0, it is target + (initial - target) f³, rounded down.

    >>> [budget(step, 64, 8, t_initial=10, t_final=20, total=70) for step in (10, 20, 30, 50)]
    [64, 31, 15, 8]
    """
    ...


check("peft.budget", budget)

# %% [markdown]
# Your two functions beside the course's, with the settings of the run in the next figure: each matrix has 12 triples at first, and in the end 8 on average.

# %%
your_importance, your_budget = (
    yours("peft.importance", importance),
    yours("peft.budget", budget),
)
ada_model = classifier()
freeze(ada_model)
plan = peft.AdaLoRA(96, initial_steps=9, final_steps=32)
allocator = peft.RankAllocator(attach(ada_model, plan, torch.Generator().manual_seed(0)))
n_matrices = len(allocator.parts)
table(
    {
        "after step": step,
        "yours": your_budget(step, 12 * n_matrices, 8 * n_matrices, 9, 32, 96),
        "the course's": allocator.budget(step),
    }
    for step in (1, 9, 10, 20, 40, 64, 65, 96)
)

# %%
generator = torch.Generator().manual_seed(0)
weight, gradient = torch.randn(2, 8, 384, generator=generator)
averages = torch.rand(2, 8, 384, generator=generator)
*ours, score = your_importance(weight, gradient, *averages, 0.85, 0.85)
theirs = moving_averages(*averages, weight, gradient, beta1=0.85, beta2=0.85)
gaps = [(a - b).abs().max() for a, b in zip(ours, theirs, strict=True)]
gaps.append((score - product(*theirs)).abs().max())
say("largest difference:", f"{max(gaps).item():.1e}")

# %% [markdown]
# The number of a triple that was taken away is still trained, so it can grow again before the next choice, and the triple can come back.
# The ranks of each matrix over the steps of a run of section 8, seed 0:

# %%
ada_run = trained.record_of("peft_methods", "adalora")
ranks = {
    place: list(map(int, trained.numbers(of_place)))
    for place, of_place in ada_run["ranks"].items()
}
allocated_after = list(map(int, trained.numbers(ada_run["allocated_after"])))
ranks_over_steps(allocated_after, ranks, until=ada_run["steps"])

# %% [markdown]
# Do the same matrices keep their rank in every seed, or is it chance?
# Below the correlations is the range of those that come out when the ranks of a seed are shuffled among the matrices.

# %%
final = np.array(
    [
        [trained.numbers(of_place)[-1] for of_place in run["ranks"].values()]
        for run in trained.results("peft_methods")
        if run["model"] == "adalora"
    ]
)
pairs = np.corrcoef(final)[np.triu_indices(len(final), 1)] if len(final) > 1 else np.array([])
say(
    "correlation of the final ranks of two seeds:",
    ", ".join(f"{value:z.2f}" for value in pairs).replace("-", "−"),
)
shuffle = np.random.default_rng(0).permutation
by_chance = [np.corrcoef(final[0], shuffle(final[-1]))[0, 1] for _ in range(1000)]
low, high = np.quantile(by_chance, (0.025, 0.975))
say("shuffled, 95 of 100 are between", f"{low:z.2f} and {high:z.2f}".replace("-", "−"))

# %% [markdown]
# Where the correlations are above that, the seeds agree about where the rank goes.
# They agree about this measure of importance; whether a matrix needs its rank would take runs in which it gets less, and that was not tested here.
# What the choice is good for as a whole is a question for section 8, which compares AdaLoRA with LoRA.

# %% [markdown]
# ## 6 · Adapters and biases
#
# An *adapter* is a small network between the layers: from N numbers down to M, an activation, up to N again, and the result is added to what it read.
# N is the width of the model, so M, the width of the bottleneck, decides how large the adapter is.


# %% tags=["exercise"]
def adapter(
    x: "Tensor",
    down: "Tensor",
    down_bias: "Tensor",
    up: "Tensor",
    up_bias: "Tensor",
) -> "Tensor":
    """An adapter: each vector through a bottleneck, and what comes out is added to the vector.

    x: (..., d_model). The first layer is `down`, (bottleneck, d_model), with the bias `down_bias`;
    the second is `up`, (d_model, bottleneck), with `up_bias`. GELU is between them, as in
    `torch.nn.functional.gelu`. Vectors are rows: a layer computes `x @ down.T + down_bias`.

    >>> import torch
    >>> x, zeros = torch.tensor([1.0, -2.0]), torch.zeros(2, 1)
    >>> adapter(x, torch.ones(1, 2), torch.zeros(1), up=zeros, up_bias=torch.zeros(2)).tolist()
    [1.0, -2.0]
    """
    ...


check("peft.adapter", adapter)

# %%
your_adapter = yours("peft.adapter", adapter)
bottleneck = peft.Adapter(384, 48, "gelu", std=0.02, generator=torch.Generator().manual_seed(0))
states = torch.randn(3, 384, generator=torch.Generator().manual_seed(1))
down_layer, up_layer = bottleneck.down, bottleneck.up
with torch.no_grad():
    gap = bottleneck(states) - your_adapter(
        states, down_layer.weight, down_layer.bias, up_layer.weight, up_layer.bias
    )
say("largest difference:", f"{gap.abs().max().item():.1e}")
source(peft.Adapter.change)

# %% [markdown]
# Houlsby et al. 2019 put two into each block, one after attention and one after the feed-forward layer, each before the sum of the residual connection, and train the normalizations as well (section 2.1).
# Pfeiffer et al. 2021 put one into each block, after the feed-forward layer, with ReLU in place of GELU.
# Both begin with small weights, so the model is at first almost what it was.
# Unlike LoRA's branch, an adapter has an activation inside, so it cannot be merged into a matrix: every prediction computes it as well.
#
# The notes say that a small adapter comes close to full fine-tuning on the “GLU benchmark”.
# The benchmark is GLUE, nine tasks in English; GLU is the gated linear unit that SwiGLU in lesson 07 is named after.
# Houlsby et al. report a GLUE score of BERT-large within 0.4 % of full fine-tuning, with 3.6 % more weights for each task: 80.0 against 80.4, the width of the bottleneck being the best of three for each task.
# With the width 64 for all tasks, which is also the width of the Houlsby adapters here, it is 79.6 (section 3.2 and table 1).
# Section 8 measures them on another task and on a much smaller model.
#
# *BitFit* (Ben Zaken et al. 2022) adds nothing at all: it trains the biases that the model has.
# In the course's form each layer gets a trained copy of its bias, so that the base model keeps its own.
# SmolLM2 has no biases, so there is nothing to train:

# %%
try:
    attach(decoder, peft.BitFit())
except ValueError as refusal:
    say(refusal)

# %% [markdown]
# ## 7 · Prompts
#
# ### A hard prompt
#
# A language model needs no head.
# Put the review into a text that asks for a word, and compare how probable “good” and “bad” are as its next word: such a text is a *hard prompt*, made of tokens, and nothing is trained.
# Below are the four prompts that section 8 chooses from, on reviews of the test set:

# %%
WORDS = {"negative": " bad", "positive": " good"}
PROMPTS = (
    "A review of a film: {text}\nThe film is",
    "Review: {text}\nIn one word, the film was",
    "{text}\nAll in all, the movie was",
    "Is this review good or bad? {text}\nIt is",
)
asked = shown.texts[:4]
answers = {}
for prompt in PROMPTS:
    by_word = WordClassifier(decoder, decoder_tokenizer, WORDS, prompt=prompt, limit=128)
    answers[prompt] = predict_logits(by_word, asked).softmax(dim=1)[:, 1].tolist()
table(
    (
        {"review": text, "label": label}
        | {f"prompt {i}": answers[prompt][number] for i, prompt in enumerate(PROMPTS, start=1)}
        for number, (text, label) in enumerate(zip(asked, shown.labels, strict=False))
    ),
    formats={f"prompt {i}": ".0%" for i in range(1, len(PROMPTS) + 1)},
)

# %% [markdown]
# A column is the probability of “good” where only the two words are compared.
# Model and reviews are the same in every column, so what changes along a row is due to the wording alone.
#
# ### A soft prompt
#
# A token enters the model as a vector.
# *Prompt tuning* (Lester, Al-Rfou and Constant 2021) needs no tokens for its prompt and trains the vectors themselves: `length` of them in front of the text, a *soft prompt*, and nothing else in the model.
# They begin as the vectors of tokens drawn from the vocabulary, and after the training they need not be those of any token.

# %%
prompted = classifier()
freeze(prompted)
soft = attach(prompted, peft.PromptTuning(length=16), torch.Generator().manual_seed(0))
with torch.no_grad():
    batch = prompted.inputs(shown.texts[:1])
    states = prompted.body(batch.ids, batch.attention_mask)
say(f"trained numbers of {soft.method.length} vectors:", f"{count(soft):,}")
say("tokens of the text:", batch.ids.shape[1], "· states that come out:", states.shape[1])
soft.off()

# %% [markdown]
# The prompt takes up the first positions: the text begins after them, and fewer of its tokens fit into the model.
# What comes out at the prompt's own positions is dropped, so nothing else in the program has to know of the prompt.
#
# ### A prefix
#
# *Prefix tuning* (Li and Liang 2021) does not stop at the embeddings.
# It trains keys and values for each layer, as if another text had been read before ours and had left them in the cache (lesson 07).
# Li and Liang compute these from a small network while they are trained, and keep only its results (section 4.3); here they are trained as they are.
# Only the text has queries, so the mask has more columns than rows.


# %% tags=["exercise"]
def prefix_mask(real: "Tensor", n_prefix: int, causal: bool) -> "Tensor":
    """Which keys each token of a text may see when a prefix of keys is in front of the text.

    real: (batch, position), True at a token and False at padding, wherever that is. The answer:
    (batch, query, key), True where a query may look. The queries are the positions of the text;
    the keys are the n_prefix of the prefix, then those of the text. The prefix is visible to all
    queries. Of the text, padding is hidden, and if `causal` what comes after the query as well.
    Queries at padding are treated like the others: nothing reads what they compute.

    >>> import torch
    >>> prefix_mask(torch.tensor([[True, True]]), n_prefix=1, causal=True).tolist()
    [[[True, True, False], [True, True, True]]]
    """
    ...


check("peft.prefix_mask", prefix_mask)

# %% [markdown]
# Attention with your mask, beside the course's prefix on a layer of SmolLM2, for two texts, one of which has padding on the left.
# SmolLM2 has fewer heads of keys and values than of queries (grouped-query attention, lesson 07), and so has the prefix:

# %%
your_mask = yours("peft.prefix_mask", prefix_mask)
prefixed = attach(decoder, peft.PrefixTuning(length=3), torch.Generator().manual_seed(0))
part = prefixed.parts["blocks.0.attention.attention"]
generator = torch.Generator().manual_seed(1)
queries = torch.randn(2, 9, 5, 64, generator=generator)
keys, values = torch.randn(2, 2, 3, 5, 64, generator=generator)
real = torch.tensor([[False, False, True, True, True], [True] * 5])
with torch.no_grad():
    by_prefix = part(queries, keys, values, real[:, None, None], causal=True)
    in_front = [each.expand(2, -1, -1, -1) for each in part.prefix()]
    all_keys, all_values = (
        torch.cat(pair, dim=2) for pair in zip(in_front, (keys, values), strict=True)
    )
    by_mask = F.scaled_dot_product_attention(
        queries, all_keys, all_values, your_mask(real, 3, True)[:, None], enable_gqa=True
    )
prefixed.off()
say("largest difference:", f"{(by_prefix - by_mask).abs().max().item():.1e}")

# %%
ask("peft.prefix_keys")

# %% [markdown]
# ### LLaMA-Adapter
#
# A random prefix takes a share of every softmax, so it disturbs the model before anything has been trained.
# *LLaMA-Adapter* (R. Zhang et al. 2023) also trains vectors for each layer, and the layer's own frozen matrices make keys and values of them.
# But attention to these is computed apart, with a softmax of its own; the result is multiplied by a gate and added to the attention to the text.
# The gate begins at 0, so the model is at first exactly what it was.
# In the paper the gate is the tanh of a trained number, one for each head; the library `peft` has one number for each layer and no tanh, here `LLaMAAdapter(gate="scalar")`.
# How far does each method move a model before its first step?

# %%
with torch.no_grad():
    ids = torch.tensor([decoder_tokenizer.encode("A review of a film:")])
    plain = decoder(ids)
    first_change = {}
    for name in ("prompt tuning", "prefix tuning", "LLaMA-Adapter", "LoRA"):
        put_on = attach(decoder, METHODS[name], torch.Generator().manual_seed(0))
        first_change[name] = (decoder(ids) - plain).abs().max().item()
        put_on.off()
table(
    {"method": name, "largest change of a logit before training": change}
    for name, change in first_change.items()
)

# %% [markdown]
# ## 8 · A fair comparison
#
# The notes list three steps: choose a pretrained model, record its score, and correct what is unfair in the comparison.
# They also say that PEFT helps to get a score without further training; of the methods here the hard prompt alone needs none.
# What would be unfair?
# A learning rate that suits one method and not the other, more training, other data, or a test set that was looked at.
# So a script trained every way for the same number of steps, for each seed on the same labels and from the same first head, with several seeds.
# Each way had its own search for a learning rate, on validation alone, which went on until the best rate was neither the lowest nor the highest that was tried.
# A rate was tried in one training, so two neighboring rates may really be in the other order.
# The number of steps is the same for all, and small: a method that learns slowly is behind here, and with more steps may catch up.
# Prefix tuning is in its plain form, whose numbers are random at first and trained as they are; its authors compute them by a small network during training, and with little data begin with the keys and values of real words (Li and Liang 2021, sections 4.3 and 7.4).

# %%
WAYS = {
    "head alone": "head",
    "BitFit": "bitfit",
    "prompt tuning": "prompt",
    "prefix tuning": "prefix",
    "LLaMA-Adapter": "llama-adapter",
    "LoRA": "lora",
    "DoRA": "dora",
    "AdaLoRA": "adalora",
    "adapters (Pfeiffer)": "pfeiffer",
    "adapters (Houlsby)": "houlsby",
    "everything": "full",
}
one_run = trained.record_of("peft_methods", "lora")
say(
    f"labels: {one_run['labels']:,}; steps: {one_run['steps']}; "
    f"reviews in a step: {one_run['batch_size']}"
)

# %%
table(
    {
        "trained": way,
        "learning rates that were tried": ", ".join(
            f"{rate:g}" for rate in sorted({row["learning_rate"] for row in rows})
        ),
        "best": f"{trained.best_row(rows, key)['learning_rate']:g}",
        "its validation error": trained.best_row(rows, key)["validation_error"],
    }
    for way, key in WAYS.items()
    for rows in [[row for row in trained.search("peft_methods") if row["model"] == key]]
)

# %% [markdown]
# The best rates are far apart: compare a soft prompt's with that of full fine-tuning.
# With one rate for both, at least one of them would be trained far from its best rate.
#
# The next table has the score of each way, and what it costs.
# The time of a step is a multiple of that of full fine-tuning on the same batch, with all methods in turns.
# The memory is the peak of a training in a process of its own, minus what the process took before it had a model; the file has half precision.
# AdaLoRA's numbers are those that it begins with, before any rank is given up.
# The first row was not trained by these rules: its logistic regression runs until it converges, the strength of its regularization is chosen on validation, and it has more seeds.

# %%
accuracy = trained.by_model("peft_methods", "test", "accuracy")
frozen = trained.by_model("fine_tuning", "test", "accuracy")["frozen-1024"]
costs = trained.record_of("peft_costs", "minilm")["methods"]
table(
    [{"trained": "logistic regression (lesson 10)", "accuracy": frozen}]
    + [
        {
            "trained": way,
            "numbers, without the head": costs[key]["trained_parameters"],
            "accuracy": accuracy[key],
            "time of a step, ×": costs[key]["times_full"],
            "peak memory, MB": (costs[key]["peak_bytes"] - costs[key]["process_bytes"]) / 1e6,
            "file, MB": costs[key]["file_bytes"] / 1e6,
        }
        for way, key in WAYS.items()
    ],
    formats={"time of a step, ×": ".2f", "peak memory, MB": ".0f", "file, MB": ".2f"},
)

# %% [markdown]
# Before you compare two rows, look at the differences on the same reviews and seeds: the error rate of each way minus that of full fine-tuning and minus that of the head alone, in points.
# The intervals cover other movies and other seeds; each seed has its own labels, first weights and order.
# They are 95 % intervals, one by one: among so many, one or another will miss.


# %%
def counts(key, experiment="peft_methods"):
    """Errors on the test reviews, for each seed and movie; SmolLM2 has read a sample of them."""
    found = trained.items(experiment, key, "test")
    return found.grouped(draw(test_movies, found.n_items), "movies")


def more_errors(key, other="full", experiment="peft_methods"):
    """The error rate of one way minus that of another; what has no seed is the same beside each."""
    runs = [counts(each, experiment) for each in (key, other)]
    n = max(each.n_seeds for each in runs)
    paired = (
        RunCounts(
            *(
                np.broadcast_to(counted, (n, each.n_items))
                for counted in (each.errors, each.symbols)
            ),
            each.items,
        )
        for each in runs
    )
    return difference_of_rates(*paired, same_runs=True)


# %%
table(
    {
        "trained": way,
        "errors, minus those of everything": None if key == "full" else more_errors(key),
        "minus those of the head alone": None if key == "head" else more_errors(key, "head"),
    }
    for way, key in WAYS.items()
)

# %%
figures.frontier(
    [way for way, key in WAYS.items() if key != "head"],
    [
        trained.record_of("peft_methods", key)["trained_parameters"]
        for key in WAYS.values()
        if key != "head"
    ],
    [accuracy[key].mean for key in WAYS.values() if key != "head"],
    title="Trained numbers and accuracy, at a fixed number of steps",
    xlabel="trained numbers below the head",
    ylabel="accuracy on the test set",
    percent=True,
    log_x=True,
)

# %% [markdown]
# A point is a mean over seeds without its interval: whether one method is really above another is a question for the table before the picture.
# Nor does the picture say what more trained numbers would do for one method, since the methods differ in more than their number.
#
# For comparison: with DeBERTaV3-base on GLUE's development sets, others report an average of 88.25 for full fine-tuning, 88.28 for Houlsby's and 88.41 for Pfeiffer's adapters, 88.50 for LoRA of rank 8, 89.46 for AdaLoRA and 86.20 for BitFit (collected in Bini et al. 2024, “ETHER”, table 4, where the methods' results are quoted from earlier work).
# That is a larger model with all labels of eight tasks, and the table gives no intervals.
#
# ### The notes' claims
#
# “Close to full fine-tuning” needs a number before anybody can test it: here it is at most two points more errors.
# Seeds that draw labels of their own differ by about as much, so an interval can have two points inside: then these runs cannot tell, which is not to say that the two ways are alike.
# The first card tests two things together, a low rank and a change of query and value alone; where LoRA falls short, it does not say which of them is the reason.

# %%
claim(
    "peft.low_rank",
    "A change of low rank is enough: LoRA of rank 8 makes at most two points more errors than full fine-tuning.",
    said_by="Hu et al. 2022, of larger models; rank and points are this lesson's",
    findings=[Finding("error rate, LoRA minus everything", more_errors("lora"), "below", 0.02)],
)

# %%
claim(
    "peft.adapters",
    "Adapters come close to full fine-tuning: at most two points more errors.",
    said_by="the notes, after Houlsby et al. 2019: within 0.4 % on GLUE; two points are this lesson's",
    findings=[
        Finding(f"error rate, {name} minus everything", more_errors(key), "below", 0.02)
        for name, key in WAYS.items()
        if name.startswith("adapters")
    ],
)

# %%
claim(
    "peft.bitfit",
    "BitFit comes close to full fine-tuning: at most two points more errors.",
    said_by="the notes, after Ben Zaken et al. 2022; two points are this lesson's",
    findings=[
        Finding("error rate, BitFit minus everything", more_errors("bitfit"), "below", 0.02)
    ],
)

# %%
claim(
    "peft.methods",
    "Each method makes fewer errors than the head alone.",
    said_by="this lesson",
    findings=[
        Finding(
            f"error rate, {way} minus the head alone", more_errors(key, "head"), "below", 0.0
        )
        for way, key in WAYS.items()
        if key not in ("head", "full")
    ],
)

# %% [markdown]
# AdaLoRA has LoRA's average rank only in the end; before that it has more rank, and trains more numbers.
# On the other hand the paper adapts the matrices of the feed-forward layer, too (Q. Zhang et al. 2023, section 3.2), so there is more to choose from, while here it chooses among queries and values, within few steps.

# %%
claim(
    "peft.adalora",
    "AdaLoRA makes fewer errors than LoRA of the rank that it has on average in the end.",
    said_by="Q. Zhang et al. 2023, of other models, tasks and matrices",
    findings=[
        Finding("error rate, AdaLoRA minus LoRA", more_errors("adalora", "lora"), "below", 0.0)
    ],
)

# %% [markdown]
# ### Which matrices?
#
# The notes say that it is most efficient to adapt the query and value matrices alone.
# What is efficient can only be compared at an equal budget: the runs below all train the same number of weights, in one kind of matrix with rank 16, in two with 8, or in all four of attention with 4, each with its own search.
# Other pairs were not tried.

# %%
TARGETS = {
    "query and value": "lora",
    "query": "query",
    "key": "key",
    "value": "value",
    "output": "output",
    "all four": "all-four",
}
table(
    {
        "LoRA on": name,
        "trained numbers": trained.record_of("peft_methods", key)["trained_parameters"],
        "accuracy": accuracy[key],
        "errors, minus those of query and value": None
        if key == "lora"
        else more_errors(key, "lora"),
    }
    for name, key in TARGETS.items()
)

# %%
claim(
    "peft.query_and_value",
    "With equal budgets, LoRA on query and value makes fewer errors than on any matrix of attention alone, and than on all four.",
    said_by="the notes: “Query matrix, value Matrix만 사용하는 것이 가장 효율적”",
    findings=[
        Finding(
            f"error rate, query and value minus {name}", more_errors("lora", key), "below", 0.0
        )
        for name, key in TARGETS.items()
        if key != "lora"
    ],
)

# %% [markdown]
# LoRA's own table (Hu et al. 2022, table 5) has, for GPT-3 on WikiSQL, 73.7 for query and value, 73.7 for all four, 73.2 for the output matrix and 73.0 for the value matrix, each alone, with ±0.5 beside them; for query or key alone it has 70.4 and 70.0.
# On MultiNLI it has 91.3 for query and value and 91.7 for all four, with ±0.1.
# So that table does not single out query and value; on WikiSQL it does say that query or key alone is worse.
#
# ### A decoder
#
# On SmolLM2 there is no head: every way has the best of the four hard prompts of section 7, which was chosen on validation, and is trained to answer with the right word.
# A step of this larger model takes much longer, so there are fewer labels and steps, and fewer reviews to choose a rate and to test by.
# The intervals cover seeds and test movies, but not that prompt and rates were chosen on so few reviews, which cannot tell many of them apart.
# The hard prompt is chosen, never trained, so every other row has also seen more labels.
# Labels can help without any trained vector, for example by moving the threshold between the two words; that was not tried.

# %%
ON_SMOLLM2 = {
    "hard prompt, nothing trained": "smollm2-hard",
    "prompt tuning": "smollm2-prompt",
    "prefix tuning": "smollm2-prefix",
    "LLaMA-Adapter": "smollm2-llama-adapter",
    "LoRA": "smollm2-lora",
    "AdaLoRA": "smollm2-adalora",
}
asked_run = trained.record_of("peft_methods", "smollm2-lora")
n_asked = trained.items("peft_methods", "smollm2-lora", "test").n_items
say(f"labels: {asked_run['labels']}; steps: {asked_run['steps']}; test reviews: {n_asked}")
say("the best prompt:", repr(asked_run["prompt"]))
table(
    {
        "trained": way,
        "trained numbers": trained.record_of("peft_methods", key)["trained_parameters"],
        "accuracy": accuracy[key],
        "errors, minus those of the hard prompt": None
        if key == "smollm2-hard"
        else more_errors(key, "smollm2-hard"),
    }
    for way, key in ON_SMOLLM2.items()
)

# %% [markdown]
# A mean with a wide spread hides how its seeds differ:

# %%
by_seed = ", ".join(f"{value:.1%}" for value in accuracy["smollm2-prompt"].values)
say("prompt tuning, seed by seed:", by_seed)

# %%
claim(
    "peft.soft_prompt",
    "Trained vectors in front of the text make fewer errors than the hard prompt that they are put in front of.",
    said_by="this lesson",
    findings=[
        Finding(
            f"error rate, {way} minus the hard prompt",
            more_errors(key, "smollm2-hard"),
            "below",
            0.0,
        )
        for way, key in ON_SMOLLM2.items()
        if way in ("prompt tuning", "prefix tuning")
    ],
)

# %% [markdown]
# ## 9 · AdapterFusion
#
# Adapters for three tasks are three files.
# Can one task profit from the adapters of the others?
# *AdapterFusion* (Pfeiffer et al. 2021) has two stages: first, adapters are trained for each task alone; then those of all tasks are frozen side by side in the model, and attention over them is trained.
# At each position and in each block, the query is made from what the adapters read, and each adapter's key and value from what it would add.


# %% tags=["exercise"]
def fusion(
    x: "Tensor",
    outputs: "Tensor",
    query: "Tensor",
    key: "Tensor",
    value: "Tensor",
) -> "tuple[Tensor, Tensor]":
    """Mix what several adapters say at each position: attention over the adapters.

    x: (position, d_model), what all adapters read. outputs: (adapter, position, d_model), what each
    of them would add. `query`, `key` and `value` are matrices, (d_model, d_model): at each position
    the query is `query` times x, each adapter's key is `key` times its output, and its value is
    `value` times its output. Scores are dot products, not divided by √d.
    The weights are a softmax over the adapters, for each position alone.
    Returns the mix, (position, d_model), and the weights, (adapter, position).

    >>> import torch
    >>> one, outputs = torch.eye(1), torch.tensor([[[2.0]], [[4.0]]])
    >>> mix, weights = fusion(torch.ones(1, 1), outputs, query=0 * one, key=one, value=2 * one)
    >>> mix.item(), weights[:, 0].tolist()
    (6.0, [0.5, 0.5])
    """
    ...


check("peft.fusion", fusion)

# %%
your_fusion = yours("peft.fusion", fusion)
attention = peft.FusionAttention(384, generator=torch.Generator().manual_seed(0))
outputs = torch.randn(3, 4, 384, generator=torch.Generator().manual_seed(1))
read = torch.randn(4, 384, generator=torch.Generator().manual_seed(2))
with torch.no_grad():
    mix, mixing = your_fusion(
        read, outputs, *(getattr(attention, name).weight for name in ("query", "key", "value"))
    )
    gap = mix - attention(read, outputs.movedim(0, 1))
say("largest difference:", f"{gap.abs().max().item():.1e}")
table(
    (
        {"position": place}
        | {f"adapter {number}": weight for number, weight in enumerate(of_place)}
        for place, of_place in enumerate(mixing.T.tolist())
    ),
    formats={f"adapter {number}": ".0%" for number in range(3)},
)

# %% [markdown]
# The course's query and key also have biases, which are 0 at first.
# The weights differ from position to position; matrices and outputs are random here, so they mean nothing yet.
#
# A script did both stages on MiniLM.
# The sources are Pfeiffer adapters for three tasks: reviews, the names of movies in reviews (a label for each word), and BoolQ, questions with a passage; each was trained on as many texts, and for as many steps, as the methods of section 8.
# What does each of them reach on its own task?

# %%
own = []
for name in ("reviews", "names", "boolq"):
    found = trained.record_of("peft_fusion", name)["tests"]["test"]
    if "confusion" in found:
        of_class = [sum(row) for row in found["confusion"]]
        reached, frequent = found["accuracy"], max(of_class) / sum(of_class)
    else:  # spans of names: who calls no word a name finds none
        reached, frequent = found["f1"]["all"], 0.0
    own.append(
        {
            "adapter": name,
            "measure": "right" if "confusion" in found else "F1 of the names",
            "on its own test": reached,
            "by the most frequent label alone": frequent,
        }
    )
table(own, formats={"on its own test": ".1%", "by the most frequent label alone": ".1%"})

# %% [markdown]
# The adapter for BoolQ is right less often than the most frequent answer: within these steps it has not learned its task.
# So what follows is no test of what an adapter that knows about questions would give.
#
# The second stage is for reviews again, with the same labels and as many steps once more, so more training alone could help, and so could more trained weights.
# Two controls can tell: the single adapter trained on for as many steps, and the fusion of two adapters that both learned reviews.
# The rates of the second stage were searched for on validation, in trainings of half as many steps.
# All runs of it start from the same adapters and have the same labels, so the intervals cover neither another first stage nor other labels.
# And the second control mixes two adapters, not three.
# Pfeiffer et al. report a mean accuracy over 16 tasks of 77.33 with fusion and 76.05 with the task's own adapter, for BERT-base; most of the gain is on tasks with few labels (table 1).

# %%
SECOND_STAGE = {
    "the single adapter, first stage": "reviews",
    "trained on": "continued",
    "fused: reviews, names, BoolQ": "fused",
    "fused: reviews, reviews again": "fused-alone",
}
fusion_accuracy = trained.by_model("peft_fusion", "test", "accuracy")
table(
    {
        "second stage": name,
        "trained numbers": trained.record_of("peft_fusion", key)["trained_parameters"],
        "accuracy": fusion_accuracy[key],
        "errors, minus those of the fusion": None
        if key == "fused"
        else more_errors(key, "fused", "peft_fusion"),
    }
    for name, key in SECOND_STAGE.items()
)

# %%
claim(
    "peft.fusion",
    "AdapterFusion makes fewer errors than the single adapter, than the same adapter trained on, and than a fusion that knows of no other task.",
    said_by="Pfeiffer et al. 2021 of the first; the controls are this lesson's",
    findings=[
        Finding(
            f"error rate, fused minus {name}",
            more_errors("fused", key, "peft_fusion"),
            "below",
            0.0,
        )
        for name, key in SECOND_STAGE.items()
        if key != "fused"
    ],
)

# %% [markdown]
# Where does its attention look?
# The mean weight on each adapter over all tokens of the test reviews, block by block, in the run of seed 0:

# %%
looked = trained.record_of("peft_fusion", "fused")["attention"]["layers"]
table(
    (
        {"block": block} | {name: trained.numbers(line)[block] for name, line in looked.items()}
        for block in range(len(before.blocks))
    ),
    formats=dict.fromkeys(looked, ".0%"),
)

# %% [markdown]
# A weight says how much of an adapter's value is in the mix, not whether the mix needs it: for that the adapter would have to be taken out.
# The sources are stored; the attention is not, since it has more numbers than all of them together.
# So it is trained here, for few steps, and its weights may owe more to its random start than to what it has learned.
# Its value matrices begin as the identity, which mixes the adapters' changes as they are, and a penalty in the loss, `fusion_penalty`, keeps them near it.
# Then look at a sentence of your own.

# %%
shared_body = load("minilm")
shared_body[0].requires_grad_(False)
sources = []
for name, kind, labels in (
    ("reviews", SentenceClassifier, CLASSES),
    ("names", TokenClassifier, NAME_LABELS),
    ("boolq", SentenceClassifier, CLASSES),
):
    source_model = kind(*shared_body, labels, limit=128)
    sources.append(trained.load_method(f"peft_fusion/{name}", source_model))
    sources[-1].off()
fused = fuse(sources[0].model, sources, generator=torch.Generator().manual_seed(0))
fusion_rate = trained.best_row(trained.search("peft_fusion"), "fused")["learning_rate"]
live = fine_tune(
    fused.model,
    some.only(draw(range(len(some)), 128)),
    Recipe(learning_rate=fusion_rate, epochs=1, batch_size=16),
    penalty=lambda: fusion_penalty(fused.model),
)
say("steps:", len(live.losses))

# %%
fusion_view = FusionExplorer(
    fused, ("reviews", "names", "BoolQ"), "Few films are as tender and as funny as Amélie."
)
fusion_view

# %% [markdown]
# ## 10 · One base, many tasks
#
# ### What has to be saved
#
# A file needs the trained tensors of the method, its settings such as rank and targets, and one thing more.

# %%
ask("peft.lost_head")

# %%
folder = Path(tempfile.mkdtemp())
peft.save(lora_on, folder / "reviews.safetensors")
fresh = classifier()
fresh_on = peft.load(folder / "reviews.safetensors", fresh)
lora_on.on()
gap = predict_logits(fresh, shown.texts[:20]) - predict_logits(model, shown.texts[:20])
say("logits of the loaded method differ by at most", f"{gap.abs().max().item():.1e}")
say(
    "file:",
    f"{(folder / 'reviews.safetensors').stat().st_size / 1e6:.2f} MB;",
    "the whole model:",
    f"{sum(weight.numel() * 4 for weight in model.parameters()) / 1e6:.0f} MB",
)

# %% [markdown]
# And without the head?
# Here are a hundred random heads on the vectors of the trained LoRA:

# %%
vectors = features(model, shown.texts)
truth = torch.tensor([CLASSES.index(label) for label in shown.labels])
generator = torch.Generator().manual_seed(0)
by_random_head = []
for _head in range(100):
    head = torch.randn(2, 384, generator=generator)
    by_random_head.append(((vectors @ head.T).argmax(dim=1) == truth).float().mean().item())
with torch.no_grad():
    by_trained_head = (model.head(vectors).argmax(dim=1) == truth).float().mean().item()
table(
    [
        {"head": "the trained one", "right": by_trained_head},
        {"head": "a random one, mean of 100", "right": np.mean(by_random_head).item()},
        {"head": "the worst of them", "right": min(by_random_head)},
        {"head": "the best of them", "right": max(by_random_head)},
    ],
    formats={"right": ".1%"},
)

# %% [markdown]
# ### Switch
#
# One MiniLM and all trained methods are in memory, each loaded from its file.
# `Switch` puts one of them on, with its head, and takes the others off.
# Are the stored methods those that were measured?
# Each of them reads some test reviews again, and its errors are compared with those in the record:

# %%
STORED = {way: key for way, key in WAYS.items() if key not in ("head", "full")}
one_base = load("minilm")
on_one_base = {}
for way, key in STORED.items():
    on_one_base[way] = trained.load_method(
        f"peft_methods/{key}", SentenceClassifier(*one_base, CLASSES, limit=128)
    )
    on_one_base[way].off()
switch = peft.Switch(on_one_base)

# %%
again = places_shown[: SHOWN // 4]
texts_again = [reviews.test.texts[place] for place in again]
truth_again = torch.tensor([CLASSES.index(reviews.test.labels[place]) for place in again])
switched = []
for way, key in STORED.items():
    wrong = predict_logits(switch.to(way), texts_again).argmax(dim=1) != truth_again
    recorded = trained.record_of("peft_methods", key)["tests"]["test"]["items"]["errors"]
    same = [trained.numbers(recorded)[place] for place in again] == wrong.int().tolist()
    switched.append({"method": way, "errors": wrong.sum().item(), "as in the record": same})
switch.to(None)
table(switched)

# %% [markdown]
# Now your own sentence, through all of them.
# The first row has the head alone; the last one is a model of its own, that of lesson 10, whose two upper blocks were trained with all labels.

# %%
head_alone = SentenceClassifier(*one_base, CLASSES, limit=128)
head_alone.head.load_state_dict(trained.load("peft_methods/head").head.state_dict())
answers_of = MethodSwitch(
    {"the head alone": head_alone}
    | on_one_base
    | {"two blocks, all labels": trained.load("fine_tuning/upper-all")},
    "It is not as bad as I feared, and not as good as I hoped.",
)
answers_of

# %% [markdown]
# ### Serve
#
# Many users, one machine: how much memory do N fine-tuned models take, and how much N LoRAs on one base?
# Each point was measured in a process of its own, and full copies only as long as they fit into the memory set aside for them:

# %%
serving = trained.record_of("peft_costs", "minilm")["serving"]
users = sorted(map(int, serving["adapters_bytes"]))
figures.curves(
    users,
    {
        name: [serving[key].get(str(n), float("nan")) / 1e9 for n in users]
        for name, key in {
            "a copy of MiniLM for each": "copies_bytes",
            "one MiniLM, a LoRA for each": "adapters_bytes",
        }.items()
    },
    title="Memory for N users",
    xlabel="users",
    ylabel="resident memory, GB",
)

# %%
took = serving["seconds"]
table(
    (
        {"what": what, "milliseconds": 1000 * took[key]}
        for what, key in {
            "put another adapter on, both in memory": "switch",
            "the first prediction after it, which merges": "first_prediction",
            "the next prediction": "next_prediction",
            "load an adapter from a file": "load_adapter",
            "load all weights from a file": "load_full",
        }.items()
    ),
    formats={"milliseconds": ".2f"},
)

# %% [markdown]
# The files had just been read, so no disk is in these times.
# A switch serves one user after another.
# To answer several users in one batch takes more, since a merged matrix is the same for the whole batch; that was not built here.

# %% [markdown]
# ## What to remember
#
# - PEFT freezes the model and trains something small: a low-rank change of matrices, a bottleneck between layers, biases, or vectors that attention can see.
#   The base model keeps its bits, so one base serves many tasks.
# - LoRA's branch can be merged into its matrix, and then a prediction computes no more than before; adapters and prefixes cannot be merged.
# - A fair comparison has the same labels and the same number of steps for each method, and a search for each one's learning rate: the best rates are far apart.
#   What it finds holds for so many labels and steps; where an interval has the bound inside, it has found nothing yet.
# - Fewer trained numbers save memory for gradients and optimizer; the time of a step falls less, and a soft prompt, which makes each text longer, can even raise it: the whole model is still computed.
# - Save the head with the method.
#
# **Read on**: Hu et al. 2022, *LoRA: Low-Rank Adaptation of Large Language Models*; Houlsby et al. 2019, *Parameter-Efficient Transfer Learning for NLP*; Lester, Al-Rfou and Constant 2021, *The Power of Scale for Parameter-Efficient Prompt Tuning*; Li and Liang 2021, *Prefix-Tuning: Optimizing Continuous Prompts for Generation*; Q. Zhang et al. 2023, *AdaLoRA: Adaptive Budget Allocation for Parameter-Efficient Fine-Tuning*; R. Zhang et al. 2023, *LLaMA-Adapter: Efficient Fine-tuning of Language Models with Zero-init Attention*; Ben Zaken, Goldberg and Ravfogel 2022, *BitFit: Simple Parameter-efficient Fine-tuning for Transformer-based Masked Language-models*; Pfeiffer et al. 2021, *AdapterFusion: Non-Destructive Task Composition for Transfer Learning*.
# In the code: `course/peft/attaching.py`, `course/peft/lora.py`, `course/peft/rank_allocator.py`, `course/peft/prefix.py`.
#
# **Next**: lesson 12, *Prompting and in-context learning*.

# %%
progress.table()
