"""Exercise on ROUGE-1: how many words a summary has in common with a person's, in any order."""

import itertools
import re
from collections import Counter

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def unigram_overlap(prediction: str, reference: str) -> tuple[float, float, float]:
    """ROUGE-1 as (precision, recall, F1), each from 0.0 to 1.0.

    Words are the longest runs of a-z and 0-9 in the text in small letters. A word that is
    repeated counts as often as both texts have it; the order does not count. With n common
    words, precision is n / the number of the prediction's words, recall is n / that of the
    reference's, and F1 is 2 n / (words of both, added up). All three are 0.0 where n is 0.

    >>> unigram_overlap("The cat, the cat!", "the cat sat")
    (0.5, 0.6666666666666666, 0.5714285714285714)
    """
    import re
    from collections import Counter

    found, wanted = (Counter(re.findall("[a-z0-9]+", text.lower())) for text in (prediction, reference))
    n = (found & wanted).total()
    if n == 0:
        return 0.0, 0.0, 0.0
    return n / found.total(), n / wanted.total(), 2 * n / (found.total() + wanted.total())


def _unigram_overlap_cases() -> list[tuple]:
    return [
        ("The cat, the cat!", "the cat sat"),
        ("a river of Spain", "a long river in Spain, Europe"),
        ("The police killed the gunman", "police killed the gunman"),
        ("the gunman killed police today", "police killed the gunman"),
        ("the the the the", "the cat and the dog"),
        ("cat", "The cat sat on the mat"),
        ("The cat sat on the mat, on a mat", "mat"),
        ("", "the cat"),
        ("the cat", ""),
        ("", "..."),
        ("dogs bark", "the cat sat"),
        ("X-ray vision", "x ray"),
        ("NASA's 3rd mission", "nasa s mission in 1965"),
        ("Apollo 11 landed", "apollo 12 landed on 11 July"),
        ("snake_case names", "a case of names"),
        ("São Paulo in Brazil", "a city in Brazil"),
        ("café Müller", "a cafe by Müller, M ller"),
        ("one two", "one two"),
        ("to be or not to be", "to be to be to be"),
        ("it is 3.5 m high", "3 5 metres high"),
        ("cats and dogs", "a cat and a dog"),
        ("two cats", "the cat sees two dogs"),
        ("boats sail", "a boat sails"),
        ("b a c a a", "a b a"),
        ("and and or", "or and or or not"),
        ("Born in 1856, a chemist.", "A chemist (born 1856) a"),
    ]


def _words(text):
    return re.findall("[a-z0-9]+", text.lower())


def _scores(n, found, wanted):
    return (n / found, n / wanted, 2 * n / (found + wanted)) if n and found and wanted else (0.0, 0.0, 0.0)


def _of(one, other):
    one, other = Counter(one), Counter(other)
    return _scores((one & other).total(), one.total(), other.total())


def _exchanged(prediction, reference):
    return unigram_overlap(reference, prediction)


def _not_clipped(prediction, reference):
    one, other = _words(prediction), _words(reference)
    return _scores(sum(word in other for word in one), len(one), len(other))


def _not_clipped_by_the_prediction(prediction, reference):
    one, other = _words(prediction), _words(reference)
    return _scores(sum(word in one for word in other), len(one), len(other))


def _each_side(prediction, reference):
    one, other = _words(prediction), _words(reference)
    if not one or not other:
        return 0.0, 0.0, 0.0
    p, r = sum(word in other for word in one) / len(one), sum(word in one for word in other) / len(other)
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def _sets(prediction, reference):
    return _of(set(_words(prediction)), set(_words(reference)))


def _common_distinct(prediction, reference):
    one, other = _words(prediction), _words(reference)
    return _scores(len(set(one) & set(other)), len(one), len(other))


def _capitals(prediction, reference):
    return _of(*(re.findall("[A-Za-z0-9]+", text) for text in (prediction, reference)))


def _capitals_lost(prediction, reference):
    return _of(*(re.findall("[a-z0-9]+", text) for text in (prediction, reference)))


def _by_spaces(prediction, reference):
    return _of(prediction.lower().split(), reference.lower().split())


def _by_spaces_with_capitals(prediction, reference):
    return _of(prediction.split(), reference.split())


def _word_characters(prediction, reference):
    return _of(*(re.findall(r"\w+", text.lower()) for text in (prediction, reference)))


def _without_digits(prediction, reference):
    return _of(*(re.findall("[a-z]+", text.lower()) for text in (prediction, reference)))


def _characters(prediction, reference):
    return _of(*(re.findall("[a-z0-9]", text.lower()) for text in (prediction, reference)))


def _all_characters(prediction, reference):
    return _of(prediction.lower(), reference.lower())


def _signs_deleted(prediction, reference):
    return _of(*(re.sub("[^a-z0-9 ]", "", text.lower()).split() for text in (prediction, reference)))


def _pairs(prediction, reference):
    return _of(*(list(itertools.pairwise(words)) for words in map(_words, (prediction, reference))))


def _same_place(prediction, reference):
    one, other = _words(prediction), _words(reference)
    return _scores(sum(a == b for a, b in zip(one, other, strict=False)), len(one), len(other))


def _in_order(prediction, reference):
    one, other = _words(prediction), _words(reference)
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for j, another in enumerate(other):
            row.append(above[j] + 1 if word == another else max(above[j + 1], row[j]))
        above = row
    return _scores(above[-1], len(one), len(other))


def _third(prediction, reference, change):
    p, r, _f = unigram_overlap(prediction, reference)
    return p, r, change(p, r)


def _arithmetic(prediction, reference):
    return _third(prediction, reference, lambda p, r: (p + r) / 2)


def _geometric(prediction, reference):
    return _third(prediction, reference, lambda p, r: (p * r) ** 0.5)


def _without_2(prediction, reference):
    return _third(prediction, reference, lambda p, r: p * r / (p + r) if p else 0.0)


def _product(prediction, reference):
    return _third(prediction, reference, lambda p, r: p * r)


def _larger(prediction, reference):
    return _third(prediction, reference, max)


def _smaller(prediction, reference):
    return _third(prediction, reference, min)


def _f_first(prediction, reference):
    p, r, f = unigram_overlap(prediction, reference)
    return f, p, r


def _f_alone(prediction, reference):
    return unigram_overlap(prediction, reference)[2]


def _without_f(prediction, reference):
    return unigram_overlap(prediction, reference)[:2]


def _counts(prediction, reference):
    one, other = Counter(_words(prediction)), Counter(_words(reference))
    return (one & other).total(), one.total(), other.total()


def _percent(prediction, reference):
    return tuple(100 * score for score in unigram_overlap(prediction, reference))


def _divided_by_distinct(prediction, reference):
    one, other = _words(prediction), _words(reference)
    n = (Counter(one) & Counter(other)).total()
    p, r = (n / len(set(one)), n / len(set(other))) if n else (0.0, 0.0)
    return p, r, 2 * p * r / (p + r) if n else 0.0


def _divided_by_characters(prediction, reference):
    one, other = _words(prediction), _words(reference)
    return _scores((Counter(one) & Counter(other)).total(), len(prediction), len(reference))


def _jaccard(prediction, reference):
    one, other = Counter(_words(prediction)), Counter(_words(reference))
    n = (one & other).total()
    return (n / one.total(), n / other.total(), n / (one | other).total()) if n else (0.0, 0.0, 0.0)


def _nothing_is_perfect(prediction, reference):
    return unigram_overlap(prediction, reference) if _words(prediction) and _words(reference) else (1.0, 1.0, 1.0)


def _stemmed(prediction, reference):
    return _of(*([word.rstrip("s") for word in _words(text)] for text in (prediction, reference)))


def _articles_dropped(prediction, reference):
    return _of(*([w for w in _words(text) if w not in ("a", "an", "the")] for text in (prediction, reference)))


UNIGRAM_OVERLAP = Exercise(
    name="what_language_models_do.unigram_overlap",
    title=_("The words that two summaries share"),
    solution=unigram_overlap,
    cases=_unigram_overlap_cases,
    results=("precision", "recall", "F1"),
    hints=(
        _(
            "Count the words of both texts. Each word that both have counts as often as the smaller of its two counts "
            "says: add these up to n."
        ),
        _(
            '`re.findall("[a-z0-9]+", text.lower())` finds the words, `Counter` counts them, `a & b` has the smaller '
            "counts of both counters, and `a.total()` adds them up. Look at n = 0 first."
        ),
    ),
    mistakes=(
        Mistake(
            _exchanged, _("Precision and recall are **exchanged** in yours: precision is of the prediction's words.")
        ),
        Mistake(
            _not_clipped,
            _('A word counts as often as the **prediction** has it in yours: "the the the" would be perfect.'),
        ),
        Mistake(
            _not_clipped_by_the_prediction,
            _("A word counts as often as the **reference** has it in yours: at most as often as both have it."),
        ),
        Mistake(
            _each_side,
            _("You count repeated words **on each side**: both scores have the same n, with the smaller counts."),
        ),
        Mistake(_sets, _("You count **different** words: one that both repeat counts again.")),
        Mistake(_common_distinct, _("You count common words **once** each: one that both repeat counts again.")),
        Mistake(_capitals, _("**Capital letters** count in yours: take `text.lower()` first.")),
        Mistake(_capitals_lost, _("Words **lose** their capital letters in yours: take `text.lower()` first.")),
        Mistake(_by_spaces, _("You split at **spaces**: punctuation is no part of a word, `[a-z0-9]+`.")),
        Mistake(
            _by_spaces_with_capitals,
            _("You split at **spaces** and keep capital letters: words are runs of a-z and 0-9 in small letters."),
        ),
        Mistake(
            _word_characters,
            _("Your words have **other letters**, as `\\w` has: words are runs of a-z and 0-9, so é separates them."),
        ),
        Mistake(_without_digits, _("The **digits** are missing: words are runs of a-z and 0-9.")),
        Mistake(_characters, _("You compare **letters**: `+` makes a run of them, a word.")),
        Mistake(
            _all_characters, _("You compare **characters**: `Counter(text)` counts these; give it a list of words.")
        ),
        Mistake(_signs_deleted, _("You **delete** punctuation, which joins X-ray to one word: it separates words.")),
        Mistake(_pairs, _("That is **ROUGE-2**, of pairs of words: here single words count.")),
        Mistake(_same_place, _("You compare words at the **same place**: their order does not count.")),
        Mistake(_in_order, _("That is **ROUGE-L**, in which the order counts: here it does not.")),
        Mistake(_arithmetic, _("Your F1 is the **arithmetic** mean of precision and recall: take the harmonic one.")),
        Mistake(_geometric, _("Your F1 is the **geometric** mean of precision and recall: take the harmonic one.")),
        Mistake(_without_2, _("The factor **2** of F1 is missing: 2 n / (words of both).")),
        Mistake(_product, _("Your F1 is the **product** of precision and recall: divide by their sum, and double it.")),
        Mistake(_larger, _("Your F1 is the **larger** of precision and recall: take the harmonic mean.")),
        Mistake(_smaller, _("Your F1 is the **smaller** of precision and recall: take the harmonic mean.")),
        Mistake(_f_first, _("Your F1 comes **first**: the order is precision, recall, F1.")),
        Mistake(_f_alone, _("You return **F1** alone: return precision, recall and F1.")),
        Mistake(_without_f, _("**F1** is missing in yours: return precision, recall and F1.")),
        Mistake(_counts, _("You return **counts**: divide n by the number of words.")),
        Mistake(_percent, _("You return **percent**: each score is between 0 and 1.")),
        Mistake(_divided_by_distinct, _("You divide by the number of **different** words: divide by that of all.")),
        Mistake(_divided_by_characters, _("You divide by **characters**: `len(text)` counts these; count words.")),
        Mistake(_jaccard, _("For F1 you divide n by the words of **either** text: it is 2 n / (words of both).")),
        Mistake(_nothing_is_perfect, _("A text **without words** has 1 in yours: all three are 0.0.")),
        Mistake(_stemmed, _("You take the **s** off words: cats and cat are different words here.")),
        Mistake(_articles_dropped, _("You drop the **articles**, as SQuAD does: ROUGE counts them.")),
    ),
    corners=(
        Corner(
            lambda prediction, reference: not (_words(prediction) and _words(reference)),
            _("Only texts **without words** go wrong: the answer is (0.0, 0.0, 0.0)."),
        ),
        Corner(
            lambda prediction, reference: unigram_overlap(prediction, reference)[0] == 0.0,
            _("Only texts **without a common word** go wrong: the answer is (0.0, 0.0, 0.0)."),
        ),
    ),
    explanation=_(
        "Recall alone rewards a summary that says everything, precision one that says a single safe word: report F1. "
        '"Police killed the gunman" and "the gunman killed police" share every word, and ROUGE-1 takes them for the '
        "same. Its relatives count pairs of words (ROUGE-2) or words in their order (ROUGE-L)."
    ),
)
