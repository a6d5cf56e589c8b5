"""`python -m course.training`: pre-train a model on texts of your own. See `course.tasks.pretraining_command`."""

import sys

from course.tasks.pretraining_command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
