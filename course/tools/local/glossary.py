"""A tool that looks a term up in the course's own glossary."""

from course.messages import _
from course.syllabus import glossary
from course.syllabus.lessons import lesson


def look_up(term: str) -> str:
    """A term of the course: its definition and its lesson. Raises `ValueError`, with near ones, where there is none."""
    found = glossary.term(term)
    introduced_in = lesson(found.lesson)
    return _("{term} ({korean}): {definition} It is introduced in lesson {number:02d}, {title}.").format(
        term=found.term,
        korean=found.korean,
        definition=found.definition,
        number=introduced_in.number,
        title=introduced_in.title,
    )
