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
# This lesson asks what the notes ask: what if encoder and decoder are made of attention *only*?
# After it you can
#
# - say what query, key and value are, and compute attention over several heads by hand and in code that equals PyTorch's;
# - build the encoder and the decoder of "Attention Is All You Need", and name what each part is for: masks, residual stream, normalization, warm-up, label smoothing;
# - tell, with numbers, where a Transformer is better than the LSTMs of lessons 03 and 04, where it is worse, and when it is faster;
# - open a trained model, remove a head and see what it did, and test a claim about what a head "means" over many sentences.
#
# **Time**: 120 minutes; the cells run in about a minute on two processor cores.
# **Before this**: lessons 04 and 05.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import math
import random
import time

import numpy as np
import torch
from torch import nn

import course
from course import trained
from course.bert import encode_batch, sentence_embeddings
from course.exercises import check, progress
from course.interpretability.ablation import attention_layers, measure_heads, without_heads
from course.interpretability.coreference import (
    NOTES_PAIR,
    PAIRS,
    Pair,
    attention_shift,
    chance_of_best,
    follows_referent,
    noun_attention,
    preference_for_referent,
    t_values,
)
from course.interpretability.residual_stream import added_share, logit_lens, record_stream
from course.layers.attention import (
    attention_weights,
    record_attention,
    scaled_dot_product_attention,
)
from course.layers.blocks import DecoderLayer, EncoderLayer, Residual
from course.layers.feed_forward import FeedForward
from course.layers.multihead import MultiHeadAttention
from course.pretrained import load
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import (
    date_task,
    error_rate,
    evaluate,
    exact_match,
    pronunciation_task,
    translation,
    write,
)
from course.training import GeneratedBatches, label_smoothed_loss, train, warmup
from course.transformer import (
    Transformer,
    TransformerConfig,
    TransformerDecoder,
    TransformerEncoder,
)
from course.viz import AttentionExplorer, VideoSearch, figures, use_course_style
from course.viz.kit.layout import stacked
from course.viz.show import source, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 5: five times the test words and training steps; some minutes.
WORDS = 300 * BUDGET
STEPS = 60 * BUDGET
SEEDS = range(3)

# %% [markdown]
# ## 1 · Query, key, value
#
# You type words into the search of a video site.
# The site compares them with the title of each video, and what you get is not the title but the video.
# In the notes' words, what you typed is the *query*, the titles are the *keys*, and what is in the videos are the *values*.
#
# Attention is such a search with one difference: it does not choose one video.
# It gives every video a share, and returns the *mix* of all contents in these shares.
# That can be done with numbers, if query, title and content are vectors.
# MiniLM, the small BERT of lesson 02, makes a vector of 384 numbers of any sentence.
# Below, change the query, the titles or the contents; **Sharpness** is what the similarities are multiplied by before softmax.

# %%
bert, word_pieces = load("minilm")
videos = """Sourdough for beginners | Flour, water and salt become a loaf overnight.
Repairing a bicycle tire | A patch, some glue and a pump; the wheel turns again.
How volcanoes erupt | Molten rock rises until the mountain opens.
Learn chess in ten minutes | Each piece, how it moves, and how a king is caught.
Growing tomatoes on a balcony | Sun, a deep pot and water every evening.
Why the sky is blue | Air scatters the short waves of sunlight most."""
search = VideoSearch(bert, word_pieces, query="I want to bake bread", videos=videos)
search

# %% [markdown]
# No word of the query is in the title that gets the largest share.
# The comparison is between vectors, and the vectors were trained so that sentences of like sense point the same way.
#
# With a sharpness of 0 every video gets the same share, and the mix is a bit of everything.
# With 50 nearly all goes to one, and the mix is that video's content.
# Everything between is soft, and that is the point: a share that changes a little when a vector changes a little can be trained by gradients.
# A choice cannot.
#
# > **What the notes say / what the paper says.**
# > The notes compare query and key by the *cosine*.
# > The Transformer takes the *dot product*, divided by a constant (section 3.2.1).
# > The two differ by the lengths: $q \cdot k = \lVert q\rVert\,\lVert k\rVert \cos(q, k)$.
# > MiniLM's sentence vectors are scaled to the length 1, so above they are the same.
# > Before that scaling they are not:

# %%
titles = [line.split(" | ")[0] for line in videos.splitlines()]
ids, mask = encode_batch(word_pieces, [search.query, *titles])
with torch.no_grad():
    hidden = bert(ids, mask)
kept = mask[..., None]
means = (hidden * kept).sum(dim=1) / kept.sum(dim=1)  # as they are before they are scaled
unit = sentence_embeddings(hidden, mask)
dot, cosine = means[1:] @ means[0], unit[1:] @ unit[0]
table(
    ["title", "length of the key", "dot product", "cosine"],
    [
        [title, f"{length:.2f}", f"{d:.2f}", f"{c:.2f}"]
        for title, length, d, c in zip(
            titles, means[1:].norm(dim=1).tolist(), dot.tolist(), cosine.tolist(), strict=True
        )
    ],
)

# %% [markdown]
# With the dot product a long key is head_mask louder, whatever is asked.
# A trained model can use that: a key may say "look here" by its length.
# The cosine would forbid it.
#
# ### Where query, key and value come from
#
# The notes wonder why key and value are the same thing twice.
# In lesson 04 they were: both were the encoder's states.
# In a Transformer all three are made from vectors by three trained matrices: $q = xW_Q$, $k = xW_K$, $v = xW_V$.
# So what a word is *found by* (its key) and what it *hands over* (its value) may differ, as a title differs from a video.
# When all three are made from the same sequence, every word searches its own sentence.
# That is *self-attention*.
#
# Here are the four steps, MatMul → Scale → Softmax → MatMul, inside MiniLM, on the notes' sentence.
# The query is that of the word *it*; layer 3 and head 1 are counted from 0. Why this head, section 9 will say.

# %%
tired, wide = NOTES_PAIR.twins
ids, mask = encode_batch(word_pieces, [tired])
tokens = [word_pieces.tokens[i] for i in ids[0].tolist()]
it = tokens.index("it")
with torch.no_grad():
    x = bert.embedding(ids, torch.zeros_like(ids))
    for layer in bert.layers[:3]:
        x = layer(x)
    attention = bert.layers[3].attention
    q, k, v = (
        layer(x)[0].view(len(tokens), 12, 32)[:, 1]  # of 12 heads, head 1
        for layer in (attention.query, attention.key, attention.value)
    )
    scores = q[it] @ k.T  # MatMul: one number for each key
    scaled = scores / math.sqrt(32)  # Scale
    weights = scaled.softmax(dim=0)  # Softmax
    mix = weights @ v  # MatMul: what "it" receives from this head
table(
    ["key", "q · k", "÷ √32", "weight"],
    [
        [token, f"{a:.1f}", f"{b:.2f}", f"{w:.0%}"]
        for token, a, b, w in zip(
            tokens, scores.tolist(), scaled.tolist(), weights.tolist(), strict=True
        )
    ],
)

# %%
with torch.no_grad(), record_attention(bert) as maps:
    bert(ids, mask)
print(
    "the same as in the model's own pass:",
    torch.allclose(weights, maps[3][0, 1, it], atol=1e-5),
)

# %% [markdown]
# The notes call the weights an *attention filter*: whatever gets a small weight fades from the mix.
#
# For all queries, heads and sentences at once the same four steps are two matrix products with a softmax between them:

# %%
source(scaled_dot_product_attention, attention_weights)

# %% [markdown]
# ## 2 · Why divide by √d
#
# A dot product of two vectors of $d$ random numbers is a sum of $d$ terms, and grows: with numbers of variance 1 its spread is $\sqrt d$ (footnote 4 of the paper).
# Softmax of large numbers gives all to the largest.
# How evenly it shares out is measured by its *entropy*: log n for n equal weights, 0 when one has all.


# %% tags=["exercise"]
def softmax_entropy(scores: list[float]) -> float:
    """How evenly softmax shares itself out over these scores: its entropy, in nats.

    The entropy of the weights w is the sum of -w * log(w), with the natural logarithm; a weight of
    0 adds nothing. Scores may be far from 0: exp(1000) is more than a float can hold.

    >>> softmax_entropy([2.0, 2.0, 2.0, 2.0])
    1.3862943611198906
    >>> softmax_entropy([1000.0, 0.0])
    0.0
    """
    ...


check("transformer.softmax_entropy", softmax_entropy)

# %% [markdown]
# Now 32 random keys and a random query, of 1 to 1024 numbers each, with and without the division.
# Beside the entropy stands what training lives on: the length of the gradient that comes through the softmax (of its Jacobian, $\operatorname{diag}(w) - ww^\top$).
# The band is the spread over five draws.


# %%
def softmax_at(d, divide, seed, n_keys=32, rows=64):
    """Mean entropy of the weights, and mean length of the softmax's Jacobian, at random queries and keys."""
    generator = torch.Generator().manual_seed(seed)
    query = torch.randn(rows, 1, d, generator=generator)
    key = torch.randn(rows, n_keys, d, generator=generator)
    scores = (query @ key.transpose(1, 2))[:, 0] / (math.sqrt(d) if divide else 1)
    weights = scores.softmax(dim=1)
    entropy = -(weights * weights.clamp(min=1e-30).log()).sum(dim=1).mean()
    jacobian = torch.diag_embed(weights) - weights[:, :, None] * weights[:, None]
    return entropy.item(), jacobian.flatten(1).norm(dim=1).mean().item()


sizes = [2**power for power in range(11)]
found = {
    name: np.array([[softmax_at(d, divide, seed) for d in sizes] for seed in range(5)])
    for name, divide in [("divided by √d", True), ("not divided", False)]
}
pictures = []
for place, (title, ylabel) in enumerate(
    [
        ("Without √d, one key takes all", "entropy of the weights, nats"),
        ("… and little gradient comes through", "length of the Jacobian"),
    ]
):
    picture = figures.curves(
        np.arange(11),
        {name: values[:, :, place] for name, values in found.items()},
        title=title,
        xlabel="d, the numbers in a query",
        ylabel=ylabel,
    )
    picture.axes[0].set_xticks(range(0, 11, 2), sizes[::2])
    pictures.append(picture)
stacked(pictures)

# %%
table(
    ["d", "entropy, divided", "not divided", "Jacobian, divided", "not divided"],
    [
        [d, *(f"{found[name][:, i, place].mean():.2f}" for place in (0, 1) for name in found)]
        for i, d in list(enumerate(sizes))[::2]
    ],
)

# %% [markdown]
# The claim of the paper holds in both figures.
# Divided, neither number depends on $d$.
# Not divided, at $d$ = 64, the size of a head in the paper, most of the entropy is gone, and at 1024 most of the gradient.
#
# ## 3 · Many heads
#
# One softmax makes one mix.
# But *it* may want to know several things at once: who is meant, which verb it belongs to, what comes next.
# *Multi-head attention* cuts query, key and value into parts, the *heads*, lets each do its own attention, and joins what they found.
# The paper's model has 512 numbers per word and 8 heads, so that each head works with 512 / 8 = 64. Several narrow heads cost as much as one wide one: the matrices are the same size.


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

# %%
source(MultiHeadAttention)

# %%
table(
    ["model", "d_model", "heads", "d_head", "weights in one multi-head attention"],
    [
        [
            name,
            d_model,
            n_heads,
            d_model // n_heads,
            sum(p.numel() for p in MultiHeadAttention(d_model, n_heads).parameters()),
        ]
        for name, d_model, n_heads in [
            ("the paper's base model", 512, 8),
            ("one wide head", 512, 1),
            ("MiniLM", 384, 12),
            ("the Transformer of this lesson", 112, 4),
        ]
    ],
)

# %% [markdown]
# Is that code right?
# PyTorch has its own, `torch.nn.MultiheadAttention`, which keeps the three projections in one matrix.
# Give it our weights, and compare the outputs, the weights of all heads, and every gradient, each number to within 0.00001.


# %%
def agree(ours, theirs):
    """Whether two tensors are equal to within 1e-5."""
    return torch.allclose(ours, theirs, atol=1e-5, rtol=1e-5)


def torch_names(ours, prefix=""):
    """The weights (or gradients) of our multi-head attention under the names of PyTorch's."""
    projections = (ours.query, ours.key, ours.value)
    return {
        f"{prefix}in_proj_weight": [p.weight for p in projections],
        f"{prefix}in_proj_bias": [p.bias for p in projections],
        f"{prefix}out_proj.weight": [ours.output.weight],
        f"{prefix}out_proj.bias": [ours.output.bias],
    }


def copy_weights(names, reference):
    reference.load_state_dict({name: torch.cat(list(parts)) for name, parts in names.items()})


def same_gradients(names, reference):
    theirs = dict(reference.named_parameters())
    return all(
        agree(torch.cat([p.grad for p in parts]), theirs[name].grad)
        for name, parts in names.items()
    )


torch.manual_seed(0)
ours, reference = MultiHeadAttention(512, 8), nn.MultiheadAttention(512, 8, batch_first=True)
copy_weights(torch_names(ours), reference)
x = torch.randn(2, 10, 512)
with record_attention(ours) as our_maps:
    output = ours(x, causal=True)
future = torch.ones(10, 10, dtype=torch.bool).triu(1)  # in PyTorch's masks, True is hidden
expected, their_maps = reference(x, x, x, attn_mask=future, average_attn_weights=False)
output.pow(2).mean().backward()
expected.pow(2).mean().backward()
table(
    ["multi-head attention, ours and torch.nn's", "equal to 1e-5"],
    [
        ["outputs", agree(output, expected)],
        ["attention weights of all heads", agree(our_maps[0], their_maps)],
        ["gradients of all weights", same_gradients(torch_names(ours), reference)],
    ],
)

# %% [markdown]
# ## 4 · Masks
#
# A *mask* says which keys a query may see; the score of a hidden key becomes −∞ and its weight 0. There are two.
# *Padding* fills up the short rows of a batch, and must not be looked at.
# And the decoder must not see the word that it is to write: in training the whole answer is given at once, so each position may look only at itself and at what stands before it.
# That is the causal mask of lesson 05.


# %% tags=["exercise"]
def causal_mask(n_queries: int, n_keys: int) -> list[list[bool]]:
    """Which keys each query may see: itself and those before it.

    There is a row for each query; True means visible. The queries are the **last** of the keys:
    when a text is written with a cache, the keys of the tokens read before are there as well.

    >>> causal_mask(3, 3)
    [[True, False, False], [True, True, False], [True, True, True]]
    >>> causal_mask(1, 4)
    [[True, True, True, True]]
    """
    ...


check("transformer.causal_mask", causal_mask)

# %% [markdown]
# Does it hide what it should?
# Change one word of ten, and see which outputs change: with the mask, only those at that place and after it.

# %%
changed = x.clone()
changed[:, 6] = torch.randn(2, 512)
with torch.no_grad():
    rows = [
        [name, *("changed" if moved_far else "·" for moved_far in (difference > 1e-6).tolist())]
        for name, causal in [("no mask", False), ("causal mask", True)]
        for difference in [
            (ours(changed, causal=causal) - ours(x, causal=causal)).abs().amax(dim=(0, 2))
        ]
    ]
table(["word 6 is changed", *map(str, range(10))], rows)

# %% [markdown]
# ## 5 · The layers
#
# Attention moves things between positions.
# What is done *at* a position does a *feed-forward network*: two linear layers with a ReLU between them, the same at every position, four times as wide inside as outside in the paper.
#
# Both are *added* to what was there: $x + \text{sublayer}(x)$.
# Such a *residual connection* lets the gradient pass every layer unchanged, and makes the vector of a position a stream into which each sublayer writes.
# What is added up would grow, so *layer normalization* brings each vector to mean 0 and spread 1.


# %% tags=["exercise"]
def layer_norm(x: list[float], gain: list[float], bias: list[float], eps: float) -> list[float]:
    """Layer normalization of one vector: without its mean, over its spread, scaled and shifted.

    The spread is the root of variance + eps, the variance being the mean of the squared distances
    from the mean (divided by n, not n - 1). Each number is then multiplied by its `gain`, and
    its `bias` is added.

    >>> layer_norm([1.0, 3.0], gain=[1.0, 10.0], bias=[0.0, 0.5], eps=0.0)
    [-1.0, 10.5]
    """
    ...


check("transformer.layer_norm", layer_norm)

# %% [markdown]
# > **Two ways.**
# > The paper normalizes *after* the sum: norm(x + sublayer(x)), *post-norm*.
# > Nearly all models since 2019 normalize what the sublayer reads: x + sublayer(norm(x)), *pre-norm*.
# > Then nothing stands in the way of the stream.
# > Section 6 compares the two.

# %%
source(FeedForward, Residual)

# %% [markdown]
# Now the two kinds of layer.
# The encoder's has self-attention and feed-forward.
# The decoder's has one sublayer more between them: *cross-attention*, also called encoder–decoder attention.
# It is lesson 04's attention: queries from what is being written, keys and values from what the encoder said of the source.

# %%
source(EncoderLayer.forward, DecoderLayer.forward)

# %% [markdown]
# > **What the notes say / what the paper says.**
# > The notes say that in self-attention query, key and value are equal, and that in cross-attention the keys equal the values.
# > That is true of what goes *into* the three matrices; what comes out of them differs.
#
# The layers too against PyTorch's, `nn.TransformerEncoderLayer` and `nn.TransformerDecoderLayer`, in both orders of the normalization:


# %%
def layer_names(ours):
    """The weights of our layer under the names of PyTorch's."""
    if isinstance(ours, EncoderLayer):
        names = torch_names(ours.attention, "self_attn.")
        residuals = [ours.attention_residual, ours.feed_forward_residual]
    else:
        names = torch_names(ours.self_attention, "self_attn.") | torch_names(
            ours.source_attention, "multihead_attn."
        )
        residuals = [
            ours.self_attention_residual,
            ours.source_attention_residual,
            ours.feed_forward_residual,
        ]
    parts = {f"norm{i}": residual.norm for i, residual in enumerate(residuals, 1)}
    parts |= {"linear1": ours.feed_forward.up, "linear2": ours.feed_forward.down}
    for name, part in parts.items():
        names |= {f"{name}.weight": [part.weight], f"{name}.bias": [part.bias]}
    return names


rows = []
for norm_first in (False, True):
    for kind, theirs in [
        (EncoderLayer, nn.TransformerEncoderLayer),
        (DecoderLayer, nn.TransformerDecoderLayer),
    ]:
        ours = kind(64, 4, 256, dropout=0.0, norm_first=norm_first)
        reference = theirs(64, 4, 256, dropout=0.0, batch_first=True, norm_first=norm_first)
        copy_weights(layer_names(ours), reference)
        x, memory = torch.randn(2, 7, 64), torch.randn(2, 9, 64)
        if kind is EncoderLayer:
            output, expected = ours(x, causal=True), reference(x, src_mask=future[:7, :7])
        else:
            output = ours(x, ours.source_attention.keys_and_values(memory))
            expected = reference(x, memory, tgt_mask=future[:7, :7])
        output.pow(2).mean().backward()
        expected.pow(2).mean().backward()
        order = "pre-norm" if norm_first else "post-norm"
        rows.append(
            [
                kind.__name__,
                order,
                agree(output, expected),
                same_gradients(layer_names(ours), reference),
            ]
        )
table(["layer", "order", "outputs equal to 1e-5", "gradients equal to 1e-5"], rows)

# %% [markdown]
# ## 6 · The whole, and how it is trained
#
# In the notes' words: Encoders: Input → Positional Encoding → Multi-head Self-Attention → Result; Decoders: Input → Positional Encoding → Masked Multi-head Self-Attention → Multi-head Attention over the encoder's result → Dense → Softmax.
# Dense and softmax are the output layer, which gives each token of the vocabulary its probability.
# There are `n_layers` layers in each, six in the paper, one on top of the other.
# All tokens are embedded at once; the waves of lesson 05 tell them their positions.

# %%
source(TransformerEncoder.forward, TransformerDecoder.forward, Transformer.forward)

# %% [markdown]
# The paper's own size, built without filling its numbers in.
# One matrix serves as the embedding of both languages and as the output layer (*shared embeddings*, section 3.4), since all three say which vector stands for which token.
# The paper's table 3 counts 65 million weights.

# %%
with torch.device("meta"):
    counts = {
        shared: sum(
            p.numel()
            for p in Transformer(
                TransformerConfig(37_000, 37_000, shared_embeddings=shared)
            ).parameters()
        )
        for shared in (True, False)
    }
print(
    f"base model, embeddings shared: {counts[True]:,} weights; the two languages apart: {counts[False]:,}"
)

# %% [markdown]
# ### Label smoothing
#
# Cross-entropy asks for probability 1 of the right token, which no finite logits give, so training pushes them apart for ever.
# *Label smoothing* asks for a little less (section 5.4).


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
vocab_size, gaps = 40, np.arange(0, 13)
losses = {}
for smoothing in (0.0, 0.1, 0.2):
    logits = torch.zeros(len(gaps), 1, vocab_size)
    logits[:, 0, 7] = torch.tensor(gaps, dtype=torch.float32)
    target = torch.tensor([[7]])
    losses[f"smoothing {smoothing}"] = np.array(
        [
            [
                label_smoothed_loss(row[None], target, pad_id=0, smoothing=smoothing).item()
                for row in logits
            ]
        ]
    )
figures.curves(
    gaps,
    losses,
    title="With smoothing, being too sure costs",
    xlabel="logit of the right token above the 39 others",
    ylabel="loss",
    ylim=(0, 4),
)

# %%
best = {name: int(gaps[values[0].argmin()]) for name, values in losses.items()}
print("the lowest loss, among these, is at a gap of:", best)

# %% [markdown]
# ### Warm-up
#
# In the first steps the gradients are large and point anywhere.
# The paper begins with tiny steps that grow for 4,000 steps, the *warm-up*, and then shrink as one over the root of the step (section 5.3).


# %% tags=["exercise"]
def warmup_rate(step: int, d_model: int, warmup_steps: int) -> float:
    """The learning rate of "Attention Is All You Need" at a step; steps count from 1.

    It is 1 / sqrt(d_model) times the smaller of 1 / sqrt(step) and step / warmup_steps ** 1.5.

    >>> warmup_rate(100, d_model=64, warmup_steps=100)
    0.0125
    >>> warmup_rate(50, d_model=64, warmup_steps=100)
    0.00625
    """
    ...


check("transformer.warmup_rate", warmup_rate)

# %%
steps = np.arange(1, 20_002, 1_000)
figures.curves(
    steps,
    {
        f"d_model {d_model}, warm-up {rise:,}": 1000
        * np.array([[warmup(d_model, rise)(step) for step in steps.tolist()]])
        for d_model, rise in [(512, 4_000), (512, 8_000), (1024, 4_000)]
    },
    title="Rise in a line, fall as 1/√step",
    xlabel="step",
    ylabel="learning rate × 1000",
)

# %% [markdown]
# ### Does it matter? Post-norm and pre-norm, with and without warm-up
#
# A small Transformer of four layers learns to write six digits backwards, in each of the four ways, with three seeds each.
# The learning rate is the same, and high on purpose.


# %%
def reversals(rng):
    """A batch of 32 texts of six random digits, to be written backwards."""
    digits = torch.from_numpy(rng.integers(3, 13, size=(32, 6)))
    backwards = digits.flip(1)
    start = torch.ones(32, 1, dtype=torch.long)
    return digits, torch.cat((start, backwards[:, :-1]), dim=1), backwards


def reversal_loss(model, batch):
    digits, read, backwards = batch
    return label_smoothed_loss(model(digits, read), backwards, pad_id=0, smoothing=0.0)


RATE = 6e-3
rates = {
    "warm-up": lambda step: RATE * min(1.0, step / (STEPS / 4)),
    "no warm-up": lambda step: RATE,
}
runs = {}
for norm in ("post", "pre"):
    for name, rate in rates.items():
        for seed in SEEDS:
            config = TransformerConfig(
                13,
                13,
                d_model=32,
                n_heads=4,
                d_ff=64,
                n_layers=4,
                context_length=16,
                dropout=0.0,
                norm=norm,
            )
            model = Transformer(config, torch.Generator().manual_seed(seed))
            optimizer = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98))
            history = train(
                model,
                GeneratedBatches(reversals, seed),
                reversal_loss,
                optimizer,
                steps=STEPS,
                learning_rate=rate,
            )
            runs.setdefault(f"{norm}-norm, {name}", []).append(history.losses)
stretch = STEPS // 10  # steps that are averaged
figures.curves(
    np.arange(stretch, STEPS + 1, stretch),
    {
        name: np.array(losses).reshape(len(SEEDS), 10, stretch).mean(axis=2)
        for name, losses in runs.items()
    },
    title="Four layers, a high rate: pre-norm learns sooner",
    xlabel="training step",
    ylabel="loss",
)

# %%
ends = {name: np.array(losses)[:, -stretch:].mean(axis=1) for name, losses in runs.items()}
post, pre = (
    np.array([values for name, values in ends.items() if name.startswith(norm)])
    for norm in ("post", "pre")
)
print(f"pre-norm ends lower than post-norm in {(pre < post).sum()} of {pre.size} pairs of runs")
with_it, without_it = post
print(
    f"post-norm with warm-up ends lower than without in {(with_it < without_it).sum()} of {len(SEEDS)}"
)

# %% [markdown]
# Pre-norm learns sooner, and post-norm leans on the warm-up.
# The two lines of pre-norm lie close together at the end: it hardly needs one.
# Xiong et al. (2020, section 3) say why: at the first step the gradients of a post-norm model are large in its last layers, those of a pre-norm model are not.

# %% [markdown]
# ## 7 · Against the LSTMs, on the same tasks
#
# The tasks of lessons 03 and 04, and models of equal size, trained alike by a script that takes longer than a lesson (its command is in the records): the LSTM whose decoder gets one vector, the LSTM with attention, and the Transformer.
# First spelling to pronunciation, then English dates to Korean ones.

# %%
NAMES = {"LSTM": "lstm", "LSTM + attention": "lstm-attention", "Transformer": "transformer"}
DATE_NAMES = NAMES | {
    "LSTM + attention": "lstm-scaled_dot"
}  # the score of the Transformer, for a fair comparison
spoken, dates = trained.results("pronunciation"), trained.results("dates")
print(*(one["command"] for one in spoken if one["model"] == "transformer"), sep="\n")


def of(records, model, test, measure):
    """A measure of a test for each seed of a model."""
    return np.array([one["tests"][test][measure] for one in records if one["model"] == model])


def mean_and_spread(values):
    return f"{100 * values.mean():.1f} ± {100 * values.std():.1f}"


rows = []
for records, names, test in [
    (spoken, NAMES, "test"),
    (dates, DATE_NAMES, "new dates"),
    (dates, DATE_NAMES, "new combinations"),
]:
    for name, model in names.items():
        size = next(one["parameters"] for one in records if one["model"] == model)
        rates = [of(records, model, test, measure) for measure in ("error_rate", "exact_match")]
        task_name = "pronunciation" if records is spoken else f"dates: {test}"
        rows.append([task_name, name, size, len(rates[0]), *map(mean_and_spread, rates)])
table(["test", "model", "weights", "seeds", "error rate, %", "all right, %"], rows)

# %%
groups = [range(1, 5), range(5, 7), range(7, 9), range(9, 11), range(11, 13), range(13, 35)]
middles = [3.5, 5.5, 7.5, 9.5, 11.5, 14]
figures.curves(
    middles,
    {name: trained.curve(spoken, model, groups) for name, model in NAMES.items()},
    title="Errors by the length of the word",
    xlabel="letters in the word",
    ylabel="phoneme error rate",
    percent=True,
)

# %% [markdown]
# The claim that a Transformer is as good at equal size does not hold here.
# It pronounces worse than both LSTMs, with the same number of weights and the same six passes over the dictionary.
# By length: the LSTM without attention loses on the longest words, as lesson 03 found; with attention, of either kind, the errors do not shoot up there.
# But the LSTM with attention is the best of the three at nearly every length.
# An LSTM is built for sequences, and reads neighbours one after the other whether it has learned to or not; a Transformer has to learn from its data what order is.
# What that means, the dates will show.
# New dates are no trouble to any of the three.
#
# The records are numbers from a file.
# Are they this model's?
# Here is the stored Transformer of seed 0, judged again on all test words of twelve letters, beside what the record says of them.

# %%
task = pronunciation_task()
speaker = trained.load("pronunciation/transformer")
twelve = [example for example in task.tests["test"] if len(example.source) == 12]
outcomes = evaluate(speaker, task, twelve)
record = next(one for one in spoken if one["model"] == "transformer" and one["seed"] == 0)
recorded = record["tests"]["test"]["by_length"]["12"]
table(
    ["words of 12 letters", "words", "without an error", "errors"],
    [
        [
            "evaluated now",
            len(outcomes),
            sum(one.errors == 0 for one in outcomes),
            sum(one.errors for one in outcomes),
        ],
        ["in the record", recorded["examples"], recorded["right"], recorded["errors"]],
    ],
)

# %% [markdown]
# And on words of your own.
# *Beam search* (lesson 03) keeps the likeliest few beginnings instead of one; the paper uses a beam of 4 (section 6.1).

# %%
words = ["transformer", "attention", "seoul", "jabberwocky"]
table(
    ["word", "greedy", "beam of 4"],
    [
        [
            word,
            *(
                " ".join(write(speaker, task, [tuple(word)], beam_size=size)[0])
                for size in (1, 4)
            ),
        ]
        for word in words
    ],
)

# %%
sample = random.Random(0).sample(task.tests["test"], WORDS)
by_beam = {size: evaluate(speaker, task, sample, beam_size=size) for size in (1, 4)}
table(
    ["beam", "words", "phoneme error rate, %", "all right, %"],
    [
        [size, len(found), f"{100 * error_rate(found):.1f}", f"{100 * exact_match(found):.1f}"]
        for size, found in by_beam.items()
    ],
)

# %% [markdown]
# The beam changes next to nothing: an output of some six sounds leaves a greedy search little to regret.
#
# ### One form that it cannot read
#
# Look at the Transformer in the last lines of the first table of this section, the dates whose parts were never combined so in training.
# What does it do there?

# %%
calendar, dated = date_task(), trained.load("dates/transformer")
found = evaluate(dated, calendar, calendar.tests["new combinations"])


def form(outcome):
    """How a date is written: with slashes, with the month or the day first."""
    text = "".join(outcome.example.source)
    return (
        "Friday, 5/20/1916"
        if "/" in text
        else "Friday, May 20, 1916"
        if text[-6] == ","
        else "Fri, 20 May 1916"
    )


forms = {}
for one in found:
    forms.setdefault(form(one), []).append(one)
table(
    ["form", "dates", "all right, %", "the first", "is written as"],
    [
        [
            name,
            len(some),
            f"{100 * exact_match(some):.1f}",
            "".join(some[0].example.source),
            "".join(some[0].written),
        ]
        for name, some in sorted(forms.items())
    ],
)

# %% [markdown]
# All errors are in one form, the whole weekday before a date in numbers.
# In training a date in numbers stood at the beginning or behind a *short* weekday.
# So the digits stand at places where the model has never seen digits with slashes, and its positions are absolute (lesson 05): the same letter at another place is another vector.
# If that is the cause, a date in a form that the model knows must fail when it is only moved.
# So take dates in numbers without a weekday, and count their positions from 1, 2, … instead of 0.

# %%
plain = [e for e in calendar.tests["new dates"] if "/" in e.source and e.source[0].isdigit()]
positions = dated.encoder.embedding.positions
from_zero = positions.table
rows = []
for start in (0, 1, 2, 4, 8):
    positions.table = from_zero[start:]
    some = evaluate(dated, calendar, plain)
    rows.append(
        [
            start,
            len(some),
            f"{100 * exact_match(some):.1f}",
            "".join(plain[0].source),
            "".join(some[0].written),
        ]
    )
positions.table = from_zero
table(["first position", "dates", "all right, %", "the first", "is written as"], rows)

# %% [markdown]
# It is the cause.
# Nothing but the positions was changed, and the model that got every date right gets hardly any.
# The LSTM, which has no positions, only the order in which letters come, reads the new form without an error.
# The Transformer's freedom to look anywhere has a price: that order is a thing to be learned, and what it learns of order holds for the places it was trained on.
#
# ### Faster?
#
# The notes say that all words are embedded at once, *so it is fast*.
# An LSTM must finish a word before it can begin the next: reading $n$ words takes $n$ steps one after the other.
# In a Transformer all positions of a layer are computed together, and the number of steps is that of the layers (the paper's table 1).
# But each position compares itself with every other, so the *work* grows as $n^2$.
# What comes out, in seconds, is a question to the machine.
# Here is one training step of the three models of this section at sequences of 8 to 256 letters, forward, backward and the update.
# This table is different on each machine.

# %% tags=["nbval-ignore-output"]
VOCABULARY = 40
makers = {
    "LSTM": lambda: Seq2Seq(Seq2SeqConfig(VOCABULARY, VOCABULARY, d_hidden=256)),
    "LSTM + attention": lambda: Seq2Seq(
        Seq2SeqConfig(VOCABULARY, VOCABULARY, d_hidden=232, attention="dot")
    ),
    "Transformer": lambda: Transformer(
        TransformerConfig(
            VOCABULARY,
            VOCABULARY,
            d_model=112,
            n_heads=4,
            d_ff=416,
            n_layers=2,
            context_length=257,
            norm="pre",
        )
    ),
}


def training_step(model, batch, length):
    """A function that does one training step on random letters."""
    source_ids, target_ids = torch.randint(
        3, VOCABULARY, (2, batch, length + 1), device=course.device()
    )
    optimizer = torch.optim.Adam(model.parameters())

    def step():
        optimizer.zero_grad()
        logits = model(source_ids[:, :-1], target_ids[:, :-1])
        label_smoothed_loss(logits, target_ids[:, 1:], pad_id=0).backward()
        optimizer.step()
        if course.device().type == "cuda":  # a GPU works on while Python goes on: wait for it
            torch.cuda.synchronize()

    return step


def seconds(step):
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


rows = []
for batch in (1, 8):
    for length in (8, 16, 32, 64, 128, 256):
        trainings = [
            training_step(make().train().to(course.device()), batch, length)
            for make in makers.values()
        ]
        # The models take turns, and the fastest of three steps counts: what else the machine does hits all alike.
        times = np.array([[seconds(step) for step in trainings] for _turn in range(3)]).min(
            axis=0
        )
        ratios = [f"{times[2] / other:.1f}" for other in times[:2]]
        rows.append([batch, length, *(f"{1000 * each:.1f}" for each in times), *ratios])
names = [f"{name}, ms" for name in makers]
table(
    [
        "words at once",
        "letters",
        *names,
        "Transformer / LSTM",
        "Transformer / LSTM + attention",
    ],
    rows,
)

# %% [markdown]
# In the last two columns, a number above 1 says that the Transformer took longer.
# Go down the rows of one word at once.
# The LSTMs' times grow with the length almost in proportion, since each letter waits for the one before; the Transformer's hardly grow, since a longer word only makes its few large products larger.
# On two quiet processor cores it takes about twice the time of an LSTM at eight letters, as much somewhere between 32 and 64, and less than half at 256 (on a busy machine the crossing moves).
# So at the lengths of our words the claim does not hold, and at those of a paragraph it does.
# With eight words at once the two come closer: with equal weights all three do about the same arithmetic, and there is enough of it now to keep two cores busy, in whatever order it comes.
# Freedom from order pays where thousands of arithmetic units wait for work, as on a GPU: there the LSTM's $n$ steps, one after the other, leave most of them idle.
# So the claim is one about lengths and machines.
# One thing is sequential in all three: *writing*.
# Each token must be known before the next.
#
# ## 8 · Inside a trained Transformer
#
# ### The three attentions
#
# The notes count three: encoder self-attention, masked decoder self-attention, encoder–decoder attention.
# Here they are in the last layer of the stored model, as the mean of its heads, while it pronounces one word.
# Change the word.

# %%
word = "knowledge"
spelled = task.sources([tuple(word)])
sounds = write(speaker, task, [tuple(word)])[0]
batch = task.batch([(tuple(word), sounds)])
with torch.no_grad(), record_attention(speaker) as maps:
    speaker(batch.source, batch.read)
heads_mean = [one[0].mean(dim=0).cpu().numpy() for one in maps]
letters, read = list(word), ["‹start›", *sounds]
stacked(
    [
        figures.attention_heatmap(
            heads_mean[1],
            letters,
            letters,
            title="Encoder self-attention: letters look at letters",
        ),
        figures.attention_heatmap(
            heads_mean[-2],
            read,
            read,
            title="Masked self-attention: sounds look back at sounds",
        ),
        figures.attention_heatmap(
            heads_mean[-1], read, letters, title="Cross-attention: sounds look at letters"
        ),
    ]
)

# %% [markdown]
# Each row of the second and third picture is a sound that the decoder has read, and it is looking for the *next* one.
#
# ### The residual stream
#
# In a pre-norm model every sublayer adds to the stream of its position.
# So one can ask after each of them: what is in the stream now?
# The output layer reads the last stream; let it read the earlier ones too (the *logit lens*), and count how often its likeliest sound is the right one.
# The words are test words; the decoder is given the right sounds before each place.

# %%
source(logit_lens, added_share)

# %%
held = task.batch([(example.source, example.targets[0]) for example in sample])
is_sound = held.write != 0
right_after = [
    ((logits.argmax(dim=-1) == held.write) & is_sound).sum().item() / is_sound.sum().item()
    for logits in logit_lens(speaker, held.source, held.read)
]
with torch.no_grad(), record_stream(speaker.decoder) as passages:
    speaker(held.source, held.read)
sublayers = [
    f"{name} {layer}"
    for layer in range(2)
    for name in ("self-attention", "cross-attention", "feed-forward")
]
added = [added_share(passage)[is_sound].mean().item() for passage in passages]
table(
    ["after", "length of what it added, of the stream's", "next sound read off rightly, %"],
    [
        [name, share, f"{100 * right:.0f}"]
        for name, share, right in zip(
            ["embedding", *sublayers],
            ["", *(f"{share:.2f}" for share in added)],
            right_after,
            strict=True,
        )
    ],
)

# %% [markdown]
# Read the last column from top to bottom.
# The embedding and the first self-attention know nothing of the source, and nothing can be read off.
# Then the first cross-attention fetches from the letters, but what it brings is not yet a sound; the feed-forward layer behind it turns it into one.
# The second cross-attention brings most of what is left.
# So moving and computing take turns, as section 5 said, and here one can see it.
#
# ### Which heads matter?
#
# The notes say that several attentions in parallel are effective.
# *Head ablation* asks the trained model: remove one head (what it hands to the output layer becomes 0), let it write again, and count its errors.
# If the error rate stays, the head was not needed, at least while the others are there (Michel, Levy and Neubig 2019, section 3).

# %%
source(without_heads)

# %%


def sound_errors(model):
    """Phoneme error rate in percent."""
    return 100 * error_rate(evaluate(model, task, sample))


whole = sound_errors(speaker)
per_word = np.array([(one.errors, len(one.target)) for one in by_beam[1]])
draws = np.random.default_rng(0).integers(len(per_word), size=(1000, len(per_word)))
drawn = per_word[draws].sum(axis=1)
spread = (100 * drawn[:, 0] / drawn[:, 1]).std()
print(f"all heads: {whole:.1f} %; another {len(per_word)} words would give this ± {spread:.1f}")
rows_of_heads = ["encoder 0, letters", "encoder 1, letters"]
rows_of_heads += [
    f"decoder {layer}, {what}" for layer in range(2) for what in ("written so far", "letters")
]
without = measure_heads(speaker, sound_errors)
figures.head_grid(
    without,
    rows_of_heads,
    title="Error rate when one head is removed",
    label="phoneme error rate, %",
    center=whole,
)

# %%
alone = measure_heads(speaker, sound_errors, alone=True)
layers_off = []
for number, layer in enumerate(attention_layers(speaker)):
    with without_heads(speaker, {(number, head) for head in range(layer.n_heads)}):
        layers_off.append(sound_errors(speaker))
table(
    [
        "attention",
        "all heads",
        "worst loss of one",
        "best one alone",
        "worst one alone",
        "none",
    ],
    [
        [
            name,
            *(
                f"{value:.1f}"
                for value in (
                    whole,
                    one.max().item(),
                    kept.min().item(),
                    kept.max().item(),
                    none,
                )
            ),
        ]
        for name, one, kept, none in zip(rows_of_heads, without, alone, layers_off, strict=True)
    ],
)

# %% [markdown]
# Most heads can be taken away one at a time, and the error rate changes by little more than it would with other words.
# A few cannot, above all one of the last cross-attention.
# Whole layers are another thing: look at the last column.
# Without the first cross-attention nearly everything is lost, though each of its heads can be spared, for the others stand in.
# And the whole first self-attention of the encoder is hardly missed.
# The column *best one alone* is the nearest that one gets here to the claim of the notes: in no row does one head do what four do.
# But the model was trained with four; trained with one from the start, it might have learned otherwise.
#
# ## 9 · What does "it" look at?
#
# "The animal didn't cross the street because it was too tired."
# The notes say that in self-attention *animal*, *street* and *it* show a strong relation with *it*.
# One sees such pictures often, drawn from one sentence and one head of many.
# MiniLM has 72 heads; in one of them, something can be seen for any claim.
# So here is the sentence, and then a measure over many.

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
# Put the pointer on *it*, choose other heads, then change *tired* to *wide*.
# Does the line move from *animal* to *street*?
#
# ### A measure
#
# *Coreference* is what a pronoun has with the noun it stands for.
# The twin of the notes' sentence ends in *wide*, and now *it* is the street.
# Only the last word differs, so a head that turns from one noun to the other must have used its sense.
# A head that always looks at the first noun, or at the nearest, is right in one twin and wrong in the other: every such rule is right in exactly half of the sentences.
# Below are 128 pairs of this pattern, written for this lesson.
# Half of them choose the heads, the other half test them.

# %%
table(
    ["first noun", "", "second noun", "it = first", "it = second"],
    [list(pair) for pair in (NOTES_PAIR, *PAIRS[:6])],
)

# %%
source(noun_attention, preference_for_referent, attention_shift)

# %%
seen = noun_attention(bert, word_pieces, PAIRS)  # (pair, twin, noun, layer, head)
choosing, testing = seen[::2], seen[1::2]
on_nouns = seen.sum(dim=2).mean(dim=(0, 1))
lengths = encode_batch(word_pieces, [sentence for pair in PAIRS for sentence in pair.twins])[
    1
].sum(dim=1)
layer_names_ = [f"layer {number}" for number in range(6)]
figures.head_grid(
    100 * on_nouns,
    layer_names_,
    title="Share of its attention that “it” gives to the two nouns, %",
    label="%",
    center=100 * (2 / lengths).mean().item(),
    decimals=0,
    marked={divmod(int(on_nouns.argmax()), 12)},
)

# %%
top = divmod(int(on_nouns.argmax()), 12)
share_first = seen.mean(dim=(0, 1))[0, *top] / on_nouns[top]
print(
    f"layer {top[0]}, head {top[1]}: {on_nouns[top]:.0%} on the two nouns; by chance {(2 / lengths).mean():.0%}"
)
print(f"of this, {share_first:.0%} on the first noun")

# %% [markdown]
# So the notes are right in this: there is a head in which *it* looks at the two nouns more than at all else together, and it is no accident of one sentence.
# It *links* pronoun and nouns.
# Does it know which?
#
# For each head: how much more does *it* look at the right noun than at the wrong one, summed over the twins, so that all habits cancel.
# The *t-value* is the mean of this over the pairs, in standard errors.

# %%
chosen_by = t_values(attention_shift(choosing))
best_heads = [divmod(int(place), 12) for place in chosen_by.flatten().topk(6).indices]
figures.head_grid(
    chosen_by,
    layer_names_,
    title="Does the attention of “it” follow the last word? (half of the pairs)",
    label="t-value",
    marked=best_heads,
)

# %%
limit = chance_of_best(attention_shift(choosing)).quantile(0.95).item()
print(f"largest t-value of 72 heads that mean nothing, in 95 of 100 draws below: {limit:.1f}")
print(
    f"heads above it: {(chosen_by > limit).sum()}; below -{limit:.1f}: {(chosen_by < -limit).sum()}"
)

# %% [markdown]
# Heads lean to the right noun that would hardly do so by chance; a few lean to the wrong one as clearly, as if they looked for the noun that *it* is not.
# The six framed heads now, on the other half of the pairs, which had no part in choosing them.
# Beside them stand the rules that know nothing: a coin, and always the nearer noun.

# %%
tested = t_values(attention_shift(testing))
rows = []
for layer, head in best_heads:
    right = (preference_for_referent(testing)[:, :, layer, head] > 0).float().mean().item()
    turned = follows_referent(testing)[:, layer, head].float().mean().item()
    linked = testing.sum(dim=2).mean(dim=(0, 1))[layer, head].item()
    rows.append(
        [
            f"layer {layer}, head {head}",
            f"{linked:.0%}",
            f"{tested[layer, head]:.1f}",
            f"{right:.0%}",
            f"{turned:.0%}",
        ]
    )
rows += [
    ["a coin", "", "0.0", "50%", "25%"],
    ["always the nearer noun", "", "0.0", "50%", "0%"],
]
table(
    [
        "held-out half",
        "on the two nouns",
        "t-value",
        "right noun preferred",
        "turned with the last word",
    ],
    rows,
)

# %% [markdown]
# Two answers.
# In all six heads the attention moves toward the right noun on sentences that they were not chosen by, in most of them by more than two standard errors: the sense of the last word does reach *it*.
# But it moves too little to decide.
# The right noun gets the larger share in hardly more than half of the sentences, and both twins come out right less often than a coin would have it, since most heads keep to a favourite noun.
# So the picture with *animal* is true of the sentence, and true that *it* is linked to nouns; "the model knows what *it* means" is more than this head shows.
# (A model of six layers, trained to compare sentences; in larger ones, heads that do this better have been reported: Clark et al. 2019, section 4.)
#
# Your own pair: two nouns that are one token each, a verb, and the two last words.

# %%
own = Pair("cat", "didn't chase", "mouse", "tired", "fast")
looked = noun_attention(bert, word_pieces, [NOTES_PAIR, own])
print(*own.twins, sep="\n")
table(
    ["last word", "head", "on the first noun", "on the second noun"],
    [
        [
            pair.of_first if twin == 0 else pair.of_second,
            f"layer {layer}, head {head}",
            *(f"{looked[i, twin, noun, layer, head]:.0%}" for noun in (0, 1)),
        ]
        for i, pair in enumerate([NOTES_PAIR, own])
        for layer, head in sorted(best_heads, key=lambda place: -on_nouns[place])[:2]
        for twin in (0, 1)
    ],
)

# %% [markdown]
# And SmolLM2, which reads from left to right?
# When it reads *it*, the last word has not come yet.
# Its attention at *it* must be the same in both twins, to the last digit, in every head: no causal model can show at *it* what comes later.

# %%
with torch.no_grad():
    rows_at_it = []
    for sentence in NOTES_PAIR.twins:
        ids_of = byte_pairs.encode(sentence)
        place = [byte_pairs.tokens[i] for i in ids_of].index("Ġit")
        with record_attention(smollm2) as maps:
            smollm2(torch.tensor([ids_of], device=course.device()))
        rows_at_it.append(torch.stack([one[0, :, place, : place + 1] for one in maps]))
difference = (rows_at_it[0] - rows_at_it[1]).abs().max().item()
print(
    "heads:",
    rows_at_it[0].shape[0] * rows_at_it[0].shape[1],
    " the same in both twins:",
    difference < 1e-6,
)

# %% [markdown]
# ## 10 · Sentences
#
# The paper's task was translation between English and German, with millions of pairs of sentences.
# Here is the small version: the English and Korean texts of Home Assistant's interface (lesson 02), cut into subwords of one vocabulary for both languages, some ten thousand pairs to train on.
# The tests hold texts that training saw in neither language, short *labels* apart from *sentences*.
#
# How good a translation is, is measured by what it shares with a human one: *BLEU* counts runs of one to four words (in Korean here: characters), *chrF* runs of up to six characters; both go from 0 to 100. They were computed by sacrebleu with a beam of 4, and stand in the records.

# %%
translated = trained.results("sentences")
rows = []
for record in translated:
    source_language, target_language, model = record["model"].split("-", 2)
    shown_name = {model: name for name, model in NAMES.items()}[model]
    for test, values in record["tests"].items():
        rows.append(
            [
                f"{source_language} → {target_language}",
                shown_name,
                record["seed"],
                test,
                *(f"{values[measure]:.1f}" for measure in ("bleu", "chrf")),
                f"{100 * values['exact_match']:.1f}",
            ]
        )
table(
    ["direction", "model", "seed", "test", "BLEU", "chrF", "the same as the human one, %"], rows
)

# %%
whole_task = translation("english-korean")
translator = trained.load("sentences/english-korean-transformer")
shown = [
    example
    for examples in whole_task.task.tests.values()
    for example in random.Random(0).sample(examples, 4)
]
table(
    ["English", "the model", "the human translation"],
    [
        [
            whole_task.join(one.example.source),
            whole_task.join(one.written),
            whole_task.join(one.target),
        ]
        for one in evaluate(translator, whole_task.task, shown, beam_size=4)
    ],
)

# %% [markdown]
# Here too the LSTM with attention is ahead of the Transformer.
# Labels come out best, for they repeat each other's words: who has seen *temperature 2* can write *temperature 3*.
# Sentences are another matter.
# The model has the right words, the right ending and the tone of an interface, and often not the meaning; and the last column says how few are right as a whole.
# Ten thousand short texts teach what an interface says, not two languages.
# Now your own:

# %%
for text in [
    "Turn on the light",
    "Invalid password",
    "Natural language processing is interesting!",
]:
    print(
        text,
        "→",
        whole_task.join(
            write(translator, whole_task.task, [whole_task.tokenize(text)], beam_size=4)[0]
        ),
    )

# %% [markdown]
# The nearer to an interface, the better.
# What the model was not trained on it does not refuse: it writes something, in the same tone.

# %% [markdown]
# ## What to remember
#
# - Query, key, value: compare what is asked with what each offers to be found by, and take a mix of what they hand over.
#   All three are projections; in self-attention, of the same sequence.
# - Without the division by √d, softmax of long vectors gives all to one key and passes no gradient.
# - Heads are parts of one vector: as many attentions, no more weights.
#   Which of them matter, only removing them tells; most can go alone, few layers can go whole.
# - Attention moves, feed-forward computes, residual connections let both add to one stream.
#   Pre-norm keeps that stream free and trains more easily.
# - On small tasks with little training the LSTM with attention was better, and at short lengths faster too; a Transformer's training step gains with the length.
#   Its order is learned, and with absolute positions learned for the places it has seen.
# - One sentence and one head prove nothing.
#   Twins that differ in one word, and heads chosen on other sentences, do.
#
# **Read on**: Vaswani et al. 2017, *Attention Is All You Need*, sections 3 and 5; Xiong et al. 2020, *On Layer Normalization in the Transformer Architecture*, section 3; Michel, Levy and Neubig 2019, *Are Sixteen Heads Really Better than One?*; Clark et al. 2019, *What Does BERT Look At?*, section 4; Elhage et al. 2021, *A Mathematical Framework for Transformer Circuits*.
# In the code: `course/layers/multihead.py`, `course/layers/blocks.py`, `course/transformer.py`, `course/interpretability/ablation.py`, `course/interpretability/coreference.py`.
#
# **Next**: lesson 07, *GPT*.

# %%
progress.table()
