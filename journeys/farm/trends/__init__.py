"""What the last nights say together: pass rates, flakiness, propagation, slow steps, and what has changed."""

from journeys.farm.trends.making import flake_score, trends_of
from journeys.farm.trends.record import (
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
    "flake_score",
    "trends_of",
]
