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
# # 07 · GPT
#
# The Transformer of lesson 06 reads one sequence and predicts another, and every training pair had to be found somewhere.
# Take away its encoder, and let the decoder predict the next token of one text: now any text is training data.
# That is a *decoder-only model*, and GPT-2, Llama and most chat models of today are of this kind.
# After this lesson you can
#
# - write the layers of a modern decoder, and run a real model of 135 million weights through them;
# - train a small one from random weights, and say how well it predicts in a unit that does not depend on the tokenizer;
# - bend and cut the distribution of the next token, and say what each cut removes;
# - say what sparse attention saves and what it does not, what a filter for training text does, and what a model cannot know.
#
# **Time**: 150 minutes; the cells run in about a minute on two quiet processor cores.
# **Before this**: lesson 06.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import lzma
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import torch
from torch import nn

import course
from course import trained
from course.claims import Finding, claim
from course.data import movie_reviews
from course.data.splits import draw
from course.decoding import generate, probabilities, sample
from course.exercises import ask, check, hint, progress, solution, yours
from course.gpt import GPT2_SMALL, Decoder, GPT2Config, LlamaConfig, attention_costs
from course.gpt.ablation import CHANGES
from course.intervals import (
    RunCounts,
    difference_of_rates,
    exact,
    mean_difference,
    mean_over_items,
    over_seeds,
    rate,
)
from course.layers.attention import causal_mask
from course.layers.banded import banded_attention
from course.layers.parameters import count_parameters
from course.pretrained import chat_ids, load
from course.tasks.corpus import END, LICENCES, corpus, encoded
from course.tasks.dated_facts import OFFICES, dated_facts
from course.tasks.labelled import review_sets
from course.tasks.pretraining import (
    SMALL,
    SMALL_PLAN,
    base_tokenizer,
    continuations,
    held_out_score,
    pieces,
    pretrain,
)
from course.viz import (
    CacheExplorer,
    MaskExplorer,
    ModelView,
    NextTokenTree,
    figures,
    use_course_style,
)
from course.viz.show import say, source, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 5: five times the steps of training; some three minutes.

# %% [markdown]
# ## 1 · What comes next
#
# Two models: SmolLM2, which answered you in lesson 00, and the course's own base model, which is much smaller and the subject of section 4.
# A *base model* has been trained to predict text and nothing else.

# %%
smollm2, byte_pairs = load("smollm2")
base, base_pairs = trained.load("base_model/gpt"), base_tokenizer()
models = {"SmolLM2": (smollm2, byte_pairs), "base model": (base, base_pairs)}
tree = NextTokenTree(models, text="The river was so cold that")
for token in tree.shown[:2]:
    tree.at = 0
    tree.take(token)
tree

# %% [markdown]
# Each bar is the probability that this token comes next.
# Choose a token in the row below the bars, and it is appended to your text; the model reads the longer text and predicts again.
# **Back** and **Go on from** lead to an earlier point, where you can take another token: a tree of continuations grows, and shows the probability of each token that you took.
# The three sliders are the subject of section 5.
#
# Training needs no labels, because the text is its own answer: what is read at a position is the input, and the token after it the target.
# With the causal mask of lesson 06, a text of $n$ tokens gives $n$ predictions in one pass; the text holds the target of each but the last.

# %%
sentence = byte_pairs.encode("The river was cold.")
pieces_of_text = [byte_pairs.decode([token]) for token in sentence]
table(
    [
        {"read": "".join(pieces_of_text[: place + 1]), "to be predicted": target}
        for place, target in enumerate(pieces_of_text[1:])
    ]
)

# %% [markdown]
# > **What the notes say / what the paper says.**
# > The notes describe GPT as the Transformer's decoder, "masked self-attention + feed-forward network".
# > That is right, and one thing is missing on purpose: the decoder of lesson 06 has cross-attention as well, and without an encoder there is nothing for it to look at (Radford et al. 2018, section 3.1).
#
# ## 2 · Two decoders from the same layers
#
# GPT-2 is the decoder of lesson 06 with pre-norm, learned positions, and GELU, a smooth relative of ReLU, in ReLU's place.
# The modern decoder, as in Llama and in SmolLM2, has the same skeleton and five changes.
#
# | | GPT-2 (2019) | modern (Llama, SmolLM2) |
# | :--- | :--- | :--- |
# | positions | learned, added to the embedding | rotary, in each attention (lesson 05) |
# | normalization | layer normalization | root-mean-square normalization |
# | feed-forward | GELU between two layers | SwiGLU: three layers, one of them a gate |
# | biases | in every linear layer | none |
# | keys and values | one head for each query head | several query heads share one |
#
# The first Llama did not share keys yet; the largest model of Llama 2 does.
# In the code they are two configurations of one class, each of which makes its layers:

# %%
source(GPT2Config.norm, LlamaConfig.norm, GPT2Config.feed_forward, LlamaConfig.feed_forward)

# %%
with torch.device("meta"):  # sizes without numbers: nothing is drawn or stored
    n_gpt2 = count_parameters(Decoder(GPT2_SMALL))
say(f"GPT-2, the smallest: {n_gpt2:,} weights")
say(f"SmolLM2: {count_parameters(smollm2):,}; the base model: {count_parameters(base):,}")

# %% [markdown]
# Build the three that are new, one after the other.
# The first normalizes a vector without subtracting its mean: *root-mean-square normalization*, RMSNorm.


# %% tags=["exercise"]
def rms_norm(x: list[float], gain: list[float], eps: float) -> list[float]:
    """Normalize one vector by its root mean square, then scale each number by its gain.

    The root mean square is the root of mean of squares + eps, the mean being over the numbers of x.
    Nothing is subtracted and nothing is added: that is the difference from layer normalization.

    >>> rms_norm([1.0, 7.0], gain=[1.0, 10.0], eps=0.0)
    [0.2, 14.0]
    """
    ...


check("gpt.rms_norm", rms_norm)

# %% [markdown]
# The second is *grouped-query attention*: a key head, and the value head beside it, serves several query heads.
# When a text is generated, keys and values of all tokens are kept in the cache (lesson 00), and fewer heads make a smaller cache.


# %% tags=["exercise"]
def share_heads(keys: "Tensor", n_heads: int) -> "Tensor":
    """Give each query head its key head, where several query heads share one.

    keys: (batch, kv_heads, position, d_head). The answer: (batch, n_heads, position, d_head).
    n_heads is a multiple of kv_heads; neighboring query heads share: with 6 query heads and 2 key
    heads, query heads 0, 1 and 2 use key head 0, and 3, 4 and 5 use key head 1.

    >>> import torch
    >>> keys = torch.tensor([[[[1.0]], [[2.0]]]])  # 1 sequence, 2 key heads, 1 position, 1 number
    >>> share_heads(keys, n_heads=4).flatten().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """
    ...


check("gpt.share_heads", share_heads)

# %% [markdown]
# The third is *SwiGLU*, a feed-forward layer with gates.


# %% tags=["exercise"]
def swiglu(x: "Tensor", layers: "Layers") -> "Tensor":
    """The gated feed-forward layer: one projection opens or closes the gates of another.

    x: (..., d_model). `layers` has three linear layers: `layers.gate` and `layers.up` widen a
    vector to d_ff numbers, `layers.down` brings it back. The gate's numbers g pass SiLU,
    g * sigmoid(g), and multiply those of `up`, number by number, before `down`.

    >>> import torch
    >>> from types import SimpleNamespace
    >>> layers = SimpleNamespace(gate=lambda v: 0 * v + 100, up=lambda v: v / 100, down=lambda v: v)
    >>> swiglu(torch.tensor([1.0, -2.0]), layers).tolist()
    [1.0, -2.0]
    """
    ...


check("gpt.swiglu", swiglu)

# %% [markdown]
# With your three functions, this is the whole decoder.
# Rotations are those of lesson 05, attention is that of lesson 06.

# %%
my_rms_norm = yours("gpt.rms_norm", rms_norm)
my_share_heads = yours("gpt.share_heads", share_heads)
my_swiglu = yours("gpt.swiglu", swiglu)


def normalized(x, norm):
    """Every vector of x: (batch, position, d_model), normalized by your function."""
    gain = norm.weight.tolist()
    rows = [[my_rms_norm(vector, gain, norm.eps) for vector in row] for row in x.tolist()]
    return torch.tensor(rows).to(x)


def self_attention(x, layer, positions):
    """Queries, keys and values; rotate; share; attend to the past; join the heads."""
    query, key, value = (
        project(x).unflatten(-1, (-1, layer.d_head)).transpose(1, 2)
        for project in (layer.query, layer.key, layer.value)
    )
    query, key = positions.rotate(query), positions.rotate(key)
    key, value = my_share_heads(key, layer.n_heads), my_share_heads(value, layer.n_heads)
    mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    return layer.output(mixed.transpose(1, 2).flatten(2))


# %%
def my_decoder(model, ids):
    """The logits of the next token at each position, with the weights of `model`."""
    positions = model.embedding.positions.for_attention(0, ids.shape[1])
    x = model.embedding(ids)
    for block in model.blocks:
        before = normalized(x, block.attention_residual.norm)
        x = x + self_attention(before, block.attention, positions)
        x = x + my_swiglu(normalized(x, block.feed_forward_residual.norm), block.feed_forward)
    return model.output(normalized(x, model.norm))


# %% [markdown]
# Does it run a model that others have trained?
# SmolLM2 has 30 such blocks; your decoder and the package's read the same sentence.

# %%
ids = torch.tensor([byte_pairs.encode("The capital of France is")], device=course.device())
with torch.no_grad():
    own_logits, package_logits = my_decoder(smollm2, ids), smollm2(ids)
say(
    "equal to within a thousandth:",
    torch.allclose(own_logits, package_logits, atol=1e-3, rtol=1e-3),
)
say("the next token, by your decoder:", byte_pairs.decode([int(own_logits[0, -1].argmax())]))

# %% [markdown]
# The package's own model gives the logits and gradients of `GPT2LMHeadModel` and of `LlamaForCausalLM` in the library transformers, each with the same weights, to within 0.00001; that is one of the course's tests.
# The published weights of GPT-2 are 548 MB: where you have them in a folder, `course.pretrained.load_gpt2(folder)` reads them into the same class.
#
# ### What each change buys
#
# `experiments/gpt_layers.py` trains GPT-2's layers, GPT-2 with one of the five changes, and the modern layers with all of them.
# All have the same number of weights (the width of the feed-forward layers is adjusted) and read the same tokens, each with the learning rate that a search of its own found on validation.

# %%
NAMES = {"GPT-2": "gpt2", **{f"GPT-2, {c.replace('_', ' ')}": f"gpt2-{c}" for c in CHANGES}}
NAMES["modern"] = "modern"
bits = {
    name: trained.items("gpt_layers", model, "held-out text", "documents")
    for name, model in NAMES.items()
}
weights_of = trained.parameters("gpt_layers")
table(
    {
        "layers": name,
        "weights": weights_of[NAMES[name]],
        "bits per byte": rate(of_model, unit=""),
    }
    for name, of_model in bits.items()
)


# %%
def fewer_bits(name):
    """How many more bits per byte a model needs than GPT-2's layers."""
    return difference_of_rates(bits[name], bits["GPT-2"], unit="bits per byte")


claim(
    "gpt.modern_layers",
    "Each of the five changes, and all five together, lowers the loss at equal weights and tokens.",
    said_by="a common reading of the modern decoder",
    findings=[
        Finding(f"{name} minus GPT-2, held-out text", fewer_bits(name), "below", 0.0)
        for name in bits
        if name != "GPT-2"
    ],
)

# %% [markdown]
# That is one size and a short training; elsewhere the differences may be larger, smaller or reversed.
# Two of the changes were not made for the loss.
# Shared keys make the cache smaller: SmolLM2 keeps 3 heads of keys and values where it has 9 of queries, a third.
# Without biases there is a little less to compute and store.
#
# ## 3 · From random to recognizable
#
# *Pre-training* is training on a large amount of text before any task is known.
# Here is a small run of it, while you wait: a modern decoder of a million weights reads openings of Wikipedia's articles.
# They are laid end to end, with a special token after each, and cut into windows; in a window, the tokens of an article also see the end of the article before, since nothing hides it.
#
# First, a unit.
# The loss of lesson 03 is per token, and a token of one tokenizer is not a token of another.
# It is also in nats, the unit that comes with the natural logarithm; with the logarithm to base 2, the unit is the bit.
# The bits of the whole text divided by its bytes, *bits per byte*, can be compared.

# %%
ask("gpt.per_token")


# %% tags=["exercise"]
def bits_per_byte(losses: list[float], n_bytes: list[int]) -> float:
    """How many bits a language model needs for each byte of a text.

    losses[i] is the cross-entropy of token i in nats, n_bytes[i] how many bytes of text the token
    stands for: 0 for a special token, whose loss does not count. A bit is log(2) nats. Divide the
    bits of the whole text by its bytes. There is one byte or more.

    >>> from math import log
    >>> bits_per_byte([4 * log(2), 2 * log(2)], [2, 4])
    1.0
    >>> bits_per_byte([3 * log(2), 5 * log(2)], [3, 0])
    1.0
    """
    ...


check("gpt.bits_per_byte", bits_per_byte)

# %% [markdown]
# The articles are split by title; a training article that shares thirteen words in a row with a held-out one is left out.

# %%
articles = corpus("encyclopedia")["encyclopedia"]
training = encoded(draw(articles.train, 3000), base_pairs)
end_id = base_pairs.special.ids[END]
followed = pieces({"articles": encoded(articles.validation, base_pairs)}, 3000, 128)["articles"]
say(f"{len(articles.train):,} training articles, of which {len(training):,} are read here")
say(f"left out because they share words with a held-out one: {articles.left_out}")

# %% tags=["nbval-ignore-output"]
small = Decoder(SMALL, torch.Generator().manual_seed(0)).to(course.device())
OPENING = "Lisbon\n\nLisbon is"  # a title, and the first words of its article
written = []


def look(model):
    """What the model makes of a beginning now, and its bits per byte on held-out text."""
    found = held_out_score(model, base_pairs, followed).bits_per_byte
    [text] = continuations(model, base_pairs, [OPENING], max_length=32, temperature=0.6)
    written.append((found, text))
    return {"bits per byte": found}


look(small.eval())
plan = replace(SMALL_PLAN, steps=SMALL_PLAN.steps * BUDGET)
history = pretrain(
    small, training, plan, end_id=end_id, evaluate=look, evaluate_every=plan.steps // 4
)
steps_done = [0, *(each["step"] for each in history.evaluations)]
table(
    [
        {"steps": step, "bits per byte": found, "sample": text.replace("\n", " ")}
        for step, (found, text) in zip(steps_done, written, strict=True)
    ],
    formats={"bits per byte": ".2f"},
)

# %% [markdown]
# Read the samples from top to bottom: at first pieces of words, drawn at random; then the most frequent words; then beginnings of an encyclopedia's phrases beside invented words, which mean nothing.
# The curve below is the loss of training, in bits per token; a guess that gives all 4,096 tokens the same probability costs log₂ 4,096 = 12 bits.
# It cannot be compared with the table: it is per token, and of windows that begin anywhere in the text.

# %% tags=["nbval-ignore-output"]
smooth = np.reshape(history.losses, (-1, 20)).mean(axis=1) / math.log(2)
figures.curves(
    20 * np.arange(1, len(smooth) + 1),
    {"training": smooth},
    title="The small model learns to predict",
    xlabel="steps of 512 tokens; each point is the mean of 20",
    ylabel="bits per token",
)

# %% [markdown]
# Now the three models on the same held-out articles, and your function.
# Each text is the beginning of an article; the special token after it is predicted, too, but stands for no byte.

# %%
my_bits = yours("gpt.bits_per_byte", bits_per_byte)


@torch.no_grad()
def losses_and_sizes(model, tokenizer, text, end):
    """The loss of each token of a text in nats, that of the end included, and the bytes of each."""
    text_ids = [end, *tokenizer.encode(text), end]
    logits = model(torch.tensor([text_ids[:-1]], device=course.device()))[0]
    targets = torch.tensor(text_ids[1:], device=course.device())
    losses = nn.functional.cross_entropy(logits, targets, reduction="none")
    sizes = [
        0 if token == end else len(tokenizer.decode_bytes([token])) for token in text_ids[1:]
    ]
    return losses.tolist(), sizes


readers = {
    "small, just trained": (small, base_pairs, end_id),
    "base model": (base, base_pairs, end_id),
    "SmolLM2": (smollm2, byte_pairs, byte_pairs.special.ids["<|endoftext|>"]),
}
openings = [text[:250] for text in draw(articles.test, 12)]

# %%
compared = []
for name, reader in readers.items():
    of_texts = [losses_and_sizes(reader[0], reader[1], text, reader[2]) for text in openings]
    losses, sizes = ([value for one in of_texts for value in one[which]] for which in (0, 1))
    compared.append(
        {
            "model": name,
            "tokens": sum(size > 0 for size in sizes),
            "bits per token": np.mean(losses, where=np.array(sizes) > 0) / math.log(2),
            "bits per byte": my_bits(losses, sizes),
        }
    )
table(compared, formats={"bits per token": ".1f", "bits per byte": ".1f"})

# %% [markdown]
# SmolLM2 has longer tokens, so it needs fewer of them; the last column is the one to compare.
# It is not a fair race: SmolLM2 has more than forty times the weights of the base model and read two trillion tokens (Allal et al. 2025, section 6), and these articles were probably among them.
# On the other hand, it was tuned for chat afterwards, and this copy of it has weights of 4 bits (lesson 00).
# Lesson 09 measures how the loss falls as weights and tokens grow.
#
# ## 4 · The course's base model
#
# Lessons 12 to 15 and 19 need a model whose training is known from the first token on, so the course has one of its own.
# `experiments/base_model.py` trained it on four sources: annual messages of US presidents, openings of Wikipedia's articles (the encyclopedia), longer paragraphs of Wikipedia (the passages), and short quotations from movie reviews.
# A training document that shares thirteen words in a row with a held-out one of any source is left out.
# Its [*model card*](../docs/base_model.md) says what it is, what it read and what it is not for.

# %%
record = trained.record_of("base_model", "gpt")
n_read = record["steps"] * record["tokens_a_step"]
minutes = f"{record['seconds'] / 60:.0f} minutes"
say(f"{record['steps']:,} steps, {n_read / 1e6:.1f} million tokens, {minutes}")


def of_documents(found):
    """The bits and bytes of each test document of a source."""
    counts = (trained.numbers(found["items"][name]) for name in ("bits", "bytes"))
    return RunCounts(*([each] for each in counts), "documents")


table(
    {
        "source": name,
        "training documents": one["train"]["documents"],
        "MB": one["train"]["bytes"] / 1e6,
        "before training (validation)": record["untrained"][name],
        "bits per byte": rate(of_documents(record["bits_per_byte"][name]), unit=""),
    }
    for name, one in record["sources"].items()
)

# %%
table({"source": name, "licence of the texts": licence} for name, licence in LICENCES.items())

# %% [markdown]
# A language model is a compressor: arithmetic coding spends about −log₂ p bits on a token of probability p, so with the model's probabilities it could store a text in about as many bits as the loss counts.
# How does that compare with a general compressor, LZMA, on the same held-out articles?
# LZMA may look back at the training articles, too: the held-out articles then cost the size of both, compressed together, less the size of the training articles alone.

# %%
held_out, read_before = ("\n\n".join(part).encode() for part in (articles.test, articles.train))


def lzma_bits(text):
    """How many bits LZMA needs for a text."""
    return 8 * len(lzma.compress(text))


alone = lzma_bits(held_out) / len(held_out)
with ThreadPoolExecutor() as pool:  # both at once, each on a core
    before, both = pool.map(lzma_bits, (read_before, read_before + held_out))
after_training = round((both - before) / len(held_out), 2)
say(f"LZMA, held-out articles alone: {alone:.2f} bits per byte")
say(f"LZMA, after the training articles: {after_training:.2f} bits per byte")
claim(
    "gpt.compressor",
    "The base model needs fewer bits for each byte of held-out articles than LZMA that has read the training articles.",
    said_by="this lesson",
    findings=[
        Finding(
            f"base model, where LZMA needs {after_training:.2f} bits per byte",
            rate(of_documents(record["bits_per_byte"]["encyclopedia"]), unit="bits per byte"),
            "below",
            after_training,
        )
    ],
)

# %% [markdown]
# The model has read three more sources, which LZMA has not, so this compares two compressors with what each had at hand, not two methods on the same text.
# Neither the model's weights nor the training articles are counted: either takes more space than the held-out articles themselves.
#
# What the model generated during its training, from one of its prompts; none is chosen, each is the first text that was drawn.

# %%
stages = [each["step"] for each in record["evaluations"]]
table(
    {"step": step, "text": texts[2].replace("\n", " ")}
    for step, texts in zip(stages, record["samples"], strict=True)
)

# %% [markdown]
# ## 5 · Generation
#
# A distribution of the next token is not yet a text; something has to choose.
# *Temperature* (lesson 00) divides the logits and bends the distribution.
# *Top-k* keeps the k most probable tokens (Fan, Lewis and Dauphin 2018), *top-p* the most probable ones that together reach p (Holtzman et al. 2020).
# Both remove the long tail of improbable tokens: each of them is rarely drawn, but one of them often is.

# %%
ask("gpt.top_k_or_p")


# %% tags=["exercise"]
def top_p(probabilities: list[float], p: float) -> list[float]:
    """Keep the most probable tokens that together reach p, and scale them so that they sum to 1.

    Go from the most probable token down until the sum reaches p; the token that crosses p is kept,
    and of equally probable tokens the one with the lower index comes first. All others get 0, and
    each kept probability is divided by the sum of the kept ones. p is above 0, at most 1.

    >>> top_p([0.125, 0.5, 0.125, 0.25], p=0.75)
    [0.0, 0.6666666666666666, 0.0, 0.3333333333333333]
    >>> top_p([0.125, 0.5, 0.125, 0.25], p=0.25)
    [0.0, 1.0, 0.0, 0.0]
    """
    ...


check("gpt.top_p", top_p)

# %% [markdown]
# The cuts after two beginnings, one that leaves little choice and one that leaves much.
# How many tokens does each keep, and how much probability does it remove?

# %%
my_top_p = yours("gpt.top_p", top_p)
kept = []
for beginning in ("Monday, Tuesday, Wednesday,", "My favorite thing about this city is the"):
    start = torch.tensor([byte_pairs.encode(beginning)], device=course.device())
    with torch.no_grad():
        chances = smollm2.next_token_logits(start)[0].softmax(dim=-1).cpu()
    cut_by = {
        "top-k 40": probabilities(chances.log(), top_k=40),
        "top-p 0.9": torch.tensor(my_top_p(chances.tolist(), 0.9)),
    }
    kept += [
        {
            "beginning": beginning,
            "cut": name,
            "tokens left": int((after > 0).sum()),
            "removed": f"{float(chances[after == 0].sum()):.1%}",
        }
        for name, after in cut_by.items()
    ]
table(kept)

# %% [markdown]
# The tree of section 1 once more, with both cuts.
# Move temperature, then top-k, then top-p: that is the order in which they act, and the removed probability is in the line above the bars.

# %%
tree.at, tree.top_k, tree.top_p = 0, 8, 0.6
tree

# %% [markdown]
#
# ### Greedy decoding repeats itself
#
# With the most probable token at each step, nothing is left to chance.

# %%
ask("gpt.greedy_text")

# %%
BEGINNING = "The harbor of the old town"
prompt = torch.tensor([byte_pairs.encode(BEGINNING)], device=course.device())


def continued(n_new=48, seed=0, **choice):
    """New tokens for the beginning."""
    generator = torch.Generator(course.device()).manual_seed(seed)
    drawn = sample(
        smollm2, prompt, eos_id=None, max_length=n_new, generator=generator, **choice
    )
    return drawn.tokens[0].tolist()


greedy = continued(temperature=0.0)
nucleus = continued(top_p=0.95)
say("GREEDY", BEGINNING + byte_pairs.decode(greedy))
say("TOP-P 0.95", BEGINNING + byte_pairs.decode(nucleus))

# %% [markdown]
# How much of a text repeats what came before?
# Count runs of four tokens: an *n-gram* with n = 4.


# %% tags=["exercise"]
def repeated_share(tokens: list[str], n: int) -> float:
    """The share of a text's n-grams that occurred before: 0 when all differ, near 1 in a loop.

    An n-gram is n tokens in a row, in their order; they overlap. The first of several equal ones is
    not repeated, all others are. The text has n tokens or more.

    >>> repeated_share(["on", "and", "on", "and", "on"], n=2)
    0.5
    >>> repeated_share(["a", "rose", "is", "red"], n=2)
    0.0
    """
    ...


check("gpt.repeated_share", repeated_share)

# %%
my_repeated = yours("gpt.repeated_share", repeated_share)
for name, tokens in {"greedy": greedy, "top-p 0.95": nucleus}.items():
    say(f"{name}: {my_repeated([str(token) for token in tokens], 4):.0%} of the 4-grams repeat")

# %% [markdown]
# Two texts are only two texts.
# `experiments/repetition.py` continued passages of Wikipedia in each way; beside these texts is what a person wrote there, of the same length in tokens.
# (Holtzman et al. 2020, table 1, count something else with the large GPT-2, the share of texts that end in a loop: 73.7 % greedy, 0.8 % with top-k 40, 0.4 % with top-p 0.95, 0.3 % of human texts.)

# %%
ways = {
    " ".join(run["model"].rsplit("-", 1)): trained.numbers(run["repeated"])
    for run in trained.results("repetition")
}
person = trained.numbers(trained.record_of("repetition", "greedy")["human"])
table(
    {"text": name, "repeated 4-grams": mean_over_items(values, "%", of="texts")}
    for name, values in {"human": person, **ways}.items()
)

# %%
claim(
    "gpt.greedy_repeats",
    "Greedy decoding repeats itself, and sampling does not: it repeats about as much as people.",
    said_by="a common account",
    findings=[
        Finding(
            "greedy minus human, share of repeated 4-grams",
            mean_difference(ways["greedy"], person, "points", of="texts"),
            "above",
            0.05,
        ),
        *(
            Finding(
                f"{way} minus human, share of repeated 4-grams",
                mean_difference(ways[way], person, "points", of="texts"),
                "within",
                (-0.05, 0.05),
            )
            for way in ways
            if way != "greedy"
        ),
    ],
)

# %% [markdown]
# "About as much" is within five points here.
# A temperature below 1 brings sampling nearer to greedy decoding, and the repetition with it.
# That a text does not repeat itself does not make it true, nor good.
#
# ### The same question, the same answer
#
# The notes name as a limit of such models that they give the same answer to the same question.
# Ask eight times, greedily and with a temperature of 1.

# %%
question = torch.tensor(
    [chat_ids(byte_pairs, "Name an animal that lives in the sea.")], device=course.device()
)


def distinct_answers(**choice):
    """How many of eight answers differ, in their first twelve tokens."""
    generator = torch.Generator(course.device()).manual_seed(0)
    end = byte_pairs.special.ids["<|im_end|>"]
    drawn = sample(
        smollm2, question, eos_id=end, max_length=12, n_samples=8, generator=generator, **choice
    )
    return len({tuple(row) for row in drawn.tokens.tolist()})


# %%
claim(
    "gpt.same_answer",
    "The same question gets the same answer.",
    said_by="the notes",
    findings=[
        Finding(
            f"distinct answers among eight, {name}",
            exact(distinct_answers(**choice), "eight answers to one question"),
            "within",
            (1, 1),
        )
        for name, choice in {
            "greedy": {"temperature": 0.0},
            "temperature 1": {"temperature": 1.0},
        }.items()
    ],
)

# %% [markdown]
# So the same model does both, and it depends on how one decodes; drawing is repeatable, too, if the seed is the same.

# %%
drawn_texts = [continued(16, seed) for seed in (3, 3, 4)]
say("same seed, same text:", drawn_texts[0] == drawn_texts[1])
say("another seed, the same text:", drawn_texts[0] == drawn_texts[2])

# %% [markdown]
# ### The cache
#
# To predict the next token, a model needs the keys and values of all tokens before it, and these do not change.
# Kept in the KV cache, they are computed once; without it, every step reads the whole text again.
# The widget generates the same text both ways.

# %%
cache = CacheExplorer(models, text="A short history of the steam engine:", max_new_tokens=12)
cache.run()
cache

# %% [markdown]
# Both ways give the same tokens.
# With the cache, the number of positions that are computed grows with the length of the text; without it, with the square of the length.
# So the longer the text, the larger the difference in time.
#
# ## 6 · Sparse attention
#
# The notes say that GPT-3 follows GPT-2 except for its attention, which is sparse.
# The paper says: dense and "locally banded" layers alternate (Brown et al. 2020, section 2.1).
# In *locally banded attention* a query sees a fixed number of keys: its own and those just before it.
# So half of the layers see everything, and what a band hides can still arrive through them.


# %% tags=["exercise"]
def band_mask(n_queries: int, n_keys: int, window: int) -> list[list[bool]]:
    """Which keys each query of a banded layer may see: the `window` keys that end with its own.

    There is a row for each query; True means visible. As in lesson 06 the queries are the **last**
    of the keys. A query with fewer keys before it sees all of them. window is 1 or more.

    >>> band_mask(4, 4, window=2)[3]
    [False, False, True, True]
    >>> band_mask(1, 5, window=3)
    [[False, False, True, True, True]]
    """
    ...


check("gpt.band_mask", band_mask)

# %%
masks = MaskExplorer(
    {"SmolLM2": byte_pairs, "base model": base_pairs},
    text="The animal didn't cross the street because it was too tired.",
)
masks

# %% [markdown]
# Choose **all banded** and add layers: with a window of $w$, each layer carries information $w-1$ tokens farther.
#
# ### What it saves
#
# With a band of 128 of 4,096 tokens, one key in 32 is left to the last query.
# Is attention that much faster?

# %%
ask("gpt.masked_band")

# %% [markdown]
# A mask hides scores that have been computed.
# To save work, the pairs outside the band must not be computed: the queries are cut into blocks of the window's length, and each block is compared with the keys of its own block and of the one before, no others.

# %%
my_band = yours("gpt.band_mask", band_mask)
generator = torch.Generator().manual_seed(0)
q, k, v = (torch.randn(1, 2, 40, 16, generator=generator) for _part in range(3))
masked = nn.functional.scaled_dot_product_attention(q, k, v, torch.tensor(my_band(40, 40, 8)))
in_blocks = banded_attention(q, k, v, window=8)
say("your mask, and blocks:", torch.allclose(masked, in_blocks, atol=1e-5))
say(
    "your mask, and the package's:",
    torch.equal(torch.tensor(my_band(9, 12, 4)), causal_mask(9, 12, window=4)),
)

# %% [markdown]
# Three ways, counted and timed: dense causal attention by PyTorch's fused kernel, which computes scores, softmax and mix in one call, the same kernel with the band as a mask, and blocks.
# "Pairs" are the pairs of a query and a key whose score is computed; the time is that of the fastest of three rounds.
# The figure below has the mean of the rounds.

# %% tags=["nbval-ignore-output"]
WINDOW, LENGTHS = 128, [256, 512, 1024, 2048, 4096]
WAYS = ("dense", "masked", "blocks")
attention_costs(LENGTHS, WINDOW, turns=1)  # the first round warms up
rounds = [attention_costs(LENGTHS, WINDOW, turns=1) for _round in range(3)]
costs = {
    (cost.way, cost.n_tokens): [run[place].seconds for run in rounds]
    for place, cost in enumerate(rounds[0])
}
pairs = {(cost.way, cost.n_tokens): cost.computed for cost in rounds[0]}
table(
    {"tokens": n}
    | {f"pairs, {way}": pairs[way, n] for way in WAYS}
    | {f"ms, {way}": f"{1000 * min(costs[way, n]):.1f}" for way in WAYS}
    for n in LENGTHS
)

# %% tags=["nbval-ignore-output"]
costs_figure = figures.curves(
    np.array(LENGTHS),
    {
        way: [[1000 * costs[way, n][turn] for n in LENGTHS] for turn in range(len(rounds))]
        for way in WAYS
    },
    title="The time of attention, with a band of 128 and without",
    xlabel="tokens",
    ylabel="milliseconds",
    band="Band: ± 1 standard deviation over three rounds",
    log_x=True,
    log_y=True,
)
costs_figure


# %% tags=["nbval-ignore-output"]
def of_dense(way, n):
    """The time of a way divided by that of dense attention, in each round."""
    times = zip(costs[way, n], costs["dense", n], strict=True)
    return over_seeds([one / dense for one, dense in times], of="rounds")


faster = [f"{n:,}" for n in LENGTHS if of_dense("blocks", n).high < 1]
say("blocks are faster than dense attention at:", ", ".join(faster) or "none")
claim(
    "gpt.masking_saves_nothing",
    "At 4,096 tokens a masked band of 128 saves no time, and skipping the blocks outside it does.",
    said_by="this lesson",
    findings=[
        Finding("time of masked / time of dense", of_dense("masked", 4096), "above", 0.9),
        Finding("time of blocks / time of dense", of_dense("blocks", 4096), "below", 0.9),
    ],
)

# %% [markdown]
# Attention is a part of a model's work.
# In short texts it is a small part, and a band is not worth the trouble: there, many small blocks can take longer than one call of the fused kernel.
#
# And what does it cost?
# The modern layers of section 2, with a band of 16 of 128 tokens in every second layer, and in all.

# %%
BANDED = {"alternating": "modern-alternating", "all banded": "modern-banded", "dense": "modern"}
bits_of_bands = {
    name: trained.items("gpt_layers", model, "held-out text", "documents")
    for name, model in BANDED.items()
}


def more_bits(name, other):
    """How many more bits per byte one pattern of layers needs than another."""
    return difference_of_rates(bits_of_bands[name], bits_of_bands[other], unit="bits per byte")


# %%
claim(
    "gpt.alternating",
    "At equal weights and tokens, bands in every second layer cost little; in all layers, more.",
    said_by="this lesson",
    findings=[
        Finding(
            "alternating minus dense",
            more_bits("alternating", "dense"),
            "below",
            0.02,
        ),
        Finding(
            "all banded minus alternating",
            more_bits("all banded", "alternating"),
            "above",
            0.0,
        ),
    ],
)

# %% [markdown]
# "Little" is less than 0.02 bits per byte here; compare that with the width of the intervals.
#
# ## 7 · Filtered text
#
# The notes say that GPT-3 was trained on a filtered data set.
# Its authors had a web crawl, too large and too dirty, and a few curated sources (pages that users of Reddit had recommended, books, Wikipedia).
# A classifier learned to tell curated documents from crawled ones, and crawled documents were drawn by its score, few of them with a low one; near copies were removed as well: a *quality filter* (Brown et al. 2020, section 2.2 and appendix A).
#
# Nobody knows which documents of the web are bad.
# So `experiments/quality_filter.py` makes a corpus whose dirt is known.
# Half of the encyclopedia and of the passages is the curated text; of the other half, one document in two, drawn at random, is spoiled: by markup, by shuffling its words, or by replacing it with a copy of another.
# A document is kept here if its score is one that 95 % of curated documents reach: a draw would leave too little of a small corpus.
# What is removed of each kind, by a classifier of single words like GPT-3's, by one that sees pairs of words, and by looking for copies?

# %%
FILTERS = {
    "words": "words",
    "words, no copies": "words-distinct",
    "pairs of words, no copies": "pairs-distinct",
}
counted = trained.record_of("quality_filter", "raw")["filters"]
filtered = {name: counted[model] for name, model in FILTERS.items()}
table(
    {"filter": name}
    | {f"removed: {kind}": f"{gone / n:.0%}" for kind, (gone, n) in one["removed"].items()}
    | {"of the removed, dirty": f"{one['precision']:.0%}"}
    for name, one in filtered.items()
)

# %% [markdown]
# A classifier that counts single words cannot see that words are in the wrong order.
# Nor can it see that a document has been there before, and still it removes many duplicates.
# Each half of the documents is judged by a classifier that has learned from the other half, so it may have learned from the same text, as one of the raw ones:

# %%
table(
    {
        "the duplicate's text in the other half": name,
        "duplicates": n,
        "removed": f"{gone / n:.0%}",
    }
    for name, (gone, n) in trained.record_of("quality_filter", "raw")["duplicates"].items()
)

# %% [markdown]
# So the classifier finds a text that it knows, not a text that is there twice.
#
# Does the filter pay?
# One model is trained on the raw corpus and one on what the second filter keeps, both on the same number of tokens: the smaller corpus is read more often.
# Each has the learning rate that is best for it on validation, and both are tested on clean held-out documents.


# %%
def filter_bits(model, source_name):
    """Bits and bytes of the clean held-out documents of a source, for each seed."""
    runs = [run for run in trained.results("quality_filter") if run["model"] == model]
    items = [run["bits_per_byte"][source_name]["items"] for run in runs]
    counts = ([trained.numbers(one[name]) for one in items] for name in ("bits", "bytes"))
    return RunCounts(*counts, "documents")


# %%
CORPORA = {
    "raw": "raw",
    "words, no copies": "words-distinct",
}
of_corpora = {
    name: trained.record_of("quality_filter", model) for name, model in CORPORA.items()
}
table(
    {
        "corpus": name,
        "documents": of_corpora[name]["documents"],
        "times read": of_corpora[name]["tokens"] / of_corpora[name]["tokens_in_corpus"],
    }
    | {
        f"bits per byte, {one}": rate(filter_bits(model, one), unit="")
        for one in ("encyclopedia", "passages")
    }
    for name, model in CORPORA.items()
)

# %%
claim(
    "gpt.filter",
    "At equal tokens, a filter like GPT-3's lowers the loss on clean text.",
    said_by="the notes, as this lesson reads them",
    findings=[
        Finding(
            f"filtered (words, no copies) minus raw, {one}",
            difference_of_rates(
                filter_bits("words-distinct", one),
                filter_bits("raw", one),
                unit="bits per byte",
            ),
            "below",
            0.0,
        )
        for one in ("encyclopedia", "passages")
    ],
)

# %% [markdown]
# The filter changes two things at once: which documents are read, and how often each is read, in the second column.
# Which of them makes the difference is not tested here.
# Whoever filters a crawl has more documents than can be read, and need not read any of them again.
#
# ## 8 · Pre-train, then fine-tune
#
# The notes: GPT is pre-trained on an unlabeled data set, then fine-tuned on a labeled one.
# *Fine-tuning* is further training on a smaller set, for a task.
# GPT-1 put a linear layer on the hidden state of the last token, the only one that has seen the whole text, and trained everything a little longer (Radford et al. 2018, section 3.2).
# The mean score over the eight tasks of its table 5 was 74.7; the same model without pre-training had 59.9.
#
# Here it is the base model on movie reviews, positive or negative, with few labels, beside the same architecture with random weights.
# The base model has read the text of the training reviews, but no label, and nothing of the test reviews, which are of other movies.
# With the same labels both are trained for the same number of steps, each with the learning rate that a search of its own, with the largest number of labels, found best on validation.
# Labels alone can also train something simpler: logistic regression, a weighted sum of features made into a probability, on TF-IDF, counts of words in which rare words weigh more (lesson 10 explains both).
# Reviews of the same movie resemble each other, so the intervals below draw whole movies.

# %%
LABELS = (64, 256, 1024)
RECORDED_IN = {
    "pretrained": "decoder_reviews",
    "scratch": "decoder_reviews",
    "tfidf": "fine_tuning",
}
movie_of = {review.text: review.movie for review in movie_reviews()}
test_movies = [movie_of[text] for text in review_sets().test.texts]
errors = {
    (way, n): trained.items(experiment, f"{way}-{n}", "test").grouped(test_movies, "movies")
    for way, experiment in RECORDED_IN.items()
    for n in LABELS
}

# %%
WAYS_TO_LEARN = {
    "pre-trained": "pretrained",
    "labels alone": "scratch",
    "labels alone, TF-IDF": "tfidf",
}
figures.curves(
    np.array(LABELS),
    {
        name: np.array([errors[way, n].rates for n in LABELS]).T
        for name, way in WAYS_TO_LEARN.items()
    },
    title="Errors in new reviews, by the number of labels",
    xlabel="labels",
    ylabel="error rate",
    percent=True,
    log_x=True,
)

# %%
claim(
    "gpt.pretraining",
    "With few labels, pre-training and then fine-tuning makes fewer errors than the labels alone.",
    said_by="the notes",
    findings=[
        Finding(
            f"pre-trained minus labels alone, error rate with {n:,} labels",
            difference_of_rates(errors["pretrained", n], errors["scratch", n]),
            "below",
            0.0,
        )
        for n in LABELS
    ],
)

# %% [markdown]
# The card compares one architecture with itself.
# Whether pre-training is worth its cost is another question, and counted words are what it has to beat.
# Above 0, the counted words make fewer errors:

# %%
table(
    {
        "labels": n,
        "pre-trained minus TF-IDF, error rate": difference_of_rates(
            errors["pretrained", n], errors["tfidf", n]
        ),
    }
    for n in LABELS
)

# %% [markdown]
# Lesson 10 does this with a larger model that reads in both directions, and asks what else could explain it.
#
# ## 9 · What a model cannot know
#
# The notes' example: a model trained on information up to 2021 does not know what happened in 2023.
# The date after which it has read nothing is its *knowledge cutoff*.
# SmolLM2 was published at the end of 2024, so it has read nothing of 2025.
# It answers all the same.

# %%
asked = [
    fact
    for fact in dated_facts()
    if fact.series == "pope" and fact.year in (1963, 2005, 2013, 2025)
]
for fact in asked:
    fact_ids = byte_pairs.encode(fact.question)
    answer = [step.token for step in generate(smollm2, fact_ids, 8)]
    say(f"{fact.question} …{byte_pairs.decode(answer)}   (right: {fact.answer})")

# %% [markdown]
# A fluent answer shows nothing, and one question is one question.
# `experiments/knowledge_cutoff.py` asks for winners and office holders, year by year, and measures what the right year adds: the logarithm of the answer's probability after the right year, minus the mean of that logarithm after the four nearest years that have another answer.
# A frequent name is probable after any year, and a name of its time after all the years near it: both get about 0 bits. A model that knows the fact gives more.

# %%
known = trained.record_of("knowledge_cutoff", "smollm2")
years = np.array(trained.numbers(known["years"]), dtype=int)
added, series = np.array(trained.numbers(known["bits"])), np.array(known["series"])
PERIODS = {
    "to 2019": years <= 2019,
    "2020 to 2024": (years >= 2020) & (years <= 2024),
    "2025": years == 2025,
}
office = np.isin(series, OFFICES)


def of_series(chosen):
    """What the right year adds to the answers of these facts: the mean of each series."""
    return {
        name: added[chosen & (series == name)].mean() for name in dict.fromkeys(series[chosen])
    }


def bits_added(chosen):
    """What the right year adds, in the mean over the series, with an interval over them."""
    return over_seeds(of_series(chosen).values(), "bits", of="series")


table(
    {
        "years": period,
        "winners": bits_added(chosen & ~office),
        "office holders": bits_added(chosen & office),
    }
    for period, chosen in PERIODS.items()
)

# %% [markdown]
# Where the right year adds nothing in any period, the measure finds no knowledge of such facts, and they cannot show a cutoff.
# So the claim is about office holders, each office before and in 2025.

# %%
earlier = of_series(PERIODS["to 2019"] & office)
newest = of_series(PERIODS["2025"] & office)
drop = over_seeds([earlier[name] - newest[name] for name in OFFICES], "bits", of="offices")
claim(
    "gpt.cutoff",
    "The right year helps SmolLM2 with office holders to 2019, and not with those of 2025.",
    said_by="the notes, with other years",
    findings=[
        Finding(
            "what the year adds, to 2019", bits_added(PERIODS["to 2019"] & office), "above", 0.0
        ),
        Finding("what the year adds, 2025", bits_added(PERIODS["2025"] & office), "below", 0.5),
        Finding("to 2019 minus 2025, the same offices", drop, "above", 0.0),
    ],
)

# %% [markdown]
# "Not" means less than half a bit here; the years that 2025 is compared with are all earlier ones.
# A small model also does not know most of what it has read: look at the sizes of the numbers, not only at their signs.
# Lesson 16 gives a model texts to look things up in.
#
# ## 10 · The whole model, opened
#
# Everything at once: tokens, embedding, the blocks with their attention and feed-forward layers, the residual stream between them, logits, the next token.
# Open any part by a click or with Enter, choose block, head and token, and follow the guided steps; the numbers are those of your text.

# %%
view = ModelView(models, text="The capital of France is")
view

# %% [markdown]
# ## What to remember
#
# - A decoder-only model predicts the next token; every text is its own answer, and the label of a position is the token after it.
# - The modern decoder is GPT-2's with other positions, norms and feed-forward layers, no biases, and shared keys.
#   At the size of section 2, rotary positions and all five changes together lower the loss; for the other four, the runs cannot tell.
# - Compare models of different tokenizers by bits per byte; special tokens are in neither sum.
# - Temperature bends, top-k and top-p cut. Greedy decoding repeats itself.
# - A masked band saves no time; skipping blocks does, from some length on. A filter removes what its features can see.
# - A model knows nothing after its cutoff, and answers all the same.
#
# **Read on**: Radford et al. 2019, *Language Models are Unsupervised Multitask Learners*; Brown et al. 2020, *Language Models are Few-Shot Learners*, section 2 and appendix A; Touvron et al. 2023, *LLaMA: Open and Efficient Foundation Language Models*, section 2; Holtzman et al. 2020, *The Curious Case of Neural Text Degeneration*.
# In the code: `course/gpt/`, `course/decoding/sampling.py`, `course/tasks/pretraining.py`.
#
# **Next**: lesson 08, *BERT and pre-training objectives*.

# %%
progress.table()
