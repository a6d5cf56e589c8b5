"""No pairs, and log-probabilities of unequal numbers of pairs: refused, where the result would be NaN or wrong."""

import pytest
import torch

from course.dpo import (
    AnswerLogProbabilities,
    PairLogProbabilities,
    dpo_loss,
    gradient_weights,
    implicit_rewards,
    ipo_loss,
    preference_accuracy,
    simpo_loss,
    with_reference,
)
from tests.dpo.drawn_pairs import drawn

CALLS = {
    "dpo": lambda pairs: dpo_loss(pairs, 0.1),
    "ipo": lambda pairs: ipo_loss(pairs, 0.1),
    "simpo": lambda pairs: simpo_loss(pairs, 2.0),
    "weights": lambda pairs: gradient_weights(pairs, 0.1),
    "rewards": lambda pairs: implicit_rewards(pairs, 0.1),
    "accuracy": preference_accuracy,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_pairs_are_refused(call):
    none = PairLogProbabilities(*(part[:0] for part in drawn()))
    with pytest.raises(ValueError, match="There are no pairs"):
        call(none)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("part", ["chosen_reference", "n_rejected", "rejected"])
def test_numbers_of_pairs_that_would_broadcast_are_refused_and_named(call, part):
    pairs = drawn()
    pairs = pairs._replace(**{part: getattr(pairs, part)[:1]})
    with pytest.raises(ValueError, match=rf"chosen has the shape \[5\] and {part} has \[1\]"):
        call(pairs)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("shape", [(1, 2), (5, 1), (5, 4), (10,)])
def test_a_reference_of_other_pairs_is_refused(shape):
    pairs = drawn()
    policy = AnswerLogProbabilities(pairs.chosen, pairs.rejected, pairs.n_chosen, pairs.n_rejected)
    with pytest.raises(ValueError, match="are of 5 pairs, and those of the reference have the shape"):
        with_reference(policy, torch.zeros(shape))
