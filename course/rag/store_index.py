"""How a store's vectors are indexed and compared, and the name that they are kept under."""

import ipaddress
import re
from dataclasses import asdict, dataclass
from typing import Any

from course.layers.sizes import require_sizes
from course.messages import _
from course.rag.chroma import StoreError

NAME = re.compile(r"(?!.*\.\.)[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]")  # what Chroma allows
SPACE = "cosine"  # Chroma's own choice is the squared distance, of which less is better


@dataclass(frozen=True)
class Hnsw:
    """The index, a graph of near neighbors that a search walks through.

    A new vector is linked to `max_neighbors` others, chosen among `ef_construction` candidates; a search keeps the
    `ef_search` best that it has met. More of each finds more of the true neighbors and takes longer. Raises
    `ValueError` for a number below 1.
    """

    max_neighbors: int = 16
    ef_construction: int = 100
    ef_search: int = 100

    def __post_init__(self) -> None:
        require_sizes(self, "max_neighbors", "ef_construction", "ef_search")


def collection(client: Any, name: str, index: Hnsw | None) -> Any:
    """Chroma's collection of this name, made where there is none.

    Raises `StoreError` when Chroma refuses, and `ValueError` for one with another index or another measure.
    """
    try:
        found = client.get_or_create_collection(
            name, configuration={"hnsw": {"space": SPACE, **asdict(index or Hnsw())}}, embedding_function=None
        )
    except Exception as error:  # of Chroma, of the network, of Rust
        raise StoreError(
            _("The store {name} cannot be opened: {reason}.").format(name=name, reason=str(error).rstrip("."))
        ) from error
    asked = {"space": SPACE} | (asdict(index) if index else {})
    stored = dict(found.configuration_json.get("hnsw") or {})
    if other := [key for key, value in asked.items() if stored.get(key) != value]:
        raise ValueError(
            _("The store {name} was made with {stored}, not with {asked}: choose another name.").format(
                name=name,
                stored=", ".join(f"{key}={stored.get(key)}" for key in other),
                asked=", ".join(f"{key}={asked[key]}" for key in other),
            )
        )
    return found


def require_name(name: str) -> None:
    """Raises `ValueError` for a name that Chroma does not allow."""
    try:
        numbers = bool(ipaddress.ip_address(name))
    except ValueError:
        numbers = False
    if numbers or not NAME.fullmatch(name):
        raise ValueError(
            _(
                "A store cannot be named {name!r}: take 3 to 512 of a-z, A-Z, 0-9, dot, hyphen and underscore, with a "
                "letter or digit at both ends, no two dots in a row and no network address."
            ).format(name=name)
        )
