"""How long a change takes to be seen: negative control, interval and verdict."""

from journeys.propagation.handle import Handle
from journeys.propagation.observation import Appearance, Fault, Observation, find_appearance
from journeys.propagation.propagation import Propagation
from journeys.propagation.verdict import (
    Assessment,
    BudgetMissed,
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
    "Assessment",
    "BudgetMissed",
    "Fault",
    "Handle",
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
