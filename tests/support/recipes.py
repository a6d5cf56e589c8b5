"""The recipes of the experiments, made once in a process. Experiments on the same task share one of them."""

import functools
import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support import tasks


@functools.cache
def recipes_of(name: str) -> Mapping[str, Any]:
    """What `recipes()` of the experiment returns."""
    with _shared_tasks():
        return importlib.import_module(f"experiments.{name}").recipes()


@functools.cache
def models_of(name: str) -> Mapping[str, Any]:
    """What `models()` of the experiment returns, its recipes before the search; where it has none, its recipes."""
    module = importlib.import_module(f"experiments.{name}")
    if not hasattr(module, "models"):
        return recipes_of(name)
    with _shared_tasks():
        return module.models()


@contextmanager
def _shared_tasks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.pronunciation.pronunciation_task", tasks.pronunciation)
        patch.setattr("experiments.gradient_path.pronunciation_task", tasks.pronunciation)
        patch.setattr("experiments.sentences.translation", tasks.sentences)
        yield
