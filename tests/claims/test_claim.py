"""A claim's verdict follows from its intervals, and its card, its text and its stored numbers say the same."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

from course.claims import MIME, Claim, Finding, Outcome, Verdict, claim
from course.intervals import Interval, exact, over_seeds


def interval(low, high, unit="points"):
    return Interval((low + high) / 2, low, high, "3 seeds × 83 words, paired", unit)


def finding(low, high, holds="below", bound=0.0):
    return Finding("LSTM + attention minus LSTM, phoneme error rate", interval(low, high), holds=holds, bound=bound)


HOLDS, FAILS, OPEN = finding(-0.1, -0.03), finding(0.01, 0.02), finding(-0.01, 0.02)


def made(*findings, name="attention.long_words"):
    return claim(name, "With attention the error rate is lower.", said_by="the notes", findings=findings)


@pytest.mark.parametrize(
    ("low", "high", "holds", "bound", "outcome"),
    [
        (-0.1, -0.03, "below", 0, Outcome.HOLDS),
        (-0.1, 0.03, "below", 0, Outcome.OPEN),
        (-0.1, 0.0, "below", 0, Outcome.OPEN),
        (0.0, 0.1, "below", 0, Outcome.FAILS),
        (0.03, 0.1, "above", 0, Outcome.HOLDS),
        (-0.03, 0.1, "above", 0, Outcome.OPEN),
        (-0.1, 0.0, "above", 0, Outcome.FAILS),
        (0.0, 0.0, "above", 0, Outcome.FAILS),
        (-0.01, 0.01, "within", (-0.01, 0.01), Outcome.HOLDS),
        (-0.02, 0.01, "within", (-0.01, 0.01), Outcome.OPEN),
        (-0.02, 0.02, "within", (-0.01, 0.01), Outcome.OPEN),
        (0.02, 0.03, "within", (-0.01, 0.01), Outcome.FAILS),
        (-0.03, -0.02, "within", (-0.01, 0.01), Outcome.FAILS),
    ],
)
def test_what_an_interval_says_of_a_finding(low, high, holds, bound, outcome):
    assert finding(low, high, holds, bound).outcome is outcome


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((HOLDS,), Verdict.HELD),
        ((HOLDS, HOLDS), Verdict.HELD),
        ((HOLDS, OPEN), Verdict.IN_PART),
        ((FAILS, HOLDS), Verdict.IN_PART),
        ((FAILS,), Verdict.FAILED),
        ((OPEN, FAILS), Verdict.FAILED),
        ((OPEN,), Verdict.OPEN),
        ((OPEN, OPEN), Verdict.OPEN),
    ],
)
def test_the_verdict_follows_from_the_findings(findings, verdict):
    assert made(*findings).verdict is verdict


@given(st.floats(-1, 1), st.floats(0, 1), st.sampled_from(["below", "above"]), st.floats(-1, 1))
def test_what_is_stored_gives_the_same_claim_and_verdict(low, width, holds, bound):
    here = made(finding(low, low + width, holds, bound))
    there = Claim.from_data(json.loads(json.dumps(here.data)))
    assert there == here and there.data == here.data


def test_the_text_says_all():
    assert repr(made(HOLDS, OPEN)).splitlines() == [
        "◐ Held in part: With attention the error rate is lower.",
        "Said by: the notes",
        "  LSTM + attention minus LSTM, phoneme error rate: −6.5 points [−10.0, −3.0] "
        "(95 %, 3 seeds × 83 words, paired): ✓ holds (claimed: below 0 points)",
        "  LSTM + attention minus LSTM, phoneme error rate: 0.5 points [−1.0, 2.0] "
        "(95 %, 3 seeds × 83 words, paired): ? cannot tell (claimed: below 0 points)",
    ]


def test_jupyter_gets_a_card_a_text_and_the_numbers():
    shown = made(HOLDS, FAILS)
    bundle, _metadata = DisplayFormatter().format(shown)
    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert bundle["text/plain"] == repr(shown)
    assert bundle[MIME] == shown.data and bundle[MIME]["verdict"] == "held in part"
    assert bundle[MIME]["findings"][0]["interval"] == {
        "estimate": -0.065,
        "low": -0.1,
        "high": -0.03,
        "of": "3 seeds × 83 words, paired",
        "unit": "points",
        "level": 0.95,
    }
    for text in ("◐ Held in part", "the notes", "−6.5 points [−10.0, −3.0]", "✓ holds", "✗ does not hold", "below 0"):
        assert text in bundle["text/html"]


def test_the_card_shows_text_as_it_is():
    one = Finding("a < b", exact(3, of="all <s>"), holds="within", bound=(3, 3))
    page = claim("gpt.x", "<b> is no HTML.", said_by="A & B", findings=[one])._repr_html_()
    assert "&lt;b&gt; is no HTML." in page and "A &amp; B" in page and "a &lt; b" in page and "all &lt;s&gt;" in page


def test_numbers_are_kept_as_stored():
    # A last digit that another processor rounds otherwise changes neither what nbval compares nor a verdict.
    here = Finding("x", over_seeds([0.1, 0.2, 0.3]), "below", 1)
    there = Finding("x", over_seeds([0.1, 0.2, math.nextafter(0.3, 1)]), "below", 1)
    assert here == there


def test_bounds_read_as_they_were_given():
    assert finding(0, 0.1, "within", (-0.01, 0.015)).claimed == "between −1 points and 1.5 points"
    assert Finding("x", interval(1, 2, unit=""), "above", 1.5).claimed == "above 1.5"
    assert finding(0, 0.1, "below", 0.01).claimed == "below 1 point"


@pytest.mark.parametrize("name", ["long_words", "lesson.long_words", "attention.", "attention.Long", "06.heads", ""])
def test_a_name_begins_with_a_lessons_slug(name):
    with pytest.raises(ValueError, match="A claim's name is a lesson's slug and a word"):
        made(HOLDS, name=name)


@pytest.mark.usefixtures("unchecked_shapes")
def test_what_a_claim_refuses():
    for sentence in ("Attention helps", "", " "):
        with pytest.raises(ValueError, match="one sentence that can be false, with its full stop"):
            claim("attention.x", sentence, said_by="the notes", findings=[HOLDS])
    with pytest.raises(ValueError, match="Say whose claim it is"):
        claim("attention.x", "It helps.", said_by=" ", findings=[HOLDS])
    with pytest.raises(ValueError, match=r"'attention\.x' rests on no finding"):
        claim("attention.x", "It helps.", said_by="the notes", findings=[])
    for findings in (HOLDS, None, [HOLDS, "holds"], [HOLDS.interval]):
        with pytest.raises(ValueError, match=r"The findings of 'attention\.x' are .*; give a list of Finding"):
            claim("attention.x", "It helps.", said_by="the notes", findings=findings)
    for wrong in ({"name": 3}, {"sentence": None}, {"said_by": None}):
        with pytest.raises(ValueError, match=r"A claim's name is|A claim is one sentence|Say whose claim it is"):
            claim(
                **{"name": "attention.x", "sentence": "It helps.", "said_by": "the notes", "findings": [HOLDS]} | wrong
            )


@pytest.mark.parametrize(
    ("holds", "bound", "message"),
    [
        ("under", 0, "holds is 'under'; give 'below', 'above' or 'within'"),
        ("below", (0, 1), "does not fit 'below'"),
        ("within", 0, "does not fit 'within'"),
        ("within", (1, 0), "does not fit 'within'"),
        ("above", math.nan, "does not fit 'above'"),
        ("within", (0, math.inf), "does not fit 'within'"),
        ("within", "12", "does not fit 'within'"),
        ("below", "0", "does not fit 'below'"),
        ("below", None, "does not fit 'below'"),
    ],
)
@pytest.mark.usefixtures("unchecked_shapes")
def test_what_a_finding_refuses(holds, bound, message):
    with pytest.raises(ValueError, match=message):
        finding(0, 1, holds, bound)


@pytest.mark.parametrize("number", [0.5, (0.4, 0.5, 0.6), None])
@pytest.mark.usefixtures("unchecked_shapes")
def test_a_number_without_its_uncertainty_is_no_finding(number):
    with pytest.raises(ValueError, match=r"is no interval, so it says nothing of its uncertainty\. Give one of"):
        Finding("error rate", number, "below", 0)
