"""What a rule answers that knows the answers of the training examples and follows no instruction."""

from collections import Counter
from collections.abc import Callable, Sequence

from course.tasks.instructed_examples import InstructedExample
from course.tasks.prompted import first_name

Baseline = Callable[[Sequence[str], InstructedExample], str]


def most_frequent(answers: Sequence[str], example: InstructedExample) -> str:
    """The most frequent answer of the training examples; of equally frequent ones, the first in the alphabet."""
    counts = Counter(sorted(answers))
    return max(counts, key=counts.__getitem__)


def first_option(answers: Sequence[str], example: InstructedExample) -> str:
    """The option that is listed first: a choice by chance, since their order is drawn."""
    return example.choices[0]


def same_as_input(answers: Sequence[str], example: InstructedExample) -> str:
    return example.input


def lead_words(answers: Sequence[str], example: InstructedExample) -> str:
    """The first words of the input, as many as the training answers have in the mean."""
    n = round(sum(len(answer.split()) for answer in answers) / len(answers))
    return " ".join(example.input.split()[:n])


def subject(answers: Sequence[str], example: InstructedExample) -> str:
    """The first run of words with a capital: see `prompted.first_name`."""
    return first_name(example.input)
