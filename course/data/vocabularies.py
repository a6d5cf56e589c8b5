"""The vocabularies of published tokenizers, for comparison with our own."""

import base64

from course.data.fetch import path


def gpt2_ranks() -> dict[bytes, int]:
    """GPT-2's 50,256 byte-level tokens, each with its rank: the 256 bytes first, then the merges in the order learned.

    The special token `<|endoftext|>`, id 50,256, is not among them. Source: OpenAI, modified MIT licence.
    Raises `AssetError` when the file is not available.
    """
    lines = path("gpt2-vocab").read_text(encoding="ascii").splitlines()
    return {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines)}
