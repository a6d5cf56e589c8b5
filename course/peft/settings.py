"""A method as JSON, whatever its class: a frozen dataclass of numbers, texts, other methods, and tuples of these."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from course.messages import _
from course.peft.method import Method


def as_json(method: Method) -> str:
    """Raises `TypeError` for a setting of another kind."""
    return json.dumps(method, default=_packed)


def from_json(text: str) -> Method:
    """What `as_json` was given. Raises `ValueError` for a method that is not known, and settings that it refuses."""
    method = json.loads(text, object_hook=_unpacked)
    if not isinstance(method, Method):
        raise ValueError(_("{text} is no method").format(text=text))
    return method


def _packed(method: object) -> Any:
    if isinstance(method, np.generic):  # one number of NumPy's
        return method.item()
    if not isinstance(method, Method) or not is_dataclass(method):
        raise TypeError(
            _("{value!r} cannot be stored: a setting is a number, a text, a method or a tuple of these.").format(
                value=method
            )
        )
    return {"method": type(method).__name__} | {field.name: getattr(method, field.name) for field in fields(method)}


def _unpacked(settings: dict[str, Any]) -> Method:
    name, known = settings.pop("method", None), _methods()
    if name not in known:
        raise ValueError(
            _("there is no method {name!r}; there is: {known}").format(name=name, known=", ".join(sorted(known)))
        )
    return known[name](**{key: _tupled(value) for key, value in settings.items()})


def _methods(base: type[Method] = Method) -> dict[str, type[Method]]:
    """Every method that has been defined, by the name of its class; of two with one name, the later."""
    return {
        name: kind for each in base.__subclasses__() for name, kind in {each.__name__: each, **_methods(each)}.items()
    }


def _tupled(value: Any) -> Any:
    """Lists as tuples, which JSON does not know."""
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
