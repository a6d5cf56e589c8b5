"""What an answer owes to the passages that it was given: its words, and its citations."""

from collections.abc import Sequence

from course.evaluation import normalized_answer
from course.messages import _
from course.rag import Chunk, cited_numbers
from course.rag.prompt import CITATION, supporting


def what_it_owes(answer: str, question: str, passages: Sequence[Chunk]) -> str:
    """In sentences: which passages have the answer's words together, and of those that it cites, whether they do."""
    with_words, cited = supporting(answer, passages), cited_numbers(answer, len(passages))
    has = [number for number in cited.valid if number in with_words]
    has_not = [number for number in cited.valid if number not in with_words]
    sentences = [
        _("All its words are together in {passages}.").format(passages=as_marks(with_words))
        if with_words
        else _own_words(answer, question, passages)
    ]
    if has:
        sentences.append(_("It cites {passages}, with these words.").format(passages=as_marks(has)))
    if has_not:
        sentences.append(_("It cites {passages}, without these words.").format(passages=as_marks(has_not)))
    if cited.unknown:
        sentences.append(
            _("It cites {passages}, for which there is no passage.").format(passages=as_marks(cited.unknown))
        )
    return " ".join(sentences)


def as_marks(numbers: Sequence[int]) -> str:
    """Numbers of passages as an answer cites them."""
    return ", ".join(f"[{number}]" for number in numbers)


def _own_words(answer: str, question: str, passages: Sequence[Chunk]) -> str:
    """Of an answer that no passage has as a whole: the words that are the model's own."""
    words = list(dict.fromkeys(normalized_answer(CITATION.sub(" ", answer)).split()))
    if not words:
        return _("The answer has no words to look for.")
    given = set(normalized_answer(" ".join([question, *(one.with_title for one in passages)])).split())
    own = [word for word in words if word not in given]
    if not own:
        return _("No passage has its words together, but each is in a passage or in the question: check it.")
    return _("No passage has its words together. Neither the passages nor the question have: {words}.").format(
        words=", ".join(own)
    )
