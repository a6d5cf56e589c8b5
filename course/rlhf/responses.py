"""Prompts with their responses as one batch, and what a model says of the tokens of the responses, and of no others."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.layers.sizes import require_positive
from course.layers.token_ids import require_token_ids
from course.messages import _


class Responses(NamedTuple):
    """A row for each response: its prompt, filled up on the left, then its tokens, filled up on the right.

    `padding` is how many places before each prompt hold no token; the prompts end together, after `n_prompt` columns.
    `is_token` says which of the columns after that hold a token of the response, its end token included. What counts
    is known by place, not by id, so an id that fills up may also be a token.
    """

    ids: Int[Tensor, "row position"]
    padding: Int[Tensor, "row"]
    n_prompt: int
    is_token: Bool[Tensor, "row response"]

    @property
    def tokens(self) -> Int[Tensor, "row response"]:
        return self.ids[:, self.n_prompt :]

    @property
    def lengths(self) -> Int[Tensor, "row"]:
        """How many tokens each response has."""
        return self.is_token.sum(dim=1)

    @property
    def last(self) -> Int[Tensor, "row"]:
        """The place of each response's last token, counted from its first."""
        return self.lengths - 1

    def select(self, rows: Int[Tensor, "chosen"] | slice) -> "Responses":
        """These rows, in this order."""
        return Responses(self.ids[rows], self.padding[rows], self.n_prompt, self.is_token[rows])

    def lists(self) -> list[list[int]]:
        """The tokens of each response."""
        return [row[kept].tolist() for row, kept in zip(self.tokens, self.is_token, strict=True)]


def as_responses(
    prompts: Sequence[Sequence[int]],
    answers: Sequence[Sequence[int]],
    *,
    pad_id: int,
    device: torch.device | None = None,
) -> Responses:
    """Prompts and the answers to them as one batch. An answer's end token, where it has one, is given with it.

    Raises `ValueError` for no prompts, another number of answers than of prompts, and an empty prompt or answer.
    """
    if not prompts or len(prompts) != len(answers):
        raise ValueError(
            _(
                "There are {prompts} prompts and {answers} answers: give one answer for each, and one prompt or more."
            ).format(prompts=len(prompts), answers=len(answers))
        )
    for name, rows in ((_("prompt"), prompts), (_("answer"), answers)):
        empty = [number for number, row in enumerate(rows) if not len(row)]
        if empty:
            raise ValueError(
                _("The {what} of row {row} is empty: it needs one token or more, and an answer its end token.").format(
                    what=name, row=empty[0]
                )
            )
    n_prompt, n_response = max(map(len, prompts)), max(map(len, answers))
    rows = [
        [pad_id] * (n_prompt - len(prompt)) + [*prompt, *answer] + [pad_id] * (n_response - len(answer))
        for prompt, answer in zip(prompts, answers, strict=True)
    ]
    lengths = torch.tensor([len(answer) for answer in answers], device=device)
    padding = torch.tensor([n_prompt - len(prompt) for prompt in prompts], device=device)
    is_token = torch.arange(n_response, device=device) < lengths[:, None]
    return Responses(torch.tensor(rows, device=device), padding, n_prompt, is_token)


def require_fits(model: CausalLanguageModel, responses: Responses) -> None:
    """Raises `ValueError` for a row without a token of a response, and for rows beyond the model's context."""
    empty = (responses.lengths == 0).nonzero()
    if len(empty):
        raise ValueError(
            _("The response of row {row} is empty: there is nothing to score. Leave the row out.").format(
                row=int(empty[0])
            )
        )
    if responses.n_prompt < 1:
        raise ValueError(_("A response needs a prompt of one token or more: the first token is predicted from it."))
    width, limit = responses.ids.shape[1], model.embedding.n_positions
    if width > limit:
        raise ValueError(
            _(
                "Prompts of {prompt} tokens and responses of {response} are beyond the model's context of {limit}. "
                "Shorten one of them."
            ).format(prompt=responses.n_prompt, response=width - responses.n_prompt, limit=limit)
        )
    require_token_ids(responses.ids, model.embedding.tokens.num_embeddings)


def states_before(model: CausalLanguageModel, responses: Responses) -> Float[Tensor, "row response d_model"]:
    """The hidden state that each token of a response is predicted from: that of the token before it.

    The first token of a response is predicted at the last position of its prompt, the last one at the position before
    its own; nothing is read after that. Raises as `require_fits` does.
    """
    require_fits(model, responses)
    hidden = model.hidden_states(responses.ids[:, :-1], padding=_padding(responses))
    return hidden[:, responses.n_prompt - 1 :]


def last_states(model: CausalLanguageModel, responses: Responses) -> Float[Tensor, "row d_model"]:
    """The hidden state at the last token of each response, which has read all of it. Raises as `require_fits` does."""
    require_fits(model, responses)
    hidden = model.hidden_states(responses.ids, padding=_padding(responses))
    rows = torch.arange(len(hidden), device=hidden.device)
    return hidden[rows, responses.n_prompt + responses.last]


class TokenScores(NamedTuple):
    """Of each token of a response: its log-probability, and the entropy of what it was drawn from, in nats.

    Both are 0 where there is no token.
    """

    log_probabilities: Float[Tensor, "row response"]
    entropies: Float[Tensor, "row response"]


def token_scores(model: CausalLanguageModel, responses: Responses, temperature: float = 1.0) -> TokenScores:
    """What a model says of the tokens of the responses, at the temperature that they are drawn with.

    Raises `ValueError` for a temperature that is not above 0, and as `require_fits` does.
    """
    all_log = _all_log_probabilities(model, responses, temperature)
    entropies = -(all_log.exp() * all_log).sum(dim=-1)
    return TokenScores(_of_tokens(all_log, responses), entropies.where(responses.is_token, 0.0))


def response_log_probabilities(
    model: CausalLanguageModel, responses: Responses, temperature: float = 1.0
) -> Float[Tensor, "row response"]:
    """The log-probability of each token of the responses, in nats; 0 where there is none.

    Raises as `token_scores` does.
    """
    return _of_tokens(_all_log_probabilities(model, responses, temperature), responses)


def _all_log_probabilities(
    model: CausalLanguageModel, responses: Responses, temperature: float
) -> Float[Tensor, "row response vocab"]:
    require_positive(temperature, "temperature")
    return log_probabilities(model.output(states_before(model, responses)) / temperature)


def _of_tokens(all_log: Float[Tensor, "row response vocab"], responses: Responses) -> Float[Tensor, "row response"]:
    chosen = all_log.gather(-1, responses.tokens[..., None])[..., 0]
    return chosen.where(responses.is_token, 0.0)


def _padding(responses: Responses) -> Int[Tensor, "row"] | None:
    return responses.padding if responses.padding.any() else None
