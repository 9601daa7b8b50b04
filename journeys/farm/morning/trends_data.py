"""What the last nights say together, as the page draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeys.farm.morning.page_data import Morning
from journeys.farm.trends.record import CellTrend, ChangePoint, PropagationTrend, SlowStep
from journeys.report.milliseconds import in_milliseconds
from journeys.report.record import Bounds

_MOST: Final = 10
_FLAKY: Final = 0.2
"""From this score on somebody should look: one try in five told something else."""
_WIDTH, _HEIGHT = 120.0, 28.0


@dataclass(frozen=True)
class PropagationRow:
    """How long one surface of one target took tonight, and a drawing of the nights before.

    `line` are the points of an SVG polyline in a box of 120 by 28; `budget` is the budget's height in it.
    """

    surface: str
    target: str
    p50: str
    p95: str
    budget_ms: str
    nights: int
    line: str
    budget: float
    share: float


@dataclass(frozen=True)
class TrendsData:
    """What is told of the last nights: the worst first, a few of each."""

    nights: int
    changes: list[ChangePoint]
    flaky: list[CellTrend]
    propagation: list[PropagationRow]
    more_propagation: int
    steps: list[SlowStep]


def trends_data(morning: Morning) -> TrendsData | None:
    """Return what is told of the last nights; None where none are known."""
    trends = morning.trends
    if trends is None or not trends["nights"]:
        return None
    flaky = [cell for cell in trends["cells"] if (cell["flake_score"] or 0) >= _FLAKY]
    rows = sorted(map(_row, trends["propagation"]), key=lambda row: (-row.share, row.surface, row.target))
    return TrendsData(
        nights=len(trends["nights"]),
        changes=trends["changes"][:_MOST],
        flaky=sorted(flaky, key=lambda cell: -(cell["flake_score"] or 0))[:_MOST],
        propagation=rows[:_MOST],
        more_propagation=max(0, len(rows) - _MOST),
        steps=trends["steps"][:_MOST],
    )


def _row(trend: PropagationTrend) -> PropagationRow:
    highs = [night["p95_s"]["high"] if night["p95_s"] else None for night in trend["nights"]]
    seen = [high for high in highs if high is not None]
    top = max((*seen, trend["budget_s"])) * 1.1 or 1.0
    step = _WIDTH / max(1, len(highs) - 1)
    points = [
        f"{place * step:.1f},{_HEIGHT - _HEIGHT * high / top:.1f}"
        for place, high in enumerate(highs)
        if high is not None
    ]
    newest = trend["nights"][-1] if trend["nights"] else None
    last = highs[-1] if highs else None
    return PropagationRow(
        surface=trend["surface"],
        target=trend["target"],
        p50=_said(newest["p50_s"] if newest is not None else None),
        p95=_said(newest["p95_s"] if newest is not None else None),
        budget_ms=f"{trend['budget_s'] * 1000:.0f} ms",
        nights=len(highs),
        line=" ".join(points),
        budget=round(_HEIGHT - _HEIGHT * trend["budget_s"] / top, 1),
        share=float("inf") if last is None else last / trend["budget_s"] if trend["budget_s"] else 0.0,
    )


def _said(bounds: Bounds | None) -> str:
    return "not seen" if bounds is None else in_milliseconds(bounds)
