"""What a measure counts in an answer: words or names that are hit, missed, or there and not wanted."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from course.evaluation import named_spans, normalized_answer
from course.evaluation.rouge import rouge_words
from course.evaluation.words_13a import words_13a
from course.messages import _
from course.tasks.language_tasks.task import Value

Kind = Literal["hit", "miss", "extra"]


class Mark(NamedTuple):
    """A piece of the answer, "hit" or "extra", or a piece of the right answer that is missing from it, "miss"."""

    text: str
    kind: Kind


def _answer_words(text: str) -> list[str]:
    return normalized_answer(text).split()


CUTS = {"translation": words_13a, "summary": rouge_words, "questions": _answer_words}


def marks(task: str, answer: Value, right: Any, words: Sequence[str] = ()) -> list[Mark]:
    """The pieces that the measure of a task counts: first the answer's, in its order, then the missed ones.

    They are labels, names with their type (of `words`), BLEU's words, ROUGE's words or SQuAD's; a word counts as often
    as it is in both. Of several right translations the one with the most words in common counts. Raises `ValueError`
    for a task that is none, for no right translation, and for not as many words as labels.
    """
    if task not in CUTS and task not in ("names", "classification"):
        raise ValueError(
            _("There is no task {task!r}. There are: classification, names, {known}.").format(
                task=task, known=", ".join(CUTS)
            )
        )
    if task == "names":
        return _of_names(answer, right, words)
    if task == "classification":
        return _matched([str(answer)], [str(right)])
    cut = CUTS[task]
    if task == "translation":
        if not right or isinstance(right, str):
            raise ValueError(_("The right translations are {right!r}; give a list of one or more.").format(right=right))
        found = cut(str(answer))
        right = max(right, key=lambda one: (Counter(found) & Counter(cut(one))).total())
    return _matched(cut(str(answer)), cut(str(right)))


def _of_names(answer: Value, right: Sequence[str], words: Sequence[str]) -> list[Mark]:
    if not len(answer) == len(right) == len(words):
        raise ValueError(
            _("There are {answer} labels, {right} right ones and {words} words; each word needs one of both.").format(
                answer=len(answer), right=len(right), words=len(words)
            )
        )

    def shown(labels: Sequence[str]) -> list[str]:
        return [f"{' '.join(words[span.start : span.end])} ({span.type})" for span in named_spans(labels)]

    found, wanted = set(named_spans(answer)), set(named_spans(right))
    pairs = zip(named_spans(answer), shown(answer), strict=True)
    missed = zip(named_spans(right), shown(right), strict=True)
    return [Mark(name, "hit" if span in wanted else "extra") for span, name in pairs] + [
        Mark(name, "miss") for span, name in missed if span not in found
    ]


def _matched(found: Sequence[str], wanted: Sequence[str]) -> list[Mark]:
    left = Counter(wanted)
    result: list[Mark] = []
    for word in found:
        result.append(Mark(word, "hit" if left[word] > 0 else "extra"))
        left[word] -= 1
    for word in wanted:
        if left[word] > 0:
            result.append(Mark(word, "miss"))
            left[word] -= 1
    return result
