"""Which examples a prompt shows: drawn at random, balanced by answer, or those nearest to the input."""

import random
from collections import Counter
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course.bert import Bert
from course.bert.model import encode_batch, sentence_embeddings
from course.data.overlap import disjoint
from course.fine_tuning.inputs import require_list
from course.fine_tuning.predictions import evaluating
from course.layers.sizes import require_whole
from course.messages import _
from course.prompting.template import Shot
from course.tokenization import WordPiece


def random_shots(pool: Sequence[Shot], k: int, seed: int = 0) -> list[Shot]:
    """`k` shots of the pool, drawn without replacement, in a random order.

    Raises `ValueError` for a `k` that is no whole number from 0 to the pool's size, and for a `seed` that is none from
    0: Python draws the same for −1 and 1.
    """
    _require_k(k, len(pool))
    require_whole(seed, "seed", least=0)
    return random.Random(seed).sample(list(pool), k)


def balanced_shots(pool: Sequence[Shot], k: int, seed: int = 0) -> list[Shot]:
    """`k` shots with as many of each answer as can be, one more of some where `k` does not divide, in a random order.

    One more is taken of answers of which the pool has one more. Raises `ValueError` as `random_shots` does, and for an
    answer of which the pool has too few.
    """
    _require_k(k, len(pool))
    require_whole(seed, "seed", least=0)
    rng = random.Random(seed)
    answers = sorted({shot.answer for shot in pool})
    rng.shuffle(answers)  # which answers have one more
    counts = Counter(shot.answer for shot in pool)
    least, more = divmod(k, len(answers)) if answers else (0, 0)
    answers.sort(key=lambda answer: counts[answer] <= least)
    chosen: list[Shot] = []
    for number, answer in enumerate(answers):
        of_answer = [shot for shot in pool if shot.answer == answer]
        n = least + (number < more)
        if n > len(of_answer):
            raise ValueError(
                _("{k} balanced shots need {n} with the answer {answer!r}, and the pool has {count}.").format(
                    k=k, n=n, answer=answer, count=len(of_answer)
                )
            )
        chosen += rng.sample(of_answer, n)
    rng.shuffle(chosen)
    return chosen


def nearest_shots(
    pool: Sequence[Shot], embeddings: Float[Tensor, "shot d_model"], query: Float[Tensor, "d_model"], k: int
) -> list[Shot]:
    """The `k` shots whose embeddings have the largest cosine with the query's; the nearest comes last, by the input.

    Raises `ValueError` as `random_shots` does, unless there is one embedding for each shot of the pool, of the query's
    size, and for embeddings that are not finite: NaN would be nearest to everything.

    Source: Liu et al. 2022, "What Makes Good In-Context Examples for GPT-3?".
    """
    _require_k(k, len(pool))
    if len(embeddings) != len(pool):
        raise ValueError(
            _("There are {shots} shots and {n} embeddings: each shot needs one.").format(
                shots=len(pool), n=len(embeddings)
            )
        )
    if embeddings.shape[1:] != query.shape:
        raise ValueError(
            _("The query's embedding has the shape {query}, and each shot's {shot}: take both from one model.").format(
                query=tuple(query.shape), shot=tuple(embeddings.shape[1:])
            )
        )
    if not (embeddings.isfinite().all() and query.isfinite().all()):
        raise ValueError(_("There are embeddings that are NaN or infinite: nothing is near to them."))
    cosines = torch.cosine_similarity(embeddings, query[None], dim=-1)
    order = cosines.argsort(descending=True, stable=True)[:k].tolist()
    return [pool[number] for number in reversed(order)]


@torch.no_grad()
def text_embeddings(
    model: Bert, tokenizer: WordPiece, texts: Sequence[str], *, batch_size: int = 64
) -> Float[Tensor, "text d_model"]:
    """A vector of length 1 for each text: the mean of its tokens' states, padding left out.

    Raises `ValueError` for no texts and for a batch size below 1, `TypeError` for one text in the place of several.

    Source: Reimers and Gurevych 2019, section 3.
    """
    require_list(texts)
    require_whole(batch_size, "batch_size")
    if not texts:
        raise ValueError(_("There are no texts. Give one or more."))
    device = next(model.parameters()).device
    found = []
    with evaluating(model):
        for start in range(0, len(texts), batch_size):
            ids, mask = encode_batch(tokenizer, texts[start : start + batch_size], device)
            found.append(sentence_embeddings(model(ids, mask), mask))
    return torch.cat(found)


def apart(pool: Sequence[Shot], tests: Sequence[Shot]) -> tuple[list[Shot], list[Shot]]:
    """Both sets, once it is sure that no text and no group is in both: a shot must not give away a test.

    Raises `ValueError` naming the text, as `disjoint` does, or the group that is in both.
    """
    shared = sorted({shot.group for shot in pool if shot.group} & {test.group for test in tests})
    if shared:
        raise ValueError(
            _("The group {group!r} is in the pool of shots and in the test set: leave it out of one.").format(
                group=shared[0]
            )
        )
    train, (held_out,) = disjoint(pool, tests, text=lambda shot: shot.text, names=(_("pool of shots"), _("test")))
    return train, held_out


def _require_k(k: int, size: int) -> None:
    require_whole(k, "k", least=0)
    if k > size:
        raise ValueError(
            _("{k} shots cannot be chosen from {size}: ask for fewer, or give more.").format(k=k, size=size)
        )
