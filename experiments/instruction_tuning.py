"""Instruction tuning: the base model on 2 to 18 tasks, tested on 6 tasks of other clusters.

python -m experiments.instruction_tuning [tasks-2 tasks-6 tasks-12 tasks-18 tasks-18-none tasks-18-another]
    [--seeds 0 1 2] --threads 1
python -m experiments.instruction_tuning untuned untuned-plain tasks-18-long the-held-out --seeds 0 --threads 1
python -m experiments.instruction_tuning --search tasks-2 tasks-6 tasks-12 tasks-18 tasks-18-none tasks-18-another

All are tuned for as many steps, of as many tokens each: conversations of the mix are drawn until a step has `TOKENS`
of them. A seed draws the order of the tasks, whose first 2, 6 and 12 are the smaller mixes, and the examples: what the
seeds vary in is also which tasks are trained on. No weight is new, so all trainings begin alike.

`tasks-18-none` is tuned on the inputs alone, `tasks-18-another` with the instruction of another task each time: what
these gain is no gain from instructions. `tasks-18-long` is `tasks-18` with five times the steps, `the-held-out` is
tuned on the six tasks of the test themselves, to see what there is to gain; both have the setting of `tasks-18`.
`untuned` is the base model with the same prompts; `untuned-plain` reads them as plain text, since it has never seen the
special tokens of a chat. Each model is tested on the held-out tasks with their instructions, without any, and with
those of another task, always on the same inputs; and on the tasks that are trained on, in words of the training and in
others. A record has, item by item, the error (1 minus the score), the nats of the right answer and its lead over the
other choices. The weights of `tasks-18` are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from jaxtyping import Int
from torch import Tensor

from course import trained
from course.data.splits import draw
from course.gpt import Decoder
from course.instruction import (
    MINIMAL,
    EncodedConversation,
    Message,
    encode_conversation,
    masked_loss,
    mixture_rates,
    n_trained,
    pack,
    padding_id,
)
from course.prompting.shared_prefix import continuation_scores
from course.tasks.instructed import HELD_OUT, MIXES, TRAINED, InstructedTask, instructed_tasks, mix
from course.tasks.instructed_answers import Form, Measured, continuation, measured
from course.tasks.instructed_prompts import Instruction, held_out_prompts, training_prompt, wording_prompts
from course.tasks.pretraining import BASE, base_tokenizer
from course.training import History, adamw, linear_schedule, train
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "instruction_tuning"
TOKENS = 960  # of each step, and less than one conversation more: about four rows of the context
STEPS = 300
GRID = Grid({"decoder": 2e-3}, dropouts=(0.0,), batch_sizes=(TOKENS,), budget={"steps": 60})
N_SEARCHED = 24  # validation examples of each task
N_TESTED = 12  # test examples of each task that is trained on
FORMS: Mapping[str, Instruction] = {
    "held out": "own",
    "held out, no instruction": "none",
    "held out, another instruction": "another",
}
WORDINGS: Mapping[str, bool] = {"trained tasks, known wording": False, "trained tasks, new wording": True}
KEPT = (f"tasks-{max(MIXES)}",)
LONG, ON_THE_TESTS = f"tasks-{max(MIXES)}-long", "the-held-out"
ON_REQUEST = ("untuned", "untuned-plain", LONG, ON_THE_TESTS)  # of one seed


def encoded(prompt: str, answer: str) -> EncodedConversation:
    messages = [Message("user", prompt), Message("assistant", answer)]
    return encode_conversation(base_tokenizer(), MINIMAL, messages)


class MixedConversations:
    """The batches of a training: each has conversations of drawn tasks until it has `TOKENS`, packed into rows.

    `counts` has, of each step that was asked for, its tokens, its trained tokens and its conversations.
    """

    def __init__(self, tasks: Sequence[InstructedTask], instruction: Instruction, seed: int) -> None:
        self.tasks, self.instruction, self.seed = tasks, instruction, seed
        rates = mixture_rates({task.name: len(task.training) for task in tasks})
        self.rates = [rates[task.name] for task in tasks]
        self.counts: dict[int, tuple[int, int, int]] = {}

    def __getitem__(self, step: int) -> Int[Tensor, "row 4 position"]:
        rng = np.random.default_rng([self.seed, step])
        drawn: list[EncodedConversation] = []
        while sum(len(one.ids) - 1 for one in drawn) < TOKENS:
            task = self.tasks[rng.choice(len(self.tasks), p=self.rates)]
            example = task.training[rng.integers(len(task.training))]
            drawn.append(encoded(training_prompt(example, task, self.tasks, self.instruction, rng), example.answer))
        drawn.sort(key=lambda one: len(one.ids), reverse=True)
        rows = pack(drawn, BASE.context_length, padding_id(base_tokenizer(), MINIMAL))
        self.counts[step] = int((rows[:, 2] > 0).sum()), n_trained(rows), len(drawn)
        return rows

    def totals(self) -> dict[str, int]:
        names = ("tokens", "trained_tokens", "conversations")
        return {name: sum(of_step[place] for of_step in self.counts.values()) for place, name in enumerate(names)}


@dataclass
class InstructedRecipe:
    """The base model tuned on `n_tasks`, or as it is where there are none. `seed` is that of the last training.

    The seed draws which tasks these are, unless they have `names`.
    """

    n_tasks: int
    instruction: Instruction
    setting: Setting
    steps: int = STEPS
    form: Form = "chat"
    names: Sequence[str] = ()
    seed: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    config = BASE
    family = "decoder"

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def tasks(self) -> list[InstructedTask]:
        names = self.names or (mix(self.n_tasks, self.seed) if self.n_tasks else ())
        return [instructed_tasks()[name] for name in names]

    def train(self, seed: int) -> tuple[Decoder, History]:
        self.seed = seed
        model = trained.load("base_model/gpt")
        assert isinstance(model, Decoder)
        if not self.n_tasks:
            return model.eval(), History()
        batches = MixedConversations(self.tasks(), self.instruction, seed)
        history = train(
            model,
            batches,
            masked_loss(),
            adamw(model, learning_rate=self.setting.learning_rate),
            steps=self.steps,
            seed=seed,
            learning_rate=linear_schedule(self.setting.learning_rate, self.steps, max(1, self.steps // 10)),
            max_gradient_norm=1.0,
        )
        self.totals = batches.totals()
        return model, history

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The nats of a token of the right answers, on validation examples of the mix, put as in the training."""
        assert isinstance(model, Decoder)
        tasks, rng = self.tasks(), np.random.default_rng(self.seed)
        rows = [
            continuation(base_tokenizer(), training_prompt(example, task, tasks, self.instruction, rng), example.answer)
            for task in tasks
            for example in draw(task.validation, N_SEARCHED)
        ]
        nats = -continuation_scores(model, rows).sum().item()
        return {"validation_loss": round(nats / sum(len(row.answer) for row in rows), 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, Decoder)
        about = {**self.setting._asdict(), "mix": [task.name for task in self.tasks()]} if self.n_tasks else {}
        return {
            "instruction": self.instruction,
            "form": self.form,
            **about,
            **self.totals,
            "tests": self._held_out(model) | self._trained(model),
        }

    def _held_out(self, model: Decoder) -> dict[str, Any]:
        held_out = [instructed_tasks()[name] for name in HELD_OUT]
        return {
            test: of_test(
                {
                    task.name: measured(
                        model, base_tokenizer(), task, task.test, held_out_prompts(task, held_out, kind), self.form
                    )
                    for task in held_out
                }
            )
            for test, kind in FORMS.items()
        }

    def _trained(self, model: Decoder) -> dict[str, Any]:
        found: dict[str, dict[str, list[Measured]]] = {test: {} for test in WORDINGS}
        for name in TRAINED:
            task = instructed_tasks()[name]
            examples = draw(task.test, N_TESTED)
            for test, unseen in WORDINGS.items():
                prompts = wording_prompts(task, examples, unseen=unseen)
                found[test][name] = measured(model, base_tokenizer(), task, examples, prompts, self.form)
        return {test: of_test(of_tasks) for test, of_tasks in found.items()}


def of_test(by_task: Mapping[str, Sequence[Measured]]) -> dict[str, Any]:
    """The measures of a test: of all its tasks, of each, and of each item, the tasks one after the other."""
    items = [one for of_task in by_task.values() for one in of_task]
    scores = {name: sum(one.score for one in of_task) / len(of_task) for name, of_task in by_task.items()}
    score = sum(scores.values()) / len(scores)
    return {
        "score": score,
        "error_rate": 1 - score,
        "nats": sum(one.nats for one in items) / len(items),
        "by_task": scores,
        "examples": {name: len(of_task) for name, of_task in by_task.items()},
        "items": {
            "errors": trained.one_line(round(1 - one.score, 4) for one in items),
            "symbols": trained.one_line([1] * len(items)),
            "nats": trained.one_line(round(one.nats, 3) for one in items),
            "margins": trained.one_line(round(one.margin, 3) for one in items),
        },
    }


def recipes() -> Mapping[str, InstructedRecipe]:
    """The mixes, their controls, and the base model; each tuned one with the learning rate that its search found."""
    middle = Setting(GRID.middle_rates["decoder"], GRID.dropouts[0], TOKENS)
    most = max(MIXES)
    found = {f"tasks-{n}": InstructedRecipe(n, "own", middle) for n in MIXES}
    found |= {
        f"tasks-{most}-none": InstructedRecipe(most, "none", middle),
        f"tasks-{most}-another": InstructedRecipe(most, "another", middle),
    }
    untuned = {
        "untuned": InstructedRecipe(0, "own", middle),
        "untuned-plain": InstructedRecipe(0, "own", middle, form="plain"),
    }
    found = dict(tuned(NAME, found, GRID))
    with_all = found[f"tasks-{most}"]
    others = {
        LONG: replace(with_all, steps=5 * STEPS),
        ON_THE_TESTS: replace(with_all, n_tasks=len(HELD_OUT), names=HELD_OUT),
    }
    return found | untuned | others


if __name__ == "__main__":
    main(NAME, recipes, seeds=(0, 1, 2), grid=GRID, keep_weights=KEPT, on_request=ON_REQUEST)
