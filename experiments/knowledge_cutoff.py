"""What SmolLM2 knows of each year: the bits that the right year adds to a dated answer. No training; three minutes.

python -m experiments.knowledge_cutoff [smollm2] [--seeds 0]

Nothing is drawn, so one seed is all.
"""

import argparse

from course import trained
from course.pretrained import load
from course.tasks.dated_facts import bits_of_the_year, dated_facts
from experiments.measuring import cpu_seconds

NAME = "knowledge_cutoff"


def measure() -> dict[str, object]:
    """The record: series, year and bits of every fact."""
    facts = dated_facts()
    with cpu_seconds() as seconds:
        bits = [bits_of_the_year(*load("smollm2"), fact) for fact in facts]
    return {
        "command": f"python -m experiments.{NAME} smollm2 --seeds 0",
        "cpu_seconds": seconds(),
        "series": [fact.series for fact in facts],
        "years": trained.one_line(fact.year for fact in facts),
        "bits": trained.one_line(bits),
    }


def recipes() -> dict[str, str]:
    """What is measured, by the names of the records."""
    return {"smollm2": "SmolLM2"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{NAME}")
    parser.add_argument("models", nargs="*", choices=[*recipes(), []], help="which model: there is one")
    parser.add_argument("--seeds", type=int, nargs="+", choices=[0], default=[0])
    parser.parse_args()
    trained.save_record(NAME, "smollm2", 0, measure())
