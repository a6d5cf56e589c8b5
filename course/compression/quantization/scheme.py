"""How a matrix is rounded: to how many bits, which weights share a scale, and whether the range has a minimum."""

from dataclasses import dataclass

from course.layers.sizes import require_whole
from course.messages import _

FEWEST_BITS, MOST_BITS = 2, 8


@dataclass(frozen=True)
class Scheme:
    """`bits` for a weight, and a scale for each row (an output channel), for each group in a row, or for all rows.

    Without a `minimum` the range is symmetric, for 8 bits −127 … 127: 0 stays 0, and −128 is left out, so that every
    number has its negative. With one, the range of a group reaches from its smallest to its largest weight: one level
    more, at the price of a second number a group. `group_size` is how many neighbouring columns make a group; the last
    group of a row may be shorter. Where `in_whole_numbers`, a layer rounds its activations, too, and multiplies whole
    numbers; `weights_only` forbids it. Raises `ValueError` for bits outside 2 to 8, a group size that is no whole
    number above 0, and groups in a scheme with one scale for all.
    """

    bits: int = 8
    group_size: int | None = None
    per_tensor: bool = False
    minimum: bool = False
    weights_only: bool = False

    def __post_init__(self) -> None:
        require_whole(self.bits, "bits", least=FEWEST_BITS)
        if self.bits > MOST_BITS:
            raise ValueError(
                _("bits is {bits}; it must be {most} or less: with more, a number does not fit into one byte.").format(
                    bits=self.bits, most=MOST_BITS
                )
            )
        if self.group_size is not None:
            require_whole(self.group_size, "group_size")
        if self.per_tensor and (self.group_size is not None or self.minimum):
            raise ValueError(
                _("One scale for the whole matrix leaves no room for groups or a minimum: give one of the two.")
            )

    @property
    def largest(self) -> int:
        """The largest whole number; the smallest is 0 with a minimum, and the negative of this without."""
        return 2**self.bits - 1 if self.minimum else 2 ** (self.bits - 1) - 1

    @property
    def in_whole_numbers(self) -> bool:
        """Whether products can be of whole numbers: one scale for all that is added up, and a byte for a number."""
        grouped = self.group_size is not None or self.minimum
        return not (grouped or self.two_a_byte or self.weights_only)

    @property
    def two_a_byte(self) -> bool:
        """Whether a number takes half a byte. One of 3 or 2 bits does, too: its other bits stay unused."""
        return self.bits <= 4


INT8 = Scheme(8)
INT8_PER_TENSOR = Scheme(8, per_tensor=True)
INT4 = Scheme(4, group_size=32)
Q4_1 = Scheme(4, group_size=32, minimum=True)  # what llama.cpp calls so: blocks of 32, a scale and a minimum
