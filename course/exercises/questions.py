"""Questions between the cells of a lesson: a prediction or the reading of a figure, answered by a click.

    ask("attention.hidden_key")   # the last line of a cell of its own

They are data, a file for each lesson, named by its slug: `questions/attention.toml`. A question is a table of it, with
one reply for each option, which says why the option is wrong or right; `right` is the option's place, from 0:

    [hidden_key]
    question = "A mask hides the third key. What is its weight after softmax?"
    options = ["Its score, as before", "0", "The mean of the others"]
    right = 1
    replies = ["A score is no weight: ...", "The mask sets its score to −∞, and exp(−∞) = 0.", "..."]

In the texts, `code` and **bold** are marked up, and everything else is as it is typed.
"""

import difflib
import functools
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from itertools import chain
from pathlib import Path

from course.exercises.showing import show
from course.messages import _, translated
from course.syllabus.lessons import LESSONS, Lesson

FOLDER = Path(__file__).with_name("questions")
FIELDS = {"question", "options", "right", "replies"}
FEWEST, MOST = 2, 5  # options of a question
NEAREST = 3  # names to offer for one that does not exist


@dataclass(frozen=True, repr=False)
class Question:
    """One question. `name` is the lesson's slug and the question's name: `attention.hidden_key`.

    `right` is the place of the right option, and `replies` has one text for each option. It prints as the question and
    its options; on a lesson's page it is a widget (`course.viz.kit.question_card`).
    """

    name: str
    text: str
    options: tuple[str, ...]
    right: int
    replies: tuple[str, ...]

    def __repr__(self) -> str:
        options = [f"{letter}. {option}" for letter, option in zip("ABCDE", self.options, strict=False)]
        return "\n".join([self.text, *options, _("Run the cell in JupyterLab to answer.")])


def ask(name: str) -> Question:
    """The question of this name, to be the last expression of a cell.

    Raises `ValueError` when there is none, with the nearest names.
    """
    known = {question.name: question for question in all_questions()}
    if isinstance(name, str) and name in known:
        return known[name]
    if near := _near(name, known) if isinstance(name, str) else []:
        raise ValueError(
            _("There is no question {name}. Did you mean {near}?").format(
                name=show(name), near=", ".join(map(repr, near))
            )
        )
    raise ValueError(
        _(
            "There is no question {name}. A question's name is the slug of its lesson and its name in "
            "course/exercises/questions/: 'attention.hidden_key'."
        ).format(name=show(name))
    )


def _near(wanted: str, known: Iterable[str]) -> list[str]:
    """The names that are most like this one; of a lesson, those of its questions."""
    of_lesson = [name for name in known if name.partition(".")[0] == wanted]
    return of_lesson or difflib.get_close_matches(wanted, known, n=NEAREST)


def questions_of(lesson: Lesson) -> tuple[Question, ...]:
    """The questions of a lesson, in the order of its file; none when it has no file."""
    return _by_lesson().get(lesson.slug, ())


def all_questions() -> tuple[Question, ...]:
    """Every question of the course, by lesson."""
    return tuple(chain.from_iterable(map(questions_of, LESSONS)))


@functools.cache
def _by_lesson() -> dict[str, tuple[Question, ...]]:
    return read_questions()


def read_questions(folder: Path = FOLDER) -> dict[str, tuple[Question, ...]]:
    """The questions of all files of a folder by the lesson's slug, their texts in the course's language.

    Raises `ValueError`, naming the file and the question, for a file that is not TOML or not named after a lesson, and
    for a question that `Question` cannot be: one without a text or with something else, with fewer than 2 or more than
    5 options, with the same option twice, without a reply for each option, or whose right option is not there.
    """
    questions = {}
    slugs = {each.slug for each in LESSONS}
    for file in sorted(folder.glob("*.toml")):
        if file.stem not in slugs:
            raise ValueError(_("{file} has questions of a lesson that is not there.").format(file=file))
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(_("{file} cannot be read: {reason}").format(file=file, reason=error)) from error
        for name, entry in content.items():
            if wrong := _what_is_wrong(name, entry):
                raise ValueError(
                    _("{file}: the question {question!r} cannot be asked. {wrong}").format(
                        file=file, question=name, wrong=wrong
                    )
                )
        questions[file.stem] = tuple(
            Question(
                f"{file.stem}.{name}",
                translated(entry["question"]),
                tuple(map(translated, entry["options"])),
                entry["right"],
                tuple(map(translated, entry["replies"])),
            )
            for name, entry in content.items()
        )
    return questions


def _what_is_wrong(name: str, entry: object) -> str | None:
    """What is wrong with a question of a file, and what it needs; None when nothing is."""
    if not name.isidentifier():
        return _("Its name must be letters, digits and underscores.")
    if not isinstance(entry, dict) or entry.keys() != FIELDS:
        return _("It needs question, options, right and replies, and nothing else.")
    options, replies, right = entry["options"], entry["replies"], entry["right"]
    if not all(isinstance(texts, list) and all(map(_is_text, texts)) for texts in (options, replies)):
        return _("Its options and replies must be lists of texts.")
    if not _is_text(entry["question"]):
        return _("Its question must be a text.")
    if not FEWEST <= len(options) <= MOST:
        return _("It has {count} options; a question has {fewest} to {most}.").format(
            count=len(options), fewest=FEWEST, most=MOST
        )
    if len(set(options)) < len(options):
        return _("Two of its options are the same.")
    if len(replies) != len(options):
        return _("It has {replies} replies for {options} options; each option needs one.").format(
            replies=len(replies), options=len(options)
        )
    if not isinstance(right, int) or isinstance(right, bool) or not 0 <= right < len(options):
        return _("Its right option is {right!r}; it must be the index of an option, from 0 to {last}.").format(
            right=right, last=len(options) - 1
        )
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def extract(
    file: BufferedIOBase, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """The texts of a file, for a catalog of translations; Babel calls this (see `pyproject.toml`).

    Gives the line of the question's name, function (none), message and comments (the name and what the text is).
    """
    text = file.read().decode("utf-8")
    lines = {line.strip(): number for number, line in enumerate(text.splitlines(), 1) if line.startswith("[")}
    for name, entry in tomllib.loads(text).items():
        line = lines[f"[{name}]"]
        yield line, None, entry["question"], [f"{name}: question"]
        for place, (option, reply) in enumerate(zip(entry["options"], entry["replies"], strict=True)):
            verdict = "right" if place == entry["right"] else "wrong"
            yield line, None, option, [f"{name}: option, {verdict}"]
            yield line, None, reply, [f"{name}: reply to {option!r}"]
