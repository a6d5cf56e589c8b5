"""Reviews as prompts and continuations: what is in which set, and that ids and texts belong together."""

import pytest

from course.data import movie_reviews, split_by_movie
from course.rlhf import as_responses
from course.tasks import review_continuations as task
from course.tasks.pretraining import base_tokenizer


def test_no_prompt_is_in_two_sets_or_twice_in_one():
    sets = task.beginnings()
    words = [[one.words for one in some] for some in sets]
    assert [len(some) for some in words] == [len(set(some)) for some in words]
    assert not set(words[0]) & set(words[1]) and not set(words[0]) & set(words[2]) and not set(words[1]) & set(words[2])
    assert len(words[0]) > 7000 and len(words[1]) > 1000 and len(words[2]) > 2000


def test_the_sets_are_those_that_the_gold_classifier_was_trained_and_tested_on():
    training, held_out = split_by_movie(movie_reviews())
    for some, reviews in zip(task.beginnings(), (training, *held_out), strict=True):
        texts = {" ".join(one.text.split()) for one in reviews}
        for one in some[:: len(some) // 20]:
            assert any(text.startswith(f"{one.words} {one.rest}") for text in texts)


@pytest.mark.parametrize(
    ("text", "words", "rest"),
    [
        ("A film of great charm. And wit.", "A film of great", None),
        ("A film of great charm, wit and heart! And more.", "A film of great", "charm, wit and heart!"),
        ("A  film of\ngreat charm from 3.5 on", "A film of great", "charm from 3.5 on"),
        ('He said "it is all a dream." And so on.', 'He said "it is', 'all a dream."'),
    ],
)
def test_a_review_is_its_first_sentence(text, words, rest):
    review = type(movie_reviews()[0])("movie", text, True)
    found = task._beginnings([review, review])
    assert found == ([] if rest is None else [task.Beginning(words, rest)])


def test_a_conversation_is_the_prompt_and_the_rest_with_its_end():
    one = task.Beginning("A film of great", "charm, wit and heart!")
    (found,) = task.conversations([one, task.Beginning("A film of great", "very " * 40)])
    prompt = task.prompt_ids(one.words)
    assert found.ids[: len(prompt)] == prompt and found.ids[-1] == task.response_end()
    assert found.is_trained == (False,) * len(prompt) + (True,) * (len(found.ids) - len(prompt))
    assert task.response_end() != task.response_padding()


def test_the_longest_answer_has_as_many_tokens_as_a_response():
    lengths = [sum(one.is_trained) for one in task.conversations(task.beginnings().validation)]
    assert max(lengths) == task.MAX_LENGTH


def test_texts_are_read_from_the_ids_of_prompts_of_any_length():
    words = ["A film of great", "Screenwriter Dan Schneider and", "It's a bit like"]
    rests = ["charm.", "his friends are here", " so!"]
    end = task.response_end()
    answers = [[*base_tokenizer().encode(rest), *([end] if number else [])] for number, rest in enumerate(rests)]
    responses = as_responses([task.prompt_ids(one) for one in words], answers, pad_id=task.response_padding())
    assert task.first_words(responses) == words
    assert task.response_texts(responses) == rests
    assert task.review_texts(responses) == [
        "A film of great charm.",
        "Screenwriter Dan Schneider and his friends are here",
        "It's a bit like so!",
    ]
