"""What the last nights say together: pass rates, flakiness, propagation, slow steps, and what has changed."""

from journeys.nightly.trends.recent_nights import read_recent_nights
from journeys.nightly.trends.record import (
    CellTrend,
    ChangePoint,
    NightRow,
    PropagationNight,
    PropagationTrend,
    Since,
    SlowStep,
    TrendsRecord,
)
from journeys.nightly.trends.trends import flake_score, trends_of

__all__ = [
    "CellTrend",
    "ChangePoint",
    "NightRow",
    "PropagationNight",
    "PropagationTrend",
    "Since",
    "SlowStep",
    "TrendsRecord",
    "flake_score",
    "read_recent_nights",
    "trends_of",
]
