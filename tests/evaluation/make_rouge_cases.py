"""ROUGE of some texts by the package `rouge-score`, which is not among the pins; the tests read what it wrote.

pip install rouge-score==0.1.2   # in an environment of its own
python tests/evaluation/make_rouge_cases.py

The texts are ours, or words drawn at random.
"""

import json
import random
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer

NAMES = ("rouge1", "rouge2", "rougeL")
TEXTS = (
    ("Species of large cat", "Large species of wild cat"),
    ("the cat the cat the cat", "the cat sat on the mat"),
    ("A U.S. state, founded in 1848.", "U.S. state founded 1848"),
    ("well-known; it's 3.5 km (2 mi)", "Well known: its 35 km"),
    ("naïve café", "naive cafe"),
    ("running runs ran", "run running"),
    ("snake_case words", "snake case words"),
    ("한국어 문장", "한국어 문장"),
    ("", "something"),
    ("something", ""),
    ("", ""),
    ("one", "one"),
    ("a b c d e f g", "g f e d c b a"),
    ("İstanbul ẞ", "istanbul ss"),
)


def main() -> None:
    rng = random.Random(0)
    drawn = [tuple(" ".join(rng.choices("abcdef", k=rng.randint(0, 12))) for _side in range(2)) for _case in range(40)]
    scorer = RougeScorer(NAMES, use_stemmer=False)
    cases = []
    for prediction, reference in (*TEXTS, *drawn):
        found = scorer.score(reference, prediction)
        cases.append([prediction, reference, *(found[name].fmeasure for name in NAMES)])
    target = Path(__file__).parent / "rouge_cases.json"
    rows = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    target.write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
