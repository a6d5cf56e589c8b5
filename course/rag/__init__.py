"""RAG: find the passages that a question needs, put them into the prompt, and check the answer against them."""

from course.rag.bm25 import BM25, words
from course.rag.chroma import StoreError
from course.rag.chroma_server import running_server
from course.rag.chunks import Chunk, Document, chunk, chunk_all, without_overlaps
from course.rag.cross_encoder import CrossEncoder, CrossEncoderConfig, contrastive_loss, rerank
from course.rag.embedding import SentenceEncoder
from course.rag.fusion import reciprocal_rank_fusion, score_fusion
from course.rag.prompt import Citations, answer_span, build_prompt, cited_numbers, supported, supporting
from course.rag.search import Hit, best_hits, exact_search, exact_searches
from course.rag.store import ChromaStore, StoredHit, open_store
from course.rag.store_index import Hnsw

__all__ = [
    "BM25",
    "ChromaStore",
    "Chunk",
    "Citations",
    "CrossEncoder",
    "CrossEncoderConfig",
    "Document",
    "Hit",
    "Hnsw",
    "SentenceEncoder",
    "StoreError",
    "StoredHit",
    "answer_span",
    "best_hits",
    "build_prompt",
    "chunk",
    "chunk_all",
    "cited_numbers",
    "contrastive_loss",
    "exact_search",
    "exact_searches",
    "open_store",
    "reciprocal_rank_fusion",
    "rerank",
    "running_server",
    "score_fusion",
    "supported",
    "supporting",
    "without_overlaps",
    "words",
]
