"""The gold and the reward models: what is stored is what was measured."""

import pytest
import torch

from course import trained
from course.data.splits import draw
from course.rlhf import pair_responses
from course.tasks import review_rewards as task
from course.tasks.review_continuations import response_padding
from course.tasks.review_pairs import labelled_pairs

GOOD, BAD = "A wonderful, moving and funny film.", "A dull, clumsy and tedious mess."


def test_the_gold_likes_praise():
    logits = task.gold_logits([GOOD, BAD, GOOD])
    assert logits[0] > 1 > -1 > logits[1] and logits[0] == pytest.approx(logits[2].item(), abs=1e-4)
    units = task.gold_units()
    torch.testing.assert_close(task.gold_scores([GOOD]), (logits[:1] - units.mean) / units.std, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("texts", "share"),
    [
        (["a b c d"], 1.0),
        (["a b c", "a b c"], 0.5),
        (["a a a a a"], 1 / 3),
        (["a b", "a b c", ""], 1.0),  # what is shorter counts as nothing
    ],
)
def test_trigrams_that_occur_again_are_not_distinct(texts, share):
    assert task.distinct_trigrams(texts) == pytest.approx(share)


def test_without_a_trigram_there_is_no_share():
    with pytest.raises(ValueError, match="three words"):
        task.distinct_trigrams(["a b", ""])


@pytest.mark.parametrize("name", ["proxy-200", "proxy-2000"])
def test_a_stored_proxy_ranks_the_test_pairs_as_its_record_says(name):
    record, model = trained.record_of("rlhf", name), task.proxy(name)
    kept = trained.numbers(record["tests"]["test"]["items"]["margins"])
    places = draw(range(len(kept)), 40)
    pairs = [labelled_pairs("test")[place].pair for place in places]
    with torch.no_grad():
        chosen, rejected = model(pair_responses(pairs, pad_id=response_padding())).chunk(2)
    torch.testing.assert_close(chosen - rejected, torch.tensor([kept[place] for place in places]), atol=5e-3, rtol=0)


def test_a_proxy_is_given_in_deviations_of_the_reference():
    responses = pair_responses([one.pair for one in labelled_pairs("validation")], pad_id=response_padding())
    with torch.no_grad():
        rewards = task.proxy("proxy-2000")(responses)
    assert rewards.mean().item() == pytest.approx(0, abs=0.02) and rewards.std().item() == pytest.approx(1, abs=0.02)
