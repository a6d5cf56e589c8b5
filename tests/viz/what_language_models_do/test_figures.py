"""The pictures of the three families and of models' sizes."""

import math

import pytest
import torch

from course.bert import Bert, BertConfig
from course.gpt import Decoder, LlamaConfig
from course.transformer import Transformer, TransformerConfig
from course.viz.kit.alt_text import alt_text
from course.viz.what_language_models_do import families, sizes_figure
from course.viz.what_language_models_do.families_figure import families_figure


@pytest.fixture(scope="module")
def shown():
    generator = torch.Generator().manual_seed(0)
    translator = Transformer(TransformerConfig(40, 40, d_model=16, n_heads=2, n_layers=3, d_ff=16), generator).eval()
    return (
        families.bert_family(Bert(BertConfig(40, 16, 8, 2, 2, 16), generator).eval()),
        families.gpt_family(Decoder(LlamaConfig(40, 16, 8, 5, 2, 2, 16), generator).eval()),
        families.transformer_family(translator),
    )


def test_blocks_are_counted_and_grids_measured(shown):
    bert, gpt, transformer = shown
    assert (bert.stacks, gpt.stacks) == ({"encoder": 2}, {"decoder": 5})
    assert transformer.stacks == {"encoder": 3, "decoder": 3}
    causal = torch.ones(6, 6).tril().bool()
    assert bert.grids[0].seen.all() and torch.equal(gpt.grids[0].seen, causal)
    source, written, crossed = (grid.seen for grid in transformer.grids)
    assert source.all() and crossed.all() and torch.equal(written, causal)


def test_the_picture_says_what_it_shows(shown):
    words = alt_text(families_figure(shown))
    assert words.startswith("Who sees what") and "GPT (SmolLM2): decoder × 5." in words
    assert words.count("itself and those before") == 2 and words.count(": all") == 3


def test_sizes():
    found = sizes_figure.published()
    assert len({one.name for one in found}) == len(found) >= 8
    assert all(one.active is None or one.active < one.parameters for one in found)
    shown = [sizes_figure.Size("small", 1000, is_ours=True), *found]
    words = alt_text(sizes_figure.sizes_figure(shown))
    assert words.startswith("From 1.00 k to 1.57 T parameters") and "Kimi K2, 2025: 1.04 T" in words


@pytest.mark.slow
def test_the_course_has_the_models_that_it_counts():
    found = sizes_figure.sizes()
    assert [one.parameters for one in found] == sorted(one.parameters for one in found)
    assert {one.name for one in found} >= {"MiniLM", "SmolLM2", *sizes_figure.OURS.values()}
    assert len(families.families()) == 3


@pytest.mark.parametrize("parameters", [0, -1, math.nan, math.inf])
def test_a_size_that_is_none_is_named(parameters):
    with pytest.raises(ValueError, match=rf"parameters of 'a' is {parameters}; it must be a number above 0"):
        sizes_figure.sizes_figure([sizes_figure.Size("a", parameters)])
    with pytest.raises(ValueError, match="active parameters of 'a'"):
        sizes_figure.sizes_figure([sizes_figure.Size("a", 10, parameters)])


def test_a_figure_of_nothing_or_of_too_much(shown):
    with pytest.raises(ValueError, match="There is no model to show"):
        sizes_figure.sizes_figure([])
    with pytest.raises(ValueError, match="There is no family to show"):
        families_figure([])
    for lacking in ({"stacks": {}}, {"grids": ()}):
        with pytest.raises(ValueError, match="'BERT' has no stack of blocks or no grid"):
            families_figure([shown[0]._replace(**lacking)])
    with pytest.raises(ValueError, match=r"4 families with 6 grids need 9\.4 inches of 8\.0"):
        families_figure([*shown, shown[0]])
