"""A cross-encoder that reads question and passage together, over the passages that vectors found first.

python -m experiments.reranking --search cross-encoder alone --threads 1
python -m experiments.reranking [cross-encoder alone] --seeds 0 --threads 1

MiniLM with LoRA on all matrices of its blocks and a head that gives a question with a passage one number. A step has
eight questions; each with the passage that answers it, the nearest wrong one, and another of the first five by vectors
or by BM25. The loss is the cross-entropy of the right one among the three. `cross-encoder` adds the cosine of question
and passage, times 20, to its score, in training and in use, and so learns what vectors get wrong; `alone` does not.
Rates are chosen on validation questions, whose first ten passages are reranked; of test questions it is the first 20.
The search ranks rates by trainings of 150 steps, and trains the best two in full: with the higher one of these the head
collapsed, and gave all passages of a question the same number.
"""

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course import trained
from course.data.splits import draw
from course.fine_tuning import Recipe, trained_parameters
from course.fine_tuning.inputs import Row
from course.fine_tuning.predictions import evaluating, like_lengths
from course.peft import Attached, LoRA, attach, freeze, save
from course.pretrained import load
from course.rag import CrossEncoder, contrastive_loss
from course.tasks.boolq_retrieval import Question, boolq_passages, boolq_sets
from course.tasks.reranker import COSINE_SCALE, LIMIT
from course.training import History, ShuffledBatches, linear_schedule, train
from experiments.peft_methods import numbers_trained
from experiments.retrieval import bm25_scores, dense_scores
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "reranking"
N_CANDIDATES, N_HARD, N_NEGATIVES = 20, 5, 2
METHOD = LoRA(8, targets=("query", "key", "value", "output", "up", "down"))
N_VALIDATION, N_VALIDATED = 200, 10  # questions, drawn, and passages of each
STEPS, SEARCHED_STEPS = 1000, 150  # of a training, and in a run of the search
PAIRS_AT_ONCE = 16
GRID = Grid(
    {"cross-encoder": 1e-3, "alone": 1e-3},
    dropouts=(0.0,),
    batch_sizes=(8,),
    budget={"steps": SEARCHED_STEPS},
    full_budget={"steps": STEPS},
    finalists=2,
)


class Candidates(NamedTuple):
    """Passages for a question, with their cosines, best first; `right` is the place of its own among them, or None."""

    question: Question
    passages: list[int]
    cosines: list[float]
    right: int | None


def nearest(questions: Sequence[Question], n: int = N_CANDIDATES) -> list[Candidates]:
    """The `n` passages with the largest cosines for each question."""
    best = dense_scores(questions).topk(n, dim=1)
    found = []
    for question, passages, cosines in zip(questions, best.indices.tolist(), best.values.tolist(), strict=True):
        right = passages.index(question.passage) if question.passage in passages else None
        found.append(Candidates(question, passages, cosines, right))
    return found


def for_training(questions: Sequence[Question], seed: int) -> list[Candidates]:
    """The right passage of each question first, then the wrong one with the largest cosine, and another one, drawn."""
    cosines = dense_scores(questions)
    by_words = bm25_scores(questions).topk(N_HARD, dim=1).indices.tolist()
    found = []
    for question, of_question, words in zip(questions, cosines, by_words, strict=True):
        meaning = of_question.topk(N_HARD).indices.tolist()
        nearest_wrong, *others = (one for one in dict.fromkeys([*meaning, *words]) if one != question.passage)
        drawn = random.Random(f"{seed}:{question.text}").sample(others, N_NEGATIVES - 1)
        passages = [question.passage, nearest_wrong, *drawn]
        found.append(Candidates(question, passages, of_question[passages].tolist(), 0))
    return found


@dataclass
class CrossEncoderRecipe:
    """MiniLM with LoRA and a head for pairs; `cosine_scale` is what the cosine counts beside the head's score."""

    name: str
    setting: Setting
    cosine_scale: float
    steps: int = STEPS
    attached: Attached | None = None  # of the last training

    @property
    def family(self) -> str:
        return self.name

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold another number of `steps`."""
        return replace(self, setting=setting, **budget)

    def new_model(self, seed: int) -> CrossEncoder:
        generator = torch.Generator().manual_seed(seed)
        body, tokenizer = load("minilm")
        model = CrossEncoder(body, tokenizer, limit=LIMIT, dropout=self.setting.dropout, generator=generator)
        freeze(model)
        self.attached = attach(model, METHOD, generator)
        return model

    def train(self, seed: int) -> tuple[Any, History]:
        model = self.new_model(seed)
        rate, _dropout, batch_size = self.setting
        questions = draw(boolq_sets().training, self.steps * batch_size, seed)
        recipe = Recipe(rate, 1, batch_size)
        batches = ShuffledBatches(
            for_training(questions, seed), batch_size, list, seed=seed, length=lambda one: len(texts_of(one)[0][1])
        )
        weights = trained_parameters(model).values()
        decays = {is_matrix: [one for one in weights if (one.ndim > 1) == is_matrix] for is_matrix in (True, False)}
        groups = [
            {"params": decays[True], "weight_decay": recipe.weight_decay},
            {"params": decays[False], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=rate, fused=True)
        schedule = linear_schedule(rate, self.steps, max(1, round(recipe.warmup * self.steps)))
        history = train(
            model,
            batches,
            lambda _model, batch: contrastive_loss(self.scores(model, batch)),
            optimizer,
            steps=self.steps,
            seed=seed,
            learning_rate=schedule,
            max_gradient_norm=recipe.max_gradient_norm,
        )
        return model, history

    def scores(self, model: CrossEncoder, candidates: Sequence[Candidates]) -> Float[Tensor, "question candidate"]:
        """The score of each candidate. All questions have as many."""
        rows = [model.row(*pair) for one in candidates for pair in texts_of(one)]
        from_head = pair_scores(model, rows).reshape(len(candidates), -1)
        return from_head + self.cosine_scale * torch.tensor([one.cosines for one in candidates])

    @torch.no_grad()
    def of_all(self, model: CrossEncoder, candidates: Sequence[Candidates]) -> Float[Tensor, "question candidate"]:
        with evaluating(model):
            return torch.cat([self.scores(model, candidates[i : i + 50]) for i in range(0, len(candidates), 50)])

    def validate(self, model: Any) -> dict[str, float]:
        """The share of validation questions whose passage is not first, and the loss where it is a candidate."""
        candidates = nearest(draw(boolq_sets().validation, N_VALIDATION), N_VALIDATED)
        scores = self.of_all(model, candidates)
        ranks = ranks_of(scores, candidates)
        losses = [
            F.cross_entropy(of_question, torch.tensor(one.right)).item()
            for of_question, one in zip(scores, candidates, strict=True)
            if one.right is not None
        ]
        wrong = sum(rank != 1 for rank in ranks)
        return {
            "validation_error": round(wrong / len(ranks), 6),
            "validation_loss": round(sum(losses) / len(losses), 6),
        }

    def measure(self, model: Any) -> dict[str, object]:
        candidates = nearest(boolq_sets().test)
        ranks = ranks_of(self.of_all(model, candidates), candidates)
        errors = [int(rank != 1) for rank in ranks]
        return {
            "method": repr(METHOD),
            "cosine_scale": self.cosine_scale,
            "questions": self.steps * self.setting.batch_size,
            "candidates": N_CANDIDATES,
            **self.setting._asdict(),
            **numbers_trained(trained_parameters(model)),
            "tests": {
                "test": {
                    "hit_at_1": 1 - sum(errors) / len(errors),
                    "error_rate": sum(errors) / len(errors),
                    "items": {
                        "errors": trained.one_line(errors),
                        "symbols": trained.one_line([1] * len(errors)),
                        "ranks": trained.one_line(ranks),
                        "dense_ranks": trained.one_line(
                            0 if one.right is None else one.right + 1 for one in candidates
                        ),
                    },
                }
            },
        }

    def keep(self, name: str, _model: CrossEncoder, _command: str) -> None:
        """Store the branches with the head."""
        assert self.attached is not None
        save(self.attached, trained.place.FOLDER / f"{name}.safetensors", torch.float16)


def texts_of(candidates: Candidates) -> list[tuple[str, str]]:
    """Pairs of a question and a passage with its title."""
    passages = boolq_passages()
    return [
        (candidates.question.text, f"{passages[number].title}: {passages[number].text}")
        for number in candidates.passages
    ]


def pair_scores(model: CrossEncoder, rows: Sequence[Row]) -> Float[Tensor, " pair"]:
    """The score of each pair. Products are in 16 bits, which halves the time where the processor has them."""
    parts = like_lengths(rows, PAIRS_AT_ONCE)
    with torch.autocast("cpu", torch.bfloat16):
        scores = torch.cat([model(model.batch([rows[i] for i in part])) for part in parts]).float()
    order = torch.tensor([i for part in parts for i in part])
    return scores[order.argsort()]


def ranks_of(scores: Float[Tensor, "question candidate"], candidates: Sequence[Candidates]) -> list[int]:
    """The place of the right passage in each new order, from 1; 0 where it is no candidate."""
    return [
        0 if one.right is None else int((of_question > of_question[one.right]).sum()) + 1
        for of_question, one in zip(scores, candidates, strict=True)
    ]


@functools.cache
def recipes() -> dict[str, CrossEncoderRecipe]:
    """Both, with the learning rate that their search found."""
    middle = {name: Setting(GRID.middle_rates[name], 0.0, 8) for name in GRID.middle_rates}
    scales = {"cross-encoder": COSINE_SCALE, "alone": 0.0}
    found = {name: CrossEncoderRecipe(name, middle[name], scale) for name, scale in scales.items()}
    return tuned(NAME, found, GRID)


if __name__ == "__main__":
    main(NAME, recipes, grid=GRID, keep_weights=("cross-encoder",))
