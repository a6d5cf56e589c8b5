"""One check that all formulas share: PyTorch would broadcast tensors of unequal shapes, and the number be wrong."""

from torch import Tensor

from course.messages import _


def require_same_shape(n_dimensions: int, **tensors: Tensor) -> None:
    """Raises `ValueError` for tensors, by their names, whose shapes differ or have another number of dimensions."""
    (first, one), *others = tensors.items()
    if one.ndim != n_dimensions:
        raise ValueError(
            _("{name} has the shape {shape}; give a tensor of {n} dimensions.").format(
                name=first, shape=list(one.shape), n=n_dimensions
            )
        )
    for name, other in others:
        if other.shape != one.shape:
            raise ValueError(
                _("{first} has the shape {shape} and {name} has {other}; give two of one shape.").format(
                    first=first, shape=list(one.shape), name=name, other=list(other.shape)
                )
            )


def require_rows(scores: Tensor, table: Tensor, *, name: str, rows_of: str) -> None:
    """Raises `ValueError` unless `scores` has one number for each row of `table`."""
    if scores.shape != table.shape[:1]:
        raise ValueError(
            _("{name} has the shape {shape} and {rows_of} has {table}; give one number for each row.").format(
                name=name, shape=list(scores.shape), rows_of=rows_of, table=list(table.shape)
            )
        )
