"""`python -m course`: sees to it that this Python is new enough before anything modern is imported."""

import os
import sys
from pathlib import Path

if __name__ == "__main__" and sys.path[0] != "" and not getattr(sys.flags, "safe_path", False):
    # `-m` puts the working folder first, where a learner's own `torch.py` would hide PyTorch.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from course.messages import _
from course.workshop import supported


def main():
    """Run the command line; returns the exit code. Python 3.6 and newer can read this and say that they are too old.

    The code is 130 after Ctrl-C, and 1 when whoever read the output has gone, as `head` does.
    """
    try:
        _open_closed_streams()
        trouble = supported.python_trouble()
        if trouble:
            print(trouble, file=sys.stderr)
            return 1
        from course.workshop import cli

        code = cli.main(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        print(_("There is not enough memory: close other programs, or raise the limit (`ulimit -v`)."), file=sys.stderr)
        return 1
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        if not isinstance(error, BrokenPipeError):
            print(_("The output cannot be written: {reason}").format(reason=error), file=sys.stderr)
        return 1
    return code


def _open_closed_streams():
    """Put the null device in the place of standard streams that are closed, or the next file would take the number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


if __name__ == "__main__":
    sys.exit(main())
