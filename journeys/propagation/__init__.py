"""How long a change takes to be seen: negative control, interval and verdict."""

from journeys.propagation.handle import Handle
from journeys.propagation.machine import Machine, wait_for_quiet
from journeys.propagation.observation import Appearance, Fault, Observation, find_appearance
from journeys.propagation.propagation import Propagation
from journeys.propagation.verdict import (
    Assessment,
    BudgetMissed,
    Inconclusive,
    MachineTooBusy,
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
    "Machine",
    "MachineTooBusy",
    "Measured",
    "Observation",
    "ObserverError",
    "Propagation",
    "PropagationError",
    "find_appearance",
    "judge",
    "latency",
    "wait_for_quiet",
    "weigh",
]
