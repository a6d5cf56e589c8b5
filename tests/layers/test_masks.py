"""A mask is bool, True where something may be looked at. Any other type is refused with what to write, everywhere."""

import pytest
import torch

from course.bert import Bert, BertConfig, sentence_embeddings
from course.interpretability.alignment import attention_steps
from course.layers.attention import Attention, attention_weights, scaled_dot_product_attention
from course.layers.blocks import CausalBlock, DecoderBlock, EncoderBlock
from course.layers.multihead import MultiHeadAttention
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.seq2seq.scores import SourceAttention
from course.transformer import TransformerConfig, TransformerEncoder
from tests.support.torch_layers import draw, make_block

X = draw(2, 5, 24)
HEADS = draw(2, 3, 5, 4)
MASK = torch.ones(2, 1, 5, 5, dtype=torch.bool)
IDS = torch.tensor([[3, 4, 5], [6, 7, 2]])


def bert() -> Bert:
    return Bert(BertConfig(9, 8, d_model=8, n_layers=1, n_heads=2, d_ff=8, dropout=0.0)).eval()


def encoder() -> TransformerEncoder:
    return TransformerEncoder(TransformerConfig(9, 9, d_model=8, n_heads=2, d_ff=8, n_layers=1)).eval()


def steps(mask: torch.Tensor) -> object:
    model = Seq2Seq(Seq2SeqConfig(9, 9, d_embedding=3, d_hidden=4, attention="dot")).eval()
    return attention_steps(model, IDS, IDS, visible=mask)


def recorded(mask: torch.Tensor) -> object:
    layer = Attention()
    layer.keep_weights = lambda weights: None
    return layer(HEADS, HEADS, HEADS, mask)


def decoder_block(mask: torch.Tensor, which: str) -> object:
    block = make_block(DecoderBlock)
    return block(X, block.source_attention.keys_and_values(X), **{which: mask})


ENTRIES = {  # name: (a call with a mask, the mask's shape)
    "attention_weights": (lambda mask: attention_weights(HEADS, HEADS, mask), (2, 1, 5, 5)),
    "scaled_dot_product_attention": (
        lambda mask: scaled_dot_product_attention(HEADS, HEADS, HEADS, mask),
        (2, 1, 5, 5),
    ),
    "Attention": (lambda mask: Attention()(HEADS, HEADS, HEADS, mask), (2, 1, 5, 5)),
    "Attention, causal": (lambda mask: Attention()(HEADS, HEADS, HEADS, mask, causal=True), (2, 1, 5, 5)),
    "Attention, recorded": (recorded, (2, 1, 5, 5)),
    "SourceAttention": (lambda mask: SourceAttention("dot", 4)(HEADS, HEADS, HEADS, mask), (2, 1, 5, 5)),
    "MultiHeadAttention": (lambda mask: MultiHeadAttention(24, 4)(X, mask=mask), (2, 1, 5, 5)),
    "EncoderBlock": (lambda mask: make_block(EncoderBlock)(X, mask), (2, 1, 5, 5)),
    "CausalBlock": (lambda mask: make_block(CausalBlock)(X, mask), (2, 1, 5, 5)),
    "DecoderBlock, source": (lambda mask: decoder_block(mask, "source_mask"), (2, 1, 5, 5)),
    "DecoderBlock, self": (lambda mask: decoder_block(mask, "mask"), (2, 1, 5, 5)),
    "TransformerEncoder": (lambda mask: encoder()(IDS, mask), (2, 1, 3, 3)),
    "Bert": (lambda mask: bert()(IDS, mask), (2, 3)),
    "sentence_embeddings": (lambda mask: sentence_embeddings(draw(2, 3, 8), mask), (2, 3)),
    "attention_steps": (steps, (2, 3, 3)),
}


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(("call", "shape"), ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.uint8, torch.float16], ids=str)
def test_a_mask_of_another_type_is_refused(call, shape, dtype):
    call(torch.ones(shape, dtype=torch.bool))
    with pytest.raises(TypeError, match=rf"A mask must be bool.*not {dtype}.*mask == 1"):
        call(torch.ones(shape, dtype=dtype))
