"""Wrong answers as learners give them, for the exercises of the lesson `evaluation`."""

import math
from collections import Counter

import numpy as np

from tests.exercises.wrong.collected import WRONG_WAYS, wrong_way
from tests.exercises.wrong.fine_tuning import gap, in_bins


def counted(truth, predicted):
    pairs = list(zip(truth, predicted, strict=True))
    return [pairs.count(pair) for pair in [(1, 1), (0, 0), (0, 1), (1, 0)]]


@wrong_way("evaluation.matthews", says="**accuracy**")
def matthews_as_accuracy(truth, predicted):
    return sum(a == b for a, b in zip(truth, predicted, strict=True)) / len(truth) if truth else 0.0


@wrong_way("evaluation.matthews", says="**F1**")
def matthews_as_f1(truth, predicted):
    tp, _tn, fp, fn = counted(truth, predicted)
    if tp == 0:
        return 0.0
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    return 2 * precision * recall / (precision + recall)


@wrong_way("evaluation.matthews", says="**one class**")
def matthews_that_divides_by_0(truth, predicted):
    tp, tn, fp, fn = counted(truth, predicted)
    return (tp * tn - fp * fn) / math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))


@wrong_way("evaluation.matthews", says="gives NaN")
def matthews_of_numpy(truth, predicted):
    with np.errstate(invalid="ignore", divide="ignore"):
        tp, tn, fp, fn = np.array(counted(truth, predicted), dtype=float)
        return (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))


@wrong_way("evaluation.matthews", says="**root** of the divisor")
def matthews_without_root(truth, predicted):
    tp, tn, fp, fn = counted(truth, predicted)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / product if product != 0 else 0.0


@wrong_way("evaluation.matthews", says="You **add** FP · FN")
def matthews_with_a_sum(truth, predicted):
    tp, tn, fp, fn = counted(truth, predicted)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn + fp * fn) / product**0.5 if product else 0.0


@wrong_way("evaluation.matthews", says="**Cohen's kappa**")
def matthews_as_kappa(truth, predicted):
    n = len(truth)
    if not n:
        return 0.0
    observed = sum(a == b for a, b in zip(truth, predicted, strict=True)) / n
    chance = (sum(truth) * sum(predicted) + (n - sum(truth)) * (n - sum(predicted))) / n**2
    return (observed - chance) / (1 - chance) if chance < 1 else 0.0


def below(truth, predicted):
    tp, tn, fp, fn = counted(truth, predicted)
    return (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)


@wrong_way("evaluation.matthews", says="TP with FP")
def matthews_of_mixed_pairs(truth, predicted):
    tp, tn, fp, fn = counted(truth, predicted)
    product = below(truth, predicted)
    return (tp * fp - tn * fn) / math.sqrt(product) if product else 0.0


@wrong_way("evaluation.matthews", says="**balanced accuracy**")
def matthews_as_mean_recall(truth, predicted):
    recalls = []
    for label in (1, 0):
        of_label = [guess for true, guess in zip(truth, predicted, strict=True) if true == label]
        recalls.append(sum(guess == label for guess in of_label) / len(of_label) if of_label else 0.0)
    return sum(recalls) / 2


@wrong_way("evaluation.matthews", says="add **1** to the divisor")
def matthews_with_a_constant(truth, predicted):
    tp, tn, fp, fn = counted(truth, predicted)
    return (tp * tn - fp * fn) / (below(truth, predicted) ** 0.5 + 1)


@wrong_way("evaluation.matthews", says="wrong **sign**")
def matthews_with_exchanged_classes(truth, predicted):
    tp, tn, fp, fn = counted(truth, [1 - one for one in predicted])
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / math.sqrt(product) if product else 0.0


@wrong_way("evaluation.average_ranks", says="by position")
def ranks_of_argsort_twice(values):
    return np.argsort(np.argsort(np.array(values), kind="stable"), kind="stable") + 1


@wrong_way("evaluation.average_ranks", says="from 0, and equal numbers")
def ranks_of_argsort_twice_from_0(values):
    return np.argsort(np.argsort(np.array(values), kind="stable"), kind="stable")


@wrong_way("evaluation.average_ranks", says="`argsort`")
def ranks_of_argsort(values):
    return np.argsort(np.array(values), kind="stable")


@wrong_way("evaluation.average_ranks", says="**lowest** of their ranks")
def ranks_of_index(values):
    ordered = sorted(values)
    return [ordered.index(value) + 1 for value in values]


@wrong_way("evaluation.average_ranks", says="how many numbers are **smaller**")
def ranks_of_index_from_0(values):
    ordered = sorted(values)
    return [ordered.index(value) for value in values]


@wrong_way("evaluation.average_ranks", says="take up **one** rank")
def ranks_of_distinct(values):
    rank_of = {value: rank for rank, value in enumerate(sorted(set(values)), start=1)}
    return [rank_of[value] for value in values]


@wrong_way("evaluation.average_ranks", says="**highest** of their ranks")
def ranks_of_last(values):
    rank_of = {value: rank for rank, value in enumerate(sorted(values), start=1)}
    return [rank_of[value] for value in values]


@wrong_way("evaluation.average_ranks", says="**largest** has the rank 1 in yours: the")
def ranks_from_the_top(values):
    places = {}
    for rank, value in enumerate(sorted(values, reverse=True), start=1):
        places.setdefault(value, []).append(rank)
    return [sum(places[value]) / len(places[value]) for value in values]


@wrong_way("evaluation.average_ranks", says="You count from **0**")
def ranks_of_mean_place(values):
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) - 1) / 2 for value in values]


@wrong_way("evaluation.average_ranks", says="rounded **down**")
def ranks_in_whole_numbers(values):
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) // 2 for value in values]


@wrong_way("evaluation.average_ranks", says="**sorted** order")
def ranks_in_sorted_order(values):
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in ordered]


@wrong_way("evaluation.average_ranks", says="first **two** ranks")
def ranks_with_a_half(values):
    ordered = sorted(values)
    return [ordered.index(value) + 1 + (0.5 if ordered.count(value) > 1 else 0) for value in values]


def n_grams(words, n):
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


@wrong_way("evaluation.clipped_precision", says="as often as it is repeated")
def clipped_without_clipping(hypothesis, references, n):
    known = {gram for reference in references for gram in n_grams(reference, n)}
    found = n_grams(hypothesis, n)
    return sum(gram in known for gram in found), len(found)


@wrong_way("evaluation.clipped_precision", says="You count **distinct** n-grams")
def clipped_as_sets(hypothesis, references, n):
    known = {gram for reference in references for gram in n_grams(reference, n)}
    found = set(n_grams(hypothesis, n))
    return len(found & known), len(found)


@wrong_way("evaluation.clipped_precision", says="You **add up** the references' counts")
def clipped_by_update(hypothesis, references, n):
    most = Counter()
    for reference in references:
        most.update(n_grams(reference, n))
    found = Counter(n_grams(hypothesis, n))
    return (found & most).total(), found.total()


@wrong_way("evaluation.clipped_precision", says="**first** reference alone")
def clipped_by_the_first(hypothesis, references, n):
    for reference in references:
        common = Counter(n_grams(hypothesis, n)) & Counter(n_grams(reference, n))
        return common.total(), len(n_grams(hypothesis, n))


@wrong_way("evaluation.clipped_precision", says="**last** reference alone")
def clipped_by_the_last(hypothesis, references, n):
    matches = 0
    for reference in references:
        matches = (Counter(n_grams(hypothesis, n)) & Counter(n_grams(reference, n))).total()
    return matches, len(n_grams(hypothesis, n))


@wrong_way("evaluation.clipped_precision", says="fits **best**")
def clipped_by_the_best(hypothesis, references, n):
    found = Counter(n_grams(hypothesis, n))
    return max((found & Counter(n_grams(one, n))).total() for one in references), found.total()


@wrong_way("evaluation.clipped_precision", says="in **all** references")
def clipped_by_all(hypothesis, references, n):
    counts = [Counter(n_grams(one, n)) for one in references]
    found = Counter(n_grams(hypothesis, n))
    return sum(min([count, *(one[gram] for one in counts)]) for gram, count in found.items()), found.total()


@wrong_way("evaluation.clipped_precision", says="**quotient**")
def clipped_as_quotient(hypothesis, references, n):
    found, most = Counter(n_grams(hypothesis, n)), Counter()
    for reference in references:
        most |= Counter(n_grams(reference, n))
    return (found & most).total() / found.total() if found else 0.0


@wrong_way("evaluation.clipped_precision", says="The **last** n-gram is missing")
def clipped_with_a_short_range(hypothesis, references, n):
    def counts(words):
        return Counter(tuple(words[i : i + n]) for i in range(len(words) - n))

    most = Counter()
    for reference in references:
        most |= counts(reference)
    return (counts(hypothesis) & most).total(), counts(hypothesis).total()


@wrong_way("evaluation.clipped_precision", says="**shorter** than n words")
def clipped_with_a_long_range(hypothesis, references, n):
    def counts(words):
        return Counter(tuple(words[i : i + n]) for i in range(len(words)))

    most = Counter()
    for reference in references:
        most |= counts(reference)
    return (counts(hypothesis) & most).total(), counts(hypothesis).total()


@wrong_way("evaluation.clipped_precision", says="**other order**")
def clipped_turned_round(hypothesis, references, n):
    matches, total = clipped_with_its_order(hypothesis, references, n)
    return total, matches


def clipped_with_its_order(hypothesis, references, n):
    found, most = Counter(n_grams(hypothesis, n)), Counter()
    for reference in references:
        most |= Counter(n_grams(reference, n))
    return (found & most).total(), found.total()


@wrong_way("evaluation.clipped_precision", says="**single words**")
def clipped_words(hypothesis, references, n):
    return clipped_with_its_order(hypothesis, references, 1)


@wrong_way("evaluation.clipped_precision", says="number of **words**")
def clipped_of_words(hypothesis, references, n):
    return clipped_with_its_order(hypothesis, references, n)[0], len(hypothesis)


@wrong_way("evaluation.bits_per_byte", says="number of **characters**")
def bits_of_characters(log_probs, text):
    return -sum(log_probs) / math.log(2) / len(text)


@wrong_way("evaluation.bits_per_byte", says="**nats**")
def bits_in_nats(log_probs, text):
    return -sum(log_probs) / len(text.encode())


@wrong_way("evaluation.bits_per_byte", says="wrong **sign**")
def bits_below_0(log_probs, text):
    return sum(log_probs) / math.log(2) / len(text.encode())


@wrong_way("evaluation.bits_per_byte", says="bits per **token**")
def bits_of_a_token(log_probs, text):
    return np.mean([-each / math.log(2) for each in log_probs])


@wrong_way("evaluation.bits_per_byte", says="You **multiply** by ln(2)")
def bits_multiplied(log_probs, text):
    return -sum(log_probs) * math.log(2) / len(text.encode())


@wrong_way("evaluation.bits_per_byte", says="**whole** text")
def bits_of_the_text(log_probs, text):
    return sum(-each / math.log(2) for each in log_probs)


@wrong_way("evaluation.bits_per_byte", says="**mean** over tokens")
def bits_of_the_mean(log_probs, text):
    return -np.mean(log_probs) / np.log(2) / len(text.encode())


@wrong_way("evaluation.bits_per_byte", says="**perplexity** of a token")
def bits_as_perplexity(log_probs, text):
    return math.exp(-sum(log_probs) / len(log_probs))


@wrong_way("evaluation.bits_per_byte", says="**UTF-16**")
def bits_of_utf_16(log_probs, text):
    return -sum(log_probs) / math.log(2) / len(text.encode("utf-16"))


@wrong_way("evaluation.bits_per_byte", says="base **10**")
def bits_to_base_10(log_probs, text):
    return -sum(log_probs) / math.log(10) / len(text.encode())


@wrong_way("evaluation.bits_per_byte", says="bits per **word**")
def bits_of_a_word(log_probs, text):
    return -sum(log_probs) / math.log(2) / len(text.split())


WRONG_CALIBRATION = [(way.function, way.says) for way in WRONG_WAYS if way.name == "fine_tuning.calibration_error"]
for function, says in WRONG_CALIBRATION:
    wrong_way("evaluation.calibration_error", says=says)(function)


@wrong_way("evaluation.calibration_error", says="**wrong**")
def calibration_of_the_wrong(confidences, right, n_bins):
    wrong = [not one for one in right]
    return sum(len(p) * abs(gap(confidences, wrong, p)) for p in in_bins(confidences, n_bins)) / len(right)


def won(first_right, second_right):
    pairs = list(zip(map(bool, first_right), map(bool, second_right), strict=True))
    return pairs.count((True, False)), pairs.count((False, True))


def at_most(k, n):
    return sum(math.comb(n, j) for j in range(k + 1)) / 2**n


@wrong_way("evaluation.mcnemar", says="**one-sided**")
def mcnemar_of_one_side(first_right, second_right):
    b, c = won(first_right, second_right)
    return at_most(min(b, c), b + c)


@wrong_way("evaluation.mcnemar", says="**above 1**")
def mcnemar_above_1(first_right, second_right):
    b, c = won(first_right, second_right)
    return 2 * at_most(min(b, c), b + c)


@wrong_way("evaluation.mcnemar", says="leave out **k**")
def mcnemar_below_k(first_right, second_right):
    b, c = won(first_right, second_right)
    return min(1.0, 2 * sum(math.comb(b + c, j) for j in range(min(b, c))) / 2 ** (b + c))


@wrong_way("evaluation.mcnemar", says="double the probability of **exactly** k")
def mcnemar_of_k_alone(first_right, second_right):
    b, c = won(first_right, second_right)
    return min(1.0, 2 * math.comb(b + c, min(b, c)) / 2 ** (b + c))


@wrong_way("evaluation.mcnemar", says="that of **χ²**")
def mcnemar_by_chi_square(first_right, second_right):
    b, c = won(first_right, second_right)
    return math.erfc(abs(b - c) / math.sqrt(b + c) / math.sqrt(2)) if b + c else 1.0


@wrong_way("evaluation.mcnemar", says="corrected **χ²**")
def mcnemar_by_corrected_chi_square(first_right, second_right):
    b, c = won(first_right, second_right)
    if b + c == 0:
        return 1.0
    statistic = max(abs(b - c) - 1, 0) ** 2 / (b + c)
    return math.erfc(math.sqrt(statistic) / math.sqrt(2))


@wrong_way("evaluation.mcnemar", says="**statistic** χ²: the")
def mcnemar_as_statistic(first_right, second_right):
    b, c = won(first_right, second_right)
    return (b - c) ** 2 / (b + c) if b + c else 0.0


@wrong_way("evaluation.mcnemar", says="number of **all items**")
def mcnemar_of_all_items(first_right, second_right):
    b, c = won(first_right, second_right)
    return min(1.0, 2 * at_most(min(b, c), len(first_right)))


@wrong_way("evaluation.mcnemar", says="how many each got **right**")
def mcnemar_of_accuracies(first_right, second_right):
    a, b = sum(first_right), sum(second_right)
    return min(1.0, 2 * at_most(min(a, b), a + b))


@wrong_way("evaluation.mcnemar", says="of the **first** model's items")
def mcnemar_of_the_first(first_right, second_right):
    b, c = won(first_right, second_right)
    return min(1.0, 2 * at_most(b, b + c))


@wrong_way("evaluation.mcnemar", says="**1 minus**")
def mcnemar_as_confidence(first_right, second_right):
    b, c = won(first_right, second_right)
    return 1 - min(1.0, 2 * at_most(min(b, c), b + c))


@wrong_way("evaluation.mcnemar", says="**never differ**")
def mcnemar_of_a_ratio(first_right, second_right):
    b, c = won(first_right, second_right)
    n = b + c
    return min(1.0, 2 * at_most(min(b, c), n)) / (n and 1)


@wrong_way("evaluation.win_rate", says="means count 0")
def win_rate_of_wins(first, second, resamples):
    return sum(sum(first[i] for i in items) > sum(second[i] for i in items) for items in resamples) / len(resamples)


@wrong_way("evaluation.win_rate", says="means count 1")
def win_rate_not_lost(first, second, resamples):
    return np.mean([sum(first[i] - second[i] for i in items) >= 0 for items in resamples])


@wrong_way("evaluation.win_rate", says="leave out resamples with **equal** means: they")
def win_rate_of_decided(first, second, resamples):
    differences = [sum(first[i] - second[i] for i in items) for items in resamples]
    decided = [each for each in differences if each != 0]
    return sum(each > 0 for each in decided) / len(decided) if decided else 0.5


@wrong_way("evaluation.win_rate", says="wins of the **second** model: count")
def win_rate_of_the_second(first, second, resamples):
    rate = 0.0
    for items in resamples:
        a, b = sum(first[i] for i in items), sum(second[i] for i in items)
        rate += 1 if b > a else 0.5 if a == b else 0
    return rate / len(resamples)


@wrong_way("evaluation.win_rate", says="each item **once**")
def win_rate_of_sets(first, second, resamples):
    rate = 0.0
    for items in map(set, resamples):
        a, b = sum(first[i] for i in items), sum(second[i] for i in items)
        rate += 1 if a > b else 0.5 if a == b else 0
    return rate / len(resamples)


@wrong_way("evaluation.win_rate", says="**number** of wins: divide")
def win_rate_as_number(first, second, resamples):
    differences = [sum(first[i] - second[i] for i in items) for items in resamples]
    return sum(each > 0 for each in differences) + sum(each == 0 for each in differences) / 2


@wrong_way("evaluation.win_rate", says="**second** model's mean is over all items")
def win_rate_against_the_mean(first, second, resamples):
    mean, rate = np.mean(second), 0.0
    for items in resamples:
        a = np.mean([first[i] for i in items])
        rate += 1 if a > mean else 0.5 if a == mean else 0
    return rate / len(resamples)


@wrong_way("evaluation.win_rate", says="**items** that are won")
def win_rate_of_items(first, second, resamples):
    rates = []
    for items in resamples:
        rates.append(np.mean([(np.sign(first[i] - second[i]) + 1) / 2 for i in items]))
    return np.mean(rates)


@wrong_way("evaluation.win_rate", says="mean **difference**")
def win_rate_as_difference(first, second, resamples):
    return np.mean([np.mean([first[i] - second[i] for i in items]) for items in resamples])


@wrong_way("evaluation.win_rate", says="a return is inside the loop")
def win_rate_that_returns(first, second, resamples):
    for items in resamples:
        a, b = sum(first[i] for i in items), sum(second[i] for i in items)
        return 1.0 if a > b else 0.5 if a == b else 0.0


@wrong_way("evaluation.win_rate", says="number of **items**")
def win_rate_by_items(first, second, resamples):
    differences = [sum(first[i] - second[i] for i in items) for items in resamples]
    return (sum(each > 0 for each in differences) + sum(each == 0 for each in differences) / 2) / len(first)


@wrong_way("evaluation.win_rate", says="**subtract** the losses")
def win_rate_of_signs(first, second, resamples):
    return np.mean([np.sign(sum(first[i] - second[i] for i in items)) for items in resamples])


@wrong_way("evaluation.holm", says="Bonferroni's correction")
def holm_as_bonferroni(p_values):
    return [min(1.0, len(p_values) * p) for p in p_values]


@wrong_way("evaluation.holm", says="keep the largest so far")
def holm_that_falls(p_values):
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found = [0.0] * len(p_values)
    for rank, place in enumerate(order):
        found[place] = min(1.0, (len(p_values) - rank) * p_values[place])
    return found


@wrong_way("evaluation.holm", says="**above 1**")
def holm_above_1(p_values):
    p = np.array(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    found = np.empty_like(p)
    found[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return found


@wrong_way("evaluation.holm", says="Your answer is **sorted**: return")
def holm_sorted(p_values):
    m, largest, found = len(p_values), 0.0, []
    for rank, p in enumerate(sorted(p_values)):
        largest = max(largest, (m - rank) * p)
        found.append(min(1.0, largest))
    return found


@wrong_way("evaluation.holm", says="as Hochberg does")
def holm_from_above(p_values):
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    found, smallest = [0.0] * len(p_values), 1.0
    for rank, place in enumerate(order):
        smallest = min(smallest, (rank + 1) * p_values[place])
        found[place] = smallest
    return found


@wrong_way("evaluation.holm", says="Benjamini and Hochberg's")
def holm_as_false_discovery_rate(p_values):
    m = len(p_values)
    ranked = sorted(p_values)
    return [min([1.0, *(p * m / (rank + 1) for rank, p in enumerate(ranked) if p >= own)]) for own in p_values]


@wrong_way("evaluation.holm", says="factors go **up**")
def holm_from_1(p_values):
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order, start=1):
        largest = max(largest, rank * p_values[place])
        found[place] = min(1.0, largest)
    return found


@wrong_way("evaluation.holm", says="**one too small**")
def holm_to_0(p_values):
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order, start=1):
        largest = max(largest, (len(p_values) - rank) * p_values[place])
        found[place] = min(1.0, largest)
    return found


@wrong_way("evaluation.holm", says="in the **given** order: the smallest p-value comes first.")
def holm_without_sorting(p_values):
    found, largest = [], 0.0
    for rank, p in enumerate(p_values):
        largest = max(largest, (len(p_values) - rank) * p)
        found.append(min(1.0, largest))
    return found


@wrong_way("evaluation.holm", says="**wrong way round**")
def holm_put_back_wrongly(p_values):
    p = np.array(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    return np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))[order]


@wrong_way("evaluation.holm", says="**significant**")
def holm_as_decisions(p_values):
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    rejected = [False] * len(p_values)
    for rank, place in enumerate(order):
        if p_values[place] > 0.05 / (len(p_values) - rank):
            break
        rejected[place] = True
    return rejected


@wrong_way("evaluation.holm", says="**add up** the products")
def holm_of_sums(p_values):
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found, total = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        total += (len(p_values) - rank) * p_values[place]
        found[place] = min(1.0, total)
    return found
