"""Contributions are exact where one knows them (a linear model), and add up where they must (completeness)."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course.fine_tuning import LinearClassifier, SentenceClassifier, TfidfFeatures, predict_logits
from course.interpretability.contributions import (
    integrated_gradients,
    leave_one_out,
    log_odds,
    path_integral,
    words_of_pieces,
)
from course.pretrained import load
from course.tokenization import ByteLevelBPE
from tests.fine_tuning.conftest import BAD, GOOD, classifiers, tokenizer  # noqa: F401 (fixtures)

CLASSES = ("bad", "good")
WHOLE_TEXT = ["sentence-mean", "sentence-first", "sentence-pooler", "decoder-gpt2", "decoder-llama"]
TEXT = "a great and awfully long film"


def test_log_odds_are_the_difference_of_two_logits_and_the_logit_of_the_probability():
    logits = torch.tensor([[0.5, 2.0]])
    assert log_odds(logits, 1).item() == pytest.approx(1.5)
    of_three = torch.tensor([[0.5, 2.0, -1.0]])
    p = of_three.softmax(dim=-1)[0, 2].item()
    assert log_odds(of_three, 2).item() == pytest.approx(torch.tensor(p / (1 - p)).log().item(), rel=1e-5)


def test_of_a_linear_model_both_ways_give_weight_times_value():
    weights = {"great": 2.0, "fun": 1.0, "dull": -3.0}

    def logits_of(texts):
        scores = [sum(weights.get(word, 0.0) for word in text.split()) - 0.5 for text in texts]
        return torch.tensor([[0.0, score] for score in scores])

    found = leave_one_out(logits_of, "great but  dull great", CLASSES, "good")
    assert found.words == ["great", "but", "dull", "great"]
    assert found.values == pytest.approx([2.0, 0.0, -3.0, 2.0]) and found.text_score == pytest.approx(0.5)
    other = leave_one_out(logits_of, "great but  dull great", CLASSES, "bad")
    assert other.values == pytest.approx([-value for value in found.values])
    assert found.sum_gap is None

    slope = torch.tensor([[1.0, -2.0], [0.5, 0.0]])
    vectors, baseline = torch.tensor([[3.0, 1.0], [4.0, 5.0]]), torch.tensor([[1.0, 1.0], [0.0, 5.0]])
    found = path_integral(lambda points: (points * slope).sum(dim=(1, 2)), vectors, baseline)
    torch.testing.assert_close(found, torch.tensor([2.0, 2.0], dtype=torch.float64))


def test_a_product_is_shared_by_its_factors():
    # x · y from (0, 0) to (2, 3): each gradient is the other factor, half of it on average.
    vectors = torch.tensor([[2.0], [3.0]])
    found = path_integral(lambda points: points[:, 0, 0] * points[:, 1, 0], vectors, torch.zeros(2, 1))
    torch.testing.assert_close(found, torch.tensor([3.0, 3.0], dtype=torch.float64))


def test_a_score_that_needs_more_points_gets_them():
    asked = []

    def score(points):
        if points.requires_grad:
            asked.append(len(points))
        return torch.sigmoid(60 * (points[:, 0, 0] - 0.5))

    found = path_integral(score, torch.ones(1, 1), torch.zeros(1, 1))
    assert sum(asked) > 16 and found.item() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", WHOLE_TEXT)
@pytest.mark.parametrize("target", CLASSES)
def test_integrated_gradients_are_complete(classifiers, name, target):  # noqa: F811
    model = classifiers[name]
    found = integrated_gradients(model, TEXT, target)
    assert found.words == TEXT.split() and abs(found.sum_gap) < 1e-3
    logits = predict_logits(model, [TEXT])
    assert found.text_score == pytest.approx(log_odds(logits, CLASSES.index(target)).item(), abs=1e-4)
    assert max(map(abs, found.values)) > 0.01


def test_the_model_is_as_before(classifiers):  # noqa: F811
    model = classifiers["sentence-mean"]
    before = predict_logits(model, [TEXT])
    model.train()
    integrated_gradients(model, TEXT, "good")
    assert model.training and all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(predict_logits(model.eval(), [TEXT]), before)


def test_words_of_a_pair_follow_each_other_and_a_cut_word_adds_nothing(classifiers, tokenizer):  # noqa: F811
    model = classifiers["sentence-mean"]
    found = integrated_gradients(model, ("great fun", "a dull film"), "good")
    assert found.words == ["great", "fun", "a", "dull", "film"] and abs(found.sum_gap) < 1e-3 and found.n_unread == 0
    long = " ".join(["fun"] * 40)
    found = integrated_gradients(model, long, "good")
    assert len(found.values) == 40 and found.values[-1] == 0 != found.values[0] and abs(found.sum_gap) < 1e-3
    assert found.n_unread == sum(value == 0 for value in found.values) > 0
    decoder = classifiers["decoder-gpt2"]
    found = integrated_gradients(decoder, long, "good")
    assert found.values[0] == 0 != found.values[-1] and abs(found.sum_gap) < 1e-3
    assert found.n_unread == sum(value == 0 for value in found.values) > 0


def test_the_baseline_is_the_token_that_one_names(classifiers):  # noqa: F811
    model = classifiers["sentence-mean"]
    fun = model.tokenizer.encode("fun")
    found = integrated_gradients(model, "fun fun", "good", baseline_id=fun[0])
    if len(fun) == 1:
        assert found.values == [0, 0] and found.text_score == found.baseline_score
    with_mask = integrated_gradients(model, "fun fun", "good")
    masks = predict_logits_of_ids(model, "[MASK]", len(fun) * 2)
    assert with_mask.baseline_score == pytest.approx(log_odds(masks, 1).item(), abs=1e-4)


def predict_logits_of_ids(model, token, n):
    row = model.row("fun fun")
    ids = [row.ids[0], *[model.tokenizer.special.ids[token]] * n, row.ids[-1]]
    with torch.no_grad():
        return model(model.batch([row._replace(ids=ids)]))[0]


def test_any_classifier_can_leave_words_out():
    features = TfidfFeatures(GOOD + BAD, longest=1)
    model = LinearClassifier(len(features), CLASSES)
    model.fit(features(GOOD + BAD), torch.tensor([1] * 6 + [0] * 6), strength=10.0)
    found = leave_one_out(lambda texts: model(features(texts)), "a great film, dull", CLASSES, "good")
    by_word = dict(zip(found.words, found.values, strict=True))
    assert by_word["great"] > 0 > by_word["dull"] and by_word["a"] == 0


@given(st.lists(st.sampled_from(["a", " ", "fun", "é", "\n", "영", ".", "-"]), max_size=12).map("".join))
def test_every_piece_belongs_to_the_word_that_it_is_in(text):
    bpe = ByteLevelBPE.train("a fun fun-fun. 영화 é", n_merges=20)
    if not text.split():
        return
    numbers = words_of_pieces(bpe, text)
    joined = {}
    for piece, number in zip(bpe.explain(text), numbers, strict=True):
        joined[number] = joined.get(number, b"") + piece.data
    assert numbers == sorted(numbers)
    assert [joined[i].decode().strip() for i in range(len(joined))] == text.split()


@pytest.mark.slow
def test_minilm_is_explained_to_a_thousandth():
    body, wordpiece = load("minilm")
    model = SentenceClassifier(body, wordpiece, CLASSES, generator=torch.Generator().manual_seed(0))
    nn.init.normal_(model.head.weight, std=0.3, generator=torch.Generator().manual_seed(0))
    model.eval()
    text = "This unpretentious film is not as dull as its awful poster."
    found = integrated_gradients(model, text, "good")
    assert abs(found.sum_gap) < 1e-3 and len(found.values) == len(text.split())
    assert found.text_score == pytest.approx(log_odds(predict_logits(model, [text]), 1).item(), abs=1e-4)


def test_bad_input_is_named(classifiers):  # noqa: F811
    model = classifiers["sentence-mean"]
    with pytest.raises(ValueError, match="There are no words in ' '"):
        integrated_gradients(model, " ", "good")
    with pytest.raises(ValueError, match="'fine' is none of the classes 'bad', 'good'"):
        leave_one_out(lambda texts: torch.zeros(len(texts), 2), "fun", CLASSES, "fine")
    with pytest.raises(ValueError, match="This model labels each word"):
        integrated_gradients(classifiers["token"], "fun", "O")
