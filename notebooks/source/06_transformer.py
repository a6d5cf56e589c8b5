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
# - look at the three attentions of a trained model.
#
# **Time**: 120 minutes; the cells run in about a minute on two processor cores.
# **Before this**: lessons 04 and 05.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import math
import random
from dataclasses import replace

import numpy as np
import torch

import course
from course import trained
from course.bert import encode_batch, sentence_embeddings
from course.exercises import check, hint, progress, solution
from course.interpretability.coreference import NOTES_PAIR
from course.layers.attention import (
    attention_weights,
    record_attention,
    scaled_dot_product_attention,
)
from course.layers.blocks import DecoderBlock, EncoderBlock, Residual
from course.layers.feed_forward import FeedForward
from course.layers.multihead import MultiHeadAttention
from course.layers.parameters import count_parameters
from course.layers.torch_parity import as_torch, same_gradients
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
from course.training.timing import fastest_of, training_step
from course.transformer import (
    Transformer,
    TransformerConfig,
    TransformerDecoder,
    TransformerEncoder,
)
from course.viz import AttentionExplorer, VideoSearch, figures, use_course_style
from course.viz.figures.error_by_length import error_by_length
from course.viz.kit.layout import stacked
from course.viz.show import say, source, table

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
title_ids, title_mask = encode_batch(word_pieces, [search.query, *titles])
with torch.no_grad():
    title_states = bert(title_ids, title_mask)
kept = title_mask[..., None]
means = (title_states * kept).sum(dim=1) / kept.sum(dim=1)  # before they are scaled
unit = sentence_embeddings(title_states, title_mask)
dot, cosine = means[1:] @ means[0], unit[1:] @ unit[0]
table(
    [
        {"title": title, "length of the key": key.norm(), "dot product": d, "cosine": c}
        for title, key, d, c in zip(titles, means[1:], dot, cosine, strict=True)
    ],
    formats=".2f",
)

# %% [markdown]
# With the dot product a long key is heard louder, whatever is asked.
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
# The query is that of the word *it*; layer 3 and head 1 are counted from 0. Why this head, lesson 20 will say.

# %%
tired, wide = NOTES_PAIR.twins
ids, mask = encode_batch(word_pieces, [tired])
tokens = [word_pieces.tokens[i] for i in ids[0].tolist()]
it = tokens.index("it")
with torch.no_grad():
    x = bert.embedding(ids, torch.zeros_like(ids))
    for block in bert.blocks[:3]:
        x = block(x)
    attention = bert.blocks[3].attention
    q, k, v = (
        layer(x)[0].view(len(tokens), 12, 32)[:, 1]  # of 12 heads, head 1
        for layer in (attention.query, attention.key, attention.value)
    )
    scores = q[it] @ k.T  # MatMul: one number for each key
    scaled = scores / math.sqrt(32)  # Scale
    weights = scaled.softmax(dim=0)  # Softmax
    mix = weights @ v  # MatMul: what "it" receives from this head

# %%
table(
    [
        {"key": token, "q · k": a, "÷ √32": b, "weight": w}
        for token, a, b, w in zip(tokens, scores, scaled, weights, strict=True)
    ],
    formats={"q · k": ".1f", "÷ √32": ".2f", "weight": ".0%"},
)

# %%
with torch.no_grad(), record_attention(bert) as maps:
    bert(ids, mask)
own_weights = maps[3][0, 1, it]
say("as in the model's own pass:", torch.allclose(weights, own_weights, atol=1e-5))

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
entropies, jacobians = {}, {}
for name, divide in [("divided by √d", True), ("not divided", False)]:
    drawn = np.array([[softmax_at(d, divide, seed) for d in sizes] for seed in range(5)])
    entropies[name], jacobians[name] = drawn[:, :, 0], drawn[:, :, 1]

# %%
titles_of = {
    ("Without √d, one key takes all", "entropy of the weights, nats"): entropies,
    ("… and little gradient comes through", "length of the Jacobian"): jacobians,
}
size_axis = {"xlabel": "d, the numbers in a query"}
pictures = [
    figures.curves(np.arange(11), measured, title=title, ylabel=ylabel, **size_axis)
    for (title, ylabel), measured in titles_of.items()
]
for picture in pictures:
    picture.axes[0].set_xticks(range(0, 11, 2), sizes[::2])
stacked(pictures)

# %%
table(
    [
        {"d": sizes[i]}
        | {f"entropy, {name}": values[:, i].mean() for name, values in entropies.items()}
        | {f"Jacobian, {name}": values[:, i].mean() for name, values in jacobians.items()}
        for i in range(0, 11, 2)
    ],
    formats=".2f",
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
shapes = {
    "the paper's base model": (512, 8),
    "one wide head": (512, 1),
    "MiniLM": (384, 12),
    "the Transformer of this lesson": (112, 4),
}
columns = ("d_model", "heads", "d_head", "weights in one multi-head attention")
table(
    {"model": name} | dict(zip(columns, (d, n, d // n, count), strict=True))
    for name, (d, n) in shapes.items()
    for count in [count_parameters(MultiHeadAttention(d, n))]
)

# %% [markdown]
# Is that code right?
# PyTorch has its own, `torch.nn.MultiheadAttention`, which keeps the three projections in one matrix.
# Give it our weights, and compare the outputs, the weights of all heads, and every gradient, each number to within 0.00001.


# %%
def agree(ours, theirs):
    """Whether two tensors are equal to within 1e-5."""
    return torch.allclose(ours, theirs, atol=1e-5, rtol=1e-5)


torch.manual_seed(0)
ours = MultiHeadAttention(512, 8)
reference = as_torch(ours)  # `torch.nn.MultiheadAttention` with our weights
vectors = torch.randn(2, 10, 512)
with record_attention(ours) as our_maps:
    output = ours(vectors, causal=True)
future = torch.ones(10, 10, dtype=torch.bool).triu(1)  # in PyTorch's masks, True is hidden
expected, their_maps = reference(
    vectors, vectors, vectors, attn_mask=future, average_attn_weights=False
)
output.pow(2).mean().backward()
expected.pow(2).mean().backward()
equal = {
    "outputs": agree(output, expected),
    "attention weights of all heads": agree(our_maps[0], their_maps),
    "gradients of all weights": same_gradients(ours, reference),
}
table({"ours and torch.nn's": what, "equal to 1e-5": same} for what, same in equal.items())

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
changed = vectors.clone()
changed[:, 6] = torch.randn(2, 512)
moved = {}
with torch.no_grad():
    for name, causal in {"no mask": False, "causal mask": True}.items():
        difference = (ours(changed, causal=causal) - ours(vectors, causal=causal)).abs()
        moved[name] = difference.amax(dim=(0, 2)) > 1e-6
table(
    {"word 6 is changed": name}
    | {i: bool(output_changed) for i, output_changed in enumerate(row)}
    for name, row in moved.items()
)

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
source(EncoderBlock.forward, DecoderBlock.forward)

# %% [markdown]
# > **What the notes say / what the paper says.**
# > The notes say that in self-attention query, key and value are equal, and that in cross-attention the keys equal the values.
# > That is true of what goes *into* the three matrices; what comes out of them differs.
#
# The layers too against PyTorch's, `nn.TransformerEncoderLayer` and `nn.TransformerDecoderLayer`, in both orders of the normalization:


# %%
layer_parity = []
for norm in ("post", "pre"):
    config = TransformerConfig(9, 9, d_model=64, n_heads=4, d_ff=256, dropout=0.0, norm=norm)
    for block in (config.encoder_block(), config.decoder_block()):
        torch_layer = as_torch(block)
        words_in, memory = torch.randn(2, 7, 64), torch.randn(2, 9, 64)
        if isinstance(block, EncoderBlock):
            output, expected = block(words_in), torch_layer(words_in)
        else:
            output = block(words_in, block.source_attention.keys_and_values(memory))
            expected = torch_layer(words_in, memory, tgt_mask=future[:7, :7])
        output.pow(2).mean().backward()
        expected.pow(2).mean().backward()
        same = (agree(output, expected), same_gradients(block, torch_layer))
        layer_parity.append((type(block).__name__, f"{norm}-norm", *same))
columns = ("layer", "order", "outputs equal to 1e-5", "gradients equal to 1e-5")
table(dict(zip(columns, row, strict=True)) for row in layer_parity)

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
    shared, apart = (
        count_parameters(Transformer(TransformerConfig(37_000, 37_000, shared_embeddings=both)))
        for both in (True, False)
    )
say(f"base model, embeddings shared: {shared:,} weights; the two languages apart: {apart:,}")

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
gaps = np.arange(13)
logits = torch.zeros(13, 1, 40)
logits[:, 0, 7] = torch.arange(13.0)
target = torch.tensor([[7]])
smoothed = {
    f"smoothing {smoothing}": [
        label_smoothed_loss(row[None], target, pad_id=0, smoothing=smoothing).item()
        for row in logits
    ]
    for smoothing in (0.0, 0.1, 0.2)
}
figures.curves(
    gaps,
    smoothed,
    title="With smoothing, being too sure costs",
    xlabel="logit of the right token above the 39 others",
    ylabel="loss",
    ylim=(0, 4),
)

# %%
table(
    {"the lowest loss, among these": name, "is at a gap of": int(np.argmin(losses))}
    for name, losses in smoothed.items()
)

# %% [markdown]
# ### Warm-up
#
# In the first steps the gradients are large and point anywhere.
# The paper begins with tiny steps that grow for 4,000 steps, the *warm-up*, and then shrink as one over the root of the step (section 5.3).


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
steps = np.arange(1, 20_002, 1_000)
figures.curves(
    steps,
    {
        f"d_model {d_model}, warm-up {rise:,}": [
            1000 * warmup(d_model, rise)(int(s)) for s in steps
        ]
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


# %%
small = TransformerConfig(
    13, 13, d_model=32, n_heads=4, d_ff=64, n_layers=4, context_length=16, dropout=0.0
)
RATE = 6e-3
rates = {
    "warm-up": lambda step: RATE * min(1.0, step / (STEPS / 4)),
    "no warm-up": lambda step: RATE,
}

# %%
runs = {f"{norm}-norm, {name}": [] for norm in ("post", "pre") for name in rates}
for norm in ("post", "pre"):
    for name, rate in rates.items():
        for seed in SEEDS:
            model = Transformer(replace(small, norm=norm), torch.Generator().manual_seed(seed))
            history = train(
                model,
                GeneratedBatches(reversals, seed),
                reversal_loss,
                torch.optim.Adam(model.parameters(), betas=(0.9, 0.98)),
                steps=STEPS,
                learning_rate=rate,
            )
            runs[f"{norm}-norm, {name}"].append(history.losses)
stretch = STEPS // 10  # steps that are averaged
averaged = {
    name: np.reshape(losses, (len(SEEDS), 10, stretch)).mean(axis=2)
    for name, losses in runs.items()
}

# %%
figures.curves(
    np.arange(stretch, STEPS + 1, stretch),
    averaged,
    title="Four layers, a high rate: pre-norm learns sooner",
    xlabel="training step",
    ylabel="loss",
)

# %%
post, post_without, pre, pre_without = (curve[:, -1] for curve in averaged.values())
lower = np.concatenate((pre < post, pre_without < post_without))
say(f"pre-norm ends lower than post-norm in {lower.sum()} of {lower.size} pairs of runs")
helped = (post < post_without).sum()
say(f"post-norm with warm-up ends lower than without in {helped} of {len(SEEDS)}")

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
# Of the dates' four scores, the Transformer's, for a fair comparison:
DATE_NAMES = NAMES | {"LSTM + attention": "lstm-scaled_dot"}
spoken = trained.results("pronunciation")
say(*(run["command"] for run in spoken if run["model"] == "transformer"), sep="\n")
tests = [("pronunciation", "test"), ("dates", "new dates"), ("dates", "new combinations")]
table(
    {"test": f"{experiment}: {test}" if experiment == "dates" else experiment, "model": name}
    | {"weights": trained.parameters(experiment)[model]}
    | {"error rate": wrong[model], "all right": right[model]}
    for experiment, test in tests
    for wrong in [trained.by_model(experiment, test, "error_rate")]
    for right in [trained.by_model(experiment, test, "exact_match")]
    for name, model in (DATE_NAMES if experiment == "dates" else NAMES).items()
)

# %%
groups = [range(1, 5), range(5, 7), range(7, 9), range(9, 11), range(11, 13), range(13, 35)]
error_by_length(
    [3.5, 5.5, 7.5, 9.5, 11.5, 14],
    {name: trained.curve(spoken, model, groups) for name, model in NAMES.items()},
    title="Errors by the length of the word",
    words=[
        g["examples"]
        for g in trained.by_length(trained.record_of("pronunciation", "lstm"), groups)
    ],
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
record = trained.record_of("pronunciation", "transformer", seed=0)
(recorded,) = trained.by_length(record, [range(12, 13)])
right, errors = sum(not one.errors for one in outcomes), sum(one.errors for one in outcomes)
now = {"examples": len(outcomes), "right": right, "errors": errors}
headings = {"of": "words of 12 letters", "examples": "words", "right": "without an error"}
table(
    [{"of": "evaluated now"} | now, {"of": "in the record"} | recorded],
    headings | {"errors": "errors"},
)

# %% [markdown]
# And on words of your own.
# *Beam search* (lesson 03) keeps the likeliest few beginnings instead of one; the paper uses a beam of 4 (section 6.1).

# %%
words = ["transformer", "attention", "seoul", "jabberwocky"]
greedy, beam = (write(speaker, task, words, beam_size=size) for size in (1, 4))
table(
    {"word": word, "greedy": " ".join(one), "beam of 4": " ".join(another)}
    for word, one, another in zip(words, greedy, beam, strict=True)
)

# %%
sample = random.Random(0).sample(task.tests["test"], WORDS)
by_beam = {size: evaluate(speaker, task, sample, beam_size=size) for size in (1, 4)}
table(
    [
        {"beam": size, "words": len(found)}
        | {"phoneme error rate": error_rate(found), "all right": exact_match(found)}
        for size, found in by_beam.items()
    ],
    formats=".1%",
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


def form(outcome):
    """How a date is written: with slashes, with the month or the day first."""
    text = "".join(outcome.example.source)
    if "/" in text:
        return "Friday, 5/20/1916"
    return "Friday, May 20, 1916" if text[-6] == "," else "Fri, 20 May 1916"


def summary(outcomes):
    """How many dates, the share that is right, and the first of them."""
    english, korean = "".join(outcomes[0].example.source), "".join(outcomes[0].written)
    shares = {"dates": len(outcomes), "all right": f"{exact_match(outcomes):.1%}"}
    return shares | {"the first": english, "is written as": korean}


by_form = {}
for one in evaluate(dated, calendar, calendar.tests["new combinations"]):
    by_form.setdefault(form(one), []).append(one)
table({"form": name} | summary(by_form[name]) for name in sorted(by_form))

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
moved_dates = []
for start in (0, 1, 2, 4, 8):
    positions.table = from_zero[start:]
    moved_dates.append({"first position": start} | summary(evaluate(dated, calendar, plain)))
positions.table = from_zero
table(moved_dates)

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
    source_ids, target_ids = ids
    logits = model(source_ids[:, :-1], target_ids[:, :-1])
    return label_smoothed_loss(logits, target_ids[:, 1:], pad_id=0)


# %% tags=["nbval-ignore-output"]
timed = []
for n_words in (1, 8):
    for length in (8, 16, 32, 64, 128, 256):
        letter_ids = torch.randint(3, VOCABULARY, (2, n_words, length + 1)).to(course.device())
        on_device = {name: make().to(course.device()) for name, make in makers.items()}
        # The models take turns, and the fastest of three steps counts.
        seconds = fastest_of(
            {n: training_step(m, letter_ids, next_letter_loss) for n, m in on_device.items()}
        )
        times = {f"{name}, ms": 1000 * each for name, each in seconds.items()}
        last = seconds.pop("Transformer")
        ratios = {
            f"Transformer / {name}": f"{last / each:.1f}" for name, each in seconds.items()
        }
        timed.append({"words": n_words, "letters": length} | times | ratios)
table(
    timed, formats=".0f"
)  # without decimals, so that the table fits a narrow page on a slow machine

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
# ## 8 · The three attentions
#
# The notes count three: encoder self-attention, masked decoder self-attention, encoder–decoder attention.
# Here they are in the last layer of the stored model, as the mean of its heads, while it pronounces one word.
# Change the word.

# %%
word = "knowledge"
letters = task.symbols_from(word)
(sounds,) = write(speaker, task, [word])
spelled = task.batch([(word, sounds)])
with torch.no_grad(), record_attention(speaker) as maps:
    speaker(spelled.source, spelled.read)
heads_mean = [one[0].mean(dim=0).cpu().numpy() for one in maps]
read = ["‹start›", *sounds]
attentions = {
    "Encoder self-attention: letters look at letters": (heads_mean[1], letters, letters),
    "Masked self-attention: sounds look back at sounds": (heads_mean[-2], read, read),
    "Cross-attention: sounds look at letters": (heads_mean[-1], read, letters),
}
stacked([figures.attention_heatmap(*maps, title=title) for title, maps in attentions.items()])

# %% [markdown]
# ## 9 · What does "it" look at?
#
# "The animal didn't cross the street because it was too tired."
# The notes say that in self-attention *animal*, *street* and *it* show a strong relation with *it*.
# One sees such pictures often, drawn from one sentence and one head of many.
# MiniLM has 72 heads; in one of them, something can be seen for any claim.
# So here is the sentence; a measure over many is in lesson 20.

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
# Click that line, and the four steps of section 1 open for this one pair: query and key number by number, their product, the division, the softmax, and the value's part in what the head hands on.
# **Layer's heads** draws all heads of a layer at once; **Sort heads by** puts first those that look at one token, at near ones, or hardly ever at the first.

# %% [markdown]
# ## 10 · Sentences
#
# The paper's task was translation between English and German, with millions of pairs of sentences.
# Here is the small version: the English and Korean texts of Home Assistant's interface (lesson 02), cut into subwords of one vocabulary for both languages, some ten thousand pairs to train on.
# The tests hold texts that training saw in neither language, short *labels* apart from *sentences*.
#
# How good a translation is, is measured by what it shares with a human one: *BLEU* counts runs of one to four words (in Korean here: characters), *chrF* runs of up to six characters; both go from 0 to 100. They were computed by sacrebleu with a beam of 4, and stand in the records.

# %%
table(
    [
        {"direction": f"{one} → {other}", "model": name, "seed": run["seed"], "test": test}
        | {"BLEU": values["bleu"], "chrF": values["chrf"]}
        | {"the same as the human one, %": 100 * values["exact_match"]}
        for run in trained.results("sentences")
        for one, other, model in [run["model"].split("-", 2)]
        for name in [name for name, key in NAMES.items() if key == model]
        for test, values in run["tests"].items()
    ],
    formats=".1f",
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
    {
        "English": whole_task.join(one.example.source),
        "the model": whole_task.join(one.written),
        "the human translation": whole_task.join(one.target),
    }
    for one in evaluate(translator, whole_task.task, shown, beam_size=4)
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
    (output,) = write(translator, whole_task.task, [whole_task.tokenize(text)], beam_size=4)
    say(text, "→", whole_task.join(output))

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
# - Attention moves, feed-forward computes, residual connections let both add to one stream.
#   Pre-norm keeps that stream free and trains more easily.
# - On small tasks with little training the LSTM with attention was better, and at short lengths faster too; a Transformer's training step gains with the length.
#   Its order is learned, and with absolute positions learned for the places it has seen.
#
# **Read on**: Vaswani et al. 2017, *Attention Is All You Need*, sections 3 and 5; Xiong et al. 2020, *On Layer Normalization in the Transformer Architecture*, section 3.
# In the code: `course/layers/multihead.py`, `course/layers/blocks.py`, `course/transformer.py`.
#
# **Next**: lesson 07, *GPT*.

# %%
progress.table()
