"""Learning rates, step by step. Steps count from 1."""

from collections.abc import Callable

from course.messages import _


def linear_schedule(peak: float, steps: int, warmup_steps: int) -> Callable[[int], float]:
    """The learning rate for each step: it rises in a line to `peak` at step `warmup_steps`, and falls in a line to 0.

    The first step has a rate above 0, and so does the last; 0 would be that of the step after it. With one warm-up step
    the first has the peak. Raises `ValueError` unless 1 ≤ `warmup_steps` ≤ `steps`, and for a step beyond them.
    """
    if steps < 1:
        raise ValueError(_("steps is {value}; it must be 1 or more.").format(value=steps))
    if not 1 <= warmup_steps <= steps:
        raise ValueError(
            _("{warmup_steps} warm-up steps do not fit into {steps} steps: choose 1 to {steps}.").format(
                warmup_steps=warmup_steps, steps=steps
            )
        )

    def rate(step: int) -> float:
        require_counted_from_1(step)
        if step > steps:
            raise ValueError(
                _("The schedule has steps 1 to {steps}, and this is step {step}: make it for more steps.").format(
                    steps=steps, step=step
                )
            )
        return peak * min(step / warmup_steps, (steps - step + 1) / (steps - warmup_steps + 1))

    return rate


def require_counted_from_1(step: int) -> None:
    """Raises `ValueError` for a step before the first."""
    if step < 1:
        raise ValueError(_("There is no step {step}: a schedule counts its steps from 1.").format(step=step))


def warmup(d_model: int, warmup_steps: int = 4000, factor: float = 1.0) -> Callable[[int], float]:
    """The paper's learning rate for each step: it rises for `warmup_steps`, then falls as 1/√step.

    Raises `ValueError` for `warmup_steps` below 1.

    Source: Vaswani et al. 2017, section 5.3, equation 3, times `factor`.
    """
    if warmup_steps < 1:
        raise ValueError(_("warmup_steps is {value}; it must be 1 or more.").format(value=warmup_steps))

    def rate(step: int) -> float:
        require_counted_from_1(step)
        return factor * d_model**-0.5 * min(step**-0.5, step * warmup_steps**-1.5)

    return rate
