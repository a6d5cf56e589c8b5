"""The losses that runs of an experiment have kept of their training."""

import numpy as np
from jaxtyping import Float

from course.messages import _
from course.trained import records


def loss_curves(experiment: str, **setting: object) -> Float[np.ndarray, "seed point"]:
    """The losses while training of the runs with this setting, a row for each seed.

    `setting` are values of the record, `norm="pre"` for example. A point is the mean over as many steps as the record's
    `averaged_steps` says. Raises `ValueError` when no run has this setting, or none has kept losses.
    """
    runs = records.results(experiment)
    if not any("losses" in run for run in runs):
        raise ValueError(_("The runs of {experiment!r} have kept no losses.").format(experiment=experiment))
    found = [
        records.numbers(run["losses"]) for run in runs if all(run.get(name) == value for name, value in setting.items())
    ]
    if not found:
        raise ValueError(
            _("There is no run of {experiment!r} with {setting}.").format(
                experiment=experiment, setting=", ".join(f"{name}={value!r}" for name, value in setting.items())
            )
        )
    return np.array(found)
