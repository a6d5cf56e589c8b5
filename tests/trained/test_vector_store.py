"""The experiment on what a vector store costs, with few small vectors: what is measured, and of what."""

import importlib.util

import pytest
import torch

from course import trained
from course.rag import Document
from experiments import vector_store

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("chromadb") is None, reason="Chroma is not installed: requirements-rag.txt"
)


@pytest.fixture(autouse=True)
def few(monkeypatch, tmp_path):
    """Ten passages with vectors of width 4; what is measured in a process of its own stays in this one."""
    passages = tuple(Document(f"p{number}", "", "A passage of some length.") for number in range(12))
    drawn = torch.randn(12, 4, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(vector_store, "N_PASSAGES", 10)
    monkeypatch.setattr(vector_store, "PARTS", {"folder-20": ("folder", 20), "server-20": ("server", 20)})
    monkeypatch.setattr(vector_store, "EF_SEARCH", (1, 20))
    monkeypatch.setattr(vector_store, "boolq_passages", lambda: passages)
    monkeypatch.setattr(vector_store, "passage_vectors", lambda: torch.nn.functional.normalize(drawn, dim=1))
    monkeypatch.setattr(vector_store, "queries", lambda n: torch.eye(4)[:n])
    monkeypatch.setattr(vector_store, "in_fresh_process", lambda function, *arguments: function(*arguments))


def test_chunks_have_different_ids_and_vectors_of_length_1():
    chunks, vectors = vector_store.chunks_and_vectors(30)
    assert len({chunk.id for chunk in chunks}) == len(chunks) == len(vectors) == 30
    assert vectors.norm(dim=1) == pytest.approx(torch.ones(30), abs=1e-6)
    assert len(set(map(tuple, vectors.tolist()))) == 30


@pytest.mark.parametrize("n", [0, 15])
def test_a_number_of_chunks_that_cannot_be_made(n):
    with pytest.raises(ValueError, match=f"{n} chunks are no multiple of 10"):
        vector_store.chunks_and_vectors(n)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["folder", "server"])
def test_what_is_measured(kind):
    found = vector_store.measure(f"{kind}-20", n_tests=3, n_threads=1)
    assert (found["chunks"], found["width"], found["queries"], found["vector_bytes"]) == (20, 4, 3, 20 * 4 * 4)
    assert found["recall_at_10"] == 1
    assert found["file_bytes"] > 100_000
    for spent in (found["exact"], found["store"]):
        assert 0 < spent["median_ms"] <= spent["p95_ms"]
        assert spent["cpu_ms"] >= 0
    if kind == "folder":
        assert list(found["ef_search"]) == ["1", "20"]
        assert found["ef_search"]["20"]["recall_at_10"] == 1
    else:
        assert found["server_bytes"] > 10_000_000 < found["empty_server_bytes"]


def test_the_median_and_what_95_of_100_stay_below():
    found = vector_store.milliseconds([0.001 * number for number in range(101)], 0.202)
    assert found == {"median_ms": 50, "p95_ms": 95, "cpu_ms": 2}


@pytest.mark.parametrize("record", trained.results("vector_store"), ids=lambda record: record["model"])
def test_the_records_find_what_exact_search_finds(record):
    assert record["recall_at_10"] > 0.9
    assert record["vector_bytes"] < record["file_bytes"]
