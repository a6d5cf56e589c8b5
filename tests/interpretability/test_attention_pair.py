"""The steps of a pair lead to the weight that the model used, for every kind of attention in the course."""

import math

import pytest
import torch
from torch import nn

from course.bert import Bert, BertConfig
from course.gpt import Decoder, LlamaConfig
from course.interpretability.attention_pair import pair_steps, record_attention_inputs
from course.layers.attention import record_attention
from course.seq2seq import SCORES, Seq2Seq, Seq2SeqConfig
from course.transformer import CausalTransformer, Transformer, TransformerConfig

IDS = torch.tensor([[3, 7, 5, 9, 4, 7]])
SIZES = {"d_model": 16, "n_heads": 4, "d_ff": 16, "n_layers": 2}


def loud(model):
    """Far from uniform."""
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) / 2
    return model.eval()


def transformer(scheme):
    return lambda: (Transformer(TransformerConfig(12, 12, positions=scheme, **SIZES)), (IDS, IDS[:, :4]))


MODELS = {
    "bert": lambda: (Bert(BertConfig(12, 9, d_model=16, n_layers=2, n_heads=4, d_ff=16)), (IDS,)),
    "grouped heads, rotary": lambda: (
        Decoder(LlamaConfig(12, 9, d_model=16, n_layers=2, n_heads=4, n_kv_heads=2, d_ff=16)),
        (IDS,),
    ),
    "decoder, ALiBi": lambda: (CausalTransformer(TransformerConfig(12, 12, positions="alibi", **SIZES)), (IDS,)),
    "encoder–decoder": transformer("sinusoidal"),
    "encoder–decoder, ALiBi": transformer("alibi"),
    **{
        f"lstm, {score}": lambda score=score: (
            Seq2Seq(Seq2SeqConfig(12, 12, 8, 16, attention=score)),
            (IDS, IDS[:, :4]),
        )
        for score in SCORES
    },
}


@pytest.fixture(params=MODELS)
def watched(request):
    """The recorded weights and inputs of every attention layer of a model."""
    model, inputs = MODELS[request.param]()
    with torch.no_grad(), record_attention(model := loud(model)) as maps, record_attention_inputs(model) as layers:
        model(*inputs)
    return maps, layers


def test_the_steps_lead_to_the_weight_that_was_used(watched):
    maps, layers = watched
    assert len(maps) == len(layers) > 0
    for recorded, inputs in zip(maps, layers, strict=True):
        _batch, n_heads, n_queries, n_keys = recorded.shape
        for head in range(n_heads):
            for query in range(n_queries):
                for key in range(n_keys):
                    steps = pair_steps(inputs, head, query, key)
                    assert steps.weight == pytest.approx(recorded[0, head, query, key].item(), abs=1e-5)
                    if steps.weight:
                        assert steps.terms.sum() / steps.divisor + steps.bias == pytest.approx(steps.score, abs=1e-9)
                        assert steps.exponential / steps.total == pytest.approx(steps.weight, abs=1e-9)


def test_what_the_values_add_is_the_output_of_the_head():
    model = loud(Decoder(LlamaConfig(12, 9, 16, n_layers=1, n_heads=4, n_kv_heads=2, d_ff=16)))
    outputs = []
    model.blocks[0].attention.output.register_forward_pre_hook(lambda _layer, inputs: outputs.append(inputs[0]))
    with torch.no_grad(), record_attention_inputs(model) as layers:
        model(IDS)
    joined = outputs[0][0].view(6, 4, 4)  # position, head, d_head
    for head in range(4):
        steps = [pair_steps(layers[0], head, 5, key) for key in range(6)]
        torch.testing.assert_close(steps[0].output.float(), joined[5, head], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(sum(one.weighted for one in steps), steps[0].output)
        assert sum(one.share for one in steps) == pytest.approx(1)
        assert sorted(one.rank for one in steps) == [1, 2, 3, 4, 5, 6]
        assert max(steps, key=lambda one: one.weight).rank == 1


def test_a_masked_key_has_no_weight_and_no_score():
    model = loud(Decoder(LlamaConfig(12, 9, 16, n_layers=1, n_heads=4, n_kv_heads=2, d_ff=16)))
    with torch.no_grad(), record_attention_inputs(model) as layers:
        model(IDS)
    steps = pair_steps(layers[0], 1, 2, 4)
    assert steps.score == -math.inf and steps.weight == steps.share == 0 and steps.terms.abs().sum() > 0
    assert (steps.scores > -math.inf).tolist() == [True, True, True, False, False, False]


def test_only_the_scores_that_multiply_have_terms_of_query_and_key():
    for score, own in {"dot": True, "scaled_dot": True, "general": True, "additive": False}.items():
        model = loud(Seq2Seq(Seq2SeqConfig(12, 12, 8, 16, attention=score)))
        with torch.no_grad(), record_attention_inputs(model) as layers:
            model(IDS, IDS[:, :4])
        steps = pair_steps(layers[0], 0, 1, 2)
        assert torch.allclose(steps.terms, steps.query * steps.key) == own
        assert steps.divisor == (4 if score == "scaled_dot" else 1)


def test_a_model_without_attention_is_an_error_and_no_hook_stays():
    with pytest.raises(ValueError, match="Linear has no attention layer"), record_attention_inputs(nn.Linear(2, 2)):
        pass
    model = Decoder(LlamaConfig(12, 9, 16, n_layers=1, n_heads=4, n_kv_heads=2, d_ff=16))
    with pytest.raises(ZeroDivisionError), record_attention_inputs(model):
        1 / 0  # noqa: B018
    assert not any(module._forward_pre_hooks for module in model.modules())


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((4, 0, 0), "head is 4; there are 4, counted from 0"),
        ((0, 6, 0), "query is 6; there are 6"),
        ((0, 0, -1), "key is -1; it must be 0 or more"),
        ((0, 1.0, 0), r"query is 1\.0; it must be a whole number"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_place_that_is_not_there(place, message):
    model, inputs = MODELS["grouped heads, rotary"]()
    with torch.no_grad(), record_attention_inputs(model) as layers:
        model(*inputs)
    with pytest.raises(ValueError, match=message):
        pair_steps(layers[0], *place)
