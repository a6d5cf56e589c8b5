"""What the exercises of the lesson `rag` ask for is what the course computes."""

from random import Random

import pytest
import torch

from course import rag
from course.exercises.rag.bm25 import bm25_score
from course.exercises.rag.fusion import reciprocal_rank_fusion
from course.exercises.rag.nearest import nearest
from tests.exercises.inputs.rag import halves, queries_and_passages, rankings_to_fuse


def some(inputs):
    return [arguments for arguments, _number in zip(inputs(Random(1)), range(50), strict=False)]


@pytest.mark.parametrize("arguments", some(queries_and_passages))
def test_bm25_is_that_of_the_course(arguments):
    query, passage, passages, k1, b = arguments
    if query:
        scores = rag.BM25(passages, k1=k1, b=b).scores(query)
        assert bm25_score(*arguments) == pytest.approx(scores[passages.index(passage)].item())


def test_fusion_is_that_of_the_course():
    for rankings, k in some(rankings_to_fuse):
        assert reciprocal_rank_fusion(rankings, k) == [hit.index for hit in rag.reciprocal_rank_fusion(rankings, k=k)]


def test_exact_search_is_that_of_the_course():
    query, vectors = torch.nn.functional.normalize(halves(Random(0), 21, 6) + 0.1, dim=1).split([1, 20])
    assert nearest(query[0], vectors, 5) == [hit.index for hit in rag.exact_search(query[0], vectors, 5)]
