"""Correlations by SciPy, which is not among the pins; the tests read what it wrote.

pip install scipy==1.17.1   # in an environment of its own
python tests/evaluation/make_correlation_cases.py
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import pearsonr, rankdata, spearmanr

FIXED = (
    ([1, 2], [5, 7]),
    ([1, 2], [7, 5]),
    ([3, 3, 3, 3], [1, 2, 3, 4]),
    ([1, 2, 3, 4], [2.5, 2.5, 2.5, 2.5]),
    ([0, 0, 0], [0, 0, 0]),
    ([1, 1, 2, 2, 3, 3], [0, 0, 0, 1, 1, 1]),
    ([0, 1, 2, 3, 4, 5], [0, 1, 4, 9, 16, 25]),
    ([1e-200, 2e-200, 4e-200], [1, 3, 2]),
    ([1e200, 2e200, 4e200, -1e200], [1, 3, 2, 0]),
    ([1e9 + 1, 1e9 + 2, 1e9 + 4], [1, 2, 3]),
    ([-1, -2, -3, -5], [1, 2, 3, 5]),
)


def main() -> None:
    rng = np.random.default_rng(0)
    drawn = []
    for n in (2, 3, 4, 5, 8, 20, 50, 120):
        for levels in (2, 6):
            drawn.append((rng.integers(levels, size=n), rng.integers(levels, size=n)))  # ties
        true = rng.uniform(0, 5, n).round(2)
        drawn.append((true, (true + rng.normal(0, 2, n)).round(4)))
        drawn.append((true.round(), np.clip(true + rng.normal(0, 1, n), 0, 5).round(4)))
    cases = []
    warnings.simplefilter("ignore")
    for true, predicted in (*FIXED, *drawn):
        found = [float(of(true, predicted).statistic) for of in (pearsonr, spearmanr)]
        cases.append(
            {
                "true": [float(value) for value in true],
                "predicted": [float(value) for value in predicted],
                "pearson": None if math.isnan(found[0]) else found[0],
                "spearman": None if math.isnan(found[1]) else found[1],
                "ranks": rankdata(predicted).tolist(),
            }
        )
    target = Path(__file__).parent / "correlation_cases.json"
    rows = ",\n".join(map(json.dumps, cases))
    target.write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
