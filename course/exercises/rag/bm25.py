"""Exercise on BM25: how well a passage fits a query, by its words."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def bm25_score(
    query: list[str],
    passage: list[str],
    passages: list[list[str]],
    k1: float,
    b: float,
) -> float:
    """How well a passage fits a query, by its words: BM25, in the variant of Lucene.

    query, passage: lists of words; passages: all of them, of which the passage is one. Each
    word of the query adds

        idf * tf / (tf + k1 * (1 - b + b * length / mean length))

    tf: how often the word is in the passage. length: the number of the passage's words; mean
    length is over all passages. idf: ln(1 + (N - n + 0.5) / (n + 0.5)) for a word that n of the
    N passages have. A word that is twice in the query counts twice; one that the passage lacks
    adds 0.

    >>> tea, tax = ["tea", "and", "tea"], ["tax"]
    >>> round(bm25_score(["the", "tea"], tea, [tea, tax], k1=1.2, b=0.75), 4)
    0.3798
    """
    import math

    mean_length = sum(len(one) for one in passages) / len(passages)
    score = 0.0
    for word in query:
        n = sum(word in one for one in passages)
        idf = math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))
        tf = passage.count(word)
        score += idf * tf / (tf + k1 * (1 - b + b * len(passage) / mean_length))
    return score


def _bm25_score_cases() -> list[tuple]:
    tea, tax = ["tea", "and", "tea"], ["tax"]
    cases: list[tuple] = [(["the", "tea"], tea, [tea, tax], 1.2, 0.75)]
    generator = random.Random(1604)
    settings = [(1.2, 0.75), (1.5, 0.4), (0.9, 0.6), (2.0, 0.9), (1.2, 0.95), (0.5, 0.3), (1.6, 0.1), (0.8, 0.75)]
    for k1, b in [*settings, *settings]:
        passages = [
            generator.choices("abcdefgh", (8, 6, 4, 3, 2, 1, 1, 1), k=generator.randint(3, 9)) for _one in "12345"
        ]
        query = generator.choices("abcdefghz", k=generator.randint(2, 4))
        passage = generator.choice(passages)
        if set(query) & set(passage):
            cases.append((query, passage, passages, k1, b))
    some = [["a", "b", "a", "c"], ["b", "c"], ["a", "d", "d", "e", "b", "b"]]
    cases += [(["a", "a", "b"], some[0], some, 1.2, 0.75), (["d", "b", "d"], some[2], some, 0.9, 0.5)]
    cases += [(["x", "y"], some[1], some, 1.2, 0.75), (["e"], some[0], some, 1.5, 0.75), ([], some[0], some, 1.2, 0.75)]
    return cases


def _score(query, passage, passages, *, idf, part, words=None):
    """The sum over a query's words of `idf(N, n)` times `part(tf, length, mean length)`."""
    mean_length = sum(map(len, passages)) / len(passages)
    return sum(
        idf(len(passages), sum(word in one for one in passages)) * part(passage.count(word), len(passage), mean_length)
        for word in (query if words is None else words)
    )


def _idf(n_all, n):
    return math.log(1 + (n_all - n + 0.5) / (n + 0.5))


def _part(k1, b):
    return lambda tf, length, mean: tf / (tf + k1 * (1 - b + b * length / mean))


def _other_idf(change):
    def wrong(query, passage, passages, k1, b):
        return _score(query, passage, passages, idf=change, part=_part(k1, b))

    return wrong


def _other_part(change):
    def wrong(query, passage, passages, k1, b):
        def part(tf, length, mean):
            return change(tf, length, mean, k1, b)

        return _score(query, passage, passages, idf=_idf, part=part)

    return wrong


def _without_idf(*arguments):
    return _other_idf(lambda n_all, n: 1.0)(*arguments)


def _robertson(*arguments):
    return _other_idf(lambda n_all, n: math.log((n_all - n + 0.5) / (n + 0.5)))(*arguments)


def _plain_idf(*arguments):
    return _other_idf(lambda n_all, n: math.log(n_all / max(n, 1)))(*arguments)


def _idf_without_log(*arguments):
    return _other_idf(lambda n_all, n: 1 + (n_all - n + 0.5) / (n + 0.5))(*arguments)


def _idf_in_bits(*arguments):
    return _other_idf(lambda n_all, n: math.log2(1 + (n_all - n + 0.5) / (n + 0.5)))(*arguments)


def _idf_of_all(*arguments):
    return _other_idf(lambda n_all, n: math.log(1 + (n_all + 0.5) / (n + 0.5)))(*arguments)


def _idf_upside_down(*arguments):
    return _other_idf(lambda n_all, n: math.log(1 + (n + 0.5) / (n_all - n + 0.5)))(*arguments)


def _idf_half_above_alone(*arguments):
    return _other_idf(lambda n_all, n: math.log(1 + (n_all - n + 0.5) / max(n, 0.5)))(*arguments)


def _one_outside_the_log(*arguments):
    return _other_idf(lambda n_all, n: 1 + math.log((n_all - n + 0.5) / (n + 0.5)))(*arguments)


def _n_of_occurrences(query, passage, passages, k1, b):
    mean_length = sum(map(len, passages)) / len(passages)
    total = 0.0
    for word in query:
        n = sum(one.count(word) for one in passages)
        odds = (len(passages) - n + 0.5) / (n + 0.5)
        total += math.log(max(1 + odds, 1e-3)) * _part(k1, b)(passage.count(word), len(passage), mean_length)
    return total


def _one_idf_of_words(query, passage, passages, k1, b):
    """Counts words where passages belong: N is how many words there are."""
    n_all = sum(map(len, passages))
    return _score(query, passage, passages, idf=lambda _n, n: _idf(n_all, n), part=_part(k1, b))


def _with_factor(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean)))(
        *arguments
    )


def _counts_alone(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf)(*arguments)


def _has_word(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: float(tf > 0))(*arguments)


def _tf_is_one(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: (tf > 0) / (1 + k1 * (1 - b + b * length / mean)))(*arguments)


def _tf_over_length(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / length / (tf / length + k1 * (1 - b + b * length / mean)))(
        *arguments
    )


def _without_length(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1))(*arguments)


def _full_length(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * length / mean))(*arguments)


def _length_upside_down(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + b * mean / length)))(*arguments)


def _length_not_divided(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + b * length)))(*arguments)


def _b_turned_round(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (b + (1 - b) * length / mean)))(*arguments)


def _b_added(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 + b + b * length / mean)))(*arguments)


def _without_one_minus_b(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (b * length / mean)))(*arguments)


def _k1_outside(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 + (1 - b + b * length / mean)))(*arguments)


def _k1_on_the_first_part(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b) + b * length / mean))(*arguments)


def _without_k1(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (tf + 1 - b + b * length / mean))(*arguments)


def _without_parentheses(*arguments):
    def part(tf, length, mean, k1, b):
        return tf / tf + k1 * (1 - b + b * length / mean) if tf else 0.0

    return _other_part(part)(*arguments)


def _tf_missing_below(*arguments):
    return _other_part(lambda tf, length, mean, k1, b: tf / (k1 * (1 - b + b * length / mean)))(*arguments)


def _exchanged(query, passage, passages, k1, b):
    return bm25_score(query, passage, passages, b, k1)


def _total_length(query, passage, passages, k1, b):
    total = sum(map(len, passages))

    def part(tf, length, mean):
        return _part(k1, b)(tf, length, total)

    return _score(query, passage, passages, idf=_idf, part=part)


def _different_words(query, passage, passages, k1, b):
    """Lengths are counted in different words."""
    mean = sum(len(set(one)) for one in passages) / len(passages)
    return sum(
        _idf(len(passages), sum(word in one for one in passages))
        * _part(k1, b)(passage.count(word), len(set(passage)), mean)
        for word in query
    )


def _each_word_once(query, passage, passages, k1, b):
    return bm25_score(list(dict.fromkeys(query)), passage, passages, k1, b)


def _words_of_the_passage(query, passage, passages, k1, b):
    return bm25_score([word for word in passage if word in query], passage, passages, k1, b)


def _last_word(query, passage, passages, k1, b):
    return bm25_score(query[-1:], passage, passages, k1, b)


def _first_word(query, passage, passages, k1, b):
    return bm25_score(query[:1], passage, passages, k1, b)


def _mean_over_query(query, passage, passages, k1, b):
    return bm25_score(query, passage, passages, k1, b) / max(len(query), 1)


def _largest(query, passage, passages, k1, b):
    return max((bm25_score([word], passage, passages, k1, b) for word in query), default=0.0)


def _of_each_word(query, passage, passages, k1, b):
    return [bm25_score([word], passage, passages, k1, b) for word in query]


def _of_each_passage(query, passage, passages, k1, b):
    return [bm25_score(query, one, passages, k1, b) for one in passages]


def _sum_of_idf(query, passage, passages, k1, b):
    return _score(query, passage, passages, idf=_idf, part=lambda tf, length, mean: 1.0)


def _idf_and_tf_added(query, passage, passages, k1, b):
    mean = sum(map(len, passages)) / len(passages)
    total = 0.0
    for word in query:
        idf, tf = _idf(len(passages), sum(word in one for one in passages)), passage.count(word)
        total += (idf + tf) / (tf + k1 * (1 - b + b * len(passage) / mean))
    return total


def _other_mean(change):
    def wrong(query, passage, passages, k1, b):
        mean = change([len(one) for one in passages])
        return _score(query, passage, passages, idf=_idf, part=lambda tf, length, _mean: _part(k1, b)(tf, length, mean))

    return wrong


def _other_n(change):
    def wrong(query, passage, passages, k1, b):
        mean = sum(map(len, passages)) / len(passages)
        total = 0.0
        for word in query:
            idf = _idf(len(passages), sum(word in one for one in change(passages)))
            total += idf * _part(k1, b)(passage.count(word), len(passage), mean)
        return total

    return wrong


def _other_numbers(k1_step, b_step):
    def wrong(query, passage, passages, k1, b):
        return bm25_score(query, passage, passages, k1 + k1_step, b + b_step)

    return wrong


_IDF_MISTAKES = (
    Mistake(
        _other_idf(lambda n_all, n: math.exp(1 + (n_all - n + 0.5) / (n + 0.5))),
        _("You take **exp** for the idf: it is a logarithm."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(2 + (n_all - n + 0.5) / (n + 0.5))),
        _("You add **2** in the logarithm of the idf: add 1."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all - n + 0.5) * (n + 0.5))),
        _("You **multiply** by n + 0.5 in the idf: divide by it."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all - n + 0.5))),
        _("The idf is not **divided** in yours: divide by n + 0.5."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n + 0.5))), _("Your idf **grows** with n: a rare word counts more.")
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all - n - 0.5) / (n + 0.5))),
        _("You **subtract** 0.5 above in the idf: add it."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all - n) / (n + 0.5))),
        _("The **0.5** above, in N - n + 0.5, is missing."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all + n + 0.5) / (n + 0.5))),
        _("You **add** n to N in the idf: subtract it."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all * n + 0.5) / (n + 0.5))),
        _("You **multiply** N by n in the idf: subtract n."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all - n + 1.5) / (n + 0.5))),
        _("Above in your idf is **1.5**: it is 0.5."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all - n + 0.5) / 0.5)),
        _("Below in your idf is **0.5 alone**: it is n + 0.5."),
    ),
    Mistake(
        _other_idf(lambda n_all, n: math.log(1 + (n_all - n + 0.5) / (n + 1.5))),
        _("Below in your idf is **1.5**: it is 0.5."),
    ),
    Mistake(_other_n(lambda passages: passages[1:]), _("Your n leaves out the **first** passage.")),
    Mistake(_other_n(lambda passages: passages[:-1]), _("Your n leaves out the **last** passage.")),
)

_PART_MISTAKES = (
    Mistake(_idf_and_tf_added, _("You **add** idf and tf: multiply them.")),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf * (tf + k1 * (1 - b + b * length / mean))),
        _("You **multiply** by what is below: divide by it."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: 1 / (tf + k1 * (1 - b + b * length / mean))),
        _("The **tf** above is missing: it is idf * tf."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 / (1 - b + b * length / mean))),
        _("You **divide** k1: multiply it by 1 - b + b * length / mean length."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * ((1 - b) * (b * length / mean)))),
        _("You **multiply** 1 - b by the part with the length: add the two."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b))),
        _("The part with the **length** is missing: k1 is multiplied by 1 - b alone."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (b + b * length / mean))),
        _("The **1 -** in front of b is missing."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 + b * length / mean))),
        _("The **- b** after 1 is missing: it is 1 - b + b * length / mean length."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (2 - b + b * length / mean))),
        _("You have **2 - b**: it is 1 - b."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + b * length * mean))),
        _("You **multiply** by the mean length: divide by it."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + b * length // mean))),
        _("Your division by the mean length has no **fraction**: `/`, not `//`."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + mean))),
        _("You add the **mean length** itself: add b * length / mean length."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + (b + length) / mean))),
        _("You **add** b to the length: multiply the length by it."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + b / mean))),
        _("The passage's **length** is missing: it is b * length / mean length."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + length / mean))),
        _("The **b** in front of the length is missing."),
    ),
    Mistake(
        _other_part(lambda tf, length, mean, k1, b: tf / (tf + k1 * (1 - b + b / length / mean))),
        _("You **divide** b by the length: multiply."),
    ),
    Mistake(_other_numbers(1, 0), _("Your k1 is **1 too large**.")),
    Mistake(_other_numbers(0, 1), _("Your b is **1 too large**.")),
    Mistake(_other_mean(len), _("Your mean length is the **number** of passages: divide the sum of lengths by it.")),
    Mistake(
        _other_mean(lambda lengths: sum(lengths) * len(lengths)),
        _("You **multiply** the total length by the number of passages: divide by it."),
    ),
    Mistake(
        _other_mean(lambda lengths: sum(lengths) - len(lengths)),
        _("You **subtract** the number of passages from the total length: divide by it."),
    ),
    Mistake(
        _other_mean(lambda lengths: sum(lengths[1:]) / len(lengths)),
        _("Your mean length leaves out the **first** passage."),
    ),
    Mistake(
        _other_mean(lambda lengths: sum(lengths[:-1]) / len(lengths)),
        _("Your mean length leaves out the **last** passage."),
    ),
)


BM25_SCORE = Exercise(
    name="rag.bm25_score",
    title=_("How words match"),
    solution=bm25_score,
    cases=_bm25_score_cases,
    hints=(
        _(
            "Compute the mean length once. Then, for each word of the query, three numbers: n, in how many passages it "
            "is; its idf; and tf, how often it is in this passage."
        ),
        _(
            "`n = sum(word in one for one in passages)`, `idf = math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))`, "
            "`tf = passage.count(word)`. Add `idf * tf / (tf + k1 * (1 - b + b * len(passage) / mean_length))`."
        ),
    ),
    mistakes=(
        Mistake(_without_idf, _("You do not use the **idf**: a rare word counts more than a frequent one.")),
        Mistake(_robertson, _("The **1 +** in the logarithm is missing: without it, a frequent word counts against.")),
        Mistake(
            _plain_idf,
            _("Your idf is **ln(N / n)**, without the two 0.5: wanted is ln(1 + (N - n + 0.5) / (n + 0.5))."),
        ),
        Mistake(_idf_without_log, _("The **logarithm** of the idf is missing.")),
        Mistake(_idf_in_bits, _("Your idf has the logarithm to base **2**: take the natural one, `math.log`.")),
        Mistake(_idf_of_all, _("Above is **N** in your idf: it is N - n, the passages without the word.")),
        Mistake(
            _idf_upside_down, _("Your idf is **upside down**: the passages without the word, divided by those with it.")
        ),
        Mistake(_idf_half_above_alone, _("The **0.5** below, in n + 0.5, is missing.")),
        Mistake(_one_outside_the_log, _("Your **1 +** is outside the logarithm: it belongs inside.")),
        Mistake(_n_of_occurrences, _("Your n counts **occurrences**: count the passages that have the word.")),
        Mistake(_one_idf_of_words, _("Your N is the number of **words**: it is the number of passages.")),
        Mistake(
            _with_factor,
            _("You multiply by **k1 + 1**: many formulas do, Lucene's does not. The order of passages is the same."),
        ),
        Mistake(_counts_alone, _("You add idf * **tf**: divide by tf + k1 * ..., so that repetitions count less.")),
        Mistake(_has_word, _("You add the idf of each word that is **there**: how often it is there counts, too.")),
        Mistake(_tf_is_one, _("Your tf is **1** for each word that is there: count how often, `passage.count(word)`.")),
        Mistake(_tf_over_length, _("You divide **tf** by the length: tf is a count.")),
        Mistake(_without_length, _("The **length** of the passage is not used: k1 is multiplied by 1 - b + b * ....")),
        Mistake(_full_length, _("You do not use **b**: the length counts only in part.")),
        Mistake(_length_upside_down, _("You divide the mean length **by** the length: it is length / mean length.")),
        Mistake(_length_not_divided, _("You do not divide by the **mean** length.")),
        Mistake(_b_turned_round, _("**b** and 1 - b are exchanged: b is the part that depends on the length.")),
        Mistake(_b_added, _("You **add** b to 1: it is 1 - b + b * length / mean length.")),
        Mistake(_without_one_minus_b, _("The **1 - b** is missing: it is 1 - b + b * length / mean length.")),
        Mistake(_k1_outside, _("You **add** k1: it is multiplied by 1 - b + b * length / mean length.")),
        Mistake(_k1_on_the_first_part, _("k1 multiplies **1 - b** alone in yours: the whole sum needs parentheses.")),
        Mistake(_without_k1, _("You do not use **k1**.")),
        Mistake(_without_parentheses, _("The **parentheses** below are missing: you divide tf by tf alone.")),
        Mistake(_tf_missing_below, _("The **tf** below is missing: divide by tf + k1 * ....")),
        Mistake(_exchanged, _("**k1** and b are exchanged.")),
        Mistake(_total_length, _("You divide by the **total** length of all passages: divide by their mean.")),
        Mistake(_different_words, _("Your lengths count **different** words: each occurrence counts.")),
        Mistake(_each_word_once, _("You count each word of the query **once**: one that is twice in it counts twice.")),
        Mistake(
            _words_of_the_passage, _("You go through the words of the **passage**: go through those of the query.")
        ),
        Mistake(_last_word, _("Only the query's **last** word counts: add with `+=`.")),
        Mistake(_first_word, _("Only the query's **first** word counts: is there a `return` in the loop?")),
        Mistake(_mean_over_query, _("You divide by the number of the **query's** words: wanted is the sum.")),
        Mistake(_largest, _("You return the **largest** part: wanted is the sum over the query's words.")),
        Mistake(_of_each_word, _("You return a number for **each word**: return their sum.")),
        Mistake(_of_each_passage, _("You return the scores of **all** passages: return that of this one.")),
        Mistake(_sum_of_idf, _("You add up the **idf** alone, of words that the passage lacks, too.")),
        *_IDF_MISTAKES,
        *_PART_MISTAKES,
    ),
    corners=(
        Corner(
            lambda query, passage, passages, k1, b: not set(query) & set(passage),
            _("Only a passage **without** any word of the query goes wrong: its score is 0.0."),
        ),
        Corner(
            lambda query, passage, passages, k1, b: len(set(query)) < len(query),
            _("Only queries that **repeat** a word go wrong: it counts as often as it is there."),
        ),
    ),
    explanation=_(
        "The fraction grows with tf, ever more slowly, and never reaches 1: the tenth occurrence of a word says less "
        "than the second. In a passage that is longer than the mean it takes more occurrences. Nothing was trained, "
        "and nothing knows that two words mean the same."
    ),
)
