"""Right answers in other styles, for the exercises of the lesson `evaluation`."""

import itertools
import math
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import torch

from course.evaluation.correlation import average_ranks as ranks_of_the_course
from course.intervals import holm as holm_of_the_course
from tests.exercises.ways import fine_tuning
from tests.exercises.ways.collected import other_way

for way in (
    fine_tuning.by_means,
    fine_tuning.by_ceiling,
    fine_tuning.by_edges,
    fine_tuning.by_torch,
    fine_tuning.by_dictionary,
    fine_tuning.in_single_precision_by_masks,
):
    other_way("evaluation.calibration_error")(way)


@other_way("evaluation.matthews")
def matthews_in_a_loop(truth, predicted):
    tp = tn = fp = fn = 0
    for true, guess in zip(truth, predicted, strict=True):
        if true == 1 and guess == 1:
            tp += 1
        elif true == 1:
            fn += 1
        elif guess == 1:
            fp += 1
        else:
            tn += 1
    below = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    if below == 0:
        return 0.0
    return (tp * tn - fp * fn) / below**0.5


@other_way("evaluation.matthews")
def matthews_of_sums(truth, predicted):
    n, ones, guessed = len(truth), sum(truth), sum(predicted)
    both = sum(a * b for a, b in zip(truth, predicted, strict=True))
    below = ones * (n - ones) * guessed * (n - guessed)
    return (n * both - ones * guessed) / math.sqrt(below) if below else 0


@other_way("evaluation.matthews")
def matthews_as_correlation(truth, predicted):
    if len(set(truth)) < 2 or len(set(predicted)) < 2:
        return 0.0
    return np.corrcoef(truth, predicted)[0, 1]


@other_way("evaluation.matthews")
def matthews_in_torch(truth, predicted):
    true, guess = torch.tensor(truth, dtype=torch.float64), torch.tensor(predicted, dtype=torch.float64)
    away, other = true - true.mean(), guess - guess.mean()
    below = away.norm() * other.norm()
    return (away @ other / below).item() if below > 1e-9 else 0.0


@other_way("evaluation.matthews")
def matthews_as_geometric_mean(truth, predicted):
    counts = Counter(zip(truth, predicted, strict=True))
    tp, tn, fp, fn = counts[1, 1], counts[0, 0], counts[0, 1], counts[1, 0]
    if not all((tp + fp, tp + fn, tn + fp, tn + fn)):
        return 0.0
    informed = tp / (tp + fn) + tn / (tn + fp) - 1
    marked = tp / (tp + fp) + tn / (tn + fn) - 1
    return math.copysign(math.sqrt(max(0.0, informed * marked)), informed)


@other_way("evaluation.average_ranks")
def ranks_by_counting(values):
    return [
        (sum(other < value for other in values) + sum(other <= value for other in values) + 1) / 2 for value in values
    ]


@other_way("evaluation.average_ranks")
def ranks_by_groups(values):
    ranks, before = {}, 0
    for value, group in itertools.groupby(sorted(values)):
        size = len(list(group))
        ranks[value] = before + (size + 1) / 2
        before += size
    return [ranks[value] for value in values]


@other_way("evaluation.average_ranks")
def ranks_by_places(values):
    places = defaultdict(list)
    for rank, value in enumerate(sorted(values), start=1):
        places[value].append(rank)
    return [sum(places[value]) / len(places[value]) for value in values]


@other_way("evaluation.average_ranks")
def ranks_in_numpy(values):
    numbers = np.array(values, dtype=float)
    ordered = np.sort(numbers)
    return (np.searchsorted(ordered, numbers, "left") + np.searchsorted(ordered, numbers, "right") + 1) / 2


@other_way("evaluation.average_ranks")
def ranks_as_in_the_course(values):
    return ranks_of_the_course(np.array(values, dtype=float)) if values else []


@other_way("evaluation.average_ranks")
def ranks_by_runs(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, start = [0.0] * len(values), 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + end + 1) / 2
        start = end
    return ranks


@other_way("evaluation.clipped_precision")
def clipped_with_min(hypothesis, references, n):
    def grams(words):
        return [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]

    found = grams(hypothesis)
    in_references = [grams(reference) for reference in references]
    matches = sum(min(found.count(gram), max(one.count(gram) for one in in_references)) for gram in set(found))
    return matches, len(found)


@other_way("evaluation.clipped_precision")
def clipped_in_dictionaries(hypothesis, references, n):
    def count(words):
        counts = {}
        for i in range(len(words) - n + 1):
            gram = tuple(words[i : i + n])
            counts[gram] = counts.get(gram, 0) + 1
        return counts

    matches = 0
    for gram, times in count(hypothesis).items():
        most = 0
        for reference in references:
            most = max(most, count(reference).get(gram, 0))
        matches += min(times, most)
    return matches, max(0, len(hypothesis) - n + 1)


@other_way("evaluation.clipped_precision")
def clipped_by_zip(hypothesis, references, n):
    def grams(words):
        return Counter(zip(*(words[shift:] for shift in range(n)), strict=False))

    most = Counter()
    for reference in references:
        for gram, count in grams(reference).items():
            most[gram] = max(most[gram], count)
    found = grams(hypothesis)
    return sum(min(count, most[gram]) for gram, count in found.items()), sum(found.values())


@other_way("evaluation.clipped_precision")
def clipped_by_taking_away(hypothesis, references, n):
    starts = range(len(hypothesis) - n + 1)
    grams = [tuple(hypothesis[i : i + n]) for i in starts]
    left = Counter()
    for reference in references:
        left |= Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
    matches = 0
    for gram in grams:
        if left[gram] > 0:
            left[gram] -= 1
            matches += 1
    return [matches, len(grams)]


@other_way("evaluation.clipped_precision")
def clipped_in_an_array(hypothesis, references, n):
    def grams(words):
        return [tuple(words[i : i + n]) for i in range(max(0, len(words) - n + 1))]

    found = Counter(grams(hypothesis))
    most = np.array([[Counter(grams(one))[gram] for gram in found] for one in references], dtype=int).max(axis=0)
    return np.array([np.minimum(most, list(found.values())).sum() if found else 0, found.total()], dtype=int)


@other_way("evaluation.bits_per_byte")
def bits_by_change_of_base(log_probs, text):
    return sum(-log_prob / math.log(2) for log_prob in log_probs) / len(bytes(text, "utf-8"))


@other_way("evaluation.bits_per_byte")
def bits_of_probabilities(log_probs, text):
    return -sum(math.log2(math.exp(log_prob)) for log_prob in log_probs) / len(text.encode("utf-8"))


@other_way("evaluation.bits_per_byte")
def bits_in_numpy(log_probs, text):
    return -np.sum(log_probs) * np.log2(np.e) / len(text.encode())


@other_way("evaluation.bits_per_byte")
def bits_in_torch(log_probs, text):
    return -torch.tensor(log_probs, dtype=torch.float64).sum() / math.log(2) / len(text.encode())


@other_way("evaluation.bits_per_byte")
def bits_in_a_loop(log_probs, text):
    n_bytes = 0
    for character in text:
        code = ord(character)
        n_bytes += 1 + (code >= 0x80) + (code >= 0x800) + (code >= 0x10000)
    nats = 0.0
    for log_prob in log_probs:
        nats -= log_prob
    return nats / n_bytes / math.log(2)


@other_way("evaluation.mcnemar")
def mcnemar_in_a_loop(first_right, second_right):
    wins = [0, 0]
    for a, b in zip(first_right, second_right, strict=True):
        if a != b:
            wins[0 if a else 1] += 1
    n = sum(wins)
    p = 0.0
    for j in range(min(wins) + 1):
        p += 2 * math.comb(n, j) * 0.5**n
    return p if p < 1 else 1.0


@other_way("evaluation.mcnemar")
def mcnemar_in_fractions(first_right, second_right):
    pairs = Counter(zip(map(bool, first_right), map(bool, second_right), strict=True))
    n, k = pairs[True, False] + pairs[False, True], min(pairs[True, False], pairs[False, True])
    return float(min(Fraction(1), Fraction(2 * sum(math.comb(n, j) for j in range(k + 1)), 2**n)))


@other_way("evaluation.mcnemar")
def mcnemar_by_both_tails(first_right, second_right):
    won = [a for a, b in zip(first_right, second_right, strict=True) if a != b]
    n, heads = len(won), sum(won)
    away = abs(2 * heads - n)
    return sum(math.comb(n, j) for j in range(n + 1) if abs(2 * j - n) >= away) / 2**n


@other_way("evaluation.mcnemar")
def mcnemar_by_pascals_triangle(first_right, second_right):
    won = [a for a, b in zip(first_right, second_right, strict=True) if bool(a) is not bool(b)]
    row = [1.0]
    for _throw in won:
        row = [(left + right) / 2 for left, right in zip([0.0, *row], [*row, 0.0], strict=True)]
    k = min(sum(won), len(won) - sum(won))
    return min(1.0, 2 * sum(row[: k + 1]))


@other_way("evaluation.mcnemar")
def mcnemar_in_numpy(first_right, second_right):
    first, second = np.array(first_right, dtype=bool), np.array(second_right, dtype=bool)
    counts = np.array([(first & ~second).sum(), (second & ~first).sum()])
    n = int(counts.sum())
    heads = np.array([math.comb(n, j) for j in range(int(counts.min()) + 1)], dtype=float)
    return np.minimum(1.0, 2 * heads.sum() / 2.0**n)


@other_way("evaluation.win_rate")
def win_rate_of_means(first, second, resamples):
    wins = []
    for items in resamples:
        a = sum(first[i] for i in items) / len(items)
        b = sum(second[i] for i in items) / len(items)
        if a > b:
            wins.append(1)
        elif a < b:
            wins.append(0)
        else:
            wins.append(0.5)
    return sum(wins) / len(wins)


@other_way("evaluation.win_rate")
def win_rate_of_differences(first, second, resamples):
    differences = [a - b for a, b in zip(first, second, strict=True)]
    sums = [sum(differences[i] for i in items) for items in resamples]
    return (sum(each > 0 for each in sums) + sum(each >= 0 for each in sums)) / (2 * len(sums))


@other_way("evaluation.win_rate")
def win_rate_in_numpy(first, second, resamples):
    drawn = np.array(resamples)
    difference = (np.array(first)[drawn] - np.array(second)[drawn]).sum(axis=1)
    return np.mean((np.sign(difference) + 1) / 2)


@other_way("evaluation.win_rate")
def win_rate_in_torch(first, second, resamples):
    drawn = torch.tensor(resamples)
    a, b = (torch.tensor(each, dtype=torch.float64)[drawn].mean(dim=1) for each in (first, second))
    return (a > b).double().mean() + (a == b).double().mean() / 2


@other_way("evaluation.win_rate")
def win_rate_by_counts(first, second, resamples):
    won = tied = 0
    for items in resamples:
        times = Counter(items)
        difference = sum(count * (first[i] - second[i]) for i, count in times.items())
        won += difference > 0
        tied += difference == 0
    return (won + tied / 2) / len(resamples)


@other_way("evaluation.holm")
def holm_for_each(p_values):
    m = len(p_values)
    ordered = sorted(p_values)
    products = [(m - rank) * p for rank, p in enumerate(ordered)]
    return [min(1.0, max(products[: m - ordered[::-1].index(p)])) for p in p_values]


@other_way("evaluation.holm")
def holm_in_numpy(p_values):
    p = np.array(p_values, dtype=float)
    order = p.argsort()
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty(len(p))
    found[order] = raised.clip(max=1)
    return found


@other_way("evaluation.holm")
def holm_by_accumulating(p_values):
    m = len(p_values)
    pairs = sorted((p, place) for place, p in enumerate(p_values))
    raised = itertools.accumulate((p * (m - rank) for rank, (p, _place) in enumerate(pairs)), max)
    placed = {place: min(1.0, each) for (_p, place), each in zip(pairs, raised, strict=True)}
    return [placed[place] for place in range(m)]


@other_way("evaluation.holm")
def holm_as_in_the_course(p_values):
    return holm_of_the_course(p_values) if p_values else []


@other_way("evaluation.holm")
def holm_by_definition(p_values):
    def factor(p):
        return sum(other >= p for other in p_values)

    return [min(1.0, max(factor(other) * other for other in p_values if other <= p)) for p in p_values]


@other_way("evaluation.holm")
def holm_step_by_step(p_values):
    left, adjusted, largest = list(enumerate(p_values)), [0.0 for _p in p_values], 0.0
    while left:
        smallest = min(left, key=lambda pair: pair[1])
        largest = max(largest, smallest[1] * len(left))
        adjusted[smallest[0]] = 1.0 if largest > 1 else largest
        left.remove(smallest)
    return adjusted
