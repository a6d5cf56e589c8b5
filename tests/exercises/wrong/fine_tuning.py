"""Wrong answers as learners give them, for the exercises of the lesson `fine_tuning`."""

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way

# --- mean_pooling ---


@wrong_way("fine_tuning.mean_pooling", says="all positions")
def plain_mean(hidden, mask):
    return torch.mean(hidden, 1)


@wrong_way("fine_tuning.mean_pooling", says="divisor")
def masked_mean(hidden, mask):
    return hidden.masked_fill(~mask[:, :, None], 0).mean(1)


@wrong_way("fine_tuning.mean_pooling", says="sum")
def only_the_divisor(hidden, mask):
    return hidden.sum(1) / mask.sum(1)[:, None]


@wrong_way("fine_tuning.mean_pooling", says="Divide it by how many")
def only_the_sum(hidden, mask):
    return torch.einsum("bpd,bp->bd", hidden, mask.float())


@wrong_way("fine_tuning.mean_pooling", says="whole batch")
def total_tokens(hidden, mask):
    return (hidden * mask.unsqueeze(2)).sum(1) / mask.sum().item()


@wrong_way("fine_tuning.mean_pooling", says="[CLS]")
def cls(hidden, mask):
    return hidden[:, 0, :]


@wrong_way("fine_tuning.mean_pooling", says="last column")
def last_place(hidden, mask):
    return hidden[:, -1, :]


@wrong_way("fine_tuning.mean_pooling", says="largest")
def max_pooling(hidden, mask):
    return hidden.masked_fill(~mask[..., None], -1e9).max(dim=1).values


@wrong_way("fine_tuning.mean_pooling", says="length 1")
def normalized(hidden, mask):
    kept = mask[..., None].float()
    return F.normalize((hidden * kept).sum(1) / kept.sum(1), dim=1)


@wrong_way("fine_tuning.mean_pooling", says="numbers of a vector")
def other_dimension(hidden, mask):
    return (hidden * mask.unsqueeze(-1)).mean(dim=-1)


@wrong_way("fine_tuning.mean_pooling", says="the mask is True at tokens")
def mask_turned_round(hidden, mask):
    gone = (~mask).unsqueeze(-1).float()
    return (hidden * gone).sum(1) / gone.sum(1).clamp(min=1)


@wrong_way("fine_tuning.mean_pooling", says="first and last token")
def no_special_tokens(hidden, mask):
    inner = mask.clone()
    inner[:, 0] = False
    inner[torch.arange(len(mask)), mask.sum(1) - 1] = False
    kept = inner[..., None].float()
    return (hidden * kept).sum(1) / kept.sum(1).clamp(min=1)


# --- last_token ---


@wrong_way("fine_tuning.last_token", says="last column")
def minus_one(hidden, mask):
    return hidden[:, -1, :]


@wrong_way("fine_tuning.last_token", says="one position too far")
def without_minus_one(hidden, mask):
    return hidden[torch.arange(hidden.shape[0]), mask.sum(1).clamp(max=hidden.shape[1] - 1)]


@wrong_way("fine_tuning.last_token", says="before")
def minus_two(hidden, mask):
    return hidden[torch.arange(hidden.shape[0]), mask.sum(1) - 2]


@wrong_way("fine_tuning.last_token", says="first")
def like_cls(hidden, mask):
    return hidden[:, 0]


@wrong_way("fine_tuning.last_token", says="every")
def no_rows(hidden, mask):
    return hidden[:, mask.sum(1) - 1]


@wrong_way("fine_tuning.last_token", says="argmax")
def argmax(hidden, mask):
    return hidden[torch.arange(len(hidden)), mask.long().argmax(1)]


@wrong_way("fine_tuning.last_token", says="mean")
def like_bert(hidden, mask):
    kept = mask[..., None].float()
    return (hidden * kept).sum(1) / kept.sum(1)


@wrong_way("fine_tuning.last_token", says="longest")
def end_of_the_longest(hidden, mask):
    return hidden[:, int(mask.sum(1).max()) - 1]


@wrong_way("fine_tuning.last_token", says="shortest")
def end_of_the_shortest(hidden, mask):
    return hidden[:, int(mask.sum(1).min()) - 1]


@wrong_way("fine_tuning.last_token", says="set padding to 0")
def zeroed(hidden, mask):
    return hidden.masked_fill(~mask[..., None], 0.0)[:, -1]


@wrong_way("fine_tuning.last_token", says="index the rows")
def first_row(hidden, mask):
    return hidden[0][mask.sum(1) - 1]


# --- best_epoch ---


@wrong_way("fine_tuning.best_epoch", says="of **all** epochs")
def lowest_of_all(losses, patience):
    return min(range(len(losses)), key=losses.__getitem__)


@wrong_way("fine_tuning.best_epoch", says="stops")
def the_stop(losses, patience):
    best, since = 0, 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best] or epoch == 0:
            best, since = epoch, 0
        else:
            since += 1
        if since >= patience:
            return epoch
    return len(losses) - 1


@wrong_way("fine_tuning.best_epoch", says="begins **anew**")
def total_patience(losses, patience):
    best, bad = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            bad += 1
        if bad == patience:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="one epoch too late")
def greater(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best > patience:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="no better")
def with_equal(losses, patience):
    best, since = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] <= losses[best]:
            best, since = epoch, 0
        else:
            since += 1
        if since >= patience:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="Less is better")
def as_accuracy(losses, patience):
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] > losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="whatever the patience")
def no_patience(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] >= losses[epoch - 1]:
            return epoch - 1
    return len(losses) - 1


@wrong_way("fine_tuning.best_epoch", says="from **0**")
def counted(losses, patience):
    best = 1
    for number in range(1, len(losses) + 1):
        if losses[number - 1] < losses[best - 1]:
            best = number
        if number - best >= patience:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="Return its number")
def lowest_loss(losses, patience):
    best, since = float("inf"), 0
    for loss in losses:
        if loss < best:
            best, since = loss, 0
        else:
            since += 1
        if since >= patience:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="**one before** it")
def rises(losses, patience):
    best, since = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        since = since + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if since >= patience:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="**last** epoch")
def the_end(losses, patience):
    return len(losses) - 1


@wrong_way("fine_tuning.best_epoch", says="begins at **1**")
def begins_at_one(losses, patience):
    best, where, bad = 1.0, 0, 0
    for epoch in range(len(losses)):
        if losses[epoch] < best:
            best, where, bad = losses[epoch], epoch, 0
        else:
            bad += 1
            if bad == patience:
                break
    return where


@wrong_way("fine_tuning.best_epoch", says="too early")
def patience_minus_one(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience - 1:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="too early")
def counter_below_patience(losses, patience):
    best, since = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best, since = epoch, 0
        else:
            since += 1
        if since >= patience - 1:
            break
    return best


@wrong_way("fine_tuning.best_epoch", says="before the **rises**")
def last_before_rises(losses, patience):
    bad = 0
    for epoch in range(1, len(losses)):
        bad = bad + 1 if losses[epoch] > losses[epoch - 1] else 0
        if bad >= patience:
            return epoch - patience
    return len(losses) - 1


# --- precision_recall_f1 ---


def parts(true, predicted, positive):
    right = sum(t == positive and p == positive for t, p in zip(true, predicted, strict=True))
    return right, predicted.count(positive), true.count(positive)


def share(a, b):
    return a / b if b else 0.0


@wrong_way("fine_tuning.precision_recall_f1", says="exchanged")
def swapped(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    return share(right, n_true), share(right, n_predicted), share(2 * right, n_true + n_predicted)


@wrong_way("fine_tuning.precision_recall_f1", says="arithmetic")
def average(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    precision, recall = share(right, n_predicted), share(right, n_true)
    return precision, recall, (precision + recall) / 2


@wrong_way("fine_tuning.precision_recall_f1", says="divide by is 0")
def no_zero(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    return right / n_predicted, right / n_true, 2 * right / (n_predicted + n_true)


@wrong_way("fine_tuning.precision_recall_f1", says="**all** items")
def over_everything(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    return right / len(true), right / len(true), share(2 * right, n_predicted + n_true)


@wrong_way("fine_tuning.precision_recall_f1", says="1 in your answer")
def one_for_nothing(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    return (
        right / n_predicted if n_predicted else 1.0,
        right / n_true if n_true else 1.0,
        2 * right / (n_predicted + n_true) if n_predicted + n_true else 1.0,
    )


@wrong_way("fine_tuning.precision_recall_f1", says="percents")
def hundredfold(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    return 100 * share(right, n_predicted), 100 * share(right, n_true), 100 * share(2 * right, n_predicted + n_true)


@wrong_way("fine_tuning.precision_recall_f1", says="half")
def without_the_two(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    precision, recall = share(right, n_predicted), share(right, n_true)
    return precision, recall, share(precision * recall, precision + recall)


@wrong_way("fine_tuning.precision_recall_f1", says="all** right predictions")
def with_right_negatives(true, predicted, positive):
    right = sum(t == p for t, p in zip(true, predicted, strict=True))
    n_predicted, n_true = predicted.count(positive), true.count(positive)
    return share(right, n_predicted), share(right, n_true), share(2 * right, n_predicted + n_true)


@wrong_way("fine_tuning.precision_recall_f1", says="mean over the classes")
def over_classes(true, predicted, positive):
    classes = sorted({*true, *predicted})
    found = []
    for each in classes:
        right, n_predicted, n_true = parts(true, predicted, each)
        found.append((share(right, n_predicted), share(right, n_true), share(2 * right, n_predicted + n_true)))
    return tuple(sum(column) / len(classes) for column in zip(*found, strict=True))


@wrong_way("fine_tuning.precision_recall_f1", says="geometric")
def root_of_the_product(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    precision, recall = share(right, n_predicted), share(right, n_true)
    return precision, recall, (precision * recall) ** 0.5


@wrong_way("fine_tuning.precision_recall_f1", says="Jaccard")
def intersection_over_union(true, predicted, positive):
    right, n_predicted, n_true = parts(true, predicted, positive)
    return share(right, n_predicted), share(right, n_true), share(right, n_predicted + n_true - right)


# --- best_threshold ---


def f1_at(probabilities, is_positive, threshold):
    right = sum(p >= threshold and t for p, t in zip(probabilities, is_positive, strict=True))
    return 2 * right / (sum(p >= threshold for p in probabilities) + sum(is_positive))


@wrong_way("fine_tuning.best_threshold", says="0.5")
def one_half(probabilities, is_positive):
    return 0.5


@wrong_way("fine_tuning.best_threshold", says="grid")
def steps_of_a_tenth(probabilities, is_positive):
    return max((k / 10 for k in range(11)), key=lambda t: f1_at(probabilities, is_positive, t))


@wrong_way("fine_tuning.best_threshold", says="hundredths")
def steps_of_a_hundredth(probabilities, is_positive):
    tried = np.linspace(0, 1, 101)
    return float(tried[np.argmax([f1_at(probabilities, is_positive, t) for t in tried])])


@wrong_way("fine_tuning.best_threshold", says="accuracy")
def by_accuracy(probabilities, is_positive):
    def accuracy(threshold):
        return sum((p >= threshold) == t for p, t in zip(probabilities, is_positive, strict=True))

    return max(sorted(probabilities), key=accuracy)


@wrong_way("fine_tuning.best_threshold", says="**highest**. Take the lowest")
def highest(probabilities, is_positive):
    best, found = -1.0, None
    for threshold in sorted(probabilities):
        if f1_at(probabilities, is_positive, threshold) >= best:
            best, found = f1_at(probabilities, is_positive, threshold), threshold
    return found


@wrong_way("fine_tuning.best_threshold", says="first in the list")
def as_they_come(probabilities, is_positive):
    return max(probabilities, key=lambda t: f1_at(probabilities, is_positive, t))


@wrong_way("fine_tuning.best_threshold", says="Return the threshold that gives it")
def the_f1(probabilities, is_positive):
    return max(f1_at(probabilities, is_positive, t) for t in probabilities)


@wrong_way("fine_tuning.best_threshold", says="`>=`")
def strictly_above(probabilities, is_positive):
    def f1(threshold):
        right = sum(p > threshold and t for p, t in zip(probabilities, is_positive, strict=True))
        return 2 * right / (sum(p > threshold for p in probabilities) + sum(is_positive))

    return max(sorted(probabilities), key=f1)


@wrong_way("fine_tuning.best_threshold", says="**positive** text")
def lowest_of_the_positive(probabilities, is_positive):
    return min(p for p, t in zip(probabilities, is_positive, strict=True) if t)


@wrong_way("fine_tuning.best_threshold", says="precision")
def most_precise(probabilities, is_positive):
    def precision(threshold):
        right = sum(p >= threshold and t for p, t in zip(probabilities, is_positive, strict=True))
        return right / sum(p >= threshold for p in probabilities)

    return max(sorted(probabilities), key=precision)


@wrong_way("fine_tuning.best_threshold", says="lowest** F1")
def worst(probabilities, is_positive):
    return min(sorted(probabilities), key=lambda t: f1_at(probabilities, is_positive, t))


@wrong_way("fine_tuning.best_threshold", says="as many")
def same_number(probabilities, is_positive):
    return sorted(probabilities)[-sum(is_positive)]


@wrong_way("fine_tuning.best_threshold", says="macro")
def of_both_classes(probabilities, is_positive):
    negative = [1 - p for p in probabilities], [not t for t in is_positive]

    def macro(threshold):
        right = sum(p > 1 - threshold and t for p, t in zip(*negative, strict=True))
        both = sum(p > 1 - threshold for p in negative[0]) + sum(negative[1])
        return f1_at(probabilities, is_positive, threshold) + (2 * right / both if both else 0)

    return max(sorted(probabilities), key=macro)


@wrong_way("fine_tuning.best_threshold", says="product")
def precision_times_recall(probabilities, is_positive):
    def product(threshold):
        right = sum(p >= threshold and t for p, t in zip(probabilities, is_positive, strict=True))
        return right / sum(p >= threshold for p in probabilities) * right / sum(is_positive)

    return max(sorted(probabilities), key=product)


@wrong_way("fine_tuning.best_threshold", says="**up to** the threshold")
def at_most(probabilities, is_positive):
    return -max(
        sorted(-p for p in probabilities)[::-1], key=lambda t: f1_at([-p for p in probabilities], is_positive, t)
    )


@wrong_way("fine_tuning.best_threshold", says="**below** the threshold")
def less_than(probabilities, is_positive):
    def f1(threshold):
        right = sum(p < threshold and t for p, t in zip(probabilities, is_positive, strict=True))
        return 2 * right / (sum(p < threshold for p in probabilities) + sum(is_positive))

    return max(sorted(probabilities), key=f1)


# --- calibration_error ---


def in_bins(confidences, n_bins):
    for k in range(n_bins):
        places = [i for i, c in enumerate(confidences) if k / n_bins < c <= (k + 1) / n_bins]
        if places:
            yield places


def gap(confidences, right, places):
    return sum(confidences[i] for i in places) / len(places) - sum(right[i] for i in places) / len(places)


@wrong_way("fine_tuning.calibration_error", says="whole")
def one_bin(confidences, right, n_bins):
    return abs(sum(confidences) / len(confidences) - sum(right) / len(right))


@wrong_way("fine_tuning.calibration_error", says="the **same**")
def mean_of_bins(confidences, right, n_bins):
    gaps = [abs(gap(confidences, right, places)) for places in in_bins(confidences, n_bins)]
    return sum(gaps) / len(gaps)


@wrong_way("fine_tuning.calibration_error", says="number of **bins**. Each bin")
def empty_bins_too(confidences, right, n_bins):
    return sum(abs(gap(confidences, right, places)) for places in in_bins(confidences, n_bins)) / n_bins


@wrong_way("fine_tuning.calibration_error", says="at an edge")
def by_int(confidences, right, n_bins):
    sums = [0.0] * n_bins
    for c, r in zip(confidences, right, strict=True):
        sums[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, sums)) / len(confidences)


@wrong_way("fine_tuning.calibration_error", says="cancel")
def signed(confidences, right, n_bins):
    return sum(len(places) * gap(confidences, right, places) for places in in_bins(confidences, n_bins)) / len(right)


@wrong_way("fine_tuning.calibration_error", says="square")
def squares(confidences, right, n_bins):
    return sum(len(p) * gap(confidences, right, p) ** 2 for p in in_bins(confidences, n_bins)) / len(right)


@wrong_way("fine_tuning.calibration_error", says="Brier")
def brier(confidences, right, n_bins):
    return sum((c - r) ** 2 for c, r in zip(confidences, right, strict=True)) / len(right)


@wrong_way("fine_tuning.calibration_error", says="largest")
def maximum(confidences, right, n_bins):
    return max(abs(gap(confidences, right, places)) for places in in_bins(confidences, n_bins))


@wrong_way("fine_tuning.calibration_error", says="each **prediction**")
def of_each(confidences, right, n_bins):
    return sum(abs(c - r) for c, r in zip(confidences, right, strict=True)) / len(right)


@wrong_way("fine_tuning.calibration_error", says="ten")
def always_ten(confidences, right, n_bins):
    return sum(len(p) * abs(gap(confidences, right, p)) for p in in_bins(confidences, 10)) / len(right)


@wrong_way("fine_tuning.calibration_error", says="division")
def undivided(confidences, right, n_bins):
    return sum(len(p) * abs(gap(confidences, right, p)) for p in in_bins(confidences, n_bins))


@wrong_way("fine_tuning.calibration_error", says="add up")
def sum_over_bins(confidences, right, n_bins):
    return sum(abs(gap(confidences, right, p)) for p in in_bins(confidences, n_bins))
