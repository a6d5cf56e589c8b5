"""The parts that hosted CI runs side by side: `python -m course.workshop.shards` prints them for a workflow's matrix.

Each is an argument of `python -m course test`; together they are the whole test. Standard library only.
"""

import json

from course.syllabus.lessons import LESSONS


def shards() -> list[str]:
    """What is about no lesson, and each lesson that is written."""
    return ["--no-lessons", *(f"{lesson.number:02d}" for lesson in LESSONS if lesson.source.exists())]


if __name__ == "__main__":
    print(f"shards={json.dumps(shards())}")
