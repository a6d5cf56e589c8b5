"""Exercise on the log-probability of an answer, which all losses of the lesson are made of."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def sequence_log_probability(logits: "Tensor", ids: "Tensor", is_answer: "Tensor") -> "Tensor":
    """The log-probability of each answer, given its prompt, in nats.

    logits: (rows, positions, vocabulary), ids: (rows, positions). The logits at a position
    predict the token at the **next** one. is_answer: (rows, positions), True for the tokens of
    the answer, its end token included, and False for those of the prompt, which comes first, and
    for padding. Returns the sum over the answer's tokens: (rows,).

    >>> import torch
    >>> logits = torch.tensor([[[0.0, 0.0], [0.0, 3.0], [5.0, 0.0]]]).log1p()
    >>> ids, is_answer = torch.tensor([[1, 0, 1]]), torch.tensor([[False, True, True]])
    >>> round(float(sequence_log_probability(logits, ids, is_answer)), 4)
    -0.9163
    """
    log_p = logits[:, :-1].log_softmax(dim=-1)
    of_next = log_p.gather(2, ids[:, 1:, None])[..., 0]
    return (of_next * is_answer[:, 1:]).sum(dim=1)


def _sequence_log_probability_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1501)
    cases: list[tuple] = []
    for spans, width, vocabulary in [
        (((1, 3),), 3, 2),
        (((2, 3),), 3, 2),
        (((1, 2),), 3, 2),
        (((1, 3),), 3, 2),
        (((1, 4),), 5, 3),
        (((2, 4), (1, 3)), 5, 3),
        (((3, 6), (2, 4)), 6, 4),
        (((2, 3), (1, 5), (3, 5)), 6, 3),
        (((1, 6), (4, 5)), 7, 5),
        (((2, 5), (2, 7), (1, 3)), 7, 4),
        (((3, 4), (1, 2)), 5, 6),
        (((2, 6), (3, 5), (1, 4), (2, 3)), 6, 3),
        (((4, 7), (2, 6)), 8, 5),
    ]:
        places = torch.arange(width)
        is_answer = torch.stack([(begin <= places) & (places < end) for begin, end in spans])
        ids = torch.randint(0, vocabulary, (len(spans), width), generator=generator)
        cases.append((2 * drawn(generator, len(spans), width, vocabulary), ids, is_answer))
    for low, high in ((0, 3), (1, 4), (0, 2), (2, 4)):  # without the first or the last id of the vocabulary
        ids = torch.randint(low, high, (2, 4), generator=generator)
        cases.append(
            (2 * drawn(generator, 2, 4, 4), ids, torch.tensor([[False, True, True, True], [False, False, True, True]]))
        )
    return cases


def _of_next(logits, ids):
    return logits[:, :-1].log_softmax(dim=-1).gather(2, ids[:, 1:, None])[..., 0]


def _not_shifted(logits, ids, is_answer):
    of_same = logits.log_softmax(dim=-1).gather(2, ids[..., None])[..., 0]
    return (of_same * is_answer).sum(dim=1)


def _shifted_the_other_way(logits, ids, is_answer):
    of_last = logits[:, 1:].log_softmax(dim=-1).gather(2, ids[:, :-1, None])[..., 0]
    return (of_last * is_answer[:, :-1]).sum(dim=1)


def _mask_not_shifted(logits, ids, is_answer):
    return (_of_next(logits, ids) * is_answer[:, :-1]).sum(dim=1)


def _mean(logits, ids, is_answer):
    return sequence_log_probability(logits, ids, is_answer) / is_answer.sum(dim=1)


def _mean_over_positions(logits, ids, is_answer):
    return (_of_next(logits, ids) * is_answer[:, 1:]).mean(dim=1)


def _prompt_counts(logits, ids, is_answer):
    places = torch.arange(ids.shape[1])
    last = (is_answer * places).amax(dim=1, keepdim=True)
    return sequence_log_probability(logits, ids, places <= last)


def _padding_counts(logits, ids, is_answer):
    return sequence_log_probability(logits, ids, is_answer.int().cummax(dim=1).values.bool())


def _everything_counts(logits, ids, is_answer):
    return _of_next(logits, ids).sum(dim=1)


def _not_the_answer(logits, ids, is_answer):
    return sequence_log_probability(logits, ids, ~is_answer)


def _end_left_out(logits, ids, is_answer):
    after = torch.nn.functional.pad(is_answer[:, 1:], (0, 1))
    return sequence_log_probability(logits, ids, is_answer & after)


def _first_left_out(logits, ids, is_answer):
    before = torch.nn.functional.pad(is_answer[:, :-1], (1, 0))
    return sequence_log_probability(logits, ids, is_answer & before)


def _without_softmax(logits, ids, is_answer):
    return (logits[:, :-1].gather(2, ids[:, 1:, None])[..., 0] * is_answer[:, 1:]).sum(dim=1)


def _probabilities(logits, ids, is_answer):
    return (_of_next(logits, ids).exp() * is_answer[:, 1:]).sum(dim=1)


def _probability(logits, ids, is_answer):
    return sequence_log_probability(logits, ids, is_answer).exp()


def _negative(logits, ids, is_answer):
    return -sequence_log_probability(logits, ids, is_answer)


def _of_each_token(logits, ids, is_answer):
    return _of_next(logits, ids) * is_answer[:, 1:]


def _one_number(logits, ids, is_answer):
    return sequence_log_probability(logits, ids, is_answer).sum()


def _mean_over_rows(logits, ids, is_answer):
    return sequence_log_probability(logits, ids, is_answer).mean()


def _token_mean(logits, ids, is_answer):
    return _of_next(logits, ids)[is_answer[:, 1:]].mean()


def _of_the_most_probable(logits, ids, is_answer):
    return (logits[:, :-1].log_softmax(dim=-1).amax(dim=-1) * is_answer[:, 1:]).sum(dim=1)


def _softmax_over_positions(logits, ids, is_answer):
    log_p = logits[:, :-1].log_softmax(dim=1).gather(2, ids[:, 1:, None])[..., 0]
    return (log_p * is_answer[:, 1:]).sum(dim=1)


def _last_token_alone(logits, ids, is_answer):
    rows, last = torch.arange(len(ids)), (is_answer * torch.arange(ids.shape[1])).amax(dim=1)
    return _of_next(logits, ids)[rows, last - 1]


def _first_token_alone(logits, ids, is_answer):
    return _of_next(logits, ids)[torch.arange(len(ids)), is_answer.int().argmax(dim=1) - 1]


def _count(logits, ids, is_answer):
    return is_answer[:, 1:].sum(dim=1)


def _mask_added(logits, ids, is_answer):
    return (_of_next(logits, ids) + is_answer[:, 1:]).sum(dim=1)


def _softmax_over_rows(logits, ids, is_answer):
    log_p = logits[:, :-1].log_softmax(dim=0).gather(2, ids[:, 1:, None])[..., 0]
    return (log_p * is_answer[:, 1:]).sum(dim=1)


def _ids_too_large(logits, ids, is_answer):
    return sequence_log_probability(logits, (ids + 1) % logits.shape[-1], is_answer)


def _ids_too_small(logits, ids, is_answer):
    return sequence_log_probability(logits, (ids - 1) % logits.shape[-1], is_answer)


def _rows_sorted(logits, ids, is_answer):
    return sequence_log_probability(logits, ids.sort(dim=0).values, is_answer)


SEQUENCE_LOG_PROBABILITY = Exercise(
    name="dpo.sequence_log_probability",
    title=_("The probability of an answer"),
    solution=sequence_log_probability,
    cases=_sequence_log_probability_cases,
    hints=(
        _(
            "The logits at position t belong to the token at t + 1: leave out the last logits, and the first ids and "
            "the first column of the mask. Then log-softmax, the entry of each next token, and a sum over what is "
            "True."
        ),
        _(
            "`log_p = logits[:, :-1].log_softmax(dim=-1)`; `log_p.gather(2, ids[:, 1:, None])[..., 0]` has the "
            "log-probability of each next token, and `is_answer[:, 1:]` says which count."
        ),
    ),
    mistakes=(
        Mistake(
            _not_shifted,
            _("You read each token from the logits at its **own** position: the logits **before** it predict it."),
        ),
        Mistake(
            _shifted_the_other_way,
            _("You shift the **other way**: the logits at t predict the token at t + 1, not the one at t - 1."),
        ),
        Mistake(
            _mask_not_shifted,
            _(
                "The **mask** is not shifted in yours: it belongs to the tokens, `is_answer[:, 1:]`. Your sum lacks "
                "the answer's first token, and has the one after its end."
            ),
        ),
        Mistake(
            _mean,
            _("You take the **mean** over the answer's tokens: the log-probability of an answer is the sum."),
        ),
        Mistake(_mean_over_positions, _("You take the **mean** over all positions: add up.")),
        Mistake(_prompt_counts, _("The **prompt** counts in yours: only the answer's tokens do.")),
        Mistake(_padding_counts, _("The **padding** counts in yours: only the answer's tokens do.")),
        Mistake(_everything_counts, _("You do not use **is_answer**: prompt and padding are left out.")),
        Mistake(_not_the_answer, _("Your mask is **inverted**: True are the answer's tokens.")),
        Mistake(_end_left_out, _("The **last** token of the answer is missing: its end counts, too.")),
        Mistake(_first_left_out, _("The **first** token of the answer is missing: the prompt predicts it.")),
        Mistake(_without_softmax, _("You add up **logits**: log-softmax over the vocabulary is missing.")),
        Mistake(_probabilities, _("You add up **probabilities**: add up their logarithms.")),
        Mistake(_probability, _("You return the **probability**: return its logarithm.")),
        Mistake(_negative, _("Your **sign** is turned round: that is a loss. A log-probability is 0 at most.")),
        Mistake(_of_each_token, _("You return a number for **each token**: add them up in each row.")),
        Mistake(_one_number, _("You add up the **rows**, too: return one number for each.")),
        Mistake(_mean_over_rows, _("You average over the **rows**: return one number for each.")),
        Mistake(_token_mean, _("You average over **all answers' tokens**: return the sum of each row.")),
        Mistake(
            _of_the_most_probable,
            _("You take the **most probable** token each time: take the token that is there, `gather`."),
        ),
        Mistake(
            _softmax_over_positions,
            _("Your log-softmax is over the **positions**: it is over the vocabulary, `dim=-1`."),
        ),
        Mistake(_last_token_alone, _("You return the **last** token's alone: add up all tokens of the answer.")),
        Mistake(_first_token_alone, _("You return the **first** token's alone: add up all tokens of the answer.")),
        Mistake(_count, _("You **count** the answer's tokens: add up their log-probabilities.")),
        Mistake(_mask_added, _("You **add** the mask: multiply by it, or leave out what is False.")),
        Mistake(_softmax_over_rows, _("Your log-softmax is over the **rows**: it is over the vocabulary, `dim=-1`.")),
        Mistake(_ids_too_large, _("Your ids are **1 too large**: id 0 is the first entry of the vocabulary.")),
        Mistake(_ids_too_small, _("Your ids are **1 too small**: id 0 is the first entry of the vocabulary.")),
        Mistake(_rows_sorted, _("You **sort** the ids: each belongs to its place.")),
    ),
    explanation=_(
        "The probability of an answer is the product of its tokens' probabilities, so its logarithm is the sum. A "
        "position too far to the left or right gives numbers that look the same, and a training that seems to run. "
        "With the mean in place of the sum DPO would be another loss: its derivation needs the answer's probability."
    ),
    compare=close,
)
