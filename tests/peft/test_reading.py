"""What is read beside the text takes no part in how a text is cut, padded, cached or continued, and leaves no trace."""

import copy
import io
import pickle
import re

import pytest
import torch

from course.decoding import beam_search, generate, greedy_search, left_pad, sample
from course.fine_tuning import predict_logits
from course.interpretability.contributions import integrated_gradients
from course.interpretability.coreference import noun_attention
from course.interpretability.induction import induction_scores
from course.interpretability.kept_prefix import KeptPrefix
from course.interpretability.whole_pass import read_pass
from course.layers.attention import record_attention
from course.peft import LLaMAAdapter, LoRA, PrefixTuning, PromptTuning, attach, count, freeze
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.transformer import Transformer, TransformerConfig
from course.viz.attention_explorer.readers import TextReader
from tests.fine_tuning.conftest import classifiers, tokenizer  # noqa: F401 (fixtures)
from tests.peft.prompted import CAUSAL, CONTEXT, METHODS, MODELS, TOKENS, VOCAB, bert, put_on, read, text
from tests.support.llama import TOLERANCE, difference, tiny_config, tiny_model
from tests.support.other_device import OTHER, here, other_device, there

each_method = pytest.mark.parametrize("method", METHODS)
each_causal = pytest.mark.parametrize("name", CAUSAL)


def alike(ours, reference):
    return difference(ours, reference) < TOLERANCE


@each_causal
@each_method
@torch.no_grad()
def test_padding_before_a_row_and_cuts_through_it_change_nothing(name, method):
    model = CAUSAL[name]()
    bare = model(text())
    put_on(model, method)
    rows = [text(1, 9)[0].tolist(), text(1, 5, seed=1)[0].tolist(), text(1, 2, seed=2)[0].tolist()]
    ids, padding = left_pad(rows)
    alone = [model(torch.tensor([row]))[0] for row in rows]
    assert not alike(model(text()), bare)

    def agrees(logits):
        return all(alike(found[-len(row) :], one) for found, row, one in zip(logits, rows, alone, strict=True))

    assert agrees(model(ids, padding=padding))
    for sizes in ((9,), (1,) * 9, (2, 3, 4), (8, 1)):  # the third row's first cuts hold nothing but padding
        cache = model.new_cache(9, 3, padding=padding)
        assert agrees(torch.cat([model(part, cache) for part in ids.split(sizes, dim=1)], dim=1)), sizes
    chosen = cache.select(torch.tensor([2, 0]))
    assert chosen.length == cache.length and (chosen.padding == padding[[2, 0]]).all()


@each_causal
@each_method
def test_generation(name, method):
    model = CAUSAL[name]()
    put_on(model, method)
    rows = [text(1, 6)[0].tolist(), text(1, 3, seed=1)[0].tolist()]
    ids, padding = left_pad(rows)
    limits = {"eos_id": None, "max_length": 4}
    found = [each.tokens for each in greedy_search(model, ids, padding=padding, **limits)]
    for row, tokens in zip(rows, found, strict=True):
        for use_cache in (True, False):
            assert [step.token for step in generate(model, row, 4, use_cache=use_cache)] == tokens
    assert [beams[0].tokens for beams in beam_search(model, ids, beam_size=1, padding=padding, **limits)] == found
    drawn = sample(model, ids, padding=padding, n_samples=2, generator=torch.Generator().manual_seed(0), **limits)
    again = sample(
        model, ids[:1], padding=padding[:1], n_samples=2, generator=torch.Generator().manual_seed(0), **limits
    )
    assert drawn.tokens.shape == (4, 4) and again.tokens.shape == (2, 4)
    with torch.no_grad():
        whole = model(torch.cat((ids[:1].repeat(2, 1), again.tokens), dim=1)).log_softmax(dim=-1)[:, 5:-1]
    assert alike(again.log_probabilities, whole.gather(2, again.tokens[..., None])[..., 0])


@pytest.mark.parametrize("name", MODELS)
@each_method
def test_the_model_is_left_as_it_was(name, method):
    model, ids = MODELS[name](), text()
    modules, attributes = str(model), {key for key in vars(model) if not key.startswith("_")}
    weights = {key: value.clone() for key, value in model.state_dict().items()}
    before = read(model, ids)
    attached = put_on(model, method)
    on = read(model, ids)
    for _time in range(10):
        attached.off()
        assert torch.equal(read(model, ids), before)
        attached.on()
        attached.on()
    assert torch.equal(read(model, ids), on)
    attached.off()
    attached.off()
    assert str(model) == modules and {key for key in vars(model) if not key.startswith("_")} == attributes
    assert all(torch.equal(value, weights[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize("name", MODELS)
@each_method
def test_a_copy_of_the_model_has_the_method_on_it(name, method):
    model, ids = MODELS[name](), text()
    attached = put_on(model, method)
    on = read(model, ids)
    other, theirs = copy.deepcopy((model, attached))
    alone = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in attached.parameters().values():
            parameter.zero_()
    assert not alike(read(model, ids), on)
    assert torch.equal(read(other, ids), on) and torch.equal(read(alone, ids), on)
    theirs.off()
    attached.off()
    assert torch.equal(read(other, ids), read(model, ids))


@pytest.mark.parametrize("name", MODELS)
@each_method
def test_the_methods_own_numbers_are_trained_and_no_others(name, method):
    model = MODELS[name]()
    freeze(model)
    attached = put_on(model, method)
    assert {parameter for parameter in model.parameters() if parameter.requires_grad} == set(
        attached.parameters().values()
    )
    read(model.train(), text()).pow(2).mean().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in attached.parameters().values())
    assert count(attached) == sum(each.numel() for each in attached.state().values())


@pytest.mark.parametrize("name", ["gpt2", "llama", "bert"])
@each_method
def test_what_is_put_on_has_the_models_precision(name, method):
    model = MODELS[name]().double()
    attached = put_on(model, method)
    assert {each.dtype for each in attached.state().values()} == {torch.float64}
    assert read(model, text()).dtype is torch.float64


@pytest.mark.parametrize("name", ["llama", "alibi", "bert"])
@each_method
def test_another_device(name, method):
    model, ids = MODELS[name](), text()
    put_on(model, method)
    expected = read(model, ids)
    padded = None if name == "bert" else model(ids, padding=torch.tensor([0, 3]))
    with other_device():
        other = there(model)
        found = read(other, there(ids))
        assert found.device == OTHER and alike(here(found), expected)
        if padded is not None:
            assert alike(here(other(there(ids), padding=there(torch.tensor([0, 3])))), padded)


@pytest.mark.parametrize("name", MODELS)
@each_method
@torch.no_grad()
def test_attention_can_be_watched(name, method):
    model, ids = MODELS[name](), text()
    put_on(model, method)
    on = read(model, ids)
    with record_attention(model) as maps:
        assert alike(read(model, ids), on)
    shape = {"prompt": (12, 12), "prefix": (9, 12), "computed prefix": (9, 12)}.get(method, (9, 9))
    for weights in maps:
        assert weights.shape[2:] == shape
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(weights.shape[:3]))
        if "prefix" in method:
            assert (weights[..., :3] > 0).all()  # no mask and no window hides it


@each_method
def test_a_mask_of_ones_own_hides_no_more_than_it_says(method):
    model, ids = tiny_model(tiny_config()), text()
    put_on(model, method)
    hidden = ids.clone()
    hidden[:, 2] = (hidden[:, 2] + 1) % VOCAB
    mask = torch.ones(1, 1, 9, 9, dtype=torch.bool)
    assert alike(model.hidden_states(ids, None, mask), model.hidden_states(ids))
    mask[..., 3:, 2] = False
    seen = [model.hidden_states(each, None, mask)[:, 3:] for each in (ids, hidden)]
    assert torch.equal(*seen) and not alike(seen[0], model.hidden_states(ids)[:, 3:])
    one_row = torch.ones(1, 1, 1, 9, dtype=torch.bool)
    assert alike(model.hidden_states(ids, None, one_row), model.hidden_states(ids))
    padding = torch.tensor([0, 4])
    of_text = (torch.arange(9) >= padding[:, None])[:, None, None] | torch.eye(9, dtype=torch.bool)
    found, without = (model.hidden_states(ids, None, each, padding=padding)[:, 4:] for each in (of_text, None))
    assert alike(found, without)


@pytest.mark.parametrize("name", MODELS)
@each_method
def test_the_room_for_text(name, method):
    model = MODELS[name]()
    put_on(model, method)
    taken = 0 if "adapter" in method else 3
    room = CONTEXT - taken
    read(model, text(length=room))
    message = f"{room + 1} tokens are more than " + (
        f"{room}: .*3 places" if taken else f"the model's context of {room}"
    )
    with pytest.raises(ValueError, match=message):
        read(model, text(length=room + 1))
    if name in CAUSAL:
        assert len(list(generate(model, [1] * (room - 1), 1))) == 1
        with pytest.raises(ValueError, match=f"more than .*{room}"):
            generate(model, [1] * (room - 1), 2)
        cache = model.new_cache(room + 1)
        model(text(1, room), cache)
        with pytest.raises(ValueError, match=f"more than .*{room}"):
            model(text(1, 1), cache)


@each_method
def test_unknown_ids_are_unknown_with_a_prompt_too(method):
    for model in (tiny_model(tiny_config()), bert()):
        put_on(model, method)
        with pytest.raises(ValueError, match=f"id {VOCAB} is unknown.* 0 to {VOCAB - 1}"):
            read(model, torch.tensor([[VOCAB]]))
        with pytest.raises(ValueError, match=re.escape("(batch, position)")):
            read(model, torch.zeros(1, 0, dtype=torch.long))


def test_padding_leaves_one_token_of_the_text():
    model = tiny_model(tiny_config())
    put_on(model, "prompt")
    with pytest.raises(ValueError, match="Row 0 has 4 places and padding of 4"):
        model(text(1, 4), padding=torch.tensor([4]))


@torch.no_grad()
def logits(model, text, *others):
    """Those of a text, or of its words, in a batch with others that are longer."""
    found = model(model.inputs([text, *others]))[0]
    return found if isinstance(text, str) else found[: len(model.row(text).ids)]


@each_method
def test_classifiers(classifiers, method):  # noqa: F811
    for name, model in copy.deepcopy(classifiers).items():
        words = ["a", "great", "film"]
        text, longer, long = words, words * 2, words * 30
        if name != "token":
            text, longer, long = (" ".join(each) for each in (text, longer, long))
        limit, before = model.limit, logits(model, text)
        attached = put_on(model, method)
        assert model.limit == limit - (0 if "adapter" in method else 3)
        assert not alike(logits(model, text), before)
        torch.testing.assert_close(logits(model, text, longer), logits(model, text), atol=1e-5, rtol=1e-4)
        logits(model, long)
        attached.off()
        assert model.limit == limit and torch.equal(logits(model, text), before)
        model.limit = 5
        attached.on()
        assert model.limit == 5


def test_a_shorter_limit_of_ones_own_stays(classifiers):  # noqa: F811
    model = copy.deepcopy(classifiers["sentence-mean"])
    model.limit = 7
    attached = attach(model, PromptTuning(3))
    assert model.limit == 7
    attached.off()
    assert model.limit == 7


@pytest.mark.parametrize("method", ["prompt", "prefix", "adapter"])
def test_integrated_gradients_with_something_before_the_text(classifiers, method):  # noqa: F811
    for name in ("sentence-mean", "decoder-llama"):
        model = copy.deepcopy(classifiers[name])
        put_on(model, method)
        found = integrated_gradients(model, "a great and dull film", "good")
        logits = predict_logits(model, ["a great and dull film"])[0]
        assert found.text_score == pytest.approx((logits[1] - logits[0]).item(), abs=1e-4)
        assert found.sum_gap == pytest.approx(0, abs=2e-2)


@pytest.mark.parametrize("method", ["prompt", "prefix", "adapter"])
def test_what_shows_the_texts_positions_alone_refuses(tokenizer, method):  # noqa: F811
    model, encoder = tiny_model(tiny_config()), bert()
    attached = [put_on(each, method) for each in (model, encoder)]
    looks = [
        lambda: KeptPrefix(model).read([1, 2, 3]),
        lambda: read_pass(model, torch.tensor([1, 2, 3])),
        lambda: induction_scores(model, torch.tensor([[1, 2, 3, 2, 3]]), 2),
        lambda: noun_attention(encoder, tokenizer, []),
        lambda: TextReader(encoder, tokenizer).read("a film"),
    ]
    for look in looks:
        with pytest.raises(ValueError, match=r"sees more than the text: it has .* on it\. Take it off"):
            look()
    for each in attached:
        each.off()
    for look in (looks[0], looks[1], looks[2], looks[4]):
        look()


def test_one_method_at_a_time_changes_how_a_text_is_read():
    ids = text()
    for name, (first, second) in {
        "llama": (PromptTuning(3), PrefixTuning(3)),
        "gpt2": (PrefixTuning(3), PromptTuning(3)),
        "bert": (PrefixTuning(3), PromptTuning(3)),
        "alibi": (LLaMAAdapter(3), PromptTuning(3)),
    }.items():
        model = MODELS[name]()
        attached = attach(model, first)
        before, modules = read(model, ids), str(model)
        with pytest.raises(ValueError, match=r"Another method already changes how .* reads a text\. Take that off"):
            attach(model, second)
        with pytest.raises(ValueError, match="already has a"):
            attach(model, first)
        assert str(model) == modules and torch.equal(read(model, ids), before)
        attached.off()
        attach(model, second).off()


@pytest.mark.parametrize("name", ["gpt2", "llama", "bert"])
@each_method
def test_lora_beside(name, method):
    model, ids = MODELS[name](), text()
    bare = read(model, ids)
    lora = attach(model, LoRA(2))
    with torch.no_grad():
        for parameter in lora.parameters().values():
            parameter.add_(0.3)
    alone = read(model, ids)
    attached = put_on(model, method)
    assert not alike(read(model, ids), alone)
    lora.off()
    attached.off()
    assert torch.equal(read(model, ids), bare)


def test_what_no_method_fits_is_named():
    model = tiny_model(tiny_config())
    sizes = {"d_model": 16, "n_heads": 2, "d_ff": 24, "n_layers": 1}
    for method in (PromptTuning(3), PrefixTuning(3), LLaMAAdapter(3)):
        for other in (Transformer(TransformerConfig(9, 9, **sizes)), Seq2Seq(Seq2SeqConfig(9, 9, 5, 6))):
            with pytest.raises(ValueError, match="has no place for a prompt"):
                attach(other, method)
    for method in (PromptTuning(CONTEXT), PrefixTuning(CONTEXT)):
        with pytest.raises(ValueError, match=f"A prompt of {CONTEXT} places leaves none of the model's {CONTEXT}"):
            attach(model, method)
    attach(model, PromptTuning(CONTEXT - 1))
    read(model, torch.tensor([list(TOKENS[:1])]))


@pytest.mark.parametrize("name", MODELS)
@each_method
def test_a_model_that_was_pickled_has_the_method_on_it(name, method):
    model, ids = MODELS[name](), text()
    attached = put_on(model, method)
    on = read(model, ids)
    other, theirs = pickle.loads(pickle.dumps((model, attached)))
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    alone = torch.load(file, weights_only=False)
    assert torch.equal(read(other, ids), on) and torch.equal(read(alone, ids), on)
    theirs.off()
    attached.off()
    assert torch.equal(read(other, ids), read(model, ids)) and torch.equal(read(alone, ids), on)
