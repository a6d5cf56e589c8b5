"""Tests of significance by SciPy and statsmodels, which are not among the pins; the tests read what they gave.

pip install scipy==1.17.1 statsmodels==0.15.0   # in an environment of its own
python tests/intervals/make_significance_cases.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

COUNTS = (
    (0, 0),
    (1, 0),
    (0, 5),
    (3, 3),
    (2, 9),
    (9, 2),
    (10, 25),
    (40, 61),
    (500, 520),
    (383, 305),
    (0, 1100),
    (3, 1200),
)
P_VALUES = (
    [0.04],
    [0.0, 1.0],
    [0.01, 0.02, 0.03, 0.04, 0.05],
    [0.05, 0.01, 0.01, 0.9, 0.04],
    [0.5, 0.5, 0.5],
    [1.0, 1.0],
)


def f1(true: np.ndarray, predicted: np.ndarray) -> float:
    both = true.sum() + predicted.sum()
    return float(2 * (true & predicted).sum() / both) if both else 0.0


def main() -> None:
    rng = np.random.default_rng(0)
    of_mcnemar = []
    for a, b in COUNTS:
        case = {"only_a": a, "only_b": b, "binomtest": 1.0 if a == b == 0 else float(stats.binomtest(a, a + b).pvalue)}
        if a + b:
            exact, chi2 = (mcnemar([[7, a], [b, 5]], exact=exact, correction=True) for exact in (True, False))
            case |= {"exact": float(exact.pvalue), "chi2": float(chi2.statistic), "chi2_p": float(chi2.pvalue)}
            case["sf"] = float(stats.chi2.sf(max(abs(a - b) - 1, 0) ** 2 / (a + b), 1))
        of_mcnemar.append(case)
    corrections = [
        {
            "p": list(p),
            "holm": multipletests(p, method="holm")[1].tolist(),
            "benjamini_hochberg": stats.false_discovery_control(p).tolist(),
        }
        for p in (*P_VALUES, *(rng.random(n).round(3).tolist() for n in (2, 9, 30)), (rng.random(40) ** 3).tolist())
    ]
    permutations = []
    for n, skill in ((4, 0.9), (8, 0.8), (12, 0.75), (12, 0.6), (20, 0.9)):
        true = rng.integers(2, size=n)
        a, b = (np.where(rng.random(n) < share, true, 1 - true) for share in (skill, 0.6))
        case = {"true": true.tolist(), "a": a.tolist(), "b": b.tolist()}
        for name, measure in (("accuracy", lambda t, p: float((t == p).mean())), ("f1", f1)):
            differing = np.flatnonzero(a != b)  # exchanging equal predictions changes nothing

            def difference(one, other, measure=measure, true=true, a=a, differing=differing):
                first, second = a.copy(), a.copy()
                first[differing], second[differing] = one, other
                return measure(true, first) - measure(true, second)

            found = stats.permutation_test(
                (a[differing], b[differing]), difference, permutation_type="samples", n_resamples=np.inf
            )
            case[name] = {"difference": float(found.statistic), "twice_smaller": float(found.pvalue)}
            case[name]["as_far"] = float((np.abs(found.null_distribution) >= abs(found.statistic) - 1e-12).mean())
        permutations.append(case)
    found = {"mcnemar": of_mcnemar, "corrections": corrections, "permutations": permutations}
    target = Path(__file__).parent / "significance_cases.json"
    rows = ",\n".join(f'"{name}": [\n' + ",\n".join(map(json.dumps, cases)) + "\n]" for name, cases in found.items())
    target.write_text("{\n" + rows + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
