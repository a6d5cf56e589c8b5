"""What each word contributes to a classifier's answer: by leaving it out, and by integrated gradients.

Both are in log-odds of one class: its logit minus the log-sum-exp of the other logits; of two classes, the difference
of the two. A positive contribution speaks for the class.

Leaving out asks what the classifier says of another text, which may be an odd one. Integrated gradients stay with the
text and divide up the distance from a baseline, in which every word is replaced by one that says nothing; what they
divide up depends on that baseline. Their sum must be that distance (completeness): how far it is from it is part of the
answer, since it says when the integral was computed too coarsely to be trusted.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.fine_tuning import AnyClassifier, DecoderClassifier, Inputs, Row, TokenClassifier
from course.fine_tuning.predictions import evaluating
from course.messages import _
from course.peft.reading import bare_as
from course.tokenization import Tokenizer

FEWEST_STEPS, MOST_STEPS = 16, 256
TOLERANCE = 1e-3  # in log-odds
AT_ONCE = 32  # steps in one batch


@dataclass(frozen=True)
class Contributions:
    """A text's words with what each adds to the log-odds of `target`.

    `text_score` are the log-odds of the text, `baseline_score` those of the baseline; of words left out, there is no
    baseline and no sum that they should have, since words act together. `n_unread` of the words are beyond the model's
    limit of tokens, as integrated gradients know.
    """

    target: str
    words: list[str]
    values: list[float]
    text_score: float
    baseline_score: float | None = None
    n_unread: int = 0

    @property
    def sum_gap(self) -> float | None:
        """How far the sum is from the distance that it divides up: 0 is right. None where no sum is due."""
        if self.baseline_score is None:
            return None
        return sum(self.values) - (self.text_score - self.baseline_score)


def log_odds(logits: Float[Tensor, "*batch class"], number: int) -> Float[Tensor, "*batch"]:
    """The log-odds of a class against all others, from the logits."""
    others = [each for each in range(logits.shape[-1]) if each != number]
    return logits[..., number] - logits[..., others].logsumexp(dim=-1)


def leave_one_out(
    logits_of: Callable[[Sequence[str]], Float[Tensor, "text class"]], text: str, classes: Sequence[str], target: str
) -> Contributions:
    """How much the log-odds of `target` fall when a word is left out, for each word between spaces.

    `logits_of` is any classifier: texts in, logits out, `lambda texts: predict_logits(model, texts)` for example.
    Raises `ValueError` for a text without words and a target that is none of `classes`.

    Source: Li, Monroe and Jurafsky 2016, "Understanding Neural Networks through Representation Erasure".
    """
    words = _words(text)
    number = _number(classes, target)
    shorter = [" ".join(words[:place] + words[place + 1 :]) for place in range(len(words))]
    with torch.no_grad():
        whole, *without = log_odds(logits_of([" ".join(words), *shorter]), number).tolist()
    return Contributions(target, words, [whole - each for each in without], whole)


def integrated_gradients(
    model: AnyClassifier,
    text: str | tuple[str, str],
    target: str,
    *,
    baseline_id: int | None = None,
    tolerance: float = TOLERANCE,
) -> Contributions:
    """What each word between spaces adds to the log-odds of `target`, on the way from a baseline to the text.

    In the baseline the embedding of every token but the special ones is that of `baseline_id`: by default [MASK], where
    the tokenizer has it, else the mean of all embeddings. (Not 0: a norm by the root mean square hardly sees how long a
    vector is, so that on the way from 0 nearly all would happen at its start.) The integral is computed at
    `FEWEST_STEPS` points, and at twice as many until the sum is right to `tolerance`, or `MOST_STEPS` are reached: look
    at `sum_gap`. Of a pair, the words of the second text follow those of the first; words that the model's limit cuts
    off contribute 0, and `n_unread` counts them.

    Raises `ValueError` for a text without words, a target that is no class, and a model that labels words.

    Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", sections 3 and 5.
    """
    if isinstance(model, TokenClassifier):
        raise ValueError(_("This model labels each word: it has no one answer for a text to explain."))
    number = _number(model.classes, target)
    row = model.row(text)  # which refuses what is no text
    texts = (text,) if isinstance(text, str) else text
    words = [word for each in texts for word in _words(each)]
    inputs = model.batch([row])
    table = bare_as(nn.Embedding, model.body.embedding.tokens)  # under a soft prompt, which stays as it is
    with evaluating(model), torch.no_grad():
        vectors = table(inputs.ids)[0]
        word_of = _word_of_each_token(model, texts, row)
        neutral_id = model.neutral_id if baseline_id is None else baseline_id
        neutral = table.weight.mean(dim=0) if neutral_id is None else table.weight[neutral_id]
        replaced = torch.tensor([[word is not None] for word in word_of], device=vectors.device)
        baseline = torch.where(replaced, neutral, vectors)

    def score(points: Float[Tensor, "point position d_model"]) -> Float[Tensor, "point"]:
        n = len(points)
        ids, mask = inputs.ids.expand(n, -1), inputs.attention_mask.expand(n, -1)
        repeated = Inputs(ids, mask, inputs.token_types.expand(n, -1), inputs.positions)
        with embeddings_replaced(table, points):
            return log_odds(model(repeated), number)

    with evaluating(model):
        of_tokens = path_integral(score, vectors, baseline, tolerance=tolerance)
        with torch.no_grad():
            whole, empty = score(torch.stack((vectors, baseline))).tolist()
    n_unread = sum(len(set(words_of_pieces(model.tokenizer, each))) for each in texts) - len(set(word_of) - {None})
    values = [0.0] * len(words)
    for value, word in zip(of_tokens.tolist(), word_of, strict=True):
        if word is not None:
            values[word] += value
    return Contributions(target, words, values, whole, empty, n_unread)


def path_integral(
    score: Callable[[Float[Tensor, "point position d"]], Float[Tensor, "point"]],
    vectors: Float[Tensor, "position d"],
    baseline: Float[Tensor, "position d"],
    *,
    tolerance: float = TOLERANCE,
) -> Float[Tensor, "position"]:
    """Integrated gradients of a score: for each position, how much of score(vectors) − score(baseline) is due to it.

    The gradient is integrated along the straight line from the baseline by Gauss–Legendre quadrature, which is exact
    for a score that is a polynomial along that line. The points are doubled until the sum is right to `tolerance`.

    Source: Sundararajan, Taly and Yan 2017, section 3.
    """
    way = vectors - baseline
    with torch.no_grad():
        start, end = score(torch.stack((baseline, vectors))).double().tolist()
    steps = FEWEST_STEPS
    while True:
        places, weights = np.polynomial.legendre.leggauss(steps)
        total = torch.zeros(vectors.shape, dtype=torch.float64, device=vectors.device)
        for first in range(0, steps, AT_ONCE):
            at = torch.tensor((places[first : first + AT_ONCE] + 1) / 2, dtype=vectors.dtype, device=vectors.device)
            points = (baseline + at[:, None, None] * way).detach().requires_grad_()
            with torch.enable_grad():
                (gradients,) = torch.autograd.grad(score(points).sum(), points)
            share = torch.tensor(weights[first : first + AT_ONCE] / 2, device=vectors.device)
            total += torch.einsum("n,npd->pd", share, gradients.double())
        found = (total * way).sum(dim=-1)
        if steps >= MOST_STEPS or abs(found.sum().item() - (end - start)) <= tolerance:
            return found
        steps *= 2


@contextmanager
def embeddings_replaced(table: nn.Module, vectors: Float[Tensor, "batch position d"]) -> Generator[None]:
    """In the block, whatever ids the embedding `table` is given, it returns these vectors."""
    hook = table.register_forward_hook(lambda _table, _ids, _vectors: vectors)
    try:
        yield
    finally:
        hook.remove()


def _word_of_each_token(model: AnyClassifier, texts: Sequence[str], row: Row) -> list[int | None]:
    """For each position of the row the number of its word, counted over all texts; None for a special token."""
    n_special_before = 0 if isinstance(model, DecoderClassifier) else 1  # [CLS], or the [SEP] between two texts
    found: list[int | None] = []
    n_words = 0
    for number, text in enumerate(texts):
        word_of = [n_words + word for word in words_of_pieces(model.tokenizer, text)]
        n_words += len(_words(text))
        if isinstance(model, DecoderClassifier):
            return list(word_of[-len(row.ids) :])  # of a long text the end is kept
        room = row.token_types.count(number) - (2 if number == 0 else 1)
        found += [*[None] * n_special_before, *word_of[:room]]
    return [*found, None]


def words_of_pieces(tokenizer: Tokenizer, text: str) -> list[int]:
    """For each token of a text, the number of the word between spaces that its last character belongs to.

    A token of spaces alone belongs to the word after it, or to the last word.
    """
    number_at: list[int] = []
    n_begun, in_word = 0, False
    for character in text:
        if not character.isspace() and not in_word:
            n_begun += 1
        in_word = not character.isspace()
        number_at.append(n_begun - 1 if in_word else n_begun)
    return [min(number_at[piece.end - 1], n_begun - 1) for piece in tokenizer.explain(text)]


def _words(text: str) -> list[str]:
    words = text.split()
    if not words:
        raise ValueError(_("There are no words in {text!r} that could contribute.").format(text=text))
    return words


def _number(classes: Sequence[str], target: str) -> int:
    if target not in classes:
        raise ValueError(
            _("{target!r} is none of the classes {classes}.").format(
                target=target, classes=", ".join(map(repr, classes))
            )
        )
    return list(classes).index(target)
