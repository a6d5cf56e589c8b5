"""What a model loses without its induction heads, on a tiny model: the same numbers by hand, and sets kept apart."""

import copy

import pytest
import torch

from course.gpt import Decoder, GPT2Config, LlamaConfig
from course.interpretability.ablation import without_heads
from course.interpretability.copying import copying_test
from course.interpretability.induction import half_losses, induction_scores, repeated_tokens

PERIOD = 5


@pytest.fixture(scope="module")
def model():
    config = LlamaConfig(30, 40, d_model=24, n_layers=2, n_heads=3, n_kv_heads=1, d_ff=32)
    return Decoder(config, torch.Generator().manual_seed(0)).eval()


def texts(seed, n=4):
    return repeated_tokens(range(3, 30), n, PERIOD, first=1, seed=seed)


def test_the_heads_with_the_highest_scores_are_removed_and_as_many_others_of_their_layers(model):
    found = copying_test(model, texts(0), texts(1), PERIOD, n_heads=2, n_draws=6)
    scores = induction_scores(model, texts(0), PERIOD).mean(dim=0)
    torch.testing.assert_close(found.scores, scores)
    best = sorted(((layer, head) for layer in range(2) for head in range(3)), key=lambda one: -scores[one].item())
    assert found.removed == best[:2]
    for control in found.controls:
        assert len(set(control)) == 2 and not {*control} & {*found.removed}
    if len({layer for layer, _head in found.removed}) == 2:
        assert all(sorted(layer for layer, _head in each) == [0, 1] for each in found.controls)
    assert len({tuple(each) for each in found.controls}) > 1
    again = copying_test(model, texts(0), texts(1), PERIOD, n_heads=2, n_draws=6)
    assert again.controls == found.controls


def test_losses_are_those_of_the_other_texts_without_the_heads(model):
    found = copying_test(model, texts(0), texts(1), PERIOD, n_heads=2, n_draws=2)
    first, second = half_losses(model, texts(1), PERIOD)
    torch.testing.assert_close(found.whole.second, second)
    ids = texts(1)
    for text in range(4):
        other = torch.cat((ids[text - 1, : PERIOD + 1], ids[text, PERIOD + 1 :]))
        with torch.no_grad():
            chances = model(other[None])[0].log_softmax(dim=-1)
        unrepeated = sum(-chances[i - 1, other[i]].item() for i in range(PERIOD + 2, 2 * PERIOD + 1)) / (PERIOD - 1)
        assert found.unrepeated[text].item() == pytest.approx(unrepeated, abs=1e-5)
        assert found.gain[text] == pytest.approx(unrepeated - second[text].item(), abs=1e-5)
    with without_heads(model, found.removed):
        first_without, second_without = half_losses(model, texts(1), PERIOD)
    assert found.added == pytest.approx((second_without - second).tolist(), abs=1e-6)
    assert found.added_to_first == pytest.approx((first_without - first).tolist(), abs=1e-6)
    by_draw = []
    for control in found.controls:
        with without_heads(model, control):
            by_draw.append(half_losses(model, texts(1), PERIOD)[1])
    assert found.added_by_controls == pytest.approx((sum(by_draw) / 2 - second).tolist(), abs=1e-6)
    assert found.whole.second.ne(found.without_removed.second).any()


def test_where_a_layer_has_no_head_left_the_control_takes_one_of_another(model):
    found = copying_test(model, texts(0), texts(1), PERIOD, n_heads=3, n_draws=8)
    everything = {(layer, head) for layer in range(2) for head in range(3)}
    assert all({*control} == everything - {*found.removed} for control in found.controls)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"n_heads": 4}, "n_heads is 4; of 6 heads at most 3 leave as many others"),
        ({"n_heads": 0}, "n_heads is 0"),
        ({"n_draws": 0}, "n_draws is 0"),
        ({"to_test": texts(1)[:1]}, "Texts to test with: 1"),
        ({"to_test": texts(0)[:1]}, "1 of the texts that find the heads also test them"),
        ({"period": PERIOD + 1}, "not a first token and then 6 tokens twice"),
    ],
)
def test_what_makes_no_test(model, changed, says):
    given = {"to_find": texts(0), "to_test": texts(1), "period": PERIOD, "n_heads": 2} | changed
    with pytest.raises(ValueError, match=says):
        copying_test(model, **given)


def test_dropout_is_off_meanwhile():
    config = GPT2Config(30, 40, d_model=24, n_layers=2, n_heads=3, d_ff=32, dropout=0.5)
    model = Decoder(config, torch.Generator().manual_seed(0)).train()
    found, again = (copying_test(model, texts(0), texts(1), PERIOD, n_heads=2, n_draws=1) for _time in range(2))
    assert model.training and found.gain == again.gain and found.added == again.added
    torch.testing.assert_close(found.scores, again.scores, rtol=0, atol=0)


def test_a_text_that_is_twice_in_the_test_is_refused(model):
    with pytest.raises(ValueError, match="twice among those to test with"):
        copying_test(model, texts(0), texts(1)[[0, 1, 0]], PERIOD, n_heads=1)
    with pytest.raises(ValueError, match="Texts to test with: 0"):
        copying_test(model, texts(0), texts(1)[:0], PERIOD, n_heads=1)


def test_no_heads_are_found_where_scores_are_no_numbers(model):
    broken = copy.deepcopy(model)
    with torch.no_grad():
        broken.embedding.tokens.weight.fill_(torch.nan)
    with pytest.raises(ValueError, match="scores of heads are NaN"):
        copying_test(broken, texts(0), texts(1), PERIOD, n_heads=1)
