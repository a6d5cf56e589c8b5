"""Evaluating a model's outputs: edits, error rates, and the search that produces them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import (
    Example,
    Outcome,
    Task,
    Vocabulary,
    compare,
    edit_distance,
    error_rate,
    error_rate_standard_error,
    evaluate,
    exact_match,
    write,
)

WORDS = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("written", "target", "edits"),
    [("", "", 0), ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("ab", "ba", 2), ("abcd", "bcd", 1)],
)
def test_edit_distance(written, target, edits):
    assert edit_distance(written, target) == edits


@given(WORDS, WORDS, WORDS)
def test_edit_distance_is_a_distance(a, b, c):
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


def test_the_nearest_right_output_counts():
    examples = [Example(("x",), (("A", "B", "C"), ("A", "C"))), Example(("y",), (("A", "B"),))]
    first, second = compare(examples, [("A", "C"), ("B",)])
    assert (first.errors, first.target) == (0, ("A", "C"))
    assert (second.errors, second.target) == (1, ("A", "B"))
    assert error_rate([first, second]) == 1 / 4
    assert exact_match([first, second]) == 1 / 2


def test_the_standard_error_is_the_spread_over_draws_of_the_examples():
    rng = np.random.default_rng(0)

    def outcomes(n):
        sizes = rng.integers(2, 12, n)
        return [Outcome(None, (), ("A",) * size, int(rng.binomial(size, 0.2))) for size in sizes]

    rates = [error_rate(outcomes(200)) for _draw in range(2000)]
    assert error_rate_standard_error(outcomes(5000)) * (5000 / 200) ** 0.5 == pytest.approx(np.std(rates), rel=0.06)


def test_one_output_for_each_example():
    with pytest.raises(ValueError):
        compare([Example(("x",), (("A",),))], [])


@pytest.fixture
def task():
    return Task("letters", Vocabulary("abc"), Vocabulary("ABC"), [], [], {}, max_length=5)


@pytest.fixture
def model(task):
    config = Seq2SeqConfig(len(task.source), len(task.target), d_embedding=8, d_hidden=8)
    return Seq2Seq(config, torch.Generator().manual_seed(3)).eval()


def test_outputs_come_in_the_order_of_the_sources_and_do_not_hang_on_the_batch(model, task):
    with torch.no_grad():
        model.decoder.output.weight.mul_(30)  # outputs that differ
        model.encoder.embedding.weight.mul_(100)
    sources = ["abcabc", "a", "bb", "cab", "b", "ccc"]
    alone = [write(model, task, [source])[0] for source in sources]
    assert len(set(alone)) > 2
    assert write(model, task, sources, batch_size=2) == alone
    assert write(model, task, sources, beam_size=1) == alone
    assert all(len(output) <= task.max_length for output in alone)


def test_a_beam_finds_outputs_too(model, task):
    assert len(write(model, task, ["abc", "c"], beam_size=3)) == 2


def test_judge_is_what_was_written_compared(model, task):
    examples = [Example(tuple("abc"), (("A", "B"),)), Example(("a",), (("A",),))]
    outputs = write(model, task, [example.source for example in examples])
    assert evaluate(model, task, examples) == compare(examples, outputs)


def test_an_unknown_symbol_is_named(model, task):
    with pytest.raises(ValueError, match=r"'z', at position 2, is not known here. Known: a b c"):
        write(model, task, ["az"])
    with pytest.raises(ValueError, match="nothing to read"):
        write(model, task, [""])
