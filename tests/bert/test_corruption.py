"""What the corruptions change: how much, never a special token, and labels only where they are due."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.bert import (
    IGNORED,
    BertConfig,
    MaskedLM,
    Pieces,
    RandomTokenSubstitution,
    Segments,
    ShuffledTokenDetection,
    SpanBoundary,
    TranslationLM,
    choose,
    choose_spans,
    choose_words,
    mask_80_10_10,
    shuffle_words,
    substitute,
)
from course.bert.corruption import span_lengths
from course.bert.detection_objectives import CHANGED, REAL
from course.tokenization import ByteLevelBPE
from tests.bert.conftest import draw_segments

SEEDS = st.integers(0, 10_000)
TRIES = settings(max_examples=40, deadline=None)


def row_of(seed, pieces, first=20, second=20):
    return pieces.row(draw_segments(seed, pieces, first, second))


# --- Which positions ---


@given(SEEDS, st.integers(1, 40), st.sampled_from([0.05, 0.15, 0.5, 1.0]))
@TRIES
def test_the_share_is_met_and_one_is_chosen_at_least(pieces, seed, length, share):
    row = row_of(seed, pieces, length)
    candidates = pieces.candidates(row.ids)
    chosen = choose(candidates, np.random.default_rng(seed), share)
    assert len(chosen) == max(1, round(share * len(candidates)))
    assert len(set(chosen.tolist())) == len(chosen) and set(chosen.tolist()) <= set(candidates.tolist())


def test_every_position_has_the_same_chance(pieces, rng):
    candidates = pieces.candidates(row_of(0, pieces).ids)
    counts = np.bincount(np.concatenate([choose(candidates, rng) for _ in range(4000)]))
    rates = counts[candidates] / 4000
    assert np.allclose(rates, len(choose(candidates, rng)) / len(candidates), atol=0.03)


def test_nothing_is_chosen_of_nothing(rng):
    assert len(choose(np.array([], dtype=int), rng)) == 0
    assert choose_spans([], rng) == [] and choose_words([], rng) == []


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5])
def test_a_share_that_is_none(share, rng):
    with pytest.raises(ValueError, match=f"The share is {share}"):
        choose(np.arange(5), rng, share)


@given(SEEDS)
@TRIES
def test_no_special_token_nor_the_unknown_one_is_a_candidate(pieces, seed):
    row = row_of(seed, pieces)
    kept = set(range(len(row.ids))) - set(pieces.candidates(row.ids).tolist())
    named = {pieces.tokenizer.tokens[row.ids[place]] for place in kept}
    assert {"[CLS]", "[SEP]"} <= named <= {"[CLS]", "[SEP]", "[UNK]"}
    assert {"[PAD]", "[MASK]", "[UNK]", "[unused0]"}.isdisjoint(pieces.tokenizer.tokens[i] for i in pieces.ordinary)


@given(SEEDS)
@TRIES
def test_words_are_whole_and_cover_the_candidates(pieces, seed):
    row = row_of(seed, pieces)
    words = pieces.words(row.ids)
    assert [place for word in words for place in word] == pieces.candidates(row.ids).tolist()
    for word in words:
        assert all(pieces.continues[row.ids[place]] for place in word[1:])
        before = row.ids[word.start - 1]
        assert not pieces.continues[row.ids[word.start]] or pieces.special[before]


@given(SEEDS)
@TRIES
def test_whole_words_stay_within_the_share(pieces, seed):
    words = pieces.words(row_of(seed, pieces).ids)
    chosen = choose_words(words, np.random.default_rng(seed))
    wanted = max(1, round(0.15 * sum(map(len, words))))
    assert set(chosen) <= set(words) and chosen == sorted(chosen, key=lambda word: word.start)
    assert sum(map(len, chosen)) <= wanted or len(chosen) == 1
    two = choose_words(words, np.random.default_rng(seed), least=2)
    assert len(two) >= 2 and (sum(map(len, two)) <= wanted or len(two) == 2)


# --- 80 / 10 / 10 ---


def test_eight_of_ten_are_masked_one_is_random_one_stays(pieces):
    """The second draw among what is left has the chance of a half: with a tenth, 2 of 100 would be random, not 10."""
    rng = np.random.default_rng(1)
    ids = np.full(20_000, pieces.ordinary[0])
    read = mask_80_10_10(ids, [[place] for place in range(len(ids))], pieces, rng)
    masked = (read == pieces.mask_id).mean()
    others = ((read != pieces.mask_id) & (read != ids)).mean()
    same = 1 / len(pieces.ordinary)  # of the random ones are what was there
    assert masked == pytest.approx(0.8, abs=0.012)
    assert others == pytest.approx(0.1 * (1 - same), abs=0.009)
    assert (read == ids).mean() == pytest.approx(0.1 + 0.1 * same, abs=0.009)


def test_a_random_token_is_never_special_nor_unused(pieces, rng):
    ids = np.full(20_000, pieces.ordinary[0])
    for read in (
        substitute(ids, range(len(ids)), pieces, rng),
        mask_80_10_10(ids, [[place] for place in range(len(ids))], pieces, rng),
    ):
        drawn = read[read != pieces.mask_id]
        assert set(drawn.tolist()) == set(pieces.ordinary.tolist())


def test_a_random_token_is_not_hidden_again_and_a_masked_one_stays_masked(pieces, monkeypatch):
    """One draw for [MASK], one for the random token, never both at one place: neither overwrites the other."""
    ids = np.full(8000, pieces.ordinary[0])
    monkeypatch.setattr(pieces, "ordinary", pieces.ordinary[1:2])
    read = mask_80_10_10(ids, [[place] for place in range(len(ids))], pieces, np.random.default_rng(2))
    kinds = {int(pieces.mask_id): 0.8, int(pieces.ordinary[0]): 0.1, int(ids[0]): 0.1}
    for kind, share in kinds.items():
        assert (read == kind).mean() == pytest.approx(share, abs=0.015)


def test_whole_words_are_chosen_whole_and_each_piece_is_drawn_and_asked_for_by_itself(pieces, config):
    """The pieces of a word are in the loss together; one may be hidden while another stays."""
    begin, go_on = int(pieces.ordinary[~pieces.continues[pieces.ordinary]][0]), int(np.flatnonzero(pieces.continues)[0])
    segments = Segments([begin, go_on, go_on] * 8)
    objective, mixed = MaskedLM(pieces, config, whole_words=True), 0
    for seed in range(200):
        found = objective.corrupt(segments, np.random.default_rng(seed))
        asked = (found.labels != IGNORED)[1:-1].reshape(-1, 3)
        assert (asked.all(axis=1) == asked.any(axis=1)).all(), "all pieces of a word, or none"
        hidden = (found.row.ids == pieces.mask_id)[1:-1].reshape(-1, 3)
        mixed += (hidden.any(axis=1) & ~hidden.all(axis=1)).sum()
    assert mixed > 20


def test_a_span_is_treated_alike(pieces, rng):
    ids = np.array([pieces.cls_id, *pieces.ordinary[:30], pieces.sep_id])
    spans = [range(1, 4), range(6, 9)]
    kinds = set()
    for _ in range(300):
        read = mask_80_10_10(ids, spans, pieces, rng)
        for span in spans:
            part = read[span.start : span.stop]
            kinds.add(
                "masked"
                if (part == pieces.mask_id).all()
                else "kept"
                if (part == ids[span.start : span.stop]).all()
                else "random"
                if (part != pieces.mask_id).all()
                else "mixed"
            )
    assert kinds == {"masked", "random", "kept"}


# --- Spans ---


def test_span_lengths_are_geometric_cut_and_divided_by_what_is_left():
    lengths = span_lengths()
    assert len(lengths) == 10 and lengths.sum() == pytest.approx(1)
    assert lengths[1:] / lengths[:-1] == pytest.approx(0.8)
    assert (lengths * np.arange(1, 11)).sum() == pytest.approx(3.8, abs=0.01)  # the mean that the paper names


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(("p", "longest"), [(0, 10), (-1, 10), (2, 10), (float("nan"), 10), (0.2, 0), (0.2, 2.5)])
def test_lengths_that_have_no_probabilities(p, longest, rng):
    with pytest.raises(ValueError, match=r"p is|longest is"):
        span_lengths(p, longest)
    with pytest.raises(ValueError, match=r"p is|longest is"):
        choose_spans([range(1, 2)], rng, p=p, longest=longest)


@given(SEEDS, st.integers(2, 40))
@TRIES
def test_spans_are_whole_words_apart_from_each_other_inside_one_segment(pieces, seed, length):
    row = row_of(seed, pieces, length, length)
    words = pieces.words(row.ids)
    spans = choose_spans(words, np.random.default_rng(seed))
    starts, stops = {word.start for word in words}, {word.stop for word in words}
    assert spans
    total = sum(map(len, spans))
    assert total <= max(1, round(0.15 * len(pieces.candidates(row.ids)))) or len(spans) == 1
    for span in spans:
        assert span.start in starts and span.stop in stops
        assert not pieces.special[row.ids[span.start : span.stop]].any()
    for one, other in pairwise(spans):
        assert one.stop < other.start, "a visible token between them"


def test_spans_are_longer_than_a_word_and_not_longer_than_ten(pieces, rng):
    ids = np.array([pieces.cls_id, *[int(pieces.ordinary[0])] * 1000, pieces.sep_id])
    words = pieces.words(ids)
    spans = [span for _ in range(20) for span in choose_spans(words, rng)]
    lengths = np.array([len(span) for span in spans])
    assert lengths.max() == 10 and lengths.min() == 1
    assert lengths.mean() == pytest.approx(3.8, abs=0.25)


# --- Shuffling ---


@given(SEEDS, st.floats(0.1, 1.0))
@TRIES
def test_every_chosen_word_leaves_its_place_and_the_rest_keeps_its_order(pieces, seed, share):
    row = row_of(seed, pieces)
    words = choose_words(pieces.words(row.ids), np.random.default_rng(seed), share)
    read, places = shuffle_words(row.ids, words, np.random.default_rng(seed))
    assert sorted(read.tolist()) == sorted(row.ids.tolist()), "the same tokens"
    before = [row.ids[word.start : word.stop].tolist() for word in words]
    now = [read[place.start : place.stop].tolist() for place in places]
    assert sorted(before) == sorted(now)
    rest = np.delete(row.ids, [place for word in words for place in word])
    assert rest.tolist() == np.delete(read, [place for word in places for place in word]).tolist()


def test_no_word_stays_where_it_was(pieces, rng):
    ids = np.array([pieces.cls_id, *pieces.ordinary[:8], pieces.sep_id])
    words = [range(place, place + 1) for place in range(1, 9)]
    for _ in range(50):
        read, _places = shuffle_words(ids, words, rng)
        assert (read[1:9] != ids[1:9]).all()


def test_one_word_alone_cannot_move(pieces, rng):
    ids = np.array([pieces.cls_id, *pieces.ordinary[:3], pieces.sep_id])
    read, places = shuffle_words(ids, [range(2, 3)], rng)
    assert read.tolist() == ids.tolist() and places == [range(2, 3)]


@pytest.mark.parametrize("words", [[range(3, 4), range(1, 2)], [range(1, 3), range(2, 4)]])
def test_words_that_are_not_in_order_are_refused(pieces, rng, words):
    ids = np.array([pieces.cls_id, *pieces.ordinary[:4], pieces.sep_id])
    with pytest.raises(ValueError, match="must be in order"):
        shuffle_words(ids, words, rng)


# --- The rows of the objectives: what is changed, and what has a label ---


@pytest.fixture(scope="module")
def objectives(pieces, config):
    return {
        "masked": MaskedLM(pieces, config),
        "whole words": MaskedLM(pieces, config, whole_words=True),
        "translation": TranslationLM(pieces, config),
        "spans": SpanBoundary(pieces, config),
        "substitution": RandomTokenSubstitution(pieces, config),
        "shuffling": ShuffledTokenDetection(pieces, config),
    }


@pytest.mark.parametrize("name", ["masked", "whole words", "translation", "spans", "substitution", "shuffling"])
@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_special_tokens_stay_and_the_segments_are_not_changed(objectives, pieces, name, seed):
    segments = draw_segments(seed, pieces)
    before = tuple(map(list, segments))
    row = pieces.row(segments, restart=name == "translation")
    found = objectives[name].corrupt(segments, np.random.default_rng(seed))
    assert tuple(map(list, segments)) == before
    assert len(found.labels) == len(found.row.ids) == len(row.ids)
    assert found.row.token_types.tolist() == row.token_types.tolist()
    assert found.row.positions.tolist() == row.positions.tolist()
    specials = np.isin(row.ids, [pieces.cls_id, pieces.sep_id])
    assert (found.row.ids[specials] == row.ids[specials]).all()
    if name == "shuffling":
        assert sorted(found.row.ids.tolist()) == sorted(row.ids.tolist())
    else:
        assert (found.row.ids[pieces.special[row.ids]] == row.ids[pieces.special[row.ids]]).all()


@pytest.mark.parametrize("name", ["masked", "whole words", "translation", "spans"])
@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_the_label_is_the_token_that_was_there_at_chosen_places_alone(objectives, pieces, name, seed):
    segments = draw_segments(seed, pieces)
    original = pieces.row(segments).ids
    found = objectives[name].corrupt(segments, np.random.default_rng(seed))
    chosen = found.labels != IGNORED
    assert (found.labels[chosen] == original[chosen]).all()
    assert (found.row.ids[~chosen] == original[~chosen]).all()
    assert 0 < chosen.sum() <= max(1, round(0.15 * len(pieces.candidates(original)))) or len(found.spans) == 1


def test_the_chosen_tokens_that_stay_are_in_the_loss(objectives, pieces):
    kept = 0
    for seed in range(100):
        segments = draw_segments(seed, pieces)
        original = pieces.row(segments).ids
        found = objectives["masked"].corrupt(segments, np.random.default_rng(seed))
        kept += ((found.labels != IGNORED) & (found.row.ids == original)).sum()
    assert kept > 20


@given(seed=SEEDS)
@TRIES
def test_detection_labels_every_position_and_a_token_that_came_back_is_real(objectives, pieces, seed):
    segments = draw_segments(seed, pieces)
    original = pieces.row(segments).ids
    found = objectives["substitution"].corrupt(segments, np.random.default_rng(seed))
    assert (found.labels == np.where(found.row.ids == original, REAL, CHANGED)).all()


def test_a_random_token_that_is_the_one_that_was_there_is_real(config, pieces, monkeypatch):
    segments = draw_segments(0, pieces)
    monkeypatch.setattr(pieces, "ordinary", np.array([segments.first[0]]))  # the only token that can be drawn
    same = type(segments)([segments.first[0]] * 10)
    found = RandomTokenSubstitution(pieces, config, share=1.0).corrupt(same, np.random.default_rng(0))
    assert (found.labels == REAL).all()


def test_shuffled_words_are_changed_and_equal_words_are_not(objectives, pieces):
    one, other = int(pieces.ordinary[0]), int(pieces.ordinary[1])
    config = objectives["shuffling"]
    alike = config.corrupt(draw_segments(0, pieces)._replace(first=[one] * 10, second=[]), np.random.default_rng(0))
    assert (alike.labels == REAL).all()
    every = ShuffledTokenDetection(pieces, _config(config), share=1.0)
    two = every.corrupt(draw_segments(0, pieces)._replace(first=[one, other], second=[]), np.random.default_rng(0))
    assert two.row.ids[1:3].tolist() == [other, one] and two.labels.tolist() == [REAL, CHANGED, CHANGED, REAL]


def _config(objective):
    d_model = objective.head.dense.in_features
    return BertConfig(len(objective.pieces.special), 60, d_model, 1, 1, 8)


def test_translation_masks_both_sides_and_its_places_restart(objectives, pieces):
    segments = draw_segments(3, pieces, 12, 9)
    found = objectives["translation"].corrupt(segments, np.random.default_rng(0))
    assert found.row.positions.tolist() == [*range(14), *range(10)]
    assert found.row.token_types.tolist() == [0] * 14 + [1] * 10
    sides = set()
    for seed in range(20):
        found = objectives["translation"].corrupt(segments, np.random.default_rng(seed))
        sides |= set(found.row.token_types[found.labels != IGNORED].tolist())
    assert sides == {0, 1}
    with pytest.raises(ValueError, match="no translation"):
        objectives["translation"].corrupt(segments._replace(second=[]), np.random.default_rng(0))


def test_a_text_without_tokens(objectives):
    with pytest.raises(ValueError, match="first segment is empty"):
        objectives["masked"].corrupt(Segments([]), np.random.default_rng(0))


@pytest.mark.usefixtures("unchecked_shapes")
def test_ids_that_the_vocabulary_does_not_have(pieces):
    """Without a look at them -1 is the last token, and 1.5 becomes 1."""
    n = len(pieces.special)
    for wrong in (-1, n):
        for segments in (Segments([6, wrong]), Segments([6], [wrong])):
            with pytest.raises(
                ValueError, match=f"Token id {wrong} is unknown: this vocabulary has the ids 0 to {n - 1}"
            ):
                pieces.row(segments)
    for texts in ([1.5, 6], "ab", [None]):
        with pytest.raises(TypeError, match="Token ids must be whole numbers"):
            pieces.row(Segments(texts))


@pytest.mark.usefixtures("unchecked_shapes")
def test_pieces_are_those_of_a_wordpiece():
    with pytest.raises(TypeError, match="not ByteLevelBPE"):
        Pieces(ByteLevelBPE.train("a b", n_merges=1))
