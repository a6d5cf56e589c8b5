from torch import nn

from course.layers.parameters import count_parameters


def test_every_number_counts_once():
    layer = nn.Linear(3, 2)
    assert count_parameters(layer) == 8
    assert count_parameters(nn.ModuleList([layer, layer, nn.Embedding(5, 3)])) == 8 + 15
