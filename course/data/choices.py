"""Questions with a right answer and wrong ones, which people wrote or marked: five data sets of one form."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.data.fetch import path
from course.data.overlap import Sets, disjoint, without_held_out
from course.data.splits import split
from course.messages import _

OPTION = re.compile(r"(?:^|\n)([A-E])\. ")


@dataclass(frozen=True)
class Choice:
    """A question with its right answer and one wrong answer or more, all different.

    `context` is what the question is about, a situation or a sentence of news, and empty where the question stands
    alone. The question is empty where the answers are summaries of the context. `place` is that of the right answer
    among all of them in the file's order, from 0.
    """

    data_set: str
    context: str
    question: str
    right: str
    wrong: tuple[str, ...]
    place: int = 0

    @property
    def about(self) -> str:
        """The text that choices are grouped by: the context, or the question where there is none."""
        return self.context or self.question

    @property
    def answers(self) -> tuple[str, ...]:
        """All answers in the file's order: `answers[place]` is the right one."""
        return (*self.wrong[: self.place], self.right, *self.wrong[self.place :])


def answer_choices(name: str) -> list[Choice]:
    """The choices of a data set of `CHOICES`, in the order of its file.

    "piqa": 1,500 aims from everyday life, each with two ways to reach it, of which one works; of PIQA's validation set.
    "siqa": 1,954 questions on what people do and feel, with three answers; SocialIQA's validation set.
    "openbookqa": 500 questions of elementary science, with four answers; OpenBookQA's test set.
    "commonsenseqa": 1,221 questions of common sense, with up to five short answers; CommonsenseQA's validation set.
    "summary-pairs": 368 pairs of one-sentence summaries of 209 sentences of news, written by models; people marked one
    as correct and one as not.

    What occurs twice among the answers counts once, and a choice whose answers are all the same is left out. The
    licences are in the table of data sources; no text of a data set without one may be published. Sources: Bisk et al.
    2020, "PIQA: Reasoning about Physical Commonsense in Natural Language"; Sap et al. 2019, "Social IQa: Commonsense
    Reasoning about Social Interactions"; Mihaylov et al. 2018, "Can a Suit of Armor Conduct Electricity?"; Talmor et
    al. 2019, "CommonsenseQA: A Question Answering Challenge Targeting Commonsense Knowledge"; Falke et al. 2019,
    "Ranking Generated Summaries by Correctness". Raises `AssetError` when they cannot be fetched, `ValueError` for
    another name.
    """
    if name not in CHOICES:
        raise ValueError(
            _("There are no choices named {name!r}. There are: {known}.").format(name=name, known=", ".join(CHOICES))
        )
    rows = map(json.loads, path(name).read_text(encoding="utf-8").splitlines())
    found = (_choice(name, *CHOICES[name](row)) for row in rows)
    return [choice for choice in found if choice.wrong]


def split_by_question(choices: Sequence[Choice], *, validation: float = 0.15, test: float = 0.4) -> Sets[Choice]:
    """`train, (validation, test)`: all choices about the same context, or the same question, are in the same set.

    Where such a text has a held-out one in it, it is left out of the training set. An answer may be in several sets:
    the short ones of one question are answers to others, too.
    """
    parts = split(choices, lambda one: one.about.casefold(), validation=validation, test=test)
    train, *held_out = parts
    kept = without_held_out(train, *held_out, text=lambda one: one.about)
    return disjoint(kept, *held_out, text=lambda one: one.about, names=("training", "validation", "test"))


Texts = tuple[str, str, Sequence[str], int]  # context, question, answers, the right one's place


def _of_options(row: Mapping[str, Any]) -> Texts:
    """The options are one text, a line for each, "A. " and so on before it; the answer repeats its line."""
    _before, *parts = OPTION.split(row["options"])
    answers = {letter: text.strip().removesuffix("?") for letter, text in zip(parts[::2], parts[1::2], strict=True)}
    place = list(answers).index(row["answer"][0])
    return row.get("passage", ""), row["question"], list(answers.values()), place


def _of_summaries(row: Mapping[str, Any]) -> Texts:
    return row["article_sent"], "", [row["correct_sent"], row["incorrect_sent"]], 0


def _choice(name: str, context: str, question: str, answers: Sequence[str], place: int) -> Choice:
    right = answers[place].strip()
    different = list(dict.fromkeys(text.strip() for text in answers))
    wrong = tuple(text for text in different if text != right)
    return Choice(name, context.strip(), question.strip(), right, wrong, different.index(right))


CHOICES: Mapping[str, Callable[[Mapping[str, Any]], Texts]] = {
    "piqa": _of_options,
    "siqa": _of_options,
    "openbookqa": _of_options,
    "commonsenseqa": _of_options,
    "summary-pairs": _of_summaries,
}
