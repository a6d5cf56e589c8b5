"""A soft prompt of real tokens' vectors is those tokens, and training it gives `peft`'s gradients."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from peft import PromptTuningConfig, TaskType, get_peft_model

from course.bert import Inputs, MaskedLanguageModel, one_sided
from course.layers.positions import SCHEMES
from course.peft import PromptTuning, attach, count, freeze
from tests.peft.prompted import CAUSAL, TOKENS, VOCAB, before, bert, put_on, text, transformer
from tests.support.bert import as_bert
from tests.support.gpt2 import as_gpt2, tiny_gpt2
from tests.support.llama import TOLERANCE, as_llama, difference, tiny_config, tiny_model
from tests.support.torch_layers import draw

N = len(TOKENS)


@pytest.mark.parametrize("name", [*CAUSAL, *SCHEMES])
@torch.no_grad()
def test_a_prompt_of_real_tokens_is_these_tokens(name):
    model, ids = CAUSAL[name]() if name in CAUSAL else transformer(name), text()
    reference = model(before(ids))
    attach(model, PromptTuning(N, TOKENS))
    assert difference(model(ids), reference[:, N:]) < TOLERANCE
    assert difference(model.next_token_logits(ids), reference[:, -1]) < TOLERANCE


@pytest.mark.parametrize("positions", ["learned", "rotary"])
@torch.no_grad()
def test_bert_reads_the_prompt_before_cls(positions):
    model, ids = bert(positions), text()
    mask = torch.ones_like(ids, dtype=torch.bool)
    mask[1, 5:] = False
    token_types = torch.zeros_like(ids)
    token_types[:, 4:] = 1
    places = torch.cat((torch.arange(5), torch.arange(4))).expand(2, -1)
    reference = {
        "alone": model(before(ids)),
        "padded": model(before(ids), F.pad(mask, (N, 0), value=True)),
        "pair": model(before(ids), None, F.pad(token_types, (N, 0))),
        "restarted": model(before(ids), None, None, torch.cat((torch.arange(N).expand(2, -1), places + N), dim=1)),
    }
    attach(model, PromptTuning(N, TOKENS))
    found = {
        "alone": model(ids),
        "padded": model(ids, mask),
        "pair": model(ids, None, token_types),
        "restarted": model(ids, None, None, places),
    }
    for name, hidden in found.items():
        assert difference(hidden, reference[name][:, N:]) < TOLERANCE, name
    assert difference(model.pool(found["alone"]), torch.tanh(model.pooler(reference["alone"][:, N]))) < TOLERANCE


def test_the_prompt_tells_no_query_what_its_mask_hides():
    model, ids = bert(), text()
    put_on(model, "prompt")
    other = ids.clone()
    other[:, 5:] = (other[:, 5:] + 1) % VOCAB
    visible = torch.ones_like(ids, dtype=torch.bool)
    left = [model(*one_sided(Inputs(each, visible, torch.zeros_like(each)), "left")) for each in (ids, other)]
    assert torch.equal(left[0][:, :5], left[1][:, :5])
    assert difference(left[0], model(ids)) > TOLERANCE


def test_what_bert_is_given_is_checked_as_it_was_given():
    model, ids = bert(), text()
    put_on(model, "prompt")
    with pytest.raises(ValueError, match="token_types has the number 2; this model knows 0 to 1"):
        model(ids, None, torch.full_like(ids, 2))
    with pytest.raises(ValueError, match="positions has the number 45; this model knows 0 to 44"):
        model(ids, None, None, torch.full_like(ids, 45))


def test_a_masked_language_model_gives_logits_of_the_text():
    model, ids = MaskedLanguageModel(bert()), text()
    freeze(model)
    reference = model(before(ids))
    attached = attach(model, PromptTuning(N, TOKENS))
    assert difference(model(ids), reference[:, N:]) < TOLERANCE
    assert count(attached) == N * 16


def test_the_first_vectors():
    model = tiny_model(tiny_gpt2())
    table = model.embedding.tokens.weight

    def first(method, seed=0):
        [part] = method.parts(model, torch.Generator().manual_seed(seed)).values()
        return part.prompt.detach()

    torch.testing.assert_close(first(PromptTuning(5, TOKENS)), table[[5, 7, 11, 5, 7]].detach())
    torch.testing.assert_close(first(PromptTuning(2, TOKENS)), table[[5, 7]].detach())
    drawn = first(PromptTuning(40))
    found = (drawn[:, None] == table).all(dim=-1)
    assert found.any(dim=-1).all() and found.any(dim=0).sum() > 20
    assert not torch.equal(drawn, first(PromptTuning(40), seed=1)) and torch.equal(drawn, first(PromptTuning(40)))
    uniform = first(PromptTuning(40, "random"))
    assert uniform.abs().max() <= 0.5 and uniform.std().item() == pytest.approx(12**-0.5, abs=0.02)
    attached = attach(model, PromptTuning(3, TOKENS))
    with torch.no_grad():
        attached.parameters()["embedding.tokens.prompt"].zero_()
    assert table[5].abs().sum() > 0  # the vectors were copied


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 0}, "length is 0; it must be 1 or more"),
        ({"start": "text"}, "no start 'text'. There are: vocabulary, random, or a list of token ids"),
        ({"start": ()}, "a text without tokens"),
    ],
)
def test_bad_numbers_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        PromptTuning(**options)


def test_a_start_that_the_model_does_not_know_changes_nothing():
    model = tiny_model(tiny_gpt2())
    modules = str(model)
    with pytest.raises(ValueError, match=f"id {VOCAB} is unknown"):
        attach(model, PromptTuning(3, (VOCAB,)))
    assert str(model) == modules


ANY = {name: make() for name, make in CAUSAL.items()}


@settings(max_examples=10)
@given(st.integers(1, 6), st.lists(st.integers(1, 4), min_size=1, max_size=5), st.sampled_from(sorted(CAUSAL)))
@torch.no_grad()
def test_any_prompt_and_any_cuts(length, sizes, name):
    model, ids = ANY[name], text(1, sum(sizes))
    prompt = [*TOKENS, *TOKENS][:length]
    whole = model(torch.cat((torch.tensor([prompt]), ids), dim=1))[:, length:]
    attached = attach(model, PromptTuning(length, TOKENS))
    try:
        cache = model.new_cache(sum(sizes))
        parts = torch.cat([model(part, cache) for part in ids.split(sizes, dim=1)], dim=1)
    finally:
        attached.off()
    assert difference(parts, whole) < TOLERANCE
    assert cache.length == cache.capacity == sum(sizes) + length


@pytest.mark.parametrize("name", ["gpt2", "llama", "bert"])
def test_peft_agrees(name):
    ids = text()
    if name == "bert":
        model, task = bert(), TaskType.FEATURE_EXTRACTION
        theirs = as_bert(model)
    else:
        model = tiny_model(tiny_gpt2() if name == "gpt2" else tiny_config())
        theirs, task = (as_gpt2 if name == "gpt2" else as_llama)(model), TaskType.CAUSAL_LM
    theirs = get_peft_model(theirs, PromptTuningConfig(task_type=task, num_virtual_tokens=4)).eval()
    attached = attach(model, PromptTuning(4))
    [prompt] = attached.parameters().values()
    their_prompt = theirs.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        prompt.copy_(their_prompt)
    mask = torch.ones_like(ids, dtype=torch.bool)
    mask[1, 6:] = False
    if name == "bert":
        reference, found = theirs(ids, attention_mask=mask.long()).last_hidden_state, model(ids, mask)
    else:
        reference, found = theirs(ids, attention_mask=mask.long()).logits, model(ids)
    toward = draw(*found.shape) * mask[..., None]
    assert difference(found * mask[..., None], reference[:, 4:] * mask[..., None]) < TOLERANCE
    (found * toward).sum().backward()
    (reference[:, 4:] * toward).sum().backward()
    assert difference(prompt.grad, their_prompt.grad) < TOLERANCE
