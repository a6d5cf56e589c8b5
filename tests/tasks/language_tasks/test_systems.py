"""The baselines and the prompts of the five tasks."""

import pytest

from course.tasks.language_tasks import Text, answering, prompted, summarizing
from course.tasks.language_tasks.prompts import asking
from course.tasks.language_tasks.summary import beginning, sentences
from course.tasks.language_tasks.translation import TranslationMemory, character_pairs


def test_sentences():
    text = 'It rained. "Nobody came," she said.\nThe U.S. team won 3.5 points! Really?\n'
    assert sentences(text) == ["It rained.", '"Nobody came," she said.', "The U.S. team won 3.5 points!", "Really?"]
    assert sentences("") == []


def test_the_beginning_of_a_text():
    text = "One two three. Four five six. Seven."
    assert beginning(text, 7) == text and beginning(text, 6) == "One two three. Four five six."
    assert beginning(text, 2) == "One two"


def test_a_summary_without_a_model():
    task = summarizing()
    text = Text("Cats sleep. Cats chase mice because mice run from cats. Dogs bark loudly.")
    assert task.system("trivial")([text])[0].value == "Cats sleep."
    assert task.system("simple")([text])[0].value == "Cats sleep."  # its words are the most frequent on average
    assert task.system("simple")([Text("")])[0].value == ""


def test_an_answer_without_a_model():
    task = answering()
    text = Text("The Seine is a river . Paul Cezanne painted in Paris in 1890 .", "who painted in paris ?")
    assert task.system("trivial")([text])[0].value == "Seine"
    assert task.system("simple")([text])[0].value == "Paul Cezanne"


def test_the_translation_memory():
    memory = TranslationMemory(["빛을 켜세요", "문을 닫으세요"], ["Turn on the light", "Close the door"])
    same, other = memory([Text("빛을 켜세요"), Text("문을 여세요")])
    assert same == ("Turn on the light", 1.0)
    assert other.value == "Close the door" and 0 < other.confidence < 1
    assert memory([Text("")])[0].confidence == 0
    assert character_pairs("ab b") == {"^a", "ab", "b$", "^b"}


def test_a_wording_that_is_not_there():
    for wording in (-1, 3):
        with pytest.raises(ValueError, match=f"no wording {wording}: the task has 3"):
            prompted(answering(), wording)


@pytest.mark.slow
def test_prompts_take_any_text():
    """Braces in a text are no places for a value, and the answer does not depend on what is asked along with it."""
    system = asking("{text}\n\nQuestion: {question}\nShort answer:", longest=3)
    texts = [Text("The sky is {blue}.", "What color is the {text}?"), Text("Ann is at home now, with Bob.", "Who is?")]
    together, alone = system(texts), [system([text])[0] for text in texts]
    assert [one.value for one in together] == [one.value for one in alone]
    for one, other in zip(together, alone, strict=True):
        assert 0 < one.confidence <= 1 and one.confidence == pytest.approx(other.confidence, abs=1e-4)


@pytest.mark.slow
def test_choices_are_chosen_among():
    found = asking("Review: {text}\nSentiment:", longest=1, choices=(" positive", " negative"))(
        [Text("A wonderful, moving film."), Text("Boring and far too long.")]
    )
    assert [one.value for one in found] == ["positive", "negative"]
    assert all(0.5 <= one.confidence <= 1 for one in found)


@pytest.mark.parametrize(("sources", "targets"), [([], []), (["a", "b"], ["x"])])
def test_a_memory_needs_a_translation_of_each_text(sources, targets):
    with pytest.raises(ValueError, match=f"there are {len(sources)} texts and {len(targets)} translations"):
        TranslationMemory(sources, targets)


@pytest.mark.parametrize("n_words", [0, -1])
def test_a_beginning_has_a_word(n_words):
    with pytest.raises(ValueError, match=f"n_words is {n_words}"):
        beginning("a b c", n_words)


@pytest.mark.parametrize("wording", ["", "Say it:", "{question}", "{text} {foo}", "{} {text}", "{text.text}"])
def test_a_wording_has_a_place_for_the_text_and_no_other_than_the_question(wording):
    with pytest.raises(ValueError, match=r"write \{text\} in it, and no other than \{question\}"):
        asking(wording, longest=4)


def test_an_answer_of_no_token():
    with pytest.raises(ValueError, match="longest is 0"):
        asking("{text}", longest=0)
