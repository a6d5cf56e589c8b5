"""Numbers of any size in a few characters: sizes of models, tokens, operations."""

import math

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(value: int | float) -> str:
    """A number in two digits with a power of ten: 1.6 × 10¹³."""
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits} × 10{str(int(exponent)).translate(RAISED)}"


def short_number(value: int | float) -> str:
    """A size or a number of tokens in three digits: 22.4 k, 1.30 M, 70.0 B, 1.40 T; with a power of ten beyond."""
    if not 1 <= value < 1e15:
        return power_of_ten(value)
    digits = float(f"{value:.2e}")
    step = min(int(math.log10(digits)) // 3, 4)
    shown = digits / 1000**step
    decimals = max(0, 2 - int(math.log10(shown)))
    return f"{shown:.{decimals}f} {('', 'k', 'M', 'B', 'T')[step]}".rstrip()
