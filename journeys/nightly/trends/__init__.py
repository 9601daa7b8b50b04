"""What the last nights say together: pass rates, flakiness, propagation, slow steps, and what has changed."""

from journeys.nightly.trends.record import (
    SCHEMA,
    CellTrend,
    ChangePoint,
    Measure,
    NightRow,
    PropagationNight,
    PropagationTrend,
    Since,
    SlowStep,
    TrendsRecord,
)
from journeys.nightly.trends.trends import flake_score, trends_of
from journeys.nightly.trends.window import Window, read_window

__all__ = [
    "SCHEMA",
    "CellTrend",
    "ChangePoint",
    "Measure",
    "NightRow",
    "PropagationNight",
    "PropagationTrend",
    "Since",
    "SlowStep",
    "TrendsRecord",
    "Window",
    "flake_score",
    "read_window",
    "trends_of",
]
