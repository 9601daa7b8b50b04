"""The journeys of this folder have the fixtures of the profile's kit."""

from journeys.profile.fixtures import cast, identifiers, journey_backend, load_scenario

__all__ = ["cast", "identifiers", "journey_backend", "load_scenario"]
