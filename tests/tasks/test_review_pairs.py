"""The pairs that the gold labelled: what is stored is what was drawn."""

import numpy as np
import pytest
import torch

from course.data.splits import draw
from course.rlhf import as_responses, pair_responses
from course.tasks import review_pairs as task
from course.tasks.review_continuations import (
    MAX_LENGTH,
    beginnings,
    prompt_ids,
    response_end,
    response_padding,
    review_texts,
)
from course.tasks.review_policies import reference_policy
from course.tasks.review_rewards import gold_logits


@pytest.mark.parametrize("role", ["training", "validation", "test"])
def test_stored_pairs_have_prompts_of_their_set_and_the_gold_prefers_the_chosen_one(role):
    pairs = task.labelled_pairs(role)
    assert len(pairs) == task.N_PAIRS[role]
    assert {one.words for one in pairs} <= {one.words for one in getattr(beginnings(), role)}
    assert len({one.words for one in pairs}) == len(pairs)
    assert all(one.gold_chosen > one.gold_rejected for one in pairs)
    for one in pairs:
        for answer in one.pair[1:]:
            assert 1 <= len(answer) <= MAX_LENGTH and response_end() not in answer[:-1]
            assert answer[-1] == response_end() or len(answer) == MAX_LENGTH
    some = draw(pairs, 8)
    texts = review_texts(pair_responses([one.pair for one in some], pad_id=response_padding()))
    stored = [one.gold_chosen for one in some] + [one.gold_rejected for one in some]
    torch.testing.assert_close(gold_logits(texts), torch.tensor(stored), atol=2e-3, rtol=2e-3)


def test_the_few_training_pairs_are_among_the_many():
    many = task.training_pairs(2000)
    assert len(set(task.training_pairs(200))) == 200 and set(task.training_pairs(200)) <= set(many)


def test_labels_are_ordered_by_the_gold_and_equal_responses_are_no_pair(monkeypatch):
    words = [one.words for one in draw(beginnings().validation, 3)]
    answers = iter([[[5, 6], [7], [8], [8], [9], [10]], [[11], [12]]])
    drawn = []

    def continued(_policy, prompts, _generator):
        drawn.append(list(prompts))
        return as_responses(prompts, next(answers), pad_id=response_padding())

    monkeypatch.setattr(task, "continued", continued)
    scores = iter([torch.tensor([1.0, 2.0, 3.0, 1.0, 0.5, 0.5]), torch.tensor([4.0, -1.0])])
    monkeypatch.setattr(task, "gold_logits", lambda _texts: next(scores))
    monkeypatch.setattr(task, "review_texts", lambda _responses: [])
    policy = reference_policy()
    found = task.label_pairs(policy, [*words, words[0]], seed=0, batch_size=3)
    assert [len(batch) for batch in drawn] == [6, 2]
    assert drawn[0] == [prompt_ids(one) for one in words for _response in range(2)]
    assert [(one.words, one.pair.chosen, one.pair.rejected) for one in found] == [
        (words[0], (7,), (5, 6)),
        (words[0], (11,), (12,)),
    ]
    assert [(one.gold_chosen, one.gold_rejected) for one in found] == [(2.0, 1.0), (4.0, -1.0)]


def test_what_is_kept_of_pairs_comes_back(tmp_path, monkeypatch):
    some = {role: list(draw(task.labelled_pairs(role), 5)) for role in task.N_PAIRS}
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    task.save_pairs(some)
    task.labelled_pairs.cache_clear()
    try:
        for role, pairs in some.items():
            back = task.labelled_pairs(role)
            assert [one.pair for one in back] == [one.pair for one in pairs]
            assert np.allclose([one[2:] for one in back], [one[2:] for one in pairs])
    finally:
        task.labelled_pairs.cache_clear()
