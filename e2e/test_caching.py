"""The journeys of `journeys.profile.caching`."""

from journeys.profile.caching import picture_survives_restart_and_navigation

__all__ = ["picture_survives_restart_and_navigation"]
