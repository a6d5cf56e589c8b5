"""Three tasks that a prompt states: their texts, their baselines, and answers of a model."""

import pytest
import torch

from course.data.overlap import disjoint
from course.prompting import PromptTemplate, Shot
from course.tasks.prompted import (
    N_POOL,
    N_TEST,
    PromptedTask,
    first_name,
    first_sentence,
    first_words,
    most_frequent_answer,
    prompted_answers,
    prompted_tasks,
    scores_of,
)
from course.tokenization import ByteLevelBPE
from tests.support.llama import tiny_config, tiny_model

NAMES = ("classification", "extraction", "summary")


@pytest.fixture(scope="module")
def tasks():
    return prompted_tasks()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_pool_and_tests_have_no_text_in_common(tasks, name):
    task = tasks[name]
    pool, (tests,) = disjoint(task.pool, task.tests, text=lambda shot: shot[0])
    assert (len(pool), len(tests)) == (N_POOL, N_TEST)
    assert all(shot.answer.startswith(" ") and shot.answer.strip() for shot in (*pool, *tests))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_right_answer_has_the_best_score_and_the_baseline_a_lower_one(tasks, name):
    task = tasks[name]
    right = [shot.answer for shot in task.tests]
    best = scores_of(task, right, right)
    rule = task.baseline(task.pool[:8])
    trivial = scores_of(task, [rule(shot[0]) for shot in task.tests], right)
    for measure in task.measures:
        assert sum(best[measure]) / N_TEST > 0.99
        assert 0.05 < sum(trivial[measure]) / N_TEST < 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_model_answers_in_one_line_or_with_a_choice(tasks, name):
    task = tasks[name]
    tokenizer = ByteLevelBPE.train("Review: Text: Sentiment: about it\n positive negative", n_merges=30)
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=300))
    texts = ["Rome is a city.", "Oslo is one, too."]
    answers = prompted_answers(task, model, tokenizer, texts, [Shot("Bern is a city.", " Bern")], max_answer=5)
    assert len(answers) == 2 and all("\n" not in answer for answer in answers)
    if task.choices:
        assert set(answers) <= set(task.choices)


def test_a_special_token_ends_an_answer_and_is_no_part_of_it(monkeypatch):
    tokenizer = ByteLevelBPE.train("about it\n", n_merges=3, special_tokens=["<|end|>"])
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size))
    task = PromptedTask("about", PromptTemplate("", "{input}:{answer}"), (), (), {}, lambda _shots: first_name)
    (plain,) = prompted_answers(task, model, tokenizer, ["it"], max_answer=4)
    assert plain
    logits = model.output.forward
    monkeypatch.setattr(model.output, "forward", lambda x: logits(x).index_fill(-1, torch.tensor(0), 99.0))
    assert prompted_answers(task, model, tokenizer, ["it"], max_answer=4) == [""]


def test_one_text_is_no_list_of_texts():
    task = PromptedTask("about", PromptTemplate("", "{input}:{answer}"), (), (), {}, lambda _shots: first_name)
    tokenizer = ByteLevelBPE.train("about it", n_merges=3)
    with pytest.raises(TypeError, match="'it' is one text"):
        prompted_answers(task, tiny_model(tiny_config(vocab_size=tokenizer.vocab_size)), tokenizer, "it")


def test_a_first_sentence_ends_before_the_next():
    assert first_sentence("Dr. J. Smith is a poet. He lives in Rome.") == "Dr. J. Smith is a poet."
    assert first_sentence("One (or two). Three") == "One (or two)."
    assert first_sentence("No end") == "No end"


def test_baselines_are_rules():
    assert first_name("The Battle of Hastings was fought in 1066.") == "Battle of Hastings"
    assert first_name("Rome is old.") == "Rome"
    assert first_name("nothing") == ""
    shots = [Shot("x", " good one"), Shot("y", " bad"), Shot("z", " good one")]
    assert most_frequent_answer(shots)("any") == " good one"
    assert most_frequent_answer([])("any") == ""
    assert first_words(shots)("a b c d") == "a b"
    assert first_words([])("a b c d e f g") == "a b c d e"
