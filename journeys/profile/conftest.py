"""What the journeys of this package are given."""

from journeys.profile.fixtures import backend_faults, cast, identifiers, journey_backend, load_scenario

__all__ = ["backend_faults", "cast", "identifiers", "journey_backend", "load_scenario"]
