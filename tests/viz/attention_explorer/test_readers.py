"""The readers return the maps of `record_attention` for every model of the course with attention."""

from dataclasses import replace

import pytest
import torch

from course.bert import Bert, BertConfig
from course.data.splits import draw
from course.decoding import greedy_search
from course.gpt import Decoder, LlamaConfig
from course.layers.attention import causal_mask, record_attention
from course.pretrained import load
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks.sentences import Translation
from course.tasks.sentences import tokenize as tokens_of
from course.tasks.task import Example, Task
from course.tasks.vocabulary import Vocabulary
from course.tokenization import ByteLevelBPE, WordPiece
from course.transformer import CausalTransformer, Transformer, TransformerConfig, TransformerEncoder
from course.viz.attention_explorer.readers import EXAMPLE, MAX_TOKENS, reader, tokenize

TEXT = "the cat and the dog saw the other cat " * 20


def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def word_pieces():
    return WordPiece.train(TEXT, 60)


@pytest.fixture(scope="module")
def bert(word_pieces):
    config = BertConfig(word_pieces.vocab_size, 200, d_model=16, n_layers=3, n_heads=2, d_ff=32)
    model = Bert(config, generator()).eval()
    for parameter in model.parameters():
        parameter.data *= 8  # far from uniform
    return model


@pytest.fixture(scope="module")
def task():
    pair = Example(tuple("abc"), (tuple("xy"),))
    return Task("letters", Vocabulary("abcdef"), Vocabulary("xyz"), [], [pair], {}, 12)


@torch.no_grad()
def recorded(model, *inputs, **options):
    with record_attention(model) as maps:
        model(*inputs, **options)
    return torch.cat(list(maps))


@pytest.mark.parametrize("typed", ["ABC", " abc ", "abc\n", "aBc"])
def test_a_task_reads_what_is_typed_by_its_own_rule(task, typed):
    config = TransformerConfig(len(task.source), len(task.target), d_model=16, n_heads=2, d_ff=16, n_layers=1)
    pair = reader(Transformer(config, generator()).eval(), task)
    assert pair.read(typed)["encoder"].keys == task.symbols_from(typed) == tuple("abc")


def test_an_encoder_reads_between_its_marks(bert, word_pieces):
    [(kind, maps)] = reader(bert, word_pieces).read("the cat").items()
    ids = [word_pieces.special.ids["[CLS]"], *word_pieces.encode("the cat"), word_pieces.special.ids["[SEP]"]]
    assert kind == "self" and maps.keys == maps.queries == tuple(word_pieces.tokens[i] for i in ids)
    assert maps.special == {0, len(ids) - 1} and not maps.causal
    torch.testing.assert_close(maps.weights, recorded(bert, torch.tensor([ids])))
    torch.testing.assert_close(maps.weights.sum(-1), torch.ones(3, 2, len(ids)))


def test_minilm_has_the_maps_of_its_own_forward_pass():
    model, tokenizer = load("minilm")
    maps = reader(model, tokenizer).read(EXAMPLE)["self"]
    ids = [tokenizer.special.ids["[CLS]"], *tokenizer.encode(EXAMPLE), tokenizer.special.ids["[SEP]"]]
    torch.testing.assert_close(maps.weights, recorded(model, torch.tensor([ids])))
    assert maps.weights.shape == (6, 12, 16, 16)


def test_a_causal_mask_is_a_run_of_its_own(bert, word_pieces):
    read = reader(bert, word_pieces).read
    causal, free = read("the cat saw the dog", causal=True)["self"], read("the cat saw the dog")["self"]
    n = len(causal.keys)
    ids = torch.tensor([tokenize(word_pieces, "the cat saw the dog").ids])
    x = bert.embedding(ids, torch.zeros_like(ids))
    with torch.no_grad(), record_attention(bert) as maps:
        for layer in bert.blocks:
            x = layer(x, causal_mask(n, n)[None, None])
    torch.testing.assert_close(causal.weights, torch.cat(list(maps)))
    assert causal.causal and causal.weights.triu(1).abs().max() == 0
    masked = free.weights.tril()
    renormalized = masked / masked.sum(-1, keepdim=True)
    torch.testing.assert_close(causal.weights[0], renormalized[0])  # the first layer reads the same
    assert not torch.allclose(causal.weights[1:], renormalized[1:], atol=1e-3)  # the others read what was made of it


@pytest.mark.parametrize("causal", [False, True])
def test_an_encoder_with_a_vocabulary(causal):
    vocabulary = Vocabulary("abcd ")
    config = TransformerConfig(len(vocabulary), 5, d_model=8, n_heads=2, d_ff=8, n_layers=2)
    model = TransformerEncoder(config).eval()
    maps = reader(model, vocabulary).read("ab d", causal=causal)["self"]
    assert maps.keys == ("a", "b", "␣", "d") and maps.causal == causal
    ids = torch.tensor([vocabulary.encode("ab d")])
    mask = causal_mask(4, 4)[None, None] if causal else None
    torch.testing.assert_close(maps.weights, recorded(model, ids, mask))


def test_decoders_see_no_future_whatever_is_asked():
    tokenizer = ByteLevelBPE.train(TEXT, n_merges=30)
    config = LlamaConfig(tokenizer.vocab_size, 64, d_model=16, n_layers=2, n_heads=2, n_kv_heads=1, d_ff=16)
    decoder = Decoder(config, generator()).eval()
    maps = reader(decoder, tokenizer).read("the cat 고\n")["self"]
    assert maps.causal and maps.weights.triu(1).abs().max() == 0
    assert maps.keys == ("the", "␣cat", "␣", "‹EA›:고", "‹B3›:고", "‹A0›:고", "↵")
    torch.testing.assert_close(maps.weights, recorded(decoder, torch.tensor([tokenizer.encode("the cat 고\n")])))
    vocabulary = Vocabulary("abc")
    small = TransformerConfig(len(vocabulary), 5, d_model=8, n_heads=2, d_ff=8, n_layers=2)
    causal = CausalTransformer(small).eval()
    maps = reader(causal, vocabulary).read("abca")["self"]
    assert maps.causal and maps.weights.triu(1).abs().max() == 0
    assert not reader(causal, vocabulary).can_be_causal


def test_an_encoder_decoder_writes_its_own_output(task):
    config = TransformerConfig(len(task.source), len(task.target), d_model=16, n_heads=2, d_ff=16, n_layers=3)
    model = Transformer(config, generator()).eval()
    reading = reader(model, task).read("fade")
    source = task.sources([tuple("fade")])
    [best] = greedy_search(model, source, eos_id=2, max_length=task.max_length)
    writes = [*best.tokens, 2] if best.finished else best.tokens
    symbols = [task.target.symbols[one] for one in writes]
    assert reading["source"].keys == reading["encoder"].keys == tuple("fade")
    assert list(reading["source"].queries) == symbols
    assert list(reading["decoder"].keys) == ["<s>", *symbols[:-1]]
    assert reading["decoder"].causal and reading["decoder"].special == {0} and not reading["source"].causal
    with torch.no_grad(), record_attention(model) as maps:
        model(source, torch.tensor([[1, *writes[:-1]]]))
    torch.testing.assert_close(reading["encoder"].weights, torch.cat(maps[:3]))
    torch.testing.assert_close(reading["decoder"].weights, torch.cat(maps[3::2]))
    torch.testing.assert_close(reading["source"].weights, torch.cat(maps[4::2]))


def test_sentences_are_cut_into_the_tokens_of_their_task():
    tokenizer = ByteLevelBPE.train(TEXT, n_merges=20)
    vocabulary = Vocabulary(tokenizer.tokens)
    pair = Example(tokens_of(tokenizer, "the cat"), (tokens_of(tokenizer, "고양이"),))
    task = Translation(Task("words", vocabulary, vocabulary, [], [pair], {}, 12), tokenizer)
    config = TransformerConfig(len(vocabulary), len(vocabulary), d_model=8, n_heads=2, d_ff=8, n_layers=1)
    both = reader(Transformer(config).eval(), task)
    assert both.example == "the cat"
    assert both.read("the cat 고")["encoder"].keys == ("the", "␣cat", "␣", "‹EA›", "‹B3›", "‹A0›")


def test_the_example_is_a_word_that_everyone_knows_or_is_drawn_never_the_first_of_a_sorted_set(task):
    validation = [Example((letter,) * 3, (("K",),)) for letter in "abcdefgh"]
    config = TransformerConfig(len(task.source), len(task.target), d_model=16, n_heads=2, d_ff=16, n_layers=1)
    examples = {
        name: reader(Transformer(config), replace(task, name=name, validation=validation)).example
        for name in ("pronunciation", "another")
    }
    [drawn] = draw(validation, 1)
    assert examples == {"pronunciation": "knowledge", "another": "".join(drawn.source)}
    assert drawn != validation[0]


def test_an_lstm_with_attention_has_one_layer_and_one_head(task):
    config = Seq2SeqConfig(len(task.source), len(task.target), 8, 8, attention="dot")
    maps = reader(Seq2Seq(config, generator()).eval(), task).read("abcd")
    assert list(maps) == ["source"] and maps["source"].weights.shape[:2] == (1, 1)
    assert maps["source"].keys == tuple("abcd")


def test_an_lstm_without_attention_is_an_error(task):
    model = Seq2Seq(Seq2SeqConfig(len(task.source), len(task.target), 8, 8))
    with pytest.raises(ValueError, match="Seq2Seq has no attention layer"):
        reader(model, task).read("abc")


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_text_is_an_error(bert, word_pieces, text):
    with pytest.raises(ValueError, match="The text is empty"):
        reader(bert, word_pieces).read(text)


def test_a_text_of_too_many_tokens_is_an_error(bert, word_pieces, task):
    with pytest.raises(ValueError, match="The text has 129 tokens; the limit here is 128"):
        reader(bert, word_pieces).read("the " * 127)
    assert len(reader(bert, word_pieces).read("the " * 126)["self"].keys) == MAX_TOKENS


def test_what_is_not_known_is_named(bert, word_pieces, task):
    assert tokenize(word_pieces, "the 🐈").labels == ["[CLS]", "the", "[UNK]:🐈", "[SEP]"]
    config = TransformerConfig(len(task.source), len(task.target), d_model=8, n_heads=2, d_ff=8, n_layers=1)
    with pytest.raises(ValueError, match="'q', at position 2, is not known here"):
        reader(Transformer(config), task).read("aq")
    with pytest.raises(ValueError, match="EncoderBlock is not a model that this explorer knows"):
        reader(bert.blocks[0], word_pieces).read("the")
