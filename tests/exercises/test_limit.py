"""The time limit ends whatever the code catches; so does an interrupt."""

import contextlib
import os
import re
import signal
import sys
import threading
import time

import pytest

from course.exercises.limit import TimeIsUp, limited
from tests.support.interrupts import interrupts_arrive

pytestmark = [
    pytest.mark.timed,
    pytest.mark.skipif(sys.platform == "win32", reason="the time limit needs a Unix timer"),
]


def catches_all():
    while True:
        try:
            while True:
                pass
        except:
            pass


def catches_all_twice():
    while True:
        try:
            catches_all()
        except BaseException:
            pass


def goes_on_in_finally():
    while True:
        try:
            time.sleep(1)
        finally:
            continue


def suppresses_all():
    while True:
        with contextlib.suppress(BaseException):
            while True:
                time.sleep(0.01)


def generator():
    while True:
        try:
            yield 1
        except BaseException:
            pass


def catches_in_a_generator():
    numbers = generator()
    while True:
        try:
            for number in numbers:
                len([number])
        except BaseException:
            numbers = generator()


def calls_itself_when_stopped():
    try:
        while True:
            pass
    except BaseException:
        return calls_itself_when_stopped()


def answers_when_stopped():
    try:
        time.sleep(9)
    except BaseException:
        return 5


def raises_another_when_stopped():
    try:
        time.sleep(9)
    finally:
        raise ValueError


class NeverDeleted:
    def __del__(self):
        catches_all()


def never_deleted():
    NeverDeleted()


def in_a_pattern():
    while True:
        try:
            re.match(r"(a+)+$", "a" * 40 + "b")
        except BaseException:
            continue


def in_a_key():
    while True:
        try:
            sorted(range(10**6), key=lambda number: -number)
        except BaseException:
            pass


@pytest.mark.parametrize(
    "endless",
    [
        catches_all,
        catches_all_twice,
        goes_on_in_finally,
        suppresses_all,
        catches_in_a_generator,
        calls_itself_when_stopped,
        answers_when_stopped,
        raises_another_when_stopped,
        never_deleted,
        in_a_pattern,
        in_a_key,
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_nothing_swallows_the_limit(endless):
    began = time.monotonic()
    with pytest.raises(TimeIsUp):
        limited(endless, 0.05)
    assert time.monotonic() - began < 3


def test_seconds_of_the_processor_stop_what_computes():
    with pytest.raises(TimeIsUp):
        limited(catches_all, 0.05, of_processor=True)


def test_seconds_of_the_processor_do_not_count_while_code_waits():
    assert limited(lambda: time.sleep(0.3), 0.2, of_processor=True) is None


def test_an_interrupt_is_not_swallowed_either_and_is_one():
    timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))
    with interrupts_arrive(), pytest.raises(KeyboardInterrupt):
        timer.start()
        limited(catches_all, 5.0)
    timer.join()


def test_what_ends_in_time_is_as_without_a_limit():
    assert limited(lambda: 7, 5.0) == 7
    with pytest.raises(KeyError, match="mine"):
        limited(lambda: {}["mine"], 5.0)


def test_timer_and_handlers_are_put_back():
    def handlers():
        return [signal.getsignal(number) for number in signal.Signals]

    before = handlers()
    for code, of_processor in ((answers_when_stopped, False), (catches_all, True), (int, False), (int, True)):
        with contextlib.suppress(TimeIsUp):
            limited(code, 0.02, of_processor=of_processor)
        assert handlers() == before
        assert signal.getitimer(signal.ITIMER_REAL) == signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def test_at_whatever_step_the_time_ends_nothing_leaks():
    ended = 0
    for steps in range(300):
        try:
            limited(lambda steps=steps: [len([]) for _step in range(10 * steps)], 5e-5)
        except TimeIsUp:
            ended += 1
    assert ended > 10
    time.sleep(0.1)  # a signal that is left would arrive here
