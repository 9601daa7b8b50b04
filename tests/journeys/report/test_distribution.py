"""Quantiles of values that are known as intervals only, and what repeated runs are gathered into."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Interval
from journeys.report import Distribution, Run, distributions, quantile
from journeys.report.distribution import describe_small_samples, rank

if TYPE_CHECKING:
    from tests.journeys.report.conftest import Ran, Seen

SECONDS = st.floats(0, 100, allow_nan=False)
PERCENT = st.integers(1, 100)


@st.composite
def known_values(draw: st.DrawFn) -> tuple[list[Interval], list[float]]:
    """Values known as intervals, some without an end, and what each of them truly is."""
    intervals, truths = [], []
    for _ in range(draw(st.integers(1, 60))):
        low, truth, high = sorted((draw(SECONDS), draw(SECONDS), draw(SECONDS | st.just(math.inf))))
        intervals.append(Interval(low, high))
        truths.append(truth)
    return intervals, truths


def nearest_rank(truths: list[float], percent: int) -> float:
    """The smallest of the values that at least so many percent of them do not exceed, by its definition."""
    return min(one for one in truths if 100 * sum(other <= one for other in truths) >= percent * len(truths))


class TestQuantile:
    @given(known_values(), PERCENT)
    def test_it_holds_the_quantile_of_the_truths_wherever_they_lie(
        self, known: tuple[list[Interval], list[float]], percent: int
    ) -> None:
        intervals, truths = known
        found = quantile(intervals, percent)
        assert found.low <= nearest_rank(truths, percent) <= found.high

    @given(known_values(), PERCENT)
    def test_no_narrower_interval_would_hold_it_for_certain(
        self, known: tuple[list[Interval], list[float]], percent: int
    ) -> None:
        intervals, _ = known
        found = quantile(intervals, percent)
        assert found.low == nearest_rank([one.low for one in intervals], percent)
        assert found.high == nearest_rank([one.high for one in intervals], percent)

    @given(st.lists(SECONDS, min_size=1), PERCENT)
    def test_values_that_are_known_exactly_have_an_exact_one(self, values: list[float], percent: int) -> None:
        found = quantile([Interval.at(one) for one in values], percent)
        assert found == Interval.at(nearest_rank(values, percent))

    @given(st.lists(SECONDS, min_size=1).filter(lambda values: len(values) % 2 == 1))
    def test_the_50th_of_an_odd_number_is_the_median(self, values: list[float]) -> None:
        assert quantile([Interval.at(one) for one in values], 50).low == statistics.median(values)

    @pytest.mark.parametrize(
        ("percent", "count", "expected"),
        [
            (50, 1, 1),
            (50, 2, 1),
            (50, 3, 2),
            (50, 50, 25),
            (95, 1, 1),
            (95, 10, 10),  # the slowest
            (95, 19, 19),
            (95, 20, 19),  # the second slowest
            (95, 50, 48),
            (95, 100, 95),
            (7, 100, 7),  # 0.07 * 100 is more than 7
            (100, 8, 8),
        ],
    )
    def test_it_is_the_value_of_the_nearest_rank(self, percent: int, count: int, expected: int) -> None:
        assert rank(percent, count) == expected

    def test_there_is_none_of_nothing_nor_of_a_percentage_that_cannot_be(self) -> None:
        with pytest.raises(ValueError, match="quantile of nothing"):
            quantile([], 50)
        for percent in (0, 101):
            with pytest.raises(ValueError, match=f"got {percent}"):
                quantile([Interval.at(1)], percent)


class TestDistributions:
    def test_each_surface_has_its_own_with_all_its_observers(self, seen: Seen, ran: Ran) -> None:
        runs = [
            ran(n, seen(), seen(surface="feed", actor="bob"), seen(surface="feed", actor="carol"))
            for n in (1, 2)
        ]
        header, feed = distributions(runs)
        assert (header.title, header.actors, len(header.samples)) == ("header", ("alice",), 2)
        assert (feed.title, feed.actors, len(feed.samples)) == ("feed", ("bob", "carol"), 4)
        assert [(one.actors, [each.run for each in one.samples]) for one in feed.by_actor()] == [
            (("bob",), [1, 2]),
            (("carol",), [1, 2]),
        ]

    def test_a_second_change_in_one_run_is_not_mixed_with_the_first(self, seen: Seen, ran: Ran) -> None:
        first, second = distributions([ran(1, seen(Interval.at(0.1)), seen(Interval.at(0.3)))])
        assert (first.title, second.title) == ("header", "header (change 2)")
        assert first.quantile(50, "commit") == Interval.at(0.1)
        assert second.quantile(50, "commit") == Interval.at(0.3)

    def test_where_people_are_on_several_targets_each_has_a_distribution_of_its_own(
        self, seen: Seen, ran: Ran
    ) -> None:
        run = ran(1, seen(), seen(actor="bob", target="android"))
        run.record["targets"] = ["web", "android"]
        assert [(one.title, one.place) for one in distributions([run])] == [
            ("header on web", "web, android"),
            ("header on android", "web, android"),
        ]

    def test_a_surface_that_comes_late_stands_with_its_journey(self, seen: Seen, ran: Ran) -> None:
        runs = [
            ran(1, seen(), journey="looks"),
            ran(1, seen(), journey="acts"),
            ran(2, seen(), seen(surface="feed"), journey="looks"),
        ]
        assert [(one.journey, one.surface) for one in distributions(runs)] == [
            ("looks", "header"),
            ("looks", "feed"),
            ("acts", "header"),
        ]

    def test_what_was_never_seen_may_have_any_latency_and_is_not_left_out(self, seen: Seen, ran: Ran) -> None:
        surfaces = [seen(Interval(0.1, 0.12))] * 3 + [seen(None, verdict="failed")]
        (one,) = distributions(ran(n, each) for n, each in enumerate(surfaces, start=1))
        assert one.counts() == {"passed": 3, "failed": 1}
        assert one.quantile(50, "commit") == Interval(0.1, 0.12)
        assert one.quantile(95, "commit") == Interval(0.1, math.inf)
        assert one.samples[-1].latency("tap") == Interval(0, math.inf)

    @pytest.mark.parametrize(
        ("verdict", "fault"), [("passed", None), ("inconclusive", None), ("failed", "changed")]
    )
    def test_what_had_to_stay_as_it_was_has_no_latency_at_all(
        self, seen: Seen, ran: Ran, verdict: str, fault: str | None
    ) -> None:
        (one,) = distributions([ran(1, seen()), ran(2, seen(None, verdict=verdict, fault=fault))])
        assert one.counts() == {"passed": 1}

    def test_an_observer_who_could_certify_nothing_is_counted_and_in_no_quantile(
        self, seen: Seen, ran: Ran
    ) -> None:
        (one,) = distributions([ran(1, seen()), ran(2, seen(None, verdict="error"))])
        assert one.counts() == {"passed": 1, "error": 1}
        assert one.latencies("commit") == [Interval(0.08, 0.1)]

    def test_where_no_tap_was_noted_nothing_is_said_of_it(self, seen: Seen, ran: Ran) -> None:
        (one,) = distributions([ran(1, seen(tap=None))])
        assert one.quantile(50, "tap") is None

    def test_where_no_commit_is_known_what_was_seen_is_not_taken_for_never_seen(
        self, seen: Seen, ran: Ran
    ) -> None:
        took = Interval(0.1, 0.12)
        (one,) = distributions(ran(n, seen(None, tap=took, since="tap")) for n in range(1, 20))
        assert one.quantile(95, "tap") == took
        assert one.quantile(95, "commit") is None
        assert one.drawn_since == "tap"

    def test_what_was_never_seen_says_nothing_of_a_commit_that_nobody_reports(
        self, seen: Seen, ran: Ran
    ) -> None:
        surfaces = [
            seen(None, tap=Interval(0.1, 0.12), since="tap"),
            seen(None, verdict="failed", since="tap"),
        ]
        (one,) = distributions(ran(n, each) for n, each in enumerate(surfaces, start=1))
        assert [sample.latency("commit") for sample in one.samples] == [None, None]
        assert one.samples[1].latency("tap") == Interval(0, math.inf)

    @pytest.mark.parametrize(
        ("since", "held"),
        [
            ("", "commit"),
            ("commit", "commit"),
            ("commit “message” of 17", "commit"),
            ("tap", "tap"),
            ("commit's badge: appears", None),
        ],
    )
    def test_the_budget_stands_beside_the_latency_that_is_held_against_it(
        self, seen: Seen, ran: Ran, since: str, held: str | None
    ) -> None:
        (one,) = distributions([ran(1, seen(tap=Interval(0.3, 0.4), since=since))])
        assert (one.since, one.drawn_since) == (held, held or "commit")

    def test_the_last_of_a_run_is_when_everyone_had_seen_it(self, seen: Seen, ran: Ran) -> None:
        def run(number: int, bob: Interval | None, carol: Interval | None, verdict: str = "passed") -> Run:
            return ran(number, seen(bob, actor="bob"), seen(carol, actor="carol", verdict=verdict))

        runs = [
            run(1, Interval(0.1, 0.2), Interval(0.15, 0.18)),
            run(2, Interval(0.1, 0.2), None, "failed"),
            run(3, Interval(0.1, 0.2), None, "error"),
            ran(4, seen(actor="bob")),
        ]
        (one,) = distributions(runs)
        last = one.last()
        assert [(each.run, each.actor, each.verdict, each.latency("commit")) for each in last.samples] == [
            (1, "last of 2", "passed", Interval(0.15, 0.2)),
            (2, "last of 2", "failed", Interval(0.1, math.inf)),
            (3, "last of 2", "error", None),
            (4, "last of 2", "error", None),
        ]

    @given(st.lists(known_values(), min_size=1, max_size=6))
    def test_the_last_lies_in_its_interval_wherever_the_truths_lie(
        self, seen: Seen, ran: Ran, runs: list[tuple[list[Interval], list[float]]]
    ) -> None:
        intervals = [known[0] for known, _ in runs]
        truths = [true[0] for _, true in runs]
        observers = [seen(one, actor=f"observer {number}") for number, one in enumerate(intervals)]
        (one,) = distributions([ran(1, *observers)])
        (last,) = one.last().samples
        assert last.commit_to_visible is not None
        assert last.commit_to_visible.low <= max(truths) <= last.commit_to_visible.high

    @pytest.mark.parametrize(("count", "said"), [(19, True), (20, False)])
    def test_few_samples_are_said_to_be_few(self, seen: Seen, ran: Ran, count: int, said: bool) -> None:
        surfaces = [seen(), seen(actor="bob")]
        gathered: list[Distribution] = distributions(ran(n, *surfaces) for n in range(count))
        assert bool(describe_small_samples(gathered)) is said
