"""A function in a child process that is ended, with all that it started, when its time or its memory is used up."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from course.tools.execution.child import GO, READY

CHILD = Path(__file__).with_name("child.py")
ROOT = Path(__file__).parents[3]
START = 60.0  # seconds that a child may take to start and to import its function
PATIENCE = 5.0  # seconds for the last words of a process that has ended
WATCH = 0.02  # seconds between two looks at a child's memory
ENVIRONMENT = (
    *("SYSTEMROOT", "WINDIR", "PATH", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("LANG", "LC_ALL", "COURSE_LANGUAGE", "COURSE_LOCALE_DIR"),
)

Ended = Literal["value", "error", "memory", "forbidden", "time", "start", "crash"]


@dataclass(frozen=True)
class Answer:
    """How a call ended. `text`: the value or what went wrong, cut from `length` characters; `seconds`: without start.

    `ended` is "value"; "error", the function raised; "memory", "time" or "forbidden", a limit ended it; "start", it
    could not be started or imported; "crash", its process ended without a word.
    """

    ended: Ended
    text: str = ""
    length: int = 0
    seconds: float = 0.0


class _Conversation(threading.Thread):
    """Writes the job, then reads what the child says, never more than `most` bytes. Pipes have no time limit."""

    def __init__(self, process: subprocess.Popen[bytes], job: bytes, most: int) -> None:
        super().__init__(daemon=True)
        assert process.stdout is not None and process.stdin is not None
        self.reader, self.writer, self.job, self.most = process.stdout, process.stdin, job, most
        self.ready, self.asked, self.over = threading.Event(), threading.Event(), threading.Event()
        self.is_ready, self.answer = False, b""

    def run(self) -> None:
        reader, writer = self.reader, self.writer
        try:
            with contextlib.suppress(OSError, ValueError):  # the child has ended, or has been ended
                writer.write(self.job + b"\n")
                writer.flush()
                first = reader.readline(len(READY))
                self.is_ready = first == READY
                self.answer = b"" if self.is_ready else first
                self.ready.set()
                if self.is_ready:
                    self.asked.wait(START)
                    writer.write(GO)
                    writer.flush()
                self.answer += reader.read(self.most)
        finally:
            self.ready.set()
            self.over.set()

    def close(self) -> None:
        """Let it end, and close the pipes. The process must have ended, so that nothing holds their other ends."""
        self.asked.set()
        self.join(PATIENCE)
        if self.is_alive():
            return  # something that is no descendant any more holds them: to close what is being read would wait for it
        for pipe in (self.reader, self.writer):
            with contextlib.suppress(OSError):
                pipe.close()


def call_in_child(
    run: Callable[..., object],
    arguments: Mapping[str, object],
    *,
    seconds: float,
    memory_mb: int,
    characters: int,
) -> Answer:
    """Call a function of a module with values in a new process, which has ended when this returns or is interrupted.

    The time is that of the call: the start of Python and the import of the function (about 0.1 s) come before it. The
    memory is what the call takes beyond that. Linux refuses more by its resource limits; there and on the other
    systems this process also looks every 20 ms and ends the child, which may by then have a little more.

    The child has none of this process's modules, variables or open files, an environment of a few names, an empty
    folder as its own, and a fence of `course.tools.execution.child` around it.
    """
    job = {
        "path": [str(ROOT), *(str(Path(folder).resolve()) for folder in sys.path)],
        "module": run.__module__,
        "file": getattr(sys.modules.get(run.__module__), "__file__", None),
        "function": run.__qualname__,
        "arguments": repr(dict(arguments)),
        "seconds": seconds,
        "memory_mb": memory_mb,
        "characters": characters,
    }
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(CHILD)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            start_new_session=True,  # a group to be ended as a whole, and Ctrl-C comes here alone
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        talk = _Conversation(process, json.dumps(job).encode(), 6 * characters + 1000)
        try:
            talk.start()
            return _wait(process, talk, seconds, memory_mb)
        finally:
            end_family(process)
            talk.close()


def _wait(process: subprocess.Popen[bytes], talk: _Conversation, seconds: float, memory_mb: int) -> Answer:
    talk.ready.wait(START)
    if not talk.is_ready:
        talk.over.wait(1)
        said = talk.answer.decode("utf-8", "replace").strip()
        return Answer("start", said, len(said))
    try:
        child = psutil.Process(process.pid)
        most = child.memory_info().rss + memory_mb * 2**20
    except psutil.Error:
        return Answer("crash")
    started = time.perf_counter()
    talk.asked.set()
    while not talk.over.wait(WATCH):
        if time.perf_counter() - started > seconds:
            return Answer("time", seconds=seconds)
        with contextlib.suppress(psutil.Error):
            if child.memory_info().rss > most:
                return Answer("memory", seconds=time.perf_counter() - started)
    spent = time.perf_counter() - started
    try:
        said = json.loads(talk.answer)
    except ValueError:
        return Answer("crash", seconds=spent)
    return Answer(said["outcome"], said["text"], said["length"], spent)


def end_family(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its descendants, also those in groups of their own, and wait until it is gone."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    if os.name != "nt":
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    for each in family:
        with contextlib.suppress(psutil.Error):
            each.kill()
    process.kill()
    process.wait()
