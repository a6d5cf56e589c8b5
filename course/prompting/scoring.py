"""How probable a model finds each of some answers after a prompt.

The answers are scored, not generated, so every prompt gets a number for every answer, whatever the model would rather
have said.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.prompting.shared_prefix import Continuation, continuation_scores
from course.prompting.template import Prompt
from course.tokenization import Tokenizer

Per = Literal["sum", "character", "byte"]


def encode_pair(tokenizer: Tokenizer, prompt: str, answer: str) -> Continuation:
    """The tokens of a prompt and those of its answer: the text of both is encoded in one, and cut after the prompt's.

    White space at the prompt's end goes to the answer, since most tokens of words have their space in front. Raises
    `ValueError` for an empty answer, for a prompt without anything but white space, and where a token would lie across
    the border.

    Source: `_encode_pair` of EleutherAI/lm-evaluation-harness (lm_eval/api/model.py), which cuts without looking.
    """
    if not answer.strip():
        raise ValueError(_("The answer {answer!r} is empty: give it a word.").format(answer=answer))
    kept = prompt.rstrip()
    if not kept:
        raise ValueError(_("The prompt {prompt!r} is empty: write something before the answer.").format(prompt=prompt))
    before, whole = tokenizer.encode(kept), tokenizer.encode(prompt + answer)
    if whole[: len(before)] != before or len(whole) == len(before):
        raise ValueError(
            _(
                "The end of the prompt, {end!r}, and the answer {answer!r} have a token in common: begin the answer "
                "with a space, or end the prompt with a sign such as a colon."
            ).format(end=kept[-20:], answer=answer)
        )
    return Continuation(tuple(before), tuple(whole[len(before) :]))


def answer_scores(
    model: CausalLanguageModel,
    tokenizer: Tokenizer,
    prompts: Sequence[str | Prompt],
    answers: Sequence[str],
    *,
    per: Per = "sum",
    share_prefix: bool = True,
    batch_size: int = 16,
) -> Float[Tensor, "prompt answer"]:
    """The log-probability of each answer after each prompt, in nats: the sum over the answer's tokens, or a mean.

    "character" divides it by the characters of the answer, "byte" by its bytes in UTF-8, both without the white space
    that separates the answer from the prompt. So "sum" decides as the measure `acc` of the lm-evaluation-harness does,
    and "character" as its `acc_norm`, which divides by `len(choice)`, a choice being without its delimiter. What all
    prompts begin with is read once, unless `share_prefix` is false. Raises `ValueError` as `encode_pair` and
    `continuation_scores` do, for fewer than one prompt or answer, an answer given twice, and another `per`.
    """
    if isinstance(prompts, str) or isinstance(answers, str):
        raise TypeError(_("Prompts and answers are lists of texts; put a single one into a list."))
    if per not in get_args(Per):
        raise ValueError(_("per is {per!r}; give one of {known}.").format(per=per, known=", ".join(get_args(Per))))
    if not prompts or not answers or len(set(answers)) < len(answers):
        raise ValueError(
            _("There are {prompts} prompts and the answers {answers}: give a prompt, and answers that differ.").format(
                prompts=len(prompts), answers=", ".join(map(repr, answers)) or _("(none)")
            )
        )
    rows = [encode_pair(tokenizer, str(prompt), answer) for prompt in prompts for answer in answers]
    found = continuation_scores(model, rows, share_prefix=share_prefix, batch_size=batch_size)
    scores = found.view(len(prompts), len(answers))
    if per == "sum":
        return scores
    sizes = [len(answer.lstrip() if per == "character" else answer.lstrip().encode()) for answer in answers]
    return scores / torch.tensor(sizes, dtype=scores.dtype, device=scores.device)
