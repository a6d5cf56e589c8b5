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
# This lesson lets it look back at the whole input each time it predicts a symbol.
# After it you can
#
# - compute attention for one query by hand, in four steps, and say what query, keys and values are;
# - read an alignment heatmap, and tell what it does not say;
# - choose a score function for a task, knowing what each costs, and say where attention helps and where it does not.
#
# **Time**: 90 minutes; the cells run in under a minute on two processor cores.
# **Before this**: lesson 03.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
from collections import Counter
from dataclasses import replace

import numpy as np
import torch

import course
from course import trained
from course.claims import Finding, claim
from course.data.splits import draw
from course.evaluation import Spread
from course.exercises import ask, check, hint, progress, solution, yours
from course.interpretability.alignment import (
    attention_steps,
    greedy_output_ids,
    input_gradients,
    prediction_changes_when_hidden,
    prediction_changes_when_swapped,
)
from course.intervals import (
    RunCounts,
    difference_of_rates,
    mean_difference,
    over_seeds,
    share,
)
from course.layers.attention import record_attention
from course.seq2seq import SCORES, Seq2Seq, SourceAttention
from course.seq2seq.model import RecurrentDecoder
from course.tasks import date_task, evaluate, pronunciation_task
from course.tasks.pronunciation import LENGTH_GROUPS, in_length_groups
from course.viz import AlignmentExplorer, AttentionSteps, diagrams, figures, use_course_style
from course.viz.figures.error_by_length import error_by_length
from course.viz.show import say, source, table

use_course_style()

BUDGET = (
    1  # 1: the lesson as printed. 10: sections 5 and 8 read ten times as many words and dates.
)
N_DATES = 500 * BUDGET
N_HIDDEN = 300 * BUDGET

# %% [markdown]
# ## 1 · One vector, whatever the length
#
# The LSTM encoder–decoder of lesson 03 reads a word letter by letter and hands its last state, hidden and cell, to the decoder, which outputs the sounds.
# That state, "one vector" for short, has the same size for "cat" and for "internationalization".
# What does this do to long words?
# Lesson 03 had the figure; answer from memory before you see it again.

# %%
ask("attention.long_words")

# %% [markdown]
# A script trained this model and the ones below with a bigger budget than a lesson's, with several seeds; the file of each result names its command.

# %%
words = pronunciation_task()
groups, inside = LENGTH_GROUPS, in_length_groups(words.tests["test"])
n_letters = np.array([len(example.source) for example in words.tests["test"]])
letters = [round(n_letters[these].mean(), 1) for these in inside.values()]
behind = {"words": [these.sum() for these in inside.values()], "ylim": (0, 0.18)}

results = trained.results("pronunciation")
plain = trained.curve(results, "lstm", [*groups.values()])
say("trained by:", trained.record_of("pronunciation", "lstm")["command"])
say("seeds:", len(plain))
error_by_length(
    letters,
    {"LSTM": plain},
    title="Without attention, the longest words have the most errors",
    **behind,
)

# %% [markdown]
# The line is the mean over the seeds that are counted above the figure, and the band one standard deviation.
# The groups are words of up to 4 letters, of 5 and 6, and so on to 13 and 14; the last point is all longer ones.
# Up to some length the rate stays where it is; then it rises, and the longest words are the worst.
# All that the decoder knows of the word went through one vector: this is the *bottleneck*.
#
# The encoder did compute a state for every letter.
# We threw all of them away but the last.
# *Attention* keeps them: each time the decoder predicts a symbol, it looks at the whole input again, at every encoder state, but not at all of them equally.
# It looks more at those that matter for the symbol that comes next.
# Bahdanau, Cho and Bengio brought this to translation in 2015, and the Transformer of lesson 06 is made of it.
#
# A common account gives a second reason besides the bottleneck, the *vanishing gradient* of lesson 03: what training tells an early input about a late output becomes fainter with each step in between.
# Section 7 looks at both reasons.
#
# ## 2 · A dictionary that answers softly
#
# An ordinary dictionary compares what you look up with its keys, finds the one that is equal, and returns its value.
# Attention is often written as such a dictionary,
#
# $$\text{Attention}(Q, K, V) = \text{attention value},$$
#
# but it is a soft one.
# The *query* is compared with every *key* and matches each to some degree.
# The answer is a mix of all *values*, with more of those whose keys match better.
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
# In the encoder–decoder, the query is the decoder's state at step $t$, when it is about to predict its next symbol.
# The keys are the encoder's states, one for each letter.
# The values are the encoder's states again.
#
# ## 3 · Four steps, with real numbers

# %%
diagrams.attention_steps()

# %% [markdown]
# The model below has attention by dot product, and about as many weights as the LSTM above.
# Choose a word, and which of its sounds to look at.

# %%
word = "through"
position = 0  # of the sound: 0 is the first

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
# (`.mT` swaps the last two dimensions: the keys are rows, and the product needs them as columns.)
#
# **Step 2, softmax.**
# Softmax turns the scores into *attention weights*: all positive, with the sum 1.
# Four letters might get 0.1, 0.4, 0.1 and 0.4.
#
# > $a_i = \exp(e_i) / \sum_j \exp(e_j)$ &nbsp; → &nbsp; `weights = scores.softmax(dim=-1)`
#
# **Step 3, weighted sum.**
# Multiply each encoder state by its weight, and add them up.
# This is the *attention value*.
# It is also called the context vector, since it holds what the decoder needs of the input; but unlike the one of lesson 03 it is a new one at each step.
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
    {"letter": letter, "score": score and f"{score:z.2f}".replace("-", "−")}
    | dict(zip(columns, row, strict=True))
    for letter, score, row in zip(symbols, [*scores, None], shown, strict=True)
)

# %% [markdown]
# **Step 4, concatenation.**
# Put the context and the decoder's state end to end.
# The output layer reads the result, through one more layer:
#
# > $\tilde{s}_t = \tanh(W_c\,[c_t; s_t])$ &nbsp; → &nbsp; `self.combine(torch.cat((context, hidden), dim=-1)).tanh()`
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
# And all four steps for one query, in a function whose keys and values need not be the same:


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
# Your functions go to work: the first four on the numbers of the table, then in the model's own decoder, with its $W_c$, for every sound of the word; `masked_weights` on a batch of two words, of which the shorter one is padded.

# %%
score_keys = yours("attention.dot_scores", dot_scores)
weigh = yours("attention.attention_weights", attention_weights)
sum_up = yours("attention.weighted_sum", weighted_sum)
attend_once = yours("attention.attend", attend)
weigh_visible = yours("attention.masked_weights", masked_weights)

memory, combine = steps.memory[0], model.decoder.combine.weight.detach()
two = words.sources(["ox", word])
padded = attention_steps(model, two, read_ids.expand(2, -1))
raw = padded.query[0] @ padded.memory[0].mT
asks = steps.query[0, position]
mine = {
    "dot_scores": (score_keys(asks, memory), scores),
    "attention_weights": (weigh(steps.scores[0]), steps.weights[0]),
    "weighted_sum": (sum_up(weights, memory), steps.context[0, position]),
    "attend": (attend_once(asks, memory, memory, combine), steps.combined[0, position]),
    "masked_weights": (weigh_visible(raw, (two[0] != 0).expand_as(raw)), padded.weights[0]),
}
for name, pair in mine.items():
    say(f"{name} gives what the model computes: {torch.allclose(*pair, atol=1e-5)}")

# %%
joined = torch.stack([attend_once(q, memory, memory, combine) for q in steps.query[0]])
own_logits = model.decoder.output(joined)
best = words.target.decode(own_logits.argmax(dim=-1).tolist())
say("decoded with this attention:", " ".join(best))
say("the logits are the model's:", torch.allclose(own_logits, steps.logits[0], atol=1e-4))

# %% [markdown]
# In the course's own code the first three steps are `SourceAttention.forward`, which also hides the padding; the fourth is in lesson 03's decoder.
# (The types are read as in lesson 00.
# `heads` is a dimension of size 1 here: a model may attend in several ways at once, which are called heads, and lesson 06 has such models.)

# %%
source(SCORES["dot"], SourceAttention.forward, RecurrentDecoder.forward)

# %% [markdown]
# > **What the notes say / what the papers say.**
# > The notes take the hidden state of the decoder at step $t$ as the query, after it has read the last symbol, and join the attention value to it.
# > So do Luong, Pham and Manning (2015, section 3), and so does our decoder.
# > In Bahdanau, Cho and Bengio (2015, section 3.1) the query is the state before, $s_{t-1}$, and the context goes into the cell that computes $s_t$.
# > The notes also say that the attention value is an input of step $t$, beside the last state and the last symbol.
# > That is Bahdanau's way, or what Luong calls input feeding (section 3.3); with the state at $t$ as the query it comes too late for that step.
# > The notes' fourth step ends with the joined vector; the layer with $\tanh$ that reads it is Luong's equation 5.
#
# Here are the steps on a word of your own.
# Move to another output symbol, and multiply the scores: at 0 all letters weigh the same, and above 1 softmax comes closer to an ordinary dictionary, which takes the best key and nothing else.
# The last bars tell whether the model would still predict the same sound.

# %%
calculator = AttentionSteps(model, words, text="nightmare", position=2)
calculator

# %% [markdown]
# ## 4 · Where it looks
#
# The weights of all output symbols, one row for each, are the *alignment*: which input belongs to which output.
# Nobody told the model; it was trained on words and their sounds alone.
# `record_attention` watches the model at work and keeps the weights that it really used; each row sums to 1.
# The numbers in the cells are whole percent.

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
# Look at where exactly they are.
# They are mostly at the letter that one would name, and sometimes at the next one.
# The state at a letter has read the letters before it as well, so the state one letter after a vowel knows the vowel and what follows it.
# (Our encoder reads in one direction.
# Bahdanau's reads in both.)
#
# A date is another matter.
# English dates, in many formats, become Korean ones, and Korean begins with the year.
# The model reads and predicts them character by character.

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
# The signs that only Korean has, 년 and 월 and the spaces, correspond to nothing in the English date: their rows have to look somewhere all the same, since each sums to 1.
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
# Kinds of attention differ in what asks (Bahdanau's state before the step, Luong's at it), in how much of the input a query may see (Luong's local attention, section 3.2, a window), in where the context goes, and in the *score function*, which makes the score of a query and a key.
# This section varies the score function alone.
# The dot product asks the two states to be alike, number by number.
# The *scaled dot product* (Vaswani et al. 2017) divides it by $\sqrt{d}$; lesson 06 shows why it matters there.
# The *general score* (Luong) puts a trained matrix between the two, so that a state may look for something unlike itself.
# The *additive score* (Bahdanau) is a small network that reads both: each goes through a matrix of its own, they meet in one hidden layer with tanh, and a trained vector makes one number of it.
# That one is yours to write:


# %% tags=["exercise"]
def additive_scores(query, keys, query_weight, key_weight, vector):
    """How well a query matches each key, by a small network.

    Its hidden layer, with tanh, reads the query by one matrix and a key by the other, and adds the
    two; `vector` makes the score of the hidden layer. The shapes say how they fit.

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
# Yours in a trained model, with its weights, and the course's own four, which take many queries at once, in batches:

# %%
additive = date_models["additive"]
_korean, *may_ids = greedy_output_ids(additive, dates, "May 3, 2024")
may = attention_steps(additive, *may_ids)
add_up = yours("attention.additive_scores", additive_scores)
trained_weights = [weight.detach() for weight in additive.decoder.attention.score_weights]
added = add_up(may.query[0, 0], may.memory[0], *trained_weights)
equal = torch.allclose(added, may.scores[0, 0], atol=1e-4)
say("additive_scores gives what the model computes:", equal)

# %%
source(SCORES["scaled_dot"], SCORES["general"], SCORES["additive"])

# %% [markdown]
# What each costs, for $n$ queries, $m$ keys and width $d$:
#
# | score | weights | multiplications | numbers in memory | query and key of different sizes |
# | --- | --- | --- | --- | --- |
# | dot, scaled dot | 0 | n · m · d | n · m | no |
# | general | d² | n · d² + n · m · d | n · m | yes |
# | additive | 2 d² + d | (n + m) · d² + n · m · d, and n · m · d tanh | n · m · d | yes |
#
# The first two rows are one or two matrix products, which processors do best; the additive score holds a vector for each query and key before it makes a number of it.
#
# And what does each bring?
# All four on the dates, at about the same number of weights, each with the setting of its own search on validation dates ([how](../docs/experiments.md)) and several seeds.
# There are two tests: days that were in no training date, and new combinations, formats that were never in training although each of their parts was.
# The table shows the share of dates without one error.

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
# On new dates nothing separates them: a date is short, and one vector holds it.
# On the new combinations the rows differ, and so do the seeds of one row: the last column shows how far the worst one fell.
# Compare them with the first row, the model without attention: attention alone is no cure for what a model has not seen.
# Is one score better than another there?

# %%
additive_right, dot_right = (
    right["new combinations"][f"lstm-{n}"].values for n in ("additive", "dot")
)
claim(
    "attention.score_matters",
    "On new combinations of formats the additive score is right more often than the dot product.",
    said_by="this lesson, from the table",
    findings=[
        Finding(
            "additive minus dot, share of dates without an error",
            over_seeds(np.subtract(additive_right, dot_right), "points"),
            "above",
            0.0,
        )
    ],
)

# %% [markdown]
# So, which one?
# Where query and key have one size, the dot product is cheapest and has no weights to train; scale it where the vectors have many numbers (lesson 06).
# Where they have different sizes, or come from two models, take the general score.
# The additive one costs the most.
# The card says how far three seeds can tell the cheapest from the costliest.
#
# What do the errors look like?
# Here is the worst score's model of seed 0, on some of the same dates.

# %%
combinations = "new combinations"
at_seed_0 = {
    score: trained.record_of("dates", f"lstm-{score.replace(' ', '_')}")["tests"][combinations]
    for score in date_models
}
worst_score = min(at_seed_0, key=lambda score: at_seed_0[score]["exact_match"])
worst = date_models[worst_score]
outcomes = evaluate(worst, dates, draw(dates.tests[combinations], N_DATES))
wrong = [one for one in outcomes if one.errors]
last_only = [one for one in wrong if one.written[:-1] == one.target[: len(one.written) - 1]]
say("score:", worst_score)
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
        "output": join(w.written),
        "right": join(w.target),
    }
    for w in wrong[:4]
)

# %% [markdown]
# Compare the two tables: the errors are in dates with slashes, here together with a weekday in full, which training never showed together.
# The model copies every number and finds the weekday.
# Only the very last symbol is wrong: it ends the date with the dot that belongs to dates with slashes.
# Section 8 asks what makes it do so.
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
# The same question in numbers, over many dates, while the decoder outputs the four digits of the year: how large is the largest weight, in how many dates is it at the digit itself and in how many at the next character, and how large are the scores?

# %%
with_year = [e for e in dates.tests["new dates"] if e.source[-4:] == e.targets[0][:4]]
with_year = draw(with_year, N_HIDDEN)  # the English date ends in the year as it is
year_batch = dates.batch([(one.source, one.targets[0]) for one in with_year])
digits = torch.tensor([len(one.source) - 4 for one in with_year])[:, None] + torch.arange(4)
sharpness = []
for score, one in date_models.items():
    seen = attention_steps(one, year_batch.source, year_batch.read)
    largest, place = seen.weights[:, :4].cpu().max(dim=-1)
    at_digit, at_next = ((place == digits + n).float().mean(dim=0) for n in (0, 1))
    finite = seen.scores[:, :4][seen.scores[:, :4].isfinite()]
    sharpness.append(
        {"score": score, "largest weight": largest.mean()}
        | {
            f"digit {i}": f"{a:.0%}, {b:.0%}"
            for i, (a, b) in enumerate(zip(at_digit, at_next, strict=True), 1)
        }
        | {"lowest score": finite.min(), "highest score": finite.max()}
    )
table(sharpness, formats={"lowest score": ".1f", "highest score": ".1f"})

# %%
flat = min(sharpness, key=lambda row: row["largest weight"])["score"]
sharp = max(sharpness, key=lambda row: row["largest weight"])["score"]
say("flattest:", flat, "· sharpest:", sharp)
d = date_models[flat].config.d_hidden
say(f"A state has {d} numbers between −1 and 1: a scaled score can reach √{d} = {d**0.5:.1f}.")

# %% [markdown]
# A sharp alignment need not be at the digit: a model may read a digit from the next position, whose state has read it too, and does so for one digit and not for another.
#
# One score is flat, and its model outputs the same dates.
# Dividing by $\sqrt{d}$ makes large scores harder to reach, yet not impossible: the bound is well above what the model uses.
# It could have learned longer states and did not; nothing here tests why.
# Keep its row in mind for section 8: **a model can be right without a sharp alignment**.
#
# ## 6 · Does attention hold where the fixed vector falls?
#
# Bahdanau, Cho and Bengio (2015, section 5.1 and figure 2) report it for translation: their model with attention, trained on sentences of up to 50 words, does not get worse with sentences that long or longer.
# Our two models have about the same number of weights (the one with attention has smaller states for that) and the same training; the setting of each was chosen by a search on validation words ([how](../docs/experiments.md)).

# %%
attending = trained.curve(results, "lstm-attention", [*groups.values()])
rates = {"LSTM": plain, "LSTM + attention": attending}
error_by_length(letters, rates, title="With attention, long words have fewer errors", **behind)

# %%
counts = {m: trained.items("pronunciation", m, "test") for m in ("lstm", "lstm-attention")}


def attention_minus_lstm(these):
    """The difference of the phoneme error rates on some of the test words."""
    return difference_of_rates(*(counts[m].of_items(these) for m in ("lstm-attention", "lstm")))


table(
    {"letters": name, "words": these.sum()}
    | {"LSTM": Spread(before, unit="%"), "LSTM + attention": Spread(after, unit="%")}
    | {"difference, over seeds": str(over_seeds(after - before, "points"))}
    | {"over words": str(attention_minus_lstm(these))}
    for (name, these), before, after in zip(inside.items(), plain.T, attending.T, strict=True)
)

# %% [markdown]
# The last two columns are the difference with its 95 % interval in brackets: over the seeds, and over the words of that length, paired, of the seeds whose counts of each word are kept.
# Where one includes 0, the two models cannot be told apart in that respect.

# %%
plain_long, attending_long = (
    trained.curve(results, model_name, [range(13, 40)])[:, 0] for model_name in counts
)
claim(
    "attention.long_words_hold",
    "With attention, words of 13 letters or more have fewer errors than with one vector.",
    said_by="Bahdanau, Cho and Bengio 2015, section 5.1, of sentences",
    findings=[
        Finding(
            f"LSTM + attention minus LSTM, phoneme error rate, 13 letters and more{how}",
            found,
            "below",
            0.0,
        )
        for how, found in {
            "": over_seeds(attending_long - plain_long, "points"),
            ", word by word": attention_minus_lstm(n_letters >= 13),
        }.items()
    ],
)

# %%
short, long = ([*groups].index(name) for name in ("5–6", "15+"))
claim(
    "attention.length_free",
    "With attention, words of 15 letters or more are worse than those of 5 and 6 by less than a point.",
    said_by="Bahdanau, Cho and Bengio 2015, section 5.1, of sentences",
    findings=[
        Finding(
            "phoneme error rate, LSTM + attention, 15 letters and more minus 5 and 6 letters",
            over_seeds(attending[:, long] - attending[:, short], "points"),
            "below",
            0.01,
        )
    ],
)

# %% [markdown]
# The first card is about the gain, the second about the level; the second covers the seeds alone, and few words are that long.
# Look also at the first rows of the table: a short word fits into one vector, and there attention has little to bring.
#
# ## 7 · Bottleneck or vanishing gradient?
#
# The notes give two reasons for attention: that one vector of fixed size loses information, and that the gradient of a recurrent network vanishes, with "the same problem in GRU and LSTM".
# The figure above fits both.
#
# Training moves the weights by *gradients*: how much would the loss change if this number did?
# On its way back from an output to an early input the gradient passes through one cell after the other, and each may make it smaller.
# Attention lays a shorter path, from each output to each encoder state.
#
# First, is it so?
# For each letter of a word, the norm of the gradient of the loss (summed over the sounds of the word) with respect to the letter's embedding, divided by the mean over the letters of the word.
# The words are those of 15 letters or more, where the LSTM is at its worst, before any training, with three draws of the first weights.

# %%
source(input_gradients)

# %%
long_words = [one for one in words.tests["test"] if len(one.source) >= 15]
lstms = {"LSTM": trained.load("pronunciation/lstm"), "LSTM + attention": model}


def reaching(one, examples):
    """For each word the gradient at its first 15 letters, as a share of the mean over all its letters."""
    batch = words.batch([(each.source, each.targets[0]) for each in examples])
    norms = input_gradients(one, *batch)
    means = norms.sum(dim=1, keepdim=True) / (batch.source != 0).sum(dim=1, keepdim=True)
    return (norms / means)[:, :15].cpu().numpy()


untrained = {}
for name, one in lstms.items():
    fresh = [Seq2Seq(one.config, torch.Generator().manual_seed(seed)) for seed in range(3)]
    untrained[name] = [reaching(each.to(course.device()), long_words) for each in fresh]
    untrained[name] = np.stack([shares.mean(axis=0) for shares in untrained[name]])

# %%
axes = {"xlabel": "letters before this one", "ylabel": "gradient (1: the word's mean)"}
title = "Untrained: without attention, little reaches the first letters"
top = 1.05 * max(found.max() for found in untrained.values())
draws = len(untrained["LSTM"])
band = f"Band: ± 1 standard deviation over {draws} draws of the weights"
figures.curves(np.arange(15), untrained, title=title, ylim=(0, top), band=band, **axes)

# %%
first = [untrained[name][:, 0] for name in ("LSTM", "LSTM + attention")]
claim(
    "attention.gradient_vanishes",
    "Before training, less gradient reaches the first letter of a long word without attention.",
    said_by="the notes",
    findings=[
        Finding(
            "gradient at the first letter (1: the word's mean), LSTM minus LSTM + attention",
            over_seeds(first[0] - first[1], of="draws of the weights"),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# With attention the curve has two parts.
# Through the decoder's first state the last letters get the most, as without attention.
# Through attention, whose untrained weights are nearly even, a letter counts in its own state and, fading, in all later ones, of which the first letters have more.
#
# And after training?
# The weights of one seed are kept, so what follows is about one model of each kind.

# %%
ask("attention.gradient_after_training")

# %%
after_training = {name: reaching(one, long_words) for name, one in lstms.items()}
quarters = {
    name: np.stack([shares[part::4].mean(axis=0) for part in range(4)])
    for name, shares in after_training.items()
}
title = "Trained: the gradient reaches the first letter in both"
n_parts = len(quarters["LSTM"])
band = f"Band: ± 1 standard deviation over {n_parts} groups of words, one model each"
figures.curves(np.arange(15), quarters, title=title, ylim=(0, 1.6), band=band, **axes)

# %%
claim(
    "attention.gradient_still_vanishes",
    "After training, less gradient reaches the first letter of a long word without attention.",
    said_by="the notes",
    findings=[
        Finding(
            "gradient at the first letter (1: the word's mean), LSTM minus LSTM + attention",
            mean_difference(
                *(after_training[name][:, 0] for name in ("LSTM", "LSTM + attention")),
                of="words, one seed",
            ),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# (Both models have a hump in the middle of the word; nothing here says why.)
# Training has taught this LSTM to let the gradient through, which is what its gates were made for (lesson 03).
# For the LSTM, then, the notes are right about the start of training and, in this model, not about its end.
# And for a GRU, with attention by dot product and without?

# %%
gru = trained.load("pronunciation/gru")
grus = {"GRU": gru.config, "GRU + attention": replace(model.config, cell="gru")}
of_grus = {}
for name, config in grus.items():
    fresh = [Seq2Seq(config, torch.Generator().manual_seed(seed)) for seed in range(3)]
    shares = [reaching(each.to(course.device()), long_words)[:, 0].mean() for each in fresh]
    of_grus[name] = np.array(shares)
after = {"GRU": reaching(gru, long_words), "LSTM": after_training["LSTM"]}
for name, shares in after.items():
    say(f"first letter, after training, {name}: {shares[:, 0].mean():.2f} of the word's mean")
claim(
    "attention.gru_gradient_vanishes",
    "Before training, less gradient reaches the first letter of a long word in a GRU without attention than with it.",
    said_by="the notes",
    findings=[
        Finding(
            "gradient at the first letter (1: the word's mean), GRU minus GRU + attention",
            over_seeds(of_grus["GRU"] - of_grus["GRU + attention"], of="draws of the weights"),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# The GRU is like the LSTM: hardly any gradient at first, and much of it after training.
# (A trained GRU with attention is not among the stored models, so the end of training has no control here.)
#
# That does not acquit the gradient: it may have slowed down the learning on the way.
# So cut the shorter path.
# `experiments/gradient_path.py` trains three models with one setting and the same batches: the LSTM, the LSTM with attention, and that one with a cut.
# Its decoder looks at every encoder state, but in training no gradient returns to the encoder from where it looks.
# What the encoder learns has to come the long way, as without attention.
# If it is enough that the states can be seen, the gain on long words stays; if the encoder must learn through attention, it goes.

# %%
paths = {
    "LSTM": "lstm",
    "LSTM + attention": "lstm-attention",
    "gradient cut": "lstm-attention-cut",
}
of_paths = trained.results("gradient_path")
path_rates = {n: trained.curve(of_paths, key, [*groups.values()]) for n, key in paths.items()}
say("seeds of each:", ", ".join(f"{name} {len(found)}" for name, found in path_rates.items()))
title = "The gain of attention, with and without its path for the gradient"
error_by_length(letters, path_rates, title=title, **behind)

# %%
n_cut = len(path_rates["gradient cut"])


def cut_minus(name):
    """The phoneme error rate with the gradient cut minus another model's, on words of 13 letters and more."""
    found = [trained.items("gradient_path", paths[n], "test") for n in ("gradient cut", name)]
    return difference_of_rates(
        *(
            RunCounts(each.errors[:n_cut], each.symbols[:n_cut], "words").of_items(
                n_letters >= 13
            )
            for each in found
        )
    )


what = "phoneme error rate, 13 letters and more"
claim(
    "attention.seeing_helps",
    "In these runs, seeing all states helps long words, even if the encoder learns nothing by it.",
    said_by="a strong form of the first reason",
    findings=[Finding(f"{what}: gradient cut minus LSTM", cut_minus("LSTM"), "below", 0.0)],
)

# %%
claim(
    "attention.gain_without_gradient",
    "In these runs, the whole gain on long words stays without the gradient through attention.",
    said_by="a strong form of the first reason",
    findings=[
        Finding(
            f"{what}: gradient cut minus attention",
            cut_minus("LSTM + attention"),
            "below",
            0.005,
        )
    ],
)

# %% [markdown]
# The first card asks whether looking alone helps at all, the second whether it brings the whole gain.
# Their intervals cover what is written beside them: with one seed, other words and not other runs.
# How much do runs differ on such words?
# Here are all that are kept, those of section 6 and the one with the cut:

# %%
runs = {"LSTM": plain_long, "LSTM + attention": attending_long}
runs["gradient cut"] = trained.curve(of_paths, paths["gradient cut"], [range(13, 40)])[:, 0]
table(
    {"13 letters and more": name} | {f"seed {n}": f"{rate:.1%}" for n, rate in enumerate(rates)}
    for name, rates in runs.items()
)

# %% [markdown]
# The cards compare runs of the same seed.
# Where the run with attention is the best of its row, the loss by the cut is likely to be smaller than the second card has it; to know, the cut needs more seeds.
# What one run shows: that the states could be seen did not bring the whole gain by itself.
# Mind what the cut takes away: not only the shorter path, but all that an encoder learns by being looked at, such as making a state easy to find and to read.
# An encoder that never learned this is no fair test of the bottleneck, which may still be the whole reason.
# Which of the two it is, this experiment cannot say.
#
# ## 8 · Does the alignment explain?
#
# A heatmap looks like an explanation: the model output this because it looked there.
# An explanation can be tested.
# Hide the input with the largest weight from attention, for one output symbol, and see whether the model now predicts another one.
# The control is to hide a random other input.
# And the reverse: hide all inputs but the one with the largest weight; the control is to leave a random other one alone.
# Serrano and Smith (2019) asked this of text classifiers.
# The encoder still reads every letter; only attention is blindfolded.
# All models of this section are those of seed 0.

# %%
source(prediction_changes_when_hidden)

# %% [markdown]
# One of the models has an alignment that is nearly even.

# %%
ask("attention.hide_the_flattest")


# %%
def change_counts(found, items):
    """The output symbols that change for each input, of those that were compared."""
    compared = found.compared.sum(dim=1).cpu()
    return {
        what: RunCounts(these.sum(dim=1).cpu()[None], compared, items)
        for what, these in found.changed.items()
    }


cases = {"pronunciation, dot": (model, words, words.tests["test"], "words")}
new_dates = dates.tests["new dates"]
cases |= {f"dates, {s}": (one, dates, new_dates, "dates") for s, one in date_models.items()}
hiding, swapping, mean_largest = {}, {}, {}
for name, (one, task, examples, items) in cases.items():
    chosen = draw([each for each in examples if len(each.source) >= 4], N_HIDDEN)
    group = task.batch([(each.source, each.targets[0]) for each in chosen])
    generator = torch.Generator(course.device()).manual_seed(0)
    hidden = prediction_changes_when_hidden(one, group.source, group.read, generator)
    swapped = prediction_changes_when_swapped(one, group.source, group.read)
    hiding[name], swapping[name] = change_counts(hidden, items), change_counts(swapped, items)
    largest = attention_steps(one, group.source, group.read).weights.amax(dim=-1)
    mean_largest[name] = largest[hidden.compared].mean().cpu()

# %%
table(
    (
        {"model": name, "largest weight": mean_largest[name]}
        | {f"hidden: {what}": counted.rates[0] for what, counted in found.items()}
        for name, found in hiding.items()
    ),
    formats={f"hidden: {what}": ".1%" for what in hiding["pronunciation, dot"]},
)

# %% [markdown]
# Each number is the share of output symbols that change.
# Read it with the second column.
# Where the largest weight is almost 1, a random other input has almost no weight, so hiding it cannot change anything: that column is near 0 by arithmetic, whatever the model does.
# And hiding the most attended one hands the output layer a mix of the rest, which it never saw in training.
# The informative pair is the last two columns: with one input alone, does it matter which?

# %%
claim(
    "attention.looks_where_it_matters",
    "With a sharp alignment, the most attended input alone keeps more outputs than a random one.",
    said_by="a common account of alignment maps",
    findings=[
        Finding(
            f"{name}: symbols that change, the most attended alone minus a random one alone",
            difference_of_rates(
                found["all but the most attended"], found["all but a random other"]
            ),
            "below",
            0.0,
        )
        for name, found in hiding.items()
        if name in ("pronunciation, dot", f"dates, {sharp}")
    ],
)

# %% [markdown]
# Look at what the first hidden column leaves, too: a large part of the symbols does not change.
# The states after the hidden one have read the same letter, the decoder's own state may know what comes next, and much of a Korean date (년, the spaces) does not depend on the input.
#
# The flat model is the odd row: hiding its most attended input changes few symbols, and with that input alone most stay as they were, though more change than in any other row.
# Where, then, does it have the date from?
# The output layer reads two things, the attention value and the decoder's state.
# Take one of them from another input, and leave the other as it is; a position that only one of the two outputs has is not counted:

# %%
table(
    (
        {"model": name}
        | {f"from another input: {what}": counted.rates[0] for what, counted in found.items()}
        for name, found in swapping.items()
    ),
    formats=".1%",
)


# %%
def value_minus_state(name):
    """By how much more symbols change with another date's attention value than with another's state."""
    return difference_of_rates(
        *(swapping[f"dates, {name}"][what] for what in swapping[f"dates, {name}"])
    )


claim(
    "attention.flat_reads_its_state",
    "The flat model depends more on its decoder's state than on what it looks at, the sharp one less.",
    said_by="this lesson",
    findings=[
        Finding(
            f"{flat}: symbols that change, value minus state",
            value_minus_state(flat),
            "below",
            0.0,
        ),
        Finding(
            f"{sharp}: symbols that change, value minus state",
            value_minus_state(sharp),
            "above",
            0.0,
        ),
    ],
)

# %% [markdown]
# The decoder starts from the encoder's last state, as in lesson 03, and a date fits into it.
# Nothing forces a model to get everything through attention.
#
# Can the map explain an error?
# Take the dates of section 5 that went wrong in the last symbol.
# Where does the model look as it predicts that symbol, and what does it predict when the slashes are hidden from its attention?
# The control hides as many other symbols, drawn at random.


# %%
def last_symbol(example, hidden=()):
    """The model's last symbol when these positions of the input are hidden, and the most attended input."""
    english, end = example.example.source, len(example.written) - 1
    _output, *these = greedy_output_ids(worst, dates, english)
    visible = torch.ones(1, len(example.written) + 1, len(english), dtype=torch.bool)
    visible[..., list(hidden)] = False
    found = attention_steps(worst, *these, visible=visible.to(course.device()))
    predicted = dates.target.symbols[found.logits[0, end].argmax()]
    return predicted, english[found.weights[0, end].argmax()]


at_slash, without, control = [], [], []
for number, one in enumerate(wrong):
    slashes = [i for i, symbol in enumerate(one.example.source) if symbol == "/"]
    others = [i for i in range(len(one.example.source)) if i not in slashes]
    at_slash.append(last_symbol(one)[1] == "/")
    without.append(last_symbol(one, slashes)[0] == one.target[-1])
    control.append(last_symbol(one, draw(others, len(slashes), number))[0] == one.target[-1])
say(f"{len(wrong)} wrong dates; the last symbol looks most at a slash in {sum(at_slash)}")

# %%
claim(
    "attention.slashes",
    "The model ends these dates wrongly because attention shows it the slashes.",
    said_by="this lesson",
    findings=[
        Finding(
            "right with the slashes hidden",
            share(sum(without), len(without), of="dates, one seed"),
            "above",
            0.5,
        ),
        Finding(
            "right with as many others hidden",
            share(sum(control), len(control), of="dates, one seed"),
            "below",
            0.5,
        ),
    ],
)

# %% [markdown]
# Here the map leads to the cause.
# A date with slashes and no weekday ends in a dot, and the model seems to have learned to look for a slash there, whatever else it has read.
#
# So where the weights of these models are sharp, they show what the model uses at that step, and the tests above confirm it.
# They do not show that it could not have done without, and an even map does not show that nothing was used.
# Whether attention explains is disputed: Jain and Wallace (2019) find other weights that give the same answer, Wiegreffe and Pinter (2019) find that this proves less than it seems.
#
# ## What to remember
#
# - Attention compares a query with all keys, makes weights of the scores by softmax, and returns the sum of the values under these weights.
#   Softmax goes over the keys, and hidden keys are hidden before it.
# - In the encoder–decoder the query is the decoder's state; keys and values are the encoder's states.
#   Context and state, joined, go through tanh to the output layer.
# - The score is one choice among several: dot and scaled dot are cheapest, general and additive allow unequal sizes.
#   On new dates all were alike; elsewhere three seeds are few to tell them apart.
# - It helps with long words, and little or not at all with short ones.
#   By itself it is no cure for formats that training never combined.
# - Before training the gradient vanishes on the long way; after training it reached the first letter with attention and without.
#   Bottleneck or gradient is not settled: in one run whose encoder could not learn through attention, part of the gain on long words was gone.
# - Where the alignment was sharp, it showed what the model used at that step.
#   A model can be right without a sharp one, with what its own state holds.
#
# **Read on**: Bahdanau, Cho and Bengio 2015, *Neural Machine Translation by Jointly Learning to Align and Translate*, sections 3 and 5 and appendix A.1.2; Luong, Pham and Manning 2015, *Effective Approaches to Attention-based Neural Machine Translation*, section 3; Serrano and Smith 2019, *Is Attention Interpretable?*, section 4; Jain and Wallace 2019, *Attention is not Explanation*; Wiegreffe and Pinter 2019, *Attention is not not Explanation*.
# In the code: `course/seq2seq/scores.py`, `course/interpretability/alignment.py`, `experiments/gradient_path.py`.
#
# **Next**: lesson 05, *Position*.

# %%
progress.table()
