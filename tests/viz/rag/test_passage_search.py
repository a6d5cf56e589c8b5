"""Passages found three ways, a text of one's own among them, and what an answer owes to them."""

import ipywidgets
import pytest

from course.rag import BM25, Chunk, Document, SentenceEncoder, chunk_all, exact_search, reciprocal_rank_fusion
from course.viz import PassageSearch
from course.viz.kit.traits import StateError
from course.viz.rag import passage_bench
from course.viz.rag.owed import what_it_owes
from course.viz.rag.passage_page import passage_page
from tests.support.drawn import overlapping, written
from tests.support.widgets import DOCUMENTS, _bert, passage_search

QUESTION = "who is in the union"


@pytest.fixture(scope="module")
def encoder():
    return SentenceEncoder(*_bert(), limit=40)


def ids(widget):
    return [one.chunk.id for one in widget.found]


def buttons(widget):
    """The names of the buttons in it, at any depth."""
    here = [widget.description] if isinstance(widget, ipywidgets.Button) else []
    return here + [name for child in getattr(widget, "children", ()) for name in buttons(child)]


@pytest.mark.parametrize("words", [50, 100, 200])
def test_each_search_is_that_of_the_course(encoder, words):
    chunks = chunk_all(DOCUMENTS, words=words, overlap=words // 8)
    texts = [one.with_title for one in chunks]
    dense = exact_search(encoder.encode([QUESTION])[0], encoder.encode(texts), 100)
    by_words = BM25(texts).search(QUESTION, 100)
    both = reciprocal_rank_fusion([[hit.index for hit in hits] for hits in (dense, by_words)])
    widget = passage_search(words=words, k=2)
    for method, hits in {"vectors": dense, "words": by_words, "both": both}.items():
        widget.method = method
        assert ids(widget) == [chunks[hit.index].id for hit in hits[:2]]
        assert [one.score for one in widget.found] == pytest.approx([hit.score for hit in hits[:2]])


def test_the_score_says_what_it_is():
    widget = passage_search()
    said = {}
    for method in ("vectors", "words", "both"):
        widget.method = method
        said[method] = widget.in_words().splitlines()[1]
    assert said["vectors"].endswith("by the cosine with the question")
    assert said["words"].endswith("by BM25") and said["both"].endswith("by the sum of 1 / (60 + rank)")
    assert widget._score(widget.found[0]) == f"{widget.found[0].score:.4f}"


def test_vectors_are_computed_once_for_each_size(monkeypatch):
    counted = []
    real = SentenceEncoder.encode
    monkeypatch.setattr(SentenceEncoder, "encode", lambda self, texts: counted.append(len(texts)) or real(self, texts))
    widget = passage_search()
    first = len(chunk_all(DOCUMENTS, words=100, overlap=12))
    assert counted == [first, 1]
    widget.question, widget.k, widget.method = "the states", 1, "both"
    assert counted == [first] + [1] * 4
    widget.words = 50
    widget.words = 100
    known, short = ({one.with_title for one in chunk_all(DOCUMENTS, words=n, overlap=n // 8)} for n in (100, 50))
    assert sum(counted[5:]) == len(short - known) + 2, "what is new, and the question of two updates"
    counted.clear()
    widget.own_text = "of the people"
    widget.question = "the union"
    assert counted == [1, 1, 1], "the own text once, and two questions"


def test_ones_own_text_is_searched_beside_the_documents_and_can_be_taken_away():
    widget = passage_search(method="words", question="zebra", k=1)
    assert widget.found == [] and "No chunk has a word of the question." in widget.in_words()
    widget.own_text = "A zebra named <b>Dot</b>."
    assert widget.found[0].chunk.document.title == "Your text"
    assert "&lt;b&gt;Dot&lt;/b&gt;" in widget._passages.value
    widget.own_text = "A mule."
    assert widget.found == [], "the index is made anew"
    widget.own_text = " "
    assert widget.found == [] and widget.error == ""


def test_answers_are_asked_with_what_is_shown_and_forgotten_with_it():
    asked = []

    def ask(question, passages):
        asked.append((question, [one.id for one in passages]))
        return "Rope and hitch! [2]"

    widget = passage_search(ask=ask)
    widget.ask()
    assert asked == [(QUESTION, ids(widget))] and "Answer: Rope and hitch! [2]" in widget.in_words()
    assert "<mark>Rope and hitch</mark>" in widget._passages.value
    widget.k = 2
    assert widget.answer is None and "Answer" not in widget.in_words() and widget._answer.value == ""
    assert len(asked) == 1
    widget.question = ""
    with pytest.raises(ValueError, match="The question is empty"):
        widget.ask()


def test_without_a_model_there_is_no_button_and_without_passages_no_answer():
    widget = passage_search(ask=None)
    assert buttons(passage_search()) == ["Answer"] and buttons(widget) == []
    with pytest.raises(ValueError, match="There is no model to ask"):
        widget.ask()
    nothing = passage_search(method="words", question="zebra")
    with pytest.raises(ValueError, match="There are no passages to answer from"):
        nothing.ask()


def test_nothing_to_search_is_one_sentence():
    widget = PassageSearch([], SentenceEncoder(*_bert(), limit=40), question="the union")
    assert widget.error == "There is nothing to search: paste a text of your own."
    widget.own_text = "of the union"
    assert widget.error == "" and len(widget.found) == 1


PASSAGES = [
    Chunk(document, 0, len(document.text))
    for document in (
        Document("a", "Nile", "The Nile flows to the sea."),
        Document("b", "", "A sea of sand, 9 km long."),
    )
]


@pytest.mark.parametrize(
    ("answer", "owed"),
    [
        ("the sea", "All its words are together in [1], [2]."),
        ("the Nile [1]", "All its words are together in [1]. It cites [1], with these words."),
        ("the Nile [2]", "All its words are together in [1]. It cites [2], without these words."),
        ("Nile sand", "No passage has its words together, but each is in a passage or in the question: check it."),
        ("Congo river", "No passage has its words together. Neither the passages nor the question have: congo, river."),
        ("[1]", "The answer has no words to look for. It cites [1], without these words."),
        ("sand [7, 2]", "All its words are together in [2]. It cites [2], with these words. It cites [7], for which"),
        ("Where?", "No passage has its words together, but each is in a passage or in the question: check it."),
    ],
)
def test_what_an_answer_owes(answer, owed):
    assert what_it_owes(answer, "Where does it go?", PASSAGES).startswith(owed)


def test_a_passage_on_the_page_is_escaped_linked_and_marked():
    document = Document("x", "<i>T</i>", 'A <b>bold</b> "sea", & more.', 'a.ipynb#1-"x"')
    page = passage_page(3, Chunk(document, 0, len(document.text)), detail="<0.5>", asked={"sea"}, answer="more")
    assert 'href="a.ipynb#1-&quot;x&quot;" target="_blank"' in page and "[3] <a" in page
    assert "&lt;i&gt;T&lt;/i&gt;</a>" in page and "&lt;0.5&gt;" in page and "<b>bold" not in page
    assert "<b>&quot;sea&quot;,</b>" in page and "&amp; <mark>more</mark>." in page
    assert "<a" not in passage_page(1, PASSAGES[1]) and "lm-outlined" not in page
    assert "lm-outlined" in passage_page(1, PASSAGES[1], is_outlined=True)


def test_the_picture_has_the_passages_and_outlines_those_with_the_answer():
    widget = passage_search(ask=lambda _question, _passages: "Rope")
    texts = [text for text, _box in written(widget.picture())]
    assert "Rope and hitch." in texts and not widget.picture().axes[0].patches
    widget.ask()
    figure = widget.picture()
    assert len(figure.axes[0].patches) == 1 and overlapping(figure) == []
    assert any(text.startswith("All its words are together in [") for text, _box in written(figure))


def test_the_bench_names_an_empty_question():
    bench = passage_bench.PassageBench(DOCUMENTS, SentenceEncoder(*_bert(), limit=40))
    with pytest.raises(ValueError, match="The question is empty"):
        bench.search(" ", "", 50, 1, "words")


@pytest.mark.parametrize("wrong", [{"words": 70}, {"k": 0}, {"k": 6}])
def test_what_is_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        passage_search(**wrong)
    with pytest.raises(StateError, match="method"):
        passage_search().method = "magic"


@pytest.mark.parametrize(("trait", "limit"), [("question", 300), ("own_text", 20_000)])
def test_too_long_a_text_is_an_error_over_the_last_picture(trait, limit):
    widget = passage_search()
    before = widget.in_words()
    setattr(widget, trait, "x" * (limit + 1))
    assert f"the limit here is {limit:,}" in widget.error and widget.in_words() == before
