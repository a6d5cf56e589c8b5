"""Wrong answers as learners give them, for the exercises of the lesson `what_language_models_do`."""

import re
import string
from collections import Counter

import numpy as np

from tests.exercises.wrong.collected import wrong_way


def most_frequent(labels):
    return Counter(labels).most_common(1)[0][0]


@wrong_way("what_language_models_do.majority_accuracy", says="most frequent **test** label")
def majority_of_the_test_set(train_labels, test_labels):
    return max(Counter(test_labels).values()) / len(test_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="accuracy on the **training** labels")
def majority_on_the_training_set(train_labels, test_labels):
    return Counter(train_labels).most_common(1)[0][1] / len(train_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="in the **alphabet**: take the first")
def majority_of_a_sorted_set(train_labels, test_labels):
    label = max(sorted(set(train_labels)), key=train_labels.count)
    return test_labels.count(label) / len(test_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="**begins later**")
def majority_with_at_least(train_labels, test_labels):
    counts = Counter(train_labels)
    best = train_labels[0]
    for label, count in counts.items():
        if count >= counts[best]:
            best = label
    return test_labels.count(best) / len(test_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="largest **label**")
def majority_of_max(train_labels, test_labels):
    return test_labels.count(max(Counter(train_labels))) / len(test_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="**how many** test labels")
def majority_not_divided(train_labels, test_labels):
    return sum(label == most_frequent(train_labels) for label in test_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="divide by the number of **training** labels")
def majority_by_the_training_size(train_labels, test_labels):
    return test_labels.count(most_frequent(train_labels)) / len(train_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="share that is **wrong**")
def majority_errors(train_labels, test_labels):
    return sum(label != most_frequent(train_labels) for label in test_labels) / len(test_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="You return the **label**")
def majority_label(train_labels, test_labels):
    return most_frequent(train_labels)


@wrong_way("what_language_models_do.majority_accuracy", says="**guessing** with the shares")
def majority_as_guessing(train_labels, test_labels):
    shares = {label: count / len(train_labels) for label, count in Counter(train_labels).items()}
    return np.mean([shares.get(label, 0.0) for label in test_labels])


@wrong_way("what_language_models_do.majority_accuracy", says="**one** test label")
def majority_that_returns(train_labels, test_labels):
    for label in test_labels:
        return float(label == most_frequent(train_labels))


@wrong_way("what_language_models_do.majority_accuracy", says="labels of **both** lists")
def majority_of_both_sets(train_labels, test_labels):
    return test_labels.count(most_frequent([*train_labels, *test_labels])) / len(test_labels)


@wrong_way("what_language_models_do.named_spans", says="continues **nothing** is left out")
def spans_read_strictly(labels):
    spans, kind, start = [], None, 0
    for place, label in enumerate([*labels, "O"]):
        if kind is not None and label != f"I-{kind}":
            spans.append((kind, start, place))
            kind = None
        if label[0] == "B":
            kind, start = label[2:], place
    return spans


@wrong_way("what_language_models_do.named_spans", says="at the **end** of the sentence is lost")
def spans_not_closed(labels):
    spans, kind, start = [], None, 0
    for place, label in enumerate(labels):
        if kind is not None and label != f"I-{kind}":
            spans.append((kind, start, place))
            kind = None
        if label != "O" and kind is None:
            kind, start = label[2:], place
    return spans


def spans_in(labels):
    spans, kind = [], None
    for place, label in enumerate(labels):
        if label == f"I-{kind}":
            spans[-1][2] = place + 1
        elif label != "O":
            spans.append([label[2:], place, place + 1])
        kind = label[2:] if label != "O" else None
    return [tuple(span) for span in spans]


@wrong_way("what_language_models_do.named_spans", says="end is the **last word**")
def spans_with_the_last_word(labels):
    return [(kind, start, end - 1) for kind, start, end in spans_in(labels)]


@wrong_way("what_language_models_do.named_spans", says="**Each word**")
def spans_of_words(labels):
    return [(label.split("-")[1], i, i + 1) for i, label in enumerate(labels) if "-" in label]


@wrong_way("what_language_models_do.named_spans", says="words with **B-** alone")
def spans_of_beginnings(labels):
    return [(label.removeprefix("B-"), i, i + 1) for i, label in enumerate(labels) if label.startswith("B-")]


@wrong_way("what_language_models_do.named_spans", says="A **B-** of the same type")
def spans_of_types(labels):
    spans, before = [], ""
    for place, label in enumerate(labels):
        kind = label[2:]
        if kind and kind == before:
            spans[-1] = (kind, spans[-1][1], place + 1)
        elif kind:
            spans.append((kind, place, place + 1))
        before = kind
    return spans


@wrong_way("what_language_models_do.named_spans", says="of **another type** continues")
def spans_that_ignore_the_type(labels):
    spans, inside = [], False
    for place, label in enumerate(labels):
        if label[0] == "I" and inside:
            spans[-1] = (*spans[-1][:2], place + 1)
        elif label != "O":
            spans.append((label[2:], place, place + 1))
        inside = label != "O"
    return spans


@wrong_way("what_language_models_do.named_spans", says="**before an O**")
def spans_over_gaps(labels):
    spans = []
    for place, label in enumerate(labels):
        if label[0] == "I" and spans and spans[-1][0] == label[2:]:
            spans[-1] = (label[2:], spans[-1][1], place + 1)
        elif label != "O":
            spans.append((label[2:], place, place + 1))
    return spans


@wrong_way("what_language_models_do.named_spans", says="**whole label**")
def spans_with_labels(labels):
    return [(labels[start], start, end) for _kind, start, end in spans_in(labels)]


@wrong_way("what_language_models_do.named_spans", says="**length** in place of the end")
def spans_with_lengths(labels):
    return [(kind, start, end - start) for kind, start, end in spans_in(labels)]


@wrong_way("what_language_models_do.named_spans", says="another **order**")
def spans_with_types_last(labels):
    return [(start, end, kind) for kind, start, end in spans_in(labels)]


@wrong_way("what_language_models_do.named_spans", says="words from **1**: the first")
def spans_from_1(labels):
    return [(kind, start + 1, end + 1) for kind, start, end in spans_in(labels)]


def sets_of(true, predicted, read=spans_in):
    return ({(i, *span) for i, labels in enumerate(side) for span in read(labels)} for side in (true, predicted))


def f_of(one, other):
    one, other = set(one), set(other)
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


@wrong_way("what_language_models_do.span_f1", says="**words** whose label is right")
def f1_as_accuracy(true, predicted):
    return np.mean([a == b for x, y in zip(true, predicted, strict=True) for a, b in zip(x, y, strict=True)])


@wrong_way("what_language_models_do.span_f1", says="You count **words**")
def f1_of_labels(true, predicted):
    one, other = (
        {(i, j, label) for i, labels in enumerate(side) for j, label in enumerate(labels) if label != "O"}
        for side in (true, predicted)
    )
    return f_of(one, other)


@wrong_way("what_language_models_do.span_f1", says="mean over **sentences**")
def f1_averaged(true, predicted):
    return np.mean([f_of(spans_in(a), spans_in(b)) for a, b in zip(true, predicted, strict=True)])


@wrong_way("what_language_models_do.span_f1", says="You confuse **sentences**")
def f1_without_sentences(true, predicted):
    return f_of(*([span for labels in side for span in spans_in(labels)] for side in (true, predicted)))


@wrong_way("what_language_models_do.span_f1", says="That is **precision**")
def f1_as_precision(true, predicted):
    one, other = sets_of(true, predicted)
    return len(one & other) / len(other) if other else 0.0


@wrong_way("what_language_models_do.span_f1", says="That is **recall**")
def f1_as_recall(true, predicted):
    one, other = sets_of(true, predicted)
    return len(one & other) / len(one) if one else 0.0


@wrong_way("what_language_models_do.span_f1", says="The **type** does not count")
def f1_of_borders(true, predicted):
    one, other = sets_of(true, predicted)
    return f_of(((i, a, b) for i, _kind, a, b in one), ((i, a, b) for i, _kind, a, b in other))


@wrong_way("what_language_models_do.span_f1", says="continues **nothing** is left out")
def f1_read_strictly(true, predicted):
    return f_of(*sets_of(true, predicted, spans_read_strictly))


@wrong_way("what_language_models_do.span_f1", says="Entities that **overlap**")
def f1_of_overlaps(true, predicted):
    one, other = (sorted(side) for side in sets_of(true, predicted))
    n = sum(any(a[:2] == b[:2] and max(a[2], b[2]) < min(a[3], b[3]) for a in one) for b in other)
    return 2 * n / (len(one) + len(other)) if n else 0.0


@wrong_way("what_language_models_do.span_f1", says="without any entity")
def f1_that_divides_by_0(true, predicted):
    one, other = sets_of(true, predicted)
    return 2 * len(one & other) / (len(one) + len(other))


@wrong_way("what_language_models_do.span_f1", says="entities of **either** side")
def f1_as_jaccard(true, predicted):
    one, other = sets_of(true, predicted)
    return len(one & other) / max(1, len(one | other))


@wrong_way("what_language_models_do.span_f1", says="mean over **types**")
def f1_of_types(true, predicted):
    one, other = sets_of(true, predicted)
    kinds = {span[1] for span in one | other}
    scores = [f_of((a for a in one if a[1] == kind), (b for b in other if b[1] == kind)) for kind in kinds]
    return sum(scores) / len(scores) if scores else 0.0


def grams_of(text, n):
    letters = "".join(text.split())
    return [letters[i : i + n] for i in range(len(letters) - n + 1)]


def f_beta(m, found, wanted, weight=4):
    return (1 + weight) * m / (weight * wanted + found) if m else 0.0


def common_of(found, wanted):
    return (Counter(found) & Counter(wanted)).total()


@wrong_way("what_language_models_do.character_f", says="That is **F1**")
def characters_f1(prediction, reference, n):
    found, wanted = grams_of(prediction, n), grams_of(reference, n)
    return f_beta(common_of(found, wanted), len(found), len(wanted), 1)


@wrong_way("what_language_models_do.character_f", says="You take **2** for 4")
def characters_with_beta_itself(prediction, reference, n):
    found, wanted = grams_of(prediction, n), grams_of(reference, n)
    return f_beta(common_of(found, wanted), len(found), len(wanted), 2)


@wrong_way("what_language_models_do.character_f", says="**Precision** counts more")
def characters_of_exchanged_texts(prediction, reference, n):
    found, wanted = grams_of(prediction, n), grams_of(reference, n)
    return f_beta(common_of(found, wanted), len(wanted), len(found))


@wrong_way("what_language_models_do.character_f", says="**White space** counts")
def characters_with_spaces(prediction, reference, n):
    found, wanted = ([text[i : i + n] for i in range(len(text) - n + 1)] for text in (prediction, reference))
    return f_beta(common_of(found, wanted), len(found), len(wanted))


@wrong_way("what_language_models_do.character_f", says="**different** n-grams")
def characters_as_sets(prediction, reference, n):
    found, wanted = set(grams_of(prediction, n)), set(grams_of(reference, n))
    return f_beta(len(found & wanted), len(found), len(wanted))


@wrong_way("what_language_models_do.character_f", says="as the **prediction** has it")
def characters_not_clipped(prediction, reference, n):
    found, wanted = grams_of(prediction, n), grams_of(reference, n)
    return f_beta(sum(gram in wanted for gram in found), len(found), len(wanted))


@wrong_way("what_language_models_do.character_f", says="The **last** n-gram")
def characters_with_a_short_range(prediction, reference, n):
    found, wanted = grams_of(prediction, n)[:-1], grams_of(reference, n)[:-1]
    return f_beta(common_of(found, wanted), len(found), len(wanted))


@wrong_way("what_language_models_do.character_f", says="Runs **shorter** than n")
def characters_with_a_long_range(prediction, reference, n):
    texts = ["".join(text.split()) for text in (prediction, reference)]
    found, wanted = ([text[i : i + n] for i in range(len(text))] for text in texts)
    return f_beta(common_of(found, wanted), len(found), len(wanted))


@wrong_way("what_language_models_do.character_f", says="That is **recall**")
def characters_as_recall(prediction, reference, n):
    found, wanted = grams_of(prediction, n), grams_of(reference, n)
    return common_of(found, wanted) / max(1, len(wanted))


@wrong_way("what_language_models_do.character_f", says="That is **precision**")
def characters_as_precision(prediction, reference, n):
    found, wanted = grams_of(prediction, n), grams_of(reference, n)
    return common_of(found, wanted) / max(1, len(found))


@wrong_way("what_language_models_do.character_f", says="inside **words**")
def characters_of_each_word(prediction, reference, n):
    found, wanted = ([gram for word in text.split() for gram in grams_of(word, n)] for text in (prediction, reference))
    return f_beta(common_of(found, wanted), len(found), len(wanted))


@wrong_way("what_language_models_do.character_f", says="mean over **all lengths**")
def characters_of_all_lengths(prediction, reference, n):
    scores = []
    for k in range(1, n + 1):
        found, wanted = grams_of(prediction, k), grams_of(reference, k)
        scores.append(f_beta(common_of(found, wanted), len(found), len(wanted)))
    return sum(scores) / n


def words_of(text):
    return re.findall("[a-z0-9]+", text.lower())


def overlap_of(n, found, wanted):
    return (n / found, n / wanted, 2 * n / (found + wanted)) if n else (0.0, 0.0, 0.0)


@wrong_way("what_language_models_do.unigram_overlap", says="are **exchanged**")
def overlap_turned_round(prediction, reference):
    one, other = words_of(prediction), words_of(reference)
    return overlap_of(common_of(one, other), len(other), len(one))


@wrong_way("what_language_models_do.unigram_overlap", says="as the **prediction** has it")
def overlap_not_clipped(prediction, reference):
    one, other = words_of(prediction), words_of(reference)
    return overlap_of(sum(word in other for word in one), len(one), len(other))


@wrong_way("what_language_models_do.unigram_overlap", says="**on each side**")
def overlap_of_two_counts(prediction, reference):
    one, other = words_of(prediction), words_of(reference)
    found, covered = sum(word in other for word in one), sum(word in one for word in other)
    if not found:
        return 0.0, 0.0, 0.0
    precision, recall = found / len(one), covered / len(other)
    return precision, recall, 2 * precision * recall / (precision + recall)


@wrong_way("what_language_models_do.unigram_overlap", says="**different** words: one that")
def overlap_of_sets(prediction, reference):
    one, other = set(words_of(prediction)), set(words_of(reference))
    return overlap_of(len(one & other), len(one), len(other))


@wrong_way("what_language_models_do.unigram_overlap", says="**Capital letters** count")
def overlap_with_capitals(prediction, reference):
    one, other = (re.findall("[a-zA-Z0-9]+", text) for text in (prediction, reference))
    return overlap_of(common_of(one, other), len(one), len(other))


@wrong_way("what_language_models_do.unigram_overlap", says="You split at **spaces**: punctuation")
def overlap_of_split(prediction, reference):
    one, other = prediction.lower().split(), reference.lower().split()
    return overlap_of(common_of(one, other), len(one), len(other))


@wrong_way("what_language_models_do.unigram_overlap", says="**other letters**")
def overlap_of_word_characters(prediction, reference):
    one, other = (re.findall(r"\w+", text.lower()) for text in (prediction, reference))
    return overlap_of(common_of(one, other), len(one), len(other))


@wrong_way("what_language_models_do.unigram_overlap", says="You **delete** punctuation")
def overlap_without_signs(prediction, reference):
    one, other = (
        "".join(s for s in text.lower() if s.isspace() or s in string.ascii_lowercase + string.digits).split()
        for text in (prediction, reference)
    )
    return overlap_of(common_of(one, other), len(one), len(other))


@wrong_way("what_language_models_do.unigram_overlap", says="**arithmetic** mean")
def overlap_with_the_mean(prediction, reference):
    precision, recall, _f = overlap_of(
        common_of(words_of(prediction), words_of(reference)), len(words_of(prediction)), len(words_of(reference))
    )
    return precision, recall, (precision + recall) / 2


@wrong_way("what_language_models_do.unigram_overlap", says="**without words**")
def overlap_that_divides_by_0(prediction, reference):
    one, other = words_of(prediction), words_of(reference)
    n = common_of(one, other)
    return n / len(one), n / len(other), 2 * n / (len(one) + len(other))


@wrong_way("what_language_models_do.unigram_overlap", says="**characters**")
def overlap_of_counted_texts(prediction, reference):
    one, other = Counter(prediction.lower()), Counter(reference.lower())
    return overlap_of((one & other).total(), one.total(), other.total())


@wrong_way("what_language_models_do.unigram_overlap", says="That is **ROUGE-L**")
def overlap_in_order(prediction, reference):
    one, other = words_of(prediction), words_of(reference)
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    for i, word in enumerate(one):
        for j, another in enumerate(other):
            table[i + 1, j + 1] = table[i, j] + 1 if word == another else max(table[i, j + 1], table[i + 1, j])
    return overlap_of(int(table[-1, -1]), len(one), len(other))


def without_signs(text):
    return text.translate(str.maketrans("", "", string.punctuation))


@wrong_way("what_language_models_do.normalized", says="**Capital letters** stay")
def normalized_with_capitals(answer):
    return " ".join(word for word in without_signs(answer).split() if word not in ("a", "an", "the"))


@wrong_way("what_language_models_do.normalized", says="for the **articles** alone")
def normalized_with_small_articles(answer):
    return " ".join(word for word in without_signs(answer).split() if word.lower() not in ("a", "an", "the"))


@wrong_way("what_language_models_do.normalized", says="**Punctuation** stays")
def normalized_with_signs(answer):
    return " ".join(word for word in answer.lower().split() if word not in ("a", "an", "the"))


@wrong_way("what_language_models_do.normalized", says="out of **other words**")
def normalized_by_cutting(answer):
    text = without_signs(answer.lower())
    for article in ["the", "an", "a"]:
        text = text.replace(article, "")
    return " ".join(text.split())


@wrong_way("what_language_models_do.normalized", says="The **articles** stay")
def normalized_with_articles(answer):
    return " ".join(without_signs(answer.lower()).split())


@wrong_way("what_language_models_do.normalized", says="You put a **space**")
def normalized_with_spaces_for_signs(answer):
    text = re.sub(f"[{re.escape(string.punctuation)}]", " ", answer.lower())
    return " ".join(word for word in text.split() if word not in ("a", "an", "the"))


@wrong_way("what_language_models_do.normalized", says="You drop articles **before**")
def normalized_articles_first(answer):
    text = " ".join(word for word in answer.lower().split() if word not in ("a", "an", "the"))
    return " ".join(without_signs(text).split())


@wrong_way("what_language_models_do.normalized", says="**Several spaces** stay")
def normalized_with_wide_spaces(answer):
    return re.sub(r"\b(a|an|the)\b", "", without_signs(answer.lower())).strip()


@wrong_way("what_language_models_do.normalized", says="as a **list**")
def normalized_as_list(answer):
    return [word for word in without_signs(answer.lower()).split() if word not in ("a", "an", "the")]


@wrong_way("what_language_models_do.normalized", says="The **underscore** stays")
def normalized_by_word_characters(answer):
    return " ".join(w for w in re.sub(r"[^\w\s]", "", answer.lower()).split() if w not in ("a", "an", "the"))


@wrong_way("what_language_models_do.normalized", says="at the ends of **words**")
def normalized_by_strip(answer):
    words = [word.strip(string.punctuation) for word in answer.lower().split()]
    return " ".join(word for word in words if word not in ("a", "an", "the"))


@wrong_way("what_language_models_do.normalized", says="at **single** spaces")
def normalized_at_single_spaces(answer):
    return " ".join(word for word in without_signs(answer.lower()).split(" ") if word not in ("a", "an", "the"))


@wrong_way("what_language_models_do.normalized", says="**without** a space")
def normalized_into_one_word(answer):
    return "".join(word for word in without_signs(answer.lower()).split() if word not in ("a", "an", "the"))


def answer_words(text):
    return normalized_as_list(text)


def word_f(one, other):
    total = len(one) + len(other)
    return 2 * common_of(one, other) / total if total else 1.0


@wrong_way("what_language_models_do.answer_f1", says="**first** right answer alone")
def answer_against_the_first(prediction, answers):
    for answer in answers:
        return word_f(answer_words(prediction), answer_words(answer))


@wrong_way("what_language_models_do.answer_f1", says="**last** right answer alone")
def answer_against_the_last(prediction, answers):
    score = 0.0
    for answer in answers:
        score = word_f(answer_words(prediction), answer_words(answer))
    return score


@wrong_way("what_language_models_do.answer_f1", says="**mean** over the right answers")
def answer_averaged(prediction, answers):
    return np.mean([word_f(answer_words(prediction), answer_words(answer)) for answer in answers])


@wrong_way("what_language_models_do.answer_f1", says="**exact match**")
def answer_matched(prediction, answers):
    return max(float(answer_words(prediction) == answer_words(answer)) for answer in answers)


@wrong_way("what_language_models_do.answer_f1", says="You **join** the right answers")
def answer_against_all(prediction, answers):
    return word_f(answer_words(prediction), [word for answer in answers for word in answer_words(answer)])


@wrong_way("what_language_models_do.answer_f1", says="do not **normalize**")
def answer_as_written(prediction, answers):
    return max(word_f(prediction.split(), answer.split()) for answer in answers)


@wrong_way("what_language_models_do.answer_f1", says="The **articles** count")
def answer_with_articles(prediction, answers):
    found = without_signs(prediction.lower()).split()
    return max(word_f(found, without_signs(answer.lower()).split()) for answer in answers)


@wrong_way("what_language_models_do.answer_f1", says="the **prediction** alone")
def answer_with_right_ones_as_written(prediction, answers):
    return max(word_f(answer_words(prediction), answer.split()) for answer in answers)


@wrong_way("what_language_models_do.answer_f1", says="**different** words: one that")
def answer_of_sets(prediction, answers):
    return max(word_f(set(answer_words(prediction)), set(answer_words(answer))) for answer in answers)


@wrong_way("what_language_models_do.answer_f1", says="**neither** answer has a word")
def answer_without_empty_ones(prediction, answers):
    best = 0.0
    for answer in answers:
        n = common_of(answer_words(prediction), answer_words(answer))
        if n:
            best = max(best, 2 * n / (len(answer_words(prediction)) + len(answer_words(answer))))
    return best


@wrong_way("what_language_models_do.answer_f1", says="That is **precision**")
def answer_as_precision(prediction, answers):
    found = answer_words(prediction)
    if not found:
        return float(any(not answer_words(answer) for answer in answers))
    return max(common_of(found, answer_words(answer)) / len(found) for answer in answers)


@wrong_way("what_language_models_do.answer_f1", says="of **different** answers")
def answer_of_two_best(prediction, answers):
    found, sides = answer_words(prediction), list(map(answer_words, answers))
    if not found or not all(sides):
        return float(found in sides)
    precision = max(common_of(found, side) / len(found) for side in sides)
    recall = max(common_of(found, side) / len(side) for side in sides)
    return 2 * precision * recall / (precision + recall) if precision else 0.0
