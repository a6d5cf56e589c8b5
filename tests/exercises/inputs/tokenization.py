"""Arguments for the exercises of the lesson `tokenization`."""

import math

from course.exercises.tokenization.encode_word import trained_ranks
from tests.exercises.inputs.collected import inputs


def word(random, alphabet, most):
    return tuple(random.choices(alphabet, k=random.randint(1, most)))


@inputs("tokenization.count_pairs")
def small_texts(random):
    yield ({},)
    yield ({("a",): 1},)
    yield ({("a", "a"): 1},)
    yield ({("ab", "c"): 2, ("a", "bc"): 3},)
    while True:
        alphabet = random.choice(["a", "ab", "abcdef", ["a", "b", "ab", "ba"]])
        yield ({word(random, alphabet, 7): random.choice([1, 2, 1000]) for _word in range(random.randrange(6))},)


@inputs("tokenization.apply_merge")
def words_and_pairs(random):
    yield (), ("a", "b")
    yield ("ab", "c"), ("a", "bc")
    while True:
        alphabet = random.choice(["a", "ab", "abc", "a |", ["a", "b", "ab", "ba", "aab"]])
        yield word(random, alphabet, 10), (random.choice(alphabet), random.choice(alphabet))


@inputs("tokenization.split_words")
def spaced_texts(random):
    yield ("",)
    yield (" ",)
    while True:
        yield (
            "".join(random.choices(random.choice(["a ", "ab ", "abc \n\t\u00a0한", "a |#~_"]), k=random.randrange(12))),
        )


@inputs("tokenization.byte_fallback")
def texts_and_vocabularies(random):
    yield "", set()
    while True:
        characters = random.choice(["ab", "aé", "ab\n\t\0\x7f", "a한글🙂ß\u00a0"])
        known = set(random.sample(characters, random.randint(0, len(characters))))
        yield "".join(random.choices(characters, k=random.randrange(8))), known


@inputs("tokenization.encode_word")
def words_and_trained_ranks(random):
    yield (), {}
    yield ("a",), {("a", "a"): 0}
    yield ("a", "a", "a"), {("a", "a"): 0}
    while True:
        alphabet = random.choice(["ab", "abc", "abcde"])
        corpus = {"".join(word(random, alphabet, 8)): random.randint(1, 9) for _word in range(random.randint(1, 8))}
        ranks = trained_ranks(corpus, random.randrange(12))
        listed = random.sample(list(ranks.items()), len(ranks))
        yield word(random, alphabet, 10), dict(listed)


@inputs("tokenization.pair_score")
def counts(random):
    while True:
        most = random.choice([10, 1000, 10**6, 10**11])
        left, right = random.randint(1, most), random.randint(1, most)
        pair = random.choice([1, min(left, right), random.randint(1, min(left, right))])
        yield pair, left, right, left + right + random.choice([0, 1, random.randint(1, 100 * most)])


@inputs("tokenization.wordpiece_greedy")
def words_and_pieces(random):
    yield "a", {"a"}
    yield "a", {"##a"}
    yield "aa", {"a", "##a", "aa", "##aa"}
    while True:
        pieces = ["".join(word(random, "ab", 4)) for _piece in range(random.randint(1, 8))]
        vocabulary = {random.choice(["", "##"]) + piece for piece in pieces}
        yield "".join(word(random, random.choice(["ab", "aaab", "abc", "ab#"]), 7)), vocabulary | {"a", "##a", "##b"}


@inputs("tokenization.viterbi_step")
def texts_scores_and_pieces(random):
    yield "aa", 2, [0.0, -1e15], {"a": -1e15}
    yield "aa", 2, [0.0, -math.inf], {"a": -1.0, "aa": -1e15}
    while True:
        text = "".join(word(random, "ab", 6))
        end = random.randint(1, len(text))
        known = {text[start:end] for start in range(end) if random.random() < 0.6} | {"a", "bab", "x"}
        few = random.random() < 0.5  # of which many sums are equal
        log_probs = {
            piece: random.choice([-1.0, -2.0]) if few else random.uniform(-12, -0.1) for piece in sorted(known)
        }
        scores = [random.choice([-1.0, -2.0, -math.inf]) if few else random.uniform(-30, -1) for _place in range(end)]
        yield text, end, [0.0, *scores[1:]], log_probs
