"""The cross-encoder that `experiments.reranking` trained, as it is used: beside the cosine that found the passages."""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from course import trained
from course.peft import merge
from course.pretrained import load
from course.rag import CrossEncoder

LIMIT = 160  # tokens of a question with its passage
COSINE_SCALE = 20.0  # what MiniLM's cosines were multiplied by in its training


def stored_reranker() -> CrossEncoder:
    """MiniLM with the LoRA weights merged and the head, in eval mode. Its scores are what is added to the cosine's."""
    model = CrossEncoder(*load("minilm"), limit=LIMIT)
    merge(trained.load_method("reranking/cross-encoder", model))
    return model.requires_grad_(False).eval()


def reranking_scores(
    model: CrossEncoder, question: str, passages: Sequence[str], cosines: Float[Tensor, "passage"]
) -> Float[Tensor, "passage"]:
    """`COSINE_SCALE` times the cosine of each passage with the question, plus the score of reading both together."""
    return COSINE_SCALE * cosines + model.scores(question, passages)
