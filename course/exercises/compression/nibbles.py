"""Exercise on two numbers of 4 bits in a byte."""

import itertools
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def pack_nibbles(values: list[int]) -> list[int]:
    """Two numbers of 4 bits in each byte.

    values: whole numbers from -8 to 7, in two's complement: v and v + 16 have the same 4 bits,
    so that -1 has those of 15 and -8 those of 8. The first two numbers make the first byte, of
    which the earlier number is the lower half, worth up to 15, and the later the upper half,
    worth 16 times as much. Where one number is left over at the end, the upper half is 0.
    Returns the bytes as numbers from 0 to 255.

    >>> pack_nibbles([1, 2, -1])
    [33, 15]
    >>> pack_nibbles([-8, -8, 0, 7])
    [136, 112]
    """
    nibbles = [value % 16 for value in values] + [0] * (len(values) % 2)
    return [low + 16 * high for low, high in zip(nibbles[::2], nibbles[1::2], strict=True)]


def _pack_nibbles_cases() -> list[tuple]:
    draw = random.Random(1805)
    cases: list[tuple] = [([1, 2],), ([3, 5, -1, 4],), ([7, -8, -3, 2, 6, -5],), ([1, 2, -1],), ([-4, -2],)]
    cases += [([draw.randint(-8, 7) for _value in range(n)],) for n in (4, 6, 8, 10, 4, 6)]
    cases += [([draw.randint(-8, 7) for _value in range(n)],) for n in (5, 7, 3, 9)]
    return [
        *cases,
        ([5, 0, 6, 1],),
        ([0, 0, 0, 3],),
        ([-6],),
        ([4],),
        ([],),
        ([2, 7, 1, 3, 4, 6],),
        ([1, 2, 1, 2, -3, 5, 1, 2],),
    ]


def _bits(values):
    return [value % 16 for value in values]


def _pairs(values, missing=0):
    """Lower and upper half of each byte, of numbers that are filled up at the end."""
    filled = [*values, *[missing] * (len(values) % 2)]
    return list(zip(filled[::2], filled[1::2], strict=True))


def _upper_first(values):
    return [16 * low + high for low, high in _pairs(_bits(values))]


def _shifted_by_8(values):
    return [low + 16 * high for low, high in _pairs([value + 8 for value in values])]


def _shifted_by_8_filled_too(values):
    return [low + 16 * high for low, high in _pairs([value + 8 for value in values], 8)]


def _without_sign(values):
    return [low + 16 * high for low, high in _pairs([abs(value) for value in values])]


def _signed(values):
    return [low + 16 * high for low, high in _pairs(values)]


def _signed_bytes(values):
    return [byte - 256 if byte > 127 else byte for byte in pack_nibbles(values)]


def _sign_spreads(values):
    return [(low | high << 4) % 256 for low, high in _pairs(values)]


def _ones_complement(values):
    return [low + 16 * high for low, high in _pairs([value if value >= 0 else 15 + value for value in values])]


def _sign_and_size(values):
    bits = [abs(value) % 8 + 8 * (value < 0) for value in values]
    return [low + 16 * high for low, high in _pairs(bits)]


def _cut_off(values):
    return [low + 16 * high for low, high in _pairs([max(value, 0) for value in values])]


def _base_15(values):
    return [low + 15 * high for low, high in _pairs(_bits(values))]


def _base_10(values):
    return [low + 10 * high for low, high in _pairs(_bits(values))]


def _base_8(values):
    return [low + 8 * high for low, high in _pairs(_bits(values))]


def _sums(values):
    return [low + high for low, high in _pairs(_bits(values))]


def _or_alone(values):
    return [low | high for low, high in _pairs(_bits(values))]


def _products(values):
    return [low * 16 * high for low, high in _pairs(_bits(values))]


def _halves_of_the_list(values):
    filled = [*_bits(values), *[0] * (len(values) % 2)]
    half = len(filled) // 2
    return [low + 16 * high for low, high in zip(filled[:half], filled[half:], strict=True)]


def _overlapping(values):
    bits = _bits(values)
    return [low + 16 * high for low, high in itertools.pairwise(bits)]


def _last_left_out(values):
    return pack_nibbles(values[: len(values) // 2 * 2])


def _last_alone_in_the_upper_half(values):
    packed = pack_nibbles(values)
    return [*packed[:-1], packed[-1] * 16] if len(values) % 2 else packed


def _last_with_itself(values):
    return pack_nibbles([*values, *values[-1:]]) if len(values) % 2 else pack_nibbles(values)


def _last_with_the_first(values):
    return pack_nibbles([*values, values[0]]) if len(values) % 2 else pack_nibbles(values)


def _zero_in_front(values):
    return pack_nibbles([0, *values]) if len(values) % 2 else pack_nibbles(values)


def _a_byte_more(values):
    return pack_nibbles(values) if len(values) % 2 else [*pack_nibbles(values), 0]


def _filled_with_15(values):
    return pack_nibbles([*values, -1]) if len(values) % 2 else pack_nibbles(values)


def _not_packed(values):
    return _bits(values)


def _unpacked(values):
    return _pairs(_bits(values))


def _reversed(values):
    return pack_nibbles(values)[::-1]


def _backwards(values):
    return pack_nibbles(values[::-1])


def _lower_alone(values):
    return [low for low, _high in _pairs(_bits(values))]


def _upper_alone(values):
    return [high for _low, high in _pairs(_bits(values))]


def _upper_alone_moved(values):
    return [16 * high for _low, high in _pairs(_bits(values))]


def _as_bytes(values):
    return bytes(pack_nibbles(values))


def _as_hex(values):
    return [f"{byte:02x}" for byte in pack_nibbles(values)]


def _as_bits(values):
    return [f"{byte:08b}" for byte in pack_nibbles(values)]


def _as_one_number(values):
    return sum(byte * 256**place for place, byte in enumerate(pack_nibbles(values)))


def _how_many(values):
    return len(pack_nibbles(values))


def _seven_values(values):
    return [low + 16 * high for low, high in _pairs([min(value % 16, 14) for value in values])]


def _three_bits(values):
    return [low + 16 * high for low, high in _pairs([value % 8 for value in values])]


PACK_NIBBLES = Exercise(
    name="compression.pack_nibbles",
    title=_("Two numbers in a byte"),
    solution=pack_nibbles,
    cases=_pack_nibbles_cases,
    hints=(
        _(
            "Make each number one from 0 to 15 first: `value % 16`, or `value & 15`. Add a 0 at the end when there is "
            "an odd number of them."
        ),
        _("`nibbles[::2]` are the lower halves and `nibbles[1::2]` the upper: `low + 16 * high` makes a byte of two."),
    ),
    mistakes=(
        Mistake(_upper_first, _("In yours the earlier number is the **upper** half: it is the lower.")),
        Mistake(_shifted_by_8, _("You **add 8** to each number: take its bits in two's complement, `value % 16`.")),
        Mistake(_shifted_by_8_filled_too, _("You add 8 to each number, and to the half that is **left over**, too.")),
        Mistake(_without_sign, _("You drop the **sign**: -1 has the bits of 15, `value % 16`.")),
        Mistake(_signed, _("You take numbers below 0 **as they are**: make them 0 to 15 first, `value % 16`.")),
        Mistake(_signed_bytes, _("Your bytes go from **-128** to 127: they go from 0 to 255.")),
        Mistake(
            _sign_spreads,
            _("The bits of a number below 0 **spread** into the other half: keep the lowest four, `value & 15`."),
        ),
        Mistake(_ones_complement, _("You add **15** to numbers below 0: add 16.")),
        Mistake(_sign_and_size, _("Your highest bit is a **sign** alone: in two's complement -1 is 15.")),
        Mistake(_cut_off, _("You cut off numbers **below 0**: -1 has the bits of 15.")),
        Mistake(_base_15, _("You multiply the upper half by **15**: it is worth 16 times as much.")),
        Mistake(_base_10, _("You multiply the upper half by **10**: it is worth 16 times as much.")),
        Mistake(_base_8, _("You multiply the upper half by **8**, three bits: move it by four, which is 16 times.")),
        Mistake(_sums, _("You **add** the two numbers: the upper half is worth 16 times as much.")),
        Mistake(_or_alone, _("You put both numbers into the **same** bits: move one by four, `high << 4`.")),
        Mistake(_products, _("You **multiply** the halves: add them.")),
        Mistake(
            _halves_of_the_list, _("You pair the first **half** of the list with the second: neighbours share a byte.")
        ),
        Mistake(_overlapping, _("Your bytes **overlap**: each number is in one byte only, so go in steps of two.")),
        Mistake(_last_left_out, _("A number that is **left over** at the end is missing: it has a byte, too.")),
        Mistake(
            _last_alone_in_the_upper_half,
            _("A number that is left over is the **upper** half in yours: it is the lower."),
        ),
        Mistake(_last_with_itself, _("A number that is left over is in its byte **twice**: the upper half is 0.")),
        Mistake(
            _last_with_the_first, _("A number that is left over is paired with the **first**: the upper half is 0.")
        ),
        Mistake(_zero_in_front, _("You fill up at the **beginning**: an odd list gets its 0 at the end.")),
        Mistake(_a_byte_more, _("You add a **byte** of 0 where no number is left over.")),
        Mistake(_filled_with_15, _("The half that is left over is **15** in yours: it is 0.")),
        Mistake(_not_packed, _("You return a number for each **nibble**: put two into a byte.")),
        Mistake(_unpacked, _("You return **pairs**: make one number of each, `low + 16 * high`.")),
        Mistake(_reversed, _("Your bytes are in **reverse** order.")),
        Mistake(_backwards, _("You go through the numbers from the **last** to the first.")),
        Mistake(_lower_alone, _("Your bytes have the **lower** halves alone.")),
        Mistake(_upper_alone, _("Your bytes have the **upper** halves alone, and not where they belong.")),
        Mistake(_upper_alone_moved, _("Your bytes have the **upper** halves alone: add the lower.")),
        Mistake(_as_bytes, _("You return **bytes**: return a list of numbers.")),
        Mistake(_as_hex, _("You return **hexadecimal** texts: return numbers.")),
        Mistake(_as_bits, _("You return texts of **bits**: return numbers.")),
        Mistake(_as_one_number, _("You return **one** number: return one for each byte.")),
        Mistake(_how_many, _("You return **how many** bytes there are: return the bytes.")),
        Mistake(_seven_values, _("-1 and -2 have the **same** bits in yours: -1 has those of 15.")),
        Mistake(_three_bits, _("You keep **three** bits: `% 16` keeps four.")),
    ),
    corners=(
        Corner(lambda values: not values, _("Only a list **without numbers** goes wrong: it has no bytes.")),
        Corner(
            lambda values: len(values) % 2 == 1,
            _("Only lists of **odd** length go wrong: the last number shares its byte with a 0."),
        ),
        Corner(
            lambda values: any(value < 0 for value in values),
            _("Only lists with numbers **below 0** go wrong: make each one from 0 to 15, `value % 16`."),
        ),
    ),
    explanation=_(
        "PyTorch has no type that is smaller than a byte, so that int4 in one byte each would save nothing over int8. "
        "Packed, a row of n numbers takes (n + 1) // 2 bytes. How many numbers there were has to be kept beside them: "
        "from the bytes alone one cannot tell a half that is left over from a 0."
    ),
)
