"""A text's vector is that of transformers, of length 1, and depends on no other text."""

import pytest
import torch
import torch.nn.functional as F

from course import pretrained
from course.bert import encode_batch
from course.rag import SentenceEncoder
from tests.rag.conftest import TEXTS
from tests.support.bert import as_bert

EXACT = {"atol": 1e-5, "rtol": 0}


@pytest.fixture
def encoder(body, tokenizer):
    return SentenceEncoder(body, tokenizer, limit=24)


@pytest.fixture(scope="module")
def minilm():
    return SentenceEncoder(*pretrained.load("minilm"))


def by_transformers(body, tokenizer, texts):
    """BertModel, the mean over the mask, length 1."""
    ids, mask = encode_batch(tokenizer, texts, torch.device("cpu"))
    with torch.no_grad():
        hidden = as_bert(body)(ids, attention_mask=mask.long()).last_hidden_state
    return F.normalize((hidden * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True), dim=-1)


def test_vectors_are_those_of_transformers(body, tokenizer):
    found = SentenceEncoder(body, tokenizer, limit=80).encode(TEXTS)
    torch.testing.assert_close(found, by_transformers(body, tokenizer, TEXTS), **EXACT)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 64])
def test_a_vector_is_the_same_alone_and_in_a_padded_batch(encoder, batch_size):
    together = encoder.encode(TEXTS, batch_size=batch_size)
    alone = torch.cat([encoder.encode([text]) for text in TEXTS])
    torch.testing.assert_close(together, alone, **EXACT)


def test_the_order_is_that_of_the_texts(encoder):
    torch.testing.assert_close(encoder.encode(TEXTS[::-1], batch_size=2), encoder.encode(TEXTS).flip(0), **EXACT)


def test_vectors_have_length_1_and_no_gradient(encoder):
    found = encoder.encode(TEXTS)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(len(TEXTS)))
    assert found.shape == (len(TEXTS), encoder.width)
    assert found.dtype is torch.float32 and not found.requires_grad


def test_dropout_is_off_and_the_model_trains_on_afterwards(encoder):
    encoder.body.train()
    assert encoder.body.embedding.dropout.p > 0
    torch.testing.assert_close(encoder.encode(TEXTS), encoder.encode(TEXTS), rtol=0, atol=0)
    assert encoder.body.training


def test_texts_of_like_length_share_a_batch(encoder):
    read = []
    encoder.body.register_forward_hook(lambda _module, inputs, _output: read.append(inputs[1].float().mean().item()))
    encoder.encode(["river"] * 4 + [TEXTS[2]] * 4 + ["river"] * 4 + [TEXTS[2]] * 4, batch_size=8)
    assert read == [1, 1], "nothing is padding"


def test_the_end_of_a_long_text_is_cut_and_counted(encoder):
    long = TEXTS[2]
    n = encoder.pieces(long)
    assert n == len(encoder.tokenizer.encode(long)) + 2 > encoder.limit
    assert encoder.n_cut(TEXTS) == sum(encoder.pieces(text) > 24 for text in TEXTS) > 0
    exactly = SentenceEncoder(encoder.body, encoder.tokenizer, limit=n)
    assert exactly.n_cut([long]) == 0 and exactly.n_cut([long + " sea"]) == 1
    torch.testing.assert_close(exactly.encode([long + " sea"]), exactly.encode([long]), **EXACT)
    assert (encoder.encode([long]) - exactly.encode([long])).abs().max() > 0.01


def test_half_a_character_is_read_as_the_tokenizer_reads_it(encoder):
    torch.testing.assert_close(encoder.encode(["the \ud83d Nile"]), encoder.encode(["the Nile"]), **EXACT)


@pytest.mark.parametrize("text", ["", " \n", "\u200d", "\ud83d"])
def test_a_text_without_a_piece_is_refused(encoder, text):
    with pytest.raises(ValueError, match=r"Text 1 is .*: without a piece to read"):
        encoder.encode(["river", text])


def test_no_texts_and_one_text_alone_are_refused(encoder):
    with pytest.raises(ValueError, match="There are no texts to encode"):
        encoder.encode([])
    for ask in (encoder.encode, encoder.n_cut):
        with pytest.raises(TypeError, match="'river' is one text; give a list of texts"):
            ask("river")
    with pytest.raises(ValueError, match="batch_size is 0; it must be 1 or more"):
        encoder.encode(["river"], batch_size=0)


@pytest.mark.parametrize(
    ("limit", "message"),
    [(3, "limit is 3; it must be 4 or more"), (81, "limit of 81 pieces is beyond .* context of 80")],
)
def test_a_limit_that_the_model_cannot_keep_is_refused(body, tokenizer, limit, message):
    with pytest.raises(ValueError, match=message):
        SentenceEncoder(body, tokenizer, limit=limit)


def test_a_bar_is_shown_where_it_is_asked_for(encoder, capsys):
    encoder.encode(TEXTS)
    assert capsys.readouterr().err == ""
    encoder.encode(TEXTS, progress=True)
    assert "1/1" in capsys.readouterr().err


@pytest.mark.slow
def test_minilm_is_that_of_transformers_and_reads_256_pieces(minilm):
    texts = [*TEXTS, " ".join(TEXTS * 3)]
    expected = by_transformers(minilm.body, minilm.tokenizer, texts)
    torch.testing.assert_close(minilm.encode(texts), expected, **EXACT)
    long = "river " * 300
    torch.testing.assert_close(minilm.encode([long]), minilm.encode(["river " * 254]), **EXACT)
    assert minilm.n_cut([long, "river " * 254]) == 1


@pytest.mark.slow
def test_a_question_is_closest_to_the_text_that_answers_it(minilm):
    scores = minilm.encode(TEXTS) @ minilm.encode(["Which desert is the biggest?"])[0]
    assert scores.argmax().item() == 4
