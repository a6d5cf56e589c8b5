"""`python -m course`: sees to it that this Python is new enough before anything modern is imported."""

import sys


def main():
    """Run the command line; returns the exit code. Python 3.6 and newer can read this and say that they are too old."""
    if sys.version_info < (3, 11):  # noqa: UP036
        print(
            f"The course needs Python 3.11 or newer; this is Python {sys.version_info[0]}.{sys.version_info[1]} "
            f"({sys.executable}). Install a newer one and call it by its name, as in: python3.12 -m course lab",
            file=sys.stderr,
        )
        return 1
    from course.workshop import cli

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
