"""One recipe for every head: AdamW, a short warm-up, small rates, batches of like length."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.fine_tuning.heads import AnyClassifier, TokenClassifier
from course.fine_tuning.inputs import Row
from course.fine_tuning.predictions import evaluating, like_lengths
from course.fine_tuning.sets import LabelledTexts
from course.fine_tuning.stopping import EarlyStopping
from course.layers.sizes import require_positive, require_whole
from course.messages import _
from course.training import History, ShuffledBatches, linear_schedule, train


@dataclass(frozen=True)
class Recipe:
    """How to fine-tune. The rate rises to `learning_rate` over the share `warmup` of the steps, and then falls to 0.

    With `layer_decay` below 1, the rate of each block is that of the one above it times this number: the head has the
    full rate, the embedding the smallest. `weight_decay` acts on the matrices alone. Raises `ValueError` for a number
    out of its range.

    Source: Devlin et al. 2019, appendix A.2 and A.3; why warm-up and Adam's bias correction matter: Mosbach et al.
    2021, Zhang et al. 2021; a rate for each layer: Howard and Ruder 2018, section 3.2.
    """

    learning_rate: int | float = 5e-5
    epochs: int | float = 3
    batch_size: int = 32
    weight_decay: int | float = 0.01
    warmup: int | float = 0.1
    layer_decay: int | float = 1.0
    max_gradient_norm: int | float = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, Real):
                raise ValueError(_("{name} is {value!r}; it must be a number.").format(name=name, value=value))
        require_positive(float(self.learning_rate), "learning_rate")
        require_positive(float(self.epochs), "epochs")
        require_whole(self.batch_size, "batch_size")
        if not self.max_gradient_norm > 0:  # infinity clips nothing
            raise ValueError(
                _("max_gradient_norm is {value}; it must be above 0.").format(value=self.max_gradient_norm)
            )
        for name, value in (("warmup", self.warmup), ("weight_decay", self.weight_decay)):
            if not 0 <= value < 1:
                raise ValueError(_("{name} is {value}; it must be from 0 to below 1.").format(name=name, value=value))
        if not 0 < self.layer_decay <= 1:
            raise ValueError(
                _("layer_decay is {value}; it must be above 0 and at most 1.").format(value=self.layer_decay)
            )

    def steps(self, n_texts: int) -> int:
        """How many steps `fine_tune` takes with so many training texts."""
        return math.ceil(self.epochs * math.ceil(n_texts / self.batch_size))


def fine_tune(
    model: AnyClassifier,
    training: LabelledTexts,
    recipe: Recipe,
    *,
    seed: int = 0,
    validation: LabelledTexts | None = None,
    evaluate_every: int | None = None,
    stop: EarlyStopping | None = None,
    penalty: Callable[[], Tensor] | None = None,
    **options: Any,
) -> History:
    """Train the parts of the model that are not frozen, and leave it in eval mode.

    With `validation`, its loss and accuracy are measured every `evaluate_every` steps and at the end; `stop` may then
    end the training, and the model gets the weights of its best evaluation. `penalty()`, a number that depends on the
    weights alone, is added to the loss of each training batch, and so to the losses of the history; the loss on
    `validation` is without it. `options` are arguments of `course.training.train`. Raises `ValueError` for a set that
    is for something else: a model is neither trained on validation or test texts, nor stopped by test texts. Likewise
    for a `stop` of another model.
    """
    training.require("training")
    if validation is not None:
        validation.require("validation")
    if stop is not None and validation is None:
        raise ValueError(_("Early stopping needs a validation set."))
    if stop is not None and stop.model is not model:
        raise ValueError(_("`stop` keeps the weights of another model: make an EarlyStopping of the one to train."))
    items = rows_with_targets(model, training)
    held_out = None if validation is None else rows_with_targets(model, validation)
    batches = ShuffledBatches(items, recipe.batch_size, list, seed=seed, length=lambda item: len(item[0].ids))
    steps = recipe.steps(len(items))

    def loss(_model: nn.Module, batch: Sequence[tuple[Row, Any]]) -> Tensor:
        return model.loss(batch) if penalty is None else model.loss(batch) + penalty()

    history = train(
        model,
        batches,
        loss,
        torch.optim.AdamW(
            parameter_groups(model, recipe.weight_decay, recipe.layer_decay), lr=recipe.learning_rate, fused=True
        ),
        steps=steps,
        seed=seed,
        learning_rate=linear_schedule(recipe.learning_rate, steps, max(1, round(recipe.warmup * steps))),
        max_gradient_norm=recipe.max_gradient_norm,
        evaluate=None if held_out is None else lambda _model: loss_and_accuracy(model, held_out),
        evaluate_every=evaluate_every,
        stop=stop,
        **options,
    )
    if stop is not None:
        stop.restore()
    return history


def rows_with_targets(model: AnyClassifier, texts: LabelledTexts) -> list[tuple[Row, Any]]:
    """What the model's loss reads.

    Raises `ValueError` for a label that is no class of the model, and where not each word has a label.
    """
    if isinstance(model, TokenClassifier):
        for words, labels in zip(texts.texts, texts.labels, strict=True):
            if isinstance(labels, str) or len(words) != len(labels):
                raise ValueError(
                    _("The words {words!r} have the labels {labels!r}; each word needs one, in a list.").format(
                        words=words, labels=labels
                    )
                )
    rows = [model.row(text) for text in texts.texts]
    return list(zip(rows, model.targets(texts.labels, rows), strict=True))


@torch.no_grad()
def loss_and_accuracy(
    model: AnyClassifier, items: Sequence[tuple[Row, Any]], *, batch_size: int = 64
) -> dict[str, float]:
    """The mean loss and the share of right classes, of texts or of words, without dropout."""
    losses: list[Tensor] = []
    right: list[Tensor] = []
    with evaluating(model):
        for numbers in like_lengths([row for row, _target in items], batch_size):
            logits, targets = logits_and_targets(model, [items[i] for i in numbers])
            losses.append(F.cross_entropy(logits, targets, reduction="none"))
            right.append(logits.argmax(dim=-1) == targets)
    return {"loss": torch.cat(losses).mean().item(), "accuracy": torch.cat(right).float().mean().item()}


def logits_and_targets(model: AnyClassifier, batch: Sequence[tuple[Row, Any]]) -> tuple[Tensor, Tensor]:
    """The logits and the class of every labelled text, or of every labelled word, one after the other."""
    logits = model(model.batch([row for row, _target in batch]))
    if isinstance(model, TokenClassifier):
        logits = torch.cat([logits[i, row.first_pieces] for i, (row, _target) in enumerate(batch)])
        targets = [target[place] for row, target in batch for place in row.first_pieces]
    else:
        targets = [target for _row, target in batch]
    return logits, torch.tensor(targets, device=logits.device)


def parameter_groups(
    model: AnyClassifier, weight_decay: int | float, layer_decay: int | float = 1.0
) -> list[dict[str, Any]]:
    """The trained parameters as an optimizer's groups: by depth, and with weight decay on matrices alone.

    Biases and the weights of normalizations are not pulled to 0: a normalization whose weights are 0 passes nothing on.
    `lr_scale` is what the schedule's rate is multiplied by in `train`: 1 for the head, `layer_decay` for the last
    block, its square for the block below, and so on down to the embedding. The head's group comes first. Raises
    `ValueError` when all parts are frozen.

    Source: `exclude_from_weight_decay` of the authors' code, google-research/bert, optimization.py.
    """
    n_blocks = len(model.body.blocks)
    groups: dict[tuple[int, bool], dict[str, Any]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        depth = _depth(name, n_blocks)
        decays = parameter.ndim > 1
        group = groups.setdefault(
            (depth, decays),
            {
                "params": [],
                "weight_decay": weight_decay if decays else 0.0,
                "lr_scale": layer_decay**depth,
            },
        )
        group["params"].append(parameter)
    if not groups:
        raise ValueError(_("Nothing is left to train: all parts of the model are frozen."))
    return [groups[key] for key in sorted(groups)]


def _depth(name: str, n_blocks: int) -> int:
    """0 for the head and what comes after the last block, 1 for the last block, `n_blocks` + 1 for the embedding."""
    if name.startswith("body.embedding."):
        return n_blocks + 1
    if name.startswith("body.blocks."):
        return n_blocks - int(name.split(".")[2])
    return 0
