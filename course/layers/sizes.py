"""Checks that the models' configurations share."""

from course.messages import _


def require_sizes(config: object, *names: str) -> None:
    """Raises `ValueError` naming the first of these fields of `config` that is not a whole number above 0."""
    for name in names:
        value = getattr(config, name)
        if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
            raise ValueError(
                _("{name} is {value!r}; it must be a whole number above 0.").format(name=name, value=value)
            )


def require_positive(config: object, *names: str) -> None:
    """Raises `ValueError` naming the first of these fields of `config` that is not above 0."""
    for name in names:
        if not getattr(config, name) > 0:
            raise ValueError(_("{name} is {value}; it must be above 0.").format(name=name, value=getattr(config, name)))


def require_dropout(dropout: float) -> None:
    """Raises `ValueError` for a share of numbers to drop that is below 0, or leaves none."""
    if not 0 <= dropout < 1:
        raise ValueError(
            _("dropout is {value}; it is the share of numbers to drop, from 0 to below 1.").format(value=dropout)
        )


def require_heads(d_model: int, n_heads: int, *, even: bool = False) -> None:
    """Raises `ValueError` when `d_model` does not divide into `n_heads` heads of one size, or of one `even` size."""
    if n_heads < 1:
        raise ValueError(_("n_heads is {value}; it must be above 0.").format(value=n_heads))
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
    if n_kv_heads < 1 or n_heads % n_kv_heads:
        raise ValueError(
            _("{n_kv_heads} key and value heads cannot serve {n_heads} query heads evenly: choose a divisor.").format(
                n_kv_heads=n_kv_heads, n_heads=n_heads
            )
        )
