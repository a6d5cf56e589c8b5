"""Exercise on the F1 of named entities: a name counts when its type and both borders are right."""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def span_f1(true: list[list[str]], predicted: list[list[str]]) -> float:
    """The F1 of the entities of all sentences together, from 0.0 to 1.0.

    true and predicted: for each sentence its labels, one a word. They are read as in
    named_spans: B- begins an entity, and so does an I- that continues nothing of its type. A
    predicted entity is right when the same sentence has one of the same type, start and end.
    Precision is the share of predicted entities that are right, recall the share of true ones
    that were found, and F1 is 2 · precision · recall / (precision + recall): with n right
    ones, 2 n / (predicted + true). It is 0.0 where n is 0, and where there are no entities.

    >>> span_f1([["B-PER", "I-PER", "O", "B-LOC"]], [["B-PER", "O", "O", "B-LOC"]])
    0.5
    >>> span_f1([["B-PER", "O"], ["O", "B-LOC"]], [["I-PER", "O"], ["O", "O"]])
    0.6666666666666666
    """

    def spans(sentences):
        found = []
        for number, labels in enumerate(sentences):
            before = "O"
            for place, label in enumerate(labels):
                if label.startswith("I-") and before[2:] == label[2:]:
                    found[-1] = (*found[-1][:3], place + 1)
                elif label != "O":
                    found.append((number, label[2:], place, place + 1))
                before = label
        return set(found)

    right, ours = spans(true), spans(predicted)
    n = len(right & ours)
    return 2 * n / (len(right) + len(ours)) if n else 0.0


def _span_f1_cases() -> list[tuple]:
    texts = [
        ("B-PER I-PER O B-LOC", "B-PER O O B-LOC"),
        ("B-PER O | O B-LOC", "I-PER O | O O"),
        ("B-PER I-PER O | O B-LOC O", "B-PER I-PER O | B-LOC O O"),
        ("B-ORG I-ORG | B-PER", "B-LOC I-LOC | B-PER"),
        ("O O O", "O O O"),
        ("O O B-LOC", "O O O"),
        ("O O", "B-PER O"),
        ("B-PER O O | B-LOC I-LOC I-LOC", "B-PER I-PER I-PER | B-LOC O O"),
        ("O | O O", "O | O O"),
        ("O", "O"),
        ("B-PER I-PER", "B-PER B-PER"),
        ("B-LOC O B-LOC O B-LOC", "B-LOC O O O B-PER"),
        ("B-PER O | B-PER O | B-LOC I-LOC", "B-PER B-ORG | O O | I-LOC I-LOC"),
        ("B-PER", "B-PER"),
        ("B-ORG I-ORG I-ORG O", "O B-ORG I-ORG O"),
        ("B-LOC I-LOC O B-PER", "I-LOC I-LOC O I-PER"),
        ("O B-MISC", "O B-ORG"),
        ("B-PER O O | O O B-PER", "O O B-PER | B-PER O O"),
    ]
    cases: list[tuple] = [
        tuple([sentence.split() for sentence in side.split("|")] for side in sides) for sides in texts
    ]
    draw = random.Random(103)
    labels = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    for n_sentences in (1, 2, 2, 3, 3, 1, 2, 2, 3, 3, 4, 2):
        true = [draw.choices(labels, (3, 2, 2, 2, 1), k=draw.randint(3, 6)) for _sentence in range(n_sentences)]
        cases.append((true, [[draw.choice((one, one, one, draw.choice(labels))) for one in each] for each in true]))
    return cases


def _spans(sentences, strict=False):
    found = []
    for number, labels in enumerate(sentences):
        is_open, before = False, "O"
        for place, label in enumerate(labels):
            if label[0] == "I" and is_open and before[2:] == label[2:]:
                found[-1] = (*found[-1][:3], place + 1)
            elif label[0] == "B" or (label[0] == "I" and not strict):
                found.append((number, label[2:], place, place + 1))
                is_open = True
            else:
                is_open = False
            before = label
    return found


def _f(n, predicted, true):
    return 2 * n / (predicted + true) if n else 0.0


def _of(found_true, found_predicted):
    one, other = set(found_true), set(found_predicted)
    return _f(len(one & other), len(other), len(one))


def _counts(true, predicted):
    one, other = set(_spans(true)), set(_spans(predicted))
    return len(one & other), len(other), len(one)


def _words(sentences):
    return [label for labels in sentences for label in labels]


def _precision(true, predicted):
    n, ours, _true = _counts(true, predicted)
    return n / ours if ours else 0.0


def _recall(true, predicted):
    n, _ours, right = _counts(true, predicted)
    return n / right if right else 0.0


def _arithmetic(true, predicted):
    return (_precision(true, predicted) + _recall(true, predicted)) / 2


def _without_2(true, predicted):
    return span_f1(true, predicted) / 2


def _jaccard(true, predicted):
    n, ours, right = _counts(true, predicted)
    return n / (ours + right - n) if n else 0.0


def _number_right(true, predicted):
    return _counts(true, predicted)[0]


def _token_accuracy(true, predicted):
    pairs = list(zip(_words(true), _words(predicted), strict=True))
    return sum(a == b for a, b in pairs) / len(pairs)


def _token_f1(true, predicted):
    pairs = list(zip(_words(true), _words(predicted), strict=True))
    n = sum(a == b != "O" for a, b in pairs)
    return _f(n, sum(b != "O" for _a, b in pairs), sum(a != "O" for a, _b in pairs))


def _token_type_f1(true, predicted):
    pairs = [(a[2:], b[2:]) for a, b in zip(_words(true), _words(predicted), strict=True)]
    n = sum(a == b != "" for a, b in pairs)
    return _f(n, sum(b != "" for _a, b in pairs), sum(a != "" for a, _b in pairs))


def _without_type(true, predicted):
    one, other = ([(number, start, end) for number, _k, start, end in _spans(side)] for side in (true, predicted))
    return _of(one, other)


def _start_alone(true, predicted):
    return _of([one[:3] for one in _spans(true)], [one[:3] for one in _spans(predicted)])


def _end_alone(true, predicted):
    return _of(*([(number, kind, end) for number, kind, _s, end in _spans(side)] for side in (true, predicted)))


def _overlapping(true, predicted):
    one, other = _spans(true), _spans(predicted)
    n = sum(any(a[:2] == b[:2] and a[2] < b[3] and b[2] < a[3] for a in one) for b in other)
    return _f(n, len(other), len(one))


def _sentence_forgotten(true, predicted):
    return _of([one[1:] for one in _spans(true)], [one[1:] for one in _spans(predicted)])


def _types_alone(true, predicted):
    return _of([one[:2] for one in _spans(true)], [one[:2] for one in _spans(predicted)])


def _strict(true, predicted):
    return _of(_spans(true, strict=True), _spans(predicted, strict=True))


def _strict_prediction(true, predicted):
    return _of(_spans(true), _spans(predicted, strict=True))


def _strict_truth(true, predicted):
    return _of(_spans(true, strict=True), _spans(predicted))


def _mean_over_sentences(true, predicted):
    scores = [span_f1([a], [b]) for a, b in zip(true, predicted, strict=True)]
    return sum(scores) / len(scores)


def _mean_over_types(true, predicted):
    kinds = sorted({one[1] for one in _spans(true) + _spans(predicted)})
    scores = [
        _of([one for one in _spans(true) if one[1] == kind], [one for one in _spans(predicted) if one[1] == kind])
        for kind in kinds
    ]
    return sum(scores) / len(scores) if scores else 0.0


def _whole_sentences(true, predicted):
    return sum(a == b for a, b in zip(true, predicted, strict=True)) / len(true)


def _whole_sentences_of_spans(true, predicted):
    return sum(_spans([a]) == _spans([b]) for a, b in zip(true, predicted, strict=True)) / len(true)


def _first_sentence(true, predicted):
    return span_f1(true[:1], predicted[:1])


def _last_sentence(true, predicted):
    return span_f1(true[-1:], predicted[-1:])


def _nothing_is_perfect(true, predicted):
    return span_f1(true, predicted) if _spans(true) or _spans(predicted) else 1.0


def _percent(true, predicted):
    return 100 * span_f1(true, predicted)


def _geometric(true, predicted):
    return (_precision(true, predicted) * _recall(true, predicted)) ** 0.5


def _product(true, predicted):
    return _precision(true, predicted) * _recall(true, predicted)


def _larger(true, predicted):
    return max(_precision(true, predicted), _recall(true, predicted))


def _smaller(true, predicted):
    return min(_precision(true, predicted), _recall(true, predicted))


def _b_ignored(true, predicted):
    def spans(sentences):
        found = []
        for number, labels in enumerate(sentences):
            for place, label in enumerate(labels):
                if place and label != "O" and labels[place - 1][2:] == label[2:]:
                    found[-1] = (*found[-1][:3], place + 1)
                elif label != "O":
                    found.append((number, label[2:], place, place + 1))
        return found

    return _of(spans(true), spans(predicted))


def _type_of_i_ignored(true, predicted):
    def spans(sentences):
        found = []
        for number, labels in enumerate(sentences):
            for place, label in enumerate(labels):
                if label[0] == "I" and place and labels[place - 1] != "O":
                    found[-1] = (*found[-1][:3], place + 1)
                elif label != "O":
                    found.append((number, label[2:], place, place + 1))
        return found

    return _of(spans(true), spans(predicted))


def _joined(true, predicted):
    return span_f1([_words(true)], [_words(predicted)])


def _with_outside(true, predicted):
    one, other = (
        _spans(side) + [(i, "", j, j + 1) for i, labels in enumerate(side) for j, x in enumerate(labels) if x == "O"]
        for side in (true, predicted)
    )
    return _of(one, other)


def _whole_labels(true, predicted):
    return _of(*([(i, side[i][a], a, b) for i, _kind, a, b in _spans(side)] for side in (true, predicted)))


def _first_words(true, predicted):
    return span_f1([labels[:1] for labels in true], [labels[:1] for labels in predicted])


def _first_words_missing(true, predicted):
    return span_f1([labels[1:] for labels in true], [labels[1:] for labels in predicted])


def _last_words_missing(true, predicted):
    return span_f1([labels[:-1] for labels in true], [labels[:-1] for labels in predicted])


def _first_sentence_missing(true, predicted):
    return span_f1(true[1:], predicted[1:])


def _last_sentence_missing(true, predicted):
    return span_f1(true[:-1], predicted[:-1])


def _not_divided(true, predicted):
    return 2 * _counts(true, predicted)[0]


def _divided_by_the_product(true, predicted):
    n, ours, right = _counts(true, predicted)
    return 2 * n / (ours * right) if n else 0.0


def _one_right(true, predicted):
    n, ours, right = _counts(true, predicted)
    return 2 / (ours + right) if n else 0.0


def _union_for_right(true, predicted):
    n, ours, right = _counts(true, predicted)
    return 2 * (ours + right - n) / (ours + right) if ours + right else 0.0


def _missed(true, predicted):
    n, _ours, right = _counts(true, predicted)
    return (right - n) / right if right else 0.0


def _accuracy_of_types(true, predicted):
    """The share of words whose type is right, O among them."""
    pairs = list(zip(_words(true), _words(predicted), strict=True))
    return sum(a[2:] == b[2:] for a, b in pairs) / len(pairs)


def _all_three(true, predicted):
    return _precision(true, predicted), _recall(true, predicted), span_f1(true, predicted)


def _each_sentence(true, predicted):
    return [span_f1([a], [b]) for a, b in zip(true, predicted, strict=True)]


SPAN_F1 = Exercise(
    name="what_language_models_do.span_f1",
    title=_("How many names were found exactly"),
    solution=span_f1,
    cases=_span_f1_cases,
    hints=(
        _(
            "Make a set of the entities of all true labels and one of those of all predicted labels. What both sets "
            "have is right. The number of the sentence belongs to an entity, or two sentences are confused."
        ),
        _(
            "Your `named_spans` reads a sentence: `{(number, *span) for number, labels in enumerate(true) for span in "
            "named_spans(labels)}`. `len(one & other)` counts what two sets have in common."
        ),
    ),
    mistakes=(
        Mistake(_precision, _("That is **precision**: F1 is the harmonic mean of precision and recall.")),
        Mistake(_recall, _("That is **recall**: F1 is the harmonic mean of precision and recall.")),
        Mistake(_arithmetic, _("You took the **arithmetic** mean of precision and recall: F1 is the harmonic mean.")),
        Mistake(_geometric, _("You took the **geometric** mean of precision and recall: F1 is the harmonic mean.")),
        Mistake(_product, _("That is the **product** of precision and recall: divide by their sum, and double it.")),
        Mistake(_larger, _("You took the **larger** of precision and recall: F1 is their harmonic mean.")),
        Mistake(_smaller, _("You took the **smaller** of precision and recall: F1 is their harmonic mean.")),
        Mistake(_without_2, _("The factor **2** is missing: F1 is 2 n / (predicted + true).")),
        Mistake(_jaccard, _("You divide by the entities of **either** side: F1 is 2 n / (predicted + true).")),
        Mistake(_number_right, _("You return **how many** entities are right: F1 is 2 n / (predicted + true).")),
        Mistake(_token_accuracy, _("That is the share of **words** whose label is right: count entities.")),
        Mistake(_token_f1, _("You count **words**: an entity of two words counts once, and as a whole.")),
        Mistake(_token_type_f1, _("You compare the types of **words**: an entity counts once, and as a whole.")),
        Mistake(_accuracy_of_types, _("That is the share of **words** whose type is right: count entities.")),
        Mistake(_without_type, _("The **type** does not count in yours: it has to be the same.")),
        Mistake(_start_alone, _("The **end** does not count in yours: it has to be the same.")),
        Mistake(_end_alone, _("The **start** does not count in yours: it has to be the same.")),
        Mistake(_overlapping, _("Entities that **overlap** count in yours: start and end have to be the same.")),
        Mistake(_sentence_forgotten, _("You confuse **sentences**: an entity is right in its own sentence alone.")),
        Mistake(_types_alone, _("You compare the **types** of a sentence: start and end have to be the same, too.")),
        Mistake(_strict, _("An I- that continues **nothing** is left out in yours: it begins an entity.")),
        Mistake(
            _strict_prediction,
            _("A **predicted** I- that continues nothing is left out in yours: it begins an entity."),
        ),
        Mistake(_strict_truth, _("A **true** I- that continues nothing is left out in yours: it begins an entity.")),
        Mistake(_mean_over_sentences, _("You take the mean over **sentences**: count over all of them together.")),
        Mistake(_mean_over_types, _("You take the mean over **types**, macro F1: count all types together.")),
        Mistake(_whole_sentences, _("You count **sentences** that are right as a whole: count entities.")),
        Mistake(_whole_sentences_of_spans, _("You count **sentences** whose entities are all right: count entities.")),
        Mistake(_first_sentence, _("You look at the **first** sentence alone: is a return inside the loop?")),
        Mistake(_last_sentence, _("You look at the **last** sentence alone: do you begin anew with each one?")),
        Mistake(_nothing_is_perfect, _("Where **nothing** is an entity, yours is 1: 0.0 is wanted.")),
        Mistake(_percent, _("You return **percent**: F1 is between 0 and 1.")),
        Mistake(_b_ignored, _("A **B-** of the same type continues the entity in yours: it begins a new one.")),
        Mistake(
            _type_of_i_ignored,
            _("An I- of **another type** continues the entity in yours: it begins a new one."),
        ),
        Mistake(
            _joined, _("You **join** the sentences: an I- at the start of one continues nothing of the one before.")
        ),
        Mistake(_missed, _("That is the share that was **missed**: F1 counts the right ones.")),
        Mistake(_with_outside, _("Words **outside** count as entities in yours: leave them out.")),
        Mistake(_whole_labels, _("The type is the **whole label** in yours: B-PER and I-PER are of one type, PER.")),
        Mistake(_first_words, _("You read the **first word** of each sentence alone: is a return inside the loop?")),
        Mistake(_first_words_missing, _("The **first word** of each sentence is left out in yours.")),
        Mistake(_last_words_missing, _("The **last word** of each sentence is left out in yours.")),
        Mistake(_first_sentence_missing, _("The **first sentence** is left out in yours.")),
        Mistake(_last_sentence_missing, _("The **last sentence** is left out in yours.")),
        Mistake(_not_divided, _("You do not **divide** 2 n: divide by the entities of both sides, added up.")),
        Mistake(_divided_by_the_product, _("You **multiply** the numbers of entities below the line: add them up.")),
        Mistake(_one_right, _("You count **one** right entity, however many there are.")),
        Mistake(_union_for_right, _("You count entities of **either** side as right: both sides have to have them.")),
        Mistake(_all_three, _("You return precision and recall **beside** F1: return F1 alone.")),
        Mistake(_each_sentence, _("You return a number for each **sentence**: count over all of them together.")),
    ),
    corners=(
        Corner(
            lambda true, predicted: not _spans(predicted) and not _spans(true),
            _("Only labels **without any entity** go wrong: the answer is 0.0."),
        ),
        Corner(
            lambda true, predicted: not _spans(predicted) or not _spans(true),
            _("Only where **one side** has no entity yours goes wrong: the answer is 0.0."),
        ),
        Corner(
            lambda true, predicted: span_f1(true, predicted) == 0.0,
            _("Only where **no entity** is right yours goes wrong: the answer is 0.0."),
        ),
    ),
    explanation=_(
        "Most words are outside any name, so to label all of them O is right for most words and finds nothing: F1 of "
        "entities is 0. A border that is one word off counts twice, as a name missed and as one invented."
    ),
)
