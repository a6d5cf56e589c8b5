"""What SmolLM2 answers about things that it cannot know, by what it reads: nothing, the right passage, a wrong one.

python -m experiments.grounded_answers [conditions retrieved places] --tests 150 --threads 1 [--missing]

`conditions`: a closed book, the right passage ("oracle"), the same with another value ("swapped"), and that of another
thing of the same kind ("wrong"). `retrieved` searches all invented passages, those of 2025 and the 12,271 of BoolQ, by
vectors, by BM25 and by both, and reads the best one or three by vectors. `places` has the right passage at each of
three and of five places, among passages of other things of its kind. Facts are drawn from the invented ones; those of
2025 are all asked, but not in `places`. A record has each answer, and a line of numbers for each measure. Answers are
the most probable ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import torch

from course import trained
from course.data.splits import draw
from course.pretrained import load
from course.rag import BM25, best_hits, reciprocal_rank_fusion
from course.tasks.boolq_retrieval import boolq_passages, passage_vectors, sentence_encoder, whole
from course.tasks.grounded_answers import (
    CONDITIONS,
    Reading,
    Verdict,
    grounded_answers,
    placed,
    reading,
    verdict,
)
from course.tasks.unknown_facts import UnknownFact, facts_after, invented_facts, passages_of
from experiments.measuring import cpu_seconds
from experiments.retrieval import DEPTH, rank_of
from experiments.running import has_record, parts_to_measure

NAME = "grounded_answers"
N_TESTS = 150  # invented facts, drawn
N_PLACED = 60  # of these, at each place
KS = (1, 3)  # passages that are read
SIZES = (3, 5)  # passages that are read, of which one is right
METHODS = ("dense",)  # whose passages are read


def tests(n: int) -> list[UnknownFact]:
    """Some of the invented facts, and all of 2025."""
    return [*draw(invented_facts(), n), *facts_after()]


def answered(readings: Sequence[Reading]) -> dict[str, Any]:
    """The answers, their measures and what they cost."""
    with cpu_seconds() as seconds:
        answers = grounded_answers(*load("smollm2"), readings)
    verdicts = [verdict(answer, read) for answer, read in zip(answers, readings, strict=True)]
    return {
        "seconds_an_answer": round(seconds() / len(answers), 3),
        **{one.name: trained.one_line(getattr(each, one.name) for each in verdicts) for one in fields(Verdict)},
        "answers": answers,
    }


def _facts(facts: Sequence[UnknownFact]) -> dict[str, Any]:
    return {
        "kinds": [fact.kind for fact in facts],
        "questions": [fact.question for fact in facts],
        "right_answers": [fact.answer for fact in facts],
    }


def conditions(n_tests: int) -> dict[str, Any]:
    facts, known = tests(n_tests), [*invented_facts(), *facts_after()]
    cells = {}
    for condition in CONDITIONS:
        readings = [reading(fact, condition, known) for fact in facts]
        cells[condition] = {"said_value": [one.said for one in readings], **answered(readings)}
    return {**_facts(facts), "cells": cells}


def retrieved(n_tests: int) -> dict[str, Any]:
    """The rank of each fact's passage, and the answers after the best passages."""
    facts, known = tests(n_tests), [*invented_facts(), *facts_after()]
    own = passages_of(known)
    documents = [*own, *boolq_passages()]
    chunks = [whole(document) for document in documents]
    encoder = sentence_encoder()
    with cpu_seconds() as seconds:
        vectors = torch.cat([encoder.encode([whole(one).with_title for one in own]), passage_vectors()])
        index = BM25([one.with_title for one in chunks])
    queries = encoder.encode([fact.question for fact in facts])
    scores = {"dense": queries @ vectors.T, "bm25": torch.stack([index.scores(fact.question) for fact in facts])}
    right = [own.index(fact.passage) for fact in facts]
    ranks = {
        method: [rank_of(of_fact, number) for of_fact, number in zip(of_method, right, strict=True)]
        for method, of_method in scores.items()
    }
    ranks["rrf"] = []
    for *both, number in zip(*scores.values(), right, strict=True):
        rankings = [[hit.index for hit in best_hits(of_fact, DEPTH)] for of_fact in both]
        order = [hit.index for hit in reciprocal_rank_fusion(rankings)]
        ranks["rrf"].append(order.index(number) + 1 if number in order else 0)
    cells = {}
    for method in METHODS:
        for k in KS:
            readings = []
            for fact, of_fact in zip(facts, scores[method], strict=True):
                found = tuple(chunks[hit.index] for hit in best_hits(of_fact, k))
                readings.append(Reading(fact.question, found, fact.answer, None))
            cells[f"{method}-{k}"] = answered(readings)
    return {
        **_facts(facts),
        "passages": len(documents),
        "megabytes": round(vectors.nelement() * vectors.element_size() / 1e6, 3),
        "index_seconds": seconds(),
        "ranks": {method: trained.one_line(of_method) for method, of_method in ranks.items()},
        "cells": cells,
    }


def places(n_tests: int) -> dict[str, Any]:
    """The right passage at each place among others."""
    facts = draw(draw(invented_facts(), n_tests), min(N_PLACED, n_tests))
    cells = {
        f"{place + 1} of {n}": answered([placed(fact, place, n, invented_facts()) for fact in facts])
        for n in SIZES
        for place in range(n)
        if n == SIZES[0] or place in (0, n // 2, n - 1)
    }
    return {**_facts(facts), "cells": cells}


PARTS = {"conditions": conditions, "retrieved": retrieved, "places": places}


def main(names: Sequence[str], n_tests: int, threads: int, *, missing: bool) -> None:
    torch.set_num_threads(threads)
    for name in names:
        if missing and has_record(NAME, name):
            continue
        with cpu_seconds() as seconds:
            found = PARTS[name](n_tests)
        command = f"python -m experiments.{NAME} {name} --tests {n_tests} --seeds 0 --threads {threads}"
        trained.save_record(NAME, name, 0, {"command": command, "cpu_seconds": seconds(), **found})
        print(f"{command}: {seconds():.0f} s", flush=True)


def recipes() -> Mapping[str, object]:
    """What is measured, by the names of the records."""
    return PARTS


if __name__ == "__main__":
    arguments = parts_to_measure(NAME, tuple(PARTS), tests=N_TESTS, most=len(invented_facts()))
    main(arguments.parts, arguments.tests, arguments.threads, missing=arguments.missing)
