"""The optimizer of the fit: many starts at once, by reweighted least squares that never raise the objective.

No library: the law's five numbers in logarithms make the loss a log-sum-exp of three lines, whose derivatives are its
softmax.
"""

import numpy as np
from jaxtyping import Bool, Float

EXPONENTS = np.linspace(0.05, 1.5, 12)  # of the grid of starts
STEPS = 300
CONVERGED = 1e-10  # of the objective, relative: below that a step changes nothing


def log_loss(
    theta: Float[np.ndarray, "start 5"], log_n: Float[np.ndarray, "run"], log_d: Float[np.ndarray, "run"]
) -> tuple[Float[np.ndarray, "start run"], Float[np.ndarray, "start run 5"]]:
    """The law's log loss of every run, and its derivatives. `theta` are log A, log B, log E, alpha and beta."""
    a, b, e, alpha, beta = (theta[:, [i]] for i in range(5))
    terms = np.stack(np.broadcast_arrays(a - alpha * log_n, b - beta * log_d, e), axis=-1)
    most = terms.max(axis=-1, keepdims=True)
    powers = np.exp(terms - most)
    total = powers.sum(axis=-1, keepdims=True)
    shares = powers / total
    slopes = np.stack(
        (shares[..., 0], shares[..., 1], shares[..., 2], -shares[..., 0] * log_n, -shares[..., 1] * log_d), axis=-1
    )
    return (most + np.log(total))[..., 0], slopes


def huber(residuals: Float[np.ndarray, "*runs"], delta: int | float) -> Float[np.ndarray, "*runs"]:
    """Half the square of a small residual; of one beyond `delta` it grows in a line. Source: Huber 1964."""
    size = np.abs(residuals)
    return np.where(size <= delta, 0.5 * size**2, delta * (size - 0.5 * delta))


def starts(
    log_n: Float[np.ndarray, "run"],
    log_d: Float[np.ndarray, "run"],
    log_l: Float[np.ndarray, "run"],
    weights: Float[np.ndarray, "run"],
) -> Float[np.ndarray, "start 5"]:
    """A start for each pair of exponents of a grid: E, A and B by least squares of relative errors.

    With the exponents given, the law is linear in the other three (variable projection: Golub and Pereyra 1973), so two
    numbers have to be searched for, not five. What comes out below 0 is raised to a thousandth of the loss.
    """
    found = []
    loss = np.exp(log_l)
    for alpha in EXPONENTS:
        for beta in EXPONENTS:
            columns = np.stack(
                (np.exp(-alpha * (log_n - log_n.mean())), np.exp(-beta * (log_d - log_d.mean())), np.ones_like(log_n)),
                axis=1,
            )
            scaled = columns / loss[:, None] * np.sqrt(weights)[:, None]
            solved = np.linalg.lstsq(scaled, np.sqrt(weights), rcond=None)[0]
            a, b, e = np.log(np.maximum(solved, 1e-3 * loss.min()))
            found.append((a + alpha * log_n.mean(), b + beta * log_d.mean(), e, alpha, beta))
    return np.array(found)


def refine(
    theta: Float[np.ndarray, "start 5"],
    log_n: Float[np.ndarray, "run"],
    log_d: Float[np.ndarray, "run"],
    log_l: Float[np.ndarray, "run"],
    weights: Float[np.ndarray, "start run"],
    delta: int | float,
    steps: int = STEPS,
) -> tuple[Float[np.ndarray, "start 5"], Float[np.ndarray, "start"], Bool[np.ndarray, "start"]]:
    """Go down from every start: the numbers, the objective, and whether a step no longer lowered it.

    The objective is the weighted *sum* of Huber's function over the runs. Each step solves the damped least squares
    that touches it from above; a step that raises it is taken back and the damping raised.
    """
    theta, damping = theta.copy(), np.full(len(theta), 1e-3)
    predicted, slopes = log_loss(theta, log_n, log_d)
    objective = (weights * huber(predicted - log_l, delta)).sum(axis=1)
    done = np.zeros(len(theta), bool)
    for _step in range(steps):
        active = np.flatnonzero(~done)
        if not len(active):
            break
        residuals = predicted[active] - log_l
        curve = weights[active] / np.maximum(np.abs(residuals) / delta, 1.0)
        jacobian = slopes[active]
        normal = np.einsum("srp,sr,srq->spq", jacobian, curve, jacobian)
        gradient = np.einsum("srp,sr,sr->sp", jacobian, curve, residuals)
        diagonal = np.einsum("spp->sp", normal)
        damped = (
            normal
            + np.eye(5) * (damping[active, None] * diagonal + 1e-12 * diagonal.max(axis=1, keepdims=True))[:, None]
        )
        tried = theta[active] - np.linalg.solve(damped, gradient[..., None])[..., 0]
        tried[:, 3:] = np.clip(tried[:, 3:], 1e-3, 5.0)
        new_predicted, new_slopes = log_loss(tried, log_n, log_d)
        new = (weights[active] * huber(new_predicted - log_l, delta)).sum(axis=1)
        better = np.isfinite(new) & (new < objective[active])
        small = better & (objective[active] - new <= CONVERGED * objective[active])
        taken = active[better]
        theta[taken], objective[taken] = tried[better], new[better]
        predicted[taken], slopes[taken] = new_predicted[better], new_slopes[better]
        damping[active] = np.where(better, damping[active] / 3, damping[active] * 4).clip(1e-12, 1e12)
        done[active] = small | (~better & (damping[active] >= 1e10)) | (objective[active] < 1e-24)
    return theta, objective, done
