"""The parts of README.md that are computed: the tables of lessons, of trained models and of third-party data."""

import json
import re

from course import trained
from course.data.registry import markdown_table as data_table
from course.syllabus.lessons import LESSONS, ROOT, Lesson, numbers

README = ROOT / "README.md"


def run_seconds(lesson: Lesson) -> int | None:
    """Seconds that the lesson's cells took when its notebook was last built; None when there is no notebook."""
    if not lesson.available:
        return None
    return json.loads(lesson.notebook.read_text(encoding="utf-8"))["metadata"].get("course", {}).get("seconds")


def lesson_table() -> str:
    """The lessons as a Markdown table: number, title, prerequisites, and the run time of the cells."""
    lines = ["| | Lesson | Needs | Runs in |", "| ---: | :--- | :--- | ---: |"]
    for lesson in LESSONS:
        title = f"[{lesson.title}](notebooks/{lesson.name}.ipynb)" if lesson.available else lesson.title
        seconds = run_seconds(lesson)
        time = f"{seconds} s" if seconds else "to come"
        lines.append(f"| {lesson.number:02d} | {title} | {numbers(lesson.needs)} | {time} |")
    return "\n".join(lines)


def results_table() -> str:
    """What the trained models reach, as a Markdown table: the mean over seeds ± their standard deviation.

    Each experiment declares its rows: see `course.trained.reports`.
    """
    lines = ["| Task | Model | Weights | Seeds | Result |", "| :--- | :--- | ---: | ---: | :--- |"]
    for row in trained.reports():
        found = {name: trained.by_model(row.experiment, row.test, measure) for measure, name in row.measures.items()}
        for model, weights in sorted(trained.parameters(row.experiment).items()):
            if not row.shows(model):
                continue
            spreads = {name: of_models[model] for name, of_models in found.items()}
            seeds = max(map(len, spreads.values()))
            result = ", ".join(f"{name} {spread}" for name, spread in spreads.items())
            lines.append(f"| {row.title} | {model} | {weights:,} | {seeds} | {result} |")
    return "\n".join(lines)


def rendered(text: str) -> str:
    """README text with its computed parts, which markers enclose, regenerated. Raises `ValueError` without a marker."""
    for name, content in (("lessons", lesson_table()), ("results", results_table()), ("data", data_table())):
        begin, end = f"<!-- {name}: made by `python -m course build` -->", f"<!-- end of {name} -->"
        text, count = re.subn(
            f"{re.escape(begin)}.*?{re.escape(end)}",
            lambda _, c=content, b=begin, e=end: f"{b}\n{c}\n{e}",
            text,
            flags=re.S,
        )
        if count != 1:
            raise ValueError(f"README.md must hold one pair of markers {begin!r} … {end!r}; found {count}.")
    return text


def page() -> str:
    """README.md as it is, its computed parts regenerated."""
    return rendered(README.read_text(encoding="utf-8"))
