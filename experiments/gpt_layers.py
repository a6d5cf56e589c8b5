"""What each modern layer is worth: GPT-2 with one change each, with all, and with bands for dense attention.

python -m experiments.gpt_layers [gpt2 gpt2-rotary gpt2-rms_norm gpt2-swiglu gpt2-no_biases gpt2-shared_keys modern
    modern-alternating modern-banded] [--seeds 0 1 2]
python -m experiments.gpt_layers --search [gpt2 ...]

All have the same number of weights, but for one unit of the feed-forward layers, and read the same tokens, each with
the learning rate that a search of its own found. "modern-alternating" has a band in every second layer, as GPT-3;
"modern-banded" in all. What is measured is the bits per byte of held-out articles and passages.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import torch

import course
from course import trained
from course.data.splits import draw
from course.gpt import Decoder
from course.gpt.ablation import CHANGES, ChangedConfig, of_size
from course.layers.parameters import count_parameters
from course.tasks import pretraining
from course.tasks.corpus import END, corpus, encoded
from course.tasks.pretraining import Plan
from course.training import History
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "gpt_layers"
SOURCES = ("encyclopedia", "passages")
STEPS, BATCH_SIZE, WINDOW = 300, 16, 16
GRID = Grid(
    {"decoder": 6e-3},
    dropouts=(0.0,),
    batch_sizes=(BATCH_SIZE,),
    budget={"steps": 100},
    full_budget={"steps": STEPS},
    finalists=2,
    brackets=True,  # of a third of the steps the lower rates are best, which in full they are not
)
PLAIN = ChangedConfig(pretraining.VOCAB_SIZE, context_length=128, d_model=128, n_layers=4, n_heads=4, d_ff=512)
HELD_OUT = {"validation": 100, "test": 300}  # documents of each source


@functools.cache
def documents() -> pretraining.Documents:
    """The ids of all training documents."""
    tokenizer = pretraining.base_tokenizer()
    return [ids for of_source in corpus(*SOURCES).values() for ids in encoded(of_source.train, tokenizer)]


@functools.cache
def held_out(part: str) -> pretraining.Documents:
    """The ids of the documents that are scored, those of one source after those of the other."""
    tokenizer, n = pretraining.base_tokenizer(), HELD_OUT[part]
    texts = [text for one in corpus(*SOURCES).values() for text in draw(getattr(one, part), n)]
    return encoded(texts, tokenizer)


@dataclass(frozen=True)
class LayersRecipe:
    """A decoder with these layers, trained on `steps` batches of windows as long as its context."""

    config: ChangedConfig
    setting: Setting
    steps: int = STEPS
    family = "decoder"

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[Decoder, History]:
        model = Decoder(self.config, torch.Generator().manual_seed(seed)).to(course.device())
        rate, _dropout, batch_size = self.setting
        plan = Plan(self.steps, rate, batch_size, warmup_steps=max(1, self.steps // 10), micro_batch_size=8, seed=seed)
        end_id = pretraining.base_tokenizer().special.ids[END]
        return model, pretraining.pretrain(model, documents(), plan, end_id=end_id)

    def validate(self, model: trained.Model) -> dict[str, float]:
        """Bits per byte of the validation documents."""
        found = pretraining.held_out_score(model, pretraining.base_tokenizer(), held_out("validation"))
        return {"validation_loss": round(found.bits_per_byte, 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        found = pretraining.held_out_score(model, pretraining.base_tokenizer(), held_out("test"))
        return {
            **self.setting._asdict(),
            "d_ff": self.config.d_ff,
            "tokens": self.steps * self.setting.batch_size * self.config.context_length,
            "tests": {
                "held-out text": {
                    "bits_per_byte": found.bits_per_byte,
                    "items": {
                        "errors": trained.one_line(found.bits.tolist()),
                        "symbols": trained.one_line(found.bytes.tolist()),
                    },
                }
            },
        }


def configs() -> Mapping[str, ChangedConfig]:
    """The layers of each model, by its name: as many weights as "gpt2" has."""
    n_weights = count_parameters(Decoder(PLAIN))
    modern = replace(PLAIN, changes=CHANGES, n_kv_heads=2)
    changed = {
        "gpt2": PLAIN,
        **{f"gpt2-{change}": replace(PLAIN, changes=(change,), n_kv_heads=2) for change in CHANGES},
        "modern": modern,
        "modern-alternating": replace(modern, windows=(None, WINDOW)),
        "modern-banded": replace(modern, windows=(WINDOW,)),
    }
    return {name: of_size(config, n_weights) for name, config in changed.items()}


def recipes() -> Mapping[str, LayersRecipe]:
    """Each model with the learning rate that its search found."""
    middle = Setting(GRID.middle_rates["decoder"], 0.0, BATCH_SIZE)
    return tuned(NAME, {name: LayersRecipe(config, middle) for name, config in configs().items()}, GRID)


if __name__ == "__main__":
    main(NAME, recipes, grid=GRID, keep_weights=False)
