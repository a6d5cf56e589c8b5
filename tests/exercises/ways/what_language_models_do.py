"""Right answers in other styles, for the exercises of the lesson `what_language_models_do`."""

import itertools
import re
import string
from collections import Counter
from statistics import mean, mode

import numpy as np

from course.evaluation.rouge import rouge_words
from course.evaluation.short_answers import normalized_answer, word_f1
from course.evaluation.spans import named_spans as spans_of_the_course
from course.evaluation.spans import span_scores
from tests.exercises.ways.collected import other_way


@other_way("what_language_models_do.majority_accuracy")
def majority_by_counter(train_labels, test_labels):
    label, _count = Counter(train_labels).most_common(1)[0]
    return sum(one == label for one in test_labels) / len(test_labels)


@other_way("what_language_models_do.majority_accuracy")
def majority_by_mode(train_labels, test_labels):
    return mean(float(label == mode(train_labels)) for label in test_labels)


@other_way("what_language_models_do.majority_accuracy")
def majority_in_a_loop(train_labels, test_labels):
    counts = {}
    for label in train_labels:
        counts[label] = counts.get(label, 0) + 1
    best, most = None, 0
    for label, count in counts.items():
        if count > most:
            best, most = label, count
    right = 0
    for label in test_labels:
        if label == best:
            right += 1
    return right / len(test_labels)


@other_way("what_language_models_do.majority_accuracy")
def majority_by_sorting(train_labels, test_labels):
    labels = sorted(set(train_labels), key=lambda label: (-train_labels.count(label), train_labels.index(label)))
    return test_labels.count(labels[0]) / len(test_labels)


@other_way("what_language_models_do.majority_accuracy")
def majority_in_numpy(train_labels, test_labels):
    names, first, counts = np.unique(train_labels, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    return np.mean(np.array(test_labels) == names[order[0]])


@other_way("what_language_models_do.named_spans")
def spans_as_in_the_course(labels):
    return spans_of_the_course(labels)


@other_way("what_language_models_do.named_spans")
def spans_by_starts(labels):
    def begins(place):
        return labels[place] != "O" and (
            labels[place][0] == "B" or place == 0 or labels[place - 1][2:] != labels[place][2:]
        )

    spans = []
    for start in filter(begins, range(len(labels))):
        end = start + 1
        while end < len(labels) and labels[end] != "O" and not begins(end):
            end += 1
        spans.append((labels[start][2:], start, end))
    return spans


@other_way("what_language_models_do.named_spans")
def spans_in_lists(labels):
    spans = []
    kind = None
    for place, label in enumerate(labels):
        if label == "O":
            kind = None
            continue
        prefix, this = label.split("-")
        if prefix == "B" or this != kind:
            spans.append([this, place, place])
        spans[-1][2] = place + 1
        kind = this
    return spans


@other_way("what_language_models_do.named_spans")
def spans_closed_at_the_end(labels):
    spans, kind, start = [], "", 0
    for place, label in enumerate([*labels, "O"]):
        if kind and (label[0] != "I" or label[2:] != kind):
            spans.append((kind, start, place))
            kind = ""
        if label != "O" and not kind:
            kind, start = label[2:], place
    return spans


@other_way("what_language_models_do.named_spans")
def spans_by_groups(labels):
    numbers, number = [], 0
    for place, label in enumerate(labels):
        before = labels[place - 1] if place else "O"
        number += label[0] != "I" or label[2:] != before[2:]
        numbers.append(number)
    spans = []
    for _number, group in itertools.groupby(range(len(labels)), key=numbers.__getitem__):
        places = list(group)
        if labels[places[0]] != "O":
            spans.append((labels[places[0]][2:], places[0], places[-1] + 1))
    return spans


@other_way("what_language_models_do.named_spans")
def spans_recursively(labels, start=0):
    if start >= len(labels):
        return []
    if labels[start] == "O":
        return spans_recursively(labels, start + 1)
    kind, end = labels[start][2:], start + 1
    while labels[end : end + 1] == [f"I-{kind}"]:
        end += 1
    return [(kind, start, end), *spans_recursively(labels, end)]


@other_way("what_language_models_do.span_f1")
def f1_as_in_the_course(true, predicted):
    return span_scores(true, predicted)["all"].f1


@other_way("what_language_models_do.span_f1")
def f1_of_precision_and_recall(true, predicted):
    one, other = (
        {(number, *span) for number, labels in enumerate(side) for span in spans_recursively(labels)}
        for side in (true, predicted)
    )
    if not one or not other:
        return 0.0
    precision, recall = len(one & other) / len(other), len(one & other) / len(one)
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


@other_way("what_language_models_do.span_f1")
def f1_sentence_by_sentence(true, predicted):
    right = of_truth = of_model = 0
    for labels, guessed in zip(true, predicted, strict=True):
        spans, found = spans_by_starts(labels), spans_by_starts(guessed)
        right += sum(span in spans for span in found)
        of_truth += len(spans)
        of_model += len(found)
    return 2 * right / (of_truth + of_model) if of_truth + of_model else 0.0


@other_way("what_language_models_do.span_f1")
def f1_of_joined_sentences(true, predicted):
    def join(sentences):
        return [label for labels in sentences for label in (*labels, "O")]

    one, other = (set(spans_closed_at_the_end(join(side))) for side in (true, predicted))
    return 2 * len(one & other) / max(1, len(one) + len(other))


@other_way("what_language_models_do.span_f1")
def f1_of_errors(true, predicted):
    tp = fp = fn = 0
    for labels, guessed in zip(true, predicted, strict=True):
        one, other = set(spans_by_groups(labels)), set(spans_by_groups(guessed))
        tp, fp, fn = tp + len(one & other), fp + len(other - one), fn + len(one - other)
    return 0.0 if tp == 0 else tp / (tp + (fp + fn) / 2)


@other_way("what_language_models_do.character_f")
def characters_of_precision_and_recall(prediction, reference, n):
    def grams(text):
        letters = re.sub(r"\s", "", text)
        return [letters[i : i + n] for i in range(len(letters) - n + 1)]

    found, wanted = grams(prediction), grams(reference)
    common = sum(min(found.count(gram), wanted.count(gram)) for gram in set(found))
    if common == 0:
        return 0.0
    precision, recall = common / len(found), common / len(wanted)
    return 5 * precision * recall / (4 * precision + recall)


@other_way("what_language_models_do.character_f")
def characters_by_taking_away(prediction, reference, n):
    one, other = ("".join(letter for letter in text if not letter.isspace()) for text in (prediction, reference))
    left = [other[i : i + n] for i in range(len(other) - n + 1)]
    n_found, n_wanted, common = max(0, len(one) - n + 1), len(left), 0
    for i in range(n_found):
        if one[i : i + n] in left:
            left.remove(one[i : i + n])
            common += 1
    return 5 * common / (4 * n_wanted + n_found) if n_wanted + n_found else 0.0


@other_way("what_language_models_do.character_f")
def characters_by_zip(prediction, reference, n):
    def grams(text):
        letters = "".join(text.split())
        return Counter(zip(*(letters[shift:] for shift in range(n)), strict=False))

    found, wanted = grams(prediction), grams(reference)
    below = 4 * sum(wanted.values()) + sum(found.values())
    return 5 * sum((found & wanted).values()) / max(1, below)


@other_way("what_language_models_do.character_f")
def characters_in_dictionaries(prediction, reference, n):
    counts = {}
    totals = [0, 0]
    for side, text in enumerate((prediction, reference)):
        letters = "".join(text.split())
        for i in range(len(letters) - n + 1):
            counts.setdefault(letters[i : i + n], [0, 0])[side] += 1
            totals[side] += 1
    common = sum(map(min, counts.values()))
    return 0.0 if common == 0 else 1 / (0.2 * totals[0] / common + 0.8 * totals[1] / common)


@other_way("what_language_models_do.character_f")
def characters_in_numpy(prediction, reference, n):
    found, wanted = (
        ["".join(text.split())[i : i + n] for i in range(max(0, len("".join(text.split())) - n + 1))]
        for text in (prediction, reference)
    )
    grams = sorted({*found, *wanted})
    counts = np.array([[side.count(gram) for gram in grams] for side in (found, wanted)], dtype=float)
    common = counts.min(axis=0).sum() if grams else 0.0
    return 5 * common / (4 * len(wanted) + len(found)) if common else 0.0


@other_way("what_language_models_do.unigram_overlap")
def overlap_with_the_words_of_the_course(prediction, reference):
    one, other = rouge_words(prediction), rouge_words(reference)
    n = sum(min(one.count(word), other.count(word)) for word in set(one))
    return (n / len(one), n / len(other), 2 * n / (len(one) + len(other))) if n else (0.0, 0.0, 0.0)


@other_way("what_language_models_do.unigram_overlap")
def overlap_by_taking_away(prediction, reference):
    one, other = (re.sub("[^a-z0-9]", " ", text.lower()).split() for text in (prediction, reference))
    left = list(other)
    n = 0
    for word in one:
        if word in left:
            left.remove(word)
            n += 1
    precision, recall = n / max(1, len(one)), n / max(1, len(other))
    return [precision, recall, 2 * precision * recall / (precision + recall) if n else 0.0]


@other_way("what_language_models_do.unigram_overlap")
def overlap_letter_by_letter(prediction, reference):
    def words(text):
        found, word = [], ""
        for sign in text.lower() + " ":
            if sign in string.ascii_lowercase + string.digits:
                word += sign
            elif word:
                found.append(word)
                word = ""
        return found

    one, other = Counter(words(prediction)), Counter(words(reference))
    n = sum((one & other).values())
    if not n:
        return 0.0, 0.0, 0.0
    precision, recall = n / sum(one.values()), n / sum(other.values())
    return precision, recall, 2 / (1 / precision + 1 / recall)


@other_way("what_language_models_do.unigram_overlap")
def overlap_in_numpy(prediction, reference):
    one, other = (re.findall("[a-z0-9]+", text.lower()) for text in (prediction, reference))
    counts = np.array([[side.count(word) for word in {*one, *other}] for side in (one, other)], dtype=float)
    n = counts.min(axis=0).sum() if one or other else 0.0
    return np.array([n / len(one), n / len(other), 2 * n / len(one + other)] if n else [0.0] * 3)


@other_way("what_language_models_do.unigram_overlap")
def overlap_by_what_is_missing(prediction, reference):
    one, other = (Counter(re.findall(r"[a-z\d]+", text.lower(), re.ASCII)) for text in (prediction, reference))
    extra, missed = (one - other).total(), (other - one).total()
    n = one.total() - extra
    return tuple(n / below if n else 0.0 for below in (n + extra, n + missed, n + (extra + missed) / 2))


@other_way("what_language_models_do.normalized")
def normalized_as_in_the_course(answer):
    return normalized_answer(answer)


@other_way("what_language_models_do.normalized")
def normalized_by_replacing(answer):
    text = answer.lower()
    for sign in string.punctuation:
        text = text.replace(sign, "")
    return " ".join([word for word in text.split() if word not in {"a", "an", "the"}])


@other_way("what_language_models_do.normalized")
def normalized_by_patterns(answer):
    text = re.sub(f"[{re.escape(string.punctuation)}]", "", answer.lower())
    text = re.sub(r"\b(a|an|the)\b", " ", text)
    return re.sub(r"\s+", " ", text).strip()


@other_way("what_language_models_do.normalized")
def normalized_by_a_table(answer):
    words = answer.translate(str.maketrans("", "", string.punctuation)).casefold().split()
    return " ".join(filter(lambda word: word != "a" and word != "an" and word != "the", words))


@other_way("what_language_models_do.normalized")
def normalized_in_a_loop(answer):
    found, word = [], ""
    for sign in answer + " ":
        if sign.isspace():
            if word not in ("", "a", "an", "the"):
                found.append(word)
            word = ""
        elif sign not in string.punctuation:
            word += sign.lower()
    return " ".join(found)


@other_way("what_language_models_do.answer_f1")
def answer_as_in_the_course(prediction, answers):
    return max(word_f1(prediction, answer) for answer in answers)


@other_way("what_language_models_do.answer_f1")
def answer_in_a_loop(prediction, answers):
    best = 0.0
    found = normalized_by_replacing(prediction).split()
    for answer in answers:
        wanted = normalized_by_replacing(answer).split()
        if not found and not wanted:
            return 1.0
        n = sum(min(found.count(word), wanted.count(word)) for word in set(found))
        if n:
            precision, recall = n / len(found), n / len(wanted)
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


@other_way("what_language_models_do.answer_f1")
def answer_by_sorting(prediction, answers):
    def score(answer):
        one, other = normalized_in_a_loop(prediction).split(), normalized_in_a_loop(answer).split()
        if not one or not other:
            return int(one == other)
        left = list(other)
        for word in one:
            if word in left:
                left.remove(word)
        return 2 * (len(other) - len(left)) / (len(one) + len(other))

    return sorted(map(score, answers))[-1]


@other_way("what_language_models_do.answer_f1")
def answer_in_numpy(prediction, answers):
    found = Counter(normalized_by_patterns(prediction).split())
    sides = [Counter(normalized_by_patterns(answer).split()) for answer in answers]
    common = np.array([(found & side).total() for side in sides], dtype=float)
    both = np.array([found.total() + side.total() for side in sides])
    return np.where(both == 0, 1.0, 2 * common / np.maximum(both, 1)).max()


@other_way("what_language_models_do.answer_f1")
def answer_by_what_is_missing(prediction, answers):
    scores = []
    for answer in answers:
        one, other = (Counter(normalized_by_a_table(text).split()) for text in (prediction, answer))
        n, errors = (one & other).total(), (one - other).total() + (other - one).total()
        scores.append(n / (n + errors / 2) if errors else 1.0)
    return max(scores)
