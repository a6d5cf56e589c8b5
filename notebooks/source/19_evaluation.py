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
# # 19 · Evaluation
#
# "83.4 % on reviews" is a sentence with five gaps: which items, right by which rule, how sure, better than what, and seen before or not.
# You fill each of them: you build the measures by hand, reproduce a published table, put every model of this course on one leaderboard, and find out which of its ranks would survive another test set.
# After this lesson you can
#
# - say what accuracy, F1 and Matthews' coefficient each do not see;
# - compare language models whose tokenizers differ;
# - read GLUE's nine tasks, their label orders and their scores, and write a submission;
# - reproduce a published score, or say what keeps you from it;
# - tell two models apart by the items on which they differ, and say how many items that takes;
# - correct for the many comparisons that a leaderboard makes;
# - show what a test that was trained on is worth.
#
# **Time**: 90 minutes; the cells run in less than a minute on two quiet processor cores.
# **Before this**: lessons 07, 10 and 12.
# Models of lessons 03, 08, 11, 13 and 18 appear by name; those lessons say what they are, and nothing here needs it.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import tempfile
import warnings
import zipfile
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np

from course import trained
from course.claims import Finding, claim
from course.data import GLUE_TASKS, glue_set
from course.data.choices import answer_choices
from course.data.encyclopedia import encyclopedia, split_by_title
from course.data.glue_tasks import SOURCES, label_order
from course.data.splits import draw
from course.evaluation import (
    UndefinedScoreWarning,
    confusion_matrix,
    corpus_bleu,
    corpus_chrf,
    exact_answer,
    expected_calibration_error,
    named_spans,
    pearson,
    rouge_l,
    sentence_bleu,
    span_scores,
    spearman,
    word_f1,
)

# %%
from course.evaluation.glue import (
    METRICS,
    constant_guess,
    glue_metrics,
    mean_of_tasks,
    score_task,
    write_submission,
)
from course.evaluation.glue.submission import FILES
from course.evaluation.perplexity import predict_text
from course.exercises import ask, check, hint, progress, solution, yours
from course.intervals import (
    TwoModels,
    items_for_half_width,
    items_needed,
    mean_difference,
    power_of,
    share,
    simulated_power,
)
from course.pretrained import load
from course.tasks.contamination_detection import detected
from course.tasks.contamination_results import accuracy_of_read, leak_results
from course.tasks.harness_results import (
    PUBLISHED,
    accuracy,
    accuracy_difference,
    baseline,
    cell,
    chance,
    decided,
    more_than_baseline,
    reproduction,
    right,
    written,
)

# %%
from course.tasks.leaderboard import board, column_of
from course.tasks.leaderboard_pairs import flips, neighbours
from course.tasks.pretraining import base_tokenizer
from course.viz import JudgeYourself, Leaderboard, ThresholdBench, use_course_style
from course.viz.evaluation.power_figure import power_figure
from course.viz.show import say, table

use_course_style()

# %% [markdown]
# ## 1 · One number for two kinds of errors
#
# Six items, of two classes, 1 and 0, and the answers of three models to them.
# Four counts hold all that a score can use: of the items that are 1, how many were called 1 (TP) and 0 (FN), and of those that are 0, how many were called 1 (FP) and 0 (TN).

# %%
six = [1, 1, 1, 1, 0, 0]
answers_to_six = {
    "two errors": [1, 1, 1, 0, 1, 0],
    "always 1": [1, 1, 1, 1, 1, 1],
    "always 0": [0, 0, 0, 0, 0, 0],
}
for name, given in answers_to_six.items():
    pairs_of_six = list(zip(six, given, strict=True))
    tp, fn, fp, tn = (pairs_of_six.count(one) for one in ((1, 1), (1, 0), (0, 1), (0, 0)))
    f1_of_1 = 2 * tp / (2 * tp + fp + fn)
    say(f"{name}: TP {tp}, FN {fn}, FP {fp}, TN {tn}")
    say(f"   accuracy {(tp + tn) / 6:.3f}, F1 of class 1 {f1_of_1:.3f}")

# %% [markdown]
# Accuracy does not tell the first model from the second, which read nothing, and F1 prefers the second.
# F1 leaves TN out altogether: whoever calls the other class "positive" gets another number for the same answers.
#
# The items of the rest of this section are film reviews that lesson 10 set aside, and the models are those of the lessons before this one.
# The answer of each model to each item was kept, so that everything below is counted from answers.

# %%
reviews = column_of("reviews-500")
by_name = {entry.name: entry for entry in reviews.entries}
truth = [int(label) for label in reviews.true]
say(f"{len(truth)} {reviews.items}, {sum(truth)} of them positive, {len(by_name)} models")
for text, label in zip(reviews.texts()[:2], truth, strict=False):
    say("positive" if label else "negative", "·", text[:150])

# %% [markdown]
# Two of the "models" read nothing: one throws a coin, and one always says "positive", the more frequent class in training.
# What they reach is where a score begins.
# The number after a name is that of labelled training reviews.

# %%
chosen = ("always positive", "base model, asked", "TF-IDF + logistic regression, 1,024")
answers = {name: [int(one) for one in by_name[name].predicted] for name in chosen}
with warnings.catch_warnings(action="ignore", category=UndefinedScoreWarning):
    f1_of = {name: confusion_matrix(truth, given).f1(1) for name, given in answers.items()}
table(
    {
        "model": name,
        "accuracy": np.mean(np.array(given) == truth),
        "F1 of “positive”": f1_of[name],
        "says “positive”": sum(given),
    }
    for name, given in answers.items()
)

# %%
ask("evaluation.constant_f1")

# %% [markdown]
# *Matthews' correlation coefficient* looks at all four counts at once: right and wrong, in both classes.
# It is 1 for a model that is always right, 0 for one whose answers have nothing to do with the truth, and −1 for one that is always wrong.


# %% tags=["exercise"]
def matthews(truth: list[int], predicted: list[int]) -> float:
    """Matthews' correlation coefficient of two classes, 0 and 1.

    The two lists are equally long. With TP the number of items that are 1 and predicted 1, TN
    those that are 0 and predicted 0, FP those that are 0 and predicted 1, FN those that are 1
    and predicted 0, it is

        (TP * TN - FP * FN) / sqrt((TP + FP) * (TP + FN) * (TN + FP) * (TN + FN))

    and 0.0 where the divisor is 0: when all items, or all predictions, are of one class, and
    when there are no items.

    >>> matthews([1, 1, 0, 0, 1, 0], [1, 1, 1, 0, 0, 0])
    0.3333333333333333
    >>> matthews([1, 1, 1, 0], [1, 1, 1, 1])
    0.0
    """
    ...


check("evaluation.matthews", matthews)

# %%
matthews_of = yours("evaluation.matthews", matthews)
for name, given in answers_to_six.items():
    say(f"{name}: {matthews_of(six, given):.3f}")
for name, given in answers.items():
    say(f"{name}: {matthews_of(truth, given):.3f}")

# %% [markdown]
# A model that says the same of every item has 0, whatever its accuracy is.
# The table has a language model that does so: the course's base model, asked for the label.
#
# ## 2 · Numbers and ranks
#
# Some tasks ask for a number: how similar are two sentences, from 0 to 5?
# Pearson's correlation asks whether the numbers lie on a line; *Spearman's correlation* asks the same of their ranks, and so only whether the order is right.


# %% tags=["exercise"]
def average_ranks(values: list[float]) -> list[float]:
    """The rank of each number, in the order of the numbers: 1 for the smallest.

    Equal numbers share the mean of the ranks that they take up together: of two that are
    smaller than all others, each has the rank 1.5. Where no numbers are equal, the ranks are
    1, 2, 3, and so on, up to the number of values. No values have no ranks: [].

    >>> average_ranks([0.2, 5.0, -1.0])
    [2.0, 3.0, 1.0]
    >>> average_ranks([3, 1, 3, 3, 2])
    [4.0, 1.0, 4.0, 4.0, 2.0]
    """
    ...


check("evaluation.average_ranks", average_ranks)

# %%
ranks_of = yours("evaluation.average_ranks", average_ranks)
people = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
for name, given in (
    ("on a line", [2.0, 2.2, 2.4, 2.6, 2.8, 3.0]),
    ("in order", [0.1, 0.2, 0.4, 0.8, 1.6, 3.2]),
    ("rounded", [0.0, 0.0, 0.0, 1.0, 1.0, 3.0]),
):
    say(f"{name}: Pearson {pearson(people, given):.3f}, Spearman {spearman(people, given):.3f}")
    say("   ranks:", ranks_of(given), f"→ {pearson(people, ranks_of(given)):.3f}")

# %% [markdown]
# Spearman's correlation is Pearson's of the ranks, and equal numbers share a rank.
# GLUE's similarity task asks for both.
# A prediction that is the same for every item has no order, and so no correlation: not 0, but no number at all.

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    say("always 2.5:", pearson(people, [2.5] * 6), spearman(people, [2.5] * 6))
    say("warned:", caught[0].message)

# %% [markdown]
# Matthews' coefficient is Pearson's of the numbers 0 and 1.
# Where all answers are equal, both divide 0 by 0: for Matthews' the convention counts it as 0, and for Pearson's it stays NaN.
#
# ## 3 · Texts against texts
#
# Some answers have one right text: a name, a year, the words of a passage.
# Exact match (lesson 12) asks for that text, after capitals, punctuation and articles are dropped; word F1 gives a part of the point for a part of the words.

# %%
for given in ("the  Eiffel tower.", "Eiffel Tower in Paris", "a tower", "no idea"):
    say(
        f"{given!r}: exact match {exact_answer(given, 'Eiffel Tower'):.0f}, "
        f"word F1 {word_f1(given, 'Eiffel Tower'):.2f}"
    )

# %% [markdown]
# Names in a sentence are found as spans: where each begins, where it ends, and of which kind it is.
# Words are counted from 0, and the end is the first word after the span.
# A span with one wrong end is wrong, and it costs twice: it is a name that was not found, and one that is not there.

# %%
labels_of_words = ["B-PER", "I-PER", "O", "O", "B-LOC"]  # Ada Lovelace lived in London
labels_given = ["B-PER", "O", "O", "O", "B-LOC"]
for one in (labels_of_words, labels_given):
    say(*(f"{span.type} {span.start}–{span.end}" for span in named_spans(one)))
same_labels = sum(a == b for a, b in zip(labels_of_words, labels_given, strict=True))
of_spans = span_scores([labels_of_words], [labels_given])["all"]
say(f"labels right: {same_labels} of 5")
say(f"spans: precision {of_spans.precision}, recall {of_spans.recall}, F1 {of_spans.f1}")

# %% [markdown]
# A translation or a summary has no single right text, so it is compared with one or more that people wrote.
# BLEU (lesson 06) counts runs of one to four words that both have.
# It clips the count of each: a word that is three times in the answer, and twice in the reference, counts twice.
# For each length it takes the precision, the share of the answer's runs that are counted so.
# BLEU is the geometric mean of the four precisions, times a penalty for being shorter than the reference.


# %% tags=["exercise"]
def clipped_precision(
    hypothesis: list[str],
    references: list[list[str]],
    n: int,
) -> tuple[int, int]:
    """The modified n-gram precision of BLEU for one sentence, as (matches, total).

    hypothesis: the words of the model's sentence. references: the words of one right sentence
    or more. total: how many n-grams, runs of n words, the hypothesis has. matches: how many of
    these count: each distinct n-gram as often as it is in the hypothesis, but at most as often
    as it is in the one reference that has it most often. A hypothesis of fewer than n words
    has no n-grams: (0, 0).

    >>> clipped_precision(["the", "the", "the"], [["the", "cat", "and", "the", "dog"]], n=1)
    (2, 3)
    >>> clipped_precision(["the", "cat", "sat"], [["a", "cat", "sat"], ["the", "cat"]], n=2)
    (2, 2)
    """
    ...


check("evaluation.clipped_precision", clipped_precision)

# %%
precision = yours("evaluation.clipped_precision", clipped_precision)
reference = "the cat did not sit on the mat because it was wet"
candidates = {
    "the same meaning": "since the mat was wet, the cat stayed off it",
    "one word less": "the cat did sit on the mat because it was wet",
    "the first word, often": "the the the the the the",
}
for name, text in candidates.items():
    found = [precision(text.split(), [reference.split()], n) for n in (1, 2)]
    say(f"{name}: {found[0]} words, {found[1]} pairs of words")

# %% [markdown]
# Three measures look at the same texts.
# BLEU compares runs of words, chrF compares runs of characters, and ROUGE-L takes the longest sequence of words that both have, with gaps allowed.
# Change the texts in the cell above, and run this one again.

# %%
say(corpus_bleu([reference], [[reference]]).signature)
table(
    {
        "answer": name,
        "BLEU": corpus_bleu([text], [[reference]]).score,
        "chrF": corpus_chrf([text], [[reference]]).score,
        "ROUGE-L": 100 * rouge_l(text, reference),
    }
    for name, text in candidates.items()
)

# %%
ask("evaluation.one_word")

# %% [markdown]
# The line above the table is the signature, which says how the numbers were made: how many references, which tokenizer, which smoothing.
# Two BLEU scores with different signatures are two different measures (Post 2018).
# And BLEU of many sentences is not the mean of theirs: the matches of all sentences are added up first, and divided then.

# %%
two_texts = [candidates["the same meaning"], reference]
alone = [sentence_bleu(one, [reference]).score for one in two_texts]
say("each sentence:", *(f"{one:.1f}" for one in alone), f"· their mean: {np.mean(alone):.1f}")
say(f"both as a corpus: {corpus_bleu(two_texts, [[reference], [reference]]).score:.1f}")

# %% [markdown]
# ## 4 · Language models with different tokens
#
# Perplexity asks among how many tokens a model hesitates.
# So it depends on what a token is.
# Below, SmolLM2 reads a drawn article of the encyclopedia, in windows of a fixed number of tokens that move on by a step: only the tokens of the step are predicted, and those before them in the window are only read.
# With a step as long as the window, the first predicted token of each window has only one token before it.
# The article has fewer tokens than the widest window, so that window holds all of it.

# %%
_training, (_validation, articles) = split_by_title(encyclopedia())
article = draw([one.text for one in articles if len(one.text) > 900], 1)[0]
smollm2, letters = load("smollm2")


def read_article(model, tokenizer, *, length, stride):
    """How well a model predicts the article, by windows of so many tokens."""
    ids = tokenizer.encode(article)
    pieces = [tokenizer.decode_bytes([one]) for one in ids]
    return predict_text(model, ids, pieces, length=length, stride=stride, start_id=0)


say(f"{len(letters.encode(article))} tokens")
for length, stride in ((32, 32), (32, 16), (256, 128)):
    found = read_article(smollm2, letters, length=length, stride=stride)
    say(
        f"window {length}, a step of {stride}: perplexity {found.perplexity:.2f}, "
        f"{found.bits_per_byte:.3f} bits per byte"
    )

# %% [markdown]
# The model is the same in all three lines, and so is the text.
# What differs is how much of it was read before each token.
#
# *Bits per byte* (lesson 07) divide by what no tokenizer can change, the bytes of the text.


# %% tags=["exercise"]
def bits_per_byte(log_probs: list[float], text: str) -> float:
    """How many bits a language model needs for each byte of a text.

    log_probs: the natural logarithm of the probability that the model gave to each token of
    the text. A probability p costs -log2(p) bits, and log2(p) is ln(p) / ln(2). text: the text
    that the tokens make up; its bytes are those of UTF-8, of which "é" has two. It has one or
    more.

    >>> from math import log
    >>> bits_per_byte([log(1 / 16), log(1 / 4)], "cats")
    1.5
    >>> bits_per_byte([log(1 / 16)], "é")
    2.0
    """
    ...


check("evaluation.bits_per_byte", bits_per_byte)

# %%
bits_of = yours("evaluation.bits_per_byte", bits_per_byte)
base, base_pairs = trained.load("base_model/gpt"), base_tokenizer()
per_token, per_byte = [], []
for name, model, tokenizer in (
    ("SmolLM2", smollm2, letters),
    ("the course's base model", base, base_pairs),
):
    found = read_article(model, tokenizer, length=256, stride=128)
    say(
        f"{name}: {len(found.nats)} tokens of {len(article.encode()) / len(found.nats):.2f} bytes"
    )
    say(f"   perplexity {found.perplexity:.1f} per token, {found.word_perplexity:.0f} per word")
    per_token.append(np.log(found.perplexity))
    per_byte.append(bits_of([-nats for nats in found.nats], article))
    say(f"   {per_byte[-1]:.3f} bits per byte, by your function")
ratios = [of_base / of_smollm2 for of_smollm2, of_base in (per_token, per_byte)]
say(f"the base model's bits, in SmolLM2's: {ratios[0]:.2f} per token, {ratios[1]:.2f} per byte")

# %%
ask("evaluation.two_tokenizers")

# %% [markdown]
# The last line has the same two models in two ratios: per token the base model needs a little more than SmolLM2, and per byte far more.
# SmolLM2 has fewer tokens for the same text, and each of them holds more of it.
# Perplexity per word and bits per byte put both on the same text.
# One thing stays unequal: the course's base model has never read this article, and SmolLM2 may have.
#
# ## 5 · Is 90 % right nine times in ten?
#
# A model that gives probabilities promises something: of the answers that it gives with 90 %, nine in ten should be right.
# The expected calibration error (lesson 10) says how far it is from that, and it depends on the bins.


# %% tags=["exercise"]
def calibration_error(confidences: list[float], right: list[bool], n_bins: int) -> float:
    """The expected calibration error (ECE), in `n_bins` bins of equal width from 0 to 1.

    confidences: of each prediction, above 0 and at most 1. right: whether it came true. A
    confidence at an edge between two bins belongs to the lower one. In each bin take the
    distance between the mean confidence and the share that came true. The error is the mean of
    these distances, each bin weighing as much as it has predictions; an empty bin weighs
    nothing. There is one prediction or more.

    >>> calibration_error([0.75, 1.0, 0.25], [True, False, True], n_bins=2)
    0.5
    >>> calibration_error([0.75, 1.0, 0.5], [True, False, True], n_bins=1)
    0.08333333333333333
    """
    ...


check("evaluation.calibration_error", calibration_error)

# %%
ece_of = yours("evaluation.calibration_error", calibration_error)
for name in ("MiniLM fine-tuned, 1,024", "TF-IDF + logistic regression, 1,024"):
    positive = by_name[name].probabilities
    confidence = np.maximum(positive, 1 - positive)
    hits = (positive > 0.5) == np.array(truth, dtype=bool)
    wide = [ece_of(confidence.tolist(), hits.tolist(), n) for n in (5, 10, 20)]
    mass = [
        expected_calibration_error(hits, confidence, n_bins=n, bins="mass") for n in (5, 10, 20)
    ]
    say(name)
    say("   bins of equal width:", *(f"{one:.3f}" for one in wide))
    say("   bins of equally many items:", *(f"{one:.3f}" for one in mass))
    near_90 = hits[(confidence > 0.85) & (confidence <= 0.95)]
    found = share(int(near_90.sum()), len(near_90), of="answers")
    fits = "90 % is inside" if found.low <= 0.9 <= found.high else "90 % is outside"
    say(f"   right of the {len(near_90)} answers given with 85 to 95 %: {found}, {fits}")

# %% [markdown]
# The error of the fine-tuned MiniLM hardly depends on the bins; that of TF-IDF grows with their number.
# With few items in a bin chance alone moves its share, and a model whose error is small shows it most.
# So compare two models with the same bins.
# Is 90 % right nine times in ten?
# The last line of each model is the answer: outside means no, and inside means that so few answers do not speak against it.
#
# Below, the answers of a model are made from its scores by a threshold.
# Move it, and see which measure has its maximum where; the second figure compares the scores with what came true, in bins of both kinds.
# You can type your own scores and labels instead.

# %%
thresholds = ThresholdBench()
thresholds

# %% [markdown]
# ## 6 · GLUE, nine tasks
#
# GLUE (Wang et al. 2019) put nine tasks of understanding sentences together, with one score.
# Their data come from the internet and are not among the course's own: this section shows their form on tiny files, and what it says of them is no result on GLUE.

# %%
table(
    {
        "task": task.short_name,
        "question": task.question,
        "classes": ", ".join(task.classes) or "0 to 5",
        "metrics": ", ".join(METRICS[name]),
        "validation": sum(
            n for split, n in task.sizes.items() if split.startswith("validation")
        ),
    }
    for name, task in GLUE_TASKS.items()
)

# %% [markdown]
# *Entailment* is what NLI tasks are about: a text entails a sentence when whoever believes the text believes the sentence.
# A task of GLUE is a file with a row for each item.
# Here is one of two rows in the form of RTE's, with sentences made up for this lesson, and what the course's reader makes of it:

# %%
ROWS = [
    "index\tsentence1\tsentence2\tlabel",
    "0\tThe shop is shut on Mondays.\tThe shop is open every day.\tnot_entailment",
    "1\tShe sold her old bicycle.\tShe had a bicycle.\tentailment",
]
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "RTE" / "dev.tsv"
    file.parent.mkdir()
    file.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    tiny = glue_set("rte", "validation", folder)
for item in tiny.items:
    say(item.number, item.texts, "→", item.label)
scored = score_task(tiny, [0, 0])
say(scored.metrics, "· as many items as RTE's own set:", scored.is_whole)

# %% [markdown]
# The file has the names of the classes, and the reader made numbers of them.
# Sources do not agree which number is which.
# Here "hub" is the data set nyu-mll/glue, "files" are GLUE's own downloads, "baselines" is the first code of GLUE's authors, and "bert" is the code of Devlin et al. 2019, which has a few of the tasks.

# %%
for name in ("rte", "mnli"):
    for of in SOURCES:
        try:
            say(f"{name}, {of}:", dict(enumerate(label_order(name, of))))
        except ValueError as error:
            say(f"{name}, {of}: {error}")

# %%
ask("evaluation.label_order")

# %% [markdown]
# A constant guess tells which order a file has, where the classes are not equally frequent.
# RTE's validation set has 146 items of entailment and 131 of not entailment; so where "always 1" is right for the larger share, 1 is entailment.
# Here are labels as frequent as those of RTE's validation set, numbered by a source that is not named; first sixty drawn ones, then all:

# %%
unnamed = [0] * 131 + [1] * 146
for labels in (draw(unnamed, 60), unnamed):
    guess = constant_guess("rte", labels)
    say(
        f"{len(labels)} labels; always 0: {guess.accuracy[0]:.3f}, always 1: {guess.accuracy[1]:.3f}"
    )
    say(
        "   orders not ruled out:",
        *("; ".join(" = 0, ".join(one) + " = 1" for one in guess.told),),
    )

# %% [markdown]
# The metrics are GLUE's own.
# A task's score is the mean of its metrics, MNLI's that of its two sets, matched and mismatched, and GLUE's score is the mean of the nine tasks.
# Six predictions for MRPC, which asks whether two sentences are paraphrases:

# %%
of_task = glue_metrics("mrpc", [1, 1, 1, 0, 0, 1], [1, 1, 1, 1, 0, 0])
say("MRPC:", *(f"{name} {value:.3f}" for name, value in of_task.items()))
mnli = [{"accuracy": 0.8}, {"accuracy": 0.9}]  # matched, mismatched: made-up numbers
by_task = mean_of_tasks({"mrpc": [of_task], "mnli": mnli})
say("scores:", *(f"{name} {value:.3f}" for name, value in by_task.items()))
with warnings.catch_warnings(action="ignore", category=UndefinedScoreWarning):
    say("CoLA, always 1:", glue_metrics("cola", [1, 1, 1, 0, 0, 1], [1] * 6))

# %% [markdown]
# The labels of the test sets are not public: predictions are sent to a site, in one file for each task.
# On the hub these labels are −1, and whoever compares with them gets an accuracy of 0; so the course refuses to.
# Below, a file of predictions is written that says 0 of everything, in the official form:

# %%
sizes = {(name, split): GLUE_TASKS[name].sizes[split] for name, split in FILES if name != "ax"}
with tempfile.TemporaryDirectory() as folder:
    place = Path(folder) / "submission.zip"
    write_submission(place, {key: [0] * n for key, n in sizes.items()})
    with zipfile.ZipFile(place) as found:
        say(*sorted(found.namelist()))
        say(repr(found.read("RTE.tsv").decode()[:60]), "…")
    try:
        write_submission(place, {("rte", "test"): [0] * 3_000})
    except ValueError as error:
        say(error)

# %% [markdown]
# With a network, these lines fetch a task and judge a model on its validation set:
#
# ```python
# from course.data import glue_set
# from course.evaluation.glue import score_task
# items = glue_set("rte", "validation")
# score_task(items, [0 for _ in items.items])
# ```
#
# > **What the notes say / what the paper says.**
# > The notes read the name of WNLI as "WikiText-103-NLI".
# > The W is Winograd's: a Winograd schema is a sentence with a pronoun that can mean two things, and the task asks whether one of them is meant.
# > WNLI's validation set was made adversarial (Wang et al. 2019): the same sentence can be in the training set with the other label, so that a model that remembers it falls below a constant guess.
# > Devlin et al. 2019 left it out, and a GLUE score with it and one without it are two numbers.

# %% [markdown]
# ## 7 · A published table, again
#
# SmolLM2's model card has scores on multiple choice, made without a single letter being generated: the model reads a question, and each answer gets the log-probability of its tokens.
# Longer answers have lower ones, so the number is divided by the answer's length in characters.
# This is a question of the kind, with the right answer marked.

# %%
question = draw(answer_choices("commonsenseqa"), 1)[0]
say(question.question)
for place, text in enumerate(question.answers):
    say("✓" if place == question.place else "·", text)

# %%
table(
    {
        "task": one["task"],
        "published for": one["published for"].removeprefix("SmolLM2-135M").lstrip("-")
        or "Base",
        "published": f"{one['published, %']} %",
        "chat": one["chat template"],
        "here": one["SmolLM2-135M-Instruct in 4 bits"],
        "inside": one["in the interval"],
    }
    for one in reproduction()
)

# %%
claim(
    "evaluation.published",
    "On PIQA, in its chat template, SmolLM2-135M-Instruct with four-bit weights reaches the score of its model card.",
    said_by="the model card, of the full weights",
    findings=[
        Finding(
            "right answers, by characters",
            accuracy("piqa", "chat", "character"),
            "above",
            PUBLISHED[0].percent / 100,
        )
    ],
)

# %% [markdown]
# The protocol here is the card's, that of the evaluation library lighteval.
# The claim is about the one row whose model is the course's.
# Four differences are known there: the weights have four bits, the other numbers have another format, some of PIQA's questions are not among the course's data, and the software is different.
# In the other rows the model itself is another one, the base model.
# How well would the questions left out have to be answered, if nothing but them made the difference?

# %%
PIQA_WHOLE = 1_838  # questions in PIQA's validation set
piqa_right = right("piqa", "chat", "character")
left_out = PIQA_WHOLE - len(piqa_right)
missing = PUBLISHED[0].percent / 100 * PIQA_WHOLE - piqa_right.sum()
say(f"{left_out} of {PIQA_WHOLE:,} questions left out: {100 * missing / left_out:.0f} % right")

# %% [markdown]
# That is far from what the model reaches on the others, so the missing questions alone are an unlikely reason.
# The other differences were not undone, so nothing here says which of them it is.
#
# Of OpenBookQA and CommonsenseQA the questions are the card's own.
# So the two scores are of the same items, and their difference is a paired one, which the interval of one score does not describe: it says how far the score could be elsewhere with other questions.
# A ✓ in the last column says no more than that the difference is not larger than that; it does not say that the score was reproduced.
# The card prints no intervals, and its scores have them as well.
# What can be tried is the protocol, and first of all the division by the length:

# %%
TASKS = ("piqa", "openbookqa", "commonsenseqa", "siqa")
table(
    {"task": task, "guessing": f"{100 * chance(task):.1f} %"}
    | {
        f"by {norm}": accuracy(task, "published", norm)
        for norm in ("sum", "character", "token")
    }
    for task in TASKS
)

# %%
ask("evaluation.longest")

# %%
table(
    {"task": task}
    | {f"the {rule}": baseline(task, rule) for rule in ("longest", "shortest")}
    | {"SmolLM2": accuracy(task, "published", "character")}
    for task in TASKS
)

# %%
claim(
    "evaluation.normalized",
    "Divided by their length in characters, log-probabilities find more right answers than undivided ones, in all four tasks.",
    said_by="common practice: acc_norm beside acc",
    findings=[
        Finding(
            f"{task}: right answers, by characters minus by the sum",
            accuracy_difference(task, ("published", "character"), ("published", "sum")),
            "above",
            0.0,
        )
        for task in TASKS
    ],
)

# %%
claim(
    "evaluation.longest_answer",
    "On OpenBookQA, the rule “take the longest answer” is below SmolLM2.",
    said_by="what one would expect of a language model",
    findings=[
        Finding(
            "right answers, SmolLM2 minus the longest answer",
            more_than_baseline("openbookqa", "longest"),
            "above",
            0.0,
        )
    ],
)

# %% [markdown]
# This is one of the eight comparisons that the table allows, and it was picked for its outcome: on these questions the rule scored higher than the model.
# A baseline that reads nothing but lengths belongs in every such table.
# Here, answers of equal length share the question; on the boards of section 10 the first of them is taken, so the same rules have slightly different scores there.
#
# Next, the form of the prompt.
# The weights and the questions are the same in all rows below; what differs is what the model reads before each answer.

# %%
N_ASKED = len(right("piqa", "letters"))
FORMS = {
    "published": "as published",
    "start token": "start token first",
    "chat": "chat template",
    "without question": "no question",
    "5 shots, draw 0": "5 examples",
    "5 shots, draw 1": "5 others",
}
say(f"right of {N_ASKED} questions of each task, in %, by characters")
table(
    {"read": name}
    | {
        task: round(100 * float(right(task, form, "character")[:N_ASKED].mean()))
        for task in TASKS
    }
    for form, name in FORMS.items()
)

# %% [markdown]
# The row "no question" has the answers alone: what is left of a score there is what the answers give away.
# An interval around each of these numbers is wide, as there are few questions; a difference between two rows is on the same questions.
# These are the differences that the examples make:

# %%
DRAWS = {"5 shots, draw 0": "5 examples", "5 shots, draw 1": "5 others"}
gains_of = {
    (task, form): accuracy_difference(task, (form, "character"), ("published", "character"))
    for task in TASKS
    for form in DRAWS
}
without_0 = {task for (task, _form), gain in gains_of.items() if gain.low > 0 or gain.high < 0}
say("an interval without 0:", ", ".join(task for task in TASKS if task in without_0))
say("none found:", ", ".join(task for task in TASKS if task not in without_0))
table(
    {"task": task} | {name: gains_of[task, form] for form, name in DRAWS.items()}
    for task in TASKS
)

# %%
claim(
    "evaluation.examples_help",
    "On CommonsenseQA, each of two draws of five examples scored higher than none.",
    said_by="this lesson",
    findings=[
        Finding(
            f"right answers, {name} minus none",
            gains_of["commonsenseqa", form],
            "above",
            0.0,
        )
        for form, name in DRAWS.items()
    ],
)

# %% [markdown]
# CommonsenseQA was picked for this card after the table was seen, out of four tasks.
# The two draws share the questions and the score without examples, so they are not two independent findings.
# Section 10 counts all eight comparisons.
#
# So "the score of SmolLM2 on CommonsenseQA" is not one number, and a table that says neither the form nor the number of examples cannot be compared with another.
#
# The same model can also be asked for the letter of the answer, or to write it in its own words, which are then read by a rule.
# An answer in its own words counts as read when it begins with a letter and a sign, names a letter after "answer" or a like word, or has the words of one of the answers.

# %%
WAYS = {
    "the answers' text, by characters": ("published", "character"),
    "the letter": ("letters", "sum"),
    "in its own words": ("written", "sum"),
}
for way, (form, norm) in WAYS.items():
    scores = {task: right(task, form, norm) for task in TASKS}
    say(f"{way}:")
    say(
        "   "
        + "; ".join(
            f"{task} {100 * one[:N_ASKED].mean():.0f} %" for task, one in scores.items()
        )
    )

# %% [markdown]
# These are the same drawn questions of each task, and the same weights.
# Before anything is concluded from the second line, look at what was answered:

# %%
for task in TASKS:
    letters_taken = Counter("ABCDE"[one.argmax()] for one in decided(task, "letters"))
    places = Counter("?ABCDE"[place + 1] for place in written(task).tolist())
    right_places = Counter("ABCDE"[place] for place in cell(task, "letters").right)
    letter, times = right_places.most_common(1)[0]
    say(f"{task}: letters {dict(letters_taken)}, in its own words {dict(places)}")
    say(f"   best constant answer: {letter}, right for {100 * times / N_ASKED:.0f} %")

# %% [markdown]
# By the letter, SmolLM2 says the same of every question, so these shares are those of a constant guess: they say where the right answer is, and nothing of what the model knows.
# Accuracy alone did not show it.
# Count the answers, and put the best constant answer beside the score.

# %%
claim(
    "evaluation.letter",
    "Asked for the letter, SmolLM2 answers fewer questions right than by the log-probability of the answers' text.",
    said_by="this lesson",
    findings=[
        Finding(
            f"{task}: right answers, letter minus text",
            accuracy_difference(task, ("letters", "sum"), ("published", "character")),
            "below",
            0.0,
        )
        for task in TASKS
    ],
)

# %% [markdown]
# ## 8 · Two models, the same items
#
# Two intervals that overlap do not say that two models are equal.
# On the same items they say even less: hard items are hard for both.
# What counts are the items on which they differ.
# The two models below were taken because their intervals overlap and the test still tells them apart; section 10 asks what is left of that when all pairs are counted.

# %%
first, second = "MiniLM + Houlsby adapters, 1,024", "MiniLM + LoRA, 1,024"
hits_of = {
    name: (by_name[name].predicted == reviews.true).astype(int).tolist() for name in by_name
}
for name in (first, second):
    say(f"{name}: {share(sum(hits_of[name]), len(truth), of='reviews')}")
only_first = sum(a > b for a, b in zip(hits_of[first], hits_of[second], strict=True))
only_second = sum(a < b for a, b in zip(hits_of[first], hits_of[second], strict=True))
say(f"right by the first alone: {only_first}, by the second alone: {only_second}")

# %% [markdown]
# *McNemar's test* asks how surprising these two counts would be if each of the items were won by the throw of a coin.
# Its answer is a p-value.
# A *p-value* is the probability of a split at least as uneven as this one if neither model were better.
# Below 0.05 is called significant: two equal models get there at most once in twenty.


# %% tags=["exercise"]
def mcnemar(first_right: list[bool], second_right: list[bool]) -> float:
    """The exact two-sided p-value of McNemar's test for two models on the same items.

    first_right[i], second_right[i]: whether the first and the second model got item i right.
    Only the items count that one model alone got right; there are n of them. If the models do
    not differ, each is won like the throw of a fair coin. Let k be the number of items that the
    model with fewer of them won. The p-value is twice the probability of at most k heads in n
    throws, and 1.0 where that is more, or where n is 0. The probability of exactly j heads is
    comb(n, j) / 2**n.

    >>> mcnemar([True] * 6 + [False, True], [False] * 6 + [True, True])
    0.125
    >>> mcnemar([True, False, True], [False, True, True])
    1.0
    """
    ...


check("evaluation.mcnemar", mcnemar)

# %%
mcnemar_of = yours("evaluation.mcnemar", mcnemar)
a, b = ([bool(one) for one in hits_of[name]] for name in (first, second))
say(f"p = {mcnemar_of(a, b):.4f}")
say("difference:", mean_difference(hits_of[first], hits_of[second], "points", of="reviews"))

# %%
ask("evaluation.overlap")

# %% [markdown]
# The test is for right and wrong.
# For any other score, draw the items again, with replacement, and measure both models on what was drawn: a *paired bootstrap*.


# %% tags=["exercise"]
def win_rate(first: list[float], second: list[float], resamples: list[list[int]]) -> float:
    """The share of resamples in which the first model has the greater mean score.

    first[i], second[i]: the scores of the two models on item i. Each resample is a list of item
    numbers, drawn with replacement: an item may be in it several times, or not at all. Both
    means are over the items of the resample, as often as they are in it. Where both are equal,
    the resample counts half. There is one resample or more, and one item or more in each.

    >>> win_rate([1, 0, 1], [0, 1, 1], [[0, 2, 2], [1, 1, 0], [2, 2, 2], [0, 0, 1]])
    0.625
    >>> win_rate([0.5, 1.0], [0.75, 0.25], [[0, 0], [0, 1]])
    0.5
    """
    ...


check("evaluation.win_rate", win_rate)

# %%
wins = yours("evaluation.win_rate", win_rate)
generator = np.random.default_rng(0)
drawn = generator.integers(len(truth), size=(500, len(truth))).tolist()
say(
    f"the first is better in {wins(hits_of[first], hits_of[second], drawn):.3f} of 500 resamples"
)
compared = ("MiniLM + LoRA, 1,024", "TF-IDF + logistic regression, 1,024")
closeness = [
    (1 - (by_name[name].probabilities - np.array(truth)) ** 2).tolist() for name in compared
]
say("1 minus the squared distance of the probability from the label:")
for name, scores in zip(compared, closeness, strict=True):
    say(f"   {name}: {np.mean(scores):.3f}")
say(f"the first is better in {wins(*closeness, drawn):.3f} of 500 resamples")

# %% [markdown]
# The share is one of resamples of these reviews, rounded to three digits.
# It is not the probability that the first model is better, and it does not count that the pair was chosen.
# The second comparison is of a score that is neither right nor wrong: how near the probability of “positive” is to the label, 1 or 0.
#
# ## 9 · How many items does it take?
#
# *Statistical power* is the probability that a comparison finds a difference that is there.
# Take a model that is right on 80 % of all items and one on 78 %, where on 10 % of the items one of the two alone is right:

# %%
models = TwoModels(accuracy=0.80, difference=0.02, discordance=0.10)
for paired, how in ((True, "on the same items"), (False, "on other items each")):
    needed = items_needed(models, paired=paired)
    for_all = "" if paired else f" for each model, {2 * needed:,} in all"
    say(f"{how}: {needed:,} items{for_all} to find it four times in five")
    say(f"   power with 500: {power_of(models, 500, paired=paired):.2f}")
say(
    f"±2 points around 50 %: {items_for_half_width(0.02):,} items; ±7: {items_for_half_width(0.07):,}"
)

# %%
power_figure(0.80, 0.02, 0.10)

# %% [markdown]
# How much does it cost to look at the intervals, and not at the pairs?
# The computer draws the answers of these two models to two thousand items, again and again, and three rules look for the difference that is there.

# %%
RULES = {
    "mcnemar": "McNemar's test",
    "two_proportions": "a test as if the items were others",
    "separate_intervals": "do the intervals stay apart?",
}
found_by = {rule: simulated_power(models, 2_000, rule) for rule in RULES}
for rule, name in RULES.items():
    say(f"{name}: finds it in {found_by[rule]}")

# %%
claim(
    "evaluation.intervals_overlap",
    "For these two models and 2,000 items, McNemar's test mostly finds the difference, and the rule that two intervals must not overlap nearly always misses it.",
    said_by="this lesson",
    findings=[
        Finding("found by McNemar's test", found_by["mcnemar"], "above", 0.5),
        Finding("found by intervals apart", found_by["separate_intervals"], "below", 0.05),
    ],
)

# %% [markdown]
# The more the models differ in their errors, the less pairing gains.
# The first cell of this section took a formula, which is an approximation; the exact test, which was simulated, finds the difference a little less often.
# And how often do the models of this course differ?

# %%
say(f"by the formula, with 2,000 items: {100 * power_of(models, 2_000):.1f} %")
differing = [
    np.mean(np.array(hits_of[one]) != np.array(hits_of[other]))
    for one, other in combinations(hits_of, 2)
]
say("share of reviews that one of two models alone gets right:")
say(f"   {100 * models.discordance:.0f} % in the two models above")
say(f"   {100 * np.median(differing):.0f} % in the median pair of the {len(hits_of)} models")

# %% [markdown]
# Turned around: given the number of items, which difference is found four times in five?
# Below, the better model is right on 80 % of the items, and on 10 % of them, or more where the difference needs more, one of the two alone is.


# %%
def smallest_found(n_items, *, paired):
    """The smallest difference, in whole points, that a test of so many items mostly finds."""
    for points in range(1, 60):
        pair_of_models = TwoModels(0.80, points / 100, max(0.10, points / 100))
        if power_of(pair_of_models, n_items, paired=paired) >= 0.8:
            return points


tests_of = {
    "WNLI, validation": GLUE_TASKS["wnli"].sizes["validation"],
    "prompt forms": N_ASKED,
    "RTE, validation": GLUE_TASKS["rte"].sizes["validation"],
    "reviews, asked": len(truth),
    "reviews": len(column_of("reviews")),
}
table(
    {
        "test": name,
        "items": n,
        "same items": f"{smallest_found(n, paired=True)} points",
        "others each": f"{smallest_found(n, paired=False)} points",
    }
    for name, n in tests_of.items()
)

# %% [markdown]
# ## 10 · The leaderboard
#
# Every model of this course that says whether a critic liked a film, on the same reviews.
# Change the score and the items, draw them again and see which ranks hold, and choose two models to read the reviews on which they differ.

# %%
leaderboard = Leaderboard()
leaderboard

# %%
standing = board("reviews-500", "accuracy")
table(
    {
        "model": row.entry.name,
        "accuracy": row.score,
        "ranks": f"{row.ranks.best}–{row.ranks.worst}",
    }
    for row in standing.rows[:10]
)

# %% [markdown]
# With so many models there are very many pairs, and of twenty pairs that are equal, one is told apart at the 5 % level by chance, on average.
# *Holm's correction* keeps the probability of even one such mistake below 5 %.


# %% tags=["exercise"]
def holm(p_values: list[float]) -> list[float]:
    """Holm's adjusted p-values of many tests, in the order in which the p-values are given.

    Of m p-values, the smallest is multiplied by m, the next one by m - 1, and so on, up to
    the largest, which is multiplied by 1. A product that is below that of a smaller p-value is
    raised to the largest of those. What is above 1 becomes 1.0. Equal p-values have equal
    adjusted ones. No p-values have none: [].

    >>> holm([0.25, 0.0625, 0.5])
    [0.5, 0.1875, 0.5]
    >>> holm([0.25, 0.125, 0.1875])
    [0.375, 0.375, 0.375]
    """
    ...


check("evaluation.holm", holm)

# %%
adjusted = yours("evaluation.holm", holm)
names_of_pairs = list(combinations(hits_of, 2))
right_of = {name: [bool(one) for one in hits] for name, hits in hits_of.items()}
p_values = [mcnemar_of(right_of[one], right_of[other]) for one, other in names_of_pairs]
corrected = adjusted(p_values)
say(f"{len(hits_of)} models, {len(p_values)} pairs")
say(f"below 0.05: {sum(one < 0.05 for one in p_values)} pairs")
say(f"after the correction: {sum(one < 0.05 for one in corrected)} pairs")
p_of = {frozenset(pair): p for pair, p in zip(names_of_pairs, p_values, strict=True)}
corrected_of = {frozenset(pair): p for pair, p in zip(names_of_pairs, corrected, strict=True)}
chosen_pair = frozenset({first, second})
say(f"section 8's pair: p = {p_of[chosen_pair]:.4f}, corrected {corrected_of[chosen_pair]:.2f}")
neighbours_of = neighbours(standing)
n_found = sum(pair.p_value < 0.05 for pair in neighbours_of)
say(f"of {len(neighbours_of)} pairs of neighbours, below 0.05 before any correction: {n_found}")

# %% [markdown]
# How many pairs have intervals that overlap, and are told apart all the same?
# And what is left of the eight comparisons of section 7, examples against none?

# %%
ends = {name: share(sum(hits), len(hits)) for name, hits in hits_of.items()}
overlapping = [
    frozenset({one, other})
    for one, other in names_of_pairs
    if ends[one].low <= ends[other].high and ends[other].low <= ends[one].high
]
say(f"{len(overlapping)} pairs overlap")
for how, of_pairs in (("p", p_of), ("corrected", corrected_of)):
    say(f"   {how} below 0.05: {sum(of_pairs[pair] < 0.05 for pair in overlapping)} of them")
p_of_examples = {}
for task, form in gains_of:
    examples, none = (right(task, of, "character")[:N_ASKED] for of in (form, "published"))
    p_of_examples[task, DRAWS[form]] = mcnemar_of((examples > 0).tolist(), (none > 0).tolist())
for (task, name), p in zip(p_of_examples, adjusted([*p_of_examples.values()]), strict=True):
    say(f"{task}, {name}: p = {p_of_examples[task, name]:.4f}, corrected {p:.3f}")

# %% [markdown]
# Back to the board: is the best model better than the others?
# In the table below the p-values against the best are corrected in two ways, for the tests against it alone and for all pairs of the board.

# %%
best = standing.rows[0].entry.name
table(
    {
        "model": row.entry.name,
        "p against the best": f"{row.p_value:.3f}",
        f"{len(standing.rows) - 1} tests": f"{row.p_corrected:.3f}",
        "all pairs": f"{corrected_of[frozenset({best, row.entry.name})]:.3f}",
    }
    for row in standing.rows[1:10]
)

# %% [markdown]
# The first correction does not cover that the best was chosen for being best on these reviews.
# The second one does, as it counts every pair that could have been chosen; the widget corrects in this way.

# %%
ask("evaluation.many_pairs")

# %%
claim(
    "evaluation.best_is_best",
    "The first model of the board is better than the second, on the same reviews.",
    said_by="the order of the board",
    findings=[
        Finding(
            "accuracy, first minus second",
            mean_difference(
                hits_of[standing.rows[0].entry.name],
                hits_of[standing.rows[1].entry.name],
                "points",
                of="reviews",
            ),
            "above",
            0.0,
        )
    ],
)

# %% [markdown]
# The widget above gives the interval of the same difference slightly different ends.
# The card resamples the differences of single items and widens the percentiles a little for the number of items; the widget takes plain percentiles of the resampled difference of two scores, which works for any score, and the draws are others.
#
# How many reviews would it take to tell neighbours apart, if they differ as they do here?

# %%
table(
    {
        "better": pair.better,
        "worse": pair.worse,
        "alone right": f"{pair.only_better} / {pair.only_worse}",
        "items, about": "–" if pair.needed is None else int(float(f"{pair.needed:.2g}")),
    }
    for pair in neighbours_of[:6]
)

# %% [markdown]
# Read no more than the order of magnitude: the number takes the difference on these reviews for the true one.
#
# The course's other tests have boards of their own, and on each the first row to read is the rule that knows nothing:

# %%
for name in ("topics", "sentence order", "piqa", "openbookqa", "commonsenseqa", "siqa"):
    column = column_of(name)
    rows = board(column, "accuracy", n_resamples=200).rows
    trivial = [row for row in rows if row.entry.is_trivial]
    say(f"{name}, {len(column):,} {column.items}")
    say("   best:", rows[0].entry.name, "·", rows[0].score)
    if trivial:
        say("   best rule without a model:", trivial[0].entry.name, "·", trivial[0].score)
    say(f"   guessing: {100 * column.chance:.1f} %")

# %% [markdown]
# Two scores can also disagree about which of two models is better, on the same answers.
# First the trap of section 1, on the whole board: the pairs that F1 and Matthews' coefficient order in opposite ways.

# %%
N_PERMUTATIONS = 40_000
turned = flips(reviews, "F1", "Matthews", trivial=True, n_permutations=N_PERMUTATIONS)
say(f"{len(turned)} pairs, {sum(one.excludes_0 for one in turned)} of them by both intervals")
constant = next(one for one in turned if one.better == "always positive")
say("higher F1:", constant.better)
say("higher Matthews:", constant.worse)
say(f"p = {constant.p_value:.4f}; counting all pairs of the board: {constant.p_corrected:.2f}")
smallest = 1 / (N_PERMUTATIONS + 1)
say(f"the smallest p possible: {smallest:.1g}; times all pairs: {smallest * len(p_values):.3f}")

# %%
claim(
    "evaluation.f1_prefers_constant",
    "By F1, a program that always says “positive” is better than a model trained on reviews, and by Matthews' coefficient the model is better.",
    said_by="section 1",
    findings=[
        Finding("F1, the constant answer minus the model", constant.first, "above", 0.0),
        Finding("Matthews, the same difference", constant.second, "below", 0.0),
    ],
)

# %% [markdown]
# The pair was chosen for this, and the intervals of the card are those of a single pair; the corrected p above counts the choice.
# The card says that Matthews' coefficient is undefined in the resamples: for a constant answer it is 0 divided by 0 in each of them, and counts as 0.
#
# In lesson 03's task, dates are written in another form: right is a date without any error, and the error rate counts characters.

# %%
dates = flips(column_of("dates"), "accuracy", "error rate")
table(
    {
        "higher accuracy": one.better,
        "fewer errors": one.worse,
        "accuracy": one.first,
        "errors": one.second,
        "larger p of both, all pairs counted": one.p_corrected,
    }
    for one in dates
)

# %%
surest = dates[0]
claim(
    "evaluation.two_scores",
    "Two scores of the same answers rank a pair of models in opposite ways.",
    said_by="this lesson",
    findings=[
        Finding(f"accuracy: {surest.better} minus {surest.worse}", surest.first, "above", 0.0),
        Finding("and by the error rate, the same difference", surest.second, "below", 0.0),
    ],
)

# %% [markdown]
# The pair was chosen out of all pairs, so its intervals, made for a single pair, are too narrow.
# The p in the table counts all of them, for both scores.
#
# ## 11 · A test that was read
#
# What is a score worth when the model has read the test?
# Of one half of a test, a quarter, a half and all items were put among the training texts of the TF-IDF model of lesson 10, with their labels; the other half of the test stayed clean.
# More texts help in any case, so each of these runs has a control that reads as many other labelled reviews in their place; the gains are the differences from it.

# %%
leaks = leak_results("tfidf")
table(
    {
        "leaked": f"{100 * one.share:.0f} %",
        "that half": one.leaked,
        "clean half": one.clean,
        "gain": "" if one.gain is None else one.gain,
        "clean gain": "" if one.clean_gain is None else one.clean_gain,
    }
    for one in leaks
)

# %%
ask("evaluation.leak")

# %%
read, unread = accuracy_of_read("tfidf", 0.5)
say(
    f"half leaked: {100 * read:.1f} % of what was read, "
    f"{100 * unread:.1f} % of the rest of that half"
)
claim(
    "evaluation.contamination",
    "Training TF-IDF on one half of a test raises the score of that half, and changes that of "
    "the other by less than 3 points, compared with training on as many other reviews.",
    said_by="why tests are kept apart",
    findings=[
        Finding("the leaked half, minus the control", leaks[-1].gain, "above", 0.0),
        Finding("the clean half, minus the control", leaks[-1].clean_gain, "above", -0.03),
        Finding("and the same, from above", leaks[-1].clean_gain, "below", 0.03),
    ],
)

# %% [markdown]
# The TF-IDF model is right on all that it has read, with every seed.
# So the row "100 %" of the table has an interval of no width: nothing varied from seed to seed or from review to review.
# MiniLM with LoRA read other training reviews, fewer of them, and half of the same half of the test, at two seeds:

# %%
for one in leak_results("lora"):
    say(f"leaked {100 * one.share:.0f} %: that half {one.leaked}, clean half {one.clean}")
    say("   gain:", one.gain, "· clean gain:", one.clean_gain)
by_lora = accuracy_of_read("lora", 0.5)
say(
    f"   of what was read {100 * by_lora[0]:.1f} %, of that half's rest {100 * by_lora[1]:.1f} %"
)

# %% [markdown]
# It gains less from what it read.
# The two models differ in more than one way, so this does not say why.
# With two seeds the interval of its clean gain reaches far beyond 3 points to either side: whether its clean half changed cannot be told, so the card speaks of TF-IDF alone.
#
# *Contamination* is found by comparing texts, and only where the copy is close enough.
# Here a hundred reviews leak in five ways, and four detectors look at them and at a hundred reviews that did not leak: "equal" asks whether a test text is a training text or inside one, "near" compares the letters alone, and the others look for a run of so many words.
# The training texts are the real ones of lesson 10, and the hundred leaked texts are added to them.

# %%
read_before = column_of("reviews").trainings()["training"]
drawn_texts = draw(list(column_of("reviews").texts()), 200)
looked = detected(read_before, drawn_texts[:100], drawn_texts[100:])
methods = list(dict.fromkeys(one.detector for one in looked))[:4]
short = dict(zip(methods, ("equal", "near", "5 words", "8 words"), strict=True))
say(f"{len(read_before):,} training reviews; suspected of the hundred that did not leak:")
for one in looked[: len(methods)]:
    say(f"   {short[one.detector]}: {one.false_alarms}")
table(
    {"leaked": leak}
    | {
        short[one.detector]: f"{100 * one.found.estimate:.0f} %"
        for one in looked
        if one.leak == leak and one.detector in short
    }
    for leak in dict.fromkeys(one.leak for one in looked)
)

# %% [markdown]
# A detector that suspects none of a hundred may still suspect a few in a hundred of all clean reviews: the upper ends of the intervals say how many.
# Short runs find most, and suspect reviews that did not leak.
# That 8 words fail where every sixth word was changed is built in: the longest run that stays intact there has five words.
#
# All of this needs the training texts.
# Nobody outside knows what a model from elsewhere has read, SmolLM2 among them, so its scores above may contain items that it has seen.
#
# ## 12 · Judge it yourself
#
# The labels of these reviews are not from the course: a critic's review was fresh or rotten, and a sentence of it has the same label.
# Label twenty of them without seeing the label.
# Afterwards the widget compares you with the labels, and with the best model of the board.
# It also shows *Cohen's kappa*, agreement beyond what two labelers would reach by chance: (agreement − chance) / (1 − chance), where chance is the agreement of two who answer independently, each class as often as they did.
# Twenty items tell little:

# %%
say("16 of 20 is", share(16, 20, of="reviews"))

# %%
judge = JudgeYourself()
judge

# %% [markdown]
# Two people who label the same items seldom agree in all of them, and no model can be said to be better than the labels it is measured by.
#
# ## 13 · The notes on evaluation
#
# - **"GLUE has nine tasks"**, and the notes list seven: STS-B and QNLI complete them.
# - **"WNLI (WikiText-103-NLI)"**: the W stands for Winograd, as section 6 says.
# - **"It is used to compare performance"**: sections 8 to 10 say what such a comparison needs.
# - **"MRPC: predict how similar two sentences are"**: MRPC asks for yes or no; a degree of similarity is STS-B's.
# - **MNLI, QQP, SST-2, CoLA and RTE** ask what the notes say that they ask; the questions are in the table of section 6.
#
# ### What held, and what did not
#
# The cards above have the numbers.
# What held: in TF-IDF a leak raises the score of what leaked, and changes the rest by less than three points; for two models like those of section 9 pairs find what separate intervals miss; two scores can order the same answers in opposite ways; and on CommonsenseQA each of two draws of five examples scored higher than none.
# CommonsenseQA was picked after the table was seen, no difference was found in the other three tasks, and of all eight comparisons one is left after Holm's correction.
# What did not hold, or not as one would like:
#
# - PIQA's published score of the instruct model is outside the interval measured here: four-bit weights, questions left out, number format and software differ, none of which was undone; the questions left out are an unlikely reason by themselves.
# - A rule that looks at lengths alone scored higher than SmolLM2 on OpenBookQA, in one of eight comparisons.
# - The pair that F1 and Matthews' coefficient turn around was chosen from many such pairs, and is not told apart when all pairs are counted.
# - Dividing by the length helped in some tasks, and in PIQA no difference was found.
# - The best model of the board cannot be told from the second, on these reviews.
# - Asked for letters, SmolLM2 gave one letter to every question, and the table had numbers for it all the same.
# - The pair of section 8 differs by its own test, and not when all pairs of the board are counted.
#
# ## What to remember
#
# - Say what a model that reads nothing reaches, beside every score.
# - Accuracy and F1 can be high for an answer that never changes; Matthews' coefficient is 0 then.
# - Perplexity per token compares models of one tokenizer; bits per byte compare any two.
# - A score belongs to a protocol: the prompt, the form of the answer, what it is divided by.
# - Compare two models on the same items, by those on which they differ, and count your comparisons.
# - A test of a few hundred items mostly cannot rank models that are a few points apart.
# - A test that was in training measures memory.
#
# **Read on**: Wang et al. 2019, *GLUE: A Multi-Task Benchmark and Analysis Platform for Natural Language Understanding*; Post 2018, *A Call for Clarity in Reporting BLEU Scores*; Dror et al. 2018, *The Hitchhiker's Guide to Testing Statistical Significance in Natural Language Processing*; Card et al. 2020, *With Little Power Comes Great Responsibility*; Biderman et al. 2024, *Lessons from the Trenches on Reproducible Evaluation of Language Models*.
# In the code: `course/evaluation/`, `course/intervals/paired.py`, `course/intervals/power.py`, `course/tasks/harness.py`, `course/tasks/leaderboard.py`, `experiments/leaderboard.py`.
#
# **Next**: lesson 20, *Looking inside*.

# %%
progress.table()
