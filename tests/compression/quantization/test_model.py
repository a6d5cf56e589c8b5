"""`quantize(model)`: what it replaces, what it shares, what it leaves alone, and how large and fast it is."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import nn

from course.compression.quantization import (
    INT4,
    INT8,
    Q4_1,
    QuantizedEmbedding,
    QuantizedLinear,
    Scheme,
    file_bytes,
    largest_that_fits,
    memory_bytes,
    quantize,
)
from course.decoding import generate
from course.gpt import Decoder, LlamaConfig
from tests.support.adapted import tiny_bert


def tiny(*, tied: bool = True) -> Decoder:
    config = LlamaConfig(
        vocab_size=50, context_length=64, d_model=32, n_layers=2, n_heads=4, n_kv_heads=2, d_ff=48, tied=tied
    )
    return Decoder(config, torch.Generator().manual_seed(0)).eval()


def test_every_linear_layer_is_replaced_in_a_copy():
    model = tiny()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    rounded = quantize(model)
    assert sum(isinstance(module, QuantizedLinear) for module in rounded.modules()) == 2 * 7 + 1
    assert not any(isinstance(module, nn.Linear) for module in rounded.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert not any(parameter.requires_grad for parameter in rounded.parameters())
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("scheme", [INT8, Scheme(8, weights_only=True)], ids=str)
def test_the_logits_stay_close(scheme: Scheme):
    model = tiny()
    ids = torch.randint(50, (2, 9), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = model(ids)
        assert (quantize(model, scheme)(ids) - expected).norm() / expected.norm() < 0.05


def test_a_tied_matrix_is_rounded_once():
    rounded = quantize(tiny())
    table = rounded.embedding.tokens
    assert isinstance(table, QuantizedEmbedding)
    assert table.matrix is rounded.output.matrix
    ids = torch.tensor([[3, 7]])
    assert torch.equal(table(ids), rounded.output.weight[ids])
    assert memory_bytes(quantize(tiny(tied=False))) > memory_bytes(rounded)


def test_tables_that_are_tied_to_nothing_are_rounded_when_asked():
    model = tiny(tied=False)
    assert isinstance(quantize(model).embedding.tokens, nn.Embedding)
    rounded = quantize(model, INT4, embeddings=True)
    assert isinstance(rounded.embedding.tokens, QuantizedEmbedding)
    assert rounded.embedding.tokens.matrix is not rounded.output.matrix
    assert rounded.embedding.tokens(torch.tensor([[1, 2, 3]])).shape == (1, 3, 32)


def test_what_is_skipped_stays_and_so_does_what_is_tied_to_it():
    rounded = quantize(tiny(), skip=("output", "blocks.0.attention.query"))
    assert isinstance(rounded.output, nn.Linear)  # and with it each block's attention.output
    assert isinstance(rounded.blocks[1].attention.output, nn.Linear)
    assert rounded.output.weight is rounded.embedding.tokens.weight
    assert isinstance(rounded.blocks[0].attention.query, nn.Linear)
    assert isinstance(rounded.blocks[1].attention.query, QuantizedLinear)


def test_faults():
    with pytest.raises(ValueError, match="'head'"):
        quantize(tiny(), skip=("head",))
    with pytest.raises(ValueError, match="no linear layer"):
        quantize(nn.Sequential(nn.LayerNorm(3)))
    broken = tiny()
    with torch.no_grad():
        broken.blocks[1].feed_forward.up.weight[2, 3] = torch.nan
    with pytest.raises(ValueError, match="row 2, column 3"):
        quantize(broken)


def test_an_encoder_keeps_its_biases():
    model = tiny_bert()
    rounded = quantize(model.eval())
    layer = rounded.blocks[0].feed_forward.up
    assert torch.equal(layer.bias, model.blocks[0].feed_forward.up.bias)


@pytest.mark.parametrize("scheme", [INT8, INT4, Q4_1], ids=str)
def test_generation_with_the_cache_is_that_without(scheme: Scheme):
    rounded = quantize(tiny(), scheme)
    with_cache, without = (
        [step.token for step in generate(rounded, [1, 2, 3], 12, use_cache=use)] for use in (True, False)
    )
    assert with_cache == without


def test_a_state_is_loaded_into_another():
    rounded, other = quantize(tiny(), INT4), quantize(Decoder(tiny().config).eval(), INT4)
    other.load_state_dict(rounded.state_dict())
    ids = torch.tensor([[1, 2, 3]])
    assert torch.equal(other(ids), rounded(ids))


def test_bytes_are_counted():
    model = tiny()
    n_weights = sum(parameter.numel() for parameter in model.parameters() if parameter.ndim == 2)
    saved = memory_bytes(model) - memory_bytes(quantize(model))
    n_rows = 50 + 2 * (32 + 16 + 16 + 32 + 48 + 48 + 32)
    assert saved == 3 * n_weights - 4 * n_rows
    assert file_bytes(model) - file_bytes(quantize(model)) == pytest.approx(saved, rel=0.1)


@pytest.mark.skipif(largest_that_fits() is None, reason="no packed kernel on this processor")
def test_what_has_run_holds_its_packed_copy():
    rounded = quantize(tiny())
    before = memory_bytes(rounded)
    rounded(torch.tensor([[1, 2]]))
    packed = sum(module.matrix.values.nbytes for module in rounded.modules() if isinstance(module, QuantizedLinear))
    assert memory_bytes(rounded) == before + packed
    assert memory_bytes(quantize(tiny(), INT4)) < before


FASTER = """
import statistics, time
import torch
torch.set_num_threads(1)
from course.compression.quantization import quantize
from course.decoding import generate
from course.pretrained import load
model, _tokenizer = load("smollm2")
rounded = quantize(model)
def seconds(model):
    ticks = [time.process_time() for _step in generate(model, [1, 2, 3, 4], 16)]
    return ticks[-1] - ticks[0]
seconds(model), seconds(rounded)
print(statistics.median(seconds(model) / seconds(rounded) for _turn in range(5)))
"""


@pytest.mark.timed
@pytest.mark.slow
@pytest.mark.skipif(largest_that_fits() is None, reason="no packed kernel on this processor")
def test_smollm2_writes_faster_in_int8(record_property: Callable[[str, object], None]):
    run = subprocess.run([sys.executable, "-c", FASTER], capture_output=True, text=True, check=True)  # no types checked
    ratio = float(run.stdout)
    record_property("timed", f"{ratio:.2f} times as fast as float32; it must be 1.6 times")
    assert ratio > 1.6


@pytest.mark.parametrize("scheme", [INT8, INT4], ids=str)
@pytest.mark.usefixtures("unchecked_shapes")
@torch.no_grad()
def test_inputs_of_other_shapes_and_types_are_refused_and_empty_ones_are_not(scheme: Scheme):
    layer = quantize(nn.Sequential(nn.Linear(6, 4)), scheme)
    for shape in ((6,), (0, 6), (2, 0, 6)):
        assert layer(torch.zeros(shape)).shape == (*shape[:-1], 4)
    for shape in ((12,), (2, 3), (2, 12), (1,), ()):
        with pytest.raises(ValueError, match=r"The input has the shape \[.*\]; its last dimension must be 6"):
            layer(torch.zeros(shape))
    for dtype in (torch.long, torch.bool, torch.complex64):
        with pytest.raises(TypeError, match=f"of the type {dtype}"):
            layer(torch.ones(2, 6, dtype=dtype))


@torch.no_grad()
def test_a_row_so_long_that_its_sum_does_not_fit_into_32_bits_is_right():
    linear = nn.Linear(140_000, 3)
    nn.init.ones_(linear.weight)
    x = torch.ones(2, 140_000)
    expected = linear(x)
    rounded = quantize(nn.Sequential(linear))
    for rows in (x, x[:1]):
        assert torch.allclose(rounded(rows), expected[: len(rows)], rtol=1e-3)


@pytest.mark.parametrize("scheme", [INT8, INT4], ids=str)
@pytest.mark.parametrize("wrong", [-1, 50])
def test_an_id_that_the_table_does_not_have_is_refused(scheme: Scheme, wrong: int):
    table = quantize(tiny(), scheme).embedding.tokens
    assert table(torch.zeros(0, dtype=torch.long)).shape == (0, 32)
    with pytest.raises(ValueError, match=f"The id {wrong} is unknown: this table has the ids 0 to 49"):
        table(torch.tensor([[3, wrong]]))


def test_a_table_that_shortens_its_vectors_is_refused_or_left_alone():
    model = nn.Sequential(nn.Embedding(5, 4, max_norm=1.0), nn.Linear(4, 2))
    with pytest.raises(ValueError, match=r"The embedding '0' has max_norm=1\.0"):
        quantize(model, embeddings=True)
    assert quantize(model)[0].max_norm == quantize(model, skip=("0",), embeddings=True)[0].max_norm == 1.0
