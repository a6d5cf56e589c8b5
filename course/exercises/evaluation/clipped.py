"""Exercise on the n-gram precision of BLEU, in which a word that is repeated counts as often as in a reference."""

import random
from collections import Counter

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def clipped_precision(
    hypothesis: list[str],
    references: list[list[str]],
    n: int,
) -> tuple[int, int]:
    """The modified n-gram precision of BLEU for one sentence, as (matches, total).

    hypothesis: the words of the model's sentence. references: the words of one right sentence
    or more. total: how many n-grams, runs of n words, the hypothesis has. matches: how many of
    these count: each distinct n-gram as often as it is in the hypothesis, but at most as often
    as it is in the one reference that has it most often. A hypothesis of fewer than n words
    has no n-grams: (0, 0).

    >>> clipped_precision(["the", "the", "the"], [["the", "cat", "and", "the", "dog"]], n=1)
    (2, 3)
    >>> clipped_precision(["the", "cat", "sat"], [["a", "cat", "sat"], ["the", "cat"]], n=2)
    (2, 2)
    """
    from collections import Counter

    def n_grams(words):
        return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))

    most = Counter()
    for reference in references:
        most |= n_grams(reference)
    found = n_grams(hypothesis)
    return (found & most).total(), found.total()


def _clipped_precision_cases() -> list[tuple]:
    texts: list[tuple[str, str, int]] = [
        ("the the the", "the cat and the dog", 1),
        ("the cat sat", "a cat sat | the cat", 2),
        ("the the the the the", "the cat is on the mat | there is a cat on the mat", 1),
        ("the cat the cat the cat", "the cat saw the cat | the cat", 2),
        ("a b a b a b", "a b a c | b a b a", 1),
        ("a b c d", "d c b a", 2),
        ("on the mat the cat sat on the mat", "the cat sat on the mat", 3),
        ("on the mat the cat sat on the mat", "the cat sat on the mat", 2),
        ("to be or not to be or not to be", "to be or not to be | be or not", 2),
        ("The cat the cat", "the cat | The dog the cat the cat", 1),
        ("a cat", "a cat sat | a cat", 3),
        ("a", "a", 2),
        ("", "a b", 1),
        ("x y z", "a b c | d e", 1),
        ("x x x x", "x x x | x", 2),
        ("the cat sat", "", 1),
        ("b a b a a", "a b a b b | b b", 2),
        ("b a c", "a b c a | c b", 2),
    ]
    cases: list[tuple] = [(h.split(), [one.split() for one in r.split("|")], n) for h, r, n in texts]
    draw = random.Random(1903)
    for n, n_references in ((1, 2), (2, 2), (3, 1), (1, 3), (2, 3), (2, 1), (1, 2), (3, 2), (4, 2), (1, 1)):
        hypothesis = draw.choices("abc", (4, 2, 1), k=draw.randint(6, 9))
        references = [draw.choices("abcd", (3, 3, 2, 1), k=draw.randint(4, 10)) for _one in range(n_references)]
        cases.append((hypothesis, references, n))
    return cases


def _grams(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _most(references, n):
    most = Counter()
    for reference in references:
        most |= _grams(reference, n)
    return most


def _total(hypothesis, n):
    return _grams(hypothesis, n).total()


def _not_clipped(hypothesis, references, n):
    known = _most(references, n)
    return sum(count for gram, count in _grams(hypothesis, n).items() if gram in known), _total(hypothesis, n)


def _sum_of_references(hypothesis, references, n):
    added = sum((_grams(reference, n) for reference in references), Counter())
    return (_grams(hypothesis, n) & added).total(), _total(hypothesis, n)


def _references_joined(hypothesis, references, n):
    added = _grams([word for reference in references for word in reference], n)
    return (_grams(hypothesis, n) & added).total(), _total(hypothesis, n)


def _first_reference(hypothesis, references, n):
    return clipped_precision(hypothesis, references[:1], n)


def _last_reference(hypothesis, references, n):
    return clipped_precision(hypothesis, references[-1:], n)


def _best_reference(hypothesis, references, n):
    return max(clipped_precision(hypothesis, [reference], n) for reference in references)


def _in_all_references(hypothesis, references, n):
    common = _grams(references[0], n)
    for reference in references[1:]:
        common &= _grams(reference, n)
    return (_grams(hypothesis, n) & common).total(), _total(hypothesis, n)


def _added_over_references(hypothesis, references, n):
    found = [clipped_precision(hypothesis, [reference], n) for reference in references]
    return sum(matches for matches, _n in found), _total(hypothesis, n)


def _both_added_over_references(hypothesis, references, n):
    found = [clipped_precision(hypothesis, [reference], n) for reference in references]
    return sum(matches for matches, _n in found), sum(total for _matches, total in found)


def _distinct(hypothesis, references, n):
    found = set(_grams(hypothesis, n))
    return len(found & set(_most(references, n))), len(found)


def _matches_distinct(hypothesis, references, n):
    return len(set(_grams(hypothesis, n)) & set(_most(references, n))), _total(hypothesis, n)


def _total_distinct(hypothesis, references, n):
    return clipped_precision(hypothesis, references, n)[0], len(_grams(hypothesis, n))


def _total_of_reference(hypothesis, references, n):
    return clipped_precision(hypothesis, references, n)[0], _total(references[0], n)


def _total_of_most(hypothesis, references, n):
    return clipped_precision(hypothesis, references, n)[0], _most(references, n).total()


def _total_is_words(hypothesis, references, n):
    return clipped_precision(hypothesis, references, n)[0], len(hypothesis)


def _total_of_references(hypothesis, references, n):
    return clipped_precision(hypothesis, references, n)[0], sum(_total(reference, n) for reference in references)


def _words_alone(hypothesis, references, n):
    return clipped_precision(hypothesis, references, 1)


def _pairs_alone(hypothesis, references, n):
    return clipped_precision(hypothesis, references, 2)


def _up_to_n(hypothesis, references, n):
    found = [clipped_precision(hypothesis, references, k) for k in range(1, n + 1)]
    return sum(matches for matches, _n in found), sum(total for _matches, total in found)


def _ratio(hypothesis, references, n):
    matches, total = clipped_precision(hypothesis, references, n)
    return matches / total if total else 0.0


def _last_n_gram_missing(hypothesis, references, n):
    def grams(words):
        return Counter(tuple(words[i : i + n]) for i in range(len(words) - n))

    most = Counter()
    for reference in references:
        most |= grams(reference)
    return (grams(hypothesis) & most).total(), grams(hypothesis).total()


def _with_short_ends(hypothesis, references, n):
    def grams(words):
        return Counter(tuple(words[i : i + n]) for i in range(len(words)))

    most = Counter()
    for reference in references:
        most |= grams(reference)
    return (grams(hypothesis) & most).total(), grams(hypothesis).total()


def _without_overlap(hypothesis, references, n):
    def grams(words):
        return Counter(tuple(words[i : i + n]) for i in range(0, len(words) - n + 1, n))

    most = Counter()
    for reference in references:
        most |= grams(reference)
    return (grams(hypothesis) & most).total(), grams(hypothesis).total()


def _in_any_order(hypothesis, references, n):
    def grams(words):
        return Counter(tuple(sorted(words[i : i + n])) for i in range(len(words) - n + 1))

    most = Counter()
    for reference in references:
        most |= grams(reference)
    return (grams(hypothesis) & most).total(), grams(hypothesis).total()


def _same_place(hypothesis, references, n):
    starts = range(len(hypothesis) - n + 1)
    matches = sum(any(hypothesis[i : i + n] == one[i : i + n] for one in references) for i in starts)
    return matches, len(starts)


def _n_plus_1(hypothesis, references, n):
    return clipped_precision(hypothesis, references, n + 1)


def _recall(hypothesis, references, n):
    return clipped_precision(references[0], [hypothesis], n)


def _missed(hypothesis, references, n):
    matches, total = clipped_precision(hypothesis, references, n)
    return total - matches, total


def _longest_reference(hypothesis, references, n):
    return clipped_precision(hypothesis, [max(references, key=len)], n)


def _shortest_reference(hypothesis, references, n):
    return clipped_precision(hypothesis, [min(references, key=len)], n)


def _counts_of_references(hypothesis, references, n):
    most, found = _most(references, n), _grams(hypothesis, n)
    return sum(most[gram] for gram in found), found.total()


def _larger_count(hypothesis, references, n):
    most, found = _most(references, n), _grams(hypothesis, n)
    return sum(max(most[gram], count) for gram, count in found.items() if gram in most), found.total()


CLIPPED_PRECISION = Exercise(
    name="evaluation.clipped_precision",
    title=_("The matches of BLEU"),
    solution=clipped_precision,
    cases=_clipped_precision_cases,
    hints=(
        _(
            "Count the n-grams of the hypothesis and those of each reference. For each n-gram take the largest of the "
            "references' counts, and of that and its own count the smaller one. Add these up."
        ),
        _(
            "`Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))` counts n-grams. Of two counters, "
            "`a | b` has the larger counts, `a & b` the smaller ones, and `a.total()` is their sum."
        ),
    ),
    mistakes=(
        Mistake(
            _not_clipped,
            _('An n-gram counts **as often as it is repeated** in yours: "the the the" would be perfect. Clip it.'),
        ),
        Mistake(
            _sum_of_references,
            _("You **add up** the references' counts: an n-gram counts as often as in the **one** that has it most."),
        ),
        Mistake(_references_joined, _("You **join** the references into one: each is counted by itself.")),
        Mistake(_first_reference, _("You look at the **first** reference alone: all of them count.")),
        Mistake(_last_reference, _("You look at the **last** reference alone: all of them count.")),
        Mistake(
            _best_reference,
            _("You take the one reference that fits **best**: each n-gram may have another one that has it most."),
        ),
        Mistake(_in_all_references, _("You want an n-gram in **all** references: the one that has it most is enough.")),
        Mistake(_added_over_references, _("You add up the matches with **each** reference: a match counts once.")),
        Mistake(_both_added_over_references, _("You add up both numbers over the **references**: count once.")),
        Mistake(_distinct, _("You count **distinct** n-grams: each counts as often as it is there, clipped.")),
        Mistake(_matches_distinct, _("Your matches are **distinct** n-grams: one that is twice in both counts twice.")),
        Mistake(_total_distinct, _("Your total is of **distinct** n-grams: count repeated ones each time.")),
        Mistake(
            _total_of_reference,
            _("Your total is of the **reference**, as in recall: precision divides by the hypothesis's."),
        ),
        Mistake(
            _total_of_most, _("Your total is of the **references**: it is the number of the hypothesis's n-grams.")
        ),
        Mistake(
            _total_of_references, _("Your total is of **all references**: it is that of the hypothesis's n-grams.")
        ),
        Mistake(_total_is_words, _("Your total is the number of **words**: count n-grams, len(hypothesis) - n + 1.")),
        Mistake(_words_alone, _("You count **single words**, whatever n is.")),
        Mistake(_pairs_alone, _("You count **pairs**, whatever n is.")),
        Mistake(_up_to_n, _("You add up the n-grams of **1 to n** words: only those of n words count.")),
        Mistake(_ratio, _("You return the **quotient**: return both numbers, since BLEU adds them up over a corpus.")),
        Mistake(_last_n_gram_missing, _("The **last** n-gram is missing: there are len(words) - n + 1 of them.")),
        Mistake(_with_short_ends, _("At the end you count pieces **shorter** than n words: they are no n-grams.")),
        Mistake(_without_overlap, _("Your n-grams do not **overlap**: one begins at each word.")),
        Mistake(_in_any_order, _("You ignore the **order** in an n-gram: that is what tells it from single words.")),
        Mistake(_same_place, _("You compare n-grams at the **same position**: they may be anywhere in a reference.")),
        Mistake(_n_plus_1, _("Your n-grams have **n + 1** words: a slice from i to i + n has n.")),
        Mistake(_recall, _("You exchange hypothesis and **reference**: that is recall.")),
        Mistake(_missed, _("You count the n-grams that **miss**: count the matches.")),
        Mistake(_longest_reference, _("You look at the **longest** reference alone: all of them count.")),
        Mistake(_shortest_reference, _("You look at the **shortest** reference alone: all of them count.")),
        Mistake(
            _counts_of_references,
            _("You count an n-gram as often as it is in the **reference**: of both counts, take the smaller one."),
        ),
        Mistake(_larger_count, _("Of an n-gram's two counts you take the **larger** one: take the smaller one.")),
    ),
    corners=(
        Corner(
            lambda hypothesis, references, n: len(hypothesis) < n,
            _("Only hypotheses of **fewer than n words** go wrong: they have no n-grams, (0, 0)."),
        ),
        Corner(
            lambda hypothesis, references, n: (
                len(hypothesis) >= n and not (_grams(hypothesis, n) & _most(references, n))
            ),
            _("Only hypotheses **without a match** go wrong: theirs is (0, total)."),
        ),
    ),
    explanation=_(
        "Without clipping, repeating a frequent word would be the best translation. The counts are returned apart "
        "because BLEU adds them up over all sentences before it divides: a long sentence weighs more than a short one, "
        "and a sentence without a single match of four words does not make the whole corpus 0."
    ),
    results=("the matches", "the total"),
)
