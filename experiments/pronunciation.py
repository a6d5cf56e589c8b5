"""The experiment on pronunciation: models of one size trained on the task `course/tasks/pronunciation.py`.

python -m experiments.pronunciation [lstm lstm-attention transformer gru] [--seeds 0 1 2]
python -m experiments.pronunciation --search [lstm lstm-attention transformer gru]
"""

from collections.abc import Mapping

from course.seq2seq import Seq2SeqConfig
from course.tasks import pronunciation_task
from course.transformer import TransformerConfig
from experiments.running import TaskRecipe, main
from experiments.search import Grid, tuned

EPOCHS = 6
GRID = Grid(
    {"recurrent": 1e-2, "transformer": 4e-3},
    dropouts=(0.0, 0.1),
    batch_sizes=(128, 512),
    budget={"epochs": 1.5},
    full_budget={"epochs": EPOCHS},
    finalists=3,
)


def recipes() -> Mapping[str, TaskRecipe]:
    """Each model with the setting that its search found."""
    return tuned("pronunciation", models(), GRID)


def models() -> Mapping[str, TaskRecipe]:
    """About 680,000 weights each."""
    task = pronunciation_task()
    sizes = (len(task.source), len(task.target))
    recurrent = {"epochs": EPOCHS, "batch_size": 128, "learning_rate": 1e-2, "smoothing": 0.1}
    transformer = TransformerConfig(
        *sizes, d_model=112, n_heads=4, d_ff=416, n_layers=2, context_length=64, dropout=0.1, norm="pre"
    )
    return {
        "lstm": TaskRecipe(task, Seq2SeqConfig(*sizes, d_hidden=256), recurrent),
        "lstm-attention": TaskRecipe(task, Seq2SeqConfig(*sizes, d_hidden=232, attention="dot"), recurrent),
        "transformer": TaskRecipe(task, transformer, recurrent | {"learning_rate": 4e-3}),
        "gru": TaskRecipe(task, Seq2SeqConfig(*sizes, d_hidden=296, cell="gru"), recurrent),
    }


if __name__ == "__main__":
    main("pronunciation", recipes, grid=GRID)
