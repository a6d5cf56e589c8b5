"""The exercises of the lesson `rag`, in the order of the lesson."""

from course.exercises.rag.answer import ANSWER_PLACE
from course.exercises.rag.bm25 import BM25_SCORE
from course.exercises.rag.chunks import CHUNK_WORDS
from course.exercises.rag.fusion import RECIPROCAL_RANK_FUSION
from course.exercises.rag.nearest import NEAREST
from course.exercises.rag.recall import RECALL_AT_K
from course.exercises.rag.vectors import SENTENCE_VECTORS

EXERCISES = (
    CHUNK_WORDS,
    SENTENCE_VECTORS,
    NEAREST,
    BM25_SCORE,
    RECALL_AT_K,
    RECIPROCAL_RANK_FUSION,
    ANSWER_PLACE,
)
