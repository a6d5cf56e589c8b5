"""Right answers in other styles, for the exercises of the lesson `fine_tuning`."""

import itertools
import math
from collections import Counter

import numpy as np
import torch

from tests.exercises.ways.collected import other_way


@other_way("fine_tuning.mean_pooling")
def by_rows(hidden, mask):
    return torch.stack([row[kept].mean(dim=0) for row, kept in zip(hidden, mask, strict=True)])


@other_way("fine_tuning.mean_pooling")
def by_einsum(hidden, mask):
    weights = mask.float() / mask.sum(dim=1, keepdim=True)
    return torch.einsum("bp,bpd->bd", weights, hidden)


@other_way("fine_tuning.mean_pooling")
def by_matrix_product(hidden, mask):
    weights = mask.float()
    return ((weights / weights.sum(1, keepdim=True))[:, None] @ hidden)[:, 0]


@other_way("fine_tuning.mean_pooling")
def by_nan_mean(hidden, mask):
    return hidden.masked_fill(~mask[..., None], torch.nan).nanmean(dim=1)


@other_way("fine_tuning.mean_pooling")
def in_numpy(hidden, mask):
    kept = mask.numpy()[..., None]
    return (hidden.numpy() * kept).sum(axis=1) / kept.sum(axis=1)


@other_way("fine_tuning.mean_pooling")
def with_a_clamp(hidden, mask):
    kept = mask.unsqueeze(-1).float()
    return (hidden * kept).sum(1) / kept.sum(1).clamp(min=1e-9)


@other_way("fine_tuning.last_token")
def of_each_row(hidden, mask):
    return torch.stack([row[kept][-1] for row, kept in zip(hidden, mask, strict=True)])


@other_way("fine_tuning.last_token")
def by_gather(hidden, mask):
    last = (mask.long().sum(dim=1) - 1)[:, None, None].expand(-1, 1, hidden.shape[-1])
    return hidden.gather(1, last).squeeze(1)


@other_way("fine_tuning.last_token")
def by_running_count(hidden, mask):
    last = mask.long().cumsum(dim=1).argmax(dim=1)
    return hidden[range(len(hidden)), last]


@other_way("fine_tuning.last_token")
def by_lists(hidden, mask):
    return [hidden[i, int(mask[i].sum()) - 1].tolist() for i in range(len(hidden))]


@other_way("fine_tuning.last_token")
def by_largest_position(hidden, mask):
    positions = torch.arange(mask.shape[1]) * mask
    return hidden[torch.arange(len(hidden)), positions.max(dim=1).values]


@other_way("fine_tuning.best_epoch")
def with_a_counter(losses, patience):
    best, since = 0, 0
    for epoch, loss in enumerate(losses[1:], start=1):
        if loss < losses[best]:
            best, since = epoch, 0
        else:
            since += 1
        if since == patience:
            break
    return best


@other_way("fine_tuning.best_epoch")
def by_while(losses, patience):
    best, epoch = 0, 1
    while epoch < len(losses) and epoch - best <= patience:
        if losses[epoch] < losses[best]:
            best = epoch
        epoch += 1
    return best


@other_way("fine_tuning.best_epoch")
def by_first_stop(losses, patience):
    for stop in range(len(losses)):
        best = losses.index(min(losses[: stop + 1]))
        if stop - best == patience:
            return best
    return losses.index(min(losses))


@other_way("fine_tuning.best_epoch")
def by_recursion(losses, patience):
    def go_on(epoch, best):
        if epoch == len(losses) or epoch - 1 - best >= patience:
            return best
        return go_on(epoch + 1, epoch if losses[epoch] < losses[best] else best)

    return go_on(1, 0)


@other_way("fine_tuning.best_epoch")
def with_infinity(losses, patience):
    lowest, kept, waiting = math.inf, 0, patience
    for epoch, loss in enumerate(losses):
        if loss < lowest:
            lowest, kept, waiting = loss, epoch, patience
            continue
        waiting -= 1
        if not waiting:
            return kept
    return kept


@other_way("fine_tuning.precision_recall_f1")
def by_four_counts(true, predicted, positive):
    tp = fp = fn = 0
    for t, p in zip(true, predicted, strict=True):
        tp += t == positive and p == positive
        fp += t != positive and p == positive
        fn += t == positive and p != positive
    precision = tp / (tp + fp) if tp + fp else 0
    recall = tp / (tp + fn) if tp + fn else 0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
    return precision, recall, f1


@other_way("fine_tuning.precision_recall_f1")
def by_sets(true, predicted, positive):
    of_truth = {i for i, t in enumerate(true) if t == positive}
    found = {i for i, p in enumerate(predicted) if p == positive}
    both = len(of_truth & found)
    return [both / max(len(found), 1), both / max(len(of_truth), 1), 2 * both / max(len(found) + len(of_truth), 1)]


@other_way("fine_tuning.precision_recall_f1")
def by_numpy(true, predicted, positive):
    t, p = np.array(true) == positive, np.array(predicted) == positive
    both = (t & p).sum()
    return tuple(n / d if d else 0.0 for n, d in ((both, p.sum()), (both, t.sum()), (2 * both, t.sum() + p.sum())))


@other_way("fine_tuning.precision_recall_f1")
def by_errors(true, predicted, positive):
    def ratio(*parts):
        try:
            return parts[0] / parts[1]
        except ZeroDivisionError:
            return 0.0

    right = sum(1 for i in range(len(true)) if true[i] == predicted[i] == positive)
    return (
        ratio(right, predicted.count(positive)),
        ratio(right, true.count(positive)),
        ratio(right, (predicted.count(positive) + true.count(positive)) / 2),
    )


@other_way("fine_tuning.precision_recall_f1")
def by_counter(true, predicted, positive):
    pairs = Counter(zip(true, predicted, strict=True))
    right = pairs[positive, positive]
    n_true = sum(n for (t, _p), n in pairs.items() if t == positive)
    n_predicted = sum(n for (_t, p), n in pairs.items() if p == positive)
    return (
        right / n_predicted if n_predicted > 0 else 0.0,
        right / n_true if n_true > 0 else 0.0,
        2 * right / (n_true + n_predicted) if n_true + n_predicted > 0 else 0.0,
    )


def f1_of(predicted, is_positive):
    right = sum(p and t for p, t in zip(predicted, is_positive, strict=True))
    return 2 * right / (sum(predicted) + sum(is_positive))


@other_way("fine_tuning.best_threshold")
def by_loop(probabilities, is_positive):
    best, found = -1.0, None
    for threshold in sorted(set(probabilities)):
        score = f1_of([p >= threshold for p in probabilities], is_positive)
        if score > best:
            best, found = score, threshold
    return found


@other_way("fine_tuning.best_threshold")
def by_pairs(probabilities, is_positive):
    return min(probabilities, key=lambda t: (-f1_of([p >= t for p in probabilities], is_positive), t))


@other_way("fine_tuning.best_threshold")
def by_ranking(probabilities, is_positive):
    ranked = sorted(zip(probabilities, is_positive, strict=True), reverse=True)
    n_positive, right, best, found = sum(is_positive), 0, -1.0, 0.0
    for place, (probability, positive) in enumerate(ranked, start=1):
        right += positive
        last_of_its_kind = place == len(ranked) or ranked[place][0] < probability
        score = 2 * right / (place + n_positive)
        if last_of_its_kind and score >= best:
            best, found = score, probability
    return found


@other_way("fine_tuning.best_threshold")
def by_numpy_table(probabilities, is_positive):
    p, t = np.array(probabilities), np.array(is_positive)
    tried = np.unique(p)
    predicted = p[None] >= tried[:, None]
    score = 2 * (predicted & t).sum(1) / (predicted.sum(1) + t.sum())
    return tried[score.argmax()]


@other_way("fine_tuning.best_threshold")
def from_the_top(probabilities, is_positive):
    best, found = -1.0, None
    for threshold in sorted(probabilities)[::-1]:
        score = f1_of([p >= threshold for p in probabilities], is_positive)
        if score >= best:
            best, found = score, threshold
    return found


@other_way("fine_tuning.best_threshold")
def by_harmonic_mean(probabilities, is_positive):
    def f1(threshold):
        predicted = [p >= threshold for p in probabilities]
        right = sum(p and t for p, t in zip(predicted, is_positive, strict=True))
        precision, recall = right / sum(predicted), right / sum(is_positive)
        return 2 * precision * recall / (precision + recall) if right else 0.0

    return max(sorted(probabilities), key=f1)


@other_way("fine_tuning.best_threshold")
def in_single_precision(probabilities, is_positive):
    p, t = torch.tensor(probabilities), torch.tensor(is_positive)
    tried = p.unique()  # sorted
    predicted = p >= tried[:, None]
    precision, recall = (predicted & t).sum(1) / predicted.sum(1), (predicted & t).sum(1) / t.sum()
    return tried[(2 * precision * recall / (precision + recall)).nan_to_num().argmax()]


@other_way("fine_tuning.calibration_error")
def by_means(confidences, right, n_bins):
    error = 0.0
    for number in range(n_bins):
        inside = [i for i, c in enumerate(confidences) if number / n_bins < c <= (number + 1) / n_bins]
        if inside:
            confidence = sum(confidences[i] for i in inside) / len(inside)
            accuracy = sum(right[i] for i in inside) / len(inside)
            error += len(inside) / len(confidences) * abs(confidence - accuracy)
    return error


@other_way("fine_tuning.calibration_error")
def by_ceiling(confidences, right, n_bins):
    sums = [0.0] * n_bins
    for confidence, came_true in zip(confidences, right, strict=True):
        sums[math.ceil(confidence * n_bins) - 1] += confidence - came_true
    return sum(map(abs, sums)) / len(confidences)


@other_way("fine_tuning.calibration_error")
def by_edges(confidences, right, n_bins):
    c, r = np.array(confidences), np.array(right, dtype=float)
    place = np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], c)
    return np.abs(np.bincount(place, weights=c - r, minlength=n_bins)).sum() / len(c)


@other_way("fine_tuning.calibration_error")
def by_torch(confidences, right, n_bins):
    c, r = torch.tensor(confidences, dtype=torch.float64), torch.tensor(right, dtype=torch.float64)
    place = torch.bucketize(c, torch.linspace(0, 1, n_bins + 1, dtype=torch.float64)[1:-1])
    return torch.zeros(n_bins, dtype=torch.float64).index_add(0, place, c - r).abs().sum().item() / len(c)


@other_way("fine_tuning.calibration_error")
def by_dictionary(confidences, right, n_bins):
    bins = {}
    for confidence, came_true in zip(confidences, right, strict=True):
        number = next(k for k in range(n_bins) if confidence <= (k + 1) / n_bins)
        bins.setdefault(number, []).append(confidence - came_true)
    return sum(abs(sum(gaps)) for gaps in bins.values()) / len(confidences)


@other_way("fine_tuning.calibration_error")
def in_single_precision_by_masks(confidences, right, n_bins):
    c, r = torch.tensor(confidences), torch.tensor(right).float()
    edges, error = torch.linspace(0, 1, n_bins + 1), torch.zeros(())
    for low, high in itertools.pairwise(edges):
        inside = (c > low) & (c <= high)
        if inside.any():
            error += inside.float().mean() * (c[inside].mean() - r[inside].mean()).abs()
    return error.item()
