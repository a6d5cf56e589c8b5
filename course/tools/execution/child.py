"""What runs in the child process of `run_call`: one function, called once with values, and its answer as one text.

The file is started by its path and imports nothing but the standard library until it has read its job. It then loads
the file of the function, without the packages around it, so that a call costs little more than the start of Python.
"""

import ast
import contextlib
import faulthandler
import functools
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

GRACE = 5.0  # seconds after its time at which a child ends by itself, should nobody be left to end it
READY, GO = b"ready\n", b"go\n"
# Events of Python's audit hooks that a call has no need of: processes, the network, changes to files, foreign code.
FORBIDDEN = (
    *("os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn", "os.spawn", "os.startfile"),
    *("os.system", "pty.spawn", "subprocess.Popen", "_winapi.CreateProcess", "socket.", "webbrowser.open", "ctypes."),
    *("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"),
    *("os.truncate", "os.utime", "shutil.", "tempfile."),
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def limit_resources(seconds: float, memory_mb: int) -> None:
    """Limit this process from now on: processor time, memory beyond what it has now, no growing file, no core file.

    Where the system has no `resource` (Windows), and for memory where it has no /proc (macOS), the parent's own watch
    is the only limit. Whatever the system, the process ends `GRACE` seconds after its time, also inside C code.
    """
    with open(os.devnull, "w") as nothing:  # noqa: PTH123, pathlib would be one more import
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=os.dup(nothing.fileno()))
    try:
        import resource
    except ImportError:
        return
    limits = {resource.RLIMIT_CPU: int(seconds + GRACE) + 1, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    with contextlib.suppress(OSError), open("/proc/self/statm", "rb") as statm:  # noqa: PTH123
        pages = int(statm.read().split()[0])
        limits[resource.RLIMIT_AS] = pages * resource.getpagesize() + memory_mb * 2**20
    for name, most in limits.items():
        with contextlib.suppress(OSError, ValueError):  # a lower limit holds already, or the system has none
            resource.setrlimit(name, (most, most))


def watch_events(folders: tuple[str, ...], seen: list[str]) -> None:
    """From now on, a forbidden event, and a file that is written or is not in these folders, is a `PermissionError`.

    It is also put into `seen`, for the case that the function catches the error. This is a fence around
    functions that mean no harm. It is no sandbox: code written to get out of it can.
    """

    readable = tuple(_real(folder) + os.sep for folder in folders)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _mode, flags = arguments
            if isinstance(path, int) or (not flags & WRITING and _real(os.fsdecode(path)).startswith(readable)):
                return
        elif not event.startswith(FORBIDDEN):
            return
        seen.append(event)
        raise PermissionError(event)

    sys.addaudithook(hook)


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


def answer(
    run: Callable[..., object], arguments: Mapping[str, object], characters: int, seen: list[str]
) -> dict[str, str | int]:
    """How the call ended: `outcome`, and `text` with the value or with what went wrong, cut at `characters`.

    `length` is how many characters the text had before. The outcomes are "value", "error", "memory" and "forbidden".
    """
    try:
        value = run(**arguments)
        outcome, text = "value", value if isinstance(value, str) else repr(value)
    except MemoryError:
        outcome, text = "memory", ""
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: the parent is to hear of each
        outcome, text = "error", " ".join(str(error).split()) or type(error).__name__
        if not isinstance(error, ValueError):
            text = f"{type(error).__name__}: {text}"
    if seen:
        outcome, text = "forbidden", seen[0]
    return {"outcome": outcome, "text": text[:characters], "length": len(text)}


def function(module: str, file: str | None, name: str) -> Callable[..., object]:
    """The function of this name from a module. One in a file is loaded without the packages that it is in."""
    if file is None:
        found = importlib.import_module(module)
    else:
        spec = importlib.util.spec_from_file_location(module, file)
        if spec is None or spec.loader is None:
            raise ImportError(file)
        found = sys.modules[module] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    run: Any = found
    return functools.reduce(getattr, name.split("."), run)


def main() -> None:
    """Read a job from the standard input, say that the function is ready, wait for the word, call it, answer."""
    job = json.loads(sys.stdin.buffer.readline())
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 1)  # what the function prints is no part of its answer
        os.dup2(nothing.fileno(), 2)
    sys.path[:] = job["path"]
    try:
        run = function(job["module"], job["file"], job["function"])
    except Exception as error:
        answers.write(f"{type(error).__name__}: {error}"[: job["characters"]].encode("utf-8", "replace"))
        answers.flush()
        os._exit(1)
    arguments = ast.literal_eval(job["arguments"])
    answers.write(READY)
    answers.flush()
    if sys.stdin.buffer.readline() != GO:
        os._exit(2)  # the parent has ended
    seen: list[str] = []
    limit_resources(job["seconds"], job["memory_mb"])
    watch_events((*job["path"], sys.base_prefix), seen)
    answers.write(json.dumps(answer(run, arguments, job["characters"], seen)).encode())
    answers.close()  # the parent waits no longer, whatever threads the function has left


if __name__ == "__main__":
    main()
