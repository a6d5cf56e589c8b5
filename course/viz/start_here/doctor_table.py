"""The doctor's findings as a table in a lesson."""

import html as escaping
from collections.abc import Sequence
from typing import Any

import ipywidgets

from course.messages import _, ngettext
from course.viz.kit.static_view import WIDGET_VIEW
from course.workshop.doctor import Finding


class DoctorTable(ipywidgets.HTML):
    """The doctor's findings on this machine, and what to do about missing parts.

    Its text says only whether the lessons can run, so that a saved page is the same on every machine where they can.
    The table itself is created wherever the page runs.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        columns = (_("what"), _("found"), _("what to do"))
        rows = [self._row("th", "", *columns), *(self._finding(finding) for finding in self.findings)]
        numerals = "font-variant-numeric: tabular-nums"
        super().__init__(f'<table style="text-align: left; {numerals}">{"".join(rows)}</table>')

    def _finding(self, finding: Finding) -> str:
        return self._row("td", "✓" if finding.ok else "✗", finding.name, finding.value, finding.remedy)

    @staticmethod
    def _row(tag: str, *cells: str) -> str:
        style = "text-align: left; vertical-align: top; padding: 2px 12px 2px 0; overflow-wrap: anywhere"
        row = "".join(f'<{tag} style="{style}">{escaping.escape(cell)}</{tag}>' for cell in cells)
        return f"<tr>{row}</tr>"

    def summary(self) -> str:
        """One sentence: everything is available, or how many parts are missing and which."""
        missing = [finding.name for finding in self.findings if not finding.ok]
        if not missing:
            return _("Everything that the lessons need is here.")
        return ngettext("{count} thing needs you: {names}.", "{count} things need you: {names}.", len(missing)).format(
            count=len(missing), names=", ".join(missing)
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"text/plain": self.summary(), WIDGET_VIEW: view}
