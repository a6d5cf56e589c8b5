"""Distilling step by step: the loss by hand, both of its ends, what it counts and what it leaves out."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from course.compression import (
    PREFIXES,
    Reasoned,
    StepByStepLoss,
    TwoTasks,
    answer_after,
    chain_batch,
    encode_output,
    other_rationales,
    prefixed,
    two_tasks,
)
from course.instruction import NOT_TRAINED, n_trained
from course.tokenization import ByteLevelBPE
from tests.support.llama import TOLERANCE, difference, tiny_config, tiny_model

EXAMPLES = [
    Reasoned("Ann has 3 nuts and finds 4. How many?", "7", "3 + 4 = 7."),
    Reasoned("It is Monday. What is it in 2 days?", "Wednesday", "Monday, Tuesday, Wednesday."),
    Reasoned("5 * 12?", "60", "5 * 10 = 50. 5 * 2 = 10. 50 + 10 = 60."),
]


@pytest.fixture(scope="module")
def tokenizer():
    return ByteLevelBPE.train("how many", n_merges=2, special_tokens=["<pad>", "<end>"])


def ids_of(tokenizer):
    return {"pad_id": tokenizer.special.ids["<pad>"], "end_id": tokenizer.special.ids["<end>"]}


@pytest.fixture(scope="module")
def model(tokenizer):
    return tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=128))


def by_hand(model, tokenizer, pairs, task):
    """The mean over all output tokens, each example read alone, without padding or masks."""
    losses = []
    for question, output in pairs:
        read = tokenizer.encode(f"{PREFIXES[task]}{question}\n")
        written = [*tokenizer.encode(output), tokenizer.special.ids["<end>"]]
        logits = model(torch.tensor([[*read, *written[:-1]]]))[0, len(read) - 1 :]
        losses += [F.cross_entropy(row, torch.tensor(token)) for row, token in zip(logits, written, strict=True)]
    return torch.stack(losses).mean()


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("alpha", [0, 0.2, 0.5, 1])
def test_loss_and_gradients_are_those_of_each_example_alone(model, tokenizer, alpha):
    loss = StepByStepLoss(alpha)(model, two_tasks(tokenizer, EXAMPLES, **ids_of(tokenizer)))
    labels = by_hand(model, tokenizer, [(one.question, one.label) for one in EXAMPLES], "label")
    steps = by_hand(model, tokenizer, [(one.question, one.rationale) for one in EXAMPLES], "rationale")
    expected = alpha * labels + (1 - alpha) * steps
    assert loss.item() == pytest.approx(expected.item(), rel=TOLERANCE)
    ours, theirs = gradients(model, loss), gradients(model, expected)
    for name, gradient in ours.items():
        assert difference(gradient, theirs[name]) < TOLERANCE, name


@pytest.mark.parametrize(("alpha", "expected"), [(0, 1), (0.5, 2), (1, 1)])
def test_each_task_has_a_pass_of_its_own_and_none_without_weight(model, tokenizer, monkeypatch, alpha, expected):
    read = []
    inner = type(model).hidden_states

    def counted(self, ids, *rest, **named):
        read.append(ids)
        return inner(self, ids, *rest, **named)

    monkeypatch.setattr(type(model), "hidden_states", counted)
    batch = two_tasks(tokenizer, EXAMPLES, **ids_of(tokenizer))
    StepByStepLoss(alpha)(model, batch)
    assert len(read) == expected
    tables = {1: [batch.label], 0: [batch.rationale], 0.5: list(batch)}[alpha]
    for table, ids in zip(tables, read, strict=True):
        assert torch.equal(ids, table[:, 0])


def test_the_ends_of_alpha_do_not_see_the_other_task(model, tokenizer):
    batch = two_tasks(tokenizer, EXAMPLES, **ids_of(tokenizer))
    assert StepByStepLoss(1)(model, batch) == StepByStepLoss(1)(model, TwoTasks(batch.label, None))
    assert StepByStepLoss(0)(model, batch) == StepByStepLoss(0)(model, TwoTasks(None, batch.rationale))


def test_a_longer_rationale_weighs_no_more_than_a_short_label(model, tokenizer):
    batch = two_tasks(tokenizer, EXAMPLES, **ids_of(tokenizer))
    label, steps = (StepByStepLoss(alpha)(model, batch).item() for alpha in (1, 0))
    assert StepByStepLoss(0.5)(model, batch).item() == pytest.approx((label + steps) / 2, rel=TOLERANCE)
    assert n_trained(batch.rationale) > n_trained(batch.label)


def test_label_tokens_are_the_same_with_rationales_and_without(tokenizer):
    ids = ids_of(tokenizer)
    with_steps, without = (two_tasks(tokenizer, EXAMPLES, rationales=each, **ids) for each in (True, False))
    assert torch.equal(with_steps.label, without.label) and without.rationale is None
    assert n_trained(without.label) == sum(len(tokenizer.encode(one.label)) + 1 for one in EXAMPLES)


@pytest.mark.parametrize("task", ["label", "rationale"])
def test_only_the_output_and_its_end_are_trained(tokenizer, task):
    encoded = encode_output(tokenizer, "What  is\nit?", "a b", task, 9)
    n_read = len(tokenizer.encode(prefixed("What is it?", task)))
    assert tokenizer.decode(list(encoded.ids[:n_read])) == f"{PREFIXES[task]}What is it?\n"
    assert not any(encoded.is_trained[:n_read]) and all(encoded.is_trained[n_read:])
    assert encoded.ids[n_read:] == (*tokenizer.encode("a b"), 9)


def test_each_task_has_a_prefix_of_its_own_and_those_of_the_authors_code():
    assert (PREFIXES["label"], PREFIXES["rationale"]) == ("predict: ", "explain: ")
    assert len(set(PREFIXES.values())) == len(PREFIXES) == 3


def test_no_prefix_question_or_padding_is_a_target(tokenizer):
    ids = ids_of(tokenizer)
    for table, texts in zip(
        two_tasks(tokenizer, EXAMPLES, **ids),
        ([one.label for one in EXAMPLES], [one.rationale for one in EXAMPLES]),
        strict=True,
    ):
        for row, text in zip(table, texts, strict=True):
            targets = row[1][row[1] != NOT_TRAINED].tolist()
            assert targets == [*tokenizer.encode(text), ids["end_id"]]


def test_padding_changes_neither_loss_nor_gradient(model, tokenizer):
    batch = two_tasks(tokenizer, EXAMPLES, **ids_of(tokenizer))
    fill = torch.tensor([ids_of(tokenizer)["pad_id"], NOT_TRAINED])[None, :, None].expand(len(EXAMPLES), 2, 5)
    longer = TwoTasks(*(torch.cat((table, fill), dim=2) for table in batch))
    loss, padded = (StepByStepLoss(0.5)(model, each) for each in (batch, longer))
    assert padded.item() == pytest.approx(loss.item(), rel=TOLERANCE)
    ours, theirs = gradients(model, padded), gradients(model, loss)
    assert all(difference(ours[name], theirs[name]) < TOLERANCE for name in ours)


def test_an_empty_rationale_is_left_out_of_its_task_alone(model, tokenizer):
    ids = ids_of(tokenizer)
    some = [EXAMPLES[0], Reasoned("Without steps?", "9", "  "), EXAMPLES[2]]
    batch = two_tasks(tokenizer, some, **ids)
    assert len(batch.label) == 3 and len(batch.rationale) == 2
    assert torch.equal(batch.rationale, two_tasks(tokenizer, [some[0], some[2]], **ids).rationale)
    none = two_tasks(tokenizer, [some[1]], **ids)
    assert none.rationale is None
    half, whole = (StepByStepLoss(alpha)(model, none).item() for alpha in (0.5, 1))
    assert half == pytest.approx(whole / 2)  # the label keeps its weight
    with pytest.raises(ValueError, match="alpha of 0, no example of this batch counts"):
        StepByStepLoss(0)(model, none)


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan"), True])
def test_another_alpha_is_refused(alpha):
    with pytest.raises(ValueError, match="from 0 to 1"):
        StepByStepLoss(alpha)


@pytest.mark.parametrize("texts", [("", "1"), ("How many?", " \n")])
def test_an_example_without_question_or_label_is_refused(texts):
    with pytest.raises(ValueError, match="has no text"):
        Reasoned(*texts)


def test_no_examples_and_another_task_are_refused(tokenizer):
    with pytest.raises(ValueError, match="no rows to pad"):
        two_tasks(tokenizer, [], **ids_of(tokenizer))
    with pytest.raises(ValueError, match="no tokens"):
        encode_output(tokenizer, "Why?", " ", "label", 1)


def test_a_chain_is_one_sequence_whose_label_can_be_read_again(tokenizer):
    ids = ids_of(tokenizer)
    rows = chain_batch(tokenizer, EXAMPLES, **ids)
    for row, one in zip(rows, EXAMPLES, strict=True):
        text = tokenizer.decode(row[1][row[1] != NOT_TRAINED].tolist()[:-1])
        assert text == f"{one.rationale} answer: {one.label}"
        assert answer_after(text) == one.label
    assert answer_after("3 + 4 = 7.") == "" and answer_after("answer: 5") == "5"
    assert answer_after("x answer: 1 answer: 2") == "2"


@given(st.integers(2, 30), st.integers(0, 5))
def test_every_rationale_is_used_once_and_never_its_own(n, seed):
    examples = [Reasoned(f"Question {i}?", str(i), f"because {i}") for i in range(n)]
    found = other_rationales(examples, seed)
    assert [(one.question, one.label) for one in found] == [(one.question, one.label) for one in examples]
    assert sorted(one.rationale for one in found) == sorted(one.rationale for one in examples)
    assert all(ours.rationale != theirs.rationale for ours, theirs in zip(found, examples, strict=True))
    assert found == other_rationales(examples, seed)


def test_one_example_has_no_other_rationale():
    with pytest.raises(ValueError, match="needs two or more"):
        other_rationales(EXAMPLES[:1])
