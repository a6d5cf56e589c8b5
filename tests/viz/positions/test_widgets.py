"""The three widgets of lesson 05 show what `course.layers.positions` computes."""

import math

import numpy as np
import pytest
import torch
import traitlets

from course.layers.positions import ALiBi, RotaryPositions, rotate, sinusoidal_table
from course.viz.positions.rotating_pair import D_HEAD, MAX_POSITION, RotatingPair
from course.viz.positions.similarity_explorer import SimilarityExplorer
from course.viz.positions.wave_explorer import WaveExplorer
from tests.support.speed import require_quick


def limit(widget, record_property, **values):
    """`require_quick` of setting each trait to its two values in turn."""

    def latencies():
        for name, pair in values.items():
            for value in pair:  # two of them, so that each run moves everything
                setattr(widget, name, value)
                yield widget.latency_ms

    require_quick(latencies, record_property)
    assert widget.error == ""


# The matrix of waves.


@pytest.fixture
def waves():
    return WaveExplorer("나는 <b>학교에</b> 간다", length=20, d_model=12, base=100, position=1, dimension=3)


def test_the_waves_are_those_of_the_table(waves):
    np.testing.assert_array_equal(waves.table, sinusoidal_table(20, 12, 100.0).numpy())
    waves.base, waves.d_model, waves.length = 1000, 16, 30
    np.testing.assert_array_equal(waves.table, sinusoidal_table(30, 16, 1000.0).numpy())


def test_words_name_the_positions_and_are_shown_as_text(waves):
    assert "학교에" in waves.summary() and "1:" in waves.summary()
    assert "&lt;b&gt;" in waves._picture.value and "<b>학" not in waves._picture.value


def test_a_text_with_more_words_makes_the_table_longer(waves):
    waves.text = "one " * 25
    assert waves.length == 25 == len(waves.table)
    waves.length = 10
    assert len(waves.table) == 10 and waves.error == ""
    waves.text = "word " * 129
    assert waves.error == "The text has 129 words; the limit here is 128. Shorten it."
    waves.text = "a" * 2001
    assert waves.error.startswith("The text has 2,001 characters")
    waves.text = ""
    assert waves.error == ""


def test_what_is_picked_stays_inside(waves):
    waves.position, waves.dimension = 19, 11
    waves.length, waves.d_model = 5, 4
    assert (waves.position, waves.dimension) == (4, 3)
    assert waves._picks["position"].max == 4 and waves._picks["dimension"].max == 3
    with pytest.raises(traitlets.TraitError):
        waves.base = 7


def test_a_wave_begins_again_after_its_wavelength(waves):
    for dimension in (0, 1, 6, 11):
        waves.dimension = dimension
        frequency = 100.0 ** (-2 * (dimension // 2) / 12)
        assert waves.wavelength * frequency == pytest.approx(2 * math.pi)


def test_the_nearest_position_is_the_nearest(waves):
    waves.position = 8
    place, distance = waves.nearest
    others = {other: np.linalg.norm(waves.table[8] - waves.table[other]) for other in range(20) if other != 8}
    assert distance == pytest.approx(min(others.values())) and others[place] == pytest.approx(distance)


def test_waves_by_hand_and_by_trait_are_one(waves):
    waves._picks["position"].value = 7
    assert waves.position == 7
    waves.dimension = 2
    assert waves._picks["dimension"].value == 2


@pytest.mark.timed
def test_waves_answer_in_time(waves, record_property):
    limit(
        waves,
        record_property,
        length=(128, 64),
        d_model=(128, 32),
        base=(10, 1000),
        position=(50, 7),
        dimension=(30, 3),
    )


# Likeness against distance.


@pytest.fixture
def likeness():
    learned = torch.randn(128, 8, generator=torch.Generator().manual_seed(0))
    return SimilarityExplorer(learned, position=40, distance=5, width=16, base=1000, n_heads=4, head=2)


def curve(widget, name):
    return next(lines[-1][1] for title, lines in widget.panels.items() if title.startswith(name))


def test_every_curve_is_that_of_its_scheme(likeness):
    table = sinusoidal_table(41, 16, 1000.0)
    expected = torch.nn.functional.cosine_similarity(table.flip(0), table[40], dim=1)
    np.testing.assert_allclose(curve(likeness, "Sinusoidal"), expected, atol=1e-5)

    ones = torch.ones(1, 1, 1, 16)
    positions = RotaryPositions(41, 16, 1000.0)
    turned = [rotate(ones, *positions.rotation(place, place + 1)).flatten() for place in range(41)]
    expected = [(turned[40] @ turned[40 - distance]).item() / 16 for distance in range(41)]
    np.testing.assert_allclose(curve(likeness, "Rotary"), expected, atol=1e-5)

    np.testing.assert_allclose(curve(likeness, "ALiBi"), ALiBi(4).score_bias(41, 41)[0, 2, 40].exp().flip(0), atol=1e-6)

    expected = torch.nn.functional.cosine_similarity(torch.from_numpy(likeness.learned[:41]).flip(0), torch.from_numpy(likeness.learned[40]), dim=1)  # fmt: skip  # noqa: E501
    np.testing.assert_allclose(curve(likeness, "Learned"), expected, atol=1e-5)


def test_all_but_the_learned_keep_their_shape_when_the_query_moves(likeness):
    before = {name: curve(likeness, name)[:30] for name in ("Sinusoidal", "Rotary", "ALiBi", "Learned")}
    likeness.position = 100
    same = {name: np.allclose(curve(likeness, name)[:30], values, atol=1e-5) for name, values in before.items()}
    assert same == {"Sinusoidal": True, "Rotary": True, "ALiBi": True, "Learned": False}


def test_a_head_that_is_not_there_gives_way(likeness):
    likeness.head = 3
    likeness.n_heads = 2
    assert likeness.head == 1 and likeness.error == ""
    assert "head 1" in likeness.summary()


def test_a_key_before_the_beginning_is_said_to_be_none(likeness):
    likeness.distance = 41
    assert likeness.summary() == "There is no key 41 tokens before position 40."
    assert likeness.figure().axes and likeness.error == ""
    likeness.distance = 40
    assert likeness.summary().splitlines()[0] == "Query at position 40, key at position 0"


def test_without_learned_vectors_there_are_three_panels():
    assert len(SimilarityExplorer().panels) == 3


@pytest.mark.timed
def test_likeness_answers_in_time(likeness, record_property):
    limit(
        likeness,
        record_property,
        position=(127, 90),
        width=(128, 8),
        base=(10, 1000),
        n_heads=(16, 8),
        distance=(60, 3),
        head=(5, 0),
    )


# A turned pair.


@pytest.fixture
def pair():
    return RotatingPair(9, 6, pair=1, base=10_000, query_angle=70.0, key_angle=20.0)


def test_the_score_is_that_of_rotary_positions(pair):
    positions = RotaryPositions(MAX_POSITION + 1, D_HEAD)
    for number, query_at, key_at in [(0, 3, 1), (1, 9, 6), (7, 64, 0)]:
        pair.pair, pair.query_position, pair.key_position = number, query_at, key_at
        heads = []
        for angle, at in zip(pair.angles, (query_at, key_at), strict=True):
            x = torch.zeros(1, 1, 1, D_HEAD)
            x[..., number], x[..., number + D_HEAD // 2] = math.cos(angle), math.sin(angle)
            heads.append(rotate(x, *positions.rotation(at, at + 1)).flatten())
        assert pair.score == pytest.approx((heads[0] @ heads[1]).item(), abs=1e-4)


def test_both_moved_alike_leave_the_score(pair):
    before = pair.score
    for _press in range(5):
        pair._further.click()
    assert (pair.query_position, pair.key_position) == (14, 11)
    assert pair.score == pytest.approx(before)
    pair._back.click()
    assert (pair.query_position, pair.key_position) == (13, 10)
    pair.query_position = 14
    assert pair.score != pytest.approx(before)


def test_the_buttons_stop_at_the_ends(pair):
    pair.key_position = 0
    assert pair._back.off and not pair._further.off
    pair.move(-1)
    assert (pair.query_position, pair.key_position) == (9, 0)
    pair.query_position = MAX_POSITION
    assert pair._further.off
    pair.move(1)
    assert (pair.query_position, pair.key_position) == (MAX_POSITION, 0)


def test_the_pair_is_said_and_drawn(pair):
    assert repr(pair).startswith(
        "Query at position 9, key at position 6, pair 1, base 10,000\nDistance 3: score −0.248"
    )
    assert pair.figure().axes and pair._repr_mimebundle_()["text/html"]


@pytest.mark.timed
def test_pair_answers_in_time(pair, record_property):
    limit(pair, record_property, query_position=(30, 4), key_position=(3, 20), pair=(5, 0), base=(10, 1000))
