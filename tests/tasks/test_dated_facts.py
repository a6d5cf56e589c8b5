"""Facts with a date: each has other years to compare with, and what the year adds is measured on the answer alone."""

import math
import re

import pytest
import torch

from course.gpt import Decoder, LlamaConfig
from course.intervals.means import FEWEST
from course.tasks.dated_facts import OFFICES, SERIES, DatedFact, _log_probability, bits_of_the_year, dated_facts
from course.tokenization import ByteLevelBPE


@pytest.fixture(scope="module")
def small():
    tokenizer = ByteLevelBPE.train("the final of 2001 was won by Real Madrid " * 9, n_merges=30)
    config = LlamaConfig(tokenizer.vocab_size, 64, d_model=16, n_layers=1, n_heads=2, n_kv_heads=1, d_ff=16)
    return Decoder(config, torch.Generator().manual_seed(0)).eval(), tokenizer


def test_every_fact_has_its_year_and_others_that_are_wrong():
    facts = dated_facts()
    right = {(fact.series, fact.question): fact.answer for fact in facts}
    assert {fact.series for fact in facts} == set(SERIES) and len(right) == len(facts) > 150
    for fact in facts:
        assert str(fact.year) in fact.question and 1900 < fact.year < 2026
        assert len(set(fact.others)) == len(fact.others) == 4
        assert all(right[fact.series, other] != fact.answer for other in fact.others)
    assert sum(fact.year >= 2023 for fact in facts) >= 20
    of_2025 = {fact.series for fact in facts if fact.year == 2025}
    assert of_2025 == set(SERIES)  # the same kinds of facts before and after
    assert set(OFFICES) < of_2025 and len(OFFICES) > FEWEST  # enough for an interval over series


def test_the_other_years_are_the_nearest_with_another_answer():
    facts = {(fact.series, fact.year): fact for fact in dated_facts()}
    years = {key: [int(re.search(r"\d{4}", other)[0]) for other in fact.others] for key, fact in facts.items()}
    assert years["Super Bowl", 2004] == [2003, 2006, 2001, 2007]  # 2002 and 2005 have its answer
    assert years["NBA", 2025] == [2024, 2023, 2022, 2021]
    assert years["World Series", 2025] == [2023, 2022, 2021, 2019]  # 2024 and 2020 have its answer


def test_the_log_probability_is_that_of_the_last_tokens_whatever_the_padding(small):
    model, _tokenizer = small
    rows = [[1, 2, 3, 4, 5], [6, 7, 8]]
    found = _log_probability(model, rows, 2)
    for row, value in zip(rows, found, strict=True):
        scores = model(torch.tensor([row]))[0].log_softmax(dim=-1)
        expected = sum(scores[place - 1, row[place]] for place in range(len(row) - 2, len(row)))
        torch.testing.assert_close(value, expected)


def test_a_year_that_does_not_matter_adds_nothing(small):
    question = "the final of 2001 was won by"
    assert bits_of_the_year(*small, DatedFact("x", 2001, question, "Real Madrid", (question,) * 4)) == pytest.approx(0)


def test_a_year_that_matters_adds_its_bits(small, monkeypatch):
    monkeypatch.setattr(
        "course.tasks.dated_facts._log_probability",
        lambda model, rows, n_last: torch.tensor([math.log(0.5), *[math.log(0.125)] * 4]),
    )
    assert bits_of_the_year(*small, dated_facts()[0]) == pytest.approx(2)
