"""`docs/base_model.md`: the model card of the course's base model, made from its record."""

from collections.abc import Mapping
from typing import Any

from course import trained
from course.intervals import Interval, RunCounts, rate
from course.tasks.corpus import LICENCES
from course.tasks.pretraining import BASE
from course.workshop.claims import escaped

EXPERIMENT, MODEL = "base_model", "gpt"
LIMITS = """\
It predicts the next token of English text of the four sources, and of nothing else: no other language, no dialogue, no
code. It states falsehoods in fluent sentences; names, dates and numbers are not to be believed. It repeats the opinions
and prejudices of its sources, among them presidents of the 19th century. It reads {context} tokens at most. It was
tuned on no instruction and for no safety. It is made for the lessons of this course, on the learner's machine, and is
not to be used where its text could be taken for information.

One seed was trained: the intervals above cover other documents of the same sources, not another training."""
LICENCE = """\
The weights and the tokenizer are under Apache-2.0, the licence of this repository, as far as there are rights in them.
It gives no rights in the texts, none of which is in this repository; they keep the terms in the table above. The
articles and passages are by the authors of Wikipedia, under CC BY-SA, which asks for attribution, and for the same
licence for what is adapted from them: a passage of theirs that the model repeats is under those terms, not under
Apache-2.0. The messages were transcribed by the American Presidency Project. The reviews are short quotations from
critics, under no known licence. Whether weights are themselves adapted from the texts that they were computed from is
not settled by courts; models that read Wikipedia are commonly published under Apache-2.0, as this one is."""


def has_record() -> bool:
    """Whether the base model has been trained: without a record there is no page."""
    return any((trained.place.FOLDER / EXPERIMENT).glob(f"{MODEL}-*.json"))


def page() -> str:
    """The card of the trained model."""
    return card(trained.record_of(EXPERIMENT, MODEL))


def card(record: Mapping[str, Any]) -> str:
    """The card of a run of `experiments/base_model.py`, as Markdown."""
    sources = record["sources"]
    n_tokens = sum(one["train"]["tokens"] for one in sources.values())
    read = record["steps"] * record["tokens_a_step"]
    c = BASE
    parts = [
        "# The base model",
        f"Made by `python -m course build` from `course/trained/{EXPERIMENT}/{MODEL}-{record['seed']}.json`; the model "
        f"is `trained.load('{EXPERIMENT}/{MODEL}')`, its tokenizer `course.tasks.pretraining.base_tokenizer()`.",
        "## What it is",
        f"A GPT of the modern form (rotary positions, RMSNorm, grouped-query attention, SwiGLU, no biases) with "
        f"{record['parameters']:,} weights, {2 * record['parameters'] / 1e6:.1f} MB in half precision: {c.n_layers} "
        f"layers, width {c.d_model}, {c.n_heads} heads and {c.n_kv_heads} of keys and values, {c.d_ff} inside the "
        f"feed-forward layers, a context of {c.context_length} tokens, embedding and output layer shared. Its "
        f"tokenizer is byte-level BPE of {c.vocab_size:,} tokens, learned from the training documents by "
        f"`{record['tokenizer']}`.",
        "## What it read",
        "Text alone, never a label. The splits are those of `course.data`, which fine-tuning uses as well: none of its "
        f"test texts was read here. {sum(one['left_out'] for one in sources.values())} training documents "
        "were left out because they share 13 words in a row with a held-out one; of the held-out documents, "
        f"{sum(one['near_copies'] for one in sources.values())} are near copies of a training document. Messages "
        "are long and share formulas, so no training message was left out: "
        f"{100 * sources['messages']['shared_runs']:.1f} % of the runs of 13 words in held-out messages are in a "
        "training message, too.",
        "\n".join(
            [
                "| Source | Licence of the texts | Training documents | MB | Tokens | Validation | Test |",
                "| :--- | :--- | ---: | ---: | ---: | ---: | ---: |",
                *(_source(name, one) for name, one in sources.items()),
            ]
        ),
        "## How it was trained",
        f"`{record['command']}`: {record['steps']:,} steps of {record['tokens_a_step']:,} tokens, {read / 1e6:.1f} "
        f"million in all, each training document about {read / n_tokens:.1f} times; AdamW, learning rate "
        f"{record['learning_rate']:g} after a warm-up, falling to 0 in a line: the best on validation after "
        f"{record['search_steps']:,} steps, of rates a factor of 2 apart. {_time(record)}Documents in one window "
        "attend to each other.",
        "## Bits per byte on held-out text",
        "The test documents of each source, every token after at least half a window of context but at a document's "
        "beginning; special tokens are not counted. 95 % intervals over documents. Beside them, before training, on "
        "stretches of the validation documents.",
        "\n".join(
            [
                "| Source | Bits per byte | Documents | Before training |",
                "| :--- | :--- | ---: | ---: |",
                *(
                    f"| {name} | {interval(found)} | {len(found['items']['bits'].split()):,} | "
                    f"{record['untrained'][name]:.2f} |"
                    for name, found in record["bits_per_byte"].items()
                ),
            ]
        ),
        "## What it writes",
        "Each first text that was drawn (temperature 0.8, top-p 0.95), none chosen. The prompt is in bold.",
        "\n".join(
            f"- {_text(text, prompt)}"
            for prompt, text in zip(record["prompts"], record["samples_at_the_end"], strict=True)
        ),
        "## Limits",
        LIMITS.format(context=c.context_length),
        "## Licence",
        LICENCE,
    ]
    return "\n\n".join(parts) + "\n"


def interval(found: Mapping[str, Any]) -> Interval:
    """Bits per byte of a test, with its interval over documents."""
    items = {name: trained.numbers(line) for name, line in found["items"].items()}
    return rate(RunCounts([items["bits"]], [items["bytes"]], "documents"), unit="")


def _source(name: str, one: Mapping[str, Any]) -> str:
    train = one["train"]
    return (
        f"| {name} | {LICENCES[name]} | {train['documents']:,} | {train['bytes'] / 1e6:.1f} | {train['tokens']:,} | "
        f"{one['validation']['documents']:,} | {one['test']['documents']:,} |"
    )


def _time(record: Mapping[str, Any]) -> str:
    if "seconds" not in record:
        return ""
    processes = record["processes"]
    of = "one process" if processes == 1 else f"{processes} processes"
    return f"The steps took {record['seconds'] / 60:.0f} minutes in {of}. "


def _text(text: str, prompt: str) -> str:
    """A text on one line of Markdown, its prompt in bold."""
    rest = " ".join(text[len(prompt) :].split())
    gap = " " if text[len(prompt) :][:1].isspace() else ""
    return f"**{prompt}**{gap}{escaped(rest)}"
