"""Do induction heads make a model copy? Remove them, then as many other heads, and measure the loss of a repetition.

Source: Olsson et al. 2022, "In-context Learning and Induction Heads", argument 3 (ablations).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from course.fine_tuning.predictions import evaluating
from course.interpretability.ablation import Head, without_heads
from course.interpretability.induction import half_losses, induction_scores
from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_whole
from course.messages import _


class HalfLosses(NamedTuple):
    """The mean loss of each text's first half and of its repetition, in nats a token."""

    first: Float[Tensor, "text"]
    second: Float[Tensor, "text"]


@dataclass(frozen=True)
class CopyingTest:
    """What `copying_test` found. `scores` are those of all heads; `removed` have the highest, the highest first.

    `controls` are the other heads that each draw removed. The losses are of the texts that did not choose the heads;
    `unrepeated` is that of the same second halves, each after the first half of another text.
    """

    scores: Float[Tensor, "layer head"]
    removed: list[Head]
    controls: list[list[Head]]
    whole: HalfLosses
    unrepeated: Float[Tensor, "text"]
    without_removed: HalfLosses
    without_controls: list[HalfLosses]

    @property
    def gain(self) -> list[float]:
        """How much less each text's second half costs because it is a repetition, with all heads."""
        return (self.unrepeated - self.whole.second).tolist()

    @property
    def added(self) -> list[float]:
        """What each text's repetition costs more without the induction heads."""
        return (self.without_removed.second - self.whole.second).tolist()

    @property
    def added_to_first(self) -> list[float]:
        """What each text's first half costs more without the induction heads."""
        return (self.without_removed.first - self.whole.first).tolist()

    @property
    def added_by_controls(self) -> list[float]:
        """What each text's repetition costs more without the other heads: the mean over the draws."""
        second = torch.stack([losses.second for losses in self.without_controls])
        return (second.mean(dim=0) - self.whole.second).tolist()


def copying_test(
    model: CausalLanguageModel,
    to_find: Int[Tensor, "text position"],
    to_test: Int[Tensor, "other position"],
    period: int,
    *,
    n_heads: int = 6,
    n_draws: int = 5,
    seed: int = 0,
) -> CopyingTest:
    """Find the `n_heads` heads with the highest induction scores; on other texts, measure copying without them.

    Both sets are of `repeated_tokens` with this `period`. As a control, `n_draws` times as many of the other heads are
    removed: each of the layer of one induction head where there are enough, else of any layer. Raises `ValueError` for
    a text that is in both sets or twice in the test, for a number below 1, for fewer than two texts to test with, when
    there are too few other heads, and where the scores of heads are NaN. The model is in eval mode meanwhile.
    """
    for name, value in (("n_heads", n_heads), ("n_draws", n_draws)):
        require_whole(value, name)
    if shared := {tuple(row) for row in to_find.tolist()} & {tuple(row) for row in to_test.tolist()}:
        raise ValueError(
            _("{count} of the texts that find the heads also test them. Draw one set with another seed.").format(
                count=len(shared)
            )
        )
    if len(to_test) < 2:
        raise ValueError(
            _("Texts to test with: {count}. Give 2 or more: each is also read after another's first half.").format(
                count=len(to_test)
            )
        )
    if len(to_test.unique(dim=0)) < len(to_test):
        raise ValueError(
            _("A text is twice among those to test with: after its own first half it is a repetition. Give it once.")
        )
    with evaluating(model):
        return _copying_test(model, to_find, to_test, period, n_heads, n_draws, seed)


def _copying_test(
    model: CausalLanguageModel, to_find: Tensor, to_test: Tensor, period: int, n_heads: int, n_draws: int, seed: int
) -> CopyingTest:
    scores = induction_scores(model, to_find, period).mean(dim=0).cpu()
    if 2 * n_heads > scores.numel():
        raise ValueError(
            _("n_heads is {n_heads}; of {count} heads at most {limit} leave as many others for the control.").format(
                n_heads=n_heads, count=scores.numel(), limit=scores.numel() // 2
            )
        )
    if not scores.isfinite().all():
        raise ValueError(_("The induction scores of heads are NaN: the model's weights are NaN or infinite."))
    removed = [divmod(int(place), scores.shape[1]) for place in scores.flatten().topk(n_heads).indices]
    rng = np.random.default_rng(seed)
    controls = [_other_heads(removed, (scores.shape[0], scores.shape[1]), rng) for _draw in range(n_draws)]

    def losses_without(heads: list[Head]) -> HalfLosses:
        with without_heads(model, heads):
            return HalfLosses(*(half.cpu() for half in half_losses(model, to_test, period)))

    return CopyingTest(
        scores,
        removed,
        controls,
        losses_without([]),
        _unrepeated_loss(model, to_test, period),
        losses_without(removed),
        [*map(losses_without, controls)],
    )


@torch.no_grad()
def _unrepeated_loss(
    model: CausalLanguageModel, ids: Int[Tensor, "text position"], period: int
) -> Float[Tensor, "text"]:
    """The mean loss of each second half, without its first token, where the first half is that of another text."""
    mixed = torch.cat((ids.roll(1, dims=0)[:, : period + 1], ids[:, period + 1 :]), dim=1)
    losses = F.cross_entropy(model(mixed)[:, :-1].transpose(1, 2), mixed[:, 1:], reduction="none")
    return losses[:, period + 1 :].mean(dim=1).cpu()


def _other_heads(removed: list[Head], shape: tuple[int, int], rng: np.random.Generator) -> list[Head]:
    """As many heads that are not removed, each once; of the same layers while these have any."""
    n_layers, n_heads = shape
    chosen: list[Head] = []
    for layer, _head in removed:
        taken = {*removed, *chosen}
        of_layer = [(layer, head) for head in range(n_heads) if (layer, head) not in taken]
        of_any = [(row, head) for row in range(n_layers) for head in range(n_heads) if (row, head) not in taken]
        free = of_layer or of_any
        chosen.append(free[int(rng.integers(len(free)))])
    return chosen
