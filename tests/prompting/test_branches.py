"""Several answers to each of many prompts: the scores are those of reading every prompt with every answer alone."""

import pytest
import torch

from course.layers.language_model import CausalLanguageModel
from course.prompting import Continuation, branch_scores, continuation_scores
from tests.support.llama import TOLERANCE, as_llama, difference, tiny_config, tiny_model

PROMPTS = ((1, 2, 3), (1, 2, 9, 4), (1, 2, 7), (1, 2, 3, 3, 8), (1, 2, 5))
ANSWERS = ((4,), (5,), (4, 6, 7), (4, 6, 8), (9, 9, 9, 9, 9))
GROUPS = [
    [Continuation(prompt, answer) for answer in ANSWERS[: 2 + number % 4]] for number, prompt in enumerate(PROMPTS)
]


@pytest.fixture(scope="module")
def model():
    return tiny_model(tiny_config())


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_scores_are_the_sums_that_transformers_gives(model, batch_size):
    reference = as_llama(model)
    found = branch_scores(model, GROUPS, batch_size=batch_size)
    assert [len(scores) for scores in found] == [len(group) for group in GROUPS]
    for scores, group in zip(found, GROUPS, strict=True):
        for score, row in zip(scores, group, strict=True):
            ids = torch.tensor([[*row.prompt, *row.answer]])
            with torch.no_grad():
                each = reference(ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
            assert difference(score, each[-len(row.answer) :].sum()) < TOLERANCE


def test_scores_are_those_of_rows_that_share_nothing(model):
    rows = [row for group in GROUPS for row in group]
    alone = continuation_scores(model, rows, share_prefix=False)
    assert difference(torch.cat(branch_scores(model, GROUPS)), alone) < TOLERANCE


def test_prompts_that_share_nothing_and_prompts_of_one_token(model):
    groups = [[Continuation((token,), answer) for answer in ANSWERS] for token in (3, 4, 3)]
    alone = continuation_scores(model, [row for group in groups for row in group], share_prefix=False)
    found = branch_scores(model, groups)
    assert difference(torch.cat(found), alone) < TOLERANCE and torch.equal(found[0], found[2])


def test_a_prompt_is_read_once_however_many_answers_it_has(model, monkeypatch):
    read = []
    hidden_states = CausalLanguageModel.hidden_states

    def counted(self, ids, *rest):
        read.append(ids.numel())
        return hidden_states(self, ids, *rest)

    monkeypatch.setattr(CausalLanguageModel, "hidden_states", counted)
    branch_scores(model, [[Continuation((1, 2, 3, 4), (token,)) for token in range(20)]])
    assert read == [3, 1]
    read.clear()
    branch_scores(model, [[Continuation((1, 2, 3, 4), (5, 6, token)) for token in range(20)]])
    assert read == [3, 1, 2]


def test_reading_leaves_the_model_as_it_was():
    model = tiny_model(tiny_config(dropout=0.5)).train()
    first, second = (torch.cat(branch_scores(model, GROUPS)) for _ in range(2))
    assert model.training and torch.equal(first, second) and not first.requires_grad


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([], "no answer to score"),
        ([GROUPS[0], []], "no answer to score"),
        ([[Continuation((), (1,))]], "one token or more"),
        ([[Continuation((1,), ())]], "one token or more"),
        ([GROUPS[0], [Continuation((1,), (2,)), Continuation((3,), (2,))]], "Group 1 has more than one prompt"),
        ([[Continuation((1,), (2,) * 48)]], "48"),
        ([[Continuation((1,), (2, 61))]], "61"),
    ],
)
def test_what_cannot_be_scored_is_refused_before_any_is_read(model, monkeypatch, groups, words):
    monkeypatch.setattr(CausalLanguageModel, "hidden_states", lambda *_: pytest.fail("read"))
    with pytest.raises(ValueError, match=words):
        branch_scores(model, groups)


def test_a_broken_model_is_refused():
    model = tiny_model(tiny_config())
    with torch.no_grad():
        model.blocks[0].feed_forward_residual.norm.weight.fill_(torch.nan)
    with pytest.raises(ValueError, match="NaN"):
        branch_scores(model, GROUPS)
