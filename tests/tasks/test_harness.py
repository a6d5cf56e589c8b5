"""Forms of a multiple-choice question: what stands before an answer, which tokens are scored, and what is drawn."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from course.data import Choice, answer_choices
from course.pretrained import chat_ids, load, load_tokenizer
from course.tasks import harness
from course.tasks.harness import FORMS, LETTERS, N_ITEMS, N_SHOTS, Form, drawn_choices, scored
from course.tokenization import ByteLevelBPE
from tests.support.llama import TOLERANCE, as_llama, difference, tiny_config, tiny_model

JAR = Choice("piqa", "", "open a jar", "twist the lid", ("pull the lid",), 1)
ANN = Choice("siqa", "Ann ran.", "Why?", "late", ("red", "tall"), 0)
FOG = Choice("openbookqa", "", "There is fog around", "a marsh", ("a desert", "the plains"), 1)
HARNESS = json.loads((Path(__file__).parents[1] / "prompting" / "harness_scores.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer("smollm2")


@pytest.mark.parametrize(
    ("choice", "form", "prompt"),
    [
        (JAR, "published", "Question: open a jar\nAnswer:"),
        (FOG, "published", "There is fog around"),
        (ANN, "published", "Q: Ann ran. Why?\nA:"),
        (FOG, "question", "Question: There is fog around\nAnswer:"),
        (ANN, "bare", "Ann ran. Why?"),
        (ANN, "without question", "Answer:"),
        (FOG, "letters", "Question: There is fog around\nA. a desert\nB. a marsh\nC. the plains\nAnswer:"),
    ],
)
def test_what_stands_before_the_answer(choice, form, prompt):
    assert FORMS[form].prompt(choice) == prompt


def test_the_published_text_of_each_task_is_the_one_that_was_read_in_its_code():
    assert list(harness.PUBLISHED_TEXT) == list(N_ITEMS)
    questions = {"piqa": "Question: q\nAnswer:", "openbookqa": "q", "commonsenseqa": "q", "siqa": "Q: q\nA:"}
    assert {name: Form().prompt(Choice(name, "", "q", "a", ("b",))) for name in N_ITEMS} == questions


def test_answers_are_in_the_files_order_and_letters_are_as_many():
    assert Form().answers(FOG) == ("a desert", "a marsh", "the plains") == FOG.answers
    assert FORMS["letters"].answers(FOG) == ("A", "B", "C") and FORMS["letters"].answers(JAR) == ("A", "B")
    assert FOG.answers[FOG.place] == FOG.right


def decoded(tokenizer, rows, part):
    return [tokenizer.decode(list(getattr(row, part))) for row in rows]


@pytest.mark.parametrize("form", FORMS)
def test_the_rows_of_a_form_spell_its_prompt_and_its_answers(tokenizer, form):
    shots = [JAR] if FORMS[form].shots is not None else []
    rows = FORMS[form].rows(tokenizer, FOG, shots)
    assert len({row.prompt for row in rows}) == 1
    assert decoded(tokenizer, rows, "answer") == [FORMS[form].before + text for text in FORMS[form].answers(FOG)]
    before = decoded(tokenizer, rows, "prompt")[0]
    prompt = FORMS[form].prompt(FOG, shots)
    if FORMS[form].around == "chat":
        assert list(rows[0].prompt) == chat_ids(tokenizer, prompt)
    elif FORMS[form].around == "start":
        assert rows[0].prompt == (tokenizer.special.ids["<|im_start|>"], *tokenizer.encode(prompt))
    else:
        assert before == prompt


def test_the_space_is_the_answers_first_token_or_none(tokenizer):
    spaced, bare = (FORMS[form].rows(tokenizer, FOG) for form in ("question", "without space"))
    assert spaced[0].prompt == bare[0].prompt and spaced[0].answer != bare[0].answer
    assert decoded(tokenizer, spaced, "answer")[1] == " a marsh" and decoded(tokenizer, bare, "answer")[1] == "a marsh"


def test_shots_are_answered_in_the_same_form_and_come_first():
    late = "Q: Ann ran. Why?\nA: late\n\n"
    assert FORMS["5 shots, draw 0"].prompt(ANN, [ANN, ANN]) == late + late + "Q: Ann ran. Why?\nA:"
    shot = FORMS["letters, 5 shots"].prompt(FOG, [JAR])
    assert shot.startswith("Question: open a jar\nA. pull the lid\nB. twist the lid\nAnswer: B\n\nQuestion: There")


@pytest.mark.parametrize("name", N_ITEMS)
def test_the_drawn_questions_are_a_sample_in_a_drawn_order(name):
    every, drawn = answer_choices(name), drawn_choices(name)
    assert len(drawn.choices) == N_ITEMS[name] == len(set(drawn.places)) and drawn == drawn_choices(name)
    assert [every[place] for place in drawn.places] == drawn.choices
    first = drawn.places[:100]
    assert min(first) < 0.1 * len(every) and max(first) > 0.9 * len(every) and first != sorted(first)
    assert abs(np.mean(first) / len(every) - 0.5) < 0.1


@pytest.mark.parametrize("name", N_ITEMS)
def test_examples_are_five_of_each_draw_and_none_is_asked(name):
    drawn = drawn_choices(name)
    shots = [shot for draw in drawn.shots for shot in draw]
    assert [len(draw) for draw in drawn.shots] == [N_SHOTS] * 2 and len({id(shot) for shot in shots}) == 10
    assert not any(shot in drawn.choices[:-10] for shot in shots)


# --- Scores ---


@pytest.fixture(scope="module")
def small():
    tokenizer = ByteLevelBPE.train("Question: Answer: there is fog around a marsh the plains open a jar", n_merges=60)
    return tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=160)), tokenizer


@pytest.mark.parametrize("form", ["published", "question", "without question", "without space", "letters"])
def test_scores_are_log_probabilities_of_transformers(small, form):
    model, tokenizer = small
    found = scored(model, tokenizer, FORMS[form], [FOG, JAR])
    for choice, scores, tokens in zip((FOG, JAR), found.scores, found.tokens, strict=True):
        rows = FORMS[form].rows(tokenizer, choice)
        assert tokens == [len(row.answer) for row in rows]
        for score, row in zip(scores, rows, strict=True):
            ids = torch.tensor([[*row.prompt, *row.answer]])
            with torch.no_grad():
                each = as_llama(model)(ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None])
            assert difference(torch.tensor(score), each[-len(row.answer) :].sum()) < TOLERANCE


def test_a_question_is_not_asked_after_its_own_answer(small):
    with pytest.raises(ValueError, match="'There is fog around' is among its own examples"):
        scored(*small, FORMS["5 shots, draw 0"], [JAR, FOG], [FOG])


def test_a_tokenizer_without_the_special_token_is_refused(small):
    with pytest.raises(ValueError, match="im_start"):
        FORMS["start token"].rows(small[1], FOG)


@pytest.mark.slow
def test_scores_are_those_of_the_lm_evaluation_harness():
    model, tokenizer = load("smollm2")
    for case in HARNESS["cases"]:
        if case["delimiter"] != " ":
            continue
        form = Form(lambda choice: choice.question)
        choice = Choice("piqa", "", case["prompt"], case["choices"][0], tuple(case["choices"][1:]))
        (scores,), _tokens = scored(model, tokenizer, form, [choice])
        np.testing.assert_allclose(scores, case["log_likelihoods"], atol=2e-3)
        assert int(np.argmax(scores)) == case["acc"]
        sizes = [len(text) for text in choice.answers]
        assert int(np.argmax(np.array(scores) / sizes)) == case["acc_norm"]


def test_there_is_a_letter_for_each_answer():
    assert all(len(choice.answers) <= len(LETTERS) for name in N_ITEMS for choice in answer_choices(name))
