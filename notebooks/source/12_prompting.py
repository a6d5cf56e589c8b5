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
# Here no weight changes: the task is in the text that the model reads, its *prompt*.
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
# **Before this**: lesson 07; the cache of keys and values is in its section 6, induction heads are in lesson 20.
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
from course.intervals import RunCounts, difference_of_rates, exact, mean_difference
from course.interpretability.copying import copying_test
from course.interpretability.induction import repeated_tokens
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
    majority_vote,
    nearest_neighbors,
    relative_errors,
    ridge,
    unseen_prompts,
)
from course.prompting import least_squares as by_least_squares
from course.tasks.pretraining import base_tokenizer
from course.tasks.prompted import prompted_answers, prompted_tasks, scores_of
from course.viz import figures, use_course_style
from course.viz.show import say, source, table

use_course_style()

BUDGET = 1  # 1: the lesson as printed. 4: four times the texts that are read here; a few minutes.
READ = 16 * BUDGET

# %% [markdown]
# ## 1 · A prompt has parts
#
# The model of this lesson is SmolLM2, as it comes: it has been tuned to follow instructions by its makers, and lesson 13 shows how.
# It reads plain text here, without the marks of a conversation.
#
# The notes name three parts of a prompt: an *instruction* that says what to do, a *starting input* to do it with, and the *context*, what was said before.
# A fourth is the subject of this lesson: examples, each an input with its answer, which are called *shots*.
# A *template* says how they are written.

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
# The longest answer has the lowest score, and would have it whether it were right or not.
# Two remedies divide the sum: by the number of characters of the answer, or by its number of bytes.
# The first is what evaluations of language models report as `acc_norm`, beside the sum, `acc`.

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
# For a summary there is no single right answer: ROUGE counts what it has in common with a person's, and ROUGE-L the longest common subsequence, words in the same order with others between them.


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
shown_rows = [
    {"task": name, "text": read[0].text, "right": read[0].answer, "SmolLM2": given[0]}
    for name, (read, given, _simple) in answered.items()
]
table(shown_rows)

# %%
measured = []
for name, (read, given, simple) in answered.items():
    right = [one.answer for one in read]
    by_model, by_rule = (scores_of(tasks[name], said, right) for said in (given, simple))
    for measure in by_model:
        measured.append(
            {
                "task": name,
                "measure": measure,
                "SmolLM2": np.mean(by_model[measure]).item(),
                "baseline": np.mean(by_rule[measure]).item(),
                "SmolLM2 minus baseline": mean_difference(
                    by_model[measure], by_rule[measure], of="texts"
                ),
            }
        )
table(measured)

# %% [markdown]
# The intervals are over texts, with one pair of examples and one wording for each task.
#
# ## 4 · Examples in the prompt
#
# A prompt without examples is *zero-shot*, one with k of them *k-shot*.
# That a model of sufficient size does a task better after some examples, although nothing in it changes, is called *in-context learning* (Brown et al. 2020).
#
# Examples make every prompt longer, and all prompts begin with the same ones.
# Their keys and values can be computed once and serve every text (lesson 07); `answer_scores` does that by itself.

# %%
prefix = trained.record_of("prompting", "prefix")
say(f"{prefix['reviews']} reviews behind {prefix['shots']} examples:")
table(
    {"the examples are read": how, "processor seconds": prefix[f"{key}_cpu_seconds"]}
    for how, key in {"once for all": "shared", "again with each review": "apart"}.items()
)
say(f"largest difference of a score: {prefix['largest_difference']:.1e} nats")

# %% [markdown]
# A script asked SmolLM2 about reviews of movies that no example is about.
# A draw has 16 examples; smaller prompts have the first of them.


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


def more_errors(a, b):
    """The error rate of a minus that of b, draw by draw; what has one draw is beside each."""
    n = max(a.n_seeds, b.n_seeds)
    paired = [
        RunCounts(*(np.broadcast_to(part, (n, one.n_items)) for part in parts), one.items)
        for one in (a, b)
        for parts in [(one.errors, one.symbols)]
    ]
    return difference_of_rates(*paired, same_runs=True)


# %%
COUNTS = (0, 1, 2, 4, 8, 16)
by_count = {k: errors_of("shots", cells_with("shots", k=k)) for k in COUNTS}
calibrated_by_count = {
    k: errors_of("shots", cells_with("shots", k=k), "calibrated") for k in COUNTS
}
figures.curves(
    list(COUNTS),
    {
        "as the model answers": [1 - by_count[k].errors.mean().item() for k in COUNTS],
        "calibrated (section 5)": [
            1 - calibrated_by_count[k].errors.mean().item() for k in COUNTS
        ],
    },
    title="Accuracy by the number of examples",
    xlabel="examples in the prompt",
    ylabel="reviews right",
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
# If the model learned the task from its examples, their labels would have to be right, and their order should hardly matter.
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
# Four examples can stand in 24 orders.

# %%
ask("prompting.order")

# %%
orders = trained.record_of("prompting", "orders")["cells"]
in_order = sorted(orders.values(), key=lambda one: one["accuracy"])
table(
    {
        "labels in the prompt, in order": one["labels"],
        "right": one["accuracy"],
        "right, calibrated": one["calibrated_accuracy"],
    }
    for one in (*in_order[:3], *in_order[-3:])
)

# %% [markdown]
# ### What does the model say to nothing?
#
# Put a text that says nothing in the place of the review, such as “N/A”.
# An even-handed model would find both answers as probable.

# %%
ask("prompting.content_free")

# %%
labels_of = template.answers(("negative", "positive"))
nothing_said = [template.render(text, some_shots) for text in CONTENT_FREE]
of_nothing = answer_probabilities(
    answer_scores(smollm2, byte_pairs, nothing_said, labels_of)
)
table(
    {"text": repr(text), "negative": row[0], "positive": row[1]}
    for text, row in zip(CONTENT_FREE, of_nothing.tolist(), strict=True)
)

# %% [markdown]
# *Contextual calibration* (Zhao et al. 2021) divides that preference out: each answer's probability by what it has without content, behind the same examples in the same order.


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
            f"error rate with {k} examples, calibrated minus as it is",
            more_errors(calibrated_by_count[k], by_count[k]),
            "below",
            0.0,
        )
        for k in (0, 4, 16)
    ],
)

# %% [markdown]
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
# ### Only these answers
#
# The other way round: rule out, at each step, every token after which none of the allowed answers can be completed.


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

# %% [markdown]
# ## 7 · Does the model learn?
#
# > **What the notes say / what happens.**
# > The notes describe in-context learning as a way in which a model “continues to learn” from its conversation, in real time, and name less bias in the data among its merits.
# > No weight changes, so nothing is kept: the next conversation begins where this one began.
# > And the model brings its bias along, as the content-free texts show.


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
# Lesson 20 finds *induction heads*, which look for an earlier occurrence of the present token, and at what followed it; removed, they take copying with them.
# Is that so in a model of 135 million weights alone, or in our own base model as well?

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
