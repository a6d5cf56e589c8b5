"""The allowed tokens are those that the grammar reads, one by one; and how long it takes to find them."""

import time

import pytest
import torch

from course.data.api_calls import api_call_tasks
from course.data.splits import draw
from course.pretrained import load_tokenizer
from course.tools import CallGrammar, Catalog, GrammarTokens, answering_call
from tests.support.speed import slowness
from tests.tools.catalogs import CALLS, CATALOG, small_tokenizer

GRAMMAR = CallGrammar(CATALOG)


@pytest.fixture(scope="module")
def smollm2():
    return load_tokenizer("smollm2")


def brute_force(tokenizer, grammar, state, ids=None):
    special = set(tokenizer.special.ids.values())
    return torch.tensor(
        [
            token_id not in special and grammar.advance(state, tokenizer.decode_bytes([token_id])) is not None
            for token_id in ids or range(tokenizer.vocab_size)
        ]
    )


@pytest.mark.parametrize("text", CALLS)
def test_allowed_tokens_are_those_of_brute_force_after_every_byte(text):
    tokenizer = small_tokenizer()
    tokens = GrammarTokens(tokenizer)
    state = GRAMMAR.start
    for byte in text.encode():
        allowed = tokens.allowed(state)
        assert torch.equal(allowed, brute_force(tokenizer, GRAMMAR, state)) and allowed.any()
        state = GRAMMAR.advance(state, bytes([byte]))
    assert not tokens.allowed(state).any()


def test_a_token_may_begin_in_a_text_and_end_beyond_it():
    tokenizer = small_tokenizer()
    state = GRAMMAR.advance(GRAMMAR.start, "web.find(words=['a")
    allowed = GrammarTokens(tokenizer).allowed(state)
    words = {tokenizer.decode([token_id]) for token_id in allowed.nonzero()[:, 0].tolist()}
    assert {"'],", "',", "'", '"', "cats", "\\"} <= words
    assert not {"<|end|>", "')", "\n"} & words  # a list is closed first


def test_a_vocabulary_larger_than_the_cache_of_masks_gives_the_same(monkeypatch):
    monkeypatch.setattr("course.tools.constrained.KEPT", 2)
    tokenizer = small_tokenizer()
    tokens, state = GrammarTokens(tokenizer), GRAMMAR.start
    for byte in CALLS[0].encode():
        assert torch.equal(tokens.allowed(state), GrammarTokens(tokenizer).allowed(state))
        assert len(tokens._masks) <= 2
        state = GRAMMAR.advance(state, bytes([byte]))


def test_allowed_tokens_of_a_large_vocabulary(smollm2):
    tokens = GrammarTokens(smollm2)
    some = draw(range(smollm2.vocab_size), 3_000)
    for part in ("", "web.find(words=['c", "web.find(words=['c'", "area(base=1"):
        state = GRAMMAR.advance(GRAMMAR.start, part)
        assert torch.equal(tokens.allowed(state)[some], brute_force(smollm2, GRAMMAR, state, some))


def test_every_token_of_an_answer_is_allowed(smollm2):
    tokens = GrammarTokens(smollm2)
    for task in draw(api_call_tasks("multiple"), 8):
        catalog = Catalog(task.functions)
        grammar = CallGrammar(catalog)
        state = grammar.start
        for token_id in smollm2.encode(str(answering_call(task.answers[0], catalog[task.answers[0].name]))):
            assert tokens.allowed(state)[token_id]
            state = grammar.advance(state, smollm2.decode_bytes([token_id]))
        assert grammar.is_complete(state)


@pytest.mark.timed
def test_a_mask_takes_a_few_milliseconds(smollm2):
    tokens = GrammarTokens(smollm2)
    slow_by = slowness()
    n, started = 0, time.perf_counter()
    for task in draw(api_call_tasks("multiple"), 5):
        catalog = Catalog(task.functions)
        grammar = CallGrammar(catalog)
        state = grammar.start
        for token_id in smollm2.encode(str(answering_call(task.answers[0], catalog[task.answers[0].name]))):
            tokens.allowed(state)
            state, n = grammar.advance(state, smollm2.decode_bytes([token_id])), n + 1
    assert (time.perf_counter() - started) / n < 0.03 * slow_by  # types are checked meanwhile: it is slower than it is
