"""What a smaller model costs and scores: the table of lesson 18 as points, with the frontier."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from course.messages import _
from course.tasks.compressed_results import Compressed
from course.viz.figures.frontier import frontier
from course.viz.kit.interactive import Interactive

Cost = Literal["milliseconds_1", "milliseconds_32", "file", "zipped", "memory"]
MEGABYTE = 1e6  # bytes


def pareto_figure(
    models: Mapping[str, Compressed], *, cost: Cost = "milliseconds_1", title: str | None = None
) -> Interactive:
    """A point for each model: its accuracy with its interval by what it costs, on a logarithmic axis.

    `models` are named by its keys, so that a lesson can leave some out or name them otherwise. `cost` is milliseconds
    of a processor for a batch of 1 or of 32 reviews, or megabytes of the file, of the file after gzip, or in memory. A
    model that another beats in cost and accuracy is not on the frontier, even where the intervals overlap. Raises
    `ValueError` for another cost and for no model.
    """
    if cost not in get_args(Cost):
        raise ValueError(
            _("cost is {cost!r}; give one of these: {known}.").format(cost=cost, known=", ".join(get_args(Cost)))
        )
    if not models:
        raise ValueError(_("There is no model to be drawn. Give at least one, as compressed_models() returns them."))
    of: Mapping[Cost, tuple[str, Callable[[Compressed], float]]] = {
        "milliseconds_1": (_("milliseconds for one review"), lambda model: model.milliseconds[1]),
        "milliseconds_32": (_("milliseconds for 32 reviews"), lambda model: model.milliseconds[32]),
        "file": (_("megabytes of the file"), lambda model: model.file / MEGABYTE),
        "zipped": (_("megabytes of the file after gzip"), lambda model: model.zipped / MEGABYTE),
        "memory": (_("megabytes in memory"), lambda model: model.memory / MEGABYTE),
    }
    label, value = of[cost]
    return frontier(
        list(models),
        [value(model) for model in models.values()],
        [model.accuracy.estimate for model in models.values()],
        title=_("What a smaller model costs and scores") if title is None else title,
        xlabel=label,
        ylabel=_("accuracy"),
        percent=True,
        log_x=True,
        name_all=True,
        ends=[(model.accuracy.low, model.accuracy.high) for model in models.values()],
    )
