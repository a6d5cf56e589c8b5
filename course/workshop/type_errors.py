"""The type checker's errors beside those that are known: the list of known errors only ever gets shorter.

`python -m course.workshop.type_errors` runs Pyrefly with the settings of `pyproject.toml`. It fails when an error is
new, and when a known error is gone from the code but not from the list. `--prune` takes those off the list; nothing
adds to it.

An error is known by its file, its message and its rule, without a line number, so that an edit elsewhere in the file
changes nothing. The same error twice in a file is listed twice.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from course.messages import _
from course.syllabus.lessons import ROOT

KNOWN_ERRORS = Path("tests", "known_type_errors.txt")


def main(arguments: Sequence[str] = (), root: Path = ROOT) -> int:
    """Compare the errors in the project at `root` with its list. Returns 0 when they agree, else 1."""
    parser = argparse.ArgumentParser(prog="python -m course.workshop.type_errors", description=__doc__.splitlines()[0])
    parser.add_argument("--prune", action="store_true", help=_("take errors off the list that are gone from the code"))
    prune = parser.parse_args(arguments).prune

    places = errors(root)
    current = Counter(error for error, _line in places)
    known = read(root / KNOWN_ERRORS)
    new, left, gone = current - known, current & known, known - current
    for error, line in places:
        if error in new:
            path, _colon, message = error.partition(": ")
            print(f"{path}:{line}: {message}")
    if gone and prune:
        write(root / KNOWN_ERRORS, left)
    elif gone:
        print(f"\nNo longer in the code, so take them off {KNOWN_ERRORS} (`--prune` does):")
        print("\n".join(sorted(gone.elements())))
    print(f"{new.total()} new type errors, {left.total()} known, {gone.total()} known and gone", flush=True)
    return 1 if new or (gone and not prune) else 0


def errors(root: Path) -> list[tuple[str, int]]:
    """Every error that Pyrefly reports, as "file: message [rule]" and its line.

    Raises `SystemExit` with what Pyrefly wrote when it cannot run.
    """
    command = [sys.executable, "-m", "pyrefly", "check", "--python-interpreter-path", sys.executable]
    command += ["--output-format=json", "--summary=none"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8")
    if run.returncode not in (0, 1) or not run.stdout:  # 1 is for type errors, and for Python's own failures
        raise SystemExit(run.stderr)
    places = []
    for error in json.loads(run.stdout)["errors"]:
        message = " ".join(error["concise_description"].split())  # some run over several lines
        places.append((f"{Path(error['path']).as_posix()}: {message} [{error['name']}]", error["line"]))
    return places


def read(file: Path) -> Counter[str]:
    """How often each error is listed."""
    return Counter(file.read_text(encoding="utf-8").splitlines())


def write(file: Path, errors: Counter[str]) -> None:
    """List the errors, one a line, sorted."""
    file.write_text("".join(f"{error}\n" for error in sorted(errors.elements())), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
