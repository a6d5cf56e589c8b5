"""What the course says to a learner goes through gettext, so that a catalog can translate it.

`from course.messages import _` and write `_("text")`; with values, `_("{count} tokens").format(count=3)`. The language
is `COURSE_LANGUAGE` (`en`, `ko`, ...), read once at start; a language without a catalog falls back to English.
Catalogs are in `course/locale/<language>/LC_MESSAGES/course.mo`.
"""

import gettext
import os
from pathlib import Path

LOCALE_DIR = Path(__file__).with_name("locale")

_translation = gettext.translation(
    "course",
    localedir=os.environ.get("COURSE_LOCALE_DIR", LOCALE_DIR),
    languages=[os.environ.get("COURSE_LANGUAGE", "en")],
    fallback=True,
)
_ = _translation.gettext
ngettext = _translation.ngettext
translated = _translation.gettext  # of a text from a data file, which an extractor of its own finds (pyproject.toml)
