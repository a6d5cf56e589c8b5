"""Exercise on the F1 of short answers: how many words an answer shares with the closest right one."""

import string
from collections import Counter

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def answer_f1(prediction: str, answers: list[str]) -> float:
    """SQuAD's F1 of an answer: that of the right answer which gives the largest one.

    prediction: the model's answer. answers: one or more right ones. All are normalized first,
    as in `normalized`: small letters, no punctuation, no articles. A word that is repeated
    counts as often as both answers have it. With n common words, F1 is 2 n / (words of both
    answers, added up). It is 1.0 where neither has a word, and 0.0 where one alone has none.

    >>> answer_f1("the Denver Broncos", ["Broncos", "Denver"])
    0.6666666666666666
    >>> answer_f1("an", ["a."])
    1.0
    """
    import string
    from collections import Counter

    def words(text):
        kept = "".join(sign for sign in text.lower() if sign not in string.punctuation)
        return Counter(word for word in kept.split() if word not in ("a", "an", "the"))

    def f1(found, wanted):
        total = found.total() + wanted.total()
        return 2 * (found & wanted).total() / total if total else 1.0

    return max(f1(words(prediction), words(answer)) for answer in answers)


def _answer_f1_cases() -> list[tuple]:
    return [
        ("the Denver Broncos", ["Broncos", "Denver"]),
        ("an", ["a."]),
        ("Paris", ["Paris, France", "the city of Paris", "Paris"]),
        ("in the city of Paris", ["Paris", "city of Light", "Paris, France"]),
        ("twenty-one", ["twenty one", "twentyone people", "21"]),
        ("New York", ["York", "the New York", "Boston"]),
        ("the the cat", ["The cat", "a cat sat"]),
        ("very very cold", ["very cold", "very very very cold today"]),
        ("no no no", ["no", "yes"]),
        ("blue", ["red", "green"]),
        ("", ["red"]),
        ("", ["the", "red"]),
        ("", ["red", "the"]),
        ("...", ["red", "..."]),
        ("red", [""]),
        ("red", ["", "red wine"]),
        ("The.", ["a"]),
        ("a book on the table", ["the book", "on a table", "book on table!"]),
        ("5 million dollars", ["$5 million", "five million dollars"]),
        ("King of France", ["france king of", "the king"]),
        ("Anna the Great", ["anna", "Great Anna of Russia"]),
        ("U.S. army", ["US Army", "army"]),
        ("cat dog bird", ["cat", "dog fish", "bird cat fish cow"]),
        ("one two three four", ["one two", "three four five", "six"]),
        ("AN apple", ["Apple pie", "pear"]),
        ("to be or not to be", ["to be", "not to be"]),
        ("man", ["men", "mn"]),
        ("Athens", ["thens", "hens"]),
        ("other banana", ["or bnn", "bananas"]),
        ("the band", ["bnd", "a bd"]),
        ("Panama canal", ["pm cl", "canal zone"]),
        ("well-known", ["known", "well known man"]),
        ("X-ray", ["ray", "xray machine"]),
        ("ha ha ha", ["ha ha", "ho"]),
        ("bye bye baby", ["bye bye", "baby"]),
        ("a", ["apple", "pear"]),
        ("!", ["yes"]),
        ("an eye for an eye", ["eye for eye", "tooth"]),
        ("an hour", ["one hour", "hour"]),
        ("a day", ["day", "one day"]),
        ("a week or two", ["week or two", "month"]),
        ("gold gold silver", ["gold gold bronze", "silver"]),
        ("Theatre a la carte", ["theatre", "la carte"]),
        ("x y z", ["x a the", "y"]),
        ("red, red wine", ["a red", "red red", "wine red wine"]),
    ]


ARTICLES = ("a", "an", "the")


def _without(text):
    return "".join(sign for sign in text if sign not in string.punctuation)


def _plain(text):
    return _without(text.lower()).split()


def _words(text):
    return [word for word in _without(text.lower()).split() if word not in ARTICLES]


def _f(one, other):
    one, other = Counter(one), Counter(other)
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def _each(prediction, answers, words=_words, f=_f):
    return [f(words(prediction), words(answer)) for answer in answers]


def _no_a(prediction, answers):
    return max(_each(prediction, answers, lambda text: [w for w in _plain(text) if w not in ("an", "the")]))


def _no_an(prediction, answers):
    return max(_each(prediction, answers, lambda text: [w for w in _plain(text) if w not in ("a", "the")]))


def _no_the(prediction, answers):
    return max(_each(prediction, answers, lambda text: [w for w in _plain(text) if w not in ("a", "an")]))


def _first_words_missing(prediction, answers):
    return max(_each(prediction, answers, lambda text: [w for w in _plain(text)[1:] if w not in ARTICLES]))


def _last_words_missing(prediction, answers):
    return max(_each(prediction, answers, lambda text: [w for w in _plain(text)[:-1] if w not in ARTICLES]))


def _letters_and_spaces(prediction, answers):
    return max(_each(prediction, answers, lambda text: [sign for sign in _without(text.lower()) if sign != "a"]))


def _first_letter_missing(prediction, answers):
    return max(_each(prediction, answers, lambda text: _words(text[1:])))


def _last_letter_missing(prediction, answers):
    return max(_each(prediction, answers, lambda text: _words(text[:-1])))


def _formula(prediction, answers, formula):
    def f(one, other):
        total = len(one) + len(other)
        return formula((Counter(one) & Counter(other)).total(), len(one), len(other)) if total else 1.0

    return max(_each(prediction, answers, f=f))


def _not_divided(prediction, answers):
    return _formula(prediction, answers, lambda n, found, wanted: 2 * n)


def _one_common(prediction, answers):
    return _formula(prediction, answers, lambda n, found, wanted: 2 / (found + wanted))


def _found_for_common(prediction, answers):
    return _formula(prediction, answers, lambda n, found, wanted: 2 * found / (found + wanted))


def _wanted_for_common(prediction, answers):
    return _formula(prediction, answers, lambda n, found, wanted: 2 * wanted / (found + wanted))


def _union_for_common(prediction, answers):
    return _formula(prediction, answers, lambda n, found, wanted: 2 * (found + wanted - n) / (found + wanted))


def _divided_by_the_product(prediction, answers):
    return _ratio(prediction, answers, lambda one, other: len(one) * len(other) / 2)


def _first(prediction, answers):
    return _each(prediction, answers)[0]


def _last(prediction, answers):
    return _each(prediction, answers)[-1]


def _mean(prediction, answers):
    return sum(_each(prediction, answers)) / len(answers)


def _smallest(prediction, answers):
    return min(_each(prediction, answers))


def _sum(prediction, answers):
    return sum(_each(prediction, answers))


def _list(prediction, answers):
    return _each(prediction, answers)


def _joined(prediction, answers):
    return _f(_words(prediction), _words(" ".join(answers)))


def _longest(prediction, answers):
    return answer_f1(prediction, [max(answers, key=len)])


def _shortest(prediction, answers):
    return answer_f1(prediction, [min(answers, key=len)])


def _not_normalized(prediction, answers):
    return max(_each(prediction, answers, str.split))


def _small_alone(prediction, answers):
    return max(_each(prediction, answers, lambda text: text.lower().split()))


def _articles_kept(prediction, answers):
    return max(_each(prediction, answers, lambda text: _without(text.lower()).split()))


def _punctuation_kept(prediction, answers):
    return max(_each(prediction, answers, lambda text: [w for w in text.lower().split() if w not in ARTICLES]))


def _capitals_kept(prediction, answers):
    return max(_each(prediction, answers, lambda text: [w for w in _without(text).split() if w not in ARTICLES]))


def _capitals_kept_but_of_articles(prediction, answers):
    return max(
        _each(prediction, answers, lambda text: [w for w in _without(text).split() if w.lower() not in ARTICLES])
    )


def _articles_cut_out(prediction, answers):
    def words(text):
        text = _without(text.lower())
        for article in ("the", "an", "a"):
            text = text.replace(article, "")
        return text.split()

    return max(_each(prediction, answers, words))


def _space_for_punctuation(prediction, answers):
    def words(text):
        text = "".join(" " if sign in string.punctuation else sign for sign in text.lower())
        return [word for word in text.split() if word not in ARTICLES]

    return max(_each(prediction, answers, words))


def _prediction_alone(prediction, answers):
    return max(_f(_words(prediction), answer.split()) for answer in answers)


def _answers_alone(prediction, answers):
    return max(_f(prediction.split(), _words(answer)) for answer in answers)


def _exact(prediction, answers):
    return float(any(_words(prediction) == _words(answer) for answer in answers))


def _exact_as_written(prediction, answers):
    return float(prediction in answers)


def _contained(prediction, answers):
    return float(any(" ".join(_words(answer)) in " ".join(_words(prediction)) for answer in answers))


def _sets(prediction, answers):
    return max(_each(prediction, answers, lambda text: set(_words(text))))


def _not_clipped(prediction, answers):
    def f(one, other):
        total = len(one) + len(other)
        return 2 * sum(word in other for word in one) / total if total else 1.0

    return max(_each(prediction, answers, f=f))


def _common_distinct(prediction, answers):
    def f(one, other):
        total = len(one) + len(other)
        return 2 * len(set(one) & set(other)) / total if total else 1.0

    return max(_each(prediction, answers, f=f))


def _ratio(prediction, answers, divisor):
    def f(one, other):
        if not one or not other:
            return float(one == other)
        return (Counter(one) & Counter(other)).total() / divisor(one, other)

    return max(_each(prediction, answers, f=f))


def _precision(prediction, answers):
    return _ratio(prediction, answers, lambda one, other: len(one))


def _recall(prediction, answers):
    return _ratio(prediction, answers, lambda one, other: len(other))


def _without_2(prediction, answers):
    return _ratio(prediction, answers, lambda one, other: len(one) + len(other))


def _jaccard(prediction, answers):
    return _ratio(prediction, answers, lambda one, other: (Counter(one) | Counter(other)).total())


def _arithmetic(prediction, answers):
    return _ratio(prediction, answers, lambda one, other: 2 / (1 / len(one) + 1 / len(other)))


def _best_precision_and_recall(prediction, answers):
    p, r = _precision(prediction, answers), _recall(prediction, answers)
    return 2 * p * r / (p + r) if p + r else 0.0


def _both_empty_is_0(prediction, answers):
    return max(_each(prediction, answers, f=lambda one, other: _f(one, other) if one else 0.0))


def _one_empty_is_1(prediction, answers):
    return max(_each(prediction, answers, f=lambda one, other: _f(one, other) if one and other else 1.0))


def _empty_prediction_is_1(prediction, answers):
    return answer_f1(prediction, answers) if _words(prediction) else 1.0


def _characters(prediction, answers):
    return max(_each(prediction, answers, lambda text: " ".join(_words(text))))


def _percent(prediction, answers):
    return 100 * answer_f1(prediction, answers)


def _place(prediction, answers):
    scores = _each(prediction, answers)
    return scores.index(max(scores))


def _answer(prediction, answers):
    return max(answers, key=lambda answer: _f(_words(prediction), _words(answer)))


def _common(prediction, answers):
    return max((Counter(_words(prediction)) & Counter(_words(answer))).total() for answer in answers)


def _most_common_words(prediction, answers):
    def common(answer):
        return (Counter(_words(prediction)) & Counter(_words(answer))).total()

    return answer_f1(prediction, [max(answers, key=common)])


def _same_place(prediction, answers):
    def f(one, other):
        total = len(one) + len(other)
        return 2 * sum(a == b for a, b in zip(one, other, strict=False)) / total if total else 1.0

    return max(_each(prediction, answers, f=f))


ANSWER_F1 = Exercise(
    name="what_language_models_do.answer_f1",
    title=_("An answer among several right ones"),
    solution=answer_f1,
    cases=_answer_f1_cases,
    hints=(
        _(
            "Write a function for two answers first: normalize both, split them into words, count the common ones, and "
            "look at answers without a word. Then take the largest F1 over the right answers."
        ),
        _(
            "Your `normalized(text).split()` gives the words. `(Counter(found) & Counter(wanted)).total()` counts the "
            "common ones, and `max(… for answer in answers)` takes the largest."
        ),
    ),
    mistakes=(
        Mistake(_first, _("You look at the **first** right answer alone: take the largest F1 over all.")),
        Mistake(_last, _("You look at the **last** right answer alone: take the largest F1 over all.")),
        Mistake(_mean, _("You take the **mean** over the right answers: one that fits is enough, take the largest.")),
        Mistake(_smallest, _("You take the **smallest** F1 over the right answers: take the largest.")),
        Mistake(_sum, _("You **add up** the F1 of the right answers: take the largest.")),
        Mistake(_list, _("You return an F1 for **each** right answer: take the largest.")),
        Mistake(_joined, _("You **join** the right answers to one: each is compared by itself.")),
        Mistake(_longest, _("You compare with the **longest** right answer alone: take the largest F1 over all.")),
        Mistake(_shortest, _("You compare with the **shortest** right answer alone: take the largest F1 over all.")),
        Mistake(_not_normalized, _("You do not **normalize** the answers: do so first.")),
        Mistake(_small_alone, _("You take **small letters** alone: drop punctuation and articles, too.")),
        Mistake(_articles_kept, _("The **articles** count in yours: drop a, an and the.")),
        Mistake(_punctuation_kept, _("**Punctuation** stays in yours: delete it.")),
        Mistake(_capitals_kept, _("**Capital letters** stay in yours: take small ones.")),
        Mistake(
            _capitals_kept_but_of_articles,
            _("You look at small letters for the **articles** alone: the other words need them, too."),
        ),
        Mistake(_articles_cut_out, _("You cut articles out of **other words**: compare whole words.")),
        Mistake(_space_for_punctuation, _("You put a **space** in the place of punctuation: delete it.")),
        Mistake(_prediction_alone, _("You normalize the **prediction** alone: the right answers need it, too.")),
        Mistake(_answers_alone, _("You normalize the **right answers** alone: the prediction needs it, too.")),
        Mistake(_exact, _("That is the **exact match**: F1 gives a part of the words its share.")),
        Mistake(_exact_as_written, _("You ask whether the answer **is** one of the right ones: F1 compares words.")),
        Mistake(_contained, _("You ask whether the prediction **contains** a right answer: F1 compares words.")),
        Mistake(_sets, _("You count **different** words: one that both repeat counts again.")),
        Mistake(
            _not_clipped,
            _("A word counts as often as the **prediction** has it in yours: at most as often as both have it."),
        ),
        Mistake(_common_distinct, _("You count common words **once** each: one that both repeat counts again.")),
        Mistake(_precision, _("That is **precision**: F1 is the harmonic mean of precision and recall.")),
        Mistake(_recall, _("That is **recall**: F1 is the harmonic mean of precision and recall.")),
        Mistake(_without_2, _("The factor **2** is missing: F1 is 2 n / (words of both).")),
        Mistake(_jaccard, _("You divide by the words of **either** answer: F1 is 2 n / (words of both).")),
        Mistake(_arithmetic, _("You took the **arithmetic** mean of precision and recall: F1 is the harmonic one.")),
        Mistake(
            _best_precision_and_recall,
            _("You take the best precision and the best recall of **different** answers: F1 is of one answer."),
        ),
        Mistake(_both_empty_is_0, _("Where **neither** answer has a word, yours is 0: they are the same, so 1.0.")),
        Mistake(_one_empty_is_1, _("Where **one** answer has no word, yours is 1: they differ, so 0.0.")),
        Mistake(
            _empty_prediction_is_1,
            _("A prediction **without a word** always has 1 in yours: it has 0.0 where a right answer has words."),
        ),
        Mistake(_characters, _("You compare **characters**: split the answers into words.")),
        Mistake(_percent, _("You return **percent**: F1 is between 0 and 1.")),
        Mistake(_place, _("You return the **place** of the best answer: return its F1.")),
        Mistake(_answer, _("You return the best **answer**: return its F1.")),
        Mistake(_common, _("You return **how many** words are common: F1 is 2 n / (words of both).")),
        Mistake(_no_a, _("The article **a** counts in yours: drop it.")),
        Mistake(_no_an, _("The article **an** counts in yours: drop it.")),
        Mistake(_no_the, _("The article **the** counts in yours: drop it.")),
        Mistake(_first_words_missing, _("The **first word** of each answer is left out in yours.")),
        Mistake(_last_words_missing, _("The **last word** of each answer is left out in yours.")),
        Mistake(_letters_and_spaces, _("You go through the **letters** of the answers: split them into words.")),
        Mistake(_first_letter_missing, _("The **first letter** of each answer is left out in yours.")),
        Mistake(_last_letter_missing, _("The **last letter** of each answer is left out in yours.")),
        Mistake(_not_divided, _("You do not **divide** 2 n: divide by the words of both answers, added up.")),
        Mistake(_one_common, _("You count **one** common word, however many there are.")),
        Mistake(_found_for_common, _("All words of the **prediction** are common in yours: compare them.")),
        Mistake(_wanted_for_common, _("All words of the **right answer** are common in yours: compare them.")),
        Mistake(_union_for_common, _("You count words of **either** answer as common, `|`: `&` has those of both.")),
        Mistake(_divided_by_the_product, _("You **multiply** the numbers of words below the line: add them up.")),
        Mistake(
            _most_common_words,
            _("You choose the right answer with the **most** common words: a shorter one may have a larger F1."),
        ),
        Mistake(_same_place, _("You compare words at the **same place**: their order does not count.")),
    ),
    corners=(
        Corner(
            lambda prediction, answers: not _words(prediction) or not all(map(_words, answers)),
            _("Only answers **without a word** go wrong: 1.0 where neither has one, 0.0 where one alone has none."),
        ),
        Corner(
            lambda prediction, answers: answer_f1(prediction, answers) == 0.0,
            _("Only where **no word** is common yours goes wrong: the answer is 0.0."),
        ),
    ),
    explanation=_(
        "Several people answered each question of SQuAD's development set, and a model need agree with one of them. "
        "An answer without a word is right where the question has no answer: there F1 is 1 or 0."
    ),
)
