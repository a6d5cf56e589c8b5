"""A model that keeps what it has read of a prompt: of the next one it reads what comes after the first difference."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course.fine_tuning.predictions import evaluating
from course.layers.kv_cache import KVCache
from course.layers.language_model import CausalLanguageModel, log_probabilities
from course.layers.token_ids import require_context
from course.prompting import Continuation, answer_probabilities, calibrate, encode_pair, shared_length
from course.tokenization import Tokenizer


@dataclass(frozen=True)
class Reading:
    """What a model finds of each answer after a prompt: three probabilities, each of which sums to 1 over the answers.

    `bias` is the mean over the content-free prompts. `n_tokens` counts the tokens of the prompt, `n_anew` those of them
    that were read for this, and `n_free` those that were read for the content-free prompts.
    """

    probabilities: tuple[float, ...]
    bias: tuple[float, ...]
    calibrated: tuple[float, ...]
    n_tokens: int
    n_anew: int = field(compare=False)
    n_free: int = field(compare=False)


class PromptReader:
    """Reads one prompt after another, and keeps the keys and values of the last; the weights must stay as they are.

    The probabilities are those of `course.prompting.calibrated_probabilities`, up to rounding.
    """

    def __init__(self, model: CausalLanguageModel, tokenizer: Tokenizer) -> None:
        self.model, self.tokenizer = model, tokenizer
        self._tokens: tuple[int, ...] = ()
        self._cache: KVCache | None = None
        self._free: tuple[list[Continuation], Float[Tensor, "input answer"]] | None = None

    def read(self, prompt: str, free: Sequence[str], answers: Sequence[str]) -> Reading:
        """The probabilities of the answers after the prompt, with the bias from the content-free prompts `free`.

        Raises `ValueError` as `encode_pair` and `calibrate` do, and for a prompt beyond the model's context.
        """
        rows = [encode_pair(self.tokenizer, prompt, answer) for answer in answers]
        free_rows = [encode_pair(self.tokenizer, each, answer) for each in free for answer in answers]
        require_context(
            max(len(row.prompt) + len(row.answer) for row in (*rows, *free_rows)), self.model.embedding.n_positions
        )
        tokens = rows[0].prompt
        with torch.no_grad(), evaluating(self.model):
            n_anew = self._read(tokens, max(len(row.answer) for row in rows))
            probabilities = answer_probabilities(self._scores(rows)[0])
            n_free = 0
            if self._free is None or self._free[0] != free_rows:
                found, n_free = self._scores(free_rows)
                self._free = free_rows, answer_probabilities(found.view(len(free), len(answers)))
        bias = self._free[1].mean(dim=0)
        return Reading(
            tuple(probabilities.tolist()),
            tuple((bias / bias.sum()).tolist()),
            tuple(calibrate(probabilities, self._free[1]).tolist()),
            len(tokens),
            n_anew,
            n_free,
        )

    def _read(self, tokens: tuple[int, ...], more: int) -> int:
        """Read the tokens after those that are in the cache already, and say how many these are.

        The last token is always among them: it predicts the answer, and so is read again.
        """
        kept = min(shared_length([self._tokens, tokens]), len(tokens) - 1)
        cache = self._begun(kept, len(tokens) + more)
        device = self.model.embedding.tokens.weight.device
        self.model.hidden_states(torch.tensor([tokens[kept:]], device=device), cache)
        self._tokens, self._cache = tokens, cache
        return len(tokens) - kept

    def _begun(self, kept: int, capacity: int, rows: int = 1) -> KVCache:
        """A new cache that holds the first `kept` tokens of the last prompt, in each of its rows.

        A soft prompt, which the model reads before a text, has positions in it as well.
        """
        cache = self.model.new_cache(capacity, rows, whole=True)
        if kept and self._cache is not None:
            kept += self._cache.length - len(self._tokens)
            for new, old in ((cache.keys, self._cache.keys), (cache.values, self._cache.values)):
                for ours, theirs in zip(new, old, strict=True):
                    ours[:, :, :kept].copy_(theirs[:, :, :kept].expand(rows, -1, -1, -1))
            cache.length = kept
        return cache

    def _scores(self, rows: Sequence[Continuation]) -> tuple[Float[Tensor, "row"], int]:
        """The log-probability of each row's answer, and how many tokens of prompts were read for it."""
        shortest = min(len(row.prompt) for row in rows)
        kept = min(shared_length([self._tokens, *(row.prompt for row in rows)]), shortest - 1)
        read = [row.prompt[kept:] + row.answer[:-1] for row in rows]  # what predicts the answer
        texts = list(dict.fromkeys(read))  # answers of one token share theirs
        device = self.model.embedding.tokens.weight.device
        cache = self._begun(kept, kept + max(map(len, texts)), len(texts))
        filled_up = pad_sequence([torch.tensor(text, device=device) for text in texts], batch_first=True)
        states = self.model.hidden_states(filled_up, cache)  # which see nothing of what comes after them
        scores = []
        for text, row in zip(read, rows, strict=True):
            state = states[texts.index(text), len(row.prompt) - 1 - kept : len(text)]
            found = log_probabilities(self.model.output(state))
            scores.append(found.gather(1, torch.tensor(row.answer, device=device)[:, None]).sum())
        return torch.stack(scores), sum(len(prompt) - kept for prompt in {row.prompt for row in rows})
