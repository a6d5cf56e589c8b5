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
# # 12 · Prompting and in-context learning
#
# Lessons 10 and 11 changed weights to teach a model a task.
# Here no weight changes: the task is in the text that the model reads, its prompt.
# You build prompts from their parts, read a label off the probabilities of its tokens, find out what examples in a prompt do and what they do not do, and look for the heads inside the model that copy from them.
# At the end a small model is trained for nothing but learning from its prompt, and is held against least squares.
# After this lesson you can
#
# - write a prompt from a template, and score answers of one token or several after it;
# - measure what examples, their labels, their order and the wording of a prompt do to accuracy, with intervals;
# - calibrate the answers with texts that say nothing, sample several answers and let them vote, and allow only answers of a list;
# - say in which sense a model learns from its prompt, and in which it does not.
#
# **Time**: 120 minutes; the cells run in about a minute on two quiet processor cores.
# **Before this**: lesson 07; the cache of keys and values is in its section 5, accuracy and F1 are in lesson 10.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import hashlib

import numpy as np
import torch

from course import trained
from course.claims import Finding, claim
from course.data.splits import draw
from course.decoding import sample
from course.exercises import ask, check, hint, progress, solution, yours
from course.interpretability.copying import copying_test
from course.interpretability.induction import repeated_tokens, word_tokens
from course.intervals import (
    RunCounts,
    difference_of_groups,
    difference_of_rates,
    mean_difference,
    mean_over_items,
    rate,
)
from course.pretrained import load
from course.prompting import (
    CONTENT_FREE,
    TEST_PROBLEMS,
    PromptTemplate,
    Shot,
    answer_probabilities,
    answer_scores,
    averaging,
    calibrated_probabilities,
    constrained_answer,
    encode_pair,
    nearest_neighbors,
    random_shots,
    relative_errors,
    ridge,
    unseen_prompts,
)
from course.prompting import least_squares as by_least_squares
from course.tasks.pretraining import base_tokenizer
from course.tasks.prompted import prompted_answers, prompted_tasks
from course.viz import AttentionExplorer, PromptBuilder, figures, use_course_style
from course.viz.show import say, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 4: four times the texts that are read here.
READ = 4 * BUDGET

# %% [markdown]
# ## 1 · A prompt has parts
#
# The model of this lesson is SmolLM2 as it was published: its makers have tuned it to follow instructions, and lesson 13 shows how that is done.
# It reads plain text here, without the marks of a conversation.
#
# The notes name three parts of a prompt: an instruction that says what to do, a starting input to do it with, and the context, what was said before.
# A fourth is the subject of this lesson: examples, each an input with its answer, each called a *shot*.
# A *prompt template* says how they are written.

# %%
smollm2, byte_pairs = load("smollm2")
template = PromptTemplate(
    "Say whether the review is positive or negative.",
    "Review: {input}\nSentiment: {answer}",
)
some_shots = [
    Shot("A joy from the first scene to the last.", "positive"),
    Shot("Two hours that feel like four.", "negative"),
]
mine = "Not as bad as I feared, and not as good as I hoped."
prompt = template.render(mine, some_shots, context="User: I like short answers.")
say(prompt.text)

# %%
table(
    {"part": part.kind, "characters": repr(prompt.text[part.start : part.end])}
    for part in prompt.parts
)

# %% [markdown]
# The prompt ends where the answer begins, and without a space: in the vocabulary of this model the space belongs to the word that follows it, as lesson 02 shows.
# To the model a prompt is a text like any other, which it continues; nothing tells it which part is which, except how they are written.
#
# Write the function that puts a prompt together:


# %% tags=["exercise"]
def few_shot_prompt(instruction: str, shots: list[tuple[str, str]], text: str) -> str:
    """A prompt after which a language model is to write a label.

    In order: the instruction, a block for each shot, a block for the text, with an empty line
    between any two of them. An empty instruction is left out. A shot is (text, label), and its
    block has two lines: "Review: " and the text, "Sentiment: " and the label. The last block
    ends with "Sentiment:" and no space: the space belongs to the first token of the label.

    >>> few_shot_prompt("Judge.", [("A joy.", "good")], "A bore.").splitlines()
    ['Judge.', '', 'Review: A joy.', 'Sentiment: good', '', 'Review: A bore.', 'Sentiment:']
    """
    ...


check("prompting.few_shot_prompt", few_shot_prompt)

# %%
write_prompt = yours("prompting.few_shot_prompt", few_shot_prompt)
pairs = [(shot.text, shot.answer) for shot in some_shots]
written = write_prompt(template.instruction, pairs, mine)
say("equal to the template's:", written == template.render(mine, some_shots).text)

# %% [markdown]
# ## 2 · How probable is each answer?
#
# One can let the model write, and look for a label in what it writes.
# With few possible answers there is a better way: ask how probable each of them is.
# Nothing has to be found in a text, and each answer gets a number.
#
# An answer can have several tokens.
# The probability of all of them is the product of theirs, its logarithm the sum:
# log p(answer | prompt) = Σ log p(token | prompt and the tokens of the answer before it).

# %%
ask("prompting.longer_answer")


# %% tags=["exercise"]
def answer_score(logits: "Tensor", ids: list[int], n_prompt: int) -> float:
    """How probable an answer is after a prompt: the sum of its tokens' log-probabilities.

    `ids` are the tokens of both: n_prompt of the prompt, at least one, then at least one of the
    answer. logits: (position, vocab), one row for each token of `ids`. The row at a position
    is the model's prediction of the token that follows it. Natural logarithms.

    >>> import torch
    >>> even = torch.zeros(3, 4)
    >>> round(answer_score(even, [2, 0, 3], n_prompt=1), 4)
    -2.7726
    """
    ...


check("prompting.answer_score", answer_score)

# %%
score = yours("prompting.answer_score", answer_score)
candidates = (" positive", " negative", " neither good nor bad")
asked = template.render(mine, some_shots)
rows = []
for candidate in candidates:
    of_prompt, of_answer = encode_pair(byte_pairs, asked.text, candidate)
    with torch.no_grad():
        logits = smollm2(torch.tensor([[*of_prompt, *of_answer]]))[0]
    ids = [*of_prompt, *of_answer]
    rows.append(
        {
            "answer": repr(candidate),
            "tokens": len(of_answer),
            "by your function": score(logits, ids, len(of_prompt)),
        }
    )
course_scores = answer_scores(smollm2, byte_pairs, [asked], candidates)[0]
table(
    row | {"by the course": of_course.item()}
    for row, of_course in zip(rows, course_scores, strict=True)
)

# %% [markdown]
# The longest answer has the lowest score: each further token lowers the sum, whether the answer is right or not.
# Two remedies divide the sum: by the number of characters of the answer, or by its number of bytes.
# The space in front of an answer is not counted.
# The first is what evaluations of language models report as `acc_norm`, beside the sum, `acc`; for English letters the two are the same.

# %%
table(
    {
        "answer": repr(candidate),
        **{
            f"per {per}" if per != "sum" else "sum": answer_scores(
                smollm2, byte_pairs, [asked], [candidate], per=per
            )[0, 0].item()
            for per in ("sum", "character", "byte")
        },
    }
    for candidate in candidates
)

# %% [markdown]
# ### Where does the answer begin?
#
# Prompt and answer are tokenized together and cut afterwards, since that is how the model met them in its training.
# A space at the end of the prompt, an easy mistake, is another text for the model:

# %%
with torch.no_grad():
    for ending in ("Sentiment:", "Sentiment: "):
        spelled = byte_pairs.encode(f"Review: {mine}\n{ending}")
        best = smollm2.next_token_logits(torch.tensor([spelled]))[0].softmax(-1).topk(3)
        shown_best = [
            f"{byte_pairs.decode([token])!r} {probability:.0%}"
            for probability, token in zip(*map(torch.Tensor.tolist, best), strict=True)
        ]
        say(repr(ending), "→", ", ".join(shown_best))

# %% [markdown]
# `answer_scores` moves such a space to the answer.
#
# ## 3 · Three uses, nothing trained
#
# The notes list three uses of a prompt: classification, extraction and summaries.
# Here each of them is a template, with two examples, on real texts; each has a measure, and a baseline that reads no more than the examples.
#
# A label is right or wrong.
# A name that was found in a text is compared as a whole (*exact match*) and word by word (F1).
# For a summary there is no single right answer: *ROUGE* counts what it has in common with a person's, and ROUGE-L the longest common subsequence, words in the same order with others between them.


# %% tags=["exercise"]
def rouge_l(candidate: str, reference: str) -> float:
    """ROUGE-L: the F1 of the longest common subsequence of words.

    Words are the longest runs of a-z and 0-9 in the text in small letters. A subsequence keeps
    the order of the words and may leave some out. With n words in the longest one that both
    texts have, precision is n / the number of the candidate's words, recall is n / that of the
    reference's, and F1 is 2 · precision · recall / (precision + recall). It is 0.0 when n is 0.

    >>> rouge_l("A river of Spain", "a long river in Spain, Europe")
    0.6
    """
    ...


check("prompting.rouge_l", rouge_l)

# %%
tasks = prompted_tasks()
answered = {}
for name, task in tasks.items():
    examples = list(task.pool[:2])
    read = [task.tests[number] for number in draw(range(len(task.tests)), READ)]
    given = prompted_answers(task, smollm2, byte_pairs, [one.text for one in read], examples)
    simple = list(map(task.baseline(examples), [one.text for one in read]))
    answered[name] = (read, given, simple)
table(
    {"task": name, "text": read[0].text, "right": read[0].answer, "SmolLM2": given[0]}
    for name, (read, given, _simple) in answered.items()
)

# %%
overlap = yours("prompting.rouge_l", rouge_l)
summarized, summaries, _by_rule = answered["summary"]
table(
    {
        "right": one.answer,
        "SmolLM2": summary,
        "ROUGE-L, by your function": overlap(summary, one.answer),
    }
    for one, summary in zip(summarized, summaries, strict=True)
)

# %% [markdown]
# These are few texts.
# A script did the same for more of them: without examples, and behind four examples, drawn three times.
# The baselines are a rule each: the examples' most frequent label; the first words with capitals; the first words of the text, as many as the examples' summaries have.


# %%
def text_scores(task, k, who, measure):
    """A number for each text: the mean over draws of the examples."""
    cells = trained.record_of("prompted_tasks", task)["cells"]
    drawn = [cell[who][measure] for name, cell in cells.items() if name.startswith(f"k{k}")]
    return np.mean([trained.numbers(line) for line in drawn], axis=0)


MEASURES = {"classification": "accuracy", "extraction": "F1", "summary": "ROUGE-L"}
table(
    {
        "task": task,
        "measure": measure,
        "examples": k,
        "SmolLM2": text_scores(task, k, "smollm2", measure).mean(),
        "baseline": text_scores(task, k, "baseline", measure).mean() if k else None,
    }
    for task, measure in MEASURES.items()
    for k in (0, 4)
)

# %%
claim(
    "prompting.uses",
    "With four examples in its prompt, SmolLM2 does each of the three tasks better than the task's baseline.",
    said_by="this lesson, of the three uses that the notes name",
    findings=[
        Finding(
            f"{task}, {measure}: SmolLM2 minus baseline",
            mean_difference(
                text_scores(task, 4, "smollm2", measure),
                text_scores(task, 4, "baseline", measure),
                of="texts",
            ),
            "above",
            0.0,
        )
        for task, measure in MEASURES.items()
    ],
)

# %% [markdown]
# The intervals cover other texts, not other examples or wordings, of which there were three and one.
# The baseline of the classification is a weak one: it is right less often than a coin.
# And the claim is not about examples: in the table above, the classification is right more often without any.
# How much these matter is the next question.
#
# ## 4 · Examples in the prompt
#
# A prompt without examples is *zero-shot*, one with a few *few-shot*.
# That a model of sufficient size does a task better after some examples, although nothing in it changes, is called *in-context learning* (Brown et al. 2020).
#
# Examples make every prompt longer, and all prompts begin with the same ones.
# Their keys and values can be computed once and serve every text (lesson 07); `answer_scores` does that by itself.

# %%
prefix = trained.record_of("prompting", "prefix")
say(f"largest difference of a score: {prefix['largest_difference']:.1e} nats")
say(f"{prefix['reviews']} reviews behind {prefix['shots']} examples:")
table(
    {"the examples are read": how, "processor seconds": prefix[f"{key}_cpu_seconds"]}
    for how, key in {"once for all": "shared", "again with each review": "apart"}.items()
)

# %% [markdown]
# A script asked SmolLM2 about reviews of movies that no example is about.
# A draw has 16 examples; smaller prompts have the first of them.
# There are five draws: they are the “seeds” of the intervals below.


# %%
def errors_of(part, cells, column="positive"):
    """Errors on the test reviews: a row for each of these prompts."""
    record = trained.record_of("prompting", part)
    truth = np.array(trained.numbers(record["labels"])) > 0.5
    answered = [trained.numbers(record["cells"][cell][column]) for cell in cells]
    errors = ((np.array(answered) > 0.5) != truth).astype(int)
    return RunCounts(errors, np.ones_like(errors), "reviews")


def cells_with(part, **about):
    """The names of a record's prompts that are of this kind."""
    cells = trained.record_of("prompting", part)["cells"]
    return [
        name
        for name, cell in cells.items()
        if all(cell.get(key) == value for key, value in about.items())
    ]


def more_errors(a, b, unit="points"):
    """The error rate of a minus that of b, draw by draw; what has one draw is beside each."""
    n = max(a.n_seeds, b.n_seeds)
    paired = [
        RunCounts(*(np.broadcast_to(part, (n, one.n_items)) for part in parts), one.items)
        for one in (a, b)
        for parts in [(one.errors, one.symbols)]
    ]
    return difference_of_rates(*paired, same_runs=True, unit=unit)


# %%
COUNTS = (0, 1, 2, 4, 8, 16)
by_count = {k: errors_of("shots", cells_with("shots", k=k)) for k in COUNTS}
calibrated_by_count = {
    k: errors_of("shots", cells_with("shots", k=k), "calibrated") for k in COUNTS
}


def right_by_draw(errors_by_count):
    """A row for each draw; without examples there is one prompt, which is in every row."""
    columns = [1 - counts.errors.mean(axis=1) for counts in errors_by_count.values()]
    return np.stack([np.broadcast_to(column, 5) for column in columns], axis=1)


# %%
figures.curves(
    list(COUNTS),
    {
        "as the model answers": right_by_draw(by_count),
        "calibrated (section 5)": right_by_draw(calibrated_by_count),
    },
    title="More examples: SmolLM2 on reviews",
    xlabel="examples in the prompt",
    ylabel="share of reviews right",
    band="± a standard deviation over 5 draws of the examples; without examples there is one prompt",
)

# %%
claim(
    "prompting.more_examples",
    "With 16 examples in the prompt SmolLM2 makes fewer errors than without any.",
    said_by="Brown et al. 2020, section 3, of larger models and of many tasks together",
    findings=[
        Finding(
            "error rate, 16 examples minus none",
            more_errors(by_count[16], by_count[0]),
            "below",
            0.0,
        )
    ],
)

# %% [markdown]
# ## 5 · What do the examples do?
#
# The intervals above are wide, since draws of examples differ so much among themselves; small effects take more draws than five.
#
# If the model learned the task from its examples, one would expect wrong labels to do harm, and their order to matter little.
# Both can be tried.

# %%
ask("prompting.random_labels")

# %%
with_random_labels = {
    k: errors_of("random-labels", cells_with("random-labels", k=k)) for k in (4, 16)
}
table(
    {
        "examples": k,
        "right, with right labels": 1 - by_count[k].errors.mean().item(),
        "right, with random labels": 1 - with_random_labels[k].errors.mean().item(),
        "errors, random minus right": more_errors(with_random_labels[k], by_count[k]),
    }
    for k in (4, 16)
)

# %%
claim(
    "prompting.random_labels",
    "Labels drawn at random cost SmolLM2 at most two points, with 16 examples.",
    said_by="this lesson, after Min et al. 2022, who found small losses on average over models and tasks",
    findings=[
        Finding(
            "error rate, random labels minus right ones",
            more_errors(with_random_labels[16], by_count[16]),
            "below",
            0.02,
        )
    ],
)

# %% [markdown]
# ### Their order
#
# Four examples have 24 orders.

# %%
ask("prompting.order")

# %%
every_order = trained.record_of("prompting", "orders")["cells"]
ranked = sorted(every_order.values(), key=lambda one: one["accuracy"])
figures.curves(
    range(1, len(ranked) + 1),
    {
        "as the model answers": [one["accuracy"] for one in ranked],
        "calibrated": [one["calibrated_accuracy"] for one in ranked],
    },
    title="The same four examples in their 24 orders",
    xlabel="order, from the worst to the best",
    ylabel="share of reviews right",
)

# %%
table(
    {
        "labels in the prompt, in order": one["labels"],
        "right": one["accuracy"],
        "right, calibrated": one["calibrated_accuracy"],
    }
    for one in (*ranked[:3], *ranked[-3:])
)

# %% [markdown]
# Chosen from 24, the best order looks better than it is, and the worst looks worse.
# So one half of the reviews chooses the best and the worst order, and the other half compares these two.

# %%
half = len(trained.numbers(trained.record_of("prompting", "orders")["labels"])) // 2
of_orders = errors_of("orders", every_order)
on_first_half = of_orders.errors[:, :half].mean(axis=1)
worst, best = (
    RunCounts(of_orders.errors[[place], half:], of_orders.symbols[[place], half:], "reviews")
    for place in (on_first_half.argmax(), on_first_half.argmin())
)
claim(
    "prompting.order",
    "For one set of four examples, the order alone makes a difference of more than ten points.",
    said_by="this lesson, after Lu et al. 2022, who found orders near chance and near the best of their time",
    findings=[
        Finding(
            "error rate, worst order minus best, on reviews that chose neither",
            difference_of_rates(worst, best),
            "above",
            0.1,
        )
    ],
)

# %% [markdown]
# ### Wording, words, and which examples
#
# Three templates, with nothing in common but the labels:

# %%
WORDED = {"review": "shots", "question": "wordings", "critic": "wordings"}


def of_wording(wording, k):
    """Errors with a template: the first draws of `shots` have the template "review"."""
    about = {"k": k} if wording == "review" else {"k": k, "wording": wording}
    return errors_of(WORDED[wording], cells_with(WORDED[wording], **about)[:3])


table(
    {
        "template": wording,
        "right without examples": 1 - of_wording(wording, 0).errors.mean().item(),
        "right with 4": 1 - of_wording(wording, 4).errors.mean().item(),
        "errors with 4, minus those of the first": None
        if wording == "review"
        else more_errors(of_wording(wording, 4), of_wording("review", 4)),
    }
    for wording in WORDED
)

# %% [markdown]
# Now the words that stand for the labels.
# With “foo” for negative reviews and “bar” for positive ones, only the examples say which is which.
# In the last row of the table “negative” stands for the positive ones: right is what the examples say.

# %%
LABEL_WORDS = ("bad/good", "terrible/great", "foo/bar", "swapped")
first_draws = errors_of("shots", cells_with("shots", k=4)[:3])
with_words = {
    words: errors_of("words", cells_with("words", words=words, k=4)) for words in LABEL_WORDS
}
table(
    {
        "words": words,
        "right with 4 examples": 1 - counts.errors.mean().item(),
        "errors, minus those with negative/positive": None
        if counts is first_draws
        else more_errors(counts, first_draws),
    }
    for words, counts in {"negative/positive": first_draws, **with_words}.items()
)

# %%
claim(
    "prompting.label_words",
    "SmolLM2 takes what a label means from four examples, not from its word.",
    said_by="this lesson",
    findings=[
        Finding(
            "error rate with foo and bar (chance is 50 %)",
            rate(with_words["foo/bar"]),
            "below",
            0.5,
        ),
        Finding(
            "error rate with the words the wrong way round",
            rate(with_words["swapped"]),
            "below",
            0.5,
        ),
    ],
)

# %% [markdown]
# The last question is which examples to take: four drawn at random, as many of each label, or the four whose embeddings by MiniLM (lesson 06) are nearest to the review, which need no draw.

# %%
chosen_how = {
    "random": errors_of("shots", cells_with("shots", k=4)),
    "balanced": errors_of("choice", [f"balanced-{draw}" for draw in range(5)]),
    "nearest": errors_of("choice", ["nearest"]),
}
table(
    {
        "examples": how,
        "right": 1 - counts.errors.mean().item(),
        "errors, minus those with random ones": None
        if how == "random"
        else more_errors(counts, chosen_how["random"]),
    }
    for how, counts in chosen_how.items()
)

# %% [markdown]
# ### What does the model say to nothing?
#
# Put a text that says nothing in the place of the review, such as “N/A”.
# An even-handed model would find both answers equally probable.

# %%
ask("prompting.content_free")

# %%
labels_of = template.answers(("negative", "positive"))
nothing_said = [template.render(text, some_shots) for text in CONTENT_FREE]
of_nothing = answer_probabilities(answer_scores(smollm2, byte_pairs, nothing_said, labels_of))
table(
    {"text": repr(text), "negative": row[0], "positive": row[1]}
    for text, row in zip(CONTENT_FREE, of_nothing.tolist(), strict=True)
)

# %% [markdown]
# *Contextual calibration* (Zhao et al. 2021) divides that preference out: each answer's probability by what it has without content, behind the same examples in the same order.
# Despite its name it does not aim at the calibration of lesson 10, confidence that agrees with how often a model is right.


# %% tags=["exercise"]
def calibrate(probabilities: list[float], content_free: list[list[float]]) -> list[float]:
    """The probabilities of the answers, without the preference that the prompt alone has.

    `probabilities` has one for each answer. A row of `content_free` has those of the same
    answers after the same prompt around a text that says nothing, such as "N/A". Other texts
    could follow as well, so neither need add up to 1. First, each row of `content_free` is
    divided by its sum. Second, the mean over these rows is taken, for each answer. Third, each
    of `probabilities` is divided by the mean of its answer. Last, what comes out is divided by
    its sum.

    >>> calibrate([0.5, 0.5], [[0.25, 0.25], [0.0625, 0.0]])
    [0.25, 0.75]
    """
    ...


check("prompting.calibrate", calibrate)

# %%
without_preference = yours("prompting.calibrate", calibrate)
plain, calibrated, free = calibrated_probabilities(
    smollm2, byte_pairs, template, [mine], ("negative", "positive"), some_shots
)
yours_calibrated = without_preference(plain[0].tolist(), free.tolist())
table(
    {"answer": answer, "as it is": before, "by your function": own, "by the course": after}
    for answer, before, own, after in zip(
        labels_of, plain[0].tolist(), yours_calibrated, calibrated[0].tolist(), strict=True
    )
)

# %%
claim(
    "prompting.calibration",
    "Contextual calibration makes fewer errors than the probabilities as they are.",
    said_by="Zhao et al. 2021, of larger models, for few examples most of all",
    findings=[
        Finding(
            f"error rate {prompts}, calibrated minus as it is",
            more_errors(errors_of(part, cells, "calibrated"), errors_of(part, cells)),
            "below",
            0.0,
        )
        for prompts, part, cells in (
            ("without examples", "shots", cells_with("shots", k=0)),
            ("with 4 examples", "shots", cells_with("shots", k=4)),
            ("with 16 examples", "shots", cells_with("shots", k=16)),
            ("with 4 examples in 24 orders", "orders", every_order),
        )
    ],
)

# %% [markdown]
# The last of these is about one set of four examples in all its orders; its interval says nothing about other sets.
#
# ## 6 · More from the same model
#
# ### A vote
#
# Where an answer is the end of some reasoning, one can draw several and let them vote: *self-consistency* (Wang et al. 2023).
# What the model wrote has to be read first, and in some texts there is no answer.


# %% tags=["exercise"]
def majority(answers: list[str | None]) -> tuple[str | None, float]:
    """The most frequent of several sampled answers, and its share of all samples.

    An answer is None where none was found in what the model wrote. Such a sample has no vote,
    but it counts in the share, which is votes / all samples. Of answers with equally many
    votes, the one that comes first in the list wins. When there is no answer at all, the result
    is (None, 0.0).

    >>> majority(["18", None, "26", "18"])
    ('18', 0.5)
    """
    ...


check("prompting.majority", majority)

# %% [markdown]
# The task is the extraction of section 3, the title of an article out of its first sentence, and nine answers are sampled at a temperature of 0.7.
# A script did that with more texts; the text below is the one whose share of right samples was closest to a half.
# The samples are drawn anew here, so their votes need not be divided in the same way.

# %%
elect = yours("prompting.majority", majority)
extraction = tasks["extraction"]
of_votes = {
    name: trained.numbers(line)
    for name, line in trained.record_of("prompted_tasks", "votes")["cells"]["right"].items()
}
voted = draw(extraction.tests, len(of_votes["sampled"]))
to_vote = voted[int(np.abs(np.array(of_votes["sampled"]) - 0.5).argmin())]
examples_to_vote = random_shots(extraction.pool, 4, seed=0)
extraction_prompt = extraction.template.render(to_vote.text, examples_to_vote).text
say(to_vote.text)

# %%
drawn = sample(
    smollm2,
    torch.tensor([byte_pairs.encode(extraction_prompt)]),
    eos_id=byte_pairs.encode("\n")[0],
    max_length=12,
    n_samples=9,
    temperature=0.7,
    generator=torch.Generator().manual_seed(0),
)
ballots = [
    byte_pairs.decode(row.tolist()).partition("\n")[0].strip() or None for row in drawn.tokens
]
say("votes:", ballots)
elected, votes_share = elect(ballots)
say(
    f"elected: {elected!r}, with a share of {votes_share:.0%}; right: {to_vote.answer.strip()!r}"
)

# %%
table(
    {
        "the answer": name,
        "right": np.mean(right),
        **{
            f"minus {other}": None
            if name == other
            else mean_difference(right, of_votes[key], of="texts")
            for other, key in (
                ("one sampled answer", "sampled"),
                ("the most probable", "greedy"),
            )
        },
    }
    for name, right in {
        "one sampled answer": of_votes["sampled"],
        "elected by 3": of_votes["3"],
        "elected by 9": of_votes["9"],
        "the most probable": of_votes["greedy"],
    }.items()
)

# %%
claim(
    "prompting.vote",
    "Nine sampled answers elect a right one more often than the most probable answer is right.",
    said_by="Wang et al. 2023, of reasoning in many steps and of far larger models",
    findings=[
        Finding(
            "share right, elected by 9 minus the most probable",
            mean_difference(of_votes["9"], of_votes["greedy"], of="texts"),
            "above",
            0.0,
        ),
        Finding(
            "share right, elected by 9 minus one sampled answer",
            mean_difference(of_votes["9"], of_votes["sampled"], of="texts"),
            "above",
            0.0,
        ),
    ],
)

# %% [markdown]
# There is no reasoning in this task; that a vote does more than take back what sampling spoils is not shown here.
#
# ### Only these answers
#
# The other way round is *constrained decoding*: rule out, at each step, every token after which none of the allowed answers can be completed.


# %% tags=["exercise"]
def allowed_next(answers: list[list[int]], begun: list[int]) -> set[int]:
    """The tokens that may come next, so that what is written can become one of the answers.

    Each answer is a list of token ids, and `begun` is what was written so far. An answer can
    still be reached when it begins with all of `begun`; if it also goes on, its next token is
    allowed. An answer that ends here allows nothing. When nothing is allowed, the set is empty.

    >>> sorted(allowed_next([[5, 8], [5, 9, 2], [7]], begun=[5]))
    [8, 9]
    """
    ...


check("prompting.allowed_next", allowed_next)

# %%
may_follow = yours("prompting.allowed_next", allowed_next)
ways_to_say = [list(encode_pair(byte_pairs, asked.text, each).answer) for each in candidates]
so_far = []
while allowed := may_follow(ways_to_say, so_far):
    with torch.no_grad():
        following = smollm2(torch.tensor([byte_pairs.encode(asked.text) + so_far]))[0, -1]
    so_far.append(max(allowed, key=lambda token: following[token]))
    shown_tokens = sorted(byte_pairs.decode([token]) for token in allowed)
    say("allowed:", shown_tokens, "→", repr(byte_pairs.decode([so_far[-1]])))
say("by the course:", repr(constrained_answer(smollm2, byte_pairs, asked, candidates).answer))

# %% [markdown]
# This takes the best first token, whatever must follow it.
# Where answers have several tokens, the most probable answer can be another one; `answer_scores` reads each to its end.
#
# ## 7 · Does the model learn?
#
# > **What the notes say / what happens.**
# > The notes describe in-context learning as a way in which a model “continues to learn” from its conversation, in real time, and name less bias in the data among its merits.
# > No weight changes, so nothing is kept: the next conversation begins where this one began.
# > Answers made for one user, another of the merits that they name, rest on the same: what the prompt says of a user, for as long as it is in the prompt.
# > And the model brings along what its training put into it: a preference for an answer to nothing, as with the content-free texts, is one kind of bias.


# %%
def fingerprint(model):
    """One number for all bits of all weights."""
    digest = hashlib.sha256()
    for weight in model.state_dict().values():
        digest.update(weight.cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


before_prompts = fingerprint(smollm2)
answer_scores(smollm2, byte_pairs, [asked], candidates)
say("the same bits after a prompt:", fingerprint(smollm2) == before_prompts)

# %% [markdown]
# ## 8 · Heads that copy
#
# Something in the model must carry over what the prompt shows.
# Lesson 20 finds induction heads in SmolLM2: heads that look for an earlier occurrence of the present token, and at what followed it.
# Random words are written twice; in the second half a head with the score 1 looks at nothing but the earlier copy of the token that comes next.
# Are there such heads in our own base model of 3 million weights (lesson 07), too, and is copying lost without them?
#
# One set of texts finds the heads with the highest scores; on another set they are removed, and for comparison, three times, as many other heads of the same layers, drawn at random.
# What a repetition gains is measured against the same second halves behind the first half of another text.

# %%
base_model = trained.load("base_model/gpt")
PERIOD = 32
readers = {"SmolLM2": (smollm2, byte_pairs, 6), "base model": (base_model, base_tokenizer(), 2)}
copying = {}
for name, (reader, own_tokenizer, n_heads) in readers.items():
    words = word_tokens(own_tokenizer.tokens)
    first = own_tokenizer.encode("\n")[0]
    to_find, to_test = (
        repeated_tokens(words, 8 * BUDGET, PERIOD, first=first, seed=seed) for seed in (0, 1)
    )
    copying[name] = copying_test(reader, to_find, to_test, PERIOD, n_heads=n_heads, n_draws=3)
table(
    {
        "model": name,
        "heads removed": ", ".join(f"{layer}.{head}" for layer, head in test.removed),
        "their scores": ", ".join(f"{test.scores[place]:.2f}" for place in test.removed),
        "all other heads, mean": (test.scores.sum() - sum(test.scores[p] for p in test.removed))
        / (test.scores.numel() - len(test.removed)),
    }
    for name, test in copying.items()
)

# %%
table(
    {
        "model": name,
        "loss of the repetition": test.whole.second.mean(),
        "not repeated": test.unrepeated.mean(),
        "repeated, without these heads": test.without_removed.second.mean(),
        "without others": np.mean([each.second.mean() for each in test.without_controls]),
        "first half, change without them": np.mean(test.added_to_first),
    }
    for name, test in copying.items()
)

# %%
claim(
    "prompting.copying",
    "Without the heads of the highest scores both models lose more than half of what a repetition gains, and without others less than half.",
    said_by="this lesson, after Olsson et al. 2022, who measured other models",
    findings=[
        Finding(
            f"{name}: {what}",
            mean_over_items(numbers, "nats", of="texts"),
            "above",
            0.0,
        )
        for name, test in copying.items()
        for what, numbers in {
            "loss added without them, minus half of the gain": np.array(test.added)
            - np.array(test.gain) / 2,
            "half of the gain, minus loss added without others": np.array(test.gain) / 2
            - np.array(test.added_by_controls),
        }.items()
    ],
)

# %% [markdown]
# The base model's highest scores are a small part of SmolLM2's: its heads mostly look elsewhere, and a repetition gains it little.
# Where removing heads also makes the first half worse, they did more than copy.
#
# What removed heads show about copying is an intervention; that they are what makes examples in a prompt work was not shown here.
# Olsson et al. argue for that with several kinds of evidence, which for larger models they themselves call correlational.
#
# See one at work on your own text, with a name that comes twice.
# Each token of its second occurrence looks at the token that came after the same one the first time; most others look at the first token of the text.

# %%
layer, head = copying["SmolLM2"].removed[0]
heads_at_work = AttentionExplorer(
    {"SmolLM2": (smollm2, byte_pairs), "base model": (base_model, base_tokenizer())},
    text="The knight met Ser Brynden Rivers at the gate. That night the knight spoke with Ser Brynden",
    layer=layer,
    head=head,
)
heads_at_work

# %% [markdown]
# ## 9 · A model that is made for it
#
# What could a Transformer learn in its context if it were trained for nothing else?
# Each prompt has examples (x, y) of a function y = w · x, and a new w, which only the examples show.
# The weights cannot hold w, so whatever is known of it is known from the prompt (Garg et al. 2022).
#
# What is the best that one could do?
# With as many examples as x has numbers, w is known; with fewer, there are many w that fit, and *least squares* takes the shortest.


# %% tags=["exercise"]
def least_squares(xs: "Tensor", ys: "Tensor", query: "Tensor") -> float:
    """What the examples of a prompt say of another x, when y = w · x without noise.

    xs: (k, d), ys: (k,), query: (d,). Of all w with the smallest sum of squared errors on the k
    examples, take the one with the smallest norm (there are many such w when k < d, and without
    examples it is 0). The answer is w · query. Compute in float64.

    >>> import torch
    >>> xs, ys = torch.tensor([[1.0, 1.0]]), torch.tensor([2.0])
    >>> round(least_squares(xs, ys, torch.tensor([3.0, 0.0])), 4)
    3.0
    """
    ...


check("prompting.least_squares", least_squares)

# %% [markdown]
# The course's decoder blocks read x₁, y₁, x₂, y₂, … as vectors, and predict each y from what comes before it.
# Every training prompt has a w of its own.
# Four other ways to predict read the same prompts: least squares; averaging, which takes the mean of y · x for w; the mean label of the three nearest examples; and *ridge regression*, which prefers short w and, with the right penalty, is the best possible where w and the noise are normally distributed.
#
# First your function, on two of a thousand new prompts:

# %%
fit = yours("prompting.least_squares", least_squares)
as_trained = unseen_prompts("as in training")
table(
    {
        "prompt": number,
        "examples": k,
        "true": as_trained.target[number, k],
        "by your function": fit(
            as_trained.x[number, :k], as_trained.y[number, :k], as_trained.x[number, k]
        ),
        "by the course": by_least_squares(as_trained.x, as_trained.y)[number, k],
    }
    for number in range(2)
    for k in (2, 5, 10)
)

# %% [markdown]
# With fewer examples than x has numbers, five here, the shortest w is a guess; with five or more it is exact.
# Errors below are squared and divided by the variance of w · x, so that predicting 0 has an error of 1.

# %%
BY_METHOD = {
    "least squares": by_least_squares,
    "averaging": averaging,
    "3 nearest neighbors": nearest_neighbors,
    "ridge regression": lambda x, y: ridge(x, y, penalty=1.0),
}


def errors_by_method(test, method):
    """The relative errors of a known method on a test's prompts: (prompt, number of examples)."""
    prompts = unseen_prompts(test)
    return relative_errors(
        BY_METHOD[method](prompts.x, prompts.y), prompts, TEST_PROBLEMS[test]
    )


def by_examples(model, test="as in training"):
    """The error after each number of examples, a row for each seed."""
    runs = [one for one in trained.results("in_context_regression") if one["model"] == model]
    return np.array([trained.numbers(one["tests"][test]["by_examples"]) for one in runs])


# %%
TOP = 1.2  # above it a point is left out: averaging and neighbors begin far above


def mean_by_examples(method):
    line = errors_by_method("as in training", method).mean(dim=0).tolist()
    return [error if error < TOP else float("nan") for error in line]


figures.curves(
    range(11),
    {
        "averaging": mean_by_examples("averaging"),
        "3 nearest": mean_by_examples("3 nearest neighbors"),
        "Transformer": by_examples("clean"),
        "5 × the steps": by_examples("longer"),
        "least squares": mean_by_examples("least squares"),
    },
    title="Regression in context, with a new w in each prompt",
    xlabel="examples in the prompt",
    ylabel="squared error, relative",
)


# %%
def counts_of(model, test="as in training"):
    """The error of each prompt after ten examples, a row for each seed."""
    return trained.items("in_context_regression", model, test)


def counts_of_method(method, test="as in training"):
    last = errors_by_method(test, method)[:, -1].numpy()[None]
    return RunCounts(last, np.ones_like(last), "prompts")


# %%
claim(
    "prompting.regression",
    "From ten examples the Transformer predicts better than averaging and neighbors, and as well as least squares.",
    said_by="Garg et al. 2022, section 3, with 500,000 steps and a far larger model",
    findings=[
        Finding(
            f"{error}, minus that of {method}",
            more_errors(counts_of(model), counts_of_method(method), unit=""),
            holds,
            bound,
        )
        for model, error in {
            "clean": "relative error",
            "longer": "relative error after five times the steps",
        }.items()
        for method, holds, bound in (
            ("averaging", "below", 0.0),
            ("3 nearest neighbors", "below", 0.0),
            ("least squares", "within", (-0.02, 0.02)),
        )
    ],
)

# %% [markdown]
# Is it the prompt from which it knows w?
# Two controls have the same blocks: one was trained on prompts that all have the same w, the other was not trained.

# %%
table(
    {
        "Transformer": name,
        "seeds": counts_of(model).n_seeds,
        "new w in each prompt": rate(counts_of(model), unit=""),
        "the one w": rate(counts_of(model, "one known w"), unit=""),
    }
    for model, name in {
        "clean": "trained with a new w in each prompt",
        "one-w": "trained with one w",
        "untrained": "not trained",
    }.items()
)

# %% [markdown]
# ### Beyond what it was trained on
#
# Least squares is a method: it does not matter to it how large the numbers are.
# Is what the Transformer does one, too?

# %%
PARTS = ("errors", "symbols")
ABROAD = {
    "inputs in a plane": "x in a plane",
    "inputs x2": "x twice as large",
    "inputs x3": "x three times as large",
    "weights x2": "w twice as large",
    "weights x3": "w three times as large",
}


def beside_training_range(test):
    """The relative error on a test minus that on prompts as in training: other prompts, the same seeds."""
    both = [counts_of("longer", name) for name in (test, "as in training")]
    errors, symbols = (np.hstack([getattr(one, part) for one in both]) for part in PARTS)
    n = both[0].n_items
    return difference_of_groups(
        RunCounts(errors, symbols, "prompts"), range(n), range(n, 2 * n), unit=""
    )


# %%
claim(
    "prompting.out_of_range",
    "On prompts of another kind than in its training the Transformer's relative error is higher.",
    said_by="Naim et al. 2024, of functions of one number",
    findings=[
        Finding(
            f"{name}: relative error minus that on prompts as in training",
            beside_training_range(test),
            "above",
            0.0,
        )
        for test, name in ABROAD.items()
    ],
)

# %% [markdown]
# ### Noise
#
# With noise in the labels, least squares fits the noise as well; ridge regression does so less.
# Another Transformer was trained on noisy labels.
# Which of the two do its predictions resemble?

# %%
noisy = unseen_prompts("noisy labels")
distance = {}
for model in ("clean", "noisy"):
    regressor = trained.load(f"in_context_regression/{model}").eval()
    with torch.no_grad():
        predicted = regressor(noisy.x, noisy.y)[:, -1].double()
    distance[model] = {
        method: (predicted - BY_METHOD[method](noisy.x, noisy.y)[:, -1]).square().tolist()
        for method in ("least squares", "ridge regression")
    }
table(
    {
        "trained on": f"{model} labels",
        "relative error": rate(counts_of(model, "noisy labels"), unit=""),
        **{f"squared distance to {method}": np.mean(d) for method, d in found.items()},
    }
    for model, found in distance.items()
)

# %%
on_noise = counts_of("noisy", "noisy labels")
nearer_to_ridge = {
    model: np.subtract(found["ridge regression"], found["least squares"]).tolist()
    for model, found in distance.items()
}
less_than = {
    "the one trained on clean labels": more_errors(
        on_noise, counts_of("clean", "noisy labels"), unit=""
    ),
    "least squares": more_errors(
        on_noise, counts_of_method("least squares", "noisy labels"), unit=""
    ),
}

# %%
claim(
    "prompting.noise",
    "Trained on noisy labels, the Transformer predicts more like ridge regression than like least squares, and with smaller errors than least squares or the one trained on clean labels.",
    said_by="Akyürek et al. 2023, of Transformers that match one or the other, depending on the noise",
    findings=[
        Finding(
            "squared distance to ridge regression minus that to least squares, one seed",
            mean_over_items(nearer_to_ridge["noisy"], "", of="prompts"),
            "below",
            0.0,
        ),
        Finding(
            "the same, minus that of the one trained on clean labels",
            mean_difference(nearer_to_ridge["noisy"], nearer_to_ridge["clean"], of="prompts"),
            "below",
            0.0,
        ),
        *(
            Finding(
                f"relative error with noisy labels, minus that of {name}", of_more, "below", 0.0
            )
            for name, of_more in less_than.items()
        ),
    ],
)

# %% [markdown]
# The table of distances has a control in it: the Transformer that was trained on clean labels is also closer to ridge regression than to least squares.
# So closeness to ridge regression alone does not show what training on noise adds; the second finding does, for one seed.
#
# A Transformer can thus learn from its prompt, in the sense that its predictions follow the examples of a w that it has never seen.
# That is a model made for it, on its own kind of prompts.
# It says that the architecture can, not that SmolLM2 does so with reviews: section 5 is about that.
#
# ## 10 · Build your own prompt
#
# Drag a block by its handle, or move it with Alt and the arrow keys; switch a shot off, or turn its label round.
# The bars of the content-free texts show what this prompt prefers before anything is read.

# %%
builder = PromptBuilder(
    smollm2,
    byte_pairs,
    template,
    ("negative", "positive"),
    [
        Shot("A joy from the first scene to the last.", "positive"),
        Shot("Two hours that feel like four.", "negative"),
        Shot("Sharp, funny, and over too soon.", "positive"),
    ],
    text=mine,
)
builder

# %% [markdown]
# ## What to remember
#
# - A prompt is text with parts: instruction, examples, input, context. How they are written, and in which order they come, is part of it.
# - Score answers where there are few of them: tokenize prompt and answer together, add the log-probabilities, and say what you divide by.
# - After a text that says nothing a model can still prefer one answer, and which one depends on that text.
#   Contextual calibration divides by what it answers to several of them, behind the same examples.
# - Report a spread over examples, orders and wordings; one prompt is one draw.
# - No weight changes. What examples do has to be measured for the model at hand: the labels can matter a lot, or little.
# - Induction heads copy; a Transformer trained for it can do regression in its context, with errors far below those of averaging, but with larger errors where inputs or weights are larger than in training.
#
# **Read on**: Brown et al. 2020, *Language Models are Few-Shot Learners*; Zhao et al. 2021, *Calibrate Before Use: Improving Few-Shot Performance of Language Models*; Lu et al. 2022, *Fantastically Ordered Prompts and Where to Find Them: Overcoming Few-Shot Prompt Order Sensitivity*; Min et al. 2022, *Rethinking the Role of Demonstrations: What Makes In-Context Learning Work?*; Liu et al. 2022, *What Makes Good In-Context Examples for GPT-3?*; Wang et al. 2023, *Self-Consistency Improves Chain of Thought Reasoning in Language Models*; Olsson et al. 2022, *In-context Learning and Induction Heads*; Garg et al. 2022, *What Can Transformers Learn In-Context? A Case Study of Simple Function Classes*; Akyürek et al. 2023, *What Learning Algorithm Is In-Context Learning? Investigations with Linear Models*; Naim et al. 2024, *Re-examining Learning Linear Functions in Context*.
# In the code: `course/prompting/template.py`, `course/prompting/scoring.py`, `course/prompting/calibration.py`, `course/prompting/regressor.py`, `course/interpretability/copying.py`.
#
# **Next**: lesson 13, *Instruction tuning*.

# %%
progress.table()
