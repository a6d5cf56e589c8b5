"""The experiment on reranking, with a tiny body in the place of MiniLM: training pairs, ranks, and what is stored."""

import pytest
import torch

from course import trained
from course.peft import LoRA
from course.rag import CrossEncoder, contrastive_loss
from course.tasks.boolq_retrieval import QuestionSets
from experiments import reranking, running
from experiments.reranking import Candidates, for_training, nearest, ranks_of
from experiments.search import Setting
from tests.rag.conftest import body, tokenizer  # noqa: F401 (fixtures)
from tests.trained.test_retrieval import PASSAGES, QUESTIONS, few  # noqa: F401 (fixture)


@pytest.fixture
def small(few, monkeypatch, body, tokenizer):  # noqa: F811
    sets = QuestionSets(QUESTIONS[:2] * 4, QUESTIONS[2:3], QUESTIONS[2:])
    monkeypatch.setattr(reranking, "boolq_sets", lambda: sets)
    monkeypatch.setattr(reranking, "boolq_passages", lambda: PASSAGES)
    monkeypatch.setattr(reranking, "load", lambda _name: (body, tokenizer))
    monkeypatch.setattr(reranking, "METHOD", LoRA(2, targets=("query", "up")))
    for name, number in {"LIMIT": 60, "N_CANDIDATES": 4, "N_HARD": 3, "N_VALIDATION": 1, "N_VALIDATED": 3}.items():
        monkeypatch.setattr(reranking, name, number)
    monkeypatch.setattr(reranking.nearest, "__defaults__", (4,))
    reranking.recipes.cache_clear()
    recipe = reranking.recipes()["cross-encoder"].with_setting(Setting(1e-2, 0.0, 4), steps=2)
    yield recipe
    reranking.recipes.cache_clear()


def test_training_has_the_right_passage_first_and_wrong_ones_after_it(small):
    for found in for_training(QUESTIONS, seed=0):
        assert found.passages[0] == found.question.passage and found.right == 0
        assert len(set(found.passages)) == len(found.passages) == 3
    again = for_training(QUESTIONS, seed=0)
    assert again == for_training(QUESTIONS, seed=0) != for_training(QUESTIONS, seed=3)


def test_candidates_are_the_nearest_and_say_where_the_right_one_is(small):
    for found in nearest(QUESTIONS, 2):
        assert len(found.passages) == 2 and found.cosines == sorted(found.cosines, reverse=True)
        assert found.right == (
            found.passages.index(found.question.passage) if found.question.passage in found.passages else None
        )


def test_a_rank_is_0_where_the_right_passage_is_no_candidate():
    one = Candidates(QUESTIONS[0], [0, 1], [0.2, 0.1], 0)
    assert ranks_of(torch.tensor([[0.1, 0.5], [0.1, 0.5]]), [one, one._replace(right=None)]) == [2, 0]


def test_a_score_is_the_heads_and_the_cosine_and_depends_on_no_other_pair(small):
    model = small.new_model(0)
    candidates = nearest(QUESTIONS, 3)
    found = small.of_all(model, candidates)
    alone = torch.cat([small.of_all(model, [one]) for one in candidates])
    torch.testing.assert_close(found, alone, atol=2e-2, rtol=2e-2)  # 16 bits
    pair = reranking.texts_of(candidates[1])[2]
    expected = model.scores(pair[0], [pair[1]])[0] + reranking.COSINE_SCALE * candidates[1].cosines[2]
    torch.testing.assert_close(found[1, 2], expected, atol=2e-2, rtol=2e-2)


def test_a_run_trains_the_branches_and_the_head_and_stores_them(small, few, body, tokenizer):  # noqa: F811
    before = {name: weight.clone() for name, weight in body.named_parameters()}
    running.run(reranking.NAME, "cross-encoder", small, 0, keep_weights=True)
    assert all(
        torch.equal(weight, before[name.replace(".base.", ".")])
        for name, weight in body.named_parameters()
        if name.replace(".base.", ".") in before
    )
    record = trained.record_of(reranking.NAME, "cross-encoder")
    assert record["steps"] == 2 and record["head_parameters"] == 25 and record["trained_parameters"] > 0
    found = record["tests"]["test"]
    ranks = trained.numbers(found["items"]["ranks"])
    assert len(ranks) == 2 and found["hit_at_1"] == sum(rank == 1 for rank in ranks) / 2
    assert trained.items(reranking.NAME, "cross-encoder", "test").errors.tolist() == [
        [int(rank != 1) for rank in ranks]
    ]
    model = small.attached.model
    small.attached.off()
    fresh = CrossEncoder(body, tokenizer, limit=60)
    loaded = trained.load_method(f"{reranking.NAME}/cross-encoder", fresh)
    scores = fresh.scores("a river", ["The Nile", "The sea"])
    loaded.off()
    small.attached.on()
    torch.testing.assert_close(scores, model.scores("a river", ["The Nile", "The sea"]), atol=1e-3, rtol=1e-3)


def test_training_lowers_the_loss_of_its_questions(small):
    pairs = for_training(QUESTIONS[:2], 0)
    with torch.no_grad():
        before = contrastive_loss(small.scores(small.new_model(0), pairs))
    small.attached.off()
    model, history = small.train(0)
    with torch.no_grad():
        after = contrastive_loss(small.scores(model, pairs))
    assert len(history.losses) == 2 and after < before


def test_a_row_of_the_search_is_of_validation_questions(small):
    found = small.validate(small.new_model(0))
    assert set(found) == {"validation_error", "validation_loss"} and found["validation_error"] in (0, 1)


def test_the_kept_run_is_of_the_searched_setting_and_small():
    record = trained.record_of(reranking.NAME, "cross-encoder")
    row = trained.best_row(trained.search(reranking.NAME), "cross-encoder")
    assert all(record[name] == row[name] for name in ("learning_rate", "dropout", "batch_size"))
    for file in (trained.place.FOLDER / reranking.NAME).glob("*.safetensors"):
        assert file.stat().st_size < 1_000_000
    items = record["tests"]["test"]["items"]
    dense = trained.numbers(trained.record_of("retrieval", "all")["methods"]["dense"]["ranks"])
    kept = [rank if rank <= reranking.N_CANDIDATES else 0 for rank in dense]
    here = trained.numbers(items["dense_ranks"])
    assert sum(one != other for one, other in zip(here, kept, strict=True)) <= 2  # but for cosines that round alike
    assert [rank > 0 for rank in trained.numbers(items["ranks"])] == [rank > 0 for rank in here]
