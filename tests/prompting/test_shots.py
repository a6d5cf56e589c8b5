"""Which examples are chosen, and that none of them gives away a test."""

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.bert import Bert, BertConfig
from course.pretrained import load
from course.prompting import Shot, apart, balanced_shots, nearest_shots, random_shots, text_embeddings
from course.tokenization import WordPiece

POOL = [Shot(f"text {number}", "yes" if number < 8 else "no", f"film {number // 2}") for number in range(12)]


@given(st.integers(0, 8), st.integers(0, 1000))
def test_shots_are_drawn_without_replacement_and_by_the_seed(k, seed):
    for draw in (random_shots, balanced_shots):
        found = draw(POOL, k, seed)
        assert len(set(found)) == k and set(found) <= set(POOL)
        assert found == draw(POOL, k, seed)
    counts = Counter(shot.answer for shot in balanced_shots(POOL, k, seed))
    assert abs(counts["yes"] - counts["no"]) == k % 2


def test_balanced_shots_are_in_no_order_of_answers():
    orders = {"".join(shot.answer[0] for shot in balanced_shots(POOL, 4, seed)) for seed in range(60)}
    assert orders == {"nnyy", "nyny", "nyyn", "ynny", "ynyn", "yynn"}
    assert {Counter(shot.answer for shot in balanced_shots(POOL, 3, seed))["yes"] for seed in range(20)} == {1, 2}


def test_the_nearest_shot_is_the_last():
    vectors = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-1.0, 0.1], [3.0, 3.0]])
    found = nearest_shots(POOL[:4], vectors, torch.tensor([0.1, 0.9]), 3)
    assert [POOL.index(shot) for shot in found] == [0, 3, 1]
    assert nearest_shots(POOL[:4], vectors, torch.tensor([0.1, 0.9]), 0) == []
    with pytest.raises(ValueError, match="12 shots and 4 embeddings"):
        nearest_shots(POOL, vectors, torch.tensor([0.1, 0.9]), 2)


@pytest.mark.parametrize("draw", [random_shots, balanced_shots])
def test_more_shots_than_there_are_is_refused(draw):
    with pytest.raises(ValueError, match="13 shots cannot be chosen from 12"):
        draw(POOL, 13)
    with pytest.raises(ValueError, match="k is -1"):
        draw(POOL, -1)


def test_a_balance_that_the_pool_cannot_give_is_refused():
    with pytest.raises(ValueError, match="need 5 with the answer 'no', and the pool has 4"):
        balanced_shots(POOL, 10)


def test_a_shared_text_or_group_is_refused():
    fresh = Shot("fresh", "yes", "another film")
    assert apart(POOL, [fresh]) == (POOL, [fresh])
    with pytest.raises(ValueError, match="'film 3' is in the pool of shots and in the test set"):
        apart(POOL, [fresh._replace(group="film 3")])
    with pytest.raises(ValueError, match="'text 3' is in two sets, pool of shots and test"):
        apart(POOL, [fresh._replace(text="text  3")])
    no_group = [Shot("one", "yes")]
    assert apart(no_group, [Shot("two", "yes")])[0] == no_group


@pytest.mark.slow
def test_minilm_finds_what_is_about_the_same():
    model, tokenizer = load("minilm")
    pool = [Shot(text, "x") for text in ("The cat sleeps.", "Shares fell on Monday.", "A recipe with leeks.")]
    vectors = text_embeddings(model, tokenizer, [shot.text for shot in pool], batch_size=2)
    torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(3))
    alone = text_embeddings(model, tokenizer, [pool[2].text])
    torch.testing.assert_close(vectors[2:], alone, rtol=1e-4, atol=1e-5)  # padding changes nothing
    query = text_embeddings(model, tokenizer, ["The stock market lost five percent."])[0]
    assert nearest_shots(pool, vectors, query, 2)[-1] == pool[1]


def test_one_more_is_taken_of_an_answer_that_has_one_more():
    pool = [Shot("a", "rare"), *(Shot(f"b {number}", "common") for number in range(4))]
    for seed in range(20):
        assert Counter(shot.answer for shot in balanced_shots(pool, 3, seed)) == {"common": 2, "rare": 1}


@pytest.mark.parametrize("draw", [random_shots, balanced_shots])
def test_a_seed_that_draws_as_another_does_is_refused(draw):
    with pytest.raises(ValueError, match="seed is -1"):
        draw(POOL, 2, -1)


def test_embeddings_that_are_no_numbers_are_near_to_nothing():
    rows, query = torch.eye(2), torch.ones(2)
    for bad in (torch.tensor([[torch.nan, 0.0], [0.0, 1.0]]), torch.tensor([[torch.inf, 0.0], [0.0, 1.0]])):
        with pytest.raises(ValueError, match="NaN or infinite"):
            nearest_shots(POOL[:2], bad, query, 1)
    with pytest.raises(ValueError, match="NaN or infinite"):
        nearest_shots(POOL[:2], rows, torch.nan * query, 1)


def test_texts_to_embed_are_a_list_of_one_or_more():
    tokenizer = WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"])
    model = Bert(BertConfig(6, context_length=8, d_model=8, n_layers=1, n_heads=2, d_ff=8))
    with pytest.raises(ValueError, match="There are no texts"):
        text_embeddings(model, tokenizer, [])
    with pytest.raises(TypeError, match="'a' is one text"):
        text_embeddings(model, tokenizer, "a")
    with pytest.raises(ValueError, match="batch_size is 0"):
        text_embeddings(model, tokenizer, ["a"], batch_size=0)
