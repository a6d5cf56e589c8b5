"""English ↔ Korean sentences: a Transformer and LSTMs of one size; lesson 06.

python -m experiments.sentences [english-korean-transformer english-korean-lstm-attention ...] [--seeds 0]
"""

import argparse
from collections.abc import Callable, Mapping, Sequence

import sacrebleu
import torch

from course.seq2seq import Seq2SeqConfig
from course.tasks import Outcome, Translation, translation
from course.transformer import TransformerConfig
from experiments.running import Recipe, run

EPOCHS = 16
MODELS = ("transformer", "lstm-attention", "lstm")
NAMES = [f"{direction}-{model}" for model in MODELS for direction in ("english-korean", "korean-english")]


def recipes(vocab_size: int) -> Mapping[str, Recipe]:
    """About 1.2 million weights each."""
    sizes = (vocab_size, vocab_size)
    fit_options = {"epochs": EPOCHS, "batch_size": 64, "smoothing": 0.1}
    transformer = TransformerConfig(
        *sizes,
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
        "lstm-attention": (Seq2SeqConfig(*sizes, d_embedding=96, d_hidden=164, attention="dot"), recurrent),
        "lstm": (Seq2SeqConfig(*sizes, d_embedding=96, d_hidden=174), recurrent),
    }


def bleu_and_chrf(whole: Translation, language: str) -> Callable[[Sequence[Outcome]], dict[str, object]]:
    """A measure of outcomes: corpus BLEU and chrF with sacrebleu's signature. Korean BLEU counts characters.

    Source: Post 2018, "A Call for Clarity in Reporting BLEU Scores"; chrF: Popović 2015.
    """
    tokenize = "char" if language == "korean" else "13a"

    def measure(outcomes: Sequence[Outcome]) -> dict[str, object]:
        written = [whole.join(one.written) for one in outcomes]
        most = max(len(one.example.targets) for one in outcomes)
        references = [
            [whole.join(one.example.targets[n]) if n < len(one.example.targets) else None for one in outcomes]
            for n in range(most)
        ]
        bleu, chrf = sacrebleu.BLEU(tokenize=tokenize), sacrebleu.CHRF()
        return {
            "bleu": bleu.corpus_score(written, references).score,
            "chrf": chrf.corpus_score(written, references).score,
            "bleu_signature": str(bleu.get_signature()),
            "chrf_signature": str(chrf.get_signature()),
        }

    return measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.sentences")
    parser.add_argument("models", nargs="*", help="which directions and models; all without one")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.models or NAMES:
        source, target, model = name.split("-", 2)
        whole = translation(f"{source}-{target}")
        config, fit_options = recipes(len(whole.task.source))[model]
        for seed in arguments.seeds:
            run(
                "sentences",
                whole.task,
                name,
                config,
                fit_options,
                seed=seed,
                beam_size=4,
                measure=bleu_and_chrf(whole, target),
            )


if __name__ == "__main__":
    main()
