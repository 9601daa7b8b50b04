"""A record's figures become properties in junit.xml, and are written as one reads them."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given

from flutter_bridge import Interval
from journeys import Verdict
from journeys.report import (
    format_latency,
    properties_of,
)
from tests.journeys.report.events_made import SECONDS, record, verdict


def test_a_journeys_figures_are_properties() -> None:
    made = record(
        verdict(
            commit_to_said_s=Interval(0.03, 0.0704),
            since="commit",
            since_to_visible_s=Interval(0.0821, 0.0989),
        ),
        verdict(
            Verdict.FAILED,
            None,
            tap_to_visible_s=None,
            surface="feed",
            actor="bob",
            fault="reverted",
        ),
    )
    assert properties_of(made) == [
        ("journey", "Alice looks"),
        ("priority", "P0"),
        ("targets", "web"),
        ("status", "passed"),
        ("attempt", "1"),
        ("surface.1.surface", "header"),
        ("surface.1.actor", "alice"),
        ("surface.1.target", "web"),
        ("surface.1.verdict", "passed"),
        ("surface.1.budget_s", "1"),
        ("surface.1.commit_to_visible_s.low", "0.0821"),
        ("surface.1.commit_to_visible_s.high", "0.0989"),
        ("surface.1.tap_to_visible_s.low", "0.2000"),
        ("surface.1.tap_to_visible_s.high", "0.2500"),
        ("surface.1.since", "commit"),
        ("surface.1.since_to_visible_s.low", "0.0821"),
        ("surface.1.since_to_visible_s.high", "0.0989"),
        ("surface.1.commit_to_said_s.low", "0.0300"),
        ("surface.1.commit_to_said_s.high", "0.0704"),
        ("surface.2.surface", "feed"),
        ("surface.2.actor", "bob"),
        ("surface.2.target", "web"),
        ("surface.2.verdict", "failed"),
        ("surface.2.fault", "reverted"),
        ("surface.2.budget_s", "1"),
    ]


@given(SECONDS)
def test_no_figure_is_written_otherwise_than_it_is_recorded(seconds: float) -> None:
    made = record(verdict(commit=Interval(seconds, seconds)))
    written = dict(properties_of(made))
    bounds = made["surfaces"][0]["commit_to_visible_s"]
    assert bounds is not None
    for end, value in (("low", bounds["low"]), ("high", bounds["high"])):
        text = written[f"surface.1.commit_to_visible_s.{end}"]
        assert float(text) == value
        assert "e" not in text


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        (0.082, 0.099, "82–99 ms"),
        (0.0821, 0.0981, "82–99 ms"),
        (0.0829, 0.0989, "82–99 ms"),
        (0.57, 0.57, "570–570 ms"),  # 0.57 * 1000 is a little less than 570
        (0.0, 1.0001, "0–1001 ms"),
        (-0.0004, 0.0004, "-1–1 ms"),
    ],
)
def test_an_interval_is_written_as_one_reads_it(low: float, high: float, written: str) -> None:
    assert format_latency({"low": low, "high": high}) == written


def test_where_there_is_none_there_is_a_dash() -> None:
    assert format_latency(None) == "—"


@given(SECONDS, SECONDS)
def test_it_never_claims_more_than_was_measured(one: float, other: float) -> None:
    low, high = sorted((math.floor(one * 10_000) / 10_000, math.ceil(other * 10_000) / 10_000))
    below, _, above = format_latency({"low": low, "high": high}).removesuffix(" ms").partition("–")
    # By the digits in the report: the nearest binary fraction is nobody's measurement.
    assert Fraction(below) <= Fraction(str(low)) * 1000 < Fraction(below) + 1
    assert Fraction(above) - 1 < Fraction(str(high)) * 1000 <= Fraction(above)
