"""Perplexity by windows: every token once, from the context that it says, and what may be compared."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.evaluation.perplexity import predict_text, sliding_windows
from course.gpt import Decoder, LlamaConfig
from course.tokenization import ByteLevelBPE
from course.training.bits_per_byte import score, token_bytes
from course.training.bits_per_byte import windows as half_windows

TEXT = "the cat sat on the mat; the café was shut — the cat sat outside. " * 2
TOKENIZER = ByteLevelBPE.train(TEXT, n_merges=30, special_tokens=("<|end|>",))
END = TOKENIZER.special.ids["<|end|>"]
IDS = TOKENIZER.encode(TEXT)
PIECES = [TOKENIZER.decode_bytes([i]) for i in IDS]

ONE = {"length": 8, "start_id": 0}


def decoder(context=16):
    config = LlamaConfig(TOKENIZER.vocab_size, context, d_model=8, n_layers=2, n_heads=2, n_kv_heads=1, d_ff=8)
    return Decoder(config, torch.Generator().manual_seed(0)).eval()


def uniform(vocab):
    return lambda ids: torch.zeros(*ids.shape, vocab)


@given(st.integers(0, 60), st.integers(1, 12), st.integers(1, 12), st.sampled_from([None, 7]))
def test_windows_count_every_token_once(n_tokens, length, stride, start_id):
    document = list(range(100, 100 + n_tokens))
    if stride > length:
        with pytest.raises(ValueError, match=f"stride is {stride} and length is {length}"):
            sliding_windows(document, length, stride, start_id)
        return
    cut = sliding_windows(document, length, stride, start_id)
    first = 1 if start_id is None else 0
    assert [token for window in cut for token in window.ids[window.first :]] == document[first:]
    for number, window in enumerate(cut):
        assert 2 <= len(window.ids) <= length + 1
        assert number == 0 or len(window.ids) - window.first <= stride
        assert number == 0 or window.first >= length - stride + 1 or len(window.ids) == len(document) + 1 - first


@given(st.integers(1, 60), st.integers(2, 12))
def test_a_stride_of_half_a_window_is_what_training_uses(n_tokens, length):
    document = list(range(100, 100 + n_tokens))
    ours, theirs = sliding_windows(document, length, length - length // 2, 7), half_windows(document, length, 7)
    assert ours == theirs


@pytest.mark.parametrize("start_id", [None, END])
@pytest.mark.parametrize(("length", "stride"), [(8, 1), (8, 3), (8, 8), (16, 5)])
def test_each_token_is_predicted_from_the_tokens_before_it(length, stride, start_id):
    model = decoder()
    found = predict_text(model, IDS, PIECES, length=length, stride=stride, start_id=start_id, batch_size=3)
    ids = IDS if start_id is None else [start_id, *IDS]
    for place, (nats, context) in enumerate(zip(found.nats, found.context, strict=True), start=1):
        assert context <= length
        logits = model(torch.tensor([ids[place - context : place]]))[0, -1].double()
        assert nats == pytest.approx(-torch.log_softmax(logits, dim=-1)[ids[place]].item(), abs=1e-5)
    assert len(found.nats) == len(ids) - 1
    assert found.context[length:].min() >= length - stride + 1


def test_it_agrees_with_the_bits_per_byte_of_training():
    model = decoder()
    found = predict_text(model, IDS, PIECES, length=16, stride=8, start_id=END)
    of_training = score(model, [IDS], token_bytes(TOKENIZER), length=16, start_id=END, pad_id=END)
    assert found.bits_per_byte == pytest.approx(of_training.bits_per_byte, rel=1e-6)


def test_a_smaller_stride_gives_more_context():
    contexts = [
        predict_text(uniform(300), IDS, PIECES, length=8, stride=stride, start_id=END).context.mean()
        for stride in (1, 4, 8)
    ]
    assert contexts == sorted(contexts, reverse=True) and len(set(contexts)) == 3


def test_without_a_start_the_first_token_is_in_no_sum():
    model = uniform(TOKENIZER.vocab_size)
    whole, without = (predict_text(model, IDS, PIECES, length=8, start_id=start) for start in (END, None))
    assert len(whole.nats) == len(without.nats) + 1 == len(IDS)
    assert (whole.n_bytes, whole.n_words) == (len(TEXT.encode()), len(TEXT.split()))
    assert without.n_bytes == whole.n_bytes - len(PIECES[0])


def test_per_token_it_depends_on_the_tokenizer_and_per_byte_and_word_it_does_not():
    """One model says that each of 16 letters is as probable, the other the same of each of their 256 pairs."""
    text = b"abcd efgh ab" * 4
    by_letters = predict_text(uniform(16), [0] * len(text), [text[i : i + 1] for i in range(len(text))], **ONE)
    pairs = [text[i : i + 2] for i in range(0, len(text), 2)]
    by_pairs = predict_text(uniform(256), [0] * len(pairs), pairs, **ONE)
    assert by_letters.bits_per_byte == pytest.approx(4) == pytest.approx(by_pairs.bits_per_byte)
    assert by_letters.word_perplexity == pytest.approx(by_pairs.word_perplexity)
    assert (by_letters.perplexity, by_pairs.perplexity) == (pytest.approx(16), pytest.approx(256))


def test_special_tokens_are_in_no_sum():
    model = uniform(TOKENIZER.vocab_size)
    ended = predict_text(model, [*IDS, END], [*PIECES, b""], length=8, start_id=END)
    plain = predict_text(model, IDS, PIECES, length=8, start_id=END)
    assert ended.perplexity == pytest.approx(plain.perplexity) and len(ended.nats) == len(plain.nats)
    assert ended.bits_per_byte == plain.bits_per_byte


def test_what_the_numbers_are_of_a_model_that_knows_nothing():
    found = predict_text(uniform(50), [1, 2, 3, 4], [b"a", b" b", b"c", b" d"], length=4, start_id=0)
    assert found.perplexity == pytest.approx(50)
    assert found.n_words == 3
    assert found.word_perplexity == pytest.approx(50 ** (4 / 3))
    assert found.bits_per_byte == pytest.approx(4 * math.log2(50) / 6)


@pytest.mark.parametrize("batch_size", [2, 7, 100])
def test_batches_change_nothing(batch_size):
    model = decoder()
    alone = predict_text(model, IDS, PIECES, length=8, stride=2, batch_size=1)
    found = predict_text(model, IDS, PIECES, length=8, stride=2, batch_size=batch_size)
    np.testing.assert_allclose(found.nats, alone.nats, atol=1e-6)
    assert found.context.tolist() == alone.context.tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": [], "pieces": []}, "No token of the text counts: there are 0"),
        ({"ids": [5], "pieces": [b"a"]}, "there are 1, and the first one needs a start_id"),
        ({"ids": [5, 6], "pieces": [b"a", b""]}, "No token of the text counts"),
        ({"pieces": [b"a"]}, "3 tokens and 1 pieces"),
        ({"length": 0}, "length is 0"),
        ({"stride": 0}, "stride is 0"),
        ({"stride": 9}, "stride is 9 and length is 8"),
        ({"batch_size": 0}, "batch_size is 0"),
    ],
)
def test_bad_input_is_named(change, message):
    given_input = {"ids": [1, 2, 3], "pieces": [b"a", b"b", b"c"], "length": 8} | change
    with pytest.raises(ValueError, match=message):
        predict_text(uniform(9), **given_input)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda ids: torch.full((*ids.shape, 9), math.nan), "NaN as the loss of a token"),
        (uniform(3), "token id 3, and the model's logits are of the ids 0 to 2"),
        (lambda ids: torch.zeros(*ids.shape), r"logits of the shape \(1, 3\)"),
        (lambda ids: torch.zeros(1, 7, 9), r"logits of the shape \(1, 7, 9\); for 1 rows of 3 tokens it must give"),
    ],
)
def test_logits_that_do_not_fit_the_text_are_refused(model, message):
    with pytest.raises(ValueError, match=message):
        predict_text(model, [0, 1, 2, 3], [b"a"] * 4, length=8)
    with pytest.raises(ValueError, match="token id -1"):
        predict_text(uniform(9), [0, 1, -1, 3], [b"a"] * 4, length=8)


def test_a_token_that_the_model_holds_impossible_counts_as_infinite():
    impossible = torch.zeros(9)
    impossible[2] = -math.inf
    found = predict_text(lambda ids: impossible.expand(*ids.shape, 9), [0, 1, 2], [b"a"] * 3, length=8)
    assert found.nats[1] == math.inf == found.perplexity
