"""What the last nights say together: pass rates, flakiness, propagation, slow steps, and what has changed."""

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
]
