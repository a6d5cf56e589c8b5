"""Batches by step: the same one each time, none before step 0, and loops that end or are refused."""

import itertools

import numpy as np
import pytest

from course.training import Batches, GeneratedBatches, ShuffledBatches


def digits(rng):
    return rng.integers(10, size=5).tolist()


def test_a_generated_batch_depends_on_seed_and_step_alone():
    batches = GeneratedBatches(digits, 3)
    seen = [batches[step] for step in range(5)]
    assert [batches[step] for step in reversed(range(5))] == seen[::-1]
    assert seen == [digits(np.random.default_rng([3, step])) for step in range(5)]
    assert len({tuple(batch) for batch in [*seen, GeneratedBatches(digits, 4)[0]]}) == 6


def test_generated_batches_are_the_same_on_every_machine():
    assert GeneratedBatches(digits, 0)[0] == [8, 6, 5, 2, 3]
    assert GeneratedBatches(digits, 2)[1999] == [3, 2, 6, 5, 6]


def test_a_loop_over_generated_batches_is_refused():
    batches = GeneratedBatches(digits, 0)
    assert isinstance(batches, Batches)
    for loop in (iter, list, enumerate):
        with pytest.raises(TypeError, match=r"never end: take batches\[step\]"):
            loop(batches)
    with pytest.raises(TypeError, match="never end"):
        for _batch in batches:
            pytest.fail("there was a first batch")


def test_a_loop_over_shuffled_batches_is_one_epoch():
    batches = ShuffledBatches(range(7), 3, list, seed=1)
    for _ in range(2):
        seen = list(itertools.islice(batches, 100))
        assert seen == [batches[step] for step in range(3)]
        assert sorted(itertools.chain(*seen)) == list(range(7))
        batches[4]  # another epoch in between changes nothing


@pytest.mark.parametrize("batches", [GeneratedBatches(digits, 0), ShuffledBatches(range(7), 3, list)])
@pytest.mark.parametrize("step", [-1, -100])
def test_a_step_below_0_is_an_error_that_names_it(batches, step):
    with pytest.raises(IndexError, match=f"no batch for step {step}"):
        batches[step]
