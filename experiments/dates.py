"""The training on dates: models fitted to the task `course/tasks/dates.py`, whose data are `course/data/dates.py`.

python -m experiments.dates [lstm lstm-dot lstm-scaled_dot lstm-general lstm-additive transformer] [--seeds 0 1 2]

An LSTM without attention, one with each score function, and a Transformer of the same size.
"""

from collections.abc import Mapping

from course.seq2seq import SCORES, Seq2SeqConfig
from course.tasks import date_task
from course.transformer import TransformerConfig
from experiments.running import TaskRecipe, main

EPOCHS = 16


def recipes() -> Mapping[str, TaskRecipe]:
    """About 210,000 weights each; the score functions with weights of their own have some more."""
    task = date_task()
    sizes = (len(task.source), len(task.target))
    recurrent = {"epochs": EPOCHS, "batch_size": 64, "learning_rate": 1e-2, "smoothing": 0.1}
    transformer = TransformerConfig(
        *sizes, d_model=64, n_heads=4, d_ff=224, n_layers=2, context_length=64, dropout=0.1, norm="pre"
    )
    return {
        "lstm": TaskRecipe(task, Seq2SeqConfig(*sizes, d_hidden=128), recurrent),
        **{
            f"lstm-{score}": TaskRecipe(task, Seq2SeqConfig(*sizes, d_hidden=112, attention=score), recurrent)
            for score in SCORES
        },
        "transformer": TaskRecipe(task, transformer, recurrent | {"learning_rate": 4e-3}),
    }


if __name__ == "__main__":
    main("dates", recipes)
