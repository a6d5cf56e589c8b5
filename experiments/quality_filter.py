"""Raw text against filtered text at equal tokens: what GPT-3's quality classifier is worth on known dirt.

python -m experiments.quality_filter [raw words-distinct] [--seeds 0 1 2] --threads 1
python -m experiments.quality_filter --search [raw words-distinct] --threads 1
python -m experiments.quality_filter count

Half of the encyclopedia and of the passages is curated text; the other half is dirtied (`course.tasks.text_quality`).
One model of a million weights for each corpus, all with the same number of tokens, so a smaller corpus is read more
often: "raw" all of it; "words" what a classifier as GPT-3's keeps; "words-distinct" of that, without near copies;
"pairs-distinct" with pairs of words as well; "clean" the documents that are not dirty, which no filter knows. The loss
is on held-out clean text. What each filter removes is counted in the records of "raw", and counted again by `count`; on
"words", "pairs-distinct" and "clean" models are trained on request alone, since no claim needs them.
"""

import functools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch

import course
from course import trained
from course.data.splits import draw
from course.gpt import Decoder
from course.tasks import pretraining, text_quality
from course.tasks.corpus import END, corpus, encoded
from course.tasks.pretraining import SMALL, Plan
from course.tasks.text_quality import Dirt, RawDocument, dirtied, distinct, precision, removed
from course.training import History
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "quality_filter"
SOURCES = ("encyclopedia", "passages")
STEPS = 600
GRID = Grid(
    {"decoder": 6e-3},
    dropouts=(0.0,),
    batch_sizes=(16,),
    budget={"steps": 150},
    full_budget={"steps": STEPS},
    finalists=2,
    brackets=True,  # a short training favours low rates
)
HELD_OUT = 400  # documents of each source and part
FILTERS = ("words", "words-distinct", "pairs-distinct")
ON_REQUEST = ("words", "pairs-distinct", "clean")


@functools.cache
def texts() -> tuple[Sequence[str], Sequence[RawDocument]]:
    """Curated documents, and raw ones: the two halves of the training documents."""
    documents = [text for of_source in corpus(*SOURCES).values() for text in of_source.train]
    order = np.random.default_rng(0).permutation(len(documents))
    half = len(documents) // 2
    curated, raw = ([documents[i] for i in part] for part in (order[:half], order[half:]))
    return curated, dirtied(raw)


@functools.cache
def kept(name: str) -> np.ndarray:
    """[document]: which raw documents a corpus has."""
    curated, raw = texts()
    every = [document.text for document in raw]
    if name == "raw":
        return np.ones(len(raw), dtype=bool)
    if name == "clean":
        return np.array([document.dirt is Dirt.NONE for document in raw])
    features, *without_copies = name.split("-")
    chosen = text_quality.kept(curated, every, n_words=2 if features == "pairs" else 1)
    return chosen & distinct(every) if without_copies else chosen


def counted(name: str) -> dict[str, object]:
    """What a corpus has of the raw documents, and what was removed: of each kind, and how much of it was dirty."""
    counts = removed(texts()[1], kept(name))
    return {"documents": int(kept(name).sum()), "removed": counts, "precision": precision(counts)}


def of_filters() -> dict[str, object]:
    """What every filter removes, and how many of the duplicates the words alone remove: of those whose text was seen.

    Each half of the documents is judged by a classifier that has learned from the other half.
    """
    curated, raw = texts()
    _of_curated, half = text_quality.halves(len(curated), len(raw))
    copies = text_quality.removed_duplicates(raw, kept("words"), half)
    return {
        "filters": {name: counted(name) for name in FILTERS},
        "duplicates": {"text seen": copies[True], "not seen": copies[False]},
    }


def count_again() -> None:
    """Count what the filters remove, and keep that in the records of "raw"."""
    found = of_filters()
    for record in trained.results(NAME):
        if record["model"] == "raw":
            trained.save_record(NAME, "raw", record["seed"], record | found)


@functools.cache
def held_out(part: str) -> Mapping[str, pretraining.Documents]:
    """Clean documents of "validation" or "test", of each source, as ids."""
    tokenizer = pretraining.base_tokenizer()
    found = {}
    for name, of_source in corpus(*SOURCES).items():
        all_texts = getattr(of_source, part)
        found[name] = encoded(draw(all_texts, min(HELD_OUT, len(all_texts))), tokenizer)
    return found


@dataclass
class FilterRecipe:
    """A small GPT, trained on one of the corpora."""

    name: str
    setting: Setting
    steps: int = STEPS
    n_tokens: int = 0  # of the corpus, once it was read
    config = SMALL
    family = "decoder"

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[Decoder, History]:
        tokenizer = pretraining.base_tokenizer()
        _curated, raw = texts()
        chosen = [document.text for document, keep in zip(raw, kept(self.name), strict=True) if keep]
        model = Decoder(self.config, torch.Generator().manual_seed(seed)).to(course.device())
        rate, _dropout, batch_size = self.setting
        plan = Plan(self.steps, rate, batch_size, warmup_steps=self.steps // 20, micro_batch_size=8, seed=seed)
        documents = encoded(chosen, tokenizer)
        self.n_tokens = sum(map(len, documents))
        return model, pretraining.pretrain(model, documents, plan, end_id=tokenizer.special.ids[END])

    def validate(self, model: trained.Model) -> dict[str, float]:
        """Bits per byte of held-out clean text, the mean of the sources."""
        found = self._scores(model, "validation")
        return {"validation_loss": round(sum(one.bits_per_byte for one in found.values()) / len(found), 6)}

    def _scores(self, model: trained.Model, part: str) -> dict[str, Any]:
        tokenizer = pretraining.base_tokenizer()
        return {name: pretraining.held_out_score(model, tokenizer, ids) for name, ids in held_out(part).items()}

    def measure(self, model: trained.Model) -> dict[str, object]:
        return {
            **self.setting._asdict(),
            "tokens": self.steps * self.setting.batch_size * self.config.context_length,
            "tokens_in_corpus": self.n_tokens,
            **counted(self.name),
            **(of_filters() if self.name == "raw" else {}),
            "bits_per_byte": {
                name: {
                    "all": found.bits_per_byte,
                    "items": {
                        "bits": trained.one_line(found.bits.tolist()),
                        "bytes": trained.one_line(found.bytes.tolist()),
                    },
                }
                for name, found in self._scores(model, "test").items()
            },
        }


def recipes() -> Mapping[str, FilterRecipe]:
    """A model for each corpus, with the learning rate that its search found."""
    middle = Setting(GRID.middle_rates["decoder"], 0.0, GRID.batch_sizes[0])
    names = ("raw", "words", "words-distinct", "pairs-distinct", "clean")
    return tuned(NAME, {name: FilterRecipe(name, middle) for name in names}, GRID)


if __name__ == "__main__" and sys.argv[1:] == ["count"]:
    count_again()
elif __name__ == "__main__":
    main(NAME, recipes, grid=GRID, keep_weights=False, on_request=ON_REQUEST)
