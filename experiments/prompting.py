"""What SmolLM2 answers about reviews, by what stands in its prompt. No training.

python -m experiments.prompting [shots wordings words random-labels orders choice prefix] --tests 200 --threads 1
    [--seeds 0] [--missing]

The model is SmolLM2-135M-Instruct with plain prompts, without its chat template. Each cell of a record is one kind of
prompt on the same test reviews: of a movie that no shot is about, in a drawn order. The records of all parts are made
for `BLOCK` reviews first, then for as many more, and so on up to `--tests`; with `--missing` what they have is kept, so
that a command that was stopped goes on.

`shots` are 0 to 16 random ones, the smaller sets inside the larger; `wordings` three templates; `words` other pairs of
label words, nonsense and the right words the wrong way round among them; in `random-labels` each shot has a label by
chance, as in Min et al. 2022; `orders` are all of one set of four shots; `choice` is random, balanced, or the nearest
by MiniLM. `prefix` is the time with and without reading the shots once for all. About 0.2 CPU seconds for each review
of each of the cells.
"""

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from course import trained
from course.data import movie_reviews, split_by_movie
from course.data.splits import draw
from course.pretrained import load
from course.prompting import (
    PromptTemplate,
    Shot,
    answer_scores,
    apart,
    balanced_shots,
    calibrated_probabilities,
    nearest_shots,
    random_shots,
    text_embeddings,
)
from course.tasks.labelled import CLASSES
from experiments.measuring import cpu_seconds
from experiments.running import has_record, parts_to_measure

NAME = "prompting"
N_POOL, N_TEST, BLOCK = 500, 200, 20
K = (1, 2, 4, 8, 16)
N_DRAWS = 5
N_DRAWS_OF_WORDS = 3  # of wordings and label words
K_COMPARED = 4  # shots, where something else than their number is compared
COLUMNS = ("positive", "calibrated", "content_free")
N_TIMED = 4  # reviews that are read with and without a shared prefix
WORDINGS: Mapping[str, PromptTemplate] = {
    "review": PromptTemplate("", "Review: {input}\nSentiment: {answer}"),
    "question": PromptTemplate(
        "Is each of these reviews positive or negative?", "{input}\nThe review is {answer}", "\n\n"
    ),
    "critic": PromptTemplate("", "A critic wrote: {input}\nThe critic's opinion of the film is {answer}"),
}
WORDS: Mapping[str, tuple[str, str]] = {  # for a negative and a positive review
    "negative/positive": CLASSES,
    "bad/good": ("bad", "good"),
    "terrible/great": ("terrible", "great"),
    "foo/bar": ("foo", "bar"),
    "swapped": (CLASSES[1], CLASSES[0]),
}


@dataclass(frozen=True)
class Cell:
    """One kind of prompt. The shots have the labels of their reviews; `words` says how these are written."""

    shots: Sequence[Shot] | Callable[[str], Sequence[Shot]] = ()
    wording: str = "review"
    words: str = "negative/positive"
    about: Mapping[str, Any] | None = None

    def shots_of(self, text: str) -> list[Shot]:
        chosen = self.shots(text) if callable(self.shots) else self.shots
        words = dict(zip(CLASSES, WORDS[self.words], strict=True))
        return [shot._replace(answer=words[shot.answer]) for shot in chosen]

    def measure(self, texts: Sequence[str]) -> tuple[list[float], list[float], list[float]]:
        """Of each text the probability of the positive word, as it is and calibrated, and without content."""
        template, words = WORDINGS[self.wording], WORDS[self.words]
        groups = [[text] for text in texts] if callable(self.shots) else [list(texts)]
        columns: tuple[list[float], list[float], list[float]] = ([], [], [])
        for group in groups:
            found = calibrated_probabilities(*load_once(), template, group, words, self.shots_of(group[0]))
            for column, part in zip(columns, found, strict=True):
                column += part[:, 1].tolist() if part is not found[2] else [part[:, 1].mean().item()] * len(group)
        return columns


@cache
def load_once() -> tuple[Any, Any]:
    return load("smollm2")


@cache
def sets() -> tuple[list[Shot], list[Shot]]:
    """The pool of shots, and the test reviews in a drawn order."""
    training, (_validation, test) = split_by_movie(movie_reviews())
    pool, tests = (
        [Shot(one.text, CLASSES[one.positive], one.movie) for one in draw(some, n)]
        for some, n in ((training, N_POOL), (test, N_TEST))
    )
    random.Random(0).shuffle(tests)
    return apart(pool, tests)


def shots_of_draw(number: int, k: int) -> list[Shot]:
    """The first `k` of 16 random shots, so that a smaller set is inside a larger one."""
    return random_shots(sets()[0], max(K), seed=number)[:k]


def with_random_labels(shots: Sequence[Shot], seed: int) -> list[Shot]:
    rng = random.Random(seed)
    return [shot._replace(answer=rng.choice(CLASSES)) for shot in shots]


@cache
def nearest() -> Callable[[str], list[Shot]]:
    """The nearest shots of the pool to a text."""
    model, tokenizer = load("minilm")
    pool, _tests = sets()
    embeddings = text_embeddings(model, tokenizer, [shot.text for shot in pool])
    return lambda text: nearest_shots(pool, embeddings, text_embeddings(model, tokenizer, [text])[0], K_COMPARED)


# --- The cells of each record, by their names ---


def shots() -> dict[str, Cell]:
    cells = {"k0": Cell(about={"k": 0, "draw": 0})}
    for k, number in itertools.product(K, range(N_DRAWS)):
        cells[f"k{k}-{number}"] = Cell(shots_of_draw(number, k), about={"k": k, "draw": number})
    return cells


def wordings() -> dict[str, Cell]:
    """Those that `shots` has not."""
    found = {}
    for name in list(WORDINGS)[1:]:
        for k, number in [(0, 0), *((K_COMPARED, number) for number in range(N_DRAWS_OF_WORDS))]:
            about = {"wording": name, "k": k, "draw": number}
            found[f"{name}-k{k}-{number}"] = Cell(shots_of_draw(number, k), wording=name, about=about)
    return found


def words() -> dict[str, Cell]:
    """Those that `shots` has not. Without shots, the words the wrong way round are the right ones' complement."""
    found = {}
    for name in list(WORDS)[1:]:
        for k, number in [(0, 0), *((K_COMPARED, number) for number in range(N_DRAWS_OF_WORDS))]:
            if k or name != "swapped":
                about = {"words": name, "k": k, "draw": number}
                found[f"{name}-k{k}-{number}"] = Cell(shots_of_draw(number, k), words=name, about=about)
    return found


def random_labels() -> dict[str, Cell]:
    return {
        f"k{k}-{number}": Cell(
            with_random_labels(shots_of_draw(number, k), seed=number), about={"k": k, "draw": number}
        )
        for k in (K_COMPARED, max(K))
        for number in range(N_DRAWS)
    }


def orders() -> dict[str, Cell]:
    """All orders of one balanced set; the numbers say which shot is where."""
    chosen = balanced_shots(sets()[0], K_COMPARED, seed=0)
    return {
        "".join(map(str, order)): Cell(
            [chosen[place] for place in order],
            about={"labels": " ".join(chosen[place].answer for place in order)},
        )
        for order in itertools.permutations(range(K_COMPARED))
    }


def choice() -> dict[str, Cell]:
    """Balanced and nearest; the random ones are in `shots`."""
    balanced = {
        f"balanced-{number}": Cell(balanced_shots(sets()[0], K_COMPARED, seed=number), about={"draw": number})
        for number in range(N_DRAWS)
    }
    return {**balanced, "nearest": Cell(nearest(), about={"draw": 0})}


PARTS: Mapping[str, Callable[[], dict[str, Cell]]] = {
    "shots": shots,
    "orders": orders,
    "random-labels": random_labels,
    "words": words,
    "choice": choice,
    "wordings": wordings,
}


# --- The records ---


def extend(part: str, record: Mapping[str, Any], n: int, command: str) -> dict[str, Any]:
    """The record of a part for the first `n` test reviews; those that it has are not read again."""
    done = record.get("reviews", 0)
    some = sets()[1][done:n]
    labels = [float(test.answer == CLASSES[1]) for test in sets()[1][:n]]
    found: dict[str, Any] = {}
    with cpu_seconds() as seconds:
        for name, cell in PARTS[part]().items():
            old = record.get("cells", {}).get(name, {})
            columns = dict(zip(COLUMNS, cell.measure([test.text for test in some]), strict=True))
            lines = {key: trained.numbers(old.get(key, "")) + column for key, column in columns.items()}
            found[name] = {
                **(cell.about or {}),
                "accuracy": share_right(lines["positive"], labels),
                "calibrated_accuracy": share_right(lines["calibrated"], labels),
                **{key: trained.one_line(line) for key, line in lines.items()},
            }
    return {
        "command": command,
        "cpu_seconds": round(record.get("cpu_seconds", 0.0) + seconds(), 3),
        "reviews": n,
        "labels": trained.one_line(labels),
        "cells": found,
    }


def share_right(positive: Sequence[float], labels: Sequence[float]) -> float:
    """The share of reviews whose more probable word is that of their label."""
    return sum((p > 0.5) == bool(label) for p, label in zip(positive, labels, strict=True)) / len(labels)


def prefix(command: str) -> dict[str, Any]:
    """What reading the shots once saves: CPU seconds of the same scores, and how far they differ."""
    model, tokenizer = load_once()
    template = WORDINGS["review"]
    prompts = [template.render(test.text, shots_of_draw(0, max(K))) for test in sets()[1][:N_TIMED]]
    found, scores = {}, []
    for name, share in (("shared", True), ("apart", False)):
        with cpu_seconds() as seconds:
            scores.append(
                answer_scores(model, tokenizer, prompts, template.answers(CLASSES), share_prefix=share, batch_size=4)
            )
        found[f"{name}_cpu_seconds"] = seconds()
    return {
        "command": command,
        "reviews": N_TIMED,
        "shots": max(K),
        **found,
        "largest_difference": (scores[0] - scores[1]).abs().max().item(),
    }


def recipes() -> Mapping[str, object]:
    """What is measured, by the names of the records."""
    return {**PARTS, "prefix": prefix}


def main(parts: Sequence[str], n_tests: int, threads: int, *, missing: bool) -> None:
    torch.set_num_threads(threads)

    def command(part: str) -> str:
        return f"python -m experiments.{NAME} {part} --tests {n_tests} --seeds 0 --threads {threads}"

    kept = {part for part in parts if missing and has_record(NAME, part)}
    records = {part: trained.record_of(NAME, part) if part in kept else {} for part in parts}
    for n in [*range(BLOCK, n_tests, BLOCK), n_tests]:
        for part in parts:
            if part in PARTS and records[part].get("reviews", 0) < n:
                written = command(part).replace(f"--tests {n_tests}", f"--tests {n}")
                records[part] = extend(part, records[part], n, written)
                trained.save_record(NAME, part, 0, records[part])
                print(f"{written}: {records[part]['cpu_seconds']:.0f} s", flush=True)
        if "prefix" in parts and not records["prefix"]:
            records["prefix"] = prefix(command("prefix"))
            trained.save_record(NAME, "prefix", 0, records["prefix"])


if __name__ == "__main__":
    arguments = parts_to_measure(NAME, list(recipes()), tests=N_TEST, most=N_TEST)
    main(arguments.parts, arguments.tests, arguments.threads, missing=arguments.missing)
