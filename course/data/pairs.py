"""Short English and Korean texts with the same meaning: the interface of Home Assistant in both languages."""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from course.data.fetch import path

_HANGUL = re.compile("[가-힣]")
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Pair:
    """One text in both languages. A placeholder such as `{name}` is in both of them or in neither."""

    english: str
    korean: str


def english_korean_pairs() -> list[Pair]:
    """The 12,213 distinct pairs of Home Assistant 2024.3.3, labels as well as whole sentences (Apache-2.0).

    The two translations of each part of the interface are aligned by their keys. A pair is left out when its Korean
    side has no Hangul (names, units) or other placeholders than the English one. Raises `AssetError`.
    """
    pairs: dict[Pair, None] = {}  # a dict keeps the order and drops duplicates
    with zipfile.ZipFile(path("homeassistant")) as package:
        for name in sorted(package.namelist()):
            if name.endswith("ko.json"):
                english = json.loads(package.read(name.removesuffix("ko.json") + "en.json"))
                korean = json.loads(package.read(name))
                pairs.update(dict.fromkeys(_aligned(english, korean)))
    return [pair for pair in pairs if _is_translation(pair)]


def _aligned(english: dict[str, Any] | str, korean: dict[str, Any] | str) -> Iterator[Pair]:
    """The texts with the same keys in two nested dictionaries."""
    if isinstance(english, dict) and isinstance(korean, dict):
        for key in english:
            if key in korean:
                yield from _aligned(english[key], korean[key])
    elif isinstance(english, str) and isinstance(korean, str):
        yield Pair(english.strip(), korean.strip())


def _is_translation(pair: Pair) -> bool:
    same_placeholders = set(_PLACEHOLDER.findall(pair.english)) == set(_PLACEHOLDER.findall(pair.korean))
    return same_placeholders and _HANGUL.search(pair.korean) is not None
