"""The map of the course: every lesson, what it needs, and whether it is there today.

A lesson is known by its slug. Its number is its place in `LESSONS`, so a lesson is moved by moving its line there and
renaming its source and its notebook, nothing else.

Standard library only: `python -m course` reads it before the environment is ready.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from course.messages import _

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SOURCES = NOTEBOOKS / "source"


@dataclass(frozen=True)
class Lesson:
    """One lesson. `needs` are the slugs of the lessons that a learner should know first."""

    slug: str
    title: str
    needs: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """Its place in `LESSONS`, from 0."""
        return [each.slug for each in LESSONS].index(self.slug)

    @property
    def name(self) -> str:
        """File name without its ending: `02_tokenization`."""
        return f"{self.number:02d}_{self.slug}"

    @property
    def notebook(self) -> Path:
        return NOTEBOOKS / f"{self.name}.ipynb"

    @property
    def source(self) -> Path:
        return SOURCES / f"{self.name}.py"

    @property
    def available(self) -> bool:
        """True when the lesson's notebook is in this checkout."""
        return self.notebook.exists()


LESSONS: tuple[Lesson, ...] = (
    Lesson("start_here", _("Start here")),
    Lesson("what_language_models_do", _("What language models do"), ("start_here",)),
    Lesson("tokenization", _("Tokenization"), ("start_here",)),
    Lesson("seq2seq", _("Sequence to sequence"), ("tokenization",)),
    Lesson("attention", _("Attention"), ("seq2seq",)),
    Lesson("positions", _("Position"), ("attention",)),
    Lesson("transformer", _("Transformer"), ("attention", "positions")),
    Lesson("gpt", _("GPT"), ("transformer",)),
    Lesson("bert", _("BERT and pre-training objectives"), ("transformer",)),
    Lesson("scaling", _("Scaling laws"), ("gpt",)),
    Lesson("fine_tuning", _("Pre-training and fine-tuning"), ("bert",)),
    Lesson("peft", _("Parameter-efficient fine-tuning"), ("fine_tuning",)),
    Lesson("prompting", _("Prompting and in-context learning"), ("gpt",)),
    Lesson("instruction", _("Instruction tuning"), ("gpt", "prompting")),
    Lesson("rlhf", _("RLHF"), ("instruction",)),
    Lesson("dpo", _("DPO"), ("rlhf",)),
    Lesson("rag", _("RAG"), ("bert", "prompting")),
    Lesson("tools", _("Tools: calling APIs"), ("peft", "instruction", "rag")),
    Lesson("compression", _("Compression and distillation"), ("gpt", "fine_tuning")),
    Lesson("evaluation", _("Evaluation"), ("fine_tuning", "prompting")),
    Lesson("looking_inside", _("Looking inside"), ("bert",)),
)


def lesson(which: int | str) -> Lesson:
    """The lesson with this number (`2`, `"02"`), slug (`"tokenization"`) or file (`"notebooks/02_tokenization.ipynb"`).

    A file may be named without its folder and its ending; the slug counts, not the number. Raises `ValueError` naming
    the lessons there are when none fits.
    """
    wanted = str(which)
    name = re.sub(r"^(.*[/\\])?notebooks[/\\](source[/\\])?", "", wanted).removesuffix(".ipynb").removesuffix(".py")
    slug = re.sub(r"^\d\d_", "", name)
    for candidate in LESSONS:
        if slug == candidate.slug or name in (f"{candidate.number:02d}", str(candidate.number)):
            return candidate
    known = ", ".join(candidate.name for candidate in LESSONS)
    raise ValueError(_("There is no lesson {wanted!r}. The lessons are: {known}.").format(wanted=wanted, known=known))


def numbers(slugs: Iterable[str]) -> str:
    """The numbers of these lessons, smallest first: `"04, 05"`."""
    return ", ".join(f"{number:02d}" for number in sorted(lesson(slug).number for slug in slugs))


def written_lessons() -> list[Lesson]:
    """The lessons that have a source in this checkout.

    Raises `ValueError` when the file of a lesson has another number than the lesson, with the name it should have.
    """
    files = [*SOURCES.glob("[0-9][0-9]_*.py"), *NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")]
    names = {each.slug: each.name for each in LESSONS}
    renames = [
        f"{file.name} → {names[file.stem[3:]]}{file.suffix}"
        for file in sorted(files)
        if names.get(file.stem[3:], file.stem) != file.stem
    ]
    if renames:
        raise ValueError(
            _("A lesson's number is its position in course/syllabus/lessons.py. Rename its files: {renames}.").format(
                renames=", ".join(renames)
            )
        )
    return [each for each in LESSONS if each.source.exists()]


def require_lesson(which: int | str) -> Lesson:
    """Like `lesson`, and raises `ValueError` when that lesson has no source in this checkout yet."""
    found, written = lesson(which), written_lessons()
    if found not in written:
        there = ", ".join(each.name for each in written)
        raise ValueError(
            _("Lesson {name} is not written yet. There today: {there}.").format(name=found.name, there=there or "-")
        )
    return found
