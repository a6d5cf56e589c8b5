"""Arguments for the exercises of the lesson `fine_tuning`."""

import torch

from tests.exercises.inputs.collected import inputs


def _states(random, lengths, in_front):
    shape = (len(lengths), max(lengths), random.randint(1, 4))
    numbers = [random.gauss(0, 1) for _number in range(shape[0] * shape[1] * shape[2])]
    mask = torch.arange(shape[1]) < torch.tensor(lengths)[:, None]
    for row in in_front:
        mask[row] = mask[row].flip(0)
    return torch.tensor(numbers).view(shape), mask


@inputs("fine_tuning.mean_pooling")
def states_with_padding(random):
    while True:
        lengths = [random.randint(1, 5) for _text in range(random.randint(1, 4))]
        yield _states(random, lengths, [row for row in range(len(lengths)) if random.random() < 0.2])


@inputs("fine_tuning.last_token")
def states_padded_behind(random):
    while True:
        yield _states(random, [random.randint(1, 5) for _text in range(random.randint(1, 4))], [])


@inputs("fine_tuning.best_epoch")
def losses_and_patience(random):
    while True:
        n = random.choice([1, 2, 4, 6, 9])
        losses = [round(0.8 - 0.03 * epoch + random.uniform(-0.2, 0.2), random.choice([1, 2])) for epoch in range(n)]
        yield losses, random.choice([1, 1, 2, 3, 5])


@inputs("fine_tuning.precision_recall_f1")
def labels_and_predictions(random):
    while True:
        classes = random.choice(["+-", "+-", "abc", "a", "yn"])
        true = [random.choice(classes) for _item in range(random.choice([1, 2, 4, 8]))]
        predicted = [each if random.random() < 0.5 else random.choice(classes) for each in true]
        yield true, predicted, random.choice([*classes, "z"])


@inputs("fine_tuning.best_threshold")
def probabilities_of_texts(random):
    while True:
        n = random.choice([1, 2, 3, 5, 9])
        positive = [random.random() < 0.5 for _text in range(n - 1)] + [True]
        random.shuffle(positive)
        yield [round(random.random(), random.choice([1, 2, 3])) for _text in range(n)], positive


@inputs("fine_tuning.calibration_error")
def confidences_and_outcomes(random):
    while True:
        n, n_bins = random.choice([1, 2, 5, 12]), random.choice([1, 2, 4, 5, 8, 10])
        confidences = [
            random.choice([0.25, 0.5, 0.75, 1.0, random.uniform(0.01, 0.99)])
            if n_bins in (1, 2, 4, 8)
            else random.uniform(0.01, 0.99)
            for _item in range(n)
        ]
        yield confidences, [random.random() < 0.6 for _item in range(n)], n_bins
