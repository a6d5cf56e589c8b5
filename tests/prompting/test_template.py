"""A prompt ends where its answer begins, and knows which of its characters are what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.prompting import PromptTemplate, Shot

TEMPLATE = PromptTemplate("Judge the review.", "Review: {input}\nSentiment: {answer}", "\n\n")
SHOTS = [Shot("Fine.", "positive"), Shot("Poor.", "negative")]


def test_a_prompt_is_what_its_template_says():
    prompt = TEMPLATE.render("Odd.", SHOTS, context="We spoke of films.")
    assert prompt.text == (
        "Judge the review.\n\nWe spoke of films.\n\nReview: Fine.\nSentiment: positive\n\n"
        "Review: Poor.\nSentiment: negative\n\nReview: Odd.\nSentiment:"
    )
    assert [(part.kind, prompt.text[part.start : part.end]) for part in prompt.parts] == [
        ("instruction", "Judge the review."),
        ("context", "We spoke of films."),
        ("shot", "Review: Fine.\nSentiment:"),
        ("shot answer", " positive"),
        ("shot", "Review: Poor.\nSentiment:"),
        ("shot answer", " negative"),
        ("input", "Review: Odd.\nSentiment:"),
    ]


def test_the_space_before_the_answer_is_the_answers():
    assert TEMPLATE.answers(["good", "bad"]) == (" good", " bad")
    assert PromptTemplate("", "{input} ->\n\t{answer}").answers(["x"]) == ("\n\tx",)
    assert PromptTemplate("", "{input} -> {answer}").render("a").text == "a ->"
    assert PromptTemplate("", "{input}={answer}").answers(["x"]) == ("x",)


@given(st.lists(st.text(), max_size=3), st.text(), st.text(max_size=5))
def test_the_parts_and_the_separators_are_the_whole_text(texts, text, context):
    prompt = TEMPLATE.render(text, [Shot(each, "yes") for each in texts], context)
    pieces = [prompt.text[part.start : part.end] for part in prompt.parts]
    gaps = [prompt.text[one.end : other.start] for one, other in zip(prompt.parts[:-1], prompt.parts[1:], strict=True)]
    assert prompt.text == "".join(piece + gap for piece, gap in zip(pieces, [*gaps, ""], strict=True))
    assert set(gaps) <= {"", TEMPLATE.separator}
    assert prompt.parts[0].start == 0 and prompt.parts[-1].end == len(prompt.text)
    assert not prompt.text.endswith(" ")


def test_braces_in_a_text_stay():
    assert "{answer} {input} {}" in TEMPLATE.render("{answer} {input} {}").text
    assert "Review: {input}\nSentiment: {answer}" in TEMPLATE.render("a", [Shot("{input}", "{answer}")]).text


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ("Review: {input}", "{answer} 0 times"),
        ("{answer}", "{input} 0 times"),
        ("{input} {input} {answer}", "{input} 2 times"),
        ("{input}: {answer} {answer}", "{answer} 2 times"),
        ("{input}: {answer}.", "must be its end"),
        ("{answer} {input}", "must be its end"),
        ("{input} {answer}", "nothing but"),
    ],
)
def test_an_example_that_is_none_is_refused(example, words):
    with pytest.raises(ValueError, match=words):
        PromptTemplate("", example)


def test_a_shot_needs_an_answer():
    with pytest.raises(ValueError, match=r"'Fine\.' has no answer"):
        TEMPLATE.render("Odd.", [Shot("Fine.", " ")])


def test_one_word_is_no_list_of_words():
    with pytest.raises(TypeError, match="'bad' is one text"):
        TEMPLATE.answers("bad")


def test_white_space_alone_does_not_say_what_the_answer_is():
    with pytest.raises(ValueError, match="nothing but the input and the answer"):
        PromptTemplate("", " {input}\n{answer}")
