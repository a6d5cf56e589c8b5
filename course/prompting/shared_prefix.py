"""Many prompts that begin alike: what they share is read once, and its keys and values serve all of them."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.fine_tuning.predictions import evaluating
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.layers.sizes import require_whole
from course.layers.token_ids import require_context, require_token_ids
from course.messages import _
from course.training.batches import pad_rows


class Continuation(NamedTuple):
    """The tokens of a prompt, and those of an answer that follows it."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]


def shared_length(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all rows begin with. Raises `ValueError` for no rows."""
    if not rows:
        raise ValueError(_("There are no rows to compare: give one or more."))
    texts = [tuple(row) for row in rows]
    first, last = min(texts), max(texts)  # in the order of a dictionary, all others are between these two
    same = [one == other for one, other in zip(first, last, strict=False)]
    return same.index(False) if False in same else len(same)


@torch.no_grad()
def continuation_scores(
    model: CausalLanguageModel, rows: Sequence[Continuation], *, share_prefix: bool = True, batch_size: int = 16
) -> Float[Tensor, "row"]:
    """The log-probability of each answer after its prompt, in nats: the sum over the answer's tokens.

    With `share_prefix`, the tokens that all prompts begin with are read once, and a copy of their keys and values is
    continued by each row; the scores are the same up to rounding. Answers that differ in their last token alone share
    a row. Rows of like lengths are batched and filled up on the right, where a causal model sees nothing of it. The
    model is in eval mode meanwhile. Raises `ValueError` for no rows, a prompt or an answer without tokens, a token that
    the model does not know, a row beyond the model's context, and where the model's scores are NaN.
    """
    require_whole(batch_size, "batch_size")
    if not rows:
        raise ValueError(_("There is no prompt to score: give one or more."))
    if not all(row.prompt and row.answer for row in rows):
        raise ValueError(_("A prompt and its answer need one token or more each."))
    require_context(max(len(row.prompt) + len(row.answer) for row in rows), model.embedding.n_positions)
    require_token_ids(torch.tensor([[row.answer[-1] for row in rows]]), model.embedding.tokens.weight.shape[0])
    read = [(*row.prompt, *row.answer[:-1]) for row in rows]  # what predicts the answer: all but its last token
    texts = sorted(set(read), key=lambda text: (len(text), text))
    rows_of: dict[tuple[int, ...], list[int]] = {text: [] for text in texts}
    for number, text in enumerate(read):
        rows_of[text].append(number)
    # The last token of each prompt is read with its row: it predicts the answer's first token.
    n_shared = min(shared_length(texts), min(len(row.prompt) for row in rows) - 1) if share_prefix else 0
    device = model.embedding.tokens.weight.device
    scores = torch.empty(len(rows), device=device)
    with evaluating(model):
        prefix = None
        if n_shared:
            prefix = model.new_cache(len(texts[-1]), whole=True)
            model.hidden_states(torch.tensor([texts[0][:n_shared]], device=device), prefix)
        for start in range(0, len(texts), batch_size):
            batch = texts[start : start + batch_size]
            cache = None if prefix is None else prefix.select(torch.zeros(len(batch), dtype=torch.long, device=device))
            ids = pad_rows([list(text[n_shared:]) for text in batch], 0).to(device)
            states = model.hidden_states(ids, cache)
            for state, text in zip(states, batch, strict=True):
                first = min(len(rows[number].prompt) for number in rows_of[text]) - 1
                found = log_probabilities(model.output(state[first - n_shared : len(text) - n_shared]))
                for number in rows_of[text]:
                    answer = torch.tensor(rows[number].answer, device=device)
                    scores[number] = found[-len(answer) :].gather(1, answer[:, None]).sum()
    if scores.isnan().any():
        raise ValueError(_("The model's scores are NaN: its weights or its logits are NaN or infinite."))
    return scores
