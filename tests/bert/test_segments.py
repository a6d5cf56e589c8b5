"""Pairs of segments: consecutive, of one document and another, and what a bag of words can make of them."""

import numpy as np
import pytest

from course.bert import segment_pairs, sentence_ids, split_sentences
from course.bert.segments import truncate
from course.data import encyclopedia, split_by_title
from course.data.splits import draw
from course.pretrained import load_tokenizer
from course.tasks.bag_of_words import best_threshold, overlap, rarity


def test_sentences():
    text = 'He came in 1848. "It is late," she said. (They left.) It was 3.5 km; e.g. far?\n\nA new line'
    assert split_sentences(text) == [
        "He came in 1848.",
        '"It is late," she said.',
        "(They left.)",
        "It was 3.5 km; e.g. far?",
        "A new line",
    ]
    assert split_sentences("  ") == []


def documents(n=12, sentences=7, seed=0, longest=11):
    """Document d has the ids 1000 d, 1000 d + 1, …: an id says where it is from. Sentences of 3 to `longest` ids."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(1, n + 1):
        ids, parts = iter(range(1000 * number, 1000 * number + 999)), []
        for _ in range(sentences):
            parts.append([next(ids) for _ in range(rng.integers(3, longest + 1))])
        found.append(parts)
    return found


@pytest.mark.parametrize("length", [12, 32, 64])
def test_segments_follow_each_other_and_the_unrelated_one_is_of_another_document(length):
    pairs = segment_pairs(documents(), length, np.random.default_rng(0))
    assert pairs
    for pair in pairs:
        first, second, unrelated = ({i // 1000 for i in part} for part in pair)
        assert len(first) == len(second) == len(unrelated) == 1
        assert first == second and first != unrelated, "never the same document"
        for part in pair:
            assert list(part) == list(range(part[0], part[0] + len(part))), "a stretch of the document"
        assert pair.first[-1] < pair.second[0]
        alike = pair.alike()
        assert len(alike.second) == len(alike.unrelated) == min(len(pair.second), len(pair.unrelated))
        assert alike.first == pair.first and list(alike.second) == list(pair.second)[: len(alike.second)]
        assert len(pair.first) + len(pair.second) <= length - 3


def test_the_other_document_differs_even_where_there_are_only_two():
    pairs = segment_pairs(documents(n=2), 32, np.random.default_rng(0))
    assert all(pair.first[0] // 1000 != pair.unrelated[0] // 1000 for pair in pairs)


def test_a_document_of_one_sentence_makes_no_pair():
    pairs = segment_pairs([*documents(n=3), [[9001, 9002, 9003]]], 32, np.random.default_rng(0))
    assert not any(i > 9000 for pair in pairs for part in pair for i in part)
    with pytest.raises(ValueError, match="Fewer than two documents"):
        segment_pairs([[[1, 2]], [[3, 4], [5, 6]]], 32, np.random.default_rng(0))
    with pytest.raises(ValueError, match="An input of 4 tokens"):
        segment_pairs(documents(), 4, np.random.default_rng(0))


def test_a_sentence_without_ids_is_none():
    some = documents(n=3)
    with_holes = [[part for sentence in document for part in ([], sentence, [])] for document in some]
    one, other = (segment_pairs(found, 32, np.random.default_rng(0)) for found in (some, with_holes))
    assert one == other and all(len(part) for pair in other for part in pair)
    with pytest.raises(ValueError, match="Fewer than two documents"):
        segment_pairs([[[], [1]], [[2], []], [[3], [4]]], 32, np.random.default_rng(0))


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_document_that_has_nearly_all_pairs_is_not_waited_for():
    """To draw until the document is another one would take as many draws as it has pairs, for each of them."""
    large = [[1000 + number] for number in range(4000)]

    class Counted:
        def __init__(self):
            self.rng, self.n = np.random.default_rng(0), 0

        def integers(self, *limits):
            self.n += 1
            assert self.n < 50 * len(large), "too many draws"
            return self.rng.integers(*limits)

        def random(self):
            return self.rng.random()

    before, after = [[[1], [2]], [[3], [4]]], [[[5], [6]]]
    pairs = segment_pairs([*before, large, *after], 5, Counted())
    own = [pair for pair in pairs if pair.first[0] >= 1000]
    counts = np.bincount([pair.unrelated[0] for pair in own], minlength=7)
    assert len(own) > 1000 and set(np.flatnonzero(counts)) == {2, 4, 6}
    assert counts[[2, 4, 6]] / len(own) == pytest.approx(1 / 3, abs=0.05), "each of the others as often"


def test_one_pair_of_ten_is_short():
    pairs = segment_pairs(documents(n=300, sentences=40), 64, np.random.default_rng(0), short=0.1)
    long = segment_pairs(documents(n=300, sentences=40), 64, np.random.default_rng(0), short=0.0)

    def share(some):
        return np.mean([len(pair.first) + len(pair.second) < 40 for pair in some])

    assert share(pairs) > share(long) + 0.03


def test_both_ends_of_the_longer_segment_are_cut():
    rng = np.random.default_rng(0)
    cut = [truncate(range(50), range(100, 110), 40, rng)[0] for _ in range(200)]
    assert all(len(one) == 30 for one in cut)
    assert np.mean([one[0] for one in cut]) == pytest.approx(10, abs=1), "half of what is cut is the beginning"
    one, other = truncate(range(5), range(100, 105), 40, rng)
    assert one == list(range(5)) and other == list(range(100, 105))


@pytest.mark.parametrize("length", [63, 64])
@pytest.mark.parametrize("longest", [11, 50])
def test_counting_does_not_tell_the_order(length, longest):
    """A segment that is longer by rule, or cut more often, would give a swapped pair away."""
    some = documents(n=300, sentences=25, longest=longest)
    last_of_sentences = {sentence[-1] for document in some for sentence in document}
    pairs = segment_pairs(some, length, np.random.default_rng(0))
    assert len(pairs) > 1000
    sizes = np.array([[len(part) for part in (pair.first, pair.second)] for pair in pairs])
    cut = np.array([[part[-1] not in last_of_sentences for part in (pair.first, pair.second)] for pair in pairs])
    for of_first, of_second in (sizes.T, cut.T.astype(int)):
        assert ((np.sign(of_first - of_second) + 1) / 2).mean() == pytest.approx(0.5, abs=0.05)


# --- What an order-free bag of words makes of them ---


@pytest.fixture(scope="module")
def real_pairs():
    """Pairs of the encyclopedia's held-out articles, and how rare each token is in its training articles."""
    tokenizer = load_tokenizer("minilm")
    train, (_validation, test) = split_by_title(encyclopedia())
    some = [tokenizer.encode(article.text) for article in draw(train, 600)]
    documents = sentence_ids([article.text for article in test], tokenizer)
    return segment_pairs(documents, 96, np.random.default_rng(0)), rarity(some, tokenizer.vocab_size)


def threshold_accuracy(right, wrong):
    """Of the threshold that is chosen on one half of the pairs, on the other half."""
    right, wrong = np.array(right), np.array(wrong)
    threshold = best_threshold(right[::2], wrong[::2])
    return ((right[1::2] >= threshold).mean() + (wrong[1::2] < threshold).mean()) / 2


@pytest.mark.slow
def test_a_bag_of_words_knows_nothing_of_the_order_and_much_of_the_topic(real_pairs):
    pairs, weights = real_pairs
    right = [overlap(pair.first, pair.second, weights) for pair in pairs]
    following = [overlap(pair.first, pair.alike().second, weights) for pair in pairs]
    unrelated = [overlap(pair.first, pair.alike().unrelated, weights) for pair in pairs]
    swapped = [overlap(pair.second, pair.first, weights) for pair in pairs]
    assert threshold_accuracy(right, swapped) == pytest.approx(0.5, abs=1e-9)
    assert threshold_accuracy(following, unrelated) > 0.65


@pytest.mark.slow
def test_neither_length_nor_the_second_segment_alone_tells_a_next_sentence(real_pairs):
    """A model that looks at the second segment alone, without the first, must be at a coin's 50 in 100."""
    pairs = [pair.alike() for pair in real_pairs[0]]
    lengths = [[len(part) for part in (pair.second, pair.unrelated)] for pair in pairs]
    assert all(one == other for one, other in lengths)
    words = sorted({i for pair in pairs for i in (*pair.second, *pair.unrelated)})
    place = {word: number for number, word in enumerate(words)}

    def bag(part):
        found = np.zeros(len(words))
        found[[place[i] for i in part]] = 1
        return found

    half = len(pairs) // 2
    bags = {kind: np.array([bag(getattr(pair, kind)) for pair in pairs]) for kind in ("second", "unrelated")}
    weights = bags["second"][:half].mean(axis=0) - bags["unrelated"][:half].mean(axis=0)
    accuracy = threshold_accuracy(bags["second"][half:] @ weights, bags["unrelated"][half:] @ weights)
    assert accuracy == pytest.approx(0.5, abs=0.05)


@pytest.mark.slow
def test_neither_length_nor_a_cut_end_tells_the_order(real_pairs):
    pairs, _weights = real_pairs
    full_stop = load_tokenizer("minilm").encode(".")
    ends = [[list(part[-1:]) == full_stop for part in (pair.first, pair.second)] for pair in pairs]
    sizes = [[len(part) for part in (pair.first, pair.second)] for pair in pairs]
    for of_first, of_second in (np.array(sizes).T, np.array(ends).astype(int).T):
        assert ((np.sign(of_first - of_second) + 1) / 2).mean() == pytest.approx(0.5, abs=0.06)
