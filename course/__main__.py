"""`python -m course`: sees to it that this Python is new enough before anything modern is imported."""

import sys

from course.workshop import supported


def main():
    """Run the command line; returns the exit code. Python 3.6 and newer can read this and say that they are too old."""
    trouble = supported.python_trouble()
    if trouble:
        print(trouble, file=sys.stderr)
        return 1
    from course.workshop import cli

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
