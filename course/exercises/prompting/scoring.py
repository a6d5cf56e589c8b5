"""Exercise on the score of an answer: the sum of its tokens' log-probabilities."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.prompting.drawing import drawn
from course.messages import _


def answer_score(logits: "Tensor", ids: list[int], n_prompt: int) -> float:
    """How probable an answer is after a prompt: the sum of its tokens' log-probabilities.

    `ids` are the tokens of both: n_prompt of the prompt, at least one, then at least one of the
    answer. logits: (position, vocab), one row for each token of `ids`. The row at a position
    is the model's prediction of the token that follows it. Natural logarithms.

    >>> import torch
    >>> even = torch.zeros(3, 4)
    >>> round(answer_score(even, [2, 0, 3], n_prompt=1), 4)
    -2.7726
    """
    log_probabilities = logits.log_softmax(dim=-1)
    return sum(float(log_probabilities[i - 1, ids[i]]) for i in range(n_prompt, len(ids)))


def _answer_score_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(12)
    cases: list[tuple] = []
    for ids, n_prompt, vocab in [
        ([2, 0, 3], 1, 4),
        ([1, 0], 1, 3),
        ([3, 1, 2, 0], 2, 4),
        ([0, 4, 2, 2, 3], 3, 5),
        ([1, 3, 0, 2], 3, 4),
        ([4, 1, 0, 5, 2, 3], 2, 6),
        ([2, 2, 2], 1, 3),
        ([0, 1, 4, 3, 1], 1, 5),
        ([5, 0, 3, 1, 1, 4], 4, 6),
        ([1, 2, 0, 1, 3, 0, 2], 3, 4),
        ([0, 2, 1], 2, 3),
    ]:
        cases.append((2 * drawn(generator, len(ids), vocab), ids, n_prompt))
    # Tokens whose probability is below the smallest number that float32 has.
    far = torch.tensor([[2.0, 0.0, 1.0], [120.0, 0.0, 0.0], [0.0, 0.0, 150.0], [1.0, 0.0, 0.0]])
    cases += [(far, [0, 2, 1, 0], 2), (far, [1, 0, 1, 2], 2), (far[1:], [2, 1, 2], 1)]
    return cases


def _log(logits):
    return logits.double().log_softmax(dim=-1)


def _sum_at(logits, ids, rows, tokens):
    """The sum of log-probabilities of the tokens at places `tokens` of `ids`, read from `rows`."""
    return float(sum(_log(logits)[row, ids[token]] for row, token in zip(rows, tokens, strict=True)))


def _own_row(logits, ids, n_prompt):
    places = range(n_prompt, len(ids))
    return _sum_at(logits, ids, places, places)


def _next_row(logits, ids, n_prompt):
    places = range(n_prompt, len(ids) - 1)
    return _sum_at(logits, ids, [place + 1 for place in places], places)


def _one_row_too_early(logits, ids, n_prompt):
    places = range(n_prompt, len(ids))
    return _sum_at(logits, ids, [max(place - 2, 0) for place in places], places)


def _whole_text(logits, ids, n_prompt):
    places = range(1, len(ids))
    return _sum_at(logits, ids, [place - 1 for place in places], places)


def _whole_text_own_row(logits, ids, n_prompt):
    places = range(len(ids))
    return _sum_at(logits, ids, places, places)


def _prompt_alone(logits, ids, n_prompt):
    places = range(1, n_prompt)
    return _sum_at(logits, ids, [place - 1 for place in places], places)


def _without_first(logits, ids, n_prompt):
    places = range(n_prompt + 1, len(ids))
    return _sum_at(logits, ids, [place - 1 for place in places], places)


def _without_last(logits, ids, n_prompt):
    places = range(n_prompt, len(ids) - 1)
    return _sum_at(logits, ids, [place - 1 for place in places], places)


def _first_token(logits, ids, n_prompt):
    return _sum_at(logits, ids, [n_prompt - 1], [n_prompt])


def _last_token(logits, ids, n_prompt):
    return _sum_at(logits, ids, [-2], [-1])


def _one_prompt_token_more(logits, ids, n_prompt):
    places = range(n_prompt - 1, len(ids))
    return _sum_at(logits, ids, [max(place - 1, 0) for place in places], places)


def _all_from_the_prompts_end(logits, ids, n_prompt):
    places = range(n_prompt, len(ids))
    return _sum_at(logits, ids, [n_prompt - 1] * len(places), places)


def _tokens_before(logits, ids, n_prompt):
    """Each token in its own row, from the last of the prompt to the last but one of the answer."""
    places = range(n_prompt - 1, len(ids) - 1)
    return _sum_at(logits, ids, places, places)


def _logits_added(logits, ids, n_prompt):
    return sum(float(logits[i - 1, ids[i]]) for i in range(n_prompt, len(ids)))


def _logits_of_own_row(logits, ids, n_prompt):
    return sum(float(logits[i, ids[i]]) for i in range(n_prompt, len(ids)))


def _probabilities(logits, ids, n_prompt):
    return logits.double().softmax(dim=-1)[range(n_prompt - 1, len(ids) - 1), ids[n_prompt:]]


def _probabilities_added(logits, ids, n_prompt):
    return float(_probabilities(logits, ids, n_prompt).sum())


def _probabilities_multiplied(logits, ids, n_prompt):
    return float(_probabilities(logits, ids, n_prompt).prod())


def _log_of_the_sum(logits, ids, n_prompt):
    return float(_probabilities(logits, ids, n_prompt).sum().log())


def _log_of_the_mean(logits, ids, n_prompt):
    return float(_probabilities(logits, ids, n_prompt).mean().log())


def _mean(logits, ids, n_prompt):
    return float(_probabilities(logits, ids, n_prompt).log().mean())


def _of_the_whole_length(logits, ids, n_prompt):
    return answer_score(logits, ids, n_prompt) / len(ids)


def _loss(logits, ids, n_prompt):
    return -answer_score(logits, ids, n_prompt)


def _mean_loss(logits, ids, n_prompt):
    return -_mean(logits, ids, n_prompt)


def _perplexity(logits, ids, n_prompt):
    return float(torch.tensor(_mean_loss(logits, ids, n_prompt)).exp())


def _bits(logits, ids, n_prompt):
    return float(_probabilities(logits, ids, n_prompt).log2().sum())


def _base_10(logits, ids, n_prompt):
    return float(_probabilities(logits, ids, n_prompt).log10().sum())


def _softmax_over_positions(logits, ids, n_prompt):
    return float(logits.double().log_softmax(dim=0)[range(n_prompt - 1, len(ids) - 1), ids[n_prompt:]].sum())


def _log_of_softmax(logits, ids, n_prompt):
    return float(logits.softmax(dim=-1)[range(n_prompt - 1, len(ids) - 1), ids[n_prompt:]].log().sum())


def _log_of_exponentials(logits, ids, n_prompt):
    powers = logits.exp()
    shares = powers / powers.sum(dim=-1, keepdim=True)
    return float(shares[range(n_prompt - 1, len(ids) - 1), ids[n_prompt:]].log().sum())


def _one_by_one(logits, ids, n_prompt):
    return _probabilities(logits, ids, n_prompt).log().tolist()


def _of_the_most_probable(logits, ids, n_prompt):
    return float(_log(logits)[n_prompt - 1 : -1].max(dim=-1).values.sum())


def _first_tokens_of_vocabulary(logits, ids, n_prompt):
    return float(_log(logits)[n_prompt - 1 : -1].sum())


ANSWER_SCORE = Exercise(
    name="prompting.answer_score",
    title=_("The score of an answer"),
    solution=answer_score,
    cases=_answer_score_cases,
    hints=(
        _(
            "The first token of the answer is at n_prompt, and it is predicted at the last position of the prompt, "
            "which is n_prompt − 1. The last row of the logits predicts what would come after the answer: it is unused."
        ),
        _(
            "`logits.log_softmax(dim=-1)` has the logarithms. For each `i` in `range(n_prompt, len(ids))` take row "
            "`i - 1` and column `ids[i]`, and add up."
        ),
    ),
    mistakes=(
        Mistake(
            _own_row,
            _(
                "You read each token's **own row**: the row at a position predicts the token after it, so the token at "
                "i is in row i − 1."
            ),
        ),
        Mistake(_next_row, _("You read the row **after** each token: the token at i is predicted in row i − 1.")),
        Mistake(_one_row_too_early, _("Your rows are one **too early**: the token at i is predicted in row i − 1.")),
        Mistake(
            _whole_text, _("You added up over the **whole** text: the tokens of the prompt are given, not predicted.")
        ),
        Mistake(
            _whole_text_own_row,
            _("You added up over the **whole** text, each token in its own row: begin at n_prompt, in the row before."),
        ),
        Mistake(_prompt_alone, _("You added up over the **prompt**: the answer begins at n_prompt.")),
        Mistake(
            _without_first,
            _("The **first** token of the answer is missing: it is predicted at the last position of the prompt."),
        ),
        Mistake(_without_last, _("The **last** token of the answer is missing: look at where your loop ends.")),
        Mistake(_first_token, _("You take the **first** token of the answer alone: add up over all of them.")),
        Mistake(_last_token, _("You take the **last** token of the answer alone: add up over all of them.")),
        Mistake(
            _tokens_before,
            _("Your rows are right, and your **tokens** are one too early: row i − 1 predicts the token at i."),
        ),
        Mistake(_one_prompt_token_more, _("You add the last token of the **prompt**: the answer begins at n_prompt.")),
        Mistake(
            _all_from_the_prompts_end,
            _("You read all tokens from the **last row of the prompt**: each token is predicted in the row before it."),
        ),
        Mistake(_logits_added, _("You added up **logits**: take the `log_softmax` of each row first.")),
        Mistake(
            _logits_of_own_row,
            _("You added up **logits**, and of the wrong rows: take `log_softmax`, and row i − 1 for the token at i."),
        ),
        Mistake(_probabilities_added, _("You added up **probabilities**: add up their logarithms.")),
        Mistake(_probabilities_multiplied, _("That is the **probability** of the answer: wanted is its logarithm.")),
        Mistake(_log_of_the_sum, _("That is the logarithm of a **sum**: take the logarithms first, then add up.")),
        Mistake(_log_of_the_mean, _("That is the logarithm of a **mean**: take the logarithms first, then add up.")),
        Mistake(_mean, _("That is the **mean** over the tokens: wanted is the sum.")),
        Mistake(_of_the_whole_length, _("You divided by the **length** of the text: wanted is the sum.")),
        Mistake(_loss, _("That is the **loss**: a log-probability is 0 or below.")),
        Mistake(
            _mean_loss, _("That is the **mean loss**, as `cross_entropy` has it: wanted is the sum, without the minus.")
        ),
        Mistake(_perplexity, _("That is the **perplexity**: wanted is the sum of the log-probabilities.")),
        Mistake(_bits, _("Your logarithms have the base **2**: take the natural ones, `log`.")),
        Mistake(_base_10, _("Your logarithms have the base **10**: take the natural ones, `log`.")),
        Mistake(
            _softmax_over_positions,
            _("Your softmax is over the **positions**: it belongs on the last dimension, the vocabulary."),
        ),
        Mistake(
            _log_of_softmax,
            _("The probability of an improbable token is **0** in float32, its logarithm −∞: take `log_softmax`."),
        ),
        Mistake(
            _log_of_exponentials,
            _("`exp` of a large logit is **infinite**: take `log_softmax`, which subtracts the largest first."),
        ),
        Mistake(_one_by_one, _("You return the log-probabilities **one by one**: add them up.")),
        Mistake(
            _of_the_most_probable,
            _("You take the **most probable** token of each row: take the token that the answer has."),
        ),
        Mistake(
            _first_tokens_of_vocabulary,
            _("You added up over the **vocabulary**: of each row, take the column of the answer's token alone."),
        ),
    ),
    corners=(
        Corner(
            lambda logits, ids, n_prompt: len(ids) == n_prompt + 1,
            _("Only answers of **one token** go wrong: it is predicted in row n_prompt − 1."),
        ),
        Corner(
            lambda logits, ids, n_prompt: n_prompt == 1,
            _("Only prompts of **one token** go wrong: the answer's first token is predicted in row 0."),
        ),
    ),
    explanation=_(
        "By the chain rule the probability of the answer is the product of the probabilities of its tokens, each after "
        "all that precedes it, and the logarithm of a product is a sum. One pass over prompt and answer gives all of "
        "them, since each position sees only what precedes it."
    ),
    compare=close,
)
