"""What a model has to beat: the answer that is always the same, and the answer that is guessed."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from course.evaluation.classification import Class, plain_classes
from course.layers.sizes import require_whole
from course.messages import _


def majority_class(training: Iterable[Class]) -> Class:
    """The class that most training items are of; of several that are equally frequent, the first when sorted.

    It is chosen on the training set, as a model is. On another set it may be the rarer one, and always to predict it
    can then be worse than to guess. Raises `ValueError` when there is no item, and `TypeError` for what is no class.

    Source: scikit-learn's `DummyClassifier(strategy="most_frequent")`.
    """
    counts = Counter(plain_classes(training))
    if not counts:
        raise ValueError(_("There are no items to count. Give one or more."))
    most = max(counts.values())
    names = [name for name, count in counts.items() if count == most]
    try:
        return min(names)  # type: ignore[type-var]
    except TypeError:  # names and numbers side by side have no order: the first that occurs
        return names[0]


def guessing_accuracy(true: Iterable[Class], chances: Mapping[Class, float]) -> float:
    """The expected accuracy of guesses that are drawn at random: class c with the probability `chances[c]`.

    `{"yes": 0.5, "no": 0.5}` guesses evenly; the shares of the training set guess as often as a class occurs there.
    Raises `ValueError` for chances that are no probabilities, for those that do not sum to 1, and for no items.
    """
    for name, chance in chances.items():
        if not 0 <= chance <= 1:
            raise ValueError(
                _("The chance of {name!r} is {chance}; it must be from 0 to 1.").format(name=name, chance=chance)
            )
    total = math.fsum(chances.values())
    if not math.isclose(total, 1, abs_tol=1e-9):
        raise ValueError(_("The chances sum to {total}; they must sum to 1.").format(total=total))
    items = plain_classes(true)
    if not items:
        raise ValueError(_("There are no items to guess. Give one or more."))
    return math.fsum(chances.get(name, 0.0) for name in items) / len(items)


def choice_accuracy(n_choices: Iterable[int]) -> float:
    """The expected accuracy of an even guess among `n_choices[i]` answers to question i: the mean of 1 / n_choices.

    Raises `ValueError` for a question without an answer to choose, and for no questions.
    """
    sizes = list(n_choices)
    if not sizes:
        raise ValueError(_("There are no items to guess. Give one or more."))
    for size in sizes:
        require_whole(size, "n_choices")
    return math.fsum(1 / size for size in sizes) / len(sizes)
