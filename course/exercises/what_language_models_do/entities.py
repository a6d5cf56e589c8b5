"""Exercise on named entities: from one label a word to the spans that the labels mean."""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def named_spans(labels: list[str]) -> list[tuple[str, int, int]]:
    """The entities of a sentence, as (type, start, end), in the order of the sentence.

    labels: one for each word. "B-PER" begins an entity of the type PER, "I-PER" continues the
    entity of the word before, and "O" is outside any. An I- continues nothing where the word
    before is outside or of another type, and at the start of the sentence: it then begins an
    entity. start is the place of the first word, from 0, and end the place after the last one,
    as in a slice.

    >>> named_spans(["B-PER", "I-PER", "O", "B-LOC"])
    [('PER', 0, 2), ('LOC', 3, 4)]
    >>> named_spans(["I-PER", "B-PER", "I-ORG"])
    [('PER', 0, 1), ('PER', 1, 2), ('ORG', 2, 3)]
    """
    spans = []
    before = "O"
    for place, label in enumerate(labels):
        kind = label[2:]
        if label.startswith("I-") and before[2:] == kind:
            spans[-1] = (kind, spans[-1][1], place + 1)
        elif label != "O":
            spans.append((kind, place, place + 1))
        before = label
    return spans


def _named_spans_cases() -> list[tuple]:
    texts = [
        "B-PER I-PER O B-LOC",
        "I-PER B-PER I-ORG",
        "O O B-PER I-PER I-PER O",
        "B-LOC B-LOC I-LOC O B-LOC",
        "O I-LOC I-LOC O I-LOC",
        "B-PER I-LOC I-LOC B-LOC",
        "B-ORG I-ORG I-ORG",
        "O O O",
        "B-PER",
        "",
        "O B-MISC O I-MISC",
        "I-ORG I-ORG B-ORG O B-ORG I-ORG",
        "B-PER I-PER B-PER I-PER O O B-ORG I-LOC O",
        "O B-LOC I-LOC I-LOC B-PER",
        "B-MISC I-ORG I-MISC O",
        "B-LOC O I-LOC B-LOC",
    ]
    draw = random.Random(102)
    labels = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    drawn: list[tuple] = [(draw.choices(labels, (3, 2, 4, 1, 2), k=draw.randint(4, 9)),) for _case in range(14)]
    return [*((text.split(),) for text in texts), *drawn]


def _read(labels, begins, keeps=lambda before, label: label != "O", end=1):
    """The spans where an entity begins as `begins` says, of a label and the one before."""
    spans, is_open = [], False
    for place, label in enumerate(labels):
        before = labels[place - 1] if place else "O"
        if label == "O":
            is_open = False
        elif begins(before, label) or (not is_open and keeps(before, label)):
            spans.append((label[2:], place, place + end))
            is_open = True
        elif is_open:
            spans[-1] = (spans[-1][0], spans[-1][1], place + end)
    return spans


def _new(before, label):
    return label[0] == "B" or before[2:] != label[2:]


def _strict(labels):
    spans, is_open = [], False
    for place, label in enumerate(labels):
        if label[0] == "B":
            spans.append((label[2:], place, place + 1))
            is_open = True
        elif label[0] == "I" and is_open and spans[-1][0] == label[2:]:
            spans[-1] = (label[2:], spans[-1][1], place + 1)
        else:
            is_open = False
    return spans


def _type_of_i_ignored(labels):
    return _read(labels, lambda before, label: label[0] == "B")


def _last_type(labels):
    spans = []
    for place, label in enumerate(labels):
        if label == "O":
            continue
        if label[0] == "I" and place and labels[place - 1] != "O":
            spans[-1] = (label[2:], spans[-1][1], place + 1)
        else:
            spans.append((label[2:], place, place + 1))
    return spans


def _b_ignored(labels):
    return _read(labels, lambda before, label: before[2:] != label[2:])


def _only_o_separates(labels):
    return _read(labels, lambda before, label: False)


def _each_word(labels):
    return [(label[2:], place, place + 1) for place, label in enumerate(labels) if label != "O"]


def _first_words(labels):
    return [(label[2:], place, place + 1) for place, label in enumerate(labels) if label[0] == "B"]


def _last_word_in(labels):
    return [(kind, start, end - 1) for kind, start, end in named_spans(labels)]


def _from_1(labels):
    return [(kind, start + 1, end + 1) for kind, start, end in named_spans(labels)]


def _from_1_to_the_last(labels):
    return [(kind, start + 1, end) for kind, start, end in named_spans(labels)]


def _length(labels):
    return [(kind, start, end - start) for kind, start, end in named_spans(labels)]


def _last_lost(labels):
    spans, start = [], None
    for place, label in enumerate(labels):
        before = labels[place - 1] if place else "O"
        if start is not None and (label == "O" or _new(before, label)):
            spans.append((before[2:], start, place))
            start = None
        if label != "O" and _new(before, label):
            start = place
    return spans


def _joins_over_o(labels):
    spans = []
    for place, label in enumerate(labels):
        if label[0] == "I" and spans and spans[-1][0] == label[2:]:
            spans[-1] = (label[2:], spans[-1][1], place + 1)
        elif label != "O":
            spans.append((label[2:], place, place + 1))
    return spans


def _joins_over_o_strictly(labels):
    spans = []
    for place, label in enumerate(labels):
        if label[0] == "I" and spans and spans[-1][0] == label[2:]:
            spans[-1] = (label[2:], spans[-1][1], place + 1)
        elif label[0] == "B":
            spans.append((label[2:], place, place + 1))
    return spans


def _whole_label(labels):
    return [(labels[start], start, end) for _kind, start, end in named_spans(labels)]


def _dash_kept(labels):
    return [(f"-{kind}", start, end) for kind, start, end in named_spans(labels)]


def _with_outside(labels):
    spans, before = [], None
    for place, label in enumerate(labels):
        if before is not None and label[0] in "IO" and before[2:] == label[2:]:
            spans[-1] = (spans[-1][0], spans[-1][1], place + 1)
        else:
            spans.append((label[2:] or "O", place, place + 1))
        before = label
    return spans


def _start_first(labels):
    return [(start, end, kind) for kind, start, end in named_spans(labels)]


def _without_type(labels):
    return [(start, end) for _kind, start, end in named_spans(labels)]


def _types(labels):
    return [kind for kind, _start, _end in named_spans(labels)]


def _by_type(labels):
    return sorted(named_spans(labels))


def _two_words_at_most(labels):
    return [(kind, start, min(end, start + 2)) for kind, start, end in named_spans(labels)]


def _longer_ones(labels):
    return [span for span in named_spans(labels) if span[2] - span[1] > 1]


def _first_alone(labels):
    return named_spans(labels)[:1]


def _number(labels):
    return len(named_spans(labels))


def _prefixes(labels):
    """Each beginning of a span is kept beside the whole span."""
    return [(kind, start, stop) for kind, start, end in named_spans(labels) for stop in range(start + 1, end + 1)]


def _end_one_late(labels):
    return [(kind, start, end + 1) for kind, start, end in named_spans(labels)]


def _first_word_missing(labels):
    return named_spans(["O", *labels[1:]]) if labels else []


def _last_word_missing(labels):
    return named_spans(labels[:-1])


def _never_at_the_start(labels):
    return [span for span in named_spans(labels) if span[1] > 0]


def _i_at_the_start_lost(labels):
    return named_spans(["O", *labels[1:]]) if labels and labels[0][0] == "I" else named_spans(labels)


def _i_after_another_type_lost(labels):
    return [
        span for span in named_spans(labels) if labels[span[1]][0] == "B" or span[1] == 0 or labels[span[1] - 1] == "O"
    ]


def _i_after_o_lost(labels):
    return [
        span
        for span in named_spans(labels)
        if labels[span[1]][0] == "B" or (span[1] > 0 and labels[span[1] - 1] != "O")
    ]


def _i_alone(labels):
    return [span for span in named_spans(labels) if labels[span[1]][0] == "I"]


def _joined_to_the_start(labels):
    """One span of each type, from its first to its last word."""
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for kind, start, end in named_spans(labels):
        starts.setdefault(kind, start)
        ends[kind] = end
    return [(kind, start, ends[kind]) for kind, start in starts.items()]


def _each_word_with_a_dash(labels):
    return [(label[1:], place, place + 1) for place, label in enumerate(labels) if label != "O"]


def _each_word_with_its_label(labels):
    return [(label, place, place + 1) for place, label in enumerate(labels) if label != "O"]


def _cut_types(labels):
    return [(label[3:], place, place + 1) for place, label in enumerate(labels) if label != "O"]


def _never_longer(labels):
    return [(kind, start, start + 1) for kind, start, _end in named_spans(labels)]


def _with_ends(labels, of_one_word, of_several):
    return [
        (kind, start, end + (of_one_word if end == start + 1 else of_several))
        for kind, start, end in named_spans(labels)
    ]


def _longer_ones_end_early(labels):
    return _with_ends(labels, 0, -1)


def _longer_ones_end_late(labels):
    return _with_ends(labels, 0, 1)


def _short_ones_end_early(labels):
    return _with_ends(labels, -1, 0)


def _short_ones_end_late(labels):
    return _with_ends(labels, 1, 0)


def _start_goes_along(labels):
    return [(kind, end - 1, end) for kind, _start, end in named_spans(labels)]


def _first_word_alone(labels):
    return named_spans(labels[:1])


def _backwards(labels):
    return named_spans(labels)[::-1]


NAMED_SPANS = Exercise(
    name="what_language_models_do.named_spans",
    title=_("From labels to names"),
    solution=named_spans,
    cases=_named_spans_cases,
    hints=(
        _(
            "Go through the labels and remember the one before. A label other than O either makes the last span one "
            "word longer or begins a new one."
        ),
        _(
            "It makes the last span longer when it begins with I- and the label before has the same type: "
            '`label[2:]` is the type, and `""` of O. A tuple cannot be changed: put another one in its place.'
        ),
    ),
    mistakes=(
        Mistake(_strict, _("An I- that continues **nothing** is left out in yours: it begins an entity, as B- does.")),
        Mistake(
            _type_of_i_ignored,
            _("An I- of **another type** continues the entity in yours: it begins a new one."),
        ),
        Mistake(_last_type, _("An I- of another type **changes** the entity's type in yours: it begins a new one.")),
        Mistake(_b_ignored, _("A **B-** of the same type continues the entity in yours: it begins a new one.")),
        Mistake(_only_o_separates, _("Only **O** ends an entity in yours: B- and another type do, too.")),
        Mistake(_each_word, _("**Each word** is an entity in yours: an I- continues the one before.")),
        Mistake(_first_words, _("You take words with **B-** alone: I- continues an entity, or begins one.")),
        Mistake(_last_word_in, _("Your end is the **last word**: it is the place after that.")),
        Mistake(_from_1, _("You count words from **1**: the first one has the place 0.")),
        Mistake(_from_1_to_the_last, _("You count words from **1**, and your end is the last: count as a slice does.")),
        Mistake(_length, _("You return the **length** in place of the end.")),
        Mistake(_last_lost, _("An entity at the **end** of the sentence is lost in yours: no label comes after it.")),
        Mistake(_joins_over_o, _("An I- continues an entity **before an O** in yours: it begins a new one.")),
        Mistake(
            _joins_over_o_strictly,
            _("An I- after an **O** continues what is before that O, or nothing, in yours: it begins an entity."),
        ),
        Mistake(_whole_label, _("The type is the **whole label** in yours: leave out B- or I-.")),
        Mistake(_dash_kept, _("The type has a **dash** in yours: it begins at `label[2:]`.")),
        Mistake(_with_outside, _("Words **outside** make spans in yours: leave them out.")),
        Mistake(_start_first, _("Your tuples have another **order**: type, start, end.")),
        Mistake(_without_type, _("The **type** is missing in yours: type, start, end.")),
        Mistake(_types, _("You return the **types** alone: type, start, end.")),
        Mistake(_by_type, _("You **sort** by type: keep the order of the sentence.")),
        Mistake(_two_words_at_most, _("Your entities have **two** words at most: every further I- makes one longer.")),
        Mistake(_longer_ones, _("Entities of **one** word are lost in yours.")),
        Mistake(_first_alone, _("You return the **first** entity alone: is a return inside the loop?")),
        Mistake(_number, _("You return **how many** entities there are: return a list of them.")),
        Mistake(_prefixes, _("You **add** a longer span beside the shorter one: put it in that one's place.")),
        Mistake(_end_one_late, _("Your end is **one too late**: it is the place after the last word.")),
        Mistake(_first_word_missing, _("The **first** word is left out in yours.")),
        Mistake(_last_word_missing, _("The **last** word is left out in yours.")),
        Mistake(_never_at_the_start, _("An entity at the **start** of the sentence is lost in yours.")),
        Mistake(
            _i_at_the_start_lost,
            _("An I- at the **start of the sentence** is left out in yours: it begins an entity."),
        ),
        Mistake(
            _i_after_another_type_lost,
            _("An I- after **another type** is left out in yours: it begins an entity."),
        ),
        Mistake(
            _i_after_o_lost,
            _("An I- after an **O** or at the start is left out in yours: it begins an entity."),
        ),
        Mistake(_i_alone, _("Entities that begin with **B-** are lost in yours.")),
        Mistake(_joined_to_the_start, _("You make **one** span of each type: each entity has its own.")),
        Mistake(
            _each_word_with_a_dash,
            _("Types keep their **dash**, and no I- continues anything in yours: a type begins at `label[2:]`."),
        ),
        Mistake(
            _each_word_with_its_label,
            _("You take whole labels for types, so **no I- continues** a B-: a type begins at `label[2:]`."),
        ),
        Mistake(_cut_types, _("Types lose their **first letter** in yours: a type begins at `label[2:]`.")),
        Mistake(_never_longer, _("An I- does not make the entity **longer** in yours: its end moves on.")),
        Mistake(
            _longer_ones_end_early,
            _("Entities of **several words** end one word early in yours: the end is the place after the last word."),
        ),
        Mistake(
            _longer_ones_end_late,
            _("Entities of **several words** end one word late in yours: the end is the place after the last word."),
        ),
        Mistake(
            _short_ones_end_early,
            _("Entities of **one word** end where they begin in yours: the end is the place after the last word."),
        ),
        Mistake(
            _short_ones_end_late,
            _("Entities of **one word** end one word late in yours: the end is the place after the last word."),
        ),
        Mistake(_start_goes_along, _("The **start** moves on with each I- in yours: the end alone does.")),
        Mistake(_first_word_alone, _("You look at the **first word** alone: is a return inside the loop?")),
        Mistake(_backwards, _("Your entities come in the **opposite** order: keep that of the sentence.")),
    ),
    corners=(
        Corner(lambda labels: not labels, _("Only a sentence **without words** goes wrong: the answer is [].")),
        Corner(
            lambda labels: named_spans(labels) != _strict(labels),
            _("Only an I- that continues **nothing** goes wrong: it begins an entity."),
        ),
        Corner(lambda labels: not named_spans(labels), _("Only sentences **without** an entity go wrong: return [].")),
    ),
    explanation=_(
        "A model labels word by word and may write an I- after an O. `conlleval`, the script of the shared task that "
        "made these labels common, begins an entity there; a strict reading drops it. Two papers that read it "
        "differently report different scores for the same labels."
    ),
)
