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
# # 20 · Looking inside
#
# A trained model is millions of numbers, and every one of them can be read.
# Still, "the model knows that …" is hard to show: a picture of attention, a probe and a plausible story all agree easily.
# This lesson opens models that earlier lessons trained or loaded, and treats each way of looking as an instrument that can mislead.
# After it you can
#
# - read a model's guess off its residual stream after each layer, on your own text;
# - fit a linear probe, and say what the same probe finds in an untrained model;
# - remove a head, measure the damage on the same items, and say how sure it is;
# - find the heads that continue a repetition, and show that they are the ones that do it;
# - test what a head "means" over many sentences, against other words and against a rule that knows nothing.
#
# **Time**: 100 minutes; the cells run in about a minute and a half on two processor cores.
# **Before this**: lessons 06 and 08.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import numpy as np
import torch

import course
from course import trained
from course.bert import encode_batch
from course.claims import Finding, claim
from course.data.splits import draw
from course.exercises import ask, check, hint, progress, solution, yours
from course.interpretability.ablation import attention_layers, without_heads
from course.interpretability.coreference import (
    NOTES_PAIR,
    PAIRS,
    Pair,
    attention_shift,
    chance_of_best,
    halves,
    last_word_rule,
    noun_attention,
    preference_for_referent,
    t_values,
)
from course.interpretability.induction import (
    half_losses,
    induction_scores,
    repeated_tokens,
    word_tokens,
)
from course.interpretability.probing import letters_around, linear_probe
from course.interpretability.residual_stream import logit_lens, record_stream
from course.intervals import (
    RunCounts,
    difference_of_rates,
    mean_difference,
    mean_over_items,
    rate,
)
from course.layers.attention import record_attention
from course.pretrained import load
from course.tasks import evaluate, pronunciation_task
from course.transformer import Transformer
from course.viz import AttentionExplorer, LensExplorer, figures, use_course_style
from course.viz.show import say, source, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 5: five times the words and texts; some minutes.
WORDS, TEXTS = 300 * BUDGET, 8 * BUDGET

# %% [markdown]
# ## 1 · The stream, and a lens on it
#
# In a Transformer every sublayer adds to one vector per position, the residual stream of lesson 06.
# The output layer turns the last vector into a probability for each token.
# Nothing stops us from giving it an earlier one: the model then answers as if it ended there.
# That is the *logit lens*.
#
# Below, SmolLM2 and the Transformer that learned to pronounce.
# Rows are places in the model, columns are the last tokens of the text, and a cell is the most probable next token with its probability.
# Change the text; then take a head away, or all heads of a layer, and look for the cells marked with ≠.

# %%
task = pronunciation_task()
speaker = trained.load("pronunciation/transformer")
smollm2, byte_pairs = load("smollm2")

# %%
ask("looking_inside.lens_depth")

# %%
explorer = LensExplorer(
    {"SmolLM2": (smollm2, byte_pairs), "Transformer, pronunciation": (speaker, task)},
    text="The Eiffel Tower is in the city of",
)
explorer

# %%
source(logit_lens, record_stream)

# %% [markdown]
# One text is an example.
# Over many: how often is the lens right after each sublayer of the pronunciation model, on test words?
# The decoder is given the right sounds up to each position.
# As a control, each word's stream is scored against the sounds of another word of about the same length: what the lens gets right then owes nothing to this word but its length.

# %%
sample = draw(task.tests["test"], WORDS, seed=0)
held = task.batch([(example.source, example.targets[0]) for example in sample])
is_sound = (held.write != task.target.pad_id) & (held.write != task.target.eos_id)
by_length = is_sound.sum(dim=1).argsort(stable=True)
other = torch.empty_like(held.write)
other[by_length] = held.write[by_length.roll(1)]  # the neighbor in length
readings = [logits.argmax(dim=-1) for logits in logit_lens(speaker, held.source, held.read)]
words_of = np.repeat(
    np.arange(len(sample)), is_sound.sum(dim=1).tolist()
)  # a cluster for each word


def share_read(reading, wanted):
    right = (reading == wanted)[is_sound].tolist()
    return mean_over_items(right, "%", of="sounds", clusters=words_of.tolist())


kinds = ("self-attention", "cross-attention", "feed-forward")
places = ["embedding", *(f"{kind} {layer}" for layer in range(2) for kind in kinds)]
table(
    {
        "read after": place,
        "next sound right": share_read(reading, held.write),
        "of another word": share_read(reading, other),
    }
    for place, reading in zip(places, readings, strict=True)
)

# %% [markdown]
# Read the middle column from top to bottom.
# The embedding and the first self-attention know nothing of the source.
# The output layer has the weights of the target's embedding, so there the lens says the sound that was just read, and a sound seldom follows itself: it does even worse than on another word.
# The letters enter with the first cross-attention, where the lens sees little of them; the layers after it turn them into what the output layer reads.
#
# A low number does not say that the information is missing.
# The lens asks a narrow question: is it already in the form that the last layer reads?
# A probe asks a wider one.
#
# ## 2 · A probe, and what it finds in an untrained model
#
# A *linear probe* (lesson 03) is a linear classifier that is trained on a model's vectors.
# Here it reads the stream of the encoder at one letter and says which letter is there, and which ones are one and two places before and after it.
# If it is right more often than the most frequent letter would be, the stream holds the answer in linear form.
# Whether training put it there is another question.
# Fit the same probe on a model with the same parts and random weights.

# %%
ask("looking_inside.untrained_probe")

# %%
source(letters_around)

# %%
OFFSETS = (-2, -1, 0, 1, 2)
untrained = (
    Transformer(speaker.config, torch.Generator().manual_seed(0)).eval().to(course.device())
)
fit_on = draw(task.train, 4 * WORDS, seed=0)
read_right = {}
for name, model in {"trained": speaker, "untrained": untrained}.items():
    fitted = letters_around(model, task, fit_on, OFFSETS)
    tested_on = letters_around(model, task, sample, OFFSETS)
    for place, sublayer in {"embedding": 0, "last layer": -1}.items():
        read_right[f"{name}, {place}"] = linear_probe(
            fitted.streams[sublayer],
            fitted.letters,
            tested_on.streams[sublayer],
            tested_on.letters,
        )
read_right["most frequent letter"] = tested_on.letters == fitted.letters.mode(dim=0).values

# %%
names_of = [f"{offset:+}".replace("-", "−") if offset else "the letter" for offset in OFFSETS]
table(
    [
        {"probe on": name} | dict(zip(names_of, right.float().mean(dim=0), strict=True))
        for name, right in read_right.items()
    ],
    formats=".0%",
)


# %%
def learned(offset):
    """Trained minus untrained: how much more often the probe reads this letter, with words drawn whole."""
    column = OFFSETS.index(offset)
    a, b = (
        read_right[f"{name}, last layer"][:, column].tolist()
        for name in ("trained", "untrained")
    )
    return mean_difference(a, b, "points", of="positions", clusters=tested_on.words)


claim(
    "looking_inside.probes",
    "What a linear probe reads off the encoder's last layer, training has put there.",
    said_by="a common reading of probes",
    findings=[
        Finding("the letter before: trained minus untrained model", learned(-1), "above", 0.0),
        Finding("the letter after: trained minus untrained model", learned(1), "above", 0.0),
        Finding("the letter itself: trained minus untrained model", learned(0), "above", 0.0),
    ],
)

# %% [markdown]
# A perfect probe can be the least interesting column.
# A letter can be read off its own embedding whatever the weights are, because embeddings differ and the residual stream carries them to the top.
# Its neighbors are another matter, and there the comparison with random weights says how much training added.
# The rows of the embeddings show what one letter says about its neighbors, as "q" does of "u".
# Random attention mixes a little of every letter into a position, so the untrained last layer is above even those: that is the baseline to compare with.
# (Hewitt and Liang 2019 propose another control: the same probe on a task in which each kind of word has a label drawn at random.)
#
# A probe shows that something can be read.
# It does not show that the model reads it.
# For that one has to intervene.
#
# ## 3 · Taking heads away
#
# *Head ablation* replaces what a head hands on by 0 and lets the model run (Michel, Levy and Neubig 2019, section 3).
# The layers after it have never seen that 0; putting the head's mean there is the usual alternative, and the damage may differ.


# %% tags=["exercise"]
def remove_head(joined: "Tensor", head: int, n_heads: int) -> "Tensor":
    """What the heads of a layer hand to its output projection, as if one of them had found nothing.

    joined: (batch, position, d_model), the heads side by side in each vector, head 0 first, all of
    the same width. Returns a new tensor in which the part of `head` is 0; `joined` stays as it is.

    >>> import torch
    >>> joined = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])
    >>> remove_head(joined, head=1, n_heads=2).tolist()
    [[[1.0, 2.0, 0.0, 0.0]]]
    """
    ...


check("looking_inside.remove_head", remove_head)

# %% [markdown]
# Your function at work (until it passes its check, the course's solution takes its place).
# PyTorch calls a *hook* before a module runs, and what the hook returns is what the module reads.

# %%
silence = yours("looking_inside.remove_head", remove_head)
last_cross = attention_layers(speaker)[-1]
hook = last_cross.output.register_forward_pre_hook(
    lambda _module, inputs: (silence(inputs[0], 0, last_cross.n_heads),)
)
by_hand = evaluate(speaker, task, sample[:50])
hook.remove()
with without_heads(speaker, {(len(attention_layers(speaker)) - 1, 0)}):
    by_course = evaluate(speaker, task, sample[:50])
say(
    "same outputs as the course's:",
    [one.written for one in by_hand] == [one.written for one in by_course],
)

# %%
source(without_heads)

# %% [markdown]
# How much worse is the model without a head?
# Both versions read the same words, and a hard word is hard for both.
# So look at the difference in each word.


# %% tags=["exercise"]
def paired_difference(before: list[float], after: list[float]) -> tuple[float, float]:
    """How much larger `after` is than `before` on the same items, and the standard error of that.

    `before[i]` and `after[i]` are measured on the same item: errors in the same word, with and
    without a head, for example. Returns the mean of the differences, and their sample standard
    deviation (which divides by n - 1) over the square root of n. There are two items or more.

    >>> paired_difference([0.0, 2.0, 1.0], [1.0, 3.0, 2.0])
    (1.0, 0.0)
    >>> paired_difference([0.0, 0.0], [0.0, 2.0])
    (1.0, 1.0)
    """
    ...


check("looking_inside.paired_difference", paired_difference)

# %%
ask("looking_inside.many_heads")


# %%
def counts_without(heads):
    """Errors and sounds of each word when these heads are removed."""
    with without_heads(speaker, heads):
        outcomes = evaluate(speaker, task, sample)
    return RunCounts(
        [[one.errors for one in outcomes]], [[len(one.target) for one in outcomes]], "words"
    )


intact = counts_without(())
layer_heads = [layer.n_heads for layer in attention_layers(speaker)]
n_removed = sum(layer_heads)
single = {
    (layer, head): counts_without({(layer, head)})
    for layer, n_heads in enumerate(layer_heads)
    for head in range(n_heads)
}

# %%
# 24 intervals at once: each at a level that leaves 5 % for all of them together (Bonferroni).
level = 1 - 0.05 / n_removed
damage = {
    place: difference_of_rates(found, intact, level=level) for place, found in single.items()
}
hurts = {place for place, interval in damage.items() if interval.low > 0}
attention_names = ["encoder 0, letters", "encoder 1, letters"]
attention_names += [
    f"decoder {i}, {what}" for i in range(2) for what in ("sounds so far", "letters")
]
figures.head_grid(
    [
        [100 * damage[layer, head].estimate for head in range(n)]
        for layer, n in enumerate(layer_heads)
    ],
    attention_names,
    title="Points of phoneme error rate that a head's removal costs",
    label="points",
    marked=hurts,
)

# %%
say(f"all heads: {rate(intact)}")
say(f"heads whose removal costs something beyond chance (framed): {len(hurts)} of {n_removed}")
worst = max(damage, key=lambda place: damage[place].estimate)
per_word = [each.errors[0].tolist() for each in (intact, single[worst])]
say(f"the worst: layer {worst[0]}, head {worst[1]}: {damage[worst]}")
mean, error = yours("looking_inside.paired_difference", paired_difference)(*per_word)
say(f"in errors a word, by your function: {mean:.3f}, standard error {error:.3f}")

# %% [markdown]
# A frame means that the whole interval is above 0, with 24 intervals counted as 24 chances to be fooled.
# That is Bonferroni's correction, a little stricter than Holm's of lesson 19.
# Without a frame, the damage may still be there and too small for these words to show.
# The worst head was picked on the words that measure it, so its estimate is more likely too high than too low.
#
# The notes say that several attentions in parallel are effective.
# Whether a model trained with one head would do as well is not tested in this course (lesson 06 has the paper's answer).
# Here the question is another: in a model trained with four, does one head do the work of its layer?
# For each layer the best single head is chosen on half of the words and compared with all four on the other half.

# %%
choosing_words = np.arange(len(sample)) % 2 == 0  # the sample is in random order
alone, whole_layers, all_heads = {}, {}, intact.of_items(~choosing_words)
for layer, n_heads in enumerate(layer_heads):
    others = [
        {(layer, each) for each in range(n_heads) if each != head} for head in range(n_heads)
    ]
    kept_alone = [counts_without(silent) for silent in others]
    best_alone = min(kept_alone, key=lambda found: found.of_items(choosing_words).rates[0])
    alone[layer] = difference_of_rates(best_alone.of_items(~choosing_words), all_heads)
    removed_layer = counts_without({(layer, head) for head in range(n_heads)})
    whole_layers[layer] = difference_of_rates(
        removed_layer.of_items(~choosing_words), all_heads
    )

# %%
table(
    {
        "attention": name,
        "its best head alone, points more errors": alone[layer],
        "none of its heads": whole_layers[layer],
    }
    for layer, name in enumerate(attention_names)
)

# %%
claim(
    "looking_inside.one_head_of_four",
    "In each attention of this model, one head alone does worse than all four.",
    said_by="this lesson, after the notes: several attentions in parallel are effective",
    findings=[
        Finding(
            f"{name}: best head alone minus all heads, phoneme error rate",
            alone[layer],
            "above",
            0.0,
        )
        for layer, name in enumerate(attention_names)
    ],
)

# %% [markdown]
# The verdict is by layer: some attentions need several heads, and for others these words cannot tell.
# And it is about removal, not about training: with one head from the start, the others' work might have been learned differently.
#
# ## 4 · Heads that continue a repetition
#
# Write a list of random words twice, and a language model predicts the second half far better than the first.
# It cannot know random words, so it must look back.
# Heads that do that are known: an *induction head* finds the earlier occurrence of the present token and looks at the token that came after it (Elhage et al. 2021; Olsson et al. 2022).
# The score below measures where it looks; that it also makes the model predict this token is the other half, and needs a test of its own.


# %% tags=["exercise"]
def induction_score(weights: "Tensor", period: int) -> float:
    """How much a head looks at the token that followed the present one the first time.

    weights: (query, key), the head's attention in a text of 1 + 2 * period tokens: a first token,
    then `period` tokens, then the same ones again. Take the queries of the second half whose next
    token is a repetition, too: all but the last. For each, find the key right **after** the first
    occurrence of its token. Returns the mean weight on these keys.

    >>> import torch
    >>> weights = torch.zeros(5, 5)  # the text x a b a b: period 2
    >>> weights[3, 2] = 0.5  # at the second a, half of the attention is on the first b
    >>> induction_score(weights, period=2)
    0.5
    """
    ...


check("looking_inside.induction_score", induction_score)

# %% [markdown]
# Two sets of texts, each a list of random tokens (English words and beginnings of words) written twice: one set to find the heads, one to test them.

# %%
PERIOD = 32
plain_words = word_tokens(byte_pairs.tokens)
first_token = byte_pairs.special.ids["<|im_start|>"]
to_find, to_test = (
    repeated_tokens(plain_words, n, PERIOD, first=first_token, seed=seed).to(course.device())
    for n, seed in ((TEXTS // 2, 0), (TEXTS, 1))
)

# %%
by_head = induction_scores(smollm2, to_find, PERIOD).mean(dim=0).cpu()
top_heads = [
    divmod(int(place), by_head.shape[1]) for place in by_head.flatten().topk(6).indices
]
with torch.no_grad(), record_attention(smollm2) as found_maps:
    smollm2(to_find[:1])
score_of = yours("looking_inside.induction_score", induction_score)
table(
    {
        "layer": layer,
        "head": head,
        "score, all texts": by_head[layer, head],
        "in the first text, by your function": score_of(
            found_maps[layer][0, head].cpu(), PERIOD
        ),
    }
    for layer, head in top_heads
)

# %%
figures.curves(
    np.arange(len(by_head)),
    {"best head of the layer": by_head.max(dim=1).values.tolist()},
    title="Only some layers of SmolLM2 have an induction head",
    xlabel="layer",
    ylabel="induction score",
    ylim=(0, 1),
)

# %% [markdown]
# Here is the best of them on a text of yours; a name that comes twice is a good one.
# Each token of its second occurrence looks at the token that came after the same one the first time; most others look at the first token of the text.

# %%
top_layer, top_head = top_heads[0]
heads_explorer = AttentionExplorer(
    {"SmolLM2": (smollm2, byte_pairs)},
    text="The knight met Ser Brynden Rivers at the gate. That night the knight spoke with Ser Brynden",
    layer=top_layer,
    head=top_head,
)
heads_explorer

# %% [markdown]
# They look at the right place: that is a picture, and a good one.
# Do they make the model continue the list?
# Remove these six of 270 heads, and on texts that did not choose them measure the loss of the first half and of the second.
# The control removes six other heads of the same layers, three times, drawn at random.

# %%
ask("looking_inside.induction_removal")

# %%
rng = np.random.default_rng(0)


def other_heads():
    """As many heads of the same layers, none of which is among the best."""
    chosen = set()
    for layer, _head in top_heads:
        free = [
            (layer, h)
            for h in range(by_head.shape[1])
            if (layer, h) not in chosen.union(top_heads)
        ]
        chosen.add(free[rng.integers(len(free))])
    return chosen


# %%
losses = {"all heads": half_losses(smollm2, to_test, PERIOD)}
removals = {"induction heads": set(top_heads)}
removals |= {f"others, draw {number}": other_heads() for number in range(3)}
for removal, silent in removals.items():
    with without_heads(smollm2, silent):
        losses[f"without {removal}"] = half_losses(smollm2, to_test, PERIOD)
by_guessing = np.log(len(byte_pairs.tokens))
table(
    [
        {
            "SmolLM2": name,
            "first half, nats a token": first.mean().item(),
            "second half": second.mean().item(),
        }
        for name, (first, second) in losses.items()
    ]
    + [
        {
            "SmolLM2": "(all tokens equally probable)",
            "first half, nats a token": by_guessing,
            "second half": by_guessing,
        }
    ]
)

# %% [markdown]
# In the first half the model does worse than a guess that takes all tokens for equally probable: it expects a text, and random words are not one.

# %%
change = {
    name: [
        (after - before).tolist()
        for after, before in zip(found, losses["all heads"], strict=True)
    ]
    for name, found in losses.items()
}
control = np.mean([change[f"without others, draw {i}"] for i in range(3)], axis=0)
first_change, second_change = change["without induction heads"]
gain = (losses["all heads"][0] - losses["all heads"][1]).tolist()
gain_lost = [lost / won for lost, won in zip(second_change, gain, strict=True)]

# %%
claim(
    "looking_inside.induction_heads",
    "SmolLM2 owes most of what it gains from a repetition to the six heads that look for it.",
    said_by="this lesson, after Olsson et al. 2022, who measured other models",
    findings=[
        Finding(
            "loss of the second half: change without them minus change without other heads",
            mean_difference(second_change, control[1], "nats", of="texts"),
            "above",
            0.0,
        ),
        Finding(
            "share of the gain (loss of the first half minus the second) that is lost without them",
            mean_over_items(gain_lost, "%", of="texts"),
            "above",
            0.5,
        ),
        Finding(
            "loss of the first half: change without them",
            mean_over_items(first_change, "nats", of="texts"),
            "within",
            (-0.3, 0.3),
        ),
    ],
)

# %% [markdown]
# An intervention with its control says more than any picture of attention: the same heads, the same texts, one change.
# What it does not say: that these heads do nothing else, or that other mechanisms could not take over if the model were trained without them.
#
# ## 5 · What does "it" look at?
#
# "The animal didn't cross the street because it was too tired."
# The notes say that in self-attention "it" is strongly related to "animal", "street" and itself.
# Lesson 06 shows the sentence in the attention explorer: one sentence, and one head of many.
# MiniLM has 72 heads, enough to find a picture for any story.
# So here is a measure over many sentences.

# %%
bert, word_pieces = load("minilm")

# %% [markdown]
# *Coreference* is the relation of a pronoun and the noun that it refers to.
# The twin of the notes' sentence ends in "wide", and now "it" is the street.
# Only the last word differs, so a head that turns from one noun to the other must have used that word.
# Whatever goes by position alone (always the first noun, always the nearer one) is right in exactly one sentence of each pair.
# Below are 128 pairs of this pattern, written for this lesson.
# Pairs with the same ending, the same two last words, stay together: one set of endings chooses the heads, the other tests them.
# One of the two words may still be on both sides.

# %%
columns = ("first noun", "", "second noun", "it = first", "it = second")
table(dict(zip(columns, pair, strict=True)) for pair in (NOTES_PAIR, *PAIRS[:6]))

# %%
source(noun_attention, preference_for_referent, attention_shift)

# %%
choosing, testing = halves(PAIRS)
test_pairs = [PAIRS[number] for number in testing]
endings = [pair.ending for pair in test_pairs]
seen = noun_attention(bert, word_pieces, PAIRS)  # (pair, twin, noun, layer, head)
on_nouns = seen[choosing].sum(dim=2).mean(dim=(0, 1))
top = divmod(int(on_nouns.argmax()), 12)
_ids, twin_mask = encode_batch(word_pieces, [twin for pair in PAIRS for twin in pair.twins])
by_chance = (2 / twin_mask.sum(dim=1)).mean().item()
layer_names = [f"layer {number}" for number in range(6)]
figures.head_grid(
    100 * on_nouns,
    layer_names,
    title="Share of its attention that “it” gives to the two nouns, %",
    label="%; white: two tokens' even share",
    center=100 * by_chance,
    decimals=0,
    marked={top},
)

# %% [markdown]
# One head stands out: "it" spends most of its attention on the two nouns.
# Does that link a pronoun with its nouns?
# Ask the other words of the same sentences, first in the same head.
# But that head was chosen because "it" looks at the nouns there, so also ask each word in its own best head, chosen in the same way on the same pairs.


# %%
def of_pairs(values, unit):
    return mean_over_items(values, unit, of="pairs", clusters=endings)


QUERIES = {
    "it": "it",
    "the second “the”": "the",
    "because": "because",
    "was": "was",
    "[SEP]": "[SEP]",
}
# %%
lookers, in_own_head = [], {}
for name, query in QUERIES.items():
    on_both = noun_attention(bert, word_pieces, PAIRS, query=query).sum(dim=2).mean(dim=1)
    best = divmod(int(on_both[choosing].mean(dim=0).argmax()), 12)
    same, freely = (on_both[testing][:, layer, head].tolist() for layer, head in (top, best))
    in_own_head[name] = freely
    lookers.append(
        {
            "word that looks": name,
            f"on the nouns, layer {top[0]}, head {top[1]}": of_pairs(same, "%"),
            "in its own best head": of_pairs(freely, "%"),
            "which is": f"layer {best[0]}, head {best[1]}",
        }
    )
table(lookers)

# %%
claim(
    "looking_inside.it_and_nouns",
    "In self-attention “it” is related to the nouns of its sentence, more than other words are.",
    said_by="the notes, of one sentence; the comparison is this lesson's",
    findings=[
        Finding(
            f"attention on the two nouns, each in its own best head: “it” minus {name}",
            mean_difference(
                in_own_head["it"], other_word, "points", of="pairs", clusters=endings
            ),
            "above",
            0.0,
        )
        for name, other_word in in_own_head.items()
        if name != "it"
    ],
)

# %% [markdown]
# The pairs are all of one pattern, so the verdict is about that pattern.
# A head that looks one token back sends "because" to a noun, and one that looks a token ahead sends "the" to one: attention on nouns does not mark a pronoun.
#
# Does the attention of "it" know which noun?
# For each head: how much more does "it" look at the right noun than at the wrong one, summed over the twins, so that all habits cancel?
# The *t-value* is the mean of this over the pairs in units of its standard error.

# %%
chosen_by = t_values(attention_shift(seen[choosing]))
best_heads = [divmod(int(place), 12) for place in chosen_by.flatten().topk(6).indices]
figures.head_grid(
    chosen_by,
    layer_names,
    title="Does the attention of “it” follow the last word? (the choosing pairs)",
    label="t-value",
    marked=best_heads,
)

# %% [markdown]
# The largest of 72 t-values is large by chance alone; how large?
# Suppose that the last word means nothing to the heads.
# Then each pair might as well have its two sentences exchanged, so exchange them or not at random, all pairs with the same ending together, and take the largest size of the 72 t-values.
# Below are a thousand such draws.

# %%
chosen_endings = [PAIRS[number].ending for number in choosing]
by_luck = chance_of_best(attention_shift(seen[choosing]), chosen_endings)
limit = by_luck.quantile(0.95).item()
above, below = (chosen_by > limit).sum(), (chosen_by < -limit).sum()
say(f"72 heads that mean nothing all stay within ±{limit:.1f} in 95 of 100 draws")
say(f"heads above {limit:.1f}: {above}; below −{limit:.1f}: {below}")

# %% [markdown]
# Now the six framed heads on the other half of the pairs, whose endings had no part in choosing them.
# Beside them, a rule that never looks at the nouns: it only remembers which noun each single word spoke of in the choosing pairs.

# %%
shift = attention_shift(seen[testing])
right_noun = (
    (preference_for_referent(seen[testing]) > 0).float().mean(dim=1)
)  # (pair, layer, head)
rule = last_word_rule([PAIRS[number] for number in choosing], test_pairs)
columns = (
    "tested on other endings",
    "moved toward the right noun, points",
    "right noun preferred",
)
rows = [
    (
        f"layer {layer}, head {head}",
        of_pairs(shift[:, layer, head].tolist(), "points"),
        of_pairs(right_noun[:, layer, head].tolist(), "%"),
    )
    for layer, head in best_heads
]
rows += [
    ("always the nearer noun", None, "50%"),
    ("the rule on last words", None, of_pairs(rule, "%")),
]
table(dict(zip(columns, row, strict=True)) for row in rows)

# %%
most_moved = divmod(int(attention_shift(seen[choosing]).mean(dim=0).argmax()), 12)
claim(
    "looking_inside.it_and_its_noun",
    "The attention of “it” tells which noun it refers to.",
    said_by="a common reading of such pictures",
    findings=[
        Finding(
            f"layer {most_moved[0]}, head {most_moved[1]}: attention moved toward the right noun by the last word",
            of_pairs(shift[:, most_moved[0], most_moved[1]].tolist(), "points"),
            "above",
            0.0,
        ),
        Finding(
            f"layer {most_moved[0]}, head {most_moved[1]}: sentences in which the right noun gets more attention",
            of_pairs(right_noun[:, most_moved[0], most_moved[1]].tolist(), "%"),
            "above",
            0.5,
        ),
    ],
)

# %% [markdown]
# Two questions that sound alike have different answers.
# Does the last word reach "it"?
# The first finding measures that, in the head that it moved furthest in the choosing pairs.
# Can one read off that head which noun is meant?
# The second does, and a rule that is blind to the nouns is a fairer baseline than a coin.
# (This is a model of six layers, trained to compare sentences; Clark et al. 2019, section 4, test a larger BERT on coreference in ordinary texts, and report a head that often looks at the right mention.)
#
# Your own pair: two nouns that are one token each, a verb, and the two last words.

# %%
own = Pair("cat", "didn't chase", "mouse", "tired", "fast")
pairs = (NOTES_PAIR, own)
looked = noun_attention(bert, word_pieces, pairs)
say(*own.twins, sep="\n")
table(
    [
        {"last word": last_word, "head": f"layer {layer}, head {head}"}
        | {"on the first noun": on_first, "on the second noun": on_second}
        for i, pair in enumerate(pairs)
        for layer, head in dict.fromkeys((top, best_heads[0]))
        for twin, last_word in enumerate(pair.last_words)
        for on_first, on_second in [looked[i, twin, :, layer, head]]
    ],
    formats=".0%",
)

# %% [markdown]
# And SmolLM2, which reads from left to right?
# When it reads "it", the last word has not come yet.
# Its attention at "it" must be the same in both twins, in every head: no causal model can show at "it" what comes later.

# %%
at_it = []
for sentence in NOTES_PAIR.twins:
    ids_of = byte_pairs.encode(sentence)
    place = [byte_pairs.tokens[i] for i in ids_of].index("Ġit")
    with torch.no_grad(), record_attention(smollm2) as maps:
        smollm2(torch.tensor([ids_of], device=course.device()))
    at_it.append(torch.stack([one[0, :, place, : place + 1] for one in maps]))
unchanged = (at_it[0] - at_it[1]).abs().max().item() < 1e-6
say(f"heads: {at_it[0].shape[:2].numel()}, the same in both twins: {unchanged}")

# %% [markdown]
# ## What to remember
#
# - A lens and a probe show that something can be read at a place, in one form or in another.
#   The zero to compare with is an untrained model, or another word, not 0 %.
# - Attention shows where a head looks.
#   Ask the other words of the sentence too before you name the head.
# - Removing is the test: the same items with and without, paired, and other heads of the same layers as the control.
# - Look at 72 heads, and one will stand out by chance: choose on one half, test on the other, and keep apart what belongs together.
#
# This is the last lesson; its tools work on any model of the course that has attention.
#
# **Read on**: nostalgebraist 2020, *interpreting GPT: the logit lens*; Hewitt and Liang 2019, *Designing and Interpreting Probes with Control Tasks*; Michel, Levy and Neubig 2019, *Are Sixteen Heads Really Better than One?*; Elhage et al. 2021, *A Mathematical Framework for Transformer Circuits*; Olsson et al. 2022, *In-context Learning and Induction Heads*; Clark et al. 2019, *What Does BERT Look At?*, section 4.
# In the code: `course/interpretability/residual_stream.py`, `course/interpretability/probing.py`, `course/interpretability/ablation.py`, `course/interpretability/induction.py`, `course/interpretability/coreference.py`.

# %%
progress.table()
