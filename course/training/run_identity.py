"""Whether a checkpoint belongs to the run that is to go on from it."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from course.messages import _


def fingerprint(items: Sequence[Any]) -> dict[str, int | str]:
    """How many items there are, and a hash of their ids: what a checkpoint keeps of a run's data.

    An item is a row of ids, or several such rows: a pair, say.
    """
    text = json.dumps(items, default=lambda one: one.tolist())  # the numbers of NumPy and PyTorch
    return {"number": len(items), "hash": hashlib.sha256(text.encode()).hexdigest()[:16]}


def require_same_run(file: Path, stored: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    """Compare what the history of a checkpoint says of its run with what is said of ours.

    Numbers count as equal to five digits, as another device computes them. Raises `ValueError`, which names the first
    difference, where a value differs or only one of the two has it.
    """
    theirs, known = _flat(stored), _flat(ours)
    for name in [*known, *(name for name in theirs if name not in known)]:
        if name not in theirs or name not in known:
            raise ValueError(
                _(
                    "{file} belongs to another kind of run: {name} is known of one of the two alone. "
                    "Give another file, or delete it to start anew."
                ).format(file=file, name=name)
            )
        if not _equal(theirs[name], known[name]):
            raise ValueError(
                _(
                    "{file} belongs to a run with another {name}: {stored} in the file, {ours} here. "
                    "Give another file, use what the file has, or delete it to start anew."
                ).format(file=file, name=name, stored=theirs[name], ours=known[name])
            )


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """{"settings": {"clip": 0.2}} as {"settings.clip": 0.2}."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, Mapping) else {before + name: value}
    return found


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-5)
    return one == other
