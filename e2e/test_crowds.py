"""The journeys of `journeys.profile.crowds`."""

from journeys.profile.crowds import many_people_see_a_new_avatar

__all__ = ["many_people_see_a_new_avatar"]
