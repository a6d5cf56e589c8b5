"""A task on the page: the answer, how sure the system is beside what it reached when it was tested, and its marks."""

from html import escape

from course.evaluation import named_spans
from course.messages import _
from course.tasks.language_tasks import Answer, Text, results, words_of
from course.tasks.language_tasks.names import WORD
from course.viz.kit import html
from course.viz.what_language_models_do.right_answer import TYPES, Judgement
from course.viz.what_language_models_do.task_bench import By, Outcome, Reached

KINDS = {"hit": _("hit"), "miss": _("missed"), "extra": _("not wanted")}
KNOWS = {
    "classification": _("knows reviews of movies only, as positive or negative"),
    "names": _("was fitted to reports of sports news, and is often wrong elsewhere"),
    "translation": _("has read texts of an interface only, and reads the lines with Korean letters"),
    "summary": _("is SmolLM2 by a prompt"),
    "questions": _("is SmolLM2 by a prompt"),
}
SURE = {
    "classification": _("This answer: the probability of the label. Test: {measure}."),
    "names": _("This answer: the mean probability of its names. Test: {measure}."),
    "translation": _("This answer: the geometric mean of its tokens' probabilities. Test: {measure}."),
    "summary": _("This answer: the geometric mean of its tokens' probabilities. Test: {measure}."),
    "questions": _("This answer: the geometric mean of its tokens' probabilities. Test: {measure}."),
}


def title_of(task: str) -> str:
    title = results.TITLES[task]
    return title[0].upper() + title[1:]


def system_of(task: str, by: By) -> str:
    """What answers, and what it knows."""
    return KNOWS[task if by == "course" else "summary"]


def task_page(
    task: str, outcome: Outcome, found: Reached, judgement: Judgement | str | None = None, by: By = "course"
) -> str:
    """HTML of a task. `judgement` is of a right answer that was typed, or why that one cannot be read."""
    if outcome.answer is None:
        return html.heading(title_of(task), system_of(task, by)) + html.prose(outcome.reason)
    answer = outcome.answer
    said = _text_with_names(outcome) if task == "names" else html.prose(in_words(task, answer, outcome.source))
    caption = SURE["summary" if (task, by) == ("names", "prompt") else task].format(measure=found.measure)
    bars = html.bars(_bars(answer, found), caption, 1)
    judged = "" if judgement is None else html.prose(judgement) if isinstance(judgement, str) else _judged(judgement)
    return html.heading(title_of(task), system_of(task, by)) + said + bars + judged


def in_words(task: str, answer: Answer, source: Text) -> str:
    """An answer as text: of named entities the names with their types."""
    if task != "names":
        return str(answer.value).strip() or _("It says nothing.")
    words = words_of(source)
    names = [f"{' '.join(words[s.start : s.end])} ({TYPES.get(s.type, s.type)})" for s in named_spans(answer.value)]
    return ", ".join(names) or _("It finds no name.")


def judged_in_words(judgement: Judgement) -> str:
    """The score, and each piece with what it counts as."""
    pieces = "; ".join(
        _("{kind}: {pieces}").format(
            kind=name, pieces=", ".join(one.text for one in judgement.marks if one.kind == kind)
        )
        for kind, name in KINDS.items()
        if any(one.kind == kind for one in judgement.marks)
    )
    score = f"{judgement.score:.1f}" if judgement.measure in results.IN_POINTS else f"{judgement.score:.2f}"
    said = _("{measure} of this answer: {score}.").format(measure=judgement.measure, score=score)
    return f"{said} {pieces}".strip()


def _bars(answer: Answer, found: Reached) -> list[html.Bar]:
    sure = answer.confidence
    first = [] if sure is None else [html.Bar(_("this answer"), sure, f"{sure:.0%}", marked=True)]
    return [
        *first,
        html.Bar(_("system, on the test"), found.system, found.written(found.system)),
        html.Bar(_("trivial, on the test"), found.baseline, found.written(found.baseline)),
    ]


def _judged(judgement: Judgement) -> str:
    return html.prose(judged_in_words(judgement))


def _text_with_names(outcome: Outcome) -> str:
    """The text, each name in it marked and followed by its type."""
    assert outcome.answer is not None
    text, parts, done = outcome.source.text, [], 0
    places = [found.span() for found in WORD.finditer(text)]
    for span in named_spans(outcome.answer.value):
        start, end = places[span.start][0], places[span.end - 1][1]
        kind = escape(TYPES.get(span.type, span.type))
        parts += [escape(text[done:start]), f"<mark>{escape(text[start:end])}</mark> <small>({kind})</small>"]
        done = end
    parts.append(escape(text[done:]))
    nothing = "" if len(parts) > 1 else html.prose(_("It finds no name."))
    return f'<div class="lm-passage lm-prose">{"".join(parts)}</div>{nothing}'
