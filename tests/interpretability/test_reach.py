"""What an output depends on, measured on functions whose dependence is known, and on models with masks."""

import pytest
import torch

from course.bert import Bert, BertConfig
from course.gpt import Decoder, LlamaConfig
from course.interpretability.reach import reach

IDS = torch.tensor([[3, 4, 5, 6]])


def test_a_function_whose_dependence_is_known():
    def outputs(ids):
        x = ids.float()
        return torch.stack([x[:, 0] + x[:, 2], x[:, 3], torch.ones(1)], dim=1)[..., None]

    assert reach(outputs, IDS, other=9).tolist() == [
        [True, False, True, False],
        [False, False, False, True],
        [False, False, False, False],
    ]


def test_an_encoder_sees_all_and_a_decoder_what_is_before():
    generator = torch.Generator().manual_seed(0)
    encoder = Bert(BertConfig(20, 16, 8, 2, 2, 16), generator).eval()
    decoder = Decoder(LlamaConfig(20, 16, 8, 2, 2, 2, 16), generator).eval()
    assert reach(encoder, IDS, other=9).all()
    assert torch.equal(reach(decoder, IDS, other=9), torch.ones(4, 4).tril().bool())


def test_one_sided_attention():
    encoder = Bert(BertConfig(20, 16, 8, 2, 2, 16), torch.Generator().manual_seed(0)).eval()
    mask = torch.ones(1, 4, 4).tril().bool()
    assert torch.equal(reach(lambda ids: encoder(ids, mask), IDS, other=9), mask[0])


def test_a_token_that_is_there_already():
    with pytest.raises(ValueError, match="The token 4 is in the text already"):
        reach(lambda ids: ids[..., None].float(), IDS, other=4)


def test_outputs_that_are_no_numbers_or_change_by_themselves():
    with pytest.raises(ValueError, match="An output is NaN or infinite"):
        reach(lambda ids: ids[..., None] * torch.nan, IDS, other=9)
    with pytest.raises(ValueError, match=r"call \.eval\(\) on the model first"):
        reach(lambda ids: torch.nn.functional.dropout(ids[..., None].float(), 0.5), IDS, other=9)
    with pytest.raises(ValueError, match="There is no token in the text"):
        reach(lambda ids: ids[..., None].float(), IDS[:, :0], other=9)
