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
# Lesson 06 built a Transformer and trained models of the same parts; later lessons put them to use.
# This lesson opens trained models and asks what is in them, and what it takes to be sure.
# After it you can
#
# - read a model's guess off its residual stream after every layer;
# - remove a head from a trained model, and measure what it was needed for;
# - test a claim about what a head "means" over many sentences.
#
# **Time**: 60 minutes; the cells run in about half a minute on two processor cores.
# **Before this**: lesson 08; all that it needs today is in lesson 06.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import random

import torch

import course
from course import trained
from course.bert import encode_batch
from course.exercises import progress
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
from course.layers.attention import record_attention
from course.pretrained import load
from course.tasks import error_rate, error_rate_standard_error, evaluate, pronunciation_task
from course.viz import figures, use_course_style
from course.viz.show import say, source, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 5: five times the test words.
WORDS = 300 * BUDGET

# %% [markdown]
# ## 1 · Inside a trained Transformer
#
# The Transformer of lesson 06 that learned to pronounce, and test words that it has not seen.

# %%
task = pronunciation_task()
speaker = trained.load("pronunciation/transformer")
sample = random.Random(0).sample(task.tests["test"], WORDS)

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
    (logits.argmax(dim=-1) == held.write)[is_sound].float().mean()
    for logits in logit_lens(speaker, held.source, held.read)
]
with torch.no_grad(), record_stream(speaker.decoder) as passages:
    speaker(held.source, held.read)
added = [added_share(passage)[is_sound].mean() for passage in passages]
kinds = ("self-attention", "cross-attention", "feed-forward")
sublayers = [f"{kind} {layer}" for layer in range(2) for kind in kinds]
columns = ("after", "length of what it added, of the stream's", "next sound read off rightly")
rows = zip(["embedding", *sublayers], [None, *added], right_after, strict=True)
table(
    [dict(zip(columns, row, strict=True)) for row in rows],
    formats={columns[1]: ".2f", columns[2]: ".0%"},
)

# %% [markdown]
# Read the last column from top to bottom.
# The embedding and the first self-attention know nothing of the source, and nothing can be read off.
# Then the first cross-attention fetches from the letters, but what it brings is not yet a sound; the feed-forward layer behind it turns it into one.
# The second cross-attention brings most of what is left.
# So moving and computing take turns, as lesson 06 said, and here one can see it.
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
spread = 100 * error_rate_standard_error(evaluate(speaker, task, sample))
say(f"all heads: {whole:.1f} %; another {len(sample)} words would give this ± {spread:.1f}")
attention_names = ["encoder 0, letters", "encoder 1, letters"]
attention_names += [
    f"decoder {i}, {what}" for i in range(2) for what in ("written so far", "letters")
]
without = measure_heads(speaker, sound_errors)
figures.head_grid(
    without,
    attention_names,
    title="Error rate when one head is removed",
    label="phoneme error rate, %",
    center=whole,
)

# %%
alone = measure_heads(speaker, sound_errors, alone=True)
layers_off = []
for number, attention_layer in enumerate(attention_layers(speaker)):
    heads = {(number, head) for head in range(attention_layer.n_heads)}
    with without_heads(speaker, heads):
        layers_off.append(sound_errors(speaker))
table(
    [
        {
            "attention": name,
            "all heads": whole,
            "worst loss of one": without[i].max(),
            "best one alone": alone[i].min(),
            "worst one alone": alone[i].max(),
            "none": layers_off[i],
        }
        for i, name in enumerate(attention_names)
    ],
    formats=".1f",
)

# %% [markdown]
# Most heads can be taken away one at a time, and the error rate changes by little more than it would with other words.
# A few cannot, above all one of the last cross-attention.
# Whole layers are another thing: look at the last column.
# Without the first cross-attention nearly everything is lost, though each of its heads can be spared, for the others stand in.
# And the whole first self-attention of the encoder is hardly missed.
# The column *best one alone* is the nearest that one gets here to the claim of the notes: in no row does one head do what four do.
# But the model was trained with four; trained with one from the start, it might have learned otherwise.

# %% [markdown]
# ## 2 · What does "it" look at?
#
# "The animal didn't cross the street because it was too tired."
# The notes say that in self-attention *animal*, *street* and *it* show a strong relation with *it*.
# Lesson 06 shows the sentence in the attention explorer: one sentence and one head of many.
# MiniLM has 72 heads; in one of them, something can be seen for any claim.
# So here is a measure over many sentences.

# %%
bert, word_pieces = load("minilm")
smollm2, byte_pairs = load("smollm2")

# %% [markdown]
# ### A measure
#
# *Coreference* is what a pronoun has with the noun it stands for.
# The twin of the notes' sentence ends in *wide*, and now *it* is the street.
# Only the last word differs, so a head that turns from one noun to the other must have used its sense.
# A head that always looks at the first noun, or at the nearest, is right in one twin and wrong in the other: every such rule is right in exactly half of the sentences.
# Below are 128 pairs of this pattern, written for this lesson.
# Half of them choose the heads, the other half test them.

# %%
columns = ("first noun", "", "second noun", "it = first", "it = second")
table(dict(zip(columns, pair, strict=True)) for pair in (NOTES_PAIR, *PAIRS[:6]))

# %%
source(noun_attention, preference_for_referent, attention_shift)

# %%
seen = noun_attention(bert, word_pieces, PAIRS)  # (pair, twin, noun, layer, head)
choosing, testing = seen[::2], seen[1::2]
on_nouns = seen.sum(dim=2).mean(dim=(0, 1))
_ids, twin_mask = encode_batch(word_pieces, [twin for pair in PAIRS for twin in pair.twins])
by_chance = (2 / twin_mask.sum(dim=1)).mean().item()
top = divmod(int(on_nouns.argmax()), 12)
layer_names = [f"layer {number}" for number in range(6)]
figures.head_grid(
    100 * on_nouns,
    layer_names,
    title="Share of its attention that “it” gives to the two nouns, %",
    label="%",
    center=100 * by_chance,
    decimals=0,
    marked={top},
)

# %%
share_first = seen.mean(dim=(0, 1))[0, *top] / on_nouns[top]
say(f"layer {top[0]}, head {top[1]}: {on_nouns[top]:.0%} on the two nouns")
say(f"by chance {by_chance:.0%}; of its share, {share_first:.0%} on the first noun")

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
    layer_names,
    title="Does the attention of “it” follow the last word? (half of the pairs)",
    label="t-value",
    marked=best_heads,
)

# %%
limit = chance_of_best(attention_shift(choosing)).quantile(0.95).item()
above, below = (chosen_by > limit).sum(), (chosen_by < -limit).sum()
say(f"largest t-value of 72 heads that mean nothing, in 95 of 100 draws below: {limit:.1f}")
say(f"heads above it: {above}; below −{limit:.1f}: {below}")

# %% [markdown]
# Heads lean to the right noun that would hardly do so by chance; a few lean to the wrong one as clearly, as if they looked for the noun that *it* is not.
# The six framed heads now, on the other half of the pairs, which had no part in choosing them.
# Beside them stand the rules that know nothing: a coin, and always the nearer noun.

# %%
tested = t_values(attention_shift(testing))
linked = testing.sum(dim=2).mean(dim=(0, 1))
preferred = (preference_for_referent(testing) > 0).float().mean(dim=(0, 1))
turned = follows_referent(testing).float().mean(dim=0)
rules = [
    {
        "held-out half": f"layer {place[0]}, head {place[1]}",
        "on the two nouns": f"{linked[place]:.0%}",
        "t-value": f"{tested[place]:.1f}",
        "right noun preferred": f"{preferred[place]:.0%}",
        "turned with the last word": f"{turned[place]:.0%}",
    }
    for place in best_heads
]
rules.append(dict(zip(rules[0], ("a coin", "", "0.0", "50%", "25%"), strict=True)))
rules.append(
    dict(zip(rules[0], ("always the nearer noun", "", "0.0", "50%", "0%"), strict=True))
)
table(rules)

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
pairs = (NOTES_PAIR, own)
looked = noun_attention(bert, word_pieces, pairs)
say(*own.twins, sep="\n")
two_heads = sorted(best_heads, key=lambda place: -on_nouns[place])[:2]
table(
    [
        {"last word": last_word, "head": f"layer {layer}, head {head}"}
        | {"on the first noun": on_first, "on the second noun": on_second}
        for i, pair in enumerate(pairs)
        for layer, head in two_heads
        for twin, last_word in enumerate((pair.of_first, pair.of_second))
        for on_first, on_second in [looked[i, twin, :, layer, head]]
    ],
    formats=".0%",
)

# %% [markdown]
# And SmolLM2, which reads from left to right?
# When it reads *it*, the last word has not come yet.
# Its attention at *it* must be the same in both twins, to the last digit, in every head: no causal model can show at *it* what comes later.

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

# %% [markdown]
# ## What to remember
#
# - Which heads matter, only removing them tells; most can go alone, few layers can go whole.
# - One sentence and one head prove nothing.
#   Twins that differ in one word, and heads chosen on other sentences, do.
#
# **Read on**: Michel, Levy and Neubig 2019, *Are Sixteen Heads Really Better than One?*; Clark et al. 2019, *What Does BERT Look At?*, section 4; Elhage et al. 2021, *A Mathematical Framework for Transformer Circuits*.
# In the code: `course/interpretability/residual_stream.py`, `course/interpretability/ablation.py`, `course/interpretability/coreference.py`.

# %%
progress.table()
