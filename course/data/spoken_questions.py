"""Questions on a passage that has the answer, asked as people speak, with a slip and its correction: Disfl-QA."""

import json
from dataclasses import dataclass

from course.data.fetch import path


@dataclass(frozen=True)
class SpokenQuestion:
    """A question with a slip and its correction, a passage, and the words of the passage that answer it."""

    question: str
    passage: str
    answer: str


def spoken_questions() -> list[SpokenQuestion]:
    """The 600 questions of the file, in its order, whose answer is literally in the passage.

    The file has 400 more: 245 that the passage does not answer, and others whose answer is written otherwise than in
    the passage. Passages and answers are those of SQuAD 2.0, words and punctuation set apart by spaces. Source: Gupta
    et al. 2021, "Disfl-QA: A Benchmark Dataset for Understanding Disfluencies in Question Answering". Raises
    `AssetError` when they cannot be fetched.
    """
    rows = map(json.loads, path("disfl-qa").read_text(encoding="utf-8").splitlines())
    found = (SpokenQuestion(row["question"].strip(), row["passage"].strip(), row["answer"].strip()) for row in rows)
    return [one for one in found if one.answer in one.passage]
