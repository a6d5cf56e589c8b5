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
# # 13 · Instruction tuning
#
# A pre-trained model continues texts.
# Ask it a question, and it may well go on with another question, since in many texts that is what follows one.
# *Instruction tuning* trains it further on pairs of an instruction and a good answer, so that what follows an instruction is an answer.
# You write a conversation as the model reads it, decide which of its tokens carry loss, and put several conversations into one row without letting them see each other.
# Then our own base model is tuned on 2 to 18 tasks and tested on tasks of other kinds: does it follow instructions that it has never seen?
# At the end a model writes its own training data, and you judge what it wrote.
# After this lesson you can
#
# - render a conversation with a chat template, and say which of its tokens are trained and why the one that ends an answer is among them;
# - give each trained token of a step the same weight however the step is divided, and pack rows with a mask and positions of their own;
# - mix tasks of different sizes, and measure what tuning on more of them brings, against controls without instructions;
# - generate instructions, filter them, and report how many of them are of use.
#
# **Time**: 120 minutes; the cells run in about a minute on two quiet processor cores.
# **Before this**: lessons 07 and 12.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.

# %%
import random
from collections import Counter

import numpy as np
import torch

from course import trained
from course.claims import Finding, claim
from course.data import encyclopedia, movie_reviews, tagged_sentences, yes_no_questions
from course.decoding import greedy_search
from course.evaluation import rouge_l
from course.exercises import ask, check, hint, progress, solution, yours

# %%
from course.instruction import (
    LIMIT,
    MINIMAL,
    SMOLLM2,
    Filters,
    Message,
    answer_total,
    collate,
    encode_conversation,
    encode_prompt,
    end_id,
    masked_loss,
    pack,
    padding_id,
)
from course.instruction import block_mask as mask_of_rows
from course.intervals import RunCounts, difference_of_rates, share
from course.pretrained import load
from course.tasks.instructed import HELD_OUT, TRAINED, instructed_tasks
from course.tasks.instructed_answers import continuation, free_answers
from course.tasks.instructed_prompts import held_out_prompts
from course.tasks.pretraining import base_tokenizer
from course.tasks.seed_tasks import seed_pool

# %%
from course.tasks.self_instruct import list_prompt, model_writer, parse_list
from course.tasks.self_instruct_results import (
    diversity,
    doable_share,
    dropped_by_rule,
    kept_of,
    labels,
    usable_share,
)
from course.viz import ConversationView, FilterBench, SideBySide, figures, use_course_style
from course.viz.instruction.stepwise_answer import PlainText
from course.viz.show import say, table

use_course_style()

# %% [markdown]
# ## 1 · A conversation is a text with marks
#
# Our base model (lesson 07) was pre-trained on texts and nothing else.
# This is how it goes on after a question:

# %%
letters = base_tokenizer()
base_model = trained.load("base_model/gpt")
asked = letters.encode("What is the capital of France?")
best = greedy_search(base_model, torch.tensor([asked]), eos_id=0, max_length=24)[0]
say(letters.decode(best.tokens).strip())

# %% [markdown]
# It goes on, and does not answer.
#
# Lesson 12 put questions to SmolLM2 in plain text.
# Its makers tuned it on conversations, in which special tokens say who speaks and where each turn begins and ends.
# How a conversation becomes a text is set by the model's chat template (lesson 00); written in another way, it is another input.

# %%
conversation = [
    Message("system", "You answer in one sentence."),
    Message("user", "What is a wind instrument?"),
    Message("assistant", "An instrument that sounds when air is blown through it."),
]
say(SMOLLM2.render(conversation).text)

# %% [markdown]
# This format is called ChatML.
# Write it:


# %% tags=["exercise"]
def chat_prompt(messages: list[tuple[str, str]], for_answer: bool) -> str:
    """A conversation in the format called ChatML, which SmolLM2 reads.

    A message is (role, content), and each is written alike: "<|im_start|>", the role, a line
    break, the content, "<|im_end|>", a line break. Contents are written as they are, and nothing
    is put in front. When `for_answer` is true, the text goes on with "<|im_start|>assistant" and
    a line break, after which the model generates its answer.

    >>> chat_prompt([("user", "Hi")], for_answer=True).splitlines()
    ['<|im_start|>user', 'Hi<|im_end|>', '<|im_start|>assistant']
    """
    ...


check("instruction.chat_prompt", chat_prompt)

# %%
render = yours("instruction.chat_prompt", chat_prompt)
spoken = [(message.role, message.content) for message in conversation]
say(
    "equal to the course's:",
    render(spoken, for_answer=False) == SMOLLM2.render(conversation).text,
)

# %% [markdown]
# The course's text is, character by character, the one that `transformers` makes of the template stored with the model.
# Without a system message that template puts one of its own in front:

# %%
question_alone = conversation[1:2]
say(SMOLLM2.render(question_alone, for_answer=True).text)

# %% [markdown]
# Our own base model has never read a conversation, but its vocabulary has special tokens that pre-training left unused.
# Its template is as small as possible: a token for the user, one for the assistant, one that ends a turn.

# %%
say(MINIMAL.render(conversation[1:]).text)

# %%
ask("instruction.typed_token")

# %% [markdown]
# Marks are a matter of tokens, not of characters.
# What people type is encoded as plain text here, whatever it spells:

# %%
typed = [Message("user", "<|end_of_turn|>"), Message("assistant", "That is no token.")]
of_typed = encode_conversation(letters, MINIMAL, typed)
table(
    {
        "token": repr(letters.decode([token])),
        "id": token,
        "role": role,
        "special": token in letters.special.ids.values(),
    }
    for token, role in zip(of_typed.ids[:12], of_typed.roles, strict=False)
)

# %% [markdown]
# ## 2 · Which tokens are trained?
#
# In pre-training every token is a target.
# Here the model should learn to answer, not to ask, so only the assistant's tokens are: a *loss mask* leaves the others out.
# One more token counts, the one that ends the answer.

# %%
ask("instruction.end_token")


# %% tags=["exercise"]
def trained_tokens(ids: list[int], assistant: int, end: int) -> list[bool]:
    """For each token of a conversation, whether the loss counts it.

    A turn of the assistant begins with the special token `assistant`, a turn of the user with
    another one; each turn ends with the special token `end`. What counts are the assistant's
    tokens after `assistant`, up to and including `end`, in each of its turns. The last turn may
    have been cut off before its end: then it counts up to the last token.

    >>> trained_tokens([1, 7, 3, 2, 8, 9, 3], assistant=2, end=3)
    [False, False, False, False, True, True, True]
    """
    ...


check("instruction.trained_tokens", trained_tokens)

# %%
counts_of = yours("instruction.trained_tokens", trained_tokens)
short = encode_conversation(letters, MINIMAL, conversation[1:])
assistant_id, end_of_turn = letters.special.ids["<|assistant|>"], end_id(letters, MINIMAL)
counted = counts_of(list(short.ids), assistant_id, end_of_turn)
say("equal to the course's:", counted == list(short.is_trained))
say(
    f"{sum(counted)} of {len(counted)} tokens are trained, the last one among them: {counted[-1]}"
)

# %% [markdown]
# Two mistakes are easy to make and hard to see, since training runs on without an error.
# A library can be told to find the assistant's tokens by marks in the template; where the template has none, no token is trained.
# And where padding is the end token, leaving it out of the loss by its id leaves the end out as well, so the model never learns to stop.
# The course refuses both: a row without a trained token, and a template whose padding is its end.
#
# ## 3 · Steps and rows
#
# ### A mean of means is not the mean
#
# Where memory is short, a step is computed in parts, called micro-batches, and their gradients are added up: *gradient accumulation*.
# The number of trained tokens differs from part to part.

# %%
ask("instruction.two_parts")


# %% tags=["exercise"]
def token_mean(parts: list[tuple[list[float], list[bool]]]) -> float:
    """The mean loss over the trained tokens of a step that was computed in several parts.

    A part is (losses, counts): the loss of each token, and whether it counts. Every token that
    counts has the same weight, whichever part it is in. Some part may have no such token, but
    the step has one.

    >>> token_mean([([1.0, 3.0, 9.0], [True, True, False]), ([8.0], [True])])
    4.0
    """
    ...


check("instruction.token_mean", token_mean)

# %%
answers = ["No.", "An instrument that sounds when air is blown through it."]
pair = [
    encode_conversation(letters, MINIMAL, [conversation[1], Message("assistant", answer)])
    for answer in answers
]
pad = padding_id(letters, MINIMAL)
parts = []
with torch.no_grad():
    for one in pair:
        row = collate([one], pad)
        log_p = base_model(row[:, 0])[0].log_softmax(-1)
        targets = row[0, 1]
        is_target = targets >= 0
        losses = -log_p[torch.arange(len(targets)), targets.clamp(min=0)]
        parts.append((losses.tolist(), is_target.tolist()))
    together = masked_loss()(base_model, collate(pair, pad)).item()

# %%
mean_of = yours("instruction.token_mean", token_mean)
of_each = [mean_of([part]) for part in parts]
table(
    [
        {"loss": "of the short answer", "nats a token": of_each[0]},
        {"loss": "of the long answer", "nats a token": of_each[1]},
        {"loss": "mean of the two", "nats a token": np.mean(of_each)},
        {"loss": "over all tokens, by your function", "nats a token": mean_of(parts)},
        {"loss": "over all tokens, by the course", "nats a token": together},
    ]
)

# %% [markdown]
# ### Several conversations in a row
#
# Conversations differ in length, and a batch whose rows are all as long as the longest one is largely padding.
# *Sequence packing* puts several of them into one row.

# %%
ask("instruction.packed_row")


# %% tags=["exercise"]
def block_mask(lengths: list[int]) -> tuple[list[list[bool]], list[int]]:
    """The attention mask and the positions of conversations that share a row, one after another.

    `lengths` are their numbers of tokens. In the mask there is a row for each token, and in it
    True for each token that it may look at: itself and those before it, of the same
    conversation. Positions count from 0 in each conversation.

    >>> mask, positions = block_mask([2, 1])
    >>> mask
    [[True, False, False], [True, True, False], [False, False, True]]
    >>> positions
    [0, 1, 0]
    """
    ...


check("instruction.block_mask", block_mask)

# %%
task_examples = [
    encode_conversation(
        letters,
        MINIMAL,
        [
            Message("user", f"{task.wordings[0]}\n\n{one.input}"),
            Message("assistant", one.answer),
        ],
    )
    for task in list(instructed_tasks().values())[:8]
    for one in task.training[:2]
]
packed = pack(task_examples, base_model.config.context_length, pad)
padded = collate(task_examples, pad)
mask_and_positions = yours("instruction.block_mask", block_mask)
numbers = packed[0, 2]
lengths = [int((numbers == number).sum()) for number in range(1, int(numbers.max()) + 1)]
own_mask, own_positions = mask_and_positions(lengths)
size = sum(lengths)
causal = torch.ones(size, size, dtype=torch.bool).tril()
of_course = mask_of_rows(packed[:1, 2])[0, 0, :size, :size] & causal
say("mask equal to the course's:", torch.equal(torch.tensor(own_mask), of_course))
say("positions equal to the course's:", own_positions == packed[0, 3, :size].tolist())

# %%
going_on = packed.clone()
going_on[:, 3] = torch.arange(packed.shape[2])
FORMS = {
    "padded": padded,
    "packed": packed,
    "packed, positions go on": going_on,
    "packed, no mask": packed[:, :2],
}
with torch.no_grad():
    totals = {name: answer_total(base_model, rows).item() for name, rows in FORMS.items()}
table(
    {
        "rows": name,
        "shape": f"{len(rows)} × {rows.shape[2]}",
        "places": rows[:, 0].numel(),
        "of these padding": (rows[:, 0] == pad).float().mean().item(),
        "summed loss, nats": totals[name],
    }
    for name, rows in FORMS.items()
)

# %% [markdown]
# Packed, the loss is the same, up to rounding, from fewer places.
# Without the mask it is another, here lower: a conversation reads the answers of those before it.
# That positions go on makes no difference to this model, since rotary attention knows distances alone; learned positions would be other ones.
#
# ## 4 · Tasks with instructions
#
# The training data are tasks that already exist, each put into words as an instruction.
# Here are 24 on the course's real texts, in clusters of one kind.
# Each has four wordings, and one of the four is kept for tests.

# %%
tasks = instructed_tasks()
table(
    {
        "task": name,
        "cluster": task.cluster,
        "instruction": task.wordings[0],
        "an answer": task.training[0].answer,
        "for": "training" if name in TRAINED else "tests",
    }
    for name, task in tasks.items()
)

# %% [markdown]
# No cluster is on both sides.
# The clusters were made for this course, and some are near each other: counting letters is in the training, counting syllables in the tests.
# No text of a test is in a training set.
#
# Sets of examples have very different sizes.
# Drawn as they come, the largest would make up most of a mixture; drawn alike, the smallest would be repeated over and over.
# In between is a *multi-task mixture* with a limit and a temperature.
# (The tasks above have about equally many training examples, and are drawn alike.)


# %% tags=["exercise"]
def mixture_rates(sizes: list[int], temperature: float, limit: int) -> list[float]:
    """The share of the draws that each task of a mixture gets.

    `sizes` are the tasks' numbers of examples. First, a size above `limit` counts as `limit`.
    Second, it is raised to the power of 1 / `temperature`. Last, what comes out is divided by
    its sum.

    >>> mixture_rates([100, 400, 9000], temperature=2.0, limit=900)
    [0.16666666666666666, 0.3333333333333333, 0.5]
    """
    ...


check("instruction.mixture_rates", mixture_rates)

# %%
rates_of = yours("instruction.mixture_rates", mixture_rates)
sizes = {
    "reviews": len(movie_reviews()),
    "questions": len(yes_no_questions()),
    "articles": len(encyclopedia()),
    "sentences with names": len(tagged_sentences()),
}
numbers_of = list(sizes.values())
shares = {
    "as they are": rates_of(numbers_of, 1, max(numbers_of)),
    "limit 10,000": rates_of(numbers_of, 1, 10_000),
    "limit, temperature 4": rates_of(numbers_of, 4, 10_000),
}
table(
    {"texts": name, "number": n} | {how: f"{of[place]:.1%}" for how, of in shares.items()}
    for place, (name, n) in enumerate(sizes.items())
)

# %% [markdown]
# The limit brings the large sets down to one size; the temperature brings the small one up.
#
# ## 5 · More tasks, better on tasks never seen?
#
# That is the claim of FLAN (Wei et al. 2022): tuned on many tasks with instructions, a model does better on tasks of other kinds, without an example of them.

# %%
ask("instruction.small_models")

# %% [markdown]
# A script tuned our base model on 2, 6, 12 and 18 of the tasks, each for the same number of steps, of about the same number of tokens; and once, with one seed, on 18 tasks five times as long.
# Three seeds draw which tasks are in the smaller mixes, and the examples.
# The learning rate was searched for each mix, on validation examples of its own tasks, in trainings of a fifth of that length.
# Each model then answered 96 examples of each of the six tasks held out.
# A score is between 0 and 1, and an error is 1 minus the score.
# Where a task has choices, the answer is the choice with the highest log-probability; otherwise it is generated.
# The untuned model has never seen the marks of a conversation: it reads the same prompt as plain text, with "Answer:" at its end.


# %%
def items_of(model, test="held out", what="errors"):
    """The errors (1 minus the score) or the nats of each answer, a row for each seed."""
    found = trained.item_scores("instruction_tuning", model, test, what)
    return RunCounts(found, np.ones_like(found), "answers")


def plus(a, b):
    """The sums of two measures, item by item; a model with one run is beside each."""
    return RunCounts(a.errors + b.errors, a.symbols, a.items)


def minus(a, b, unit="points"):
    """The mean of a minus that of b, seed by seed; a model with one run is beside each."""
    n = max(a.n_seeds, b.n_seeds)
    paired = [
        RunCounts(*(np.broadcast_to(part, (n, one.n_items)) for part in parts), one.items)
        for one in (a, b)
        for parts in [(one.errors, one.symbols)]
    ]
    return difference_of_rates(*paired, same_runs=True, unit=unit)


# %%
MIXES = (2, 6, 12, 18)
NAMES = {"untuned": "untuned-plain"} | {f"{n} tasks": f"tasks-{n}" for n in MIXES}
RUNS = trained.results("instruction_tuning")


def mean_of_runs(model, what):
    return round(np.mean([one[what] for one in RUNS if one["model"] == model]))


table(
    {
        "tuned on": f"{n} tasks",
        "steps": next(one["steps"] for one in RUNS if one["model"] == f"tasks-{n}"),
        "tokens": mean_of_runs(f"tasks-{n}", "tokens"),
        "trained tokens": mean_of_runs(f"tasks-{n}", "trained_tokens"),
        "learning rate": next(
            one["learning_rate"] for one in RUNS if one["model"] == f"tasks-{n}"
        ),
    }
    for n in MIXES
)

# %% [markdown]
# First, have they learned what they were tuned on?
# For each of the 18 tasks there is a wording that no training has read.


# %%
def seen_and_not(model, wording):
    """The mean score on the tasks of a model's mix, and on the other trained tasks, over its seeds."""
    found = {True: [], False: []}
    for one in RUNS:
        if one["model"] == model:
            by_task = one["tests"][f"trained tasks, {wording} wording"]["by_task"]
            for name, score in by_task.items():
                found[name in one.get("mix", ())].append(score)
    return [np.mean(of) if of else "" for of in found.values()]


# %%
by_rule = np.mean(
    [
        task.measure(task.baseline(one), one.answer)
        for task in (tasks[name] for name in TRAINED)
        for one in task.test
    ]
)
rows = [
    {"score": "a rule, on all 18 tasks", "tasks of the mix, words of the training": by_rule}
]
for words, model in (NAMES | {"18 tasks, five times as long": "tasks-18-long"}).items():
    known, known_others = seen_and_not(model, "known")
    new, _others = seen_and_not(model, "new")
    rows.append(
        {
            "score": words,
            "tasks of the mix, words of the training": known,
            "tasks of the mix, other words": new,
            "tasks not in the mix, known words": known_others,
        }
    )
table(rows)

# %% [markdown]
# A rule reads no instruction: it gives, for example, the most frequent answer of the training examples.
# The more tasks, the less of each there was to learn from; and with words that no training has read, every mix scores lower on the same tasks.
#
# Now the six tasks held out:


# %%
WORDS = {
    "its own instruction": "held out",
    "no instruction": "held out, no instruction",
    "another task's": "held out, another instruction",
}


def scores_by_mix(test):
    """The mean score with each mix, a row for each seed; untuned there is one model."""
    columns = [1 - items_of(model, test).errors.mean(axis=1) for model in NAMES.values()]
    n_seeds = max(map(len, columns))
    return np.stack([np.broadcast_to(column, n_seeds) for column in columns], axis=1)


figures.curves(
    [0, *MIXES],
    {name: scores_by_mix(test) for name, test in WORDS.items()},
    title="Scores on six held-out tasks, by number of tasks tuned on",
    xlabel="tasks tuned on (0: the untuned model)",
    ylabel="mean score",
)


# %%
def score_by_task(model, task):
    """The mean score on one task held out, over the seeds of a model."""
    runs = [one for one in RUNS if one["model"] == model]
    return np.mean([one["tests"]["held out"]["by_task"][task] for one in runs])


table(
    {
        "task held out": name,
        "a rule": np.mean(
            [
                tasks[name].measure(tasks[name].baseline(one), one.answer)
                for one in tasks[name].test
            ]
        ),
    }
    | {words: score_by_task(model, name) for words, model in NAMES.items()}
    | {"tuned on these six": score_by_task("the-held-out", name)}
    for name in HELD_OUT
)

# %% [markdown]
# The last column is a check of the test itself: a model tuned on these very tasks, with other examples, shows what such a model reaches in as many steps.
# Where even this model is no better than the others, the test could not have shown a gain.

# %%
tuned_on_all = items_of("tasks-18")
at_first = RunCounts(tuned_on_all.errors[:1], tuned_on_all.symbols[:1], "answers")
say(
    "errors, tuned on these six minus tuned on the 18:",
    minus(items_of("the-held-out"), at_first),
)
say(
    "errors, 18 tasks five times as long minus once:",
    minus(items_of("tasks-18-long"), at_first),
)

# %%
claim(
    "instruction.more_tasks",
    "Tuned on more tasks, our base model does better on tasks of kinds that it was not tuned on.",
    said_by="Wei et al. 2022, section 4.1, of clusters of tasks and a model with 137 billion weights",
    findings=[
        Finding(
            f"errors, 18 tasks minus {words}",
            minus(tuned_on_all, items_of(model)),
            "below",
            0.0,
        )
        for words, model in NAMES.items()
        if model != "tasks-18"
    ],
)

# %% [markdown]
# FLAN's figure 6 has a mean over three held-out clusters that rises with the number of clusters tuned on; its figure 7 has models of 8 billion weights and fewer that lose by tuning.
#
# What does the model answer where the answer is free?

# %%
tuned_model = trained.load("instruction_tuning/tasks-18")
held_out = [tasks[name] for name in HELD_OUT]
rows = []
for task in (tasks["description"], tasks["title"]):
    prompts = held_out_prompts(task, held_out, "own")[:4]
    found = free_answers(tuned_model, letters, prompts)
    for one, answer in zip(task.test, found, strict=False):
        rows.append(
            {
                "task": task.name,
                "about": one.input[:60],
                "right": one.answer,
                "answered": answer,
            }
        )
table(rows)

# %% [markdown]
# Asked for a description or a title, the model gives answers of tasks that it knows, such as the topic of the text: in these eight cases it says what training taught it to say to such inputs, not what it is told to.
#
# A score changes only when another answer wins.
# The loss of the right answer changes earlier: in nats, over all of its tokens and its end.
# Two more models are in this table as controls, one tuned on the inputs without instructions, one with an instruction of another task each time.
# And the same inputs were put to all of them in three ways.


# %%
def nats_of_answers(model, test="held out"):
    """The nats of each right answer; the untuned model's, in plain text, have no end token."""
    form = "plain" if model == "untuned-plain" else "chat"
    counted = [
        len(continuation(letters, "?", one.answer, form).answer)
        for task in held_out
        for one in task.test
    ]
    per_token = items_of(model, test, "nats")
    return RunCounts(per_token.errors * np.array(counted), per_token.symbols, "answers")


# %%
MODELS = NAMES | {
    "18 tasks, no instructions": "tasks-18-none",
    "18 tasks, another's instructions": "tasks-18-another",
}
NATS = {
    (model, test): nats_of_answers(model, test)
    for model in MODELS.values()
    for test in WORDS.values()
}
table(
    {"tuned on": words, "seeds": NATS[model, "held out"].n_seeds}
    | {f"nats, {which}": NATS[model, test].errors.mean() for which, test in WORDS.items()}
    | {"score, its own instruction": 1 - items_of(model).errors.mean()}
    for words, model in MODELS.items()
)

# %%
with_all = NATS["tasks-18", "held out"]
claim(
    "instruction.more_probable",
    "Tuned on more tasks, our base model has a lower loss on the right answers, on tasks of kinds that it was not tuned on.",
    said_by="this lesson",
    findings=[
        Finding(
            f"nats of an answer, 18 tasks minus {words}",
            minus(with_all, NATS[model, "held out"], "nats"),
            "below",
            0.0,
        )
        for words, model in NAMES.items()
        if model != "tasks-18"
    ],
)

# %% [markdown]
# ## 6 · Is it the instruction?
#
# The notes name three steps: a data set of instructions, multi-task fine-tuning, and stressing the instruction, so that the model keeps to it.
# Whether a model reads an instruction shows when the instruction changes and the input does not: that is what the columns of the last table are for.

# %%
OTHER_WORDS = dict(list(WORDS.items())[1:])
effect = {
    words: minus(with_all, NATS["tasks-18", test], "nats")
    for words, test in OTHER_WORDS.items()
}
of_both = {
    words: minus(
        plus(with_all, NATS["untuned-plain", test]),
        plus(NATS["tasks-18", test], NATS["untuned-plain", "held out"]),
        "nats",
    )
    for words, test in OTHER_WORDS.items()
}

# %%
claim(
    "instruction.answers_named",
    "With the instruction of a task that it has not seen, the model tuned on 18 tasks finds the right answer more probable than with none or with another's, and by more than before it was tuned.",
    said_by="the notes, of instruction tuning in general: a model understands and keeps to instructions",
    findings=[
        Finding(f"nats of an answer, its own instruction minus {words}", found, "below", 0.0)
        for words, found in effect.items()
    ]
    + [
        Finding(f"the same ({words}), minus that of the untuned model", found, "below", 0.0)
        for words, found in of_both.items()
    ],
)

# %% [markdown]
# A right answer can become more probable in two ways: because all answers of its kind do, or because it is ahead of the wrong ones.
# Where a task has choices, the second shows in the probability of the right one as a share of itself and the best wrong one.

# %%
N_EACH = len(held_out[0].test)
HAS_CHOICES = np.repeat([task.has_choices for task in held_out], N_EACH)


def share_of_right(model, test="held out"):
    """The share of the right choice against the best wrong one, a row for each seed."""
    leads = trained.item_scores("instruction_tuning", model, test, "margins")
    shares = 1 / (1 + np.exp(-leads[:, HAS_CHOICES]))
    return RunCounts(shares, np.ones_like(shares), "answers")


# %%
claim(
    "instruction.reads_instructions",
    "With the instruction of a task that it has not seen, the model tuned on 18 tasks finds the right choice further ahead of the wrong ones than with none or with another's.",
    said_by="the notes, of instruction tuning in general: a model understands and keeps to instructions",
    findings=[
        Finding(
            f"share, its own instruction minus {words}",
            minus(share_of_right("tasks-18"), share_of_right("tasks-18", test)),
            "above",
            0.0,
        )
        for words, test in OTHER_WORDS.items()
    ],
)

# %% [markdown]
# Every wording of the three tasks with fixed answers names these answers, so a model can find them more probable without doing the task: reading which answers an instruction allows is not yet reading what it asks.
#
# Whether the instructions are what helped in training is another question.
# To answer it, we need models tuned without them.

# %%
CONTROLS = {
    "tuned and asked without": NATS["tasks-18-none", "held out, no instruction"],
    "tuned and asked with another's": NATS["tasks-18-another", "held out, another instruction"],
    "tuned without, asked with it": NATS["tasks-18-none", "held out"],
}
claim(
    "instruction.trained_with",
    "Tuned with instructions, our base model finds the right answers to tasks not seen more probable than tuned without them.",
    said_by="Wei et al. 2022, section 4.3, of scores, for the last of the three",
    findings=[
        Finding(
            f"nats of an answer, tuned and asked with instructions minus {words}",
            minus(with_all, control, "nats"),
            "below",
            0.0,
        )
        for words, control in CONTROLS.items()
    ],
)

# %%
table(
    {
        "tuned on 18 tasks": words,
        "learning rate": one["learning_rate"],
        "conversations": one["conversations"],
        "trained tokens": one["trained_tokens"],
    }
    for words, model in {
        "with instructions": "tasks-18",
        "without": "tasks-18-none",
        "with another's": "tasks-18-another",
    }.items()
    for one in RUNS
    if one["model"] == model and one["seed"] == 0
)

# %% [markdown]
# The search gave the controls another learning rate, and without instructions more conversations fit into as many tokens, so instructions are not the only difference between them.
# The free answers of section 5 have the form and the words of the tasks that the model was tuned on.
# That a larger model would do no more does not follow: FLAN's did.
#
# ## 7 · Side by side
#
# Your own instruction, to the base model as plain text, to the model tuned on 18 tasks, and to SmolLM2, which its makers tuned on conversations: three answers of at most 16 tokens.
# The instruction that is there was in the training of the second; then try one of your own, or one of a task held out.

# %%
smollm2, byte_pairs = load("smollm2")
side_by_side = SideBySide(
    {
        "base model": (base_model, letters, PlainText("\nAnswer:")),
        "tuned on 18 tasks": (tuned_model, letters, MINIMAL),
        "SmolLM2": (smollm2, byte_pairs, SMOLLM2),
    },
    "Is this review positive or negative?",
    "A joy from the first scene to the last.",
    limit=16,
)
side_by_side

# %% [markdown]
# Edit the conversation to see which of its tokens count in the loss, and what the base model and the tuned one lose on each.
# The base model has never seen the marks, so its loss on the end token says nothing of what it knows.

# %%
conversation_view = ConversationView(
    {"base model": base_model, "tuned on 18 tasks": tuned_model},
    letters,
    MINIMAL,
    [
        Message("user", "What is the first letter of this word?\n\nwind"),
        Message("assistant", "w"),
    ],
)
conversation_view

# %% [markdown]
# A model is tuned with its template.
# SmolLM2, asked in its template, and in plain text without and with a line break at the end:

# %%
end = end_id(byte_pairs, SMOLLM2)
rows = []
for question in ("What is a wind instrument?", "Name three animals that live in the sea."):
    forms = {
        "template": encode_prompt(byte_pairs, SMOLLM2, [Message("user", question)]),
        "plain text": byte_pairs.encode(question),
        "plain text, line break": byte_pairs.encode(question + "\n"),
    }
    for form, ids in forms.items():
        best = greedy_search(smollm2, torch.tensor([ids]), eos_id=end, max_length=24)[0]
        written = byte_pairs.decode(best.tokens).strip()
        rows.append(
            {
                "asked": question,
                "in": form,
                "ended its turn": best.finished,
                "went on with": written or "(nothing)",
            }
        )
table(rows)

# %% [markdown]
# Given a question in plain text, SmolLM2 ends the turn at once.
# Two questions are an illustration and no measurement.

# %% [markdown]
# ## 8 · A model writes its training data
#
# Writing instructions by hand is expensive.
# *Self-Instruct* (Wang et al. 2023) lets a model continue a list of instructions, filters what it writes, puts what is left into the pool, and goes on from there.
# With GPT-3, before any tuning, its authors made 52,000 instructions from 175.
# Here the writer is SmolLM2, which has been tuned, and the instructions to begin with were written for the course.

# %%
pool = seed_pool()
prompt = list_prompt(pool.examples(random.Random(0)))
say(f"{len(pool)} instructions; eight of them make a prompt:")
say(prompt)

# %% [markdown]
# Four continuations:

# %%
write = model_writer(
    smollm2,
    byte_pairs,
    max_new_tokens=40,
    n_samples=4,
    temperature=1.0,
    top_p=0.9,
    generator=torch.Generator().manual_seed(0),
)
made = [one for text in write([prompt]) for one in parse_list(text)]
table({"made by SmolLM2": one} for one in made)

# %% [markdown]
# Some of these are of no use to anybody.
# The authors' code drops an instruction of fewer than 4 words or more than 150, one that asks for an image, a file or the like, one that begins with "Write a program", and one whose first character is punctuation or outside ASCII.
# What passes is compared by ROUGE-L (lesson 12) with the whole pool: above 0.7 it is too similar.

# %%
ask("instruction.first_of_two")


# %% tags=["exercise"]
def kept_instructions(scores: list[list[float]], n_seeds: int, limit: float) -> list[int]:
    """The indices, as in `scores`, of the generated instructions that go into the pool, in order.

    `scores[i][j]` is the similarity of the instructions i and j, ROUGE-L say. The first
    `n_seeds` instructions were written by people and are in the pool from the start; the others
    come one after another. A new one goes into the pool, and so is kept, when its score with
    each instruction that is in the pool by then is `limit` or less. What was dropped is not in
    the pool.

    >>> kept_instructions([[1, 0.2, 0.8], [0.2, 1, 0.4], [0.8, 0.4, 1]], n_seeds=1, limit=0.7)
    [1]
    """
    ...


check("instruction.kept_instructions", kept_instructions)

# %%
kept_of_scores = yours("instruction.kept_instructions", kept_instructions)
passing = [one for one in made if not Filters().broken(one)]
everything = [*pool.instructions, *passing]
similarities = [[rouge_l(one, other) for other in everything] for one in everything]
of_yours = [everything[n] for n in kept_of_scores(similarities, len(pool), LIMIT)]
of_course = seed_pool()
for one in made:
    if Filters().check(one, of_course).kept:
        of_course.add(one)
say("equal to the course's:", of_yours == list(of_course.machine_made))
say(f"{len(of_yours)} of {len(made)} are kept")

# %% [markdown]
# A script went on in this way for two rounds, once with lists in plain text, as here, and once with lists drawn in the same way in SmolLM2's chat template.
# Then the model gave an input and an output of at most 32 tokens together, greedily, for a drawn sample of what was kept.

# %%
RECORDS = {
    words: trained.record_of("self_instruct", name)
    for words, name in (("plain text", "plain"), ("chat template", "chat"))
}


by_hand = diversity(pool.instructions, pool)
rows = [{"instructions": "by hand", "most similar": by_hand.nearest}]
for words, record in RECORDS.items():
    kept = kept_of(record["candidates"])
    n_made = len(record["candidates"])
    texts = [one["instruction"] for one in kept]
    draws = [random.Random(seed).sample(texts, len(pool)) for seed in range(20)]
    nearest = np.mean([diversity(of_draw, pool).nearest for of_draw in draws])
    rows.append(
        {
            "instructions": words,
            "made": n_made,
            "kept": share(len(kept), n_made, of="instructions"),
        }
        | {"most similar": nearest}
    )
table(rows)

# %% [markdown]
# "Most similar" is the mean ROUGE-L of each instruction with the nearest other one of its kind, in 20 draws of as many as the course has: among more, the nearest is nearer.
#
# How many instructions each rule dropped:

# %%
table(
    {"instructions": words} | {rule: n for rule, n in dropped_by_rule(record).items() if n}
    for words, record in RECORDS.items()
)

# %% [markdown]
# And what became of the instances, the pairs of an input and an output:

# %%
table(
    {"instances": words}
    | dict(sorted(Counter(one["rule"] or "kept" for one in record["made"]).items()))
    for words, record in RECORDS.items()
)

# %% [markdown]
# A copy has its input as its output; what is unfinished had not ended after 32 tokens.
#
# One reader went through all of them, by this criterion, and could see which were dropped:

# %%
criterion, of_sample = labels("plain")
say(" ".join(criterion.split()))
table(
    {
        "instruction": label.instruction,
        "input": label.input,
        "output": label.output,
        "doable": label.doable,
        "usable": label.usable,
        "because": label.reason,
    }
    for label in of_sample[:6]
)

# %%
claim(
    "instruction.self_instruct",
    "What SmolLM2 writes for Self-Instruct and the filters keep is mostly usable.",
    said_by="Wang et al. 2023, table 2, of GPT-3: 92 % were valid tasks, and 54 % right in all parts",
    findings=[
        Finding(
            "instructions that can be done, plain text", doable_share("plain"), "above", 0.5
        ),
        Finding("instances that are usable, plain text", usable_share("plain"), "above", 0.5),
        Finding("instructions that can be done, template", doable_share("chat"), "above", 0.5),
        Finding("instances that are usable, template", usable_share("chat"), "above", 0.5),
    ],
)

# %% [markdown]
# The filters look at form and at words, and so they pass what is written well and is wrong.
# GPT-3 has about a thousand times as many weights as this writer, so this says nothing of the method with a better one.
# Whether tuning on what was kept would help was not tried.
#
# ### Your instruction at the filters
#
# Type one, and see which rule drops it and what in the pool is nearest.

# %%
bench = FilterBench(seed_pool(), "Write a short story about a lighthouse keeper.")
bench

# %% [markdown]
# > **What the notes say / what happens.**
# > The notes describe instruction tuning as training with instructions that makes a model keep to them, and Self-Instruct as a pool that filters its own poor and similar items.
# > Whether a model keeps to instructions is a question of measurement, with the controls of section 6; in FLAN the answer depended on the model's size.
# > And the filters of Self-Instruct drop what is short, odd or similar; what is poor in another way they do not see.
#
# ## What to remember
#
# - A conversation is a text with marks. The template belongs to the model, and what people type is encoded as plain text.
# - Loss is on the assistant's tokens and on the token that ends its turn; padding is another token than that.
# - Give each trained token the same weight: the sum over all trained tokens of a step, divided by their number.
# - Packed rows need a mask that keeps each conversation to itself, and positions that begin again where positions are absolute.
# - Test on kinds of tasks that no training has seen, with controls: without the instruction, with another's, and tuned without instructions.
# - Filters drop what is short, odd or similar; whether what is left is right, only reading it tells. Read a sample, and count.
#
# **Read on**: Wei et al. 2022, *Finetuned Language Models Are Zero-Shot Learners*; Wang et al. 2023, *Self-Instruct: Aligning Language Models with Self-Generated Instructions*; Raffel et al. 2020, *Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer*, section 3.5.2; Longpre et al. 2023, *The Flan Collection: Designing Data and Methods for Effective Instruction Tuning*.
# In the code: `course/instruction/chat_template.py`, `course/instruction/loss_mask.py`, `course/instruction/packing.py`, `course/instruction/mixture.py`, `course/instruction/instruction_pool.py`, `experiments/instruction_tuning.py`.
#
# **Next**: lesson 14, *RLHF*.

# %%
progress.table()
