"""SmolLM2's template is the one in its file, as `transformers` renders it; the parts say what each character is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.instruction import MINIMAL, SMOLLM2, Message
from course.pretrained import chat_prompt
from course.tasks import corpus
from tests.instruction.conversations import FRANCE, SPELLED, TWICE, conversations


@pytest.mark.slow
@given(messages=conversations(), for_answer=st.booleans())
def test_smollm2_is_rendered_as_by_transformers(theirs, messages, for_answer):
    messages = messages[:-1] if for_answer else messages
    expected = theirs.apply_chat_template(
        [message._asdict() for message in messages], tokenize=False, add_generation_prompt=for_answer
    )
    assert SMOLLM2.render(messages, for_answer=for_answer).text == expected


@pytest.mark.parametrize("system", [None, "Be brief."])
def test_a_single_turn_is_the_chat_prompt_of_the_first_lesson(system):
    messages = [Message("system", system)] * (system is not None) + [Message("user", "Why is the sky blue?")]
    expected = chat_prompt(messages[-1].content, *([system] if system else []))
    assert SMOLLM2.render(messages, for_answer=True).text == expected


def test_the_minimal_template_has_the_special_tokens_of_the_base_model():
    assert MINIMAL.starts == {"user": corpus.USER, "assistant": corpus.ASSISTANT}
    assert (MINIMAL.end, MINIMAL.padding) == (corpus.END_OF_TURN, corpus.PADDING)
    assert MINIMAL.render(TWICE[:3], for_answer=True).text == (
        "<|user|>What is the capital of France?<|end_of_turn|>"
        "<|assistant|>The capital of France is Paris.<|end_of_turn|>"
        "<|user|>Say yes.<|end_of_turn|><|assistant|>"
    )


@given(messages=conversations(system=False), template=st.sampled_from([MINIMAL, SMOLLM2]))
def test_the_parts_cover_the_text_and_say_what_it_is(messages, template):
    conversation = template.render(messages)
    ends = [0, *(part.end for part in conversation.parts)]
    assert [part.start for part in conversation.parts] == ends[:-1] and ends[-1] == len(conversation.text)
    assert str(conversation) == conversation.text

    said = [
        (part.role, conversation.text[part.start : part.end]) for part in conversation.parts if part.kind == "content"
    ]
    assert said[-len(messages) :] == list(messages)
    special = {conversation.text[part.start : part.end] for part in conversation.parts if part.kind == "special token"}
    assert special == {*template.starts.values(), template.end}

    trained = [conversation.text[part.start : part.end] for part in conversation.parts if part.trained]
    answers = [message.content for message in messages if message.role == "assistant"]
    assert trained == [text for answer in answers for text in (answer, template.end)]


@given(messages=conversations(system=False), template=st.sampled_from([MINIMAL, SMOLLM2]))
def test_a_prompt_is_how_the_whole_conversation_begins(messages, template):
    whole, prompt = template.render(messages).text, template.render(messages[:-1], for_answer=True).text
    assert whole.startswith(prompt + messages[-1].content)


def test_a_content_is_written_as_it_is_and_only_the_parts_tell_it_from_special_tokens():
    messages = [Message("user", SPELLED), *FRANCE[1:]]
    conversation = SMOLLM2.render(messages)
    assert SPELLED in conversation.text
    special = [part for part in conversation.parts if part.kind == "special token"]
    assert len(special) == 6  # three turns with two each; what the user spelled is none
    assert conversation.text.count("<|im_start|>") == 4


def test_a_role_that_the_template_lacks_is_named():
    with pytest.raises(ValueError, match="Message 1 has the role 'system', which the template minimal does not have"):
        MINIMAL.render([Message("system", "Be brief."), *FRANCE])


@pytest.mark.parametrize("template", [MINIMAL, SMOLLM2])
def test_padding_is_never_the_end_of_a_turn(template):
    with pytest.raises(ValueError, match="is both the padding and the end of a turn"):
        replace(template, padding=template.end)


@pytest.mark.parametrize("missing", [{"end": ""}, {"padding": ""}])
def test_a_template_without_an_end_or_padding_is_refused(missing):
    """Without an end between them, only the last of several answers would be trained, or none."""
    with pytest.raises(ValueError, match=r"The template minimal has the end .*: give each a special token"):
        replace(MINIMAL, **missing)


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_template_without_a_start_for_those_who_talk_is_refused(role):
    starts = {other: start for other, start in MINIMAL.starts.items() if other != role}
    with pytest.raises(ValueError, match=f"The template minimal has no start for the role '{role}'"):
        replace(MINIMAL, starts=starts)
