"""Intervals: the numbers of others, how often they cover the truth, and what they refuse."""

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.intervals import (
    Interval,
    RunCounts,
    difference_of_gaps,
    difference_of_groups,
    difference_of_rates,
    exact,
    mean_difference,
    mean_over_items,
    over_seeds,
    rate,
    ratio_of_rates,
    share,
    t_quantile,
)

EXPERIMENTS = 1_000
SCIPY_BOOTSTRAP = (0.45147058823529407, 0.4874117647058823)
finite = st.floats(-1e6, 1e6)


def counts(seed=0, seeds=3, items=83, p=0.1, of_item=0.05, of_seed=0.01, of_both=0.02):
    """Counts of simulated runs: an error rate with parts of the item, of the seed and of both. [seed, item]"""
    rng = np.random.default_rng(seed)
    symbols = rng.integers(8, 16, items)
    chances = p + of_item * rng.uniform(-1, 1, items) + of_seed * rng.normal(size=(seeds, 1))
    chances = np.clip(chances + of_both * rng.uniform(-1, 1, (seeds, items)), 0, 1)
    return RunCounts(rng.binomial(symbols, chances), symbols, "words")


class TestQuantilesOfStudent:
    """Reference values: `scipy.stats.t.ppf` of scipy 1.17."""

    @pytest.mark.parametrize(
        ("level", "freedom", "t"),
        [
            (0.95, 1, 12.706204736174694),
            (0.95, 2, 4.302652729749462),
            (0.95, 2.5, 3.5746548420036817),
            (0.95, 9, 2.262157162798205),
            (0.95, 100, 1.9839715185235518),
            (0.95, 1000, 1.9623390808264083),
            (0.95, 1001, 1.9623367052808798),
            (0.95, 1e5, 1.9599877075346095),
            (0.99, 1, 63.656741162871526),
            (0.99, 2.5, 7.163728138948783),
            (0.99, 100, 2.6258905214380173),
            (0.95, math.inf, 1.959963984540054),
        ],
    )
    def test_they_are_those_of_scipy(self, level, freedom, t):
        assert t_quantile(level, freedom) == pytest.approx(t, rel=1e-8)

    @given(st.floats(0.01, 0.99), st.floats(0.3, 1e4))
    def test_they_fall_towards_the_normal_ones(self, level, freedom):
        assert t_quantile(level, freedom) >= t_quantile(level, 2 * freedom) >= t_quantile(level, math.inf) * (1 - 1e-9)


class TestOverSeeds:
    def test_three_seeds(self):
        interval = over_seeds([0.972, 0.981, 0.985], unit="%")
        half = 4.302652729749462 * np.std([0.972, 0.981, 0.985], ddof=1) / math.sqrt(3)
        assert interval.estimate == pytest.approx(0.979333333)
        assert (interval.low, interval.high) == pytest.approx((interval.estimate - half, interval.estimate + half))
        assert repr(interval) == "97.9 % [96.3, 99.6] (95 %, 3 seeds)"
        assert over_seeds([1.0, 2.0], of="orders").of == "2 orders"

    def test_one_seed_has_no_interval(self):
        with pytest.raises(ValueError, match=r"One value has no spread.*Give two runs or more"):
            over_seeds([0.9])

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    def test_a_value_that_is_not_finite(self, bad):
        with pytest.raises(ValueError, match=r"One of the 2 values is (nan|-?inf)"):
            over_seeds([0.9, bad])

    @given(st.lists(finite, min_size=2, max_size=9), finite)
    def test_it_moves_with_the_values(self, values, by):
        here, there = over_seeds(values), over_seeds([value + by for value in values])
        assert there.low == pytest.approx(here.low + by, rel=1e-6, abs=1e-3)


class TestShare:
    """Reference values: `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")` of scipy 1.17."""

    @pytest.mark.parametrize(
        ("right", "n", "low", "high"),
        [
            (7, 10, 0.39677814746114526, 0.892208732593699),
            (0, 83, 0.0, 0.04423530964197384),
            (83, 83, 0.9557646903580261, 1.0),
            (400, 1000, 0.37007478121137727, 0.4306905704857338),
            (1, 3, 0.06149194472039626, 0.7923403991979523),
        ],
    )
    def test_it_is_wilsons_interval(self, right, n, low, high):
        interval = share(right, n)
        assert (interval.estimate, interval.low, interval.high) == pytest.approx((right / n, low, high), abs=1e-12)

    def test_it_says_of_what(self):
        assert repr(share(0, 83, of="words")) == "0.0 % [0.0, 4.4] (95 %, 83 words)"

    @given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_it_stays_between_0_and_1_and_contains_the_share(self, case):
        interval = share(*case)
        assert 0 <= interval.low <= interval.estimate <= interval.high <= 1 and interval.low < interval.high

    @pytest.mark.parametrize(("right", "n"), [(5, 4), (-1, 4), (0, 0)])
    def test_no_share(self, right, n):
        with pytest.raises(ValueError, match="is not a share"):
            share(right, n)

    @pytest.mark.parametrize(("right", "n"), [(0.5, 4), (True, 4), (2, 4.5), (math.nan, 3), (1, math.inf)])
    def test_no_counts(self, right, n):
        with pytest.raises(ValueError, match="give a count"):
            share(right, n)


class TestBootstrap:
    def test_it_is_near_the_t_interval_of_symmetric_values(self):
        values = np.random.default_rng(3).normal(2, 1, 30)
        ours, t = mean_over_items(values), over_seeds(values)
        assert ours.estimate == pytest.approx(t.estimate)
        assert (ours.low, ours.high) == pytest.approx((t.low, t.high), abs=0.03)

    def test_with_many_items_it_is_scipys_percentile_interval(self):
        # scipy.stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=0) of scipy 1.17
        values = np.arange(1000) % 17 / 17
        interval = mean_over_items(values)
        assert (interval.low, interval.high) == pytest.approx(SCIPY_BOOTSTRAP, abs=0.0015)

    def test_it_is_the_same_each_time(self):
        values = np.random.default_rng(0).normal(size=50)
        assert mean_over_items(values) == mean_over_items(list(values))

    def test_blocks_of_resamples_are_as_one(self, monkeypatch):
        values = np.random.default_rng(0).normal(size=50)
        whole = mean_over_items(values)
        monkeypatch.setattr("course.intervals.means.BLOCK", 50 * 999)
        assert mean_over_items(values) == whole

    def test_pairs_narrow_where_items_are_hard_for_both(self):
        rng = np.random.default_rng(0)
        hard = rng.normal(size=200)
        a, b = hard + rng.normal(0.3, 0.2, 200), hard + rng.normal(0, 0.2, 200)
        paired = mean_difference(a, b, of="words")
        apart = math.hypot(*(each.high - each.low for each in (mean_over_items(a), mean_over_items(b))))
        assert paired.high - paired.low < apart / 3
        assert paired.low > 0.2 and repr(paired).endswith("(95 %, 200 words, paired)")

    def test_clusters_widen_where_their_items_are_alike(self):
        values = np.repeat(np.random.default_rng(0).normal(size=25), 8)
        alone, together = mean_over_items(values), mean_over_items(values, clusters=np.repeat(range(25), 8).tolist())
        assert together.high - together.low > 2.5 * (alone.high - alone.low)
        assert together.of == "200 items in 25 clusters"
        assert together == mean_over_items(values, clusters=[f"pair {i // 8}" for i in range(200)])

    def test_clusters_of_unequal_size_count_by_their_items(self):
        values, clusters = np.arange(100.0), [min(i // 3, 9) for i in range(100)]
        interval = mean_over_items(values, clusters=clusters)
        assert interval.estimate == 49.5 and interval.low < 49.5 < interval.high

    def test_equal_values(self):
        interval = mean_over_items([0.1] * 30)
        assert interval.low == pytest.approx(0.1) and interval.high == pytest.approx(0.1)

    def test_what_it_refuses(self):
        with pytest.raises(ValueError, match="a has 9 items and b has 10"):
            mean_difference([1.0] * 9, [1.0] * 10)
        with pytest.raises(ValueError, match="There are no values"):
            mean_difference([], [])
        with pytest.raises(ValueError, match="values is nan"):
            mean_difference([1.0] * 9, [1.0] * 8 + [math.nan])
        with pytest.raises(ValueError, match="There are 7 to draw from; a bootstrap of fewer than 8"):
            mean_over_items(range(7))
        with pytest.raises(ValueError, match="There are 2 to draw from"):
            mean_over_items(range(20), clusters=[i % 2 for i in range(20)])
        with pytest.raises(ValueError, match="There are 3 clusters for 20 items"):
            mean_over_items(range(20), clusters=[0, 1, 2])


class TestRates:
    def test_a_rate_is_a_ratio_of_sums_per_seed_averaged(self):
        runs = RunCounts([[1, 2, 0], [0, 3, 3]], [5, 10, 5], "words")
        assert runs.rates.tolist() == [3 / 20, 6 / 20]
        assert rate(runs).estimate == pytest.approx(0.225)
        assert rate(runs).of == "2 seeds × 3 words"

    def test_it_is_the_analysis_of_variance_of_seeds_and_items(self):
        # Equal symbols: the textbook's mean squares of a table without replication, Hillis 2007.
        runs = RunCounts(np.random.default_rng(0).binomial(10, 0.3, (4, 30)), np.full(30, 10))
        table = runs.errors / 10
        seeds, items = table.shape
        of_seeds = items * table.mean(1).var(ddof=1)
        of_items = seeds * table.mean(0).var(ddof=1)
        rest = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
        of_both = (rest**2).sum() / (seeds - 1) / (items - 1)
        variance = (of_seeds + max(of_items - of_both, 0)) / (seeds * items)
        freedom = (of_seeds + max(of_items - of_both, 0)) ** 2 / (of_seeds**2 / (seeds - 1))
        half = t_quantile(0.95, freedom) * math.sqrt(variance)
        interval = rate(runs)
        assert (interval.low, interval.high) == pytest.approx((table.mean() - half, table.mean() + half))

    def test_items_without_noise_leave_the_t_interval_of_the_seeds(self):
        # Every item has the same share of errors in a run, so only seeds differ.
        runs = RunCounts(np.array([[4.0], [5.0], [6.0]]) * np.ones(50), np.full(50, 10))
        expected = over_seeds([0.4, 0.5, 0.6])
        assert (rate(runs).low, rate(runs).high) == pytest.approx((expected.low, expected.high))

    def test_seeds_that_agree_leave_the_items(self):
        one = counts(seeds=1)
        three = RunCounts(np.repeat(one.errors, 3, axis=0), one.symbols[0], "words")
        assert rate(three).low == pytest.approx(rate(one).low)
        assert rate(three).of == "3 seeds × 83 words" and rate(one).of == "83 words only, one seed"

    def test_the_difference_pairs_the_items(self):
        a, b = counts(1, of_item=0.4, p=0.5, of_seed=0), counts(1, of_item=0.4, p=0.45, of_seed=0)
        difference = difference_of_rates(a, b)
        apart = math.hypot(*(each.high - each.low for each in (rate(a), rate(b))))
        assert difference.estimate == pytest.approx(rate(a).estimate - rate(b).estimate)
        assert difference.high - difference.low < apart / 2
        assert difference.of == "3 seeds × 83 words, paired" and difference.unit == "points"

    def test_the_other_way_round_it_is_the_negative(self):
        a, b = counts(1), counts(2, p=0.2)
        here, there = difference_of_rates(a, b), difference_of_rates(b, a)
        assert (here.low, here.high) == pytest.approx((-there.high, -there.low))

    def test_the_same_runs_are_paired(self):
        a = counts(1, of_seed=0.05, p=0.3)
        b = RunCounts(np.maximum(a.errors - 1, 0), a.symbols, "words")
        paired, apart = difference_of_rates(a, b, same_runs=True), difference_of_rates(a, b)
        assert paired.estimate == apart.estimate and paired.high - paired.low < (apart.high - apart.low) / 3
        assert paired.of == "3 seeds × 83 words, paired in both"
        one = [RunCounts(each.errors[:1], each.symbols[:1], "words") for each in (a, b)]
        assert difference_of_rates(*one, same_runs=True) == difference_of_rates(*one)
        with pytest.raises(ValueError, match="a has 3 runs and b has 2"):
            difference_of_rates(a, RunCounts(b.errors[:2], b.symbols[:2]), same_runs=True)

    def test_two_groups_of_items(self):
        runs = counts(1)
        first = runs.symbols[0] >= 12
        difference = difference_of_groups(runs, first, ~first)
        groups = [rate(runs.of_items(chosen)) for chosen in (first, ~first)]
        assert difference.estimate == pytest.approx(groups[0].estimate - groups[1].estimate)
        assert difference_of_groups(runs, ~first, first).low == pytest.approx(-difference.high)
        assert difference.of == f"3 seeds × {first.sum()} and {(~first).sum()} words"
        indices = difference_of_groups(runs, np.flatnonzero(first), np.flatnonzero(~first))
        assert indices == difference
        with pytest.raises(ValueError, match="Item 4 is in both groups"):
            difference_of_groups(runs, [3, 4], [4, 5])

    def test_two_groups_in_one_run_are_two_samples(self):
        # With equal symbols: the variances of two independent means add up.
        runs = RunCounts(np.random.default_rng(0).binomial(10, 0.3, (1, 50)), np.full(50, 10))
        shares = runs.errors[0] / 10
        half = 1.959964 * math.sqrt(shares[:20].var(ddof=1) / 20 + shares[20:].var(ddof=1) / 30)
        difference = difference_of_groups(runs, range(20), range(20, 50))
        assert difference.high - difference.estimate == pytest.approx(half, rel=1e-5)

    def test_groups_of_different_items_are_no_pairs(self):
        runs = counts(1)
        first = runs.symbols[0] >= 12
        groups = [RunCounts(runs.errors * chosen, runs.symbols * chosen, "words") for chosen in (first, ~first)]
        for compared in (difference_of_rates, ratio_of_rates):
            with pytest.raises(ValueError, match=r"Item 0 has symbols in a or in b alone.*difference_of_groups\(\)"):
                compared(*groups)
            with pytest.raises(ValueError, match="Item 3 has symbols in a or in b alone"):
                compared(runs, RunCounts(runs.errors * (np.arange(83) != 3), runs.symbols * (np.arange(83) != 3)))

    def test_a_gap_minus_another_is_paired_within_the_groups(self):
        a, b = counts(1, seeds=1, of_item=0.1), counts(2, seeds=1, of_item=0.1, p=0.2)
        first = np.arange(83) < 40
        gap = difference_of_gaps(a, b, first, ~first)
        alone = [difference_of_groups(each, first, ~first) for each in (a, b)]
        assert gap.estimate == pytest.approx(alone[0].estimate - alone[1].estimate)
        assert gap.of == "40 and 43 words only, one seed, paired in each group"
        influences = [
            (each.errors - each.rates[:, None] * each.symbols)[0] / each.symbols.sum()
            for group in (first, ~first)
            for each in (a.of_items(group), b.of_items(group))
        ]
        moves = [influences[0] - influences[1], influences[2] - influences[3]]
        half = 1.959964 * math.sqrt(sum(len(move) / (len(move) - 1) * (move**2).sum() for move in moves))
        assert gap.high - gap.estimate == pytest.approx(half, rel=1e-5)
        same = difference_of_gaps(a, a, first, ~first)
        assert (same.low, same.high) == pytest.approx((0, 0)), "a pair whose items cancel"
        assert difference_of_gaps(counts(1), counts(2, seeds=5), first, ~first).of.startswith("3 and 5 seeds × 40 and")
        with pytest.raises(ValueError, match="Item 4 is in both groups"):
            difference_of_gaps(a, b, [3, 4], [4, 5])
        with pytest.raises(ValueError, match="a has 83 items and b has 82"):
            difference_of_gaps(a, counts(items=82, seeds=1), first, ~first)

    def test_no_rate_is_below_zero_however_far_apart_the_seeds_are(self):
        apart = RunCounts([[0] * 20, [0] * 20, [3] * 20], [10] * 20, "dates")
        found = rate(apart)
        assert (found.estimate, found.low) == (pytest.approx(0.1), 0.0)
        assert found.high > 0.5

    def test_a_ratio_says_how_many_times(self):
        a, b = counts(1, items=500), counts(2, items=500, p=0.2)
        ratio, back = ratio_of_rates(a, b), ratio_of_rates(b, a)
        assert ratio.estimate == pytest.approx(a.rates.mean() / b.rates.mean())
        assert (ratio.low, ratio.high) == pytest.approx((1 / back.high, 1 / back.low))
        with pytest.raises(ValueError, match="A model makes no error"):
            ratio_of_rates(a, RunCounts(0 * b.errors, b.symbols))

    def test_unequal_numbers_of_seeds(self):
        assert difference_of_rates(counts(1, seeds=3), counts(2, seeds=5)).of == "3 and 5 seeds × 83 words, paired"
        with pytest.raises(ValueError, match="a has 1 seeds and b has 3: the spread of one seed is unknown"):
            difference_of_rates(counts(1, seeds=1), counts(2))

    def test_some_items_and_clusters(self):
        runs = counts()
        long = runs.of_items(runs.symbols[0] >= 14)
        assert long.n_items == (runs.symbols[0] >= 14).sum() and long.items == "words"
        groups = runs.grouped([i // 4 for i in range(83)], "stems")
        assert groups.n_items == 21 and groups.rates == pytest.approx(runs.rates)
        assert rate(groups).of == "3 seeds × 21 stems"

    @pytest.mark.parametrize(
        ("errors", "symbols", "message"),
        [
            ([1, 2], [5, 5], r"errors has shape \(2,\)"),
            ([[]], [], r"errors has shape \(1, 0\)"),
            ([[1, 2]], [5], r"symbols has shape \(1,\)"),
            ([[1, math.nan]], [5, 5], "errors has nan"),
            ([[1, -2]], [5, 5], "errors has -2"),
            ([[1, 2]], [5, math.inf], "symbols has inf"),
            ([[0, 0]], [0, 0], "A run has 0 symbols"),
        ],
    )
    def test_what_counts_are_refused(self, errors, symbols, message):
        with pytest.raises(ValueError, match=message):
            RunCounts(errors, symbols)

    @pytest.mark.parametrize(
        ("chosen", "message"),
        [
            ([1, 0, 1], "Item 1 is chosen 2 times. Give each index once, or a mask of True and False"),
            ([3], "There is no item 3: there are 3, counted from 0"),
            ([-1], "There is no item -1: there are 3"),
            ([True, False], r"a mask of 3 True and False or .* indices; this is an array of bool, of shape \(2,\)"),
            ([0.0, 1.0], "an array of float64"),
            ("abc", "an array of <U3"),
            ([], "No item is chosen of 3"),
            ([False, False, False], "No item is chosen of 3"),
        ],
    )
    @pytest.mark.usefixtures("unchecked_shapes")
    def test_what_choices_of_items_are_refused(self, chosen, message):
        runs = RunCounts([[1, 2, 3], [0, 2, 1]], [3, 4, 5])
        with pytest.raises(ValueError, match=message):
            runs.of_items(chosen)
        with pytest.raises(ValueError, match=message):
            difference_of_groups(runs, chosen, [0, 1])

    @pytest.mark.parametrize("values", ["123", b"12", {1: 2, 3: 4}, 3, None])
    @pytest.mark.usefixtures("unchecked_shapes")
    def test_values_that_are_no_list_are_refused(self, values):
        for interval in (over_seeds, mean_over_items):
            with pytest.raises(ValueError, match=r"The values are .*; give a list with one number for each of the"):
                interval(values)

    @pytest.mark.parametrize("value", ["0.95", None, [1, 0], 1j, b"1", np.ones(3)])
    @pytest.mark.usefixtures("unchecked_shapes")
    def test_what_is_no_number_is_refused(self, value):
        for name, make in (
            ("right", lambda: share(value, 2)),
            ("n", lambda: share(1, value)),
            ("value", lambda: exact(value, "all")),
            ("estimate", lambda: Interval(value, 0, 2, "x")),
            ("level", lambda: over_seeds([1, 2], level=value)),
            ("one of the values", lambda: over_seeds([1, value])),
        ):
            with pytest.raises(ValueError, match=f"{name} is .*; give a number"):
                make()

    @pytest.mark.usefixtures("unchecked_shapes")
    def test_rates_alone_have_no_items(self):
        for interval in (lambda: rate([0.1, 0.2]), lambda: difference_of_rates([0.1], counts())):
            with pytest.raises(TypeError, match=r"list has no errors of items\. Give RunCounts"):
                interval()

    def test_what_else_is_refused(self):
        with pytest.raises(ValueError, match="a has 83 items and b has 82"):
            difference_of_rates(counts(), counts(items=82))
        with pytest.raises(ValueError, match="One item has no spread"):
            rate(RunCounts([[1], [2]], [5]))
        for level in (0, 1, -0.5, 95, math.nan):
            with pytest.raises(ValueError, match="give one between 0 and 1"):
                rate(counts(), level=level)
            with pytest.raises(ValueError, match="give one between 0 and 1"):
                over_seeds([1, 2], level=level)
            with pytest.raises(ValueError, match="give one between 0 and 1"):
                share(1, 2, level=level)
            with pytest.raises(ValueError, match="give one between 0 and 1"):
                mean_over_items(range(20), level=level)


class TestInterval:
    @pytest.mark.parametrize(
        ("interval", "text"),
        [
            (Interval(0.069, 0.035, 0.104, "x", "points"), "6.9 points [3.5, 10.4]"),
            (Interval(0.0024, -0.0015, 0.0063, "x", "points"), "0.24 points [−0.15, 0.63]"),
            (Interval(0.0001, -0.031, 0.04, "x", "points"), "0.01 points [−3.10, 4.00]"),
            (Interval(-0.02, -0.031, -0.0004, "x", "points"), "−2.00 points [−3.10, −0.04]"),
            (Interval(54.03, 51.0, 57.0, "x", "ms"), "54.0 ms [51.0, 57.0]"),
            (Interval(1234.0, 1200.0, 1290.0, "x"), "1,234 [1,200, 1,290]"),
            (Interval(0.5, 0.0, 1.0, "x"), "0.50 [0.00, 1.00]"),
            (Interval(3e-6, 1e-6, 5e-6, "x"), "3.00e−06 [1.00e−06, 5.00e−06]"),
            (exact(30_000, "all entries"), "30,000"),
            (exact(0.5, "all words", "%"), "50.0 %"),
            (exact(0, "all words"), "0"),
            (exact(2.5, "all words"), "2.50"),
        ],
    )
    def test_how_it_reads(self, interval, text):
        assert str(interval) == text

    @pytest.mark.parametrize("unit", ["%", "points"])
    def test_a_share_at_a_half_reads_the_same_in_a_table_and_on_a_card(self, unit):
        interval = Interval(0.0015 + 1e-10, -0.0124999999, 0.0145, "x", unit)
        assert str(interval) == str(interval.rounded())
        assert str(exact(123456789, "all numbers")) == "123,456,789"

    def test_it_says_what_it_covers(self):
        assert repr(Interval(0.5, 0.4, 0.6, "9 words", level=0.9)) == "0.500 [0.400, 0.600] (90 %, 9 words)"
        assert repr(exact(12, "all 12 cells")) == "12 (counted, all 12 cells)"

    @given(st.tuples(finite, finite, finite).map(sorted))
    def test_it_prints_whatever_it_holds_and_rounds_to_itself(self, numbers):
        low, estimate, high = numbers
        interval = Interval(estimate, low, high, "x").rounded()
        assert "-" not in str(interval) and interval.rounded() == interval

    def test_an_interval_does_not_change(self):
        with pytest.raises(FrozenInstanceError):
            exact(1, "all").low = 0

    @pytest.mark.parametrize(
        ("numbers", "more", "message"),
        [
            ((math.nan, 0, 1), {}, "estimate is nan"),
            ((0.5, -math.inf, 1), {}, "low is -inf"),
            ((2, 0, 1), {}, "2.0 is not between 0.0 and 1.0"),
            ((0.5, 0, 1), {"level": 95}, "The level is 95"),
            ((0.5, 0, 1), {"level": 0}, "The level is 0"),
            ((0.5, 0, 1), {"of": " "}, "Say what the interval covers"),
        ],
    )
    def test_what_it_refuses(self, numbers, more, message):
        with pytest.raises(ValueError, match=message):
            Interval(*numbers, **({"of": "x"} | more))


def covered(intervals, truth):
    """The share of intervals that contain the truth."""
    return np.mean([interval.low <= truth <= interval.high for interval in intervals])


@pytest.mark.slow
class TestCoverage:
    """A 95 % interval contains the truth in about 95 of 100 experiments, here in 92 to 98 of 100."""

    @pytest.fixture(autouse=True)
    def _fewer_resamples(self, monkeypatch):
        monkeypatch.setattr("course.intervals.means.RESAMPLES", 1_000)

    def test_over_seeds(self):
        rng = np.random.default_rng(0)
        intervals = [over_seeds(rng.normal(3, 2, 3)) for _ in range(EXPERIMENTS)]
        assert 0.92 <= covered(intervals, 3) <= 0.98

    @pytest.mark.parametrize(("p", "n"), [(0.05, 83), (0.5, 200), (0.9, 30)])
    def test_share(self, p, n):
        intervals = [share(int(right), n) for right in np.random.default_rng(0).binomial(n, p, EXPERIMENTS)]
        assert 0.92 <= covered(intervals, p) <= 0.98

    @pytest.mark.parametrize("n", [8, 40])
    def test_paired_differences(self, n):
        rng = np.random.default_rng(0)
        hard = rng.normal(size=(EXPERIMENTS, n))
        a, b = hard + rng.normal(0.3, 0.5, hard.shape), hard + rng.normal(0, 0.5, hard.shape)
        assert 0.92 <= covered([mean_difference(*pair) for pair in zip(a, b, strict=True)], 0.3) <= 0.98

    def test_clusters(self):
        rng = np.random.default_rng(0)
        intervals, alone = [], []
        for _ in range(EXPERIMENTS):
            clusters = np.repeat(range(20), rng.integers(1, 5, 20))
            values = 1 + rng.normal(size=20)[clusters] + 0.3 * rng.normal(size=len(clusters))
            intervals.append(mean_over_items(values, clusters=clusters.tolist()))
            alone.append(over_seeds(values))
        assert 0.92 <= covered(intervals, 1) <= 0.98
        assert covered(alone, 1) < 0.9

    @pytest.mark.parametrize(
        "parts",
        [
            {},
            {"of_seed": 0.03},
            {"of_seed": 0.0, "of_both": 0.1},
            {"seeds": 1, "of_seed": 0.0},
        ],
        ids=str,
    )
    def test_rates_and_their_difference(self, parts):
        rates, differences = [], []
        rng = np.random.default_rng(0)
        for _ in range(EXPERIMENTS // 2):
            a, b = counts(rng, p=0.2, **parts), counts(rng, p=0.15, **parts)
            rates.append(rate(a))
            differences.append(difference_of_rates(a, b))
        assert 0.92 <= covered(rates, 0.2) <= 0.98
        assert 0.92 <= covered(differences, 0.05) <= 0.98

    def test_rates_of_the_same_items(self):
        differences, ratios, same = [], [], []
        rng = np.random.default_rng(0)
        for _ in range(EXPERIMENTS // 2):
            symbols, hard = rng.integers(8, 16, 83), rng.uniform(0.5, 1.5, 83)
            runs = [
                RunCounts(rng.binomial(symbols, p * hard * rng.normal(1, 0.05, (3, 1))), symbols) for p in (0.2, 0.15)
            ]
            differences.append(difference_of_rates(*runs))
            ratios.append(ratio_of_rates(*runs))
            seeds = rng.normal(1, 0.1, (3, 1))
            ways = [RunCounts(rng.binomial(symbols, p * hard * seeds), symbols) for p in (0.2, 0.15)]
            same.append(difference_of_rates(*ways, same_runs=True))
        assert 0.92 <= covered(differences, 0.05) <= 0.98
        assert 0.92 <= covered(ratios, 4 / 3) <= 0.98
        assert 0.92 <= covered(same, 0.05) <= 0.98

    def test_groups_of_items(self):
        rng, intervals = np.random.default_rng(0), []
        first = np.arange(83) < 30
        for _ in range(EXPERIMENTS // 2):
            runs = counts(rng, p=0.2)
            runs = RunCounts(np.where(first, 2 * runs.errors, runs.errors), runs.symbols)
            intervals.append(difference_of_groups(runs, first, ~first))
        assert 0.92 <= covered(intervals, 0.2) <= 0.98
