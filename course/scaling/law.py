"""The law of loss, size and data, and its published coefficients.

L(N, D) = E + A / N^α + B / D^β. E is what no model of the family gets below on this text; the second term is what too
few parameters cost, the third what too few tokens cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from course.layers.sizes import require_positive
from course.messages import _
from course.scaling.counting import require_counting

Number = int | float
Numbers = np.ndarray | Sequence[Number] | Number


def _pairs(
    n_parameters: Numbers, n_tokens: Numbers
) -> tuple[Float[np.ndarray, "*sizes"], Float[np.ndarray, "*lengths"]]:
    """Sizes and lengths as numbers that have a logarithm, or are infinite."""
    found = np.asarray(n_parameters, np.float64), np.asarray(n_tokens, np.float64)
    for name, values in zip(("n_parameters", "n_tokens"), found, strict=True):
        wrong = values[~(values > 0)]
        if wrong.size:
            raise ValueError(_("{name} has the value {value}; it must be above 0.").format(name=name, value=wrong[0]))
    return found


@dataclass(frozen=True)
class Law:
    """L(N, D) = E + A / N^alpha + B / D^beta, in nats a token. Raises `ValueError` for a number that is not above 0.

    `counting` says which parameters N counts, one of `COUNTINGS`; another is refused.

    Source: Hoffmann et al. 2022, equation 2.
    """

    E: Number
    A: Number
    B: Number
    alpha: Number
    beta: Number
    counting: str = "all"

    def __post_init__(self) -> None:
        for name in ("E", "A", "B", "alpha", "beta"):
            require_positive(getattr(self, name), name)
        require_counting(self.counting)

    def loss(self, n_parameters: Numbers, n_tokens: Numbers) -> Float[np.ndarray, "*runs"]:
        """The loss at these sizes and lengths, in pairs. Raises `ValueError` for one that is not above 0."""
        sizes, lengths = _pairs(n_parameters, n_tokens)
        return np.asarray(self.E + self.A / sizes**self.alpha + self.B / lengths**self.beta)

    @property
    def size_exponent(self) -> float:
        """a in N ∝ C^a: how the best size grows with the operations that are spent, where a token costs 6N.

        Source: Hoffmann et al. 2022, equation 4.
        """
        return self.beta / (self.alpha + self.beta)

    @property
    def data_exponent(self) -> float:
        """b in D ∝ C^b: 1 - a."""
        return self.alpha / (self.alpha + self.beta)


@dataclass(frozen=True)
class KaplanLaw:
    """L(N, D) = ((N_c / N)^(alpha_n / alpha_d) + D_c / D)^alpha_d, N without embeddings.

    There is no E: with size and data the loss falls to 0. Raises `ValueError` for a number that is not above 0.

    Source: Kaplan et al. 2020, equation 1.5.
    """

    N_c: Number
    D_c: Number
    alpha_n: Number
    alpha_d: Number
    counting: str = "body"

    def __post_init__(self) -> None:
        for name in ("N_c", "D_c", "alpha_n", "alpha_d"):
            require_positive(getattr(self, name), name)

    def loss(self, n_parameters: Numbers, n_tokens: Numbers) -> Float[np.ndarray, "*runs"]:
        """The loss at these sizes and lengths, in pairs. Raises `ValueError` for one that is not above 0."""
        sizes, lengths = _pairs(n_parameters, n_tokens)
        return np.asarray(((self.N_c / sizes) ** (self.alpha_n / self.alpha_d) + self.D_c / lengths) ** self.alpha_d)


@dataclass(frozen=True)
class PowerFrontier:
    """The best size and length for so many operations, as a power law: N = size · (C / unit)^size_exponent.

    Raises `ValueError` for a number that is not above 0.
    """

    size: Number
    size_exponent: Number
    tokens: Number
    data_exponent: Number
    unit: Number = 1.0
    counting: str = "all"

    def __post_init__(self) -> None:
        for name in ("size", "size_exponent", "tokens", "data_exponent", "unit"):
            require_positive(getattr(self, name), name)

    def optimum(self, flops: Number) -> tuple[float, float]:
        """The best number of parameters and of tokens. Raises `ValueError` for operations that are not above 0."""
        require_positive(flops, "flops")
        units = flops / self.unit
        return self.size * units**self.size_exponent, self.tokens * units**self.data_exponent


PF_DAY = 8.64e19  # floating-point operations: 10^15 a second for a day

# Hoffmann et al. 2022, appendix D.2, equation 10. They print E 1.69, alpha 0.34 and beta 0.28; the digits that they
# rounded away are in the paper's source, as Besiroglu et al. 2024 report, and move the optimum.
HOFFMANN = Law(E=1.6934, A=406.4, B=410.7, alpha=0.3392, beta=0.2849)
HOFFMANN_AS_PRINTED = Law(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
# Besiroglu et al. 2024, "Chinchilla Scaling: A replication attempt": the same law on the runs of Hoffmann's
# figure 4, read off the picture.
BESIROGLU = Law(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
# Kaplan et al. 2020, table 2.
KAPLAN = KaplanLaw(N_c=6.4e13, D_c=1.8e13, alpha_n=0.076, alpha_d=0.103)
# Kaplan et al. 2020, appendix A, table 6: N_opt and D_opt by C_min, the operations that training far below the critical
# batch size would take; fitted on their own, not derived from `KAPLAN`. 0.73 is what Hoffmann et al. contradict with
# 0.46 to 0.50 (table 2).
KAPLAN_FRONTIER = PowerFrontier(1.3e9, 0.73, 2e10, 0.27, unit=PF_DAY, counting="body")
