"""What the classifiers read: a text, two texts, or a list of words, as ids with their mask and token types."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

import course
from course.bert import Inputs
from course.layers.sizes import require_whole
from course.messages import _
from course.tokenization import Tokenizer, WordPiece
from course.training import pad_rows

LEAST_LENGTH = 4  # [CLS], a piece, [SEP] and, of a pair, one more [SEP]


class Row(NamedTuple):
    """One input, not yet padded.

    `token_types` is 0 for the first text and 1 for the second. `first_pieces` are the positions of each word's first
    piece, where the input is a list of words; a word that was cut off has none.
    """

    ids: list[int]
    token_types: list[int]
    first_pieces: list[int]


def text_row(tokenizer: WordPiece, text: str, limit: int) -> Row:
    """[CLS] text [SEP]. Of a text that is longer than `limit` tokens in all, the end is cut off.

    Raises `ValueError` for a limit below `LEAST_LENGTH`.
    """
    _require_limit(limit)
    cls, sep = _marks(tokenizer)
    ids = [cls, *tokenizer.encode(text)[: limit - 2], sep]
    return Row(ids, [0] * len(ids), [])


def pair_row(tokenizer: WordPiece, first: str, second: str, limit: int) -> Row:
    """[CLS] first [SEP] second [SEP]; the second text and its [SEP] have the token type 1.

    Of a pair that is longer than `limit` tokens in all, the longer text loses its end, until both are equally long;
    then both do. Raises `ValueError` for a limit below `LEAST_LENGTH`.

    Source: Devlin et al. 2019, section 3; the cut: `_truncate_seq_pair` of the authors' code, google-research/bert.
    """
    _require_limit(limit)
    cls, sep = _marks(tokenizer)
    one, other = tokenizer.encode(first), tokenizer.encode(second)
    room = limit - 3
    n_one = min(len(one), max(room - len(other), (room + 1) // 2))
    one, other = one[:n_one], other[: room - n_one]
    return Row([cls, *one, sep, *other, sep], [0] * (len(one) + 2) + [1] * (len(other) + 1), [])


def words_row(tokenizer: WordPiece, words: Sequence[str], limit: int) -> Row:
    """[CLS] the pieces of each word [SEP], and where each word begins.

    A word in which the tokenizer finds no piece (a control character alone) is [UNK], so that each has a first piece.
    Words whose first piece would be beyond `limit` tokens are cut off. Raises `ValueError` for a limit below
    `LEAST_LENGTH`.

    Source: Devlin et al. 2019, section 5.3.
    """
    _require_limit(limit)
    cls, sep = _marks(tokenizer)
    ids, first_pieces = [cls], []
    for word in words:
        if len(ids) >= limit - 1:
            break
        first_pieces.append(len(ids))
        ids += tokenizer.encode(word) or [tokenizer.unknown_id]
    ids = [*ids[: limit - 1], sep]
    return Row(ids, [0] * len(ids), first_pieces)


def prompt_row(tokenizer: Tokenizer, text: str, limit: int) -> Row:
    """The tokens of a text alone, as a decoder reads them; of a longer text, the last `limit`.

    The end is kept because the last token is what the classifier reads. Raises `ValueError` for a text without tokens
    and a limit below 1.
    """
    require_whole(limit, "limit")  # the last 0 of a list are all of it
    ids = tokenizer.encode(text)[-limit:]
    if not ids:
        raise ValueError(_("{text!r} has no tokens, and a decoder has nothing to read.").format(text=text))
    return Row(ids, [0] * len(ids), [])


def pad_inputs(rows: Sequence[Row], pad_id: int, device: torch.device | None = None) -> Inputs:
    """The rows as one batch, on `device` or else on the course's. Raises `ValueError` when there are none."""
    device = device or course.device()
    ids = pad_rows([row.ids for row in rows], pad_id)
    token_types = pad_rows([row.token_types for row in rows], 0)
    lengths = torch.tensor([[len(row.ids)] for row in rows])
    attention_mask = torch.arange(ids.shape[1]) < lengths  # by length: text may have the id of the padding in it
    return Inputs(ids.to(device), attention_mask.to(device), token_types.to(device))


def require_list(texts: object) -> None:
    """Raises `TypeError` for one text in the place of several: each of its characters would count as a text."""
    if isinstance(texts, str):
        raise TypeError(_("{text!r} is one text; give a list of texts, [text] for one.").format(text=texts))


def _marks(tokenizer: WordPiece) -> tuple[int, int]:
    return tokenizer.special.ids["[CLS]"], tokenizer.special.ids["[SEP]"]


def _require_limit(limit: int) -> None:
    if limit < LEAST_LENGTH:
        raise ValueError(
            _("The limit is {limit} tokens, and an input needs {least}: allow that many or more.").format(
                limit=limit, least=LEAST_LENGTH
            )
        )
