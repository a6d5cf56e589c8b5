"""What is computed of README.md and docs/: `python -m course build` writes it.

`python -m course.workshop.pages` does that alone and runs no lesson. A test compares each page with what its
function makes, so that none goes stale.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from course.files import written_whole
from course.syllabus import glossary
from course.syllabus.lessons import ROOT
from course.workshop import claims, experiments, model_card, notes, readme

PAGES: Mapping[Path, Callable[[], str]] = {
    readme.README: readme.page,
    ROOT / "docs" / "claims.md": claims.page,
    ROOT / "docs" / "experiments.md": experiments.page,
    ROOT / "docs" / "glossary.md": glossary.page,
    ROOT / "docs" / "notes.md": notes.page,
    **({ROOT / "docs" / "base_model.md": model_card.page} if model_card.has_record() else {}),
}


def update() -> list[Path]:
    """Write the pages that have changed, and return which. Where one cannot be made, all stay as they were."""
    made = {path: page() for path, page in PAGES.items()}
    changed = [path for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in changed:
        with written_whole(path) as fresh:
            fresh.write_text(made[path], encoding="utf-8", newline="\n")
    return changed


if __name__ == "__main__":
    update()
