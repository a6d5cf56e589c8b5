"""Requests and the calls that answer them, in three sets without a function in common, and what is read with each.

A request is read without a document, with that of the function that answers, with what a search found, with wrong ones
alone, or with that of a changed catalog, in which every name is another: does the call follow what is read?
"""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.data.api_calls import KINDS, Answer, CallTask, api_call_tasks, split_by_function
from course.data.api_functions import Function
from course.data.splits import hash_fraction
from course.messages import _
from course.pretrained import load_tokenizer
from course.rag import BM25, best_hits
from course.tasks.boolq_retrieval import sentence_encoder
from course.tasks.renamed_functions import renamed, renamed_answer
from course.tools import Catalog, answering_call, check_call

MOST_TOKENS: Mapping[str, int] = {"question": 60, "document": 100, "answer": 40}
DESCRIPTION_WORDS = 20  # of a document in a prompt
K = 3  # documents that are read
SETTINGS = ("none", "oracle", "retrieved", "bad", "changed")
METHODS = ("bm25", "dense")


class CallSets(NamedTuple):
    """Tasks to train on, to choose a retriever with, and to measure with; of the latter two one for each function."""

    training: list[CallTask]
    validation: list[CallTask]
    test: list[CallTask]


class Reading(NamedTuple):
    """A question with the documents that are read, and what the call is compared with."""

    question: str
    documents: tuple[Function, ...]
    answer: Answer
    catalog: Catalog
    reference: str


def right_function(task: CallTask) -> Function:
    """The function that answers, as the task documents it."""
    return next(function for function in task.functions if function.name == task.answers[0].name)


def right_call(task: CallTask) -> str:
    """The shortest call that answers, which is what a model is trained to write."""
    return str(answering_call(task.answers[0], right_function(task)))


def document(function: Function) -> str:
    """A line for a prompt: the signature, and the first words of what the function is for."""
    sentence = " ".join(function.description.split()).split(". ")[0].rstrip(".").split(" ")
    return f"{function.signature()}  # {' '.join(sentence[:DESCRIPTION_WORDS])}"


@functools.cache
def call_sets() -> CallSets:
    """The tasks of all kinds that are short enough and have a call that answers.

    No function of a set is in another, neither to be called nor beside the right one. Raises `AssetError` as the data
    do.
    """
    training, (validation, test) = split_by_function([task for kind in KINDS for task in api_call_tasks(kind)])
    usable = [[task for task in of_set if is_usable(task)] for of_set in (training, validation, test)]
    return CallSets(usable[0], one_of_each(usable[1]), one_of_each(usable[2]))


def is_usable(task: CallTask) -> bool:
    """Whether question, document and answer are within `MOST_TOKENS`, and some call answers."""
    texts = {"question": task.question, "document": document(right_function(task)), "answer": right_call(task)}
    tokenizer = _tokenizer()
    return all(len(tokenizer.encode(texts[name])) <= most for name, most in MOST_TOKENS.items()) and _has_answer(task)


_tokenizer = functools.cache(lambda: load_tokenizer("smollm2"))


def _has_answer(task: CallTask) -> bool:
    function = right_function(task)
    return check_call(answering_call(task.answers[0], function), function, task.answers[0].allowed).right


def one_of_each(tasks: Sequence[CallTask]) -> list[CallTask]:
    """For each function that answers one of its tasks, drawn, in the order of the whole.

    Requests for the same function are right or wrong together; drawn so, the tasks are independent items.
    """
    chosen: dict[str, CallTask] = {}
    for task in tasks:
        known = chosen.get(task.answers[0].name)
        if known is None or hash_fraction(task.id, 0) < hash_fraction(known.id, 0):
            chosen[task.answers[0].name] = task
    return [task for task in tasks if chosen[task.answers[0].name] is task]


def catalog_of(*sets: Sequence[CallTask]) -> Catalog:
    """All functions of the tasks. Of several that share a name it has one: that which answers a task of the first sets,
    or else the first that stands beside a right one."""
    functions: dict[str, Function] = {}
    for of_set in sets:
        for task in of_set:
            functions.setdefault(task.answers[0].name, right_function(task))
    for of_set in sets:
        for task in of_set:
            for function in task.functions:
                functions.setdefault(function.name, function)
    return Catalog(functions.values())


@functools.cache
def whole_catalog() -> Catalog:
    """The functions of all tasks, of every kind and length; those of `call_sets` in the version of their task."""
    sets = call_sets()
    return catalog_of(
        sets.test, sets.validation, sets.training, [one for kind in KINDS for one in api_call_tasks(kind)]
    )


@functools.cache
def training_catalog() -> Catalog:
    """The functions of training tasks alone, where the wrong documents of a training come from."""
    return catalog_of(call_sets().training)


def searched_text(function: Function) -> str:
    """What a search reads of a function: its signature and its whole description."""
    return f"{function.signature()}\n{function.description}"


def rankings(questions: Sequence[str], catalog: Catalog, method: str, k: int) -> list[list[Function]]:
    """The best `k` functions of the catalog for each question, found by "bm25" or by MiniLM's vectors ("dense").

    Raises `ValueError` for another method.
    """
    functions = list(catalog)
    if method == "bm25":
        index = BM25(list(map(searched_text, functions)))
        scores = torch.stack([index.scores(question) for question in questions])
    elif method == "dense":
        scores = sentence_encoder().encode(list(questions)) @ catalog_vectors(catalog).T
    else:
        raise ValueError(
            _("There is no method {method!r}. There are: {known}.").format(method=method, known=", ".join(METHODS))
        )
    return [[functions[hit.index] for hit in best_hits(of_question, k)] for of_question in scores]


@functools.cache
def catalog_vectors(catalog: Catalog) -> Float[Tensor, "function feature"]:
    """A vector for each function."""
    return sentence_encoder().encode(list(map(searched_text, catalog)))


def readings(
    tasks: Sequence[CallTask], setting: str, catalog: Catalog, *, method: str = METHODS[0], k: int = K
) -> list[Reading]:
    """What is read with each task in one of `SETTINGS`.

    "retrieved" has the best `k` documents, "bad" the best `k` that are wrong. In "changed" the document is the right
    one, but all names of functions and parameters are others, in the catalog and in what is right as well. Raises
    `ValueError` for another setting.
    """
    right = [catalog[task.answers[0].name] for task in tasks]
    if setting == "none":
        documents: list[tuple[Function, ...]] = [()] * len(tasks)
    elif setting in ("oracle", "changed"):
        documents = [(function,) for function in right]
    elif setting in ("retrieved", "bad"):
        ranked = rankings([task.question for task in tasks], catalog, method, k + 1)
        if setting == "bad":
            ranked = [
                [one for one in of_task if one.name != function.name]
                for of_task, function in zip(ranked, right, strict=True)
            ]
        documents = [tuple(of_task[:k]) for of_task in ranked]
    else:
        raise ValueError(
            _("There is no setting {setting!r}. There are: {known}.").format(setting=setting, known=", ".join(SETTINGS))
        )
    if setting == "changed":
        changed = Catalog(map(renamed, catalog))
        return [
            _reading(task.question, (renamed(function),), renamed_answer(task.answers[0]), changed)
            for task, function in zip(tasks, right, strict=True)
        ]
    return [
        _reading(task.question, read, task.answers[0], catalog) for task, read in zip(tasks, documents, strict=True)
    ]


def _reading(question: str, documents: tuple[Function, ...], answer: Answer, catalog: Catalog) -> Reading:
    return Reading(question, documents, answer, catalog, str(answering_call(answer, catalog[answer.name])))
