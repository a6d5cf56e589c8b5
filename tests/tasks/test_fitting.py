"""Training on a task: it learns, it is reproducible, and its learning rate rises and falls."""

import pytest
import torch

from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import Example, Task, Vocabulary, evaluate, exact_match, fit
from course.transformer import Transformer, TransformerConfig


@pytest.fixture(scope="module")
def task():
    """Write a word backwards, in capitals."""
    words = [a + b + c for a in "abcd" for b in "abcd" for c in ("", *"abcd")]
    examples = [Example(tuple(word), (tuple(word.upper()[::-1]),)) for word in words]
    return Task("backwards", Vocabulary("abcd"), Vocabulary("ABCD"), examples, [], {}, max_length=3)


def models(task):
    sizes = (len(task.source), len(task.target))
    transformer = TransformerConfig(
        *sizes, d_model=32, n_heads=2, d_ff=64, n_layers=1, context_length=8, norm="pre", dropout=0.0
    )
    generator = torch.Generator().manual_seed(0)
    return [
        Seq2Seq(Seq2SeqConfig(*sizes, d_embedding=16, d_hidden=48), generator),
        Seq2Seq(Seq2SeqConfig(*sizes, d_embedding=16, d_hidden=48, attention="dot"), generator),
        Transformer(transformer, generator),
    ]


@pytest.mark.slow
def test_every_kind_of_model_learns(task):
    for model in models(task):
        before = exact_match(evaluate(model.eval(), task, task.train))
        fit(model, task, epochs=60, batch_size=16, learning_rate=5e-3)
        assert before < 0.1
        assert exact_match(evaluate(model, task, task.train)) > 0.9
        assert not model.training


def test_it_repeats_by_seed(task):
    first, again, other = (fit(models(task)[0], task, epochs=1, batch_size=16, seed=seed).losses for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_rate_rises_to_its_peak_and_falls_to_almost_nothing(task):
    rates = fit(models(task)[0], task, epochs=20, batch_size=16, learning_rate=0.01).learning_rates
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.01)
    assert peak + 1 == len(rates) // 20
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < rates[-1] < 0.01 * 1.1 / (len(rates) - peak)


def test_half_an_epoch_is_half_the_batches(task):
    assert len(fit(models(task)[0], task, epochs=0.5, batch_size=16).losses) == 3  # 80 words are 5 batches
