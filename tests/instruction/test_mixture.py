"""The rates of a mixture: T5's three ways to mix, and draws that follow them."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.instruction import mixed_batches, mixture_rates

sizes = st.dictionaries(st.text(max_size=3), st.integers(1, 10**30), min_size=1, max_size=8)
temperatures = st.floats(1, 1e6) | st.just(math.inf)


@given(sizes, temperatures, st.none() | st.integers(1, 10**6))
def test_rates_add_up_to_1_and_keep_the_order_of_the_sizes(sizes, temperature, limit):
    rates = mixture_rates(sizes, temperature=temperature, limit=limit)
    assert math.fsum(rates.values()) == pytest.approx(1)
    for one in sizes:
        for other in sizes:
            if sizes[one] <= sizes[other]:
                assert rates[one] <= rates[other] * (1 + 1e-9)


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 10**6), min_size=1, max_size=8), st.floats(1, 20))
def test_the_formula_of_the_paper(sizes, temperature):
    limit = 1000
    proportions = {
        name: min(size, limit) / sum(min(each, limit) for each in sizes.values()) for name, size in sizes.items()
    }
    powers = {name: share ** (1 / temperature) for name, share in proportions.items()}
    expected = {name: power / sum(powers.values()) for name, power in powers.items()}
    assert mixture_rates(sizes, temperature=temperature, limit=limit) == pytest.approx(expected)


def test_by_hand():
    sizes = {"small": 100, "large": 10_000}
    assert mixture_rates(sizes) == pytest.approx({"small": 1 / 101, "large": 100 / 101})
    assert mixture_rates(sizes, temperature=2) == pytest.approx({"small": 1 / 11, "large": 10 / 11})
    assert mixture_rates(sizes, temperature=math.inf) == {"small": 0.5, "large": 0.5}
    assert mixture_rates(sizes, limit=100) == {"small": 0.5, "large": 0.5}


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1),
    st.floats(1, 5),
    st.integers(0, 1000),
)
def test_draws_follow_the_rates(sizes, temperature, seed):
    examples = {name: [(name, number) for number in range(size)] for name, size in sizes.items()}
    batches = mixed_batches(examples, 500, list, temperature=temperature, seed=seed)
    drawn = [item for step in range(4) for item in batches[step]]
    counts = Counter(name for name, _number in drawn)
    for name, rate in mixture_rates(sizes, temperature=temperature).items():
        deviation = math.sqrt(rate * (1 - rate) / len(drawn))
        assert counts[name] / len(drawn) == pytest.approx(rate, abs=6 * deviation + 1e-9)
        assert {number for one, number in drawn if one == name} <= set(range(sizes[name]))


def test_within_a_task_every_example_is_drawn_alike():
    batches = mixed_batches({"a": range(4), "b": [9]}, 1000, list, temperature=math.inf)
    counts = Counter(item for step in range(4) for item in batches[step])
    assert all(counts[item] == pytest.approx(500, abs=6 * math.sqrt(4000 / 8)) for item in range(4))


def test_a_step_has_the_same_batch_each_time_and_another_seed_has_others():
    examples = {"a": range(100), "b": range(100, 300)}
    batches, again = (mixed_batches(examples, 8, list, seed=3) for _time in range(2))
    assert batches[5] == batches[5] == again[5] != batches[6]
    assert mixed_batches(examples, 8, list, seed=4)[5] != batches[5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"sizes": {}}, "There are no tasks to mix"),
        ({"sizes": {"a": 3, "b": 0}}, "b is 0; it must be 1 or more"),
        ({"sizes": {"a": 3}, "limit": 0}, "limit is 0; it must be 1 or more"),
        ({"sizes": {"a": 3}, "temperature": 0.5}, "temperature is 0.5; it must be 1 or more"),
        ({"sizes": {"a": 3}, "temperature": math.nan}, "temperature is nan; it must be 1 or more"),
    ],
)
def test_what_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        mixture_rates(**arguments)


def test_a_task_without_examples_is_named():
    with pytest.raises(ValueError, match="b is 0; it must be 1 or more"):
        mixed_batches({"a": [1], "b": []}, 4, list)
