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
# # 05 · Position
#
# When every token of a text looks at every other by attention, nothing says which came first.
# This lesson shows what is lost, exactly, and four ways to give it back.
# After it you can
#
# - show that a Transformer without positions cannot tell "the dog bit the man" from "the man bit the dog", and why a language model is not quite as blind;
# - compute sinusoidal, learned, rotary and ALiBi positions by hand, and say where in the model each of them acts;
# - tell what each of them does with a text that is longer than any it was trained on, and what people do about it.
#
# **Time**: 90 minutes; the cells run in under a minute on two processor cores.
# **Before this**: lesson 04.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import course
from course import trained
from course.claims import Finding, claim
from course.decoding import generate
from course.evaluation import Spread
from course.exercises import ask, check, hint, progress, solution, yours
from course.interpretability.residual_stream import record_stream
from course.intervals import exact, mean_difference, over_seeds
from course.layers import positions
from course.layers.positions import SCHEMES, RotaryPositions, make_positions, sinusoidal_table
from course.tasks import next_character
from course.training import GeneratedBatches, train
from course.transformer import CausalTransformer, Transformer, TransformerConfig
from course.viz import (
    RotatingPair,
    SimilarityExplorer,
    WaveExplorer,
    diagrams,
    figures,
    use_course_style,
)
from course.viz.positions.figures import loss_by_position
from course.viz.show import say, source, table

# %%
use_course_style()

BUDGET = 1  # 1: the lesson as printed. 10: the training of section 1 lasts ten times as long.
STEPS = 150 * BUDGET
SEEDS = range(3)
NAMES = {scheme: "ALiBi" if scheme == "alibi" else scheme for scheme in SCHEMES}

# %% [markdown]
# ## 1 · What is lost
#
# In lesson 04 the queries came from a decoder and the keys from an encoder.
# In *self-attention* both come from one text: every token asks, and every token answers, itself included.
# Three trained matrices make a query, a key and a value of each token's vector; then come the first three steps of lesson 04, the scores (divided by √d), softmax over the keys, and the weighted sum of the values.
# The sum is the token's new vector, which now holds something of the tokens it looked at.

# %%
diagrams.self_attention_bridge()

# %% [markdown]
# Here are three tokens with two numbers each, and matrices that change nothing, so that query, key and value are the vector itself.

# %%
tokens = {"dog": [2.0, 0.0], "bit": [0.0, 1.0], "man": [1.0, 1.0]}
vectors = torch.tensor([*tokens.values()])
attended = (vectors @ vectors.T / 2**0.5).softmax(dim=-1)
table(
    {"token": token, "vector": vectors[i].tolist()}
    | {f"weight of {key}": f"{w:.2f}" for key, w in zip(tokens, attended[i], strict=True)}
    | {"new vector": [round(value, 2) for value in (attended[i] @ vectors).tolist()]}
    for i, token in enumerate(tokens)
)

# %% [markdown]
# Nothing in this computation uses the position of a token in the list.
#
# A few words that the lesson needs, and lesson 06 builds: a *head* is one such attention; a model runs several side by side, each on a part of the vector with matrices of its own.
# A *layer* is the heads followed by a small network, which works on each token's vector by itself; `d_ff` is the width of that network, `d_model` the width of the vectors.
# A Transformer is a stack of such layers.
# To predict, one more linear layer and softmax turn a token's last vector into probabilities.
#
# The LSTM of lesson 03 reads one word after the other: it has the order built in, and has to wait for each word.
# A Transformer hands all embeddings to attention at once.
# The notes say of that: it is fast, but information may be lost.
# Here is which information.
# Take a sentence, exchange two of its words, and read both with a Transformer *encoder*, in which every token may look at every other: no positions, weights drawn at random.
# Write a sentence of your own if you like, of three words or more.

# %%
SIZES = {"d_model": 32, "n_heads": 4, "d_ff": 64, "context_length": 64, "dropout": 0.0}


def make_model(scheme, n_layers=2, vocab=100, seed=0, kind=Transformer):
    """A small model with random weights: a Transformer, whose encoder reads, or one of another kind."""
    config = TransformerConfig(vocab, vocab, n_layers=n_layers, positions=scheme, **SIZES)
    return kind(config, torch.Generator().manual_seed(seed)).to(course.device())


# %%
sentence = "the dog bit the man"

words = sentence.split()
assert len(words) >= 3, (
    f"Write a sentence of three words or more; {sentence!r} has {len(words)}."
)
exchanged = list(words)
exchanged[1], exchanged[-1] = words[-1], words[1]
vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}


def first_numbers(words):
    """How the vector begins that an encoder without positions gives each word: 4 of 32 numbers."""
    ids = torch.tensor([[vocabulary[word] for word in words]], device=course.device())
    with torch.no_grad():
        vectors = make_model("none").encoder(ids)[0, :, :4].tolist()
    return [" ".join(f"{value:+.3f}" for value in vector) for vector in vectors]


columns = (words, first_numbers(words), exchanged, first_numbers(exchanged))
table(
    {"first sentence": a, "vector begins": u, "second sentence": b, "its vector begins": v}
    for a, u, b, v in zip(*columns, strict=True)
)

# %% [markdown]
# Find "dog" in both columns: it has the same vector in both sentences, whoever bites.
# So has every other word; even the two "the" of one sentence cannot be told apart.
# The vectors moved with their words, and nothing else happened.
# A function whose outputs move just as its inputs are moved is *permutation-equivariant*.
# That is all an encoder without positions can be, with any weights: attention sums over the keys, a sum has no order, and everything else in the encoder looks at one word at a time.
#
# The first exercise is the test for it.


# %% tags=["exercise"]
def is_equivariant(
    outputs: list[list[float]],
    outputs_of_shuffled: list[list[float]],
    order: list[int],
) -> bool:
    """Whether a model's outputs only moved with its tokens when the tokens were shuffled.

    `outputs` has a row of numbers for each token. Then the tokens were put into another order:
    the token at position i of the shuffled text is the one that was at position `order[i]` before.
    `outputs_of_shuffled` has the rows for that text. Numbers that differ by less than 1e-4 count
    as equal, since the computer rounds.

    >>> is_equivariant([[1.0], [2.0], [3.0]], [[3.0], [1.0], [2.0]], [2, 0, 1])
    True
    >>> is_equivariant([[1.0], [2.0], [3.0]], [[1.0], [2.0], [3.0]], [2, 0, 1])
    False
    """
    ...


check("positions.is_equivariant", is_equivariant)

# %% [markdown]
# Your test on real outputs: the two sentences above, read by encoders without positions and with sinusoidal ones (section 3).

# %%
only_moved = yours("positions.is_equivariant", is_equivariant)
exchange = [*range(len(words))]
exchange[1], exchange[-1] = exchange[-1], exchange[1]
numbered = torch.tensor([[vocabulary[word] for word in words]], device=course.device())
for scheme in ("none", "sinusoidal"):
    encoder = make_model(scheme).encoder
    with torch.no_grad():
        read, read_exchanged = (
            encoder(x)[0].tolist() for x in (numbered, numbered[:, exchange])
        )
    say(f"{scheme}: only moved: {only_moved(read, read_exchanged, exchange)}")

# %% [markdown]
# The next table has all schemes of this lesson, which sections 3 to 6 explain.
# Sinusoidal and learned positions add to each embedding a vector that belongs to its position, computed or trained; rotary ones turn queries and keys by an angle that grows with the position; ALiBi lowers each score by the distance of query and key.
# Each scheme reads a text of 40 random tokens in a random order, and turned back to front, which is one order among the many.

# %%
ask("positions.back_to_front")

# %% [markdown]
# The number is the largest difference between moving the text first and then reading it, and reading it first and moving what was read.

# %%
random_numbers = torch.Generator().manual_seed(0)
random_ids = torch.randint(100, (1, 40), generator=random_numbers)
orders = {
    "any order": torch.randperm(40, generator=random_numbers),
    "back to front": torch.arange(39, -1, -1),
}


@torch.no_grad()
def largest_difference(model, ids, order):
    """How far the encoder's outputs are from having only moved with the tokens."""
    ids, order = ids.to(course.device()), order.to(course.device())
    return (model.encoder(ids[:, order]) - model.encoder(ids)[:, order]).abs().max().item()


def verdict(difference, small="only moved"):
    changed = f"changed by up to {difference:.2f}"
    return f"{small} (under 0.00001)" if difference < 1e-5 else changed


table(
    {"positions": NAMES[s]}
    | {k: verdict(largest_difference(make_model(s), random_ids, o)) for k, o in orders.items()}
    for s in SCHEMES
)

# %% [markdown]
# In the last row no order makes a difference.
# The right column has a second such entry.
# ALiBi (section 6) counts how far apart two tokens are, the same to either side; in an encoder it sees a text and its mirror image alike.
# It was made for language models, which look to one side only.

# %%
many_orders = [torch.randperm(40, generator=random_numbers) for _order in range(20)]
without_positions = make_model("none")
changed_numbers = 0
for order in many_orders:
    with torch.no_grad():
        moved_first = without_positions.encoder(random_ids[:, order].to(course.device()))
        moved_after = without_positions.encoder(random_ids.to(course.device()))[:, order]
    changed_numbers += ((moved_first - moved_after).abs() > 1e-5).sum().item()
counted = f"20 orders × {moved_first.numel():,} numbers of 40 tokens' vectors"
claim(
    "positions.order_lost",
    "Without positions, an encoder's vectors of 40 tokens only move when the tokens are reordered.",
    said_by='the notes: "information may be lost"',
    findings=[
        Finding(
            "numbers that change by more than 0.00001",
            exact(changed_numbers, counted),
            "within",
            (0, 0),
        )
    ],
)

# %% [markdown]
# The card counts one model; the argument above is for any weights.
#
# ### What that costs
#
# A task of order: twelve letters, among them one A and one B. Does A come first?
# An encoder reads them, and the mean of its vectors goes through one linear layer to the answer.
# The test holds 500 texts and the same 500 back to front, so that a model which sees both alike is right in one of the two, and no more.

# %%
LETTERS, LENGTH = 26, 12


def letters(n, rng):
    """Texts of random letters with one A (0) and one B (1), and whether A comes before B."""
    ids = torch.from_numpy(rng.integers(2, LETTERS, size=(n, LENGTH)))
    places = torch.from_numpy(rng.random((n, LENGTH))).argsort(dim=1)[:, :2]
    ids.scatter_(1, places, torch.tensor([[0, 1]]).expand(n, 2))
    return ids, (places[:, 0] < places[:, 1]).float()


class WhichFirst(nn.Module):
    def __init__(self, scheme, seed):
        super().__init__()
        self.encoder = make_model(scheme, n_layers=1, vocab=LETTERS, seed=seed).encoder
        self.answer = nn.Linear(32, 1)
        nn.init.zeros_(self.answer.weight)
        nn.init.zeros_(self.answer.bias)

    def forward(self, ids):
        return self.answer(self.encoder(ids).mean(dim=1))[:, 0]


def loss(model, batch):
    ids, first = batch
    return F.binary_cross_entropy_with_logits(
        model(ids.to(course.device())), first.to(course.device())
    )


# %%
ids, first = letters(500, np.random.default_rng(9_999_999))
test_ids, test_first = torch.cat((ids, ids.flip(1))), torch.cat((first, 1 - first))


def share_right(scheme, seed):
    """Train a model with these positions; the share of the test that it gets right."""
    model = WhichFirst(scheme, seed).to(course.device())
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    batches = GeneratedBatches(lambda rng: letters(64, rng), seed)
    train(model, batches, loss, optimizer, steps=STEPS, seed=seed)
    with torch.no_grad():
        said = model(test_ids.to(course.device())).cpu() > 0
    share = (said == test_first.bool()).float().mean().item()
    return "exactly half" if share == 0.5 else "over 90%" if share > 0.9 else f"{share:.0%}"


table(
    {"positions": NAMES[scheme]}
    | {f"right, seed {seed}": share_right(scheme, seed) for seed in SEEDS}
    for scheme in SCHEMES
)

# %% [markdown]
# Without positions: exactly half, with every seed, and more training cannot help, since the answer is not in what the model sees.
# ALiBi in an encoder: the same half, for the reason above.
# The other three learn the task.
#
# ## 2 · A language model is not quite blind
#
# A language model may not look at what it has yet to predict: each token sees itself and the tokens before it.
# That rule is the *causal mask*.
# It is the same for all weights and says nothing about positions.
# Still, it lets some order in.
# Below, the tokens of a text are shuffled, except for the last one, and we look at the vector of that last one, once with one layer and once with two.

# %%
shuffled = torch.cat((torch.randperm(39, generator=random_numbers), torch.tensor([39])))


@torch.no_grad()
def change_at_the_end(model, ids, order):
    """How much the last token's vector changes when the tokens before it are shuffled."""
    ids, order = ids.to(course.device()), order.to(course.device())
    before, after = (model.hidden_states(some)[0, -1] for some in (ids, ids[:, order]))
    return verdict((after - before).abs().max().item(), "unchanged")


depths = {"one layer": 1, "two layers": 2}
table(
    {"positions": NAMES[scheme]}
    | {
        depth: change_at_the_end(
            make_model(scheme, n_layers, kind=CausalTransformer), random_ids, shuffled
        )
        for depth, n_layers in depths.items()
    }
    for scheme in SCHEMES
)

# %% [markdown]
# Look at the last row.
# One layer: the last token sees the ones before it as a bag.
# Two layers: it changes.
# In the first layer the third token has seen a bag of three, the tenth a bag of ten; shuffle the text, and each of them has seen another bag.
# The second layer reads those.
# So the mask gives some order back, indirectly.
# What a trained model makes of this is measured in section 9.
#
# ## 3 · Waves
#
# One cure (Vaswani et al. 2017, section 3.5): before the first layer, add to each embedding a vector that says where it is.
# The plain number of the position has two drawbacks: it grows without limit, and to tell position 999 from 1,000 the model would have to read it to one part in a thousand.
# Think of a clock instead.
# The second hand tells neighbouring moments apart, the hour hand distant ones, and each hand is a point on a circle, never larger than 1.
# *Sinusoidal positions* are a clock with d_model / 2 hands, each given by its sine and its cosine, each slower than the one before:
#
# $$\text{PE}(p, 2i) = \sin\!\left(p \,/\, b^{2i/d}\right), \qquad \text{PE}(p, 2i+1) = \cos\!\left(p \,/\, b^{2i/d}\right)$$
#
# with the position $p$, the pair $i$, the width $d$ = `d_model` and the base $b$ = 10,000.
# Yours is the vector of one position.


# %% tags=["exercise"]
def sinusoidal_vector(position: int, d_model: int, base: float) -> list[float]:
    """The wave values of one position: sine and cosine of the same angle, pair after pair.

    `base` is the b of the formula, which for the paper is 10,000. `d_model` is even, so there are
    d_model / 2 pairs, and the first of them is pair 0.

    >>> [round(value, 3) for value in sinusoidal_vector(1, 4, 100.0)]
    [0.841, 0.54, 0.1, 0.995]
    """
    ...


check("positions.sinusoidal_vector", sinusoidal_vector)

# %% [markdown]
# The course computes all rows at once.
# Below, your rows take the place of that table in a trained model, the one of section 8.

# %%
source(sinusoidal_table, positions.SinusoidalPositions.add_to_embeddings)

# %%
trained_waves = trained.load("positions/sinusoidal")
in_the_model = trained_waves.embedding.positions.table
row_of = yours("positions.sinusoidal_vector", sinusoidal_vector)
rows = [row_of(position, 64, 10_000.0) for position in range(len(in_the_model))]
some_text = next_character.held_out_windows(32)
before = next_character.loss_by_position(trained_waves, some_text)
in_the_model.copy_(torch.tensor(rows))
after = next_character.loss_by_position(trained_waves, some_text)
say("with these rows the model predicts as before:", torch.allclose(before, after, atol=1e-3))

# %% [markdown]
# All rows together, with the words of a sentence at the first of them.
# Down a column runs one *wave*: its *wavelength*, after how many positions it begins again, is written above.
# Along a row runs the *positional encoding* of one position.
# Move the sliders: the base stretches the waves, the dimension picks one of them, the position picks a row.
# The line above says which other row is most like it.

# %%
waves = WaveExplorer(
    "The animal didn't cross the street because it was too tired",
    length=40,
    d_model=32,
    position=7,
    dimension=6,
)
waves

# %% [markdown]
# Things to try: base 10, where all waves are fast; only 2 or 4 dimensions, where soon two positions nearly share a pattern; dimensions 0 and 1 side by side (sine and cosine of the same wave).
# What does the base do to likeness, at this length and width?


# %%
def likeness_at(base, length=40, d_model=32):
    """The cosine of the vectors of two positions: neighbours, and the most alike of those far apart."""
    rows = sinusoidal_table(length, d_model, float(base)).double()
    cosines = rows @ rows.T / (d_model / 2)  # every row has the length √(d_model / 2)
    distances = (torch.arange(length)[:, None] - torch.arange(length)).abs()
    return {
        "base": base,
        "neighbours": cosines[distances == 1].mean(),
        "15 or more apart, the most alike": cosines[distances >= 15].max(),
    }


table((likeness_at(base) for base in (10, 100, 1_000, 10_000)), formats=".2f")

# %% [markdown]
# The larger the base, the more alike distant positions are: a small base tells these 40 apart best.
# Its price would come beyond the length of its slowest wave, where distant positions can look alike again; 40 are too few to show it.
#
# Is the pattern of every position its own, as the notes say?
# For tables of several widths, the two positions of the first thousand that are most alike, and the distance between their vectors.


# %%
def most_alike(d_model):
    """Of the first 1,000 positions the two whose vectors are nearest: how far apart they are, and these."""
    vectors = sinusoidal_table(1000, d_model).double()
    distances = torch.cdist(vectors, vectors, compute_mode="donot_use_mm_for_euclid_dist")
    distances.fill_diagonal_(torch.inf)
    one, other = divmod(distances.argmin().item(), 1000)
    return {
        "d_model": d_model,
        "the most alike are this many positions apart": abs(one - other),
        "distance of their vectors": f"{distances.min().item():.4f}",
    }


table(most_alike(d_model) for d_model in (2, 4, 8, 64))

# %% [markdown]
# With one clock hand (two dimensions) positions almost meet again and again: 710 steps of one radian are almost exactly 113 turns.
# Each further hand separates them.
# At a width of 64, small for a real model, the most alike are neighbours, and even they are far from equal.
#
# ### A step is a turn, wherever it begins
#
# Why sines and cosines, of all patterns?
# The paper's reason: for a fixed step k, PE(p + k) is a linear function of PE(p), so that a model can learn to look "three back" as one matrix.
# It is more than linear, it is a turn: each hand moves on by the same angle from wherever it is.
# Drawn over the positions, the two numbers of a pair run along a helix, the slower the hand the longer its turn.
# (The figure comes alive under the pointer: drag it to turn it.)

# %%
hundred = sinusoidal_table(100, 64).numpy()
figures.embedding_3d(
    {
        f"pair {i}": np.column_stack((range(100), hundred[:, 2 * i + 1], hundred[:, 2 * i]))
        for i in (4, 8, 12)
    },
    title="Each pair is a helix",
    axes=("position", "cosine", "sine"),
    joined=True,
)

# %% [markdown]
# Here the matrix of the turn is written down, one for each k, and tried on all positions at once.


# %%
def turn(k, d_model, base=10_000.0):
    """The matrix that takes PE(p) to PE(p + k), for every p."""
    angles = k * base ** (-torch.arange(0, d_model, 2) / d_model)
    blocks = [[[a.cos(), a.sin()], [-a.sin(), a.cos()]] for a in angles]
    return torch.block_diag(*(torch.tensor(block) for block in blocks))


pe = sinusoidal_table(300, 64)
for k in (1, 3, 100):
    equal = torch.allclose(pe[:-k] @ turn(k, 64).T, pe[k:], rtol=0, atol=1e-4)
    say(f"k = {k:3}: PE(p + k) = turn(k) · PE(p) at all p, to within 0.0001: {equal}")

# %% [markdown]
# A turn leaves lengths and angles as they are, so PE(p) · PE(q) is the same for all pairs that are equally far apart.
# Roughly, nearer positions are more alike; the curve is in section 7.
#
# > **What the notes say / what the paper says.**
# > The notes say that the waves put a unique position into each embedding, that this is faster than embedding one word after the other, and that the order is kept.
# > Unique: so it is for the first thousand positions, by the table above, though with few dimensions only just.
# > Faster: all embeddings are added to at once, with nothing to wait for; what the waiting of an LSTM costs in a training step is measured in lesson 06, as a whole and not for the embedding alone.
# > Order: the task of section 1, with and without.
# > The paper adds two things.
# > The waves are added to the embeddings, and an embedding and its position then share the same numbers.
# > And it hoped that they "may allow the model to extrapolate to sequence lengths longer than the ones encountered during training" (section 3.5).
# > It gives no number for that.
# > Section 8 does.
#
# ## 4 · Learned
#
# Why compute what can be learned?
# Give each position a vector of its own, begin with random numbers, and train them with the rest: these are *learned positions*.
# This is older than the waves: Sukhbaatar et al. (2015, "temporal encoding") learn a vector for each slot of a memory, Gehring et al. (May 2017, section 3.1) one for each position of a text; BERT and GPT-2 do the same.
# In the paper of the waves the two did almost equally well (Vaswani et al., table 3, row E).

# %%
source(positions.LearnedPositions)

# %% [markdown]
# The price: there is a vector for each position up to the largest, and no rule for the next.
# Make each scheme twice for 128 positions, as two models would: do the two agree about position 100 before any training, and how many numbers does a scheme have to learn?

# %%
zeros, heads_of_zeros = torch.zeros(1, 128, 32), torch.ones(1, 4, 128, 8)


def about(scheme, seed, position=100):
    """All that a scheme says about a position: what it adds, how it turns, and its bias."""
    torch.manual_seed(seed)
    made = make_positions(scheme, n_positions=128, d_model=32, n_heads=4)
    bias = made.score_bias(128, 128)
    said = (
        made.add_to_embeddings(zeros)[0, position],
        made.rotate(heads_of_zeros)[0, :, position],
    )
    n_learned = sum(parameter.numel() for parameter in made.parameters())
    return torch.cat(
        [*map(torch.flatten, said), *([] if bias is None else [bias.flatten()])]
    ), n_learned


table(
    {
        "positions": NAMES[scheme],
        "two models agree about position 100": torch.equal(
            about(scheme, 0)[0], about(scheme, 1)[0]
        ),
        "numbers to learn, for 128 positions": about(scheme, 0)[1],
    }
    for scheme in SCHEMES
)

# %% [markdown]
# Of a learned position nothing is known until a text reaches it in training: until then its vector is the random one that it began as.
# (The course's models compute all their tables once, up to a context length, and refuse a longer text with any scheme.)
#
# ## 5 · Rotary
#
# Both ways above write into the embedding where a token is.
# What attention needs is mostly how far away another token is: the *relative position*.
# *Rotary position embedding* (Su et al. 2021, section 3.2) leaves the embeddings alone.
# It turns queries and keys, just before they are compared, by an angle that grows with their position: each pair of numbers is one hand of the clock.
# If a query at position 9 and a key at position 6 are compared, one has turned by nine steps, the other by six, and what is left in their product is three.
# A key three tokens later leaves minus three, which is a turn to the other side: the score knows how far the key is, and in which direction.
#
# Below is one pair of numbers of a query and one of a key, as arrows.
# Dotted is where they point at position 0.
# Move one of them, and the score changes.
# Then press **Both one further** a few times: both turn, the score stays.

# %%
pair = RotatingPair(query_position=9, key_position=6, pair=1)
pair

# %% [markdown]
# Pair 0 turns by a radian at each position, the last one hardly at all; a larger base slows all but pair 0.
# Try both: a slow pair can tell far from near, a fast one tells neighbours apart.
#
# The whole vector is d / 2 such pairs.
# Which number is paired with which differs between libraries; here number i goes with number i + d/2.


# %% tags=["exercise"]
def apply_rotary(vector: list[float], position: int, base: float) -> list[float]:
    """Turn each pair of a query's or key's numbers by an angle that grows with its position.

    Of `vector`, with d numbers, the pair i is made of the numbers i and i + d / 2: x and y of a
    point. It turns counterclockwise about (0, 0) by position * base^(-2i / d) radians, and its two
    numbers stay at their places in the vector.

    >>> [round(value, 3) for value in apply_rotary([1.0, 1.0, 0.0, 0.0], 1, 100.0)]
    [0.54, 0.995, 0.841, 0.1]
    """
    ...


check("positions.apply_rotary", apply_rotary)

# %% [markdown]
# The code turns all pairs with two products.

# %%
source(positions.rotate, positions.RotaryPositions.rotation)

# %% [markdown]
# The claim of the paper: the score of a query and a key depends on the difference of their positions alone, query minus key.
# A random query and a random key of 64 numbers, at four differences, each at 100 positions; at −3 the key comes after the query.

# %%
rotary = make_positions("rotary", n_positions=300, d_model=64, n_heads=1)
query, key = torch.randn(2, 1, 1, 1, 64, generator=random_numbers)
queries, keys = (rotary.rotate(x.expand(1, 1, 300, 64))[0, 0] for x in (query, key))
key_positions = torch.arange(100, 200)
scores = {
    d: (queries[key_positions + d] * keys[key_positions]).sum(dim=1) for d in (0, 3, -3, 100)
}
table(
    {"difference": d, "score": x.mean(), "largest minus smallest of 100": x.max() - x.min()}
    for d, x in scores.items()
)

# %% [markdown]
# In the last column is nothing but rounding.
# Compare 3 and −3: at the same distance, a key before and a key after get scores of their own.
# Your function, on the same query and key:

# %%
turned_by = yours("positions.apply_rotary", apply_rotary)


def your_score(query_position, key_position):
    """The score of the query and the key, each turned by your function."""
    pair = ((query, query_position), (key, key_position))
    turned = [turned_by(x.flatten().tolist(), place, 10_000.0) for x, place in pair]
    return sum(a * b for a, b in zip(*turned, strict=True))


for n in (3, -3, 100):
    near_the_start, later = (your_score(start + n, start) for start in (5, 150))
    say(f"difference {n}: equal at both positions: {abs(near_the_start - later) < 1e-3}")

# %% [markdown]
# Nothing is learned here and nothing has to be stored but two small tables; the length of every vector stays the same.
# Llama, SmolLM2 (lesson 00) and most language models since use it.
#
# ## 6 · ALiBi
#
# The shortest of all (Press, Smith and Lewis 2022: *ALiBi*, attention with linear biases).
# No vectors, no turning: from each score, before softmax, take away a little for each step from the query to the key.
# Each head has a slope of its own: one looks at its neighbours, another far back.
#
# $$\text{score} = \frac{q \cdot k}{\sqrt{d}} - m \cdot \text{distance}, \qquad m = 2^{-8/n},\ 2^{-16/n},\ \dots,\ 2^{-8} \text{ for } n \text{ heads}$$


# %% tags=["exercise"]
def alibi_slopes(n_heads: int) -> list[float]:
    """The slopes of the heads, the steepest first: a geometric series that ends with 2^(-8).

    The first slope is also the factor from one slope to the next. `n_heads` is a power of 2.

    >>> alibi_slopes(4)
    [0.25, 0.0625, 0.015625, 0.00390625]
    """
    ...


check("positions.alibi_slopes", alibi_slopes)


# %% tags=["exercise"]
def alibi_bias(n_queries: int, n_keys: int, slope: float) -> list[list[float]]:
    """What ALiBi adds to the scores of one head: a row for each query, a number for each key.

    The number is minus `slope` times the distance of query and key. The queries are the last of
    the keys: with 3 keys and 2 queries, the queries are at positions 1 and 2. Keys after the
    query count by their distance too (another mask hides them where it must).

    >>> alibi_bias(2, 3, 0.5)
    [[-0.5, 0.0, -0.5], [-1.0, -0.5, 0.0]]
    """
    ...


check("positions.alibi_bias", alibi_bias)

# %% [markdown]
# The two of yours together, against what a trained model of four heads adds:

# %%
slopes_of = yours("positions.alibi_slopes", alibi_slopes)
bias_of = yours("positions.alibi_bias", alibi_bias)
biases = torch.tensor([bias_of(5, 5, slope) for slope in slopes_of(4)])
of_the_model = make_positions("alibi", n_positions=5, d_model=32, n_heads=4).score_bias(5, 5)
say("the same as the model's:", torch.allclose(biases, of_the_model[0]))

# %%
source(positions.alibi_slopes, positions.ALiBi.score_bias)

# %% [markdown]
# The formula is the paper's, for any number of heads.
# The authors' code, and with it the models that were published, follows the formula for 1, 2, 4, 8, 16, … heads alone, which is what the paper trains; for 12 heads it takes the slopes of 8, and then every second slope of 16.
# The course does as the code does, so that published weights keep their meaning.
#
# ## 7 · Near and far, for all of them
#
# One query, and the keys before it.
# For the waves: the cosine between two positions' vectors.
# For rotary: the score of a query and a key that are the same vector, with pairs of equal length.
# For ALiBi: what a weight is multiplied by before all are made to sum to 1, a line for each head.
# For learned positions: the cosine between the vectors that a model has really learned, one of those trained for the next section on texts of 64 characters.

# %%
learned_table = trained.load("positions/learned").embedding.positions.table.weight.cpu()
likeness = SimilarityExplorer(learned_table, position=60, distance=8)
likeness

# %% [markdown]
# The first two curves are the same: both are a mean of cosines, one for each pair.
# What differs is where they act, added to the embedding or inside the score.
# Move the query along: the first three keep their shape, and only the learned ones depend on where the query is.
# Nobody told the model that a distance is a distance; training found it out, roughly: neighbours are alike.
# Move the query past position 64: there begin the vectors that no training text reached, and they are like no others.
# A larger base makes likeness fall more slowly; with few dimensions the curve goes up again, and far looks like near.
#
# ## 8 · Longer than trained
#
# A model is trained on texts of some length, and will be given longer ones: will it cope?
# That is *length extrapolation*.
# The experiment: a character language model (two layers, width 64, small enough to train here and large enough to output something like English) is trained on the presidents' messages of lesson 02, in pieces of 64 characters, once with each scheme, three seeds each.
# Each scheme has the learning rate that a small search on validation text found for it ([how](../docs/experiments.md)); all else is equal.
# Then it reads 512 pieces of held-out messages, each 256 characters long, four times what it has ever seen.
# The loss is in *bits per character*: how many yes-or-no questions the next character costs on average.
# (2 to the power of this number is the *perplexity*: among how many equally likely characters the model would be as undecided.)
#
# Training takes longer than a lesson may; `experiments/positions.py` did it and kept what it found, and the weights of seed 0.
# All five models have tables for 256 tokens.
# The learned table has 256 rows, of which the training reached 64.

# %%
ask("positions.who_breaks_first")

# %%
source(next_character.loss_by_position)

# %%
records = trained.results("positions")
lengths = next_character.TEST_LENGTHS
by_position = {NAMES[s]: next_character.recorded_losses(records, s) for s in SCHEMES}
by_length = {k: next_character.mean_up_to(found, lengths) for k, found in by_position.items()}
say(len(records), "runs of", records[0]["steps"], "steps; the first:", records[0]["command"])
table(
    {"positions": name, "seeds": len(found)}
    | {f"{n} ({n / lengths[0]:g}×)": Spread(found[:, i]) for i, n in enumerate(lengths)}
    for name, found in by_length.items()
)

# %%
windows = next_character.held_out_windows()
models = {scheme: trained.load(f"positions/{scheme}") for scheme in SCHEMES}
# %%
figures.hover_curves(
    lengths,
    by_length,
    title="What a longer text costs, by scheme",
    xlabel="characters in the test text",
    ylabel="loss (bits per character)",
)

# %% [markdown]
# The same by position: what does the next character cost after 10 characters, after 100, after 250?
# The picture takes 16 positions together; under the pointer every position is there, and dragging over the part around 64 enlarges it.

# %%
loss_by_position(by_position, trained=next_character.TRAIN_LENGTH, title="Where it breaks")


# %%
def bits(losses):
    return f"{losses.mean().item():.2f}"


first_places = (56, 64, 72, 96, 120, 248)
table(
    {"positions": name} | {f"{a} to {a + 7}": bits(found[:, a : a + 8]) for a in first_places}
    for name, found in by_position.items()
)

# %% [markdown]
# Now the promises, scheme by scheme: the loss over a text of four times the trained length minus that at the trained length, with an interval over the three seeds.
# A scheme holds if the difference stays within 0.1 bits.


# %%
def longer(scheme):
    """What four times the trained length adds to the loss."""
    found = by_length[NAMES[scheme]]
    bits_more = over_seeds(found[:, -1] - found[:, 0], "bits per character")
    return [
        Finding(
            f"{NAMES[scheme]}: loss at {lengths[-1]} minus at {lengths[0]}",
            bits_more,
            "within",
            (-0.1, 0.1),
        )
    ]


claim(
    "positions.sinusoidal_extrapolates",
    "With sinusoidal positions, a model trained on 64 characters predicts 256 as well as 64.",
    said_by="Vaswani et al. 2017, section 3.5, as a hope",
    findings=longer("sinusoidal"),
)

# %%
claim(
    "positions.rotary_extrapolates",
    "With rotary positions, a model trained on 64 characters predicts 256 as well as 64.",
    said_by='a reading of Su et al. 2021, abstract: "flexibility of sequence length"',
    findings=longer("rotary"),
)

# %%
claim(
    "positions.alibi_extrapolates",
    "With ALiBi, a model trained on 64 characters predicts 256 as well as 64.",
    said_by="Press, Smith and Lewis 2022, abstract",
    findings=longer("alibi"),
)

# %% [markdown]
# To be fair to the first two: the paper of the waves only says that they "may", and rotary does run at any length and, by the table, predicts well somewhat past the trained one.
# Learned positions promise nothing.
# Without positions the loss is high from the start and rises slowly.
#
# Learned and sinusoidal positions break within the first characters after the trained ones, where vectors begin that no weight has ever met.
# Does it help that the waves go on by their rule, while the learned vectors are random?

# %%
just_after = [by_position[name][:, 64:72].mean(axis=1) for name in ("learned", "sinusoidal")]
claim(
    "positions.rule_helps",
    "In the 8 characters past the trained length, sinusoidal positions cost less than learned ones.",
    said_by="this lesson",
    findings=[
        Finding(
            "loss at positions 64 to 71, learned minus sinusoidal",
            over_seeds(just_after[0] - just_after[1], "bits per character"),
            "above",
            0.0,
        )
    ],
)

# %% [markdown]
# Both are broken all the same: at such losses neither generates text.
# Here is what the breaking looks like: each model continues the same 32 characters of a held-out message, drawing each character from its probabilities at temperature 0.5.
# The bar marks the 64th character.

# %%
prompt = windows[100, :32]
for scheme in ("learned", "rotary", "alibi"):
    draws = torch.Generator(course.device()).manual_seed(0)
    drawn = generate(models[scheme], prompt, 128, temperature=0.5, generator=draws)
    text = next_character.TOKENIZER.decode([*prompt.tolist(), *(step.token for step in drawn)])
    say(f"{NAMES[scheme]}: {text[:64]} │ {text[64:]}")

# %% [markdown]
# These models are too small to make sense, but up to the bar all three spell words, with a slip here and there.
# After it, learned positions fall apart at once, and rotary ones in this text only towards the end.
#
# ### Why they break where they break
#
# What exactly is new to a model past the trained length?
# That can be tested without any training: at the test, hide from each query all keys but the last 64.

# %%
ask("positions.hide_far_keys")

# %% [markdown]
# If rotary sees nothing but distances, then what is new to it past 64 is not the position but a key more than 63 tokens back, and the mask takes that away.
# For sinusoidal and learned positions it should be no cure, since there the position itself is new.
# The control hides as many keys and lets far ones be seen: each query keeps its last 32 keys and the first 32 of the text.
# From here to the end of this section the models are those of seed 0, the intervals over pieces of text; the numbers are mean losses at the positions from 0 to 63 and from 64 on.


# %%
class SomeKeys(nn.Module):
    """A language model whose queries see some keys only: `visible(query, key)` says which."""

    def __init__(self, model, visible):
        super().__init__()
        self.model, self.visible = model, visible

    def forward(self, ids):
        places = torch.arange(ids.shape[1], device=ids.device)
        mask = self.visible(places[:, None], places)
        return self.model.output(self.model.hidden_states(ids, mask=mask[None, None]))


def last_64(query, key):
    return query - key < 64


def first_32_and_last_32(query, key):
    return (query - key < 32) | (key < 32)


# %%
few = windows[::4]


@torch.no_grad()
def losses(model, pieces=few):
    """The loss in bits of each piece at each position."""
    return next_character.next_character_loss(model, pieces, "none").cpu().view(len(pieces), -1)


whole = {NAMES[s]: losses(m) for s, m in models.items()}
near = {NAMES[s]: losses(SomeKeys(m, last_64)) for s, m in models.items()}
control = {NAMES[s]: losses(SomeKeys(m, first_32_and_last_32)) for s, m in models.items()}
table(
    {
        "positions": name,
        "0 to 63": bits(whole[name][:, :64]),
        "64 to 255": bits(whole[name][:, 64:]),
        "64 to 255, last 64 keys": bits(near[name][:, 64:]),
        "64 to 255, first 32 and last 32": bits(control[name][:, 64:]),
    }
    for name in whole
)


# %%
def more_than_short(found):
    """For each piece: what the positions past the trained length cost more than those before."""
    past, before = found[:, 64:].mean(dim=1), found[:, :64].mean(dim=1)
    return mean_difference(
        past.tolist(), before.tolist(), "bits per character", of="pieces, one seed"
    )


claim(
    "positions.distances_break_rotary",
    "Trained on 64 characters, rotary breaks because of distances that training never had.",
    said_by="this lesson",
    findings=[
        Finding(
            "rotary, last 64 keys: past 64 minus before",
            more_than_short(near["rotary"]),
            "below",
            0.1,
        ),
        Finding(
            "rotary, first and last 32 keys", more_than_short(control["rotary"]), "above", 0.1
        ),
        Finding("sinusoidal, last 64 keys", more_than_short(near["sinusoidal"]), "above", 0.1),
        Finding("learned, last 64 keys", more_than_short(near["learned"]), "above", 0.1),
    ],
)

# %% [markdown]
# With the far keys hidden the break is gone, and the loss is that of a text of trained length; with as many keys hidden but far ones left, most of it stays.
# Sinusoidal and learned positions stay broken either way.
# ALiBi had no need of the mask and gains nothing by it: its bias goes on in a straight line, so a key 70 back is treated much like one 60 back.
# Without positions the mask does harm: such a model seems to count characters (section 9), and here it may not count them all.
#
# ### What people do about it
#
# A window such as this one is the simplest answer, and gives up the far text.
# Most others keep it and change the positions of a trained rotary model.
# *Position interpolation* (Chen et al. 2023, section 2.3) squeezes them: at twice the length every position is halved, so that all distances fall into the trained range, and a short further training does the rest.
# *NTK-aware interpolation* (Peng et al. 2023, YaRN, section 3.1) leaves the fastest pair alone and slows down the others, the slower the more, by a larger base; the paper finds it much better than squeezing where nothing is trained further.
# T5 (Raffel et al. 2020, section 2.1) learns a bias for each range of distances, as ALiBi without a formula, with one range for everything beyond 128.
#
# Both changes to rotary are a few lines, on the trained model and without any further training; here at twice the length.


# %%
trained_rotary = models["rotary"].embedding.positions
d_head = trained_rotary.cos.shape[1]
TWICE = 2 * next_character.TRAIN_LENGTH
changes = {
    "as trained": {},
    "positions halved": {"scale": 1 / 2},
    "larger base": {"base": 10_000.0 * 2 ** (d_head / (d_head - 2))},
}
at_twice = {}
for name, how in changes.items():
    changed = trained.load("positions/rotary")
    changed.embedding.positions = RotaryPositions(TWICE, d_head, **how).to(course.device())
    at_twice[name] = losses(changed, few[:, : TWICE + 1])
table(
    {"rotary": name, "0 to 63": bits(found[:, :64]), "64 to 127": bits(found[:, 64:])}
    for name, found in at_twice.items()
)


# %% [markdown]
# What would a cure reach?
# The model with the window of the last 64 keys reads the same characters with trained distances only; a cure should not be worse by more than 0.1 bits.


# %%
def more_than_the_window(name):
    """For each piece: the loss at 64 to 127 with these turns, minus that with the window."""
    found, window = (x[:, 64:TWICE].mean(dim=1) for x in (at_twice[name], near["rotary"]))
    more = mean_difference(
        found.tolist(), window.tolist(), "bits per character", of="pieces, one seed"
    )
    return [Finding(f"{name}: loss at 64 to 127, minus the window's", more, "below", 0.1)]


claim(
    "positions.interpolation_untrained",
    "Halving the positions cures a trained rotary model at twice its length, without training.",
    said_by="a shorthand for Chen et al. 2023, who train further",
    findings=more_than_the_window("positions halved"),
)

# %%
claim(
    "positions.larger_base_untrained",
    "A larger base cures a trained rotary model at twice its length, without training.",
    said_by="a strong reading of Peng et al. 2023, section 3.1",
    findings=more_than_the_window("larger base"),
)

# %% [markdown]
# Look at the first column of the second row: halving the positions spoils what the model could do before, the short texts too.
# A likely reason: a character model lives on the character before, and at half a step its fastest pairs no longer mean what they did.
# Chen et al. train further for that, and the model here got no training.
# The larger base keeps the fastest pair, and the model reads on at this length; longer ones, and other seeds, were not tried.
#
# > **What the papers say / what we measured.**
# > Vaswani et al. (2017, section 3.5) hoped that sinusoids extrapolate; see the card.
# > Press et al. (2022, figure 1) found the same order of schemes at longer texts, from worst to best: sinusoidal, rotary, T5's bias (not tried here), ALiBi.
# > ALiBi holds at four times, as they say.
# > But look at what it holds: its line is flat, so characters further back bring it almost nothing (they find likewise, appendix B).
# > A model of 100,000 weights on 64 characters is a small witness: the breaks are plain, the order of the four at the trained length may well be another at another size.
#
# Your own text, of 66 to 257 characters: what does each model pay for its first 64 characters, and for the rest?

# %%
typed = (
    "The people of this great country have asked for peace, and the Congress has heard them. "
    "We shall continue to build roads, schools and ships, and we shall pay for them with honest money."
)

assert 65 < len(typed) <= 257, f"Type 66 to 257 characters; these are {len(typed)}."
typed_ids = torch.tensor([next_character.TOKENIZER.encode(typed)])
costs = {NAMES[s]: next_character.loss_by_position(m, typed_ids) for s, m in models.items()}
table(
    {"positions": name, "first 64 characters": bits(x[:64]), "the rest": bits(x[64:])}
    for name, x in costs.items()
)

# %% [markdown]
# ## 9 · What a language model makes of the mask alone
#
# Back to the language model without positions.
# Section 2 showed that order can come through the mask once there are two layers.
# Does training find it?
# Two more models were trained for this, of one layer each: without positions (it sees a bag of characters and the last one, so it is the order-free model to beat), and with rotary ones.
# All are tested on held-out pieces of 64 characters: the loss over all positions, then that of the last character alone, and then of the same character when all that the model reads, except for the last one, has been shuffled.

# %%
in_order = trained.by_model("positions", None, "last_in_order")
after_shuffling = trained.by_model("positions", None, "last_after_shuffling")
table(
    {
        "positions": name.removesuffix("-1layer"),
        "layers": 1 if name.endswith("-1layer") else 2,
        "loss": Spread(next_character.recorded_losses(records, name)[:, :64].mean(axis=1)),
        "last character": in_order[name],
        "after shuffling": after_shuffling[name],
    }
    for name in ("none-1layer", "none", "rotary-1layer", "rotary")
)

# %%
shuffling_costs = {
    name: over_seeds(
        np.subtract(after_shuffling[name].values, in_order[name].values), "bits per character"
    )
    for name in ("none", "none-1layer")
}

# %%
claim(
    "positions.mask_gives_order",
    "Two layers without positions learn to use the order that the causal mask lets in.",
    said_by="after Haviv et al. 2022, abstract",
    findings=[
        Finding(
            "two layers, last character: after shuffling minus in order",
            shuffling_costs["none"],
            "above",
            0.0,
        ),
        Finding(
            "one layer, which cannot",
            shuffling_costs["none-1layer"],
            "within",
            (-0.001, 0.001),
        ),
    ],
)

# %% [markdown]
# The second row of the table is also well below the first in its loss.
# Is that only because two layers are more than one?
# Where the order is known anyway (the rows of rotary) the second layer gains less.
# Still, the model without positions stays far behind the one with rotary positions.
#
# Where in the model is the position?
# Ask the vectors with a linear probe, as in lesson 03: a linear function, fitted to tell the position (0 to 63) of a character from its vector, on half of the pieces, and tested on the other half.
# The number is the share of the variance of the position that it explains: 1 is all, 0 is no better than always saying "in the middle".
# Seed 0 of each.


# %%
@torch.no_grad()
def vectors_by_layer(model, ids):
    """The vectors of all characters: as embedded, and after each layer."""
    with record_stream(model) as passages:
        model(ids.to(course.device()))
    after_layers = [passage.after for passage in passages[1::2]]  # two sublayers in each
    return [x.double().cpu() for x in (passages[0].before, *after_layers)]


def explained(vectors):
    """How well a linear function of the vectors tells the position, on the half it was not fitted to."""
    n, length, _ = vectors.shape
    inputs = torch.cat((vectors, torch.ones(n, length, 1).double()), dim=-1)
    wanted = torch.arange(length).double().expand(n, length)
    fitted, tested = inputs[: n // 2].flatten(0, 1), inputs[n // 2 :].flatten(0, 1)
    weights = torch.linalg.lstsq(fitted, wanted[: n // 2].reshape(-1, 1)).solution
    missed = (tested @ weights)[:, 0] - wanted[n // 2 :].flatten()
    return 1 - missed.square().mean().item() / wanted[0].var(correction=0).item()


# %%
places = ("embedded", "after layer 1", "after layer 2")
untrained = CausalTransformer(models["none"].config, torch.Generator().manual_seed(0))
probed = {NAMES[s]: m for s, m in models.items()}
probed |= {"none, untrained": untrained.to(course.device())}
layer_vectors = {name: vectors_by_layer(m, windows[:256, :64]) for name, m in probed.items()}
table(
    {"positions": name}
    | {at: f"{max(explained(x), 0):.2f}" for at, x in zip(places, vectors, strict=True)}
    for name, vectors in layer_vectors.items()
)

# %% [markdown]
# The row none: nothing in the embeddings, of course; after one layer a good part of the position is there.
# The last row is the control, such a model before any training: what it does not show, training has added.
# It looks as if the first layer counts the characters that it can look back on; hiding some (section 8) makes the loss worse, which agrees and does not prove it.
# Sinusoidal and learned positions are in the vectors from the start.
# With rotary and ALiBi a linear probe finds hardly any position: they work inside the score, on distances.
#
# > **What the paper says / what we measured.**
# > Haviv et al. (2022) report that language models without positions come close to those with, that probes find the positions in their vectors, and conjecture that such a model counts the tokens before each one.
# > The probe says the same here.
# > The closeness is not there, at our size: the gap is large.
# > Their models are more than a thousand times larger, and deeper.
#
# ## What to remember
#
# - Attention sums, and a sum has no order: without positions an encoder's outputs only move with its tokens.
#   The causal mask alone lets some order in, from the second layer on.
# - Sinusoidal and learned positions are added to the embedding and say where a token is; rotary turns queries and keys and ALiBi lowers scores, and both say how far a key is, rotary also in which direction.
# - A sinusoidal step of k is the same turn everywhere; a rotary score depends on the difference of the two positions alone.
#   Both are exact, up to rounding.
# - Trained on 64 characters, sinusoidal and learned broke within the next few characters, rotary at distances it never saw, ALiBi not at all up to 256.
# - Holding up is not the same as using the extra text: ALiBi's loss stays where it is.
# - A trained rotary model read on with a window of the trained length, and at twice the length with a larger base; squeezing its positions, with no further training, spoiled it.
#
# **Read on**: Vaswani et al. 2017, *Attention Is All You Need*, section 3.5; Su et al. 2021, *RoFormer*, section 3; Chen et al. 2023, *Extending Context Window of Large Language Models via Positional Interpolation*; Peng et al. 2023, *YaRN*; Press, Smith and Lewis 2022, *Train Short, Test Long*, sections 2 to 4; Haviv et al. 2022, *Transformer Language Models without Positional Encodings Still Learn Positional Information*.
# In the code: `course/layers/positions.py`, `course/tasks/next_character.py`, `experiments/positions.py`.
#
# **Next**: lesson 06, *Transformer*.

# %%
progress.table()
