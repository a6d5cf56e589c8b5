"""The baseline is the one that everyone compares with: equal to scikit-learn's TF-IDF and logistic regression."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from course.fine_tuning import LinearClassifier, TfidfFeatures
from tests.fine_tuning.conftest import BAD, GOOD

WORDS = st.lists(st.sampled_from(["film", "Film", "fun", "a", "dull,", "it's", "2", "영화", "x1"]), max_size=8)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=6)


@settings(max_examples=40)
@given(TEXTS, TEXTS)
def test_features_equal_scikit_learns(training, others):
    training = ["a fine film", *training]
    theirs = TfidfVectorizer(ngram_range=(1, 2)).fit(training)
    ours = TfidfFeatures(training)
    assert list(ours.place) == list(theirs.get_feature_names_out())
    expected = theirs.transform(training + others).toarray()
    np.testing.assert_allclose(ours(training + others).to_dense(), expected, atol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("strength", [0.1, 10.0])
def test_the_fit_equals_scikit_learns(n_classes, strength):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5))
    targets = np.argmax(x[:, :n_classes] + rng.normal(size=(60, n_classes)), axis=1)
    theirs = LogisticRegression(C=strength, tol=1e-10, max_iter=5000).fit(x, targets)
    ours = LinearClassifier(5, [str(i) for i in range(n_classes)])
    ours.fit(torch.tensor(x), torch.tensor(targets), strength=strength)
    np.testing.assert_allclose(ours.weight.detach(), theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(
        ours(torch.tensor(x, dtype=torch.float32)).softmax(dim=1).detach(), theirs.predict_proba(x), atol=1e-4
    )


def test_sparse_and_dense_features_give_the_same_classifier():
    features = TfidfFeatures(GOOD + BAD)
    targets = torch.tensor([1] * 6 + [0] * 6)
    found = []
    for x in (features(GOOD + BAD), features(GOOD + BAD).to_dense()):
        model = LinearClassifier(len(features), ("bad", "good"))
        model.fit(x, targets, strength=5.0)
        found.append(model(x))
    torch.testing.assert_close(*found)
    assert (found[0].argmax(dim=1) == targets).all()


def test_a_text_without_known_words_has_the_bias_alone():
    features = TfidfFeatures(GOOD + BAD)
    model = LinearClassifier(len(features), ("bad", "good"))
    model.fit(features(GOOD + BAD), torch.tensor([1] * 6 + [0] * 6))
    assert model(features(["영화"])).tolist() == [[0.0, model.bias.item()]]


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="no word of two letters"):
        TfidfFeatures(["a", "!"])
    model = LinearClassifier(2, ("bad", "good"))
    with pytest.raises(ValueError, match="No item is of the class 'good'"):
        model.fit(torch.zeros(2, 2), torch.tensor([0, 0]))
    with pytest.raises(ValueError, match="strength is 0"):
        model.fit(torch.zeros(2, 2), torch.tensor([0, 1]), strength=0)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("x", "targets", "message"),
    [
        (torch.ones(2, 3) * torch.nan, torch.tensor([0, 1]), "infinite or NaN"),
        (torch.ones(2, 2), torch.tensor([0, 1]), r"the shape \(2, 2\)"),
        (torch.ones(3, 3), torch.tensor([0, 1]), r"the shape \(3, 3\)"),
        (torch.ones(2, 3), torch.tensor([0, 2]), "from 0 to 1"),
        (torch.ones(2, 3), torch.tensor([0, -1]), "from 0 to 1"),
        (torch.ones(2, 3), torch.tensor([0.0, 1.0]), "whole numbers of classes"),
    ],
)
def test_what_cannot_be_fitted_is_named(x, targets, message):
    linear = LinearClassifier(3, ("bad", "good"))
    with pytest.raises(ValueError, match=message):
        linear.fit(x, targets)
    assert not linear.weight.any()


def test_a_linear_classifier_has_two_classes_or_more():
    for classes in (("good",), ("good", "good")):
        with pytest.raises(ValueError, match="give two or more, each once"):
            LinearClassifier(3, classes)
