"""Blocks in the template's order are its prompt; in another order each block is written as before."""

import pytest

from course.prompting import PromptTemplate, Shot
from course.viz.prompting.blocks import written

SHOTS = [Shot("A {joy}.", "good"), Shot("", "bad"), Shot("Long.\n\nVery long.", "bad")]
TEMPLATES = [
    PromptTemplate("Judge.", "Review: {input}\nSentiment: {answer}"),
    PromptTemplate("", "{input} => {answer}", "\n"),
    PromptTemplate("Judge.", "{input}\n\nIs it {answer}", " ## "),
]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_the_templates_own_order_is_its_prompt(template, n):
    for text in ("A bore.", "", "{answer}"):
        assert written(template, [template.instruction, *SHOTS[:n]], text) == template.render(text, SHOTS[:n])


@pytest.mark.parametrize("template", TEMPLATES)
def test_another_order_moves_blocks_and_changes_none(template):
    blocks = [SHOTS[2], "Judge!", SHOTS[0]]
    prompt = written(template, blocks, "A bore.")
    pieces = [(part.kind, prompt.text[part.start : part.end]) for part in prompt.parts]
    usual = template.render("A bore.", [SHOTS[2], SHOTS[0]])
    expected = [(part.kind, usual.text[part.start : part.end]) for part in usual.parts if part.kind != "instruction"]
    assert pieces == [*expected[:2], ("instruction", "Judge!"), *expected[2:]]
    separators = prompt.text
    for _kind, piece in pieces:
        separators = separators.replace(piece, "", 1)
    assert separators == template.separator * 3


def test_a_shot_without_an_answer_is_refused():
    with pytest.raises(ValueError, match="The shot 'x' has no answer"):
        written(TEMPLATES[0], [Shot("x", " ")], "y")
