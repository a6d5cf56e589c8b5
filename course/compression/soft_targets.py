"""Soft targets: what a teacher says of all classes, at a temperature that shows how it ranks the wrong ones."""

from numbers import Real

import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_positive
from course.messages import _

LEAST_TEMPERATURE, MOST_TEMPERATURE = 1e-3, 1e6


def soft_targets(logits: Float[Tensor, "*row class"], temperature: int | float) -> Float[Tensor, "*row class"]:
    """The softmax of logits divided by the temperature, in float32 at least: 1 is the usual one, more is flatter.

    The order of the classes stays. As the temperature grows, all probabilities go to 1 / the number of classes. Raises
    `ValueError` as `require_temperature` and `require_logits` do, and for logits too large to be divided by it.

    Source: Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network", section 2, equation 1.
    """
    return log_soft_targets(logits, temperature).exp()


def log_soft_targets(logits: Float[Tensor, "*row class"], temperature: int | float) -> Float[Tensor, "*row class"]:
    """The logarithms of `soft_targets`, in nats. Raises `ValueError` as it does."""
    require_temperature(temperature)
    require_logits(logits, "logits")
    divided = _in_full(logits) / temperature
    if not divided.isfinite().all():
        raise ValueError(
            _("One of the logits is {value:.3g}: divided by the temperature {temperature}, it is too large.").format(
                value=logits.abs().max().item(), temperature=temperature
            )
        )
    return torch.log_softmax(divided, dim=-1)


def centred(logits: Float[Tensor, "*row class"]) -> Float[Tensor, "*row class"]:
    """Logits minus their mean over the classes, in float32 at least: the softmax is the same.

    Raises `ValueError` as `require_logits` does.
    """
    require_logits(logits, "logits")
    logits = _in_full(logits)
    return logits - logits.mean(dim=-1, keepdim=True)


def entropy(probabilities: Float[Tensor, "*row class"]) -> Float[Tensor, "*row"]:
    """How undecided each row is, in nats: 0 for one sure class, ln of the number of classes for all alike.

    Raises `ValueError` for a row that is no distribution: a number below 0, or a sum that is not 1.
    """
    sums = probabilities.sum(dim=-1)
    if not (probabilities >= 0).all() or not torch.allclose(sums, torch.ones_like(sums), atol=1e-3):
        raise ValueError(_("These are no probabilities: each row needs numbers of 0 or more that add up to 1."))
    return -torch.special.xlogy(probabilities, probabilities).sum(dim=-1)


def require_temperature(temperature: int | float) -> None:
    """Raises `ValueError` for a temperature that is not above 0, or so near 0 or so high that rounding decides."""
    if isinstance(temperature, Real) and temperature > MOST_TEMPERATURE:
        raise ValueError(
            _(
                "temperature is {value}; it must be {most:g} or less. Beyond, all soft targets are alike, and the loss "
                "is `logit_matching_loss`."
            ).format(value=str(temperature)[:20], most=MOST_TEMPERATURE)
        )
    require_positive(temperature, "temperature")
    if temperature < LEAST_TEMPERATURE:
        raise ValueError(
            _(
                "temperature is {value:g}; it must be {least:g} or more. Below, the soft target is the class of the "
                "largest logit alone: take it as a label."
            ).format(value=temperature, least=LEAST_TEMPERATURE)
        )


def require_logits(logits: Tensor, name: str) -> None:
    """Raises `ValueError` for no row, for fewer than two classes, and for a logit that is not finite.

    A loss of such a logit is no number, or infinite, and one step later so are all weights of the student.
    """
    if logits.ndim < 1 or logits.shape[-1] < 2 or not logits.numel():
        raise ValueError(
            _("{name} has the shape {shape}; give one row or more, of two classes or more.").format(
                name=name, shape=list(logits.shape)
            )
        )
    finite = logits.isfinite()
    if not finite.all():
        place = (~finite).nonzero()[0].tolist()
        raise ValueError(
            _("{name} has {value} at {place}; each logit must be a finite number.").format(
                name=name, value=logits[tuple(place)].item(), place=place
            )
        )


def _in_full(logits: Tensor) -> Tensor:
    return logits.to(torch.promote_types(logits.dtype, torch.float32))
