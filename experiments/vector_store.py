"""What a vector store costs beside exact search, and what its index finds: seconds, bytes, recall. No training.

python -m experiments.vector_store [folder-12000 server-12000 folder-120000 server-120000] --tests 1000 --threads 1

Chroma, in a folder or on a server on this machine, with 12,000 of the passages of BoolQ by MiniLM's vectors, or with
120,000: nine more of each passage, moved by 0.7 of the difference between two others, which keeps the directions that
real vectors have. Their cosine with the passage is then 0.71 in the median, and that of two passages of one article
0.73.

Test questions look for the ten nearest, exact search in PyTorch and the store in turns, so that what else the machine
does meets both. Milliseconds are of the wall clock, median and 95th percentile; "cpu_ms" are of all processor cores
together, the server's too, in the mean. Each measurement of memory is in a process of its own. What the store finds is
compared with exact search, in a folder for each search width of `EF_SEARCH`.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from course import trained
from course.data.splits import draw
from course.rag import Chunk, StoredHit, exact_search, open_store, running_server
from course.rag.chroma import connect
from course.tasks.boolq_retrieval import boolq_passages, boolq_sets, passage_vectors, sentence_encoder, whole
from experiments.measuring import in_fresh_process, resident_bytes
from experiments.running import has_record, parts_to_measure

NAME = "vector_store"
PARTS = {f"{kind}-{n}": (kind, n) for n in (12_000, 120_000) for kind in ("folder", "server")}
N_PASSAGES, MOVE = 12_000, 0.7
N_TESTS, K = 1000, 10
EF_SEARCH = (10, 30, 100, 300, 1000)
STORE = "passages"


def chunks_and_vectors(n: int) -> tuple[list[Chunk], Float[Tensor, "chunk width"]]:
    """`N_PASSAGES` drawn passages; for more, copies of them that begin one character later, with moved vectors.

    Raises `ValueError` for a number that is no multiple of the passages.
    """
    copies, rest = divmod(n, N_PASSAGES)
    if rest or not copies:
        raise ValueError(f"{n} chunks are no multiple of {N_PASSAGES}.")
    numbers = draw(range(len(boolq_passages())), N_PASSAGES)
    documents = [boolq_passages()[number] for number in numbers]
    real = passage_vectors()[torch.tensor(numbers)]
    generator = torch.Generator().manual_seed(0)
    chunks, vectors = [whole(document) for document in documents], [real]
    for copy in range(1, copies):
        order = torch.randperm(len(real), generator=generator)
        vectors.append(normalize(real + MOVE * (real[order] - real[order.roll(1)]), dim=1))
        chunks += [Chunk(document, copy, len(document.text)) for document in documents]
    return chunks, torch.cat(vectors)


def queries(n: int) -> Float[Tensor, "query width"]:
    """The vectors of `n` drawn test questions."""
    return sentence_encoder().encode([one.text for one in draw(boolq_sets().test, n)])


def cpu_seconds_of(server: Path | str) -> float:
    """What this process, and a server at this address, have used of the processor."""
    servers = [_server(int(server.rpartition(":")[2]))] if isinstance(server, str) else []
    return time.process_time() + sum(sum(one.cpu_times()[:2]) for one in servers)


def _server(port: int) -> psutil.Process:
    """The process that `running_server` has started at this port."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # one that has ended, or is another user's
            if process.cmdline()[-2:] == ["--port", str(port)]:
                return process
    raise ValueError(f"No server runs at port {port}.")


def milliseconds(seconds: Sequence[float], cpu_seconds: float) -> dict[str, float]:
    """The median, what 95 of 100 stay below, and the processor's mean."""
    spread = torch.tensor(seconds, dtype=torch.float64).quantile(torch.tensor([0.5, 0.95], dtype=torch.float64)) * 1000
    found = (*spread.tolist(), 1000 * cpu_seconds / len(seconds))
    return {name: round(each, 3) for name, each in zip(("median_ms", "p95_ms", "cpu_ms"), found, strict=True)}


def folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def serving(kind: str, folder: Path) -> AbstractContextManager[Any]:
    """A block in which the store is reached at what the block is given: the folder itself, or a server's address."""
    return running_server(folder) if kind == "server" else nullcontext(folder)


def fill(place: Path | str, n: int, n_threads: int) -> dict[str, float]:
    """How long it takes to add all chunks."""
    torch.set_num_threads(n_threads)
    chunks, vectors = chunks_and_vectors(n)
    with open_store(place, STORE) as store:
        start, cpu = time.perf_counter(), cpu_seconds_of(place)
        store.add(chunks, vectors)
        seconds, cpu = time.perf_counter() - start, cpu_seconds_of(place) - cpu
        assert store.count() == n
    return {"seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3)}


def search(place: Path | str, n: int, asked: Float[np.ndarray, "query width"], n_threads: int) -> dict[str, Any]:
    """The times of a query, exact and in the store, and the share of the true nearest that the store finds."""
    torch.set_num_threads(n_threads)
    chunks, vectors = chunks_and_vectors(n)
    with open_store(place, STORE) as store:
        store.search(torch.from_numpy(asked[0]), K)  # which loads the index
        exact: list[float] = []
        stored: list[float] = []
        found, exact_cpu, cpu = 0, 0.0, cpu_seconds_of(place)
        for query in torch.from_numpy(asked):
            start, start_cpu = time.perf_counter(), time.process_time()
            true = exact_search(query, vectors, K)
            exact_cpu += time.process_time() - start_cpu
            middle = time.perf_counter()
            hits = store.search(query, K)
            stored.append(time.perf_counter() - middle)
            exact.append(middle - start)
            found += len({chunks[hit.index].id for hit in true} & {hit.id for hit in hits})
        cpu = cpu_seconds_of(place) - cpu - exact_cpu
    return {
        "exact": milliseconds(exact, exact_cpu),
        "store": milliseconds(stored, cpu),
        "recall_at_10": round(found / (K * len(asked)), 5),
    }


def memory(place: Path | str, asked: Float[np.ndarray, "query width"]) -> dict[str, int | float]:
    """Of a process that opens a full store and searches in it: seconds to the first hit, and the memory that it takes.

    Of a server, its own memory as well.
    """
    some = torch.from_numpy(asked)
    with open_store(":memory:", STORE):  # what is imported is no cost of the store's vectors
        before = resident_bytes()
    start = time.perf_counter()
    with open_store(place, STORE) as store:
        hits: list[StoredHit] = store.search(some[0], K)
        opened = time.perf_counter() - start
        for query in some:
            hits = store.search(query, K)
        assert len(hits) == K
        return {"open_seconds": round(opened, 3), "memory_bytes": resident_bytes() - before}


def server_bytes(address: str) -> int:
    """The memory that a server has in use."""
    return _server(int(address.rpartition(":")[2])).memory_info().rss


def set_ef_search(folder: Path, ef_search: int) -> None:
    """How wide the index is searched from the next time on that the folder is opened."""
    client = connect(folder)
    client.get_collection(STORE, embedding_function=None).modify(configuration={"hnsw": {"ef_search": ef_search}})
    client.close()


def measure(part: str, n_tests: int, n_threads: int) -> dict[str, Any]:
    """The record of one kind of place with one number of chunks."""
    kind, n = PARTS[part]
    vectors = chunks_and_vectors(n)[1]
    asked = queries(n_tests).numpy()
    record: dict[str, Any] = {
        "chunks": n,
        "width": vectors.shape[1],
        "queries": n_tests,
        "vector_bytes": vectors.nbytes,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(kind, folder) as place:
            if kind == "server":
                record["empty_server_bytes"] = server_bytes(place)
            record["add"] = fill(place, n, n_threads)
        record["file_bytes"] = folder_bytes(folder)
        with serving(kind, folder) as place:
            record |= in_fresh_process(memory, place, asked)
            if kind == "server":
                record["server_bytes"] = server_bytes(place)
            record |= in_fresh_process(search, place, n, asked, n_threads)
        if kind == "folder":
            record["ef_search"] = {}
            for ef_search in EF_SEARCH:
                set_ef_search(folder, ef_search)
                record["ef_search"][str(ef_search)] = in_fresh_process(search, folder, n, asked, n_threads)
    return record


def recipes() -> Mapping[str, Callable[..., dict[str, Any]]]:
    """What is measured, by the names of the records."""
    return dict.fromkeys(PARTS, measure)


def main() -> None:
    arguments = parts_to_measure(NAME, list(PARTS), tests=N_TESTS, most=N_TESTS)
    torch.set_num_threads(arguments.threads)
    for part in arguments.parts:
        if arguments.missing and has_record(NAME, part):
            continue
        command = (
            f"python -m experiments.{NAME} {part} --seeds 0 --tests {arguments.tests} --threads {arguments.threads}"
        )
        found = measure(part, arguments.tests, arguments.threads)
        trained.save_record(NAME, part, 0, {"command": command, **found})
        print(f"{command}: {found}", flush=True)


if __name__ == "__main__":
    main()
