"""The blocks of a prompt in an order of one's own: an instruction, examples with their answers, and the input last."""

from collections.abc import Sequence
from dataclasses import replace

from course.prompting import Part, Prompt, PromptTemplate, Shot


def written(template: PromptTemplate, blocks: Sequence[str | Shot], text: str) -> Prompt:
    """The prompt of these blocks and the input after them, as the template writes each.

    A text is an instruction, and is left out when it is empty. With the template's instruction first and the shots
    after it, this is `template.render(text, shots)`. Raises `ValueError` for a shot without an answer.
    """
    alone = replace(template, instruction="")
    joined, parts = "", []
    for prompt in (*(_block(alone, block) for block in blocks if block), alone.render(text)):
        joined += template.separator if parts else ""
        parts += [Part(kind, start + len(joined), end + len(joined)) for kind, start, end in prompt.parts]
        joined += prompt.text
    return Prompt(joined, tuple(parts))


def _block(alone: PromptTemplate, block: str | Shot) -> Prompt:
    if not isinstance(block, Shot):
        return Prompt(block, (Part("instruction", 0, len(block)),))
    prompt = alone.render("", [block])
    parts = prompt.parts[:2]  # without the empty input after it
    return Prompt(prompt.text[: parts[-1].end], parts)
