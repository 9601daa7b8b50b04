"""What the journeys of this package are given."""

from journeys.profile.fixtures import cast, identifiers, journey_backend, load_scenario

__all__ = ["cast", "identifiers", "journey_backend", "load_scenario"]
