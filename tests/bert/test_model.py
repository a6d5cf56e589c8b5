"""Our BERT agrees with `transformers`' BertModel: tiny random models, and the real weights of all-MiniLM-L6-v2."""

import dataclasses
import json
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers import BertConfig as TheirConfig
from transformers import BertModel

from course.bert import Bert, BertConfig, encode_batch, mean_states, sentence_embeddings, sentence_ids
from course.data import path
from course.layers.attention import record_attention
from course.pretrained import load
from course.pretrained.bert_files import our_name, read_bert
from course.tokenization import WordPiece
from course.tokenization.wordpiece import SPECIAL_TOKENS
from tests.support.bert import as_bert
from tests.support.llama import TOLERANCE, difference
from tests.support.torch_layers import disturb, draw

SENTENCES = [
    "The animal didn't cross the street because it was too tired.",
    "Attention.",
    "A man is eating a piece of bread, and 헤드 look at every token from both sides at once!",
]
TINY = [
    BertConfig(vocab_size=61, context_length=20, d_model=8 * heads, n_layers=layers, n_heads=heads, d_ff=20 + layers)
    for layers, heads in [(1, 1), (2, 4), (3, 3), (2, 6), (4, 2)]
]


def compare(model: Bert, theirs: BertModel, ids: Tensor, mask: Tensor | None, token_types: Tensor | None) -> None:
    """Hidden states, pooled output, every attention map, and every gradient."""
    reference = theirs(
        ids,
        attention_mask=None if mask is None else mask.long(),
        token_type_ids=token_types,
        output_attentions=True,
    )
    with record_attention(model) as maps:
        recorded = model(ids, mask, token_types)
    hidden = model(ids, mask, token_types)
    assert difference(recorded, reference.last_hidden_state) < TOLERANCE
    assert difference(hidden, reference.last_hidden_state) < TOLERANCE
    assert difference(model.pool(hidden), reference.pooler_output) < TOLERANCE
    assert len(maps) == len(reference.attentions)
    for weights, expected in zip(maps, reference.attentions, strict=True):
        assert difference(weights, expected) < TOLERANCE

    visible = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask
    toward, pooled_toward = draw(*hidden.shape) * visible[..., None], draw(*hidden[:, 0].shape, seed=1)
    ((hidden * toward).sum() + (model.pool(hidden) * pooled_toward).sum()).backward()
    ((reference.last_hidden_state * toward).sum() + (reference.pooler_output * pooled_toward).sum()).backward()
    ours = dict(model.named_parameters())
    their_parameters = dict(theirs.named_parameters())
    assert {our_name(name) for name in their_parameters} == ours.keys()
    largest = max(parameter.grad.abs().max() for parameter in their_parameters.values())
    for name, parameter in their_parameters.items():
        # A key's bias moves all scores of a query alike: its gradient is nothing but rounding.
        scale = largest if name.endswith("key.bias") else parameter.grad.abs().max()
        assert (ours[our_name(name)].grad - parameter.grad).abs().max() / scale < TOLERANCE, name


@pytest.mark.parametrize("config", TINY, ids=lambda config: f"{config.n_layers}x{config.n_heads}")
@pytest.mark.parametrize("padded", [False, True])
def test_tiny_models_equal_transformers(config, padded):
    model = disturb(Bert(config)).eval()
    ids = torch.randint(61, (3, 13), generator=torch.Generator().manual_seed(1))
    token_types = (torch.arange(13) > 6).long().expand(3, -1).contiguous()
    mask = torch.arange(13) < torch.tensor([[13], [5], [1]]) if padded else None
    compare(model, as_bert(model), ids, mask, token_types)


@pytest.fixture(scope="module")
def minilm():
    return load("minilm")


@pytest.mark.slow
def test_the_real_weights_equal_transformers(minilm):
    model, tokenizer = minilm
    config = TheirConfig.from_json_file(path("minilm-config"))
    theirs = BertModel.from_pretrained(path("minilm-weights").parent, config=config, attn_implementation="eager").eval()
    theirs.get_input_embeddings().padding_idx = None  # else [PAD] gets no gradient
    ids, mask = encode_batch(tokenizer, SENTENCES)
    for name, weight in theirs.named_parameters():
        assert torch.equal(dict(model.named_parameters())[our_name(name)], weight), name
    compare(model, theirs, ids, mask, None)
    model.zero_grad()


def test_a_row_of_padding_alone_has_no_vector():
    hidden, mask = torch.ones(3, 4, 8), torch.ones(3, 4, dtype=torch.bool)
    mask[1] = False
    with pytest.raises(ValueError, match="Row 1 is all padding"):
        sentence_embeddings(hidden, mask)


def test_sentences_of_one_meaning_are_near_each_other(minilm):
    model, tokenizer = minilm
    texts = [
        "A man is eating food.",
        "A man is eating a piece of bread.",
        "The girl is carrying a baby.",
        "Paris is the capital of France.",
    ]
    ids, mask = encode_batch(tokenizer, texts)
    with torch.no_grad():
        vectors = sentence_embeddings(model(ids, mask), mask)
    torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(4))
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > 0.7 and likeness[0, 2:].max() < 0.3
    for row, text in enumerate(texts):  # alone, without padding
        alone, alone_mask = encode_batch(tokenizer, [text])
        with torch.no_grad():
            vector = sentence_embeddings(model(alone, alone_mask), alone_mask)
        torch.testing.assert_close(vector[0], vectors[row], atol=1e-5, rtol=0)


def test_a_batch_of_texts(minilm):
    _model, tokenizer = minilm
    ids, mask = encode_batch(tokenizer, ["Attention is all.", "", "a [SEP] b"])
    tokens = [[tokenizer.tokens[id] for id in row] for row in ids.tolist()]
    assert tokens[0] == ["[CLS]", "attention", "is", "all", ".", "[SEP]", "[PAD]"]
    assert tokens[1] == ["[CLS]", "[SEP]"] + ["[PAD]"] * 5
    assert tokens[2] == ["[CLS]", "a", "[", "sep", "]", "b", "[SEP]"], "a typed mark is text"
    assert mask.sum(dim=1).tolist() == [6, 2, 7]
    with pytest.raises(ValueError, match="no text"):
        encode_batch(tokenizer, [])


@given(st.integers(1, 6))
def test_padding_changes_nothing(extra):
    model = disturb(Bert(TINY[1])).eval()
    ids = torch.randint(61, (2, 9), generator=torch.Generator().manual_seed(1))
    mask = torch.arange(9 + extra)[None].expand(2, -1) < 9
    for filling in (0, 7):
        padded = model(F.pad(ids, (0, extra), value=filling), mask)
        torch.testing.assert_close(padded[:, :9], model(ids), atol=1e-5, rtol=1e-5)


def test_it_reads_both_sides():
    model = disturb(Bert(TINY[1])).eval()
    ids = torch.randint(61, (1, 9), generator=torch.Generator().manual_seed(1))
    changed = ids.clone()
    changed[0, 8] = (changed[0, 8] + 1) % 61
    assert not torch.allclose(model(ids)[0, 0], model(changed)[0, 0], atol=1e-3)


ROTARY = dataclasses.replace(TINY[1], positions="rotary")


@given(st.integers(0, 11))
def test_rotary_positions_act_by_their_distances_alone(shift):
    model = disturb(Bert(ROTARY)).eval()
    ids = torch.randint(61, (2, 9), generator=torch.Generator().manual_seed(1))
    places = torch.arange(9).expand(2, -1)
    torch.testing.assert_close(model(ids, positions=places + shift), model(ids), atol=1e-5, rtol=1e-5)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(shift))
    moved = model(ids[:, order], positions=places[:, order])
    torch.testing.assert_close(moved, model(ids)[:, order], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(model(ids[:, order]), moved, atol=1e-3) or torch.equal(order, torch.arange(9))


def test_each_row_has_places_of_its_own():
    model = disturb(Bert(ROTARY)).eval()
    ids = torch.randint(61, (2, 6), generator=torch.Generator().manual_seed(1))
    places = torch.tensor([[0, 1, 2, 3, 4, 5], [0, 1, 2, 0, 1, 2]])
    together = model(ids, positions=places)
    for number in range(2):
        alone = model(ids[number : number + 1], positions=places[number : number + 1])
        torch.testing.assert_close(together[number : number + 1], alone, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(together[1], model(ids)[1], atol=1e-3)


def test_the_generator_decides_the_first_weights_and_dropout_acts_in_training():
    one, same = (Bert(TINY[1], torch.Generator().manual_seed(3)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert one.embedding.tokens.weight.std().item() == pytest.approx(0.02, rel=0.1)
    ids = torch.tensor([[1, 2, 3]])
    assert not torch.equal(one(ids), one(ids))
    assert torch.equal(one.eval()(ids), one(ids))
    rates = {module.p for module in one.modules() if isinstance(module, torch.nn.Dropout)}
    assert rates == {0.1} and one.blocks[0].attention.attention.dropout == 0.1


def test_inputs_and_sizes_that_do_not_fit():
    model = Bert(TINY[0])
    with pytest.raises(ValueError, match="id 61 is unknown"):
        model(torch.tensor([[61]]))
    with pytest.raises(ValueError, match="21 tokens are more than the model's context of 20"):
        model(torch.zeros(1, 21, dtype=torch.long))
    with pytest.raises(ValueError, match="d_model 10 makes no 4 heads"):
        BertConfig(vocab_size=5, context_length=5, d_model=10, n_layers=1, n_heads=4, d_ff=4)
    with pytest.raises(ValueError, match="A BERT has no positions 'alibi'"):
        dataclasses.replace(TINY[1], positions="alibi")
    with pytest.raises(ValueError, match="makes no 4 heads of an even size"):
        BertConfig(vocab_size=5, context_length=5, d_model=12, n_layers=1, n_heads=4, d_ff=4, positions="rotary")
    with pytest.raises(ValueError, match="n_layers is 0"):
        BertConfig(vocab_size=5, context_length=5, d_model=8, n_layers=0, n_heads=4, d_ff=4)


@pytest.mark.parametrize(
    ("name", "value"), [("hidden_act", "gelu_new"), ("position_embedding_type", "relative_key"), ("model_type", "gpt2")]
)
def test_a_model_of_another_kind_is_refused(tmp_path, name, value):
    settings = json.loads(path("minilm-config").read_text(encoding="utf-8")) | {name: value}
    file = tmp_path / "config.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(ValueError, match=f"{name} is '{value}'"):
        read_bert(file, path("minilm-weights"))


def test_every_parameter_has_a_name_of_its_own():
    names = [our_name(name) for name, _weight in as_bert(Bert(TINY[1])).named_parameters()]
    assert all(one != another for one, another in pairwise(sorted(names)))


def test_the_mean_is_over_the_tokens_and_its_direction_is_the_embedding():
    hidden, mask = torch.randn(2, 3, 4), torch.tensor([[True, True, False], [True, True, True]])
    means = mean_states(hidden, mask)
    torch.testing.assert_close(means, torch.stack([hidden[0, :2].mean(dim=0), hidden[1].mean(dim=0)]))
    torch.testing.assert_close(sentence_embeddings(hidden, mask), means / means.norm(dim=1, keepdim=True))


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    "config", [TINY[0], dataclasses.replace(TINY[0], positions="rotary")], ids=["learned", "rotary"]
)
@pytest.mark.parametrize(("name", "n"), [("token_types", 2), ("positions", 20)])
def test_token_types_and_positions_that_do_not_fit(config, name, n):
    """An embedding says "index out of range in self", on a GPU it ends the process, and -1 is another's last row."""
    model, ids = Bert(config).eval(), torch.tensor([[1, 2, 3], [4, 5, 6]])
    for wrong in (n, -1):
        with pytest.raises(ValueError, match=f"{name} has the number {wrong}; this model knows 0 to {n - 1}"):
            model(ids, **{name: torch.full_like(ids, wrong)})
    for shape in ((3, 3), (2, 1), (1, 3), (3,), (2, 2)):
        with pytest.raises(ValueError, match=rf"{name} has the shape \({shape[0]},"):
            model(ids, **{name: torch.zeros(shape, dtype=torch.long)})
    for kind in (torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.bool), [[0, 0, 0]] * 2):
        with pytest.raises(TypeError, match=f"{name} must be a tensor of whole numbers"):
            model(ids, **{name: kind})
    assert model(ids, **{name: torch.full_like(ids, n - 1)}).shape == (2, 3, 8)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_mask_of_another_shape():
    model, ids = Bert(TINY[0]).eval(), torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    for mask in (torch.ones(3, dtype=torch.bool), torch.ones(3, 1, 1, 3, dtype=torch.bool)):
        with pytest.raises(ValueError, match="The attention mask has the shape"):
            model(ids, mask)
    hidden, mask = torch.randn(2, 3, 4), torch.ones(2, 3, dtype=torch.bool)
    for wrong in (mask[:1], mask[:, :2], mask[:, None].expand(2, 3, 3)):
        with pytest.raises(ValueError, match="The attention mask has the shape"):
            mean_states(hidden, wrong)


def test_one_text_is_not_a_list_of_its_characters():
    tokenizer = WordPiece([*SPECIAL_TOKENS, "a", "##b"])
    with pytest.raises(TypeError, match="put it into a list"):
        encode_batch(tokenizer, "ab")
    with pytest.raises(TypeError, match="put it into a list"):
        sentence_ids("ab", tokenizer)


@pytest.mark.parametrize("filling", [float("nan"), float("inf")])
def test_whatever_is_in_the_padding_is_not_in_the_mean(filling):
    hidden, mask = torch.randn(2, 3, 4), torch.tensor([[True, True, False], [True, True, True]])
    filled = hidden.masked_fill(~mask[..., None], filling)
    torch.testing.assert_close(mean_states(filled, mask), mean_states(hidden, mask))
