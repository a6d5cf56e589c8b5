"""The experiment on sentences: a Transformer and LSTMs of one size trained on the task `course/tasks/sentences.py`.

python -m experiments.sentences [english-korean-transformer english-korean-lstm-attention ...] [--seeds 0 1 2]
python -m experiments.sentences --search english-korean-transformer english-korean-lstm-attention

The setting is searched for from English to Korean, and serves both directions.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sacrebleu

from course import trained
from course.seq2seq import Seq2SeqConfig
from course.tasks import Outcome, Translation, translation
from course.tasks.sentences import DIRECTIONS
from course.transformer import TransformerConfig
from experiments.running import TaskRecipe, main
from experiments.search import Grid, best

EPOCHS = 16
SEARCHED = "english-korean"  # the direction
KEPT = ("korean-english-transformer",)  # the weights that lesson 06 translates with
GRID = Grid(
    {"recurrent": 1e-2, "transformer": 3e-3},
    dropouts=(0.0, 0.2),
    batch_sizes=(64,),
    budget={"epochs": 4},
    full_budget={"epochs": EPOCHS},
    finalists=2,
)


def recipes() -> Mapping[str, TaskRecipe]:
    """Each model with the setting that its search found, which is the same in both directions."""
    found = {}
    for name, recipe in models().items():
        searched = name.replace("korean-english", SEARCHED)
        setting = best("sentences", searched, recipe.family, GRID)
        found[name] = recipe if setting is None else recipe.with_setting(setting)
    return found


def models() -> Mapping[str, TaskRecipe]:
    """Each model in both directions, about 1.2 million weights each."""
    found = {}
    for direction, (_source, target) in DIRECTIONS.items():
        whole = translation(direction)
        measured = {"beam_size": 4, "measure_more": bleu_and_chrf(whole, target)}
        for model, (config, fit_options) in sizes(len(whole.task.source)).items():
            found[f"{direction}-{model}"] = TaskRecipe(whole.task, config, fit_options, **measured)
    return found


def sizes(vocab_size: int) -> Mapping[str, tuple[Seq2SeqConfig | TransformerConfig, dict[str, float]]]:
    """Sizes, and arguments of `fit`."""
    both = (vocab_size, vocab_size)
    fit_options = {"epochs": EPOCHS, "batch_size": 64, "smoothing": 0.1}
    transformer = TransformerConfig(
        *both,
        d_model=128,
        n_heads=4,
        d_ff=512,
        n_layers=2,
        context_length=64,
        dropout=0.2,
        norm="pre",
        shared_embeddings=True,
    )
    recurrent = fit_options | {"learning_rate": 1e-2}
    return {
        "transformer": (transformer, fit_options | {"learning_rate": 3e-3}),
        "lstm-attention": (Seq2SeqConfig(*both, d_embedding=96, d_hidden=164, attention="dot"), recurrent),
        "lstm": (Seq2SeqConfig(*both, d_embedding=96, d_hidden=174), recurrent),
    }


def bleu_and_chrf(whole: Translation, language: str) -> Callable[[Sequence[Outcome]], dict[str, Any]]:
    """A measure of outcomes: corpus BLEU and chrF with sacrebleu's signature, and the chrF of each output.

    Korean BLEU counts characters.

    Source: Post 2018, "A Call for Clarity in Reporting BLEU Scores"; chrF: Popović 2015.
    """
    tokenize = "char" if language == "korean" else "13a"

    def measure(outcomes: Sequence[Outcome]) -> dict[str, Any]:
        written = [whole.join(one.written) for one in outcomes]
        most = max(len(one.example.targets) for one in outcomes)
        references = [
            [whole.join(one.example.targets[n]) if n < len(one.example.targets) else None for one in outcomes]
            for n in range(most)
        ]
        bleu, chrf = sacrebleu.BLEU(tokenize=tokenize), sacrebleu.CHRF()
        right = [[whole.join(target) for target in one.example.targets] for one in outcomes]
        of_each = [chrf.sentence_score(*pair).score for pair in zip(written, right, strict=True)]
        return {
            "bleu": bleu.corpus_score(written, references).score,
            "chrf": chrf.corpus_score(written, references).score,
            "bleu_signature": str(bleu.get_signature()),
            "chrf_signature": str(chrf.get_signature()),
            "items": {"chrf": trained.one_line(of_each)},
        }

    return measure


if __name__ == "__main__":
    main("sentences", recipes, grid=GRID, keep_weights=KEPT)
