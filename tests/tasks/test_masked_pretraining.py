"""Batches that are corrupted anew, a training that learns, and the ranks of hidden words."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from course.bert import (
    IGNORED,
    Bert,
    BertConfig,
    MaskedLanguageModel,
    MaskedLM,
    NextSentence,
    Pieces,
    Segments,
)
from course.tasks.masked_pretraining import (
    CorruptedBatches,
    document_pairs,
    find_words,
    hide_a_word,
    pretrain_bert,
    word_counts,
    word_record,
)
from course.tokenization import WordPiece
from course.tokenization.wordpiece import SPECIAL_TOKENS
from course.trained import load_from, numbers, save_to

WORDS = ["red", "green", "blue", "one", "two", "three", "##s", "7", "."]


@pytest.fixture(scope="module")
def pieces():
    return Pieces(WordPiece([*SPECIAL_TOKENS, *WORDS]))


@pytest.fixture(scope="module")
def pairs(pieces):
    """A color is followed by its number, red one, green two, blue three; the second text is of the same color."""
    encode = pieces.tokenizer.encode
    texts = ["red one . red one .", "green two . green two .", "blue three . blue three ."]
    found = []
    for number in range(60):
        other = texts[(number + 1) % 3]
        found.append(Segments(encode(texts[number % 3]), encode(texts[number % 3]), encode(other)))
    return found


def new_model(pieces, seed=0):
    config = BertConfig(len(pieces.special), context_length=20, d_model=32, n_layers=2, n_heads=2, d_ff=32, dropout=0.0)
    generator = torch.Generator().manual_seed(seed)
    return MaskedLanguageModel(Bert(config, generator), generator)


def trained_model(pieces, pairs, side="both"):
    model = new_model(pieces)
    objective = MaskedLM(pieces, model.body.config)
    objective.head = model.head
    history = pretrain_bert(model.body, objective, pairs, steps=150, learning_rate=5e-3, batch_size=16, side=side)
    return model, history


def test_each_time_an_item_comes_it_is_corrupted_anew_and_a_step_can_be_repeated(pieces, pairs):
    objective = MaskedLM(pieces, new_model(pieces).body.config)
    batches = CorruptedBatches(pairs[:1], objective, 1)
    assert torch.equal(batches[3].inputs.ids, batches[3].inputs.ids)
    assert len({tuple(batches[step].labels.flatten().tolist()) for step in range(12)}) > 3


@pytest.mark.slow
def test_a_body_learns_and_its_first_guess_is_right(pieces, pairs):
    model, history = trained_model(pieces, pairs)
    assert np.mean(history.losses[-10:]) < 0.7 * np.mean(history.losses[:10])
    rows = hide_a_word(pairs, pieces)
    found = find_words(model, rows, pieces)
    assert found.share_in_first(1) > 0.9
    record = word_record(found, word_counts(pairs, pieces))
    assert record["error_rate"] == pytest.approx(1 - found.share_in_first(1))
    assert set(numbers(record["items"]["frequency"])) == {80.0}
    untrained = find_words(new_model(pieces), rows, pieces)
    assert untrained.share_in_first(1) < 0.6


@pytest.mark.slow
def test_the_left_side_alone_does_not_know_the_first_word(pieces, pairs):
    model, _history = trained_model(pieces, pairs, "left")
    place = [row._replace(ids=row.ids.copy()) for row in [pieces.row(pair) for pair in pairs[:3]]]
    found = {}
    for at in (1, 2):
        rows = []
        for row in place:
            ids, labels = row.ids.copy(), np.full(len(row.ids), IGNORED)
            labels[at], ids[at] = ids[at], pieces.mask_id
            rows.append(type(hide_a_word(pairs[:1], pieces)[0])(row._replace(ids=ids), labels))
        found[at] = find_words(model, rows, pieces, side="left").share_in_first(1)
    assert found == {1: pytest.approx(1 / 3, abs=0.01), 2: 1.0}, "nothing is left of the first; red, then one"


def test_one_whole_word_of_each_pair_is_hidden(pieces):
    pair = Segments(pieces.tokenizer.encode("reds 7 . one"), pieces.tokenizer.encode("two."))
    hidden = set()
    for seed in range(30):
        (row,) = hide_a_word([pair], pieces, seed)
        (place,) = np.flatnonzero(row.labels != IGNORED)
        assert row.row.ids[place] == pieces.mask_id
        hidden.add(pieces.tokenizer.tokens[row.labels[place]])
    assert hidden == {"one", "two"}, "no piece of a longer word, no number, no sign"
    assert hide_a_word([Segments(pieces.tokenizer.encode("reds ."))], pieces) == []


def test_special_tokens_are_no_guesses(pieces, pairs):
    model = new_model(pieces)
    with torch.no_grad():
        model.head.bias[torch.from_numpy(pieces.special)] = 100.0
    assert find_words(model, hide_a_word(pairs, pieces), pieces).ranks.max() < len(WORDS)
    with pytest.raises(ValueError, match="no hidden word"):
        find_words(model, [], pieces)


def test_unused_entries_are_no_guesses():
    pieces = Pieces(WordPiece([*SPECIAL_TOKENS, "[unused0]", "[unused1]", *WORDS]))
    model = new_model(pieces)
    with torch.no_grad():
        model.head.bias[torch.from_numpy(pieces.never_drawn)] = 100.0
    rows = hide_a_word([Segments(pieces.tokenizer.encode("red one two"))], pieces)
    found = find_words(model, rows, pieces)
    assert found.ranks.max() < len(WORDS) and np.isfinite(found.losses).all() and found.losses.max() < 50


def test_a_word_counts_where_it_is_whole(pieces):
    tokens, encode = pieces.tokenizer.tokens, pieces.tokenizer.encode
    counts = word_counts([Segments(encode("red one red"), encode("reds red ones"))] * 2, pieces)
    found = {token: n for token, n in zip(tokens, counts.tolist(), strict=True) if n}
    assert found == {"red": 6, "one": 2}, "reds and ones are other words"


def test_a_stored_model_gives_the_same(pieces, pairs, tmp_path):
    model = new_model(pieces).eval()
    file = tmp_path / "model.safetensors"
    save_to(file, model, "python -m test")
    again = load_from(file)
    rows = hide_a_word(pairs, pieces)
    logits = [one(*pieces.batch(rows).inputs) for one in (model, again)]
    torch.testing.assert_close(*logits, atol=2e-3, rtol=1e-2)
    assert again.config == model.config


def test_a_pair_objective_learns_from_the_same_batches(pieces, pairs):
    body = new_model(pieces).body
    history = pretrain_bert(body, NextSentence(pieces, body.config), pairs, steps=3, learning_rate=1e-3, batch_size=8)
    assert len(history.losses) == 3


def test_titles_are_no_segments(pieces, monkeypatch):
    texts = ["Blue\n\nRed one. Green two. Red one.", "Blue\n\nThree two. One red."]
    parts = SimpleNamespace(train=[], validation=[], test=texts)
    monkeypatch.setattr("course.tasks.masked_pretraining.corpus", lambda *_names: {"encyclopedia": parts})
    pairs = document_pairs("test", pieces.tokenizer, 30)
    tokens = {pieces.tokenizer.tokens[i] for pair in pairs for part in pair for i in part}
    assert len(pairs) == 2 and tokens == {"red", "green", "one", "two", "three", "."}


def test_a_part_that_is_not_there(pieces):
    with pytest.raises(ValueError, match="no part 'dev'"):
        document_pairs("dev", pieces.tokenizer)


def test_a_model_that_knows_nothing_is_never_right(pieces, pairs):
    """Equal logits put no token above the hidden word, and NaN is above nothing: neither is a right first guess."""
    model, rows = new_model(pieces).eval(), hide_a_word(pairs, pieces)
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    found = find_words(model, rows, pieces)
    assert (found.ranks == len(WORDS) - 1).all() and found.share_in_first(5) == 0
    with torch.no_grad():
        for weight in model.parameters():
            weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="logits are NaN"):
        find_words(model, rows, pieces)


def test_no_text_has_no_words(pieces):
    assert word_counts([], pieces).tolist() == [0] * len(pieces.special)
