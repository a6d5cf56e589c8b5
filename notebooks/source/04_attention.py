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
# # 04 · Attention
#
# The decoder of lesson 03 gets one vector and must live on it.
# This lesson lets it look back at the whole input, each time it writes a symbol.
# After it you can
#
# - compute attention for one query by hand, in four steps, and say what query, keys and values are;
# - read an alignment heatmap, and tell what it does not say;
# - choose between four score functions, with numbers, and say where attention helps and where it does not.
#
# **Time**: 80 minutes; the cells run in under a minute on two processor cores.
# **Before this**: lesson 03.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import random
from collections import Counter

import numpy as np
import torch

import course
from course import trained
from course.evaluation import Spread
from course.exercises import check, hint, progress, solution
from course.interpretability.alignment import (
    attention_steps,
    greedy_output_ids,
    input_gradients,
    prediction_changes_when_hidden,
)
from course.layers.attention import record_attention
from course.seq2seq import SCORES, Seq2Seq
from course.seq2seq.model import RecurrentDecoder
from course.tasks import (
    date_task,
    error_rate,
    error_rate_standard_error,
    evaluate,
    exact_match,
    pronunciation_task,
)
from course.viz import AlignmentExplorer, AttentionSteps, figures, use_course_style
from course.viz.figures.error_by_length import error_by_length
from course.viz.show import say, source, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 10: ten times as many words and dates are judged live.
N_JUDGED = 300 * BUDGET
N_HIDDEN = 100 * BUDGET  # in each of three groups
LENGTH = 14  # letters of the words in which gradients are measured

# %% [markdown]
# ## 1 · One vector is not enough
#
# The LSTM encoder–decoder of lesson 03 reads a word letter by letter and hands its last state to the decoder, which writes the sounds.
# That state has the same size for *cat* and for *internationalization*.
# Here is what happens to long words.
# Both this model and the ones below were trained by a script with a bigger budget than a lesson's, with several seeds; the file of each result names its command.

# %%
results = trained.results("pronunciation")
lengths = [range(n, n + 1) for n in range(4, 13)] + [range(13, 15), range(15, 40)]
letters = np.array([4, 5, 6, 7, 8, 9, 10, 11, 12, 13.5, 16])  # the middle of each group
plain = trained.curve(results, "lstm", lengths)
say("trained by:", trained.record_of("pronunciation", "lstm")["command"])
say("seeds:", len(plain))
counts = trained.by_length(trained.record_of("pronunciation", "lstm"), lengths)
behind = {"words": [group["examples"] for group in counts], "ylim": (0, 0.18)}
error_by_length(letters, {"LSTM": plain}, title="Long words break the fixed vector", **behind)

# %% [markdown]
# The line is the mean over the seeds that are counted above the figure, and the band one standard deviation.
# Up to some length the rate stays where it is; then it rises, and the longest words are the worst by far.
# All that the decoder knows of the word went through one vector: this is the *bottleneck*.
#
# The encoder did compute a state for every letter.
# We threw all of them away but the last.
# *Attention* keeps them: each time the decoder writes a symbol, it looks at the whole input again, at every encoder state, but not at all of them equally.
# It looks more at those that matter for the symbol it is about to write.
# Bahdanau, Cho and Bengio brought this to translation in 2015. The Transformer of lesson 06 is made of it.
#
# The notes give a second reason besides the bottleneck: the *vanishing gradient*.
# On its way back from an output to an early input, what the loss has to say becomes fainter with each step, with LSTM and GRU too.
# Section 7 measures it.
#
# ## 2 · A dictionary that answers softly
#
# An ordinary dictionary compares what you look up with its keys, finds the one that is equal, and returns its value.
# The notes write attention as such a dictionary,
#
# $$\text{Attention}(Q, K, V) = \text{attention value},$$
#
# but it is a *soft* one.
# The *query* is compared with every *key* and matches each to some degree.
# The answer is a mix of all *values*, more of those whose keys match better.
# Below are three keys with a value each, and four queries: one that matches the first key strongly, one that matches two alike, one that matches the first weakly, and one that matches none.

# %%
keys = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
values = torch.tensor([10.0, 20.0, 30.0])
answers = []
for query in torch.tensor([[8.0, 0.0], [3.0, 3.0], [1.0, 0.0], [0.0, 0.0]]):
    match = (keys @ query).softmax(dim=0)
    shares = {f"weight of {v:.0f}": f"{w:.2f}" for v, w in zip(values, match, strict=True)}
    answers.append({"query": query.tolist()} | shares | {"answer": f"{match @ values:.1f}"})
table(answers)

# %% [markdown]
# A long query that points at one key gets that key's value, as from an ordinary dictionary.
# One between two keys gets the mean of both.
# A short one says less clearly what it wants and gets more of a mix; one that says nothing gets the mean of all.
#
# In the encoder–decoder, the query is the decoder's state at the step $t$, when it is about to write its next symbol.
# The keys are the encoder's states, one for each letter.
# The values are the encoder's states again.
#
# ## 3 · Four steps, with real numbers
#
# The model below has attention by dot product, and about as many weights as the LSTM above.
# Choose a word, and which of its sounds to look at.

# %%
word = "through"
position = 0  # of the sound: 0 is the first

words = pronunciation_task()
model = trained.load("pronunciation/lstm-attention")
sounds, source_ids, read_ids = greedy_output_ids(model, words, word)
steps = attention_steps(model, source_ids, read_ids)
d_hidden = steps.query.shape[-1]
say(word, "→", " ".join(sounds), f"({d_hidden} numbers in each state)")

# %% [markdown]
# **Step 1, scores.**
# How well does the decoder's state $s_t$ match each encoder state $h_i$?
# Here, by their *dot product*: multiply the two number by number, and add up.
# The result is the *attention score* of the letter.
#
# > $e_i = s_t \cdot h_i$ &nbsp; → &nbsp; `scores = query @ key.mT`
#
# **Step 2, softmax.**
# Softmax turns the scores into *attention weights*: all positive, with the sum 1. In the example of the notes four words get 0.1, 0.4, 0.1 and 0.4.
#
# > $a_i = \exp(e_i) / \sum_j \exp(e_j)$ &nbsp; → &nbsp; `weights = scores.softmax(dim=-1)`
#
# **Step 3, weighted sum.**
# Multiply each encoder state by its weight, and add them up.
# This is the attention value.
# The notes and the papers also call it the context vector, since it holds what the decoder needs of the input; but unlike the one of lesson 03 it is a new one at each step.
#
# > $c_t = \sum_i a_i h_i$ &nbsp; → &nbsp; `context = weights @ value`
#
# The table shows these three steps for the sound chosen above.
# The last columns are the first three of the many numbers of weight × state; their sums are in the last row.

# %%
scores, weights = steps.scores[0, position], steps.weights[0, position]
weighted = weights[:, None] * steps.memory[0]
shown = torch.cat((weights[:, None], weighted[:, :3]), dim=1)
shown = torch.cat((shown, shown.sum(dim=0, keepdim=True)))  # the sums in the last row
say("the sound:", [*sounds, "(end)"][position])
symbols = [*words.symbols_from(word), "sum"]
columns = ("weight", "number 1", "number 2", "number 3")
table(
    {"letter": letter, "score": score and f"{score:.2f}"} | dict(zip(columns, row, strict=True))
    for letter, score, row in zip(symbols, [*scores, None], shown, strict=True)
)

# %% [markdown]
# **Step 4, concatenation.**
# Put the context and the decoder's state one behind the other.
# The output layer reads the result, through one more layer:
#
# > $\tilde{s}_t = \tanh(W_c\,[c_t; s_t])$ &nbsp; → &nbsp; `self.combine(torch.cat((context, hidden), dim=-1)).tanh()`
#
# The whole of it is five lines in the decoder of lesson 03:

# %%
source(SCORES["dot"], RecurrentDecoder.forward)

# %%
joined = torch.cat((steps.context, steps.query), dim=-1)
combined = model.decoder.combine(joined).tanh()
own_logits = model(source_ids, read_ids)
equal = torch.allclose(model.decoder.output(combined), own_logits, atol=1e-5)
say(tuple(joined.shape[1:]), "→", tuple(combined.shape[1:]), "(positions, numbers)")
say("as the model does it:", equal)

# %% [markdown]
# > **What the notes say / what the papers say.**
# > The notes take the decoder's state *at* step $t$ as the query, after it has read the last symbol, and join the attention value to it.
# > So do Luong, Pham and Manning (2015, section 3), and so does our decoder.
# > In Bahdanau, Cho and Bengio (2015, section 3.1) the query is the state *before*, $s_{t-1}$, and the context goes into the cell that computes $s_t$.
# > The notes also say that the attention value is *added to the inputs* of step $t$, beside the last state and the last symbol.
# > That is Bahdanau's way, or what Luong calls input feeding (section 3.3); with the state at $t$ as the query it comes too late for that step.
# > The notes' fourth step ends with the joined vector; the layer with $\tanh$ that reads it is Luong's equation 5.
#
# Now you.
# First the scores, for one query:


# %% tags=["exercise"]
def dot_scores(query, keys):
    """How well a query matches each key: their dot product.

    query: tensor (d,). keys: tensor (n, d). Returns a tensor (n,), one score for each key.

    >>> import torch
    >>> dot_scores(torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 0.0], [0.0, -1.0], [1.0, 1.0]]))
    tensor([ 3., -2.,  3.])
    """
    ...


check("attention.dot_scores", dot_scores)

# %% [markdown]
# Next the weights, for several queries at once: one row for each.
# Scores can be large, and the exponential of a large number is too large for a computer; the docstring asks for that case too.


# %% tags=["exercise"]
def attention_weights(scores):
    """The weights of several queries: softmax of each query's scores.

    scores: tensor (queries, keys), of any size, 1000 too. Returns a tensor of the same shape; every
    query's weights are above or equal to 0 and sum to 1.

    >>> import torch
    >>> attention_weights(torch.tensor([[0.0, 0.0], [1000.0, 0.0]]))
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    ...


check("attention.attention_weights", attention_weights)


# %% tags=["exercise"]
def weighted_sum(weights, values):
    """What a query takes home: the values, each as much as its weight says, added up.

    weights: tensor (n,), which sums to 1. values: tensor (n, d). Returns a tensor (d,).

    >>> import torch
    >>> values = torch.tensor([[2.0, 0.0], [4.0, 2.0], [9.0, 9.0]])
    >>> weighted_sum(torch.tensor([0.5, 0.5, 0.0]), values)
    tensor([3., 1.])
    """
    ...


check("attention.weighted_sum", weighted_sum)

# %% [markdown]
# And all four steps for one query, so that the keys and the values need not be the same:


# %% tags=["exercise"]
def attend(query, keys, values, combine):
    """All four steps for one query: scores, softmax, weighted sum, and what the output layer reads.

    The scores are dot products. `combine` is W_c of the last step, which reads the context first.

    query: tensor (d,). keys: (n, d). values: (n, d_value). combine: (d_out, d_value + d).
    Returns a tensor (d_out,).

    >>> import torch
    >>> query, keys = torch.tensor([0.0]), torch.tensor([[1.0], [2.0]])
    >>> attend(query, keys, torch.tensor([[4.0], [-4.0]]), torch.tensor([[1.0, 1.0]]))
    tensor([0.])
    """
    ...


check("attention.attend", attend)

# %% [markdown]
# Words in a batch have different lengths, and the short ones are filled up with padding.
# No query may look there.
# Where does one say so: before softmax, or after it?


# %% tags=["exercise"]
def masked_weights(scores, visible):
    """The weights when some keys are hidden: 0 there, and the others sum to 1.

    scores: tensor (queries, keys). visible: bools of the same shape, True where a query may look;
    each may look at one key at least. Returns a tensor (queries, keys).

    >>> import torch
    >>> masked_weights(torch.zeros(1, 3), torch.tensor([[True, True, False]]))
    tensor([[0.5000, 0.5000, 0.0000]])
    """
    ...


check("attention.masked_weights", masked_weights)

# %% [markdown]
# Here are the steps on a word of your own.
# Move to another output symbol, and multiply the scores: at 0 all letters weigh the same, and above 1 softmax comes closer to an ordinary dictionary, which takes the best key and nothing else.
# The last bars tell whether the model would still write the same sound.

# %%
calculator = AttentionSteps(model, words, text="nightmare", position=2)
calculator

# %% [markdown]
# ## 4 · Where it looks
#
# The weights of all output symbols, one row for each, are the *alignment*: which input belongs to which output.
# Nobody told the model; it was trained on words and their sounds alone.
# `record_attention` watches the model at work and keeps the weights that it really used; each row sums to 1. The numbers in the cells are whole percent.

# %%
looked_up = "nightmare"

heard, *ids = greedy_output_ids(model, words, looked_up)
with record_attention(model) as maps:
    model(*ids)
figures.attention_heatmap(
    maps[0][0, 0].detach().cpu().numpy(),  # the first layer, the first word, the first head
    [*heard, "(end)"],
    words.symbols_from(looked_up),
    title="Sounds follow letters, from left to right",
    xlabel="letters",
    ylabel="sounds",
    numbers=True,
)

# %% [markdown]
# Sounds and letters run in the same order, so the dark cells run down from the left to the right.
# Look at where exactly they lie.
# Mostly it is at the letter that one would name, and sometimes at one behind it, as in the row EH.
# The state at a letter has read the letters before it as well, so the state behind a vowel knows the vowel and what follows it.
# (Our encoder reads in one direction.
# Bahdanau's reads in both.)
#
# A date is another matter.
# English dates, in many formats, become Korean ones, and Korean begins with the year.
# The model reads and writes them character by character.

# %%
date = "Tuesday, March 5, 2024"

dates = date_task()
date_model = trained.load("dates/lstm-dot")
korean, *date_ids = greedy_output_ids(date_model, dates, date)
say(date, "→", "".join(korean))
figures.attention_heatmap(
    attention_steps(date_model, *date_ids).weights[0].cpu().numpy(),
    [*korean, "(end)"],
    dates.symbols_from(date),
    title="Another order: the year first, the weekday last",
    xlabel="English date",
    ylabel="Korean date",
)

# %% [markdown]
# This is no diagonal.
# For the year the decoder looks to the end of the input, for the month and the day to the middle, for the weekday to the beginning.
# The signs that only Korean has, 년 and 월 and the spaces, correspond to nothing in the English date; there the model looks mostly at spaces and commas.
#
# Your own words and dates, with several models.
# Point at a row, click it or move with the arrow keys to read its numbers.
# (The four steps of a date: `AttentionSteps(date_model, dates, "May 3, 2024")` in a cell of your own.
# Each score number by number: `from course.viz import AttentionExplorer`, then `AttentionExplorer({"dates": (date_model, dates)})`, and click a line.)

# %%
date_models = {
    score: trained.load(f"dates/lstm-{score.replace(' ', '_')}")
    for score in ("dot", "scaled dot", "general", "additive")
}
explorer = AlignmentExplorer(
    {"pronunciation, dot": (model, words)}
    | {f"dates, {score}": (one, dates) for score, one in date_models.items()},
    texts={"pronunciation": "knowledge", "dates": "Wed, 25 Dec 2030"},
)
explorer

# %% [markdown]
# ## 5 · Four score functions
#
# Kinds of attention differ in one thing, how the score is computed.
# The *dot product* asks the two states to be alike, number by number.
# *Scaled dot product* (Vaswani et al. 2017) divides it by $\sqrt{d}$; lesson 06 shows why it matters there.
# *General* (Luong) puts a trained matrix between the two, so that a state may look for something unlike itself.
# *Additive* (Bahdanau) is a small network that reads both.

# %%
source(SCORES["scaled_dot"], SCORES["general"])


# %% tags=["exercise"]
def additive_scores(query, keys, query_weight, key_weight, vector):
    """How well a query matches each key, by a small network.

    The score of a key k is vector · tanh(query_weight · query + key_weight · k).

    query: tensor (d_query,). keys: (n, d_key). query_weight: (d_score, d_query).
    key_weight: (d_score, d_key). vector: (d_score,). Returns a tensor (n,).

    >>> import torch
    >>> eye = torch.eye(2)
    >>> keys = torch.tensor([[0.0, 0.0], [99.0, -99.0]])
    >>> additive_scores(torch.tensor([0.0, 0.0]), keys, eye, eye, torch.tensor([2.0, 1.0]))
    tensor([0., 1.])
    """
    ...


check("attention.additive_scores", additive_scores)

# %% [markdown]
# The course's own takes many queries at once, in batches:

# %%
source(SCORES["additive"])

# %% [markdown]
# All four on the dates, at about the same number of weights, with the same training and several seeds.
# There are two tests: days that were in no training date, and *new combinations*, formats that were never in training although each of their parts was.
# The table shows the share of dates written without one error.

# %%
right = {test: trained.by_model("dates", test, "exact_match") for test in dates.tests}
table(
    {"model": model, "weights": weights}
    | {test: of[model] for test, of in right.items()}
    | {f"{t}: worst seed": Spread([min(s[model].values)], unit="%") for t, s in right.items()}
    for model, weights in trained.parameters("dates").items()
    if model.startswith("lstm")
)

# %% [markdown]
# Read the columns of the new dates first: every model writes all of them, the one without attention too.
# A date is short, and one vector holds it.
# Then the new combinations.
# Without attention nothing is lost there either, and attention is not better.
# With it the result depends on the seed: the last column shows how far the worst one fell.
# Attention is no cure for what a model has not seen.
# What do those errors look like?
# Here is the model of seed 0 with the dot product, the worst of its seeds, on some of the same dates.

# %%
outcomes = evaluate(date_model, dates, dates.tests["new combinations"][: 5 * N_HIDDEN])
wrong = [one for one in outcomes if one.errors]
last_only = [one for one in wrong if one.written[:-1] == one.target[: len(one.written) - 1]]
say(f"wrong in nothing but the last symbol: {len(last_only)} of {len(wrong)}")
kinds = Counter(("/" in one.example.source, one.errors > 0) for one in outcomes)
table(
    {"dates": kind, "right": kinds[slash, False], "wrong": kinds[slash, True]}
    for kind, slash in {"with /": True, "without /": False}.items()
)

# %%
join = "".join
table(
    {
        "English date": join(w.example.source),
        "written": join(w.written),
        "right": join(w.target),
    }
    for w in wrong[:4]
)

# %% [markdown]
# All the errors are of one kind: a date with slashes *and* a weekday in full, which training never showed together.
# The model copies every number and finds the weekday.
# Only the very last symbol is wrong: it ends the date with the dot that belongs to dates with slashes.
#
# Where do the four look?
# Below, the same date with each of them.

# %%
date_maps = {}
for score, one in date_models.items():
    output, *output_ids = greedy_output_ids(one, dates, date)
    date_maps[score] = attention_steps(one, *output_ids).weights[0].cpu().numpy()
figures.attention_heatmaps(
    date_maps,
    [*output, "(end)"],
    dates.symbols_from(date),
    xlabel="English date",
    ylabel="Korean date",
)

# %% [markdown]
# The same question in numbers, over many dates: how large is the largest weight, and how far from the digit itself is it, when the decoder writes a digit of the year?
# Distance 0 is the digit, 1 the character after it.

# %%
new_dates = dates.tests["new dates"][: 3 * N_HIDDEN]
with_year = [e for e in new_dates if e.source[-4:] == e.targets[0][:4]]  # the year as it is
year_batch = dates.batch([(one.source, one.targets[0]) for one in with_year])
ends = torch.tensor([len(one.source) for one in with_year])
sharpness = []
for score, one in date_models.items():
    date_weights = attention_steps(one, year_batch.source, year_batch.read).weights
    largest, place = date_weights[:, :4].cpu().max(dim=-1)  # the first four symbols: the year
    distance = place - (ends[:, None] - 4 + torch.arange(4))
    at, after = ((distance == d).float().mean() for d in (0, 1))
    near = {"at the digit": at, "one after it": after, "elsewhere": 1 - at - after}
    sharpness.append({"score": score, "largest weight": largest.mean()} | near)
table(sharpness)

# %% [markdown]
# Three of the four look at the very digit they are about to write, or the one after it.
# The scaled dot product writes the same dates and looks nowhere in particular: our states have numbers between −1 and 1, their dot product divided by $\sqrt{d}$ is small, and softmax of small scores is nearly even.
# It does well all the same.
# Keep this in mind for section 8: **a model can be right without a sharp alignment**.
#
# ## 6 · Does attention hold where the fixed vector falls?
#
# The claim of this lesson: with attention, the error of long words stays where that of short ones is.
# The two models have the same number of weights (the one with attention has smaller states for that) and the same training.

# %%
rates = {"LSTM": plain, "LSTM + attention": trained.curve(results, "lstm-attention", lengths)}
error_by_length(letters, rates, title="Attention holds where the fixed vector falls", **behind)

# %%
groups = {"1–5": range(1, 6), "6–8": range(6, 9), "9–11": range(9, 12), "12–14": range(12, 15)}
groups |= {"15 and more": range(15, 40)}
by_length = trained.by_length(trained.record_of("pronunciation", "lstm"), [*groups.values()])
old, new = (
    [Spread(rates, unit="%") for rates in trained.curve(results, model, [*groups.values()]).T]
    for model in ("lstm", "lstm-attention")
)
table(
    [
        {"letters": letters_in, "words": counted["examples"]}
        | {"LSTM": before, "LSTM + attention": after, "change": after.mean / before.mean - 1}
        for letters_in, counted, before, after in zip(groups, by_length, old, new, strict=True)
    ],
    formats={"change": "+.0%"},
)

# %% [markdown]
# The claim holds.
# Without attention the rate rises with the length; with it long words are better than short ones, and the longest, within their spread, about as good.
# Look also at the first rows, where attention brings little or nothing: a short word fits into one vector.
# And at the second column: the last row rests on few words, so take it with its spread.
#
# These numbers come from files.
# As a check, the models of seed 0 on some words of the test, here and now.
# The column ± is the standard error, how far the rate of so few words may be off.

# %%
sample = random.Random(0).sample(words.tests["test"], N_JUDGED)
judged = []
for key, name in {"lstm": "LSTM", "lstm-attention": "LSTM + attention"}.items():
    found = evaluate(trained.load(f"pronunciation/{key}"), words, sample)
    recorded = trained.record_of("pronunciation", key)["tests"]["test"]
    judged.append(
        {
            "model": name,
            "error rate, here": error_rate(found),
            "±": error_rate_standard_error(found),
            "error rate, in the file": recorded["error_rate"],
            "words right, here": exact_match(found),
            "words right, in the file": recorded["exact_match"],
        }
    )
table(judged, formats=".1%")

# %% [markdown]
# ## 7 · The gradient that reaches the first letter
#
# The second reason of the notes.
# Training moves the weights by *gradients*: how much would the loss change if this number did?
# On its way back from an output to an early input the gradient passes through one cell after the other, and each may make it smaller.
# Attention lays a shorter way, from each output to each encoder state.
#
# So measure it: for each letter of a word, the norm of the gradient of the loss (summed over the sounds of the word) with respect to the letter's embedding.
# All test words of one length, before any training, with three draws of the first weights.
# All is compared with the last letter, which is nearest to the decoder.

# %%
source(input_gradients)

# %%
long_words = [one for one in words.tests["test"] if len(one.source) == LENGTH]
batch = words.batch([(one.source, one.targets[0]) for one in long_words])
lstms = {"LSTM": trained.load("pronunciation/lstm"), "LSTM + attention": model}


def reaching(one, batch):
    """The mean norm of the gradient at each letter, the last letter first and as 1."""
    norms = input_gradients(one, *batch).mean(dim=0).flip(0).cpu()
    return (norms / norms[0]).numpy()


untrained = {}
for name, one in lstms.items():
    fresh = [Seq2Seq(one.config, torch.Generator().manual_seed(seed)) for seed in range(3)]
    untrained[name] = np.array([reaching(each.to(course.device()), batch) for each in fresh])

# %%
axes = {
    "xlabel": "letters between this one and the end of the word",
    "ylabel": "gradient, compared with the last letter",
    "percent": True,
}
title = "Untrained: without attention, little reaches the first letter"
figures.curves(np.arange(LENGTH), untrained, title=title, ylim=(0, 1.05), **axes)

# %% [markdown]
# Before training the notes are right: at the start of the word hardly anything is left without attention, and nearly all with it.
# And after training?
# The spread is now over four groups of words, since the weights of one seed are kept.

# %%
quarters = [
    words.batch([(one.source, one.targets[0]) for one in long_words[part::4]])
    for part in range(4)
]
after_training = {
    name: np.array([reaching(one, quarter) for quarter in quarters])
    for name, one in lstms.items()
}
title = "Trained: the gradient reaches the first letter in both"
figures.curves(np.arange(LENGTH), after_training, title=title, ylim=(0, 2), **axes)

# %%
table(
    {
        "model": name,
        "untrained: first letter": Spread(untrained[name][:, -1], of="draws", unit="%"),
        "trained: first letter": Spread(after_training[name][:, -1], of="groups", unit="%"),
    }
    for name in lstms
)

# %% [markdown]
# After training the picture is another one.
# Training has taught the LSTM to let it through, which is what its gates were made for (lesson 03): more than half as much gradient reaches the first letter as the last, without attention too; the table has both models side by side.
# So for words of this length the vanishing gradient does not explain the curves of section 6. The trained LSTM *can* be told what its first letter did wrong.
# What it seems to lack is room to keep all letters until they are needed: the first reason, not the second.
# In this respect attention changes the start of training; with inputs of hundreds of words the second reason may count for more, which this experiment cannot show.
#
# ## 8 · Does the alignment explain?
#
# A heatmap looks like an explanation: the model wrote this *because* it looked there.
# An explanation can be tested.
# Hide the input with the largest weight from attention, for one output symbol, and see whether the model now writes another one.
# Compare with hiding a random other input, and the least attended.
# And the reverse: hide all inputs but the one with the largest weight.
# Serrano and Smith (2019) asked this of text classifiers.
# The encoder still reads every letter; it is attention that is blindfolded.

# %%
source(prediction_changes_when_hidden)

# %%
tests = {"pronunciation, dot": (model, words, words.tests["test"])}
tests |= {
    f"dates, {s}": (one, dates, dates.tests["new dates"]) for s, one in date_models.items()
}
changes = []
for name, (one, task, examples) in tests.items():
    examples = [example for example in examples if len(example.source) >= 4]
    changed = {}
    for part in range(3):
        chosen = examples[part * N_HIDDEN : (part + 1) * N_HIDDEN]
        group = task.batch([(e.source, e.targets[0]) for e in chosen])
        draws = torch.Generator(course.device()).manual_seed(part)
        found = prediction_changes_when_hidden(one, group.source, group.read, draws)
        for hidden, changes_here in found.items():
            changed.setdefault(hidden, []).append(changes_here.float().mean())
    spreads = {hidden: Spread(v, of="groups", unit="%") for hidden, v in changed.items()}
    changes.append({"output symbols that change": name} | spreads)
table(changes)

# %% [markdown]
# The first three columns: when the most attended input is hidden, the symbol changes often; when another one is, hardly ever.
# So the weights do say which input matters.
# The last column says the same from the other side: with nothing but its most attended input, a model with a sharp alignment writes almost everything as before.
#
# But look at what the first column leaves.
# A large part of the symbols does *not* change.
# The states next to the hidden one have read the same letter, the decoder's own state knows what comes next, and much of a Korean date (년, the spaces) does not depend on the input.
# And the row of the scaled dot product: its weight is spread out over many inputs, and no single one is needed.
#
# Can the map explain an error?
# Take the dates of section 5 that went wrong in the last symbol.
# Where does the model look as it writes that symbol, and what does it write when the slashes are hidden from its attention?

# %%
at_slash, mended = 0, 0
for one in wrong:
    english, last = one.example.source, len(one.written) - 1
    _written, *wrong_ids = greedy_output_ids(date_model, dates, english)
    seeing = attention_steps(date_model, *wrong_ids)
    at_slash += english[seeing.weights[0, last].argmax()] == "/"
    visible = torch.tensor([symbol != "/" for symbol in english], device=course.device())
    blind = attention_steps(date_model, *wrong_ids, visible=visible.expand_as(seeing.weights))
    mended += dates.target.symbols[blind.logits[0, last].argmax()] == one.target[last]
say(f"{len(wrong)} wrong dates: {at_slash} look most at a slash, {mended} are right without")

# %% [markdown]
# Here the map leads to the cause.
# A date with slashes and no weekday ends in a dot, and the model seems to have learned to look for a slash there, whatever else it has read.
# Taking the slashes from its sight mends as many dates as the line above counts.
#
# So the honest answer is: where the weights are sharp, they show what the model uses at that step, and a test can confirm it.
# They do not show that it could not have done without, and an even map does not show that nothing was used.
# Whether attention explains is disputed: Jain and Wallace (2019) find other weights that give the same answer, Wiegreffe and Pinter (2019) find that this proves less than it seems.
#
# ## What to remember
#
# - Attention compares a query with all keys, makes weights of the scores by softmax, and returns the sum of the values under these weights.
#   Softmax goes over the keys, and hidden keys are hidden before it.
# - In the encoder–decoder the query is the decoder's state; keys and values are the encoder's states.
#   Context and state, joined, go through tanh to the output layer.
# - Kinds of attention differ in the score: dot, scaled dot, general, additive.
#   On new dates all four were equally good; where they differed, seeds of one score differed as much as the scores.
# - It helps where the fixed vector is too small: long words.
#   It does not help where one vector is enough, nor with formats that training never combined.
# - Before training the gradient vanishes on the long way and attention mends that; after training our LSTM did not need it.
#   The bottleneck is the better reason.
# - A sharp alignment shows what the model uses.
#   It is not needed for being right.
#
# **Read on**: Bahdanau, Cho and Bengio 2015, *Neural Machine Translation by Jointly Learning to Align and Translate*, section 3 and appendix A.1.2; Luong, Pham and Manning 2015, *Effective Approaches to Attention-based Neural Machine Translation*, section 3; Serrano and Smith 2019, *Is Attention Interpretable?*, section 4; Jain and Wallace 2019, *Attention is not Explanation*; Wiegreffe and Pinter 2019, *Attention is not not Explanation*.
# In the code: `course/seq2seq/scores.py`, `course/interpretability/alignment.py`.
#
# **Next**: lesson 05, *Position*.

# %%
progress.table()
