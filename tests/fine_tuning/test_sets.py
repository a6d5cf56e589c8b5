"""Sets know what they are for; small training sets are balanced and lie inside the larger ones."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.fine_tuning import LabelledTexts, nested_subsets


@given(st.permutations(["good"] * 30 + ["bad"] * 20 + ["so so"] * 12), st.integers(0, 9))
def test_subsets_are_balanced_nested_and_repeatable(labels, seed):
    found = nested_subsets(labels, [32, 3, 12, 8], seed)
    assert found == nested_subsets(labels, [3, 8, 12, 32], seed)
    assert list(found) == [3, 8, 12, 32]
    before = set()
    for size, numbers in found.items():
        assert len(set(numbers)) == len(numbers) == size and before <= set(numbers)
        counts = Counter(labels[i] for i in numbers)
        assert len(counts) == 3 and max(counts.values()) - min(counts.values()) <= 1
        before = set(numbers)


def test_another_seed_draws_others():
    labels = ["good", "bad"] * 50
    assert nested_subsets(labels, [16], 0) != nested_subsets(labels, [16], 1)


def test_a_size_that_cannot_be_balanced_is_named():
    with pytest.raises(ValueError, match="6 items, balanced, are 3 of the class 'bad', which has 2"):
        nested_subsets(["good"] * 9 + ["bad"] * 2, [4, 6])
    with pytest.raises(ValueError, match="1 items, balanced, are"):
        nested_subsets(["good", "bad"], [1])


def test_a_set_keeps_its_role():
    whole = LabelledTexts(["a", "b", "c"], [1, 2, 3], "test")
    part = whole.only([2, 0])
    assert (part.texts, part.labels, part.role, len(part)) == (["c", "a"], [3, 1], "test", 2)
    with pytest.raises(ValueError, match="needs a validation set, and got the test set"):
        part.require("validation")


def test_a_set_without_texts_or_with_other_labels_is_named():
    with pytest.raises(ValueError, match="The test set is empty"):
        LabelledTexts([], [], "test")
    with pytest.raises(ValueError, match="The training set has 1 texts and 2 labels"):
        LabelledTexts(["a"], [1, 2], "training")


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_would_pick_other_texts_is_named():
    some = LabelledTexts(["a", "b"], ["x", "y"], "training")
    for mask in ([True, False], np.array([True, False])):
        with pytest.raises(TypeError, match="This is a mask"):
            some.only(mask)
    with pytest.raises(ValueError, match="role is 'train'"):
        LabelledTexts(["a"], ["x"], "train")
    with pytest.raises(ValueError, match="no labels to draw from"):
        nested_subsets([], [2])
    with pytest.raises(ValueError, match=r"size is 1\.5"):
        nested_subsets(["x", "y"], [1.5])
    assert nested_subsets(torch.tensor([0, 1]), [2]) == {2: [0, 1]}
