"""The model card says what the record says."""

import pytest

from course import trained
from course.workshop.model_card import card, has_record, interval, page

PART = {"documents": 10, "bytes": 3_400_000, "tokens": 1_000_000}
PARTS = {"train": PART, "validation": PART, "test": PART}
RECORD = {
    "seed": 0,
    "command": "python -m experiments.base_model gpt --seeds 0",
    "parameters": 3_148_224,
    "steps": 1000,
    "tokens_a_step": 4096,
    "learning_rate": 3e-3,
    "search_steps": 200,
    "processes": 2,
    "seconds": 6000,
    "tokenizer": "python -m experiments.base_model tokenizer",
    "sources": {
        "messages": {**PARTS, "left_out": 3, "near_copies": 1, "shared_runs": 0.0067},
        "reviews": {**PARTS, "left_out": 4, "near_copies": 0, "shared_runs": 0.0},
    },
    "bits_per_byte": {
        "messages": {"all": 1.5, "items": {"bits": "150 130 170 100", "bytes": "100 100 100 60"}},
        "reviews": {"all": 2.0, "items": {"bits": "20 30 10 20", "bytes": "10 15 5 10"}},
    },
    "untrained": {"messages": 3.44, "reviews": 3.5},
    "prompts": ["The film"],
    "samples_at_the_end": ["The film is\n\n*good*."],
}


def test_the_card_has_the_numbers_of_the_record():
    text = card(RECORD)
    assert "3,148,224 weights" in text and "1,000 steps of 4,096 tokens, 4.1 million in all" in text
    assert "about 2.0 times" in text and "100 minutes in 2 processes" in text
    assert "7 training documents were left out" in text and "1 are near copies" in text
    assert "0.7 % of the runs of 13 words in held-out messages" in text and "after 200 steps" in text
    assert "The weights and the tokenizer are under Apache-2.0" in text
    assert "| messages | public domain, works of the US government | 10 | 3.4 | 1,000,000 | 10 | 10 |" in text
    assert f"| messages | {interval(RECORD['bits_per_byte']['messages'])} | 4 | 3.44 |" in text
    assert "- **The film** is \\*good\\*." in text
    assert interval(RECORD["bits_per_byte"]["reviews"]).estimate == 2.0
    assert interval(RECORD["bits_per_byte"]["messages"]).estimate == pytest.approx(550 / 360)


def test_the_page_is_that_of_the_record_and_without_one_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    assert not has_record()
    trained.save_record("base_model", "gpt", 0, {name: value for name, value in RECORD.items() if name != "seed"})
    assert has_record() and page() == card(trained.record_of("base_model", "gpt"))
