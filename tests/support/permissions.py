"""Permissions that bind the tests where root runs them, as in a container."""

import ctypes
import functools
import os
import sys
import threading
from collections.abc import Callable

import pytest

DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2  # the capabilities of root that override permissions
PR_CAPBSET_DROP = 24
VERSION = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def bound_by_permissions(test: Callable) -> Callable:
    """A test, and the processes that it starts, to which permissions apply, root's too.

    Capabilities belong to a thread: the test runs in one of its own, which gives up those that override permissions.
    """

    @functools.wraps(test)
    def bound(*arguments, **options):
        if os.name == "nt":
            pytest.skip("Windows has other permissions")
        if os.geteuid() != 0:
            return test(*arguments, **options)
        if not sys.platform.startswith("linux"):
            pytest.skip("root of this system cannot give up its powers")
        raised = []

        def run():
            try:
                _give_up_powers()
                test(*arguments, **options)
            except BaseException as error:
                raised.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if raised:
            raise raised[0]

    return bound


def _give_up_powers() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(VERSION, 0), (_Sets * 2)()
    done = libc.capget(ctypes.byref(header), sets) == 0
    for power in (DAC_OVERRIDE, DAC_READ_SEARCH):
        done = done and libc.prctl(PR_CAPBSET_DROP, power, 0, 0, 0) == 0  # what child processes may have
        for name in ("effective", "permitted", "inheritable"):
            setattr(sets[0], name, getattr(sets[0], name) & ~(1 << power))
    if not (done and libc.capset(ctypes.byref(header), sets) == 0):
        pytest.skip("this root cannot give up its powers")
