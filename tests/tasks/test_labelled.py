"""Reviews and the names in them: what is labelled, and that no movie is on both sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data import movie_reviews
from course.evaluation import named_spans
from course.fine_tuning import LabelledTexts
from course.tasks.labelled import (
    CLASSES,
    ENTITY_LABELS,
    NAME_LABELS,
    WORD,
    capitalized_runs,
    entity_folds,
    name_labels,
    name_sets,
    remembered_names,
    review_sets,
)
from tests.tasks.test_tasks import fingerprint

# Of the tests that the records of the experiment "fine_tuning" were measured on.
STORED_TESTS = {
    "reviews": "4800f20dba3320dd",
    "validation": "d6bd323a8be4923a",
    "sentences": "ade9dff721570a0a",
}


@pytest.mark.parametrize(
    ("text", "movie", "labels"),
    [
        ("Big Trouble is funny.", "big_trouble", "B I O O O"),
        ("In Big Trouble, big trouble and Big Trouble.", "big_trouble", "O B I O O O O B I O"),
        ("Harrison's Flowers wilts.", "harrisons_flowers", "B I O O"),
        ("Narc! Narc and narc", "narc", "B O B O O"),
        ("Trouble Big", "big_trouble", "O O"),
        ("Big", "big_trouble", "O"),
        ("Ho Ho Ho", "ho_ho", "B I O"),
    ],
)
def test_a_name_is_where_its_words_follow_each_other(text, movie, labels):
    short = {"O": "O", "B-MOVIE": "B", "I-MOVIE": "I"}
    assert [short[label] for label in name_labels(WORD.findall(text), movie)] == labels.split()


@given(st.lists(st.sampled_from(["Big", "trouble", "Trouble", ".", "a"]), max_size=12))
def test_labels_can_be_read_as_spans_that_begin_with_b(words):
    for labels in (name_labels(words, "big_trouble"), capitalized_runs(words)):
        assert len(labels) == len(words) and set(labels) <= set(NAME_LABELS)
        assert named_spans(labels) == named_spans(labels, repair=False)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("The film A Grin Wins .", "O O B I I O"),
        ("Red Dragon is good .", "B I O O O"),
        ("Fine . Narc is fine", "O O O O O"),
        ("See Narc", "B I"),
        ("see Narc", "O B"),
    ],
)
def test_the_rule_takes_runs_of_capitals(text, labels):
    short = {"O": "O", "B-MOVIE": "B", "I-MOVIE": "I"}
    assert [short[label] for label in capitalized_runs(text.split())] == labels.split()


@pytest.mark.slow
def test_no_movie_is_in_two_sets():
    movie_of = {review.text: review.movie for review in movie_reviews()}
    movies = [{movie_of[text] for text in some.texts} for some in review_sets()]
    assert not (movies[0] & movies[1] or movies[0] & movies[2] or movies[1] & movies[2])
    assert [some.role for some in review_sets()] == ["training", "validation", "test"]
    assert {label for some in review_sets() for label in some.labels} == set(CLASSES)


@pytest.mark.slow
def test_every_sentence_of_the_names_has_one_and_no_name_is_in_two_sets():
    def spelled(some):
        return {
            " ".join(words[span.start : span.end]).lower()
            for words, labels in zip(some.texts, some.labels, strict=True)
            for span in named_spans(labels)
        }

    sets = name_sets()
    assert all(named_spans(labels) for some in sets for labels in some.labels)
    training, validation, test = map(spelled, sets)
    assert not training & test and not training & validation


def test_each_sentence_of_the_news_is_tested_once_by_a_model_that_did_not_see_it():
    folds = entity_folds()
    tested = [" ".join(words) for _training, test, _reports in folds for words in test.texts]
    assert len(folds) == 5 and len(tested) == 226
    for training, test, reports in folds:
        assert (training.role, test.role) == ("training", "test") and len(reports) == len(test)
        assert {" ".join(words) for words in training.texts}.isdisjoint(" ".join(words) for words in test.texts)
        assert {label for labels in training.labels for label in labels} <= set(ENTITY_LABELS)
        assert len(training) + len(test) >= 219  # training loses the sentences that a tested report has, too
    assert sorted({report for fold in folds for report in set(fold.reports)}) == list(range(15))
    assert sum(len(set(fold.reports)) for fold in folds) == 15


def test_a_list_of_names_finds_what_it_has_the_longest_first():
    training = LabelledTexts(
        [["New", "York", "won"], ["New", "York", "City", "lost"], ["Paris", "met", "Paris"]],
        [["B-LOC", "I-LOC", "O"], ["B-ORG", "I-ORG", "I-ORG", "O"], ["B-LOC", "O", "B-PER"]],
        "training",
    )
    texts = [["In", "New", "York", "City"], ["New", "York", "New", "York"], ["Paris"], ["York"]]
    assert remembered_names(training, texts) == [
        ["O", "B-ORG", "I-ORG", "I-ORG"],
        ["B-LOC", "I-LOC", "B-LOC", "I-LOC"],
        ["O"],  # two types
        ["O"],
    ]
    nothing = LabelledTexts([["won"]], [["O"]], "training")
    assert remembered_names(nothing, [["Paris"]]) == [["O"]]


@pytest.mark.slow
def test_the_tests_are_those_of_the_stored_records():
    reviews = review_sets()
    found = {"reviews": reviews.test, "validation": reviews.validation}
    prints = {name: fingerprint(zip(some.texts, some.labels, strict=True)) for name, some in found.items()}
    sentences = [
        pair for _training, test, _reports in entity_folds() for pair in zip(test.texts, test.labels, strict=True)
    ]
    assert prints | {"sentences": fingerprint(sentences)} == STORED_TESTS
