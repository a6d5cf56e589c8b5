"""What is a conversation, and what is said of each that is none."""

import inspect

import pytest
from hypothesis import given

from course.instruction import MINIMAL, SMOLLM2, Message, require_messages
from tests.instruction.conversations import FRANCE, TWICE, conversations

SYSTEM, USER, ASSISTANT = Message("system", "Be brief."), Message("user", "Hi"), Message("assistant", "Hello")


@given(conversations())
def test_a_conversation_is_accepted(messages):
    require_messages(messages)
    require_messages(messages[:-1], for_answer=True)


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ((), "The conversation has no messages"),
        ((USER, Message("bot", "Hello")), "Message 2 has the role 'bot'. The roles are: system, user, assistant"),
        ((USER, Message("User", "Hello")), "Message 2 has the role 'User'"),
        ((Message("user", " \n"), ASSISTANT), r"Message 1, the user's, is empty \(' \\n'\)"),
        ((USER, Message("assistant", "")), r"Message 2, the assistant's, is empty \(''\)"),
        ((USER, SYSTEM, ASSISTANT), "Message 2 is the system's: only the first"),
        ((SYSTEM, SYSTEM, USER), "Message 2 is the system's: only the first"),
        ((SYSTEM,), "a system message alone"),
        ((ASSISTANT, USER), "Message 1 is the assistant's, and it is the user's turn"),
        ((SYSTEM, ASSISTANT), "Message 2 is the assistant's, and it is the user's turn"),
        ((USER, USER), "Message 2 is the user's, and it is the assistant's turn"),
        ((SYSTEM, USER, ASSISTANT, ASSISTANT), "Message 4 is the assistant's, and it is the user's turn"),
    ],
)
def test_what_is_no_conversation_is_named(messages, said):
    with pytest.raises(ValueError, match=said):
        require_messages(messages)
    with pytest.raises(ValueError, match=said):
        SMOLLM2.render(messages)


def test_an_answer_follows_the_users_message():
    require_messages(TWICE[:-1], for_answer=True)
    with pytest.raises(ValueError, match="The last message is the assistant's, and an answer follows a user's"):
        MINIMAL.render(FRANCE, for_answer=True)


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([("user", "Hi")], r"Message 1 is \('user', 'Hi'\): each must be Message\(role, content\)"),
        ([USER, {"role": "assistant", "content": "Hello"}], r"Message 2 is {'role': 'assistant'"),
        ([Message("user", None)], r"Message 1 is Message\(role='user', content=None\)"),
        (USER, r"Message 1 is 'user': .* only one message"),
    ],
)
def test_what_is_no_message_is_named(messages, said):
    unchecked = inspect.unwrap(require_messages)  # lessons run without the tests' check of types
    with pytest.raises(TypeError, match=said):
        unchecked(messages)
