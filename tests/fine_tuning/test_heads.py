"""What a classifier says of a text depends on that text alone, and comes from the place that it should."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from course.bert import IGNORED
from course.fine_tuning import (
    DecoderClassifier,
    Inputs,
    LabelledTexts,
    Row,
    SentenceClassifier,
    TfidfFeatures,
    TokenClassifier,
    features,
    predict_labels,
    predict_logits,
    prompt_row,
    train_only,
)
from course.fine_tuning.heads import trained_parameters
from course.gpt import Decoder, GPT2Config
from tests.fine_tuning.conftest import BAD, GOOD, SIZES, body, texts_for

NAMES = ["sentence-mean", "sentence-first", "sentence-pooler", "token", "decoder-gpt2", "decoder-llama"]
TEXTS = st.lists(st.sampled_from(GOOD + BAD), min_size=1, max_size=5)


def padded(inputs: Inputs, n: int, filled_with: int) -> Inputs:
    """The same rows with more padding, of whatever id."""
    pad = (0, n)
    return Inputs(
        F.pad(inputs.ids, pad, value=filled_with),
        F.pad(inputs.attention_mask, pad, value=False),
        F.pad(inputs.token_types, pad, value=1),
    )


def parts(name, model, texts):
    """What the model says of each text: a row of logits, or those of its tokens."""
    inputs = model.inputs(texts)
    logits = model(inputs)
    if name != "token":
        return list(logits)
    return [of_text[mask] for of_text, mask in zip(logits, inputs.attention_mask, strict=True)]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(texts=TEXTS, n=st.integers(1, 6), filled_with=st.integers(0, 40))
def test_padding_changes_nothing(classifiers, name, texts, n, filled_with):
    model = classifiers[name]
    inputs = model.inputs(texts_for(name, texts))
    more = padded(inputs, n, filled_with)
    logits, with_more = model(inputs), model(more)
    if name == "token":
        logits, with_more = logits[inputs.attention_mask], with_more[more.attention_mask]
    torch.testing.assert_close(with_more, logits, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(texts=TEXTS)
def test_the_other_texts_of_a_batch_change_nothing(classifiers, name, texts):
    model = classifiers[name]
    together = parts(name, model, texts_for(name, texts))
    for said, text in zip(together, texts, strict=True):
        (alone,) = parts(name, model, texts_for(name, [text]))
        torch.testing.assert_close(said, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_mask_of_numbers_is_refused(classifiers):
    inputs = classifiers["decoder-gpt2"].inputs(["fun"])
    with pytest.raises(TypeError, match="A mask must be bool"):
        classifiers["decoder-gpt2"](inputs._replace(attention_mask=inputs.attention_mask.long()))


def test_each_pooling_reads_its_own_place(classifiers):
    inputs = classifiers["sentence-mean"].inputs(["a great film"])
    for pooling in ("first", "pooler"):
        model = classifiers[f"sentence-{pooling}"]
        hidden = model.body(*inputs)
        expected = hidden[:, 0] if pooling == "first" else torch.tanh(model.body.pooler(hidden[:, 0]))
        torch.testing.assert_close(model.states(inputs), expected)


def test_the_decoder_reads_the_last_token_even_where_padding_has_its_id(classifiers):
    model = classifiers["decoder-gpt2"]
    rows = [Row([7, 8, 9], [0] * 3, []), Row([7, 0, 0], [0] * 3, []), Row([7], [0], [])]  # 0 is the padding's id, too
    states = model.states(model.batch(rows))
    for row, state in zip(rows, states, strict=True):
        alone = model.body.hidden_states(torch.tensor([row.ids]))[0, -1]
        torch.testing.assert_close(state, alone, rtol=1e-4, atol=1e-5)


def test_the_decoder_refuses_padding_in_front(classifiers):
    model = classifiers["decoder-gpt2"]
    ids = torch.tensor([[0, 7, 8]])
    with pytest.raises(ValueError, match="padding before its text"):
        model(Inputs(ids, torch.tensor([[False, True, True]]), torch.zeros_like(ids)))


def test_the_second_text_of_a_pair_has_its_own_token_type(tokenizer, classifiers):
    model = classifiers["sentence-mean"]
    row = model.row(("a great film", "fun"))
    sep = tokenizer.special.ids["[SEP]"]
    first_end = row.ids.index(sep)
    assert row.token_types == [0] * (first_end + 1) + [1] * (len(row.ids) - first_end - 1)
    assert row.ids[-1] == sep and row.ids.count(sep) == 2
    one, other = predict_logits(model, [("great fun", "dull"), ("dull", "great fun")])
    assert not torch.allclose(one, other)


def test_only_the_first_piece_of_a_word_is_labelled(tokenizer, classifiers):
    model = classifiers["token"]
    words = ["awfully", "long"]
    assert len(tokenizer.encode(words[0])) > 1
    row = model.row(words)
    (target,) = model.targets([["B-FILM", "O"]], [row])
    labelled = [place for place, one in enumerate(target) if one != IGNORED]
    assert labelled == row.first_pieces == [1, 1 + len(tokenizer.encode(words[0]))]
    assert [target[place] for place in labelled] == [1, 0]

    # The loss is that of those positions.
    logits = model(model.batch([row]))[0, labelled]
    expected = F.cross_entropy(logits, torch.tensor([1, 0]))
    torch.testing.assert_close(model.loss([(row, target)]), expected)


def test_the_loss_of_a_batch_of_words_counts_each_word_once(classifiers):
    model = classifiers["token"]
    texts, labels = [["fun"], ["a", "great", "film"]], [["O"], ["O", "O", "B-FILM"]]
    rows = [model.row(text) for text in texts]
    items = list(zip(rows, model.targets(labels, rows), strict=True))
    one, other = (model.loss([item]) for item in items)
    torch.testing.assert_close(model.loss(items), (one + 3 * other) / 4)


def test_words_without_a_piece_and_words_that_are_cut_off_have_a_label(tokenizer):
    model = TokenClassifier(body(tokenizer, context_length=8), tokenizer, ("O", "B-FILM"))
    with torch.no_grad():
        model.head.bias.copy_(torch.tensor([0.0, 99.0]))
    words = ["a", "\x07", "fine", "film", "a", "fine", "film", "a", "film"]
    (labels,) = predict_labels(model, [words])
    read = len(model.row(words).first_pieces)
    assert model.row(words).ids[2] == tokenizer.unknown_id and read < len(words)
    assert labels == ["B-FILM"] * read + ["O"] * (len(words) - read)


def test_predictions_are_in_the_order_of_the_texts_and_without_dropout(classifiers, tokenizer):
    texts = [*GOOD, *BAD]
    for name in NAMES:
        model = classifiers[name]
        if name == "token":
            continue
        expected = torch.cat([model(model.inputs([text])) for text in texts])
        model.train()
        torch.testing.assert_close(predict_logits(model, texts, batch_size=4), expected, rtol=1e-4, atol=1e-5)
        assert model.training
        model.eval()


def test_frozen_parts_are_not_trained(tokenizer):
    model = SentenceClassifier(body(tokenizer), tokenizer, ("bad", "good"))
    names = trained_parameters(model)
    assert not any(name.startswith("body.pooler") for name in names)  # not read, so nothing to train
    assert "body.embedding.tokens.weight" in names
    train_only(model, 0)
    assert set(trained_parameters(model)) == {"head.weight", "head.bias"}
    train_only(model, 1)
    assert {name.split(".")[1] for name in trained_parameters(model)} - {"weight", "bias"} == {"blocks"}
    assert all(".blocks.1." in name or name.startswith("head.") for name in trained_parameters(model))
    with pytest.raises(ValueError, match="3 of the body's 2 blocks"):
        train_only(model, 3)


def test_a_decoders_last_norm_is_trained_with_its_blocks(tokenizer):
    decoder = Decoder(GPT2Config(tokenizer.vocab_size, 24, **SIZES))
    model = DecoderClassifier(decoder, tokenizer, ("bad", "good"))
    train_only(model, 1)
    assert "body.norm.weight" in trained_parameters(model)


def test_a_pooler_that_is_read_is_trained_with_the_blocks(tokenizer):
    model = SentenceClassifier(body(tokenizer), tokenizer, ("bad", "good"), pooling="pooler")
    train_only(model, 1)
    assert {"body.pooler.weight", "body.pooler.bias"} < trained_parameters(model).keys()
    train_only(model, 0)
    assert set(trained_parameters(model)) == {"head.weight", "head.bias"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ("good",)}, "The classes are 'good'"),
        ({"classes": ("good", "good", "bad")}, "each once"),
        ({"limit": 99}, "limit of 99 tokens is beyond the model's context of 24"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"pooling": "max"}, "pooling is 'max'"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_bad_options_are_named(tokenizer, options, message):
    given = {"classes": ("bad", "good")} | options
    with pytest.raises(ValueError, match=message):
        SentenceClassifier(body(tokenizer), tokenizer, **given)


def test_bad_texts_and_labels_are_named(classifiers):
    token, sentence, decoder = (classifiers[name] for name in ("token", "sentence-mean", "decoder-gpt2"))
    with pytest.raises(ValueError, match="'a film' is no list of words"):
        token.row("a film")
    with pytest.raises(ValueError, match="2 words have 1 labels"):
        token.targets([["O"]], [token.row(["a", "film"])])
    with pytest.raises(ValueError, match="'O' is none of the classes 'bad', 'good'"):
        sentence.targets(["O"], [sentence.row("a film")])
    with pytest.raises(ValueError, match="has no tokens"):
        decoder.row(" ")


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("limit", [0, -5, 2.5])
def test_a_limit_is_a_whole_number_above_0(tokenizer, limit):
    decoder = Decoder(GPT2Config(tokenizer.vocab_size, 24, **SIZES))
    with pytest.raises(ValueError, match=f"limit is {limit}"):
        DecoderClassifier(decoder, tokenizer, ("bad", "good"), limit=limit)
    with pytest.raises(ValueError, match=f"limit is {limit}"):
        prompt_row(tokenizer, "a great film", limit)  # the last 0 tokens of a text were all of it


@pytest.mark.parametrize("n_layers", [1.5, True, "1", None])
@pytest.mark.usefixtures("unchecked_shapes")
def test_what_is_no_number_of_blocks_freezes_nothing(tokenizer, n_layers):
    model = SentenceClassifier(body(tokenizer), tokenizer, ("bad", "good"))
    before = set(trained_parameters(model))
    with pytest.raises(ValueError, match="of the body's 2 blocks cannot be trained"):
        train_only(model, n_layers)
    assert set(trained_parameters(model)) == before


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float64])
def test_a_head_has_the_precision_of_its_body(tokenizer, kind):
    model = SentenceClassifier(body(tokenizer).to(kind), tokenizer, ("bad", "good"))
    assert predict_logits(model, ["a great film"]).dtype == kind


@pytest.mark.usefixtures("unchecked_shapes")
def test_one_text_is_not_taken_for_its_characters(classifiers):
    sentence, token = classifiers["sentence-mean"], classifiers["token"]
    makers = [
        lambda: predict_logits(sentence, "fun"),
        lambda: features(sentence, "fun"),
        lambda: predict_labels(token, "fun"),
        lambda: sentence.inputs("fun"),
        lambda: TfidfFeatures("fun"),
        lambda: TfidfFeatures(["fun"])("fun"),
        lambda: LabelledTexts("fun", ["good"] * 3, "training"),
        lambda: SentenceClassifier(sentence.body, sentence.tokenizer, "fun"),
    ]
    for make in makers:
        with pytest.raises(TypeError, match="'fun' is one text; give a list"):
            make()


@pytest.mark.usefixtures("unchecked_shapes")
def test_bad_batches_are_named(classifiers):
    sentence, token = classifiers["sentence-mean"], classifiers["token"]
    with pytest.raises(ValueError, match="There are no texts"):
        predict_logits(sentence, [])
    for size in (0, -1, 2.5):
        with pytest.raises(ValueError, match=f"batch_size is {size}"):
            predict_logits(sentence, ["fun"], batch_size=size)
    for text in (None, float("nan"), b"fun", ["a", "film"], ("a", "b", "c")):  # a table's empty cell is NaN
        with pytest.raises(TypeError, match="is no text; give a text"):
            sentence.row(text)
    with pytest.raises(ValueError, match="use `predict_labels`"):
        predict_logits(token, [["fun"]])
    with pytest.raises(ValueError, match="use `predict_logits`"):
        predict_labels(sentence, [["fun"]])
