"""The places of a model's layers, and the names that stand for them."""

from collections.abc import Iterable


def ends_in(place: str, names: Iterable[str]) -> bool:
    """Whether a place is one of the names, or ends in one: "blocks.0.output" in "output", and not in "put"."""
    return any(f".{place}".endswith(f".{name}") for name in names)
