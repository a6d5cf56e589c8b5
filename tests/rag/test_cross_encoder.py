"""The cross-encoder reads question and passage as one input; its loss sets the right passage apart from the others."""

import pytest
import torch
import torch.nn.functional as F

from course.fine_tuning import pair_row
from course.rag import CrossEncoder, Hit, contrastive_loss, rerank
from tests.rag.conftest import TEXTS
from tests.support.bert import as_bert
from tests.support.torch_layers import draw

EXACT = {"atol": 1e-5, "rtol": 1e-5}
QUESTION = "Who measured the Nile?"


@pytest.fixture
def model(body, tokenizer):
    found = CrossEncoder(body, tokenizer, limit=40, generator=torch.Generator().manual_seed(0))
    torch.nn.init.normal_(found.head.weight, generator=torch.Generator().manual_seed(1))
    return found


def test_scores_are_those_of_transformers_with_the_same_head(model):
    theirs = as_bert(model.body)
    expected = []
    for text in TEXTS:
        row = pair_row(model.tokenizer, QUESTION, text, 40)
        with torch.no_grad():
            hidden = theirs(torch.tensor([row.ids]), token_type_ids=torch.tensor([row.token_types])).last_hidden_state
            expected.append(model.head(hidden.mean(dim=1))[0, 0])
    torch.testing.assert_close(model.scores(QUESTION, TEXTS), torch.stack(expected), **EXACT)


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_a_score_is_the_same_alone_and_in_a_padded_batch(model, batch_size):
    together = model.scores(QUESTION, TEXTS, batch_size=batch_size)
    torch.testing.assert_close(together, torch.cat([model.scores(QUESTION, [text]) for text in TEXTS]), **EXACT)


def test_question_and_passage_have_different_roles(model):
    assert abs(model.scores(QUESTION, TEXTS[:1]) - model.scores(TEXTS[0], [QUESTION])) > 0.01


def test_a_long_passage_loses_its_end_and_the_question_stays(model):
    row = model.row(QUESTION, TEXTS[2] * 3)
    assert len(row.ids) == 40
    asked = model.tokenizer.encode(QUESTION)
    assert row.ids[1 : len(asked) + 1] == asked


def test_scoring_is_without_dropout_and_gradient_and_the_model_trains_on(model):
    model.train()
    one, other = (model.scores(QUESTION, TEXTS) for _turn in range(2))
    torch.testing.assert_close(one, other, rtol=0, atol=0)
    assert model.training and not one.requires_grad and one.dtype is torch.float32


def test_the_first_weights_come_from_the_generator(body, tokenizer):
    one, same, other = (
        CrossEncoder(body, tokenizer, limit=40, generator=torch.Generator().manual_seed(seed)).head.weight
        for seed in (0, 0, 1)
    )
    assert torch.equal(one, same) and not torch.equal(one, other)


def test_the_loss_and_its_gradient_are_those_of_softmax():
    """The gradient of a score is the softmax's share, less 1 for the right passage, over the questions."""
    scores = draw(4, 5).requires_grad_()
    loss = contrastive_loss(scores)
    shares = scores.detach().softmax(dim=1)
    torch.testing.assert_close(loss.detach(), -shares[:, 0].log().mean(), **EXACT)
    loss.backward()
    expected = (shares - F.one_hot(torch.zeros(4, dtype=torch.long), 5)) / 4
    torch.testing.assert_close(scores.grad, expected, **EXACT)


def test_what_is_added_to_all_passages_of_a_question_changes_nothing():
    scores = draw(4, 5)
    torch.testing.assert_close(contrastive_loss(scores + draw(4, 1, seed=1) * 10), contrastive_loss(scores), **EXACT)


def test_a_few_steps_put_the_right_passage_first(body, tokenizer):
    """Each question is answered by the text that it is taken from."""
    model = CrossEncoder(body, tokenizer, limit=40, dropout=0.0, generator=torch.Generator().manual_seed(0))
    questions = {"the Nile in Africa": 0, "rivers": 1, "eleven countries": 2, "the Sahara": 4}
    rows = [
        model.row(question, TEXTS[number])
        for question, right in questions.items()
        for number in [right, *(other for other in range(5) if other != right)]
    ]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    model.eval()
    for _step in range(40):
        loss = contrastive_loss(model(model.batch(rows)).view(len(questions), 5))
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.1 < losses[0]
    assert all(model.scores(question, TEXTS).argmax() == right for question, right in questions.items())


def test_reranked_hits_keep_their_texts_and_equal_ones_their_order():
    hits = [Hit(7, 0.9), Hit(3, 0.8), Hit(5, 0.7), Hit(1, 0.6)]
    found = rerank(hits, torch.tensor([1.0, 2.0, 1.0, 2.0]))
    assert found == [Hit(3, 2.0), Hit(1, 2.0), Hit(7, 1.0), Hit(5, 1.0)]
    assert rerank([], torch.empty(0)) == []


@pytest.mark.usefixtures("unchecked_shapes")
def test_scores_that_do_not_fit_the_hits_are_refused():
    with pytest.raises(ValueError, match=r"There are 1 hits, and the scores have the shape \(2,\)"):
        rerank([Hit(0, 1.0)], draw(2))
    with pytest.raises(ValueError, match="each hit needs one finite score"):
        rerank([Hit(0, 1.0)], torch.tensor([torch.nan]))
    for shape in ((3, 1), (3,)):
        with pytest.raises(ValueError, match="two passages or more"):
            contrastive_loss(draw(*shape))


def test_what_cannot_be_scored_is_refused(model):
    with pytest.raises(ValueError, match="There are no passages to score"):
        model.scores(QUESTION, [])
    with pytest.raises(TypeError, match="'a river' is one text"):
        model.scores(QUESTION, "a river")
    for question, passage in (("", "river"), ("river", " \n")):
        with pytest.raises(ValueError, match="neither may be empty"):
            model.scores(question, [passage])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": 3}, "limit is 3; it must be 4 or more"),
        ({"limit": 81}, "limit of 81 tokens is beyond the model's context of 80"),
        ({"limit": 40, "dropout": 1.0}, "dropout is 1.0"),
    ],
)
def test_a_model_that_cannot_read_is_refused(body, tokenizer, options, message):
    with pytest.raises(ValueError, match=message):
        CrossEncoder(body, tokenizer, **options)
