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
# After this lesson you have seen a real language model answer your own prompt on this machine, you have looked at what it might have said instead, and you know how the widgets, the checks and the hints of the course work.
#
# - **Time**: 20 minutes.
#   The cells run in under a minute on two processor cores.
# - **Before this**: nothing.
#   You should be able to read a Python function.
#
# A notebook is a page of *cells*.
# Click into a cell with code and press **Shift + Enter**: the cell runs and the next one is selected.
# *Run → Run All Cells* runs the whole page.
# If something looks stuck, *Kernel → Restart Kernel and Run All Cells* begins afresh; nothing on the page is lost.

# %%
import torch

import course
from course.decoding import generate, probabilities
from course.exercises import check, hint, progress, solution
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
# ## A language model answers
#
# SmolLM2 is a small language model, published by Hugging Face in 2024 (Allal et al. 2025).
# Small means 135 million numbers, its *parameters*; the largest models have several thousand times as many.
# The code that runs it is this course's own, in the folder `course/`.
# By lesson 07 you will have built every line of it.

# %%
model, tokenizer = load("smollm2")
table(
    [
        {
            "parameters": count_parameters(model),
            "layers": model.config.n_layers,
            "tokens it knows": tokenizer.vocab_size,
            "tokens it can look back on": model.config.context_length,
        }
    ]
)

# %% [markdown]
# The model does one thing.
# It reads a text, cut into *tokens* (words and pieces of words, lesson 02), and gives a number to each token of its vocabulary: how well that token would come next.
# Here is a text, and the five tokens that fit best.

# %%
prompt = "The capital of France is"
ids = torch.tensor([tokenizer.encode(prompt)], device=course.device())
with torch.inference_mode():
    logits = model(ids)[0, -1]
best = probabilities(logits).topk(5)
table(
    {"token": repr(tokenizer.decode([i])), "id": i, "logit": logits[i], "probability": p}
    for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)
)

# %% [markdown]
# The number that the model computes is called a *logit*.
# Softmax turns the logits of all tokens into *probabilities*: numbers between 0 and 1 that sum to 1. To write, the model picks a token, puts it behind the text, and does the same again.
# Always picking the most probable one is called *greedy* decoding.
# This is the loop, without anything to make it fast:

# %%
for _ in range(12):
    with torch.inference_mode():
        logits = model(ids)[0, -1]
    ids = torch.cat([ids, logits.argmax().reshape(1, 1)], dim=1)
say(tokenizer.decode(ids[0].tolist()))

# %% [markdown]
# SmolLM2 was trained further to answer questions.
# For that, the text it reads is written in the form of a conversation, with marks for who speaks: its *chat template*.

# %%
say(chat_prompt("Why is the sky blue?"))

# %% [markdown]
# The model continues behind the last mark, and stops when it writes the end mark `<|im_end|>`.
# `generate` is the loop from above that also remembers what it has already computed (the *KV cache*, lesson 07), so each further token costs the same.

# %%
question = torch.tensor(chat_ids(tokenizer, "Why is the sky blue?"))
end = tokenizer.encode("<|im_end|>", allow_special=True)
steps = list(generate(model, question, max_new_tokens=60, stop=end))
say(tokenizer.decode([step.token for step in steps]))

# %% [markdown]
# Is that right?
# Look it up before you believe it.
# The model was made to write what is likely, not what is true, and a model of this size errs often.
# Lesson 16 gives it something to look things up in.
#
# ### What it might have said instead
#
# At each step the model had a probability for every token.
# Here are the ten most probable ones at the first step of its answer.
# The one it chose is marked.

# %%
first = probabilities(steps[0].log_probabilities).topk(10)
first_ids = first.indices.tolist()
tokens = [tokenizer.decode([i]) for i in first_ids]
next_token_bars(tokens, first.values.cpu().numpy(), chosen=first_ids.index(steps[0].token))

# %% [markdown]
# ## Your own prompt
#
# Type a prompt and press **Generate**.
# Then click on any token of the answer (or move with the arrow keys): the bars show what the model might have said at that place.
# *Temperature* above 0 lets it draw from these probabilities instead of always taking the highest: the same prompt then gives different answers.
#
# When you open a notebook again, on the next day or after a restart of its kernel, its pictures are those of the last time, and do not answer.
# Choose *Run → Run All Cells*, and they move again.
#
# Things to try: a question in another language; the same question twice at temperature 1; an arithmetic problem; your own name.

# %%
explorer = PromptExplorer(model, tokenizer, prompt="Write one sentence about the sea.")
explorer.max_new_tokens = 24
explorer.run()
explorer

# %% [markdown]
# A widget is also an object of Python: what you set by hand can be set and read in code.
# Here are the tokens of the answer above, and how sure the model was of each.

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
# Twenty lessons, and what each needs.
# The ones with a solid frame are in your copy today.

# %%
lesson_map(LESSONS, progress.table().answered)

# %% [markdown]
# ## How the exercises work
#
# A function is begun for you: its name, what it takes, what it must return.
# Write its body where the three dots are and run the cell.
# `check` tries your function and says what it found:
#
# - ○ *not attempted*: the dots are still there;
# - ✗ with a sentence that says what is wrong, for the usual mistakes by name;
# - ✓ *passed*.
#   Any way of solving it passes, not only ours.
#
# Below the verdict are two hints, folded away, and the call that shows a solution, `solution("…")`: after your first attempt, or when you ask twice.
# Nobody counts how many you open.
#
# **Exercise.**
# The model wrote some tokens and took some time.
# How fast was it?


# %% tags=["exercise"]
def tokens_per_second(ids: list[int], seconds: float) -> float:
    """How many tokens per second a model wrote.

    `ids` are the ids of the tokens it wrote, in order; `seconds` is the time it took to write them.

    >>> tokens_per_second([504, 3575, 314, 4461], 0.5)
    8.0
    """
    ...


check("start_here.tokens_per_second", tokens_per_second)
# %% [markdown]
# ## Your progress
#
# What you have passed is kept on this computer, over all lessons, and nowhere else.

# %%
progress.table()

# %% [markdown]
# ## What to remember
#
# - A language model gives every token of its vocabulary a probability of coming next.
#   Everything else is built on that.
# - A text is made by picking a token, appending it, and asking again.
# - Greedy decoding takes the most probable token; with a temperature, tokens are drawn at random by their probabilities.
# - Likely is not the same as true.
# - A chat is a text in a fixed form, which the model continues.
#
# **Read on**: Allal et al. 2025, *SmolLM2: When Smol Goes Big*, sections 1 and 5, on how this model was made.
# Words you meet on the way are in the [glossary](../docs/glossary.md), with their Korean terms.
#
# **Next**: lesson 02, *Tokenization*: where the tokens come from.
