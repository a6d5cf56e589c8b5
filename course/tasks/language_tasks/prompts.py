"""Any task by a prompt on one language model, SmolLM2, none of whose weights has been trained for it."""

import functools
from collections.abc import Callable, Sequence
from string import Formatter

from course.decoding import greedy_search, left_pad
from course.gpt import Decoder
from course.layers.sizes import require_whole
from course.messages import _
from course.pretrained import chat_ids, load
from course.prompting import answer_scores
from course.tasks.language_tasks.task import Answer, LanguageTask, System, Text, Value
from course.tokenization import ByteLevelBPE

BATCH_SIZE = 10  # prompts that are read together
PLACES = {"text", "question"}
TURN_END = "<|im_end|>"


def prompted(task: LanguageTask, wording: int = 0) -> System:
    """SmolLM2 as a system for a task, asked by one of its wordings.

    Raises `ValueError` for a wording that is not there.
    """
    if not 0 <= wording < len(task.wordings):
        raise ValueError(
            _("There is no wording {number}: the task has {n}, counted from 0.").format(
                number=wording, n=len(task.wordings)
            )
        )
    return asking(task.wordings[wording], longest=task.longest, choices=task.choices, read=task.read)


def asking(
    wording: str,
    *,
    longest: int,
    choices: Sequence[str] = (),
    read: Callable[[str, Text], Value] = lambda answer, _text: answer,
) -> System:
    """SmolLM2, asked by a prompt with {text} and {question} in it.

    Of `choices`, which begin with a space, the most probable after the plain prompt is the answer, and its share of
    their probability the confidence. Otherwise the answer is the most probable tokens, and the confidence the geometric
    mean of their probabilities: after a wording that ends with a colon they go on with it, and their first line counts;
    any other is a user's turn of a chat, to be answered. Raises `ValueError` for a wording without {text} or with
    another place, and for less than 1 token.
    """
    require_whole(longest, "longest")
    _require_places(wording)
    continues = wording.endswith(":")

    def system(texts: Sequence[Text]) -> list[Answer]:
        model, tokenizer = _smollm2()
        prompts = [wording.format(text=text.text.strip(), question=text.question.strip()) for text in texts]
        if choices:
            chances = answer_scores(model, tokenizer, prompts, choices).softmax(dim=-1)
            return [Answer(choices[int(row.argmax())].strip(), float(row.max())) for row in chances]
        rows = [tokenizer.encode(one) if continues else chat_ids(tokenizer, one) for one in prompts]
        written = _written(model, tokenizer, rows, longest)
        answers = [answer.partition("\n")[0] if continues else answer for answer, _chance in written]
        return [
            Answer(read(answer, text), chance)
            for answer, (_answer, chance), text in zip(answers, written, texts, strict=True)
        ]

    return system


def _require_places(wording: str) -> None:
    places = {place for _text, place, _form, _conversion in Formatter().parse(wording) if place is not None}
    if "text" not in places or places - PLACES:
        raise ValueError(
            _(
                "The places of the wording {wording!r} are {places}: write {{text}} in it, and no other than "
                "{{question}} beside it."
            ).format(wording=wording[:60], places=", ".join(f"{{{one}}}" for one in sorted(places)) or _("none"))
        )


@functools.cache
def _smollm2() -> tuple[Decoder, ByteLevelBPE]:
    return load("smollm2")


def _written(
    model: Decoder, tokenizer: ByteLevelBPE, prompts: Sequence[list[int]], longest: int
) -> list[tuple[str, float]]:
    """What the model writes after each prompt, in their order, and the geometric mean of the tokens' probabilities."""
    by_length = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    found = [("", 1.0)] * len(prompts)
    end = tokenizer.special.ids[TURN_END]
    for start in range(0, len(prompts), BATCH_SIZE):
        numbers = by_length[start : start + BATCH_SIZE]
        source, padding = left_pad([prompts[number] for number in numbers], device=model.embedding.tokens.weight.device)
        best = greedy_search(model, source, eos_id=end, max_length=longest, padding=padding)
        for number, one in zip(numbers, best, strict=True):
            found[number] = (tokenizer.decode(one.tokens).strip(), one.token_probability)
    return found
