"""Greedy and beam search on a tiny random model whose every output can be listed."""

import math
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course.decoding import Hypothesis, beam_search, greedy_search

BOS, EOS = 0, 1
MARKS = {"eos_id": EOS}


class Hidden:
    def __init__(self, value: Tensor) -> None:
        self.value = value

    def select(self, rows: Tensor) -> "Hidden":
        return Hidden(self.value[rows])


class Unlimited:
    """What the models of this file share: the beginning is read first."""

    def start(self, source: Tensor, max_length: int) -> tuple[Tensor, Hidden]:
        return self.step(self.read(source), torch.full((len(source),), BOS))


class TinyWriter(Unlimited, nn.Module):
    """A recurrent model with random weights, large enough that every token so far matters."""

    def __init__(self, seed: int, vocab_size: int = 4, width: int = 6) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, width)
        self.cell = nn.GRUCell(width, width)
        self.output = nn.Linear(width, vocab_size)
        generator = torch.Generator().manual_seed(seed)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=1.0, generator=generator)

    def read(self, source: Tensor) -> Hidden:
        return Hidden(self.embedding(source).sum(dim=1))

    def step(self, state: Hidden, tokens: Tensor) -> tuple[Tensor, Hidden]:
        hidden = self.cell(self.embedding(tokens), state.value)
        return self.output(hidden).log_softmax(dim=-1), Hidden(hidden)


class Markov(Unlimited):
    """A model whose next token depends on the last one alone: `chances[last][next]`, over BOS, EOS, A, B, C."""

    def __init__(self, chances: dict[int, dict[int, float]]) -> None:
        table = torch.full((5, 5), 1e-6)
        for last, row in chances.items():
            for token, chance in row.items():
                table[last, token] = chance
        self.log_probabilities = table.log()

    def read(self, source: Tensor) -> Hidden:
        return Hidden(source)

    def step(self, state: Hidden, tokens: Tensor) -> tuple[Tensor, Hidden]:
        return self.log_probabilities[tokens], state


def sources(rows: int, seed: int = 0) -> Tensor:
    return torch.randint(4, (rows, 3), generator=torch.Generator().manual_seed(seed))


def log_probability(model: TinyWriter, source: Tensor, output: list[int]) -> float:
    """Of writing these tokens one after the other, without any search."""
    state, total = model.read(source[None]), 0.0
    for previous, token in zip([BOS, *output], output, strict=False):
        log_probabilities, state = model.step(state, torch.tensor([previous]))
        total += log_probabilities[0, token].item()
    return total


def with_mark(hypothesis: Hypothesis) -> list[int]:
    return [*hypothesis.tokens, EOS] if hypothesis.finished else hypothesis.tokens


@torch.no_grad()
def every_output(model: TinyWriter, source: Tensor, max_length: int) -> list[tuple[float, list[int]]]:
    """All outputs up to `max_length` tokens with their log-probabilities, the most probable first."""
    others = [token for token in range(4) if token != EOS]
    outputs = [list(body) for body in product(others, repeat=max_length)]
    outputs += [[*body, EOS] for length in range(max_length) for body in product(others, repeat=length)]
    return sorted(((log_probability(model, source, output), output) for output in outputs), reverse=True)


@pytest.mark.slow
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 7))
def test_a_beam_of_one_is_greedy(seed, rows, max_length):
    model, source = TinyWriter(seed), sources(rows, seed)
    greedy = greedy_search(model, source, **MARKS, max_length=max_length)
    beams = beam_search(model, source, **MARKS, max_length=max_length, beam_size=1)
    assert [len(beam) for beam in beams] == [1] * rows
    for one, (other,) in zip(greedy, beams, strict=True):
        assert (one.tokens, one.finished) == (other.tokens, other.finished)
        assert one.score == pytest.approx(other.score, abs=1e-5)


@pytest.mark.slow
@given(st.integers(0, 10_000), st.integers(1, 5), st.sampled_from([0.0, 0.6, 1.0]))
def test_a_hypothesis_has_the_log_probability_and_the_score_it_claims(seed, beam_size, length_penalty):
    model, source = TinyWriter(seed), sources(3, seed)
    beams = beam_search(model, source, **MARKS, max_length=6, beam_size=beam_size, length_penalty=length_penalty)
    for row, beam in zip(source, beams, strict=True):
        assert len({tuple(with_mark(h)) for h in beam}) == len(beam), "no output is there twice"
        assert [h.score for h in beam] == sorted((h.score for h in beam), reverse=True)
        for hypothesis in beam:
            output = with_mark(hypothesis)
            assert hypothesis.finished or len(output) == 6
            with torch.no_grad():
                expected = log_probability(model, row, output)
            assert hypothesis.log_probability == pytest.approx(expected, abs=1e-4)
            assert hypothesis.score == pytest.approx(expected / ((5 + len(output)) / 6) ** length_penalty, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
@pytest.mark.parametrize("max_length", [2, 4])
def test_a_beam_as_wide_as_all_outputs_finds_the_best_of_them(seed, length_penalty, max_length):
    model, source = TinyWriter(seed), sources(2, seed)
    beams = beam_search(model, source, **MARKS, max_length=max_length, beam_size=81, length_penalty=length_penalty)
    for row, beam in zip(source, beams, strict=True):
        scored = [
            (total / ((5 + len(output)) / 6) ** length_penalty, output)
            for total, output in every_output(model, row, max_length)
        ]
        expected = sorted(scored, reverse=True)[:81]
        assert [with_mark(h) for h in beam] == [output for _score, output in expected]


@pytest.mark.slow
@given(st.integers(0, 10_000))
def test_neighbours_in_the_batch_change_nothing(seed):
    model, source = TinyWriter(seed), sources(4, seed)
    settings = {**MARKS, "max_length": 6, "beam_size": 3}
    together = beam_search(model, source, **settings)
    for row, beam in enumerate(together):
        (alone,) = beam_search(model, source[row : row + 1], **settings)
        assert [h.tokens for h in alone] == [h.tokens for h in beam]


def test_a_wider_beam_finds_what_greedy_misses():
    found = 0
    for seed in range(30):
        model, source = TinyWriter(seed), sources(1, seed)
        (greedy,) = greedy_search(model, source, **MARKS, max_length=5)
        ((best, *_others),) = beam_search(model, source, **MARKS, max_length=5, beam_size=4)
        found += best.score > greedy.score + 1e-4
    assert found >= 3


def test_a_full_beam_goes_on_while_an_open_output_can_still_beat_it():
    a, c = 2, 4
    model = Markov({BOS: {a: 0.6, EOS: 0.39}, a: {c: 0.64, EOS: 0.35}, c: {EOS: 0.99}})
    (beam,) = beam_search(model, sources(1), **MARKS, max_length=8, beam_size=2)
    assert [h.tokens for h in beam] == [[], [a, c]], "[a] had ended first, and the beam was full"


def test_a_length_penalty_counts_in_whether_an_open_output_can_still_win():
    a, c = 2, 4
    model = Markov({BOS: {a: 0.6, EOS: 0.39}, a: {c: 0.4, EOS: 0.5}, c: {c: 0.99}})
    (beam,) = beam_search(model, sources(1), **MARKS, max_length=12, beam_size=2, length_penalty=1.0)
    assert beam[0].tokens == [a] + [c] * 11
    (beam,) = beam_search(model, sources(1), **MARKS, max_length=12, beam_size=2)
    assert [h.tokens for h in beam] == [[], [a]]


def test_an_output_that_never_ends_is_cut_and_says_so():
    model = TinyWriter(0)
    with torch.no_grad():
        model.output.bias[EOS] = -math.inf
    (greedy,) = greedy_search(model, sources(1), **MARKS, max_length=5)
    ((best, *_others),) = beam_search(model, sources(1), **MARKS, max_length=5, beam_size=2)
    assert not greedy.finished and len(greedy.tokens) == 5
    assert not best.finished and len(best.tokens) == 5


def test_the_probability_of_a_token_is_a_geometric_mean_with_the_end_token_in_it():
    ended = Hypothesis([3, 4], math.log(0.5 * 0.25 * 0.125), 0.0, True)
    assert ended.token_probability == pytest.approx(0.25)
    assert Hypothesis([3, 4], math.log(0.5 * 0.125), 0.0, False).token_probability == pytest.approx(0.25)
    assert Hypothesis([], 0.0, 0.0, False).token_probability == 1
