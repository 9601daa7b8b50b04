"""Intervals spread over bins, and the bins drawn in plain characters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Interval
from journeys.report import distributions
from journeys.report.distribution import histogram
from journeys.report.measure_console import ascii_chart

if TYPE_CHECKING:
    from tests.journeys.report.conftest import Ran, Seen

# Reports know a tenth of a millisecond.
SECONDS = st.integers(0, 50_000).map(lambda tenths: tenths / 10_000)
KNOWN = st.tuples(SECONDS, SECONDS).map(lambda pair: Interval(*sorted(pair)))
VALUES = st.lists(KNOWN | st.just(Interval(0, math.inf)), max_size=40)
BINS = st.tuples(st.integers(2, 40), st.integers(0, 60)).map(lambda pair: (pair[0], sum(pair)))


class TestHistogram:
    @given(VALUES, BINS)
    def test_every_value_is_counted_once(self, values: list[Interval], bins: tuple[int, int]) -> None:
        drawn = histogram(values, bins=bins[0], at_most=bins[1])
        assert sum(drawn.weights) + drawn.beyond + drawn.unseen == pytest.approx(len(values))
        assert drawn.unseen == sum(math.isinf(value.high) for value in values)
        assert min(drawn.weights, default=0) >= 0

    @given(VALUES, BINS)
    def test_bins_are_alike_and_no_more_than_asked_for(
        self, values: list[Interval], bins: tuple[int, int]
    ) -> None:
        drawn = histogram(values, bins=bins[0], at_most=bins[1])
        assert len(drawn.bins) <= bins[1]
        widths = {round((edge.high - edge.low) * 1000, 6) for edge, _ in drawn.bins}
        assert len(widths) <= 1
        assert all(str(width)[0] in "125" and width >= 1 for width in widths)

    def test_an_interval_is_spread_in_proportion_to_the_overlap(self) -> None:
        drawn = histogram([Interval(0.015, 0.035), Interval(0.05, 0.099)], bins=10, at_most=10)
        assert [(edge.low, edge.high) for edge, _ in drawn.bins][:2] == [(0.01, 0.02), (0.02, 0.03)]
        assert drawn.weights[:3] == pytest.approx([0.25, 0.5, 0.25])

    def test_a_value_on_an_edge_is_in_the_bin_above_it(self) -> None:
        # 0.57 * 1000 is a little less than 570.
        drawn = histogram([Interval.at(0.56), Interval.at(0.57), Interval.at(0.64)], bins=10, at_most=10)
        found = {round(edge.low * 1000): weight for edge, weight in drawn.bins if weight}
        assert found == {560: 1, 570: 1, 640: 1}
        assert drawn.beyond == 0

    @pytest.mark.parametrize("value", [0.57, 1.001, math.nextafter(0.117, 0)])
    def test_a_value_is_in_a_bin_whatever_its_product_is_rounded_to(self, value: float) -> None:
        drawn = histogram([Interval.at(value)], bins=10, at_most=10)
        ((edge, weight),) = drawn.bins
        assert edge.low <= value < edge.high
        assert weight == 1

    def test_an_outlier_is_counted_beyond_and_does_not_widen_the_bins(self) -> None:
        usual = [Interval(0.08 + n / 1000, 0.1 + n / 1000) for n in range(19)]
        drawn = histogram([*usual, Interval(5, 5.1)], bins=10, at_most=16)
        assert drawn.edges[1] - drawn.edges[0] == pytest.approx(0.005)
        assert drawn.edges[-1] < 0.2
        assert drawn.beyond == pytest.approx(1)

    def test_nothing_has_no_bins(self) -> None:
        assert histogram([], bins=10, at_most=10).bins == []


class TestAsciiChart:
    @given(values=VALUES, width=st.integers(40, 200))
    def test_no_line_is_wider_than_the_terminal(
        self, seen: Seen, ran: Ran, values: list[Interval], width: int
    ) -> None:
        runs = [
            ran(n, seen(None, verdict="failed") if math.isinf(value.high) else seen(value))
            for n, value in enumerate(values)
        ]
        for one in distributions(runs):
            lines = ascii_chart(one, "commit", width=width)
            assert lines
            assert max(map(len, lines)) <= width

    def test_it_shows_weights_quantiles_and_where_the_budget_lies(self, seen: Seen, ran: Ran) -> None:
        values = [Interval(0.08, 0.085)] * 15 + [Interval(0.11, 0.13)] * 5
        (one,) = distributions(ran(n, seen(value, budget_s=0.117)) for n, value in enumerate(values))
        assert ascii_chart(one, "commit", width=50) == [
            "  80–90 ms |##################### 15.0  p50",
            " 90–100 ms |                       0.0",
            "100–110 ms |                       0.0",
            "110–120 ms |###                    2.5  p95 budget",
            "120–130 ms |####                   2.5  p95",
        ]

    def test_what_is_beyond_and_what_was_never_seen_have_lines_of_their_own(
        self, seen: Seen, ran: Ran
    ) -> None:
        usual = [seen(Interval(0.08, 0.082))] * 18
        (one,) = distributions(
            ran(n, each)
            for n, each in enumerate(
                [*usual, seen(Interval(4, 4.1)), seen(None, verdict="inconclusive", fault="never appeared")]
            )
        )
        assert ascii_chart(one, "commit", width=60)[-2:] == [
            "82 ms or more |###                           1.0  p95 budget",
            "     not seen |###                           1.0",
        ]

    def test_the_least_weight_is_more_than_nothing(self, seen: Seen, ran: Ran) -> None:
        values = [Interval(0.08, 0.081)] * 99 + [Interval(0.0809, 0.0811)]
        (one,) = distributions(ran(n, seen(value)) for n, value in enumerate(values))
        lines = ascii_chart(one, "commit", width=60)
        assert lines[1].startswith("81–82 ms |. ")

    def test_without_samples_there_is_nothing_to_draw(self, seen: Seen, ran: Ran) -> None:
        (one,) = distributions([ran(1, seen(None, verdict="error"))])
        assert ascii_chart(one, "commit", width=60) == []
