"""Generation that can only give one of some answers: at each step, the tokens that continue none of them are ruled out.

The answers' tokens form a trie. Where every answer is one token, the greedy choice is the most probable answer. Where
they have several, greedy takes the best first token of any answer, even if what must follow it is improbable; the
argmax of `answer_scores`, which reads every answer to its end, then may be another one. Sampling differs as well: each
step is scaled to sum 1 over the allowed tokens, so an answer is not drawn with its share of the answers' probabilities.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course.fine_tuning.inputs import require_list
from course.fine_tuning.predictions import evaluating
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_not_negative
from course.messages import _
from course.prompting.scoring import encode_pair
from course.prompting.template import Prompt
from course.tokenization import Tokenizer

Trie = dict[int, Any]  # id → the trie of what may follow it; a type that names itself cannot be checked at run time


class ConstrainedAnswer(NamedTuple):
    """The answer that was generated, and its log-probability under the model without the constraint, in nats."""

    answer: str
    log_probability: float


def token_trie(rows: Iterable[Sequence[int]]) -> Trie:
    """The rows of ids as a tree: the keys of each node are the ids that may come next; a leaf has none."""
    root: Trie = {}
    for row in rows:
        node = root
        for token in row:
            node = node.setdefault(token, {})
    return root


@torch.no_grad()
def constrained_answer(
    model: CausalLanguageModel,
    tokenizer: Tokenizer,
    prompt: str | Prompt,
    answers: Sequence[str],
    *,
    end: str = "",
    temperature: float = 0.0,
    generator: torch.Generator | None = None,
) -> ConstrainedAnswer:
    r"""One of the answers: at temperature 0 the most probable allowed token at each step, else one drawn of these.

    `end` is what follows every answer, "\n" for example; it is generated and not given. With it one answer may begin
    another. `generator` lives on the model's device. Raises `ValueError` as `encode_pair` does, for no answers or two
    alike, for an answer whose tokens begin another's, for a temperature below 0, for a prompt beyond the context, and
    where the model's scores are not finite; `TypeError` for one text in the place of answers.
    """
    require_list(answers)
    require_not_negative(temperature, "temperature")
    if not answers or len(set(answers)) < len(answers):
        raise ValueError(
            _("The answers are {answers}: give one or more that differ.").format(
                answers=", ".join(map(repr, answers)) or _("(none)")
            )
        )
    pairs = [encode_pair(tokenizer, str(prompt), answer + end) for answer in answers]
    by_tokens = {tuple(ids): answer for (_before, ids), answer in zip(pairs, answers, strict=True)}
    for one, answer in by_tokens.items():
        for other, longer in by_tokens.items():
            if one != other and other[: len(one)] == one:
                raise ValueError(
                    _("The answer {answer!r} begins {longer!r}: give an `end` that tells when it is over.").format(
                        answer=answer, longer=longer
                    )
                )
    node, chosen, total = token_trie(by_tokens), [], 0.0
    device = model.embedding.tokens.weight.device
    with evaluating(model):
        scores, state = model.start(torch.tensor([pairs[0][0]], device=device), max(map(len, by_tokens)))
        while node:
            allowed = sorted(node)
            token = allowed[_choose(scores[0, allowed], temperature, generator)]
            total += scores[0, token].item()
            chosen.append(token)
            node = node[token]
            if node:
                scores, state = model.step(state, torch.tensor([token], device=device))
    return ConstrainedAnswer(by_tokens[tuple(chosen)], total)


def _choose(scores: Tensor, temperature: float, generator: torch.Generator | None) -> int:
    """The place of one of the scores. In float64, a tiny temperature is not 0."""
    best = scores.max()
    if not best.isfinite():
        raise ValueError(
            _(
                "The best score of an allowed token is {best}: the model's weights or logits are NaN or infinite."
            ).format(best=best.item())
        )
    if temperature == 0:
        return int(scores.argmax())
    chances = ((scores - best).double() / temperature).softmax(-1)
    return int(torch.multinomial(chances.float(), 1, generator=generator))
