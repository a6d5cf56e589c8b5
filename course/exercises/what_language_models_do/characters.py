"""Exercise on chrF: how many runs of characters a translation has in common with a right one."""

import random
from collections import Counter

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def character_f(prediction: str, reference: str, n: int) -> float:
    """The F-score of character n-grams, of which chrF is made, for one length n.

    White space is removed from both texts. A text of k characters then has k - n + 1 n-grams,
    runs of n characters. An n-gram that is repeated counts as often as both texts have it.
    With m common ones, precision is m / those of the prediction, recall is m / those of the
    reference, and F is 5 · precision · recall / (4 · precision + recall): recall counts twice
    as much. It is 0.0 where m is 0, as where one text or both have fewer than n characters.

    >>> character_f("abc", "a b d e", 1)
    0.5263157894736842
    >>> character_f("the cat", "the car", 2)
    0.8
    """
    from collections import Counter

    def n_grams(text):
        letters = "".join(text.split())
        return Counter(letters[i : i + n] for i in range(len(letters) - n + 1))

    found, wanted = n_grams(prediction), n_grams(reference)
    m = (found & wanted).total()
    return 5 * m / (4 * wanted.total() + found.total()) if m else 0.0


def _character_f_cases() -> list[tuple]:
    cases: list[tuple] = [
        ("abc", "a b d e", 1),
        ("the cat", "the car", 2),
        ("a cat sat", "the cat sat on a mat", 3),
        ("aaaa", "aab", 1),
        ("banana", "ananas and bananas", 2),
        ("Haus", "Das Haus", 2),
        ("학교에 갔다", "학교에서 왔다", 2),
        ("학교에", "학교는 크다", 1),
        ("", "ab", 1),
        ("ab c", "", 1),
        ("", "", 2),
        ("ab", "abc", 3),
        ("a b", "a b", 3),
        ("xyz", "abc", 1),
        ("to be or not to be", "to be or to do", 4),
        ("The End", "the end", 2),
        ("one, two", "one two", 2),
        ("a  b\tc", "ab c d", 2),
        ("cat the", "the cat sat", 3),
        ("listen", "silent night", 1),
        ("aab", "baaab", 2),
        ("one\ttwo", "one two", 3),
        ("red\nwine", "red\nwhite wine", 2),
        ("New York", "new yorker", 1),
        ("NATO", "Nato troops", 2),
        ("abba", "baab ab", 3),
        ("stressed", "desserts", 2),
        ("abcabc", "cba cab", 2),
        ("the cat sat", "the cat ran", 2),
        ("on the mat", "on the mat today", 1),
        ("a", "b", 2),
    ]
    draw = random.Random(104)
    for n in (1, 2, 1, 2, 3, 1, 2, 1):
        texts = ["".join(draw.choices("abc ", (4, 3, 1, 2), k=draw.randint(6, 14))) for _side in "pr"]
        cases.append((*texts, n))
    return cases


def _letters(text):
    return "".join(text.split())


def _grams(text, n):
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))


def _counts(prediction, reference, n):
    found, wanted = _grams(_letters(prediction), n), _grams(_letters(reference), n)
    return (found & wanted).total(), found.total(), wanted.total()


def _f(m, found, wanted, weight=4.0):
    return (1 + weight) * m / (weight * wanted + found) if m else 0.0


def _of(found, wanted):
    return _f((found & wanted).total(), found.total(), wanted.total())


def _balanced(prediction, reference, n):
    return _f(*_counts(prediction, reference, n), weight=1)


def _beta_not_squared(prediction, reference, n):
    return _f(*_counts(prediction, reference, n), weight=2)


def _precision_counts_more(prediction, reference, n):
    return _f(*_counts(prediction, reference, n), weight=1 / 4)


def _beta_3(prediction, reference, n):
    return _f(*_counts(prediction, reference, n), weight=9)


def _precision(prediction, reference, n):
    m, found, _wanted = _counts(prediction, reference, n)
    return m / found if m else 0.0


def _recall(prediction, reference, n):
    m, _found, wanted = _counts(prediction, reference, n)
    return m / wanted if m else 0.0


def _spaces_kept(prediction, reference, n):
    return _of(_grams(prediction, n), _grams(reference, n))


def _spaces_alone(prediction, reference, n):
    return _of(*(_grams(text.replace(" ", ""), n) for text in (prediction, reference)))


def _within_words(prediction, reference, n):
    found, wanted = (sum((_grams(word, n) for word in text.split()), Counter()) for text in (prediction, reference))
    return _of(found, wanted)


def _of_words(prediction, reference, n):
    found, wanted = (
        Counter(tuple(text.split()[i : i + n]) for i in range(len(text.split()) - n + 1))
        for text in (prediction, reference)
    )
    return _of(found, wanted)


def _small(prediction, reference, n):
    return character_f(prediction.lower(), reference.lower(), n)


def _sets(prediction, reference, n):
    found, wanted = set(_grams(_letters(prediction), n)), set(_grams(_letters(reference), n))
    return _f(len(found & wanted), len(found), len(wanted))


def _not_clipped(prediction, reference, n):
    found, wanted = _grams(_letters(prediction), n), _grams(_letters(reference), n)
    m = sum(count for gram, count in found.items() if gram in wanted)
    return _f(m, found.total(), wanted.total())


def _not_clipped_by_the_prediction(prediction, reference, n):
    found, wanted = _grams(_letters(prediction), n), _grams(_letters(reference), n)
    m = sum(count for gram, count in wanted.items() if gram in found)
    return _f(m, found.total(), wanted.total())


def _common_distinct(prediction, reference, n):
    found, wanted = _grams(_letters(prediction), n), _grams(_letters(reference), n)
    return _f(len(found & wanted), found.total(), wanted.total())


def _last_n_gram_missing(prediction, reference, n):
    found, wanted = (
        Counter(letters[i : i + n] for i in range(len(letters) - n))
        for letters in map(_letters, (prediction, reference))
    )
    return _of(found, wanted)


def _with_short_ends(prediction, reference, n):
    found, wanted = (
        Counter(letters[i : i + n] for i in range(len(letters))) for letters in map(_letters, (prediction, reference))
    )
    return _of(found, wanted)


def _without_overlap(prediction, reference, n):
    found, wanted = (
        Counter(letters[i : i + n] for i in range(0, len(letters) - n + 1, n))
        for letters in map(_letters, (prediction, reference))
    )
    return _of(found, wanted)


def _single(prediction, reference, n):
    return character_f(prediction, reference, 1)


def _pairs(prediction, reference, n):
    return character_f(prediction, reference, 2)


def _n_plus_1(prediction, reference, n):
    return character_f(prediction, reference, n + 1)


def _n_minus_1(prediction, reference, n):
    return character_f(prediction, reference, max(1, n - 1))


def _up_to_n(prediction, reference, n):
    return sum(character_f(prediction, reference, k) for k in range(1, n + 1)) / n


def _both_empty_is_1(prediction, reference, n):
    _m, found, wanted = _counts(prediction, reference, n)
    return 1.0 if found == wanted == 0 else character_f(prediction, reference, n)


def _percent(prediction, reference, n):
    return 100 * character_f(prediction, reference, n)


def _arithmetic(prediction, reference, n):
    return (_precision(prediction, reference, n) + _recall(prediction, reference, n)) / 2


def _weighted_arithmetic(prediction, reference, n):
    return (_precision(prediction, reference, n) + 4 * _recall(prediction, reference, n)) / 5


def _without_5(prediction, reference, n):
    return character_f(prediction, reference, n) / 5


def _four_for_five(prediction, reference, n):
    return character_f(prediction, reference, n) * 4 / 5


def _jaccard(prediction, reference, n):
    m, found, wanted = _counts(prediction, reference, n)
    return m / (found + wanted - m) if m else 0.0


def _common(prediction, reference, n):
    return _counts(prediction, reference, n)[0]


def _same_place(prediction, reference, n):
    one, other = _letters(prediction), _letters(reference)
    m = sum(one[i : i + n] == other[i : i + n] for i in range(min(len(one), len(other)) - n + 1))
    return _f(m, *_counts(prediction, reference, n)[1:])


def _in_any_order(prediction, reference, n):
    found, wanted = (
        Counter(tuple(sorted(letters[i : i + n])) for i in range(len(letters) - n + 1))
        for letters in map(_letters, (prediction, reference))
    )
    return _of(found, wanted)


def _divided_by_characters(prediction, reference, n):
    m = _counts(prediction, reference, n)[0]
    return _f(m, len(_letters(prediction)), len(_letters(reference)))


def _places(prediction, reference, n, last, length=0):
    """F of runs that begin at all places but for the last ones, `last` more than there should be."""
    found, wanted = (
        Counter(letters[i : i + n + length] for i in range(len(letters) - n + 1 + last))
        for letters in map(_letters, (prediction, reference))
    )
    return _of(found, wanted)


def _one_run_more(prediction, reference, n):
    return _places(prediction, reference, n, 1)


def _two_runs_missing(prediction, reference, n):
    return _places(prediction, reference, n, -2)


def _empty_runs(prediction, reference, n):
    return _places(prediction, reference, n, n)


def _longer_at_the_places(prediction, reference, n):
    return _places(prediction, reference, n, 0, 1)


def _shorter_at_the_places(prediction, reference, n):
    return _places(prediction, reference, n, 0, -1)


def _formula(prediction, reference, n, formula):
    m, found, wanted = _counts(prediction, reference, n)
    return formula(m, found, wanted) if m else 0.0


def _all_are_common(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: _f(min(found, wanted), found, wanted))


def _found_for_common(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: _f(found, found, wanted))


def _wanted_for_common(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: _f(wanted, found, wanted))


def _union_for_common(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: _f(found + wanted - m, found, wanted))


def _not_divided(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 * m)


def _divided_by_the_product(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 * m / (4 * wanted * found))


def _no_weight_below(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 * m / (wanted + found))


def _five_below(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 * m / (5 * wanted + found))


def _three_below(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 * m / (3 * wanted + found))


def _only_wanted_below(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 * m / (4 * wanted))


def _only_found_below(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 * m / found)


def _four_added(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 * m / (4 + wanted + found))


def _one_common(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: 5 / (4 * wanted + found))


def _five_added(prediction, reference, n):
    return _formula(prediction, reference, n, lambda m, found, wanted: (5 + m) / (4 * wanted + found))


def _all_three(prediction, reference, n):
    return (
        _precision(prediction, reference, n),
        _recall(prediction, reference, n),
        character_f(prediction, reference, n),
    )


CHARACTER_F = Exercise(
    name="what_language_models_do.character_f",
    title=_("The runs of characters of chrF"),
    solution=character_f,
    cases=_character_f_cases,
    hints=(
        _(
            "Remove white space, then count the n-grams of both texts. Each n-gram that both have counts as often as "
            "the smaller of its two counts says."
        ),
        _(
            '`"".join(text.split())` has no white space, `Counter` counts, `a & b` has the smaller counts of both '
            "counters, and `a.total()` adds up. F is then 5 m / (4 · those of the reference + those of the prediction)."
        ),
    ),
    mistakes=(
        Mistake(_balanced, _("That is **F1**: here recall counts twice as much, 5 p r / (4 p + r).")),
        Mistake(_beta_not_squared, _("You take **2** for 4: β is 2, and its square is in the formula.")),
        Mistake(
            _precision_counts_more,
            _("**Precision** counts more in yours: the 4 belongs to precision below the line, so that recall does."),
        ),
        Mistake(_beta_3, _("You take **9** for 4, a β of 3: here β is 2.")),
        Mistake(_precision, _("That is **precision**: F needs recall, too.")),
        Mistake(_recall, _("That is **recall**: F needs precision, too.")),
        Mistake(_spaces_kept, _("**White space** counts in yours: remove it first.")),
        Mistake(_spaces_alone, _("**Tabs** stay in yours: `text.split()` splits at all white space.")),
        Mistake(_within_words, _("You look inside **words**: an n-gram may go on in the next word.")),
        Mistake(_of_words, _("You count n-grams of **words**: take those of characters.")),
        Mistake(_small, _("You ignore **capital letters**: they count here.")),
        Mistake(_sets, _("You count **different** n-grams: one that is repeated counts again.")),
        Mistake(
            _not_clipped,
            _("An n-gram counts as often as the **prediction** has it in yours: at most as often as both have it."),
        ),
        Mistake(
            _not_clipped_by_the_prediction,
            _("An n-gram counts as often as the **reference** has it in yours: at most as often as both have it."),
        ),
        Mistake(_common_distinct, _("You count common n-grams **once** each: one that both repeat counts again.")),
        Mistake(_last_n_gram_missing, _("The **last** n-gram is missing in yours: there are k - n + 1.")),
        Mistake(_with_short_ends, _("Runs **shorter** than n count at the end of yours: there are k - n + 1.")),
        Mistake(_without_overlap, _("Your n-grams do not **overlap**: one begins at every character.")),
        Mistake(_single, _("You count **single** characters, whatever n is.")),
        Mistake(_pairs, _("You count **pairs** of characters, whatever n is.")),
        Mistake(_n_plus_1, _("Your n-grams are **one** character too long.")),
        Mistake(_n_minus_1, _("Your n-grams are **one** character too short.")),
        Mistake(_up_to_n, _("You take the mean over **all lengths** up to n, as chrF does: here one length counts.")),
        Mistake(_both_empty_is_1, _("Where **no** text has an n-gram, yours is 1: 0.0 is wanted.")),
        Mistake(_percent, _("You return **percent**: F is between 0 and 1 here.")),
        Mistake(_arithmetic, _("You took the **arithmetic** mean of precision and recall.")),
        Mistake(
            _weighted_arithmetic,
            _("You took a **weighted arithmetic** mean: F is 5 · precision · recall / (4 · precision + recall)."),
        ),
        Mistake(_without_5, _("The factor **5** is missing: it is 1 + β².")),
        Mistake(_four_for_five, _("Your factor is **4**: it is 1 + β², so 5.")),
        Mistake(_jaccard, _("You divide by the n-grams of **either** text: F is 5 p r / (4 p + r).")),
        Mistake(_common, _("You return **how many** n-grams are common: make F of it.")),
        Mistake(_same_place, _("You compare n-grams at the **same place**: they may be anywhere.")),
        Mistake(_in_any_order, _("The **order** of the characters does not count in yours: do you sort them?")),
        Mistake(_divided_by_characters, _("You divide by **characters**: divide by n-grams, k - n + 1.")),
        Mistake(_one_run_more, _("You count **one run too many**, a shorter one at the end: there are k - n + 1.")),
        Mistake(_two_runs_missing, _("The last **two** n-grams are missing in yours: there are k - n + 1.")),
        Mistake(_empty_runs, _("Shorter runs, and an **empty** one, count at the end of yours: there are k - n + 1.")),
        Mistake(
            _longer_at_the_places, _("Your runs have **n + 1** characters, but for the last one: `letters[i : i + n]`.")
        ),
        Mistake(_shorter_at_the_places, _("Your runs have **n - 1** characters: `letters[i : i + n]` has n.")),
        Mistake(_all_are_common, _("**All** n-grams of the shorter text are common in yours: compare them.")),
        Mistake(
            _found_for_common,
            _("All n-grams of the **prediction** are common in yours: the reference needs them, too."),
        ),
        Mistake(
            _wanted_for_common,
            _("All n-grams of the **reference** are common in yours: the prediction needs them, too."),
        ),
        Mistake(_union_for_common, _("You count n-grams of **either** text as common, `|`: `&` has those of both.")),
        Mistake(
            _not_divided,
            _("You do not **divide** 5 m: divide by 4 · those of the reference + those of the prediction."),
        ),
        Mistake(_divided_by_the_product, _("You **multiply** the numbers of n-grams below the line: add them up.")),
        Mistake(
            _no_weight_below, _("The factor **4** below the line is missing: it belongs to the reference's n-grams.")
        ),
        Mistake(_five_below, _("The factor below the line is **5** in yours: it is β², so 4.")),
        Mistake(_three_below, _("The factor below the line is **3** in yours: it is β², so 4.")),
        Mistake(_only_wanted_below, _("The **prediction's** n-grams are missing below the line.")),
        Mistake(_only_found_below, _("The **reference's** n-grams are missing below the line.")),
        Mistake(_four_added, _("You **add** 4 below the line: it is a factor of the reference's n-grams.")),
        Mistake(_one_common, _("You count **one** common n-gram, however many there are.")),
        Mistake(_five_added, _("You **add** 5 to m: it is a factor.")),
        Mistake(_all_three, _("You return precision and recall **beside** F: return F alone.")),
    ),
    corners=(
        Corner(
            lambda prediction, reference, n: max(len(_letters(prediction)), len(_letters(reference))) < n,
            _("Only where **neither** text has an n-gram yours goes wrong: the answer is 0.0."),
        ),
        Corner(
            lambda prediction, reference, n: min(len(_letters(prediction)), len(_letters(reference))) < n,
            _("Only where a text is **too short** yours goes wrong: the answer is 0.0."),
        ),
        Corner(
            lambda prediction, reference, n: _counts(prediction, reference, n)[0] == 0,
            _("Only texts **without a common n-gram** go wrong: the answer is 0.0."),
        ),
    ),
    explanation=_(
        "chrF takes the means of precision and of recall over the lengths 1 to 6, and F of these. A word with another "
        "ending still shares most of its characters, which suits languages such as Korean: 학교에 and "
        "학교는 share 학교."
    ),
)
