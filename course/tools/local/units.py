"""A tool that converts between units of length, mass, volume, time, data and temperature."""

from course.messages import _

# How much of the quantity's first unit one of each is. All are exact by definition; mile, foot and pound are the
# international ones, gallon and pint those of the United States, and a year is one of 365.25 days.
UNITS: dict[str, dict[str, float]] = {
    "length": {
        "meter": 1.0,
        "kilometer": 1000.0,
        "centimeter": 0.01,
        "millimeter": 0.001,
        "inch": 0.0254,
        "foot": 0.3048,
        "yard": 0.9144,
        "mile": 1609.344,
        "nautical mile": 1852.0,
    },
    "mass": {"kilogram": 1.0, "gram": 0.001, "tonne": 1000.0, "pound": 0.45359237, "ounce": 0.028349523125},
    "volume": {"liter": 1.0, "milliliter": 0.001, "gallon": 3.785411784, "pint": 0.473176473},
    "time": {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0, "year": 31557600.0},
    "data": {"byte": 1.0, "kilobyte": 1e3, "megabyte": 1e6, "gigabyte": 1e9, "kibibyte": 2.0**10, "mebibyte": 2.0**20},
}
# In kelvin: the factor, and what is added to the value before.
TEMPERATURES: dict[str, tuple[float, float]] = {
    "kelvin": (1.0, 0.0),
    "celsius": (1.0, 273.15),
    "fahrenheit": (5 / 9, 459.67),
}
NAMES = (*(name for units in UNITS.values() for name in units), *TEMPERATURES)
DIGITS = 12  # of the answer: the last ones of a float are rounding


def convert_units(value: float, from_unit: str, to_unit: str) -> float:
    """The same amount in another unit of the same quantity, to 12 digits.

    Raises `ValueError` for units of two quantities, and for a temperature below absolute zero.
    """
    for unit in (from_unit, to_unit):
        if unit not in NAMES:
            raise ValueError(
                _("There is no unit {unit!r}. There are: {known}.").format(unit=unit, known=", ".join(NAMES))
            )
    if from_unit in TEMPERATURES and to_unit in TEMPERATURES:
        factor, before = TEMPERATURES[from_unit]
        kelvin = (value + before) * factor
        if kelvin < 0:
            raise ValueError(_("{value} {unit} is below absolute zero.").format(value=value, unit=from_unit))
        factor, before = TEMPERATURES[to_unit]
        return _rounded(kelvin / factor - before)
    for units in UNITS.values():
        if from_unit in units and to_unit in units:
            return _rounded(value * units[from_unit] / units[to_unit])
    raise ValueError(
        _("{from_unit} and {to_unit} are units of different quantities.").format(from_unit=from_unit, to_unit=to_unit)
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
