"""Which passage answers a question: the questions of BoolQ, and all its passages to search.

All passages are searched, also those that other questions are about. What is held out are questions: no test question
is about an article that a training or validation question is about.
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import safetensors
from jaxtyping import Float
from torch import Tensor

from course.data import YesNoQuestion, converted, split_by_passage, yes_no_questions
from course.data.splits import draw
from course.layers.tensor_files import save_tensors
from course.messages import _
from course.pretrained import load
from course.rag import Chunk, Document, SentenceEncoder

N_VALIDATION, N_TEST = 800, 1000  # questions, drawn
BETWEEN = "\n\n"  # the passages of a joined article
VECTORS = "minilm-passage-vectors.safetensors"


class Question(NamedTuple):
    """A question, and the number of the passage that was found for it."""

    text: str
    passage: int


class QuestionSets(NamedTuple):
    """Questions to train a reranker on, to choose its setting with, and to measure with: of three sets of articles."""

    training: list[Question]
    validation: list[Question]
    test: list[Question]


@functools.cache
def boolq_passages() -> tuple[Document, ...]:
    """The 12,271 passages in the order of the file, "boolq-0" and so on. Raises `AssetError` as the data do."""
    seen = dict.fromkeys((one.title, one.passage) for one in yes_no_questions())
    return tuple(Document(f"boolq-{number}", title, text) for number, (title, text) in enumerate(seen))


def boolq_sets(n_validation: int = N_VALIDATION, n_test: int = N_TEST) -> QuestionSets:
    """All training questions, and so many drawn of the others; whether a question has an answer does not matter.

    Raises `ValueError` for more questions than there are, and where two sets have an article in common.
    """
    training, (validation, test) = split_by_passage(yes_no_questions())
    sets = training, draw(validation, n_validation), draw(test, n_test)
    require_disjoint(sets)
    number_of = {(one.title, one.text): number for number, one in enumerate(boolq_passages())}

    def numbered(questions: Sequence[YesNoQuestion]) -> list[Question]:
        return [Question(one.question, number_of[one.title, one.passage]) for one in questions]

    return QuestionSets(*map(numbered, sets))


def require_disjoint(sets: Sequence[Sequence[YesNoQuestion]]) -> None:
    """Raises `ValueError` for an article that questions of two sets are about."""
    owner: dict[str, int] = {}
    for number, questions in enumerate(sets):
        for title in {one.title.casefold() for one in questions}:
            if owner.setdefault(title, number) != number:
                raise ValueError(
                    _("Two sets have questions on {title!r}. Split with `split_by_passage`.").format(title=title)
                )


def same_article(passages: Sequence[Document]) -> list[int]:
    """For each passage the number of its article: passages whose titles differ in capitals alone have the same."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(passage.title.casefold(), len(numbers)) for passage in passages]


def some_passages(questions: Sequence[Question], n: int, seed: int = 0) -> list[int]:
    """The numbers of `n` passages in their order: those of these questions, and others, drawn.

    Raises `ValueError` for fewer than the questions have.
    """
    needed = {one.passage for one in questions}
    if n < len(needed):
        raise ValueError(
            _("The questions have {needed} passages, and {n} are asked for: ask for as many or more.").format(
                needed=len(needed), n=n
            )
        )
    others = [number for number in range(len(boolq_passages())) if number not in needed]
    return sorted(needed | set(draw(others, n - len(needed), seed)))


class LocatedQuestion(NamedTuple):
    """A question, the number of a document, and where in it the passage is that was found for it."""

    text: str
    document: int
    start: int
    end: int


def joined_articles(least: int = 3) -> tuple[list[Document], list[LocatedQuestion]]:
    """The articles with `least` passages or more, each as one document, and all questions about them.

    The passages are in the order of the file, with an empty line between them: that is not the article, of which some
    passages may be missing. Raises `ValueError` for a number that no article has.
    """
    of_article: dict[int, list[int]] = {}
    for number, article in enumerate(same_article(boolq_passages())):
        of_article.setdefault(article, []).append(number)
    documents: list[Document] = []
    places: dict[int, tuple[int, int, int]] = {}  # of each passage
    for numbers in of_article.values():
        if len(numbers) < least:
            continue
        text = ""
        for number in numbers:
            start = len(text) + len(BETWEEN) if text else 0
            text += BETWEEN * bool(text) + boolq_passages()[number].text
            places[number] = len(documents), start, len(text)
        documents.append(Document(f"article-{len(documents)}", boolq_passages()[numbers[0]].title, text))
    if not documents:
        raise ValueError(_("No article has {least} passages: ask for fewer.").format(least=least))
    number_of = {(one.title, one.text): number for number, one in enumerate(boolq_passages())}
    located = []
    for one in yes_no_questions():
        if place := places.get(number_of[one.title, one.passage]):
            located.append(LocatedQuestion(one.question, *place))
    return documents, located


def whole(document: Document) -> Chunk:
    """The document as one chunk."""
    return Chunk(document, 0, len(document.text))


def sentence_encoder() -> SentenceEncoder:
    """MiniLM, which reads 256 pieces. Raises `AssetError` as `load` does."""
    return SentenceEncoder(*load("minilm"))


@functools.cache
def passage_vectors() -> Float[Tensor, "passage width"]:
    """MiniLM's vector of each passage with its title.

    To compute them takes some minutes on a processor core; they are then kept in the cache folder, in 18.8 MB. Raises
    `AssetError` where that cannot be written.
    """

    def read(file: Path) -> Float[Tensor, "passage width"]:
        try:
            with safetensors.safe_open(file, framework="pt") as stored:
                return stored.get_tensor("vectors")
        except safetensors.SafetensorError as error:
            raise ValueError(_("{file} is damaged ({error}).").format(file=file, error=error)) from error

    def write(file: Path) -> None:
        texts = [whole(document).with_title for document in boolq_passages()]
        save_tensors({"vectors": sentence_encoder().encode(texts, progress=True)}, file, {})

    return converted("boolq", VECTORS, read, write)
