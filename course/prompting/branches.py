"""Several answers to each of many prompts: a prompt is read once, and its keys and values serve all of its answers."""

from collections.abc import Sequence
from itertools import groupby

import torch
from jaxtyping import Float
from torch import Tensor

from course.fine_tuning.predictions import evaluating
from course.layers.kv_cache import KVCache
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.layers.sizes import require_whole
from course.layers.token_ids import require_context, require_token_ids
from course.messages import _
from course.prompting.shared_prefix import Continuation, shared_length
from course.training.batches import pad_rows

Group = Sequence[Continuation]


@torch.no_grad()
def branch_scores(
    model: CausalLanguageModel, groups: Sequence[Group], *, batch_size: int = 8
) -> list[Float[Tensor, "answer"]]:
    """The log-probability of each answer after its prompt, in nats: the sum over the answer's tokens, for each group.

    All rows of a group have the same prompt. The scores are those of `continuation_scores` up to rounding, from fewer
    tokens: what all prompts begin with is read once, each prompt once, and then the answers. `batch_size` prompts of
    the same length are read together. The model is in eval mode meanwhile. Raises `ValueError` for no groups, a group
    of no rows or of two prompts, a prompt or an answer without tokens, a token that the model does not know, a row
    beyond the model's context, and where the model's scores are NaN.
    """
    require_whole(batch_size, "batch_size")
    _require_groups(model, groups)
    prompts = [group[0].prompt for group in groups]
    n_shared = min(shared_length(prompts), min(map(len, prompts)) - 1)
    order = sorted(range(len(groups)), key=lambda number: (len(prompts[number]), _longest(groups[number])))
    found: list[Tensor] = [torch.empty(0)] * len(groups)
    device = model.embedding.tokens.weight.device
    with evaluating(model):
        prefix = model.new_cache(max(n_shared, 1), whole=True)
        if n_shared:
            model.hidden_states(torch.tensor([prompts[0][:n_shared]], device=device), prefix)
        for _length, same in groupby(order, key=lambda number: len(prompts[number])):
            numbers = list(same)
            for start in range(0, len(numbers), batch_size):
                batch = numbers[start : start + batch_size]
                scores = _batch_scores(model, [groups[number] for number in batch], prefix, n_shared)
                for number, of_group in zip(batch, scores, strict=True):
                    found[number] = of_group
    if any(scores.isnan().any() for scores in found):
        raise ValueError(_("The model's scores are NaN: its weights or its logits are NaN or infinite."))
    return found


def _batch_scores(
    model: CausalLanguageModel, groups: Sequence[Group], prefix: KVCache, n_shared: int
) -> list[Float[Tensor, "answer"]]:
    """Of groups whose prompts are of one length, and begin with the `n_shared` tokens that `prefix` holds."""
    device = model.embedding.tokens.weight.device
    read = _copies(model, prefix, [0] * len(groups), len(groups[0][0].prompt))
    ids = torch.tensor([group[0].prompt[n_shared:] for group in groups], device=device)
    first = log_probabilities(model.output(model.hidden_states(ids, read)[:, -1]))
    # What predicts an answer's later tokens is all of it but its last: answers with that in common share a row.
    rows = sorted({(number, row.answer[:-1]) for number, group in enumerate(groups) for row in group if row.answer[1:]})
    later: dict[tuple[int, tuple[int, ...]], Tensor] = {}
    if rows:
        longest = max(len(tokens) for _number, tokens in rows)
        cache = _copies(model, read, [number for number, _tokens in rows], read.length + longest)
        states = model.hidden_states(pad_rows([list(tokens) for _number, tokens in rows], 0).to(device), cache)
        kept = torch.cat([state[: len(tokens)] for state, (_number, tokens) in zip(states, rows, strict=True)])
        parts = log_probabilities(model.output(kept)).split([len(tokens) for _number, tokens in rows])
        later = dict(zip(rows, parts, strict=True))
    scores = []
    for number, group in enumerate(groups):
        sums = first[number, [row.answer[0] for row in group]]
        for place, row in enumerate(group):
            if row.answer[1:]:
                rest = torch.tensor(row.answer[1:], device=device)
                sums[place] += later[number, row.answer[:-1]].gather(1, rest[:, None]).sum()
        scores.append(sums)
    return scores


def _copies(model: CausalLanguageModel, cache: KVCache, rows: Sequence[int], capacity: int) -> KVCache:
    """A cache with these rows of another, and room for `capacity` positions."""
    wider = model.new_cache(capacity, len(rows), whole=True)
    for copies, parts in ((wider.keys, cache.keys), (wider.values, cache.values)):
        for copy, part in zip(copies, parts, strict=True):
            copy[:, :, : cache.length] = part[list(rows), :, : cache.length]
    wider.length = cache.length
    return wider


def _longest(group: Group) -> int:
    return max(len(row.answer) for row in group)


def _require_groups(model: CausalLanguageModel, groups: Sequence[Group]) -> None:
    if not groups or not all(groups):
        raise ValueError(_("There is no answer to score: give one group or more, each with a row or more."))
    rows = [row for group in groups for row in group]
    if not all(row.prompt and row.answer for row in rows):
        raise ValueError(_("A prompt and its answer need one token or more each."))
    for number, group in enumerate(groups):
        if len({row.prompt for row in group}) > 1:
            raise ValueError(
                _("Group {number} has more than one prompt: put the answers to each into a group of their own.").format(
                    number=number
                )
            )
    require_context(max(len(row.prompt) + len(row.answer) for row in rows), model.embedding.n_positions)
    n_tokens = model.embedding.tokens.weight.shape[0]
    require_token_ids(torch.tensor([[token for row in rows for token in (*row.prompt, *row.answer)]]), n_tokens)
