"""Known dirt: as much of each kind as said; a filter that sees what its features can show."""

from collections import Counter

import numpy as np
import pytest
import torch

from course.tasks.text_quality import (
    Dirt,
    QualityClassifier,
    RawDocument,
    dirtied,
    distinct,
    drawn_by_score,
    kept,
    precision,
    removed,
    removed_duplicates,
)


def sentences(n, seed):
    """Texts with an order of words: an article, an adjective, a noun, a verb, again and again."""
    rng = np.random.default_rng(seed)
    kinds = [["the", "a", "one"], ["old", "new", "red", "large"], ["cat", "sea", "town", "book"], ["sleeps", "ends"]]
    return [" ".join(rng.choice(kind) for _ in range(12) for kind in kinds) for _text in range(n)]


def test_half_of_the_documents_are_dirty_a_third_of_each_kind():
    documents = sentences(600, 0)
    raw = dirtied(documents, seed=3)
    assert Counter(one.dirt for one in raw) == {Dirt.NONE: 300, **dict.fromkeys(list(Dirt)[1:], 100)}
    clean = {one.text for one in raw if one.dirt is Dirt.NONE}
    copies = []
    for before, after in zip(documents, raw, strict=True):
        if after.dirt is Dirt.NONE:
            assert after.text == before
        elif after.dirt is Dirt.SHUFFLED:
            assert after.text != before and sorted(after.text.split()) == sorted(before.split())
        elif after.dirt is Dirt.MARKUP:
            assert "<" in after.text and ">" in after.text
        else:
            assert after.text in clean
            copies += [raw.index(RawDocument(after.text, Dirt.NONE)) < raw.index(after)]
    assert np.mean(copies) > 0.95  # the original comes first, but for copies before the first clean document
    assert dirtied(documents, seed=3) == raw != dirtied(documents, seed=4)
    assert all(one.dirt is Dirt.NONE for one in dirtied(documents, share=0.0))
    with pytest.raises(ValueError, match=r"share is 1.5; it must be from 0 to 1"):
        dirtied(documents, share=1.5)


def test_a_bag_of_words_sees_markup_and_no_order_and_pairs_see_order():
    curated, raw = sentences(400, 1), dirtied(sentences(400, 2))
    texts = [one.text for one in raw]
    recalls = {}
    for n_words in (1, 2):
        scores = QualityClassifier(n_words).fit(curated, texts, epochs=20).scores(texts).numpy()
        of = {kind: scores[[one.dirt is kind for one in raw]] for kind in Dirt}
        recalls[n_words] = {kind: (of[kind] < np.quantile(of[Dirt.NONE], 0.05)).mean() for kind in Dirt}
    assert recalls[1][Dirt.MARKUP] > 0.95 and recalls[2][Dirt.MARKUP] > 0.95
    assert recalls[1][Dirt.SHUFFLED] < 0.2 and recalls[2][Dirt.SHUFFLED] > 0.9
    assert recalls[2][Dirt.DUPLICATE] < 0.2


def test_the_draw_keeps_few_documents_of_low_and_most_of_high_score():
    drawn = drawn_by_score(torch.tensor([0.0] * 4000 + [0.99] * 4000))
    assert drawn[:4000].mean() == pytest.approx(2.0**-9, abs=0.003)  # P(X > 1) = (1 + 1)^-9
    assert drawn[4000:].mean() == pytest.approx(1.01**-9, abs=0.02)


def test_the_filter_keeps_as_many_clean_documents_as_curated_ones():
    raw = dirtied(sentences(400, 2))
    counts = removed(raw, kept(sentences(400, 1), [one.text for one in raw], n_words=2, share=0.9))
    shares = {kind: gone / of_all for kind, (gone, of_all) in counts.items()}
    assert 0.02 < shares["clean"] < 0.2 and 0.0 <= shares["duplicate"] < 0.25
    assert shares["markup"] > 0.95 and shares["shuffled words"] > 0.9
    assert precision(counts) > 0.75


def test_a_copy_is_seen_and_its_original_is_not():
    texts = sentences(5, 0)
    assert distinct([*texts, texts[2].upper(), texts[1] + " and more", "short", "Short!"]).tolist() == [
        *[True] * 5,
        False,
        False,
        True,
        False,
    ]


def test_counts_of_what_was_removed():
    raw = [RawDocument("a", Dirt.NONE), RawDocument("b", Dirt.MARKUP), RawDocument("c", Dirt.MARKUP)]
    counts = removed(raw, np.array([False, False, True]))
    assert counts == {"clean": (1, 1), "markup": (1, 2), "shuffled words": (0, 0), "duplicate": (0, 0)}
    assert precision(counts) == 0.5 and precision(removed(raw, np.ones(3, bool))) == 0.0


def test_duplicates_whose_text_is_in_the_other_half_are_counted_apart():
    texts = [("a", Dirt.NONE), ("a", Dirt.DUPLICATE), ("b", Dirt.NONE), ("b", Dirt.DUPLICATE), ("b", Dirt.DUPLICATE)]
    raw = [RawDocument(text, dirt) for text, dirt in texts]
    keep = np.array([True, False, True, True, False])
    apart = [np.array([0, 2, 3]), np.array([1, 4])]  # both texts are in both
    assert removed_duplicates(raw, keep, apart) == {True: (2, 3), False: (0, 0)}
    assert removed_duplicates(raw, keep, [np.array([0, 1]), np.array([2, 3, 4])]) == {True: (0, 0), False: (2, 3)}


def test_one_or_two_words():
    with pytest.raises(ValueError, match="n_words is 3; it must be 1 or 2"):
        QualityClassifier(3)
