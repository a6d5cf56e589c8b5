"""AdaLoRA: equal to peft's over a whole training, and hard to use so that its ranks stay as they are."""

import copy
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from peft import AdaLoraConfig
from peft.tuners.adalora import AdaLoraModel
from torch import Tensor, nn

from course.bert import Bert, BertConfig
from course.fine_tuning import EarlyStopping, LabelledTexts, Recipe, SentenceClassifier, fine_tune
from course.peft import AdaLoRA, LoRA, RankAllocator, attach, count, freeze, load, merge, save
from course.peft.adalora_linear import TRAINED, not_orthonormal
from course.tokenization import WordPiece
from course.training import train
from tests.support.bert import as_bert
from tests.support.llama import TOLERANCE, as_llama, difference, random_ids, tiny_config, tiny_model

TEXTS = ["a great film", "a dull film", "great fun", "dull and long", "a fine story", "an awful story"]
TRAINING = LabelledTexts(TEXTS, ["good", "bad"] * 3, "training")
VALIDATION = LabelledTexts([f"{text} indeed" for text in TEXTS], ["good", "bad"] * 3, "validation")
RECIPE = Recipe(3e-2, epochs=4, batch_size=2)  # 12 steps
SMALL = AdaLoRA(steps=12, initial_rank=4, target_rank=2, initial_steps=2, final_steps=3)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def tiny_bert(seed: int = 0) -> Bert:
    sizes = {"vocab_size": 61, "context_length": 20, "d_model": 16, "n_layers": 2, "n_heads": 2, "d_ff": 24}
    return Bert(BertConfig(**sizes, dropout=0.0), seeded(seed))


def classifier(seed: int = 0) -> SentenceClassifier:
    tokenizer = WordPiece.train(" ".join(TEXTS), 50)
    sizes = {"context_length": 24, "d_model": 16, "n_layers": 2, "n_heads": 2, "d_ff": 32}
    body = Bert(BertConfig(tokenizer.vocab_size, **sizes), seeded(seed))
    model = SentenceClassifier(body, tokenizer, ("bad", "good"), generator=seeded(seed))
    freeze(model)
    return model


def adapted(method: AdaLoRA = SMALL, seed: int = 0) -> tuple[SentenceClassifier, RankAllocator]:
    model = classifier()
    return model, RankAllocator(attach(model, method, seeded(seed)))


def run(model: SentenceClassifier, allocator: RankAllocator, **options: object) -> object:
    functions = {"after_step": allocator.after_step, "penalty": allocator.penalty}
    return fine_tune(model, TRAINING, RECIPE, **functions | options)


def trained() -> tuple[SentenceClassifier, RankAllocator]:
    model, allocator = adapted()
    run(model, allocator)
    return model, allocator


def layer_of(allocator: RankAllocator) -> nn.Module:
    return next(iter(allocator.parts.values()))


class WithLoss(nn.Module):
    """A reference that computes a loss, to which peft's AdaLoRA adds its penalty."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, targets: Tensor) -> SimpleNamespace:
        found = self.model(ids)
        output = found.logits if hasattr(found, "logits") else found.last_hidden_state
        return SimpleNamespace(output=output, loss=cross_entropy(output, targets))


def cross_entropy(output: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(output.flatten(0, 1), targets.flatten() % output.shape[-1])


MODELS = {
    "bert": (tiny_bert, as_bert, ("query", "value")),
    "llama": (lambda: tiny_model(tiny_config()), as_llama, ("q_proj", "v_proj")),
}


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "rate", "interval"), [(torch.optim.Adam, 3e-3, 1), (torch.optim.SGD, 3e-1, 3)])
@pytest.mark.parametrize("kind", MODELS)
def test_thirty_steps_are_those_of_peft(kind, optimizer, rate, interval):
    make, as_theirs, targets = MODELS[kind]
    model = make()
    reference = as_theirs(model)
    sizes = {"beta1": 0.8, "beta2": 0.9}
    method = AdaLoRA(30, 6, 3, alpha=9, initial_steps=4, final_steps=6, interval=interval, **sizes)
    settings = {"total_step": 30, "init_r": 6, "target_r": 3, "lora_alpha": 9, "tinit": 4, "tfinal": 6}
    config = AdaLoraConfig(**settings, deltaT=interval, target_modules=list(targets), lora_dropout=0.0, **sizes)
    theirs = AdaLoraModel(WithLoss(reference), {"default": config}, "default")
    freeze(model)
    attached = attach(model, method, seeded())
    allocator = RankAllocator(attached)
    layers = [module for name, module in theirs.named_modules() if name.endswith(targets)]
    pairs = [
        (part.get_parameter(ours), getattr(layer, f"lora_{name}")["default"])
        for part, layer in zip(allocator.parts.values(), layers, strict=True)
        for ours, name in (("values", "E"), ("down", "A"), ("up", "B"))
    ]
    with torch.no_grad():
        for ours, their in pairs:
            their.copy_(ours.view_as(their))
    names = {id(weight): name for name, weight in theirs.model.named_parameters()}
    one = optimizer(attached.parameters().values(), lr=rate)
    other = optimizer([their for _ours, their in pairs], lr=rate)
    grew_again = False

    for step in range(1, 31):
        ids, goals = random_ids(SimpleNamespace(vocab_size=61), 3, 9, step), random_ids(model.config, 3, 9, 100 + step)
        one.zero_grad(), other.zero_grad()
        output, found = model(ids), theirs(ids, goals)
        loss = cross_entropy(output, goals) + allocator.penalty()
        assert difference(output, found.output) < TOLERANCE
        assert loss.item() == pytest.approx(found.loss.item(), rel=TOLERANCE)
        loss.backward(), found.loss.backward()
        largest = max(their.grad.abs().max() for _ours, their in pairs)
        for ours, their in pairs:
            assert (ours.grad.view_as(their) - their.grad).abs().max() < TOLERANCE * largest
        one.step(), other.step()
        allocator.after_step(step)
        theirs.update_and_allocate(step)

        for ours, their in pairs:
            torch.testing.assert_close(ours, their.view_as(ours), atol=TOLERANCE, rtol=TOLERANCE)
        if step < 24:  # afterwards peft forgets them
            for part, trio in zip(allocator.parts.values(), zip(*[iter(pairs)] * 3, strict=True), strict=True):
                for name, (_ours, their) in zip(TRAINED, trio, strict=True):
                    for kind_of, stored in (("sensitivity", "exp_avg_ipt"), ("uncertainty", "exp_avg_unc")):
                        average = part.get_buffer(f"{name}_{kind_of}")
                        expected = getattr(theirs.rankallocator, stored)[names[id(their)]].view_as(average)
                        assert difference(average, expected) < 1e-4, (step, name, kind_of)
        pattern = config.rank_pattern
        for part, (_ours, values) in zip(allocator.parts.values(), pairs[::3], strict=True):
            expected = [True] * 6 if pattern is None else pattern[names[id(values)]]
            assert part.kept.tolist() == expected, step
            assert part.rank == sum(expected)
            grew_again |= bool(((part.values != 0) & ~part.kept).any())
    assert sum(allocator.ranks.values()) == 3 * len(layers) and len(set(allocator.ranks.values())) > 1
    assert allocator.allocations[-1].step == 24 and (layers[0].lora_E["default"] == 0).any()
    assert grew_again == (interval > 1), "what was taken away is 0 until the next step"


def test_at_first_the_model_is_as_it_was_and_afterwards_again():
    model = classifier().eval()
    texts = model.inputs(TEXTS)
    weights = {name: weight.clone() for name, weight in model.state_dict().items()}
    before = model(texts)
    attached = attach(model, SMALL, seeded())
    assert torch.equal(model(texts), before)
    assert count(attached) == 4 * 4 * (16 + 16 + 1)
    allocator = RankAllocator(attached)
    run(model, allocator)
    assert not torch.allclose(model(texts), before)
    attached.off()
    for name, weight in model.state_dict().items():
        assert name.startswith("head.") or torch.equal(weight, weights[name]), name


def test_the_first_weights_are_drawn_as_by_the_authors():
    body = Bert(BertConfig(61, 20, 512, 1, 4, 24), seeded())
    first, second = (next(iter(attach(copy.deepcopy(body), AdaLoRA(9, 64, 8), seeded()).parts.values())) for _ in "ab")
    assert first.values.abs().sum() == 0 and torch.equal(first.up, second.up)
    for vectors in (first.down, first.up):
        assert vectors.std().item() == pytest.approx(0.02, rel=0.03) and abs(vectors.mean().item()) < 1e-3


def test_the_divisor_is_the_initial_rank_whatever_is_kept():
    _model, allocator = trained()
    layer = min(allocator.parts.values(), key=lambda part: part.rank)
    assert layer.rank < 4
    product = layer.up @ torch.diag(layer.values) @ layer.down
    torch.testing.assert_close(layer.update(), 4 / (4 + 1e-5) * product)
    assert AdaLoRA(9, 8, 4, alpha=32).scale == pytest.approx(32 / (8 + 1e-5))


def test_in_eval_mode_one_matrix_computes_the_same_also_after_more_training():
    model, allocator = trained()
    for _again in range(2):
        inputs = model.inputs(TEXTS)
        apart = model(inputs)
        with torch.no_grad():
            merged = model(inputs)
        torch.testing.assert_close(merged, apart, atol=1e-6, rtol=1e-6)
        run(model, allocator)  # with a fused optimizer, after which the versions of the weights are what they were


def test_dropout_acts_on_the_branch_alone():
    layer = layer_of(adapted(AdaLoRA(12, 4, 2, dropout=0.5))[1]).train()
    x = torch.ones(2000, 16)
    assert torch.equal(layer(x), layer.base(x))
    nn.init.ones_(layer.values), nn.init.ones_(layer.down), nn.init.ones_(layer.up)
    branch = (layer(x) - layer.base(x)).detach()
    assert branch.std() > 1 and branch.mean().item() == pytest.approx(layer.scale * 16 * 4, rel=0.05)


def test_ranks_follow_the_budget_and_are_recorded_with_their_importances():
    _model, allocator = trained()
    steps = [step for step, _ranks in allocator.ranks_over_steps]
    assert steps == [0, *range(3, 10)]  # 2 initial steps; from step 9 = 12 − 3 on the choice stays
    for step, ranks in allocator.ranks_over_steps:
        assert sum(ranks.values()) == allocator.budget(step)
    assert allocator.ranks_over_steps[-1][1] == allocator.ranks and sum(allocator.ranks.values()) == 4 * 2
    last = allocator.allocations[-1]
    kept = torch.cat([part.kept for part in allocator.parts.values()])
    scores = torch.cat(list(last.importance.values()))
    assert list(last.importance) == list(allocator.parts) and scores[kept].min() > scores[~kept].max()
    assert all(((part.values != 0) == part.kept).all() for part in allocator.parts.values())


@pytest.mark.parametrize(("interval", "expected"), [(4, [0, 4, 8, 9]), (20, [0, 9])])
def test_ranks_are_allocated_at_intervals_and_once_at_the_end(interval, expected):
    method = AdaLoRA(12, 4, 2, initial_steps=2, final_steps=3, interval=interval)
    model, allocator = adapted(method)
    run(model, allocator)
    assert [step for step, _ranks in allocator.ranks_over_steps] == expected
    assert sum(allocator.ranks.values()) == 4 * 2


def with_gradients(allocator: RankAllocator, gradient: float = 1.0) -> None:
    """As a step leaves the layers, with a penalty."""
    allocator.penalty()
    for part in allocator.parts.values():
        for name in TRAINED:
            part.get_parameter(name).grad = torch.full_like(part.get_parameter(name), gradient)


def test_a_triple_that_was_taken_away_keeps_its_vectors_and_can_come_back():
    allocator = adapted(AdaLoRA(100, 4, 1, initial_steps=0))[1]
    layer, *others = allocator.parts.values()
    with torch.no_grad():
        layer.values.copy_(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    vectors = layer.down.clone()
    layer.keep(torch.tensor([False, True, True, True]))
    assert layer.values.tolist() == [0, 2, 3, 4] and torch.equal(layer.down, vectors) and layer.rank == 3
    with torch.no_grad():
        layer.values[0] = 9.0  # a step later
    with_gradients(allocator)
    allocator.after_step(1)
    assert layer.kept[0] and layer.values[0] == 9 and all(part.rank <= 4 for part in others)


def test_a_matrix_may_lose_all_its_triples_and_is_trained_on():
    model, allocator = adapted(AdaLoRA(3, 4, 2))
    empty, *others = allocator.parts.values()
    with torch.no_grad():
        for part in others:
            part.values.fill_(1.0)
    for step in (1, 2, 3):
        with_gradients(allocator, 1.0)
        with torch.no_grad():
            for name in TRAINED:
                empty.get_parameter(name).grad.zero_()
        allocator.after_step(step)
    assert empty.rank == 0 and sum(allocator.ranks.values()) == 8
    x = torch.randn(2, 16)
    model.eval()
    assert torch.equal(empty(x), empty.base(x))
    model.loss([(model.row(TEXTS[0]), 1)]).backward()
    assert empty.values.grad.abs().sum() > 0


def test_with_the_target_at_the_initial_rank_all_is_kept():
    model, allocator = adapted(AdaLoRA(12, 4, 4))
    run(model, allocator)
    assert set(allocator.ranks.values()) == {4} and all((part.values != 0).all() for part in allocator.parts.values())


def test_the_penalty_is_the_mean_distance_from_orthonormal_not_squared():
    square = torch.tensor([[3.0, 4.0], [0.0, 1.0]])  # M·Mᵀ − 1 is [[24, 4], [4, 0]]
    assert not_orthonormal(square).item() == pytest.approx((24**2 + 4**2 + 4**2) ** 0.5)
    turned = nn.Parameter(torch.linalg.qr(torch.randn(5, 5, generator=seeded())).Q[:3])
    assert not_orthonormal(turned).item() < 1e-5
    identity = nn.Parameter(torch.eye(3, 5))
    not_orthonormal(identity).backward()
    assert identity.grad.isfinite().all()
    allocator = adapted(AdaLoRA(12, 4, 2, orthogonality=0.3))[1]
    each = [
        (m - torch.eye(4)).square().sum().sqrt()
        for part in allocator.parts.values()
        for m in (part.down @ part.down.T, part.up.T @ part.up)
    ]
    torch.testing.assert_close(allocator.penalty(), 0.3 * sum(each) / 8)


@pytest.mark.parametrize("options", [{}, {"validation": VALIDATION, "evaluate_every": 1}])
def test_a_training_without_the_allocator_stops_at_its_second_step(options):
    model, allocator = adapted()
    steps = []
    with pytest.raises(RuntimeError, match=r"no ranks were allocated.*after_step=allocator.after_step"):
        fine_tune(model, TRAINING, RECIPE, penalty=allocator.penalty, after_step=steps.append, **options)
    assert steps == [1]


def test_a_loss_without_the_penalty_stops_at_the_first_step():
    model, allocator = adapted()
    with pytest.raises(RuntimeError, match=r"without `allocator.penalty\(\)`.*penalty=allocator.penalty"):
        fine_tune(model, TRAINING, RECIPE, after_step=allocator.after_step)
    model, allocator = adapted(AdaLoRA(12, 4, 2, orthogonality=0))
    run(model, allocator, penalty=None)
    assert sum(allocator.ranks.values()) == 8


def test_after_zero_grad_it_is_too_late_and_nothing_changes():
    allocator = adapted()[1]
    allocator.penalty()
    before = {place: part.values_sensitivity.clone() for place, part in allocator.parts.items()}
    with_gradients(allocator)
    list(allocator.parts.values())[-1].up.grad = None
    with pytest.raises(ValueError, match=r"blocks\.1\.attention\.value\.up has no gradient"):
        allocator.after_step(1)
    assert all(torch.equal(part.values_sensitivity, before[place]) for place, part in allocator.parts.items())


def test_no_alarm_where_the_weights_change_otherwise():
    model, allocator = adapted()
    rows = [(model.row(text), 1) for text in TEXTS]
    model.train()
    model.loss(rows).backward(), model.loss(rows).backward()  # gradients that are added up
    model.eval()
    with torch.no_grad():
        layer_of(allocator).values.add_(1.0)  # a file is loaded
    model.train()
    model.loss(rows)
    with torch.no_grad():
        layer_of(allocator).values.add_(1.0)  # no backward pass before it
    model.loss(rows).backward()
    another = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in another.parameters():
            parameter.add_(1.0)
    with pytest.raises(RuntimeError, match="no ranks were allocated"):
        another.loss(rows)
    model.loss(rows)


def test_a_copy_of_a_model_computes_with_its_own_weights():
    model, _allocator = trained()
    inputs = model.inputs(TEXTS)
    with torch.no_grad():
        before = model(inputs)
        other = copy.deepcopy(model)
        assert torch.equal(other(inputs), before)
        other = copy.deepcopy(model)
        for parameter in other.body.parameters():
            parameter.mul_(2.0)
        assert not torch.allclose(other(inputs), before) and torch.equal(model(inputs), before)


class Stop(Exception):
    pass


@pytest.mark.parametrize("stopped_after", [1, 4, 7, 10])
def test_a_resumed_training_equals_one_without_a_break_to_the_bit(tmp_path, stopped_after):
    method = AdaLoRA(12, 4, 2, initial_steps=2, final_steps=3, interval=2)
    expected, whole = adapted(method)
    history = run(expected, whole)

    model, allocator = adapted(method)
    penalties = []

    def penalty() -> Tensor:
        penalties.append(1)
        if len(penalties) > stopped_after:
            raise Stop
        return allocator.penalty()

    with pytest.raises(Stop):
        run(model, allocator, penalty=penalty, checkpoint=tmp_path / "run")
    model, allocator = adapted(method, seed=1)
    again = run(model, allocator, checkpoint=tmp_path / "run")
    assert again.losses == history.losses
    for (name, one), other in zip(expected.state_dict().items(), model.state_dict().values(), strict=True):
        assert torch.equal(one, other), name
    assert allocator.ranks == whole.ranks and set(allocator.ranks.values()) != {4}


def between_two_allocations() -> tuple[SentenceClassifier, RankAllocator]:
    model, allocator = adapted(AdaLoRA(100, 4, 2, interval=10, final_steps=5))
    optimizer = torch.optim.SGD([*allocator.attached.parameters().values()], lr=0.1)
    rows = [(model.row(text), index % 2) for index, text in enumerate(TEXTS)]
    for step in range(1, 15):
        optimizer.zero_grad()
        (model.loss(rows) + allocator.penalty()).backward()
        optimizer.step()
        allocator.after_step(step)
    return model.eval(), allocator


def test_a_stored_adalora_has_its_ranks_also_between_two_allocations(tmp_path):
    model, allocator = between_two_allocations()
    parts = allocator.parts.values()
    assert any((part.values != 0).sum() > part.rank for part in parts), "some have grown again"
    save(allocator.attached, tmp_path / "method")
    other = classifier()
    fresh = RankAllocator(load(tmp_path / "method", other))
    assert fresh.method == allocator.method
    assert fresh.ranks == allocator.ranks and sum(fresh.ranks.values()) == allocator.budget(10) < 16
    for one, part in zip(fresh.parts.values(), parts, strict=True):
        assert torch.equal(one.kept, part.kept) and torch.equal(one.scores, part.scores) and part.scores.min() > 0
    assert torch.equal(other.eval()(other.inputs(TEXTS)), model(model.inputs(TEXTS)))
    fresh.penalty()
    fresh.after_step(100)  # a final step, in which the choice stays
    assert fresh.ranks == allocator.ranks and all(((p.values != 0) == p.kept).all() for p in fresh.parts.values())


def test_what_only_a_training_needs_is_not_stored():
    model, allocator = between_two_allocations()
    state = allocator.attached.state()
    assert {name.rpartition(".")[2] for name in state} == {*TRAINED, "kept", "scores"}
    averages = [name for name in model.state_dict() if name.endswith("_uncertainty")]
    assert len(averages) == 3 * len(allocator.parts), "but it is in a checkpoint"


def test_it_can_be_merged():
    model, allocator = between_two_allocations()
    inputs = model.inputs(TEXTS)
    before = model(inputs)
    merge(allocator.attached)
    torch.testing.assert_close(model(inputs), before, atol=1e-6, rtol=1e-6)
    assert type(model.body.blocks[0].attention.query) is nn.Linear


def test_early_stopping_gives_the_ranks_of_the_best_weights_back():
    model, allocator = adapted()
    measures = iter([3.0, 1.0, 2.0, 2.0])
    stop = EarlyStopping(model, "loss", patience=2)
    kept = []

    def measured(_model: nn.Module) -> dict[str, float]:
        kept.append([part.kept.clone() for part in allocator.parts.values()])
        return {"loss": next(measures)}

    optimizer = torch.optim.SGD([*allocator.attached.parameters().values()], lr=0.1)
    rows = [(model.row(text), index % 2) for index, text in enumerate(TEXTS)]
    settings = {"steps": 12, "evaluate": measured, "evaluate_every": 2, "after_step": allocator.after_step}
    train(model, [rows] * 12, lambda _m, b: model.loss(b) + allocator.penalty(), optimizer, **settings, stop=stop)
    stop.restore()
    assert stop.best_step == 4 and sum(allocator.ranks.values()) == allocator.budget(4) > allocator.budget(8)
    for part, best in zip(allocator.parts.values(), kept[1], strict=True):
        assert torch.equal(part.kept, best) and torch.equal(part.values != 0, best)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps is 0; it must be 1 or more"),
        ({"steps": 2.5}, "steps is 2.5; it must be a whole number"),
        ({"initial_rank": 0}, "initial_rank is 0"),
        ({"target_rank": 0}, "target_rank is 0"),
        ({"target_rank": 13}, "target rank 13 is above the initial rank 12"),
        ({"interval": 0}, "interval is 0"),
        ({"initial_steps": -1}, "initial_steps is -1"),
        ({"initial_steps": 6, "final_steps": 4}, "6 initial and 4 final steps leave none of 10"),
        ({"beta1": 1.0}, "beta1 is 1.0; it must be above 0 and below 1"),
        ({"beta2": 0.0}, "beta2 is 0.0"),
        ({"orthogonality": -0.5}, "orthogonality is -0.5"),
        ({"alpha": 0}, "alpha is 0"),
        ({"dropout": 1.0}, "dropout is 1.0"),
    ],
)
def test_numbers_out_of_range_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        AdaLoRA(**{"steps": 10} | options)


def test_what_does_not_fit_is_named_and_the_model_stays_as_it_was():
    model = classifier()
    modules = list(model.modules())
    for method, message in (
        (AdaLoRA(9, 17, 8), r"Rank 17 is above that of blocks\.0\.attention\.query"),
        (AdaLoRA(9, targets=("gate",)), "Bert has no layer 'gate'"),
    ):
        with pytest.raises(ValueError, match=message):
            attach(model, method)
    assert list(model.modules()) == modules
    with pytest.raises(TypeError, match="not for LoRA: that needs no allocator"):
        RankAllocator(attach(model, LoRA(2)))


@pytest.mark.parametrize("wrong", [torch.nan, torch.inf])
def test_a_gradient_that_is_no_number_stays_out_of_the_averages(wrong):
    allocator = adapted()[1]
    allocator.penalty()
    before = {place: part.values_sensitivity.clone() for place, part in allocator.parts.items()}
    with_gradients(allocator)
    list(allocator.parts.values())[-1].up.grad[0, 0] = wrong
    with pytest.raises(FloatingPointError, match=r"gradient of blocks\.1\.attention\.value\.up is infinite or NaN"):
        allocator.after_step(1)
    assert all(torch.equal(part.values_sensitivity, before[place]) for place, part in allocator.parts.items())


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("options", [{"alpha": "x"}, {"beta1": "x"}, {"orthogonality": None}])
def test_what_is_no_number_is_named(options):
    with pytest.raises(ValueError, match=rf"{next(iter(options))} is ('x'|None); it must be"):
        AdaLoRA(10, **options)
