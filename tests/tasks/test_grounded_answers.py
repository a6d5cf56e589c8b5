"""Answers with passages: what is read in each condition, what an answer is compared with, and batches."""

from types import SimpleNamespace

import pytest
import torch

from course.rag import Chunk, Document
from course.tasks import grounded_answers as task
from course.tasks.boolq_retrieval import whole
from course.tasks.grounded_answers import CONDITIONS, Reading, grounded_answers, placed, reading, verdict
from course.tasks.unknown_facts import facts_after, invented_facts, wrong_passage
from course.tokenization import ByteLevelBPE
from tests.support.llama import tiny_config, tiny_model
from tests.support.torch_layers import disturb

FACTS = (*invented_facts(), *facts_after())
TOWN = next(fact for fact in FACTS if fact.attribute == "country")


def texts(read):
    return [one.text for one in read.passages]


def test_each_condition_reads_what_it_says():
    read = {condition: reading(TOWN, condition, FACTS) for condition in CONDITIONS}
    assert all(one.question == TOWN.question and one.right == TOWN.answer for one in read.values())
    assert read["closed"].passages == () and read["closed"].said is None
    assert texts(read["oracle"]) == [TOWN.passage.text] and read["oracle"].said == TOWN.answer
    assert texts(read["swapped"]) == [TOWN.with_value(TOWN.others[0]).text] and read["swapped"].said == TOWN.others[0]
    other = wrong_passage(TOWN, FACTS)
    assert texts(read["wrong"]) == [other.passage.text] and read["wrong"].said == other.answer != TOWN.answer
    with pytest.raises(ValueError, match="no condition 'open'"):
        reading(TOWN, "open", FACTS)


def test_the_right_passage_is_at_its_place_and_the_others_keep_their_order():
    orders = [texts(placed(TOWN, place, 3, FACTS)) for place in range(3)]
    assert [order.index(TOWN.passage.text) for order in orders] == [0, 1, 2]
    assert len({tuple(text for text in order if text != TOWN.passage.text) for order in orders}) == 1
    assert all(len(set(order)) == 3 for order in orders)


@pytest.mark.parametrize(("place", "n"), [(3, 3), (-1, 3), (0, 0)])
def test_a_place_must_be_there(place, n):
    with pytest.raises(ValueError, match="There is no place"):
        placed(TOWN, place, n, FACTS)


def test_there_must_be_enough_other_passages():
    with pytest.raises(ValueError, match="11 other passages of the kind 'town', and 12 are needed"):
        placed(TOWN, 0, 13, FACTS)


READ = Reading(
    "Where is it?", (whole(Document("a", "The Nile", "It flows through Sudan to Egypt.")),), "Egypt", "Sudan"
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Egypt", {"exact": 1, "f1": 1, "right": 1, "said": 0, "supported": 1, "grounded": 1, "cites": 0}),
        ("Egypt [1].", {"exact": 1, "right": 1, "supported": 1, "cites": 1, "cites_unknown": 0}),
        ("It is in Sudan [2]", {"exact": 0, "right": 0, "said": 1, "supported": 0, "cites": 0, "cites_unknown": 1}),
        ("Egypt Kenya", {"exact": 0, "f1": 2 / 3, "right": 1, "said": 0, "supported": 0, "grounded": 0.5}),
        ("Egyptian", {"right": 0, "f1": 0, "grounded": 0}),
        ("", {"exact": 0, "right": 0, "said": 0, "supported": 0, "grounded": 0}),
    ],
)
def test_an_answer_is_compared_word_by_word(answer, expected):
    found = verdict(answer, READ)
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected)


def test_a_closed_book_says_no_passages_value():
    assert verdict("Egypt", READ._replace(passages=(), said=None)).said == 0


@pytest.fixture(scope="module")
def small():
    marks = ["<|im_start|>", "<|im_end|>"]
    tokenizer = ByteLevelBPE.train(
        "Answer the question in a few words. The Nile is long.\n" * 4, n_merges=60, special_tokens=marks
    )
    config = tiny_config(vocab_size=tokenizer.vocab_size, context_length=800)
    return disturb(tiny_model(config)).eval(), tokenizer


def test_answers_come_in_the_order_of_their_questions_whatever_the_batch(small, monkeypatch):
    _model, tokenizer = small

    def length_of_prompt(_model, source, *, eos_id, max_length, padding):
        lengths = (source.shape[1] - padding).tolist()
        return [SimpleNamespace(tokens=tokenizer.encode(f"{length} tokens")) for length in lengths]

    monkeypatch.setattr(task, "greedy_search", length_of_prompt)
    passages = [Chunk(Document(str(n), "Nile", "It is long. " * n), 0, 12 * n) for n in (5, 1, 3)]
    readings = [Reading(f"How long {n}?", tuple(passages[:n]), "long", None) for n in (3, 0, 2, 1)]
    alone = [grounded_answers(*small, [one])[0] for one in readings]
    assert grounded_answers(*small, readings) == alone and len(set(alone)) == 4
    monkeypatch.setattr(task, "BATCH_SIZE", 2)
    assert grounded_answers(*small, readings) == alone


def test_the_end_of_the_turn_ends_an_answer(small, monkeypatch):
    model, tokenizer = small
    logits, end = model.output.forward, tokenizer.special.ids["<|im_end|>"]
    monkeypatch.setattr(model.output, "forward", lambda x: logits(x).index_fill(-1, torch.tensor(end), 99.0))
    assert grounded_answers(model, tokenizer, [READ]) == [""]


def test_a_prompt_beyond_the_context_is_refused(small):
    long = Reading("Who?", (whole(Document("a", "b", "word " * 900)),), "x", None)
    with pytest.raises(ValueError, match="800"):
        grounded_answers(*small, [long])
