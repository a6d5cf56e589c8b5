"""Exercise on symmetric int8: the whole numbers of a matrix, and a scale for each row."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def quantize_rows(weight: "Tensor") -> tuple["Tensor", "Tensor"]:
    """A matrix in whole numbers from -127 to 127, and for each row the scale they count in.

    weight: (rows, columns). The scale of a row is its largest absolute weight / 127. Each
    weight is divided by its row's scale and rounded to the nearest whole number; none is
    halfway between two. A row of zeros has the scale 1. Returns the whole numbers
    (rows, columns) and the scales (rows,): number · scale is about the weight.

    >>> import torch
    >>> numbers, scales = quantize_rows(torch.tensor([[2.54, -1.0, 0.2], [0.0, 0.0, 0.0]]))
    >>> numbers.tolist()
    [[127, -50, 10], [0, 0, 0]]
    >>> [round(scale, 4) for scale in scales.tolist()]
    [0.02, 1.0]
    """
    scales = weight.abs().amax(dim=1) / 127
    scales[scales == 0] = 1
    return (weight / scales[:, None]).round().int(), scales


def _quantize_rows_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1804)
    cases: list[tuple] = [
        (torch.tensor([[2.54, -1.0, 0.2], [0.1, 0.3, -0.6]]),),
        (torch.tensor([[-5.0, 1.0, 2.0, 0.0], [0.5, 1.2, 0.7, -0.3]]),),
    ]
    for rows, columns, size in [(2, 3, 1.0), (3, 4, 0.1), (4, 2, 3.0), (3, 5, 1.0), (2, 6, 10.0), (4, 3, 0.5)]:
        cases.append((clear(size * drawn(generator, rows, columns)),))
    cases += [
        (clear(drawn(generator, 1, 6)),),
        (clear(drawn(generator, 5, 2) - 3),),
        (clear(drawn(generator, 3, 3) + 2),),
    ]
    cases.append((clear(torch.tensor([[500.0], [1.0], [0.01]]) * drawn(generator, 3, 4)),))
    zeros = clear(drawn(generator, 4, 3))
    zeros[2] = 0
    cases.append((zeros,))
    return [*cases, (torch.tensor([[0.0, 0.0], [0.3, -1.0], [0.0, 0.0]]),), (torch.tensor([[0.0, 0.0, 0.0]]),)]


def clear(weight: Tensor) -> Tensor:
    """The weights, each that lies about halfway between two whole numbers of its row moved by a fifth of one."""
    scales = weight.abs().amax(dim=1, keepdim=True).double() / 127
    numbers = weight.double() / scales.clamp(min=1e-9)
    halfway = (numbers - numbers.floor() - 0.5).abs() < 0.05
    return torch.where(halfway, (numbers.floor() + 0.3) * scales, weight.double()).to(weight.dtype)


def _scales(weight, largest=127):
    scales = weight.abs().amax(dim=1) / largest
    return torch.where(scales == 0, 1.0, scales)


def _with(weight, scales):
    """The numbers for scales of a row each, and the scales."""
    return (weight / scales[:, None]).round(), scales


def _for_128(weight):
    return _with(weight, _scales(weight, 128))


def _for_255(weight):
    return _with(weight, _scales(weight, 255))


def _for_256(weight):
    return _with(weight, _scales(weight, 256))


def _for_127_5(weight):
    return _with(weight, _scales(weight, 127.5))


def _for_126(weight):
    return _with(weight, _scales(weight, 126))


def _for_7(weight):
    return _with(weight, _scales(weight, 7))


def _without_127(weight):
    return _with(weight, _scales(weight, 1))


def _one_scale(weight):
    scale = weight.abs().max() / 127
    return _with(weight, (scale if scale > 0 else torch.tensor(1.0)).expand(len(weight)))


def _one_scale_alone(weight):
    scale = weight.abs().max() / 127
    return (weight / scale).nan_to_num().round(), scale


def _of_columns(weight):
    scales = _scales(weight.mT)
    return (weight / scales).round(), scales


def _signed_largest(weight):
    scales = weight.amax(dim=1) / 127
    return _with(weight, torch.where(scales == 0, 1.0, scales))


def _range(weight):
    scales = (weight.amax(dim=1) - weight.amin(dim=1)) / 254
    return _with(weight, torch.where(scales == 0, 1.0, scales))


def _whole_range(weight):
    scales = (weight.amax(dim=1) - weight.amin(dim=1)) / 255
    return _with(weight, torch.where(scales == 0, 1.0, scales))


def _of_mean(weight):
    scales = weight.abs().mean(dim=1) / 127
    return _with(weight, torch.where(scales == 0, 1.0, scales))


def _of_norm(weight):
    scales = weight.norm(dim=1) / 127
    return _with(weight, torch.where(scales == 0, 1.0, scales))


def _rounded_down(weight):
    scales = _scales(weight)
    return (weight / scales[:, None]).floor(), scales


def _cut(weight):
    scales = _scales(weight)
    return (weight / scales[:, None]).trunc(), scales


def _rounded_up(weight):
    scales = _scales(weight)
    return (weight / scales[:, None]).ceil(), scales


def _half_added_and_cut(weight):
    scales = _scales(weight)
    return (weight / scales[:, None] + 0.5).trunc(), scales


def _not_rounded(weight):
    scales = _scales(weight)
    return weight / scales[:, None], scales


def _rounded_before(weight):
    scales = _scales(weight)
    return weight.round() / scales[:, None], scales


def _weights_rounded(weight):
    return weight.round(), _scales(weight)


def _multiplied(weight):
    scales = _scales(weight)
    return (weight * scales[:, None]).round(), scales


def _without_sign(weight):
    numbers, scales = quantize_rows(weight)
    return numbers.abs(), scales


def _from_0(weight):
    numbers, scales = quantize_rows(weight)
    return numbers + 127, scales


def _shifted(weight):
    numbers, scales = quantize_rows(weight)
    return numbers + 128, scales


def _in_bytes(weight):
    numbers, scales = quantize_rows(weight)
    return numbers % 256, scales


def _cut_off_below_0(weight):
    numbers, scales = quantize_rows(weight)
    return numbers.clamp(min=0), scales


def _zero_scale(weight):
    numbers, _all = quantize_rows(weight)
    return numbers, weight.abs().amax(dim=1) / 127


def _scales_upside_down(weight):
    numbers, scales = quantize_rows(weight)
    return numbers, 1 / scales


def _largest_for_scales(weight):
    numbers, _scales_of_rows = quantize_rows(weight)
    return numbers, weight.abs().amax(dim=1)


def _scales_times_127(weight):
    numbers, scales = quantize_rows(weight)
    return numbers, scales * 127


def _scales_as_a_column(weight):
    numbers, scales = quantize_rows(weight)
    return numbers, scales[:, None]


def _scales_for_each_weight(weight):
    numbers, scales = quantize_rows(weight)
    return numbers, scales[:, None].expand_as(weight)


def _exchanged(weight):
    return quantize_rows(weight)[::-1]


def _numbers_alone(weight):
    return quantize_rows(weight)[0]


def _scales_alone(weight):
    return quantize_rows(weight)[1]


def _rounded_weights(weight):
    numbers, scales = quantize_rows(weight)
    return numbers * scales[:, None]


def _rounded_weights_and_scales(weight):
    numbers, scales = quantize_rows(weight)
    return numbers * scales[:, None], scales


def _errors(weight):
    numbers, scales = quantize_rows(weight)
    return weight - numbers * scales[:, None], scales


def _pairs(weight):
    numbers, scales = quantize_rows(weight)
    return list(zip(numbers.tolist(), scales.tolist(), strict=True))


def _scales_rounded(weight):
    numbers, scales = quantize_rows(weight)
    return numbers, scales.round(decimals=2)


def _whole_scales(weight):
    scales = _scales(weight).ceil()
    return _with(weight, scales)


def _a_small_number_added(weight):
    return _with(weight, weight.abs().amax(dim=1) / 127 + 1e-2)


def _transposed(weight):
    numbers, scales = quantize_rows(weight)
    return numbers.mT, scales


def _without_rows_of_zeros(weight):
    numbers, scales = quantize_rows(weight)
    kept = weight.abs().amax(dim=1) > 0
    return numbers[kept], scales[kept]


QUANTIZE_ROWS = Exercise(
    name="compression.quantize_rows",
    title=_("A matrix in int8"),
    solution=quantize_rows,
    cases=_quantize_rows_cases,
    hints=(
        _(
            "Take the largest absolute weight of each row, over the columns, and divide by 127. Then set the scales "
            "that are 0 to 1, before anything is divided by them."
        ),
        _(
            "`weight.abs().amax(dim=1)` is one number for each row, and `scales[:, None]` a column that divides each "
            "row by its own: `(weight / scales[:, None]).round()`."
        ),
    ),
    mistakes=(
        Mistake(_for_128, _("Your scales divide by **128**: the largest number is 127, on both sides.")),
        Mistake(_for_255, _("Your scales divide by **255**: numbers go from -127 to 127.")),
        Mistake(_for_256, _("Your scales divide by **256**: numbers go from -127 to 127.")),
        Mistake(_for_127_5, _("Your scales divide by **127.5**: the largest number is 127.")),
        Mistake(_for_126, _("Your scales divide by **126**: the largest number is 127.")),
        Mistake(_for_7, _("Your scales divide by **7**, the largest number of 4 bits: with 8 it is 127.")),
        Mistake(_without_127, _("Your scales are the largest weights: divide by **127**, or numbers go to 1 only.")),
        Mistake(_one_scale, _("You have **one** scale for all rows: each row has its own, `amax(dim=1)`.")),
        Mistake(_one_scale_alone, _("You return **one** scale: each row has its own, `amax(dim=1)`.")),
        Mistake(_of_columns, _("You have a scale for each **column**: each row has one, `amax(dim=1)`.")),
        Mistake(_signed_largest, _("Your scale is of the largest weight with its **sign**: take absolute weights.")),
        Mistake(
            _range, _("Your scale is of the **range** from the smallest to the largest: take the absolute largest.")
        ),
        Mistake(
            _whole_range,
            _("Your scale is the **range** over 255, as with a zero point: take the absolute largest over 127."),
        ),
        Mistake(_of_mean, _("Your scale is of the **mean** absolute weight: take the largest.")),
        Mistake(_of_norm, _("Your scale is of the row's **norm**: take the largest absolute weight.")),
        Mistake(_rounded_down, _("You round **down**: round to the nearest, with `round`.")),
        Mistake(_cut, _("You cut off the **fraction**, as `int` does: round to the nearest first.")),
        Mistake(_rounded_up, _("You round **up**: round to the nearest, with `round`.")),
        Mistake(_half_added_and_cut, _("You add a half and **cut**, which is not the nearest for numbers below 0.")),
        Mistake(_not_rounded, _("Your numbers are not **rounded** to whole ones.")),
        Mistake(_rounded_before, _("You round the **weights** before you divide them: divide first.")),
        Mistake(_weights_rounded, _("You round the **weights**: divide them by the scale first.")),
        Mistake(_multiplied, _("You **multiply** by the scale: divide by it.")),
        Mistake(_without_sign, _("Your numbers have lost their **sign**.")),
        Mistake(_from_0, _("Your numbers go from **0** to 254: they go from -127 to 127.")),
        Mistake(_shifted, _("Your numbers are moved by **128**: 0 stays 0 in a symmetric range.")),
        Mistake(_in_bytes, _("Your numbers below 0 come as **bytes** of 128 and more: keep the sign.")),
        Mistake(_cut_off_below_0, _("Your numbers are cut off **below 0**.")),
        Mistake(_zero_scale, _("The scale of a row of **zeros** is 0 in yours: it is 1.")),
        Mistake(_scales_upside_down, _("Your scales are **upside down**: number times scale is the weight.")),
        Mistake(_largest_for_scales, _("You return the **largest** absolute weights: the scale is a 127th of it.")),
        Mistake(_scales_times_127, _("Your scales are 127 times too **large**.")),
        Mistake(_scales_as_a_column, _("Your scales are a **column**: return one dimension, `(rows,)`.")),
        Mistake(_scales_for_each_weight, _("You return a scale for each **weight**: return one for each row.")),
        Mistake(_exchanged, _("Numbers and scales are **exchanged**.")),
        Mistake(_numbers_alone, _("The **scales** are missing: `return numbers, scales`.")),
        Mistake(_scales_alone, _("The **numbers** are missing: `return numbers, scales`.")),
        Mistake(_rounded_weights, _("You return the weights **after** rounding: return numbers and scales.")),
        Mistake(
            _rounded_weights_and_scales,
            _("You multiply the numbers by their scale **again**: return the whole numbers."),
        ),
        Mistake(_errors, _("You return the **errors** of rounding: return the whole numbers.")),
        Mistake(_pairs, _("You return a pair for each **row**: return all numbers, and all scales.")),
        Mistake(_scales_rounded, _("Your **scales** are rounded: the numbers alone are whole.")),
        Mistake(_whole_scales, _("Your **scales** are whole numbers: leave them as they are.")),
        Mistake(
            _a_small_number_added, _("You **add** a number to the scales: set those of 0 to 1, and leave the others.")
        ),
        Mistake(_transposed, _("Your numbers are **transposed**.")),
        Mistake(_without_rows_of_zeros, _("You leave out rows of **zeros**: their numbers are 0, their scale is 1.")),
    ),
    corners=(
        Corner(
            lambda weight: bool((weight == 0).all(dim=1).any()),
            _("Only matrices with a row of **zeros** go wrong: its scale is 1, since nothing is divided by 0."),
        ),
        Corner(
            lambda weight: bool(((weight.abs().amax(dim=1) > 0) & (weight.abs().amax(dim=1) < 0.1)).any()),
            _("Only rows of **small** weights go wrong: their scale is as small, and no smallest one is asked for."),
        ),
    ),
    explanation=_(
        "An error of rounding is at most half a scale, so a row with one large weight has large errors in all of its "
        "weights. With a scale for each row, they stay in that row. The range is symmetric, and -128 is left out: 0 "
        "stays 0, and the product of a row with whole numbers needs only one multiplication by a scale at its end."
    ),
    compare=close,
    results=("numbers", "scales"),
)
