"""Checks that models' configurations and layers share."""

import math
from collections.abc import Sequence
from numbers import Integral, Real

from course.messages import _


def require_whole(value: object, name: str, *, least: int = 1) -> None:
    """Raises `ValueError` for what is no whole number, as a number of heads or positions must be, or below `least`."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise ValueError(_("{name} is {value!r}; it must be a whole number.").format(name=name, value=value))
    if value < least:
        message = _("{name} is {value}; it must be {least} or more.")
        raise ValueError(message.format(name=name, value=value, least=least))


def require_sizes(config: object, *names: str) -> None:
    """Raises `ValueError` naming the first of these fields of `config` that is not a whole number above 0."""
    for name in names:
        require_whole(getattr(config, name), name)


def require_positive(value: int | float, name: str) -> None:
    """Raises `ValueError` for what is no finite number above 0."""
    if not (isinstance(value, Real) and math.isfinite(value) and value > 0):
        raise ValueError(_("{name} is {value!r}; it must be a number above 0.").format(name=name, value=value))


def require_not_negative(value: int | float, name: str) -> None:
    """Raises `ValueError` for what is no finite number of 0 or more."""
    if not (isinstance(value, Real) and math.isfinite(value) and value >= 0):
        raise ValueError(_("{name} is {value!r}; it must be a number, 0 or more.").format(name=name, value=value))


def require_dropout(dropout: int | float) -> None:
    """Raises `ValueError` for a share of numbers to drop that is below 0, or leaves none."""
    if not (isinstance(dropout, Real) and 0 <= dropout < 1):
        raise ValueError(
            _("dropout is {value!r}; it is the share of numbers to drop, from 0 to below 1.").format(value=dropout)
        )


def require_special(token: int, name: str, vocab_size: int) -> None:
    """Raises `ValueError` for the id of a special token that a vocabulary of this size does not have."""
    require_whole(token, name, least=0)
    if token >= vocab_size:
        raise ValueError(
            _("{name} is {value}; the vocabulary has the ids 0 to {last}.").format(
                name=name, value=token, last=vocab_size - 1
            )
        )


def require_heads(d_model: int, n_heads: int, *, even: bool = False) -> None:
    """Raises `ValueError` when `d_model` does not divide into `n_heads` heads of one size, or of one `even` size."""
    require_whole(d_model, "d_model")
    require_whole(n_heads, "n_heads")
    step = 2 * n_heads if even else n_heads
    if d_model % step:
        message = (
            _("d_model {d_model} makes no {n_heads} heads of an even size: choose a multiple of {step}.")
            if even
            else _("d_model {d_model} makes no {n_heads} heads of one size: choose a multiple of {step}.")
        )
        raise ValueError(message.format(d_model=d_model, n_heads=n_heads, step=step))


def require_kv_heads(n_heads: int, n_kv_heads: int) -> None:
    """Raises `ValueError` when the query heads cannot share the key and value heads evenly."""
    require_whole(n_kv_heads, "n_kv_heads")
    if n_heads % n_kv_heads:
        raise ValueError(
            _("{n_kv_heads} key and value heads cannot serve {n_heads} query heads evenly: choose a divisor.").format(
                n_kv_heads=n_kv_heads, n_heads=n_heads
            )
        )


def require_windows(windows: Sequence[int | None]) -> tuple[int | None, ...]:
    """The windows of the layers as a tuple: JSON made it a list. Raises `ValueError` for none, and for one below 1."""

    def is_size(window: object) -> bool:
        return isinstance(window, Integral) and not isinstance(window, bool) and int(window) > 0

    if not isinstance(windows, Sequence) or not windows or not all(one is None or is_size(one) for one in windows):
        raise ValueError(
            _(
                "windows is {value}; give 1 or more, each a number of keys above 0 or None for all: (None, 128) "
                "alternates."
            ).format(value=windows)
        )
    return tuple(windows)
