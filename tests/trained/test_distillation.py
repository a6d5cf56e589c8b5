"""The experiment on distillation: with tiny students and a teacher of a few texts, and its kept records."""

import pytest
import torch

from course import trained
from course.bert import Bert, BertConfig
from course.bert.inputs import IGNORED
from course.compression import entropy, soft_targets
from course.fine_tuning import LabelledTexts, SentenceClassifier
from course.tasks.distilled import TransferTask
from course.tokenization import WordPiece
from experiments import distillation as experiment
from experiments.distillation import ARMS, RATES, StudentRecipe, best_temperature, recipes

CLASSES = ("cold", "mild", "hot")
WORDS = {"cold": ("ice", "snow", "frost"), "mild": ("wind", "cloud", "spring"), "hot": ("fire", "desert", "oven")}
PAIRS = [(f"{one} {other}", label) for label, words in WORDS.items() for one in words for other in words]


def labelled(pairs, role):
    return LabelledTexts([text for text, _label in pairs], [label for _text, label in pairs], role)


TASK = TransferTask(
    CLASSES,
    labelled(PAIRS[::3], "training"),
    [text for text, _label in PAIRS[1::3]],
    labelled(PAIRS[2::6], "validation"),
    labelled(PAIRS[5::6], "test"),
)
N = len(TASK.labelled)
TOKENIZER = WordPiece.train(" ".join(TASK.training_texts), 60)


def small(_name="topics", seed=0, *, dropout=0.1):
    generator = torch.Generator().manual_seed(seed)
    config = BertConfig(TOKENIZER.vocab_size, 12, d_model=16, n_layers=1, n_heads=2, d_ff=32, dropout=dropout)
    return SentenceClassifier(Bert(config, generator), TOKENIZER, CLASSES, dropout=dropout, generator=generator)


def said(_name="topics"):
    return 2 * torch.randn(len(TASK.training_texts), 3, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def few(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr(experiment, "transfer_task", lambda _name: TASK)
    monkeypatch.setattr(experiment, "new_student", small)
    monkeypatch.setattr(experiment, "taught", said)
    monkeypatch.setattr(experiment, "teacher", lambda _name: small(seed=9).eval())
    monkeypatch.setattr(experiment, "BATCH", 4)
    monkeypatch.setattr(experiment, "CONTROL_SEED", 3)  # the pairs that seed 0 draws are all in ascending order
    monkeypatch.setattr(experiment, "EPOCHS", {"topics": 2, "reviews": 2})
    return tmp_path / experiment.NAME


def transfer(arm):
    return StudentRecipe("topics", arm).transfer_set()


def test_equal_data_and_equal_steps(few):
    steps = {len(StudentRecipe("topics", arm).train(0)[1].losses) for arm in ARMS}
    assert steps == {6}  # two epochs of nine texts in batches of four
    for arm, of_arm in ARMS.items():
        texts = transfer(arm).texts
        assert list(texts) == (TASK.training_texts if of_arm.unlabelled else list(TASK.labelled.texts)), arm


def test_labels_are_read_by_the_arms_of_labels_alone(few):
    reads = {arm: set(transfer(arm).labels) for arm in ARMS}
    assert [arm for arm in ARMS if reads[arm]] == ["labels", "both", "hard", "hard-unlabelled"]
    assert list(transfer("labels").labels) == list(transfer("both").labels) == list(TASK.labelled.labels)
    best = [CLASSES[number] for number in said().argmax(1).tolist()]
    assert list(transfer("hard").labels) == best[:N] and list(transfer("hard-unlabelled").labels) == best
    student = small()
    assert all(row.label == IGNORED for row in transfer("soft-2").rows(student))


def test_what_each_arm_is_told(few):
    assert transfer("labels").logits is None and transfer("hard").logits is None
    for arm in ("soft-1", "soft-8", "both"):
        assert torch.equal(transfer(arm).logits, said()[:N])
    assert torch.equal(transfer("soft-unlabelled").logits, said())
    shuffled, swapped, smoothed = (transfer(arm).logits for arm in ("shuffled", "swapped", "smoothed"))
    assert torch.equal(shuffled.argmax(1), said()[:N].argmax(1)) and not torch.equal(shuffled, said()[:N])
    assert torch.equal(swapped.sum(1).sort().values, said()[:N].sum(1).sort().values)
    assert not torch.equal(swapped, said()[:N])
    wanted = entropy(soft_targets(said()[:N], 1)).mean().item()
    assert entropy(soft_targets(smoothed, 1)).mean().item() == pytest.approx(wanted, abs=1e-3)
    assert [CLASSES[number] for number in smoothed.argmax(1).tolist()] == list(TASK.labelled.labels)


def test_the_controls_are_the_same_for_each_seed(few):
    assert torch.equal(transfer("shuffled").logits, transfer("shuffled").logits)


def rows(name, **errors):
    for rate, error in zip(RATES, errors.pop("errors"), strict=True):
        row = {"model": name, "learning_rate": rate, "dropout": 0.1, "batch_size": 4, "epochs": 2}
        trained.add_to_search(experiment.NAME, row | {"validation_error": error, "validation_loss": 1.0})


def test_the_temperature_and_the_rate_are_those_of_the_best_rows(few):
    assert best_temperature("topics") == 2 and StudentRecipe("topics", "both").setting.learning_rate == RATES[1]
    rows("topics-soft-1", errors=[0.3, 0.2, 0.4])
    rows("topics-soft-8", errors=[0.3, 0.3, 0.1])
    assert best_temperature("topics") == 8 and best_temperature("reviews") == 2
    assert StudentRecipe("topics", "both").temperature == 8 == StudentRecipe("topics", "shuffled").temperature
    assert StudentRecipe("topics", "soft-1").temperature == 1 == StudentRecipe("topics", "smoothed").temperature
    assert StudentRecipe("topics", "soft-1").setting.learning_rate == RATES[1]
    assert StudentRecipe("topics", "soft-8").setting.learning_rate == RATES[2]


def test_a_search_tries_each_rate_once_and_leaves_the_record_of_the_best(few):
    name, recipe = "topics-soft-2", recipes()["topics-soft-2"]
    experiment.search(name, recipe)
    tried = experiment.rows_of(name)
    assert sorted(row["learning_rate"] for row in tried) == list(RATES)
    record = trained.record_of(experiment.NAME, name)
    assert record["learning_rate"] == recipe.setting.learning_rate and record["seed"] == 0
    assert record["cpu_seconds"] > 0 and record["temperature"] == 2
    experiment.search(name, recipe)
    assert len(experiment.rows_of(name)) == len(RATES)
    (few / f"{name}-0.json").unlink()
    experiment.run(experiment.NAME, name, recipe, 0)
    again = trained.record_of(experiment.NAME, name)
    assert again["tests"] == record["tests"] and again["command"] == record["command"]


def test_a_record_has_its_test_under_the_name_of_the_task(few):
    experiment.run(experiment.NAME, "reviews-labels", recipes()["reviews-labels"], 1)
    record = trained.record_of(experiment.NAME, "reviews-labels", 1)
    assert list(record["tests"]) == ["reviews"] and record["temperature"] is None
    assert trained.items(experiment.NAME, "reviews-labels", "reviews").n_items == len(TASK.test)


def test_there_is_no_shuffled_arm_of_two_classes():
    assert "reviews-shuffled" not in recipes() and "topics-shuffled" in recipes()


@pytest.mark.timed
def test_costs_are_of_both_models(few, monkeypatch):
    monkeypatch.setattr(experiment, "draw", lambda texts, n: list(texts)[:2])
    monkeypatch.setattr(experiment, "TURNS", 2)
    found = experiment.costs()
    assert found["teacher"]["parameters"] == found["student"]["parameters"] == found["parameters"]
    assert found["student"]["bytes"] == 4 * found["parameters"]
    assert all(len(trained.numbers(line)) == 2 for line in found["times_faster"].values())


# --- The kept records ---

KEPT = trained.results(experiment.NAME) if trained.has_results(experiment.NAME) else []


@pytest.mark.parametrize("record", KEPT, ids=lambda record: f"{record['model']}-{record['seed']}")
def test_a_kept_record_is_of_equal_data_and_its_search(record):
    if "arm" not in record:
        return
    assert record["labelled"] == 2000 and record["steps"] == -(-2000 // 32) * experiment.EPOCHS[record["task"]]
    assert record["texts"] == 2000 or record["arm"].endswith("unlabelled")
    assert record["learning_rate"] == recipes()[record["model"]].setting.learning_rate
    assert record["temperature"] in (None, recipes()[record["model"]].temperature)
    assert record["parameters"] < 1e6
