"""What the last nights say together: pass rates, flakiness, propagation, slow steps, and what has changed."""

from journeys.nightly.trends.recent_nights import RecentNights, read_recent_nights
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

__all__ = [
    "SCHEMA",
    "CellTrend",
    "ChangePoint",
    "Measure",
    "NightRow",
    "PropagationNight",
    "PropagationTrend",
    "RecentNights",
    "Since",
    "SlowStep",
    "TrendsRecord",
    "flake_score",
    "read_recent_nights",
    "trends_of",
]
