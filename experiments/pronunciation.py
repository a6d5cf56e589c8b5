"""Spelling → pronunciation with models of one size, three seeds each: lessons 03, 04 and 06.

python -m experiments.pronunciation [lstm gru lstm-attention transformer] [--seeds 0 1 2]
"""

from collections.abc import Mapping

from course.seq2seq import Seq2SeqConfig
from course.tasks import Task, pronunciation_task
from course.transformer import TransformerConfig
from experiments.running import Recipe, main

EPOCHS = 6


def recipes(task: Task) -> Mapping[str, Recipe]:
    """About 680,000 weights each."""
    sizes = (len(task.source), len(task.target))
    recurrent = {"epochs": EPOCHS, "learning_rate": 1e-2, "smoothing": 0.1}
    transformer = TransformerConfig(
        *sizes, d_model=112, n_heads=4, d_ff=416, n_layers=2, context_length=64, dropout=0.1, norm="pre"
    )
    return {
        "lstm": (Seq2SeqConfig(*sizes, d_hidden=256), recurrent),
        "lstm-attention": (Seq2SeqConfig(*sizes, d_hidden=232, attention="dot"), recurrent),
        "transformer": (transformer, {"epochs": EPOCHS, "learning_rate": 4e-3, "smoothing": 0.1}),
        "gru": (Seq2SeqConfig(*sizes, d_hidden=296, cell="gru"), recurrent),
    }


if __name__ == "__main__":
    main("pronunciation", pronunciation_task, recipes)
