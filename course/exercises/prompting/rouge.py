"""Exercise on ROUGE-L: how much of a summary's words, in their order, is in another's."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def rouge_l(candidate: str, reference: str) -> float:
    """ROUGE-L: the F1 of the longest common subsequence of words.

    Words are the longest runs of a-z and 0-9 in the text in small letters. A subsequence keeps
    the order of the words and may leave some out. With n words in the longest one that both
    texts have, precision is n / the number of the candidate's words, recall is n / that of the
    reference's, and F1 is 2 · precision · recall / (precision + recall). It is 0.0 when n is 0.

    >>> rouge_l("A river of Spain", "a long river in Spain, Europe")
    0.6
    """
    import re

    one, other = (re.findall("[a-z0-9]+", text.lower()) for text in (candidate, reference))
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for j in range(len(other)):
            row.append(above[j] + 1 if word == other[j] else max(above[j + 1], row[j]))
        above = row
    n = above[-1]
    return 2 * n / (len(one) + len(other)) if n else 0.0


def _rouge_l_cases() -> list[tuple]:
    return [
        ("A river of Spain", "a long river in Spain, Europe"),
        ("the cat sat on the mat", "the cat lay on a mat"),
        ("one two three four five", "five one two three"),
        ("the the the the cat", "the cat saw the dog"),
        ("a b c d", "d c b a"),
        ("b a b a b c", "a b c a"),
        ("c d a b e", "a b c d e f g"),
        ("Born in 1856, a chemist.", "A chemist (born 1856)"),
        ("French painter and sculptor", "painter"),
        ("X-ray crystallography", "the x ray of crystals"),
        ("NASA's first mission!", "the first mission of nasa"),
        ("city in the north of Italy", "Italian city"),
        ("a", "a"),
        ("an actor and singer", "singer and an actor"),
        ("x a y b z c", "a b c d"),
        ("a a b", "a b b a"),
        ("São Paulo in Brazil", "a city of Brazil"),
        ("the café Müller", "a café by Müller"),
        ("snake_case names", "a case of names"),
        ("Apollo 11 landed", "Apollo 12 landed"),
        ("e a b c", "a b c e"),
        ("the end", "the start and the end of the day"),
        ("a b c d e f g", "e f g a x b y c z d"),
        ("p q r s t", "s t p x q y r"),
        ("b c f h b h d", "b d h h f f d"),
        ("g e a b c a d", "c g a d c e d"),
        ("k l m n o", "n o k x l y m z"),
        ("it is 3.5 m high", "3 5 metres high"),
        ("a b a c a d", "d a c a b a"),
        ("nothing alike", "some other text"),
        ("", "a text"),
        ("a text", ""),
        ("...", "a text"),
        ("", ""),
        ("a text", "?!"),
    ]


def _words(text):
    import re

    return re.findall("[a-z0-9]+", text.lower())


def _lcs(one, other):
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for j, another in enumerate(other):
            row.append(above[j] + 1 if word == another else max(above[j + 1], row[j]))
        above = row
    return above[-1]


def _score(one, other, n=None, mean=lambda precision, recall: 2 * precision * recall / (precision + recall)):
    n = _lcs(one, other) if n is None else n
    return mean(n / len(one), n / len(other)) if n else 0.0


def _scored(candidate, reference, **how):
    return _score(_words(candidate), _words(reference), **how)


def _precision(candidate, reference):
    return _scored(candidate, reference, mean=lambda precision, recall: precision)


def _recall(candidate, reference):
    return _scored(candidate, reference, mean=lambda precision, recall: recall)


def _arithmetic(candidate, reference):
    return _scored(candidate, reference, mean=lambda precision, recall: (precision + recall) / 2)


def _geometric(candidate, reference):
    return _scored(candidate, reference, mean=lambda precision, recall: (precision * recall) ** 0.5)


def _product(candidate, reference):
    return _scored(candidate, reference, mean=lambda precision, recall: precision * recall)


def _without_2(candidate, reference):
    return _scored(candidate, reference, mean=lambda precision, recall: precision * recall / (precision + recall))


def _larger(candidate, reference):
    return _scored(candidate, reference, mean=max)


def _smaller(candidate, reference):
    return _scored(candidate, reference, mean=min)


def _length_alone(candidate, reference):
    return _lcs(_words(candidate), _words(reference))


def _capital_letters(candidate, reference):
    import re

    one, other = (re.findall("[A-Za-z0-9]+", text) for text in (candidate, reference))
    return _score(one, other)


def _by_spaces(candidate, reference):
    return _score(candidate.lower().split(), reference.lower().split())


def _by_spaces_with_capitals(candidate, reference):
    return _score(candidate.split(), reference.split())


def _without_digits(candidate, reference):
    import re

    one, other = (re.findall("[a-z]+", text.lower()) for text in (candidate, reference))
    return _score(one, other)


def _word_characters(candidate, reference):
    import re

    one, other = (re.findall(r"\w+", text.lower()) for text in (candidate, reference))
    return _score(one, other)


def _characters(candidate, reference):
    return _score(candidate.lower(), reference.lower())


def _single_letters(candidate, reference):
    return _score("".join(_words(candidate)), "".join(_words(reference)))


def _rouge_1(candidate, reference):
    from collections import Counter

    one, other = _words(candidate), _words(reference)
    return _score(one, other, (Counter(one) & Counter(other)).total())


def _sets(candidate, reference):
    one, other = _words(candidate), _words(reference)
    return _score(one, other, len(set(one) & set(other)))


def _sets_throughout(candidate, reference):
    one, other = set(_words(candidate)), set(_words(reference))
    return _score(one, other, len(one & other))


def _occurring(candidate, reference):
    one, other = _words(candidate), _words(reference)
    return _score(one, other, sum(word in other for word in one))


def _substring(candidate, reference):
    one, other = _words(candidate), _words(reference)
    runs = [0] * (len(other) + 1)
    longest = 0
    for word in one:
        runs = [0, *(runs[j] + 1 if word == other[j] else 0 for j in range(len(other)))]
        longest = max(longest, *runs)
    return _score(one, other, longest)


def _rouge_2(candidate, reference):
    from collections import Counter
    from itertools import pairwise

    one, other = list(pairwise(_words(candidate))), list(pairwise(_words(reference)))
    return _score(one, other, (Counter(one) & Counter(other)).total())


def _same_place(candidate, reference):
    one, other = _words(candidate), _words(reference)
    return _score(one, other, sum(a == b for a, b in zip(one, other, strict=False)))


def _greedy(candidate, reference):
    one, other = _words(candidate), _words(reference)
    n = start = 0
    for word in one:
        if word in other[start:]:
            start, n = other.index(word, start) + 1, n + 1
    return _score(one, other, n)


def _common_beginning(candidate, reference):
    one, other = _words(candidate), _words(reference)
    n = 0
    while n < min(len(one), len(other)) and one[n] == other[n]:
        n += 1
    return _score(one, other, n)


def _distance(candidate, reference):
    from difflib import SequenceMatcher

    return SequenceMatcher(None, _words(candidate), _words(reference), autojunk=False).ratio()


def _word_used_again(candidate, reference):
    """The table filled in one row, where a word of the candidate counts for several of the reference."""
    one, other = _words(candidate), _words(reference)
    row = [0] * (len(other) + 1)
    for word in one:
        for j, another in enumerate(other):
            row[j + 1] = row[j] + 1 if word == another else max(row[j + 1], row[j])
    return _score(one, other, row[-1])


def _one_added_to_the_larger(candidate, reference):
    one, other = _words(candidate), _words(reference)
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for j, another in enumerate(other):
            row.append(max(above[j + 1], row[j]) + (word == another))
        above = row
    return _score(one, other, above[-1])


def _capital_letters_lost(candidate, reference):
    import re

    one, other = (re.findall("[a-z0-9]+", text) for text in (candidate, reference))
    return _score(one, other)


def _first_word_missing(candidate, reference):
    one, other = _words(candidate), _words(reference)
    return _score(one, other, _lcs(one[1:], other))


def _last_word_missing(candidate, reference):
    one, other = _words(candidate), _words(reference)
    return _score(one, other, _lcs(one[:-1], other))


def _last_word_of_reference_missing(candidate, reference):
    one, other = _words(candidate), _words(reference)
    return _score(one, other, _lcs(one, other[:-1]))


def _backwards(candidate, reference):
    one, other = _words(candidate), _words(reference)
    return _score(one, other, _lcs(one[::-1], other))


def _table(candidate, reference, equal, different, begin=0):
    """The score of another table: `equal` and `different` give an entry, of those diagonally above, above and left."""
    one, other = _words(candidate), _words(reference)
    above = [begin] * (len(other) + 1)
    for word in one:
        row = [begin]
        for j, another in enumerate(other):
            row.append((equal if word == another else different)(above[j], above[j + 1], row[j]))
        above = row
    return _score(one, other, above[-1])


def _one_more_than_above(candidate, reference):
    return _table(candidate, reference, lambda diagonal, above, left: above + 1, lambda diagonal, *two: max(two))


def _diagonal_where_different(candidate, reference):
    return _table(
        candidate,
        reference,
        lambda diagonal, above, left: diagonal + 1,
        lambda diagonal, above, left: max(diagonal, left),
    )


def _always_one(candidate, reference):
    return _table(candidate, reference, lambda diagonal, above, left: 1, lambda diagonal, *two: max(two))


def _kept_from_above(candidate, reference):
    return _table(candidate, reference, lambda diagonal, above, left: diagonal + 1, lambda diagonal, above, left: above)


def _kept_from_the_left(candidate, reference):
    return _table(candidate, reference, lambda diagonal, above, left: diagonal + 1, lambda diagonal, above, left: left)


def _begins_with_one(candidate, reference):
    one, other = _words(candidate), _words(reference)
    return _score(one, other, _lcs(one, other) + 1) if one and other else 0.0


def _percent(candidate, reference):
    return 100 * rouge_l(candidate, reference)


def _jaccard(candidate, reference):
    one, other = _words(candidate), _words(reference)
    n = _lcs(one, other)
    return n / (len(one) + len(other) - n) if n else 0.0


ROUGE_L = Exercise(
    name="prompting.rouge_l",
    title=_("Two summaries compared"),
    solution=rouge_l,
    cases=_rouge_l_cases,
    hints=(
        _(
            "Find n with a table: its entry (i, j) is the n of the first i words of the one and the first j words of "
            "the other. Row 0 and column 0 are 0."
        ),
        _(
            "Where word i equals word j, the entry is 1 more than the one diagonally above, for i − 1 and j − 1. "
            "Otherwise it is the larger of the one above and the one on the left. The last entry is n."
        ),
    ),
    mistakes=(
        Mistake(_precision, _("That is **precision**: F1 is the harmonic mean of precision and recall.")),
        Mistake(_recall, _("That is **recall**: F1 is the harmonic mean of precision and recall.")),
        Mistake(
            _arithmetic, _("You took the **arithmetic** mean: F1 is 2 · precision · recall / (precision + recall).")
        ),
        Mistake(_geometric, _("You took the **geometric** mean: F1 is 2 · precision · recall / (precision + recall).")),
        Mistake(_product, _("That is the **product** of precision and recall: divide by their sum, and double it.")),
        Mistake(_without_2, _("The factor **2** is missing: F1 is 2 · precision · recall / (precision + recall).")),
        Mistake(_larger, _("You took the **larger** of precision and recall: F1 is their harmonic mean.")),
        Mistake(_smaller, _("You took the **smaller** of precision and recall: F1 is their harmonic mean.")),
        Mistake(_length_alone, _("You return **n**, the length of the longest common subsequence: make an F1 of it.")),
        Mistake(_capital_letters, _("**Capital letters** count in your answer: take `text.lower()` first.")),
        Mistake(_by_spaces, _("You split at **spaces**: punctuation is no part of a word, `[a-z0-9]+`.")),
        Mistake(
            _by_spaces_with_capitals,
            _("You split at **spaces** and keep capital letters: words are runs of a-z and 0-9 in small letters."),
        ),
        Mistake(_without_digits, _("The **digits** are missing: words are runs of a-z and 0-9.")),
        Mistake(
            _word_characters,
            _("Your words have **other letters**, as `\\w` has: words are runs of a-z and 0-9, so é separates them."),
        ),
        Mistake(_characters, _("You compare **characters**: compare words.")),
        Mistake(_single_letters, _("Your words are **joined**, and you compare their characters: compare words.")),
        Mistake(_rouge_1, _("That is **ROUGE-1**, which counts common words in any order: here their order counts.")),
        Mistake(_sets, _("You count the **different** words that both have: wanted is the longest subsequence.")),
        Mistake(_sets_throughout, _("You compare **sets** of words: repeated words and their order count.")),
        Mistake(_occurring, _("You count words that **occur** in the reference: each can be used once, in its order.")),
        Mistake(_substring, _("You look for the longest common **run** of words: a subsequence may leave words out.")),
        Mistake(_rouge_2, _("That is **ROUGE-2**, which counts pairs of words: wanted is the longest subsequence.")),
        Mistake(_same_place, _("You compare words at the **same place**: a subsequence may leave words out.")),
        Mistake(
            _greedy,
            _("You take each word at the **first place** that is left: that may skip too much. Use a table."),
        ),
        Mistake(_common_beginning, _("You stop at the **first difference**: a subsequence may leave words out.")),
        Mistake(
            _distance,
            _("`SequenceMatcher` takes the longest **run** first: what it finds need not be the longest."),
        ),
        Mistake(
            _word_used_again,
            _("A word counts **several times** in your table: the entry diagonally above is of the row before."),
        ),
        Mistake(
            _one_added_to_the_larger,
            _("A word counts **several times** in your table: where words are equal, add 1 to the diagonal entry."),
        ),
        Mistake(
            _capital_letters_lost,
            _("Words **lose** their capital letters in your answer: take `text.lower()` before you look for words."),
        ),
        Mistake(
            _first_word_missing, _("The **first word** of the candidate is not compared: look at your loop's start.")
        ),
        Mistake(_last_word_missing, _("The **last word** of the candidate is not compared: look at your loop's end.")),
        Mistake(
            _last_word_of_reference_missing,
            _("The **last word** of the reference is not compared: n is the entry in the last column."),
        ),
        Mistake(_backwards, _("You read the candidate **backwards**: both texts are read in the same direction.")),
        Mistake(
            _one_more_than_above,
            _("You add 1 to the entry **above**: where words are equal, it is 1 more than the one diagonally above."),
        ),
        Mistake(
            _diagonal_where_different,
            _("Where words differ you look at the **diagonal**: take the larger of the entries above and on the left."),
        ),
        Mistake(
            _always_one,
            _("Your entry is **1** where words are equal: it is 1 more than the one diagonally above."),
        ),
        Mistake(
            _kept_from_above, _("Where words differ you keep the entry **above**: the one on the left may be larger.")
        ),
        Mistake(
            _kept_from_the_left, _("Where words differ you keep the entry on the **left**: that above may be larger.")
        ),
        Mistake(_begins_with_one, _("Your n is **1 too large**: row 0 and column 0 of the table are 0.")),
        Mistake(_percent, _("You return **percent**: F1 is between 0 and 1.")),
        Mistake(_jaccard, _("You divide by the words of **either** text: F1 is 2 n / (words of both, added up).")),
    ),
    corners=(
        Corner(
            lambda candidate, reference: not (_words(candidate) and _words(reference)),
            _("Only texts **without words** go wrong: the answer is 0.0."),
        ),
        Corner(
            lambda candidate, reference: rouge_l(candidate, reference) == 0.0,
            _("Only texts **without a common word** go wrong: the answer is 0.0."),
        ),
    ),
    explanation=_(
        "Precision alone would reward a summary of one safe word, recall alone one that says everything. With n common "
        "words F1 is 2 n / (words of both, added up). ROUGE-L knows neither synonyms nor meaning: a negation costs it "
        "one word."
    ),
)
