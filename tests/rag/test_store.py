"""The same tests on a folder, in memory and against a server: the store finds what exact search finds."""

import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest
import torch
from torch.nn.functional import normalize

from course import data
from course.data.splits import draw
from course.pretrained import load
from course.rag import (
    Chunk,
    Document,
    Hnsw,
    SentenceEncoder,
    StoreError,
    chunk_all,
    exact_search,
    exact_searches,
    open_store,
    running_server,
    store_rows,
)
from course.rag import chroma as chroma_module
from course.syllabus.lessons import ROOT
from tests.support.assets import Server, closed_port
from tests.support.permissions import bound_by_permissions

WIDTH = 16
NAN, INFINITY = float("nan"), float("inf")


@pytest.fixture(scope="module", autouse=True)
def chroma():
    """The package; without it there is nothing to test, unless it is required."""
    if importlib.util.find_spec("chromadb") is None:
        reason = "Chroma is not installed here: python -m pip install -r requirements-test.txt"
        if os.environ.get("COURSE_REQUIRE_STORE") == "1":
            pytest.fail(f"COURSE_REQUIRE_STORE=1, but {reason}")
        pytest.skip(reason)
    import chromadb

    return chromadb


@pytest.fixture(scope="module")
def server(chroma, tmp_path_factory):
    """The address of a server that runs while this file is tested."""
    with running_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(params=["folder", "memory", "server"])
def place(request, tmp_path):
    if request.param == "server":
        return request.getfixturevalue("server")
    return tmp_path / "store" if request.param == "folder" else ":memory:"


@pytest.fixture
def name(request):
    """A name of the test's own: the server and the memory are shared."""
    return "test-" + str(abs(hash(request.node.name)))


@pytest.fixture
def store(place, name):
    with open_store(place, name) as opened:
        yield opened
        with contextlib.suppress(StoreError):  # a test may have closed it
            opened.delete()


def documents(n: int = 20) -> dict[str, Document]:
    text = "One two three. Four five six. Seven eight nine."
    return {f"d{i}": Document(f"d{i}", f"Title {i % 3}", text, f"lesson.ipynb#{i}") for i in range(n)}


def chunks(n: int = 20) -> list[Chunk]:
    """Three of each document."""
    return chunk_all(documents(n).values(), words=3)


def vectors(n: int, width: int = WIDTH, seed: int = 0):
    return torch.randn(n, width, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def filled(store):
    store.add(chunks(), vectors(60))
    return store


class TestSearch:
    def test_order_and_scores_are_those_of_exact_search(self, filled):
        of_length_1 = normalize(vectors(60))
        for query in vectors(10, seed=1):
            expected = exact_search(normalize(query, dim=0), of_length_1, 60)
            hits = filled.search(query, 60)
            assert [hit.id for hit in hits] == [chunks()[hit.index].id for hit in expected]
            assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in expected], abs=1e-5)

    def test_the_length_of_a_vector_does_not_matter(self, store):
        store.add(chunks(), vectors(60) * torch.logspace(-3, 3, 60)[:, None])
        expected = exact_search(normalize(vectors(60)[7], dim=0), normalize(vectors(60)), 5)
        hits = store.search(100 * vectors(60)[7], 5)
        assert [hit.id for hit in hits] == [chunks()[hit.index].id for hit in expected]
        assert hits[0].score == pytest.approx(1, abs=1e-5)

    def test_equal_scores_come_by_id(self, store):
        store.add(chunks()[::-1], torch.ones(60, WIDTH))
        ids = [hit.id for hit in store.search(torch.ones(WIDTH), 60)]
        assert ids == sorted(chunk.id for chunk in chunks())

    def test_a_hit_says_where_it_is(self, filled):
        [hit] = filled.search(vectors(60)[4], 1)
        assert hit.metadata == {
            "document": "d1",
            "title": "Title 1",
            "address": "lesson.ipynb#1",
            "start": 15,
            "end": 29,
        }
        assert hit.chunk(documents()) == chunks()[4]
        assert hit.chunk(documents()).text == "Four five six."

    def test_a_hit_in_a_document_that_is_not_given(self, filled):
        [hit] = filled.search(vectors(60)[4], 1)
        with pytest.raises(ValueError, match="found 'd1:15-29', and there is no document 'd1'"):
            hit.chunk({})

    def test_a_k_beyond_the_number_of_chunks_gives_all(self, filled):
        assert len(filled.search(vectors(1)[0], 1000)) == 60

    def test_nothing_in_it(self, store):
        assert store.search(torch.ones(WIDTH), 3) == []
        assert (store.count(), store.width) == (0, None)

    def test_a_vector_with_gradient_in_another_precision(self, filled):
        query = vectors(60)[4].double().requires_grad_()
        assert filled.search(query, 1)[0].id == chunks()[4].id

    @pytest.mark.parametrize("k", [0, -1, 2.0, True])
    def test_k_is_a_number_above_0(self, filled, k, unchecked_shapes):
        with pytest.raises(ValueError, match="k is "):
            filled.search(torch.ones(WIDTH), k)

    @pytest.mark.parametrize("query", [torch.zeros(WIDTH), torch.full((WIDTH,), NAN), torch.full((WIDTH,), INFINITY)])
    def test_a_query_that_points_nowhere(self, filled, query):
        with pytest.raises(ValueError, match="points nowhere"):
            filled.search(query, 3)

    def test_a_query_of_another_width(self, filled):
        with pytest.raises(ValueError, match="holds vectors of 16 numbers, these have 15"):
            filled.search(torch.ones(15), 3)


class TestFilter:
    @pytest.mark.parametrize(
        ("where", "numbers"),
        [
            ({"document": "d7"}, [21, 22, 23]),
            ({"document": "d7", "start": 15}, [22]),
            ({"title": "Title 2", "start": 0}, range(6, 60, 9)),
            ({"document": "d99"}, []),
            ({}, range(60)),
            (None, range(60)),
        ],
    )
    def test_finds_the_best_of_those_alone(self, filled, where, numbers):
        query = vectors(1, seed=2)[0]
        scores = normalize(vectors(60)) @ normalize(query, dim=0)
        expected = sorted(numbers, key=lambda number: -scores[number])
        assert [hit.id for hit in filled.search(query, 60, where=where)] == [chunks()[n].id for n in expected]
        assert [hit.id for hit in filled.search(query, 2, where=where)] == [chunks()[n].id for n in expected[:2]]

    def test_a_field_that_no_chunk_has(self, filled):
        with pytest.raises(ValueError, match=r"No chunk can have author = 'Kim': filter by .* document, title"):
            filled.search(torch.ones(WIDTH), 3, where={"author": "Kim"})

    @pytest.mark.parametrize("value", [None, True, 1.5, {"$gt": 3}])
    def test_a_value_that_no_field_has(self, filled, value, unchecked_shapes):
        with pytest.raises(ValueError, match="No chunk can have start"):
            filled.search(torch.ones(WIDTH), 3, where={"start": value})


class TestAdd:
    def test_twice_is_once(self, filled):
        before = filled.search(vectors(1)[0], 60)
        filled.add(chunks(), vectors(60))
        filled.add(chunks()[:2] * 3, vectors(60)[:2].repeat(3, 1))
        assert filled.count() == 60
        assert filled.search(vectors(1)[0], 60) == before

    def test_again_with_another_vector_replaces_it(self, filled):
        filled.add([chunks()[3]], -vectors(60)[3:4])
        assert filled.count() == 60
        assert filled.search(vectors(60)[3], 60)[-1].id == chunks()[3].id

    def test_nothing(self, filled):
        filled.add([], torch.empty(0, WIDTH))
        assert filled.count() == 60

    def test_in_several_batches(self, store, monkeypatch):
        monkeypatch.setattr(store_rows, "BYTES_AT_ONCE", store_rows.BYTES_PER_NUMBER * WIDTH * 7)
        sizes = [len(batch) for batch in store_rows.batches(range(60), WIDTH, 5461)]
        assert sizes == [7] * 8 + [4]
        assert [len(batch) for batch in store_rows.batches(range(60), WIDTH, 5)] == [5] * 12
        assert [len(batch) for batch in store_rows.batches(range(3), 10**9, 5461)] == [1] * 3
        store.add(chunks(), vectors(60))
        assert sorted(hit.id for hit in store.search(vectors(1)[0], 60)) == sorted(chunk.id for chunk in chunks())

    def test_more_than_chroma_takes_at_once(self, store):
        many = chunks(2000)
        store.add(many, vectors(len(many), 2))
        assert store.count() == len(many) == 6000

    @pytest.mark.parametrize(
        ("some", "numbers", "message"),
        [
            (chunks()[:3], vectors(4), "3 chunks and 4 vectors: give one vector for each chunk"),
            (chunks()[:4], vectors(3), "4 chunks and 3 vectors"),
            (chunks()[:3], vectors(3, 15), "holds vectors of 16 numbers, these have 15: embed with the same model"),
            (chunks()[:3], torch.tensor([1, NAN, 1])[:, None].expand(3, WIDTH), "Vector 1 has the length nan"),
            (chunks()[:3], torch.tensor([1, 1, INFINITY])[:, None].expand(3, WIDTH), "Vector 2 has the length inf"),
            (chunks()[:3], torch.tensor([0.0, 1, 1])[:, None].expand(3, WIDTH), "Vector 0 has the length 0.0, so"),
            ([chunks()[0], chunks()[0]], vectors(2), "Chunks 0 and 1 have the id 'd0:0-14', but not the same"),
            ([Chunk(Document("d", "", text), 0, 3) for text in ("one", "two")], vectors(2) * 0 + 1, "the id 'd:0-3'"),
        ],
    )
    def test_what_is_wrong_is_refused_before_anything_is_written(self, filled, some, numbers, message):
        before = filled.search(vectors(1)[0], 60)
        with pytest.raises(ValueError, match=message):
            filled.add(some, numbers)
        assert filled.search(vectors(1)[0], 60) == before

    def test_a_row_alone(self, store, unchecked_shapes):
        with pytest.raises(ValueError, match=r"the shape \(16,\); it must be \(chunk, width\)"):
            store.add(chunks()[:1], torch.ones(WIDTH))


class TestRemoval:
    def test_of_a_document(self, filled):
        filled.remove("d7")
        assert filled.count() == 57
        assert {hit.metadata["document"] for hit in filled.search(vectors(1)[0], 60)} == set(documents()) - {"d7"}
        filled.remove("d7")
        assert filled.count() == 57

    def test_of_everything_closes_it(self, filled, place, name):
        filled.delete()
        with pytest.raises(StoreError, match=rf"The store {name} is closed: open it again\."):
            filled.count()
        with open_store(place, name) as again:
            assert again.count() == 0
            again.add(chunks()[:2], vectors(2, 3))  # of another width
            assert again.width == 3
            again.delete()

    def test_by_another_client(self, filled, place, name):
        with open_store(place, name) as other:
            other.delete()
        with pytest.raises(StoreError, match=f"The store {name} does not answer: .*does not exist"):
            filled.search(vectors(1)[0], 3)


class TestPersistence:
    PROGRAM = """
import sys, torch
from course.rag import open_store
with open_store(sys.argv[1], sys.argv[2]) as store:
    query = torch.ones(store.width)
    print(store.count(), [(hit.id, round(hit.score, 4), hit.metadata["title"]) for hit in store.search(query, 5)])
"""

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["folder", "server"])
    def test_another_program_finds_the_same(self, kind, server, tmp_path, name):
        place = server if kind == "server" else tmp_path / "store"
        with open_store(place, name) as store:
            store.add(chunks(), vectors(60))
            hits = [(hit.id, round(hit.score, 4), hit.metadata["title"]) for hit in store.search(torch.ones(WIDTH), 5)]
        command = [sys.executable, "-c", self.PROGRAM, str(place), name]
        other = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert other.stdout == f"60 {hits}\n", other.stderr

    def test_a_folder_that_is_opened_again(self, tmp_path):
        with open_store(tmp_path, "one") as store:
            store.add(chunks(), vectors(60))
            before = store.search(vectors(1)[0], 60)
        with open_store(tmp_path, "one") as store, open_store(tmp_path / ".." / tmp_path.name, "two") as other:
            assert store.search(vectors(1)[0], 60) == before
            assert (store.count(), other.count()) == (60, 0)

    @pytest.mark.slow
    def test_a_server_that_ends_and_is_started_again(self, tmp_path):
        with running_server(tmp_path) as address:
            store = open_store(address, "one")
            store.add(chunks(), vectors(60))
            before = store.search(vectors(1)[0], 60)
        with pytest.raises(StoreError, match=r"The store one does not answer: .*refused"):
            store.search(vectors(1)[0], 60)
        store.close()
        with running_server(tmp_path) as address, open_store(address, "one") as store:
            assert store.search(vectors(1)[0], 60) == before
        with open_store(tmp_path, "one") as store:  # what a server has written is a folder like any other
            assert [hit.id for hit in store.search(vectors(1)[0], 60)] == [hit.id for hit in before]


class TestIndex:
    def test_a_store_keeps_the_index_that_it_was_made_with(self, place, name):
        index = Hnsw(max_neighbors=8, ef_construction=50, ef_search=20)
        with open_store(place, name, index=index) as store:
            open_store(place, name, index=index).close()
            open_store(place, name).close()
            with pytest.raises(ValueError, match=f"{name} was made with max_neighbors=8, ef_search=20, not with max_"):
                open_store(place, name, index=Hnsw(max_neighbors=9, ef_construction=50, ef_search=21))
            store.delete()

    def test_a_store_that_another_program_made_by_squared_distance(self, chroma, tmp_path):
        client = chroma.PersistentClient(tmp_path, chroma.Settings(_env_file=None, anonymized_telemetry=False))
        client.create_collection("theirs", embedding_function=None)
        client.close()
        with pytest.raises(ValueError, match="theirs was made with space=l2, not with space=cosine: choose another"):
            open_store(tmp_path, "theirs")

    @pytest.mark.parametrize("field", ["max_neighbors", "ef_construction", "ef_search"])
    def test_sizes_are_above_0(self, field):
        with pytest.raises(ValueError, match=f"{field} is 0; it must be 1 or more"):
            Hnsw(**{field: 0})

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["folder", "server"])
    def test_finds_nearly_all_that_exact_search_finds(self, kind, server, tmp_path, name, questions):
        stored, queries = questions
        place = server if kind == "server" else tmp_path
        places = [Chunk(Document(str(number), "", "text"), 0, 4) for number in range(len(stored))]
        true = [{str(hit.index) for hit in hits} for hits in exact_searches(queries, stored, 10)]
        recalls = {}
        for ef_search in (10, 100, len(stored)):
            with open_store(place, f"{name}-{ef_search}", index=Hnsw(ef_search=ef_search)) as store:
                store.add(places, stored)
                found = [{hit.metadata["document"] for hit in store.search(query, 10)} for query in queries]
                store.delete()
            shares = [len(one & other) / 10 for one, other in zip(found, true, strict=True)]
            recalls[ef_search] = sum(shares) / len(shares)
        assert 0.8 < recalls[10] < 0.99 < recalls[100] <= recalls[len(stored)] == 1


@pytest.fixture(scope="module")
def questions():
    """MiniLM's vectors of 3,000 questions, and of 100 others."""
    texts = draw(data.yes_no_questions(), 3_100)
    found = SentenceEncoder(*load("minilm")).encode([one.question for one in texts])
    return found[:3_000], found[3_000:]


class TestFaults:
    def test_chroma_is_not_installed(self, monkeypatch, tmp_path):
        monkeypatch.setitem(sys.modules, "chromadb", None)
        for use in (lambda: open_store(tmp_path / "new", "one"), running_server(tmp_path / "new").__enter__):
            with pytest.raises(StoreError) as raised:
                use()
            message = str(raised.value)
            assert message.startswith("The vector store Chroma is not installed: `")
            assert f"-m pip install -r {ROOT / 'requirements-rag.txt'}` installs it (350 MB" in message
            assert message.count(". ") == 0
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("raise RuntimeError('an old\\n    SQLite')", "does not load: an old SQLite"),
            ("import a_package_that_is_missing", "does not load: No module named 'a_package_that_is_missing'"),
        ],
    )
    def test_chroma_does_not_load(self, monkeypatch, tmp_path, line, reason):
        (tmp_path / "chromadb.py").write_text(line, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        for module in [module for module in sys.modules if module.partition(".")[0] == "chromadb"]:
            monkeypatch.delitem(sys.modules, module)
        with pytest.raises(StoreError, match=f"Chroma is installed but {reason}"):
            open_store(tmp_path, "one")

    def test_a_folder_that_is_a_file(self, tmp_path):
        (tmp_path / "file").write_text("", encoding="utf-8")
        for place in (tmp_path / "file", tmp_path / "file" / "below"):
            with pytest.raises(StoreError, match=r"folder .*file.* cannot be written \(.+\)\. Name another\."):
                open_store(place, "one")

    @bound_by_permissions
    def test_a_folder_that_may_only_be_read(self, tmp_path):
        tmp_path.chmod(0o500)
        try:
            for place in (tmp_path, tmp_path / "below"):
                with pytest.raises(StoreError, match=r"cannot be written \(([Nn]o p|P)ermission.*\)\. Name another"):
                    open_store(place, "one")
        finally:
            tmp_path.chmod(0o700)

    def test_a_folder_with_something_else_under_chromas_name(self, tmp_path):
        (tmp_path / "chroma.sqlite3").write_text("not a database " * 100, encoding="utf-8")
        with pytest.raises(StoreError, match=r"Chroma cannot use the folder .*: .+\. Name an empty or a new one\."):
            open_store(tmp_path, "one")

    @pytest.mark.parametrize(
        "address",
        ["ftp://here", "http://", "http://here:99999", "http://here:port", "http://here/path", "http://me@here", "://"],
    )
    def test_what_is_no_address(self, address):
        with pytest.raises(ValueError, match=r"is not the address of a server: write it like http://127.0.0.1:8000"):
            open_store(address, "one")

    def test_no_server_answers(self):
        port = closed_port()
        with pytest.raises(StoreError, match=rf"at http://127.0.0.1:{port} \(.*refused.*\)\. Start one with `chroma"):
            open_store(f"http://127.0.0.1:{port}", "one")

    def test_what_answers_is_no_chroma(self):
        web = Server()
        web.files["/api/v2/heartbeat"] = b"[]"
        try:
            with pytest.raises(StoreError, match=r"\(what answers is no Chroma server\)"):
                open_store(web.url, "one")
            web.files["/api/v2/heartbeat"] = b"<html>"
            with pytest.raises(StoreError, match="No Chroma server answers"):
                open_store(web.url, "one")
            del web.files["/api/v2/heartbeat"]
            with pytest.raises(StoreError, match=r"\(.*(404|Not Found).*\)"):
                open_store(web.url, "one")
        finally:
            web.close()

    def test_a_server_that_is_silent(self, monkeypatch):
        monkeypatch.setattr(chroma_module, "PATIENCE", 0.2)
        asked = []
        monkeypatch.setattr(
            "urllib.request.urlopen",
            lambda url, timeout, call=urlopen: asked.append(timeout) or call(url, timeout=timeout),
        )
        silent = socket.create_server(("127.0.0.1", 0))
        with silent, pytest.raises(StoreError, match=r"\(.*timed out.*\)"):
            open_store(f"http://127.0.0.1:{silent.getsockname()[1]}/", "one")
        assert asked == [0.2]

    @pytest.mark.parametrize(
        "name", ["", "ab", "a" * 513, "a b", "-ab", "ab-", "a..b", "1.2.3.4", "names/one", "äbc", "abc\n", "::1"]
    )
    def test_a_name_that_chroma_does_not_allow(self, name, tmp_path):
        with pytest.raises(ValueError, match=r"A store cannot be named .*take 3 to 512 of a-z"):
            open_store(tmp_path / "new", name)
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize("name", ["abc", "A-1_2.z", "a" * 512, "1.2.3", "007"])
    def test_a_name_that_it_allows(self, name):
        open_store(":memory:", name).close()

    def test_a_port_that_is_taken(self, tmp_path, server):
        port = server.rpartition(":")[2]
        with pytest.raises(StoreError, match=rf"Another program answers at port {port} of this machine"):
            running_server(tmp_path, int(port)).__enter__()

    @pytest.mark.slow
    def test_a_server_that_cannot_start(self, tmp_path):
        (tmp_path / "chroma.sqlite3").write_text("not a database " * 100, encoding="utf-8")
        with pytest.raises(StoreError, match="`chroma run` did not start at port"):
            running_server(tmp_path, closed_port()).__enter__()

    def test_the_server_ends_with_its_block(self, tmp_path):
        with pytest.raises(KeyError), running_server(tmp_path) as address:
            raise KeyError
        with pytest.raises(StoreError, match="No Chroma server answers"):
            open_store(address, "one")


class TestQuiet:
    def test_no_text_is_embedded_and_no_model_is_fetched(self, filled, chroma, monkeypatch):
        def refuse(*_arguments, **_options):
            raise AssertionError("Chroma's own embedding")

        monkeypatch.setattr("chromadb.api.types.DefaultEmbeddingFunction.__call__", refuse)
        filled.add(chunks(), vectors(60))
        filled.search(vectors(1)[0], 3)

    def test_settings_of_the_folder_and_the_environment_are_not_read(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / ".env").write_text("is_persistent=nonsense\nanonymized_telemetry=true\n", encoding="utf-8")
        monkeypatch.setenv("CHROMA_OTEL_COLLECTION_ENDPOINT", "http://192.0.2.1:1")
        monkeypatch.setenv("ANONYMIZED_TELEMETRY", "true")
        client = chroma_module.connect(tmp_path / "store")
        used = client._system.settings
        client.close()
        assert (used.anonymized_telemetry, used.chroma_otel_collection_endpoint) == (False, "")
