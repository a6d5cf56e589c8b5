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
# # 06 · Transformer
#
# In lesson 04 attention helped a recurrent network.
# What if encoder and decoder are made of attention only?
# That model is the *Transformer* (Vaswani et al. 2017, "Attention Is All You Need", from here on "the paper"), and here you build it, a few lines and a few numbers at a time.
# After this lesson you can
#
# - write attention, its heads and the layers around it in code that gives PyTorch's numbers, and make a whole Transformer of them;
# - say what each part is for: scale, masks, output projection, residual connections, normalization, warm-up, label smoothing;
# - read a comparison of a Transformer with the LSTMs of lessons 03 and 04, its intervals and what it leaves open, and say when a training step is faster.
#
# **Time**: 150 minutes; the cells run in under a minute on two quiet processor cores.
# **Before this**: lessons 04 and 05.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import math
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import nn

import course
from course import trained
from course.bert import encode_batch, mean_states
from course.claims import Finding, claim
from course.data.splits import draw
from course.exercises import ask, check, hint, progress, solution, yours
from course.interpretability.coreference import NOTES_PAIR
from course.intervals import (
    RunCounts,
    difference_of_rates,
    mean_difference,
    over_seeds,
    share,
)
from course.layers.attention import record_attention
from course.layers.multihead import MultiHeadAttention
from course.layers.parameters import count_parameters
from course.layers.torch_parity import as_torch, same_as_torch
from course.pretrained import load
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import date_task, evaluate, pronunciation_task, translation, write
from course.tasks.date_forms import (
    NUMERIC,
    digits_right,
    form,
    last_right,
    positions_from,
    without_weekday,
)
from course.tasks.pronunciation import LENGTH_GROUPS, in_length_groups
from course.trained.loss_curves import loss_curves
from course.training import label_smoothed_loss
from course.training.timing import fastest_of, training_step
from course.transformer import Transformer, TransformerConfig
from course.viz import AttentionExplorer, VideoSearch, figures, use_course_style
from course.viz.diagrams import multi_head as multi_head_diagram
from course.viz.diagrams import transformer_architecture, transformer_block
from course.viz.figures.error_by_length import error_by_length
from course.viz.kit.layout import stacked
from course.viz.show import say, source, table

use_course_style()

# %% [markdown]
# ## 1 · Attention, one step at a time
#
# ### Without weights
#
# Three words, each with a vector of two numbers that can be read: how much it has to do with water, and how much with money.
# "bank" could be either.

# %%
words, meanings = ["steep", "river", "bank"], ["water", "money"]
x = torch.tensor([[1.0, 0.0], [2.0, 0.0], [1.0, 1.0]])


def named(matrix, columns):
    """A table of one row for each word."""
    rows = zip(words, matrix.tolist(), strict=True)
    return table(
        ({"": word} | dict(zip(columns, row, strict=True)) for word, row in rows), formats=".2f"
    )


named(x, meanings)

# %% [markdown]
# How well does each word fit each other word?
# The dot product of their vectors says so: a row for the word that asks, a column for the word that answers.

# %%
scores = x @ x.T
named(scores, words)

# %% [markdown]
# Softmax turns each row into shares that sum to 1.

# %%
weights = scores.softmax(dim=-1)
named(weights, words)

# %% [markdown]
# In the last step each word becomes a mix of all words, in its row's shares.

# %%
ask("transformer.bank")

# %%
mixed = weights @ x
named(mixed, meanings)

# %% [markdown]
# Compare "bank" before and after: its money has shrunk and its water has grown.
# The company it keeps has said which bank it is.
# Nothing was trained, and these three lines are all of it: `x @ x.T`, `softmax`, `weights @ x`.
# Because every word asks the words of its own sentence, this is *self-attention*.
#
# ### With weights: query, key, value
#
# Here a word looks for what resembles it.
# But what a word looks for is seldom what it is: an adjective looks for its noun, "it" looks for what it stands for.
# You know such a search: what you type on a video site is the *query*, the titles it is compared with are the *keys*, and what you get is not a title but the video, the *value*.
#
# Attention is that search with one difference.
# It does not choose one video; it gives each a share and returns a mix of the contents.
# Below, MiniLM, the small BERT of lesson 02, makes a vector of each text.
# Change the query, the titles or the contents; **Sharpness** is what the similarities are multiplied by before softmax.

# %%
bert, word_pieces = load("minilm")
videos = """Sourdough for beginners | Flour, water and salt become a loaf overnight.
Repairing a bicycle tire | A patch, some glue and a pump; the wheel turns again.
How volcanoes erupt | Molten rock rises until the mountain opens.
Growing tomatoes on a balcony | Sun, a deep pot and water every evening.
Why the sky is blue | Air scatters the short waves of sunlight most."""
search = VideoSearch(bert, word_pieces, query="I want to bake bread", videos=videos)
search

# %% [markdown]
# The title with the largest share has no word in common with the query: vectors are compared, not words.
# At sharpness 0 every video gets the same share, at 50 nearly all goes to one.
# In between, a share changes a little when a vector changes a little, and so gradients can train it.
# A choice has no such gradient.
#
# A Transformer makes queries, keys and values by three trained matrices: $q = xW_Q$, $k = xW_K$, $v = xW_V$.
# For our three words, matrices set by hand: a word asks for water to the extent that it is about money, and hands over its water only.

# %%
w_query = torch.tensor([[0.0, 0.0], [3.0, 0.0]])
w_key = torch.eye(2)
w_value = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
query, key, value = x @ w_query, x @ w_key, x @ w_value
weighted = (query @ key.T).softmax(dim=-1)
named(weighted, words)

# %% [markdown]
# "steep" and "river" have no money in them, so their query is 0: they ask for nothing, and get the same of everything.
# "bank" asks for water and finds "river".
# What comes back is `weighted @ value`.
# In a model nobody sets these matrices; training does.
#
# > **What the notes say / what the paper says.**
# > The notes wonder why key and value are "the same thing twice".
# > In lesson 04 they were: both were the encoder's states.
# > Here both are made from the same vectors by two matrices, so what a word is found by and what it hands over may differ.
# > The notes also compare query and key by the cosine; the Transformer takes the dot product (section 3.2.1), which is the cosine times both lengths.
# > With the dot product the length of a key counts as well: a longer one gets larger scores, positive or negative, and a trained model can use that.

# %%
titles = [line.split(" | ")[0] for line in videos.splitlines()]
title_ids, title_mask = encode_batch(word_pieces, [search.query, *titles])
with torch.no_grad():  # the widget scales these vectors to length 1, as MiniLM does in use
    asked, *of_titles = mean_states(bert(title_ids, title_mask), title_mask)
table(
    (
        {"title": title, "length of the key": mean.norm(), "dot product": asked @ mean}
        | {"cosine": torch.cosine_similarity(asked, mean, dim=0)}
        for title, mean in zip(titles, of_titles, strict=True)
    ),
    formats=".2f",
)

# %% [markdown]
# These keys are of about the same length, so both measures give the same order here.
#
# ### In a real model
#
# MatMul → Scale → Softmax → MatMul: the four steps inside MiniLM, for the word "it" of a well-known sentence.
# Layer 3 and head 1 are counted from 0; lesson 20 says why this head.
# The scale, a division by √d, is the next section's.

# %%
tired, _wide = NOTES_PAIR.twins
ids, _mask = encode_batch(word_pieces, [tired])
tokens = [word_pieces.tokens[i] for i in ids[0].tolist()]
it = tokens.index("it")
with torch.no_grad(), record_attention(bert) as maps:
    bert(ids)
    states_below = bert.embedding(ids, torch.zeros_like(ids))
    for block in bert.blocks[:3]:
        states_below = block(states_below)
    layer = bert.blocks[3].attention
    q, k, v = (
        project(states_below)[0].view(len(tokens), 12, 32)[:, 1]  # of 12 heads, head 1
        for project in (layer.query, layer.key, layer.value)
    )
products = q[it] @ k.T  # MatMul: one number for each key
scaled = products / math.sqrt(32)  # Scale
shares = scaled.softmax(dim=0)  # Softmax
received = shares @ v  # MatMul: the 32 numbers that "it" receives from this head

# %%
say(tired)
say("as in the model's own pass:", torch.allclose(shares, maps[3][0, 1, it], atol=1e-5))
table(
    [
        {"key": tokens[i], "q · k": products[i], "÷ √32": scaled[i], "weight": shares[i]}
        for i in shares.argsort(descending=True)[:5]
    ],
    formats={"q · k": ".1f", "÷ √32": ".2f", "weight": ".0%"},
)

# %% [markdown]
# The five keys with the largest weights.
# (`[CLS]` and `[SEP]` are special tokens that BERT puts before and after each text.)
# The notes call the weights an *attention filter*: what gets a small weight fades from the mix.
#
# ## 2 · Why divide by √d
#
# A dot product of two vectors of $d$ random numbers is a sum of $d$ terms: for independent numbers of mean 0 and variance 1 its standard deviation is $\sqrt d$ (footnote 4 of the paper).
# The larger the scores, the less even the weights.
# The *entropy* of the weights measures how evenly: log n for n equal weights, 0 when one has everything.
# With the natural logarithm its unit is the nat; the bits of lesson 05 take the logarithm to base 2.


# %% tags=["exercise"]
def softmax_entropy(scores: list[float]) -> float:
    """How even the weights are that softmax makes of these scores: their entropy, in nats.

    The entropy of the weights w is the sum of -w * log(w), with the natural logarithm; a weight of
    0 adds nothing. Scores may be far from 0: exp(1000) is more than a float can hold.

    >>> softmax_entropy([2.0, 2.0, 2.0, 2.0])
    1.3862943611198906
    >>> softmax_entropy([1000.0, 0.0])
    0.0
    """
    ...


check("transformer.softmax_entropy", softmax_entropy)

# %%
entropy_of = yours("transformer.softmax_entropy", softmax_entropy)
table(
    {"scores of “it”": name, "entropy, nats": entropy_of(row.tolist())}
    for name, row in {"q · k": products, "÷ √32": scaled, "all equal": 0 * scaled}.items()
)

# %% [markdown]
# Now 32 random keys and a random query, of 1 to 1,024 numbers each, with and without the division.
# The second picture shows how much gradient passes the softmax: the length (Frobenius norm) of its Jacobian (the derivative of each weight by each score), $\operatorname{diag}(w) - ww^\top$.


# %%
def softmax_at(d, divide, seed):
    """Mean entropy of the weights, and mean length of the softmax's Jacobian, of random queries and keys."""
    drawn = torch.randn(64, 33, d, generator=torch.Generator().manual_seed(seed))
    scores = (drawn[:, 1:] @ drawn[:, 0, :, None])[..., 0] / (math.sqrt(d) if divide else 1)
    w = scores.softmax(dim=1)
    jacobian = torch.diag_embed(w) - w[:, :, None] * w[:, None]
    return torch.special.entr(w).sum(dim=1).mean().item(), jacobian.flatten(1).norm(
        dim=1
    ).mean().item()


sizes = [2**power for power in range(11)]
entropy, gradient = (
    {
        name: np.array(
            [[softmax_at(d, divide, seed)[which] for d in sizes] for seed in range(5)]
        )
        for name, divide in {"divided by √d": True, "not divided": False}.items()
    }
    for which in (0, 1)
)

# %%
pictures = [
    figures.curves(
        np.arange(11),
        measured,
        title=title,
        ylabel=unit_name,
        xlabel="d, the numbers in a query",
    )
    for title, unit_name, measured in [
        ("Without √d, one key takes nearly all", "entropy of the weights, nats", entropy),
        ("… and less gradient passes, from d = 64 on", "length of the Jacobian", gradient),
    ]
]
for picture in pictures:
    picture.axes[0].set_xticks(range(11), sizes)
stacked(pictures)

# %% [markdown]
# The paper suspects "extremely small gradients" for large $d$ (section 3.2.1), and a common account is that without the division nothing is learned.
# How much passes at the size of the paper's heads, $d$ = 64?
# The card takes "extremely small" to mean less than a tenth.

# %%
passes = gradient["not divided"] / gradient["divided by √d"]
claim(
    "transformer.undivided",
    "Without the division, less than a tenth of the gradient passes the softmax.",
    said_by="this lesson, reading the paper's section 3.2.1",
    findings=[
        Finding(
            f"share that passes at d = {d}",
            over_seeds(passes[:, sizes.index(d)], "%", of="draws"),
            "below",
            0.1,
        )
        for d in (64, 1024)
    ],
)

# %% [markdown]
# Less passes, not none: that is the gradient at the first step, with random vectors.
# Look at the hump, too: for a few numbers the undivided scores pass more, since equal weights have a small Jacobian as well.
# And training can shrink $W_Q$ and $W_K$: in lesson 04 LSTMs with the undivided dot product got all new dates right, too.
#
# ## 3 · Masks
#
# A *mask* says which keys a query may see: the score of a hidden key becomes −∞ and its weight 0.
# There are two.
# *Padding* fills up the short rows of a batch, and must not be looked at.
# And in training the decoder gets the whole answer at once, so each position may look only at itself and at what comes before: the *causal mask* of lesson 05.


# %% tags=["exercise"]
def causal_mask(n_queries: int, n_keys: int) -> list[list[bool]]:
    """Which keys each query may see: itself and those before it.

    There is a row for each query; True means visible. The queries are the **last** of the keys:
    when a text is generated with a cache, the keys of the tokens read before are there as well.

    >>> causal_mask(3, 3)
    [[True, False, False], [True, True, False], [True, True, True]]
    >>> causal_mask(1, 4)
    [[True, True, True, True]]
    """
    ...


check("transformer.causal_mask", causal_mask)

# %%
past_of = yours("transformer.causal_mask", causal_mask)
past = torch.tensor(past_of(3, 3))
named((x @ x.T).masked_fill(~past, -math.inf).softmax(dim=-1), words)

# %% [markdown]
# "steep" sees itself alone, "river" two words, "bank" all three.
# Now you have all parts of attention; put them together, for one sequence, for a batch, and for a batch of heads.


# %% tags=["exercise"]
def attention(query: "Tensor", key: "Tensor", value: "Tensor", mask: "Tensor") -> "Tensor":
    """Scaled dot-product attention: mix the values by how well each query matches each key.

    query: (..., n_queries, d), key: (..., n_keys, d), value: (..., n_keys, d_value); the dots stand
    for the same dimensions in all three: none, or a batch, or a batch and heads. `mask` is True
    where a query may look at a key, in the shape of the scores or one that broadcasts to it.
    The answer: (..., n_queries, d_value).

    >>> import torch
    >>> query, key = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0], [0.0, 5.0]])
    >>> value = torch.tensor([[2.0], [4.0]])
    >>> attention(query, key, value, mask=torch.tensor([[True, True]])).tolist()
    [[3.0]]
    >>> attention(query, key, value, mask=torch.tensor([[True, False]])).tolist()
    [[2.0]]
    """
    ...


check("transformer.attention", attention)

# %% [markdown]
# Is it what PyTorch computes?
# Compare outputs and gradients, each number to within 0.00001.

# %%
attend = yours("transformer.attention", attention)


def agree(ours, theirs):
    """Whether two tensors are equal to within 1e-5."""
    return torch.allclose(ours, theirs, atol=1e-5, rtol=1e-5)


torch.manual_seed(0)
inputs = [torch.randn(2, 8, 10, 64, requires_grad=True) for _input in range(3)]
past_10 = torch.tensor(past_of(10, 10))
theirs = nn.functional.scaled_dot_product_attention(*inputs, past_10)
pair = [
    (out, *torch.autograd.grad(out.pow(2).mean(), inputs))
    for out in (attend(*inputs, past_10), theirs)
]
parts = ("output", "gradient of the queries", "gradient of the keys", "gradient of the values")
table(
    {"": part, "equal to 1e-5": agree(*both)}
    for part, both in zip(parts, zip(*pair, strict=True), strict=True)
)

# %% [markdown]
# ## 4 · Many heads
#
# One softmax makes one mix.
# But "it" may need several things at once: what it stands for, which verb it belongs to, what comes next.
# *Multi-head attention* splits queries, keys and values into parts, the *heads*; each attends on its own, and the results are joined.
# The paper's model has 512 numbers for each token and 8 heads, so each head works with 64.


# %% tags=["exercise"]
def split_heads(x: "Tensor", n_heads: int) -> "Tensor":
    """Give each head its part of every vector of x.

    x: (batch, position, d_model). The answer: (batch, heads, position, d_head). Head 0 takes the
    first d_model / n_heads numbers of each vector, head 1 the next ones, and so on.

    >>> import torch
    >>> x = torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]])  # 1 sequence of 2 positions
    >>> split_heads(x, n_heads=2).tolist()
    [[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]]
    """
    ...


check("transformer.split_heads", split_heads)

# %% [markdown]
# After the attention the heads are joined again: undo the two steps of the split, in reverse.
# The numbers of head 0 then come first, those of head 1 after them.
# A last matrix, $W_O$, is the *output projection*.

# %%
multi_head_diagram()

# %%
ask("transformer.heads")

# %% [markdown]
# Up to the join each number is from one head alone.
# $W_O$ mixes them: in this layer, only there can what two heads found be combined into one message.


# %% tags=["exercise"]
def multi_head(x: "Tensor", layers: "Layers", n_heads: int, mask: "Tensor") -> "Tensor":
    """Multi-head self-attention: every position of x gathers from all that it may see.

    x: (batch, position, d_model). `layers` has four linear layers: `layers.query`, `layers.key` and
    `layers.value` make queries, keys and values of x. Each head attends with its part of them, by
    scaled dot products; the heads are joined again, and `layers.output` mixes them. `mask` is True
    where a position may look. The answer: (batch, position, d_model).

    >>> import torch
    >>> from types import SimpleNamespace
    >>> same, double = lambda v: v, lambda v: 2 * v
    >>> layers = SimpleNamespace(query=same, key=same, value=same, output=double)
    >>> x = torch.tensor([[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]])
    >>> multi_head(x, layers, n_heads=2, mask=torch.eye(2).bool()).tolist()
    [[[2.0, 4.0, 6.0, 8.0], [10.0, 12.0, 14.0, 16.0]]]
    """
    ...


check("transformer.multi_head", multi_head)

# %% [markdown]
# As a module it is a dozen lines.

# %%
my_multi_head = yours("transformer.multi_head", multi_head)


class MultiHead(nn.Module):
    """Multi-head self-attention, with your function inside."""

    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.query, self.key = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.value, self.output = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, x, mask):
        return my_multi_head(x, self, self.n_heads, mask)


# %% [markdown]
# The same weights in your module, in the package's, and in PyTorch's `nn.MultiheadAttention`, which keeps the first three projections in one matrix:

# %%
mine, package = MultiHead(512, 8), MultiHeadAttention(512, 8)
for name in ("query", "key", "value", "output"):
    setattr(mine, name, getattr(package, name))  # one set of weights for both
vectors, reference = torch.randn(2, 10, 512), as_torch(package)
future = ~past_10  # in PyTorch's masks, True is hidden
own_output = mine(vectors, past_10)
torch_output, _weights = reference(vectors, vectors, vectors, attn_mask=future)
same = same_as_torch(package, reference, own_output, torch_output)
say("outputs, yours and the package's:", agree(own_output, package(vectors, causal=True)))
say("outputs, yours and PyTorch's:", same["outputs"])
say("gradients of all weights, yours and PyTorch's:", same["gradients"])

# %% [markdown]
# The package's own has the same lines, and besides them what later lessons need: a cache, rotations, heads that share keys.

# %%
source(MultiHeadAttention.forward)

# %%
one_head, eight_heads = (count_parameters(MultiHeadAttention(512, n)) for n in (1, 8))
say(f"weights with one head: {one_head:,}; with eight: {eight_heads:,}")

# %% [markdown]
# Several narrow heads have as many weights as one wide head: the matrices have the same size.
# The notes say that several attentions in parallel are effective.
# In the paper a single head is 0.9 BLEU (a score of translations, section 10) worse than the best number of heads, and too many heads are worse as well (section 6.2, table 3, rows A); here it is not tested.
#
# ## 5 · The layers
#
# Attention moves information between positions.
# What happens at a position is the work of a *feed-forward network*: two linear layers with a ReLU between them, which sets negative numbers to 0.
# It is the same at every position, and in the paper four times as wide inside.


# %%
def feed_forward(x, layer):
    """The feed-forward network with the two linear layers of `layer`."""
    return layer.down(layer.up(x).relu())


# %% [markdown]
# The attention and this network are the two *sublayers* of a layer.
# Each is added to what was there, $x + \text{sublayer}(x)$, by a *residual connection*.
# The gradient passes the sum unchanged, and the vector of a position becomes a *residual stream* into which each sublayer writes.
# What is added up grows, so *layer normalization* brings a vector to mean 0 and standard deviation 1; two trained numbers for each of its numbers, a gain and a bias, then scale and shift it.
# A tiny eps keeps the division finite where all numbers of a vector are equal.


# %% tags=["exercise"]
def layer_norm(x: list[float], gain: list[float], bias: list[float], eps: float) -> list[float]:
    """Layer normalization of a vector: minus its mean, over its standard deviation, then rescaled.

    The standard deviation is the root of variance + eps, the variance being the mean of the squared
    distances from the mean (divided by n, not n - 1). Each number is then multiplied by its `gain`,
    and its `bias` is added.

    >>> layer_norm([1.0, 3.0], gain=[1.0, 10.0], bias=[0.0, 0.5], eps=0.0)
    [-1.0, 10.5]
    """
    ...


check("transformer.layer_norm", layer_norm)

# %%
my_layer_norm = yours("transformer.layer_norm", layer_norm)


def norm_of(layer):
    """Your layer normalization of every position, with the gain and the bias of a `nn.LayerNorm`."""
    gain, bias = layer.weight.tolist(), layer.bias.tolist()
    return lambda x: torch.tensor(
        [[my_layer_norm(vector, gain, bias, layer.eps) for vector in row] for row in x.tolist()]
    )


torch_norm = nn.LayerNorm(512)
nn.init.normal_(torch_norm.weight)
say("equal to nn.LayerNorm:", agree(norm_of(torch_norm)(vectors), torch_norm(vectors)))

# %% [markdown]
# Where does the norm go?
# The paper normalizes after the sum, norm(x + sublayer(x)): *post-norm*.
# Nearly all large language models since GPT-2 normalize what the sublayer reads, x + sublayer(norm(x)): *pre-norm*.
# (RoBERTa, BART and DeBERTa are post-norm.)


# %% tags=["exercise"]
def residual(x: "Tensor", sublayer: "Callable", norm: "Callable", norm_first: bool) -> "Tensor":
    """A residual connection around a sublayer: what the sublayer computes is added to `x`.

    `sublayer` and `norm` are functions of a tensor. With `norm_first` (pre-norm) the sublayer reads
    what is normalized, and `x` itself is left alone; without (post-norm) the sum is normalized.

    >>> import torch
    >>> tenfold, centered = lambda v: 10 * v, lambda v: v - v.mean()
    >>> residual(torch.tensor([1.0, 2.0]), tenfold, centered, norm_first=True).tolist()
    [-4.0, 7.0]
    >>> residual(torch.tensor([1.0, 2.0]), tenfold, centered, norm_first=False).tolist()
    [-5.5, 5.5]
    """
    ...


check("transformer.residual", residual)

# %% [markdown]
# In training, *dropout* sets some of what a sublayer computed to 0, at random, and scales up the rest, before it is added (section 5.4 of the paper: a tenth).
# No single number can then be relied on; after training nothing is dropped, so it is in no formula here.
#
# The encoder's layer is two such sublayers.

# %%
transformer_block("pre")


# %% tags=["exercise"]
def encoder_layer(
    x: "Tensor",
    self_attention: "Callable",
    feed_forward: "Callable",
    norms: "tuple[Callable, Callable]",
    norm_first: bool,
) -> "Tensor":
    """One layer of the encoder: self-attention, then the feed-forward network.

    Each of the two has a residual connection and its own norm, the first and the second of `norms`.
    `norm_first` says, as in `residual`, whether a norm comes before its sublayer or after the sum.

    >>> import torch
    >>> double, add_three, same = lambda v: 2 * v, lambda v: v + 3, lambda v: v
    >>> encoder_layer(torch.tensor([[1.0]]), double, add_three, (same, same), True).tolist()
    [[9.0]]
    """
    ...


check("transformer.encoder_layer", encoder_layer)

# %% [markdown]
# The decoder's layer has a third sublayer between the two, *cross-attention*, also called encoder–decoder attention.
# It is the attention of lesson 04: queries from what has been predicted, keys and values from what the encoder made of the source.


# %% tags=["exercise"]
def cross_attention(
    x: "Tensor",
    memory: "Tensor",
    layers: "Layers",
    n_heads: int,
    mask: "Tensor",
) -> "Tensor":
    """Multi-head attention from one sequence to another: x asks, and `memory` answers.

    x: (batch, position, d_model) is what the decoder has so far; memory: (batch, source, d_model)
    is what the encoder made of the source. The queries come from x, keys and values from memory.
    All else is as in `multi_head`. The answer: (batch, position, d_model).

    >>> import torch
    >>> from types import SimpleNamespace
    >>> same = lambda v: v
    >>> layers = SimpleNamespace(query=same, key=same, value=same, output=same)
    >>> x, memory = torch.tensor([[[0.0, 0.0]]]), torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    >>> cross_attention(x, memory, layers, n_heads=1, mask=torch.tensor([[True, True]])).tolist()
    [[[2.0, 3.0]]]
    """
    ...


check("transformer.cross_attention", cross_attention)

# %% [markdown]
# > **What the notes say / what the paper says.**
# > The notes say that in self-attention query, key and value are equal, and that in cross-attention the keys equal the values.
# > That is true of what goes into the three matrices; what comes out of them differs.
#
# Your functions as layers, with the weights of a layer of the package:

# %%
my_residual = yours("transformer.residual", residual)
my_encoder_layer = yours("transformer.encoder_layer", encoder_layer)
my_cross_attention = yours("transformer.cross_attention", cross_attention)


def encode(x, block, n_heads, visible, pre, norm=lambda layer: layer):
    """One layer of the encoder with the weights of `block`; `norm` is a way to compute its norms."""
    norms = norm(block.attention_residual.norm), norm(block.feed_forward_residual.norm)

    def self_attention(x):
        return my_multi_head(x, block.attention, n_heads, visible)

    return my_encoder_layer(
        x, self_attention, partial(feed_forward, layer=block.feed_forward), norms, pre
    )


def decode(x, memory, block, n_heads, past, visible, pre, norm=lambda layer: layer):
    """One layer of the decoder, in three sublayers, with the weights of `block`."""

    def self_attention(x):
        return my_multi_head(x, block.self_attention, n_heads, past)

    def to_source(x):
        return my_cross_attention(x, memory, block.source_attention, n_heads, visible)

    x = my_residual(x, self_attention, norm(block.self_attention_residual.norm), pre)
    x = my_residual(x, to_source, norm(block.source_attention_residual.norm), pre)
    last_norm = norm(block.feed_forward_residual.norm)
    return my_residual(x, partial(feed_forward, layer=block.feed_forward), last_norm, pre)


# %% [markdown]
# Against `nn.TransformerEncoderLayer` and `nn.TransformerDecoderLayer`, in both orders of the normalization:

# %%
layer_parity = []
words_in, source_states = torch.randn(2, 10, 64), torch.randn(2, 9, 64)
everything = torch.tensor([[True]])
for order, pre in {"post": False, "pre": True}.items():
    config = TransformerConfig(9, 9, d_model=64, n_heads=4, d_ff=256, dropout=0.0, norm=order)
    encoder_block, decoder_block = config.encoder_block(), config.decoder_block()
    torch_encoder, torch_decoder = as_torch(encoder_block), as_torch(decoder_block)
    encoded = encode(words_in, encoder_block, 4, everything, pre)
    decoded = decode(words_in, source_states, decoder_block, 4, past_10, everything, pre)
    expected = torch_decoder(words_in, source_states, tgt_mask=future)
    layer_parity += [
        {"layer": type(torch_encoder).__name__, "order": f"{order}-norm"}
        | same_as_torch(encoder_block, torch_encoder, encoded, torch_encoder(words_in)),
        {"layer": type(torch_decoder).__name__, "order": f"{order}-norm"}
        | same_as_torch(decoder_block, torch_decoder, decoded, expected),
    ]
table(layer_parity)

# %% [markdown]
# ## 6 · The whole Transformer
#
# Encoder: tokens → embedding + positions → `n_layers` layers.
# Decoder: the same with causal self-attention and cross-attention, then Dense → Softmax as the notes call it: the output layer, which gives each token of the vocabulary its probability.
# All tokens are embedded at once; the waves of lesson 05 tell them their positions.

# %%
transformer_architecture()

# %% [markdown]
# Three details.
# The picture has the post-norm of the paper.
# With pre-norm nothing has normalized the stream itself, so one more norm comes after the last layer of the encoder, and one after that of the decoder.
#
# The embeddings are multiplied by √d_model before the waves are added (section 3.4).
# The paper gives no reason; a common one is that the matrix which embeds is also the output layer, whose numbers start small, and beside waves between −1 and 1 they would be lost.
#
# And where source and target have one vocabulary, one matrix serves as both embeddings and the output layer: *shared embeddings*.
#
# Here is the whole model, made of your functions.
# `trained_model` is a Transformer of the package; only its weights are used.


# %%
def transformer(trained_model, source_ids, target_ids):
    """The logits of the token after each of `target_ids`: your functions, a trained model's weights."""
    n_heads, pre = trained_model.config.n_heads, trained_model.config.norm == "pre"
    past = torch.tensor(past_of(target_ids.shape[1], target_ids.shape[1]))

    def embed(ids, side):
        waves = side.embedding.positions.table[: ids.shape[1]]
        return (
            side.embedding.tokens.weight[ids] * math.sqrt(trained_model.config.d_model) + waves
        )

    memory = embed(source_ids, trained_model.encoder)
    for block in trained_model.encoder.blocks:
        memory = encode(memory, block, n_heads, everything, pre, norm_of)
    memory = norm_of(trained_model.encoder.norm)(memory)

    x = embed(target_ids, trained_model.decoder)
    for block in trained_model.decoder.blocks:
        x = decode(x, memory, block, n_heads, past, everything, pre, norm_of)
    return norm_of(trained_model.decoder.norm)(x) @ trained_model.output.weight.T


# %% [markdown]
# It gets the weights of a Transformer that has learned to pronounce English words (section 8), and predicts one sound after the other.

# %%
task = pronunciation_task()
speaker = trained.load("pronunciation/transformer")
word = "knowledge"
letters = task.sources([task.symbols_from(word)])
target_ids = torch.tensor([[speaker.config.bos_id]])
with torch.no_grad():
    while target_ids.shape[1] < task.max_length:
        next_id = transformer(speaker, letters, target_ids)[:, -1:].argmax(dim=-1)
        if next_id.item() == task.target.eos_id:
            break
        target_ids = torch.cat((target_ids, next_id), dim=1)
    own_logits, package_logits = (
        transformer(speaker, letters, target_ids),
        speaker(letters, target_ids),
    )

# %%
say(word, "→", " ".join(task.target.decode(target_ids[0, 1:].tolist())))
largest = (own_logits - package_logits).abs().max().item()
say("the package's logits, to within 0.0001:", largest < 1e-4)

# %% [markdown]
# That is a Transformer, and you wrote it.
#
# The paper's own size, built without filling its numbers in:

# %%
with torch.device("meta"):
    shared, apart = (
        count_parameters(Transformer(TransformerConfig(37_000, 37_000, shared_embeddings=both)))
        for both in (True, False)
    )
say(f"base model, embeddings shared: {shared:,} weights; the two languages apart: {apart:,}")

# %% [markdown]
# The paper's table 3 says 65 million, for a vocabulary of "about 37,000" tokens (section 5.1); it does not explain the difference.
#
# ## 7 · How it is trained
#
# ### Label smoothing
#
# Cross-entropy asks for probability 1 of the right token, which no finite logits give, so training pushes them apart forever.
# *Label smoothing* asks for a little less (Szegedy et al. 2016, section 7; section 5.4 of the paper).


# %% tags=["exercise"]
def smoothed_target(right: int, vocab_size: int, smoothing: float) -> list[float]:
    """The probabilities that label smoothing asks for, when the token `right` is right.

    A share `smoothing` is spread evenly over **all** tokens, the right one included; the right
    token also gets the rest.

    >>> smoothed_target(2, vocab_size=4, smoothing=0.2)
    [0.05, 0.05, 0.8500000000000001, 0.05]
    """
    ...


check("transformer.smoothed_target", smoothed_target)

# %%
smoothed = yours("transformer.smoothed_target", smoothed_target)
gaps = np.arange(13)  # logit of the right token above those of 39 others
log_probabilities = torch.stack([torch.eye(40)[7] * gap for gap in gaps]).log_softmax(dim=-1)
figures.curves(
    gaps,
    {
        f"smoothing {amount}": (
            -log_probabilities @ torch.tensor(smoothed(7, 40, amount))
        ).tolist()
        for amount in (0.0, 0.1, 0.2)
    },
    title="With smoothing, being too sure costs",
    xlabel="logit of the right token above the 39 others",
    ylabel="loss",
    ylim=(0, 4),
)

# %% [markdown]
# With smoothing each curve has a lowest point, and beyond it the loss rises.
# The paper says what it buys: perplexity gets worse, since the model is less sure, but accuracy and BLEU improve (section 5.4).
# It is why the probabilities of lesson 03's models stop near 0.9.
#
# ### Warm-up
#
# The first gradients come from random weights, so a large step may lead anywhere.
# The paper begins with a tiny learning rate that rises for 4,000 steps, the *warm-up*, and then falls as one over the root of the step (section 5.3).


# %% tags=["exercise"]
def warmup_rate(step: int, d_model: int, warmup_steps: int) -> float:
    """The learning rate of "Attention Is All You Need" at a step; steps count from 1.

    For `warmup_steps` steps it rises in a straight line through 0; then it falls as 1 / sqrt(step).
    Where the two meet, it is 1 / sqrt(d_model * warmup_steps).

    >>> warmup_rate(100, d_model=64, warmup_steps=100)
    0.0125
    >>> warmup_rate(50, d_model=64, warmup_steps=100)
    0.00625
    """
    ...


check("transformer.warmup_rate", warmup_rate)

# %%
rate_at = yours("transformer.warmup_rate", warmup_rate)
steps = np.arange(1, 20_002, 1_000)
figures.curves(
    steps,
    {
        f"d_model {d_model}, {rise:,} steps": [
            1000 * rate_at(int(step), d_model, rise) for step in steps
        ]
        for d_model, rise in [(512, 4_000), (512, 8_000), (1024, 4_000)]
    },
    title="Up in a line, down as 1/√step",
    xlabel="step",
    ylabel="learning rate × 1000",
)

# %% [markdown]
# ### Post-norm, pre-norm and the rate
#
# Pre-norm, it is often said, trains more easily, and post-norm cannot do without the warm-up.
# A script trained a small Transformer (four layers in the encoder, four in the decoder) to output six digits in reverse order, for 300 steps, in all four ways, with three learning rates and three seeds each.
# Here are the curves at the highest and at the lowest of the rates.

# %%
ways = {
    f"{order}-norm, {'warm-up' if warm_up else 'no warm-up'}": {
        "norm": order,
        "warmup": warm_up,
    }
    for order in ("post", "pre")
    for warm_up in (True, False)
}
all_rates = sorted({run["learning_rate"] for run in trained.results("normalization")})
losses = {
    (way, at): loss_curves("normalization", learning_rate=at, **setting)  # [seed, point]
    for way, setting in ways.items()
    for at in all_rates
}

# %%
what_is_seen = {
    f"Rate {all_rates[-1]}: post-norm depends on its warm-up": all_rates[-1],
    f"Rate {all_rates[0]}: neither order needs one": all_rates[0],
}
axes = {"xlabel": "training step", "ylabel": "loss"}
stacked(
    [
        figures.curves(
            10 * np.arange(1, 31), {way: losses[way, at] for way in ways}, title=title, **axes
        )
        for title, at in what_is_seen.items()
    ]
)

# %%
last = {
    run: of_run[:, -3:].mean(axis=1) for run, of_run in losses.items()
}  # the mean of 30 steps
table(
    {"learning rate": str(at)} | {way: over_seeds(last[way, at]) for way in ways}
    for at in all_rates
)

# %%
without = {
    order: [last[f"{order}-norm, no warm-up", at] for at in all_rates]
    for order in ("post", "pre")
}
with_it = {
    order: [last[f"{order}-norm, warm-up", at] for at in all_rates] for order in ("post", "pre")
}
claim(
    "transformer.warm_up",
    "Without the warm-up post-norm ends higher than with it.",
    said_by="Xiong et al. 2020, section 3, of larger models",
    findings=[
        Finding(
            f"last loss, without minus with warm-up, rate {at}", over_seeds(a - b), "above", 0.0
        )
        for at, a, b in zip(all_rates, without["post"], with_it["post"], strict=True)
    ],
)

# %%
claim(
    "transformer.pre_norm",
    "Pre-norm without a warm-up ends lower than post-norm with one.",
    said_by="this lesson, after Xiong et al. 2020",
    findings=[
        Finding(
            f"last loss, pre-norm minus post-norm, rate {at}", over_seeds(a - b), "below", 0.0
        )
        for at, a, b in zip(all_rates, without["pre"], with_it["post"], strict=True)
    ],
)

# %% [markdown]
# The cards say at which rates each holds for this small model, over three seeds and 300 steps.
# Xiong et al. give a reason: at the first step the gradients of a post-norm model are large near its output, and those of a pre-norm model are not.
# Of their own models they say that pre-norm without a warm-up reaches results comparable to post-norm with one, in less training time.
#
# ## 8 · Against the LSTMs
#
# The tasks of lessons 03 and 04, for models of about the same number of weights: the LSTM whose decoder gets one vector, the LSTM with attention, and the Transformer.
# Each was trained by a script (`experiments/pronunciation.py`, `experiments/dates.py`), six passes over the dictionary and sixteen over the dates.
#
# Settings are chosen by a small search on validation words, by one rule for all models: learning rate, dropout and batch size in short trainings, then the best three of each model at full length.
# [Experiments](../docs/experiments.md) has all rows.
# Look at the two steps there: in trainings a quarter as long both LSTMs were best with twice the rate, so a short search alone would have chosen worse.

# %%
NAMES = {"LSTM": "lstm", "LSTM + attention": "lstm-attention", "Transformer": "transformer"}
table(trained.best_settings("pronunciation", NAMES))

# %% [markdown]
# Each row of a search is one training with one seed, so this table chooses settings and does not rank models.
# With these settings each model was trained again, with three seeds.
# Here they are on the test words.

# %%
table(
    {"model": name, "weights": trained.parameters("pronunciation")[model]}
    | {"phoneme error rate": rates[model], "words right": right[model]}
    for rates in [trained.by_model("pronunciation", "test", "error_rate")]
    for right in [trained.by_model("pronunciation", "test", "exact_match")]
    for name, model in NAMES.items()
)

# %%
counts = {name: trained.items("pronunciation", model, "test") for name, model in NAMES.items()}
inside = in_length_groups(task.tests["test"])
n_letters = np.array([len(example.source) for example in task.tests["test"]])
error_by_length(
    [round(n_letters[these].mean(), 1) for these in inside.values()],
    {
        name: trained.curve(trained.results("pronunciation"), model, [*LENGTH_GROUPS.values()])
        for name, model in NAMES.items()
    },
    title="Errors by the length of the word",
    words=[these.sum() for these in inside.values()],
)

# %% [markdown]
# The last group, of 15 letters and more, is small.
# So the cards below have intervals over words; each says what it covers.


# %%
def less_than(other, name, chosen=None):
    """The phoneme error rate of one model minus that of another, on the chosen words."""
    a, b = (
        each if chosen is None else each.of_items(chosen)
        for each in (counts[name], counts[other])
    )
    return difference_of_rates(a, b)


claim(
    "transformer.equal_size",
    "At equal size a Transformer is as good as an LSTM.",
    said_by="a common reading of Vaswani et al. 2017",
    findings=[
        Finding(
            f"phoneme error rate, Transformer minus {other}",
            less_than(other, "Transformer"),
            "below",
            0.005,
        )
        for other in ("LSTM", "LSTM + attention")
    ],
)

# %%
claim(
    "transformer.longest_words",
    "On the longest words, of 15 letters and more, attention of either kind makes fewer errors than none.",
    said_by="this lesson",
    findings=[
        Finding(
            f"phoneme error rate, {name} minus LSTM",
            less_than("LSTM", name, inside["15+"]),
            "below",
            0.0,
        )
        for name in ("LSTM + attention", "Transformer")
    ],
)

# %% [markdown]
# "As good" allows half a point.
# The cards speak of this dictionary, this size and this length of training.
# Published Transformers do better at such tasks: Wu, Cotterell and Hulden (2021) find that with a large enough batch they outperform recurrent models on tasks of characters, and a strong baseline on pronunciation; Yolchuyeva, Németh and Gyires-Tóth (2019) report lower error rates than earlier recurrent models without attention, also on CMUdict.
# In the short trainings here the larger batch was worse, for the LSTMs as well, but with as many passes it also takes fewer steps.
#
# ### With more passes
#
# Six passes are a choice.
# Here are shorter and longer trainings, each with the setting that was best for six passes, and one seed:

# %%
PASSES = (1.5, 3, 6, 12)
RIVALS = ("Transformer", "LSTM + attention")


def where_recorded(passes, name):
    """The experiment and the model that hold the run with so many passes over the training words."""
    model = NAMES[name]
    return ("pronunciation", model) if passes == 6 else ("passes", f"{model}-{passes:g}")


def errors_after(passes, name):
    """The counts of the run of seed 0 with so many passes."""
    found = trained.items(*where_recorded(passes, name), "test")
    return RunCounts(found.errors[:1], found.symbols[:1], found.items)


after = {name: [errors_after(passes, name) for passes in PASSES] for name in RIVALS}
figures.curves(
    np.array(PASSES),
    {name: [one.rates.mean() for one in of_model] for name, of_model in after.items()},
    title="Errors by the length of the training",
    xlabel="passes over the training words",
    ylabel="phoneme error rate",
    percent=True,
)

# %%
differences = [difference_of_rates(*both) for both in zip(*after.values(), strict=True)]
table(
    {"passes": f"{passes:g}", "Transformer minus LSTM + attention": difference}
    | {
        f"{name}, minutes of a core": f"{record['cpu_seconds'] / 60:.0f}"
        for name in RIVALS
        for record in [trained.record_of(*where_recorded(passes, name))]
    }
    for passes, difference in zip(PASSES, differences, strict=True)
)

# %%
more_errors = [a.errors[0] - b.errors[0] for a, b in zip(*after.values(), strict=True)]
claim(
    "transformer.passes",
    "Trained longer, the Transformer catches up with the LSTM with attention and passes it.",
    said_by="a common saying: Transformers need longer training",
    findings=[
        Finding(
            f"errors a word, Transformer minus LSTM + attention, after {PASSES[-1]} passes minus after {PASSES[0]}",
            mean_difference(more_errors[-1], more_errors[0], "errors", of="words, one seed"),
            "below",
            0.0,
        ),
        Finding(
            f"phoneme error rate, Transformer minus LSTM + attention, {PASSES[-1]} passes",
            differences[-1],
            "below",
            0.0,
        ),
    ],
)

# %% [markdown]
# The first finding is the catching up, the second the passing.
#
# ### Forms that training never showed
#
# On dates the test "new combinations" has three forms whose parts were never together in training.
# A mean over them says little: one form may be read throughout, and another not at all.
# Each model has the setting of a small search on validation dates.
# The last column, which comes into play below, is a Transformer with rotary positions (lesson 05); it has the other Transformer's setting and differs in nothing else.

# %%
calendar = date_task()
combined = calendar.tests["new combinations"]
forms = np.array([form(example) for example in combined])
DATE_NAMES = NAMES | {"LSTM + attention": "lstm-scaled_dot"}  # the Transformer's score
DATE_NAMES["Transformer, rotary"] = "transformer-rotary"
date_counts = {
    name: trained.items("dates", model, "new combinations")
    for name, model in DATE_NAMES.items()
}
table(
    {"form": name, "dates": int((forms == name).sum())}
    | {
        f"{model}, all right": ", ".join(
            f"{right:.0%}" for right in (of_model.errors[:, forms == name] == 0).mean(axis=1)
        )
        for model, of_model in date_counts.items()
    }
    for name in np.unique(forms)
)

# %% [markdown]
# One share for each of three seeds.
# Every model here misses dates of the numeric form, and the LSTMs' results differ widely between seeds: three are few to rank them.
# Here is the stored Transformer on the numeric form, a whole weekday before a date in numbers: what it should predict, and what it does.

# %%
dated = trained.load("dates/transformer")
numeric = evaluate(dated, calendar, [combined[i] for i in np.flatnonzero(forms == NUMERIC)])
table(
    {
        "date": "".join(one.example.source),
        "right": "".join(one.target),
        "predicted": "".join(one.written),
    }
    for one in numeric[:4]
)

# %%
table(
    {
        "of the numeric form": what,
        "share": share(sum(map(is_so, numeric)), len(numeric), of="dates"),
    }
    for what, is_so in {
        "all digits right": digits_right,
        "last symbol right": last_right,
        "digits and last symbol wrong": lambda one: (
            not digits_right(one) and not last_right(one)
        ),
    }.items()
)

# %% [markdown]
# Two errors are told apart here: the digits, and the end, which may be the dot of a date without a weekday.
# Lesson 04 looks at the second in LSTMs, which have no position vectors at all.
#
# For the digits there is a suspect.
# In training a date in numbers began at position 0, or at position 5 after a short weekday such as "Fri, ".
# Here it begins later, and with absolute positions (lesson 05) the same digit at another position is another vector.
# If that is the cause, a form that the model knows must fail when nothing but its positions changes.
# So take the same days without their weekday, and count the positions from 1, 2, … instead of 0.

# %%
ask("transformer.shifted_dates")

# %%
known_form = [without_weekday(one.example) for one in numeric]
digits, whole = {}, {}  # position of the first letter → for each date, 1 if right
for first in range(12):
    with positions_from(dated, first):
        outcomes = evaluate(dated, calendar, known_form)
    digits[first] = np.array([float(digits_right(one)) for one in outcomes])
    whole[first] = np.array([float(not one.errors) for one in outcomes])
figures.curves(
    np.arange(12),
    {
        name: [right[first].mean() for first in range(12)]
        for name, right in {"all digits right": digits, "all right": whole}.items()
    },
    title="A known form, with its positions moved",
    xlabel="position of the date's first letter",
    ylabel="share of dates",
    ylim=(0, 1),
    percent=True,
)


# %%
def digits_at(first, *others):
    """How many more dates have all their digits with the first letter at `first` than at the other positions."""
    at_others = np.mean([digits[n] for n in others], axis=0)
    return mean_difference(digits[first], at_others, "points", of="dates")


# %%
claim(
    "transformer.positions",
    "The digits are lost because the dates are at positions where training had none.",
    said_by="this lesson",
    findings=[
        Finding(
            "dates with all digits, first letter at 8 minus at 0",
            digits_at(8, 0),
            "below",
            -0.5,
        ),
        Finding(
            "dates with all digits, at 5 (which training had) minus at 4 and 6",
            digits_at(5, 4, 6),
            "above",
            0.0,
        ),
        Finding(
            "dates with all digits, at 5 minus at 0 (training had both)",
            digits_at(5, 0),
            "within",
            (-0.1, 0.1),
        ),
    ],
)

# %% [markdown]
# Nothing but the positions was changed, so whatever the first number shows is caused by them.
# The second is a control: if training's positions are what counts, position 5 must be better than its neighbours, here their mean.
# The third is the sharper one: if nothing else counts, position 5 must be about as good as position 0, to within 10 points.
# Where it is not, something else counts as well; in training a weekday came before position 5, and here nothing does.
#
# And a Transformer that was trained without absolute positions?
# Rotary ones enter the scores as differences only, so a digit's query and key do not change with the place of the date.

# %%
rotary = evaluate(
    trained.load("dates/transformer-rotary"), calendar, [one.example for one in numeric]
)


def more_with_rotary(is_so):
    """The share of dates for which this is so with rotary positions, minus that with absolute ones."""
    both = ([float(is_so(one)) for one in outcomes] for outcomes in (rotary, numeric))
    return mean_difference(*both, "points", of="dates, one seed")


claim(
    "transformer.absolute_positions",
    "Trained with rotary positions in place of absolute ones, the Transformer reads the numeric form.",
    said_by="this lesson",
    findings=[
        Finding(
            f"{what}, rotary minus absolute positions", more_with_rotary(is_so), "above", 0.5
        )
        for what, is_so in {
            "all digits right": digits_right,
            "last symbol right": last_right,
        }.items()
    ],
)

# %% [markdown]
# The two findings are the two errors: what rotary positions bring back, absolute ones had cost; what they do not bring back has another cause.
# They are of one trained model each; the table above shows whole dates with three seeds.
#
# ### Faster?
#
# The notes say that all words are embedded at once, "so it is fast".
# An LSTM must finish a word before it can begin the next: reading $n$ words takes $n$ steps in sequence.
# In a Transformer all positions of a layer are computed together (the paper's table 1), but each position looks at every other, so the work grows as $n^2$.
# Here is one training step, forward, backward and update, of the three models; the Transformer's has dropout, which takes some time, and the LSTMs' has none.
# The table is different on each machine.

# %%
VOCABULARY = 40
transformer_sizes = TransformerConfig(
    VOCABULARY, VOCABULARY, 112, n_heads=4, d_ff=416, n_layers=2, context_length=257, norm="pre"
)
lstm_sizes = Seq2SeqConfig(VOCABULARY, VOCABULARY, d_hidden=256)
makers = {
    "LSTM": lambda: Seq2Seq(lstm_sizes),
    "LSTM + attention": lambda: Seq2Seq(replace(lstm_sizes, d_hidden=232, attention="dot")),
    "Transformer": lambda: Transformer(transformer_sizes),
}


def next_letter_loss(model, ids):
    source_ids, read_ids = ids
    logits = model(source_ids[:, :-1], read_ids[:, :-1])
    return label_smoothed_loss(logits, read_ids[:, 1:], pad_id=0)


# %% tags=["nbval-ignore-output"]
on_device = {name: make().to(course.device()) for name, make in makers.items()}
ratios, timed = {}, []
for length in (8, 32, 128, 256):
    letter_ids = torch.randint(3, VOCABULARY, (2, 1, length + 1)).to(course.device())
    runs = [  # the models take turns; each of five rounds is one measurement
        fastest_of(
            {n: training_step(m, letter_ids, next_letter_loss) for n, m in on_device.items()},
            turns=1,
        )
        for _round in range(5)
    ]
    ratios[length] = [each["Transformer"] / each["LSTM"] for each in runs]
    fastest = {f"{name}, ms": 1000 * min(each[name] for each in runs) for name in on_device}
    timed.append({"letters": length} | fastest)
table(
    timed, formats=".0f"
)  # without decimals, so that the table fits a narrow page on a slow machine

# %% tags=["nbval-ignore-output"]
claim(
    "transformer.faster",
    "A training step of the Transformer takes less time than one of the LSTM.",
    said_by="the notes",
    findings=[
        Finding(
            f"time of the Transformer over that of the LSTM, {length} letters, on this machine",
            over_seeds(of_length, of="rounds"),
            "below",
            1.0,
        )
        for length, of_length in ratios.items()
    ],
)

# %% [markdown]
# The card says at which of these lengths the claim holds on this machine.
# An LSTM takes as many steps in sequence as there are letters; a Transformer takes as many as there are layers, each with more work.
# Which of the two costs more depends on how much arithmetic can run at once: little on two processor cores, very much on a GPU (not measured here).
# One thing is sequential in all three: predicting.
# Each token must be known before the next.
#
# ## 9 · Three attentions, and what "it" looks at
#
# The notes count three attentions: encoder self-attention, masked decoder self-attention, encoder–decoder attention.
# Here they are in the last layer of the stored model, as the mean of its heads, while it pronounces your word of section 6.

# %%
spelled = task.symbols_from(word)
(sounds,) = write(speaker, task, [word])
batch = task.batch([(word, sounds)])
with torch.no_grad(), record_attention(speaker) as speaker_maps:
    speaker(batch.source, batch.read)
heads_mean = [one[0].mean(dim=0).cpu().numpy() for one in speaker_maps]
read = ["‹start›", *sounds]
attentions = {
    "Encoder self-attention: letters look at letters": (heads_mean[1], spelled, spelled),
    "Masked self-attention: sounds look back at sounds": (heads_mean[-2], read, read),
    "Cross-attention: sounds look at letters": (heads_mean[-1], read, spelled),
}
stacked(
    [figures.attention_heatmap(*of_one, title=title) for title, of_one in attentions.items()]
)

# %% [markdown]
# Read the first along its diagonal: which letters gather from their neighbours, and which from farther away?
# Each row of the second and third is a sound that the decoder has read while it looks for the next one; as in lesson 04, the third moves along the word.
#
# "The animal didn't cross the street because it was too tired."
# The notes say that in self-attention "animal", "street" and "it" are strongly related to "it"; the sentence and its picture are from Google's blog post on the Transformer (Uszkoreit 2017).
# It is one sentence and one head of many, and MiniLM has 72 heads.
# Look at them all.

# %%
smollm2, byte_pairs = load("smollm2")
explorer = AttentionExplorer(
    {
        "MiniLM": (bert, word_pieces),
        "SmolLM2": (smollm2, byte_pairs),
        "Transformer, pronunciation": (speaker, task),
        "Transformer, dates": (dated, calendar),
    },
    text=tired,
    layer=3,
    head=1,
)
explorer

# %% [markdown]
# Point at "it", choose other heads, then change "tired" to "wide".
# Does the line move from "animal" to "street"?
# Click that line, and the four steps of section 1 open for this one pair: query and key number by number, their product, the division, the softmax, and the value's part in what the head hands on.
# **Layer's heads** draws all heads of a layer at once; **Sort heads by** puts first those that look at one token, at near ones, or hardly ever at the first.
# To tell whether a head means anything takes many sentences and controls: lesson 20.
#
# ## 10 · Sentences
#
# The notes call the Transformer a model that is mainly used for natural language.
# It began there, with translation from English into German and into French (section 5.1 of the paper), and has since gone on to images (Dosovitskiy et al. 2021), speech (Radford et al. 2023) and, with another form of attention, protein structures (Jumper et al. 2021).
#
# Here is a small version of the paper's task: the English and Korean texts of Home Assistant's interface (lesson 02), some ten thousand pairs, in subwords of one vocabulary for both languages.
# The tests hold texts that training saw in neither language, short labels apart from sentences.
# A translation is scored by what it shares with a human one: *BLEU* counts runs of one to four words (in Korean here: characters), *chrF* runs of up to six characters; both go from 0 to 100.
# The library sacrebleu computed them, on the outputs of a beam of 4.
# Each model has the setting of a small search on validation texts from English to Korean, which serves both directions ([how](../docs/experiments.md)).

# %%
runs_of = {}
for run in trained.results("sentences"):
    for test, values in run["tests"].items():
        runs_of.setdefault((*run["model"].split("-", 2), test), []).append(values)
of_model = {key: name for name, key in NAMES.items()}
table(
    {
        "direction": f"{one} → {other}",
        "model": of_model[model],
        "test": test,
        "seeds": len(of_runs),
    }
    | {
        measure: ", ".join(f"{times * values[key]:.1f}" for values in of_runs)
        for measure, key, times in [
            ("BLEU", "bleu", 1),
            ("chrF", "chrf", 1),
            ("as the human one, %", "exact_match", 100),
        ]
    }
    for (one, other, model, test), of_runs in runs_of.items()
)

# %% [markdown]
# The table's chrF is of a whole test at once.
# The card takes the mean over single texts, so that its intervals cover other texts as well as other seeds.


# %%
def short_of_all(one, other, model, test):
    """What the outputs for each text lack of chrF 100, in each run."""
    scores = trained.item_scores("sentences", f"{one}-{other}-{model}", test, "chrf")
    return RunCounts(100 - scores, np.full(scores.shape, 100), "texts")


claim(
    "transformer.sentences",
    "On these texts the LSTM with attention translates better than the Transformer.",
    said_by="this lesson",
    findings=[
        Finding(
            f"chrF of a text, LSTM + attention minus Transformer, {one} → {other}, {test}",
            difference_of_rates(
                short_of_all(one, other, "transformer", test),
                short_of_all(one, other, "lstm-attention", test),
            ),
            "above",
            0.0,
        )
        for one, other, model, test in runs_of
        if model == "transformer"
    ],
)

# %% [markdown]
# What does such a model output?
# From Korean into English, so that you can judge it without Korean.

# %%
whole_task = translation("korean-english")
translator = trained.load("sentences/korean-english-transformer")
shown = [
    example for examples in whole_task.task.tests.values() for example in draw(examples, 4)
]
table(
    {
        "Korean": whole_task.join(one.example.source),
        "the model": whole_task.join(one.written),
        "the human translation": whole_task.join(one.target),
    }
    for one in evaluate(translator, whole_task.task, shown, beam_size=4)
)

# %% [markdown]
# The first four are labels, the last four sentences.
# Labels share words with each other, so parts of them come out right; look at the words that do not.
# In the sentences, compare the two translations: the model has the words of an interface, and its tone, but the meaning only sometimes.
# Some ten thousand short texts are few: the paper had 4.5 million pairs for German (section 5.1).

# %% [markdown]
# ## What to remember
#
# - Query, key, value: compare what one word looks for with what the others are found by, and take a mix of what they hand over.
#   All three are projections; in self-attention, of the same sequence.
# - Without the division by √d the softmax of long vectors is sharp and passes less gradient at the first step.
# - Heads are parts of one vector: several attentions, no more weights; the output projection combines what they found.
# - Attention moves information, feed-forward networks compute, residual connections let both add to one stream.
#   Whether post-norm needs its warm-up depends on the learning rate.
# - After an equal search, at this size and six passes, the Transformer is within half a point of the LSTM without attention, and behind the one with it; after twelve passes, with one seed, these two cannot be told apart.
#   With a large enough batch published Transformers outperform recurrent models on tasks of characters.
#   A Transformer with absolute positions lost the digits of a date that it knew when nothing but the positions had moved; one trained with rotary positions read them.
#
# **Read on**: Vaswani et al. 2017, *Attention Is All You Need*, sections 3 and 5; Xiong et al. 2020, *On Layer Normalization in the Transformer Architecture*, section 3; Wu, Cotterell and Hulden 2021, *Applying the Transformer to Character-level Transduction*.
# In the code: `course/layers/multihead.py`, `course/layers/blocks.py`, `course/transformer.py`.
#
# **Next**: lesson 07, *GPT*.

# %%
progress.table()
