"""Students of the ways: equal labels and passes, the costs of each, and tests that run the label task alone."""

import pytest
import torch

from course.compression import PREFIXES, Reasoned
from course.instruction import n_trained
from course.tasks import rationales
from course.tasks.rationales import (
    WAYS,
    StepBatches,
    answer,
    end_id,
    label_loss,
    new_student,
    student_tokenizer,
    train_student,
    training_costs,
)
from course.tasks.stepwise import step_problems
from tests.support.llama import TOLERANCE

EXAMPLES = step_problems(24)


@pytest.fixture(scope="module")
def tokenizer():
    return student_tokenizer(EXAMPLES, 320)


def batches_of(tokenizer, name, seed=0):
    return StepBatches(tokenizer, EXAMPLES, WAYS[name], batch_size=5, seed=seed)


@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if not way.chain])
def test_the_first_pass_has_the_same_labels_in_all_ways(tokenizer, name):
    ours, labels = batches_of(tokenizer, name), batches_of(tokenizer, "labels")
    for step in range(8):
        assert torch.equal(ours[step].label, labels[step].label)
        assert ours[step].rationale is None or len(ours[step].rationale) == len(ours[step].label)


def test_costs_are_those_of_the_batches(tokenizer):
    costs = {name: training_costs(batches_of(tokenizer, name), 10) for name in WAYS}
    assert {name: one.passes for name, one in costs.items()} == {
        "labels": 10,
        "labels-twice": 20,
        "rationales": 20,
        "rationales-0.8": 20,
        "shuffled": 20,
        "chain": 10,
    }
    labels = costs["labels"]
    assert labels.other_tokens == 0 and labels.label_tokens > 0
    for name in ("rationales", "rationales-0.8", "shuffled", "chain"):
        assert costs[name].label_tokens == labels.label_tokens, name
        assert costs[name].other_tokens > labels.label_tokens, name
    assert costs["labels-twice"].label_tokens > 1.8 * labels.label_tokens
    assert costs["labels-twice"].other_tokens == 0
    counted = sum(n_trained(rows) for step in range(10) for rows in batches_of(tokenizer, "rationales")[step])
    assert counted == costs["rationales"].label_tokens + costs["rationales"].other_tokens
    assert costs["rationales"].tokens_read > costs["chain"].tokens_read > labels.tokens_read


def test_shuffled_rationales_are_others_of_the_same_batch_size(tokenizer):
    right, other = batches_of(tokenizer, "rationales")[0], batches_of(tokenizer, "shuffled")[0]
    assert torch.equal(right.label, other.label)
    targets = [[row[row >= 0].tolist() for row in batch.rationale[:, 1]] for batch in (right, other)]
    assert all(ours != theirs for ours, theirs in zip(*targets, strict=True))


def test_the_order_and_the_second_pass_of_labels_depend_on_the_seed(tokenizer):
    first, second = (batches_of(tokenizer, "labels-twice", seed)[0] for seed in (0, 1))
    assert not torch.equal(first.label, second.label)
    assert not torch.equal(first.label, first.rationale)


def test_a_student_has_fewer_than_a_million_weights_and_first_weights_of_its_seed(tokenizer):
    one, same, other = (new_student(tokenizer, seed) for seed in (0, 0, 1))
    assert sum(weight.numel() for weight in one.parameters()) < 1_000_000
    assert torch.equal(one.embedding.tokens.weight, same.embedding.tokens.weight)
    assert not torch.equal(one.embedding.tokens.weight, other.embedding.tokens.weight)


@pytest.mark.parametrize("name", ["labels", "rationales", "chain"])
def test_a_student_learns_its_few_examples_and_again_the_same(tokenizer, name):
    losses = []
    for _again in range(2):
        model = new_student(tokenizer, 0, d_model=32)
        history = train_student(model, tokenizer, EXAMPLES[:4], WAYS[name], steps=12, learning_rate=1e-2, batch_size=4)
        losses.append(history.losses)
    assert losses[0] == losses[1]
    assert losses[0][-1] < losses[0][0] / 1.5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rationales", "chain"])
def test_a_student_that_learned_answers(tokenizer, name):
    model, chain = new_student(tokenizer, 0), WAYS[name].chain
    train_student(model, tokenizer, EXAMPLES[:3], WAYS[name], steps=120, learning_rate=1e-2, batch_size=3)
    found = answer(model, tokenizer, [one.question for one in EXAMPLES[:3]], chain=chain, max_tokens=60)
    assert found.labels == [one.label for one in EXAMPLES[:3]]
    if chain:
        assert found.outputs == [f"{one.rationale} answer: {one.label}" for one in EXAMPLES[:3]]
    lengths = [len(tokenizer.encode(text)) + 1 for text in found.outputs]
    assert found.tokens == lengths


def test_only_the_label_task_runs_at_test_time(tokenizer, monkeypatch):
    read = []

    def search(model, source, **named):
        read.extend(zip(source.tolist(), named["padding"].tolist(), strict=True))
        return rationales_search(model, source, **named)

    rationales_search = rationales.greedy_search
    monkeypatch.setattr(rationales, "greedy_search", search)
    questions = [one.question for one in EXAMPLES[:5]]
    answer(new_student(tokenizer, 0), tokenizer, questions, max_tokens=3)
    assert [tokenizer.decode(row[padding:]) for row, padding in read] == [
        f"{PREFIXES['label']}{question}\n" for question in questions
    ]


def test_answers_do_not_depend_on_what_is_answered_beside_them(tokenizer, monkeypatch):
    model, questions = new_student(tokenizer, 3), [one.question for one in EXAMPLES[:6]]
    together = answer(model, tokenizer, questions, max_tokens=6)
    monkeypatch.setattr(rationales, "BATCH_READ", 1)
    assert answer(model, tokenizer, questions, max_tokens=6) == together
    assert max(together.tokens) <= 6


def test_label_loss_is_that_of_labels_alone(tokenizer):
    model = new_student(tokenizer, 0)
    bare = [Reasoned(one.question, one.label) for one in EXAMPLES]
    loss = label_loss(model, tokenizer, EXAMPLES).item()
    assert loss == pytest.approx(label_loss(model, tokenizer, bare).item(), rel=TOLERANCE)
    assert loss != label_loss(model, tokenizer, EXAMPLES, chain=True).item()


def test_a_chain_without_a_rationale_is_refused_before_training(tokenizer):
    model = new_student(tokenizer, 0)
    before = model.embedding.tokens.weight.clone()
    some = [EXAMPLES[0], Reasoned("How many?", "3")]
    with pytest.raises(ValueError, match="needs a rationale for each example"):
        train_student(model, tokenizer, some, WAYS["chain"], steps=2, learning_rate=1e-2)
    assert torch.equal(model.embedding.tokens.weight, before)


def test_the_end_token_is_never_that_of_padding(tokenizer):
    assert end_id(tokenizer) != rationales.padding_id(tokenizer)
