"""A budget that is typed: its unit, what is no number, and what is too little or too much."""

import pytest

from course.scaling.law import PF_DAY
from course.viz.kit.large_numbers import power_of_ten, short_number
from course.viz.scaling.budget import duration, read_budget

RATE = 4e10
READ = {
    "3e18": 3e18,
    " 3E18 ": 3e18,
    "3e18 FLOPs": 3e18,
    "1,000,000,000,000": 1e12,
    "1.5e+20": 1.5e20,
    "3 × 10^18": 3e18,
    "3x10^18 flop": 3e18,
    "10^18": 1e18,
    "10¹⁸": 1e18,
    "3 × 10¹⁸": 3e18,
    "3·10**18 FLOPs": 3e18,
    "1e21 × 10⁻³": 1e18,
    "2 hrs": 7200 * RATE,
    "2 hours": 7200 * RATE,
    "1 hour": 3600 * RATE,
    "30min": 1800 * RATE,
    "45 s": 45 * RATE,
    "1.5 d": 129_600 * RATE,
    "2 weeks": 1_209_600 * RATE,
    "1 year": 31_557_600 * RATE,
    "5 PF-days": 5 * PF_DAY,
    "１２ ｈ": 43_200 * RATE,  # full width
    "٣e18": 3e18,  # Arabic-Indic digits
}


@pytest.mark.parametrize("text", READ)
def test_units_and_digits(text):
    assert read_budget(text, RATE) == pytest.approx(READ[text])


@pytest.mark.parametrize("text", ["", "  ", "nan", "inf", "삼", "삼십 시간", "e18", "three hours", "x" * 500, "--3e18"])
def test_what_is_no_number_is_one_sentence(text):
    with pytest.raises(ValueError, match=r"does not begin with a number\. Write 3e18, 2 hours or 5 PF-days") as refused:
        read_budget(text, RATE)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "text", ["3e18 cats", "2 GPU hours", "1e", "1..2", "2,5 h", "½ h", "3시간", "1 petaflop/s day", "2¹⁸", "5 h²"]
)
def test_a_unit_that_is_none_is_named_with_those_that_are(text):
    with pytest.raises(ValueError, match=r"The unit of .* is not known: write FLOPs, PF-days"):
        read_budget(text, RATE)


@pytest.mark.parametrize(
    "text", ["0", "-5", "−3e18", "1e400", "-1e400", "1e-400", "9e10", "2e26", "1 × 10^999999999", "1 s"]
)
def test_too_little_and_too_much(text):
    with pytest.raises(ValueError, match=r"the budget must be from 1e\+11 to 1e\+26") as refused:
        read_budget(text, RATE)
    assert "inf" not in str(refused.value)


def test_the_limits_themselves_are_taken():
    assert read_budget("1e11", RATE) == 1e11 and read_budget("1e26", RATE) == 1e26


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "5.0 × 10⁻¹"),
        (389, "389"),
        (999.6, "1.00 k"),
        (22_352, "22.4 k"),
        (1_299_999, "1.30 M"),
        (7e10, "70.0 B"),
        (1.4e12, "1.40 T"),
        (2.4e14, "240 T"),
        (2e15, "2.0 × 10¹⁵"),
    ],
)
def test_sizes_are_written_in_three_digits(value, text):
    assert short_number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(2.5, "2.5 s"), (386, "6.4 min"), (24_120, "6.7 h"), (200_000, "2.3 days"), (3.2e9, "101 years")],
)
def test_times_are_written_in_their_own_unit(seconds, text):
    assert duration(seconds) == text
    assert duration(3.2e16).endswith("⁹ years") and power_of_ten(1.6e13) == "1.6 × 10¹³"


@pytest.mark.parametrize("flops", [1e11, 3.2e18, 9.9e25])
def test_a_budget_as_the_widget_writes_it_is_read(flops):
    assert read_budget(power_of_ten(flops), RATE) == pytest.approx(flops)


def test_a_budget_just_beyond_the_limit_is_told_from_it():
    with pytest.raises(ValueError, match=r"is 1\.0001e\+26 floating-point"):
        read_budget("1.0001e26", RATE)
