"""The losses and their gradients equal those of `transformers`; what each loss sees, and what it does not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from transformers import BertConfig as TheirBertConfig
from transformers import BertForPreTraining, ElectraConfig, ElectraForMaskedLM, ElectraForPreTraining

from course.bert import (
    IGNORED,
    Bert,
    Corrupted,
    MaskedLanguageModel,
    MaskedLM,
    MaskedPairs,
    NextSentence,
    RandomTokenSubstitution,
    ReplacedTokenDetection,
    Segments,
    SentenceOrder,
    ShuffledTokenDetection,
    SpanBoundary,
    TranslationLM,
    one_sided,
)
from course.bert.detection_objectives import CHANGED, REAL
from course.bert.objective import mean_of
from course.bert.pair_objectives import RIGHT, WRONG
from course.pretrained.bert_files import our_name
from tests.support.llama import TOLERANCE
from tests.support.torch_layers import disturb

HEADS = {  # in `transformers`: in our objectives
    "cls.predictions.transform.dense.": "transform.0.",
    "cls.predictions.transform.LayerNorm.": "transform.2.",
    "cls.predictions.bias": "bias",
    "generator_predictions.dense.": "transform.0.",
    "generator_predictions.LayerNorm.": "transform.2.",
    "generator_lm_head.bias": "bias",
    "cls.seq_relationship.": "output.",
    "discriminator_predictions.dense_prediction.": "output.",
    "discriminator_predictions.dense.": "dense.",
}


def sizes(config):
    return {
        "vocab_size": config.vocab_size,
        "max_position_embeddings": config.context_length,
        "hidden_size": config.d_model,
        "num_hidden_layers": config.n_layers,
        "num_attention_heads": config.n_heads,
        "intermediate_size": config.d_ff,
        "type_vocab_size": config.n_token_types,
        "layer_norm_eps": config.norm_eps,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "pad_token_id": None,
    }


def ours_by_their_names(theirs, body, *heads):
    """Our parameters by the names of `transformers`' model; what has no counterpart is an error."""
    of_body, found = dict(body.named_parameters()), {}
    of_heads = {name: weight for head in heads for name, weight in head.named_parameters()}
    for name, _weight in theirs.named_parameters():
        inner = name.removeprefix("bert.").removeprefix("electra.")
        for prefix, own in HEADS.items():
            if name.startswith(prefix):
                found[name] = of_heads[own + name.removeprefix(prefix)]
                break
        else:
            found[name] = of_body[our_name(inner)]
    return found


def assert_equal(theirs, ours, their_loss, our_loss):
    """The same loss, and the same gradient of every parameter."""
    assert our_loss.item() == pytest.approx(their_loss.item(), rel=TOLERANCE)
    their_loss.backward()
    our_loss.backward()
    largest = max(weight.grad.abs().max() for weight in theirs.parameters() if weight.grad is not None)
    for name, weight in theirs.named_parameters():
        if weight.grad is None:
            assert ours[name].grad is None or not ours[name].grad.any(), name
            continue
        scale = largest if name.endswith("key.bias") else weight.grad.abs().max()
        assert (ours[name].grad - weight.grad).abs().max() <= TOLERANCE * max(scale, 1e-3 * largest), name


def copy(theirs, ours):
    with torch.no_grad():
        for name, weight in theirs.named_parameters():
            weight.copy_(ours[name])
    return theirs.eval()


def inputs_of(batch):
    return {
        "input_ids": batch.inputs.ids,
        "attention_mask": batch.inputs.attention_mask.long(),
        "token_type_ids": batch.inputs.token_types,
    }


@pytest.mark.parametrize("pair", [NextSentence, SentenceOrder])
def test_masked_lm_and_the_pair_equal_bert_for_pre_training(pieces, config, body, items, rng, device, pair):
    objective = disturb(MaskedPairs(MaskedLM(pieces, config), pair(pieces, config)))
    batch = objective.batch(items, rng, device)
    theirs = BertForPreTraining(TheirBertConfig(**sizes(config), attn_implementation="eager"))
    ours = ours_by_their_names(theirs, body, objective.masked.head, objective.pair.head)
    copy(theirs, ours)
    labels = batch.labels.clone()
    labels[:, 0] = IGNORED
    expected = theirs(**inputs_of(batch), labels=labels, next_sentence_label=batch.labels[:, 0])
    assert_equal(theirs, ours, expected.loss, objective.loss(body, batch))


def test_masked_lm_alone_equals_transformers_and_its_logits_too(pieces, config, body, items, rng, device):
    model = MaskedLanguageModel(body)
    objective = MaskedLM(pieces, config)
    disturb(model.head)
    objective.head = model.head
    batch = objective.batch(items, rng, device)
    theirs = BertForPreTraining(TheirBertConfig(**sizes(config), attn_implementation="eager"))
    copy(theirs, ours_by_their_names(theirs, body, model.head, disturb(NextSentence(pieces, config)).head))
    with torch.no_grad():
        expected = theirs(**inputs_of(batch)).prediction_logits
    real = batch.inputs.attention_mask  # the positions of padding are other ones here
    torch.testing.assert_close(model(*batch.inputs)[real], expected[real], atol=1e-5, rtol=1e-5)
    loss = F.cross_entropy(expected.flatten(0, 1), batch.labels.flatten(), ignore_index=IGNORED)
    assert objective.loss(body, batch).item() == pytest.approx(loss.item(), rel=TOLERANCE)


@pytest.mark.parametrize("kind", [RandomTokenSubstitution, ShuffledTokenDetection])
def test_detection_equals_electra_for_pre_training(pieces, config, body, items, rng, device, kind):
    objective = disturb(kind(pieces, config))
    batch = objective.batch(items, rng, device)
    theirs, ours = electra(config, body, objective)
    labels = batch.labels.masked_fill(~batch.has_loss, 0)  # theirs leaves padding out by the attention mask
    assert_equal(theirs, ours, theirs(**inputs_of(batch), labels=labels).loss, objective.loss(body, batch))


def electra(config, body, objective):
    theirs = ElectraForPreTraining(
        ElectraConfig(**sizes(config), embedding_size=config.d_model, attn_implementation="eager")
    )
    ours = ours_by_their_names(theirs, body, objective.head)
    return copy(theirs, ours), ours


def test_electra_s_two_losses_equal_transformers(pieces, config, body, items, rng, device):
    objective = disturb(ReplacedTokenDetection(pieces, config))
    batch = objective.batch(items, rng, device)
    small = objective.generator.config
    assert small.d_model == config.d_model // 4
    generator = ElectraForMaskedLM(
        ElectraConfig(**sizes(small), embedding_size=small.d_model, attn_implementation="eager")
    )
    generator.tie_weights()
    of_generator = ours_by_their_names(generator, objective.generator, objective.generator_head)
    copy(generator, of_generator)
    discriminator, of_body = electra(config, body, objective)

    masked = generator(**inputs_of(batch), labels=batch.labels)
    torch.manual_seed(5)
    replaced = objective.replaced(batch, objective.generator_logits(batch))
    torch.manual_seed(5)
    loss = objective.loss(body, batch)
    detection = discriminator(**inputs_of(replaced), labels=replaced.labels.masked_fill(~replaced.has_loss, 0)).loss
    assert_equal(discriminator, of_body, masked.loss + 50 * detection, loss)
    for name, weight in generator.named_parameters():  # detection sends no gradient to the generator
        scale = max(weight.grad.abs().max(), 1e-3)
        assert (of_generator[name].grad - weight.grad).abs().max() <= 1e-4 * scale, name


def test_what_the_generator_draws(pieces, config, items, rng, device):
    objective = disturb(ReplacedTokenDetection(pieces, config))
    batch = objective.batch(items, rng, device)
    assert (batch.inputs.ids[batch.has_loss] == pieces.mask_id).all()
    logits = objective.generator_logits(batch).detach()
    original = torch.where(batch.has_loss, batch.labels, batch.inputs.ids)
    for seed in range(20):
        # Special tokens and unused entries are the most probable of all: none may come through.
        tempting = logits.masked_fill(objective.never_drawn, 50.0)
        found = objective.replaced(batch, tempting, torch.Generator().manual_seed(seed))
        assert np.isin(found.inputs.ids[batch.has_loss].numpy(), pieces.ordinary).all()
        assert (found.inputs.ids[~batch.has_loss] == batch.inputs.ids[~batch.has_loss]).all()
        expected = torch.where(found.inputs.ids == original, REAL, CHANGED)
        expected[~batch.inputs.attention_mask] = IGNORED
        assert torch.equal(found.labels, expected)
    sure = torch.full_like(logits, -50.0).scatter(1, batch.labels[batch.has_loss][:, None], 50.0)
    assert (objective.replaced(batch, sure).labels[batch.inputs.attention_mask] == REAL).all()


def all_objectives(pieces, config):
    masked = MaskedLM(pieces, config)
    return {
        "masked": masked,
        "translation": TranslationLM(pieces, config),
        "spans": SpanBoundary(pieces, config),
        "substitution": RandomTokenSubstitution(pieces, config),
        "shuffling": ShuffledTokenDetection(pieces, config),
        "replaced": ReplacedTokenDetection(pieces, config),
        "next": NextSentence(pieces, config),
        "order": SentenceOrder(pieces, config),
        "masked + order": MaskedPairs(masked, SentenceOrder(pieces, config)),
    }


NAMES = [
    "masked",
    "translation",
    "spans",
    "substitution",
    "shuffling",
    "replaced",
    "next",
    "order",
    "masked + order",
]


@pytest.mark.parametrize("name", NAMES)
def test_padding_has_no_label_and_changes_no_loss(pieces, config, body, items, rng, device, name):
    objective = disturb(all_objectives(pieces, config)[name])
    batch = objective.batch(items, rng, device)
    assert not batch.has_loss[~batch.inputs.attention_mask].any()
    torch.manual_seed(0)
    loss = objective.loss(body, batch)
    wider = Corrupted(
        type(batch.inputs)(*(F.pad(table, (0, 3)) for table in batch.inputs)),
        F.pad(batch.labels, (0, 3), value=IGNORED),
        F.pad(batch.spans, (0, 0, 0, 3)),
    )
    torch.manual_seed(0)
    assert objective.loss(body, wider).item() == pytest.approx(loss.item(), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_make_the_same_batch(pieces, config, items, device, name):
    objective = all_objectives(pieces, config)[name]
    one, same, other = (objective.batch(items, np.random.default_rng(seed), device) for seed in (1, 1, 2))
    assert torch.equal(one.inputs.ids, same.inputs.ids) and torch.equal(one.labels, same.labels)
    assert one.inputs.ids.shape != other.inputs.ids.shape or not (
        torch.equal(one.inputs.ids, other.inputs.ids) and torch.equal(one.labels, other.labels)
    )


@pytest.mark.parametrize("kind", [MaskedLM, RandomTokenSubstitution, SpanBoundary])
def test_a_batch_without_a_question_has_the_loss_0(pieces, config, body, items, rng, device, kind):
    objective = disturb(kind(pieces, config))
    batch = objective.batch(items, rng, device)
    loss = objective.loss(body, batch._replace(labels=torch.full_like(batch.labels, IGNORED)))
    loss.backward()
    assert loss.item() == 0
    assert all(weight.grad is None or weight.grad.isfinite().all() for weight in body.parameters())


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_mean_of_many_losses_does_not_overflow(kind):
    losses = torch.full((100_000,), 4.0, dtype=kind)
    assert mean_of(losses).item() == 4.0
    assert mean_of(losses[:0]).item() == 0
    assert mean_of(losses.double()).dtype == torch.float64


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("n", [-1, 3, 1.5, True])
def test_blocks_that_are_not_there_cannot_be_trained(body, n):
    """Counted from the end, three of two blocks are the last one."""
    with pytest.raises(ValueError, match="n_trained_blocks is"):
        MaskedLanguageModel(body, n_trained_blocks=n)
    assert all(weight.requires_grad for weight in body.parameters()), "nothing has changed"
    for most in range(3):
        model = MaskedLanguageModel(Bert(body.config), n_trained_blocks=most)
        trained = [all(weight.requires_grad for weight in block.parameters()) for block in model.body.blocks]
        assert trained == [most > 1, most > 0]


def test_a_generator_that_cannot_be_made_is_told_by_the_body_s_sizes(pieces, config):
    odd = replace(config, d_model=54, n_heads=9)
    with pytest.raises(ValueError, match=r"d_model 54, d_ff 48, n_heads 9.* d_model 13 makes no 2 heads"):
        ReplacedTokenDetection(pieces, odd)


def test_the_span_s_border_is_all_that_the_boundary_objective_sees(pieces, config, body, items, rng, device):
    objective = disturb(SpanBoundary(pieces, config))
    batch = objective.batch(items, rng, device)
    hidden = torch.randn(*batch.inputs.ids.shape, config.d_model, requires_grad=True)
    embedding = body.embedding.tokens.weight.detach()
    objective.boundary_logits(hidden, embedding, batch).square().sum().backward()
    seen = hidden.grad.abs().sum(dim=-1) > 0
    borders = torch.zeros_like(seen)
    for of_row, spans in zip(borders, batch.spans, strict=True):
        for first, last in spans[spans[:, 0] > 0].tolist():
            of_row[[first - 1, last + 1]] = True
    assert torch.equal(seen, borders)
    assert not (seen & batch.has_loss).any(), "not the state of a masked token itself"


def test_the_place_in_the_span_matters_and_counts_from_its_first_token(pieces, config, body):
    objective = disturb(SpanBoundary(pieces, config))
    ids = torch.tensor([[pieces.cls_id, *pieces.ordinary[:5].tolist(), pieces.sep_id]])
    labels = torch.full_like(ids, IGNORED)
    labels[0, 2:5] = ids[0, 2:5]
    spans = torch.zeros(1, 7, 2, dtype=torch.long)
    spans[0, 2:5] = torch.tensor([2, 4])
    inputs = type(objective.batch([Segments([6])], np.random.default_rng(0), torch.device("cpu")).inputs)(
        ids, torch.ones_like(ids, dtype=torch.bool), torch.zeros_like(ids)
    )
    hidden, embedding = body(*inputs), body.embedding.tokens.weight
    logits = objective.boundary_logits(hidden, embedding, Corrupted(inputs, labels, spans))
    left, right = (hidden[0, [place]].expand(3, -1) for place in (1, 5))
    expected = objective.boundary_head(left, right, torch.arange(3), embedding)
    torch.testing.assert_close(logits, expected)
    assert not torch.allclose(logits[0], logits[1])
    far = objective.boundary_head(left, right, torch.tensor([19, 20, 500]), embedding)
    torch.testing.assert_close(far[0], far[2])


def test_the_place_has_an_embedding_of_200_numbers_as_in_the_authors_code(pieces, config):
    assert SpanBoundary(pieces, config).boundary_head.places.weight.shape == (20, 200)


def test_only_the_positions_with_a_label_are_in_the_loss_of_masked_lm(pieces, config, body, items, rng, device):
    objective = disturb(MaskedLM(pieces, config))
    batch = objective.batch(items, rng, device)
    hidden = body(*batch.inputs).detach().requires_grad_()
    objective.loss_of(body, hidden, batch).backward()
    assert torch.equal(hidden.grad.abs().sum(dim=-1) > 0, batch.has_loss)


# --- Pairs ---


@pytest.mark.parametrize("kind", [NextSentence, SentenceOrder])
def test_a_pair_s_label_is_at_its_beginning_alone(pieces, config, body, items, rng, device, kind):
    objective = disturb(kind(pieces, config))
    batch = objective.batch(items, rng, device)
    assert batch.has_loss[:, 0].all() and not batch.has_loss[:, 1:].any()
    hidden = body(*batch.inputs).detach().requires_grad_()
    objective.logits(body, hidden).square().sum().backward()
    seen = hidden.grad.abs().sum(dim=-1) > 0
    assert seen[:, 0].all() and not seen[:, 1:].any()


def test_swapped_segments_have_the_very_words_of_the_right_pair(pieces, config, items):
    """What an order-free reader sees is the same; of the next sentence's wrong pair it is not."""
    for item in items:
        right, swapped = (SentenceOrder(pieces, config).labelled(item, label).row.ids for label in (RIGHT, WRONG))
        assert sorted(right.tolist()) == sorted(swapped.tolist()) and right.tolist() != swapped.tolist()


def test_next_sentence_shows_the_other_document_and_sentence_order_swaps(pieces, config, items):
    for item in items:
        following, order = NextSentence(pieces, config), SentenceOrder(pieces, config)
        for objective in (following, order):
            right = objective.labelled(item, RIGHT)
            shown = item.alike() if objective is following else item
            assert right.row.ids.tolist() == pieces.row(shown).ids.tolist()
            assert right.labels[0] == RIGHT and (right.labels[1:] == IGNORED).all()
        wrong = following.labelled(item, WRONG)
        assert wrong.row.ids.tolist() == pieces.row(Segments(item.first, item.alike().unrelated)).ids.tolist()
        swapped = order.labelled(item, WRONG)
        assert swapped.row.ids.tolist() == pieces.row(Segments(item.second, item.first)).ids.tolist()
        assert wrong.labels[0] == swapped.labels[0] == WRONG


def test_a_next_sentence_is_as_long_as_the_other_and_an_ordered_pair_is_whole(pieces, config):
    words = pieces.ordinary.tolist()
    for second, unrelated in ((words[4:9], words[20:22]), (words[4:6], words[20:27])):
        item = Segments(words[:4], second, unrelated)
        following = NextSentence(pieces, config)
        assert len(following.labelled(item, RIGHT).row.ids) == len(following.labelled(item, WRONG).row.ids) == 9
        for label in (RIGHT, WRONG):
            ids = SentenceOrder(pieces, config).labelled(item, label).row.ids.tolist()
            assert sorted(ids) == sorted([pieces.cls_id, pieces.sep_id, pieces.sep_id, *words[:4], *second])


@pytest.mark.parametrize("kind", [NextSentence, SentenceOrder])
def test_half_of_the_pairs_are_wrong(pieces, config, items, kind):
    objective, rng = kind(pieces, config), np.random.default_rng(0)
    labels = [objective.corrupt(items[1], rng).labels[0] for _ in range(2000)]
    assert np.mean(labels) == pytest.approx(0.5, abs=0.035)


@pytest.mark.parametrize("kind", [NextSentence, SentenceOrder])
def test_a_pair_of_one_text(pieces, config, kind):
    with pytest.raises(ValueError, match="A pair needs two texts"):
        kind(pieces, config).labelled(Segments([6, 7]), WRONG)


# --- One side ---


@pytest.mark.parametrize(("side", "changed_at", "same"), [("left", 9, range(9)), ("right", 3, range(4, 12))])
def test_one_side_sees_nothing_of_the_other(pieces, config, body, items, rng, device, side, changed_at, same):
    inputs = one_sided(MaskedLM(pieces, config).batch(items, rng, device).inputs, side)
    ids = inputs.ids.clone()
    ids[:, changed_at] = (ids[:, changed_at] + 7) % config.vocab_size
    one, other = body(*inputs), body(*inputs._replace(ids=ids))
    torch.testing.assert_close(one[:, list(same)], other[:, list(same)])
    assert not torch.allclose(one[:, changed_at], other[:, changed_at])
    both = one_sided(inputs._replace(attention_mask=inputs.ids != pieces.pad_id), "both")
    moved = body(*both._replace(ids=ids))
    assert not torch.allclose(body(*both)[0, same[0]], moved[0, same[0]])


def test_both_sides_are_what_bert_sees(pieces, config, body, items, rng, device):
    inputs = MaskedLM(pieces, config).batch(items, rng, device).inputs
    real = inputs.attention_mask
    torch.testing.assert_close(body(*one_sided(inputs, "both"))[real], body(*inputs)[real])
    with pytest.raises(ValueError, match="no side 'up'"):
        one_sided(inputs, "up")
