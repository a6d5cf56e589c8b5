"""The leaderboard: rows against the functions that they come from, and what it refuses."""

import dataclasses
import re

import numpy as np
import pytest

from course.evaluation import accuracy_measure, matthews_measure
from course.intervals import TwoModels, holm, items_needed, mcnemar, score_difference, share
from course.tasks.leaderboard import COLUMNS, board, column_of
from course.tasks.leaderboard_entries import ERROR_RATE, EXACT, Column, Entry, scores_of_two_classes, with_items
from course.tasks.leaderboard_pairs import flips, neighbours, unranked, with_thresholds

RNG = np.random.default_rng(0)
TRUE = (RNG.random(300) < 0.6).astype(int)


def entry(name, accuracy, positive=0.5, **options):
    """Right with a probability, and where it is wrong biased towards 1."""
    right = RNG.random(300) < accuracy
    predicted = np.where(right, TRUE, (RNG.random(300) < positive).astype(int))
    chances = np.clip(0.5 + (predicted - 0.5) * RNG.random(300), 0.01, 0.99)
    return Entry(name, "family", "evaluation", predicted, chances, **options)


A, B, C = entry("a", 0.9), entry("b", 0.7), entry("c", 0.2)
ALWAYS = Entry("always", "none", "evaluation", np.ones(300, dtype=int), is_trivial=True)


def column(*entries, **options):
    return Column("test", "items", TRUE, entries or (C, A, ALWAYS, B), scores_of_two_classes(), **options)


class TestBoard:
    def test_rows_are_the_best_first_with_the_answers(self):
        found = board(column(), "accuracy", n_resamples=200)
        rights = [float((row.entry.predicted == TRUE).mean()) for row in found.rows]
        assert rights == sorted(rights, reverse=True) and found.names[0] == "a"
        assert [row.score.estimate for row in found.rows] == rights
        assert found.rows[0].score == share(int((A.predicted == TRUE).sum()), 300, of="items")
        assert found.ranks.names == found.names and found.left_out == ()

    def test_differences_are_paired_to_the_best_and_corrected(self):
        found = board(column(), "accuracy", n_resamples=200)
        for row in found.rows[1:]:
            expected = score_difference(
                accuracy_measure(), TRUE, row.entry.predicted, A.predicted, "points", of="items", n_resamples=200
            )
            assert row.behind == expected.difference and row.behind.estimate < 0
            assert row.p_value == mcnemar(row.entry.predicted == TRUE, A.predicted == TRUE).p_value
        p_values = [row.p_value for row in found.rows[1:]]
        assert [row.p_corrected for row in found.rows[1:]] == holm(p_values).tolist()
        assert found.rows[0].behind is found.rows[0].p_value is None

    @pytest.mark.filterwarnings("error")
    def test_any_measure_has_a_permutation_test(self):
        found = board(column(), "Matthews", n_resamples=200, n_permutations=99)
        measure = matthews_measure((0, 1))
        assert found.rows[0].score.estimate == pytest.approx(measure(TRUE, A.predicted))
        assert found.rows[-1].p_value == pytest.approx(0.01)

    def test_the_lowest_is_best_where_the_measure_says_so(self):
        sure = dataclasses.replace(A, name="sure", probabilities=(A.predicted == 1) * 0.98 + 0.01)
        found = board(column(A, sure, ALWAYS), "ECE", n_resamples=200, n_permutations=99)
        assert found.rows[0].score.estimate < found.rows[1].score.estimate
        assert found.left_out == ("always",) and found.rows[1].behind.estimate > 0
        assert found.ranks.mean_ranks[0] < found.ranks.mean_ranks[1]

    def test_equal_models_share_their_ranks(self):
        found = board(column(A, dataclasses.replace(A, name="again")), n_resamples=50)
        assert found.rows[1].p_corrected == 1 and found.rows[0].ranks == found.rows[1].ranks == (1, 2)

    def test_a_table_has_each_row(self):
        table = board(column(), n_resamples=50).table()
        assert [row["model"] for row in table] == list(board(column(), n_resamples=50).names)
        assert table[0]["behind the best"] == "" and "points" in str(table[1]["behind the best"])

    def test_errors_of_symbols(self):
        two = [np.array([[0, 4], [2, 4], [2, 4], [0, 4]] * 5), np.array([[0, 4], [4, 4], [0, 4], [0, 4]] * 5)]
        entries = tuple(Entry(name, "f", "attention", each) for name, each in zip("xy", two, strict=True))
        of_words = Column("w", "words", np.ones(20, dtype=int), entries, {"accuracy": EXACT, "error rate": ERROR_RATE})
        assert board(of_words, "accuracy", n_resamples=50).rows[0].score.estimate == 0.75
        assert [row.score.estimate for row in board(of_words, "error rate", n_resamples=50).rows] == [0.25, 0.25]
        assert of_words.differing("x", "y") == [2, 6, 10, 14, 18]


class TestWhatIsRefused:
    @pytest.mark.usefixtures("unchecked_shapes")
    def test_a_column_or_a_score_that_is_not_there(self):
        with pytest.raises(ValueError, match=r"no column 'films'\. There are: 'reviews'"):
            board("films")
        for wrong in (None, 3, ["reviews"]):
            with pytest.raises(ValueError, match=rf"no column {re.escape(repr(wrong))}\. There are: 'reviews'"):
                board(wrong)
        with pytest.raises(ValueError, match=r"no 'BLEU'\. It has: 'accuracy', 'F1'"):
            board(column(), "BLEU")
        with pytest.raises(ValueError, match="has what 'ECE' needs"):
            board(column(ALWAYS), "ECE")
        with pytest.raises(ValueError, match="no 'z'"):
            column().entry("z")

    def test_answers_to_other_items(self):
        with pytest.raises(ValueError, match="has 300 items, and 'a' has 299 answers"):
            column(dataclasses.replace(A, predicted=A.predicted[1:], probabilities=None))
        with pytest.raises(ValueError, match="has 300 items, and 'a' has 10 answers"):
            column(dataclasses.replace(A, predicted=A.predicted[:10], probabilities=A.probabilities[:10]))
        with pytest.raises(ValueError, match="'a' is twice"):
            column(A, B, A)

    def test_a_test_text_that_a_model_was_trained_on(self):
        texts = [f"the text of the item with the number {n}" for n in range(300)]
        others = {"clean": ["another text"], "leak": ["x", f" {texts[7].replace(' ', '  ')}"]}
        clean = column(texts=lambda: texts, trainings=lambda: {"clean": others["clean"]})
        assert clean.require_unseen()["clean"].count == 0
        with pytest.raises(ValueError, match="number 7' is in two sets, leak and test"):
            column(texts=lambda: texts, trainings=lambda: others).require_unseen()
        inside = {"corpus": [f"Before it. {texts[3]} and after it"]}
        with pytest.raises(ValueError, match="number 3' of the set test stands inside"):
            column(texts=lambda: texts, trainings=lambda: inside).require_unseen()
        with pytest.raises(ValueError, match="no texts to compare"):
            column().require_unseen()


def test_some_items_keep_their_answers_and_texts():
    some = with_items(column(A, B, texts=lambda: list(map(str, range(300)))), [5, 9, 2], [])
    assert some.texts() == ["5", "9", "2"] and some.true.tolist() == TRUE[[5, 9, 2]].tolist()
    assert some.entry("b").predicted.tolist() == B.predicted[[5, 9, 2]].tolist()
    assert some.entry("b").probabilities.tolist() == B.probabilities[[5, 9, 2]].tolist()


class TestPairs:
    near = dataclasses.replace(A, name="near", predicted=np.where(np.arange(300) == 0, 1 - A.predicted, A.predicted))

    def test_a_pair_that_is_surely_flipped_is_found_and_others_are_not(self):
        careful = np.where((TRUE == 1) & (np.arange(300) % 5 < 3), 0, TRUE)  # misses positives, invents none
        found = flips(
            column(Entry("careful", "f", "evaluation", careful), ALWAYS, A),
            "Matthews",
            "F1",
            trivial=True,
            n_resamples=300,
            n_permutations=999,
        )
        (one,) = found
        assert (one.better, one.worse) == ("careful", "always")
        assert one.excludes_0 and one.first.low > 0 > one.second.high
        assert 0.001 <= one.p_value < 0.01 and one.p_corrected == pytest.approx(3 * one.p_value)
        assert flips(column(A, B), "accuracy", "F1", n_resamples=50) == []
        assert flips(column(A, ALWAYS), "accuracy", "F1", n_resamples=50) == []

    def test_thresholds_make_more_entries_of_the_same_probabilities(self):
        more = with_thresholds(column(A, ALWAYS), [0.3, 0.995])
        assert [each.name for each in more.entries] == ["a", "always", "a, positive above 0.3"]
        assert (more.entries[2].predicted == (A.probabilities > 0.3)).all()
        with pytest.raises(ValueError, match="A threshold is 1"):
            with_thresholds(column(), [1.0])

    def test_neighbours_follow_each_other_and_similar_ones_need_more_items(self):
        found = neighbours(board(column(A, self.near, C), n_resamples=50))
        assert [set(each[:2]) for each in found] == [{"a", "near"}, {found[1].better, "c"}]
        assert found[0].needed > 300 > found[1].needed and found[0].power < 0.8 < found[1].power
        accuracy = float((column().right(column(A, self.near).entry(found[1].better))).mean())
        only_better, only_worse = found[1].only_better, found[1].only_worse
        models = TwoModels(accuracy, (only_better - only_worse) / 300, (only_better + only_worse) / 300)
        assert only_worse > 0 and found[1].needed == items_needed(models)
        same = neighbours(board(column(A, dataclasses.replace(A, name="again")), n_resamples=50))
        assert same[0].needed is None and same[0].p_value == 1

    def test_pairs_that_the_items_cannot_rank(self):
        found = unranked(board(column(A, self.near, C), n_resamples=50))
        assert (found.n_pairs, found.n_apart) == (3, 2) and set(found.pairs[0]) == {"a", "near"}
        assert unranked(board(column(A, self.near, C), n_resamples=50), names=["a", "c"]).pairs == ()


# --- The columns of the course ---


@pytest.mark.parametrize("name", ["reviews", "reviews-500", "topics", "dates", "pronunciation"])
@pytest.mark.slow
def test_no_text_of_a_column_was_trained_on(name):
    assert column_of(name).require_unseen()


@pytest.mark.parametrize("name", ["reviews", "reviews-500", "topics", "sentence order", "dates"])
@pytest.mark.slow
def test_a_column_has_enough_models_and_a_row_for_each(name):
    found = board(name, n_resamples=100)
    assert len(found.rows) == len(found.column.entries) >= 7
    assert all(len(row.entry.predicted) == len(found.column) for row in found.rows)


def test_the_small_column_is_of_the_items_of_the_large_one():
    small, large = column_of("reviews-500"), column_of("reviews")
    places = [large.texts().index(text) for text in small.texts()]
    assert (large.true[places] == small.true).all()
    name = large.entries[0].name
    assert (large.entry(name).predicted[places] == small.entry(name).predicted).all()
    assert {each.name for each in large.entries} < {each.name for each in small.entries}


def test_every_column_has_a_name_that_is_its_own():
    assert all(name == column_of(name).name for name in ("reviews", "reviews-500", "topics", "dates", "pronunciation"))
    assert len(COLUMNS) == 14
