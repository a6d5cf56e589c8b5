"""The parts of README.md that are computed: the tables of lessons, of trained models and of third-party data.

`python -m course build` rewrites them between their markers, and a test compares them, so that neither goes stale.
"""

import json
import re

from course import trained
from course.data.registry import markdown_table as data_table
from course.syllabus.lessons import LESSONS, ROOT, Lesson

README = ROOT / "README.md"
WORDS = {"error_rate": "phonemes wrong", "exact_match": "words right"}
DATES = {"exact_match": "dates right"}
SENTENCES = {"bleu": "BLEU", "chrf": "chrF"}
TESTS = (  # experiment, its test, what to call it, its measures and what to call them
    ("pronunciation", "test", "spelling → phonemes", WORDS),
    ("dates", "new dates", "English → Korean dates: new dates", DATES),
    ("dates", "new combinations", "… formats never combined", DATES),
    ("sentences", "labels", "English ↔ Korean: short texts", SENTENCES),
    ("sentences", "sentences", "… sentences", SENTENCES),
)


def run_seconds(lesson: Lesson) -> int | None:
    """Seconds that the lesson's cells took when its notebook was last built; None when it is not built."""
    if not lesson.available:
        return None
    return json.loads(lesson.notebook.read_text(encoding="utf-8"))["metadata"].get("course", {}).get("seconds")


def lesson_table() -> str:
    """The lessons as a Markdown table: number, title, what comes before, and how long its cells run."""
    lines = ["| | Lesson | Needs | Runs in |", "| ---: | :--- | :--- | ---: |"]
    for lesson in LESSONS:
        title = f"[{lesson.title}](notebooks/{lesson.name}.ipynb)" if lesson.available else lesson.title
        needs = ", ".join(f"{number:02d}" for number in lesson.needs)
        seconds = run_seconds(lesson)
        lines.append(f"| {lesson.number:02d} | {title} | {needs} | {f'{seconds} s' if seconds else 'to come'} |")
    return "\n".join(lines)


def results_table() -> str:
    """What the trained models reach, as a Markdown table: the mean over seeds ± their standard deviation."""
    lines = ["| Task | Model | Weights | Seeds | Result |", "| :--- | :--- | ---: | ---: | :--- |"]
    for experiment, test, task, measures in TESTS:
        found = {name: trained.by_model(experiment, test, measure) for measure, name in measures.items()}
        for model, weights in sorted(trained.parameters(experiment).items()):
            spreads = {name: of_models[model] for name, of_models in found.items()}
            seeds = max(map(len, spreads.values()))
            result = ", ".join(f"{name} {spread}" for name, spread in spreads.items())
            lines.append(f"| {task} | {model} | {weights:,} | {seeds} | {result} |")
    return "\n".join(lines)


def rendered(text: str) -> str:
    """README text with its computed parts made anew. Raises `ValueError` when a marker is missing."""
    for name, content in (("lessons", lesson_table()), ("results", results_table()), ("data", data_table())):
        begin, end = f"<!-- {name}: made by `python -m course build` -->", f"<!-- end of {name} -->"
        text, found = re.subn(
            f"{re.escape(begin)}.*?{re.escape(end)}",
            lambda _, c=content, b=begin, e=end: f"{b}\n{c}\n{e}",
            text,
            flags=re.S,
        )
        if found != 1:
            raise ValueError(f"README.md must hold one pair of markers {begin!r} … {end!r}; found {found}.")
    return text


def update() -> bool:
    """Rewrite README.md where its computed parts have changed. Returns whether it did."""
    old = README.read_text(encoding="utf-8")
    new = rendered(old)
    if new != old:
        README.write_text(new, encoding="utf-8")
    return new != old
