"""The glossary: all terms as a page, and one term by its name."""

import difflib
import html
from dataclasses import dataclass

from course.messages import _
from course.syllabus.lessons import lesson
from course.syllabus.terms import TERMS, Term


@dataclass(frozen=True, repr=False)
class Glossary:
    """Terms as a page: a table in JupyterLab, a line for each in a terminal."""

    terms: tuple[Term, ...]

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.terms))

    def _repr_html_(self) -> str:
        names = (_("Term"), _("Korean"), _("Meaning"), _("Lesson"))
        rows = [f"<tr>{''.join(f'<th>{html.escape(name)}</th>' for name in names)}</tr>"]
        for each in self.terms:
            cells = (
                f"<strong>{html.escape(each.term)}</strong>",
                html.escape(each.korean),
                html.escape(each.definition),
                each.link,
            )
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
        return f'<table style="text-align: left">{"".join(rows)}</table>'


def page() -> str:
    """The glossary as a Markdown page, with a heading for each term that lessons link to (`#byte-pair-encoding`)."""
    parts = [f"# {_('Glossary')}"]
    for each in TERMS:
        introduced_in = lesson(each.lesson)
        place = _("Lesson {number:02d}, {title}").format(number=introduced_in.number, title=introduced_in.title)
        parts += [f"## {each.term}", f"**{each.korean}** · {each.definition} · {place}"]
    return "\n\n".join(parts) + "\n"


def glossary() -> Glossary:
    """All terms, in alphabetical order, to be the last expression of a cell."""
    return Glossary(TERMS)


def term(name: str) -> Term:
    """The term of this name, in English or Korean, however it is capitalized.

    Raises `ValueError` with the nearest terms when there is none.
    """
    known = {spelling.casefold(): each for each in TERMS for spelling in (each.term, each.korean)}
    if name.casefold() in known:
        return known[name.casefold()]
    near = [known[match].term for match in difflib.get_close_matches(name.casefold(), known, n=3)]
    if not near:
        raise ValueError(_("{name!r} is not in the glossary. See all of it with glossary().").format(name=name))
    raise ValueError(_("{name!r} is not in the glossary. Did you mean {near}?").format(name=name, near=", ".join(near)))
