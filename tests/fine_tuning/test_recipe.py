"""The recipe: what decays and what does not, rates by depth, bias correction, warm-up, sets with a role."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from course.fine_tuning import (
    DecoderClassifier,
    EarlyStopping,
    LabelledTexts,
    Recipe,
    SentenceClassifier,
    TokenClassifier,
    fine_tune,
    parameter_groups,
    predict_labels,
    predict_logits,
    train_only,
)
from course.fine_tuning.recipe import loss_and_accuracy, rows_with_targets
from course.gpt import Decoder, LlamaConfig
from tests.fine_tuning.conftest import BAD, GOOD, SIZES, body

TWO = ("bad", "good")
TRAINING = LabelledTexts(GOOD + BAD, ["good"] * 6 + ["bad"] * 6, "training")
FAST = Recipe(learning_rate=3e-3, epochs=15, batch_size=4)


def new(tokenizer, kind=SentenceClassifier, classes=TWO, **options):
    return kind(body(tokenizer), tokenizer, classes, generator=torch.Generator().manual_seed(0), **options)


def test_only_matrices_decay(tokenizer):
    model = new(tokenizer)
    decay = {id(p): group["weight_decay"] for group in parameter_groups(model, 0.01) for p in group["params"]}
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if not parameter.requires_grad:
                continue
            is_matrix = isinstance(module, nn.Linear | nn.Embedding) and name == "weight"
            assert decay.pop(id(parameter)) == (0.01 if is_matrix or "table" in name else 0.0)
    assert decay == {}  # each once


def test_rates_fall_with_the_depth(tokenizer):
    model = new(tokenizer)
    scale = {id(p): group["lr_scale"] for group in parameter_groups(model, 0.01, 0.5) for p in group["params"]}
    assert scale[id(model.head.weight)] == 1
    assert scale[id(model.body.blocks[1].feed_forward.up.weight)] == 0.5
    assert scale[id(model.body.blocks[0].attention.query.bias)] == 0.25
    assert scale[id(model.body.embedding.tokens.weight)] == 0.125
    assert parameter_groups(model, 0.01, 0.5)[0]["lr_scale"] == 1


def test_training_follows_the_rates_of_the_groups(tokenizer):
    model = new(tokenizer)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    recipe = Recipe(learning_rate=1e-3, epochs=1, batch_size=12, weight_decay=0.0, layer_decay=0.1)
    history = fine_tune(model, TRAINING, recipe)
    assert history.learning_rates == [1e-3]
    # Adam's first step moves each number by the rate, whatever its gradient is, because its averages are corrected for
    # their start at 0: uncorrected, it would be 3 times that.
    for name, expected in (("head.bias", 1e-3), ("body.blocks.1.feed_forward.up.bias", 1e-4)):
        moved = (model.get_parameter(name) - before[name]).detach().abs()
        assert moved.max().item() == pytest.approx(expected, rel=0.02)


def test_the_rate_rises_and_falls(tokenizer):
    rates = fine_tune(new(tokenizer), TRAINING, Recipe(1e-3, epochs=10, batch_size=6, warmup=0.25)).learning_rates
    assert len(rates) == 20 and max(rates) == rates[4] == 1e-3
    assert rates[:5] == sorted(rates[:5]) and rates[4:] == sorted(rates[4:], reverse=True)


@pytest.mark.parametrize("kind", ["sentence", "decoder"])
def test_a_model_learns_its_labels_and_the_same_run_gives_the_same(tokenizer, kind):
    logits = []
    for _run in range(2):
        if kind == "sentence":
            model = new(tokenizer)
        else:
            config = LlamaConfig(tokenizer.vocab_size, 24, **SIZES, n_kv_heads=2)
            decoder = Decoder(config, torch.Generator().manual_seed(0))
            model = DecoderClassifier(decoder, tokenizer, TWO, generator=torch.Generator().manual_seed(0))
        fine_tune(model, TRAINING, FAST, seed=3)
        assert not model.training
        logits.append(predict_logits(model, TRAINING.texts))
    assert torch.equal(*logits)
    assert (logits[0].argmax(dim=1) == torch.tensor([1] * 6 + [0] * 6)).all()


def test_pairs_and_words_are_learned_by_the_same_recipe(tokenizer):
    pairs = [(one, other) for one in GOOD[:3] for other in BAD[:3]] + [
        (one, other) for one in BAD[:3] for other in GOOD[:3]
    ]
    labels = ["good" if first in GOOD else "bad" for first, _second in pairs]  # the same words: only the order differs
    model = new(tokenizer)
    fine_tune(model, LabelledTexts(pairs, labels, "training"), FAST)
    assert predict_logits(model, pairs).argmax(dim=1).tolist() == [TWO.index(label) for label in labels]

    words = [text.split() for text in GOOD + BAD]
    tags = [["B-FILM" if word in ("film", "story") else "O" for word in text] for text in words]
    model = new(tokenizer, TokenClassifier, ("O", "B-FILM"))
    fine_tune(model, LabelledTexts(words, tags, "training"), FAST)
    assert predict_labels(model, words) == tags


def test_a_penalty_is_a_part_of_the_training_loss_and_not_of_validation(tokenizer):
    recipe = Recipe(1e-2, epochs=4, batch_size=4, weight_decay=0.0)
    validation = LabelledTexts([f"{text} indeed" for text in TRAINING.texts], TRAINING.labels, "validation")

    def run(strength):
        model = new(tokenizer, dropout=0.0)
        penalty = None if strength is None else lambda: strength * (model.head.bias - 1).square().sum()
        history = fine_tune(model, TRAINING, recipe, validation=validation, penalty=penalty)
        return model, history

    (plain, without), (_same, with_none), (pulled, history) = (run(strength) for strength in (None, 0.0, 50.0))
    assert without.losses == with_none.losses and torch.equal(plain.head.bias, _same.head.bias)
    assert history.losses[0] == pytest.approx(without.losses[0] + 2 * 50.0, rel=1e-5)  # both biases are 0 at first
    assert (pulled.head.bias > 0.05).all() and not (plain.head.bias > 0.05).all()  # its gradient counts
    found = loss_and_accuracy(pulled, rows_with_targets(pulled, validation))
    assert history.evaluations[-1] == {"step": 12} | found


def test_what_follows_each_step_is_handed_through(tokenizer):
    steps = []
    recipe = Recipe(1e-3, epochs=1.5, batch_size=5)
    fine_tune(new(tokenizer), TRAINING, recipe, after_step=steps.append)
    assert steps == list(range(1, recipe.steps(12) + 1)) == [1, 2, 3, 4, 5]  # 1.5 times 3 batches


def test_frozen_parts_stay_as_they_are(tokenizer):
    model = new(tokenizer)
    train_only(model, 1)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    fine_tune(model, TRAINING, Recipe(1e-3, epochs=1, batch_size=4))
    changed = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert changed and all(name.startswith(("head.", "body.blocks.1.")) for name in changed)


def test_validation_is_judged_without_dropout_and_over_all_items(tokenizer):
    model = new(tokenizer, dropout=0.5)
    items = rows_with_targets(model, TRAINING)
    model.train()
    found = loss_and_accuracy(model, items, batch_size=5)
    assert found == loss_and_accuracy(model, items, batch_size=5)
    model.eval()
    with torch.no_grad():
        assert found["loss"] == pytest.approx(model.loss(items).item(), rel=1e-5)
    right = predict_logits(model, TRAINING.texts).argmax(dim=1) == torch.tensor([1] * 6 + [0] * 6)
    assert found["accuracy"] == pytest.approx(right.float().mean().item())

    words = new(tokenizer, TokenClassifier, ("O", "B-FILM"))
    texts = LabelledTexts([["fun"], ["a", "great", "film"]], [["O"], ["O", "O", "B-FILM"]], "training")
    items = rows_with_targets(words.eval(), texts)
    with torch.no_grad():
        assert loss_and_accuracy(words, items)["loss"] == pytest.approx(words.loss(items).item(), rel=1e-5)


@pytest.mark.parametrize(
    ("training", "validation", "message"),
    [
        ("test", None, "needs a training set, and got the test set"),
        ("validation", None, "needs a training set, and got the validation set"),
        ("training", "test", "needs a validation set, and got the test set"),
        ("training", "training", "needs a validation set, and got the training set"),
    ],
)
def test_a_set_is_used_for_nothing_but_its_role(tokenizer, training, validation, message):
    sets = [None if role is None else LabelledTexts(["fun"], ["good"], role) for role in (training, validation)]
    with pytest.raises(ValueError, match=message):
        fine_tune(new(tokenizer), sets[0], Recipe(), validation=sets[1])


def test_stopping_needs_validation(tokenizer):
    model = new(tokenizer)
    with pytest.raises(ValueError, match="Early stopping needs a validation set"):
        fine_tune(model, TRAINING, Recipe(), stop=EarlyStopping(model, "loss", patience=1))
    with pytest.raises(ValueError, match="`stop` keeps the weights of another model"):
        other = EarlyStopping(new(tokenizer), "loss", patience=1)
        fine_tune(model, TRAINING, Recipe(), validation=replace(TRAINING, role="validation"), stop=other)


def test_nothing_to_train_is_said(tokenizer):
    model = new(tokenizer)
    model.requires_grad_(False)
    with pytest.raises(ValueError, match="Nothing is left to train"):
        parameter_groups(model, 0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"epochs": -1}, "epochs is -1"),
        ({"warmup": 1.0}, "warmup is 1.0"),
        ({"layer_decay": 1.5}, "layer_decay is 1.5"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1"),
    ],
)
def test_numbers_out_of_range_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**change)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("labels", [["O"], ["O", "O", "B-FILM"], "OO"])
def test_each_word_has_a_label_also_where_the_text_is_cut(classifiers, labels):
    # One label too many was dropped in silence, and so was a shift of all labels by one.
    texts = LabelledTexts([["a", "film"]], [labels], "training")
    with pytest.raises(ValueError, match="each word needs one"):
        rows_with_targets(classifiers["token"], texts)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    "options",
    [{"learning_rate": "1e-4"}, {"epochs": float("inf")}, {"batch_size": 2.5}, {"warmup": None}],
)
def test_what_is_no_number_for_a_recipe_is_named(options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=f"{name} is {value!r}"):
        Recipe(**options)
