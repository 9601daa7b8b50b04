"""How long a change takes to be seen: negative control, interval and verdict."""

from journeys.propagation.moments import Commit, Commits
from journeys.propagation.observation import Appearance, Fault, Observation, find_appearance
from journeys.propagation.propagation import Propagation
from journeys.propagation.verdict import (
    BudgetMissed,
    Finding,
    Inconclusive,
    Measured,
    ObserverError,
    PropagationError,
    judge,
    latency,
    weigh,
)

__all__ = [
    "Appearance",
    "BudgetMissed",
    "Commit",
    "Commits",
    "Fault",
    "Finding",
    "Inconclusive",
    "Measured",
    "Observation",
    "ObserverError",
    "Propagation",
    "PropagationError",
    "find_appearance",
    "judge",
    "latency",
    "weigh",
]
