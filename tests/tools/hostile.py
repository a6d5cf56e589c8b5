"""Functions that do what a tool must not, or do it without end. A child process imports them by name."""

import builtins
import ctypes
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


def count_to(limit: int):
    number = 0
    while number != limit:
        number += 1
    return number


def power(base: int, exponent: int):
    return len(bin(base**exponent))


def search_pattern(pattern: str, text: str):
    return bool(re.search(pattern, text))


def repeat(text: str, times: int):
    return text * times


def grow(step: int):
    kept = []
    while True:
        kept.append(bytearray(step))


def sleep(seconds: float):
    time.sleep(seconds)


def spell(text: str):
    """Formats as a careless function does."""
    return text.format(0)


def recurse(depth: int):
    return recurse(depth + 1)


def print_forever(text: str):
    while True:
        print(text, file=sys.stdout)
        print(text, file=sys.stderr)


def write_to_descriptors(text: str):
    for descriptor in range(3, 30):
        try:
            while True:
                os.write(descriptor, text.encode() * 1000)
        except OSError:
            continue
    return "all"


def fork(times: int):
    for _number in range(times):
        os.fork()


def shell(command: str):
    return os.system(command)


def start(command: str):
    return subprocess.run([command])


def connect(host: str):
    socket.create_connection((host, 80), timeout=1)


def write_file(path: str):
    Path(path).write_text("here")


def open_file(path: str):
    os.open(path, os.O_WRONLY | os.O_CREAT)


def read_file(path: str):
    return Path(path).read_text()


def read_quietly(path: str):
    """Hides what stops it, as far as `except Exception` does."""
    try:
        return Path(path).read_text()
    except Exception:
        return "nothing"


def read_in_silence(path: str):
    try:
        return Path(path).read_text()
    except BaseException:
        return "nothing"


def delete(path: str):
    Path(path).unlink()


def leave(code: int):
    os._exit(code)


def raise_exit(code: int):
    raise SystemExit(code)


def interrupt(text: str):
    raise KeyboardInterrupt(text)


def crash(address: int):
    return ctypes.string_at(address)


def kill(process: int):
    os.kill(process, 9)


def fail(name: str, message: str):
    raise getattr(builtins, name)(message)


def keep_thread(seconds: float):
    threading.Thread(target=time.sleep, args=(seconds,)).start()
    return "started"


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("no words")


def unspeakable(number: int):
    return Unspeakable()


def surroundings(name: str):
    return {
        "variables": sorted(os.environ),
        "folder": str(Path.cwd()),
        "files": [path.name for path in Path().iterdir()],
        "modules": sorted(sys.modules),
    }[name]


def echo(value):
    return value
