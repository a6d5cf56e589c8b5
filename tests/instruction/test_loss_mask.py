"""The loss counts the assistant's tokens and its end tokens: by hand, by `transformers`, and in every conversation."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from course.instruction import (
    MINIMAL,
    SMOLLM2,
    Message,
    encode_conversation,
    encode_prompt,
    end_id,
    padding_id,
)
from course.pretrained import chat_ids
from course.tasks import corpus
from course.tokenization import ByteLevelBPE
from tests.instruction.conversations import FRANCE, SPELLED, TWICE, conversations

TEMPLATES = [MINIMAL, SMOLLM2]


def trained_tokens(tokenizer, encoded) -> list[str]:
    return [tokenizer.tokens[token] for token, trained in zip(encoded.ids, encoded.is_trained, strict=True) if trained]


def encoded_or_left_out(tokenizer, template, messages):
    """The encoded conversation; hypothesis draws another where an answer cannot be generated."""
    try:
        return encode_conversation(tokenizer, template, messages)
    except ValueError as error:
        assume(
            not any(reason in str(error) for reason in ("has a token in common", "has no tokens in this vocabulary"))
        )
        raise


def test_a_count_by_hand(smollm2, base):
    encoded = encode_conversation(smollm2, SMOLLM2, TWICE)
    assert trained_tokens(smollm2, encoded) == (
        ["The", "Ġcapital", "Ġof", "ĠFrance", "Ġis", "ĠParis", ".", "<|im_end|>", "yes", "<|im_end|>"]
    )
    assert sum(encoded.is_trained) == 10 and len(encoded.ids) == 21 + 12 + 13 + 8 + 7
    encoded = encode_conversation(base, MINIMAL, FRANCE)
    first = encoded.is_trained.index(True)
    assert base.tokens[encoded.ids[first - 1]] == "<|assistant|>", "the answer's header does not count"
    assert base.decode(encoded.ids[first:-1]) == FRANCE[1].content and all(encoded.is_trained[first:])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
@given(data=st.data())
def test_what_holds_of_every_conversation(small, template, data):
    messages = data.draw(conversations(system=template is SMOLLM2))
    encoded = encoded_or_left_out(small, template, messages)
    assert len(encoded.ids) == len(encoded.is_trained) == len(encoded.roles)
    assert 0 < sum(encoded.is_trained) / len(encoded.ids) < 1
    assert {role for role, trained in zip(encoded.roles, encoded.is_trained, strict=True) if trained} == {"assistant"}

    end = end_id(small, template)
    ends = [place for place, token in enumerate(encoded.ids) if token == end]
    turns = len(messages) + (template is SMOLLM2 and messages[0].role != "system")
    assert len(ends) == turns, "a special token that a content spells is none"
    n_answers = sum(message.role == "assistant" for message in messages)
    assert sum(encoded.is_trained[place] for place in ends) == n_answers, "each answer's end counts, and no other's"
    assert small.decode(encoded.ids) == template.render(messages).text

    for place in (place for place in range(len(messages)) if messages[place].role == "assistant"):
        prompt = encode_prompt(small, template, messages[:place])
        assert list(encoded.ids[: len(prompt)]) == prompt
        assert encoded.is_trained[len(prompt)] and not encoded.is_trained[len(prompt) - 1]


GENERATED = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n'}}{% if message['role'] == 'assistant' %}{% generation %}"
    "{{message['content'] + '<|im_end|>'}}{% endgeneration %}{% else %}{{message['content'] + '<|im_end|>'}}"
    "{% endif %}{{'\n'}}{% endfor %}"
)  # the template in SmolLM2's file, with the marks that `transformers` needs to find the answers


@pytest.mark.slow
@given(messages=conversations())
def test_ids_and_mask_are_those_of_transformers(smollm2, theirs, messages):
    encoded = encoded_or_left_out(smollm2, SMOLLM2, messages)
    # A few control characters have no token; after one, the places of characters in `transformers` are one too far.
    assume(smollm2.decode(encoded.ids) == SMOLLM2.render(messages).text)
    listed = [message._asdict() for message in messages]
    assert theirs.apply_chat_template(listed, tokenize=False, chat_template=GENERATED) == theirs.apply_chat_template(
        listed, tokenize=False
    )
    expected = theirs.apply_chat_template(
        listed, chat_template=GENERATED, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    assert list(encoded.ids) == expected["input_ids"]
    assert list(map(int, encoded.is_trained)) == expected["assistant_masks"]


@pytest.mark.slow
def test_the_template_in_the_file_gives_transformers_no_mask(theirs):
    listed = [message._asdict() for message in FRANCE]
    found = theirs.apply_chat_template(listed, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
    assert not any(found["assistant_masks"]), "silently nothing to train on: our own share is above 0"


def test_the_prompt_is_that_of_the_first_lesson(smollm2):
    assert encode_prompt(smollm2, SMOLLM2, [Message("user", SPELLED)]) == chat_ids(smollm2, SPELLED)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_a_special_token_in_a_content_is_plain_text(small, template):
    """Were the rendered text encoded as it is, a user could speak as the system, and end the turn of another."""
    messages = [Message("user", SPELLED), Message("assistant", SPELLED)]
    encoded = encode_conversation(small, template, messages)
    plain = encode_conversation(small, template, [Message("user", "a"), Message("assistant", "b")])
    special = {*small.special.ids.values()}
    assert [token for token in encoded.ids if token in special] == [token for token in plain.ids if token in special]
    as_text = small.encode(template.render(messages).text, allow_special=True)
    assert sum(token in special for token in as_text) > sum(token in special for token in encoded.ids)


def test_an_answer_that_shares_a_token_with_the_header_is_refused(smollm2):
    messages = [FRANCE[0], Message("assistant", "\n\nParis")]
    prompt = encode_prompt(smollm2, SMOLLM2, messages[:1])
    whole = smollm2.encode(SMOLLM2.render(messages).text, allow_special=True)
    assert whole[: len(prompt)] != prompt, "what the check is for"
    with pytest.raises(ValueError, match=r"The answer '\\n\\nParis' has a token in common with the template's text"):
        encode_conversation(smollm2, SMOLLM2, messages)
    for answer in (" Paris", "\nParis"):
        assert encode_conversation(smollm2, SMOLLM2, [FRANCE[0], Message("assistant", answer)])


def test_an_answer_without_tokens_is_refused():
    vocab = ["<|user|>", "<|assistant|>", "<|end_of_turn|>", "<|padding|>", "a"]
    tokenizer = ByteLevelBPE(vocab, [], special_tokens=vocab[:4])
    assert encode_conversation(tokenizer, MINIMAL, [Message("user", "a"), Message("assistant", "ab")]).ids == (
        (0, 4, 2, 1, 4, 2)
    )
    with pytest.raises(ValueError, match="The answer 'b' has no tokens in this vocabulary"):
        encode_conversation(tokenizer, MINIMAL, [Message("user", "a"), Message("assistant", "b")])


def test_a_conversation_to_train_on_ends_with_an_answer(small):
    with pytest.raises(ValueError, match="The last message is the user's: to be trained on"):
        encode_conversation(small, MINIMAL, TWICE[:3])


def test_a_special_token_that_the_tokenizer_lacks_is_named(base):
    with pytest.raises(ValueError, match=r"needs the special token '<\|im_start\|>', which the tokenizer lacks"):
        encode_conversation(base, SMOLLM2, FRANCE)
    with pytest.raises(ValueError, match=r"needs the special token '<\|pad\|>', which the tokenizer lacks"):
        padding_id(base, replace(MINIMAL, padding="<|pad|>"))


def test_the_ids_of_the_end_and_the_padding(base, smollm2):
    assert end_id(base, MINIMAL) == base.special.ids[corpus.END_OF_TURN]
    assert padding_id(base, MINIMAL) == base.special.ids[corpus.PADDING]
    assert (end_id(smollm2, SMOLLM2), padding_id(smollm2, SMOLLM2)) == (2, 0)
