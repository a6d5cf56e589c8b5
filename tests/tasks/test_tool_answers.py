"""Prompts, answers in batches, and outcomes."""

import pytest
import torch

from course.data.api_calls import Answer
from course.instruction import SMOLLM2
from course.tasks import tool_answers as task
from course.tasks.tool_answers import call_answers, call_conversation, call_prompt, judged, prompt_ids
from course.tasks.tool_calls import Reading, document
from course.tokenization import ByteLevelBPE
from course.tools import CallGrammar, Catalog, Function, Outcome, Parameter, parse_calls
from tests.support.llama import tiny_config, tiny_model
from tests.support.torch_layers import disturb

ADD = Function("add", "Add two numbers.", (Parameter("x", "integer", "", True), Parameter("y", "integer", "", True)))
SAY = Function("say", "Say it.", (Parameter("text", "string", "", True),))
CATALOG = Catalog([ADD, SAY])


def reading(question="Add 1 and 2.", documents=(ADD,)):
    return Reading(question, documents, Answer("add", {"x": (1,), "y": (2,)}), CATALOG, "add(x=1, y=2)")


def test_a_prompt_has_each_document_on_a_line_and_the_request_last():
    lines = call_prompt("Add 1 and 2.", [ADD, SAY]).splitlines()
    assert lines[0] == task.INSTRUCTION and lines[-1] == "Request: Add 1 and 2."
    assert lines[2:-1] == [f"- {document(ADD)}", f"- {document(SAY)}"]
    assert call_prompt("Add.", []) == f"{task.INSTRUCTION}\nRequest: Add."


@pytest.mark.parametrize(
    ("answer", "outcome", "rule", "apibench"),
    [
        ("add(x=1, y=2)", Outcome.RIGHT, "", True),
        ("```python\nadd(y=2, x=1)\n```", Outcome.RIGHT, "", False),
        ("add(x=1, y=20)", Outcome.WRONG_CALL, "one_of", True),
        ("add(x=1)", Outcome.WRONG_CALL, "required_given", False),
        ("say(text='add')", Outcome.WRONG_CALL, "same_name", False),
        ("plus(x=1, y=2)", Outcome.HALLUCINATED, "in_catalog", False),
        ("The sum is 3.", Outcome.UNPARSABLE, "is_call", False),
        ("", Outcome.UNPARSABLE, "is_call", False),
    ],
)
def test_each_outcome_has_its_rule_and_apibench_beside_it(answer, outcome, rule, apibench):
    found = judged(answer, reading())
    assert found.outcome is outcome and found.apibench == apibench
    assert found.rule == rule or (rule == "one_of" and found.rule)


@pytest.fixture(scope="module")
def small():
    marks = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
    text = f"{task.INSTRUCTION} {task.DOCUMENTED} Request: user system assistant add(x=1, y=2) say(text='no')\n"
    tokenizer = ByteLevelBPE.train(text * 4, n_merges=120, special_tokens=marks)
    config = tiny_config(vocab_size=tokenizer.vocab_size, context_length=600)
    return disturb(tiny_model(config)).eval(), tokenizer


def test_the_loss_counts_the_call_and_the_end_alone(small):
    _model, tokenizer = small
    found = call_conversation(tokenizer, "Add 1 and 2.", [ADD], "add(x=1, y=2)")
    counted = [token for token, trained in zip(found.ids, found.is_trained, strict=True) if trained]
    assert tokenizer.decode(counted) == f"add(x=1, y=2){SMOLLM2.end}"
    n = len(prompt_ids(tokenizer, reading()))
    assert list(found.ids[:n]) == prompt_ids(tokenizer, reading()) and not any(found.is_trained[:n])
    assert found.is_trained[n]


def test_answers_come_in_the_order_of_their_requests_whatever_the_batch(small, monkeypatch):
    read = [reading(f"Add {n}. " * n, (ADD, SAY)[: n % 3]) for n in (5, 1, 4, 2)]
    alone = [call_answers(*small, [one], max_answer=6)[0] for one in read]
    assert call_answers(*small, read, max_answer=6) == alone and len(set(alone)) > 1
    monkeypatch.setattr(task, "BATCH_SIZE", 2)
    assert call_answers(*small, read, max_answer=6) == alone


def test_the_end_of_the_turn_ends_an_answer(small, monkeypatch):
    model, tokenizer = small
    logits, end = model.output.forward, tokenizer.special.ids[SMOLLM2.end]
    monkeypatch.setattr(model.output, "forward", lambda x: logits(x).index_fill(-1, torch.tensor(end), 99.0))
    assert call_answers(model, tokenizer, [reading()]) == [""]


def test_with_a_grammar_whatever_the_model_prefers_is_a_call_of_the_catalog(small):
    grammar = CallGrammar(Catalog([ADD]))
    (answer,) = call_answers(*small, [reading()], max_answer=80, grammar=grammar)
    (call,) = parse_calls(answer)
    assert call.name == "add" and call.arguments.keys() == {"x", "y"}
    (cut,) = call_answers(*small, [reading()], max_answer=2, grammar=grammar)
    assert judged(cut, reading()).outcome is Outcome.UNPARSABLE


def test_a_prompt_beyond_the_context_is_refused(small):
    with pytest.raises(ValueError, match="600"):
        call_answers(*small, [reading("word " * 700)])
