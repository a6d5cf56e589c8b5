"""Exercise on the baseline of classification: always the most frequent label."""

import random
from collections import Counter

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def majority_accuracy(train_labels: list[str], test_labels: list[str]) -> float:
    """The accuracy on the test labels of always predicting the most frequent training label.

    Of several training labels that are equally frequent, the one whose first occurrence in
    train_labels comes first is predicted. The accuracy is the share of test_labels that are
    equal to it, from 0.0 to 1.0. Both lists have one label or more.

    >>> majority_accuracy(["bad", "good", "good"], ["good", "bad", "bad", "bad"])
    0.25
    >>> majority_accuracy(["bad", "good"], ["good", "bad", "bad", "bad"])
    0.75
    """
    majority = max(train_labels, key=train_labels.count)
    return test_labels.count(majority) / len(test_labels)


def _majority_accuracy_cases() -> list[tuple]:
    texts = [
        ("bad good good", "good bad bad bad"),
        ("bad good", "good bad bad bad"),
        ("spam ham ham spam ham", "ham spam spam"),
        ("b a a b c", "a a b c c"),
        ("sport news news art", "art art sport"),
        ("a", "b b a"),
        ("yes yes no", "no no"),
        ("b b c a a", "a a b"),
        ("c a b", "a b c c c"),
        ("no yes", "yes"),
        ("b a", "a a b a"),
        ("a b", "b a b b"),
        ("a a b", "a a"),
        ("no yes no", "no"),
        ("b a b", "b b b"),
        ("cat dog", "bird bird fish"),
        ("a a b", "c"),
    ]
    draw = random.Random(101)
    cases: list[tuple] = [(train.split(), test.split()) for train, test in texts]
    for _case in range(14):
        train = draw.choices("abcd", (3, 3, 2, 1), k=draw.randint(4, 9))
        cases.append((train, draw.choices("abcd", (1, 2, 3, 2), k=draw.randint(4, 9))))
    return cases


def _majority(labels):
    return max(labels, key=labels.count)


def _most_frequent(labels):
    counts = Counter(labels)
    return {label for label in counts if counts[label] == max(counts.values())}


def _of_the_test_labels(train_labels, test_labels):
    return test_labels.count(_majority(test_labels)) / len(test_labels)


def _on_the_training_labels(train_labels, test_labels):
    return train_labels.count(_majority(train_labels)) / len(train_labels)


def _exchanged(train_labels, test_labels):
    return majority_accuracy(test_labels, train_labels)


def _rarest(train_labels, test_labels):
    return test_labels.count(min(train_labels, key=train_labels.count)) / len(test_labels)


def _tie_to_the_last(train_labels, test_labels):
    return test_labels.count(max(reversed(train_labels), key=train_labels.count)) / len(test_labels)


def _latest_to_begin(train_labels, test_labels):
    distinct = list(dict.fromkeys(train_labels))
    return test_labels.count(max(reversed(distinct), key=train_labels.count)) / len(test_labels)


def _tie_by_the_alphabet(train_labels, test_labels):
    return test_labels.count(max(sorted(train_labels), key=train_labels.count)) / len(test_labels)


def _tie_by_the_alphabet_from_its_end(train_labels, test_labels):
    return test_labels.count(max(sorted(train_labels, reverse=True), key=train_labels.count)) / len(test_labels)


def _all_that_are_tied(train_labels, test_labels):
    return sum(label in _most_frequent(train_labels) for label in test_labels) / len(test_labels)


def _first_label(train_labels, test_labels):
    return test_labels.count(train_labels[0]) / len(test_labels)


def _last_label(train_labels, test_labels):
    return test_labels.count(train_labels[-1]) / len(test_labels)


def _largest_label(train_labels, test_labels):
    return test_labels.count(max(train_labels)) / len(test_labels)


def _smallest_label(train_labels, test_labels):
    return test_labels.count(min(train_labels)) / len(test_labels)


def _of_both(train_labels, test_labels):
    return test_labels.count(_majority(train_labels + test_labels)) / len(test_labels)


def _number(train_labels, test_labels):
    return test_labels.count(_majority(train_labels))


def _error(train_labels, test_labels):
    return 1 - majority_accuracy(train_labels, test_labels)


def _divided_by_training(train_labels, test_labels):
    return test_labels.count(_majority(train_labels)) / len(train_labels)


def _training_count(train_labels, test_labels):
    return train_labels.count(_majority(train_labels)) / len(test_labels)


def _guessing(train_labels, test_labels):
    return sum(train_labels.count(label) for label in test_labels) / len(train_labels) / len(test_labels)


def _evenly(train_labels, test_labels):
    return 1 / len(set(train_labels))


def _label(train_labels, test_labels):
    return _majority(train_labels)


def _seen(train_labels, test_labels):
    return sum(label in train_labels for label in test_labels) / len(test_labels)


def _side_by_side(train_labels, test_labels):
    return sum(a == b for a, b in zip(train_labels, test_labels, strict=False)) / len(test_labels)


def _whole(train_labels, test_labels):
    return test_labels.count(_majority(train_labels)) // len(test_labels)


def _odds(train_labels, test_labels):
    right = test_labels.count(_majority(train_labels))
    return right / (len(test_labels) - right) if right < len(test_labels) else 1.0


def _times(train_labels, test_labels):
    return test_labels.count(_majority(train_labels)) * len(test_labels)


def _number_of_labels(train_labels, test_labels):
    return test_labels.count(_majority(train_labels)) / len(set(test_labels))


def _one_less(train_labels, test_labels):
    return test_labels.count(_majority(train_labels)) - len(test_labels)


def _predictions(train_labels, test_labels):
    return [_majority(train_labels)] * len(test_labels)


def _one_item_alone(train_labels, test_labels):
    return float(test_labels[0] == _majority(train_labels))


MAJORITY_ACCURACY = Exercise(
    name="what_language_models_do.majority_accuracy",
    title=_("Always the same label"),
    solution=majority_accuracy,
    cases=_majority_accuracy_cases,
    hints=(
        _("Find the label that `train_labels` has most often. Then count it in `test_labels`, and divide."),
        _(
            "`labels.count(label)` counts a label, and `max(labels, key=labels.count)` is the first one with the "
            "largest count."
        ),
    ),
    mistakes=(
        Mistake(
            _of_the_test_labels,
            _("You choose the most frequent **test** label: nobody who predicts has seen the test set."),
        ),
        Mistake(_on_the_training_labels, _("You return the accuracy on the **training** labels: count test labels.")),
        Mistake(_exchanged, _("You **exchange** both lists: choose on the training labels, count on the test labels.")),
        Mistake(_rarest, _("You predict the **rarest** training label: take the most frequent one.")),
        Mistake(
            _tie_to_the_last, _("Of equally frequent labels you take one that comes **last**: take the first one.")
        ),
        Mistake(
            _latest_to_begin,
            _("Of equally frequent labels you take one that **begins later**: take the one that occurs first."),
        ),
        Mistake(
            _tie_by_the_alphabet,
            _("Of equally frequent labels you take the first in the **alphabet**: take the first in training."),
        ),
        Mistake(
            _tie_by_the_alphabet_from_its_end,
            _("Of equally frequent labels you take the **last in the alphabet**: take the first in training."),
        ),
        Mistake(_all_that_are_tied, _("You count **all** labels that are equally frequent: predict one of them.")),
        Mistake(_first_label, _("You predict the **first** training label: predict the most frequent one.")),
        Mistake(_last_label, _("You predict the **last** training label: predict the most frequent one.")),
        Mistake(
            _largest_label,
            _("You take the largest **label**, the last in the alphabet: take that with the largest count."),
        ),
        Mistake(
            _smallest_label,
            _("You take the smallest **label**, the first in the alphabet: take that with the largest count."),
        ),
        Mistake(_of_both, _("You count the labels of **both** lists to choose one: choose on the training labels.")),
        Mistake(_number, _("You return **how many** test labels are equal: divide by the number of test labels.")),
        Mistake(_error, _("You return the share that is **wrong**: accuracy is the share that is right.")),
        Mistake(
            _divided_by_training, _("You divide by the number of **training** labels: divide by that of test labels.")
        ),
        Mistake(_training_count, _("You count the label in **training**: count it among the test labels.")),
        Mistake(
            _guessing,
            _("That is the accuracy of **guessing** with the shares of the training set: predict one label always."),
        ),
        Mistake(_evenly, _("That is the accuracy of guessing **evenly**: predict the most frequent label always.")),
        Mistake(_label, _("You return the **label**: return its accuracy on the test labels.")),
        Mistake(_seen, _("You count test labels that occur in training **at all**: count those equal to one label.")),
        Mistake(_side_by_side, _("You compare both lists **item by item**: they are of different items.")),
        Mistake(_whole, _("You divide with `//`, which rounds **down**: `/` keeps the fraction.")),
        Mistake(_odds, _("You divide by the number of **wrong** ones: divide by that of all test labels.")),
        Mistake(_times, _("You **multiply** by the number of test labels: divide by it.")),
        Mistake(_number_of_labels, _("You divide by the number of **different** labels: divide by that of all.")),
        Mistake(_one_less, _("You **subtract** the number of test labels: divide by it.")),
        Mistake(_predictions, _("You return the **predictions**: return the share of them that is right.")),
        Mistake(_one_item_alone, _("You look at **one** test label: is a return inside the loop?")),
    ),
    corners=(
        Corner(
            lambda train_labels, test_labels: not set(train_labels) & set(test_labels),
            _("Only tests **without** a training label go wrong: the accuracy is 0.0."),
        ),
        Corner(
            lambda train_labels, test_labels: len(_most_frequent(train_labels)) > 1,
            _("Only **equally frequent** labels go wrong: of these, predict the one that occurs first in training."),
        ),
    ),
    explanation=_(
        "`max` keeps the first of equal ones, so the tie needs no code. A model that reads nothing has this accuracy: "
        "where 90 % of the items have one label, 0.9 is no achievement. The label is chosen on the training set, as "
        "everything is that a model learns."
    ),
)
