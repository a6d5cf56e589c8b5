"""The tasks to distill on: no text on two sides, no label where none is read, small students, teachers that stay."""

import pytest
import torch
import torch.nn.functional as F

from course import trained
from course.compression import entropy, soft_targets
from course.fine_tuning import LinearClassifier, features, predict_logits
from course.layers.parameters import count_parameters
from course.tasks import distilled
from course.tasks.distilled import N_LABELLED, TOPICS, class_numbers, measures, new_student, transfer_task, with_head
from tests.tasks.test_tasks import fingerprint

STORED_TESTS = {"topics": "177dbc16f9ae1b5a", "reviews": "4800f20dba3320dd"}  # that the records were measured on


@pytest.mark.parametrize("name", ["topics", pytest.param("reviews", marks=pytest.mark.slow)])
def test_no_text_is_in_two_sets_and_the_labelled_come_first(name):
    task = transfer_task(name)
    sets = [set(task.labelled.texts), set(task.unlabelled), set(task.validation.texts), set(task.test.texts)]
    assert sum(map(len, sets)) == len(set.union(*sets))
    assert len(task.labelled) == N_LABELLED == len(sets[0])
    assert task.training_texts[:N_LABELLED] == list(task.labelled.texts)
    assert task.training_texts[N_LABELLED:] == list(task.unlabelled)
    assert all(isinstance(text, str) for text in task.unlabelled)
    roles = [some.role for some in (task.labelled, task.validation, task.test)]
    assert roles == ["training", "validation", "test"]
    for some in (task.labelled, task.validation, task.test):
        assert set(some.labels) == set(task.classes)


@pytest.mark.parametrize("name", ["topics", pytest.param("reviews", marks=pytest.mark.slow)])
def test_the_tests_are_those_of_the_stored_records(name):
    test = transfer_task(name).test
    assert fingerprint(zip(test.texts, test.labels, strict=True)) == STORED_TESTS[name]


def test_the_labelled_topics_are_drawn_and_not_the_front():
    task = transfer_task("topics")
    assert min(len(text) for text in task.labelled.texts) < 20 < max(len(text) for text in task.labelled.texts)
    shares = [[list(some.labels).count(topic) / len(some) for topic in TOPICS] for some in (task.labelled, task.test)]
    assert max(abs(a - b) for a, b in zip(*shares, strict=True)) < 0.06


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_task_that_is_not_there():
    with pytest.raises(ValueError, match=r"no task 'news'\. There are: topics, reviews"):
        transfer_task.__wrapped__("news")


@pytest.mark.slow
def test_a_student_is_small_and_its_first_weights_are_its_seeds():
    student, same, other = new_student("topics", 0), new_student("topics", 0), new_student("topics", 1)
    assert count_parameters(student) < 1e6 and len(student.body.blocks) == 2 and student.body.config.d_model == 128
    assert student.classes == TOPICS
    assert torch.equal(student.head.weight, same.head.weight)
    assert not torch.equal(student.head.weight, other.head.weight)


@pytest.mark.slow
def test_the_teacher_is_frozen_and_its_head_is_the_stored_one():
    teacher = distilled.teacher("topics")
    assert not any(weight.requires_grad for weight in teacher.parameters()) and not teacher.training
    head = trained.load("distillation/topics-teacher")
    assert isinstance(head, LinearClassifier)
    assert torch.equal(teacher.head.weight, head.weight) and torch.equal(teacher.head.bias, head.bias)
    assert teacher.classes == TOPICS and count_parameters(teacher) > 30 * count_parameters(new_student("topics", 0))


@pytest.mark.slow
def test_a_head_on_minilm_says_what_it_says_of_its_features():
    head = LinearClassifier(384, TOPICS)
    with torch.no_grad():
        torch.nn.init.normal_(head.weight, generator=torch.Generator().manual_seed(0))
        head.bias.fill_(0.5)
    model, texts = with_head(head), ["Species of flatfish", "French mathematician"]
    with torch.no_grad():
        assert torch.allclose(predict_logits(model, texts), head(features(model, texts)), atol=1e-4)


def test_measures_by_hand():
    logits = torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
    said = torch.tensor([[3.0, 0.0, 1.0], [0.0, 2.0, 1.0], [2.0, 1.0, 0.0], [2.0, 1.0, 0.0]])
    truth = torch.tensor([0, 1, 2, 1])
    found = measures(logits, truth, said)
    assert found["accuracy"] == 0.75 and found["error_rate"] == 0.25 and found["agreement"] == 0.75
    assert found["second_agreement"] == pytest.approx(2 / 3)
    assert found["log_loss"] == pytest.approx(F.cross_entropy(logits, truth).item())
    p, q = said.double().softmax(-1), logits.double().softmax(-1)
    assert found["teacher_divergence"] == pytest.approx((p * (p / q).log()).sum(-1).mean().item(), rel=1e-5)
    items = found["items"]
    assert items["errors"] == "0 0 0 1" and items["symbols"] == "1 1 1 1" and items["disagreements"] == "0 0 1 0"
    same = measures(said, truth, said)
    assert same["agreement"] == 1 and same["second_agreement"] == 1
    assert same["teacher_divergence"] == pytest.approx(0, abs=1e-6)


def test_class_numbers_are_those_of_the_task():
    task = transfer_task("topics")
    assert [task.classes[number] for number in class_numbers(task, task.test).tolist()] == list(task.test.labels)


@pytest.mark.slow
def test_what_the_teacher_says_of_training_texts_is_computed_once_and_is_no_certainty():
    logits = distilled.taught("topics")
    assert logits.shape == (len(transfer_task("topics").training_texts), len(TOPICS))
    assert distilled.taught("topics") is logits
    assert 0.2 < entropy(soft_targets(logits, 1)).mean().item() < 1.5
