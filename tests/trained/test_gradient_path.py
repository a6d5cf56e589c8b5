"""The experiment that cuts the gradient of attention: the outputs stay, and one path to the encoder is left."""

from dataclasses import replace

import torch

from course.seq2seq import Seq2Seq, Seq2SeqConfig
from experiments.gradient_path import cut_memory

SOURCE, READ = torch.tensor([[3, 5, 4]]), torch.tensor([[1, 4, 3]])


def encoder_gradient(*hooks):
    """The logits, and the gradient that reaches the encoder's embedding."""
    model = Seq2Seq(Seq2SeqConfig(7, 6, d_embedding=5, d_hidden=8, attention="dot"), torch.Generator().manual_seed(0))
    for hook in hooks:
        model.encoder.register_forward_hook(hook)
    logits = model(SOURCE, READ)
    logits.square().sum().backward()
    return logits.detach(), model.encoder.embedding.weight.grad


def cut_end_state(_encoder, _ids, state):
    return replace(state, cell=tuple(part.detach() for part in state.cell))


def test_the_cut_leaves_the_outputs_and_one_path():
    whole, of_both = encoder_gradient()
    cut, of_the_end = encoder_gradient(cut_memory)
    _logits, of_attention = encoder_gradient(cut_end_state)
    _logits, of_none = encoder_gradient(cut_memory, cut_end_state)
    assert torch.equal(whole, cut) and of_none is None
    assert of_the_end.abs().max() > 0 and of_attention.abs().max() > 0
    torch.testing.assert_close(of_the_end + of_attention, of_both)
