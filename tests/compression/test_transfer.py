"""Training a student on what a teacher says: tiny models, the same data, and what is refused."""

import pytest
import torch

from course.bert import Bert, BertConfig
from course.bert.inputs import IGNORED
from course.compression import DistillationLoss, TransferSet, distill, side_by_side, soft_targets
from course.fine_tuning import Recipe, SentenceClassifier, predict_logits
from course.tokenization import WordPiece

CLASSES = ("cold", "mild", "hot")
WORDS = {"cold": ("ice", "snow", "frost"), "mild": ("wind", "cloud", "spring"), "hot": ("fire", "desert", "oven")}
TEXTS = [f"{one} {other}" for words in WORDS.values() for one in words for other in words]
LABELS = [label for label in CLASSES for _pair in range(9)]
RECIPE = Recipe(learning_rate=4e-3, epochs=12, batch_size=8)
TOKENIZER = WordPiece.train(" ".join(TEXTS), 60)


def model(seed=0, classes=CLASSES, dropout=0.1):
    generator = torch.Generator().manual_seed(seed)
    config = BertConfig(TOKENIZER.vocab_size, 12, d_model=16, n_layers=1, n_heads=2, d_ff=32, dropout=dropout)
    return SentenceClassifier(Bert(config, generator), TOKENIZER, classes, dropout=dropout, generator=generator)


def said(scale=4.0):
    """A teacher that knows the label and holds "mild" for the nearer of the wrong ones."""
    near = torch.tensor([[1.0, 0.4, 0.0], [0.3, 1.0, 0.3], [0.0, 0.4, 1.0]])
    return scale * near[[CLASSES.index(label) for label in LABELS]]


def accuracy(student):
    return sum(
        CLASSES[number] == label
        for number, label in zip(predict_logits(student, TEXTS).argmax(1).tolist(), LABELS, strict=True)
    ) / len(TEXTS)


@pytest.mark.parametrize(
    ("transfer", "loss"),
    [
        (TransferSet(TEXTS, None, LABELS), DistillationLoss(1, 0)),
        (TransferSet(TEXTS, said()), DistillationLoss(2, 1)),
        (TransferSet(TEXTS, said(), LABELS), DistillationLoss(2, 0.5)),
        (
            TransferSet(TEXTS, said(), [label if i % 2 else None for i, label in enumerate(LABELS)]),
            DistillationLoss(2, 0.5),
        ),
    ],
    ids=["labels", "soft", "both", "some labels"],
)
def test_a_student_learns_from_each(transfer, loss):
    student = model()
    history = distill(student, transfer, loss, RECIPE)
    assert accuracy(student) > 0.9 and not student.training
    assert history.losses[-1] < history.losses[0]


def test_soft_targets_teach_the_ranking_of_the_wrong_classes_and_labels_do_not():
    soft, hard = model(), model()
    distill(soft, TransferSet(TEXTS, said()), DistillationLoss(2, 1), RECIPE)
    distill(hard, TransferSet(TEXTS, None, LABELS), DistillationLoss(1, 0), RECIPE)
    rows = [i for i, label in enumerate(LABELS) if label != "mild"]
    kept = [
        (predict_logits(student, TEXTS)[rows].topk(2).indices == said()[rows].topk(2).indices).all(1).float().mean()
        for student in (soft, hard)
    ]
    assert kept[0] > 0.9 and kept[0] > kept[1]


@pytest.mark.parametrize(
    ("dropout", "batch_size"), [(0.0, 8), (0.5, len(TEXTS))], ids=["of the order", "of the dropout"]
)
def test_the_seed_is_that_of_the_order_and_of_the_dropout(dropout, batch_size):
    def losses(seed):
        recipe = Recipe(learning_rate=4e-3, batch_size=batch_size)
        student = model(dropout=dropout)
        return distill(student, TransferSet(TEXTS, said()), DistillationLoss(2, 1), recipe, steps=3, seed=seed).losses

    assert losses(0) == losses(0)
    assert losses(1) != pytest.approx(losses(0), rel=1e-3)


def test_steps_take_the_place_of_the_epochs():
    more = TransferSet([*TEXTS, "ice fire"], torch.cat((said(), torch.zeros(1, 3))))
    assert len(distill(model(), more, DistillationLoss(2, 1), RECIPE, steps=5).losses) == 5
    assert len(distill(model(), TransferSet(TEXTS, said()), DistillationLoss(2, 1), RECIPE).losses) == 48


def test_unlabelled_rows_have_no_class():
    rows = TransferSet(TEXTS[:3], said()[:3], ["cold", None, "hot"]).rows(model())
    assert [row.label for row in rows] == [0, IGNORED, 2]
    assert torch.equal(torch.stack([row.logits for row in rows]), said()[:3])
    assert [row.label for row in TransferSet(TEXTS[:2]).rows(model())] == [IGNORED, IGNORED]


def test_side_by_side_is_what_both_say():
    teacher, student = model(0), model(1)
    found = side_by_side("ice fire", teacher, student, 3)
    assert found.classes == CLASSES
    for model_, probabilities in ((teacher, found.teacher), (student, found.student)):
        assert torch.allclose(probabilities, soft_targets(predict_logits(model_, ["ice fire"])[0], 3))
    with pytest.raises(ValueError, match="temperature is 0"):
        side_by_side("ice fire", teacher, student, 0)
    with pytest.raises(ValueError, match="two models of the same"):
        side_by_side("ice fire", teacher, model(1, ("a", "b", "c")), 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "There are no texts"),
        ((TEXTS, said()[:5]), "27 texts and 5 rows of logits"),
        ((TEXTS, said(), LABELS[:5]), "27 texts and 5 labels"),
        ((TEXTS, torch.full((27, 3), torch.nan)), "logits has nan at"),
    ],
)
def test_faulty_sets_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TransferSet(*arguments)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None,), "texts is or has None, of the type NoneType"),
        ((iter(TEXTS),), "texts is or has .*iterator"),
        (([*TEXTS[:2], 3],), "texts is or has 3, of the type int"),
        ((["a", "b", "c"], None, "abc"), "labels is or has 'abc', of the type str"),
        ((TEXTS, None, None), "labels is or has None"),
        ((TEXTS[:2], None, ["cold", 1]), "labels is or has 1, of the type int"),
        ((TEXTS, said().tolist()), "logits is of the type list"),
        ((TEXTS, said().numpy()), "logits is of the type float32"),
        ((TEXTS, said().long()), "logits is of the type torch.int64"),
    ],
)
def test_sets_of_other_types_are_refused(arguments, message):
    with pytest.raises(TypeError, match=message):
        TransferSet(*arguments)


@pytest.mark.usefixtures("unchecked_shapes")
def test_logits_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"logits has the shape \[27, 1, 3\]"):
        TransferSet(TEXTS, said()[:, None])


def test_one_text_is_no_list():
    with pytest.raises(TypeError, match="one text"):
        TransferSet("ice fire", None)


def test_a_set_of_other_classes_is_refused_before_training():
    student = model()
    before = student.head.weight.clone()
    with pytest.raises(ValueError, match="The teacher has 2 classes and the student 3"):
        distill(student, TransferSet(TEXTS, said()[:, :2]), DistillationLoss(2, 1), RECIPE)
    with pytest.raises(ValueError, match="'warm' is none of the classes"):
        distill(student, TransferSet(TEXTS[:1], None, ["warm"]), DistillationLoss(1, 0), RECIPE)
    with pytest.raises(ValueError, match="labels is missing"):
        distill(student, TransferSet(TEXTS, said()), DistillationLoss(2, 0.5), RECIPE)
    assert torch.equal(student.head.weight, before)
