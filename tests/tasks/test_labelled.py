"""Reviews and the names in them: what is labelled, and that no movie is on both sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data import movie_reviews
from course.evaluation import named_spans
from course.tasks.labelled import CLASSES, NAME_LABELS, WORD, capitalized_runs, name_labels, name_sets, review_sets


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
