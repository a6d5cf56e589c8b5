"""What a run costs: seconds of the processor, memory, each measured in a process of its own."""

import os
import sys
import time

import pytest

from experiments.measuring import cpu_seconds, in_fresh_process, peak_bytes, resident_bytes

MB = 1_000_000


def after_a_larger_peak() -> tuple[int, int, int, int]:
    """Resident bytes before, then those with 50 MB more, the peak of a block with 100 MB, the bytes in the end."""
    freed = b"x" * (300 * MB)
    del freed
    before = resident_bytes()
    kept = b"x" * (50 * MB)
    more = resident_bytes()
    with peak_bytes() as peak:
        freed = b"x" * (100 * MB)
        del freed
        most = peak()
    assert kept
    return before, more, most, resident_bytes()


def fail() -> None:
    raise ValueError("no such method")


def test_seconds_of_the_processor_are_not_those_of_waiting():
    with cpu_seconds() as seconds:
        time.sleep(0.3)
    assert seconds() < 0.2


@pytest.mark.slow
def test_a_fresh_process_is_another_one_and_tells_what_went_wrong():
    assert in_fresh_process(os.getpid) not in (os.getpid(), in_fresh_process(os.getpid))
    with pytest.raises(ValueError, match="no such method"):
        in_fresh_process(fail)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can forget an earlier peak")
def test_the_peak_is_that_of_the_block_and_not_of_what_was_before():
    before, more, most, end = in_fresh_process(after_a_larger_peak)
    assert more - before == pytest.approx(50 * MB, abs=8 * MB)
    assert most - more == pytest.approx(100 * MB, abs=8 * MB)
    assert end - more < 8 * MB
