"""Korean prose, the speeches of South Korea's presidents, and a font that can draw it."""

import contextlib
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from course.data.fetch import path


@dataclass(frozen=True)
class KoreanSpeech:
    """One speech. `date` is `YYYY-MM-DD`, or as much of it as the archive knows, which may be the empty string."""

    president: str
    date: str
    kind: str
    title: str
    text: str


def korean_speeches(limit: int | None = None) -> list[KoreanSpeech]:
    """The 8,771 speeches of 1948–2022, or the `limit` newest of them, newest first and the 208 undated ones last.

    21.7 million characters, of which 71 % are Hangul. The spelling is that of the time: until 1986 many sentences end
    in -읍니다, since then in -습니다. White space is cleaned: one line per paragraph, and a space after a sentence
    where the archive lost it. The speeches are public and come from the Presidential Archives of Korea.
    Raises `AssetError` when the file is not available.
    """
    query = "SELECT president, date, kind, title, speech_text FROM base ORDER BY date DESC, division_number LIMIT ?"
    with contextlib.closing(sqlite3.connect(f"{path('korean-speeches').as_uri()}?mode=ro", uri=True)) as database:
        rows = database.execute(query, (-1 if limit is None else limit,)).fetchall()
    return [
        KoreanSpeech(president, date.replace(".", "-"), kind, title.strip(), _clean(text))
        for president, date, kind, title, text in rows
    ]


def korean_font() -> Path:
    """The file of Nanum Gothic (TrueType; Naver, SIL Open Font License 1.1), which has Latin and Korean letters.

    Raises `AssetError` when it cannot be fetched.
    """
    return path("nanum-gothic")


_SENTENCE_RUNS_ON = re.compile(r"([!?]|[다요까]\.)(?=[가-힣])")


def _clean(text: str) -> str:
    paragraphs = (" ".join(line.split()) for line in text.splitlines())
    return _SENTENCE_RUNS_ON.sub(r"\1 ", "\n".join(filter(None, paragraphs)))
