"""The experiment on retrieval, on few passages with a tiny encoder: ranks, fusion, causes, chunks; and its records."""

import itertools

import pytest
import torch

from course import trained
from course.evaluation.retrieval import ndcg_at
from course.fine_tuning.inputs import pad_inputs, text_row
from course.fine_tuning.predictions import evaluating
from course.rag import Document, SentenceEncoder
from course.tasks import boolq_retrieval
from course.tasks.boolq_retrieval import LocatedQuestion, Question, QuestionSets, whole
from experiments import retrieval
from tests.rag.conftest import body, tokenizer  # noqa: F401 (fixtures)

PASSAGES = tuple(
    Document(f"p{number}", title, text)
    for number, (title, text) in enumerate(
        [
            ("Nile", "The Nile is a river in Africa."),
            ("Nile", "It flows north, through eleven countries, to the sea."),
            ("nile", "Who measured the longest river?"),
            ("Sahara", "In Africa there are deserts, too: the Sahara is the largest hot one of the world."),
            ("Sea", "Rivers flow to the sea."),
            ("World", "The world is the largest one."),
        ]
    )
)
QUESTIONS = [
    Question("is the nile a river in africa", 0),
    Question("through how many countries", 1),
    Question("the sahara is a hot one", 3),
    Question("rivers to the sea", 4),
]


@pytest.fixture
def few(tmp_path, monkeypatch, body, tokenizer):  # noqa: F811
    encoder = SentenceEncoder(body, tokenizer, limit=60)
    vectors = encoder.encode([whole(one).with_title for one in PASSAGES])
    for module in (retrieval, boolq_retrieval):
        monkeypatch.setattr(module, "boolq_passages", lambda: PASSAGES)
    monkeypatch.setattr(retrieval, "boolq_sets", lambda: QuestionSets([], QUESTIONS[2:], QUESTIONS))
    monkeypatch.setattr(retrieval, "passage_vectors", lambda: vectors)
    monkeypatch.setattr(retrieval, "sentence_encoder", lambda: encoder)
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    for name, number in {"N_FEW": 5, "N_TIMED": 2, "N_EMBEDDED": 3}.items():
        monkeypatch.setattr(retrieval, name, number)
    for cached in (retrieval.word_index, retrieval.best_weight):
        cached.cache_clear()
    yield tmp_path
    for cached in (retrieval.word_index, retrieval.best_weight):
        cached.cache_clear()


def run(*names):
    retrieval.main(names, 4, torch.get_num_threads(), missing=False)
    return [trained.record_of(retrieval.NAME, name) for name in names]


def test_a_rank_counts_what_is_better_and_equal_ones_before():
    scores = torch.tensor([0.5, 0.9, 0.5, 0.1, 0.5])
    assert [retrieval.rank_of(scores, number) for number in range(5)] == [2, 1, 3, 5, 4]


def test_measures_are_those_of_the_ranks():
    found = retrieval.measures([1, 3, 0, 15])
    assert (found["hit_at_1"], found["hit_at_5"], found["recall_at_10"], found["recall_at_20"]) == (
        0.25,
        0.5,
        0.5,
        0.75,
    )
    assert found["mrr"] == pytest.approx((1 + 1 / 3 + 1 / 15) / 4, abs=1e-6)
    assert found["ndcg_at_10"] == pytest.approx((1 + ndcg_at([7, 8, 5], {5: 1}, 10)) / 4, abs=1e-6)
    assert trained.numbers(found["ranks"]) == [1, 3, 0, 15]


def test_a_weight_of_0_is_the_first_system_alone_and_of_1_the_second(few):
    dense, by_words, right = retrieval.dense_scores(QUESTIONS), retrieval.bm25_scores(QUESTIONS), [0, 1, 3, 4]
    assert retrieval.mean_ranks(dense, by_words, right, 0.0) == retrieval.ranks(dense, right)
    assert retrieval.mean_ranks(dense, by_words, right, 1.0) == retrieval.ranks(by_words, right)


def test_the_weight_is_chosen_on_validation_alone(few, monkeypatch):
    asked = []
    monkeypatch.setattr(retrieval, "dense_scores", lambda some: asked.append(some) or torch.eye(6)[[3, 4]])
    weight, by_weight = retrieval.best_weight()
    assert asked == [QUESTIONS[2:]] and weight == 0.0 and by_weight["0.0"] == 1.0


def test_fused_ranks_are_0_where_no_ranking_has_the_passage(few, monkeypatch):
    monkeypatch.setattr(retrieval, "DEPTH", 1)
    scores = torch.tensor([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1]])
    assert retrieval.fused_ranks(scores, scores.flip(1), [0, 1]) == [1, 0]


def test_the_records_of_both_searches_have_each_question(few):
    whole_index, small_index = run("all", "thousand")
    for record, n in ((whole_index, 6), (small_index, 5)):
        assert record["passages"] == n and set(record["methods"]) == {"dense", "bm25", "rrf", "scores", "oracle"}
        ranks = {method: trained.numbers(found["ranks"]) for method, found in record["methods"].items()}
        assert all(len(line) == 4 for line in ranks.values())
        assert ranks["oracle"] == [min(pair) for pair in zip(ranks["dense"], ranks["bm25"], strict=True)]
        assert record["test_hit_at_1"][str(record["weight"])] == record["methods"]["scores"]["hit_at_1"]
        for found in record["methods"].values():
            assert found == retrieval.measures([int(rank) for rank in trained.numbers(found["ranks"])])


def test_without_the_other_passages_of_the_article_no_rank_is_worse(few):
    (record,) = run("causes")
    assert trained.numbers(record["siblings"]) == [2, 2, 0, 0]
    for method in ("dense", "bm25"):
        before, after = (trained.numbers(record[method][name]) for name in ("ranks", "ranks_without_siblings"))
        assert all(one >= other for one, other in zip(before, after, strict=True))
        assert after[2:] == before[2:] and max(after[:2]) <= 4
        first = trained.numbers(record[method]["first_is_of_the_article"])
        assert all(is_first for is_first, rank in zip(first, before, strict=True) if rank == 1)
    assert record["capitals"]["bm25"] == 0


def test_a_match_is_the_mean_over_the_questions_pieces_of_the_best_one(few):
    found = retrieval.late_matches([QUESTIONS[0].text, QUESTIONS[3].text], [[0, 4], [3, 0]])
    encoder = retrieval.sentence_encoder()

    def states(text):
        row = text_row(encoder.tokenizer, text, encoder.limit)
        with torch.no_grad(), evaluating(encoder.body):
            return encoder.body(*pad_inputs([row], 0))[0]

    cosines = torch.cosine_similarity(
        states(QUESTIONS[3].text)[1:-1, None], states(whole(PASSAGES[3]).with_title)[None], dim=-1
    )
    torch.testing.assert_close(found[1, 0], cosines.amax(dim=1).mean())
    assert found.shape == (2, 2)


def test_late_ranks_are_of_the_nearest_passages_and_its_weight_of_validation(few, monkeypatch):
    monkeypatch.setattr(retrieval, "N_RERANKED", 4)
    monkeypatch.setattr(retrieval, "N_VALIDATION", 2)
    (record,) = run("late")
    dense = retrieval.ranks(retrieval.dense_scores(QUESTIONS), [one.passage for one in QUESTIONS])
    assert trained.numbers(record["methods"]["dense"]["ranks"]) == [rank if rank <= 4 else 0 for rank in dense]
    assert record["validation_hit_at_1"][str(record["weight"])] == max(record["validation_hit_at_1"].values())
    assert record["test_hit_at_1"][str(record["weight"])] == record["methods"]["late"]["hit_at_1"]


def test_chunks_have_more_of_the_passage_the_more_are_read(few, monkeypatch):
    documents = [
        Document("a", "Nile", " ".join(one.text for one in PASSAGES[:3])),
        Document("b", "Sea", PASSAGES[4].text),
    ]
    first = len(PASSAGES[0].text)
    questions = [LocatedQuestion(QUESTIONS[0].text, 0, 0, first), LocatedQuestion("to the sea", 1, 0, 23)]
    monkeypatch.setattr(retrieval, "joined_articles", lambda _least: (documents, questions))
    monkeypatch.setattr(retrieval, "CHUNK_WORDS", (3, 50))
    monkeypatch.setattr(retrieval, "OVERLAPPING", (6, 3))
    (record,) = run("chunks")
    assert set(record["cells"]) == {"3-0", "50-0", "6-3"} and record["questions"] == 2
    for cell in record["cells"].values():
        lines = [trained.numbers(cell["recall"][str(k)]) for k in retrieval.KS]
        assert all(
            one <= other for fewer, more in itertools.pairwise(lines) for one, other in zip(fewer, more, strict=True)
        )
        assert trained.numbers(cell["recall_within"]["4000"]) == [1, 1]
        assert list(cell["read"].values()) == sorted(cell["read"].values())
    assert record["cells"]["50-0"]["chunks"] == 2


def test_reading_stops_at_the_budget_and_counts_characters_once():
    document = Document("a", "", "abcdefghij")
    found = retrieval.read_within([whole(document), whole(document)], 4)
    assert [one.text for one in found] == ["abcd"]
    question = LocatedQuestion("q", 0, 2, 6)
    assert retrieval.recall_of(found, [document], question) == 0.5
    assert retrieval.recall_of([whole(document)] * 2, [document], question) == 1
    assert retrieval.recall_of([whole(Document("b", "", "abcdefghij"))], [document], question) == 0


def test_costs_are_of_the_passages_and_of_ten_times_as_many(few):
    (record,) = run("costs")
    assert record["60"]["megabytes_of_vectors"] == pytest.approx(10 * record["6"]["megabytes_of_vectors"], abs=6e-3)
    assert record["cut_passages"] == 0 and record["6"]["bm25_milliseconds"] >= 0


def test_what_is_there_is_kept_when_only_what_is_missing_is_wanted(few, monkeypatch):
    trained.save_record(retrieval.NAME, "all", 0, {"kept": True})
    retrieval.main(["all"], 4, torch.get_num_threads(), missing=True)
    assert trained.record_of(retrieval.NAME, "all")["kept"]


# --- The kept records ---


@pytest.mark.parametrize("name", ["all", "thousand"])
def test_a_kept_record_adds_up_and_has_a_thousand_questions(name):
    record = trained.record_of(retrieval.NAME, name)
    for found in record["methods"].values():
        ranks = [int(rank) for rank in trained.numbers(found["ranks"])]
        assert len(ranks) == retrieval.N_TESTS and found == retrieval.measures(ranks)
    best = max(record["validation_hit_at_1"].values())
    assert record["validation_hit_at_1"][str(record["weight"])] == best
