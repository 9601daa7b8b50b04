"""How long a change takes to be seen: probe, interval and verdict."""

from journeys.propagation.appearance import Appearance, Fault, appearance
from journeys.propagation.commits import Commit, Commits
from journeys.propagation.errors import BudgetMissed, Inconclusive, ObserverError, PropagationError
from journeys.propagation.propagation import Propagation
from journeys.propagation.sighting import Sighting
from journeys.propagation.verdict import Finding, Measured, judge, latency, weigh
from journeys.propagation.watched import Recogniser, Recognition, Watched

__all__ = [
    "Appearance",
    "BudgetMissed",
    "Commit",
    "Commits",
    "Fault",
    "Finding",
    "Inconclusive",
    "Measured",
    "ObserverError",
    "Propagation",
    "PropagationError",
    "Recogniser",
    "Recognition",
    "Sighting",
    "Watched",
    "appearance",
    "judge",
    "latency",
    "weigh",
]
