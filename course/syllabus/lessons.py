"""The map of the course: every lesson, what it needs, and whether it is there today.

Standard library only: `python -m course` reads it before the environment stands.
"""

from dataclasses import dataclass
from pathlib import Path

from course.messages import _

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SOURCES = NOTEBOOKS / "source"


@dataclass(frozen=True)
class Lesson:
    """One lesson. `needs` are the numbers of the lessons that a learner should know first."""

    number: int
    slug: str
    title: str
    needs: tuple[int, ...] = ()

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
    Lesson(0, "start_here", _("Start here")),
    Lesson(1, "what_language_models_do", _("What language models do"), (0,)),
    Lesson(2, "tokenization", _("Tokenization"), (0,)),
    Lesson(3, "seq2seq", _("Sequence to sequence"), (2,)),
    Lesson(4, "attention", _("Attention"), (3,)),
    Lesson(5, "positions", _("Position"), (4,)),
    Lesson(6, "transformer", _("Transformer"), (4, 5)),
    Lesson(7, "gpt", _("GPT"), (6,)),
    Lesson(8, "bert", _("BERT and pre-training objectives"), (6,)),
    Lesson(9, "scaling", _("Scaling laws"), (7,)),
    Lesson(10, "fine_tuning", _("Pre-training and fine-tuning"), (8,)),
    Lesson(11, "peft", _("Parameter-efficient fine-tuning"), (10,)),
    Lesson(12, "prompting", _("Prompting and in-context learning"), (7,)),
    Lesson(13, "instruction", _("Instruction tuning"), (7, 12)),
    Lesson(14, "rlhf", _("RLHF"), (13,)),
    Lesson(15, "dpo", _("DPO"), (14,)),
    Lesson(16, "rag", _("RAG"), (8, 12)),
    Lesson(17, "tools", _("Tools: calling APIs"), (13, 16)),
    Lesson(18, "compression", _("Compression and distillation"), (7, 10)),
    Lesson(19, "evaluation", _("Evaluation"), (10, 12)),
)


def lesson(which: int | str) -> Lesson:
    """The lesson with this number (`2`, `"02"`) or name (`"02_tokenization"`, `"tokenization"`).

    Raises `ValueError` naming the lessons there are when none fits.
    """
    wanted = str(which).removesuffix(".ipynb").removesuffix(".py")
    for candidate in LESSONS:
        if wanted in (candidate.name, candidate.slug, f"{candidate.number:02d}", str(candidate.number)):
            return candidate
    known = ", ".join(candidate.name for candidate in LESSONS)
    raise ValueError(_("There is no lesson {wanted!r}. The lessons are: {known}.").format(wanted=wanted, known=known))


def require_lesson(which: int | str) -> Lesson:
    """Like `lesson`, and raises `ValueError` when that lesson has no source in this checkout yet."""
    found = lesson(which)
    if not found.source.exists():
        there = ", ".join(candidate.name for candidate in LESSONS if candidate.source.exists())
        raise ValueError(
            _("Lesson {name} is not written yet. There today: {there}.").format(name=found.name, there=there or "-")
        )
    return found
