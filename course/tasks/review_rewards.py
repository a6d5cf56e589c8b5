"""What is a good continuation: the gold score, and the reward models that learn from preferences of the gold.

The gold is a classifier of real reviews that were labelled by their critics; it plays the person whose preferences are
learned. A proxy is a reward model that has seen some of its preferences. Gold and proxies are given in standard
deviations of the reference policy's responses, whose mean is 0; both are measured on responses to validation prompts.
"""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor

from course import trained
from course.fine_tuning import SentenceClassifier, predict_logits
from course.messages import _
from course.peft import LoRA
from course.rlhf import Responses, RewardModel
from course.tasks.labelled import CLASSES
from course.tasks.review_policies import TARGETS, reference_policy

PROXY_LORA = LoRA(16, targets=TARGETS)


class Units(NamedTuple):
    """Mean and standard deviation of a score over responses of the reference policy."""

    mean: float
    std: float

    def __call__(self, scores: Float[Tensor, "row"]) -> Float[Tensor, "row"]:
        """The scores in standard deviations from that mean."""
        return (scores - self.mean) / self.std


@functools.cache
def gold_classifier() -> SentenceClassifier:
    """The classifier of lesson 10 that was trained on all labelled reviews."""
    return cast(SentenceClassifier, trained.load("fine_tuning/upper-all"))


def gold_logits(texts: Sequence[str]) -> Float[Tensor, "text"]:
    """The logit of "positive" minus that of "negative", of each review."""
    logits = predict_logits(gold_classifier(), list(texts))
    return logits[:, CLASSES.index("positive")] - logits[:, CLASSES.index("negative")]


@functools.cache
def gold_units() -> Units:
    """How gold scores are given: see `trained/rlhf/pairs-0.json`. Raises `ValueError` while there are no pairs."""
    record = trained.record_of("rlhf", "pairs")
    return Units(record["gold_mean"], record["gold_std"])


def gold_scores(texts: Sequence[str]) -> Float[Tensor, "text"]:
    """How positive each review is, in standard deviations of the reference policy's."""
    return gold_units()(gold_logits(texts))


def distinct_trigrams(texts: Sequence[str]) -> float:
    """Of all sequences of three words in the texts, the share that are different: low where the texts are alike.

    It falls with the number of texts, too: compare as many. Texts without three words count as nothing. Raises
    `ValueError` where no text has three words.
    """
    rows = [text.split() for text in texts]
    found = [tuple(words[at : at + 3]) for words in rows for at in range(len(words) - 2)]
    if not found:
        raise ValueError(_("No text has three words: there are no trigrams to count. Give longer texts."))
    return len(set(found)) / len(found)


def new_reward_model(seed: int, head_std: float = 0.01) -> RewardModel:
    """A head on the reference policy, without LoRA yet. A small head says little at first, and learns faster."""
    return RewardModel(reference_policy(), head_std=head_std, generator=torch.Generator().manual_seed(seed))


def proxy(name: str) -> RewardModel:
    """A stored reward model, "proxy-200" or "proxy-2000", in standard deviations of the reference's responses.

    Its LoRA weights are beside the records, the numbers of its head in the record. Raises `ValueError` while it has
    not been trained.
    """
    record = trained.record_of("rlhf", name)
    model = new_reward_model(0)
    trained.load_method(f"rlhf/{name}", model.body)
    with torch.no_grad():  # stored in half precision, of which six digits are more than enough
        model.head.weight.copy_(torch.tensor([trained.numbers(record["head"])]).half())
        model.head.bias.copy_(torch.tensor([record["head_bias"]]).half())
    return model.eval()


def proxy_score(model: RewardModel) -> Callable[[Responses], Float[Tensor, "row"]]:
    """What `train_ppo` is to maximize."""
    return model.score
