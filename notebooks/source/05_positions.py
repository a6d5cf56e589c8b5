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
# Attention compares every token with every other and never asks which came first.
# This lesson shows what is lost, exactly, and four ways to give it back.
# After it you can
#
# - show that a Transformer without positions cannot tell *the dog bit the man* from *the man bit the dog*, and why one that writes is not quite as blind;
# - compute sinusoidal, learned, rotary and ALiBi positions by hand, and say where in the model each of them acts;
# - tell what each of them does with a text that is longer than any it was trained on, with numbers.
#
# **Time**: 80 minutes; the cells run in under a minute on two processor cores.
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
from course.evaluation import Spread
from course.exercises import check, progress
from course.interpretability.residual_stream import record_stream
from course.layers import positions
from course.layers.positions import SCHEMES, make_positions, sinusoidal_table
from course.tasks import next_character
from course.training import GeneratedBatches, train
from course.transformer import CausalTransformer, Transformer, TransformerConfig
from course.viz import RotatingPair, SimilarityExplorer, WaveExplorer, figures, use_course_style
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
# The LSTM of lesson 03 reads one word after the other: order is built in, and so is waiting.
# A *Transformer* (its parts are the subject of lesson 06) hands all embeddings to attention at once.
# The notes of this course say of that: it is fast, but information may be lost.
# Here is which information.
# Take a sentence, exchange two of its words, and read both with a Transformer encoder: attention and nothing else between the words, no positions, weights drawn at random.
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
assert len(words) >= 3, "Write a sentence of three words or more."
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
# Find *dog* in both columns: it has the same vector in both sentences, whoever bites.
# So has every other word; even the two *the* of one sentence cannot be told apart.
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
    the token at place i of the shuffled text is the one that stood at place `order[i]` before.
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
# Now for each scheme of this lesson: a text of 40 random tokens, a random order, and the text turned back to front, which is one order among the many.
# The number is the largest difference between moving the text first and reading it then, and reading it first and moving what was read.

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
# The last row is the claim, exactly: without positions no order makes a difference.
# The right column has a second such entry.
# ALiBi, as we will see, counts how far apart two tokens are, the same to either side; in an encoder it sees a text and its mirror image alike.
# It was made for models that write, which look to one side only.
#
# ### What that costs
#
# A task of order: twelve letters, among them one A and one B. Does A come first?
# An encoder reads them, the mean of its vectors goes through one linear layer to the answer.
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
# ## 2 · A model that writes is not quite blind
#
# A language model may not look at what it has yet to write: each token sees itself and the tokens before it.
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
# So the mask gives order back, indirectly.
# What a trained model makes of this is measured in section 9.
#
# ## 3 · Waves
#
# The oldest cure (Vaswani et al. 2017, section 3.5): before the first layer, add to each embedding a vector that says where it stands.
# The plain number of the position would do badly: it grows without limit, and the model would have to read it to a precision of one in a thousand.
# Think of a clock instead.
# The second hand tells neighbouring moments apart, the hour hand distant ones, and each hand is a point on a circle, never larger than 1. The *sinusoidal* positions are a clock with d_model / 2 hands, each given by its sine and its cosine, each slower than the one before:
#
# $$\text{PE}(p, 2i) = \sin\!\left(p \,/\, b^{2i/d}\right), \qquad \text{PE}(p, 2i+1) = \cos\!\left(p \,/\, b^{2i/d}\right)$$
#
# with the position $p$, the pair $i$, the width $d$ = `d_model` and the base $b$ = 10,000.
# In the course's code:

# %%
source(sinusoidal_table, positions.SinusoidalPositions.add_to_embeddings)

# %% [markdown]
# Yours is one row of that table.


# %% tags=["exercise"]
def sinusoidal_vector(position: int, d_model: int, base: float) -> list[float]:
    """The wave values of one position: sine and cosine of the same angle, pair after pair.

    Pair i (from 0) holds the sine and the cosine of position / base^(2i / d_model). `d_model` is
    even, so there are d_model / 2 pairs.

    >>> [round(value, 3) for value in sinusoidal_vector(1, 4, 100.0)]
    [0.841, 0.54, 0.1, 0.995]
    """
    ...


check("positions.sinusoidal_vector", sinusoidal_vector)

# %% [markdown]
# All rows together, with the words of a sentence at the first of them.
# Down a column runs one *wave*: its *wavelength*, after how many positions it begins again, is written above.
# Along a row stands the *positional encoding* of one position.
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
# Things to try: base 10, where the slow waves are no longer slow and distant rows begin to look alike; only 2 or 4 dimensions, where soon two positions nearly share a pattern; dimensions 0 and 1 side by side (sine and cosine of the same wave).
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
# With one clock hand (two dimensions) positions almost meet again and again: 710 steps of one radian are 113 turns, nearly to the digit.
# Each further hand parts them.
# At a width of 64, small for a real model, the most alike are neighbours, and even they are far from equal.
#
# ### A step is a turn, wherever it begins
#
# Why sines and cosines, and not any other thousand patterns?
# The paper's reason: for a fixed step k, PE(p + k) is a linear function of PE(p), so that a model can learn to look "three back" as one matrix.
# It is more than linear, it is a turn: each hand moves on by the same angle from wherever it stands.
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
# Two positions are the more alike the nearer they are, roughly; the curve is in section 7.
#
# > **What the notes say / what the paper says.**
# > The notes: the waves put a unique position into each embedding, faster than embedding one after the other, with the order still in it.
# > All three hold: unique is the table above, order is what changes between sections 1 and 3, and faster is measured in lesson 06. The paper adds two things.
# > The waves are *added* to the embeddings, and an embedding and its position then share the same numbers.
# > And it hoped that they "may allow the model to extrapolate to sequence lengths longer than the ones encountered during training" (section 3.5).
# > It gives no number for that.
# > Section 8 does.
#
# ## 4 · Learned
#
# Why compute what can be learned?
# Give each position a vector of its own, begin with random numbers, and train them with the rest (Gehring et al. 2017; BERT and GPT-2 do this).
# In the paper the two did equally well (table 3, row E).

# %%
source(positions.LearnedPositions)

# %% [markdown]
# The price: there is a vector for each position up to the largest, and none beyond.
# The course's models say so.

# %%
try:
    make_model("learned", kind=CausalTransformer)(
        torch.zeros(1, 65, dtype=torch.long, device=course.device())
    )
except ValueError as error:
    say(error)

# %% [markdown]
# And a vector whose position no training text reached is still the random one it began as.
#
# ## 5 · Rotary
#
# Both ways above write into the embedding *where* a token is.
# What attention needs is mostly how far away another token is: the *relative position*.
# *Rotary* position embedding (Su et al. 2021, section 3.2) leaves the embeddings alone.
# It turns queries and keys, just before they are compared, by an angle that grows with their position: each pair of numbers is one hand of the clock.
# If a query at position 9 and a key at position 6 are compared, one has turned by nine steps, the other by six, and what is left in their product is three.
#
# Below is one pair of numbers of a query and one of a key, as arrows.
# Dotted is where they point at position 0. Move one of them, and the score changes.
# Then press **Both one further** a few times: both turn, the score stays.

# %%
pair = RotatingPair(query_position=9, key_position=6, pair=1)
pair

# %% [markdown]
# Pair 0 turns by a radian at each position, the last one hardly at all; a larger base slows all but pair 0. Try both: a slow pair can tell far from near, a fast one tells neighbours apart.
#
# The whole vector is d / 2 such pairs.
# The code turns them all with two products; which number is paired with which differs between libraries, and here number i goes with number i + d/2.

# %%
source(positions.rotate, positions.RotaryPositions.rotation)


# %% tags=["exercise"]
def apply_rotary(vector: list[float], position: int, base: float) -> list[float]:
    """Turn each pair of a query's or key's numbers by an angle that grows with its position.

    Of `vector`, with d numbers, the pair i is made of the numbers i and i + d / 2. It turns
    counterclockwise by position * base^(-2i / d) radians: (x, y) becomes
    (x cos - y sin, x sin + y cos), and both stay at their places.

    >>> [round(value, 3) for value in apply_rotary([1.0, 1.0, 0.0, 0.0], 1, 100.0)]
    [0.54, 0.995, 0.841, 0.1]
    """
    ...


check("positions.apply_rotary", apply_rotary)

# %% [markdown]
# The claim of the paper, exactly: the score of a query and a key depends on the distance of their positions alone.
# A random query and a random key of 64 numbers, at three distances, each at 200 places.

# %%
rotary = make_positions("rotary", n_positions=300, d_model=64, n_heads=1)
query, key = torch.randn(2, 1, 1, 1, 64, generator=random_numbers)
queries, keys = (rotary.rotate(x.expand(1, 1, 300, 64))[0, 0] for x in (query, key))
scores = {d: (queries[d : d + 200] * keys[:200]).sum(dim=1) for d in (0, 3, 100)}
table(
    {"distance": d, "score": x.mean(), "largest less smallest of 200": x.max() - x.min()}
    for d, x in scores.items()
)

# %% [markdown]
# Nothing is learned here and nothing has to be stored but two small tables; the length of every vector stays the same.
# Llama, SmolLM2 (lesson 00) and most models since use it.
#
# ## 6 · ALiBi
#
# The shortest of all (Press, Smith and Lewis 2022: *attention with linear biases*).
# No vectors, no turning: from each score, before softmax, take away a little for each token between query and key.
# A model runs several attentions side by side, its *heads* (lesson 06), and each head has a slope of its own: one looks at its neighbours, another far back.
#
# $$\text{score} = \frac{q \cdot k}{\sqrt{d}} - m \cdot \text{distance}, \qquad m = 2^{-8/n},\ 2^{-16/n},\ \dots,\ 2^{-8} \text{ for } n \text{ heads}$$

# %%
source(positions.alibi_slopes, positions.ALiBi.score_bias)


# %% tags=["exercise"]
def alibi_slopes(n_heads: int) -> list[float]:
    """The slope of each head: 2^(-8/n), 2^(-16/n), ..., down to 2^(-8), for n heads.

    >>> alibi_slopes(4)
    [0.25, 0.0625, 0.015625, 0.00390625]
    """
    ...


check("positions.alibi_slopes", alibi_slopes)


# %% tags=["exercise"]
def alibi_bias(n_queries: int, n_keys: int, slope: float) -> list[list[float]]:
    """What ALiBi adds to the scores of one head: a row for each query, a number for each key.

    The number is minus `slope` times the distance of query and key. The queries are the last of
    the keys: with 3 keys and 2 queries, the queries stand at the places 1 and 2. Keys after the
    query count by their distance too (another mask hides them where it must).

    >>> alibi_bias(2, 3, 0.5)
    [[-0.5, 0.0, -0.5], [-1.0, -0.5, 0.0]]
    """
    ...


check("positions.alibi_bias", alibi_bias)

# %% [markdown]
# ## 7 · Near and far, for all of them
#
# One query, and the keys before it.
# For the waves: the cosine between two positions' vectors.
# For rotary: the score of a query and a key that are the same vector.
# For ALiBi: what a weight is multiplied by before all are made to sum to 1, a line for each head.
# For learned positions: the cosine between the vectors that a model has really learned, one of those trained for the next section on texts of 64 characters.

# %%
learned_table = trained.load("positions/learned").embedding.positions.table.weight.cpu()
likeness = SimilarityExplorer(learned_table, position=60, distance=8)
likeness

# %% [markdown]
# The first two curves are the same: both are a mean of cosines, one for each pair.
# What differs is where they act, added to the embedding or inside the score.
# Move the query along: the first three keep their shape, and only the learned ones hang on where the query stands.
# Nobody told the model that a distance is a distance; training found it out, roughly: neighbours are alike, and the two ends of the trained stretch point in opposite directions.
# Move the query past position 64: there begin the vectors that no training text reached, and they are like no others.
# A larger base makes likeness fall more slowly; with few dimensions the curve goes up again, and far looks like near.
#
# ## 8 · Longer than trained
#
# A model is trained on texts of some length, and will be given longer ones: will it cope?
# That is *length extrapolation*.
# The experiment: a character language model (two layers, width 64, the smallest thing that writes somewhat like English) is trained on the presidents' messages of lesson 02, in pieces of 64 characters, once with each scheme, all else equal, three seeds each.
# Then it reads 512 pieces of held-out messages, each 256 characters long, four times what it has ever seen.
# The loss is in *bits per character*: how many yes-or-no questions the next character costs on average.
#
# Training takes longer than a lesson may; `experiments/positions.py` did it and kept what it found, and the weights of seed 0. All five models have places for 256 tokens.
# The learned table has 256 rows, of which the training reached 64.

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

# %% [markdown]
# The records are numbers in a file.
# Here are the same numbers from the weights, on the same 512 pieces: the mean loss at each test length, recomputed now, beside what the record of seed 0 says.

# %%
windows = next_character.held_out_windows()
models = {scheme: trained.load(f"positions/{scheme}") for scheme in SCHEMES}
now = {NAMES[s]: next_character.loss_by_position(m, windows).numpy() for s, m in models.items()}
table(
    {"positions": name}
    | {str(n): found[:n].mean() for n in lengths}
    | {"equal to the record everywhere": np.allclose(found, by_position[name][0], 0, 1e-3)}
    for name, found in now.items()
)

# %%
figures.hover_curves(
    lengths,
    by_length,
    title="Past the trained length, one scheme holds",
    xlabel="characters in the test text",
    ylabel="loss (bits per character)",
)

# %% [markdown]
# The same by position: what does the next character cost after 10 characters, after 100, after 250?
# The picture takes 16 positions together; under the pointer every position is there, and the place to drag over is around 64.

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
# Learned, sinusoidal and rotary positions break, and not at the same place.
# The first two break within the first eight characters after the trained ones: there begin vectors that no weight has ever met, and learned or computed makes little difference.
# Rotary goes on for a while and breaks later.
# ALiBi does not break at all.
# Without positions the loss is high from the start and rises slowly.
#
# ### Why they break where they break
#
# If rotary sees nothing but distances, then what is new to it past 64 is not the position but a key more than 63 tokens back.
# That can be tested without any training: at the test, hide from each query all keys but the last 64. For sinusoidal and learned positions it should be no cure, since there the position itself is new.
# The models are those of seed 0, the numbers the mean loss at the positions from 64 to 255.


# %%
class LastKeys(nn.Module):
    """A language model whose queries see only the last `n` keys, themselves included."""

    def __init__(self, model, n):
        super().__init__()
        self.model, self.n = model, n

    def forward(self, ids):
        places = torch.arange(ids.shape[1], device=ids.device)
        near = places[:, None] - places < self.n
        return self.model.output(self.model.hidden_states(ids, mask=near[None, None]))


# %%
few = windows[::8]
whole = {NAMES[s]: next_character.loss_by_position(m, few) for s, m in models.items()}
near = {
    NAMES[s]: next_character.loss_by_position(LastKeys(m, 64), few) for s, m in models.items()
}
table(
    {
        "positions": name,
        "positions 0 to 63": bits(whole[name][:64]),
        "64 to 255": bits(whole[name][64:]),
        "64 to 255, last 64 keys only": bits(near[name][64:]),
    }
    for name in whole
)

# %% [markdown]
# Compare the last two columns in the row of rotary: the break is gone, and the loss is that of a text of trained length.
# So it was the distances.
# Sinusoidal and learned positions stay broken.
# ALiBi had no need of the mask: its bias lowers a key the more the further it is, so that a distance that was never trained weighs little.
# Without positions the mask does harm: such a model seems to count characters (section 9), and here it may not count them all.
#
# > **What the papers say / what we measured.**
# > *Vaswani et al.* (2017, section 3.5) hoped that sinusoids extrapolate: at this scale they do not, they break within a few characters.
# > *Press et al.* (2022, figure 1) found the same, and the same order: sinusoidal, then rotary, then ALiBi.
# > *Su et al.* (2021, abstract) name "flexibility of sequence length" among the merits of rotary: it runs at any length, and predicts well up to one and a half times the trained one (the table), or to four times with a mask.
# > ALiBi holds at four times, as Press et al. say.
# > But look at what it holds: its line is flat, so characters further back bring it almost nothing (they find likewise, appendix B).
# > At the trained length itself it has the highest loss of the four, where they found it no worse than the others.
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
# ## 9 · What a writer makes of the mask alone
#
# Back to the model without positions that writes.
# Section 2 showed that order *can* come through the mask once there are two layers.
# Does training find it?
# Two more models were trained for this, of one layer each: without positions (it sees a bag of characters and the last one, so it is the order-free model to beat), and with rotary ones.
# All are tested on held-out pieces of 64 characters: the loss over all positions, then that of the last character alone, and then of the same last character when the ones before the last read have been shuffled.

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

# %% [markdown]
# First row: shuffling costs nothing, as it must.
# Second row: it costs a lot, so the model uses order that it was never given; and its loss is well below that of the first row.
# Is that only because two layers are more than one?
# Where the order is known anyway (the rows of rotary) the second layer gains less.
# Still, no positions at all remain far behind any positions.
#
# Where does it find them?
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
layer_vectors = {NAMES[s]: vectors_by_layer(m, windows[:256, :64]) for s, m in models.items()}
table(
    {"positions": name}
    | {at: f"{max(explained(x), 0):.2f}" for at, x in zip(places, vectors, strict=True)}
    for name, vectors in layer_vectors.items()
)

# %% [markdown]
# The row *none*: nothing in the embeddings, of course; after one layer a good part of the position is there.
# It looks as if the first layer counts: it sees ever more characters to look back on (hide some, as in section 8, and the count is wrong).
# Sinusoidal and learned positions are in the vectors from the start.
# Rotary and ALiBi never put the position into the vectors: they work inside the score, on distances, and where a token stands in the text is nothing they need to know.
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
# - Sinusoidal and learned positions are added to the embedding and say where a token *is*; rotary turns queries and keys and ALiBi lowers scores, and both say how *far* a key is.
# - A sinusoidal step of k is the same turn everywhere; a rotary score depends on the distance alone.
#   Both are exact.
# - Trained on 64 characters, sinusoidal and learned break a few characters later, rotary at distances it never saw, ALiBi not at all.
# - Not to break is not to profit: ALiBi's loss stays where it is, and at the trained length it was not the best.
#
# **Read on**: Vaswani et al. 2017, *Attention Is All You Need*, section 3.5; Su et al. 2021, *RoFormer*, section 3; Press, Smith and Lewis 2022, *Train Short, Test Long*, sections 2 to 4; Haviv et al. 2022, *Transformer Language Models without Positional Encodings Still Learn Positional Information*.
# In the code: `course/layers/positions.py`, `course/tasks/next_character.py`, `experiments/positions.py`.
#
# **Next**: lesson 06, *Transformer*.

# %%
progress.table()
