"""What goes into a vector store, checked before anything is written."""

from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course.messages import _
from course.rag.chunks import Chunk

Metadata = Mapping[str, str | int]
FIELDS = ("document", "title", "address", "start", "end")
BYTES_AT_ONCE = 16 * 2**20  # a server refuses requests above 40 MB
BYTES_PER_NUMBER = 6  # of a vector on its way to a server, as text


def metadata(chunk: Chunk) -> dict[str, str | int]:
    """Where a chunk is: its document with title and address, and its characters there."""
    document = chunk.document
    found = (document.id, document.title, document.address, chunk.start, chunk.end)
    return dict(zip(FIELDS, found, strict=True))


def condition(where: Metadata | None) -> dict[str, object] | None:
    """The fields that a hit has to have, as Chroma writes it: all of them.

    Raises `ValueError` for a field that no chunk has: nothing would be found.
    """
    if not where:
        return None
    for field, value in where.items():
        if field not in FIELDS or isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(
                _("No chunk can have {field} = {value!r}: filter by a text or number of {fields}.").format(
                    field=field, value=value, fields=", ".join(FIELDS)
                )
            )
    each: list[dict[str, object]] = [{field: {"$eq": value}} for field, value in where.items()]
    return each[0] if len(each) == 1 else {"$and": each}


def require_vectors(vectors: Tensor, stored: int | None) -> Float[Tensor, "chunk width"]:
    """The vectors in float32 on the CPU.

    Raises `ValueError` for a shape that is not (chunk, width), for another width than that of the vectors `stored`, and
    for a vector without direction: with a number that is not finite, or with nothing but zeros.
    """
    if vectors.ndim != 2:
        raise ValueError(
            _("The vectors have the shape {shape}; it must be (chunk, width).").format(shape=tuple(vectors.shape))
        )
    if stored is not None and vectors.shape[1] != stored:
        raise ValueError(
            _(
                "The store holds vectors of {stored} numbers, these have {width}: embed with the same model, or open a "
                "store of another name."
            ).format(stored=stored, width=vectors.shape[1])
        )
    vectors = vectors.detach().to("cpu", torch.float32)
    lengths = vectors.double().norm(dim=1)
    useless = (~(lengths.isfinite() & (lengths > 0))).nonzero()
    if len(useless):
        number = int(useless[0])
        raise ValueError(
            _("Vector {number} has the length {length}, so it points nowhere: embed its text again.").format(
                number=number, length=lengths[number].item()
            )
        )
    return vectors


def distinct(chunks: Sequence[Chunk], vectors: Float[Tensor, "chunk width"]) -> list[int]:
    """The numbers of the chunks, of equal ones the first.

    Raises `ValueError` when there are not as many vectors, and for one id of two texts or of two vectors.
    """
    if len(chunks) != len(vectors):
        raise ValueError(
            _("There are {chunks} chunks and {vectors} vectors: give one vector for each chunk.").format(
                chunks=len(chunks), vectors=len(vectors)
            )
        )
    first: dict[str, int] = {}
    for number, chunk in enumerate(chunks):
        earlier = first.setdefault(chunk.id, number)
        if chunks[earlier] != chunk or not torch.equal(vectors[earlier], vectors[number]):
            raise ValueError(
                _(
                    "Chunks {first} and {second} have the id {id!r}, but not the same text and vector: give each "
                    "document its own id."
                ).format(first=earlier, second=number, id=chunk.id)
            )
    return list(first.values())


def batches(numbers: Sequence[int], width: int, at_most: int) -> Iterator[Sequence[int]]:
    """The numbers in batches of `at_most`, or of fewer where vectors are wide."""
    size = max(1, min(at_most, BYTES_AT_ONCE // (BYTES_PER_NUMBER * width)))
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
