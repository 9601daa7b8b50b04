"""The journeys of `journeys.profile.screens`."""

from journeys.profile.screens import screens_look_as_approved

__all__ = ["screens_look_as_approved"]
