"""Dates are written as both languages write them, and test parts contain only what training did not."""

from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from course.data.dates import FIRST, LAST, NEW_COMBINATIONS, STYLES, DateStyle, date_pair, date_splits

SMALL = {"train": 3000, "validation": 100, "new_dates": 500, "new_combinations": 500}


@pytest.fixture(scope="module")
def splits():
    return date_splits(**SMALL)


@pytest.mark.parametrize(
    ("style", "english", "korean"),
    [
        (("US", "wide", "wide"), "Tuesday, September 8, 2026", "2026년 9월 8일 화요일"),
        (("US", "wide", "abbreviated"), "Tue, September 8, 2026", "2026년 9월 8일 (화)"),
        (("US", "wide", "none"), "September 8, 2026", "2026년 9월 8일"),
        (("US", "abbreviated", "wide"), "Tuesday, Sep 8, 2026", "2026년 9월 8일 화요일"),
        (("US", "abbreviated", "none"), "Sep 8, 2026", "2026년 9월 8일"),
        (("US", "numeric", "wide"), "Tuesday, 9/8/2026", "2026. 9. 8. 화요일"),
        (("US", "numeric", "abbreviated"), "Tue, 9/8/2026", "2026. 9. 8. (화)"),
        (("US", "numeric", "none"), "9/8/2026", "2026. 9. 8."),
        (("GB", "wide", "wide"), "Tuesday, 8 September 2026", "2026년 9월 8일 화요일"),
        (("GB", "abbreviated", "abbreviated"), "Tue, 8 Sept 2026", "2026년 9월 8일 (화)"),
    ],
)
def test_one_day_in_many_styles(style, english, korean):
    pair = date_pair(date(2026, 9, 8), DateStyle(*style))
    assert (pair.english, pair.korean) == (english, korean)


@given(st.dates(FIRST, LAST))
def test_the_locales_own_full_long_and_medium_formats_are_among_the_styles(day):
    for style, english, korean in [
        (DateStyle("US", "wide", "wide"), "full", "full"),
        (DateStyle("US", "wide", "none"), "long", "long"),
        (DateStyle("US", "abbreviated", "none"), "medium", "long"),
        (DateStyle("US", "numeric", "none"), None, "medium"),
        (DateStyle("GB", "wide", "wide"), "full", "full"),
        (DateStyle("GB", "wide", "none"), "long", "long"),
        (DateStyle("GB", "abbreviated", "none"), "medium", "long"),
    ]:
        pair = date_pair(day, style)
        assert pair.korean == format_date(day, korean, locale="ko")
        assert english is None or pair.english == format_date(day, english, locale=f"en_{style.region}")


@given(st.dates(FIRST, LAST))
def test_no_english_date_has_two_korean_ones(day):
    written = {(pair.english, pair.korean) for pair in (date_pair(day, style) for style in STYLES)}
    assert len({english for english, _korean in written}) == len(written)
    assert len(STYLES) == len(set(STYLES)) == 15


def test_splits_have_the_sizes_asked_for_and_share_no_day(splits):
    assert [len(part) for part in splits] == list(SMALL.values())
    days = [pair.day for part in splits for pair in part]
    assert len(set(days)) == len(days)
    assert min(days).year == 1900 and max(days).year == 2099
    assert all(pair == date_pair(pair.day, pair.style) for part in splits for pair in part)


@pytest.mark.slow
def test_new_combinations_are_new_but_their_parts_are_not(splits):
    old, new = set(STYLES) - set(NEW_COMBINATIONS), set(NEW_COMBINATIONS)
    for part in (splits.train, splits.validation, splits.new_dates):
        assert {pair.style for pair in part} == old
    assert {pair.style for pair in splits.new_combinations} == new
    for pair in splits.new_combinations:
        assert pair.english not in {date_pair(pair.day, style).english for style in old}
    for name in ("region", "month", "weekday"):
        assert {getattr(style, name) for style in new} <= {getattr(style, name) for style in old}
    assert set("".join(pair.korean for part in splits for pair in part)) == set(
        "".join(pair.korean for pair in splits.train)
    )


@pytest.mark.slow
def test_splits_repeat_by_seed(splits):
    assert date_splits(**SMALL) == splits
    assert date_splits(**SMALL, seed=1).train != splits.train


def test_more_pairs_than_days():
    with pytest.raises(ValueError, match="75500 pairs are more than the 73049 days from 1900 to 2099: ask for fewer"):
        date_splits(train=73_000)


@pytest.mark.parametrize(
    ("style", "message"),
    [
        (("FR", "wide", "none"), "region is 'FR'; it must be one of US, GB"),
        (("US", "short", "none"), "month is 'short'; it must be one of wide, abbreviated, numeric"),
        (("US", "wide", "narrow"), "weekday is 'narrow'; it must be one of none, abbreviated, wide"),
        (("GB", "numeric", "none"), "day first or month first: choose the region US"),
    ],
)
def test_a_style_that_is_not_there(style, message):
    with pytest.raises(ValueError, match=message):
        DateStyle(*style)
