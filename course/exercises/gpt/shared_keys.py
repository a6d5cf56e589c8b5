"""Exercise on grouped-query attention: key heads that serve several query heads."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def share_heads(keys: "Tensor", n_heads: int) -> "Tensor":
    """Give each query head its key head, where several query heads share one.

    keys: (batch, kv_heads, position, d_head). The answer: (batch, n_heads, position, d_head).
    n_heads is a multiple of kv_heads; neighboring query heads share: with 6 query heads and 2 key
    heads, query heads 0, 1 and 2 use key head 0, and 3, 4 and 5 use key head 1.

    >>> import torch
    >>> keys = torch.tensor([[[[1.0]], [[2.0]]]])  # 1 sequence, 2 key heads, 1 position, 1 number
    >>> share_heads(keys, n_heads=4).flatten().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """
    return keys.repeat_interleave(n_heads // keys.shape[1], dim=1)


def _share_heads_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(7)
    cases: list[tuple] = [(torch.tensor([[[[1.0]], [[2.0]]]]), 4)]
    for batch, kv_heads, position, d_head, n_heads in [
        (1, 2, 1, 2, 6),
        (1, 1, 2, 2, 3),
        (2, 3, 2, 2, 6),
        (2, 2, 3, 4, 4),
        (1, 4, 2, 2, 4),
        (3, 2, 2, 1, 8),
    ]:
        cases.append((torch.randn(batch, kv_heads, position, d_head, generator=generator), n_heads))
    return cases


def _times(keys, n_heads):
    return n_heads // keys.shape[1]


def _in_turn(keys, n_heads):
    return keys.repeat(1, _times(keys, n_heads), 1, 1)


def _positions(keys, n_heads):
    return keys.repeat_interleave(_times(keys, n_heads), dim=2)


def _numbers(keys, n_heads):
    return keys.repeat_interleave(_times(keys, n_heads), dim=3)


def _batch(keys, n_heads):
    return keys.repeat_interleave(_times(keys, n_heads), dim=0)


def _n_heads_times(keys, n_heads):
    return keys.repeat_interleave(n_heads, dim=1)


def _as_they_are(keys, n_heads):
    return keys.clone()


def _first_for_all(keys, n_heads):
    return keys[:, :1].repeat(1, n_heads, 1, 1)


def _last_for_all(keys, n_heads):
    return keys[:, -1:].repeat(1, n_heads, 1, 1)


def _other_order(keys, n_heads):
    return share_heads(keys.flip(1), n_heads)


def _mean(keys, n_heads):
    return keys.mean(dim=1, keepdim=True).repeat(1, n_heads, 1, 1)


def _filled(keys, n_heads):
    rest = keys.new_zeros(len(keys), n_heads - keys.shape[1], *keys.shape[2:])
    return torch.cat((keys, rest), dim=1)


def _last_repeated(keys, n_heads):
    return torch.cat((keys, keys[:, -1:].repeat(1, n_heads - keys.shape[1], 1, 1)), dim=1)


def _divided(keys, n_heads):
    return share_heads(keys, n_heads) / _times(keys, n_heads)


def _by_kv_heads(keys, n_heads):
    return keys.repeat_interleave(keys.shape[1], dim=1)


def _once_more(keys, n_heads):
    return keys.repeat_interleave(_times(keys, n_heads) + 1, dim=1)


def _own_dimension(keys, n_heads):
    return keys[:, :, None].repeat(1, 1, _times(keys, n_heads), 1, 1)


def _heads_last(keys, n_heads):
    return share_heads(keys, n_heads).transpose(1, 2)


SHARE_HEADS = Exercise(
    name="gpt.share_heads",
    title=_("Key heads that serve several query heads"),
    solution=share_heads,
    cases=_share_heads_cases,
    hints=(
        _(
            "Each key head is needed `n_heads // kv_heads` times, the copies next to each other: 0, 0, 1, 1 and "
            "not 0, 1, 0, 1."
        ),
        _(
            "`keys.repeat_interleave(n_heads // keys.shape[1], dim=1)`; `repeat` would put whole rounds after each "
            "other."
        ),
    ),
    mistakes=(
        Mistake(
            _in_turn,
            _("Your key heads take **turns**: 0, 1, 0, 1. Neighbors share: 0, 0, 1, 1. `repeat_interleave` does that."),
        ),
        Mistake(_positions, _("You repeated the **positions**: dimension 2. The heads are dimension 1.")),
        Mistake(_numbers, _("You repeated the numbers **inside** a head: dimension 3. The heads are dimension 1.")),
        Mistake(_batch, _("You repeated the **sequences**: dimension 0. The heads are dimension 1.")),
        Mistake(
            _n_heads_times, _("You repeated each key head `n_heads` times: `n_heads // kv_heads` is enough for all.")
        ),
        Mistake(_as_they_are, _("Nothing was repeated: there must be `n_heads` heads in dimension 1.")),
        Mistake(_first_for_all, _("All query heads have the **first** key head. Each group has its own.")),
        Mistake(_last_for_all, _("All query heads have the **last** key head. Each group has its own.")),
        Mistake(_other_order, _("The key heads are in **reverse** order: query head 0 uses key head 0.")),
        Mistake(_mean, _("You averaged the key heads: each group uses **one** of them, unchanged.")),
        Mistake(_filled, _("You filled up with **zeros**: every query head has the key head of its group.")),
        Mistake(_last_repeated, _("Only the **last** key head is repeated. Each serves as many query heads.")),
        Mistake(
            _divided, _("You divided by the number of query heads in a group: the keys are handed on **unchanged**.")
        ),
        Mistake(_by_kv_heads, _("You repeated `kv_heads` times: each is needed `n_heads // kv_heads` times.")),
        Mistake(_once_more, _("You repeated each key head **once too often**: `n_heads // kv_heads` copies in all.")),
        Mistake(_own_dimension, _("The copies have a dimension **of their own**: join it with that of the heads.")),
        Mistake(
            _heads_last, _("Heads and positions are **exchanged**: the answer is (batch, n_heads, position, d_head).")
        ),
    ),
    explanation=_(
        "Attention then goes on as before, as if there were `n_heads` of keys. What is saved is the cache: it stores "
        "kv_heads keys and values for each token, not n_heads. SmolLM2 has 9 query heads and 3 of keys, so its cache "
        "is a third as large."
    ),
    compare=close,
)
