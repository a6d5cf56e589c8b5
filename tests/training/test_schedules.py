"""Learning rates: their shape, and the very numbers that the kept models were trained with."""

import pytest

from course.training import linear_schedule, warmup


@pytest.mark.parametrize(
    ("arguments", "rates"),
    [
        (
            (6e-3, 3000, 150),  # experiments.positions
            {
                1: "0x1.4f8b588e368f1p-15",
                2: "0x1.4f8b588e368f1p-14",
                149: "0x1.869835158b828p-8",
                150: "0x1.89374bc6a7efap-8",
                151: "0x1.8913fce93f16bp-8",
                2000: "0x1.141ebf7df07e7p-9",
                3000: "0x1.1a76eb46c7796p-19",
            },
        ),
        (
            (1e-2, 843, 42),
            {
                1: "0x1.f3526859b8cecp-13",
                2: "0x1.f3526859b8cecp-12",
                41: "0x1.3fe0cad97a647p-7",
                42: "0x1.47ae147ae147bp-7",
                43: "0x1.47457be03ba71p-7",
                500: "0x1.191a1f9d1fbddp-8",
                843: "0x1.a2626a9682978p-17",
            },
        ),  # course.tasks.fit: a twentieth of the steps
    ],
)
def test_rates_are_the_same_to_the_bit_as_when_the_models_were_trained(arguments, rates):
    rate = linear_schedule(*arguments)
    assert {step: rate(step).hex() for step in rates} == rates


@pytest.mark.parametrize(("steps", "warmup_steps"), [(100, 5), (100, 1), (7, 7), (1, 1)])
def test_it_rises_in_a_line_to_the_peak_and_falls_in_a_line_to_0(steps, warmup_steps):
    rate = linear_schedule(0.5, steps, warmup_steps)
    rising = [rate(step) for step in range(1, warmup_steps + 1)]
    falling = [*(rate(step) for step in range(warmup_steps, steps + 1)), 0]
    assert rising == pytest.approx([0.5 * step / warmup_steps for step in range(1, warmup_steps + 1)])
    assert falling == pytest.approx([0.5 * left / (len(falling) - 1) for left in range(len(falling))][::-1])


@pytest.mark.parametrize(("steps", "warmup_steps"), [(10, 0), (10, 11), (10, -1)])
def test_a_warm_up_that_does_not_fit_is_refused(steps, warmup_steps):
    with pytest.raises(ValueError, match=f"{warmup_steps} warm-up steps do not fit into {steps} steps"):
        linear_schedule(0.1, steps, warmup_steps)


def test_a_schedule_of_no_steps_is_refused():
    with pytest.raises(ValueError, match="steps is 0; it must be 1 or more"):
        linear_schedule(0.1, 0, 0)


def test_there_is_no_rate_beyond_the_steps():
    with pytest.raises(ValueError, match="steps 1 to 10, and this is step 11"):
        linear_schedule(0.1, 10, 2)(11)


@pytest.mark.parametrize("step", [0, -1])
@pytest.mark.parametrize("rate", [linear_schedule(0.1, 10, 2), warmup(64)], ids=["linear", "warm-up"])
def test_steps_count_from_1(rate, step):
    with pytest.raises(ValueError, match=f"There is no step {step}: a schedule counts its steps from 1"):
        rate(step)


def test_a_warm_up_of_no_steps_is_refused():
    with pytest.raises(ValueError, match="warmup_steps is 0; it must be 1 or more"):
        warmup(64, 0)
