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
# - say what each of eight training questions does to a text, which positions carry loss, and what each can be solved without;
# - write the corruption of masked language modeling and the labels of detection, with the mistakes that are easily made there;
# - read a table of probes: what a model was asked in training, and what it knows afterwards.
#
# **Time**: 90 minutes; the cells run in under a minute on two quiet processor cores.
# **Before this**: lesson 06.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
from collections import Counter
from random import Random

import numpy as np

from course import trained
from course.bert import (
    MaskedLM,
    Pieces,
    Segments,
    SpanBoundary,
    TranslationLM,
    segment_pairs,
    sentence_ids,
)
from course.claims import Finding, claim
from course.data import encyclopedia, english_korean_pairs, split_by_title
from course.data.splits import draw
from course.exercises import ask, check, hint, progress, solution, yours
from course.intervals import difference_of_rates, exact, share
from course.pretrained import load_tokenizer
from course.tasks.bag_of_words import best_threshold, overlap, rarity
from course.tasks.masked_pretraining import SMALL, small_tokenizer
from course.tokenization import WordPiece
from course.trained.loss_curves import loss_curves
from course.viz import MaskedWordExplorer, ObjectiveExplorer, figures, use_course_style
from course.viz.show import say, source, table

use_course_style()

# %% [markdown]
# ## 1 · Fill the gap
#
# A *masked language model* predicts tokens that were hidden in a text: each is replaced by the special token `[MASK]`, and for every hidden place the model gives each token of the vocabulary a probability.
# The model below is MiniLM, the BERT of lesson 06.
# Its authors published it without an output layer, so `experiments/masked_lm.py` trained one, with the last two blocks, on Wikipedia's text.

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
# How good are these guesses?
# In each of several hundred articles that were held out from the training, one word was hidden.

# %%
hidden_words = trained.record_of("masked_lm", "minilm")["tests"]["test"]
ranks = np.array(trained.numbers(hidden_words["items"]["rank"]))
table(
    {
        "the hidden word is": name,
        "share of words": share(int((ranks < most).sum()), len(ranks), of="hidden words"),
    }
    for name, most in {
        "the first guess": 1,
        "among the first five": 5,
        "among the first fifty": 50,
    }.items()
)

# %% [markdown]
# ## 2 · Hide, replace, keep
#
# In training BERT reads no clean text: 15 in 100 of its tokens are chosen, and it must say what they were.
# If every chosen token became `[MASK]`, the model would learn that it has nothing to say where there is no `[MASK]`, and after training it never meets one.
# So of the chosen tokens 80 in 100 are hidden, 10 in 100 replaced by a random token, and 10 in 100 stay as they are (Devlin et al. 2019, section 3.1).

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
# `hint("bert.mask_tokens")` helps, and `solution("bert.mask_tokens")` shows one.
# Your function, or the package's where yours does not pass yet, on 20,000 tokens that are all chosen:

# %%
my_mask_tokens = yours("bert.mask_tokens", mask_tokens)
dice = Random(0)
draws = [[dice.random() for _token in range(20_000)] for _draw in range(2)]
corrupted = my_mask_tokens(["word"] * 20_000, list(range(20_000)), *draws, ["other"] * 20_000)
table(
    {"what became of a chosen token": token, "share": f"{count / 20_000:.1%}"}
    for token, count in sorted(Counter(corrupted).items())
)

# %% [markdown]
# The package's version works on ids, never chooses a special token, and never draws one.
# Its labels are -100 wherever no token was chosen: there PyTorch's cross-entropy looks away.

# %%
source(MaskedLM.corrupt_row, MaskedLM.loss_of)

# %% [markdown]
# With that loss a BERT of two layers was trained from scratch, on the openings of Wikipedia's articles and the passages of BoolQ (`experiments/bert.py`).

# %%
sides = {"both": "both sides", "left": "left side only", "right": "right side only"}
losses = {name: loss_curves("bert", side=side) for side, name in sides.items()}
averaged = trained.record_of("bert", "both")["averaged_steps"]
steps = averaged * np.arange(1, losses["both sides"].shape[1] + 1)
figures.curves(
    steps,
    losses,
    title="The loss on hidden tokens while training",
    xlabel="step",
    ylabel="cross-entropy (nats)",
)

# %% [markdown]
# ## 3 · Which side helps?
#
# The figure has two more models.
# They differ in nothing but what a position may look at: itself and what is on its left, or itself and what is on its right.
# The text, its order and the number of steps are the same.
# Hide a word and compare the three.

# %%
one_sided_models = {name: (trained.load(f"bert/{side}"), side) for side, name in sides.items()}
MaskedWordExplorer(
    one_sided_models,
    small_tokenizer(),
    text="The city is the capital of the state and has a population of two million.",
    masked=(4,),
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
# Frequent words are easy to find for any of them; does the second side help with the rare ones?

# %%
frequency = trained.item_scores("bert", "both", "test", "frequency")[0]
edges = np.quantile(frequency, [0.2, 0.4, 0.6, 0.8])
group = np.digitize(frequency, edges)
found_rates = {
    name: np.array([1 - counted[side].of_items(group == g).rates[0] for g in range(5)])
    for side, name in sides.items()
}
figures.curves(
    [np.log10(max(1, np.median(frequency[group == g]))) for g in range(5)],
    found_rates,
    title="Found at the first guess, by how frequent the word is",
    xlabel="occurrences in the training text, powers of ten",
    ylabel="share of hidden words",
    percent=True,
)

# %% [markdown]
# ## 4 · Do two texts belong together?
#
# Many tasks have two texts: a question and a passage, a sentence and its paraphrase.
# BERT was trained for that, too.
# A *segment* is a stretch of a document, one or more sentences; two of them make an input, `[CLS]` first `[SEP]` second `[SEP]`.
#
# - *Next sentence prediction*: is the second segment the continuation of the first, or is it of another document (Devlin et al. 2019)?
# - *Sentence order prediction*: the same two segments, in their order or swapped (ALBERT, Lan et al. 2020)?
#
# Both put the label at `[CLS]`, and carry loss there and nowhere else.
# Here are pairs of the encyclopedia's held-out articles.

# %%
train_articles, (_validation, test_articles) = split_by_title(encyclopedia())
articles = sentence_ids([article.text for article in test_articles], minilm_tokenizer)
pairs = segment_pairs(articles, 96, np.random.default_rng(0))
example = next(pair for pair in pairs if all(12 < len(ids) < 30 for ids in pair))
table(
    {"segment": name, "text": minilm_tokenizer.decode(ids)}
    for name, ids in zip(("first", "second", "of another document"), example, strict=True)
)

# %% [markdown]
# What can a reader tell who sees only which words the two segments share, and not their order?
# Its score is the overlap of the two bags of words, rare words weighing more; half of the pairs choose the threshold, the other half is judged.

# %%
ask("bert.bag_of_words")

# %%
known = [minilm_tokenizer.encode(article.text) for article in draw(train_articles, 600)]
weights = rarity(known, minilm_tokenizer.vocab_size)
right_pairs = np.array([overlap(pair.first, pair.second, weights) for pair in pairs])
wrong_pairs = {
    "next sentence": np.array([overlap(pair.first, pair.unrelated, weights) for pair in pairs]),
    "sentence order": np.array([overlap(pair.second, pair.first, weights) for pair in pairs]),
}
judged = {}
for question, scores in wrong_pairs.items():
    threshold = best_threshold(right_pairs[::2], scores[::2])
    correct = (right_pairs[1::2] >= threshold).sum() + (scores[1::2] < threshold).sum()
    judged[question] = int(correct), 2 * len(scores[1::2])
table(
    {"question": question, "answered rightly": share(*counts, of="pairs")}
    for question, counts in judged.items()
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
# The wrong segment of a next-sentence pair is the second segment of another document's pair, cut to the same length.
# If it could begin anywhere, or be longer, where it begins and how long it is would give it away.
#
# ## 5 · Is this token the text's own?
#
# Masked language modeling has a loss at 15 in 100 positions.
# Detection has one at every position: a label says whether a token is the text's own or was changed.
# Three ways to change tokens:
#
# - *random token substitution*: random tokens (Di Liello et al. 2022);
# - *replaced token detection*: tokens that a small masked language model, the generator, draws for hidden places (ELECTRA, Clark et al. 2020);
# - *shuffled token detection*: words of the text that change places with each other (Panda et al. 2021).
#
# > **What the notes say / what the paper says.**
# > The notes list shuffled token detection and random token substitution as one objective of pre-training.
# > They are two, of two papers, and the one on shuffling refines a RoBERTa that was trained before; it trains no model from scratch.

# %%
ask("bert.lucky_generator")


# %% tags=["exercise"]
def replace_tokens(
    tokens: list[str],
    chosen: list[int],
    drawn: list[str],
) -> tuple[list[str], list[int]]:
    """What ELECTRA's discriminator reads, and the label of **every** token: 1 changed, 0 the text's own.

    `drawn` has a token of the generator for each place in `chosen`. A drawn token may be the one
    that was there: the text is then as it was, and the label is 0. `tokens` must not change.

    >>> replace_tokens(["the", "cat", "sat"], [1, 2], ["dog", "sat"])
    (['the', 'dog', 'sat'], [0, 1, 0])
    """
    ...


check("bert.replace_tokens", replace_tokens)

# %% [markdown]
# Your function with MiniLM as the generator: places 2 and 7 are hidden, and its first guess takes each place.

# %%
my_replace_tokens = yours("bert.replace_tokens", replace_tokens)
generator_view = MaskedWordExplorer(
    {"generator": (minilm, "both")},
    minilm_tokenizer,
    text="the old man went down to the river to fish",
)
original_tokens = [token.text for token in generator_view.strip.tokens]
guessed = []
for place in (2, 7):
    generator_view.masked = (place,)
    guessed.append(generator_view.guesses["generator"][0][0])
read, labels = my_replace_tokens(original_tokens, [2, 7], guessed)
table(
    {"place": place, "was": old, "is read as": new, "label": label}
    for place, (old, new, label) in enumerate(zip(original_tokens, read, labels, strict=True))
)

# %% [markdown]
# The generator's loss and 50 times the discriminator's are added, and no gradient passes through the draw: it is a choice, not a number.
#
# ## 6 · Spans and translations
#
# The *span boundary objective* (SpanBERT, Joshi et al. 2020) hides whole spans, and asks for each hidden token twice: once at its own place, and once from the two tokens just outside of the span, with the place in the span.
# So what is inside must be readable at the border.
# Spans have one to ten words; each further word has 80 in 100 of the chance of the one before.
#
# The *translation language model* (Conneau and Lample 2019) hides tokens in a text and in its translation, side by side.
# The places of the translation count from 0 again, and the token type says which language a token is of.
# A word that is hidden on one side can be read off the other.

# %%
sentence = "The field below must be an integer."
translated = next(pair for pair in english_korean_pairs() if pair.english == sentence)
both_languages = Pieces(WordPiece.train(f"{translated.english} {translated.korean}", 200))
in_two = TranslationLM(both_languages, SMALL).corrupt(
    Segments(
        *(
            both_languages.tokenizer.encode(text)
            for text in (translated.english, translated.korean)
        )
    ),
    np.random.default_rng(1),
)
table(
    {
        "read": both_languages.tokenizer.tokens[token],
        "place": int(place),
        "token type": int(kind),
        "label": "" if label < 0 else both_languages.tokenizer.tokens[label],
    }
    for token, kind, place, label in zip(*in_two.row, in_two.labels, strict=True)
)

# %%
source(SpanBoundary.boundary_logits)

# %% [markdown]
# ## 7 · Your text, every objective
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
)

# %% [markdown]
# The small vocabulary here has no Korean, so the "translation" is another English sentence; section 6 has both languages.
#
# ## 8 · What does each objective teach?
#
# Seven copies of one body, the BERT of section 2, were trained on, each by one objective, for equal steps on the same pairs, with three seeds.
# Then the bodies were frozen, and the same four questions were put to each: a logistic regression on its `[CLS]` state and the mean of its states must tell the next sentence from another, the right order from the swapped one, good reviews from bad ones, and an article's topic.
# The last row is the body before its second training.

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
}
probes = ("next sentence", "sentence order", "sentiment", "topic")
errors = {probe: trained.by_model("objectives", probe, "error_rate") for probe in probes}
table(
    {"trained on by": name} | {f"{probe}, error": errors[probe][model] for probe in probes}
    for model, name in objectives.items()
)

# %% [markdown]
# Read the columns from top to bottom, and beside each the error of always giving the most frequent answer:

# %%
baselines = trained.record_of("objectives", "start")["tests"]
say(*(f"{probe}: {baselines[probe]['baseline_error_rate']:.1%}" for probe in probes), sep="; ")

# %% [markdown]
# ALBERT's authors found a pattern (their table 5): a model that learned next sentences answers 90.5 % of those, and 52.0 % of questions on the order, hardly more than a coin; a model that learned the order answers 86.5 % of those, and still 78.9 % on next sentences.
# Their models are larger and were trained from scratch on far more text, with masked language modeling beside it.

# %%
probed = {
    (model, probe): trained.items("objectives", model, probe)
    for model in ("start", "next", "order")
    for probe in probes
}
claim(
    "bert.order_teaches_more",
    "Sentence order prediction teaches the order, next sentence prediction does not.",
    said_by="Lan et al. 2020, section 4.6 and table 5",
    findings=[
        Finding(
            "sentence order minus the start, error on the order",
            difference_of_rates(
                probed["order", "sentence order"], probed["start", "sentence order"]
            ),
            "below",
            0.0,
        ),
        Finding(
            "next sentence minus the start, error on the order",
            difference_of_rates(
                probed["next", "sentence order"], probed["start", "sentence order"]
            ),
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
            difference_of_rates(
                probed["order", "next sentence"], probed["start", "next sentence"]
            ),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# The seeds differ in the head, the order of the pairs and what is corrupted; all start from one body.
# So the table is about a second training, at this size and length, and not about models that learn from one objective alone from the beginning.
#
# ## What to remember
#
# - BERT sees both sides of a token, so it cannot be trained to predict the next one: it is asked what was hidden, or what was changed.
# - Of the chosen tokens 80 in 100 are hidden, 10 replaced, 10 kept; the second draw has the chance of a half, and the kept ones are in the loss, too.
# - A question that can be answered by topic teaches topic: next sentences can, the order of sentences cannot.
# - Detection has a loss at every position; a token that came back by luck is the text's own.
# - What an objective teaches is measured on the frozen body, beside the body that it started from.
#
# **Read on**: Devlin et al. 2019, *BERT*, section 3; Lan et al. 2020, *ALBERT*, sections 3.1 and 4.6; Clark et al. 2020, *ELECTRA*, section 2; Joshi et al. 2020, *SpanBERT*, section 3; Conneau and Lample 2019, *Cross-lingual Language Model Pretraining*, section 3.
# In the code: `course/bert/`.
#
# **Next**: lesson 09, *Scaling laws*.

# %%
progress.table()
