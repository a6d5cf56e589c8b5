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
# # 08 · BERT and pre-training objectives
#
# "The doctor told the ___ to stay in bed."
# To fill the gap you used words on both sides of it.
# A model that reads from left to right cannot; BERT, the Transformer's encoder alone, can, and filling gaps is how it is trained.
# After this lesson you can
#
# - say what BERT reads, and what each of eight training questions does to a text: what is changed, which positions carry loss, and what the question can be solved without;
# - write the parts in which mistakes are easily made: the corruption of masked language modeling and its loss, swapped segments, the labels of detection, the lengths and the borders of spans;
# - read a table of probes: what a model was asked in training, and what it knows afterwards.
#
# **Time**: 150 minutes; the cells run in under a minute on two quiet processor cores.
# **Before this**: lesson 06.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
from collections import Counter
from random import Random

import numpy as np
import torch
import torch.nn.functional as F

import course
from course import trained
from course.bert import (
    IGNORED,
    CorruptedRow,
    MaskedLM,
    NextSentence,
    Pieces,
    RandomTokenSubstitution,
    ReplacedTokenDetection,
    Segments,
    SentenceOrder,
    ShuffledTokenDetection,
    SpanBoundary,
    TranslationLM,
    choose,
    choose_spans,
    choose_words,
    one_sided,
    segment_pairs,
    sentence_ids,
    shuffle_words,
    split_sentences,
    substitute,
)
from course.bert.corruption import span_lengths
from course.bert.heads import MaskedLMHead
from course.bert.model import Bert, BertEmbedding
from course.bert.objective import labels_at
from course.claims import Finding, claim
from course.data import encyclopedia, english_korean_pairs, split_by_title
from course.data.splits import draw
from course.exercises import ask, check, hint, progress, solution, yours
from course.intervals import difference_of_rates, exact, mean_difference, share
from course.layers.parameters import count_parameters
from course.pretrained import load_tokenizer
from course.tasks.bag_of_words import best_threshold, overlap, rarity
from course.tasks.masked_pretraining import SMALL, find_words, small_tokenizer
from course.tokenization import WordPiece
from course.trained.loss_curves import loss_curves
from course.viz import MaskedWordExplorer, ObjectiveExplorer, figures, use_course_style
from course.viz.figures.bars import number_bars
from course.viz.show import say, source, table

use_course_style()

# %% [markdown]
# ## 1 · Fill the gap
#
# A *masked language model* predicts tokens that were hidden in a text: each is replaced by the special token `[MASK]`, and for every hidden position the model gives each token of the vocabulary a probability.
# The model below is MiniLM, the BERT of lesson 06.
# Its authors published it without an output layer, so `experiments/masked_lm.py` trained one, together with the last blocks, on Wikipedia's text.

# %%
minilm = trained.load("masked_lm/minilm")
minilm_tokenizer = load_tokenizer("minilm")
MaskedWordExplorer(
    {"MiniLM": (minilm, "both")},
    minilm_tokenizer,
    text="The doctor told the patient to stay in bed.",
    masked=(4,),
)

# %% [markdown]
# Click a word to hide it, click it again to show it; type any text.
# A word of several pieces is hidden as a whole, and the guesses are for the piece that you clicked.
#
# ### From a state to a guess
#
# The encoder, the body of the model, turns each token into a state, as in lesson 06.
# At the gap it is the state of a `[MASK]`: nothing of the hidden word is in it, only its position and what attention brought there from the other tokens.
# Four steps make a guess of it.

# %%
minilm_pieces = Pieces(minilm_tokenizer)
vocabulary = minilm_tokenizer.tokens
gap_ids = minilm_pieces.row(
    Segments(minilm_tokenizer.encode("The doctor told the patient to stay in bed."))
).ids.copy()
gap = [vocabulary[i] for i in gap_ids].index("patient")
gap_ids[gap] = minilm_pieces.mask_id
device = course.device()
with torch.no_grad():
    states = minilm.body(torch.from_numpy(gap_ids)[None].to(device))[0]  # one for each token
    asked = minilm.head.transform(states[gap])  # a layer of its own: linear, GELU, layer norm
    fits = minilm.body.embedding.tokens.weight @ asked  # a dot product for each token
    chances = (fits + minilm.head.bias).softmax(dim=0)

# %%
say(
    "states:",
    " × ".join(map(str, states.shape)),
    "· tokens of the vocabulary:",
    f"{len(vocabulary):,}",
)
table(
    {"token": vocabulary[i], "dot product": fits[i], "bias": minilm.head.bias[i].detach()}
    | {"probability": f"{chances[i]:.1%}"}
    for i in chances.topk(5).indices.tolist()
)

# %% [markdown]
# The state is compared with the embedding of every token, the very vector by which that token is read.
# A bias for each token is added, and softmax makes probabilities of the sums.
# The package does this for any number of states at once.
# The widget leaves special tokens out, and entries of the vocabulary that no text has, so its percentages may be a little higher.

# %%
source(MaskedLMHead.forward)

# %% [markdown]
# How good are the guesses?
# In articles and passages that were held out from the training of the head, one word was hidden in each stretch of text: a word of letters that is a single token.
# Rarer words, of several pieces, are thus not asked for, and MiniLM itself was trained on Wikipedia before, perhaps on these very articles.

# %%
hidden_words = trained.record_of("masked_lm", "minilm")["tests"]["test"]
ranks = np.array(trained.numbers(hidden_words["items"]["rank"]))
how_frequent = np.array(trained.numbers(hidden_words["items"]["frequency"]))
most_frequent = int((how_frequent == how_frequent.max()).sum())
table(
    [
        {
            "the hidden word is": name,
            "share of words": share(int((ranks < most).sum()), len(ranks), of="hidden words"),
        }
        for name, most in {
            "the first guess": 1,
            "among the first five": 5,
            "among the first fifty": 50,
        }.items()
    ]
    + [
        {
            "the hidden word is": "the most frequent one of all",
            "share of words": share(most_frequent, len(ranks), of="hidden words"),
        }
    ]
)

# %% [markdown]
# The last row is for comparison: how often would a model be right that always guesses the word that is most frequent in the training text?
#
# ## 2 · What BERT reads
#
# Many tasks have two texts: a question and a passage, a sentence and its paraphrase.
# So BERT reads one text or two, in one row: `[CLS]`, the first text, `[SEP]`, and where there is a second text, that one and another `[SEP]` (Devlin et al. 2019, section 3).
# With each token it gets the token's position and its *token type*: which of the two texts the token belongs to.


# %% tags=["exercise"]
def pair_input(first: list[str], second: list[str]) -> tuple[list[str], list[int], list[int]]:
    """What BERT reads: the tokens of one text or of two, the type of each, and its position.

    [CLS] comes first, and a [SEP] after each text. The type is 0 for the first text, with the [CLS]
    before and the [SEP] after it, and 1 for the second text with its own [SEP]. Positions count
    from 0 to the end. Where `second` is empty there is one text, with one [SEP].

    >>> pair_input(["who", "?"], ["me"])
    (['[CLS]', 'who', '?', '[SEP]', 'me', '[SEP]'], [0, 0, 0, 0, 1, 1], [0, 1, 2, 3, 4, 5])
    >>> pair_input(["me"], [])
    (['[CLS]', 'me', '[SEP]'], [0, 0, 0], [0, 1, 2])
    """
    ...


check("bert.pair_input", pair_input)

# %% [markdown]
# `hint("bert.pair_input")` helps, and `solution("bert.pair_input")` shows one.
# Your function, or the package's where yours does not pass yet, on two texts:

# %%
my_pair_input = yours("bert.pair_input", pair_input)
two_texts = [
    [vocabulary[i] for i in minilm_tokenizer.encode(text)]
    for text in ("Who is the king?", "Nobody is king of France.")
]
pair_tokens, pair_types, pair_positions = my_pair_input(*two_texts)
table(
    {"token": token, "token type": kind, "position": place}
    for token, kind, place in zip(pair_tokens, pair_types, pair_positions, strict=True)
)

# %% [markdown]
# Each of the three columns has a table of vectors, and the three vectors of a token are added.
# The word "king" is there twice; below are the first four of its 384 numbers, at both positions.

# %%
id_of = {token: i for i, token in enumerate(vocabulary)}
pair_ids = torch.tensor([[id_of[token] for token in pair_tokens]], device=device)
type_ids, place_ids = (
    torch.tensor([one], device=device) for one in (pair_types, pair_positions)
)
embedding = minilm.body.embedding
with torch.no_grad():
    vectors = {
        "token": embedding.tokens(pair_ids),
        "position": embedding.positions.table(place_ids),
        "token type": embedding.token_types(type_ids),
    }
    vectors["sum"] = sum(vectors.values())
    vectors["sum, normalized"] = embedding.norm(vectors["sum"])
    same_as_package = torch.allclose(
        vectors["sum, normalized"], embedding(pair_ids, type_ids), atol=1e-5
    )

# %%
kings = [place for place, token in enumerate(pair_tokens) if token == "king"]
table(
    (
        {"vector": name, "of “king” at": place}
        | {f"number {n}": vector[0, place, n] for n in range(4)}
        for name, vector in vectors.items()
        for place in kings
    ),
    formats={f"number {n}": ".3f" for n in range(4)},
)

# %%
say("as the package embeds them:", same_as_package)

# %% [markdown]
# The token's vector is the same at both positions; position and type make two different inputs of it.
# What follows is the encoder of lesson 06, without a causal mask: every token may look at every other, of both texts.
# Four things differ from the Transformer of lesson 06: positions are learned, types are added, the sum is normalized where the Transformer multiplies the token's vector by √d, and GELU, a smooth relative of ReLU, replaces ReLU.

# %%
source(BertEmbedding.forward, Bert.forward)

# %%
sizes = minilm.body.config
say(f"MiniLM: {sizes.n_layers} layers of {sizes.d_model} numbers, {sizes.n_heads} heads,")
say(f"{count_parameters(minilm.body):,} parameters without the output layer.")

# %% [markdown]
# BERT's authors trained two sizes, of 12 layers with 768 numbers and of 24 with 1,024 (section 3 of their paper).
# `transformers` computes the same with these weights; a test of the package compares states, attention and gradients.
#
# ## 3 · Hide, replace, keep
#
# In training BERT reads no clean text: 15 in 100 of its tokens are chosen, at least one of a short text, and it must say what they were.
# If every chosen token became `[MASK]`, training would differ from use: what BERT reads afterwards has no `[MASK]`.
# So of the chosen tokens 80 in 100 are hidden, 10 in 100 replaced by a random token, and 10 in 100 stay as they are (Devlin et al. 2019, section 3.1).
# Other mixtures work, too: the six of their appendix C.2 are at most 0.8 points apart after fine-tuning, which is further training for a task (lesson 10).
# Where the model's states are used as they are, `[MASK]` alone is the worst of the six, 0.9 points below this mixture.

# %%
ask("bert.kept_tokens")

# %%
ask("bert.second_draw")


# %% tags=["exercise"]
def mask_tokens(
    tokens: list[str],
    chosen: list[int],
    first: list[float],
    second: list[float],
    random: list[str],
) -> list[str]:
    """What BERT reads: of the chosen tokens 80 in 100 are hidden, 10 replaced, and 10 stay.

    `chosen` holds their places. The others have one entry for each chosen place: two numbers drawn
    from 0 to 1, and a random token. The first draw decides whether the token becomes [MASK]. Only
    where it does not, the second draw decides whether the random token takes its place.
    A draw below p happens with the chance p: find the two p. `tokens` itself must not change.

    >>> mask_tokens(["a", "b", "c"], [0, 2], [0.1, 0.9], [0.9, 0.3], ["x", "y"])
    ['[MASK]', 'b', 'y']
    >>> mask_tokens(["a", "b", "c"], [0, 2], [0.85, 0.9], [0.9, 0.7], ["x", "y"])
    ['a', 'b', 'c']
    """
    ...


check("bert.mask_tokens", mask_tokens)

# %% [markdown]
# First on one sentence, with five positions chosen, so that there is something to see:

# %%
my_mask_tokens = yours("bert.mask_tokens", mask_tokens)
fishing_trip = "the old man went down to the river to fish and caught nothing"
sentence = fishing_trip.split()
dice = Random(3)
some_places = sorted(dice.sample(range(len(sentence)), 5))
one_draw, other_draw = (
    [round(dice.random(), 2) for _place in some_places] for _draw in range(2)
)
random_words = [dice.choice(["green", "seven", "walks", "under"]) for _place in some_places]
as_read = my_mask_tokens(sentence, some_places, one_draw, other_draw, random_words)
table(
    (
        {
            "token": sentence[place],
            "first draw": one_draw[n],
            "second draw": other_draw[n],
            "random token": random_words[n],
            "is read as": as_read[place],
        }
        for n, place in enumerate(some_places)
    ),
    formats=".2f",
)

# %% [markdown]
# And on 20,000 tokens that are all chosen.
# The last column is a mistake that is easily made: the second draw with the chance of a tenth.

# %%
many = 20_000
many_draws = np.array([[dice.random() for _token in range(many)] for _draw in range(2)])
counts = Counter(
    my_mask_tokens(["kept"] * many, range(many), *many_draws.tolist(), ["random"] * many)
)
rest = many_draws[0] >= 0.8
with_a_tenth = {
    "[MASK]": (~rest).sum(),
    "random": (rest & (many_draws[1] < 0.1)).sum(),
    "kept": (rest & (many_draws[1] >= 0.1)).sum(),
}
table(
    {
        "a chosen token is": name,
        "your function": f"{counts[name] / many:.1%}",
        "second draw of a tenth": f"{count / many:.1%}",
    }
    for name, count in with_a_tenth.items()
)

# %% [markdown]
# ### What is asked, and what it costs
#
# The package's version works on ids, never chooses a special token, and never draws one.
# Each chosen position gets the token that was there as its label; every other position gets -100.
# In the row below three tokens are chosen, one for each fate.

# %%
masked_lm = MaskedLM(minilm_pieces, minilm.body.config, share=0.3)  # 0.15 in training
masked_lm.head = minilm.head
clean = Segments(minilm_tokenizer.encode("The old man went down to the river to fish."))
original = minilm_pieces.row(clean).ids
corrupted = masked_lm.corrupt(clean, np.random.default_rng(64))
table(
    {"was": vocabulary[was], "is read as": vocabulary[now], "label": label}
    | {"asked for": "" if label == IGNORED else vocabulary[label]}
    for was, now, label in zip(original, corrupted.row.ids, corrupted.labels, strict=True)
)


# %% tags=["exercise"]
def masked_loss(probabilities: list[list[float]], labels: list[int]) -> float:
    """How surprised a masked language model is, on average, by the tokens that it was asked for.

    `probabilities` has a row for each position: the probability of each token of the vocabulary.
    `labels` has the id of the token that was there, or -100 where the model is not asked. A
    position with a label costs -log(probability of its label), with the natural logarithm.
    The loss is the mean over the positions that have a label, and 0.0 where none has.

    >>> masked_loss([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]], [-100, 0, 0])
    0.6931471805599453
    """
    ...


check("bert.masked_loss", masked_loss)

# %% [markdown]
# MiniLM reads the row above and gives each position 30,522 probabilities; your function makes one number of them.

# %%
my_masked_loss = yours("bert.masked_loss", masked_loss)
in_batch = minilm_pieces.batch([corrupted])
with torch.no_grad():
    at_all = minilm(*in_batch.inputs)[0]
    own_loss = masked_lm.loss(minilm.body, in_batch).item()
probabilities = at_all.softmax(dim=-1).tolist()
by_pytorch = F.cross_entropy(at_all, in_batch.labels[0], ignore_index=IGNORED).item()
everywhere = my_masked_loss(probabilities, original.tolist())
table(
    [
        {"loss": "yours", "nats": my_masked_loss(probabilities, corrupted.labels.tolist())},
        {"loss": "PyTorch's cross-entropy, which leaves out -100", "nats": by_pytorch},
        {"loss": "the package's", "nats": own_loss},
        {"loss": "if every position had its token as the label", "nats": everywhere},
    ]
)

# %% [markdown]
# The last row is what you get if you forget the -100: most of its terms are then about tokens that are there to be read.

# %%
source(MaskedLM.corrupt_row, MaskedLM.loss_of)

# %% [markdown]
# Only the states of chosen positions go through the head, so no logits are computed that the loss does not use.
#
# ### Pieces give each other away
#
# BERT's vocabulary is one of pieces (lesson 02), and so far chance has chosen single pieces.
# Of "water", "##mel", "##on" it may hide the middle one alone.

# %%
melon = minilm_tokenizer.encode("He ate a watermelon.")
melon_words = minilm_pieces.words(minilm_pieces.row(Segments(melon)).ids)
table(
    {
        "chosen": how,
        "is read as": " ".join(
            "[MASK]" if place in hidden else vocabulary[i]
            for place, i in enumerate(minilm_pieces.row(Segments(melon)).ids)
        ),
    }
    for how, hidden in {
        "one piece": melon_words[3][1:2],
        "the whole word": melon_words[3],
    }.items()
)

# %% [markdown]
# So a later version of the authors' code chooses whole words: all pieces of a word or none, each of them still predicted for itself.
# How much do the other pieces help?
# In the first sentences of held-out articles the last piece of a word is hidden, once alone and once with all of its word, and MiniLM must say which piece it was.

# %%
train_articles, (_validation, test_articles) = split_by_title(encyclopedia())
some_sentences = [
    part for one in draw(test_articles, 400) for part in split_sentences(one.text)[:1]
]
alone, with_word = [], []
for one in some_sentences:
    whole_row = minilm_pieces.row(Segments(minilm_tokenizer.encode(one)[:60]))
    in_pieces = [word for word in minilm_pieces.words(whole_row.ids) if len(word) > 1]
    if in_pieces:
        target = in_pieces[0][-1]
        for rows, hidden in ((alone, [target]), (with_word, list(in_pieces[0]))):
            ids = whole_row.ids.copy()
            ids[hidden] = minilm_pieces.mask_id
            rows.append(
                CorruptedRow(whole_row._replace(ids=ids), labels_at([target], whole_row.ids))
            )


# %%
costs_alone, costs_with_word = (
    find_words(minilm, rows, minilm_pieces).losses for rows in (alone, with_word)
)
claim(
    "bert.whole_words",
    "The last piece of a word costs less while the other pieces of the word can be read.",
    said_by="this lesson",
    findings=[
        Finding(
            "-log of the probability of a word's last piece, hidden alone minus with its word",
            mean_difference(costs_alone, costs_with_word, "nats", of="words"),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# ### A BERT from scratch
#
# With this loss a BERT of two layers was trained from scratch, on the openings of Wikipedia's articles and the passages of BoolQ, a data set of questions on paragraphs of Wikipedia (`experiments/bert.py`).
# Apart from its size, its architecture differs from BERT's in one thing: positions are rotary (lesson 05), as in newer encoders (ModernBERT, Warner et al. 2024, section 2.1).
# Rotary positions put the distance of two tokens into their score from the start; with learned ones the model must first find out which positions are near each other.
# Another BERT, with learned positions and otherwise the same, shows what the choice is worth in so short a training; whether the distance is the reason is not tested.
#
# Each model has the best learning rate of a search of its own: short trainings with rates a factor of two apart, judged by the loss on validation texts.
# With learned positions the short trainings hardly tell the rates apart, as the table shows.
# So there the search had a second part: the two best rates were trained in full, and further ones until the best of these had a lower and a higher one beside it.
# That best rate is the one that counts.

# %%
searched = {
    (row["model"], row["steps"], row["learning_rate"]): row["validation_loss"] or "failed"
    for row in trained.search("bert")
}
short_training, full_training = sorted({n for _model, n, _rate in searched})
table(
    {"learning rate": f"{rate:g}"}
    | {
        f"{name}, {n:,} steps": searched.get((model, n, rate))
        for name, model, n in (
            ("rotary", "both", short_training),
            ("learned", "learned", short_training),
            ("learned", "learned", full_training),
        )
    }
    for rate in sorted({rate for _model, _n, rate in searched})
)

# %% [markdown]
# Each number is a loss on validation texts, and an empty cell a rate that was not tried.
# Rotary positions had no second part: if the unequal search favors one of the two, it is learned positions.
# The figure below has two more models, with rotary positions and one side each: section 4 is about them.

# %%
sides = {"both": "both sides", "left": "left side only", "right": "right side only"}
trained_as = sides | {"learned": "both, learned positions"}
averaged = trained.record_of("bert", "both")["averaged_steps"]
losses = {
    name: loss_curves("bert", model=key).reshape(1, -1, 4).mean(axis=2)  # of four points, one
    for key, name in trained_as.items()
}
steps = 4 * averaged * np.arange(1, losses["both sides"].shape[1] + 1)
figures.curves(
    steps,
    losses,
    title="The loss on hidden tokens while training",
    xlabel=f"step; each point is the mean of {4 * averaged}",
    ylabel="cross-entropy (nats)",
)

# %%
claim(
    "bert.rotary_positions",
    "After the same number of steps a BERT with rotary positions finds more hidden words than one with learned positions.",
    said_by="this lesson",
    findings=[
        Finding(
            "rotary minus learned positions, share of hidden words not found",
            difference_of_rates(
                trained.items("bert", "both", "test"), trained.items("bert", "learned", "test")
            ),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# One model of each kind was trained, so the interval is about other words, not about other trainings, and the card is about this many steps, not about longer training.
#
# ## 4 · Which side helps?
#
# The figure above has two more models.
# They differ from the one with both sides only in what a position may look at: itself and what is on its left, or itself and what is on its right.
# The text, its order, what is hidden, the number of steps and the search for a learning rate are the same.
# A one-sided model is usually trained to predict every token (lesson 07); here all three are asked for the same 15 in 100, so that only what can be seen differs.
# The three masks, for a row of five tokens:

# %%
five = minilm_pieces.batch(
    [CorruptedRow(minilm_pieces.row(Segments([1, 2, 3])), np.full(5, IGNORED))]
)
masks = {name: one_sided(five.inputs, side).attention_mask[0] for side, name in sides.items()}
table(
    {"position": place}
    | {
        name: " ".join("●" if seen else "·" for seen in mask[place])
        for name, mask in masks.items()
    }
    for place in range(5)
)

# %% [markdown]
# A dot is a position that may be looked at; the mask of the left side is the causal mask of lesson 06.
# Do the models keep to their side?
# Below, one word of a sentence is exchanged, the first or the last: how far does the state of another word move?

# %%
one_sided_models = {name: (trained.load(f"bert/{side}"), side) for side, name in sides.items()}
small_pieces = Pieces(small_tokenizer())


def moved(model, side, texts, at):
    """How far the state at a position is from one text's to the other's."""
    rows = [small_pieces.row(Segments(small_tokenizer().encode(text))) for text in texts]
    both = small_pieces.batch(
        [CorruptedRow(row, np.full(len(row.ids), IGNORED)) for row in rows]
    )
    with torch.no_grad():
        states_of = model.body(*one_sided(both.inputs, side))
    return (states_of[0, at] - states_of[1, at]).norm().item()


table(
    {
        "model": name,
        "“the”, when the last word changes": moved(
            *one, ("the river is long", "the river is old"), at=1
        ),
        "“long”, when the first word changes": moved(
            *one, ("the river is long", "his river is long"), at=4
        ),
    }
    for name, one in one_sided_models.items()
)

# %% [markdown]
# Hide a word and compare the three models.
# They are small and were trained for minutes, so look less at the word than at what kind of token each of them expects.

# %%
MaskedWordExplorer(
    one_sided_models,
    small_tokenizer(),
    text="The film was directed by a woman.",
    masked=(3,),
)

# %%
ask("bert.one_side")

# %% [markdown]
# The notes say that training in both directions lets a model "understand the context better and predict more accurately".
# For predicting, that can be counted: one word hidden in each held-out text, the same words for all three models.

# %%
counted = {side: trained.items("bert", side, "test") for side in sides}
claim(
    "bert.both_sides",
    "With both sides a hidden word is found more often than with either side alone.",
    said_by="the notes, on masked language models",
    findings=[
        Finding(
            f"both sides minus {sides[side]}, share of hidden words not found",
            difference_of_rates(counted["both"], counted[side]),
            "below",
            0.0,
        )
        for side in ("left", "right")
    ],
)

# %% [markdown]
# One seed of each was trained, so the intervals are about other words, not about other trainings.
# BERT's authors compared two models after fine-tuning (section 5.1 and table 5).
# One was BERT without next sentence prediction (section 5 below); the other was a left-to-right language model as in lesson 07, which saw the left side alone in fine-tuning, too.
# Two things changed together: which side the model sees, and what it is asked in training.
# F1, the overlap of the answer's words with the right ones, fell on questions about a passage (SQuAD) from 87.9 to 77.8, and accuracy on sentiment (SST-2) from 92.6 to 92.1.
# With an LSTM in both directions on top, added for fine-tuning, the left-to-right model reached 84.9 on SQuAD.
#
# How far are the three from knowing nothing of the context?

# %%
frequency = trained.item_scores("bert", "both", "test", "frequency")[0]
always_one = int((frequency == frequency.max()).sum())
table(
    [
        {"model": sides[side], "found at the first guess": 1 - rates.rates.mean()}
        for side, rates in counted.items()
    ]
    + [
        {
            "model": "always the most frequent word",
            "found at the first guess": always_one / len(frequency),
        }
    ],
    formats=".1%",
)

# %% [markdown]
# Do the two sides help with rare words, too?
# Below, the hidden words are in five groups of about the same size, from the rarest to the most frequent.

# %%
edges = np.quantile(frequency, [0.2, 0.4, 0.6, 0.8])
group = np.digitize(frequency, edges)
found_rates = {
    name: np.array([1 - counted[side].of_items(group == g).rates[0] for g in range(5)])
    for side, name in sides.items()
}
figures.curves(
    [max(1, np.median(frequency[group == g])) for g in range(5)],
    found_rates,
    title="Found at the first guess, by how frequent the word is",
    xlabel="occurrences as a whole word in the training text",
    ylabel="share of hidden words",
    percent=True,
    log_x=True,
)

# %% [markdown]
# In the two groups of the rarest words the curves are close, so here are their differences with intervals:

# %%
table(
    {"median occurrences of the word": int(np.median(frequency[group == g]))}
    | {
        f"both sides minus {sides[side]}, not found": difference_of_rates(
            *(counted[one].of_items(group == g) for one in ("both", side))
        )
        for side in ("left", "right")
    }
    for g in range(2)
)

# %% [markdown]
# Where an interval has 0 in it, these words cannot tell whether a second side helps.
#
# ## 5 · Do two texts belong together?
#
# A model that reads two texts can be asked whether they belong together.
# A *segment* is a stretch of a document, one or more sentences; two of them make an input.
#
# - *Next sentence prediction*: is the second segment the continuation of the first, or is it from another document (Devlin et al. 2019, section 3.1)?
# - *Sentence order prediction*: are two consecutive segments in their order, or swapped (ALBERT, Lan et al. 2020, section 3.1)?
#
# Both put the label at `[CLS]`, and carry loss there and nowhere else.
# BERT was trained on hidden tokens and on the next sentence at once: its loss is the sum of both (appendix A.2).
# Here each question is asked alone, so that one can see what it teaches.
# Here is an article of the encyclopedia, sentence by sentence.

# %%
its_sentences = min(
    (split_sentences(one.text) for one in draw(test_articles, 300)),
    key=lambda parts: len(" ".join(parts)) if len(parts) == 3 else 10_000,
)
table({"": n, "sentence": one} for n, one in enumerate(its_sentences))


# %% tags=["exercise"]
def order_pair(sentences: list[str], cut: int, swapped: bool) -> tuple[str, str, int]:
    """A pair for sentence order prediction: two consecutive segments of a document, and a label.

    One segment has the first `cut` sentences, the other the rest, each joined by spaces. Where
    `swapped` is true, the segment that came second is shown first. Inside a segment the sentences
    keep their order. The label is 0 for a pair in its order and 1 for a swapped one.

    >>> order_pair(["It rained.", "We left.", "It stopped."], 2, False)
    ('It rained. We left.', 'It stopped.', 0)
    >>> order_pair(["It rained.", "We left.", "It stopped."], 2, True)
    ('It stopped.', 'It rained. We left.', 1)
    """
    ...


check("bert.order_pair", order_pair)

# %%
my_order_pair = yours("bert.order_pair", order_pair)
table(
    dict(
        zip(
            ("shown first", "shown second", "label"),
            my_order_pair(its_sentences, 1, swap),
            strict=True,
        )
    )
    for swap in (False, True)
)

# %% [markdown]
# For next sentence prediction the wrong pair needs another document.
# The package cuts each document into two segments, a long one into several such pairs, and keeps, beside each pair, the second segment of another document's pair.

# %%
articles = sentence_ids([one.text for one in test_articles], minilm_tokenizer)
pairs = segment_pairs(articles, 96, np.random.default_rng(0))
alike = [pair.alike() for pair in pairs]  # the two second segments equally long
example = next(pair for pair in alike if all(12 < len(part) < 30 for part in pair))
table(
    {"segment": name, "text": minilm_tokenizer.decode(part)}
    for name, part in zip(("first", "second", "of another document"), example, strict=True)
)

# %%
source(NextSentence.wrong, SentenceOrder.wrong)

# %% [markdown]
# ### What a bag of words can tell
#
# How much can a reader tell that sees which words the two segments share, but not their order?
# Its score for a pair is the cosine of the two bags of tokens, the counts of each token without their order, in which a token weighs more the fewer articles contain it.

# %%
known = [minilm_tokenizer.encode(one.text) for one in draw(train_articles, 600)]
weights = rarity(known, minilm_tokenizer.vocab_size)
shared = sorted(set(example.first) & set(example.second), key=lambda token: -weights[token])
table({"shared token": vocabulary[token], "weight": weights[token]} for token in shared[:5])

# %%
table(
    {"pair": name, "score": overlap(one, other, weights)}
    for name, (one, other) in {
        "in order": (example.first, example.second),
        "swapped": (example.second, example.first),
        "with the other document": (example.first, example.unrelated),
    }.items()
)

# %%
ask("bert.bag_of_words")

# %% [markdown]
# Now all pairs: one half chooses the threshold, the other half is judged.

# %%
right_and_wrong = {
    "next sentence": [((one.first, one.second), (one.first, one.unrelated)) for one in alike],
    "sentence order": [((one.first, one.second), (one.second, one.first)) for one in pairs],
}
judged = {}
for pair_question, both_kinds in right_and_wrong.items():
    right_scores, wrong_scores = (
        np.array([overlap(*kind[n], weights) for kind in both_kinds]) for n in (0, 1)
    )
    threshold = best_threshold(right_scores[::2], wrong_scores[::2])
    correct = (right_scores[1::2] >= threshold).sum() + (wrong_scores[1::2] < threshold).sum()
    judged[pair_question] = int(correct), 2 * len(wrong_scores[1::2])
table(
    {"question": name, "pairs": of_all, "answered rightly": f"{right / of_all:.1%}"}
    for name, (right, of_all) in judged.items()
)

# %%
claim(
    "bert.bag_of_words",
    "Without any order, shared words tell much of the next sentence, and nothing of the order of sentences.",
    said_by="Lan et al. 2020, section 3.1: next sentence prediction mixes topic with coherence",
    findings=[
        Finding(
            "share of next-sentence pairs that a bag of words judges rightly",
            share(*judged["next sentence"], of="pairs"),
            "above",
            0.6,
        ),
        Finding(
            "the same for swapped pairs",
            exact(
                judged["sentence order"][0] / judged["sentence order"][1],
                "pairs, each in both orders",
                "%",
            ),
            "within",
            (0.4999, 0.5001),
        ),
    ],
)

# %% [markdown]
# Swapping changes no bag, so a half is certain there: were it more, the pairs would have been built wrongly, and a test of the package looks for that.
# Words are not all that can give a pair away.
# The wrong segment of a next-sentence pair is a second segment, too, and both are cut to the same length: otherwise where it begins, or how long it is, could tell.
# Pairs for the order are not cut in this way: only their second segments would be shortened, and counting tokens would tell which one that is.
# A test of the package counts: the longer segment is the first one about as often as the second.
#
# ## 6 · Is this token the text's own?
#
# Masked language modeling has a loss at 15 in 100 positions.
# Detection has one at every position: a label says whether a token is the text's own or was changed.
# Three ways to change tokens:
#
# - *random token substitution*: random tokens (Di Liello et al. 2022);
# - *shuffled token detection*: words of the text that change places with each other (Panda et al. 2021);
# - *replaced token detection*: tokens that a small masked language model, the generator, draws for hidden positions (ELECTRA, Clark et al. 2020).
#
# The first two need no model.

# %%
fishing = Segments(minilm_tokenizer.encode("The old man went down to the river to fish."))
fish_ids = minilm_pieces.row(fishing).ids
rng = np.random.default_rng(2)
at_random = substitute(
    fish_ids, choose(minilm_pieces.candidates(fish_ids), rng, 0.3), minilm_pieces, rng
)
moving = choose_words(minilm_pieces.words(fish_ids), rng, 0.3)
shuffled, _places = shuffle_words(fish_ids, moving, rng)
table(
    {"text": name, "tokens": " ".join(vocabulary[i] for i in ids)}
    for name, ids in {
        "as it was": fish_ids,
        "random tokens": at_random,
        "words that changed places": shuffled,
    }.items()
)

# %% [markdown]
# Here 30 in 100 tokens are changed, to have something to see; in training it is 15 in 100, and more in short segments whose words change places, since at least two must move.
#
# > **What the notes say / what the paper says.**
# > The notes list shuffled token detection and random token substitution as one objective of pre-training.
# > They are two, of two papers, and the one on shuffling starts from RoBERTa, a BERT that others had trained longer on more text, to refine it.
#
# The third way puts in tokens that a model finds probable at that position.
# Another model, here as always the body, must tell them from the text's own: ELECTRA's paper calls it the discriminator.

# %%
ask("bert.lucky_generator")


# %% tags=["exercise"]
def replace_tokens(
    tokens: list[str],
    chosen: list[int],
    drawn: list[str],
) -> tuple[list[str], list[int]]:
    """What ELECTRA's discriminator reads, and a label for **every** token: 1 changed, 0 not.

    `drawn` has a token of the generator for each place in `chosen`. A drawn token may be the one
    that was there: the text is then as it was, and the label is 0. `tokens` must not change.

    >>> replace_tokens(["the", "cat", "sat"], [1, 2], ["dog", "sat"])
    (['the', 'dog', 'sat'], [0, 1, 0])
    """
    ...


check("bert.replace_tokens", replace_tokens)

# %% [markdown]
# Your function with MiniLM as the generator: five positions are hidden, and for each it draws a token by its probabilities, a thousand times.
# Here is the first draw:

# %%
my_replace_tokens = yours("bert.replace_tokens", replace_tokens)
fish_places = [2, 4, 6, 8, 10]
for_generator = fish_ids.copy()
for_generator[fish_places] = minilm_pieces.mask_id
generator_input = minilm_pieces.batch(
    [
        CorruptedRow(
            minilm_pieces.row(fishing)._replace(ids=for_generator),
            labels_at(fish_places, fish_ids),
        )
    ]
)
with torch.no_grad():
    generator_logits = minilm(*generator_input.inputs)[0, fish_places].cpu()
ordinary = torch.from_numpy(minilm_pieces.ordinary)  # no special tokens
drawn_1000 = ordinary[
    torch.multinomial(
        generator_logits[:, ordinary].softmax(dim=-1),
        1000,
        replacement=True,
        generator=torch.Generator().manual_seed(0),
    )
]

# %%
was_tokens = [vocabulary[i] for i in fish_ids]
now_tokens, own_or_changed = my_replace_tokens(
    was_tokens, fish_places, [vocabulary[i] for i in drawn_1000[:, 0]]
)
table(
    {"position": place, "was": was, "is read as": now, "label": label}
    for place, (was, now, label) in enumerate(
        zip(was_tokens, now_tokens, own_or_changed, strict=True)
    )
)

# %%
came_back = (drawn_1000 == torch.from_numpy(fish_ids[fish_places])[:, None]).float().mean(dim=1)
table(
    {"hidden": was_tokens[place], "came back": f"{share_back:.1%}"}
    for place, share_back in zip(fish_places, came_back.tolist(), strict=True)
)

# %% [markdown]
# This is how often a drawn token is the text's own when all five positions are hidden at once.
# In ELECTRA the generator is a small BERT that is trained at the same time, by masked language modeling.
# The two losses are added, that of detection with a weight of 50 (section 2 and appendix A of the paper); no gradient passes through the draw, which is a choice and not a number.
# The package's own generator, before any training:

# %%
electra = ReplacedTokenDetection(small_pieces, SMALL, torch.Generator().manual_seed(0))
small_fishing = Segments(
    small_tokenizer().encode("The old man went down to the river to fish.")
)
to_fill = electra.batch([small_fishing], np.random.default_rng(0), torch.device("cpu"))
fill_logits = electra.generator_logits(to_fill)
filled = electra.replaced(to_fill, fill_logits, torch.Generator().manual_seed(0))
table(
    [
        {"": "width of the body", "number": SMALL.d_model},
        {"": "width of the generator", "number": electra.generator.config.d_model},
        {"": "positions with a loss, generator", "number": int(to_fill.has_loss.sum())},
        {"": "positions with a loss, body", "number": int(filled.has_loss.sum())},
    ]
)

# %%
source(ReplacedTokenDetection.replaced)

# %% [markdown]
# The generator's loss is at the hidden positions alone, the body's at all of them.
# The paper claims that this teaches more for the same computation (its sections 3.3 to 3.5).
# That is not tested here: the table in section 10 has equal steps, which cost more with a generator.
#
# ## 7 · Spans
#
# A single hidden word is often given away by its neighbor: "Denver" by the "Broncos" that follows.
# SpanBERT (Joshi et al. 2020, whose example this is) hides whole spans of words.
# How long is a span?
# Each further word makes a span 0.8 times as probable, and no span has more than ten words (section 3.1).


# %% tags=["exercise"]
def span_probabilities(p: float, longest: int) -> list[float]:
    """How probable a span of 1, 2, …, `longest` words is.

    By the geometric distribution n words have the chance p * (1 - p) ** (n - 1): after each word
    the span ends with the chance p. Spans that are longer than `longest` are not drawn. The chances
    of the others are divided by their sum, so that they sum to 1 again.

    >>> span_probabilities(0.5, 2)
    [0.6666666666666666, 0.3333333333333333]
    """
    ...


check("bert.span_probabilities", span_probabilities)

# %%
my_span_probabilities = yours("bert.span_probabilities", span_probabilities)
of_length = np.array(my_span_probabilities(0.2, 10))
say("equal to the package's:", np.allclose(of_length, span_lengths()))
number_bars(
    [str(n) for n in range(1, 11)],
    of_length,
    title="How many words a span has",
    xlabel="probability",
    limits=(0, 0.25),
)

# %% [markdown]
# The paper says that the lengths are "clipped" at ten and 3.8 words long on average.
# Clipped could mean two things: longer spans are not drawn, or they are cut to ten words.
# The mean tells which.

# %%
numbers_of_words = np.arange(1, 11)
not_clipped = 0.2 * 0.8 ** np.arange(200)
table(
    [
        {
            "longer spans are": "not drawn",
            "mean length": float(numbers_of_words @ of_length),
        },
        {
            "longer spans are": "cut to ten words",
            "mean length": float(np.minimum(np.arange(1, 201), 10) @ not_clipped),
        },
    ],
    formats=".2f",
)

# %% [markdown]
# Spans are drawn until 15 in 100 tokens are in one, and a span is hidden, replaced or kept as a whole.
# The last one is cut to what is left of the 15, so in a short text spans are shorter on average than the mean above.

# %%
long_text = "The old man went down to the river to fish and caught nothing at all that day."
span_row = minilm_pieces.row(Segments(minilm_tokenizer.encode(long_text)))
span_words = minilm_pieces.words(span_row.ids)
table(
    {
        "draw": seed,
        "tokens": " ".join(
            f"[{vocabulary[i]}]" if any(place in span for span in spans) else vocabulary[i]
            for place, i in enumerate(span_row.ids)
            if not minilm_pieces.special[i]
        ),
    }
    for seed in range(4)
    for spans in [choose_spans(span_words, np.random.default_rng(seed), 0.3)]
)

# %% [markdown]
# Brackets show what the spans cover, here with 30 in 100 tokens.
#
# ### From the borders
#
# The *span boundary objective* asks for each hidden token twice: once at its own position, as before, and once from the two tokens just outside of its span, with its place in the span (section 3.2).
# The second question does not use the state of the token itself, so the states at the borders must tell what is inside.


# %% tags=["exercise"]
def boundary_positions(spans: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """From where the span boundary objective predicts each hidden token: left, right, and place.

    A span is (first, last): the positions of its first and of its last hidden token. For each
    hidden token, span after span: the position just before its span, the position just after its
    span, and its place in the span, counted from 0.

    >>> boundary_positions([(3, 4), (8, 8)])
    [(2, 5, 0), (2, 5, 1), (7, 9, 0)]
    """
    ...


check("bert.boundary_positions", boundary_positions)

# %% [markdown]
# Your positions say which border states to take, and the package's head makes logits of them.
# They must equal those that the package computes by itself.

# %%
my_boundary_positions = yours("bert.boundary_positions", boundary_positions)
boundary = SpanBoundary(minilm_pieces, minilm.body.config, share=0.3).to(device)
span_corrupted = boundary.corrupt(
    Segments(minilm_tokenizer.encode(long_text)), np.random.default_rng(1)
)
looked_at = my_boundary_positions([(span[0], span[-1]) for span in span_corrupted.spans])
span_batch = minilm_pieces.batch([span_corrupted])
with torch.no_grad():
    hidden_states = minilm.body(*span_batch.inputs)
    left, right, place_in_span = torch.tensor(looked_at, device=device).T
    token_vectors = minilm.body.embedding.tokens.weight
    from_borders = boundary.boundary_head(
        hidden_states[0, left], hidden_states[0, right], place_in_span, token_vectors
    )
    by_package = boundary.boundary_logits(hidden_states, token_vectors, span_batch)

# %%
table(
    {
        "asked for": vocabulary[span_row.ids[position]],
        "left border": vocabulary[span_row.ids[one]],
        "right border": vocabulary[span_row.ids[other]],
        "place in the span": inside,
    }
    for position, (one, other, inside) in zip(
        (place for span in span_corrupted.spans for place in span), looked_at, strict=True
    )
)

# %%
say("the package's logits:", torch.allclose(from_borders, by_package, atol=1e-5))
source(SpanBoundary.boundary_logits)

# %% [markdown]
# ## 8 · Two languages
#
# The *translation language model* (Conneau and Lample 2019, section 3.4) hides tokens in a text and in its translation, side by side.
# The positions of the translation count from 0 again, and a vector of its language is added to each token; here that is the token type.
# The idea is that a word hidden on one side may be read off the other, so that the two languages must be brought together; it is not tested here.

# %%
english = "The field below must be an integer."
translated = next(one for one in english_korean_pairs() if one.english == english)
both_languages = Pieces(WordPiece.train(f"{translated.english} {translated.korean}", 200))
in_two = TranslationLM(both_languages, SMALL).corrupt(
    Segments(
        *(
            both_languages.tokenizer.encode(text)
            for text in (translated.english, translated.korean)
        )
    ),
    np.random.default_rng(32),  # a draw that hides a token on each side
)
table(
    {
        "is read as": both_languages.tokenizer.tokens[token],
        "position": int(place),
        "token type": int(kind),
        "asked for": "" if label < 0 else both_languages.tokenizer.tokens[label],
    }
    for token, kind, place, label in zip(*in_two.row, in_two.labels, strict=True)
)

# %% [markdown]
# ## 9 · Your text, every objective
#
# Choose an objective: the tokens are what the model reads, and below a token is its label.
# Positions without a label carry no loss.
# The slider draws again.

# %%
ObjectiveExplorer(
    one_sided_models["both sides"][0],
    small_tokenizer(),
    text="The river is long and has many bridges. It flows through the old city.",
    unrelated="He was born in London and studied music at the university.",
    translation="the river flows through the city",
    objective="masked language model",
    draw=8,
)

# %% [markdown]
# The small vocabulary here has no Korean, so the "translation" is another English sentence; section 8 has both languages.
# What share of the positions has a loss?
# Below, a hundred articles, the first two sentences of each that has two.

# %%
of_small = [
    Segments(small_tokenizer().encode(pair_text[0]), small_tokenizer().encode(pair_text[1]))
    for pair_text in (split_sentences(one.text)[:2] for one in draw(test_articles, 100))
    if len(pair_text) == 2
]
table(
    {"objective": name, "positions with a loss": f"{with_loss:.0%}"}
    for name, kind in {
        "masked language model": MaskedLM,
        "span boundary objective": SpanBoundary,
        "random token substitution": RandomTokenSubstitution,
        "shuffled token detection": ShuffledTokenDetection,
        "sentence order prediction": SentenceOrder,
    }.items()
    for made in [kind(small_pieces, SMALL).batch(of_small, np.random.default_rng(0))]
    for with_loss in [made.has_loss.sum().item() / made.inputs.attention_mask.sum().item()]
)

# %% [markdown]
# ## 10 · What does each objective teach?
#
# Seven copies of one body, the BERT of section 3, were trained further, each by one objective, for equal steps on the same pairs, with three seeds (`experiments/objectives.py`).
# Each has the best learning rate of a short search of its own, judged by the loss of its own question on validation pairs, never by a probe.
# Then the bodies were frozen, so that nothing in them changes any more, and the same four questions were put to each.
# A logistic regression, a linear probe that gives probabilities (lesson 10), reads its `[CLS]` state and the mean of its states, and must tell the next sentence from another, the right order from the swapped one, good reviews from bad ones, and an article's topic.
# Three rows are for comparison: masked language modeling goes on, for as many steps as the others train; the start is the body before that; and a body with random weights shows what a probe can read where nothing was learned.

# %%
ask("bert.what_is_taught")

# %%
objectives = {
    "masked": "masked language model",
    "next": "next sentence prediction",
    "order": "sentence order prediction",
    "substituted": "random token substitution",
    "replaced": "replaced token detection",
    "shuffled": "shuffled token detection",
    "spans": "span boundary objective",
    "start": "none: the body at the start",
    "untrained": "none: random weights",
}

# %%
probes = ("next sentence", "sentence order", "sentiment", "topic")
errors = {probe: trained.by_model("objectives", probe, "error_rate") for probe in probes}
most_frequent_answer = trained.record_of("objectives", "start")["tests"]
table(
    [
        {"trained further by": name}
        | {f"{probe}, error": errors[probe][model] for probe in probes}
        for model, name in objectives.items()
    ]
    + [
        {"trained further by": "no model: always the most frequent answer"}
        | {
            f"{probe}, error": f"{100 * most_frequent_answer[probe]['baseline_error_rate']:.1f} %"
            for probe in probes
        }
    ]
)

# %% [markdown]
# Read the columns from top to bottom.
# Where a row is no better than the last one, its errors do not show that the probe read anything: look for such rows in the column of sentiment.
# How large were the steps?

# %%
learning_rates = {
    model: trained.record_of("objectives", model)["learning_rate"]
    for model in objectives
    if model not in ("start", "untrained")
}
table(
    {"trained further by": objectives[model], "learning rate": f"{rate:g}"}
    for model, rate in sorted(learning_rates.items(), key=lambda item: item[1])
)

# %% [markdown]
# Masked language modeling, which the body has learned already, has the smallest rate.
# So its row does not show what steps as large as the others' do to a body by themselves, whatever is asked.
#
# ALBERT's authors found a pattern (their section 4.6 and table 5): a model that learned next sentences answers 90.5 % of those rightly, and 52.0 % of questions on the order, about as many as a model that learned neither (53.3 %); a model that learned the order answers 86.5 % of those, and still 78.9 % on next sentences.
# Their models are larger and were trained from scratch on far more text, with masked language modeling beside the second question.
#
# The first finding on the card below asks whether the training worked at all: a body that did not learn its own question says nothing about what that question teaches.
# The last one asks whether the other training leaves alone what the body knew of the order: three points are the most that counts as no difference, up or down.


# %%
def minus_start(objective, probe):
    """The error of a probe after a second training, minus that of the body at the start."""
    after, before = (
        trained.items("objectives", model, probe) for model in (objective, "start")
    )
    return difference_of_rates(after, before)


# %%
claim(
    "bert.order_teaches_more",
    "Sentence order prediction teaches the order; next sentence prediction neither teaches it nor takes it away.",
    said_by="Lan et al. 2020, section 4.6 and table 5",
    findings=[
        Finding(
            "next sentence minus the start, error on the next sentence",
            minus_start("next", "next sentence"),
            "below",
            0.0,
        ),
        Finding(
            "sentence order minus the start, error on the order",
            minus_start("order", "sentence order"),
            "below",
            0.0,
        ),
        Finding(
            "next sentence minus the start, error on the order",
            minus_start("next", "sentence order"),
            "within",
            (-0.03, 0.03),
        ),
    ],
)

# %%
claim(
    "bert.order_helps_next",
    "A body that learned the order of sentences also tells the next sentence better than before.",
    said_by="Lan et al. 2020, table 5",
    findings=[
        Finding(
            "sentence order minus the start, error on the next sentence",
            minus_start("order", "next sentence"),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# Where this table differs from ALBERT's, remember that here nothing goes on beside the second question, and that a body may lose what it does not need for it; whether that is the reason, or the size of the steps, is not tested.
# The seeds differ in the head, the order of the pairs and what is corrupted; all start from one body.
# So the table is about a second training, at this size and length, and not about models that learn from one objective alone from the beginning.
# Replaced token detection may be at a disadvantage: its generator begins with random weights, and has no more steps than the body.
#
# ## What to remember
#
# - BERT sees both sides of a token, so it cannot be trained to predict the next one: it is asked what was hidden, or what was changed.
# - It reads the sum of three vectors for each token: the token's, its position's, and that of the text it belongs to.
# - Of the chosen tokens 80 in 100 are hidden, 10 replaced, 10 kept; the second draw has the chance of a half, and the kept ones are in the loss, too.
#   The loss is the mean over the chosen positions, and over no others.
# - A question that can be answered by topic may teach no more than topic: shared words often tell the next sentence, and never the order.
# - Detection has a loss at every position; a token that came back by luck is the text's own.
# - What an objective teaches is measured on the frozen body, beside the body that it started from and one that went on as before.
# - A question is only as good as its pairs: if length or a cut tells the answer, a model can learn that instead.
#
# **Read on**: Devlin et al. 2019, *BERT*, section 3; Lan et al. 2020, *ALBERT*, sections 3.1 and 4.6; Clark et al. 2020, *ELECTRA*, section 2; Joshi et al. 2020, *SpanBERT*, section 3; Conneau and Lample 2019, *Cross-lingual Language Model Pretraining*, section 3.4.
# In the code: `course/bert/`.
#
# **Next**: lesson 09, *Scaling laws*.

# %%
progress.table()
