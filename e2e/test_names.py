"""The journeys of `journeys.profile.names`."""

from journeys.profile.names import new_name_reaches_every_surface

__all__ = ["new_name_reaches_every_surface"]
