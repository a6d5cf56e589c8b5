"""Contextual calibration: what a model answers to a prompt without content is its bias, and is divided out."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course.fine_tuning.inputs import require_list
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.prompting.scoring import answer_scores
from course.prompting.template import PromptTemplate, Shot
from course.tokenization import Tokenizer

CONTENT_FREE = ("N/A", "", "[MASK]")


def answer_probabilities(scores: Float[Tensor, "*prompt answer"]) -> Float[Tensor, "*prompt answer"]:
    """The probability of each answer, given that it is one of these: each row sums to 1."""
    return scores.softmax(dim=-1)


def calibrate(
    probabilities: Float[Tensor, "*prompt answer"], content_free: Float[Tensor, "input answer"]
) -> Float[Tensor, "*prompt answer"]:
    """The probabilities as they would be if content-free inputs got all answers alike; each row sums to 1.

    The mean of `content_free`, scaled to sum 1, is p_cf; each probability is divided by its answer's (W = diag(p_cf)⁻¹
    and b = 0) and the row scaled to sum 1, which changes no decision. That is computed in float64: p_cf may be so small
    that float32 has no number for the quotient. Raises `ValueError` for another number of answers on the two sides, no
    content-free row, what is no probability (a score, for example), a row of zeros, and an answer of which p_cf is 0.

    Source: Zhao et al. 2021, "Calibrate Before Use", section 5.
    """
    if probabilities.shape[-1] != content_free.shape[-1] or not len(content_free):
        raise ValueError(
            _("There are {answers} answers to calibrate, and content-free rows of the shape {shape}.").format(
                answers=probabilities.shape[-1], shape=tuple(content_free.shape)
            )
        )
    for given in (probabilities, content_free):
        if not (right := (given >= 0) & given.isfinite()).all():
            raise ValueError(
                _("{value} is no probability: give those of `answer_probabilities`, not scores.").format(
                    value=given[~right][0].item()
                )
            )
        if (given.sum(dim=-1) == 0).any():
            raise ValueError(_("A row of probabilities is 0 for all answers: it has no shares. Leave it out."))
    bias = content_free.double().mean(dim=0)
    bias = bias / bias.sum()
    if not (bias > 0).all():
        raise ValueError(
            _("The content-free probability of answer {number} is {value}: it must be above 0.").format(
                number=int((~(bias > 0)).nonzero()[0]), value=bias[~(bias > 0)][0].item()
            )
        )
    weighted = probabilities.double() / bias
    return (weighted / weighted.sum(dim=-1, keepdim=True)).to(probabilities.dtype)


def calibrated_probabilities(
    model: CausalLanguageModel,
    tokenizer: Tokenizer,
    template: PromptTemplate,
    texts: Sequence[str],
    words: Sequence[str],
    shots: Sequence[Shot] = (),
    *,
    content_free: Sequence[str] = CONTENT_FREE,
) -> tuple[Float[Tensor, "text word"], Float[Tensor, "text word"], Float[Tensor, "input word"]]:
    """The probabilities of the words after each text: as they are, calibrated, and after the content-free inputs.

    Texts and content-free inputs follow the same shots in the same order: another prompt has another bias. Raises
    `ValueError` as `answer_scores` and `calibrate` do, `TypeError` for one text in the place of several.
    """
    for given in (texts, content_free):
        require_list(given)
    prompts = [template.render(text, shots) for text in (*texts, *content_free)]
    found = answer_probabilities(answer_scores(model, tokenizer, prompts, template.answers(words)))
    plain, free = torch.split(found, [len(texts), len(content_free)])
    return plain, calibrate(plain, free), free
