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
# # 00 · Start here
#
# In this lesson a real language model answers your own prompt on this machine, and you see what it could have said instead.
# Afterwards you know how the widgets, questions, exercises and cards of the course work.
#
# - **Time**: 25 minutes.
#   The cells run in under a minute on two processor cores.
# - **Before this**: nothing.
#   You should be able to read a Python function and to write a short one.
#
# A notebook is a page of *cells*.
# Click into a cell with code and press **Shift + Enter**: the cell runs and the next one is selected.
# **Run → Run All Cells** runs the whole page.
# If something looks stuck, **Kernel → Restart Kernel and Run All Cells** starts afresh; nothing on the page is lost.

# %%
import torch

import course
from course.decoding import generate, probabilities
from course.exercises import ask, check, hint, progress, solution, yours
from course.layers.parameters import count_parameters
from course.pretrained import chat_ids, chat_prompt, load
from course.syllabus.lessons import LESSONS
from course.viz import DoctorTable, PromptExplorer, use_course_style
from course.viz.figures import next_token_bars
from course.viz.show import say, table
from course.viz.start_here.lesson_map import lesson_map
from course.workshop import doctor

use_course_style()

# %% [markdown]
# ## Is everything here?
#
# The table below is what `python -m course doctor` prints: which Python and PyTorch run, on which device, how much memory and disk there is, and which models and texts have been fetched.
# A line that needs your attention says what to do.

# %%
DoctorTable(doctor.findings())

# %% [markdown]
# ## How a lesson works
#
# - A **question** asks you to predict what the next cell will show, or to read a figure.
#   Click on an answer, and the page says why it is right or wrong.
# - An **exercise** is a function that is started for you: its name, what it takes, what it must return.
#   Write its body where the three dots are and run the cell.
#   `check` tries your function and reports ○ (not attempted), ✗ with a sentence on what is wrong, or ✓ (passed).
#   Any way of solving it passes, not only ours.
#   Two hints are folded away below the result, and `solution("…")` shows ours after your first attempt, or when you ask twice.
#   Nobody counts how many you open.
#   The cells after it use your function as soon as it passes, and ours until then.
# - A **card** holds a claim: who makes it, what was measured, how uncertain the number is, and whether the claim held, held in part, did not hold, or cannot be decided by that number.
#
# The course grew from a set of Korean study notes on language models.
# Where a lesson says "the notes", it quotes a sentence of theirs and, where it can, tests it: some of them hold, others do not.
# [A table](../docs/notes.md) leads from each of their headings to the lessons that take it up, and to what was found.
#
# ## A language model answers
#
# SmolLM2 is a small *language model*, published by Hugging Face in 2024 (Allal et al. 2025).
# Small means 135 million numbers, its *parameters*; the largest models have several thousand times as many.
# To keep the download small, the copy used here stores most of its parameters in 4 bits each instead of 16.
# Its probabilities therefore differ from those of the published model.
# The code that runs it is this course's own, in the folder `course/`.
# Lessons 02 to 07 go through it part by part.

# %%
model, tokenizer = load("smollm2")
table(
    [
        {
            "parameters": count_parameters(model),
            "layers": model.config.n_layers,
            "tokens in its vocabulary": tokenizer.vocab_size,
            "context length in tokens": model.config.context_length,
        }
    ]
)

# %% [markdown]
# The model does one thing.
# It reads a text, the *prompt*, that has been cut into *tokens* (words and pieces of words, lesson 02).
# For each token of its *vocabulary*, the list of all tokens it knows, it then computes a number that says how likely that token is to come next.
# The *context length* is the largest number of tokens it can read at once.

# %%
ask("start_here.next_token")

# %%
prompt = "The capital of France is"
ids = torch.tensor([tokenizer.encode(prompt)], device=course.device())
with torch.inference_mode():
    outputs = model(ids)
logits = outputs[0, -1]
say("ids", tuple(ids.shape), "→ outputs", tuple(outputs.shape), "→ logits", tuple(logits.shape))

# %% [markdown]
# The model takes a batch, several texts at once; here it is one text of five tokens.
# It answers at every position of every text with one number for each token of the vocabulary.
# `[0, -1]` picks the first text and its last position, whose numbers are about the token after the prompt.
#
# In the course's code a type such as `Float[Tensor, "batch position vocab"]` says the same: a tensor of floating-point numbers with these three dimensions, in this order.
# `"*batch position"` allows any number of dimensions in front, and `#heads` a size of 1 that is repeated as often as needed.
#
# The numbers are called *logits*.
# *Softmax* turns them into probabilities between 0 and 1 that sum to 1: it takes e to the power of each logit, and divides by the sum of these powers.

# %%
best = probabilities(logits).topk(5)
table(
    (
        {"token": repr(tokenizer.decode([i])), "id": i, "logit": logits[i], "probability": p}
        for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ),
    formats={"id": "d"},
)

# %% [markdown]
# To produce text, the model picks a token, appends it, and starts over.
# Always picking the most probable token is called *greedy decoding*.
# This is the loop, without anything to make it fast:

# %%
text = ids
for _ in range(12):
    with torch.inference_mode():
        next_id = model(text)[0, -1].argmax()
    text = torch.cat([text, next_id.reshape(1, 1)], dim=1)
say(tokenizer.decode(text[0].tolist()))

# %% [markdown]
# The loop stops after 12 tokens, wherever the text is by then.
# The first line is true; the second has the form of an answer and means nothing.
#
# Is the most probable token also the true one?
# Here is the model's first choice for four countries.

# %%
first_choice = []
for country in ("France", "Australia", "Turkey", "Nigeria"):
    question_ids = torch.tensor([tokenizer.encode(f"The capital of {country} is")])
    with torch.inference_mode():
        p, i = probabilities(model(question_ids.to(course.device()))[0, -1]).max(dim=-1)
    first_choice.append(
        {"country": country, "first choice": repr(tokenizer.decode([int(i)])), "probability": p}
    )
table(first_choice)

# %% [markdown]
# The capitals are Paris, Canberra, Ankara and Abuja.
# (`' Lag'` is the beginning of "Lagos".)
# In three of the four rows, chosen to show it, a larger and better-known city comes first.
# The model was trained to continue texts, and what is likely in a text is not always true.
#
# ### Temperature
#
# Instead of taking the most probable token, one can draw at random, each token with its probability.
# A *temperature* changes these probabilities: all logits are divided by it before softmax.


# %%
ask("start_here.temperature")


# %% tags=["exercise"]
def softmax(logits: list[float], temperature: float) -> list[float]:
    """The probability of each token, given the logits of all tokens.

    Each logit is divided by the temperature, which is above 0. A token's probability is e to the
    power of what it then has, divided by the sum of these powers over all tokens.

    >>> softmax([1.5, 1.5, 1.5, 1.5], 1.0)
    [0.25, 0.25, 0.25, 0.25]
    >>> [round(p, 3) for p in softmax([2.0, 1.0, 0.0], 0.5)]
    [0.867, 0.117, 0.016]
    """
    ...


check("start_here.softmax", softmax)

# %% [markdown]
# The table applies your function to the logits of the five tokens from above, as if the vocabulary had no others.

# %%
softmax_of = yours("start_here.softmax", softmax)
five = {t: softmax_of(logits[best.indices].tolist(), t) for t in (0.5, 1.0, 2.0, 10.0)}
table(
    {"token": repr(tokenizer.decode([i]))} | {f"temperature {t:g}": five[t][row] for t in five}
    for row, i in enumerate(best.indices.tolist())
)

# %% [markdown]
# Every column sums to 1, and the order of the tokens is the same in all.
# A low temperature makes the choice sharper, a high one more even.

# %% [markdown]
# ### A conversation
#
# SmolLM2 was trained further to answer questions.
# For that, its input has the form of a conversation in which special tokens say who is speaking: its *chat template*.

# %%
say(chat_prompt("Why is the sky blue?"))

# %% [markdown]
# The model continues after the last line.
# Its answer ends when it picks the end token `<|im_end|>`, or here after 60 tokens, whichever comes first.
# `generate` is the loop from above that also keeps what it has already computed (the *KV cache*, lesson 07), so that a further token does not mean reading the whole text again.

# %%
question = torch.tensor(chat_ids(tokenizer, "Why is the sky blue?"))
end = tokenizer.encode("<|im_end|>", allow_special=True)
steps = list(generate(model, question, max_new_tokens=60, stop=end))
say(tokenizer.decode([step.token for step in steps]))

# %%
ask("start_here.cut_off")

# %% [markdown]
# Is the answer right?
# Look it up before you believe it.
# A model of this size is often wrong.
# Lesson 16 gives it something to look things up in.
#
# ### What it could have said instead
#
# At each step the model had a probability for every token.
# Here are the ten most probable ones at the first step of its answer.
# The one it chose is marked.

# %%
first = probabilities(steps[0].log_probabilities).topk(10)  # softmax undoes the logarithm
first_ids = first.indices.tolist()
tokens = [tokenizer.decode([i]) for i in first_ids]
next_token_bars(tokens, first.values.cpu().numpy(), chosen=first_ids.index(steps[0].token))

# %% [markdown]
# ## Your own prompt
#
# Type a prompt and press **Generate**.
# Then click on any token of the answer (or move with the arrow keys): the bars show what the model could have said there.
# With a **Temperature** above 0 the tokens are drawn at random, so the same prompt can give different answers.
# One cannot divide by 0; a temperature of 0 means greedy decoding, which low temperatures come close to.
#
# A saved notebook shows the pictures of its last run.
# When you open it again, on the next day or after a restart of its kernel, choose **Run → Run All Cells** to make them respond.
#
# Things to try: a question in another language; the same question twice at temperature 1; an arithmetic problem; your own name.

# %%
explorer = PromptExplorer(model, tokenizer, prompt="Write one sentence about the sea.")
explorer.max_new_tokens = 24
explorer.run()
explorer

# %% [markdown]
# A widget is also a Python object: code can read and change whatever you set by hand.
# Here are the tokens of the answer above, with the probability that the model gave to each.

# %%
table(
    {
        "token": repr(tokenizer.decode([s.token])),
        "probability": probabilities(s.log_probabilities)[s.token],
    }
    for s in explorer.steps[:8]
)

# %% [markdown]
# ## The map
#
# An arrow leads from each lesson to those that build on it.
# Lessons in a solid frame are in your copy today; at the end of a line is how many of its questions you have answered.

# %%
lesson_map(LESSONS, progress.table().answered)

# %% [markdown]
# ## Your progress
#
# What you have passed is stored on this computer only, for all lessons.

# %%
progress.table()

# %% [markdown]
# ## What to remember
#
# - A language model gives every token of its vocabulary a probability of coming next.
# - Generating text means picking a token, appending it, and asking again.
# - Greedy decoding takes the most probable token; with a temperature, tokens are drawn at random by their probabilities.
# - Likely is not the same as true: the model puts Sydney before Canberra.
# - A chat is a text in a fixed form, which the model continues.
#
# **Read on**: Allal et al. 2025, [SmolLM2: When Smol Goes Big](https://arxiv.org/abs/2502.02737), on how this model was made.
# The words in italics are in the [glossary](../docs/glossary.md), with their Korean terms.
#
# **Next**: lesson 01, *What language models do*.
