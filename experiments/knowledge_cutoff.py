"""What SmolLM2 knows of each year: the bits that the right year adds to a dated answer. No training; some two minutes.

python -m experiments.knowledge_cutoff
"""

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
        "command": f"python -m experiments.{NAME}",
        "cpu_seconds": seconds(),
        "series": [fact.series for fact in facts],
        "years": trained.one_line(fact.year for fact in facts),
        "bits": trained.one_line(bits),
    }


if __name__ == "__main__":
    trained.save_record(NAME, "smollm2", 0, measure())
