"""Pre-training BERTs on Wikipedia's text, and measuring how well they find a word that was hidden."""

import functools
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

import course
from course import trained
from course.bert import (
    Bert,
    BertConfig,
    Corrupted,
    CorruptedRow,
    MaskedLanguageModel,
    Objective,
    Pieces,
    Segments,
    one_sided,
    segment_pairs,
    sentence_ids,
)
from course.bert.objective import labels_at
from course.data.splits import draw
from course.messages import _
from course.tasks.corpus import corpus, training_text
from course.tokenization import WordPiece
from course.training import History, ShuffledBatches, adamw, linear_schedule, train

SOURCES = ("encyclopedia", "passages")  # both of Wikipedia: documents of several sentences about one subject
VOCABULARY = "vocab.txt"  # beside the records of the experiment "bert"
VOCAB_SIZE = 4096
LENGTH = 64  # tokens of an input, special ones included
# Rotary positions: with BERT's learned ones a model of this size hardly uses the words around a gap in as many steps.
SMALL = BertConfig(
    VOCAB_SIZE, context_length=LENGTH, d_model=128, n_layers=2, n_heads=4, d_ff=512, dropout=0.0, positions="rotary"
)
LEAST_COUNT = 10  # of a letter that is in the vocabulary


# --- Text ---


def learn_vocabulary() -> WordPiece:
    """A WordPiece vocabulary of `VOCAB_SIZE` tokens, from the training documents of `SOURCES`.

    Letters that occur fewer than `LEAST_COUNT` times are left out of the text: signs of all the world's scripts would
    otherwise take up a part of the vocabulary. A word with such a letter is [UNK] later.
    """
    text = training_text(corpus(*SOURCES))
    rare = {ord(letter): None for letter, count in Counter(text).items() if count < LEAST_COUNT}
    return WordPiece.train(text.translate(rare), VOCAB_SIZE)


@functools.cache
def small_tokenizer() -> WordPiece:
    """The vocabulary that `learn_vocabulary` made, as it is stored."""
    return WordPiece.from_vocab(trained.place.FOLDER / "bert" / VOCABULARY)


def document_pairs(
    part: str, tokenizer: WordPiece, length: int = LENGTH, *, most: int | None = None, seed: int = 0
) -> list[Segments]:
    """The "train", "validation" or "test" documents of `SOURCES`, or `most` of them, drawn, in pairs of segments.

    Without their titles: a title is no sentence, and beside the text that follows it both the next text and the order
    of the two would be told at a glance. Raises `ValueError` for another part.
    """
    if part not in ("train", "validation", "test"):
        raise ValueError(
            _("There is no part {part!r}. There are: {known}.").format(part=part, known="train, validation, test")
        )
    texts = [text for of_source in corpus(*SOURCES).values() for text in getattr(of_source, part)]
    texts = texts if most is None else draw(texts, min(most, len(texts)), seed)
    bodies = [text.partition("\n\n")[2] for text in texts]  # the title is the first paragraph
    return segment_pairs(sentence_ids(bodies, tokenizer), length, np.random.default_rng(seed))


@functools.cache
def small_pairs(part: str) -> list[Segments]:
    """The pairs for models with the small vocabulary."""
    return document_pairs(part, small_tokenizer())


def word_counts(pairs: Sequence[Segments], pieces: Pieces) -> Int[np.ndarray, " vocab"]:
    """How often each token is a whole word in these pairs: where it begins a longer word, it is not counted."""
    end = pieces.sep_id  # continues no word, so that none goes on into the next text
    ids = np.concatenate([np.array([end]), *(np.array([*pair.first, end, *pair.second, end]) for pair in pairs)])
    begins = ~pieces.continues[ids]
    whole = begins & np.append(begins[1:], True) & ~pieces.special[ids]
    return np.bincount(ids[whole], minlength=len(pieces.special))


# --- Training ---


class CorruptedBatches:
    """Batches of an objective: the items of each epoch in another order, and corrupted anew each time they come."""

    def __init__(self, items: Sequence[Segments], objective: Objective, batch_size: int, seed: int = 0) -> None:
        self.items = ShuffledBatches(items, batch_size, list, seed=seed, length=lambda one: len(one[0]) + len(one[1]))
        self.objective, self.seed = objective, seed

    def __getitem__(self, step: int) -> Corrupted:
        return self.objective.batch(self.items[step], np.random.default_rng([self.seed, step]))


class Pretraining(nn.Module):
    """A body and the objective that it learns from, so that both are trained. `side`: see `one_sided`."""

    def __init__(self, body: Bert, objective: Objective, side: str = "both") -> None:
        super().__init__()
        self.body, self.objective, self.side = body, objective, side

    def loss(self, batch: Corrupted) -> Float[Tensor, ""]:
        if self.side != "both":
            batch = batch._replace(inputs=one_sided(batch.inputs, self.side))
        return self.objective.loss(self.body, batch)


def pretrain_bert(
    body: Bert,
    objective: Objective,
    items: Sequence[Segments],
    *,
    steps: int,
    learning_rate: float,
    batch_size: int = 32,
    side: str = "both",
    seed: int = 0,
    **options: Any,
) -> History:
    """Train the body and the objective's head on these items, both on the body's device, and leave them in eval mode.

    The rate rises over the first tenth of the steps and falls to 0. `options` are arguments of `course.training.train`.
    """
    model = Pretraining(body, objective.to(body.embedding.tokens.weight.device), side)
    return train(
        model,
        CorruptedBatches(items, objective, batch_size, seed),
        lambda _model, batch: model.loss(batch),
        adamw(model, learning_rate=learning_rate, weight_decay=0.01, betas=(0.9, 0.98)),
        steps=steps,
        seed=seed,
        learning_rate=linear_schedule(learning_rate, steps, max(1, steps // 10)),
        max_gradient_norm=1.0,
        **options,
    )


# --- How well is a hidden word found? ---


def hide_a_word(pairs: Sequence[Segments], pieces: Pieces, seed: int = 0) -> list[CorruptedRow]:
    """Of each pair one word of a single piece, letters alone, is [MASK], and the label there is that word.

    So nothing of the word is left to be seen. A pair without such a word is left out.
    """
    rng = np.random.default_rng(seed)
    letters = np.array([token.isalpha() for token in pieces.tokenizer.tokens])
    found = []
    for pair in pairs:
        row = pieces.row(pair)
        places = [word.start for word in pieces.words(row.ids) if len(word) == 1 and letters[row.ids[word.start]]]
        if places:
            place = int(rng.choice(places))
            read = row.ids.copy()
            read[place] = pieces.mask_id
            found.append(CorruptedRow(row._replace(ids=read), labels_at([place], row.ids)))
    return found


class Found(NamedTuple):
    """Of each hidden word: its id, how many other tokens the model finds at least as probable, and the loss, in nats.

    A rank of 0 is a right first guess. A model that finds all tokens equally probable has none.
    """

    ids: Int[np.ndarray, " word"]
    ranks: Int[np.ndarray, " word"]
    losses: Float[np.ndarray, " word"]

    def share_in_first(self, n: int) -> float:
        """The share of words that are among the `n` most probable tokens."""
        return float((self.ranks < n).mean())


@torch.no_grad()
def find_words(
    model: MaskedLanguageModel,
    rows: Sequence[CorruptedRow],
    pieces: Pieces,
    *,
    side: str = "both",
    batch_size: int = 64,
) -> Found:
    """The model's rank of each hidden word, in the order of the rows. Special tokens and unused ones are no guesses.

    Raises `ValueError` without rows, and for a model whose logits are no numbers.
    """
    if not rows:
        raise ValueError(_("There is no hidden word to find."))
    ids, ranks, losses = [], [], []
    never = torch.from_numpy(pieces.never_drawn).to(course.device())
    for first in range(0, len(rows), batch_size):
        batch = pieces.batch(rows[first : first + batch_size])
        inputs = batch.inputs if side == "both" else one_sided(batch.inputs, side)
        logits = model.unembed(model.body(*inputs)[batch.has_loss]).masked_fill(never, -torch.inf)
        if logits.isnan().any():
            raise ValueError(_("The model's logits are NaN: it has no guesses. Its training may have diverged."))
        wanted = batch.labels[batch.has_loss]
        ranks.append((logits >= logits.gather(1, wanted[:, None])).sum(dim=1).sub(1).cpu().numpy())
        ids.append(wanted.cpu().numpy())
        losses.append(F.cross_entropy(logits, wanted, reduction="none").cpu().numpy())
    return Found(np.concatenate(ids), np.concatenate(ranks), np.concatenate(losses))


def word_record(found: Found, counts: Int[np.ndarray, " vocab"]) -> dict[str, Any]:
    """What a record keeps of a test: the shares, and of each word its rank and its `word_counts` in training."""
    return {
        "error_rate": 1 - found.share_in_first(1),
        "top_5": found.share_in_first(5),
        "loss": float(found.losses.mean()),
        "items": {
            "errors": trained.one_line((found.ranks > 0).astype(int).tolist()),
            "symbols": trained.one_line([1] * len(found.ranks)),
            "rank": trained.one_line(found.ranks.tolist()),
            "frequency": trained.one_line(counts[found.ids].tolist()),
        },
    }
