"""The training on dates: models fitted to the task `course/tasks/dates.py`, whose data are `course/data/dates.py`.

python -m experiments.dates [lstm lstm-dot lstm-scaled_dot lstm-general lstm-additive transformer ...] [--seeds 0 1 2]
python -m experiments.dates --search [lstm lstm-dot lstm-scaled_dot lstm-general lstm-additive transformer ...]

An LSTM without attention, one with each score function, and Transformers of the same size: with absolute positions and,
as a control, with rotary ones, `transformer-rotary`, which has no search of its own.
"""

from collections.abc import Mapping
from dataclasses import replace

from course.seq2seq import SCORES, Seq2SeqConfig
from course.tasks import date_task
from course.transformer import TransformerConfig
from experiments.running import TaskRecipe, main
from experiments.search import Grid, tuned

EPOCHS = 16
GRID = Grid({"recurrent": 1e-2, "transformer": 4e-3}, dropouts=(0.0, 0.1), batch_sizes=(64,), budget={"epochs": 4})


def recipes() -> Mapping[str, TaskRecipe]:
    """Each model with the setting that its search found; the control has the Transformer's, and other positions."""
    found = tuned("dates", models(), GRID)
    absolute = found["transformer"]
    assert isinstance(absolute.config, TransformerConfig)
    rotary = replace(absolute, config=replace(absolute.config, positions="rotary"))
    return {**found, "transformer-rotary": rotary}


def models() -> Mapping[str, TaskRecipe]:
    """About 210,000 weights each; the score functions with weights of their own have some more."""
    task = date_task()
    sizes = (len(task.source), len(task.target))
    recurrent = {"epochs": EPOCHS, "batch_size": 64, "learning_rate": 1e-2, "smoothing": 0.1}
    transformer = TransformerConfig(
        *sizes, d_model=64, n_heads=4, d_ff=224, n_layers=2, context_length=64, dropout=0.1, norm="pre"
    )
    attending = recurrent | {"learning_rate": 4e-3}
    return {
        "lstm": TaskRecipe(task, Seq2SeqConfig(*sizes, d_hidden=128), recurrent),
        **{
            f"lstm-{score}": TaskRecipe(task, Seq2SeqConfig(*sizes, d_hidden=112, attention=score), recurrent)
            for score in SCORES
        },
        "transformer": TaskRecipe(task, transformer, attending),
    }


if __name__ == "__main__":
    main("dates", recipes, grid=GRID)
