"""What "it" refers to: the sentence pairs, the measured attention, and the measures on artificial attention."""

import pytest
import torch

from course.bert import encode_batch
from course.interpretability.coreference import (
    NOTES_PAIR,
    PAIRS,
    Pair,
    attention_shift,
    chance_of_best,
    follows_referent,
    halves,
    last_word_rule,
    noun_attention,
    preference_for_referent,
    t_values,
)
from course.layers.attention import record_attention
from course.pretrained import load, load_tokenizer


@pytest.fixture(scope="module")
def minilm():
    return load("minilm")


def attention(*twins):
    """(1, twin, noun, 1, 1) from what goes to the first and to the second noun."""
    return torch.tensor([twins])[..., None, None]


def test_the_notes_sentence_and_its_twin():
    tired, wide = NOTES_PAIR.twins
    assert tired == "The animal didn't cross the street because it was too tired."
    assert wide == "The animal didn't cross the street because it was too wide."


def test_every_noun_is_one_token_and_no_pair_comes_twice():
    tokenizer = load_tokenizer("minilm")
    for pair in (*PAIRS, NOTES_PAIR):
        assert len(tokenizer.encode(pair.first)) == len(tokenizer.encode(pair.second)) == 1
        assert pair.of_first != pair.of_second and "it" not in pair.verb.split()
    assert len(PAIRS) >= 40 and len({(pair.first, pair.second) for pair in (*PAIRS, NOTES_PAIR)}) == len(PAIRS) + 1


def test_attention_is_read_where_it_stands(minilm):
    model, tokenizer = minilm
    found = noun_attention(model, tokenizer, [PAIRS[0], NOTES_PAIR])
    assert found.shape == (2, 2, 2, 6, 12)
    for twin, sentence in enumerate(NOTES_PAIR.twins):
        ids, mask = encode_batch(tokenizer, [sentence])
        tokens = [tokenizer.tokens[one] for one in ids[0].tolist()]
        with record_attention(model) as maps, torch.no_grad():
            model(ids, mask)
        for layer, head in [(0, 0), (3, 1), (5, 11)]:
            row = maps[layer][0, head, tokens.index("it")]
            expected = torch.stack([row[tokens.index("animal")], row[tokens.index("street")]])
            torch.testing.assert_close(found[1, twin, :, layer, head], expected, atol=1e-5, rtol=1e-4)


def test_a_noun_of_two_tokens_is_named(minilm):
    with pytest.raises(ValueError, match=r"'wombat' is 2 tokens here \(womb ##at\)"):
        noun_attention(*minilm, [Pair("wombat", "didn't cross", "street", "tired", "wide")])


@pytest.mark.parametrize(
    ("twins", "right", "turned", "way"),
    [
        (((0.6, 0.1), (0.2, 0.5)), [0.5, 0.3], True, 0.8),  # turns from the one to the other
        (((0.6, 0.1), (0.6, 0.1)), [0.5, -0.5], False, 0.0),  # always the first
        (((0.1, 0.6), (0.1, 0.6)), [-0.5, 0.5], False, 0.0),  # always the nearer
        (((0.6, 0.1), (0.4, 0.2)), [0.5, -0.2], False, 0.3),  # moves, but does not turn
        (((0.1, 0.6), (0.5, 0.2)), [-0.5, -0.3], False, -0.8),  # turns the wrong way
    ],
)
def test_measures(twins, right, turned, way):
    given = attention(*twins)
    torch.testing.assert_close(preference_for_referent(given).flatten(), torch.tensor(right))
    assert follows_referent(given).item() is turned
    assert attention_shift(given).item() == pytest.approx(way, abs=1e-6)


def test_t_values():
    moves = torch.tensor([1.0, 2.0, 3.0, 4.0])[:, None, None].repeat(1, 1, 2)
    moves[:, :, 1] = 0
    assert t_values(moves)[0].tolist() == pytest.approx([2.5 / (1.6666667**0.5 / 2), 0.0])


def test_chance_of_best_is_the_best_of_many_heads_that_mean_nothing():
    moves = torch.randn(40, 6, 12, generator=torch.Generator().manual_seed(1))
    best = chance_of_best(moves, rounds=200)
    assert torch.equal(best, chance_of_best(moves, rounds=200))
    assert 1.5 < best.median() < 3.5
    assert best.median() > chance_of_best(moves[:, :1, :1], rounds=200).median() + 1
    moves[:, 2, 3] += 1.5
    assert t_values(moves)[2, 3] > chance_of_best(moves, rounds=200).max()


def test_another_word_may_look(minilm):
    model, tokenizer = minilm
    found = noun_attention(model, tokenizer, [NOTES_PAIR], query="the")
    ids, mask = encode_batch(tokenizer, [NOTES_PAIR.twins[0]])
    tokens = [tokenizer.tokens[one] for one in ids[0].tolist()]
    second_the = len(tokens) - 1 - tokens[::-1].index("the")
    with record_attention(model) as maps, torch.no_grad():
        model(ids, mask)
    expected = maps[2][0, 4, second_the, [tokens.index("animal"), tokens.index("street")]]
    torch.testing.assert_close(found[0, 0, :, 2, 4], expected, atol=1e-5, rtol=1e-4)
    with pytest.raises(ValueError, match="'cat' is no token of"):
        noun_attention(model, tokenizer, [NOTES_PAIR], query="cat")


def test_halves_share_no_ending():
    choosing, testing = halves(PAIRS)
    assert sorted(choosing + testing) == list(range(len(PAIRS)))
    assert {PAIRS[n].last_words for n in choosing}.isdisjoint(PAIRS[n].last_words for n in testing)
    assert min(len(choosing), len(testing)) > len(PAIRS) / 4
    assert halves(PAIRS, seed=1) != (choosing, testing)


def test_the_rule_on_last_words_remembers_roles_alone():
    known = [Pair("cat", "saw", "dog", "tired", "fast"), Pair("cow", "saw", "pig", "tired", "slow")]
    tests = [
        Pair("a", "b", "c", "tired", "fast"),  # both known, both right
        Pair("a", "b", "c", "fast", "tired"),  # both known, both wrong
        Pair("a", "b", "c", "tired", "new"),  # one right, one unknown
        Pair("a", "b", "c", "new", "other"),
    ]
    assert last_word_rule(known, tests) == [1.0, 0.0, 0.75, 0.5]
