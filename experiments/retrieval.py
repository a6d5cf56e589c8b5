"""Which passage answers a question, by vectors, by words and by both; and how long chunks should be. No training.

python -m experiments.retrieval [all thousand causes late chunks costs] --tests 1000 --threads 1 [--missing]

`all` searches the 12,271 passages of BoolQ for test questions, `thousand` 1,000 of them: MiniLM's vectors ("dense"),
BM25 with k₁ 1.2 and b 0.75, reciprocal-rank fusion of the first 100 of both, and the weighted mean of their scores,
whose weight is chosen on validation questions. `causes` is why fusion adds so little: other passages of the same
article, capitals, how often one is right where the other is wrong, titles. `late` reranks the first ten of "dense" by
how well their pieces match those of the question. `chunks` has articles of several passages as one document each, cut
into chunks of so many words. `costs` is in seconds and bytes. Records have the rank of the right passage for each
question, 0 where it was not found.
"""

import functools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course import trained
from course.data.splits import draw
from course.evaluation.retrieval import hit_at, ndcg_at, recall_at, reciprocal_rank
from course.fine_tuning.inputs import pad_inputs, text_row
from course.fine_tuning.predictions import evaluating, like_lengths
from course.rag import (
    BM25,
    Chunk,
    Document,
    SentenceEncoder,
    chunk_all,
    exact_search,
    exact_searches,
    reciprocal_rank_fusion,
    score_fusion,
    without_overlaps,
    words,
)
from course.tasks.boolq_retrieval import (
    LocatedQuestion,
    Question,
    boolq_passages,
    boolq_sets,
    joined_articles,
    passage_vectors,
    same_article,
    sentence_encoder,
    some_passages,
    whole,
)
from experiments.measuring import cpu_seconds
from experiments.running import has_record, parts_to_measure

NAME = "retrieval"
N_TESTS = 1000
N_FEW = 1000  # passages of `thousand`
DEPTH = 100  # of the rankings that are fused by rank
WEIGHTS = tuple(round(0.1 * tenth, 1) for tenth in range(11))  # of BM25 in the mean of scores
CHUNK_WORDS, OVERLAPPING = (25, 50, 100, 200), (100, 25)  # words of a chunk, and of one of the overlapping ones
KS = (1, 3, 5, 10)
BUDGETS = (500, 1000, 2000, 4000)  # characters that are read
LEAST_PASSAGES, N_CHUNK_QUESTIONS = 3, 500  # of an article that is a document; questions on these articles
FREQUENT = 0.1  # words in more than this share of passages are left out of a query, in one test of the causes
N_RANKED, N_RERANKED, N_VALIDATION = 200, 10, 200  # chunks, passages, and questions to choose a weight on
LATE_WEIGHTS = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0)  # of the matches of pieces
N_TIMED, N_EMBEDDED = 100, 500  # queries, and passages that are embedded again
REPEATS = 3  # of each timed query
NOISE = 0.01  # of each number in the copies of vectors

Scores = Float[Tensor, "question passage"]


# --- Scores and ranks ---


@functools.cache
def word_index() -> BM25:
    """BM25 over all passages with their titles."""
    return BM25([whole(document).with_title for document in boolq_passages()])


def dense_scores(questions: Sequence[Question]) -> Scores:
    """The cosine of each question with each passage."""
    return sentence_encoder().encode([one.text for one in questions]) @ passage_vectors().T


def bm25_scores(questions: Sequence[Question], index: BM25 | None = None) -> Scores:
    index = index or word_index()
    return torch.stack([index.scores(one.text) for one in questions]).float()


def rank_of(scores: Float[Tensor, " passage"], right: int) -> int:
    """The rank of the right passage, from 1; of equal scores, the first passage comes first."""
    better = int((scores > scores[right]).sum())
    return better + int((scores[:right] == scores[right]).sum()) + 1


def ranks(scores: Scores, right: Sequence[int]) -> list[int]:
    return [rank_of(of_question, number) for of_question, number in zip(scores, right, strict=True)]


def fused_ranks(dense: Scores, by_words: Scores, right: Sequence[int]) -> list[int]:
    """The ranks after reciprocal-rank fusion of the first `DEPTH` of both; 0 where neither has the right passage."""
    found = []
    tops = [scores.topk(min(DEPTH, scores.shape[1]), dim=1).indices.tolist() for scores in (dense, by_words)]
    for number, *rankings in zip(right, *tops, strict=True):
        order = [hit.index for hit in reciprocal_rank_fusion(rankings)]
        found.append(order.index(number) + 1 if number in order else 0)
    return found


def mean_ranks(dense: Scores, by_words: Scores, right: Sequence[int], weight: float) -> list[int]:
    """The ranks by the mean of scores, in which BM25 has this weight."""
    pairs = zip(dense, by_words, strict=True)
    return ranks(torch.stack([score_fusion(pair, [1 - weight, weight]) for pair in pairs]), right)


def measures(found: Sequence[int]) -> dict[str, Any]:
    """What the ranks of one right passage each amount to, and the ranks."""
    rankings = [[*range(1, max(rank, 1)), 0] if rank else [-1] for rank in found]  # 0 is the right one
    return {
        "hit_at_1": _mean(hit_at(one, [0], 1) for one in rankings),
        "hit_at_5": _mean(hit_at(one, [0], 5) for one in rankings),
        "recall_at_10": _mean(recall_at(one, [0], 10) for one in rankings),
        "recall_at_20": _mean(recall_at(one, [0], 20) for one in rankings),
        "ndcg_at_10": _mean(ndcg_at(one, {0: 1}, 10) for one in rankings),
        "mrr": _mean(reciprocal_rank(one, [0]) for one in rankings),
        "ranks": trained.one_line(found),
    }


def _mean(values: Any) -> float:
    values = list(values)
    return round(sum(values) / len(values), 6)


def hits(found: Sequence[int]) -> float:
    return _mean(rank == 1 for rank in found)


def tests(n: int) -> list[Question]:
    """Some test questions, drawn."""
    return draw(boolq_sets().test, n)


@functools.cache
def best_weight() -> tuple[float, dict[str, float]]:
    """The weight of BM25 with the most validation questions right, the smallest of equal ones, and each one's share."""
    questions = boolq_sets().validation
    dense, by_words, right = dense_scores(questions), bm25_scores(questions), [one.passage for one in questions]
    found = {str(weight): hits(mean_ranks(dense, by_words, right, weight)) for weight in WEIGHTS}
    return float(max(found, key=lambda weight: found[weight])), found


# --- Parts ---


def all_passages(n_tests: int) -> dict[str, Any]:
    """The test questions among all passages."""
    questions = tests(n_tests)
    return _compared(dense_scores(questions), bm25_scores(questions), [one.passage for one in questions])


def among_thousand(n_tests: int) -> dict[str, Any]:
    """The same questions among 1,000 passages: those of the questions, and others, drawn."""
    questions = tests(n_tests)
    numbers = some_passages(questions, N_FEW)
    index = BM25([whole(boolq_passages()[number]).with_title for number in numbers])
    dense = dense_scores(questions)[:, numbers]
    article = same_article([boolq_passages()[number] for number in numbers])
    right = [numbers.index(one.passage) for one in questions]
    siblings = trained.one_line(article.count(article[number]) - 1 for number in right)
    return {"siblings": siblings, **_compared(dense, bm25_scores(questions, index), right)}


def _compared(dense: Scores, by_words: Scores, right: Sequence[int]) -> dict[str, Any]:
    weight, on_validation = best_weight()
    by_dense, by_bm25 = ranks(dense, right), ranks(by_words, right)
    by_weight = {str(weight): mean_ranks(dense, by_words, right, weight) for weight in WEIGHTS}
    return {
        "passages": dense.shape[1],
        "weight": weight,
        "validation_hit_at_1": on_validation,
        "test_hit_at_1": {weight: hits(found) for weight, found in by_weight.items()},
        "methods": {
            "dense": measures(by_dense),
            "bm25": measures(by_bm25),
            "rrf": measures(fused_ranks(dense, by_words, right)),
            "scores": measures(by_weight[str(weight)]),
            "oracle": measures([min(pair) for pair in zip(by_dense, by_bm25, strict=True)]),
        },
    }


def causes(n_tests: int) -> dict[str, Any]:
    """Why fusion adds little, each cause with the ranks after it is taken away."""
    questions = tests(n_tests)
    right = [one.passage for one in questions]
    article = torch.tensor(same_article(boolq_passages()))
    siblings = [(article == article[number]).sum().item() - 1 for number in right]
    scores = {"dense": dense_scores(questions), "bm25": bm25_scores(questions)}
    found: dict[str, Any] = {"siblings": trained.one_line(siblings)}
    alone = {method: _without_siblings(of_method, right, article) for method, of_method in scores.items()}
    for method, of_method in scores.items():
        first = of_method.argmax(dim=1)
        found[method] = {
            "first_is_of_the_article": trained.one_line((article[first] == article[right]).int().tolist()),
            "ranks": trained.one_line(ranks(of_method, right)),
            "ranks_without_siblings": trained.one_line(ranks(alone[method], right)),
        }
    weight, _on_validation = best_weight()
    for name, both in (("", scores), ("_without_siblings", alone)):
        found[f"rrf{name}"] = trained.one_line(fused_ranks(both["dense"], both["bm25"], right))
        found[f"scores{name}"] = trained.one_line(mean_ranks(both["dense"], both["bm25"], right, weight))
    return found | _of_the_words(questions, right, scores)


def _without_siblings(scores: Scores, right: Sequence[int], article: Tensor) -> Scores:
    """The scores with the other passages of each question's article below all others."""
    changed = scores.clone()
    for of_question, number in zip(changed, right, strict=True):
        others = article == article[number]
        others[number] = False
        of_question[others] = scores.min() - 1
    return changed


def _of_the_words(questions: Sequence[Question], right: Sequence[int], scores: Mapping[str, Scores]) -> dict[str, Any]:
    """Capitals, frequent words, and titles: what changes when the words do."""
    in_capitals = [one._replace(text=one.text.upper()) for one in questions]
    index, n = word_index(), len(boolq_passages())
    rare = [
        one._replace(text=" ".join(word for word in words(one.text) if index.n_with(word) <= FREQUENT * n) or one.text)
        for one in questions
    ]
    untitled = BM25([document.text for document in boolq_passages()])
    return {
        "capitals": {
            "dense": float((dense_scores(in_capitals) - scores["dense"]).abs().max()),
            "bm25": float((bm25_scores(in_capitals) - scores["bm25"]).abs().max()),
        },
        "bm25_rare_words": trained.one_line(ranks(bm25_scores(rare), right)),
        "bm25_without_titles": trained.one_line(ranks(bm25_scores(questions, untitled), right)),
    }


def late(n_tests: int) -> dict[str, Any]:
    """The nearest passages in a new order: cosine and, weighted, the mean over the question's pieces of the best match.

    The match of two pieces is the cosine of MiniLM's last hidden states. The weight is the one with the most of
    `N_VALIDATION` validation questions right, the smallest of equal ones. Nothing is trained.

    Source: Khattab and Zaharia 2020, "ColBERT", section 3.3, whose encoder is trained for it.
    """
    validation, test = draw(boolq_sets().validation, N_VALIDATION), tests(n_tests)
    nearest = {name: dense_scores(questions).topk(N_RERANKED) for name, questions in (("v", validation), ("t", test))}
    both = torch.cat([found.indices for found in nearest.values()]).tolist()
    matches = late_matches([one.text for one in (*validation, *test)], both)
    parts = dict(zip(nearest, (matches[: len(validation)], matches[len(validation) :]), strict=True))

    def new_ranks(name: str, questions: Sequence[Question], weight: float) -> list[int]:
        cosines, numbers = nearest[name]
        return [
            rank_of(scores, of_question.index(one.passage)) if one.passage in of_question else 0
            for scores, of_question, one in zip(
                cosines + weight * parts[name], numbers.tolist(), questions, strict=True
            )
        ]

    found = {str(weight): hits(new_ranks("v", validation, weight)) for weight in LATE_WEIGHTS}
    weight = max(LATE_WEIGHTS, key=lambda each: found[str(each)])
    return {
        "candidates": N_RERANKED,
        "weight": weight,
        "validation_hit_at_1": found,
        "test_hit_at_1": {str(each): hits(new_ranks("t", test, each)) for each in LATE_WEIGHTS},
        "methods": {
            "dense": measures(new_ranks("t", test, 0.0)),
            "late": measures(new_ranks("t", test, weight)),
        },
    }


@torch.no_grad()
def late_matches(questions: Sequence[str], candidates: Sequence[Sequence[int]]) -> Scores:
    """For each question and candidate the mean, over the question's pieces, of the best cosine with a passage's."""
    encoder = sentence_encoder()
    places: dict[int, list[tuple[int, int]]] = {}
    for row, of_question in enumerate(candidates):
        for column, number in enumerate(of_question):
            places.setdefault(number, []).append((row, column))
    asked = dict(_piece_states(encoder, questions))
    found = torch.zeros(len(questions), len(candidates[0]))
    needed = list(places)
    for place, states in _piece_states(encoder, [whole(boolq_passages()[number]).with_title for number in needed]):
        for row, column in places[needed[place]]:
            found[row, column] = (asked[row][1:-1] @ states.T).amax(dim=1).mean()
    return found


def _piece_states(encoder: SentenceEncoder, texts: Sequence[str]) -> Iterator[tuple[int, Float[Tensor, "piece width"]]]:
    """The last hidden state of each piece of each text, of length 1, with the text's number."""
    rows = [text_row(encoder.tokenizer, text, encoder.limit) for text in texts]
    for numbers in like_lengths(rows, 32):
        inputs = pad_inputs([rows[number] for number in numbers], encoder.tokenizer.special.ids["[PAD]"])
        with evaluating(encoder.body):
            states = torch.nn.functional.normalize(encoder.body(*inputs), dim=-1)
        for number, of_text, mask in zip(numbers, states, inputs.attention_mask, strict=True):
            yield number, of_text[mask]


def chunks(n_tests: int) -> dict[str, Any]:
    """Recall of the right passage's characters, by words of a chunk and number of chunks, and by characters read."""
    documents, questions = joined_articles(LEAST_PASSAGES)
    asked = draw(questions, min(n_tests, N_CHUNK_QUESTIONS, len(questions)))
    vectors = sentence_encoder().encode([one.text for one in asked])
    cells = {}
    for n_words, overlap in (*((n_words, 0) for n_words in CHUNK_WORDS), OVERLAPPING):
        cut = chunk_all(documents, words=n_words, overlap=overlap)
        with cpu_seconds() as seconds:
            embedded = sentence_encoder().encode([one.with_title for one in cut])
        found = [[cut[hit.index] for hit in hits] for hits in exact_searches(vectors, embedded, N_RANKED)]
        first = {
            k: [recall_of(of_question[:k], documents, one) for of_question, one in zip(found, asked, strict=True)]
            for k in KS
        }
        within = {
            budget: [
                recall_of(read_within(of_question, budget), documents, one)
                for of_question, one in zip(found, asked, strict=True)
            ]
            for budget in BUDGETS
        }
        cells[f"{n_words}-{overlap}"] = {
            "chunks": len(cut),
            "seconds": seconds(),
            "megabytes": round(embedded.nelement() * embedded.element_size() / 1e6, 3),
            "read": {
                k: _mean(sum(one.end - one.start for one in without_overlaps(of_question[:k])) for of_question in found)
                for k in KS
            },
            "recall": {k: trained.one_line(line) for k, line in first.items()},
            "recall_within": {budget: trained.one_line(line) for budget, line in within.items()},
        }
    return {"documents": len(documents), "questions": len(asked), "cells": cells}


def read_within(ranking: Sequence[Chunk], budget: int) -> list[Chunk]:
    """The first chunks of a ranking, of which so many characters are read, each once; the last one is cut."""
    kept: list[Chunk] = []
    for one in without_overlaps(ranking):
        if budget <= 0:
            break
        kept.append(Chunk(one.document, one.start, min(one.end, one.start + budget)))
        budget -= kept[-1].end - kept[-1].start
    return kept


def recall_of(found: Sequence[Chunk], documents: Sequence[Document], question: LocatedQuestion) -> float:
    """The share of the right passage's characters that the chunks have, white space apart."""
    document, inside = documents[question.document], 0
    for one in without_overlaps(found):
        if one.document.id == document.id:
            inside += _not_space(document.text[max(one.start, question.start) : min(one.end, question.end)])
    return inside / _not_space(document.text[question.start : question.end])


def _not_space(text: str) -> int:
    return sum(map(len, text.split()))


def costs(n_tests: int) -> dict[str, Any]:
    """Seconds to embed and to index, megabytes, and milliseconds of a query, on the passages and on ten times as many.

    The others are copies of the passages: vectors with noise, texts as they are. Milliseconds are the processor's, the
    median over `N_TIMED` test questions.
    """
    encoder, texts = sentence_encoder(), [whole(document).with_title for document in boolq_passages()]
    some = draw(texts, N_EMBEDDED)
    with cpu_seconds() as embedding:
        encoder.encode(some)
    questions = [one.text for one in draw(tests(n_tests), min(N_TIMED, n_tests))]
    found: dict[str, Any] = {
        "milliseconds_to_embed_a_passage": round(1000 * embedding() / len(some), 3),
        "cut_passages": encoder.n_cut(texts),
        "milliseconds_to_embed_a_question": _median([_milliseconds(encoder.encode, [one]) for one in questions]),
    }
    queries = encoder.encode(questions)
    vectors = passage_vectors()
    generator = torch.Generator().manual_seed(0)
    for times in (1, 10):
        more = vectors.repeat(times, 1)
        more += NOISE * (times > 1) * torch.randn(more.shape, generator=generator)
        with cpu_seconds() as indexing:
            index = BM25(texts * times)
        found[str(len(more))] = {
            "megabytes_of_vectors": round(more.nelement() * more.element_size() / 1e6, 3),
            "seconds_to_index_words": indexing(),
            "dense_milliseconds": _median([_milliseconds(exact_search, query, more, 10) for query in queries]),
            "bm25_milliseconds": _median([_milliseconds(index.search, question, 10) for question in questions]),
        }
    return found


def _milliseconds(function: Callable[..., object], *arguments: object) -> float:
    start = time.process_time()
    for _again in range(REPEATS):
        function(*arguments)
    return 1000 * (time.process_time() - start) / REPEATS


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)


PARTS: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "all": all_passages,
    "thousand": among_thousand,
    "causes": causes,
    "late": late,
    "chunks": chunks,
    "costs": costs,
}


def main(names: Sequence[str], n_tests: int, threads: int, *, missing: bool) -> None:
    torch.set_num_threads(threads)
    for name in names:
        if missing and has_record(NAME, name):
            continue
        with cpu_seconds() as seconds:
            found = PARTS[name](n_tests)
        command = f"python -m experiments.{NAME} {name} --tests {n_tests} --seeds 0 --threads {threads}"
        trained.save_record(
            NAME, name, 0, {"command": command, "cpu_seconds": seconds(), "tests_drawn": n_tests, **found}
        )
        print(f"{command}: {seconds():.0f} s", flush=True)


def recipes() -> Mapping[str, object]:
    """What is measured, by the names of the records."""
    return PARTS


if __name__ == "__main__":
    arguments = parts_to_measure(NAME, tuple(PARTS), tests=N_TESTS, most=N_TESTS)
    main(arguments.parts, arguments.tests, arguments.threads, missing=arguments.missing)
