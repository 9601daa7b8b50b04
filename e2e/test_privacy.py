"""The journeys of `journeys.profile.privacy`."""

from journeys.profile.privacy import visitor_sees_only_what_is_public

__all__ = ["visitor_sees_only_what_is_public"]
