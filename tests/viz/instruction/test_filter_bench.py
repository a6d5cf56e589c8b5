"""The bench says of a text what the filters say, live; what is added is in the pool, and the given pool stays."""

import pytest

from course.evaluation import rouge_l
from course.evaluation.rouge import longest_common_subsequence, rouge_words
from course.instruction import RULES, TOO_SIMILAR, Filters, InstructionPool
from course.tasks.seed_tasks import seed_pool
from course.viz import FilterBench
from course.viz.instruction.filter_figure import filter_figure
from course.viz.instruction.shared_words import shared_words
from tests.support.drawn import overlapping
from tests.support.speed import slowness
from tests.support.widgets import filter_bench

LONG = "Explain to the people of every village in the long valley why the old bridge had to be closed this winter. " * 5
TEXTS = (
    "",
    "Sing",
    "Draw a map of the village for the people.",
    "write a program that counts words",
    "- Name the people of the states.",
    "이 문장을 영어로 옮기고 단어를 세세요",
    "Say 안녕 to the people of Ελλάδα, שלום",
    "Name the people of the states.",
    LONG,
)


def typed(bench, text):
    """What the page sends when the text in the box is this."""
    bench.box.set_state({"value": text})


@pytest.mark.parametrize("text", TEXTS)
def test_it_says_what_the_filters_say(text):
    bench = filter_bench(text=text)
    verdict = Filters().check(text, bench.given)
    assert bench.error == "" and bench.verdict == verdict
    broken = [rule.name for rule in bench.rules if not rule.passes]
    assert broken == [*Filters().broken(text), *([TOO_SIMILAR] if verdict.score > 0.7 else [])]
    assert [rule.name for rule in bench.rules] == [*(rule.name for rule in RULES), TOO_SIMILAR]
    said = bench.summary()
    assert (f"“{verdict.rule}”" if verdict.rule else "Kept: no rule drops it") in said
    assert verdict.nearest.instruction in said and f"{verdict.score:.2f}" in said
    assert bench._rules.value.count("✗</td>") == len(broken)
    assert bench._add.off == (not verdict.kept)


def test_the_shared_words_are_marked_in_both_texts():
    bench = filter_bench(text="Name, for every union, THE people & states.")
    page = bench._nearest.value
    assert "<mark>Name</mark>, for every union, <mark>THE</mark> <mark>people</mark> &amp; <mark>states</mark>." in page
    assert "<mark>Name</mark> <mark>the</mark> $<mark>people</mark>$ of the &lt;b&gt;<mark>states</mark>" in page
    assert "4 of 7 and 8 words are shared, in this order: 2 · 4 / (7 + 8)." in bench.in_words()
    assert "Shared: Name THE people states" in bench.in_words()


@pytest.mark.parametrize("text", TEXTS)
def test_the_pieces_are_the_texts_and_the_marked_ones_a_longest_common_subsequence(text):
    for other in TEXTS:
        found = shared_words(text, other)
        for whole, pieces in ((text, found.one), (other, found.other)):
            assert "".join(piece.text for piece in pieces) == whole
            assert sum(piece.is_shared for piece in pieces) == found.n_shared
        marked = [[piece.text.lower() for piece in some if piece.is_shared] for some in (found.one, found.other)]
        assert marked[0] == marked[1]
        assert found.n_shared == longest_common_subsequence(rouge_words(text), rouge_words(other))
        score = 2 * found.n_shared / (found.n_one + found.n_other) if found.n_shared else 0.0
        assert score == rouge_l(text, other)


def test_enter_adds_a_text_that_is_kept():
    bench = filter_bench(text="")
    typed(bench, "Count the letters of this wor")
    typed(bench, "Count the letters of this word.\n")  # the last letters and the line break came together
    assert bench.added == ("Count the letters of this word.",) and bench.text == bench.box.value == bench.added[0]
    assert "Added: the pool has 4 instructions now." in bench._told.value
    assert bench.verdict.rule == TOO_SIMILAR and bench.verdict.score == 1 and "added here" in bench.summary()
    assert len(bench.given) == 3 and bench.pool.instructions[-1] == bench.added[0]


def test_enter_in_the_middle_of_a_text_breaks_nothing():
    bench = filter_bench(text="")
    typed(bench, "Count the letters of this word.")
    typed(bench, "Count the let\nters of this word.")
    assert bench.added == ("Count the letters of this word.",) == (bench.box.value,)


def test_enter_on_a_text_that_is_dropped_says_which_rule():
    bench = filter_bench(text="")
    typed(bench, "Sing\n")
    assert bench.added == () and bench.box.value == "Sing"
    assert "Not added: the rule “length” drops it." in bench._told.value
    typed(bench, "Sing a song for the people")
    assert "Not added" not in bench._told.value


def test_lines_that_are_pasted_are_one_instruction():
    bench = filter_bench(text="")
    typed(bench, "Count the letters\nof this\nword.")
    assert bench.added == () and bench.verdict.kept
    bench.add()
    assert bench.added == ("Count the letters of this word.",)


def test_the_last_one_is_taken_back():
    bench = filter_bench(text="Count the letters of this word.")
    assert bench._back.off
    bench.add()
    assert not bench._back.off and len(bench.pool) == 4
    bench.take_back()
    assert (
        bench.added == () and len(bench.pool) == 3 and bench.verdict.kept and "Taken back: Count" in bench._told.value
    )
    bench.take_back()
    assert bench.added == () and bench.error == ""


def test_the_limit_decides():
    bench = filter_bench()
    assert bench.verdict.rule == TOO_SIMILAR
    bench.limit = bench.verdict.score
    assert bench.verdict.kept and bench._add.off is False
    bench.limit = 0
    assert bench.verdict.rule == TOO_SIMILAR and "the limit is 0.00" in bench.summary()


def test_what_the_pool_has_is_never_kept():
    bench = filter_bench(text="Count  the words of 한국어.", limit=1)
    assert bench.verdict.rule == TOO_SIMILAR and bench._add.off and not bench.rules[-1].passes
    assert "the limit is 1.00. The pool has it already." in bench.summary() and bench.picture()
    bench.add()
    assert bench.added == () and bench.error == "" and "Not added" in bench._told.value


def test_an_empty_pool_has_no_nearest():
    bench = FilterBench(InstructionPool([], rouge_l), "Name three things that float")
    assert bench.verdict.kept and "(the pool is empty)" in bench.summary() and bench.picture()
    bench.text = ""
    assert bench.verdict.rule == "length" and bench.picture()


@pytest.mark.parametrize("added", [("",), (1,), (" \n",), ("a b c d", "a b c d"), ("Count the words of 한국어.",)])
def test_what_cannot_be_added_is_refused_and_changes_nothing(added):
    bench = filter_bench()
    before = repr(bench)
    with pytest.raises(ValueError, match=r"must be a text with words|already"):
        bench.added = added
    assert repr(bench) == before and bench.added == ()
    if added != (1,):
        with pytest.raises(ValueError, match=r"must be a text with words|already"):
            filter_bench(added=added)


def test_a_text_that_is_too_long_is_an_error_and_enter_adds_nothing():
    bench = filter_bench()
    typed(bench, "a b " * 600 + "\n")
    assert "the limit here is 2,000" in bench.error and bench.added == ()


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", TEXTS[6], LONG])
def test_no_text_of_the_picture_lies_over_another(text):
    bench = filter_bench(text=text)
    figure = filter_figure(bench.rules, bench._texts(), title=bench._said(), note=bench._counted())
    assert overlapping(figure) == []
    assert figure.get_tightbbox().width <= 8.2


@pytest.mark.slow
def test_the_fields_of_the_picture_are_as_many_as_the_shared_words():
    bench = filter_bench(text="Name, for every union, THE people & states.")
    fields = [patch for axes in bench.picture().axes for patch in axes.patches]
    assert len(fields) == 2 * 4


@pytest.mark.timed
def test_it_answers_at_once():
    bench = FilterBench(seed_pool(), "")
    for number in range(150):
        bench.given.add(f"Write {number} sentences about the {number * 7}th house of this street and its people.")
    bench.text = LONG
    assert len(bench.text) > 400
    times = []
    for number in range(5):
        bench.text = f"{LONG}{number}"
        times.append(bench.latency_ms)
    assert min(times) < 100 * slowness()
